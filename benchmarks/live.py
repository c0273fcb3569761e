"""The live reading under load: a real broker, ingest with alarms and history as one process, devices as another.

Figures are of ingest: processor time a second of the load, how old a value is when it is present, what was lost. A
rate that was kept is of everything sent, from the first that was sent until the last was on the disk, judged and
present; devices send somewhat faster than is asked for, so that the rate is not theirs. A year of one tag is drawn from
closed days.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.registry import Benchmark, Case, Result
    from lodeworks.network.live import Live

__all__ = ["Load", "broker", "child", "closing", "cpu", "load", "mosquitto", "resident", "wait_for", "year"]

_ROOT = Path(__file__).parents[1]
_LOCAL = "127.0.0.1"


@dataclass(frozen=True)
class Load:
    """So many tags; so many messages a second of so many values each, for so many seconds."""

    tags: int
    messages: int
    values: int
    seconds: float


def load(benchmark: Benchmark, cases: Sequence[Case]) -> Iterator[Result]:
    """Yield the figures of ingest under each load."""
    from benchmarks.registry import Result

    if _mosquitto() is None:
        raise RuntimeError("mosquitto is not installed (apt: mosquitto)")
    for case in cases:
        for quantity, figure in _measured(Load(**case.arguments)).items():
            yield Result(benchmark.name, case.name, quantity, figure)


def closing(benchmark: Benchmark, cases: Sequence[Case]) -> Iterator[Result]:
    """Yield the figures of ingest under load while it closes a day of so many samples of each tag."""
    from benchmarks.registry import Result

    for case in cases:
        arguments = dict(case.arguments)
        each = arguments.pop("each")
        for quantity, figure in _measured(Load(**arguments), each).items():
            yield Result(benchmark.name, case.name, quantity, figure)


def year(benchmark: Benchmark, cases: Sequence[Case]) -> Iterator[Result]:
    """Yield how long it takes to read one tag's days of one sample a second, thinned to a screen, and to draw them."""
    from benchmarks.registry import Result
    from benchmarks.screens import drawn
    from lodeworks.watch.history import open_history
    from lodeworks.watch.history.hot import start_of

    for case in cases:
        days = case.arguments["days"]
        with tempfile.TemporaryDirectory() as name:
            folder, first = Path(name) / "history", date(2025, 1, 1)
            size = _closed_days(folder, first, days)
            history = open_history(folder, ["a", "b"])
            since, until = start_of(first), start_of(first + timedelta(days))
            history.read([1], since, until, 1600)  # what every file needs once
            began, used = time.perf_counter(), time.process_time()
            [series] = history.read([1], since, until, 1600)
            seconds, used = time.perf_counter() - began, time.process_time() - used
            history.close()
            yield Result(benchmark.name, case.name, "samples", series.n_raw)
            yield Result(benchmark.name, case.name, "seconds to read and thin", seconds)
            yield Result(benchmark.name, case.name, "CPU seconds", used)
            yield Result(benchmark.name, case.name, "bytes a sample", size / (2 * 86_400 * days))
            yield from drawn(benchmark, case, folder, until)


def _closed_days(folder: Path, first: date, days: int) -> int:
    """Write days of two tags at one sample a second; return the bytes they take."""
    import numpy as np

    from lodeworks.watch.history import open_history
    from lodeworks.watch.history.cold import Cold
    from lodeworks.watch.history.hot import start_of
    from lodeworks.watch.samples import Samples

    open_history(folder, ["a", "b"]).close()
    rng, cold, n = np.random.default_rng(1), Cold(folder / "days"), 86_400
    for number in range(days):
        day = first + timedelta(number)
        at = np.tile(start_of(day) + np.arange(n) * 1000, 2)
        value = np.round(rng.normal(0.0, 0.02, 2 * n).cumsum(), 2)
        tag = np.repeat(np.array([1, 2], np.int32), n)
        cold.write(day, [Samples(tag, at, at + rng.integers(5, 50, 2 * n), value, np.zeros(2 * n, np.uint8))],
                   {1: "a", 2: "b"}, 0)
    return sum(path.stat().st_size for path in (folder / "days").iterdir())


