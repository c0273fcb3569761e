"""YAML as a chain is written in it: read safely, with the line of every key, and written readably.

Scalars are those of YAML 1.2 (only ``true`` and ``false`` are booleans), duplicate keys are errors that
name both lines, and no tag can make an object. What a value means is not known here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lodeworks.chain.origin import Origin, Plain, number_of, resolve
from lodeworks.errors import InputError, Problem

__all__ = ["Parsed", "decode", "dump_yaml", "flow_text", "load_file", "load_yaml", "parse_file", "parse_json",
           "parse_yaml", "read_bytes"]

_MOST_BYTES = 50_000_000
_MOST_DEPTH = 60
_MOST_ALIASED = 1_000_000
_TAGS = {None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq",
         "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"}
_SIGNATURES = ((b"%PDF", "a PDF document"), (b"PK\x03\x04", "a workbook or another zipped file"),
               (b"PAR1", "a Parquet table"), (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"),
               (b"\xd0\xcf\x11\xe0", "an old Office document"), (b"SQLite", "a database"),
               (b"\x1f\x8b", "a packed file"))


@dataclass
class Parsed:
    """The data of one YAML or JSON text, the line of each dotted path, and what was wrong."""

    data: Any = None
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def places(self, file: str) -> dict[str, str]:
        """Return where each dotted path was written: ``chain.yaml:41``."""
        return {key: f"{file}:{line}" for key, line in self.lines.items()}


class _Stop(Exception):
    """Reading cannot go on."""


@dataclass
class _Open:
    """A collection that is being read."""

    value: dict[str, Any] | list[Any]
    path: str
    anchor: str | None
    line: int
    key: str | None = None
    merge: bool = False
    size: int = 1
    merges: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)


def read_bytes(path: Path, *, most: int = _MOST_BYTES) -> bytes:
    """Return a file's bytes.

    Raises
    ------
    InputError
        If it is missing, not a file, too large or may not be read.
    """
    try:
        if path.is_dir():
            raise InputError(Problem("this is a folder, not a file", file=str(path)))
        if not path.exists():
            near = _near_file(path)
            raise InputError(Problem("there is no such file", file=str(path), suggestion=near))
        if not path.is_file():
            raise InputError(Problem("this is not an ordinary file", file=str(path)))
        size = path.stat().st_size
        if size > most:
            raise InputError(Problem("the file is too large to be this part of a chain", file=path.name,
                                     found=f"{size / 1e6:,.0f} MB", expected=f"at most {most / 1e6:,.0f} MB"))
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(Problem(f"cannot read the file: {reason}", file=str(path))) from None


def _near_file(path: Path) -> str:
    from lodeworks.errors import nearest

    try:
        return nearest(path.name, sorted(item.name for item in path.parent.iterdir()))
    except OSError:
        return ""


def decode(content: bytes, file: str) -> str:
    """Return text in UTF-8 (with or without mark), UTF-16 with mark, or GB18030.

    Raises
    ------
    InputError
        If the bytes are no text.
    """
    for signature, what in _SIGNATURES:
        if content.startswith(signature):
            raise InputError(Problem(f"this is {what}, not text", file=file))
    encodings = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise InputError(Problem("this is not text", file=file, expected="text in UTF-8"))


def load_yaml(text: str, file: str = "") -> Any:
    """Return the data of a YAML text, with numbers and booleans as such.

    Raises
    ------
    InputError
        With every problem found.
    """
    parsed = parse_yaml(text, file)
    if parsed.problems:
        raise InputError(parsed.problems)
    return resolve(parsed.data)


def parse_file(path: Path) -> Parsed:
    """Parse a YAML or JSON file, by its ending; raises as `read_bytes` and `decode` do."""
    text = decode(read_bytes(path), path.name)
    return (parse_json if path.suffix.lower() == ".json" else parse_yaml)(text, path.name)


def load_file(path: Path) -> tuple[Any, Origin]:
    """Return the plain data of a YAML or JSON file, and where its parts were written.

    Raises
    ------
    InputError
        With every problem found.
    """
    parsed = parse_file(path)
    if parsed.problems:
        raise InputError(parsed.problems)
    return resolve(parsed.data), Origin(path.name, parsed.places(path.name))


def parse_yaml(text: str, file: str = "") -> Parsed:
    """Read a YAML text; unquoted scalars are left as `Plain` text for the attribute to interpret."""
    import yaml

    parsed = Parsed()
    try:
        _Builder(parsed, file).read(text)
        return parsed
    except _Stop:
        pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = " ".join(str(part) for part in (error.context, error.problem) if part)
        parsed.problems.append(Problem(f"this is not YAML: {words}", file=_at(file, mark.line if mark else None)))
    except (yaml.YAMLError, UnicodeError) as error:
        words = str(getattr(error, "reason", "")) or "it holds characters that YAML does not allow"
        parsed.problems.append(Problem(f"this is not YAML: {words}", file=file))
    parsed.data = None  # what was read so far would only give faults that are none
    return parsed


def _at(file: str, line: int | None) -> str:
    return file if line is None else f"{file}:{line + 1}"


class _Builder:
    """Builds data from parsing events, so that depth and repetition stay in hand."""

    def __init__(self, parsed: Parsed, file: str) -> None:
        self.parsed, self.file = parsed, file
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.aliased = 0
        self.documents = 0

    def stop(self, message: str, line: int) -> _Stop:
        self.parsed.problems.append(Problem(message, file=_at(self.file, line)))
        return _Stop()

    def read(self, text: str) -> None:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        for event in yaml.parse(text, Loader=loader):
            line = event.start_mark.line if event.start_mark else 0
            if isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    raise self.stop("a second document begins here (`---`); a file holds one", line)
            elif isinstance(event, yaml.ScalarEvent):
                self.tagged(event.tag, line)
                plain = not event.style and event.tag in (None, "!")
                self.add(Plain(event.value) if plain and event.tag is None else str(event.value), 1, event.anchor, line)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self.tagged(event.tag, line)
                self.open({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor, line)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self.close()
            elif isinstance(event, yaml.AliasEvent):
                self.alias(str(event.anchor), line)

    def tagged(self, tag: str | None, line: int) -> None:
        if tag not in _TAGS:
            raise self.stop(f"tags are not read here: {tag}", line)

    def open(self, value: dict[str, Any] | list[Any], anchor: str | None, line: int) -> None:
        if len(self.stack) >= _MOST_DEPTH:
            raise self.stop(f"nested deeper than {_MOST_DEPTH} levels", line)
        path = ""
        if self.stack:
            top = self.stack[-1]
            if isinstance(top.value, dict) and top.key is None:
                raise self.stop("a key must be text", line)
            step = top.key if isinstance(top.value, dict) else str(len(top.value) + 1)
            path = f"{top.path}.{step}" if top.path else str(step)
            if isinstance(top.value, list):
                self.parsed.lines[path] = line + 1
        self.stack.append(_Open(value, path, anchor, line))

    def close(self) -> None:
        done = self.stack.pop()
        if isinstance(done.value, dict):
            for merge in done.merges:
                for key, item in merge.items():
                    done.value.setdefault(key, item)
        self.add(done.value, done.size, done.anchor, done.line, closing=True)

    def alias(self, name: str, line: int) -> None:
        if name not in self.anchors:
            raise self.stop(f"`*{name}` has no `&{name}` before it", line)
        value, size = self.anchors[name]
        self.aliased += size
        if self.aliased > _MOST_ALIASED:
            raise self.stop("repeats (`*`) would make this file too large", line)
        self.add(value, size, None, line)

    def add(self, value: Any, size: int, anchor: str | None, line: int, *, closing: bool = False) -> None:
        """Put a finished value where it belongs."""
        if anchor:
            self.anchors[anchor] = (value, size)
        if not self.stack:
            self.parsed.data = value
            return
        top = self.stack[-1]
        top.size += size
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key is None:
            self.key(top, value, line)
        else:
            if top.merge:
                given = value if isinstance(value, list) else [value]
                top.merges += [item for item in given if isinstance(item, dict)]
            elif top.key not in top.value:
                top.value[top.key] = value
            top.key, top.merge = None, False

    def key(self, top: _Open, key: Any, line: int) -> None:
        if not isinstance(key, str):
            raise self.stop("a key must be text", line)
        top.merge = isinstance(key, Plain) and key == "<<"
        top.key = str(key)
        path = f"{top.path}.{top.key}" if top.path else top.key
        if top.merge:
            return
        if top.key in top.seen:
            self.parsed.problems.append(
                Problem(f"{top.key!r} is written twice, on lines {top.seen[top.key]} and {line + 1}",
                        file=_at(self.file, line), element=path)
            )
        else:
            top.seen[top.key] = line + 1
            self.parsed.lines[path] = line + 1


def parse_json(text: str, file: str = "") -> Parsed:
    """Read a JSON text into the same shape as `parse_yaml`; JSON gives no lines."""
    parsed = Parsed()

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in items:
            if key in found:
                parsed.problems.append(Problem(f"{key!r} is written twice", file=file))
            found[key] = value
        return found

    try:
        parsed.data = json.loads(text, object_pairs_hook=pairs, parse_float=Plain, parse_int=Plain,
                                 parse_constant=Plain)
    except json.JSONDecodeError as error:
        parsed.problems.append(Problem(f"this is not JSON: {error.msg}", file=f"{file}:{error.lineno}"))
    except RecursionError:
        parsed.problems.append(Problem(f"nested deeper than {_MOST_DEPTH} levels", file=file))
    return parsed


# ---- writing ----------------------------------------------------------------------------------------


def flow_text(value: Any) -> str:
    """Write a value on one line, as in a cell: ``{clean_coal: 1.37 t, electricity: 45 kWh}``."""
    return _emit(value, flow=True, width=1 << 20).removesuffix("...\n").rstrip("\n")


def dump_yaml(value: Any) -> str:
    """Write data as a person would: blocks for elements, one line for what fits on one."""
    return _emit(value, flow=False, width=120)


def _emit(value: Any, *, flow: bool, width: int) -> str:
    import yaml

    return str(yaml.dump(value, Dumper=_dumper(), allow_unicode=True, sort_keys=False, width=width,
                         default_flow_style=True if flow else None))


_DUMPER: Any = None


def _dumper() -> Any:
    """Return a dumper that quotes every text that could be read as anything else, by 1.1 or 1.2."""
    global _DUMPER
    if _DUMPER is None:
        import yaml

        class Dumper(yaml.SafeDumper):
            def ignore_aliases(self, data: Any) -> bool:
                return True

        def text(dumper: Any, data: str) -> Any:
            lines = "\n" in data and data.replace("\n", "").isprintable()
            lines = lines and not data.endswith("\n\n") and data != "\n"  # whose end would run on into what follows
            style = "|" if lines else None if data.isprintable() else '"'
            if not isinstance(number_of(data), str):
                style = "'"  # a number in YAML 1.2 that the writer, who knows 1.1, takes for text
            return dumper.represent_scalar("tag:yaml.org,2002:str", str(data), style=style)

        Dumper.add_representer(str, text)
        Dumper.add_representer(Plain, text)
        _DUMPER = Dumper
    return _DUMPER
