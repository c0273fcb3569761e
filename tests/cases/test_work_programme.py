"""The programme of work: printed totals hold at every level, and one missing list or post is named."""

from __future__ import annotations

from collections import Counter

from lodeworks.network.compile_live import compile_live
from lodeworks.verbs import check, claims_of, read

CASE = "cases/work-programme"
PRINTED = {"project": 74, "list": 240, "team": 39, "post": 1010}


def test_the_case_has_no_fault():
    assert check(CASE) == []


def test_the_printed_totals_are_those_of_the_items():
    found: Counter[str] = Counter()
    for action in compile_live(read(CASE)).actions:
        found[action.level] += action.count
    assert {level: found[level] for level in PRINTED} == PRINTED
    assert found["fill"] == 56


def test_the_offices_add_up_to_the_programme():
    actions = compile_live(read(CASE)).actions
    offices = [dict(action.counts) for action in actions if action.level == "office"]
    assert len(offices) == 10
    assert {level: sum(office[level] for office in offices) for level in PRINTED} == PRINTED


def test_every_item_is_owed_by_somebody_until_some_day():
    assert all(action.owner and action.due for action in compile_live(read(CASE)).actions)


def test_owners_and_levels_are_called_by_chinese_names_too():
    live = compile_live(read(CASE))
    titles = {name: zh for name, _, zh in live.titles}
    shown = {action.owner for action in live.actions} | {action.level for action in live.actions if action.level}
    assert shown <= set(titles)
    assert all(any("一" <= letter <= "鿿" for letter in titles[name]) for name in shown)


def test_a_list_too_few_is_told_at_every_level_above_it():
    found = check(CASE, sets=["actions.list_001.count=0"])
    assert {(problem.element, problem.key) for problem in found} == {
        ("actions.programme", "counts.list"), ("actions.industry", "counts.list"), ("actions.project_01", "counts.list")}


def test_a_post_too_many_is_told_at_the_team_its_office_and_the_programme():
    found = check(CASE, sets=["actions.posts_01.count=27"])
    assert {problem.element for problem in found} == {"actions.programme", "actions.industry", "actions.team_01"}
    assert any("1010 stated, 1011 below" in str(problem) for problem in found)


def test_the_printed_ratios_hold():
    assert {verdict.id: verdict.verdict for verdict in claims_of(CASE)} == {"K35": "holds"}
