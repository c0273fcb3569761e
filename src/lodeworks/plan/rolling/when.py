"""When each column of a program happens, from where it stands in its run."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Floats, Grid, Network
from lodeworks.plan.columns import Columns

__all__ = ["times_of_columns"]


def times_of_columns(net: Network, columns: Columns) -> Floats:
    """Return the base step each column's time begins at, shape (columns,); NaN for what has none, such as capacity.

    Money of a period of account is settled as it ends, so its columns stand in the last of its steps: a window that
    reaches that far decides them, and cash then joins one period to the next as a level joins steps.
    """
    begins = np.full(columns.count, np.nan)
    _settle(net, columns, begins)

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


def _settle(net: Network, columns: Columns, begins: Floats) -> None:
    """Put down when money is settled: what firms hold, draw, carry on and owe; tax with the last period of its year."""
    accounts, own = net.accounts, columns.accounts
    if accounts is None or own is None:
        return
    last = np.ceil(accounts.periods.edges[1:] - 1e-9) - 1.0
    for firsts in (own.cash, own.draw, own.renew, own.owed):
        for first in firsts[firsts >= 0]:
            begins[first : first + accounts.count] = last
    years = last[[accounts.last_of_year(year) for year in range(accounts.calendar_years)]]
    for firsts in (own.tax, own.above, own.below):
        for first in firsts[firsts >= 0]:
            begins[first : first + accounts.calendar_years] = years
    losses = accounts.losses
    for first, begin, end in zip(own.used, losses.first, losses.last, strict=True):
        if first >= 0:
            begins[first : first + end - begin + 1] = years[begin : end + 1]
