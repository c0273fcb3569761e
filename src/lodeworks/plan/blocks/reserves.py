"""Room kept in reserve: what it asks of a plant's capacity, load and ramps, and how much of it there can be.

What is kept is there at once: upwards above all that runs, downwards below it. In ramps what is kept both ways counts
as if it were called in every step (it regulates all the time); what is kept one way may be called in any step and not
in the next, or the other way round.
"""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Ints, Network
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.columns import Columns

__all__ = ["add_called", "add_kept", "keeps_down", "reserves"]


def add_kept(
    rows: Rows, numbers: Ints, net: Network, cols: Columns, plant: int, *, up: bool, at: Ints | None = None
) -> None:
    """Add what a plant keeps upwards, or take off what it keeps downwards, to rows over its steps (or some of them)."""
    steps = np.arange(len(numbers), dtype=np.int32) if at is None else at
    kept, ways = net.reserves, net.reserves.up if up else net.reserves.down
    for i in np.flatnonzero((kept.plant == plant) & ways):
        rows.term(numbers, cols.rate[kept.activity[i]] + steps, 1.0 if up else -1.0)


def add_called(
    rows: Rows, numbers: Ints, net: Network, cols: Columns, plant: int, after: Ints, before: Ints, *, rising: bool
) -> None:
    """Add to the rows of a ramp what is called of a plant's reserves where the change is largest."""
    kept = net.reserves
    for i in np.flatnonzero(kept.plant == plant):
        first, both = cols.rate[kept.activity[i]], kept.up[i] and kept.down[i]
        if both or kept.up[i] == rising:
            rows.term(numbers, first + after, 1.0 if rising or not both else -1.0)
        if both or kept.up[i] != rising:
            rows.term(numbers, first + before, -1.0 if rising and both else 1.0)


def keeps_down(net: Network, plant: int) -> bool:
    """Say whether a plant keeps room to run less."""
    return bool(np.any(net.reserves.down[net.reserves.plant == plant]))


def reserves(net: Network, cols: Columns) -> Block:
    r"""What is kept in reserve is at most a share of the capacity that is on.

    .. math:: r_{it} - s_i\, \alpha_{pt}\, k_p \le s_i\, \alpha_{pt}\, K_p, \qquad
              r_{it} - s_i\, \alpha_{pt}\, \overline{K}_p\, u_{pt} \le 0

    the second where a plant may be off; of many alike units :math:`c_p u_{pt}` are on. What is kept upwards
    (:math:`r \in p^+`) stands beside what runs in `capacity`, `commitment`, `units_on` and at the edges; what is kept
    downwards (:math:`r \in p^-`) is taken off where there is a least load:

    .. math:: \sum_{a \in p} x_{at} + \sum_{i \in p^+} r_{it} \le \dots, \qquad
              \sum_{a \in p} x_{at} - \sum_{i \in p^-} r_{it} \ge \dots

    In ramps what is kept both ways is added to the rate of both steps; of what is kept upwards alone that of step t is
    added in `ramp_up` and that of step t-1 in `ramp_down`, of what is kept downwards alone the other way round.
    """
    rows = Rows("reserves")
    kept, plants = net.reserves, net.plants
    for i, p in enumerate(int(p) for p in kept.plant):
        available = net.on_grid(plants.availability, plants.grid, p) * float(kept.most[i])
        steps, existing = np.arange(len(available), dtype=np.int32), float(plants.existing[p])
        if plants.unit[p] == 0.0:
            numbers = rows.add(i, -np.inf, available * existing, len(steps))
            rows.term(numbers, cols.rate[kept.activity[i]] + steps, 1.0)
            if cols.built[p] >= 0:
                rows.term(numbers, int(cols.built[p]), -available * cols.built_size(net, p))
        if plants.on_off[p]:
            most = existing + (float(plants.most[p]) if plants.expandable[p] else 0.0)
            numbers = rows.add(i, -np.inf, 0.0, len(steps))
            rows.term(numbers, cols.rate[kept.activity[i]] + steps, 1.0)
            rows.term(numbers, cols.on[p] + steps, -available * (float(plants.unit[p]) or most))
    return rows.done()
