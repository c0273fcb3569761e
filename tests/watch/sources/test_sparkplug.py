"""Sparkplug B: births, deaths, numbers for names, what is missing, and bytes that are nothing."""

from __future__ import annotations

import asyncio
import json
import math
import threading
import time

import paho.mqtt.client as paho
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.errors import WatchError
from lodeworks.watch.present import Present
from lodeworks.watch.samples import Quality
from lodeworks.watch.sources import listen
from lodeworks.watch.sources.gate import Gate
from lodeworks.watch.sources.sparkplug import Nodes, rebirth
from lodeworks.watch.sources.sparkplug_payload import payload_class
from tests.watch import plant
from tests.watch.plant import live, tag

NOW = 1_790_000_000_000
TAGS = [tag("gas", "mine/gate1#Gas/CH4"), tag("fan", "mine/gate1/fan#speed"), tag("flow", "mine/gate1/fan#flow"), tag("other", "mine/gate2#x")]
BIRTH, DEATH, DATA = "spBv1.0/mine/NBIRTH/gate1", "spBv1.0/mine/NDEATH/gate1", "spBv1.0/mine/NDATA/gate1"
D_BIRTH, D_DATA, D_DEATH = (f"spBv1.0/mine/{kind}/gate1/fan" for kind in ("DBIRTH", "DDATA", "DDEATH"))


def payload(*metrics, seq=0, **more) -> bytes:
    content = payload_class()(timestamp=NOW, seq=seq, **more)
    for metric in metrics:
        quality = metric.pop("quality", None)
        added = content.metrics.add(**metric)
        if quality is not None:
            added.properties.keys.append("Quality")
            added.properties.values.add(type=3, int_value=quality)
    return content.SerializeToString()


def bd(number: int) -> dict:
    return {"name": "bdSeq", "datatype": 8, "long_value": number}


class Listener:
    def __init__(self) -> None:
        chain = live("sparkplug", "mqtt://127.0.0.1", TAGS)
        self.now = NOW
        self.gate = Gate(chain.feeds[0], chain, lambda: self.now)
        self.nodes = Nodes(self.gate)

    def read(self, topic: str, content: bytes):
        rows = self.gate.rows()
        self.nodes.read(topic, content, rows)
        found = self.gate.samples(rows)
        return [(TAGS[number].name, int(at) - NOW, None if math.isnan(value) else float(value), Quality(quality).name)
                for number, at, value, quality in zip(found.tag, found.at, found.value, found.quality, strict=True)]


@pytest.fixture
def listener():
    return Listener()


def birth(listener, bd_seq=1):
    return listener.read(BIRTH, payload(bd(bd_seq), {"name": "Gas/CH4", "alias": 7, "datatype": 10, "double_value": 0.25}))


def device_birth(listener, seq=1):
    return listener.read(D_BIRTH, payload(
        {"name": "speed", "alias": 8, "datatype": 9, "float_value": 2.5}, {"name": "flow", "alias": 9, "datatype": 3, "int_value": 2**32 - 4}, seq=seq,
    ))


def test_a_birth_names_and_tells_and_data_comes_by_number(listener):
    assert birth(listener) == [("gas", 0, 0.25, "GOOD")]
    assert device_birth(listener) == [("fan", 0, 2.5, "GOOD"), ("flow", 0, -4.0, "GOOD")]
    assert listener.read(DATA, payload({"alias": 7, "timestamp": NOW - 40, "double_value": 0.5}, seq=2)) == [("gas", -40, 0.5, "GOOD")]
    assert listener.read(D_DATA, payload({"alias": 9, "datatype": 3, "int_value": 6}, seq=3)) == [("flow", 0, 6.0, "GOOD")]
    assert not listener.nodes.to_ask


@pytest.mark.parametrize(("sent", "value"), [
    ({"datatype": 1, "int_value": 255}, -1.0), ({"datatype": 5, "int_value": 255}, 255.0), ({"datatype": 4, "long_value": 2**64 - 2}, -2.0),
    ({"datatype": 8, "long_value": 5}, 5.0), ({"datatype": 11, "boolean_value": True}, 1.0), ({"datatype": 12, "string_value": "3.5"}, 3.5),
])
def test_whole_numbers_have_their_sign(listener, sent, value):
    assert listener.read(BIRTH, payload(bd(1), {"name": "Gas/CH4", **sent})) == [("gas", 0, value, "GOOD")]


