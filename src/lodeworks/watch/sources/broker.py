"""Messages of an MQTT broker, at least once: acknowledged only when what they said is kept.

A session with a name of its own stays at the broker while nobody is here, so what comes meanwhile is kept there. How
many messages may be on the way unacknowledged is told to the broker, which holds back the rest: so the queue here is
bounded without losing anything. What is sent with QoS 0 has no such promise; of it, what is too much is dropped and
counted.

A host application of Sparkplug (`sparkplug_host`) keeps no session, as its standard has it: what matters there is sent
without a promise, and said anew when it connects. What it says of itself is sent here, at its moments.
"""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from lodeworks.errors import WatchError
from lodeworks.network.live import Feed, filter_of
from lodeworks.watch.ending import ended
from lodeworks.watch.sources.address import parts_of
from lodeworks.watch.sources.gate import MOST_BYTES, Gate, missing, wait_again

if TYPE_CHECKING:
    import aiomqtt

    from lodeworks.watch.sources.sparkplug_host import Host

__all__ = ["Broker", "secret"]

# Messages on the way unacknowledged, which all come again after a stop; and bytes waiting here.
_ON_THE_WAY = 20_000
_MOST_WAITING = 100_000_000
# What is larger the broker keeps to itself; what is larger than can be read comes and is told.
_MOST_BYTES_SENT = 64_000_000
# Messages are gathered until none came for a moment (a broker that allows few on the way waits for us), or long enough.
_QUIET_S = 0.01
_GATHER_S = 0.1
_SESSION_S = 7 * 86_400
_SUBSCRIBE_AT_ONCE = 200
_SUBSCRIBE_S = 300.0
_FAREWELL_S = 2.0


def secret(feed: Feed, what: str) -> str:
    """Return a secret of a feed from the environment: LODEWORKS_PASSWORD_… or LODEWORKS_TOKEN_…, empty if not set."""
    return os.environ.get(f"LODEWORKS_{what}_{re.sub(r'[^A-Z0-9]', '_', feed.name.upper())}", "")


