"""Is it really optimal? Residuals of a solution against the original program, apart from any solver.

Norms. A row's violation is measured against the largest sum of absolute terms (or bound) among the rows of
its block with the same owner: for a balance, its greatest throughput. A column's against the largest
magnitude it reaches or is bounded by. A reduced cost of the wrong sign is measured against the terms it is a
difference of, or, where those are rounding themselves, against what would put a millionth of the money at stake on
the column when it fills its rows, a row's dual of the wrong sign by the money it would put on the row's throughput,
against all money at stake. A reduced cost within the rounding of its own sum is nought. The gap is the difference of
primal and dual objective, against the objective, or a ten-thousandth of the money at stake where that is larger.
Money at stake is all money moved, or a thousandth of the most one column could move at its bounds, for plans in
which nothing moves. None depends on the units of the file.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from lodeworks.network.arrays import Floats
from lodeworks.plan.program import Program

__all__ = ["TOLERANCE", "Residuals", "verify"]

TOLERANCE = 1e-6
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Residuals:
    """The largest violations found, each in the norm of this module's first paragraph."""

    primal: float
    dual: float
    gap: float
    complementarity: float

    @property
    def good(self) -> bool:
        """Whether every residual is within the tolerance."""
        return bool(max(asdict(self).values()) <= TOLERANCE)


def verify(program: Program, x: Floats, y: Floats) -> Residuals:
    """Measure a primal solution `x` and row duals `y` (of the minimisation) against a program.

    Parameters
    ----------
    x, y
        Shapes (columns,) and (rows,), in the program's own units.

    Returns
    -------
    Residuals
        Infinite where a solution holds a number that is not finite.
    """
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return Residuals(np.inf, np.inf, np.inf, np.inf)
    primal = primal_residual(program, x)
    terms = np.abs(program.cost) + abs(program.matrix).T @ np.abs(y)
    reduced = _without_rounding(program, program.cost - program.matrix.T @ y, terms)
    activity = program.matrix @ x
    moved = float(np.abs(program.cost * x).sum())
    throughput = np.maximum(abs(program.matrix) @ np.abs(x), _largest_bound(program.row_lower, program.row_upper))
    at_stake = max(moved, 1e-3 * _money_at_stake(program))
    reach = _reach(program, throughput, np.maximum(np.abs(x), _largest_bound(program.lower, program.upper)))
    rounding = np.divide(_ROUNDING * at_stake, reach, out=np.zeros(len(x)), where=reach > 0.0)
    typical = np.maximum(np.where(terms > 0.0, terms, 1.0), rounding)
    worth = np.divide(at_stake, throughput, out=np.full(len(y), np.inf), where=throughput > 0.0)
    y, row_dual_fault = _signed(y, program.row_lower, program.row_upper, worth)
    bounded, column_fault = _signed(reduced, program.lower, program.upper, typical)
    row_bound = _chosen(y, program.row_lower, program.row_upper)
    column_bound = _chosen(bounded, program.lower, program.upper)
    dual_objective = float(y @ row_bound + bounded @ column_bound)
    primal_objective = float(program.cost @ x)
    size = max(abs(primal_objective + program.offset), abs(primal_objective), 1e-4 * at_stake)
    slackness = np.abs(y * (activity - row_bound)).sum() + np.abs(bounded * (x - column_bound)).sum()
    size = size if size > 0.0 else 1.0
    return Residuals(
        primal, max(row_dual_fault, column_fault), abs(primal_objective - dual_objective) / size,
        float(slackness) / max(size, moved),
    )


def _without_rounding(program: Program, reduced: Floats, terms: Floats) -> Floats:
    """Return reduced costs with nought where they are less than what adding their terms up may be wrong by.

    A sum of n numbers is off by up to (n - 1) u Σ|terms| (Higham 2002, §4.2). Thousands of columns at nought, each with
    such a sum for a reduced cost, would else add up to a gap in a plan in which no money moves.
    """
    count = np.bincount(program.matrix.indices, minlength=len(reduced))
    return np.where(np.abs(reduced) > count * np.finfo(float).eps * terms, reduced, 0.0)


def _money_at_stake(program: Program) -> float:
    """Return the most money one column could move at its own bound or that of a row it is in."""
    bound = _largest_bound(program.row_lower, program.row_upper)
    reach = _reach(program, bound, _largest_bound(program.lower, program.upper))
    return float(np.max(np.abs(program.cost) * reach, initial=0.0))


def _reach(program: Program, rows: Floats, least: Floats) -> Floats:
    """Return how large each column is that fills a row it is in, of the sizes `rows`; `least` at least."""
    reach = least.copy()
    entries = program.matrix.tocoo()
    np.maximum.at(reach, entries.coords[1], rows[entries.coords[0]] / np.abs(entries.data))
    return reach


def _largest_bound(lower: Floats, upper: Floats) -> Floats:
    """Return the larger magnitude of each pair of bounds; nought where both are infinite."""
    sides = [np.where(np.isfinite(side), np.abs(side), 0.0) for side in (lower, upper)]
    return np.maximum(*sides)


def primal_residual(program: Program, x: Floats) -> float:
    """Return the largest violation of a row, a bound or a whole number."""
    activity = program.matrix @ x
    size = np.maximum(abs(program.matrix) @ np.abs(x), _largest_bound(program.row_lower, program.row_upper))
    excess = np.maximum(np.maximum(program.row_lower - activity, activity - program.row_upper), 0.0)
    worst = 0.0
    for block, first in program.blocks:
        span = slice(first, first + len(block))
        owners = int(block.owner.max(initial=0)) + 1
        largest = np.zeros(owners)
        np.maximum.at(largest, block.owner, size[span])
        reach = largest[block.owner]
        worst = max(worst, _ratio(excess[span], reach))
    out = np.maximum(np.maximum(program.lower - x, x - program.upper), 0.0)
    reach = np.maximum(np.abs(x), _largest_bound(program.lower, program.upper))
    reach = np.maximum(reach, float(np.median(reach[reach > 0.0])) if np.any(reach > 0.0) else 1.0)
    worst = max(worst, _ratio(out, reach))
    whole = x[program.integer]
    return max(worst, float(np.abs(whole - np.round(whole)).max(initial=0.0)))


def _ratio(excess: Floats, reach: Floats) -> float:
    return float(np.max(excess / np.where(reach > 0.0, reach, 1.0), initial=0.0))


def _signed(dual: Floats, lower: Floats, upper: Floats, size: Floats | float) -> tuple[Floats, float]:
    """Split duals into what a finite bound can absorb and the largest relative fault among the rest."""
    wrong = np.where((dual > 0.0) & ~np.isfinite(lower), dual, 0.0)
    wrong = np.where((dual < 0.0) & ~np.isfinite(upper), -dual, wrong)
    scale = np.where(np.asarray(size) > 0.0, size, 1.0)
    return np.where(wrong > 0.0, 0.0, dual), float(np.max(wrong / scale, initial=0.0))


def _chosen(dual: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return the bound each dual stands for: the lower where positive, the upper where negative."""
    bound = np.where(dual > 0.0, lower, upper)
    return np.where(dual == 0.0, 0.0, bound)
