"""The equations of GenX's `multi_stage` written out once more, without this language: one stage, all stages, stages in turn.

What a stage is stands in GenX at commit 794d391, `src/model` (resources, operational reserves, carbon cap) and
`src/multi_stage` (money, lives, dual dynamic programming). Money in million dollars, power in gigawatts.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import polars as pl
from scipy import sparse

__all__ = ["all_at_once", "in_turn"]

SERIES = pl.read_csv(Path(__file__).parent.parent / "data" / "peers" / "genx-multistage" / "series.csv")
DEMAND, SUN, WIND, PRICE = (np.asarray(SERIES[name], float) for name in ("demand", "solar", "wind", "gas_price"))
DEMAND = DEMAND / 1e3
STEPS, DAY = len(DEMAND), 24
OFTEN = np.repeat([1.0, 153.0, 209.0, 1.0, 1.0], DAY)
RATE, YEARS, STAGES, LIFE = 0.045, 10, 3, 20
CARBON = (1.0, 0.5, 0.05)
# Annuity, fixed cost, cost of capital, what exists: thousand dollars a MW or MWh, GW or GWh.
KINDS = {"gas": (65.4, 10.287, 0.039, 10.0), "sun": (85.3, 18.76, 0.017, 0.5), "wind": (97.2, 43.205, 0.024, 1.0),
         "power": (19.584, 4.895, 0.027, 0.0), "energy": (22.494, 5.622, 0.027, 0.0)}
UNIT, LEAST, RAMP, HEAT, KEEPS = 0.25, 0.468, 0.64, 7.43, 0.92
Terms = Sequence[tuple[Any, Any]]


def ago(steps: int = 1) -> Any:
    """Return for each hour the one some hours before it, within its day."""
    return np.concatenate([first + (np.arange(DAY) - steps) % DAY for first in range(0, STEPS, DAY)])


class Equations:
    """A linear program on its way: columns, and rows of terms."""

    def __init__(self) -> None:
        self.cost: list[float] = []
        self.floor: list[float] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.terms: list[tuple[Any, Any, Any]] = []

    def columns(self, count: int = 1, cost: Any = 0.0, floor: float = 0.0) -> Any:
        first = len(self.cost)
        self.cost += list(np.broadcast_to(np.asarray(cost, float), count))
        self.floor += [floor] * count
        return first + np.arange(count)

    def rows(self, terms: Terms, low: Any, high: Any) -> None:
        """Add a row for each step."""
        rows = len(self.low) + np.arange(STEPS)
        self.terms += [(rows, np.broadcast_to(c, STEPS), np.broadcast_to(np.asarray(v, float), STEPS)) for c, v in terms]
        self.low += list(np.broadcast_to(np.asarray(low, float), STEPS))
        self.high += list(np.broadcast_to(np.asarray(high, float), STEPS))

    def row(self, terms: Terms, low: float, high: float) -> int:
        """Add one row, of sums over the columns of each term."""
        for columns, value in terms:
            many = np.atleast_1d(columns)
            self.terms.append((np.full(len(many), len(self.low)), many, np.broadcast_to(np.asarray(value, float), len(many))))
        self.low.append(low)
        self.high.append(high)
        return len(self.low) - 1

    def solved(self) -> tuple[float, Any, Any]:
        """Return the optimum, columns and duals of rows."""
        rows, columns, values = (np.concatenate([term[k] for term in self.terms]) for k in range(3))
        matrix = sparse.coo_array((values, (rows, columns)), shape=(len(self.low), len(self.cost))).tocsc()
        model, highs = highspy.HighsLp(), highspy.Highs()
        model.num_col_, model.num_row_ = len(self.cost), len(self.low)
        model.col_cost_, model.col_lower_, model.col_upper_ = self.cost, self.floor, np.full(len(self.cost), np.inf)
        model.row_lower_, model.row_upper_ = self.low, self.high
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
        highs.setOptionValue("output_flag", False)
        highs.passModel(model)
        highs.run()
        assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        solution = highs.getSolution()
        return highs.getInfo().objective_function_value, np.array(solution.col_value), np.array(solution.row_dual)


def stage(e: Equations, number: int) -> dict[str, dict[str, int]]:
    """Add a stage; return its columns of what was there, is new, retires and stands, by kind."""
    begins = (1.0 + RATE) ** (-YEARS * number)
    counts = begins * sum((1.0 + RATE) ** -year for year in range(YEARS))
    weight, before, ever = counts * OFTEN, ago(), np.inf
    own: dict[str, dict[str, int]] = {"there": {}, "new": {}, "retires": {}, "stands": {}}
    for kind, (annuity, fixed, rate, _) in KINDS.items():
        paid = annuity * sum((1.0 + rate) ** -year for year in range(1, min(LIFE, YEARS * (STAGES - number)) + 1))
        for what, cost in (("there", 0.0), ("new", begins * paid), ("retires", 0.0), ("stands", counts * fixed)):
            own[what][kind] = int(e.columns(cost=cost)[0])
        e.row([(own[what][kind], sign) for what, sign in (("stands", 1), ("there", -1), ("new", -1), ("retires", 1))], 0.0, 0.0)
        e.row([(own["retires"][kind], 1), (own["there"][kind], -1)], -ever, 0.0)
    stands = own["stands"]
    e.row([(stands["energy"], 1), (stands["power"], -1)], 0.0, ever)
    e.row([(stands["energy"], 1), (stands["power"], -10)], -ever, 0.0)
    gas, on = e.columns(STEPS, weight * (3.55 + HEAT * PRICE) / 1e3), e.columns(STEPS)
    starts, stops = e.columns(STEPS, weight * UNIT * (91.0 + 2.0 * PRICE) / 1e3), e.columns(STEPS)
    sun, wind, level = e.columns(STEPS), e.columns(STEPS, weight * 0.1 / 1e3), e.columns(STEPS)
    out, into = (e.columns(STEPS, weight * 0.15 / 1e3) for _ in range(2))
    short, lacking = e.columns(STEPS, weight * 50.0), e.columns(STEPS, weight * 1.0)
    regulates, ready = e.columns(STEPS), e.columns(STEPS)
    e.rows([(gas, 1), (sun, 1), (wind, 1), (out, 1), (into, -1), (short, 1)], DEMAND, DEMAND)
    e.rows([(regulates, 1)], 0.01 * DEMAND, ever)
    e.rows([(ready, 1), (lacking, 1)], 0.033 * DEMAND, ever)
    for terms in (
        [(short, 1)], [(sun, 1), (stands["sun"], -SUN)], [(wind, 1), (stands["wind"], -WIND)],
        [(level, 1), (stands["energy"], -1)], [(out, 1), (into, 1), (stands["power"], -1)], [(out, 1), (level[before], -KEEPS)],
        [(on, UNIT), (stands["gas"], -1)], [(regulates, 1), (on, -0.25 * UNIT)], [(ready, 1), (on, -0.5 * UNIT)],
        [(gas, 1), (regulates, 1), (ready, 1), (on, -UNIT)], [(gas, -1), (regulates, 1), (on, LEAST * UNIT)],
        [(gas, 1), (gas[before], -1), (regulates, 1), (regulates[before], -1), (ready, 1),
         (on, -RAMP * UNIT), (stops, LEAST * UNIT)],
        [(gas, -1), (gas[before], 1), (regulates, -1), (regulates[before], 1), (ready[before], 1),
         (on, -RAMP * UNIT), (starts, (RAMP + LEAST) * UNIT), (stops, -RAMP * UNIT)],
        [(on, -1), *((starts[ago(steps)], 1) for steps in range(6))],
        [(stands["gas"], -1.0 / UNIT), (on, 1), *((stops[ago(steps)], 1) for steps in range(6))],
    ):
        e.rows(terms, -ever, DEMAND if terms[0][0] is short else 0.0)
    e.rows([(level, 1), (level[before], -1), (out, 1.0 / KEEPS), (into, -KEEPS)], 0.0, 0.0)
    e.rows([(on, 1), (on[before], -1), (starts, -1), (stops, 1)], 0.0, 0.0)
    cap = CARBON[number]
    e.row([(gas, OFTEN * HEAT * 0.05306), (starts, OFTEN * UNIT * 2.0 * 0.05306), (short, OFTEN * cap), (into, -OFTEN * cap),
           (out, OFTEN * cap)], -ever, cap * float(OFTEN @ DEMAND))
    return own


def all_at_once() -> float:
    """Return the optimum of all stages known in advance."""
    e = Equations()
    stages = [stage(e, number) for number in range(STAGES)]
    for kind, (*_, exists) in KINDS.items():
        for number, own in enumerate(stages):
            given = exists if number == 0 else 0.0
            earlier = [(stages[number - 1]["stands"][kind], -1)] if number else []
            e.row([(own["there"][kind], 1), *earlier], given, given)
        e.row([(stages[0]["new"][kind], 1), *((own["retires"][kind], -1) for own in stages)], -np.inf, 0.0)
    return e.solved()[0]


def in_turn() -> list[float]:
    """Return each stage's objective as dual dynamic programming leaves it when its bounds are within 1 %."""
    cuts: list[list[tuple[float, dict[tuple[str, str, int], float]]]] = [[] for _ in range(STAGES)]

    def solved(number: int, earlier: dict[str, Any] | None) -> dict[str, Any]:
        e = Equations()
        own = stage(e, number)
        known = {("stands", kind, 0): own["stands"][kind] for kind in KINDS}
        rows = {}
        for kind in KINDS:
            given = KINDS[kind][3] if earlier is None else earlier["state"]["stands", kind, 0]
            rows["stands", kind, 0] = e.row([(own["there"][kind], 1)], given, given)
            for what in ("new", "retires"):
                for j in range(number):
                    known[what, kind, j] = int(e.columns()[0])
                    past = earlier["state"][what, kind, j] if earlier is not None else 0.0
                    rows[what, kind, j] = e.row([(known[what, kind, j], 1)], past, past)
                known[what, kind, number] = own[what][kind]
            if number == STAGES - 1:
                e.row([(known["new", kind, 0], 1), *((known["retires", kind, j], -1) for j in range(STAGES))], -np.inf, 0.0)
        after = int(e.columns(cost=1.0)[0])
        for least, slopes in cuts[number]:
            e.row([(after, 1), *((known[key], -slope) for key, slope in slopes.items())], least, np.inf)
        value, x, dual = e.solved()
        return {"value": value, "now": value - x[after], "state": {key: x[c] for key, c in known.items()},
                "slopes": {key: dual[r] for key, r in rows.items()}}

    def forward(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found = [found[0] if found else solved(0, None)]
        for number in range(1, STAGES):
            found.append(solved(number, found[-1]))
        return found

    found = [solved(0, None)]
    most = np.inf
    while most - found[0]["value"] > 0.01 * found[0]["value"]:
        found = forward(found)
        most = min(most, sum(own["now"] for own in found))
        for number in range(STAGES - 1, 0, -1):
            later, own = found[number], found[number - 1]
            slopes = later["slopes"]
            cuts[number - 1].append((later["value"] - sum(v * own["state"][key] for key, v in slopes.items()), slopes))
            found[number - 1] = solved(number - 1, found[number - 2] if number > 1 else None)
    return [own["value"] for own in forward([])]
