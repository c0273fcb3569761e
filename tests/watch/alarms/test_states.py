"""The state table against a second one, written as rules, and against the sequences of OPC UA Part 9."""

from __future__ import annotations

import itertools
import random
from dataclasses import astuple

import pytest

from lodeworks.watch.alarms.states import TABLE, Act, Condition, Event, State, step

ALL = [
    state for condition in Condition for flags in itertools.product((False, True), repeat=4)
    if not ((state := State(condition, *flags)).silent and state.acknowledged)  # only what sounds can be silenced
]
LIFT = {Event.UNSHELVE, Event.UNSUPPRESS, Event.RESTORE}


def second(active, told, acked, latched, shelved, suppressed, removed, silent, event):
    """The same machine written another way: four facts instead of a condition, rules instead of a table.

    active: the condition is so. told: somebody was told of it and it is still of concern. acked: it was acknowledged.
    latched: it is held after it went. Returns the facts, then whether it was announced and refused.
    """
    covered = shelved or suppressed or removed
    announce = refuse = False
    if event == "silence":
        if told and not acked and not covered and not silent:
            silent = True
        else:
            refuse = True
    elif event in ("shelve", "suppress", "remove from service", "unshelve", "unsuppress", "return to service"):
        lay = event in ("shelve", "suppress", "remove from service")
        which = {"she": 0, "uns": 0, "sup": 1, "rem": 2, "ret": 2}[event[:3]] if event != "unsuppress" else 1
        covers = [shelved, suppressed, removed]
        if covers[which] == lay:
            refuse = True
        else:
            covers[which] = lay
            shelved, suppressed, removed = covers
            if not lay and not any(covers) and active and not (told and acked and event == "unsuppress"):
                told, acked, announce = True, False, True
    elif event == "begin":
        if not active:
            active = True
            if told:
                acked, latched = False, False
            if not covered:
                told, acked, latched, announce = True, False, False, True
    elif event in ("end", "latch"):
        if active:
            active = False
            if told and event == "latch":
                latched = True
            elif told and acked:
                told = acked = False
    elif event == "acknowledge":
        if active and not acked:
            told, acked = True, True
        elif told and not active and not acked:
            if latched:
                acked = True
            else:
                told = False
        else:
            refuse = True
    elif event == "reset":
        if latched and acked and not active:
            told = acked = latched = False
        else:
            refuse = True
    elif event == "re-alarm" and active and told and not covered:
        acked, announce = False, True
    if announce or not told or acked:
        silent = False
    return (active, told, acked, latched, shelved, suppressed, removed, silent), announce, refuse


def facts(state: State):
    """The facts of a state, for the second machine."""
    c = state.condition
    active = c.value.startswith("active")
    told = c not in (Condition.NORMAL, Condition.HIDDEN)
    return (active, told, c.value.endswith(", acknowledged"), c.value.startswith("latched"), state.shelved,
            state.suppressed, state.out_of_service, state.silent)


def test_every_state_takes_every_event():
    for state, event in itertools.product(ALL, Event):
        after, acts = step(state, event)
        assert isinstance(after, State)
        assert set(acts) <= set(Act)
        if Act.REFUSE in acts:
            assert after == state
            assert Act.ANNOUNCE not in acts


def test_the_table_has_a_line_for_every_condition():
    for event in TABLE:
        assert set(TABLE[event]) == set(Condition)


def test_every_step_is_the_same_in_a_second_table():
    for state, event in itertools.product(ALL, Event):
        after, acts = step(state, event)
        assert (facts(after), Act.ANNOUNCE in acts, Act.REFUSE in acts) == second(*facts(state), event.value), (state, event)


def test_a_walk_of_100000_steps_is_the_same_in_a_second_table():
    draw = random.Random(7)
    events = list(Event)
    state, other = State(), facts(State())
    seen = set()
    for _ in range(100_000):
        event = draw.choice(events)
        after, acts = step(state, event)
        other, announce, refuse = second(*other, event.value)
        assert facts(after) == other, (state, event)
        assert (Act.ANNOUNCE in acts, Act.REFUSE in acts) == (announce, refuse), (state, event)
        seen.add((astuple(state)[:4], event))
        state = after
    assert len(seen) > 500  # the walk has been nearly everywhere


def test_nothing_is_announced_under_a_cover():
    for state, event in itertools.product(ALL, Event):
        after, acts = step(state, event)
        if Act.ANNOUNCE in acts:
            assert not after.covered
            assert after.condition is Condition.ACTIVE_UNACKNOWLEDGED
            assert not after.silent


