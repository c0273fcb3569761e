"""A solution found by another solver comes back: matched by name, verified, compared, and told where it fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lodeworks import verbs
from lodeworks.chain.entities import Chain
from lodeworks.errors import InputError, SolverError
from lodeworks.plan.solution import read_solution
from lodeworks.views.report.headline import solution_text
from tests.plan.reduced.test_over_slices import LUCK, sunny
from tests.plan.test_files import solved, whole_numbers
from tests.plan.test_lawful import works as lossy

Values = dict[str, float]


def found_by(file: Path) -> Values:
    """Return the solution HiGHS finds of a file, by name."""
    _, _, highs = solved(file)
    return {highs.getColName(i)[1]: float(value) for i, value in enumerate(highs.getSolution().col_value)}


def as_gurobi(values: Values) -> str:
    return "# Solution for model works\n# Objective value = 152.8\n" + "".join(f"{name} {value!r}\n" for name, value in values.items())


def as_scip(values: Values) -> str:
    return "solution status: optimal solution found\nobjective value:                                152.8\n" + "".join(
        f"{name:<46} {value!r} \t(obj:-4.8)\n" for name, value in values.items() if value)


def as_cbc(values: Values) -> str:
    return "Optimal - objective value 152.80000000\n" + "".join(
        f"{i:7d} {name:<30} {value!r}       -6\n" for i, (name, value) in enumerate(values.items()) if value)


def as_highs(values: Values) -> str:
    lines = "".join(f"{name} {value!r}\n" for name, value in values.items())
    return f"Model status\nOptimal\n\n# Primal solution values\nFeasible\nObjective 152.8\n# Columns {len(values)}\n{lines}# Rows 1\nbalance_of_coal_0 7\n\n# Dual solution values\nNone\n"


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> tuple[Chain, Values]:
    chain, file = whole_numbers(), tmp_path_factory.mktemp("works") / "works.lp"
    verbs.write_program(chain, file)
    return chain, found_by(file)


@pytest.mark.parametrize("written", [as_gurobi, as_scip, as_cbc, as_highs])
def test_a_solution_in_any_solvers_file_is_the_plan(written: Any, works: tuple[Chain, Values], tmp_path: Path) -> None:
    chain, values = works
    (tmp_path / "theirs.sol").write_text(written(values))
    plan = verbs.plan(chain, solution=tmp_path / "theirs.sol", gap=0.0)
    assert plan.objective == pytest.approx(verbs.plan(chain, gap=0.0).objective, rel=1e-9)
    told = plan.manifest["solution"]
    assert (told["objective"], told["better_here_by"], told["taken"]) == (pytest.approx(plan.objective), 0.0, True)
    assert told["misses_by"] < 1e-9
    assert plan.manifest["status"] == "solution"  # what whole numbers let go of promises more, so best is not proved
    rate = plan.table("rates").filter(element="mill").sort("time")["rate"].to_list()
    assert rate == pytest.approx([values[f"mill_{t}"] for t in range(6)])


def test_what_highs_itself_writes_is_read(works: tuple[Chain, Values], tmp_path: Path) -> None:
    _, _, highs = solved(_file(works[0], tmp_path))
    highs.writeSolution(str(tmp_path / "own.sol"), 0)
    mine = {name: value for name, value in works[1].items() if name != "constant"}  # which is no column in MPS
    assert read_solution(tmp_path / "own.sol").values == pytest.approx(mine)


def _file(chain: Chain, folder: Path) -> Path:
    verbs.write_program(chain, folder / "program.mps")
    return folder / "program.mps"


@pytest.mark.parametrize("scenarios", [{}, {"scenarios": LUCK}])
def test_of_a_linear_plan_over_stages_a_solution_that_is_best_is_taken_and_one_that_is_not_is_told(
    scenarios: dict[str, Any], tmp_path: Path
) -> None:
    chain = Chain.model_validate(sunny(1, **scenarios))
    values = found_by(_file(chain, tmp_path))
    (tmp_path / "best.sol").write_text(as_gurobi(values))
    best = verbs.plan(chain, solution=tmp_path / "best.sol")
    assert best.manifest["solution"]["taken"]
    worse = dict(values)
    worse["decided_engine_2026"] += 1.0
    for name in values:
        if name.startswith("built_engine"):
            worse[name] += 1.0
    (tmp_path / "worse.sol").write_text(as_gurobi(worse))
    plan = verbs.plan(chain, solution=tmp_path / "worse.sol")
    told = plan.manifest["solution"]
    assert not told["taken"]
    assert told["objective"] - told["better_here_by"] == pytest.approx(best.objective, rel=1e-7)
    assert plan.objective == pytest.approx(best.objective, rel=1e-7)


@pytest.mark.parametrize("form", ["lp", "mps"])
@pytest.mark.parametrize("made", [whole_numbers, lambda: Chain.model_validate(sunny(1, scenarios=LUCK)),
                                  lambda: Chain.model_validate(lossy([-100.0, 80.0, 90.0], [0.25] * 3, 5, cash="9 GCNY"))],
                         ids=["whole numbers", "stages and scenarios", "money"])
def test_a_solution_of_columns_in_their_sizes_comes_back_in_the_chains_units(made: Any, form: str, tmp_path: Path) -> None:
    chain = made()
    verbs.write_program(chain, tmp_path / f"sized.{form}", sized=True)
    verbs.write_program(chain, tmp_path / f"plain.{form}")
    ending, optimum, _ = solved(tmp_path / f"sized.{form}")
    assert (ending, optimum) == ("Optimal", pytest.approx(solved(tmp_path / f"plain.{form}")[1], rel=1e-7))
    values = found_by(tmp_path / f"sized.{form}")
    assert [name for name in values if "_times_" in name or "_over_" in name]
    (tmp_path / "theirs.sol").write_text(as_gurobi(values))
    plan = verbs.plan(chain, solution=tmp_path / "theirs.sol", gap=0.0)
    assert plan.manifest["solution"]["objective"] == pytest.approx(optimum, rel=1e-7)
    assert plan.manifest["solution"]["misses_by"] < 1e-8
    assert plan.objective == pytest.approx(verbs.plan(chain, gap=0.0).objective, rel=1e-7)


def test_columns_of_fewer_steps_have_no_sizes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="columns of fewer steps have no sizes of their own"):
        verbs.write_program(whole_numbers(), tmp_path / "few.lp", segments=2, sized=True)
    assert not list(tmp_path.iterdir())


def test_a_solution_that_takes_losses_off_otherwise_than_the_law_is_not_the_plan(tmp_path: Path) -> None:
    """The chain's program lets a loss grow young again; the plan made of its solution does not."""
    chain = Chain.model_validate(lossy([-100.0, 0.0, 100.0], [0.25] * 3, 1))
    (tmp_path / "theirs.sol").write_text(as_gurobi(found_by(_file(chain, tmp_path))))
    plan = verbs.plan(chain, solution=tmp_path / "theirs.sol")
    assert plan.objective == pytest.approx(verbs.plan(chain).objective)
    told = plan.manifest["solution"]
    assert told["objective"] - plan.objective == pytest.approx(25.0 / 1.03**3)
    assert (told["taken"], told["better_here_by"], told["lawful"]) == (False, 0.0, False)
    assert "takes losses off otherwise than the law" in solution_text(plan.manifest)[0]


