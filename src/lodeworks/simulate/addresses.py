"""Where the kernel's tables are in memory: the one array by which compiled code reaches all of them.

An element's whole numbers and floats are two tables to everybody, and stand one behind the other in memory: what an
event reads of a machine or a place is then in few cache lines, and found with one address.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lodeworks.simulate.layout import Floats, Ints, Model, State

__all__ = ["TABLES", "addresses", "of_four", "width_of", "woven"]

_LINE = 64  # bytes of a cache line
TABLES = (*Model._fields, *State._fields)


def addresses(m: Model, s: State) -> Ints:
    """Return where the tables are: for each its address, rows and columns, shape (tables, 3)."""
    found = np.zeros((len(TABLES), 3), np.int64)
    tables: tuple[Any, ...] = (*m, *s)
    for i, table in enumerate(tables):
        found[i] = table.ctypes.data, table.shape[0], table.shape[1] if table.ndim > 1 else 1
    return found


def width_of(whole: int, parts: int, lead: int = 0) -> int:
    """Return the numbers of a row in memory, where its floats stand behind its whole numbers: whole cache lines."""
    return -(-(lead + whole + parts) // 8) * 8


def of_four(count: int, kind: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return noughts of which four from the second on, and every four after them, share a cache line.

    So an event list's events have their four followers in one line.
    """
    size = np.dtype(kind).itemsize
    room = np.zeros(count + 2 * _LINE // size, kind)
    at = (-room.ctypes.data // size - 1) % (_LINE // size)
    return room[at : at + count]


def woven(*tables: tuple[Ints, Floats, int]) -> list[tuple[Ints, Floats]]:
    """Return pairs of tables, of as many rows each, as views of rows in which an element's numbers stand together.

    What comes with a pair is how many numbers are left free before each row, see `layout`. All rows are one piece of
    memory: where it is large it comes in large pages, and is found in few steps.
    """
    widths = [width_of(ints.shape[1], floats.shape[1], lead) for ints, floats, lead in tables]
    sizes = [len(ints) * width for (ints, *_), width in zip(tables, widths, strict=True)]
    room = np.zeros(sum(sizes) + 8)
    at = (-room.ctypes.data // 8) % 8
    found = []
    for (ints, floats, lead), width, size in zip(tables, widths, sizes, strict=True):
        rows, end = room[at : at + size].reshape(len(ints), width), lead + ints.shape[1]
        views = rows.view(np.int64)[:, lead:end], rows[:, end : end + floats.shape[1]]
        views[0][:], views[1][:] = ints, floats
        found.append(views)
        at += size
    return found
