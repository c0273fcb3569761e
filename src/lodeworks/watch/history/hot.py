"""Days that are still being written: one SQLite file a day with a key of tag and time.

A file a day, so that a closed day goes by deleting a file, whatever its size, and late samples of a closed day have
a place until they are merged. Rows come sorted and many at a time (a batch of the log touches a page for every tag,
a minute of batches fills it: six times less work).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lodeworks.watch.history.merge import BETTER
from lodeworks.watch.reach import sort_of
from lodeworks.watch.samples import Quality, Samples

__all__ = ["DAY_MS", "QUIET_MS", "Hot", "day_of", "start_of"]

DAY_MS = 86_400_000
QUIET_MS = 3_600_000
"""A day is closed when nothing came for it for so long."""
_SCHEMA = """
create table if not exists samples (
  tag integer, at integer, received integer, value real, quality integer, primary key (tag, at)
) without rowid;
create table if not exists written (only_row integer primary key check (only_row = 1), at integer not null);
"""
_PUT = (
    "insert into samples values (?, ?, ?, ?, ?) on conflict (tag, at) do update set"
    f" received = excluded.received, value = excluded.value, quality = excluded.quality where {BETTER}"
)
_ROWS = "select tag, at, received, value, quality from samples where"


def day_of(at: int) -> date:
    """Return the day (UTC) of a time in ms."""
    return datetime.fromtimestamp(at // DAY_MS * 86_400, UTC).date()


def start_of(day: date) -> int:
    """Return when a day (UTC) begins, ms."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


class Hot:
    """The folder of days being written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, day: date) -> Path:
        """Return the file of a day."""
        return self.folder / f"{day.isoformat()}.sqlite"

    def days(self) -> list[date]:
        """Return the days there are, in order."""
        return sorted(date.fromisoformat(path.stem) for path in self.folder.glob("????-??-??.sqlite"))

    def make(self, path: Path) -> None:
        """Make the file of a day, empty, if it is not there."""
        with closing(sqlite3.connect(path, timeout=30.0, isolation_level=None)) as connection:
            _ready(connection)

    def put(self, day: date, samples: Samples, now: int) -> None:
        """Add samples of one day (merged: in order of tag and time); durable when this returns."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path(day), timeout=30.0, isolation_level=None)) as connection:
                _ready(connection)
                connection.execute("begin immediate")
                connection.executemany(_PUT, zip(
                    samples.tag.tolist(), samples.at.tolist(), samples.received.tolist(), samples.value.tolist(),
                    samples.quality.tolist(), strict=True,
                ))
                connection.execute("insert or replace into written values (1, ?)", (now,))
                connection.execute("commit")
        except (OSError, sqlite3.Error) as error:
            raise sort_of(error)(f"{self.path(day)}: samples cannot be written: {error}") from error

    def written(self, day: date) -> int:
        """Return when something was last written into a day, ms; 0 if never."""
        with self._reading(day) as connection:
            found = connection.execute("select at from written").fetchone() if connection else None
        return int(found[0]) if found else 0

    def counts(self, day: date) -> dict[int, int]:
        """Return how many samples of each tag a day has."""
        with self._reading(day) as connection:
            return dict(connection.execute("select tag, count(*) from samples group by tag")) if connection else {}

    def read(self, day: date, tags: Sequence[int], since: int, until: int) -> Samples:
        """Return samples of some tags in a stretch of time, in order of tag and time."""
        rows: list[tuple[int, int, int, float | None, int]] = []
        with self._reading(day) as connection:
            if connection:
                for tag in tags:
                    rows += connection.execute(f"{_ROWS} tag = ? and at >= ? and at < ?", (tag, since, until))
        return _columns(rows)

    def range(self, day: date, first: int, last: int) -> Samples:
        """Return everything of the tags from `first` to `last`, in order of tag and time."""
        with self._reading(day) as connection:
            rows = (connection.execute(f"{_ROWS} tag between ? and ? order by tag, at", (first, last)).fetchall()
                    if connection else [])
        return _columns(rows)

    def remove(self, day: date) -> None:
        """Delete a day. Who is reading it goes on reading what it was."""
        path = self.path(day)
        for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            name.unlink(missing_ok=True)

    @contextmanager
    def _reading(self, day: date) -> Iterator[sqlite3.Connection | None]:
        """Open a day for reading; none if it is gone: what was in it is in the closed days by then."""
        path = self.path(day)
        try:
            connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30.0)
            # A day whose first write has not happened yet has no table.
            made = connection.execute("select 1 from sqlite_master where name = 'written'").fetchone()
        except sqlite3.Error as error:
            if path.exists():
                raise sort_of(error)(f"{path}: the day cannot be opened: {error}") from error
            yield None
            return
        with closing(connection):
            try:
                yield connection if made else None
            except sqlite3.Error as error:
                raise sort_of(error)(f"{path}: the day cannot be read: {error}") from error


def _ready(connection: sqlite3.Connection) -> None:
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")
    connection.execute("pragma cache_size=-65536")
    connection.executescript(_SCHEMA)


def _columns(rows: Sequence[tuple[int, int, int, float | None, int]]) -> Samples:
    if not rows:
        return Samples.of([], [], [], [], [])
    tag, at, received, value, quality = zip(*rows, strict=True)
    values: NDArray[np.float64] = np.array(value, np.float64)  # what is none is NULL there and NaN here
    kinds = np.asarray(quality, np.uint8)
    kinds[np.isnan(values)] = Quality.BAD
    return Samples(np.asarray(tag, np.int32), np.asarray(at, np.int64), np.asarray(received, np.int64), values, kinds)
