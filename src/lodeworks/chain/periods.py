"""The periods in which firms' accounts are kept: calendar months, quarters, years, or stretches of equal length.

Over stages they are the years, looked at where they end, and before them the moment at which all begins.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lodeworks.chain.profiles import Steps
from lodeworks.errors import InputError, Problem
from lodeworks.units import UnitProblem, Units, parse_quantity

__all__ = ["CALENDAR", "Periods", "account_periods", "moment", "year_ends"]

CALENDAR = {"month": 1, "quarter": 3, "year": 12}
_YEAR_HOURS = 8760.0


@dataclass(frozen=True, eq=False)
class Periods:
    """Periods of account.

    Attributes
    ----------
    edges
        Boundaries in base steps, shape (periods + 1,).
    years
        Length of each in years, a month being a twelfth of one, shape (periods,).
    length
        Length of a whole one in years.
    year
        Number of the calendar year each ends in, from 0, shape (periods,).
    opening
        How many periods at the front are moments without length: one over stages.
    """

    edges: npt.NDArray[np.float64]
    years: npt.NDArray[np.float64]
    length: float
    year: npt.NDArray[np.int32]
    opening: int = 0


def account_periods(period: str, steps: Steps, units: Units) -> Periods:
    """Cut a horizon into periods; the first and the last may be shorter.

    Raises
    ------
    InputError
        If `period` is no period, or not a whole multiple of the base step.
    """
    end = steps.start + dt.timedelta(hours=steps.hours * steps.count)
    if period in CALENDAR:
        months = CALENDAR[period]
        marks = [_month(steps.start, months, k) for k in range(int((end - steps.start).days / 28 / months) + 3)]
        hours = np.array([(mark - steps.start).total_seconds() / 3600.0 for mark in marks])
        total = steps.hours * steps.count
        inner = hours[(hours > 1e-9) & (hours < total - 1e-9)]
        edges = np.concatenate([[0.0], inner, [total]])
        whole = np.interp(edges, hours, np.arange(len(hours), dtype=float))
        length = months / 12.0
        years = np.diff(whole) * length
        edges = edges / steps.hours
    else:
        try:
            span = units.convert(parse_quantity(period), "h")
        except (ValueError, UnitProblem):
            raise _wrong(period, "month, quarter, year, or a duration such as 7 d") from None
        times = span / steps.hours
        if times < 1.0 - 1e-9 or abs(times - round(times)) > 1e-6:
            raise _wrong(period, "a whole multiple of the horizon's step")
        edges = np.append(np.arange(0.0, steps.count, round(times)), float(steps.count))
        years = np.diff(edges) * steps.hours / _YEAR_HOURS
        length = span / _YEAR_HOURS
    lasts = [steps.start + dt.timedelta(hours=float(edge) * steps.hours - 1e-3) for edge in edges[1:]]
    first = lasts[0].year
    return Periods(edges, years, length, np.array([last.year - first for last in lasts], np.int32))


def moment(text: str) -> dt.datetime | None:
    """Return the instant a key such as 2027-01-01 names, without its zone; None where it names none."""
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def year_ends(count: int, hours: float) -> Periods:
    """Return the moment at which stages begin, and the ends of `count` years, for a base step of `hours`.

    What happens within a year is counted to the nearest of them.
    """
    middles = (np.arange(-1.0, count + 1.0) + 0.5) * _YEAR_HOURS / hours
    number = np.arange(-1, count, dtype=np.int32)
    return Periods(middles, np.minimum(np.arange(count + 1.0), 1.0), 1.0, np.maximum(number, 0), opening=1)


def _wrong(period: str, expected: str) -> InputError:
    return InputError(Problem("not a period of account", element="accounts", key="period", found=period,
                              expected=expected))


def _month(start: dt.datetime, months: int, number: int) -> dt.datetime:
    """Return the `number`th beginning of a calendar period at or before `start` and after."""
    first = (start.year * 12 + start.month - 1) // months * months
    month = first + number * months
    return dt.datetime(month // 12, month % 12 + 1, 1)
