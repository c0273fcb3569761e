"""Plants of many alike units, what starts take, and least stays in stores, against answers worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.chain.entities import Chain
from lodeworks.errors import LodeworksError
from lodeworks.network import compile_network, window
from lodeworks.plan import optimise, plan_tables
from lodeworks.plan.engine import Answer

PLANT = {"inputs": {"gas": "2 MWh"}, "outputs": {"power": "1 MWh"}, "on_off": True}


def planned(load: Sequence[float], plants: dict[str, Any], **more: Any) -> Answer:
    return optimise(compile_network(Chain.model_validate({
        "chain": "units", "horizon": {"start": "2026-01-01", "step": "1 h", "length": f"{len(load)} h"},
        "objective": "cost", "commodities": {"gas": {"unit": "MWh"}, "power": {"unit": "MWh"}},
        "profiles": {"load": {"values": load, "unit": "MW"}},
        "supplies": {"pipe": {"commodity": "gas", "price": "1 CNY/MWh"}},
        "processes": {name: {**PLANT, **plant} for name, plant in plants.items()},
        "demands": {"town": {"commodity": "power", "amount": "load", "unserved": "1000 CNY/MWh"}}, **more,
    })))


def cost(answer: Answer) -> float:
    return answer.program.objective(answer.x)


def test_as_many_units_are_on_as_the_load_needs_also_a_fraction() -> None:
    many = {"capacity": "30 MW", "unit": "10 MW", "min_load": "50 %", "start_cost": "100 CNY"}
    answer = planned([5.0, 15.0, 5.0], {"units": many})
    assert cost(answer) == pytest.approx(2.0 * 25.0 + 50.0)  # one unit is on all day, half of another starts once


def test_the_minimum_load_is_that_of_the_units_on() -> None:
    many = {"capacity": "30 MW", "unit": "10 MW", "min_load": "50 %", "start_cost": "100 CNY"}
    answer = planned([2.0, 8.0, 2.0], {"units": many})
    assert cost(answer) == pytest.approx(2.0 * 12.0 + 40.0)  # 0.4 units run at half load, then 0.8 at full


def test_what_a_start_takes_is_drawn_from_its_balance() -> None:
    many = {"capacity": "30 MW", "unit": "10 MW", "min_load": "50 %", "start_inputs": {"gas": "40 MWh"}}
    answer = planned([5.0, 15.0, 5.0], {"units": many})
    assert cost(answer) == pytest.approx(2.0 * 25.0 + 20.0)
    flows = plan_tables(answer)["flows"]
    begun = flows.filter((flows["element"] == "units") & (flows["mode"] == "start"))
    assert begun["amount"].to_list() == pytest.approx([0.0, -20.0, 0.0])
    for _, rows in flows.group_by(["commodity", "time"]):
        assert rows["amount"].sum() == pytest.approx(0.0, abs=1e-9)


def test_what_a_single_plants_start_takes_is_counted_without_a_start_cost() -> None:
    one = {"capacity": "15 MW", "min_load": "60 %", "start_inputs": {"gas": "7 MWh"}}
    answer = planned([0.0, 12.0, 0.0, 12.0], {"one": one})
    assert cost(answer) == pytest.approx(2.0 * 24.0 + 14.0)


def test_units_that_can_be_built_stand_by_the_bit() -> None:
    answer = planned([5.0, 15.0, 5.0], {"units": {"unit": "10 MW", "min_up": "2 h", "min_down": "2 h", "expansion": {
        "cost": "500 CNY/MW", "life": "3 h", "most": "99 MW"}}}, horizon={
            "start": "2026-01-01", "step": "1 h", "length": "3 h", "discount": "0 %/a"})
    assert answer.built(0) == pytest.approx(15.0)
    assert cost(answer) == pytest.approx(7_500.0 + 50.0)


@given(
    load=st.lists(st.integers(1, 40), min_size=4, max_size=8), least=st.integers(0, 70), ramp=st.integers(30, 100),
    up=st.integers(1, 3), down=st.integers(1, 3),
)
@settings(max_examples=25, deadline=None)
def test_many_units_cost_no_more_than_as_many_plants_each_on_or_off(
    load: list[int], least: int, ramp: int, up: int, down: int
) -> None:
    kind = {"min_load": f"{least} %", "start_cost": "30 CNY", "min_up": f"{up} h", "min_down": f"{down} h",
            "ramp_up": f"{ramp} %/h", "ramp_down": f"{ramp} %/h"}
    apart = planned(load, {f"plant {i}": {**kind, "capacity": "10 MW"} for i in range(4)})
    together = planned(load, {"units": {**kind, "capacity": "40 MW", "unit": "10 MW"}})
    assert cost(together) <= cost(apart) * (1.0 + 1e-6) + 1e-6


def test_what_comes_in_stays_for_the_least_stay() -> None:
    tank = {"commodity": "power", "capacity": "99 MWh", "least_stay": "2 h"}
    answer = planned([0.0, 0.0, 6.0, 6.0, 0.0, 0.0], {"units": {"capacity": "6 MW", "availability": {"profile": "open"}}},
                     stores={"tank": tank},
                     profiles={"load": {"values": [0.0, 0.0, 6.0, 6.0, 0.0, 0.0], "unit": "MW"},
                               "open": {"values": [1, 1, 0, 0, 0, 0]}})
    level = answer.x[int(answer.columns.level[0]) :][:6]
    came = np.array([level[0], level[1] - level[0]])
    assert came == pytest.approx([6.0, 6.0])  # what is used in the third hour came in the first, not later
    assert cost(answer) == pytest.approx(24.0)


def test_a_window_of_a_chain_of_many_units_is_refused() -> None:
    net = planned([5.0, 15.0, 5.0], {"units": {"capacity": "30 MW", "unit": "10 MW"}}).network
    with pytest.raises(LodeworksError, match="units is many alike units"):
        window(net, 1, 3)
