"""What is sent a tick: what changed, once for all, and everything to who fell behind."""

from __future__ import annotations

import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lodeworks.pages.stream import CHANGED, HEAD, WHOLE, Channel, Subscriber, as_text, encoded
from lodeworks.watch.present import NEVER, PresentValues

NOW = 1_790_000_000_000


def values(value, at=None, quality=None, received=None) -> PresentValues:
    value = np.asarray(value, float)
    at = np.full(len(value), NOW, np.int64) if at is None else np.asarray(at, np.int64)
    quality = np.zeros(len(value), np.uint8) if quality is None else np.asarray(quality, np.uint8)
    return PresentValues(value, at, at + 250 if received is None else np.asarray(received, np.int64), quality, NOW - 100)


def decoded(message: bytes) -> dict:
    kind, n, now, heartbeat, length, speed = HEAD.unpack_from(message)
    place, columns = HEAD.size, {}
    for name, form, size in (("value", "d", 8), ("at", "d", 8), ("delay", "f", 4), ("tag", "I", 4), ("quality", "B", 1)):
        columns[name] = list(struct.unpack_from(f"<{n}{form}", message, place))
        place += n * size
    assert len(message) == place + length
    return {"kind": kind, "now": now, "heartbeat": heartbeat, "text": message[place:], "speed": speed, **columns}


def test_a_message_carries_columns_and_text():
    message = decoded(encoded(WHOLE, NOW, NOW - 100, np.array([2, 0]), values([1.5, 2.5, 3.5]), as_text({"a": "甲"})))
    assert (message["kind"], message["now"], message["heartbeat"]) == (WHOLE, NOW, NOW - 100)
    assert message["value"] == [3.5, 1.5]
    assert message["tag"] == [2, 0]
    assert message["at"] == [NOW, NOW]
    assert message["delay"] == [0.25, 0.25]
    assert message["text"].decode() == '{"a":"甲"}'
    assert message["speed"] == 1.0


def test_a_message_says_how_fast_the_clock_goes():
    channel, one = Channel([0]), Subscriber()
    channel.subscribers.add(one)
    channel.tick(NOW, NOW, values([1.0]), b"", 60.0)
    channel.tick(NOW + 30_000, NOW, values([1.0]), b"", 60.0)  # half a second here: nothing changed, nothing is said
    channel.tick(NOW + 60_000, NOW, values([1.0]), b"", 60.0)
    channel.tick(NOW - 3_600_000, NOW, values([1.0]), b"", 60.0)  # another rehearsal begins
    assert [(m["now"] - NOW, m["speed"]) for m in heard(one)] == [(0.0, 60.0), (60_000.0, 60.0), (-3_600_000.0, 60.0)]


def test_a_tag_that_never_had_a_sample_is_at_nought():
    message = decoded(encoded(WHOLE, NOW, 0, np.array([0]), values([np.nan], [NEVER], [2], [NEVER])))
    assert message["at"] == [0.0]
    assert message["delay"] == [0.0]
    assert message["quality"] == [2]


def heard(subscriber: Subscriber) -> list[dict]:
    found = []
    while not subscriber.queue.empty():
        found.append(decoded(subscriber.queue.get_nowait()))
    return found


def test_who_comes_is_told_everything_then_what_changed():
    channel, one = Channel([0, 1, 2]), Subscriber()
    channel.subscribers.add(one)
    channel.tick(NOW, NOW, values([1.0, 2.0, np.nan]), b"")
    channel.tick(NOW + 500, NOW, values([1.0, 5.0, np.nan]), b"{}")
    first, second = heard(one)
    assert first["kind"] == WHOLE
    assert first["tag"] == [0, 1, 2]
    assert second["kind"] == CHANGED
    assert second["tag"] == [1]
    assert second["value"] == [5.0]
    assert second["text"] == b"{}"


def test_a_new_time_or_quality_is_a_change_and_nan_is_itself():
    channel, one = Channel([0, 1]), Subscriber()
    channel.subscribers.add(one)
    channel.tick(NOW, NOW, values([np.nan, 1.0]), b"")
    channel.tick(NOW + 500, NOW, values([np.nan, 1.0], [NOW, NOW + 1]), b"")
    channel.tick(NOW + 900, NOW, values([np.nan, 1.0], [NOW, NOW + 1], [3, 0]), b"")
    assert [message["tag"] for message in heard(one)] == [[0, 1], [1], [0]]


def test_nothing_new_is_told_once_a_second():
    """So that a browser knows the line from a quiet plant."""
    channel, one = Channel([0]), Subscriber()
    channel.subscribers.add(one)
    for k in range(7):
        channel.tick(NOW + 500 * k, NOW, values([1.0]), b"")
    assert [message["now"] - NOW for message in heard(one)] == [0, 1000, 2000, 3000]


def test_all_are_sent_the_very_same_bytes():
    channel, some = Channel([0]), [Subscriber() for _ in range(3)]
    channel.subscribers.update(some)
    channel.tick(NOW, NOW, values([1.0]), b"")
    messages = [subscriber.queue.get_nowait() for subscriber in some]
    assert all(message is messages[0] for message in messages)


@given(st.integers(0, 60), st.integers(0, 60))
def test_who_cannot_keep_up_ends_with_everything_and_nothing_piles_up(fast, slow):
    """After any lag the last whole message and what follows it give the latest values."""
    channel, one = Channel([0, 1]), Subscriber()
    channel.subscribers.add(one)
    known: dict[int, float] = {}

    def listen():
        for message in heard(one):
            if message["kind"] == WHOLE:
                known.clear()
            known.update(zip(message["tag"], message["value"], strict=True))

    for k in range(fast):
        channel.tick(NOW + 500 * k, NOW, values([float(k), 1.0]), b"")
        listen()
    for k in range(slow):
        channel.tick(NOW + 100_000 + 500 * k, NOW, values([-float(k), float(k)]), b"")
        assert one.queue.qsize() <= 8
    listen()
    channel.tick(NOW + 200_000, NOW, values([7.0, 8.0]), b"")
    listen()
    assert known == {0: 7.0, 1: 8.0}
