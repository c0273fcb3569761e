"""Merging neighbouring steps into segments, order kept: which to merge, and the network that results.

What differs least over its varying numbers is merged first. Stores still follow the year from one segment to the
next, which typical days cannot do without links of their own.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from lodeworks.network.arrays import Costs, Floats, Grid, Network, Stores, Varying

__all__ = ["edges_of_segments", "merged"]


def edges_of_segments(net: Network, count: int, whole: Iterable[int] = ()) -> Floats:
    """Return where segments begin and end, in base steps, shape (segments + 1,).

    Parameters
    ----------
    count
        Segments wanted; there are more where limits on sums have windows of their own, a level is given, or one would
        cut a coarser step that is merged.
    whole
        Base steps that stay segments of their own, beside those wanted.

    Notes
    -----
    Ward's criterion over the series of the network, each brought to the span nought to one, neighbours only:
    merging a and b costs :math:`n_a n_b / (n_a + n_b) \\lVert \\bar a - \\bar b \\rVert^2`.
    """
    fixed = {0, net.steps}
    for every in {int(e) for e in net.policies.every}:
        fixed |= set(range(0, net.steps, every))
    fixed |= {int(_grid_of(net, store).edges[step + 1]) for store, step, _ in net.stores.fixed}
    alone = {int(step) for step in whole}
    fixed |= alone | {step + 1 for step in alone}
    sums, sizes = _features(net), np.ones(net.steps)
    begin = list(range(net.steps))
    end = [s + 1 for s in begin]
    after, before = [*range(1, net.steps), -1], [-1, *range(net.steps - 1)]
    alive, stamp = [True] * net.steps, [0] * net.steps

    def offer(left: int) -> None:
        right = after[left]
        if right < 0 or end[left] in fixed:
            return
        gap = sums[left] / sizes[left] - sums[right] / sizes[right]
        price = sizes[left] * sizes[right] / (sizes[left] + sizes[right]) * float(gap @ gap)
        heapq.heappush(heap, (price, left, stamp[left], stamp[right]))

    heap: list[tuple[float, int, int, int]] = []
    for left in range(net.steps - 1):
        offer(left)
    remaining = net.steps
    while remaining > count + len(alone) and heap:
        _, left, mine, other = heapq.heappop(heap)
        right = after[left]
        if not alive[left] or right < 0 or stamp[left] != mine or stamp[right] != other:
            continue
        sums[left] += sums[right]
        sizes[left] += sizes[right]
        end[left], after[left], alive[right] = end[right], after[right], False
        if after[left] >= 0:
            before[after[left]] = left
        stamp[left] += 1
        remaining -= 1
        offer(left)
        if before[left] >= 0:
            offer(before[left])
    return _not_cutting(net, np.array([0, *(end[s] for s in begin if alive[s])], float))


def _not_cutting(net: Network, edges: Floats) -> Floats:
    """Return edges with those of each coarser step that one of them cuts, which so stays as it is.

    Its rate is one on both sides of the edge. Merged with its neighbours it would be their mean on both, while a plan
    may run in some of them and not in others: its mean would be no plan of what is merged.
    """
    while True:
        found = [edges]
        for grid in net.grids:
            after = np.searchsorted(grid.edges, edges)
            cut = after[grid.edges[after] != edges]
            found += [grid.edges[cut - 1], grid.edges[cut]]
        more = np.unique(np.concatenate(found))
        if len(more) == len(edges):
            return more
        edges = more


def _features(net: Network) -> Floats:
    """Return every series brought to the span nought to one, shape (steps, series)."""
    if not len(net.series):
        return np.zeros((net.steps, 1))
    finite = np.where(np.isfinite(net.series), net.series, 0.0)
    low = finite.min(axis=1, keepdims=True)
    span = finite.max(axis=1, keepdims=True) - low
    return np.asarray(((finite - low) / np.where(span > 0.0, span, 1.0)).T.copy())


def merged(net: Network, edges: Floats, *, best_prices: bool = False) -> Network:
    """Return the network with every grid's steps merged where no edge of a segment lies between them.

    A level is that at the end of a segment, so what bounds it is what does then. With `best_prices` money that varies
    over time is the best of the steps in each segment, not their mean, and holding costs for its last step alone: then
    no plan of the whole can earn more than the best of what is merged (where `certify.averages_bound` says so).
    """
    kept = set(edges.tolist())
    grids = tuple(
        Grid(grid.multiple, np.array([e for e in grid.edges.tolist() if e in kept])) for grid in net.grids
    )
    rows = [*net.series]
    stores = _stores(net, grids, rows, best_prices)
    if not best_prices:
        return replace(net, grids=grids, stores=stores, series=_table(net, rows), _averages={})
    scale, series = net.costs.money.scale, net.costs.money.series.copy()
    found: dict[tuple[int, int, bool], int] = {}
    for i in np.flatnonzero(series >= 0):
        row, own, better = key = (
            int(series[i]), int(net.activities.grid[net.costs.activity[i]]), bool(scale[i] >= 0.0))
        if key not in found:
            before, after = net.grids[own].edges, grids[own].edges
            best = (np.maximum if better else np.minimum).reduceat(
                net.average(row, own), np.searchsorted(before, after[:-1]))
            found[key] = len(rows)
            rows.append(np.repeat(best, np.diff(after).astype(np.int64)))
        series[i] = found[key]
    money: Costs = replace(net.costs, money=Varying(scale, series))
    return replace(net, grids=grids, stores=stores, series=_table(net, rows), costs=money, _averages={})


def _table(net: Network, rows: list[Floats]) -> Floats:
    return np.array(rows, float).reshape(len(rows), net.steps)


def _grid_of(net: Network, store: int) -> Grid:
    grid: Grid = net.grids[net.balances.grid[net.stores.balance[store]]]
    return grid


def _stores(net: Network, grids: tuple[Grid, ...], rows: list[Floats], best: bool) -> Stores:
    """Return the stores with bounds on levels as they are at the ends of segments, and given levels where they fall.

    With `best` a level costs what it does in the last of its steps, since before it may have been nought.
    """
    stores, own = net.stores, net.balances.grid[net.stores.balance]
    changed: dict[str, Any] = {}
    for name in ("low", "high", "cost") if best else ("low", "high"):
        varying: Varying = getattr(stores, name)
        scale, series = varying.scale.copy(), varying.series.copy()
        for s, number in enumerate(own.tolist()):
            before, after = net.grids[number].edges, grids[number].edges
            constant = varying.series[s] < 0 and (name != "cost" or varying.scale[s] == 0.0)
            if constant or len(after) == len(before):
                continue
            last = np.searchsorted(before, after[1:]) - 1
            values = net.on_grid(varying, own, s)[last]
            if name == "cost":
                values = values * (before[last + 1] - before[last]) / np.diff(after)
            scale[s], series[s] = 1.0, len(rows)
            rows.append(np.repeat(values, np.diff(after).astype(np.int64)))
        changed[name] = Varying(scale, series)
    given = tuple(
        (store, int(np.searchsorted(grids[own[store]].edges, _grid_of(net, store).edges[step + 1])) - 1, level)
        for store, step, level in stores.fixed
    )
    return replace(stores, fixed=given, **changed)
