"""Cash plans worked out by hand: late loans, annuities, renewals, taxes, dividends, trade inside the chain."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import polars as pl
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.errors import InfeasibleError
from lodeworks.network import compile_network
from lodeworks.network.finance import principal_shares
from lodeworks.plan import optimise
from tests.analytic.solving import Solved, solved

# Four periods of ten hours: metal is bought at 60, made for nothing, sold at 100 and paid one period later.
MAKER: dict[str, Any] = {
    "hours": 40,
    "horizon": {"cyclic": False},
    "accounts": {"period": "10 h"},
    "firms": {"maker": {"cash": "0 CNY", "credit": {"line": "600 CNY"}}},
    "lenders": {"bank": {}},
    "loans": {"line": {"lender": "bank", "rate": "0.1 %/h", "term": "20 h"}},
    "supplies": {"mine": {"commodity": "ore", "owner": "maker", "price": "60 CNY/t"}},
    "processes": {"works": {"owner": "maker", "inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "capacity": "1 t/h"}},
    "demands": {"sell": {"commodity": "metal", "owner": "maker", "price": "100 CNY/t", "payment": "10 h"}},
}


def changed(**paths: Any) -> dict[str, Any]:
    sections = copy.deepcopy(MAKER)
    for path, value in paths.items():
        place = sections
        *parts, last = path.split("__")
        for part in parts:
            place = place.setdefault(part, {})
        place[last] = value
    return sections


def line(plan: Solved, statement: str, name: str, firm: str = "maker") -> list[float]:
    rows = plan.tables["statements"].filter(
        (pl.col("statement") == statement) & (pl.col("line") == name) & (pl.col("firm") == firm))
    return rows["amount"].to_list()


def loan(plan: Solved, what: str) -> list[float]:
    return plan.tables["loans"][what].to_list()


def made(plan: Solved) -> list[float]:
    return [sum(plan.rate("works")[k : k + 10]) for k in range(0, 40, 10)]


def test_a_works_without_cash_or_loan_makes_nothing() -> None:
    plan = solved(**changed(firms__maker={"cash": "0 CNY"}))
    assert plan.objective == pytest.approx(0.0)


def test_a_loan_carries_the_first_period_until_its_sales_are_paid() -> None:
    """600 buys ten tons; 1,000 comes a period later and buys the next; the loan costs two periods' interest of 6."""
    plan = solved(**MAKER)
    assert made(plan) == pytest.approx([10.0] * 4)
    assert loan(plan, "drawn") == pytest.approx([600.0, 0.0, 0.0, 0.0])
    assert loan(plan, "owed") == pytest.approx([600.0, 600.0, 0.0, 0.0])
    assert line(plan, "balance sheet", "cash") == pytest.approx([0.0, 394.0, 188.0, 588.0])
    assert plan.objective == pytest.approx(40 * 40.0 - 12.0)


def test_a_loan_that_is_paid_out_late_stops_the_line_until_it_comes() -> None:
    """Money after ten hours is there in the second period: the first makes nothing."""
    plan = solved(**changed(loans__line__payout="10 h"))
    assert made(plan) == pytest.approx([0.0, 10.0, 10.0, 10.0])
    assert plan.objective == pytest.approx(30 * 40.0 - 12.0)
    later = solved(**changed(loans__line__payout="25 h"))
    assert made(later) == pytest.approx([0.0, 0.0, 10.0, 10.0])


def test_a_small_loan_grows_by_what_it_earns() -> None:
    """300 buys five tons, whose 500 come a period later less 3 of interest, and buy 497 / 60 more."""
    plan = solved(**changed(firms__maker__credit={"line": "300 CNY"}, loans__line__term="40 h"))
    assert made(plan)[:2] == pytest.approx([5.0, 497.0 / 60.0])
    assert made(plan)[2] == pytest.approx(10.0)


def test_scarce_cash_is_worth_what_it_earns() -> None:
    """One more CNY at the start buys 1/60 t that earns 40/60, and so on while cash is scarce."""
    little = 1e-2
    plan, more = (solved(**changed(firms__maker={"cash": f"{100 + extra} CNY"})) for extra in (0.0, little))
    assert plan.worth("cash", "maker")[0] == pytest.approx((more.objective - plan.objective) / little, rel=1e-6)
    assert plan.worth("cash", "maker")[0] > 1.0


def test_ample_cash_is_worth_nothing_more() -> None:
    assert solved(**changed(firms__maker={"cash": "9999 CNY"})).worth("cash", "maker") == pytest.approx([0.0] * 4)


