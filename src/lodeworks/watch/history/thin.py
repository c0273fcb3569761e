"""Fewer points of a long series, every spike kept: the extremes of each stretch of time, of each quality on its own.

A calibration's peak therefore never hides a real one of the same hour. Thinning what was thinned with the same edges
changes nothing, so that a year can be thinned month by month.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodeworks.watch.samples import Quality, Samples

__all__ = ["COARSE_MS", "Series", "Thinner", "extremes", "of_stretches"]

COARSE_MS = 600_000
"""The stretches whose extremes each closed day keeps beside its samples."""

# Rows gathered before they are thinned on the way.
_ENOUGH = 1_000_000


@dataclass(frozen=True, eq=False)
class Series:
    """One tag over a stretch of time.

    Parameters
    ----------
    at, value, quality
        The points kept, in order of time (ms); all there are if they are no more than asked for.
    low, high
        The extremes of everything in the stretch that is not bad; NaN if there is none.
    n_raw
        How many samples there are in the stretch.
    """

    at: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    low: float
    high: float
    n_raw: int

    @property
    def thinned(self) -> bool:
        """Whether some samples are not among the points."""
        return len(self.at) < self.n_raw

    def samples(self, tag: int) -> Samples:
        """Return the points as samples of a tag; when they were received is not known: as if when they were taken."""
        return Samples(np.full(len(self.at), tag, np.int32), self.at, self.at, self.value, self.quality)


def extremes(
    at: NDArray[np.int64], value: NDArray[np.float64], quality: NDArray[np.uint8], edges: NDArray[np.int64]
) -> NDArray[np.intp]:
    """Return which rows to keep: between two edges, of each quality, the first lowest and the first highest.

    Of bad ones, whose values mean nothing, the first and the last are kept. `at` is in order.
    """
    kept = []
    for grade in np.flatnonzero(np.bincount(quality, minlength=len(Quality))):
        rows: NDArray[np.intp] | None = None if len(at) and (quality == grade).all() else np.flatnonzero(
            quality == grade
        )
        moments, values = (at, value) if rows is None else (at[rows], value[rows])
        bounds = np.unique(np.searchsorted(moments, edges))
        starts, ends = bounds[:-1].tolist(), bounds[1:].tolist()
        if grade == Quality.BAD:
            chosen = np.asarray([*starts, *(end - 1 for end in ends)], np.intp)
        else:  # a loop over stretches, not over samples: argmin runs through each at the speed of memory
            low = [start + int(values[start:end].argmin()) for start, end in zip(starts, ends, strict=True)]
            high = [start + int(values[start:end].argmax()) for start, end in zip(starts, ends, strict=True)]
            chosen = np.asarray(low + high, np.intp)
        kept.append(chosen if rows is None else rows[chosen])
    return np.unique(np.concatenate(kept)) if kept else np.empty(0, np.intp)


def of_stretches(
    tag: NDArray[np.int32], at: NDArray[np.int64], value: NDArray[np.float64], quality: NDArray[np.uint8],
    edges: NDArray[np.int64],
) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the rows of the extremes of every tag, and for each how many samples they stand for.

    Samples are in order of tag and time. The count of a tag stands with its first row.
    """
    kept: list[NDArray[np.intp]] = []
    counts: list[NDArray[np.int64]] = []
    bounds = np.flatnonzero(np.diff(tag, prepend=-1, append=-1))
    for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        rows = extremes(at[first:last], value[first:last], quality[first:last], edges)
        count = np.zeros(len(rows), np.int64)
        count[0] = last - first
        kept.append(rows + first)
        counts.append(count)
    if not kept:
        return np.empty(0, np.intp), np.empty(0, np.int64)
    return np.concatenate(kept), np.concatenate(counts)


class Thinner:
    """Gathers one tag's samples in order of time and gives back at most so many points of each quality.

    Parameters
    ----------
    since, until
        The stretch, ms; `until` itself is not in it.
    points
        How many points to keep of each quality; None keeps all.
    """

    def __init__(self, since: int, until: int, points: int | None) -> None:
        self._points = points
        self.coarse = False  # whether extremes of COARSE_MS give the same as all samples
        self._edges = np.empty(0, np.int64)
        if points is not None:
            self._edges = np.unique(np.linspace(since, until, max(points // 2, 1) + 1).round().astype(np.int64))
            if (until - since) // max(points // 2, 1) >= 2 * COARSE_MS:
                self.coarse = True
                self._edges[1:-1] = self._edges[1:-1] // COARSE_MS * COARSE_MS
        self._parts: list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]] = []
        self._gathered = 0
        self._n_raw = 0
        self._low, self._high = math.inf, -math.inf

    def add(
        self, at: NDArray[np.int64], value: NDArray[np.float64], quality: NDArray[np.uint8], count: int | None = None
    ) -> None:
        """Take the next samples, which are later than all before, or extremes that stand for so many."""
        if not len(at):
            return
        self._n_raw += len(at) if count is None else count
        sound = value if (quality != Quality.BAD).all() else value[quality != Quality.BAD]
        if len(sound):
            self._low = min(self._low, float(np.fmin.reduce(sound)))
            self._high = max(self._high, float(np.fmax.reduce(sound)))
        self._parts.append((at, value, quality))
        self._gathered += len(at)
        if self._points is not None and self._gathered > max(_ENOUGH, self._points):
            self._thin()

    def series(self) -> Series:
        """Return what was gathered, thinned if it is too much."""
        if self._points is not None and self._n_raw > self._points:
            self._thin()
        at, value, quality = self._together()
        none = self._low > self._high
        return Series(at, value, quality, math.nan if none else self._low, math.nan if none else self._high,
                      self._n_raw)

    def _together(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]:
        if not self._parts:
            return np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.uint8)
        at, value, quality = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        return at, value, quality

    def _thin(self) -> None:
        at, value, quality = self._together()
        rows = extremes(at, value, quality, self._edges)
        self._parts = [(at[rows], value[rows], quality[rows])]
        self._gathered = len(rows)
