"""Starting a transition: it takes what it needs and becomes a job."""

from __future__ import annotations

from lodeworks.simulate.compiled import (
    AF,
    AI,
    BASE,
    CALENDARS,
    FAILURES,
    GI,
    JF,
    JI,
    LF,
    LI,
    MI,
    NOW,
    PF,
    PI,
    POOLS,
    RARE,
    TARGETS,
    TF,
    TI,
    USE_AMOUNT,
    USES,
    VEHICLES,
    compiled,
    hot,
)
from lodeworks.simulate.events import schedule
from lodeworks.simulate.kernel.aside import mode_closed, put_aside
from lodeworks.simulate.kernel.machines import idle_machine, is_down, leave_idle, set_state
from lodeworks.simulate.kernel.pools import change_pool, pools_there
from lodeworks.simulate.kernel.ready import fell_all, is_plain, refuse, room_there, share_there
from lodeworks.simulate.kernel.work import begin_work, count_job, new_job, stop_work
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints
from lodeworks.simulate.lots import take, trace_row
from lodeworks.simulate.streams import draw
from lodeworks.simulate.time import level_at, step_at

__all__ = ["start"]

TINY = 1e-9


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


@hot
def start(w: Ints, t: int) -> bool:
    """Start a transition once if everything is there; say why not otherwise."""
    g = TI(w)[t, T_GROUP]
    finite = GI(w)[g, G_M1] > GI(w)[g, G_M0]
    if finite and GI(w)[g, G_IDLE] == NONE and (not RARE(w) or TI(w)[t, T_PREEMPT] == 0):
        return False
    if CALENDARS(w) and GI(w)[g, G_SERIES] != NONE and level_at(w, GI(w)[g, G_SERIES], NOW(w)[0]) <= 0.0:
        return refuse(w, t, OFF_SHIFT)
    if CALENDARS(w) and TF(w)[t, T_OPENS] > NOW(w)[0]:
        return refuse(w, t, OFF_SHIFT)
    if RARE(w) and mode_closed(w, t):  # another mode of its machines is open and says why they are idle
        TI(w)[t, T_WHY] = OFF_SHIFT
        return False
    row = TI(w)[t, T_TARGET] if RARE(w) else NONE
    if row != NONE:
        k = min(step_at(w, NOW(w)[0]) + 1, TARGETS(w).shape[1] - 1)
        if TF(w)[t, T_DONE] + 0.5 * TF(w)[t, T_BATCH] > TARGETS(w)[row, k]:
            return refuse(w, t, ON_PLAN)
    ordered = 0.0
    if RARE(w) and TI(w)[t, T_REORDER] != NONE:
        p = TI(w)[t, T_REORDER]
        position = PF(w)[p, P_LEVEL] + TF(w)[t, T_ON_ORDER]
        if TI(w)[t, T_BACKLOG] != NONE:
            position -= PF(w)[TI(w)[t, T_BACKLOG], P_LEVEL]
        if position > TF(w)[t, T_ORDER_AT] + TINY:
            return refuse(w, t, STARVED)
        ordered = TF(w)[t, T_ORDER_TO] - position
    wanted = ordered / (TF(w)[t, T_BATCH] * TF(w)[t, T_PER_ORDER]) if ordered > 0.0 else 1.0
    share = share_there(w, t, wanted)
    if share < 0.0:
        return refuse(w, t, int(-share))
    share *= wanted
    if VEHICLES(w) and TI(w)[t, T_CARRIER] == 1 and AI(w)[TI(w)[t, T_IN0], A_ROLE] == ROLE_LADEN:
        share = LF(w)[PI(w)[AI(w)[TI(w)[t, T_IN0], A_PLACE], P_HEAD], L_LOAD]
    if RARE(w) and TI(w)[t, T_BEFORE] == 1 and not room_there(w, t, share):
        return refuse(w, t, BLOCKED)
    if POOLS(w) and TI(w)[t, T_USE1] > TI(w)[t, T_USE0] and not pools_there(w, t):
        return refuse(w, t, NO_POOL)
    machine = NONE
    if finite:
        if RARE(w) and GI(w)[g, G_IDLE] == NONE:
            victim = _victim(w, t)
            if victim == NONE:
                return False
            machine = JI(w)[victim, J_MACHINE]
            stop_work(w, victim)
            put_aside(w, victim)
        else:
            machine = idle_machine(w, g)
            leave_idle(w, machine)
    job = new_job(w, t)
    if job == NONE:
        return False
    if ordered > 0.0:
        TF(w)[t, T_ON_ORDER] += share * TF(w)[t, T_BATCH] * TF(w)[t, T_PER_ORDER]
    JF(w)[job, J_SHARE] = share
    TI(w)[t, T_WHY] = WORKING
    TI(w)[t, T_STARTS] += 1
    TF(w)[t, T_AT] = NOW(w)[0]
    TF(w)[t, T_DONE] += TF(w)[t, T_BATCH] * share
    count_job(w, t, 1)
    if POOLS(w):
        for u in range(TI(w)[t, T_USE0], TI(w)[t, T_USE1]):
            if USES(w)[u, U_SEIZE] == 1:
                change_pool(w, USES(w)[u, U_POOL], USE_AMOUNT(w)[u])
    for a in range(TI(w)[t, T_IN0], TI(w)[t, T_IN1]):
        p = AI(w)[a, A_PLACE]
        role = AI(w)[a, A_ROLE]
        amount = AF(w)[a, A_AMOUNT] * share
        if is_plain(w, role):
            take(w, p, amount, job)
        elif role in (ROLE_CARRIER, ROLE_LADEN, ROLE_PASS):
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
        else:  # a tank is filled
            amount = AF(w)[a, A_AMOUNT] - JF(w)[job, J_GAUGE0]
            JF(w)[job, J_FILL] = amount
            TF(w)[t, T_FILLED] += amount
            JF(w)[job, J_GAUGE0] = AF(w)[a, A_AMOUNT]
            if amount > 0.0:
                take(w, p, amount, job)
        AF(w)[a, A_FLOWED] += amount
    work = draw(w, TI(w)[t, T_TIME], TI(w)[t, T_STREAM])
    if VEHICLES(w):
        work += JF(w)[job, J_FILL] * TF(w)[t, T_PER_FILL]
    JF(w)[job, J_WORK] = work
    if FAILURES(w) or RARE(w):
        JF(w)[job, J_FULL_WORK] = work
    if RARE(w) and TI(w)[t, T_BEFORE] == 1:
        for a in range(TI(w)[t, T_OUT0], TI(w)[t, T_OUT1]):
            if AI(w)[a, A_ROLE] == ROLE_PLAIN:
                PF(w)[AI(w)[a, A_PLACE], P_RESERVED] += AF(w)[a, A_AMOUNT] * share
    JI(w)[job, J_MACHINE] = machine
    if RARE(w):
        trace_row(w, TRACE_START, t, machine, JI(w)[job, J_NUMBER], share, JI(w)[job, J_CARRIER])
    if machine != NONE:
        MI(w)[machine, M_JOB] = job
        last = MI(w)[machine, M_LAST_MODE]
        MI(w)[machine, M_LAST_MODE] = t
        setup = 0.0
        if RARE(w) and GI(w)[g, G_SETUP] != NONE and last != t and last != NONE:
            setup = draw(w, TI(w)[t, T_SETUP] + TI(w)[last, T_KIND], GI(w)[g, G_SETUP_STREAM])
        if is_down(w, machine):  # loaded while down: all of it is done after the repair
            JF(w)[job, J_WORK] = work + setup
            JI(w)[job, J_PHASE] = STOPPED
            fell_all(w, t)
            return True
        if RARE(w) and setup > 0.0:
            set_state(w, machine, SETUP)
            JI(w)[job, J_PHASE] = SETTING_UP
            JF(w)[job, J_RESUMED] = NOW(w)[0]
            schedule(w, BASE(w)[5] + 2 * job, NOW(w)[0] + setup, RANK_JOB)
            fell_all(w, t)
            return True
    begin_work(w, job)
    fell_all(w, t)
    return True
