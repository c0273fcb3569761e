"""A good first plan for programs with many whole numbers: most of them are settled by the linear relaxation.

Where the formulation is tight, nearly all whole-number columns of the relaxed optimum are whole. They are fixed, the
few left are decided in a small program, and the relaxed optimum says how far from the best the answer can be at most
(relaxation induced neighbourhood search with the relaxation alone: Danna, Rothberg and Le Pape 2005). What is found
here starts the search of the whole program, or ends it when it is good enough.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from lodeworks.errors import SolverError
from lodeworks.plan.program import Program
from lodeworks.plan.race import race
from lodeworks.plan.solve import MANY, Outcome, Progress, solve
from lodeworks.plan.verify import verify

__all__ = ["first_plan"]

_WHOLE = 1e-6
# What is left must be much less than the whole, or nothing is gained.
_LEFT = 0.5
_NODES = 500


def first_plan(
    program: Program, *, gap: float, time_limit: float | None = None, threads: int = 0, raced: bool = False,
    progress: Progress | None = None,
) -> Outcome | None:
    """Return a feasible answer with the gap proved for it, or None where there is no quick one.

    With `raced` the linear relaxation is solved by whichever solver is first.
    """
    if int(program.integer.sum()) < MANY:  # left to the solver's own search
        return None
    started = time.perf_counter()
    if raced:
        relaxed = _race(program.relaxed, time_limit, threads, progress)
    else:
        relaxed = _try(program.relaxed, time_limit, gap, None, threads, progress)
    if relaxed is None or relaxed.status != "optimal":
        return None
    whole = program.integer & (np.abs(relaxed.x - np.round(relaxed.x)) <= _WHOLE)
    if whole.sum() < _LEFT * program.integer.sum():
        return None
    fixed = replace(
        program, lower=np.where(whole, np.round(relaxed.x), program.lower),
        upper=np.where(whole, np.round(relaxed.x), program.upper), integer=program.integer & ~whole,
    )
    left = None if time_limit is None else max(0.1, time_limit - (time.perf_counter() - started))
    found = _try(fixed, left, gap / 2.0, _NODES, threads, progress)
    if found is None or found.status not in ("optimal", "time limit"):
        return None
    best, value = (program.value(answer.x) for answer in (relaxed, found))
    proved = 0.0 if value <= best else (value - best) / abs(value) if value != 0.0 else np.inf
    status = "optimal" if proved <= gap else "time limit"
    seconds = time.perf_counter() - started
    return Outcome(status, found.x, np.zeros(len(program.row_lower)), proved, "relaxation and rounding", seconds,
                   relaxed.iterations + found.iterations, relaxed.race)


def _race(
    program: Program, time_limit: float | None, threads: int, progress: Progress | None
) -> Outcome | None:
    """Solve by a race, of which the first answer that passes verification wins; None where none does."""

    def accept(outcome: Outcome) -> str:
        if outcome.status != "optimal":
            return outcome.status
        found = verify(program, outcome.x, outcome.y)
        return "" if found.good else f"fails verification: {found}"

    try:
        return race(program, accept, time_limit=time_limit, threads=threads, progress=progress)
    except SolverError:
        return None


def _try(
    program: Program, time_limit: float | None, gap: float, nodes: int | None, threads: int,
    progress: Progress | None,
) -> Outcome | None:
    """Solve; None where the solver has no answer within its limits."""
    try:
        return solve(
            program, time_limit=time_limit, gap=gap, method="simplex", nodes=nodes, threads=threads, progress=progress
        )
    except SolverError:
        return None
