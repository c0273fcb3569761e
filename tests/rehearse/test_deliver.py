"""A rehearsal reaches the live reading: by a folder, by a real broker, or as a file; at its pace; with the truth beside."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from lodeworks.cli import app
from lodeworks.errors import InputError, WatchError
from lodeworks.network.live import Live
from lodeworks.rehearse import Broker, Rehearsal, deliver, rehearse
from lodeworks.rehearse.deliver import target_of
from lodeworks.rehearse.verb import rehearse_into
from lodeworks.watch.journal import now_ms
from lodeworks.watch.samples import Quality, Samples
from tests.rehearse.small import SMALL, rehearsal
from tests.watch import plant, servers

RISE = {"kind": "gas_rise", "at": "1 min", "tag": "ch4", "by": 1.4, "over": "30 s", "hold": "2 min"}


@pytest.fixture
def made() -> Rehearsal:
    """Six minutes that end now."""
    found = rehearsal(RISE, hours=0.1)
    found.begin_ms = now_ms() - 370_000
    return found


def compared(made: Rehearsal, folder: Path, target: str, live: Live | None = None) -> None:
    """Deliver at once, and hold what the live reading kept to what was sent."""
    from lodeworks.watch.history import open_history

    live = live or made.live
    names = [tag.name for tag in live.tags]
    with plant.running(live, folder):
        plant.until(lambda: plant.listens(folder))
        with target_of(made.live, target) as sink:
            sent = deliver(made, sink, speed=1e9)
        assert sent > 2000

        def read() -> Samples:
            store = open_history(folder / "history", names)
            try:
                return Samples.joined([samples for _, samples in store.after(0)])
            finally:
                store.close()

        plant.until(lambda: (read().quality == Quality.SIMULATED).sum() == sent, seconds=20)
        found = read()
    found = found.take(found.quality == Quality.SIMULATED)
    expected = made.samples()
    for name in ("ch4", "belt_flow", "in_all", "where"):
        both = [samples.take(samples.tag == live.place[name]) for samples in (found, expected)]
        rows = [dict(zip(samples.at.tolist(), samples.value.tolist(), strict=True)) for samples in both]
        assert rows[0] == pytest.approx(rows[1]), name


def test_a_folder_brings_everything_into_the_live_reading(made: Rehearsal, tmp_path: Path) -> None:
    compared(made, tmp_path, str(tmp_path))


def test_a_broker_brings_everything_into_the_live_reading(made: Rehearsal, tmp_path: Path) -> None:
    broker = servers.Broker(tmp_path)
    broker.start()
    try:
        address = f"mqtt://127.0.0.1:{broker.port}"
        tags = tuple(replace(tag, address=f"dev/gas#{tag.name}" if tag.feed == "gas" else f"dev/{tag.name}") for tag in made.live.tags)
        made.live = replace(made.live, tags=tags, feeds=tuple(replace(feed, kind="mqtt", address=address) for feed in made.live.feeds))
        compared(made, tmp_path, address)
    finally:
        broker.stop()


def test_no_broker_is_told(made: Rehearsal) -> None:
    with pytest.raises(WatchError, match="no broker answers"):
        Broker(made.live, f"mqtt://127.0.0.1:{servers.free_port()}")
    with pytest.raises(WatchError, match="no broker's address"):
        Broker(made.live, "http://127.0.0.1")
    with pytest.raises(WatchError, match="no broker's address"):
        Broker(made.live, "mqtt://127.0.0.1:99999")


class Sink:
    def __init__(self) -> None:
        self.sent: list[Samples] = []

    def send(self, samples: Samples) -> None:
        self.sent.append(samples)


@pytest.mark.parametrize("speed", [1.0, 20.0])
def test_it_goes_as_fast_as_asked_and_stops_when_told(made: Rehearsal, speed: float) -> None:
    now, naps, sink = [0.0], [], Sink()

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        now[0] += seconds

    deliver(made, sink, speed=speed, sleep=sleep, clock=lambda: now[0])
    assert now[0] == pytest.approx(360.0 / speed)
    assert set(np.round(naps, 6)) == {1.0}
    halted = Sink()
    deliver(made, halted, speed=speed, sleep=sleep, clock=lambda: now[0], stop=lambda: len(halted.sent) >= 3)
    assert len(halted.sent) == 3


@pytest.fixture
def chain_file(tmp_path: Path) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(yaml.safe_dump(SMALL, sort_keys=False))
    (tmp_path / "faults.yaml").write_text(yaml.safe_dump({"events": [RISE]}))
    return file


def test_the_verb_writes_a_file_to_be_replayed_and_the_truth_beside(chain_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "day.parquet"
    done = CliRunner().invoke(app, ["rehearse", str(chain_file), "--to", str(out), "--hours", "0.1", "--at", "2026-12-01 09:00",
                                    "--script", str(tmp_path / "faults.yaml")])
    assert done.exit_code == 0, done.output
    frame = pl.read_parquet(out)
    assert frame.columns == ["tag", "time", "value", "quality", "received"]
    assert frame["quality"].cast(pl.String).unique().to_list() == ["simulated"]
    assert str(frame["time"].min()).startswith("2026-12-01 01:00")  # 09:00 at the works, UTC
    gas = frame.filter(pl.col("tag").cast(pl.String) == "ch4")
    assert gas["value"].max() > 1.3
    truth = json.loads(out.with_suffix(".truth.json").read_text())
    assert [event["kind"] for event in truth["planted"]] == ["gas_rise"]
    assert {row["tag"] for row in truth["passes"]} == {"ch4"}
    assert "1 events planted" in done.output


def test_the_same_seed_is_the_same_file(chain_file: Path, tmp_path: Path) -> None:
    options = ["--hours", "0.05", "--at", "2026-12-01 09:00"]
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert CliRunner().invoke(app, ["rehearse", str(chain_file), "--to", str(tmp_path / f"{name}.parquet"), "--seed", seed, *options]).exit_code == 0
    first, again, other = (pl.read_parquet(tmp_path / f"{name}.parquet") for name in "abc")
    assert first.equals(again)
    assert not first["value"].equals(other["value"])


def test_faster_than_real_no_sample_is_of_the_future(chain_file: Path, tmp_path: Path) -> None:
    done = rehearse_into(chain_file, str(tmp_path / "watch"), speed=3600.0, hours=0.5)
    assert done.sent > 10_000
    latest = max(row["time"] for file in (tmp_path / "watch" / "incoming").rglob("*.json") for row in json.loads(file.read_text()))
    assert now_ms() - 10_000 < latest <= now_ms() + 1_000
    assert list((tmp_path / "watch" / "rehearsals").glob("small-works-*.json")) == [done.truth]


def test_a_folder_keeps_the_clock_of_a_rehearsal_that_is_not_in_real_time(chain_file: Path, tmp_path: Path) -> None:
    """Half an hour in three seconds: nothing is stale or late for that, and alarms stand at the rehearsal's times."""
    from lodeworks.watch.clock import HELD, Rehearsed, clock_of, head_start, set_clock
    from lodeworks.watch.journal import Journal
    from lodeworks.watch.present import Present

    live, folder = rehearse(chain_file, hours=0.5).live, tmp_path / "watch"
    ages: list[float] = []

    def look(_: str) -> None:
        clock = clock_of(live, folder)
        values = Present.open(folder / "present", [tag.name for tag in live.tags]).read()
        place = [n for n, tag in enumerate(live.tags) if tag.period_s <= 10.0 and tag.feed != "robot" and not tag.name.startswith("lodeworks.")]
        if clock.speed == 600.0 and (values.at[place] > 0).all():
            ages.append((clock() - values.at[place].min()) / 1000.0 / 600.0)

    script = tmp_path / "script.yaml"
    script.write_text(yaml.safe_dump({"events": [RISE]}))
    folder.mkdir()
    now = now_ms()
    held = Rehearsed(now, now - head_start(0.5 * 3_600_000, 600.0), HELD, now + 3_600_000)  # as `watch --rehearse` does
    with set_clock(folder, held), plant.running(live, folder):
        plant.until(lambda: plant.listens(folder))
        rehearse_into(chain_file, str(folder), speed=600.0, hours=0.5, script=script, progress=look)
        plant.until(lambda: not list((folder / "incoming").rglob("*.json")))
    assert clock_of(live, folder).speed == 1.0
    assert max(ages) < 3.0  # of this computer's seconds: what a sample needs on its way
    journal = Journal(folder / "journal.sqlite", read_only=True)
    rows = [row for row in journal.since(0) if row.kind == "alarm"]
    journal.close()
    risen = [row for row in rows if row.subject == "ch4.limit:H" and row.event == "announced"]
    assert len(risen) == 1
    assert now_ms() - 30 * 60_000 < risen[0].at < risen[0].written < now_ms() - 10 * 60_000
    assert not [row for row in rows if row.subject.startswith(("belt_flow.stale", "ch4.stale")) and row.at > risen[0].at]


