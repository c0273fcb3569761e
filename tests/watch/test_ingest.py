"""Ingest as a whole, with a real broker: nothing acknowledged is lost, whatever dies; troubles are told, not fatal."""

from __future__ import annotations

import asyncio
import json
import random
import resource
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from lodeworks.errors import WatchError
from lodeworks.network.live import AlarmRule, Limit
from lodeworks.watch.deeds import Deed, Deeds
from lodeworks.watch.history import open_history
from lodeworks.watch.ingest import Ingest, run
from lodeworks.watch.journal import Journal, now_ms
from lodeworks.watch.present import Present
from lodeworks.watch.samples import Quality, Samples
from lodeworks.watch.sources import Batch
from lodeworks.watch.sources.spool import drop
from tests.watch import plant

NOW = now_ms()


def message(value: float, at: int) -> str:
    return json.dumps({"value": value, "time": at})


@pytest.fixture
def chain(broker):
    return plant.live("mqtt", f"mqtt://127.0.0.1:{broker.port}")


@pytest.fixture
def device(broker):
    device = plant.Publisher(broker.port)
    yield device
    device.close()


def present(chain, folder):
    return Present.open(folder / "present", [tag.name for tag in chain.tags]).read()


def test_what_a_device_sends_is_present_and_kept(chain, device, tmp_path):
    with plant.running(chain, tmp_path):
        plant.until(lambda: plant.listens(tmp_path))
        device.send("mine/t0", message(1.5, NOW))
        device.send("mine/t1", "42")
        device.send("mine/t0", message(2.5, NOW + 1000))
        plant.until(lambda: present(chain, tmp_path).value[:2].tolist() == [2.5, 42.0])
        now = present(chain, tmp_path)
        assert now.at[0] == NOW + 1000
        assert abs(now.heartbeat - now_ms()) < 5000
        assert np.isnan(now.value[2])
    assert plant.values(chain, tmp_path) == [1.5, 2.5]


def test_a_last_value_the_broker_remembers_is_uncertain_unless_it_says_when_it_was(chain, device, tmp_path):
    device.client.publish("mine/t0", "1.5", qos=1, retain=True).wait_for_publish(5)
    device.client.publish("mine/t1", message(2.5, NOW), qos=1, retain=True).wait_for_publish(5)
    with plant.running(chain, tmp_path):
        plant.until(lambda: plant.listens(tmp_path) and present(chain, tmp_path).value[:2].tolist() == [1.5, 2.5])
        assert present(chain, tmp_path).quality[:2].tolist() == [Quality.UNCERTAIN, Quality.GOOD]


def test_what_is_sent_while_nobody_listens_is_kept_by_the_broker(chain, device, tmp_path):
    with plant.running(chain, tmp_path):
        plant.until(lambda: plant.listens(tmp_path))
        device.send("mine/t0", message(0.0, NOW))
        plant.until(lambda: plant.values(chain, tmp_path))
    for number in range(1, 500):
        device.send("mine/t0", message(float(number), NOW + number))
    device.done()
    with plant.running(chain, tmp_path):
        plant.until(lambda: len(plant.values(chain, tmp_path)) == 500)
    assert plant.values(chain, tmp_path) == [float(number) for number in range(500)]


def test_much_that_waited_at_the_broker_is_taken_in_before_it_answers(chain, device, tmp_path, monkeypatch):
    """The answer to a subscription comes after everything that waited: who waits for it first waits in vain."""
    with plant.running(chain, tmp_path):
        plant.until(lambda: plant.listens(tmp_path))
    monkeypatch.setattr("aiomqtt.Client.subscribe", lambda *_, **__: asyncio.sleep(60))
    for number in range(3000):
        device.send("mine/t0", message(float(number), NOW + number))
    device.done()
    with plant.running(chain, tmp_path):
        plant.until(lambda: len(plant.values(chain, tmp_path)) == 3000)