def _hot_day(of: Load, folder: Path, each: int) -> Path:
    """Write a day that is over and waits to be closed; return what it is to become."""
    import numpy as np

    from lodeworks.watch.history import open_history
    from lodeworks.watch.history.hot import DAY_MS, Hot, day_of, start_of
    from lodeworks.watch.samples import Samples

    open_history(folder / "history", [f"t{n}" for n in range(of.tags)]).close()
    day = day_of(time.time_ns() // 1_000_000 - DAY_MS)
    hot, at = Hot(folder / "history" / "hot"), start_of(day) + np.arange(each, dtype=np.int64) * 1000
    for first in range(1, of.tags + 1, 1000):
        tags = np.arange(first, min(first + 1000, of.tags + 1), dtype=np.int32)
        rows = np.tile(at, len(tags))
        value = np.tile(np.round(np.random.default_rng(first).normal(0.0, 0.02, each).cumsum(), 2), len(tags))
        hot.put(day, Samples(np.repeat(tags, each), rows, rows + 20, value, np.zeros(len(rows), np.uint8)), 0)
    return folder / "history" / "days" / f"{day.isoformat()}.parquet"


def _measured(of: Load, each: int = 0) -> dict[str, float]:
    from lodeworks.watch.history import open_history

    with tempfile.TemporaryDirectory() as name, broker(Path(name)) as port:
        folder = Path(name) / "watch"
        closed = _hot_day(of, folder, each) if each else None
        started = time.perf_counter()
        ingest = child("ingest", of, port, folder)
        wait_for(ingest, folder)
        time.sleep(1.0)
        before, seen = cpu(ingest.pid), _Seen()
        stop = threading.Event()
        watching = threading.Thread(target=_watch, args=(of, port, folder, seen, stop))
        watching.start()
        since = time.time_ns() // 1_000_000
        devices = child("devices", of, port, folder)
        took = float("nan")
        while closed is not None and devices.poll() is None:
            if took != took and closed.exists():
                took = time.perf_counter() - started
            time.sleep(0.1)
        sent = json.loads(devices.communicate()[0])
        deadline = time.monotonic() + 60.0
        while seen.newest < sent["last"] and time.monotonic() < deadline:
            time.sleep(0.05)
        used = cpu(ingest.pid) - before
        history = open_history(folder / "history", [tag.name for tag in _live(of, port).tags])
        kept = 0
        while kept < sent["values"] and time.monotonic() < deadline:
            kept = sum(one.n_raw for one in history.read(range(of.tags), since, 2**60, 2))
        stop.set()
        watching.join()
        ingest.send_signal(signal.SIGTERM)
        ingest.wait(60)
        history.close()
    ages = sorted(seen.ages) or [float("nan")]
    seconds, share = seen.when - sent["began"], kept / sent["values"]
    figures = {
        "messages sent a second": sent["messages"] / (sent["ended"] - sent["began"]),
        "messages kept a second": share * sent["messages"] / seconds, "values kept a second": kept / seconds,
        "values lost": float(sent["values"] - kept), "CPU of ingest, % of a core": 100.0 * used / seconds,
        "age when present, median ms": ages[len(ages) // 2], "age when present, 99 % ms": ages[len(ages) * 99 // 100],
        "age when present, worst ms": ages[-1],
        "peak MB": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024.0,
    }
    if closed is not None:
        figures |= {"samples of the day closed": float(of.tags * each), "seconds until it was closed": took}
    return figures


@dataclass
class _Seen:
    """What was seen of the present: how old (ms) values of a tag were when they showed, the newest value of all (ms)
    and when it showed (s).
    """

    ages: list[float] = field(default_factory=list)
    newest: int = 0
    when: float = 0.0


def _watch(of: Load, port: int, folder: Path, into: _Seen, stop: threading.Event) -> None:
    """Look at the present as a page does. It is shown what was kept, in order: with the newest all of it was kept."""
    from lodeworks.watch.present import Present

    present = Present.open(folder / "present", [tag.name for tag in _live(of, port).tags])
    seen = present.read().at[0]
    while not stop.is_set():
        at, now = present.read().at, time.time()
        if at[0] != seen:
            into.ages.append(now * 1000.0 - float(at[0]))
            seen = at[0]
        if at.max() > into.newest:
            into.newest, into.when = int(at.max()), now
        time.sleep(0.005)


def _live(of: Load, port: int) -> Live:
    """A chain of tags, each with an alarm."""
    from lodeworks.network.live import AlarmRule, Feed, Limit, Live, Tag

    tags = tuple(
        Tag(f"t{n}", "", "", "", "", "flow", "sensor", "t/h", -1e9, 1e9, "", "", 1.0, "plant", f"mine/t{n}")
        for n in range(of.tags)
    )
    rules = tuple(
        AlarmRule(f"r{n}", "", "", f"t{n}", "limit", 3, "cause", "consequence", "response", 600.0,
                  limits=(Limit("H", "high", 100.0, 1.0),), on_delay_s=2.0)
        for n in range(of.tags)
    )
    address = f"mqtt://{_LOCAL}:{port}/mine/#"
    return Live("bench", "", "", feeds=(Feed("plant", "mqtt", address, "", ""),), tags=tags, rules=rules)


def _ingest(of: Load, port: int, folder: Path) -> None:
    from lodeworks.watch.ingest import run

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    run(_live(of, port), folder, stop)


def _devices(of: Load, port: int, _: Path) -> None:
    """Send in an even stream, with a promise; print what was sent."""
    import paho.mqtt.client as paho
    from paho.mqtt.enums import CallbackAPIVersion

    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(0)
    client.connect(_LOCAL, port)
    client.loop_start()
    began, told = time.perf_counter(), time.time()
    sent, last, tag = 0, None, 0
    before = [0] * of.tags  # two of one tag and time would be one sample
    total = round(of.messages * of.seconds)
    while sent < total:
        due = min(total, int((time.perf_counter() - began) * of.messages) + 1)
        for number in range(sent, due):
            now = time.time_ns() // 1_000_000
            if of.values == 1:
                tag = number % of.tags
                now = before[tag] = max(now, before[tag] + 1)
                topic, content = f"mine/t{tag}", f'{{"value": {number % 90}.5, "time": {now}}}'
            else:
                many = [(tag + one) % of.tags for one in range(of.values)]
                now = max(now, max(before[one] for one in many) + 1)
                for one in many:
                    before[one] = now
                names = ", ".join(f'"t{one}": {(number + place) % 90}.5' for place, one in enumerate(many))
                topic, content = "mine/many", f'{{"time": {now}, "values": {{{names}}}}}'
                tag = (tag + of.values) % of.tags
            last = client.publish(topic, content, qos=1)
        sent = due
        time.sleep(0.002)
    if last is not None:
        last.wait_for_publish(60)
    ended = time.time()
    client.disconnect()
    print(json.dumps({"messages": sent, "values": sent * of.values, "last": max(before), "began": told,
                      "ended": ended}))


def child(what: str, of: Load, port: int, folder: Path) -> subprocess.Popen[str]:
    """Start `ingest` or `devices` of a load as a process of its own."""
    told = json.dumps({"tags": of.tags, "messages": of.messages, "values": of.values, "seconds": of.seconds})
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.live", what, told, str(port), str(folder)], cwd=_ROOT, text=True,
        stdout=subprocess.PIPE if what == "devices" else None,
    )


def _mosquitto() -> str | None:
    return shutil.which("mosquitto", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))


