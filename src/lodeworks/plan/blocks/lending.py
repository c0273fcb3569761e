"""The limits of loans: what a firm is granted, its turnover and pledge, and what lenders have."""

from __future__ import annotations

import numpy as np

from lodeworks.plan.block import Block, Rows
from lodeworks.plan.books import Books
from lodeworks.plan.ledger import INSIDE

__all__ = ["credit", "drawn_once", "lending", "loan_total", "pledge", "turnover"]


def credit(books: Books) -> Block:
    r"""A firm draws no more than it is granted, and what it repaid only after the time to pay out.

    .. math:: B_{o,y-1-m} + \sum_{y' = y-m}^{y} d_{oy'} \le \overline{B}_{oy}

    for each period in which money may come; m is the whole periods of the time to pay out. Who repays in y and asks
    again has the new money in y + 1 + m at the earliest, which is why renewing is worth something. Over stages a firm
    may be granted more or less from one on; where nothing is, nothing is drawn, and what is owed runs on as agreed.
    Loans that do not revolve have their own limit, `drawn_once`.
    """
    rows = Rows("credit")
    accounts, own = books.accounts, books.own
    offers = accounts.offers
    for o in (int(o) for o in np.flatnonzero((offers.most > 0.0).any(axis=1) & offers.revolving)):
        most, wait = offers.most[o], int(offers.wait[o])
        limit = np.maximum(np.where(most > 0.0, most, most.max()), offers.debt[o])
        open_ = books.open_periods(o)
        if not len(open_):
            continue
        before = open_ - 1 - wait
        numbers = rows.add(o, -np.inf, limit[open_] - np.where(before < 0, offers.debt[o], 0.0), len(open_))
        rows.term(numbers[before >= 0], own.owed[o] + before[before >= 0], 1.0)
        for back in range(wait + 1):
            there = open_ - back >= 0
            rows.term(numbers[there], own.draw[o] + open_[there] - back, own.draw_size(accounts, o))
    return rows.done()


def drawn_once(books: Books) -> Block:
    r"""What a firm draws of a loan that does not revolve stays within what it is granted, repaid or not.

    .. math:: \sum_{y' \le y} d_{oy'} \le \max_{y' \le y} \overline{B}_{oy'} - B_{o0}

    for the last period y in which as much is granted. What is owed at the start was drawn before, and what is carried
    on is not drawn again.
    """
    rows = Rows("drawn_once")
    accounts, own = books.accounts, books.own
    offers = accounts.offers
    for o in (int(o) for o in np.flatnonzero((offers.most > 0.0).any(axis=1) & ~offers.revolving)):
        _, ends, most = books.stretches(o)
        numbers = rows.add(o, -np.inf, most, len(ends))
        for number, end in zip(numbers, ends, strict=True):
            drawn = np.arange(offers.first[o], end + 1, dtype=np.int32)
            rows.term(np.repeat(number, len(drawn)), own.draw[o] + drawn, own.draw_size(accounts, o))
    return rows.done()


def turnover(books: Books) -> Block:
    r"""A loan that looks at turnover is drawn up to a share of a year's sales.

    .. math:: \sum_y d_{oy} - \frac{\varphi_o}{a} \sum_y \sum_j s_{fyj}\, x_j \le \frac{\varphi_o}{a} S_f

    with s the sales one unit of column j earns the firm, outside the chain and to balances it shares with others, and
    a the length of the horizon in years. Over stages there is such a row for every year, of its draws and its sales.
    """
    rows = Rows("turnover")
    accounts, own = books.accounts, books.own
    offers = accounts.offers
    for o in (int(o) for o in np.flatnonzero(np.isfinite(offers.turnover) & (offers.most > 0.0).any(axis=1))):
        sold = [e.earned for e in books.of(int(offers.firm[o])) if (
            e.item == "revenue" or (e.item == INSIDE and np.all(e.earned.value >= 0.0)))]
        which = accounts.year if books.yearly else np.zeros(accounts.count, np.int32)
        lengths = np.bincount(which, accounts.years)
        share = float(offers.turnover[o]) / lengths
        fixed = sum((np.bincount(which, sums.fixed) for sums in sold), np.zeros(len(lengths)))
        numbers = rows.add(o, -np.inf, share * fixed, len(lengths))
        drawn = own.draw[o] + np.arange(accounts.count, dtype=np.int32)
        rows.term(numbers[which], drawn, own.draw_size(accounts, o))
        for sums in sold:
            year = which[sums.period]
            rows.term(numbers[year], sums.col, -share[year] * sums.value)
    return rows.done()


def pledge(books: Books) -> Block:
    r"""What is owed of loans that want a pledge is covered by what the firm can pledge.

    .. math:: \sum_{o \in f} B_{oy} / \lambda_o \le V_{fy}
    """
    rows = Rows("pledge")
    accounts, own = books.accounts, books.own
    offers = accounts.offers
    for f in range(len(accounts.firm)):
        wanting = [int(o) for o in np.flatnonzero((offers.firm == f) & (offers.pledge > 0.0))]
        if wanting:
            numbers = rows.add(f, -np.inf, accounts.collateral[f], accounts.count)
            for o in wanting:
                rows.term(numbers, own.owed[o] + np.arange(accounts.count, dtype=np.int32), 1.0 / offers.pledge[o])
    return rows.done()


def lending(books: Books) -> Block:
    r"""A lender pays out no more in a calendar year than it has; renewals pay nothing out.

    .. math:: \sum_{o \in l} \sum_{y \in Y} d_{oy} \le A_{lY}
    """
    rows = Rows("lending")
    accounts, own = books.accounts, books.own
    offers = accounts.offers
    limited = np.isfinite(accounts.lends)
    for lender in (int(k) for k in np.flatnonzero(limited.any(axis=1))):
        years = np.flatnonzero(limited[lender])
        numbers = np.full(accounts.calendar_years, -1, np.int32)
        numbers[years] = rows.add(lender, -np.inf, accounts.lends[lender][years], len(years))
        every = np.flatnonzero(limited[lender][accounts.year]).astype(np.int32)
        for o in (int(o) for o in np.flatnonzero(accounts.lender_of[offers.loan] == lender)):
            rows.term(numbers[accounts.year[every]], own.draw[o] + every, own.draw_size(accounts, o))
    return rows.done()


def loan_total(books: Books) -> Block:
    r"""All firms together draw no more of a product than there is.

    .. math:: \sum_{o \in p} \sum_y d_{oy} \le A_p
    """
    rows = Rows("loan_total")
    accounts, own = books.accounts, books.own
    for loan in (int(k) for k in np.flatnonzero(np.isfinite(accounts.total))):
        numbers = rows.add(loan, -np.inf, float(accounts.total[loan]), 1)
        for o in (int(o) for o in np.flatnonzero(accounts.offers.loan == loan)):
            every = np.arange(accounts.count, dtype=np.int32)
            rows.term(np.repeat(numbers, accounts.count), own.draw[o] + every, own.draw_size(accounts, o))
    return rows.done()
