"""A small works whose plan is held against: coal is washed, coked and sold; the gas makes power; and its tags."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from lodeworks.chain.entities import Chain
from lodeworks.network import Network, compile_network
from lodeworks.network.live import Live, Tag
from lodeworks.plan import optimise, plan_tables
from lodeworks.watch.present import NEVER, PresentValues
from lodeworks.watch.samples import Quality

ZONE = "Asia/Shanghai"
WORKS: dict[str, Any] = {
    "chain": "works", "horizon": {"start": "2026-03-02", "length": "3 d"},
    "commodities": {"coal": {"unit": "t"}, "clean": {"unit": "t"}, "coke": {"unit": "t"},
                    "gas": {"unit": "Nm3", "let_go": True}, "power": {"unit": "kWh"}},
    "profiles": {"tariff": {"unit": "CNY/kWh", "daily": [0.2] * 7 + [0.5] * 5 + [0.9] * 7 + [0.4] * 5},
                 "price": {"unit": "CNY/t", "daily": [1700.0 + 5 * h for h in range(24)]}},
    "supplies": {"mine": {"commodity": "coal", "price": "600 CNY/t", "most": "100 t/h"},
                 "grid": {"commodity": "power", "price": "tariff"}},
    "processes": {
        "washing": {"inputs": {"coal": "1.8 t", "power": "12 kWh"}, "outputs": {"clean": "1 t"}, "capacity": "40 t/h", "cost": "25 CNY/t"},
        "coking": {"inputs": {"clean": "1.37 t", "power": "45 kWh"}, "outputs": {"coke": "1 t", "gas": "215 Nm3"},
                   "capacity": "26 t/h", "cost": "120 CNY/t"},
        "engine": {"inputs": {"gas": "0.62 Nm3"}, "outputs": {"power": "1 kWh"}, "capacity": "6 MW", "cost": "0.02 CNY/kWh"},
    },
    "stores": {"heap": {"commodity": "clean", "capacity": "300 t"},
               "holder": {"commodity": "gas", "capacity": "8000 Nm3"},
               "yard": {"commodity": "coke", "capacity": "200 t"}},
    "demands": {"steel": {"commodity": "coke", "price": "price", "most": "40 t/h"},
                "feed_in": {"commodity": "power", "price": {"profile": "tariff", "times": 0.6}}},
}


def tag(name: str, element: str, reads: str, unit: str, **more: Any) -> Tag:
    return Tag(**{
        "name": name, "title_en": name, "title_zh": name, "element": element, "site": "", "reads": reads, "kind": "sensor",
        "unit": unit, "low": 0.0, "high": np.inf, "place": "", "quantity": "", "period_s": 10.0, "feed": "", "address": "",
        **more,
    })


TAGS = (
    tag("wash_belt", "washing", "flow", "t/h"), tag("coke_belt", "coking", "flow", "t/h"),
    tag("engine_power", "engine", "flow", "kWh/h"), tag("steel_belt", "steel", "flow", "t/h"),
    tag("heap_level", "heap", "level", "t"), tag("holder_level", "holder", "level", "Nm3"),
    tag("roof_methane", "", "gas", "%"),
)


def ms(text: str) -> int:
    """Return a local time of the works as UTC milliseconds."""
    return round(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)


def values(live: Live, now: int, said: dict[str, float], quality: Quality = Quality.GOOD) -> PresentValues:
    """Return present values as said by tag, fresh at `now`; nothing was ever said of the others."""
    there = np.array([t.name in said for t in live.tags])
    at = np.where(there, now, NEVER)
    return PresentValues(np.array([said.get(t.name, np.nan) for t in live.tags]), at, at,
                         np.full(len(live.tags), int(quality), np.uint8), now)


def planned_works(data: dict[str, Any] = WORKS) -> tuple[Network, dict[str, pl.DataFrame]]:
    net = compile_network(Chain.model_validate(data))
    return net, plan_tables(optimise(net))