def test_a_solution_that_misses_says_what_by_how_much_and_when(works: tuple[Chain, Values], tmp_path: Path) -> None:
    chain, values = works
    bad = dict(values)
    bad["mill_2"] -= 2.5
    bad["on_u7126u7089_1_1"] = 0.5
    (tmp_path / "bad.sol").write_text(as_gurobi(bad))
    with pytest.raises(SolverError) as refused:
        verbs.plan(chain, solution=tmp_path / "bad.sol")
    told = str(refused.value)
    assert "the balance of 焦炭, 2026-01-01 02:00–03:00: 2.5 too much" in told
    assert "on 焦炉 1#[1]: 0.5 of 0 to 1" in told


def test_names_that_do_not_fit_are_told_and_so_are_those_that_are_missing(works: tuple[Chain, Values], tmp_path: Path) -> None:
    chain, values = works
    other = {("mill_9" if name == "mill_2" else name): value for name, value in values.items()}
    (tmp_path / "other.sol").write_text(as_gurobi(other))
    with pytest.raises(InputError) as refused:
        verbs.plan(chain, solution=tmp_path / "other.sol")
    told = [str(problem) for problem in refused.value.problems]
    assert "1 of its names are not columns of this program" in told[0]
    assert "mill_9" in told[0]
    assert "1 columns of this program have no value" in told[1]
    assert "mill_2" in told[1]


@pytest.mark.parametrize(("text", "told"), [
    ("", "no values"), ("# nothing\n", "no values"), ("mill_0\n", "no solution of a program"), ("mill_0 seven\n", "no solution of a program"),
    ("Model status\nInfeasible\n", "no values"),
])
def test_a_file_that_is_no_solution_is_refused(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "no.sol").write_text(text)
    with pytest.raises(InputError, match=told):
        read_solution(tmp_path / "no.sol")
    with pytest.raises(InputError, match="cannot read the solution"):
        read_solution(tmp_path / "none.sol")


def test_a_solution_beside_fewer_steps_is_refused(works: tuple[Chain, Values], tmp_path: Path) -> None:
    (tmp_path / "theirs.sol").write_text(as_gurobi(works[1]))
    with pytest.raises(InputError, match="of the program of all steps"):
        verbs.plan(works[0], solution=tmp_path / "theirs.sol", segments=2)
    assert np.isfinite(list(works[1].values())).all()
