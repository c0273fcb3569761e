"""Firms' books: profit and loss, cash flow and balance sheet by period, their loans, and what they add.

All is read from the ledger and the plan's columns. In the balance sheet assets come from cash, deliveries not yet paid,
stocks and plant, equity from the opening and the profits since: that both sides agree is proved by tests, not arranged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Floats
from lodeworks.plan.books import Books, books_of
from lodeworks.plan.engine import Answer
from lodeworks.plan.lawful import taken_off
from lodeworks.plan.ledger import INSIDE, STOCK, Entry
from lodeworks.plan.tables.frame import times
from lodeworks.plan.tables.values import rows_value

__all__ = [
    "Closed", "closed", "financed", "financing", "loans", "money_tables", "opening_stock", "statements", "value_added",
]

_ALL = slice(None)
PLANT = ("investment", "renewal")  # paid for what is built, and for what stands beyond its life


@dataclass(frozen=True, eq=False)
class Closed:
    """Books with a plan's numbers in them.

    Attributes
    ----------
    x
        The plan's columns.
    begins
        When each period begins.
    opening_stock
        What each firm's stocks are worth at the start, shape (firms,).
    built
        Money each firm has put into plant by the end of each period, paid or not, shape (firms, periods).
    credit
        What one more unit of money granted of each offer would earn, by period, shape (offers, periods).
    """

    books: Books
    x: Floats
    begins: Any
    currency: str
    opening_stock: Floats
    built: Floats
    credit: Floats

    def run(self, first: int) -> Floats:
        """Return the columns of a run of periods."""
        return self.x[first : first + self.books.accounts.count]

    def owed(self, offer: int) -> Floats:
        """Return what is owed at the start and at the end of each period, shape (periods + 1,)."""
        return np.append(self.books.accounts.offers.debt[offer], self.run(int(self.books.own.owed[offer])))

    def interest(self, offer: int) -> Floats:
        """Return the interest of each period, paid in it or later."""
        earned: Floats = self.books.interest_shares(offer) * self.owed(offer)[:-1]
        return earned

    def interest_paid(self, offer: int) -> Floats:
        """Return the interest paid in each period."""
        if not self.books.accounts.offers.at_end[offer]:
            return self.interest(offer)
        drawn, renewed, _ = self.moves(offer)
        paid = self.books.interest_of_debt(offer)
        term = len(self.books.accounts.offers.repaid[offer])
        paid[term:] += ((drawn + renewed) * self.books.interest_at_end(offer))[: max(len(paid) - term, 0)]
        return paid

    def tax(self, firm: int) -> Floats:
        """Return the tax on profit paid in each period."""
        accounts, own = self.books.accounts, self.books.own
        paid = np.zeros(accounts.count)
        if own.tax[firm] >= 0:
            for year in range(accounts.calendar_years):
                paid[accounts.last_of_year(year)] += self.x[own.tax[firm] + year]
        return paid

    def taxable(self, firm: int) -> tuple[Floats, Floats]:
        """Return a calendar year's profit before tax and what is taken off it of losses, each in its last period."""
        accounts, own = self.books.accounts, self.books.own
        profit, used = np.zeros(accounts.count), np.zeros(accounts.count)
        lasts = np.array([accounts.last_of_year(year) for year in range(accounts.calendar_years)])
        years = np.arange(accounts.calendar_years)
        profit[lasts] = self.x[own.above[firm] + years] - self.x[own.below[firm] + years]
        used[lasts] = taken_off(accounts, firm, profit[lasts]).sum(axis=0)  # a plan may take off too much
        return profit, used

    def dividends(self, firm: int) -> tuple[Floats, Floats]:
        """Return dividends paid and received in each period."""
        accounts = self.books.accounts
        lasts = [accounts.last_of_year(year) for year in range(accounts.calendar_years)]
        paid, received = np.zeros(accounts.count), np.zeros(accounts.count)
        paid[lasts] += accounts.dividend[firm]
        for i in np.flatnonzero(accounts.owner == firm):
            received[lasts] += accounts.share[i] * accounts.dividend[accounts.payer[i]]
        return paid, received

    def moves(self, offer: int) -> tuple[Floats, Floats, Floats]:
        """Return what is drawn, carried on, and falls due of a loan in each period."""
        own, owed = self.books.own, self.owed(offer)
        drawn = self.run(int(own.draw[offer])) * own.draw_size(self.books.accounts, offer)
        renewed = self.run(int(own.renew[offer])) if own.renew[offer] >= 0 else np.zeros(len(drawn))
        return drawn, renewed, owed[:-1] + drawn + renewed - owed[1:]

    def sums(self, entries: list[Entry], *, paid: bool = False) -> dict[str, Floats]:
        """Return money by item and period; trade inside the chain as sales and purchases, net for each balance."""
        sums: dict[str, Floats] = {}
        inside: dict[int, Floats] = {}
        for entry in entries:
            amount = (entry.paid if paid else entry.earned).of(self.x)
            if entry.item == INSIDE:
                inside[entry.balance] = inside.get(entry.balance, 0.0) + amount
            else:
                sums[entry.item] = sums.get(entry.item, 0.0) + amount
        for amount in inside.values():
            sums["inside sales"] = sums.get("inside sales", 0.0) + np.maximum(amount, 0.0)
            sums["inside purchases"] = sums.get("inside purchases", 0.0) + np.minimum(amount, 0.0)
        return sums


