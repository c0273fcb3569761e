"""What is to be done about a store that cannot be used: a full disk is emptied and a lock goes, a damaged file is
mended by starting again, a wrong file stays.
"""

from __future__ import annotations

import errno
import sqlite3

from lodeworks.errors import AwayError, DamagedError, WatchError

__all__ = ["sort_of"]

# The primary codes of SQLite for a lock, a disk that fails or is full, and a file that cannot be made on it.
_LATER = (5, 6, 10, 13, 14)
# Those for a file that is no longer what was written: rubbish in it, or where its head should be.
_DAMAGED = (11, 26)
_LATER_OF_THE_SYSTEM = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE)


def sort_of(error: Exception, *, opening: bool = False) -> type[WatchError]:
    """Return which error to raise for one of SQLite or of the system: `AwayError` where trying again may help,
    `DamagedError` where a file that was ours holds rubbish. In `opening` one it may never have been ours.
    """
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return AwayError if code in _LATER else DamagedError if code in _DAMAGED and not opening else WatchError
    return AwayError if isinstance(error, OSError) and error.errno in _LATER_OF_THE_SYSTEM else WatchError
