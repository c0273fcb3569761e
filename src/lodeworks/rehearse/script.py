"""The script of a rehearsal: what is planted when. Read strictly, every fault told at once.

A script is a YAML or JSON file with a list of events, each of a kind, at a time from the beginning on::

    events:
      - {kind: gas_rise, at: 10 min, tag: ch4_corner, by: 1.2, over: 8 min, hold: 10 min}
      - {kind: dead_gateway, at: 40 min, feed: belts, hold: 5 min}

What is planted is written beside what is published (`truth`), so that missed and false alarms can be counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lodeworks.chain.origin import Faults, Origin
from lodeworks.chain.yaml import load_file
from lodeworks.errors import InputError, Problem, nearest
from lodeworks.network.live import Live, Tag
from lodeworks.units import Quantity, UnitProblem, Units, parse_quantity

__all__ = ["KINDS", "Event", "Script", "read_script", "script_of"]

GASES = ("methane", "co", "co2", "hydrogen_sulphide", "hydrogen", "temperature", "dust")


@dataclass(frozen=True)
class Kind:
    """A kind of event: what it says it is about, which numbers it takes (with what stands unless said), and why."""

    about: tuple[str, ...]
    values: Mapping[str, float | None]
    told: str
    hold_s: float = 600.0
    over_s: float = 0.0
    reads: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {
    "gas_rise": Kind(("tag",), {"by": None}, "a gas, heat or dust rises evenly by so much, stays, and falls again",
                     600.0, 480.0, GASES),
    "gas_falls": Kind(("tag",), {"by": None}, "what should be there gets less: oxygen, air", 600.0, 480.0,
                      ("oxygen", "air_speed")),
    "calibration": Kind(("tag",), {"gas": None}, "test gas is let to a sensor: it reads that, its neighbours do not",
                        180.0, 20.0, GASES),
    "window": Kind(("tag",), {"gas": None}, "the desk declares that a sensor is being calibrated, from now on", 600.0,
                   0.0, GASES),
    "belt_slip": Kind(("tag",), {"to": 0.35}, "a belt's speed falls to a share while its drive runs", 120.0, 20.0,
                      ("speed",)),
    "hot_roller": Kind(("round",), {"metres": None, "to": 75.0, "sound": 0.0},
                       "a roller at a metre of the belt gets hot, and so much louder", 12 * 3600.0, 3600.0),
    "frozen": Kind(("tag",), {}, "a sensor gives its last value again and again", 1800.0),
    "silent": Kind(("tag",), {}, "a sensor gives nothing", 300.0),
    "spike": Kind(("tag",), {"to": None}, "one sample, or what falls into so much time, reads something else", 1.0),
    "drift": Kind(("tag",), {"by": None}, "a sensor reads a share too much or too little, more and more", 1e9, 3600.0),
    "dead_gateway": Kind(("feed",), {}, "nothing comes from a feed", 300.0),
    "robot_lost": Kind(("round",), {}, "the robot is out of coverage; what it measured comes when it is back", 600.0),
    "flood": Kind(("tag",), {"by": None}, "a level of water rises by so much, or water comes in faster", 1800.0, 1200.0,
                  ("water_level", "water_inflow")),
    "drain": Kind(("tag",), {"by": None}, "a store holds so much less, evenly: what should come does not", 3600.0,
                  4 * 3600.0, ("level",)),
    "stop": Kind(("tag",), {}, "a state says stopped, what it stands for does nothing", 600.0, 0.0, ("state",)),
    "fault": Kind(("tag",), {}, "a state says fault, what it stands for does nothing", 600.0, 0.0, ("state",)),
    "smoke": Kind(("tag",), {}, "a detector says smoke or fire", 600.0, 0.0, ("smoke", "fire", "state")),
    "crowd": Kind(("zone",), {"people": None}, "so many people more are in a zone", 900.0, 120.0),
    "withdraw": Kind(("zones",), {}, "everybody leaves some zones, until nobody is there", 1800.0, 900.0),
}
_UNITS = {
    ("belt_slip", "to"): "", ("drift", "by"): "", ("hot_roller", "metres"): "m", ("hot_roller", "to"): "degC",
    ("hot_roller", "sound"): "dB", ("crowd", "people"): "person",
}
"""The units of numbers that are not in the unit of a tag; shares have none."""
_MORE = ("by", "sound")
_KEYS = ("kind", "at", "over", "hold", "back", "note")


@dataclass(frozen=True)
class Event:
    """Something planted: from `at_s` on, fully after `over_s`, for `hold_s`, gone after `back_s`.

    `about` is the tag, feed or round, `zones` the zones; `values` the numbers of its kind.
    """

    kind: str
    at_s: float
    over_s: float
    hold_s: float
    back_s: float
    about: str = ""
    zones: tuple[str, ...] = ()
    values: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def end_s(self) -> float:
        """When nothing of it is left."""
        return self.at_s + self.over_s + self.hold_s + self.back_s


@dataclass(frozen=True)
class Script:
    """What is planted in a rehearsal."""

    events: tuple[Event, ...] = ()
    title: str = ""

    def of(self, *kinds: str) -> tuple[Event, ...]:
        """Return the events of some kinds."""
        return tuple(event for event in self.events if event.kind in kinds)


def read_script(path: str | Path, live: Live) -> Script:
    """Read a script for what is watched.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    data, origin = load_file(Path(path))
    return script_of(data, live, origin=origin)


def script_of(data: object, live: Live, *, origin: Origin | None = None) -> Script:
    """Return the script that plain data say; raises as `read_script` does."""
    reader = _Reader(live, origin or Origin("script"))
    return reader.read(data)


