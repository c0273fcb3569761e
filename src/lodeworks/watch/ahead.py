"""Looking ahead and planning anew from now, in processes of their own: `lodeworks simulate --from` and `plan --from`.

A child is started and asked after; nobody waits for it. Each has a folder with the state it began from, what it said
(`log.txt`) and its run, so that any process can find the latest answer (`latest`) and a restart loses none. What runs
say is in `outlook`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lodeworks.errors import RunError, WatchError
from lodeworks.watch.journal import now_ms
from lodeworks.watch.state import Snapshot, write_state

if TYPE_CHECKING:
    from lodeworks.runs import Run

__all__ = ["KINDS", "Ahead", "Errand", "latest"]

KINDS = ("simulate", "plan")
_NICE = 10  # a look ahead gives way to what takes samples in
_TOLD = 2000  # characters of what a child said that are kept at hand


@dataclass(frozen=True)
class Errand:
    """A child that was started.

    Attributes
    ----------
    kind
        ``simulate`` (look ahead) or ``plan`` (what should we do now).
    folder
        Where its state, log and run stand.
    began, ended
        Clock times in milliseconds UTC; `ended` is nought while it runs.
    status
        ``running``, ``done``, ``failed`` (it said why: `told`), ``killed`` (by a signal), ``late`` (it took longer than
        allowed and was stopped), ``stopped`` (somebody asked for it), or ``missing`` (it ended well and left no run).
    """

    kind: str
    folder: Path
    began: int
    ended: int = 0
    status: str = "running"
    told: str = ""

    @property
    def run(self) -> Path:
        """The run folder, there once it is done."""
        return self.folder / "run"


class Ahead:
    """Starts children on one chain and asks after them; at most one of each kind at a time.

    Parameters
    ----------
    chain
        The chain as the command line takes it.
    folder
        Where errands are kept.
    limit_s
        Seconds after which a child is stopped.
    keep
        How many finished errands of each kind stay on disk.
    command
        How the command is called.
    """

    def __init__(
        self, chain: Path, folder: Path, *, limit_s: float = 300.0, keep: int = 6,
        command: Sequence[str] = (sys.executable, "-m", "lodeworks"),
    ) -> None:
        self.chain, self.folder, self.limit_s, self.keep = chain, folder, limit_s, keep
        self.command = tuple(command)
        self._child: dict[str, subprocess.Popen[bytes]] = {}
        self._errand: dict[str, Errand] = {}
        self._until: dict[str, float] = {}

    def start(self, kind: str, state: Snapshot, options: Sequence[str] = ()) -> Errand:
        """Start a child from a state; one of the kind that still runs is stopped first.

        Raises
        ------
        WatchError
            If the state cannot be written or the child cannot be started.
        """
        self.stop(kind)
        began = now_ms()
        folder = self.folder / f"{kind}-{began}"
        while folder.exists():
            began += 1
            folder = self.folder / f"{kind}-{began}"
        file = write_state(folder / "state.json", state)
        plan = state.data.get("plan")
        follow = ("--plan", str(plan)) if kind == "simulate" and plan else ()
        arguments = [*self.command, kind, str(self.chain), "--from", str(file), "--out", str(folder / "run"), *follow,
                     *options]
        try:
            with (folder / "log.txt").open("wb") as log:
                child = subprocess.Popen(
                    arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                )
        except OSError as error:
            raise WatchError(f"{arguments[0]}: cannot be started: {error}") from error
        if hasattr(os, "setpriority"):
            with contextlib.suppress(ProcessLookupError):  # it may have ended already, which `poll` tells
                os.setpriority(os.PRIO_PROCESS, child.pid, _NICE)
        self._child[kind], self._until[kind] = child, time.monotonic() + self.limit_s
        self._errand[kind] = Errand(kind, folder, began)
        return self._errand[kind]

    def poll(self, kind: str) -> Errand | None:
        """Return how the child of a kind is; none where none was started."""
        errand = self._errand.get(kind)
        if errand is None or errand.status != "running":
            return errand
        code = self._child[kind].poll()
        if code is None and time.monotonic() > self._until[kind]:
            return self._end(kind, "late", f"stopped after {self.limit_s:g} s")
        if code is None:
            return errand
        if code < 0:
            return self._finish(kind, "killed", f"ended by signal {_signal_name(-code)}")
        if code > 0:
            return self._finish(kind, "failed", _said(errand.folder))
        return self._finish(kind, *_checked(errand.run))

    def stop(self, kind: str) -> Errand | None:
        """Stop the child of a kind if it runs, and return how it is."""
        errand = self.poll(kind)
        return self._end(kind, "stopped", "") if errand is not None and errand.status == "running" else errand

    def stop_all(self) -> None:
        """Stop all children."""
        for kind in KINDS:
            self.stop(kind)

    def _end(self, kind: str, status: str, told: str) -> Errand:
        child = self._child[kind]
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):  # with what it started itself; it leads a session of its own
                os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
        child.wait()
        return self._finish(kind, status, told)

    def _finish(self, kind: str, status: str, told: str) -> Errand:
        ended = replace(self._errand[kind], ended=now_ms(), status=status, told=told)
        self._errand[kind] = ended
        (ended.folder / "ended.json").write_text(
            json.dumps({"status": status, "told": told, "ended": ended.ended}, ensure_ascii=False), encoding="utf-8")
        for old in _folders(self.folder, kind)[self.keep:]:
            shutil.rmtree(old, ignore_errors=True)
        return ended


def latest(folder: Path, kind: str) -> tuple[Run, int] | None:
    """Return the newest run of a kind that can be read, and when it was begun (ms); none where there is none.

    Runs of other processes, and of those before a restart, are found as well; half-written ones are never seen.
    """
    from lodeworks.runs import read_run

    for found in _folders(folder, kind):
        try:
            return read_run(found / "run"), int(found.name.partition("-")[2])
        except RunError:
            continue  # it still runs, or left nothing; what became of it is told by its errand
    return None


def _folders(folder: Path, kind: str) -> list[Path]:
    """Return the folders of errands of a kind, newest first."""
    found = [path for path in folder.glob(f"{kind}-*") if path.name.partition("-")[2].isdigit()]
    return sorted(found, key=lambda path: int(path.name.partition("-")[2]), reverse=True)


def _checked(run: Path) -> tuple[str, str]:
    from lodeworks.runs import read_run

    try:
        read_run(run)
    except RunError as error:
        return "missing", str(error)
    return "done", ""


def _said(folder: Path) -> str:
    """Return what a child said, its end if it is long."""
    text = (folder / "log.txt").read_text(encoding="utf-8", errors="replace").strip()
    return text[-_TOLD:]


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
