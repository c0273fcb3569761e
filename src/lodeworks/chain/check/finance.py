"""Firms, lenders and loans: what cannot be owed, owned or paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from lodeworks.chain.check.context import Context, given_by
from lodeworks.chain.entities import Firm, Loan
from lodeworks.chain.periods import account_periods, moment
from lodeworks.errors import InputError, Problem, nearest

__all__ = ["accounts", "firms", "loans", "losses", "surplus_sold"]

REPAYMENTS = ("bullet", "equal principal", "annuity", "single payment")
_CALLED_TOO = {  # what people and banks call them
    "annuity": ("equal instalments", "equal installments", "equal payments", "instalments", "installments", "等额本息"),
    "equal principal": ("linear", "straight", "constant principal", "等额本金"),
    "bullet": ("interest only", "balloon", "at maturity", "先息后本", "到期还本", "按月付息到期还本",
               "按季付息到期还本", "一次还本"),
    "single payment": ("at the end", "lump sum", "interest at the end", "interest with principal", "all at maturity",
                       "利随本清", "一次还本付息", "到期还本付息", "到期一次还本付息", "到期一次性还本付息"),
}
_HOURS_A_YEAR = 8760.0


def accounts(context: Context) -> Iterator[Problem]:
    """Periods of account are whole steps of a horizon; a horizon of typical periods has none but years of stages."""
    chain = context.chain
    kept = [name for name, firm in chain.firms.items() if firm.cash is not None]
    if kept and chain.horizon.periods and not chain.horizon.stages:
        yield Problem("accounts need time that passes, which typical periods have only over stages",
                      element=f"firms.{kept[0]}", key="cash",
                      expected="`horizon.stages`, a horizon without periods, or firms without cash")
    if context.steps is None:
        return
    try:
        account_periods(context.chain.accounts.period, context.steps, context.measures.units)
    except InputError as error:
        yield from error.problems


def firms(context: Context) -> Iterator[Problem]:
    """A firm's money starts at nought or above, and nobody owns himself."""
    chain = context.chain
    told: set[frozenset[str]] = set()
    for name, firm in chain.firms.items():
        where = f"firms.{name}"
        yield from _without_cash(where, firm)
        opening, least = context.value(where, "cash"), context.value(where, "least_cash")
        if opening is not None and least is not None and 0.0 <= opening < least and not firm.credit:
            yield Problem("starts with less cash than it must keep, and may draw no loan", element=where, key="cash",
                          found=str(firm.cash), expected=f"at least {firm.least_cash}", severity="warning")
        shares = [context.value(where, f"owners.{owner}") for owner in firm.owners]
        total = sum(share for share in shares if share is not None)
        if total > 1.0 + 1e-9:
            yield Problem("its owners hold more than the whole", element=where, key="owners", found=f"{total:.4g}",
                          expected="shares of together 100 % at most")
        circle = _circle(chain.firms, name)
        if circle and frozenset(circle) not in told:  # once, not by each firm in it
            told.add(frozenset(circle))
            yield Problem("firms own one another in a circle", element=where, key="owners",
                          found=" owned by ".join(circle), expected="owners that the firm does not own in turn")
        for loan, debt in firm.debts.items():
            if context.steps is not None and debt.due.replace(tzinfo=None) <= context.steps.start:
                yield Problem("due before the plan begins", element=where, key=f"debts.{loan}.due",
                              found=f"{debt.due:%Y-%m-%d}", expected=f"after {context.steps.start:%Y-%m-%d}")
            if debt.accrued is not None and loan in chain.loans and chain.loans[loan].repayment != "single payment":
                yield Problem("its interest is paid every period, so none is left from before", element=where,
                              key=f"debts.{loan}.accrued", found=str(debt.accrued),
                              expected=f"nothing, or `repayment: single payment` of {loan}")


