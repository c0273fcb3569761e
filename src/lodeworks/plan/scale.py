"""Scaling: the solver sees the same numbers whether a file says kg, t or Mt.

Activities and balances are equilibrated on the small matrix of coefficients between them, so that one
scale serves a commodity, and then sized by the capacities they carry. The scales follow every change of unit
exactly, so the scaled program, and with it the answer, does not depend on the units of the file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Floats, Network
from lodeworks.plan.columns import AccountColumns, Columns
from lodeworks.plan.program import Program

__all__ = ["Scaling", "largest_of_rows", "scale", "scale_money"]

# Scaled duals smaller than this, against the largest, are what is left of sums that cancel.
_ROUNDING = 1e-14


@dataclass(frozen=True, eq=False)
class Scaling:
    """``x = column · x'``, row r is multiplied by ``row[r]``, cost by ``cost``."""

    column: Floats
    row: Floats
    cost: float

    def apply(self, program: Program) -> Program:
        """Return the scaled program."""
        matrix = program.matrix
        data = matrix.data * self.column[matrix.indices] * np.repeat(self.row, np.diff(matrix.indptr))
        return replace(
            program,
            cost=program.cost * self.column * self.cost,
            offset=program.offset * self.cost,
            lower=program.lower / self.column,
            upper=program.upper / self.column,
            matrix=sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape),
            row_lower=program.row_lower * self.row,
            row_upper=program.row_upper * self.row,
        )

    def undo(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return a solution and its duals in the program's own units; duals that are but rounding are nought."""
        sure = np.abs(y) > _ROUNDING * float(np.abs(y).max(initial=0.0))
        return x * self.column + 0.0, np.where(sure, y * self.row / self.cost, 0.0)  # + 0.0 turns -0.0 into 0.0


def scale(net: Network, columns: Columns, program: Program) -> Scaling:
    """Choose scales for a program."""
    activity, balance = _equilibrate(net)
    column = np.ones(columns.count)
    counts = np.array([grid.count for grid in net.grids])
    if len(net.activities):
        sizes = counts[net.activities.grid]
        column[: int(sizes.sum())] = np.repeat(activity, sizes)
    hours = np.array([grid.usual(net.hours) for grid in net.grids])
    row_of_balance = 1.0 / (balance * hours[net.balances.grid]) if len(balance) else balance
    for s in range(len(net.stores)):
        b = int(net.stores.balance[s])
        column[columns.level[s] : columns.level[s] + counts[net.balances.grid[b]]] = 1.0 / row_of_balance[b]
        if net.stores.open[s]:
            column[columns.begin[s]] = 1.0 / row_of_balance[b]
    for g in range(len(columns.gathered.balance)):
        first = int(columns.gathered.first[g])
        column[first : first + counts[columns.gathered.grid[g]]] = balance[columns.gathered.balance[g]]
    for p in range(len(net.plants)):
        if columns.built[p] >= 0 and not program.integer[columns.built[p]]:
            column[columns.built[p]] = _built_scale(net, columns, column, p)
    if net.accounts is not None and columns.accounts is not None:
        scale_money(net.accounts, columns.accounts, program, column)
    row = np.ones(len(program.row_lower))
    largest = largest_of_rows(program.matrix, column)
    for block, first in program.blocks:
        span = slice(first, first + len(block))
        if block.name == "balance":
            row[span] = row_of_balance[block.owner]
        else:
            row[span] = 1.0 / np.where(largest[span] > 0.0, largest[span], 1.0)
    for policy in np.flatnonzero(columns.slack >= 0):
        _scale_slack(net, columns, program, column, row, int(policy))
    costs = np.abs(program.cost * column)
    costs = costs[costs > 0.0]
    return Scaling(column, row, 1.0 / float(np.exp(np.mean(np.log(costs)))) if len(costs) else 1.0)


def scale_money(accounts: Accounts, own: AccountColumns, program: Program, column: Floats) -> None:
    """Money is sized by what firms start with, may draw or owe; draws of whole lumps stay as they are."""
    granted, pledged = accounts.offers.most.max(axis=1, initial=0.0), accounts.collateral.max(axis=1, initial=0.0)
    sums = np.concatenate([accounts.opening, granted, accounts.offers.debt, pledged])
    sums = sums[sums > 0.0]
    size = float(np.exp(np.mean(np.log(sums)))) if len(sums) else 1.0
    for firsts, count in ((own.cash, accounts.count), (own.tax, accounts.calendar_years), (own.draw, accounts.count),
                          (own.renew, accounts.count), (own.owed, accounts.count)):
        for first in firsts[firsts >= 0]:
            span = slice(first, first + count)
            column[span] = np.where(program.integer[span], 1.0, size)
    losses = accounts.losses
    for firsts, counts in ((own.above, [accounts.calendar_years] * len(own.above)),
                           (own.below, [accounts.calendar_years] * len(own.below)),
                           (own.used, losses.last - losses.first + 1)):
        for first, own_count in zip(firsts, counts, strict=True):
            if first >= 0:
                column[first : first + own_count] = size


def largest_of_rows(matrix: sparse.csr_array, column: Floats) -> Floats:
    """Return the largest magnitude in each row of a matrix with scaled columns, shape (rows,)."""
    size = np.append(np.abs(matrix.data) * column[matrix.indices], 0.0)
    starts, filled = matrix.indptr[:-1], np.diff(matrix.indptr) > 0
    return np.where(filled, np.maximum.reduceat(size, starts) if len(starts) else 0.0, 0.0)


def _scale_slack(
    net: Network, columns: Columns, program: Program, column: Floats, row: Floats, policy: int
) -> None:
    """A slack's coefficient in its row becomes one."""
    block, span = program.rows_of("policies")
    chosen = np.flatnonzero(block.owner == policy) + span.start
    first = int(columns.slack[policy])
    for r in chosen:
        begin, end = program.matrix.indptr[r], program.matrix.indptr[r + 1]
        own = program.matrix.indices[begin:end]
        others = own < first
        size = np.abs(program.matrix.data[begin:end][others] * column[own[others]])
        row[r] = 1.0 / size.max() if len(size) else 1.0
        column[own[~others]] = 1.0 / row[r]


def _built_scale(net: Network, columns: Columns, column: Floats, plant: int) -> float:
    """Capacity built is sized as the rates (or levels) it bounds."""
    users = np.flatnonzero(net.activities.plant == plant)
    if len(users):
        return float(column[columns.rate[users[0]]])
    stores = np.flatnonzero(net.stores.plant == plant)
    return float(column[columns.level[stores[0]]]) if len(stores) else 1.0


def _equilibrate(net: Network) -> tuple[Floats, Floats]:
    """Return a typical size of each activity's rate and of each balance's flows.

    Alternating geometric means over log |c| (Curtis and Reid's least squares), then each connected part is
    sized so that the geometric mean of its bounds is one.
    """
    flows = net.coefficients
    n_a, n_b = len(net.activities), len(net.balances.commodity)
    used = flows.amount != 0.0
    a, b, log = flows.activity[used], flows.balance[used], np.log(np.abs(flows.amount[used]))
    size_a, size_b = np.zeros(n_a), np.zeros(n_b)
    count_a, count_b = np.maximum(np.bincount(a, minlength=n_a), 1), np.maximum(np.bincount(b, minlength=n_b), 1)
    for _ in range(20):
        size_b = np.bincount(b, log + size_a[a], minlength=n_b) / count_b
        size_a = np.bincount(a, size_b[b] - log, minlength=n_a) / count_a
    bounds = _typical_bounds(net)
    known = np.isfinite(bounds)
    graph = sparse.coo_array((np.ones(len(a)), (a, b + n_a)), shape=(n_a + n_b, n_a + n_b))
    _, part = sparse.csgraph.connected_components(graph, directed=False)
    parts = int(part.max()) + 1 if len(part) else 0
    total = np.bincount(part[:n_a][known], (bounds - size_a)[known], minlength=parts)
    shift = total / np.maximum(np.bincount(part[:n_a][known], minlength=parts), 1)
    return np.exp(size_a + shift[part[:n_a]]), np.exp(size_b + shift[part[n_a:]])


def _typical_bounds(net: Network) -> Floats:
    """Return the log of each activity's bound, its own or its plant's; nan where there is none."""
    acts, plants = net.activities, net.plants
    bound = acts.upper.scale.copy()
    rows = acts.upper.series
    for a in np.flatnonzero(rows >= 0):
        bound[a] *= float(np.max(np.abs(net.series[rows[a]])))
    for a in np.flatnonzero(acts.plant >= 0):
        p = acts.plant[a]
        size = plants.existing[p] if plants.existing[p] > 0.0 else plants.most[p]
        bound[a] = min(bound[a], size)
    return np.where(np.isfinite(bound) & (bound > 0.0), np.log(np.where(bound > 0.0, bound, 1.0)), np.nan)
