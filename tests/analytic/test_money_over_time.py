"""Interest and repayments over unequal months, over stages with discounting, over typical days, over scenarios: by hand.

The figures were worked out line by line as on a sheet of paper, not by the formulas of the plan.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network, compile_pathway
from lodeworks.plan import optimise, plan_tables
from lodeworks.plan.pathway import PathwayAnswer, optimise_pathway, pathway_tables

LENDING = {"lenders": {"bank": {}}, "loans": {"line": {"lender": "bank", "rate": "12 %/a", "term": "12 month"}}}
# A works that sells 1 t an hour at 3 CNY, bought at 1 CNY: 2 CNY an hour, 17,520 CNY a year.
SMELTER = {
    "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}},
    "supplies": {"mine": {"commodity": "ore", "owner": "works", "price": "1 CNY/t"}},
    "processes": {"smelter": {"owner": "works", "inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "capacity": "1 t/h"}},
    "demands": {"sell": {"commodity": "metal", "owner": "works", "price": "3 CNY/t"}},
}


def months(length: str, debt: dict[str, str], **loan: str) -> dict[str, pl.DataFrame]:
    """Plan a works from the middle of January on, that owes 1,200 CNY at 1 % a month."""
    lending = {**LENDING, "loans": {"line": {**LENDING["loans"]["line"], **loan}}}  # type: ignore[dict-item]
    return plan_tables(optimise(compile_network(Chain.model_validate({
        "chain": "works", "horizon": {"start": "2026-01-16", "step": "1 d", "length": length, "cyclic": False}, **SMELTER,
        **lending, "firms": {"works": {"cash": "9 kCNY", "debts": {"line": {"amount": "1200 CNY", **debt}}}}}))))


def test_interest_of_a_month_cut_short_is_for_its_days() -> None:
    """16 of the 31 days of January, whole February and March, 10 of the 30 days of April."""
    loans = months("85 d", {"due": "2027-01-01"})["loans"]
    assert loans["time"].dt.strftime("%m-%d").to_list() == ["01-16", "02-01", "03-01", "04-01"]
    assert loans["interest"].to_list() == pytest.approx([6.193548387, 12.0, 12.0, 4.0])
    assert loans["owed"].to_list() == pytest.approx([1200.0] * 4)


def test_a_rate_that_changes_within_a_month_counts_by_its_days() -> None:
    """12 % until 17 March, 6 % from then on: 12 in February, 16 days of March at 12 and 15 at 6."""
    loans = months("85 d", {"due": "2027-01-01"}, rates={"2026-03-17": "6 %/a", "2026-05-01": "9 %/a"})["loans"]  # type: ignore[arg-type]
    assert loans["interest"].to_list() == pytest.approx([6.193548387, 12.0, 12.0 * 16 / 31 + 6.0 * 15 / 31, 2.0])


def test_a_rate_that_changes_over_stages_holds_from_its_year() -> None:
    line = {"lender": "bank", "rate": "5 %/a", "term": "4 a", "rates": {"2028-01-01": "4 %/a", "2029-07-01": "2 %/a"}}
    answer = staged(loans={"line": line})
    assert of(answer, "loans")["interest"].to_list() == pytest.approx([0.0, 50.0, 50.0, 40.0, 30.0], rel=1e-3)


def test_equal_principal_over_a_short_first_month_falls_due_at_every_months_end() -> None:
    """Due 30 April: 300 at the end of January, February, March, April; 1 % of what was owed before, half of it first."""
    loans = months("105 d", {"due": "2026-04-30"}, repayment="equal principal")["loans"]
    assert loans["due"].to_list() == pytest.approx([300.0, 300.0, 300.0, 300.0])
    assert loans["interest"].to_list() == pytest.approx([6.193548387, 9.0, 6.0, 3.0])


def test_interest_that_is_paid_every_period_does_not_compound_but_what_is_borrowed_for_it_does() -> None:
    """The works earns nothing until the end; interest of 12 a month is borrowed of a second line at 1 % a month.

    Owed of the second: 12, 24.12, 36.3612, 48.724812 = 1200 (1.01^4 − 1).
    """
    sections = {**SMELTER, "demands": {"sell": {**SMELTER["demands"]["sell"], "payment": "1 a"}}, "supplies": {},  # type: ignore[dict-item]
                "processes": {"smelter": {"owner": "works", "outputs": {"metal": "1 t"}, "capacity": "1 t/h"}}}
    answer = optimise(compile_network(Chain.model_validate({
        "chain": "works", "horizon": {"start": "2026-01-01", "step": "1 d", "length": "120 d", "cyclic": False}, **sections,
        "lenders": {"bank": {}}, "loans": {"line": LENDING["loans"]["line"], "more": LENDING["loans"]["line"]},
        "firms": {"works": {"cash": "0 CNY", "credit": {"more": "1 kCNY"},
                            "debts": {"line": {"amount": "1200 CNY", "due": "2027-01-01"}}}}})))
    more = plan_tables(answer)["loans"].filter(pl.col("loan") == "more")
    assert more["owed"].to_list() == pytest.approx([12.0, 24.12, 36.3612, 48.724812])


def staged(horizon: dict[str, Any] | None = None, **more: Any) -> PathwayAnswer:
    """Plan two stages of two years, that owe 1,000 CNY at 5 % a year until the end of the fourth."""
    return optimise_pathway(compile_pathway(Chain.model_validate({
        "chain": "works", **SMELTER, "lenders": {"bank": {}},
        "horizon": {"start": "2026-01-01", "step": "12 h", "length": "1 a", "stages": [2026, 2028], "last": "2 a",
                    "discount": "7 %/a", **(horizon or {})},
        "loans": {"line": {"lender": "bank", "rate": "5 %/a", "term": "4 a", "repayment": "equal principal"}},
        "firms": {"works": {"cash": "2 kCNY", "debts": {"line": {"amount": "1000 CNY", "due": "2029-12-31"}}}}, **more})))


def of(answer: PathwayAnswer, table: str, statement: str = "", line: str = "") -> pl.DataFrame:
    rows = pathway_tables(answer)[table]
    return rows.filter((pl.col("statement") == statement) & (pl.col("line") == line)) if statement else rows


# What is owed when each year begins: 1000, 750, 500, 250, so 50, 37.5, 25 and 12.5 of interest, each at its year's end.
INTEREST = 50 / 1.07 + 37.5 / 1.07**2 + 25 / 1.07**3 + 12.5 / 1.07**4
YEARS = 1 / 1.07 + 1 / 1.07**2 + 1 / 1.07**3 + 1 / 1.07**4


def test_interest_over_stages_counts_discounted_at_the_end_of_its_year() -> None:
    answer = staged()
    assert of(answer, "loans")["interest"].to_list() == pytest.approx([0.0, 50.0, 37.5, 25.0, 12.5])
    assert answer.objective == pytest.approx(17_520 * YEARS - INTEREST)
    cash = of(answer, "statements", "balance sheet", "cash")["amount"].to_list()
    earned = [17_520 - 250 - paid for paid in (50.0, 37.5, 25.0, 12.5)]
    assert cash == pytest.approx([2000.0, *(2000.0 + sum(earned[: k + 1]) for k in range(4))])


def test_interest_with_the_principal_over_stages_is_paid_at_the_end_and_counts_when_it_accrues() -> None:
    """50 in each of four years, 200 with the 1,000 at the end of the fourth."""
    answer = staged(loans={"line": {"lender": "bank", "rate": "5 %/a", "term": "4 a", "repayment": "single payment"}})
    assert of(answer, "loans")["interest"].to_list() == pytest.approx([0.0, 50.0, 50.0, 50.0, 50.0])
    assert of(answer, "loans")["interest_paid"].to_list() == pytest.approx([0.0, 0.0, 0.0, 0.0, 200.0])
    owed = of(answer, "statements", "balance sheet", "interest payable")["amount"].to_list()
    assert owed == pytest.approx([0.0, 50.0, 100.0, 150.0, 0.0])
    assert answer.objective == pytest.approx((17_520 - 50) * YEARS)


def test_a_loan_drawn_once_over_stages_is_not_drawn_again_when_it_is_repaid() -> None:
    """Ore of 8,760 CNY a year is paid for at once, metal sold for 26,280 two years later; 8,760 are lent for a year."""
    plans = {}
    for revolving in (True, False):
        answer = staged(
            loans={"line": {"lender": "bank", "rate": "5 %/a", "term": "1 a", "revolving": revolving}},
            firms={"works": {"cash": "0 CNY", "credit": {"line": "10 kCNY"}}},
            demands={"sell": {**SMELTER["demands"]["sell"], "payment": "2 a"}})
        plans[revolving] = of(answer, "loans")["drawn"].sum()
    assert plans[False] <= 10_000 * (1 + 1e-9)
    assert plans[True] > 10_000 + 1.0


def test_typical_days_over_stages_bring_a_years_money_and_owe_a_years_interest() -> None:
    """A winter's day comes 215 times and one of summer, at half the price above cost, 150 times a year."""
    answer = staged({"length": "48 h", "periods": {"winter": {"length": "24 h", "times": 215}, "summer": {"length": "24 h", "times": 150}}},
                    profiles={"price": {"values": [3, 3, 2, 2], "unit": "CNY/t"}},
                    demands={"sell": {**SMELTER["demands"]["sell"], "price": "price"}})
    year = 215 * 24 * 2.0 + 150 * 24 * 1.0
    assert answer.objective == pytest.approx(year * YEARS - INTEREST)
    revenue = of(answer, "statements", "profit", "revenue")["amount"].to_list()
    assert revenue == pytest.approx([0.0, *[215 * 24 * 3.0 + 150 * 24 * 2.0] * 4])


def test_each_scenario_owes_as_it_earns_and_counts_by_its_chance() -> None:
    """In the bad one the works stands still, and what it has is just enough for its instalments."""
    answer = staged(scenarios={
        "good": {"probability": "60 %"},
        "bad": {"probability": "40 %", "set": {"processes.smelter.capacity": "0 t/h"}},
    })
    assert answer.objective == pytest.approx(0.6 * 17_520 * YEARS - INTEREST)
    cash = of(answer, "statements", "balance sheet", "cash").filter(pl.col("scenario") == "bad")["amount"].to_list()
    assert cash == pytest.approx([2000.0, 1700.0, 1412.5, 1137.5, 875.0])
