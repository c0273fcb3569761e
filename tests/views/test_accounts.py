"""The firms' books as people see them: what views show is what the tables hold, in both languages."""

from __future__ import annotations

import polars as pl
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.verbs import plan
from lodeworks.views.export import sheets
from lodeworks.views.figures import ACCOUNTS, views_of
from lodeworks.views.figures.accounts import added_rows, loan_rows
from lodeworks.views.figures.calendar import loans_view
from lodeworks.views.figures.money import BY_FIRM, money_bars, money_flow, money_rows
from lodeworks.views.figures.statements import short_rows, statement_rows
from lodeworks.views.report.page import page
from lodeworks.views.slices import sliced
from lodeworks.views.terminal import show
from tests.analytic.test_money import MAKER


@pytest.fixture(scope="module")
def run():
    sections = {key: value for key, value in MAKER.items() if key not in ("hours", "horizon")}
    sections["loans"] = {"line": {**MAKER["loans"]["line"], "rate": "0.01 %/h"}}  # 0.1 % a period, two of them owed
    return plan(Chain.model_validate({
        "chain": "books", "horizon": {"start": "2026-01-01", "length": "40 h", "cyclic": False},
        "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}}, **sections}))


def test_statements_sum_flows_and_end_with_the_last_balance(run) -> None:
    rows = {(r["statement"], r["line"]): r["amount"] for r in statement_rows(run).iter_rows(named=True) if r["firm"]}
    assert rows["profit", "revenue"] == pytest.approx(4000.0)
    assert rows["balance sheet", "cash"] == pytest.approx(598.8)
    assert rows["cash flow", "change in cash"] == pytest.approx(598.8)
    assert rows["profit", "net profit"] == pytest.approx(run.objective)


def test_groups_of_a_statement_add_up_to_its_result() -> None:
    """A works that builds a plant of 300 over eight years of ten hours, borrows, pays tax and holds ore."""
    sections = {key: value for key, value in MAKER.items() if key not in ("hours", "horizon")}
    sections["loans"] = {"line": {**MAKER["loans"]["line"], "rate": "0.01 %/h"}}
    build = {"expansion": {"most": "1 t/h", "cost": "300 CNY/(t/h)", "life": "80 h"}}
    run = plan(Chain.model_validate({
        "chain": "books", "horizon": {"start": "2026-01-01", "length": "40 h", "cyclic": False},
        "commodities": {"ore": {"unit": "t", "price": "60 CNY/t"}, "metal": {"unit": "t"}}, **sections,
        "firms": {"maker": {"cash": "400 CNY", "profit_tax": "25 %", "credit": {"line": "600 CNY"}}},
        "processes": {"works": {**MAKER["processes"]["works"], **build}}}))
    rows = {(r["statement"], r["group"], r["line"]): r["amount"] for r in statement_rows(run).iter_rows(named=True) if r["firm"]}

    def summed(statement: str, *groups: str) -> float:
        return sum(amount for (s, g, _), amount in rows.items() if s == statement and g in groups)

    assert rows["profit", "items", "written off"] < 0.0
    assert rows["profit", "total", "ebitda"] + rows["profit", "items", "written off"] + rows["profit", "items", "interest"] == (
        pytest.approx(rows["profit", "total", "before tax"]))
    assert rows["profit", "total", "before tax"] * 0.75 == pytest.approx(rows["profit", "result", "net profit"])
    assert rows["cash flow", "total", "from investment"] == rows["cash flow", "investing", "paid for plant"] < 0.0
    assert summed("cash flow", "total") == pytest.approx(rows["cash flow", "result", "change in cash"])
    assert rows["balance sheet", "total", "all assets"] == pytest.approx(rows["balance sheet", "total", "all claims"])
    assert summed("balance sheet", "assets") == pytest.approx(rows["balance sheet", "total", "all assets"])


def test_a_line_that_stops_for_a_late_loan_is_named_with_what_it_did_not_make() -> None:
    """Money comes after ten hours: the first ten stand still, and a yuan in the first period is worth a margin of 2/3."""
    sections = {key: value for key, value in MAKER.items() if key not in ("hours", "horizon")}
    sections["loans"] = {"line": {**MAKER["loans"]["line"], "payout": "10 h", "rate": "0.01 %/h"}}
    run = plan(Chain.model_validate({
        "chain": "late", "horizon": {"start": "2026-01-01", "length": "40 h", "cyclic": False},
        "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}}, **sections}))
    (row,) = short_rows(run).iter_rows(named=True)
    assert (row["firm"], row["element"], row["periods"], row["ran"], row["otherwise"], row["missed"]) == (
        "maker", "works", 10, 0.0, pytest.approx(1.0), pytest.approx(10.0))
    assert row["worth"] > 0.6
    told = page(run, "en"), page(run, "zh")
    assert "1 lines run below capacity" not in told[0]
    assert "one line runs below capacity; it stands still: works" in told[0]
    assert "1条产线低于产能运行，其中1条停产：works" in told[1]


def test_loans_and_what_firms_add_are_those_of_the_tables(run) -> None:
    (loan,) = loan_rows(run).iter_rows(named=True)
    assert (loan["drawn"], loan["repaid"], loan["interest"]) == pytest.approx((600.0, 600.0, 1.2))
    (firm,) = added_rows(run).iter_rows(named=True)
    assert (firm["output_value"], firm["value_added"]) == pytest.approx((4000.0, 1600.0))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_view_of_accounts_speaks_and_draws(run, language: str) -> None:
    assert set(ACCOUNTS) <= set(views_of(run))
    for view in ACCOUNTS:
        assert view.sentence(run, language)
        assert show(run, view.key, language) is not None
        if view.figure is not None:
            assert len(view.figure(run, language).data) > 0


@pytest.fixture(scope="module")
def market():
    """Two works that buy ore at 50 CNY/t of a market that is nobody's: 40 t sold at 80, and 20 t at 70."""
    firms = {"east": ("1 t/h", "80 CNY/t"), "west": ("0.5 t/h", "70 CNY/t")}
    return plan(Chain.model_validate({
        "chain": "market", "horizon": {"start": "2026-01-01", "length": "40 h", "cyclic": False},
        "commodities": {"ore": {"unit": "t", "shared": True, "price": "50 CNY/t"}, "metal": {"unit": "t"}},
        "sites": {name: {} for name in firms}, "firms": {name: {"cash": "9000 CNY"} for name in firms},
        "supplies": {"mine": {"commodity": "ore", "price": "50 CNY/t"}},
        "processes": {f"{name}_works": {"site": name, "owner": name, "inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"},
                                        "capacity": most} for name, (most, _) in firms.items()},
        "demands": {f"{name}_sales": {"site": name, "owner": name, "commodity": "metal", "price": price}
                    for name, (_, price) in firms.items()},
    }))


def test_firms_pay_for_what_they_buy_of_a_market_that_is_nobodys(market) -> None:
    by_firm = {(r["owner"], r["item"]): r["amount"] for r in money_rows(market).iter_rows(named=True)}
    assert by_firm == pytest.approx({
        ("east", "revenue"): 3200.0, ("east", "inside purchases"): -2000.0, ("west", "revenue"): 1400.0,
        ("west", "inside purchases"): -1000.0, ("", "inside sales"): 3000.0, ("", "purchase"): -3000.0,
    })
    bars = {bar.name: dict(zip(bar.y, bar.x, strict=True)) for bar in money_bars(market).data}
    assert set(bars["What is left"]) == {"east", "west"}  # the market only passes on what it buys
    assert bars["What is left"] == pytest.approx({"east": 1200.0, "west": 400.0})
    assert "most is at east (1,200 CNY)" in BY_FIRM.sentence(market, "en")


def test_the_picture_of_money_leads_through_the_market(market) -> None:
    picture = money_flow(market).data[0]
    links = {(picture.node.label[s], picture.node.label[t]): value
             for s, t, value in zip(picture.link.source, picture.link.target, picture.link.value, strict=True)}
    assert links["west", "Traded inside the chain"] == pytest.approx(1000.0)
    assert links["Traded inside the chain", "rest of the chain"] == pytest.approx(3000.0)
    assert links["rest of the chain", "Bought: ore"] == pytest.approx(3000.0)
    assert "Loss" not in picture.node.label


def test_over_stages_and_scenarios_trade_inside_counts_as_other_money_does(market) -> None:
    """East earns 30 CNY/t on 1 t/h for four years, on half of that in half of all cases; west 20 CNY/t on 0.5 t/h."""
    chain = Chain.model_validate({**market.chain, "horizon": {
        "start": "2026-01-01", "step": "876 h", "length": "1 a", "stages": [2026, 2028], "last": "2 a", "discount": "7 %/a"},
        "scenarios": {"half": {"probability": "50 %", "set": {"processes.east_works.capacity": "0.5 t/h"}},
                      "full": {"probability": "50 %"}}})
    run = sliced(plan(chain))
    left = dict(money_rows(run).group_by("owner").agg(pl.col("amount").sum()).iter_rows())
    worth = sum(1.07**-year for year in range(1, 5)) * 8760.0
    assert left == pytest.approx({"east": 0.75 * 30.0 * worth, "west": 0.5 * 20.0 * worth, "": 0.0}, abs=1e-3)
    assert sum(left.values()) == pytest.approx(run.manifest["objective"]["value"])
    assert set(money_bars(run).data[-2].y) == {"east", "west"}


def test_every_item_of_money_is_a_bar(run) -> None:
    bars = [bar for bar in money_bars(run).data if bar.type == "bar"]
    assert sum(sum(bar.x) for bar in bars) == pytest.approx(run.objective)
    assert "Interest" in {bar.name for bar in bars}


def test_the_report_and_the_workbook_have_them(run) -> None:
    text = page(run, "en")
    assert 'id="firms"' in text
    assert "资产负债表" in text
    assert {"statements", "value_added", "loans"} <= set(sheets(run))


def test_a_run_without_accounts_has_none_of_it() -> None:
    bare = plan("cases/first-chain")
    assert not set(ACCOUNTS) & set(views_of(bare))
    assert 'id="firms"' not in page(bare, "en")
    assert "statements" not in bare.tables


def test_money_by_item_names_interest(run) -> None:
    costs = run.costs.filter(pl.col("item") == "interest")
    assert costs["amount"].to_list() == pytest.approx([-1.2])


def test_a_calendar_says_which_loan_is_drawn_when(run) -> None:
    view = loans_view(run)
    assert view is not None
    assert view.figure is not None
    loans = run.table("loans")
    assert float(view.rows(run)["amount"].sum()) == pytest.approx(float(loans["drawn"].sum()))
    heat = view.figure(run, "zh").data[0]
    periods = loans.filter(pl.col("drawn") > 0.0)["time"].n_unique()
    assert (~pl.DataFrame(heat.z.tolist()).fill_nan(None).select(pl.all().is_null()).to_numpy()).sum() == periods
    assert view.sentence(run, "en").startswith("1 of 1 loans on offer are drawn, by 1 firm.")
