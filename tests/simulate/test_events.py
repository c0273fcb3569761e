"""The event list against a sorted list: whatever is scheduled, moved and cancelled, events leave it in order."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.simulate import layout as y
from tests.simulate.interpreted import Tables, kernel_with

EVENTS = 12
TIMES = st.sampled_from([0.0, 1.0, 1.5, 2.0, 3.0, 3.0000001])  # many of them equal
STEPS = st.lists(st.one_of(
    st.tuples(st.just("schedule"), st.integers(0, EVENTS - 1), TIMES, st.integers(0, 5)),
    st.tuples(st.just("cancel"), st.integers(0, EVENTS - 1)),
    st.tuples(st.just("pop")),
), max_size=80)
LIST = kernel_with()["events"]


def tables(*, deletes: bool = True) -> Tables:
    """Return an empty event list, of a chain that may delete events or of one that never does."""
    w = Tables.__new__(Tables)
    w.failures = w.rare = deletes
    w.heap_key, w.heap_rank = np.iinfo(np.int64).max - np.arange(EVENTS + 8), np.zeros(EVENTS + 8, np.int64)
    w.heap_event, w.heap_place = np.zeros(EVENTS + 8, np.int64), np.full(EVENTS, y.NONE, np.int64)
    w.c = np.zeros(y.C_INTS, np.int64)
    return w


@settings(max_examples=400, deadline=None)
@given(STEPS)
def test_events_leave_by_time_then_rank_then_order_of_scheduling(steps: list[tuple]) -> None:
    w, expected, order = tables(), {}, 0
    for what, *rest in steps:
        if what == "schedule":
            event, time, rank = rest
            LIST.schedule(w, event, time, rank)
            order += 1
            expected[event] = (time, rank, order)
        elif what == "cancel":
            LIST.cancel(w, rest[0])
            expected.pop(rest[0], None)
        elif expected:
            first = min(expected, key=expected.__getitem__)
            assert LIST.take_out(w, LIST.first(w)) == first
            del expected[first]
        assert w.c[y.C_HEAP] == len(expected)
    while expected:
        first = min(expected, key=expected.__getitem__)
        assert LIST.take_out(w, LIST.first(w)) == first
        del expected[first]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.tuples(TIMES, st.integers(0, 5)), st.none()), max_size=60))
def test_where_none_is_deleted_events_leave_in_order_and_no_place_is_written_down(
    steps: list[tuple[float, int] | None],
) -> None:
    w, expected, free = tables(deletes=False), {}, list(range(EVENTS))
    for order, step in enumerate([*steps, *[None] * EVENTS]):
        if step is not None and free:
            time, rank = step
            LIST.schedule(w, free[-1], time, rank)
            expected[free.pop()] = (time, rank, order)
        elif step is None and expected:
            first = min(expected, key=expected.__getitem__)
            assert LIST.take_out(w, LIST.first(w)) == first
            del expected[first]
            free.append(first)
    assert not expected
    assert (w.heap_place == y.NONE).all()


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_every_event_knows_its_place(steps: list[tuple]) -> None:
    w = tables()
    for what, *rest in steps:
        if what == "schedule":
            LIST.schedule(w, *rest)
        elif what == "cancel":
            LIST.cancel(w, rest[0])
        elif w.c[y.C_HEAP]:
            LIST.take_out(w, LIST.first(w))
        inside = int(w.c[y.C_HEAP])
        assert all(w.heap_place[w.heap_event[i]] == i for i in range(inside))
        assert int((w.heap_place != y.NONE).sum()) == inside
