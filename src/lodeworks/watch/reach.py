"""Whether a store that cannot be opened may be there later: a full disk is emptied, a lock goes, a wrong file stays."""

from __future__ import annotations

import errno
import sqlite3

from lodeworks.errors import AwayError, WatchError

__all__ = ["sort_of"]

# The primary codes of SQLite for a lock, a disk that fails or is full, and a file that cannot be made on it.
_LATER = (5, 6, 10, 13, 14)
_LATER_OF_THE_SYSTEM = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE)


def sort_of(error: Exception) -> type[WatchError]:
    """Return which error to raise for one of SQLite or of the system: `AwayError` where trying again may help."""
    if isinstance(error, sqlite3.Error):
        return AwayError if getattr(error, "sqlite_errorcode", 0) & 0xFF in _LATER else WatchError
    return AwayError if isinstance(error, OSError) and error.errno in _LATER_OF_THE_SYSTEM else WatchError
