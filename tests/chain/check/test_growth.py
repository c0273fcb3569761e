"""Limits on growth: what they must name, in which units, and that they bind from stage to stage."""

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
