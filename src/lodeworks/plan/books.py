"""What the blocks of firms' money read: accounts, where their columns stand, and the ledger in those periods.

A plan of one horizon has one book, of its network. A plan over stages has one a scenario, whose periods are years
(`pathway.firms`). What blocks and statements do with them is the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Floats, Network
from lodeworks.plan.columns import AccountColumns, Columns
from lodeworks.plan.ledger import Entry, ledger

__all__ = ["Books", "books_of"]


@dataclass(frozen=True, eq=False)
class Books:
    """Accounts, the columns of money, and every entry of the ledger.

    `yearly` says that what a firm may draw is held against the sales of the same year, and not against those of the
    whole horizon by its length.
    """

    accounts: Accounts
    own: AccountColumns
    entries: tuple[Entry, ...]
    yearly: bool = False

    def held(self, firm: int) -> list[int]:
        """Return the offers of loans to a firm."""
        return [int(o) for o in np.flatnonzero(self.accounts.offers.firm == firm)]

    def of(self, firm: int) -> list[Entry]:
        """Return the entries of a firm."""
        return [entry for entry in self.entries if entry.firm == firm]

    def interest_shares(self, offer: int) -> Floats:
        """Return an offer's interest in each period, as a share of what was owed at its start."""
        accounts = self.accounts
        result: Floats = accounts.offers.interest[offer] * accounts.years / accounts.whole
        return result

    def dividends(self) -> Floats:
        """Return what each firm pays to its owners less what it receives, shape (firms, periods)."""
        accounts = self.accounts
        paid = np.zeros((len(accounts.firm), accounts.count))
        for year in range(accounts.calendar_years):
            paid[:, accounts.last_of_year(year)] += accounts.dividend
        net_paid = paid.copy()
        for payer, owner, share in zip(accounts.payer, accounts.owner, accounts.share, strict=True):
            net_paid[owner] -= share * paid[payer]
        return net_paid


def books_of(net: Network, cols: Columns) -> Books:
    """Return the books of a network whose firms keep accounts."""
    assert net.accounts is not None
    assert cols.accounts is not None
    return Books(net.accounts, cols.accounts, ledger(net, cols))
