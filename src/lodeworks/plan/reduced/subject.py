"""What is certified: a plan of one horizon, or one over slices. Both decide capacities and plan operation with them.

A subject has networks, one or one a slice, and an array of what is decided: of each plant, or of each vintage.
`certify` knows nothing else of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from lodeworks.network.arrays import Floats, Network
from lodeworks.network.pathway import Pathway
from lodeworks.plan.engine import Answer, optimise
from lodeworks.plan.explain.relax import relax
from lodeworks.plan.lawful import FIXED
from lodeworks.plan.naming import Named, Record, named_over, named_program, recorded_as
from lodeworks.plan.part import Part
from lodeworks.plan.pathway.answer import PathwayAnswer, optimise_pathway
from lodeworks.plan.pathway.compose import compose, scale_composition, slice_weight
from lodeworks.plan.program import Program, assemble
from lodeworks.plan.reduced.fold import folded_columns, named_days, unfolded
from lodeworks.plan.reduced.typical import Days, same_days
from lodeworks.plan.scale import Scaling, scale
from lodeworks.plan.solve import Outcome, solve

__all__ = ["Found", "OneHorizon", "OverSlices", "Subject", "held"]

A = TypeVar("A")


@dataclass(frozen=True, eq=False)
class Found(Generic[A]):
    """A plan of a subject.

    Attributes
    ----------
    value, objective
        Its cost as it is minimised, and its objective in the sense the user asked for.
    decided
        What it decides.
    slope
        What one more of each would cost with all else at its best.
    tangent
        Whether the slope bounds the cost of any other decision from below: not with whole numbers in operation, nor
        where losses were taken off as the law does, which is not convex.
    gap
        Within which it is proved best.
    """

    answer: A
    value: float
    objective: float
    decided: Floats
    slope: Floats
    tangent: bool
    gap: float


class Subject(Protocol[A]):
    """What `certify` asks of a plan of one horizon or over slices."""

    @property
    def networks(self) -> tuple[Network, ...]:
        """Its networks."""

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Least and most of what is decided."""

    @property
    def maximise(self) -> bool:
        """Whether the objective is to be large."""

    @property
    def accounts(self) -> bool:
        """Whether firms keep accounts."""

    def plan(
        self, networks: Sequence[Network], options: Mapping[str, Any], *, decided: Floats | None = None,
        relaxed: bool = False,
    ) -> Found[A]:
        """Plan with other networks of the same elements, and with `decided` where it is given."""

    def of_days(self, days: Sequence[Days], options: Mapping[str, Any]) -> tuple[Floats, float] | None:
        """Return what typical days decide and promise; None where they have no plan."""

    def parts(self, answer: A) -> list[tuple[Answer, float]]:
        """Return the plan of each network, and what its money counts."""

    def missed(self, decided: Floats) -> list[tuple[int, int, int]]:
        """Return what the least relaxation misses with `decided`: network, balance and its step."""


def held(net: Network, built: Floats) -> Network:
    """Return the network with exactly `built` of each plant that may grow, shape (plants,)."""
    can = net.plants.expandable
    return replace(net, plants=replace(
        net.plants, least=np.where(can, built, net.plants.least), most=np.where(can, built, net.plants.most),
    ))


