"""The program: every block stacked into one sparse matrix, with costs and bounds, ready for a solver.

Minimise ``cost · x + offset`` subject to ``row_lower <= A x <= row_upper`` and ``lower <= x <= upper``, some x
whole numbers. Money earned is negative cost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from lodeworks.network.arrays import Floats, Network, Objective
from lodeworks.network.goal import weight_over
from lodeworks.plan.block import Block
from lodeworks.plan.blocks import BLOCKS, MONEY_BLOCKS
from lodeworks.plan.books import Books, books_of
from lodeworks.plan.columns import Columns, lay_out, windows
from lodeworks.plan.ledger import money
from lodeworks.plan.switching import switch_costs

__all__ = ["Program", "assemble", "goal_cost"]


@dataclass(frozen=True, eq=False)
class Program:
    """A linear or mixed-integer program in rows and columns, and where each block's rows stand in it.

    `spans` says what the bounds of columns that link networks are called: first column, the one after the last, words.
    """

    cost: Floats
    offset: float
    lower: Floats
    upper: Floats
    integer: np.ndarray[tuple[int], np.dtype[np.bool_]]
    matrix: Any
    row_lower: Floats
    row_upper: Floats
    blocks: tuple[tuple[Block, int], ...]
    maximise: bool
    spans: tuple[tuple[int, int, str], ...] = ()

    @property
    def size(self) -> dict[str, int]:
        """Number of columns, rows, nonzeros and whole-number columns."""
        rows, columns = self.matrix.shape
        return {"columns": columns, "rows": rows, "nonzeros": int(self.matrix.nnz), "integers": int(self.integer.sum())}

    def rows_of(self, name: str) -> tuple[Block, slice]:
        """Return a block and the rows it stands in."""
        for block, first in self.blocks:
            if block.name == name:
                return block, slice(first, first + len(block))
        raise KeyError(name)

    def objective(self, x: Floats) -> float:
        """Return the objective in the sense the user asked for."""
        value = self.value(x)
        return -value if self.maximise else value

    def value(self, x: Floats) -> float:
        """Return the objective as it is minimised."""
        return float(self.cost @ x) + self.offset

    @property
    def relaxed(self) -> Program:
        """The linear program in which whole-number columns may be any."""
        return replace(self, integer=np.zeros_like(self.integer))

    def with_fixed_integers(self, x: Floats) -> Program:
        """Return the linear program left when whole-number columns are fixed at their rounded values."""
        fixed = np.where(self.integer, np.round(x), 0.0)
        return replace(
            self.relaxed,
            lower=np.where(self.integer, fixed, self.lower),
            upper=np.where(self.integer, fixed, self.upper),
        )


def assemble(net: Network) -> tuple[Program, Columns]:
    """Stack every block that has rows into one program."""
    columns = lay_out(net)
    blocks, first = [], 0
    made = [make(net, columns) for make in BLOCKS]
    if net.accounts is not None:
        books = books_of(net, columns)
        made += [make(books) for make in MONEY_BLOCKS]
    for block in made:
        if len(block):
            _check(block, columns.count)
            blocks.append((block, first))
            first += len(block)
    cost, offset = goal_cost(net, columns, net.objective)
    matrix = sparse.coo_array(
        (
            _joined([b.value for b, _ in blocks], float),
            (_joined([b.row.astype(np.int64) + at for b, at in blocks], np.int64),
             _joined([b.col for b, _ in blocks], np.int64)),
        ),
        shape=(first, columns.count),
    ).tocsr()
    matrix.eliminate_zeros()
    return Program(
        cost, offset, columns.lower, columns.upper, columns.integer, matrix,
        _joined([b.lower for b, _ in blocks], float), _joined([b.upper for b, _ in blocks], float),
        tuple(blocks), maximise=net.objective.maximise,
    ), columns


def _joined(parts: list[Any], kind: Any) -> Any:
    return np.concatenate(parts) if parts else np.zeros(0, kind)


def _check(block: Block, columns: int) -> None:
    """A block whose numbers do not fit is a fault of ours, found here and not by a solver."""
    count = len(block)
    if not (len(block.owner) == len(block.step) == len(block.upper) == count):
        raise AssertionError(f"block {block.name}: row arrays differ in length")
    if not (len(block.row) == len(block.col) == len(block.value)):
        raise AssertionError(f"block {block.name}: coefficient arrays differ in length")
    if not np.isfinite(block.value).all() or np.isnan(block.lower).any() or np.isnan(block.upper).any():
        raise AssertionError(f"block {block.name}: a coefficient or bound is not a number")
    if len(block.row) and (
        block.row.min() < 0 or block.row.max() >= count or block.col.min() < 0 or block.col.max() >= columns
    ):
        raise AssertionError(f"block {block.name}: a coefficient points outside the program")


def goal_cost(net: Network, columns: Columns, objective: Objective) -> tuple[Floats, float]:
    """Return the cost of each column to be minimised for a goal, and the constant."""
    cost, constant = np.zeros(columns.count), 0.0
    goal = objective.goal
    for s, worth in enumerate(net.stores.worth if net.stores.worth is not None else ()):
        cost[columns.level[s] + net.grids[net.balances.grid[net.stores.balance[s]]].count - 1] -= worth
    for i, values in net.on_the_way.items():
        first = columns.rate[net.coefficients.activity[i]]
        cost[first : first + len(values)] -= values
    if goal in ("output", "emissions"):
        for a in np.flatnonzero(objective.weight):
            hours = net.grids[net.activities.grid[a]].hours(net.hours)
            sign = -1.0 if goal == "output" else 1.0
            cost[columns.rate[a] : columns.rate[a] + len(hours)] += sign * weight_over(net, objective, int(a)) * hours
        return cost, 0.0
    for i, item in enumerate(net.costs.item):
        if goal == "cost" and item == "revenue":
            continue
        span, values = money(net, columns, i)
        cost[span] -= values
    for s in range(len(net.stores)):
        hours = net.grids[net.balances.grid[net.stores.balance[s]]].hours(net.hours)
        held = net.on_grid(net.stores.cost, net.balances.grid[net.stores.balance], s)
        cost[columns.level[s] : columns.level[s] + len(hours)] += held * hours
    for p in range(len(net.plants)):
        if columns.built[p] >= 0:
            cost[columns.built[p]] += (net.plants.yearly[p] + net.plants.upkeep[p]) * columns.built_size(net, p)
        for switched in switch_costs(net, columns, p):
            np.add.at(cost, switched.col, switched.value)
            constant += float(switched.fixed.sum())
    for policy in np.flatnonzero(columns.slack >= 0):
        count = 2 * windows(net, int(policy))
        cost[columns.slack[policy] : columns.slack[policy] + count] += net.policies.penalty[policy]
    return cost, _financing(net, columns, cost) + constant - sum(each.money for each in net.constants)


def _financing(net: Network, columns: Columns, cost: Floats) -> float:
    """Add interest and taxes on profit, which leave the chain, to the costs; return the first interest on debts."""
    accounts, own = net.accounts, columns.accounts
    if accounts is None or own is None:
        return 0.0
    cols, values, opening = Books(accounts, own, ()).financing(np.ones(accounts.count))
    np.add.at(cost, cols, values)
    return opening
