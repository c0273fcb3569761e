"""The event list, in which any event can be found, moved and deleted: a few events in no order, many in a heap.

Events are numbered; each number stands in the list at most once. Earlier time first; at one instant the smaller rank
first, and within a rank the event scheduled first. What events mean is the kernel's affair.

The heap gives each event four others below it, whose times stand in one cache line: half as many levels as with two,
and on a large list it is memory that takes time. So only times and numbers of events move; an event's rank, which few
ask after, stays with its number. Where an event stands is written down only in variants that ever delete or move one,
in which something fails or is rare: in the others each event is scheduled once and then happens.

Times are compared as the whole numbers that stand in memory for them: the order of doubles that are not negative is
that of their bits. Up to `_FEW` events are looked through each time, in pairs and without a branch that could be
guessed wrong, which is faster than any order kept; free places there hold the end of time, each an end of its own.
"""

from __future__ import annotations

import numpy as np

from lodeworks.simulate.compiled import (
    FAILURES,
    HEAP_EVENT,
    HEAP_KEY,
    HEAP_PLACE,
    HEAP_RANK,
    RARE,
    SCALARS,
    compiled,
    hot,
)
from lodeworks.simulate.layout import C_HEAP, C_HEAPED, C_PATH, C_SEQUENCE, NONE, Ints

__all__ = ["cancel", "first", "schedule", "take_out"]

_RANK_SHIFT = 56
_FEW = 8  # events that stand in no order; `first` names each
_BACK = 4  # so few that a heap is given up
_NEVER = (1 << 63) - 1


@hot
def _stands(w: Ints, i: int, key: int, event: int) -> None:
    HEAP_KEY(w)[i] = key
    HEAP_EVENT(w)[i] = event
    if FAILURES(w) or RARE(w):
        HEAP_PLACE(w)[event] = i


@hot
def _up(w: Ints, i: int, key: int, event: int) -> None:
    while i > 0:
        parent = (i - 1) >> 2
        other = HEAP_KEY(w)[parent]
        if other < key or (other == key and _is_before(w, HEAP_EVENT(w)[parent], event)):
            break
        _stands(w, i, other, HEAP_EVENT(w)[parent])
        i = parent
    _stands(w, i, key, event)


@hot
def _is_before(w: Ints, one: int, other: int) -> bool:
    """Return which of two events of one instant comes first."""
    return HEAP_RANK(w)[one] < HEAP_RANK(w)[other]


@hot
def _down(w: Ints, i: int, key: int, event: int) -> None:
    """Let an event sink from a place; behind the last one stands the end of time."""
    count = SCALARS(w)[C_HEAP]
    level = C_PATH
    while True:
        child = 4 * i + 1
        if child >= count:
            break
        k0, k1, k2, k3 = HEAP_KEY(w)[child], HEAP_KEY(w)[child + 1], HEAP_KEY(w)[child + 2], HEAP_KEY(w)[child + 3]
        left, right = min(k0, k1), min(k2, k3)
        other = min(left, right)
        if (k0 == k1) | (k2 == k3) | (left == right):
            child = _first_of(w, child, min(child + 4, count), other)
        else:
            child += (3 if k3 < k2 else 2) if right < left else (1 if k1 < k0 else 0)
        if key < other or (key == other and _is_before(w, event, HEAP_EVENT(w)[child])):
            break
        SCALARS(w)[level] = i
        level += 1
        _stands(w, i, other, HEAP_EVENT(w)[child])
        i = child
    _stands(w, i, key, event)


@compiled
def _first_of(w: Ints, begin: int, end: int, key: int) -> int:
    """Return where the first of the events of one instant stands, of those from a place to before another."""
    found = NONE
    for i in range(begin, end):
        if HEAP_KEY(w)[i] == key and (found == NONE or _is_before(w, HEAP_EVENT(w)[i], HEAP_EVENT(w)[found])):
            found = i
    return found


