"""MQTT: plain JSON on topics. What a payload may say is in `decode`, how nothing is lost in `broker`."""

from __future__ import annotations

from collections.abc import AsyncIterator

from lodeworks.watch.samples import Quality
from lodeworks.watch.sources.broker import Broker
from lodeworks.watch.sources.decode import Reader
from lodeworks.watch.sources.gate import Batch, Gate

__all__ = ["samples"]


async def samples(gate: Gate) -> AsyncIterator[Batch]:
    """Yield what comes on the feed's topics: those of its address, or else those of its tags."""
    broker, reader = Broker(gate), Reader(gate)
    topics = [broker.filter] if broker.filter else reader.topics
    async for messages, kept in broker.batches(topics):
        rows = gate.rows()
        for message, rows.now in messages:
            before = len(rows)
            reader.read(message.topic.value, message.payload, rows)
            if message.retain:  # the broker's copy of the last one: without a time, nobody knows how old it is
                for row in range(before, len(rows)):
                    if rows.at[row] >= rows.now and rows.quality[row] == Quality.GOOD:
                        rows.quality[row] = Quality.UNCERTAIN
        yield Batch(gate.samples(rows), kept)
