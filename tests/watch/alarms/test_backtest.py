"""A15: run again over what is stored, a rule finds what the live journal has; with another limit it says what would have been."""

from __future__ import annotations

import numpy as np
import pytest

from lodeworks.errors import InputError
from lodeworks.watch.alarms.backtest import back_test
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.alarms.keeping import watching_since
from lodeworks.watch.history import open_history
from lodeworks.watch.journal import Journal
from lodeworks.watch.samples import Quality, Samples
from tests.watch.alarms.plant import T0, at_of, plant, rule

HOURS = 3
LIVE = plant(
    ["other", "gas", "runs"],
    [rule("gas", "gas", H=6.0, HH=8.0, deadband=0.5, on=5.0, off=3.0, unless="runs == 0"), rule("rise", "gas", "rate", H=200.0, window_s=20.0),
     rule("lost", "gas", "stale"), rule("stuck", "gas", "stuck", window_s=30.0), rule("both", kind="expression", expression="gas > 5 and other > 5")],
)


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """Three hours of a plant, live: the history and the journal of it."""
    folder = tmp_path_factory.mktemp("lived")
    history, journal = open_history(folder / "history", [tag.name for tag in LIVE.tags]), Journal(folder / "journal.sqlite")
    engine = Engine(LIVE, journal, history, started=T0)
    draw = np.random.default_rng(5)
    seconds = np.arange(1, HOURS * 3600)
    gas = np.round(5 + 2.5 * np.sin(seconds / 200) + draw.normal(0, 0.4, len(seconds)), 3)
    gas[4000:4100] = 3.0
    for first in range(0, len(seconds), 90):
        part = seconds[first:first + 90]
        keep = part[(part < 7000) | (part > 7030)]
        at = T0 + keep.astype(np.int64) * 1000
        quality = np.where((keep > 9000) & (keep < 9100), Quality.TEST, Quality.GOOD).astype(np.uint8)
        both = [Samples(np.full(len(at), 1, np.int32), at, at, gas[keep - 1], quality),
                Samples(np.full(len(at), 0, np.int32), at, at, np.round(draw.uniform(0, 10, len(at)), 1), np.zeros(len(at), np.uint8)),
                Samples.of([2], [int(at[0])], [int(at[0])], [float(first % 2700 != 0)], [0])]
        batch = Samples.joined(both)
        engine.feed(batch, int(at[-1]), history.write(batch))
    engine.tick(at_of(HOURS * 3600))
    yield history, journal
    history.close()


@pytest.mark.parametrize("name", ["gas", "rise", "lost", "stuck", "both"])
def test_unchanged_it_finds_what_the_journal_has(lived, name):
    history, journal = lived
    right = [one for one in journal.occurrences() if one.rule == name]
    found = back_test(LIVE, name, history, at_of(HOURS * 3600), days=HOURS / 24)
    assert [(o.level, o.began, o.ended) for o in found.occurrences if o.ended is not None] == [(o.level, o.began, o.ended) for o in right if o.ended is not None]
    assert len(right) >= {"gas": 10, "rise": 5, "lost": 1, "stuck": 1, "both": 50}[name]


def test_before_watching_began_nothing_was_silent(lived):
    """Over a whole day of which three hours were watched: a day's silence before would be an alarm the journal has not."""
    history, journal = lived
    asked = {"rule": "lost", "history": history, "until": at_of(HOURS * 3600), "days": 1.0}
    right = [one.began for one in journal.occurrences() if one.rule == "lost"]
    found = back_test(LIVE, **asked, began=watching_since(journal))
    assert (found.since, [one.began for one in found.occurrences]) == (T0, right)
    assert found.days == pytest.approx(HOURS / 24)
    assert len(back_test(LIVE, **asked).occurrences) == len(right) + 1
    # what was put into the history from before is judged too
    found = back_test(LIVE, "gas", history, at_of(HOURS * 3600), days=1.0, began=at_of(3600))
    assert [one.began for one in found.occurrences] == [one.began for one in journal.occurrences() if one.rule == "gas"]


def test_a_rule_of_deviation_is_judged_by_the_plan_and_refused_without_one(tmp_path):
    """5 % of gas is planned, and 1 more is too much; without a plan nothing would ever be said of it."""
    live = plant(["gas"], [rule("off", "gas", "deviation", H=1.0)])
    history = open_history(tmp_path / "history", ["gas"])
    seconds = np.arange(1, 101)
    at = T0 + seconds * 1000
    history.write(Samples(np.zeros(100, np.int32), at, at, np.where(seconds % 20 < 10, 5.0, 6.5), np.zeros(100, np.uint8)))
    with pytest.raises(InputError, match="held against a plan"):
        back_test(live, "off", history, at_of(100), days=0.01)
    found = back_test(live, "off", history, at_of(100), days=0.01, target=lambda tag, at: np.full(len(tag), 5.0))
    assert len(found.occurrences) == 5
    history.close()


def test_another_limit_says_what_would_have_been_and_changes_nothing(lived):
    history, journal = lived
    rows = journal.last()
    as_it_is = back_test(LIVE, "gas", history, at_of(HOURS * 3600), days=HOURS / 24)
    lower = back_test(LIVE, "gas", history, at_of(HOURS * 3600), days=HOURS / 24, limits={"H": (4.0, 0.5)})
    higher = back_test(LIVE, "gas", history, at_of(HOURS * 3600), days=HOURS / 24, limits={"H": (50.0, 0.5), "HH": (60.0, 0.0)})
    assert higher.announced == 0
    assert 0 < as_it_is.announced < len(as_it_is.occurrences)  # some fell in a calibration or while nothing ran
    assert [o for o in lower.occurrences if o.level == "HH"] == [o for o in as_it_is.occurrences if o.level == "HH"]
    assert sum((o.ended or 0) - o.began for o in lower.occurrences if o.level == "H") > sum((o.ended or 0) - o.began for o in as_it_is.occurrences if o.level == "H")
    assert journal.last() == rows


def test_a_rule_or_level_that_is_not_there_is_told(lived):
    history, _ = lived
    with pytest.raises(InputError, match="did you mean 'gas'"):
        back_test(LIVE, "gass", history, at_of(10))
    with pytest.raises(InputError, match="expected HH, H"):
        back_test(LIVE, "gas", history, at_of(10), limits={"L": (1.0, 0.0)})
