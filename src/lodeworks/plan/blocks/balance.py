"""The balance of every commodity at every site."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Network
from lodeworks.network.standing import kept_each_step
from lodeworks.plan.block import Block, Rows, amounts_over, overlap, spread
from lodeworks.plan.columns import Columns

__all__ = ["balance", "gathering"]


def balance(net: Network, cols: Columns) -> Block:
    r"""What comes into a balance equals what goes out or into store, in every step of the balance.

    .. math::

        \sum_a \sum_j c_{abj}\, h_{tj}(\ell)\, x_{aj} + \kappa_{st} L_{s,t-1} - L_{st}
        - \sum_p e_{pb} \sum_j \frac{h_{tj}}{h_j} v_{pj} = 0

    for each balance b and step t, or :math:`\ge 0` where the commodity may be let go; :math:`h_{tj}(\ell)` is
    the time that step j of the activity, :math:`\ell` hours later, shares with step t. An amount c that changes over
    time is its mean over that time, as it was when the activity ran. Flows that are gathered stand here as their sum.
    What a start takes, e, is taken evenly in its step. Of what is in store
    :math:`\kappa_{st} = \prod_{\tau \in t} (1-\lambda_{s\tau})^{\Delta}` is left after a step, by the loss of each base
    step in it. In a window of a longer horizon, what was on the way when it began comes in as a constant. Over stages
    what a carried stock begins with is a column.
    """
    rows = Rows("balance")
    counts = np.array([net.grids[g].count for g in net.balances.grid])
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    opening = _opening(net)
    coming = [np.zeros(count) for count in counts]
    for b, step, amount in net.before.coming if net.before is not None else ():
        coming[b][step] += amount
    for b, count in enumerate(counts):
        lower = -coming[b]
        lower[0] -= opening[b]
        rows.add(b, lower, np.inf if net.balances.let_go[b] else lower, int(count))
    gathered = cols.gathered
    for g in range(len(gathered.balance)):
        b = int(gathered.balance[g])
        pattern = overlap(net, int(net.balances.grid[b]), int(gathered.grid[g]))
        begin = np.array([first[b]], np.int32)
        rows.term(*spread(begin, gathered.first[g : g + 1], np.ones(1), pattern))
    flows = net.coefficients
    alone = (gathered.member < 0) & ~flows.changing
    row_grid = net.balances.grid[flows.balance]
    col_grid = net.activities.grid[flows.activity]
    keys = np.stack([row_grid, col_grid, flows.lag], axis=1) if len(flows.lag) else np.zeros((0, 3))
    for key in np.unique(keys, axis=0):
        chosen = np.flatnonzero((keys == key).all(axis=1) & alone)
        pattern = overlap(net, int(key[0]), int(key[1]), float(key[2]))
        begin = first[flows.balance[chosen]].astype(np.int32)
        rows.term(*spread(begin, cols.rate[flows.activity[chosen]], flows.amount[chosen], pattern))
    for i in np.flatnonzero(flows.changing):
        pattern = overlap(net, int(row_grid[i]), int(col_grid[i]), float(flows.lag[i]))
        values = amounts_over(net, flows.over, int(i), pattern) * pattern.hours
        begin = first[flows.balance[i]].astype(np.int32)
        rows.term(begin + pattern.row, cols.rate[flows.activity[i]] + pattern.col, values)
    taken = net.start_flows
    for p, b, amount in zip(taken.plant, taken.balance, taken.amount, strict=True):
        pattern = overlap(net, int(net.balances.grid[b]), int(net.plants.grid[p]))
        share = pattern.hours / net.grids[net.plants.grid[p]].hours(net.hours)[pattern.col]
        rows.term((first[b] + pattern.row).astype(np.int32), cols.start[p] + pattern.col, -float(amount) * share)
    for s in range(len(net.stores)):
        b = int(net.stores.balance[s])
        steps = np.arange(counts[b], dtype=np.int32)
        level = cols.level[s] + steps
        rows.term(first[b] + steps, level, -1.0)
        kept = kept_each_step(net, s)
        before = np.roll(level, 1)
        if net.stores.cyclic[s]:
            rows.term(first[b] + steps, before, kept)
        else:
            rows.term(first[b] + steps[1:], before[1:], kept[1:])
        if net.stores.open[s]:
            rows.term(first[b] + steps[:1], int(cols.begin[s]), kept[:1])
    return rows.done()


def gathering(net: Network, cols: Columns) -> Block:
    r"""Flows of coarse activities into a finer balance are summed once for each of their steps.

    .. math:: q_{gj} - \sum_{a \in g} c_{ab}\, x_{aj} = 0

    and :math:`q_{gj}` stands in the balance in their place. It changes no plan, only how sparse the program is.
    """
    rows = Rows("gathering")
    gathered, flows = cols.gathered, net.coefficients
    for g in range(len(gathered.balance)):
        count = net.grids[gathered.grid[g]].count
        steps = np.arange(count, dtype=np.int32)
        numbers = rows.add(g, 0.0, 0.0, count)
        rows.term(numbers, gathered.first[g] + steps, 1.0)
        for i in np.flatnonzero(gathered.member == g):
            rows.term(numbers, cols.rate[flows.activity[i]] + steps, -float(flows.amount[i]))
    return rows.done()


def _opening(net: Network) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return what stores that are not cyclic bring to each balance's first step."""
    opening = np.zeros(len(net.balances.commodity))
    for s in np.flatnonzero(~net.stores.cyclic):
        b = int(net.stores.balance[s])
        opening[b] += net.stores.initial[s] * kept_each_step(net, int(s))[0]
    return opening
