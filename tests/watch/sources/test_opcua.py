"""OPC UA from a real server: what changes comes, what does not stands, what is lost is bad."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lodeworks.errors import WatchError
from lodeworks.watch.journal import now_ms
from lodeworks.watch.present import Present
from lodeworks.watch.samples import Quality
from lodeworks.watch.sources import listen
from lodeworks.watch.sources.gate import Gate
from tests.watch import plant
from tests.watch.plant import tag
from tests.watch.servers import LOCAL, free_port

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
TAGS = [tag("gas", "ns=2;s=gas"), tag("fan", "ns=2;s=fan"), tag("none", "ns=2;s=none")]


class Plant:
    """An OPC UA server in a thread of its own."""

    def __init__(self, port: int) -> None:
        self.port, self.ready, self.stop = port, threading.Event(), None
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self.thread.start()
        assert self.ready.wait(60)

    async def _run(self) -> None:
        from asyncua import Server, ua

        self.loop, self.stop = asyncio.get_running_loop(), asyncio.Event()
        server = Server()
        await server.init()
        server.set_endpoint(f"opc.tcp://{LOCAL}:{self.port}")
        await server.register_namespace("mine")
        self.nodes = {
            name: await server.nodes.objects.add_variable(ua.NodeId(name, 2), name, value) for name, value in (("gas", 0.5), ("fan", True))
        }
        async with server:
            self.ready.set()
            await self.stop.wait()

    def write(self, name: str, value, status: str = "Good", at: datetime | None = None) -> None:
        from asyncua import ua

        told = ua.DataValue(ua.Variant(value), StatusCode=ua.StatusCode(getattr(ua.StatusCodes, status)), SourceTimestamp=at or datetime.now(UTC))
        asyncio.run_coroutine_threadsafe(self.nodes[name].write_value(told), self.loop).result(10)

    def end(self) -> None:
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(20)


def test_values_qualities_times_loss_and_return(tmp_path):
    port = free_port()
    chain = plant.live("opcua", f"opc.tcp://{LOCAL}:{port}", TAGS)

    def now():
        return Present.open(tmp_path / "present", [one.name for one in chain.tags]).read()

    server = Plant(port)
    try:
        with plant.running(chain, tmp_path):
            plant.until(lambda: plant.listens(tmp_path) and now().value[:2].tolist() == [0.5, 1.0])
            refused = json.loads((tmp_path / "health.json").read_text())["feeds"]["plant"]["examples"]
            assert any("ns=2;s=none" in example["what"] for example in refused)
            moment = datetime.now(UTC) + timedelta(seconds=5)  # its clock is ahead
            server.write("gas", 0.75, at=moment)
            plant.until(lambda: now().value[0] == 0.75)
            assert abs(now().at[0] - moment.timestamp() * 1000) <= 1
            server.write("fan", False, "UncertainLastUsableValue")
            plant.until(lambda: now().quality[1] == Quality.UNCERTAIN)
            before = now().at[1]
            plant.until(lambda: now().at[1] > before + 900)  # not changed, and said again: it stands
            assert now().quality[1] == Quality.UNCERTAIN
            server.end()
            plant.until(lambda: now().quality[:2].tolist() == [Quality.BAD] * 2)
            assert now_ms() - now().received[0] < 20_000
            server = Plant(port)
            plant.until(lambda: now().value[:2].tolist() == [0.5, 1.0] and now().quality[0] == Quality.GOOD)
    finally:
        server.end()


@pytest.mark.parametrize(("address", "node", "fault"), [
    ("mqtt://x", "ns=2;s=gas", "no address of a server"), ("opc.tcp://h:99999", "ns=2;s=gas", "no address of a server"),
    ("opc.tcp://h:x", "ns=2;s=gas", "no address of a server"), ("opc.tcp://[::1", "ns=2;s=gas", "no address of a server"), ("opc.tcp://127.0.0.1:1", "the gas", "gas: no node: 'the gas'"),
])
def test_what_cannot_be_listened_to_is_told(tmp_path, address, node, fault):
    chain = plant.live("opcua", address, [replace(TAGS[0], address=node)])
    with pytest.raises(WatchError, match=fault):
        asyncio.run(anext(listen(Gate(chain.feeds[0], chain, now_ms), tmp_path)))


@pytest.mark.parametrize(("kind", "library", "extra"), [("opcua", "asyncua", "opcua"), ("modbus", "pymodbus.client", "modbus"), ("mqtt", "aiomqtt", "watch"), ("push", "uvicorn", "watch")])
def test_a_missing_library_is_told_with_its_extra(tmp_path, monkeypatch, kind, library, extra):
    monkeypatch.setitem(sys.modules, library, None)
    chain = plant.live(kind, "x")
    with pytest.raises(WatchError, match=rf"pip install 'lodeworks\[{extra}\]'"):
        asyncio.run(anext(listen(Gate(chain.feeds[0], chain, now_ms), tmp_path)))
