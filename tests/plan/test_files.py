"""A program as a file: read back by a solver and by a reader of our own it is the plan's, and its names can be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import highspy
import numpy as np
import pytest
from scipy import sparse

from lodeworks.chain.entities import Chain
from lodeworks.errors import InfeasibleError, InputError
from lodeworks.network import Network, compile_network, compile_pathway
from lodeworks.network.pathway import Pathway
from lodeworks.plan import files, optimise
from lodeworks.plan.files import plain_names, write_program
from lodeworks.plan.naming import Named, Names
from lodeworks.plan.pathway import optimise_pathway
from lodeworks.plan.program import Program
from lodeworks.plan.programs import on_segments, program_of
from lodeworks.plan.reduced import edges_of_segments, merged
from tests.analytic.test_commitment import HOURS, as_chain, random_unit
from tests.parity.random_chain import random_chain
from tests.parity.random_money import random_money
from tests.parity.test_naive_pathway import random_pathway
from tests.plan.program_readers import Read, read_program
from tests.plan.test_pathway_tables import CHAIN
from tests.plan.test_stage_statements import random_firms


def solved(file: Path) -> tuple[str, float, highspy.Highs]:
    """Return how HiGHS ends with a file, its optimum, and HiGHS."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", 0.0)
    assert highs.readModel(str(file)) == highspy.HighsStatus.kOk
    highs.run()
    return highs.modelStatusToString(highs.getModelStatus()), highs.getObjectiveValue(), highs


def the_same(named: Named, read: Read) -> None:
    """Hold what was read against what was written, number by number."""
    program, names = named.program, plain_names(named.columns).to_list()
    sign = -1.0 if program.maximise else 1.0
    assert read.maximise == program.maximise
    assert read.constant == sign * program.offset
    usual = (0.0, np.inf)
    for name, cost, low, high, whole in zip(names, program.cost, program.lower, program.upper, program.integer, strict=True):
        assert read.cost.get(name, 0.0) == sign * cost
        assert read.bounds.get(name, usual) == (low, high)
        assert (name in read.whole) == whole
    assert set(read.columns) <= set(names)
    for r, name in enumerate(plain_names(named.rows).to_list()):
        low, high = program.row_lower[r], program.row_upper[r]
        span = slice(program.matrix.indptr[r], program.matrix.indptr[r + 1])
        terms = {names[c]: v for c, v in zip(program.matrix.indices[span], program.matrix.data[span], strict=True)}
        sides = [one for one in (name, f"{name}__most") if one in read.terms]
        assert bool(sides) == bool(np.isfinite([low, high]).any())
        for one in sides:
            found = {c: v for c, v in read.terms[one].items() if v}
            size = next((found[c] / v for c, v in terms.items()), 1.0)
            assert np.frexp(size)[0] == 0.5  # a row may be multiplied by a power of two
            assert {c: v / size for c, v in found.items()} == terms
        if sides:
            ends = np.array([read.sides[one] for one in sides]) / size
            low_read, high_read = (e[np.isfinite(e)] for e in ends.T)
            assert low_read == pytest.approx([low] if np.isfinite(low) else [], rel=1e-15)
            assert high_read == pytest.approx([high] if np.isfinite(high) else [], rel=0.0)


