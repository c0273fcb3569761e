"""Every slip in what is watched is told where it was made, with what would be right; a sound mine has none."""

from __future__ import annotations

import pytest

from lodeworks.chain.check import check_chain
from tests.mine import mine

SAID = {"cause": "c", "consequence": "c", "response": "r", "respond": "5 min"}
GATE = {"cause": "c", "consequence": "c", "response": "r", "respond": "5 min", "source": "book", "dated": "2026-02-01"}

SLIPS = [
    # feeds
    ({"feeds": {"ring": {"kind": "mqttt"}}}, "feeds.ring", "kind", "mqtt"),
    ({"feeds": {"ring": {"address": None}}}, "feeds.ring", "address", "needs to know where"),
    ({"feeds": {"ring": {"address": "mqtt://me:secret@broker"}}}, "feeds.ring", "address", "password"),
    ({"feeds": {"ring": {"address": "mqtt://broker:99999"}}}, "feeds.ring", "address", "a port from 1 to 65535"),
    ({"feeds": {"ring": {"kind": "modbus", "address": "plc:x"}}}, "feeds.ring", "address", "plc:x"),
    ({"feeds": {"ring": {"kind": "opcua", "address": "opc.tcp://[::1"}}}, "feeds.ring", "address", "nobody can be reached"),
    ({"feeds": {"two": {"kind": "push"}}}, "tags.air", "feed", "one of ring, two"),
    ({"feeds": {"ring": {"kind": "opcua", "address": "http://plc"}}}, "feeds.ring", "address", "opc.tcp://host:4840"),
    ({"feeds": {"ring": {"kind": "push", "address": None}}}, "feeds.ring", "address", "needs to know where"),
    ({"feeds": {"ring": {"address": "mqtt://broker/mine/#/gas"}}}, "feeds.ring", "address", "the last level alone"),
    ({"feeds": {"ring": {"address": "mqtt://broker/mine/#?clinet=b"}}}, "feeds.ring", "address", "client or nothing"),
    ({"feeds": {"ring": {"kind": "replay", "address": "day.txt"}}}, "feeds.ring", "address", ".csv or .parquet"),
    ({"feeds": {"ring": {"kind": "replay", "address": "day.csv?speed=fast"}}}, "feeds.ring", "address", "up to 100"),
    # tags
    ({"feeds": {"ring": {"kind": "modbus", "address": "plc"}}}, "tags.air", "address", "a register such as"),
    ({"feeds": {"ring": {"kind": "sparkplug"}}}, "tags.air", "address", "group/node#metric"),
    ({"feeds": {"ring": {"kind": "opcua", "address": "plc"}}}, "tags.air", "address", "ns=2;s=Gas1"),
    ({"tags": {"air": {"address": "mine/+#air"}}}, "tags.air", "address", "without wildcards"),
    ({"feeds": {"ring": {"address": "mqtt://broker/mine/#"}}, "tags": {"air": {"address": "pit/air"}}}, "tags.air", "address", "one of mine/#"),
    ({"tags": {"air": {"kind": "counter"}}}, "tags.air", "kind", "nothing is added up"),
    ({"tags": {"belt_state": {"words": {"0": "off", "1": "off", "2": "fault"}}}}, "tags.belt_state", "words.1", "a word for two states"),
    ({"limits": {"rn": {"place": "face", "quantity": "radon", "unit": "Bq/blub", "high": 1, **GATE}}}, "limits.rn", "unit", "unknown unit"),
    ({"limits": {"rn": {"place": "face", "quantity": "radon", "unit": "1/m3", "high": 1, **GATE},
                 "rn2": {"place": "face_corner", "quantity": "radon", "unit": "kg", "high": 1, **GATE}}}, "limits.rn2", "unit", "1/m3"),
    ({"limits": {"T0": {"source": {"low": "book"}}}}, "limits.T0", "source", "none of `high`"),
    ({"limits": {"T0": {"deadband": "2 %"}}}, "limits.T0", "deadband", "never end"),
    ({"tags": {"air": {"reads": "air_sped"}}}, "tags.air", "reads", "air_speed"),
    ({"tags": {"belt_flow": {"element": "belts"}}}, "tags.belt_flow", "element", "'belt'"),
    ({"tags": {"belt_flow": {"element": None}}}, "tags.belt_flow", "element", "that of an element"),
    ({"tags": {"belt_flow": {"reads": "level"}}}, "tags.belt_flow", "reads", "only a store"),
    ({"tags": {"bunker_level": {"reads": "load"}}}, "tags.bunker_level", "reads", "only a process or a route"),
    ({"tags": {"belt_flow": {"commodity": "coal_in_place"}}}, "tags.belt_flow", "commodity", "no flow of it"),
    ({"tags": {"belt_flow": {"unit": "Nm3/h"}}}, "tags.belt_flow", "unit", "t/h"),
    ({"tags": {"belt_flow": {"unit": "t"}}}, "tags.belt_flow", "unit", "wrong unit"),
    ({"tags": {"bunker_level": {"unit": "t/h"}}}, "tags.bunker_level", "unit", "wrong unit"),
    ({"tags": {"ch4_t0": {"unit": "mg/m3"}}}, "tags.ch4_t0", "unit", "wrong unit"),
    ({"tags": {"air": {"unit": "m/z"}}}, "tags.air", "unit", "unknown unit"),
    ({"tags": {"roller": {"unit": "%"}}}, "tags.roller", "unit", "degC"),
    ({"tags": {"air": {"kind": "sensr"}}}, "tags.air", "kind", "'sensor'"),
    ({"tags": {"air": {"high": "15 kg"}}}, "tags.air", "high", "m/s"),
    ({"tags": {"ch4_t0": {"low": 5}}}, "tags.ch4_t0", "low", "range is empty"),
    ({"tags": {"ch4_t0": {"high": 1.2}}}, "tags.ch4_t0", "high", "does not hold the cut of limits.T0"),
    ({"tags": {"belt_speed": {"high": "1.2 m/s"}}}, "tags.belt_speed", "high", "the L of alarms.slip"),
    ({"tags": {"ch4_t0": {"place": "face_korner"}}}, "tags.ch4_t0", "place", "face_corner"),
    ({"tags": {"air": {"place": "face_corner"}}}, "tags.air", "place", "no row for air_speed"),
    ({"tags": {"air": {"period": "0 s"}}}, "tags.air", "period", "above nought"),
    ({"tags": {"air": {"period": "5 kg"}}}, "tags.air", "period", "time"),
    ({"tags": {"air": {"zone": "face_zon"}}}, "tags.air", "zone", "face_zone"),
    ({"tags": {"air": {"address": "ch4_t0"}}}, "tags.air", "address", "another tag's"),
    ({"tags": {"belt_state": {"words": None}}}, "tags.belt_state", "words", "0: stopped"),
    ({"tags": {"air": {"words": {"0": "off"}, "kind": "sensor"}}}, "tags.air", "words", "only a state"),
    ({"tags": {"belt_state": {"words": {"x": "off"}}}}, "tags.belt_state", "words.x", "whole number"),
    ({"tags": {"bunker_level": {"at": "5 m"}}}, "tags.bunker_level", "at", "only on a route"),
    ({"tags": {"belt_speed": {"at": "900 m"}}}, "tags.belt_speed", "at", "800 m"),
    # limits
    ({"limits": {"T0": {"source": None}}}, "limits.T0", "source", "without a source"),
    ({"limits": {"T0": {"dated": None}}}, "limits.T0", "dated", "without a date"),
    ({"limits": {"T0": {"dated": "soon"}}}, "limits.T0", "dated", "2026-02-01"),
    ({"limits": {"T0": {"response": None}}}, "limits.T0", "response", "without what is done"),
    ({"limits": {"T0": {"respond": None}}}, "limits.T0", "respond", "time allowed"),
    ({"limits": {"T0": {"high": None, "cut": None, "restore": None}}}, "limits.T0", "high", "limits nothing"),
    ({"limits": {"T0": {"high": "1 kg"}}}, "limits.T0", "high", "%"),
    ({"limits": {"T0": {"unit": "mg/m3"}}}, "limits.T0", "unit", "wrong unit"),
    ({"limits": {"T0": {"cut": 0.5, "restore": 0.5}}}, "limits.T0", "cut", "before the alarm"),
    ({"limits": {"T0": {"restore": 2}}}, "limits.T0", "restore", "at most 1.5"),
    ({"limits": {"air": {"low": 5}}}, "limits.air", "low", "not below"),
    ({"limits": {"air": {"deadband": "4 m/s"}}}, "limits.air", "deadband", "gap"),
    ({"limits": {"more": {"place": "face", "quantity": "methane", "high": 2, **GATE}}}, "limits.more", "", "two rows"),
    ({"limits": {"T0": {"quantity": "flow"}}}, "limits.T0", "quantity", "such as methane"),
    ({"limits": {"T1_ours": {"reason": None}}}, "limits.T1_ours", "reason", "a reason"),
    ({"limits": {"T1_ours": {"second": None}}}, "limits.T1_ours", "second", "a second person"),
    ({"limits": {"T1_ours": {"second": " Engineer 7"}}}, "limits.T1_ours", "second", "somebody else"),
    ({"limits": {"T1_ours": {"overrides": "T9"}}}, "limits.T1_ours", "overrides", "no row"),
    ({"limits": {"T1_ours": {"overrides": "T0"}}}, "limits.T1_ours", "place", "another place"),
    ({"limits": {"T1": {"overrides": "T1_ours", "reason": "r", "by": "a", "second": "b"}}}, "limits.T1", "overrides", "ring"),
    # alarms
    ({"alarms": {"slip": {"response": None}}}, "alarms.slip", "response", "without what is done"),
    ({"alarms": {"slip": {"cause": None}}}, "alarms.slip", "cause", "its cause"),
    ({"alarms": {"slip": {"consequence": None}}}, "alarms.slip", "consequence", "leads to"),
    ({"alarms": {"slip": {"respond": None}}}, "alarms.slip", "respond", "time allowed"),
    ({"alarms": {"slip": {"tag": "belt_sped"}}}, "alarms.slip", "tag", "belt_speed"),
    ({"alarms": {"slip": {"tag": None}}}, "alarms.slip", "tag", "name from `tags`"),
    ({"alarms": {"slip": {"kind": "limits"}}}, "alarms.slip", "kind", "limit"),
    ({"alarms": {"slip": {"L": None, "LL": None}}}, "alarms.slip", "H", "without a limit"),
    ({"alarms": {"slip": {"LL": "2 m/s"}}}, "alarms.slip", "L", "LL is not below L"),
    ({"alarms": {"slip": {"deadband": "0.5 m/s"}}}, "alarms.slip", "deadband", "less than 0.5 m/s"),
    ({"alarms": {"slip": {"L": "1.5 t/h"}}}, "alarms.slip", "L", "m/s"),
    ({"alarms": {"slip": {"on_delay": "-1 s"}}}, "alarms.slip", "on_delay", "negative"),
    ({"alarms": {"slip": {"priority": 7}}}, "alarms.slip", "priority", "1 (most urgent)"),
    ({"alarms": {"slip": {"severity": "sever"}}}, "alarms.slip", "severity", "severe"),
    ({"alarms": {"slip": {"states": ["runs"]}}}, "alarms.slip", "states", "kind: discrete"),
    ({"alarms": {"slip": {"expression": "air > 1"}}}, "alarms.slip", "expression", "kind: expression"),
    ({"alarms": {"slip": {"unless": "belt_stat != 1"}}}, "alarms.slip", "unless", "belt_state"),
    ({"alarms": {"slip": {"unless": "belt_state = 1"}}}, "alarms.slip", "unless", "character 12"),
    ({"alarms": {"broken": {"unless": "spill"}}}, "alarms.broken", "unless", "suppress itself"),
    ({"alarms": {"air": {"tag": "air", "H": 3, **SAID}, "broken": {"unless": "air"}}}, "alarms.broken", "unless", "both"),
    ({"alarms": {"warms": {"H": "5 degC"}}}, "alarms.warms", "H", "change over time"),
    ({"alarms": {"broken": {"states": ["faulty"]}}}, "alarms.broken", "states", "fault"),
    ({"alarms": {"broken": {"states": None}}}, "alarms.broken", "states", "which states"),
    ({"alarms": {"spill": {"expression": None}}}, "alarms.spill", "expression", "not there"),
    ({"alarms": {"spill": {"expression": "belt_flow > 1 and bunker_lvl < 2"}}}, "alarms.spill", "expression", "character 19"),
    ({"alarms": {"behind": {"tag": "air", "L": "-1 m/s"}}}, "alarms.behind", "tag", "nothing of a plan"),
    ({"alarms": {"frozen": {"window": None}}}, "alarms.frozen", "window", "for how long"),
    ({"alarms": {"lasts": {"window": None}}}, "alarms.lasts", "window", "over how long"),
    ({"alarms": {"lasts": {"H": "1 h"}}}, "alarms.lasts", "H", "too little of it"),
    ({"alarms": {"lasts": {"L": "20 t"}}}, "alarms.lasts", "L", "a time such as 30 min"),
    ({"alarms": {"lasts": {"L": "0 h"}}}, "alarms.lasts", "L", "above nought"),
    ({"alarms": {"lasts": {"deadband": "5 t"}}}, "alarms.lasts", "deadband", "a time such as 30 min"),
    ({"alarms": {"lasts": {"ends": "emty"}}}, "alarms.lasts", "ends", "empty"),
    ({"alarms": {"lasts": {"bound": "20 t", "ends": None}}}, "alarms.lasts", "ends", "empty or full"),
    ({"alarms": {"lasts": {"bound": "20 m"}}}, "alarms.lasts", "bound", "a unit like t"),
    ({"alarms": {"lasts": {"tag": "air"}}}, "alarms.lasts", "bound", "the level of a store"),
    ({"alarms": {"lasts": {"tag": "belt_state"}}}, "alarms.lasts", "tag", "a state"),
    ({"alarms": {"lasts": {"ends": "full"}}, "stores": {"bunker": {"capacity": None}}}, "alarms.lasts", "bound", "never full"),
    ({"alarms": {"lasts": {"ends": "full"}}, "stores": {"bunker": {"max_level": {"profile": "seasons"}}}, "profiles": {"seasons": {"values": [0.9]}}},
     "alarms.lasts", "bound", "level that varies"),
    ({"alarms": {"slip": {"ends": "full"}}}, "alarms.slip", "ends", "kind: time_left"),
    ({"alarms": {"slip": {"bound": "1 m/s"}}}, "alarms.slip", "bound", "kind: time_left"),
    ({"alarms": {"frozen": {"H": 1}}}, "alarms.frozen", "H", "has no limits"),
    ({"alarms": {"frozen": {"shelve": "1 h"}}}, "alarms.frozen", "shelve", "cannot be shelved"),
    ({"alarms": {"slip": {"life_safety": True, "shelve": "1 h"}}}, "alarms.slip", "shelve", "cannot be shelved"),
    ({"alarms": {"frozen": {"life_safety": False}}}, "alarms.frozen", "life_safety", "lives depend"),
    ({"alarms": {"slip": {"re_alarm": "0 h"}}}, "alarms.slip", "re_alarm", "all the time"),
    ({"alarms": {"slip": {"deadband": "9 m/s", "LL": None}}}, "alarms.slip", "deadband", "never end"),
    ({"alarms": {"slip": {"window": "5 min"}}}, "alarms.slip", "window", "looks at no window"),
    ({"alarms": {"broken": {"deadband": 1}}}, "alarms.broken", "deadband", "a limit, or no deadband"),
    ({"alarms": {"broken": {"tag": "belt_speed"}}}, "alarms.broken", "tag", "no states"),
    ({"alarms": {"slip": {"unless": "belt_state == runs"}}}, "alarms.slip", "unless", "belt_state == 1"),
    ({"alarms": {"spill": {"expression": "belt_flow - 3"}}}, "alarms.spill", "expression", "neither true nor false"),
    ({"alarms": {"spill": {"expression": "belt_flow > 3", "H": 1}}}, "alarms.spill", "expression", "beyond no limit"),
    # zones, ways, cameras, rounds
    ({"zones": {"nowhere": {}}}, "zones.nowhere", "site", "nowhere"),
    ({"zones": {"twice": {"site": "face", "count": "people"}}}, "zones.twice", "count", "counted twice"),
    ({"zones": {"face_zone": {"most": 99}}, "tags": {"people": {"high": 50}}}, "tags.people", "high", "the most of zones.face_zone"),
    ({"zones": {"air": {"site": "face"}}}, "zones.air", "", "the name is taken"),
    ({"roadways": {"gate": {"length": "0 m"}}}, "roadways.gate", "length", "longer than nought"),
    ({"cameras": {"eye": {"period": "0 s"}}}, "cameras.eye", "period", "above nought"),
    ({"cameras": {"eye": {"metres": "9 km"}}}, "cameras.eye", "metres", "beyond the end"),
    ({"cameras": {"people": {"site": "face"}}}, "cameras.people", "", "the name is taken"),
    ({"tags": {"robot_at": {"element": "bunker"}}}, "rounds.robot", "position", "another place"),
    ({"tags": {"robot_at": {"high": 100}}}, "tags.robot_at", "high", "the end of rounds.robot"),
    ({"zones": {"face_zone": {"count": "air"}}}, "zones.face_zone", "count", "reads people"),
    ({"zones": {"face_zone": {"count": "peopel"}}}, "zones.face_zone", "count", "'people'"),
    ({"zones": {"face_zone": {"stay": None}}}, "zones.face_zone", "stay", "reads stay"),
    ({"zones": {"goaf": {"most": 3}}}, "zones.goaf", "most", "forbidden"),
    ({"zones": {"goaf": {"count": None}}}, "zones.goaf", "count", "never an alarm"),
    ({"roadways": {"gate": {"to": "face"}}}, "roadways.gate", "to", "where it begins"),
    ({"roadways": {"gate": {"gas": "air"}}}, "roadways.gate", "gas", "not read a gas"),
    ({"roadways": {"gate": {"length": "5 s"}}}, "roadways.gate", "length", "length"),
    ({"roadways": {"way_out": {"exit": False}}}, "roadways", "", "no way leads out"),
    ({"roadways": {"way_out": {"from": "shaft", "to": "yard"}}, "sites": {"yard": {}}}, "roadways", "", "no way out from face"),
    ({"cameras": {"eye": {"site": None}}}, "cameras.eye", "site", "where it looks"),
    ({"rounds": {"robot": {"end": "900 m"}}}, "rounds.robot", "end", "at most 800 m"),
    ({"rounds": {"robot": {"end": "10 m"}}}, "rounds.robot", "end", "before"),
    ({"rounds": {"robot": {"stops": ["790 m"]}}}, "rounds.robot", "stops", "outside"),
    ({"rounds": {"robot": {"stops": ["1 kg"]}}}, "rounds.robot", "stops", "400 m"),
    ({"rounds": {"robot": {"gaps": ["5 m .. 30 m"]}}}, "rounds.robot", "gaps", "outside"),
    ({"rounds": {"robot": {"gaps": ["30"]}}}, "rounds.robot", "gaps", "stretch"),
    ({"rounds": {"robot": {"every": "10 min"}}}, "rounds.robot", "every", "at least 25.33 min"),
    ({"rounds": {"robot": {"position": "air"}}}, "rounds.robot", "position", "a position"),
    ({"rounds": {"robot": {"tags": ["bunker_level"]}}}, "rounds.robot", "tags", "a tag of belt"),
    ({"rounds": {"robot": {"route": "bellt"}}}, "rounds.robot", "route", "belt"),
    # incidents, screens, the map
    ({"incidents": {"gas": {"starts": ["ch4_t0.limits"]}}}, "incidents.gas", "starts", "ch4_t0.limit"),
    ({"incidents": {"gas": {"steps": {"a": {"do": "x", "within": "1 min"}}}}}, "incidents.gas", "steps.a.role", "without a role"),
    ({"incidents": {"gas": {"steps": {"a": {"do": "x", "role": "captin", "within": "1 min"}}}}}, "incidents.gas", "steps.a.role",
     "captain"),
    ({"incidents": {"gas": {"steps": {"a": {"do": "x", "role": "captain"}}}}}, "incidents.gas", "steps.a.within", "time allowed"),
    ({"incidents": {"gas": {"steps": None}}}, "incidents.gas", "steps", "without steps"),
    ({"incidents": {"gas": {"zones": ["face_zones"]}}}, "incidents.gas", "zones", "face_zone"),
    ({"screens": {"wall": {"rows": [["ch4_t1"]]}}}, "screens.wall", "rows.1", "ch4_t0"),
    ({"screens": {"wall": {"width": 3}}}, "screens.wall", "width", "pixels"),
    ({"screens": {"wall": {"rows": [[]]}}}, "screens.wall", "rows.1", "without a tile"),
    ({"screens": {"wall": {"rows": [["air"], ["air"]]}}}, "screens.wall", "rows.2", "twice"),
    ({"incidents": {"gas": {"zones": ["nobody"]}}, "zones": {"nobody": {"site": "face"}}}, "incidents.gas", "zones", "when it is empty"),
    # actions
    ({"actions": {"year": {"parent": "posts"}}}, "actions.year", "parent", "part of itself"),
    ({"actions": {"year": {"owner": None}}}, "actions.posts", "owner", "nobody owes it"),
    ({"actions": {"year": {"due": None}}}, "actions.posts", "due", "never due"),
    ({"actions": {"posts": {"count": 4}}}, "actions.year", "counts.post", "5 stated, 6 below"),
    ({"actions": {"posts": {"state": "opn"}}}, "actions.posts", "state", "open"),
    ({"actions": {"posts": {"parent": "yeer"}}}, "actions.posts", "parent", "year"),
    ({"actions": {"more": {"due": "2027-01-05"}}}, "actions.more", "due", "later than"),
    ({"actions": {"posts": {"element": "bellt"}}}, "actions.posts", "element", "belt"),
]


