"""Limits on sums: pools and fleets, quality of blends, loops of wires, policies, the investment budget."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Grid, Ints, Network, Varying
from lodeworks.plan.block import Block, Rows, amounts_over, overlap, overlap_of, spread
from lodeworks.plan.columns import Columns

__all__ = ["blend_quality", "budget", "cycles", "policies", "resources"]


def resources(net: Network, cols: Columns) -> Block:
    r"""Pools, vehicles and pumps in use are at most those there, on average over each step.

    .. math:: \frac{1}{\Delta} \sum_a q_{ra} \sum_j h_{tj}\, x_{aj} - \alpha_{rt}\, k_r \le \alpha_{rt}\, Q_r

    For a fleet q is vehicle hours for one unit carried: trips × cycle.
    """
    rows = Rows("resources")
    res = net.resources
    for r in range(len(res.name)):
        available = net.on_grid(res.availability, res.grid, r)
        numbers = rows.add(r, -np.inf, available * res.amount[r], len(available))
        hours = net.grids[res.grid[r]].hours(net.hours)
        for i in np.flatnonzero(res.use_resource == r):
            a = int(res.use_activity[i])
            pattern = overlap(net, int(res.grid[r]), int(net.activities.grid[a]))
            row, col, value = spread(np.zeros(1, np.int64), cols.rate[a : a + 1], res.use[i : i + 1], pattern)
            rows.term(numbers[row], col, value / hours[row])
        if res.plant[r] >= 0:
            p = int(res.plant[r])
            rows.term(numbers, int(cols.built[p]), -available * cols.built_size(net, p))
    return rows.done()


def blend_quality(net: Network, cols: Columns) -> Block:
    r"""A blend's figure keeps its limit, in every step.

    .. math:: \sum_c (q_c - \overline{q})\, w_c\, x_{ct} \le 0

    and with the sign turned for a lower limit; w is the weight of a component's unit in the mix.
    """
    rows = Rows("blend_quality")
    for i in range(len(net.blends.name)):
        count = net.grids[net.blends.grid[i]].count
        steps = np.arange(count, dtype=np.int32)
        numbers = rows.add(i, -np.inf, 0.0, count)
        for k in np.flatnonzero(net.blends.row == i):
            rows.term(numbers, cols.rate[net.blends.activity[k]] + steps, float(net.blends.weight[k]))
    return rows.done()


def policies(net: Network, cols: Columns) -> Block:
    r"""A policy's sum keeps its limits in every window, or misses them at a penalty.

    .. math:: \underline{B} \le \sum_a w_a \sum_{t \in W} \Delta\, x_{at} + e^-_W - e^+_W \le \overline{B}

    In a window of a longer horizon a stretch that is cut has its part of the limit: by time, or as a plan of the whole
    meant it (see `Followed.allotted`). For a share
    :math:`\sum_a w_a X_a - s \sum_a w'_a X_a \ge 0` or :math:`\le 0`, X the amounts in the window.
    """
    rows = Rows("policies")
    pol = net.policies
    for p in range(len(pol.name)):
        stretches = net.stretches(p)[0]
        count = stretches.count
        for side, limit, bound in zip(("least", "most"), (pol.least[p], pol.most[p]), net.allotment(p), strict=True):
            if np.isinf(limit):
                continue
            low, high = (bound, np.inf) if side == "least" else (-np.inf, bound)
            numbers = rows.add(p, low, high, count)
            terms = (p, pol.term_policy, pol.term_activity, pol.term_over)
            _add_amounts(net, cols, rows, numbers, stretches, terms, 1.0)
            if pol.is_share[p]:
                others = (p, pol.other_policy, pol.other_activity, pol.other_over)
                _add_amounts(net, cols, rows, numbers, stretches, others, -float(limit))
            if cols.slack[p] >= 0:
                first = cols.slack[p] + (0 if side == "least" else count)
                steps = np.arange(count, dtype=np.int32)
                rows.term(numbers, first + steps, 1.0 if side == "least" else -1.0)
    return rows.done()


def _add_amounts(
    net: Network, cols: Columns, rows: Rows, numbers: Ints, stretches: Grid, terms: tuple[int, Ints, Ints, Varying],
    scale: float,
) -> None:
    policy, owners, activities, weights = terms
    for i in np.flatnonzero(owners == policy):
        a = int(activities[i])
        pattern = overlap_of(stretches, net.grids[net.activities.grid[a]], 0.0, net.hours, net.steps, net.cyclic)
        value = amounts_over(net, weights, int(i), pattern) * scale * pattern.hours
        rows.term(numbers[pattern.row], cols.rate[a] + pattern.col, value)


def budget(net: Network, cols: Columns) -> Block:
    r"""All that is built together costs no more than the budget.

    .. math:: \sum_p I_p\, k_p \le B
    """
    rows = Rows("budget")
    if np.isfinite(net.budget):
        numbers = rows.add(0, -np.inf, net.budget, 1)
        for p in (int(p) for p in np.flatnonzero(net.plants.expandable & (net.plants.invest > 0.0))):
            rows.term(numbers, int(cols.built[p]), float(net.plants.invest[p]) * cols.built_size(net, p))
    return rows.done()


def cycles(net: Network, cols: Columns) -> Block:
    r"""Around every loop of wires the voltages add to nought (Kirchhoff's second law, linear).

    .. math:: \sum_{a \in \ell} s_{\ell a} (X_a\, x_{at} + \varphi_{at}) = 0

    for each independent loop and step; X is the reactance, φ the phase shift of a transformer in radians, s the
    direction of a wire within the loop.
    """
    rows = Rows("cycles")
    loops = net.cycles
    for i in range(int(loops.cycle.max(initial=-1)) + 1):
        chosen = np.flatnonzero(loops.cycle == i)
        count = net.grids[net.activities.grid[loops.activity[chosen[0]]]].count
        turned = np.zeros(count)
        for k in chosen:
            turned -= net.on_grid(loops.shift, net.activities.grid[loops.activity], int(k))
        numbers = rows.add(i, turned, turned, count)
        for k in chosen:
            rows.term(numbers, cols.rate[loops.activity[k]] + np.arange(count, dtype=np.int32), float(loops.weight[k]))
    return rows.done()