def closed(answer: Answer) -> Closed:
    """Return the books of a plan of one horizon."""
    net, books = answer.network, books_of(answer.network, answer.columns)
    accounts, offers = books.accounts, books.accounts.offers
    built = np.zeros(len(accounts.firm))
    for p in range(len(net.plants)):
        firm = accounts.of_element[net.plants.element[p]]
        if firm >= 0:
            built[firm] += net.plants.invest[p] * answer.built(p)
    credit = np.zeros((len(offers), accounts.count))
    for o in range(len(offers)):
        name, begins = books.limit_of_draws(o)
        dual, step = rows_value(answer, name, o)
        np.add.at(credit[o], begins[step], -dual)
    return Closed(
        books, answer.x, times(net, accounts.periods), net.currency,
        opening_stock(answer, accounts),
        np.repeat(built[:, None], accounts.count, axis=1), credit,
    )


def opening_stock(answer: Answer, accounts: Accounts) -> Floats:
    """Return what firms' stocks are worth at the start, shape (firms,); a cyclic store starts as it ends."""
    net, columns = answer.network, answer.columns
    worth = np.zeros(len(accounts.firm))
    for s in range(len(net.stores)):
        firm = int(accounts.of_element[net.stores.element[s]])
        if firm >= 0:
            last = int(columns.level[s]) + net.grids[net.balances.grid[net.stores.balance[s]]].count - 1
            begin = int(columns.begin[s])
            held = answer.x[begin] if begin >= 0 else answer.x[last] if net.stores.cyclic[s] else net.stores.initial[s]
            worth[firm] += float(accounts.stock_price[s] * held)
    return worth


def money_tables(told: Closed | None) -> dict[str, pl.DataFrame]:
    """Return the tables of a plan with accounts; none where no firm keeps any."""
    if told is None:
        return {}
    return {"statements": statements(told), "value_added": value_added(told), "loans": loans(told)}


def financing(told: Closed | None) -> list[tuple[str, str, str, str, float]]:
    """Return interest and tax on profit as (item, element, kind, owner, money in): costs that leave the chain."""
    if told is None:
        return []
    return [(*words, float(amount.sum())) for *words, amount in financed(told)]  # type: ignore[misc]


def financed(told: Closed) -> Iterator[tuple[str, str, str, str, Floats]]:
    """Yield interest and tax on profit by period: item, element, kind, owner, money in."""
    accounts = told.books.accounts
    for o in range(len(accounts.offers)):
        firm, loan = accounts.firm[accounts.offers.firm[o]], accounts.loan[accounts.offers.loan[o]]
        yield "interest", loan, "loan", firm, -told.interest(o)
    for f in np.flatnonzero(told.books.own.tax >= 0):
        yield "profit_tax", accounts.firm[f], "firm", accounts.firm[f], -told.tax(int(f))


# ---- statements -------------------------------------------------------------------------------------


