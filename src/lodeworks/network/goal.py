"""What a plan may be best at, as weights of activities: taken from the network alone, so that one network has many."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Bools, Floats, Network, Objective

__all__ = ["GOALS", "goal_of", "weight_over"]

GOALS = ("profit", "cost", "output", "emissions")


def goal_of(net: Network, goal: str, commodity: str = "") -> Objective:
    """Return a goal of a network: profit (most), cost (least), output (most) or emissions (least) of a commodity.

    Output is what demands take of it; emissions are what all else brings into its balances.
    """
    weight = np.zeros(len(net.activities))
    if goal not in ("output", "emissions"):
        return Objective(goal, "", net.currency, weight)
    flows, chosen = net.coefficients, _counted(net, goal, commodity)
    amount = np.abs(flows.amount) if goal == "output" else flows.amount
    np.add.at(weight, flows.activity[chosen], amount[chosen])
    return Objective(goal, commodity, net.commodity_unit[commodity], weight)


def weight_over(net: Network, objective: Objective, activity: int) -> Floats:
    """Return what one unit of an activity counts for output or emissions in each of its steps, shape (steps,)."""
    flows = net.coefficients
    own = np.flatnonzero(_counted(net, objective.goal, objective.commodity) & (flows.activity == activity))
    grids = net.activities.grid[flows.activity]
    total: Floats = np.sum([net.on_grid(flows.over, grids, int(i)) for i in own], axis=0)
    return np.abs(total) if objective.goal == "output" else total


def _counted(net: Network, goal: str, commodity: str) -> Bools:
    """Say which flows count for output or emissions of a commodity."""
    flows = net.coefficients
    ours = np.array([name == commodity for name in net.balances.commodity], bool)[flows.balance]
    demand = np.array([element.kind == "demand" for element in net.elements], bool)[net.activities.element]
    return np.asarray(ours & (demand[flows.activity] == (goal == "output")))
