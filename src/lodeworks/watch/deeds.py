"""Deeds: what people ask for, put down durably, done in order by the one process that may.

A page asks; ingest looks for what is open, does it and answers; the page reads the answer. Nothing is lost when
either stops in between. What a deed does is for `alarms`, `incidents` and `actions`; who may ask is checked here and
by the page.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lodeworks.errors import WatchError
from lodeworks.watch.journal import Journal, now_ms
from lodeworks.watch.reach import sort_of
from lodeworks.watch.sentence import Sentence

__all__ = ["MAY_ASK", "Answer", "Deed", "Deeds", "answer_deed", "refusal"]

MAY_ASK = ("dispatcher", "engineer", "admin")
"""The roles that may do anything at all; a viewer and a wall only look."""

_FIELDS = "number, kind, subject, user, note, data, role, asked"


@dataclass(frozen=True, slots=True)
class Deed:
    """What a `user` with a `role` asks to be done to a `subject`, with a note and what else belongs to it.

    `number` and `asked` (ms) are given when it is put down.
    """

    kind: str
    subject: str
    user: str
    note: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    role: str = "dispatcher"
    number: int = 0
    asked: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a deed: whether it was done, and in words why not, or what was done.

    `text_zh` says the same in Chinese; where it is empty, `text` says it in both.
    """

    done: bool
    text: str = ""
    text_zh: str = ""


def refusal(deed: Deed) -> Sentence | None:
    """Say why nothing can be asked like this; None when it can."""
    if not deed.user.strip():
        return Sentence("nobody is named: say who you are", "未写明操作人")
    if deed.role not in MAY_ASK:
        return Sentence(f"a {deed.role} only looks: {', '.join(MAY_ASK)} may do this",
                       "此角色只能查看，须由调度员、工程师或管理员操作")
    return None


class Deeds:
    """The deeds of one journal file.

    Raises
    ------
    WatchError
        If the file cannot be opened.
    """

    def __init__(self, path: str | Path) -> None:
        self._journal = Journal(path)

    def close(self) -> None:
        """Close the file."""
        self._journal.close()

    def ask(self, deed: Deed, *, asked: int | None = None, key: str = "") -> int:
        """Put a deed down, durable on return, and return its number.

        What is asked again under the same `key` is the deed that was put down before.

        Raises
        ------
        WatchError
            If nobody is named, the role may not, it was given up under this key, or it cannot be written.
        """
        if why := refusal(deed):
            raise WatchError(f"{deed.kind} {deed.subject}: {why.en}", why.zh)
        data = json.dumps(dict(deed.data), ensure_ascii=False, allow_nan=False)
        with self._journal.transaction() as opened:
            known = _number(opened, key)
            if known == 0:
                raise WatchError(f"{deed.kind} {deed.subject}: it was told as not done; ask for it anew",
                                 "此操作已告知为未执行，请重新操作")
            if known is not None:
                return known
            put = opened.execute(
                "INSERT INTO deeds (asked, kind, subject, user, role, note, data) VALUES (?,?,?,?,?,?,?)",
                (now_ms() if asked is None else asked, deed.kind, deed.subject, deed.user, deed.role, deed.note, data),
            )
            number = int(put.lastrowid or 0)
            if key:
                opened.execute("INSERT INTO deed_keys (key, number) VALUES (?,?)", (key, number))
            return number

    def number(self, key: str) -> int | None:
        """Return the number of what was asked under a key; 0 where it was given up, None where nothing was asked."""
        with self._reading() as opened:
            return _number(opened, key)

    def give_up(self, key: str) -> int:
        """Have nothing asked under a key any more, and return the number of what was asked before; 0 where nothing was.

        After it one can say that a deed was not done: what comes late is refused.

        Raises
        ------
        WatchError
            If it cannot be written.
        """
        with self._journal.transaction() as opened:
            opened.execute("INSERT OR IGNORE INTO deed_keys (key, number) VALUES (?, 0)", (key,))
            return _number(opened, key) or 0

    def open(self) -> list[Deed]:
        """Return what is asked and not yet answered, in order."""
        with self._reading() as opened:
            rows = opened.execute(f"SELECT {_FIELDS} FROM deeds WHERE answer IS NULL ORDER BY number").fetchall()
        return [
            replace(Deed(kind, subject, user, note, json.loads(data), role), number=number, asked=asked)
            for number, kind, subject, user, note, data, role, asked in rows
        ]

    def done(self, number: int, answer: Answer) -> None:
        """Answer a deed; the first answer stands."""
        answer_deed(self._journal, number, answer, now_ms())

    def answer(self, number: int) -> Answer | None:
        """Return the answer to a deed, None while it is open.

        Raises
        ------
        WatchError
            If there is no deed of that number.
        """
        with self._reading() as opened:
            row = opened.execute("SELECT answer FROM deeds WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise WatchError(f"there is no deed {number}")
        return None if row[0] is None else Answer(*json.loads(row[0]))

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._journal._open
        except sqlite3.Error as error:
            raise sort_of(error)(f"{self._journal.path}: the deeds cannot be read: {error}",
                                 f"无法读取操作记录：{error}") from error


def _number(opened: sqlite3.Connection, key: str) -> int | None:
    row = opened.execute("SELECT number FROM deed_keys WHERE key = ?", (key,)).fetchone()
    return None if row is None else int(row[0])


def answer_deed(journal: Journal, number: int, answer: Answer, now: int) -> None:
    """Answer a deed in the journal's own transaction, so that what it did and its answer are one."""
    with journal.transaction() as opened:
        opened.execute("UPDATE deeds SET answered = ?, answer = ? WHERE number = ? AND answer IS NULL",
                       (now, json.dumps([answer.done, answer.text, answer.text_zh], ensure_ascii=False), number))
