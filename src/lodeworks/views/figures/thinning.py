"""Fewer points than steps without losing a spike: the least and the most of every stretch are kept."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

__all__ = ["kept_steps"]


def kept_steps(series: npt.NDArray[np.float64], most: int) -> npt.NDArray[np.int64]:
    """Return the steps to draw, in order: all where there are few, else each stretch's extremes and the ends.

    Parameters
    ----------
    series
        Numbers to be drawn together, shape (series, steps); the steps kept are common to all, so that stacks
        stay stacks. Every series keeps its least and its most of every stretch.
    most
        Points wanted. With many series a few more may be kept, never an extreme fewer.
    """
    series = np.atleast_2d(series)
    count = series.shape[1]
    if count <= most:
        return np.arange(count)
    stretches = max(1, most // (2 * len(series)))
    edges = np.linspace(0, count, stretches + 1).astype(np.int64)
    kept = {0, count - 1}
    for first, last in pairwise(edges.tolist()):
        part = np.nan_to_num(series[:, first:last])
        if part.shape[1]:
            kept.update((first + part.argmin(axis=1)).tolist())
            kept.update((first + part.argmax(axis=1)).tolist())
    return np.array(sorted(kept), dtype=np.int64)
