"""Errands: the command's own verbs as child processes, started and asked after; nobody waits for them.

Each has a folder with what was asked (`asked.json`), what the child printed (`out.txt`) and said beside it (`log.txt`),
and what became of it (`ended.json`), so that any process can find the latest answer and a restart loses none.
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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lodeworks.errors import SAID, WatchError
from lodeworks.watch.journal import now_ms
from lodeworks.watch.sentence import Sentence

__all__ = ["Errand", "Errands", "folders_of"]

_NICE = 10  # an errand gives way to what takes samples in
_EXITS = {2: "输入有误或无法读取", 3: "没有满足全部需求和限值的计划", 4: "计划收益无界", 5: "求解器未给出可验证的结果"}
_SAID = "said.txt"
_TOLD = 2000  # characters of what a child said that are kept at hand


@dataclass(frozen=True)
class Errand:
    """A child that was started.

    Attributes
    ----------
    kind
        What it is for, such as ``simulate`` (look ahead) or ``backtest``.
    folder
        Where what it was asked, its log and its answer stand.
    began, ended
        Clock times in milliseconds UTC; `ended` is nought while it runs.
    status
        ``running``, ``done``, ``failed`` (it said why: `told`), ``killed`` (by a signal), ``late`` (it took longer than
        allowed and was stopped), ``stopped`` (somebody asked for it), or ``missing`` (it ended well and left no
        answer).
    told, told_zh
        What became of it beside that, in English and Chinese; a child that failed is quoted in both.
    asked
        What was asked of it, and by whom.
    """

    kind: str
    folder: Path
    began: int
    ended: int = 0
    status: str = "running"
    told: str = ""
    told_zh: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def run(self) -> Path:
        """The run folder, where it makes one, there once it is done."""
        return self.folder / "run"

    def says(self, language: str) -> str:
        """Return in a language what became of it, beside its status."""
        return self.told_zh if language == "zh" and self.told_zh else self.told

    def answer(self) -> Any:
        """Return what a child that is done printed as JSON.

        Raises
        ------
        WatchError
            If it printed none.
        """
        path = self.folder / "out.txt"
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise WatchError(f"{path}: no answer as JSON: {error}") from error


class Errands:
    """Sends children and asks after them; at most one of each kind at a time.

    Parameters
    ----------
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
        self, folder: Path, *, limit_s: float = 300.0, keep: int = 6,
        command: Sequence[str] = (sys.executable, "-m", "lodeworks"),
    ) -> None:
        self.folder, self.limit_s, self.keep = folder, limit_s, keep
        self.command = tuple(command)
        self._child: dict[str, subprocess.Popen[bytes]] = {}
        self._errand: dict[str, Errand] = {}
        self._until: dict[str, float] = {}
        self._checked: dict[str, Callable[[Errand], str]] = {}

    def room(self, kind: str) -> Path:
        """Return a folder for an errand of a kind; one that still runs is stopped first."""
        self.stop(kind)
        began = now_ms()
        while (folder := self.folder / f"{kind}-{began}").exists():
            began += 1
        return folder

    def send(
        self, kind: str, arguments: Sequence[str], *, folder: Path | None = None,
        asked: Mapping[str, Any] | None = None, checked: Callable[[Errand], str] | None = None,
    ) -> Errand:
        """Start a child.

        Parameters
        ----------
        arguments
            What the command is given.
        folder
            Its room, where it was asked for before.
        asked
            What is kept beside it, as JSON can hold it.
        checked
            Says what is missing of the answer of a child that ended well; that it is JSON unless given.

        Raises
        ------
        WatchError
            If its folder cannot be written or the child cannot be started.
        """
        room = folder or self.room(kind)
        try:
            room.mkdir(parents=True, exist_ok=True)
            if asked is not None:
                (room / "asked.json").write_text(json.dumps(dict(asked), ensure_ascii=False), encoding="utf-8")
            with (room / "out.txt").open("wb") as out, (room / "log.txt").open("wb") as log:
                child = subprocess.Popen(
                    [*self.command, *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=log,
                    start_new_session=True,
                    env={**os.environ, "LC_ALL": "C.UTF-8", SAID: str(room / _SAID)},  # it says its own Chinese beside
                )
        except OSError as error:
            raise WatchError(f"{self.command[0]}: cannot be started: {error}", f"无法启动计算：{error}") from error
        if hasattr(os, "setpriority"):
            with contextlib.suppress(ProcessLookupError):  # it may have ended already, which `poll` tells
                os.setpriority(os.PRIO_PGRP, child.pid, _NICE)  # it leads a group, of which who works may be another
        self._child[kind], self._until[kind] = child, time.monotonic() + self.limit_s
        self._checked[kind] = checked or _no_json
        self._errand[kind] = Errand(kind, room, int(room.name.rpartition("-")[2]), asked=dict(asked or {}))
        return self._errand[kind]

    def poll(self, kind: str) -> Errand | None:
        """Return how the child of a kind is; none where none was started."""
        errand = self._errand.get(kind)
        if errand is None or errand.status != "running":
            return errand
        code = self._child[kind].poll()
        if code is None and time.monotonic() > self._until[kind]:
            return self._end(kind, "late", Sentence(f"stopped after {self.limit_s:g} s", f"{self.limit_s:g} 秒后停止"))
        if code is None:
            return errand
        if code < 0:
            name = _signal_name(-code)
            return self._finish(kind, "killed", Sentence(f"ended by signal {name}", f"被信号 {name} 终止"))
        if code > 0:
            return self._finish(kind, "failed", _said(errand.folder, code))
        missing = self._checked[kind](errand)
        told = Sentence(missing, f"没有可用结果：{missing}" if missing else "")
        return self._finish(kind, "missing" if missing else "done", told)

    def last(self, kind: str) -> Errand | None:
        """Return the errand of a kind as it is, or the last that ended, whoever sent it; none where there is none."""
        found = self.poll(kind)
        return found if found is not None else next((e for f in folders_of(self.folder, kind) if (e := _kept(f))), None)

    def stop(self, kind: str) -> Errand | None:
        """Stop the child of a kind if it runs, and return how it is."""
        errand = self.poll(kind)
        runs = errand is not None and errand.status == "running"
        return self._end(kind, "stopped", Sentence("", "")) if runs else errand

    def stop_all(self) -> None:
        """Stop all children."""
        for kind in list(self._errand):
            self.stop(kind)

    def _end(self, kind: str, status: str, told: Sentence) -> Errand:
        child = self._child[kind]
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):  # with what it started itself; it leads a session of its own
                os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
        child.wait()
        return self._finish(kind, status, told)

    def _finish(self, kind: str, status: str, told: Sentence) -> Errand:
        ended = replace(self._errand[kind], ended=now_ms(), status=status, told=told.en, told_zh=told.zh)
        self._errand[kind] = ended
        (ended.folder / "ended.json").write_text(
            json.dumps({"status": status, "told": told.en, "told_zh": told.zh, "ended": ended.ended},
                       ensure_ascii=False), encoding="utf-8")
        for old in folders_of(self.folder, kind)[self.keep:]:
            shutil.rmtree(old, ignore_errors=True)
        return ended


