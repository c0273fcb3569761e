"""Stocks that go on over periods as if each came once: the plan of all periods in a row, whose money counts as often as they come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network, compile_pathway
from lodeworks.plan import optimise
from lodeworks.plan.pathway import optimise_pathway, pathway_tables
from tests.chain.check.written import told

TIMES, HOURS = {"thaw": 3.5, "dry": 40.0, "frost": 1.0}, 4


def basin(values: dict[str, Any], horizon: dict[str, Any], **store: Any) -> Chain:
    """Return a river, a town, dear pumps, and a basin that loses by the hour."""
    count = 3 * HOURS
    return Chain.model_validate({
        "chain": "valley", "commodities": {"water": {"unit": "t", "let_go": True}}, "objective": "cost",
        "horizon": {"start": "2026-01-01", "length": f"{count} h", "discount": "0 %/a", **horizon},
        "profiles": {name: {"values": list(own), "unit": unit} for name, (own, unit) in values.items()},
        "supplies": {"river": {"commodity": "water", "most": "river"},
                     "pumps": {"commodity": "water", "price": "price", "most": "99 t/h"}},
        "stores": {"basin": {"commodity": "water", "capacity": "15 t", "loss": "2 %/h", **store}},
        "demands": {"town": {"commodity": "water", "amount": "town"}},
    })


def drawn(seed: int) -> tuple[dict[str, Any], np.ndarray]:
    rng, count = np.random.default_rng(seed), 3 * HOURS
    times = np.repeat(list(TIMES.values()), HOURS)
    values = {"river": (rng.uniform(0, 9, count).round(2), "t/h"), "town": (rng.uniform(2, 9, count).round(2), "t/h"),
              "price": (rng.uniform(1, 9, count).round(2), "CNY/t")}
    return values, times


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("store", [{}, {"initial": "6 t", "end": "free"}, {"initial": "6 t", "end": "3 t"}, {"initial": "5 t"}])
def test_periods_have_the_optimum_of_them_in_a_row_with_money_as_often(seed: int, store: dict[str, str]) -> None:
    """Prices that many times as high in one horizon without periods."""
    values, times = drawn(seed)
    periods = {name: {"length": f"{HOURS} h", "times": often} for name, often in TIMES.items()}
    over = optimise_pathway(compile_pathway(basin(values, {"periods": periods}, over_periods="once", **store)))
    dear = {**values, "price": (values["price"][0] * times, "CNY/t")}
    whole = optimise(compile_network(basin(dear, {}, **store)))
    assert over.objective == pytest.approx(whole.program.objective(whole.x), rel=1e-9)
    levels = pathway_tables(over)["stocks"]
    assert levels["begin"].to_list()[1:] == pytest.approx((levels["begin"] + levels["yearly"] * over.pathway.meant).to_list()[:-1])


def test_what_does_not_go_on_once_is_told(tmp_path: Path) -> None:
    text = """\
chain: valley
horizon: {start: 2026-01-01, step: 1 h, length: 4 h, periods: {a: {length: 2 h, times: 3}, b: {length: 2 h, times: 4}}}
commodities: {water: {unit: t, let_go: true}}
firms: {owner: {}}
supplies: {river: {commodity: water, most: 3 t/h, price: 1 CNY/t}}
stores: {basin: {commodity: water, capacity: 9 t, over_periods: once, loss: 1 %/h, initial: 3 t, end: free, owner: owner}}
demands: {town: {commodity: water, amount: 2 t/h}}
"""
    assert told(text, tmp_path) == ""
    assert "not carried from period to period" in told(text, tmp_path, ("loss: 1 %/h", "least_stay: 1 h"))
    assert "ends them as it began" in told(text, tmp_path, ("once, loss: 1 %/h", "carried"))
    assert "no place in a firm's books" in told(text, tmp_path, ("owner: {}", "owner: {cash: 9 CNY}"))
    assert "did you mean 'once'?" in told(text, tmp_path, ("over_periods: once", "over_periods: onces"))
