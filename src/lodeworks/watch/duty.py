"""On duty: the engine of alarms as ingest has it, with the journal it writes and the deeds people ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lodeworks.network.live import Live
from lodeworks.watch.alarms.detect import Target
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.deeds import Deeds
from lodeworks.watch.history import open_history
from lodeworks.watch.journal import Journal
from lodeworks.watch.samples import Samples

__all__ = ["JOURNAL", "Duty", "on_duty"]

JOURNAL = "journal.sqlite"
"""The journal's name in the folder of a chain that is watched."""


class Duty:
    """Judges what ingest hands it, and does the deeds that are open each time the clock goes on.

    Parameters
    ----------
    folder
        Where the journal is.
    history
        The address of a PostgreSQL database; the folder's own history unless given.
    target
        What the plan has, for rules of deviation.

    Raises
    ------
    WatchError
        If journal or history cannot be opened.
    """

    def __init__(self, live: Live, folder: Path, *, history: str = "", target: Target | None = None) -> None:
        self.journal = Journal(folder / JOURNAL)
        self._history = open_history(history or folder / "history", [tag.name for tag in live.tags])
        self._deeds = Deeds(folder / JOURNAL)
        self.engine = Engine(live, self.journal, self._history, target=target)

    @property
    def sequence(self) -> int:
        """The last batch of the history it need not see again."""
        return self.engine.sequence

    def feed(self, samples: Samples, now: int, sequence: int) -> None:
        """Judge a batch of the history."""
        self.engine.feed(samples, now, sequence)

    def tick(self, now: int) -> None:
        """Let the clock go on, and do what people have asked for."""
        for deed in self._deeds.open():
            self.engine.apply(deed, now)
        self.engine.tick(now)

    def close(self) -> None:
        """Let go of the files."""
        self._deeds.close()
        self.journal.close()
        self._history.close()


def on_duty(live: Live, *, history: str = "", target: Target | None = None) -> Callable[[Path], Duty]:
    """Return what makes the judge of a chain, given the folder: `ingest.run` asks for it."""
    return lambda folder: Duty(live, folder, history=history, target=target)
