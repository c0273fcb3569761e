"""Firms' books: profit and loss, cash flow and balance sheet by period, their loans, and what they add.

All is read from the ledger and the plan's columns. In the balance sheet assets come from cash, deliveries not yet paid,
stocks and plant, equity from the opening and the profits since: that both sides agree is proved by tests, not arranged.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from lodeworks.network.arrays import Floats
from lodeworks.plan.blocks.money import interest_shares
from lodeworks.plan.engine import Answer
from lodeworks.plan.ledger import INSIDE, STOCK, Entry, accounts_of, ledger
from lodeworks.plan.tables.frame import times
from lodeworks.plan.tables.values import rows_value

__all__ = ["financing", "loans", "money_tables", "statements", "value_added"]

def money_tables(answer: Answer) -> dict[str, pl.DataFrame]:
    """Return the tables of a plan with accounts; none where no firm keeps any."""
    if answer.network.accounts is None:
        return {}
    return {"statements": statements(answer), "value_added": value_added(answer), "loans": loans(answer)}


def financing(answer: Answer) -> list[tuple[str, str, str, str, float]]:
    """Return interest and tax on profit as (item, element, kind, owner, money in): costs that leave the chain."""
    accounts, own = answer.network.accounts, answer.columns.accounts
    if accounts is None or own is None:
        return []
    found = []
    for o in range(len(accounts.offers)):
        firm, loan = accounts.firm[accounts.offers.firm[o]], accounts.loan[accounts.offers.loan[o]]
        found.append(("interest", loan, "loan", firm, -float(_interest(answer, o).sum())))
    for f in np.flatnonzero(own.tax >= 0):
        found.append(("profit_tax", accounts.firm[f], "firm", accounts.firm[f], -float(_tax(answer, int(f)).sum())))
    return found


# ---- what the plan's columns say --------------------------------------------------------------------


def _run(answer: Answer, first: int) -> Floats:
    return answer.x[first : first + accounts_of(answer.network).count]


def _owed(answer: Answer, offer: int) -> Floats:
    """Return what is owed at the start and at the end of each period, shape (periods + 1,)."""
    own = answer.columns.accounts
    assert own is not None
    return np.append(accounts_of(answer.network).offers.debt[offer], _run(answer, int(own.owed[offer])))


def _interest(answer: Answer, offer: int) -> Floats:
    paid: Floats = interest_shares(answer.network, offer) * _owed(answer, offer)[:-1]
    return paid


def _tax(answer: Answer, firm: int) -> Floats:
    accounts, own = accounts_of(answer.network), answer.columns.accounts
    assert own is not None
    paid = np.zeros(accounts.count)
    if own.tax[firm] >= 0:
        for year in range(accounts.calendar_years):
            paid[accounts.last_of_year(year)] += answer.x[own.tax[firm] + year]
    return paid


def _dividends(answer: Answer, firm: int) -> tuple[Floats, Floats]:
    """Return dividends paid and received in each period."""
    accounts = accounts_of(answer.network)
    lasts = [accounts.last_of_year(year) for year in range(accounts.calendar_years)]
    paid, received = np.zeros(accounts.count), np.zeros(accounts.count)
    paid[lasts] += accounts.dividend[firm]
    for i in np.flatnonzero(accounts.owner == firm):
        received[lasts] += accounts.share[i] * accounts.dividend[accounts.payer[i]]
    return paid, received


def _sums(answer: Answer, entries: list[Entry], *, paid: bool = False) -> dict[str, Floats]:
    """Return money by item and period; trade inside the chain as sales and purchases, net for each balance."""
    sums: dict[str, Floats] = {}
    inside: dict[int, Floats] = {}
    for entry in entries:
        amount = (entry.paid if paid else entry.earned).of(answer.x)
        if entry.item == INSIDE:
            inside[entry.balance] = inside.get(entry.balance, 0.0) + amount
        else:
            sums[entry.item] = sums.get(entry.item, 0.0) + amount
    for amount in inside.values():
        sums["inside sales"] = sums.get("inside sales", 0.0) + np.maximum(amount, 0.0)
        sums["inside purchases"] = sums.get("inside purchases", 0.0) + np.minimum(amount, 0.0)
    return sums


# ---- statements -------------------------------------------------------------------------------------


def statements(answer: Answer) -> pl.DataFrame:
    """Return every firm's statements: a row a line and period; money in is positive.

    Groups of the statement `profit` are its items and the `result`; of `cash flow` operation, investment, financing
    and the `result`, which is the change in cash; of `balance sheet` assets, liabilities and equity at the end of the
    period. The firm without a name is the rest of the chain, of which only profit is known. Lines that stay nought
    are left out.
    """
    net = answer.network
    begins = times(net, accounts_of(net).periods)
    parts = []
    for firm, statement, group, line, amount in _lines(answer):
        if np.any(amount) or group == "result" or line in ("cash", "opening equity"):
            parts.append(pl.DataFrame({"time": begins, "amount": amount + 0.0}).select(
                pl.lit(firm).alias("firm"), pl.lit(statement).alias("statement"), pl.lit(group).alias("group"),
                pl.lit(line).alias("line"), pl.col("time").cast(pl.Datetime("ms")), "amount"))
    return pl.concat(parts).with_columns(pl.lit(net.currency).alias("currency"))


def _lines(answer: Answer) -> Iterator[tuple[str, str, str, str, Floats]]:
    accounts, entries = accounts_of(answer.network), ledger(answer.network, answer.columns)
    for f, name in enumerate(accounts.firm):
        mine = [entry for entry in entries if entry.firm == f]
        earned, paid = _sums(answer, mine), _sums(answer, mine, paid=True)
        held = [int(o) for o in np.flatnonzero(accounts.offers.firm == f)]
        earned["interest"] = -np.sum([_interest(answer, o) for o in held], axis=0) if held else np.zeros(accounts.count)
        earned["profit_tax"] = -_tax(answer, f)
        profit = np.sum(list(earned.values()), axis=0)
        for item, amount in earned.items():
            yield name, "profit", "items", item, amount
        yield name, "profit", "result", "profit", profit
        yield from _cash_lines(answer, name, f, earned, paid, held)
        yield from _balance_lines(answer, name, f, earned, paid, held, profit)
    rest = _sums(answer, [entry for entry in entries if entry.firm < 0])
    for item, amount in rest.items():
        yield "", "profit", "items", item, amount
    yield "", "profit", "result", "profit", np.sum([np.zeros(accounts.count), *rest.values()], axis=0)


def _cash_lines(
    answer: Answer, name: str, f: int, earned: dict[str, Floats], paid: dict[str, Floats], held: list[int]
) -> Iterator[tuple[str, str, str, str, Floats]]:
    accounts = accounts_of(answer.network)
    lines = {("investment" if item == "investment" else "operation", item): amount for item, amount in paid.items()}
    lines["operation", "profit_tax"] = earned["profit_tax"]
    out, received = _dividends(answer, f)
    drawn, repaid = np.zeros(accounts.count), np.zeros(accounts.count)
    for o in held:
        draw, renewed, principal = _moves(answer, o)
        drawn, repaid = drawn + draw, repaid - (principal - renewed)
    lines |= {("financing", "drawn"): drawn, ("financing", "repaid"): repaid,
              ("financing", "interest"): earned["interest"], ("financing", "dividends paid"): -out,
              ("financing", "dividends received"): received}
    for (group, line), amount in lines.items():
        yield name, "cash flow", group, line, amount
    yield name, "cash flow", "result", "change in cash", np.sum(list(lines.values()), axis=0)


def _balance_lines(
    answer: Answer, name: str, f: int, earned: dict[str, Floats], paid: dict[str, Floats], held: list[int],
    profit: Floats,
) -> Iterator[tuple[str, str, str, str, Floats]]:
    net, accounts, own = answer.network, accounts_of(answer.network), answer.columns.accounts
    assert own is not None
    nothing = np.zeros(accounts.count)
    opening_stock = _opening_stock(answer, f)
    built = np.array([
        net.plants.invest[p] * answer.built(p) for p in range(len(net.plants))
        if accounts.of_element[net.plants.element[p]] == f
    ]).sum()
    late = {item: np.cumsum(amount - paid.get(item, nothing)) for item, amount in earned.items()
            if item in ("revenue", "purchase", "tax", "unserved")}
    owed = np.sum([_owed(answer, o)[1:] for o in held], axis=0) if held else nothing
    out, received = _dividends(answer, f)
    yield name, "balance sheet", "assets", "cash", _run(answer, int(own.cash[f]))
    yield name, "balance sheet", "assets", "receivables", late.get("revenue", nothing)
    yield name, "balance sheet", "assets", "stocks", opening_stock + np.cumsum(earned.get(STOCK, nothing))
    yield name, "balance sheet", "assets", "plant built", built + np.cumsum(earned.get("investment", nothing))
    payables = -np.sum([nothing, *(amount for item, amount in late.items() if item != "revenue")], axis=0)
    yield name, "balance sheet", "liabilities", "payables", payables + 0.0
    unpaid = built + np.cumsum(paid.get("investment", nothing))
    yield name, "balance sheet", "liabilities", "building not yet paid", unpaid
    yield name, "balance sheet", "liabilities", "loans", owed
    opening = accounts.opening[f] + opening_stock - sum(float(accounts.offers.debt[o]) for o in held)
    yield name, "balance sheet", "equity", "opening equity", nothing + opening
    yield name, "balance sheet", "equity", "profits kept", np.cumsum(profit - out + received)


def _opening_stock(answer: Answer, f: int) -> float:
    """Return what a firm's stocks are worth at the start; a cyclic store starts as it ends."""
    net, accounts = answer.network, accounts_of(answer.network)
    worth = 0.0
    for s in range(len(net.stores)):
        if accounts.of_element[net.stores.element[s]] == f:
            last = int(answer.columns.level[s]) + net.grids[net.balances.grid[net.stores.balance[s]]].count - 1
            held = answer.x[last] if net.stores.cyclic[s] else net.stores.initial[s]
            worth += float(accounts.stock_price[s] * held)
    return worth