def test_a_broker_that_is_gone_and_comes_back_is_found_again(chain, device, broker, tmp_path):
    with plant.running(chain, tmp_path):
        plant.until(lambda: plant.listens(tmp_path))
        device.send("mine/t0", message(0.0, NOW))
        plant.until(lambda: plant.values(chain, tmp_path))
        broker.stop()
        time.sleep(1.0)
        broker.start()
        plant.until(device.client.is_connected)
        for number in range(1, 50):
            device.send("mine/t0", message(float(number), NOW + number))
        plant.until(lambda: len(plant.values(chain, tmp_path)) == 50)
    assert plant.values(chain, tmp_path) == [float(number) for number in range(50)]


def test_killed_at_random_moments_it_loses_nothing_acknowledged(chain, device, tmp_path):
    """While a device sends: all is there in the end, each once. Two times in three it is killed at work, else as it starts.

    `python -m benchmarks kills` does it a hundred times.
    """
    draw = random.Random(1)
    stop, sent = threading.Event(), [0]
    address = chain.feeds[0].address

    def send() -> None:
        while not stop.is_set():
            for _ in range(4):
                device.send("mine/t0", message(float(sent[0]), NOW + sent[0]))
                sent[0] += 1
            time.sleep(0.02)

    sender, process = threading.Thread(target=send), plant.started("mqtt", address, 3, tmp_path)
    plant.until(lambda: plant.listens(tmp_path))
    sender.start()
    try:
        for number in range(15):
            if number % 3:
                kept = present(chain, tmp_path).at[0]
                plant.until(lambda kept=kept: present(chain, tmp_path).at[0] != kept, every=0.01)
            time.sleep(draw.uniform(0.0, 0.2))
            plant.killed(process)
            process = plant.started("mqtt", address, 3, tmp_path)
        stop.set()
        sender.join()
        device.done()
        plant.until(lambda: len(plant.values(chain, tmp_path)) == sent[0])
    finally:
        stop.set()
        sender.join()
        plant.killed(process)
    assert plant.values(chain, tmp_path) == [float(number) for number in range(sent[0])]


def test_shuffled_doubled_and_late_messages_are_the_same_history(chain, device, tmp_path):
    numbers = [*range(300), *range(0, 300, 7)]
    random.Random(3).shuffle(numbers)
    with plant.running(chain, tmp_path):
        plant.until(lambda: plant.listens(tmp_path))
        for number in numbers:
            device.send("mine/t0", message(float(number), NOW - 86_400_000 + number * 250_000))
        plant.until(lambda: len(plant.values(chain, tmp_path)) == 300)
    assert plant.values(chain, tmp_path) == [float(number) for number in range(300)]


def test_garbage_is_counted_and_told_and_the_rest_goes_on(chain, device, tmp_path, monkeypatch):
    monkeypatch.setattr("lodeworks.watch.ingest._HEALTH_S", 0.3)
    with plant.running(chain, tmp_path):
        plant.until(lambda: plant.listens(tmp_path))
        device.send("mine/t0", b"\x00\xff\xfe garbage")
        device.send("mine/t0", "[" * 100_000)
        device.send("mine/t0", b"x" * 9_000_000)
        device.send("mine/t0", '{"value": {"deep": [1]}}')
        device.send("mine/t0", '{"time": "yesterday", "value": 1}')
        device.send("mine/t2", '{"values": {"t0": 7, "unheard_of": 1}}')
        device.send("mine/t1", message(3.0, 1000))  # 1970
        device.send("mine/t1", '{"value": NaN}')
        device.send("mine/t2", message(5.0, 4_070_908_800_000))  # 2099
        device.send("mine/t0", "8")
        plant.until(lambda: plant.values(chain, tmp_path) == [7.0, 8.0])

        def told():
            return json.loads((tmp_path / "health.json").read_text())["feeds"]["plant"]

        plant.until(lambda: sum(told()["marked"].values()) >= 3)
        report = told()
        assert report["connected"]
        assert report["refused"] == {
            "a message that cannot be read": 3, "a message that is too large": 1,
            "a name or topic that is no tag of this feed": 1, "a value that is no number": 1,
        }
        assert any("unheard_of" in example["what"] for example in report["examples"])
        number = chain.place["lodeworks.refused"]
        plant.until(lambda: present(chain, tmp_path).value[number] == 6.0)
        now = present(chain, tmp_path)
        assert now.quality[2] == Quality.UNCERTAIN
        assert abs(now.at[2] - now_ms()) < 20_000  # 2099 hides nothing that comes later


