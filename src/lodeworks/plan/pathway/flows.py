"""What a slice brings a firm in a year of its stage, and what a year's money counts.

A slice's ledger says what one passing of its horizon brings. All of it that is alike for the books is one column a
firm, slice, and time from goods to money, so that the money of ten years does not repeat a thousand hours ten times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Floats, Ints
from lodeworks.network.pathway import Pathway
from lodeworks.plan.columns import AccountColumns
from lodeworks.plan.ledger import INSIDE, STOCK, Entry, ledger
from lodeworks.plan.part import Part

__all__ = ["Flow", "flows_of", "late", "moved", "slice_entries", "weights_of"]

_YEAR = 8760.0


@dataclass(frozen=True, eq=False)
class Flow:
    """Money one slice brings one firm in one year of its stage.

    Attributes
    ----------
    late
        Years from goods to money; infinite for what is never paid, as gains of stocks.
    sold
        Whether it counts as sales.
    entries
        Of the ledger of one passing.
    """

    slice: int
    firm: int
    late: float
    sold: bool
    entries: tuple[Entry, ...]


def slice_entries(pathway: Pathway, parts: Sequence[Part], number: int) -> list[Entry]:
    """Return the ledger of one passing of a slice, its columns those of the whole program; without what is built."""
    piece, part = pathway.slices[number], parts[number]
    assert piece.accounts is not None
    entries = ledger(replace(piece.network, accounts=piece.accounts), part.columns)
    return [
        replace(entry, earned=replace(entry.earned, col=entry.earned.col + np.int32(part.column)))
        for entry in entries if entry.item != "investment"
    ]


def late(accounts: Accounts, entry: Entry) -> float:
    """Return the years from goods to money of an entry of a slice's ledger; infinite for what is never paid."""
    if entry.item == STOCK:
        return np.inf
    trade = entry.item != INSIDE and len(entry.earned.col) > 0
    return float(accounts.payment[entry.element]) / _YEAR if trade else 0.0


def flows_of(pathway: Pathway, parts: Sequence[Part]) -> tuple[Flow, ...]:
    """Return all flows of money to firms with accounts, slice by slice; none without stages."""
    found = []
    for number, piece in enumerate(pathway.slices):
        if piece.accounts is None:
            continue
        groups: dict[tuple[int, float, bool], list[Entry]] = {}
        for entry in slice_entries(pathway, parts, number):
            if entry.firm >= 0:
                sold = entry.item == "revenue" or (entry.item == INSIDE and bool(np.all(entry.earned.value >= 0.0)))
                groups.setdefault((entry.firm, late(piece.accounts, entry), sold), []).append(entry)
        found += [Flow(number, *key, tuple(own)) for key, own in groups.items()]
    return tuple(found)


def weights_of(pathway: Pathway, scenario: int) -> Floats:
    """Return what money of each period counts in a scenario's objective, shape (periods,); the opening has none.

    A stage's years share what it counts by their discount.
    """
    found = np.zeros(pathway.accounts[scenario].count)
    for piece in pathway.slices:
        years = pathway.years(piece.stage)
        share = (1.0 + pathway.rate) ** -np.arange(len(years), dtype=float)
        found[years] = piece.money / piece.times * pathway.meant * share / share.sum()
    return found


def moved(own: AccountColumns, first: int) -> AccountColumns:
    """Return columns of money moved to where they stand in the whole program."""

    def by(columns: Ints) -> Ints:
        return np.where(columns >= 0, columns + first, -1).astype(np.int32)

    return AccountColumns(**{field.name: by(getattr(own, field.name)) for field in fields(own)})
