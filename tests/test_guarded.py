"""Whatever ends a long job, somebody says so, nothing hidden or half written stays, and what was there is whole.

Real signals to real processes, which halt where each is to befall them; and a real Ctrl-C, typed into a terminal.
"""

from __future__ import annotations

import os
import pty
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lodeworks.guarded import GUARDED, how_it_ended
from tests.halting import go_on, halted, start, still_in

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="processes are looked up as Linux tells")

CHAIN = """\
chain: works
horizon: {start: 2026-01-01, length: 4 h}
commodities: {coal: {unit: t}}
supplies: {mine: {commodity: coal, price: 500 CNY/t, most: 30 t/h}}
demands: {town: {commodity: coal, price: 900 CNY/t, most: 25 t/h}}
"""
LOADED = "lodeworks.verbs"  # where the command begins to load what it works with
WRITING = "lodeworks.runs:in_place"  # the run is written, and not yet in its place


@pytest.fixture
def works(tmp_path: Path) -> Path:
    """A folder with a chain, and an old run in the place of the one that is planned."""
    folder = tmp_path / "works"
    (folder / "run").mkdir(parents=True)
    (folder / "run" / "manifest.json").write_text('{"kind": "plan", "tables": {}}', encoding="utf-8")
    (folder / "works.yaml").write_text(CHAIN, encoding="utf-8")
    return folder


PLAN = ("plan", "works.yaml", "--out", "run", "--replace")


def as_it_was(folder: Path) -> bool:
    """Say whether nothing works in the folder and it holds what it held, the old run too."""
    assert still_in(folder) == {}
    assert {path.name for path in folder.iterdir()} == {"works.yaml", "run"}
    return [path.name for path in (folder / "run").iterdir()] == ["manifest.json"]


def parent_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("PPid"))


@pytest.mark.parametrize(
    ("point", "number", "words", "said"),
    [
        (WRITING, signal.SIGKILL, (), "error: the work was ended from outside, most often by the system because no memory was left"),
        (LOADED, signal.SIGABRT, (), "error: the work was ended by a library that gave up, most often because it found no memory"),
        (LOADED, signal.SIGSEGV, (), "error: the work was ended by a fault in a library"),
        (LOADED, signal.SIGBUS, ("--language", "zh"), "错误：计算因所用的内存或文件不可用而终止，最常见的原因是内存或磁盘已满（信号 7, SIGBUS"),
    ],
)
def test_a_child_that_a_signal_ends_is_told_of_and_leaves_nothing(
    point: str, number: int, words: tuple[str, ...], said: str, works: Path
) -> None:
    process = start(works, point, *PLAN, *words)
    child = halted(works, process)
    if point == WRITING:
        assert [path.name[:5] for path in works.glob(".*")] == [".run-"]
    os.kill(child, number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 6
    assert said in told.splitlines()[-1]
    assert "未写出任何内容" in told if words else "nothing was written" in told and "--segments" in told
    assert "docs/limits.md" in told
    assert as_it_was(works)


def test_a_library_that_finds_no_memory_and_aborts_is_told_of(works: Path) -> None:
    """A limit on memory in the midst of work: where Python or a library ends by it, it is one message of ours."""
    process = start(works, LOADED, *PLAN)
    child = halted(works, process)
    size = next(int(line.split()[1]) for line in Path(f"/proc/{child}/status").read_text().splitlines()
                if line.startswith("VmSize"))
    resource.prlimit(child, resource.RLIMIT_AS, (1024 * size + 60_000_000,) * 2)
    go_on(works)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 6, told
    assert "memory" in told.splitlines()[-1]
    assert "Traceback" not in told
    assert as_it_was(works)


def test_a_run_that_was_whole_before_the_end_is_told_as_such(works: Path) -> None:
    process = start(works, "lodeworks.views.terminal:summary", *PLAN)
    os.kill(halted(works, process), signal.SIGKILL)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 6
    assert "what was written is whole: run;" in told
    assert {path.name for path in works.iterdir()} == {"works.yaml", "run"}
    assert (works / "run" / "flows.parquet").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_parent_reaches_the_child_and_shows_in_how_it_ends(number: int, works: Path) -> None:
    process = start(works, LOADED, *PLAN)
    assert parent_of(halted(works, process)) == process.pid
    os.kill(process.pid, number)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (-number, "stopped; nothing was written\n")
    assert as_it_was(works)


ALONE = ("unshare", "--user", "--map-root-user", "--pid", "--fork")  # as the first process, as in a container


@pytest.mark.skipif(
    not shutil.which("unshare") or subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode != 0,
    reason="needs numbers of processes of its own",
)
def test_a_signal_ends_the_first_process_of_a_container_too(works: Path) -> None:
    """One that it sends itself does not end it, and it would go on to say that the system had ended the work."""
    process = start(works, LOADED, *PLAN, by=ALONE)
    halted(works, process)
    first = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())
    os.kill(first, signal.SIGTERM)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (128 + signal.SIGTERM, "stopped; nothing was written\n")
    assert as_it_was(works)


