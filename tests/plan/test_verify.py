"""Verification finds what is wrong with an answer, whoever gave it; what fails is never called optimal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from lodeworks.chain.entities import Chain
from lodeworks.errors import SolverError
from lodeworks.network import compile_network
from lodeworks.plan import engine, optimise, plan_manifest
from lodeworks.plan.block import Rows
from lodeworks.plan.program import Program
from lodeworks.plan.verify import TOLERANCE, verify
from tests.parity.random_chain import random_chain

SEEDS = [1, 2, 4, 5, 7, 9]


def answer(seed: int) -> Any:
    return optimise(compile_network(random_chain(seed)))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_true_optimum_passes(seed: int) -> None:
    a = answer(seed)
    assert a.residuals.good
    assert verify(a.program, a.x, a.y).good


@pytest.mark.parametrize("seed", SEEDS)
def test_a_flow_from_nowhere_is_found(seed: int) -> None:
    a = answer(seed)
    x = a.x.copy()
    _, rows = a.program.rows_of("balance")
    column = a.program.matrix[rows].indices[0]
    x[column] += 0.01 * max(1.0, float(np.abs(x).max()))
    assert verify(a.program, x, a.y).primal > TOLERANCE


@pytest.mark.parametrize("seed", SEEDS)
def test_a_feasible_plan_that_is_not_best_is_found(seed: int) -> None:
    """Against the program of another goal the same plan is feasible, but not best."""
    a = answer(seed)
    found = verify(replace(a.program, cost=-a.program.cost), a.x, -a.y)
    assert found.primal <= TOLERANCE
    assert not found.good


@pytest.mark.parametrize("seed", SEEDS)
def test_wrong_prices_are_found(seed: int) -> None:
    a = answer(seed)
    assert not verify(a.program, a.x, a.y * 1.01 + 0.1).good
    assert not verify(a.program, a.x, -a.y).good


def idle_plan(columns: int = 50_000) -> tuple[Program, Any, Any]:
    """Nothing is bought, since each column earns what its row takes from it: reduced costs are nought but for rounding."""
    amount, earned = np.random.default_rng(1).uniform([[1.0], [1e4]], [[2.0], [4e4]], (2, columns))
    rows = Rows("balance", ("works",))
    lines = rows.add(0, 0.0, np.inf, columns)
    rows.term(lines, lines, -amount)
    program = Program(
        -earned, 0.0, np.zeros(columns), np.ones(columns), np.zeros(columns, bool),
        sparse.diags_array(-amount, format="csr"), np.zeros(columns), np.full(columns, np.inf), ((rows.done(), 0),), False,
    )
    return program, np.zeros(columns), earned / amount


def test_rounding_in_thousands_of_columns_is_no_gap_where_nothing_moves() -> None:
    program, x, y = idle_plan()
    reduced = program.cost - program.matrix.T @ y
    assert np.abs(reduced).max() > 0.0  # the sums are off by the last digit
    assert verify(program, x, y).good


def test_a_price_a_little_off_is_a_gap_even_where_nothing_moves() -> None:
    program, x, y = idle_plan()
    assert not verify(program, x, y * (1.0 - 1e-12)).good


def test_numbers_that_are_none_are_found() -> None:
    a = answer(1)
    x = a.x.copy()
    x[0] = np.nan
    assert not verify(a.program, x, a.y).good


def test_what_is_found_within_a_time_limit_is_labelled_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The solver is made to say that its time was up; the plan is verified with its whole numbers fixed."""
    true = engine.solve

    def hurried(program: Any, **options: Any) -> Any:
        found = true(program, **options)
        return replace(found, status="time limit", gap=0.05) if program.integer.any() else found

    monkeypatch.setattr(engine, "solve", hurried)
    chain = Chain.model_validate({
        "chain": "t", "horizon": {"start": "2026-01-01", "length": "6 h"}, "commodities": {"metal": {"unit": "t"}},
        "processes": {"works": {"outputs": {"metal": "1 t"}, "capacity": "4 t/h", "min_load": "50 %", "on_off": True}},
        "demands": {"sell": {"commodity": "metal", "price": "9 CNY/t", "most": "3 t/h"}},
    })
    a = optimise(compile_network(chain), time_limit=1.0)
    manifest = plan_manifest(a)
    assert (manifest["status"], manifest["mip_gap"], manifest["verified"]) == ("time limit", 0.05, True)


def test_duals_without_bound_are_replaced_by_the_simplexs(monkeypatch: pytest.MonkeyPatch) -> None:
    true = engine.solve

    def wild(program: Any, *, presolve: bool = True, **options: Any) -> Any:
        found = true(program, presolve=presolve, **options)
        return replace(found, y=found.y + 1e20) if presolve and not program.integer.any() else found

    monkeypatch.setattr(engine, "solve", wild)
    chain = Chain.model_validate({
        "chain": "t", "horizon": {"start": "2026-01-01", "length": "2 h"}, "commodities": {"metal": {"unit": "t"}},
        "processes": {"works": {"outputs": {"metal": "1 t"}, "capacity": "4 t/h", "min_load": "50 %", "on_off": True}},
        "demands": {"sell": {"commodity": "metal", "price": "9 CNY/t", "most": "3 t/h"}},
    })
    assert optimise(compile_network(chain)).verified


def test_an_answer_that_fails_twice_is_an_error_and_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    true = engine.solve

    def spoilt(*arguments: Any, **options: Any) -> Any:
        found = true(*arguments, **options)
        return replace(found, x=found.x * 1.001 + 0.01)

    monkeypatch.setattr(engine, "solve", spoilt)
    with pytest.raises(SolverError, match="fails verification"):
        optimise(compile_network(random_chain(1)))
