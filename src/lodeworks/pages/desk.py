"""What the pages read and what they ask: one desk over the present, the history, the journal and the deeds of a chain.

Pages compute no results and write nothing but deeds; everything that reads a file goes through here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lodeworks.errors import WatchError
from lodeworks.network.live import Live
from lodeworks.pages.accounts import Visitor
from lodeworks.pages.mapped import MAP, map_tags
from lodeworks.pages.screens import HEALTH, Board, boards, system_board
from lodeworks.watch.alarms.limits import in_force
from lodeworks.watch.clock import clock_of
from lodeworks.watch.deeds import Deeds
from lodeworks.watch.folder import WatchFolder
from lodeworks.watch.history import History, open_history
from lodeworks.watch.journal import Journal, now_ms
from lodeworks.watch.present import NEVER, Present, PresentValues
from lodeworks.watch.samples import Quality

__all__ = ["Desk", "Latest", "open_desk"]

_LOOK_AGAIN_S = 2.0


class Latest:
    """The present of a folder, also before the recorder has made it and after it made a new one."""

    def __init__(self, path: Path, names: tuple[str, ...], clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._names, self._clock = path, names, clock
        self._present: Present | None = None
        self._file: tuple[int, int] | None = None
        self._looked = -_LOOK_AGAIN_S

    def read(self) -> PresentValues:
        """Return the latest values; none at all where there is no recorder yet, or one of another chain."""
        now = self._clock()
        if now - self._looked >= _LOOK_AGAIN_S:
            self._looked = now
            self._look()
        if self._present is None:
            n = len(self._names)
            never = np.full(n, NEVER, np.int64)
            return PresentValues(np.full(n, np.nan), never, never, np.full(n, Quality.BAD, np.uint8), 0)
        return self._present.read()

    def _look(self) -> None:
        try:
            stat = self._path.stat()
            if self._file != (stat.st_ino, stat.st_dev):
                self._present = Present.open(self._path, self._names)
                self._file = (stat.st_ino, stat.st_dev)
        except (OSError, WatchError):  # none yet, or of other tags: looked for again
            self._present, self._file = None, None


@dataclass
class Desk:
    """Everything one served chain has to show.

    `still` says who a visitor is now: nobody once the session is over. `claims` are those beside the chain, recomputed;
    `outline` the lines (longitude, latitude) that lie under its map.
    """

    live: Live
    folder: WatchFolder
    latest: Latest
    history: History
    journal: Journal
    deeds: Deeds
    still: Callable[[Visitor], Visitor | None] = field(default=lambda visitor: visitor)
    clock: Callable[[], int] = field(default=now_ms)
    claims: tuple[dict[str, str], ...] = ()
    outline: tuple[Sequence[tuple[float, float]], ...] = ()

    def __post_init__(self) -> None:
        self.boards: dict[str, Board] = boards(self.live)
        self.hidden: dict[str, Board] = {HEALTH: system_board(self.live)}
        self.streams: dict[str, tuple[int, ...]] = {"": (), MAP: map_tags(self.live)}
        self.streams |= {name: board.tags for name, board in (self.boards | self.hidden).items()}
        self.asking = threading.Lock()  # deeds share one connection, and each is a transaction of its own

    def in_force(self) -> Live:
        """Return what is watched with the limits that hold now, changes that two people agreed on among them."""
        return in_force(self.live, self.journal.of_kind("limit"))

    def close(self) -> None:
        """Let go of what is open."""
        for opened in (self.history, self.journal, self.deeds):
            opened.close()


def open_desk(live: Live, folder: Path, history: str = "") -> Desk:
    """Open the desk of a folder; `history` is the address of a database where the history is not in the folder.

    Raises
    ------
    WatchError
        If the history or the journal cannot be opened.
    """
    where = WatchFolder(folder)
    names = tuple(tag.name for tag in live.tags)
    deeds = Deeds(where.journal)  # makes the file where the recorder has not yet
    kept = open_history(history or where.history, names)
    return Desk(live, where, Latest(where.present, names), kept, Journal(where.journal, read_only=True), deeds,
                clock=clock_of(live, folder))
