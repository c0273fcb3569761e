"""Reports and workbooks put where they are wanted, over nothing that may not be replaced."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lodeworks.errors import RunError
from lodeworks.files import written_whole

__all__ = ["write_whole"]


def write_whole(path: Path, content: Callable[[], bytes], *, replace: bool) -> Path:
    """Make the content and put it at a path.

    Raises
    ------
    RunError
        If something is there that may not be replaced, or the place cannot be written; what was there stays.
    """
    if path.is_dir():
        raise RunError(f"{path}: a folder of this name exists; choose a file name")
    if path.exists() and not replace:
        raise RunError(f"{path}: the file exists; choose another or replace it (--replace)")
    try:
        data = content()
        with written_whole(path) as draft:
            draft.write_bytes(data)
    except OSError as error:
        raise RunError(f"{path}: it cannot be written: {error.strerror or error}") from error
    return path