class Broker:
    """A broker at the address of a feed: ``mqtt://[user@]host[:port][/topic filter]``, ``mqtts`` with TLS.

    `name` is what it is called there, `options` what stands behind ``?`` in the address, `host` what a host application
    says of itself, where it is one.

    Raises
    ------
    WatchError
        If the address is none, or the client library is missing.
    """

    def __init__(self, gate: Gate) -> None:
        self.host: Host | None = None
        try:
            import aiomqtt  # noqa: F401
        except ImportError:
            raise missing(gate.feed, "MQTT client", "watch") from None
        self._gate = gate
        # "#" ends a filter of topics and would begin a fragment of an address: here it belongs to the filter.
        parts, self._host, self._port = parts_of(
            gate.feed.address.strip().replace("#", "%23"), {"mqtt": 1883, "mqtts": 8883},
            f"feed {gate.feed.name}: no broker's address", "mqtt://host:1883",
        )
        if parts.password:
            raise WatchError(f"feed {gate.feed.name}: a password stands in the address; expected it in the environment,"
                             " as LODEWORKS_PASSWORD_ and the feed's name in capitals")
        self._tls = parts.scheme == "mqtts"
        self._user = unquote(parts.username) if parts.username else None
        self.options = parse_qs(parts.query)
        self.name = self.options.get("client", [f"lodeworks-{gate.live.name}-{gate.feed.name}"])[0]
        self.filter = filter_of(gate.feed.address)
        self._client: aiomqtt.Client | None = None
        self._again = False

    async def batches(
        self, topics: Sequence[str], connected: Callable[[], Awaitable[None]] | None = None
    ) -> AsyncIterator[tuple[list[tuple[Any, int]], Callable[[], None]]]:
        """Yield messages and when they came (ms), with what acknowledges them. Goes on for ever; connects again."""
        import aiomqtt

        tries = 0
        while True:
            inbox = _Inbox(self._gate.clock)
            try:
                async with self._open(inbox) as client:
                    self._client = client
                    tries = 0
                    # Beside reading: what waited at the broker comes before its answer, and may be much.
                    subscribing = asyncio.create_task(self._subscribe(client, topics, connected))
                    try:
                        async for messages in self._gathered(client, inbox, subscribing):
                            yield messages, self._kept(client, messages)
                    finally:
                        await ended(subscribing)
                        await self._part(client)
            except (aiomqtt.MqttError, OSError) as error:
                self._gate.down(f"{self._host}:{self._port}: {error}")
            finally:
                self._client = None
            await wait_again(tries)
            tries += 1

    async def _subscribe(
        self, client: aiomqtt.Client, topics: Sequence[str], connected: Callable[[], Awaitable[None]] | None
    ) -> None:
        for start in range(0, len(topics), _SUBSCRIBE_AT_ONCE):
            some = [(topic, 1) for topic in topics[start:start + _SUBSCRIBE_AT_ONCE]]
            await client.subscribe(some, timeout=_SUBSCRIBE_S)
        await self.come()
        self._gate.up()
        if connected is not None:
            await connected()

    async def come(self) -> None:
        """Say that the host application is there, where it is one."""
        if self.host is not None:
            await self.publish(self.host.topic, self.host.birth(), stays=True)

    async def _part(self, client: aiomqtt.Client) -> None:
        """Say that the host application goes; a broker that is gone says it by itself, for that is its will."""
        import aiomqtt

        if self.host is not None:
            with suppress(aiomqtt.MqttError):
                await client.publish(self.host.topic, self.host.farewell(), qos=1, retain=True, timeout=_FAREWELL_S)

    async def publish(self, topic: str, payload: bytes, *, stays: bool = False) -> None:
        """Send something, if connected; a broker that is gone is told by the next batch.

        What `stays` is sent with a promise, and the broker gives it to whoever comes later.
        """
        import aiomqtt

        if self._client is not None:
            try:
                await self._client.publish(topic, payload, qos=int(stays), retain=stays)
            except aiomqtt.MqttError as error:
                self._gate.down(f"{self._host}:{self._port}: {error}")

    def _open(self, inbox: _Inbox) -> aiomqtt.Client:
        import aiomqtt
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = _SESSION_S if self.host is None else 0
        properties.ReceiveMaximum = _ON_THE_WAY
        properties.MaximumPacketSize = _MOST_BYTES_SENT
        will = None if self.host is None else aiomqtt.Will(self.host.topic, self.host.will(), qos=1, retain=True)
        client = aiomqtt.Client(
            self._host, self._port, username=self._user, password=secret(self._gate.feed, "PASSWORD") or None,
            identifier=self.name, protocol=aiomqtt.ProtocolVersion.V5, properties=properties, will=will,
            clean_start=self.host is not None, keepalive=60,
            tls_context=ssl.create_default_context() if self._tls else None,
            queue_type=lambda maxsize: inbox,  # type: ignore[arg-type]
        )
        client._client.manual_ack_set(True)
        return client

    async def _gathered(
        self, client: aiomqtt.Client, inbox: _Inbox, subscribing: asyncio.Task[None]
    ) -> AsyncIterator[list[tuple[Any, int]]]:
        """Yield what comes until the connection ends or nothing can be subscribed to, which raises."""
        gone = asyncio.ensure_future(anext(client.messages))  # its queue never gives; it ends with the connection
        try:
            while True:
                await inbox.some(gone if subscribing.done() else subscribing, gone)
                if not inbox.waiting:
                    for one in (subscribing, gone):
                        if one.done():
                            one.result()
                    continue
                until = asyncio.get_running_loop().time() + _GATHER_S
                count = -1
                while count != len(inbox.waiting) and asyncio.get_running_loop().time() < until:
                    count = len(inbox.waiting)
                    await asyncio.sleep(_QUIET_S)
                if inbox.dropped:
                    self._gate.refuse("dropped", f"{inbox.dropped:,} messages without a promise", inbox.dropped)
                    inbox.dropped = 0
                yield inbox.take()
        finally:
            gone.cancel()

    def _kept(self, client: aiomqtt.Client, messages: Sequence[tuple[Any, int]]) -> Callable[[], None]:
        promised = [message.mid for message, _ in messages if message.qos]

        def acknowledge() -> None:
            if self._client is client:  # a new connection gives new numbers, and these messages again
                for number in promised:
                    client._client.ack(number, 1)

        return acknowledge


class _Inbox(asyncio.Queue[Any]):
    """Where the client puts messages; taken out many at a time, which its own iterator cannot.

    Messages with a promise are bounded by how many may be on the way; the others by bytes.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        super().__init__()
        self._clock = clock
        self.waiting: deque[tuple[Any, int]] = deque()
        self.dropped = 0
        self._bytes = 0
        self._some = asyncio.Event()

    def put_nowait(self, item: Any) -> None:
        size = len(item.payload) + 200
        if self._bytes + size > _MOST_WAITING and not item.qos:
            self.dropped += 1
            return
        if size > MOST_BYTES:
            item.payload = item.payload[:MOST_BYTES + 1]  # too large to be read; enough of it to say so
        self._bytes += min(size, MOST_BYTES)
        self.waiting.append((item, self._clock()))
        self._some.set()

    async def get(self) -> Any:
        await asyncio.get_running_loop().create_future()

    async def some(self, *others: asyncio.Future[Any]) -> None:
        """Wait until there is a message, or something else has come to its end."""
        if self.waiting:
            return
        self._some.clear()
        waiting = asyncio.ensure_future(self._some.wait())
        try:
            await asyncio.wait({waiting, *others}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()

    def take(self) -> list[tuple[Any, int]]:
        """Return everything that waits."""
        taken = list(self.waiting)
        self.waiting.clear()
        self._bytes = 0
        return taken
