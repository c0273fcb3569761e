"""Files put into a folder: read in order, deleted when kept, and silence is told."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

from lodeworks.network.live import Round
from lodeworks.watch.clock import Clock
from lodeworks.watch.folder import WatchFolder
from lodeworks.watch.journal import now_ms
from lodeworks.watch.sources import listen
from lodeworks.watch.sources.gate import Gate
from lodeworks.watch.sources.spool import drop
from tests.watch import plant


def set_clock_file(folder, speed: float) -> None:
    """Let a clock begin an hour ago and go on for an hour."""
    now = now_ms()
    WatchFolder(folder).clock.write_text(json.dumps({"begun": now, "told": now - 3_600_000, "speed": speed, "until": now + 3_600_000}))


def payload(value) -> bytes:
    return json.dumps({"values": {"t0": value}, "quality": "simulated"}).encode()


def test_files_are_read_in_order_and_deleted_only_when_kept(tmp_path):
    chain = plant.live("rehearsal", "", 1)
    folder = tmp_path / "incoming" / "plant"
    for value in (1, 2, 3):
        drop(folder, payload(value))
    (folder / ".half-written.json").write_bytes(b"{")

    async def scene():
        source = listen(Gate(chain.feeds[0], chain, now_ms), tmp_path)
        batch = await anext(source)
        assert batch.samples.value.tolist() == [1.0, 2.0, 3.0]
        assert len(list(folder.glob("*.json"))) == 3 + 1
        drop(folder, payload(4))
        later = await anext(source)
        assert later.samples.value.tolist() == [4.0]  # the others wait to be kept; they do not come twice
        batch.kept()
        assert [json.loads(path.read_bytes())["values"]["t0"] for path in folder.glob("[0-9]*.json")] == [4]
        await source.aclose()
        again = listen(Gate(chain.feeds[0], chain, now_ms), tmp_path)  # not kept before the stop: it comes again
        assert (await anext(again)).samples.value.tolist() == [4.0]
        await again.aclose()

    asyncio.run(asyncio.wait_for(scene(), 20))


def test_silence_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("lodeworks.watch.sources.spool._SILENT_S", 0.4)
    chain = plant.live("rehearsal", "", [plant.tag("t0", period_s=0.05), plant.tag("slow", period_s=3600.0)])
    gate = Gate(chain.feeds[0], chain, now_ms)

    async def scene():
        source = listen(gate, tmp_path)
        coming = asyncio.ensure_future(anext(source))
        await asyncio.sleep(0.2)
        assert gate.connected
        await asyncio.sleep(0.6)
        assert not gate.connected
        assert "nothing was put into" in gate.trouble
        drop(tmp_path / "incoming" / "plant", payload(1))
        await asyncio.wait_for(coming, 10)
        assert gate.connected
        await source.aclose()

    asyncio.run(scene())


def test_who_only_rides_along_a_round_may_be_silent_in_its_gaps_of_coverage(tmp_path, monkeypatch):
    monkeypatch.setattr("lodeworks.watch.sources.spool._SILENT_S", 0.1)
    ride = Round("ride", "Ride", "巡检", "belt", "robot", 0.0, 100.0, 10.0, 3600.0, "metres", ("t0",), gaps=((20.0, 30.0), (40.0, 47.0)))
    assert ride.longest_gap_s == 1.0

    async def connected(*tags):
        chain = replace(plant.live("rehearsal", "", list(tags)), rounds=(ride,))
        gate = Gate(chain.feeds[0], chain, now_ms)
        coming = asyncio.ensure_future(anext(listen(gate, tmp_path)))
        await asyncio.sleep(0.5)
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        return gate.connected

    quick = [plant.tag(name, period_s=0.01) for name in ("t0", "metres", "elsewhere")]
    assert asyncio.run(connected(*quick[:2]))
    assert not asyncio.run(connected(*quick))  # one that stands still would have been heard


def test_what_sends_seldom_is_not_taken_for_silent(tmp_path, monkeypatch):
    monkeypatch.setattr("lodeworks.watch.sources.spool._SILENT_S", 0.1)
    chain = plant.live("rehearsal", "", [plant.tag("t0", period_s=60.0)])
    gate = Gate(chain.feeds[0], chain, now_ms)

    async def scene():
        source = listen(gate, tmp_path)
        coming = asyncio.ensure_future(anext(source))
        await asyncio.sleep(0.6)
        assert gate.connected
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)

    asyncio.run(scene())


def test_in_a_fast_rehearsal_who_is_silent_while_others_are_heard_is_gone_by_its_clock(tmp_path, monkeypatch):
    """A hundred times as fast a minute of its time is 0.6 s; where nobody is heard, the sender may just be slow."""
    monkeypatch.setattr("lodeworks.watch.sources.spool._GATHERED_S", 0.3)
    chain = plant.live("rehearsal", "", [plant.tag("t0", period_s=1.0)])
    set_clock_file(tmp_path, speed=100.0)
    gate = Gate(chain.feeds[0], chain, Clock(WatchFolder(tmp_path).clock))

    async def scene(others):
        source = listen(gate, tmp_path)
        coming = asyncio.ensure_future(anext(source))
        for _ in range(8):
            await asyncio.sleep(0.1)
            if others:
                drop(tmp_path / "incoming" / "other", payload(1))
        found = gate.connected
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        return found

    assert asyncio.run(scene(False))
    assert not asyncio.run(scene(True))
    assert "for 0.3 s" in gate.trouble
    set_clock_file(tmp_path, speed=1.0)
    gate = Gate(chain.feeds[0], chain, Clock(WatchFolder(tmp_path).clock))
    assert asyncio.run(scene(True))