def test_a_line_is_drawn_again_after_its_repayment_and_a_loan_drawn_once_is_not() -> None:
    """Ten tons a period cost 600, paid for two periods later: 600 are short in the first two and then again and again."""
    slow = changed(demands__sell__payment="20 h", firms__maker__credit={"line": "600 CNY"}, loans__line__term="10 h",
                   demands__sell__price="130 CNY/t")
    line_ = solved(**slow)
    once = solved(**{**slow, "loans": {"line": {**slow["loans"]["line"], "revolving": False}}})
    assert sum(loan(line_, "drawn")) > 600.0 + 1.0
    assert sum(loan(once, "drawn")) <= 600.0 * (1 + 1e-9)
    assert once.objective < line_.objective


def test_more_of_a_loan_drawn_once_is_worth_what_the_loan_table_says() -> None:
    little, once = 1e-2, {"loans__line__revolving": False}
    plan, more = (solved(**changed(firms__maker__credit={"line": f"{300 + extra} CNY"}, **once)) for extra in (0.0, little))
    worth = loan(plan, "marginal_value")
    assert worth[0] == pytest.approx((more.objective - plan.objective) / little, rel=1e-5)
    assert worth[1:] == pytest.approx([0.0] * 3)


def test_what_is_owed_at_the_start_was_drawn_before_and_a_renewal_is_no_draw() -> None:
    firm = {**DEBT, "cash": "606 CNY", "credit": {"line": "700 CNY"}}
    plan = solved(**changed(firms__maker=firm, loans__line__revolving=False))
    assert sum(loan(plan, "drawn")) == pytest.approx(100.0)
    renewed = solved(**changed(firms__maker=firm, loans__line__revolving=False, loans__line__renewal=True))
    assert sum(loan(renewed, "drawn")) <= 100.0 * (1 + 1e-9)
    assert sum(loan(renewed, "renewed")) >= 400.0


def test_a_single_payment_pays_simple_interest_with_the_principal_and_owes_it_until_then() -> None:
    """1,000 over three periods at 1 %, 25 owed of before: 1,055 at the end of the third, a cost of 10 in each."""
    plan = solved(**changed(
        firms__maker={"cash": "5000 CNY", "debts": {"line": {"amount": "1000 CNY", "due": "2026-01-02 06:00", "accrued": "25 CNY"}}},
        loans__line__repayment="single payment"))
    assert loan(plan, "due") == pytest.approx([0.0, 0.0, 1000.0, 0.0])
    assert loan(plan, "interest") == pytest.approx([10.0, 10.0, 10.0, 0.0])
    assert loan(plan, "interest_paid") == pytest.approx([0.0, 0.0, 55.0, 0.0])
    assert line(plan, "cash flow", "interest") == pytest.approx([0.0, 0.0, -55.0, 0.0])
    assert line(plan, "balance sheet", "interest payable") == pytest.approx([35.0, 45.0, 0.0, 0.0])
    assert line(plan, "balance sheet", "opening equity") == pytest.approx([5000.0 - 1000.0 - 25.0] * 4)
    assert plan.objective == pytest.approx(1600.0 - 30.0)


def test_interest_with_the_principal_leaves_money_to_work_until_then() -> None:
    """600 drawn for three periods at 0.1 % an hour: 18 of interest, all of it when the 600 fall due."""
    term = {"loans__line__term": "30 h", "loans__line__repayment": "single payment"}
    plan = solved(**changed(**term))
    assert loan(plan, "drawn") == pytest.approx([600.0, 0.0, 0.0, 0.0])
    assert loan(plan, "interest") == pytest.approx([0.0, 6.0, 6.0, 6.0])
    assert loan(plan, "interest_paid") == pytest.approx([0.0, 0.0, 0.0, 18.0])
    assert line(plan, "balance sheet", "cash") == pytest.approx([0.0, 400.0, 800.0, 1200.0 - 618.0])


def test_a_renewal_pays_the_interest_of_the_term_that_ends_and_none_of_the_next() -> None:
    """600 due after the second period and carried on for two more at 6 a period: 12 is paid then and 12 at the end."""
    firm = {"cash": "12 CNY", "debts": {"line": {"amount": "600 CNY", "due": "2026-01-01 20:00"}}}
    plan = solved(**changed(firms__maker=firm, loans__line__renewal=True, loans__line__repayment="single payment",
                            demands__sell__payment="30 h", supplies={}, processes__works={
                                "owner": "maker", "outputs": {"metal": "1 t"}, "capacity": "0.6 t/h"},
                            demands__sell__price="1000 CNY/t"))
    assert loan(plan, "renewed")[:3] == pytest.approx([0.0, 600.0, 0.0])
    assert loan(plan, "interest_paid") == pytest.approx([0.0, 12.0, 0.0, 12.0])
    assert line(plan, "balance sheet", "interest payable") == pytest.approx([6.0, 0.0, 6.0, 0.0])


