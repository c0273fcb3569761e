"""The mine's dispatch centre: nothing unsourced, a limit for every sensor of a place, a way out of everywhere, rules that are told what to do."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from lodeworks.chain.readings import READINGS
from lodeworks.network.compile_live import compile_live
from lodeworks.network.live import Live
from lodeworks.verbs import check, plan, read, simulate
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.journal import Journal
from lodeworks.watch.samples import Samples

CASE = "cases/faer-mine"


@pytest.fixture(scope="module")
def live() -> Live:
    return compile_live(read(CASE))


def test_the_case_has_no_fault():
    assert check(CASE) == []


def test_the_faces_cut_what_is_printed_and_a_simulation_no_more():
    assert plan(CASE).objective > 0.0
    cut = simulate(CASE, replications=4).mean("cut_1201", "rate")
    most = 200.0 * 16 / 24
    assert 1.0e6 / 8760 <= cut <= most


def test_every_sensor_of_gas_or_air_stands_in_a_place_with_a_limit(live):
    rules = {rule.name for rule in live.rules}
    for tag in live.tags:
        if tag.quantity in ("methane", "co", "oxygen", "air_speed", "dust"):
            assert tag.place, tag.name
            assert f"{tag.name}.limit" in rules


def test_every_row_of_the_limits_is_used_or_kept_for_copying(live):
    used = {(tag.place, tag.quantity) for tag in live.tags}
    spare = {row.name for row in live.limits if (row.place, row.quantity) not in used}
    assert spare == {"methane_T4"}  # no face here is ventilated in series


def test_every_limit_says_where_it_is_written_and_the_mines_own_is_the_stricter(live):
    assert all(row.source and row.dated for row in live.limits)
    corner = next(rule for rule in live.rules if rule.name == "ch4_1201_corner.limit")
    assert corner.row == "methane_T0_own"
    assert [limit.value for limit in corner.limits] == [1.5, 0.8]


@pytest.mark.parametrize(("place", "alarm", "cut", "restore"), [
    ("face", 1.0, 1.5, 1.0), ("face_return", 1.0, 1.0, 1.0), ("face_intake", 0.5, 0.5, 0.5), ("serial_intake", 0.5, 0.5, 0.5),
    ("heading_face", 1.0, 1.5, 1.0), ("heading_return", 1.0, 1.0, 1.0),
])
def test_methane_limits_are_those_of_the_table_they_cite(live, place, alarm, cut, restore):
    row = next(row for row in live.limits if row.place == place and row.quantity == "methane")
    assert (row.high, row.cut, row.restore, row.unit) == (alarm, cut, restore, "%")
    assert row.source.endswith("(W01)")  # the row of sources.csv, after what it says


def test_what_lives_depend_on_cannot_be_shelved(live):
    place = {tag.name: tag for tag in live.tags}
    for rule in live.rules:
        tag = place.get(rule.tag)
        if tag is not None and tag.quantity in READINGS and READINGS[tag.quantity].life_safety:
            assert rule.life_safety, rule.name
            assert rule.shelve_most_s == 0.0


def test_three_ways_lead_out_and_every_place_on_foot_reaches_one(live):
    out = {way.site_to for way in live.roadways if way.exit}
    assert out == {"shaft", "aux_shaft", "air_shaft"}
    reached = set(out)
    for _ in live.roadways:
        for way in live.roadways:
            if {way.site, way.site_to} & reached:
                reached |= {way.site, way.site_to}
    assert {"face_1201", "heading_1202", "refuge", "pit_bottom", "slope"} <= reached


def test_a_face_has_two_ways_out(live):
    ways = Counter(site for way in live.roadways for site in (way.site, way.site_to))
    assert ways["face_1201"] == 2
    assert ways["main_return"] == 3


def test_every_zone_is_counted_and_every_withdrawal_ends_at_a_counter(live):
    zones = {zone.name: zone for zone in live.zones}
    assert all(zone.count in live.place for zone in live.zones)
    for incident in live.incidents:
        clears = [step.clears for step in incident.steps if step.clears]
        assert clears, incident.name
        assert all(zones[name].count for name in clears)
        assert {zone for zone in incident.zones if zone.startswith("zone_1")} <= set(clears)


def test_incidents_are_opened_by_the_alarms_of_their_kind(live):
    starts = {incident.name: incident.starts for incident in live.incidents}
    assert "ch4_1201_corner.limit" in starts["gas"]
    assert "belt_smoke" in starts["fire"]
    assert "inflow_rises" in starts["flood"]


def test_the_robot_is_back_before_it_leaves_and_may_be_silent_in_its_gaps(live):
    robot = live.rounds[0]
    assert 2 * (robot.end_m - robot.start_m) / robot.speed_m_s < robot.every_s
    stale = next(rule for rule in live.rules if rule.name == "robot_roller.stale")
    assert stale.on_delay_s == pytest.approx(90.0 / 0.6)


def test_every_screen_shows_tiles_there_are_and_no_name_without_chinese(live):
    assert {screen.name for screen in live.screens} == {"wall", "belts"}
    for thing in (*live.tags, *live.rules, *live.zones, *live.cameras, *live.roadways, *live.incidents):
        assert any("一" <= letter <= "鿿" for letter in thing.title_zh), thing.name


def test_every_number_of_the_limits_cites_a_row_or_says_assumed():
    chain = read(CASE)
    for name, row in chain.limits.items():
        cited = {word.strip() for word in row.source["*"].split(",")}
        assert cited, name
        assert cited <= {*chain.sources, "assumed"}, name


def test_a_bunker_that_fills_faster_than_the_belt_empties_it_is_told_half_an_hour_before_it_is_full(live, tmp_path):
    """The level itself is still far from its limit then."""
    journal = Journal(tmp_path / "journal.sqlite")
    engine = Engine(live, journal, started=0)
    period = round(1000 * live.tags[live.place["pit_bunker_level"]].period_s)
    at = np.arange(0, 2 * 3_600_000, period)
    level = np.minimum(800.0, 100.0 + 480.0 * np.maximum(0.0, at / 3_600_000 - 0.5))  # full after 1:57:30
    ones = np.full(len(at), live.place["pit_bunker_level"])
    engine.feed(Samples.of(ones, at, at, level, np.zeros(len(at))), int(at[-1]))
    began = {f"{o.rule}:{o.level}": o.began / 60_000 for o in journal.occurrences() if o.rule.startswith("bunker")}
    journal.close()
    full = 117.5
    assert began["bunker_time:L"] == pytest.approx(full - 30 + 2, abs=0.5)  # it waits two minutes
    assert began["bunker_time:LL"] == pytest.approx(full - 10 + 2, abs=0.5)
    assert began["bunker_time:L"] < began["bunker_full:H"] - 10
