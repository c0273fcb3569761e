"""A rehearsal sends what is true through its sensors, in the order it comes, marked as simulated, with the truth beside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodeworks.rehearse import Rehearsal
from lodeworks.watch.samples import Quality, Samples
from tests.rehearse.small import rehearsal

RISE = {"kind": "gas_rise", "at": "20 min", "tag": "ch4", "by": 1.4, "over": "5 min", "hold": "10 min"}


def own(made: Rehearsal, samples: Samples, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return minutes since the beginning and values of one tag."""
    chosen = samples.take(samples.tag == made.live.place[name])
    return (chosen.at - made.begin_ms) / 60_000.0, chosen.value


@pytest.fixture(scope="module")
def plain() -> tuple[Rehearsal, Samples]:
    made = rehearsal()
    return made, made.samples()


def test_every_tag_but_the_systems_own_is_sent_at_its_period(plain: tuple[Rehearsal, Samples]) -> None:
    made, samples = plain
    sent = {made.live.tags[n].name for n in np.unique(samples.tag)}
    assert sent == {tag.name for tag in made.live.tags if not tag.name.startswith("lodeworks.")}
    for name in ("belt_speed", "ch4", "in_face"):
        expected = 7200.0 / made.live.tags[made.live.place[name]].period_s
        assert (samples.tag == made.live.place[name]).sum() == pytest.approx(expected, rel=0.01)


def test_all_of_it_is_marked_as_simulated_and_comes_in_order(plain: tuple[Rehearsal, Samples]) -> None:
    made, samples = plain
    assert set(samples.quality) == {Quality.SIMULATED}
    assert (np.diff(samples.received) >= 0).all()
    assert (samples.received >= samples.at).all()
    assert samples.at.min() >= made.begin_ms


@pytest.mark.parametrize("seconds", [7.0, 61.3])
def test_blocks_of_any_length_hold_the_same(plain: tuple[Rehearsal, Samples], seconds: float) -> None:
    made, samples = plain
    blocks = list(made.blocks(seconds))
    again = Samples.joined([block for _, block in blocks])
    order = [np.lexsort((s.at, s.tag, s.received)) for s in (samples, again)]
    for column in ("tag", "at", "value", "received"):
        first, second = (getattr(s, column)[o] for s, o in zip((samples, again), order, strict=True))
        assert np.array_equal(first, second), column
    for (until, block), (before, _) in zip(blocks[1:], blocks, strict=False):
        assert ((block.received < until) & (block.received >= before)).all()


def test_one_event_more_changes_no_other_tag(plain: tuple[Rehearsal, Samples]) -> None:
    made, samples = plain
    other = rehearsal(RISE).samples()
    for tag in made.live.tags:
        if tag.name != "ch4":
            assert np.array_equal(*(s.value[s.tag == made.live.place[tag.name]] for s in (samples, other)))


def test_in_a_quiet_rehearsal_no_limit_is_passed(plain: tuple[Rehearsal, Samples]) -> None:
    made, samples = plain
    assert made.passes() == []
    for name in ("ch4", "ch4_road"):
        assert 0.05 < own(made, samples, name)[1].mean() < 0.7


def test_a_running_total_is_the_integral_of_its_flow(plain: tuple[Rehearsal, Samples]) -> None:
    made, samples = plain
    total = own(made, samples, "belt_sum")[1]
    at, flow = own(made, samples, "belt_flow")
    assert (np.diff(total) >= 0.0).all()
    assert total[-1] - total[0] == pytest.approx(np.trapezoid(flow, at / 60.0), rel=0.03)


# ---- what is planted ----


def played(*events: dict[str, Any]) -> tuple[Rehearsal, Samples]:
    made = rehearsal(*events)
    return made, made.samples()


