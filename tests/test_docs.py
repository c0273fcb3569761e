"""What the guide tells a reader to type into Python, DuckDB and Excel does what it says, on the run it makes first."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import lodeworks
from lodeworks.cases import case_folder
from lodeworks.runs import read_run
from lodeworks.views.export import export

GUIDE = Path(__file__).parents[1] / "docs" / "guide.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the guide's reader is after its second chapter: a chain of their own and a run of it."""
    made = tmp_path_factory.mktemp("reader")
    shutil.copytree(case_folder("first-chain"), made / "my-first")
    lodeworks.plan(made / "my-first").write(made / "runs" / "first")
    return made


def test_every_block_of_python_runs_in_its_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = pytest.importorskip("pandas")
    shutil.rmtree(folder / "runs" / "first")  # the first block writes it
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    assert len(blocks("python")) >= 2
    for block in blocks("python"):
        exec(compile(block, "guide.md", "exec"), names)  # the guide's own words
    assert isinstance(names["flows"], pandas.DataFrame)
    assert len(names["flows"]) == len(names["plan"].flows) > 0


def test_every_block_for_duckdb_gives_the_sums_of_the_table(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb = pytest.importorskip("duckdb")
    monkeypatch.chdir(folder)
    flows = read_run("runs/first").table("flows")
    (block,) = blocks("sql")
    rows = {(element, commodity): amount for element, commodity, amount in duckdb.sql(block).fetchall()}
    wanted = flows.group_by(pl.col("element", "commodity").cast(pl.String)).agg(pl.col("amount").sum())
    assert rows == {(e, c): pytest.approx(a, abs=1e-6) for e, c, a in wanted.iter_rows()}


def test_the_workbook_has_a_sheet_a_table_with_all_its_rows(folder: Path) -> None:
    run = read_run(folder / "runs" / "first")
    export(run, folder / "first.xlsx")
    sheets = pl.read_excel(folder / "first.xlsx", sheet_id=0)
    for name in ("flows", "capacities", "costs"):
        assert len(sheets[name]) == len(run.table(name))


def test_the_first_watched_chain_is_a_sound_one(tmp_path: Path) -> None:
    """What a newcomer copies has no fault, and its alarm starts its incident."""
    from lodeworks.verbs.watching import live_of

    text = GUIDE.with_name("watched.md").read_text(encoding="utf-8")
    (tmp_path / "chain.yaml").write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert lodeworks.check(tmp_path) == []
    live = live_of(tmp_path)
    assert [incident.starts for incident in live.incidents] == [("gas.limit",)]
