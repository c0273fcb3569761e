"""A direction of endless gain: what is bought and sold, and what a unit of it earns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lodeworks.network.arrays import Floats, Network
from lodeworks.plan.explain.words import number
from lodeworks.plan.part import Part
from lodeworks.plan.program import Program
from lodeworks.plan.scale import Scaling
from lodeworks.plan.solve import solve

__all__ = ["endless_gain"]


def endless_gain(parts: Sequence[Part], program: Program, scaling: Scaling) -> list[str]:
    """Find the best direction that no bound stops, and tell it; nothing is returned where there is none."""
    scaled = scaling.apply(program)

    def cone(lower: Floats, upper: Floats, reach: float) -> tuple[Floats, Floats]:
        return np.where(np.isfinite(lower), 0.0, -reach), np.where(np.isfinite(upper), 0.0, reach)

    low, high = cone(scaled.lower, scaled.upper, 1.0)
    row_low, row_high = cone(scaled.row_lower, scaled.row_upper, np.inf)
    outcome = solve(
        replace(scaled.relaxed, offset=0.0, lower=low, upper=high, row_lower=row_low, row_upper=row_high),
        method="simplex",
    )
    gain = -float(scaled.cost @ outcome.x)
    if outcome.status != "optimal" or gain <= 1e-9:
        return []
    return _told(_moving(parts, outcome.x), program, outcome.x * scaling.column)


def _moving(parts: Sequence[Part], ray: Floats) -> Part:
    """Return the part that moves most."""
    return max(parts, key=lambda part: float(np.abs(ray[part.column : part.column + part.columns.count]).sum()))


def _told(part: Part, program: Program, ray: Floats) -> list[str]:
    """Tell a ray over all time as amounts of activities, for one unit of what is sold (or made)."""
    net = part.network
    amounts = np.zeros(len(net.activities))
    for a in range(len(amounts)):
        hours = net.grids[net.activities.grid[a]].hours(net.hours)
        first = part.column + int(part.columns.rate[a])
        amounts[a] = float(ray[first : first + len(hours)] @ hours)
    by_element: dict[int, float] = {}
    for a, amount in enumerate(amounts):
        element = int(net.activities.element[a])
        by_element[element] = by_element.get(element, 0.0) + amount
    moving = {e: amount for e, amount in by_element.items() if amount > 1e-9 * max(by_element.values())}
    kinds = {"supply": "buying", "process": "running", "route": "carrying", "demand": "selling"}
    sold = [e for e in moving if net.elements[e].kind == "demand"] or list(moving)
    base = max(sold, key=lambda e: moving[e])
    own = slice(part.column, part.column + part.columns.count)
    gain = -float(program.cost[own] @ ray[own]) / part.weight / moving[base]
    ways = [
        f"{verb} {_through(net, e)}"
        for kind, verb in kinds.items() for e in moving if net.elements[e].kind == kind
    ]
    unit = net.elements[base].unit
    earned = f"{number(gain)} {net.objective.unit}/{unit} of {net.elements[base].name}"
    return [
        part.said(f"{', '.join(ways)} earns {earned} without limit"),
        "give one of them a capacity, a `most`, or a price that ends it",
    ]


def _through(net: Network, element: int) -> str:
    entity = net.elements[element]
    return f"{entity.commodity} ({entity.name})" if entity.kind in ("supply", "demand") else entity.name
