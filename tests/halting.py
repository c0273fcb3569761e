"""Commands in processes of their own that halt at a named point, so that something real can befall them there.

A point is ``module:function``: before the call, or after it where the point ends in ``+``, the process writes its number
into ``here`` and waits until it may go on. A module alone halts as it is about to be loaded. The hook is a
`sitecustomize` on the path, which the command's own processes load too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_HOOK = '''
import functools, importlib.util, os, sys, time
point = os.environ.get("HALT_AT", "")
module, _, name = point.rstrip("+").partition(":")

def halt():
    with open(os.environ["HALT_HERE"], "w") as here:
        here.write(str(os.getpid()))
    while not os.path.exists(os.environ["HALT_HERE"] + "-go"):
        time.sleep(0.01)

class Halting:
    looking = False
    def find_spec(self, wanted, path=None, target=None):
        if wanted != module or self.looking:
            return None
        self.looking = True
        if not name:
            halt()
            return None
        spec = importlib.util.find_spec(wanted)
        execute = spec.loader.exec_module
        def exec_module(made):
            execute(made)
            *outer, last = name.split(".")
            holder = functools.reduce(getattr, outer, made)
            function = getattr(holder, last)
            def halted(*args, **options):
                if point.endswith("+"):
                    found = function(*args, **options)
                halt()
                return found if point.endswith("+") else function(*args, **options)
            setattr(holder, last, halted)
        spec.loader.exec_module = exec_module
        return spec

if module:
    sys.meta_path.insert(0, Halting())
'''


def start(
    folder: Path, point: str, *words: object, by: Sequence[str] = (), **options: Any
) -> subprocess.Popen[str]:
    """Start ``lodeworks`` in a folder, to halt at a point; `by` is a command that starts it."""
    (hook := folder.parent / f"{folder.name}-hook").mkdir()
    (hook / "sitecustomize.py").write_text(_HOOK, encoding="utf-8")
    environment = {
        **os.environ, "HALT_AT": point, "HALT_HERE": str(hook / "here"),
        "PYTHONPATH": os.pathsep.join([str(hook), *(os.path.abspath(path) for path in sys.path if path)]),
    }
    return subprocess.Popen([*by, sys.executable, "-m", "lodeworks", *map(str, words)], cwd=folder, env=environment,
                            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options})


def halted(folder: Path, process: subprocess.Popen[str]) -> int:
    """Wait until a process of the command has halted, and return its number."""
    here = folder.parent / f"{folder.name}-hook" / "here"
    until = time.monotonic() + 100
    while not (here.exists() and here.read_text()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, "it did not come to where it halts"
        time.sleep(0.01)
    return int(here.read_text())


def go_on(folder: Path) -> None:
    """Let a command that has halted in a folder go on."""
    (folder.parent / f"{folder.name}-hook" / "here-go").touch()


def still_in(folder: Path) -> dict[int, str]:
    """Wait until no process works in a folder, and return those that do not end."""
    until = time.monotonic() + 20
    while (found := _working_in(folder)) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def _working_in(folder: Path) -> dict[int, str]:
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.joinpath("cwd").readlink() == folder:
                found[int(process.name)] = process.joinpath("cmdline").read_text().replace("\0", " ")
        except OSError:  # gone meanwhile, or another's
            continue
    return found
