"""Limits on what stands together: how many of some whole projects, which needs which, and sums of capacities."""

from __future__ import annotations

import numpy as np

from lodeworks.chain.entities import Expansion, Quantity
from lodeworks.network.arrays import CapacitySums, Choices, Ints
from lodeworks.network.builder import Builder

__all__ = ["compile_projects", "compile_sums"]


def compile_projects(b: Builder) -> tuple[Choices, Ints]:
    """Return the choices, each pair of projects that exclude one another being one, and pairs (project, needed)."""
    plant_of = {b.elements[row.element].name: number for number, row in enumerate(b.plants)}
    rows: list[tuple[str, float, float, list[str]]] = []
    for name, choice in b.chain.investment.choices.items():
        least = b.measures.number(choice.least) if choice.least is not None else -np.inf
        most = b.measures.number(choice.most) if choice.most is not None else np.inf
        rows.append((f"choice {name}", least, most, list(choice.of)))
    pairs: dict[frozenset[str], None] = {}
    needs: list[tuple[int, int]] = []
    for name, expansion in _projects(b):
        pairs |= dict.fromkeys(frozenset((name, other)) for other in expansion.excludes)
        needs += [(plant_of[name], plant_of[other]) for other in expansion.needs]
    rows += [(f"choice between {' and '.join(sorted(pair))}", -np.inf, 1.0, sorted(pair)) for pair in pairs]
    members = [(number, plant_of[name]) for number, row in enumerate(rows) for name in row[3]]
    return Choices(
        tuple(row[0] for row in rows), np.array([row[1] for row in rows], float),
        np.array([row[2] for row in rows], float), np.array([m[0] for m in members], np.int32),
        np.array([m[1] for m in members], np.int32),
    ), np.array(needs, np.int32).reshape(-1, 2)


def compile_sums(b: Builder) -> CapacitySums:
    """Return the limits on sums of capacities, each in the unit its limit is written in."""
    plant_of = {b.elements[row.element].name: number for number, row in enumerate(b.plants)}
    rows: list[tuple[str, str, float, float]] = []
    terms: list[tuple[int, int, float]] = []
    for name, limit in b.chain.investment.capacities.items():
        unit = next(q.unit for q in (limit.least, limit.most) if q is not None)
        least = b.measures.to(limit.least, unit) if limit.least is not None else -np.inf
        most = b.measures.to(limit.most, unit) if limit.most is not None else np.inf
        for element, factor in limit.sum.items():
            plant = plant_of.get(element, -1)
            if plant < 0 or not np.isfinite(b.plants[plant].existing):
                b.refuse("investment", f"capacities.{name}.sum.{element}",
                         f"{element} has no capacity that could be added up",
                         "an element with a `capacity` or an `expansion`")
            terms.append((len(rows), plant, _weight(b, plant, factor, unit)))
        rows.append((name, unit, least, most))
    return CapacitySums(
        tuple(row[0] for row in rows), tuple(row[1] for row in rows), np.array([row[2] for row in rows], float),
        np.array([row[3] for row in rows], float), np.array([t[0] for t in terms], np.int32),
        np.array([t[1] for t in terms], np.int32), np.array([t[2] for t in terms], float),
    )


def _weight(b: Builder, plant: int, factor: Quantity, unit: str) -> float:
    """Return the units of the limit in one unit of a plant's capacity times the written factor."""
    element = b.elements[b.plants[plant].element]
    own = {"store": f"({element.unit})", "fleet": "1"}.get(element.kind, f"(({element.unit})/h)")
    written = f"({factor.unit})*{own}" if factor.unit else own
    return factor.value * b.measures.units.factor(written, unit)


def _projects(b: Builder) -> list[tuple[str, Expansion]]:
    sections = (b.chain.processes, b.chain.routes, b.chain.stores, b.chain.fleets)
    return [(name, entity.expansion) for section in sections for name, entity in section.items()
            if entity.expansion is not None]