def statements(told: Closed) -> pl.DataFrame:
    """Return every firm's statements: a row a line and period; money in is positive.

    Groups of the statement `profit` are its items and the `result`; of `cash flow` operation, investment, financing
    and the `result`, which is the change in cash; of `balance sheet` assets, liabilities and equity at the end of the
    period. Of a firm that may carry losses on `tax on profit` has each calendar year's profit and what is taken off it.
    The firm without a name is the rest of the chain, of which only profit is known. Lines that stay nought
    are left out.
    """
    parts = []
    for firm, statement, group, line, amount in _lines(told):
        if np.any(amount) or group == "result" or line in ("cash", "opening equity"):
            parts.append(pl.DataFrame({"time": told.begins, "amount": amount + 0.0}).select(
                pl.lit(firm).alias("firm"), pl.lit(statement).alias("statement"), pl.lit(group).alias("group"),
                pl.lit(line).alias("line"), pl.col("time").cast(pl.Datetime("ms")), "amount"))
    return pl.concat(parts).with_columns(pl.lit(told.currency).alias("currency"))


def _lines(told: Closed) -> Iterator[tuple[str, str, str, str, Floats]]:
    books, nothing = told.books, np.zeros(told.books.accounts.count)
    for f, name in enumerate(books.accounts.firm):
        mine, held = books.of(f), books.held(f)
        earned, paid = told.sums(mine), told.sums(mine, paid=True)
        earned["interest"] = -np.sum([nothing, *(told.interest(o) for o in held)], axis=0)
        earned["profit_tax"] = -told.tax(f)
        profit = np.sum(list(earned.values()), axis=0)
        for item, amount in earned.items():
            yield name, "profit", "items", item, amount
        yield name, "profit", "result", "profit", profit
        yield from _cash_lines(told, name, f, earned, paid)
        yield from _balance_lines(told, name, f, earned, paid, profit)
        if books.own.above[f] >= 0:
            before, used = told.taxable(f)
            yield name, "tax on profit", "items", "profit before tax", before
            yield name, "tax on profit", "items", "losses used", -used
            yield name, "tax on profit", "result", "taxable", np.maximum(before, 0.0) - used
    rest = told.sums(books.of(-1))
    for item, amount in rest.items():
        yield "", "profit", "items", item, amount
    yield "", "profit", "result", "profit", np.sum([nothing, *rest.values()], axis=0)


def _cash_lines(
    told: Closed, name: str, f: int, earned: dict[str, Floats], paid: dict[str, Floats]
) -> Iterator[tuple[str, str, str, str, Floats]]:
    lines = {("investment" if item in PLANT else "operation", item): amount for item, amount in paid.items()}
    lines["operation", "profit_tax"] = earned["profit_tax"]
    out, received = told.dividends(f)
    drawn, repaid, interest = np.zeros(len(out)), np.zeros(len(out)), np.zeros(len(out))
    for o in told.books.held(f):
        draw, renewed, principal = told.moves(o)
        drawn, repaid, interest = drawn + draw, repaid - (principal - renewed), interest - told.interest_paid(o)
    lines |= {("financing", "drawn"): drawn, ("financing", "repaid"): repaid, ("financing", "interest"): interest,
              ("financing", "dividends paid"): -out, ("financing", "dividends received"): received}
    for (group, line), amount in lines.items():
        yield name, "cash flow", group, line, amount
    yield name, "cash flow", "result", "change in cash", np.sum(list(lines.values()), axis=0)


def _balance_lines(
    told: Closed, name: str, f: int, earned: dict[str, Floats], paid: dict[str, Floats], profit: Floats
) -> Iterator[tuple[str, str, str, str, Floats]]:
    books, accounts = told.books, told.books.accounts
    nothing = np.zeros(accounts.count)
    held, opening_stock, built = books.held(f), float(told.opening_stock[f]), told.built[f]
    late = {item: np.cumsum(amount - paid.get(item, nothing)) for item, amount in earned.items()
            if item in ("revenue", "purchase", "tax", "unserved")}
    owed = np.sum([nothing, *(told.owed(o)[1:] for o in held)], axis=0)
    out, received = told.dividends(f)
    yield name, "balance sheet", "assets", "cash", told.run(int(books.own.cash[f]))
    yield name, "balance sheet", "assets", "receivables", late.get("revenue", nothing)
    yield name, "balance sheet", "assets", "stocks", opening_stock + np.cumsum(earned.get(STOCK, nothing))
    yield name, "balance sheet", "assets", "plant built", built + np.cumsum(earned.get("investment", nothing))
    payables = -np.sum([nothing, *(amount for item, amount in late.items() if item != "revenue")], axis=0)
    yield name, "balance sheet", "liabilities", "payables", payables + 0.0
    unpaid = built + np.cumsum(paid.get("investment", nothing))
    yield name, "balance sheet", "liabilities", "building not yet paid", unpaid
    yield name, "balance sheet", "liabilities", "loans", owed
    accrued = sum(float(accounts.offers.accrued[o]) for o in held)
    late_interest = [told.interest(o) - told.interest_paid(o) for o in held if accounts.offers.at_end[o]]
    yield name, "balance sheet", "liabilities", "interest payable", accrued + np.cumsum(
        np.sum([nothing, *late_interest], axis=0))
    opening = accounts.opening[f] + opening_stock - accrued - sum(float(accounts.offers.debt[o]) for o in held)
    yield name, "balance sheet", "equity", "opening equity", nothing + opening
    yield name, "balance sheet", "equity", "profits kept", np.cumsum(profit - out + received)


