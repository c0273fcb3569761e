"""The state file of now is read back by the strict reader of states, and means what was measured."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from lodeworks.chain.entities import Chain
from lodeworks.chain.state import LONG, read_state
from lodeworks.errors import WatchError
from lodeworks.network import compile_network
from lodeworks.network.live import Live
from lodeworks.runs import read_run
from lodeworks.verbs import plan
from lodeworks.watch.against_plan import Against
from lodeworks.watch.planned import Planned
from lodeworks.watch.state import snapshot, write_state
from tests.watch.works import TAGS, WORKS, ms, tag, values

DATA: dict[str, Any] = {
    **WORKS,
    "processes": {**WORKS["processes"], "engine": {**WORKS["processes"]["engine"], "on_off": True, "min_load": "30 %"}},
    "stores": {**WORKS["stores"], "yard": {"commodity": "coke", "expansion": {"most": "200 t", "cost": "0.01 CNY/t", "life": "20 a"}}},
}
WORDS = ((0, "stopped", "停"), (1, "runs", "运行"), (2, "fault", "故障"))
LIVE = Live("works", "works", "works", tags=(
    *TAGS, tag("engine_state", "engine", "state", "", kind="state", words=WORDS),
    tag("wash_state", "washing", "state", "", kind="state", words=WORDS)))
NOW = ms("2026-03-03 14:20") + 31_000


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain.model_validate(DATA)


@pytest.fixture(scope="module")
def against(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Against:
    folder = tmp_path_factory.mktemp("runs") / "week"
    plan(chain, out=folder)
    net = compile_network(chain)
    return Against(net, Planned.of_run(read_run(folder), net), LIVE)


def test_what_is_measured_is_written_and_read_back_and_the_rest_is_left_to_the_plan(
    against: Against, chain: Chain, tmp_path: Path
) -> None:
    said = {"wash_belt": 31.5, "coke_belt": 24.0, "heap_level": 123.0, "engine_state": 1.0, "roof_methane": 0.4}
    found = snapshot(against, values(LIVE, NOW, said), NOW)
    state = read_state(write_state(tmp_path / "now" / "state.json", found), chain)
    assert state.at == dt.datetime(2026, 3, 3, 14, 20)
    assert state.until == dt.datetime(2026, 3, 4)
    assert state.levels == {"heap": 123.0}
    assert state.rates == {"washing": 31.5, "coking": 24.0}
    assert state.on == {"engine": LONG}
    assert state.out == {}
    assert state.plan == state.values_of == str(Path(against.planned.run).resolve())
    assert state.built == against.planned.built
    assert {note.element for note in found.notes} == {"holder", "yard"}
    assert list((tmp_path / "now").iterdir()) == [tmp_path / "now" / "state.json"]


def test_what_could_not_be_is_brought_to_what_could_and_told(against: Against, chain: Chain, tmp_path: Path) -> None:
    found = snapshot(against, values(LIVE, NOW, {"heap_level": 301.0, "holder_level": -2.0, "coke_belt": -0.5}), NOW)
    state = read_state(write_state(tmp_path / "state.json", found), chain)
    assert (state.levels, state.rates) == ({"heap": 300.0, "holder": 0.0}, {"coking": 0.0})
    told = {(note.element, note.why) for note in found.notes}
    assert told >= {("heap", "above its room"), ("holder", "below nought"), ("coking", "below nought")}


def test_what_is_out_is_out_until_somebody_expects_it_back(against: Against, chain: Chain, tmp_path: Path) -> None:
    present = values(LIVE, NOW, {"wash_state": 2.0, "engine_state": 0.0})
    since = {"engine": NOW - 31_000 - 90 * 60_000}
    found = snapshot(against, present, NOW, since=since, back={"washing": ms("2026-03-03 18:00")})
    state = read_state(write_state(tmp_path / "state.json", found), chain)
    assert (state.out["washing"].share, state.out["washing"].hours) == pytest.approx((0.0, 3 + 2 / 3))
    assert state.on == {"engine": pytest.approx(-1.5)}
    assert list(state.out) == ["washing"]
    unknown = read_state(write_state(tmp_path / "state.json", snapshot(against, present, NOW)), chain)
    assert unknown.out["washing"].hours == float("inf")


def test_whether_something_runs_says_that_it_is_on_where_no_state_does(against: Against) -> None:
    assert snapshot(against, values(LIVE, NOW, {"engine_power": 4000.0}), NOW).data["on"] == {"engine": None}
    assert snapshot(against, values(LIVE, NOW, {"engine_power": 0.0}), NOW).data["off"] == {"engine": None}


def test_a_look_never_goes_beyond_the_plan(against: Against) -> None:
    late = ms("2026-03-04 20:00")
    assert snapshot(against, values(LIVE, late, {}), late, until=ms("2026-03-09")).data["until"] == "2026-03-05 00:00:00"
    with pytest.raises(WatchError, match="has ended; plan the chain anew"):
        snapshot(against, values(LIVE, late, {}), ms("2026-03-05"))


def test_a_plan_from_the_state_of_now_is_found(against: Against, chain: Chain, tmp_path: Path) -> None:
    found = snapshot(against, values(LIVE, NOW, {"heap_level": 20.0, "wash_state": 2.0}), NOW, back={"washing": ms("2026-03-03 16:00")})
    again = plan(chain, state=write_state(tmp_path / "state.json", found))
    assert again.manifest["verified"]
    rates = again.table("rates")
    washing = rates.filter(rates["element"].cast(str) == "washing")["rate"].to_list()
    assert washing[:2] == [0.0, 0.0]
    assert max(washing) > 0.0


def test_a_place_that_cannot_be_written_is_told(against: Against, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WatchError, match="the state cannot be written"):
        write_state(tmp_path / "file" / "state.json", snapshot(against, values(LIVE, NOW, {}), NOW))


def test_a_state_is_json_a_person_can_read(against: Against, tmp_path: Path) -> None:
    file = write_state(tmp_path / "state.json", snapshot(against, values(LIVE, NOW, {"heap_level": 12.25}), NOW))
    assert json.loads(file.read_text())["levels"] == {"heap": "12.25 t"}