def test_gas_rises_as_planted_and_passes_its_limits_when_the_truth_says() -> None:
    made, samples = played(RISE)
    minutes, value = own(made, samples, "ch4")
    assert value[(minutes > 26) & (minutes < 34)].mean() == pytest.approx(1.4 + value[minutes < 19].mean(), abs=0.1)
    assert value[minutes > 42].max() < 0.6
    passed = made.passes()
    assert {row["tag"] for row in passed} == {"ch4"}
    first = next(row for row in passed if row["level"] == "H")
    assert 22.0 < (first["began"] - made.begin_ms) / 60_000 < 25.0
    assert first["expected"]
    seen = minutes[value >= first["limit"]]
    assert seen[0] == pytest.approx((first["began"] - made.begin_ms) / 60_000, abs=0.5)
    assert seen[-1] == pytest.approx((first["ended"] - made.begin_ms) / 60_000, abs=0.5)
    (row,) = made.planted()
    assert (row["kind"], row["tags"], row["values"]) == ("gas_rise", ["ch4"], {"by": 1.4})
    assert (row["begins"] - made.begin_ms, row["whole"] - made.begin_ms) == (1_200_000, 1_500_000)


def test_test_gas_is_read_by_one_sensor_and_not_by_its_neighbour() -> None:
    made, samples = played({"kind": "calibration", "at": "10 min", "tag": "ch4", "gas": "2 %", "hold": "3 min"})
    minutes, value = own(made, samples, "ch4")
    assert value[(minutes > 10.5) & (minutes < 13.0)].mean() == pytest.approx(2.0, abs=0.02)
    assert own(made, samples, "ch4_road")[1].max() < 0.7


def test_a_belt_that_slips_turns_slowly_while_its_state_says_that_it_runs() -> None:
    made, samples = played({"kind": "belt_slip", "at": "10 min", "tag": "belt_speed", "to": "30 %", "over": "0 s", "hold": "2 min"})
    minutes, speed = own(made, samples, "belt_speed")
    assert speed[(minutes > 10.0) & (minutes < 12.0)].mean() == pytest.approx(0.3 * speed[minutes < 9].mean(), rel=0.05)
    assert set(own(made, samples, "belt_state")[1]) == {1.0}


def test_a_frozen_sensor_gives_its_last_value_and_a_silent_one_none() -> None:
    made, samples = played({"kind": "frozen", "at": "10 min", "tag": "air", "hold": "30 min"},
                           {"kind": "silent", "at": "50 min", "tag": "air", "hold": "10 min"},
                           {"kind": "spike", "at": "70 min", "tag": "air", "to": 9.0, "hold": "15 s"})
    minutes, value = own(made, samples, "air")
    frozen = value[(minutes >= 10.0) & (minutes < 40.0)]
    assert len(frozen) > 150
    assert np.ptp(frozen) == 0.0
    assert frozen[0] == value[minutes < 10.0][-1]
    assert not ((minutes >= 50.0) & (minutes < 60.0)).any()
    assert 1 <= (value == 9.0).sum() <= 2


def test_a_scale_drifts_by_its_share() -> None:
    made, samples = played({"kind": "drift", "at": "0 s", "tag": "belt_flow", "by": "10 %", "over": "1 h"})
    straight = rehearsal().samples()
    minutes, value = own(made, samples, "belt_flow")
    late = minutes > 65
    assert (value[late] / own(made, straight, "belt_flow")[1][late]).mean() == pytest.approx(1.1, abs=0.01)


def test_behind_a_dead_gateway_everything_is_silent_and_nothing_else() -> None:
    made, samples = played({"kind": "dead_gateway", "at": "30 min", "feed": "gas", "hold": "5 min"})
    minutes = (samples.at - made.begin_ms) / 60_000.0
    feeds = np.array([made.live.tags[n].feed for n in samples.tag])
    dead = (minutes >= 30.0) & (minutes < 35.0)
    assert set(feeds[dead]) == {"plant", "robot"}
    assert (feeds[~dead] == "gas").sum() > 1000
    assert set(made.planted()[0]["tags"]) == {tag.name for tag in made.live.tags if tag.feed == "gas"
                                              and not tag.name.startswith("lodeworks.")}


