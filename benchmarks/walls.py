"""A wall of many tiles before many browsers, beside the same on one label a tile of the page library.

Each client is what a browser is to the server: it gets the page, joins the library's socket and, for ours, listens to
the stream of the screen. A plant writes every tag once a second; an age is from then to the message with it. How old a
value is when a browser has drawn it, all the way from a device, is measured in `screens`.
"""

from __future__ import annotations

import ast
import asyncio
import json
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.live import cpu, resident

if TYPE_CHECKING:
    from benchmarks.registry import Benchmark, Case, Result
    from lodeworks.network.live import Live

__all__ = ["STREAM", "client", "end", "page", "run", "tiles"]

_ROOT = Path(__file__).parents[1]
_PAGES = {"ours": "/zh/wall", "plain": "/"}
_CHANGED = 2  # the kind of a message with what is new, as `lodeworks.pages.stream` lays it out
STREAM = "/api/live?screen=wall&language=zh"


def tiles(tags: int) -> Live:
    """Return a wall of so many tiles."""
    from lodeworks.network.live import Feed, Live, Screen, Site, Tag

    sites = tuple(Site(f"s{k}", f"Site {k}", f"场所 {k}") for k in range(10))
    made = tuple(
        Tag(f"t{k}", f"Tag {k}", f"测点 {k}", "", f"s{k % 10}", "temperature", "sensor", "degC", 0.0, 100.0, "", "",
            1.0, "plc", f"t{k}")
        for k in range(tags)
    )
    rows = (tuple(tag.name for tag in made),)
    return Live("bench", "Bench", "测试", feeds=(Feed("plc", "mqtt", "", "PLC", "控制器"),), tags=made, sites=sites,
                screens=(Screen("wall", "Wall", "大屏", rows),))


def _serve(what: str, folder: Path, port: int, tags: int) -> None:
    """Serve one of the two until ended: the process under measure."""
    if what == "ours":
        from lodeworks.pages import serve

        serve(tiles(tags), folder, port=port)
        return
    from nicegui import ui

    from lodeworks.watch.folder import WatchFolder
    from lodeworks.watch.present import Present

    present = Present.open(WatchFolder(folder).present, [f"t{k}" for k in range(tags)])

    @ui.page("/")
    def wall() -> None:
        with ui.grid(columns=20):
            labels = [ui.label("–") for _ in range(tags)]

        def tick() -> None:
            values = present.read()
            for label, value, at in zip(labels, values.value.tolist(), values.at.tolist(), strict=True):
                label.text = f"{value:.1f} at {at}"

        ui.timer(1.0, tick)

    ui.run(host="127.0.0.1", port=port, reload=False, show=False, show_welcome_message=False, tailwind=False)


def run(benchmark: Benchmark, cases: list[Case]) -> Iterator[Result]:
    """Measure both servers at each size."""
    from benchmarks.registry import Result

    for case in cases:
        tags, clients, seconds = (int(case.arguments[key]) for key in ("tags", "clients", "seconds"))
        ours, plain = (_measured(what, tags, clients, seconds) for what in ("ours", "plain"))
        for quantity in ours:
            ratio = plain[quantity] / ours[quantity] if ours[quantity] > 0.0 else None
            peer = plain[quantity]
            yield Result(benchmark.name, case.name, quantity, ours[quantity], peer, "one label a tile", ratio)


def _measured(what: str, tags: int, clients: int, seconds: int) -> dict[str, float]:
    from lodeworks.watch.folder import WatchFolder
    from lodeworks.watch.present import Present

    with tempfile.TemporaryDirectory() as name, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
        free.close()
        folder = Path(name)
        present = Present.create(WatchFolder(folder).present, [f"t{k}" for k in range(tags)])
        stop = threading.Event()
        writer = threading.Thread(target=_write, args=(present, tags, stop))
        writer.start()
        began = time.monotonic()
        command = [sys.executable, "-m", "benchmarks.walls", what, name, str(port), str(tags)]
        server = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            address = f"127.0.0.1:{port}"
            page(address, _PAGES[what], 60.0)
            started = time.monotonic() - began
            figures = asyncio.run(_clients(what, address, clients, seconds, server.pid))
        finally:
            server.terminate()
            server.wait(20)
            stop.set()
            writer.join()
    return {"start to first page, s": started, **figures}


