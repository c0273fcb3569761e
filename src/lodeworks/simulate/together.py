"""Hours across a balance without a store: who makes and who takes there are open together, or stand.

A plan moves all of such a balance in the step it is made. The room for two batches that a simulation gives it is for
passing on, not for keeping: were it filled by one side while the other is closed, it would be a store at every closing,
and a simulation could make more than any plan. So while all who make, or all who take, are closed, the others of that
balance are off shift too; what lies there then waits. A supply or sale without limit and arrivals are always open, and
what comes over a lag or may be let go binds nobody who makes it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lodeworks.simulate import layout as y
from lodeworks.simulate.draft import Draft

__all__ = ["open_together"]

_Open = npt.NDArray[np.bool_]
_NAMED = 4


def open_together(d: Draft, stored: set[int]) -> None:
    """Close machines in the hours in which nobody could give them what they take, or take what they make."""
    own = [_open_hours(d, g) for g in range(len(d.groups))]
    each = [own[t.group].copy() for t in d.transitions]
    passed_on = [
        (makers, takers, place.let_go) for p, place in enumerate(d.places)
        if place.balance != y.NONE and p not in stored and not place.spring and not place.leaves
        and not any(source.place == p for source in d.sources)
        and (makers := _of(d, p, gives=True)) and (takers := _of(d, p, gives=False))
        and not any(arc.lag > 0.0 for t in makers for arc in d.transitions[t].outputs if arc.place == p)
    ]
    now = own
    while True:
        for makers, takers, let_go in passed_on:
            given = np.logical_or.reduce([each[t] for t in makers])
            taken = np.logical_or.reduce([each[t] for t in takers])
            for t in takers:
                each[t] = each[t] & given
            for t in makers if not let_go else ():
                each[t] = each[t] & taken
        before, now = now, [_of_group(d, g, each, is_open) for g, is_open in enumerate(now)]
        each = [is_open & now[t.group] for t, is_open in zip(d.transitions, each, strict=True)]
        if all(np.array_equal(a, b) for a, b in zip(before, now, strict=True)):
            break
    stand = [g for g, (was, is_open) in enumerate(zip(own, now, strict=True)) if not np.array_equal(was, is_open)]
    for g in stand:
        row = d.groups[g].ints.get(y.G_SERIES, y.NONE)
        d.groups[g].ints[y.G_SERIES] = d.speed(now[g] * (np.ones(d.network.steps) if row == y.NONE else d.series[row]))
    if stand:
        names = list(dict.fromkeys(d.groups[g].name for g in stand))
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        d.log.append(f"{', '.join(names[:_NAMED])}{more}: off shift too while who gives what they take, or takes what "
                     "they make, is closed, as no store is between")


def _of(d: Draft, p: int, *, gives: bool) -> list[int]:
    return [i for i, t in enumerate(d.transitions) if any(a.place == p for a in (t.outputs if gives else t.inputs))]


def _open_hours(d: Draft, g: int) -> _Open:
    """Return in which base steps a group is open."""
    row = d.groups[g].ints.get(y.G_SERIES, y.NONE)
    is_open: _Open = np.ones(d.network.steps, bool) if row == y.NONE else np.asarray(d.series[row]) > 0.0
    return is_open


def _of_group(d: Draft, g: int, each: list[_Open], is_open: _Open) -> _Open:
    """Return when any of what a group runs could be."""
    rows = [each[i] for i, t in enumerate(d.transitions) if t.group == g]
    found: _Open = is_open & np.logical_or.reduce(rows) if rows else is_open
    return found

