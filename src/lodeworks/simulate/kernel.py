"""The event kernel: one compiled loop that runs any network of places, transitions, machines, pools and carriers.

A transition starts when its inputs are there, its outputs have room (where it must have), a machine is free, up and on
shift, and its pools can be seized. What an event changes puts the transitions it may concern on a list, which is worked
off before the next event. The order of simultaneous events is that of the ``RANK_`` codes, then of scheduling.
"""

from __future__ import annotations

import math

from lodeworks.simulate.compiled import (
    AF,
    AI,
    ARRIVALS,
    BASE,
    GI,
    HEAP_PLACE,
    HEAP_TIME,
    JF,
    JI,
    LF,
    LI,
    MAKERS,
    MARKS,
    MF,
    MI,
    MODES,
    NOTES,
    NOW,
    PF,
    PI,
    POOL_USERS,
    RF,
    RI,
    SCALARS,
    SF,
    SHARES,
    SI,
    STEP,
    TARGETS,
    TF,
    TI,
    TODO,
    TRACE,
    USE_AMOUNT,
    USERS,
    USES,
    compiled,
    pointer,
)
from lodeworks.simulate.events import cancel, pop, schedule
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints
from lodeworks.simulate.lots import (
    accrue_place,
    has_room,
    list_place,
    list_transition,
    note_stay,
    put,
    remove_lot,
    take,
    trace_row,
)
from lodeworks.simulate.streams import draw, uniform
from lodeworks.simulate.time import hours_on, level_at, next_change, step_at, when_done, worked_between

__all__ = ["begin", "look_again", "note", "run"]

TINY = 1e-9
INSTANT_LIMIT = 200_000
SALE_LEAST = 1e-6  # the least share of a batch of what is sold without limit
LENGTHS = 32  # of so many draws one is chosen in proportion to its length


# ---- machines ----


@compiled
def _set_state(w: Ints, machine: int, state: int) -> None:
    """Change a machine's state, after its time in the state before has been added up."""
    now = NOW(w)[0]
    since = MF(w)[machine, M_SINCE]
    old = MI(w)[machine, M_STATE]
    g = MI(w)[machine, M_GROUP]
    if now > since:
        spent = now - since
        stops = old == BLOCKED or (old == WORKING and GI(w)[g, G_SHIFT] != SHIFT_FINISH)
        if stops and GI(w)[g, G_SERIES] != NONE:
            on = hours_on(w, GI(w)[g, G_SERIES], since, now)
            SHARES(w)[g, OFF_SHIFT] += spent - on
            spent = on
        SHARES(w)[g, old] += spent
        MF(w)[machine, M_SINCE] = now
    if state != old:
        MI(w)[machine, M_STATE] = state
        trace_row(w, TRACE_STATE, machine, state, g, 0.0, old)


@compiled
def _set_reason(w: Ints, g: int, reason: int) -> None:
    """Say why the idle machines of a group are idle."""
    if GI(w)[g, G_REASON] != reason:
        GI(w)[g, G_REASON] = reason
        machine = GI(w)[g, G_IDLE]
        while machine != NONE:
            if MI(w)[machine, M_DOWN] == 0:
                _set_state(w, machine, reason)
            machine = MI(w)[machine, M_NEXT]


@compiled
def _join_idle(w: Ints, machine: int) -> None:
    g = MI(w)[machine, M_GROUP]
    last = GI(w)[g, G_IDLE_LAST]
    MI(w)[machine, M_PREV] = last
    MI(w)[machine, M_NEXT] = NONE
    if last == NONE:
        GI(w)[g, G_IDLE] = machine
    else:
        MI(w)[last, M_NEXT] = machine
    GI(w)[g, G_IDLE_LAST] = machine
    MI(w)[machine, M_JOB] = NONE
    if MI(w)[machine, M_DOWN] == 0:
        _set_state(w, machine, GI(w)[g, G_REASON])


@compiled
def _idle_machine(w: Ints, g: int) -> int:
    """Return an idle machine of a group, one that is up before one that is down and may be loaded; or NONE."""
    first = GI(w)[g, G_IDLE]
    machine = first
    while machine != NONE and MI(w)[machine, M_DOWN] == 1:
        machine = MI(w)[machine, M_NEXT]
    return machine if machine != NONE else first


@compiled
def _leave_idle(w: Ints, machine: int) -> None:
    g = MI(w)[machine, M_GROUP]
    before, after = MI(w)[machine, M_PREV], MI(w)[machine, M_NEXT]
    if before == NONE:
        GI(w)[g, G_IDLE] = after
    else:
        MI(w)[before, M_NEXT] = after
    if after == NONE:
        GI(w)[g, G_IDLE_LAST] = before
    else:
        MI(w)[after, M_PREV] = before


@compiled
def _look_at_group(w: Ints, g: int) -> None:
    for i in range(GI(w)[g, G_T0], GI(w)[g, G_T1]):
        list_transition(w, MODES(w)[i])


# ---- pools ----


@compiled
def _change_pool(w: Ints, r: int, used: float) -> None:
    now = NOW(w)[0]
    dt = now - RF(w)[r, R_LAST]
    RF(w)[r, R_AREA] += dt * min(RF(w)[r, R_USED], RF(w)[r, R_THERE])  # who is held over night does not work
    RF(w)[r, R_THERE_AREA] += dt * RF(w)[r, R_THERE]
    RF(w)[r, R_LAST] = now
    RF(w)[r, R_USED] += used
    if used > 0.0:
        RF(w)[r, R_SEIZED] += used
    else:
        RF(w)[r, R_RELEASED] -= used


@compiled
def _offer_pool(w: Ints, r: int) -> None:
    """Let those who wait for a pool look again: first machines to be repaired, then transitions by priority."""
    while RI(w)[r, R_CREW] != NONE and RF(w)[r, R_USED] + 1.0 <= RF(w)[r, R_THERE] + TINY:
        machine = RI(w)[r, R_CREW]
        RI(w)[r, R_CREW] = MI(w)[machine, M_CREW_NEXT]
        if RI(w)[r, R_CREW] == NONE:
            RI(w)[r, R_CREW_LAST] = NONE
        _change_pool(w, r, 1.0)
        _repair(w, machine)
    for i in range(RI(w)[r, R_USERS0], RI(w)[r, R_USERS1]):
        t = POOL_USERS(w)[i]
        if TI(w)[t, T_WHY] == NO_POOL:
            list_transition(w, t)


@compiled
def _offer_above(w: Ints, r: int, priority: int) -> None:
    """Let those of higher priority than a run that ends look before its own kind does."""
    for i in range(RI(w)[r, R_USERS0], RI(w)[r, R_USERS1]):
        t = POOL_USERS(w)[i]
        if TI(w)[t, T_PRIORITY] >= priority:
            break
        if TI(w)[t, T_WHY] == NO_POOL:
            list_transition(w, t)


@compiled
def _repair(w: Ints, machine: int) -> None:
    g = MI(w)[machine, M_GROUP]
    _set_state(w, machine, DOWN)
    schedule(w, BASE(w)[0] + machine, NOW(w)[0] + draw(w, GI(w)[g, G_REPAIR], GI(w)[g, G_REPAIR_STREAM]), RANK_MACHINE)