@pytest.mark.parametrize(("told", "found"), [
    ({"is_null": True}, (None, "BAD")), ({"double_value": 1.0, "quality": 0}, (1.0, "BAD")), ({"double_value": 1.0, "quality": 192}, (1.0, "GOOD")),
    ({"double_value": 1.0, "quality": 500}, (1.0, "BAD")), ({"double_value": math.nan}, (None, "BAD")),
])
def test_quality_and_nothing_are_told(listener, told, found):
    [(_, _, value, quality)] = listener.read(BIRTH, payload(bd(1), {"name": "Gas/CH4", **told}))
    assert (value, quality) == found


def test_a_dead_gateway_makes_all_its_tags_bad_at_once_and_no_others(listener):
    birth(listener)
    device_birth(listener)
    listener.read(DATA, payload({"alias": 7, "timestamp": NOW + 3000, "double_value": 0.5}, seq=2))  # its clock is ahead
    found = listener.read(DEATH, payload(bd(1)))
    assert found == [("gas", 3001, None, "BAD"), ("fan", 1, None, "BAD"), ("flow", 1, None, "BAD")]
    assert listener.read(DATA, payload({"alias": 7, "double_value": 1.0}, seq=3)) == []
    assert listener.gate.counts["unborn"] == 1
    assert listener.nodes.to_ask == [("mine", "gate1")]


def test_a_death_of_an_earlier_connection_is_nothing(listener):
    birth(listener, bd_seq=5)
    assert listener.read(DEATH, payload(bd(4))) == []
    assert listener.read(DATA, payload({"alias": 7, "double_value": 1.0}, seq=1)) == [("gas", 0, 1.0, "GOOD")]
    assert len(listener.read(DEATH, payload(bd(5)))) == 3


def test_a_dead_device_is_bad_and_its_gateway_is_not(listener):
    birth(listener)
    device_birth(listener)
    assert [name for name, *_ in listener.read(D_DEATH, payload(seq=2))] == ["fan", "flow"]
    assert listener.read(DATA, payload({"alias": 7, "double_value": 1.0}, seq=3)) == [("gas", 0, 1.0, "GOOD")]


def test_the_sequence_goes_round_and_what_is_missing_makes_the_rest_doubtful_until_all_is_said_again(listener):
    birth(listener)
    for seq in [*range(1, 256), 0, 1]:
        assert listener.read(DATA, payload({"alias": 7, "double_value": 1.0}, seq=seq))[0][3] == "GOOD"
    assert listener.read(DATA, payload({"alias": 7, "double_value": 1.0}, seq=3))[0][3] == "UNCERTAIN"
    assert listener.read(DATA, payload({"alias": 7, "double_value": 1.0}, seq=4))[0][3] == "UNCERTAIN"
    assert listener.gate.counts["sequence"] == 1
    assert listener.nodes.to_ask == [("mine", "gate1")]  # asked once, not with every message
    listener.now += 10_000
    listener.read(DATA, payload({"alias": 7, "double_value": 1.0}, seq=5))
    assert len(listener.nodes.to_ask) == 2
    birth(listener)
    assert listener.read(DATA, payload({"alias": 7, "double_value": 1.0}, seq=1))[0][3] == "GOOD"


def ticked(listener, ms: int):
    listener.now += ms
    rows = listener.gate.rows()
    listener.nodes.tend(rows)
    found = listener.gate.samples(rows)
    return {TAGS[number].name: (None if math.isnan(value) else float(value), Quality(quality).name)
            for number, value, quality in zip(found.tag, found.value, found.quality, strict=True)}


def test_what_stood_when_a_message_was_missing_is_said_again_as_doubtful(listener):
    birth(listener)
    device_birth(listener)
    listener.read(DATA, payload({"alias": 7, "double_value": 1.0}, seq=5))
    assert ticked(listener, 500) == {"fan": (2.5, "UNCERTAIN"), "flow": (-4.0, "UNCERTAIN")}
    assert ticked(listener, 400) == {}


