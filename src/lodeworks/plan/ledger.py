"""The ledger: what money every column brings to every firm, and in which period of account.

An entry says what is earned (or spent) when goods move, and when it is paid. The blocks of money, the statements
and the table of costs all read it, so that they cannot disagree. Interest, tax on profit and dividends are no
entries: they follow from loans and profits (see `blocks.money`). Firm -1 is the rest of the chain.

Firms sell to and buy from a balance at the commodity's chain price. Since what comes into a balance equals what goes
out, such sales add to nought over all firms in every period. Where a surplus may be let go, who brought it is
paid for what others take, and so for nothing that is let go.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import sparse

from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Floats, Grid, Ints, Network
from lodeworks.network.standing import kept_each_step
from lodeworks.plan.block import Overlap, amounts_over, overlap, overlap_of
from lodeworks.plan.columns import Columns
from lodeworks.plan.switching import switch_costs

__all__ = ["INSIDE", "STOCK", "Entry", "Sums", "accounts_of", "ledger", "money"]

INSIDE = "inside"
STOCK = "stock"


@dataclass(frozen=True, eq=False)
class Sums:
    """Money in for one unit of each column, as coordinates, and money that no column changes, by period."""

    period: Ints
    col: Ints
    value: Floats
    fixed: Floats

    def of(self, x: Floats) -> Floats:
        """Return the money in each period."""
        moved = np.bincount(self.period, self.value * x[self.col], minlength=len(self.fixed))
        result: Floats = moved + self.fixed
        return result


@dataclass(frozen=True, eq=False)
class Entry:
    """One line of the ledger: what is earned, and when it is paid; positive is money in."""

    firm: int
    item: str
    element: int
    balance: int
    earned: Sums
    paid: Sums


def accounts_of(net: Network) -> Accounts:
    """Return the accounts of a network that has some."""
    assert net.accounts is not None
    return net.accounts


def money(net: Network, columns: Columns, item: int) -> tuple[slice, Floats]:
    """Return the columns of one cost entry and the money in for one unit of rate in each, shape (steps,)."""
    a = int(net.costs.activity[item])
    grid = int(net.activities.grid[a])
    hours = net.grids[grid].hours(net.hours)
    row, scale = int(net.costs.money.series[item]), float(net.costs.money.scale[item])
    values = scale * hours if row < 0 else scale * net.average(row, grid) * hours
    return slice(int(columns.rate[a]), int(columns.rate[a]) + len(hours)), values


@lru_cache(maxsize=1)
def ledger(net: Network, cols: Columns) -> tuple[Entry, ...]:
    """Return every entry of a network with accounts."""
    book = _Book(net, cols)
    book.costs()
    book.inside()
    book.stocks()
    book.constants()
    book.plants()
    book.fines()
    return tuple(book.entries)


class _Book:
    def __init__(self, net: Network, cols: Columns) -> None:
        self.net, self.cols, self.accounts = net, cols, accounts_of(net)
        self.entries: list[Entry] = []
        self.even = self.accounts.periods.hours(net.hours) / (net.hours * net.steps)
        self.count = self.accounts.count
        self.unserved: dict[int, float] = {}
        self._flows: dict[tuple[int, int, float], tuple[Ints, Ints, Floats]] = {}

    # ---- putting down -------------------------------------------------------------------------------

    def sums(self, period: Ints, col: Ints, value: Floats, fixed: Floats | None = None) -> Sums:
        return Sums(np.asarray(period, np.int32), np.asarray(col, np.int32), value,
                    np.zeros(self.count) if fixed is None else fixed)

    def put(self, item: str, element: int, earned: Sums, paid: Sums | None = None, *, firm: int | None = None,
            balance: int = -1) -> None:
        owner = int(self.accounts.of_element[element]) if firm is None else firm
        self.entries.append(Entry(owner, item, element, balance, earned, earned if paid is None else paid))

    def shares(self, grid: Grid, late: float = 0.0) -> tuple[Ints, Ints, Floats]:
        """Return (period, step, share of it) of what flows over the steps of a grid and is paid `late` hours on."""
        net = self.net
        found = overlap_of(self.accounts.periods, grid, late / net.hours, net.hours, net.steps, False)
        return found.row, found.col, found.hours / grid.hours(net.hours)[found.col]

    # ---- entries ------------------------------------------------------------------------------------

    def costs(self) -> None:
        """Trade with the world outside, operation, freight, taxes on quantities."""
        net, cols = self.net, self.cols
        for i, item in enumerate(net.costs.item):
            span, values = money(net, cols, i)
            element, a = int(net.costs.element[i]), int(net.costs.activity[i])
            grid = net.grids[net.activities.grid[a]]
            owed = np.zeros(len(values))
            if item == "unserved":
                owed = -values * cols.upper[span]
                self.unserved[element] = self.unserved.get(element, 0.0) - float(owed.sum())
            made = []
            for late in (0.0, float(self.accounts.payment[element])):
                period, step, share = self.shares(grid, late)
                fixed = np.bincount(period, owed[step] * share, minlength=self.count).astype(float)
                made.append(self.sums(period, span.start + step, values[step] * share, fixed))
            self.put(item, element, *made)

    def inside(self) -> None:
        """What firms sell to and buy from balances that others use too, at the chain price."""
        net, accounts = self.net, self.accounts
        flows, stores = net.coefficients, net.stores
        for b in np.flatnonzero(accounts.price):
            mine = [int(i) for i in np.flatnonzero(flows.balance == b)]
            held = [int(s) for s in np.flatnonzero(stores.balance == b)]
            firms = [int(accounts.of_element[flows.element[i]]) for i in mine]
            firms += [int(accounts.of_element[stores.element[s]]) for s in held]
            bearer = int(accounts.bears[b])
            if len(set(firms)) < 2:
                continue
            found = [(int(flows.element[i]), self.flow(i)) for i in mine]
            found += [(int(stores.element[s]), self.draw(s)) for s in held]
            for firm, (element, sums) in zip(firms, found, strict=True):
                if firm != bearer:
                    self.put(INSIDE, element, sums, balance=int(b))
                    if bearer > -2:
                        turned = self.sums(sums.period, sums.col, -sums.value, -sums.fixed)
                        self.put(INSIDE, element, turned, firm=bearer, balance=int(b))

    def flow(self, i: int) -> Sums:
        """Return what one flow into a balance is worth; money follows the balance's steps, so that it closes too."""
        net, flows = self.net, self.net.coefficients
        a, b = int(flows.activity[i]), int(flows.balance[i])
        key = int(net.balances.grid[b]), int(net.activities.grid[a]), float(flows.lag[i])
        if flows.changing[i]:
            pattern = overlap(net, *key)
            period, step, hours = self._within(*key[:2], pattern, amounts_over(net, flows.over, i, pattern))
            return self.sums(period, self.cols.rate[a] + step, float(self.accounts.price[b]) * hours)
        if key not in self._flows:
            self._flows[key] = self._within(*key[:2], overlap(net, *key), 1.0)
        period, step, hours = self._flows[key]
        worth = float(self.accounts.price[b] * flows.amount[i])
        return self.sums(period, self.cols.rate[a] + step, worth * hours)

    def _within(self, rows: int, cols: int, pattern: Overlap, amount: Floats | float) -> tuple[Ints, Ints, Floats]:
        """Return (period, step of grid `cols`, hours × amount) of what flows into a balance of grid `rows`."""
        shape = self.net.grids[rows].count, self.net.grids[cols].count
        into = sparse.csr_array((pattern.hours * amount, (pattern.row, pattern.col)), shape=shape)
        period, step, share = self.shares(self.net.grids[rows])
        within = sparse.csr_array((share, (period, step)), shape=(self.count, shape[0]))
        both = (within @ into).tocoo()
        return both.coords[0].astype(np.int32), both.coords[1].astype(np.int32), both.data

    def draw(self, s: int) -> Sums:
        """Return what a store gives its balance, at the chain price."""
        net, b = self.net, int(self.net.stores.balance[s])
        grid = net.grids[net.balances.grid[b]]
        period, step, share = self.shares(grid)
        kept = kept_each_step(net, s)
        level, price = int(self.cols.level[s]), float(self.accounts.price[b])
        later = slice(None) if net.stores.cyclic[s] else step > 0
        fixed = np.zeros(self.count)
        if not net.stores.cyclic[s]:
            opening = price * net.stores.initial[s] * kept[0]
            fixed += np.bincount(period[step == 0], opening * share[step == 0], minlength=self.count)
        before = level + (step[later] - 1) % grid.count
        periods, columns = [period, period[later]], [level + step, before]
        values = [-share, (kept[step] * share)[later]]
        if net.stores.open[s]:
            first = step == 0
            periods.append(period[first])
            columns.append(np.full(int(first.sum()), self.cols.begin[s]))
            values.append(kept[0] * share[first])
        return self.sums(
            np.concatenate(periods), np.concatenate(columns), price * np.concatenate(values), fixed,
        )

    def stocks(self) -> None:
        """Storage costs, and what stocks gain or lose at the chain price: earned, though nobody pays it."""
        net, stores = self.net, self.net.stores
        for s in range(len(stores)):
            grid, element = net.grids[net.balances.grid[stores.balance[s]]], int(stores.element[s])
            level = int(self.cols.level[s])
            held = net.on_grid(stores.cost, net.balances.grid[stores.balance], s) * grid.hours(net.hours)
            if np.any(held):
                period, step, share = self.shares(grid)
                self.put("storage", element, self.sums(period, level + step, -held[step] * share))
            price = float(self.accounts.stock_price[s])
            if price:
                ends = level + closing_steps(self.accounts, grid)
                periods = np.arange(self.count, dtype=np.int32)
                fixed = np.zeros(self.count)
                starts, first = np.append(level + grid.count - 1, ends[:-1]), 0
                if not stores.cyclic[s]:
                    fixed[0], first = -price * stores.initial[s], 1
                value = np.concatenate([np.full(self.count, price), np.full(self.count - first, -price)])
                whose, columns = np.concatenate([periods, periods[first:]]), np.concatenate([ends, starts[first:]])
                if stores.open[s]:
                    whose, columns = np.append(whose, 0), np.append(columns, self.cols.begin[s])
                    value = np.append(value, -price)
                gain = self.sums(whose, columns, value, fixed)
                self.put(STOCK, element, gain, self.sums(periods[:0], ends[:0], value[:0]))

    def constants(self) -> None:
        """What does not depend on the plan, spread evenly; penalties are put down where they are owed."""
        for constant in self.net.constants:
            amount = constant.money
            if constant.item == "unserved":
                amount += self.unserved.get(constant.element, 0.0)
            nothing = np.zeros(0, np.int32)
            self.put(constant.item, constant.element,
                     self.sums(nothing, nothing, np.zeros(0), amount * self.even))

    def plants(self) -> None:
        """What is built: written off over its life, paid at once; its upkeep; and starts."""
        net, cols = self.net, self.cols
        every = np.arange(self.count, dtype=np.int32)
        for p in range(len(net.plants)):
            element = int(net.plants.element[p])
            if cols.built[p] >= 0:
                size, col = cols.built_size(net, p), np.full(self.count, cols.built[p], np.int32)
                once = self.sums(self.accounts.paid[p : p + 1], col[:1], np.array([-net.plants.invest[p] * size]))
                written = self.sums(every, col, -self.accounts.written[p] * size * self.even)
                self.put("investment", element, written, once)
                if net.plants.upkeep[p]:
                    self.put("fixed", element, self.sums(every, col, -net.plants.upkeep[p] * size * self.even))
            for cost in switch_costs(net, cols, p):
                period, step, share = self.shares(net.grids[net.plants.grid[p]])
                shape = self.count, net.grids[net.plants.grid[p]].count
                within = sparse.csr_array((share, (period, step)), shape=shape)
                of_step = sparse.csr_array((cost.value, (cost.step, np.arange(len(cost.step)))), shape=(
                    shape[1], len(cost.step)))
                both = (within @ of_step).tocoo()
                own = cost.col[both.coords[1]]
                fixed = -np.asarray(within @ cost.fixed)
                self.put(cost.item, element, self.sums(both.coords[0], own, -both.data, fixed))

    def fines(self) -> None:
        """What missing a policy costs; it is nobody's, so the rest of the chain's."""
        net = self.net
        for policy in (int(p) for p in np.flatnonzero(self.cols.slack >= 0)):
            grid = net.stretches(policy)[0]
            count = grid.count
            period, step, share = self.shares(grid)
            for side in (0, count):
                fine = self.sums(period, self.cols.slack[policy] + side + step, -net.policies.penalty[policy] * share)
                self.put("policy", net.element_number[net.policies.name[policy]], fine, firm=-1)


def closing_steps(accounts: Accounts, grid: Grid) -> Ints:
    """Return the step of a grid in which each period ends."""
    steps = np.searchsorted(grid.edges, accounts.periods.edges[1:] - 1e-9, side="left") - 1
    return np.maximum(steps, 0).astype(np.int32)