def test_the_child_ends_with_its_parent(works: Path) -> None:
    process = start(works, LOADED, *PLAN)
    halted(works, process)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert as_it_was(works)


def test_where_ctrl_c_is_ignored_it_stays_so(works: Path) -> None:
    """As in a job that a script sends to the background."""
    process = start(works, "lodeworks.verbs", *PLAN,
                    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    child = halted(works, process)
    os.kill(child, signal.SIGINT)
    os.kill(process.pid, signal.SIGINT)
    os.kill(process.pid, signal.SIGTERM)
    assert "stopped" in process.communicate(timeout=60)[1]
    assert process.returncode == -signal.SIGTERM


# ---- Ctrl-C in a race of solvers --------------------------------------------------------------------

PHASES = {
    "before anything is loaded": "typer",
    "before the start": "lodeworks.plan.race:race",
    "as children start": "lodeworks.plan.race:_Child.start+",
    "as both solve": "lodeworks.plan.solve:solve",
    "as the answer is verified": "lodeworks.plan.verify:verify",
    "as the run is written": WRITING,
}


@pytest.fixture
def terminal() -> Callable[[], None]:
    """Make a new terminal that of a process that is being started."""
    def own() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # as for who sits there, also where tests run in the background
        os.setsid()
        os.close(os.open(os.ttyname(2), os.O_RDWR))  # the first that a leader opens is its own

    return own


@pytest.mark.parametrize("phase", PHASES)
def test_ctrl_c_in_a_race_of_solvers_leaves_nothing(phase: str, works: Path, terminal: Callable[[], None]) -> None:
    ours, theirs = pty.openpty()
    process = start(works, PHASES[phase], *PLAN, "--method", "race", stdin=theirs, stdout=subprocess.DEVNULL,
                    stderr=theirs, preexec_fn=terminal)
    os.close(theirs)
    halted(works, process)
    os.write(ours, b"\x03")
    assert process.wait(timeout=60) == 130
    told = b""
    while chunk := _read(ours):
        told += chunk
    os.close(ours)
    assert b"stopped; nothing was written" in told
    assert b"Traceback" not in told
    assert as_it_was(works)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # nobody holds the other end
        return b""


# ---- what it costs, and where it is not --------------------------------------------------------------


def test_help_is_not_guarded_and_the_parent_has_loaded_nothing_but_python() -> None:
    code = (
        "import os, sys\n"
        "from lodeworks import guarded\n"
        "os.fork = lambda: print(*(m for m in sys.modules if m.startswith('lodeworks'))) or 0\n"
        "sys.argv = ['lodeworks', *sys.argv[1:]]\n"
        "guarded.end_with = lambda parent: None\n"
        "guarded.guard()\n"
    )

    def loaded(*words: str) -> str:
        return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True).stdout

    assert loaded("--help") == loaded("plan", "--help") == loaded("watch", "works") == loaded() == ""
    assert loaded("plan", "works").split() == ["lodeworks", "lodeworks.guarded"]


def test_what_is_guarded_are_verbs_of_the_command() -> None:
    import typer

    from lodeworks.cli import app

    verbs = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    assert verbs >= GUARDED
    assert verbs - GUARDED == {
        "watch", "ingest", "serve", "rehearse", "journal", "scales",  # live: they watch over their own processes
        "schema", "cases", "new",  # nothing grows in them
    }


def test_a_process_that_may_not_even_load_its_libraries_is_refused() -> None:
    """Below some limit a library waits for memory without end."""
    done = subprocess.run(
        [sys.executable, "-m", "lodeworks", "plan", "works.yaml"], capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "LC_ALL": "zh_CN.UTF-8", "PYTHONIOENCODING": "utf-8"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (270_000_000,) * 2),
    )
    assert done.returncode == 6
    assert done.stderr == "错误：本进程最多可用内存 270 MB（ulimit -v），而仅所用的库就需要 400 MB；未写出任何内容\n"


def test_a_farm_that_was_ended_is_told_to_go_on() -> None:
    told = how_it_ended(-9, 3.7, ["farm", "f.yaml"], ("out/runs/a",), "en")
    assert "what is finished is kept, the same command goes on with the rest" in told
    assert "3.70 GB" in told
    assert "signal 99" in how_it_ended(-99, 0.1, ["show", "run"], (), "en")
