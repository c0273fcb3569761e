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

from lodeworks.said import Said, some_of
from lodeworks.simulate import layout as y
from lodeworks.simulate.draft import Draft

__all__ = ["open_together"]

_Open = npt.NDArray[np.bool_]
_Lists = dict[int, list[int]]  # numbers of transitions, by place or group
_NAMED = 4


def open_together(d: Draft, stored: set[int]) -> None:
    """Close machines, or modes of them, in hours in which nobody could give what they take or take what they give."""
    own = [_open_hours(d, group.ints.get(y.G_SERIES, y.NONE)) for group in d.groups]
    if all(is_open.all() for is_open in own):
        return
    each = [own[t.group] & _open_hours(d, t.ints.get(y.T_SERIES, y.NONE)) for t in d.transitions]
    at_first = list(each)
    makers_of: _Lists = {}
    takers_of: _Lists = {}
    members: _Lists = {}
    for i, t in enumerate(d.transitions):
        members.setdefault(t.group, []).append(i)
        for found, arcs in ((makers_of, t.outputs), (takers_of, t.inputs)):
            for p in {arc.place for arc in arcs}:
                found.setdefault(p, []).append(i)
    supplied = {source.place for source in d.sources}
    passed_on = [
        (makers, takers, place.let_go) for p, place in enumerate(d.places)
        if place.balance != y.NONE and p not in stored and not place.spring and not place.leaves
        and p not in supplied and (makers := makers_of.get(p)) and (takers := takers_of.get(p))
        and not any(arc.lag > 0.0 for i in makers for arc in d.transitions[i].outputs if arc.place == p)
    ]
    hours, before = sum(int(is_open.sum()) for is_open in each), -1
    while hours != before:  # hours are only ever taken away
        for makers, takers, let_go in passed_on:
            given = np.logical_or.reduce([each[i] for i in makers])
            taken = np.logical_or.reduce([each[i] for i in takers])
            for i in takers:
                each[i] = each[i] & given
            for i in makers if not let_go else ():
                each[i] = each[i] & taken
        hours, before = sum(int(is_open.sum()) for is_open in each), hours
    now = [np.logical_or.reduce([each[i] for i in members[g]]) if g in members else is_open
           for g, is_open in enumerate(own)]
    stand = [g for g, (was, is_open) in enumerate(zip(own, now, strict=True)) if not np.array_equal(was, is_open)]
    for g in stand:
        row = d.groups[g].ints.get(y.G_SERIES, y.NONE)
        d.groups[g].ints[y.G_SERIES] = d.speed(now[g] * (np.ones(d.network.steps) if row == y.NONE else d.series[row]))
    modes = [i for i, t in enumerate(d.transitions) if not np.array_equal(each[i], now[t.group])]
    for i in modes:  # others of its machines are open: it alone stands
        d.transitions[i].ints[y.T_SERIES] = d.speed(each[i].astype(float))
    names = list(dict.fromkeys([d.groups[g].name for g in stand] + [
        d.transitions[i].name for i in modes if not np.array_equal(each[i], at_first[i])]))
    if names:
        told = some_of(names, _NAMED)
        d.log.append(Said(
            f"{told}: off shift too while who gives what they take, or takes what they make, is closed, as no store is "
            "between", f"{told.zh}：因中间没有储存，上下游停班时也停班"))


def _open_hours(d: Draft, row: int) -> _Open:
    """Return in which base steps a series is above nought."""
    is_open: _Open = np.ones(d.network.steps, bool) if row == y.NONE else np.asarray(d.series[row]) > 0.0
    return is_open
