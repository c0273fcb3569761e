"""The worst days of a plan: those in which it pays most for what it does not serve with what was built."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lodeworks.network.arrays import Floats
from lodeworks.plan.engine import Answer
from lodeworks.plan.ledger import money

__all__ = ["worst_steps"]

_WORTH = 0.01  # of all penalties: a day that pays less is not among the worst


def worst_steps(parts: Sequence[tuple[Answer, float]], days: int) -> dict[int, set[int]]:
    """Return the base steps with penalties of the so many worst days, by the number of the part.

    Parameters
    ----------
    parts
        Plans, each with what its money counts.
    """
    fines = [_fines(answer) * weight for answer, weight in parts]
    ranked: list[tuple[float, int, set[int]]] = []
    total = sum(float(own.sum()) for own in fines)
    for number, (own, (answer, _)) in enumerate(zip(fines, parts, strict=True)):
        day = np.floor(np.arange(len(own)) * answer.network.hours / 24.0 + 1e-9).astype(int)
        of_day = np.bincount(day, own)
        ranked += [(float(of_day[d]), number, set(np.flatnonzero((day == d) & (own > 0.0)).tolist()))
                   for d in np.flatnonzero(of_day > _WORTH * total)]
    found: dict[int, set[int]] = {}
    for _, number, steps in sorted(ranked, key=lambda one: -one[0])[:days]:
        found.setdefault(number, set()).update(steps)
    return found


def _fines(answer: Answer) -> Floats:
    """Return what is paid for what is not served in each base step, shape (steps,)."""
    net, columns = answer.network, answer.columns
    fines = np.zeros(net.steps)
    for i in (i for i, item in enumerate(net.costs.item) if item == "unserved"):
        span, fine = money(net, columns, i)
        paid = np.maximum(0.0, fine * (columns.upper[span] - answer.x[span]))
        paid[paid <= 1e-9 * np.abs(fine * columns.upper[span])] = 0.0
        long = np.diff(net.grids[net.activities.grid[net.costs.activity[i]]].edges).astype(int)
        fines += np.repeat(paid / long, long)
    return fines
