"""Actions as a tree that adds up: roll-up, late, blocked, evidence, who owes what."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.network.live import Action, Live
from lodeworks.watch.actions import OVER, STATES, Mismatch, actions, apply, due_ms, mismatches, owed
from lodeworks.watch.deeds import Deed
from lodeworks.watch.journal import Row


def item(name: str, parent: str = "", owner: str = "office", due: str = "2026-12-05", state: str = "open", evidence: str = "", count: int = 1, level: str = "list", counts=()) -> Action:
    return Action(name, name, name, parent, owner, due, state, evidence, "", count, level, tuple(counts))


LIVE = Live("programme", "", "", actions=(
    item("programme", level="", due="2026-12-31", counts=[("project", 2), ("list", 3), ("post", 30)]),
    item("p1", "programme", level="project", counts=[("list", 2)]), item("p2", "programme", level="project", counts=[("list", 1), ("post", 30)], due="2026-12-20"),
    item("l1", "p1", "branch 1", "2026-12-01", "done"), item("l2", "p1", "branch 2", "2026-12-03", "under way", evidence="signed list"),
    item("l3", "p2", "branch 1", "2026-12-10", "blocked"), item("posts", "p2", "branch 1", "", count=30, level="post"),
))


def day(text: str) -> int:
    return due_ms(text, "Asia/Shanghai")


def rolled(rows=(), at="2026-12-04"):
    [top] = actions(LIVE, rows, day(at))
    return {one.name: one for one in top.walk()}, top


def test_totals_add_up_by_level_and_state():
    by_name, top = rolled()
    assert {total.level: (total.count, total.done, total.late) for total in top.totals} == {"list": (3, 1, 1), "project": (2, 0, 0), "post": (30, 0, 0)}
    assert dict(by_name["p1"].totals[0].states) == {"done": 1, "under way": 1}
    assert mismatches([top]) == []


def test_a_stated_total_that_is_not_what_lies_below_is_told_with_both():
    wrong = replace(LIVE, actions=tuple(replace(a, counts=(("list", 4),)) if a.name == "p1" else a for a in LIVE.actions))
    assert mismatches(actions(wrong, [], 0)) == [Mismatch("p1", "list", 4, 2)]


def test_late_is_after_the_end_of_the_day_and_what_is_over_is_never_late():
    assert day("2026-12-03") == day("2026-12-04 00:00")
    by_name, _ = rolled(at="2026-12-02")
    assert not by_name["l2"].late
    by_name, _ = rolled(at="2026-12-03")
    assert by_name["l2"].late
    assert not by_name["l1"].late


def test_blocked_rises_to_the_top():
    by_name, top = rolled()
    assert [name for name, one in by_name.items() if one.blocked] == ["programme", "p2", "l3"]
    assert top.blocked


def test_who_owes_what_this_week_with_what_is_late():
    _, top = rolled()
    assert {owner: [one.name for one in items] for owner, items in owed([top], day("2026-12-10")).items()} == {"branch 1": ["l3"], "branch 2": ["l2"]}
    assert owed([top], day("2026-12-02")) == {}


def do(rows, kind, about, note="", user="wang", **data):
    answer, made = apply(LIVE, rows, Deed(kind, about, user, note, data), day("2026-12-04"))
    numbered = [replace(row, number=len(rows) + n + 1) for n, row in enumerate(made)]
    return answer, [*rows, *numbered]


def test_done_needs_the_evidence_that_was_asked_for():
    answer, rows = do([], "action_state", "l2", state="done")
    assert answer.text == "evidence is to be given first: signed list"
    answer, rows = do(rows, "action_evidence", "l2", "list 12, signed on 4 December")
    answer, rows = do(rows, "action_state", "l2", state="done")
    assert answer.done
    by_name, top = rolled(rows)
    assert (by_name["l2"].state, [(row.number, row.note) for row in by_name["l2"].proofs], by_name["l2"].row) == ("done", [(1, "list 12, signed on 4 December")], 2)
    assert next(total for total in top.totals if total.level == "list").done == 2


def test_what_makes_no_sense_is_refused_in_the_words_of_both_languages():
    for kind, about, note, data, words in [
        ("action_state", "posst", "", {"state": "done"}, "did you mean 'posts'"), ("action_state", "l3", "", {"state": "gone"}, "no state"),
        ("action_state", "l1", "", {"state": "dropped"}, "say why"), ("action_state", "l1", "", {"state": "done"}, "already"),
        ("action_evidence", "l1", " ", {}, "say what"), ("action_owner", "l1", "", {}, "say who"), ("action_due", "l1", "", {"due": "2026-12-09"}, "reason"),
        ("action_due", "l1", "later", {"due": "9 Dec"}, "no date"), ("action_make", "new", "", {}, "title"), ("action_make", "l1", "", {"title": "x"}, "already"),
        ("action_make", "new", "", {"title": "x", "parent": "p9"}, "no item 'p9'"),
    ]:
        answer, rows = do([], kind, about, note, **data)
        assert not answer.done
        assert words in answer.text
        assert any("\u4e00" <= letter <= "\u9fff" for letter in answer.text_zh)
        assert rows == []


def test_items_made_since_stand_in_the_tree():
    answer, rows = do([], "action_make", "roller K0+350", title="Change the roller", parent="p1", owner="belt crew", due="2026-12-06", level="list")
    assert answer.done
    answer, rows = do(rows, "action_due", "roller K0+350", "no roller in store", due="2026-12-08 16:00")
    by_name, top = rolled(rows)
    made = by_name["roller K0+350"]
    assert (made.owner, made.due, made.state) == ("belt crew", day("2026-12-08 16:00"), "open")
    assert mismatches([top]) == [Mismatch("programme", "list", 3, 4), Mismatch("p1", "list", 2, 3)]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(STATES), st.integers(1, 9), st.sampled_from(["a", "b"])), min_size=1, max_size=20),
       st.lists(st.tuples(st.integers(0, 19), st.sampled_from(STATES)), max_size=10))
def test_every_item_is_counted_once_at_every_level_whatever_happens(tree, changes):
    made = tuple(item(f"i{n}", f"i{parent % n}" if n else "", state=state, count=count, level=level) for n, (parent, state, count, level) in enumerate(tree))
    rows = [Row(0, "action", f"i{n}", "state", data={"state": state}) for n, state in changes]
    live = Live("t", "", "", actions=made)
    tops = actions(live, rows, day("2026-12-06"))
    items = [one for top in tops for one in top.walk()]
    assert sorted(one.name for one in items) == sorted(a.name for a in made)
    for level in "ab":
        totals = [total for top in tops for total in top.totals if total.level == level]
        assert sum(total.count for total in totals) == sum(a.count for a in made if a.level == level)
        assert sum(total.late for total in totals) == sum(one.action.count for one in items if one.action.level == level and one.state not in OVER)
        for state in STATES:
            assert sum(dict(total.states).get(state, 0) for total in totals) == sum(one.action.count for one in items if one.state == state and one.action.level == level)
