"""Single files written whole or not at all, for reports and workbooks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from lodeworks.errors import RunError

__all__ = ["write_whole"]


def write_whole(path: Path, content: Callable[[], bytes], *, replace: bool) -> Path:
    """Make the content and put it at a path, under a name of its own first.

    Raises
    ------
    RunError
        If something is there that may not be replaced, or the place cannot be written; what was there stays.
    """
    if path.is_dir():
        raise RunError(f"{path}: a folder of this name exists; choose a file name")
    if path.exists() and not replace:
        raise RunError(f"{path}: the file exists; choose another or replace it (--replace)")
    draft = None
    try:
        data = content()
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    except OSError as error:
        raise RunError(f"{path}: it cannot be written: {error.strerror or error}") from error
    finally:
        if draft is not None:
            Path(draft).unlink(missing_ok=True)
    return path
