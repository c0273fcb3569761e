"""The best plan over slices, verified as one program, and each slice of it as an answer of its own.

A slice's duals are in its own money: one unit of money of one passing of its horizon. They say what one more unit is
worth in that stage and scenario, as if it had come; what that counts in the objective is the slice's weight times it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Floats
from lodeworks.network.pathway import Pathway
from lodeworks.plan.books import Books
from lodeworks.plan.columns import AccountColumns
from lodeworks.plan.engine import Answer, Settled, settle
from lodeworks.plan.lawful import lawful
from lodeworks.plan.naming import Record, named_over
from lodeworks.plan.pathway.compose import Composition, compose, scale_composition, slice_weight
from lodeworks.plan.pathway.flows import moved, weights_of
from lodeworks.plan.solve import Progress

__all__ = ["PathwayAnswer", "answer_over", "optimise_pathway", "with_losses"]


@dataclass(frozen=True, eq=False)
class PathwayAnswer:
    """A verified plan over slices.

    Attributes
    ----------
    slices
        Each slice's part, as an answer of its network.
    decided
        Capacity decided of each vintage.
    reduced
        Reduced costs of all columns of the composition.
    """

    composition: Composition
    found: Settled
    slices: tuple[Answer, ...]
    decided: Floats
    reduced: Floats
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def pathway(self) -> Pathway:
        """The pathway planned."""
        return self.composition.pathway

    @property
    def objective(self) -> float:
        """The objective in the sense the user asked for."""
        return self.composition.program.objective(self.found.x)

    def outcome(self, scenario: int) -> float:
        """Return what the operation of a scenario brings (profit) or costs, discounted, without what is built."""
        made = self.composition
        total = 0.0
        for number, piece in enumerate(self.pathway.slices):
            if piece.scenario == scenario:
                part, program = made.parts[number], made.programs[number]
                own = self.found.x[part.column : part.column + part.columns.count]
                weight = slice_weight(self.pathway, number) / self.pathway.scenarios[scenario].probability
                total += weight * program.objective(own)
        if self.pathway.accounts and self.pathway.network.objective.goal in ("profit", "cost"):
            books = Books(self.pathway.accounts[scenario], made.links.money[scenario], ())
            columns, values, _ = books.financing(weights_of(self.pathway, scenario))
            paid = float(values @ self.found.x[columns])
            total += -paid if made.program.maximise else paid
        return total

    @property
    def building(self) -> float:
        """What all that is decided counts in the objective, as a cost."""
        made = self.composition
        return float(made.links.cost[: len(self.decided)] @ self.found.x[made.links.vintage])


def optimise_pathway(
    pathway: Pathway,
    *,
    time_limit: float | None = None,
    gap: float = 1e-4,
    method: str = "",
    threads: int = 0,
    relaxed: bool = False,
    record: Record | None = None,
    progress: Progress | None = None,
) -> PathwayAnswer:
    """Find the best plan over slices and verify it; raises as `lodeworks.plan.engine.optimise` does.

    `relaxed` lets whole numbers be any; `record` as there.
    """
    started = time.perf_counter()
    made = compose(pathway)
    if relaxed:
        made = replace(made, program=made.program.relaxed)
    scaling = scale_composition(made)
    timings = {"assemble": time.perf_counter() - started}
    done = record("all steps", lambda: named_over(made)) if record is not None else None
    found = settle(
        made.program, scaling, made.parts, time_limit=time_limit, gap=gap, method=method, threads=threads,
        progress=progress,
    )
    if done is not None:
        done(made.program.objective(found.x))
    owned = list(with_losses(made))
    if owned:
        program, found = lawful(
            made.program, scaling, made.parts, found, owned, named=lambda held: named_over(replace(made, program=held)),
            record=record, gap=gap, time_limit=time_limit, method=method, threads=threads, progress=progress,
        )
        made = replace(made, program=program)
    return answer_over(made, found, timings)


def with_losses(made: Composition) -> Iterator[tuple[Accounts, AccountColumns]]:
    """Yield accounts in which losses are carried on and their columns: of scenarios over stages, else of slices."""
    for accounts, own in zip(made.pathway.accounts, made.links.money, strict=True):
        if len(accounts.losses):
            yield accounts, own
    for part in made.parts:
        kept, columns = part.network.accounts, part.columns.accounts
        if kept is not None and columns is not None and len(kept.losses):
            yield kept, moved(columns, part.column)


def answer_over(made: Composition, found: Settled, timings: dict[str, float]) -> PathwayAnswer:
    """Return what was found of a whole composition, and each slice of it."""
    decided = found.x[made.links.vintage] * made.pathway.vintages.size
    reduced = made.program.cost - made.program.matrix.T @ found.y
    slices = tuple(_slice(made, found, reduced, number) for number in range(len(made.parts)))
    return PathwayAnswer(made, found, slices, decided, reduced, {**timings, **found.timings})


def _slice(made: Composition, found: Settled, reduced: Floats, number: int) -> Answer:
    part, program = made.parts[number], made.programs[number]
    columns, rows = slice(part.column, part.column + part.columns.count), slice(part.row, part.row + part.rows)
    weight = _priced(made, found, number)
    return Answer(
        part.network, part.columns, program, found.x[columns], found.y[rows] / weight, reduced[columns] / weight,
        found.status, found.residuals, found.gap, found.duals, found.method, found.iterations,
        race=found.race, fines=_fines(made, found, number) / weight if made.pathway.accounts else None,
    )


def _fines(made: Composition, found: Settled, number: int) -> Floats:
    """Return what the penalties that columns of a slice are spared count in firms' books, shape (columns,)."""
    part, often = made.parts[number], made.pathway.yearly(number)
    fines = np.zeros(part.columns.count)
    first = next((at for block, at in made.program.blocks if block.name == "year_money"), 0)
    for line, flow in enumerate(made.links.flows, first):
        for entry in flow.entries if flow.slice == number else ():
            if entry.item == "unserved":
                np.add.at(fines, entry.earned.col - part.column, -often * float(found.y[line]) * entry.earned.value)
    return fines


def _priced(made: Composition, found: Settled, number: int) -> float:
    """Return what a unit of a slice's money counts at the margin: its weight, or that which risk gives its scenario."""
    links, piece = made.links, made.pathway.slices[number]
    if links.threshold < 0:
        return slice_weight(made.pathway, number)
    at = next(first for block, first in made.program.blocks if block.name == "outcome")
    least = (1.0 - made.pathway.risk.weight) * made.pathway.scenarios[piece.scenario].probability
    return piece.money * max(float(np.abs(found.y[at + piece.scenario])), least)
