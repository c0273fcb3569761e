"""The history of one box: a log, hot days in SQLite, closed days in Parquet, behind one way to write and to read.

Samples move log → hot day → closed day, and are deleted from the one only when they are in the next. A reader looks in
that order, so it sees each at least once, and drops what it saw twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from lodeworks.errors import DamagedError, WatchError
from lodeworks.watch.history.cold import Cold
from lodeworks.watch.history.hot import DAY_MS, QUIET_MS, Hot, day_of, start_of
from lodeworks.watch.history.log import Log
from lodeworks.watch.history.merge import merged
from lodeworks.watch.history.numbering import Numbering
from lodeworks.watch.history.reader import Reader
from lodeworks.watch.history.retention import Keep, aged, passed_ages
from lodeworks.watch.history.thin import Series
from lodeworks.watch.samples import Samples
from lodeworks.watch.sentence import Sentence

__all__ = ["EmbeddedHistory"]

# A day is closed when it is quiet, or when it is so old that it need not wait any longer.
_OLDEST_DAYS = 3
# Samples handled at once: some 100 MB of rows. A day is closed in smaller parts: what runs in Python while one is made
# keeps those waiting that take in.
_AT_ONCE = 1_000_000
_CLOSED_AT_ONCE = 100_000
# After each part of a day it rests so many times as long as the part took; a day may take hours, nobody waits for it.
_REST = 1.0
# While a day is closed the log goes on into the other days so often.
_FOLD_S = 30.0


class EmbeddedHistory:
    """See `History` for the contract.

    One process writes and tends; any number read.
    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.folder = folder
        self._log = Log(folder / "log.sqlite")
        self._hot = Hot(folder / "hot")
        self._cold = Cold(folder / "days")
        self._numbers = Numbering(self._log.numbers(names))
        self._moving = threading.RLock()  # one thread at a time moves samples on
        self._reader = Reader(self._log, self._hot, self._cold)
        self._tended = 0
        self._mended: list[Sentence] = []
        self._leaving = threading.Event()

    def break_off(self) -> None:
        """Let `tend` end soon; what it was at is as it was before."""
        self._leaving.set()

    def close(self) -> None:
        """Close the files."""
        self.break_off()
        self._log.close()

    def write(self, samples: Samples) -> int:
        """Keep samples; they are on the disk when this returns. Return the sequence number of the batch."""
        return self._log.append(self._numbers.stored(samples))

    def after(self, sequence: int) -> Iterator[tuple[int, Samples]]:
        """Yield the batches after a sequence number in the order they were received."""
        while batches := self._log.after(sequence):
            for number, samples in batches:
                yield number, self._numbers.known(samples)
            sequence = batches[-1][0]

    def go_on_after(self, sequence: int) -> int:
        """Give what is written next a number above one that somebody has seen; return how many numbers that skips."""
        return self._log.go_on_after(sequence)

    def trim(self, sequence: int) -> None:
        """Let go of batches up to a number that everyone has seen; the samples stay."""
        self._log.trim(sequence)

    def read(self, tags: Sequence[int], since: int, until: int, points: int | None = None) -> list[Series]:
        """Return each tag's samples from `since` to before `until`, thinned to at most `points` of each quality."""
        return self._reader.read([int(self._numbers.of[tag]) for tag in tags], since, until, points)

    def fold(self, now: int, but: date | None = None) -> None:
        """Put what the log has into the days; up to what is of a day that is just being closed."""
        with self._moving:
            left = 1
            while left:
                upto, samples, left = self._log.to_fold(_AT_ONCE)
                if not len(samples):
                    return
                day_numbers = samples.at // DAY_MS
                if but is not None and (day_numbers == start_of(but) // DAY_MS).any():
                    return
                for number in np.unique(day_numbers).tolist():
                    self._hot.put(day_of(number * DAY_MS), merged(samples.take(day_numbers == number)), now)
                self._log.set_folded(upto)

    def close_day(self, day: date) -> int:
        """Make a day one Parquet, merged with what was closed before; return how many samples it has.

        It gives way: in parts, with rests, and the other days go on meanwhile.
        """
        with self._moving:
            if day not in self._hot.days():
                return sum(self._cold.counts(day).values())
            hot, cold = self._hot.counts(day), self._cold.counts(day)
            parts = (
                merged(Samples.joined([self._cold.range(day, first, last), self._hot.range(day, first, last)]))
                for first, last in _ranges(hot, cold)
            )
            # Not fewer than either has of each tag: what was lost on the way would show.
            least = sum(max(hot.get(tag, 0), cold.get(tag, 0)) for tag in hot.keys() | cold.keys())
            rows = self._cold.write(day, self._giving_way(parts, day), self._log.names(), least)
            self._log.set_closed(day.isoformat(), rows, "")
            self._hot.remove(day)
            return rows

    def retain(self, now: int, keep: Sequence[Keep]) -> None:
        """Thin and delete what is older than it is kept; `keep` is in the order of the tags."""
        by_id = dict(zip(self._numbers.of.tolist(), keep, strict=True))
        with self._moving:
            done, names, kinds = self._log.closed_days(), self._log.names(), set(keep)
            _each(self._cold.days(), lambda day: self._retain_day(day, now, kinds, by_id, done, names))

    def _retain_day(
        self, day: date, now: int, kinds: set[Keep], by_id: dict[int, Keep], done: dict[str, str],
        names: dict[int, str],
    ) -> None:
        age = (now - start_of(day)) // DAY_MS - 1
        passed = passed_ages(age, kinds)
        if passed == done.get(day.isoformat(), ""):
            return
        parts = (
            aged(self._cold.range(day, first, last), start_of(day), age, by_id)
            for first, last in _ranges(self._cold.counts(day))
        )
        rows = self._cold.write(day, (part for part in self._giving_way(parts, day) if len(part)), names, 0)
        if rows:
            self._log.set_closed(day.isoformat(), rows, passed)
        else:
            self._log.forget_day(day.isoformat())

    def _giving_way(self, parts: Iterable[Samples], day: date) -> Iterator[Samples]:
        """Yield parts of a day with a rest after each, and let the log go on into the other days now and then."""
        begun = began = folded = time.monotonic()
        for part in parts:
            yield part
            ended = time.monotonic()
            if ended - folded > _FOLD_S and self._tended:
                self.fold(self._tended + round((ended - begun) * 1000), but=day)
                folded = time.monotonic()
            if self._leaving.wait(_REST * (ended - began)):
                raise WatchError(f"{self._cold.path(day)}: the work on this day was broken off; it begins anew")
            began = time.monotonic()

    def tend(self, now: int, keep: Sequence[Keep]) -> None:
        """Do what is due: fold, close days that are over, thin and delete what is old."""
        self._tended = now
        self.fold(now)

        def close_if_due(day: date) -> None:
            over = now - start_of(day) - DAY_MS
            if over > QUIET_MS and (now - self._hot.written(day) > QUIET_MS or over > _OLDEST_DAYS * DAY_MS):
                self.close_day(day)

        _each(self._cold.days(), lambda day: self._look_at(day, content=False))
        _each(self._hot.days(), close_if_due)
        self.retain(now, keep)

    def look_through(self) -> None:
        """Read every closed day, with rests, and mend what is not as it was written."""
        def look(day: date) -> None:
            began = time.monotonic()
            self._look_at(day, content=True)
            self._leaving.wait(_REST * (time.monotonic() - began))

        _each((day for day in self._cold.days() if not self._leaving.is_set()), look)

    def mended(self) -> list[Sentence]:
        """Return what was found damaged and what was done about it, since this was asked last."""
        found, self._mended = self._mended, []
        return found

    def _look_at(self, day: date, *, content: bool) -> None:
        """See whether a closed day is as it was written; put it aside and begin it anew if not."""
        with self._moving:
            if not self._cold.path(day).exists():  # gone by its age meanwhile
                return
            if fault := self._cold.fault(day, content=content):
                aside = self._cold.put_aside(day)
                names = self._log.names()
                rows = self._cold.write(day, self._cold.readable(aside, day, names), names, 0)
                self._mended.append(Sentence(
                    f"{self._cold.path(day).name} was damaged ({fault.en}); it is kept as {aside.name}, and"
                    f" {rows:,} samples that could be read were carried over, marked uncertain",
                    f"{self._cold.path(day).name} 已损坏（{fault.zh}）；原文件保留为 {aside.name}，"
                    f"可读取的 {rows:,} 个样本已转入新文件并标记为存疑",
                ))
            elif self._cold.lacks_extremes(day, content=content):
                parts = (self._cold.range(day, first, last) for first, last in _ranges(self._cold.counts(day)))
                self._cold.write_extremes(day, self._giving_way(parts, day))
            elif content:
                self._cold.take_for_whole(day)


def _each(days: Iterable[date], do: Callable[[date], None]) -> None:
    """Do something for every day, and tell all troubles at the end: one damaged day keeps no other from its turn."""
    troubles: list[WatchError] = []
    for day in days:
        try:
            do(day)
        except WatchError as error:
            troubles.append(error)
    if troubles:
        damaged = any(isinstance(error, DamagedError) for error in troubles)
        raise (DamagedError if damaged else WatchError)("\n".join(map(str, troubles)))


def _ranges(*counts: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Yield ranges of tags that hold so many samples as a part of a day has."""
    together: dict[int, int] = {}
    for one in counts:
        for tag, count in one.items():
            together[tag] = together.get(tag, 0) + count
    first: int | None = None
    rows = 0
    for tag in sorted(together):
        first = tag if first is None else first
        rows += together[tag]
        if rows >= _CLOSED_AT_ONCE:
            yield first, tag
            first, rows = None, 0
    if first is not None:
        yield first, max(together)


def open_embedded(folder: Path, names: Sequence[str]) -> EmbeddedHistory:
    """Open the history in a folder.

    Raises
    ------
    WatchError
        If the place is no folder, or cannot be used.
    """
    if folder.exists() and not folder.is_dir():
        raise WatchError(f"{folder}: the history is a folder; a file of this name exists")
    return EmbeddedHistory(folder, names)
