"""Importing and exporting from the command line: what is told, and the exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_cli import lodeworks

pytest.importorskip("xarray")
EXAMPLE = Path(__file__).parents[1] / "data" / "pypsa" / "ac-dc-meshed.nc"


def test_a_network_is_imported_planned_and_its_program_exported(tmp_path: Path) -> None:
    assert lodeworks("import", "pypsa", EXAMPLE, tmp_path / "grid").returncode == 0
    assert (tmp_path / "grid" / "chain.yaml").exists()
    done = lodeworks("plan", tmp_path / "grid", "--json")
    assert done.returncode == 0
    assert "18441021.47" in done.stdout
    done = lodeworks("export", "lp", tmp_path / "grid", tmp_path / "grid.lp")
    assert done.returncode == 0
    assert "columns" in done.stderr
    assert lodeworks("export", "pypsa", tmp_path / "grid", tmp_path / "back.nc").returncode == 0


def test_what_cannot_be_imported_or_exported_ends_with_one_message_and_nothing_written(tmp_path: Path) -> None:
    (tmp_path / "text.nc").write_text("no network")
    (tmp_path / "grid").mkdir()
    (tmp_path / "grid" / "mine.txt").write_text("mine")
    for arguments, words in (
        (("import", "pypsa", tmp_path / "text.nc", tmp_path / "new"), "not a NetCDF file"),
        (("import", "pypsa", EXAMPLE, tmp_path / "grid"), "not empty"),
        (("import", "excel", EXAMPLE, tmp_path / "new"), "expected pypsa"),
        (("export", "lp", tmp_path / "none", tmp_path / "x.lp"), "none"),
        (("export", "lp", EXAMPLE, tmp_path / "x.txt"), ".lp"),
        (("export", "mps"), "expected RUN OUT.xlsx"),
    ):
        done = lodeworks(*arguments)
        assert done.returncode == 2
        assert words in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["grid", "text.nc"]
