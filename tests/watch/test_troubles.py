"""Troubles around the live reading, with real servers: a broker that is away, a disk that is full, clocks that jump, floods."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lodeworks.chain import Chain
from lodeworks.errors import AwayError
from lodeworks.network.live import Live
from lodeworks.verbs.watching import live_of
from lodeworks.watch.deeds import Deed, Deeds
from lodeworks.watch.history import open_history
from lodeworks.watch.journal import Journal, now_ms
from lodeworks.watch.present import Present
from lodeworks.watch.samples import Quality
from lodeworks.watch.sources.spool import drop
from tests.watch import plant

LIMIT = {"place": "face", "quantity": "methane", "high": "1.0 %", "source": "assumed", "dated": "2026-01-01", "cause": "gas", "consequence": "explosion",
         "response": "withdraw", "respond": "1 min"}


def pit(kind: str, address: str, tags: int, period: str = "1 s") -> Live:
    """A pit as a chain has it, with all the rules that a chain makes by itself: over the limit, stale, bad, and of the system."""
    return live_of(Chain.model_validate({
        "chain": "pit", "horizon": {"start": "2026-11-26", "length": "2 d", "cyclic": False}, "sites": {"pit": {}}, "commodities": {"coal": {"unit": "t"}},
        "supplies": {"mine": {"commodity": "coal", "site": "pit", "most": "300 t/h", "price": "200 CNY/t"}},
        "demands": {"sale": {"commodity": "coal", "site": "pit", "price": "900 CNY/t"}},
        "feeds": {"scada": {"kind": kind, **({"address": address} if address else {})}},
        "tags": {f"gas{n}": {"site": "pit", "reads": "methane", "unit": "%", "place": "face", "low": "0 %", "high": "4 %", "period": period, "address": f"pit/gas#{n}"}
                 for n in range(tags)},
        "limits": {"face_methane": LIMIT},
    }))


def rows(folder: Path, kind: str = "alarm") -> list[tuple[str, str, str]]:
    """The journal's rows of a kind: subject, event, user."""
    if not (folder / "journal.sqlite").exists():
        return []
    journal = Journal(folder / "journal.sqlite", read_only=True)
    found = [(row.subject, row.event, row.user) for row in journal.of_kind(kind)]
    journal.close()
    return found


def announced(folder: Path) -> list[str]:
    return [subject for subject, event, _ in rows(folder) if event == "announced"]


def now_of(live: Live, folder: Path):
    return Present.open(folder / "present", [tag.name for tag in live.tags]).read()


class Fast:
    """A clock that goes so many times as fast as ours."""

    def __init__(self, speed: float) -> None:
        self._speed, self._began, self._real = speed, now_ms(), time.monotonic()

    def __call__(self) -> int:
        return self._began + round((time.monotonic() - self._real) * 1000 * self._speed)


def test_a_broker_that_is_away_for_forty_minutes_is_one_alarm_and_loses_nothing(broker, tmp_path, monkeypatch):
    """Two hundred sensors; the time of ingest and of the device goes 600 times as fast, the servers are real."""
    monkeypatch.setattr("lodeworks.watch.ingest._HEALTH_S", 0.25)
    monkeypatch.setattr("lodeworks.watch.sources.gate._RETRY_S", (0.2,))
    monkeypatch.setattr("lodeworks.watch.ingest._JUMP_MS", 10**9)
    clock = Fast(600.0)
    live = pit("mqtt", f"mqtt://127.0.0.1:{broker.port}", 200, "8 min")
    device = plant.Publisher(broker.port)
    device.client.reconnect_delay_set(0.1, 0.3)
    sent: list[int] = []
    stop = threading.Event()

    def send() -> None:
        while not stop.wait(0.125):  # more than a minute
            sent.append(clock())
            device.send("pit/gas", json.dumps({"time": sent[-1], **{str(n): 0.2 + len(sent) / 1000 for n in range(200)}}))

    def told() -> list[str]:
        """What was announced, but for the lag: in this time every tick takes minutes."""
        return [one for one in announced(tmp_path) if not one.startswith("lodeworks.lag_s")]

    def last(subject: str) -> str:
        return [event for one, event, _ in rows(tmp_path) if one == subject][-1]

    measuring = threading.Thread(target=send)
    try:
        with plant.running(live, tmp_path, clock=clock):
            plant.until(lambda: plant.listens(tmp_path))
            measuring.start()
            plant.until(lambda: len(sent) >= 4)
            assert told() == []
            broker.stop()
            gone = clock()
            plant.until(lambda: clock() - gone > 2_400_000)  # the device goes on measuring, and keeps what it cannot send
            present = now_of(live, tmp_path)
            assert clock() - present.at[:200].max() > 2_100_000  # nothing newer stands than was heard: the wall turns it grey
            assert told() == ["lodeworks.scada.connected.limit"]
            assert {f"gas{n}.stale" for n in range(200)} <= {one for one, event, _ in rows(tmp_path) if event == "began"}  # each is known and in the journal
            broker.start()
            # It was not silent, as its samples tell when they come: that it was is taken back, and nobody was told.
            plant.until(lambda: all("void" in [event for one, event, _ in rows(tmp_path) if one == f"gas{n}.stale"] for n in (0, 199)))
            back = len(sent)
            plant.until(lambda: len(sent) > back + 4)
            assert told() == ["lodeworks.scada.connected.limit"]
            plant.until(lambda: last("lodeworks.scada.connected.limit") == "ended")
            stop.set()
            measuring.join()
            device.done()
            history = open_history(tmp_path / "history", [tag.name for tag in live.tags])
            plant.until(lambda: all(one.at.tolist() == sent for one in history.read([0, 199], 0, 2**60)))
            history.close()
    finally:
        stop.set()
        measuring.join()
    device.close()