# ---- failures ----


@compiled
def _arm(w: Ints, machine: int, since: float) -> None:
    """Draw the time to a machine's next failure, counted from `since`."""
    g = MI(w)[machine, M_GROUP]
    between = draw(w, GI(w)[g, G_FAIL], GI(w)[g, G_FAIL_STREAM])
    if GI(w)[g, G_CLOCK] == CLOCK_CALENDAR:
        schedule(w, BASE(w)[0] + machine, max(NOW(w)[0], since + between), RANK_MACHINE)
    else:
        MF(w)[machine, M_TO_FAILURE] = between


@compiled
def _fail(w: Ints, machine: int) -> None:
    g = MI(w)[machine, M_GROUP]
    job = MI(w)[machine, M_JOB]
    now = NOW(w)[0]
    GI(w)[g, G_FAILURES] += 1
    MI(w)[machine, M_DOWN] = 1
    if GI(w)[g, G_BELT] == 1:
        _stop_belt(w, g)
    MF(w)[machine, M_FAILED_AT] = now
    if job == NONE:
        if GI(w)[g, G_DOWN_OPEN] < OPEN_LOAD:
            _leave_idle(w, machine)
    elif JI(w)[job, J_PHASE] == RUNNING or JI(w)[job, J_PHASE] == SETTING_UP:
        _stop_work(w, job)
    crew = GI(w)[g, G_CREW]
    if crew == NONE:
        _repair(w, machine)
    elif RI(w)[crew, R_CREW] == NONE and RF(w)[crew, R_USED] + 1.0 <= RF(w)[crew, R_THERE] + TINY:
        _change_pool(w, crew, 1.0)
        _repair(w, machine)
    else:
        _set_state(w, machine, NO_CREW)
        MI(w)[machine, M_CREW_NEXT] = NONE
        if RI(w)[crew, R_CREW_LAST] == NONE:
            RI(w)[crew, R_CREW] = machine
        else:
            MI(w)[RI(w)[crew, R_CREW_LAST], M_CREW_NEXT] = machine
        RI(w)[crew, R_CREW_LAST] = machine


@compiled
def _repaired(w: Ints, machine: int) -> None:
    g = MI(w)[machine, M_GROUP]
    GI(w)[g, G_REPAIRS] += 1
    MI(w)[machine, M_DOWN] = 0
    if GI(w)[g, G_BELT] == 1:
        _start_belt(w, g)
    crew = GI(w)[g, G_CREW]
    if crew != NONE:
        _change_pool(w, crew, -1.0)
    if GI(w)[g, G_CLOCK] != CLOCK_NONE:
        _arm(w, machine, MF(w)[machine, M_FAILED_AT] if GI(w)[g, G_INTERVAL] == 1 else NOW(w)[0])
    job = MI(w)[machine, M_JOB]
    if job == NONE:
        if GI(w)[g, G_DOWN_OPEN] >= OPEN_LOAD:
            _leave_idle(w, machine)
        _join_idle(w, machine)
        _look_at_group(w, g)
    elif JI(w)[job, J_PHASE] == STOPPED:
        _work(w, job)
        _look_at_group(w, g)  # a run that works may be pushed aside
    elif JI(w)[job, J_PHASE] == WAITING_ROOM:
        _set_state(w, machine, BLOCKED)
        _unblock(w, JI(w)[job, J_PLACE])
    if crew != NONE:
        _offer_pool(w, crew)


@compiled
def _is_on_belt(w: Ints, job: int, g: int) -> bool:
    return JI(w)[job, J_PHASE] == PARCEL and TI(w)[JI(w)[job, J_TRANSITION], T_GROUP] == g


@compiled
def _stop_belt(w: Ints, g: int) -> None:
    """Stop what is on its way; it keeps the time that is left."""
    for job in range(len(JI(w))):
        event = BASE(w)[5] + 2 * job
        if HEAP_PLACE(w)[event] != NONE and _is_on_belt(w, job, g):
            JF(w)[job, J_WORK] = HEAP_TIME(w)[HEAP_PLACE(w)[event]] - NOW(w)[0]
            cancel(w, event)


@compiled
def _start_belt(w: Ints, g: int) -> None:
    """Let what was stopped go on, once every machine of the belt is up."""
    for machine in range(GI(w)[g, G_M0], GI(w)[g, G_M1]):
        if MI(w)[machine, M_DOWN] == 1:
            return
    for job in range(len(JI(w))):
        event = BASE(w)[5] + 2 * job
        if HEAP_PLACE(w)[event] == NONE and _is_on_belt(w, job, g):
            schedule(w, event, NOW(w)[0] + JF(w)[job, J_WORK], RANK_JOB)


@compiled
def _stop_work(w: Ints, job: int) -> None:
    """Stop a job; it keeps the work that is left, or all of it where it must begin again."""
    machine = JI(w)[job, J_MACHINE]
    g = MI(w)[machine, M_GROUP]
    if JI(w)[job, J_PHASE] == SETTING_UP:  # what is left of the set-up is done before the work
        event = BASE(w)[5] + 2 * job
        JF(w)[job, J_WORK] += HEAP_TIME(w)[HEAP_PLACE(w)[event]] - NOW(w)[0]
        JI(w)[job, J_PHASE] = STOPPED
        cancel(w, event)
        return
    row = NONE if GI(w)[g, G_SHIFT] == SHIFT_FINISH else GI(w)[g, G_SERIES]
    done = worked_between(w, row, JF(w)[job, J_RESUMED], NOW(w)[0])
    if GI(w)[g, G_SHIFT] == SHIFT_FINISH and GI(w)[g, G_SERIES] != NONE:
        done *= level_at(w, GI(w)[g, G_SERIES], JF(w)[job, J_RESUMED])
    if GI(w)[g, G_CLOCK] == CLOCK_WORKING:
        MF(w)[machine, M_TO_FAILURE] -= done
        cancel(w, BASE(w)[0] + machine)
    JF(w)[job, J_WORK] = max(0.0, JF(w)[job, J_WORK] - done)
    if GI(w)[g, G_REPEAT] == 1:
        JF(w)[job, J_WORK] = JF(w)[job, J_FULL_WORK]
    JI(w)[job, J_PHASE] = STOPPED
    cancel(w, BASE(w)[5] + 2 * job)


@compiled
def _work(w: Ints, job: int) -> None:
    """Begin or resume a job on its machine, and schedule its end or the failure that comes before it."""
    now = NOW(w)[0]
    machine = JI(w)[job, J_MACHINE]
    g = TI(w)[JI(w)[job, J_TRANSITION], T_GROUP]
    work = JF(w)[job, J_WORK]
    JF(w)[job, J_RESUMED] = now
    JI(w)[job, J_PHASE] = RUNNING
    end = when_done(w, GI(w)[g, G_SERIES], GI(w)[g, G_SHIFT], now, work)
    if machine != NONE:
        _set_state(w, machine, WORKING)
        if GI(w)[g, G_CLOCK] == CLOCK_WORKING and MF(w)[machine, M_TO_FAILURE] < work:
            at = when_done(w, GI(w)[g, G_SERIES], GI(w)[g, G_SHIFT], now, max(0.0, MF(w)[machine, M_TO_FAILURE]))
            schedule(w, BASE(w)[0] + machine, at, RANK_MACHINE)
            return
    if end < math.inf:
        schedule(w, BASE(w)[5] + 2 * job, end, RANK_JOB)


