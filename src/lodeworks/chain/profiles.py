"""Numbers over time on the horizon's base steps: profiles, patterns and calendars, and attributes that use them.

Every form is first a piecewise constant function of the hours since the start; its mean within each base step
is what engines get, so steps of any length can be served by values of any other.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lodeworks.chain.entities import Calendar, Chain, Profile, Varying
from lodeworks.chain.segments import segment_steps
from lodeworks.errors import InputError, Problem, nearest
from lodeworks.units import Quantity, UnitProblem, Units

__all__ = ["Steps", "expand", "horizon_steps", "varying"]

Floats = npt.NDArray[np.float64]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS_ZH = {"周一": 0, "周二": 1, "周三": 2, "周四": 3, "周五": 4, "周六": 5, "周日": 6, "周天": 6}
_MOST_STEPS = 2_000_000


@dataclass(frozen=True, slots=True)
class Steps:
    """The base steps of a horizon: first instant, hours in each, how many; and how many are in each segment, if any."""

    start: dt.datetime
    hours: float
    count: int
    segments: tuple[int, ...] = ()


def horizon_steps(chain: Chain, units: Units) -> Steps:
    """Return the base steps of a chain's horizon.

    Raises
    ------
    InputError
        If the length is not a whole number of steps, a time zone is given, there are too many steps, or its segments
        are not of whole steps and as long together.
    """
    horizon, problems = chain.horizon, []
    if horizon.start.tzinfo is not None:
        problems.append(_problem("horizon", "start", "times are local, without a time zone", str(horizon.start),
                                 "a date or a date and time without zone"))
    hours = _hours(horizon.step, units, "horizon", "step", problems)
    length = _hours(horizon.length, units, "horizon", "length", problems)
    if not problems and hours <= 0.0:
        problems.append(_problem("horizon", "step", "the step must be longer than nought", str(horizon.step), ""))
    if not problems and length <= 0.0:
        problems.append(_problem("horizon", "length", "the horizon must be longer than nought",
                                 str(horizon.length), ""))
    if problems:
        raise InputError(problems)
    count = round(length / hours)
    if count < 1 or abs(count * hours - length) > 1e-6 * hours:
        raise InputError(_problem("horizon", "length", "the length is not a whole number of steps",
                                  f"{length / hours:g} steps of {horizon.step}", "a whole multiple of the step"))
    if count > _MOST_STEPS:
        raise InputError(_problem("horizon", "length", "too many steps", f"{count:,}", f"at most {_MOST_STEPS:,}"))
    return Steps(horizon.start.replace(tzinfo=None), hours, count, segment_steps(chain, units, hours, count))


def varying(value: Varying, canonical: str, chain: Chain, units: Units) -> float | Floats:
    """Return a varying attribute in its canonical unit: a number, or one a base step.

    Raises
    ------
    InputError
        If the profile is faulty.
    UnitProblem
        If profile and factor together do not measure what the attribute measures.
    """
    times = value.times or Quantity(1.0)
    if not value.profile:
        return units.convert(times, canonical)
    values, unit = expand(value.profile, chain, units)
    written = f"({times.unit or '1'})*({unit or '1'})" if times.unit and unit else times.unit or unit
    result: Floats = values * (times.value * units.factor(written, canonical))
    return result


def expand(name: str, chain: Chain, units: Units) -> tuple[Floats, str]:
    """Return a profile or calendar on the base steps, shape (count,), and the unit of its numbers.

    Raises
    ------
    InputError
        If there is none of that name, or its numbers do not cover the horizon.
    """
    steps = horizon_steps(chain, units)
    if name in chain.profiles:
        profile = chain.profiles[name]
        values = _profile(name, profile, steps, units)
        if profile.calendar in chain.calendars:
            values = values * _calendar(profile.calendar, chain.calendars[profile.calendar], steps)
        return values, profile.unit
    if name in chain.calendars:
        return _calendar(name, chain.calendars[name], steps), ""
    known = [*chain.profiles, *chain.calendars]
    raise InputError(Problem("no profile or calendar of this name", element=f"profiles.{name}", found=name,
                             expected=f"one of {', '.join(known)}" if known else "a profile in section profiles",
                             suggestion=nearest(name, known)))


# ---- profiles ---------------------------------------------------------------------------------------


def _profile(name: str, profile: Profile, steps: Steps, units: Units) -> Floats:
    where = f"profiles.{name}"
    forms = [key for key in ("values", "daily", "weekly", "monthly") if getattr(profile, key)]
    if len(forms) != 1:
        raise InputError(_problem(where, "", "a profile needs its numbers in one form", " and ".join(forms) or "none",
                                  "one of values, daily, weekly, monthly"))
    form = forms[0]
    numbers = np.array(getattr(profile, form), float)
    faulty = np.flatnonzero(~np.isfinite(numbers))
    if len(faulty):
        raise InputError(_problem(where, form, "every value must be a finite number",
                                  f"{numbers[faulty[0]]} as value {faulty[0] + 1}"
                                  + (f" and {len(faulty) - 1} more" if len(faulty) > 1 else ""), "a number"))
    if form == "values":
        return _given(where, profile, numbers, steps, units)
    lengths = {"daily": (24,), "weekly": (168, 7), "monthly": (12,)}[form]
    if len(numbers) not in lengths:
        raise InputError(_problem(where, form, "wrong number of values", str(len(numbers)),
                                  " or ".join(str(n) for n in lengths)))
    lead = steps.start.minute / 60.0 + steps.start.second / 3600.0
    hours = int(np.ceil(steps.count * steps.hours + lead)) + 1
    first = steps.start.replace(minute=0, second=0, microsecond=0)
    stamps = np.datetime64(first, "h") + np.arange(hours)
    return _mean(np.arange(hours + 1, dtype=float) - lead, _pattern(form, numbers, stamps), steps)


def _pattern(form: str, numbers: Floats, stamps: npt.NDArray[np.datetime64]) -> Floats:
    """Return the value of each hour."""
    days = stamps.astype("datetime64[D]")
    hour = (stamps - days).astype(int)
    weekday = (days.astype(int) + 3) % 7  # 1970-01-01 was a Thursday
    place = {
        "daily": hour,
        "monthly": stamps.astype("datetime64[M]").astype(int) % 12,
        "weekly": weekday if len(numbers) == 7 else weekday * 24 + hour,
    }[form]
    found: Floats = numbers[place]
    return found


def _given(where: str, profile: Profile, numbers: Floats, steps: Steps, units: Units) -> Floats:
    problems: list[Problem] = []
    every = steps.hours if profile.every is None else _hours(profile.every, units, where, "every", problems)
    if not problems and every <= 0.0:
        problems.append(_problem(where, "every", "the interval must be longer than nought", str(profile.every), ""))
    if problems:
        raise InputError(problems)
    needed = int(np.ceil(steps.count * steps.hours / every - 1e-9))
    if len(numbers) == len(steps.segments) != needed and profile.every is None:
        return np.repeat(numbers, steps.segments)
    if len(numbers) != needed:
        hint = ""
        if len(numbers) - needed in (24, -24) and every == 1.0:
            hint = " (24 hours apart: a leap year's values against a year of 365 days?)"
        raise InputError(_problem(where, "values", "wrong number of values" + hint, f"{len(numbers):,}",
                                  f"{needed:,}, one every {every:g} h over {steps.count * steps.hours:g} h"
                                  + (f"; or {len(steps.segments):,}, one a segment" if steps.segments else "")))
    if every == steps.hours:
        return numbers
    return _mean(np.arange(needed + 1, dtype=float) * every, numbers, steps)


def _mean(edges: Floats, values: Floats, steps: Steps) -> Floats:
    """Return the mean of a piecewise constant function within each base step."""
    total = np.concatenate([[0.0], np.cumsum(values * np.diff(edges))])
    marks = np.arange(steps.count + 1) * steps.hours
    result: Floats = np.diff(np.interp(marks, edges, total)) / steps.hours
    if edges[1] - edges[0] == steps.hours and edges[0] == 0.0:
        return values[: steps.count]
    return result


# ---- calendars --------------------------------------------------------------------------------------


def _calendar(name: str, calendar: Calendar, steps: Steps) -> Floats:
    """Count open minutes: one where open all the step, a share where open for part of it."""
    where, problems = f"calendars.{name}", list[Problem]()
    days = _weekdays(where, calendar.days, problems)
    stretches = _stretches(where, calendar.hours, problems)
    closed = _closed(where, calendar.closed, problems)
    if problems:
        raise InputError(problems)
    lead = steps.start.hour * 60 + steps.start.minute
    minutes = int(np.ceil(steps.count * steps.hours * 60)) + lead
    count = minutes // 1440 + 2  # from the day before, whose night shift may reach into the first
    dates = np.datetime64(steps.start.date(), "D") - 1 + np.arange(count)
    open_day = np.isin((dates.astype(int) + 3) % 7, sorted(days))
    for first, last in closed:
        open_day &= ~((dates >= np.datetime64(first)) & (dates <= np.datetime64(last)))
    mask = np.zeros((count + 1) * 1440, float)
    starts = np.flatnonzero(open_day) * 1440
    for begin, end in stretches:
        for start in starts:
            mask[start + begin : start + end] = 1.0
    mask = mask[1440 + lead :]
    return _mean(np.arange(len(mask) + 1, dtype=float) / 60.0, mask, steps)


def _weekdays(where: str, days: list[str], problems: list[Problem]) -> set[int]:
    if not days:
        return set(range(7))
    found = set()
    for day in days:
        key = day.strip().lower()[:3]
        if key in _DAYS:
            found.add(_DAYS.index(key))
        elif day.strip() in _DAYS_ZH:
            found.add(_DAYS_ZH[day.strip()])
        else:
            problems.append(_problem(where, "days", "not a day of the week", day, ", ".join(_DAYS)))
    return found


def _stretches(where: str, hours: list[str], problems: list[Problem]) -> list[tuple[int, int]]:
    """Return minutes of the day; a stretch that ends before it begins runs into the next day."""
    if not hours:
        return [(0, 1440)]
    found = []
    for text in hours:
        match = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*", text)
        numbers = [int(n) for n in match.groups()] if match else [99, 0, 0, 0]
        begin, end = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
        if max(begin, end) > 1440 or numbers[1] > 59 or numbers[3] > 59 or begin == end:
            problems.append(_problem(where, "hours", "not a stretch of the day", text,
                                     "such as 08:00-17:00 or 22:00-06:00"))
        else:
            found.append((begin, end if end > begin else end + 1440))
    return found


def _closed(where: str, closed: list[str], problems: list[Problem]) -> list[tuple[dt.date, dt.date]]:
    found = []
    for text in closed:
        parts = text.split("/")
        try:
            first, last = dt.date.fromisoformat(parts[0].strip()), dt.date.fromisoformat(parts[-1].strip())
        except ValueError:
            problems.append(_problem(where, "closed", "not a date or stretch of dates", text,
                                     "2026-02-17 or 2026-02-17/2026-02-23"))
            continue
        found.append((first, last))
    return found


def _hours(quantity: Quantity, units: Units, element: str, key: str, problems: list[Problem]) -> float:
    try:
        return units.convert(quantity, "h")
    except UnitProblem as error:
        problems.append(_problem(element, key, str(error), str(quantity), "a time such as 1 h or 1 d"))
        return 1.0


def _problem(element: str, key: str, message: str, found: str, expected: str) -> Problem:
    return Problem(message, element=element, key=key, found=found, expected=expected)
