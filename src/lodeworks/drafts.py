"""Drafts: what is being written stands under a hidden name beside its place until it is whole, and then takes it.

A draft is on a list before it is there. Whoever waits for this process holds the list too (`lodeworks.guarded`), so
that nothing hidden stays where the process is ended at once. What goes into a draft, and whether something may be
replaced, is for who writes.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

__all__ = ["clear_away", "drafted", "end_well", "exchange", "in_place", "placed", "scratch", "tell_to"]

_NAME_MOST = 40  # characters of a name that its draft takes over: a file's name has 255 bytes at most
_PLACED_MOST = 4  # what a farm or a watch has put in its place is not kept for ever
_END = b"\0\0"


class _List:
    """The drafts that are there now and what was put in its place; written to a file where somebody waits for it.

    A line begins with what it tells: ``!`` this process comes to its own end, ``~`` put aside, followed by ``<`` from
    where, ``-`` a draft, ``=`` put whole in its place.
    """

    def __init__(self) -> None:
        self.drafts: dict[str, None] = {}
        self.asides: dict[str, Path] = {}
        self.placed: deque[str] = deque(maxlen=_PLACED_MOST)
        self.ended = False
        self.handle: int | None = None
        self._lock = threading.Lock()

    def begin(self, draft: Path) -> None:
        with self._lock:
            self.drafts[str(draft)] = None
            self._tell()

    def end(self, draft: Path) -> None:
        with self._lock:
            self.drafts.pop(str(draft), None)
            self._tell()

    def end_well(self) -> None:
        with self._lock:
            self.ended = True
            self._tell()

    def place(self, path: Path) -> None:
        with self._lock:
            inside = any(Path(draft) in path.absolute().parents for draft in self.drafts)
            if not inside and str(path) not in self.placed:
                self.placed.append(str(path))
                self._tell()

    def put_aside(self, aside: Path, place: Path) -> None:
        with self._lock:
            self.asides[str(aside)] = place
            self._tell()

    def forget_aside(self, aside: Path) -> None:
        with self._lock:
            self.asides.pop(str(aside), None)
            self._tell()

    def _tell(self) -> None:
        """Write the list in one call, which a signal does not cut."""
        if self.handle is not None:
            asides = [line for aside, place in self.asides.items() for line in (f"~{aside}", f"<{place}")]
            ended = ["!"] if self.ended else []
            lines = [*ended, *asides, *(f"-{draft}" for draft in self.drafts), *(f"={path}" for path in self.placed)]
            os.pwrite(self.handle, b"\0".join(map(os.fsencode, lines)) + _END, 0)


_LIST = _List()


def tell_to(handle: int) -> None:
    """From now on write the list to an open file, which outlives this process."""
    _LIST.handle = handle


def placed() -> tuple[str, ...]:
    """Return what this process has put whole in its place, the last of it."""
    return tuple(_LIST.placed)


def end_well() -> None:
    """Put on the list that this process comes to its own end, and not to that of a library which ends it unheard."""
    _LIST.end_well()


def clear_away(lines: Sequence[str]) -> None:
    """Take away the drafts of a process that is gone, by its list, and put back what it had put aside."""
    for aside, place in pairwise(lines):
        if aside.startswith("~") and not Path(place[1:]).exists():
            Path(aside[1:]).rename(place[1:])
    for line in lines:
        if line.startswith(("~", "-")):
            _take_away(Path(line[1:]))


@contextmanager
def drafted(place: Path, *, folder: bool) -> Iterator[Path]:
    """Yield an empty draft beside a path, a folder or a file of the same suffix; afterwards it is gone.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    kept, suffix = (place.name, "") if folder else (place.stem, place.suffix.lower())
    draft = place.absolute().parent / f".{kept[:_NAME_MOST]}-{os.urandom(8).hex()}{suffix}"
    _LIST.begin(draft)
    try:
        if folder:
            draft.mkdir(mode=0o700)
        else:
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield draft
    finally:
        _take_away(draft)
        _LIST.end(draft)


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield an empty folder for what is wanted for a while, with the system's temporary ones."""
    import tempfile

    with drafted(Path(tempfile.gettempdir()) / "lodeworks", folder=True) as folder:
        yield folder


def in_place(draft: Path, place: Path) -> None:
    """Rename a draft to its place; a folder that was there is taken away afterwards, with the draft's name.

    Raises
    ------
    OSError
        If it cannot be done; what was there stays.
    """
    new = draft.stat().st_ino
    try:
        if not place.is_dir():
            draft.replace(place)
        elif not exchange(draft, place):
            _in_turn(draft, place)
    finally:  # a Ctrl-C may be heard only when it is done
        if place.exists() and place.stat().st_ino == new:
            _LIST.place(place)


def exchange(draft: Path, place: Path) -> bool:
    """Let two names change places at one moment, if the system can; return whether it could."""
    if sys.platform != "linux":
        return False
    import ctypes

    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:  # a C library of before 2018
        return False
    if call(here, os.fsencode(draft), here, os.fsencode(place), swap) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):  # a file system that cannot
        return False
    raise OSError(number, os.strerror(number), str(place))


def _in_turn(draft: Path, place: Path) -> None:
    """Put what is there aside and the draft in its place; whatever comes between puts it back."""
    aside = draft.with_name(f"{draft.name}-old")
    _LIST.put_aside(aside, place)
    try:
        place.rename(aside)
        draft.rename(place)
    except BaseException:
        if aside.exists() and not place.exists():
            aside.rename(place)
        raise
    finally:
        if place.exists():
            _take_away(aside)
            _LIST.forget_aside(aside)


def _take_away(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        import shutil

        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
