"""What must hold for every chain: units, names, order and finer steps change nothing or never worsen."""

from __future__ import annotations

import json
import re
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.chain.entities import Chain
from lodeworks.errors import InfeasibleError
from lodeworks.network import compile_network
from lodeworks.plan import Answer, optimise, plan_tables
from tests.parity.random_chain import random_chain

SEEDS = st.integers(min_value=1000, max_value=1_000_000)
quick = settings(max_examples=25, deadline=None, derandomize=True)


def answer_of(chain: Chain) -> Answer | None:
    try:
        return optimise(compile_network(chain))
    except InfeasibleError:
        return None


def objective(chain: Chain) -> float | None:
    answer = answer_of(chain)
    return None if answer is None else answer.program.objective(answer.x)


def same(one: float | None, other: float | None, rel: float = 1e-9) -> None:
    assert (one is None) == (other is None)
    if one is not None:
        assert other == pytest.approx(one, rel=rel, abs=1e-6)


def as_data(chain: Chain) -> dict[str, Any]:
    data: dict[str, Any] = chain.model_dump(mode="json")
    return data


@quick
@given(SEEDS, st.sampled_from(["kg", "g", "Mt", "万吨"]))
def test_counting_in_another_unit_changes_nothing(seed: int, unit: str) -> None:
    """A recipe is a proportion and every number carries its unit: only what commodities are counted in changes."""
    chain = random_chain(seed)
    data = as_data(chain)
    for commodity in data["commodities"].values():
        commodity["unit"] = unit
    same(objective(chain), objective(Chain.model_validate(data)))


@quick
@given(SEEDS)
def test_writing_numbers_in_other_units_changes_nothing(seed: int) -> None:
    chain = random_chain(seed)
    text = json.dumps(as_data(chain))
    text = re.sub(r'"([\d.e+-]+) t/h"', lambda m: f'"{float(m[1]) * 24!r} t/d"', text)
    text = re.sub(r'"([\d.e+-]+) CNY/t"', lambda m: f'"{float(m[1]) / 1000!r} CNY/kg"', text)
    same(objective(chain), objective(Chain.model_validate_json(text)))


@quick
@given(SEEDS)
def test_names_and_their_order_change_nothing(seed: int) -> None:
    chain = random_chain(seed)
    data = as_data(chain)
    policies = data.get("policies", {})
    renamed = {**data, "policies": {}}
    for section in ("processes", "supplies", "demands", "routes", "stores"):
        renamed[section] = {f"新 {name}": value for name, value in reversed(list(data.get(section, {}).items()))}
    for name, policy in policies.items():
        renamed["policies"][f"x{name}"] = {**policy, "sum": {f"新 {term}": w for term, w in policy["sum"].items()}}
    same(objective(chain), objective(Chain.model_validate(renamed)))


@quick
@given(SEEDS)
def test_finer_steps_are_never_worse(seed: int) -> None:
    """Each commodity with a step of its own is closed by the hour instead, and held over the old step by a free store."""
    chain = random_chain(seed)
    data = as_data(chain)
    coarse, fine = dict(data), dict(data)
    coarse["processes"] = {n: {**p, "step": "2 h"} for n, p in data.get("processes", {}).items()}
    fine["processes"] = {n: {**p, "step": "1 h"} for n, p in data.get("processes", {}).items()}
    for process in (*coarse["processes"].values(), *fine["processes"].values()):
        process.pop("ramp_up", None)
    before, after = objective(Chain.model_validate(coarse)), objective(Chain.model_validate(fine))
    if before is not None:
        assert after is not None
        assert after >= before - 1e-6 * abs(before) - 1e-6


@quick
@given(SEEDS)
def test_more_room_is_never_worse(seed: int) -> None:
    chain = random_chain(seed)
    data = as_data(chain)
    for section in ("processes", "routes", "stores"):
        for element in data.get(section, {}).values():
            if "capacity" in element and "ramp_up" not in element:
                element["capacity"] = re.sub(r"^[\d.]+", lambda m: repr(float(m[0]) * 1.5), str(element["capacity"]))
    before, after = objective(chain), objective(Chain.model_validate(data))
    if before is not None:
        assert after is not None
        assert after >= before - 1e-6 * abs(before) - 1e-6


@quick
@given(SEEDS)
def test_the_tables_are_the_optimum(seed: int) -> None:
    """Parts of the money add up to the objective, and every balance closes in the written flows."""
    answer = answer_of(random_chain(seed))
    if answer is None:
        return
    tables = plan_tables(answer)
    total = answer.program.objective(answer.x)
    moved = float(tables["costs"]["amount"].abs().sum())
    assert tables["costs"]["amount"].sum() == pytest.approx(total, rel=1e-9, abs=1e-9 * moved + 1e-9)
    for grouping in ("site", "element", "commodity", "item"):
        assert tables["costs"].group_by(grouping).agg(pl.col("amount").sum())["amount"].sum() == pytest.approx(
            total, rel=1e-9, abs=1e-9 * moved + 1e-9)
    closed = tables["flows"].group_by("commodity", "site", "time").agg(
        pl.col("amount").sum().abs().alias("left"), pl.col("amount").abs().sum().alias("through"))
    assert (closed["left"] <= 1e-9 * closed["through"].max() + 1e-9).all()
    constant = pl.col("kind").is_in(["process", "route", "store", "pool"])  # bounds of trades may change over time
    used = tables["capacities"].filter(constant).drop_nulls("total")
    assert (used["peak_use"] <= used["total"] * (1 + 1e-7) + 1e-7).all()
