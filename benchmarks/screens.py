"""What a dispatcher waits for, measured where a dispatcher is: in a browser before the real programs.

`screen`: from a device's clock over a broker, ingest with alarms and history, and the pages, to what a browser has
drawn; other clients listen meanwhile as in `walls`. `drawn`: from a press to a year's curve. `start`: from the command
to the first page, and what a page of each kind takes on the server.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import live, walls

if TYPE_CHECKING:
    from benchmarks.registry import Benchmark, Case, Result
    from lodeworks.network.live import Live

__all__ = ["drawn", "screen", "start"]

_ROOT = Path(__file__).parents[1]
_AT_ONCE = 50  # tags of a message
_SETTLE_S = 4.0
_PATIENCE_S = 180.0  # on a busy computer; what is timed is timed by itself
_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
          "--disable-component-update", "--disable-sync", "--window-size=1920,1080")

# What a tile says is noted when the frame with it has been painted: a timer set in a frame runs after it.
_NOTE = """
  window.seen = [];
  const changed = new Set();
  new MutationObserver((all) => {
    for (const one of all) {
      const at = one.target.nodeType === 1 ? one.target : one.target.parentElement;
      if (at?.classList.contains("lw-value")) changed.add(at);
    }
    if (!changed.size) return;
    const said = [...changed].map((value) => [value.closest(".lw-tile").title.split("\\n")[1], value.textContent]);
    changed.clear();
    requestAnimationFrame(() => setTimeout(() => {
      const now = Date.now();
      for (const [name, text] of said) window.seen.push([name, text, now]);
    }));
  }).observe(document.querySelector(".lw-area"), {childList: true, characterData: true, subtree: true});
  return document.querySelectorAll(".lw-tile").length;
"""
# Press a button, and tell how long it took until a frame with what was asked for was painted: what the picture is said
# to show is written once it is drawn.
_PRESS = """
  const [place, done] = arguments, plot = document.querySelector(".lw-plot");
  const button = document.querySelectorAll(".lw-buttons")[place[0]].querySelectorAll("button")[place[1]];
  const began = performance.now();
  new MutationObserver((_, self) => {
    self.disconnect();
    requestAnimationFrame(() => setTimeout(() => done([performance.now() - began, plot.getAttribute("aria-label")])));
  }).observe(plot, {attributes: true, attributeFilter: ["aria-label"]});
  button.click();
