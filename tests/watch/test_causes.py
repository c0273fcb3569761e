"""Trouble travels along the chain both ways; the card names what it began with, and loses no alarm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.causes import broken
from benchmarks.flowing import Raised, flowing, raised, run, watched
from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network
from lodeworks.network.live import AlarmRule, Feed, Limit, Live
from lodeworks.watch.against_plan import Against
from lodeworks.watch.causes import Causes, giving_way, held_of
from lodeworks.watch.planned import Planned
from tests.watch.works import TAGS, WORKS, ms, planned_works, tag, values

MINUTE = 60_000
NET = compile_network(Chain.model_validate(WORKS))


def test_a_run_without_a_fault_raises_nothing() -> None:
    chain = flowing(5)
    assert raised(chain, watched(chain), *run(chain, np.ones(len(chain.net.elements)), 600)) == []


def test_of_one_broken_process_the_cause_is_named_and_at_most_three_are_announced() -> None:
    """Of random chains with one broken process each; `python -m benchmarks causes` does 400."""
    every = [broken(seed) for seed in range(30)]
    assert sum(one.right for one in every) >= 29
    assert max(len(one.causes) for one in every) <= 3
    assert sum(len(one.alarms) for one in every) > 300  # there was something to fold
    for one in every:
        told = [alarm for cause in one.causes for alarm in ((cause.alarm,) if cause.alarm else ()) + cause.folded]
        assert sorted(told) == sorted(alarm.alarm for alarm in one.alarms)


RULES = tuple(
    AlarmRule(f"r_{name}", "", "", name, kind, 3, "c", "q", "r", 600.0, limits=limits, states=states, life_safety=safe)
    for name, kind, limits, states, safe in (
        ("wash_belt", "limit", (Limit("L", "low", 10.0),), (), False),
        ("coke_belt", "limit", (Limit("L", "low", 10.0),), (), False),
        ("steel_belt", "deviation", (Limit("L", "low", 5.0), Limit("H", "high", 5.0)), (), False),
        ("heap_level", "limit", (Limit("L", "low", 10.0), Limit("H", "high", 290.0)), (), False),
        ("coke_ovens", "discrete", (), (2,), False),
        ("oven_heat", "limit", (Limit("H", "high", 1200.0),), (), False),
        ("oven_gas", "limit", (Limit("H", "high", 1.0),), (), True),
        ("roof_methane", "limit", (Limit("H", "high", 1.0),), (), True),
    )
)
LIVE = Live("works", "", "", feeds=(Feed("", "mqtt", "", "", ""),), rules=RULES, tags=(
    *TAGS, tag("coke_ovens", "coking", "state", "", kind="state", words=((0, "stopped", "停"), (1, "runs", "运行"), (2, "fault", "故障"))),
    tag("oven_heat", "coking", "temperature", "degC"), tag("oven_gas", "coking", "co", "ppm")))


def fold(*alarms: tuple[str, str, float], live: Live = LIVE, **held: str) -> list[tuple[str, tuple[str, ...]]]:
    raw = [Raised(f"{tag}:{level}", f"r_{tag}", level, 3, round(minute * MINUTE)) for tag, level, minute in alarms]
    return [(cause.alarm or f"? {cause.element}", cause.folded) for cause in Causes(NET, live).fold(raw, held)]


def test_who_gets_too_little_follows_from_who_brings_too_little() -> None:
    assert fold(("coke_belt", "L", 60), ("wash_belt", "L", 10), ("heap_level", "L", 50), ("steel_belt", "L", 65)) == [
        ("wash_belt:L", ("heap_level:L", "coke_belt:L", "steel_belt:L"))]


def test_who_backs_up_follows_from_who_takes_too_little() -> None:
    assert fold(("coke_belt", "L", 10), ("heap_level", "H", 50), ("wash_belt", "L", 51)) == [
        ("coke_belt:L", ("heap_level:H", "wash_belt:L"))]


def test_a_store_that_will_be_empty_follows_and_nothing_follows_from_it_until_it_is() -> None:
    soon = AlarmRule("r_holder_level", "", "", "heap_level", "time_left", 3, "c", "q", "r", 600.0, ends=(0.0, np.inf), limits=(Limit("L", "low", 0.5),))
    live = replace(LIVE, rules=(*RULES, soon), place={})
    assert fold(("wash_belt", "L", 10), ("holder_level", "L", 20), live=live) == [("wash_belt:L", ("holder_level:L",))]
    assert fold(("holder_level", "L", 10), ("coke_belt", "L", 20), live=live) == [("holder_level:L", ()), ("coke_belt:L", ())]
    assert fold(("holder_level", "L", 10), ("heap_level", "L", 20), ("coke_belt", "L", 30), live=live) == [
        ("holder_level:L", ("heap_level:L", "coke_belt:L"))]


def test_a_card_names_those_that_follow_at_once_without_an_alarm() -> None:
    """Washing stopped, so coking, which has no alarm, starves, and the engine that gave its power; steel is a step further."""
    raw = [Raised("wash_belt:L", "r_wash_belt", "L", 3, 10 * MINUTE), Raised("roof_methane:H", "r_roof_methane", "H", 3, 20 * MINUTE)]
    held = {"washing": "less", "coking": "less", "steel": "less", "engine": "less"}
    washing, gas = Causes(NET, LIVE).fold(raw, held)
    assert (set(washing.elements), gas.elements) == ({"washing", "coking", "engine"}, ())
    assert Causes(NET, LIVE).fold(raw)[0].elements == ("washing",)


def test_nobody_stands_on_two_cards() -> None:
    raw = [Raised("wash_belt:L", "r_wash_belt", "L", 3, 5 * MINUTE), Raised("coke_belt:L", "r_coke_belt", "L", 3, 50 * MINUTE)]
    cards = Causes(NET, LIVE).fold(raw, {"heap": "between", "steel": "less", "coking": "less", "washing": "less"})
    assert [cause.elements for cause in cards] == [("washing",), ("coking", "steel")]


def test_who_gets_too_little_starves_nobody_while_some_of_it_is_still_sold() -> None:
    """The engine gives less power, and then less is washed: as long as power is fed in, that is reduced first."""
    tags = (*TAGS, tag("fed_in", "feed_in", "flow", "kWh/h"))
    rules = (*RULES, *(AlarmRule(f"r_{name}", "", "", name, "limit", 3, "c", "q", "r", 600.0, (Limit("L", "low", 1.0),)) for name in ("fed_in", "engine_power")))
    live = Live("works", "", "", feeds=(Feed("", "mqtt", "", "", ""),), rules=rules, tags=tags)
    raw = [Raised("engine_power:L", "r_engine_power", "L", 3, 5 * MINUTE), Raised("wash_belt:L", "r_wash_belt", "L", 3, 20 * MINUTE),
           Raised("fed_in:L", "r_fed_in", "L", 3, 8 * MINUTE)]
    held = {"heap": "between", "holder": "between"}

    def told(giving: frozenset[str]) -> list[tuple[str, tuple[str, ...]]]:
        return [(cause.alarm, cause.folded) for cause in Causes(NET, live).fold(raw, held, giving)]

    assert told(frozenset()) == [("engine_power:L", ("fed_in:L", "wash_belt:L"))]
    assert told(frozenset({"feed_in"})) == [("engine_power:L", ("fed_in:L",)), ("wash_belt:L", ())]  # the sale itself follows


def test_trades_that_need_not_be_and_go_on_give_way() -> None:
    net, tables = planned_works()
    live = Live("works", "", "", tags=(*TAGS, tag("fed_in", "feed_in", "flow", "kWh/h"), tag("bought", "grid", "flow", "kWh/h")))
    against = Against(net, Planned(net, tables), live)
    now = ms("2026-03-03 10:20")
    said = {"steel_belt": 10.0, "fed_in": 500.0, "bought": 0.0, "wash_belt": 20.0}
    assert giving_way(against, against.now(values(live, now, said), now)) == {"steel", "feed_in"}
    assert giving_way(against, against.now(values(live, now, {**said, "fed_in": 0.0}), now)) == {"steel"}
    owed = {**WORKS, "demands": {**WORKS["demands"], "steel": {"commodity": "coke", "amount": "10 t/h", "price": "1700 CNY/t"}}}
    net, tables = planned_works(owed)
    against = Against(net, Planned(net, tables), live)
    assert giving_way(against, against.now(values(live, now, said), now)) == {"feed_in"}


def test_nothing_follows_from_what_came_later() -> None:
    """Coking stopped before washing did, with coal on the heap: two causes, though one could starve the other."""
    assert fold(("coke_belt", "L", 5), ("wash_belt", "L", 50), heap="between") == [("coke_belt:L", ()), ("wash_belt:L", ())]


def test_a_store_that_is_neither_empty_nor_full_lets_no_trouble_through() -> None:
    assert fold(("wash_belt", "L", 5), ("coke_belt", "L", 50), heap="between") == [("wash_belt:L", ()), ("coke_belt:L", ())]
    assert fold(("wash_belt", "L", 5), ("coke_belt", "L", 50), heap="empty") == [("wash_belt:L", ("coke_belt:L",))]
    assert fold(("wash_belt", "L", 5), ("coke_belt", "L", 50)) == [("wash_belt:L", ("coke_belt:L",))]


def test_alarms_of_one_element_are_one_card_under_the_first() -> None:
    assert fold(("coke_ovens", "", 1), ("coke_belt", "L", 2), ("oven_heat", "H", 9)) == [("coke_ovens:", ("coke_belt:L", "oven_heat:H"))]
    assert fold(("oven_heat", "H", 1), ("coke_belt", "L", 2))[0][0] == "oven_heat:H"


@pytest.mark.parametrize("kind", ["stale", "bad", "stuck"])
def test_a_lost_sensor_neither_brings_about_nor_follows(kind: str) -> None:
    live = replace(LIVE, rules=(*RULES, AlarmRule("r_lost", "", "", "wash_belt", kind, 3, "c", "q", "r", 600.0)))
    raw = [Raised("r_lost:", "r_lost", "", 3, 0), *(Raised(f"{t}:L", f"r_{t}", "L", 3, m * MINUTE) for t, m in (("wash_belt", 1), ("coke_belt", 30)))]
    told = [(cause.alarm, cause.folded) for cause in Causes(NET, live).fold(raw, {"washing": "less"})]
    assert told == [("wash_belt:L", ("coke_belt:L",)), ("r_lost:", ())]


def test_life_safety_is_never_folded() -> None:
    told = fold(("coke_belt", "L", 1), ("oven_gas", "H", 2), ("roof_methane", "H", 3))
    assert sorted(told) == [("coke_belt:L", ()), ("oven_gas:H", ()), ("roof_methane:H", ())]


def test_trouble_passes_through_what_runs_low_without_an_alarm_and_not_through_what_runs_as_planned() -> None:
    alarms = ("wash_belt", "L", 5), ("steel_belt", "L", 50)
    assert fold(*alarms, coking="less", heap="empty") == [("wash_belt:L", ("steel_belt:L",))]
    assert fold(*alarms, coking="normal", heap="empty") == [("wash_belt:L", ()), ("steel_belt:L", ())]


def test_what_stood_for_more_than_a_day_brought_nothing_about_today() -> None:
    assert fold(("wash_belt", "L", 0), ("coke_belt", "L", 25 * 60)) == [("wash_belt:L", ()), ("coke_belt:L", ())]


def test_within_what_clocks_and_periods_can_tell_order_is_not_held_against_a_cause() -> None:
    assert len(fold(("heap_level", "L", 10.1), ("wash_belt", "L", 10.3), ("coke_belt", "L", 11))) == 1


def test_an_element_without_alarms_that_would_explain_several_is_suspected() -> None:
    rules = tuple(rule for rule in RULES if rule.tag not in ("coke_belt", "coke_ovens", "oven_heat", "oven_gas"))
    live = replace(LIVE, rules=rules)
    assert fold(("steel_belt", "L", 30), ("heap_level", "H", 40), live=live) == [("? coking", ("steel_belt:L", "heap_level:H"))]


def test_what_is_not_of_the_chain_stands_for_itself() -> None:
    raw = [Raised("r_gone:L", "r_gone", "L", 2, 5), Raised("roof_methane:H", "r_roof_methane", "H", 1, 6)]
    assert [cause.alarm for cause in Causes(NET, LIVE).fold(raw)] == ["r_gone:L", "roof_methane:H"]
    assert Causes(NET, LIVE).fold([]) == []


def test_each_consequence_says_what_it_follows_from() -> None:
    raw = [Raised(f"{t}:L", f"r_{t}", "L", 3, m * MINUTE) for t, m in (("wash_belt", 1), ("heap_level", 20), ("coke_belt", 22))]
    (cause,) = Causes(NET, LIVE).fold(raw)
    assert cause.after is not None
    assert cause.after["heap_level:L"] == "wash_belt:L"
    assert not cause.suspected


def test_what_stores_are_is_read_from_their_levels() -> None:
    net, tables = planned_works()
    against = Against(net, Planned(net, tables), Live("works", "", "", tags=TAGS))
    now = ms("2026-03-03 10:00")
    planned = dict(zip((t.name for t in TAGS), against.planned_values(now), strict=True))
    said = {"heap_level": 14.0, "holder_level": 4000.0, "coke_belt": planned["coke_belt"], "wash_belt": 0.9 * planned["wash_belt"]}
    found = against.now(values(against.live, now, said), now)
    assert held_of(against, found) == {"heap": "empty", "holder": "between", "coking": "normal", "washing": "less"}
    assert held_of(against, against.now(values(against.live, now, {"heap_level": 290.0}), now)) == {"heap": "full"}


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from([r.tag for r in RULES]), st.sampled_from(["L", "H"]), st.integers(0, 3000)), max_size=12, unique_by=lambda a: a[:2]))
def test_every_alarm_stands_in_exactly_one_card_whatever_comes(alarms: list[tuple[str, str, int]]) -> None:
    told = [name for cause, folded in fold(*alarms) for name in (*([] if cause.startswith("?") else [cause]), *folded)]
    assert sorted(told) == sorted(f"{t}:{level}" for t, level, _ in alarms)
    safe = {f"{r.tag}:{level}" for r in RULES if r.life_safety for level in "LH"}
    assert not safe & {name for _, folded in fold(*alarms) for name in folded}


def test_five_hundred_alarms_at_once_are_folded_in_a_moment() -> None:
    chain = flowing(11)
    live = watched(chain)
    rng = np.random.default_rng(0)
    alarms = [Raised(f"{i}", rule.name, str(rng.choice(["L", "H"])), 3, int(rng.integers(0, MINUTE)))
              for i, rule in enumerate(rng.choice(np.array(live.rules, object), 500))]
    causes = Causes(chain.net, live).fold(alarms)
    assert sum(len(cause.folded) + 1 - cause.suspected for cause in causes) == 500


@pytest.mark.parametrize("first", ["wash_belt", "coke_belt"])
def test_the_order_alarms_are_handed_in_does_not_matter(first: str) -> None:
    alarms = [("wash_belt", "L", 10), ("heap_level", "L", 50), ("coke_belt", "L", 60)]
    assert fold(*sorted(alarms, key=lambda a: a[0] != first)) == fold(*alarms)