def test_in_its_grace_period_a_loan_bears_interest_alone() -> None:
    """900 drawn for four periods at 1 %: none of it in the first, then a third each, or payments that are all the same."""
    even = principal_shares("equal principal", 4, 0.01, 1)
    assert even == pytest.approx([0.0, 1 / 3, 1 / 3, 1 / 3])
    shares = principal_shares("annuity", 4, 0.01, 1)
    owed = 1.0 - np.concatenate([[0.0], np.cumsum(shares)[:-1]])
    assert shares + 0.01 * owed == pytest.approx([0.01, *[0.01 / (1.0 - 1.01**-3)] * 3])
    build = {"outputs": {"metal": "1 t"}, "owner": "maker", "expansion": {"most": "1 t/h", "cost": "600 CNY/(t/h)", "life": "80 h"}}
    plan = solved(**changed(processes={"plant": build}, supplies={}, loans__line__repayment="equal principal",
                            loans__line__term="40 h", loans__line__grace="20 h"))
    assert loan(plan, "drawn") == pytest.approx([600.0, 0.0, 0.0, 0.0])
    assert loan(plan, "due") == pytest.approx([0.0, 0.0, 0.0, 300.0])
    assert loan(plan, "interest") == pytest.approx([0.0, 6.0, 6.0, 6.0])


@pytest.mark.parametrize("repayment", ["bullet", "equal principal", "annuity"])
def test_repayments_follow_the_closed_form(repayment: str) -> None:
    """A debt of 1,000 over four periods at 1 %."""
    plan = solved(**changed(firms__maker={"cash": "5000 CNY", "debts": {"line": {"amount": "1000 CNY", "due": "2026-01-02 16:00"}}},
                            loans__line__repayment=repayment))
    due, interest = np.array(loan(plan, "due")), np.array(loan(plan, "interest"))
    payment = 1000.0 * 0.01 / (1.0 - 1.01 ** -4)
    expected = {"bullet": [10.0, 10.0, 10.0, 1010.0], "equal principal": [260.0, 257.5, 255.0, 252.5],
                "annuity": [payment] * 4}[repayment]
    assert due + interest == pytest.approx(expected)
    assert loan(plan, "owed")[-1] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("count", "rate"), [(1, 0.02), (12, 0.003), (240, 0.004)])
def test_an_annuity_pays_the_same_every_time(count: int, rate: float) -> None:
    shares = principal_shares("annuity", count, rate)
    owed = 1.0 - np.concatenate([[0.0], np.cumsum(shares)[:-1]])
    assert shares + rate * owed == pytest.approx(rate / (1.0 - (1.0 + rate) ** -count))
    assert shares.sum() == pytest.approx(1.0)


DEBT = {"cash": "0 CNY", "debts": {"line": {"amount": "600 CNY", "due": "2026-01-01 10:00"}}}
OPENING = {"stores": {"shed": {"commodity": "ore", "owner": "maker", "initial": "10 t", "end": "free"}}}


def test_a_renewal_is_worth_the_margin_of_what_the_repayment_would_have_bought() -> None:
    """600 falls due after the first period, when nothing has been paid yet.

    Without renewal there is no plan. With it the debt is carried on for two periods at 6 each and repaid from sales: the
    ten tons in store bring 1,000, six hundred of which buy the next ten, and so on, as in the first test.
    """
    with pytest.raises(InfeasibleError, match="maker has no cash on 2026-01-01: needs 606"):
        solved(**changed(firms__maker=DEBT), **OPENING)
    plan = solved(**changed(firms__maker={**DEBT, "cash": "6 CNY"}, loans__line__renewal=True), **OPENING)
    assert loan(plan, "renewed") == pytest.approx([600.0, 0.0, 0.0, 0.0])
    assert loan(plan, "drawn") == pytest.approx([0.0] * 4)
    assert loan(plan, "owed") == pytest.approx([600.0, 600.0, 0.0, 0.0])
    assert made(plan) == pytest.approx([10.0] * 4)
    assert plan.objective == pytest.approx(10 * 100.0 + 30 * 40.0 - 3 * 6.0)