# ---- loans and what firms add -----------------------------------------------------------------------


def _moves(answer: Answer, offer: int) -> tuple[Floats, Floats, Floats]:
    """Return what is drawn, carried on, and falls due of a loan in each period."""
    own, owed = answer.columns.accounts, _owed(answer, offer)
    assert own is not None
    drawn = _run(answer, int(own.draw[offer])) * own.draw_size(answer.network, offer)
    renewed = _run(answer, int(own.renew[offer])) if own.renew[offer] >= 0 else np.zeros(len(drawn))
    return drawn, renewed, owed[:-1] + drawn + renewed - owed[1:]


def loans(answer: Answer) -> pl.DataFrame:
    """Return every loan of every firm by period: drawn, carried on, falling due, interest, owed at the end.

    `granted` is the most the firm may owe of it, `marginal_value` what one more unit of money granted would earn.
    Loans that move nothing and are worth nothing are left out.
    """
    net, accounts = answer.network, accounts_of(answer.network)
    begins, parts = times(net, accounts.periods), []
    for o in range(len(accounts.offers)):
        drawn, renewed, due = _moves(answer, o)
        dual, step = rows_value(answer, "credit", o)
        value = np.zeros(accounts.count)
        np.add.at(value, step + accounts.offers.first[o], -dual)
        loan = int(accounts.offers.loan[o])
        parts.append(pl.DataFrame({
            "firm": [accounts.firm[accounts.offers.firm[o]]] * accounts.count, "loan": accounts.loan[loan],
            "lender": accounts.lender[accounts.lender_of[loan]], "time": begins, "drawn": drawn, "renewed": renewed,
            "due": due, "interest": _interest(answer, o), "owed": _owed(answer, o)[1:],
            "granted": float(accounts.offers.most[o]), "marginal_value": value,
        }).with_columns(pl.col("time").cast(pl.Datetime("ms"))))
    if not parts:
        numbers = ("drawn", "renewed", "due", "interest", "owed", "granted", "marginal_value")
        return pl.DataFrame(schema={
            **dict.fromkeys(("firm", "loan", "lender"), pl.String), "time": pl.Datetime("ms"),
            **dict.fromkeys(numbers, pl.Float64), "currency": pl.String,
        })
    return pl.concat(parts).with_columns(currency=pl.lit(net.currency))


