"""The end of a job: its outputs are put or wait for room, and what it held is free for others."""

from __future__ import annotations

import math

from lodeworks.simulate.compiled import (
    AF,
    AI,
    BASE,
    FAILURES,
    GI,
    JF,
    JI,
    LF,
    MF,
    MI,
    MODES,
    NOW,
    PF,
    PI,
    POOLS,
    RARE,
    ROOMS,
    SCALARS,
    TF,
    TI,
    TODO,
    USE_AMOUNT,
    USES,
    VEHICLES,
    compiled,
    hot,
)
from lodeworks.simulate.events import schedule
from lodeworks.simulate.kernel.aside import first_aside, take_from_aside
from lodeworks.simulate.kernel.machines import idle_machine, is_down, join_idle, leave_idle, look_at_group, set_state
from lodeworks.simulate.kernel.pools import change_pool, offer_above, offer_pool
from lodeworks.simulate.kernel.ready import comes_out, fell, is_late, is_plain, lacks_room, of_shortest_queue
from lodeworks.simulate.kernel.starting import start
from lodeworks.simulate.kernel.work import begin_work, count_job, free_job, new_job
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints
from lodeworks.simulate.lots import has_room, list_transition, put, trace_row
from lodeworks.simulate.streams import uniform

__all__ = ["arrive", "finish", "resume_aside", "start_all", "unblock", "wait_for_room"]

TINY = 1e-9
INSTANT_LIMIT = 200_000


@hot
def finish(w: Ints, job: int) -> None:
    """The work of a job is done: put its outputs, or wait for room."""
    t = JI(w)[job, J_TRANSITION]
    machine = JI(w)[job, J_MACHINE]
    if FAILURES(w) and machine != NONE:
        g = TI(w)[t, T_GROUP]
        if GI(w)[g, G_CLOCK] == CLOCK_WORKING:
            MF(w)[machine, M_TO_FAILURE] -= JF(w)[job, J_WORK]
    if RARE(w) and TI(w)[t, T_CHANCE] == 1:
        u = uniform(w, TI(w)[t, T_CHANCE_STREAM])
        for a in range(TI(w)[t, T_OUT0], TI(w)[t, T_OUT1]):
            if AF(w)[a, A_CHANCE] <= 1.5 and u <= AF(w)[a, A_CHANCE]:
                JI(w)[job, J_OUTCOME] = a
                break
    p = lacks_room(w, job)
    if ROOMS(w) and p != NONE:
        wait_for_room(w, job, p)
        if machine != NONE:
            set_state(w, machine, BLOCKED)
        return
    _deliver(w, job)


@hot
def wait_for_room(w: Ints, job: int, p: int) -> None:
    """Put a job at the end of those that wait for room in a place."""
    JI(w)[job, J_PHASE] = WAITING_ROOM
    JI(w)[job, J_PLACE] = p
    JI(w)[job, J_NEXT] = NONE
    if PI(w)[p, P_BLOCKED] == NONE:
        PI(w)[p, P_BLOCKED] = job
    else:
        JI(w)[PI(w)[p, P_BLOCKED_LAST], J_NEXT] = job
    PI(w)[p, P_BLOCKED_LAST] = job


@compiled
def unblock(w: Ints, p: int) -> None:
    """Let the jobs that wait for room in a place deliver, in the order they came."""
    before = NONE
    job = PI(w)[p, P_BLOCKED]
    while job != NONE:
        after = JI(w)[job, J_NEXT]
        machine = JI(w)[job, J_MACHINE]
        held = (
            machine != NONE and is_down(w, machine)
            and GI(w)[MI(w)[machine, M_GROUP], G_DOWN_OPEN] & OPEN_UNLOAD == 0
        )
        if held:
            before = job
            job = after
            continue
        t = JI(w)[job, J_TRANSITION]
        parcel = JI(w)[job, J_OUTCOME] if RARE(w) and machine == NONE and JI(w)[job, J_CARRIER] == -2 else NONE
        still = NONE
        if RARE(w) and parcel != NONE:
            if not has_room(w, p, AF(w)[parcel, A_AMOUNT] * JF(w)[job, J_SHARE]):
                still = p
        else:
            still = lacks_room(w, job)
        if still == p:
            break
        if before == NONE:
            PI(w)[p, P_BLOCKED] = after
        else:
            JI(w)[before, J_NEXT] = after
        if after == NONE:
            PI(w)[p, P_BLOCKED_LAST] = before
        if still != NONE:
            wait_for_room(w, job, still)
        elif RARE(w) and parcel != NONE:
            arrive(w, job)
        else:
            _deliver(w, job)
        list_transition(w, t)
        job = after


