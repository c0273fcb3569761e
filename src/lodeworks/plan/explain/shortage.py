"""A firm that runs out of cash, in words: when, how much, for what, and when which loan would come."""

from __future__ import annotations

import datetime as dt

import numpy as np

from lodeworks.network.arrays import Floats, Ints, Network
from lodeworks.plan.columns import Columns
from lodeworks.plan.explain.words import number
from lodeworks.plan.ledger import accounts_of, ledger

__all__ = ["short_of_cash"]

_ITEMS = {"operating": "operation", "unserved": "penalties", "investment": "building", "fixed": "fixed costs",
          "tax": "taxes"}


def short_of_cash(
    net: Network, columns: Columns, firm: int, sign: float, amount: Floats, periods: Ints, x: Floats
) -> str:
    """Return what a firm lacks: its cash row is missed from above (`sign` below nought).

    `x` is the plan that would be followed with the missing money.
    """
    accounts = accounts_of(net)
    name, first = accounts.firm[firm], int(periods[0])
    if sign > 0.0:
        return f"{name} having less cash on {_day(net, first)}"
    needs = f"{name} has no cash on {_day(net, first)}: needs {_sum(net, float(amount[0]))} more"
    if len(periods) > 1:
        needs += f" then, and {_sum(net, float(amount[1:].sum()))} by {_day(net, int(periods[-1]))}"
    what = _largest(net, columns, firm, first, x)
    return needs + (f" for {what}" if what else "") + _loans(net, firm, first)


def _day(net: Network, period: int) -> str:
    """Return the day a period begins."""
    hours = float(accounts_of(net).periods.edges[period]) * net.hours
    start = net.start.replace(tzinfo=None) + dt.timedelta(hours=hours)
    return f"{start:%Y-%m-%d}" if start.time() == dt.time() else f"{start:%Y-%m-%d %H:%M}"


def _sum(net: Network, amount: float) -> str:
    return f"{number(amount / 1e6)} M{net.currency}" if amount >= 1e6 else f"{number(amount)} {net.currency}"


def _largest(net: Network, columns: Columns, firm: int, period: int, x: Floats) -> str:
    """Return what most money goes to in a period."""
    sums: dict[str, float] = {}
    for entry in ledger(net, columns):
        if entry.firm == firm:
            element = net.elements[entry.element]
            what = element.commodity if entry.item == "purchase" else _ITEMS.get(entry.item, entry.item)
            if entry.item in ("operating", "investment", "fixed", "start", "stop", "on"):
                what = f"{what} of {element.name}"
            if entry.item == "inside":
                what = net.balances.commodity[entry.balance]
            sums[what] = sums.get(what, 0.0) - float(entry.paid.of(x)[period])
    most = max(sums, key=lambda what: sums[what], default="")
    return most if most and sums[most] > 0.0 else ""


def _loans(net: Network, firm: int, period: int) -> str:
    """Say when which loan could come; a loan to be had then has been used up."""
    accounts, offers = accounts_of(net), accounts_of(net).offers
    later = [
        f"{accounts.loan[offers.loan[o]]} comes on {_day(net, int(offers.first[o]))} at the earliest"
        for o in np.flatnonzero((offers.firm == firm) & (offers.most > 0.0).any(axis=1) & (offers.first > period))
        if offers.first[o] < accounts.count
    ]
    return "; a loan of as much would mend it" + (f" ({'; '.join(later)})" if later else "")
