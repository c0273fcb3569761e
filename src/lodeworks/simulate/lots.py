"""Lots in places: what comes in, waits in order, and leaves, with what is counted on the way.

A place keeps its lots in a list linked both ways. Amounts and stays are summed as they happen; nothing here decides
when a transition may start.
"""

from __future__ import annotations

import math

import numpy as np

from lodeworks.simulate.compiled import (
    AGES,
    BASE,
    FULL_TALLIES,
    JF,
    JI,
    LF,
    LI,
    NOW,
    PF,
    PI,
    RARE,
    ROOMS,
    SCALARS,
    TALLY,
    TI,
    TODO,
    TRACE,
    USERS,
    VEHICLES,
    ask,
    hot,
)
from lodeworks.simulate.events import cancel, schedule
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints
from lodeworks.simulate.streams import draw

__all__ = [
    "accrue_place", "count_asked", "has_room", "list_place", "list_transition", "note_age", "note_stay", "put",
    "remove_lot", "take", "trace_row",
]

TINY = 1e-9


@hot
def trace_row(w: Ints, kind: int, a: int, b: int, c: int, x: float, d: int) -> None:
    """Write down what happens now, where a trace is kept; `layout` says what the columns of each kind are."""
    if RARE(w) and len(TRACE(w)) > 0:
        n = SCALARS(w)[C_TRACED]
        if n < len(TRACE(w)):
            TRACE(w)[n, 0] = NOW(w)[0]
            TRACE(w)[n, 1] = kind
            TRACE(w)[n, 2] = a
            TRACE(w)[n, 3] = b
            TRACE(w)[n, 4] = c
            TRACE(w)[n, 5] = x
            TRACE(w)[n, 6] = d
            SCALARS(w)[C_TRACED] = n + 1


@hot
def _list(w: Ints, item: int) -> None:
    tail = SCALARS(w)[C_LIST_TAIL]
    TODO(w)[tail] = item
    tail += 1
    SCALARS(w)[C_LIST_TAIL] = 0 if tail == len(TODO(w)) else tail


@hot
def list_transition(w: Ints, t: int) -> None:
    """Put a transition on the list of what to look at, unless it stands there."""
    if TI(w)[t, T_LISTED] == 0:
        TI(w)[t, T_LISTED] = 1
        _list(w, t)


@hot
def list_place(w: Ints, p: int) -> None:
    """Put a place where jobs wait for room on that list, unless it stands there."""
    if PI(w)[p, P_LISTED] == 0:
        PI(w)[p, P_LISTED] = 1
        _list(w, -1 - p)


@hot
def accrue_place(w: Ints, p: int) -> None:
    """Bring a place's sums up to now."""
    dt = NOW(w)[0] - PF(w)[p, P_LAST]
    if dt > 0.0:
        PF(w)[p, P_AREA] += dt * PF(w)[p, P_LEVEL]
        PF(w)[p, P_COUNT_AREA] += dt * PI(w)[p, P_COUNT]
        PF(w)[p, P_LAST] = NOW(w)[0]


@hot
def has_room(w: Ints, p: int, amount: float) -> bool:
    """Return whether a place can take an amount now."""
    capacity = PF(w)[p, P_CAPACITY] if ROOMS(w) else math.inf
    return (
        capacity == math.inf
        or PI(w)[p, P_LET_GO] == 1
        or PF(w)[p, P_LEVEL] + PF(w)[p, P_RESERVED] + amount <= capacity * (1.0 + TINY) + TINY * amount
    )


@hot
def _bin(hours: float) -> int:
    """Return the number of the bin that a time falls in."""
    if hours <= 0.0:
        return 0
    # The exponent and the first five binary places of a number, as they stand in memory, number its bin.
    index = int(np.float64(hours).view(np.int64) >> 47) - (1022 + LOWEST_OCTAVE) * BINS_PER_OCTAVE + 1
    return min(max(index, 0), BINS - 1)


@hot
def note_stay(w: Ints, p: int, stay: float) -> None:
    """Count one stay in the place's histogram.

    With many places the count lies far off: it is asked for, and changed when a few more have been asked for.
    """
    k = _bin(stay)
    if len(TALLY(w)) < ASKED_FROM:
        _count_stay(w, p, k)
        return
    ask(TALLY(w), (p, k))
    i = SCALARS(w)[C_ASKED]
    SCALARS(w)[C_ASKED] = (i + 1) & (ASKED - 1)
    before = SCALARS(w)[C_COUNTS + i]
    SCALARS(w)[C_COUNTS + i] = (p << BINS_BITS) + k
    if before != NONE:
        _count_stay(w, before >> BINS_BITS, before & ((1 << BINS_BITS) - 1))


