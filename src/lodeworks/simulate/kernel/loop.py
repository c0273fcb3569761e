"""The loop over events."""

from __future__ import annotations

import math

from lodeworks.simulate.compiled import (
    AF,
    AI,
    BASE,
    FAILURES,
    GI,
    HEAP_TIME,
    JF,
    JI,
    MARKS,
    MF,
    MI,
    NOW,
    PI,
    POOLS,
    RARE,
    RI,
    ROOMS,
    SCALARS,
    SI,
    TF,
    TI,
    TRACE,
    compiled,
)
from lodeworks.simulate.events import first, schedule, take_out
from lodeworks.simulate.kernel.calls import arrival, lot_ends, next_arrival, shift_changes
from lodeworks.simulate.kernel.ending import arrive, finish, start_all, wait_for_room
from lodeworks.simulate.kernel.failures import arm, fail, repaired
from lodeworks.simulate.kernel.machines import join_idle, look_at_group
from lodeworks.simulate.kernel.near import ask_ahead
from lodeworks.simulate.kernel.notes import note
from lodeworks.simulate.kernel.pools import pool_changes, pool_fails_or_returns
from lodeworks.simulate.kernel.starting import start
from lodeworks.simulate.kernel.under_way import begin_busy, begin_down, midway
from lodeworks.simulate.kernel.work import begin_work
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints
from lodeworks.simulate.lots import has_room, list_place, list_transition
from lodeworks.simulate.streams import draw, uniform

__all__ = ["begin", "look_again", "run"]


@compiled
def begin(w: Ints) -> int:
    """Set everything going at time nought; return a code."""
    for r in range(len(RI(w))):
        pool_changes(w, r)
        if RI(w)[r, R_FAIL] != NONE:
            schedule(w, BASE(w)[4] + r, draw(w, RI(w)[r, R_FAIL], RI(w)[r, R_FAIL_STREAM]), RANK_MACHINE)
    for machine in range(len(MI(w))):
        g = MI(w)[machine, M_GROUP]
        join_idle(w, machine)
        if FAILURES(w) and GI(w)[g, G_CLOCK] != CLOCK_NONE and MF(w)[machine, M_OUT] == 0.0:
            arm(w, machine, 0.0)
        if FAILURES(w) and MF(w)[machine, M_OUT] > 0.0:
            begin_down(w, machine)
    for t in range(len(TI(w))):
        if 0.0 < TF(w)[t, T_OPENS] < math.inf:
            schedule(w, t, TF(w)[t, T_OPENS], RANK_TIMER)
        if RARE(w) and TF(w)[t, T_BUSY] > 0.0 and TI(w)[t, T_CARRIER] == 1:
            while PI(w)[AI(w)[TI(w)[t, T_IN0], A_PLACE], P_HEAD] != NONE:  # who set out before
                job = SCALARS(w)[C_FREE_JOB]
                if not start(w, t):
                    break
                midway(w, t, job)
        elif RARE(w) and TF(w)[t, T_BUSY] > 0.0:
            g = TI(w)[t, T_GROUP]
            for _ in range(GI(w)[g, G_M0], GI(w)[g, G_M1]):
                if uniform(w, TI(w)[t, T_BUSY_STREAM]) <= TF(w)[t, T_BUSY]:
                    begin_busy(w, t)
    for g in range(len(GI(w))):
        shift_changes(w, g)
    for source in range(len(SI(w))):
        next_arrival(w, source)
    if start_all(w) != NONE:
        return ZERO_TIME
    return FULL if SCALARS(w)[C_FULL] != 0 else PAUSED


@compiled
def run(w: Ints, events: int) -> int:
    """Run on for at most so many events; return why it stopped."""
    b0, b1, b2, b3, b4, b5 = BASE(w)[0], BASE(w)[1], BASE(w)[2], BASE(w)[3], BASE(w)[4], BASE(w)[5]
    mark = MARKS(w)[SCALARS(w)[C_MARK]] if SCALARS(w)[C_MARK] < len(MARKS(w)) else math.inf
    guard = len(TRACE(w)) - 4096
    for _ in range(events):
        i = first(w)
        at = HEAP_TIME(w)[i] if SCALARS(w)[C_HEAP] > 0 else math.inf
        while at > mark:
            NOW(w)[0] = mark
            note(w)
            if SCALARS(w)[C_MARK] == len(MARKS(w)):
                return DONE
            mark = MARKS(w)[SCALARS(w)[C_MARK]]
        if at == math.inf:
            NOW(w)[0] = mark
            continue
        if at < NOW(w)[0]:
            SCALARS(w)[C_BACKWARDS] += 1
        if at > NOW(w)[0]:
            SCALARS(w)[C_INSTANT] = 0
        NOW(w)[0] = at
        event = take_out(w, i)
        ask_ahead(w)
        SCALARS(w)[C_EVENTS] += 1
        if event >= b5:
            which = (event - b5) >> 1
            if RARE(w) and (event - b5) & 1 == 1:
                lot_ends(w, which)
            elif not RARE(w) or JI(w)[which, J_PHASE] == RUNNING:
                finish(w, which)
            elif JI(w)[which, J_PHASE] == SETTING_UP:
                begin_work(w, which)
                look_at_group(w, TI(w)[JI(w)[which, J_TRANSITION], T_GROUP])  # now it may be pushed aside
            else:  # a parcel
                a = JI(w)[which, J_OUTCOME]
                p = AI(w)[a, A_PLACE]
                if has_room(w, p, AF(w)[a, A_AMOUNT] * JF(w)[which, J_SHARE]):
                    arrive(w, which)
                else:
                    wait_for_room(w, which, p)
        elif POOLS(w) and event >= b4:
            pool_fails_or_returns(w, event - b4)
        elif POOLS(w) and event >= b3:
            pool_changes(w, event - b3)
        elif event >= b2:
            shift_changes(w, event - b2)
        elif event >= b1:
            arrival(w, event - b1)
        elif FAILURES(w) and event >= b0:
            machine = event - b0
            if MI(w)[machine, M_DOWN] == 1:
                repaired(w, machine)
            else:
                fail(w, machine)
        else:
            list_transition(w, event)
        if start_all(w) != NONE:
            return ZERO_TIME
        if SCALARS(w)[C_FULL] != 0:
            return FULL
        if RARE(w) and guard >= 0 and SCALARS(w)[C_TRACED] >= guard:
            return TRACE_FULL
    return DONE if SCALARS(w)[C_MARK] == len(MARKS(w)) else PAUSED


@compiled
def look_again(w: Ints) -> int:
    """Let everything look again at the end of a run; what starts or delivers then was overlooked before."""
    for p in range(len(PI(w))):
        if ROOMS(w) and PI(w)[p, P_BLOCKED] != NONE:
            list_place(w, p)
    for t in range(len(TI(w))):
        list_transition(w, t)
    return start_all(w)
