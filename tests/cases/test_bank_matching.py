"""48 projects and the banks: what may be lent is, late money costs, renewal pays, and the sums are those printed.

Whole plants make the plan slow, so that what lines do without them is tested apart.
"""

from __future__ import annotations

import re

import polars as pl
import pytest

from lodeworks.errors import InfeasibleError
from lodeworks.verbs import check, claims_of, plan
from tests.cases.lent_by_hand import best, rows_of

CASE = "cases/bank-matching"
VARIANTS = [f"{CASE}/variants/{name}.yaml" for name in ("late", "later", "renewal", "later_renewal", "grace")]


PLANTS = [row["name"] for row in rows_of("processes.csv") if row["expansion.lump [lot/d]"]]
LINES_ONLY = [f"processes.{name}=" for name in PLANTS]


def lines(path: str):
    """Plan the twenty lines alone; the sites of the plants stay empty."""
    sales = [f"demands.{name.removesuffix('_plant')}_sales=" for name in PLANTS]
    return plan(path, sets=[*LINES_ONLY, *sales])


@pytest.fixture(scope="module")
def whole():
    return plan(CASE, gap=0.02)


@pytest.fixture(scope="module")
def base():
    return lines(CASE)


def test_neither_the_case_nor_a_variant_has_a_fault() -> None:
    for path in (CASE, *VARIANTS):
        assert check(path) == []


def test_the_projects_ask_for_what_is_printed() -> None:
    notes = [row["note"] for row in rows_of("firms.csv")]
    asks = [int(re.search(r"asks (\d+) MCNY", note)[1]) for note in notes]
    assert (len(asks), sum(asks)) == (48, 2275)


def test_the_branch_lends_all_it_has_and_the_banks_what_plants_can_repay_before_they_sell(whole) -> None:
    lent = dict(whole.table("loans").group_by("lender").agg(pl.col("drawn").sum()).iter_rows())
    assert lent["branch"] == pytest.approx(75e6)
    assert 0.5 * 519e6 < lent["banks"] <= 519e6 * (1 + 1e-9)


def test_a_plant_is_built_whole_or_not_at_all(whole) -> None:
    rows = whole.capacities.filter(pl.col("element").str.ends_with("_plant"))
    share = rows["built"] / rows["buildable"]
    assert all(min(abs(value), abs(1.0 - value)) < 1e-6 for value in share)
    assert 3 <= sum(share) <= 12


def test_only_who_is_granted_a_loan_draws_it(whole) -> None:
    drawn = whole.table("loans").filter(pl.col("drawn") > 1.0)
    firms = whole.chain["firms"]
    for firm, loan in drawn.select("firm", "loan").unique().iter_rows():
        assert loan in firms[firm]["credit"]
    assert (whole.table("loans")["owed"] <= 170e6 + 1).all()


def test_a_project_draws_no_more_than_the_project_loan_it_asked_for(whole) -> None:
    loans = whole.table("loans").filter(pl.col("loan") == "project").group_by("firm").agg(
        pl.col("drawn").sum(), pl.col("granted").first())
    assert (loans["drawn"] <= loans["granted"] * (1 + 1e-9)).all()


def test_no_firm_is_ever_without_cash_and_every_balance_sheet_balances(whole) -> None:
    sheet = whole.table("statements").filter(pl.col("statement") == "balance sheet")
    assert sheet.filter(pl.col("line") == "cash")["amount"].min() >= -1e-3
    sums = sheet.group_by("firm", "time").agg(
        apart=pl.col("amount").filter(pl.col("group") == "assets").sum()
        - pl.col("amount").filter(pl.col("group") != "assets").sum())
    assert sums["apart"].abs().max() < 1.0


def test_money_that_comes_late_costs_and_a_month_late_leaves_no_plan(base) -> None:
    late = lines(VARIANTS[0])
    assert late.objective < 0.995 * base.objective
    with pytest.raises(InfeasibleError, match="project_36 has no cash on 2026-01-31: needs 18,986 CNY more"):
        lines(VARIANTS[1])


def test_a_program_written_apart_lends_as_well(whole) -> None:
    """With the plants that were chosen, loans, cash and tax computed anew from the tables come to the same profit."""
    plants = whole.capacities.filter(pl.col("element").is_in(PLANTS) & (pl.col("built") > 1e-9))
    assert whole.objective / 1e6 == pytest.approx(best(False, set(plants["element"])), rel=1e-6)


def test_renewal_pays_and_saves_those_whose_loan_is_late(base) -> None:
    renewed = lines(VARIANTS[2])
    assert renewed.table("loans")["renewed"].sum() > 30e6
    assert renewed.objective > 1.2 * base.objective
    assert renewed.objective / 1e6 == pytest.approx(best(True, ()), rel=1e-6)
    assert lines(VARIANTS[3]).objective > 0.0


def test_the_claims_have_their_verdicts() -> None:
    assert {v.id: v.verdict for v in claims_of(CASE)} == {"K06": "fails", "K12": "holds", "K13": "holds"}
