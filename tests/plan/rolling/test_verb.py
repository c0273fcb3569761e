"""`plan --rolling`: what the run says of its windows, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.test_cli import lodeworks

UNIT = {
    "outputs": {"power": "1 MWh"}, "capacity": "90 MWh/h", "min_load": "25 %", "on_off": True, "cost": "100 CNY/MWh",
    "start_cost": "900 CNY", "min_up": "3 h",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "works.yaml"
    path.write_text(yaml.safe_dump({
        "chain": "works", "horizon": {"start": "2026-01-01", "length": "24 h", "cyclic": False}, "objective": "cost",
        "commodities": {"power": {"unit": "MWh"}}, "processes": {"unit": UNIT},
        "supplies": {"import": {"commodity": "power", "price": "300 CNY/MWh"}},
        "profiles": {"need": {"values": [10.0, 60.0, 80.0] * 8, "unit": "MWh/h"}},
        "demands": {"grid": {"commodity": "power", "amount": "need"}},
    }))
    return path


def test_a_run_of_windows_says_how_far_from_the_best_it_can_be(file: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    done = lodeworks("plan", file, "--rolling", "6 h", "--overlap", "2 h", "--out", run)
    assert done.returncode == 0, done.stderr
    assert "4 windows of 6 h: at most" in done.stdout
    table = lodeworks("show", run, "windows", "--csv").stdout.splitlines()
    assert table[0].startswith("begin_h,end_h,ahead_h")
    assert [float(row.split(",")[2]) for row in table[1:]] == [8.0, 14.0, 20.0, 24.0]


@pytest.mark.parametrize(("options", "said"), [
    (["--rolling", "0.5 h"], "a window is too short"),
    (["--rolling", "3 kg"], "expected a length of time"),
    (["--rolling", "-2 h"], "expected a length of time"),
    (["--overlap", "3 h"], "give --rolling"),
    (["--rolling", "6 h", "--segments", "4"], "one at a time"),
])
def test_windows_that_cannot_be_are_refused(file: Path, options: list[str], said: str) -> None:
    done = lodeworks("plan", file, *options)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())
