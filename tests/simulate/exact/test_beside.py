"""Simulated and exact means in one run: table, manifest, screen and report."""

from __future__ import annotations

import re

import pytest
import yaml

from lodeworks import verbs
from lodeworks.errors import InputError
from lodeworks.runs import read_run
from lodeworks.views.report import write_report
from tests.analytic import systems as of
from tests.test_cli import lodeworks


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    system = of.line(buffer=2, failures={"between": "exponential(10 h)", "repair": "exponential(4 h)"})
    data = {"chain": "line", "horizon": {"start": "2026-01-01", "length": "2000 h", "step": "100 h"},
            "units": {"case": "case"}, "sites": {"here": {}}, **system}
    path = tmp_path_factory.mktemp("chain") / "line.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False))
    return path


@pytest.fixture(scope="module")
def run(file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    verbs.simulate(file, exact=True, replications=20, out=folder)
    return read_run(folder)


def test_both_stand_in_one_table(run):
    rows = run.table("beside_exact")
    assert rows.columns == ["kind", "name", "measure", "simulated", "error", "exact", "difference", "off", "unit"]
    made = next(row for row in rows.iter_rows(named=True) if row["name"] == "done@here" and row["measure"] == "in")
    assert made["simulated"] == pytest.approx(made["exact"], rel=0.05)
    assert made["off"] == pytest.approx(made["difference"] / made["error"])
    assert made["unit"] == "case/h"
    assert "wait by Little" in rows["measure"]


def test_what_is_simulated_is_what_the_statistics_say(run):
    means = {row[:3]: row[3] for row in run.table("statistics").select("kind", "name", "measure", "mean").rows()}
    for row in run.table("beside_exact").iter_rows(named=True):
        if row["measure"] != "wait by Little":
            assert row["simulated"] == pytest.approx(means[row["kind"], row["name"], row["measure"]], rel=1e-12)


def test_the_manifest_says_how(run):
    made = run.manifest["exact"]
    assert made["method"] == "Markov chain"
    assert made["states"] == 9
    assert made["stretch"] == "hours 0 to 2000 from the start"
    assert made["residual"] < 1e-10


def test_the_report_has_a_section(run, tmp_path):
    page = write_report(run, tmp_path / "report.html").read_text(encoding="utf-8")
    section = page[page.index('<section id="exact"'):]
    assert "9 states" in section
    assert re.search("9个状态，马尔可夫链", section)


def test_a_run_without_it_has_neither_table_nor_section(file, tmp_path):
    verbs.simulate(file, replications=2, out=tmp_path / "run")
    run = read_run(tmp_path / "run")
    assert "beside_exact" not in run.tables
    assert 'id="exact"' not in write_report(run, tmp_path / "report.html").read_text(encoding="utf-8")


def test_on_the_command_line(file, tmp_path):
    done = lodeworks("simulate", file, "--exact", "--replications", 4, "--out", tmp_path / "run")
    assert done.returncode == 0
    assert "simulated and exact (Markov chain, 9 states)" in done.stdout
    assert "in standard errors" in lodeworks("show", tmp_path / "run").stdout


def test_a_refusal_comes_before_anything_is_simulated(file, tmp_path):
    done = lodeworks("simulate", file, "--exact", "--set", "processes.m2.runs.time=1h", "--out", tmp_path / "run")
    assert done.returncode == 2
    assert "m2" in done.stderr
    assert "constant 1 h" in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_plan_cannot_be_followed_exactly(file, tmp_path):
    verbs.plan(file, out=tmp_path / "plan")
    with pytest.raises(InputError, match="--plan"):
        verbs.simulate(file, exact=True, plan=tmp_path / "plan")
