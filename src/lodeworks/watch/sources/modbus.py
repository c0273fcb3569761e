"""Modbus: registers asked for, each tag in its period. The feed's address is ``host[:502]``, a tag's is
``[unit/]kind:number[:type[:little]][*factor]``: ``holding:100:float32``, ``2/input:7*0.1``, ``coil:3``.

Kinds are holding and input registers, coils and discrete inputs; numbers count from nought, as on the wire. Types are
(u)int16, (u)int32, (u)int64, float32 and float64, the high word first unless ``little``. Needs the extra ``modbus``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lodeworks.errors import WatchError
from lodeworks.network.live import REGISTER_TYPES, register_parts
from lodeworks.watch.ending import ended
from lodeworks.watch.samples import Quality
from lodeworks.watch.sources.address import parts_of
from lodeworks.watch.sources.gate import Batch, Gate, missing, wait_again
from lodeworks.watch.sources.polled import Gathered

__all__ = ["Ask", "Register", "asks", "register_of", "samples"]

_BITS = ("coil", "discrete")
# How much one request may ask for, and how large a gap is read over rather than asked around.
_MOST = {True: 2000, False: 125}
_GAP = {True: 64, False: 8}
_PATIENCE_S = 2.0


@dataclass(frozen=True)
class Register:
    """Where a tag's value is, and how it is read there."""

    tag: int
    unit: int
    kind: str
    number: int
    type: str
    little: bool
    factor: float

    @property
    def length(self) -> int:
        """How many registers (or bits) it takes."""
        return 1 if self.kind in _BITS else np.dtype(REGISTER_TYPES[self.type]).itemsize // 2

    def value(self, words: Sequence[int]) -> float:
        """Return the value of the registers (or the bit) there."""
        if self.kind in _BITS:
            return float(bool(words[0])) * self.factor
        content = np.asarray(words[::-1] if self.little else words, ">u2").tobytes()
        return float(np.frombuffer(content, REGISTER_TYPES[self.type])[0]) * self.factor


@dataclass(frozen=True)
class Ask:
    """One request: registers beside each other of a unit, asked for in a period (s)."""

    period_s: float
    registers: tuple[Register, ...]

    @property
    def first(self) -> int:
        """The first number asked for."""
        return self.registers[0].number

    @property
    def count(self) -> int:
        """How many are asked for."""
        return max(one.number + one.length for one in self.registers) - self.first


def register_of(tag: int, address: str) -> Register | None:
    """Return where an address points, None if it is none."""
    parts = register_parts(address)
    return Register(tag, *parts) if parts is not None else None


def asks(registers: Sequence[Register], periods: Sequence[float]) -> list[Ask]:
    """Return as few requests as read all registers, those of one period and unit together."""
    groups: dict[tuple[float, int, str], list[Register]] = {}
    for one, period in zip(registers, periods, strict=True):
        groups.setdefault((period, one.unit, one.kind), []).append(one)
    found = []
    for (period, _, kind), members in groups.items():
        bits = kind in _BITS
        run: list[Register] = []
        end = 0
        for one in sorted(members, key=lambda one: one.number):
            reach = max(end, one.number + one.length)
            if run and (one.number > end + _GAP[bits] or reach - run[0].number > _MOST[bits]):
                found.append(Ask(period, tuple(run)))
                run, reach = [], one.number + one.length
            run.append(one)
            end = reach
        found.append(Ask(period, tuple(run)))
    return found


async def samples(gate: Gate) -> AsyncIterator[Batch]:
    """Yield what the registers have; when the device is lost, every tag is bad until it is back.

    Raises
    ------
    WatchError
        If the library is missing, or an address is none.
    """
    try:
        from pymodbus.client import AsyncModbusTcpClient
    except ImportError:
        raise missing(gate.feed, "Modbus client", "modbus") from None
    _, host, port = parts_of(
        gate.feed.address, {"tcp": 502}, f"feed {gate.feed.name}: no address of a device", "host:502"
    )
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # what goes wrong is told by the gate
    found = {number: register_of(number, gate.live.tags[number].address) for number in gate.numbers}
    faults = [f"{gate.live.tags[number].name}: {gate.live.tags[number].address!r}"
              for number, one in found.items() if one is None]
    if faults:
        raise WatchError(f"feed {gate.feed.name}: no registers: {'; '.join(faults)};"
                         " expected such as holding:100:float32 or 2/input:7*0.1")
    registers = [one for one in found.values() if one is not None]
    wanted = asks(registers, [gate.live.tags[one.tag].period_s for one in registers])
    gathered = Gathered(gate, repeats=False)

    def new() -> Any:
        return AsyncModbusTcpClient(host, port=port, timeout=_PATIENCE_S, retries=1, reconnect_delay=0)

    working = asyncio.create_task(_work(gate, gathered, wanted, new))
    try:
        async for batch in gathered.batches(working):
            yield batch
    finally:
        await ended(working)


async def _work(gate: Gate, gathered: Gathered, wanted: Sequence[Ask], new: Any) -> None:
    from pymodbus.exceptions import ModbusException

    tries = 0
    loop = asyncio.get_running_loop()
    while True:
        client = new()
        try:
            if not await client.connect():
                raise OSError("no answer")
            gate.up()
            tries = 0
            due = [loop.time()] * len(wanted)
            while True:
                which = min(range(len(wanted)), key=due.__getitem__) if wanted else -1
                await asyncio.sleep(max(0.0, due[which] - loop.time()) if wanted else 1.0)
                if wanted:
                    await _asked(gate, gathered, client, wanted[which])
                    due[which] = max(due[which] + wanted[which].period_s, loop.time())
        except (OSError, TimeoutError, ModbusException) as error:
            if gate.connected:
                gathered.lost()
            gate.down(f"{gate.feed.address}: {error}")
        finally:
            client.close()
        await wait_again(tries)
        tries += 1


async def _asked(gate: Gate, gathered: Gathered, client: Any, ask: Ask) -> None:
    """Ask for some registers; an answer that is a refusal makes their tags bad."""
    read = {
        "holding": client.read_holding_registers, "input": client.read_input_registers, "coil": client.read_coils,
        "discrete": client.read_discrete_inputs,
    }[ask.registers[0].kind]
    answer = await read(ask.first, count=ask.count, device_id=ask.registers[0].unit)
    if answer.isError():
        gate.refuse("unknown", f"unit {ask.registers[0].unit} {ask.registers[0].kind} {ask.first}: {answer}")
        for one in ask.registers:
            gathered.add(one.tag, None, float("nan"), Quality.BAD)
        return
    words = answer.bits if ask.registers[0].kind in _BITS else answer.registers
    for one in ask.registers:
        start = one.number - ask.first
        gathered.add(one.tag, None, one.value(words[start:start + one.length]), Quality.GOOD)
