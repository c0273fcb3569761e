"""The journal: what happened and what people did, one row after another, never changed.

Each row carries a hash over itself and the hash of the row before, so that a row changed afterwards is found by
`verify`. The same event handed in twice (the same `key`) is one row. What the rows mean is for those who write them
(`alarms`, `incidents`, `actions`); how they are read back as occurrences of alarms is in `occurrences`, as a workbook
in `workbook`. The file also keeps what its writer needs to go on after a stop (`kept`), in the same transaction as
the rows, and the deeds people ask for (`deeds`).

Beside it stands which row is its last (`witness`).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import WatchError
from lodeworks.watch.reach import sort_of
from lodeworks.watch.sentence import Sentence
from lodeworks.watch.witness import witness, witnessed

if TYPE_CHECKING:
    from lodeworks.watch.occurrences import Occurrence

__all__ = ["Journal", "JournalFault", "Row", "now_ms"]

_FIELDS = "number, at, written, kind, subject, event, user, value, note, data, key, hash"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (
  number INTEGER PRIMARY KEY, at INTEGER NOT NULL, written INTEGER NOT NULL, kind TEXT NOT NULL,
  subject TEXT NOT NULL, event TEXT NOT NULL, user TEXT NOT NULL, value REAL, note TEXT NOT NULL,
  data TEXT NOT NULL, key TEXT UNIQUE, hash TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS journal_at ON journal (at);
CREATE INDEX IF NOT EXISTS journal_subject ON journal (kind, subject, number);
CREATE TRIGGER IF NOT EXISTS journal_kept_rows BEFORE DELETE ON journal
  BEGIN SELECT RAISE(ABORT, 'rows of the journal stay'); END;
CREATE TRIGGER IF NOT EXISTS journal_same_rows BEFORE UPDATE ON journal
  BEGIN SELECT RAISE(ABORT, 'rows of the journal stay as they are'); END;
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS deeds (
  number INTEGER PRIMARY KEY AUTOINCREMENT, asked INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
  user TEXT NOT NULL, role TEXT NOT NULL, note TEXT NOT NULL, data TEXT NOT NULL, answered INTEGER, answer TEXT
);
-- What somebody confirmed goes by a key of its own, so that it is asked once however often it is sent; 0: given up.
CREATE TABLE IF NOT EXISTS deed_keys (key TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
-- The writer looks for open deeds four times a second, for years; those that are answered are not in it.
CREATE INDEX IF NOT EXISTS deeds_open ON deeds (number) WHERE answer IS NULL;
"""
_VALUE = _FIELDS.split(", ").index("value")
_HEAD = "journal.head"
_BEGINNING = "0" * 64


def now_ms() -> int:
    """Return the clock's time in ms since 1970, UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row: at `at` (ms, source time) this `event` of a `kind` befell a `subject`.

    `number`, `written` (ms, when it was put down) and `hash` are the journal's. `key` says that two rows are the same
    event; without one a row is only itself. `data` holds what else belongs to it, as JSON can.
    """

    at: int
    kind: str
    subject: str
    event: str
    user: str = ""
    value: float | None = None
    note: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    number: int = 0
    written: int = 0
    hash: str = ""

    def said(self, language: str) -> str:
        """Return its note in ``en`` or ``zh``: what a person wrote is the same in both, what we write is not."""
        return str(self.data.get("note_zh", self.note)) if language == "zh" else self.note


@dataclass(frozen=True, slots=True)
class JournalFault:
    """Something wrong with a row, found by `verify`; number 0 is the journal as a whole."""

    number: int
    message: str
    message_zh: str


