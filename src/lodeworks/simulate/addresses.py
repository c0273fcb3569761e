"""Where the kernel's tables are in memory: the one array by which compiled code reaches all of them."""

from __future__ import annotations

import numpy as np

from lodeworks.simulate.layout import Ints, Model, State

__all__ = ["TABLES", "addresses"]

TABLES = (*Model._fields, *State._fields)


def addresses(m: Model, s: State) -> Ints:
    """Return where the tables are: for each its address, rows and columns, shape (tables, 3)."""
    found = np.zeros((len(TABLES), 3), np.int64)
    for i, table in enumerate((*m, *s)):
        found[i] = table.ctypes.data, table.shape[0], table.shape[1] if table.ndim > 1 else 1
    return found