def odd(maximise: bool, *, goal: bool = True, crossed: bool = False) -> Named:
    """Return a program with everything that forms and readers differ in."""
    inf = np.inf
    lower = np.array([0, -inf, -inf, 2, -2.5, 0, -inf, -3, 0, 1, 0, -5, 1e-7, -inf])
    upper = np.array([inf, inf, -1, 2, -2.5, inf, 7, 2, 0, inf, 0.3, -1, 1e15, inf])
    whole = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 0, 1], bool)
    matrix = np.zeros((12, 14))
    matrix[0], matrix[0, 9] = 1.0, 0.0  # one column stands in no row
    matrix[1, [0, 1]], matrix[2, [5, 6, 7]] = [1, -1], [1, 2, 3]
    matrix[3, [0, 12]], matrix[4, [0, 1, 2]] = 1.0, [1e-7, 1 / 3, 1e7]
    matrix[5, [1, 2]] = matrix[6, 5] = 1.0
    matrix[[8, 9, 10, 11], [12, 1, 2, 6]] = 1.0
    low = np.array([-20, -5, -inf, -inf, -inf, -inf, -1.5, -3, -50, -50, -50, -50])  # the fourth says nothing, the eighth is empty
    high = np.array([30, 5.1, 9, inf, 1e8, 4, 8.25, 5, 50, 50, 50, 50])
    if crossed:
        low[6], high[6] = 3.0, 1.0
    cost = np.array([0.346, 0.822, 0.33, -1.303, 0.905, 0.446, -0.537, 0.581, 0.365, 0.294, 0.028, 0.546, 0.7, 0.0]) * goal
    program = Program(cost, 3.25 * goal, lower, upper, whole, sparse.csr_array(matrix), low, high, (), maximise)
    columns = Names.of(["焦炉 1#", "e5", "3x", "free x", "infinity", "obj", "x" * 400, "x" * 401, "st", "end", "max", "a b", "a_b", "constant"])
    rows = Names(tuple(f"row 行 {i}" for i in range(12)), np.arange(12, dtype=np.int32), np.full(12, 3, np.int32))
    return Named(program, columns, rows, "odd 铝")


