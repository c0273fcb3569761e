"""What a camera would see: belts that stand when they are stopped, people who leave, haze, and never what sensors make of it."""

from __future__ import annotations

import math

import pytest

from lodeworks.network.live import Camera
from lodeworks.rehearse.scenes import scene_of
from tests.rehearse.small import rehearsal


def seen(*events, site="pit", zone="face", at_min=20.0, metres=math.nan):
    made = rehearsal(*events, hours=1.0)
    return scene_of(made.live, made.truths, Camera("eye", "Eye", "", site, zone, "", metres=metres))(at_min / 60.0)


def test_a_belt_moves_and_stands_when_the_script_stops_it():
    runs = seen()
    assert [belt.name for belt in runs.belts] == ["belt"]
    assert runs.belts[0].speed == pytest.approx(0.62 * 4.0)
    assert runs.belts[0].load > 0.05
    stands = seen({"kind": "stop", "at": "10 min", "tag": "belt_state", "hold": "20 min"})
    assert (stands.belts[0].speed, stands.belts[0].load) == (0.0, 0.0)


def test_people_leave_a_zone_until_nobody_is_seen():
    assert seen().people > 0
    gone = {"kind": "withdraw", "at": "5 min", "zones": ["face"], "over": "10 min", "hold": "20 min"}
    assert seen(gone).people == 0
    assert seen(zone="").people is None  # nobody is counted there


def test_gas_is_haze_from_well_below_its_limit_on():
    clear, hazy = seen(), seen({"kind": "gas_rise", "at": "1 min", "tag": "ch4", "by": 1.4, "over": "5 min", "hold": "30 min"})
    assert clear.gas == 0.0
    assert hazy.gas == 1.0
    assert seen({"kind": "gas_rise", "at": "1 min", "tag": "ch4", "by": 0.7, "over": "5 min", "hold": "30 min"}).gas == pytest.approx(0.5, abs=0.35)


def test_a_sensor_that_lies_changes_no_picture():
    lies = [
        {"kind": "frozen", "at": "1 min", "tag": "belt_speed", "hold": "30 min"}, {"kind": "drift", "at": "0 s", "tag": "ch4", "by": 9.0, "over": "1 min"},
        {"kind": "dead_gateway", "at": "1 min", "feed": "plant", "hold": "30 min"}, {"kind": "spike", "at": "20 min", "tag": "in_face", "to": 11, "hold": "1 min"},
    ]
    assert seen(*lies) == seen()


def test_a_hot_roller_glows_with_its_metres_once_it_is_hot():
    event = {"kind": "hot_roller", "at": "0 s", "round": "ride", "metres": 150, "to": 82, "over": "10 min"}
    assert seen(event).belts[0].hot == pytest.approx((150.0, 82.0))
    assert seen(event, at_min=1.0).belts[0].hot is None


def test_a_camera_that_says_where_along_the_belt_it_looks_shows_no_roller_far_off():
    event = {"kind": "hot_roller", "at": "0 s", "round": "ride", "metres": 150, "to": 82, "over": "10 min"}
    assert seen(event, metres=120.0).belts[0].hot == pytest.approx((150.0, 82.0))
    assert seen(event, metres=10.0).belts[0].hot is None


def test_machines_say_what_their_state_says_and_stores_how_full_they_are():
    works = seen(site="works", zone="")
    assert [machine.title for machine in works.machines] == ["smelt"]
    assert works.machines[0].state in ("runs", "stopped", "fault")
    assert len(works.tanks) == 1
    assert 0.0 < works.tanks[0].share < 1.0
    assert not works.tanks[0].water
    broken = seen({"kind": "fault", "at": "10 min", "tag": "cut_state", "hold": "20 min"})
    assert broken.machines[0].state == "fault"
