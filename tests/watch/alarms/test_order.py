"""Late, doubled and shuffled samples give the same occurrences (A2), which are those a plain reading of the rules gives."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.watch.samples import Quality
from tests.watch.alarms.plant import Desk, plant, rule, stream, tag

LIVE = plant(
    ["a", "b", tag("c", period=2.0)],
    [
        rule("a.limit", "a", H=5.0, HH=8.0, deadband=1.0), rule("a.slow", "a", H=5.0, deadband=1.0, on=3.0, off=2.0),
        rule("a.stuck", "a", "stuck", window_s=4.0), rule("a.stale", "a", "stale"), rule("a.bad", "a", "bad"),
        rule("a.rate", "a", "rate", H=7200.0, window_s=2.0), rule("b.stale", "b", "stale", on=2.0),
        rule("a.left", "a", "time_left", L=8e-4, LL=3e-4, deadband=1e-4, window_s=2.0, ends=(0.0, 10.0), on=1.0),
        rule("both", kind="expression", expression="a > 5 and b > 5", on=1.0), rule("c.is", "c", "discrete", states=(1, 3)),
    ],
)


def occurrences_of(batches, end=60.0):
    """Feed batches one a second of the clock, all of it after the samples' own times, and let the clock run out."""
    desk = Desk(LIVE)
    clock = 0.0
    for batch in batches:
        clock = max([clock, *(row[1] for row in batch)])
        desk.feed(*((*row, clock) for row in batch), now=clock)
    desk.tick(end)
    assert desk.engine.late == 0
    return desk


def in_order(rows):
    return [[row for row in rows if row[1] == second] for second in sorted({row[1] for row in rows})]


def plainly(rows, name, rule_name):
    """The occurrences of a limit or discrete rule, found sample by sample in the plainest way."""
    one = next(r for r in LIVE.rules if r.name == rule_name)
    found = []
    for limit in one.limits or (None,):
        raw, edges = False, []
        for _, at, value, quality in sorted((row for row in rows if row[0] == name), key=lambda row: row[1]):
            if quality == Quality.BAD:
                continue
            now = raw
            if limit is None:
                now = value in one.states
            elif value >= limit.value:
                now = True
            elif value <= limit.value - limit.deadband:
                now = False
            if now != raw:
                edges.append((at, now))
                raw = now
        active, began = False, None
        for n, (at, on) in enumerate(edges):
            after = edges[n + 1][0] if n + 1 < len(edges) else float("inf")
            if on and not active and (after > at + one.on_delay_s or one.on_delay_s == 0):
                active, began = True, at + one.on_delay_s
            elif not on and active and (after > at + one.off_delay_s or one.off_delay_s == 0):
                found.append((rule_name, limit.level if limit else "", began, at + one.off_delay_s))
                active = False
        if active:
            found.append((rule_name, limit.level if limit else "", began, None))
    return found


@pytest.mark.parametrize("seed", range(15))
def test_occurrences_are_what_the_rules_say_plainly(seed):
    rows = stream(random.Random(seed), 40)
    times = occurrences_of(in_order(rows)).times()
    for name, rule_name in (("a", "a.limit"), ("a", "a.slow"), ("c", "c.is")):
        assert sorted(t for t in times if t[0] == rule_name) == sorted(plainly(rows, name, rule_name), key=str) or \
            sorted((t for t in times if t[0] == rule_name), key=str) == sorted(plainly(rows, name, rule_name), key=str)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), how=st.sampled_from(["shuffled", "doubled", "late", "by tag", "one batch"]))
def test_the_same_samples_in_any_order_give_the_same_occurrences(seed, how):
    draw = random.Random(seed)
    rows = stream(draw, 40)
    right = occurrences_of(in_order(rows))
    mixed = list(rows)
    if how == "shuffled":
        draw.shuffle(mixed)
        batches = [mixed[n:n + 7] for n in range(0, len(mixed), 7)]
    elif how == "doubled":
        batches = [batch + draw.sample(rows[:12], 2) for batch in in_order(rows)]
        batches += batches[5:9]
        batches[5:5] = [[row for row in rows if row[1] == 2.0]]
    elif how == "late":
        mixed.sort(key=lambda row: row[1] + draw.choice([0, 0, 0, draw.uniform(0, 15)]))
        batches = [mixed[n:n + 4] for n in range(0, len(mixed), 4)]
    elif how == "by tag":
        batches = [[row for row in rows if row[0] == name] for name in draw.sample("abc", 3)]
    else:
        batches = [mixed]
    desk = occurrences_of(batches)
    assert desk.times() == right.times()
    assert desk.journal.verify() == []


def test_a_late_sample_takes_back_what_was_told_and_says_so():
    live = plant(["gas"], [rule("gas", "gas", H=1.0, on=3.0)])
    desk = Desk(live)
    for second in (1, 2, 3, 5, 6):
        desk.feed(("gas", second, 1.2))
    assert desk.times() == [("gas", "H", 4, None)]
    desk.feed(("gas", 4, 0.5, Quality.GOOD, 7.0))  # what came late: it had not held for three seconds
    assert desk.times() == []
    assert desk.rows("began", "announced", "void") == [("began", "gas:H", 4), ("announced", "gas:H", 4.5), ("void", "gas:H", 4)]
    assert desk.conditions() == {"gas:H": "returned, unacknowledged"}  # the desk was told, so the desk is told
    desk.feed(("gas", 8, 1.2))
    assert desk.times() == [("gas", "H", 8, None)]


def test_a_sample_that_is_too_late_is_counted_and_changes_nothing():
    desk = Desk(plant(["gas"], [rule("gas", "gas", H=1.0)]))
    for second in range(1, 1500, 100):
        desk.feed(("gas", second, 0.5))
    desk.feed(("gas", 350, 5.0, Quality.GOOD, 1402.0), now=1402)
    assert desk.engine.late == 1
    assert desk.times() == []


