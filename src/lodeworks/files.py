"""A single file written whole or not at all: under a name of its own first, then in its place.

Whether something may stand there already, and what is said when it cannot be written, is for who writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lodeworks.drafts import drafted, in_place

__all__ = ["written_whole"]


@contextmanager
def written_whole(path: Path, *, mode: int = 0o644) -> Iterator[Path]:
    """Yield a draft beside a path; it takes its place when all went well, and is gone when not.

    Raises
    ------
    OSError
        If the place cannot be written; what was there stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with drafted(path, folder=False) as draft:
        yield draft
        draft.chmod(mode)
        in_place(draft, path)
