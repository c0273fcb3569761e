"""The segments in which a horizon is planned: stretches of base steps one after another, by lengths in a profile.

Only how long they are is read here; numbers that are given one a segment are laid out in `profiles`, and what an engine
makes of segments is its affair.
"""

from __future__ import annotations

import numpy as np

from lodeworks.chain.entities import Chain
from lodeworks.errors import InputError, Problem, nearest
from lodeworks.units import UnitProblem, Units

__all__ = ["segment_steps"]

_SLACK = 1e-6


def segment_steps(chain: Chain, units: Units, hours: float, count: int) -> tuple[int, ...]:
    """Return how many base steps each segment of a horizon has; nothing where it has none.

    Parameters
    ----------
    hours, count
        Length of a base step, and how many there are.

    Raises
    ------
    InputError
        If the profile is not there or gives no durations, or these are not whole steps or not as long together as the
        horizon.
    """
    name = chain.horizon.segments
    if not name:
        return ()
    profile = chain.profiles.get(name)
    if profile is None:
        raise InputError(Problem("there is no profile of this name", element="horizon", key="segments", found=name,
                                 expected="a profile whose values are the lengths of the segments",
                                 suggestion=nearest(name, chain.profiles)))
    where = f"profiles.{name}"
    if not profile.values or profile.every is not None or profile.calendar:
        raise InputError(Problem("lengths of segments are plain values, one a segment", element=where,
                                 expected="`values` and a `unit` of time, or a `table`"))
    try:
        widths = np.array(profile.values, float) * units.factor(profile.unit or "h", "h") / hours
    except UnitProblem as error:
        raise InputError(Problem(str(error), element=where, key="unit", found=profile.unit,
                                 expected="a unit of time, such as h")) from None
    wrong = np.flatnonzero(~(np.abs(widths - np.round(widths)) <= _SLACK) | (np.round(widths) < 1.0))
    if len(wrong):
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise InputError(Problem(
            "a segment is not a whole number of steps", element=where, key="values",
            found=f"{profile.values[wrong[0]]:g} {profile.unit or 'h'} as value {wrong[0] + 1}{more}",
            expected=f"whole multiples of {chain.horizon.step}, one or more"))
    steps = np.round(widths).astype(np.int64)
    if int(steps.sum()) != count:
        raise InputError(Problem(
            "the segments are not as long together as the horizon", element=where, key="values",
            found=f"{steps.sum() * hours:g} h in {len(steps)} segments",
            expected=f"{count * hours:g} h, which is {chain.horizon.length}"))
    return tuple(map(int, steps))
