"""What is done about damage before a live reading begins: a disk that lost what it had promised to keep, a file copied
while it was written, a page of rubbish.

A damaged file is put aside whole, what can still be read of it is carried into a new one, and the reading begins; what
is missing is told in the journal, and `Journal.verify` names the rows. Nothing is deleted. Closed days are put aside
and begun anew beside the running reading, which only reads them (`history.embedded`), and the present is made anew from
what comes in (`present`).

A start does not wait for years of rows to be looked through: of a large file its end is looked at, and the whole beside
the running reading (`damage`). What is found then, or met in writing, ends the process; the next start mends it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

from lodeworks.errors import WatchError
from lodeworks.watch.folder import WatchFolder
from lodeworks.watch.history.hot import Hot
from lodeworks.watch.history.log import Log
from lodeworks.watch.journal import Journal, Row, now_ms
from lodeworks.watch.sentence import Sentence
from lodeworks.watch.witness import head_of

__all__ = ["damage", "mended", "write_down"]

_ENDINGS = ("", "-wal", "-shm")
_SMALL = 16_000_000  # bytes that are looked through in a few hundredths of a second
_END = "end"
_LAST_ROWS = 1000


def mended(folder: Path) -> list[str]:
    """Put what is damaged aside, carry over what can be read, and say so in the journal and to the caller.

    For the one process that may write the folder, before it opens anything.

    Raises
    ------
    WatchError
        If a damaged file can neither be moved nor begun anew.
    """
    where = WatchFolder(folder)
    hot, known = Hot(where.history / "hot"), where.damaged.exists()
    whole = known or _size(where.journal) <= _SMALL
    told = [
        _mended(where.journal, "integrity_check" if whole else _END, lambda path: Journal(path).close()),
        _mended(where.history / "log.sqlite", "quick_check", lambda path: Log(path).close()),
    ]
    # A day is only looked at where a write was broken off or damage is known: it may be large, and is whole otherwise.
    days = [hot.path(day) for day in hot.days()]
    told += [
        _mended(day, "quick_check", hot.make)
        for day in days if known or _size(day.with_name(f"{day.name}-wal")) or _fault(day, "schema_version")
    ]
    where.damaged.unlink(missing_ok=True)
    said = [one for one in told if one is not None]
    if where.journal.exists() or head_of(where.journal).exists():
        with closing(Journal(where.journal)) as journal:
            if missing := journal.missing():
                said.append(missing)
            _append(journal, said)
    return [one.en for one in said]


def write_down(folder: Path, said: Sequence[Sentence]) -> None:
    """Say in the journal of a folder what was found damaged and what was done about it.

    Raises
    ------
    WatchError
        If the journal cannot be written.
    """
    if said:
        with closing(Journal(WatchFolder(folder).journal)) as journal:
            _append(journal, said)


def _append(journal: Journal, said: Sequence[Sentence]) -> None:
    journal.append([Row(now_ms(), "note", "lodeworks", "damaged", "lodeworks", note=one.en, data={"note_zh": one.zh})
                    for one in said])


def damage(folder: Path) -> str:
    """Look through the files a reading writes, while it does; return what is wrong with the first that is damaged.

    Takes as long as there is much: half a second for some hundred thousand rows of the journal.
    """
    where = WatchFolder(folder)
    hot = Hot(where.history / "hot")
    for path, check in ((where.journal, "integrity_check"), (where.history / "log.sqlite", "quick_check"),
                        *((hot.path(day), "quick_check") for day in hot.days())):
        if path.exists() and (fault := _fault(path, check)):
            return f"{path} is damaged: {fault}"
    return ""


def _mended(path: Path, check: str, make: Callable[[Path], None]) -> Sentence | None:
    """Return what was done about one file, in words; none if it is whole or not there."""
    if not path.exists():
        return None
    if not (fault := _fault(path, check)):
        return None
    try:
        aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}")
        for ending in _ENDINGS:
            one = path.with_name(path.name + ending)
            if one.exists():
                one.replace(aside.with_name(aside.name + ending))
        make(path)
        rows = _carried(aside, path)
    except (OSError, sqlite3.Error) as error:
        raise WatchError(f"{path}: damaged, and it cannot be begun anew: {error}") from error
    return Sentence(
        f"{path.name} was damaged ({fault}); it is kept as {aside.name}, and {rows:,} rows that could be read"
        " were carried over",
        f"{path.name} 已损坏（{fault}）；原文件保留为 {aside.name}，可读取的 {rows:,} 行已转入新文件",
    )


def _fault(path: Path, check: str) -> str:
    """Return what is wrong with a file of SQLite, empty when nothing is.

    What can be mended by nobody here, such as a disk that is full or a lock, is not damage.
    """
    try:
        with closing(sqlite3.connect(path, timeout=10.0)) as opened:
            if check == _END:
                opened.execute(f"SELECT * FROM journal ORDER BY number DESC LIMIT {_LAST_ROWS}").fetchall()
                opened.execute("SELECT * FROM deeds WHERE answer IS NULL").fetchall()
                opened.execute("SELECT * FROM kept").fetchall()
                check = "schema_version"
            [first, *_] = opened.execute(f"PRAGMA {check}").fetchone()
            opened.execute("SELECT * FROM sqlite_master").fetchall()
    except sqlite3.OperationalError:
        return ""
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if first == "ok" or check == "schema_version" else str(first).replace("\n", " ")[:200]


def _carried(aside: Path, path: Path) -> int:
    """Copy what can be read of a damaged file into a new one, and return how many rows that is."""
    count = 0
    with closing(sqlite3.connect(path, isolation_level=None)) as new, closing(sqlite3.connect(aside)) as old:
        tables = [name for (name,) in new.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            " AND (name NOT LIKE 'sqlite_%' OR name = 'sqlite_sequence')"
        )]
        new.execute("PRAGMA synchronous=FULL")
        new.execute("BEGIN IMMEDIATE")
        for table in tables:
            columns = new.execute(f"PRAGMA table_info({table})").fetchall()
            names = ", ".join(column[1] for column in columns)
            key = ", ".join(column[1] for column in columns if column[5]) if _keyed(new, table) else "rowid"
            back = ", ".join(f"{one} DESC" for one in key.split(", "))
            put = f"REPLACE INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"
            if table == "sqlite_sequence":
                new.execute("DELETE FROM sqlite_sequence")
            # From both ends, as far as it can be read: what lies between is what is lost.
            if not _copied(old, new, f"SELECT {names} FROM {table} ORDER BY {key}", put):
                _copied(old, new, f"SELECT {names} FROM {table} ORDER BY {back}", put)
            count += new.execute(f"SELECT count(*) FROM {table}").fetchone()[0] if table != "sqlite_sequence" else 0
        new.execute("COMMIT")
    return count


def _keyed(opened: sqlite3.Connection, table: str) -> bool:
    """Tell whether a table has no row numbers, only its key."""
    try:
        opened.execute(f"SELECT rowid FROM {table} LIMIT 0")
    except sqlite3.OperationalError:
        return True
    return False


def _copied(old: sqlite3.Connection, new: sqlite3.Connection, read: str, put: str) -> bool:
    """Copy rows until they end, or until they cannot be read any more; tell which."""
    try:
        for row in old.execute(read):
            with suppress(sqlite3.IntegrityError):  # rubbish where a value should be: no row of ours
                new.execute(put, row)
    except sqlite3.DatabaseError:
        return False
    return True


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
