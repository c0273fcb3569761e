"""A short memory of samples: what a late one is judged against, and what expressions and rates look back on.

Tags that expressions and rates read are kept ready, each on a tape. Others are looked up only when a sample comes late:
in the history, or, without one, in the batches of the last minutes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lodeworks.watch.history.merge import merged
from lodeworks.watch.samples import Quality, Samples

if TYPE_CHECKING:
    from lodeworks.watch.alarms.rows import Known, Rows
    from lodeworks.watch.history import History

__all__ = ["Memory", "usable"]

_AHEAD = 2**62


def usable(samples: Samples) -> NDArray[np.bool_]:
    """Return which samples have a value that can be judged."""
    fit: NDArray[np.bool_] = (samples.quality != Quality.BAD) & ~np.isnan(samples.value)
    return fit


class _Tape:
    """One tag's last samples in order of time, the one before the memory's beginning included."""

    def __init__(self, back_ms: int) -> None:
        self.back_ms = back_ms
        self.samples = Samples.of([], [], [], [], [])

    def add(self, new: Samples, horizon: int) -> None:
        held = self.samples
        late = len(held) > 0 and new.at[0] <= held.at[-1]
        # What is new is judged however old it is, and looks back from its own time.
        old = int(np.searchsorted(held.at, min(horizon, int(new.at[0])) - self.back_ms, side="right")) - 1
        if old > 64:
            held = held.take(np.arange(old, len(held)))
        joined = Samples.joined([held, new])
        self.samples = merged(joined) if late else joined


class Memory:
    """What was measured of late.

    Parameters
    ----------
    ready
        The tags kept ready, each with how far (ms) is looked back from a sample of it.
    keep_ms
        How far back it reaches, from the latest sample received.
    history
        Where the other tags are looked up; the last batches are kept without one.
    """

    def __init__(self, ready: Mapping[int, int], keep_ms: int, history: History | None = None) -> None:
        self.keep_ms = keep_ms
        self._history = history
        self._tapes = {tag: _Tape(back_ms) for tag, back_ms in ready.items()}
        self._batches: deque[Samples] = deque()
        self.horizon = -_AHEAD

    def add(self, samples: Samples, rows: Rows) -> None:
        """Take a batch sorted by tag and time."""
        self.horizon = int(samples.received.max()) - self.keep_ms  # not the furthest: a clock may be set back
        if self._tapes:
            for start, size in zip(rows.start.tolist(), rows.size.tolist(), strict=True):
                tape = self._tapes.get(int(samples.tag[start]))
                if tape is not None:
                    tape.add(samples.take(np.arange(start, start + size)), self.horizon)
        if self._history is None:
            self._batches.append(samples)
            while self._batches and self._batches[0].received.max() < self.horizon:
                self._batches.popleft()

    def read(self, tag: int, since: int) -> Samples:
        """Return a tag's samples from a time (ms) on, in order, one for each time."""
        if tag in self._tapes:
            held = self._tapes[tag].samples
            return held.take(np.arange(int(np.searchsorted(held.at, since)), len(held)))
        if self._history is not None:
            [series] = self._history.read([tag], since, _AHEAD)
            return series.samples(tag)
        parts = (batch.of_tag(tag) for batch in self._batches)
        return merged(Samples.joined([part.take(part.at >= since) for part in parts]))

    def tape(self, tag: int) -> Samples:
        """Return what is kept ready of a tag, in order of time."""
        return self._tapes[tag].samples

    def tail(self, tag: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the usable samples kept ready of a tag (at, value)."""
        held = self._tapes[tag].samples
        fit = usable(held)
        return held.at[fit], held.value[fit]

    def refill(self, known: Known) -> None:
        """Fill the tapes again after a stop: from the history, and with what is known to be last."""
        if not len(known.at):
            return
        self.horizon = max(self.horizon, int(known.received.max()) - self.keep_ms)
        for tag, tape in self._tapes.items():
            if not known.heard[tag]:
                continue
            last = Samples.of([tag], [int(known.at[tag])], [int(known.received[tag])], [float(known.value[tag])],
                              [int(known.quality[tag])])
            if self._history is None:
                tape.samples = last
                continue
            [series] = self._history.read([tag], self.horizon - tape.back_ms, int(known.at[tag]) + 1)
            tape.samples = merged(Samples.joined([series.samples(tag), last]))