def losses(context: Context) -> Iterator[Problem]:
    """Losses are carried for whole years, by who pays tax on profit, and come from years before the plan."""
    for name, firm in context.chain.firms.items():
        where, carry = f"firms.{name}", context.value(f"firms.{name}", "loss_carry")
        if firm.losses and firm.loss_carry is None:
            yield Problem("losses that may not be carried on", element=where, key="losses",
                          found=", ".join(firm.losses), expected="`loss_carry: 5 a`, or no losses")
        if carry is not None and abs(carry / _HOURS_A_YEAR - round(carry / _HOURS_A_YEAR)) > 0.01:
            yield Problem("losses are carried for whole years", element=where, key="loss_carry",
                          found=str(firm.loss_carry), expected="such as 5 a")
        if firm.loss_carry is not None and firm.profit_tax is None and not context.chain.stages:
            yield Problem("pays no tax on profit, so losses are of no use", element=where, key="loss_carry",
                          expected="`profit_tax: 25 %`", severity="warning")
        for year in firm.losses:
            begins = context.steps.start.year if context.steps is not None else None
            if not year.isdigit() or len(year) != 4:
                yield Problem("not a year", element=where, key=f"losses.{year}", found=year, expected="such as 2024")
            elif begins is not None and int(year) >= begins:
                yield Problem("a loss of a year that is planned", element=where, key=f"losses.{year}", found=year,
                              expected=f"years before {begins}")
            elif begins is not None and carry is not None and int(year) + round(carry / _HOURS_A_YEAR) < begins:
                yield Problem("too old to be taken off", element=where, key=f"losses.{year}", found=year,
                              expected=f"{begins - round(carry / _HOURS_A_YEAR)} or later", severity="warning")


def _without_cash(where: str, firm: Firm) -> Iterator[Problem]:
    """What only a firm with accounts can have."""
    if firm.cash is not None:
        return
    for key in ("least_cash", "profit_tax", "loss_carry", "losses", "dividend", "collateral", "credit", "debts"):
        if getattr(firm, key):
            yield Problem("a firm without `cash` keeps no accounts", element=where, key=key,
                          expected="cash at the start, such as `cash: 2 MCNY` or `cash: 0 CNY`")


def _circle(firms: dict[str, Firm], start: str) -> list[str]:
    """Return the way from a firm through its owners back to it; empty where there is none."""
    waiting = [[start]]
    seen: set[str] = set()
    while waiting:
        way = waiting.pop()
        for owner in firms[way[-1]].owners:
            if owner == start:
                return [*way, owner]
            if owner in firms and owner not in seen:
                seen.add(owner)
                waiting.append([*way, owner])
    return []


def loans(context: Context) -> Iterator[Problem]:
    """A loan has a lender, a rate people would pay, a term, and a day on which it can be drawn."""
    chain = context.chain
    granted = {name for firm in chain.firms.values() for name in (*firm.credit, *firm.debts)}
    for name, loan in chain.loans.items():
        where = f"loans.{name}"
        if not loan.lender:
            yield Problem("a loan without a lender", element=where, key="lender", found="nothing",
                          expected=f"one of {', '.join(chain.lenders) or 'the lenders; the chain has none'}")
        rate, term = context.value(where, "rate"), context.value(where, "term")
        if rate is not None and rate * _HOURS_A_YEAR > 1.0 + 1e-9:
            yield Problem("a rate above 100 % a year", element=where, key="rate", found=str(loan.rate),
                          expected="at most 100 %/a, such as 3.85 %/a")
        yield from _rates(context, where, loan)
        if term == 0.0:
            yield Problem("a loan needs a term", element=where, key="term", found=str(loan.term),
                          expected="more than 0, such as 12 month")
        if loan.repayment not in REPAYMENTS:
            yield Problem("not a way to repay", element=where, key="repayment", found=loan.repayment,
                          expected=", ".join(REPAYMENTS), suggestion=_meant(loan.repayment))
        yield from _grace(context, where, loan, term)
        if loan.pledge is not None and context.value(where, "pledge") == 0.0:
            yield Problem("must be greater than nought", element=where, key="pledge", found=str(loan.pledge),
                          expected="more than 0")
        if loan.lump is not None and context.value(where, "lump") == 0.0:
            yield Problem("must be greater than nought", element=where, key="lump", found=str(loan.lump),
                          expected="more than 0")
        if name not in granted:
            yield Problem("no firm may draw this loan", element=where, expected=f"`credit: {{{name}: …}}` of a firm",
                          severity="warning")
        yield from _window(context, where, loan)
    lending = {loan.lender for loan in chain.loans.values()}
    for name in chain.lenders:
        if name not in lending:
            yield Problem("lends nothing", element=f"lenders.{name}", expected=f"a loan with `lender: {name}`",
                          severity="warning")


