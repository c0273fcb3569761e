"""What is lost when something falls while devices send: the recorder killed a hundred times, the broker away.

All of it in real time and with real programs, so it takes minutes; the tests do the same shorter.
"""

from __future__ import annotations

import json
import random
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.live import Load, broker, child, mosquitto, wait_for

if TYPE_CHECKING:
    from benchmarks.registry import Benchmark, Case, Result

__all__ = ["away", "kills"]

_PATIENCE_S = 120.0


def kills(benchmark: Benchmark, cases: Sequence[Case]) -> Iterator[Result]:
    """Yield what is lost and doubled when ingest is killed at random moments while devices send."""
    from benchmarks.registry import Result

    for case in cases:
        of, draw = Load(**case.arguments), random.Random(1)
        with tempfile.TemporaryDirectory() as name, broker(Path(name)) as port:
            folder, count = Path(name) / "watch", 0
            ingest = child("ingest", of, port, folder)
            wait_for(ingest, folder)
            devices = child("devices", of, port, folder)
            while devices.poll() is None:
                time.sleep(draw.uniform(0.0, 4.0))
                ingest.kill()
                ingest.wait()
                ingest = child("ingest", of, port, folder)
                count += 1
            sent = json.loads(devices.communicate()[0])["values"]
            kept = _kept(of, folder, sent)
            _ended(ingest)
        yield Result(benchmark.name, case.name, "kills", count)
        yield Result(benchmark.name, case.name, "values sent", sent)
        yield Result(benchmark.name, case.name, "values lost", sent - kept)


def away(benchmark: Benchmark, cases: Sequence[Case]) -> Iterator[Result]:
    """Yield what is lost when the broker is away for so many seconds while devices go on measuring."""
    from benchmarks.registry import Result

    for case in cases:
        arguments = dict(case.arguments)
        gone = float(arguments.pop("away"))
        of = Load(**arguments)
        with tempfile.TemporaryDirectory() as name:
            folder, port = Path(name) / "watch", _free_port()
            running = mosquitto(Path(name), port)
            try:
                ingest = child("ingest", of, port, folder)
                wait_for(ingest, folder)
                devices = child("devices", of, port, folder)
                time.sleep((of.seconds - gone) / 2.0)
                _stopped(running)
                time.sleep(gone)
                running, back = mosquitto(Path(name), port), time.monotonic()
                sent = json.loads(devices.communicate()[0])["values"]
                kept = _kept(of, folder, sent)
                after = time.monotonic() - back
                _ended(ingest)
            finally:
                _stopped(running)
        yield Result(benchmark.name, case.name, "seconds away", gone)
        yield Result(benchmark.name, case.name, "values sent", sent)
        yield Result(benchmark.name, case.name, "values lost", sent - kept)
        yield Result(benchmark.name, case.name, "seconds after, until all is kept", after)


def _kept(of: Load, folder: Path, sent: int) -> int:
    """Wait until all that was sent is kept, or it takes too long; return how many values are."""
    from lodeworks.watch.history import open_history

    history, began, kept = open_history(folder / "history", [f"t{n}" for n in range(of.tags)]), time.monotonic(), 0
    while kept < sent and time.monotonic() - began < _PATIENCE_S:
        time.sleep(0.5)
        kept = sum(series.n_raw for series in history.read(range(of.tags), 0, 2**60, 2))
    history.close()
    return kept


def _ended(ingest: subprocess.Popen[str]) -> None:
    ingest.send_signal(signal.SIGTERM)
    ingest.wait(60)


def _stopped(running: subprocess.Popen[bytes]) -> None:
    if running.poll() is None:
        running.terminate()
        running.wait(60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
