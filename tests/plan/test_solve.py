"""A solver that stops early says so plainly: out of time, out of memory; nothing is taken for a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from lodeworks import SolverError
from lodeworks.network import compile_network
from lodeworks.plan import engine, optimise, solve
from lodeworks.plan.program import assemble
from tests.parity.random_chain import random_chain


def test_a_solver_out_of_memory_is_told_by_whoever_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The solver runs in a thread of its own; what it raises there must not be lost."""

    class Starved:
        def __getattr__(self, _: str) -> Any:
            return lambda *_: None

        def run(self) -> None:
            raise MemoryError("std::bad_alloc")

    monkeypatch.setattr(solve, "_silent_solver", Starved)
    program, _ = assemble(compile_network(random_chain(3)))
    with pytest.raises(MemoryError):
        solve.solve(program)


def test_a_linear_plan_out_of_time_is_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = engine.solve

    def stopped(program: Any, **options: Any) -> Any:
        found = whole(program, **options)
        return replace(found, status="time limit", y=found.y + 1e3)

    monkeypatch.setattr(engine, "solve", stopped)
    with pytest.raises(SolverError, match="time limit passed before the plan was proved best"):
        optimise(compile_network(random_chain(3)), time_limit=1.0)


def test_a_warm_solver_gives_what_a_cold_one_gives() -> None:
    program, _ = assemble(compile_network(random_chain(5)))
    warm = solve.Resolver()
    for scale in (1.0, 0.5, 2.0):
        changed = replace(program, row_upper=np.where(np.isfinite(program.row_upper), scale * program.row_upper, np.inf))
        changed = replace(changed, row_upper=np.maximum(changed.row_upper, changed.row_lower))
        again, cold = warm.solve(changed), solve.solve(changed)
        assert again.status == cold.status
        if cold.status == "optimal":
            assert changed.cost @ again.x == pytest.approx(changed.cost @ cold.x, rel=1e-9, abs=1e-9)


def test_units_on_and_off_go_to_the_simplex_other_large_programs_to_the_interior_point() -> None:
    program, _ = assemble(compile_network(random_chain(3)))
    columns = 400_000
    large = replace(program, matrix=sparse.eye_array(columns, format="csr"), integer=np.zeros(columns, bool))
    units = replace(large, integer=np.arange(columns) < solve.MANY)
    lumps = replace(large, integer=np.arange(columns) < 20)
    assert [solve.linear_method(p) for p in (program, large, lumps, units)] == ["simplex", "ipm", "ipm", "simplex"]
    assert solve.linear_method(units, "ipm") == "ipm"
