"""Jobs and the work of a job on its machine: begun, stopped, resumed, and when it ends."""

from __future__ import annotations

import math

from lodeworks.simulate.compiled import (
    BASE,
    CALENDARS,
    FAILURES,
    GI,
    HEAP_PLACE,
    HEAP_TIME,
    JF,
    JI,
    MF,
    MI,
    NOW,
    RARE,
    SCALARS,
    TF,
    TI,
    VEHICLES,
    compiled,
    hot,
)
from lodeworks.simulate.events import cancel, schedule
from lodeworks.simulate.kernel.machines import set_state
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints
from lodeworks.simulate.time import level_at, when_done, worked_between

__all__ = ["begin_work", "count_job", "free_job", "new_job", "stop_work"]


@hot
def begin_work(w: Ints, job: int) -> None:
    """Begin or resume a job on its machine, and schedule its end or the failure that comes before it."""
    now = NOW(w)[0]
    machine = JI(w)[job, J_MACHINE]
    g = TI(w)[JI(w)[job, J_TRANSITION], T_GROUP]
    work = JF(w)[job, J_WORK]
    if FAILURES(w) or RARE(w):  # nothing else stops it
        JF(w)[job, J_RESUMED] = now
    JI(w)[job, J_PHASE] = RUNNING
    end = when_done(w, GI(w)[g, G_SERIES], GI(w)[g, G_SHIFT], now, work) if CALENDARS(w) else now + work
    if machine != NONE:
        set_state(w, machine, WORKING)
        if FAILURES(w) and GI(w)[g, G_CLOCK] == CLOCK_WORKING and MF(w)[machine, M_TO_FAILURE] < work:
            at = when_done(w, GI(w)[g, G_SERIES], GI(w)[g, G_SHIFT], now, max(0.0, MF(w)[machine, M_TO_FAILURE]))
            schedule(w, BASE(w)[0] + machine, at, RANK_MACHINE)
            return
    if end < math.inf:
        schedule(w, BASE(w)[5] + 2 * job, end, RANK_JOB)


@compiled
def stop_work(w: Ints, job: int) -> None:
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


@hot
def count_job(w: Ints, t: int, change: int) -> None:
    """Bring the time of runs of a transition up to now, then change how many there are."""
    now = NOW(w)[0]
    TF(w)[t, T_AREA] += (now - TF(w)[t, T_LAST]) * TI(w)[t, T_ACTIVE]
    TF(w)[t, T_LAST] = now
    TI(w)[t, T_ACTIVE] += change


@hot
def new_job(w: Ints, t: int) -> int:
    """Return a job of a transition, fresh, or NONE where there is no room for one."""
    job = SCALARS(w)[C_FREE_JOB]
    if job == NONE:
        SCALARS(w)[C_FULL] = 1
        return NONE
    SCALARS(w)[C_FREE_JOB] = JI(w)[job, J_NEXT]
    if RARE(w):
        SCALARS(w)[C_NUMBER] += 1
        JI(w)[job, J_NUMBER] = SCALARS(w)[C_NUMBER]
        JI(w)[job, J_OUTCOME] = NONE
        JI(w)[job, J_URGENCY] = NOT_URGENT
        JF(w)[job, J_DUE] = math.inf
    if VEHICLES(w):
        JI(w)[job, J_CARRIER] = NONE
        JF(w)[job, J_GAUGE0] = 0.0
        JF(w)[job, J_GAUGE1] = 0.0
        JF(w)[job, J_FILL] = 0.0
    JI(w)[job, J_TRANSITION] = t
    JI(w)[job, J_MACHINE] = NONE
    JI(w)[job, J_NEXT] = NONE
    JF(w)[job, J_BORN] = NOW(w)[0]
    JF(w)[job, J_MADE] = NOW(w)[0]
    JF(w)[job, J_SHARE] = 1.0
    return job


@hot
def free_job(w: Ints, job: int) -> None:
    """Give the row of a job back."""
    JI(w)[job, J_PHASE] = FREE
    JI(w)[job, J_NEXT] = SCALARS(w)[C_FREE_JOB]
    SCALARS(w)[C_FREE_JOB] = job
