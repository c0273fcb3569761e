"""A race of solvers in real processes: the first answer that may be used wins; who is killed loses; nobody is left."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lodeworks import InfeasibleError, InputError, SolverError, plan
from lodeworks.network import compile_network
from lodeworks.plan import optimise
from lodeworks.plan.program import assemble
from lodeworks.plan.race import race
from lodeworks.plan.solve import RACE
from tests.parity.random_chain import random_chain

CHAIN = """
chain: works
horizon: {start: 2026-01-01, length: 24 h}
commodities: {coal: {unit: t}}
supplies: {mine: {commodity: coal, price: 500 CNY/t, most: 30 t/h}}
demands: {town: {commodity: coal, price: 900 CNY/t, most: 25 t/h}}
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="processes are looked up as Linux tells")


def racers(parent: int) -> dict[str, int]:
    """Return the racing processes of a process, by what they solve with."""
    found = {}
    for line in Path(f"/proc/{parent}/task").glob("*/children"):
        for pid in line.read_text().split():
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            if "lodeworks.plan.racer" in words:
                found[words[-2]] = int(pid)
    return found


def both(parent: int) -> dict[str, int]:
    """Wait until both have begun."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if len(found := racers(parent)) == 2:
            return found
        time.sleep(0.002)
    raise AssertionError("no race began")


@pytest.fixture
def meanwhile() -> Iterator[Callable[[Callable[[dict[str, int]], None]], None]]:
    """Do something to the racing processes of this one as soon as they are there."""
    threads: list[threading.Thread] = []

    def do(deed: Callable[[dict[str, int]], None]) -> None:
        threads.append(threading.Thread(target=lambda: deed(both(os.getpid()))))
        threads[-1].start()

    yield do
    for thread in threads:
        thread.join()


def gone(pids: dict[str, int]) -> bool:
    """Say whether processes end within a while."""
    until = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in pids.values()):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def test_a_race_finds_what_one_solver_finds_and_the_run_says_who_won(tmp_path: Path) -> None:
    (tmp_path / "works.yaml").write_text(CHAIN)
    raced = plan(tmp_path / "works.yaml", method="race", out=tmp_path / "run")
    assert raced.manifest["objective"]["value"] == pytest.approx(24 * 25 * 400)
    assert raced.manifest["verified"]
    solver = json.loads((tmp_path / "run" / "manifest.json").read_text())["solver"]
    assert [runner["method"] for runner in solver["race"]] == ["simplex", "ipm"]
    (winner,) = (runner for runner in solver["race"] if runner["ended"] == "won")
    assert winner["method"] == solver["method"]
    assert all(runner["ended"] in ("won", "stopped") and runner["seconds"] > 0.0 for runner in solver["race"])
    assert racers(os.getpid()) == {}


def test_windows_are_not_raced(tmp_path: Path) -> None:
    (tmp_path / "works.yaml").write_text(CHAIN)
    with pytest.raises(InputError, match="method: windows are too small to race for"):
        plan(tmp_path / "works.yaml", method="race", rolling=6.0)


def test_who_is_killed_loses_and_the_other_wins(meanwhile: Callable[..., None]) -> None:
    meanwhile(lambda pids: os.kill(pids["simplex"], signal.SIGKILL))
    found = optimise(compile_network(random_chain(3)), method=RACE)
    assert found.method == "ipm"
    assert [runner.ended for runner in found.race] == ["its process was ended by signal 9", "won"]


def test_where_all_fail_each_is_told(meanwhile: Callable[..., None]) -> None:
    program, _ = assemble(compile_network(random_chain(3)))
    few = (40_000_000, 40_000_000)  # not enough to load a solver

    def starve(pids: dict[str, int]) -> None:
        resource.prlimit(pids["simplex"], resource.RLIMIT_AS, few)
        os.kill(pids["ipm"], signal.SIGKILL)

    meanwhile(starve)
    with pytest.raises(SolverError, match="ipm: its process was ended by signal 9") as told:
        race(program, lambda _: "")
    assert "simplex: its process ended with exit code" in str(told.value)


def test_answers_that_are_not_accepted_do_not_win() -> None:
    program, _ = assemble(compile_network(random_chain(3)))
    with pytest.raises(SolverError) as told:
        race(program, lambda outcome: f"{outcome.method} is not liked")
    assert "simplex: simplex is not liked" in str(told.value)
    assert "ipm: ipm is not liked" in str(told.value)


def test_what_has_no_plan_is_told_in_the_chains_words() -> None:
    from lodeworks import Chain

    chain = Chain.model_validate({
        "chain": "short", "horizon": {"start": "2026-01-01", "length": "2 h"}, "commodities": {"coal": {"unit": "t"}},
        "supplies": {"mine": {"commodity": "coal", "most": "1 t/h"}},
        "demands": {"town": {"commodity": "coal", "amount": "2 t/h"}},
    })
    with pytest.raises(InfeasibleError, match="town"):
        optimise(compile_network(chain), method=RACE)
    assert racers(os.getpid()) == {}


def planning(folder: Path) -> subprocess.Popen[str]:
    """Start a plan by race."""
    (folder / "works.yaml").write_text(CHAIN)
    return subprocess.Popen(
        [sys.executable, "-c", "from lodeworks.cli import main; main()", "plan", "works.yaml", "--method", "race",
         "--out", "run"],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in sys.path if path)},
    )


def test_processes_end_with_whoever_started_them_even_if_that_was_killed(tmp_path: Path) -> None:
    process = planning(tmp_path)
    pids = both(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert gone(pids)
    assert [path.name for path in tmp_path.iterdir()] == ["works.yaml"]
