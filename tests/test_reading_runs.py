"""Runs are read by other tools as the guide says: its own snippets are run."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pandas
import pytest

import lodeworks
from lodeworks.cases import case_folder

GUIDE = Path(__file__).parents[1] / "docs" / "guide.md"


def snippet(language: str) -> str:
    """Return the guide's code that reads a table of a run."""
    blocks = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (block,) = [text for text in blocks if "flows.parquet" in text]
    return str(block)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    lodeworks.plan(case_folder("first-chain"), out=folder / "runs" / "first")
    return folder


def test_pandas_and_duckdb_read_a_run_and_agree(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    lines = snippet("python").strip().splitlines()
    names: dict[str, object] = {}
    exec("\n".join(lines[:-1]), names)
    by_pandas = eval(lines[-1], names)
    assert isinstance(by_pandas, pandas.Series)
    by_duckdb = {(row[0], row[1]): row[2] for row in duckdb.sql(snippet("sql")).fetchall()}
    assert len(by_duckdb) == len(by_pandas) > 3
    for key, amount in by_pandas.items():
        assert by_duckdb[key] == pytest.approx(amount, rel=1e-9, abs=1e-6)


def test_excel_has_a_sheet_a_table(home: Path, tmp_path: Path) -> None:
    import fastexcel

    from tests.test_cli import lodeworks as command

    assert command("export", home / "runs" / "first", tmp_path / "first.xlsx").returncode == 0
    assert "flows" in fastexcel.read_excel(tmp_path / "first.xlsx").sheet_names
