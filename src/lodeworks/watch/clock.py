r"""The clock of a live reading: this computer's, or that of a rehearsal that goes faster or slower than real.

Such a rehearsal says in ``clock.json`` of the folder when it began by both clocks, how fast it goes and when it is
over; recorder and pages then both keep

    t = min(w, told + speed (w - begun))   until w = until,

w being this computer's time. A rehearsal faster than real begins so far in the past that at its end both clocks agree,
so nothing jumps there, and one that was killed is made up for by itself. It is heard only where every feed of the chain
is a rehearsal: no file may turn the clock of a real mine.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lodeworks.files import written_whole
from lodeworks.network.live import Live
from lodeworks.watch.folder import WatchFolder
from lodeworks.watch.journal import now_ms

if TYPE_CHECKING:
    from os import stat_result

__all__ = [
    "HELD", "WAY_MS", "Clock", "Rehearsed", "clock_of", "head_start", "set_clock", "settled", "speed_of", "way_ms",
]

log = logging.getLogger("lodeworks.watch")

WAY_MS = 2_000
"""What a sample may take from where it is sent to where it is shown, by this computer's clock: at sixty times real
time that is two minutes of the rehearsal's, and no sample is old for being that far back."""
HELD = 1e-6
"""The speed of a clock that waits for its rehearsal: whoever starts meanwhile starts in the rehearsal's time."""
_LOOK_S = 0.5


@dataclass(frozen=True)
class Rehearsed:
    """A rehearsal's clock: at `begun` (ms, this computer's) it stood at `told` and went `speed` times as fast until
    `until`.
    """

    begun: int
    told: int
    speed: float
    until: int

    def at(self, wall: int) -> int | None:
        """Return its time at a time of this computer; none when it is over, or has caught up."""
        now = self.told + round(self.speed * (wall - self.begun))
        return now if wall < self.until and now < wall else None


class Clock:
    """Gives the time in ms since 1970, by this computer or by what a file says.

    Parameters
    ----------
    path
        The file; none where no rehearsal may say anything.
    wall
        This computer's time in ms.
    """

    def __init__(
        self, path: Path | None, wall: Callable[[], int] = now_ms, look: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path, self._wall, self._look = path, wall, look
        self._file: tuple[int, int, int] | None = None
        self._rehearsed: Rehearsed | None = None
        self._next = -math.inf

    def __call__(self) -> int:
        """Return the time."""
        wall, rehearsed = self._wall(), self._known()
        told = rehearsed.at(wall) if rehearsed is not None else None
        return wall if told is None else told

    @property
    def speed(self) -> float:
        """How many times as fast as real it goes now."""
        rehearsed = self._known()
        return rehearsed.speed if rehearsed is not None and rehearsed.at(self._wall()) is not None else 1.0

    @property
    def way_ms(self) -> int:
        """How much longer than in real time samples are on their way, also those that were sent last."""
        rehearsed = self._known()
        if rehearsed is None or self._wall() >= rehearsed.until + WAY_MS:
            return 0
        return round(WAY_MS * max(0.0, rehearsed.speed - 1.0))

    def _known(self) -> Rehearsed | None:
        if self._path is not None and self._look() >= self._next:
            self._next = self._look() + _LOOK_S
            try:
                stat = self._path.stat()
            except OSError:  # no rehearsal
                self._file = self._rehearsed = None
                return None
            if self._file != (key := _key(stat)):
                self._file, self._rehearsed = key, _read(self._path)
        return self._rehearsed


def _key(stat: stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _read(path: Path) -> Rehearsed | None:
    """Return what a file says; what makes no sense is told once, and the computer's clock holds."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        found = Rehearsed(int(told["begun"]), int(told["told"]), float(told["speed"]), int(told["until"]))
        if not 0.0 < found.speed < 1e6:
            raise ValueError(f"speed {found.speed}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s: no rehearsal's clock; this computer's is kept: %s", path, error)
        return None
    return found


def clock_of(live: Live, folder: Path) -> Clock:
    """Return the clock of the folder of a live reading."""
    rehearsed = bool(live.feeds) and all(feed.kind == "rehearsal" for feed in live.feeds)
    return Clock(WatchFolder(folder).clock if rehearsed else None)


def head_start(lasts_ms: float, speed: float) -> int:
    """Return how far in the past (ms) a rehearsal that takes so long by its own clock begins: as it ends, it is now."""
    return round(lasts_ms * (1.0 - 1.0 / max(speed, 1.0)))


def speed_of(clock: Callable[[], int]) -> float:
    """Return how many times as fast as real a clock goes."""
    return clock.speed if isinstance(clock, Clock) else 1.0


def way_ms(clock: Callable[[], int]) -> int:
    """Return how much longer, by the clock, samples are on their way than in real time; nought without a rehearsal."""
    return clock.way_ms if isinstance(clock, Clock) else 0


def settled(clock: Callable[[], int]) -> int:
    """Return the time up to which what was sent has come in: in a fast rehearsal minutes go by on the way."""
    return clock() - way_ms(clock)


@contextmanager
def set_clock(folder: Path, rehearsed: Rehearsed) -> Iterator[None]:
    """Let a rehearsal's clock hold in a folder as long as the rehearsal lasts.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    _write(folder, rehearsed)
    try:
        yield
    finally:
        _write(folder, replace(rehearsed, until=min(rehearsed.until, now_ms())))


def _write(folder: Path, rehearsed: Rehearsed) -> None:
    with written_whole(WatchFolder(folder).clock) as draft:
        draft.write_text(json.dumps(asdict(rehearsed)), encoding="utf-8")
