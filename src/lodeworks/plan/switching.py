"""What a plant costs by being on and by its starts and stops, as terms of the program's columns.

The objective, the books of firms and the tables of costs take them from here. Which of a plant's starts are counted is
in `columns`, what holds them to its being on in `blocks.commitment`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lodeworks.network.arrays import Floats, Ints, Network
from lodeworks.plan.columns import Columns

__all__ = ["SwitchCost", "switch_costs"]


@dataclass(frozen=True, eq=False)
class SwitchCost:
    """Money a plant costs: ``value`` for one unit of column ``col`` in step ``step``, and ``fixed`` in each step.

    Attributes
    ----------
    item
        ``start``, ``stop`` or ``on``.
    step, col, value
        Shape (terms,).
    fixed
        Shape (steps,).
    """

    item: str
    step: Ints
    col: Ints
    value: Floats
    fixed: Floats


def switch_costs(net: Network, cols: Columns, plant: int) -> tuple[SwitchCost, ...]:
    r"""Return what a plant costs by its starts v, its stops and while it is on, u; positive is money spent.

    Stops are :math:`w_t = v_t - u_t + u_{t-1}`: where starts cost nothing beside, v is as small as it can be. The first
    step follows the last where the horizon is cyclic, and what was before it where that is known; elsewhere what is
    off at first has not been stopped.
    """
    plants = net.plants
    grid = net.grids[plants.grid[plant]]
    steps, nothing = np.arange(grid.count, dtype=np.int32), np.zeros(grid.count)
    start, on = int(cols.start[plant]) + steps, int(cols.on[plant]) + steps
    found = []
    if cols.start[plant] >= 0:
        found.append(SwitchCost("start", steps, start, np.full(grid.count, plants.start_cost[plant]), nothing))
    money = float(plants.stop_cost[plant])
    if money > 0.0:
        known = net.before is not None and not np.isnan(net.before.on[plant])
        follow = steps if net.cyclic or known else steps[1:]  # those that follow something
        after = steps if net.cyclic else steps[1:]  # those that follow another step of the horizon
        fixed = nothing.copy()
        if known and net.before is not None and not net.cyclic:
            fixed[0] = money * float(net.before.on[plant] > 0.0)
        found.append(SwitchCost(
            "stop", np.concatenate([follow, follow, after]),
            np.concatenate([start[follow], on[follow], np.roll(on, 1)[after]]),
            money * np.concatenate([np.ones(len(follow)), -np.ones(len(follow)), np.ones(len(after))]), fixed,
        ))
    while_on = net.on_grid(plants.on_cost, plants.grid, plant)
    if cols.on[plant] >= 0 and np.any(while_on):
        found.append(SwitchCost("on", steps, on, while_on * grid.hours(net.hours), nothing))
    return tuple(found)