"""


def screen(benchmark: Benchmark, cases: Sequence[Case]) -> Iterator[Result]:
    """Yield how old a value is when it is drawn in a browser, and when it reaches each other client."""
    from benchmarks.registry import Result

    for case in cases:
        tags, clients, seconds = (int(case.arguments[key]) for key in ("tags", "clients", "seconds"))
        for quantity, figure in _screen(tags, clients, seconds).items():
            yield Result(benchmark.name, case.name, quantity, figure)


def drawn(benchmark: Benchmark, case: Case, history: Path, until: int) -> Iterator[Result]:
    """Yield how long a browser takes from a press to a year drawn, of the history of `live.year`."""
    from benchmarks.registry import Result

    with _serving("year", history.parent) as (address, _), _browser() as browser:
        browser.get(f"{address}/en/trends?tags=b&span=hour&until={until}")
        _until(lambda: browser.execute_script("return document.querySelector('.lw-plot')?.getAttribute('aria-label')"))
        for again in ("first", "again"):
            for name, places in (("hours", [(0, 5)]), ("a line", [(1, 0)])):
                taken = [browser.execute_async_script(_PRESS, place) for place in places]
                if "shown" not in taken[-1][1]:
                    raise RuntimeError(f"no year is drawn: {taken[-1][1]}")
                yield Result(benchmark.name, case.name, f"drawn as {name}, {again}, s", taken[-1][0] / 1000.0)
            browser.execute_async_script(_PRESS, (0, 2))  # a day, so that the next press asks for the year anew


def start(benchmark: Benchmark, cases: Sequence[Case]) -> Iterator[Result]:
    """Yield how long `lodeworks watch` with a rehearsal takes to its first page, and what pages take on the server."""
    from benchmarks.registry import Result

    for case in cases:
        chain, times, clients = case.arguments["chain"], case.arguments["times"], case.arguments["clients"]
        taken = []
        for number in range(times):
            with _watching(chain) as (address, began):
                walls.page(address, "/zh/wall", _PATIENCE_S)
                taken.append(time.monotonic() - began)
                if number == times - 1:
                    time.sleep(_SETTLE_S)
                    held = asyncio.run(_held(address, clients))
        yield Result(benchmark.name, case.name, "first page, median s", statistics.median(taken))
        yield Result(benchmark.name, case.name, "first page, worst s", max(taken))
        for name, size in held.items():
            yield Result(benchmark.name, case.name, f"MB a page, {name}", size)
        yield Result(benchmark.name, case.name, "MB a page, dearest", max(held.values()))


# ---- device to screen ----------------------------------------------------------------------------------------------


def _screen(tags: int, clients: int, seconds: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name, live.broker(Path(name)) as port:
        folder = Path(name) / "watch"
        ingest, devices = (_child(what, folder, tags, port) for what in ("ingest", "devices"))
        try:
            live.wait_for(ingest, folder, "plc")
            with _serving("screen", folder, tags, port) as (address, server), _browser() as browser:
                browser.get(f"{address}/zh/wall")
                _until(lambda: browser.execute_script(
                    "return [...document.querySelectorAll('.lw-value')].some((one) => /[0-9]/.test(one.textContent))"))
                ages: list[float] = []
                processes = {"ingest": ingest, "pages": server}
                cpu = asyncio.run(_listening(
                    address.removeprefix("http://"), clients - 1, seconds, ages, browser, processes))
                seen = browser.execute_script("return window.seen")
            devices.terminate()
            sent = json.loads(devices.communicate(timeout=60)[0])
        finally:
            devices.kill()
            ingest.send_signal(signal.SIGTERM)
            ingest.wait(60)
    on_screen = np.asarray(_ages(seen, {tuple(key): at for *key, at in sent}))
    other = np.asarray(ages)
    return {
        "values drawn, % of those sent": 100.0 * len(on_screen) / (tags * seconds),
        "drawn after, median ms": float(np.median(on_screen)),
        "drawn after, 99 % ms": float(np.quantile(on_screen, 0.99)),
        "drawn after, worst ms": float(on_screen.max()),
        "sent after, median ms": float(np.median(other)), "sent after, worst ms": float(other.max()),
        **{f"CPU of {name}, % of a core": 100.0 * share for name, share in cpu.items()},
    }


def _ages(seen: Sequence[tuple[str, str, float]], sent: dict[tuple[Any, ...], int]) -> list[float]:
    """Return how old (ms) each value was when it was drawn: what a tile says names the second it was sent in."""
    return [drawn_at - at for name, text, drawn_at in seen
            if (at := sent.get((int(name[1:]) // _AT_ONCE, round(float(text.replace(",", "")))))) is not None]


async def _listening(
    address: str, clients: int, seconds: int, ages: list[float], browser: Any,
    processes: dict[str, subprocess.Popen[str]],
) -> dict[str, float]:
    """Let so many clients listen beside the browser for a while; return the share of a core of each process."""
    counting, sent = asyncio.Event(), [0]
    tasks = [task for _ in range(clients)
             for task in await walls.client(address, "/zh/wall", walls.STREAM, ages, sent, counting)]
    await asyncio.sleep(_SETTLE_S)
    if not await asyncio.to_thread(browser.execute_script, _NOTE):
        raise RuntimeError("the wall has no tiles")
    counting.set()
    used, began = {name: live.cpu(one.pid) for name, one in processes.items()}, time.monotonic()
    await asyncio.sleep(seconds)
    while not ages or not await asyncio.to_thread(browser.execute_script, "return window.seen.length"):
        if time.monotonic() - began > _PATIENCE_S:
            raise RuntimeError("nobody was shown anything")
        await asyncio.sleep(0.5)
    lasted = time.monotonic() - began
    share = {name: (live.cpu(one.pid) - used[name]) / lasted for name, one in processes.items()}
    walls.end(tasks)
    return share


def _live(tags: int, port: int) -> Live:
    """A wall of tiles, each with an alarm, whose values come from a broker."""
    from lodeworks.network.live import AlarmRule, Limit

    wall = walls.tiles(tags)
    rules = tuple(
        AlarmRule(f"r{n}", "", "", tag.name, "limit", 3, "cause", "consequence", "response", 600.0,
                  limits=(Limit("H", "high", 1e6, 1.0),), on_delay_s=2.0)
        for n, tag in enumerate(wall.tags)
    )
    return replace(wall, feeds=(replace(wall.feeds[0], address=f"mqtt://127.0.0.1:{port}/mine/#"),), rules=rules)


def _devices(folder: Path, tags: int, port: int) -> None:
    """Send every tag once a second, fifty in a message, until told to stop; print when each second's was sent."""
    import paho.mqtt.client as paho
    from paho.mqtt.enums import CallbackAPIVersion

    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    stop = _stopped()
    groups, sent, began = range(0, tags, _AT_ONCE), [], time.perf_counter()
    for second in itertools.count():
        for number, first in enumerate(groups):
            if stop.wait(max(0.0, began + second + number / len(groups) - time.perf_counter())):
                break
            now = time.time_ns() // 1_000_000
            values = {f"t{n}": second for n in range(first, min(first + _AT_ONCE, tags))}
            client.publish("mine/many", json.dumps({"time": now, "values": values}), qos=1)
            sent.append((number, second, now))
        if stop.is_set():
            break
    client.disconnect()
    print(json.dumps(sent))