def test_a_sound_mine_has_no_fault():
    assert check_chain(mine()) == []


@pytest.mark.parametrize(("changes", "element", "key", "words"), SLIPS,
                         ids=[f"{element}.{key}-{words}" for _, element, key, words in SLIPS])
def test_a_slip_is_told_where_it_was_made(changes, element, key, words):
    found = check_chain(mine(**changes))
    here = [problem for problem in found if (problem.element, problem.key) == (element, key)]
    assert any(words in str(problem) for problem in here), [str(problem) for problem in found]
    each = key == "feed" or "kind" in changes.get("feeds", {}).get("ring", {})  # then every tag has a fault of its own
    assert len(found) <= (17 if each else 5), "one slip is no string of others"


def test_all_faults_are_told_at_once():
    found = check_chain(mine(tags={"air": {"unit": "t"}}, alarms={"slip": {"response": None}}, actions={"year": {"owner": None}}))
    assert {"tags.air", "alarms.slip", "actions.year"} <= {problem.element for problem in found}


def test_a_looser_limit_of_the_sites_own_is_a_warning():
    found = check_chain(mine(limits={"T1_ours": {"high": "1.2 %"}}))
    assert [(p.element, p.key, p.severity) for p in found] == [("limits.T1_ours", "high", "warning")]