def test_one_ingest_a_folder(chain, tmp_path):
    with plant.running(chain, tmp_path):
        plant.until(lambda: (tmp_path / "present").exists())
        with pytest.raises(WatchError, match="another ingest is running here"):
            run(chain, tmp_path, threading.Event())


def test_a_chain_without_tags_of_the_system_itself_is_taken_in_too(tmp_path):
    whole = plant.live("rehearsal", "", 1)
    chain = replace(whole, tags=whole.tags[:1], place={})
    with plant.running(chain, tmp_path):
        drop(tmp_path / "incoming" / "plant", b'{"values": {"nothing": 5}}')
        drop(tmp_path / "incoming" / "plant", b'{"values": {"t0": 5}}')
        plant.until(lambda: (tmp_path / "present").exists() and present(chain, tmp_path).value[0] == 5.0)


def test_a_feed_that_cannot_be_listened_to_stops_no_other(tmp_path, monkeypatch):
    monkeypatch.setattr("lodeworks.watch.ingest._HEALTH_S", 0.2)
    bad = plant.live("mqtt", "http://nowhere", [])
    good = plant.live("rehearsal", "")
    chain = replace(good, feeds=(replace(bad.feeds[0], name="other"), *good.feeds))
    with plant.running(chain, tmp_path):
        drop(tmp_path / "incoming" / "plant", b'{"values": {"t0": 5}, "quality": "simulated"}')
        plant.until(lambda: (tmp_path / "present").exists() and present(chain, tmp_path).value[0] == 5.0)
        assert present(chain, tmp_path).quality[0] == Quality.SIMULATED
        plant.until(lambda: (tmp_path / "health.json").exists())
        feeds = json.loads((tmp_path / "health.json").read_text())["feeds"]
        assert "no broker's address; found 'http://nowhere'" in feeds["other"]["trouble"]
        assert not feeds["other"]["connected"]
        plant.until(lambda: not list((tmp_path / "incoming" / "plant").glob("*.json")))


class Full:
    """A history on a disk that is full for a while."""

    def __init__(self, inner) -> None:
        self._inner = inner
        self.full = True

    def write(self, samples):
        if self.full:
            raise WatchError("log.sqlite: the history cannot be written: database or disk is full")
        return self._inner.write(samples)

    def __getattr__(self, name):
        return getattr(self._inner, name)


def test_a_full_disk_stops_neither_the_present_nor_what_comes_after(tmp_path, monkeypatch):
    """Nothing is acknowledged while the disk is full, the present goes on, and everything is kept in the end."""
    monkeypatch.setattr("lodeworks.watch.ingest._RETRY_S", 0.05)
    chain = plant.live("rehearsal", "", 1)
    names = [tag.name for tag in chain.tags]
    store = Full(open_history(tmp_path / "history", names))
    acknowledged = []

    async def scene() -> None:
        ingest = Ingest(chain, tmp_path, store, lambda history: None, now_ms)
        stop = threading.Event()
        task = asyncio.create_task(ingest.run(stop))
        for number in range(20):
            one = Samples.of([0], [NOW + number], [NOW], [float(number)], [0])
            await ingest._put(Batch(one, lambda number=number: acknowledged.append(number)))
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        assert present(chain, tmp_path).value[0] == 19.0
        assert acknowledged == []
        assert "disk is full" in ingest._trouble
        store.full = False
        await asyncio.sleep(0.5)
        assert acknowledged == list(range(20))
        assert ingest._trouble == ""
        stop.set()
        await task

    asyncio.run(scene())
    assert plant.values(chain, tmp_path) == [float(number) for number in range(20)]
    store.close()


