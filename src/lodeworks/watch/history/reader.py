"""Reading the folder: log, hot days and closed days joined, in the order samples move, so that none is missed.

A long stretch is read from the extremes that each closed day keeps of every ten minutes; the answer is the same as from
all samples, since the stretches it is thinned to then begin and end with such ten minutes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lodeworks.watch.history.cold import Cold
from lodeworks.watch.history.hot import DAY_MS, Hot, day_of, start_of
from lodeworks.watch.history.log import Log
from lodeworks.watch.history.merge import merged
from lodeworks.watch.history.thin import Series, Thinner
from lodeworks.watch.samples import Samples

__all__ = ["Reader"]

# Days read at once for one tag, and tags at once: some 100 MB.
_DAYS_AT_ONCE = 16
_TAGS_AT_ONCE = 64
_Counts = NDArray[np.int64] | None


class Reader:
    """Reads by the store's numbers of tags; safe to use from several threads."""

    def __init__(self, log: Log, hot: Hot, cold: Cold) -> None:
        self._log, self._hot, self._cold = log, hot, cold
        self._lock = threading.Lock()
        self._seen: dict[int, Samples] = {}

    def read(self, ids: Sequence[int], since: int, until: int, points: int | None) -> list[Series]:
        """Return each tag's samples from `since` to before `until`, thinned to at most `points` of each quality."""
        thinners = [Thinner(since, until, points) for _ in ids]
        known = sorted(set(ids)) if until > since else []
        for start in range(0, len(known), _TAGS_AT_ONCE):
            some = known[start:start + _TAGS_AT_ONCE]
            for found, counts in self._stretches(some, since, until, coarse=thinners[0].coarse):
                for number, thinner in zip(ids, thinners, strict=True):
                    if some[0] <= number <= some[-1]:
                        first, last = np.searchsorted(found.tag, [number, number + 1])
                        thinner.add(found.at[first:last], found.value[first:last], found.quality[first:last],
                                    None if counts is None else int(counts[first:last].sum()))
        return [thinner.series() for thinner in thinners]

    def _stretches(
        self, ids: Sequence[int], since: int, until: int, *, coarse: bool
    ) -> Iterator[tuple[Samples, _Counts]]:
        """Yield what there is in order of time, some days at once, each in order of tag and time.

        With the extremes of closed days come how many samples they stand for.
        """
        recent = self._recent(ids, since, until)
        hot, cold = self._hot.days(), self._cold.days()
        extra = {day_of(number * DAY_MS) for number in np.unique(recent.at // DAY_MS).tolist()}
        days = [day for day in sorted({*hot, *cold, *extra}) if since - DAY_MS < start_of(day) < until]
        in_parts = {*hot, *extra}
        whole = {day for day in days if coarse and day not in in_parts and self._cold.has_extremes(day)
                 and since <= start_of(day) and start_of(day) + DAY_MS <= until}
        step = max(1, _DAYS_AT_ONCE // len(ids))
        start = 0
        while start < len(days):
            end = start + 1
            of_extremes = days[start] in whole
            while end < len(days) and (days[end] in whole) == of_extremes and (of_extremes or end - start < step):
                end += 1
            some = days[start:end]
            start = end
            told = self._cold.extremes(some, ids) if of_extremes else None
            if told is not None:
                yield told
                continue
            for first in range(0, len(some), step):
                yield from self._all(some[first:first + step], ids, since, until, recent, set(hot))

    def _all(
        self, days: Sequence[date], ids: Sequence[int], since: int, until: int, recent: Samples, hot: set[date]
    ) -> Iterator[tuple[Samples, None]]:
        begin, end = start_of(days[0]), start_of(days[-1]) + DAY_MS
        late = [self._hot.read(day, ids, since, until) for day in days if day in hot]
        # After the hot days, so that one which is closed just now is found in one place or the other.
        closed = self._cold.read(days, ids, since, until)
        late.append(recent.take((recent.at >= begin) & (recent.at < end)))
        parts = [part for part in (closed, *late) if len(part)]
        if len(parts) == 1 and len(ids) == 1 and bool((np.diff(parts[0].at) > 0).all()):
            yield parts[0], None
        elif parts:
            yield merged(Samples.joined(parts)), None

    def _recent(self, ids: Sequence[int], since: int, until: int) -> Samples:
        """Return what is in the log only."""
        with self._lock:
            rows = Samples.joined(self._log.unfolded(since, until, self._seen))
        return rows.take(np.isin(rows.tag, ids) & (rows.at >= since) & (rows.at < until)) if len(rows) else rows
