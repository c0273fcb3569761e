"""A source that is asked or subscribed to, and that has no way to wait for us: what came is gathered here, bounded, and
handed on a few times a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from lodeworks.watch.sources.gate import Batch, Gate
from lodeworks.watch.sources.held import Held

__all__ = ["Gathered"]

_MOST = 500_000
_EVERY_S = 0.2


class Gathered:
    """Rows on their way from a source to ingest; values stand while the source lives (`held`)."""

    def __init__(self, gate: Gate, *, repeats: bool) -> None:
        self._gate = gate
        self._held = Held(gate)
        self._repeats = repeats
        self._rows = gate.rows()
        self._some = asyncio.Event()

    def add(self, tag: int, at: int | None, value: float, quality: int) -> None:
        """Add a value received now; if ingest is too far behind it is dropped and counted."""
        if len(self._rows) >= _MOST:
            self._gate.refuse("dropped", self._gate.live.tags[tag].name)
            return
        self._rows.now = self._gate.clock()
        self._held.add(tag, at, value, quality, self._rows)
        self._some.set()

    def lost(self) -> None:
        """Say that nothing is known of any tag of the feed any more."""
        self._rows.now = self._gate.clock()
        for number in self._gate.numbers:
            self._held.lose(number, self._rows)
        self._some.set()

    async def batches(self, working: asyncio.Task[None]) -> AsyncIterator[Batch]:
        """Yield what was gathered while a task fills it; ends with the task, and raises what it raised."""
        while not working.done() or len(self._rows):
            if not len(self._rows):
                waiting = asyncio.ensure_future(self._some.wait())
                await asyncio.wait((waiting, working), timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
            await asyncio.sleep(_EVERY_S)
            if self._repeats:
                self._rows.now = self._gate.clock()
                self._held.repeat(self._rows)
            rows, self._rows = self._rows, self._gate.rows()
            self._some.clear()
            if len(rows):
                yield Batch(self._gate.samples(rows))
        working.result()