def test_a_disk_that_is_really_full_is_lived_through(chain, device, broker, tmp_path):
    """The process may write no file larger than it is: SQLite is told that there is no room."""
    process = plant.started("mqtt", chain.feeds[0].address, 3, tmp_path)
    try:
        plant.until(lambda: plant.listens(tmp_path))
        device.send("mine/t0", message(0.0, NOW))
        plant.until(lambda: plant.values(chain, tmp_path))
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        for number in range(1, 30):
            device.send("mine/t0", message(float(number), NOW + number))
            time.sleep(0.05)
        plant.until(lambda: present(chain, tmp_path).value[0] == 29.0)
        assert len(plant.values(chain, tmp_path)) < 30
        assert process.is_alive()
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        plant.until(lambda: len(plant.values(chain, tmp_path)) == 30)
    finally:
        plant.killed(process)
    assert plant.values(chain, tmp_path) == [float(number) for number in range(30)]


def test_memory_is_bounded_when_nothing_can_be_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("lodeworks.watch.ingest._RETRY_S", 0.05)
    monkeypatch.setattr("lodeworks.watch.ingest._MOST_WAITING", 50)
    chain = plant.live("rehearsal", "", 1)
    store = Full(open_history(tmp_path / "history", [tag.name for tag in chain.tags]))
    put = []

    async def scene() -> None:
        ingest = Ingest(chain, tmp_path, store, lambda history: None, now_ms)
        stop = threading.Event()
        task = asyncio.create_task(ingest.run(stop))

        async def flood() -> None:
            for number in range(30):
                at = NOW + number * 10 + np.arange(10)
                await ingest._put(Batch(Samples(np.zeros(10, np.int32), at, at, np.ones(10), np.zeros(10, np.uint8))))
                put.append(number)

        flooding = asyncio.create_task(flood())
        await asyncio.sleep(0.3)
        assert len(put) == 5  # the source waits
        store.full = False
        await flooding
        await asyncio.sleep(0.5)
        stop.set()
        await task

    asyncio.run(scene())
    assert len(plant.values(chain, tmp_path)) == 300
    store.close()


class Judge:
    """Remembers what it was shown; can be made to fail."""

    def __init__(self) -> None:
        self.sequence, self.seen, self.fault, self.ticks = 0, [], None, 0

    def marked(self, samples):
        return samples

    def feed(self, samples, now, sequence):
        if self.fault:
            raise self.fault
        assert sequence > self.sequence
        self.seen += samples.value[samples.tag == 0].tolist()
        self.sequence = sequence

    def tick(self, now):
        self.ticks += 1


def test_the_judge_sees_every_batch_once_in_order_also_after_a_stop_and_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr("lodeworks.watch.ingest._TEND_S", 0.05)
    chain = plant.live("rehearsal", "", 1)
    judge, folder = Judge(), tmp_path / "incoming" / "plant"

    def send(*numbers: float) -> None:
        for number in numbers:
            drop(folder, json.dumps({"values": {"t0": number}, "time": NOW + number}).encode())

    with plant.running(chain, tmp_path, judge=lambda *_: judge):
        send(1, 2)
        plant.until(lambda: judge.seen == [1, 2])
        judge.fault = ValueError("a fault of its own")
        send(3)
        plant.until(lambda: plant.values(chain, tmp_path) == [1, 2, 3])
        send(4)
        plant.until(lambda: plant.values(chain, tmp_path) == [1, 2, 3, 4])
        judge.fault = None
        plant.until(lambda: judge.seen == [1, 2, 3, 4])
        ticks = judge.ticks
        plant.until(lambda: judge.ticks > ticks)  # time goes by without samples
        send(5)
        plant.until(lambda: judge.seen[-1] == 5)
    history = open_history(tmp_path / "history", [tag.name for tag in chain.tags])
    history.write(Samples.of([0], [NOW + 6], [NOW], [6.0], [0]))  # kept, and stopped before it was judged
    history.close()
    with plant.running(chain, tmp_path, judge=lambda *_: judge):
        plant.until(lambda: judge.seen == [1, 2, 3, 4, 5, 6])


