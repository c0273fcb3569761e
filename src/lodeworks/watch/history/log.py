"""What came in, batch by batch in the order it was received: the one file a write must reach to count.

A batch is one row, so a commit costs the same for ten samples as for ten thousand. From here batches are folded into
the days (`hot.py`), and read again by whoever has not seen them yet. The file also knows which number a tag has in
the store, and what was done with each closed day.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import AwayError, WatchError
from lodeworks.files import written_whole
from lodeworks.watch.reach import sort_of
from lodeworks.watch.samples import Samples

__all__ = ["Log", "packed", "unpacked"]

_COLUMNS = (
    ("tag", np.dtype("<i4")), ("at", np.dtype("<i8")), ("received", np.dtype("<i8")), ("value", np.dtype("<f8")),
    ("quality", np.dtype("u1")),
)
_NUMBERS = "tags.json"
_BYTES = sum(kind.itemsize for _, kind in _COLUMNS)
_SCHEMA = """
create table if not exists tags (id integer primary key, name text not null unique);
create table if not exists batches (
  sequence integer primary key autoincrement, first integer not null, last integer not null, samples blob not null
);
create table if not exists days (day text primary key, rows integer not null, passed text not null);
create table if not exists folded (only_row integer primary key check (only_row = 1), sequence integer not null);
insert or ignore into folded values (1, 0);
"""


def packed(samples: Samples) -> bytes:
    """Return the columns as bytes, one after another."""
    return b"".join(np.ascontiguousarray(getattr(samples, name), kind).tobytes() for name, kind in _COLUMNS)


def unpacked(content: bytes) -> Samples:
    """Return the samples of `packed` bytes.

    Raises
    ------
    WatchError
        If the bytes are not whole rows.
    """
    rows, rest = divmod(len(content), _BYTES)
    if rest:
        raise WatchError(f"a batch of the history is damaged: {len(content)} bytes are no whole rows of {_BYTES}")
    columns: list[Any] = []
    start = 0
    for _, kind in _COLUMNS:
        columns.append(np.frombuffer(content, kind, rows, start))
        start += rows * kind.itemsize
    return Samples(*columns)


def _numbered(beside: Path) -> list[tuple[int, str]]:
    try:
        return [(int(number), str(name)) for number, name in json.loads(beside.read_text(encoding="utf-8")).items()]
    except (OSError, ValueError) as error:
        raise WatchError(f"{beside}: the numbers of the tags cannot be read, without which the days in {beside.parent}"
                         f" cannot either: {error}; delete it if there are no days") from error


def _keep_numbers(beside: Path, names: dict[int, str]) -> None:
    content = json.dumps(names, ensure_ascii=False).encode()
    try:
        if beside.exists() and beside.read_bytes() == content:
            return
        with written_whole(beside) as draft, draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise AwayError(f"{beside}: the numbers of the tags cannot be written: {error}") from error


class Log:
    """The log file; safe to use from several threads and beside readers in other processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=30.0, isolation_level=None, check_same_thread=False)
            # FULL: what counts as written is on the disk, also after a power cut.
            self._connection.execute("pragma journal_mode=wal")
            self._connection.execute("pragma synchronous=full")
            self._connection.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise sort_of(error, opening=True)(f"{path}: the history cannot be opened: {error}") from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _use(self, what: str) -> Iterator[sqlite3.Connection]:
        """Give the connection to one thread, in a transaction of its own."""
        with self._lock:
            try:
                self._connection.execute("begin" if what == "read" else "begin immediate")
                try:
                    yield self._connection
                    self._connection.execute("commit")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("rollback")
                    raise
            except sqlite3.Error as error:
                raise sort_of(error)(f"{self.path}: the history cannot be {what}: {error}") from error

    def numbers(self, names: Sequence[str]) -> NDArray[np.int32]:
        """Return the store's number of each tag; new names get new numbers, and none is ever used twice.

        The numbers are also in a file beside: the days know their tags by number, and must not take one for another
        when the log had to be begun anew.
        """
        beside = self.path.with_name(_NUMBERS)
        with self._use("written") as connection:
            before = dict(connection.execute("select name, id from tags").fetchall())
            if not before and beside.exists():
                connection.executemany("insert into tags (id, name) values (?, ?)", _numbered(beside))
            connection.executemany("insert or ignore into tags (name) values (?)", ((name,) for name in names))
            known = dict(connection.execute("select name, id from tags").fetchall())
        _keep_numbers(beside, {number: name for name, number in known.items()})
        return np.asarray([known[name] for name in names], np.int32)

    def names(self) -> dict[int, str]:
        """Return every tag the store has ever known, by number."""
        with self._use("read") as connection:
            return dict(connection.execute("select id, name from tags").fetchall())

    def append(self, samples: Samples) -> int:
        """Keep a batch and return its sequence number; it is on the disk when this returns."""
        if not len(samples):
            return self.latest()
        first, last = int(samples.at.min()), int(samples.at.max())
        with self._use("written") as connection:
            row = connection.execute(
                "insert into batches (first, last, samples) values (?, ?, ?)", (first, last, packed(samples))
            )
            return int(row.lastrowid or 0)

    def latest(self) -> int:
        """Return the last sequence number given out."""
        with self._use("read") as connection:
            found = connection.execute("select seq from sqlite_sequence where name = 'batches'").fetchone()
        return int(found[0]) if found else 0

    def go_on_after(self, sequence: int) -> int:
        """Number the next batch above a number that somebody has seen; return how many numbers that skips."""
        skipped = max(0, sequence - self.latest())
        if skipped:
            with self._use("written") as connection:
                connection.execute("delete from sqlite_sequence where name = 'batches'")
                connection.execute("insert into sqlite_sequence (name, seq) values ('batches', ?)", (sequence,))
        return skipped

    def after(self, sequence: int, most: int = 200) -> list[tuple[int, Samples]]:
        """Return the next batches after a sequence number, at most so many, in the order they were received."""
        with self._use("read") as connection:
            rows = connection.execute(
                "select sequence, samples from batches where sequence > ? order by sequence limit ?", (sequence, most)
            ).fetchall()
        return [(number, unpacked(content)) for number, content in rows]

    def unfolded(self, since: int, until: int, known: dict[int, Samples]) -> list[Samples]:
        """Return the batches not in the days yet that touch a stretch of time.

        `known` are batches read before by their number; it is brought up to date, so that none is read twice.
        """
        with self._use("read") as connection:
            (folded,) = connection.execute("select sequence from folded").fetchone()
            here = connection.execute(
                "select sequence, first, last from batches where sequence > ? order by sequence", (folded,)
            ).fetchall()
            for number in [number for number in known if number <= folded]:
                del known[number]
            wanted = [number for number, first, last in here if last >= since and first < until]
            missing = [number for number in wanted if number not in known]
            if missing:
                rows = connection.execute(
                    "select sequence, samples from batches where sequence between ? and ?", (missing[0], missing[-1])
                ).fetchall()
                known.update({number: unpacked(content) for number, content in rows})
        return [known[number] for number in wanted]

    def to_fold(self, most: int) -> tuple[int, Samples, int]:
        """Return the next batches to put into the days (about so many samples), up to which number they go, how many
        batches are left.
        """
        with self._use("read") as connection:
            (folded,) = connection.execute("select sequence from folded").fetchone()
            parts, rows = [], 0
            for number, content in connection.execute(
                "select sequence, samples from batches where sequence > ? order by sequence", (folded,)
            ):
                parts.append(unpacked(content))
                rows += len(parts[-1])
                folded = number
                if rows >= most:
                    break
            (left,) = connection.execute("select count(*) from batches where sequence > ?", (folded,)).fetchone()
        return folded, Samples.joined(parts), left

    def set_folded(self, sequence: int) -> None:
        """Remember up to which batch the days hold everything."""
        with self._use("written") as connection:
            connection.execute("update folded set sequence = ?", (sequence,))

    def trim(self, sequence: int) -> None:
        """Forget batches up to a sequence number that are in the days."""
        with self._use("written") as connection:
            connection.execute(
                "delete from batches where sequence <= ? and sequence <= (select sequence from folded)", (sequence,)
            )

    def closed_days(self) -> dict[str, str]:
        """Return, for each closed day, which ages it has passed that thin or delete tags."""
        with self._use("read") as connection:
            return dict(connection.execute("select day, passed from days").fetchall())

    def set_closed(self, day: str, rows: int, passed: str) -> None:
        """Remember a closed day."""
        with self._use("written") as connection:
            connection.execute("insert or replace into days values (?, ?, ?)", (day, rows, passed))

    def forget_day(self, day: str) -> None:
        """Forget a day of which nothing is kept."""
        with self._use("written") as connection:
            connection.execute("delete from days where day = ?", (day,))
