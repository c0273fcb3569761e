"""The history of samples: written in batches, kept by class, read as series with every spike.

Two stores behind one contract: a folder (the default; no server), or a PostgreSQL database by its address. Tags are
places in `Live.tags` here and names in the store, so that a chain may change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from lodeworks.watch.history.retention import Keep, keep_of
from lodeworks.watch.history.thin import Series
from lodeworks.watch.samples import Samples
from lodeworks.watch.sentence import Sentence

__all__ = ["History", "Keep", "Series", "keep_of", "open_history"]


class History(Protocol):
    """What every store does. One process writes and tends; any number read. Threads may share one."""

    def write(self, samples: Samples) -> int:
        """Keep samples and return the sequence number of the batch; they are on the disk when this returns.

        There is one sample for each tag and time: of two the better quality is kept, of equals the first; what a
        person puts in later stands. NaN is bad.

        Raises
        ------
        WatchError
            If the store cannot take them; the same samples may be written again.
        """
        ...

    def after(self, sequence: int) -> Iterator[tuple[int, Samples]]:
        """Yield the batches after a sequence number in the order they were received, as they were received."""
        ...

    def go_on_after(self, sequence: int) -> int:
        """Give what is written next a number above one that somebody has seen; return how many numbers that skips.

        More than none are skipped by a store that lost its end, or is another: those who remember numbers would take
        what comes for what they have seen.
        """
        ...

    def trim(self, sequence: int) -> None:
        """Let go of batches up to a number that everyone has seen; the samples stay."""
        ...

    def read(self, tags: Sequence[int], since: int, until: int, points: int | None = None) -> list[Series]:
        """Return each tag's samples from `since` to before `until` (ms).

        If there are more than `points`, the extremes of each quality in equal stretches of time are kept, so at most
        `points` of each quality; None returns all.
        """
        ...

    def close_day(self, day: date) -> int:
        """Put a day (UTC) into its lasting form, merged with what came late; return how many samples it has."""
        ...

    def retain(self, now: int, keep: Sequence[Keep]) -> None:
        """Thin and delete what is older than it is kept; `keep` is in the order of the tags."""
        ...

    def tend(self, now: int, keep: Sequence[Keep]) -> None:
        """Do what is due now and then (each half minute): move samples on, close days, thin and delete."""
        ...

    def look_through(self) -> None:
        """Read what is kept, and mend what is not as it was written; takes as long as there is much."""
        ...

    def mended(self) -> list[Sentence]:
        """Return what was found damaged and what was done about it, since this was asked last."""
        ...

    def break_off(self) -> None:
        """Let `tend` end soon, wherever it is; it begins anew the next time."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


def open_history(where: Path | str, names: Sequence[str]) -> History:
    """Open a history, made if there is none.

    Parameters
    ----------
    where
        A folder, or the address of a PostgreSQL database (``postgresql://…``).
    names
        The names of the tags, in the order of `Live.tags`.

    Raises
    ------
    WatchError
        If it cannot be opened.
    """
    if str(where).startswith(("postgresql://", "postgres://")):
        from lodeworks.watch.history.postgres import PostgresHistory

        return PostgresHistory(str(where), names)
    from lodeworks.watch.history.embedded import open_embedded

    return open_embedded(Path(where), names)
