"""What is watched and makes no sense is told, each where it was written; and what cannot be read hides nothing else."""

from __future__ import annotations

import copy

import pytest

from lodeworks.chain.check import check_chain
from lodeworks.verbs.reading import check
from tests.mine import MINE, mine

WORDS = {"cause": "c", "consequence": "c", "response": "r", "respond": "5 min", "severity": "major"}

SLIPS = [
    ({"limits": {"T0": {"dated": "2099-01-01"}}}, "limits.T0", "dated", "error", "of that date is none"),
    ({"limits": {"T0": {"dated": "1066"}}}, "limits.T0", "dated", "error", "of that date is none"),
    ({"limits": {"T0": {"source": "TODO"}}}, "limits.T0", "source", "error", "without a source"),
    ({"limits": {"T0": {"source": "?"}}}, "limits.T0", "source", "error", "without a source"),
    ({"limits": {"T1": {"reason": "gassy"}}}, "limits.T1", "reason", "warning", "overrides another"),
    ({"alarms": {"broken": {"severity": None}}}, "alarms.broken", "severity", "warning", "taken as major"),
    ({"alarms": {"spill": {"expression": "1 > 2"}}}, "alarms.spill", "expression", "error", "always the same"),
    ({"alarms": {"slip": {"unless": "1 == 1"}}}, "alarms.slip", "unless", "error", "always the same"),
    ({"alarms": {"spill": {"expression": "belt_state == 7"}}}, "alarms.spill", "expression", "warning", "never in this state"),
    ({"alarms": {"broken": {"states": ["故障", "fault"]}}}, "alarms.broken", "states", "warning", "named twice"),
    ({"alarms": {"broken": {"states": ["0", "1", "2"]}}}, "alarms.broken", "states", "error", "never end"),
    ({"alarms": {"frozen": {"window": "6 s"}}}, "alarms.frozen", "window", "warning", "two equal samples"),
    ({"alarms": {"slip": {"on_delay": "3 d"}}}, "alarms.slip", "on_delay", "warning", "a day late"),
    ({"alarms": {"slip": {"respond": "10 a"}}}, "alarms.slip", "respond", "warning", "more than a month"),
    ({"alarms": {"slip": {"shelve": "1000 h"}}}, "alarms.slip", "shelve", "warning", "forgotten"),
    ({"alarms": {"lost": {"tag": "air", "kind": "stale", **WORDS}}}, "alarms.lost", "kind", "warning", "by itself"),
    ({"alarms": {"gas": {"tag": "ch4_t0", "H": "2 %", **WORDS}}}, "alarms.gas", "H", "warning", "limits.T0"),
    ({"alarms": {"again": {"tag": "belt_speed", "L": "1.5 m/s", "LL": "1 m/s", **WORDS}}}, "alarms.again", "tag", "warning", "twice"),
    ({"alarms": {"slip": {"desk": "dispach"}}}, "alarms.slip", "desk", "warning", "dispatch"),
    ({"alarms": {"slip": {"group": "face_zones"}}}, "alarms.slip", "group", "warning", "face_zone"),
    ({"tags": {"new": {"reads": "methane", "site": "face"}}}, "tags.new", "place", "warning", "no limit or alarm"),
    ({"tags": {"new": {"reads": "methane", "place": "face"}}}, "tags.new", "site", "warning", "nowhere"),
    ({"zones": {"goaf": {"refuge": True}}}, "zones.goaf", "forbidden", "error", "nobody may enter"),
    ({"cameras": {"eye": {"address": "rtsp://admin:1234@10.0.0.5/s"}}}, "cameras.eye", "address", "error", "password"),
    ({"rounds": {"robot": {"tags": []}}}, "rounds.robot", "tags", "warning", "measures nothing"),
    ({"rounds": {"robot": {"speed": "50 m/s"}}}, "rounds.robot", "speed", "warning", "faster"),
    ({"incidents": {"gas": {"contacts": {"rescue": " "}}}}, "incidents.gas", "contacts.rescue", "error", "reached"),
    ({"actions": {"posts": {"due": "1926-06-30"}}}, "actions.posts", "due", "warning", "long ago"),
    ({"actions": {"year": {"state": "done"}}}, "actions.posts", "state", "warning", "is done"),
    ({"rounds": {"robot": {"route": "bellt"}}}, "rounds.robot", "route", "error", "no route of this name"),
]


@pytest.mark.parametrize(("changes", "element", "key", "severity", "words"), SLIPS,
                         ids=[f"{element}.{key}-{words}" for _, element, key, _, words in SLIPS])
def test_a_slip_of_sense_is_told_where_it_was_made(changes, element, key, severity, words):
    found = check_chain(mine(**copy.deepcopy(changes)))
    [here] = [problem for problem in found if (problem.element, problem.key) == (element, key)]
    assert (here.severity, words in str(here)) == (severity, True)
    assert len(found) <= 3, "one slip is no string of others"


def test_a_rule_of_next_year_is_a_warning():
    import datetime as dt

    found = check_chain(mine(limits={"T0": {"dated": str(dt.date.today().year + 1)}}))
    assert [(p.element, p.key, p.severity) for p in found] == [("limits.T0", "dated", "warning")]


def spoiled(tmp_path, *slips: tuple[str, str]):
    """Return what `check` says, as (element, key), of the mine with pieces of its text replaced."""
    text = MINE
    for right, wrong in slips:
        assert right in text
        text = text.replace(right, wrong, 1)
    (tmp_path / "chain.yaml").write_text(text, encoding="utf-8")
    return [(p.element, p.key) for p in check(tmp_path)]


def test_what_cannot_be_read_hides_no_other_fault_of_its_element_or_of_others(tmp_path):
    assert spoiled(tmp_path, ("speed: 0.5 m/s", "speed: fast"), ("stops: [400 m]", "stops: [5 m]"), ("site: face, reads: air_speed", "site: Face, reads: air_speed"),
                   ("out: {do: withdraw", "out: {said: withdraw"), ("role: captain, within: 30 min", "role: captin, within: 30 min")) == [
        ("rounds.robot", "speed"), ("incidents.gas", "steps.out.said"), ("incidents.gas", "steps.out.do"),
        ("tags.air", "site"), ("rounds.robot", "stops"), ("incidents.gas", "steps.out.role")]


def test_what_cannot_be_read_is_one_fault_and_what_follows_from_it_is_none(tmp_path):
    assert spoiled(tmp_path, ("L: 1.5 m/s", "L: slow"), ("respond: 10 min", "respond: soon")) == [("alarms.slip", "L"), ("alarms.slip", "respond")]
    assert spoiled(tmp_path, ("reads: methane, place: face_corner", "place: face_corner")) == [("tags.ch4_t0", "reads")]
    assert spoiled(tmp_path, ("    place: face_corner\n", "")) == [("limits.T0", "place")]


def test_an_element_without_what_it_needs_hides_no_fault_of_others(tmp_path):
    assert spoiled(tmp_path, ("bunker: {commodity: raw_coal, site: shaft", "bunker: {site: shaft"), ("high: 15 m/s", "high: 15 kg")) == [
        ("stores.bunker", "commodity"), ("tags.air", "high")]
