"""Plans on merged steps: between the bound and the plan lies the best, whatever the chain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.errors import InfeasibleError, LodeworksError
from lodeworks.network import Network, compile_network
from lodeworks.plan import optimise
from lodeworks.plan.reduced import certified_plan, edges_of_segments, merged
from lodeworks.plan.reduced.certify import averages_bound
from tests.parity.random_chain import random_chain


def sunny(hours: int = 96, **more: Any) -> Network:
    """Panels, a battery and an engine that may be built for a load of 10 MWh an hour."""
    t = np.arange(hours)
    rng = np.random.default_rng(5)
    sun = np.clip(np.sin((t % 24 - 6) / 12 * np.pi), 0.0, 1.0) * np.repeat(rng.uniform(0.2, 1.0, hours // 24), 24)
    return compile_network(Chain.model_validate({
        "chain": "sunny", "horizon": {"start": "2026-01-01", "length": f"{hours} h"},
        "commodities": {"power": {"unit": "MWh", "let_go": True}}, "objective": {"goal": "cost"},
        "profiles": {"sun": {"values": sun.round(4).tolist()}},
        "processes": {
            "panels": {"outputs": {"power": "1 MWh"}, "capacity": "0 MWh/h", "availability": "sun",
                       "expansion": {"most": "90 MWh/h", "cost": "2 MCNY/(MWh/h)", "life": "20 a"}},
            "engine": {"outputs": {"power": "1 MWh"}, "capacity": "0 MWh/h", "cost": "900 CNY/MWh",
                       "expansion": {"most": "20 MWh/h", "cost": "1 MCNY/(MWh/h)", "life": "20 a"}, **more},
        },
        "stores": {"battery": {"commodity": "power", "capacity": "0 MWh",
                               "expansion": {"most": "300 MWh", "cost": "0.4 MCNY/MWh", "life": "15 a"}}},
        "demands": {"load": {"commodity": "power", "amount": "10 MWh/h"}},
    }))


def test_segments_join_neighbours_that_differ_least() -> None:
    net = compile_network(Chain.model_validate({
        "chain": "x", "horizon": {"start": "2026-01-01", "length": "6 h"}, "commodities": {"ore": {"unit": "t"}},
        "profiles": {"p": {"values": [5, 5, 9, 1, 1.1, 1], "unit": "CNY/t"}},
        "supplies": {"mine": {"commodity": "ore", "price": "p", "most": "1 t/h"}},
    }))
    assert edges_of_segments(net, 3).tolist() == [0, 2, 3, 6]
    assert edges_of_segments(net, 3, whole=[4]).tolist() == [0, 3, 4, 5, 6]
    small = merged(net, edges_of_segments(net, 3))
    assert small.grids[0].hours(1.0).tolist() == [2.0, 1.0, 3.0]
    assert small.average(int(small.costs.money.series[0]), 0).tolist() == pytest.approx([5.0, 9.0, 3.1 / 3.0])


def test_the_best_lies_between_the_bound_and_the_plan() -> None:
    net = sunny()
    best = optimise(net)
    value = best.program.objective(best.x)
    found = certified_plan(net, segments=8, within=0.02, options={})
    assert found.gap <= 0.02
    assert len(found.rounds) > 1
    for one in found.rounds:
        assert one.bound is not None
        assert one.bound <= value * (1.0 + 1e-7)
        assert one.achieved is None or one.achieved >= value * (1.0 - 1e-7)
    assert found.answer.network.steps == net.steps
    assert found.answer.verified


def test_what_falls_short_in_an_hour_is_built_for_it() -> None:
    """A single dark hour with twice the load vanishes in a mean, but not from the plan."""
    data = {
        "chain": "peak", "horizon": {"start": "2026-01-01", "length": "48 h"}, "commodities": {"power": {"unit": "MWh"}},
        "profiles": {"need": {"values": [10.0] * 30 + [25.0] + [10.0] * 17, "unit": "MWh/h"}}, "objective": {"goal": "cost"},
        "processes": {"engine": {"outputs": {"power": "1 MWh"}, "capacity": "0 MWh/h", "cost": "500 CNY/MWh",
                                 "expansion": {"most": "99 MWh/h", "cost": "1 MCNY/(MWh/h)", "life": "20 a"}}},
        "demands": {"load": {"commodity": "power", "amount": "need"}},
    }
    found = certified_plan(compile_network(Chain.model_validate(data)), segments=1, within=1e-6, options={})
    assert found.rounds[0].achieved is None
    assert found.answer.built(0) == pytest.approx(25.0)
    assert found.gap == pytest.approx(0.0, abs=1e-6)


def test_without_a_bound_by_means_the_tangents_still_bound() -> None:
    net = sunny(ramp_up="30 %/h")
    assert averages_bound(net) == "ramps"
    best = optimise(net)
    found = certified_plan(net, segments=12, within=1e-3, options={})
    assert any(one.bound is not None for one in found.rounds[:-1])
    assert found.gap <= 1e-3
    assert all(one.bound <= best.program.objective(best.x) * (1.0 + 1e-7) for one in found.rounds if one.bound is not None)


@pytest.mark.parametrize("seed", range(60))
def test_bounds_hold_on_random_chains(seed: int) -> None:
    net = compile_network(random_chain(seed))
    if not net.plants.expandable.any():
        with pytest.raises(LodeworksError, match="nothing in this chain can be built"):
            certified_plan(net, segments=2, within=np.inf, options={})
        return
    sign = -1.0 if net.objective.goal in ("profit", "output") else 1.0
    best = optimise(net)
    value = sign * best.program.objective(best.x)
    slack = 1e-6 * max(1.0, abs(value))
    for one in certified_plan(net, segments=2, within=0.0, options={}).rounds:
        assert one.bound is None or sign * one.bound <= value + slack
        assert one.achieved is None or sign * one.achieved >= value - slack


def resting(min_down: str, load: float) -> Network:
    """A unit that has been off for two hours and is wanted from the fifth on, and a battery for what little it may do."""
    return compile_network(Chain.model_validate({
        "chain": "resting", "horizon": {"start": "2026-01-01", "length": "24 h", "cyclic": False},
        "commodities": {"power": {"unit": "MWh"}}, "objective": {"goal": "cost"},
        "profiles": {"load": {"values": [0.0] * 4 + [load] * 20, "unit": "MWh/h"}},
        "processes": {"unit": {"outputs": {"power": "1 MWh"}, "capacity": "12 MWh/h", "on_off": True, "cost": "300 CNY/MWh",
                               "min_down": min_down, "before": {"off": "2 h"}}},
        "stores": {"battery": {"commodity": "power", "capacity": "0 MWh", "initial": "0 MWh",
                               "expansion": {"most": "40 MWh", "cost": "1 kCNY/MWh", "life": "15 a"}}},
        "demands": {"load": {"commodity": "power", "amount": "load"}},
    }))


def test_that_merged_steps_have_no_plan_says_nothing_where_means_are_none() -> None:
    """Merged with the first four hours the load would be there while the unit must rest; all steps have a plan."""
    found = certified_plan(resting("6 h", 10.0), segments=1, within=float("inf"), options={})
    assert found.rounds[0].promised is None
    assert found.answer.program.objective(found.answer.x) == pytest.approx(20 * 10 * 300.0)
    for none in (resting("9 h", 10.0), resting("2 h", 30.0)):  # it would have to rest longer; it is too small
        with pytest.raises(InfeasibleError, match="load"):
            certified_plan(none, segments=2, within=float("inf"), options={})


def kept_warm(**store: Any) -> Network:
    """A boiler too small for the hour of need, so some is made an hour before."""
    return compile_network(Chain.model_validate({
        "chain": "warm", "horizon": {"start": "2026-01-01", "length": "12 h", "cyclic": False},
        "commodities": {"heat": {"unit": "MWh"}}, "objective": {"goal": "cost"},
        "profiles": {"need": {"values": [0] * 6 + [5] + [0] * 5, "unit": "MWh/h"}, "room": {"values": [0.0] * 5 + [1, 1] + [0] * 5}},
        "processes": {"boiler": {"outputs": {"heat": "1 MWh"}, "capacity": "4 MWh/h", "cost": "3 CNY/MWh"}},
        "demands": {"town": {"commodity": "heat", "amount": "need"}},
        "stores": {"tank": {"commodity": "heat", "capacity": "4 MWh", "end": "free", **store}},
    }))


@pytest.mark.parametrize("store", [
    {"cost": "2 CNY/MWh/h"}, {"max_level": "room"}, {"min_level": {"profile": "room", "times": "20 %"}},
    {"levels": {"2026-01-01 05:00": "1 MWh"}},
])
def test_what_is_in_store_counts_as_at_the_end_of_a_segment(store: dict[str, Any]) -> None:
    """Held for an hour, it does not cost six; there is room for it when there is; and given levels stay where they are."""
    net = kept_warm(**store)
    truth = optimise(net)
    given = {5.0} if "levels" in store else set()
    assert set(edges_of_segments(net, 1)) == {0.0, 12.0} | given
    edges = np.array(sorted({0.0, 6.0, 7.0, 12.0} | given))
    bound = optimise(merged(net, edges, best_prices=True))
    assert averages_bound(net) == ""
    assert bound.program.objective(bound.x) <= truth.program.objective(truth.x) * (1.0 + 1e-9)


def test_money_earned_by_holding_leaves_no_bound_by_means() -> None:
    assert averages_bound(kept_warm(cost="-1 CNY/MWh/h")) == "money for holding, or what is owed"
    assert averages_bound(kept_warm(cost="1 CNY/MWh/h", min_level="-0.5")) == "money for holding, or what is owed"


def test_a_segment_that_cuts_a_coarser_step_leaves_it_as_it_is() -> None:
    """A mill with steps of 4 h stands still in the first, when nothing is wanted; a mean over both would run in it."""
    net = compile_network(Chain.model_validate({
        "chain": "coarse", "horizon": {"start": "2026-01-01", "length": "12 h"}, "objective": "cost",
        "commodities": {"ore": {"unit": "t", "step": "4 h"}, "metal": {"unit": "t"}},
        "profiles": {"want": {"values": [0.0] * 4 + [8.0] * 8, "unit": "t/h"},
                     "price": {"values": [90.0, 90.0, 10.0, 10.0] + [20.0] * 8, "unit": "CNY/t"}},
        "supplies": {"mine": {"commodity": "ore", "price": "price"}},
        "processes": {"mill": {"step": "4 h", "inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "capacity": "9 t/h"}},
        "demands": {"yard": {"commodity": "metal", "amount": "want"}},
    }))
    edges = edges_of_segments(net, 2, whole=[1])
    assert {0.0, 1.0, 2.0, 4.0} <= set(edges.tolist())
    truth = optimise(net)
    bound = optimise(merged(net, edges, best_prices=True))
    assert averages_bound(net) == ""
    assert bound.program.objective(bound.x) == pytest.approx(truth.program.objective(truth.x))
    assert truth.program.objective(truth.x) == pytest.approx(8 * 8 * 20)


@pytest.mark.parametrize("seed", [268, 309, 391])
def test_bounds_hold_where_steps_are_of_several_lengths(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random chains without what leaves no bound by means; where coarser steps are cut, two have plans beyond it."""
    monkeypatch.setattr("tests.parity.random_chain._change_over_time", lambda rng, processes: None)
    net = compile_network(_without(random_chain(seed), "lag", "ramp_up", "loss", "shelf_life", "least_stay"))
    assert averages_bound(net) == ""
    truth = optimise(net)
    value = truth.program.value(truth.x)
    for count in (2, 3, 5):
        bound = optimise(merged(net, edges_of_segments(net, count), best_prices=True), relaxed=True)
        assert bound.program.value(bound.x) <= value + 1e-6 * max(1.0, abs(value))