def test_batches_stay_until_the_judge_has_surely_written_down_that_it_saw_them(tmp_path):
    judge, trimmed = Judge(), []
    store = SimpleNamespace(tend=lambda *_: None, trim=trimmed.append)
    ingest = Ingest(plant.live("rehearsal", "", 1), tmp_path, store, lambda _: judge, now_ms)
    ingest.judge = judge
    for judge.sequence in (7, 9):
        ingest._trim_once()
    assert trimmed == [0, 7]
    ingest._judge_trouble = "the journal cannot be written"
    ingest._trim_once()
    assert trimmed == [0, 7]


def test_a_clock_set_back_does_not_hide_what_comes_after(tmp_path, caplog):
    chain = plant.live("rehearsal", "", 1)
    offset = [3_600_000]
    with plant.running(chain, tmp_path, clock=lambda: now_ms() + offset[0]):
        drop(tmp_path / "incoming" / "plant", b'{"values": {"t0": 1}}')
        plant.until(lambda: (tmp_path / "present").exists() and present(chain, tmp_path).value[0] == 1.0)
        offset[0] = 0
        plant.until(lambda: "was set by -3600" in caplog.text)
        time.sleep(0.01)
        drop(tmp_path / "incoming" / "plant", b'{"values": {"t0": 2}}')
        plant.until(lambda: present(chain, tmp_path).value[0] == 2.0)


def test_an_alarm_is_told_acknowledged_and_calibration_is_kept_as_test(tmp_path):
    """With the real alarms: gas rises, somebody acknowledges; in a calibration window samples are of quality test."""
    rule = AlarmRule("gas_high", "gas high", "瓦斯高", "t0", "limit", 1, "gas", "fire", "withdraw", 300.0, limits=(Limit("H", "high", 1.0),), life_safety=True)
    chain = replace(plant.live("rehearsal", "", 2), rules=(rule,))
    incoming = tmp_path / "incoming" / "plant"

    def events():
        journal = Journal(tmp_path / "journal.sqlite", read_only=True)
        rows = [(row.subject, row.event) for row in journal.since(0)]
        journal.close()
        return rows

    with plant.running(chain, tmp_path):
        plant.until(lambda: plant.listens(tmp_path))
        drop(incoming, json.dumps({"time": now_ms(), "values": {"t0": 1.5}}).encode())
        plant.until(lambda: any(subject.startswith("gas_high") for subject, _ in events()))
        deeds = Deeds(tmp_path / "journal.sqlite")
        def done(deed: Deed) -> bool:
            number = deeds.ask(deed)
            plant.until(lambda: deeds.answer(number))
            return deeds.answer(number).done

        assert done(Deed("acknowledge", "gas_high", "Li"))
        assert any(event == "acknowledged" for _, event in events())
        assert done(Deed("calibrate", "t0", "Li", "monthly", data={"minutes": 10, "expected": 2.0}))
        drop(incoming, json.dumps({"time": now_ms(), "values": {"t0": 2.0, "t1": 0.5}}).encode())
        plant.until(lambda: present(chain, tmp_path).value[:2].tolist() == [2.0, 0.5])
        assert present(chain, tmp_path).quality[:2].tolist() == [Quality.TEST, Quality.GOOD]
        deeds.close()
    assert plant.values(chain, tmp_path) == [1.5, 2.0]
