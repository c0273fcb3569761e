"""Stated ranges: how low and how high a number of the chain may plausibly be, and where it would be set.

A range stands in an element's `ranges`, ``low .. high unit`` by attribute; or in the source an attribute names, where
that gives a low and a high and its value is the attribute's. What is done with them is not known here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from lodeworks.chain.entities import Chain, named
from lodeworks.errors import Problem
from lodeworks.units import Quantity, UnitProblem, Units, parse_quantity

__all__ = ["Stated", "stated_ranges"]

_NUMBER = r"[+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"\s*({_NUMBER})\s*(.*?)\s*(?:\.\.|…|~|至)\s*({_NUMBER})\s*(.*?)\s*")
_FORM = "low .. high with a unit, such as 8 .. 12 t/h"
_INNER = ("amount", "times")  # where a flow with a lag, or a profile, keeps its number


@dataclass(frozen=True)
class Stated:
    """A number and its range, as texts that may be set.

    Attributes
    ----------
    setting
        The dotted path a setting of it has.
    source
        Where the number is said to come from.
    """

    element: str
    key: str
    setting: str
    value: str
    low: str
    high: str
    source: str


def stated_ranges(chain: Chain) -> tuple[list[Stated], list[Problem]]:
    """Return every range that can be used, and a warning for each that cannot."""
    units = chain.registry()
    found: list[Stated] = []
    problems: list[Problem] = []
    for section, name, entity in named(chain):
        ranges, sources = getattr(entity, "ranges", {}), getattr(entity, "source", {})
        if not ranges and not sources:
            continue
        written = entity.model_dump(mode="json")
        for key, text in ranges.items():
            source = _source_of(key, sources)
            made = _stated(f"{section}.{name}", key, text, written, source, units)
            if isinstance(made, Stated):
                found.append(made)
            else:
                problems.append(made)
        for key, source in sources.items():
            if key not in ranges and source in chain.sources:
                own = _of_source(f"{section}.{name}", key, chain.sources[source], written, source, units)
                found += [own] if own is not None else []
    return found, problems


def _source_of(key: str, sources: dict[str, str]) -> str:
    """Return where a number is said to come from: by its own key, by what it is part of, or as all of the element."""
    parts = key.split(".")
    parents = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return next((sources[name] for name in (*parents, "*") if name in sources), "")


def _stated(
    element: str, key: str, text: str, written: dict[str, Any], source: str, units: Units
) -> Stated | Problem:
    def problem(message: str, found: str = text, expected: str = _FORM) -> Problem:
        return Problem(message, element=element, key=f"ranges.{key}", found=found, expected=expected,
                       severity="warning")

    match = _RANGE.fullmatch(text)
    if match is None:
        return problem("not a range")
    low, high = (_quantity(number, unit or match[4]) for number, unit in ((match[1], match[2]), (match[3], match[4])))
    held = _held(written, key.split("."), units, high)
    if isinstance(held, str):
        return problem(held, expected="the dotted path of one number of the element")
    path, value = held
    try:
        ends = [units.convert(end, value.unit) for end in (low, high)]
    except UnitProblem as error:
        return problem(f"a range of another kind than its number: {error}", expected=f"a unit such as {value.unit}")
    if ends[0] > ends[1]:
        return problem("a range whose low is above its high")
    return Stated(element, key, f"{element}.{'.'.join(path)}", str(value), str(low), str(high), source)


def _quantity(number: str, unit: str) -> Quantity:
    return Quantity(float(number.replace(",", "")), unit)


def _held(
    written: Any, parts: list[str], units: Units, like: Quantity
) -> tuple[list[str], Quantity] | str:
    """Return the path of the number at `parts` and the number; what is wrong where there is none."""
    done: list[str] = []
    for number, part in enumerate(parts):
        rest = ".".join(parts[number:])
        if isinstance(written, dict) and rest in written:  # names may hold points
            written, done = written[rest], [*done, rest]
            break
        if not isinstance(written, dict) or part not in written:
            return "there is no such number"
        written, done = written[part], [*done, part]
    while isinstance(written, dict):
        inner = next((key for key in _INNER if key in written), "")
        if not inner:
            return _alike(written, done, units, like)
        written, done = written[inner], [*done, inner]
    value = _as_quantity(written)
    return (done, value) if value is not None else "what stands there is not one number"


def _alike(
    written: dict[str, Any], done: list[str], units: Units, like: Quantity
) -> tuple[list[str], Quantity] | str:
    """Return the one number of a mapping that has a range's unit: the electricity of inputs, say."""
    fits = []
    for name, item in written.items():
        number = item.get("amount") if isinstance(item, dict) else item
        value = _as_quantity(number)
        try:
            if value is not None:
                units.convert(like, value.unit)
                fits.append(([*done, name, *(["amount"] if isinstance(item, dict) else [])], value))
        except UnitProblem:
            continue
    return fits[0] if len(fits) == 1 else f"{'.'.join(done)} holds several numbers; say which"


def _as_quantity(value: Any) -> Quantity | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return Quantity(float(value)) if isinstance(value, int | float) else parse_quantity(str(value))
    except ValueError:
        return None


def _of_source(
    element: str, key: str, row: Any, written: dict[str, Any], source: str, units: Units
) -> Stated | None:
    """Return the range a source gives, where the number is its own; None where that is not sure."""
    if not (row.low and row.high and row.value):
        return None
    made = _stated(element, key, f"{row.low} .. {row.high} {row.unit}", written, source, units)
    if isinstance(made, Problem):
        return None
    own = _as_quantity(f"{row.value} {row.unit}".strip())
    value = _as_quantity(made.value)
    if own is None or value is None:
        return None
    same = math.isclose(units.convert(own, value.unit), value.value, rel_tol=1e-9)
    return made if same and row.low != row.high else None