def test_renewing_beats_repaying_and_waiting_by_the_lost_periods_margin() -> None:
    """With cash for one or the other, repaying 600 and drawing anew loses the margin of ten tons in one period.

    Closed form: without renewal cash of 606 repays; the new loan comes a period after the repayment, and with no
    cash in the second period ten tons less are made, a margin of 400; the interest differs by what is owed when.
    """
    firm = {**DEBT, "cash": "606 CNY", "credit": {"line": "600 CNY"}}
    without = solved(**changed(firms__maker=firm, loans__line__payout="10 h"))
    renewed = solved(**changed(firms__maker=firm, loans__line__payout="10 h", loans__line__renewal=True))
    assert made(without) == pytest.approx([0.0, 0.0, 10.0, 10.0])
    assert made(renewed) == pytest.approx([10.0, 10.0, 10.0, 10.0])
    # Owed: repaid, then 600 again from the third period on (one interest); renewed from the first for two periods.
    assert without.objective == pytest.approx(2 * 400.0 - 6.0 - 6.0)
    assert renewed.objective == pytest.approx(4 * 400.0 - 6.0 - 12.0)


def test_what_is_repaid_cannot_be_drawn_again_in_the_same_period() -> None:
    firm = {**DEBT, "cash": "606 CNY", "credit": {"line": "600 CNY"}}
    assert made(solved(**changed(firms__maker=firm))) == pytest.approx([0.0, 10.0, 10.0, 10.0])


def test_tax_is_paid_on_the_years_profit_and_not_on_a_loss() -> None:
    plan = solved(**changed(firms__maker={"cash": "1000 CNY", "profit_tax": "25 %"}))
    assert plan.objective == pytest.approx(0.75 * 1600.0)
    assert line(plan, "profit", "profit_tax") == pytest.approx([0.0, 0.0, 0.0, -400.0])
    loss = solved(**changed(firms__maker={"cash": "1000 CNY", "profit_tax": "25 %"},
                            supplies__mine__price="110 CNY/t", supplies__mine__least="1 t/h",
                            commodities={"ore": {"unit": "t", "let_go": True}, "metal": {"unit": "t"}},
                            firms__maker__cash="9000 CNY"))
    assert line(loss, "profit", "profit_tax") == []
    assert loss.objective == pytest.approx(-400.0)


def test_a_dividend_leaves_the_firm_and_reaches_the_firm_that_owns_it() -> None:
    plan = solved(**changed(firms={
        "maker": {"cash": "5000 CNY", "dividend": "200 CNY", "owners": {"parent": "60 %"}}, "parent": {"cash": "10 CNY"}}))
    assert line(plan, "balance sheet", "cash", "parent") == pytest.approx([10.0, 10.0, 10.0, 130.0])
    assert line(plan, "cash flow", "dividends paid") == pytest.approx([0.0, 0.0, 0.0, -200.0])
    assert plan.objective == pytest.approx(1600.0), "a dividend is no cost"


def test_what_is_built_is_paid_at_once_and_written_off_over_its_life() -> None:
    build = {"outputs": {"metal": "1 t"}, "owner": "maker", "expansion": {
        "most": "1 t/h", "cost": "300 CNY/(t/h)", "life": "80 h", "paid": "10 h"}}
    plan = solved(**changed(processes={"plant": build}, firms__maker={"cash": "500 CNY"}, supplies={}))
    assert plan.capacity("plant", "built") == pytest.approx(1.0)
    assert line(plan, "cash flow", "investment") == pytest.approx([0.0, -300.0, 0.0, 0.0])
    assert line(plan, "profit", "investment") == pytest.approx([-37.5] * 4)
    assert line(plan, "balance sheet", "building not yet paid") == pytest.approx([300.0, 0.0, 0.0, 0.0])
    assert plan.objective == pytest.approx(4000.0 - 150.0)
    poor = solved(**changed(processes={"plant": build}, firms__maker={"cash": "90 CNY"}, supplies={}, loans={}, lenders={}))
    # 300 k is due in the second period, when the first's sales of 1,000 k are paid: cash at the start is not needed.
    assert poor.capacity("plant", "built") == pytest.approx(1.0)


