"""A12: after a stop at any moment the journal is that of an engine that never stopped; nobody is told anything twice."""

from __future__ import annotations

import math
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.alarms.now import fold
from lodeworks.watch.deeds import Answer, Deed, Deeds
from lodeworks.watch.history import Series, open_history
from lodeworks.watch.journal import Journal
from lodeworks.watch.samples import Quality, Samples
from tests.watch.alarms.plant import T0, at_of, plant, rule, samples, tag

LIVE = plant(
    ["a", "b", "gateway", tag("c", period=2.0)],
    [
        rule("a.limit", "a", H=5.0, HH=8.0, deadband=1.0, re_alarm_s=7.0, group="face"), rule("a.slow", "a", H=5.0, on=3.0, off=2.0, group="face"),
        rule("a.stuck", "a", "stuck", window_s=4.0, latched=True), rule("b.stale", "b", "stale", unless="gateway == 0"),
        rule("a.rate", "a", "rate", H=7200.0, window_s=2.0), rule("both", kind="expression", expression="a > 5 and b > 5", on=1.0),
        rule("c.low", "c", L=2.0, on=1.0, unless="`both` or gateway == 0", unless_rules=("both",)),
    ],
)


class Kept:
    """A history that remembers batches, with what an engine asks of it."""

    def __init__(self) -> None:
        self.batches: list[Samples] = []

    def read(self, tags, since, until, points=None):
        from lodeworks.watch.history.merge import merged

        held = merged(Samples.joined(self.batches)) if self.batches else samples(LIVE)
        found = held.take((held.tag == tags[0]) & (held.at >= since) & (held.at < until))
        return [Series(found.at, found.value, found.quality, math.nan, math.nan, len(found))]


def script(seed: int, seconds: int = 30):
    """What comes in, in order: ("feed", batch, now), ("tick", now), ("deed", deed, now)."""
    draw = random.Random(seed)
    steps, held = [], []
    value = {"a": 4.0, "b": 6.0, "c": 5.0}
    for second in range(1, seconds + 1):
        for name in "abc":
            if draw.random() < 0.5:
                value[name] = float(draw.randint(0, 10))
            if draw.random() < 0.85:
                held.append((name, float(second), value[name], Quality.TEST if 12 < second < 16 and name == "a" else Quality.GOOD))
        if draw.random() < 0.1:
            held.append(("gateway", float(second), float(draw.randint(0, 1)), Quality.GOOD))
        if draw.random() < 0.8:
            now = second + draw.random() * 0.4
            steps.append(("feed", samples(LIVE, *((*row, now - 0.05) for row in held)), at_of(now)))
            held = []
        if draw.random() < 0.6:
            steps.append(("tick", at_of(second + 0.5)))
        if draw.random() < 0.4:
            kind, about, data = draw.choice([
                ("acknowledge", "a.limit", {}), ("acknowledge", "a.slow", {}), ("shelve", "c.low", {"hours": 4 / 3600}), ("reset", "a.stuck", {}),
                ("calibrate", "c", {"minutes": 5 / 60, "expected": 1.0}), ("silence", "a.limit:H", {}), ("acknowledge", "b.stale", {}),
                ("limit", "a.limit:H", {"value": 6.0, "backtest": {"days": 30, "before": 1, "after": 0}}), ("agree", "a.limit:H", {}),
            ])
            who = "li" if kind == "agree" else "wang"
            steps.append(("deed", Deed(kind, about, who, "because", data, role="engineer", asked=at_of(second + 0.6)), at_of(second + 0.7)))
    return [*steps, ("tick", at_of(seconds + 60))]


def play(engine: Engine, history: Kept, steps, first: int = 0) -> None:
    for number, (what, *more) in enumerate(steps[first:], start=first + 1):
        if what == "feed":
            if len(history.batches) < sum(1 for step in steps[:number] if step[0] == "feed"):
                history.batches.append(more[0])
            engine.feed(more[0], more[1])
        elif what == "tick":
            engine.tick(*more)
        else:
            deed, now = more
            engine.apply(replace(deed, number=0), now)


def told(journal: Journal):
    return [(row.at, row.kind, row.subject, row.event, row.user, row.value, row.note, row.data) for row in journal.since(0)]


@pytest.mark.parametrize("seed", range(3))
def test_stopped_after_any_step_it_goes_on_as_if_never_stopped(tmp_path, seed, monkeypatch):
    monkeypatch.setattr("lodeworks.watch.alarms.engine.SAVE_MS", 0)  # each step is kept, so that each is a place to stop
    steps = script(seed)
    whole, history = Journal(":memory:"), Kept()
    play(Engine(LIVE, whole, history, started=T0), history, steps)
    right = told(whole)
    assert len(right) > 60
    assert {row[3] for row in right} >= {"began", "ended", "announced", "acknowledged", "suppressed", "unsuppressed"}
    for cut in range(1, len(steps), 2):
        journal, history = Journal(":memory:"), Kept()
        play(Engine(LIVE, journal, history, started=T0), history, steps[:cut])
        again = Engine(LIVE, journal, history)
        assert again.now() == sorted(fold(journal.since(0)).values(), key=lambda a: (a.priority, -a.announced, a.alarm))
        play(again, history, steps, cut)
        assert told(journal) == right, cut


