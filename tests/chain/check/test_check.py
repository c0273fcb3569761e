"""Each fault of a chain is found, told at its place, and told in one problem; a good chain has none."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from lodeworks.chain.check import CHECKS, check_chain
from lodeworks.chain.entities import Chain
from lodeworks.errors import Problem

GOOD: dict[str, Any] = {
    "chain": "t", "horizon": {"start": "2026-01-01", "length": "1 d"},
    "commodities": {"coal": {"unit": "t", "heating_value": "25 GJ/t"}, "coke": {"unit": "t", "heating_value": "28 GJ/t"}},
    "sites": {"a": {}, "b": {}},
    "supplies": {"mine": {"commodity": "coal", "site": "a", "price": "500 CNY/t", "most": "100 t/h"}},
    "processes": {"oven": {"site": "a", "inputs": {"coal": "1.37 t"}, "outputs": {"coke": "1 t"}, "capacity": "20 t/h"}},
    "routes": {"road": {"commodity": "coke", "from": "a", "to": "b", "cost": "1 CNY/t"}},
    "demands": {"steel": {"commodity": "coke", "site": "b", "price": "2000 CNY/t", "most": "25 t/h"}},
}


def problems(path: str, value: Any) -> list[Problem]:
    """Return the problems of the good chain with one thing changed."""
    data = copy.deepcopy(GOOD)
    place = data
    *parts, last = path.split(".")
    for part in parts:
        place = place.setdefault(part, {})
    place[last] = value
    return check_chain(Chain.model_validate(data))


def test_a_good_chain_has_no_problem() -> None:
    assert check_chain(Chain.model_validate(GOOD)) == []


@pytest.mark.parametrize(
    ("path", "value", "element", "says"),
    [
        ("processes.oven.site", "c", "processes.oven", "site"), ("routes.road.to", "bb", "routes.road", "site"),
        ("supplies.mine.commodity", "cool", "supplies.mine", "did you mean 'coal'"),
        ("supplies.mine.owner", "nobody", "supplies.mine", "firm"), ("routes.road.fleet", "vans", "routes.road", "fleet"),
        ("supplies.mine.price", "tariff", "supplies.mine", "profile"), ("objective", "proft", "objective", "did you mean 'profit'"),
        ("policies.cap", {"sum": {"ovn": 1}, "most": "3 t"}, "policies.cap", "did you mean 'oven'"),
        ("policies.cap", {"sum": {"oven": 1}, "most": "3 kWh"}, "policies.cap", "energy"),
        ("policies.cap", {"sum": {"oven": 1}}, "policies.cap", "least"),
        ("demands.oven", {"commodity": "coke", "site": "b", "price": "1 CNY/t"}, "demands.oven", "name"),
        ("processes.oven.capacity", "20 t", "processes.oven", "mass / time"),
        ("processes.oven.capacity", "20 foo/h", "processes.oven", "unknown unit"),
        ("processes.oven.capacity", "-20 t/h", "processes.oven", "negative"),
        ("routes.road.capacity", "20 Nm3/h", "routes.road", "normal volume"),
        ("stores.yard", {"commodity": "coke", "site": "a", "capacity": "3 Nm3"}, "stores.yard", "mass"),
        ("stores.yard", {"commodity": "coke", "site": "a", "end": "maybe"}, "stores.yard", "cyclic"),
        ("currency", "XYZ", "currency", "unknown unit"), ("units", {"x": "3 foo"}, "units", "cannot be defined"),
        ("processes.oven.availability", "120 %", "processes.oven", "outside 0 to 1"),
        ("processes.oven.min_load", "120 %", "processes.oven", "outside 0 to 1"),
        ("processes.oven.start_cost", "3 CNY", "processes.oven", "on_off"),
        ("processes.oven.start_inputs", {"coal": "3 t"}, "processes.oven", "on_off"),
        ("processes.oven.start_inputs", {"coal": "3 CNY"}, "processes.oven", "start_inputs.coal"),
        ("processes.oven.start_inputs", {"coall": "3 t"}, "processes.oven", "did you mean 'coal'"),
        ("stores.yard", {"commodity": "coke", "site": "a", "exclusive": True}, "stores.yard", "needs a bound on what it holds"),
        ("routes.road.on_off", True, "routes.road", "without a capacity"),
        ("processes.oven.reserves", {"slagg": {}}, "processes.oven", "there is no commodity of this name"),
        ("processes.oven.reserves", {"coal": {}}, "processes.oven", "is not its reserve"),
        ("processes.oven.reserves", {"spare": {"way": "upp"}}, "processes.oven", "did you mean 'up'"),
        ("processes.oven.unit", "3 t/h", "processes.oven", "on_off"), ("processes.oven.unit", "3 t", "processes.oven", "mass / time"),
        ("stores.yard", {"commodity": "coke", "site": "a", "least_stay": "3 d", "shelf_life": "2 d"}, "stores.yard", "keeps"),
        ("stores.yard", {"commodity": "coke", "site": "a", "least_stay": "9 d"}, "stores.yard", "until the end of all"),
        ("processes.oven.inputs", {"coal": "0.5 t"}, "processes.oven", "mass out of nothing"),
        ("processes.oven.inputs", {"coal": "0.5 t"}, "processes.oven", "`ambient: true` where it takes oxygen"),
        ("processes.oven.fixed_cost", "3 CNY", "processes.oven", "expected a unit like CNY/(t/h) per a"),
        ("commodities.coke.heating_value", "45 GJ/t", "processes.oven", "energy out of nothing"),
        ("processes.oven.modes", {"x": {"share_least": "70 %"}, "y": {"share_least": "70 %"}}, "processes.oven", "more than one"),
        ("processes.oven.blends", {"mix": {"amount": "1 t", "from": ["coal"], "limits": {"ash": {"most": "9 %"}}}},
         "processes.oven", "figure"),
        ("processes.idle", {"site": "a"}, "processes.idle", "nothing"), ("processes.oven.site", "", "processes.oven", "several sites"),
        ("demands.steel", {"commodity": "coke", "site": "b", "amount": "2 t/h", "unserved": "-3 CNY/t"}, "demands.steel", "negative"),
        ("routes.road.lag", {"1 h": 0.5, "2 h": 0.2}, "routes.road", "add to one"),
        ("demands.steel.least", "30 t/h", "demands.steel", "more than most"),
        ("commodities.coke.step", "90 min", "commodities.coke", "multiple"), ("horizon.length", "90 min", "horizon", "whole number"),
        ("profiles.p", {"values": [1, 2, 3]}, "profiles.p", "24"), ("calendars.c", {"hours": ["8-17"]}, "calendars.c", "stretch"),
        ("fleets.f", {"vehicles": 1, "payload": "0 t", "speed": "30 km/h"}, "fleets.f", "greater than nought"),
        ("demands.steel", {"commodity": "coke", "site": "b", "price": "1 CNY/t", "amount": "22 t/h"}, "demands.steel", "22"),
    ],
)
def test_an_error_is_found_at_its_place(path: str, value: Any, element: str, says: str) -> None:
    found = [p for p in problems(path, value) if p.severity == "error"]
    assert any(p.element.startswith(element) and says in str(p) for p in found), [str(p) for p in found]


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("commodities.slag", {"unit": "t"}, "nothing makes"), ("demands", {}, "nothing takes"),
        ("stores.yard", {"commodity": "coal", "site": "b", "capacity": "3 t"}, "stores.yard"),
        ("routes.back", {"commodity": "coal", "from": "a", "to": "b"}, "routes.back"),
        ("fleets.f", {"vehicles": 1, "payload": "30 t", "speed": "30 km/h"}, "no route uses"),
        ("pools.crew", {"amount": "3 person"}, "nothing uses"),
        ("stores.yard", {"commodity": "coke", "site": "a", "shelf_life": "20 min"}, "keeps for less"),
        ("processes.oven.inputs", {"coal": "1.37 t", "electrode": "1e-9 t"}, "far apart"),
    ],
)
def test_a_warning_does_not_stop_a_plan(path: str, value: Any, says: str) -> None:
    data = path
    if says == "far apart":
        chain = copy.deepcopy(GOOD)
        chain["commodities"]["electrode"] = {"unit": "t"}
        chain["supplies"]["e"] = {"commodity": "electrode", "site": "a", "price": "1 CNY/t"}
        chain["processes"]["oven"]["inputs"] = value
        found = check_chain(Chain.model_validate(chain))
    else:
        found = problems(data, value)
    assert all(p.severity == "warning" for p in found), [str(p) for p in found]
    assert any(says in str(p) for p in found), [str(p) for p in found]


def test_all_faults_are_told_at_once() -> None:
    data = copy.deepcopy(GOOD)
    data["processes"]["oven"]["capacity"] = "20 t"
    data["supplies"]["mine"]["price"] = "3 kWh"
    data["routes"]["road"]["to"] = "nowhere"
    assert {p.element for p in check_chain(Chain.model_validate(data)) if p.severity == "error"} == {
        "processes.oven", "supplies.mine", "routes.road"
    }


def test_the_tolerance_of_mass_is_the_callers() -> None:
    chain = Chain.model_validate({**GOOD, "processes": {"oven": {
        "site": "a", "inputs": {"coal": "0.95 t"}, "outputs": {"coke": "1 t"}}}})
    assert any("mass" in str(p) for p in check_chain(chain))
    assert not any("mass" in str(p) for p in check_chain(chain, tolerance=0.1))


def test_the_registry_lists_every_check_once() -> None:
    assert len(set(CHECKS)) == len(CHECKS) > 20
