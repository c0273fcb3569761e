"""What a plan may be best at, as weights of activities: taken from the network alone, so that one network has many."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Network, Objective

__all__ = ["GOALS", "goal_of"]

GOALS = ("profit", "cost", "output", "emissions")


def goal_of(net: Network, goal: str, commodity: str = "") -> Objective:
    """Return a goal of a network: profit (most), cost (least), output (most) or emissions (least) of a commodity.

    Output is what demands take of it; emissions are what all else brings into its balances.
    """
    weight = np.zeros(len(net.activities))
    if goal not in ("output", "emissions"):
        return Objective(goal, "", net.currency, weight)
    flows = net.coefficients
    ours = np.array([name == commodity for name in net.balances.commodity], bool)[flows.balance]
    demand = np.array([element.kind == "demand" for element in net.elements], bool)[net.activities.element]
    chosen = ours & (demand[flows.activity] == (goal == "output"))
    amount = np.abs(flows.amount) if goal == "output" else flows.amount
    np.add.at(weight, flows.activity[chosen], amount[chosen])
    return Objective(goal, commodity, net.commodity_unit[commodity], weight)
