"""A7, with no rule for it: what is lost together is one alarm, and none is lost from the journal."""

from __future__ import annotations

import random

import pytest

from lodeworks.watch.alarms.now import fold
from lodeworks.watch.samples import Quality
from tests.watch.alarms.plant import Desk, plant, rule, tag

NAMES = [f"s{n:03d}" for n in range(200)]


def gateway(*others) -> Desk:
    live = plant([*NAMES, *(tag(name, feed="another") for name in others)],
                 [r for n in (*NAMES, *others) for r in (rule(f"{n}.bad", n, "bad"), rule(f"{n}.stale", n, "stale"))])
    return Desk(live).feed(*((n, 1, 1.0) for n in (*NAMES, *others)))


def all_of(desk: Desk, second: float, quality: Quality = Quality.GOOD, names=NAMES) -> Desk:
    return desk.feed(*((n, second, float("nan") if quality is Quality.BAD else 1.0, quality) for n in names))


def test_two_hundred_tags_that_turn_bad_are_one_alarm_announced_and_two_hundred_in_the_journal():
    desk = all_of(gateway(), 2, Quality.BAD).tick(600)
    assert desk.rows("announced") == [("announced", "s000.bad", 4)]
    assert len([row for row in desk.rows("began") if row[1].endswith(".bad")]) == 200
    assert len([row for row in desk.rows("began") if row[1].endswith(".stale")]) == 200
    covered = [alarm for alarm in desk.engine.now() if alarm.covers]
    assert len(covered) == 399
    assert {alarm.causes for alarm in covered} == {("lost together with s000.bad",)}


def test_two_hundred_tags_that_fall_silent_are_one_alarm():
    desk = gateway().tick(600)
    assert desk.rows("announced") == [("announced", "s000.stale", 6)]
    assert len(desk.rows("began")) == 200


def test_when_they_are_back_nobody_is_told_anything():
    desk = all_of(gateway(), 2, Quality.BAD).tick(4.5)
    for second in range(5, 60):
        all_of(desk, second)
    assert desk.rows("announced") == [("announced", "s000.bad", 4)]
    assert [alarm.alarm for alarm in desk.engine.now()] == ["s000.bad"]  # returned, to be acknowledged
    assert len(desk.times()) == 200


def test_one_or_two_lost_sensors_are_each_for_itself():
    desk = gateway()
    for second in range(2, 20):
        all_of(desk, second, names=NAMES[2:])
    assert desk.rows("announced") == [("announced", "s000.stale", 6), ("announced", "s001.stale", 6)]


def test_another_feed_is_not_under_the_first():
    desk = gateway("x")
    for second in range(2, 20):
        all_of(desk, second, names=["x"])
    desk.feed(("x", 20, float("nan"), Quality.BAD)).tick(23)
    assert desk.rows("announced") == [("announced", "s000.stale", 6), ("announced", "x.bad", 22)]


def test_one_that_comes_late_stands_under_the_first_too():
    desk = all_of(gateway(), 2, Quality.BAD, NAMES[:100])
    for second in range(3, 30):
        all_of(desk, second, names=NAMES[100:])
        all_of(desk, second, Quality.BAD, NAMES[:100])
    all_of(desk, 30, Quality.BAD).tick(33)
    assert desk.rows("announced") == [("announced", "s000.bad", 4)]


def test_when_the_first_is_back_what_is_still_lost_has_a_first_of_its_own():
    desk = all_of(gateway(), 2, Quality.BAD)
    for second in range(3, 30):
        all_of(desk, second, Quality.BAD if second < 10 else Quality.GOOD, NAMES[:2])
        all_of(desk, second, Quality.BAD, NAMES[2:])
    assert desk.rows("announced") == [("announced", "s000.bad", 4), ("announced", "s002.bad", 13)]
    assert all(alarm.causes == ("lost together with s002.bad",) for alarm in desk.engine.now() if alarm.covers)


def test_a_short_loss_is_in_the_journal_and_announced_to_nobody():
    desk = all_of(gateway(), 2, Quality.BAD)
    for second in (3, 4, 5, 6):
        all_of(desk, second)
    assert desk.rows("announced") == []
    assert len(desk.times()) == 200
    assert desk.engine.now() == []


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_lost_and_comes_back_the_list_read_from_the_journal_is_the_engines(seed):
    draw = random.Random(seed)
    names = [f"t{n}" for n in range(8)]
    live = plant([*names, tag("up", feed="own")],
                 [r for n in names for r in (rule(f"{n}.bad", n, "bad", unless="up == 0"), rule(f"{n}.stale", n, "stale", unless="up == 0"))])
    desk = Desk(live).feed(*((n, 1, 1.0) for n in names), ("up", 1, 1.0))
    alive, up = set(names), 1.0
    for second in range(2, 120):
        if draw.random() < 0.1:
            alive = set(draw.sample(names, draw.choice([0, 2, 4, 8])))
        if draw.random() < 0.05:
            up = 1.0 - up
        sends = [n for n in names if n in alive or draw.random() < 0.3]
        desk.feed(*((n, second, 1.0 if n in alive else float("nan"), Quality.GOOD if n in alive else Quality.BAD) for n in sends), ("up", second, up))
        desk.tick(second + 0.6)
        assert fold(desk.journal.since(0)) == {alarm.alarm: alarm for alarm in desk.engine.now()}
    for second in range(120, 140):
        all_of(desk, second, names=[*names, "up"])
    assert not any(alarm.active or alarm.covers for alarm in desk.engine.now())
    assert len(desk.rows("announced")) < len(desk.times()) / 2