@pytest.mark.parametrize(("settings", "key"), [
    ({"outline": "districts.geojson"}, "review_number"),
    ({"outline": "districts.geojson", "review_number": "GS 1", "datum": "GCJ-02"}, "datum"),
    ({"outline": "districts.geojson", "internal_use": True, "datum": "GPS"}, "datum"),
])
def test_an_outline_is_shown_only_with_its_number_and_in_the_datum_of_the_sites(settings, key):
    found = check_chain(mine(map=settings))
    assert [(p.element, p.key) for p in found] == [("map", key)]


def test_an_outline_for_internal_use_needs_no_number():
    assert check_chain(mine(map={"outline": "districts.geojson", "internal_use": True})) == []


def test_a_time_zone_is_one_there_is():
    from lodeworks.chain.conform import conform
    from tests.mine import document

    made = document()
    made.data["timezone"] = "Asia/Shanghay"
    assert [p.suggestion for p in check_chain(conform(made))] == ["Asia/Shanghai"]


def test_a_chain_of_work_only_needs_no_demand():
    from pathlib import Path

    from lodeworks.chain.conform import conform
    from lodeworks.chain.origin import Document

    data = {"chain": "work", "horizon": {"start": "2026-01-01", "length": "1 a"},
            "actions": {"a": {"owner": "office", "due": "2026-12-31"}}}
    assert check_chain(conform(Document(data, "", Path()))) == []
