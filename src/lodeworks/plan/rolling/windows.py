"""The guide of a plan made window by window, and the rolling itself, on the scaled program of all there is.

What it means, and what becomes of it, is told in `horizon`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import sparse

from lodeworks.errors import SolverError
from lodeworks.network.arrays import Floats, Ints
from lodeworks.plan.engine import decided
from lodeworks.plan.part import Part
from lodeworks.plan.program import Program
from lodeworks.plan.solve import Outcome, Progress, linear_method, solve

__all__ = ["Guide", "Keep", "Roll", "Window", "guided"]

# Takes down the program of a window, by its columns and rows in the whole; what it returns, what was found.
Keep = Callable[[str, Program, Ints, Ints], Callable[[Floats], None]]
_Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
# Blocks of limits on sums: what is left of them is shared out by the guide, not by price.
_SUMS = ("policies", "budget", "overall", "lending", "loan_total", "turnover", "drawn_once")
# What a scenario costs is the sum of all its windows: each bears its price.
_PRICED = ("outcome",)


@dataclass(frozen=True)
class Window:
    """One window: hours from the start at which it begins, is decided to and looks ahead to; how it was solved.

    `again` is how many times it was begun from further back, `slice` the stage and scenario whose hours they are.
    """

    begin_h: float
    end_h: float
    ahead_h: float
    columns: int
    integers: int
    gap: float
    again: int
    seconds: float
    slice: str = ""


@dataclass(frozen=True)
class Guide:
    """The plan of the whole horizon with operation relaxed; `bound` is the least any plan can cost."""

    status: str
    x: Floats
    y: Floats
    bound: float


def guided(scaled: Program, begins: Floats, options: Mapping[str, Any]) -> Guide:
    """Solve the whole with operation relaxed; what is built stays whole.

    Stopped early, only a search over whole numbers has a bound that was proved; a linear program has none.
    """
    built = scaled.integer & np.isnan(begins)
    options = {**options, "method": linear_method(scaled, options.get("method", ""))}
    first = solve(replace(scaled, integer=built), **options)
    if first.status not in ("optimal", "time limit"):
        return Guide(first.status, first.x, first.y, -np.inf)
    if first.status == "time limit" and not built.any():
        raise SolverError("the time limit passed before the whole horizon was bounded; allow more time")
    value = scaled.value(first.x)
    bound = value - first.gap * abs(value)
    if not built.any():
        return Guide(first.status, first.x, first.y, bound)
    whole = replace(scaled, integer=built).with_fixed_integers(first.x)
    again = solve(whole, **options)
    if again.status == "time limit":
        raise SolverError("the time limit passed before the whole horizon was priced; allow more time")
    return Guide(again.status, again.x, again.y, bound)


@dataclass
class Roll:
    """The answer as far as it is decided; what is not follows the guide."""

    program: Program
    begins: Floats
    guide: Guide
    options: Mapping[str, Any]
    parts: Sequence[Part]
    keep: Keep | None = None
    iterations: int = 0
    x: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Say when the rows begin and end, and which of them limit sums."""
        self.x = self.guide.x.copy()
        self.bound = self.guide.bound
        matrix = self.program.matrix
        at = self.begins[matrix.indices]
        self._latest = _by_row(np.maximum, np.where(np.isnan(at), -np.inf, at), matrix.indptr)
        earliest = _by_row(np.minimum, np.where(np.isnan(at), np.inf, at), matrix.indptr)
        # A row from the start to the end of a horizon closes a cycle; what a store begins with is the guide's.
        closing = np.zeros(len(earliest), bool)
        for part in self.parts:
            own = slice(part.row, part.row + part.rows)
            closing[own] = self._latest[own] - earliest[own] > 0.5 * (part.network.steps - 1)
        self._summed, self._priced = np.zeros(len(closing), bool), np.zeros(len(closing), bool)
        for block, first in self.program.blocks:
            rows = slice(first, first + len(block))
            self._summed[rows] = closing[rows] if block.name == "balance" else block.name in _SUMS
            self._priced[rows] = block.name in _PRICED
        self._by_column = matrix.tocsc()

    def all(self, length: float, overlap: float, hours: float) -> tuple[Window, ...]:
        """Decide window after window of one part after another; return them. Lengths are in steps of `hours`."""
        windows: list[Window] = []
        offset = 0.0
        total = sum(int(np.ceil(part.network.steps / length - 1e-9)) for part in self.parts)
        for part in self.parts:
            windows += self._of_part(part, offset, length, overlap, hours, (len(windows), total))
            offset += part.network.steps
        return tuple(windows)

    def _of_part(
        self, part: Part, offset: float, length: float, overlap: float, hours: float, counted: tuple[int, int]
    ) -> list[Window]:
        """Decide the windows of one part, whose first step is `offset`; `counted` are those done and those in all."""
        windows: list[Window] = []
        progress: Progress | None = self.options.get("progress")
        begin, last = offset, offset + part.network.steps
        while begin < last - 1e-9:
            started, again, back = time.perf_counter(), 0, begin
            end = min(last, begin + length)
            ahead = min(last, end + overlap)
            if progress is not None:
                progress(f"window {counted[0] + len(windows) + 1} of {counted[1]}")
            while True:
                active = (self.begins >= back - 1e-9) & (self.begins < ahead - 1e-9)
                number = counted[0] + len(windows) + 1
                words = f"window {number}" + (f", begun {again} times further back" if again else "")
                found = self._solved(active, ahead, words)
                if found is not None:
                    break
                if back <= offset:
                    where = f" of {part.label}" if part.label else " of the horizon"
                    raise SolverError(
                        f"no plan was found by windows up to hour {(ahead - offset) * hours:g}{where}; "
                        "try longer windows or more overlap"
                    )
                again += 1
                back = max(offset, begin - length * 2.0 ** (again - 1))
            self.x[active] = found.x
            self.iterations += found.iterations
            windows.append(Window(
                (begin - offset) * hours, (end - offset) * hours, (ahead - offset) * hours, int(active.sum()),
                int(self.program.integer[active].sum()), found.gap, again, time.perf_counter() - started, part.label,
            ))
            ahead_of = self.begins >= end - 1e-9
            self.x[ahead_of] = self.guide.x[ahead_of]
            begin = end
        return windows

    def _solved(self, active: _Mask, ahead: float, words: str) -> Outcome | None:
        """Solve the program of the columns that are open, recorded as `words`; None where it has no plan."""
        program = self.program
        touched = np.zeros(len(program.row_lower), bool)
        touched[self._by_column[:, np.flatnonzero(active)].indices] = True
        over = ((self._latest >= ahead - 1e-9) & ~self._summed) | self._priced
        kept, priced = np.flatnonzero(touched & ~over), np.flatnonzero(touched & over)
        rows = program.matrix[kept]
        elsewhere = rows @ np.where(active, 0.0, self.x)
        columns = np.flatnonzero(active)
        charge = program.matrix[priced][:, columns].T @ self.guide.y[priced] if len(priced) else 0.0
        part = Program(
            program.cost[columns] - charge, 0.0, program.lower[columns], program.upper[columns],
            program.integer[columns], sparse.csr_array(rows[:, columns]), program.row_lower[kept] - elsewhere,
            program.row_upper[kept] - elsewhere, (), maximise=False,
        )
        done = None
        if self.keep is not None:
            done = self.keep(words, part, columns.astype(np.int32), kept.astype(np.int32))
        outcome = decided(part, **{**self.options, "progress": None})
        if outcome.status not in ("optimal", "time limit"):
            return None
        if done is not None:
            done(outcome.x)
        return outcome


def _by_row(reduce: np.ufunc, values: Floats, indptr: Any) -> Floats:
    """Reduce the entries of each row of a matrix; a row without entries keeps the value that stands for none."""
    none = -np.inf if reduce is np.maximum else np.inf
    found = np.full(len(indptr) - 1, none)
    filled = np.diff(indptr) > 0
    if filled.any():
        found[filled] = reduce.reduceat(values, indptr[:-1][filled])
    return found
