"""The measures of a desk (A10), against a journal whose counts are known by hand."""

from __future__ import annotations

import math

import pytest

from lodeworks.watch.alarms.measures import GOALS, measures
from lodeworks.watch.deeds import Deed
from lodeworks.watch.samples import Quality
from tests.watch.alarms.plant import Desk, at_of, plant, rule

HOUR = 3600.0


def worked() -> Desk:
    """Two hours of a desk: 12 announcements in one window, one alarm that chatters, one that stands."""
    names = [f"s{n}" for n in range(10)]
    live = plant([*names, "noisy", "long", "other"], [*(rule(n, n, H=1.0, priority=3) for n in names), rule("noisy", "noisy", H=1.0, priority=2),
                                                      rule("long", "long", H=1.0, priority=1), rule("other", "other", H=1.0, desk="power")])
    desk = Desk(live)
    desk.feed(("long", -30 * HOUR, 2.0, Quality.GOOD, -30 * HOUR))
    for n in range(3):  # 3 within 40 seconds
        desk.feed(("noisy", 1200 + 20 * n, 2.0)).feed(("noisy", 1210 + 20 * n, 0.0))
    for n, name in enumerate(names[:9]):
        desk.feed((name, 1300.0 + n, 2.0))
    desk.feed(("other", 1400, 2.0))
    desk.engine.apply(Deed("acknowledge", "s0", "wang"), at_of(1330))
    desk.engine.apply(Deed("acknowledge", "s1", "wang"), at_of(1361))
    desk.engine.apply(Deed("shelve", "s2", "wang", "because", {"hours": 8}), at_of(1400))
    return desk.feed(("s9", 5000, 2.0)).tick(7200)


def test_the_counts_of_a_known_journal():
    found = measures(worked().journal.since(0), at_of(0), at_of(7200))
    assert set(found) == {"dispatch", "power"}
    desk = found["dispatch"]
    assert desk.announced == 13
    assert desk.per_ten_minutes == pytest.approx(13 / 12)
    assert desk.most_in_ten_minutes == 12
    assert dict(desk.top)["noisy:H"] == 3
    assert desk.top[0] == ("noisy:H", 3)
    assert desk.top_share == pytest.approx(12 / 13)  # ten alarms of eleven
    assert desk.chattering == ("noisy:H",)
    assert desk.standing == ("long:H",)
    assert desk.by_priority == ((2, 3), (3, 10))
    assert desk.urgent_share == 0.0
    assert (desk.acknowledged, desk.shelved, desk.suppressed) == (2, 1, 0)
    assert desk.acknowledged_s == pytest.approx((30 + 60) / 2)
    # the flood: the eleventh at 1,307, and from 1,904 on fewer than five in ten minutes
    assert desk.flood_share == pytest.approx((1904 - 1307) / 7200)
    assert found["power"].announced == 1
    assert math.isnan(found["power"].acknowledged_s)


def test_the_most_in_ten_minutes_is_that_of_any_ten_minutes():
    """Eight alarms each side of a whole hour: sixteen within the four minutes about it, and 17 with one 10 min later than the first but a ms."""
    names = [f"s{n}" for n in range(18)]
    desk = Desk(plant(names, [rule(name, name, H=1.0) for name in names]))
    start = -(at_of(0) // 1000) % 3600 + 3600.0
    for n, name in enumerate(names[:16]):
        desk.feed((name, start - 120.0 + 16.0 * n, 2.0))
    desk.feed((names[16], start - 120.0 + 599.999, 2.0)).feed((names[17], start - 120.0 + 600.0, 2.0))
    found = measures(desk.journal.since(0), at_of(0), at_of(start + 3600))["dispatch"]
    assert (found.announced, found.most_in_ten_minutes) == (18, 17)


def test_what_is_beyond_a_goal_is_named_with_its_number():
    desk = measures(worked().journal.since(0), at_of(0), at_of(7200))["dispatch"]
    assert set(desk.beyond()) == {"per_ten_minutes", "most_in_ten_minutes", "flood_share", "chattering"}
    assert desk.beyond({"chattering": (1.0, "the site's own")}) == {}
    assert all(source for _, source in GOALS.values())


def test_a_rehearsal_is_left_out():
    live = plant(["gas"], [rule("gas", "gas", H=1.0)])
    desk = Desk(live).feed(("gas", 1, 2.0, Quality.SIMULATED))
    assert measures(desk.journal.since(0), at_of(0), at_of(10)) == {}
    assert measures(desk.journal.since(0), at_of(0), at_of(10), simulated=True)["dispatch"].announced == 1


def test_calibrations_count_as_nothing_told():
    desk = Desk(plant(["gas"], [rule("gas", "gas", H=1.0)])).feed(("gas", 1, 0.1)).feed(("gas", 2, 2.0, Quality.TEST))
    found = measures(desk.journal.since(0), at_of(0), at_of(10))["dispatch"]
    assert (found.announced, found.suppressed) == (0, 1)


def test_announcements_are_counted_by_whole_hours():
    desk = Desk(plant(["a", "b", "c"], [rule(name, name, H=1.0) for name in "abc"]))
    for name, at in (("a", 3599.0), ("b", 3600.0), ("c", 7199.0)):
        desk.feed((name, at, 2.0))
    assert measures(desk.journal.since(0), at_of(0), at_of(7201))["dispatch"].by_hour == (1, 2, 0)