@contextmanager
def broker(folder: Path) -> Iterator[int]:
    """Run a mosquitto; yield its port."""
    with socket.socket() as probe:
        probe.bind((_LOCAL, 0))
        port = int(probe.getsockname()[1])
    running = mosquitto(folder, port)
    try:
        yield port
    finally:
        running.terminate()
        running.wait(20)


def mosquitto(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Start a mosquitto that lets any number of messages be on the way, and keeps what waits when it is ended."""
    config = folder / "mosquitto.conf"
    config.write_text(f"listener {port} {_LOCAL}\nallow_anonymous true\nmax_inflight_messages 0\n"
                      f"max_queued_messages 0\npersistence true\npersistence_location {folder}/\nuser root\n")
    running = subprocess.Popen([_mosquitto() or "mosquitto", "-c", config], stderr=subprocess.DEVNULL)
    while True:
        with socket.socket() as probe:
            if probe.connect_ex((_LOCAL, port)) == 0:
                return running
        time.sleep(0.05)


def wait_for(ingest: subprocess.Popen[str], folder: Path, feed: str = "plant") -> None:
    """Wait until ingest listens to a feed."""
    while not _connected(folder, feed):
        if ingest.poll() is not None:
            raise RuntimeError("ingest ended")
        time.sleep(0.1)


def _connected(folder: Path, feed: str) -> bool:
    if not (folder / "health.json").exists():
        return False
    told: Any = json.loads((folder / "health.json").read_text())
    return bool(told["feeds"][feed]["connected"])


def cpu(process: int) -> float:
    """Return the processor seconds a process has used (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(process: int) -> float:
    """Return the bytes of memory a process holds (Linux)."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    _what, _told, _port, _folder = sys.argv[1:]
    {"ingest": _ingest, "devices": _devices}[_what](Load(**json.loads(_told)), int(_port), Path(_folder))
