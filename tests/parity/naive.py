"""A second formulation of the plan, written the slow way: one loop a rule, on the finest steps, for scipy.

It reads a chain's entities directly and shares no code with the network or the blocks. Quantities must be
written in canonical units (t, h, CNY, km), as `random_chain` does.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from lodeworks.chain.entities import Chain


class Naive:
    """Collects columns and rows by name."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.steps = int(chain.horizon.length.value)
        self.cost: list[float] = []
        self.bounds: list[tuple[float, float | None]] = []
        self.equal: list[tuple[dict[int, float], float]] = []
        self.less: list[tuple[dict[int, float], float]] = []
        self.constant = 0.0
        self.built: dict[str, int] = {}

    def column(self, cost: float = 0.0, low: float = 0.0, high: float = np.inf) -> int:
        self.cost.append(cost)
        self.bounds.append((low, None if np.isinf(high) else high))
        return len(self.cost) - 1

    def over_time(self, value, default: float) -> list[float]:
        if value is None:
            return [default] * self.steps
        times = value.times.value if value.times is not None else 1.0
        if value.profile:
            return [times * v for v in self.chain.profiles[value.profile].values]
        return [times] * self.steps

    def commodity_step(self, commodity: str) -> int:
        step = self.chain.commodities[commodity].step
        return int(step.value) if step is not None else 1

    def rates(self, count_of: int) -> list[int]:
        """One column for each stretch of `count_of` hours, repeated for each hour of it."""
        own: dict[int, int] = {}
        return [own.setdefault(t // count_of, -1) for t in range(self.steps)]

    def solve(self) -> float:
        self.flows: dict[tuple[str, str, int], dict[int, float]] = defaultdict(lambda: defaultdict(float))
        self.pool_use: dict[str, list[dict[int, float]]] = {
            name: [defaultdict(float) for _ in range(self.steps)] for name in self.chain.pools
        }
        self.element_columns: dict[str, list[list[tuple[int, float]]]] = {}
        for name, process in self.chain.processes.items():
            self.add_process(name, process)
        for name, supply in self.chain.supplies.items():
            self.add_trade(name, supply, +1)
        for name, demand in self.chain.demands.items():
            self.add_trade(name, demand, -1)
        for name, route in self.chain.routes.items():
            self.add_route(name, route)
        for store in self.chain.stores.values():
            self.add_store(store)
        self.add_balances()
        self.add_pools()
        self.add_policies()
        return self.run()

    def hourly(self, span: int, cost: list[float], low: list[float], high: list[float]) -> list[int]:
        """A rate for each hour, the same within each span."""
        columns: list[int] = []
        for first in range(0, self.steps, span):
            hours = range(first, min(first + span, self.steps))
            column = self.column(
                sum(cost[t] for t in hours), float(np.mean([low[t] for t in hours])),
                float(np.mean([high[t] for t in hours])),
            )
            columns += [column] * len(hours)
        return columns

    def put(self, commodity: str, site: str, t: float, column: int, amount: float) -> None:
        """Bring an amount to a balance at hour t (fractions of an hour are shared)."""
        whole = int(np.floor(t))
        for hour, share in ((whole, 1.0 - (t - whole)), (whole + 1, t - whole)):
            if share > 1e-12:
                if self.chain.horizon.cyclic:
                    self.flows[commodity, site, hour % self.steps][column] += amount * share
                elif hour < self.steps:
                    self.flows[commodity, site, hour][column] += amount * share

    def lagged(self, lag) -> list[tuple[float, float]]:
        if lag is None:
            return [(0.0, 1.0)]
        return [(float(time.split()[0]), share.value) for time, share in lag.shares.items()]

    def add_process(self, name: str, process) -> None:
        commodities = set(process.inputs) | set(process.outputs)
        for mode in process.modes.values():
            commodities |= set(mode.inputs) | set(mode.outputs)
        span = min(self.commodity_step(c) for c in commodities)
        availability = self.over_time(process.availability, 1.0)
        price = self.over_time(process.cost, 0.0)
        built = None
        capacity = process.capacity.value if process.capacity is not None else None
        if process.expansion is not None:
            e = process.expansion
            r, n = self.chain.horizon.discount.value / 100.0, e.life.value
            yearly = e.cost.value * r / (1.0 - (1.0 + r) ** -n) * self.steps / 8760.0
            built = self.built[name] = self.column(yearly, 0.0, e.most.value)
            capacity = capacity or 0.0
        recipes = [(process.inputs, process.outputs, 0.0)] if not process.modes else [
            ({**process.inputs, **m.inputs}, {**process.outputs, **m.outputs}, m.cost.value if m.cost else 0.0)
            for m in process.modes.values()
        ]
        columns_of_hour: list[list[tuple[int, float]]] = [[] for _ in range(self.steps)]
        runs = []
        for inputs, outputs, extra in recipes:
            own = self.over_time((outputs.get(process.reference) or inputs[process.reference]).amount, 1.0)
            made = {id(f): self.over_time(f.amount, 1.0) for flows in (inputs, outputs) for f in flows.values()}
            columns = self.hourly(span, [p + extra for p in price], [0.0] * self.steps, [np.inf] * self.steps)
            runs.append(columns)
            for t in range(self.steps):
                columns_of_hour[t].append((columns[t], 1.0))
                for flows, sign in ((inputs, -1.0), (outputs, 1.0)):
                    for commodity, flow in flows.items():
                        for hours, share in self.lagged(flow.lag):
                            amount = sign * made[id(flow)][t] * share / own[t]
                            self.put(commodity, process.site, t + hours, columns[t], amount)
        self.element_columns[name] = columns_of_hour
        firsts = list(range(0, self.steps, span))
        means = [float(np.mean(availability[f : f + span])) for f in firsts]
        if capacity is not None:
            for f, mean in zip(firsts, means, strict=True):
                row = defaultdict(float)
                for columns in runs:
                    row[columns[f]] += 1.0
                if built is not None:
                    row[built] -= mean
                self.less.append((dict(row), mean * capacity))
                if process.min_load is not None:
                    load = self.over_time(process.min_load, 0.0)[0]
                    low = {c: -v for c, v in row.items() if c != built}
                    if built is not None:
                        low[built] = load * mean
                    self.less.append((low, -load * mean * capacity))
        if process.ramp_up is not None:
            ramp = process.ramp_up.value * min(span, self.steps)
            for before, after in zip([firsts[-1], *firsts[:-1]], firsts, strict=True):
                if after == 0 and not self.chain.horizon.cyclic:
                    continue
                row = defaultdict(float)
                for columns in runs:
                    row[columns[after]] += 1.0
                    row[columns[before]] -= 1.0
                if built is not None:
                    row[built] -= ramp
                self.less.append((dict(row), ramp * capacity))
        for pool, use in process.pools.items():
            for t in range(self.steps):
                for columns in runs:
                    self.pool_use[pool][t][columns[t]] += use.value

    def add_trade(self, name: str, trade, sign: int) -> None:
        span = self.commodity_step(trade.commodity)
        infinite = [np.inf] * self.steps
        most = self.over_time(trade.most, np.inf) if trade.most is not None else infinite
        least = self.over_time(trade.least, 0.0)
        if sign < 0 and trade.amount is not None:
            least = self.over_time(trade.amount, 0.0)
            most = least if trade.most is None else most
        tiers = [(np.inf, trade.price)] if not trade.tiers else [
            (t.most.value if t.most is not None else np.inf, t.price) for t in trade.tiers
        ]
        tax = trade.tax.value if trade.tax is not None else 0.0
        totals: list[list[tuple[int, float]]] = [[] for _ in range(self.steps)]
        for width, price in tiers:
            prices = self.over_time(price, 0.0)
            columns = self.hourly(span, [sign * p + tax for p in prices], [0.0] * self.steps, [width] * self.steps)
            for t in range(self.steps):
                totals[t].append((columns[t], 1.0))
                self.put(trade.commodity, trade.site, t, columns[t], float(sign))
        self.element_columns[name] = totals
        for f in range(0, self.steps, span):
            hours = slice(f, f + span)
            row = {c: 1.0 for c, _ in totals[f]}
            high, low = float(np.mean(most[hours])), float(np.mean(least[hours]))
            if np.isfinite(high):
                self.less.append((row, high))
            if sign < 0 and trade.unserved is not None:
                short = self.column(trade.unserved.value * len(most[hours]), 0.0, low)
                self.less.append(({**dict.fromkeys(row, -1.0), short: -1.0}, -low))
            else:
                self.less.append((dict.fromkeys(row, -1.0), -low))

    def add_route(self, name: str, route) -> None:
        span = self.commodity_step(route.commodity)
        cost = self.over_time(route.cost, 0.0)[0]
        top = route.capacity.value if route.capacity is not None else np.inf
        columns = self.hourly(span, [cost] * self.steps, [0.0] * self.steps, [top] * self.steps)
        kept = 1.0 - (route.loss.value if route.loss is not None else 0.0)
        self.element_columns[name] = [[(c, 1.0)] for c in columns]
        for t in range(self.steps):
            self.put(route.commodity, route.from_, t, columns[t], -1.0)
            for hours, share in self.lagged(route.lag):
                self.put(route.commodity, route.to, t + hours, columns[t], kept * share)

    def add_store(self, store) -> None:
        span = self.commodity_step(store.commodity)
        top = store.capacity.value if store.capacity is not None else np.inf
        hold, loss = self.over_time(store.cost, 0.0), self.over_time(store.loss, 0.0)
        firsts = list(range(0, self.steps, span))
        widths = [min(f + span, self.steps) - f for f in firsts]
        levels = [self.column(sum(hold[f : f + w]), 0.0, top) for f, w in zip(firsts, widths, strict=True)]
        initial = store.initial.value if store.initial is not None else None
        for i, (first, width) in enumerate(zip(firsts, widths, strict=True)):
            kept = float(np.prod([1.0 - loss[t] for t in range(first, first + width)]))
            draw: dict[int, float] = defaultdict(float)
            fixed = 0.0
            draw[levels[i]] -= 1.0
            if i > 0 or store.end == "cyclic":
                draw[levels[i - 1]] += kept
            else:
                fixed = kept * (initial or 0.0)
            flow = self.flows[store.commodity, store.site, first]
            for column, value in draw.items():
                flow[column] += value
            self.opening[store.commodity, store.site, first] += fixed
            if store.discharge is not None:
                self.less.append((dict(draw), store.discharge.value * width - fixed))
            if store.charge is not None:
                self.less.append(({c: -v for c, v in draw.items()}, store.charge.value * width + fixed))
        if store.end == "cyclic" and initial is not None:
            self.equal.append(({levels[-1]: 1.0}, initial))
        elif store.end not in ("cyclic", "free"):
            self.less.append(({levels[-1]: -1.0}, -float(store.end.split()[0])))

    @property
    def opening(self) -> dict[tuple[str, str, int], float]:
        if not hasattr(self, "_opening"):
            self._opening: dict[tuple[str, str, int], float] = defaultdict(float)
        return self._opening

    def add_balances(self) -> None:
        sums: dict[tuple[str, str, int], dict[int, float]] = defaultdict(lambda: defaultdict(float))
        fixed: dict[tuple[str, str, int], float] = defaultdict(float)
        for (commodity, site, t), flow in self.flows.items():
            key = commodity, site, t // self.commodity_step(commodity)
            for column, amount in flow.items():
                sums[key][column] += amount
        for (commodity, site, t), amount in self.opening.items():
            fixed[commodity, site, t // self.commodity_step(commodity)] += amount
        for key, row in sums.items():
            if self.chain.commodities[key[0]].let_go:
                self.less.append(({c: -v for c, v in row.items()}, fixed[key]))
            else:
                self.equal.append((dict(row), -fixed[key]))

    def add_pools(self) -> None:
        for name, pool in self.chain.pools.items():
            for t in range(self.steps):
                if self.pool_use[name][t]:
                    self.less.append((dict(self.pool_use[name][t]), pool.amount.value))

    def add_policies(self) -> None:
        for policy in self.chain.policies.values():
            every = int(policy.every.value) if policy.every is not None else self.steps
            for first in range(0, self.steps, every):
                row: dict[int, float] = defaultdict(float)
                for name, factor in policy.sum.items():
                    for t in range(first, min(first + every, self.steps)):
                        for column, amount in self.element_columns[name][t]:
                            row[column] += factor.value * amount
                if policy.most is not None:
                    self.less.append((dict(row), policy.most.value))
                if policy.least is not None:
                    self.less.append(({c: -v for c, v in row.items()}, -policy.least.value))

    def run(self) -> float:
        def matrix(rows):
            if not rows:
                return None, None
            data = [(i, c, v) for i, (row, _) in enumerate(rows) for c, v in row.items()]
            i, c, v = zip(*data, strict=True)
            return sparse.csr_array((v, (i, c)), shape=(len(rows), len(self.cost))), np.array([b for _, b in rows])

        less, upper = matrix(self.less)
        equal, right = matrix(self.equal)
        found = linprog(self.cost, less, upper, equal, right, bounds=self.bounds, method="highs")
        if found.status != 0:
            return np.nan
        return -float(found.fun) - self.constant
