"""What a store can hold, how fast it fills and empties, and how long a lot may stay."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Floats, Grid, Ints, Network
from lodeworks.network.edges import NEAR_H
from lodeworks.network.standing import kept_after, kept_each_step
from lodeworks.plan.block import Block, Rows, amounts_over, overlap
from lodeworks.plan.columns import Columns

__all__ = ["least_stay", "shelf_life", "store_capacity", "store_doors", "store_either", "store_floor", "store_speed"]


def store_capacity(net: Network, cols: Columns) -> Block:
    r"""A store that can grow holds no more than what exists and is built.

    .. math:: L_{st} - \overline{\lambda}_{st} k_s \le \overline{\lambda}_{st} K_s
    """
    rows = Rows("store_capacity")
    for s in range(len(net.stores)):
        p = int(net.stores.plant[s])
        if not net.plants.expandable[p]:
            continue
        high = net.on_grid(net.stores.high, net.balances.grid[net.stores.balance], s)
        numbers = rows.add(p, -np.inf, high * net.plants.existing[p], len(high))
        rows.term(numbers, cols.level[s] + np.arange(len(high), dtype=np.int32), 1.0)
        rows.term(numbers, int(cols.built[p]), -high * cols.built_size(net, p))
    return rows.done()


def store_floor(net: Network, cols: Columns) -> Block:
    r"""A store that can grow holds no less than its least share of what exists and is built.

    .. math:: L_{st} - \underline{\lambda}_{st} k_s \ge \underline{\lambda}_{st} K_s
    """
    rows = Rows("store_floor")
    for s in range(len(net.stores)):
        p = int(net.stores.plant[s])
        low = net.on_grid(net.stores.low, net.balances.grid[net.stores.balance], s)
        if not net.plants.expandable[p] or not np.any(low):
            continue
        numbers = rows.add(p, low * net.plants.existing[p], np.inf, len(low))
        rows.term(numbers, cols.level[s] + np.arange(len(low), dtype=np.int32), 1.0)
        rows.term(numbers, int(cols.built[p]), -low * cols.built_size(net, p))
    return rows.done()


def store_doors(net: Network, cols: Columns) -> Block:
    r"""What goes into or comes out of a store that can grow is bounded by its share of capacity.

    .. math:: x_{at} - c_{st}\, k_s \le c_{st}\, K_s

    for the activities that fill and empty it.
    """
    rows = Rows("store_doors")
    stores = net.stores
    grids = net.balances.grid[stores.balance]
    for s in range(len(stores)):
        p = int(stores.plant[s])
        doors = ((stores.filling[s], stores.charge_share), (stores.emptying[s], stores.discharge_share))
        for activity, shares in doors:
            share = net.on_grid(shares, grids, s)
            if activity < 0 or not np.isfinite(share).all() or not net.plants.expandable[p]:
                continue
            numbers = rows.add(p, -np.inf, share * net.plants.existing[p], len(share))
            rows.term(numbers, cols.rate[activity] + np.arange(len(share), dtype=np.int32), 1.0)
            rows.term(numbers, int(cols.built[p]), -share * cols.built_size(net, p))
    return rows.done()


def store_either(net: Network, cols: Columns) -> Block:
    r"""A store that is exclusive fills or empties in a step, not both.

    .. math:: x_{at} - \overline{x}_a z_{st} \le 0, \qquad x_{a't} + \overline{x}_{a'} z_{st} \le \overline{x}_{a'}

    for the activities a that fills and a' that empties it, z nought or one, and each bounded by its own limit or by
    what fills or empties the whole store within the step.
    """
    rows = Rows("store_either")
    stores, flows = net.stores, net.coefficients
    for s in np.flatnonzero(stores.exclusive):
        b, p = int(stores.balance[s]), int(stores.plant[s])
        hours = net.grids[net.balances.grid[b]].hours(net.hours)
        room = float(net.plants.existing[p] + (net.plants.most[p] if net.plants.expandable[p] else 0.0))
        come = sum(
            float(flows.amount[i]) * net.on_grid(net.activities.upper, net.activities.grid, int(flows.activity[i]))
            for i in np.flatnonzero((flows.balance == b) & (flows.amount > 0.0))
            if flows.activity[i] != stores.filling[s]
        )
        steps = np.arange(len(hours), dtype=np.int32)
        doors = ((int(stores.filling[s]), room / hours, True), (int(stores.emptying[s]), room / hours + come, False))
        for a, within, fills in doors:
            own = int(np.flatnonzero((flows.balance == b) & (flows.activity == a))[0])
            held = np.abs(net.on_grid(flows.over, net.activities.grid[flows.activity], own))
            most = np.minimum(net.on_grid(net.activities.upper, net.activities.grid, a), within / held)
            numbers = rows.add(int(s), -np.inf, 0.0 if fills else most, len(hours))
            rows.term(numbers, cols.rate[a] + steps, 1.0)
            rows.term(numbers, cols.filling[s] + steps, -most if fills else most)
    return rows.done()


def store_speed(net: Network, cols: Columns) -> Block:
    r"""A store fills and empties no faster than it can.

    .. math:: -D_s \Delta \le L_{st} - \kappa_{st} L_{s,t-1} \le C_s \Delta

    Of what it held, the share :math:`\kappa_{st}` is left after the step (see the balance).
    """
    rows = Rows("store_speed")
    stores = net.stores
    for s in np.flatnonzero(np.isfinite(stores.charge) | np.isfinite(stores.discharge)):
        hours = net.grids[net.balances.grid[stores.balance[s]]].hours(net.hours)
        steps = np.arange(len(hours), dtype=np.int32)
        kept = kept_each_step(net, int(s))
        low, high = -stores.discharge[s] * hours, stores.charge[s] * hours
        if not stores.cyclic[s]:
            low[0] += stores.initial[s] * kept[0]
            high[0] += stores.initial[s] * kept[0]
        numbers = rows.add(int(s), low, high, len(hours))
        rows.term(numbers, cols.level[s] + steps, 1.0)
        chosen = steps if stores.cyclic[s] else steps[1:]
        rows.term(numbers[chosen], cols.level[s] + np.roll(steps, 1)[chosen], -kept[chosen])
        if stores.open[s]:
            rows.term(numbers[:1], int(cols.begin[s]), -kept[:1])
    return rows.done()


def shelf_life(net: Network, cols: Columns) -> Block:
    r"""What is in store came in within the shelf life; the oldest goes first.

    .. math:: L_{st} - \sum_{t-H < \tau \le t} \sum_{a: c_{ab} > 0} c_{ab}\, h\, x_{a\tau} \le 0

    All that comes into the balance counts, since with the oldest going out first a lot is at most as old as
    the stock is deep. H is counted in whole steps, rounded down, and at least one. What a store that is not
    cyclic held at the start counts until it is H old.
    """
    rows = Rows("shelf_life")
    for s in np.flatnonzero(np.isfinite(net.stores.shelf_life)):
        b = int(net.stores.balance[s])
        grid, life = net.grids[net.balances.grid[b]], float(net.stores.shelf_life[s])
        begins, ends = _laps(net, grid)
        until = np.searchsorted(ends, begins[: grid.count] + life + NEAR_H)
        reach = np.maximum(until - np.arange(grid.count), 1).astype(np.int32)
        if reach[0] >= grid.count:
            continue
        steps = np.arange(grid.count, dtype=np.int32)
        upper = np.zeros(grid.count)
        if not net.stores.cyclic[s]:
            upper[: reach[0]] += net.stores.initial[s]
        numbers = rows.add(int(s), -np.inf, upper, grid.count)
        rows.term(numbers, cols.level[s] + steps, 1.0)
        _add_recent_inflow(rows, numbers, net, cols, b, reach, np.broadcast_to(1.0, (grid.count, int(reach.max()))))
    return rows.done()


def least_stay(net: Network, cols: Columns) -> Block:
    r"""What came in within the least stay is still in store; the oldest goes first.

    .. math:: L_{st} - \sum_{t-H < \tau \le t} \kappa_s(\tau, t) \sum_{a: c_{ab} > 0} c_{ab}\, h\, x_{a\tau}
              \ge 0

    All that comes into the balance counts, less what it loses until then: :math:`\kappa_s(\tau, t)` is what is left of
    one unit. H is counted in whole steps, rounded up. What a store that is not cyclic held at the start may leave at
    once.
    """
    rows = Rows("least_stay")
    for s in np.flatnonzero(net.stores.least_stay > 0.0):
        b = int(net.stores.balance[s])
        grid = net.grids[net.balances.grid[b]]
        steps = np.arange(grid.count, dtype=np.int32)
        begins, _ = _laps(net, grid)
        until = np.searchsorted(begins, begins[: grid.count] + float(net.stores.least_stay[s]) - NEAR_H)
        stay = np.clip(until - steps, 1, grid.count).astype(np.int32)
        numbers = rows.add(int(s), 0.0, np.inf, grid.count)
        rows.term(numbers, cols.level[s] + steps, 1.0)
        _add_recent_inflow(rows, numbers, net, cols, b, stay, kept_after(net, int(s), int(stay.max())))
    return rows.done()


def _laps(net: Network, grid: Grid) -> tuple[Floats, Floats]:
    """Return when steps begin and end, in hours: those that are cut as if not, of two laps where it is cyclic."""
    edges = np.arange(grid.count + 1.0) * grid.multiple * net.hours if grid.even else grid.edges * net.hours
    if net.cyclic:
        return np.append(edges[:-1], edges[:-1] + edges[-1]), np.append(edges[1:], edges[1:] + edges[-1])
    return edges[:-1], edges[1:]


def _add_recent_inflow(
    rows: Rows, numbers: Ints, net: Network, cols: Columns, b: int, reach: Ints, kept: Floats
) -> None:
    """Take off rows what comes into a balance in a step: of it and of as many after it as it has `reach`, in all.

    Of what comes in a step `kept` is what is there so many steps later, shape (steps, most steps).
    """
    flows, count, span = net.coefficients, len(numbers), np.arange(kept.shape[1], dtype=np.int32)
    for i in np.flatnonzero((flows.balance == b) & (flows.amount > 0.0)):
        a = int(flows.activity[i])
        pattern = overlap(net, int(net.balances.grid[b]), int(net.activities.grid[a]), float(flows.lag[i]))
        row, col = pattern.row, cols.rate[a] + pattern.col
        value = -amounts_over(net, flows.over, int(i), pattern) * pattern.hours
        rows_of = row[:, None] + span[None, :]
        inside = span[None, :] < reach[row][:, None]
        if not net.cyclic:
            inside &= rows_of < count
        amounts = value[:, None] * kept[row]
        own = numbers[(rows_of % count)[inside]]
        rows.term(own, np.broadcast_to(col[:, None], rows_of.shape)[inside], amounts[inside])
