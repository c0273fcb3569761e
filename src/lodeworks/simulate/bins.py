"""Histograms of hours as the kernel keeps them: where a bin ends, which were filled after the warm-up, and quantiles.

Bins are 3 % wide, so a quantile is known to 3 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeworks.simulate import layout as y

if TYPE_CHECKING:
    from lodeworks.simulate.engine import Outcome

__all__ = ["first_checkpoint", "quantile_of", "upper_edges"]


def upper_edges() -> y.Floats:
    """Return the upper edge of each bin, in hours."""
    k = np.arange(y.BINS - 1)
    octave, part = np.divmod(k, y.BINS_PER_OCTAVE)
    edges = 2.0 ** (octave + y.LOWEST_OCTAVE - 1.0) * (1.0 + (part + 1.0) / y.BINS_PER_OCTAVE)
    return np.concatenate([[0.0], edges])


def first_checkpoint(outcome: Outcome) -> int:
    """Return the first of the histograms in time that counts: those that begin after the warm-up do."""
    share = outcome.warm_up / float(outcome.built.model.marks[-1])
    return int(np.ceil(share * y.CHECKPOINTS - 1e-9))


def quantile_of(counts: y.Ints | y.Floats, edges: y.Floats, q: float) -> float:
    """Return the quantile of a histogram that is not empty, on a straight line within its bin."""
    cumulated = np.cumsum(counts)
    goal = q * cumulated[-1]
    k = int(np.searchsorted(cumulated, goal))
    if k == 0:
        return 0.0
    part = (goal - float(cumulated[k - 1])) / float(counts[k])
    return float(edges[k - 1] + part * (edges[k] - edges[k - 1])) if k > 1 else float(edges[1])
