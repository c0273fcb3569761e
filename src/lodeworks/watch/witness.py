"""The last row of a journal noted beside it: a journal that was set back (a disk that lost what it had promised,
an old copy) is whole in itself, and only this says that rows are gone.

Written after each commit and not forced to the disk, so it is never ahead of the journal. What the rows are is the
`journal`'s.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["head_of", "witness", "witnessed"]


def head_of(path: Path) -> Path:
    """Return the file beside a journal that says which row is its last."""
    return path.with_name(path.name + ".head")


def witness(path: Path, number: int, mark: str) -> None:
    """Note number and hash of the last row of the journal at a path."""
    with suppress(OSError):  # the rows are safe; that they are is only not witnessed
        handle = os.open(head_of(path), os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            os.write(handle, f"{number:020d} {mark}\n".encode())
        finally:
            os.close(handle)


def witnessed(path: Path) -> tuple[int, str] | None:
    """Return number and hash of the last row as it is noted beside the journal, None if that cannot be read."""
    try:
        number, mark = head_of(path).read_text(encoding="ascii").split()
        return int(number), mark
    except (OSError, ValueError):
        return None