@compiled
def _order(w: Ints) -> None:
    """Make a heap of all that stands in the list."""
    SCALARS(w)[C_HEAPED] = 1
    count = SCALARS(w)[C_HEAP]
    for i in range(count // 4, -1, -1):
        _down(w, i, HEAP_KEY(w)[i], HEAP_EVENT(w)[i])


@compiled
def _give_up_order(w: Ints) -> None:
    SCALARS(w)[C_HEAPED] = 0
    for i in range(SCALARS(w)[C_HEAP], _FEW):
        HEAP_KEY(w)[i] = _NEVER - i


@hot
def schedule(w: Ints, event: int, time: float, rank: int) -> None:
    """Put an event into the list; one that stands there already is moved."""
    if (FAILURES(w) or RARE(w)) and HEAP_PLACE(w)[event] != NONE:
        cancel(w, event)
    SCALARS(w)[C_SEQUENCE] += 1
    key = np.float64(time + 0.0).view(np.int64)
    HEAP_RANK(w)[event] = (np.int64(rank) << _RANK_SHIFT) + SCALARS(w)[C_SEQUENCE]
    i = SCALARS(w)[C_HEAP]
    SCALARS(w)[C_HEAP] = i + 1
    if SCALARS(w)[C_HEAPED] == 0:
        _stands(w, i, key, event)
        if i == _FEW:
            _order(w)
    else:
        _up(w, i, key, event)


@compiled
def cancel(w: Ints, event: int) -> None:
    """Take an event out of the list; nothing happens if it is not there."""
    i = HEAP_PLACE(w)[event]
    if i != NONE:
        take_out(w, i)


@hot
def first(w: Ints) -> int:
    """Return where the first event stands; the list must not be empty."""
    if SCALARS(w)[C_HEAPED] == 1:
        return 0
    k0, k1, k2, k3 = HEAP_KEY(w)[0], HEAP_KEY(w)[1], HEAP_KEY(w)[2], HEAP_KEY(w)[3]
    i0, i2 = 1 if k1 < k0 else 0, 3 if k3 < k2 else 2
    m0, m2 = min(k0, k1), min(k2, k3)
    j0, n0 = i2 if m2 < m0 else i0, min(m0, m2)
    equal = (k0 == k1) | (k2 == k3) | (m0 == m2)
    if SCALARS(w)[C_HEAP] <= _FEW // 2:
        return _first_of(w, 0, SCALARS(w)[C_HEAP], n0) if equal else j0
    k4, k5, k6, k7 = HEAP_KEY(w)[4], HEAP_KEY(w)[5], HEAP_KEY(w)[6], HEAP_KEY(w)[7]
    i4, i6 = 5 if k5 < k4 else 4, 7 if k7 < k6 else 6
    m4, m6 = min(k4, k5), min(k6, k7)
    j4, n4 = i6 if m6 < m4 else i4, min(m4, m6)
    equal |= (k4 == k5) | (k6 == k7) | (m4 == m6) | (n0 == n4)
    if equal:
        return _first_of(w, 0, SCALARS(w)[C_HEAP], min(n0, n4))
    return j4 if n4 < n0 else j0


@hot
def take_out(w: Ints, i: int) -> int:
    """Take out the event that stands at i and return its number; the last one comes into its place."""
    event = HEAP_EVENT(w)[i]
    last = SCALARS(w)[C_HEAP] - 1
    SCALARS(w)[C_HEAP] = last
    key, moved = HEAP_KEY(w)[last], HEAP_EVENT(w)[last]
    if SCALARS(w)[C_HEAPED] == 0:
        _stands(w, i, key, moved)  # also where it is the last itself: which one goes cannot be guessed
        HEAP_KEY(w)[last] = _NEVER - last
        if FAILURES(w) or RARE(w):
            HEAP_PLACE(w)[event] = NONE
        return event
    HEAP_KEY(w)[last] = _NEVER - last
    if FAILURES(w) or RARE(w):
        HEAP_PLACE(w)[event] = NONE
    if i < last:
        parent = (i - 1) >> 2
        if i > 0 and (key < HEAP_KEY(w)[parent] or (
                key == HEAP_KEY(w)[parent] and _is_before(w, moved, HEAP_EVENT(w)[parent]))):
            _up(w, i, key, moved)
        else:
            _down(w, i, key, moved)
    if last == _BACK:
        _give_up_order(w)
    return event
