"""Wires: flows both ways, flows that divide by physics, and processes that reach over sites, worked out on paper."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from lodeworks.chain.check import check_chain
from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network
from lodeworks.plan import optimise, plan_tables

WIRE = {"commodity": "power", "capacity": "100 kWh/h", "min_load": "-100 %"}


def chain(**sections: Any) -> Chain:
    return Chain.model_validate({
        "chain": "wires", "horizon": {"start": "2026-01-01", "length": "2 h", "cyclic": False}, "objective": "cost",
        "commodities": {"power": {"unit": "kWh"}}, "sites": {"a": {}, "b": {}, "c": {}}, **sections,
    })


def rates(made: Chain) -> tuple[float, dict[str, list[float]], pl.DataFrame]:
    assert [p for p in check_chain(made) if p.severity == "error"] == []
    answer = optimise(compile_network(made))
    tables = plan_tables(answer)
    found = {
        str(name): table.sort("time")["rate"].to_list()
        for (name,), table in tables["rates"].group_by("element")
    }
    return answer.program.objective(answer.x), found, tables["capacities"]


def test_a_triangle_of_wires_divides_its_flow_by_their_reactances() -> None:
    """From a to c one way has reactance 1, the other 1 + 2: three quarters of the flow go the direct way."""
    _, found, _ = rates(chain(
        supplies={"plant": {"commodity": "power", "site": "a", "price": "1 CNY/kWh"}},
        demands={"town": {"commodity": "power", "site": "c", "amount": "80 kWh/h"}},
        routes={
            "ac": {**WIRE, "from": "a", "to": "c", "reactance": 1},
            "ba": {**WIRE, "from": "b", "to": "a", "reactance": 1},
            "bc": {**WIRE, "from": "b", "to": "c", "reactance": 2},
        },
    ))
    assert found["ac"] == pytest.approx([60, 60])
    assert found["bc"] == pytest.approx([20, 20])
    assert found["ba"] == pytest.approx([-20, -20])


def test_a_transformer_turns_flow_from_one_way_to_the_other() -> None:
    """Of 60 kWh/h two like ways carry 30 each; half a radian over 0.02 + 0.02 a kWh/h moves 12.5 of it, more against than with."""
    ways = {"plain": {**WIRE, "from": "a", "to": "b", "reactance": 0.02}, "turned": {**WIRE, "from": "b", "to": "a", "reactance": 0.02}}
    trade: dict[str, Any] = {
        "supplies": {"plant": {"commodity": "power", "site": "a", "price": "1 CNY/kWh"}},
        "demands": {"town": {"commodity": "power", "site": "b", "amount": "60 kWh/h"}}}
    for shift, moved in (("0.5 rad", 12.5), (f"{-90 / 3.141592653589793} deg", -12.5)):
        _, found, _ = rates(chain(**trade, routes={**ways, "turned": {**ways["turned"], "phase_shift": shift}}))
        assert found["plain"] == pytest.approx([30 - moved] * 2)
        assert found["turned"] == pytest.approx([-30 - moved] * 2)
    _, found, _ = rates(chain(**trade, profiles={"night": {"values": [0, 9], "unit": "deg"}}, routes={
        **ways, "turned": {**ways["turned"], "phase_shift": "night"}}))
    moved = 9 * 3.141592653589793 / 180 / 0.04
    assert found["plain"] == pytest.approx([30, 30 - moved])


def test_only_what_divides_flow_has_a_phase() -> None:
    problems = check_chain(chain(routes={"ab": {**WIRE, "from": "a", "to": "b", "phase_shift": "5 deg"},
                                         "bc": {**WIRE, "from": "b", "to": "c", "reactance": 1, "phase_shift": 5}}))
    assert {(p.element, p.key, p.severity) for p in problems if p.key == "phase_shift"} == {
        ("routes.ab", "phase_shift", "warning"), ("routes.bc", "phase_shift", "error")}


def test_parallel_wires_between_two_places_form_a_loop() -> None:
    _, found, _ = rates(chain(
        supplies={"plant": {"commodity": "power", "site": "a", "price": "1 CNY/kWh"}},
        demands={"town": {"commodity": "power", "site": "b", "amount": "90 kWh/h"}},
        routes={"thick": {**WIRE, "from": "a", "to": "b", "reactance": 1},
                "thin": {**WIRE, "from": "b", "to": "a", "reactance": 2}},
    ))
    assert found["thick"] == pytest.approx([60, 60])
    assert found["thin"] == pytest.approx([-30, -30])


@pytest.mark.parametrize("share", ["-30 %", "low"])
def test_a_route_carries_the_other_way_up_to_its_share(share: str) -> None:
    """Power is cheap at a first, at b later; the wire gives back 30 of its 100."""
    objective, found, capacity = rates(chain(
        profiles={"dear then cheap": {"values": [9, 1], "unit": "CNY/kWh"}, "low": {"values": [0, -0.3]}},
        supplies={"at a": {"commodity": "power", "site": "a", "price": "5 CNY/kWh"},
                  "at b": {"commodity": "power", "site": "b", "price": "dear then cheap"}},
        demands={"town a": {"commodity": "power", "site": "a", "amount": "50 kWh/h"},
                 "town b": {"commodity": "power", "site": "b", "amount": "50 kWh/h"}},
        routes={"wire": {**WIRE, "min_load": share, "from": "a", "to": "b"}},
    ))
    assert found["wire"] == pytest.approx([50, -30])
    assert objective == pytest.approx(100 * 5 + 20 * 5 + 80 * 1)
    value = capacity.filter(pl.col("element") == "wire")["marginal_value"].item()
    assert value == pytest.approx(0.3 * 4)  # one more unit of wire brings back 0.3 units, each 4 cheaper


def test_what_must_be_built_is_built_though_it_does_not_pay() -> None:
    _, _, capacity = rates(chain(
        supplies={"plant": {"commodity": "power", "site": "a", "price": "1 CNY/kWh"}},
        demands={"town": {"commodity": "power", "site": "a", "amount": "1 kWh/h"}},
        processes={"wheel": {"site": "a", "outputs": {"power": "1 kWh"}, "cost": "2 CNY/kWh", "expansion": {
            "least": "7 kWh/h", "most": "9 kWh/h", "cost": "3 CNY/(kWh/h)"}}},
    ))
    assert capacity.filter(pl.col("element") == "wheel")["built"].item() == pytest.approx(7)


def test_a_process_takes_at_one_site_and_gives_at_another() -> None:
    objective, found, _ = rates(chain(
        commodities={"power": {"unit": "kWh"}, "heat": {"unit": "kWh"}},
        supplies={"plant": {"commodity": "power", "site": "a", "price": "3 CNY/kWh"}},
        demands={"homes": {"commodity": "heat", "site": "c", "amount": "10 kWh/h"}},
        processes={"boiler": {"site": "a", "inputs": {"power": "2 kWh"},
                              "outputs": {"heat": {"amount": "1 kWh", "site": "c"}}}},
    ))
    assert found["boiler"] == pytest.approx([10, 10])
    assert objective == pytest.approx(2 * 10 * 2 * 3)


def test_minimum_load_below_nought_is_for_what_has_one_recipe() -> None:
    from lodeworks import check

    problems = check(chain(
        processes={"mill": {"site": "a", "capacity": "1 kWh/h", "min_load": "-50 %", "outputs": {"power": "1 kWh"},
                            "modes": {"m": {}}}},
    ))
    assert any("cannot run backwards" in str(problem) for problem in problems)


def test_vehicles_do_not_carry_backwards_and_more_than_most_is_not_built() -> None:
    from lodeworks import check

    found = " ".join(str(problem) for problem in check(chain(
        commodities={"power": {"unit": "kWh"}, "coal": {"unit": "t"}},
        fleets={"trucks": {"vehicles": 3, "payload": "30 t", "speed": "40 km/h"}},
        routes={"road": {"commodity": "coal", "from": "a", "to": "b", "fleet": "trucks", "distance": "9 km",
                         "capacity": "9 t/h", "min_load": "-10 %"}},
        stores={"tank": {"commodity": "power", "site": "a", "expansion": {"least": "9 kWh", "most": "8 kWh"}}},
    )))
    assert "vehicles carry one way" in found
    assert "more must be built than can be" in found
