"""Whatever a plan solves is a file with the plan's optimum: of fewer steps, with what is built, from a state, of a farm."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from lodeworks import verbs
from lodeworks.chain.entities import Chain
from lodeworks.errors import InputError, RunError
from lodeworks.plan.recorded import INDEX
from lodeworks.sensitivity import alternatives, pareto
from tests.plan.program_readers import read_program
from tests.plan.reduced.test_over_slices import LUCK, sunny
from tests.plan.test_files import solved
from tests.plan.test_from_state import WORKS


def season(**more: Any) -> dict[str, Any]:
    """The same panels, battery and engine in one stage."""
    return {key: value for key, value in sunny(**more).items() if key not in ("horizon", "stages")} | {
        "horizon": {"start": "2026-01-01", "length": "4 d"}}


def optimum(file: Path) -> float:
    """Return the optimum of a file, on which both readers agree."""
    status, found, _ = solved(file)
    assert status == "Optimal"
    assert read_program(file).optimum() == pytest.approx(found, rel=1e-6)
    return found


@pytest.mark.parametrize("asked", [{"days": 1}, {"segments": 8}], ids=["days", "segments"])
@pytest.mark.parametrize("chain", [season(), sunny(2)], ids=["one horizon", "stages"])
def test_both_programs_of_a_plan_on_fewer_steps_have_what_was_promised_and_what_all_steps_came_to(
    chain: dict[str, Any], asked: dict[str, int], tmp_path: Path
) -> None:
    subject = Chain.model_validate(chain)
    plan = verbs.plan(subject, **asked, out=tmp_path / "run")  # type: ignore[arg-type]
    fewer, held, whole = tmp_path / "fewer.lp", tmp_path / "held.mps", tmp_path / "whole.lp"
    few = verbs.write_program(subject, fewer, **asked)  # type: ignore[arg-type]
    verbs.write_program(subject, held, built=tmp_path / "run")
    every = verbs.write_program(subject, whole)
    assert optimum(fewer) == pytest.approx(plan.table("rounds")["promised"][0], rel=1e-7)
    assert optimum(held) == pytest.approx(plan.objective, rel=1e-7)
    assert optimum(whole) == pytest.approx(verbs.plan(subject).objective, rel=1e-7)
    assert few["columns"] < every["columns"]


def test_columns_of_typical_days_are_called_as_those_of_the_day_that_stands_for_them(tmp_path: Path) -> None:
    subject = Chain.model_validate(season())
    verbs.write_program(subject, tmp_path / "days.lp", days=2)
    verbs.write_program(subject, tmp_path / "whole.lp")
    names, whole = (set(read_program(tmp_path / f"{name}.lp").columns) for name in ("days", "whole"))
    plain = {name for name in names if not name.startswith(("day_start_of", "course_of", "lowest_of", "highest_of"))}
    assert plain < whole
    assert len({int(name.rpartition("_")[2]) // 24 for name in plain if name.startswith("panels_")}) == 2
    assert {f"day_start_of_level_battery_{day}" for day in range(4)} < names


def test_a_program_from_a_state_has_the_optimum_of_its_plan(tmp_path: Path) -> None:
    state = tmp_path / "now.yaml"
    state.write_text("at: 2026-03-04 07:20\nuntil: 2026-03-06\nlevels: {holder: 1300 Nm3, heap: 52 t}\nvalues: {gas: 0.3 CNY/Nm3}\n")
    subject = Chain.model_validate(WORKS)
    verbs.write_program(subject, tmp_path / "now.mps", state=state)
    assert optimum(tmp_path / "now.mps") == pytest.approx(verbs.plan(subject, state=state, gap=1e-9).objective, rel=1e-7)


def test_what_a_run_of_another_chain_built_is_refused_by_name(tmp_path: Path) -> None:
    verbs.plan(Chain.model_validate(season()), out=tmp_path / "run")
    other = season()
    other["processes"]["cells"] = other["processes"].pop("panels")
    with pytest.raises(InputError, match="something is built that may not be") as refused:
        verbs.write_program(Chain.model_validate(other), tmp_path / "held.lp", built=tmp_path / "run")
    assert "panels" in str(refused.value)
    assert not (tmp_path / "held.lp").exists()


def test_a_farms_scenario_is_written_and_two_programs_at_once_are_none(tmp_path: Path) -> None:
    (tmp_path / "chain.json").write_text(json.dumps(season()))
    (tmp_path / "farm.yaml").write_text("chain: chain.json\nscenarios: {dear: {set: {processes.engine.cost: 1500 CNY/MWh}}}\n")
    invoked("export", "lp", tmp_path / "farm.yaml", tmp_path / "dear.lp", "--scenario", "dear")
    dear = verbs.plan(tmp_path / "chain.json", sets=["processes.engine.cost=1500CNY/MWh"])
    assert optimum(tmp_path / "dear.lp") == pytest.approx(dear.objective, rel=1e-7)
    with pytest.raises(InputError, match="no such scenario in this farm") as refused:
        invoked("export", "lp", tmp_path / "farm.yaml", tmp_path / "none.lp", "--scenario", "deer")
    assert "dear" in str(refused.value)
    with pytest.raises(InputError, match="a file holds one program") as refused:
        invoked("export", "mps", tmp_path / "chain.json", tmp_path / "two.mps", "--days", "2", "--segments", "8")
    assert "--segments and --days" in str(refused.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chain.json", "dear.lp", "farm.yaml"]


UNITS: dict[str, Any] = {**WORKS, "horizon": {"start": "2026-03-02", "length": "3 d"}}
ASKED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "all steps": (season(), {}),
    "both ways, with what they need of the steps": (season(), {"days": 1, "segments": 8, "within": 0.01}),
    "stages and scenarios": (sunny(2, scenarios=LUCK), {}),
    "typical days of scenarios": (sunny(2, scenarios=LUCK), {"days": 1}),
    "windows": (UNITS, {"rolling": 24.0, "overlap": 8.0}),
}


@pytest.mark.parametrize("kind", ASKED)
def test_every_program_of_a_plan_is_kept_and_its_optimum_is_that_of_its_file(kind: str, tmp_path: Path) -> None:
    chain, options = ASKED[kind]
    plan = verbs.plan(Chain.model_validate(chain), **options, gap=0.0, programs=tmp_path / "kept", form="mps")
    lines = listed(tmp_path / "kept")
    assert [line["file"] for line in lines] == sorted(path.name for path in (tmp_path / "kept").glob("*.mps"))
    for line in lines:
        status, found, highs = solved(tmp_path / "kept" / line["file"])
        assert status == ("Optimal" if line["objective"] else "Infeasible")
        if line["objective"]:
            assert found == pytest.approx(float(line["objective"]), rel=1e-7)
        assert (highs.getNumCol(), highs.getNumRow()) == (int(line["columns"]), int(line["rows"]))
    assert any(float(line["objective"] or "nan") == pytest.approx(plan.objective, rel=1e-9) for line in lines)


def listed(folder: Path) -> list[dict[str, str]]:
    with (folder / INDEX).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_programs_of_a_front_and_of_ranges_are_kept_with_their_bounds(tmp_path: Path) -> None:
    chain = Chain.model_validate(season())
    found = pareto(chain, ("cost", "output:power"), points=3, programs=tmp_path / "front")
    lines = listed(tmp_path / "front")
    assert len(lines) == found.manifest["solves"] > 3
    assert any("bounded at" in line["what"] for line in lines)
    ranges = alternatives(Chain.model_validate(sunny(1)), programs=tmp_path / "ranges", form="mps")
    lines += [{**line, "file": f"../ranges/{line['file']}"} for line in listed(tmp_path / "ranges")]
    for line in lines:
        status, value, _ = solved(tmp_path / "front" / line["file"])
        assert (status, value) == ("Optimal", pytest.approx(float(line["objective"]), rel=1e-6, abs=1e-6))
    battery = ranges.ranges.row(by_predicate=pl.col("target") == "battery", named=True)
    least = next(line for line in lines if line["what"].startswith("the least of battery,"))
    assert float(least["objective"]) == pytest.approx(battery["least"], abs=1e-6)


def test_programs_that_are_there_are_kept_unless_they_may_be_replaced_and_nothing_else_is_touched(tmp_path: Path) -> None:
    subject, kept = Chain.model_validate(season()), tmp_path / "kept"
    verbs.plan(subject, days=1, programs=kept)
    before = sorted(path.name for path in kept.iterdir())
    with pytest.raises(RunError, match="programs are there already"):
        verbs.plan(subject, programs=kept)
    assert sorted(path.name for path in kept.iterdir()) == before
    (kept / "notes.txt").write_text("mine")
    verbs.plan(subject, programs=kept, replace=True)
    assert sorted(path.name for path in kept.iterdir()) == ["001-all-steps.lp", "notes.txt", INDEX]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine")
    with pytest.raises(RunError, match="holds no programs"):
        verbs.plan(subject, programs=tmp_path / "other", replace=True)


def invoked(*words: object) -> None:
    """Run a command in this process; its errors are raised."""
    from lodeworks.cli import app

    CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
