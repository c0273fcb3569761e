"""Scenarios on this machine: processes of their own, one scenario at a time each, as many as memory allows.

A process that dies takes one scenario with it, which is tried once more in a new one. Processes are started as
programs and not forked, so that neither a notebook nor a script has to be written for it; they end with whoever
started them.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import IO, Any

from lodeworks.drafts import scratch
from lodeworks.farm.task import Outcome, Task, work
from lodeworks.guarded import end_with

__all__ = ["on_processes", "workers_for"]

# One thread in every library that would take as many as there are processors.
_ONE_THREAD = dict.fromkeys(
    ("POLARS_MAX_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
_LENGTH = struct.Struct(">Q")
# What a process holds before any chain, and what a plan takes for each step of each activity or store (measured on
# the Liupanshui year with its tables, the solver's factors and some to spare).
_BASE_BYTES, _BYTES_A_STEP = 300e6, 6e3
_MEMORY_SHARE = 0.8


def workers_for(columns: int, scenarios: int, available: float | None = None) -> int:
    """Return how many processes to run: no more than processors, scenarios, or what memory holds.

    Parameters
    ----------
    columns
        Steps times activities and stores of the largest scenario.
    available
        Bytes of memory free; asked of the system unless given.
    """
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    free = available if available is not None else _free_memory()
    fitting = int(_MEMORY_SHARE * free / (_BASE_BYTES + _BYTES_A_STEP * columns)) if free is not None else processors
    return max(1, min(processors, scenarios, fitting))


def _free_memory() -> float | None:
    """Return the bytes free for new processes, where the system tells."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return 1024.0 * float(line.split()[1])
    except (OSError, ValueError):
        pass
    return None


def on_processes(tasks: Iterable[Task], workers: int) -> Iterator[tuple[Task, Outcome]]:
    """Work tasks out on processes of this machine, handing on each as it ends.

    Whatever ends the iteration, a Ctrl-C too, ends the processes.
    """
    waiting: dict[Future[Outcome], Task] = {}
    source = iter(tasks)
    with scratch() as room:  # so that one that is ended at once leaves nothing
        crew, pool = _Crew(room), ThreadPoolExecutor(workers, thread_name_prefix="scenario")
        try:
            while True:
                for task in source:
                    waiting[pool.submit(crew.work, task)] = task
                    if len(waiting) >= workers:
                        break
                if not waiting:
                    return
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield waiting.pop(future), future.result()
        finally:
            crew.end()
            pool.shutdown(wait=True, cancel_futures=True)


class _Crew:
    """The processes, one for each thread that asks."""

    def __init__(self, room: Path) -> None:
        self._room = str(room)
        self._mine = threading.local()
        self._all: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._ended = False

    def work(self, task: Task) -> Outcome:
        """Work a task out in this thread's process; one that dies is replaced, once."""
        for _ in range(2):
            process = self._process()
            try:
                _send(process.stdin, task)
                outcome = _receive(process.stdout)
            except (OSError, EOFError, pickle.UnpicklingError):
                outcome = None
            if isinstance(outcome, Outcome):
                return outcome
            process.kill()
            code = process.wait()
            if self._ended:
                break
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return Outcome("died", {}, f"its process was ended twice ({how}); most often that is a lack of memory: "
                                   "use fewer workers, longer steps or a shorter horizon")

    def _process(self) -> subprocess.Popen[bytes]:
        mine = getattr(self._mine, "process", None)
        if mine is not None and mine.poll() is None:
            return mine  # type: ignore[no-any-return]
        with self._lock:
            if self._ended:
                raise RuntimeError("the farm has ended")
            self._mine.process = subprocess.Popen(
                [sys.executable, "-m", "lodeworks.farm.local"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                env={**os.environ, **_ONE_THREAD, "TMPDIR": self._room,
                     "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                start_new_session=True,  # a Ctrl-C is for the farm to hear
            )
            self._all.add(self._mine.process)
        return self._mine.process  # type: ignore[no-any-return]

    def end(self) -> None:
        """End all processes; one that waits for work ends at once."""
        with self._lock:
            self._ended = True
            for process in self._all:
                process.kill()
        for process in self._all:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except OSError:  # what was still to be written to a process that is gone
                        continue


def _send(pipe: IO[bytes] | None, thing: object) -> None:
    assert pipe is not None
    content = pickle.dumps(thing)
    pipe.write(_LENGTH.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def _receive(pipe: IO[bytes] | None) -> Any:
    assert pipe is not None
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    content = pipe.read(length)
    if len(content) < length:
        raise EOFError
    return pickle.loads(content)


def _serve() -> None:
    """Work out what comes in until nothing more does; what libraries print goes to standard error."""
    end_with(os.getppid())
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            task = _receive(sys.stdin.buffer)
        except EOFError:
            return
        _send(out, work(task))


if __name__ == "__main__":
    _serve()
