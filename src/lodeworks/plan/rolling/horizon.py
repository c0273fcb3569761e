"""A long horizon with whole numbers in operation, planned window by window (rolling horizon).

The program of the whole horizon, its whole numbers of operation relaxed, is the *guide*: its objective bounds every
plan from below, what it builds is built, and its duals say what anything handed on is worth. Then a window at a time
is decided with its whole numbers and some overlap into the future. What lies behind is fixed. A row that reaches over
the window's end is left out and its columns are charged its dual instead: for a store this is the marginal value of
what is left in it, and it holds in the same way for what is on its way. Limits on sums over long stretches stay rows,
with what was done behind and what the guide does ahead. At last all whole numbers are fixed and the whole horizon is
solved once more, so that the answer is verified against the whole program like any other and the gap to the guide is
a proof.

Where a window has no plan, decisions behind it are taken back: it begins again from ever earlier, in the end from the
start (relax-and-fix with backtracking; Pochet and Wolsey, Production Planning by Mixed Integer Programming, 2006,
section 3.6).

Over stages and scenarios the slices are rolled one after another, as if they were one long horizon: limits on sums over
all of them are shared out by the guide, and risk weighs each scenario as it does in the guide.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import numpy as np

from lodeworks.errors import InputError, Problem, SolverError
from lodeworks.network.arrays import Floats, Ints, Network
from lodeworks.network.pathway import Pathway
from lodeworks.plan.engine import Answer, Settled, settled
from lodeworks.plan.naming import Named, Record, named_over, named_program
from lodeworks.plan.part import Part
from lodeworks.plan.pathway.answer import PathwayAnswer, answer_over
from lodeworks.plan.pathway.compose import compose, scale_composition
from lodeworks.plan.program import Program, assemble
from lodeworks.plan.rolling.when import times_of_columns
from lodeworks.plan.rolling.windows import Keep, Roll, Window, guided
from lodeworks.plan.scale import Scaling, scale
from lodeworks.plan.solve import Outcome
from lodeworks.plan.telling import telling

__all__ = ["Rolled", "Window", "rolling_pathway", "rolling_plan"]

_NO_ACCOUNTS = "over stages firms' accounts are kept by the year, so this chain is not planned window by window"
_NO_LOSSES = "a loss is taken off the profits of later years, so this chain is not planned window by window"
A = TypeVar("A")


@dataclass(frozen=True)
class Rolled(Generic[A]):
    """A plan decided window by window: the verified answer, the windows, and the bound of the guide."""

    answer: A
    windows: tuple[Window, ...]
    bound: float
    gap: float

    def as_dict(self) -> dict[str, Any]:
        """Return what a manifest says of it."""
        first = self.windows[0]
        return {
            "window_h": first.end_h - first.begin_h, "overlap_h": first.ahead_h - first.end_h,
            "windows": len(self.windows), "bound": self.bound, "gap": self.gap,
        }


def rolling_plan(
    net: Network, *, hours: float, overlap: float, options: Mapping[str, Any]
) -> Rolled[Answer]:
    """Plan window by window.

    Parameters
    ----------
    hours, overlap
        What is decided at a time, and how far each window looks beyond that.
    options
        Of `optimise`; the time limit is for each window.

    Raises
    ------
    LodeworksError
        As `optimise`; an `InputError` where nothing is whole in operation.
    """
    if net.accounts is not None and len(net.accounts.losses):
        raise InputError(Problem(_NO_LOSSES, file="--rolling"))
    program, columns = assemble(net)
    parts = (Part(net, columns, len(program.row_lower)),)
    found, windows, bound = _rolled(parts, program, scale(net, columns, program), hours, overlap, options,
                                    lambda: named_program(net, columns, program))
    answer = Answer.of(net, columns, program, found)
    return Rolled(answer, windows, -bound if program.maximise else bound, found.gap)


def rolling_pathway(
    pathway: Pathway, *, hours: float, overlap: float, options: Mapping[str, Any]
) -> Rolled[PathwayAnswer]:
    """Plan stages, scenarios and periods window by window, what is built as the guide builds it; as `rolling_plan`.

    Where firms keep accounts over stages it is refused: a year's money is that of all its passings at once.
    """
    if pathway.accounts:
        raise InputError(Problem(_NO_ACCOUNTS, file="--rolling"))
    made = compose(pathway)
    found, windows, bound = _rolled(made.parts, made.program, scale_composition(made), hours, overlap, options,
                                    lambda: named_over(made))
    return Rolled(answer_over(made, found, {}), windows, -bound if made.program.maximise else bound, found.gap)


def _rolled(
    parts: Sequence[Part], program: Program, scaling: Scaling, hours: float, overlap: float, options: Mapping[str, Any],
    named: Callable[[], Named],
) -> tuple[Settled, tuple[Window, ...], float]:
    """Return the verified solution, the windows and the bound, as a cost; `named` gives names to what is recorded."""
    options = dict(options)
    record: Record | None = options.pop("record", None)
    begins, offset = np.full(len(program.cost), np.nan), 0.0
    for part in parts:
        own = times_of_columns(part.network, part.columns)
        begins[part.column : part.column + len(own)] = own + offset
        offset += part.network.steps
    if not (program.integer & ~np.isnan(begins)).any():
        raise InputError(Problem("nothing is on or off in this chain, so windows decide nothing; plan it as it is",
                                 file="--rolling"))
    started = time.perf_counter()
    scaled = scaling.apply(program)
    told = named() if record is not None else None
    done = None
    if record is not None and told is not None:
        guiding = replace(told, program=replace(program, integer=program.integer & np.isnan(begins)))
        done = record("guide, units on in part", lambda: guiding)
    guide = guided(scaled, begins, telling(options, "all windows at once"))
    if done is not None and guide.status == "optimal":
        done(program.objective(guide.x * scaling.column))
    if guide.status != "optimal":
        from lodeworks.plan.explain import explain

        raise explain(parts, program, scaling)
    keep = None if record is None or told is None else _kept(record, told, scaling)
    roll = Roll(scaled, begins, guide, options, parts, keep)
    step = parts[0].network.hours
    windows = roll.all(hours / step, overlap / step, step)
    outcome = Outcome("windows", roll.x, np.zeros(0), np.inf, "window by window", 0.0, roll.iterations)
    found = settled(program, scaling, scaled, outcome, started)
    if record is not None and told is not None:
        fixed = replace(told, program=program.with_fixed_integers(found.x))
        record("all steps, what is on held", lambda: fixed)(program.objective(found.x))
    if not found.residuals.good:
        raise SolverError(f"the plan made of windows fails verification: {found.residuals}")
    bound = roll.bound / scaling.cost
    reached = program.value(found.x)
    gap = max(0.0, reached - bound) / max(abs(reached), 1e-9)
    status = "optimal" if gap <= options.get("gap", 1e-4) else "windows"
    return replace(found, status=status, gap=gap), windows, bound


def _kept(record: Record, whole: Named, scaling: Scaling) -> Keep:
    """Return what takes down a window's program, in the units of the whole; what it costs is what is decided in it."""

    def keep(words: str, part: Program, columns: Ints, rows: Ints) -> Callable[[Floats], None]:
        back = Scaling(1.0 / scaling.column[columns], 1.0 / scaling.row[rows], 1.0 / scaling.cost)
        own = back.apply(part)
        done = record(words, lambda: Named(own, whole.columns[columns], whole.rows[rows], whole.title))
        return lambda x: done(own.objective(x * scaling.column[columns]))

    return keep
