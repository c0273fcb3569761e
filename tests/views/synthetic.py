"""Results made by hand, shaped exactly as a plan's tables are, with sums that can be checked on paper.

Four sites, twelve elements, a year of hours: coal is mined and burnt, coke is made and carried, hydrogen is stored by
day and sold by night. Every balance closes in every hour.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

__all__ = ["Made", "made"]

HOURS = 8760
START = np.datetime64("2026-01-01T00:00", "ms")


class Made:
    """Results held in memory."""

    def __init__(self, manifest: dict[str, Any], chain: dict[str, Any], tables: dict[str, pl.DataFrame]) -> None:
        self.manifest: Mapping[str, Any] = manifest
        self.chain: Mapping[str, Any] = chain
        self._tables = tables

    @property
    def tables(self) -> Sequence[str]:
        return tuple(self._tables)

    def table(self, name: str) -> pl.DataFrame:
        return self._tables[name]

    def having(self, **tables: pl.DataFrame) -> Made:
        """The same results with some tables replaced or added."""
        return Made(dict(self.manifest), dict(self.chain), {**self._tables, **tables})


def _long(runs: list[tuple[dict[str, str], dict[str, Any]]], *, end: bool = False) -> pl.DataFrame:
    names, numbers = list(runs[0][0]), list(runs[0][1])
    count = HOURS
    time = START + (np.arange(count) + (1 if end else 0)) * np.timedelta64(3_600_000, "ms")
    columns: dict[str, Any] = {
        name: pl.Series([run[0][name] for run in runs for _ in range(count)], dtype=pl.Categorical) for name in names
    }
    columns["time"] = pl.Series(np.tile(time, len(runs)), dtype=pl.Datetime("ms"))
    for number in numbers:
        columns[number] = np.concatenate([np.broadcast_to(np.asarray(run[1][number], float), count) for run in runs])
    return pl.DataFrame(columns)


def _flow(
    element: str, kind: str, commodity: str, site: str, unit: str, amount: Any
) -> tuple[dict[str, str], dict[str, Any]]:
    return (
        {"element": element, "kind": kind, "mode": "", "commodity": commodity, "site": site, "unit": unit},
        {"hours": 1.0, "amount": amount},
    )


def made() -> Made:
    """Return the results."""
    hour = np.arange(HOURS)
    wave = np.sin(2 * math.pi * hour / 24)
    coke, hydrogen = 100.0 + 10.0 * wave, np.full(HOURS, 50.0)
    draw = np.where(hour % 24 < 12, -20.0, 20.0)
    sold_hydrogen = hydrogen + draw
    gas = 20.0 * hydrogen
    spike = np.zeros(HOURS)
    spike[4321] = 5000.0
    flows = _long(
        [
            _flow("mine", "process", "coal", "hill", "t", 1.4 * coke),
            _flow("belt", "route", "coal", "hill", "t", -1.4 * coke),
            _flow("belt", "route", "coal", "river", "t", 1.4 * coke),
            _flow("ovens", "process", "coal", "river", "t", -1.4 * coke),
            _flow("ovens", "process", "coke", "river", "t", coke),
            _flow("coke_sales", "demand", "coke", "river", "t", -coke),
            _flow("ovens", "process", "gas", "river", "Nm3", gas + spike),
            _flow("gas let go at river", "let_go", "gas", "river", "Nm3", -spike),
            _flow("psa", "process", "gas", "river", "Nm3", -gas),
            _flow("psa", "process", "hydrogen", "river", "kg", hydrogen),
            _flow("tank", "store", "hydrogen", "river", "kg", draw),
            _flow("hydrogen_sales", "demand", "hydrogen", "river", "kg", -sold_hydrogen),
            _flow("grid", "supply", "electricity", "", "kWh", 1000.0 + 0.0 * hour),
            _flow("mine", "process", "electricity", "", "kWh", -1000.0 + 0.0 * hour),
        ]
    )
    rates = _long(
        [
            ({"element": e, "kind": "process", "mode": "", "unit": u}, {"hours": 1.0, "rate": r})
            for e, u, r in (("mine", "t/h", 1.4 * coke), ("ovens", "t/h", coke), ("psa", "kg/h", hydrogen))
        ]
    )
    level = np.cumsum(-draw)
    levels = _long(
        [
            (
                {"store": "tank", "commodity": "hydrogen", "site": "river", "unit": "kg"},
                {"level": level, "capacity": 240.0},
            )
        ],
        end=True,
    )
    price = np.where(hour % 24 < 8, 0.3, 0.6)
    values = _long(
        [
            ({"what": "balance", "name": c, "commodity": c, "site": s, "unit": f"CNY/{u}"}, {"hours": 1.0, "value": v})
            for c, s, u, v in (
                ("coal", "hill", "t", 600.0),
                ("coal", "river", "t", 630.0),
                ("coke", "river", "t", 1500.0),
                ("gas", "river", "Nm3", 0.0),
                ("hydrogen", "river", "kg", 20.0),
                ("electricity", "", "kWh", price),
            )
        ]
    )
    tons, kilos = float(coke.sum()), float(sold_hydrogen.sum())
    costs = pl.DataFrame(
        [
            ("revenue", "coke_sales", "demand", "coke", "river", "coking", 1500.0 * tons),
            ("revenue", "hydrogen_sales", "demand", "hydrogen", "river", "coking", 25.0 * kilos),
            ("operating", "mine", "process", "coal", "hill", "mines", -1.4 * 300.0 * tons),
            ("operating", "ovens", "process", "coke", "river", "coking", -180.0 * tons),
            ("freight", "belt", "route", "coal", "hill", "", -1.4 * 12.0 * tons),
            ("purchase", "grid", "supply", "electricity", "", "mines", -float((1000.0 * price).sum())),
            ("investment", "psa", "process", "hydrogen", "river", "coking", -2.0e6),
        ],
        orient="row",
        schema=["item", "element", "kind", "commodity", "site", "owner", "amount"],
    ).with_columns(currency=pl.lit("CNY"))
    return Made(
        _manifest(float(costs["amount"].sum())),
        _chain(),
        {
            "elements": _elements(),
            "commodities": _commodities(),
            "flows": flows,
            "rates": rates,
            "levels": levels,
            "capacities": _capacities(),
            "candidates": _candidates(),
            "marginal_values": values,
            "costs": costs,
            "unserved": flows.select(
                demand="element",
                commodity="commodity",
                site="site",
                unit="unit",
                time="time",
                hours="hours",
                amount="amount",
            ).head(0),
            "resources": _long(
                [({"name": "crews", "kind": "pool", "unit": "crew"}, {"hours": 1.0, "used": 5.0, "available": 9.0})]
            ),
            "policies": pl.DataFrame(
                {
                    "policy": ["gas_cap"],
                    "time": [START.item()],
                    "value": [1.5],
                    "least": [None],
                    "most": [2.0],
                    "unit": ["Mt"],
                    "marginal_value": [0.0],
                },
                schema_overrides={"least": pl.Float64, "time": pl.Datetime("ms")},
            ),
            "sites": pl.DataFrame(
                {
                    "site": ["hill", "river", "park", "market"],
                    "title_en": ["Hill", "River", "Park", "Far market"],
                    "title_zh": ["山镇", "河镇", "园区", "远方市场"],
                    "latitude": [26.0, 26.5, 26.3, 23.1],
                    "longitude": [104.5, 104.9, 105.1, 113.3],
                }
            ),
            "claims": pl.DataFrame(
                {
                    "id": ["K1", "K2", "K3"],
                    "title_en": ["Growth <b>21 %</b>", "Doubled", "Share"],
                    "title_zh": ["增速21%", "翻番", "占比"],
                    "verdict": ["holds", "fails", "needs assumption"],
                    "printed": ["21.7 %", "2", "97 %"],
                    "computed": ["21.67 %", "1.4, apart by 0.6", "97.0 %"],
                    "computed_zh": ["21.67 %", "1.4，相差 0.6", "97.0 %"],
                    "note_en": ["", "short by 0.6", "3 % not told"],
                    "note_zh": ["", "差0.6", "未说明3%"],
                }
            ),
            "sources": pl.DataFrame({"id": ["A1"], "title": ["Yearbook"], "value": ["8.8"], "unit": ["Mt/a"]}),
            "assumptions": pl.DataFrame(
                {
                    "element": ["processes.mine", "processes.ovens"],
                    "key": ["capacity", "cost"],
                    "value": ["300 t/h", "180 CNY/t"],
                    "source": ["A1", "assumed"],
                    "range": ["", "150 .. 220 CNY/t"],
                }
            ),
        },
    )


def _manifest(profit: float) -> dict[str, Any]:
    return {
        "kind": "plan",
        "chain": "two_towns",
        "title": {"en": "Coal & coke of two towns", "zh": "两镇煤焦链"},
        "status": "optimal",
        "objective": {"goal": "profit", "value": profit, "unit": "CNY"},
        "verified": True,
        "residuals": {"primal": 1e-12, "dual": 2e-12, "gap": 3e-12},
        "size": {"columns": 10, "rows": 9, "nonzeros": 30, "integers": 0},
        "timings": {"solve": 1.5, "write": 0.1},
        "solver": {"name": "HiGHS", "version": "1", "method": "ipm"},
        "chain_hash": "abc123",
        "versions": {},
        "command": "",
        "created": "2026-01-01T00:00:00",
        "currency": "CNY",
        "duals": "exact",
        "horizon": {"start": "2026-01-01T00:00:00", "step_h": 1.0, "steps": HOURS},
    }


def _chain() -> dict[str, Any]:
    return {
        "firms": {
            "mines": {"title": {"en": "Hill Mines", "zh": "山地煤业"}},
            "coking": {"title": {"en": "River Coking", "zh": "河谷焦化"}},
        },
        "policies": {"gas_cap": {"title": {"en": "Cap on gas", "zh": "煤气上限"}}},
    }


def _elements() -> pl.DataFrame:
    rows = [
        ("mine", "process", "Mine", "煤矿", "coal", "t", "hill", "", "mines", False),
        ("ovens", "process", "Coke ovens", "焦炉", "coke", "t", "river", "", "coking", False),
        ("psa", "process", "Hydrogen plant", "制氢装置", "hydrogen", "kg", "river", "", "coking", True),
        ("belt", "route", "Belt", "皮带", "coal", "t", "hill", "river", "", False),
        ("tank", "store", "Tank", "储罐", "hydrogen", "kg", "river", "", "coking", False),
        ("coke_sales", "demand", "Coke sales", "焦炭销售", "coke", "t", "river", "", "coking", False),
        ("hydrogen_sales", "demand", "Hydrogen sales", "氢气销售", "hydrogen", "kg", "river", "", "coking", False),
        ("grid", "supply", "Grid", "电网", "electricity", "kWh", "", "", "mines", False),
        ("crews", "pool", "Crews", "班组", "", "crew", "", "", "", False),
    ]
    return pl.DataFrame(
        rows,
        orient="row",
        schema={
            **dict.fromkeys(
                ["element", "kind", "title_en", "title_zh", "commodity", "unit", "site", "site_to", "owner"], pl.String
            ),
            "candidate": pl.Boolean,
        },
    )


def _commodities() -> pl.DataFrame:
    return pl.DataFrame(
        [
            ("coal", "Coal", "原煤", "t", 1000.0, 20000.0),
            ("coke", "Coke", "焦炭", "t", 1000.0, 28400.0),
            ("gas", "Gas", "煤气", "Nm3", 0.45, 17.0),
            ("hydrogen", "Hydrogen", "氢气", "kg", 1.0, 120.0),
            ("electricity", "Electricity", "电力", "kWh", None, 3.6),
        ],
        orient="row",
        schema={
            "commodity": pl.String,
            "title_en": pl.String,
            "title_zh": pl.String,
            "unit": pl.String,
            "mass_kg": pl.Float64,
            "energy_MJ": pl.Float64,
        },
    )


def _capacities() -> pl.DataFrame:
    rows = [
        ("mine", "process", "coal", "t/h", 300.0, 0.0, 300.0, None, 140.0, 154.0, 0.4667, 0.0, 0.0, None, 0.0, False),
        (
            "ovens",
            "process",
            "coke",
            "t/h",
            110.0,
            0.0,
            110.0,
            None,
            100.0,
            110.0,
            0.909,
            3000.0,
            250_000.0,
            None,
            0.0,
            False,
        ),
        (
            "psa",
            "process",
            "hydrogen",
            "kg/h",
            0.0,
            50.0,
            50.0,
            50.0,
            50.0,
            50.0,
            1.0,
            8760.0,
            90_000.0,
            40_000.0,
            2.4e7,
            True,
        ),
        ("tank", "store", "hydrogen", "kg", 240.0, 0.0, 240.0, None, 120.0, 240.0, 0.5, 365.0, 900.0, None, 0.0, False),
        ("belt", "route", "coal", "t/h", None, 0.0, None, None, 140.0, 154.0, None, 0.0, 0.0, None, 0.0, False),
    ]
    names = [
        "existing",
        "built",
        "total",
        "buildable",
        "mean_use",
        "peak_use",
        "utilisation",
        "binding_hours",
        "marginal_value",
        "annual_cost",
        "investment",
    ]
    return pl.DataFrame(
        rows,
        orient="row",
        schema={
            **dict.fromkeys(["element", "kind", "commodity", "unit"], pl.String),
            **dict.fromkeys(names, pl.Float64),
            "candidate": pl.Boolean,
        },
    )


def _candidates() -> pl.DataFrame:
    return (
        _capacities()
        .filter(pl.col("annual_cost").is_not_null())
        .select(
            "element",
            "kind",
            "commodity",
            "unit",
            "buildable",
            "built",
            "marginal_value",
            "annual_cost",
            net_value=pl.col("marginal_value") - pl.col("annual_cost"),
            earns=(pl.col("marginal_value") - pl.col("annual_cost")) * pl.col("built"),
            investment="investment",
        )
    )