@compiled
def arrive(w: Ints, job: int) -> None:
    """An output that was on its way comes in."""
    a = JI(w)[job, J_OUTCOME]
    p = AI(w)[a, A_PLACE]
    amount = AF(w)[a, A_AMOUNT] * JF(w)[job, J_SHARE]
    AF(w)[a, A_FLOWED] += amount
    t = JI(w)[job, J_TRANSITION]
    if p == TI(w)[t, T_REORDER]:
        TF(w)[t, T_ON_ORDER] -= amount
    SCALARS(w)[C_MAKER] = JI(w)[job, J_NUMBER]
    SCALARS(w)[C_URGENCY] = JI(w)[job, J_URGENCY]
    put(w, p, amount, JF(w)[job, J_BORN], JF(w)[job, J_MADE], JF(w)[job, J_DUE], 0.0, 0.0, NONE)
    free_job(w, job)


@hot
def _deliver(w: Ints, job: int) -> None:
    """Put a job's outputs, give back its pools and its machine, and let others look."""
    t = JI(w)[job, J_TRANSITION]
    g = TI(w)[t, T_GROUP]
    machine = JI(w)[job, J_MACHINE]
    now = NOW(w)[0]
    share = JF(w)[job, J_SHARE]
    born, due = JF(w)[job, J_BORN], JF(w)[job, J_DUE] if RARE(w) else math.inf
    made = JF(w)[job, J_MADE] if TI(w)[t, T_KEEPS_MADE] == 1 else now
    TI(w)[t, T_ENDS] += 1
    TF(w)[t, T_MADE] += TF(w)[t, T_BATCH] * share
    count_job(w, t, -1)
    if RARE(w):
        SCALARS(w)[C_MAKER] = JI(w)[job, J_NUMBER]
        if JI(w)[job, J_URGENCY] == NOT_URGENT:
            JI(w)[job, J_URGENCY] = 0
        SCALARS(w)[C_URGENCY] = JI(w)[job, J_URGENCY]
        trace_row(w, TRACE_END, t, machine, JI(w)[job, J_NUMBER], share, JI(w)[job, J_CARRIER])
    carried = not VEHICLES(w) or TI(w)[t, T_CARRIER] == 0
    if VEHICLES(w) and not carried:
        JF(w)[job, J_GAUGE0] -= TF(w)[t, T_BURN0]
        JF(w)[job, J_GAUGE1] -= TF(w)[t, T_BURN1]
        TF(w)[t, T_BURNT] += TF(w)[t, T_BURN0]
    for a in range(TI(w)[t, T_OUT0], TI(w)[t, T_OUT1]):
        role = AI(w)[a, A_ROLE]
        p = AI(w)[a, A_PLACE]
        if is_plain(w, role):
            amount = AF(w)[a, A_AMOUNT] * share
            if RARE(w) and TI(w)[t, T_BEFORE] == 1:
                PF(w)[p, P_RESERVED] = max(0.0, PF(w)[p, P_RESERVED] - amount)
            chosen = comes_out(w, job, a)
            if RARE(w) and TI(w)[t, T_BEFORE] == 1 and (not chosen or is_late(w, a)):  # room is given back unused
                fell(w, p)
            if not chosen:
                continue
            if is_late(w, a):
                parcel = new_job(w, t)
                if parcel == NONE:
                    return
                JI(w)[parcel, J_PHASE] = PARCEL
                JI(w)[parcel, J_OUTCOME] = a
                JI(w)[parcel, J_CARRIER] = -2
                JI(w)[parcel, J_URGENCY] = JI(w)[job, J_URGENCY]
                JF(w)[parcel, J_SHARE] = share
                JF(w)[parcel, J_BORN] = born
                JF(w)[parcel, J_MADE] = made
                JF(w)[parcel, J_DUE] = due
                schedule(w, BASE(w)[5] + 2 * parcel, now + AF(w)[a, A_LAG], RANK_JOB)
            else:
                AF(w)[a, A_FLOWED] += amount
                if RARE(w) and p == TI(w)[t, T_REORDER]:
                    TF(w)[t, T_ON_ORDER] -= amount
                put(w, p, amount, born, made, due, 0.0, 0.0, NONE)
        elif VEHICLES(w) and not carried:
            low = JF(w)[job, J_GAUGE0] < AF(w)[a, A_TEST] * (1.0 - TINY)
            worn = JF(w)[job, J_GAUGE1] < AF(w)[a, A_TEST] * (1.0 - TINY)
            if role == ROLE_CARRIER or (role == ROLE_IF_LOW and low) or (role == ROLE_IF_WORN and worn):
                carried = True
                AF(w)[a, A_FLOWED] += 1.0
                gauge1 = JF(w)[job, J_GAUGE1] if AF(w)[a, A_LAG] == 0.0 else AF(w)[a, A_LAG]  # a lag here: upkeep done
                put(w, p, 1.0, born, made, math.inf, JF(w)[job, J_GAUGE0], gauge1, JI(w)[job, J_CARRIER])
                LF(w)[PI(w)[p, P_TAIL], L_LOAD] = share
    if POOLS(w):
        for u in range(TI(w)[t, T_USE0], TI(w)[t, T_USE1]):
            if USES(w)[u, U_RELEASE] == 1:
                change_pool(w, USES(w)[u, U_POOL], -USE_AMOUNT(w)[u])
                offer_above(w, USES(w)[u, U_POOL], TI(w)[t, T_PRIORITY])
    free_job(w, job)
    if machine != NONE:
        if is_down(w, machine):
            MI(w)[machine, M_JOB] = NONE
            if GI(w)[g, G_DOWN_OPEN] >= OPEN_LOAD:
                join_idle(w, machine)
                look_at_group(w, g)
        else:
            _free_machine(w, t, machine)
    if POOLS(w):
        for u in range(TI(w)[t, T_USE0], TI(w)[t, T_USE1]):
            if USES(w)[u, U_RELEASE] == 1:
                offer_pool(w, USES(w)[u, U_POOL])


