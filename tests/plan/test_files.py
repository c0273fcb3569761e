"""A program as an LP or MPS file: read back by a solver it has the plan's optimum, and its names can be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import highspy
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.errors import InfeasibleError, InputError
from lodeworks.network import Network, compile_network, compile_pathway
from lodeworks.network.pathway import Pathway
from lodeworks.plan import optimise
from lodeworks.plan.files import write_program
from lodeworks.plan.pathway import optimise_pathway
from lodeworks.plan.reduced import edges_of_segments, merged
from tests.analytic.test_commitment import HOURS, as_chain, random_unit
from tests.parity.random_chain import random_chain
from tests.parity.random_money import random_money
from tests.parity.test_naive_pathway import random_pathway
from tests.plan.test_pathway_tables import CHAIN
from tests.plan.test_stage_statements import random_firms


def whole_numbers() -> Chain:
    """Units on and off, lumps, tiers in order and a penalty that is a constant of the objective."""
    return Chain.model_validate({
        "chain": "整数", "horizon": {"start": "2026-01-01", "length": "6 h"},
        "commodities": {"coal": {"unit": "t"}, "焦炭": {"unit": "t"}},
        "profiles": {"need": {"values": [1, 6, 9, 2, 0, 7], "unit": "t/h"}},
        "supplies": {"mine": {"commodity": "coal", "tiers": [{"most": "9 t/h", "price": "6 CNY/t"}, {"price": "5 CNY/t"}]}},
        "processes": {"焦炉 1#": {
            "inputs": {"coal": "1.3 t"}, "outputs": {"焦炭": "1 t"}, "capacity": "4 t/h", "min_load": "50 %", "on_off": True,
            "start_cost": "7 CNY", "expansion": {"most": "6 t/h", "lump": "2 t/h", "fixed": "0.4 CNY/(t/h)/h"}}},
        "demands": {"mill": {"commodity": "焦炭", "amount": "need", "price": "20 CNY/t", "unserved": "30 CNY/t"}},
    })


@pytest.mark.parametrize("suffix", ["lp", "mps"])
def test_a_file_read_back_has_the_plans_optimum(suffix: str, tmp_path: Path) -> None:
    network = compile_network(whole_numbers())
    program = write_program(network, tmp_path / f"program.{suffix}")
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", 0.0)
    assert highs.readModel(str(tmp_path / f"program.{suffix}")) == highspy.HighsStatus.kOk
    highs.run()
    answer = optimise(network, gap=0.0)
    found = highs.getInfo().objective_function_value
    assert found == pytest.approx(-answer.program.objective(answer.x), rel=1e-7)
    assert sum(highs.getColIntegrality(i)[1] == highspy.HighsVarType.kInteger for i in range(highs.getNumCol())) == (
        program.integer.sum())


@pytest.mark.parametrize("suffix", ["lp", "mps"])
@pytest.mark.parametrize("risk", [None, {"weight": "40 %", "level": "70 %"}])
def test_a_file_of_stages_and_scenarios_has_their_plans_optimum(risk: dict[str, str] | None, suffix: str, tmp_path: Path) -> None:
    pathway = compile_pathway(Chain.model_validate({**CHAIN, "objective": {"goal": "profit", **({"risk": risk} if risk else {})}}))
    file = tmp_path / f"program.{suffix}"
    write_program(pathway, file)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    assert highs.readModel(str(file)) == highspy.HighsStatus.kOk
    highs.run()
    answer = optimise_pathway(pathway)
    assert highs.getInfo().objective_function_value == pytest.approx(-answer.objective, rel=1e-7)
    text = file.read_text()
    assert "decided_smelter_2030" in text
    assert "smelter_4_in_stage_2035_scenario_boom" in text
    assert ("threshold" in text) == (risk is not None)


def commitment(seed: int) -> Network:
    return compile_network(Chain.model_validate({
        "chain": "unit", "commodities": {"metal": {"unit": "t"}}, **(own := as_chain(random_unit(seed))),
        "horizon": {"start": "2026-01-01", "length": f"{HOURS} h", **own["horizon"]}}))


KINDS: dict[str, Callable[[int], Network | Pathway]] = {
    "chain": lambda seed: compile_network(random_chain(seed)),
    "commitment": commitment,
    "firms": lambda seed: compile_network(random_money(seed)),
    "stages and scenarios": lambda seed: compile_pathway(Chain.model_validate(random_pathway(seed))),
    "firms over stages": lambda seed: compile_pathway(Chain.model_validate(random_firms(seed, cash=50.0))),
    "segments": lambda seed: merged(net := compile_network(random_chain(seed)), edges_of_segments(net, 3)),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_any_random_program_has_its_optimum_and_names_all_its_own(kind: str, seed: int, tmp_path: Path) -> None:
    """Of both forms; a chain without a plan has none there either. Nothing is told apart by a number alone."""
    subject = KINDS[kind](seed)
    best: float | None
    try:
        if isinstance(subject, Pathway):
            best = optimise_pathway(subject, gap=0.0).objective
        else:
            answer = optimise(subject, gap=0.0)
            best = answer.program.objective(answer.x)
    except InfeasibleError:
        best = None
    for suffix in ("lp", "mps"):
        program = write_program(subject, file := tmp_path / f"program.{suffix}")
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("mip_rel_gap", 0.0)
        assert highs.readModel(str(file)) == highspy.HighsStatus.kOk
        highs.run()
        found = highs.modelStatusToString(highs.getModelStatus())
        assert (found == "Optimal") == (best is not None), found
        if best is not None:
            sign = -1.0 if program.maximise else 1.0
            assert sign * highs.getInfo().objective_function_value == pytest.approx(best, rel=1e-7, abs=1e-7)
        names = [highs.getColName(i)[1] for i in range(highs.getNumCol())]
        assert not [name for name in names if "__" in name or name == "x"]


def test_two_rows_of_one_step_are_told_apart_by_their_sides_and_money_by_whose_it_is(tmp_path: Path) -> None:
    write_program(compile_network(whole_numbers()), tmp_path / "works.lp")
    text = (tmp_path / "works.lp").read_text(encoding="utf-8")
    assert "minimum_load_or_capacity_while_on_of_u7126u7089_1_most_3" in text
    assert "minimum_load_or_capacity_while_on_of_u7126u7089_1_least_3" in text
    write_program(compile_network(random_money(0)), tmp_path / "firms.lp")
    text = (tmp_path / "firms.lp").read_text(encoding="utf-8")
    for name in ("cash_of_f0_1", "draw_l2_of_f1_3", "owed_l2_of_f1_2"):
        assert name in text


def test_rows_and_columns_have_names_a_person_can_read(tmp_path: Path) -> None:
    write_program(compile_network(whole_numbers()), tmp_path / "works.lp")
    text = (tmp_path / "works.lp").read_text(encoding="utf-8")
    for name in ("u7126u7089_1_0", "on_u7126u7089_1_3", "built_u7126u7089_1", "balance_of_coal_5", "mine_tier_1_2",
                 "starts_of_u7126u7089_1_2"):
        assert name in text


def test_a_file_that_is_there_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    network = compile_network(whole_numbers())
    (tmp_path / "mine.lp").write_text("mine")
    with pytest.raises(InputError, match="there is a file of this name already"):
        write_program(network, tmp_path / "mine.lp")
    assert (tmp_path / "mine.lp").read_text() == "mine"
    with pytest.raises(InputError, match="this kind of file is not written"):
        write_program(network, tmp_path / "works.txt")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.lp"]
