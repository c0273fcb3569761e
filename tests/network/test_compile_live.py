"""What is watched of a chain: defaults filled in, plain numbers, and the alarms that are made by themselves."""

from __future__ import annotations

import math

import pytest

from lodeworks.network.compile_live import compile_live
from lodeworks.network.live import Limit
from tests.mine import mine


@pytest.fixture(scope="module")
def live():
    return compile_live(mine())


@pytest.fixture(scope="module")
def rules(live):
    return {rule.name: rule for rule in live.rules}


def tag(live, name):
    return live.tags[live.place[name]]


def test_a_flow_stands_beside_the_plan_in_its_commoditys_unit_an_hour(live):
    found = tag(live, "belt_flow")
    assert (found.unit, found.commodity, found.site, found.high) == ("t/h", "raw_coal", "face", 300.0)
    assert (found.title_en, found.title_zh) == ("belt, flow", "主运皮带流量")


def test_a_level_reads_up_to_what_its_store_holds(live):
    assert (tag(live, "bunker_level").low, tag(live, "bunker_level").high) == (0.0, 500.0)


def test_what_may_be_built_can_be_read_as_well():
    """Of 240 t/h and 60 that may be built 375 can be read; where any amount may be built there is no end."""
    for most, high in (("60 t/h", 375.0), (None, math.inf)):
        own = {"cost": "1 CNY/(t/h)", "life": "10 a", **({"most": most} if most else {})}
        assert tag(compile_live(mine(routes={"belt": {"expansion": own}})), "belt_flow").high == high
    held = {"cost": "1 CNY/t", "life": "10 a", "most": "0.3 kt"}
    assert tag(compile_live(mine(stores={"bunker": {"expansion": held}})), "bunker_level").high == 800.0


def test_a_factor_brings_flows_levels_loads_and_running_totals_to_what_the_plan_counts_in():
    live = compile_live(mine(tags={
        "slow": {"element": "belt", "reads": "flow", "unit": "kg/s"}, "held": {"element": "bunker", "reads": "level", "unit": "kg"},
        "drive": {"element": "belt", "reads": "load"}, "total": {"element": "belt", "reads": "flow", "kind": "counter", "unit": "kg"},
        "sum": {"element": "belt", "reads": "flow", "kind": "counter"},
    }))
    found = {name: (tag(live, name).unit, tag(live, name).factor) for name in ("slow", "held", "drive", "total", "sum", "ch4_t0")}
    assert found == {"slow": ("kg/s", pytest.approx(3.6)), "held": ("kg", pytest.approx(0.001)), "drive": ("%", pytest.approx(0.01)),
                     "total": ("kg", pytest.approx(0.001)), "sum": ("t", 1.0), "ch4_t0": ("%", 1.0)}


def test_a_state_has_words_and_their_range(live):
    found = tag(live, "belt_state")
    assert found.kind == "state"
    assert found.words[2] == (2, "fault", "故障")
    assert (found.low, found.high) == (0.0, 2.0)


def test_quantities_of_places_keep_their_name_and_usual_unit(live):
    found = tag(live, "ch4_t0")
    assert (found.reads, found.quantity, found.unit, found.low, found.high) == ("methane", "methane", "%", 0.0, 4.0)
    assert found.period_s == 5.0
    assert tag(live, "air").low == 0.0
    assert tag(live, "roller").low == -math.inf


def test_the_only_feed_is_everybodys(live):
    assert tag(live, "people").feed == "ring"
    assert live.feeds[0].clock_s == pytest.approx(0.02)


def test_a_chain_without_feeds_is_watched_in_rehearsal():
    live = compile_live(mine(feeds={"ring": None}))
    assert [feed.kind for feed in live.feeds] == ["rehearsal"]
    assert live.tags[0].feed == "rehearsal"


def test_the_systems_own_tags_come_last(live):
    own = [one.name.startswith("lodeworks.") for one in live.tags]
    assert own == sorted(own)
    assert {"lodeworks.lag_s", "lodeworks.refused", "lodeworks.ring.connected"} <= set(live.place)


def test_the_table_makes_an_alarm_and_a_cut_for_every_tag_in_a_place(rules):
    rule = rules["ch4_t0.limit"]
    assert rule.limits == (Limit("HH", "high", 1.5, 0.5, "T0"), Limit("H", "high", 1.0, 0.05, "T0"))
    assert rule.life_safety
    assert rule.shelve_most_s == 0.0
    assert (rule.priority, rule.respond_s, rule.made, rule.row) == (1, 300.0, True, "T0")
    assert rule.response_zh == "停止作业、切断电源、撤出人员"


