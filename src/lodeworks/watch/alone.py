"""The folder of a live reading held by one process: two that write one history and one journal would spoil both."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lodeworks.errors import WatchError

__all__ = ["only_one"]


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder for this process alone; the hold ends with the process, however it ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / "ingest.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise WatchError(f"{folder}: the live reading cannot be kept here: {error}") from error
    try:
        _hold(handle, folder)
        yield
    finally:
        os.close(handle)


def _hold(handle: int, folder: Path) -> None:
    try:
        import fcntl
    except ImportError:  # no such thing on Windows: there, whoever starts two is told by the files
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise WatchError(f"{folder}: another ingest is running here; stop it first, or give another folder") from None
