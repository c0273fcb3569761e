"""Where a place's sums stand in a row of notes: the order in which `kernel.notes` writes them down."""

from __future__ import annotations

from enum import IntEnum

from lodeworks.simulate.layout import NOTES_PLACE

__all__ = ["Noted"]


class Noted(IntEnum):
    """A sum noted of each place: amounts, amounts and lots × time, stays, counts of lots."""

    AREA = 0
    LOTS_AREA = 1
    IN = 2
    OUT = 3
    STAY = 4
    LOT_STAY = 5
    EXPIRED = 6
    RENEGED = 7
    REFUSED = 8
    LET = 9
    N_IN = 10
    N_OUT = 11
    LEVEL = 12
    N_LATE = 13
    TARDY = 14
    N_LOST = 15
    AGE = 16

    def of(self, place: int) -> int:
        """Return the column of this sum of a place, by its number."""
        return NOTES_PLACE * place + int(self)
