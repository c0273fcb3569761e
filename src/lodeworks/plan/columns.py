"""Where every column of the program stands, and its bounds, cost and whether it is a whole number.

Columns are numbered in runs: the rates of each activity, the level of each store, then capacity built,
units on, starts, tier order, policy slack, doors of stores and gathered flows where they occur. Rows are the blocks'
affair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Before, Floats, Ints, Network
from lodeworks.network.edges import NEAR_H, step_hours

__all__ = [
    "AccountColumns", "Columns", "Numbering", "bound_money", "lay_out", "run_accounts", "spans_of",
    "windows",
]


@dataclass(frozen=True, eq=False)
class AccountColumns:
    """First columns of money; the periods (of `tax`: calendar years) follow.

    Attributes
    ----------
    cash, tax
        Of each firm that keeps accounts; -1 where no tax is paid.
    draw, renew, owed
        Of each offer of a loan; -1 where it cannot be renewed. Draws of lumps count lumps.
    above, below
        Of each firm that may carry losses, else -1: a calendar year's profit before tax, and its loss.
    used
        Of each loss: what is taken off in the years in which it may be.
    """

    cash: Ints
    tax: Ints
    draw: Ints
    renew: Ints
    owed: Ints
    above: Ints
    below: Ints
    used: Ints

    def draw_size(self, accounts: Accounts, offer: int) -> float:
        """Return the money one unit of a draw's column stands for."""
        lump = float(accounts.offers.lump[offer])
        return lump if lump > 0.0 else 1.0


@dataclass(frozen=True, eq=False)
class Gathered:
    """Flows of coarse activities into a finer balance, taken together: one column a coarse step for all of them.

    A mine, a washery and an oven that each draw power evenly over a day would each stand in all 24 rows of the
    power balance; their sum stands there instead, and the matrix stays sparse.

    Attributes
    ----------
    balance, grid
        Of each gathering, shape (gatherings,).
    first
        Its first column.
    member
        For each coefficient of the network the gathering it belongs to, or -1.
    """

    balance: Ints
    grid: Ints
    first: Ints
    member: Ints


@dataclass(frozen=True, eq=False)
class Columns:
    """The numbering of columns.

    Attributes
    ----------
    rate, level
        First column of each activity and of each store.
    built
        Column of the capacity built of each plant, or -1. In a plant built in lumps it counts lumps.
    on, start, order
        First column of the units on and starts of each plant, and of each ordered pair of tiers, or -1.
    sequenced
        Which plants' starts are counted exactly, shape (plants,).
    slack
        First column of each policy's slack, or -1; its windows follow, those below `least` before those
        above `most`.
    filling
        First column of whether each exclusive store fills, or -1.
    begin
        Column of what each store begins with, or -1 where that is given or is how it ends.
    gathered
        The columns of flows gathered by coarse step.
    lower, upper, integer
        Bounds and whole-number marks of all columns, shape (count,).
    """

    rate: Ints
    level: Ints
    built: Ints
    on: Ints
    start: Ints
    order: Ints
    sequenced: np.ndarray[tuple[int], np.dtype[np.bool_]]
    slack: Ints
    gathered: Gathered
    simple: np.ndarray[tuple[int], np.dtype[np.bool_]]
    lower: Floats
    upper: Floats
    integer: np.ndarray[tuple[int], np.dtype[np.bool_]]
    begin: Ints
    filling: Ints
    accounts: AccountColumns | None = None

    @property
    def count(self) -> int:
        """Number of columns."""
        return len(self.lower)

    def built_size(self, net: Network, plant: int) -> float:
        """Return the capacity one unit of the built column stands for."""
        lump = float(net.plants.lump[plant])
        return lump if lump > 0.0 else 1.0


def windows(net: Network, policy: int) -> int:
    """Return how many stretches a policy is checked in."""
    return net.stretches(policy)[0].count