def test_a_sites_own_row_stands_for_the_general_one_and_takes_the_rest_from_it(live, rules):
    rule = rules["ch4_face.limit"]
    assert [limit.value for limit in rule.limits] == [1.5, 0.8]
    assert rule.response == "withdraw"
    row = next(row for row in live.limits if row.name == "T1_ours")
    assert (row.cut, row.reason, row.second) == (1.5, "gassy seam", "chief 2")


def test_a_sites_own_number_is_not_said_to_stand_in_the_rule_it_replaces(live):
    sources = {row.name: (row.source, row.dated) for row in live.limits}
    assert sources["T1"] == ("rule book", "2026-02-01")
    assert sources["T1_ours"] == ("", "")


@pytest.mark.parametrize(("address", "called"), [
    ("mqtt://broker", "air"), ("mqtt://broker/#", "air"), ("mqtt://broker/mine/#", "mine/air"), ("mqtt://broker/a/b/#?client=x", "a/b/air"),
    ("mqtt://broker/+/gas/#", "air"), ("mqtt://broker/mine/air", "air"),
])
def test_a_tag_without_an_address_is_its_name_under_the_topics_of_its_feed(address, called):
    found = compile_live(mine(feeds={"ring": {"address": address}}))
    assert found.tags[found.place["air"]].address == called


def test_a_source_is_told_by_the_title_of_the_row_it_names():
    found = compile_live(mine(limits={"T1": {"source": "B01, assumed"}}, sources={"B01": {"title": "Rules of 2026"}}))
    assert next(row.source for row in found.limits if row.name == "T1") == "Rules of 2026 (B01), assumed"


def test_a_row_may_bound_both_sides(rules):
    assert [(limit.level, limit.side, limit.value) for limit in rules["air.limit"].limits] == [
        ("H", "high", 4.0), ("L", "low", 0.25)]


def test_a_written_rule_is_in_the_tags_unit_and_in_seconds(rules):
    slip = rules["slip"]
    assert [(limit.level, limit.value, limit.deadband) for limit in slip.limits] == [("L", 1.5, 0.1), ("LL", 1.0, 0.1)]
    assert (slip.on_delay_s, slip.respond_s, slip.priority, slip.life_safety) == (3.0, 600.0, 2, False)
    assert slip.unless_program is not None
    assert slip.unless_program({"belt_state": [0.0, 1.0]}).tolist() == [1.0, 0.0]
    assert slip.unless_rules == ()


def test_a_rate_is_a_change_an_hour(rules):
    limit = rules["warms"].limits[0]
    assert (limit.value, limit.deadband) == (pytest.approx(300.0), pytest.approx(60.0))


def test_states_are_told_by_their_words(rules):
    assert rules["broken"].states == (2,)


def test_an_expression_is_ready_to_run_and_suppression_may_name_rules(rules):
    spill = rules["spill"]
    assert spill.program is not None
    assert spill.program({"belt_flow": 150.0, "belt_state": 0.0}) == 1.0
    assert spill.unless_rules == ("broken",)


def test_a_deviation_is_a_difference_from_the_plan(rules):
    assert rules["behind"].limits == (Limit("L", "low", -40.0),)


def test_time_left_is_in_hours_and_ends_where_its_store_does(rules):
    lasts = rules["lasts"]
    assert lasts.limits == (Limit("L", "low", 0.5, pytest.approx(1 / 12)), Limit("LL", "low", pytest.approx(1 / 6), pytest.approx(1 / 12)))
    assert (lasts.ends, lasts.window_s, lasts.loss) == ((0.0, math.inf), 600.0, 0.0)

    def ends(store=None, **alarm):
        live = compile_live(mine(alarms={"lasts": alarm}, **({"stores": {"bunker": store}} if store else {})))
        rule = next(rule for rule in live.rules if rule.name == "lasts")
        return rule.ends, rule.loss

    assert ends({"min_level": "10 %", "max_level": 0.95, "loss": "2 %/h"}, ends=None) == ((50.0, 475.0), 0.02)
    assert ends(ends="full") == ((-math.inf, 500.0), 0.0)
    assert ends(ends="full", bound="0.4 kt") == ((-math.inf, pytest.approx(400.0)), 0.0)


def test_what_reads_methane_is_life_safety_whatever_the_kind(rules):
    assert rules["frozen"].life_safety
    assert rules["ch4_face.stale"].life_safety
    assert not rules["belt_flow.stale"].life_safety