def test_a_gateway_that_does_not_answer_is_asked_again_even_if_it_is_silent(listener):
    birth(listener)
    listener.read(DATA, payload({"alias": 7, "double_value": 1.0}, seq=5))
    for waited, asked in ((9_000, 1), (1_000, 2), (5_000, 2), (5_000, 3)):
        ticked(listener, waited)
        assert len(listener.nodes.to_ask) == asked
    birth(listener)
    ticked(listener, 60_000)
    assert len(listener.nodes.to_ask) == 3


def test_a_device_that_a_new_birth_of_its_gateway_leaves_out_is_doubtful_and_then_bad(listener):
    birth(listener)
    device_birth(listener)
    birth(listener)
    assert ticked(listener, 500) == {"fan": (2.5, "UNCERTAIN"), "flow": (-4.0, "UNCERTAIN")}
    assert ticked(listener, 9_500) == {"fan": (None, "BAD"), "flow": (None, "BAD"), "gas": (0.25, "GOOD")}
    device_birth(listener)
    assert ticked(listener, 10_000)["fan"] == (2.5, "GOOD")


def test_what_a_new_birth_of_a_device_does_not_name_is_bad(listener):
    birth(listener)
    device_birth(listener)
    found = listener.read(D_BIRTH, payload({"name": "speed", "alias": 8, "datatype": 9, "float_value": 2.0}, seq=2))
    assert [(name, value, quality) for name, _, value, quality in found] == [("fan", 2.0, "GOOD"), ("flow", None, "BAD")]


def test_what_a_new_birth_does_not_name_is_bad(listener):
    birth(listener)
    assert listener.read(BIRTH, payload(bd(2), {"name": "something else", "double_value": 1.0})) == [("gas", 1, None, "BAD")]


def test_numbers_of_an_earlier_birth_mean_nothing_any_more(listener):
    birth(listener)
    listener.read(BIRTH, payload(bd(2), {"name": "Gas/CH4", "alias": 70, "double_value": 1.0}))
    assert listener.read(DATA, payload({"alias": 7, "double_value": 9.0}, seq=1)) == []


def test_a_birth_of_a_hundred_thousand_names_is_read_for_what_is_wanted(listener):
    many = payload(bd(1), *({"name": f"tag {n}", "alias": n, "double_value": 1.0} for n in range(100_000)), {"name": "Gas/CH4", "alias": 200_000, "double_value": 0.5})
    began = time.monotonic()
    assert listener.read(BIRTH, many) == [("gas", 0, 0.5, "GOOD")]
    assert time.monotonic() - began < 5.0
    assert len(listener.nodes._node["mine", "gate1"].alias) == 1


@pytest.mark.parametrize(("topic", "content", "fault"), [
    ("spBv1.0/mine/NBIRTH/gate9", b"", "unknown"), ("spBv1.0/mine/WHAT/gate1", b"", "unknown"), ("spBv1.0/mine/NDATA/gate1/fan", b"", "unknown"),
    ("spBv1.0/mine/DDATA/gate1", b"", "unknown"), ("spBv2/mine/NDATA/gate1", b"", "unknown"), ("spBv1.0", b"", "unknown"),
    (BIRTH, b"\xff\xff\xff", "unreadable"), (BIRTH, b"x" * 8_000_001, "large"),
    (BIRTH, payload(bd(1), {"name": "Gas/CH4", "string_value": "much"}), "value"), (BIRTH, payload(bd(1), {"name": "Gas/CH4", "bytes_value": b"x"}), "value"),
])
def test_what_cannot_be_read_is_refused_and_counted(listener, topic, content, fault):
    assert listener.read(topic, content) == []
    assert listener.gate.counts[fault] == 1


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(
    st.sampled_from([BIRTH, DEATH, DATA, D_BIRTH, D_DATA, D_DEATH, "spBv1.0/mine/NCMD/gate1"]),
    st.binary(max_size=60) | st.builds(
        lambda seq, alias, name, value: payload(bd(1), {"name": name, "alias": alias, "double_value": value}, seq=seq),
        st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.sampled_from(["Gas/CH4", "speed", "", "?"]), st.floats(),
    ),
), max_size=8))
def test_nothing_stops_the_reader(messages):
    listener = Listener()
    for topic, content in messages:
        for _, _, value, quality in listener.read(topic, content):
            assert value is not None or quality == "BAD"


