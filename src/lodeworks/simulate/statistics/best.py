"""Which of several alternatives is best, and which others may be, under common random numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lodeworks.simulate.statistics.intervals import Interval, paired
from lodeworks.simulate.statistics.laws import student
from lodeworks.simulate.statistics.values import Floats, checked_level

__all__ = ["Selection", "best_of"]


@dataclass(frozen=True)
class Selection:
    """The best of several alternatives, and those that may be it.

    Attributes
    ----------
    best
        The alternative with the best mean; the first of equals.
    differences
        For each alternative, its paired difference to `best`; nought for `best` itself.
    keep
        The alternatives that cannot be excluded, in order; `best` is one of them.
    """

    best: int
    differences: tuple[Interval, ...]
    keep: tuple[int, ...]


def best_of(samples: npt.ArrayLike, level: float = 0.95, larger: bool = True) -> Selection:
    """Return the best of several alternatives by their means, and those that may be it.

    Parameters
    ----------
    samples
        One value for each alternative and replication, of shape (alternatives, replications); replication i of
        all saw the same random numbers.
    level
        The confidence level for all comparisons together.
    larger
        Whether more is better.

    Raises
    ------
    ValueError
        If the array has another shape, no alternatives, fewer than two replications, or a value not finite.

    Notes
    -----
    Hsu's multiple comparisons with the best, *Annals of Statistics* 12 (1984) 1136-1144, under common random numbers
    as in Nelson and Matejcik, *Management Science* 41 (1995) 1935-1945, in the form by Bonferroni's inequality that
    asks nothing of how the alternatives are correlated. With k alternatives, each pair is compared at the level
    1 - (1 - level) / (k - 1). An alternative is excluded if it is surely worse than some other at that level. That
    the true best is kept takes k - 1 comparisons only, those with itself, and so holds with at least `level`,
    whichever it is. The differences hold together, at `level`, for the true best; so also for `best` if it is that.
    They are two-sided and so is what excludes, that the two agree: Hsu's one-sided bound would exclude a little more.
    """
    x = np.asarray(samples, dtype=np.float64)
    if x.ndim != 2 or x.shape[0] < 1:
        raise ValueError(f"expected (alternatives, replications), not an array of shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("every value must be finite")
    k, n = x.shape
    if n < 2:
        raise ValueError(f"a comparison needs at least two replications, not {n}")
    each = 1.0 - (1.0 - checked_level(level)) / max(k - 1, 1)
    means = x.mean(axis=1)
    best = int(np.argmax(means) if larger else np.argmin(means))
    differences = tuple(paired(row, x[best], each) for row in x)
    t = student(n - 1, 1.0 - each)
    keep = tuple(i for i in range(k) if i == best or not _surely_worse(x[i] if larger else -x[i],
                                                                       x if larger else -x, t))
    return Selection(best, differences, keep)


def _surely_worse(one: Floats, others: Floats, t: float) -> bool:
    """Return whether some other is larger for sure; `one` may be among `others`, (replications,) and (k, …)."""
    lead = others - one
    half = t * lead.std(axis=1, ddof=1) / math.sqrt(len(one))
    return bool((lead.mean(axis=1) > half).any())
