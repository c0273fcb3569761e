"""Modbus from a real server: registers of every kind, few requests, refusals, loss and return."""

from __future__ import annotations

import asyncio
import struct
import threading
from dataclasses import replace

import pytest

from lodeworks.errors import WatchError
from lodeworks.watch.journal import now_ms
from lodeworks.watch.present import Present
from lodeworks.watch.samples import Quality
from lodeworks.watch.sources import listen
from lodeworks.watch.sources.gate import Gate
from lodeworks.watch.sources.modbus import asks, register_of
from tests.watch import plant
from tests.watch.plant import tag
from tests.watch.servers import LOCAL, free_port


class Device:
    """A Modbus device in a thread of its own: holding registers 0 to 99, others of a few numbers."""

    def __init__(self, port: int, holding: list[int]) -> None:
        self.port, self.holding = port, holding
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self.thread.start()
        assert self.ready.wait(20)

    async def _run(self) -> None:
        from pymodbus.server import ModbusTcpServer
        from pymodbus.simulator import DataType, SimData, SimDevice

        def block(values):
            return [SimData(0, values=values, datatype=DataType.REGISTERS)]

        def bits(values):
            return [SimData(0, values=values, datatype=DataType.BITS)]

        self.loop = asyncio.get_running_loop()
        server = ModbusTcpServer(SimDevice(1, simdata=(bits([False, False, False, True] * 4), bits([True] * 16), block(self.holding), block([70, 71]))), address=(LOCAL, self.port))
        await server.serve_forever(background=True)
        self.stop = asyncio.Event()
        self.ready.set()
        await self.stop.wait()
        await server.shutdown()

    def end(self) -> None:
        if self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.stop.set)
            self.thread.join(20)


def words(fmt: str, value) -> list[int]:
    content = struct.pack(fmt, value)
    return list(struct.unpack(f">{len(content) // 2}H", content))


HOLDING = [250, 65_535, *words(">f", 1.5), *words(">i", -7)[::-1], *words(">d", 2.25), *[0] * 20]
TAGS = [
    tag("gas", "holding:0*0.01", period_s=0.2), tag("below", "holding:1:int16", period_s=0.2), tag("air", "1/holding:2:float32", period_s=0.2),
    tag("swapped", "holding:4:int32:little", period_s=0.2), tag("wide", "holding:6:float64", period_s=0.2), tag("input", "input:1", period_s=0.2),
    tag("coil", "coil:3", period_s=0.2), tag("contact", "discrete:0", period_s=0.2), tag("nowhere", "holding:900", period_s=0.2),
]
WANTED = [2.5, -1.0, 1.5, -7.0, 2.25, 71.0, 1.0, 1.0]


def test_registers_of_every_kind_loss_and_return(tmp_path):
    port = free_port()
    chain = plant.live("modbus", f"{LOCAL}:{port}", TAGS)

    def now():
        return Present.open(tmp_path / "present", [one.name for one in chain.tags]).read()

    device = Device(port, HOLDING)
    try:
        with plant.running(chain, tmp_path):
            plant.until(lambda: plant.listens(tmp_path) and now().at[8] > 0)
            plant.until(lambda: now().value[:8].tolist() == WANTED)
            assert now().quality[:8].tolist() == [Quality.GOOD] * 8
            assert now().quality[8] == Quality.BAD  # the device has no such register
            device.end()
            plant.until(lambda: (now().quality[:8] == Quality.BAD).all())
            device = Device(port, [300, *HOLDING[1:]])
            plant.until(lambda: now().value[:8].tolist() == [3.0, *WANTED[1:]])
    finally:
        device.end()


def test_few_requests_read_many_registers():
    registers = [register_of(number, f"holding:{at}") for number, at in enumerate([0, 1, 5, 30, 31, 200, 324])]
    registers += [register_of(7, "2/holding:2"), register_of(8, "holding:33:float32"), register_of(9, "coil:3"), register_of(10, "coil:60")]
    found = asks(registers, [1.0] * len(registers))
    assert [(ask.registers[0].unit, ask.registers[0].kind, ask.first, ask.count) for ask in found] == [
        (1, "holding", 0, 6), (1, "holding", 30, 5), (1, "holding", 200, 1), (1, "holding", 324, 1), (2, "holding", 2, 1), (1, "coil", 3, 58),
    ]
    assert len(asks(registers[:2], [1.0, 5.0])) == 2  # each in its own period
    long = [register_of(number, f"holding:{number}") for number in range(300)]
    assert [ask.count for ask in asks(long, [1.0] * 300)] == [125, 125, 50]


@pytest.mark.parametrize("address", ["127.0.0.1:99999", "127.0.0.1:x", "127.0.0.1:0", "[::1", "http://127.0.0.1", "tcp://", ""])
def test_what_is_no_address_of_a_device_is_told(tmp_path, address):
    chain = plant.live("modbus", address, TAGS)
    with pytest.raises(WatchError, match=r"feed plant: no address of a device; found .*expected host:502"):
        asyncio.run(anext(listen(Gate(chain.feeds[0], chain, now_ms), tmp_path)))


@pytest.mark.parametrize("address", ["", "holding", "holding:-1", "holding:70000", "register:1", "holding:1:float16", "coil:1:int16", "300/holding:1", "holding:1*x", "holding:1:float32:middle"])
def test_what_is_no_register_is_told(tmp_path, address):
    assert register_of(0, address) is None
    chain = plant.live("modbus", "127.0.0.1:1", [replace(TAGS[0], address=address or "?")])
    with pytest.raises(WatchError, match="no registers: gas"):
        asyncio.run(anext(listen(Gate(chain.feeds[0], chain, now_ms), tmp_path)))
