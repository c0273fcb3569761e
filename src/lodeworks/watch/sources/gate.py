"""The gate every sample of a source goes through: what cannot be a sample is refused, what is doubtful is marked, both
are counted and remembered by example. Nothing that comes in may stop the process.

How a payload is read is in `decode`; how it comes is each source's own.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import WatchError
from lodeworks.network.live import Feed, Live
from lodeworks.watch.clock import speed_of
from lodeworks.watch.samples import Quality, Samples

__all__ = ["MOST_BYTES", "Batch", "Gate", "Rows", "missing", "wait_again"]

log = logging.getLogger("lodeworks.watch")

# The largest message read; 10,000 values take some 500 kB as JSON.
MOST_BYTES = 8_000_000
# A source's clock may be this far ahead before its time is no longer believed; and a sample this late.
_AHEAD_MS = 60_000
_LATE_DAYS = 100
_BEGINNING = 946_684_800_000  # 2000-01-01: what is before comes from a clock that was never set
_DAY_MS = 86_400_000
_LATE_MS = 30_000
# Values of one tag that come without a time at one moment are put a millisecond apart, up to so far ahead of it: a
# source that floods shall not hide, by times to come, what is said after it.
_UNTIMED_MS = 1000
_EXAMPLES = 5  # of each reason, so that a flood of one hides none of the others
_RETRY_S = (0.5, 1.0, 2.0, 5.0)


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Batch:
    """Samples that came together, and what to do when they are kept: a source then acknowledges them."""

    samples: Samples
    kept: Callable[[], None] = _nothing


class Rows:
    """Values as a payload has them: tag, source time (ms), time received, value, quality.

    `now` is when what is being read was received. Values without a time of their own get it, and no two of one tag
    the same: each would be taken for the other.
    """

    def __init__(self, now: int, untimed: dict[int, int] | None = None) -> None:
        self.now = now
        self.tag: list[int] = []
        self.at: list[int] = []
        self.received: list[int] = []
        self.value: list[float] = []
        self.quality: list[int] = []
        self._untimed: dict[int, int] = {} if untimed is None else untimed

    def add(self, tag: int, at: int | None, value: float, quality: int = Quality.GOOD) -> None:
        """Add one value; without a time, it is of when it was received."""
        if at is None:
            at = max(self.now, min(self._untimed.get(tag, 0) + 1, self.now + _UNTIMED_MS))
            self._untimed[tag] = at
        self.tag.append(tag)
        self.at.append(at)
        self.received.append(self.now)
        self.value.append(value)
        self.quality.append(quality)

    def __len__(self) -> int:
        return len(self.tag)


class Gate:
    """One feed's gate.

    Parameters
    ----------
    feed, live
        The feed and the chain it belongs to.
    clock
        Gives the time in ms.
    late_days
        How late a sample may be; None for a file that brings the past.
    """

    def __init__(
        self, feed: Feed, live: Live, clock: Callable[[], int], late_days: int | None = _LATE_DAYS
    ) -> None:
        self.feed = feed
        self.live = live
        self.clock = clock
        self.late_days = late_days
        self.connected = False
        self.trouble = ""
        self.counts: Counter[str] = Counter()
        self.last = ""  # what was refused or marked last, and why
        self._examples: dict[str, dict[str, int]] = {}
        self.lag_ms = 0
        self._untimed: dict[int, int] = {}
        self._newest = np.full(len(live.tags), _BEGINNING, np.int64)
        self.numbers = [number for number, tag in enumerate(live.tags) if tag.feed == feed.name]
        self._low = np.asarray([tag.low for tag in live.tags], np.float64)
        self._high = np.asarray([tag.high for tag in live.tags], np.float64)

    @property
    def refused(self) -> int:
        """How many values or messages were refused so far."""
        return sum(count for reason, count in self.counts.items() if reason in REFUSED)

    def refuse(self, reason: str, what: str, count: int = 1) -> None:
        """Count something refused or marked, and keep an example of it."""
        why = REFUSED.get(reason) or MARKED[reason]
        if not self.counts[reason]:
            log.warning("feed %s: %s: %s", self.feed.name, why, what)
        self.counts[reason] += count
        what = what[:200]
        self.last = f"{why}: {what}"
        known = self._examples.setdefault(reason, {})
        known.pop(what, None)  # once, with when it was last seen
        known[what] = self.clock()
        if len(known) > _EXAMPLES:
            del known[next(iter(known))]

    @property
    def examples(self) -> list[tuple[int, str, str]]:
        """When (ms), why and what was refused or marked: the last few of each reason, the newest last."""
        return sorted(((at, reason, what) for reason, known in self._examples.items() for what, at in known.items()),
                      key=lambda example: example[0])

    def up(self) -> None:
        """Say that the source is connected."""
        if not self.connected:
            log.info("feed %s: connected", self.feed.name)
        self.connected, self.trouble = True, ""

    def down(self, trouble: str) -> None:
        """Say that the source is not connected, and why."""
        if self.connected or trouble != self.trouble:
            log.warning("feed %s: not connected: %s", self.feed.name, trouble)
        self.connected, self.trouble = False, trouble

    def rows(self) -> Rows:
        """Return rows to be filled by what is received from now on."""
        return Rows(self.clock(), self._untimed)

    def samples(self, rows: Rows) -> Samples:
        """Return what may be kept of some rows.

        A value that is no number is bad; one outside its instrument's range, or with a time that cannot be, is
        uncertain. A time that cannot be is replaced by when the value was received, or just after the tag's newest:
        neither a clock that was never set, nor ours when it was set back, may hide what a sensor says.
        """
        received = np.asarray(rows.received, np.int64)
        tag = np.asarray(rows.tag, np.int32)
        value = np.asarray(rows.value, np.float64)
        quality = np.asarray(rows.quality, np.uint8)
        told = np.asarray([_within(at) for at in rows.at], np.int64)
        earliest = _BEGINNING if self.late_days is None else np.maximum(
            _BEGINNING, received - self.late_days * _DAY_MS
        )
        latest = received + _AHEAD_MS + round(self.feed.clock_s * 1000)
        wrong = (told < earliest) | (told > latest)
        at = np.where(wrong, received, told)
        self._after_the_newest(tag, at, wrong)
        none = ~np.isfinite(value)
        outside = ~none & ((value < self._low[tag]) | (value > self._high[tag])) if len(tag) else none
        doubtful = (wrong | outside) & (quality == Quality.GOOD)
        quality = np.where(none, np.uint8(Quality.BAD), np.where(doubtful, np.uint8(Quality.UNCERTAIN), quality))
        value = np.where(none, np.nan, value)
        for reason, which in (("time", wrong), ("number", none), ("range", outside)):
            if which.any():
                first = int(np.flatnonzero(which)[0])
                self.refuse(reason, f"{self.live.tags[rows.tag[first]].name} {rows.value[first]!r} at {rows.at[first]}",
                            int(which.sum()))
        if len(at):
            self.counts["late"] += int((received - at > _LATE_MS * max(1.0, speed_of(self.clock))).sum())
            self.lag_ms = max(0, int((received - at).min()))
        return Samples(tag, at, received, value, quality.astype(np.uint8))

    def _after_the_newest(self, tag: NDArray[np.int32], at: NDArray[np.int64], wrong: NDArray[np.bool_]) -> None:
        """Let times that were replaced come after all that was taken of their tags."""
        right = ~wrong
        np.maximum.at(self._newest, tag[right], at[right])
        for row in np.flatnonzero(wrong).tolist():  # few, but for a source whose clock is wrong
            here = tag[row]
            at[row] = self._newest[here] = max(at[row], self._newest[here] + 1)


REFUSED = {
    "unreadable": "a message that cannot be read",
    "large": "a message that is too large",
    "unknown": "a name or topic that is no tag of this feed",
    "value": "a value that is no number",
    "dropped": "more came than could be taken in",
    "unborn": "values of a node that has not said what it sends",
    "token": "a wrong token",
}
MARKED = {
    "time": "a time that cannot be was replaced by when it was received",
    "number": "a value that is none",
    "range": "a value outside the instrument's range",
    "sequence": "messages of a node are missing",
    "late": "late samples",
}


def missing(feed: Feed, what: str, extra: str) -> WatchError:
    """Return what to raise where the library of a feed is not there."""
    return WatchError(f"feed {feed.name}: the {what} is not installed; expected pip install 'lodeworks[{extra}]'")


async def wait_again(tries: int) -> None:
    """Wait before another try to connect, the longer the more have failed one after another."""
    await asyncio.sleep(_RETRY_S[min(tries, len(_RETRY_S) - 1)])


def _within(at: int) -> int:
    """Keep a time within what fits the column; what is outside is wrong anyway."""
    return min(max(at, -(2**62)), 2**62)
