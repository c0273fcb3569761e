"""What one more unit is worth: duals of balances, capacities, trades, pools, fleets and policies.

Signs: a value is what the objective gains (profit gained, cost saved, output gained, emissions saved) from one
more unit: of a commodity handed to a balance for nothing, of capacity, of a trade's bound, of a limit's slack.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from lodeworks.network.arrays import Floats, Grid, Varying
from lodeworks.plan.block import amounts_over, overlap, overlap_of
from lodeworks.plan.engine import Answer
from lodeworks.plan.ledger import ledger, money
from lodeworks.plan.tables.flows import rate_of
from lodeworks.plan.tables.frame import LongTable, times

__all__ = ["bound_value", "marginal_values", "plant_value", "policies", "resource_use", "resource_value",
           "resources", "trade_value"]


def rows_value(answer: Answer, name: str, owner: int) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.int32]]]:
    """Return the duals of a block's rows of one owner and their steps."""
    try:
        block, span = answer.program.rows_of(name)
    except KeyError:
        return np.zeros(0), np.zeros(0, np.int32)
    chosen = block.owner == owner
    return answer.y[span][chosen], block.step[chosen]


def bound_value(answer: Answer, activity: int) -> Floats:
    """Return what one more unit of rate at an activity's bounds is worth in each step.

    Positive where an upper bound binds, negative where a lower one above nought does; that a rate cannot be
    negative is no bound of anyone's.
    """
    first = int(answer.columns.rate[activity])
    span = slice(first, first + len(rate_of(answer, activity)))
    value = -answer.reduced[span]
    return np.where((value < 0.0) & (answer.columns.lower[span] == 0.0), 0.0, value)


def trade_value(answer: Answer, activity: int) -> Floats:
    """Return what one more unit at a trade's bound is worth in each step.

    Of what must be served or pays a penalty, that is one more unit wanted: its price less what it takes to serve it;
    where it is not served, the penalty lost. What is served earns its penalty back in the program (`network.trade`),
    which is nobody's gain when more is wanted.
    """
    if not answer.network.activities.must_serve[activity]:
        return bound_value(answer, activity)
    first = int(answer.columns.rate[activity])
    return -answer.reduced[first : first + len(rate_of(answer, activity))] - _fine(answer, activity)


def _fine(answer: Answer, activity: int) -> Floats:
    """Return what the penalty on one unit short costs in each step: in the objective, and a firm with accounts."""
    net, columns = answer.network, answer.columns
    item = next(i for i in np.flatnonzero(net.costs.activity == activity) if net.costs.item[i] == "unserved")
    span, money_in = money(net, columns, int(item))
    fine = money_in.copy() if net.objective.goal in ("profit", "cost") else np.zeros(len(money_in))
    if answer.fines is not None:
        fine += answer.fines[span]
    if net.accounts is None:
        return fine
    accounts, every = net.accounts, np.ones(net.accounts.calendar_years)
    for entry in ledger(net, columns):
        if entry.item != "unserved" or entry.firm < 0 or span.start not in entry.earned.col[:1]:
            continue
        carries = len(accounts.losses.of(entry.firm)) > 0  # then what is earned counts in its profit before tax alone
        for name, sums, per, share in (
            ("cash", entry.paid, np.arange(accounts.count), np.ones(accounts.count)),
            ("profit_tax", entry.earned, accounts.year, every * 0.0 if carries else accounts.tax[entry.firm]),
            ("taxable", entry.earned, accounts.year, every),
        ):
            dual, _ = rows_value(answer, name, entry.firm)
            if len(dual):
                period = per[sums.period]
                np.add.at(fine, sums.col - span.start, -(dual * share)[period] * sums.value)
    return fine


