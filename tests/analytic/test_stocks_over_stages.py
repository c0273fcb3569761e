"""Deposits, fill sites and piles that are carried from stage to stage, against answers worked out by hand."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from lodeworks.chain.check import check_chain
from lodeworks.chain.entities import Chain
from lodeworks.errors import InfeasibleError
from lodeworks.network import compile_network, compile_pathway
from lodeworks.plan import optimise
from lodeworks.plan.pathway import information, optimise_pathway, pathway_tables

SEVEN = {"start": "2026-01-01", "step": "73 d", "length": "1 a", "stages": [2026, 2030], "last": "3 a", "discount": "0 %/a"}


def chain(horizon: dict[str, Any], **sections: Any) -> Chain:
    return Chain.model_validate({
        "chain": "seam", "horizon": horizon, "commodities": {"ore": {"unit": "t", "price": "3 CNY/t"}}, **sections,
    })


def seam(**store: Any) -> Chain:
    """A seam of 1,000 t, a yard that pays 10 CNY/t for four years and then 20 for three, 200 t a year at most."""
    return chain(
        SEVEN, stores={"seam": {"commodity": "ore", "initial": "1000 t", "end": "free", **store}},
        demands={"yard": {"commodity": "ore", "price": "10 CNY/t", "most": "200 t/a"}},
        stages={"2030": {"set": {"demands.yard.price": "20 CNY/t"}}},
    )


def test_a_deposit_is_kept_for_the_stage_in_which_it_is_worth_more() -> None:
    answer = optimise_pathway(compile_pathway(seam()))
    assert answer.objective == pytest.approx(3 * 200 * 20 + 400 * 10)
    stocks = pathway_tables(answer)["stocks"]
    assert stocks["begin"].to_list() == pytest.approx([1000.0, 600.0], abs=1e-6)
    assert stocks["end"].to_list() == pytest.approx([600.0, 0.0], abs=1e-6)
    assert stocks["yearly"].to_list() == pytest.approx([-100.0, -200.0], abs=1e-6)
    flows = pathway_tables(answer)["flows"].filter(element="seam")
    by_stage = dict(flows.group_by("stage").agg(pl.col("amount").sum()).iter_rows())
    assert by_stage == pytest.approx({"2026": 100.0, "2030": 200.0})  # what the seam gives in a year
    assert stocks["marginal_value"].to_list() == pytest.approx([10.0, 10.0], abs=1e-6)


def test_what_must_be_left_is_left_at_the_end_of_the_last_stage() -> None:
    assert optimise_pathway(compile_pathway(seam(end="700 t"))).objective == pytest.approx(300 * 20)
    with pytest.raises(InfeasibleError, match="seam"):
        optimise_pathway(compile_pathway(seam(end="1700 t")))


def test_a_stock_that_begins_anew_is_as_large_at_every_passing() -> None:
    answer = optimise_pathway(compile_pathway(seam(over_stages="anew")))
    assert answer.objective == pytest.approx(4 * 200 * 10 + 3 * 200 * 20)
    assert "stocks" not in pathway_tables(answer)


def test_a_fill_site_is_full_when_its_volume_is() -> None:
    """A hundred tonnes a year arise; the site takes 500, what does not fit costs 7 CNY/t elsewhere."""
    answer = optimise_pathway(compile_pathway(chain(
        SEVEN, supplies={"works": {"commodity": "ore", "least": "100 t/a", "most": "100 t/a"}},
        stores={"site": {"commodity": "ore", "capacity": "500 t", "end": "free"}},
        demands={"elsewhere": {"commodity": "ore", "price": "-7 CNY/t"}},
    )))
    rates = pathway_tables(answer)["costs"]
    assert rates["over_stage"].sum() == pytest.approx(-7 * 200)
    assert pathway_tables(answer)["stocks"]["end"].to_list()[-1] == pytest.approx(500.0)


def test_the_last_passing_of_a_stage_has_room_too() -> None:
    """A pile of 30 t is filled in the first half of each year and sold in the second; 10 t a year stay from 2026 on."""
    site = {"pile": {"commodity": "ore", "capacity": "30 t", "end": "free"}}
    profiles = {"comes": {"values": [100.0, 100.0, 0.0, 0.0, 0.0], "unit": "t/a"},
                "goes": {"values": [0.0, 0.0, 0.0, 100.0, 50.0], "unit": "t/a"}}
    made = chain({**SEVEN, "stages": [2026], "last": "3 a"}, stores=site, profiles=profiles,
                 supplies={"works": {"commodity": "ore", "most": "comes"}},
                 demands={"yard": {"commodity": "ore", "price": "10 CNY/t", "most": "goes"},
                          "pit": {"commodity": "ore", "price": "-1 CNY/t"}})
    answer = optimise_pathway(compile_pathway(made))
    levels = pathway_tables(answer)["levels"]["level"].to_numpy()
    change = levels[-1]
    assert levels.max() + 2 * change <= 30.0 + 1e-6
    assert answer.objective == pytest.approx(3 * 30 * 10)


@pytest.mark.parametrize("store", [
    {"initial": "120 t", "end": "free", "capacity": "400 t"}, {"initial": "0 t", "end": "40 t", "capacity": "90 t"},
    {"initial": "120 t", "end": "free", "capacity": "400 t", "over_stages": "once", "loss": "0.1 %/d"},
    {"capacity": "90 t", "over_stages": "once", "loss": "0.1 %/d"},
    {"initial": "30 t", "capacity": "90 t", "over_stages": "once"},
])
def test_stages_of_one_year_are_one_horizon_of_as_many(store: dict[str, str]) -> None:
    prices = [5.0, 9.0, 4.0, 12.0, 7.0]
    sections: dict[str, Any] = {
        "stores": {"pile": {"commodity": "ore", "charge": "300 t/a", **store}},
        "supplies": {"mine": {"commodity": "ore", "price": "6 CNY/t", "most": "90 t/a"}},
        "demands": {"yard": {"commodity": "ore", "price": "price", "most": "150 t/a"}},
    }
    by_stage = chain(
        {**SEVEN, "stages": [2026, 2027, 2028], "last": "1 a"}, **sections,
        profiles={"price": {"values": prices, "unit": "CNY/t"}},
        stages={"2028": {"set": {"supplies.mine.price": "10 CNY/t"}}},
    )
    whole = chain(
        {**SEVEN, "stages": [], "last": None, "length": "3 a", "cyclic": "end" not in store}, **{**sections, "supplies": {"mine": {
            "commodity": "ore", "price": "dear", "most": "90 t/a"}}},
        profiles={"price": {"values": 3 * prices, "unit": "CNY/t"},
                  "dear": {"values": [6.0] * 10 + [10.0] * 5, "unit": "CNY/t"}},
    )
    staged = optimise_pathway(compile_pathway(by_stage)).objective
    net = optimise(compile_network(whole))
    assert staged == pytest.approx(net.program.objective(net.x), rel=1e-9)


def test_what_is_carried_once_changes_as_if_the_horizon_passed_once_in_each_stage() -> None:
    """The seam's 1,000 t are dug at 200 t in each of the two passings, which count for four years and for three."""
    answer = optimise_pathway(compile_pathway(seam(over_stages="once")))
    assert answer.objective == pytest.approx(4 * 200 * 10 + 3 * 200 * 20)
    stocks = pathway_tables(answer)["stocks"]
    assert stocks["begin"].to_list() == pytest.approx([1000.0, 800.0])
    assert stocks["end"].to_list() == pytest.approx([800.0, 600.0])
    poor = optimise_pathway(compile_pathway(seam(over_stages="once", initial="300 t")))
    assert poor.objective == pytest.approx(3 * 200 * 20 + 4 * 100 * 10)
    assert pathway_tables(poor)["stocks"]["marginal_value"].to_list() == pytest.approx([40.0, 40.0], abs=1e-6)


