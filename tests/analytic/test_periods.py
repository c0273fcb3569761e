"""Plans over periods, over lives that end within a stage, and with limits on capacities, worked out by hand.

Ore at 1 CNY/t becomes metal at 3 CNY/t in smelters that can be built. A day of winter comes 215 times, one of summer 150
times; in winter 7 t/h can be sold, in summer 4 t/h.
"""

from __future__ import annotations

from typing import Any

import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_pathway
from lodeworks.plan.pathway import PathwayAnswer, optimise_pathway, pathway_manifest, pathway_tables

PERIODS = {"winter": {"length": "24 h", "times": 215}, "summer": {"length": "24 h", "times": 150}}


def planned(*, horizon: dict[str, Any] | None = None, expansion: dict[str, Any] | None = None, **more: Any) -> PathwayAnswer:
    return optimise_pathway(compile_pathway(Chain.model_validate({
        "chain": "smelters", "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}},
        "horizon": {"start": "2026-01-01", "step": "12 h", "length": "48 h", "discount": "0 %/a", "periods": PERIODS,
                    **(horizon or {})},
        "profiles": {"sold": {"values": [7, 7, 4, 4], "unit": "t/h"}},
        "supplies": {"mine": {"commodity": "ore", "price": "1 CNY/t"}},
        "processes": {"smelter": {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "expansion": {
            "most": "100 t/h", "cost": "40000 CNY/(t/h)", "life": "10 a", **(expansion or {})}}, **more.pop("processes", {})},
        "demands": {"sell": {"commodity": "metal", "price": "3 CNY/t", "most": "sold"}},
        **more,
    })))


def test_money_of_a_period_counts_as_often_as_it_comes_and_investment_once() -> None:
    answer = planned()
    assert [piece.built(0) for piece in answer.slices] == pytest.approx([7.0, 7.0])
    assert answer.objective == pytest.approx(2.0 * 24.0 * (215 * 7.0 + 150 * 4.0) - 7.0 * 4_000.0)


def test_what_is_built_for_one_period_must_pay_in_the_hours_it_is_for() -> None:
    winter = 2.0 * 24.0 * 215.0  # what a smelter that runs in winter only earns in a year
    assert planned(expansion={"cost": f"{10 * winter - 1} CNY/(t/h)"}).slices[1].built(0) == pytest.approx(7.0)
    assert planned(expansion={"cost": f"{10 * winter + 1} CNY/(t/h)"}).slices[1].built(0) == pytest.approx(4.0)


def test_upkeep_counts_for_all_that_the_periods_stand_for() -> None:
    answer = planned(expansion={"fixed": "1000 CNY/(t/h)/a"},
                     processes={"old": {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "capacity": "1 t/h",
                                        "fixed_cost": "500 CNY/(t/h)/a"}})
    assert answer.objective == pytest.approx(2.0 * 24.0 * (215 * 7.0 + 150 * 4.0) - 6.0 * 5_000.0 - 500.0)


def test_a_limit_for_the_whole_holds_for_the_sum_of_the_periods() -> None:
    answer = planned(policies={"cap": {"sum": {"mine": 1}, "most": "20000 t"}})
    assert answer.objective == pytest.approx(2.0 * 20_000.0 - answer.slices[0].built(0) * 4_000.0)
    table = pathway_tables(answer)["policies"].filter(policy="cap").drop_nulls("most")
    assert table["value"].to_list() == pytest.approx([20_000.0])
    assert table["marginal_value"][0] > 0.0
    dear = planned(policies={"cap": {"sum": {"mine": 1}, "most": "20000 t", "penalty": "0.5 CNY/t"}})
    assert dear.objective == pytest.approx(
        planned().objective - 0.5 * (24.0 * (215 * 7.0 + 150 * 4.0) - 20_000.0))


def test_the_tables_of_a_plan_over_periods_add_up_to_its_objective() -> None:
    stages = {"stages": [2026, 2031], "last": "5 a", "discount": "5 %/a"}
    answer = planned(horizon=stages, policies={"cap": {"sum": {"mine": 1}, "most": "20000 t", "penalty": "0.5 CNY/t"}})
    costs = pathway_tables(answer)["costs"]
    assert (costs["discounted"] * costs["probability"]).sum() == pytest.approx(answer.objective)
    assert set(costs["period"].cast(str).drop_nulls()) == set(PERIODS)
    assert pathway_manifest(answer)["periods"] == {"names": ["winter", "summer"], "times": [215.0, 150.0]}


def test_a_life_that_ends_within_a_stage_counts_in_part() -> None:
    stages = {"stages": [2026, 2036], "last": "10 a", "expiring": "share"}
    answer = planned(horizon=stages, expansion={"life": "15 a", "per_stage": "7 t/h"})
    decided = dict(zip(answer.pathway.vintages.stage.tolist(), answer.decided.tolist(), strict=True))
    assert decided == {0: pytest.approx(7.0), 1: pytest.approx(3.5)}  # in 2036 half of the first 7 t/h stand
    running = 2.0 * 24.0 * (215 * 7.0 + 150 * 4.0) * 20.0
    assert answer.objective == pytest.approx(running - 7.0 * 40_000.0 - 3.5 * 40_000.0 * 10.0 / 15.0)


def test_capacities_keep_the_limits_on_their_sum() -> None:
    second = {"second": {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "capacity": "1 t/h"}}
    answer = planned(processes=second, investment={"capacities": {
        "smelters": {"sum": {"smelter": 1, "second": 1}, "most": "3 t/h"}}})
    assert answer.slices[0].built(0) == pytest.approx(2.0)
    [row] = pathway_tables(answer)["policies"].filter(policy="smelters").iter_rows(named=True)
    assert (row["value"], row["most"], row["unit"], row["period"]) == (pytest.approx(3.0), 3.0, "t/h", "winter")
    assert row["marginal_value"] == pytest.approx(2.0 * 24.0 * 365.0 - 4_000.0)  # of one more that runs all the year
    most = planned(processes=second, investment={"capacities": {
        "firm": {"sum": {"smelter": "50 %", "second": 1}, "least": "240 t/d"}}})
    assert most.slices[0].built(0) == pytest.approx(18.0)