def plant_value(answer: Answer, plant: int) -> Floats:
    """Return what one more unit of a plant's capacity is worth in each step, shape (steps,).

    A plant that is not there has no unique dual: any value from what its first unit would earn up to what would
    make it be built is one. The least of them is told, what the first unit would earn at the plan's prices.
    """
    net, columns = answer.network, answer.columns
    plants = net.plants
    load = net.on_grid(plants.min_load, plants.grid, plant)
    stores = np.flatnonzero(net.stores.plant == plant)
    absent = plants.expandable[plant] and plants.existing[plant] == 0.0 and answer.built(plant) <= 0.0
    apart = len(stores) > 0 and net.stores.filling[stores[0]] >= 0
    if absent and np.min(load) >= 0.0 and not apart:  # what has limits on two sides is told by its duals
        return _first_unit(answer, plant)
    grid = net.grids[plants.grid[plant]]
    value = np.zeros(grid.count)
    if len(stores):
        return _store_value(answer, int(stores[0]), plant, value)
    available = net.on_grid(plants.availability, plants.grid, plant)
    if columns.simple[plant]:
        a = int(np.flatnonzero(net.activities.plant == plant)[0])
        gain = bound_value(answer, a)
        value += available * np.where(gain > 0.0, gain, load * gain)
    for name, share in (("capacity", np.ones(grid.count)), ("minimum_load", load)):
        dual, step = rows_value(answer, name, plant)
        np.add.at(value, step, -dual * (share * available)[step])
    for name, speed in (("ramp_up", plants.ramp_up[plant]), ("ramp_down", plants.ramp_down[plant])):
        dual, step = rows_value(answer, name, plant)
        np.add.at(value, step, -dual * speed * grid.hours(net.hours)[step])
    return value


def _store_value(answer: Answer, store: int, plant: int, value: Floats) -> Floats:
    """Return what one more unit a store could hold is worth in each step: of room, and of its doors."""
    net, columns, stores = answer.network, answer.columns, answer.network.stores
    grids = net.balances.grid[stores.balance]
    low, high = net.on_grid(stores.low, grids, store), net.on_grid(stores.high, grids, store)
    if not net.plants.expandable[plant]:
        first = int(columns.level[store])
        dual = -answer.reduced[first : first + len(value)]
        room = np.where(dual > 0.0, dual * high, np.where(low != 0.0, dual * low, 0.0))
        return room + _doors_value(answer, store, float(net.plants.existing[plant]))
    for name, share in (("store_capacity", high), ("store_floor", low)):
        dual, step = rows_value(answer, name, plant)
        np.add.at(value, step, -dual * share[step])
    try:
        block, span = answer.program.rows_of("store_doors")
    except KeyError:
        return value
    chosen = block.owner == plant
    dual, step, sides = answer.y[span][chosen], block.step[chosen], np.cumsum(block.step[chosen] == 0) - 1
    doors = [net.on_grid(s, grids, store) for s in (stores.charge_share, stores.discharge_share)]
    doors = [share for share in doors if np.isfinite(share).all()]
    for side, share in enumerate(doors):
        np.add.at(value, step[sides == side], -dual[sides == side] * share[step[sides == side]])
    return value


def _doors_value(answer: Answer, store: int, existing: float) -> Floats:
    """Return what one more unit of a store that cannot grow opens its doors for; nought where they have own limits."""
    net, stores = answer.network, answer.network.stores
    grids = net.balances.grid[stores.balance]
    value = np.zeros(net.grids[grids[store]].count)
    for a, shares in ((int(stores.filling[store]), stores.charge_share),
                      (int(stores.emptying[store]), stores.discharge_share)):
        share = net.on_grid(shares, grids, store)
        if a >= 0 and np.isfinite(existing) and np.isfinite(share).all():
            first = int(answer.columns.rate[a])
            limit = answer.columns.upper[first : first + len(share)]
            value += np.where(limit >= share * existing * (1.0 - 1e-9), bound_value(answer, a) * share, 0.0)
    return value