# ---- starting ----


@compiled
def _count_job(w: Ints, t: int, change: int) -> None:
    now = NOW(w)[0]
    TF(w)[t, T_AREA] += (now - TF(w)[t, T_LAST]) * TI(w)[t, T_ACTIVE]
    TF(w)[t, T_LAST] = now
    TI(w)[t, T_ACTIVE] += change


@compiled
def _new_job(w: Ints, t: int) -> int:
    job = SCALARS(w)[C_FREE_JOB]
    if job == NONE:
        SCALARS(w)[C_FULL] = 1
        return NONE
    SCALARS(w)[C_FREE_JOB] = JI(w)[job, J_NEXT]
    SCALARS(w)[C_NUMBER] += 1
    JI(w)[job, J_TRANSITION] = t
    JI(w)[job, J_MACHINE] = NONE
    JI(w)[job, J_NEXT] = NONE
    JI(w)[job, J_OUTCOME] = NONE
    JI(w)[job, J_NUMBER] = SCALARS(w)[C_NUMBER]
    JI(w)[job, J_CARRIER] = NONE
    JI(w)[job, J_URGENCY] = NOT_URGENT
    JF(w)[job, J_BORN] = NOW(w)[0]
    JF(w)[job, J_MADE] = NOW(w)[0]
    JF(w)[job, J_DUE] = math.inf
    JF(w)[job, J_GAUGE0] = 0.0
    JF(w)[job, J_GAUGE1] = 0.0
    JF(w)[job, J_FILL] = 0.0
    JF(w)[job, J_SHARE] = 1.0
    return job


@compiled
def _there(w: Ints, p: int) -> float:
    return math.inf if PI(w)[p, P_SPRING] == 1 else PF(w)[p, P_LEVEL]


@compiled
def _share_there(w: Ints, t: int, wanted: float) -> float:
    """Return the share of the wanted batch that is there to start with, or less than nought: the reason it may not."""
    share = 1.0
    last_in = TI(w)[t, T_IN1]
    for a in range(TI(w)[t, T_IN0], last_in):
        p = AI(w)[a, A_PLACE]
        role = AI(w)[a, A_ROLE]
        if role in (ROLE_CARRIER, ROLE_LADEN):
            if PI(w)[p, P_HEAD] == NONE:
                TI(w)[t, T_WHAT] = p
                return -NO_VEHICLE * 1.0
        elif role == ROLE_PLAIN:
            there = _there(w, p)
            need = AF(w)[a, A_AMOUNT] * wanted
            if there < need * (1.0 - TINY):
                if TI(w)[t, T_PARTIAL] == 0:
                    TI(w)[t, T_WHAT] = p
                    PF(w)[p, P_SHORT] = min(PF(w)[p, P_SHORT], NOW(w)[0])
                    return -STARVED * 1.0
                share = min(share, there / need)
    for a in range(TI(w)[t, T_IN0], last_in):
        if AI(w)[a, A_ROLE] == ROLE_FILL:  # needs the carrier, found above
            carrier = PI(w)[AI(w)[TI(w)[t, T_IN0], A_PLACE], P_HEAD]
            p = AI(w)[a, A_PLACE]
            if _there(w, p) < (AF(w)[a, A_AMOUNT] - LF(w)[carrier, L_GAUGE0]) * (1.0 - TINY):
                TI(w)[t, T_WHAT] = p
                PF(w)[p, P_SHORT] = min(PF(w)[p, P_SHORT], NOW(w)[0])
                return -STARVED * 1.0
    if share < 1.0:
        arc = TI(w)[t, T_IN0]
        first = AI(w)[arc if AI(w)[arc, A_ROLE] == ROLE_PLAIN else arc + 1, A_PLACE]  # a vehicle comes before its load
        TI(w)[t, T_WHAT] = first
        if share <= TINY:
            if TF(w)[t, T_LEAST] != SALE_LEAST:  # what is sold without limit takes all there is
                PF(w)[first, P_SHORT] = min(PF(w)[first, P_SHORT], NOW(w)[0])
            return -STARVED * 1.0
        oldest = PI(w)[first, P_HEAD]
        at = LF(w)[oldest, L_ENTERED] + TF(w)[t, T_LINGER] if oldest != NONE else math.inf
        small = share < TF(w)[t, T_LEAST] * (1.0 - TINY) or TF(w)[t, T_LEAST] == 0.0
        if small and at > NOW(w)[0] * (1.0 + 1e-15):
            if at < math.inf:
                schedule(w, t, at, RANK_TIMER)
            return -STARVED * 1.0
    for a in range(last_in - TI(w)[t, T_PASSES], last_in):
        if PF(w)[AI(w)[a, A_PLACE], P_LEVEL] < AF(w)[a, A_AMOUNT] * share * wanted * (1.0 - TINY):
            TI(w)[t, T_WHAT] = NONE
            return -NO_POOL * 1.0
    return share


@compiled
def _room_there(w: Ints, t: int, share: float) -> bool:
    for a in range(TI(w)[t, T_OUT0], TI(w)[t, T_OUT1]):
        if AI(w)[a, A_ROLE] == ROLE_PLAIN and not has_room(w, AI(w)[a, A_PLACE], AF(w)[a, A_AMOUNT] * share):
            TI(w)[t, T_WHAT] = AI(w)[a, A_PLACE]
            return False
    return True


@compiled
def _pools_there(w: Ints, t: int) -> bool:
    for u in range(TI(w)[t, T_USE0], TI(w)[t, T_USE1]):
        r = USES(w)[u, U_POOL]
        if USES(w)[u, U_SEIZE] == 1 and RF(w)[r, R_USED] + USE_AMOUNT(w)[u] > RF(w)[r, R_THERE] + TINY:
            TI(w)[t, T_WHAT] = r
            return False
    return True


@compiled
def _refuse(w: Ints, t: int, why: int) -> bool:
    TI(w)[t, T_WHY] = why
    g = TI(w)[t, T_GROUP]
    if GI(w)[g, G_IDLE] != NONE:
        if why == STARVED and GI(w)[g, G_T1] - GI(w)[g, G_T0] > 1:  # another mode may lack less
            for i in range(GI(w)[g, G_T0], GI(w)[g, G_T1]):
                why = max(why, TI(w)[MODES(w)[i], T_WHY])
        _set_reason(w, g, why)
    return False


@compiled
def _victim(w: Ints, t: int) -> int:
    """Return the running job of least priority that a transition may push aside, or NONE."""
    g = TI(w)[t, T_GROUP]
    worst = TI(w)[t, T_PRIORITY]
    found = NONE
    for machine in range(GI(w)[g, G_M0], GI(w)[g, G_M1]):
        job = MI(w)[machine, M_JOB]
        if job != NONE and MI(w)[machine, M_DOWN] == 0 and JI(w)[job, J_PHASE] == RUNNING:
            priority = TI(w)[JI(w)[job, J_TRANSITION], T_PRIORITY]
            if priority > worst:
                worst = priority
                found = job
    return found


