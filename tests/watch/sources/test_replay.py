"""Files: a past as it was, lines that are added, and a past played as if it were now."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest

from lodeworks.errors import WatchError
from lodeworks.watch.journal import now_ms
from lodeworks.watch.samples import Quality
from lodeworks.watch.sources import listen
from lodeworks.watch.sources.gate import Gate
from tests.watch import plant

T0 = int(datetime(2024, 5, 1, tzinfo=UTC).timestamp() * 1000)


def gate_of(address, clock=now_ms):
    chain = plant.live("replay", str(address), 2)
    return Gate(chain.feeds[0], chain, clock)


def first(gate, tmp_path, batches=1):
    """The samples of the first batches."""
    async def take():
        source, found = listen(gate, tmp_path), []
        async for batch in source:
            found += zip(batch.samples.tag.tolist(), (batch.samples.at - T0).tolist(), batch.samples.value.tolist(), batch.samples.quality.tolist(), strict=True)
            if (batches := take.left - 1) <= 0:
                await source.aclose()
                return found
            take.left = batches

    take.left = batches
    return asyncio.run(asyncio.wait_for(take(), 20))


WANTED = [(0, 0, 1.0, 0), (1, 0, 5.0, 0), (0, 1000, 2.0, 1)]


@pytest.mark.parametrize("time", [lambda s: f"2024-05-01T00:00:0{s}Z", lambda s: T0 + 1000 * s, lambda s: T0 / 1000 + s])
def test_a_long_table_is_taken_in_as_it_was(tmp_path, time):
    path = tmp_path / "past.csv"
    path.write_text("time,tag,value,quality\n" + "".join(f"{time(s)},{tag},{value},{quality}\n" for s, tag, value, quality in [
        (0, "t0", 1.0, "good"), (0, "mine/t1", 5.0, ""), (1, "t0", 2.0, "uncertain"),
    ]).replace(",\n", ",good\n"))
    assert first(gate_of(path), tmp_path) == WANTED


def test_a_wide_table_and_parquet(tmp_path):
    times = [datetime(2024, 5, 1, 0, 0, second, tzinfo=UTC) for second in range(2)]
    pl.DataFrame({"time": times, "t0": [1.0, 2.0], "mine/t1": [5.0, None]}).write_parquet(tmp_path / "past.parquet")
    (tmp_path / "past.csv").write_text("time,t0,mine/t1\n2024-05-01T00:00:00Z,1,5\n2024-05-01T00:00:01Z,2,\n")
    for name in ("past.parquet", "past.csv"):
        assert first(gate_of(tmp_path / name), tmp_path) == [(0, 0, 1.0, 0), (0, 1000, 2.0, 0), (1, 0, 5.0, 0)]


def test_lines_that_are_added_are_taken_in(tmp_path, monkeypatch):
    monkeypatch.setattr("lodeworks.watch.sources.replay._LOOK_S", 0.05)
    path = tmp_path / "log.csv"
    path.write_text(f"time,tag,value\n{T0},t0,1\n")
    chain = plant.live("replay", str(path), 1)
    with plant.running(chain, tmp_path / "watch"):
        plant.until(lambda: (tmp_path / "watch" / "history" / "log.sqlite").exists() and plant.values(chain, tmp_path / "watch") == [1.0])
        with path.open("a") as file:
            file.write(f"{T0 + 1},t0,2\n{T0 + 2},t0,")
            file.flush()
            plant.until(lambda: plant.values(chain, tmp_path / "watch") == [1.0, 2.0])
            file.write("3\n")
        plant.until(lambda: plant.values(chain, tmp_path / "watch") == [1.0, 2.0, 3.0])


def test_a_past_is_played_faster_with_the_times_of_now_and_marked(tmp_path):
    path = tmp_path / "past.csv"
    path.write_text("time,tag,value\n" + "".join(f"{T0 + 1000 * s},t0,{s}\n" for s in range(10)))
    began = now_ms()
    found = first(gate_of(f"{path}?speed=50"), tmp_path, batches=3)
    assert found
    assert {quality for *_, quality in found} == {Quality.SIMULATED}
    times = [at + T0 for _, at, *_ in found]
    assert began <= times[0] < began + 5000
    assert {b - a for a, b in itertools.pairwise(times)} <= {20}
    assert times[-1] <= now_ms()


def test_what_is_no_sample_is_refused_and_counted(tmp_path):
    path = tmp_path / "past.csv"
    path.write_bytes(b"time,tag,value\nnoon,t0,1\n1714521600000,t0,much\n,t0,1\n1714521600000,what,1\nx\n\xff\xfe,,\n1714521600000,t0,7\n")
    gate = gate_of(path)
    assert first(gate, tmp_path) == [(0, 0, 7.0, 0)]
    assert gate.counts["unreadable"] == 3
    assert gate.counts["unknown"] == 3


@pytest.mark.parametrize(("address", "fault"), [
    ("none.csv", "no such file"), ("here.csv?speed=fast", "no speed"), ("here.csv?speed=101", "no speed"), ("here.csv?speed=-1", "no speed"),
    ("here.csv", "no column `time`"), ("bad.parquet", "no table of samples"),
])
def test_what_is_no_file_of_samples_is_told(tmp_path, address, fault):
    (tmp_path / "here.csv").write_text("a,b\n1,2\n")
    (tmp_path / "bad.parquet").write_bytes(b"nothing")
    gate = gate_of(tmp_path / "x")
    gate.feed = replace(gate.feed, address=str(tmp_path / address))
    with pytest.raises(WatchError, match=fault):
        first(gate, tmp_path)
