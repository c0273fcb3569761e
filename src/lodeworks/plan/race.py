"""A race of solvers: the simplex and the interior point at once, in processes of their own; the first good answer wins.

Which of the two is quicker cannot be told beforehand, and either may fail. Processes and not threads: one that is no
longer wanted is ended at once, wherever it is (a solver looks at a cancellation now and then only); one that finds no
memory, or that the system ends, takes no other with it; and HiGHS keeps one crew of threads for a whole process.

They are started as programs and not forked; `racer` is what runs in them. Whether an answer is good is not said here.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import IO, Any

from lodeworks.errors import SolverError
from lodeworks.plan.program import Program
from lodeworks.plan.solve import Outcome, Progress, Runner

__all__ = ["METHODS", "Accept", "race"]

# The program, the options of `solve`, whether to tell how far it is.
_Job = tuple[Program, dict[str, Any], bool]
_Heard = queue.SimpleQueue[tuple["_Child", Any]]

METHODS = ("simplex", "ipm")
# Says why an answer is not to be used; nothing where it is. It may raise what the program has instead of an answer.
Accept = Callable[[Outcome], str]

_NO_MEMORY = "out of memory"


def race(
    program: Program,
    accept: Accept,
    *,
    methods: Sequence[str] = METHODS,
    time_limit: float | None = None,
    threads: int = 0,
    progress: Progress | None = None,
) -> Outcome:
    """Return the first answer to a (scaled) linear program that is accepted; the other processes are ended at once.

    Parameters
    ----------
    accept
        Called with each answer, in the order they come, until one is accepted; the others run on meanwhile.
    methods
        What starts, as `lodeworks.plan.solve.solve` names them.
    time_limit
        Seconds each may take.

    Returns
    -------
    Outcome
        With `race`: how each ended and after how many seconds, its process's start included.

    Raises
    ------
    SolverError
        If no answer is accepted; with what became of each.
    MemoryError
        If none finds the memory it needs.
    """
    sent = replace(program, blocks=(), spans=())
    options = {"time_limit": time_limit, "threads": threads}
    heard: _Heard = queue.SimpleQueue()
    tells = progress is not None
    children = [_Child(method, (sent, {**options, "method": method}, tells), heard) for method in methods]
    ended: dict[str, Runner] = {}
    try:
        for child in children:
            child.start()
        while len(ended) < len(children):
            try:
                child, thing = heard.get(timeout=0.2)  # so that a Ctrl-C is heard
            except queue.Empty:
                continue
            if isinstance(thing, str):
                if progress is not None:
                    progress(f"{child.method}: {thing}")
                continue
            seconds = child.seconds
            why = accept(thing) if isinstance(thing, Outcome) else _said(thing)
            ended[child.method] = Runner(child.method, seconds, why or "won")
            if isinstance(thing, Outcome) and not why:
                for other in children:
                    ended.setdefault(other.method, Runner(other.method, other.seconds, "stopped"))
                return replace(thing, race=tuple(ended[method] for method in methods))
    finally:
        for child in children:
            child.end()
    if all(runner.ended == _NO_MEMORY for runner in ended.values()):
        raise MemoryError("no solver of the race found the memory it needs")
    said = "; ".join(f"{runner.method}: {runner.ended}" for runner in ended.values())
    raise SolverError(f"no solver of the race came to an answer that may be used; {said}")


def _said(error: Exception) -> str:
    return _NO_MEMORY if isinstance(error, MemoryError) else str(error)


class _Child:
    """One solver's process, and the thread that starts and hears it: a Ctrl-C, which others hear, loses no process."""

    def __init__(self, method: str, job: _Job, heard: _Heard) -> None:
        self.method = method
        self._job, self._heard = job, heard
        self._since = time.perf_counter()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock, self._unwanted = threading.Lock(), False
        self._thread = threading.Thread(target=self._work, daemon=True, name=f"race of {method}")

    def start(self) -> None:
        """Start the process; what it says goes into the queue, its outcome or what it failed of last."""
        self._since = time.perf_counter()
        self._thread.start()

    @property
    def seconds(self) -> float:
        """Seconds since it was started."""
        return time.perf_counter() - self._since

    def end(self) -> None:
        """End the process, if there is one, and wait until nothing of it is left."""
        with self._lock:
            self._unwanted = True
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._thread.ident is not None:
            self._thread.join()

    def _work(self) -> None:
        with tempfile.TemporaryFile() as complaint:
            try:
                with self._lock:
                    if self._unwanted:
                        return
                    self._process = subprocess.Popen(
                        [sys.executable, "-m", "lodeworks.plan.racer", self.method],  # named for who looks at processes
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                        stderr=complaint, start_new_session=True,  # a Ctrl-C is for whoever started the race
                    )
            except OSError as error:  # most often that there is no memory for one more
                self._heard.put((self, SolverError(f"its process could not be started: {error}")))
                return
            try:
                with self._process as process:
                    self._talk(process, complaint)
            except BrokenPipeError:  # what was still to be written to a process that is gone
                return

    def _talk(self, process: subprocess.Popen[bytes], complaint: IO[bytes]) -> None:
        """Hand over the program and hear what is said; the input stays open until then, for it ends with that."""
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump(self._job, process.stdin, pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
            thing: Any = ""
            while isinstance(thing, str):
                thing = pickle.load(process.stdout)
                self._heard.put((self, thing))
        except (OSError, EOFError, pickle.UnpicklingError):
            code = process.wait()
            complaint.seek(0)
            last = complaint.read().decode(errors="replace").strip().splitlines()[-1:]
            how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
            died = MemoryError() if last == ["MemoryError"] else SolverError(": ".join([f"its process {how}", *last]))
            self._heard.put((self, died))
