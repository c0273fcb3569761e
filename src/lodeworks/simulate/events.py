"""The event list: a binary heap over arrays in which any event can be found, moved and deleted.

Events are numbered; each number stands in the heap at most once. Earlier time first; at one instant the smaller rank
first, and within a rank the event scheduled first. What events mean is the kernel's affair.
"""

from __future__ import annotations

import numpy as np

from lodeworks.simulate.compiled import HEAP_EVENT, HEAP_PLACE, HEAP_RANK, HEAP_TIME, SCALARS, compiled
from lodeworks.simulate.layout import C_HEAP, C_SEQUENCE, NONE, Ints

__all__ = ["cancel", "pop", "schedule"]

_RANK_SHIFT = 56


@compiled
def _up(w: Ints, i: int, time: float, rank: int, event: int) -> None:
    while i > 0:
        parent = (i - 1) >> 1
        other = HEAP_TIME(w)[parent]
        if other < time or (other == time and HEAP_RANK(w)[parent] < rank):
            break
        moved = HEAP_EVENT(w)[parent]
        HEAP_TIME(w)[i] = other
        HEAP_RANK(w)[i] = HEAP_RANK(w)[parent]
        HEAP_EVENT(w)[i] = moved
        HEAP_PLACE(w)[moved] = i
        i = parent
    HEAP_TIME(w)[i] = time
    HEAP_RANK(w)[i] = rank
    HEAP_EVENT(w)[i] = event
    HEAP_PLACE(w)[event] = i


@compiled
def _down(w: Ints, i: int, time: float, rank: int, event: int) -> None:
    count = SCALARS(w)[C_HEAP]
    while True:
        child = 2 * i + 1
        if child >= count:
            break
        other = HEAP_TIME(w)[child]
        right = child + 1
        if right < count:
            second = HEAP_TIME(w)[right]
            if second < other or (second == other and HEAP_RANK(w)[right] < HEAP_RANK(w)[child]):
                child = right
                other = second
        if time < other or (time == other and rank < HEAP_RANK(w)[child]):
            break
        moved = HEAP_EVENT(w)[child]
        HEAP_TIME(w)[i] = other
        HEAP_RANK(w)[i] = HEAP_RANK(w)[child]
        HEAP_EVENT(w)[i] = moved
        HEAP_PLACE(w)[moved] = i
        i = child
    HEAP_TIME(w)[i] = time
    HEAP_RANK(w)[i] = rank
    HEAP_EVENT(w)[i] = event
    HEAP_PLACE(w)[event] = i


@compiled
def schedule(w: Ints, event: int, time: float, rank: int) -> None:
    """Put an event into the list; one that stands there already is moved."""
    if HEAP_PLACE(w)[event] != NONE:
        cancel(w, event)
    SCALARS(w)[C_SEQUENCE] += 1
    i = SCALARS(w)[C_HEAP]
    SCALARS(w)[C_HEAP] = i + 1
    _up(w, i, time, (np.int64(rank) << _RANK_SHIFT) + SCALARS(w)[C_SEQUENCE], event)


@compiled
def cancel(w: Ints, event: int) -> None:
    """Take an event out of the list; nothing happens if it is not there."""
    i = HEAP_PLACE(w)[event]
    if i == NONE:
        return
    HEAP_PLACE(w)[event] = NONE
    last = SCALARS(w)[C_HEAP] - 1
    SCALARS(w)[C_HEAP] = last
    if i == last:
        return
    time, rank, moved = HEAP_TIME(w)[last], HEAP_RANK(w)[last], HEAP_EVENT(w)[last]
    parent = (i - 1) >> 1
    if i > 0 and (time < HEAP_TIME(w)[parent] or (time == HEAP_TIME(w)[parent] and rank < HEAP_RANK(w)[parent])):
        _up(w, i, time, rank, moved)
    else:
        _down(w, i, time, rank, moved)


@compiled
def pop(w: Ints) -> int:
    """Take out the first event and return its number; the list must not be empty."""
    event = HEAP_EVENT(w)[0]
    HEAP_PLACE(w)[event] = NONE
    last = SCALARS(w)[C_HEAP] - 1
    SCALARS(w)[C_HEAP] = last
    if last > 0:
        _down(w, 0, HEAP_TIME(w)[last], HEAP_RANK(w)[last], HEAP_EVENT(w)[last])
    return event