@compiled
def _start(w: Ints, t: int) -> bool:
    """Start a transition once if everything is there; say why not otherwise."""
    g = TI(w)[t, T_GROUP]
    finite = GI(w)[g, G_M1] > GI(w)[g, G_M0]
    if finite and GI(w)[g, G_IDLE] == NONE and (TI(w)[t, T_PREEMPT] == 0):
        return False
    if GI(w)[g, G_SERIES] != NONE and level_at(w, GI(w)[g, G_SERIES], NOW(w)[0]) <= 0.0:
        return _refuse(w, t, OFF_SHIFT)
    if TF(w)[t, T_OPENS] > NOW(w)[0]:
        return _refuse(w, t, OFF_SHIFT)
    row = TI(w)[t, T_TARGET]
    if row != NONE:
        k = min(step_at(w, NOW(w)[0]) + 1, TARGETS(w).shape[1] - 1)
        if TF(w)[t, T_DONE] + 0.5 * TF(w)[t, T_BATCH] > TARGETS(w)[row, k]:
            return _refuse(w, t, ON_PLAN)
    ordered = 0.0
    if TI(w)[t, T_REORDER] != NONE:
        p = TI(w)[t, T_REORDER]
        position = PF(w)[p, P_LEVEL] + TF(w)[t, T_ON_ORDER]
        if TI(w)[t, T_BACKLOG] != NONE:
            position -= PF(w)[TI(w)[t, T_BACKLOG], P_LEVEL]
        if position > TF(w)[t, T_ORDER_AT] + TINY:
            return _refuse(w, t, STARVED)
        ordered = TF(w)[t, T_ORDER_TO] - position
    wanted = ordered / (TF(w)[t, T_BATCH] * TF(w)[t, T_PER_ORDER]) if ordered > 0.0 else 1.0
    share = _share_there(w, t, wanted)
    if share < 0.0:
        return _refuse(w, t, int(-share))
    share *= wanted
    if TI(w)[t, T_CARRIER] == 1 and AI(w)[TI(w)[t, T_IN0], A_ROLE] == ROLE_LADEN:
        share = LF(w)[PI(w)[AI(w)[TI(w)[t, T_IN0], A_PLACE], P_HEAD], L_LOAD]
    if TI(w)[t, T_BEFORE] == 1 and not _room_there(w, t, share):
        return _refuse(w, t, BLOCKED)
    if TI(w)[t, T_USE1] > TI(w)[t, T_USE0] and not _pools_there(w, t):
        return _refuse(w, t, NO_POOL)
    machine = NONE
    if finite:
        if GI(w)[g, G_IDLE] == NONE:
            victim = _victim(w, t)
            if victim == NONE:
                return False
            machine = JI(w)[victim, J_MACHINE]
            _stop_work(w, victim)
            JI(w)[victim, J_PHASE] = SUSPENDED
            JI(w)[victim, J_MACHINE] = NONE
            JI(w)[victim, J_NEXT] = GI(w)[g, G_SUSPENDED]
            GI(w)[g, G_SUSPENDED] = victim
        else:
            machine = _idle_machine(w, g)
            _leave_idle(w, machine)
    job = _new_job(w, t)
    if job == NONE:
        return False
    if ordered > 0.0:
        TF(w)[t, T_ON_ORDER] += share * TF(w)[t, T_BATCH] * TF(w)[t, T_PER_ORDER]
    JF(w)[job, J_SHARE] = share
    TI(w)[t, T_WHY] = WORKING
    TI(w)[t, T_STARTS] += 1
    TF(w)[t, T_AT] = NOW(w)[0]
    TF(w)[t, T_DONE] += TF(w)[t, T_BATCH] * share
    _count_job(w, t, 1)
    for u in range(TI(w)[t, T_USE0], TI(w)[t, T_USE1]):
        if USES(w)[u, U_SEIZE] == 1:
            _change_pool(w, USES(w)[u, U_POOL], USE_AMOUNT(w)[u])
    for a in range(TI(w)[t, T_IN0], TI(w)[t, T_IN1]):
        p = AI(w)[a, A_PLACE]
        role = AI(w)[a, A_ROLE]
        amount = AF(w)[a, A_AMOUNT] * share
        if role in (ROLE_CARRIER, ROLE_LADEN, ROLE_PASS):
            if role != ROLE_PASS:
                lot = PI(w)[p, P_HEAD]
                JF(w)[job, J_GAUGE0] = LF(w)[lot, L_GAUGE0]
                JF(w)[job, J_GAUGE1] = LF(w)[lot, L_GAUGE1]
                JI(w)[job, J_CARRIER] = LI(w)[lot, L_CARRIER]
                amount = 1.0
            born, made, due = JF(w)[job, J_BORN], JF(w)[job, J_MADE], JF(w)[job, J_DUE]
            urgency = JI(w)[job, J_URGENCY]
            take(w, p, amount, job)
            if role != ROLE_LADEN:  # what comes of it is not the vehicle's age, nor the pass's
                JF(w)[job, J_BORN], JF(w)[job, J_MADE], JF(w)[job, J_DUE] = born, made, due
                JI(w)[job, J_URGENCY] = urgency
        elif role == ROLE_FILL:
            amount = AF(w)[a, A_AMOUNT] - JF(w)[job, J_GAUGE0]
            JF(w)[job, J_FILL] = amount
            TF(w)[t, T_FILLED] += amount
            JF(w)[job, J_GAUGE0] = AF(w)[a, A_AMOUNT]
            if amount > 0.0:
                take(w, p, amount, job)
        else:
            take(w, p, amount, job)
        AF(w)[a, A_FLOWED] += amount
    work = draw(w, TI(w)[t, T_TIME], TI(w)[t, T_STREAM]) + JF(w)[job, J_FILL] * TF(w)[t, T_PER_FILL]
    JF(w)[job, J_WORK] = work
    JF(w)[job, J_FULL_WORK] = work
    if TI(w)[t, T_BEFORE] == 1:
        for a in range(TI(w)[t, T_OUT0], TI(w)[t, T_OUT1]):
            if AI(w)[a, A_ROLE] == ROLE_PLAIN:
                PF(w)[AI(w)[a, A_PLACE], P_RESERVED] += AF(w)[a, A_AMOUNT] * share
    JI(w)[job, J_MACHINE] = machine
    trace_row(w, TRACE_START, t, machine, JI(w)[job, J_NUMBER], share, JI(w)[job, J_CARRIER])
    if machine != NONE:
        MI(w)[machine, M_JOB] = job
        last = MI(w)[machine, M_LAST_MODE]
        MI(w)[machine, M_LAST_MODE] = t
        setup = 0.0
        if GI(w)[g, G_SETUP] != NONE and last != t and last != NONE:
            setup = draw(w, TI(w)[t, T_SETUP] + TI(w)[last, T_KIND], GI(w)[g, G_SETUP_STREAM])
        if MI(w)[machine, M_DOWN] == 1:  # loaded while down: all of it is done after the repair
            JF(w)[job, J_WORK] = work + setup
            JI(w)[job, J_PHASE] = STOPPED
            _fell_all(w, t)
            return True
        if setup > 0.0:
            _set_state(w, machine, SETUP)
            JI(w)[job, J_PHASE] = SETTING_UP
            JF(w)[job, J_RESUMED] = NOW(w)[0]
            schedule(w, BASE(w)[5] + 2 * job, NOW(w)[0] + setup, RANK_JOB)
            _fell_all(w, t)
            return True
    _work(w, job)
    _fell_all(w, t)
    return True


