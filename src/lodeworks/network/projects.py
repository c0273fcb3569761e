"""Projects that exclude or need one another: limits on how many of some whole projects stand."""

from __future__ import annotations

import numpy as np

from lodeworks.chain.entities import Expansion
from lodeworks.network.arrays import Choices, Ints
from lodeworks.network.builder import Builder

__all__ = ["compile_projects"]


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


def _projects(b: Builder) -> list[tuple[str, Expansion]]:
    sections = (b.chain.processes, b.chain.routes, b.chain.stores, b.chain.fleets)
    return [(name, entity.expansion) for section in sections for name, entity in section.items()
            if entity.expansion is not None]
