"""The tables of a plan over stages and scenarios: their parts add up, and say of each slice what a plan of it says."""

from __future__ import annotations

import polars as pl
import pytest

import lodeworks
from lodeworks import Plan
from lodeworks.chain.entities import Chain

CHAIN = {
    "chain": "smelters", "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}},
    "horizon": {"start": "2026-01-01", "step": "73 d", "length": "1 a", "stages": [2026, 2030, 2035], "last": "5 a"},
    "stages": {"2030": {"budget": "2 MCNY", "set": {"demands.sell.most": "9 t/h"}}},
    "scenarios": {"boom": {"probability": "30 %", "set": {"demands.sell.price": "4 CNY/t"}},
                  "normal": {"probability": "50 %"},
                  "bust": {"probability": "20 %", "set": {"demands.sell.most": "3 t/h"}}},
    "supplies": {"mine": {"commodity": "ore", "price": "1 CNY/t"}},
    "processes": {
        "smelter": {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"},
                    "expansion": {"most": "20 t/h", "cost": "60000 CNY/(t/h)", "life": "9 a", "fixed": "9 CNY/(t/h)/a"}},
        "old": {"inputs": {"ore": "1.2 t"}, "outputs": {"metal": "1 t"}, "capacity": "3 t/h",
                "fixed_cost": "1 CNY/(t/h)/a", "retires": {"2029": "1 t/h", "2035": "2 t/h"}},
    },
    "demands": {"sell": {"commodity": "metal", "price": "3 CNY/t", "most": "7 t/h"}},
    "policies": {"reserve": {"sum": {"mine": 1}, "most": "0.8 Mt", "over": "all"}},
}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return lodeworks.plan(Chain.model_validate(CHAIN))


def test_money_discounted_and_weighed_adds_up_to_the_objective(plan: Plan) -> None:
    costs = plan.costs
    assert float((costs["discounted"] * costs["probability"]).sum()) == pytest.approx(plan.objective, rel=1e-9)
    assert plan.manifest["scenarios"]["expected"] == pytest.approx(plan.objective, rel=1e-9)
    table = plan.table("scenarios")
    assert float((table["objective"] * table["probability"]).sum()) == pytest.approx(plan.objective, rel=1e-9)
    stages = plan.table("stages")
    assert float((stages["running_discounted"] + stages["building_discounted"]).sum()) == pytest.approx(plan.objective)
    for column, item in (("left_discounted", "salvage"), ("renewal_discounted", "renewal")):
        assert float(stages[column].sum()) == pytest.approx(float(plan.costs.filter(item=item)["discounted"].sum()))


def test_every_balance_closes_in_every_slice(plan: Plan) -> None:
    names = ["stage", "scenario", "commodity", "time"]
    left = plan.flows.group_by(names).agg(left=pl.col("amount").sum(), size=pl.col("amount").abs().max())
    assert len(left) == 3 * 3 * 2 * 5
    assert float((left["left"].abs() / left["size"].clip(1.0)).max()) < 1e-9


def test_capacities_of_stages_follow_from_what_is_decided_and_retires(plan: Plan) -> None:
    rows = plan.table("pathway").filter(pl.col("element") == "old")
    assert rows["existing"].to_list() == [3.0, 2.0, 0.0]
    assert rows["retired"].to_list() == [0.0, 1.0, 2.0]
    for (_,), own in plan.table("pathway").group_by(["element"], maintain_order=True):
        total = 0.0
        for row in own.iter_rows(named=True):
            came = row["decided"] if row["element"] == "smelter" else 0.0
            total = row["total"] if row["stage"] == "2026" else total + came - row["retired"]
            assert row["total"] == pytest.approx(total)
    built = plan.capacities.filter(pl.col("element") == "smelter").group_by("stage").agg(
        apart=pl.col("built").max() - pl.col("built").min())
    assert float(built["apart"].max()) < 1e-9  # the same in every scenario


def test_a_limit_over_all_stages_is_told_for_each_scenario(plan: Plan) -> None:
    rows = plan.table("policies").filter(pl.col("most").is_not_null())
    assert rows["scenario"].cast(pl.String).to_list() == ["boom", "normal", "bust"]
    assert float(rows["value"].max()) == pytest.approx(0.8)
    mined = plan.flows.filter(pl.col("element") == "mine")
    years = {"2026": 4.0, "2030": 5.0, "2035": 5.0}
    for row in rows.iter_rows(named=True):
        own = mined.filter(pl.col("scenario") == row["scenario"])
        total = sum(r["amount"] * years[r["stage"]] for r in own.iter_rows(named=True))
        assert row["value"] * 1e6 == pytest.approx(total)


def test_knowing_what_comes_and_planning_for_all_of_it_are_never_worth_less_than_nothing(plan: Plan) -> None:
    information = plan.manifest["scenarios"]["information"]
    assert information["perfect_information"] > 0.0
    assert information["stochastic_solution"] > 0.0
    assert information["wait_and_see"] == pytest.approx(plan.objective + information["perfect_information"])


def test_a_vintage_that_is_decided_is_worth_just_what_it_costs(plan: Plan) -> None:
    rows = plan.table("vintages").filter(pl.col("decided") > 0.0)
    assert len(rows) > 0
    assert float((rows["net_value"] / rows["unit_investment"]).abs().max()) < 1e-9
    assert float(plan.table("vintages")["net_value"].max()) < 1e-3


def test_what_is_built_in_whole_lumps_is_worth_what_a_further_unit_of_it_would_earn() -> None:
    """At 2 CNY a tonne over 8,760 h a year and four years, whether a lump of it is built or not."""
    chain = Chain.model_validate({
        "chain": "smelters", "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}},
        "horizon": {"start": "2026-01-01", "step": "1 a", "length": "1 a", "discount": "0 %/a", "stages": [2026], "last": "4 a"},
        "supplies": {"mine": {"commodity": "ore", "price": "1 CNY/t"}},
        "demands": {"sell": {"commodity": "metal", "price": "3 CNY/t", "most": "70 t/h"}},
        "processes": {
            name: {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"},
                   "expansion": {"most": "2 t/h", "lump": "2 t/h", "cost": f"{cost} CNY/(t/h)", "life": "4 a"}}
            for name, cost in (("cheap", 40_000), ("dear", 90_000))},
    })
    rows = {row["element"]: row for row in lodeworks.plan(chain).table("candidates").iter_rows(named=True)}
    assert {name: row["built"] for name, row in rows.items()} == {"cheap": 2.0, "dear": 0.0}
    for name, cost in (("cheap", 40_000.0), ("dear", 90_000.0)):
        assert rows[name]["marginal_value"] == pytest.approx(2.0 * 8_760 * 4)
        assert rows[name]["net_value"] == pytest.approx(2.0 * 8_760 * 4 - cost)
