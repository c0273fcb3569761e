"""Room kept in reserve, upwards, downwards and both ways, against answers worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.chain.entities import Chain
from lodeworks.errors import InputError, LodeworksError
from lodeworks.network import compile_network, window
from lodeworks.plan import optimise, plan_tables
from lodeworks.plan.engine import Answer
from lodeworks.simulate.build import build

CHEAP: dict[str, Any] = {"outputs": {"power": "1 MWh"}, "capacity": "10 MW", "cost": "2 CNY/MWh"}
DEAR = {**CHEAP, "cost": "5 CNY/MWh"}


def chain(load: Sequence[float], ready: float, plants: dict[str, Any], **more: Any) -> Chain:
    return Chain.model_validate({
        "chain": "reserves", "horizon": {"start": "2026-01-01", "step": "1 h", "length": f"{len(load)} h", "discount": "0 %/a"},
        "objective": "cost", "commodities": {"power": {"unit": "MWh"}, "ready": {"unit": "kWh"}},
        "profiles": {"load": {"values": load, "unit": "MW"}}, "processes": plants,
        "demands": {"town": {"commodity": "power", "amount": "load", "unserved": "1000 CNY/MWh"},
                    "grid": {"commodity": "ready", "amount": f"{ready} MW", "unserved": "100 CNY/MWh"}}, **more,
    })


def planned(*args: Any, **more: Any) -> Answer:
    return optimise(compile_network(chain(*args, **more)))


def cost(answer: Answer) -> float:
    return answer.program.objective(answer.x)


def test_what_is_kept_upwards_is_left_of_the_capacity() -> None:
    answer = planned([8.0], 3.0, {"cheap": {**CHEAP, "reserves": {"ready": {}}}, "dear": DEAR})
    assert cost(answer) == pytest.approx(7.0 * 2.0 + 1.0 * 5.0)
    flows = plan_tables(answer)["flows"]
    assert flows.filter(flows["mode"] == "reserve: ready")["amount"].to_list() == pytest.approx([3000.0])  # kWh of 3 MW
    used = plan_tables(answer)["capacities"]
    assert used.filter(used["element"] == "cheap")["peak_use"].to_list() == pytest.approx([7.0])


def test_no_more_is_kept_than_a_share_of_the_capacity() -> None:
    answer = planned([1.0], 3.0, {"cheap": {**CHEAP, "reserves": {"ready": {"most": "20 %"}}}})
    assert cost(answer) == pytest.approx(2.0 + 1.0 * 100.0)


def test_what_is_kept_downwards_runs() -> None:
    answer = planned([8.0], 3.0, {"cheap": CHEAP, "dear": {**DEAR, "reserves": {"ready": {"way": "down"}}}})
    assert cost(answer) == pytest.approx(5.0 * 2.0 + 3.0 * 5.0)


def test_what_is_kept_both_ways_stands_above_and_below_what_runs() -> None:
    both = {**DEAR, "capacity": "5 MW", "min_load": "20 %", "reserves": {"ready": {"way": "both"}}}
    assert cost(planned([8.0], 2.0, {"cheap": CHEAP, "dear": both})) == pytest.approx(5.0 * 2.0 + 3.0 * 5.0)
    assert cost(planned([8.0], 3.0, {"cheap": CHEAP, "dear": both})) == pytest.approx(5.0 * 2.0 + 3.0 * 5.0 + 100.0)


@pytest.mark.parametrize("unit", [{}, {"unit": "5 MW"}])
def test_what_may_be_off_keeps_nothing_while_it_is(unit: dict[str, str]) -> None:
    """Ready for 1 MW the dear one must be on at its least load, all of it or a fraction."""
    dear = {**DEAR, "capacity": "5 MW", "on_off": True, "min_load": "40 %", **unit, "reserves": {"ready": {}}}
    on = 1.0 / 3.0 if unit else 1.0  # of a unit on at 40 % there is room for 60 %
    assert cost(planned([8.0], 1.0, {"cheap": CHEAP, "dear": dear})) == pytest.approx((8.0 - 2.0 * on) * 2.0 + 2.0 * on * 5.0)


@pytest.mark.parametrize(("way", "kept"), [("up", 2.0), ("down", 2.0), ("both", 4.0)])
def test_what_is_called_of_a_step_is_within_the_ramps_unless_it_is_called_in_every_step(way: str, kept: float) -> None:
    slow = {**CHEAP, "ramp_up": "20 %/h", "ramp_down": "20 %/h", "reserves": {"ready": {"way": way}}}
    answer = planned([5.0, 5.0, 5.0], 4.0, {"cheap": slow})
    assert cost(answer) == pytest.approx(3.0 * (5.0 * 2.0 + (4.0 - kept) * 100.0))


def test_for_what_must_be_kept_capacity_is_built() -> None:
    new = {"outputs": {"power": "1 MWh"}, "reserves": {"ready": {}}, "expansion": {"cost": "20 CNY/MW", "life": "1 h"}}
    answer = planned([5.0], 3.0, {"new": new})
    assert answer.built(0) == pytest.approx(8.0)


@given(
    load=st.lists(st.integers(1, 20), min_size=3, max_size=4), least=st.integers(0, 70), ramp=st.integers(30, 100),
    way=st.sampled_from(["up", "down", "both"]), most=st.integers(1, 100), ready=st.integers(0, 6),
)
@settings(max_examples=6, deadline=None)
def test_many_units_keep_what_as_many_plants_each_on_or_off_can(
    load: list[int], least: int, ramp: int, way: str, most: int, ready: int
) -> None:
    kind = {**CHEAP, "on_off": True, "min_load": f"{least} %", "start_cost": "30 CNY", "min_up": "2 h",
            "ramp_up": f"{ramp} %/h", "ramp_down": f"{ramp} %/h", "reserves": {"ready": {"way": way, "most": f"{most} %"}}}
    apart = planned(load, ready, {f"plant {i}": kind for i in range(2)})
    together = planned(load, ready, {"units": {**kind, "capacity": "20 MW", "unit": "10 MW"}})
    assert cost(together) <= cost(apart) * (1.0 + 1e-6) + 1e-6


def test_what_was_kept_before_a_window_is_not_known_and_lots_know_no_reserves() -> None:
    own = chain([8.0, 8.0, 8.0], 1.0, {"cheap": {**CHEAP, "reserves": {"ready": {}}}})
    with pytest.raises(LodeworksError, match="cheap keeps reserves"):
        window(compile_network(own), 1, 3)
    with pytest.raises(InputError, match="cheap: reserves hold for plans only"):
        build(compile_network(own))
