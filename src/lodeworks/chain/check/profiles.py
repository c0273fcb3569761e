"""Numbers over time: the horizon, every profile and calendar, and the attributes that follow them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lodeworks.chain.check.context import Context
from lodeworks.chain.check.numbers import Series
from lodeworks.chain.entities import Flow, Measure
from lodeworks.chain.profiles import expand, horizon_steps, varying
from lodeworks.errors import InputError, Problem
from lodeworks.units import UnitProblem

__all__ = ["horizon", "profiles", "series"]


def horizon(context: Context) -> Iterator[Problem]:
    """The horizon is a whole number of steps, not too many."""
    try:
        horizon_steps(context.chain, context.measures.units)
    except InputError as error:
        known = {(n.element, n.key) for n in context.numbers.values() if n.fault}
        yield from (p for p in error.problems if (p.element, p.key) not in known)


def profiles(context: Context) -> Iterator[Problem]:
    """Every profile and calendar covers the horizon."""
    if context.steps is None:
        return
    for name in (*context.chain.profiles, *context.chain.calendars):
        try:
            expand(name, context.chain, context.measures.units)
        except InputError as error:
            yield from error.problems


def series(context: Context) -> Iterator[Problem]:
    """What follows a profile measures what it should, and stays in its range."""
    if context.steps is None:
        return
    for item in context.series:
        yield from _one(context, item)


def _one(context: Context, item: Series) -> Iterator[Problem]:
    if item.canonical is None:
        return
    name = item.varying.profile
    profile = context.chain.profiles.get(name)
    if profile is not None and not context.measures.units.known(profile.unit):
        return
    try:
        values = np.atleast_1d(
            context.measures.amounts(Flow(amount=item.varying), item.commodity) if item.measure is Measure.ANY_AMOUNT
            else varying(item.varying, item.canonical, context.chain, context.measures.units)
        )
    except InputError:
        return  # told of the profile itself, or of the name
    except UnitProblem as error:
        unit = profile.unit if profile is not None else ""
        yield Problem(f"profile {name!r} and its factor do not measure this: {error}", element=item.element,
                      key=item.key, found=f"{name} in {unit or 'plain numbers'} times {item.varying.times or 1}",
                      expected=f"together a unit like {item.canonical or 'a plain number'}")
        return
    low, high = float(values.min()), float(values.max())
    if item.key in ("min_load", "min_level", "max_level"):
        low = max(low, 0.0)  # below nought it may run backwards, or be owed
    if item.measure is Measure.FRACTION and (low < -1e-9 or high > 1.0 + 1e-9):
        yield Problem("a share outside 0 to 1", element=item.element, key=item.key,
                      found=f"{low:g} to {high:g} in profile {name}", expected="0 to 1")
    elif item.key == "discharge_efficiency" and low <= 0.0:
        yield Problem("must be greater than nought", element=item.element, key=item.key,
                      found=f"{low:g} in profile {name}", expected="more than 0")
    elif item.key == "loss" and high > 1.0 + 1e-9:
        yield Problem("more is lost than there is", element=item.element, key=item.key,
                      found=f"{high:g} an hour in profile {name}", expected="at most 1 an hour")
    elif item.measure in (Measure.RATE, Measure.ANY_AMOUNT, Measure.FRACTION_PER_TIME) and low < -1e-9:
        yield Problem("must not be negative", element=item.element, key=item.key,
                      found=f"{low:g} in profile {name}", expected="nought or more")
