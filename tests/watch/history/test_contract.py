"""What every store of samples does: one set of statements, tried on the folder and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import sys
from contextlib import closing
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodeworks.errors import WatchError
from lodeworks.watch.history import Keep, open_history
from lodeworks.watch.history.hot import DAY_MS, start_of
from lodeworks.watch.history.thin import Thinner
from lodeworks.watch.samples import Quality, Samples

NAMES = ["gas", "belt", "pump"]
DAY = date(2026, 3, 14)
T0 = start_of(DAY)
FOREVER = Keep(10_000, 10_000)
_numbers = itertools.count()


@pytest.fixture(params=["folder", "postgres"])
def place(request, tmp_path):
    """Return a function that names a new, empty store each time."""
    if request.param == "folder":
        return lambda: str(tmp_path / f"store{next(_numbers)}")
    import psycopg

    address = request.getfixturevalue("postgres_address")

    def new() -> str:
        schema = f"store{next(_numbers)}"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"create schema {schema}")
        return f"{address}?options=-csearch_path%3D{schema}"

    return new


@pytest.fixture
def history(place):
    history = open_history(place(), NAMES)
    yield history
    history.close()


def batch(*rows: tuple[int, int, float] | tuple[int, int, float, int]) -> Samples:
    """Samples of (tag, ms after T0, value[, quality])."""
    full = [(*row, 0) if len(row) == 3 else row for row in rows]
    return Samples.of([r[0] for r in full], [T0 + r[1] for r in full], [T0 + r[1] + 40 for r in full],
                      [r[2] for r in full], [r[3] for r in full])


def everything(history, tag, since=T0 - 400 * DAY_MS, until=T0 + 400 * DAY_MS):
    series = history.read([tag], since, until)[0]
    return [(int(at) - T0, float(value), int(quality)) for at, value, quality in zip(series.at, series.value, series.quality, strict=True)]


def test_what_was_written_is_read_at_once_and_after_it_moved_on(history):
    history.write(batch((0, 0, 1.0), (1, 5, 7.5, Quality.UNCERTAIN), (0, 1000, 2.0)))
    for _ in range(3):
        assert everything(history, 0) == [(0, 1.0, 0), (1000, 2.0, 0)]
        assert everything(history, 1) == [(5, 7.5, 1)]
        history.tend(T0 + 10, [FOREVER] * 3)
    history.close_day(DAY)
    assert everything(history, 0) == [(0, 1.0, 0), (1000, 2.0, 0)]


def test_a_stretch_of_time_holds_its_beginning_and_not_its_end(history):
    history.write(batch((0, 0, 1.0), (0, 1000, 2.0), (0, 2000, 3.0)))
    assert [v for _, v, _ in everything(history, 0, T0, T0 + 2000)] == [1.0, 2.0]
    assert everything(history, 0, T0 + 5, T0 + 5) == []
    assert everything(history, 2) == []


def test_series_come_in_the_order_they_are_asked_for(history):
    history.write(batch((0, 0, 1.0), (1, 0, 2.0), (2, 0, 3.0)))
    found = history.read([2, 0, 2], T0, T0 + 1)
    assert [series.value.tolist() for series in found] == [[3.0], [1.0], [3.0]]
    assert history.read([], T0, T0 + 1) == []


def test_a_value_that_is_none_is_bad_and_comes_back_as_none(history):
    history.write(batch((0, 0, float("nan"))))
    history.tend(T0, [FOREVER] * 3)
    [series] = history.read([0], T0, T0 + 1)
    assert np.isnan(series.value[0])
    assert series.quality[0] == Quality.BAD
    assert np.isnan(series.low)


def test_the_same_moment_again_changes_nothing(history):
    history.write(batch((0, 0, 1.0)))
    history.write(batch((0, 0, 1.0), (0, 0, 9.0)))
    assert everything(history, 0) == [(0, 1.0, 0)]
    history.close_day(DAY)
    history.write(batch((0, 0, 5.0)))
    history.tend(T0, [FOREVER] * 3)
    history.close_day(DAY)
    assert everything(history, 0) == [(0, 1.0, 0)]


@pytest.mark.parametrize("move", [lambda h: None, lambda h: h.tend(T0, [FOREVER] * 3), lambda h: h.tend(T0, [FOREVER] * 3) or h.close_day(DAY)])
def test_a_better_one_of_the_same_moment_is_kept(history, move):
    """A rehearsal never covers a plant; a calibration told later marks what was good; what a person put in stands."""
    order = [Quality.BAD, Quality.SIMULATED, Quality.UNCERTAIN, Quality.GOOD, Quality.TEST, Quality.SUBSTITUTED]
    for number, quality in enumerate(order):
        history.write(batch((0, 0, float(number), quality)))
        move(history)
        assert everything(history, 0) == [(0, float(number), quality)]
        for worse in order[:number]:
            history.write(batch((0, 0, -1.0, worse)))
        move(history)
        assert everything(history, 0) == [(0, float(number), quality)]
    again = batch((0, 0, 77.0, Quality.SUBSTITUTED))
    history.write(Samples(again.tag, again.at, again.received + 1, again.value, again.quality))
    move(history)
    assert everything(history, 0) == [(0, 77.0, Quality.SUBSTITUTED)]


def test_late_samples_of_a_closed_day_find_their_place(history):
    history.write(batch((0, 0, 1.0), (0, 2000, 3.0)))
    history.tend(T0, [FOREVER] * 3)
    assert history.close_day(DAY) == 2
    history.write(batch((0, 1000, 2.0), (1, 1000, 9.0)))
    assert everything(history, 0) == [(0, 1.0, 0), (1000, 2.0, 0), (2000, 3.0, 0)]
    history.tend(T0, [FOREVER] * 3)
    assert everything(history, 0) == [(0, 1.0, 0), (1000, 2.0, 0), (2000, 3.0, 0)]
    assert history.close_day(DAY) == 4
    assert everything(history, 0) == [(0, 1.0, 0), (1000, 2.0, 0), (2000, 3.0, 0)]
    assert everything(history, 1) == [(1000, 9.0, 0)]


def test_batches_come_again_in_the_order_they_were_received(history):
    batches = [batch((0, 5000, 1.0)), batch((1, 0, 2.0), (0, 5000, 1.0)), batch((0, 1000, float("nan"), 2))]
    numbers = [history.write(one) for one in batches]
    assert numbers == sorted(set(numbers))
    history.tend(T0, [FOREVER] * 3)
    for seen in range(len(batches) + 1):
        after = 0 if seen == 0 else numbers[seen - 1]
        again = list(history.after(after))
        assert [number for number, _ in again] == numbers[seen:]
        for (_, found), given_ in zip(again, batches[seen:], strict=True):
            for column in ("tag", "at", "received", "value", "quality"):
                np.testing.assert_array_equal(getattr(found, column), getattr(given_, column))
    history.trim(numbers[1])
    assert [number for number, _ in history.after(0)] == numbers[2:]
    assert everything(history, 0) == [(1000, pytest.approx(float("nan"), nan_ok=True), 2), (5000, 1.0, 0)]
    assert history.write(batch((0, 1, 1.0))) > numbers[-1]


def test_who_remembers_a_later_number_is_not_given_it_again(history):
    assert history.go_on_after(0) == 0
    first = history.write(batch((0, 1, 1.0)))
    assert history.go_on_after(first) == 0
    assert history.go_on_after(first + 50) == 50
    second = history.write(batch((0, 2, 2.0)))
    assert second == first + 51
    assert history.go_on_after(first) == 0
    assert [number for number, _ in history.after(first)] == [second]
    assert history.read([0], T0, T0 + 10)[0].value.tolist() == [1.0, 2.0]


def test_an_empty_batch_is_none(history):
    number = history.write(batch((0, 0, 1.0)))
    assert history.write(batch()) == number
    assert [found for found, _ in history.after(0)] == [number]


def test_a_chain_may_change_its_tags(place):
    where = place()
    first = open_history(where, NAMES)
    number = first.write(batch((0, 0, 1.0), (1, 0, 2.0), (2, 0, 3.0)))
    first.close()
    second = open_history(where, ["pump", "fan", "gas"])
    assert everything(second, 0) == [(0, 3.0, 0)]
    assert everything(second, 1) == []
    assert everything(second, 2) == [(0, 1.0, 0)]
    [(found, samples)] = second.after(0)
    assert found == number
    assert sorted(samples.tag.tolist()) == [0, 2]  # the belt is no more
    second.close()


def test_another_process_reads_while_one_writes(place):
    """Two that opened the same store are what two processes are to it: files and connections of their own."""
    where = place()
    writer, reader = open_history(where, NAMES), open_history(where, NAMES)
    for second in range(6):
        writer.write(batch((0, second * 1000, float(second))))
        assert len(everything(reader, 0)) == second + 1
        if second == 2:
            writer.tend(T0, [FOREVER] * 3)
        if second == 4:
            writer.close_day(DAY)
    writer.close()
    reader.close()


def test_thinning_keeps_the_extremes_of_all_there_is(history):
    rng = np.random.default_rng(5)
    n = 30_000
    at = T0 + np.sort(rng.choice(3 * DAY_MS, n, replace=False))
    value = rng.normal(0, 1, n)
    value[n // 3], value[n // 2] = 40.0, -30.0
    history.write(Samples(np.zeros(n, np.int32), at, at, value, np.zeros(n, np.uint8)))
    for _ in range(2):
        [series] = history.read([0], T0, T0 + 3 * DAY_MS, 200)
        assert series.n_raw == n
        assert 100 < len(series.at) <= 200
        assert series.thinned
        assert (series.low, series.high) == (-30.0, 40.0)
        assert {40.0, -30.0} <= set(series.value.tolist())
        assert (np.diff(series.at) > 0).all()
        [whole] = history.read([0], T0, T0 + 3 * DAY_MS, n)
        np.testing.assert_array_equal(whole.value, value)
        assert not whole.thinned
        history.tend(T0, [FOREVER] * 3)
        history.close_day(DAY)


def test_old_samples_are_thinned_and_then_go(history):
    """Kept whole for its days, then the extremes of each minute, then nothing; each tag by its own rule."""
    keep = [Keep(10, 20), Keep(20, 20), Keep(100, 200)]
    seconds = np.arange(0, 600)
    for tag in range(3):
        spike = np.where(seconds == 330, 50.0, np.sin(seconds))
        history.write(batch(*((tag, int(s) * 1000, float(v)) for s, v in zip(seconds, spike, strict=True))))
    history.tend(T0 + DAY_MS + 1, keep)
    history.close_day(DAY)
    over = T0 + DAY_MS  # ages are counted from here
    history.tend(over + 10 * DAY_MS - 1, keep)
    assert [len(everything(history, tag)) for tag in range(3)] == [600, 600, 600]
    history.tend(over + 10 * DAY_MS, keep)
    assert [len(everything(history, tag)) for tag in range(3)] == [20, 600, 600]
    assert (330_000, 50.0, 0) in everything(history, 0)
    history.tend(over + 20 * DAY_MS, keep)
    assert [len(everything(history, tag)) for tag in range(3)] == [0, 0, 600]
    history.tend(over + 200 * DAY_MS, keep)
    assert [len(everything(history, tag)) for tag in range(3)] == [0, 0, 0]


def test_weeks_are_read_from_extremes_with_the_answer_of_all_samples(history):
    """Days of many qualities, some samples late and merged, some late and not yet, the last day still being written."""
    rng, n, days = np.random.default_rng(4), 4000, 12
    at = T0 + np.sort(rng.choice(days * DAY_MS, n, replace=False))
    whole = Samples(rng.integers(0, 2, n).astype(np.int32), at, at, rng.normal(0, 1, n), rng.choice(np.array([0, 0, 0, 0, 1, 2, 3], np.uint8), n))
    late = rng.random(n) < 0.02
    history.write(whole.take(~late))
    history.tend(T0 + days * DAY_MS, [FOREVER] * 3)
    history.tend(T0 + days * DAY_MS + 3_600_001, [FOREVER] * 3)
    history.write(whole.take(late & (at < T0 + 4 * DAY_MS)))
    history.tend(T0 + days * DAY_MS, [FOREVER] * 3)
    for number in range(4):
        history.close_day(date.fromordinal(DAY.toordinal() + number))
    history.write(whole.take(late & (at >= T0 + 4 * DAY_MS) & (at < T0 + 7 * DAY_MS)))
    whole = whole.take(~late | (at < T0 + 7 * DAY_MS))
    for since, until in ((0, days * DAY_MS), (3_333_333, 11 * DAY_MS + 7_654_321), (5 * DAY_MS, 9 * DAY_MS)):
        for points in (20, 90, 400, 1500):
            for tag, series in enumerate(history.read([0, 1], T0 + since, T0 + until, points)):
                mine = whole.take((whole.tag == tag) & (whole.at >= T0 + since) & (whole.at < T0 + until))
                wanted = Thinner(T0 + since, T0 + until, points)
                wanted.add(mine.at, mine.value, mine.quality)
                expected = wanted.series()
                assert series.n_raw == len(mine)
                assert (series.low, series.high) == (expected.low, expected.high)
                for column in ("at", "value", "quality"):
                    np.testing.assert_array_equal(getattr(series, column), getattr(expected, column))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_shuffled_doubled_and_late_samples_are_the_same_history(place, data):
    rows = data.draw(st.lists(
        st.tuples(st.integers(0, 2), st.integers(-2 * DAY_MS, 2 * DAY_MS)), min_size=1, max_size=25, unique=True,
    ))
    rows = [(tag, at, float(number), number % 6) for number, (tag, at) in enumerate(rows)]
    sent = data.draw(st.permutations(rows + data.draw(st.lists(st.sampled_from(rows), max_size=10))))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=4)))
    steps = [(data.draw(st.booleans()), data.draw(st.booleans())) for _ in range(len(cuts) + 1)]
    with closing(open_history(place(), NAMES)) as history:
        for (first, last), (tend, close) in zip(itertools.pairwise([0, *cuts, len(sent)]), steps, strict=True):
            history.write(batch(*sent[first:last]))
            if tend:
                history.tend(T0, [FOREVER] * 3)
            if close:
                history.close_day(DAY)
        for tag in range(3):
            assert everything(history, tag) == sorted((at, value, quality) for which, at, value, quality in rows if which == tag)


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(WatchError, match="a file of this name exists"):
        open_history(tmp_path / "file", NAMES)


def test_a_database_that_does_not_answer_is_told_without_its_password():
    with pytest.raises(WatchError, match="the history cannot be used") as told:
        open_history("postgresql://me:secret@127.0.0.1:1/none", NAMES)
    assert "me@127.0.0.1" in str(told.value)
    assert "secret" not in str(told.value)


def test_a_missing_client_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(WatchError, match=r"pip install 'lodeworks\[postgres\]'"):
        open_history("postgresql://127.0.0.1/none", NAMES)


def test_a_database_that_went_away_is_found_again(postgres_address):
    import psycopg

    history = open_history(postgres_address, NAMES)
    first = history.write(batch((0, 0, 1.0)))
    assert everything(history, 0) == [(0, 1.0, 0)]
    with psycopg.connect(postgres_address, autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename = current_user")
    with pytest.raises(WatchError, match="the history cannot be used"):
        history.write(batch((0, 1, 2.0)))
    assert history.write(batch((0, 1, 2.0))) > first
    with pytest.raises(WatchError):
        everything(history, 0)
    assert everything(history, 0) == [(0, 1.0, 0), (1, 2.0, 0)]
    history.close()
