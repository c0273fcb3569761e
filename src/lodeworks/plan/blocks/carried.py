"""What a horizon begins with: its first step follows what went before, in a window or where a chain says so."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Before, Network
from lodeworks.network.edges import load_at_start, load_at_stop
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.blocks.capacity import users
from lodeworks.plan.blocks.commitment import add_edge_limit
from lodeworks.plan.columns import Columns

__all__ = ["carried"]

_FIRST = np.zeros(1, np.int32)


def carried(net: Network, cols: Columns) -> Block:
    r"""The first step follows what was on and at which rate before it.

    .. math:: v_{p0} - u_{p0} \ge -u^0_p, \qquad
              \pm (x_{p0} - x^0_p) \le r_p\, \Delta\, K_p

    and a plant that may be off rises and falls at the edges as in `ramp_up` and `ramp_down`, and keeps its load at
    start; what has not been on or off for long enough is bound to stay so.
    """
    rows = Rows("carried")
    before = net.before
    if before is None:
        return rows.done()
    for p in range(len(net.plants)):
        _add_start(rows, net, cols, before, p)
        if not np.isnan(before.rate[p]):
            _add_ramps(rows, net, cols, before, p)
    return rows.done()


def _add_start(rows: Rows, net: Network, cols: Columns, before: Before, p: int) -> None:
    if cols.start[p] < 0 or np.isnan(before.on[p]):
        return
    numbers = rows.add(p, -float(before.on[p] > 0.0), np.inf, 1)
    rows.term(numbers, int(cols.start[p]), 1.0)
    rows.term(numbers, int(cols.on[p]), -1.0)
    if cols.sequenced[p]:
        numbers = rows.add(p, -np.inf, 0.0, 1)
        rows.term(numbers, int(cols.start[p]), 1.0)
        rows.term(numbers, int(cols.on[p]), -1.0)
        start = ((int(cols.start[p]), _FIRST, 1.0),)
        add_edge_limit(rows, net, cols, p, load_at_start(net, p)[_FIRST], _FIRST, start)


def _add_ramps(rows: Rows, net: Network, cols: Columns, before: Before, p: int) -> None:
    """Hold the first step to what ran before it; nothing is built in a window, so there is no term for that."""
    plants = net.plants
    hours = float(net.grids[plants.grid[p]].hours(net.hours)[0])
    existing, rate = float(plants.existing[p]), float(before.rate[p])
    on = float(before.on[p] > 0.0) if not np.isnan(before.on[p]) else float(rate > 0.0)
    staged = bool(cols.sequenced[p])
    for speed, sign in ((float(plants.ramp_up[p]), 1.0), (float(plants.ramp_down[p]), -1.0)):
        if not np.isfinite(speed):
            continue
        change = speed * hours * existing
        edge = float((load_at_start if sign > 0.0 else load_at_stop)(net, p)[0]) * existing if staged else 0.0
        if not staged:
            most = change
        elif sign > 0.0:
            most = change * on
        else:
            most = edge * on
        numbers = rows.add(p, -np.inf, sign * rate + most, 1)
        for a in users(net, p):
            rows.term(numbers, int(cols.rate[a]), sign)
        if staged:
            rows.term(numbers, int(cols.start[p]), -edge)
        if staged and sign < 0.0:
            rows.term(numbers, int(cols.on[p]), edge - change)
