"""A robot on its round: where it is, when it can be heard, and how a hot roller stands out."""

from __future__ import annotations

import numpy as np
import pytest

from lodeworks.rehearse import Rehearsal
from lodeworks.rehearse.rounds import Riding
from tests.rehearse.small import rehearsal

HOT = {"kind": "hot_roller", "at": "0 s", "round": "ride", "metres": 200, "to": "80", "sound": 98, "over": "1 min"}


@pytest.fixture(scope="module")
def made() -> Rehearsal:
    return rehearsal(HOT, {"kind": "robot_lost", "at": "40 min", "round": "ride", "hold": "6 min"})


def riding(made: Rehearsal) -> Riding:
    return made.truths.ridings["where"]


def test_it_rides_there_and_back_at_its_speed_and_stands_at_its_stops(made: Rehearsal) -> None:
    seconds = np.arange(0.0, 1800.0)
    at = riding(made).position(seconds / 3600.0)
    assert (at.min(), at.max()) == (0.0, 600.0)
    assert np.abs(np.diff(at)).max() == pytest.approx(1.0, abs=1e-6)
    doing = riding(made).doing(seconds / 3600.0)
    stands = at[doing == "stands"]
    assert {round(m) for m in stands} == {300, 600}
    assert set(doing[seconds < 115.0]) == {"charging"}
    assert np.ptp(at[seconds > 1500.0]) == 0.0  # back and charging until the next round


def test_every_round_begins_when_it_is_due(made: Rehearsal) -> None:
    begins = [end for _, end in riding(made).charges][:3]
    assert begins == [120.0, 120.0 + 1800.0, 120.0 + 3600.0]


def test_the_battery_falls_on_the_way_and_rises_at_the_dock(made: Rehearsal) -> None:
    hours = np.arange(0.0, 2.0, 1.0 / 60.0)
    level = riding(made).battery(hours)
    assert level.min() > 20.0
    charging = riding(made).charging(hours)
    change = np.diff(level)
    assert (change[charging[:-1] & charging[1:]] >= 0.0).all()
    assert (change[~charging[:-1] & ~charging[1:]] < 0.0).all()


def test_the_hot_roller_stands_out_at_its_metre_and_nowhere_else(made: Rehearsal) -> None:
    hours = np.arange(0.05, 0.45, 1.0 / 3600.0)
    at, heat = riding(made).position(hours), riding(made).roller(hours)
    assert heat[np.abs(at - 200.0) < 1.0].max() == pytest.approx(80.0, abs=6.0)
    assert heat[np.abs(at - 200.0) > 10.0].max() < 40.0
    assert riding(made).sound(hours)[np.abs(at - 200.0) < 1.0].max() > 95.0


def test_what_is_measured_in_a_gap_comes_together_when_it_is_out_of_it(made: Rehearsal) -> None:
    samples = made.samples()
    own = samples.take(samples.tag == made.live.place["where"])
    begin, first = made.begin_ms, (own.at - made.begin_ms) < 1_300_000
    inside = first & (own.value > 401.0) & (own.value < 459.0) & (np.abs(own.value - 430.0) < 29.0)
    there = inside & ((own.at - begin) < 800_000)
    assert there.sum() > 50
    assert np.ptp(own.received[there]) < 2_000
    assert (own.received[there] - own.at[there]).max() > 50_000
    outside = first & ((own.value < 395.0) | (own.value > 465.0))
    assert (own.received[outside] - own.at[outside]).max() < 2_500
    lost = ((own.at - begin) >= 2_400_000) & ((own.at - begin) < 2_760_000)
    assert (own.received[lost] - begin).min() >= 2_760_000
    assert lost.sum() > 350  # and nothing of it is lost
