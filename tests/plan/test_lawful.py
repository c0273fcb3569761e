"""Losses taken off later profits as the law has it: within their years, the oldest first, and none that was not made."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.chain.entities import Chain
from lodeworks.errors import SolverError
from lodeworks.network import compile_network, compile_pathway
from lodeworks.plan import lawful, optimise, plan_tables
from lodeworks.plan.engine import decided
from lodeworks.plan.pathway import optimise_pathway, pathway_tables
from lodeworks.plan.program import Program
from lodeworks.plan.reduced.subject import OverSlices
from lodeworks.plan.solve import Outcome

YEAR = 2026


def taxes(profits: list[float], rates: list[float], carry: int, before: dict[int, float]) -> list[float]:
    """Return the tax of each year, as one would on paper: a list of losses with the years they come from."""
    losses, found = [[YEAR - ago, amount] for ago, amount in before.items()], []
    for year, (profit, rate) in enumerate(zip(profits, rates, strict=True), YEAR):
        losses = sorted([loss for loss in losses if loss[0] + carry >= year])
        for loss in losses:
            off = min(loss[1], max(profit, 0.0))
            loss[1] -= off
            profit -= off
        found.append(rate * max(profit, 0.0))
        if profit < 0.0:
            losses.append([year, -profit])
    return found


def works(profits: list[float], rates: list[float], carry: int, **firm: Any) -> dict[str, Any]:
    """Return a works that must make one ton a year, whose profit of each year is given."""
    years = [YEAR + k for k in range(len(profits))]
    return {
        "chain": "works", "currency": "CNY",
        "horizon": {"start": f"{YEAR}-01-01", "step": "1 a", "length": "1 a", "stages": years, "discount": "3 %/a"},
        "commodities": {"metal": {"unit": "t"}},
        "supplies": {"mine": {"commodity": "metal", "owner": "works", "price": "1000 CNY/t"}},
        "demands": {"yard": {"commodity": "metal", "owner": "works", "price": "1000 CNY/t", "amount": "1 t/a"}},
        "firms": {"works": {"cash": "9000 CNY", "profit_tax": rates[0], "loss_carry": f"{carry} a", **firm}},
        "stages": {str(year): {"set": {"demands.yard.price": f"{1000 + profit} CNY/t", "firms.works.profit_tax": rate}}
                   for year, profit, rate in zip(years, profits, rates, strict=True)},
    }


def lines(data: dict[str, Any], statement: str, line: str) -> list[float]:
    rows = pathway_tables(optimise_pathway(compile_pathway(Chain.model_validate(data))))["statements"]
    return rows.filter((pl.col("statement") == statement) & (pl.col("line") == line))["amount"].to_list()[1:]


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.data())
def test_a_plan_pays_what_the_law_asks_whatever_it_could_invent(data: st.DataObject) -> None:
    """Rates that rise make a loss put off worth more, and years without profit would make an old loss young again."""
    count = data.draw(st.integers(3, 7))
    profits = data.draw(st.lists(st.sampled_from([-90.0, -40.0, 0.0, 0.0, 20.0, 70.0]), min_size=count, max_size=count))
    rates = sorted(data.draw(st.lists(st.sampled_from([0.15, 0.25]), min_size=count, max_size=count)))
    carry = data.draw(st.integers(1, 4))
    before = data.draw(st.dictionaries(st.integers(1, 4), st.sampled_from([10.0, 60.0]), max_size=2))
    made = works(profits, rates, carry, losses={str(YEAR - ago): f"{amount} CNY" for ago, amount in before.items()})
    answer = optimise_pathway(compile_pathway(Chain.model_validate(made)))
    rows = pathway_tables(answer)["statements"]
    told = rows.filter((pl.col("statement") == "profit") & (pl.col("line") == "profit_tax"))["amount"].to_list()[1:]
    expected = taxes(profits, rates, carry, before)
    assert [-tax for tax in told] == pytest.approx(expected if any(expected) else [], abs=1e-6)
    assert answer.found.residuals.good
    assert answer.found.status == "optimal"
    weights = [1.03 ** -(k + 1) for k in range(count)]
    reached = sum(w * (p - t) for w, p, t in zip(weights, profits, expected, strict=True))
    assert answer.objective == pytest.approx(reached, abs=1e-6)


def test_a_loss_is_taken_off_the_oldest_first_and_told_year_by_year() -> None:
    """100 lost in 2026 and 50 in 2027; 80 and 90 earned then: 80 of the first, its last 20 with the 50, and 20 are taxed."""
    made = works([-100.0, -50.0, 80.0, 90.0], [0.25] * 4, 5)
    assert lines(made, "tax on profit", "losses used") == pytest.approx([0.0, 0.0, -80.0, -70.0])
    assert lines(made, "tax on profit", "taxable") == pytest.approx([0.0, 0.0, 0.0, 20.0])
    assert lines(made, "profit", "profit_tax") == pytest.approx([0.0, 0.0, 0.0, -5.0])


def test_no_more_is_taken_off_than_a_year_earns_though_the_rest_grows_too_old() -> None:
    """200 of 2024 are of use until 2026, in which 50 are earned: 150 are lost."""
    made = works([50.0, 80.0], [0.25] * 2, 2, losses={"2024": "200 CNY"})
    assert lines(made, "tax on profit", "losses used") == pytest.approx([-50.0, 0.0])
    assert lines(made, "tax on profit", "taxable") == pytest.approx([0.0, 80.0])


def test_a_loss_that_is_too_old_is_lost_and_cannot_be_made_young() -> None:
    """With a year to carry it, a loss of 2026 is of no use in 2028, whatever is called profit and loss in 2027."""
    assert lines(works([-100.0, 0.0, 100.0], [0.25] * 3, 1), "profit", "profit_tax") == pytest.approx([0.0, 0.0, -25.0])
    assert lines(works([-100.0, 100.0, 100.0], [0.25] * 3, 1), "profit", "profit_tax") == pytest.approx([0.0, 0.0, -25.0])


def test_a_loss_is_not_kept_for_the_year_in_which_tax_is_higher() -> None:
    made = works([-100.0, 100.0, 100.0], [0.15, 0.15, 0.25], 5)
    assert lines(made, "profit", "profit_tax") == pytest.approx([0.0, 0.0, -25.0])


def test_profit_is_not_moved_to_the_years_of_lower_tax() -> None:
    """A loss invented in 2026 would cost 15 % then and save 25 % from 2028 on."""
    made = works([100.0] * 4, [0.15, 0.15, 0.25, 0.25], 5)
    assert lines(made, "profit", "profit_tax") == pytest.approx([-15.0, -15.0, -25.0, -25.0])


def test_a_year_without_tax_takes_nothing_off() -> None:
    """A holiday in 2027 and 2028: the 100 lost in 2026 are of use in 2029."""
    made = works([-100.0, 80.0, 80.0, 150.0], [0.25, 0.0, 0.0, 0.25], 5)
    assert lines(made, "tax on profit", "losses used") == pytest.approx([0.0, 0.0, 0.0, -100.0])
    assert lines(made, "profit", "profit_tax") == pytest.approx([0.0, 0.0, 0.0, -12.5])


def test_a_loss_invented_in_a_year_without_tax_saves_none() -> None:
    made = works([50.0, 50.0, 50.0], [0.0, 0.25, 0.25], 5)
    assert lines(made, "profit", "profit_tax") == pytest.approx([0.0, -12.5, -12.5])


def test_where_money_is_not_the_goal_no_less_than_the_law_asks_is_paid() -> None:
    """With 3 CNY more than the tax of 25 the works could not pay it twice."""
    made = works([-100.0, 0.0, 100.0], [0.25] * 3, 1)
    made["objective"] = {"goal": "output", "commodity": "metal"}
    made["firms"]["works"]["cash"] = "128 CNY"
    told = lines(made, "profit", "profit_tax")
    assert sum(told) <= -25.0 + 1e-6


def test_losses_of_before_are_taken_off_a_years_profit() -> None:
    """Of 1,600 earned in 2026 a loss of 500 of 2021 and 100 of 2025 is taken off; one of 2019 is too old."""
    data = {
        "chain": "works", "horizon": {"start": "2026-01-01", "length": "40 h", "cyclic": False}, "accounts": {"period": "10 h"},
        "commodities": {"metal": {"unit": "t"}},
        "supplies": {"mine": {"commodity": "metal", "owner": "works", "price": "60 CNY/t", "most": "1 t/h"}},
        "demands": {"sell": {"commodity": "metal", "owner": "works", "price": "100 CNY/t"}},
        "firms": {"works": {"cash": "5 kCNY", "profit_tax": "25 %", "loss_carry": "5 a",
                            "losses": {"2025": "100 CNY", "2021": "500 CNY", "2019": "9 kCNY"}}},
    }
    answer = optimise(compile_network(Chain.model_validate(data)))
    assert answer.program.objective(answer.x) == pytest.approx(1600.0 - 0.25 * 1000.0)
    sheet = plan_tables(answer)["statements"].filter(pl.col("line") == "losses used")
    assert sheet["amount"].to_list() == pytest.approx([0.0, 0.0, 0.0, -600.0])


# ---- what is told of the search ----------------------------------------------------------------------

LATE = ([-100.0, 100.0, 100.0], [0.15, 0.15, 0.25], 5)  # the loss would rather be kept for 2028
REACHED = -100.0 / 1.03 + 100.0 / 1.03**2 + 75.0 / 1.03**3
KEPT = -100.0 / 1.03 + 85.0 / 1.03**2 + 100.0 / 1.03**3  # what the law does not allow


def test_the_gap_of_a_search_that_was_cut_short_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs of whole numbers whose best is not known, as at a limit of time: so it is not of what they add up to."""
    def short(program: Program, **options: Any) -> Outcome:
        found = decided(program, **options)
        return replace(found, status="time limit", gap=0.2) if found.status == "optimal" else found

    made = works(*LATE, credit={"whole": "10 CNY"})
    made["lenders"], made["loans"] = {"bank": {}}, {"whole": {"lender": "bank", "rate": "5 %/a", "term": "1 a", "lump": "10 CNY"}}
    monkeypatch.setattr(lawful, "decided", short)
    found = optimise_pathway(compile_pathway(Chain.model_validate(made))).found
    assert found.gap == pytest.approx(KEPT / REACHED - 1.0, rel=1e-3)
    assert (found.status, found.duals) == ("not proved best", "integers and losses fixed")


