"""Runs that are put aside: pushed off their machine by urgent work, or left at the closing of their mode.

Who goes on with them, and when, is in `ending`. A mode that has hours of its own does not hold its machine over night:
others may have it, and the run goes on, with the work that was left, once its mode is open and a machine is free.
"""

from __future__ import annotations

import math

from lodeworks.simulate.compiled import GI, JF, JI, MI, MODES, NOW, TI, compiled, hot
from lodeworks.simulate.kernel.machines import join_idle
from lodeworks.simulate.kernel.work import stop_work
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints
from lodeworks.simulate.time import level_at, next_change

__all__ = ["close_modes", "first_aside", "mode_closed", "put_aside", "take_from_aside"]


@hot
def mode_closed(w: Ints, t: int) -> bool:
    """Return whether a transition may not work now although its machines may."""
    return TI(w)[t, T_SERIES] != NONE and level_at(w, TI(w)[t, T_SERIES], NOW(w)[0]) <= 0.0


@compiled
def put_aside(w: Ints, job: int) -> None:
    """Put a job that was stopped aside, without a machine."""
    g = TI(w)[JI(w)[job, J_TRANSITION], T_GROUP]
    JI(w)[job, J_PHASE] = SUSPENDED
    JI(w)[job, J_MACHINE] = NONE
    JI(w)[job, J_NEXT] = GI(w)[g, G_SUSPENDED]
    GI(w)[g, G_SUSPENDED] = job


@compiled
def first_aside(w: Ints, g: int) -> int:
    """Return the job put aside last of those that may go on now, or NONE."""
    job = GI(w)[g, G_SUSPENDED]
    while job != NONE and mode_closed(w, JI(w)[job, J_TRANSITION]):
        job = JI(w)[job, J_NEXT]
    return job


@compiled
def take_from_aside(w: Ints, job: int) -> None:
    """Take a job from those put aside."""
    g = TI(w)[JI(w)[job, J_TRANSITION], T_GROUP]
    before = GI(w)[g, G_SUSPENDED]
    if before == job:
        GI(w)[g, G_SUSPENDED] = JI(w)[job, J_NEXT]
    else:
        while JI(w)[before, J_NEXT] != job:
            before = JI(w)[before, J_NEXT]
        JI(w)[before, J_NEXT] = JI(w)[job, J_NEXT]
    JI(w)[job, J_NEXT] = NONE


@compiled
def close_modes(w: Ints, g: int) -> float:
    """Put runs aside whose mode closes now; return when a mode of the group opens or closes next.

    A run that finishes whatever the hour goes on; one that restarts has all its work before it again.
    """
    at = math.inf
    for i in range(GI(w)[g, G_T0], GI(w)[g, G_T1]):
        if TI(w)[MODES(w)[i], T_SERIES] != NONE:
            at = min(at, next_change(w, TI(w)[MODES(w)[i], T_SERIES], NOW(w)[0]))
    if at == math.inf or GI(w)[g, G_SHIFT] == SHIFT_FINISH:
        return at
    repeats = GI(w)[g, G_REPEAT]
    GI(w)[g, G_REPEAT] = 0  # closing is no failure: what is done is done
    for machine in range(GI(w)[g, G_M0], GI(w)[g, G_M1]):
        job = MI(w)[machine, M_JOB]
        if job == NONE or MI(w)[machine, M_DOWN] == 1 or not mode_closed(w, JI(w)[job, J_TRANSITION]):
            continue
        phase = JI(w)[job, J_PHASE]
        if phase in (RUNNING, SETTING_UP):
            stop_work(w, job)
            if phase == RUNNING and GI(w)[g, G_SHIFT] == SHIFT_RESTART:
                JF(w)[job, J_WORK] = JF(w)[job, J_FULL_WORK]
            put_aside(w, job)
            join_idle(w, machine)
    GI(w)[g, G_REPEAT] = repeats
    return at
