"""Losses that firms with accounts may take off the profits of later years, as arrays."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from lodeworks.chain.entities import Firm
from lodeworks.chain.measures import Measures
from lodeworks.network.accounts import Losses

__all__ = ["losses_of"]


def losses_of(
    firms: Mapping[str, Firm], measures: Measures, begin: int, years: int, taxed: Collection[str]
) -> Losses:
    """Return the losses firms bring from before, and one for each year in which they may make one.

    Parameters
    ----------
    begin, years
        The first calendar year of the accounts, and how many there are.
    taxed
        Firms that pay tax on profit at some time; for others a loss is of no use.
    """
    rows: list[tuple[int, int, int, int, float]] = []
    for f, (name, firm) in enumerate(firms.items()):
        if firm.loss_carry is None or name not in taxed:
            continue
        carry = round(measures.duration(firm.loss_carry) / 8760.0)
        made = [(int(year) - begin, measures.money(amount)) for year, amount in firm.losses.items()]
        for year, amount in sorted(made) + [(year, 0.0) for year in range(years)]:
            first, last = max(0, year + 1), min(year + carry, years - 1)
            if last >= first:
                rows.append((f, year, first, last, amount))
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    firm_, year_, first_, last_ = (np.array(columns[k], np.int32) for k in range(4))
    return Losses(firm_, year_, first_, last_, np.array(columns[4], float))