@hot
def count_asked(w: Ints) -> None:
    """Count the stays that have been asked for and not yet counted."""
    for i in range(ASKED):
        cell = SCALARS(w)[C_COUNTS + i]
        if cell != NONE:
            _count_stay(w, cell >> BINS_BITS, cell & ((1 << BINS_BITS) - 1))
            SCALARS(w)[C_COUNTS + i] = NONE


@hot
def _count_stay(w: Ints, p: int, k: int) -> None:
    """Count one stay; what stands in a counter between two checkpoints is small."""
    count = (np.int64(TALLY(w)[p, k]) + 1) & (FULL_TALLY - 1)
    TALLY(w)[p, k] = count
    if count == 0:
        FULL_TALLIES(w)[p, k] += FULL_TALLY
        TALLY(w)[p, BINS] = 1


@hot
def note_age(w: Ints, p: int, age: float, amount: float) -> None:
    """Add up an amount that leaves a place at an age, and how it is spread over ages where it cools."""
    PF(w)[p, P_AGE] += amount * age
    row = PI(w)[p, P_AGES] if RARE(w) else NONE
    if RARE(w) and row != NONE:
        cold = 1 if age > PF(w)[p, P_WARM] * (1.0 + TINY) else 0
        AGES(w)[SCALARS(w)[C_CHECKPOINT], row + cold, _bin(age)] += amount


@hot
def put(
    w: Ints, p: int, amount: float, born: float, made: float, due: float,
    gauge0: float, gauge1: float, carrier: int,
) -> None:
    """Let a lot come into a place; what has no room where surplus may go is let go."""
    now = NOW(w)[0]
    if PI(w)[p, P_KIND] == KIND_EXIT:
        PI(w)[p, P_N_IN] += 1
        PI(w)[p, P_N_OUT] += 1
        PF(w)[p, P_IN] += amount
        PF(w)[p, P_OUT] += amount
        PF(w)[p, P_STAY] += amount * (now - born)
        PF(w)[p, P_LOT_STAY] += now - born
        note_age(w, p, now - made, amount)
        if RARE(w) and now > due:
            PI(w)[p, P_N_LATE] += 1
            PF(w)[p, P_TARDY] += now - due
        note_stay(w, p, now - born)
        return
    if ROOMS(w) and PI(w)[p, P_LET_GO] == 1 and PF(w)[p, P_CAPACITY] < math.inf:
        room = max(0.0, PF(w)[p, P_CAPACITY] - PF(w)[p, P_LEVEL] - PF(w)[p, P_RESERVED])
        if amount > room * (1.0 + TINY):
            PF(w)[p, P_LET] += amount - room
            amount = room
            if amount <= 0.0:
                return
    lot = SCALARS(w)[C_FREE_LOT]
    if lot == NONE:
        SCALARS(w)[C_FULL] = 1
        return
    SCALARS(w)[C_FREE_LOT] = LI(w)[lot, L_NEXT]
    accrue_place(w, p)
    LF(w)[lot, L_AMOUNT] = amount
    LF(w)[lot, L_WHOLE] = amount
    LF(w)[lot, L_BORN] = born
    LF(w)[lot, L_MADE] = made
    LF(w)[lot, L_ENTERED] = now
    if VEHICLES(w):
        LF(w)[lot, L_GAUGE0] = gauge0
        LF(w)[lot, L_GAUGE1] = gauge1
        LI(w)[lot, L_CARRIER] = carrier
    if RARE(w):
        LF(w)[lot, L_DUE] = due
        SCALARS(w)[C_NUMBER] += 1
        LI(w)[lot, L_NUMBER] = SCALARS(w)[C_NUMBER]
        LI(w)[lot, L_URGENCY] = SCALARS(w)[C_URGENCY]
        trace_row(w, TRACE_IN, p, SCALARS(w)[C_NUMBER], SCALARS(w)[C_MAKER], amount, carrier)
    LI(w)[lot, L_PLACE] = p
    after = PI(w)[p, P_TAIL]
    rule = PI(w)[p, P_RULE] if RARE(w) else RULE_FIFO
    if rule == RULE_LIFO:
        after = NONE
    elif rule == RULE_DUE:
        while after != NONE and LF(w)[after, L_DUE] > due:
            after = LI(w)[after, L_PREV]
    elif rule == RULE_PRIORITY:
        while after != NONE and LI(w)[after, L_URGENCY] > SCALARS(w)[C_URGENCY]:
            after = LI(w)[after, L_PREV]
    before = NONE  # at the end of the list
    if RARE(w):
        before = PI(w)[p, P_HEAD] if after == NONE else LI(w)[after, L_NEXT]
    LI(w)[lot, L_PREV] = after
    LI(w)[lot, L_NEXT] = before
    if after == NONE:
        PI(w)[p, P_HEAD] = lot
    else:
        LI(w)[after, L_NEXT] = lot
    if before == NONE:
        PI(w)[p, P_TAIL] = lot
    else:
        LI(w)[before, L_PREV] = lot
    PI(w)[p, P_COUNT] += 1
    PI(w)[p, P_N_IN] += 1
    PF(w)[p, P_LEVEL] += amount
    PF(w)[p, P_IN] += amount
    if PI(w)[p, P_COUNT] > PI(w)[p, P_N_MOST]:
        PI(w)[p, P_N_MOST] = PI(w)[p, P_COUNT]
    if PF(w)[p, P_LEVEL] > PF(w)[p, P_MOST]:
        PF(w)[p, P_MOST] = PF(w)[p, P_LEVEL]
    if RARE(w) and (PI(w)[p, P_PATIENCE] != NONE or PF(w)[p, P_SHELF] < math.inf):
        until = math.inf
        reason = 1
        if PF(w)[p, P_SHELF] < math.inf:
            until = max(now, min(now + PF(w)[p, P_SHELF], made + PF(w)[p, P_LIFE]))
        if PI(w)[p, P_PATIENCE] != NONE:
            patience = now + draw(w, PI(w)[p, P_PATIENCE], PI(w)[p, P_PATIENCE_STREAM])
            if patience < until:
                until = patience
                reason = 0
        LI(w)[lot, L_REASON] = reason
        if until < math.inf:
            schedule(w, BASE(w)[5] + 2 * lot + 1, until, RANK_LOT)
    for i in range(PI(w)[p, P_USERS0], PI(w)[p, P_USERS1]):
        list_transition(w, USERS(w)[i])