# ---- programs ------------------------------------------------------------------------------------------------------


def _year() -> Live:
    from lodeworks.network.live import Feed, Live, Tag

    return Live("bench", "", "", feeds=(Feed("plc", "mqtt", "", "", ""),), tags=tuple(
        Tag(name, name, name, "", "", "temperature", "sensor", "degC", -1e9, 1e9, "", "", 1.0, "plc", name)
        for name in ("a", "b")))


def _child(what: str, folder: Path, *more: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.screens", what, str(folder), *map(str, more)], cwd=_ROOT, text=True,
        stdout=subprocess.PIPE if what == "devices" else subprocess.DEVNULL,
    )


@contextmanager
def _serving(what: str, folder: Path, *more: int) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    port = _free_port()
    server = _child(what, folder, port, *more)
    try:
        walls.page(f"127.0.0.1:{port}", "/zh/wall", _PATIENCE_S)
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def _watching(chain: str) -> Iterator[tuple[str, float]]:
    """Run `lodeworks watch` with a rehearsal on a case; yield the pages' address and when it was started."""
    with tempfile.TemporaryDirectory() as name:
        port, began = _free_port(), time.monotonic()
        command = [sys.executable, "-m", "lodeworks", "watch", str(_ROOT / "cases" / chain), "--data", name,
                   "--port", str(port), "--rehearse"]
        process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield f"127.0.0.1:{port}", began
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


async def _held(address: str, clients: int) -> dict[str, float]:
    """Return what a page of each kind takes on the server (MB), by so many of it that are open."""
    number = _listener(int(address.rpartition(":")[2]))
    held = {}
    for name in ("wall", "alarms", "trends", "map", "incident", "rounds", "journal", "past"):
        before = live.resident(number)
        tasks = [task for _ in range(clients)
                 for task in await walls.client(address, f"/zh/{name}", "/api/live?screen=", [], [0], asyncio.Event())]
        await asyncio.sleep(1.0)
        held[name] = (live.resident(number) - before) / clients / 1e6
        walls.end(tasks)
    return held


def _listener(port: int) -> int:
    """Return the process that serves at a port."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:  # it has ended meanwhile
                continue
            if b"serve" in words and str(port).encode() in words:
                return int(entry.name)
    raise RuntimeError(f"nobody serves at {port}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _browser() -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        raise RuntimeError("chromium and its driver are not installed (apt: chromium, chromium-driver)")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        for flag in (*_FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.binary_location = chromium
        browser = webdriver.Chrome(options=options, service=Service(driver))
        browser.set_script_timeout(120)
        try:
            yield browser
        finally:
            browser.quit()


def _until(what: Any) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not what():
        if time.monotonic() > end:
            raise RuntimeError("the page does not come")
        time.sleep(0.05)


def _stopped() -> threading.Event:
    """Return an event that is set when this process is told to end."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    return stop


def _main(what: str, folder: Path, numbers: list[int]) -> None:
    if what == "devices":
        _devices(folder, *numbers)
    elif what == "ingest":
        from lodeworks.watch.ingest import run

        run(_live(*numbers), folder, _stopped())
    else:
        from lodeworks.pages import serve

        port, *rest = numbers
        serve(_live(*rest) if what == "screen" else _year(), folder, port=port)


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]), [int(one) for one in sys.argv[3:]])
