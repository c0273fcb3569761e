"""A small plant for tests: what is watched, who publishes, and ingest as a process or a thread of its own."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import paho.mqtt.client as paho

from lodeworks.network.live import Feed, Live, Tag
from lodeworks.watch.history import open_history
from lodeworks.watch.ingest import run
from tests.forks import FORKS

OWN = ("lodeworks.lag_s", "lodeworks.queue", "lodeworks.refused", "lodeworks.values_per_s", "lodeworks.disk_free_gb", "lodeworks.plant.connected")


def tag(name: str, address: str = "", feed: str = "plant", **more) -> Tag:
    facts = {"element": "", "site": "", "reads": "flow", "kind": "sensor", "unit": "t/h", "low": -1e12, "high": 1e12,
             "place": "", "quantity": "", "period_s": 1.0, **more}
    return Tag(name, name, name, feed=feed, address=address or name, **facts)


def live(kind: str, address: str, tags: int | list[Tag] = 3) -> Live:
    """A chain with one feed `plant` and tags t0, t1, … on topics mine/t0, …, and what ingest knows of itself."""
    if isinstance(tags, int):
        tags = [tag(f"t{number}", f"mine/t{number}") for number in range(tags)]
    return Live("works", "Works", "工厂", feeds=(Feed("plant", kind, address, "Plant", "工厂"),),
                tags=(*tags, *(tag(name, feed="lodeworks") for name in OWN)))


@contextmanager
def running(chain: Live, folder: Path, **more) -> Iterator[None]:
    """Run ingest in a thread; what it raises is raised here."""
    stop, faults = threading.Event(), []

    def work() -> None:
        try:
            run(chain, folder, stop, **more)
        except BaseException as error:
            faults.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()
    if faults:
        raise faults[0]


def started(kind: str, address: str, tags: int, folder: Path) -> BaseProcess:
    """Start ingest as a process of its own."""
    process = FORKS.Process(target=_ingest, args=(kind, address, tags, folder))
    process.start()
    return process


def _ingest(kind: str, address: str, tags: int, folder: Path) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    run(live(kind, address, tags), folder, stop)


def killed(process: BaseProcess) -> None:
    process.kill()
    process.join(10)
    assert process.exitcode == -signal.SIGKILL


def process_of(verb: str, data: Path) -> int:
    """Return the number of the process of a verb on a folder, nought if there is none."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:  # it has ended meanwhile
                continue
            if verb.encode() in words and str(data).encode() in words:
                return int(entry.name)
    return 0


def until(what, seconds: float = 60.0, every: float = 0.05):
    """Wait until something is true, and return it."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(every)
    return found


def listens(folder: Path) -> bool:
    """Tell whether ingest has subscribed."""
    told = folder / "health.json"
    return told.exists() and all(feed["connected"] for feed in json.loads(told.read_text())["feeds"].values())


def values(chain: Live, folder: Path, number: int = 0) -> list[float]:
    """Return all values of a tag in the history, in order of time."""
    history = open_history(folder / "history", [one.name for one in chain.tags])
    try:
        return history.read([number], 0, 2**60)[0].value.tolist()
    finally:
        history.close()


class Publisher:
    """A device that sends with a promise (QoS 1)."""

    def __init__(self, port: int) -> None:
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self.client.max_inflight_messages_set(0)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self._last = None

    def send(self, topic: str, payload: str | bytes, qos: int = 1) -> None:
        self._last = self.client.publish(topic, payload, qos=qos)

    def done(self) -> None:
        """Wait until the broker has everything."""
        if self._last is not None:
            self._last.wait_for_publish(20)

    def close(self) -> None:
        self.done()
        self.client.disconnect()
        self.client.loop_stop()