@compiled
def _fell_all(w: Ints, t: int) -> None:
    for a in range(TI(w)[t, T_IN0], TI(w)[t, T_IN1]):
        _fell(w, AI(w)[a, A_PLACE])


@compiled
def _fell(w: Ints, p: int) -> None:
    """A place has less than before: jobs that wait for room there, makers that lacked it, and orders look again.

    So do its users that waited for something else: they may lack what is gone now, and say so.
    """
    if PI(w)[p, P_BLOCKED] != NONE:
        list_place(w, p)
    for i in range(PI(w)[p, P_MAKERS0], PI(w)[p, P_MAKERS1]):
        t = MAKERS(w)[i]
        if TI(w)[t, T_WHY] == BLOCKED or TI(w)[t, T_REORDER] != NONE:
            list_transition(w, t)
    for i in range(PI(w)[p, P_USERS0], PI(w)[p, P_USERS1]):
        t = USERS(w)[i]
        if TI(w)[t, T_WHY] == NO_POOL or TI(w)[t, T_WHY] == BLOCKED:
            list_transition(w, t)


@compiled
def _start_all(w: Ints) -> int:
    """Work off the list of transitions; return one that starts without end in no time, or NONE."""
    while SCALARS(w)[C_LIST_HEAD] != SCALARS(w)[C_LIST_TAIL] and SCALARS(w)[C_FULL] == 0:
        head = SCALARS(w)[C_LIST_HEAD]
        t = TODO(w)[head]
        head += 1
        SCALARS(w)[C_LIST_HEAD] = 0 if head == len(TODO(w)) else head
        if t < 0:
            PI(w)[-1 - t, P_LISTED] = 0
            _unblock(w, -1 - t)
            continue
        TI(w)[t, T_LISTED] = 0
        shortest = GI(w)[TI(w)[t, T_GROUP], G_SHORTEST] == 1
        while _start(w, _of_shortest_queue(w, t) if shortest else t):
            SCALARS(w)[C_INSTANT] += 1
            if SCALARS(w)[C_INSTANT] > INSTANT_LIMIT:
                return t
            if SCALARS(w)[C_FULL] != 0:
                break
    return NONE


@compiled
def _of_shortest_queue(w: Ints, t: int) -> int:
    """Return the mode of a transition's group whose first output has least waiting and in work before it."""
    g = TI(w)[t, T_GROUP]
    best = t
    least = math.inf
    for i in range(GI(w)[g, G_T0], GI(w)[g, G_T1]):
        mode = MODES(w)[i]
        if TI(w)[mode, T_OUT1] > TI(w)[mode, T_OUT0]:
            arc = TI(w)[mode, T_OUT0]
            p = AI(w)[arc, A_PLACE]
            queue = PF(w)[p, P_LEVEL] + TI(w)[mode, T_ACTIVE] * AF(w)[arc, A_AMOUNT]
            for u in range(PI(w)[p, P_USERS0], PI(w)[p, P_USERS1]):
                user = USERS(w)[u]
                queue += TI(w)[user, T_ACTIVE] * AF(w)[TI(w)[user, T_IN0], A_AMOUNT]
            if queue < least:
                least = queue
                best = mode
    return best


# ---- ending ----


@compiled
def _chosen(w: Ints, job: int, a: int) -> bool:
    """Return whether an output happens: always, or when it is the outcome drawn."""
    t = JI(w)[job, J_TRANSITION]
    if TI(w)[t, T_CHANCE] == 0 or AF(w)[a, A_CHANCE] > 1.5:
        return True
    return JI(w)[job, J_OUTCOME] == a


@compiled
def _lacks_room(w: Ints, job: int) -> int:
    """Return the place that has no room for a finished job's outputs, or NONE."""
    t = JI(w)[job, J_TRANSITION]
    if TI(w)[t, T_BEFORE] == 1:
        return NONE
    for a in range(TI(w)[t, T_OUT0], TI(w)[t, T_OUT1]):
        if AI(w)[a, A_ROLE] == ROLE_PLAIN and AF(w)[a, A_LAG] == 0.0 and _chosen(w, job, a):
            p = AI(w)[a, A_PLACE]
            if not has_room(w, p, AF(w)[a, A_AMOUNT] * JF(w)[job, J_SHARE]):
                return p
    return NONE


@compiled
def _finish(w: Ints, job: int) -> None:
    """The work of a job is done: put its outputs, or wait for room."""
    t = JI(w)[job, J_TRANSITION]
    machine = JI(w)[job, J_MACHINE]
    if machine != NONE:
        g = TI(w)[t, T_GROUP]
        if GI(w)[g, G_CLOCK] == CLOCK_WORKING:
            MF(w)[machine, M_TO_FAILURE] -= JF(w)[job, J_WORK]
    if TI(w)[t, T_CHANCE] == 1:
        u = uniform(w, TI(w)[t, T_CHANCE_STREAM])
        for a in range(TI(w)[t, T_OUT0], TI(w)[t, T_OUT1]):
            if AF(w)[a, A_CHANCE] <= 1.5 and u <= AF(w)[a, A_CHANCE]:
                JI(w)[job, J_OUTCOME] = a
                break
    p = _lacks_room(w, job)
    if p != NONE:
        _wait_for_room(w, job, p)
        if machine != NONE:
            _set_state(w, machine, BLOCKED)
        return
    _deliver(w, job)


@compiled
def _wait_for_room(w: Ints, job: int, p: int) -> None:
    JI(w)[job, J_PHASE] = WAITING_ROOM
    JI(w)[job, J_PLACE] = p
    JI(w)[job, J_NEXT] = NONE
    if PI(w)[p, P_BLOCKED] == NONE:
        PI(w)[p, P_BLOCKED] = job
    else:
        JI(w)[PI(w)[p, P_BLOCKED_LAST], J_NEXT] = job
    PI(w)[p, P_BLOCKED_LAST] = job


@compiled
def _unblock(w: Ints, p: int) -> None:
    """Let the jobs that wait for room in a place deliver, in the order they came."""
    before = NONE
    job = PI(w)[p, P_BLOCKED]
    while job != NONE:
        after = JI(w)[job, J_NEXT]
        machine = JI(w)[job, J_MACHINE]
        held = (
            machine != NONE and MI(w)[machine, M_DOWN] == 1
            and GI(w)[MI(w)[machine, M_GROUP], G_DOWN_OPEN] & OPEN_UNLOAD == 0
        )
        if held:
            before = job
            job = after
            continue
        t = JI(w)[job, J_TRANSITION]
        parcel = JI(w)[job, J_OUTCOME] if machine == NONE and JI(w)[job, J_CARRIER] == -2 else NONE
        still = NONE
        if parcel != NONE:
            if not has_room(w, p, AF(w)[parcel, A_AMOUNT] * JF(w)[job, J_SHARE]):
                still = p
        else:
            still = _lacks_room(w, job)
        if still == p:
            break
        if before == NONE:
            PI(w)[p, P_BLOCKED] = after
        else:
            JI(w)[before, J_NEXT] = after
        if after == NONE:
            PI(w)[p, P_BLOCKED_LAST] = before
        if still != NONE:
            _wait_for_room(w, job, still)
        elif parcel != NONE:
            _arrive(w, job)
        else:
            _deliver(w, job)
        list_transition(w, t)
        job = after


