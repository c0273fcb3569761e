"""Of all best plans the one nearest to a plan that was followed: what is as good either way stays as it was.

Two plans of the same money may differ in a hundred rates. Who is told to change something shall be told no change that
is worth nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy import sparse

from lodeworks.network.arrays import Floats
from lodeworks.plan.engine import Answer
from lodeworks.plan.program import Program
from lodeworks.plan.scale import scale
from lodeworks.plan.solve import solve
from lodeworks.plan.verify import TOLERANCE, verify

__all__ = ["nearest"]

_GIVEN = 0.5 * TOLERANCE  # so much of the objective may be given up: it stays as well verified as any other
_LITTLE = 1e-3  # of the scale of a column: what neither runs nor ran counts as if it ran so much


def nearest(answer: Answer, followed: Mapping[int, Floats]) -> Answer:
    r"""Return the best plan that departs least from given rates; the answer itself where none nearer can be verified.

    .. math:: \min \sum_{aj} \frac{h_j}{k_a} |x_{aj} - r_{aj}|
        \quad \text{over all plans with} \quad c \cdot x \le c \cdot x^* + \epsilon\, |c \cdot x^*|

    r are the rates that were followed and k the most each activity runs at then or now, so that a tenth more or less
    counts alike for all. The duals stay those of the answer, which hold for every best plan; whole numbers stay as
    decided.

    Parameters
    ----------
    followed
        By activity the rates in the steps of its grid, shape (steps,); nan where nothing was followed.
    """
    net, scaling = answer.network, scale(answer.network, answer.columns, answer.program)
    program = answer.program.with_fixed_integers(answer.x) if answer.program.integer.any() else answer.program
    column, target, weight = [], [], []
    for a, rates in followed.items():
        known = np.isfinite(rates)
        if known.any():
            first, grid = int(answer.columns.rate[a]), net.grids[net.activities.grid[a]]
            ran = answer.x[first : first + len(rates)]
            size = max(float(np.abs(rates[known]).max()), float(ran.max()), _LITTLE * float(scaling.column[first]))
            column.append(first + np.flatnonzero(known))
            target.append(rates[known])
            weight.append((grid.hours(net.hours) / size)[known])
    if not column:
        return answer
    own = np.concatenate(column)
    unit = scaling.column[own]
    wider = _wider(scaling.apply(program), own, np.concatenate(target) / unit, np.concatenate(weight) * unit,
                   program.value(answer.x) * scaling.cost)
    found = solve(wider)
    if found.status != "optimal":
        return answer
    x = found.x[: len(answer.x)] * scaling.column + 0.0
    x[answer.program.integer] = answer.x[answer.program.integer]
    residuals = verify(program, x, answer.y)
    return replace(answer, x=x, residuals=residuals) if residuals.good else answer


def _wider(scaled: Program, own: np.ndarray[tuple[int], np.dtype[np.int64]], target: Floats, weight: Floats,
           best: float) -> Program:
    """Return the program of the distance: each column of its own twice, and the objective as a row."""
    columns = scaled.matrix.shape[1]
    count = len(own)
    steps = np.arange(count)
    picks = sparse.csr_array((np.ones(count), (steps, own)), shape=(count, columns))
    away = sparse.eye_array(count, format="csr")
    most = float(np.abs(scaled.cost).max(initial=0.0)) or 1.0
    matrix = sparse.block_array([
        [scaled.matrix, None], [sparse.csr_array(scaled.cost[None, :] / most), None], [picks, -away], [picks, away],
    ], format="csr")
    limit = (best - scaled.offset + _GIVEN * abs(best)) / most
    free = np.full(count, np.inf)
    return Program(
        np.concatenate([np.zeros(columns), weight / float(weight.max())]), 0.0,
        np.concatenate([scaled.lower, np.zeros(count)]), np.concatenate([scaled.upper, free]),
        np.zeros(columns + count, bool), matrix,
        np.concatenate([scaled.row_lower, [-np.inf], -free, target]),
        np.concatenate([scaled.row_upper, [limit], target, free]), (), maximise=False,
    )