@hot
def remove_lot(w: Ints, lot: int) -> None:
    """Unlink a whole lot and give its row back; the caller has counted why."""
    p = LI(w)[lot, L_PLACE]
    before, after = LI(w)[lot, L_PREV], LI(w)[lot, L_NEXT]
    if before == NONE:
        PI(w)[p, P_HEAD] = after
    else:
        LI(w)[before, L_NEXT] = after
    if after == NONE:
        PI(w)[p, P_TAIL] = before
    else:
        LI(w)[after, L_PREV] = before
    PI(w)[p, P_COUNT] -= 1
    if RARE(w) and (PI(w)[p, P_PATIENCE] != NONE or PF(w)[p, P_SHELF] < math.inf):
        cancel(w, BASE(w)[5] + 2 * lot + 1)
    LI(w)[lot, L_PLACE] = NONE
    LI(w)[lot, L_NEXT] = SCALARS(w)[C_FREE_LOT]
    SCALARS(w)[C_FREE_LOT] = lot
    if PI(w)[p, P_HEAD] == NONE and (not RARE(w) or PI(w)[p, P_PATIENCE] == NONE):
        PF(w)[p, P_LEVEL] = 0.0  # an empty place holds nothing, whatever rounding says


@hot
def take(w: Ints, p: int, amount: float, job: int) -> None:
    """Take an amount from a place in its order, for a job, which learns the oldest birth and due date."""
    now = NOW(w)[0]
    accrue_place(w, p)
    left = amount
    while left > TINY * amount:
        lot = PI(w)[p, P_HEAD]
        if lot == NONE:
            if PI(w)[p, P_SPRING] == 1:
                PF(w)[p, P_SUPPLIED] += left
                PF(w)[p, P_IN] += left
                PF(w)[p, P_OUT] += left
            break
        here = LF(w)[lot, L_AMOUNT]
        part = here if here <= left * (1.0 + TINY) else left
        stay = now - LF(w)[lot, L_ENTERED]
        PF(w)[p, P_STAY] += part * stay
        note_age(w, p, now - LF(w)[lot, L_MADE], part)
        PF(w)[p, P_LEVEL] -= part
        PF(w)[p, P_OUT] += part
        if RARE(w):
            trace_row(w, TRACE_OUT, p, LI(w)[lot, L_NUMBER], JI(w)[job, J_NUMBER], part, LI(w)[lot, L_CARRIER])
            JF(w)[job, J_DUE] = min(JF(w)[job, J_DUE], LF(w)[lot, L_DUE])
            JI(w)[job, J_URGENCY] = min(JI(w)[job, J_URGENCY], LI(w)[lot, L_URGENCY])
        JF(w)[job, J_BORN] = min(JF(w)[job, J_BORN], LF(w)[lot, L_BORN])
        JF(w)[job, J_MADE] = min(JF(w)[job, J_MADE], LF(w)[lot, L_MADE])
        if part == here:
            PF(w)[p, P_LOT_STAY] += stay
            PI(w)[p, P_N_OUT] += 1
            if RARE(w) and now > LF(w)[lot, L_DUE]:
                PI(w)[p, P_N_LATE] += 1
                PF(w)[p, P_TARDY] += now - LF(w)[lot, L_DUE]
            note_stay(w, p, stay)
            remove_lot(w, lot)
        else:
            LF(w)[lot, L_AMOUNT] = here - part
        left -= part
