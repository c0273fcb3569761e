"""The command screen tells what `watch` works out, worst first, and asks for errands only of who may."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from nicegui.testing import User

from lodeworks.network.live import AlarmRule, Limit, Live
from lodeworks.pages.commodities import told_commodities
from lodeworks.pages.desk import open_desk
from lodeworks.pages.held import Held, told_causes, told_now, told_worth
from lodeworks.watch.against_plan import Against
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.journal import Journal
from lodeworks.watch.outlook import RunsOut
from lodeworks.watch.planned import Planned, midnight_ms
from lodeworks.watch.present import Present
from lodeworks.watch.samples import Samples
from tests.pages.conftest import GOOD
from tests.pages.visiting import come_in, visit
from tests.watch import works as small
from tests.watch.works import TAGS, ZONE, ms, planned_works

LIVE = Live("works", "Works", "工厂", tags=TAGS, titles=(("washing", "Washing", "洗选"), ("clean", "clean coal", "精煤"), ("heap", "Heap", "煤堆")))
NOON = ms("2026-03-03 10:20")
SAID = {"wash_belt": 30.0, "coke_belt": 20.0, "steel_belt": 18.0, "engine_power": 4000.0, "heap_level": 20.0, "holder_level": 3000.0}


@pytest.fixture(scope="module")
def works():
    return planned_works()


@pytest.fixture
def held(works, tmp_path):
    """The works read every minute since midnight, each tag at one value all day."""
    net, tables = works
    desk = open_desk(LIVE, tmp_path)
    desk.clock = lambda: NOON
    at = np.arange(midnight_ms(NOON, ZONE), NOON + 1, 10_000, dtype=np.int64)
    parts = [Samples(np.full(len(at), LIVE.place[name], np.int32), at, at, np.full(len(at), value), np.zeros(len(at), np.uint8)) for name, value in SAID.items()]
    desk.history.write(Samples.joined(parts))
    Present.create(desk.folder.present, [t.name for t in TAGS]).set(Samples.joined(parts), NOON)
    yield Held(desk, Against(net, Planned(net, tables), LIVE))
    desk.close()


def test_what_costs_most_stands_first_and_all_is_json(held):
    told = told_now(LIVE, held.now(), "zh")
    counted = [row["cost"] for row in told["rows"] if row["counted"] and row["cost"] is not None]
    assert counted == sorted(counted, reverse=True)
    assert told["cost"] == pytest.approx(sum(counted))
    washing = next(row for row in told["rows"] if row["element"] == "washing")
    assert washing["title"] == "洗选"
    assert washing["present"] == 30.0
    assert washing["said"].startswith("洗选比计划")
    assert washing["shown"] == {"scale": 1.0, "unit": "吨/时", "hour_scale": 1.0, "hour_unit": "吨"}
    engine = next(row for row in told["rows"] if row["element"] == "engine")
    assert (engine["shown"]["scale"], engine["shown"]["unit"]) in ((1e4, "万千瓦"), (1.0, "千瓦"))
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_a_tag_is_told_what_the_plan_has_for_it_in_its_own_unit(works, tmp_path):
    """Of a load that is the share of the capacity there is; a running total and a state stand beside no number."""
    net, tables = works
    more = (small.tag("oven_load", "coking", "load", "%", factor=0.01), small.tag("oven_runs", "coking", "state", ""),
            small.tag("coal_total", "washing", "flow", "t", kind="counter"), small.tag("wash_kg", "washing", "flow", "kg/h", factor=0.001))
    desk = open_desk(Live("works", "Works", "工厂", tags=(*(t for t in TAGS if t.name != "coke_belt"), *more)), tmp_path)
    told = Held(desk, Against(net, Planned(net, tables), desk.live)).planned(NOON)
    found = {desk.live.tags[t].name: value for t, value in told.items()}
    hour = pl.lit("2026-03-03 10:00:00").str.to_datetime()
    rate = {str(e): r for e, r in tables["rates"].filter(pl.col("time") == hour).select(pl.col("element").cast(str), "rate").iter_rows()}
    assert found["wash_belt"] == pytest.approx(rate["washing"])
    assert found["oven_load"] == pytest.approx(100.0 * rate["coking"] / 26.0)
    assert found["wash_kg"] == pytest.approx(1000.0 * rate["washing"])
    assert {"oven_runs", "coal_total", "roof_methane"}.isdisjoint(found)
    desk.close()


def test_what_the_plan_keeps_at_its_end_is_told_last_and_nobody_is_told_parts_of_a_minute(held):
    now = held.now()
    first = now.left[0]
    late = replace(first, kept=True, hours=0.0, at=now.at)
    soon = replace(first, kept=False, hours=41.15 / 60.0, at=now.at + 2_469_000)
    told = told_now(LIVE, replace(now, left=(late, soon)), "zh")["left"]
    assert [(one["kept"], one["hours"]) for one in told] == [(False, soon.hours), (True, 0.0)]
    assert "41分钟" in told[0]["said"]
    assert "41 min" in told_now(LIVE, replace(now, left=(soon,)), "en")["left"][0]["said"]


def test_by_commodity_stands_what_all_who_make_it_make(held):
    now, net = held.now(), held.against.net
    told = {row["title"]: row for row in told_commodities(net, LIVE, now, "en")}
    made = {"washing": "clean coal", "coking": "coke"}
    for element, title in made.items():
        (own,) = [one for one in now.deviations if one.element == element and one.what == "flow"]
        assert (told[title]["planned"], told[title]["present"], told[title]["unit"]) == (own.planned, own.present, "t/h")
        assert told[title]["deviation"] == pytest.approx(own.deviation)
        assert told[title]["today"] == pytest.approx(own.behind_today)
    assert len(told) == len([one for one in now.deviations if one.element in (*made, "engine") and one.what == "flow"])  # steel only takes
    shares = [abs(row["share"]) for row in told.values()]
    assert shares == sorted(shares, reverse=True)


def test_after_a_start_in_the_middle_of_the_day_the_sums_are_of_the_whole_day(held):
    """What was measured since midnight is read again: as if one had looked all day."""
    one = next(d for d in held.now().deviations if d.element == "washing" and d.what == "flow")
    assert one.known_today == pytest.approx(10 + 20 / 60, abs=0.05)
    assert one.behind_hour == pytest.approx(one.deviation * 20 / 60, rel=0.01)
    assert told_now(LIVE, held.now(), "en")["cost_today"] != 0.0


def test_it_is_worked_out_once_for_all_who_ask(held):
    first = held.now()
    assert held.now() is first
    held.desk.clock = lambda: NOON + 2_500
    assert held.now() is not first


def test_a_store_that_the_plan_itself_empties_is_told_as_such(held):
    """The heap is as good as empty in the plan at 14:00; the coke yard of this works is never looked at."""
    level = held.against.planned.level(NOON)[0]
    soon = RunsOut("heap", 20.0, "t", 1.0, 0.98, 1.0, NOON, NOON, NOON, 0.0)
    assert held.ends_by_plan(soon) is bool(level <= 6.0)
    assert held.ends_by_plan(replace(soon, early=ms("2026-03-03 14:00")))
    assert not held.ends_by_plan(replace(soon, early=None))
    assert not held.ends_by_plan(replace(soon, store="no such"))


def test_the_page_without_a_plan_says_so(desk):
    async def act(user: User) -> None:
        told = (await user.http_client.get("/api/plan?language=en")).json()
        assert told["plan"] == "none"
        assert "start with a plan" in told["words"]["no plan"]

    visit(desk, act)


def test_errands_are_started_by_who_may_and_from_our_own_pages(held, book):
    book.add("wu", "viewer", GOOD)
    book.add("li", "dispatcher", GOOD)
    ours = {"origin": "http://localhost"}

    async def act(user: User) -> None:
        client = user.http_client
        assert (await client.post("/api/ahead/plan", headers=ours)).status_code == 401
        for name, status in (("wu", 403), ("li", 404)):
            await come_in(user, name)
            assert (await client.post("/api/ahead/plan", headers=ours)).status_code == status
        assert (await client.post("/api/ahead/plan", headers={"origin": "https://evil.example"})).status_code == 403
        assert (await client.post("/api/ahead/rm", headers=ours)).status_code == 404
        told = (await client.get("/api/plan")).json()
        assert not told["may"]
        assert told["plan"] == "running"
        await asyncio.sleep(0)

    visit(held.desk, act, book, held=held)


def test_alarms_stand_under_what_they_began_with(works, tmp_path):
    """Washing falls behind, the heap runs empty, coking starves: one card, with what it costs an hour."""
    net, tables = works
    low = {"wash_belt": 35.0, "heap_level": 25.0, "coke_belt": 22.0}
    rules = tuple(AlarmRule(f"{tag} low", "", "", tag, "limit", 3, "c", "q", "r", 600.0, (Limit("L", "low", value),)) for tag, value in low.items())
    live = replace(LIVE, rules=(replace(rules[0], title_zh="洗选偏低"), *rules[1:]))
    desk = open_desk(live, tmp_path)
    desk.clock = lambda: NOON
    journal = Journal(desk.folder.journal)
    engine = Engine(live, journal, started=NOON - 3_600_000)
    for k, tag in enumerate(low):
        at = NOON - (30 - 10 * k) * 60_000
        engine.feed(Samples.of([live.place[tag]], [at], [at], [SAID[tag]], [0]), at)
    journal.close()
    samples = [Samples.of([live.place[name]], [NOON], [NOON], [value], [0]) for name, value in SAID.items()]
    Present.create(desk.folder.present, [t.name for t in TAGS]).set(Samples.joined(samples), NOON)
    held = Held(desk, Against(net, Planned(net, tables), live))
    (card,) = told_causes(held, "zh")
    assert card["title"] == "洗选偏低 L"
    assert card["folded"] == ["heap_level low L", "coke_belt low L"]
    assert card["cost"] == pytest.approx(held.now().cost)  # all that runs follows from it
    assert not card["suspected"]
    desk.close()


@pytest.fixture
def alarmed(works, tmp_path):
    """Too little is washed and the heap sinks towards empty, so that coking will stand; somebody is in the bath."""
    rules = (
        AlarmRule("few", "Washing is slow", "洗选偏慢", "wash_belt", "limit", 3, "c", "q", "r", 600.0, (Limit("L", "low", 35.0),)),
        AlarmRule("low", "Heap is low", "煤堆偏低", "heap_level", "limit", 2, "c", "q", "r", 600.0, (Limit("L", "low", 40.0),)),
        AlarmRule("gas", "Methane", "甲烷", "roof_methane", "limit", 1, "c", "q", "r", 600.0, (Limit("H", "high", 0.1),)),
    )
    live = replace(LIVE, rules=rules, place={})
    net, tables = works
    desk = open_desk(live, tmp_path)
    desk.clock = lambda: NOON
    journal = Journal(desk.folder.journal)
    engine = Engine(live, journal, started=NOON - 60_000)
    said = {**SAID, "wash_belt": 10.0, "coke_belt": 20.0, "roof_methane": 1.0}
    for k, name in enumerate(("wash_belt", "heap_level", "roof_methane")):
        at = NOON - 50_000 + 1000 * k
        engine.feed(Samples.of([live.place[name]], [at], [at], [said[name]], [0]), at)
    parts = [Samples.of([live.place[name]], [NOON], [NOON], [value], [0]) for name, value in said.items()]
    Present.create(desk.folder.present, [t.name for t in live.tags]).set(Samples.joined(parts), NOON)
    yield Held(desk, Against(net, Planned(net, tables), live))
    journal.close()
    desk.close()


def test_an_alarm_costs_what_its_card_costs_and_lasts_as_long_as_its_stock(alarmed):
    worth = told_worth(alarmed, "en")["worth"]
    cards = {card["title"]: card for card in told_causes(alarmed, "en")}
    now = alarmed.now()
    assert set(worth) == {"few:L", "low:L", "gas:H"}
    assert cards["Washing is slow L"]["folded"] == ["Heap is low L"]
    together = now.cost_of("washing", "coking", "engine")  # those without an alarm of their own that it leaves without
    assert worth["few:L"]["cost"] == worth["low:L"]["cost"] == pytest.approx(together)
    assert together > now.cost_of("washing") > 0.0
    assert (worth["few:L"]["follows"], worth["low:L"]["follows"]) == ("", "Washing is slow L")
    heap = next(left for left in now.left if left.stores == ("heap",))
    assert worth["low:L"]["hours"] == heap.hours
    assert worth["low:L"]["ends"].startswith("Heap is empty at ")
    assert (worth["gas:H"]["cost"], worth["gas:H"]["hours"]) == (None, None)
    assert json.loads(json.dumps(told_worth(alarmed, "zh"), allow_nan=False))["unit"] == "元/时"
