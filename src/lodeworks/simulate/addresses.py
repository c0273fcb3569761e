"""Where the kernel's tables are in memory: the one array by which compiled code reaches all of them.

An element's whole numbers and floats are two tables to everybody, and stand one behind the other in memory: what an
event reads of a machine or a place is then in few cache lines, and found with one address.
"""

from __future__ import annotations

import numpy as np

from lodeworks.simulate.layout import Floats, Ints, Model, State

__all__ = ["TABLES", "addresses", "width_of", "woven"]

TABLES = (*Model._fields, *State._fields)


def addresses(m: Model, s: State) -> Ints:
    """Return where the tables are: for each its address, rows and columns, shape (tables, 3)."""
    found = np.zeros((len(TABLES), 3), np.int64)
    for i, table in enumerate((*m, *s)):
        found[i] = table.ctypes.data, table.shape[0], table.shape[1] if table.ndim > 1 else 1
    return found


def width_of(whole: int, parts: int) -> int:
    """Return the numbers of a row in memory, where its floats stand behind its whole numbers: whole cache lines."""
    return -(-(whole + parts) // 8) * 8


def woven(ints: Ints, floats: Floats) -> tuple[Ints, Floats]:
    """Return two tables of as many rows as views of one, so that an element's numbers stand together in memory."""
    width = width_of(ints.shape[1], floats.shape[1])
    room = np.zeros(len(ints) * width + 8)
    begin = (-room.ctypes.data // 8) % 8
    rows = room[begin : begin + len(ints) * width].reshape(len(ints), width)
    found = rows.view(np.int64)[:, : ints.shape[1]], rows[:, ints.shape[1] : ints.shape[1] + floats.shape[1]]
    found[0][:], found[1][:] = ints, floats
    return found