def test_where_the_fan_stands_gas_gathers_and_the_air_is_still() -> None:
    made, samples = played({"kind": "stop", "at": "30 min", "tag": "fan_state", "hold": "40 min"})
    minutes, gas = own(made, samples, "ch4")
    at, air = own(made, samples, "air")
    assert set(own(made, samples, "fan_state")[1]) == {0.0, 1.0}
    assert gas[(minutes > 65) & (minutes < 70)].mean() > 3.0 * gas[minutes < 29].mean()
    assert air[(at > 65) & (at < 70)].mean() < 0.3 * air[at < 29].mean()
    road = own(made, samples, "ch4_road")[1]
    assert road.max() < 0.7


def test_what_is_stopped_by_the_script_says_so_and_carries_nothing() -> None:
    made, samples = played({"kind": "fault", "at": "30 min", "tag": "belt_state", "hold": "10 min"})
    for name, quiet in (("belt_state", 2.0), ("belt_flow", 0.0), ("belt_speed", 0.0)):
        minutes, value = own(made, samples, name)
        assert value[(minutes > 30.2) & (minutes < 39.8)].mean() == pytest.approx(quiet, abs=0.3), name


def test_with_a_plan_what_runs_begins_as_it_stands_and_follows_it(tmp_path: Any) -> None:
    """The plan smelts where metal is dear, in the second half of the day; without it the smelter runs all the time."""
    import copy

    import yaml

    from lodeworks import verbs
    from lodeworks.errors import InputError
    from lodeworks.rehearse import rehearse
    from tests.rehearse.small import SMALL

    data = copy.deepcopy(SMALL)
    data["profiles"] = {"price": {"unit": "CNY/t", "daily": [1.0] * 12 + [9.0] * 12}}
    data["demands"]["sold"]["price"] = "price"
    data["stores"]["bunker"]["capacity"] = "2000 t"
    data["supplies"]["seam"]["price"] = "1 CNY/t"
    file = tmp_path / "small.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    plan = verbs.plan(file, out=tmp_path / "plan")
    made = rehearse(file, plan=tmp_path / "plan", hours=14.0, at="2026-12-02 06:00")
    levels = plan.levels.filter(plan.levels["store"].cast(str) == "bunker").sort("time")["level"].to_list()
    samples = made.samples()
    minutes, load = own(made, samples, "smelt_load")
    assert load[(minutes > 30) & (minutes < 340)].mean() < 5.0
    assert load[(minutes > 400) & (minutes < 830)].mean() > 90.0
    minutes, level = own(made, samples, "bunker_level")
    assert level[minutes < 20].mean() == pytest.approx(levels[29], abs=60.0)  # at the end of 05:00 of the second day
    verbs.simulate(file, replications=2, out=tmp_path / "run")
    with pytest.raises(InputError, match="not the run of a plan"):
        rehearse(file, plan=tmp_path / "run", hours=1.0)


def test_an_hour_of_the_plan_is_followed_evenly(tmp_path: Any) -> None:
    """Half of what can be smelted is sold each hour: the smelter works at half its load in every twelve minutes of it."""
    import copy

    import yaml

    from lodeworks import verbs
    from lodeworks.rehearse import rehearse
    from tests.rehearse.small import SMALL

    data = copy.deepcopy(SMALL)
    data["demands"]["sold"]["most"] = "12.5 t/h"
    data["processes"]["smelt"]["runs"]["batch"] = "0.5 t"
    data["supplies"]["seam"]["price"] = "0.1 CNY/t"
    del data["processes"]["cut"]["failures"]
    file = tmp_path / "small.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    verbs.plan(file, out=tmp_path / "plan")
    made = rehearse(file, plan=tmp_path / "plan", hours=3.0, at="2026-12-02 06:23")
    minutes, load = own(made, made.samples(), "smelt_load")
    each = [load[(minutes >= begin) & (minutes < begin + 12)].mean() for begin in range(12, 180, 12)]
    assert each == pytest.approx([50.0] * len(each), abs=15.0)