class Journal:
    """The journal in one SQLite file with a write-ahead log: one writer, any number of readers.

    Raises
    ------
    WatchError
        If the file is missing (for reading), is no journal, or cannot be opened.
    """

    def __init__(self, path: str | Path, *, read_only: bool = False) -> None:
        self.path = Path(path)
        self.read_only = read_only
        self._written: tuple[int, str] | None = None
        try:
            if read_only:
                if not self.path.is_file():
                    raise WatchError(f"{self.path}: no such journal")
                self._open = sqlite3.connect(self.path.absolute().as_uri() + "?mode=ro", uri=True, timeout=10.0,
                                             isolation_level=None, check_same_thread=False)
            else:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._open = sqlite3.connect(self.path, timeout=10.0, isolation_level=None, check_same_thread=False)
                self._open.execute("PRAGMA journal_mode=WAL")
                self._open.execute("PRAGMA synchronous=FULL")  # what is told to people must outlive a power cut
                self._open.executescript(_SCHEMA)
            self._open.execute(f"SELECT {_FIELDS} FROM journal LIMIT 1")
        except (OSError, sqlite3.Error) as error:
            raise sort_of(error, opening=True)(f"{self.path}: the journal cannot be opened: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._open.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Do everything inside at once or not at all; inside another, belong to that one.

        Raises
        ------
        WatchError
            If it cannot be written; nothing was.
        """
        if self._open.in_transaction:
            yield self._open
            return
        try:
            self._open.execute("BEGIN IMMEDIATE")
            yield self._open
            self._open.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise sort_of(error)(f"{self.path}: the journal cannot be written: {error}",
                                 f"无法写入记录：{error}") from error
        except BaseException:
            self._roll_back()
            raise
        self._witness()

    def _witness(self) -> None:
        if self._written is not None and str(self.path) != ":memory:":
            witness(self.path, *self._written)
        self._written = None

    def missing(self) -> Sentence | None:
        """Say which rows were written once and are gone from the end; None if none are."""
        noted, last = witnessed(self.path), self.last()
        if noted is None or noted[0] <= last:
            return None
        return Sentence(f"rows {last + 1} to {noted[0]} of the journal were written once and are gone",
                        f"记录的第 {last + 1} 至 {noted[0]} 行曾经写入，现已丢失")

    def _roll_back(self) -> None:
        self._written = None
        if self._open.in_transaction:
            self._open.execute("ROLLBACK")

    def append(self, rows: Sequence[Row], *, written: int | None = None) -> list[Row]:
        """Put rows at the end, durable on return, and return those that were new, as they stand there.

        Raises
        ------
        WatchError
            If they cannot be written; none was.
        """
        stamp = now_ms() if written is None else written
        put: list[Row] = []
        with self.transaction() as opened:
            number, last = self._head()
            for row in rows:
                if row.key and opened.execute("SELECT 1 FROM journal WHERE key = ?", (row.key,)).fetchone():
                    continue
                number += 1
                row = replace(row, number=number, written=stamp)
                columns = _columns(row)
                last = _hash(last, columns)
                opened.execute(f"INSERT INTO journal ({_FIELDS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", (*columns, last))
                put.append(replace(row, hash=last))
            if put:
                self.keep(_HEAD, json.dumps([number, last]).encode())
                self._written = number, last
        return put

    def _head(self) -> tuple[int, str]:
        row = self._open.execute("SELECT number, hash FROM journal ORDER BY number DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else (0, _BEGINNING)

    def keep(self, name: str, value: bytes) -> None:
        """Keep bytes under a name, in place of what was there."""
        with self.transaction() as opened:
            opened.execute("INSERT INTO kept VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                           (name, value))

    def kept(self, name: str) -> bytes | None:
        """Return what is kept under a name."""
        row = self._open.execute("SELECT value FROM kept WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def since(self, number: int, *, most: int = -1) -> list[Row]:
        """Return the rows after a number, oldest first, at most so many."""
        return self._read("WHERE number > ? ORDER BY number LIMIT ?", (number, most))

    def between(self, since: int, until: int) -> list[Row]:
        """Return the rows of events with since <= at < until (ms), in the order they were written."""
        return self._read("WHERE at >= ? AND at < ? ORDER BY number", (since, until))

    def latest(self, kind: str, *, event: str = "", upto: int | None = None) -> list[Row]:
        """Return the last row of each subject of a kind, of one event or any, up to a row, oldest first."""
        where, values = "kind = ? AND number <= ?", (kind, 2**62 if upto is None else upto)
        if event:
            where, values = f"{where} AND event = ?", (*values, event)  # type: ignore[assignment]
        return self._read(
            f"WHERE number IN (SELECT MAX(number) FROM journal WHERE {where} GROUP BY subject) ORDER BY number", values
        )

    def of_kind(self, kind: str, *, after: int = 0, upto: int | None = None) -> list[Row]:
        """Return the rows of a kind after one number and up to another, oldest first."""
        last = 2**62 if upto is None else upto
        return self._read("WHERE kind = ? AND number > ? AND number <= ? ORDER BY number", (kind, after, last))

    def written_by(self, moment: int) -> int:
        """Return the number of the last row written by a time (ms): rows stand in the order they were written."""
        low, high = 0, self.last()
        while low < high:
            middle = (low + high + 1) // 2
            row = self._open.execute("SELECT written FROM journal WHERE number = ?", (middle,)).fetchone()
            low, high = (middle, high) if row is not None and row[0] <= moment else (low, middle - 1)
        return low

    def last(self) -> int:
        """Return the number of the last row, 0 when there is none."""
        return self._head()[0]

    def occurrences(self) -> list[Occurrence]:
        """Return every alarm's times by source time, corrections applied: see `occurrences.occurrences`."""
        from lodeworks.watch.occurrences import occurrences

        return occurrences(self.of_kind("alarm"))

    def to_xlsx(self, path: str | Path, *, timezone: str = "Asia/Shanghai", replace: bool = False) -> Path:
        """Write all rows as a workbook and return its path: see `workbook.journal_book`.

        Raises
        ------
        WatchError
            If the file is there already, or cannot be written.
        """
        from lodeworks.watch.workbook import journal_book

        return journal_book(self.since(0), path, timezone=timezone, replace=replace)

    def verify(self) -> list[JournalFault]:
        """Look at every row's hash and return what is wrong, by row; none for a whole journal.

        A row whose text was changed, a hash that was changed, a row that is missing and a cut end are told apart. A
        person who can write the file and knows the rule can make a new chain: copies elsewhere guard against that.
        """
        faults: list[JournalFault] = []
        noted = witnessed(self.path)  # before the rows: what is added meanwhile is none that is missing
        number, stored, right = 0, _BEGINNING, _BEGINNING

        def fault(at: int, en: str, zh: str) -> None:
            faults.append(JournalFault(at, en, zh))

        def missing(last: int, en: str, zh: str) -> None:
            fault(number + 1, f"rows {number + 1} to {last} {en}", f"第 {number + 1} 至 {last} 行{zh}")

        try:
            for columns in self._open.execute(f"SELECT {_FIELDS} FROM journal ORDER BY number"):
                if columns[0] != number + 1:
                    missing(columns[0] - 1, "are missing", "缺失")
                number = columns[0]
                fits = _is_hash(columns[-1], stored, columns[:-1])
                if not fits and not _is_hash(columns[-1], right, columns[:-1]):
                    fault(number, "the row is not what was written: its hash does not fit",
                          "该行与写入时不一致：校验值不符")
                right = columns[-1] if fits else _hash(right, columns[:-1])
                stored = columns[-1]
            head = self.kept(_HEAD)
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            fault(number + 1, f"the file cannot be read from here on: {error}", f"自此处起文件无法读取：{error}")
            return faults
        last, mark = json.loads(head) if head is not None else (0, "")
        if last > number:
            missing(last, "are missing at the end", "在末尾缺失")
        elif head is not None and mark != stored and not any(one.number == number for one in faults):
            fault(number, "the last row is not the one that was written", "最后一行不是写入时的那一行")
        if noted is not None and noted[0] > max(number, last):
            missing(noted[0], "were written once and are gone from the end: the file was set back",
                    "曾经写入，现已从末尾消失：文件被还原为旧副本")
        return faults

    def _read(self, where: str, values: tuple[Any, ...]) -> list[Row]:
        try:
            found: Iterable[tuple[Any, ...]] = self._open.execute(f"SELECT {_FIELDS} FROM journal {where}", values)
            return [_row(columns) for columns in found]
        except sqlite3.Error as error:
            raise sort_of(error)(f"{self.path}: the journal cannot be read: {error}",
                                 f"无法读取记录：{error}") from error


def _columns(row: Row) -> tuple[Any, ...]:
    """The row as it is stored; NaN is no value."""
    # SQLite keeps no sign of nought, and the hash is over what is read back: minus nought becomes nought before.
    value = None if row.value is None or row.value != row.value else float(row.value) + 0.0
    data = json.dumps(dict(row.data), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return (row.number, int(row.at), row.written, row.kind, row.subject, row.event, row.user, value, row.note, data,
            row.key or None)


def _hash(before: str, columns: tuple[Any, ...]) -> str:
    """SHA-256 over the hash before and every column but the hash, as JSON."""
    text = json.dumps([before, *columns], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _is_hash(mark: str, before: str, columns: tuple[Any, ...]) -> bool:
    """Whether a hash is that of a row as it is read back.

    The file holds minus nought as nought, and there are journals whose hashes were taken of a row before it was put
    there: of a value that is nought both are the same row.
    """
    if _hash(before, columns) == mark:
        return True
    return columns[_VALUE] == 0.0 and _hash(before, (*columns[:_VALUE], -0.0, *columns[_VALUE + 1:])) == mark


def _row(columns: tuple[Any, ...]) -> Row:
    number, at, written, kind, subject, event, user, value, note, data, key, mark = columns
    return Row(at, kind, subject, event, user, value, note, json.loads(data), key or "", number, written, mark)
