"""Each kind of rule finds its own signal and no other's (A3), with deadbands and delays on source time (A2)."""

from __future__ import annotations

import numpy as np
import pytest

from lodeworks.errors import InputError
from lodeworks.watch.alarms.channels import channels_of
from lodeworks.watch.samples import Quality
from tests.watch.alarms.plant import Desk, at_of, plant, rule, tag


def test_levels_begin_at_their_limit_and_end_a_deadband_back():
    live = plant(["gas"], [rule("gas", "gas", HH=1.5, H=1.0, deadband=0.1)])
    desk = Desk(live).series("gas", [0.9, 1.0, 1.5, 1.45, 1.4, 1.39, 0.95, 0.9, 0.89])
    assert desk.times() == [("gas", "H", 2, 8), ("gas", "HH", 3, 5)]


def test_low_levels_the_other_way_about():
    live = plant(["air"], [rule("air", "air", L=0.25, LL=0.15, deadband=0.05)])
    desk = Desk(live).series("air", [0.3, 0.25, 0.15, 0.2, 0.21, 0.3, 0.31])
    assert desk.times() == [("air", "L", 2, 6), ("air", "LL", 3, 4)]


def test_a_spike_shorter_than_the_delay_is_no_alarm():
    live = plant([tag("gas", period=0.1)], [rule("gas", "gas", H=1.0, on=1.0)])
    values = [0.5] * 10 + [2.0] * 9 + [0.5] * 20 + [2.0] * 12 + [0.5] * 5
    desk = Desk(live).series("gas", values, step=0.1)
    desk.tick(30)
    [(name, level, began, ended)] = desk.times()
    assert (name, level) == ("gas", "H")
    assert began == pytest.approx(5.9)  # came about at 4.9 and held longer than a second
    assert ended == pytest.approx(6.1)


def test_a_sensor_that_goes_silent_inside_its_delay_is_an_alarm_by_the_clock():
    live = plant(["gas"], [rule("gas", "gas", H=1.0, on=10.0)])
    desk = Desk(live).feed(("gas", 1, 0.5)).feed(("gas", 2, 1.2))
    desk.tick(12.4)
    assert desk.times() == []
    desk.tick(12.5)  # half a second's patience for what is on its way
    assert desk.times() == [("gas", "H", 12, None)]


def test_a_source_whose_clock_is_wrong_gets_the_same_delay():
    live = plant(["gas"], [rule("gas", "gas", H=1.0, on=10.0)])
    for wrong in (-300.0, 300.0):
        desk = Desk(live)
        desk.feed(("gas", wrong + 2, 1.2, Quality.GOOD, 2.0)).tick(12.4)
        assert desk.times() == []
        desk.tick(12.6)
        assert desk.times() == [("gas", "H", wrong + 12, None)]


def test_an_off_delay_joins_what_is_apart_for_less():
    live = plant(["gas"], [rule("gas", "gas", H=1.0, off=3.0)])
    desk = Desk(live).series("gas", [1.2, 0.5, 0.5, 1.2, 0.5, 0.5, 0.5, 0.5, 0.5])
    assert desk.times() == [("gas", "H", 1, 8)]


def test_rate_is_the_change_an_hour_over_its_window():
    live = plant([tag("level", period=60.0)], [rule("level", "level", "rate", H=3600.0, L=-7200.0, window_s=120.0)])
    values = [0, 1, 2, 3, 60, 180, 185, 186, 186, 100, 0, 0, 0]
    desk = Desk(live).series("level", values, start=60, step=60)
    # over two minutes 3,600/h is 120 and -7,200/h is -240: from 3 to 180 and from 60 to 185; 0 is 186 less than 186
    assert desk.times() == [("level", "H", 360, 480)]


def announced(desk):
    return [row.value for row in desk.journal.since(0) if row.event in ("began", "announced")]


def test_what_is_told_after_a_delay_is_what_was_judged_and_not_what_was_measured():
    live = plant([tag("level", period=60.0)], [rule("level", "level", "rate", H=60.0, window_s=120.0, on=90.0)])
    desk = Desk(live).series("level", [0, 1, 2, 4, 6, 8, 10], start=60, step=60)  # 90 an hour at the last before it is due
    assert announced(desk) == pytest.approx([90.0, 90.0])
    silent = Desk(live).series("level", [0, 1, 2, 4], start=60, step=60)  # then the clock says so
    silent.tick(400)
    assert announced(silent) == pytest.approx([90.0, 90.0])
    low = Desk(plant(["flow"], [rule("flow", "flow", "deviation", L=-20.0, on=2.0)]), target=lambda tags, at: np.full(len(tags), 100.0))
    assert announced(low.series("flow", [99, 70, 70, 70, 70])) == [-30.0, -30.0]
    left = lasting((0.0, np.inf), L=0.5, on=90.0).series("level", [100, 50, 40, 30, 20, 10], start=60, step=60)
    assert all(hours < 0.5 for hours in announced(left))


