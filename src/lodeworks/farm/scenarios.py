"""The file of a farm: which chain, which scenarios (named, by a grid, by a table), and what is wrong with it.

Everything is read and checked before anything runs, every problem at once. How scenarios are run is not known here.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import InputError, Problem, nearest

if TYPE_CHECKING:
    from lodeworks.chain.entities import Chain
    from lodeworks.chain.tables import Columns

__all__ = ["Scenario", "Scenarios", "check_scenarios", "read_scenarios"]

_KEYS = ("farm", "title", "note", "chain", "verb", "options", "set", "overlay", "scenarios", "grid", "table", "figures")
_BODY = ("title", "note", "set", "overlay")
_OPTIONS: dict[str, dict[str, str]] = {
    "plan": {"time_limit": "s", "gap": "", "method": "word"},
    "simulate": {"replications": "count", "seed": "count", "warm_up": "h", "precision": ""},
}
_MOST = 100_000
_MOST_NAME = 96


@dataclass(frozen=True)
class Scenario:
    """One way the chain may be: what is laid over it, and what it is called.

    Attributes
    ----------
    varied
        What sets it apart, heading and value as written.
    place
        Where it was written.
    """

    name: str
    sets: tuple[str, ...] = ()
    overlays: tuple[Path, ...] = ()
    varied: dict[str, str] = field(default_factory=dict)
    title: dict[str, str] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True)
class Scenarios:
    """A farm as read from its file."""

    name: str
    file: str
    title: dict[str, str]
    chain: Path
    verb: str
    options: dict[str, Any]
    figures: tuple[str, ...]
    scenarios: tuple[Scenario, ...]


def read_scenarios(path: str | Path) -> Scenarios:
    """Read the file of a farm; the chain and other files it names are beside it.

    Raises
    ------
    InputError
        With every problem of the file. The chain itself is not read here, see `check_scenarios`.
    """
    from lodeworks.chain.yaml import decode, parse_yaml, read_bytes

    path = Path(path)
    parsed = parse_yaml(decode(read_bytes(path), path.name), path.name)
    if not isinstance(parsed.data, dict):
        raise InputError([*parsed.problems, Problem(
            "this is not the file of a farm", file=path.name, expected="keys and values: chain, scenarios, grid, …")])
    reader = _Reader(path, parsed.lines, list(parsed.problems))
    farm = reader.farm(parsed.data)
    if reader.problems or farm is None:
        raise InputError(reader.problems)
    return farm


class _Reader:
    """Walks the plain data of the file and collects problems."""

    def __init__(self, path: Path, lines: dict[str, int], problems: list[Problem]) -> None:
        self.file, self.folder, self.lines, self.problems = path.name, path.parent, lines, problems

    def fault(self, key: str, message: str, **more: str) -> None:
        self.problems.append(Problem(message, file=self.place(key), key=key, **more))

    def place(self, key: str) -> str:
        while key and key not in self.lines:
            key = key.rpartition(".")[0]
        return f"{self.file}:{self.lines[key]}" if key else self.file

    def farm(self, data: dict[str, Any]) -> Scenarios | None:
        for key in data:
            if key not in _KEYS:
                self.fault(key, f"unknown key {key!r}", suggestion=nearest(key, _KEYS),
                           expected="" if nearest(key, _KEYS) else "one of " + ", ".join(_KEYS))
        chain = self._beside("chain", data.get("chain"), required=True)
        verb = _text(data.get("verb")) or "plan"
        if verb not in _OPTIONS:
            self.fault("verb", "not a verb of a farm", found=verb, expected="plan or simulate",
                       suggestion=nearest(verb, _OPTIONS))
        options = self._options(verb, data.get("options"))
        common_sets = self._sets("set", data.get("set"))
        common_overlays = self._overlays("overlay", data.get("overlay"))
        scenarios = [*self._named(data.get("scenarios")), *self._grids(data.get("grid")),
                     *self._table(data.get("table"))]
        if not scenarios and not self.problems:
            self.fault("", "there are no scenarios", expected="`scenarios`, `grid` or `table`")
        scenarios = [
            replace(s, sets=(*common_sets, *s.sets), overlays=(*common_overlays, *s.overlays)) for s in scenarios
        ]
        for name, times in Counter(s.name.casefold() for s in scenarios).items():
            if times > 1:
                same = [s for s in scenarios if s.name.casefold() == name]
                self.problems.append(Problem("scenarios of the same name", file=same[-1].place, found=same[-1].name,
                                             expected="names that differ, by more than capitals"))
        figures = self._figures(verb, data.get("figures"))
        if chain is None:
            return None
        name, title = _text(data.get("farm")) or Path(self.file).stem, self._title("title", data.get("title"))
        return Scenarios(name, self.file, title, chain, verb, options, figures, tuple(scenarios))

    def _title(self, key: str, value: Any) -> dict[str, str]:
        if _nothing(value):
            return {}
        if isinstance(value, dict):
            for language in value:
                if language not in ("en", "zh"):
                    self.fault(f"{key}.{language}", "unknown language", expected="en or zh")
            return {name: _text(text) for name, text in value.items()}
        return {"en": _text(value)}

    def _beside(self, key: str, value: Any, *, required: bool = False) -> Path | None:
        """Return the path of a file or folder that must be there."""
        if _nothing(value):
            if required:
                self.fault(key, f"{key} is missing", expected="the chain: a folder or a file beside this one")
            return None
        if not isinstance(value, str):
            self.fault(key, "wrong shape", expected="the name of a file or folder")
            return None
        path = self.folder / str(value)
        if not path.exists():
            known = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
            self.fault(key, "there is no such file or folder", found=str(value), suggestion=nearest(path.name, known))
            return None
        return path

    def _options(self, verb: str, value: Any) -> dict[str, Any]:
        if _nothing(value):
            return {}
        if not isinstance(value, dict):
            self.fault("options", "wrong shape", expected="keys and values such as time_limit: 60 s")
            return {}
        known = _OPTIONS.get(verb, {})
        options: dict[str, Any] = {}
        for key, text in value.items():
            if key not in known:
                self.fault(f"options.{key}", f"not an option of {verb}", suggestion=nearest(key, known),
                           expected="" if nearest(key, known) else "one of " + ", ".join(known))
                continue
            options[key] = self._option(f"options.{key}", _text(text), known[key])
        return options

    def _option(self, key: str, text: str, unit: str) -> Any:
        from lodeworks.units import UnitProblem, Units, parse_quantity

        if unit == "word":
            if text not in ("simplex", "ipm"):
                self.fault(key, "not a method", found=text, expected="simplex or ipm")
            return text
        if unit == "count":
            if not text.isdecimal():
                self.fault(key, "not a whole number", found=text, expected="0, 1, 2, …")
                return 0
            return int(text)
        try:
            number = Units.of({}).convert(parse_quantity(text), unit)
        except (ValueError, UnitProblem) as error:
            self.fault(key, f"not a number that fits: {error}", found=text, expected=f"such as 1 {unit}".rstrip())
            return 0.0
        if number < 0.0:
            self.fault(key, "must not be negative", found=text)
        return number

    # ---- what a scenario changes ----

    def _sets(self, key: str, value: Any) -> tuple[str, ...]:
        if _nothing(value):
            return ()
        if not isinstance(value, dict):
            self.fault(key, "wrong shape", expected="settings such as {supplies.mine.price: 700 CNY/t}")
            return ()
        return tuple(f"{path}={_text(written)}" for path, written in value.items())

    def _overlays(self, key: str, value: Any) -> tuple[Path, ...]:
        names = [] if _nothing(value) else value if isinstance(value, list) else [value]
        return tuple(path for name in names if (path := self._beside(key, name)) is not None)

    def _body(self, key: str, value: Any) -> tuple[tuple[str, ...], tuple[Path, ...], dict[str, str]]:
        """Return settings, overlays and title of a scenario or a level of a grid."""
        if _nothing(value):
            return (), (), {}
        if not isinstance(value, dict):
            self.fault(key, "wrong shape", expected="{set: {…}, overlay: file}, or {} for the chain as it is")
            return (), (), {}
        for name in value:
            if name not in _BODY:
                self.fault(f"{key}.{name}", f"unknown key {name!r}", expected="one of " + ", ".join(_BODY),
                           suggestion="set" if "." in name else nearest(name, _BODY))
        return (self._sets(f"{key}.set", value.get("set")), self._overlays(f"{key}.overlay", value.get("overlay")),
                self._title(f"{key}.title", value.get("title")))

    def _named(self, value: Any) -> Iterator[Scenario]:
        if _nothing(value):
            return
        if not isinstance(value, dict):
            self.fault("scenarios", "wrong shape", expected="a name for each: {base: {}, dear_coal: {set: {…}}}")
            return
        for name, body in value.items():
            key = f"scenarios.{name}"
            if _slug(name) != name or len(name) > _MOST_NAME:
                self.fault(key, "not a name for a folder", found=name,
                           expected="letters, digits, - _ . and no spaces", suggestion=_slug(name))
            sets, overlays, title = self._body(key, body)
            varied = dict(text.partition("=")[::2] for text in sets)
            if overlays:
                varied["overlay"] = ", ".join(path.name for path in overlays)
            yield Scenario(str(name), sets, overlays, varied, title, self.place(key))

    def _grids(self, value: Any) -> Iterator[Scenario]:
        if _nothing(value):
            return
        for number, grid in enumerate(value if isinstance(value, list) else [value], start=1):
            key = f"grid.{number}" if isinstance(value, list) else "grid"
            if not isinstance(grid, dict) or not grid:
                self.fault(key, "wrong shape", expected="settings with lists: {supplies.mine.price: [600 CNY/t, …]}")
                continue
            axes = [self._axis(f"{key}.{axis}", axis, levels) for axis, levels in grid.items()]
            count = 1
            for axis in axes:
                count *= len(axis)
            if count > _MOST:
                self.fault(key, "too many scenarios", found=f"{count:,}", expected=f"at most {_MOST:,}")
                continue
            for levels in itertools.product(*axes):
                yield _product(levels, self.place(key))

    def _axis(self, key: str, axis: str, levels: Any) -> list[Scenario]:
        """Return the levels of one axis: values of one setting, or named changes."""
        if isinstance(levels, list) and levels:
            texts = [_text(level) for level in levels]
            return [Scenario(_short(axis, text), (f"{axis}={text}",), (), {axis: text}) for text in texts]
        if isinstance(levels, dict) and levels:
            found = []
            for level, body in levels.items():
                sets, overlays, _ = self._body(f"{key}.{level}", body)
                found.append(Scenario(_short(axis, level), sets, overlays, {axis: str(level)}))
            return found
        self.fault(key, "an axis without levels", expected="[600 CNY/t, 650 CNY/t], or {low: {set: {…}}, high: …}")
        return []

    def _table(self, value: Any) -> Iterator[Scenario]:
        from lodeworks.chain.rows import read_heading

        path = self._beside("table", value)
        if path is None:
            return
        try:
            table = _rows_of(path)
        except InputError as error:
            self.problems += error.problems
            return
        headings = [read_heading(text) for text in table.headings]
        keys = [heading.key for heading in headings]
        for key, times in Counter(keys).items():
            if times > 1 or not key:
                self.problems.append(Problem("a heading is missing or written twice", file=path.name,
                                             found=key or "nothing"))
        for i, row in enumerate(table.rows):
            cells = [_text(cell) for cell in row] + [""] * (len(keys) - len(row))
            if not any(cells):
                continue
            yield self._row(table.place(i), keys, [heading.unit for heading in headings], cells)

    def _row(self, place: str, keys: list[str], units: list[str], cells: list[str]) -> Scenario:
        name = ""
        overlays: tuple[Path, ...] = ()
        varied: dict[str, str] = {}
        for key, unit, cell in zip(keys, units, cells, strict=False):
            if not cell:
                continue
            if key == "scenario":
                name = cell
            elif key == "overlay":
                overlays, varied["overlay"] = self._overlays("table", cell), cell
            else:
                varied[key] = f"{cell} {unit}".strip()
        if name and _slug(name) != name:
            self.problems.append(Problem("not a name for a folder", file=place, found=name,
                                         expected="letters, digits, - _ . and no spaces", suggestion=_slug(name)))
        sets = tuple(f"{key}={text}" for key, text in varied.items() if key != "overlay")
        name = name or _limited("_".join(_short(key, text) for key, text in varied.items())) or "as-it-is"
        return Scenario(name, sets, overlays, varied, {}, place)

    def _figures(self, verb: str, value: Any) -> tuple[str, ...]:
        from lodeworks.farm.table import figure_fault

        if _nothing(value):
            return ()
        names = [_text(name) for name in value] if isinstance(value, list) else [_text(value)]
        for name in names:
            fault = figure_fault(verb, name)
            if fault:
                self.fault("figures", "not a figure of a run", found=name, expected=fault)
        return tuple(dict.fromkeys(names))


def _rows_of(path: Path) -> Columns:
    """Return the rows of a CSV or Parquet file, or of the first sheet of a workbook."""
    from lodeworks.chain.tables import Columns, read_columns
    from lodeworks.chain.xlsx import read_sheets

    if path.suffix.lower() != ".xlsx":
        return read_columns(path, path.name)
    sheet = next(iter(read_sheets(path).values()))
    if sheet.faults or not sheet.rows:
        cell, message, _ = sheet.faults[0] if sheet.faults else ("", "the sheet is empty", "")
        raise InputError(Problem(message, file=f"{path.name} {sheet.name}!{cell}".rstrip("!")))
    rows = [[int(c) if isinstance(c, float) and c.is_integer() else c for c in row] for row in sheet.rows]
    return Columns(f"{path.name} {sheet.name}", [_text(cell) for cell in rows[0]], rows[1:])


def _product(levels: tuple[Scenario, ...], place: str) -> Scenario:
    """Return the scenario in which all levels hold, each of another axis."""
    varied: dict[str, str] = {}
    for level in levels:
        varied |= level.varied
    return Scenario(
        _limited("_".join(level.name for level in levels)),
        tuple(text for level in levels for text in level.sets),
        tuple(path for level in levels for path in level.overlays), varied, {}, place,
    )


def _nothing(value: Any) -> bool:
    from lodeworks.chain.origin import is_null

    return is_null(value)


def _text(value: Any) -> str:
    """Return a value as it would be written after ``=``."""
    from lodeworks.chain.origin import resolve
    from lodeworks.chain.yaml import flow_text

    if _nothing(value):
        return ""
    if isinstance(value, dict | list):
        return flow_text(resolve(value))
    return str(value).strip()


def _slug(text: str) -> str:
    """Return a text as a name a folder may have on any system."""
    return re.sub(r"[^\w.\-]+", "-", text).strip("-.") or "x"


def _short(key: str, value: str) -> str:
    """Return the name of one level: the last two parts of its path, and its value."""
    return _slug(".".join(key.split(".")[-2:]) + "-" + (value or "none"))


def _limited(name: str) -> str:
    """Return a name short enough for a folder, and still its own."""
    if len(name) <= _MOST_NAME:
        return name
    return f"{name[:_MOST_NAME - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def check_scenarios(
    farm: Scenarios, *, progress: Callable[[str], None] | None = None, check: Callable[..., Chain] | None = None
) -> list[Chain]:
    """Read and check the chain of every scenario.

    Raises
    ------
    InputError
        With the problems of the chain itself, or else of all scenarios; one that many share is told once.
    """
    from lodeworks.verbs import checked

    check = check or checked
    check(farm.chain)
    chains, found = [], []
    for number, scenario in enumerate(farm.scenarios, start=1):
        if progress is not None:
            progress(f"checking scenario {number} of {len(farm.scenarios)}")
        try:
            chains.append(check(farm.chain, sets=scenario.sets, overlays=scenario.overlays))
        except InputError as error:
            found += [(scenario, problem) for problem in error.problems]
    if found:
        raise InputError(_together(found))
    return chains


def _together(found: Iterable[tuple[Scenario, Problem]]) -> list[Problem]:
    """Tell a problem that several scenarios share once."""
    groups: dict[Problem, list[Scenario]] = {}
    for scenario, problem in found:
        groups.setdefault(problem, []).append(scenario)
    told = []
    for problem, scenarios in groups.items():
        others = f" and {len(scenarios) - 1} more" if len(scenarios) > 1 else ""
        place = f"{scenarios[0].place} scenario {scenarios[0].name}{others}"
        told.append(replace(problem, file=f"{place} {problem.file}".rstrip()))
    return told
