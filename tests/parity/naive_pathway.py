"""Stages and scenarios the slow way: one naive program a stage and scenario, put together by loops, for scipy.

Each year of a stage is discounted by itself, each unit of capacity is followed from stage to stage by itself. Shares no
code with `lodeworks.network` or `lodeworks.plan`; the chains of stages and scenarios are read again from plain data.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import LinearConstraint, milp

from lodeworks.chain.entities import Chain
from tests.parity.naive import Naive

__all__ = ["NaivePathway"]


def changed(data: dict[str, Any], sets: dict[str, str]) -> dict[str, Any]:
    """Return plain data with values at dotted paths replaced."""
    data = copy.deepcopy(data)
    for path, value in sets.items():
        *above, last = path.split(".")
        place = data
        for key in above:
            place = place[key]
        place[last] = value
    return data


class NaivePathway:
    """The program of a chain with stages or scenarios; every expansion must give cost, most and life."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.years: list[int] = data["horizon"].get("stages", [])
        self.rate = float(data["horizon"]["discount"].split()[0]) / 100.0
        self.scenarios: dict[str, dict[str, Any]] = data.get("scenarios", {"": {"probability": 1.0, "set": {}}})
        self.plain = {k: v for k, v in data.items() if k not in ("stages", "scenarios")}
        self.plain["horizon"] = {k: v for k, v in data["horizon"].items() if k not in ("stages", "last", "discount")}

    def lengths(self) -> list[int]:
        last = int(self.data["horizon"]["last"].split()[0])
        return [b - a for a, b in zip(self.years, self.years[1:], strict=False)] + [last]

    def solve(self) -> float:
        """Return the best objective, or nan where there is none."""
        self.cost: list[float] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []
        years = self.years or [0]
        lengths = self.lengths() if self.years else [1]
        decided: dict[tuple[str, int], int] = {}
        sets: dict[str, str] = {}
        for y, year in enumerate(years):
            sets |= self.data.get("stages", {}).get(str(year), {}).get("set", {})
            stage = Chain.model_validate(changed(self.plain, sets))
            for name, process in stage.processes.items():
                if process.expansion is not None:
                    decided[name, y] = self.column(self.paid(process.expansion, y, years, lengths), 0.0, np.inf)
            for scenario in self.scenarios.values():
                chain = Chain.model_validate(changed(self.plain, {**sets, **scenario.get("set", {})}))
                self.add_slice(chain, y, years, lengths, float(scenario["probability"]), decided)
        return self.run()

    def column(self, cost: float, low: float, high: float) -> int:
        self.cost.append(cost)
        self.low.append(low)
        self.high.append(high)
        return len(self.cost) - 1

    def paid(self, expansion: Any, y: int, years: list[int], lengths: list[int]) -> float:
        """What a unit decided in stage y costs now: the payments of its annuity that fall into stages it stands in."""
        life, cost = expansion.life.value, expansion.cost.value
        payment = cost / life if self.rate == 0 else cost * self.rate / (1 - (1 + self.rate) ** -life)
        if not self.years:
            return payment * float(self.data["horizon"]["length"].split()[0]) / 8760.0
        lead = expansion.lead.value if expansion.lead is not None else 0.0
        standing = self.stages_of(years, y, lead, life)
        count = sum(lengths[s] for s in standing)
        return sum(payment * (1 + self.rate) ** -(years[y] - years[0] + j + 1) for j in range(count))

    def stages_of(self, years: list[int], y: int, lead: float, life: float) -> list[int]:
        begun = next((s for s in range(len(years)) if years[s] >= years[y] + lead), None)
        return [] if begun is None else [s for s in range(begun, len(years)) if years[s] < years[begun] + life]

    def add_slice(
        self, chain: Chain, y: int, years: list[int], lengths: list[int], probability: float,
        decided: dict[tuple[str, int], int],
    ) -> None:
        naive = Naive(chain)
        naive.run = lambda: 0.0  # type: ignore[method-assign]
        naive.solve()
        weight = probability
        if self.years:
            year = 8760.0 / naive.steps
            first = years[y] - years[0]
            weight *= year * sum((1 + self.rate) ** -(first + j + 1) for j in range(lengths[y]))
        offset = len(self.cost)
        built = {name: naive.built[name] for name in naive.built}
        money = list(naive.cost)
        for column in built.values():
            money[column] = 0.0
        self.cost += [weight * c for c in money]
        self.low += [low for low, _ in naive.bounds]
        self.high += [np.inf if high is None else high for _, high in naive.bounds]
        for row, right in naive.less:
            self.rows.append(({offset + c: v for c, v in row.items()}, -np.inf, right))
        for row, right in naive.equal:
            self.rows.append(({offset + c: v for c, v in row.items()}, right, right))
        for name, column in built.items():
            row = {offset + column: 1.0}
            for s in range(y + 1):
                expansion = chain.processes[name].expansion
                assert expansion is not None
                lead = expansion.lead.value if expansion.lead is not None else 0.0
                if y in (self.stages_of(years, s, lead, expansion.life.value) if self.years else [0]):
                    row[decided[name, s]] = -1.0
            self.rows.append((row, 0.0, 0.0))

    def run(self) -> float:
        entries = [(i, c, v) for i, (row, _, _) in enumerate(self.rows) for c, v in row.items()]
        i, c, v = zip(*entries, strict=True)
        matrix = sparse.csr_array((v, (i, c)), shape=(len(self.rows), len(self.cost)))
        limits = LinearConstraint(matrix, [low for _, low, _ in self.rows], [high for _, _, high in self.rows])
        found = milp(np.array(self.cost), constraints=limits, bounds=(np.array(self.low), np.array(self.high)))
        return -float(found.fun) if found.status == 0 else np.nan