@compiled
def _arrive(w: Ints, job: int) -> None:
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
    _free_job(w, job)


@compiled
def _free_job(w: Ints, job: int) -> None:
    JI(w)[job, J_PHASE] = FREE
    JI(w)[job, J_NEXT] = SCALARS(w)[C_FREE_JOB]
    SCALARS(w)[C_FREE_JOB] = job


@compiled
def _deliver(w: Ints, job: int) -> None:
    """Put a job's outputs, give back its pools and its machine, and let others look."""
    t = JI(w)[job, J_TRANSITION]
    g = TI(w)[t, T_GROUP]
    machine = JI(w)[job, J_MACHINE]
    now = NOW(w)[0]
    share = JF(w)[job, J_SHARE]
    born, due = JF(w)[job, J_BORN], JF(w)[job, J_DUE]
    made = JF(w)[job, J_MADE] if TI(w)[t, T_KEEPS_MADE] == 1 else now
    TI(w)[t, T_ENDS] += 1
    TF(w)[t, T_MADE] += TF(w)[t, T_BATCH] * share
    _count_job(w, t, -1)
    SCALARS(w)[C_MAKER] = JI(w)[job, J_NUMBER]
    if JI(w)[job, J_URGENCY] == NOT_URGENT:
        JI(w)[job, J_URGENCY] = 0
    SCALARS(w)[C_URGENCY] = JI(w)[job, J_URGENCY]
    trace_row(w, TRACE_END, t, machine, JI(w)[job, J_NUMBER], share, JI(w)[job, J_CARRIER])
    carried = TI(w)[t, T_CARRIER] == 0
    if not carried:
        JF(w)[job, J_GAUGE0] -= TF(w)[t, T_BURN0]
        JF(w)[job, J_GAUGE1] -= TF(w)[t, T_BURN1]
        TF(w)[t, T_BURNT] += TF(w)[t, T_BURN0]
    for a in range(TI(w)[t, T_OUT0], TI(w)[t, T_OUT1]):
        role = AI(w)[a, A_ROLE]
        p = AI(w)[a, A_PLACE]
        if role == ROLE_PLAIN:
            amount = AF(w)[a, A_AMOUNT] * share
            if TI(w)[t, T_BEFORE] == 1:
                PF(w)[p, P_RESERVED] = max(0.0, PF(w)[p, P_RESERVED] - amount)
            chosen = _chosen(w, job, a)
            if TI(w)[t, T_BEFORE] == 1 and (not chosen or AF(w)[a, A_LAG] > 0.0):  # room is given back unused
                _fell(w, p)
            if not chosen:
                continue
            if AF(w)[a, A_LAG] > 0.0:
                parcel = _new_job(w, t)
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
                if p == TI(w)[t, T_REORDER]:
                    TF(w)[t, T_ON_ORDER] -= amount
                put(w, p, amount, born, made, due, 0.0, 0.0, NONE)
        elif not carried:
            low = JF(w)[job, J_GAUGE0] < AF(w)[a, A_TEST] * (1.0 - TINY)
            worn = JF(w)[job, J_GAUGE1] < AF(w)[a, A_TEST] * (1.0 - TINY)
            if role == ROLE_CARRIER or (role == ROLE_IF_LOW and low) or (role == ROLE_IF_WORN and worn):
                carried = True
                AF(w)[a, A_FLOWED] += 1.0
                gauge1 = JF(w)[job, J_GAUGE1] if AF(w)[a, A_LAG] == 0.0 else AF(w)[a, A_LAG]  # a lag here: upkeep done
                put(w, p, 1.0, born, made, math.inf, JF(w)[job, J_GAUGE0], gauge1, JI(w)[job, J_CARRIER])
                LF(w)[PI(w)[p, P_TAIL], L_LOAD] = share
    for u in range(TI(w)[t, T_USE0], TI(w)[t, T_USE1]):
        if USES(w)[u, U_RELEASE] == 1:
            _change_pool(w, USES(w)[u, U_POOL], -USE_AMOUNT(w)[u])
            _offer_above(w, USES(w)[u, U_POOL], TI(w)[t, T_PRIORITY])
    _free_job(w, job)
    if machine != NONE:
        if MI(w)[machine, M_DOWN] == 1:
            MI(w)[machine, M_JOB] = NONE
            if GI(w)[g, G_DOWN_OPEN] >= OPEN_LOAD:
                _join_idle(w, machine)
                _look_at_group(w, g)
        else:
            _free_machine(w, g, machine)
    for u in range(TI(w)[t, T_USE0], TI(w)[t, T_USE1]):
        if USES(w)[u, U_RELEASE] == 1:
            _offer_pool(w, USES(w)[u, U_POOL])


@compiled
def _free_machine(w: Ints, g: int, machine: int) -> None:
    """A machine is free: jobs of higher priority start first, then one that was pushed aside resumes."""
    _join_idle(w, machine)
    waiting = GI(w)[g, G_SUSPENDED]
    if waiting != NONE:
        priority = TI(w)[JI(w)[waiting, J_TRANSITION], T_PRIORITY]
        for i in range(GI(w)[g, G_T0], GI(w)[g, G_T1]):
            t = MODES(w)[i]
            if TI(w)[t, T_PRIORITY] >= priority or GI(w)[g, G_IDLE] == NONE:
                break
            _start(w, t)
        machine = _idle_machine(w, g)
        if machine != NONE and MI(w)[machine, M_DOWN] == 0:
            _leave_idle(w, machine)
            GI(w)[g, G_SUSPENDED] = JI(w)[waiting, J_NEXT]
            JI(w)[waiting, J_NEXT] = NONE
            JI(w)[waiting, J_MACHINE] = machine
            MI(w)[machine, M_JOB] = waiting
            _work(w, waiting)
    _look_at_group(w, g)


# ---- events ----


