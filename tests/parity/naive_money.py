"""Firms' money in the second formulation: a loop a rule, by the hour, no column for what is owed.

What is owed is written out as draws and renewals times the share not yet repaid. Nothing of the ledger, the blocks or
the network is used. Demands that pay penalties have no owner here, and steps of commodities divide the period.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from lodeworks.chain.entities import Chain
from tests.parity.naive import Naive

Row = dict[int, float]


class NaiveMoney(Naive):
    """Adds accounts to the naive formulation."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(chain)
        self.span = int(chain.accounts.period.split()[0])
        self.periods = -(-self.steps // self.span)
        self.firms = [name for name, firm in chain.firms.items() if firm.cash is not None]
        # money in by firm and period: what is paid and what is earned, as column -> amount for one unit
        self.paid = {f: [defaultdict(float) for _ in range(self.periods)] for f in self.firms}
        self.earned = {f: [defaultdict(float) for _ in range(self.periods)] for f in self.firms}
        self.earned_fixed = {f: [0.0] * self.periods for f in self.firms}
        self.paid_fixed = {f: [0.0] * self.periods for f in self.firms}
        self.sold: dict[str, Row] = {f: defaultdict(float) for f in self.firms}
        self.traded: list[tuple[str, str, str, int, int, float]] = []  # owner, commodity, site, hour, column, amount
        self.owner, self.late, self.is_demand, self.plant = "", 0, False, None
        self.levels: set[int] = set()

    # ---- hooks into the naive formulation ----

    def note(self, column: int, hour: int, amount: float, late: int = 0) -> None:
        if self.owner in self.firms:
            self.earned[self.owner][hour // self.span][column] += amount
            if hour + late < self.steps:
                self.paid[self.owner][(hour + late) // self.span][column] += amount

    def column(self, cost=0.0, low=0.0, high=float("inf")) -> int:
        column = super().column(cost, low, high)
        if self.plant is not None:
            e, self.plant = self.plant, None
            if self.owner in self.firms:
                share = 1.0 / e.life.value / 8760.0
                self.cost[column] = e.cost.value * share * self.steps
                self.paid[self.owner][0][column] -= e.cost.value
                for t in range(self.steps):
                    self.earned[self.owner][t // self.span][column] -= e.cost.value * share
        return column

    def hourly(self, span, cost, low, high):
        columns = super().hourly(span, cost, low, high)
        for t, column in enumerate(columns):
            step = cost[t // span * span : (t // span + 1) * span]  # money of a step flows evenly, at its mean price
            self.note(column, t, -sum(step) / len(step), self.late)
            if self.is_demand and self.owner in self.firms:
                self.sold[self.owner][column] += self.prices[self.tier][t]
        if self.is_demand:
            self.tier += 1
        return columns

    def put(self, commodity, site, t, column, amount) -> None:
        before = {k: dict(v) for k, v in self.flows.items() if k[:2] == (commodity, site)}
        super().put(commodity, site, t, column, amount)
        for key, row in self.flows.items():
            if key[:2] == (commodity, site):
                change = row.get(column, 0.0) - before.get(key, {}).get(column, 0.0)
                if change:
                    self.traded.append((self.owner, commodity, site, key[2], column, change))

    def add_process(self, name, process) -> None:
        self.owner, self.plant = process.owner, process.expansion
        super().add_process(name, process)
        self.owner = ""

    def add_trade(self, name, trade, sign) -> None:
        self.owner, self.late = trade.owner, int(trade.payment.value) if trade.payment else 0
        self.is_demand, self.tier = sign < 0, 0
        tiers = trade.tiers or [trade]
        self.prices = [self.over_time(t.price, 0.0) for t in tiers]
        super().add_trade(name, trade, sign)
        self.owner, self.late, self.is_demand = "", 0, False

    def add_route(self, name, route) -> None:
        self.owner = route.owner
        super().add_route(name, route)
        self.owner = ""

    def add_store(self, store) -> None:
        first = len(self.cost)
        super().add_store(store)
        levels = list(range(first, len(self.cost)))
        self.levels |= set(levels)
        span = self.commodity_step(store.commodity)
        self.owner = store.owner
        hold, loss = self.over_time(store.cost, 0.0), self.over_time(store.loss, 0.0)
        initial = store.initial.value if store.initial is not None else 0.0
        price = self.price(store.commodity, store.site)
        for i, level in enumerate(levels):
            begin = i * span
            width = min(begin + span, self.steps) - begin
            for t in range(begin, begin + width):
                self.note(level, t, -float(np.mean(hold[begin : begin + width])))
            self.traded.append((store.owner, store.commodity, store.site, begin, level, -1.0))
            kept = float(np.prod([1.0 - loss[t] for t in range(begin, begin + width)]))
            wraps = i > 0 or store.end == "cyclic"
            if wraps:
                self.traded.append((store.owner, store.commodity, store.site, begin, levels[i - 1], kept))
            if store.owner in self.firms:
                period = begin // self.span
                gain = self.earned[store.owner][period]
                gain[level] += price
                if wraps:
                    gain[levels[i - 1]] -= price
                else:
                    self.earned_fixed[store.owner][period] += price * (kept * initial - initial)
                    self.paid_fixed[store.owner][period] += price * kept * initial
        self.owner = ""

    def price(self, commodity: str, site: str) -> float:
        entity = self.chain.commodities[commodity]
        found = entity.prices.get(site, entity.price)
        return found.value if found is not None else 0.0

    # ---- money ----

    def run(self) -> float:
        for owner, commodity, site, hour, column, amount in self.traded:
            worth = self.price(commodity, site) * amount
            if owner in self.firms and worth:
                for book in (self.paid, self.earned):
                    book[owner][hour // self.span][column] += worth
        self.add_sales_inside()
        self.add_money()
        return super().run()

    def add_sales_inside(self) -> None:
        """What a firm's elements (but not its stores) bring to balances that others use as well counts as turnover."""
        users = defaultdict(set)
        for owner, commodity, site, *_ in self.traded:
            users[commodity, site].add(owner if owner in self.firms else "")
        for owner, commodity, site, _, column, amount in self.traded:
            worth = self.price(commodity, site) * amount
            if owner in self.firms and worth > 0.0 and len(users[commodity, site]) > 1 and column not in self.levels:
                self.sold[owner][column] += worth

    def add_money(self) -> None:
        chain, Y = self.chain, self.periods
        hours = [min((y + 1) * self.span, self.steps) - y * self.span for y in range(Y)]
        drawn_of_lender: Row = defaultdict(float)
        drawn_of_loan: dict[str, Row] = {name: defaultdict(float) for name in chain.loans}
        for f in self.firms:
            firm = chain.firms[f]
            owed_total: list[tuple[Row, float]] = [({}, 0.0) for _ in range(Y + 1)]  # at the start and each end
            interest: list[tuple[Row, float]] = [({}, 0.0) for _ in range(Y)]
            pledged: list[tuple[Row, float]] = [({}, 0.0) for _ in range(Y)]
            wants_pledge = False
            unpaid: list[tuple[Row, float]] = [({}, 0.0) for _ in range(Y)]
            for name in dict.fromkeys([*firm.credit, *firm.debts]):
                loan = chain.loans[name]
                owed = self.add_loan(firm, f, name, loan, drawn_of_lender, drawn_of_loan[name])
                for y in range(Y):
                    rate = _rate(loan, sum(hours[:y]), sum(hours[: y + 1]))
                    interest[y] = _plus(interest[y], owed[y], rate)
                later = self.unpaid_interest(firm, name, loan, hours)
                unpaid = [_plus(total, own, 1.0) for total, own in zip(unpaid, later, strict=True)]
                owed_total = [_plus(total, own, 1.0) for total, own in zip(owed_total, owed, strict=True)]
                if loan.pledge is not None:
                    wants_pledge = True
                    pledged = [_plus(total, own, 1.0 / loan.pledge.value)
                               for total, own in zip(pledged, owed[1:], strict=True)]
            for y in range(Y if wants_pledge else 0):
                self.less.append((pledged[y][0], firm.collateral.value - pledged[y][1]))
            self.close(f, firm, owed_total, interest, unpaid)
        if chain.lenders["bank"].most is not None:
            self.less.append((drawn_of_lender, chain.lenders["bank"].most.value))
        for name, loan in chain.loans.items():
            if loan.total is not None:
                self.less.append((drawn_of_loan[name], loan.total.value))

    def add_loan(self, firm, f: str, name: str, loan, of_lender: Row, of_loan: Row) -> list[tuple[Row, float]]:
        """Add draws and renewals; return what is owed at the start and at each end as (columns, constant)."""
        Y, n = self.periods, int(loan.term.value) // self.span
        rest = int(loan.grace.value) // self.span if loan.grace is not None else 0
        rho = [0.0] * rest + _repaid(loan.repayment, n - rest, loan.rate.value * self.span)
        most = firm.credit[name].value if name in firm.credit else 0.0
        wait = int(loan.payout.value) if loan.payout is not None else 0
        first = wait // self.span
        draw = [self.column(0.0, 0.0, most if y >= first and wait < self.steps else 0.0) for y in range(Y)]
        renew = [self.column(0.0, 0.0, float("inf") if loan.renewal else 0.0) for _ in range(Y)]
        debt, due = 0.0, [0.0] * Y
        if name in firm.debts:
            debt = firm.debts[name].amount.value
            left = -(-firm.debts[name].due.hour // self.span)
            for k, share in enumerate(_repaid(loan.repayment, left, loan.rate.value * self.span)):
                due[k] = debt * share

        def falls_due(y: int) -> Row:
            row: Row = defaultdict(float)
            for k in range(1, n + 1):
                if y - k >= 0:
                    row[draw[y - k]] += rho[k - 1]
                    row[renew[y - k]] += rho[k - 1]
            return row

        owed: list[tuple[Row, float]] = [({}, debt)]
        for y in range(Y):
            row: Row = defaultdict(float)
            for at in range(y + 1):
                left_over = 1.0 - sum(rho[: y - at])
                row[draw[at]] += left_over
                row[renew[at]] += left_over
            owed.append((row, debt - sum(due[: y + 1])))
            self.less.append(({renew[y]: 1.0, **{c: -v for c, v in falls_due(y).items()}}, due[y]))
        self.columns_of_loan = draw, renew, n, debt, due
        if not loan.revolving:
            self.less.append((dict.fromkeys(draw, 1.0), max(most - debt, 0.0)))
        for y in range(first, Y if most > 0.0 and loan.revolving else first):
            row, constant = owed[max(y - first, 0)]
            limit = dict(row)
            for at in range(max(y - first, 0), y + 1):
                limit[draw[at]] = limit.get(draw[at], 0.0) + 1.0
            self.less.append((limit, max(most, debt) - constant))
        if loan.turnover is not None and most > 0.0:
            share = loan.turnover.value * 8760.0 / self.steps
            row = {c: -share * v for c, v in self.sold[f].items()}
            self.less.append(({**row, **dict.fromkeys(draw, 1.0)}, 0.0))
        for d in draw:
            of_lender[d] += 1.0
            of_loan[d] += 1.0
        return owed

    def unpaid_interest(self, firm, name: str, loan, hours: list[int]) -> list[tuple[Row, float]]:
        """Return the interest of the last loan added that is not yet paid at each end, where it is paid with the principal."""
        found: list[tuple[Row, float]] = [({}, 0.0) for _ in range(self.periods)]
        if loan.repayment != "single payment":
            return found
        draw, renew, n, debt, due = self.columns_of_loan
        until = next((y for y, amount in enumerate(due) if amount), self.periods)
        accrued = firm.debts[name].accrued if name in firm.debts else None
        for y in range(self.periods):
            row: Row = {}
            for at in range(max(0, y - n + 1), y):
                row[draw[at]] = row[renew[at]] = _rate(loan, sum(hours[: at + 1]), sum(hours[: y + 1]))
            still = 1.0 if y < until and debt else 0.0
            before = accrued.value if accrued is not None else 0.0
            found[y] = row, still * (before + debt * _rate(loan, 0, sum(hours[: y + 1])))
        return found

    def close(
        self, f: str, firm, owed: list[tuple[Row, float]], interest: list[tuple[Row, float]],
        unpaid: list[tuple[Row, float]],
    ) -> None:
        """Cash is what was there, all that was paid, loans, less interest, tax and dividends; never below the least."""
        Y = self.periods
        tax = None
        if firm.profit_tax is not None:
            rate = firm.profit_tax.value
            tax = self.column(1.0)
            row: Row = defaultdict(float)
            row[tax] -= 1.0
            fixed = 0.0
            for y in range(Y):
                for c, v in self.earned[f][y].items():
                    row[c] += rate * v
                for c, v in interest[y][0].items():
                    row[c] -= rate * v
                fixed += rate * (self.earned_fixed[f][y] - interest[y][1])
            fixed -= rate * sum(loss.value for year, loss in firm.losses.items() if int(year) >= 2021)
            self.less.append((dict(row), -fixed))
        for y in range(Y):
            for c, v in interest[y][0].items():
                self.cost[c] += v
            self.constant += interest[y][1]
        total: Row = defaultdict(float)
        fixed = firm.cash.value - owed[0][1]
        fixed -= sum(debt.accrued.value for debt in firm.debts.values() if debt.accrued is not None)
        for y in range(Y):
            fixed += self.paid_fixed[f][y] - interest[y][1]
            for c, v in self.paid[f][y].items():
                total[c] += v
            for c, v in interest[y][0].items():
                total[c] -= v
            at_end = _plus(_plus((total, fixed), owed[y + 1], 1.0), unpaid[y], 1.0)
            row, constant = dict(at_end[0]), at_end[1]
            if y == Y - 1:
                if tax is not None:
                    row[tax] = row.get(tax, 0.0) - 1.0
                constant -= firm.dividend.value if firm.dividend is not None else 0.0
                for other in self.chain.firms.values():
                    if f in other.owners and other.dividend is not None:
                        constant += other.owners[f].value * other.dividend.value
            least = firm.least_cash.value if firm.least_cash is not None else 0.0
            self.less.append(({c: -v for c, v in row.items()}, constant - least))


def _rate(loan, begin: int, end: int) -> float:
    """Add up the rates of the hours."""
    total = 0.0
    for hour in range(begin, end):
        rate = loan.rate.value
        for day, later in sorted(loan.rates.items()):
            if hour >= int(day[11:13]):
                rate = later.value
        total += rate
    return total


def _repaid(repayment: str, n: int, rate: float) -> list[float]:
    """Repay a principal of one by paying the same, the same principal, or all at the end."""
    if repayment in ("bullet", "single payment"):
        return [0.0] * (n - 1) + [1.0]
    if repayment == "equal principal":
        return [1.0 / n] * n
    payment, owed, shares = rate / (1.0 - (1.0 + rate) ** -n), 1.0, []
    for _ in range(n):
        shares.append(payment - rate * owed)
        owed -= shares[-1]
    return shares


def _plus(one: tuple[Row, float], other: tuple[Row, float], factor: float) -> tuple[Row, float]:
    row: Row = defaultdict(float, one[0])
    for c, v in other[0].items():
        row[c] += factor * v
    return row, one[1] + factor * other[1]
