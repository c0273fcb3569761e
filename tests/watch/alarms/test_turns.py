"""Shuffled, doubled and late samples give the same journal: to the byte within a turn, as corrected beyond it; and what
lives depend on is told with the first sample that shows it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.alarms.turns import TURN_MS, urgent_rules
from lodeworks.watch.journal import Journal
from lodeworks.watch.samples import Quality
from tests.watch.alarms.plant import T0, Desk, at_of, plant, rule, samples, stream, tag
from tests.watch.alarms.test_restart import Kept

TICK = 0.25


def works(*, life: bool):
    """Every kind of rule over three tags, suppressed and grouped; with lives at stake on tag a, or nowhere."""
    safe = {"life_safety": True} if life else {}
    return plant(
        ["a", "b", tag("c", period=2.0)],
        [
            rule("a.limit", "a", H=5.0, HH=8.0, deadband=1.0, group="face", re_alarm_s=7.0, **safe),
            rule("b.limit", "b", H=5.0, deadband=1.0, group="face", re_alarm_s=7.0),
            rule("b.slow", "b", H=5.0, deadband=1.0, on=3.0, off=2.0), rule("b.stuck", "b", "stuck", window_s=4.0, latched=True),
            *(rule(f"{name}.stale", name, "stale") for name in "abc"), *(rule(f"{name}.bad", name, "bad") for name in "abc"),
            rule("b.rate", "b", "rate", H=7200.0, window_s=2.0), rule("c.is", "c", "discrete", states=(1, 3)),
            rule("b.left", "b", "time_left", L=8e-4, LL=3e-4, deadband=1e-4, window_s=2.0, ends=(0.0, 10.0), on=1.0),
            rule("both", kind="expression", expression="a > 5 and b > 5", on=1.0),
            rule("c.low", "c", L=2.0, on=1.0, unless="`both` or b == 0", unless_rules=("both",)),
        ],
    )


PLAIN, LIVES = works(life=False), works(life=True)


def run(live, arriving, *, end=30.0, stops=()):
    """Let (row, when it comes) in, the clock ticking; all that came since the last tick at once. It stops at ticks."""
    journal, waiting = Journal(":memory:"), sorted(arriving, key=lambda one: one[1])
    history = Kept() if stops else None
    engine, batches = Engine(live, journal, history, started=T0, turn_ms=TURN_MS), []
    for tick in range(1, round(end / TICK) + 1):
        now = tick * TICK
        here = []
        while waiting and waiting[0][1] <= now:
            row, came = waiting.pop(0)
            here.append((*row, came))
        batches.append(samples(live, *here))
        if history is not None:
            history.batches.append(batches[-1])
        engine.feed(batches[-1], at_of(now), tick)
        if tick in stops:  # what was kept is taken up, and what came since is fed again
            engine = Engine(live, journal, history, started=T0, turn_ms=TURN_MS)
            for number in range(engine.sequence + 1, tick + 1):
                engine.feed(batches[number - 1], at_of(number * TICK), number)
    engine.tick(at_of(end))
    assert engine.late == 0
    assert journal.verify() == []
    return journal


def disturbed(draw: random.Random, rows, most: float):
    """Let rows come up to `most` seconds late, each as it likes, and some of them twice."""
    again = draw.sample(rows, len(rows) // 5)
    return [(row, row[1] + draw.uniform(0.0, most)) for row in [*rows, *again]]


def told(journal, *, but=()):
    """All the rows of alarms but some, without their place in the journal."""
    return [(row.at, row.written, row.subject, row.event, row.value, row.data) for row in journal.since(0)
            if row.kind == "alarm" and not row.subject.startswith(but)]


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_is_shuffled_and_doubled_within_a_turn_gives_the_same_journal_to_the_byte(seed):
    draw = random.Random(seed)
    rows = stream(draw, 16, odd=True)
    right = run(PLAIN, [(row, row[1]) for row in rows])
    mixed = run(PLAIN, disturbed(draw, rows, TURN_MS / 1000))
    assert mixed.since(0) == right.since(0)  # every column, the hashes among them
    assert any(row.event == "announced" for row in right.since(0))
    assert not any(row.event in ("corrected", "void") for row in right.since(0))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**6), most=st.sampled_from([3.0, 10.0, 100.0]))
def test_what_comes_later_than_its_turn_gives_the_same_journal_as_corrected(seed, most):
    draw = random.Random(seed)
    rows = stream(draw, 16, odd=True)
    right = run(PLAIN, [(row, row[1]) for row in rows], end=125.0)
    mixed = run(PLAIN, disturbed(draw, rows, most), end=125.0)
    assert mixed.occurrences() == right.occurrences()
    lost = (".stale", ".bad")  # which wait, and are not told of what is back by then
    for alarm in {row.subject for row in right.since(0) if row.event == "announced" and not row.subject.endswith(lost)}:
        assert any(row.subject == alarm and row.event in ("announced", "suppressed") for row in mixed.since(0))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_lives_depend_on_does_not_wait_and_makes_nothing_else_differ(seed):
    draw = random.Random(seed)
    rows = stream(draw, 16, odd=True)
    right = run(LIVES, [(row, row[1]) for row in rows])
    mixed = run(LIVES, disturbed(draw, rows, TURN_MS / 1000))
    assert mixed.occurrences() == right.occurrences() == run(PLAIN, [(row, row[1]) for row in rows]).occurrences()
    mine = ("a.", "b.limit")  # and the group of a.limit, which tells what came first in it as it is told
    assert told(mixed, but=mine) == told(right, but=mine)


@pytest.mark.parametrize("seed", range(3))
def test_what_waits_for_its_turn_outlives_a_stop(seed):
    draw = random.Random(seed)
    rows = disturbed(draw, stream(draw, 16, odd=True), TURN_MS / 1000)
    for live in (PLAIN, LIVES):
        assert run(live, rows, stops=draw.sample(range(4, 70), 12)).since(0) == run(live, rows).since(0)


def test_an_alarm_that_lives_depend_on_is_told_as_its_sample_comes_and_others_in_their_turn():
    live = plant(["gas", "oil"], [rule("gas", "gas", H=1.0, life_safety=True), rule("oil", "oil", H=1.0)])
    desk = Desk(live, turn_ms=TURN_MS)
    desk.feed(("gas", 1.1, 1.2), ("oil", 1.1, 1.2))
    assert desk.rows("announced") == [("announced", "gas:H", 1.1)]
    assert desk.tick(2.2).rows("announced") == [("announced", "gas:H", 1.1)]
    assert desk.tick(2.25).rows("announced")[1:] == [("announced", "oil:H", 2.25)]


def test_calm_samples_of_what_lives_depend_on_come_in_order_with_the_one_that_is_not():
    live = plant(["gas"], [rule("gas", "gas", H=1.0, on=2.0, life_safety=True)])
    desk = Desk(live, turn_ms=TURN_MS)
    desk.feed(("gas", 1, 1.2)).feed(("gas", 3, 1.2)).feed(("gas", 2, 0.5, Quality.GOOD, 3.0)).feed(("gas", 4, 1.3))
    assert desk.times() == []  # the second's sample waited, and was judged when the fourth's came
    desk.tick(7.5)
    assert desk.times() == [("gas", "H", 5, None)]


def test_what_suppresses_what_lives_depend_on_does_not_wait_either():
    live = plant(["gas", "power"], [
        rule("gas", "gas", H=1.0, life_safety=True, unless="`off`", unless_rules=("off",)),
        rule("off", "power", "discrete", states=(0,)), rule("other", "gas", H=2.0),
    ])
    assert urgent_rules(live.rules) == {"gas", "off"}
    desk = Desk(live, turn_ms=TURN_MS)
    desk.feed(("power", 1, 0.0), ("gas", 1, 1.2))
    assert desk.rows("announced") == [("announced", "off", 1)]


def test_an_expression_over_what_waits_and_what_does_not_is_worked_out_when_both_are_there():
    live = plant(["gas", "oil"], [rule("gas", "gas", H=5.0, life_safety=True),
                                  rule("both", kind="expression", expression="gas > 5 and oil > 5")])
    desk = Desk(live, turn_ms=TURN_MS)
    desk.feed(("gas", 1, 1.0), ("oil", 1, 6.0))
    desk.feed(("gas", 2, 6.0)).feed(("oil", 2, 1.0, Quality.GOOD, 2.4)).tick(5)
    assert [t for t in desk.times() if t[0] == "both"] == []
    assert desk.rows("announced") == [("announced", "gas:H", 2)]


def test_a_source_whose_clock_is_ahead_is_not_waited_for():
    desk = Desk(plant(["oil"], [rule("oil", "oil", H=1.0)]), turn_ms=TURN_MS)
    desk.feed(("oil", 31.0, 1.2, Quality.GOOD, 1.0)).tick(2.25)
    assert desk.rows("announced") == [("announced", "oil:H", 2.25)]
