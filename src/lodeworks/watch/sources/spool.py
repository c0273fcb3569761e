"""Files that another program of this computer puts down: a folder is the queue. The way of a rehearsal, which needs no
broker and no network.

A file is a payload as on a topic of many values (`decode`), put down whole by `drop` and deleted when what it says is
kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from lodeworks.errors import WatchError
from lodeworks.network.live import out_of_coverage_s
from lodeworks.watch.clock import speed_of
from lodeworks.watch.sources.decode import Reader
from lodeworks.watch.sources.gate import Batch, Gate

__all__ = ["drop", "samples"]

_LOOK_S = 0.1
# Nothing for so long, or for three periods of the tag that is sent most often, and whoever puts files down is gone. Who
# only sends what a round measures is silent in its longest gap of coverage.
_SILENT_S = 10.0
# In a rehearsal faster than real that is minutes of its time. Who is silent while others are still heard is gone
# sooner, but never within the time in which a rehearsal gathers what it sends together.
_GATHERED_S = 1.5
_AT_ONCE = 50


def drop(folder: Path, payload: bytes) -> Path:
    """Put a payload down as the next file.

    Raises
    ------
    WatchError
        If it cannot be written.
    """
    name = f"{time.time_ns():020}-{os.getpid()}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{name}"
        draft.write_bytes(payload)
        draft.replace(folder / name)
    except OSError as error:
        raise WatchError(f"{folder}: nothing can be put down for the live reading: {error}") from error
    return folder / name


async def samples(gate: Gate, folder: Path) -> AsyncIterator[Batch]:
    """Yield what the files of a folder say, in the order of their names."""
    reader = Reader(gate)
    taken: set[str] = set()
    last, heard = time.monotonic(), time.time()
    silent_s = max(_SILENT_S, 3.0 * min((gate.live.tags[number].period_s for number in gate.numbers), default=0.0))
    silent_s += _out_of_coverage_s(gate)
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            there = sorted(path.name for path in folder.glob("*.json") if not path.name.startswith("."))
        except OSError as error:
            gate.down(f"{folder}: {error}")
            await asyncio.sleep(1.0)
            continue
        if there:
            last, heard = time.monotonic(), time.time()
        sooner = max(_GATHERED_S, silent_s / max(1.0, speed_of(gate.clock)))
        alone = sooner < silent_s and _others_heard(folder) - heard >= sooner
        if time.monotonic() - last < silent_s and not alone:
            gate.up()
        else:
            gate.down(f"nothing was put into {folder} for {sooner if alone else silent_s:g} s")
        taken &= set(there)
        for start in range(0, len(new := [name for name in there if name not in taken]), _AT_ONCE):
            rows = gate.rows()
            some = new[start:start + _AT_ONCE]
            for name in some:
                try:
                    reader.read(name, (folder / name).read_bytes(), rows)
                except OSError as error:
                    gate.refuse("unreadable", f"{name}: {error}")
            taken |= set(some)
            yield Batch(gate.samples(rows), _deletes([folder / name for name in some]))
        await asyncio.sleep(_LOOK_S)


def _others_heard(folder: Path) -> float:
    """Return when (s since 1970) anything was put down, or taken, beside a folder; nought where there is no other."""
    found = 0.0
    for other in folder.parent.iterdir():
        if other.name != folder.name:
            with contextlib.suppress(OSError):  # it went meanwhile
                found = max(found, other.stat().st_mtime)
    return found


def _out_of_coverage_s(gate: Gate) -> float:
    """How long all a feed's tags may be silent together, since they ride along rounds with gaps of coverage."""
    longest = out_of_coverage_s(gate.live.rounds)
    return min((longest.get(gate.live.tags[number].name, 0.0) for number in gate.numbers), default=0.0)


def _deletes(paths: list[Path]) -> Callable[[], None]:
    def delete() -> None:
        for path in paths:
            path.unlink(missing_ok=True)

    return delete