@compiled
def _arrival(w: Ints, source: int) -> None:
    """A lot arrives from outside; where there is no room it is turned away and counted."""
    p = SI(w)[source, S_PLACE]
    now = NOW(w)[0]
    amount = ARRIVALS(w)[SI(w)[source, S_TRACE], 1] if SI(w)[source, S_TRACE_END] != NONE else math.nan
    if math.isnan(amount):
        amount = draw(w, SI(w)[source, S_AMOUNT], SI(w)[source, S_AMOUNT_STREAM])
    due = math.inf
    if SI(w)[source, S_DUE] != NONE:
        due = now + draw(w, SI(w)[source, S_DUE], SI(w)[source, S_DUE_STREAM])
    if amount == math.inf:  # a supply without limit that was out is there again
        PI(w)[p, P_SPRING] = 1
        for i in range(PI(w)[p, P_USERS0], PI(w)[p, P_USERS1]):
            list_transition(w, USERS(w)[i])
        return
    SCALARS(w)[C_MAKER] = NONE
    SCALARS(w)[C_URGENCY] = SI(w)[source, S_URGENCY]
    SI(w)[source, S_N] += 1
    SF(w)[source, S_ARRIVED] += amount
    if PF(w)[p, P_LEVEL] < SF(w)[source, S_BALK] and has_room(w, p, amount):
        put(w, p, amount, now, now, due, 0.0, 0.0, NONE)
        for i in range(PI(w)[p, P_MAKERS0], PI(w)[p, P_MAKERS1]):
            t = MAKERS(w)[i]
            if TI(w)[t, T_REORDER] != NONE:  # orders that wait are counted against the position
                list_transition(w, t)
    else:
        PI(w)[p, P_N_REFUSED] += 1
        PF(w)[p, P_REFUSED] += amount
        trace_row(w, TRACE_LOST, p, 2, source, amount, NONE)
    _next_arrival(w, source)


@compiled
def _next_arrival(w: Ints, source: int) -> None:
    """Schedule a source's next arrival.

    Rates that vary by a series are met exactly: the time between arrivals runs on the clock of the series.
    """
    if SI(w)[source, S_TRACE_END] != NONE:
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
def _lot_ends(w: Ints, lot: int) -> None:
    """A lot's patience or shelf life is over: it goes where such lots go, or out of the chain."""
    p = LI(w)[lot, L_PLACE]
    accrue_place(w, p)
    now = NOW(w)[0]
    amount = LF(w)[lot, L_AMOUNT]
    stay = now - LF(w)[lot, L_ENTERED]
    PF(w)[p, P_STAY] += amount * stay
    PF(w)[p, P_LOT_STAY] += stay
    PF(w)[p, P_LEVEL] -= amount
    PF(w)[p, P_AGE] += amount * (now - LF(w)[lot, L_MADE])
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
    _fell(w, p)


@compiled
def _pool_changes(w: Ints, r: int) -> None:
    _change_pool(w, r, 0.0)
    row = RI(w)[r, R_SERIES]
    there = math.floor(RF(w)[r, R_AMOUNT] * level_at(w, row, NOW(w)[0]) + 1e-6)
    RF(w)[r, R_THERE] = there if RI(w)[r, R_DOWN] == 0 else 0.0
    if row != NONE:
        at = next_change(w, row, NOW(w)[0])
        if at < math.inf:
            schedule(w, BASE(w)[3] + r, at, RANK_SHIFT)
    _offer_pool(w, r)


@compiled
def _pool_fails_or_returns(w: Ints, r: int) -> None:
    """All of a pool goes or comes back; runs that hold some of it are finished."""
    down = 1 - RI(w)[r, R_DOWN]
    RI(w)[r, R_DOWN] = down
    if down == 1:
        after = draw(w, RI(w)[r, R_REPAIR], RI(w)[r, R_REPAIR_STREAM])
    else:
        after = draw(w, RI(w)[r, R_FAIL], RI(w)[r, R_FAIL_STREAM])
    schedule(w, BASE(w)[4] + r, NOW(w)[0] + after, RANK_MACHINE)
    _pool_changes(w, r)


@compiled
def _shift_changes(w: Ints, g: int) -> None:
    row = GI(w)[g, G_SERIES]
    now = NOW(w)[0]
    at = math.inf
    if row != NONE:
        at = next_change(w, row, now)
        if level_at(w, row, now) <= 0.0:
            _set_reason(w, g, OFF_SHIFT)
    if TARGETS(w).shape[0] > 0:  # a plan may want something new in each step
        at = min(at, (step_at(w, now) + 1.0) * STEP(w)[0] - STEP(w)[1])
    if at < math.inf:
        schedule(w, BASE(w)[2] + g, at, RANK_SHIFT)
    _look_at_group(w, g)


