"""Decisions in whole numbers: units on or off, their starts, and tiers used in order."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Network
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.blocks.capacity import add_total
from lodeworks.plan.columns import Columns

__all__ = ["commitment", "fill_order", "starts"]


def commitment(net: Network, cols: Columns) -> Block:
    r"""A plant that may be off runs between its minimum load and its capacity while on, and not at all while off.

    .. math:: \sum_{a \in p} x_{at} - \alpha_{pt} \overline{K}_p\, u_{pt} \le 0, \qquad
              \sum_{a \in p} x_{at} - m_p \alpha_{pt} (K_p + k_p) + m_p \alpha_{pt} \overline{K}_p (1 - u_{pt}) \ge 0

    with :math:`\overline{K}_p` the capacity existing and the most that can be built.
    """
    rows = Rows("commitment")
    plants = net.plants
    for p in (int(p) for p in np.flatnonzero(plants.on_off)):
        available = net.on_grid(plants.availability, plants.grid, p)
        largest = plants.existing[p] + (plants.most[p] if plants.expandable[p] else 0.0)
        on = cols.on[p] + np.arange(len(available), dtype=np.int32)
        numbers = rows.add(p, -np.inf, 0.0, len(available))
        add_total(rows, numbers, net, cols, p)
        rows.term(numbers, on, -available * largest)
        least = net.on_grid(plants.min_load, plants.grid, p) * available
        if not np.any(least):
            continue
        numbers = rows.add(p, least * (plants.existing[p] - largest), np.inf, len(available))
        add_total(rows, numbers, net, cols, p)
        rows.term(numbers, on, -least * largest)
        if cols.built[p] >= 0:
            rows.term(numbers, int(cols.built[p]), -least * cols.built_size(net, p))
    return rows.done()


def starts(net: Network, cols: Columns) -> Block:
    r"""A start is counted when a unit is on that was off the step before.

    .. math:: v_{pt} - u_{pt} + u_{p,t-1} \ge 0

    The first step follows the last where the horizon is cyclic, and counts no start elsewhere.
    """
    rows = Rows("starts")
    for p in (int(p) for p in np.flatnonzero(cols.start >= 0)):
        steps = np.arange(net.grids[net.plants.grid[p]].count, dtype=np.int32)
        chosen = steps if net.cyclic else steps[1:]
        numbers = rows.add(p, 0.0, np.inf, len(chosen))
        rows.term(numbers, cols.start[p] + chosen, 1.0)
        rows.term(numbers, cols.on[p] + chosen, -1.0)
        rows.term(numbers, cols.on[p] + np.roll(steps, 1)[-len(chosen):], 1.0)
    return rows.done()


def fill_order(net: Network, cols: Columns) -> Block:
    r"""A tier or load segment is used only when the one before it is full.

    .. math:: x_{it} - w_{it} z_{it} \ge 0, \qquad x_{i+1,t} - w_{i+1,t} z_{it} \le 0

    for each neighbouring pair whose order prices or slopes do not see to; z is nought or one.
    """
    rows = Rows("fill_order")
    for i, (first, second) in enumerate(net.order):
        grid = net.activities.grid
        full = net.on_grid(net.activities.upper, grid, int(first))
        width = net.on_grid(net.activities.upper, grid, int(second))
        width = np.where(np.isfinite(width), width, _LARGE * full)
        steps = np.arange(len(full), dtype=np.int32)
        numbers = rows.add(i, 0.0, np.inf, len(full))
        rows.term(numbers, cols.rate[first] + steps, 1.0)
        rows.term(numbers, cols.order[i] + steps, -full)
        numbers = rows.add(i, -np.inf, 0.0, len(full))
        rows.term(numbers, cols.rate[second] + steps, 1.0)
        rows.term(numbers, cols.order[i] + steps, -width)
    return rows.done()


# An endless last tier needs some bound to be switched off by: this many times the tier before it.
_LARGE = 1e3
