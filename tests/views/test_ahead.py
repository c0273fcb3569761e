"""What is shown of a simulation from the present: what runs out when, and bands of stocks; in reports and terminal."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from lodeworks.cli import app
from lodeworks.runs import read_run
from lodeworks.views.figures.ahead import RUNS_OUT, band_views
from lodeworks.views.report import write_report

STATE = """\
at: 2026-03-10 14:20
hours: 24 h
levels: {coal_yard: 3 kt, buffer: 900 kg, station: 150 kg, bus_stop: 0 person}
rates: {ovens: 310 t/h}
out: {psa: 2026-03-10 20:00}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("runs")
    (found / "now.yaml").write_text(STATE)
    done = CliRunner().invoke(app, ["simulate", "cases/hydrogen-loop", "--from", str(found / "now.yaml"), "--replications", "20",
                                    "--out", str(found / "run")])
    assert done.exit_code == 0, done.output
    assert re.search(r"coal_yard.*3000 t.*100.0%.*\d h", done.output)
    return found / "run"


@pytest.fixture(scope="module")
def run(folder: Path) -> Any:
    return read_run(folder)


def test_people_who_wait_are_no_stock_that_runs_out(run: Any) -> None:
    assert set(run.table("runs_out")["store"]) == {"coal_yard", "buffer", "station"}
    assert "bus_stop" in run.table("bands")["store"]


def test_what_is_told_first_is_what_runs_out(run: Any) -> None:
    first = RUNS_OUT.rows(run).row(0, named=True)
    assert (first["store"], first["share"]) == ("coal_yard", 1.0)
    assert "coal yard runs out within 24 h in 100 % of 20 replications" in RUNS_OUT.sentence(run, "en")
    assert "煤场在24小时内用完的概率为100%" in RUNS_OUT.sentence(run, "zh")
    bars = RUNS_OUT.figure(run, "en").data[0]  # type: ignore[misc]
    assert bars.base[-1] == pytest.approx(first["hours_q05"])
    assert bars.base[-1] + bars.x[-1] >= first["hours_q95"]


def test_each_store_has_its_bands(run: Any) -> None:
    views = band_views(run)
    assert [view.title_en for view in views][:1] == ["coal yard"]
    assert len(views) == 4
    rows = views[0].rows(run)
    assert rows.select((pl.col("q05") <= pl.col("q50")) & (pl.col("q50") <= pl.col("q95"))).to_series().all()
    assert len(views[0].figure(run, "zh").data) == 5  # type: ignore[misc]
    assert "3 kt" in views[0].sentence(run, "en")


def test_the_report_begins_with_it(run: Any, tmp_path: Path) -> None:
    page = write_report(run, tmp_path / "r.html").read_text(encoding="utf-8")
    assert re.findall(r'<section id="(\w+)"', page)[:2] == ["ahead", "bands"]
    assert "2026-03-10 14:20" in page


def test_show_tells_it_too(folder: Path) -> None:
    done = CliRunner().invoke(app, ["show", str(folder)])
    assert "what runs out from 2026-03-10 14:20 to 2026-03-11 14:20" in done.output
    frame = pl.read_csv(StringIO(CliRunner().invoke(app, ["show", str(folder), "runs_out", "--csv"]).output))
    assert frame["store"][0] == "coal_yard"


def test_where_nothing_runs_out_that_is_said(run: Any) -> None:
    class Calm:
        manifest, chain = run.manifest, run.chain
        tables = run.tables

        @staticmethod
        def table(name: str) -> pl.DataFrame:
            found = run.table(name)
            return found.with_columns(share=pl.lit(0.0)) if name == "runs_out" else found

    assert RUNS_OUT.sentence(Calm(), "en") == "Nothing runs out within 24 h in any of 20 replications."
    assert RUNS_OUT.figure(Calm(), "en").layout.annotations  # type: ignore[misc]
