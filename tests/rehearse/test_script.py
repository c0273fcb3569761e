"""Scripts are read strictly, and every fault is told at once, with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lodeworks.chain.entities import Chain
from lodeworks.errors import InputError
from lodeworks.network.compile_live import compile_live
from lodeworks.network.live import Live
from lodeworks.rehearse import read_script, script_of
from lodeworks.rehearse.script import KINDS
from tests.rehearse.small import SMALL


@pytest.fixture(scope="module")
def live() -> Live:
    return compile_live(Chain.model_validate(SMALL))


def test_times_and_values_are_brought_to_seconds_and_the_tags_unit(live: Live) -> None:
    script = script_of({"title": "drill", "events": [
        {"kind": "belt_slip", "at": "20 min", "tag": "belt_speed", "to": "40 %"},
        {"kind": "gas_rise", "at": "90 s", "tag": "ch4", "by": "1.2 %", "over": "5 min", "hold": "0.1 h"},
        {"kind": "withdraw", "at": "30 s", "zones": ["face", "road"]},
    ]}, live)
    first, second, third = script.events[1], script.events[2], script.events[0]
    assert (first.kind, first.at_s, first.over_s, first.hold_s, first.back_s) == ("gas_rise", 90.0, 300.0, 360.0, 300.0)
    assert first.values == {"by": 1.2}
    assert first.end_s == 1050.0
    assert second.values == {"to": 0.4}
    assert third.zones == ("face", "road")
    assert script.title == "drill"


@pytest.mark.parametrize(("event", "words"), [
    ({"kind": "gas_ris", "at": "1 min"}, "no kind of event of this name.*gas_rise"),
    ({"kind": "gas_rise", "at": "1 min", "tag": "ch5", "by": 1}, "no tag of this name.*did you mean 'ch4'"),
    ({"kind": "gas_rise", "at": "1 min", "tag": "ch4"}, "by: a number is missing"),
    ({"kind": "gas_rise", "tag": "ch4", "by": 1}, "when it begins is not said"),
    ({"kind": "gas_rise", "at": "1 kg", "tag": "ch4", "by": 1}, "at: .*expected a time"),
    ({"kind": "gas_rise", "at": "-3 min", "tag": "ch4", "by": 1}, "not below nought"),
    ({"kind": "gas_rise", "at": "1 min", "tag": "belt_speed", "by": 1}, "not of a tag that reads speed"),
    ({"kind": "gas_rise", "at": "1 min", "tag": "ch4", "by": "3 kg"}, "by: "),
    ({"kind": "belt_slip", "at": "1 min", "tag": "belt_speed", "two": 1}, "belt_slip has no such key.*two"),
    ({"kind": "dead_gateway", "at": "1 min", "feed": "gass"}, "no feed of this name.*did you mean 'gas'"),
    ({"kind": "crowd", "at": "1 min", "zone": "fac", "people": 3}, "no zone of this name"),
    ({"kind": "withdraw", "at": "1 min", "zones": ["face", "nowhere"]}, "no zone of this name.*nowhere"),
    ({"kind": "robot_lost", "at": "1 min", "round": "walk"}, "no round of this name"),
    ({"kind": "crowd", "at": "1 min", "zone": "face", "people": "3 t"}, "people: t is mass"),
    ({"kind": "belt_slip", "at": "1 min", "tag": "belt_speed", "to": "3 m/s"}, "to: m/s is speed"),
    ({"kind": "drift", "at": "1 min", "tag": "ch4", "by": "5 kg"}, "by: kg is mass"),
    ({"kind": "hot_roller", "at": "1 min", "round": "ROUND", "metres": "5 kg"}, "metres: kg is mass"),
    ({"kind": "hot_roller", "at": "1 min", "round": "ROUND", "metres": "40 m", "to": "80 dB"}, "to: dB is"),
    ({"kind": "hot_roller", "at": "1 min", "round": "ROUND", "metres": "90 km"}, "does not pass there"),
    ("gas", "this is not an event"),
])
def test_what_is_wrong_is_named(live: Live, event: Any, words: str) -> None:
    if isinstance(event, dict) and event.get("round") == "ROUND":
        event = {**event, "round": live.rounds[0].name}
    with pytest.raises(InputError, match=words):
        script_of({"events": [event]}, live)


def test_numbers_that_are_of_no_tag_have_units_too(live: Live) -> None:
    made = live.rounds[0]
    [event] = script_of({"events": [{"kind": "hot_roller", "at": "1 min", "round": made.name, "metres": f"{made.end_m / 1000.0} km",
                                     "to": "350 K", "sound": "6 dB"}]}, live).events
    assert event.values == pytest.approx({"metres": made.end_m, "to": 76.85, "sound": 6.0})


def test_all_faults_of_a_file_are_told_at_once_with_their_lines(live: Live, tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text("evnts: []\nevents:\n  - {kind: frozen, at: 1 min, tag: no}\n  - {kind: nothing}\n")
    with pytest.raises(InputError) as caught:
        read_script(file, live)
    told = [str(problem) for problem in caught.value.problems]
    assert len(told) == 3
    assert "events.0.tag: no tag of this name" in told[1]
    assert "events.1.kind: no kind of event of this name" in told[2]
    assert all(text.startswith("faults.yaml:") for text in told)
    with pytest.raises(InputError, match="this is not a script"):
        script_of([1], live)
    with pytest.raises(InputError, match="not a list of events"):
        script_of({"events": "all"}, live)


def test_every_kind_is_told_in_the_guide() -> None:
    guide = Path("docs/rehearse.md").read_text(encoding="utf-8")
    assert [name for name in KINDS if f"`{name}`" not in guide] == []