@pytest.mark.parametrize("suffix", ["lp", "mps"])
@pytest.mark.parametrize("kind", [{"maximise": False}, {"maximise": True}, {"maximise": True, "goal": False}, {"maximise": False, "crossed": True}])
def test_whatever_a_form_cannot_say_plainly_is_read_back_the_same(
    kind: dict[str, bool], suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Free rows, empty ones, rows of two sides; every kind of bounds of both kinds of columns; no goal; a few lines a part."""
    named = odd(**kind)  # type: ignore[arg-type]
    monkeypatch.setattr(files, "_PART", 3)
    write_program(named, file := tmp_path / f"odd.{suffix}")
    read = read_program(file)
    the_same(named, read)
    status, found, _ = solved(file)
    assert (status, read.optimum()) == (("Infeasible", None) if kind.get("crossed") else ("Optimal", pytest.approx(found, rel=1e-9)))


@pytest.mark.parametrize("suffix", ["lp", "mps"])
def test_a_limit_in_large_units_on_what_is_small_is_not_lost_to_who_reads_the_file(suffix: str, tmp_path: Path) -> None:
    """Solvers take less than a billionth for nought: a cap of 0.2 kt on some 3e8 kg would be none."""
    matrix = sparse.csr_array(np.array([[1e-10, 3e-10], [1.0, 0.0], [1e9, -2e8]]))
    low, high = np.array([-np.inf, -np.inf, -np.inf]), np.array([0.2, 1.5e9, 4e18])
    program = Program(np.array([-1.0, -2.0]), 0.0, np.zeros(2), np.full(2, 2e9), np.zeros(2, bool), matrix, low, high, (), maximise=True)
    named = Named(program, Names.of(["a", "b"]), Names.of(["cap", "room", "large"]))
    write_program(named, file := tmp_path / f"small.{suffix}")
    the_same(named, read_program(file))
    assert solved(file)[1] == pytest.approx(1.5e9 + 2.0 * (0.2 - 0.15) / 3e-10)


@pytest.mark.parametrize("suffix", ["lp", "mps"])
def test_a_program_without_columns_is_a_file_all_the_same(suffix: str, tmp_path: Path) -> None:
    none = np.zeros(0)
    program = Program(none, 4.5, none, none, none.astype(bool), sparse.csr_array((0, 0)), none, none, (), maximise=True)
    write_program(Named(program, Names.of([]), Names.of([])), file := tmp_path / f"none.{suffix}")
    assert read_program(file).constant == -4.5
    assert solved(file)[0] in ("Optimal", "Empty")


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


def commitment(seed: int) -> Network:
    return compile_network(Chain.model_validate({
        "chain": "unit", "commodities": {"metal": {"unit": "t"}}, **(own := as_chain(random_unit(seed))),
        "horizon": {"start": "2026-01-01", "length": f"{HOURS} h", **own["horizon"]}}))


SEGMENTS = 3


def pieces(make: Callable[[int], Network], seed: int) -> Network:
    return merged(net := make(seed), edges_of_segments(net, SEGMENTS))


KINDS: dict[str, Callable[[int], Network | Pathway]] = {
    "whole numbers": lambda seed: compile_network(whole_numbers()),
    "chain": lambda seed: compile_network(random_chain(seed)),
    "commitment": commitment,
    "firms": lambda seed: compile_network(random_money(seed)),
    "stages and scenarios": lambda seed: compile_pathway(Chain.model_validate(random_pathway(seed))),
    "risk": lambda seed: compile_pathway(Chain.model_validate(
        {**CHAIN, "objective": {"goal": "profit", "risk": {"weight": "40 %", "level": f"{70 + seed} %"}}})),
    "firms over stages": lambda seed: compile_pathway(Chain.model_validate(random_firms(seed, cash=50.0))),
    "segments": lambda seed: pieces(lambda seed: compile_network(random_chain(seed)), seed),
}


def best_of(subject: Network | Pathway) -> float | None:
    """Return the optimum of a plan, None where there is no plan."""
    try:
        if isinstance(subject, Pathway):
            return optimise_pathway(subject, gap=0.0).objective
        answer = optimise(subject, gap=0.0)
        return answer.program.objective(answer.x)
    except InfeasibleError:
        return None


@pytest.mark.parametrize(("kind", "seed"), [(kind, seed) for kind in KINDS for seed in range(1 if kind == "whole numbers" else 2)])
def test_a_file_of_any_program_is_read_back_the_same_and_has_its_optimum_and_names_all_its_own(
    kind: str, seed: int, tmp_path: Path
) -> None:
    """Of both forms; a chain without a plan has none there either. Nothing is told apart by a number alone."""
    subject = KINDS[kind](seed)
    best, named = best_of(subject), program_of(subject)
    for suffix in ("lp", "mps"):
        write_program(named, file := tmp_path / f"program.{suffix}")
        the_same(named, read_program(file))
        status, found, highs = solved(file)
        assert (status == "Optimal") == (best is not None), status
        if best is not None:
            assert found == pytest.approx(best, rel=1e-7, abs=1e-7)
        names = [highs.getColName(i)[1] for i in range(highs.getNumCol())]
        assert not [name for name in names if "__" in name or name == "x"]


def test_what_stands_for_stages_scenarios_risk_and_money_has_its_own_name(tmp_path: Path) -> None:
    names = plain_names(program_of(KINDS["risk"](0)).columns).to_list()
    assert {"decided_smelter_2030", "threshold", "shortfall_boom"} <= set(names)
    rows = plain_names(program_of(KINDS["risk"](0)).rows).to_list()
    assert any(name.endswith("_in_stage_2035_scenario_boom_0") for name in rows)
    money = plain_names(program_of(KINDS["firms"](0)).columns).to_list()
    assert {"cash_of_f0_1", "draw_l2_of_f1_3", "owed_l2_of_f1_2"} <= set(money)


def test_rows_and_columns_have_names_a_person_can_read(tmp_path: Path) -> None:
    named = program_of(compile_network(whole_numbers()))
    columns, rows = (set(plain_names(names).to_list()) for names in (named.columns, named.rows))
    assert {"u7126u7089_1_0", "on_u7126u7089_1_3", "built_u7126u7089_1", "mine_tier_1_2"} <= columns
    assert {"balance_of_coal_5", "starts_of_u7126u7089_1_2", "minimum_load_or_capacity_while_on_of_u7126u7089_1_most_3",
            "minimum_load_or_capacity_while_on_of_u7126u7089_1_least_3"} <= rows


def test_a_merged_step_is_called_by_the_first_of_its_own() -> None:
    net = compile_network(random_chain(0))
    edges = edges_of_segments(net, SEGMENTS)
    whole, few = (set(plain_names(named.columns).to_list()) for named in (program_of(net), on_segments(net, SEGMENTS)))
    assert few < whole
    assert {int(name.rpartition("_")[2]) for name in few if name.startswith("level_")} <= {int(e) for e in edges[:-1]}


def test_sums_of_coarse_flows_are_told_apart_by_their_steps_whatever_else_there_is() -> None:
    """More sums than plants, and of one balance by days and by halves of days."""
    draws = {f"{step}{one}": {"outputs": {f"ore {step}{one}": "1 t"}, "inputs": {"power": "4 kWh"}, "step": step, "capacity": "5 t/h"}
             for step in ("12 h", "24 h") for one in "ab"}
    net = compile_network(Chain.model_validate({
        "chain": "sums", "horizon": {"start": "2026-01-01", "length": "2 d"},
        "commodities": {"power": {"unit": "kWh"}, **{f"ore {name}": {"unit": "t", "step": name[:4]} for name in draws}},
        "supplies": {"grid": {"commodity": "power", "price": "1 CNY/kWh"}}, "processes": draws,
        "demands": {f"sell {name}": {"commodity": f"ore {name}", "price": "9 CNY/t"} for name in draws},
    }))
    named = program_of(net)
    for names in (named.columns, named.rows):
        assert {"sum_of_power_by_12_h_3", "sum_of_power_by_24_h_1"} <= set(plain_names(names).to_list())
        assert not [name for name in plain_names(names).to_list() if "__" in name]


def test_the_two_sides_of_a_row_are_called_as_no_other_row_is(tmp_path: Path) -> None:
    """Somebody's limit may be called as the upper side of another; of two rows of a name readers take one, or none."""
    program = Program(
        np.array([-9.0]), 0.0, np.zeros(1), np.full(1, np.inf), np.zeros(1, bool), sparse.csr_array([[1.0], [2.0]]),
        np.array([1.0, 1.0]), np.array([9.0, 8.0]), (), True)
    rows = Names(("cap", "cap__most"), np.array([0, 1], np.int32), np.array([-1, -1], np.int32))
    columns = Names(("mine",), np.array([0], np.int32), np.array([-1], np.int32))
    write_program(Named(program, columns, rows, "works"), tmp_path / "works.lp")
    said = [line[:-1] for line in (tmp_path / "works.lp").read_text().splitlines() if line.endswith(":")]
    assert len(said) == len(set(said)) == 5
    assert solved(tmp_path / "works.lp")[1] == pytest.approx(36.0)


def test_names_are_longer_than_readers_take_in_no_case_and_each_is_one_only() -> None:
    names = plain_names(Names(("炉" * 200, "炉" * 201, "a b", "a_b", "a", "a b"), np.array([0, 1, 2, 3, 4, 5]), np.array([7, 7, 1, 1, -1, 1]))).to_list()
    assert len(set(names)) == 6
    assert max(map(len, names)) <= 255
    assert names[2:] == ["a_b_1", "a_b_1__2", "a", "a_b_1__3"]


def test_a_file_that_is_there_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    named = program_of(compile_network(whole_numbers()))
    (tmp_path / "mine.lp").write_text("mine")
    with pytest.raises(InputError, match="there is a file of this name already"):
        write_program(named, tmp_path / "mine.lp")
    assert (tmp_path / "mine.lp").read_text() == "mine"
    with pytest.raises(InputError, match="this kind of file is not written"):
        write_program(named, tmp_path / "works.txt")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.lp"]
