"""OPC UA: the server tells what changes. The feed's address is the server's (``opc.tcp://host:4840``), a tag's its node
(``ns=2;s=Gas1``). Needs the extra ``opcua``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

from lodeworks.errors import WatchError
from lodeworks.watch.ending import ended
from lodeworks.watch.samples import Quality
from lodeworks.watch.sources.address import parts_of
from lodeworks.watch.sources.broker import secret
from lodeworks.watch.sources.decode import Unreadable, number_of
from lodeworks.watch.sources.gate import Batch, Gate, missing, wait_again
from lodeworks.watch.sources.polled import Gathered

__all__ = ["samples"]

_LEAST_PERIOD_MS = 50.0
_PATIENCE_S = 5.0
_SUBSCRIBE_AT_ONCE = 200


async def samples(gate: Gate) -> AsyncIterator[Batch]:
    """Yield what the server tells; when it is lost, every tag is bad until it is back.

    Raises
    ------
    WatchError
        If the library is missing, or the address is none.
    """
    try:
        import asyncua
    except ImportError:
        raise missing(gate.feed, "OPC UA client", "opcua") from None
    parts, host, port = parts_of(
        gate.feed.address, {"opc.tcp": 4840}, f"feed {gate.feed.name}: no address of a server", "opc.tcp://host:4840"
    )
    server = f"opc.tcp://{f'[{host}]' if ':' in host else host}:{port}{parts.path}"
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)  # what goes wrong is told by the gate
    nodes = _nodes(gate, asyncua)
    gathered = Gathered(gate, repeats=True)
    working = asyncio.create_task(_work(gate, server, gathered, nodes, asyncua))
    try:
        async for batch in gathered.batches(working):
            yield batch
    finally:
        await ended(working)


async def _work(gate: Gate, server: str, gathered: Gathered, nodes: dict[Any, int], asyncua: Any) -> None:
    tries = 0
    while True:
        client = asyncua.Client(server, timeout=_PATIENCE_S)
        if name := secret(gate.feed, "USER"):
            client.set_user(name)
            client.set_password(secret(gate.feed, "PASSWORD"))
        try:
            await client.connect()
            try:
                period = min((gate.live.tags[number].period_s for number in nodes.values()), default=1.0)
                told = await client.create_subscription(
                    max(period * 500.0, _LEAST_PERIOD_MS), _Told(gate, gathered, nodes)
                )
                await _subscribe(gate, told, [client.get_node(node) for node in nodes])
                gate.up()
                tries = 0
                while True:
                    await asyncio.sleep(1.0)
                    await client.check_connection()
            except (OSError, TimeoutError, asyncua.ua.UaError):
                gathered.lost()  # before any farewell, which a dead server answers after seconds or never
                client.disconnect_socket()
                raise
            except asyncio.CancelledError:
                await client.disconnect()
                raise
        except (OSError, TimeoutError, asyncua.ua.UaError) as error:
            gate.down(f"{gate.feed.address}: {type(error).__name__} {error}".strip())
        await wait_again(tries)
        tries += 1


async def _subscribe(gate: Gate, told: Any, nodes: Sequence[Any]) -> None:
    """Subscribe to nodes; the server says of each whether it has it."""
    for start in range(0, len(nodes), _SUBSCRIBE_AT_ONCE):
        some = nodes[start:start + _SUBSCRIBE_AT_ONCE]
        answers = await told.subscribe_data_change(some)
        for node, answer in zip(some, answers if isinstance(answers, list) else [answers], strict=True):
            if not isinstance(answer, int):
                gate.refuse("unknown", f"{node.nodeid.to_string()}: {answer}")


class _Told:
    """Takes what the server tells."""

    def __init__(self, gate: Gate, gathered: Gathered, nodes: dict[Any, int]) -> None:
        self._gate, self._gathered, self._nodes = gate, gathered, nodes

    def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
        number = self._nodes[node.nodeid]
        told = data.monitored_item.Value
        status = told.StatusCode
        grade = 0 if status is None else status.value >> 30  # the two highest bits: good, uncertain, bad
        quality = (Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.BAD)[grade]
        moment = told.SourceTimestamp or told.ServerTimestamp
        at = None
        if isinstance(moment, datetime):
            at = round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
        try:
            self._gathered.add(number, at, number_of(value, self._gate.live.tags[number]), quality)
        except Unreadable:
            self._gate.refuse("value", f"{self._gate.live.tags[number].name}: {str(value)[:80]!r}")

    def status_change_notification(self, status: Any) -> None:
        pass  # the connection is looked at each second


def _nodes(gate: Gate, asyncua: Any) -> dict[Any, int]:
    found, faults = {}, []
    for number in gate.numbers:
        tag = gate.live.tags[number]
        try:
            found[asyncua.ua.NodeId.from_string(tag.address)] = number
        except (ValueError, asyncua.ua.UaError):
            faults.append(f"{tag.name}: no node: {tag.address!r}")
    if faults:
        raise WatchError(f"feed {gate.feed.name}: {'; '.join(faults)}; expected such as ns=2;s=Gas1")
    return found
