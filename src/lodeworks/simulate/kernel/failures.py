"""Failures and repairs of machines."""

from __future__ import annotations

from lodeworks.simulate.compiled import BASE, GI, HEAP_PLACE, HEAP_TIME, JF, JI, MF, MI, NOW, RF, RI, TI, compiled
from lodeworks.simulate.events import cancel, schedule
from lodeworks.simulate.kernel.aside import mode_closed, put_aside
from lodeworks.simulate.kernel.ending import unblock
from lodeworks.simulate.kernel.machines import join_idle, leave_idle, look_at_group, set_state
from lodeworks.simulate.kernel.pools import change_pool, offer_pool, repair
from lodeworks.simulate.kernel.work import begin_work, stop_work
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints
from lodeworks.simulate.streams import draw

__all__ = ["arm", "fail", "repaired"]

TINY = 1e-9


@compiled
def arm(w: Ints, machine: int, since: float) -> None:
    """Draw the time to a machine's next failure, counted from `since`."""
    g = MI(w)[machine, M_GROUP]
    between = draw(w, GI(w)[g, G_FAIL], GI(w)[g, G_FAIL_STREAM])
    if GI(w)[g, G_CLOCK] == CLOCK_CALENDAR:
        schedule(w, BASE(w)[0] + machine, max(NOW(w)[0], since + between), RANK_MACHINE)
    else:
        MF(w)[machine, M_TO_FAILURE] = between


@compiled
def fail(w: Ints, machine: int) -> None:
    """A machine fails: what it does stops, and it is repaired as soon as somebody is there to."""
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
            leave_idle(w, machine)
    elif JI(w)[job, J_PHASE] == RUNNING or JI(w)[job, J_PHASE] == SETTING_UP:
        stop_work(w, job)
    crew = GI(w)[g, G_CREW]
    if crew == NONE:
        repair(w, machine)
    elif RI(w)[crew, R_CREW] == NONE and RF(w)[crew, R_USED] + 1.0 <= RF(w)[crew, R_THERE] + TINY:
        change_pool(w, crew, 1.0)
        repair(w, machine)
    else:
        set_state(w, machine, NO_CREW)
        MI(w)[machine, M_CREW_NEXT] = NONE
        if RI(w)[crew, R_CREW_LAST] == NONE:
            RI(w)[crew, R_CREW] = machine
        else:
            MI(w)[RI(w)[crew, R_CREW_LAST], M_CREW_NEXT] = machine
        RI(w)[crew, R_CREW_LAST] = machine


@compiled
def repaired(w: Ints, machine: int) -> None:
    """A machine is up again and goes on with its job, or is free."""
    g = MI(w)[machine, M_GROUP]
    GI(w)[g, G_REPAIRS] += 1
    MI(w)[machine, M_DOWN] = 0
    if GI(w)[g, G_BELT] == 1:
        _start_belt(w, g)
    crew = GI(w)[g, G_CREW]
    if crew != NONE:
        change_pool(w, crew, -1.0)
    if GI(w)[g, G_CLOCK] != CLOCK_NONE:
        arm(w, machine, MF(w)[machine, M_FAILED_AT] if GI(w)[g, G_INTERVAL] == 1 else NOW(w)[0])
    job = MI(w)[machine, M_JOB]
    if job == NONE:
        if GI(w)[g, G_DOWN_OPEN] >= OPEN_LOAD:
            leave_idle(w, machine)
        join_idle(w, machine)
        look_at_group(w, g)
    elif JI(w)[job, J_PHASE] == STOPPED and mode_closed(w, JI(w)[job, J_TRANSITION]):
        put_aside(w, job)
        join_idle(w, machine)
        look_at_group(w, g)
    elif JI(w)[job, J_PHASE] == STOPPED:
        begin_work(w, job)
        look_at_group(w, g)  # a run that works may be pushed aside
    elif JI(w)[job, J_PHASE] == WAITING_ROOM:
        set_state(w, machine, BLOCKED)
        unblock(w, JI(w)[job, J_PLACE])
    if crew != NONE:
        offer_pool(w, crew)


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