def _first_unit(answer: Answer, plant: int) -> Floats:
    """Return what the first unit of a plant would earn in each step, at the marginal values of all else."""
    net, columns = answer.network, answer.columns
    stores = np.flatnonzero(net.stores.plant == plant)
    users = columns.level[stores] if len(stores) else columns.rate[np.flatnonzero(net.activities.plant == plant)]
    dual, step = rows_value(answer, "store_capacity" if len(stores) else "capacity", plant)
    gain = np.zeros(net.grids[net.plants.grid[plant]].count)
    for first in users:
        np.maximum.at(gain, step, -(answer.reduced[first + step] + dual))
    available = 1.0 if len(stores) else net.on_grid(net.plants.availability, net.plants.grid, plant)
    return gain * available


def resource_value(answer: Answer, resource: int) -> Floats:
    """Return what one more unit of a pool or vehicle is worth in each step."""
    net = answer.network
    dual, step = rows_value(answer, "resources", resource)
    value = np.zeros(net.grids[net.resources.grid[resource]].count)
    value[step] = -dual
    available = net.on_grid(net.resources.availability, net.resources.grid, resource)
    return value * available


def resource_use(answer: Answer, resource: int) -> Floats:
    """Return how much of a pool, fleet or pumps is in use in each step, on average over it."""
    net, res = answer.network, answer.network.resources
    grid = net.grids[res.grid[resource]]
    used = np.zeros(grid.count)
    for i in np.flatnonzero(res.use_resource == resource):
        a = int(res.use_activity[i])
        pattern = overlap(net, int(res.grid[resource]), int(net.activities.grid[a]))
        amount = pattern.hours * rate_of(answer, a)[pattern.col]
        used += res.use[i] * np.bincount(pattern.row, amount, minlength=grid.count)
    mean: Floats = used / grid.hours(net.hours)
    return mean


def marginal_values(answer: Answer) -> pl.DataFrame:
    """Return the value of one more unit of everything in each step; steps where it is nought stay in."""
    net = answer.network
    table = LongTable(("what", "name", "commodity", "site", "unit"), ("hours", "value"))
    gained = net.objective.unit

    def add(names: tuple[str, str, str, str, str], grid: int, value: Floats) -> None:
        table.add(names, times(net, net.grids[grid]), hours=net.grids[grid].hours(net.hours), value=value)

    for b in np.flatnonzero(~net.balances.hidden):
        dual, _ = rows_value(answer, "balance", int(b))
        commodity, site = net.balances.commodity[b], net.balances.site[b]
        add(("balance", commodity, commodity, site, f"{gained}/{net.commodity_unit[commodity]}"),
            int(net.balances.grid[b]), dual)
    for p in range(len(net.plants)):
        element = net.elements[net.plants.element[p]]
        if element.kind != "fleet":
            per = element.unit if element.kind == "store" else f"({element.unit}/h)"
            add(("capacity", element.name, element.commodity, element.site, f"{gained}/{per}"),
                int(net.plants.grid[p]), plant_value(answer, p))
    for a in range(len(net.activities)):
        element = net.elements[net.activities.element[a]]
        first, count = int(answer.columns.rate[a]), net.grids[net.activities.grid[a]].count
        bounded = np.isfinite(answer.columns.upper[first : first + count]).any()
        if element.kind in ("supply", "demand") and bounded:
            hours = net.grids[net.activities.grid[a]].hours(net.hours)
            name = element.name if not net.activities.mode[a] else f"{element.name}: {net.activities.mode[a]}"
            add((element.kind, name, element.commodity, element.site, f"{gained}/{element.unit}"),
                int(net.activities.grid[a]), trade_value(answer, a) / hours)
    for r in range(len(net.resources.name)):
        add((net.resources.kind[r], net.resources.name[r], "", "", f"{gained}/{net.resources.unit[r]}"),
            int(net.resources.grid[r]), resource_value(answer, r))
    _add_cash(answer, table)
    return table.frame()


def _add_cash(answer: Answer, table: LongTable) -> None:
    """What one unit of money given to a firm in a period would earn it beyond itself; interest saved, for one."""
    net, accounts = answer.network, answer.network.accounts
    if accounts is not None:
        for f, firm in enumerate(accounts.firm):
            dual, _ = rows_value(answer, "cash", f)
            table.add(("cash", firm, "", "", f"{net.objective.unit}/{net.currency}"), times(net, accounts.periods),
                      hours=accounts.periods.hours(net.hours), value=-dual + 0.0)


