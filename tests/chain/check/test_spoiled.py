"""Every value of a chain spoiled in turn: checking never stumbles, and compiling never finds a fault first."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from lodeworks.chain.check import check_chain
from lodeworks.chain.entities import Chain
from lodeworks.errors import Problem
from lodeworks.network import compile_network

GOOD: dict[str, Any] = {
    "chain": "good",
    "horizon": {"start": "2026-01-05", "length": "1 d"},
    "commodities": {
        "coal": {"unit": "t", "quality": {"ash": "9 %"}}, "lignite": {"unit": "t", "quality": {"ash": "15 %"}},
        "coke": {"unit": "t"}, "power": {"unit": "kWh"}, "diesel": {"unit": "L"},
    },
    "sites": {"works": {}, "port": {}},
    "firms": {"owner": {}},
    "supplies": {
        "mine": {"commodity": "coal", "site": "works", "price": "600 CNY/t", "most": "500 t/h"},
        "pit": {"commodity": "lignite", "site": "works", "price": "300 CNY/t"},
        "grid": {"commodity": "power", "site": "works", "price": "tariff"},
        "pump": {"commodity": "diesel", "site": "works", "price": "7 CNY/L"},
    },
    "processes": {
        "ovens": {
            "site": "works", "owner": "owner", "inputs": {"coal": "0.7 t", "power": "45 kWh"},
            "outputs": {"coke": "1 t"}, "capacity": "100 t/h", "min_load": "40 %", "pools": {"crew": "0.1 person/(t/h)"},
            "blends": {"mix": {"amount": "0.7 t", "from": ["coal", "lignite"], "limits": {"ash": {"most": "12 %"}}}},
            "expansion": {"most": "20 t/h", "cost": "1 MCNY per t/h", "life": "20 a", "lump": "10 t/h"},
        },
    },
    "routes": {"road": {"commodity": "coke", "from": "works", "to": "port", "distance": "30 km", "fleet": "trucks",
                        "lag": {"1 h": "50 %", "2 h": "50 %"}}},
    "fleets": {"trucks": {"vehicles": 40, "payload": "30 t", "speed": "50 km/h",
                          "fuel": {"diesel": {"laden": "0.4 L/km", "empty": "0.3 L/km"}}}},
    "stores": {"yard": {"commodity": "coke", "site": "works", "capacity": "1000 t"}},
    "pools": {"crew": {"amount": "20 person"}},
    "policies": {"cap": {"sum": {"ovens": 1}, "most": "2000 t", "every": "12 h"}},
    "demands": {"steel": {"commodity": "coke", "site": "port", "price": "1700 CNY/t", "most": "50 t/h"}},
    "profiles": {"tariff": {"unit": "CNY/kWh", "daily": [0.5] * 24}},
}
SLIPS = ["", "x", "3 t", "-1 t/h", "5 h", "2 CNY/t", "0", 0, -3, "1e9 kg", "tariff", "150 %", None, {}, "1 quux", "0 km/h"]


def places(data: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in data.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from places(value, (*above, key))


def spoiled(place: tuple[str, ...], value: Any) -> Chain | None:
    """Return the good chain with one value another; None where reading it would refuse that."""
    data = copy.deepcopy(GOOD)
    at = data
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    try:
        return Chain.model_validate(data)
    except ValidationError:
        return None


def errors(chain: Chain) -> list[Problem]:
    return [problem for problem in check_chain(chain) if problem.severity == "error"]


def test_the_good_chain_has_no_problem() -> None:
    assert check_chain(Chain.model_validate(GOOD)) == []


@pytest.mark.parametrize("section", list(GOOD))
def test_any_slip_is_found_by_the_checks_or_compiles(section: str) -> None:
    for place in (place for place in places(GOOD) if place[0] == section):
        for value in SLIPS:
            chain = spoiled(place, value)
            if chain is not None and not errors(chain):
                compile_network(chain)


@pytest.mark.parametrize(
    ("place", "value", "element", "key"),
    [
        ("routes.road.commodity", "cok", "routes.road", "commodity"),
        ("commodities.coke.unit", "", "commodities.coke", "unit"),
        ("commodities.coke.unit", "quux", "commodities.coke", "unit"),
        ("pools.crew.amount", "20 quux", "pools.crew", "amount"),
        ("processes.ovens.capacity", "100 t", "processes.ovens", "capacity"),
        ("profiles.tariff.unit", "CNY/t", "supplies.grid", "price"),
    ],
)
def test_one_slip_is_one_problem(place: str, value: str, element: str, key: str) -> None:
    chain = spoiled(tuple(place.split(".")), value)
    assert chain is not None
    assert [(p.element, p.key) for p in errors(chain)] == [(element, key)], [str(p) for p in errors(chain)]
