"""The cases that come along: found by name, and copied to a folder of one's own without harm."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lodeworks import cases
from lodeworks.cases import case_folder, case_names, new_case
from lodeworks.errors import InputError

ROOT = Path(__file__).parents[1]


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Two small cases in a folder of their own."""
    root = tmp_path / "cases"
    for name in ("liupanshui", "first-chain"):
        (root / name / "tables").mkdir(parents=True)
        (root / name / "chain.yaml").write_text(f"chain: {name}\n", encoding="utf-8")
        (root / name / "tables" / "prices.csv").write_text("price\n1\n", encoding="utf-8")
    (root / "notes").mkdir()
    monkeypatch.setattr(cases, "_root", lambda: root)
    return root


def test_every_folder_with_a_chain_is_a_case_and_others_are_not(shelf):
    assert case_names() == ["first-chain", "liupanshui"]
    assert case_folder("liupanshui") == shelf / "liupanshui"


def test_a_wrong_name_is_told_with_the_nearest_one(shelf):
    with pytest.raises(InputError) as caught:
        case_folder("liupanshiu")
    (problem,) = caught.value.problems
    assert problem.suggestion == "liupanshui"
    assert "first-chain" in problem.expected


def test_a_new_case_is_the_whole_folder(shelf, tmp_path):
    target = tmp_path / "deep" / "我的产业链"
    assert new_case(target, "liupanshui") == target
    assert (target / "chain.yaml").read_text(encoding="utf-8") == "chain: liupanshui\n"
    assert (target / "tables" / "prices.csv").exists()


def test_a_copy_of_a_read_only_case_can_be_changed(shelf, tmp_path):
    (shelf / "liupanshui" / "chain.yaml").chmod(0o444)
    target = new_case(tmp_path / "mine", "liupanshui")
    assert (target / "chain.yaml").stat().st_mode & 0o200


def test_runs_and_hidden_files_stay_behind(shelf, tmp_path):
    (shelf / "liupanshui" / "runs").mkdir()
    (shelf / "liupanshui" / ".hidden").write_text("x")
    target = new_case(tmp_path / "mine", "liupanshui")
    assert sorted(p.name for p in target.iterdir()) == ["chain.yaml", "tables"]


def test_an_empty_folder_is_filled(shelf, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    new_case(".", "first-chain")
    assert (tmp_path / "empty" / "chain.yaml").exists()
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".partial")] == []


@pytest.mark.parametrize("what", ["folder", "file", "dangling link"])
def test_nothing_is_overwritten(shelf, tmp_path, what):
    target = tmp_path / "mine"
    if what == "folder":
        target.mkdir()
        (target / "chain.yaml").write_text("mine")
    elif what == "file":
        target.write_text("mine")
    else:
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="will not write over"):
        new_case(target, "first-chain")
    if what == "folder":
        assert (target / "chain.yaml").read_text() == "mine"
    elif what == "file":
        assert target.read_text() == "mine"
    else:
        assert target.is_symlink()
        assert not (tmp_path / "nowhere").exists()


def test_a_copy_that_fails_leaves_nothing_behind(shelf, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(InputError, match="No space left"):
        new_case(tmp_path / "mine", "first-chain")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cases"]


def test_a_place_below_a_file_is_told_plainly(shelf, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        new_case(tmp_path / "file" / "mine", "first-chain")


def test_the_cases_of_the_checkout_are_found():
    assert {"first-chain", "liupanshui"} <= set(case_names())


def test_a_wheel_carries_the_cases(tmp_path):
    pytest.importorskip("setuptools")
    sources = tmp_path / "a checkout"
    sources.mkdir()
    for name in ("pyproject.toml", "setup.py", "README.md", "MANIFEST.in"):
        (sources / name).write_bytes((ROOT / name).read_bytes())
    (sources / "src" / "lodeworks").mkdir(parents=True)
    (sources / "src" / "lodeworks" / "__init__.py").write_text("")
    (sources / "src" / "lodeworks" / "cases.py").write_bytes((ROOT / "src" / "lodeworks" / "cases.py").read_bytes())
    (sources / "cases" / "small").mkdir(parents=True)
    (sources / "cases" / "small" / "chain.yaml").write_text("chain: small\n")
    subprocess.run(
        [sys.executable, "-c", "from setuptools.build_meta import build_wheel; import sys; build_wheel(sys.argv[1])",
         str(tmp_path)],
        cwd=sources, check=True, capture_output=True,
    )
    (wheel,) = tmp_path.glob("lodeworks-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "lodeworks/_cases/small/chain.yaml" in names
    assert "lodeworks/cases.py" in names