def folders_of(folder: Path, kind: str) -> list[Path]:
    """Return the folders of errands of a kind, newest first."""
    found = [path for path in folder.glob(f"{kind}-*") if path.name.removeprefix(f"{kind}-").isdigit()]
    return sorted(found, key=lambda path: int(path.name.removeprefix(f"{kind}-")), reverse=True)


def _kept(folder: Path) -> Errand | None:
    """Return an errand that ended as its folder tells it; none of one that did not, or is not whole."""
    kind, _, began = folder.name.rpartition("-")
    asked = folder / "asked.json"
    try:
        ended = json.loads((folder / "ended.json").read_text(encoding="utf-8"))
        given = json.loads(asked.read_text(encoding="utf-8")) if asked.exists() else {}
        return Errand(kind, folder, int(began), int(ended["ended"]), str(ended["status"]), str(ended["told"]),
                      str(ended.get("told_zh", "")), given)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _no_json(errand: Errand) -> str:
    try:
        errand.answer()
    except WatchError as error:
        return str(error)
    return ""


def _said(folder: Path, code: int) -> Sentence:
    """Return what a child said, its end if it is long; in Chinese after what its exit code means."""
    text = (folder / "log.txt").read_text(encoding="utf-8", errors="replace").strip()[-_TOLD:]
    with contextlib.suppress(OSError):  # most children say it in English only
        return Sentence(text, (folder / _SAID).read_text(encoding="utf-8"))
    return Sentence(text, f"{_EXITS.get(code, '命令出错')}。命令输出：{text}" if text else _EXITS.get(code, "命令出错"))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
