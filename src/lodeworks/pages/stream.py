"""What a browser is sent each tick: the tags of its screen that changed, as columns, and the alarms when they changed.

A message is encoded once for all who look at the same screen. Who cannot keep up misses ticks and is then sent
everything once: nothing queues without bound. Layout, little-endian: a head of 32 bytes (kind uint32: 1 everything,
2 what changed; n uint32; now float64 ms; heartbeat of the recorder float64 ms; bytes of text uint32; speed of the
clock float32, 1 unless a rehearsal goes faster or slower than real),
then value float64[n], at float64[n] (ms), delay float32[n] (s between source and receipt), tag uint32[n],
quality uint8[n], then the text: JSON in UTF-8, or nothing where no alarm changed.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lodeworks.watch.present import PresentValues

__all__ = ["CHANGED", "HEAD", "WHOLE", "Channel", "Subscriber", "as_text", "encoded"]

WHOLE, CHANGED = 1, 2
HEAD = struct.Struct("<IIddIf")
_BEHIND = 8
"""Messages a slow client may lag (4 s at 2 Hz) before it is sent everything anew."""


def encoded(
    kind: int, now: int, heartbeat: int, tags: NDArray[np.int64], values: PresentValues, text: bytes = b"",
    speed: float = 1.0,
) -> bytes:
    """Return one message about some tags (places in `Live.tags`); a tag without a sample yet is at time 0."""
    at = np.maximum(values.at[tags], 0)
    delay = (np.maximum(values.received[tags], 0) - at) / 1000.0
    return b"".join(
        (
            HEAD.pack(kind, len(tags), float(now), float(heartbeat), len(text), speed),
            values.value[tags].astype("<f8").tobytes(),
            at.astype("<f8").tobytes(),
            delay.astype("<f4").tobytes(),
            tags.astype("<u4").tobytes(),
            values.quality[tags].astype("u1").tobytes(),
            text,
        )
    )


class Subscriber:
    """One who listens: messages wait here, at most a few; then the next is everything."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes] = asyncio.Queue(_BEHIND)
        self.whole = True

    def offer(self, message: bytes) -> bool:
        """Take a message; where too many wait they are dropped, and everything is due."""
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.whole = True
            return False
        return True


class Channel:
    """The clients of one screen, and what they have been told so far."""

    def __init__(self, tags: Sequence[int]) -> None:
        self.tags: NDArray[np.int64] = np.asarray(tags, np.int64)
        self.subscribers: set[Subscriber] = set()
        self._told: tuple[NDArray[Any], ...] | None = None
        self._text = b""
        self._spoken = 0

    def tick(self, now: int, heartbeat: int, values: PresentValues, text: bytes, speed: float = 1.0) -> None:
        """Tell every client what changed since the tick before; at least the time, once a second."""
        columns = (values.value[self.tags], values.at[self.tags], values.quality[self.tags])
        if self._told is None:
            changed = np.ones(len(self.tags), bool)
        else:
            before = self._told
            same = (columns[0] == before[0]) | (np.isnan(columns[0]) & np.isnan(before[0]))
            changed = ~(same & (columns[1] == before[1]) & (columns[2] == before[2]))
        new_text = text != self._text
        if not changed.any() and not new_text and 0 <= now - self._spoken < 1000 * speed:
            changed_message = b""
        else:
            changed_message = encoded(
                CHANGED, now, heartbeat, self.tags[changed], values, text if new_text else b"", speed
            )
            self._spoken = now
        self._told, self._text = columns, text
        whole = b""
        for subscriber in self.subscribers:
            if subscriber.whole:
                whole = whole or encoded(WHOLE, now, heartbeat, self.tags, values, text, speed)
                subscriber.whole = not subscriber.offer(whole)
            elif changed_message:
                subscriber.offer(changed_message)


def as_text(board: dict[str, Any]) -> bytes:
    """Return what is told beside the tags, as JSON."""
    return json.dumps(board, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