def resources(answer: Answer) -> pl.DataFrame:
    """Return how much of each pool and fleet is in use in each step, and how much there is."""
    net = answer.network
    table = LongTable(("name", "kind", "unit"), ("hours", "used", "available"))
    res = net.resources
    for r in range(len(res.name)):
        grid = net.grids[res.grid[r]]
        hours, used = grid.hours(net.hours), resource_use(answer, r)
        built = answer.built(int(res.plant[r])) if res.plant[r] >= 0 else 0.0
        there = (res.amount[r] + built) * net.on_grid(res.availability, res.grid, r)
        table.add((res.name[r], res.kind[r], res.unit[r]), times(net, grid), hours=hours, used=used, available=there)
    return table.frame()


def policies(answer: Answer) -> pl.DataFrame:
    """Return each policy's sum (or share) in each window, its limits and what easing them is worth.

    Limits on sums of capacities stand among them, one row each.
    """
    net, pol = answer.network, answer.network.policies
    rows = []
    start = np.datetime64(net.start.replace(tzinfo=None), "ms")
    for p, name in enumerate(pol.name):
        stretches = net.stretches(p)[0]
        count = stretches.count
        sums = _window_sums(answer, stretches, p, pol.term_policy, pol.term_activity, pol.term_over)
        others = _window_sums(answer, stretches, p, pol.other_policy, pol.other_activity, pol.other_over)
        value = np.divide(sums, others, out=np.zeros(count), where=others > 0.0) if pol.is_share[p] else sums
        dual, step = rows_value(answer, "policies", p)
        ease = np.zeros(count)
        np.add.at(ease, step, np.abs(dual) * (others[step] if pol.is_share[p] else 1.0))
        bounds = [(pol.least[p], pol.most[p])[k] + np.divide(b, others, out=np.zeros(count), where=others > 0.0)
                  if pol.is_share[p] else b for k, b in enumerate(net.allotment(p))]
        unit = "" if pol.is_share[p] else pol.unit[p]
        for w in range(count):
            time = start + np.timedelta64(round(stretches.edges[w] * net.hours * 3_600_000), "ms")
            limits = [float(b[w]) if np.isfinite(b[w]) else None for b in bounds]
            rows.append((name, time.item(), float(value[w]), *limits, unit, float(ease[w])))
    capacity = net.sums
    for i, name in enumerate(capacity.name):
        mine = np.flatnonzero(capacity.row == i)
        stands = [net.plants.existing[p] + answer.built(int(p)) for p in capacity.plant[mine]]
        limits = [float(v[i]) if np.isfinite(v[i]) else None for v in (capacity.least, capacity.most)]
        dual, _ = rows_value(answer, "capacity_sums", i)
        total = float(capacity.weight[mine] @ np.array(stands))
        rows.append((name, start.item(), total, *limits, capacity.unit[i], float(np.abs(dual).sum())))
    return pl.DataFrame(
        rows, orient="row",
        schema={"policy": pl.String, "time": pl.Datetime("ms"), "value": pl.Float64, "least": pl.Float64,
                "most": pl.Float64, "unit": pl.String, "marginal_value": pl.Float64},
    )


def _window_sums(
    answer: Answer, stretches: Grid, policy: int, owners: np.ndarray[tuple[int], np.dtype[np.int32]],
    activities: np.ndarray[tuple[int], np.dtype[np.int32]], weights: Varying,
) -> Floats:
    net = answer.network
    sums = np.zeros(stretches.count)
    for i in np.flatnonzero(owners == policy):
        a = int(activities[i])
        pattern = overlap_of(stretches, net.grids[net.activities.grid[a]], 0.0, net.hours, net.steps, net.cyclic)
        counted = amounts_over(net, weights, int(i), pattern)
        np.add.at(sums, pattern.row, counted * pattern.hours * rate_of(answer, a)[pattern.col])
    return sums
