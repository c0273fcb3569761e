"""A chain becomes arrays: which columns, coefficients, grids and bounds each entity makes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.errors import InputError
from lodeworks.network import Network, compile_network


def network(**sections: Any) -> Network:
    base = {"chain": "t", "horizon": {"start": "2026-01-01", "length": "1 d"},
            "commodities": {"coal": {"unit": "t"}, "coke": {"unit": "t", "step": "4 h"}, "power": {"unit": "kWh"}}}
    return compile_network(Chain.model_validate({**base, **sections}))


def coefficients(net: Network) -> dict[tuple[str, str, str], float]:
    """Return amounts by (element, commodity, site)."""
    flows = net.coefficients
    return {
        (net.elements[flows.element[i]].name, net.balances.commodity[flows.balance[i]],
         net.balances.site[flows.balance[i]]): float(flows.amount[i])
        for i in range(len(flows.amount))
    }


def test_a_process_takes_and_gives_in_the_commodities_units() -> None:
    net = network(processes={"oven": {"inputs": {"coal": "1370 kg", "power": "0.045 MWh"}, "outputs": {"coke": "1 t"}}})
    assert coefficients(net) == {
        ("oven", "coal", ""): -1.37, ("oven", "power", ""): -45.0, ("oven", "coke", ""): 1.0,
    }


def test_an_activity_runs_at_the_finest_step_of_its_commodities_unless_it_says() -> None:
    recipe = {"inputs": {"coal": "1 t"}, "outputs": {"coke": "1 t"}}
    net = network(processes={"fine": recipe, "own": {**recipe, "step": "2 h"}},
                  supplies={"buy": {"commodity": "coke", "price": "1 CNY/t"}})
    assert [net.grids[g].multiple for g in net.activities.grid] == [1, 2, 4]


def test_each_site_has_its_balance_and_a_shared_commodity_only_one() -> None:
    net = network(
        sites={"a": {}, "b": {}}, commodities={"coal": {"unit": "t"}, "power": {"unit": "kWh", "shared": True}},
        processes={name: {"site": name, "inputs": {"coal": "1 t"}, "outputs": {"power": "1 kWh"}} for name in "ab"},
    )
    assert sorted(zip(net.balances.commodity, net.balances.site, strict=True)) == [
        ("coal", "a"), ("coal", "b"), ("power", "")
    ]


def test_a_route_loses_its_share_and_its_lags_add_up() -> None:
    net = network(sites={"a": {}, "b": {}}, routes={
        "r": {"commodity": "coal", "from": "a", "to": "b", "loss": "10 %", "lag": {"1 h": "25 %", "3 h": "75 %"}}
    })
    arriving = net.coefficients.amount > 0
    assert net.coefficients.amount[arriving].tolist() == pytest.approx([0.225, 0.675])
    assert net.coefficients.lag[arriving].tolist() == [1.0, 3.0]


def test_modes_are_activities_that_share_a_plant() -> None:
    net = network(processes={"oven": {"outputs": {"coke": "1 t"}, "capacity": "10 t/h", "modes": {
        "gas": {"inputs": {"power": "3 kWh"}}, "coal": {"inputs": {"coal": "0.1 t"}, "cost": "5 CNY/t"}}}})
    assert net.activities.mode == ("gas", "coal")
    assert net.activities.plant.tolist() == [0, 0]
    assert len(net.plants) == 1


def test_a_fleets_trips_cost_vehicle_hours_and_fuel() -> None:
    net = network(
        sites={"a": {}, "b": {}},
        fleets={"trucks": {"vehicles": 10, "payload": "30 t", "speed": "45 km/h",
                           "fuel": {"power": {"laden": "2 kWh/km", "empty": "1 kWh/km"}}, "refuel": {"site": "a"}}},
        routes={"haul": {"commodity": "coal", "from": "a", "to": "b", "distance": "90 km", "fleet": "trucks",
                         "load": "12 min", "unload": "18 min"}},
    )
    assert net.resources.use.tolist() == pytest.approx([(4.0 + 0.5) / 30.0])
    assert coefficients(net)["trucks", "power", "a"] == pytest.approx(-270.0 / 30.0)


def test_an_unserved_demand_earns_its_penalty_and_owes_it_beforehand() -> None:
    net = network(demands={"d": {"commodity": "coal", "amount": "2 t/h", "price": "10 CNY/t", "unserved": "100 CNY/t"}})
    assert net.activities.must_serve.tolist() == [True]
    assert [c.money for c in net.constants] == [-100.0 * 2.0 * 24.0]


def test_a_profile_is_one_series_however_often_it_is_used() -> None:
    trade = {"commodity": "power", "price": "tariff"}
    net = network(profiles={"tariff": {"daily": list(range(24)), "unit": "CNY/kWh"}},
                  supplies={"a": trade, "b": trade}, demands={"c": trade})
    assert len(net.series) == 1
    assert np.unique(net.costs.money.series).tolist() == [0]


def test_a_policys_sum_counts_a_named_flow() -> None:
    net = network(
        processes={"oven": {"inputs": {"coal": "1.37 t"}, "outputs": {"coke": "1 t"}}},
        policies={"cap": {"sum": {"oven.coal": 2}, "most": "500 kt"}},
    )
    assert net.policies.term.tolist() == pytest.approx([2 * 1.37 / 1000.0])
    assert net.policies.most.tolist() == [500.0]


def test_a_combination_no_engine_can_hold_is_refused_in_words() -> None:
    with pytest.raises(InputError, match="most that can be built"):
        network(processes={"oven": {"inputs": {"coal": "1 t"}, "outputs": {"coke": "1 t"}, "on_off": True,
                                    "capacity": "1 t/h", "expansion": {"cost": "1 CNY/(t/h)"}}})


def test_a_recipe_is_a_proportion_whatever_the_reference_is_counted_in() -> None:
    recipes = [{"power": "1 MWh"}, {"power": "1000 kWh"}, {"power": "2 MWh"}]
    taken = []
    for outputs in recipes:
        coal = "0.886 t" if outputs["power"] == "2 MWh" else "0.443 t"
        net = network(processes={"plant": {"inputs": {"coal": coal}, "outputs": outputs, "capacity": "300 MW"}})
        taken.append(coefficients(net)["plant", "coal", ""])
        assert coefficients(net)["plant", "power", ""] == 1.0
    assert taken == pytest.approx([-0.443e-3] * 3)
