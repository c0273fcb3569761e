"""What moves: flows at the balances' steps, rates at the activities' steps, levels, and what was not served."""

from __future__ import annotations

import numpy as np
import polars as pl

from lodeworks.network.arrays import Floats
from lodeworks.network.standing import kept_each_step
from lodeworks.plan.block import amounts_over, overlap
from lodeworks.plan.engine import Answer
from lodeworks.plan.tables.frame import LongTable, times

__all__ = ["flows", "levels", "rate_of", "rates", "store_draw", "unserved"]


def rate_of(answer: Answer, activity: int) -> Floats:
    """Return an activity's rate in each of its steps."""
    net = answer.network
    count = net.grids[net.activities.grid[activity]].count
    first = int(answer.columns.rate[activity])
    return answer.x[first : first + count]


def level_of(answer: Answer, store: int) -> Floats:
    """Return a store's level at the end of each step."""
    net = answer.network
    count = net.grids[net.balances.grid[net.stores.balance[store]]].count
    first = int(answer.columns.level[store])
    return answer.x[first : first + count]


def store_draw(answer: Answer, store: int) -> Floats:
    """Return what a store gives its balance in each step; negative when it takes. Losses are not given."""
    net = answer.network
    level = level_of(answer, store)
    before = np.roll(level, 1)
    if not net.stores.cyclic[store]:
        begin = int(answer.columns.begin[store])
        before[0] = answer.x[begin] if begin >= 0 else net.stores.initial[store]
    return before * kept_each_step(net, store) - level


def flows(answer: Answer) -> pl.DataFrame:
    """Return what every element brings to (positive) or takes from every balance in each of its steps.

    For each commodity, site and time the amounts add to nought.
    """
    net = answer.network
    moved: dict[tuple[int, str, int], Floats] = {}
    totals = [np.zeros(net.grids[g].count) for g in net.balances.grid]
    links = net.coefficients
    for i in range(len(links.activity)):
        a, b = int(links.activity[i]), int(links.balance[i])
        pattern = overlap(net, int(net.balances.grid[b]), int(net.activities.grid[a]), float(links.lag[i]))
        moving = amounts_over(net, links.over, i, pattern) * pattern.hours * rate_of(answer, a)[pattern.col]
        amount: Floats = np.bincount(pattern.row, moving, minlength=len(totals[b])).astype(float)
        key = (int(links.element[i]), net.activities.mode[a], b)
        moved[key] = moved[key] + amount if key in moved else amount
        totals[b] += amount
    taken = net.start_flows
    for p, b, each in zip(taken.plant.tolist(), taken.balance.tolist(), taken.amount, strict=True):
        pattern, grid = overlap(net, int(net.balances.grid[b]), int(net.plants.grid[p])), net.grids[net.plants.grid[p]]
        begun = answer.x[int(answer.columns.start[p]) : int(answer.columns.start[p]) + grid.count]
        share = pattern.hours / grid.hours(net.hours)[pattern.col]
        drawn: Floats = np.zeros(len(totals[b]))
        np.add.at(drawn, pattern.row, -float(each) * share * begun[pattern.col])
        moved[int(net.plants.element[p]), "start", b] = drawn
        totals[b] += drawn
    for s in range(len(net.stores)):
        draw, b = store_draw(answer, s), int(net.stores.balance[s])
        moved[int(net.stores.element[s]), "", b] = draw
        totals[b] += draw
    table = LongTable(("element", "kind", "mode", "commodity", "site", "unit"), ("hours", "amount"))
    for (element, mode, b), amount in moved.items():
        if not net.balances.hidden[b]:
            _add(answer, table, net.elements[element].name, net.elements[element].kind, mode, b, amount)
    for surplus in (int(b) for b in np.flatnonzero(net.balances.let_go)):
        site = net.balances.site[surplus]
        name = f"{net.balances.commodity[surplus]} let go" + (f" at {site}" if site else "")
        _add(answer, table, name, "let_go", "", surplus, -totals[surplus])
    return table.frame()


def _add(answer: Answer, table: LongTable, name: str, kind: str, mode: str, b: int, amount: Floats) -> None:
    net = answer.network
    grid = net.grids[net.balances.grid[b]]
    commodity = net.balances.commodity[b]
    table.add(
        (name, kind, mode, commodity, net.balances.site[b], net.commodity_unit[commodity]),
        times(net, grid), hours=grid.hours(net.hours), amount=amount,
    )


def rates(answer: Answer) -> pl.DataFrame:
    """Return every activity's rate in each of its steps, in its element's unit per hour."""
    net = answer.network
    table = LongTable(("element", "kind", "mode", "unit"), ("hours", "rate"))
    for a in range(len(net.activities)):
        element, grid = net.elements[net.activities.element[a]], net.grids[net.activities.grid[a]]
        table.add(
            (element.name, element.kind, net.activities.mode[a], f"{element.unit}/h"),
            times(net, grid), hours=grid.hours(net.hours), rate=rate_of(answer, a),
        )
    return table.frame()


def levels(answer: Answer) -> pl.DataFrame:
    """Return every store's level at the end of each step."""
    net = answer.network
    table = LongTable(("store", "commodity", "site", "unit"), ("level", "capacity"))
    for s in range(len(net.stores)):
        element, p = net.elements[net.stores.element[s]], int(net.stores.plant[s])
        grid = net.grids[net.balances.grid[net.stores.balance[s]]]
        capacity = float(net.plants.existing[p]) + answer.built(p)
        table.add(
            (element.name, element.commodity, element.site, element.unit), times(net, grid, end=True),
            level=level_of(answer, s), capacity=capacity if np.isfinite(capacity) else np.nan,
        )
    return table.frame()


def unserved(answer: Answer) -> pl.DataFrame:
    """Return what demands that may fall short did not get, in the steps in which they fell short."""
    net = answer.network
    table = LongTable(("demand", "commodity", "site", "unit"), ("hours", "amount"))
    for a in np.flatnonzero(net.activities.must_serve):
        element, grid = net.elements[net.activities.element[a]], net.grids[net.activities.grid[a]]
        first = int(answer.columns.rate[a])
        owed = answer.columns.upper[first : first + grid.count]
        short = (owed - rate_of(answer, int(a))) * grid.hours(net.hours)
        chosen = short > 1e-9 * owed * grid.hours(net.hours) + 1e-7 * float(np.max(owed, initial=0.0))
        if chosen.any():
            table.add(
                (element.name, element.commodity, element.site, element.unit), times(net, grid)[chosen],
                hours=grid.hours(net.hours)[chosen], amount=short[chosen],
            )
    return table.frame()