def test_a_window_of_the_script_is_declared_at_the_desk_of_the_folder(chain_file: Path, tmp_path: Path) -> None:
    from lodeworks.watch.deeds import Deeds

    script = tmp_path / "script.yaml"
    script.write_text(yaml.safe_dump({"events": [{"kind": "window", "at": "1 min", "tag": RISE["tag"], "gas": 2.0, "hold": "4 min", "note": "monthly"}]}))
    rehearse_into(chain_file, str(tmp_path / "watch"), speed=3600.0, hours=0.1, script=script)
    [deed] = Deeds(tmp_path / "watch" / "journal.sqlite").open()
    assert (deed.kind, deed.subject, deed.user, deed.note, deed.data) == ("calibrate", RISE["tag"], "rehearsal", "monthly", {"minutes": 4.0, "expected": 2.0})
    assert 0 < now_ms() - deed.asked < 0.1 * 3_600_000


def test_a_clock_of_its_own_is_refused_where_later_things_were_recorded(chain_file: Path, tmp_path: Path) -> None:
    """Time only goes on in a folder: a recorder that has been running for real is not set back under its alarms."""
    from lodeworks.watch.folder import WatchFolder
    from lodeworks.watch.present import Present, recorded_until

    present = WatchFolder(tmp_path).present
    assert recorded_until(present) < 0
    Present.create(present, ["a", "b"]).beat(now_ms())
    with pytest.raises(InputError, match="begins before what this folder has recorded") as caught:
        rehearse_into(chain_file, str(tmp_path), speed=60.0, hours=0.1)
    assert "--rehearse --speed 60" in caught.value.problems[0].expected
    assert not (tmp_path / "clock.json").exists()
    Present.create(present, ["a", "b"]).beat(now_ms() - 3_600_000)  # before it begins
    assert rehearse_into(chain_file, str(tmp_path), speed=3600.0, hours=0.1).sent > 0


