"""A part of a program that belongs to one network: where its columns and rows stand, and what it is called.

A plan of one network has one part, all of it. A plan over slices has one each, and rows that link them; what
those say, their blocks know (`Block.names`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lodeworks.network.arrays import Network
from lodeworks.plan.columns import Columns

__all__ = ["Part", "part_of_column", "part_of_row"]


@dataclass(frozen=True, eq=False)
class Part:
    """A network in a program.

    Attributes
    ----------
    network, columns
        The network and its own numbering of columns, from nought.
    column, row
        Its first column and row in the program.
    rows
        How many rows it has.
    label
        What it is called in messages; empty where it is all there is.
    weight
        What one unit of its own money counts in the program.
    """

    network: Network
    columns: Columns
    rows: int
    column: int = 0
    row: int = 0
    label: str = ""
    weight: float = 1.0

    def said(self, text: str) -> str:
        """Return a text with the part's label."""
        return f"{text} in {self.label}" if self.label else text


def part_of_row(parts: Sequence[Part], row: int) -> Part | None:
    """Return the part a row of the program belongs to; None for rows that link parts."""
    return next((part for part in parts if part.row <= row < part.row + part.rows), None)


def part_of_column(parts: Sequence[Part], column: int) -> Part | None:
    """Return the part a column of the program belongs to; None for columns of the links."""
    return next((part for part in parts if part.column <= column < part.column + part.columns.count), None)
