"""How long stocks last at present rates, held against what is worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodeworks.network.live import Live
from lodeworks.watch.against_plan import Against
from lodeworks.watch.planned import Planned
from lodeworks.watch.said import WORDS, said_of, said_of_left, said_of_plan, spoken
from lodeworks.watch.time_left import TimeLeft, urgency
from tests.watch.works import TAGS, WORKS, ZONE, ms, planned_works, tag, values

NOW = ms("2026-03-03 14:00")
LIVE = Live("works", "works", "works", tags=TAGS)
TITLES = {"washing": ("Washing", "洗煤"), "coking": ("Coking", "炼焦"), "heap": ("The heap", "煤堆")}


@pytest.fixture(scope="module")
def against() -> Against:
    net, tables = planned_works()
    return Against(net, Planned(net, tables), LIVE)


def left(against: Against, said: dict[str, float]) -> dict[str, TimeLeft]:
    return {found.stores[0]: found for found in against.now(values(against.live, NOW, said), NOW).left}


def test_a_stock_lasts_as_long_as_what_is_there_over_what_it_loses(against: Against) -> None:
    found = left(against, {"wash_belt": 10.0, "coke_belt": 20.0, "heap_level": 46.4})["heap"]
    assert found.direction == "empty"
    assert found.change == pytest.approx(10.0 - 1.37 * 20.0)
    assert found.hours == pytest.approx(46.4 / 17.4)
    assert found.at == NOW + round(46.4 / 17.4 * 3_600_000)
    assert found.stops == ("coking",)
    assert found.cost == pytest.approx(20.0 * against.planned.hour(NOW).margin[against.net.activities_of("coking")[0]])
    assert found.measured == pytest.approx(1.0)
    assert found.urgency == "soon"


def test_a_stock_that_grows_is_full_when_its_room_is_used_and_who_fills_it_stops(against: Against) -> None:
    found = left(against, {"wash_belt": 40.0, "coke_belt": 20.0, "heap_level": 250.0})["heap"]
    assert (found.direction, found.stops) == ("full", ("washing",))
    assert found.hours == pytest.approx(50.0 / (40.0 - 27.4))


def test_what_may_be_let_go_never_overflows_and_an_unknown_level_is_not_told(against: Against) -> None:
    said = {"coke_belt": 26.0, "engine_power": 0.0, "holder_level": 7000.0}
    assert left(against, said) == {}


def test_what_is_not_measured_runs_as_planned(against: Against) -> None:
    coking = against.planned.hour(NOW).rate[against.net.activities_of("coking")[0]]
    found = left(against, {"wash_belt": 0.0, "heap_level": 100.0})["heap"]
    assert found.change == pytest.approx(-1.37 * coking)
    assert found.measured == pytest.approx(0.0)


def test_what_a_store_loses_and_what_its_doors_lose_count() -> None:
    data = {**WORKS, "stores": {**WORKS["stores"], "battery": {
        "commodity": "power", "capacity": "10 MWh", "charge_efficiency": "90 %", "discharge_efficiency": "80 %", "loss": "2 %/h"}}}
    net, tables = planned_works(data)
    live = Live("works", "", "", tags=(
        tag("wash_belt", "washing", "flow", "t/h"), tag("coke_belt", "coking", "flow", "t/h"),
        tag("engine_power", "engine", "flow", "kWh/h"), tag("grid_power", "grid", "flow", "kWh/h"),
        tag("sold_power", "feed_in", "flow", "kWh/h"), tag("charge", "battery", "level", "kWh")))
    against = Against(net, Planned(net, tables), live)
    idle = {"wash_belt": 0.0, "coke_belt": 0.0, "engine_power": 0.0, "grid_power": 0.0, "sold_power": 0.0}
    found = left(against, {**idle, "sold_power": 400.0, "charge": 5000.0})["battery"]
    k = -np.log(0.98)
    sold = 400.0 / 0.8
    assert found.hours == pytest.approx(np.log((5000.0 + sold / k) / (sold / k)) / k)
    filled = left(against, {**idle, "grid_power": 400.0, "charge": 5000.0})["battery"]
    n = 360.0
    assert filled.hours == pytest.approx(-np.log((10000.0 - n / k) / (5000.0 - n / k)) / k)
    assert left(against, {**idle, "grid_power": 150.0, "charge": 5000.0}) == {}  # it loses 2 % of itself before it is full


def test_a_stock_the_plan_itself_keeps_at_its_end_is_not_urgent_as_long_as_flows_are_nearly_even(against: Against) -> None:
    s = [against.net.elements[e].name for e in against.net.stores.element].index("heap")
    assert against.planned.level(NOW)[s] < 0.02 * 300.0
    found = left(against, {"wash_belt": 27.0, "coke_belt": 20.0, "heap_level": 0.3})["heap"]
    assert found.hours == pytest.approx(0.3 / 0.4)
    assert (found.as_planned, found.urgency, found.through) == (True, "later", pytest.approx(27.4))
    found = left(against, {"wash_belt": 20.0, "coke_belt": 20.0, "heap_level": 0.3})["heap"]
    assert (found.kept, found.as_planned, found.urgency) == (True, False, "urgent")


def test_what_ends_in_more_than_a_week_or_by_rounding_alone_is_not_told(against: Against) -> None:
    """A heap that loses 0.1 t/h of 300 t would last four months at rates that hold for minutes."""
    assert left(against, {"wash_belt": 1.37 * 20.0 - 2.0, "coke_belt": 20.0, "heap_level": 300.0})["heap"].hours == pytest.approx(150.0)
    assert "heap" not in left(against, {"wash_belt": 1.37 * 20.0 - 0.1, "coke_belt": 20.0, "heap_level": 300.0})
    assert "heap" not in left(against, {"wash_belt": 1.37 * 20.0 + 4e-15, "coke_belt": 20.0, "heap_level": 300.0})
    assert str(left(against, {"wash_belt": 0.0, "coke_belt": 20.0, "heap_level": 0.0})["heap"].hours) == "0.0"


def test_each_stock_says_who_is_off_the_plan_at_it_and_by_how_much(against: Against) -> None:
    known = dict(zip((t.name for t in TAGS), against.planned_values(NOW), strict=True))
    found = left(against, {"wash_belt": 0.0, "coke_belt": known["coke_belt"] - 2.0, "heap_level": 100.0})["heap"]
    assert dict(found.off) == {"washing": pytest.approx(-known["wash_belt"]), "coking": pytest.approx(1.37 * 2.0)}


def test_only_who_makes_a_stock_end_is_told_of_its_end(against: Against) -> None:
    """Coking takes a fiftieth more than planned: the heap runs empty because nothing is washed, and that is said there."""
    known = dict(zip((t.name for t in TAGS), against.planned_values(NOW), strict=True))
    said = {"wash_belt": 0.0, "coke_belt": known["coke_belt"] * 1.02, "heap_level": 50.0}
    found = against.now(values(LIVE, NOW, said), NOW)
    assert [clause.key for clause in said_of(found.deviations[0], found)][-1] == "starves"
    assert [clause.key for clause in said_of(found.deviations[1], found)] == ["ahead"]
    few = against.now(values(LIVE, NOW, {**said, "wash_belt": known["wash_belt"], "coke_belt": 40.0}), NOW)
    assert [clause.key for clause in said_of(few.deviations[1], few)][-1] == "starves"  # who takes too much as well


def test_who_stands_still_holds_up_those_before_it_and_starves_those_after_it(against: Against) -> None:
    """Coking at nought: the coke yard empties under the steelworks, and before that the heap of clean coal is full."""
    known = dict(zip((t.name for t in TAGS), against.planned_values(NOW), strict=True))
    live = Live("works", "", "", tags=(*TAGS, tag("yard_level", "yard", "level", "t")))
    own = Against(against.net, against.planned, live)
    said = {"wash_belt": 40.0, "coke_belt": 0.0, "steel_belt": 26.0, "heap_level": 280.0, "yard_level": 180.0}
    assert known["coke_belt"] > 20.0
    for levels, key, who in (({}, "starves", "steel"), ({"yard_level": np.nan}, "backs up", "washing")):
        known_levels = {name: level for name, level in {**said, **levels}.items() if np.isfinite(level)}
        found = own.now(values(live, NOW, known_levels), NOW)
        last = said_of(next(d for d in found.deviations if d.tag == "coke_belt"), found)[-1]
        assert (last.key, last.names) == (key, (("element", who),))


@pytest.mark.parametrize(("hours", "word"), [(0.0, "urgent"), (0.99, "urgent"), (1.0, "soon"), (23.9, "today"), (24.0, "later")])
def test_how_urgent_goes_by_the_time_left(hours: float, word: str) -> None:
    assert urgency(hours) == word


def say(clauses: Any, language: str, now: int = NOW) -> str:
    return spoken(clauses, language, title_of=lambda name: TITLES[name][language == "zh"], zone=ZONE, now=now)


def test_a_deviation_is_told_in_a_sentence_of_each_language() -> None:
    net, tables = planned_works()
    against = Against(net, Planned(net, tables), LIVE)
    for now in range(NOW - 3_600_000, NOW + 1, 60_000):
        known = dict(zip((t.name for t in TAGS), against.planned_values(now), strict=True))
        said = {"wash_belt": 2.0, "coke_belt": known["coke_belt"] - 4.0, "heap_level": 46.4}
        found = against.now(values(LIVE, now, said), now)
    washing, coking = found.deviations[0], found.deviations[1]
    behind = f"{-washing.deviation:.1f} t/h" if -washing.deviation >= 10 else f"{-washing.deviation:.2f} t/h"
    ends = found.left[0].at - found.left[0].at % 60_000
    clock = f"{(ends - ms('2026-03-03')) // 3_600_000:02}:{(ends - ms('2026-03-03')) // 60_000 % 60:02}"
    lost = "" if washing.cost_today < 1.0 else f"{washing.cost_today:,.0f} CNY so far; "
    assert say(said_of(washing, found), "en") == f"Washing is {behind} behind; {lost}Coking will starve at {clock} if nothing changes"
    assert say(said_of(coking, found), "en") == f"Coking is 4.00 t/h behind; {coking.cost_today:,.0f} CNY so far"
    assert say(said_of(coking, found), "zh") == f"炼焦比计划少4.00 t/h；今日已损失{coking.cost_today:,.0f} CNY"
    assert say(said_of_left(found.left[0]), "zh").startswith(f"煤堆将于{clock}（")


def test_every_state_of_a_tile_and_of_the_plan_has_its_words() -> None:
    net, tables = planned_works()
    against = Against(net, Planned(net, tables), LIVE)
    found = against.now(values(LIVE, NOW, {"coke_belt": float(against.planned_values(NOW)[1])}), NOW)
    assert say(said_of(found.deviations[0], found), "en") == "Washing: no usable value"
    assert say(said_of(found.deviations[1], found), "en") == "Coking is on plan"
    later = ms("2026-03-07")
    ended = against.now(values(LIVE, later, {}), later)
    assert say(said_of_plan(ended), "en", later) == "the plan ended at 2026-03-05 00:00; nothing is held against it"
    assert say(said_of_plan(ended), "zh", ms("2026-03-05 08:00")) == "计划已于00:00结束，不再对比"
    assert said_of_plan(found) == ()
    assert all(en and zh and "{" not in zh.replace("{element}", "").replace("{amount}", "").replace("{moment}", "")
               .replace("{money}", "").replace("{store}", "").replace("{time}", "") for en, zh in WORDS.values())
