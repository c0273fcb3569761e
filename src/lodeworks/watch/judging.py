"""The alarm engine as ingest uses it: batches in, time going by, and what people asked for done in its turn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.network.live import Live
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.alarms.turns import TURN_MS
from lodeworks.watch.deeds import Deeds
from lodeworks.watch.folder import WatchFolder
from lodeworks.watch.found import Pictures
from lodeworks.watch.history import History
from lodeworks.watch.journal import Journal
from lodeworks.watch.samples import Quality, Samples

if TYPE_CHECKING:
    from lodeworks.watch.alarms.detect import Target

__all__ = ["Alarms"]


class Alarms:
    """The engine over a journal, used by one thread; `started` (ms) is when watching begins if it never did.

    `way` gives how much longer (ms) than in real time samples are on their way, in a rehearsal faster than real: time
    goes by so much later for the engine, so that nothing is silent that is only on its way, and each sample is judged
    as it comes: a turn of a second would be over before it began.

    Raises
    ------
    InputError
        If a rule cannot be judged.
    WatchError
        If the journal cannot be opened.
    """

    def __init__(
        self, live: Live, journal: Path, history: History, started: int, target: Target | None = None,
        way: Callable[[], int] = lambda: 0,
    ) -> None:
        self.engine = Engine(live, Journal(journal), history, target=target, started=started, turn_ms=TURN_MS)
        self._deeds, self._way = Deeds(journal), way
        self._pictures = Pictures(live, WatchFolder(journal.parent), self.engine.rounds.items)

    @property
    def sequence(self) -> int:
        """The last batch of the history the engine has seen."""
        return self.engine.sequence

    def marked(self, samples: Samples) -> Samples:
        """Return samples with quality test where their tag is being calibrated."""
        testing = self.engine.testing()
        if not testing or not len(samples):
            return samples
        told = (samples.quality == Quality.GOOD) | (samples.quality == Quality.UNCERTAIN)
        test = told & np.isin(samples.tag, np.fromiter(testing, np.int32, len(testing)))
        quality = np.where(test, np.uint8(Quality.TEST), samples.quality)
        return Samples(samples.tag, samples.at, samples.received, samples.value, quality)

    def feed(self, samples: Samples, now: int, sequence: int) -> None:
        """Judge a batch of the history."""
        way = self._way()
        self.engine.feed(samples, now - way, sequence, written=now, at_once=way > 0)
        self._pictures.look(self.engine.rounds.items.values())

    def clock_set(self, by: int) -> None:
        """This computer's clock was set by so many ms."""
        self.engine.clock_set(by)

    def tick(self, now: int) -> None:
        """Do what people asked for, in order, and let the clock be at a time (ms)."""
        settled = now - self._way()
        for deed in self._deeds.open():
            self.engine.apply(deed, settled, written=now)
        self.engine.tick(settled, written=now)
        self._pictures.look(self.engine.rounds.items.values())