# ---- loans and what firms add -----------------------------------------------------------------------


def loans(told: Closed) -> pl.DataFrame:
    """Return every loan of every firm by period: drawn, carried on, falling due, interest, owed at the end.

    `interest` is that of the period, `interest_paid` what is paid of it and of earlier ones.

    `granted` is the most the firm may owe of it, `marginal_value` what one more unit of money granted would earn.
    Loans that move nothing and are worth nothing are left out.
    """
    accounts, parts = told.books.accounts, []
    for o in range(len(accounts.offers)):
        drawn, renewed, due = told.moves(o)
        loan = int(accounts.offers.loan[o])
        parts.append(pl.DataFrame({
            "firm": [accounts.firm[accounts.offers.firm[o]]] * accounts.count, "loan": accounts.loan[loan],
            "lender": accounts.lender[accounts.lender_of[loan]], "time": told.begins, "drawn": drawn,
            "renewed": renewed, "due": due, "interest": told.interest(o),
            "interest_paid": told.interest_paid(o), "owed": told.owed(o)[1:],
            "granted": accounts.offers.most[o], "marginal_value": told.credit[o],
        }).with_columns(pl.col("time").cast(pl.Datetime("ms"))))
    if not parts:
        numbers = ("drawn", "renewed", "due", "interest", "interest_paid", "owed", "granted", "marginal_value")
        return pl.DataFrame(schema={
            **dict.fromkeys(("firm", "loan", "lender"), pl.String), "time": pl.Datetime("ms"),
            **dict.fromkeys(numbers, pl.Float64), "currency": pl.String,
        })
    return pl.concat(parts).with_columns(currency=pl.lit(told.currency))


def value_added(told: Closed, periods: slice = _ALL) -> pl.DataFrame:
    """Return what each firm makes, adds and takes in over the horizon, three numbers that are often mistaken for one.

    `output_value` counts what is sold outside and inside the chain, and stocks gained: summed over firms it counts a
    commodity at every firm it passes. `value_added` takes off the goods bought, and sums to the chain's own. `cash` is
    the money that operation brought. The firm without a name is the rest of the chain. `periods` are those that count.
    """
    rows = []
    for f, name in [*enumerate(told.books.accounts.firm), (-1, "")]:
        mine = told.books.of(f)
        earned = {item: float(amount[periods].sum()) for item, amount in told.sums(mine).items()}
        received = told.sums(mine, paid=True)
        paid = sum(float(amount[periods].sum()) for item, amount in received.items() if item not in PLANT)
        tax = float(told.tax(f)[periods].sum()) if f >= 0 else 0.0
        outside, inside = earned.get("revenue", 0.0), earned.get("inside sales", 0.0)
        stock = earned.get(STOCK, 0.0)
        bought, taken = -earned.get("purchase", 0.0), -earned.get("inside purchases", 0.0)
        output = outside + inside + stock
        numbers = (outside, inside, stock, output, bought, taken, output - bought - taken, paid - tax)
        rows.append((name, *(number + 0.0 for number in numbers)))
    names = ("sales_outside", "sales_inside", "stock", "output_value", "bought_outside", "bought_inside", "value_added",
             "cash")
    schema = {"firm": pl.String, **dict.fromkeys(names, pl.Float64)}
    return pl.DataFrame(rows, orient="row", schema=schema).with_columns(currency=pl.lit(told.currency))