def value_added(answer: Answer) -> pl.DataFrame:
    """Return what each firm makes, adds and takes in over the horizon, three numbers that are often mistaken for one.

    `output_value` counts what is sold outside and inside the chain, and stocks gained: summed over firms it counts a
    commodity at every firm it passes. `value_added` takes off the goods bought, and sums to the chain's own. `cash` is
    the money that operation brought. The firm without a name is the rest of the chain.
    """
    net, accounts, entries = answer.network, accounts_of(answer.network), ledger(answer.network, answer.columns)
    rows = []
    for f, name in [*enumerate(accounts.firm), (-1, "")]:
        mine = [entry for entry in entries if entry.firm == f]
        earned = {item: float(amount.sum()) for item, amount in _sums(answer, mine).items()}
        received = _sums(answer, mine, paid=True)
        paid = sum(float(amount.sum()) for item, amount in received.items() if item != "investment")
        tax = float(_tax(answer, f).sum()) if f >= 0 else 0.0
        outside, inside = earned.get("revenue", 0.0), earned.get("inside sales", 0.0)
        stock = earned.get(STOCK, 0.0)
        bought, taken = -earned.get("purchase", 0.0), -earned.get("inside purchases", 0.0)
        output = outside + inside + stock
        numbers = (outside, inside, stock, output, bought, taken, output - bought - taken, paid - tax)
        rows.append((name, *(number + 0.0 for number in numbers)))
    names = ("sales_outside", "sales_inside", "stock", "output_value", "bought_outside", "bought_inside", "value_added",
             "cash")
    schema = {"firm": pl.String, **dict.fromkeys(names, pl.Float64)}
    return pl.DataFrame(rows, orient="row", schema=schema).with_columns(currency=pl.lit(net.currency))
