"""What comes from outside: arrivals, ends of patience and shelf life, and changes of shift."""

from __future__ import annotations

import math

from lodeworks.simulate.compiled import (
    ARRIVALS,
    BASE,
    GI,
    LF,
    LI,
    MAKERS,
    NOW,
    PF,
    PI,
    RARE,
    SCALARS,
    SF,
    SI,
    STEP,
    TARGETS,
    TI,
    USERS,
    compiled,
    hot,
)
from lodeworks.simulate.events import schedule
from lodeworks.simulate.kernel.aside import close_modes
from lodeworks.simulate.kernel.ending import resume_aside
from lodeworks.simulate.kernel.machines import look_at_group, set_reason
from lodeworks.simulate.kernel.ready import fell
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints
from lodeworks.simulate.lots import (
    accrue_place,
    has_room,
    list_transition,
    note_age,
    note_stay,
    put,
    remove_lot,
    trace_row,
)
from lodeworks.simulate.streams import draw
from lodeworks.simulate.time import level_at, next_change, step_at, when_done

__all__ = ["arrival", "lot_ends", "next_arrival", "shift_changes"]


@hot
def arrival(w: Ints, source: int) -> None:
    """A lot arrives from outside; where there is no room it is turned away and counted."""
    p = SI(w)[source, S_PLACE]
    now = NOW(w)[0]
    amount = math.nan
    if RARE(w) and SI(w)[source, S_TRACE_END] != NONE:
        amount = ARRIVALS(w)[SI(w)[source, S_TRACE], 1]
    if not RARE(w) or math.isnan(amount):
        amount = draw(w, SI(w)[source, S_AMOUNT], SI(w)[source, S_AMOUNT_STREAM])
    due = math.inf
    if RARE(w) and SI(w)[source, S_DUE] != NONE:
        due = now + draw(w, SI(w)[source, S_DUE], SI(w)[source, S_DUE_STREAM])
    if RARE(w) and amount == math.inf:  # a supply without limit that was out is there again
        PI(w)[p, P_SPRING] = 1
        for i in range(PI(w)[p, P_USERS0], PI(w)[p, P_USERS1]):
            list_transition(w, USERS(w)[i])
        return
    if RARE(w):
        SCALARS(w)[C_MAKER] = NONE
        SCALARS(w)[C_URGENCY] = SI(w)[source, S_URGENCY]
    SI(w)[source, S_N] += 1
    SF(w)[source, S_ARRIVED] += amount
    if (not RARE(w) or PF(w)[p, P_LEVEL] < SF(w)[source, S_BALK]) and has_room(w, p, amount):
        put(w, p, amount, now, now, due, 0.0, 0.0, NONE)
        if RARE(w):
            for i in range(PI(w)[p, P_MAKERS0], PI(w)[p, P_MAKERS1]):
                t = MAKERS(w)[i]
                if TI(w)[t, T_REORDER] != NONE:  # orders that wait are counted against the position
                    list_transition(w, t)
    else:
        PI(w)[p, P_N_REFUSED] += 1
        PF(w)[p, P_REFUSED] += amount
        trace_row(w, TRACE_LOST, p, 2, source, amount, NONE)
    next_arrival(w, source)


@hot
def next_arrival(w: Ints, source: int) -> None:
    """Schedule a source's next arrival.

    Rates that vary by a series are met exactly: the time between arrivals runs on the clock of the series.
    """
    if RARE(w) and SI(w)[source, S_TRACE_END] != NONE:
        SI(w)[source, S_TRACE] += 1
        if SI(w)[source, S_TRACE] >= SI(w)[source, S_TRACE_END]:
            every = SF(w)[source, S_EVERY]
            if every <= 0.0:
                return
            SF(w)[source, S_ROUND] += every
            SI(w)[source, S_TRACE] = SI(w)[source, S_TRACE_FIRST]
        at = SF(w)[source, S_ROUND] + ARRIVALS(w)[SI(w)[source, S_TRACE], 0]
    else:
        between = draw(w, SI(w)[source, S_TIME], SI(w)[source, S_STREAM])
        at = when_done(w, SI(w)[source, S_SERIES], SHIFT_SUSPEND, NOW(w)[0], between)
    if at < math.inf:
        schedule(w, BASE(w)[1] + source, at, RANK_ARRIVAL)


@compiled
def lot_ends(w: Ints, lot: int) -> None:
    """A lot's patience or shelf life is over: it goes where such lots go, or out of the chain."""
    p = LI(w)[lot, L_PLACE]
    accrue_place(w, p)
    now = NOW(w)[0]
    amount = LF(w)[lot, L_AMOUNT]
    stay = now - LF(w)[lot, L_ENTERED]
    PF(w)[p, P_STAY] += amount * stay
    PF(w)[p, P_LOT_STAY] += stay
    PF(w)[p, P_LEVEL] -= amount
    note_age(w, p, now - LF(w)[lot, L_MADE], amount)
    note_stay(w, p, stay)
    if LI(w)[lot, L_REASON] == 0:
        PI(w)[p, P_N_RENEGED] += 1
        PF(w)[p, P_RENEGED] += amount
        target = PI(w)[p, P_RENEGE_TO]
    else:
        PI(w)[p, P_N_EXPIRED] += 1
        PF(w)[p, P_EXPIRED] += amount
        target = PI(w)[p, P_EXPIRE_TO]
    trace_row(w, TRACE_LOST, p, LI(w)[lot, L_REASON], target, amount, LI(w)[lot, L_NUMBER])
    born, due = LF(w)[lot, L_BORN], LF(w)[lot, L_DUE]
    SCALARS(w)[C_URGENCY] = LI(w)[lot, L_URGENCY]
    remove_lot(w, lot)
    SCALARS(w)[C_MAKER] = NONE
    if target != NONE and has_room(w, target, amount):
        put(w, target, amount, born, now, due, 0.0, 0.0, NONE)
    elif target != NONE:
        PI(w)[target, P_N_REFUSED] += 1
        PF(w)[target, P_REFUSED] += amount
    fell(w, p)


@compiled
def shift_changes(w: Ints, g: int) -> None:
    """A shift begins or ends, or a step of a plan does: what the group runs looks again."""
    row = GI(w)[g, G_SERIES]
    now = NOW(w)[0]
    at = math.inf
    if row != NONE:
        at = next_change(w, row, now)
        if level_at(w, row, now) <= 0.0:
            set_reason(w, g, OFF_SHIFT)
    if RARE(w):
        at = min(at, close_modes(w, g))
    if RARE(w) and TARGETS(w).shape[0] > 0:  # a plan may want something new in each step
        at = min(at, (step_at(w, now) + 1.0) * STEP(w)[0] - STEP(w)[1])
    if at < math.inf:
        schedule(w, BASE(w)[2] + g, at, RANK_SHIFT)
    if RARE(w) and GI(w)[g, G_SUSPENDED] != NONE:
        resume_aside(w, g)
    look_at_group(w, g)
