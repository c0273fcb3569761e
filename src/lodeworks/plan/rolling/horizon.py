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
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import sparse

from lodeworks.errors import LodeworksError, SolverError
from lodeworks.network.arrays import Floats, Network
from lodeworks.plan.engine import Answer, decided, settled
from lodeworks.plan.part import Part
from lodeworks.plan.program import Program, assemble
from lodeworks.plan.rolling.when import times_of_columns
from lodeworks.plan.scale import scale
from lodeworks.plan.solve import Outcome, Progress, linear_method, solve

__all__ = ["Rolled", "Window", "rolling_plan"]

_Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
# Blocks of limits on sums: what is left of them is shared out by the guide, not by price.
_SUMS = ("policies", "budget")


@dataclass(frozen=True)
class Window:
    """One window: hours from the start at which it begins, is decided to and looks ahead to; how it was solved.

    `again` is how many times it was begun from further back.
    """

    begin_h: float
    end_h: float
    ahead_h: float
    columns: int
    integers: int
    gap: float
    again: int
    seconds: float


@dataclass(frozen=True)
class Rolled:
    """A plan decided window by window: the verified answer, the windows, and the bound of the guide."""

    answer: Answer
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
) -> Rolled:
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
        As `optimise`; and where nothing is whole in operation, or firms keep accounts.
    """
    program, columns = assemble(net)
    begins = times_of_columns(net, columns)
    if net.accounts is not None:
        raise LodeworksError("firms' accounts link all periods, so this chain is not planned window by window")
    if not (program.integer & ~np.isnan(begins)).any():
        raise LodeworksError("nothing is on or off in this chain, so windows decide nothing; plan it as it is")
    started = time.perf_counter()
    scaling = scale(net, columns, program)
    scaled = scaling.apply(program)
    parts = (Part(net, columns, len(program.row_lower)),)
    guide = _guide(scaled, begins, options)
    if guide.status != "optimal":
        from lodeworks.plan.explain import explain

        raise explain(parts, program, scaling)
    roll = _Roll(scaled, begins, guide, options)
    windows = roll.all(net.steps, hours / net.hours, overlap / net.hours, net.hours)
    outcome = Outcome("windows", roll.x, np.zeros(0), np.inf, "window by window", 0.0, roll.iterations)
    found = settled(program, scaling, scaled, outcome, started)
    if not found.residuals.good:
        raise SolverError(f"the plan made of windows fails verification: {found.residuals}")
    bound = roll.bound / scaling.cost
    reached = program.value(found.x)
    gap = max(0.0, reached - bound) / max(abs(reached), 1e-9)
    status = "optimal" if gap <= options.get("gap", 1e-4) else "windows"
    answer = Answer.of(net, columns, program, replace(found, status=status, gap=gap))
    return Rolled(answer, windows, -bound if program.maximise else bound, gap)


@dataclass(frozen=True)
class _Guide:
    """The plan of the whole horizon with operation relaxed; `bound` is the least any plan can cost."""

    status: str
    x: Floats
    y: Floats
    bound: float


def _guide(scaled: Program, begins: Floats, options: Mapping[str, Any]) -> _Guide:
    """Solve the whole with operation relaxed; what is built stays whole.

    Stopped early, only a search over whole numbers has a bound that was proved; a linear program has none.
    """
    built = scaled.integer & np.isnan(begins)
    options = {**options, "method": linear_method(scaled, options.get("method", ""))}
    first = solve(replace(scaled, integer=built), **options)
    if first.status not in ("optimal", "time limit"):
        return _Guide(first.status, first.x, first.y, -np.inf)
    if first.status == "time limit" and not built.any():
        raise SolverError("the time limit passed before the whole horizon was bounded; allow more time")
    value = scaled.value(first.x)
    bound = value - first.gap * abs(value)
    if not built.any():
        return _Guide(first.status, first.x, first.y, bound)
    whole = replace(scaled, integer=built).with_fixed_integers(first.x)
    again = solve(whole, **options)
    if again.status == "time limit":
        raise SolverError("the time limit passed before the whole horizon was priced; allow more time")
    return _Guide(again.status, again.x, again.y, bound)


@dataclass
class _Roll:
    """The answer as far as it is decided; what is not follows the guide."""

    program: Program
    begins: Floats
    guide: _Guide
    options: Mapping[str, Any]
    iterations: int = 0
    x: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Say when the rows begin and end, and which of them limit sums."""
        self.x = self.guide.x.copy()
        self.bound = self.guide.bound
        matrix = self.program.matrix
        timed = ~np.isnan(self.begins)
        at = self.begins[matrix.indices]
        self._latest = _by_row(np.maximum, np.where(np.isnan(at), -np.inf, at), matrix.indptr)
        earliest = _by_row(np.minimum, np.where(np.isnan(at), np.inf, at), matrix.indptr)
        # A row from the start to the end of the horizon closes a cycle; what a store begins with is the guide's.
        closing = self._latest - earliest > 0.5 * float(np.max(self.begins[timed]))
        self._summed = np.zeros(len(closing), bool)
        for block, first in self.program.blocks:
            rows = slice(first, first + len(block))
            self._summed[rows] = closing[rows] if block.name == "balance" else block.name in _SUMS
        self._by_column = matrix.tocsc()

    def all(self, steps: int, length: float, overlap: float, hours: float) -> tuple[Window, ...]:
        """Decide window after window; return them."""
        windows: list[Window] = []
        progress: Progress | None = self.options.get("progress")
        begin = 0.0
        while begin < steps - 1e-9:
            started, again, back = time.perf_counter(), 0, begin
            end = min(float(steps), begin + length)
            ahead = min(float(steps), end + overlap)
            if progress is not None:
                progress(f"window {len(windows) + 1} of {int(np.ceil(steps / length))}")
            while True:
                active = (self.begins >= back - 1e-9) & (self.begins < ahead - 1e-9)
                found = self._solved(active, ahead)
                if found is not None:
                    break
                if back <= 0.0:
                    raise SolverError(
                        f"no plan was found by windows up to hour {ahead * hours:g} of the horizon; "
                        "try longer windows or more overlap"
                    )
                again += 1
                back = max(0.0, begin - length * 2.0 ** (again - 1))
            self.x[active] = found.x
            self.iterations += found.iterations
            windows.append(Window(
                begin * hours, end * hours, ahead * hours, int(active.sum()),
                int(self.program.integer[active].sum()), found.gap, again, time.perf_counter() - started,
            ))
            ahead_of = self.begins >= end - 1e-9
            self.x[ahead_of] = self.guide.x[ahead_of]
            begin = end
        return tuple(windows)

    def _solved(self, active: _Mask, ahead: float) -> Outcome | None:
        """Solve the program of the columns that are open; None where it has no plan."""
        program = self.program
        touched = np.zeros(len(program.row_lower), bool)
        touched[self._by_column[:, np.flatnonzero(active)].indices] = True
        over = self._latest >= ahead - 1e-9
        kept = np.flatnonzero(touched & (~over | self._summed))
        priced = np.flatnonzero(touched & over & ~self._summed)
        rows = program.matrix[kept]
        elsewhere = rows @ np.where(active, 0.0, self.x)
        columns = np.flatnonzero(active)
        charge = program.matrix[priced][:, columns].T @ self.guide.y[priced] if len(priced) else 0.0
        part = Program(
            program.cost[columns] - charge, 0.0, program.lower[columns], program.upper[columns],
            program.integer[columns], sparse.csr_array(rows[:, columns]), program.row_lower[kept] - elsewhere,
            program.row_upper[kept] - elsewhere, (), maximise=False,
        )
        outcome = decided(part, **{**self.options, "progress": None})
        return outcome if outcome.status in ("optimal", "time limit") else None


def _by_row(reduce: np.ufunc, values: Floats, indptr: Any) -> Floats:
    """Reduce the entries of each row of a matrix; a row without entries keeps the value that stands for none."""
    none = -np.inf if reduce is np.maximum else np.inf
    found = np.full(len(indptr) - 1, none)
    filled = np.diff(indptr) > 0
    if filled.any():
        found[filled] = reduce.reduceat(values, indptr[:-1][filled])
    return found
