"""How fast a plant's rate may change."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Floats, Network
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.blocks.capacity import users
from lodeworks.plan.columns import Columns

__all__ = ["ramp_down", "ramp_up"]


def ramp_up(net: Network, cols: Columns) -> Block:
    r"""A rate rises no faster than its plant can.

    .. math:: x_{pt} - x_{p,t-1} - r_p\, \Delta\, k_p \le r_p\, \Delta\, K_p

    with x the sum over the plant's activities; the first step follows the last where the horizon is cyclic.
    """
    return _ramp(net, cols, "ramp_up", net.plants.ramp_up, 1.0)


def ramp_down(net: Network, cols: Columns) -> Block:
    r"""A rate falls no faster than its plant can.

    .. math:: x_{p,t-1} - x_{pt} - r_p\, \Delta\, k_p \le r_p\, \Delta\, K_p
    """
    return _ramp(net, cols, "ramp_down", net.plants.ramp_down, -1.0)


def _ramp(net: Network, cols: Columns, name: str, speed: Floats, sign: float) -> Block:
    rows = Rows(name)
    for p in (int(p) for p in np.flatnonzero(np.isfinite(speed))):
        grid = net.grids[net.plants.grid[p]]
        steps = np.arange(grid.count, dtype=np.int32)
        chosen = steps if net.cyclic else steps[1:]
        before = np.roll(steps, 1)[len(steps) - len(chosen):]
        change = speed[p] * grid.hours(net.hours)[chosen]
        numbers = rows.add(p, -np.inf, change * net.plants.existing[p], len(chosen))
        for a in users(net, p):
            rows.term(numbers, cols.rate[a] + chosen, sign)
            rows.term(numbers, cols.rate[a] + before, -sign)
        if cols.built[p] >= 0:
            rows.term(numbers, int(cols.built[p]), -change * cols.built_size(net, p))
    return rows.done()
