"""A state is read in any of its forms, and every fault of it is told at once, at its line."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from lodeworks.chain.entities import Chain
from lodeworks.chain.state import State, read_state, state_of
from lodeworks.errors import InputError

CHAIN = Chain.model_validate({
    "chain": "works", "horizon": {"start": "2026-03-05", "step": "30 min", "length": "4 d"},
    "commodities": {"gas": {"unit": "Nm3"}, "power": {"unit": "kWh"}},
    "processes": {"engine": {"inputs": {"gas": "0.3 Nm3"}, "outputs": {"power": "1 kWh"}, "capacity": "20 MW", "on_off": True},
                  "flare": {"inputs": {"gas": "1 Nm3"}, "capacity": "900 Nm3/h"}},
    "stores": {"holder": {"commodity": "gas", "capacity": "5000 Nm3"},
               "tank": {"commodity": "gas", "expansion": {"most": "900 Nm3", "cost": "1 CNY/Nm3"}}},
})
LEVELS = {"holder": "1200 Nm3", "tank": "0 Nm3"}


def state(**data: Any) -> State:
    return state_of({"at": "2026-03-05 14:20", "levels": LEVELS, **data}, CHAIN)


def faults(**data: Any) -> list[str]:
    with pytest.raises(InputError) as error:
        state(**data)
    return [str(problem) for problem in error.value.problems]


def test_a_moment_and_levels_are_enough_and_the_end_is_the_days() -> None:
    found = state()
    assert found.at == dt.datetime(2026, 3, 5, 14, 20)
    assert found.until == dt.datetime(2026, 3, 6)
    assert found.first == pytest.approx(14 * 2 + 2 / 3)
    assert found.last == 48
    assert found.levels == {"holder": 1200.0, "tank": 0.0}


def test_the_end_of_the_day_is_not_past_the_horizon() -> None:
    assert state(at="2026-03-08 23:30").until == dt.datetime(2026, 3, 9)
    assert state(hours="36 h").until == dt.datetime(2026, 3, 7, 2, 20)


def test_what_is_on_out_built_and_worth() -> None:
    found = state(
        on={"engine": "90 min"}, rates={"engine": "12 MW"}, out={"flare": {"until": "2026-03-05 18:00", "share": "40 %"}},
        built={"tank": "300 Nm3"}, levels={"holder": "0 Nm3", "tank": "250 Nm3"}, values={"gas": "0.5 CNY/Nm3", "tank": "2 CNY/Nm3"},
    )
    assert found.on == {"engine": 1.5}
    assert found.rates == {"engine": 12_000.0}
    assert (found.out["flare"].share, found.out["flare"].hours) == pytest.approx((0.4, 3 + 2 / 3))
    assert found.built == {"tank": 300.0}
    assert found.values == {"holder": 0.5, "tank": 2.0}
    assert state(off=["engine"]).on["engine"] < -1e5


@pytest.mark.parametrize(("data", "said"), [
    ({"at": "2026-04-05 14:20"}, "outside the horizon"),
    ({"at": "yesterday"}, "not a time"),
    ({"until": "2026-03-05 14:00"}, "the end is not after the moment"),
    ({"until": "2026-03-06", "hours": "3 h"}, "the end is said twice"),
    ({"levls": {}}, "did you mean 'levels'?"),
    ({"levels": {**LEVELS, "holdr": "1 Nm3"}}, "did you mean 'holder'?"),
    ({"levels": {**LEVELS, "holder": "3 kg"}}, "mass"),
    ({"levels": {**LEVELS, "holder": "6000 Nm3"}}, "at most 5000 Nm3"),
    ({"levels": {**LEVELS, "tank": "1 Nm3"}}, "at most 0 Nm3"),
    ({"levels": {"holder": "1 Nm3"}}, "nothing of tank"),
    ({"levels": {**LEVELS, "flare": "3 Nm3"}}, "this is not a store"),
    ({"on": ["flare"]}, "not a process or route that can be off"),
    ({"on": ["engine"], "off": ["engine"]}, "said to be on as well"),
    ({"out": {"flare": "2026-03-05 12:00"}}, "out until a time that has passed"),
    ({"out": {"flare": {"share": "140 %"}}}, "between nought and one"),
    ({"built": {"holder": "10 Nm3"}}, "this is not something that may be built"),
    ({"built": {"tnak": "10 Nm3"}}, "there is no element that may be built of this name; found tnak; expected one of tank"),
    ({"values": {"gas": "3 CNY/kg"}}, "CNY/kg"),
    ({"values": "no-such-run"}, "there is no run here"),
    ({"rates": {"engine": "-3 MW"}}, "below nought"),
])
def test_each_fault_is_told(data: dict[str, Any], said: str) -> None:
    assert any(said in fault for fault in faults(**data))


def test_all_faults_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "now.yaml"
    file.write_text("at: 2026-03-05 14:20\nlevels:\n  holder: 9000 Nm3\n  tnk: 0 Nm3\nout: {engin: 2026-03-05 18:00}\n")
    with pytest.raises(InputError) as error:
        read_state(file, CHAIN)
    told = [str(problem) for problem in error.value.problems]
    assert [text.split(" ")[0] for text in told] == ["now.yaml:4", "now.yaml:3", "now.yaml:5", "now.yaml:2"]


def test_json_reads_as_yaml_does(tmp_path: Path) -> None:
    file = tmp_path / "now.json"
    file.write_text(json.dumps({"at": "2026-03-05T14:20", "levels": LEVELS, "on": ["engine"]}))
    assert read_state(file, CHAIN) == state(on=["engine"])


def test_a_list_is_no_state(tmp_path: Path) -> None:
    file = tmp_path / "now.yaml"
    file.write_text("- 1\n")
    with pytest.raises(InputError, match="not a state"):
        read_state(file, CHAIN)
