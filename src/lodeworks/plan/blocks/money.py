"""Firms' cash, what they owe, and the limits of loans. Periods y are those of the accounts.

Draws, repayments and interest are booked at the end of a period; interest is on what was owed at its start. Limits that
lenders set are in `lending`, tax on profit in `taxes`; here is what money does.
"""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Floats, Ints
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.books import Books

__all__ = ["cash", "debt", "renewal"]


def cash(books: Books) -> Block:
    r"""A firm's cash is what it was, and what comes in less what goes out.

    .. math::

        C_{fy} - C_{f,y-1} - \sum_j m_{fyj}\, x_j - \sum_{o \in f} (B_{oy} - B_{o,y-1} - I_{oy}) + T_{fy}
        = M_{fy} - D_{fy}

    for each firm f with cash and period y: m is the money one unit of column j pays it in y, sales inside the chain
    included, M what no column changes, B what is owed of loan o, I its interest, T tax and D dividends less those
    received. C is never below the cash the firm keeps, nought unless given. Interest is :math:`I_{oy} = i_{oy}
    B_{o,y-1}`; where it is paid with the principal, :math:`I_{oy} = (d + w)_{o,y-n} \sum_{k=y-n+1}^{y} i_{ok}`.
    """
    rows = Rows("cash")
    accounts, own = books.accounts, books.own
    count = accounts.count
    for f in range(len(accounts.firm)):
        mine = [entry.paid for entry in books.of(f)]
        right = sum((sums.fixed for sums in mine), np.zeros(count)) - books.dividends()[f]
        right[0] += accounts.opening[f]
        held = books.held(f)
        for o in held:
            owed = accounts.offers.debt[o]
            right[0] -= owed * (1.0 + _each(books, o)[0])
            right -= books.interest_of_debt(o)
        numbers = rows.add(f, right, right, count)
        first = own.cash[f] + np.arange(count, dtype=np.int32)
        rows.term(numbers, first, 1.0)
        rows.term(numbers[1:], first[:-1], -1.0)
        for sums in mine:
            rows.term(numbers[sums.period], sums.col, -sums.value)
        for o in held:
            owing = own.owed[o] + np.arange(count, dtype=np.int32)
            rows.term(numbers, owing, -1.0)
            rows.term(numbers[1:], owing[:-1], 1.0 + _each(books, o)[1:])
            _interest_at_end(books, rows, numbers, o)
        if own.tax[f] >= 0:
            for year in range(accounts.calendar_years):
                last = accounts.last_of_year(year)
                rows.term(numbers[last : last + 1], own.tax[f] + year, 1.0)
    return rows.done()


def _each(books: Books, offer: int) -> Floats:
    """Return the interest paid in each period, as a share of what was owed at its start."""
    shares = books.interest_shares(offer)
    return np.zeros(len(shares)) if books.accounts.offers.at_end[offer] else shares


def _interest_at_end(books: Books, rows: Rows, numbers: Ints, offer: int) -> None:
    """Add the interest paid at the end of a term with what was drawn or carried on at its beginning."""
    own, shares, term = books.own, books.interest_at_end(offer), len(books.accounts.offers.repaid[offer])
    begun = np.flatnonzero(shares).astype(np.int32)
    if len(begun):
        rows.term(numbers[begun + term], own.draw[offer] + begun, shares[begun] * own.draw_size(books.accounts, offer))
        if own.renew[offer] >= 0:
            rows.term(numbers[begun + term], own.renew[offer] + begun, shares[begun])


def _repaid(books: Books, rows: Rows, numbers: object, offer: int, sign: float) -> None:
    """Add what is repaid in each period of draws and renewals before it."""
    accounts, own = books.accounts, books.own
    lines = np.asarray(numbers, np.int32)
    shares = accounts.offers.repaid[offer]
    for k in np.flatnonzero(shares[: accounts.count - 1]):
        late = int(k) + 1
        drawn = np.arange(accounts.count - late, dtype=np.int32)
        rows.term(lines[late:], own.draw[offer] + drawn, sign * float(shares[k]) * own.draw_size(accounts, offer))
        if own.renew[offer] >= 0:
            rows.term(lines[late:], own.renew[offer] + drawn, sign * float(shares[k]))


def debt(books: Books) -> Block:
    r"""What is owed of a loan is what was owed, and draws and renewals, less what is repaid.

    .. math:: B_{oy} - B_{o,y-1} - d_{oy} - w_{oy} + \sum_{k=1}^{n} \rho_k\, (d + w)_{o,y-k} = -P_{oy}

    with :math:`\rho_k` the share of the principal repaid after k periods (all after n for a bullet, 1/n each for equal
    principal, :math:`i (1+i)^{k-1} / ((1+i)^n - 1)` for an annuity) and P what falls due of the debt at the start.
    """
    rows = Rows("debt")
    accounts, own = books.accounts, books.own
    count = accounts.count
    for o in range(len(accounts.offers)):
        right = -accounts.offers.due[o]
        right[0] += accounts.offers.debt[o]
        numbers = rows.add(o, right, right, count)
        every = np.arange(count, dtype=np.int32)
        rows.term(numbers, own.owed[o] + every, 1.0)
        rows.term(numbers[1:], own.owed[o] + every[:-1], -1.0)
        rows.term(numbers, own.draw[o] + every, -own.draw_size(accounts, o))
        if own.renew[o] >= 0:
            rows.term(numbers, own.renew[o] + every, -1.0)
        _repaid(books, rows, numbers, o, 1.0)
    return rows.done()


def renewal(books: Books) -> Block:
    r"""Only what falls due can be carried on without being repaid first.

    .. math:: w_{oy} - \sum_{k=1}^{n} \rho_k\, (d + w)_{o,y-k} \le P_{oy}

    for loans that allow it; a renewal is then a loan of another term, and no money moves.
    """
    rows = Rows("renewal")
    accounts, own = books.accounts, books.own
    for o in (int(o) for o in np.flatnonzero(accounts.offers.renewal)):
        count = accounts.count
        numbers = rows.add(o, -np.inf, accounts.offers.due[o], count)
        rows.term(numbers, own.renew[o] + np.arange(count, dtype=np.int32), 1.0)
        _repaid(books, rows, numbers, o, -1.0)
    return rows.done()
