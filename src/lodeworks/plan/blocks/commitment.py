"""Decisions in whole numbers: units on or off, their starts, and tiers used in order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lodeworks.network.arrays import Bools, Floats, Ints, Network
from lodeworks.network.edges import load_at_start, load_at_stop
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.blocks.capacity import add_total, users
from lodeworks.plan.blocks.reserves import add_kept, keeps_down
from lodeworks.plan.columns import Columns, spans_of

__all__ = [
    "add_edge_limit", "add_recent_starts", "commitment", "down_time", "fill_order", "sequences", "start_limit",
    "starts", "stop_limit", "up_time",
]


def commitment(net: Network, cols: Columns) -> Block:
    r"""A plant that may be off runs between its minimum load and its capacity while on, and not at all while off.

    .. math:: \sum_{a \in p} x_{at} - \alpha_{pt} \overline{K}_p\, u_{pt} \le 0, \qquad
              \sum_{a \in p} x_{at} - m_p \alpha_{pt} (K_p + k_p) + m_p \alpha_{pt} \overline{K}_p (1 - u_{pt}) \ge 0

    with :math:`\overline{K}_p` the capacity existing and the most that can be built.
    """
    rows = Rows("commitment")
    plants = net.plants
    for p in (int(p) for p in np.flatnonzero(plants.on_off & (plants.unit == 0.0))):
        available = net.on_grid(plants.availability, plants.grid, p)
        largest = plants.existing[p] + (plants.most[p] if plants.expandable[p] else 0.0)
        on = cols.on[p] + np.arange(len(available), dtype=np.int32)
        numbers = rows.add(p, -np.inf, 0.0, len(available))
        add_total(rows, numbers, net, cols, p)
        add_kept(rows, numbers, net, cols, p, up=True)
        rows.term(numbers, on, -available * largest)
        least = net.on_grid(plants.min_load, plants.grid, p) * available
        if not (np.any(least) or keeps_down(net, p)):
            continue
        numbers = rows.add(p, least * (plants.existing[p] - largest), np.inf, len(available))
        add_total(rows, numbers, net, cols, p)
        add_kept(rows, numbers, net, cols, p, up=False)
        rows.term(numbers, on, -least * largest)
        if cols.built[p] >= 0:
            rows.term(numbers, int(cols.built[p]), -least * cols.built_size(net, p))
    return rows.done()


def starts(net: Network, cols: Columns) -> Block:
    r"""A start is counted when a unit is on that was off the step before.

    .. math:: v_{pt} - u_{pt} + u_{p,t-1} \ge 0

    The first step follows the last where the horizon is cyclic, and counts no start elsewhere.
    """
    rows = Rows("starts")
    for p in (int(p) for p in np.flatnonzero(cols.start >= 0)):
        steps = np.arange(net.grids[net.plants.grid[p]].count, dtype=np.int32)
        chosen = steps if net.cyclic else steps[1:]
        numbers = rows.add(p, 0.0, np.inf, len(chosen), chosen)
        rows.term(numbers, cols.start[p] + chosen, 1.0)
        rows.term(numbers, cols.on[p] + chosen, -1.0)
        rows.term(numbers, cols.on[p] + np.roll(steps, 1)[-len(chosen):], 1.0)
    return rows.done()


def up_time(net: Network, cols: Columns) -> Block:
    r"""What has been started stays on for its minimum up time.

    .. math:: \sum_{\tau = t-U+1}^{t} v_{p\tau} - u_{pt} \le 0

    with U the up time in steps, at least one: a start needs a unit that is on. With the rows of `down_time` these are
    the facets of what a single unit may do (Rajan and Takriti 2005).
    """
    rows = Rows("up_time")
    for p, _, chosen in sequences(net, cols, cols.sequenced):
        numbers = rows.add(p, -np.inf, 0.0, len(chosen), chosen)
        rows.term(numbers, cols.on[p] + chosen, -1.0)
        add_recent_starts(rows, numbers, net, cols, p, chosen, spans_of(net, p, float(net.plants.min_up[p]))[chosen])
    return rows.done()


def down_time(net: Network, cols: Columns) -> Block:
    r"""What has been stopped stays off for its minimum down time.

    .. math:: \sum_{\tau = t-D+1}^{t} v_{p\tau} + u_{p,t-D} \le 1

    with D the down time in steps, at least one: what is started was off before. Near the start of a horizon that is not
    cyclic the first step stands for those before it.
    """
    rows = Rows("down_time")
    for p, steps, chosen in sequences(net, cols, cols.sequenced & (net.plants.unit == 0.0)):
        span = spans_of(net, p, float(net.plants.min_down[p]))[chosen]
        numbers = rows.add(p, -np.inf, 1.0, len(chosen), chosen)
        before = (chosen - span) % len(steps) if net.cyclic else np.maximum(chosen - span, 0)
        known = net.before is not None and not np.isnan(net.before.on[p])  # and then it is a bound
        there = chosen >= span if known else np.ones(len(chosen), bool)
        rows.term(numbers[there], cols.on[p] + before[there].astype(np.int32), 1.0)
        add_recent_starts(rows, numbers, net, cols, p, chosen, span)
    return rows.done()


def start_limit(net: Network, cols: Columns) -> Block:
    r"""In the step of a start a plant runs at its load at start at most.

    .. math:: \sum_{a \in p} x_{at} - \alpha_{pt} K_p u_{pt} + (\alpha_{pt} - s_p)^+ K_p v_{pt} \le 0

    or, where capacity can be built, :math:`\sum x_{at} - s_p k_p + (1-s_p) \overline{K}_p v_{pt} \le
    s_p K_p + (1-s_p) \overline{K}_p`.
    """
    rows = Rows("start_limit")
    for p, _, chosen in sequences(net, cols, cols.sequenced & (net.plants.unit == 0.0)):
        share = load_at_start(net, p)[chosen]
        add_edge_limit(rows, net, cols, p, share, chosen, ((int(cols.start[p]), chosen, 1.0),))
    return rows.done()


def stop_limit(net: Network, cols: Columns) -> Block:
    r"""In the last step before a stop a plant runs at its load at stop at most.

    .. math:: \sum_{a \in p} x_{at} - \alpha_{pt} K_p u_{pt} + (\alpha_{pt} - s_p)^+ K_p w_{p,t+1} \le 0, \qquad
              w_{pt} = v_{pt} - u_{pt} + u_{p,t-1}

    and with capacity that can be built as in `start_limit`.
    """
    rows = Rows("stop_limit")
    for p, steps, chosen in sequences(net, cols, cols.sequenced & (net.plants.unit == 0.0)):
        last = ((chosen - 1) % len(steps)).astype(np.int32)
        on, start = int(cols.on[p]), int(cols.start[p])
        stops = ((start, chosen, 1.0), (on, chosen, -1.0), (on, last, 1.0))
        add_edge_limit(rows, net, cols, p, load_at_stop(net, p)[chosen], last, stops)
    return rows.done()


def sequences(net: Network, cols: Columns, which: Bools) -> Iterator[tuple[int, Ints, Ints]]:
    """Yield each of some plants whose starts are counted exactly, its steps, and those that follow another step."""
    for p in (int(p) for p in np.flatnonzero(which)):
        steps = np.arange(net.grids[net.plants.grid[p]].count, dtype=np.int32)
        yield p, steps, steps if net.cyclic else steps[1:]


def add_recent_starts(
    rows: Rows, numbers: Ints, net: Network, cols: Columns, plant: int, chosen: Ints, span: Ints
) -> None:
    """Add to a row for each step of `chosen` the starts of as many steps up to it as its `span` says."""
    count = net.grids[net.plants.grid[plant]].count
    back = np.arange(span.max(initial=0), dtype=np.int32)
    recent = chosen[:, None] - back[None, :]
    inside = back[None, :] < span[:, None]
    if not net.cyclic:
        inside &= recent >= 0
    wide = np.broadcast_to(numbers[:, None], recent.shape)
    rows.term(wide[inside], cols.start[plant] + (recent % count)[inside], 1.0)


def add_edge_limit(
    rows: Rows, net: Network, cols: Columns, p: int, share: Floats, at: Ints,
    edge: tuple[tuple[int, Ints, float], ...],
) -> None:
    """Add rows that keep the load at the steps `at` within their `share` where the edge (a start or stop) is one."""
    if np.all(share >= 1.0):
        return
    existing = float(net.plants.existing[p])
    if cols.built[p] < 0:
        available = net.on_grid(net.plants.availability, net.plants.grid, p)[at]
        cut = np.maximum(available - share, 0.0) * existing
        numbers = rows.add(p, -np.inf, 0.0, len(at), at)
        rows.term(numbers, cols.on[p] + at, -available * existing)
    else:
        cut = (1.0 - share) * (existing + float(net.plants.most[p]))
        numbers = rows.add(p, -np.inf, share * existing + cut, len(at), at)
        rows.term(numbers, int(cols.built[p]), -share * cols.built_size(net, p))
    for a in users(net, p):
        rows.term(numbers, cols.rate[a] + at, 1.0)
    add_kept(rows, numbers, net, cols, p, up=True, at=at)
    for first, steps, sign in edge:
        rows.term(numbers, first + steps, sign * cut)


def fill_order(net: Network, cols: Columns) -> Block:
    r"""A tier or load segment is used only when the one before it is full.

    .. math:: x_{it} - w_{it} z_{it} \ge 0, \qquad x_{i+1,t} - w_{i+1,t} z_{it} \le 0

    for each neighbouring pair whose order prices or slopes do not see to; z is nought or one.
    """
    rows = Rows("fill_order")
    for i, (first, second) in enumerate(net.order):
        grid = net.activities.grid
        full = net.on_grid(net.activities.upper, grid, int(first))
        width = net.on_grid(net.activities.upper, grid, int(second))
        width = np.where(np.isfinite(width), width, _LARGE * full)
        steps = np.arange(len(full), dtype=np.int32)
        numbers = rows.add(i, 0.0, np.inf, len(full))
        rows.term(numbers, cols.rate[first] + steps, 1.0)
        rows.term(numbers, cols.order[i] + steps, -full)
        numbers = rows.add(i, -np.inf, 0.0, len(full))
        rows.term(numbers, cols.rate[second] + steps, 1.0)
        rows.term(numbers, cols.order[i] + steps, -width)
    return rows.done()


# An endless last tier needs some bound to be switched off by: this many times the tier before it.
_LARGE = 1e3