def test_a_clock_of_this_computer_that_jumps_makes_no_alarm_and_hides_none(tmp_path, monkeypatch):
    """An hour forward, then two back, as somebody sets it; the source goes on by its own clock, which is right."""
    monkeypatch.setattr("lodeworks.watch.ingest._HEALTH_S", 0.2)
    live, offset = pit("rehearsal", "", 3, "5 s"), [0]

    def send(value: float) -> None:
        drop(tmp_path / "incoming" / "scada", json.dumps({"time": now_ms(), "values": {"gas0": value, "gas1": 0.2, "gas2": 0.2}}).encode())

    def going(seconds: float, value: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            send(value)
            time.sleep(0.2)

    with plant.running(live, tmp_path, clock=lambda: now_ms() + offset[0]):
        plant.until(lambda: plant.listens(tmp_path))
        going(1.0, 0.2)
        before = announced(tmp_path)
        offset[0] = 3_600_000  # what comes is an hour late now, and none of it is stale
        going(2.5, 0.2)
        assert [one for one in announced(tmp_path) if one.startswith("gas")] == []
        send(1.4)
        plant.until(lambda: "gas0.limit:H" in announced(tmp_path))
        going(0.5, 0.2)
        plant.until(lambda: ("gas0.limit:H", "ended", "") in rows(tmp_path))
        offset[0] = -3_600_000  # the source is an hour ahead now: its time is not believed, its value is
        going(2.5, 0.2)
        send(1.6)
        plant.until(lambda: announced(tmp_path).count("gas0.limit:H") == 2)
        plant.until(lambda: now_of(live, tmp_path).value[0] == 1.6)
        assert now_of(live, tmp_path).quality[0] == Quality.UNCERTAIN
        assert [one for one in announced(tmp_path) if one.endswith(".stale")] == []
    assert before == []


def test_a_clock_of_a_source_that_jumps_is_told_and_its_values_are_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("lodeworks.watch.ingest._HEALTH_S", 0.2)
    live = pit("rehearsal", "", 2, "5 s")

    def send(value: float, ahead_s: float) -> None:
        """Send as a source does, on and on, until it is seen."""

        def seen() -> bool:
            told = {"time": now_ms() + round(ahead_s * 1000), "values": {"gas0": value, "gas1": 0.2}}
            drop(tmp_path / "incoming" / "scada", json.dumps(told).encode())
            return (tmp_path / "present").exists() and now_of(live, tmp_path).value[0] == value

        plant.until(seen, every=0.2)

    with plant.running(live, tmp_path):
        plant.until(lambda: plant.listens(tmp_path))
        send(0.2, 0.0)
        for ahead, value in ((86_400.0 * 365 * 40, 0.21), (-now_ms() / 1000, 0.22), (1.5, 0.23), (0.0, 0.24)):  # 2066, 1970, ahead, right again
            send(value, ahead)
        send(1.2, 0.5)
        plant.until(lambda: "gas0.limit:H" in announced(tmp_path))
        marked = "a time that cannot be was replaced by when it was received"
        plant.until(lambda: json.loads((tmp_path / "health.json").read_text())["feeds"]["scada"]["marked"].get(marked, 0) >= 4)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount the small disk this fills")
def test_a_disk_that_is_full_stops_neither_the_present_nor_the_alarms_and_nothing_is_lost(broker, tmp_path):
    """A real file system of 12 MB, filled to the last block; the broker keeps what is not acknowledged."""
    live, disk = pit("mqtt", f"mqtt://127.0.0.1:{broker.port}", 3), tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk], check=True)
    device, folder, sent = plant.Publisher(broker.port), disk / "watch", []

    def send(value: float) -> None:
        sent.append(value)
        device.send("pit/gas", json.dumps({"time": now_ms(), "0": value, "1": 0.2, "2": 0.2}))
        time.sleep(0.02)

    def fill(file: Path) -> None:
        with file.open("wb", buffering=0) as filling:
            while True:
                try:
                    filling.write(b"x" * 65_536)
                except OSError:
                    return

    try:
        with plant.running(live, folder):
            plant.until(lambda: plant.listens(folder))
            send(0.2)
            plant.until(lambda: plant.values(live, folder))
            fill(disk / "filler")
            assert shutil.disk_usage(disk).free == 0
            full = now_ms()
            for number in range(60):
                send(0.2 + number / 1000)
            send(1.5)
            plant.until(lambda: now_of(live, folder).value[0] == 1.5)
            plant.until(lambda: now_of(live, folder).heartbeat > full)
            (disk / "filler").unlink()
            plant.until(lambda: "gas0.limit:H" in announced(folder))
            plant.until(lambda: plant.values(live, folder) == sent)
        assert announced(folder).count("gas0.limit:H") == 1
        fill(disk / "filler")
        with pytest.raises(AwayError), plant.running(live, folder / "new"):  # which whoever keeps it running tries again
            pass
    finally:
        device.close()
        subprocess.run(["umount", "-l", disk], check=True)  # what was mapped of it is let go later


