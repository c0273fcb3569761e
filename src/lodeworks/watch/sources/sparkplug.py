"""Sparkplug B over MQTT: a node says once what it will send (birth), then sends only what changed, by number; the
broker says when it died, and its tags are bad at once instead of standing at their last value.

A tag's address is ``group/node#metric`` or ``group/node/device#metric``. The protobuf is in `sparkplug_payload`, what
is said of ourselves in `sparkplug_host`, connections in `broker`.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from lodeworks.watch.samples import Quality
from lodeworks.watch.sources.broker import Broker
from lodeworks.watch.sources.decode import Unreadable, number_of, quality_of
from lodeworks.watch.sources.gate import MOST_BYTES, Batch, Gate, Rows
from lodeworks.watch.sources.held import Held, with_ticks
from lodeworks.watch.sources.sparkplug_host import SPACE, host_of
from lodeworks.watch.sources.sparkplug_payload import bd_seq_of, payload_class, properties_of, value_of

__all__ = ["Nodes", "rebirth", "samples"]

_REBIRTH_MS = 10_000
_TICK_S = 1.0
_UNKNOWN = -1


@dataclass
class _Node:
    """A node of whom tags are known: device "" is the node itself. `alias` is by device and number."""

    tags: dict[str, dict[str, int]] = field(default_factory=dict)
    born: bool = False
    whole: bool = True
    bd_seq: int | None = None
    seq: int = 0
    alias: dict[tuple[str, int], int] = field(default_factory=dict)
    asked: int = -_REBIRTH_MS
    wanted: bool = False  # whether it is to say everything again, and has not yet
    waits: dict[str, int] = field(default_factory=dict)  # devices it had when it was born anew, and since when (ms)


class Nodes:
    """What every node has said so far; pure but for the gate that counts."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._node: dict[tuple[str, str], _Node] = {}
        self.held = Held(gate)
        self.to_ask: list[tuple[str, str]] = []
        for number in gate.numbers:
            place, _, metric = (gate.live.tags[number].address or gate.live.tags[number].name).partition("#")
            group, node, device = [*place.split("/"), "", ""][:3]
            known = self._node.setdefault((group, node), _Node())
            known.tags.setdefault(device, {})[metric] = number

    @property
    def groups(self) -> list[str]:
        """The groups there are nodes of."""
        return sorted({group for group, _ in self._node})

    def forget(self) -> None:
        """Forget what was said, after a new connection: something may have been said meanwhile. Every node is asked."""
        self.held.forget()
        for key, node in self._node.items():
            node.born, node.wanted = False, False
            node.waits.clear()
            node.asked = self._gate.clock()  # once: who is not there is not asked again
            self.to_ask.append(key)

    def tend(self, rows: Rows) -> None:
        """Ask again who was asked and has not answered; lose the devices that a new birth of their node left out."""
        for key, node in self._node.items():
            if node.wanted:
                self._ask(key, node)
            for device, since in list(node.waits.items()):
                if rows.now - since >= _REBIRTH_MS:
                    del node.waits[device]
                    self._lose(node, device, rows)
        self.held.repeat(rows)

    def read(self, topic: str, payload: bytes, rows: Rows) -> None:
        """Add what a message says to the rows; what cannot be read is refused at the gate."""
        parts = topic.split("/")
        if len(parts) not in (4, 5) or parts[0] != SPACE:
            self._gate.refuse("unknown", topic)
            return
        group, kind, name = parts[1:4]
        device = parts[4] if len(parts) == 5 else ""
        node = self._node.get((group, name))
        if kind in ("NCMD", "DCMD"):
            return  # what we and others ask
        if node is None or (len(parts) == 5) != kind.startswith("D"):
            self._gate.refuse("unknown", topic)
            return
        if len(payload) > MOST_BYTES:
            self._gate.refuse("large", f"{topic}: {len(payload):,} bytes")
            return
        from google.protobuf.message import DecodeError

        try:
            content = payload_class().FromString(payload)
        except DecodeError:
            self._gate.refuse("unreadable", f"{topic}: {payload[:80]!r}")
            return
        match kind:
            case "NBIRTH":
                self._born(node, content, rows)
            case "NDEATH":
                self._died(node, content, rows)
            case "DBIRTH" | "NDATA" | "DDATA" | "DDEATH":
                self._said((group, name), node, kind, device, content, rows)
            case _:
                self._gate.refuse("unknown", topic)

    def _born(self, node: _Node, content: Any, rows: Rows) -> None:
        node.born, node.whole, node.wanted, node.seq = True, True, False, int(content.seq) % 256
        node.alias.clear()
        node.bd_seq = bd_seq_of(content)
        self._metrics(node, "", content, rows, birth=True)
        self._unnamed(node, "", content, rows)
        # Devices are born anew after their node; what one sent before may not hold, and is lost if it never comes.
        for device, tags in node.tags.items():
            if device:
                node.waits[device] = rows.now
                for number in tags.values():
                    self.held.doubt(number)

    def _unnamed(self, node: _Node, device: str, content: Any, rows: Rows) -> None:
        """Lose what a birth does not name: it is not sent any more."""
        named = {metric.name for metric in content.metrics}
        for metric, number in node.tags.get(device, {}).items():
            if metric not in named:
                self.held.lose(number, rows)

    def _lose(self, node: _Node, device: str, rows: Rows) -> None:
        for number in node.tags.get(device, {}).values():
            self.held.lose(number, rows)

    def _died(self, node: _Node, content: Any, rows: Rows) -> None:
        """A death is of the birth with the same number; one of an earlier connection says nothing of this one."""
        told = bd_seq_of(content)
        if node.born and told is not None and node.bd_seq is not None and told != node.bd_seq:
            return
        node.born, node.wanted = False, False
        node.waits.clear()
        for device in node.tags:
            self._lose(node, device, rows)

    def _said(self, key: tuple[str, str], node: _Node, kind: str, device: str, content: Any, rows: Rows) -> None:
        if not node.born:
            self._gate.refuse("unborn", "/".join(key))
            node.wanted = True
            self._ask(key, node)
            return
        expected = (node.seq + 1) % 256
        node.seq = int(content.seq) % 256
        if node.seq != expected:
            # Something is missing, perhaps the birth of another meaning of a number: doubtful until all is said again.
            self._gate.refuse("sequence", f"{'/'.join(key)}: {node.seq} after {(expected - 1) % 256}")
            node.whole, node.wanted = False, True
            for tags in node.tags.values():
                for number in tags.values():
                    self.held.doubt(number)
        if kind in ("DBIRTH", "DDEATH"):
            node.waits.pop(device, None)
        elif device in node.waits:
            node.wanted = True
        if node.wanted:
            self._ask(key, node)
        if kind == "DDEATH":
            self._lose(node, device, rows)
            return
        birth = kind == "DBIRTH"
        if birth:
            node.alias = {at: number for at, number in node.alias.items() if at[0] != device}
        self._metrics(node, device, content, rows, birth=birth)
        if birth:
            self._unnamed(node, device, content, rows)

    def _metrics(self, node: _Node, device: str, content: Any, rows: Rows, *, birth: bool) -> None:
        known = node.tags.get(device, {})
        for metric in content.metrics:
            number = known.get(metric.name, _UNKNOWN) if metric.name else _UNKNOWN
            if birth and metric.HasField("alias") and number != _UNKNOWN:
                node.alias[device, metric.alias] = number
            if not metric.name and metric.HasField("alias"):
                number = node.alias.get((device, metric.alias), _UNKNOWN)
            if number == _UNKNOWN:
                continue  # a node sends much that nobody here wants
            self._add(number, metric, content, rows, doubtful=not node.whole)

    def _add(self, number: int, metric: Any, content: Any, rows: Rows, *, doubtful: bool) -> None:
        at = int(metric.timestamp) if metric.HasField("timestamp") else (
            int(content.timestamp) if content.HasField("timestamp") else None
        )
        quality = next((quality_of(value_of(value)) for key, value in properties_of(metric) if key == "Quality"), None)
        if doubtful and quality in (None, Quality.GOOD):
            quality = Quality.UNCERTAIN
        try:
            value = math.nan if metric.is_null else number_of(value_of(metric), self._gate.live.tags[number])
        except Unreadable:
            self._gate.refuse("value", f"{self._gate.live.tags[number].name}: {metric.WhichOneof('value')}")
            return
        grade = Quality.GOOD if quality is None else quality
        if metric.is_historical:  # of a time when it could not be sent: it is not what stands now
            rows.add(number, at, value, grade)
        else:
            self.held.add(number, at, value, grade, rows)

    def _ask(self, key: tuple[str, str], node: _Node) -> None:
        """Ask a node to say again what it sends, not more often than each ten seconds."""
        now = self._gate.clock()
        if now - node.asked >= _REBIRTH_MS:
            node.asked = now
            self.to_ask.append(key)


