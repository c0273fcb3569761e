"""Rows: what each sample of a batch says beside what is known of its tag: was there a gap, did the value change.

And `Known`, what is known of every tag between batches. What follows from it for alarms is for `detect`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodeworks.watch.alarms.channels import STALE_PERIODS
from lodeworks.watch.alarms.memory import usable
from lodeworks.watch.samples import Quality, Samples

__all__ = ["Known", "Rows", "rows_of"]

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """Of each sample of a batch sorted by tag and time.

    Parameters
    ----------
    start, size
        Of each block of one tag: its first row, how many.
    previous
        The time (ms) of the sample before.
    usable
        Whether its value can be judged.
    fresh
        Whether the value is another than before, or the one before is none to compare with.
    changed
        Since when (ms) the value has stood.
    stale
        Three periods of its tag (ms).
    """

    start: NDArray[np.intp]
    size: Ints
    previous: Ints
    usable: NDArray[np.bool_]
    fresh: NDArray[np.bool_]
    changed: Ints
    stale: Ints


@dataclass
class Known:
    """What is known of each tag: its last sample, and since when its value is what it is.

    `heard` says whether there was one at all; before, `at` and `received` are when watching began.
    """

    at: Ints
    received: Ints
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    changed: Ints
    heard: NDArray[np.bool_]

    @classmethod
    def nothing(cls, tags: int, started: int) -> Known:
        """Return what is known at the start: nothing, since then."""
        stamp = np.full(tags, started, np.int64)
        return cls(stamp.copy(), stamp.copy(), np.full(tags, np.nan), np.full(tags, Quality.BAD, np.uint8),
                   stamp.copy(), np.zeros(tags, np.bool_))

    def absorb(self, samples: Samples, rows: Rows) -> None:
        """Take the last sample of each tag of a batch."""
        last = rows.start + rows.size - 1
        tag = samples.tag[last]
        self.at[tag], self.received[tag] = samples.at[last], samples.received[last]
        self.value[tag], self.quality[tag] = samples.value[last], samples.quality[last]
        self.changed[tag], self.heard[tag] = rows.changed[last], True


def rows_of(samples: Samples, known: Known, period_ms: Ints) -> Rows:
    """Return what each sample says beside what is known before the batch, which is sorted by tag and time."""
    tag, at, n = samples.tag, samples.at, len(samples)
    head = np.ones(n, np.bool_)
    head[1:] = tag[1:] != tag[:-1]
    start = np.flatnonzero(head)
    size = np.diff(np.append(start, n))
    fit = usable(samples)
    previous, value, before = np.empty(n, np.int64), np.empty(n), np.empty(n, np.bool_)
    previous[1:], value[1:], before[1:] = at[:-1], samples.value[:-1], fit[:-1]
    first = tag[start]
    previous[start], value[start] = known.at[first], known.value[first]
    before[start] = known.heard[first] & (known.quality[first] != Quality.BAD)
    stale = STALE_PERIODS * period_ms[tag]
    # A value that is the same after a gap may have been another in it.
    fresh = ~fit | ~before | (at - previous > stale) | (samples.value != value)
    latest = np.maximum.accumulate(np.where(fresh, np.arange(n), -1))
    changed = np.where(latest >= np.repeat(start, size), at[np.maximum(latest, 0)], known.changed[tag])
    return Rows(start, size, previous, fit, fresh, changed, stale)
