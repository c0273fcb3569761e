"""Capacity, minimum load and the shares of modes."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Ints, Network
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.blocks.reserves import add_kept, keeps_down
from lodeworks.plan.columns import Columns

__all__ = ["add_total", "capacity", "minimum_load", "mode_shares", "users"]


def users(net: Network, plant: int) -> Ints:
    """Return the activities that share a plant."""
    return np.flatnonzero(net.activities.plant == plant).astype(np.int32)


def add_total(rows: Rows, numbers: Ints, net: Network, cols: Columns, plant: int, value: float = 1.0) -> None:
    """Add the sum of the rates of a plant's activities to rows that run over its steps."""
    steps = np.arange(len(numbers), dtype=np.int32)
    for a in users(net, plant):
        rows.term(numbers, cols.rate[a] + steps, value)


def capacity(net: Network, cols: Columns) -> Block:
    r"""The activities of a plant together stay within its capacity, existing and built.

    .. math:: \sum_{a \in p} x_{at} - \alpha_{pt}\, k_p \le \alpha_{pt}\, K_p

    for each plant p of a process or route that shares its capacity, can grow or can be off; elsewhere it is a
    plain bound on the rate.
    """
    rows = Rows("capacity")
    for p in range(len(net.plants)):
        if cols.simple[p] or len(users(net, p)) == 0 or not np.isfinite(net.plants.existing[p]):
            continue
        available = net.on_grid(net.plants.availability, net.plants.grid, p)
        numbers = rows.add(p, -np.inf, available * net.plants.existing[p], len(available))
        add_total(rows, numbers, net, cols, p)
        add_kept(rows, numbers, net, cols, p, up=True)
        if cols.built[p] >= 0:
            rows.term(numbers, int(cols.built[p]), -available * cols.built_size(net, p))
    return rows.done()


def minimum_load(net: Network, cols: Columns) -> Block:
    r"""A plant that is never off runs at its minimum load at least.

    .. math:: \sum_{a \in p} x_{at} - m_p\, \alpha_{pt}\, k_p \ge m_p\, \alpha_{pt}\, K_p

    The minimum is a share of the capacity that is available, so that a plant in repair may stand. Below nought it says
    how far a rate may run backwards: a wire that carries both ways.
    """
    rows = Rows("minimum_load")
    asked = (net.plants.min_load.scale != 0.0) | (net.plants.min_load.series >= 0)
    asked |= np.array([keeps_down(net, p) for p in range(len(net.plants))], bool)
    for p in np.flatnonzero(asked & ~net.plants.on_off & ~cols.simple):
        least = net.on_grid(net.plants.min_load, net.plants.grid, int(p))
        available = least * net.on_grid(net.plants.availability, net.plants.grid, int(p))
        numbers = rows.add(int(p), available * net.plants.existing[p], np.inf, len(available))
        add_total(rows, numbers, net, cols, int(p))
        add_kept(rows, numbers, net, cols, int(p), up=False)
        if cols.built[p] >= 0:
            rows.term(numbers, int(cols.built[p]), -available * cols.built_size(net, int(p)))
    return rows.done()


def mode_shares(net: Network, cols: Columns) -> Block:
    r"""A mode keeps within its share of its process's rate.

    .. math:: x_{at} - \underline{s}_a \sum_{a' \in e} x_{a't} \ge 0, \qquad
              x_{at} - \overline{s}_a \sum_{a' \in e} x_{a't} \le 0
    """
    rows = Rows("mode_shares")
    shares = net.shares
    for i in range(len(shares.activity)):
        own = int(shares.activity[i])
        family = [
            int(a) for a in np.flatnonzero(net.activities.element == shares.element[i])
            if ": " not in net.activities.mode[a]
        ]
        count = net.grids[net.activities.grid[own]].count
        steps = np.arange(count, dtype=np.int32)
        for share, low, high in ((shares.lower[i], 0.0, np.inf), (shares.upper[i], -np.inf, 0.0)):
            if (low == 0.0 and share <= 0.0) or (high == 0.0 and share >= 1.0):
                continue
            numbers = rows.add(own, low, high, count)
            for a in family:
                rows.term(numbers, cols.rate[a] + steps, float(a == own) - share)
    return rows.done()
