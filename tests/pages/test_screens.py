"""Screens write themselves from the chain and its tags; what is written in the chain is taken as written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lodeworks.network.live import LimitRow, Screen
from lodeworks.pages.screens import OVERVIEW, boards, described, system_board
from tests.pages.plant import mine, tag


def names(live, board):
    return [[live.tags[k].name for k in section.tags] for section in board.sections]


def test_without_a_screen_there_is_an_overview_and_one_a_place():
    live = mine()
    found = boards(live)
    assert list(found) == [OVERVIEW, "people", "face_11", "return_11", "belt_main", "washery"]
    shown = [name for section in names(live, found[OVERVIEW]) for name in section]
    assert sorted(shown) == sorted(t.name for t in live.tags if not t.name.startswith("lodeworks."))


def test_people_stand_first_and_what_can_hurt_before_what_costs():
    live = mine()
    sections = names(live, boards(live)[OVERVIEW])
    assert sections[0] == ["people_face", "people_return"]
    assert sections[1][:2] == ["face_gas_t0", "face_gas_t1"]
    assert sections[1][-1] == "shearer_state"
    assert sections[3][0] == "belt_speed"  # an alarm of high priority is on it


def test_the_systems_own_tags_are_on_no_wall():
    live = mine()
    assert all(not live.tags[k].name.startswith("lodeworks.") for board in boards(live).values() for k in board.tags)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_on_the_page_of_its_health_a_tile_does_not_say_its_feeds_name_again(language):
    live = mine()
    for section in described(live, system_board(live), language)["sections"]:
        titles = [tile["title"] for tile in section["tiles"]]
        assert all(titles)
        assert len(set(titles)) == len(titles)
        assert not any(title.startswith(section["title"]) for title in titles)


def test_an_overview_of_many_tags_keeps_the_most_urgent_of_each_place():
    live = mine(more=600)
    found = boards(live)
    overview = found[OVERVIEW]
    assert len(overview.tags) < 140
    assert len(overview.sections) == len(boards(mine())[OVERVIEW].sections)
    assert live.place["face_gas_t0"] in overview.tags
    assert set(found["face_11"].tags) > set(found[OVERVIEW].sections[1].tags)


def test_a_written_screen_has_its_rows_of_tags_zones_and_cameras():
    live = replace(mine(), screens=(Screen("desk", "Desk", "值班台", (("face_gas_t0", "zone_face"), ("cam_belt",))),))
    found = boards(live)
    assert list(found)[:2] == ["desk", OVERVIEW]
    assert names(live, found["desk"]) == [["face_gas_t0", "people_face"], []]
    assert found["desk"].sections[1].cameras == ("cam_belt",)


def test_a_written_screen_without_rows_is_the_overview_under_its_own_name():
    live = replace(mine(), screens=(Screen("wall", "Wall", "大屏"),))
    found = boards(live)
    assert OVERVIEW not in found
    assert found["wall"].tags == boards(mine())[OVERVIEW].tags


def test_a_tile_says_unit_range_feed_and_where_its_limits_are_written():
    live = mine()
    told = described(live, boards(live)["face_11"], "zh")
    tile = told["sections"][0]["tiles"][0]
    assert (tile["title"], tile["unit"], tile["source"], tile["places"]) == ("上隅角甲烷", "%", "监控系统副本", 2)
    assert tile["limits"] == [{"level": "H", "side": "high", "value": 1.0, "priority": 1, "row": "AQ 1029-2019, 2020-05-01"}]
    people = described(live, boards(live)["people"], "en")["sections"][0]["tiles"][0]
    assert people["most"] == 25
    assert people["places"] == 0
    shearer = next(t for t in told["sections"][0]["tiles"] if t["name"] == "shearer_state")
    assert shearer["words"] == {"0": "停机", "1": "割煤", "2": "故障"}
    assert shearer["unit"] == ""


def test_a_limit_of_the_sites_own_says_why_and_who_set_it_not_the_rule_it_replaces():
    live = mine()
    own = LimitRow("t0", "T0", "methane", "%", None, 1.0, 1.5, 1.0, "", "", "T0_rule", "gassy seam", "engineer 7", "chief 2")
    live = replace(live, limits=(own, *live.limits[1:]))
    tile = described(live, boards(live)["face_11"], "en")["sections"][0]["tiles"][0]
    assert tile["limits"][0]["row"] == "gassy seam, engineer 7 · chief 2 · instead of T0_rule"


def test_an_unbounded_range_is_none_so_that_it_can_be_written_as_json():
    live = mine()
    odd = replace(live, tags=(tag("odd", "Odd", "奇", "face_11", "gas", "%", float("-inf"), float("inf")),), rules=(), zones=(), place={})
    tile = described(odd, boards(odd)[OVERVIEW], "en")["sections"][0]["tiles"][0]
    assert tile["low"] is None
    assert tile["high"] is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_raw_name_is_seen(language):
    """Every title of every made screen is a title, not an identifier."""
    live = mine()
    identifiers = {t.name for t in live.tags} | {s.name for s in live.sites} | {z.name for z in live.zones}
    for board in boards(live).values():
        told = described(live, board, language)
        seen = [told["title"], *(s["title"] for s in told["sections"]), *(t["title"] for s in told["sections"] for t in s["tiles"])]
        assert not identifiers & set(seen)