def test_over_a_real_broker_a_gateway_is_asked_is_heard_and_dies(broker, tmp_path):
    """The gateway has its death with the broker beforehand (its will), as Sparkplug has it; it is cut off, not ended."""
    chain = live("sparkplug", f"mqtt://127.0.0.1:{broker.port}", TAGS)
    asked = []
    gateway = paho.Client(paho.CallbackAPIVersion.VERSION2)
    gateway.will_set(DEATH, payload(bd(3)), qos=1)
    gateway.on_message = lambda *args: asked.append(payload_class().FromString(args[2].payload))
    gateway.connect("127.0.0.1", broker.port, keepalive=5)
    gateway.subscribe("spBv1.0/mine/NCMD/gate1")
    gateway.loop_start()

    def present():
        return Present.open(tmp_path / "present", [one.name for one in chain.tags]).read()

    with plant.running(chain, tmp_path):
        plant.until(lambda: asked)
        [metric] = asked[0].metrics
        assert (metric.name, metric.boolean_value) == ("Node Control/Rebirth", True)
        now = time.time_ns() // 1_000_000
        told = payload_class()(timestamp=now, seq=0)
        told.metrics.add(name="bdSeq", datatype=8, long_value=3)
        told.metrics.add(name="Gas/CH4", alias=1, datatype=10, double_value=0.75)
        gateway.publish(BIRTH, told.SerializeToString(), qos=0)
        plant.until(lambda: present().value[0] == 0.75)
        gateway.loop_stop()
        gateway.socket().close()  # the line is cut
        plant.until(lambda: present().at[1] > 0 and present().quality[:3].tolist() == [Quality.BAD] * 3)
        assert present().at[3] < 0
        assert json.loads((tmp_path / "health.json").read_text())["feeds"]["plant"]["connected"]


HOST = "spBv1.0/STATE/lodeworks-works-plant"


class Looker:
    """A gateway that looks whether its host is there, and what it is asked; it can send, and be cut off."""

    def __init__(self, port: int, topic: str = HOST, will: bytes = b"") -> None:
        self.states: list[tuple[bool, int, bool]] = []
        self.asked = 0
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        if will:
            self.client.will_set(DEATH, will, qos=1)
        self.client.on_message = self._told
        listens = threading.Event()
        self.client.on_subscribe = lambda *_: listens.set()
        self.client.on_connect = lambda *_: self.client.subscribe([(topic, 1), ("spBv1.0/mine/NCMD/gate1", 1)])
        self.client.connect("127.0.0.1", port)
        self.topic = topic
        self.client.loop_start()
        assert listens.wait(10)

    def _told(self, _client, _data, message) -> None:
        if message.topic == self.topic and message.payload.startswith(b"{"):
            told = json.loads(message.payload)
            self.states.append((told["online"], told["timestamp"], message.retain))
        elif message.topic != self.topic:
            self.asked += 1

    def say(self, topic: str, *metrics, seq: int = 0) -> None:
        now = time.time_ns() // 1_000_000
        told = payload_class()(timestamp=now, seq=seq)
        for metric in metrics:
            told.metrics.add(**metric)
        self.client.publish(topic, told.SerializeToString(), qos=0)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def test_the_host_says_that_it_is_there_that_it_goes_and_its_will_says_that_it_died(broker, tmp_path, monkeypatch):
    """Sparkplug 3.0, host application session: kept by the broker, a birth of the time in the will before it."""
    monkeypatch.setattr("lodeworks.watch.sources.sparkplug_host._PATIENCE_MS", 0)
    looker = Looker(broker.port)
    chain = live("sparkplug", f"mqtt://127.0.0.1:{broker.port}", TAGS)
    with plant.running(chain, tmp_path):
        plant.until(lambda: looker.states)
        [(online, since, _)] = looker.states
        assert online
        later = Looker(broker.port)  # the broker keeps it for who comes later
        plant.until(lambda: later.states == [(True, since, True)])
        other = json.dumps({"online": False, "timestamp": since - 1}).encode()  # a late death of an earlier connection
        looker.client.publish(HOST, other, qos=1, retain=True)
        plant.until(lambda: looker.states[-1][:2] == (True, since) and len(looker.states) == 3)
        looker.client.publish(HOST, b"\xff{no state", qos=1)
    plant.until(lambda: looker.states[-1][0] is False)  # it went on purpose
    assert looker.states[-1][1] >= since
    looker.states.clear()

    process = plant.started("sparkplug", f"mqtt://127.0.0.1:{broker.port}", 1, tmp_path / "other")
    plant.until(lambda: looker.states and looker.states[-1][0])
    born = looker.states[-1][1]
    plant.killed(process)
    plant.until(lambda: looker.states[-1][:2] == (False, born))  # by its will, of the same connect
    for one in (looker, later):
        one.close()