def test_lost_tags_are_silent_while_their_feed_is_gone(rules):
    stale = rules["ch4_t0.stale"]
    assert stale.unless_program is not None
    assert stale.unless_program.names == ("lodeworks.ring.connected",)
    assert (stale.priority, rules["belt_flow.bad"].priority) == (2, 4)


def test_what_a_round_measures_may_be_silent_through_its_longest_gap(rules):
    assert rules["roller.stale"].on_delay_s == pytest.approx(120.0)
    assert rules["robot_at.stale"].on_delay_s == pytest.approx(120.0)
    assert rules["belt_flow.stale"].on_delay_s == 0.0


def test_too_many_people_or_one_too_long_is_an_alarm(rules):
    assert rules["face_zone.over"].limits == (Limit("H", "high", 16.0, 0.5),)
    assert rules["face_zone.stay"].limits[0].value == 8.0
    assert rules["face_zone.over"].life_safety


def test_a_forbidden_zone_allows_nobody():
    live = compile_live(mine(zones={"goaf": {"count": "in_goaf"}}))
    rule = next(rule for rule in live.rules if rule.name == "goaf.over")
    assert rule.limits[0].value == 1.0


def test_every_rule_says_what_to_do_in_both_languages_and_by_when(live):
    for rule in live.rules:
        assert all((rule.cause, rule.cause_zh, rule.consequence, rule.consequence_zh, rule.response, rule.response_zh)), rule.name
        assert rule.respond_s > 0.0
        assert rule.priority in (1, 2, 3, 4)


def test_rounds_ways_and_zones_are_in_metres_and_seconds(live):
    robot = live.rounds[0]
    assert (robot.start_m, robot.end_m, robot.speed_m_s, robot.every_s) == (20.0, 780.0, 0.5, 7200.0)
    assert robot.stops == (400.0,)
    assert robot.gaps == ((420.0, 480.0),)
    assert [way.metres for way in live.roadways] == [600.0, pytest.approx(400.0)]
    assert live.roadways[1].exit
    assert live.zones[0].longest_s == pytest.approx(8 * 3600.0)
    assert next(route for route in live.routes if route.name == "belt").metres == pytest.approx(800.0)


def test_a_round_without_an_end_goes_to_the_end_of_its_route():
    live = compile_live(mine(rounds={"robot": {"end": None}}))
    assert live.rounds[0].end_m == pytest.approx(800.0)


def test_incidents_have_their_steps_in_order(live):
    gas = live.incidents[0]
    assert gas.starts == ("ch4_t0.limit", "slip")
    assert [(step.name, step.role, step.within_s, step.clears) for step in gas.steps] == [
        ("warn", "dispatcher", 120.0, ""), ("out", "captain", 1800.0, "face_zone")]


def test_actions_take_owner_and_due_date_from_above(live):
    posts, more = live.actions[1], live.actions[2]
    assert (posts.owner, posts.due, posts.count) == ("chief", "2026-12-31", 3)
    assert (more.owner, more.due) == ("deputy", "2026-06-30 18:00")
    assert live.actions[0].counts == (("post", 5),)


def test_without_screens_there_is_a_wall():
    assert compile_live(mine(screens={"wall": None})).screens[0].rows == ()


def test_every_name_that_is_shown_has_a_title(live):
    titles = {name: (en, zh) for name, en, zh in live.titles}
    assert titles["belt"] == ("belt", "主运皮带")
    assert titles["raw_coal"] == ("raw coal", "原煤")
    assert {site.name for site in live.sites} == {"face", "junction", "shaft"}


def test_a_chain_that_watches_nothing_has_no_tags_of_the_system():
    from lodeworks.chain import read_chain

    live = compile_live(read_chain("cases/first-chain"))
    assert live.tags == ()
    assert live.rules == ()


@pytest.mark.parametrize("case", ["faer-mine", "liupanshui", "work-programme"])
def test_the_names_checks_know_of_made_rules_and_system_tags_are_those_that_are_made(case):
    from lodeworks.chain import read_chain
    from lodeworks.chain.measures import Measures
    from lodeworks.chain.watched import Watched

    chain = read_chain(f"cases/{case}")
    live, watched = compile_live(chain), Watched(chain, Measures(chain, chain.registry()))
    assert sorted(rule.name for rule in live.rules if rule.made) == sorted(watched.made)
    assert [tag.name for tag in live.tags if tag.name.startswith("lodeworks.")] == list(watched.system_tags)
