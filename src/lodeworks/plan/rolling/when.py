"""When each column of a program happens, from where it stands in its run."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Floats, Grid, Network
from lodeworks.plan.columns import Columns

__all__ = ["times_of_columns"]


def times_of_columns(net: Network, columns: Columns) -> Floats:
    """Return the base step each column's time begins at, shape (columns,); NaN for what has none, such as capacity.

    Columns of accounts have none either: what firms hold and owe is not decided window by window.
    """
    begins = np.full(columns.count, np.nan)

    def run(first: int, grid: Grid) -> None:
        if first >= 0:
            begins[first : first + grid.count] = grid.edges[:-1]

    for first, grid in zip(columns.rate, net.activities.grid, strict=True):
        run(int(first), net.grids[grid])
    for firsts in (columns.level, columns.filling):
        for first, grid in zip(firsts, net.balances.grid[net.stores.balance], strict=True):
            run(int(first), net.grids[grid])
    begins[columns.begin[columns.begin >= 0]] = 0.0
    for firsts in (columns.on, columns.start):
        for first, grid in zip(firsts, net.plants.grid, strict=True):
            run(int(first), net.grids[grid])
    for first, grid in zip(columns.order, net.activities.grid[net.order[:, 0]], strict=True):
        run(int(first), net.grids[grid])
    for first, grid in zip(columns.gathered.first, columns.gathered.grid, strict=True):
        run(int(first), net.grids[grid])
    for policy in np.flatnonzero(columns.slack >= 0):
        stretches, first = net.stretches(int(policy))[0], int(columns.slack[policy])
        run(first, stretches)
        run(first + stretches.count, stretches)
    return begins
