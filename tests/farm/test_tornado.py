"""A tornado tries each stated range at both ends, one at a time, and says what separate plans with --set say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import lodeworks
from lodeworks import InputError, RunError
from lodeworks.chain.entities import Chain
from lodeworks.chain.stated import stated_ranges
from lodeworks.runs import read_run

CHAIN = """
chain: works
horizon: {start: 2026-01-01, length: 6 h}
commodities: {coal: {unit: t}, coke: {unit: t}, power: {unit: kWh}}
supplies:
  mine: {commodity: coal, price: 500 CNY/t, source: {price: B1}}
  grid: {commodity: power, price: {profile: shape, times: 0.5 CNY/kWh}, ranges: {price: 0.4 .. 0.7 CNY/kWh}}
processes:
  oven:
    inputs: {coal: 1.25 t, power: {amount: 40 kWh, lag: 1 h}}
    outputs: {coke: 1 t}
    capacity: 20 t/h
    min_load: 20 %
    ranges: {capacity: 18 .. 22 t/h, inputs: 30 .. 60 kWh, min_load: 10 .. 30 %}
demands: {steel: {commodity: coke, price: 2000 CNY/t, most: 25 t/h, ranges: {price: 1900 CNY/t .. 2300 CNY/t, most: 1 .. 30 t/h}}}
profiles: {shape: {values: [1, 1, 2, 1, 1, 1]}}
sources: {B1: {title: A report, value: "500", unit: CNY/t, low: "450", high: "600"}}
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tornado")
    (folder / "works.yaml").write_text(CHAIN, encoding="utf-8")
    lodeworks.tornado(folder / "works.yaml", out=folder / "out", workers=2)
    return folder


def test_a_number_within_another_has_the_others_source_unless_it_has_its_own() -> None:
    oven = {"inputs": {"coal": "1 t"}, "outputs": {"coke": "1 t"}, "capacity": "1 t/h", "cost": "5 CNY/t",
            "expansion": {"most": "9 t/h", "cost": "3 CNY/(t/h)", "life": "9 a"},
            "ranges": {"expansion.most": "5 .. 9 t/h", "expansion.cost": "2 .. 4 CNY/(t/h)", "cost": "4 .. 6 CNY/t"},
            "source": {"expansion": "B7", "expansion.cost": "B8", "*": "assumed"}}
    chain = Chain.model_validate({
        "chain": "oven", "horizon": {"start": "2026-01-01", "length": "1 h"},
        "commodities": {"coal": {"unit": "t"}, "coke": {"unit": "t"}}, "processes": {"oven": oven}})
    assert {item.key: item.source for item in stated_ranges(chain)[0]} == {
        "expansion.most": "B7", "expansion.cost": "B8", "cost": "assumed"}


def test_each_end_is_what_a_separate_plan_with_the_setting_gives(done: Path) -> None:
    table = read_run(done / "out").table("tornado")
    base = lodeworks.plan(done / "works.yaml").objective
    assert len(table) == 7
    for row in table.iter_rows(named=True):
        assert row["base"] == base
        for end in ("low", "high"):
            if row[f"at_{end}"] is not None:
                assert row[f"at_{end}"] == lodeworks.plan(
                    done / "works.yaml", sets=[f"{row['setting']}={row[end]}"]).objective


def test_ranges_are_set_where_their_number_stands_and_the_widest_swing_is_first(done: Path) -> None:
    table = read_run(done / "out").table("tornado")
    assert set(table["setting"]) == {
        "supplies.mine.price", "supplies.grid.price.times", "processes.oven.capacity", "processes.oven.inputs.power.amount",
        "processes.oven.min_load", "demands.steel.price", "demands.steel.most",
    }
    swings = table["swing"].to_list()
    assert swings == sorted(swings, reverse=True)
    row = table.filter(table["setting"] == "supplies.mine.price").row(0, named=True)
    assert (row["low"], row["high"], row["source"]) == ("450 CNY/t", "600 CNY/t", "B1")
    assert row["swing"] == pytest.approx(6 * 20 * 1.25 * 150)


