"""The plan from network to answer: assemble, scale, solve, verify. What it found is told by `result`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lodeworks.errors import SolverError
from lodeworks.network.arrays import Floats, Network
from lodeworks.plan.columns import Columns
from lodeworks.plan.first import first_plan
from lodeworks.plan.naming import Record, named_program
from lodeworks.plan.part import Part
from lodeworks.plan.program import Program, assemble
from lodeworks.plan.race import race
from lodeworks.plan.scale import Scaling, scale
from lodeworks.plan.solve import RACE, Outcome, Progress, Runner, linear_method, solve
from lodeworks.plan.verify import TOLERANCE, Residuals, primal_residual, verify

__all__ = ["Answer", "Settled", "decided", "optimise", "settle", "settled"]


@dataclass(frozen=True, eq=False)
class Answer:
    """A verified solution in the program's own units.

    `y` are row duals and `reduced` reduced costs of the minimisation; where whole numbers were decided they
    belong to the program with those numbers fixed, and `duals` says so. `fines` is, of each column of a slice of
    several, what the penalty it is spared counts at the margin in books kept over all of them.
    """

    network: Network
    columns: Columns
    program: Program
    x: Floats
    y: Floats
    reduced: Floats
    status: str
    residuals: Residuals
    gap: float
    duals: str
    method: str
    iterations: int
    timings: dict[str, float] = field(default_factory=dict)
    race: tuple[Runner, ...] = ()
    fines: Floats | None = None

    @classmethod
    def of(cls, network: Network, columns: Columns, program: Program, found: Settled) -> Answer:
        """Return what was found of a network's whole program."""
        return cls(
            network, columns, program, found.x, found.y, program.cost - program.matrix.T @ found.y, found.status,
            found.residuals, found.gap, found.duals, found.method, found.iterations, found.timings, found.race,
        )

    def built(self, plant: int) -> float:
        """Return the capacity built of a plant."""
        column = int(self.columns.built[plant])
        if column < 0:
            return 0.0
        return float(self.x[column]) * self.columns.built_size(self.network, plant)

    @property
    def verified(self) -> bool:
        """Whether every residual is within the tolerance."""
        return self.residuals.good


def optimise(
    network: Network,
    *,
    time_limit: float | None = None,
    gap: float = 1e-4,
    method: str = "",
    threads: int = 0,
    relaxed: bool = False,
    record: Record | None = None,
    progress: Progress | None = None,
) -> Answer:
    """Find the best plan of a network and verify it; `relaxed` lets whole numbers be any.

    `record` is given the program with names before it is solved, and its objective after.

    Raises
    ------
    InfeasibleError, UnboundedError
        With the reason in the chain's words.
    SolverError
        If no answer passes verification.
    """
    started = time.perf_counter()
    program, columns = assemble(network)
    if relaxed:
        program = program.relaxed
    scaling = scale(network, columns, program)
    timings = {"assemble": time.perf_counter() - started}
    parts = (Part(network, columns, len(program.row_lower)),)
    done = record("all steps", lambda: named_program(network, columns, program)) if record is not None else None
    found = settle(program, scaling, parts, time_limit=time_limit, gap=gap, method=method, threads=threads,
                   progress=progress)
    if done is not None:
        done(program.objective(found.x))
    if network.accounts is not None and columns.accounts is not None and len(network.accounts.losses):
        from lodeworks.plan.lawful import lawful

        program, found = lawful(
            program, scaling, parts, found, [(network.accounts, columns.accounts)],
            named=lambda held: named_program(network, columns, held), record=record, gap=gap, time_limit=time_limit,
            method=method, threads=threads, progress=progress,
        )
    return Answer.of(network, columns, program, replace(found, timings=timings | found.timings))


@dataclass(frozen=True, eq=False)
class Settled:
    """A verified solution of a program in its own units; fields as in `Answer`."""

    x: Floats
    y: Floats
    residuals: Residuals
    status: str
    gap: float
    duals: str
    method: str
    iterations: int
    timings: dict[str, float]
    race: tuple[Runner, ...] = ()


