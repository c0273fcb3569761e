"""Plants of many alike units: how many of them are on, what they run at, and how they start and stop.

The number on is not whole (Palmintier 2011): what holds for one unit holds for their sum. What one plant that is on or
off may do is in `commitment` and `ramps`; starts and up times are counted there for both.
"""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Floats, Network
from lodeworks.network.edges import load_at_start, load_at_stop
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.blocks.capacity import add_total, users
from lodeworks.plan.blocks.commitment import add_recent_starts, sequences
from lodeworks.plan.blocks.reserves import add_called, add_kept, keeps_down
from lodeworks.plan.columns import Columns, spans_of

__all__ = ["unit_down_time", "unit_ramps", "units_on"]


def units_on(net: Network, cols: Columns) -> Block:
    r"""Of many alike units at most those that stand are on, and these run between their minimum load and their size.

    .. math:: c_p u_{pt} - k_p \le K_p, \qquad \sum_{a \in p} x_{at} - \alpha_{pt} c_p u_{pt} \le 0, \qquad
              \sum_{a \in p} x_{at} - m_p \alpha_{pt} c_p u_{pt} \ge 0

    with c the size of a unit and u the number on.
    """
    rows = Rows("units_on")
    plants = net.plants
    for p in (int(p) for p in np.flatnonzero(plants.on_off & (plants.unit > 0.0))):
        available, size = net.on_grid(plants.availability, plants.grid, p), float(plants.unit[p])
        on = cols.on[p] + np.arange(len(available), dtype=np.int32)
        numbers = rows.add(p, -np.inf, float(plants.existing[p]), len(available))
        rows.term(numbers, on, size)
        if cols.built[p] >= 0:
            rows.term(numbers, int(cols.built[p]), -cols.built_size(net, p))
        numbers = rows.add(p, -np.inf, 0.0, len(available))
        add_total(rows, numbers, net, cols, p)
        add_kept(rows, numbers, net, cols, p, up=True)
        rows.term(numbers, on, -available * size)
        least = net.on_grid(plants.min_load, plants.grid, p) * available
        if np.any(least) or keeps_down(net, p):
            numbers = rows.add(p, 0.0, np.inf, len(available))
            add_total(rows, numbers, net, cols, p)
            add_kept(rows, numbers, net, cols, p, up=False)
            rows.term(numbers, on, -least * size)
    return rows.done()


def unit_down_time(net: Network, cols: Columns) -> Block:
    r"""Of many alike units those that have been stopped stay off for their minimum down time.

    .. math:: \sum_{\tau = t-D+1}^{t} v_{p\tau} + u_{p,t-D} - k_p / c_p \le K_p / c_p

    with D the down time in steps, at least one.
    """
    rows = Rows("unit_down_time")
    plants = net.plants
    for p, steps, chosen in sequences(net, cols, cols.sequenced & (plants.unit > 0.0)):
        span, size = spans_of(net, p, float(plants.min_down[p]))[chosen], float(plants.unit[p])
        numbers = rows.add(p, -np.inf, float(plants.existing[p]) / size, len(chosen), chosen)
        before = (chosen - span) % len(steps) if net.cyclic else np.maximum(chosen - span, 0)
        rows.term(numbers, cols.on[p] + before.astype(np.int32), 1.0)
        add_recent_starts(rows, numbers, net, cols, p, chosen, span)
        if cols.built[p] >= 0:
            rows.term(numbers, int(cols.built[p]), -cols.built_size(net, p) / size)
    return rows.done()


def unit_ramps(net: Network, cols: Columns) -> Block:
    r"""Of many alike units the sum rises and falls no faster than those that stay on can, and those that start or stop.

    .. math:: x_{pt} - x_{p,t-1} - c_p \big(r_p \Delta (u_{pt} - v_{pt}) + s_p v_{pt} - m_p w_{pt}\big) \le 0, \qquad
              x_{p,t-1} - x_{pt} - c_p \big(r_p \Delta (u_{pt} - v_{pt}) + s_p w_{pt} - m_p v_{pt}\big) \le 0

    with v the starts, :math:`w_{pt} = v_{pt} - u_{pt} + u_{p,t-1}` the stops, s the load at start or stop, m the
    minimum load and the other letters as in `ramp_up`.
    """
    rows = Rows("unit_ramps")
    plants = net.plants
    for p, steps, chosen in sequences(net, cols, cols.sequenced & (plants.unit > 0.0)):
        before = np.roll(steps, 1)[len(steps) - len(chosen):]
        hours = net.grids[plants.grid[p]].hours(net.hours)[chosen]
        least: Floats = net.on_grid(plants.min_load, plants.grid, p) * net.on_grid(plants.availability, plants.grid, p)
        for speed, sign in ((float(plants.ramp_up[p]), 1.0), (float(plants.ramp_down[p]), -1.0)):
            if not np.isfinite(speed):
                continue
            size, staying = float(plants.unit[p]), speed * hours
            starting = load_at_start(net, p)[chosen] if sign > 0.0 else -least[chosen]
            stopping = -least[before] if sign > 0.0 else load_at_stop(net, p)[chosen]
            numbers = rows.add(p, -np.inf, 0.0, len(chosen), chosen)
            for a in users(net, p):
                rows.term(numbers, cols.rate[a] + chosen, sign)
                rows.term(numbers, cols.rate[a] + before, -sign)
            add_called(rows, numbers, net, cols, p, chosen, before, rising=sign > 0.0)
            rows.term(numbers, cols.on[p] + chosen, -size * (staying - stopping))
            rows.term(numbers, cols.on[p] + before, -size * stopping)
            rows.term(numbers, cols.start[p] + chosen, -size * (starting + stopping - staying))
    return rows.done()
