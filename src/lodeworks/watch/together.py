"""The processes of the live reading kept alive by one parent: started, started again when they fall, stopped together.

A fault in the pages never stops the alarms, nor the other way round. The parent does nothing else.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence

__all__ = ["follow_parent", "keep_together"]

_PARENT = "LODEWORKS_PARENT"
_LOOK_S = 0.2
_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 30.0
# A child that lived so long was well: the next fall is a new one.
_WELL_S = 60.0
_GRACE_S = 15.0
_MOMENT_S = 1.5  # what the pages take to be there


def keep_together(
    commands: Mapping[str, Sequence[str]], stop: threading.Event, note: Callable[[str], None], *,
    once: Collection[str] = (), last: Collection[str] = (), refused: Callable[[int], bool] = lambda code: code == 2,
) -> int:
    """Run commands side by side until told to stop.

    Parameters
    ----------
    commands
        By the name they are told of; in this order they are started, and stopped in the other.
    stop
        Set by a signal or another thread.
    note
        Told of every fall and every new start.
    once
        Those that come to an end by themselves: after a good one they are not started again.
    last
        Those that start a moment after the others, so that these have the computer while somebody waits for them.
    refused
        Says of an exit code that starting again is of no use; then all are stopped.

    Returns
    -------
    int
        0, or the exit code with which a command was refused.
    """
    children = {name: _Child(name, command) for name, command in commands.items()}
    try:
        for child in children.values():
            if child.name in last:
                child.start_in(_MOMENT_S)
            else:
                child.start()
        while not stop.wait(_LOOK_S):
            for child in children.values():
                code = child.fallen()
                if code is None:
                    continue
                if refused(code):
                    return code
                if code == 0 and child.name in once:
                    note(f"{child.name} has come to its end")
                    child.rest()
                    continue
                note(f"{child.name} stopped ({_said(code)}); it starts again in {child.wait_s:g} s")
    finally:
        for child in reversed(children.values()):
            child.stop()
    return 0


class _Child:
    """One command: running, or waiting to be started again."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name, self.command = name, tuple(command)
        self.wait_s = _FIRST_WAIT_S
        self._process: subprocess.Popen[bytes] | None = None
        self._began = self._again = 0.0

    def start(self) -> None:
        environment = {**os.environ, _PARENT: str(os.getpid())}
        # A session of its own: Ctrl-C reaches the parent alone, which stops its children in order.
        self._process = subprocess.Popen(self.command, env=environment, start_new_session=True)
        self._began = time.monotonic()

    def start_in(self, seconds: float) -> None:
        self._again = time.monotonic() + seconds

    def fallen(self) -> int | None:
        """Return the exit code of a child that has just ended; start one whose wait is over."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._again:
                self.start()
            return None
        code = self._process.poll()
        if code is None:
            return None
        well = now - self._began >= _WELL_S
        self.wait_s = _FIRST_WAIT_S if well else min(_LONGEST_WAIT_S, 2.0 * self.wait_s)
        self._process, self._again = None, now + self.wait_s
        return code

    def rest(self) -> None:
        """Not be started again."""
        self._again = float("inf")

    def stop(self) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def follow_parent(stop: Callable[[], None]) -> None:
    """Stop when the parent that started this process is gone, however it went; nothing where there was none."""
    parent = os.environ.pop(_PARENT, "")
    if not parent:
        return

    def look() -> None:
        while os.getppid() == int(parent):
            time.sleep(1.0)
        stop()

    threading.Thread(target=look, daemon=True, name="parent").start()


def _said(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
