"""The front of two goals is the one worked out by hand, has no dominated point, and tells its true knee."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import lodeworks
from lodeworks import InputError
from lodeworks.chain.entities import Chain
from lodeworks.errors import SolverError, UnboundedError
from lodeworks.network import compile_network
from lodeworks.network.goal import goal_of
from lodeworks.plan import optimise
from lodeworks.plan.tradeoff import Front, front
from lodeworks.plan.tradeoff.bench import Sum, goal_rows
from lodeworks.plan.verify import verify
from lodeworks.runs import read_run
from tests.parity.random_chain import random_chain

# 10 MWh/h of heat for 10 h. A coal boiler costs 10 CNY/MWh and lets out 1 t, gas 30 and 0.4, power 90 and 0.1 but
# only 4 MWh/h of it. By hand: (cost, CO2) runs from (1000, 100) over the corner (3000, 40) to (5400, 28).
BOILERS: dict[str, Any] = {
    "chain": "boilers", "horizon": {"start": "2026-01-01", "length": "10 h"}, "objective": "cost",
    "units": {"puff": "puff"}, "commodities": {"heat": {"unit": "MWh"}, "co2": {"unit": "puff", "let_go": True}},
    "processes": {
        "coal": {"outputs": {"heat": "1 MWh", "co2": "1 puff"}, "cost": "10 CNY/MWh", "capacity": "10 MW"},
        "gas": {"outputs": {"heat": "1 MWh", "co2": "0.4 puff"}, "cost": "30 CNY/MWh", "capacity": "10 MW"},
        "power": {"outputs": {"heat": "1 MWh", "co2": "0.1 puff"}, "cost": "90 CNY/MWh", "capacity": "4 MW"},
    },
    "demands": {"town": {"commodity": "heat", "price": "0 CNY/MWh", "amount": "10 MW"}},
}


def boilers(**changes: Any) -> Chain:
    processes = {name: {**entity, **changes} for name, entity in BOILERS["processes"].items()}
    return Chain.model_validate({**BOILERS, "processes": processes})


def front_of(chain: Chain, first: str = "cost", second: str = "emissions:co2", points: int = 5, **more: Any) -> Front:
    net = compile_network(chain)
    return front(net, *(goal_of(net, *text.split(":")) for text in (first, second)), points=points, **more)


def by_hand(co2: float) -> float:
    return 1000.0 + (100.0 - co2) * 100.0 / 3.0 if co2 >= 40.0 else 3000.0 + (40.0 - co2) * 200.0


def test_the_front_is_the_one_worked_out_by_hand() -> None:
    found = front_of(boilers(), points=7)
    co2 = [point.second for point in found.points]
    assert co2 == pytest.approx([100.0, 88.0, 76.0, 64.0, 52.0, 40.0, 28.0], abs=1e-5)
    assert [point.first for point in found.points] == pytest.approx([by_hand(c) for c in co2], rel=1e-7)


def test_the_ends_are_the_best_of_each_goal_and_then_of_the_other() -> None:
    """Two coal boilers of the same cost, one cleaner: the cheapest end burns in the cleaner one."""
    chain = boilers()
    dirty = chain.processes["coal"].model_copy(deep=True)
    dirty = type(dirty).model_validate({**dirty.model_dump(), "outputs": {"heat": "1 MWh", "co2": "3 puff"}})
    found = front_of(chain.model_copy(update={"processes": {"dirty": dirty, **chain.processes}}))
    assert (found.points[0].first, found.points[0].second) == pytest.approx((1000.0, 100.0), rel=1e-6)
    assert (found.points[-1].first, found.points[-1].second) == pytest.approx((5400.0, 28.0), rel=1e-6)


def test_the_knee_is_the_corner_even_where_no_point_is_near() -> None:
    found = front_of(boilers(), points=2)
    knee = found.points[found.knee]
    assert [point.kind for point in found.points] == ["end", "knee", "end"]
    assert (knee.first, knee.second) == pytest.approx((3000.0, 40.0), rel=1e-6)


def test_a_straight_front_has_no_knee() -> None:
    chain = boilers()
    found = front_of(chain.model_copy(update={"processes": {k: v for k, v in chain.processes.items() if k != "power"}}))
    assert found.knee == -1
    assert len(found.points) == 5


def test_exchange_is_what_one_unit_less_costs() -> None:
    between = [point for point in front_of(boilers(), points=9).points if point.kind == "between"]
    assert [point.exchange for point in between if point.second > 41] == pytest.approx([100 / 3] * 6, rel=1e-6)
    assert [point.exchange for point in between if point.second < 39] == pytest.approx([200.0], rel=1e-6)


def test_at_an_end_the_exchange_is_what_the_next_unit_costs() -> None:
    found = front_of(boilers(), points=3)
    assert [found.points[0].exchange, found.points[-1].exchange] == pytest.approx([100 / 3, 200.0], rel=1e-5)


def test_goals_that_agree_give_one_point() -> None:
    found = front_of(boilers(), "profit", "cost")
    assert len(found.points) == 1
    assert found.points[0].second == pytest.approx(1000.0)


def test_the_least_cost_may_be_nought() -> None:
    """A works that need not run: the least cost is nought. By hand: 2.7 t/h of metal, 1.0137 t of ore each, or nothing."""
    chain = Chain.model_validate({
        "chain": "works", "horizon": {"start": "2026-01-01", "length": "24 h"},
        "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}},
        "supplies": {"mine": {"commodity": "ore", "price": "17123.7 CNY/t", "most": "3 t/h"}},
        "processes": {"smelter": {"inputs": {"ore": "1.0137 t"}, "outputs": {"metal": "1 t"}, "capacity": "2.9 t/h"}},
        "demands": {"market": {"commodity": "metal", "price": "21350.25 CNY/t", "most": "2.7 t/h"}},
    })
    found = front_of(chain, "profit", "cost", points=2)
    best, idle = found.points[0], found.points[-1]
    cost = 2.7 * 24 * 1.0137 * 17123.7
    assert (best.first, best.second) == pytest.approx((2.7 * 24 * 21350.25 - cost, cost))
    assert (idle.first, idle.second) == pytest.approx((0.0, 0.0), abs=1e-6)


def test_whole_numbers_leave_no_dominated_point() -> None:
    """Units on or off with a large minimum: the front is a staircase, and a bound on it is not met exactly."""
    found = front_of(boilers(on_off=True, min_load="90 %", capacity="5 MW"), points=9)
    assert_no_point_is_dominated(found)
    for point in found.points:
        assert point.answer.verified


def test_where_less_is_to_be_had_by_other_whole_numbers_only_there_is_no_exchange() -> None:
    """Units that run full or not at all: between the steps of the staircase nothing can be given up."""
    found = front_of(boilers(on_off=True, min_load="100 %", capacity="5 MW"), points=4)
    assert [point.exchange for point in found.points] == [None] * len(found.points)
    assert len(found.points) > 2


def assert_no_point_is_dominated(found: Front) -> None:
    costs = np.array([
        [-value if goal.goal in ("profit", "output") else value
         for goal, value in zip(found.goals, (point.first, point.second), strict=True)] for point in found.points
    ])
    size = np.ptp(costs, axis=0)
    slack = 1e-6 * np.where(size > 0.0, size, 1.0)
    for i, a in enumerate(costs):
        for j, b in enumerate(costs):
            assert i == j or not ((b <= a + slack).all() and (b < a - 10 * slack).any()), (i, j, costs)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
@example(2919, False)
def test_no_point_of_a_random_chains_front_is_dominated_by_another_or_by_any_plan(seed: int, most: bool) -> None:
    net = compile_network(random_chain(seed))
    goals = goal_of(net, "profit"), goal_of(net, "output" if most else "emissions", "c1")
    try:
        optimise(replace(net, objective=goals[1]))
    except UnboundedError:  # as an only goal it has no best either: a loop binds as much of it as one likes
        with pytest.raises(SolverError, match="has no best"):
            front(net, *goals, points=4)
        return
    found = front(net, *goals, points=4)
    assert_no_point_is_dominated(found)
    signs = np.array([-1.0 if goal.goal in ("profit", "output") else 1.0 for goal in goals])
    # No plan at all is better in both: any weighting's optimum lies on or above the line through a point's exchange.
    values = np.array([[p.first, p.second] for p in found.points]) * signs
    for point, (a, b) in zip(found.points, values, strict=True):
        exchange = point.exchange or 0.0
        line = a + exchange * b
        assert (values @ [1.0, exchange] >= line - 1e-5 * max(1.0, *np.abs(values).max(axis=0))).all()
        program = point.answer.program
        assert verify(program, point.answer.x, point.answer.y).good


def test_over_stages_and_scenarios_the_front_is_of_all_years_and_the_mean(tmp_path: Path) -> None:
    """Two years of 876 passings, undiscounted; half the heat in half of all cases: 1,752 times three quarters of the front."""
    chain = Chain.model_validate({
        **BOILERS, "horizon": {**BOILERS["horizon"], "stages": [2026, 2027], "last": "1 a", "discount": "0 %/a"},
        "scenarios": {"calm": {"probability": "50 %", "set": {"demands.town.amount": "5 MW",
                                                              "processes.power.capacity": "2 MW"}},
                      "cold": {"probability": "50 %"}}})
    front = lodeworks.pareto(chain, ("cost", "emissions:co2"), points=2, out=tmp_path / "front").front
    times = 2 * 876 * 0.75
    assert front["kind"].to_list() == ["end", "knee", "end"]
    assert front["first"].to_list() == pytest.approx([1000.0 * times, 3000.0 * times, 5400.0 * times], rel=1e-6)
    assert front["second"].to_list() == pytest.approx([100.0 * times, 40.0 * times, 28.0 * times], rel=1e-6)
    assert front["exchange"].to_list() == pytest.approx([100 / 3, 100 / 3, 200.0], rel=1e-5)
    point = read_run(tmp_path / "front/points/02")
    assert point.manifest["verified"]
    assert point.manifest["stages"]["names"] == ["2026", "2027"]
    assert point.manifest["objective"]["value"] == pytest.approx(3000.0 * times)


RISKY: dict[str, Any] = {
    **BOILERS, "objective": {"goal": "cost", "risk": {"level": "50 %", "weight": "50 %"}},
    "scenarios": {"calm": {"probability": "50 %", "set": {"demands.town.amount": "5 MW", "processes.power.capacity": "2 MW"}},
                  "cold": {"probability": "50 %"}}}


def test_risk_is_weighed_in_the_first_goal_and_the_second_is_the_mean(tmp_path: Path) -> None:
    """By hand: money of the dearer half weighs three quarters, its carbon a half.

    From 875 CNY and 75 t the calm half goes over to gas until it is as dear as the cold (7.5 t for 125 CNY), then both
    at once until the calm burns no coal (15 t for 500), then the cold alone (22.5 t for 1125); then to power the calm
    (3 t for 300) and the cold (6 t for 1800).
    """
    front = lodeworks.pareto(Chain.model_validate(RISKY), ("cost", "emissions:co2"), points=10, out=tmp_path / "front").front
    co2, money = front["second"].to_list(), front["first"].to_list()
    assert co2 == pytest.approx([75, 69, 63, 57, 51, 45, 39, 33, 30, 27, 21], abs=1e-4)
    corners = [21.0, 27.0, 30.0, 52.5, 67.5, 75.0], [4725.0, 2925.0, 2625.0, 1500.0, 1000.0, 875.0]
    assert money == pytest.approx([float(np.interp(c, *corners)) for c in co2], rel=1e-6)
    (knee,) = front.filter(front["kind"] == "knee")["second"].to_list()
    assert knee == pytest.approx(30.0)
    between = front.filter((front["second"] > 31.0) & (front["second"] < 52.0))
    assert between["exchange"].to_list() == pytest.approx([50.0] * 4)
    run = read_run(tmp_path / "front")
    assert run.manifest["risk"] == {"tail": 0.5, "weight": 0.5}
    point = read_run(tmp_path / "front/points/05")
    assert point.manifest["verified"]
    assert point.manifest["objective"]["value"] == pytest.approx(money[4])
    assert lodeworks.plan(Chain.model_validate(RISKY)).objective == pytest.approx(money[0])


def test_risk_is_of_the_chains_own_goal_which_comes_first() -> None:
    for between in (("emissions:co2", "cost"), ("profit", "emissions:co2")):
        with pytest.raises(InputError, match=r"risk is weighed in the goal of the chain's own objective.*expected cost first"):
            lodeworks.pareto(Chain.model_validate(RISKY), between)
    of_carbon = Chain.model_validate({**RISKY, "objective": {**RISKY["objective"], "goal": "emissions", "commodity": "co2"}})
    with pytest.raises(InputError, match=r"risk is weighed in the goal.*expected emissions:co2 first"):
        lodeworks.pareto(of_carbon, ("cost", "emissions:co2"))


def test_a_goals_row_is_what_it_costs() -> None:
    """The golden rows: 2 x0 - x2 <= what it is bounded by; the constant stands on the other side."""
    block = goal_rows([Sum(np.array([2.0, 0.0, -1.0]), 5.0, "cost"), Sum(np.array([0.0, 1.0, 0.0]), 0.0, "emissions")])
    assert list(zip(block.row.tolist(), block.col.tolist(), block.value.tolist(), strict=True)) == [
        (0, 0, 2.0), (0, 2, -1.0), (1, 1, 1.0)]
    assert block.names == ("cost", "emissions")
    assert np.isneginf(block.lower).all()


def test_every_point_is_kept_as_a_run_that_has_its_values(tmp_path: Path) -> None:
    found = lodeworks.pareto(boilers(), ("cost", "emissions:co2"), points=3, out=tmp_path / "front")
    run = read_run(tmp_path / "front")
    assert run.manifest["kind"] == "pareto"
    assert run.manifest["verified"]
    for row in run.table("front").iter_rows(named=True):
        point = read_run(tmp_path / "front/points" / row["point"])
        assert point.manifest["objective"]["value"] == pytest.approx(row["first"])
        flows = point.table("flows")
        assert flows.filter((flows["commodity"] == "co2") & (flows["kind"] == "process"))["amount"].sum() == pytest.approx(
            row["second"], rel=1e-6)
    assert found.front.equals(run.table("front"))


@pytest.mark.parametrize(
    ("between", "said"),
    [
        (("profit", "emission"), "did you mean 'emissions'"),
        (("profit", "emissions"), "emissions of which commodity"),
        (("profit", "emissions:co"), "did you mean 'co2'"),
        (("cost", "cost"), "both goals are the same"),
        (("cost", "output:co2"), "the output of co2 is nought in every plan: no demand takes it.*one of heat$"),
        (("cost", "output:coo"), "output of which commodity.*one of heat$"),
    ],
)
def test_goals_that_are_none_are_told(between: tuple[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        lodeworks.pareto(boilers(), between)
