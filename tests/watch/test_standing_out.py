"""A roller that is warmer than its neighbours and its own past becomes an item before it is hot; what is always so does not."""

from __future__ import annotations

import numpy as np

from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.standing_out import Spot, spots
from tests.watch.alarms.plant import Desk
from tests.watch.test_rounds import belt, items, ride


def column(*warm: tuple[int, float], seed: int = 1) -> np.ndarray:
    made = 35.0 + np.random.default_rng(seed).normal(0.0, 0.5, 60)
    for place, value in warm:
        made[place] = value
    return made


NONE = np.zeros((0, 60))


def test_a_bin_above_its_neighbours_stands_out_and_its_place_is_its_middle():
    [spot] = spots(column((30, 50.0)), NONE, 200.0)
    assert (spot.metres, spot.value) == (305.0, 50.0)
    assert abs(spot.beside - 35.0) < 0.5
    assert np.isnan(spot.before)
    assert spots(column((30, 42.0)), NONE, 200.0) == []  # less than 4 % of the range
    assert spots(column(), NONE, 200.0) == []


def test_what_was_always_so_does_not_stand_out():
    past = np.array([column((30, 50.0), seed=n) for n in (2, 3)])
    assert spots(column((30, 51.0)), past, 200.0) == []
    assert [spot.metres for spot in spots(column((30, 62.0)), past, 200.0)] == [305.0]
    assert [spot.metres for spot in spots(column((40, 50.0)), past, 200.0)] == [405.0]


def test_a_stretch_that_is_warm_as_a_whole_does_not_stand_out():
    warm = column()
    warm[20:40] += 15.0
    assert spots(warm, NONE, 200.0) == []


def test_one_roller_in_two_bins_is_one_spot():
    assert [(spot.metres, spot.value) for spot in spots(column((30, 50.0), (31, 55.0)), NONE, 200.0)] == [(315.0, 55.0)]


def test_what_a_gap_of_coverage_leaves_out_is_no_neighbour():
    gap = column((30, 50.0))
    gap[21:30] = gap[31:40] = np.nan
    assert spots(gap, NONE, 200.0) == []  # too few to compare with
    assert isinstance(spots(column((30, 50.0)), np.full((1, 60), np.nan), 200.0)[0], Spot)


def test_no_false_ones_in_three_hundred_quiet_passes():
    quiet = [column(seed=n) for n in range(300)]
    found = sum(len(spots(now, np.array(quiet[n - 2:n]), 100.0)) for n, now in enumerate(quiet) if n >= 2)
    assert found == 0


def test_a_roller_on_its_way_becomes_an_item_without_any_alarm_and_is_done_when_it_no_longer_stands_out():
    desk = Desk(belt())
    after = ride(desk, 10)
    after = ride(desk, after + 100, hot=[(352.0, 50.0)])
    desk.engine = Engine(desk.live, desk.journal)  # a restart between loses nothing
    ride(desk, after + 100, hot=[(352.0, 50.0)], batch=500)
    assert desk.rows("announced") == [row for row in desk.rows("announced") if row[1] == "lost"]
    made = [row for row in desk.journal.of_kind("action") if row.event == "made"]
    assert [row.data["title"] for row in made] == ["roller stands out, K0+355"]
    assert "beside it 35" in made[0].note
    assert [state for state, _ in items(desk).values()] == ["open"]
    for n in range(2):
        ride(desk, after + 1200 + 600 * n)
    assert [state for state, _ in items(desk).values()] == ["done"]
