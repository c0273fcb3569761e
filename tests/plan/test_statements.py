"""Books that must agree, over random chains with firms: balance sheets balance, cash reconciles, sums are the chain's."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.chain.entities import Chain
from lodeworks.errors import InfeasibleError
from lodeworks.network import compile_network
from lodeworks.plan import optimise, plan_tables
from tests.parity.random_chain import random_chain
from tests.parity.random_money import random_money

SEEDS = st.integers(min_value=1000, max_value=1_000_000)
quick = settings(max_examples=25, deadline=None, derandomize=True)


def books(seed: int, *, ample: bool = False):
    try:
        return plan_tables(answer := optimise(compile_network(random_money(seed, ample=ample)))), answer
    except InfeasibleError:
        return None


def close(one: pl.Series, other: pl.Series, size: float) -> None:
    assert one.to_list() == pytest.approx(other.to_list(), rel=1e-9, abs=1e-9 * size + 1e-6)


@quick
@given(SEEDS)
def test_assets_are_what_is_owed_and_owned_in_every_period(seed: int) -> None:
    found = books(seed)
    if found is None:
        return
    sheet = found[0]["statements"].filter(pl.col("statement") == "balance sheet")
    sums = sheet.group_by("firm", "time", maintain_order=True).agg(
        assets=pl.col("amount").filter(pl.col("group") == "assets").sum(),
        claims=pl.col("amount").filter(pl.col("group") != "assets").sum())
    close(sums["assets"], sums["claims"], float(sheet["amount"].abs().max()))


@quick
@given(SEEDS)
def test_the_cash_flow_is_the_change_in_cash(seed: int) -> None:
    found = books(seed)
    if found is None:
        return
    chain = random_money(seed)
    rows = found[0]["statements"]
    size = float(rows["amount"].abs().max())
    for firm in chain.firms:
        own = rows.filter(pl.col("firm") == firm)
        flow = own.filter(pl.col("statement") == "cash flow")
        result = flow.filter(pl.col("group") == "result")["amount"]
        parts = flow.filter(pl.col("group") != "result").group_by("time").agg(pl.col("amount").sum()).sort("time")
        cash = own.filter((pl.col("statement") == "balance sheet") & (pl.col("line") == "cash"))["amount"]
        opening = chain.firms[firm].cash.value
        close(result.cum_sum() + opening, cash, size)
        if len(parts) == len(result):
            close(parts["amount"], result, size)
        assert (cash >= (chain.firms[firm].least_cash.value if chain.firms[firm].least_cash else 0.0) - 1e-6).all()


@quick
@given(SEEDS)
def test_firms_and_the_rest_together_are_the_chain(seed: int) -> None:
    """Item by item the profits add to the table of costs, that to the objective; trade inside adds to nought."""
    found = books(seed)
    if found is None:
        return
    tables, answer = found
    items = tables["statements"].filter((pl.col("statement") == "profit") & (pl.col("group") == "items"))
    size = float(tables["statements"]["amount"].abs().max())
    by_item = dict(items.group_by("line").agg(pl.col("amount").sum()).iter_rows())
    inside = items.filter(pl.col("line").str.starts_with("inside")).group_by("time").agg(pl.col("amount").sum())
    assert inside["amount"].to_list() == pytest.approx([0.0] * len(inside), abs=1e-9 * size + 1e-6)
    costs = dict(tables["costs"].group_by("item").agg(pl.col("amount").sum()).iter_rows())
    for item in {*costs, *by_item} - {"stock", "inside sales", "inside purchases"}:
        assert by_item.get(item, 0.0) == pytest.approx(costs.get(item, 0.0), rel=1e-9, abs=1e-9 * size + 1e-6), item
    assert tables["costs"]["amount"].sum() == pytest.approx(
        answer.program.objective(answer.x), rel=1e-9, abs=1e-9 * size + 1e-6)


@quick
@given(SEEDS)
def test_value_added_sums_to_the_chains_own_and_output_value_does_not(seed: int) -> None:
    found = books(seed)
    if found is None:
        return
    table = found[0]["value_added"]
    sums = table.select(pl.exclude("firm", "currency").sum()).row(0, named=True)
    size = sum(abs(value) for value in sums.values())
    assert sums["value_added"] == pytest.approx(
        sums["sales_outside"] + sums["stock"] - sums["bought_outside"], abs=1e-9 * size + 1e-6)
    assert sums["output_value"] - sums["sales_inside"] == pytest.approx(
        sums["sales_outside"] + sums["stock"], abs=1e-9 * size + 1e-6)
    assert sums["sales_inside"] == pytest.approx(sums["bought_inside"], abs=1e-9 * size + 1e-6)


@quick
@given(SEEDS)
def test_loans_of_the_tables_are_those_of_the_statements(seed: int) -> None:
    found = books(seed)
    if found is None:
        return
    rows, loans = found[0]["statements"], found[0]["loans"]
    for line, column in (("drawn", pl.col("drawn")), ("repaid", pl.col("renewed") - pl.col("due")),
                         ("interest", -pl.col("interest_paid"))):
        stated = rows.filter((pl.col("statement") == "cash flow") & (pl.col("line") == line))["amount"].sum()
        assert stated == pytest.approx(loans.select(column.sum()).item(), rel=1e-9, abs=1e-6)


@quick
@given(SEEDS)
def test_with_ample_cash_and_no_tax_a_plan_is_that_of_the_chain_without_firms(seed: int) -> None:
    chain = random_money(seed, ample=True)
    data = chain.model_dump(mode="json")
    data["firms"] = {name: {"cash": firm["cash"]} for name, firm in data["firms"].items()}
    data["loans"], data["lenders"] = {}, {}
    for process in data["processes"].values():
        process.pop("expansion", None)  # which a firm with accounts pays otherwise
    bare = {**data, "firms": {name: {} for name in data["firms"]}}
    answers = []
    for version in (data, bare):
        try:
            answer = optimise(compile_network(type(chain).model_validate(version)))
            answers.append(answer.program.objective(answer.x))
        except InfeasibleError:
            answers.append(None)
    assert answers[0] == pytest.approx(answers[1], rel=1e-8, abs=1e-6)


def test_a_chain_without_firms_money_makes_the_same_program_as_ever() -> None:
    for seed in range(20):
        net = compile_network(random_chain(seed))
        answer = optimise(net) if net.accounts is None else None
        assert answer is not None
        assert answer.columns.accounts is None
        assert not {block.name for block, _ in answer.program.blocks} & {"cash", "debt", "credit", "profit_tax"}


def test_metal_sold_on_from_firm_to_firm_is_counted_at_each_and_added_once() -> None:
    """A tonne smelted of ore for nothing is worth 20,700 yuan; three firms that only pass it on make 82,800 of output.

    K10 is of this kind: 16 billion on 200,000 t is 80,000 yuan a tonne, 3.9 times the price of the metal.
    """
    rounds = ["smelter", "slab", "sheet", "wheel"]
    made = {name: {"unit": "t", "price": "20700 CNY/t"} for name in rounds}
    processes = {
        name: {"owner": name, "outputs": {name: "1 t"}, "capacity": "1 t/h",
               **({"inputs": {rounds[k - 1]: "1 t"}} if k else {})} for k, name in enumerate(rounds)
    }
    answer = optimise(compile_network(Chain.model_validate({
        "chain": "rounds", "horizon": {"start": "2026-01-01", "length": "24 h", "cyclic": False}, "commodities": made,
        "accounts": {"period": "24 h"}, "firms": {name: {"cash": "1 MCNY"} for name in rounds}, "processes": processes,
        "demands": {"sell": {"commodity": "wheel", "owner": "wheel", "price": "20700 CNY/t"}}})))
    sums = plan_tables(answer)["value_added"].select(pl.exclude("firm", "currency").sum() / (24.0 * 20_700.0)).row(0, named=True)
    assert (sums["output_value"], sums["value_added"], sums["cash"]) == pytest.approx((4.0, 1.0, 1.0))
    assert sums["output_value"] - sums["sales_inside"] == pytest.approx(sums["value_added"])
