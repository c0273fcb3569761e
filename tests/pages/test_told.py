"""What the desk is told: the journal followed by a reader, and put at any past row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lodeworks.network.live import Roadway
from lodeworks.pages.past import Moments
from lodeworks.pages.told import Told, alarm_text, measured, row_told
from lodeworks.pages.words import Titles
from lodeworks.watch.deeds import Deed
from lodeworks.watch.journal import Row
from tests.pages.conftest import NOW
from tests.pages.plant import Recorder, mine

HIGH = {"face_gas_t0": 1.3}
CALM = {"face_gas_t0": 0.5, "face_gas_t1": 0.5, "face_temperature": 20.0, "belt_speed": 3.0}


@pytest.fixture
def recorder(tmp_path):
    made = Recorder(tmp_path, mine(), NOW)
    yield made
    made.close()


def seen(recorder, told=None, language="en"):
    told = told or Told()
    told.follow(recorder.journal)
    return alarm_text(recorder.live, told, language)


def test_an_alarm_is_told_with_value_response_and_clock(recorder):
    recorder.tick(CALM)
    assert seen(recorder)["alarms"] == []
    recorder.tick({**CALM, **HIGH})
    (alarm,) = seen(recorder)["alarms"]
    assert (alarm["alarm"], alarm["title"], alarm["told"]) == ("gas_t0:H", "Methane high at the upper corner", "1.3 %")
    assert alarm["unacknowledged"]
    assert alarm["sounds"]
    assert alarm["life"]
    assert alarm["due"] == recorder.now + 300_000
    assert seen(recorder, language="zh")["alarms"][0]["title"] == "上隅角甲烷超限"


@pytest.mark.parametrize(("kind", "value", "en", "zh"), [
    ("limit", 0.4, "0.4 t", "0.4 吨"), ("rate", -120.0, "−120 t/h", "−120 吨/时"), ("time_left", 0.4, "24 min", "24 分"),
    ("time_left", 3.2, "3.2 h", "3.2 时"), ("time_left", 1e6, "", ""), ("stuck", None, "", ""),
])
def test_a_value_is_told_as_what_its_rule_judges(kind, value, en, zh):
    live = mine()
    tag = live.place["washery_silo"]
    rule = replace(live.rules[0], tag="washery_silo", kind=kind)
    assert [measured(live, rule, tag, value, Titles(live, language)) for language in ("en", "zh")] == [en, zh]


def test_what_nobody_by_name_did_is_told_in_the_language_of_the_page(recorder):
    recorder.tick({**CALM, **HIGH})
    for user, en, zh in (("local", "local", "本机"), ("rehearsal", "rehearsal", "演练"), ("li", "li", "li")):
        [row] = recorder.journal.append([Row(recorder.now, "alarm", "gas_t0:H", "acknowledged", user)])
        assert [row_told(recorder.live, row, Titles(recorder.live, language))["user"] for language in ("en", "zh")] == [en, zh]


def test_what_is_acknowledged_and_goes_is_no_more_told(recorder):
    recorder.tick({**CALM, **HIGH})
    recorder.deeds.ask(Deed("acknowledge", "gas_t0:H", "li", "seen"))
    recorder.tick({**CALM, **HIGH})
    (alarm,) = seen(recorder)["alarms"]
    assert (alarm["state"], alarm["user"], alarm["note"]) == ("active, acknowledged", "li", "seen")
    recorder.tick(CALM)
    assert seen(recorder)["alarms"] == []


def test_what_is_written_to_an_alarm_stands_beside_it_until_it_comes_again(recorder):
    recorder.tick({**CALM, **HIGH})
    told = Told()
    seen(recorder, told)
    recorder.deeds.ask(Deed("note", "gas_t0:H", "li", "the inspector is on his way"))
    recorder.tick({**CALM, **HIGH})
    for reader in (told, None):  # one that follows, and one that comes later
        assert seen(recorder, reader)["alarms"][0]["note"] == "the inspector is on his way"
    recorder.deeds.ask(Deed("acknowledge", "gas_t0:H", "li"))
    recorder.tick(CALM)
    recorder.tick({**CALM, **HIGH})
    assert seen(recorder, told)["alarms"][0]["note"] == ""


def test_what_is_shelved_is_listed_apart_with_its_end(recorder):
    recorder.tick({**CALM, "belt_speed": 1.0})
    recorder.deeds.ask(Deed("shelve", "slip:L", "li", "drum is changed", {"hours": 2.0}))
    recorder.tick({**CALM, "belt_speed": 1.0})
    (alarm,) = seen(recorder)["alarms"]
    assert alarm["covers"] == ["shelved"]
    assert not alarm["unacknowledged"]
    assert abs(alarm["until"] - (recorder.now + 7_200_000)) < 10**12


def test_a_reader_that_follows_and_one_that_comes_later_know_the_same(recorder):
    """Whatever happened, the list of now does not depend on when one began to look."""
    rng = np.random.default_rng(4)
    following = Told()
    for k in range(120):
        values = {**CALM, "face_gas_t0": float(rng.choice([0.5, 1.3])), "belt_speed": float(rng.choice([3.0, 1.0])), "face_temperature": float(rng.choice([20.0, 33.0]))}
        if k % 7 == 3:
            recorder.deeds.ask(Deed("acknowledge", str(rng.choice(["gas_t0:H", "slip:L", "hot:H"])), "li"))
        if k % 31 == 30:
            recorder.deeds.ask(Deed("shelve", "hot:H", "li", "known", {"hours": 1.0}))
        recorder.tick(values)
        following.follow(recorder.journal)
        if k % 10 == 0:
            fresh = Told()
            fresh.follow(recorder.journal)
            assert fresh.alarms == following.alarms
            assert fresh.floods == following.floods
    assert alarm_text(recorder.live, following, "zh")["alarms"]


def test_the_past_is_what_was_told_then(recorder):
    """At fifty random moments: values and alarms of the wall played again are those it showed."""
    rng = np.random.default_rng(7)
    shown = []
    for _ in range(180):
        values = {**CALM, "face_gas_t0": float(rng.choice([0.5, 1.3])), "belt_speed": float(rng.choice([3.0, 1.0]))}
        recorder.tick(values, silent=("return_gas",) if rng.random() < 0.5 else ())
        shown.append((recorder.now, recorder.present.read(), seen(recorder)))
    tags = list(range(len(recorder.live.tags)))
    moments = Moments(recorder.history, tags, len(tags))
    for k in rng.choice(len(shown), 50):
        now, values, text = shown[k]
        past = moments.at(now)
        np.testing.assert_array_equal(past.value, values.value)
        np.testing.assert_array_equal(past.at, values.at)
        np.testing.assert_array_equal(past.quality, values.quality)
        assert alarm_text(recorder.live, Told.by(recorder.journal, recorder.journal.written_by(now)), "en") == text


def test_a_tag_long_silent_keeps_its_last_value_and_one_never_heard_has_none(recorder):
    recorder.tick(silent=("face_co",))
    first = recorder.now
    for k in range(5):
        recorder.tick(now=first + 3_600_000 * (k + 1), silent=("return_gas", "face_co"))
    live, tags = recorder.live, list(range(len(recorder.live.tags)))
    past = Moments(recorder.history, tags, len(tags)).at(recorder.now)
    assert past.at[live.place["return_gas"]] == first
    assert past.at[live.place["face_co"]] < 0
    assert past.quality[live.place["face_co"]] == 2


def test_a_moment_of_the_journal_is_found_among_its_rows(recorder):
    for k in range(40):
        recorder.tick({**CALM, **(HIGH if k % 3 else {})})
    rows = recorder.journal.since(0)
    for moment in {rows[0].written - 1, *(row.written for row in rows), *(row.written + 1 for row in rows)}:
        assert recorder.journal.written_by(moment) == sum(row.written <= moment for row in rows)


def test_a_flood_puts_all_but_the_urgent_under_what_they_share(tmp_path):
    from dataclasses import replace

    from lodeworks.network.live import AlarmRule, Limit

    live = mine(more=30)
    rules = tuple(AlarmRule(f"r{k}", f"Rule {k}", f"规则 {k}", f"extra_{k}", "limit", 3, "c", "c", "look", 600.0, (Limit("H", "high", 90.0),)) for k in range(30))
    recorder = Recorder(tmp_path, replace(live, rules=(*live.rules, *rules), place={}), NOW)
    recorder.tick({**CALM, **HIGH, **{f"extra_{k}": 95.0 for k in range(30)}})
    text = seen(recorder)
    assert text["flood"]
    assert text["alarms"][0]["alarm"] == "gas_t0:H"
    assert text["alarms"][0]["under"] == ""
    assert {a["under"] for a in text["alarms"][1:]} == {s.title_en for s in live.sites}
    assert len(text["alarms"]) == 31
    recorder.close()


def test_what_suppresses_is_told_in_words_and_a_condition_as_it_is_written(recorder):
    recorder.deeds.ask(Deed("calibrate", "face_gas_t0", "li", "monthly", {"minutes": 5, "expected": 1.0}))
    recorder.tick(CALM)
    recorder.tick({**CALM, **HIGH})
    assert {alarm["alarm"]: alarm["cause"] for alarm in seen(recorder, language="zh")["alarms"]}["gas_t0:H"] == "标校窗口"
    assert {alarm["alarm"]: alarm["cause"] for alarm in seen(recorder)["alarms"]}["gas_t0:H"] == "in calibration"


def test_a_roadway_is_called_by_its_title():
    live = replace(mine(), place={}, roadways=(Roadway("to_bottom", "Haulage road", "运输大巷", "a", "b", 600.0),))
    assert [Titles(live, language).of("to_bottom") for language in ("en", "zh")] == ["Haulage road", "运输大巷"]
