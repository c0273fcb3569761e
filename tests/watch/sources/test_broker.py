"""The broker's address and what waits here: bounded, with nothing lost that was promised."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from lodeworks.errors import WatchError
from lodeworks.watch.sources.broker import Broker, _Inbox, secret
from lodeworks.watch.sources.gate import MOST_BYTES, Gate
from tests.watch.plant import live


def broker(address: str) -> Broker:
    chain = live("mqtt", address)
    return Broker(Gate(chain.feeds[0], chain, lambda: 0))


@pytest.mark.parametrize(("address", "host", "port", "topics"), [
    ("mqtt://mine", "mine", 1883, ""), ("mine:1884", "mine", 1884, ""), ("mqtts://mine", "mine", 8883, ""),
    ("mqtt://mine/a/#", "mine", 1883, "a/#"), ("mqtt://mine/a/+/b", "mine", 1883, "a/+/b"), ("mqtt://mine/#", "mine", 1883, "#"),
    ("mqtt://me@mine/a/#", "mine", 1883, "a/#"), ("mqtt://mine/a/#?client=b", "mine", 1883, "a/#"), ("mine/#", "mine", 1883, "#"),
])
def test_an_address_says_where_and_what(address, host, port, topics):
    made = broker(address)
    assert (made._host, made._port, made.filter) == (host, port, topics)


@pytest.mark.parametrize("address", ["", "http://mine", "mqtt://", "mqtt://mine:99999", "mqtt://mine:x", "mqtt://mine:0", "mqtt://[::1", "mine:1:2"])
def test_what_is_no_address_is_told(address):
    with pytest.raises(WatchError, match="no broker's address"):
        broker(address)


def test_a_password_in_the_address_is_refused_and_not_told():
    with pytest.raises(WatchError, match="a password stands in the address") as told:
        broker("mqtt://me:secret@mine")
    assert "secret" not in str(told.value)


def test_secrets_are_of_the_environment(monkeypatch):
    monkeypatch.setenv("LODEWORKS_PASSWORD_PLANT", "hush")
    assert secret(live("mqtt", "x").feeds[0], "PASSWORD") == "hush"
    assert secret(live("mqtt", "x").feeds[0], "TOKEN") == ""


def message(qos: int, size: int = 1000) -> SimpleNamespace:
    return SimpleNamespace(payload=b"x" * size, qos=qos, mid=1)


def test_a_flood_without_a_promise_is_dropped_and_counted_and_what_was_promised_is_not(monkeypatch):
    monkeypatch.setattr("lodeworks.watch.sources.broker._MOST_WAITING", 12_000)

    async def scene():
        inbox = _Inbox(lambda: 0)
        for _ in range(100):
            inbox.put_nowait(message(0))
        for _ in range(100):
            inbox.put_nowait(message(1))
        assert inbox.dropped == 90
        assert [one.qos for one, _ in inbox.take()] == [0] * 10 + [1] * 100
        inbox.put_nowait(message(0))
        assert len(inbox.take()) == 1  # there is room again

    asyncio.run(scene())


def test_a_huge_payload_does_not_stay_in_memory():
    async def scene():
        inbox = _Inbox(lambda: 0)
        inbox.put_nowait(message(1, 3 * MOST_BYTES))
        [(one, _)] = inbox.take()
        assert MOST_BYTES < len(one.payload) < 1.1 * MOST_BYTES

    asyncio.run(scene())
