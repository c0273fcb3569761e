"""What payloads say, and that nothing anyone sends stops their reader."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.watch.samples import Quality
from lodeworks.watch.sources.decode import Reader
from lodeworks.watch.sources.gate import Gate
from tests.watch.plant import live, tag

NOW = 1_790_000_000_000
TAGS = [
    tag("gas", "mine/gas", low=0.0, high=4.0), tag("belt", "mine/belt", kind="state", words=((0, "stopped", "停止"), (1, "runs", "运行"))),
    tag("air", "mine/box#air"), tag("co", "mine/box#co"),
]


@pytest.fixture
def gate():
    chain = live("mqtt", "mqtt://127.0.0.1", TAGS)
    return Gate(chain.feeds[0], chain, lambda: NOW)


def read(gate: Gate, topic: str, payload, fault: str = ""):
    rows = gate.rows()
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    Reader(gate).read(topic, content, rows)
    found = gate.samples(rows)
    assert {reason for reason, count in gate.counts.items() if count} == ({fault} if fault else set())
    names = [gate.live.tags[number].name for number in found.tag]
    return [(name, int(at), float(value), Quality(quality)) for name, at, value, quality in zip(names, found.at, found.value, found.quality, strict=True)]


@pytest.mark.parametrize("payload", [1.5, b" 1.5 ", "1.5", {"value": 1.5}, {"value": "1.5"}])
def test_a_bare_value_or_one_in_an_object_is_of_now(gate, payload):
    assert read(gate, "mine/gas", payload) == [("gas", NOW, 1.5, Quality.GOOD)]


@pytest.mark.parametrize("time", [NOW - 500, (NOW - 500) / 1000, "2026-09-21T14:13:19.500Z", "2026-09-21T22:13:19.500+08:00", "2026-09-21T14:13:19.500"])
@pytest.mark.parametrize("key", ["time", "timestamp", "ts", "t"])
def test_times_are_ms_seconds_or_iso(gate, time, key):
    assert read(gate, "mine/gas", {"value": 1, key: time}) == [("gas", NOW - 500, 1.0, Quality.GOOD)]


@pytest.mark.parametrize(("told", "quality"), [
    ("good", 0), ("Uncertain", 1), ("bad", 2), ("test", 3), ("simulated", 4), ("substituted", 5), (192, 0), (216, 0), (64, 1), (0, 2), (500, 2),
    ("what?", 1), ([], 1), (None, 0), (True, 1),
])
def test_qualities_are_names_or_numbers_of_opc(gate, told, quality):
    assert read(gate, "mine/gas", {"value": 1, "quality": told}) == [("gas", NOW, 1.0, quality)]


@pytest.mark.parametrize(("told", "value"), [("runs", 1.0), ("停止", 0.0), (True, 1.0), (1, 1.0)])
def test_a_state_may_be_a_word(gate, told, value):
    assert read(gate, "mine/belt", told) == [("belt", NOW, value, Quality.GOOD)]


def test_a_device_sends_an_object_with_many_keys(gate):
    assert read(gate, "mine/box", {"air": 2.0, "co": {"value": 3, "quality": "bad"}, "battery": 9, "ts": NOW - 1}) == [
        ("air", NOW - 1, 2.0, Quality.GOOD), ("co", NOW - 1, 3.0, Quality.BAD),
    ]
    assert read(gate, "mine/box", {"air": 2.5}) == [("air", NOW, 2.5, Quality.GOOD)]


@pytest.mark.parametrize("payload", [
    {"time": NOW, "values": {"gas": 1.0, "mine/box#air": 2.0}},
    {"values": {"gas": {"value": 1.0, "time": NOW}, "air": {"value": 2.0}}, "time": NOW},
    {"time": NOW, "tags": ["gas", "air"], "values": [1.0, 2.0]},
    [{"tag": "gas", "value": 1.0, "time": NOW}, {"tag": "air", "value": 2.0, "time": NOW}],
])
def test_many_values_in_one_message(gate, payload):
    assert read(gate, "any/topic", payload) == [("gas", NOW, 1.0, Quality.GOOD), ("air", NOW, 2.0, Quality.GOOD)]


def test_many_values_may_also_come_on_a_topic_of_one(gate):
    assert read(gate, "mine/gas", {"values": {"air": 2.0}}) == [("air", NOW, 2.0, Quality.GOOD)]


@pytest.mark.parametrize(("topic", "payload", "fault"), [
    ("mine/gas", b"", "unreadable"), ("mine/gas", b"\xff\xfe", "unreadable"), ("mine/gas", b"{", "unreadable"),
    ("mine/gas", b"[" * 50_000, "unreadable"), ("mine/gas", b"9" * 5_000, "unreadable"), ("mine/gas", {}, "unreadable"),
    ("mine/gas", {"value": 1, "time": "noon"}, "unreadable"), ("mine/gas", {"value": 1, "time": [1]}, "unreadable"),
    ("mine/gas", b'{"value": 1, "time": Infinity}', "unreadable"), ("mine/gas", {"value": 1, "time": True}, "unreadable"),
    ("mine/gas", [1], "value"), ("mine/gas", {"value": "much"}, "value"), ("mine/gas", {"value": {}}, "value"),
    ("mine/gas", "1_0", "value"), ("mine/belt", "flies", "value"), ("mine/box", 3.0, "unreadable"),
    ("mine/gas", b"1" + b" " * 8_000_000, "large"),
    ("other", 1.0, "unknown"), ("other", {"a": 1}, "unknown"), ("other", {"values": {"x": 1}}, "unknown"),
    ("other", [1], "unreadable"), ("other", [{"value": 1}], "unreadable"), ("other", {"values": 3}, "unreadable"),
    ("other", {"tags": ["gas"], "values": [1, 2]}, "unreadable"), ("other", {"tags": ["gas"], "values": {"gas": 1}}, "unreadable"),
    ("other", {"tags": [["gas"]], "values": [1]}, "unknown"), ("other", {"values": {"gas": {"time": 5}}}, "value"),
])
def test_what_cannot_be_read_is_refused_and_counted(gate, topic, payload, fault):
    assert read(gate, topic, payload, fault) == []
    assert gate.refused == 1
    assert gate.examples[0][1] == fault


def test_a_flood_without_times_is_never_far_ahead_of_the_moment(gate):
    reader, rows = Reader(gate), gate.rows()
    for number in range(5000):
        reader.read("mine/gas", str(number % 7).encode(), rows)
    assert rows.at[:1000] == list(range(rows.now, rows.now + 1000))
    assert max(rows.at) == rows.now + 1000


def test_a_flood_of_one_fault_hides_no_example_of_another(gate):
    reader, rows = Reader(gate), gate.rows()
    reader.read("other", b"1", rows)
    for number in range(100):
        reader.read("mine/gas", f'"much {number}"'.encode(), rows)
        reader.read("mine/gas", b'"same"', rows)
    assert gate.refused == 201
    reasons = [reason for _, reason, _ in gate.examples]
    assert (reasons.count("unknown"), reasons.count("value")) == (1, 5)
    assert len({what for _, _, what in gate.examples}) == 6


def test_one_wrong_value_of_many_keeps_no_other_from_being_read(gate):
    assert read(gate, "any", {"values": {"gas": "much", "air": 2.0}}, "value") == [("air", NOW, 2.0, Quality.GOOD)]


def test_one_wrong_time_of_many_keeps_no_other_from_being_read(gate):
    found = read(gate, "any", {"values": {"gas": {"value": 1, "time": "noon"}, "air": 2.0}}, "unreadable")
    assert found == [("air", NOW, 2.0, Quality.GOOD)]


@pytest.mark.parametrize("told", [b"null", b"NaN", b"Infinity", b'{"value": -Infinity}', b"1" + b"0" * 400, b"1e999"])
def test_no_number_is_a_bad_value(gate, told):
    [(name, at, value, quality)] = read(gate, "mine/gas", told, "number")
    assert (name, at, quality) == ("gas", NOW, Quality.BAD)
    assert math.isnan(value)


@pytest.mark.parametrize("time", [0, 1000, "1970-01-01T00:00:00Z", 4_070_908_800_000, -1, 10**30, NOW + 61_000, NOW - 101 * 86_400_000])
def test_a_time_that_cannot_be_is_replaced_and_the_value_is_uncertain(gate, time):
    """A clock that was never set must not hide what a sensor says, and one that runs ahead not what comes after."""
    assert read(gate, "mine/gas", {"value": 1, "time": time}, "time") == [("gas", NOW, 1.0, Quality.UNCERTAIN)]


@pytest.mark.parametrize("value", [-0.5, 4.01])
def test_a_value_outside_the_instruments_range_is_uncertain(gate, value):
    assert read(gate, "mine/gas", value, "range") == [("gas", NOW, value, Quality.UNCERTAIN)]
    assert gate.refused == 0


def test_values_without_a_time_do_not_take_each_others_place(gate):
    rows, reader = gate.rows(), Reader(gate)
    for value in (1, 2, 3):
        reader.read("mine/gas", str(value).encode(), rows)
    assert gate.samples(rows).at.tolist() == [NOW, NOW + 1, NOW + 2]


def test_late_samples_are_counted(gate):
    assert read(gate, "mine/gas", {"value": 1, "time": NOW - 31_000}, "late") == [("gas", NOW - 31_000, 1.0, Quality.GOOD)]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["gas", "belt", "runs", "mine/box#co"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["value", "values", "tags", "tag", "time", "ts", "quality", "air", "gas"]) | st.text(max_size=4), inner, max_size=5,
    ), max_leaves=12,
)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(["mine/gas", "mine/belt", "mine/box", "x"]), anything | st.binary(max_size=40))
def test_nothing_stops_the_reader(topic, payload):
    chain = live("mqtt", "mqtt://127.0.0.1", TAGS)
    gate = Gate(chain.feeds[0], chain, lambda: NOW)
    rows = gate.rows()
    Reader(gate).read(topic, payload if isinstance(payload, bytes) else json.dumps(payload).encode(), rows)
    found = gate.samples(rows)
    for number, at, value, quality in zip(found.tag, found.at, found.value, found.quality, strict=True):
        assert 0 <= number < 4
        assert NOW - 100 * 86_400_000 <= at <= NOW + 60_100
        assert math.isfinite(value) or quality == Quality.BAD
        assert quality in set(Quality)
