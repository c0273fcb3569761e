"""Histograms of hours as the kernel keeps them: where a bin ends, which were filled after the warm-up, and quantiles.

Bins are 3 % wide, so a quantile is known to 3 %. While a run goes on a stay is counted in a byte of its own for each
place and bin; at a checkpoint what is not nought is written down as words that hold a bin's number and how many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.simulate import layout as y

if TYPE_CHECKING:
    from lodeworks.simulate.engine import Outcome

__all__ = ["first_checkpoint", "quantile_of", "stays_by_place", "upper_edges"]


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


def stays_by_place(histogram: y.Ints, places: int, first: int) -> Callable[[int], y.Ints]:
    """Return what gives a place's stays in each bin, shape (BINS,), from a checkpoint on."""
    bins, counts = histogram >> y.STAYS_BITS, histogram & ((1 << y.STAYS_BITS) - 1)
    kept = bins >= first * places * y.BINS
    bins, counts = bins[kept] % (places * y.BINS), counts[kept]
    order = np.argsort(bins, kind="stable")
    bins, counts = bins[order], counts[order]
    edges = np.searchsorted(bins, np.arange(places + 1) * y.BINS)

    def of_place(p: int) -> y.Ints:
        found = np.zeros(y.BINS, np.int64)
        np.add.at(found, bins[edges[p] : edges[p + 1]] - p * y.BINS, counts[edges[p] : edges[p + 1]])
        return found

    return of_place


def quantile_of(counts: y.Ints | y.Floats, edges: y.Floats, q: float) -> float:
    """Return the quantile of a histogram that is not empty, on a straight line within its bin."""
    cumulated = np.cumsum(counts)
    goal = q * cumulated[-1]
    k = int(np.searchsorted(cumulated, goal))
    if k == 0:
        return 0.0
    part = (goal - float(cumulated[k - 1])) / float(counts[k])
    return float(edges[k - 1] + part * (edges[k] - edges[k - 1])) if k > 1 else float(edges[1])