def test_deviation_is_from_what_the_plan_has_then():
    live = plant(["flow", "other"], [rule("flow", "flow", "deviation", L=-20.0, deadband=5.0), rule("other", "other", "deviation", L=-20.0)])

    def target(tags, at):
        return np.where(tags == live.place["flow"], np.where(at < at_of(10), 100.0, 50.0), np.nan)

    desk = Desk(live, target=target)
    for second, value in enumerate([95, 80, 84, 85, 86, 40, 40, 40, 40, 40], start=1):
        desk.feed(("flow", second, value), ("other", second, 0.0))
    assert desk.times() == [("flow", "L", 2, 4), ("flow", "L", 6, 10)]  # 40 is right once the plan is 50
    assert Desk(live).feed(("flow", 1, 0.0)).times() == []  # without a plan there is nothing to deviate from


def lasting(ends, *, loss=0.0, **limits):
    """A bunker whose level is sampled every minute, and its alarm by the time left, over the last two minutes."""
    return Desk(plant([tag("level", period=60.0)], [rule("left", "level", "time_left", window_s=120.0, ends=ends, loss=loss, **limits)]))


def test_time_left_is_what_is_there_over_what_it_loses_and_ends_a_deadband_later():
    desk = lasting((20.0, np.inf), L=0.5, LL=0.1, deadband=0.1)
    # 120 t/h out of it from 100 t on: 40 min left at 100 t, 30 min at 80 t; then it goes out ever slower and comes in
    desk.series("level", [100, 98, 96, 94, 92, 90, 88, 86, 84, 82, 80, 78, 76, 76.5, 77, 79, 81], start=60, step=60)
    assert desk.times() == [("left", "L", 660, 840)]
    [alarm] = [row for row in desk.journal.since(0) if row.event == "announced"]
    assert alarm.value == pytest.approx(0.5)  # hours


def test_time_left_to_the_brim_and_to_the_ground_are_told_apart():
    rising = [float(n) for n in range(0, 100, 2)]
    assert lasting((-np.inf, 100.0), L=0.5).series("level", rising, start=60, step=60).times() == [("left", "L", 60 * 21, None)]
    assert lasting((0.0, np.inf), L=0.5).series("level", rising, start=60, step=60).times() == []
    both = lasting((0.0, 100.0), L=0.5).series("level", [30, 29, 28, 27, 60, 63, 66], start=60, step=60)
    assert both.times() == [("left", "L", 180, None)]  # first it would be empty within half an hour, then full


def test_what_stands_still_or_is_lost_from_view_has_no_time_left():
    still = lasting((0.0, 100.0), L=1e5).series("level", [5.0] * 10, start=60, step=60)
    assert still.times() == []
    gap = lasting((0.0, 100.0), L=1.0).feed(("level", 60, 90.0)).feed(("level", 3600, 5.0))
    assert gap.times() == []  # nothing is known of the hour between
    known = lasting((0.0, 100.0), L=1.0).series("level", [20, 18, 16], start=60, step=60)
    known.feed(("level", 240, float("nan"), Quality.BAD))
    assert known.times() == [("left", "L", 180, None)]  # not known: it stands as it is


def test_what_a_store_loses_by_itself_makes_it_last_longer_than_a_ruler_says():
    # It holds 100 and loses a tenth of itself an hour; what is taken besides is the change less that.
    k = -np.log(0.9)
    change, level = -60.0, 98.0
    net = change + k * level
    exact = -np.log((0.0 - net / k) / (level - net / k)) / k
    assert exact > level / 60.0
    for limit, begins in ((exact - 0.01, False), (exact + 0.01, True)):
        desk = lasting((0.0, np.inf), loss=0.1, L=limit).series("level", [100, 99, 98], start=60, step=60)
        assert bool(desk.times()) is begins


def test_stuck_is_the_same_value_for_the_window_and_not_silence():
    live = plant(["gas"], [rule("gas", "gas", "stuck", window_s=5.0)])
    assert Desk(live).series("gas", [0.1, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.3]).times() == [("gas", "", 7, 8)]
    silent = Desk(live).feed(("gas", 1, 0.2)).tick(60).feed(("gas", 60, 0.2)).feed(("gas", 61, 0.2))
    assert silent.times() == []  # what it was in the silence is not known
    assert Desk(live).series("gas", [0.1, 0.2] * 20).times() == []


def test_stale_is_no_sample_for_three_periods_by_the_clock_and_in_the_data():
    live = plant([tag("gas", period=2.0)], [rule("gas", "gas", "stale")])
    desk = Desk(live).feed(("gas", 1, 0.2))
    desk.tick(6.9)
    assert desk.times() == []
    desk.tick(7)
    assert desk.times() == [("gas", "", 7, None)]
    desk.feed(("gas", 20, 0.2)).feed(("gas", 22, 0.2), ("gas", 40, 0.2))
    assert desk.times() == [("gas", "", 7, 20), ("gas", "", 28, 40)]