class Numbering:
    """Numbers columns run after run, from nought; `count` are those numbered so far."""

    def __init__(self) -> None:
        self.count = 0

    def run(self, sizes: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Ints:
        """Number runs of some sizes; return the first column of each, -1 where it is empty."""
        starts = self.count + np.concatenate([[0], np.cumsum(sizes)[:-1]]) if len(sizes) else np.zeros(0)
        self.count += int(sizes.sum())
        return np.where(sizes > 0, starts, -1).astype(np.int32)


def lay_out(net: Network) -> Columns:
    """Number the columns of a network and set their bounds."""
    counts = np.array([grid.count for grid in net.grids], np.int64)
    acts, plants, stores = net.activities, net.plants, net.stores
    numbering = Numbering()
    run = numbering.run
    rate = run(counts[acts.grid]) if len(acts) else np.zeros(0, np.int32)
    level = run(counts[net.balances.grid[stores.balance]]) if len(stores) else np.zeros(0, np.int32)
    built = run(plants.expandable.astype(np.int64))
    plant_counts = counts[plants.grid] if len(plants) else np.zeros(0, np.int64)
    on = run(plant_counts * plants.on_off)
    costly = (plants.start_cost > 0.0) | (plants.stop_cost > 0.0)
    counted = costly | np.isin(np.arange(len(plants)), net.start_flows.plant) | _sequenced(net)
    start = run(plant_counts * (plants.on_off & counted))
    order = run(np.array([counts[acts.grid[a]] for a, _ in net.order], np.int64))
    policies = net.policies
    slack = run(np.array([
        2 * windows(net, p) if np.isfinite(policies.penalty[p]) else 0 for p in range(len(policies.name))
    ], np.int64))
    accounts = run_accounts(net.accounts, numbering) if net.accounts is not None else None
    begin = run(stores.open.astype(np.int64))
    store_counts = counts[net.balances.grid[stores.balance]] if len(stores) else np.zeros(0, np.int64)
    filling = run(store_counts * stores.exclusive)
    balance, grid, member = _gatherings(net)
    free = numbering.count
    gathered = Gathered(balance, grid, run(counts[grid]), member)
    count = numbering.count
    lower, upper = np.zeros(count), np.full(count, np.inf)
    lower[free:] = -np.inf
    integer = np.zeros(count, bool)
    columns = Columns(
        rate, level, built, on, start, order, _sequenced(net), slack, gathered, _simple(net), lower, upper, integer,
        begin, filling, accounts,
    )
    _bound_rates(net, columns)
    _bound_levels(net, columns)
    if net.accounts is not None and accounts is not None:
        bound_money(net.accounts, accounts, lower, upper, integer)
    for p in np.flatnonzero(plants.expandable):
        upper[built[p]] = plants.most[p] / columns.built_size(net, int(p))
        lower[built[p]] = plants.least[p] / columns.built_size(net, int(p))
        if plants.lump[p] > 0.0:
            integer[built[p]] = True
            upper[built[p]] = np.floor(upper[built[p]] + 1e-9)
            lower[built[p]] = np.ceil(lower[built[p]] - 1e-9)
    order_counts = counts[acts.grid[net.order[:, 0]]]
    for firsts, sizes, whole in ((on, plant_counts, True), (start, plant_counts, False), (order, order_counts, True),
                                 (filling, store_counts, True)):
        for begin, n in zip(firsts, sizes, strict=True):
            if begin >= 0:
                upper[begin : begin + n] = 1.0
                integer[begin : begin + n] = whole
    for p in np.flatnonzero(plants.on_off & (plants.unit > 0.0)):
        for begin in (on[p], start[p]):
            upper[begin : begin + plant_counts[p]] = np.inf if begin >= 0 else upper[begin : begin + plant_counts[p]]
        integer[on[p] : on[p] + plant_counts[p]] = False
    if not net.cyclic:
        upper[start[start >= 0]] = 0.0  # what is on at first has not been started
    if net.before is not None:
        _carry_on(net, columns, net.before)
    return columns


def spans_of(net: Network, plant: int, hours: float) -> Ints:
    """Return for each step of a plant how many up to it, itself included, begin within so many hours of its beginning.

    A time in whole steps, rounded up: at least one, and at most the horizon. Shape (count,).
    """
    grid = net.grids[net.plants.grid[plant]]
    if grid.even:
        return np.full(grid.count, _steps_of(net, plant, hours, grid.count), np.int32)
    begins, numbers = grid.edges[:-1] * net.hours, np.arange(grid.count)
    if net.cyclic:
        length = float(grid.edges[-1] - grid.edges[0]) * net.hours
        first = np.searchsorted(np.concatenate([begins - length, begins]), begins - hours + NEAR_H, side="right")
        span = np.minimum(numbers + grid.count - first + 1, grid.count)
    else:
        span = numbers - np.searchsorted(begins, begins - hours + NEAR_H, side="right") + 1
    found: Ints = np.maximum(span, 1).astype(np.int32)
    return found


def _ahead(net: Network, plant: int, hours: float) -> int:
    """Return how many of a plant's first steps begin within so many hours."""
    begins = np.concatenate([[0.0], np.cumsum(step_hours(net, plant))[:-1]])
    return int(np.searchsorted(begins, hours - NEAR_H))


def _steps_of(net: Network, plant: int, hours: float, count: int) -> int:
    return min(count, max(1, int(np.ceil(hours / float(step_hours(net, plant)[0]) - 1e-9))))


def _carry_on(net: Network, columns: Columns, before: Before) -> None:
    """What has not been on or off for long enough when a window begins stays so; what is off may start at once."""
    for p in np.flatnonzero((columns.on >= 0) & ~np.isnan(before.on)):
        on, start = int(columns.on[p]), int(columns.start[p])
        least, past = float((net.plants.min_up if before.on[p] > 0.0 else net.plants.min_down)[p]), abs(before.on[p])
        if net.grids[net.plants.grid[p]].even:  # what was before counts in whole steps
            step = float(step_hours(net, int(p))[0])
            past = int(past / step + 1e-9) * step
        bound = _ahead(net, int(p), least - past) if least > 0.0 else 0
        if before.on[p] > 0.0:
            columns.lower[on : on + bound] = 1.0
            if start >= 0:
                columns.upper[start : start + max(1, _ahead(net, int(p), float(net.plants.min_down[p])))] = 0.0
        else:
            columns.upper[on : on + bound] = 0.0
            if start >= 0:
                columns.upper[start] = 1.0


def _sequenced(net: Network) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say which plants have limits on what comes after a start or a stop, so that starts must be counted exactly."""
    p = net.plants
    timed = (p.min_up > 0.0) | (p.min_down > 0.0)
    shaped = np.isfinite(p.ramp_up) | np.isfinite(p.ramp_down) | ~np.isnan(p.start_load) | ~np.isnan(p.stop_load)
    return np.asarray(p.on_off & (timed | shaped))


def run_accounts(accounts: Accounts, numbering: Numbering) -> AccountColumns:
    """Number the columns of firms' money."""
    run = numbering.run
    firms, offers = np.ones(len(accounts.firm), np.int64), np.ones(len(accounts.offers), np.int64)
    taxed = np.asarray((accounts.tax > 0.0).any(axis=1), np.int64)
    losses = accounts.losses
    carrying = np.isin(np.arange(len(taxed)), losses.firm) * taxed * accounts.calendar_years
    usable = np.asarray(losses.last - losses.first + 1, np.int64) * taxed[losses.firm]
    return AccountColumns(
        cash=run(firms * accounts.count), tax=run(taxed * accounts.calendar_years),
        draw=run(offers * accounts.count), renew=run(accounts.offers.renewal * np.int64(accounts.count)),
        owed=run(offers * accounts.count), above=run(carrying), below=run(carrying), used=run(usable),
    )


def bound_money(
    accounts: Accounts, own: AccountColumns, lower: Floats, upper: Floats,
    integer: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> None:
    """Cash stays above what is kept; draws come in their window, in whole lumps where they are lumps.

    `lower`, `upper` and `integer` are of all columns and changed in place.
    """
    for f, first in enumerate(own.cash):
        lower[first : first + accounts.count] = accounts.floor[f]
    offers = accounts.offers
    for o, first in enumerate(own.draw):
        most = offers.most[o] / own.draw_size(accounts, o)
        if offers.lump[o] > 0.0:
            most = np.floor(most + 1e-9)
            integer[first : first + accounts.count] = True
        when = np.arange(accounts.count)
        open_ = (when >= offers.first[o]) & (when <= offers.last[o])
        upper[first : first + accounts.count] = np.where(open_, most, 0.0)


def _gatherings(net: Network) -> tuple[Ints, Ints, Ints]:
    """Return the balance and grid of each gathering, and the gathering of each coefficient or -1.

    Gathered are flows without lag of two activities or more, of one grid that is coarser than the balance's; none whose
    amount changes over time, which is not even within the coarse step.
    """
    flows = net.coefficients
    if not len(flows.activity):
        return np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int32)
    multiple = np.array([grid.multiple for grid in net.grids])
    col_grid = net.activities.grid[flows.activity]
    coarse = (multiple[col_grid] > multiple[net.balances.grid[flows.balance]]) & (flows.lag == 0.0) & ~flows.changing
    key = np.where(coarse, flows.balance.astype(np.int64) * len(net.grids) + col_grid, -1)
    keys, inverse, times = np.unique(key, return_inverse=True, return_counts=True)
    kept = (times >= 2) & (keys >= 0)
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    chosen = keys[kept]
    return (
        (chosen // len(net.grids)).astype(np.int32), (chosen % len(net.grids)).astype(np.int32),
        number[inverse].astype(np.int32),
    )


def _simple(net: Network) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say which plants are plain bounds: one activity, nothing to build or to keep, never off."""
    users = np.bincount(net.activities.plant[net.activities.plant >= 0], minlength=len(net.plants))
    kept = np.isin(np.arange(len(net.plants)), net.reserves.plant)
    return np.asarray((users == 1) & ~net.plants.expandable & ~net.plants.on_off & ~kept)


def _bound_rates(net: Network, columns: Columns) -> None:
    acts, plants = net.activities, net.plants
    for a in range(len(acts)):
        low = net.on_grid(acts.lower, acts.grid, a)
        high = net.on_grid(acts.upper, acts.grid, a)
        plant = int(acts.plant[a])
        if plant >= 0 and columns.simple[plant] and np.isfinite(plants.existing[plant]):
            capacity = plants.existing[plant] * net.on_grid(plants.availability, plants.grid, plant)
            high = np.minimum(high, capacity)
            low = np.maximum(low, net.on_grid(plants.min_load, plants.grid, plant) * capacity)
        span = slice(columns.rate[a], columns.rate[a] + len(low))
        columns.lower[span], columns.upper[span] = low, high


def _bound_levels(net: Network, columns: Columns) -> None:
    stores, plants = net.stores, net.plants
    for s in range(len(stores)):
        first = int(columns.level[s])
        count = net.grids[net.balances.grid[stores.balance[s]]].count
        grids = net.balances.grid[stores.balance]
        low, high, size = net.on_grid(stores.low, grids, s), net.on_grid(stores.high, grids, s), stores.plant[s]
        if not plants.expandable[size]:
            columns.upper[first : first + count] = high * plants.existing[size]
            if np.any(low):
                columns.lower[first : first + count] = low * plants.existing[size]
        elif np.min(low) < 0.0:
            columns.lower[first : first + count] = -np.inf
        last = first + count - 1
        if stores.cyclic[s] and np.isfinite(stores.initial[s]):
            columns.lower[last] = columns.upper[last] = stores.initial[s]
        elif not stores.cyclic[s]:
            columns.lower[last] = max(stores.end[s], columns.lower[last])
        if stores.open[s] and np.min(low) < 0.0:
            columns.lower[columns.begin[s]] = -np.inf
    for s, step, level in stores.fixed:
        columns.lower[columns.level[s] + step] = columns.upper[columns.level[s] + step] = level
