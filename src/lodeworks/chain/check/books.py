"""What stands in the books of firms and can have no effect: loans never drawn, money that reaches nobody. All warnings.

What cannot be owed, owned or paid at all is in `finance`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from lodeworks.chain.check.context import Context, flows_of
from lodeworks.chain.check.structure import Balance
from lodeworks.chain.entities import Firm, Loan
from lodeworks.chain.periods import CALENDAR
from lodeworks.errors import Problem
from lodeworks.units import UnitProblem, parse_quantity

__all__ = ["drawable", "ineffective", "unpriced", "unusual_terms"]

_YEAR = 8760.0
_HIGH_RATE = 0.36  # a year: beyond what lenders may ask of firms; most often a rate a month, or a slip of the point


def drawable(context: Context) -> Iterator[Problem]:
    """A loan that is granted can be drawn: by its lump, its total, its lender, its pledge, its days and the sales."""
    chain, end = context.chain, _end(context)
    selling = {demand.owner for demand in chain.demands.values()} | {
        owner for makers, takers in _sides(context).values() for owner in makers if set(takers) - {owner}}
    for name, loan in chain.loans.items():
        where, lump = f"loans.{name}", context.value(f"loans.{name}", "lump")
        comes = _comes(context, where, loan)
        if end is not None and comes is not None and comes >= end:
            yield _never("its money comes after the end", where, "earliest" if loan.earliest is not None else "payout",
                         f"{comes:%Y-%m-%d}", f"before {end:%Y-%m-%d}")
        lender = chain.lenders.get(loan.lender)
        limits = [(loan.total, where, "total")]
        limits += [(lender.most, f"lenders.{loan.lender}", "most")] if lender is not None else []
        for limit, element, key in limits:
            if limit is not None and _too_little(context.value(element, key), lump) and not chain.stages:
                yield _never(f"too little for {name}", element, key, str(limit), _enough(name, loan, lump))
        for own, firm in chain.firms.items():
            if name in firm.credit:
                yield from _granted(context, own, firm, name, loan, selling)


def _granted(
    context: Context, own: str, firm: Firm, name: str, loan: Loan, selling: set[str]
) -> Iterator[Problem]:
    """Say why a firm can never draw what it is granted."""
    where, lump = f"firms.{own}", context.value(f"loans.{name}", "lump")
    changing = bool(context.chain.stages or context.chain.scenarios)  # which may grant more
    if _too_little(context.value(where, f"credit.{name}"), lump) and not changing:
        yield _never(f"too little for {name}", where, f"credit.{name}", str(firm.credit[name]),
                     _enough(name, loan, lump))
    owed = context.value(where, f"debts.{name}.amount") if name in firm.debts else None
    granted = context.value(where, f"credit.{name}")
    if not loan.revolving and owed is not None and granted is not None and 0.0 < granted <= owed and not changing:
        yield _never(f"{name} is drawn once, and as much is owed at the start", where, f"credit.{name}",
                     str(firm.credit[name]), f"more than {firm.debts[name].amount}, or nothing")
    if loan.pledge is not None and not context.value(where, "collateral") and not changing:
        yield _never(f"{name} wants a pledge, and nothing can be pledged", where, "collateral",
                     str(firm.collateral) if firm.collateral is not None else "nothing",
                     "what it can pledge, such as `collateral: 3 MCNY`")
    if loan.turnover is not None and own not in selling:
        yield _never(f"{name} looks at turnover, and this firm sells nothing", where, f"credit.{name}", "",
                     f"a demand with `owner: {own}`")


def _too_little(most: float | None, lump: float | None) -> bool:
    """Say whether nothing can be drawn; what is faulty is told elsewhere."""
    return most is not None and 0.0 <= most < max(lump or 0.0, 1e-9)


def _enough(name: str, loan: Loan, lump: float | None) -> str:
    return f"at least the lump of {name}, {loan.lump}" if lump else "more than 0"


def _never(why: str, element: str, key: str, found: str, expected: str) -> Problem:
    return _told(f"{why}: it is never drawn", element, key, found, expected)


def _told(message: str, element: str, key: str, found: str, expected: str) -> Problem:
    return Problem(message, element=element, key=key, found=found, expected=expected, severity="warning")


def unusual_terms(context: Context) -> Iterator[Problem]:
    """A rate, a term or a day that most often is a slip is told."""
    chain, period = context.chain, _period(context)
    for name, loan in chain.loans.items():
        where = f"loans.{name}"
        rate, term = context.value(where, "rate"), context.value(where, "term")
        if rate is not None and _HIGH_RATE < rate * _YEAR <= 1.0:
            yield _told(f"a high rate, {rate * _YEAR:.0%} a year", where, "rate", str(loan.rate),
                        "a rate a year, such as 3.85 %/a")
        if term is None or term <= 0.0:
            continue
        if period is not None:
            whole = max(1, round(term / period))
            if abs(whole * period - term) > 0.1 * term:
                yield _told("a term counts in whole periods of account", where, "term", str(loan.term),
                            f"{whole} × {_called(context)}, as which it is taken; or a shorter `accounts.period`")
        if context.steps is not None:
            latest = context.steps.start + dt.timedelta(hours=min(term, 1e6) * 1.02)
            for own, firm in chain.firms.items():
                debt = firm.debts.get(name)
                if debt is not None and debt.due.replace(tzinfo=None) > latest:
                    yield _told("what is owed at the start is due later than a whole term from then", f"firms.{own}",
                                f"debts.{name}.due", f"{debt.due:%Y-%m-%d}",
                                f"at latest {latest:%Y-%m-%d}, {loan.term} after the start")


def ineffective(context: Context) -> Iterator[Problem]:
    """What is said of money and changes nothing is told: a slip most often stands beside it."""
    chain = context.chain
    keeping = {name for name, firm in chain.firms.items() if firm.cash is not None}
    if not keeping and chain.loans:
        yield _told("no firm has `cash`, so nothing is lent", f"loans.{next(iter(chain.loans))}", "", "",
                    "`cash` of the firms that borrow")
    pledged = any(loan.pledge is not None for loan in chain.loans.values())
    for name, firm in chain.firms.items():
        where = f"firms.{name}"
        for owner in firm.owners:
            if owner in chain.firms and owner not in keeping and firm.dividend is not None:
                yield _told(f"{owner} keeps no accounts, so its share of the dividend leaves the chain", where,
                            f"owners.{owner}", "", f"`cash` of {owner}")
        if firm.collateral is not None and name in keeping and not pledged:
            yield _told("no loan wants a pledge", where, "collateral", "", "a `pledge` of a loan")
    yield from _payments(context, keeping)
    yield from _period_of_account(context, bool(keeping))


def _payments(context: Context, keeping: set[str]) -> Iterator[Problem]:
    """Say where money that is paid later reaches nobody, or not in time."""
    chain, end = context.chain, _end(context)
    for section in ("supplies", "demands"):
        for name, trade in getattr(chain, section).items():
            where = f"{section}.{name}"
            if trade.payment is None or (trade.owner and trade.owner not in chain.firms):
                continue
            if trade.owner not in keeping:
                yield _told("only what belongs to a firm with `cash` is paid later", where, "payment",
                            f"owner {trade.owner}" if trade.owner else "no owner",
                            "the `owner` who waits for the money")
            elif end is not None and context.steps is not None:
                wait = min(context.value(where, "payment") or 0.0, 1e7)
                if context.steps.start + dt.timedelta(hours=wait) >= end:
                    yield _told("nothing of it is paid before the end", where, "payment", str(trade.payment),
                                "less than the horizon")


def _period_of_account(context: Context, kept: bool) -> Iterator[Problem]:
    """Say where a period that is given is none of the accounts."""
    chain, period, steps = context.chain, _period(context), context.steps
    if "period" not in chain.accounts.model_fields_set:
        return
    if not kept:
        yield _told("no firm has `cash`, so no accounts are kept", "accounts", "period", "", "`cash` of a firm")
    elif chain.horizon.stages and chain.accounts.period != "year":
        yield _told("over stages accounts are kept by the year", "accounts", "period", chain.accounts.period,
                    "year, or nothing")
    elif period is not None and steps is not None and period > steps.hours * steps.count * 1.5:
        yield _told("longer than the horizon: cash is looked at once, at its end", "accounts", "period",
                    chain.accounts.period, "such as month")


def unpriced(context: Context) -> Iterator[Problem]:
    """What passes from a firm with cash to others, or to it, has a price: without one no money passes."""
    chain = context.chain
    if not any(firm.cash is not None for firm in chain.firms.values()):
        return
    told: set[str] = set()
    for (name, site), (makers, takers) in _sides(context).items():
        commodity = chain.commodities.get(name)
        if commodity is None or name in told or commodity.price is not None or site in commodity.prices:
            continue
        passing = next(((one, other) for one in makers for other in takers if one != other), None)
        if passing is not None:
            told.add(name)
            one, other = (owner or "no owner" for owner in passing)
            unit = f"{chain.currency}/{commodity.unit}"
            yield _told(f"passes from {one} to {other} without a price, so no money passes", f"commodities.{name}",
                        "price", "",
                        f"the `owner` of both sides alike, or `price: … {unit}` (0 {unit} where it is given away)")


def _sides(context: Context) -> dict[Balance, tuple[dict[str, str], dict[str, str]]]:
    """Return who brings to each balance and who takes from it, by the firm that keeps accounts; else ''."""
    chain, found = context.chain, dict[Balance, tuple[dict[str, str], dict[str, str]]]()
    single = len(chain.sites) < 2

    def put(commodity: str, site: str, side: int, owner: str, element: str) -> None:
        shared = single or (commodity in chain.commodities and chain.commodities[commodity].shared)
        firm = chain.firms.get(owner)
        who = owner if firm is not None and firm.cash is not None else ""
        found.setdefault((commodity, "" if shared else site), ({}, {}))[side].setdefault(who, element)

    for name, process in chain.processes.items():
        for side, flows in enumerate(reversed(flows_of(process))):
            for commodity, site in flows:
                put(commodity, site, side, process.owner, name)
    for name, supply in chain.supplies.items():
        put(supply.commodity, supply.site, 0, supply.owner, name)
    for name, demand in chain.demands.items():
        put(demand.commodity, demand.site, 1, demand.owner, name)
    for name, store in chain.stores.items():
        for side in (0, 1):
            put(store.commodity, store.site, side, store.owner, name)
    for name, route in chain.routes.items():
        if not single:
            put(route.commodity, route.to, 0, route.owner, name)
            put(route.commodity, route.from_, 1, route.owner, name)
    return found


def _period(context: Context) -> float | None:
    """Return the length of a period of account in hours; None where it is faulty."""
    chain = context.chain
    if chain.horizon.stages:
        return _YEAR
    if chain.accounts.period in CALENDAR:
        return _YEAR * CALENDAR[chain.accounts.period] / 12.0
    try:
        return context.measures.units.convert(parse_quantity(chain.accounts.period), "h") or None
    except (ValueError, UnitProblem):
        return None


def _called(context: Context) -> str:
    return "year" if context.chain.horizon.stages else context.chain.accounts.period


def _end(context: Context) -> dt.datetime | None:
    """Return when the accounts end; None where the horizon is faulty."""
    steps, years = context.steps, context.chain.horizon.stages
    if steps is None:
        return None
    if not years:
        return steps.start + dt.timedelta(hours=steps.hours * steps.count)
    last = context.value("horizon", "last")
    length = last / _YEAR if last else float(years[-1] - years[-2]) if len(years) > 1 else 1.0
    return dt.datetime(min(years[-1] + max(1, round(length)), 9000), 1, 1)


def _comes(context: Context, where: str, loan: Loan) -> dt.datetime | None:
    """Return when a loan's money comes first."""
    steps, years = context.steps, context.chain.horizon.stages
    if steps is None:
        return None
    start = dt.datetime(years[0], 1, 1) if years else steps.start
    asked = max(start, loan.earliest.replace(tzinfo=None)) if loan.earliest is not None else start
    return asked + dt.timedelta(hours=min(context.value(where, "payout") or 0.0, 1e7))
