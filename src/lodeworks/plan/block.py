"""A block: the rows of one kind of constraint, and how steps of different length overlap.

Blocks are made by the functions of the folder `blocks`; `program` stacks them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lodeworks.network.arrays import Floats, Grid, Ints, Network, Varying

__all__ = ["Block", "Overlap", "Rows", "amounts_over", "overlap", "overlap_of", "spread"]


@dataclass(frozen=True, eq=False)
class Overlap:
    """Hours that column steps share with row steps, as coordinates: hours[k] of step col[k] fall in row[k].

    They begin at[k] base steps after the start, by the time of the column: before the lag.
    """

    row: Ints
    col: Ints
    hours: Floats
    at: Floats


@dataclass(frozen=True, eq=False)
class Block:
    """The rows of one kind of constraint.

    Attributes
    ----------
    name
        The kind, as in the registry.
    owner, step
        For each row: the number of the balance, plant, … it belongs to, and its step, shape (rows,).
    lower, upper
        Bounds of each row, shape (rows,); infinite where there is none.
    row, col, value
        Coefficients as coordinates; rows are counted from the block's first.
    names
        What each owner's rows are called in messages; empty for the blocks of a network, whose words are told by
        `explain.words`.
    """

    name: str
    owner: Ints
    step: Ints
    lower: Floats
    upper: Floats
    row: Ints
    col: Ints
    value: Floats
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.lower)


class Rows:
    """Collects a block piece by piece: runs of rows with bounds, and terms on them."""

    def __init__(self, name: str, names: tuple[str, ...] = ()) -> None:
        self.name = name
        self.names = names
        self.count = 0
        self._owner: list[Ints] = []
        self._step: list[Ints] = []
        self._bounds: list[tuple[Floats, Floats]] = []
        self._terms: list[tuple[Ints, Ints, Floats]] = []

    def add(
        self, owner: int, lower: Floats | float, upper: Floats | float, count: int, at: Ints | None = None
    ) -> Ints:
        """Add `count` rows of one owner, a row a step, or one for each of the steps `at`; return their numbers."""
        numbers = np.arange(self.count, self.count + count, dtype=np.int32)
        self._owner.append(np.full(count, owner, np.int32))
        self._step.append(np.arange(count, dtype=np.int32) if at is None else np.asarray(at, np.int32))
        self._bounds.append((
            np.broadcast_to(np.asarray(lower, float), (count,)), np.broadcast_to(np.asarray(upper, float), (count,))
        ))
        self.count += count
        return numbers

    def term(self, rows: Ints, cols: Ints | int, values: Floats | float) -> None:
        """Add coefficients; a single column or value stands for all rows."""
        rows = np.asarray(rows, np.int32)
        self._terms.append((
            rows,
            np.broadcast_to(np.asarray(cols, np.int32), rows.shape),
            np.broadcast_to(np.asarray(values, float), rows.shape),
        ))

    def done(self) -> Block:
        """Freeze the block."""

        def joined(parts: list[Ints] | list[Floats], kind: type) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
            return np.concatenate(parts) if parts else np.zeros(0, kind)

        terms = self._terms
        return Block(
            self.name,
            joined(self._owner, np.int32), joined(self._step, np.int32),  # type: ignore[arg-type]
            joined([low for low, _ in self._bounds], float), joined([high for _, high in self._bounds], float),
            joined([t[0] for t in terms], np.int32), joined([t[1] for t in terms], np.int32),  # type: ignore[arg-type]
            joined([t[2] for t in terms], float), self.names,
        )


def overlap(net: Network, rows: int, cols: int, lag: float = 0.0) -> Overlap:
    """Return the hours each step of grid `cols`, `lag` hours later, shares with each step of grid `rows`.

    What passes the end of the horizon comes in at its start where the network is cyclic, and is lost to
    the horizon elsewhere.
    """
    return overlap_of(net.grids[rows], net.grids[cols], lag / net.hours, net.hours, net.steps, net.cyclic)


@lru_cache(maxsize=512)
def overlap_of(rows: Grid, cols: Grid, lag: float, hours: float, steps: int, cyclic: bool) -> Overlap:
    """Return the overlap of two grids; `lag` in base steps of `hours`, of which the horizon has `steps`."""
    if lag == 0.0 and np.array_equal(rows.edges, cols.edges):  # of one multiple they may differ: segments are cut else
        numbers = np.arange(rows.count, dtype=np.int32)
        return Overlap(numbers, numbers, rows.hours(hours), rows.edges[:-1])
    shift = lag % steps if cyclic else lag
    moved = cols.edges + shift
    laps = (rows.edges, rows.edges[1:] + steps) if cyclic else (rows.edges,)
    marks = np.unique(np.concatenate([moved, *laps]))
    marks = marks[(marks >= moved[0]) & (marks <= moved[-1])]
    if not cyclic:
        marks = marks[marks <= rows.edges[-1]]
    if len(marks) < 2:
        return Overlap(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0), np.zeros(0))
    middle = (marks[:-1] + marks[1:]) / 2.0
    width = np.diff(marks)
    keep = width > 1e-12
    col = np.searchsorted(moved, middle, side="right") - 1
    row = np.searchsorted(rows.edges, middle % steps if cyclic else middle, side="right") - 1
    begin = np.maximum(marks[:-1][keep] - shift, 0.0)
    return Overlap(row[keep].astype(np.int32), col[keep].astype(np.int32), width[keep] * hours, begin)


def amounts_over(net: Network, varying: Varying, which: int, pattern: Overlap) -> Floats:
    """Return a varying amount of an activity in each piece of an overlap of its steps, shape (pieces,)."""
    row, scale = int(varying.series[which]), float(varying.scale[which])
    if row < 0:
        return np.full(len(pattern.hours), scale)
    return scale * net.mean_within(row, pattern.at, pattern.at + pattern.hours / net.hours)


def spread(first_rows: Ints, first_cols: Ints, values: Floats, pattern: Overlap) -> tuple[Ints, Ints, Floats]:
    """Lay one overlap pattern over many (row run, column run, value) at once.

    Returns coordinates of shape (entries × pattern,).
    """
    rows = first_rows[:, None] + pattern.row[None, :]
    cols = first_cols[:, None] + pattern.col[None, :]
    amounts = values[:, None] * pattern.hours[None, :]
    return rows.ravel().astype(np.int32), cols.ravel().astype(np.int32), amounts.ravel()
