"""Firms' money planned window by window: cash and debts are handed on, and the books are those of any plan."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network
from lodeworks.plan import optimise, plan_tables
from lodeworks.plan.program import assemble
from lodeworks.plan.rolling import rolling_plan
from lodeworks.plan.rolling.when import times_of_columns
from tests.plan.rolling.test_horizon import EXACT, fleet_data


def firms_data(seed: int, cash: float, hours: int = 24) -> dict[str, Any]:
    """Units of two firms and a grid that buys of them, sells, is paid a quarter of the time later, and borrows."""
    data = fleet_data(seed, hours, units=2)
    data["objective"], data["accounts"] = "profit", {"period": "6 h"}
    data["commodities"]["power"]["price"] = "500 CNY/MWh"
    for owner, process in zip(("one", "two"), data["processes"].values(), strict=True):
        process["owner"] = owner
    data["supplies"]["import"]["owner"] = "grid"
    grid = data["demands"]["grid"]
    grid.update(owner="grid", price="600 CNY/MWh", payment="6 h", most=grid.pop("amount"))
    data["firms"] = {
        "one": {"cash": f"{cash} CNY", "profit_tax": "25 %", "credit": {"line": "90 kCNY"}},
        "two": {"cash": f"{cash} CNY", "credit": {"line": "50 kCNY", "short": "30 kCNY"}},
        "grid": {"cash": f"{cash} CNY", "credit": {"line": "300 kCNY"}},
    }
    data["lenders"] = {"bank": {"most": "400 kCNY"}}
    data["loans"] = {
        "line": {"lender": "bank", "rate": "0.05 %/h", "term": "12 h", "payout": "3 h", "renewal": True},
        "short": {"lender": "bank", "rate": "0.01 %/h", "term": "6 h", "turnover": "90 %", "revolving": False},
    }
    return data


@pytest.mark.parametrize(("seed", "cash"), [(0, 5e3), (1, 5e3), (2, 30e3)])
def test_windows_find_a_plan_between_the_best_and_the_bound_whose_cash_never_runs_out(seed: int, cash: float) -> None:
    net = compile_network(Chain.model_validate(firms_data(seed, cash)))
    best = optimise(net, **EXACT)
    rolled = rolling_plan(net, hours=6, overlap=6, options=EXACT)
    most, reached = (answer.program.objective(answer.x) for answer in (best, rolled.answer))
    assert reached <= most * (1 + 1e-7)
    assert rolled.bound >= most * (1 - 1e-7)
    assert reached >= most * 0.97
    assert rolled.answer.verified
    assert len(rolled.windows) == 4
    sheet = plan_tables(rolled.answer)["statements"].filter(pl.col("statement") == "balance sheet")
    assert sheet.filter(pl.col("line") == "cash")["amount"].min() >= -1e-6
    sides = sheet.group_by("firm", "time", maintain_order=True).agg(
        assets=pl.col("amount").filter(pl.col("group") == "assets").sum(),
        claims=pl.col("amount").filter(pl.col("group") != "assets").sum())
    assert sides["assets"].to_list() == pytest.approx(sides["claims"].to_list(), rel=1e-9, abs=1e-3)


def test_money_of_a_period_is_settled_in_its_last_step() -> None:
    net = compile_network(Chain.model_validate(firms_data(0, 5e3)))
    _, columns = assemble(net)
    begins, own = times_of_columns(net, columns), columns.accounts
    assert own is not None
    for first in (*own.cash, *own.draw, *own.owed, *own.renew[own.renew >= 0]):
        assert begins[first : first + 4].tolist() == [5.0, 11.0, 17.0, 23.0]
    assert begins[own.tax[own.tax >= 0]].tolist() == [23.0]
    assert not np.isnan(begins[int(own.cash[0])])
