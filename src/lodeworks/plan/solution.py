"""A solution of a program that another solver found: read from its file, matched by name, and held against the program.

Read are the files HiGHS, Gurobi, SCIP and CBC write, of which the last two leave out what is nought. What is missed is
told in the chain's words; a solution is no better for having come from elsewhere, and is verified like any other.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lodeworks.errors import InputError, Problem, SolverError, nearest
from lodeworks.network.arrays import Floats
from lodeworks.plan.engine import Settled, decided, settled
from lodeworks.plan.explain.words import number, row_grid, row_words, when
from lodeworks.plan.files import CONSTANT, plain_names
from lodeworks.plan.naming import Named, column_names
from lodeworks.plan.part import Part, part_of_column, part_of_row
from lodeworks.plan.program import Program
from lodeworks.plan.scale import Scaling
from lodeworks.plan.sizes import sized_names, sizes_of
from lodeworks.plan.solve import Outcome, linear_method, solve
from lodeworks.plan.verify import TOLERANCE, primal_residual, verify

__all__ = ["Told", "held_against", "matched", "read_solution", "settled_from"]

# Solvers call a number whole that is this near to one.
_WHOLE = 1e-4
# So many names or rows are told of.
_MANY = 5


@dataclass(frozen=True)
class Told:
    """What a file tells: the values by name, and whether it leaves out those that are nought."""

    file: str
    values: dict[str, float]
    sparse: bool


def read_solution(path: str | Path) -> Told:
    """Read the file of a solution.

    Raises
    ------
    InputError
        If it cannot be read, or is none of those known.
    """
    file = Path(path)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise InputError(Problem(f"cannot read the solution: {reason}", file=str(path))) from None
    first = next((line for line in lines if line.strip()), "")
    sparse, place = False, 0
    if first.startswith("Model status"):  # HiGHS: only the columns of the primal values
        begin = next((i for i, line in enumerate(lines) if line.startswith("# Columns")), len(lines))
        lines = lines[begin + 1 :]
        end = next((i for i, line in enumerate(lines) if line.startswith("#")), len(lines))
        lines = lines[:end]
    elif first.startswith(("solution status:", "objective value:")):  # SCIP
        sparse = True
        lines = [line for line in lines if not re.match(r"(solution status|objective value):", line)]
    elif "objective value" in first:  # CBC: a number, the name, the value, the reduced cost
        sparse, place = True, 1
        lines = lines[1:]
    values: dict[str, float] = {}
    for line in lines:
        words = [word for word in line.split() if word != "**"]
        if not words or line.lstrip().startswith("#"):
            continue
        try:
            values[words[place]] = float(words[place + 1])
        except (IndexError, ValueError):
            raise InputError(Problem(
                "this is no solution of a program", file=str(path), found=line.strip()[:60],
                expected="lines of a name and a value, as HiGHS, Gurobi, SCIP and CBC write them")) from None
    if not values:
        raise InputError(Problem("there are no values in this solution", file=str(path)))
    return Told(str(path), values, sparse)


def matched(named: Named, told: Told, scaling: Scaling) -> Floats:
    """Return the value of each column, shape (columns,); whole numbers are made whole.

    Columns that are told in their sizes by this scaling, as their names say, are brought back.

    Raises
    ------
    InputError
        If a column is not there, or there is one that the program has not; with how many, and which first.
    """
    names = plain_names(named.columns).to_list()
    sizes = sizes_of(named.program, scaling)
    own, sized = set(names), plain_names(sized_names(named.columns, sizes)).to_list()
    back = {
        said: (name, size) for said, name, size in zip(sized, names, sizes.tolist(), strict=True) if said not in own
    }
    values = {}
    for said, value in told.values.items():
        name, size = back.get(said, (said, 1.0))
        if said != CONSTANT:
            values[name] = value * size
    problems = []
    strange = values.keys() - set(names)
    if strange:
        first = min(strange)
        problems.append(Problem(
            f"{len(strange)} of its names are not columns of this program", file=told.file, found=_some(strange),
            suggestion=nearest(first, names) if len(names) < 20_000 else "",
            expected="a solution of the file that `lodeworks export lp` or `mps` writes of the same chain"))
    missing = [] if told.sparse else [name for name in names if name not in values]
    if missing:
        problems.append(Problem(f"{len(missing)} columns of this program have no value", file=told.file,
                                found=_some(missing), expected="a value of each column"))
    if problems:
        raise InputError(problems)
    x = np.array([values.get(name, 0.0) for name in names], float)
    whole = named.program.integer & (np.abs(x - np.round(x)) <= _WHOLE)
    return np.where(whole, np.round(x), x)


def _some(names: set[str] | list[str]) -> str:
    chosen = sorted(names)[:_MANY]
    return ", ".join(chosen) + (" …" if len(names) > len(chosen) else "")


def held_against(parts: Sequence[Part], program: Program, x: Floats) -> float:
    """Return by how much a solution misses the program at most, as `verify` measures it.

    Raises
    ------
    SolverError
        If that is more than the tolerance: what is missed most, by how much, where and when.
    """
    missed = primal_residual(program, x)
    if missed <= TOLERANCE:
        return missed
    told = [*_rows_missed(parts, program, x), *_bounds_missed(parts, program, x)]
    told.sort(key=lambda one: -one[0])
    more = [f"  and {len(told) - _MANY} more"] if len(told) > _MANY else []
    raise SolverError("\n".join([
        f"the solution is none of this chain's program: it misses by {missed:.2g} (tolerance {TOLERANCE:g})",
        *(f"  - {words}" for _, words in told[:_MANY]), *more]))


def _rows_missed(parts: Sequence[Part], program: Program, x: Floats) -> list[tuple[float, str]]:
    activity = program.matrix @ x
    short, over = program.row_lower - activity, activity - program.row_upper
    excess = np.maximum(np.maximum(short, over), 0.0)
    size = np.maximum(abs(program.matrix) @ np.abs(x), np.maximum(*(
        np.where(np.isfinite(side), np.abs(side), 0.0) for side in (program.row_lower, program.row_upper))))
    found = []
    for block, first in program.blocks:
        span = slice(first, first + len(block))
        own = np.flatnonzero(excess[span] > TOLERANCE * np.maximum(size[span], 1e-9))
        for owner in np.unique(block.owner[own]):
            mine = own[block.owner[own] == owner]
            worst = first + int(mine[np.argmax(excess[first + mine])])
            part = part_of_row(parts, worst)
            if part is None:
                words = block.names[owner]
            else:
                grid = row_grid(part.network, block, int(owner))
                words = part.said(f"{row_words(part.network, block, int(owner))}, "
                                  f"{when(part.network, grid, block.step[mine])}")
            side = "short" if short[worst] > 0.0 else "too much"
            found.append((float(excess[worst] / max(size[worst], 1e-9)), f"{words}: {number(excess[worst])} {side}"))
    return found


def _bounds_missed(parts: Sequence[Part], program: Program, x: Floats) -> list[tuple[float, str]]:
    out = np.maximum(np.maximum(program.lower - x, x - program.upper), 0.0)
    out = np.where(program.integer, np.maximum(out, np.abs(x - np.round(x))), out)
    size = np.maximum(np.abs(x), 1.0)
    found = []
    for column in np.flatnonzero(out > TOLERANCE * size):
        part = part_of_column(parts, int(column))
        if part is None:
            span = next((words for first, last, words in program.spans if first <= column < last), "what is decided")
            words = span
        else:
            own = column_names(part.network, part.columns)
            local = np.array([column - part.column])
            words = part.said(own[local].spoken()[0])
        value = f"{number(x[column])} of {number(program.lower[column])} to {number(program.upper[column])}"
        found.append((float(out[column] / size[column]), f"{words}: {value}"))
    return found


def settled_from(
    program: Program, scaling: Scaling, parts: Sequence[Part], x: Floats, options: Mapping[str, Any]
) -> tuple[Settled, dict[str, Any]]:
    """Return the verified plan with the whole numbers of a solution, and what is told of the solution.

    The rest is solved anew, for its duals. The solution's own values are kept where with those duals they are verified
    as the best there is; how far whole numbers are from the best is bounded by letting them be any.

    Raises
    ------
    SolverError
        If the solution misses the program, or no answer passes verification.
    """
    started = time.perf_counter()
    missed = held_against(parts, program, x)
    scaled, whole = scaling.apply(program), bool(program.integer.any())
    options = {key: value for key, value in options.items() if key != "record"}
    if whole:
        none = np.zeros(len(program.row_lower))
        outcome = Outcome("optimal", x / scaling.column, none, 0.0, "a solution given", 0.0, 0)
    else:
        outcome = decided(scaled, **options)
    found = settled(program, scaling, scaled, outcome, started)
    own = verify(program.with_fixed_integers(x) if whole else program, x, found.y)
    told = {"objective": program.objective(x), "misses_by": missed,
            "better_here_by": max(0.0, program.value(x) - program.value(found.x)), "taken": own.good}
    if own.good:
        found = replace(found, x=x + 0.0, residuals=replace(own, primal=max(own.primal, missed)))
        told["better_here_by"] = 0.0
    if not found.residuals.good:
        raise SolverError(f"the plan made of the solution fails verification: {found.residuals}")
    if whole:
        loose = solve(scaled.relaxed, **{**options, "method": linear_method(program, options.get("method", ""))})
        bound = program.value(loose.x * scaling.column) if loose.status == "optimal" else -np.inf
        value = program.value(found.x)
        gap = max(0.0, value - bound) / max(abs(value), 1e-9)
        found = replace(found, gap=gap, status="optimal" if gap <= options.get("gap", 1e-4) else "solution")
    return found, told