def test_a_clock_of_its_own_is_refused_beside_real_feeds(chain_file: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs a clock that real feeds do not have") as caught:
        rehearse_into(chain_file, str(tmp_path), speed=60.0, hours=0.1, sets=["feeds.gas.kind=mqtt", "feeds.gas.address=mqtt://localhost"])
    assert caught.value.problems[0].found == "60 beside gas"


@pytest.mark.parametrize(("options", "words"), [
    ({"at": "yesterday"}, "not a time"), ({"at": "2027-01-01"}, "not within the chain's horizon"),
    ({"at": "2026-12-03 20:00", "hours": 8.0}, "not within the chain's horizon"), ({"hours": 0.0}, "takes time"),
    ({"at": "2026-12-01T09:00+08:00"}, "without a time zone"),
])
def test_what_cannot_be_rehearsed_is_told(chain_file: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        rehearse(chain_file, **options)


def test_a_chain_without_tags_is_told() -> None:
    with pytest.raises(InputError, match="nothing of this chain is watched"):
        rehearse("cases/first-chain", hours=1.0)


def test_the_cases_own_script_plants_all_it_says() -> None:
    """Each emergency of the case passes the limits it should, and a quiet hour before it none."""
    made = rehearse("cases/faer-mine", hours=2.5, at="2026-12-01 07:00", script="cases/faer-mine/rehearsals/shift.yaml")
    rules = {row["rule"] for row in made.passes() if row["expected"]}
    assert rules >= {"ch4_1201_corner.limit", "ch4_1202_face.limit", "belt_slip", "sump_high", "zone_1201.over", "co_belt.limit", "roller_hot"}
    assert rehearse("cases/faer-mine", hours=8.0, at="2026-12-02 06:00", seed=2).passes() == []


def test_the_file_is_read_by_a_feed_that_replays(chain_file: Path, tmp_path: Path) -> None:
    from lodeworks.watch.sources import Gate
    from lodeworks.watch.sources.replay import samples

    out = tmp_path / "day.parquet"
    rehearse_into(chain_file, str(out), hours=0.1, at="2026-12-01 09:00")
    made = rehearse(chain_file, hours=0.1, at="2026-12-01 09:00")
    feed = replace(made.live.feeds[0], kind="replay", address=str(out))
    gate = Gate(feed, made.live, lambda: made.begin_ms + 10_000_000)

    async def first() -> Samples:
        return (await anext(samples(gate))).samples

    found, sent = asyncio.run(first()), made.samples()
    numbers = np.flatnonzero([tag.feed == feed.name for tag in made.live.tags])
    sent = sent.take(np.isin(sent.tag, numbers))
    assert len(found) == len(sent)
    assert np.array_equal(found.at, sent.at)
    assert np.allclose(found.value, sent.value)
    assert set(found.quality) == {Quality.SIMULATED}


def test_faster_than_real_through_a_broker_is_told_to_be_seen_as_behind(chain_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told: list[str] = []
    with pytest.raises(WatchError, match="no broker answers"):
        rehearse_into(chain_file, f"mqtt://127.0.0.1:{servers.free_port()}", hours=0.05, speed=60.0, told=told.append)
    assert "at 60 times real time through a broker: whoever listens keeps his own clock" in told[-1]


def test_stores_that_begin_empty_and_events_that_come_too_late_are_told(tmp_path: Path) -> None:
    chain = tmp_path / "works.yaml"
    data: dict[str, Any] = {**SMALL, "stores": {"bunker": {"commodity": "ore", "site": "works", "capacity": "400 t"}}}
    chain.write_text(yaml.safe_dump(data))
    told: list[str] = []
    script = tmp_path / "late.yaml"
    script.write_text("events:\n  - {kind: dead_gateway, at: 5 h, feed: gas}\n")
    rehearse_into(chain, str(tmp_path / "day.parquet"), hours=0.1, script=script, told=told.append)
    assert told[0] == "the rehearsal of 0.1 h is over before this begins: dead_gateway at 300 min"
    assert "begin empty" in told[1]
    assert "bunker; expected --plan RUN" in told[1]
    assert len(told) == 2


def test_a_rehearsal_begins_now_where_the_horizon_has_it_else_on_its_first_day(chain_file: Path) -> None:
    zone = dt.timezone(dt.timedelta(hours=8))
    for now, begins in ((dt.datetime(2026, 12, 2, 9, 30, tzinfo=zone), "2026-12-02 09:30"), (dt.datetime(2031, 5, 5, 9, 30, tzinfo=zone), "2026-12-01 09:30")):
        made = rehearse(chain_file, hours=0.1, begin_ms=round(now.timestamp() * 1000))
        same = rehearse(chain_file, hours=0.1, at=begins, begin_ms=round(now.timestamp() * 1000))
        assert np.array_equal(made.samples().value, same.samples().value, equal_nan=True)


def test_a_rehearsal_begins_where_the_clock_was_held_for_it(chain_file: Path, tmp_path: Path) -> None:
    from lodeworks.watch.clock import HELD, Rehearsed, set_clock

    held = now_ms() - 1_000_000
    with set_clock(tmp_path / "watch", Rehearsed(now_ms(), held, HELD, now_ms() + 3_600_000)):
        done = rehearse_into(chain_file, str(tmp_path / "watch"), speed=3600.0, hours=0.25)
    assert json.loads(done.truth.read_text())["begin"] == held