@hot
def _free_machine(w: Ints, t: int, machine: int) -> None:
    """A machine is free of a run: jobs of higher priority start first, then one that was pushed aside resumes."""
    join_idle(w, machine)
    if not RARE(w):  # nobody else can want it
        list_transition(w, t)
        return
    g = TI(w)[t, T_GROUP]
    if GI(w)[g, G_SUSPENDED] != NONE:
        resume_aside(w, g)
    look_at_group(w, g)


@compiled
def resume_aside(w: Ints, g: int) -> None:
    """Let idle machines go on with runs that were put aside, after those of higher priority have started."""
    waiting = first_aside(w, g)
    while waiting != NONE:
        priority = TI(w)[JI(w)[waiting, J_TRANSITION], T_PRIORITY]
        for i in range(GI(w)[g, G_T0], GI(w)[g, G_T1]):
            t = MODES(w)[i]
            if TI(w)[t, T_PRIORITY] >= priority or GI(w)[g, G_IDLE] == NONE:
                break
            start(w, t)
        machine = idle_machine(w, g)
        if machine == NONE or is_down(w, machine):
            return
        leave_idle(w, machine)
        take_from_aside(w, waiting)
        JI(w)[waiting, J_MACHINE] = machine
        MI(w)[machine, M_JOB] = waiting
        begin_work(w, waiting)
        waiting = first_aside(w, g)


@hot
def start_all(w: Ints) -> int:
    """Work off the list of transitions; return one that starts without end in no time, or NONE."""
    while SCALARS(w)[C_LIST_HEAD] != SCALARS(w)[C_LIST_TAIL] and SCALARS(w)[C_FULL] == 0:
        head = SCALARS(w)[C_LIST_HEAD]
        t = TODO(w)[head]
        head += 1
        SCALARS(w)[C_LIST_HEAD] = 0 if head == len(TODO(w)) else head
        if ROOMS(w) and t < 0:
            PI(w)[-1 - t, P_LISTED] = 0
            unblock(w, -1 - t)
            continue
        TI(w)[t, T_LISTED] = 0
        shortest = RARE(w) and GI(w)[TI(w)[t, T_GROUP], G_SHORTEST] == 1
        while start(w, of_shortest_queue(w, t) if shortest else t):
            SCALARS(w)[C_INSTANT] += 1
            if SCALARS(w)[C_INSTANT] > INSTANT_LIMIT:
                return t
            if SCALARS(w)[C_FULL] != 0:
                break
    return NONE
