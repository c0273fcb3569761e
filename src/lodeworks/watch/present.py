"""What every tag is now: columns in a file that is mapped into memory, written by one process and read by any.

A reader never waits for the writer and never sees half of a change: the writer makes the counter odd, changes the
columns and makes it even again (a seqlock); a reader copies between two equal even counters. A heartbeat tells
whether the writer lives.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import WatchError
from lodeworks.watch.reach import sort_of
from lodeworks.watch.samples import Quality, Samples

__all__ = ["NEVER", "Present", "PresentValues", "recorded_until"]

_MAGIC = 0x4C4F4445_50524553  # "LODEPRES"
_HEAD = np.dtype([
    ("magic", "<u8"), ("n", "<u8"), ("names", "<u8"), ("counter", "<u8"), ("heartbeat", "<i8"), ("rest", "V24"),
])
# In this order in the file, the widest first, so that each begins where its type may.
_COLUMNS = (("value", "<f8"), ("at", "<i8"), ("received", "<i8"), ("quality", "u1"))
# A copy takes some microseconds a thousand tags; a writer that stands this long in the middle of a change has died.
_PATIENCE_S = 0.2
NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True, eq=False)
class PresentValues:
    """The columns at one moment, in the order of the tags: value, source time and time received (ms), quality.

    `at` of a tag that never had a sample is `NEVER` and its value NaN. `heartbeat` is when the writer was last alive
    (ms). `whole` is false if the writer died in the middle of a change.
    """

    value: NDArray[np.float64]
    at: NDArray[np.int64]
    received: NDArray[np.int64]
    quality: NDArray[np.uint8]
    heartbeat: int
    whole: bool = True


class Present:
    """The mapped file. Made by `create` or `open`."""

    def __init__(self, mapped: NDArray[np.uint8], n: int) -> None:
        self._head = mapped[: _HEAD.itemsize].view(_HEAD)
        start = _HEAD.itemsize
        self._column: dict[str, NDArray[Any]] = {}
        for name, kind in _COLUMNS:
            end = start + n * np.dtype(kind).itemsize
            self._column[name] = mapped[start:end].view(kind)
            start = end

    @classmethod
    def create(cls, path: Path, names: Sequence[str]) -> Present:
        """Make the file for these tags, or take up one that is there for the same ones.

        Raises
        ------
        WatchError
            If it cannot be written.
        """
        n, told = len(names), _names(names)
        try:
            if path.exists():
                try:
                    present = cls.open(path, names)
                    if present._head["counter"][0] % 2:  # the last writer died in the middle of a change
                        present._head["counter"] += 1
                    return present
                except WatchError:
                    pass  # of another chain, or damaged: made anew from what comes in
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}-draft")
            with draft.open("wb") as file:
                # Room for all of it, now: a full disk would otherwise end the process at the first value written.
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(file.fileno(), 0, _size(n))
                else:
                    file.truncate(_size(n))
            present = cls(np.memmap(draft, np.uint8, "r+"), n)
            present._head["n"], present._head["names"] = n, told
            present._column["value"][:] = np.nan
            present._column["at"][:] = NEVER
            present._column["received"][:] = NEVER
            present._column["quality"][:] = Quality.BAD
            present._head["magic"] = _MAGIC
            draft.replace(path)  # who has the old one open goes on with the old one until it asks again
        except OSError as error:
            raise sort_of(error)(f"{path}: the present cannot be written: {error}") from error
        return present

    @classmethod
    def open(cls, path: Path, names: Sequence[str]) -> Present:
        """Open the file for these tags.

        Raises
        ------
        WatchError
            If it is not there, is no such file, or is for other tags.
        """
        try:
            size = path.stat().st_size
            mapped = np.memmap(path, np.uint8, "r+") if size >= _HEAD.itemsize else np.empty(0, np.uint8)
        except OSError as error:
            raise WatchError(f"{path}: no present values here: {error}") from error
        head = mapped[: _HEAD.itemsize].view(_HEAD) if len(mapped) else np.zeros(1, _HEAD)
        if head["magic"][0] != _MAGIC or len(mapped) != _size(int(head["n"][0])):
            raise WatchError(f"{path}: not a file of present values")
        if head["n"][0] != len(names) or head["names"][0] != _names(names):
            raise WatchError(f"{path}: the present values of other tags; the chain has changed since")
        return cls(mapped, len(names))

    def set(self, samples: Samples, heartbeat: int | None = None) -> None:
        """Take the newest sample of each tag, if it is newer than what is there or as new (a mark of its quality)."""
        if len(samples):
            row = np.arange(len(samples))
            order = np.lexsort((row, samples.at, samples.tag))
            last = order[np.flatnonzero(np.diff(samples.tag[order], append=-1))]
            newest = samples.take(last)
            samples = newest.take(newest.at >= self._column["at"][newest.tag])
        self._head["counter"] += 1
        if len(samples):
            for name, _ in _COLUMNS:
                self._column[name][samples.tag] = getattr(samples, name)
        if heartbeat is not None:
            self._head["heartbeat"] = heartbeat
        self._head["counter"] += 1

    def beat(self, now: int) -> None:
        """Say that the writer lives."""
        self.set(Samples.of([], [], [], [], []), now)

    def not_after(self, now: int) -> None:
        """Let nothing stand as later than now: after the clock was set back, what comes is newer than what is there."""
        at = self._column["at"]
        self._head["counter"] += 1
        at[at > now] = now
        self._head["counter"] += 1

    def read(self) -> PresentValues:
        """Return a copy of everything at one moment."""
        give_up = time.monotonic() + _PATIENCE_S
        while True:
            before = int(self._head["counter"][0])
            copies = {name: column.copy() for name, column in self._column.items()}
            heartbeat = int(self._head["heartbeat"][0])
            whole = before % 2 == 0 and int(self._head["counter"][0]) == before
            if whole or time.monotonic() > give_up:
                return PresentValues(**copies, heartbeat=heartbeat, whole=whole)
            time.sleep(0.0005)


def _size(n: int) -> int:
    return _HEAD.itemsize + n * sum(np.dtype(kind).itemsize for _, kind in _COLUMNS)


def _names(names: Sequence[str]) -> int:
    return zlib.crc32("\0".join(names).encode())


def recorded_until(path: Path) -> int:
    """Return the latest time (ms) a file of present values knows of, of a sample or of its writer, whichever tags it is
    of; `NEVER` where there is none.
    """
    try:
        content = path.read_bytes()
    except OSError:  # nobody has recorded here
        return NEVER
    if len(content) < _HEAD.itemsize:
        return NEVER
    head = np.frombuffer(content, _HEAD, 1)
    n = int(head["n"][0])
    if head["magic"][0] != _MAGIC or len(content) != _size(n):
        return NEVER
    at = np.frombuffer(content, "<i8", n, _HEAD.itemsize + 8 * n)
    return max(int(head["heartbeat"][0]), int(at.max(initial=NEVER)))