def test_a_host_that_may_only_read_is_quiet(broker, tmp_path):
    looker = Looker(broker.port, "spBv1.0/STATE/none")
    with plant.running(live("sparkplug", f"mqtt://127.0.0.1:{broker.port}?host=none", TAGS), tmp_path):
        plant.until(lambda: looker.asked)  # what is asked comes after what would have been said
        assert looker.states == []
    looker.close()


@pytest.mark.parametrize("name", ["a/b", "a%2Bb", "%23"])
def test_what_cannot_be_a_hosts_name_is_told(tmp_path, name):
    chain = live("sparkplug", f"mqtt://127.0.0.1:1?host={name}", TAGS)
    with pytest.raises(WatchError, match="no name of a host"):
        asyncio.run(anext(listen(Gate(chain.feeds[0], chain, lambda: 0), tmp_path)))


def test_over_a_real_broker_a_gap_makes_values_doubtful_until_the_gateway_has_said_everything_again(broker, tmp_path, monkeypatch):
    monkeypatch.setattr("lodeworks.watch.ingest._HEALTH_S", 0.3)
    chain = live("sparkplug", f"mqtt://127.0.0.1:{broker.port}", TAGS)
    gateway = Looker(broker.port)

    def gas():
        now = Present.open(tmp_path / "present", [one.name for one in chain.tags]).read()
        return float(now.value[0]), Quality(now.quality[0])

    def born(value: float) -> None:
        gateway.say(BIRTH, bd(3), {"name": "Gas/CH4", "alias": 1, "datatype": 10, "double_value": value})

    with plant.running(chain, tmp_path):
        plant.until(lambda: gateway.asked == 1)
        gateway.say(DATA, {"alias": 1, "double_value": 0.1}, seq=4)  # before any birth: nobody knows what it is
        born(0.25)
        plant.until(lambda: gas() == (0.25, Quality.GOOD))
        gateway.say(DATA, {"alias": 1, "double_value": 0.5}, seq=1)
        plant.until(lambda: gas() == (0.5, Quality.GOOD))
        gateway.say(DATA, {"alias": 1, "double_value": 0.75}, seq=3)
        plant.until(lambda: gas() == (0.75, Quality.UNCERTAIN))
        born(0.8)
        plant.until(lambda: gas() == (0.8, Quality.GOOD))

        def told():
            return json.loads((tmp_path / "health.json").read_text())["feeds"]["plant"]

        plant.until(lambda: told()["marked"].get("messages of a node are missing") == 1, 15)
        assert told()["refused"] == {"values of a node that has not said what it sends": 1}
        broker.stop()
        plant.until(lambda: not told()["connected"])
        broker.start()
        plant.until(lambda: told()["connected"] and gateway.client.is_connected())
        gateway.say(DATA, {"alias": 1, "double_value": 0.85}, seq=1)  # nobody knows what was said meanwhile
        plant.until(lambda: told()["refused"] == {"values of a node that has not said what it sends": 2}, 15)
        born(0.9)
        plant.until(lambda: gas() == (0.9, Quality.GOOD))
    gateway.close()


def test_asking_for_a_rebirth_is_a_command_of_the_standard():
    content = payload_class().FromString(rebirth(NOW))
    assert [(metric.name, metric.datatype, metric.boolean_value) for metric in content.metrics] == [("Node Control/Rebirth", 11, True)]