def test_a_source_that_floods_takes_nothing_from_the_others(broker, tmp_path, monkeypatch):
    """One feed sends rubbish and repeats as fast as it can; a gas rise on another is announced within seconds."""
    monkeypatch.setattr("lodeworks.watch.ingest._HEALTH_S", 0.3)
    quiet = pit("rehearsal", "", 2)
    loud = plant.live("mqtt", f"mqtt://127.0.0.1:{broker.port}/flood/#", [plant.tag("flood", "flood/a")])
    live = replace(quiet, feeds=(*quiet.feeds, loud.feeds[0]), tags=(*quiet.tags, loud.tags[0]), place={})
    device, stop = plant.Publisher(broker.port), threading.Event()

    def flood() -> None:
        number = 0
        while not stop.is_set():
            for payload in ("x" * 2_000, '{"value": 1}', b"\x00\xff" * 500, '{"values": {"nobody": 1}}'):
                number += 1
                device.send(f"flood/{'a' if number % 2 else number}", payload, qos=number % 2)
            time.sleep(0.002)

    flooding = threading.Thread(target=flood)
    with plant.running(live, tmp_path):
        plant.until(lambda: plant.listens(tmp_path))
        flooding.start()
        try:
            time.sleep(0.5)
            drop(tmp_path / "incoming" / "scada", json.dumps({"time": now_ms(), "values": {"gas0": 1.5, "gas1": 0.2}}).encode())
            plant.until(lambda: "gas0.limit:H" in announced(tmp_path))
        finally:
            stop.set()
            flooding.join()
        device.done()

        def told(feed: str) -> dict:
            return json.loads((tmp_path / "health.json").read_text())["feeds"][feed]

        plant.until(lambda: {"a message that cannot be read", "a name or topic that is no tag of this feed"} <= told("plant")["refused"].keys())
        assert told("scada")["refused"] == {}
    device.close()


def test_what_two_ask_of_one_alarm_is_done_once_and_the_second_is_told_by_whom_it_was(tmp_path):
    live = pit("rehearsal", "", 1)
    with plant.running(live, tmp_path):
        plant.until(lambda: plant.listens(tmp_path))
        drop(tmp_path / "incoming" / "scada", json.dumps({"time": now_ms(), "values": {"gas0": 1.5}}).encode())
        plant.until(lambda: "gas0.limit:H" in announced(tmp_path))
        desks = [Deeds(tmp_path / "journal.sqlite") for _ in range(2)]
        numbers = [desk.ask(Deed("acknowledge", "gas0.limit:H", name)) for desk, name in zip(desks, ("li", "wang"), strict=True)]
        first, second = (plant.until(lambda d=desk, n=number: d.answer(n)) for desk, number in zip(desks, numbers, strict=True))
        for desk in desks:
            desk.close()
    assert first.done
    assert not second.done
    assert "acknowledged already" in second.text
    assert "li" in second.text
    assert [user for subject, event, user in rows(tmp_path) if event == "acknowledged"] == ["li"]
