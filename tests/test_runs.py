"""A run folder appears whole or not at all, and nothing that was there is lost."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from lodeworks import drafts
from lodeworks.errors import RunError
from lodeworks.runs import read_run, refuse_folder, write_into, write_run

MANIFEST = {"kind": "plan", "tables": {"flows": ["amount"]}}
TABLES = {"flows": pl.DataFrame({"amount": [1.0, 2.0]})}


def write(folder: Path, *, replace: bool = False) -> Path:
    return write_run(folder, MANIFEST, TABLES, {"chain.json": '{"chain": "t"}'}, replace=replace)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    run = read_run(write(tmp_path / "run with space"))
    assert run.manifest["kind"] == "plan"
    assert run.chain == {"chain": "t"}
    assert run.tables == ("flows",)
    assert run.table("flows").equals(TABLES["flows"])


def test_a_run_that_is_there_is_kept_unless_replaced(tmp_path: Path) -> None:
    write(tmp_path / "run")
    (tmp_path / "run" / "mine.txt").write_text("kept")
    with pytest.raises(RunError, match="--replace"):
        write(tmp_path / "run")
    assert (tmp_path / "run" / "mine.txt").read_text() == "kept"
    write(tmp_path / "run", replace=True)
    assert not (tmp_path / "run" / "mine.txt").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_folder_that_is_no_run_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_text("x")
    with pytest.raises(RunError, match="not a run"):
        write(tmp_path / "photos", replace=True)


def test_a_file_in_the_place_is_kept(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("x")
    with pytest.raises(RunError, match="a file of this name"):
        write(tmp_path / "run", replace=True)


def test_a_write_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    class Full:
        columns = ()

        def write_parquet(self, path: Path) -> None:
            Path(path).write_bytes(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(RunError, match="No space left"):
        write_run(tmp_path / "run", MANIFEST, {"flows": Full()}, {})  # type: ignore[dict-item]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [OSError("refused"), KeyboardInterrupt()])
def test_a_replacement_that_fails_keeps_the_old_run(
    ending: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system cannot exchange two names the old run goes aside first, and comes back."""
    write(tmp_path / "run")
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if Path(target).name == "run" and not self.name.endswith("-old"):
            raise ending
        return rename(self, target)

    monkeypatch.setattr(drafts, "exchange", lambda draft, place: False)
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(RunError if isinstance(ending, OSError) else KeyboardInterrupt):
        write(tmp_path / "run", replace=True)
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
    assert read_run(tmp_path / "run").table("flows").equals(TABLES["flows"])


@pytest.mark.parametrize("name", ["nowhere", "file", "empty", "broken"])
def test_what_is_no_run_is_said_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("{")
    with pytest.raises(RunError, match=name):
        read_run(tmp_path / name)


def test_a_missing_table_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="flows"):
        read_run(write(tmp_path / "run")).table("levels")


def test_a_broken_table_is_said_so(tmp_path: Path) -> None:
    run = read_run(write(tmp_path / "run"))
    (tmp_path / "run" / "flows.parquet").write_bytes(b"not parquet")
    with pytest.raises(RunError, match="cannot be read"):
        run.table("flows")


def test_a_place_that_cannot_be_written_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunError, match="cannot be written"):
        refuse_folder(tmp_path / "file" / "run", replace=False)


def test_of_a_farm_at_work_it_is_told_how_far_it_is(tmp_path: Path) -> None:
    write(tmp_path / "farm" / "runs" / "one")
    write_into(tmp_path / "farm", {"kind": "farm", "status": "running", "asked": 3, "tables": {}}, {}, {})
    with pytest.raises(RunError, match=r"the farm is not finished: 1 of 3 have been run.*the same command goes on"):
        read_run(tmp_path / "farm").table("results")