def _rates(context: Context, where: str, loan: Loan) -> Iterator[Problem]:
    """Later rates begin on days, are rates people would pay, and leave a fixed instalment alone."""
    for day, rate in loan.rates.items():
        key, value = f"rates.{day}", context.value(where, f"rates.{day}")
        if moment(day) is None:
            yield Problem("not a day", element=where, key=key, found=day, expected="such as 2027-01-01")
        if value is not None and value * _HOURS_A_YEAR > 1.0 + 1e-9:
            yield Problem("a rate above 100 % a year", element=where, key=key, found=str(rate),
                          expected="at most 100 %/a, such as 3.85 %/a")
    if loan.rates and loan.repayment == "annuity":
        yield Problem("equal payments need one rate", element=where, key="rates", found=", ".join(loan.rates),
                      expected="`repayment: equal principal`, or one rate")


def _grace(context: Context, where: str, loan: Loan, term: float | None) -> Iterator[Problem]:
    """A grace period is shorter than the term; what is repaid at the end has none."""
    grace = context.value(where, "grace")
    if grace is None or loan.grace is None:
        return
    if term is not None and term > 0.0 and grace >= term:
        yield Problem("no principal would ever be repaid", element=where, key="grace", found=str(loan.grace),
                      expected=f"less than the term, {loan.term}")
    elif loan.repayment in ("bullet", "single payment"):
        yield Problem("its principal is repaid at the end anyway", element=where, key="grace", found=str(loan.grace),
                      expected="`repayment: equal principal` or `annuity`, or no grace", severity="warning")


def _meant(repayment: str) -> str:
    """Return the way to repay that is meant by another name, else the nearest."""
    said = repayment.strip().lower().replace("-", " ").replace("_", " ")
    also = (name for name, others in _CALLED_TOO.items() if said in others or said == name)
    return next(also, "") or nearest(repayment, REPAYMENTS)


def _window(context: Context, where: str, loan: Loan) -> Iterator[Problem]:
    if context.steps is None:
        return
    start = context.steps.start
    asked = max(start, loan.earliest.replace(tzinfo=None)) if loan.earliest is not None else start
    comes = asked + dt.timedelta(hours=context.value(where, "payout") or 0.0)
    if loan.latest is not None and loan.latest.replace(tzinfo=None) < comes:
        yield Problem("its money never comes in time", element=where, key="latest", found=f"{loan.latest:%Y-%m-%d}",
                      expected=f"on or after {comes:%Y-%m-%d}, when it can come first")


def surplus_sold(context: Context) -> Iterator[Problem]:
    """What is let go must be somebody's: one firm brings what has a chain price and may be let go."""
    chain = context.chain
    if not any(firm.cash is not None for firm in chain.firms.values()):
        return
    for name, commodity in chain.commodities.items():
        if not commodity.let_go or (commodity.price is None and not commodity.prices):
            continue
        makers: dict[str, set[str]] = {}
        single = len(chain.sites) < 2 or commodity.shared
        for process in chain.processes.values():
            if name in given_by(process):
                makers.setdefault("" if single else process.site, set()).add(process.owner)
        for supply in chain.supplies.values():
            if supply.commodity == name:
                makers.setdefault("" if single else supply.site, set()).add(supply.owner)
        for route in chain.routes.values():
            if route.commodity == name and not commodity.shared:
                makers.setdefault("" if single else route.to, set()).add(route.owner)
        for site, owners in makers.items():
            if len(owners) > 1:
                at = f" at {site}" if site else ""
                yield Problem(
                    f"several bring {name}{at} at a chain price, and what is let go of it is nobody's",
                    element=f"commodities.{name}", key="let_go",
                    found=", ".join(sorted(owner or "no owner" for owner in owners)),
                    expected="one owner; or no `let_go`, and a demand at price 0 of the firm that lets go")
