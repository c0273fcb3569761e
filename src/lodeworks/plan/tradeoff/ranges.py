r"""How different a plan may be that is almost as good: the least and the most of each capacity or sum.

Exactly, not by sampling: with :math:`c^\top x \le (1+\delta)\,c^*` as one more row, each sum is made least and
most, two programs a sum (the idea of modelling to generate alternatives, Brill 1979; by ranges as in Neumann and
Brown 2021). A capacity whose least is above nought is built in every good plan; one whose most is nought in none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.errors import SolverError
from lodeworks.network.arrays import Floats, Network
from lodeworks.plan.columns import Columns
from lodeworks.plan.naming import Record
from lodeworks.plan.tradeoff.bench import Bench, Sum

if TYPE_CHECKING:
    from lodeworks.network.pathway import Pathway
    from lodeworks.plan.pathway.compose import Composition

__all__ = ["Range", "Ranges", "Target", "ranges"]


@dataclass(frozen=True)
class Target:
    """What is asked about: the capacity built of elements, or the amount they run, carry or trade over the horizon."""

    name: str
    kind: str
    elements: tuple[str, ...]
    unit: str


@dataclass(frozen=True, eq=False)
class Range:
    """The least and the most of a target among plans that are good enough.

    Attributes
    ----------
    best
        Its value in the best plan that was found.
    most
        Infinite where nothing limits it.
    others
        At the least and at the most: the value of every target.
    """

    target: Target
    least: float
    best: float
    most: float
    others: tuple[Floats, Floats]


@dataclass(frozen=True, eq=False)
class Ranges:
    """All ranges, the best objective and the worst that was allowed, in the sense the user asked for."""

    best: float
    limit: float
    ranges: tuple[Range, ...]
    solves: int


def ranges(
    subject: Network | Pathway,
    targets: Sequence[Target],
    *,
    within: float,
    gap: float = 1e-6,
    method: str = "",
    threads: int = 0,
    record: Record | None = None,
    progress: Callable[[str], None] | None = None,
) -> Ranges:
    """Find the range of each target among plans whose objective is within a share of the best.

    Over stages, scenarios and periods what is decided of an element in all stages counts together, and amounts are
    those of all stages, on the mean of scenarios.

    Raises
    ------
    InfeasibleError, UnboundedError, SolverError
        As `lodeworks.plan.engine.optimise`.
    """
    objective = subject.objective if isinstance(subject, Network) else subject.network.objective
    bench = Bench.of(subject, (objective,), gap=gap, method=method, threads=threads, record=record)
    sums = [_sum(bench, target) for target in targets]
    tell = progress or (lambda _: None)
    tell("the best plan")
    best = bench.least(bench.goals[0], {})
    if best is None:
        raise SolverError(f"{bench.goals[0].name} has no best")
    value = bench.goals[0].of(best.x)
    most = {0: value + within * abs(value) + bench.slack(0, best)}
    made = []
    for number, (target, aim) in enumerate(zip(targets, sums, strict=True), start=1):
        tell(f"{number} of {len(targets)}: {target.name}")
        low = bench.least(aim, most)
        high = bench.least(Sum(-aim.weight, -aim.offset, f"minus {aim.name}"), most)
        if low is None:
            raise SolverError(f"{target.name} has no least")
        here = aim.of(best.x)
        made.append(Range(
            target, min(aim.of(low.x), here), here, max(aim.of(high.x), here) if high is not None else np.inf,
            (np.array([s.of(low.x) for s in sums]),
             np.array([s.of(high.x) for s in sums]) if high is not None else np.full(len(sums), np.nan)),
        ))
    sign = -1.0 if objective.maximise else 1.0
    return Ranges(sign * value, sign * most[0], tuple(made), bench.solves)


def _sum(bench: Bench, target: Target) -> Sum:
    if bench.made is not None:
        return Sum(_weights_over(bench.made, target), 0.0, target.name)
    (part,) = bench.parts
    return Sum(_weights(part.network, part.columns, target), 0.0, target.name)


def _weights(net: Network, columns: Columns, target: Target) -> Floats:
    weight = np.zeros(columns.count)
    numbers = [net.element_number[name] for name in target.elements]
    if target.kind == "built":
        for p in np.flatnonzero(np.isin(net.plants.element, numbers) & net.plants.expandable):
            weight[columns.built[p]] = columns.built_size(net, int(p))
        return weight
    for a in np.flatnonzero(np.isin(net.activities.element, numbers)):
        hours = net.grids[net.activities.grid[a]].hours(net.hours)
        weight[columns.rate[a] : columns.rate[a] + len(hours)] += hours
    return weight


def _weights_over(made: Composition, target: Target) -> Floats:
    pathway, weight = made.pathway, np.zeros(len(made.program.cost))
    if target.kind == "built":
        chosen = np.isin(np.array(pathway.vintages.element), target.elements)
        weight[made.links.vintage[chosen]] = pathway.vintages.size[chosen]
        return weight
    for piece, part in zip(pathway.slices, made.parts, strict=True):
        own = _weights(piece.network, part.columns, target)
        counts = piece.passes * pathway.scenarios[piece.scenario].probability
        weight[part.column : part.column + part.columns.count] = counts * own
    return weight