def test_an_end_without_a_plan_is_told_and_stops_nothing(done: Path) -> None:
    """With 1 t/h to be sold the oven's least load of 4 t/h has nowhere to go."""
    table = read_run(done / "out").table("tornado")
    row = table.filter(table["setting"] == "demands.steel.most").row(0, named=True)
    assert row["at_low"] is None
    assert row["why"].startswith("low: ")
    assert row["at_high"] is not None


def test_only_some_ranges_are_tried_where_that_is_asked(done: Path, tmp_path: Path) -> None:
    made = lodeworks.tornado(done / "works.yaml", out=tmp_path / "out", only=["processes.oven.capacity"], workers=1)
    assert made.table("tornado")["setting"].to_list() == ["processes.oven.capacity"]
    with pytest.raises(InputError, match=r"did you mean 'processes\.oven\.capacity'"):
        lodeworks.tornado(done / "works.yaml", out=tmp_path / "out", only=["processes.oven.capacty"])


def test_a_folder_of_a_farm_is_not_one_of_a_tornado(done: Path, tmp_path: Path) -> None:
    lodeworks.plan(done / "works.yaml", out=tmp_path / "plan")
    with pytest.raises(RunError, match="not a tornado"):
        lodeworks.tornado(done / "works.yaml", out=tmp_path / "plan")


def test_a_chain_without_ranges_says_where_they_stand(tmp_path: Path) -> None:
    text = "\n".join(line.split(", ranges:")[0] + "}" if ", ranges:" in line else line for line in CHAIN.splitlines()
                     if "ranges: {cap" not in line).replace("source: {price: B1}", "").replace("most: 25 t/h}", "most: 25 t/h}}")
    (tmp_path / "works.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="states no ranges"):
        lodeworks.tornado(tmp_path / "works.yaml", out=tmp_path / "out")


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        ("{capacity: 18 to 22}", "not a range"),
        ("{capcity: 18 .. 22 t/h}", "there is no such number"),
        ("{capacity: 18 .. 22 kWh}", "of another kind"),
        ("{capacity: 22 .. 18 t/h}", "low is above its high"),
        ("{inputs: 1 .. 2 CNY}", "several numbers"),
    ],
)
def test_a_range_that_nobody_could_try_is_a_warning(tmp_path: Path, ranges: str, said: str) -> None:
    text = CHAIN.replace("{capacity: 18 .. 22 t/h, inputs: 30 .. 60 kWh, min_load: 10 .. 30 %}", ranges)
    (tmp_path / "works.yaml").write_text(text, encoding="utf-8")
    problems = lodeworks.check(tmp_path / "works.yaml")
    assert [p.severity for p in problems] == ["warning"]
    assert said in str(problems[0])
    assert "processes.oven.ranges" in str(problems[0])
    assert len(stated_ranges(lodeworks.read(tmp_path / "works.yaml"))[0]) == 4


def test_the_command_writes_the_report_beside_the_table(done: Path) -> None:
    command = [sys.executable, "-m", "lodeworks"]
    again = subprocess.run(
        [*command, "tornado", str(done / "works.yaml"), "--out", str(done / "out"), "--report"], capture_output=True, text=True,
    )
    assert again.returncode == 0, again.stderr
    (done / "few.yaml").write_text("chain: works.yaml\nscenarios: {base: {}}\n", encoding="utf-8")
    farm = subprocess.run(
        [*command, "farm", str(done / "few.yaml"), "--out", str(done / "few"), "--report"], capture_output=True, text=True,
    )
    assert farm.returncode == 0, farm.stderr
    for folder in ("out", "few"):
        assert "<html" in (done / folder / "report.html").read_text(encoding="utf-8")


def test_a_range_that_cannot_be_tried_is_refused_and_not_passed_over(done: Path, tmp_path: Path) -> None:
    (tmp_path / "o.yaml").write_text(
        "processes: {oven: {ranges: {capacity: 12 .. 8 t/h, outputs.coek: 1 .. 2 t}}}\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        lodeworks.tornado(done / "works.yaml", out=tmp_path / "out", overlays=[tmp_path / "o.yaml"])
    assert [problem.key for problem in told.value.problems] == ["ranges.capacity", "ranges.outputs.coek"]
    assert {problem.severity for problem in told.value.problems} == {"error"}
    assert not (tmp_path / "out").exists()
