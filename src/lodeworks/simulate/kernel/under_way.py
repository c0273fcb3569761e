"""What is under way when a run begins from a state: machines that are out, and runs in the middle."""

from __future__ import annotations

import math

from lodeworks.simulate.compiled import AF, AI, BASE, GI, JF, JI, MF, MI, PF, PI, SCALARS, TARGETS, TF, TI, compiled
from lodeworks.simulate.events import cancel, schedule
from lodeworks.simulate.kernel.aside import mode_closed
from lodeworks.simulate.kernel.machines import idle_machine, leave_idle, set_state
from lodeworks.simulate.kernel.pools import change_pool, pools_there
from lodeworks.simulate.kernel.ready import room_there
from lodeworks.simulate.kernel.starting import start
from lodeworks.simulate.kernel.work import begin_work
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints
from lodeworks.simulate.lots import put
from lodeworks.simulate.streams import draw, uniform
from lodeworks.simulate.time import level_at

__all__ = ["begin_busy", "begin_down", "midway"]

LENGTHS = 32  # of so many draws one is chosen in proportion to its length


@compiled
def begin_down(w: Ints, machine: int) -> None:
    """A machine is out at the start; whoever repairs it is held, and what ends that is a repair."""
    g = MI(w)[machine, M_GROUP]
    MI(w)[machine, M_DOWN] = 1
    GI(w)[g, G_FAILURES] += 1
    if GI(w)[g, G_DOWN_OPEN] < OPEN_LOAD:
        leave_idle(w, machine)
    set_state(w, machine, DOWN)
    if GI(w)[g, G_CREW] != NONE:
        change_pool(w, GI(w)[g, G_CREW], 1.0)
    if MF(w)[machine, M_OUT] < math.inf:
        schedule(w, BASE(w)[0] + machine, MF(w)[machine, M_OUT], RANK_MACHINE)


@compiled
def begin_busy(w: Ints, t: int) -> None:
    """A machine has a run under way at the start, for which it has taken what it works on."""
    g = TI(w)[t, T_GROUP]
    machine = idle_machine(w, g) if GI(w)[g, G_IDLE] != NONE else NONE
    if machine == NONE or MI(w)[machine, M_DOWN] == 1 or not pools_there(w, t) or TI(w)[t, T_REORDER] != NONE:
        return
    if (GI(w)[g, G_SERIES] != NONE and level_at(w, GI(w)[g, G_SERIES], 0.0) <= 0.0) or mode_closed(w, t):
        return
    row = TI(w)[t, T_TARGET]
    if (TI(w)[t, T_BEFORE] == 1 and not room_there(w, t, 1.0)) or TF(w)[t, T_OPENS] > 0.0 or (
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
    if start(w, t):
        midway(w, t, job)


@compiled
def midway(w: Ints, t: int, job: int) -> None:
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
    begin_work(w, job)
