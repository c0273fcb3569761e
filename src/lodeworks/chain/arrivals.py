"""Arrivals at written times: `07:30` every day, `2026-03-02 07:30`, or `3 h` from the start, as hours of the horizon.

What a table brings stands in the same two lists. Random arrivals are distributions and live in `distributions`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator

from lodeworks.chain.entities import Arrivals, Chain, named
from lodeworks.errors import Problem
from lodeworks.units import UnitProblem, Units, parse_quantity

__all__ = ["arrival_problems", "arrival_times"]

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?$")
_DAY = 24.0
_SHOWN = 3


def arrival_times(arrivals: Arrivals, start: dt.datetime, units: Units) -> tuple[list[float], float]:
    """Return the hours since the start of the times written, and after how many hours they come again (0: never).

    Raises
    ------
    UnitProblem
        With the first time that cannot be read, is out of order, or lies before the start.
    """
    hours, every, faults = _read_all(arrivals, start, units)
    if faults:
        raise UnitProblem(faults[0])
    return hours, every


def _read_all(arrivals: Arrivals, start: dt.datetime, units: Units) -> tuple[list[float], float, list[str]]:
    """Return the hours, after how many they come again, and all that is wrong with the times."""
    kinds: set[str] = set()
    hours: list[float] = []
    faults: list[str] = []
    latest = (-math.inf, "")
    for number, text in enumerate(arrivals.at, 1):
        try:
            kind, hour = _read(text.strip(), start, units, number)
        except UnitProblem as error:
            faults.append(str(error))
            continue
        if kind not in kinds:
            latest = (-math.inf, "")  # times of several kinds are told below
        kinds.add(kind)
        if hour < latest[0]:
            faults.append(f"time {number} is out of order: {text!r} comes before {latest[1]!r}")
        elif kind != "clock" and hour < 0.0:
            faults.append(f"time {number}, {text!r}, lies before the start of the horizon")
        latest = max(latest, (hour, text))
        hours.append(hour)
    if len(kinds) > 1:
        faults.append("times of one kind only: of the day, or dates with times, or hours from the start")
    if kinds == {"clock"}:
        first = start.hour + start.minute / 60.0 + start.second / 3600.0
        late = [h - first for h in hours if h >= first]
        return late + [h - first + _DAY for h in hours if h < first], _DAY, faults
    return hours, 0.0, faults


def _read(text: str, start: dt.datetime, units: Units, number: int) -> tuple[str, float]:
    clock = _CLOCK.match(text)
    if clock is not None:
        hour = int(clock[1]) + int(clock[2]) / 60.0 + int(clock[3] or 0) / 3600.0
        if hour >= _DAY or int(clock[2]) >= 60:
            raise UnitProblem(f"time {number} is no time of a day: {text!r}")
        return "clock", hour
    try:
        return "date", (dt.datetime.fromisoformat(text) - start).total_seconds() / 3600.0
    except (ValueError, TypeError):
        pass
    try:
        return "span", units.convert(parse_quantity(text), "h")
    except (ValueError, UnitProblem):
        raise UnitProblem(f"time {number} is neither `07:30`, nor `2026-03-02 07:30`, nor `3 h`: {text!r}") from None


def arrival_problems(chain: Chain, units: Units) -> Iterator[Problem]:
    """Yield what is wrong with written times and amounts of arrivals."""
    for section, name, entity in named(chain):
        arrivals = getattr(entity, "arrivals", None)
        if not isinstance(arrivals, Arrivals):
            continue
        place = f"{section}.{name}"
        if bool(arrivals.between) == bool(arrivals.at):
            yield Problem("arrivals need the time between them or their times, one of the two", element=place,
                          key="arrivals", expected="`between: exponential(2 min)`, or `at`, or `table`")
        yield from _of_times(arrivals, chain, units, place)
        if arrivals.amounts and len(arrivals.amounts) != len(arrivals.at):
            yield Problem("as many amounts as times are needed", element=place, key="arrivals.amounts",
                          found=f"{len(arrivals.amounts)} amounts", expected=f"{len(arrivals.at)}")
        if any(not amount > 0.0 for amount in arrivals.amounts):
            yield Problem("an arrival brings more than nought", element=place, key="arrivals.amounts",
                          found=str(min(arrivals.amounts)))
        if arrivals.at and arrivals.profile is not None:
            yield Problem("written times have no profile", element=place, key="arrivals.profile")
        if arrivals.amounts and arrivals.amount:
            yield Problem("arrivals have an amount each or one for all, not both", element=place,
                          key="arrivals.amount", found=f"{arrivals.amount}, and amounts beside the times",
                          expected="one of the two")


def _of_times(arrivals: Arrivals, chain: Chain, units: Units, place: str) -> Iterator[Problem]:
    """Yield the faults of written times, the first few one by one; a year of them may be wrong in the same way."""
    hours, every, faults = _read_all(arrivals, chain.horizon.start, units)
    for fault in faults[:_SHOWN]:
        yield Problem(fault, element=place, key="arrivals.at")
    if len(faults) > _SHOWN:
        yield Problem(f"{len(faults)} faulty times in all", element=place, key="arrivals.at")
    try:
        length = units.convert(chain.horizon.length, "h")
    except UnitProblem:
        return  # told where units are looked at
    if not faults and hours and every == 0.0 and hours[0] >= length:
        yield Problem("nothing arrives within the horizon", element=place, key="arrivals.at",
                      found=arrivals.at[0], expected=f"a time before hour {length:g}", severity="warning")
