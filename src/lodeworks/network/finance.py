"""Firms with cash, their periods of account and the loans they may draw, as arrays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lodeworks.chain.entities import Chain, Firm, Loan
from lodeworks.chain.measures import Measures
from lodeworks.chain.periods import Periods, account_periods, moment, year_ends
from lodeworks.chain.profiles import Steps
from lodeworks.network.accounts import Accounts, Offers
from lodeworks.network.arrays import Bools, Floats, Grid, Ints
from lodeworks.network.builder import Builder
from lodeworks.network.losses import losses_of

__all__ = ["compile_accounts", "fixed_terms", "of_one_passing", "over_years", "principal_shares"]


def compile_accounts(b: Builder) -> Accounts | None:
    """Return the accounts of the firms that have cash; None where no firm has."""
    chain, m = b.chain, b.measures
    firms = {name: firm for name, firm in chain.firms.items() if firm.cash is not None}
    if not firms:
        return None
    periods = account_periods(chain.accounts.period, b.steps, m.units)
    number = {name: i for i, name in enumerate(firms)}
    lenders, loans = list(chain.lenders), list(chain.loans)

    def floats(values: list[float]) -> Floats:
        return np.array(values, float)

    count, years = len(periods.years), int(periods.year[-1]) + 1
    shares = [(number[name], number[owner], m.fraction(share)) for name, firm in firms.items()
              for owner, share in firm.owners.items() if owner in number]
    of_element = np.array([number.get(element.owner, -1) for element in b.elements], np.int32)
    trades = {**chain.supplies, **chain.demands}
    late = [trades[e.name].payment if e.name in trades and e.kind in ("supply", "demand") else None for e in b.elements]
    return Accounts(
        periods=Grid(0, periods.edges), years=periods.years, whole=periods.length, year=periods.year,
        firm=tuple(firms),
        opening=floats([m.money(firm.cash) for firm in firms.values() if firm.cash is not None]),
        floor=_alike([m.money(f.least_cash) if f.least_cash is not None else 0.0 for f in firms.values()], count),
        tax=_alike([m.fraction(f.profit_tax) if f.profit_tax is not None else 0.0 for f in firms.values()], years),
        dividend=_alike([m.money(f.dividend) if f.dividend is not None else 0.0 for f in firms.values()], years),
        collateral=_alike([m.money(f.collateral) if f.collateral is not None else 0.0 for f in firms.values()], count),
        losses=losses_of(firms, m, _first_year(b.steps, periods), years, _taxed(firms)),
        payer=np.array([s[0] for s in shares], np.int32), owner=np.array([s[1] for s in shares], np.int32),
        share=floats([s[2] for s in shares]),
        of_element=of_element, price=_prices(b),
        stock_price=floats([_price(b, b.elements[int(row["element"])].commodity, b.elements[int(row["element"])].site)
                            for row in b.stores]),
        bears=_bears(b, of_element),
        payment=floats([m.duration(q) if q is not None else 0.0 for q in late]),
        paid=np.array([_period_of(periods, row.paid / b.steps.hours) for row in b.plants], np.int32),
        written=floats([row.yearly for row in b.plants]),
        loan=tuple(loans), lender=tuple(lenders),
        lender_of=np.array([lenders.index(loan.lender) for loan in chain.loans.values()], np.int32),
        total=floats([m.money(q.total) if q.total is not None else np.inf for q in chain.loans.values()]),
        lends=_alike([m.money(q.most) if q.most is not None else np.inf for q in chain.lenders.values()], years),
        offers=_offers(_Times(chain, m, periods, b.steps.start, b.steps.hours, b.steps.count), firms),
    )


def over_years(
    accounts: Sequence[Accounts], chains: Sequence[Chain], stage: Ints, start: dt.datetime, hours: float
) -> Accounts:
    """Return accounts whose periods are the years of stages: the moment they begin, and the end of each year.

    Of plants and elements nothing is kept: what they bring in a year is told by each slice's own ledger.

    Parameters
    ----------
    accounts, chains
        Those of each stage. They differ in what may change from one to another only; see `fixed_terms`.
    stage
        The stage of each year, shape (years,). The end of a year before a stage is the moment it begins and is paid
        for: credit, pledges and least cash are its own by then; tax and dividends are those of the year that ends.
    """
    first, chain, count = accounts[0], chains[0], len(stage)
    periods = year_ends(count, hours)
    firms = {name: firm for name, firm in chain.firms.items() if firm.cash is not None}
    times = _Times(chain, Measures(chain, chain.registry()), periods, start.replace(tzinfo=None), hours,
                   round(count * 8760.0 / hours))
    granted = {name: [loan for other in chains for loan in other.firms[name].credit] for name in firms}
    offers = _offers(times, firms, granted)
    of_period = np.append(stage, stage[-1:])
    of_lending = np.append(stage[:1], of_period[2:])  # draws of a moment count for the year that ends then
    most = np.zeros((len(accounts), len(offers)))
    for y, own in enumerate(accounts):
        found = {(int(loan), int(firm)): own.offers.most[o, 0]
                 for o, (loan, firm) in enumerate(zip(own.offers.loan, own.offers.firm, strict=True))}
        most[y] = [found.get((int(loan), int(firm)), 0.0) for loan, firm in zip(offers.loan, offers.firm, strict=True)]

    def staged(name: str, which: Ints) -> Floats:
        return np.stack([getattr(own, name)[:, 0] for own in accounts], axis=1)[:, which]

    return replace(
        first, periods=Grid(0, periods.edges), years=periods.years, whole=periods.length, year=periods.year,
        floor=staged("floor", of_period), collateral=staged("collateral", of_period), tax=staged("tax", stage),
        dividend=staged("dividend", stage),
        losses=losses_of(firms, times.measures, start.year, int(periods.year[-1]) + 1,
                         {name for other in chains for name in _taxed(other.firms)}),
        lends=staged("lends", of_lending),
        offers=replace(offers, most=most[of_period].T),
    )


def fixed_terms(chain: Chain) -> list[object]:
    """Return what of firms, lenders and loans does not change from stage to stage.

    A loan's terms are agreed when it is drawn and hold until it is repaid, and what is there at the start is there
    once. What a firm is granted, pays in tax and dividends, keeps and can pledge, and what a lender has for a year,
    may change.
    """
    kept = {name: firm for name, firm in chain.firms.items() if firm.cash is not None}
    return [
        chain.loans, [*chain.lenders],
        {name: (firm.cash, firm.owners, firm.debts, firm.loss_carry, firm.losses) for name, firm in kept.items()},
    ]


def of_one_passing(accounts: Accounts, steps: int) -> Accounts:
    """Return accounts of a slice: one period, its horizon."""
    return replace(
        accounts, periods=Grid(0, np.array([0.0, float(steps)])), years=np.ones(1), whole=1.0,
        year=np.zeros(1, np.int32), paid=np.zeros_like(accounts.paid),
        **{name: getattr(accounts, name)[:, :1] for name in ("floor", "tax", "dividend", "collateral", "lends")},
        offers=replace(accounts.offers, most=accounts.offers.most[:, :1]),
    )


def _taxed(firms: Mapping[str, Firm]) -> list[str]:
    return [name for name, firm in firms.items() if firm.profit_tax is not None]


def _first_year(steps: Steps, periods: Periods) -> int:
    """Return the calendar year in which the first period ends."""
    end = steps.start + dt.timedelta(hours=float(periods.edges[1]) * steps.hours - 1e-3)
    return end.year


def _alike(values: Sequence[float], count: int) -> Floats:
    """Return what is the same in every period or year, shape (values, count)."""
    return np.repeat(np.array(values, float)[:, None], count, axis=1)


@dataclass(frozen=True)
class _Times:
    """What is needed to say in which period something falls: `hours` and `count` are those of base steps."""

    chain: Chain
    measures: Measures
    periods: Periods
    start: dt.datetime
    hours: float
    count: int

    def step(self, at: dt.datetime) -> float:
        """Return base steps from the start to an instant."""
        return (at.replace(tzinfo=None) - self.start).total_seconds() / 3600.0 / self.hours


def _prices(b: Builder) -> Floats:
    """Return the chain price of each balance: the site's, else the commodity's, else nought."""
    price = np.zeros(len(b.balances))
    for (name, site), number in b.balances.items():
        if number not in b.hidden:
            price[number] = _price(b, name, site)
    return price


def _price(b: Builder, commodity: str, site: str) -> float:
    entity = b.chain.commodities[commodity]
    quantity = entity.prices.get(site, entity.price)
    return b.measures.price(quantity, commodity) if quantity is not None else 0.0


def _bears(b: Builder, of_element: Ints) -> Ints:
    """Say whose the surplus of each balance is: of the one firm that brings the commodity."""
    bears = np.full(len(b.balances), -2, np.int32)
    for _, balance, amount, _, element in b.coefficients:
        if b.mean(amount) > 0.0 and b.let_go[balance]:
            bears[balance] = of_element[element]
    bears[[i for i, free in enumerate(b.let_go) if free and bears[i] == -2]] = -1
    return bears


def _period_of(periods: Periods, step: float) -> int:
    """Return the period that holds an instant, in base steps; the last for what is later."""
    return min(int(np.searchsorted(periods.edges, step + 1e-9, side="right")) - 1, len(periods.years) - 1)


def principal_shares(repayment: str, count: int, interest: float, grace: int = 0) -> Floats:
    r"""Return the share of a draw's principal repaid after 1 … `count` periods, nothing in the first `grace` of them.

    A bullet and a single payment repay all at the end, equal principal :math:`1/n` each time; an annuity of equal
    payments repays :math:`i (1+i)^{k-1} / ((1+i)^n - 1)` after period k.
    """
    if grace:
        return np.concatenate([np.zeros(grace), principal_shares(repayment, count - grace, interest)])
    if repayment in ("bullet", "single payment"):
        shares = np.zeros(count)
        shares[-1] = 1.0
        return shares
    if repayment == "equal principal" or interest == 0.0:
        return np.full(count, 1.0 / count)
    growth = (1.0 + interest) ** np.arange(count)
    shares = growth / growth.sum()
    return np.asarray(shares)


def _offers(
    times: _Times, firms: Mapping[str, Firm], granted: Mapping[str, Sequence[str]] | None = None
) -> Offers:
    """Return the offers of all firms; `granted` names those each firm is granted at some time, where not at once."""
    m, periods = times.measures, times.periods
    count, opening = len(periods.years), periods.opening
    names = list(times.chain.loans)
    rows = []
    for f, (own, firm) in enumerate(firms.items()):
        for name in dict.fromkeys([*firm.credit, *(granted[own] if granted else ()), *firm.debts]):
            loan = times.chain.loans[name]
            interest = m.rate_per_time(loan.rate) * 8760.0 * periods.length
            term = max(1, round(m.duration(loan.term) / 8760.0 / periods.length))
            most = m.money(firm.credit[name]) if name in firm.credit else 0.0
            first, last = _window(times, loan)
            due = np.zeros(count)
            owed = accrued = 0.0
            if name in firm.debts:
                debt = firm.debts[name]
                owed = m.money(debt.amount)
                accrued = m.money(debt.accrued) if debt.accrued is not None else 0.0
                left = _periods_until(times, times.step(debt.due))
                shares = owed * principal_shares(loan.repayment, left, interest)[: count - opening]
                due[opening : opening + len(shares)] = shares
            grace = round(m.duration(loan.grace) / 8760.0 / periods.length) if loan.grace is not None else 0
            wait = (m.duration(loan.payout) if loan.payout is not None else 0.0) / 8760.0 / periods.length
            rows.append((
                names.index(name), f, most, m.money(loan.lump) if loan.lump is not None else 0.0,
                _interest(times, loan),
                first, last, round(wait) if opening else int(wait + 1e-9),
                principal_shares(loan.repayment, term, interest, min(grace, term - 1)), loan.renewal, loan.revolving,
                loan.repayment == "single payment",
                m.fraction(loan.turnover) if loan.turnover is not None else np.inf,
                m.fraction(loan.pledge) if loan.pledge is not None else 0.0, due, owed, accrued,
            ))
    columns = list(zip(*rows, strict=True)) if rows else [()] * 17

    def bools(k: int) -> Bools:
        return np.array(columns[k], bool)

    def ints(k: int) -> Ints:
        return np.array(columns[k], np.int32)

    def floats(k: int) -> Floats:
        return np.array(columns[k], float)

    return Offers(
        ints(0), ints(1), _alike(columns[2], count), floats(3), floats(4).reshape(len(rows), count),
        ints(5), ints(6), ints(7), tuple(columns[8]), bools(9), bools(10), bools(11), floats(12), floats(13),
        floats(14).reshape(len(rows), count), floats(15), floats(16),
    )


def _interest(times: _Times, loan: Loan) -> Floats:
    """Return the interest for a whole period at the mean rate of each, shape (periods,)."""
    m, periods = times.measures, times.periods
    begins = [(times.step(at), m.rate_per_time(rate)) for day, rate in loan.rates.items()
              if (at := moment(day)) is not None]
    edges = periods.edges if not periods.opening else np.arange(-1.0, len(periods.years)) * 8760.0 / times.hours
    knots = [(float(edges[0]), m.rate_per_time(loan.rate))]
    for step, rate in sorted(begins):
        knots.append((max(step, knots[0][0]), rate))
    steps = np.array([step for step, _ in knots] + [max(float(edges[-1]), knots[-1][0])])
    earned = np.concatenate([[0.0], np.cumsum(np.diff(steps) * [rate for _, rate in knots])])
    mean: Floats = np.diff(np.interp(edges, steps, earned)) / np.diff(edges)
    return mean * 8760.0 * periods.length


def _periods_until(times: _Times, step: float) -> int:
    """Return how many periods end until an instant, itself counted to the period that holds it; at least one."""
    periods, end = times.periods, float(times.periods.edges[-1])
    if periods.opening:
        return max(1, round(step * times.hours / 8760.0))
    if step <= end:
        return _period_of(periods, max(step - 1e-6, 0.0)) + 1
    beyond = (step - end) * times.hours / 8760.0 / periods.length
    return len(periods.years) + max(1, round(beyond))


def _window(times: _Times, loan: Loan) -> tuple[int, int]:
    """Return the first and last period in which a loan's money may come: the periods that hold those instants."""
    periods = times.periods
    asked = max(0.0, times.step(loan.earliest)) if loan.earliest is not None else 0.0
    wait = times.measures.duration(loan.payout) / times.hours if loan.payout is not None else 0.0
    comes = asked + wait
    first = _period_of(periods, comes) if comes < times.count - 1e-9 else len(periods.years)
    last = _period_of(periods, times.step(loan.latest)) if loan.latest is not None else len(periods.years) - 1
    return first, last
