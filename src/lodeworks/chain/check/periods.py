"""Periods that stand for more than themselves: they make up the horizon, and nothing reaches over their borders."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from lodeworks.chain.check.context import Context
from lodeworks.errors import Problem

__all__ = ["period_arrivals", "period_borders", "period_lengths"]

_SLACK = 1e-6


def period_lengths(context: Context) -> Iterator[Problem]:
    """Each period is of whole steps and comes more than never; together they are as long as the horizon."""
    periods = context.chain.horizon.periods
    if not periods or context.steps is None:
        return
    hours, total = context.steps.hours, 0.0
    for name, entity in periods.items():
        length, times = (context.value("horizon", f"periods.{name}.{key}") for key in ("length", "times"))
        if times is not None and times <= 0.0:
            yield Problem("a period comes more often than never", element="horizon", key=f"periods.{name}.times",
                          found=str(entity.times), expected="more than nought")
        if length is None:
            return
        steps = length / hours
        if round(steps) < 1 or abs(steps - round(steps)) > _SLACK:
            yield Problem("not a whole number of steps", element="horizon", key=f"periods.{name}.length",
                          found=str(entity.length), expected=f"a whole multiple of {context.chain.horizon.step}")
        total += length
    whole = hours * context.steps.count
    if abs(total - whole) > _SLACK * hours:
        yield Problem("the periods are not as long together as the horizon", element="horizon", key="periods",
                      found=f"{total:g} h", expected=f"{whole:g} h, which is {context.chain.horizon.length}")


def period_borders(context: Context) -> Iterator[Problem]:
    """Steps, and the stretches of policies, end where a period does."""
    periods = context.chain.horizon.periods
    lengths = [context.value("horizon", f"periods.{name}.length") for name in periods]
    if not periods or any(length is None for length in lengths):
        return
    borders = np.cumsum([length for length in lengths if length is not None])
    yield from _segment_borders(context, borders)
    shortest = dict(zip(periods, lengths, strict=True))
    for (element, key), number in context.numbers.items():
        section = element.partition(".")[0]
        if key not in ("step", "every") or section in ("profiles", "horizon", "rounds") or not number.value:
            continue
        times = borders / number.value
        if not np.allclose(times, np.round(times), rtol=0.0, atol=_SLACK):
            each = ", ".join(f"{name} {length:g} h" for name, length in shortest.items())
            yield Problem("reaches over the border of a period", element=element, key=key, found=str(number.quantity),
                          expected=f"one that fits into the periods: {each}")


def _segment_borders(context: Context, borders: npt.NDArray[np.float64]) -> Iterator[Problem]:
    """A segment ends where a period does; `borders` are the ends of periods, in hours."""
    if context.steps is None or not context.steps.segments:
        return
    ends = np.cumsum(context.steps.segments) * context.steps.hours
    for name, border in zip(context.chain.horizon.periods, borders, strict=True):
        if np.min(np.abs(ends - border)) > _SLACK * context.steps.hours:
            after = float(ends[np.searchsorted(ends, border)]) if border < ends[-1] else float(ends[-1])
            yield Problem("a segment reaches over the border of a period", element="horizon", key=f"periods.{name}",
                          found=f"the period ends after {border:g} h, the segment after {after:g} h",
                          expected="segments that end where periods do")


def period_arrivals(context: Context) -> Iterator[Problem]:
    """What comes at written times comes once, and not as often as a period does."""
    if not context.chain.horizon.periods:
        return
    for section in ("supplies", "demands"):
        for name, entity in getattr(context.chain, section).items():
            if entity.arrivals is not None and (entity.arrivals.at or entity.arrivals.table):
                yield Problem("comes at written times, and periods come more often", element=f"{section}.{name}",
                              key="arrivals", found="times", expected="`between`, or a horizon without periods")