def settle(
    program: Program,
    scaling: Scaling,
    parts: Sequence[Part],
    *,
    time_limit: float | None = None,
    gap: float = 1e-4,
    method: str = "",
    threads: int = 0,
    progress: Progress | None = None,
) -> Settled:
    """Solve a program of one network or of several that are linked, and verify it; raises as `optimise` does."""
    started = time.perf_counter()
    scaled = scaling.apply(program)
    if method == RACE and not program.integer.any():
        return _raced(program, scaling, scaled, parts, time_limit=time_limit, threads=threads, progress=progress)
    outcome = decided(scaled, time_limit=time_limit, gap=gap, method=method, threads=threads, progress=progress)
    if outcome.status not in ("optimal", "time limit"):
        from lodeworks.plan.explain import explain

        raise explain(parts, program, scaling)
    found = settled(program, scaling, scaled, outcome, started)
    if outcome.status == "time limit" and not found.residuals.good:
        raise SolverError("the time limit passed before the plan was proved best; allow more time")
    if not found.residuals.good and not program.integer.any():
        other = "simplex" if outcome.method == "ipm" else "ipm"
        outcome = solve(scaled, time_limit=time_limit, method=other, threads=threads, progress=progress)
        found = settled(program, scaling, scaled, outcome, started)
    if not found.residuals.good:
        raise SolverError(f"the solver called its answer {found.status}, but it {_failure(found.residuals)}")
    return found


def _failure(residuals: Residuals) -> str:
    return f"fails verification (tolerance {TOLERANCE:g}): {residuals}"


def _raced(
    program: Program, scaling: Scaling, scaled: Program, parts: Sequence[Part], **options: Any
) -> Settled:
    """Solve a linear program by a race: the first answer that passes verification, or is proved to be none, wins."""
    started = time.perf_counter()
    passed: list[Settled] = []

    def accept(outcome: Outcome) -> str:
        if outcome.status not in ("optimal", "time limit"):
            from lodeworks.plan.explain import explain

            reason = explain(parts, program, scaling)
            if isinstance(reason, SolverError):
                return str(reason)
            raise reason
        found = settled(program, scaling, scaled, outcome, started)
        if not found.residuals.good:
            return _failure(found.residuals)
        passed.append(found)
        return ""

    outcome = race(scaled, accept, **options)
    return replace(passed[0], race=outcome.race)


def decided(
    scaled: Program, *, time_limit: float | None = None, gap: float = 1e-4, method: str = "", threads: int = 0,
    progress: Progress | None = None,
) -> Outcome:
    """Solve a program, many whole numbers from a good first plan on; a race is one for what that plan begins with."""
    started = time.perf_counter()
    first = first_plan(
        scaled, gap=gap, time_limit=time_limit, threads=threads, raced=method == RACE, progress=progress
    )
    if first is not None and first.gap <= gap:
        return first
    left = None if time_limit is None else max(0.1, time_limit - (time.perf_counter() - started))
    start, raced = (first.x, first.race) if first is not None else (None, ())
    found = solve(scaled, time_limit=left, gap=gap, method=method, threads=threads, start=start, progress=progress)
    return replace(found, race=raced)


def settled(program: Program, scaling: Scaling, scaled: Program, outcome: Outcome, started: float) -> Settled:
    """Bring a solver's answer back to the program's own units, with duals and residuals."""
    if program.integer.any():
        duals, (x, y, residuals) = "integers fixed", _with_fixed_integers(program, scaling, scaled, outcome)
    else:
        duals, (x, y) = "exact", scaling.undo(outcome.x, outcome.y)
    timings = {"solve": time.perf_counter() - started}
    started = time.perf_counter()
    if not program.integer.any():
        residuals = verify(program, x, y)
    timings["verify"] = time.perf_counter() - started
    return Settled(x, y, residuals, outcome.status, outcome.gap, duals, outcome.method, outcome.iterations, timings,
                   outcome.race)


def _with_fixed_integers(
    program: Program, scaling: Scaling, scaled: Program, outcome: Outcome
) -> tuple[Floats, Floats, Residuals]:
    """Solve the linear program left when whole numbers are fixed as found, for its duals; verify it.

    Where the first answer does not pass (a presolve that has nothing left to decide may give back duals without
    bound), the simplex on the program as it is has a second word.
    """
    lp = program.with_fixed_integers(outcome.x * scaling.column)
    for method, presolve in ((linear_method(program), True), ("simplex", False)):
        fixed = solve(scaled.with_fixed_integers(outcome.x), method=method, presolve=presolve)
        if fixed.status != "optimal":
            raise SolverError("the whole-number plan found could not be confirmed with its whole numbers fixed")
        x, y = scaling.undo(fixed.x, fixed.y)
        found = verify(lp, x, y)
        if found.good:
            break
    whole = max(found.primal, primal_residual(program, x))
    return x, y, Residuals(whole, found.dual, found.gap, found.complementarity)
