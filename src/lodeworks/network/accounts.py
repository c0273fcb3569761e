"""The arrays of money: firms that keep accounts, their periods, and the loans they may draw.

Only data stands here; how a chain becomes it is in `finance`. A network without such firms has none of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lodeworks.network.arrays import Bools, Floats, Grid, Ints

__all__ = ["Accounts", "Losses", "Offers"]


@dataclass(frozen=True, eq=False)
class Offers:
    """A loan that a firm may draw or owes at the start, one row each.

    Attributes
    ----------
    loan, firm
        Whose it is.
    most
        Most that may be owed with draws in each period, shape (offers, periods); nought where nothing is granted.
    lump
        What is drawn in whole multiples; nought where any amount may be drawn.
    interest
        Interest for a whole period at each period's rate, as a share of what is owed, shape (offers, periods).
    first, last
        First and last period in which its money may come.
    wait
        Whole periods between a repayment and the money of a new draw.
    repaid
        For each offer the share of a draw that is repaid after one, two … periods; adds to one.
    renewal
        Whether what falls due may be carried on.
    revolving
        Whether what is repaid may be drawn again.
    at_end
        Whether all interest is paid with the principal, at the end of a term.
    turnover, pledge
        Limits as shares: of a year's sales (infinite where none), of what is pledged (nought where none is wanted).
    due
        What falls due in each period of the debt at the start, shape (offers, periods).
    debt, accrued
        Debt at the start, and interest owed of it then.
    """

    loan: Ints
    firm: Ints
    most: Floats
    lump: Floats
    interest: Floats
    first: Ints
    last: Ints
    wait: Ints
    repaid: tuple[Floats, ...]
    renewal: Bools
    revolving: Bools
    at_end: Bools
    turnover: Floats
    pledge: Floats
    due: Floats
    debt: Floats
    accrued: Floats

    def __len__(self) -> int:
        return len(self.loan)


@dataclass(frozen=True, eq=False)
class Losses:
    """Losses that firms may take off the profits of later years, the oldest first; years count those of the accounts.

    Attributes
    ----------
    firm
        Whose it is.
    year
        When it arises, shape (losses,); below nought before the plan.
    first, last
        First and last year in which it may be taken off; `last` is below `first` where there is none.
    amount
        Of a loss of before the plan; nought for others, which the plan makes.
    """

    firm: Ints
    year: Ints
    first: Ints
    last: Ints
    amount: Floats

    def __len__(self) -> int:
        return len(self.firm)

    def of(self, firm: int) -> Ints:
        """Return the losses of a firm, the oldest first."""
        mine = np.flatnonzero(self.firm == firm)
        return mine[np.argsort(self.year[mine], kind="stable")].astype(np.int32)


@dataclass(frozen=True, eq=False)
class Accounts:
    """Firms that keep accounts.

    Attributes
    ----------
    periods
        Periods of account as steps with edges of their own.
    years, whole, year
        Length of each period in years (a month is a twelfth), that of a whole one, and the calendar year it ends in.
    firm
        Names; `opening` cash is theirs, and by period, shape (firms, periods), the cash they keep (`floor`) and their
        `collateral`, by calendar year, shape (firms, years), the share of `tax` and the `dividend`.
    losses
        Which firms may carry on.
    payer, owner, share
        Dividends between firms of the chain.
    of_element
        The firm of each element, or -1 for the rest of the chain, which keeps no accounts.
    price
        Chain price of each balance's commodity; nought where firms do not pay one another.
    stock_price
        The same for the commodity of each store, which may stand at a balance of its own.
    bears
        Of a balance whose surplus may be let go: who brought it (-1 the rest), and so is not paid for it; else -2.
    payment
        Hours from goods to money, of each element.
    paid
        Period in which the investment into each plant is paid.
    written
        What is written off of one unit of capacity of each plant over the horizon.
    loan, lender
        Names; `lender_of` and `total` are those of each loan, `lends` the most of each lender in each calendar year,
        shape (lenders, years).
    """

    periods: Grid
    years: Floats
    whole: float
    year: Ints
    firm: tuple[str, ...]
    opening: Floats
    floor: Floats
    tax: Floats
    dividend: Floats
    collateral: Floats
    losses: Losses
    payer: Ints
    owner: Ints
    share: Floats
    of_element: Ints
    price: Floats
    stock_price: Floats
    bears: Ints
    payment: Floats
    paid: Ints
    written: Floats
    loan: tuple[str, ...]
    lender: tuple[str, ...]
    lender_of: Ints
    total: Floats
    lends: Floats
    offers: Offers

    @property
    def count(self) -> int:
        """Number of periods."""
        return self.periods.count

    @property
    def calendar_years(self) -> int:
        """Number of calendar years the periods end in."""
        return int(self.year[-1]) + 1

    def last_of_year(self, year: int) -> int:
        """Return the last period that ends in a calendar year; its taxes and dividends are paid then."""
        return int((self.year <= year).nonzero()[0][-1])
