"""How fast a plant's rate may change."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Floats, Ints, Network
from lodeworks.network.edges import load_at_start, load_at_stop
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.blocks.capacity import users
from lodeworks.plan.blocks.reserves import add_called
from lodeworks.plan.columns import Columns

__all__ = ["ramp_down", "ramp_up"]


def ramp_up(net: Network, cols: Columns) -> Block:
    r"""A rate rises no faster than its plant can.

    .. math:: x_{pt} - x_{p,t-1} - r_p\, \Delta\, k_p \le r_p\, \Delta\, K_p

    with x the sum over the plant's activities; the first step follows the last where the horizon is cyclic. A plant
    that may be off rises from nought to its load at start,
    :math:`x_{pt} - x_{p,t-1} - r_p \Delta (K_p u_{p,t-1} + k_p) - s_p \overline{K}_p v_{pt} \le 0`.
    """
    return _ramp(net, cols, "ramp_up", net.plants.ramp_up, 1.0)


def ramp_down(net: Network, cols: Columns) -> Block:
    r"""A rate falls no faster than its plant can.

    .. math:: x_{p,t-1} - x_{pt} - r_p\, \Delta\, k_p \le r_p\, \Delta\, K_p

    A plant that may be off falls to nought from its load at stop,
    :math:`x_{p,t-1} - x_{pt} - r_p \Delta (K_p u_{pt} + k_p) - s_p \overline{K}_p w_{pt} \le 0` with w the stops.
    """
    return _ramp(net, cols, "ramp_down", net.plants.ramp_down, -1.0)


def _ramp(net: Network, cols: Columns, name: str, speed: Floats, sign: float) -> Block:
    rows = Rows(name)
    for p in (int(p) for p in np.flatnonzero(np.isfinite(speed) & (net.plants.unit == 0.0))):
        grid = net.grids[net.plants.grid[p]]
        steps = np.arange(grid.count, dtype=np.int32)
        chosen = steps if net.cyclic else steps[1:]
        before = np.roll(steps, 1)[len(steps) - len(chosen):]
        change = speed[p] * grid.hours(net.hours)[chosen]
        staged = bool(cols.sequenced[p])
        numbers = rows.add(p, -np.inf, 0.0 if staged else change * net.plants.existing[p], len(chosen), chosen)
        if staged:
            _add_edges(rows, numbers, net, cols, p, chosen, before, change, rising=sign > 0.0)
        for a in users(net, p):
            rows.term(numbers, cols.rate[a] + chosen, sign)
            rows.term(numbers, cols.rate[a] + before, -sign)
        add_called(rows, numbers, net, cols, p, chosen, before, rising=sign > 0.0)
        if cols.built[p] >= 0:
            rows.term(numbers, int(cols.built[p]), -change * cols.built_size(net, p))
    return rows.done()


def _add_edges(
    rows: Rows, numbers: Ints, net: Network, cols: Columns, p: int, after: Ints, before: Ints, change: Floats,
    *, rising: bool,
) -> None:
    """Let a plant that may be off change by its ramp while it is on, by its load at the edge when it starts or stops.

    Where capacity can be built the edge counts with the most there can be: the rows of `start_limit` and `stop_limit`
    hold it to what there is.
    """
    existing = float(net.plants.existing[p])
    largest = existing + (float(net.plants.most[p]) if cols.built[p] >= 0 else 0.0)
    rows.term(numbers, cols.on[p] + (before if rising else after), -change * existing)
    edge = (load_at_start if rising else load_at_stop)(net, p)[after] * largest
    rows.term(numbers, cols.start[p] + after, -edge)
    if not rising:
        rows.term(numbers, cols.on[p] + after, edge)
        rows.term(numbers, cols.on[p] + before, -edge)
