"""Limits on growth and survival curves: what they must say, and that they hold from stage to stage."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from lodeworks import verbs
from lodeworks.chain.check import check_chain
from lodeworks.chain.entities import Chain
from lodeworks.errors import InfeasibleError

GROWTH: dict[str, Any] = {"of": ["east", "west"], "rate": "20 %/a", "seed": "3 MW"}


def panels(stages: bool = True, need: str = "40 MW", **growth: Any) -> Chain:
    """Two fields of panels for a load that cannot be bought elsewhere cheaply, over three stages of two years."""
    field = {"outputs": {"power": "1 kWh"}, "capacity": "5 MW", "expansion": {"cost": "1000 CNY/kW", "life": "20 a"}}
    return Chain.model_validate({
        "chain": "panels", "objective": {"goal": "cost"},
        "horizon": {"start": "2026-01-01", "step": "1 a", "length": "1 a", "discount": "0 %/a",
                    **({"stages": [2026, 2028, 2030], "last": "2 a"} if stages else {})},
        "commodities": {"power": {"unit": "kWh"}, "gas": {"unit": "t"}},
        "processes": {"east": field, "west": field},
        "stores": {"tank": {"commodity": "gas", "capacity": "1 t", "expansion": {}}},
        "demands": {"town": {"commodity": "power", "amount": need, "unserved": "9 CNY/kWh"}},
        "investment": {"growth": {"fields": {**GROWTH, **growth}}},
    })


def test_what_is_decided_is_the_seed_and_the_growth_of_what_stood() -> None:
    """Worked out by hand: 44 % in two years of 10, then of 10 + 7.4; the third stage needs less than it might decide."""
    plan = verbs.plan(panels())
    decided = plan.table("pathway").group_by("stage").agg(pl.col("decided").sum()).sort("stage")["decided"]
    first, second = 3.0 + 0.44 * 10.0, 3.0 + 0.44 * 17.4
    assert decided.to_list() == pytest.approx([1000 * v for v in (first, second, 40.0 - 17.4 - second)])
    assert plan.objective > verbs.plan(panels(rate="90 %/a")).objective


def test_what_is_known_fades_and_what_is_built_elsewhere_counts_in_part() -> None:
    """Of 10 MW that are there a quarter is known after two years; what the west decided counts for a tenth of the east."""
    own = {"rate": "0 %/a", "experience": {"rate": "10 %/a", "fades": "50 %/a", "known": "10 MW", "of": {"west": "10 %"}}}
    plan = verbs.plan(panels(of=["east"], **own))
    east = plan.table("pathway").filter(pl.col("element") == "east").sort("stage")["decided"].to_list()
    west = plan.table("vintages").filter(pl.col("element") == "west").sort("stage")["decided"].to_list()
    known = [10.0, 2.5, 0.625]
    heard = [0.0, 0.1 * west[0] / 1000, 0.1 * (0.25 * west[0] + west[1]) / 1000]
    for have, k, w in zip(east, known, heard, strict=True):
        assert have <= 1000 * (3.0 + 0.21 * (k + w)) * (1 + 1e-9)


def test_a_plan_that_growth_makes_impossible_names_it() -> None:
    chain = panels()
    town = chain.demands["town"].model_copy(update={"unserved": None})
    with pytest.raises(InfeasibleError, match="the growth of fields in stage 2026"):
        verbs.plan(chain.model_copy(update={"demands": {"town": town}}))


@pytest.mark.parametrize(("change", "told"), [
    ({"of": ["east", "tank"]}, "capacities of several units"),
    ({"of": ["east", "wets"]}, "wets"),
    ({"of": []}, "limits nothing"),
    ({"rate": None, "seed": None}, "limits nothing"),
    ({"seed": "3 t"}, "not a capacity of what is limited"),
    ({"seed": "-3 MW"}, "less than nought"),
    ({"rate": "20 MW"}, "MW"),
    ({"rate": "-20 %/a"}, "a rate out of bounds"),
    ({"experience": {"rate": "9 %/a", "fades": "120 %/a"}}, "a rate out of bounds"),
    ({"experience": {"rate": "9 %/a", "known": "1 t"}}, "not a capacity of what is limited"),
    ({"experience": {"rate": "9 %/a", "of": {"nobody": 1}}}, "nobody"),
])
def test_each_fault_is_told_where_it_is(change: dict[str, Any], told: str) -> None:
    problems = [str(problem) for problem in check_chain(panels(**change)) if problem.severity == "error"]
    assert any(told in problem and "growth.fields" in problem for problem in problems), problems


def test_growth_of_a_chain_without_stages_is_refused() -> None:
    problems = [str(problem) for problem in check_chain(panels(stages=False))]
    assert any("growth is from stage to stage" in problem for problem in problems)


def fading(curve: dict[str, str], stages: bool = True, **expansion: Any) -> Chain:
    """A kiln that goes little by little, for a need of one over three stages of ten years."""
    return Chain.model_validate({
        "chain": "kilns", "objective": {"goal": "cost"},
        "horizon": {"start": "2026-01-01", "step": "1 a", "length": "1 a", "discount": "0 %/a",
                    **({"stages": [2026, 2036, 2046], "last": "10 a"} if stages else {})},
        "commodities": {"lime": {"unit": "t"}},
        "processes": {"kiln": {"outputs": {"lime": "1 t"}, "ambient": True, "expansion": {
            "cost": "20 CNY/(t/a)", "life": "20 a", "survival": curve, **expansion}}},
        "demands": {"mill": {"commodity": "lime", "amount": "1 t/a"}},
    })


def test_a_stage_has_the_mean_of_what_still_stands_in_its_years_and_pays_for_no_more() -> None:
    """Straight from all to nothing in twenty years 77.5 and 27.5 % stand in the two stages; without discount money is by what stood."""
    plan = verbs.plan(fading({"10": "50 %"}))
    vintages = plan.table("vintages").sort("stage")
    decided = [value * 8760.0 for value in vintages["decided"]]
    first, second = 0.775, 0.275
    a = 1.0 / first
    b = (1.0 - second * a) / first
    c = (1.0 - second * b) / first
    assert decided == pytest.approx([a, b, c])
    seen = [1.0, 1.0, first / (first + second)]
    assert vintages["charged"].to_list() == pytest.approx([20.0 * v * share for v, share in zip(decided, seen, strict=True)])
    assert plan.objective == pytest.approx(vintages["charged"].sum())
    retired = plan.table("pathway").sort("stage")["retired"].to_list()
    assert [value * 8760.0 for value in retired] == pytest.approx([0.0, a * (first - second), a * second + b * (first - second)])


def test_a_curve_of_one_step_is_a_life() -> None:
    """What stands whole until the end of its life is what stands without a curve."""
    whole = verbs.plan(fading({"19.999999": "100 %"}))
    assert whole.objective == pytest.approx(verbs.plan(fading({})).objective, rel=1e-9)


@pytest.mark.parametrize(("curve", "more", "told"), [
    ({"30": "50 %"}, {}, "not an age within the life"), ({"ten": "50 %"}, {}, "not an age within the life"),
    ({"5": "50 %", "10": "60 %"}, {}, "a share that stands falls"), ({"5": "120 %"}, {}, "a share that stands falls"),
    ({"5": "50 %"}, {"life": None}, "ends with the life"), ({"5": "50 %"}, {"lump": "1 t/a"}, "neither whole nor closed early"),
    ({"5": "50 %"}, {"may_close": True}, "neither whole nor closed early"),
])
def test_each_fault_of_a_curve_is_told(curve: dict[str, str], more: dict[str, Any], told: str) -> None:
    problems = [str(problem) for problem in check_chain(fading(curve, **more)) if problem.severity == "error"]
    assert any(told in problem for problem in problems), problems


def test_a_curve_without_stages_is_told_to_say_nothing() -> None:
    problems = check_chain(fading({"10": "50 %"}, stages=False))
    assert [problem.severity for problem in problems if "survival curve is over stages" in str(problem)] == ["warning"]