def rebirth(now: int) -> bytes:
    """Return the payload that asks a node to say again what it sends."""
    content = payload_class()(timestamp=now)
    content.metrics.add(name="Node Control/Rebirth", timestamp=now, datatype=11, boolean_value=True)
    told: bytes = content.SerializeToString()
    return told


async def samples(gate: Gate) -> AsyncIterator[Batch]:
    """Yield what the nodes of the feed's tags say."""
    broker, nodes = Broker(gate), Nodes(gate)
    broker.host = host = host_of(gate.feed, broker.options.get("host", [broker.name])[0], gate.clock)

    async def ask() -> None:
        asked, nodes.to_ask = nodes.to_ask, []
        for group, node in asked:
            await broker.publish(f"{SPACE}/{group}/NCMD/{node}", rebirth(gate.clock()))

    async def connected() -> None:
        nodes.forget()
        await ask()

    topics = [f"{SPACE}/{group}/#" for group in nodes.groups] + ([] if host is None else [host.topic])
    async for some in with_ticks(broker.batches(topics, connected), _TICK_S):
        rows = gate.rows()
        if some is None:
            if gate.connected:
                nodes.tend(rows)
            if len(rows):
                yield Batch(gate.samples(rows))
            await ask()
            continue
        messages, kept = some
        for message, rows.now in messages:
            topic = message.topic.value
            if host is None or topic != host.topic:
                nodes.read(topic, message.payload, rows)
            elif host.contradicted(message.payload):
                await broker.come()
        nodes.tend(rows)
        yield Batch(gate.samples(rows), kept)
        await ask()
