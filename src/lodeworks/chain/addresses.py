"""How the addresses of feeds and tags are written, for each kind of feed: what is none of them is told before anything
listens. Connecting, and reading what comes, are the affair of the sources, which go by the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

__all__ = [
    "MOST_SPEED", "REGISTER_TYPES", "feed_faults", "filter_of", "hears", "register_parts", "tag_fault", "topic_under",
]

SCHEMES: dict[str, tuple[str, ...]] = {
    "mqtt": ("mqtt", "mqtts"), "sparkplug": ("mqtt", "mqtts"), "opcua": ("opc.tcp",), "modbus": ("tcp",),
    "push": ("http", "https"),
}
"""What an address may begin with; the first stands for one that begins with its host."""

OPTIONS: dict[str, tuple[str, ...]] = {
    "mqtt": ("client",), "sparkplug": ("client", "host"), "push": ("certificate", "key"), "replay": ("speed",),
    "modbus": (), "opcua": (),
}
"""What may stand behind the ``?`` of an address."""

MOST_SPEED = 100.0
_LIKE = {
    "mqtt": "mqtt://host:1883/mine/#", "sparkplug": "mqtt://host:1883", "opcua": "opc.tcp://host:4840",
    "modbus": "host:502", "push": "http://127.0.0.1:8091",
}
_TABLES = (".csv", ".parquet")

_REGISTER = re.compile(
    r"(?:(\d{1,3})/)?(holding|input|coil|discrete):(\d{1,5})(?::([a-z]+\d\d))?(?::(big|little))?"
    r"(?:\*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?))?"
)
REGISTER_TYPES = {
    "int16": ">i2", "uint16": ">u2", "int32": ">i4", "uint32": ">u4", "int64": ">i8", "uint64": ">u8",
    "float32": ">f4", "float64": ">f8",
}
"""Types of what stands in registers, each as numpy calls it with the high word first."""
_NODE = re.compile(r"(?:svr=\d+;)?(?:nsu=[^;]+;|ns=\d+;)?(?:i=\d+|s=.+|g=[0-9a-fA-F-]{36}|b=.+)", re.DOTALL)
_METRIC = re.compile(r"[^/#+]+/[^/#+]+(?:/[^/#+]+)?#.+", re.DOTALL)
_TOPIC = re.compile(r"[^#+]+(?:#.+)?", re.DOTALL)


def feed_faults(kind: str, address: str) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the address of a feed, what was found, and what would be right."""
    if kind == "replay":
        yield from _file(address)
    if kind not in SCHEMES:
        return
    like = _LIKE[kind]
    try:
        parts = _parts(kind, address)
        port = parts.port
    except ValueError:  # a port that is none, or half of an IPv6 address
        parts, port = SplitResult("", "", "", "", ""), 0
    if not parts.hostname or port == 0:
        yield ("nobody can be reached at this address", address,
               f"a host, and a port from 1 to 65535 if one is given, such as {like}")
        return
    if parts.scheme not in SCHEMES[kind]:
        yield f"no address of a feed by {kind}", address, f"such as {like}"
    elif kind == "push" and port is None:
        yield "the port it listens at", address, f"such as {like}"
    if kind == "mqtt" and not _is_filter(unquote(parts.path)):
        yield "no filter of topics", address, "`#` as the last level alone, `+` for a whole level, such as /mine/#"
    options = parse_qs(parts.query, keep_blank_values=True)
    yield from _options(kind, options)
    if kind == "push" and parts.scheme == "https" and not {"certificate", "key"} <= options.keys():
        yield "https without its files", address, "…?certificate=FILE&key=FILE"


def filter_of(address: str) -> str:
    """Return the filter of topics that the address of a broker ends in; empty where there is none."""
    try:
        parts = _parts("mqtt", address)
    except ValueError:
        return ""
    found = unquote(parts.path).strip("/")
    return f"{found[:-1]}/#" if found.endswith("#") and found != "#" and not found.endswith("/#") else found


def topic_under(address: str, name: str) -> str:
    """Return the topic of a tag without an address of its own: its name, under the filter ``mine/#`` of its feed."""
    found = filter_of(address)
    above = found.removesuffix("#")
    return name if above == found or "+" in above else above + name


def hears(address: str, topic: str) -> bool:
    """Tell whether a topic is among those that the filter of a feed's address asks for; all are where it has none."""
    wanted = [level for level in filter_of(address).split("/") if level]
    levels = topic.split("/")
    for number, level in enumerate(wanted):
        if level == "#":
            return True
        if number >= len(levels) or level not in ("+", levels[number]):
            return False
    return not wanted or len(wanted) == len(levels)


def tag_fault(kind: str, address: str) -> str:
    """Return how the address of a tag of such a feed looks, if this is none; empty if it is one."""
    test, like = _TAGS.get(kind, (lambda _: True, ""))
    return "" if test(address.strip()) else like


def register_parts(address: str) -> tuple[int, str, int, str, bool, float] | None:
    """Return unit, kind, number, type, whether the low word is first, and factor of a Modbus address; None if none."""
    found = _REGISTER.fullmatch(address.strip())
    if found is None:
        return None
    unit, kind, number, type_, order, factor = found.groups()
    if (type_ or "uint16") not in REGISTER_TYPES or int(number) > 65_535 or int(unit or 1) > 255:
        return None
    if kind in ("coil", "discrete") and type_:
        return None
    return int(unit or 1), kind, int(number), type_ or "uint16", order == "little", float(factor or 1.0)


def _parts(kind: str, address: str) -> SplitResult:
    """Return the parts of an address; a ``#`` in it is of a filter of topics and begins no fragment."""
    whole = address.strip().replace("#", "%23")
    return urlsplit(whole if "://" in whole else f"{SCHEMES[kind][0]}://{whole}")


def _file(address: str) -> Iterator[tuple[str, str, str]]:
    name, _, query = address.partition("?")
    if not name.endswith(_TABLES):
        yield "no table of samples", name, " or ".join(_TABLES)
    options = parse_qs(query, keep_blank_values=True)
    yield from _options("replay", options)
    for text in options.get("speed", ()):
        try:
            right = 0.0 <= float(text) <= MOST_SPEED
        except ValueError:
            right = False
        if not right:
            yield "no speed", text, f"a number up to {MOST_SPEED:g}"


def _options(kind: str, options: dict[str, list[str]]) -> Iterator[tuple[str, str, str]]:
    known = OPTIONS[kind]
    for name in options:
        if name not in known:
            yield ("nothing of this name may stand behind the ? of the address", name,
                   f"{', '.join(known)} or nothing" if known else "nothing")


def _is_filter(path: str) -> bool:
    """Whether the path of a broker's address is a filter of topics: wildcards are whole levels, `#` the last."""
    *first, last = path.strip("/").split("/")
    whole = all(level == "+" or not set("#+") & set(level) for level in first)
    return whole and (last in ("+", "#") or not set("#+") & set(last.removesuffix("#")))


_TAGS: dict[str, tuple[Callable[[str], bool], str]] = {
    "mqtt": (lambda text: _TOPIC.fullmatch(text) is not None, "a topic, or topic#key, without wildcards"),
    "sparkplug": (lambda text: _METRIC.fullmatch(text) is not None, "group/node#metric or group/node/device#metric"),
    "opcua": (lambda text: _NODE.fullmatch(text) is not None, "a node such as ns=2;s=Gas1"),
    "modbus": (lambda text: register_parts(text) is not None,
               "a register such as holding:100:float32 or 2/input:7*0.1"),
}