# Part 9, Table B.1, the rows without confirming, which is optional there and not kept here: active, acknowledged, retain.
TABLE_B_1 = [
    (Event.BEGIN, (True, False, True)),
    (Event.ACKNOWLEDGE, (True, True, True)),
    (Event.END, (False, True, False)),
    (Event.BEGIN, (True, False, True)),
    (Event.END, (False, False, True)),
    (Event.ACKNOWLEDGE, (False, True, False)),
]


def test_the_sequence_of_part_9_annex_b_1():
    state = State()
    assert (state.active, state.acknowledged, not state.quiet) == (False, True, False)
    for event, expected in TABLE_B_1:
        state, acts = step(state, event)
        assert Act.REFUSE not in acts
        assert (state.active, state.acknowledged, not state.quiet) == expected


# Part 9, Table B.2, is of servers that keep earlier states as branches, each acknowledged for itself. None are kept here:
# what was not acknowledged when it came again is acknowledged with it. The row of the table, and active, acknowledged,
# retain of the present state.
TABLE_B_2 = [
    (1, Event.BEGIN, (True, False, True)), (2, Event.ACKNOWLEDGE, (True, True, True)), (3, Event.END, (False, True, False)),
    (5, Event.BEGIN, (True, False, True)), (6, Event.END, (False, False, True)),  # there True, with branch 1 for what is due
    (8, Event.BEGIN, (True, False, True)), (9, Event.ACKNOWLEDGE, (True, True, True)), (10, Event.END, (False, True, False)),
]


def test_the_sequence_of_part_9_annex_b_2_without_branches():
    state = State()
    for number, event, expected in TABLE_B_2:
        state, acts = step(state, event)
        assert Act.REFUSE not in acts
        assert (state.active, state.acknowledged, not state.quiet) == expected, number
    assert state == State()  # row 14: no longer of interest


def test_latched_part_9_5_8_stays_until_reset_and_is_reset_only_when_gone_and_acknowledged():
    state, _ = step(State(), Event.BEGIN)
    assert step(state, Event.RESET)[1] == (Act.REFUSE,)
    state, _ = step(state, Event.LATCH)
    assert state.condition is Condition.LATCHED_UNACKNOWLEDGED
    assert step(state, Event.RESET)[1] == (Act.REFUSE,)
    state, _ = step(state, Event.ACKNOWLEDGE)
    assert not state.quiet
    state, acts = step(state, Event.RESET)
    assert state.quiet
    assert acts == ()


def test_what_begins_under_a_cover_is_announced_when_the_last_cover_is_lifted():
    state = State()
    for event in (Event.SHELVE, Event.SUPPRESS, Event.BEGIN):
        state, acts = step(state, event)
        assert acts == ()
    assert state.condition is Condition.HIDDEN
    state, acts = step(state, Event.UNSHELVE)
    assert acts == ()
    state, acts = step(state, Event.UNSUPPRESS)
    assert acts == (Act.ANNOUNCE,)
    assert state == State(Condition.ACTIVE_UNACKNOWLEDGED)


def test_what_came_and_went_under_a_cover_asks_nobody_to_acknowledge():
    state = State()
    for event in (Event.SUPPRESS, Event.BEGIN, Event.END, Event.UNSUPPRESS):
        state, acts = step(state, event)
        assert acts == ()
    assert state.quiet


@pytest.mark.parametrize(("lift", "announced"), [(Event.UNSHELVE, True), (Event.UNSUPPRESS, False)])
def test_an_acknowledged_alarm_is_told_again_after_shelving_not_after_suppression(lift, announced):
    lay = {Event.UNSHELVE: Event.SHELVE, Event.UNSUPPRESS: Event.SUPPRESS}[lift]
    state = State(Condition.ACTIVE_ACKNOWLEDGED)
    state, _ = step(state, lay)
    state, acts = step(state, lift)
    assert (Act.ANNOUNCE in acts) is announced


def test_silence_is_not_acknowledging_and_ends_with_the_next_announcement():
    state, _ = step(State(), Event.BEGIN)
    state, acts = step(state, Event.SILENCE)
    assert acts == ()
    assert state.silent
    assert not state.acknowledged
    state, acts = step(state, Event.RE_ALARM)
    assert acts == (Act.ANNOUNCE,)
    assert not state.silent
