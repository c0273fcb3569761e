"""Values that stand until the source says otherwise: a source that sends only what changed is silent about what has
not, and that is not the silence of a dead one.

While the source lives, a value is said again once in each of its tag's periods, so that it does not turn stale. When
the source is lost its tags are bad at once, later than anything it said; what it says again after that is of now, even
if it was measured before.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from typing import TypeVar

from lodeworks.watch.ending import ended
from lodeworks.watch.samples import Quality
from lodeworks.watch.sources.gate import Gate, Rows

__all__ = ["Held", "with_ticks"]

_MOST_AHEAD_MS = 60_000
_Item = TypeVar("_Item")


class Held:
    """The last value of each tag of a source, while the source lives."""

    def __init__(self, gate: Gate) -> None:
        self._period_ms = {number: max(1000, round(gate.live.tags[number].period_s * 1000)) for number in gate.numbers}
        self._value: dict[int, tuple[float, int]] = {}
        self._said: dict[int, int] = {}
        self._last: dict[int, int] = {}
        self._lost: dict[int, int] = {}
        self._again: dict[int, int] = {}

    def add(self, number: int, at: int | None, value: float, quality: int, rows: Rows) -> None:
        """Add what a source says of a tag."""
        lost = self._lost.get(number)
        if lost is not None and (at is None or at <= lost):
            at = max(rows.now, lost + 1)
        rows.add(number, at, value, quality)
        if (again := self._again.get(number, 0)) and rows.at[-1] <= again:
            # It was on its way when the value before was said again for a moment after it: from then on it stands.
            rows.add(number, again + 1, value, quality)
            self._again[number] = again + 1
        self._value[number] = value, quality
        self._said[number] = rows.now
        self._last[number] = max(self._last.get(number, 0), rows.at[-1])

    def lose(self, number: int, rows: Rows) -> None:
        """Say that nothing is known of a tag any more."""
        at = max(rows.now, min(self._last.get(number, 0), rows.now + _MOST_AHEAD_MS) + 1)
        rows.add(number, at, math.nan, Quality.BAD)
        self._lost[number] = at
        self._value.pop(number, None)

    def doubt(self, number: int) -> None:
        """Say that a value may have changed unheard: it is said again, uncertain, at the next `repeat`."""
        if number in self._value:
            value, quality = self._value[number]
            self._value[number] = value, Quality.UNCERTAIN if quality == Quality.GOOD else quality
            self._said[number] = 0

    def forget(self) -> None:
        """Say nothing again until the source says it: nobody knows whether it lives."""
        self._value.clear()

    def repeat(self, rows: Rows) -> None:
        """Say again what has not changed for a period."""
        for number, (value, quality) in self._value.items():
            if rows.now - self._said[number] >= self._period_ms[number]:
                rows.add(number, max(rows.now, self._last[number] + 1), value, quality)
                self._said[number] = rows.now
                self._last[number] = self._again[number] = rows.at[-1]


async def with_ticks(source: AsyncIterator[_Item], every_s: float) -> AsyncIterator[_Item | None]:
    """Yield what a source yields, and None when it has been silent for so long."""
    coming = asyncio.ensure_future(anext(source))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=every_s)
            if not done:
                yield None
                continue
            item = coming.result()
            coming = asyncio.ensure_future(anext(source))
            yield item
    except StopAsyncIteration:
        return
    finally:
        await ended(coming)