def test_a_robot_back_from_a_gap_is_judged_however_long_it_was_away():
    live = plant(["roller"], [rule("hot", "roller", H=80.0), rule("lost", "roller", "stale")])
    desk = Desk(live).feed(("roller", 1, 40.0)).tick(3600)
    assert desk.times() == [("lost", "", 4, None)]
    caught_up = [("roller", float(second), 90.0 if 1000 <= second < 1100 else 40.0, Quality.GOOD, 3601.0) for second in range(2, 3601)]
    desk.feed(*caught_up, now=3601)
    assert desk.times() == [("hot", "H", 1000, 1100)]  # and it never was lost: its samples were on the way
    assert desk.rows("announced") == [("announced", "lost", 6), ("announced", "hot:H", 3601)]
    assert desk.engine.late == 0


def test_a_better_value_for_the_same_time_takes_its_place():
    desk = Desk(plant(["gas"], [rule("gas", "gas", H=1.0)]))
    desk.feed(("gas", 1, 0.5)).feed(("gas", 2, 5.0)).feed(("gas", 3, 0.5))
    desk.feed(("gas", 2, 0.6, Quality.SUBSTITUTED, 4.0))
    assert desk.times() == []
    desk.feed(("gas", 2, 7.0, Quality.GOOD, 5.0))
    assert desk.times() == []


def test_a_long_stretch_at_once_is_judged_like_second_by_second():
    draw = np.random.default_rng(3)
    values = np.round(draw.normal(4.0, 2.0, 700).cumsum() % 10, 2)
    rows = [("a", float(n + 1), float(v), Quality.GOOD, 700.0) for n, v in enumerate(values)]
    at_once = Desk(LIVE).feed(*rows, now=700)
    one_by_one = Desk(LIVE)
    for name, second, value, quality, _ in rows:
        one_by_one.feed((name, second, value, quality, second))
    assert at_once.times() == one_by_one.tick(700.5).times()


def test_a_clock_that_jumps_an_hour_and_is_set_back_stops_nothing():
    live = plant(["gas"], [rule("gas", "gas", H=1.0, on=2.0), rule("lost", "gas", "stale")])
    desk = Desk(live)
    for second in range(1, 10):
        desk.feed(("gas", second, 0.5))
    desk.tick(3610)  # this computer's clock is wrong for a moment
    for second in range(10, 20):
        desk.feed(("gas", second, 0.5 if second < 12 else 1.2))
    desk.feed(("gas", 11.5, 0.4, Quality.GOOD, 20.0)).tick(21)
    assert desk.times() == [("gas", "H", 14, None)]  # and what was late is judged again
    assert desk.engine.late == 0
    assert desk.rows("void", "corrected") == [("void", "lost", 12)]


def test_what_was_kept_while_nobody_judged_is_not_lost_because_we_are_late():
    live = plant(["gas", "b", "c"], [rule("gas", "gas", H=1.0, on=2.0), *(rule(f"{n}.stale", n, "stale") for n in ("gas", "b", "c"))])
    desk = Desk(live)
    desk.feed(("gas", 1, 0.5), ("b", 1, 0.5), ("c", 1, 0.5))
    for second in range(2, 60):  # judged an hour after they were received, one a second, the clock ticking between
        desk.feed(*((name, second, 1.2 if name == "gas" and 20 <= second < 30 else 0.5) for name in ("gas", "b", "c")), now=3600 + second)
        desk.tick(3600 + second + 0.7)
    assert desk.times() == [("gas", "H", 22, 30)]
    assert desk.rows("announced", "void", "corrected") == [("announced", "gas:H", 22)]
    desk.tick(3600 + 59 + 2.9)
    assert len(desk.times()) == 1
    desk.tick(3600 + 59 + 6)  # and what then is silent is stale, by the time of the source
    assert [t for t in desk.times() if "stale" in t[0]] == [(f"{n}.stale", "", 62, None) for n in ("b", "c", "gas")]
    assert desk.rows("announced")[1:] == [("announced", "b.stale", 64)]


def test_a_rehearsal_faster_than_real_beside_a_living_feed():
    live = plant(["old", tag("now", feed="own")], [rule("old.stale", "old", "stale"), rule("now.stale", "now", "stale")])
    desk = Desk(live)
    for second in range(1, 30):
        desk.feed(*(("old", 60.0 * second + n, 0.5, Quality.SIMULATED) for n in range(60)), ("now", 7200 + second, 0.5), now=7200 + second)
        desk.tick(7200 + second + 0.9)
    assert desk.times() == [("now.stale", "", 3, 7201), ("old.stale", "", 3, 60)]  # nothing after their first samples


def test_a_rehearsal_that_comes_after_its_tags_were_stale_is_in_order_from_then_on():
    live = plant(["old"], [rule("old.stale", "old", "stale", on=150.0), rule("high", "old", H=1.0, on=20.0)])
    desk = Desk(live).tick(400)  # nothing came since watching began
    assert desk.times() == [("old.stale", "", 153, None)]
    for second in range(1, 40):  # and then samples of hours ago, a minute of them each second
        desk.feed(*(("old", -9000.0 + 60 * second + n, 1.2 if second == 9 else 0.5, Quality.SIMULATED, 400.0 + second) for n in range(60)))
        desk.tick(400.5 + second)
    assert desk.times() == [("high", "H", -8440, -8400)]
    assert desk.rows("announced") == [("announced", "old.stale", 155.5), ("announced", "high:H", 409)]
    assert desk.rows("void", "corrected") == [("void", "old.stale", 153)]