def test_a_tag_that_never_sent_anything_is_stale_three_periods_after_watching_began():
    live = plant([tag("gas", period=2.0)], [rule("gas", "gas", "stale")])
    assert Desk(live).tick(100).times() == [("gas", "", 6, None)]


def test_bad_quality_is_its_own_alarm_and_neither_begins_nor_ends_another():
    live = plant(["gas"], [rule("bad", "gas", "bad"), rule("gas", "gas", H=1.0), rule("stale", "gas", "stale")])
    bad, nan = Quality.BAD, float("nan")
    desk = Desk(live).feed(("gas", 1, 1.2)).feed(("gas", 2, nan, bad)).feed(("gas", 3, 0.1, bad)).feed(("gas", 4, 1.3)).feed(("gas", 5, 9.0, bad))
    assert desk.times() == [("gas", "H", 1, None), ("bad", "", 2, 4), ("bad", "", 5, None)]


def test_discrete_is_one_of_its_states():
    live = plant(["belt"], [rule("belt", "belt", "discrete", states=(2, 5, -1))])
    assert Desk(live).series("belt", [0, 2, 5, 1, 2.5, -1, 0]).times() == [("belt", "", 2, 4), ("belt", "", 6, 7)]


def test_an_expression_is_worked_out_whenever_one_of_its_tags_is_sampled():
    live = plant(["in", "out", "runs"], [rule("leak", kind="expression", expression="abs(`in` - out) > 50 and runs == 1", on=2.0)])
    desk = Desk(live)
    desk.feed(("in", 1, 100.0), ("out", 1, 95.0)).feed(("runs", 1.5, 1.0)).feed(("out", 2, 40.0)).feed(("in", 3, 100.0)).feed(("in", 4, 100.0))
    assert desk.times() == [("leak", "", 4, None)]
    desk.feed(("out", 5, float("nan"), Quality.BAD))  # not known: it stands as it is
    assert desk.times() == [("leak", "", 4, None)]
    desk.feed(("runs", 6, 0.0))  # whatever the others are
    assert desk.times() == [("leak", "", 4, 6)]


def test_an_expression_with_a_number_is_judged_by_limits():
    live = plant(["a", "b"], [rule("sum", kind="expression", expression="a + b", H=10.0, deadband=1.0)])
    desk = Desk(live).feed(("a", 1, 6.0), ("b", 1, 3.0)).feed(("b", 2, 4.0)).feed(("b", 3, 3.5)).feed(("b", 4, 2.9))
    assert desk.times() == [("sum", "H", 2, 4)]


SIGNALS = {
    "limit": [("x", s, 2.05 + s) for s in range(1, 21)],
    "rate": [("x", s, 2.0 + s * 1.5) for s in range(1, 10)],
    "time_left": [("x", s, 2.9 - s * 0.3) for s in range(1, 8)],
    "stuck": [("x", s, 3.0) for s in range(1, 20)],
    "stale": [("x", 1, 3.0), ("x", 2, 3.1), ("x", 12, 3.2)],
    "bad": [("x", s, 3.0 + s / 10, Quality.BAD) for s in range(1, 10)],
    "discrete": [("x", s, 7.0) for s in (1, 2)],
}


@pytest.mark.parametrize("signal", SIGNALS)
def test_no_kind_fires_on_the_signal_of_another(signal):
    rules = [
        rule("limit", "x", H=20.5), rule("rate", "x", "rate", H=5000.0), rule("time_left", "x", "time_left", L=0.001, window_s=2.0, ends=(0.0, np.inf)), rule("stuck", "x", "stuck", window_s=10.0),
        rule("stale", "x", "stale"), rule("bad", "x", "bad"), rule("discrete", "x", "discrete", states=(7,)),
    ]
    desk = Desk(plant(["x"], rules))
    quiet = [(("x", -2.0 - s / 10, 2.9 + s / 100)) for s in range(3)][::-1]
    for row in quiet + SIGNALS[signal]:
        desk.feed(row)
    assert {name for name, *_ in desk.times()} - {signal} <= ({"stale"} if signal == "stale" else set())
    assert signal in {name for name, *_ in desk.times()}


def test_rules_that_cannot_be_judged_are_told_all_at_once():
    live = plant(["x"], [rule("a", "x", "odd"), rule("b", "nowhere", H=1.0), rule("c", kind="expression")])
    with pytest.raises(InputError) as caught:
        channels_of(live)
    assert [p.element for p in caught.value.problems] == ["alarms.a", "alarms.b", "alarms.c"]