def _write(present: Any, tags: int, stop: threading.Event) -> None:
    from lodeworks.watch.samples import Samples

    draw = np.random.default_rng(1)
    numbers, quality = np.arange(tags, dtype=np.int32), np.zeros(tags, np.uint8)
    while not stop.wait(1.0):
        at = np.full(tags, time.time_ns() // 1_000_000, np.int64)
        present.set(Samples(numbers, at, at, draw.uniform(0.0, 100.0, tags), quality), int(at[0]))


def page(address: str, path: str, patience_s: float = 10.0) -> str:
    """Return what a server answers at a path, waited for as long as one has patience."""
    end = time.monotonic() + patience_s
    while True:
        try:
            with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as answer:
                return str(answer.read().decode())
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


async def _clients(what: str, address: str, clients: int, seconds: int, pid: int) -> dict[str, float]:
    ages: list[float] = []
    sent = [0]
    counting = asyncio.Event()
    await asyncio.sleep(2.0)
    before, stream = resident(pid), STREAM if what == "ours" else ""
    tasks = [task for _ in range(clients)
             for task in await client(address, _PAGES[what], stream, ages, sent, counting)]
    await asyncio.sleep(5.0)
    after = resident(pid)
    counting.set()
    used, began = cpu(pid), time.monotonic()
    await asyncio.sleep(seconds)
    lasted = time.monotonic() - began
    share = (cpu(pid) - used) / lasted
    end(tasks)
    if not ages:
        raise RuntimeError("no client was told anything")
    return {
        "CPU, % of a core": 100.0 * share, "median age, ms": float(np.median(ages)),
        "95 % age, ms": float(np.quantile(ages, 0.95)), "worst age, ms": float(max(ages)),
        "kB/s a client": sent[0] / lasted / clients / 1e3, "MB a page": (after - before) / clients / 1e6,
    }


async def client(
    address: str, path: str, stream: str, ages: list[float], sent: list[int], counting: asyncio.Event
) -> list[asyncio.Task[None]]:
    """Open a page as a browser would; return what listens to the library and, where there is one, to a stream."""
    text = await asyncio.to_thread(page, address, path)
    found = re.search(r"query: (\{[^}]*client_id[^}]*\})", text)
    if found is None:
        raise RuntimeError("the page names no client")
    tasks = [asyncio.create_task(_library(address, ast.literal_eval(found[1]), ages, sent, counting))]
    if stream:
        tasks.append(asyncio.create_task(_stream(address + stream, ages, sent, counting)))
    return tasks


def end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Let clients go; one that fell out before would make the rest look good, so what it died of is raised."""
    for task in tasks:
        if task.done():
            task.result()
        task.cancel()


async def _library(
    address: str, query: dict[str, Any], ages: list[float], sent: list[int], counting: asyncio.Event
) -> None:
    """Be the library's own script: join its socket, answer its pings, acknowledge what it says."""
    from websockets.asyncio.client import connect

    words = {key: str(value).lower() if isinstance(value, bool) else value for key, value in query.items()}
    asked = "&".join(f"{key}={value}" for key, value in words.items())
    where = f"ws://{address}/_nicegui_ws/socket.io/?EIO=4&transport=websocket&document_id=d&tab_id=t&{asked}"
    async with connect(where, max_size=None, compression=None) as line:
        heard = 0
        async for message in line:
            if not isinstance(message, str):
                continue
            if message.startswith("0"):
                await line.send("40")
            elif message == "2":
                await line.send("3")
            elif message.startswith("42"):
                heard += 1
                if counting.is_set():
                    sent[0] += len(message)
                    moments = re.findall(r" at (\d{13})", message)
                    if moments:
                        ages.append(time.time() * 1000.0 - int(moments[-1]))
                if heard % 10 == 0:
                    told = json.dumps(["ack", {"client_id": query["client_id"], "next_message_id": heard}])
                    await line.send(f"42{told}")


async def _stream(where: str, ages: list[float], sent: list[int], counting: asyncio.Event) -> None:
    """Be our own component: listen to the stream of a screen; an age is that of the oldest value that is new."""
    from websockets.asyncio.client import connect

    async with connect(f"ws://{where}", max_size=None, compression=None) as line:
        async for message in line:
            if counting.is_set() and isinstance(message, bytes):
                sent[0] += len(message)
                kind, n = struct.unpack_from("<II", message)
                if n and kind == _CHANGED:
                    at = np.frombuffer(message, "<f8", n, 32 + 8 * n)
                    ages.append(time.time() * 1000.0 - float(at.min()))


if __name__ == "__main__":
    _serve(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