def _without(chain: Chain, *keys: str) -> Chain:
    """Return a chain without some keys, wherever they stand."""
    def left(data: Any) -> Any:
        if isinstance(data, dict):
            return {key: left(value) for key, value in data.items() if key not in keys}
        return [left(value) for value in data] if isinstance(data, list) else data

    return Chain.model_validate(left(chain.model_dump(mode="json", exclude_defaults=True)))


@pytest.mark.parametrize(("mill", "mine", "reason"), [
    ({}, {}, ""),
    ({"start_inputs": {"ore": "6 t"}}, {}, "what starts take"),
    ({}, {"most": "most"}, "tiers in order that change over time"),
    ({"min_load": "shares"}, {}, "least loads that change over time"),
    ({"on_cost": "pay"}, {}, "costs of being on that change over time"),
], ids=["none", "starts", "tiers", "loads", "on"])
def test_a_mean_that_may_be_no_plan_leaves_no_bound_by_means(mill: dict[str, Any], mine: dict[str, Any], reason: str) -> None:
    """A start counted where the mean rises may be of another segment; a mean of products is not the product of means."""
    net = compile_network(Chain.model_validate({
        "chain": "x", "horizon": {"start": "2026-01-01", "length": "2 h"}, "objective": "cost",
        "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}},
        "profiles": {"most": {"values": [20, 10], "unit": "t/h"}, "shares": {"values": [0.3, 0.1]},
                     "pay": {"values": [5, 1], "unit": "CNY/h"}},
        "supplies": {"mine": {"commodity": "ore", "most": "99 t/h", **mine,
                              "tiers": [{"most": "10 t/h", "price": "20 CNY/t"}, {"price": "5 CNY/t"}]}},
        "processes": {"mill": {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "capacity": "1 t/h", "on_off": True,
                               **mill}},
        "demands": {"yard": {"commodity": "metal", "amount": "1 t/h"}},
    }))
    assert averages_bound(net) == reason


def test_means_of_varying_loads_would_be_beyond_the_best() -> None:
    """A mill that must run when it is not there and need not when it is; the mean of both must run, and pays for it."""
    net = compile_network(Chain.model_validate({
        "chain": "x", "horizon": {"start": "2026-01-01", "length": "2 h"}, "objective": "cost",
        "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t", "let_go": True}},
        "profiles": {"least": {"values": [1, 0]}, "there": {"values": [0, 1]}},
        "supplies": {"mine": {"commodity": "ore", "price": "10 CNY/t"}},
        "processes": {"mill": {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "capacity": "4 t/h",
                               "min_load": "least", "availability": "there"}},
    }))
    bound, truth = (optimise(own) for own in (merged(net, np.array([0.0, 2.0]), best_prices=True), net))
    assert bound.program.objective(bound.x) > truth.program.objective(truth.x)
    assert averages_bound(net) == "least loads that change over time"