TWO: dict[str, Any] = {
    "hours": 40, "horizon": {"cyclic": False}, "accounts": {"period": "10 h"},
    "commodities": {"ore": {"unit": "t", "price": "50 CNY/t"}, "metal": {"unit": "t"}},
    "firms": {"miner": {"cash": "0 CNY"}, "maker": {"cash": "200 CNY"}},
    "processes": {"pit": {"owner": "miner", "outputs": {"ore": "1 t"}, "capacity": "1 t/h"},
                  "works": {"owner": "maker", "inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}}},
    "demands": {"sell": {"commodity": "metal", "owner": "maker", "price": "100 CNY/t", "payment": "20 h"}},
}


def test_firms_pay_one_another_the_chain_price() -> None:
    """200 buys four tons at 50; the miner's cost is nought, and the chain as a whole earns what is sold."""
    plan = solved(**TWO)
    made_ = [sum(plan.rate("works")[k : k + 10]) for k in range(0, 40, 10)]
    assert sum(made_[:2]) == pytest.approx(4.0)
    assert sum(line(plan, "profit", "inside sales", "miner")) == pytest.approx(50.0 * sum(made_))
    assert sum(line(plan, "profit", "inside purchases", "maker")) == pytest.approx(-50.0 * sum(made_))
    assert plan.objective == pytest.approx(100.0 * sum(made_))


def test_a_seller_is_not_paid_for_what_is_let_go() -> None:
    sections = copy.deepcopy(TWO)
    sections["commodities"]["ore"]["let_go"] = True
    sections["processes"]["pit"]["min_load"] = "100 %"
    plan = solved(**sections)
    used = sum(plan.rate("works"))
    assert used < 40.0
    assert sum(line(plan, "profit", "inside sales", "miner")) == pytest.approx(50.0 * used)


def test_loans_of_a_lender_are_bounded_by_the_year_and_whole_lumps_stay_whole() -> None:
    plan = solved(**changed(lenders__bank__most="500 CNY", loans__line__lump="200 CNY"))
    assert sum(loan(plan, "drawn")) == pytest.approx(400.0)
    assert plan.answer.program.integer.any()


def test_turnover_and_pledge_bound_what_is_drawn() -> None:
    # A horizon of 40 h sells at a rate of a year's sales of 219 times as much; 0.1 % of it is 0.219 of the sales.
    plan = solved(**changed(loans__line__turnover="0.1 %"))
    sold = sum(line(plan, "profit", "revenue"))
    assert sum(loan(plan, "drawn")) <= 0.001 * sold * 8760.0 / 40.0 * (1 + 1e-9)
    pledged = solved(**changed(loans__line__pledge="50 %", firms__maker__collateral="400 CNY"))
    assert max(loan(pledged, "owed")) == pytest.approx(200.0)


def test_more_credit_is_worth_what_the_loan_table_says() -> None:
    little = 1e-2
    plan, more = (solved(**changed(firms__maker__credit={"line": f"{300 + extra} CNY"})) for extra in (0.0, little))
    assert sum(loan(plan, "marginal_value")) == pytest.approx((more.objective - plan.objective) / little, rel=1e-5)


def test_calendar_months_are_twelfths_of_a_year() -> None:
    plan = solved(8760, horizon={"step": "1 d", "cyclic": False, "start": "2026-01-01"},
                  firms={"maker": {"cash": "10000 CNY", "debts": {"line": {"amount": "1200 CNY", "due": "2026-12-31"}}}},
                  lenders={"bank": {}},
                  loans={"line": {"lender": "bank", "rate": "12 %/a", "term": "1 a", "repayment": "equal principal"}})
    assert loan(plan, "due") == pytest.approx([100.0] * 12)
    assert loan(plan, "interest") == pytest.approx([12.0 - k for k in range(12)])


def test_the_missing_money_is_told_with_the_loan_that_comes_too_late() -> None:
    sections = changed(loans__line__payout="15 h", demands__sell__least="0.5 t/h")
    chain = Chain.model_validate({
        "chain": "late", "horizon": {"start": "2026-01-01", "length": "40 h", "cyclic": False},
        "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}},
        **{key: value for key, value in sections.items() if key not in ("hours", "horizon")}})
    with pytest.raises(InfeasibleError) as caught:
        optimise(compile_network(chain))
    text = str(caught.value)
    assert "maker has no cash on 2026-01-01: needs 300 CNY more for ore" in text
    assert "line comes on 2026-01-01 10:00 at the earliest" in text
    assert "maker在2026-01-01现金不足：还需 300 CNY，用于ore；有同额贷款即可（line最早2026-01-01 10:00到账）" in caught.value.zh
