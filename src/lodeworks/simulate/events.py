"""The event list, in which any event can be found, moved and deleted: a few events in no order, many in a heap.

Events are numbered; each number stands in the list at most once. Earlier time first; at one instant the smaller rank
first, and within a rank the event scheduled first. What events mean is the kernel's affair.

The heap gives each event four others below it, which stand in memory together: half as many levels as with two, and on
a large list it is memory that takes time.

Times are compared as the whole numbers that stand in memory for them: the order of doubles that are not negative is
that of their bits. Up to `_FEW` events are looked through each time, in pairs and without a branch that could be
guessed wrong, which is faster than any order kept; free places there hold the end of time, each an end of its own.
"""

from __future__ import annotations

import numpy as np

from lodeworks.simulate.compiled import HEAP_EVENT, HEAP_KEY, HEAP_PLACE, HEAP_RANK, SCALARS, compiled, hot
from lodeworks.simulate.layout import C_HEAP, C_HEAPED, C_PATH, C_SEQUENCE, NONE, Ints

__all__ = ["cancel", "first", "schedule", "take_out"]

_RANK_SHIFT = 56
_FEW = 8  # events that stand in no order; `first` names each
_BACK = 4  # so few that a heap is given up
_NEVER = (1 << 63) - 1


@hot
def _stands(w: Ints, i: int, key: int, rank: int, event: int) -> None:
    HEAP_KEY(w)[i] = key
    HEAP_RANK(w)[i] = rank
    HEAP_EVENT(w)[i] = event
    HEAP_PLACE(w)[event] = i


@hot
def _up(w: Ints, i: int, key: int, rank: int, event: int) -> None:
    while i > 0:
        parent = (i - 1) >> 2
        other = HEAP_KEY(w)[parent]
        if other < key or (other == key and HEAP_RANK(w)[parent] < rank):
            break
        _stands(w, i, other, HEAP_RANK(w)[parent], HEAP_EVENT(w)[parent])
        i = parent
    _stands(w, i, key, rank, event)


@hot
def _down(w: Ints, i: int, key: int, rank: int, event: int) -> None:
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
            child = _first_among(w, child, other)
        else:
            child += (3 if k3 < k2 else 2) if right < left else (1 if k1 < k0 else 0)
        if key < other or (key == other and rank < HEAP_RANK(w)[child]):
            break
        SCALARS(w)[level] = i
        level += 1
        _stands(w, i, other, HEAP_RANK(w)[child], HEAP_EVENT(w)[child])
        i = child
    _stands(w, i, key, rank, event)


@compiled
def _first_among(w: Ints, child: int, key: int) -> int:
    """Return which of four events, of which some are of one instant, is the first."""
    found = NONE
    for i in range(child, min(child + 4, SCALARS(w)[C_HEAP])):
        if HEAP_KEY(w)[i] == key and (found == NONE or HEAP_RANK(w)[i] < HEAP_RANK(w)[found]):
            found = i
    return found


@compiled
def _order(w: Ints) -> None:
    """Make a heap of all that stands in the list."""
    SCALARS(w)[C_HEAPED] = 1
    count = SCALARS(w)[C_HEAP]
    for i in range(count // 4, -1, -1):
        _down(w, i, HEAP_KEY(w)[i], HEAP_RANK(w)[i], HEAP_EVENT(w)[i])


@compiled
def _give_up_order(w: Ints) -> None:
    SCALARS(w)[C_HEAPED] = 0
    for i in range(SCALARS(w)[C_HEAP], _FEW):
        HEAP_KEY(w)[i] = _NEVER - i


@hot
def schedule(w: Ints, event: int, time: float, rank: int) -> None:
    """Put an event into the list; one that stands there already is moved."""
    if HEAP_PLACE(w)[event] != NONE:
        cancel(w, event)
    SCALARS(w)[C_SEQUENCE] += 1
    key = np.float64(time + 0.0).view(np.int64)
    order = (np.int64(rank) << _RANK_SHIFT) + SCALARS(w)[C_SEQUENCE]
    i = SCALARS(w)[C_HEAP]
    SCALARS(w)[C_HEAP] = i + 1
    if SCALARS(w)[C_HEAPED] == 0:
        _stands(w, i, key, order, event)
        if i == _FEW:
            _order(w)
    else:
        _up(w, i, key, order, event)


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
        return _first_of(w, n0) if equal else j0
    k4, k5, k6, k7 = HEAP_KEY(w)[4], HEAP_KEY(w)[5], HEAP_KEY(w)[6], HEAP_KEY(w)[7]
    i4, i6 = 5 if k5 < k4 else 4, 7 if k7 < k6 else 6
    m4, m6 = min(k4, k5), min(k6, k7)
    j4, n4 = i6 if m6 < m4 else i4, min(m4, m6)
    equal |= (k4 == k5) | (k6 == k7) | (m4 == m6) | (n0 == n4)
    if equal:
        return _first_of(w, min(n0, n4))
    return j4 if n4 < n0 else j0


@compiled
def _first_of(w: Ints, key: int) -> int:
    """Return where the first of the events of one instant stands."""
    found = NONE
    for i in range(SCALARS(w)[C_HEAP]):
        if HEAP_KEY(w)[i] == key and (found == NONE or HEAP_RANK(w)[i] < HEAP_RANK(w)[found]):
            found = i
    return found


@hot
def take_out(w: Ints, i: int) -> int:
    """Take out the event that stands at i and return its number; the last one comes into its place."""
    event = HEAP_EVENT(w)[i]
    last = SCALARS(w)[C_HEAP] - 1
    SCALARS(w)[C_HEAP] = last
    key, rank, moved = HEAP_KEY(w)[last], HEAP_RANK(w)[last], HEAP_EVENT(w)[last]
    if SCALARS(w)[C_HEAPED] == 0:
        _stands(w, i, key, rank, moved)  # also where it is the last itself: which one goes cannot be guessed
        HEAP_KEY(w)[last] = _NEVER - last
        HEAP_PLACE(w)[event] = NONE
        return event
    HEAP_KEY(w)[last] = _NEVER - last
    HEAP_PLACE(w)[event] = NONE
    if i < last:
        parent = (i - 1) >> 2
        if i > 0 and (key < HEAP_KEY(w)[parent] or (key == HEAP_KEY(w)[parent] and rank < HEAP_RANK(w)[parent])):
            _up(w, i, key, rank, moved)
        else:
            _down(w, i, key, rank, moved)
    if last == _BACK:
        _give_up_order(w)
    return event
