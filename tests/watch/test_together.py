"""Processes kept together: one that falls starts again, one that is refused ends all, and none outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from lodeworks.watch.together import keep_together
from tests.watch import plant

WAIT = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); time.sleep(60)"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def stopped_when(true, stop: threading.Event, within: float = 20.0) -> None:
    def look() -> None:
        end = time.monotonic() + within
        while not true() and time.monotonic() < end:
            time.sleep(0.05)
        stop.set()

    threading.Thread(target=look, daemon=True).start()


def test_a_child_that_falls_starts_again_and_is_told_of(tmp_path: Path) -> None:
    count = tmp_path / "count"
    falls = f"open({str(count)!r}, 'a').write('x'); raise SystemExit(7)"
    told, stop = [], threading.Event()
    stopped_when(lambda: count.exists() and len(count.read_text()) >= 2, stop)
    assert keep_together({"pages": python(falls), "ingest": python(WAIT)}, stop, told.append) == 0
    assert told[0] == "pages stopped (with exit code 7); it starts again in 2 s"
    assert len(count.read_text()) >= 2


def test_a_child_that_is_killed_is_told_of_by_its_signal(tmp_path: Path) -> None:
    told, stop = [], threading.Event()
    stopped_when(lambda: bool(told), stop)
    keep_together({"ingest": python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")}, stop, told.append)
    assert told[0].startswith("ingest stopped (by SIGKILL)")


def test_what_comes_to_its_end_by_itself_is_not_started_again(tmp_path: Path) -> None:
    count = tmp_path / "count"
    ends = f"open({str(count)!r}, 'a').write('x')"
    told, stop = [], threading.Event()
    stopped_when(lambda: len(told) > 1, stop, within=3.0)
    keep_together({"rehearsal": python(ends), "ingest": python(WAIT)}, stop, told.append, once=("rehearsal",))
    assert told == ["rehearsal has come to its end"]
    assert count.read_text() == "x"


def test_what_is_to_start_last_leaves_the_others_a_moment(tmp_path: Path) -> None:
    began = tmp_path / "began"
    told, stop = [], threading.Event()
    stopped_when(lambda: began.exists() and began.read_text() != "", stop)
    called = time.time()
    late = f"import time; open({str(began)!r}, 'w').write(str(time.time())); time.sleep(60)"
    keep_together({"pages": python(WAIT), "rehearsal": python(late)}, stop, told.append, last=("rehearsal",))
    assert float(began.read_text()) - called > 1.4
    assert told == []


def test_a_refusal_ends_all_with_its_code(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    other = f"open({str(file)!r}, 'w').write(str(__import__('os').getpid())); {WAIT}"
    refused = f"import os, time\nwhile not os.path.exists({str(file)!r}): time.sleep(0.05)\nraise SystemExit(2)"
    assert keep_together({"serve": python(other), "ingest": python(refused)}, threading.Event(), print) == 2
    assert not alive(int(file.read_text()))


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "child"
    child = (
        "import os, threading\nfrom lodeworks.watch.together import follow_parent\nstop = threading.Event()\n"
        f"follow_parent(stop.set)\nopen({str(file)!r}, 'w').write(str(os.getpid()))\nstop.wait(60)\n"
    )
    parent = (
        "import sys, threading\nfrom lodeworks.watch.together import keep_together\n"
        f"keep_together({{'ingest': [sys.executable, '-c', {child!r}]}}, threading.Event(), print)\n"
    )
    process = subprocess.Popen(python(parent))
    plant.until(lambda: file.exists() and file.read_text() != "", 20)
    number = int(file.read_text())
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    plant.until(lambda: not alive(number), 20)


def alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{number}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