class _Reader(Faults):
    def __init__(self, live: Live, origin: Origin) -> None:
        super().__init__(origin)
        self.live = live
        self.units = Units.of({})

    def read(self, data: object) -> Script:
        if not isinstance(data, dict):
            raise InputError(Problem("this is not a script", file=self.origin.file, expected="`events:` and a list"))
        for key in data:
            if key not in ("events", "title"):
                self.fault(str(key), "a script has no such key", key, "events, title",
                           nearest(str(key), ("events", "title")))
        rows = data.get("events")
        if not isinstance(rows, list):
            self.fault("events", "this is not a list of events", rows, "`- {kind: gas_rise, at: 10 min, …}`")
            rows = []
        events = [event for i, row in enumerate(rows) if (event := self.event(f"events.{i}", row)) is not None]
        if self.problems:
            raise InputError(self.problems)
        return Script(tuple(sorted(events, key=lambda event: event.at_s)), str(data.get("title") or ""))

    def event(self, path: str, row: object) -> Event | None:
        if not isinstance(row, dict):
            self.fault(path, "this is not an event", row, "`{kind: gas_rise, at: 10 min, …}`")
            return None
        name = str(row.get("kind", ""))
        kind = KINDS.get(name)
        if kind is None:
            self.fault(f"{path}.kind", "no kind of event of this name", name, ", ".join(KINDS), nearest(name, KINDS))
            return None
        known = (*_KEYS, *kind.about, *kind.values)
        for key in row:
            if key not in known:
                self.fault(f"{path}.{key}", f"{name} has no such key", key, ", ".join(known), nearest(str(key), known))
        if "at" not in row:
            self.fault(path, "when it begins is not said", "nothing", "such as `at: 10 min`")
        seconds = {key: self.seconds(f"{path}.{key}", row[key]) for key in ("at", "over", "hold", "back") if key in row}
        about, zones, tag = self.about(path, row, kind, name)
        values = self.values(path, row, kind, tag, name)
        self.on_its_belt(path, row, values, about)
        over = seconds.get("over", kind.over_s)
        return Event(name, seconds.get("at", 0.0), over, seconds.get("hold", kind.hold_s), seconds.get("back", over),
                     about, zones, values, str(row.get("note") or ""))

    def about(
        self, path: str, row: Mapping[str, Any], kind: Kind, name: str
    ) -> tuple[str, tuple[str, ...], Tag | None]:
        """Return what an event is about, its zones, and its tag."""
        key = kind.about[0]
        known: dict[str, Mapping[str, Any]] = {
            "tag": {tag.name: tag for tag in self.live.tags}, "feed": {feed.name: feed for feed in self.live.feeds},
            "round": {made.name: made for made in self.live.rounds}, "zone": {z.name: z for z in self.live.zones},
            "zones": {z.name: z for z in self.live.zones},
        }
        said = row.get(key)
        names = [str(n) for n in said] if isinstance(said, list) and key == "zones" else [str(said or "")]
        for each in names:
            if each not in known[key]:
                near = nearest(each, known[key])
                self.fault(f"{path}.{key}", f"no {key.removesuffix('s')} of this name", each,
                           ", ".join(list(known[key])[:8]) or "one of the chain's", near)
                return "", (), None
        if key in ("zone", "zones"):
            return names[0], tuple(names), None
        if key != "tag":
            return names[0], (), None
        tag: Tag = known["tag"][names[0]]
        if kind.reads and (tag.quantity or tag.reads) not in kind.reads and tag.reads not in kind.reads:
            self.fault(f"{path}.tag", f"{name} is not of a tag that reads {tag.reads}", names[0],
                       "one that reads " + ", ".join(kind.reads))
        return names[0], (), tag

    def on_its_belt(self, path: str, row: Mapping[str, Any], values: Mapping[str, float], about: str) -> None:
        """See that what stands at a metre of a belt is where its round passes, or nobody would ever find it."""
        made = next((one for one in self.live.rounds if one.name == about), None)
        if made is not None and "metres" in values and not made.start_m <= values["metres"] <= made.end_m:
            self.fault(f"{path}.metres", f"{about} does not pass there", row["metres"],
                       f"{made.start_m:g} m to {made.end_m:g} m")

    def values(
        self, path: str, row: Mapping[str, Any], kind: Kind, tag: Tag | None, name: str
    ) -> dict[str, float]:
        found = {}
        for key, default in kind.values.items():
            if key in row:
                unit = _UNITS.get((name, key), tag.unit if tag is not None else "")
                value = self.number(f"{path}.{key}", row[key], unit, more=key in _MORE)
                if value is not None:
                    found[key] = value
            elif default is None:
                self.fault(f"{path}.{key}", "a number is missing", "nothing", f"`{key}: …`")
            else:
                found[key] = default
        return found

    def seconds(self, path: str, text: object) -> float:
        value = self.quantity(path, text, lambda q: self.units.convert(q, "s"), "a time such as 10 min")
        if value is not None and value < 0.0:
            self.fault(path, "a time is not below nought", text, "a time such as 10 min")
        return max(value or 0.0, 0.0)

    def number(self, path: str, text: object, unit: str, *, more: bool) -> float | None:
        """Return a number in a unit; one without is in it. Of so much `more`, a kelvin is a degree."""
        def brought(quantity: Quantity) -> float:
            if not quantity.unit or quantity.unit == unit or (more and (quantity.unit, unit) == ("K", "degC")):
                return quantity.value
            return self.units.convert(quantity, unit)

        return self.quantity(path, text, brought, f"a number, or one with a unit such as {unit or '%'}")

    def quantity(
        self, path: str, text: object, convert: Callable[[Quantity], float], expected: str
    ) -> float | None:
        try:
            return float(convert(parse_quantity(text)))
        except (ValueError, UnitProblem) as error:
            self.fault(path, str(error), text, expected)
            return None
