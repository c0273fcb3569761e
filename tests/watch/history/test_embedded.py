"""The folder's own ways: what moves where, and that stopping in the middle of a move loses and doubles nothing."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import polars as pl
import pytest

from lodeworks.errors import WatchError
from lodeworks.watch.history import Keep, open_history
from lodeworks.watch.history.cold import Cold
from lodeworks.watch.history.hot import DAY_MS, Hot, start_of
from lodeworks.watch.history.log import Log, packed, unpacked
from lodeworks.watch.samples import Quality, Samples

DAY = date(2026, 3, 14)
T0 = start_of(DAY)
KEEP = [Keep(1000, 1000)] * 2
HOUR = 3_600_000


def some(n=400, tag=0, start=T0):
    at = start + np.arange(n) * 1000
    return Samples(np.full(n, tag, np.int32), at, at + 5, np.arange(n) / 4.0, np.zeros(n, np.uint8))


def values(history, tag=0):
    return history.read([tag], T0 - 9 * DAY_MS, T0 + 9 * DAY_MS)[0].value.tolist()


@pytest.fixture
def history(tmp_path):
    history = open_history(tmp_path / "history", ["gas", "belt"])
    yield history
    history.close()


def test_a_day_is_closed_when_it_is_over_and_quiet(history, tmp_path):
    history.write(some())
    cold = tmp_path / "history" / "days" / "2026-03-14.parquet"
    hot = tmp_path / "history" / "hot" / "2026-03-14.sqlite"
    history.tend(T0 + DAY_MS - HOUR, KEEP)
    assert hot.exists()
    history.tend(T0 + DAY_MS + HOUR, KEEP)
    assert not cold.exists()
    history.tend(T0 + DAY_MS + HOUR + 1, KEEP)
    assert cold.exists()
    assert not hot.exists()
    assert values(history) == some().value.tolist()


def test_late_samples_of_a_closed_day_wait_for_an_hour_of_quiet_and_not_for_ever(history, tmp_path):
    hot = tmp_path / "history" / "hot" / "2026-03-14.sqlite"
    history.write(some())
    history.tend(T0 + 2 * DAY_MS, KEEP)
    history.tend(T0 + 2 * DAY_MS + HOUR + 1, KEEP)
    assert not hot.exists()
    for hour in range(3):
        history.write(some(10, start=T0 + HOUR * (1 + hour)))
        history.tend(T0 + 2 * DAY_MS + (2 + hour) * HOUR, KEEP)
        assert hot.exists()
    history.tend(T0 + 5 * DAY_MS, KEEP)
    assert not hot.exists()
    assert len(values(history)) == 430


def test_a_closed_day_is_sorted_and_says_what_its_tags_are_called(history, tmp_path):
    history.write(Samples.joined([some(tag=1), some(tag=0)]))
    history.fold(T0)
    history.close_day(DAY)
    path = tmp_path / "history" / "days" / "2026-03-14.parquet"
    frame = pl.read_parquet(path)
    assert frame.select("tag", "at").equals(frame.select("tag", "at").sort("tag", "at"))
    told = json.loads(pl.read_parquet_metadata(path)["lodeworks.tags"])
    assert sorted(told.values()) == ["belt", "gas"]
    assert {int(number) for number in told} == set(frame["tag"].unique())


class Stop(Exception):
    pass


def stopped(*_, **__):
    raise Stop


@pytest.mark.parametrize(("where", "what"), [
    (Hot, "put"), (Log, "set_folded"), (Cold, "write"), (Log, "set_closed"), (Hot, "remove"),
])
def test_a_move_that_stops_in_the_middle_loses_and_doubles_nothing(history, tmp_path, monkeypatch, where, what):
    history.write(some(300))
    history.fold(T0)
    history.close_day(DAY)
    history.write(some(400))
    with monkeypatch.context() as patch:
        patch.setattr(where, what, stopped)
        with pytest.raises(Stop):
            history.tend(T0 + 5 * DAY_MS, KEEP)
    assert values(history) == some().value.tolist()
    history.close()
    again = open_history(tmp_path / "history", ["gas", "belt"])
    assert values(again) == some().value.tolist()
    again.tend(T0 + 5 * DAY_MS, KEEP)
    assert values(again) == some().value.tolist()
    assert not list((tmp_path / "history" / "hot").iterdir())
    assert sorted(path.name for path in (tmp_path / "history" / "days").iterdir()) == ["2026-03-14.extremes.parquet", "2026-03-14.parquet", "2026-03-14.sums.json"]
    again.close()


def test_a_day_that_is_not_whole_when_read_back_stays_where_it_is(history, tmp_path, monkeypatch):
    history.write(some())
    history.fold(T0)
    monkeypatch.setattr(Hot, "range", lambda self, day, first, last: some(399, tag=1))  # the store's first number
    with pytest.raises(WatchError, match="399 samples written of 399 given, at least 400 expected"):
        history.close_day(DAY)
    monkeypatch.undo()
    assert len(values(history)) == 400
    assert history.close_day(DAY) == 400


def test_a_large_day_is_closed_piece_by_piece(history, monkeypatch):
    monkeypatch.setattr("lodeworks.watch.history.embedded._CLOSED_AT_ONCE", 150)
    history.write(Samples.joined([some(tag=1), some(tag=0)]))
    history.fold(T0)
    assert history.close_day(DAY) == 800
    assert values(history, 0) == values(history, 1) == some().value.tolist()


def test_while_a_day_is_closed_the_others_go_on_and_what_comes_late_for_it_waits(history, monkeypatch):
    monkeypatch.setattr("lodeworks.watch.history.embedded._CLOSED_AT_ONCE", 1)
    monkeypatch.setattr("lodeworks.watch.history.embedded._FOLD_S", 0.0)
    history.write(Samples.joined([some(tag=0), some(tag=1)]))
    history.fold(T0)
    write, during = Cold.write, []

    def writing(self, day, parts, *rest):
        def looked():
            for number, part in enumerate(parts):
                if number == 0:  # while the first part is written, another day comes in …
                    history.write(some(start=T0 + 3 * DAY_MS))
                else:
                    during.append([day.isoformat() for day in history._hot.days()])
                    history.write(some(1, start=T0 + 5 * HOUR))  # … and something late of this one
                yield part
        return write(self, day, looked(), *rest)

    monkeypatch.setattr(Cold, "write", writing)
    history.tend(T0 + 3 * DAY_MS + 2 * HOUR, KEEP)
    assert during == [["2026-03-14", "2026-03-17"]]
    assert len(values(history)) == 801  # the late one waits in the log, and is read from there
    history.fold(T0 + 3 * DAY_MS + 2 * HOUR)
    assert len(values(history)) == 801


def test_the_work_on_a_day_is_broken_off_when_asked_and_nothing_is_lost(history, tmp_path, monkeypatch):
    monkeypatch.setattr("lodeworks.watch.history.embedded._CLOSED_AT_ONCE", 1)
    history.write(Samples.joined([some(tag=0), some(tag=1)]))
    history.fold(T0)
    history.break_off()
    with pytest.raises(WatchError, match="broken off"):
        history.close_day(DAY)
    assert len(values(history)) == 400
    assert not list((tmp_path / "history" / "days").iterdir())


def test_extremes_are_read_where_they_are_and_all_samples_elsewhere(history, monkeypatch):
    for number in range(5):
        history.write(some(start=T0 + number * DAY_MS))
    history.tend(T0 + 9 * DAY_MS, KEEP)
    history.tend(T0 + 9 * DAY_MS + HOUR + 1, KEEP)
    history.write(some(1, start=T0 + 2 * DAY_MS + HOUR))  # late: this day's extremes are not all there is
    asked = []
    read = Cold.read
    monkeypatch.setattr(Cold, "read", lambda self, days, *rest: asked.extend(days) or read(self, days, *rest))
    history.read([0], T0, T0 + 5 * DAY_MS, 100)
    assert asked == [date(2026, 3, 16)]
    history.read([0], T0 + 1, T0 + 2 * DAY_MS, 100)
    assert asked[1:] == [DAY]  # only a part of it is asked for
    history.read([0], T0 + DAY_MS, T0 + 2 * DAY_MS, 1000)
    assert asked[2:] == [date(2026, 3, 15)]  # more points than the extremes have


def test_batches_go_when_they_are_seen_and_folded(history):
    first = history.write(some())
    history.trim(first)
    assert [number for number, _ in history.after(0)] == [first]  # in no day yet
    history.fold(T0)
    history.trim(first)
    assert list(history.after(0)) == []
    assert len(values(history)) == 400


def test_a_damaged_batch_is_told():
    content = packed(some(3))
    assert unpacked(content).value.tolist() == [0.0, 0.25, 0.5]
    with pytest.raises(WatchError, match="86 bytes are no whole rows of 29"):
        unpacked(content[:-1])


def test_a_log_that_is_no_database_is_told(tmp_path):
    (tmp_path / "log.sqlite").write_bytes(b"not a database, not at all" * 40)
    with pytest.raises(WatchError, match="cannot be opened"):
        open_history(tmp_path, ["gas"])


def test_a_damaged_closed_day_is_told(history, tmp_path):
    history.write(some())
    history.fold(T0)
    history.close_day(DAY)
    (tmp_path / "history" / "days" / "2026-03-14.parquet").write_bytes(b"PAR1 and nothing PAR1")
    with pytest.raises(WatchError, match="closed days cannot be read"):
        values(history)


def closed(history, tmp_path):
    """Three closed days of two tags, and the files of the middle one."""
    days = tmp_path / "history" / "days"
    for number in range(3):
        for tag in range(2):
            history.write(some(200, tag, T0 + number * DAY_MS))
    history.tend(T0 + 5 * DAY_MS, KEEP)
    history.tend(T0 + 5 * DAY_MS + HOUR + 1, KEEP)
    return days / "2026-03-15.parquet", days / "2026-03-15.extremes.parquet"


def changed(content: bytes) -> bytes:
    return content[:200] + bytes(byte ^ 0xFF for byte in content[200:260]) + content[260:]


@pytest.mark.parametrize("damage", [lambda content: content[:900], changed, lambda content: b""])
def test_a_closed_day_that_is_not_what_was_written_is_put_aside_and_told_and_the_others_stay(history, tmp_path, damage):
    day, _ = closed(history, tmp_path)
    day.write_bytes(damage(day.read_bytes()))
    history.look_through()
    [said] = history.mended()
    assert "2026-03-15.parquet was damaged" in said.en
    assert "已损坏" in said.zh
    assert len(list(day.parent.glob("2026-03-15.parquet.damaged-*"))) == 1, "nothing is deleted"
    [found] = history.read([0], T0 - DAY_MS, T0 + 9 * DAY_MS)
    middle = found.at // DAY_MS == T0 // DAY_MS + 1
    assert (~middle).sum() == 400
    assert set(found.quality[middle].tolist()) <= {int(Quality.UNCERTAIN)}, "what could be read may be wrong"
    history.look_through()
    assert history.mended() == []


def test_a_day_cut_short_is_mended_by_the_next_tending_not_only_when_all_is_read(history, tmp_path):
    day, _ = closed(history, tmp_path)
    day.write_bytes(day.read_bytes()[:900])
    with pytest.raises(WatchError, match="2026-03-15"):
        values(history)
    history.tend(T0 + 6 * DAY_MS, KEEP)
    assert len(values(history)) == 400
    assert len(history.mended()) == 1


@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_bytes(file.read_bytes()[:99]),
                                    lambda file: file.write_bytes(changed(file.read_bytes()))])
def test_extremes_that_are_damaged_or_gone_are_made_anew(history, tmp_path, damage):
    _, extremes = closed(history, tmp_path)
    asked = [0], T0, T0 + 3 * DAY_MS, 40
    before, series = extremes.read_bytes(), history.read(*asked)[0]
    damage(extremes)
    history.look_through()
    assert extremes.read_bytes() == before
    assert history.read(*asked)[0].value.tolist() == series.value.tolist()
    assert history.mended() == [], "no sample was lost"


def test_looking_through_ends_with_the_day_it_is_at_when_it_is_broken_off(history, tmp_path, monkeypatch):
    closed(history, tmp_path)
    looked = []
    fault = Cold.fault

    def breaking(self, day, *, content):
        looked.append(day)
        history.break_off()
        return fault(self, day, content=content)

    monkeypatch.setattr(Cold, "fault", breaking)
    history.look_through()
    assert looked == [DAY]


def test_extremes_made_anew_do_not_let_a_damaged_day_pass_for_whole(history, tmp_path):
    day, extremes = closed(history, tmp_path)
    sums = day.with_name("2026-03-15.sums.json")
    told = json.loads(sums.read_text())
    told[day.name][1] = "0" * 32  # its content is another, of the same size, and can be read
    sums.write_text(json.dumps(told))
    extremes.unlink()
    again = open_history(tmp_path / "history", ["gas", "belt"])
    again.tend(T0 + 6 * DAY_MS, KEEP)
    assert extremes.exists()
    assert again.mended() == []
    again.look_through()
    assert len(again.mended()) == 1
    again.close()


def test_a_day_of_before_there_were_sums_is_taken_for_whole_when_it_is_first_read_through(history, tmp_path):
    day, _ = closed(history, tmp_path)
    sums = day.with_name("2026-03-15.sums.json")
    sums.unlink()
    again = open_history(tmp_path / "history", ["gas", "belt"])
    again.look_through()
    assert sums.exists()
    day.write_bytes(changed(day.read_bytes()))
    again.look_through()
    assert len(again.mended()) == 1
    again.close()
