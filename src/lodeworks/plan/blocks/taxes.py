"""Tax on profit, and the losses of earlier years that are taken off before it.

A linear program may call a part of a profit a loss of the same year and put both down. Where that would pay is told,
and mended, in `lawful`.
"""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Floats, Ints
from lodeworks.plan.block import Block, Rows
from lodeworks.plan.books import Books

__all__ = ["losses_used", "profit_tax", "taxable"]


def profit_tax(books: Books) -> Block:
    r"""Tax is a share of a calendar year's profit, and nothing on a loss.

    .. math::

        T_{fY} - \tau_{fY} \sum_{y \in Y} \Big( \sum_j e_{fyj}\, x_j - \sum_{o \in f} i_{oy} B_{o,y-1} \Big)
        \ge \tau_{fY} E_{fY}

    with e what one unit of column j earns in y (goods delivered, paid or not; stocks at the chain price; investments
    written off over their life) and E what no column changes. Dividends received are free of tax. A firm that may
    carry losses is taxed on what is left of its profit P (see `taxable`) when losses are taken off:
    :math:`T_{fY} - \tau_{fY} (P_{fY} - \sum_l U_{lY}) \ge 0`.
    """
    rows = Rows("profit_tax")
    accounts, own = books.accounts, books.own
    years = accounts.calendar_years
    every = np.arange(years, dtype=np.int32)
    for f in (int(f) for f in np.flatnonzero(own.tax >= 0)):
        rate = accounts.tax[f]
        if own.above[f] >= 0:
            numbers = rows.add(f, 0.0, np.inf, years)
            rows.term(numbers, own.tax[f] + every, 1.0)
            rows.term(numbers, own.above[f] + every, -rate)
            for k in accounts.losses.of(f):
                when = np.arange(accounts.losses.first[k], accounts.losses.last[k] + 1, dtype=np.int32)
                rows.term(numbers[when], own.used[k] + when - when[0], rate[when])
        else:
            numbers = rows.add(f, rate * _fixed(books, f), np.inf, years)
            rows.term(numbers, own.tax[f] + every, 1.0)
            _earned(books, rows, numbers, f, -rate)
    return rows.done()


def taxable(books: Books) -> Block:
    r"""A year's profit before tax is above or below nought, for a firm that may carry losses.

    .. math::

        P_{fY} - V_{fY} - \sum_{y \in Y} \Big( \sum_j e_{fyj}\, x_j - \sum_{o \in f} i_{oy} B_{o,y-1} \Big) = E_{fY}
    """
    rows = Rows("taxable")
    accounts, own = books.accounts, books.own
    years = accounts.calendar_years
    every = np.arange(years, dtype=np.int32)
    for f in (int(f) for f in np.flatnonzero(own.above >= 0)):
        fixed = _fixed(books, f)
        numbers = rows.add(f, fixed, fixed, years)
        rows.term(numbers, own.above[f] + every, 1.0)
        rows.term(numbers, own.below[f] + every, -1.0)
        _earned(books, rows, numbers, f, np.full(years, -1.0))
    return rows.done()


def losses_used(books: Books) -> Block:
    r"""No more of a loss is taken off in later years than there is.

    .. math:: \sum_{Y=Y_l+1}^{Y_l+n} U_{lY} - V_{fY_l} \le 0

    with n the years for which it may be carried; for one of before the plan, :math:`\sum_Y U_{lY} \le A_l`.
    """
    rows = Rows("losses_used")
    accounts, own = books.accounts, books.own
    losses = accounts.losses
    for k in (int(k) for k in np.flatnonzero(own.used >= 0)):
        count = int(losses.last[k] - losses.first[k]) + 1
        number = rows.add(k, -np.inf, float(losses.amount[k]), 1)
        rows.term(np.repeat(number, count), own.used[k] + np.arange(count, dtype=np.int32), 1.0)
        if losses.year[k] >= 0:
            rows.term(number, int(own.below[losses.firm[k]] + losses.year[k]), -1.0)
    return rows.done()


def _fixed(books: Books, firm: int) -> Floats:
    """Return what a firm earns in each calendar year that no column changes."""
    accounts = books.accounts
    fixed = sum((entry.earned.fixed for entry in books.of(firm)), np.zeros(accounts.count))
    for o in books.held(firm):
        fixed[0] -= accounts.offers.debt[o] * books.interest_shares(o)[0]
    found: Floats = np.bincount(accounts.year, fixed, minlength=accounts.calendar_years).astype(float)
    return found


def _earned(books: Books, rows: Rows, numbers: Ints, firm: int, factor: Floats) -> None:
    """Add what columns earn a firm in each calendar year, times the year's factor, to its row."""
    accounts, own = books.accounts, books.own
    for entry in books.of(firm):
        year = accounts.year[entry.earned.period]
        rows.term(numbers[year], entry.earned.col, factor[year] * entry.earned.value)
    for o in books.held(firm):
        later = np.arange(1, accounts.count, dtype=np.int32)
        year = accounts.year[later]
        rows.term(numbers[year], own.owed[o] + later - 1, -factor[year] * books.interest_shares(o)[later])
