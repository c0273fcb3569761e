"""Books over stages, of random chains with firms: every year balances, cash reconciles, sums are the objective."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.errors import InfeasibleError, InputError
from lodeworks.network import compile_pathway
from lodeworks.plan.pathway import optimise_pathway, pathway_tables
from lodeworks.plan.pathway.answer import PathwayAnswer
from tests.parity.test_naive_pathway import random_pathway

FOUND = [0, 2, 3, 5, 6, 12, 14]


def random_firms(seed: int, *, cash: float) -> dict[str, Any]:
    """Return a random chain of stages whose elements belong to two firms; `cash` times a usual sum at the start."""
    rng = np.random.default_rng([seed, 5])
    data = random_pathway(seed)
    firms = ["f0", "f1"]
    for commodity in data["commodities"].values():
        if rng.random() < 0.7 and not commodity.get("let_go"):
            commodity["price"] = f"{rng.uniform(2, 25):.2f} CNY/t"
    for section in ("processes", "supplies", "demands", "routes", "stores"):
        for element in data.get(section, {}).values():
            if rng.random() < 0.8:
                element["owner"] = str(rng.choice(firms))
            if section in ("supplies", "demands") and rng.random() < 0.5:
                element["payment"] = f"{rng.choice([1, 3, 15])} months"
    data["lenders"] = {"bank": {"most": "9 MCNY"}}
    data["loans"] = {
        "short": {"lender": "bank", "rate": "7 %/a", "term": "1 a", "renewal": True, "turnover": "40 %"},
        "long": {"lender": "bank", "rate": "4 %/a", "term": "5 a", "repayment": "annuity", "payout": "2 months",
                 "revolving": False},
        "even": {"lender": "bank", "rate": "6 %/a", "term": "3 a", "repayment": "equal principal", "pledge": "60 %",
                 "grace": "1 a"},
    }
    if seed % 3 == 0:
        data["loans"]["long"]["repayment"] = "single payment"
    data["firms"] = {
        firm: {
            "cash": f"{cash * rng.uniform(2, 9):.3f} MCNY", "collateral": "1 MCNY", "profit_tax": "25 %",
            "credit": {"short": "800 kCNY", "long": "2 MCNY", "even": "1 MCNY"},
            "debts": {"long": {"amount": "60 kCNY", "due": "2028-07-01"}},
        } for firm in firms
    }
    data["firms"]["f1"] |= {"loss_carry": "2 a", "losses": {"2025": "300 kCNY"}}
    if seed % 3 == 0:
        data["firms"]["f1"]["debts"]["long"]["accrued"] = "2 kCNY"
    data["firms"]["f0"] |= {"owners": {"f1": 0.4}, "dividend": "20 kCNY"}
    return data


def changing(data: dict[str, Any]) -> dict[str, Any]:
    """Return the chain with taxes, credit and what lenders have other from the last stage on."""
    *_, last = data["stages"]
    data["stages"][last].setdefault("set", {}).update({
        "firms.f0.profit_tax": "9 %", "firms.f0.dividend": "35 kCNY", "firms.f1.collateral": "1.5 MCNY",
        "firms.f1.least_cash": "1 kCNY", "firms.f1.credit.long": "0 CNY", "firms.f0.credit.even": "1.2 MCNY",
        "lenders.bank.most": "7 MCNY",
    })
    return data


def solved(seed: int, *, cash: float = 0.02) -> tuple[PathwayAnswer, dict[str, pl.DataFrame]]:
    """Return a plan of a chain of little cash, of more where there is none."""
    for more in (cash, 100.0 * cash, 1e3):
        made = random_firms(seed, cash=more)
        made = changing(made) if seed % 2 == 0 and made["stages"] else made
        try:
            answer = optimise_pathway(compile_pathway(Chain.model_validate(made)))
        except InfeasibleError:
            continue
        return answer, pathway_tables(answer)
    pytest.fail(f"seed {seed} has no plan with any money")


@pytest.fixture(scope="module", params=FOUND)
def books(request: pytest.FixtureRequest) -> tuple[PathwayAnswer, dict[str, pl.DataFrame]]:
    return solved(request.param)


def keys(table: pl.DataFrame) -> list[str]:
    return ["firm", "time", *(["scenario"] if "scenario" in table.columns else [])]


def test_assets_are_what_is_owed_and_owned_at_the_end_of_every_year(
    books: tuple[PathwayAnswer, dict[str, pl.DataFrame]]
) -> None:
    rows = books[1]["statements"]
    sheet = rows.filter(pl.col("statement") == "balance sheet")
    sums = sheet.group_by(keys(sheet)).agg(
        assets=pl.col("amount").filter(pl.col("group") == "assets").sum(),
        claims=pl.col("amount").filter(pl.col("group") != "assets").sum())
    size = float(rows["amount"].abs().max())
    assert len(sums) >= 2 * 13
    assert sums["assets"].to_list() == pytest.approx(sums["claims"].to_list(), rel=1e-9, abs=1e-9 * size + 1e-6)


def test_cash_flows_add_up_to_cash_which_is_never_below_nought(
    books: tuple[PathwayAnswer, dict[str, pl.DataFrame]]
) -> None:
    answer, tables = books
    rows = tables["statements"]
    size = float(rows["amount"].abs().max())
    accounts = answer.pathway.accounts[0]
    for f, firm in enumerate(accounts.firm):
        own = rows.filter(pl.col("firm") == firm)
        if "scenario" in own.columns:
            own = own.filter(pl.col("scenario") == answer.pathway.scenarios[0].name)
        change = own.filter((pl.col("statement") == "cash flow") & (pl.col("group") == "result"))["amount"]
        cash = own.filter((pl.col("statement") == "balance sheet") & (pl.col("line") == "cash"))["amount"]
        assert (change.cum_sum() + accounts.opening[f]).to_list() == pytest.approx(
            cash.to_list(), rel=1e-9, abs=1e-9 * size + 1e-6)
        assert cash.min() >= -1e-6 * size


def test_tax_is_that_of_the_profits_left_when_losses_are_taken_off(
    books: tuple[PathwayAnswer, dict[str, pl.DataFrame]]
) -> None:
    answer, tables = books
    rows = tables["statements"].filter(pl.col("firm") == "f1")
    size = float(rows["amount"].abs().max())
    taxable = rows.filter((pl.col("statement") == "tax on profit") & (pl.col("line") == "taxable"))["amount"]
    paid = rows.filter((pl.col("statement") == "profit") & (pl.col("line") == "profit_tax"))["amount"].to_list()
    assert answer.found.status == "optimal"
    assert (taxable >= -1e-9 * size).all()
    assert [-tax for tax in paid] == pytest.approx((0.25 * taxable).to_list() if paid else [], rel=1e-6, abs=1e-6 * size)


def test_costs_are_the_objective_and_profits_are_what_stages_cost(
    books: tuple[PathwayAnswer, dict[str, pl.DataFrame]]
) -> None:
    """Item by item the profits of firms and the rest add up to the money of the stages, trade inside to nought."""
    answer, tables = books
    costs, rows = tables["costs"], tables["statements"]
    size = float(rows["amount"].abs().max())
    assert (costs["discounted"] * costs["probability"]).sum() == pytest.approx(
        answer.objective, rel=1e-8, abs=1e-8 * size)
    items = rows.filter((pl.col("statement") == "profit") & (pl.col("group") == "items"))
    by_item = dict(items.group_by("line").agg(pl.col("amount").sum()).iter_rows())
    assert by_item.get("inside sales", 0.0) == pytest.approx(-by_item.get("inside purchases", 0.0), abs=1e-8 * size)
    stated = dict(costs.group_by("item").agg(pl.col("over_stage").sum()).iter_rows())
    for item in {*stated, *by_item} - {"stock", "inside sales", "inside purchases", "investment", "building", "salvage",
                                       "renewal", "policy"}:
        assert by_item.get(item, 0.0) == pytest.approx(stated.get(item, 0.0), rel=1e-8, abs=1e-8 * size), item


def test_loans_of_the_tables_are_those_of_the_statements(
    books: tuple[PathwayAnswer, dict[str, pl.DataFrame]]
) -> None:
    rows, loans = books[1]["statements"], books[1]["loans"]
    for line, column in (("drawn", pl.col("drawn")), ("repaid", pl.col("renewed") - pl.col("due")),
                         ("interest", -pl.col("interest_paid"))):
        stated = rows.filter((pl.col("statement") == "cash flow") & (pl.col("line") == line))["amount"].sum()
        assert stated == pytest.approx(loans.select(column.sum()).item(), rel=1e-8, abs=1e-3)
    assert set(loans["stage"].cast(pl.String).unique()) == {"2026", "2029", "2034"}


def test_with_scenarios_alone_accounts_are_kept_by_the_period_in_each() -> None:
    answer, tables = solved(7)
    rows = tables["statements"]
    assert not answer.pathway.accounts
    sheet = rows.filter(pl.col("statement") == "balance sheet")
    sums = sheet.group_by("firm", "time", "scenario").agg(
        assets=pl.col("amount").filter(pl.col("group") == "assets").sum(),
        claims=pl.col("amount").filter(pl.col("group") != "assets").sum())
    size = float(rows["amount"].abs().max())
    assert len(sums) == 2 * 3
    assert sums["assets"].to_list() == pytest.approx(sums["claims"].to_list(), rel=1e-9, abs=1e-9 * size + 1e-6)
    written = rows.filter((pl.col("statement") == "profit") & (pl.col("line") == "investment"))["amount"].sum()
    assert written < 0.0  # what is built is written off in every scenario
    costs = tables["costs"]
    assert (costs["discounted"] * costs["probability"]).sum() == pytest.approx(answer.objective, rel=1e-8, abs=1e-8 * size)


@pytest.mark.parametrize("seed", [0, 2, 5, 6])
def test_with_ample_cash_and_no_tax_a_plan_is_that_of_the_chain_without_firms(seed: int) -> None:
    rich = random_firms(seed, cash=1e3)
    rich |= {"loans": {}, "lenders": {}, "firms": {name: {"cash": firm["cash"]} for name, firm in rich["firms"].items()}}
    bare = {**rich, "firms": {name: {} for name in rich["firms"]}}
    with_cash, without = (
        optimise_pathway(compile_pathway(Chain.model_validate(data))).objective for data in (rich, bare)
    )
    assert with_cash == pytest.approx(without, rel=1e-7, abs=1e-3)


@pytest.mark.parametrize(("key", "value"), [
    ("loans.short.rate", "9 %/a"), ("loans.long.term", "7 a"), ("firms.f0.cash", "1 kCNY"),
    ("firms.f0.owners.f1", "0.5"), ("firms.f1.debts.long.amount", "50 kCNY"),
])
def test_terms_and_what_is_there_at_the_start_may_not_change_from_stage_to_stage(key: str, value: str) -> None:
    data = random_firms(0, cash=1.0)
    data["stages"]["2034"]["set"][key] = value
    with pytest.raises(InputError, match=r"stages.2034.set: a loan's terms, and what firms have .* another loan"):
        compile_pathway(Chain.model_validate(data))


def smith(**firm: Any) -> dict[str, Any]:
    """Return a firm that earns 100 CNY a year for two years and two more, and may build as much again for 300 CNY."""
    return {
        "chain": "forge",
        "horizon": {"start": "2026-01-01", "step": "1 a", "length": "1 a", "stages": [2026, 2028], "last": "2 a",
                    "discount": "0 %/a"},
        "commodities": {"ore": {"unit": "t"}, "iron": {"unit": "t"}},
        "supplies": {"mine": {"commodity": "ore", "owner": "smith"}},
        "demands": {"yard": {"commodity": "iron", "price": "10 CNY/t", "owner": "smith"}},
        "processes": {
            "forge": {"inputs": {"ore": "1 t"}, "outputs": {"iron": "1 t"}, "capacity": "10 t/a", "owner": "smith"},
            "second": {"inputs": {"ore": "1 t"}, "outputs": {"iron": "1 t"}, "owner": "smith",
                       "expansion": {"most": "40 t/a", "cost": "10 CNY per t/a", "life": "4 a"}},
        },
        "lenders": {"bank": {}},
        "loans": {"green": {"lender": "bank", "rate": "0 %/a", "term": "2 a"}},
        "firms": {"smith": {"cash": "1 CNY", **firm}},
    }


def of_smith(data: dict[str, Any]) -> dict[str, pl.DataFrame]:
    return pathway_tables(optimise_pathway(compile_pathway(Chain.model_validate(data))))


def test_a_tax_rate_holds_from_its_stage_on() -> None:
    """Of 100 CNY a year 15 in tax, and 25 from 2028 on."""
    data = smith(profit_tax="15 %", credit={"green": "0 CNY"})
    del data["processes"]["second"]
    data["stages"] = {"2028": {"set": {"firms.smith.profit_tax": "25 %"}}}
    rows = of_smith(data)["statements"]
    tax = rows.filter((pl.col("statement") == "profit") & (pl.col("line") == "profit_tax")).sort("time")
    assert tax["amount"].to_list() == pytest.approx([0.0, -15.0, -15.0, -25.0, -25.0])


def test_what_is_granted_from_a_stage_on_pays_for_what_that_stage_builds_and_runs_on_when_it_ends() -> None:
    """With 1 and twice 100 CNY of its own the firm builds 25 t/a in 2028 only if 50 are lent at once; 2029 lends no more."""
    data = smith(credit={"green": "0 CNY"})
    data["horizon"] |= {"stages": [2026, 2028, 2029], "last": "2 a"}
    data["processes"]["second"]["expansion"] |= {"most": "25.1 t/a"}
    data["stages"] = {"2026": {"set": {"processes.second.expansion.most": "0 t/a"}},
                      "2028": {"set": {"processes.second.expansion.most": "25.1 t/a",
                                       "firms.smith.credit.green": "50 CNY"}},
                      "2029": {"set": {"firms.smith.credit.green": "0 CNY"}}}
    lent = of_smith(data)["loans"].sort("time")
    assert lent["granted"].to_list() == [0.0, 0.0, 50.0, 0.0, 0.0, 0.0]
    assert lent["drawn"].to_list() == pytest.approx([0.0, 0.0, 50.0, 0.0, 0.0, 0.0])
    assert lent["owed"].to_list() == pytest.approx([0.0, 0.0, 50.0, 50.0, 0.0, 0.0])


def test_a_firm_that_cannot_keep_its_cash_is_told_with_year_and_loan() -> None:
    chain = Chain.model_validate({
        "chain": "forge", "horizon": {"start": "2026-01-01", "step": "1 a", "length": "1 a", "stages": [2026, 2028]},
        "commodities": {"ore": {"unit": "t"}}, "supplies": {"mine": {"commodity": "ore"}},
        "demands": {"yard": {"commodity": "ore", "price": "2 CNY/t", "most": "9 t/a", "owner": "smith"}},
        "firms": {"smith": {"cash": "40 CNY", "least_cash": "50 CNY", "credit": {"line": "7 CNY"}}},
        "lenders": {"bank": {}}, "loans": {"line": {"lender": "bank", "rate": "10 %/a", "term": "2 a"}},
    })
    with pytest.raises(InfeasibleError) as told:
        optimise_pathway(compile_pathway(chain))
    text = str(told.value)
    assert "the cash smith must keep" in text
    assert "what smith may draw of line" in text
    assert "the cash of smith at the beginning of 2026 missed by 3" in text
