"""What is under way when a run begins from a state: runs on machines, what is on its way, what is out until later.

Machines that are out stand with their groups; here are transitions without machines, and what a state knows of rates.
"""

from __future__ import annotations

import math

import numpy as np

from lodeworks.network import Network
from lodeworks.network.arrays import Before
from lodeworks.simulate import layout as y
from lodeworks.simulate.batches import PARTS
from lodeworks.simulate.draft import Draft, Transition

__all__ = ["begin_from"]


def begin_from(d: Draft, before: Before) -> None:
    """Put into a draft what was before its network.

    A process that ran at a share of its capacity has runs under way on that share of its machines: each of them with
    that chance, apart in every replication. What was on its way comes in evenly over the step it is due in, in parts.
    """
    network = d.network
    for t in d.transitions:
        group = d.groups[t.group]
        if t.activity == y.NONE:
            continue
        e = int(network.activities.element[t.activity])
        hauled = e in network.discrete.hauls
        if e in network.discrete.out and (t.name.endswith(".load") if hauled else not group.servers):
            t.floats[y.T_OPENS] = network.discrete.out[e][1]
        share = _share(network, before, t)
        if share > 0.0 and group.servers and not t.ints.get(y.T_CARRIER):
            t.floats[y.T_BUSY] = share / len({o.name for o in d.transitions if o.group == t.group})
            t.ints[y.T_BUSY_STREAM] = d.stream(t.name, "under way")
    coming: dict[int, dict[int, float]] = {}
    for b, k, amount in before.coming:  # of all that brings it: what arrives at a place arrives in order
        steps = coming.setdefault(b, {})
        steps[k] = steps.get(k, 0.0) + amount
    for b, steps in sorted(coming.items()):
        edges = network.grids[network.balances.grid[b]].edges - network.span[0]
        rows = []
        for k, amount in sorted(steps.items()):
            begin, width = edges[k] * network.hours, (edges[k + 1] - edges[k]) * network.hours
            parts = max(1, math.ceil(width / network.length_h * PARTS))
            rows += [(float(begin + (i + 0.5) / parts * width), amount / parts) for i in range(parts)]
        d.arrive(b, rows)


def _share(network: Network, before: Before, t: Transition) -> float:
    """Return the share of its capacity at which the plant of a transition ran until the start."""
    plant = int(network.activities.plant[t.activity])
    if plant < 0 or np.isnan(before.rate[plant]):
        return 0.0
    capacity = float(network.plants.existing[plant])
    return min(1.0, float(before.rate[plant]) / capacity) if 0.0 < capacity < np.inf else 0.0