class OneHorizon:
    """A plan of one network; what is decided is what is built of each plant."""

    def __init__(self, net: Network) -> None:
        self.net = net
        self.networks = (net,)
        self.maximise = net.objective.maximise
        self.accounts = net.accounts is not None

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Least and most that may be built; nought of what may not."""
        can = self.net.plants.expandable
        return np.where(can, self.net.plants.least, 0.0), np.where(can, self.net.plants.most, 0.0)

    def plan(
        self, networks: Sequence[Network], options: Mapping[str, Any], *, decided: Floats | None = None,
        relaxed: bool = False,
    ) -> Found[Answer]:
        """Plan; raises as `optimise` does."""
        (net,) = networks
        options = _recorded(options, networks is not self.networks, decided is not None, relaxed)
        net = net if decided is None else held(net, decided)
        if relaxed:
            net = replace(net, plants=replace(net.plants, lump=np.zeros(len(net.plants))))
        answer = optimise(net, **options, relaxed=relaxed)
        plants = range(len(net.plants))
        built, slope = np.array([answer.built(p) for p in plants]), np.zeros(len(net.plants))
        for p in np.flatnonzero(net.plants.expandable):
            column = int(answer.columns.built[p])
            slope[p] = float(answer.reduced[column]) / answer.columns.built_size(net, int(p))
        operated = answer.program.integer.copy()
        operated[answer.columns.built[answer.columns.built >= 0]] = False
        return Found(answer, answer.program.value(answer.x), answer.program.objective(answer.x), built, slope,
                     not operated.any() and answer.duals not in FIXED.values(), answer.gap)

    def of_days(self, days: Sequence[Days], options: Mapping[str, Any]) -> tuple[Floats, float] | None:
        """Plan on typical days."""
        net = same_days(self.net, days[0])
        program, columns = assemble(net)
        scaling = scale(net, columns, program)
        parts = (Part(net, columns, len(program.row_lower)),)
        x = _of_days(parts, (program,), program, scaling, days, options, lambda: named_program(net, columns, program))
        if x is None:
            return None
        built = np.array([
            float(x[columns.built[p]]) * columns.built_size(net, p) if columns.built[p] >= 0 else 0.0
            for p in range(len(net.plants))
        ])
        return built, program.objective(x)

    def parts(self, answer: Answer) -> list[tuple[Answer, float]]:
        """Return the plan."""
        return [(answer, 1.0)]

    def missed(self, decided: Floats) -> list[tuple[int, int, int]]:
        """Relax the program of all steps with what is built."""
        net = held(self.net, decided)
        program, columns = assemble(net)
        scaling = scale(net, columns, program)
        return _missed((Part(net, columns, len(program.row_lower)),), program, scaling)


class OverSlices:
    """A plan over stages, scenarios or periods; what is decided is what each vintage comes to."""

    def __init__(self, pathway: Pathway) -> None:
        self.pathway = pathway
        self.networks = tuple(piece.network for piece in pathway.slices)
        self.maximise = pathway.network.objective.maximise
        self.accounts = bool(pathway.accounts) or pathway.network.accounts is not None

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Least and most of each vintage."""
        return self.pathway.vintages.least, self.pathway.vintages.most

    def plan(
        self, networks: Sequence[Network], options: Mapping[str, Any], *, decided: Floats | None = None,
        relaxed: bool = False,
    ) -> Found[PathwayAnswer]:
        """Plan; raises as `optimise` does."""
        pathway = self._with(networks)
        options = _recorded(options, networks is not self.networks, decided is not None, relaxed)
        if decided is not None:
            pathway = replace(pathway, vintages=pathway.vintages.fixed(decided))
        answer = optimise_pathway(pathway, **options, relaxed=relaxed)
        made = answer.composition
        program, columns = made.program, made.links.vintage
        operated = program.integer.copy()
        operated[columns] = False
        for number, plants in enumerate(pathway.plants):
            operated[[made.built(number, p) for p in plants.values()]] = False
        return Found(answer, program.value(answer.found.x), answer.objective, answer.decided,
                     answer.reduced[columns] / pathway.vintages.size,
                     not operated.any() and answer.found.duals not in FIXED.values(), answer.found.gap)

    def of_days(self, days: Sequence[Days], options: Mapping[str, Any]) -> tuple[Floats, float] | None:
        """Plan on typical days of each slice."""
        pathway = self._with([same_days(net, own) for net, own in zip(self.networks, days, strict=True)])
        made = compose(pathway)
        x = _of_days(made.parts, made.programs, made.program, scale_composition(made), days, options,
                     lambda: named_over(made))
        if x is None:
            return None
        return x[made.links.vintage] * pathway.vintages.size, made.program.objective(x)

    def parts(self, answer: PathwayAnswer) -> list[tuple[Answer, float]]:
        """Return the plan of each slice, by what it counts on the mean."""
        return [(own, slice_weight(self.pathway, number)) for number, own in enumerate(answer.slices)]

    def missed(self, decided: Floats) -> list[tuple[int, int, int]]:
        """Relax the program of all steps with what is decided."""
        made = compose(replace(self.pathway, vintages=self.pathway.vintages.fixed(decided)))
        return _missed(made.parts, made.program, scale_composition(made))

    def _with(self, networks: Sequence[Network]) -> Pathway:
        slices = tuple(
            replace(piece, network=net) for piece, net in zip(self.pathway.slices, networks, strict=True)
        )
        return replace(self.pathway, slices=slices)


def _of_days(
    parts: Sequence[Part], programs: Sequence[Program], program: Program, scaling: Scaling, days: Sequence[Days],
    options: Mapping[str, Any], whole: Callable[[], Named],
) -> Floats | None:
    """Solve a program in the columns of typical days; return all its columns, None where there is no plan.

    `whole` gives the program of all days its names, for who records what is solved.
    """
    small = folded_columns(parts, programs, scaling.apply(program), days)
    record: Record | None = options.get("record")
    done = None
    if record is not None:
        done = record("days", lambda: named_days(folded_columns(parts, programs, program, days), whole()))
    found: Outcome = solve(small.program, **{key: value for key, value in options.items() if key != "record"})
    if found.status not in ("optimal", "time limit"):
        return None
    x = unfolded(small, found.x) * scaling.column
    if done is not None:
        done(program.objective(x))
    return x


def _recorded(options: Mapping[str, Any], merged: bool, decided: bool, relaxed: bool) -> dict[str, Any]:
    """Return options in which what is recorded says what it is for."""
    words = "segments" if merged else "all steps"
    if decided:
        words += ", what is built held"
    elif relaxed:
        words += " at their best prices, for the bound"
    return {**options, "record": recorded_as(options.get("record"), words)}


def _missed(parts: Sequence[Part], program: Program, scaling: Scaling) -> list[tuple[int, int, int]]:
    slack = np.abs(relax(parts, program, scaling).slack) > 1e-7
    found = []
    for block, first in program.blocks:
        if block.name != "balance":
            continue
        number = next(i for i, part in enumerate(parts) if part.row <= first < part.row + part.rows)
        own = slack[first : first + len(block)]
        found += [(number, int(b), int(t)) for b, t in zip(block.owner[own], block.step[own], strict=True)]
    return found
