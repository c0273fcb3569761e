"""A solver that runs out of memory for real: the process has a limit, it is said plainly, and nothing is lost.

Whether it is told that there is no memory, or the C library ends the process, is a matter of which call comes first.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.chains import works
from lodeworks.chain.write import write_chain

_ROOT = Path(__file__).parents[2]
# Once the solver holds the program, the process may have four megabytes more than it has.
_CHILD = """
from lodeworks.guarded import guard
guard()
import importlib, resource, sys
from pathlib import Path

import polars  # what writes a run, loaded before memory is short

solve = importlib.import_module("lodeworks.plan.solve")
hand_over = solve._hand_over

def short(highs, program):
    hand_over(highs, program)
    lines = Path("/proc/self/status").read_text().splitlines()
    size = next(int(line.split()[1]) for line in lines if line.startswith("VmSize"))
    limit = 1024 * size + 4_000_000
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

solve._hand_over = short
from lodeworks.cli import main
from lodeworks.drafts import end_well
try:
    main()
finally:
    end_well()
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="a limit on memory is a matter of Linux")
def test_a_process_that_may_have_no_more_memory_says_so_and_leaves_what_was_there(tmp_path: Path) -> None:
    write_chain(works(500, 2), tmp_path / "works")
    run = tmp_path / "run"
    run.mkdir()
    (run / "manifest.json").write_text('{"kind": "plan"}')
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, "plan", tmp_path / "works", "--out", run, "--replace"],
        capture_output=True, text=True, timeout=300, check=False, cwd=_ROOT,
    )
    assert done.returncode == 6
    last = done.stderr.splitlines()[-1]
    assert last.startswith(("error: not enough memory for a chain of this size", "error: the work was ended by"))
    assert "memory" in last
    assert "nothing was written" in last
    assert [path.name for path in run.iterdir()] == ["manifest.json"]
    assert {path.name for path in tmp_path.iterdir()} == {"works", "run"}
