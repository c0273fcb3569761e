"""Fa'er mine rehearsed: what is planted is alarmed, nothing else is, and the two counts are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lodeworks.network.live import AlarmRule
from lodeworks.rehearse import Rehearsal, rehearse
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.journal import Journal
from lodeworks.watch.occurrences import Occurrence

CASE = Path("cases/faer-mine")
NEAR_MS = 90_000


def judged(made: Rehearsal, folder: Path) -> tuple[list[Occurrence], set[str]]:
    """Return the alarms the live reading makes of a rehearsal, and which rules' were announced."""
    journal = Journal(folder / "journal.sqlite")
    try:
        engine, deeds = Engine(made.live, journal, started=made.begin_ms), made.deeds()
        for until, samples in made.blocks(60.0):
            while deeds and deeds[0].asked <= until:
                assert engine.apply(deeds.pop(0), until).done
            engine.feed(samples, until)
        assert journal.verify() == []
        return journal.occurrences(), {row.data["rule"] for row in journal.of_kind("alarm") if row.event == "announced"}
    finally:
        journal.close()


def tags_of(rule: AlarmRule) -> set[str]:
    return {rule.tag, *re.findall(r"\w+", rule.expression)} - {""}


def explained(made: Rehearsal, alarm: Occurrence) -> bool:
    """Return whether an alarm comes of what is planted: in its time, in one of its tags."""
    rule = next(rule for rule in made.live.rules if rule.name == alarm.rule)
    return any(
        tags_of(rule) & set(event["tags"]) and event["begins"] - NEAR_MS <= alarm.began <= event["ends"] + 10 * NEAR_MS
        for event in made.planted()
    )


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rehearsal, list[Occurrence], set[str]]:
    made = rehearse(CASE, hours=2.5, at="2026-12-01 07:00", script=CASE / "rehearsals" / "shift.yaml")
    return made, *judged(made, tmp_path_factory.mktemp("shift"))


@pytest.fixture(scope="module")
def shift(rehearsed: tuple[Rehearsal, list[Occurrence], set[str]]) -> tuple[Rehearsal, list[Occurrence]]:
    return rehearsed[:2]


def test_test_gas_calls_nobody_in_its_window_while_the_danger_beside_it_does(rehearsed: tuple[Rehearsal, list[Occurrence], set[str]]) -> None:
    _, alarms, announced = rehearsed
    assert "ch4_1202_face.limit" in {alarm.rule for alarm in alarms}  # kept in the journal, as suppressed
    assert "ch4_1202_face.limit" not in announced
    assert "ch4_1201_corner.limit" in announced


def test_what_is_planted_is_not_missed_and_nothing_else_is_called(shift: tuple[Rehearsal, list[Occurrence]]) -> None:
    made, alarms = shift
    expected = [row for row in made.passes() if row["expected"]]
    missed = [
        row for row in expected
        if not any(a.rule == row["rule"] and a.level == row["level"] and row["began"] - NEAR_MS <= a.began <= row["ended"] + NEAR_MS
                   for a in alarms)
    ]
    false = [alarm for alarm in alarms if not explained(made, alarm)]
    print(f"\n{len(expected)} limits passed, {len(missed)} missed; {len(alarms)} alarms, {len(false)} false")
    assert missed == []
    assert false == []
    assert len(expected) >= 9


@pytest.mark.parametrize(("kind", "rule"), [
    ("gas_rise", "ch4_1201_corner.limit"), ("gas_rise", "corner_rises"), ("calibration", "ch4_1202_face.limit"),
    ("belt_slip", "belt_slip"), ("hot_roller", "roller_hot"), ("frozen", "corner_frozen"), ("dead_gateway", "sump_level.stale"),
    ("flood", "sump_high"), ("flood", "inflow_rises"), ("crowd", "zone_1201.over"), ("stop", "heading_fan_stops"),
    ("smoke", "belt_smoke"),
])
def test_each_event_comes_to_its_alarm_and_the_alarm_ends_with_it(
    shift: tuple[Rehearsal, list[Occurrence]], kind: str, rule: str
) -> None:
    made, alarms = shift
    own = [alarm for alarm in alarms if alarm.rule == rule]
    assert own
    events = [event for event in made.planted() if event["kind"] == kind]
    assert any(event["begins"] <= own[0].began <= event["ends"] + NEAR_MS for event in events)
    assert all(alarm.ended is not None for alarm in own)


def test_a_gap_of_coverage_and_a_robot_that_is_lost_call_nobody_and_lose_nothing(shift: tuple[Rehearsal, list[Occurrence]]) -> None:
    made, alarms = shift
    assert not [alarm for alarm in alarms if alarm.rule in ("robot_position.stale", "robot_low")
                and not explained(made, alarm)]
    robot = made.samples()
    robot = robot.take(robot.tag == made.live.place["robot_roller"])
    assert len(robot) > 0.98 * 2.5 * 3600 / 2


def test_the_zones_are_empty_after_the_withdrawal(shift: tuple[Rehearsal, list[Occurrence]]) -> None:
    made, _ = shift
    event = next(event for event in made.planted() if event["kind"] == "withdraw")
    samples = made.samples()
    for name in ("people_1201", "people_1202"):
        own = samples.take(samples.tag == made.live.place[name])
        inside = (own.at > event["whole"] + 60_000) & (own.at < event["whole"] + 15 * 60_000)
        assert inside.sum() > 50
        assert own.value[inside].max() == 0.0


def test_a_quiet_shift_calls_nobody(tmp_path: Path) -> None:
    made = rehearse(CASE, hours=2.0, at="2026-12-02 12:30", seed=5)  # over a change of shift
    assert [alarm.rule for alarm in judged(made, tmp_path)[0]] == []