def test_a_program_on_the_way_that_finds_no_plan_in_time_leaves_the_plan_unproved(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[float] = []

    def one(program: Program, *, time_limit: float, **options: Any) -> Outcome:
        calls.append(time_limit)
        if len(calls) > 1:
            raise SolverError("the time limit passed before a first plan was found")
        return decided(program, time_limit=time_limit, **options)

    monkeypatch.setattr(lawful, "decided", one)
    answer = optimise_pathway(compile_pathway(Chain.model_validate(works(*LATE))), time_limit=100.0)
    assert answer.objective == pytest.approx(REACHED)
    assert answer.found.status == "not proved best"
    assert answer.found.gap == pytest.approx(KEPT / REACHED - 1.0, rel=1e-3)
    assert len(calls) > 1
    assert all(100.0 > earlier > later for earlier, later in pairwise(calls)), "the time is that of all together"


def test_what_was_searched_for_has_duals_that_bound_no_other_plan() -> None:
    """What the law allows is not convex, so the slope of its best is no tangent; that of a program it agrees with is."""
    for data, duals in ((works(*LATE), "losses fixed"), (works([100.0] * 3, [0.25] * 3, 5), "exact")):
        subject = OverSlices(compile_pathway(Chain.model_validate(data)))
        found = subject.plan(subject.networks, {})
        assert found.answer.found.duals == duals
        assert found.tangent == (duals == "exact")
        assert np.isfinite(found.value)


def test_a_tax_that_comes_later_takes_the_losses_of_before_it() -> None:
    """As if nothing had been taxed until then: 100 lost in 2026 are taken off in 2027."""
    made = works([-100.0, 130.0, 100.0], [0.25] * 3, 5)
    del made["firms"]["works"]["profit_tax"], made["stages"][str(YEAR)]["set"]["firms.works.profit_tax"]
    assert lines(made, "tax on profit", "losses used") == pytest.approx([0.0, -100.0, 0.0])
    assert lines(made, "profit", "profit_tax") == pytest.approx([0.0, -7.5, -25.0])