@compiled
def note(w: Ints) -> None:
    """Bring every sum up to now and write the accumulators down at the next mark."""
    now = NOW(w)[0]
    k = SCALARS(w)[C_MARK]
    i = 0
    for p in range(len(PI(w))):
        accrue_place(w, p)
        row = (
            PF(w)[p, P_AREA], PF(w)[p, P_COUNT_AREA], PF(w)[p, P_IN], PF(w)[p, P_OUT], PF(w)[p, P_STAY],
            PF(w)[p, P_LOT_STAY], PF(w)[p, P_EXPIRED], PF(w)[p, P_RENEGED], PF(w)[p, P_REFUSED], PF(w)[p, P_LET],
            float(PI(w)[p, P_N_IN]), float(PI(w)[p, P_N_OUT]), PF(w)[p, P_LEVEL],
            float(PI(w)[p, P_N_LATE]), PF(w)[p, P_TARDY],
            float(PI(w)[p, P_N_EXPIRED] + PI(w)[p, P_N_RENEGED]), PF(w)[p, P_AGE],
        )
        for value in row:
            NOTES(w)[k, i] = value
            i += 1
    for t in range(len(TI(w))):
        _count_job(w, t, 0)
        NOTES(w)[k, i] = TF(w)[t, T_DONE]
        NOTES(w)[k, i + 1] = TF(w)[t, T_MADE]
        NOTES(w)[k, i + 2] = TF(w)[t, T_AREA]
        i += 3
    for machine in range(len(MI(w))):
        _set_state(w, machine, MI(w)[machine, M_STATE])
    for g in range(len(GI(w))):
        for state in range(STATES):
            NOTES(w)[k, i] = SHARES(w)[g, state]
            i += 1
    for r in range(len(RI(w))):
        _change_pool(w, r, 0.0)
        NOTES(w)[k, i] = RF(w)[r, R_AREA]
        NOTES(w)[k, i + 1] = RF(w)[r, R_THERE_AREA]
        i += 2
    SCALARS(w)[C_MARK] = k + 1
    SCALARS(w)[C_CHECKPOINT] = min(CHECKPOINTS - 1, (k + 1) * CHECKPOINTS // len(MARKS(w)))
    NOW(w)[0] = now


@compiled
def _begin_down(w: Ints, machine: int) -> None:
    """A machine is out at the start; whoever repairs it is held, and what ends that is a repair."""
    g = MI(w)[machine, M_GROUP]
    MI(w)[machine, M_DOWN] = 1
    GI(w)[g, G_FAILURES] += 1
    if GI(w)[g, G_DOWN_OPEN] < OPEN_LOAD:
        _leave_idle(w, machine)
    _set_state(w, machine, DOWN)
    if GI(w)[g, G_CREW] != NONE:
        _change_pool(w, GI(w)[g, G_CREW], 1.0)
    if MF(w)[machine, M_OUT] < math.inf:
        schedule(w, BASE(w)[0] + machine, MF(w)[machine, M_OUT], RANK_MACHINE)


@compiled
def _begin_busy(w: Ints, t: int) -> None:
    """A machine has a run under way at the start, for which it has taken what it works on."""
    g = TI(w)[t, T_GROUP]
    machine = _idle_machine(w, g) if GI(w)[g, G_IDLE] != NONE else NONE
    if machine == NONE or MI(w)[machine, M_DOWN] == 1 or not _pools_there(w, t) or TI(w)[t, T_REORDER] != NONE:
        return
    if GI(w)[g, G_SERIES] != NONE and level_at(w, GI(w)[g, G_SERIES], 0.0) <= 0.0:
        return
    row = TI(w)[t, T_TARGET]
    if (TI(w)[t, T_BEFORE] == 1 and not _room_there(w, t, 1.0)) or TF(w)[t, T_OPENS] > 0.0 or (
        row != NONE and TF(w)[t, T_DONE] + 0.5 * TF(w)[t, T_BATCH] > TARGETS(w)[row, 1]
    ):
        return
    for a in range(TI(w)[t, T_IN0], TI(w)[t, T_IN1]):
        p = AI(w)[a, A_PLACE]
        if PI(w)[p, P_SPRING] == 0:  # it comes and is taken at once, so that it needs no room
            room, most, count = PF(w)[p, P_CAPACITY], PF(w)[p, P_MOST], PI(w)[p, P_N_MOST]
            PF(w)[p, P_CAPACITY] = math.inf
            PF(w)[p, P_BEGUN] += AF(w)[a, A_AMOUNT]
            put(w, p, AF(w)[a, A_AMOUNT], 0.0, 0.0, math.inf, 0.0, 0.0, NONE)
            PF(w)[p, P_CAPACITY], PF(w)[p, P_MOST], PI(w)[p, P_N_MOST] = room, most, count
    job = SCALARS(w)[C_FREE_JOB]
    if _start(w, t):
        _midway(w, t, job)


@compiled
def _midway(w: Ints, t: int, job: int) -> None:
    """Let a run that has just begun be in the middle of it: seen at an instant, as renewal theory has it.

    Its length is drawn in proportion to itself, and any part of it may be over.
    """
    g = TI(w)[t, T_GROUP]
    machine = JI(w)[job, J_MACHINE]
    chosen = 0.0
    whole = 0.0
    for _ in range(LENGTHS):
        length = draw(w, TI(w)[t, T_TIME], TI(w)[t, T_BUSY_STREAM])
        whole += length
        if uniform(w, TI(w)[t, T_BUSY_STREAM]) * whole < length:
            chosen = length
    cancel(w, BASE(w)[5] + 2 * job)
    if machine != NONE and GI(w)[g, G_CLOCK] == CLOCK_WORKING:
        cancel(w, BASE(w)[0] + machine)
    JF(w)[job, J_WORK] = chosen * uniform(w, TI(w)[t, T_BUSY_STREAM])
    JF(w)[job, J_FULL_WORK] = chosen
    _work(w, job)


@compiled
def begin(words: Ints) -> int:
    """Set everything going at time nought; return a code."""
    w = pointer(words)
    for r in range(len(RI(w))):
        _pool_changes(w, r)
        if RI(w)[r, R_FAIL] != NONE:
            schedule(w, BASE(w)[4] + r, draw(w, RI(w)[r, R_FAIL], RI(w)[r, R_FAIL_STREAM]), RANK_MACHINE)
    for machine in range(len(MI(w))):
        g = MI(w)[machine, M_GROUP]
        _join_idle(w, machine)
        if GI(w)[g, G_CLOCK] != CLOCK_NONE and MF(w)[machine, M_OUT] == 0.0:
            _arm(w, machine, 0.0)
        if MF(w)[machine, M_OUT] > 0.0:
            _begin_down(w, machine)
    for t in range(len(TI(w))):
        if 0.0 < TF(w)[t, T_OPENS] < math.inf:
            schedule(w, t, TF(w)[t, T_OPENS], RANK_TIMER)
        if TF(w)[t, T_BUSY] > 0.0 and TI(w)[t, T_CARRIER] == 1:
            while PI(w)[AI(w)[TI(w)[t, T_IN0], A_PLACE], P_HEAD] != NONE:  # who set out before
                job = SCALARS(w)[C_FREE_JOB]
                if not _start(w, t):
                    break
                _midway(w, t, job)
        elif TF(w)[t, T_BUSY] > 0.0:
            g = TI(w)[t, T_GROUP]
            for _ in range(GI(w)[g, G_M0], GI(w)[g, G_M1]):
                if uniform(w, TI(w)[t, T_BUSY_STREAM]) <= TF(w)[t, T_BUSY]:
                    _begin_busy(w, t)
    for g in range(len(GI(w))):
        _shift_changes(w, g)
    for source in range(len(SI(w))):
        _next_arrival(w, source)
    if _start_all(w) != NONE:
        return ZERO_TIME
    return FULL if SCALARS(w)[C_FULL] != 0 else PAUSED


@compiled
def run(words: Ints, events: int) -> int:
    """Run on for at most so many events; return why it stopped."""
    w = pointer(words)
    b0, b1, b2, b3, b4, b5 = BASE(w)[0], BASE(w)[1], BASE(w)[2], BASE(w)[3], BASE(w)[4], BASE(w)[5]
    mark = MARKS(w)[SCALARS(w)[C_MARK]] if SCALARS(w)[C_MARK] < len(MARKS(w)) else math.inf
    guard = len(TRACE(w)) - 4096
    for _ in range(events):
        at = HEAP_TIME(w)[0] if SCALARS(w)[C_HEAP] > 0 else math.inf
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
        event = pop(w)
        SCALARS(w)[C_EVENTS] += 1
        if event >= b5:
            which = (event - b5) >> 1
            if (event - b5) & 1 == 1:
                _lot_ends(w, which)
            elif JI(w)[which, J_PHASE] == RUNNING:
                _finish(w, which)
            elif JI(w)[which, J_PHASE] == SETTING_UP:
                _work(w, which)
                _look_at_group(w, TI(w)[JI(w)[which, J_TRANSITION], T_GROUP])  # now it may be pushed aside
            else:  # a parcel
                a = JI(w)[which, J_OUTCOME]
                p = AI(w)[a, A_PLACE]
                if has_room(w, p, AF(w)[a, A_AMOUNT] * JF(w)[which, J_SHARE]):
                    _arrive(w, which)
                else:
                    _wait_for_room(w, which, p)
        elif event >= b4:
            _pool_fails_or_returns(w, event - b4)
        elif event >= b3:
            _pool_changes(w, event - b3)
        elif event >= b2:
            _shift_changes(w, event - b2)
        elif event >= b1:
            _arrival(w, event - b1)
        elif event >= b0:
            machine = event - b0
            if MI(w)[machine, M_DOWN] == 1:
                _repaired(w, machine)
            else:
                _fail(w, machine)
        else:
            list_transition(w, event)
        if _start_all(w) != NONE:
            return ZERO_TIME
        if SCALARS(w)[C_FULL] != 0:
            return FULL
        if guard >= 0 and SCALARS(w)[C_TRACED] >= guard:
            return TRACE_FULL
    return DONE if SCALARS(w)[C_MARK] == len(MARKS(w)) else PAUSED


@compiled
def look_again(words: Ints) -> int:
    """Let everything look again at the end of a run; what starts or delivers then was overlooked before."""
    w = pointer(words)
    for p in range(len(PI(w))):
        if PI(w)[p, P_BLOCKED] != NONE:
            list_place(w, p)
    for t in range(len(TI(w))):
        list_transition(w, t)
    return _start_all(w)
