"""Deeds are asked durably, done in order, answered once."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.errors import WatchError
from lodeworks.watch.deeds import Answer, Deed, Deeds


def test_deeds_are_open_in_order_until_answered(tmp_path):
    page, ingest = Deeds(tmp_path / "journal.sqlite"), Deeds(tmp_path / "journal.sqlite")
    first = page.ask(Deed("acknowledge", "gas:H", "wang", "seen", {"x": [1, "二"]}), asked=5)
    second = page.ask(Deed("shelve", "gas:H", "li"), asked=6)
    assert [(d.number, d.kind, d.user, d.asked) for d in ingest.open()] == [
        (first, "acknowledge", "wang", 5), (second, "shelve", "li", 6),
    ]
    assert ingest.open()[0].data == {"x": [1, "二"]}
    assert page.answer(first) is None
    ingest.done(first, Answer(True, "done"))
    ingest.done(first, Answer(False, "another"))
    assert page.answer(first) == Answer(True, "done")
    assert [d.number for d in Deeds(tmp_path / "journal.sqlite").open()] == [second]


def test_open_deeds_are_found_without_looking_at_those_of_years_in_files_of_before_too(tmp_path):
    deeds = Deeds(tmp_path / "journal.sqlite")
    deeds.ask(Deed("acknowledge", "gas:H", "wang"))
    deeds.close()
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as before:
        before.execute("DROP INDEX deeds_open")  # as a file of an earlier version is
        before.commit()
    deeds = Deeds(tmp_path / "journal.sqlite")
    assert [one.subject for one in deeds.open()] == ["gas:H"]
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as after:
        (*_, told), = after.execute("EXPLAIN QUERY PLAN SELECT number FROM deeds WHERE answer IS NULL ORDER BY number")
    assert "deeds_open" in told


@pytest.mark.parametrize(("deed", "why"), [
    (Deed("acknowledge", "gas:H", " "), "nobody is named"),
    (Deed("acknowledge", "gas:H", "x", role="wall"), "a wall only looks"),
    (Deed("acknowledge", "gas:H", "x", role="viewer"), "a viewer only looks"),
])
def test_a_wall_a_viewer_and_nobody_may_ask_nothing(tmp_path, deed, why):
    deeds = Deeds(tmp_path / "journal.sqlite")
    with pytest.raises(WatchError, match=why):
        deeds.ask(deed)
    assert deeds.open() == []


def test_an_unknown_deed_has_no_answer(tmp_path):
    with pytest.raises(WatchError, match="no deed 9"):
        Deeds(tmp_path / "journal.sqlite").answer(9)


@settings(max_examples=30, deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=12))
def test_under_a_key_one_deed_is_asked_or_none_for_ever_and_all_who_look_see_the_same(steps, tmp_path_factory):
    deeds = Deeds(tmp_path_factory.mktemp("deeds") / "journal.sqlite")
    became: dict[str, int] = {}
    for key, asks in steps:
        if asks and became.get(key) == 0:
            with pytest.raises(WatchError, match="told as not done"):
                deeds.ask(Deed("note", key, "wang"), key=key)
        else:
            number = deeds.ask(Deed("note", key, "wang"), key=key) if asks else deeds.give_up(key)
            assert became.setdefault(key, number) == number
        assert deeds.number(key) == became[key]
    assert sorted(deed.subject for deed in deeds.open()) == sorted(key for key, number in became.items() if number)
    assert deeds.number("c") is None
    deeds.close()


def test_without_a_key_what_is_asked_twice_is_asked_twice(tmp_path):
    deeds = Deeds(tmp_path / "journal.sqlite")
    assert deeds.ask(Deed("note", "x", "wang")) != deeds.ask(Deed("note", "x", "wang"))
