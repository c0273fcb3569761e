"""What the blocks of firms' money read: accounts, where their columns stand, and the ledger in those periods.

A plan of one horizon has one book, of its network. A plan over stages has one a scenario, whose periods are years
(`pathway.firms`). What blocks and statements do with them is the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Floats, Ints, Network
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

    def interest_at_end(self, offer: int) -> Floats:
        """Return the interest paid with what is drawn or carried on in each period, as a share of it.

        Nought where interest is paid every period, and for what falls due after the last.
        """
        offers, count = self.accounts.offers, self.accounts.count
        term, paid = len(offers.repaid[offer]), np.zeros(count)
        if offers.at_end[offer] and term < count:
            accrued = np.cumsum(self.interest_shares(offer))
            paid[: count - term] = accrued[term:] - accrued[: count - term]
        return paid

    def interest_of_debt(self, offer: int) -> Floats:
        """Return the interest paid in each period with the debt at the start; nought where it is paid every period."""
        offers = self.accounts.offers
        paid = np.zeros(self.accounts.count)
        if offers.at_end[offer]:
            accrued = offers.accrued[offer] + offers.debt[offer] * np.cumsum(self.interest_shares(offer))
            due = offers.due[offer] > 0.0
            paid[due] = accrued[due]
        return paid

    def open_periods(self, offer: int) -> Ints:
        """Return the periods in which money of an offer may come."""
        offers = self.accounts.offers
        return np.arange(offers.first[offer], min(int(offers.last[offer]) + 1, self.accounts.count), dtype=np.int32)

    def limit_of_draws(self, offer: int) -> tuple[str, Ints]:
        """Return the block that limits what is drawn of an offer, and the first period of each of its rows of it."""
        revolving = self.accounts.offers.revolving[offer]
        return ("credit", self.open_periods(offer)) if revolving else ("drawn_once", self.stretches(offer)[0])

    def stretches(self, offer: int) -> tuple[Ints, Ints, Floats]:
        """Return when as much of a loan may have been drawn at most, and how much: first and last periods, amounts.

        For a loan that does not revolve; over stages what is granted may grow from one on, and what is no longer
        granted has been drawn by then or is not.
        """
        offers, open_ = self.accounts.offers, self.open_periods(offer)
        most = np.maximum.accumulate(np.maximum(offers.most[offer] - offers.debt[offer], 0.0))[open_]
        starts = np.flatnonzero(np.diff(most, prepend=-1.0))
        return open_[starts], open_[np.append(starts[1:], len(open_))[: len(starts)] - 1], most[starts]

    def dividends(self) -> Floats:
        """Return what each firm pays to its owners less what it receives, shape (firms, periods)."""
        accounts = self.accounts
        paid = np.zeros((len(accounts.firm), accounts.count))
        for year in range(accounts.calendar_years):
            paid[:, accounts.last_of_year(year)] += accounts.dividend[:, year]
        net_paid = paid.copy()
        for payer, owner, share in zip(accounts.payer, accounts.owner, accounts.share, strict=True):
            net_paid[owner] -= share * paid[payer]
        return net_paid

    def financing(self, weight: Floats) -> tuple[Ints, Floats, float]:
        """Return interest and tax on profit, which leave the chain, as costs of columns, and the interest on debts.

        Parameters
        ----------
        weight
            What money of each period counts, shape (periods,); tax is paid in the last of a calendar year.
        """
        accounts, own, opening = self.accounts, self.own, 0.0
        columns, values = [np.zeros(0, np.int32)], [np.zeros(0)]
        for o in range(len(accounts.offers)):
            shares = self.interest_shares(o) * weight
            columns.append(own.owed[o] + np.arange(accounts.count - 1, dtype=np.int32))
            values.append(shares[1:])
            opening += float(shares[0] * accounts.offers.debt[o])
        lasts = [accounts.last_of_year(year) for year in range(accounts.calendar_years)]
        for first in own.tax[own.tax >= 0]:
            columns.append(first + np.arange(accounts.calendar_years, dtype=np.int32))
            values.append(weight[lasts])
        return np.concatenate(columns).astype(np.int32), np.concatenate(values), opening


def books_of(net: Network, cols: Columns) -> Books:
    """Return the books of a network whose firms keep accounts."""
    assert net.accounts is not None
    assert cols.accounts is not None
    return Books(net.accounts, cols.accounts, ledger(net, cols))