def test_what_was_not_saved_is_judged_again_from_the_history(tmp_path):
    steps = [step for step in script(5, 60) if step[0] != "deed"]
    whole, history = Journal(":memory:"), Kept()
    play(Engine(LIVE, whole, history, started=T0), history, steps)
    journal, history = Journal(":memory:"), Kept()
    engine = Engine(LIVE, journal, history, started=T0)
    draw = random.Random(1)
    for number, (what, *more) in enumerate(steps):
        if what == "feed":
            history.batches.append(more[0])
            engine.feed(more[0], more[1], len(history.batches))
        else:
            engine.tick(*more)
        if draw.random() < 0.2 and number < len(steps) - 1:
            engine = Engine(LIVE, journal, history)
            for sequence in range(engine.sequence, len(history.batches)):
                engine.feed(history.batches[sequence], more[-1], sequence + 1)
    assert [row[:4] for row in told(journal)] == [row[:4] for row in told(whole)]
    assert journal.occurrences() == whole.occurrences()


def test_a_shelf_ends_to_the_second_across_a_restart_and_nothing_is_told_twice():
    live = plant(["a"], [rule("a", "a", H=5.0, deadband=1.0)])
    journal = Journal(":memory:")
    engine = Engine(live, journal, started=T0)
    engine.feed(samples(live, ("a", 1, 6.0)), at_of(1))
    assert engine.apply(Deed("shelve", "a", "wang", "works on the sensor", {"hours": 1.0}), at_of(10)) == Answer(True, "a:H")
    for second in (20, 3000, 3609):
        engine = Engine(live, journal)
        engine.tick(at_of(second))
        assert [alarm.covers for alarm in engine.now()] == [("shelved",)]
    engine = Engine(live, journal)
    engine.tick(at_of(4000))  # it was off when the shelf ended
    assert [(row.event, row.at) for row in journal.since(0)] == [
        ("began", at_of(1)), ("announced", at_of(1)), ("shelved", at_of(10)), ("unshelved", at_of(3610)), ("announced", at_of(3610)),
    ]


def test_a_chain_that_was_changed_meanwhile_keeps_what_is_still_watched():
    journal = Journal(":memory:")
    live = plant(["a", "b"], [rule("a", "a", H=5.0), rule("b", "b", H=5.0)])
    Engine(live, journal, started=T0).feed(samples(live, ("a", 1, 6.0), ("b", 1, 6.0)), at_of(1))
    other = plant(["new", "b"], [rule("new", "new", H=1.0), rule("b", "b", H=5.0)])
    engine = Engine(other, journal)
    assert [alarm.alarm for alarm in engine.now()] == ["b:H"]
    engine.feed(samples(other, ("new", 2, 6.0), ("b", 2, 6.0)), at_of(2))
    assert [row.subject for row in journal.since(0) if row.event == "began"] == ["a:H", "b:H", "new:H"]


def test_a_deed_is_done_once_though_the_journal_could_not_be_written(monkeypatch):
    live = plant(["a"], [rule("a", "a", H=5.0)])
    deeds = Deeds(":memory:")
    journal = deeds._journal
    engine = Engine(live, journal, started=T0)
    engine.feed(samples(live, ("a", 1, 6.0)), at_of(1))
    number = deeds.ask(Deed("acknowledge", "a:H", "wang"), asked=at_of(2))
    append = journal.append

    def full(*_, **__):
        import sqlite3
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(journal, "append", full)
    from lodeworks.errors import WatchError
    with pytest.raises(WatchError, match="disk is full"):
        engine.apply(deeds.open()[0], at_of(3))
    assert deeds.answer(number) is None
    monkeypatch.setattr(journal, "append", append)
    assert engine.apply(deeds.open()[0], at_of(4)).done
    assert deeds.answer(number) == Answer(True, "a:H")
    assert [row.event for row in journal.since(0)] == ["began", "announced", "acknowledged"]


KILLED = """
import sys
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.alarms.turns import TURN_MS
from lodeworks.watch.history import open_history
from lodeworks.watch.journal import Journal
from tests.watch.alarms.test_restart import LIVE, T0, script
folder = sys.argv[1]
history = open_history(folder + "/history", [tag.name for tag in LIVE.tags])
journal = Journal(folder + "/journal.sqlite")
engine = Engine(LIVE, journal, history, started=T0, turn_ms=TURN_MS)
steps = [step for step in script(11, 120) if step[0] != "deed"]
for sequence, batch in history.after(engine.sequence):
    engine.feed(batch, int(batch.received.max()), sequence)
written = sum(1 for _ in history.after(0))
for step in steps:
    if step[0] == "feed":
        if written:
            written -= 1
            continue
        engine.feed(step[1], step[2], history.write(step[1]))
        print("fed", flush=True)
    elif not written:
        engine.tick(step[1])
print("done", flush=True)
"""


def test_killed_at_random_moments_the_journal_is_that_of_a_run_that_was_not(tmp_path):
    root = Path(__file__).parents[3]

    def run(folder: Path, kill_after: float | None) -> bool:
        child = subprocess.Popen([sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE, text=True, cwd=root)
        with child:
            assert child.stdout is not None
            if kill_after is not None:
                child.stdout.readline()
                time.sleep(kill_after)
                child.kill()
            return "done\n" in child.stdout.readlines()

    quiet, rough = tmp_path / "quiet", tmp_path / "rough"
    quiet.mkdir()
    rough.mkdir()
    assert run(quiet, None)
    draw = random.Random(3)
    for _ in range(2):
        run(rough, draw.uniform(0.0, 0.15))
    assert run(rough, None)
    right, found = Journal(quiet / "journal.sqlite"), Journal(rough / "journal.sqlite")
    assert found.verify() == []
    assert [row[:4] for row in told(found)] == [row[:4] for row in told(right)]
    open_history(rough / "history", [t.name for t in LIVE.tags]).close()