@pytest.mark.parametrize("settings", [
    {"horizon": {"periods": {"all": {"length": "1 a", "times": 1}}}}, {"firms": {"digger": {"cash": "50 CNY"}}},
])
def test_what_is_carried_once_stands_neither_in_typical_periods_nor_in_books(settings: dict[str, Any]) -> None:
    data = seam(over_stages="once", owner="digger" if "firms" in settings else "").model_dump(mode="json")
    data["horizon"] |= settings.pop("horizon", {})
    found = [p for p in check_chain(Chain.model_validate({**data, **settings})) if p.severity == "error"]
    assert {(p.element, p.key) for p in found} == {("stores.seam", "over_stages")}


def test_each_scenario_carries_its_own_stock() -> None:
    data = seam().model_dump(mode="json")
    data["scenarios"] = {
        "good": {"probability": "50 %", "set": {}},
        "poor": {"probability": "50 %", "set": {"stores.seam.initial": "100 t"}},
    }
    answer = optimise_pathway(compile_pathway(Chain.model_validate(data)))
    assert answer.objective == pytest.approx(0.5 * 16_000 + 0.5 * 100 * 20)
    assert information(answer).perfect_information == pytest.approx(0.0, abs=1e-3)


def test_a_firms_books_balance_with_a_stock_that_is_carried() -> None:
    data = seam().model_dump(mode="json")
    data["firms"] = {"digger": {"cash": "50 CNY"}}
    data["stores"]["seam"]["owner"] = data["demands"]["yard"]["owner"] = "digger"
    answer = optimise_pathway(compile_pathway(Chain.model_validate(data)))
    sheet = pathway_tables(answer)["statements"].filter(statement="balance sheet")
    stocks = sheet.filter(line="stocks")["amount"].to_list()
    assert stocks == pytest.approx([3000.0, 2700.0, 2400.0, 2100.0, 1800.0, 1200.0, 600.0, 0.0], abs=1e-6)
    for _, year in sheet.group_by("time"):
        assets = year.filter(group="assets")["amount"].sum()
        assert assets == pytest.approx(year["amount"].sum() - assets)


@pytest.mark.parametrize(("key", "value"), [
    ("loss", "1 %/d"), ("shelf_life", "20 d"), ("levels", {"2026-06-01": "5 t"}), ("over_stages", "kept"),
])
def test_what_perishes_or_has_a_course_is_not_carried(key: str, value: Any) -> None:
    (found,) = [problem for problem in check_chain(seam(**{key: value})) if problem.severity == "error"]
    assert (found.element, found.key) == ("stores.seam", key)
