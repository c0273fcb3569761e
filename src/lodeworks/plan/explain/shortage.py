"""A firm that runs out of cash, in words: when, how much, for what, and when which loan would come."""

from __future__ import annotations

import datetime as dt

import numpy as np

from lodeworks.network.arrays import Floats, Ints, Network
from lodeworks.plan.columns import Columns
from lodeworks.plan.explain.words import number
from lodeworks.plan.ledger import accounts_of, ledger
from lodeworks.said import Said

__all__ = ["short_of_cash"]

_ITEMS = {
    "operating": Said("operation", "运行"), "unserved": Said("penalties", "罚金"),
    "investment": Said("building", "建设"),
    "fixed": Said("fixed costs", "固定成本"), "tax": Said("taxes", "税费"), "start": Said("start", "启动"),
    "stop": Said("stop", "停机"), "on": Said("on", "空载"), "freight": Said("freight", "运费"),
}
_NOTHING = Said("", "")


def short_of_cash(
    net: Network, columns: Columns, firm: int, sign: float, amount: Floats, periods: Ints, x: Floats
) -> Said:
    """Return what a firm lacks: its cash row is missed from above (`sign` below nought).

    `x` is the plan that would be followed with the missing money.
    """
    accounts = accounts_of(net)
    name, first = accounts.firm[firm], int(periods[0])
    day, last = _day(net, first), _day(net, int(periods[-1]))
    if sign > 0.0:
        return Said(f"{name} having less cash on {day}", f"{name}在{day}少留现金")
    now, then = _sum(net, float(amount[0])), _sum(net, float(amount[1:].sum()))
    needs, zh = f"{name} has no cash on {day}: needs {now} more", f"{name}在{day}现金不足：还需 {now}"
    if len(periods) > 1:
        needs, zh = f"{needs} then, and {then} by {last}", f"{zh}，到{last}再需 {then}"
    what, loans = _largest(net, columns, firm, first, x), _loans(net, firm, first)
    return Said(needs + (f" for {what}" if what else "") + loans,
                zh + (f"，用于{what.zh}" if what else "") + loans.zh)


def _day(net: Network, period: int) -> str:
    """Return the day a period begins."""
    hours = float(accounts_of(net).periods.edges[period]) * net.hours
    start = net.start.replace(tzinfo=None) + dt.timedelta(hours=hours)
    return f"{start:%Y-%m-%d}" if start.time() == dt.time() else f"{start:%Y-%m-%d %H:%M}"


def _sum(net: Network, amount: float) -> str:
    return f"{number(amount / 1e6)} M{net.currency}" if amount >= 1e6 else f"{number(amount)} {net.currency}"


def _largest(net: Network, columns: Columns, firm: int, period: int, x: Floats) -> Said:
    """Return what most money goes to in a period."""
    sums: dict[Said, float] = {}
    for entry in ledger(net, columns):
        if entry.firm == firm:
            element = net.elements[entry.element]
            item = _ITEMS.get(entry.item, Said(entry.item, entry.item))
            what = Said(element.commodity, element.commodity) if entry.item == "purchase" else item
            if entry.item in ("operating", "investment", "fixed", "start", "stop", "on"):
                what = Said(f"{what} of {element.name}", f"{element.name}的{what.zh}")
            if entry.item == "inside":
                what = Said(*[net.balances.commodity[entry.balance]] * 2)
            sums[what] = sums.get(what, 0.0) - float(entry.paid.of(x)[period])
    most = max(sums, key=lambda what: sums[what], default=_NOTHING)
    return most if most is not _NOTHING and sums[most] > 0.0 else _NOTHING


def _loans(net: Network, firm: int, period: int) -> Said:
    """Say when which loan could come; a loan to be had then has been used up."""
    accounts, offers = accounts_of(net), accounts_of(net).offers
    later = [
        (accounts.loan[offers.loan[o]], _day(net, int(offers.first[o])))
        for o in np.flatnonzero((offers.firm == firm) & (offers.most > 0.0).any(axis=1) & (offers.first > period))
        if offers.first[o] < accounts.count
    ]
    en = "; ".join(f"{loan} comes on {day} at the earliest" for loan, day in later)
    zh = "；".join(f"{loan}最早{day}到账" for loan, day in later)
    return Said("; a loan of as much would mend it" + (f" ({en})" if later else ""),
                "；有同额贷款即可" + (f"（{zh}）" if later else ""))
