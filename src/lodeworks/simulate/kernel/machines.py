"""Machines of a group: what state each is in and since when, and which are idle."""

from __future__ import annotations

from lodeworks.simulate.compiled import CALENDARS, FAILURES, GI, MF, MI, MODES, NOW, RARE, SHARES, hot
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints
from lodeworks.simulate.lots import list_transition, trace_row
from lodeworks.simulate.time import hours_on

__all__ = ["idle_machine", "is_down", "join_idle", "leave_idle", "look_at_group", "set_reason", "set_state"]


@hot
def is_down(w: Ints, machine: int) -> bool:
    """Return whether a machine has failed and is not yet repaired."""
    return FAILURES(w) and MI(w)[machine, M_DOWN] == 1


@hot
def set_state(w: Ints, machine: int, state: int) -> None:
    """Change a machine's state, after its time in the state before has been added up."""
    now = NOW(w)[0]
    since = MF(w)[machine, M_SINCE]
    old = MI(w)[machine, M_STATE]
    g = MI(w)[machine, M_GROUP]
    if now > since:
        spent = now - since
        stops = old == BLOCKED or (old == WORKING and GI(w)[g, G_SHIFT] != SHIFT_FINISH)
        if CALENDARS(w) and stops and GI(w)[g, G_SERIES] != NONE:
            on = hours_on(w, GI(w)[g, G_SERIES], since, now)
            SHARES(w)[g, OFF_SHIFT] += spent - on
            spent = on
        SHARES(w)[g, old] += spent
        MF(w)[machine, M_SINCE] = now
    if state != old:
        MI(w)[machine, M_STATE] = state
        trace_row(w, TRACE_STATE, machine, state, g, 0.0, old)


@hot
def set_reason(w: Ints, g: int, reason: int) -> None:
    """Say why the idle machines of a group are idle."""
    if GI(w)[g, G_REASON] != reason:
        GI(w)[g, G_REASON] = reason
        machine = GI(w)[g, G_IDLE]
        while machine != NONE:
            if not is_down(w, machine):
                set_state(w, machine, reason)
            machine = MI(w)[machine, M_NEXT]


@hot
def join_idle(w: Ints, machine: int) -> None:
    """Put a machine at the end of the idle ones of its group."""
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
    if not is_down(w, machine):
        set_state(w, machine, GI(w)[g, G_REASON])


@hot
def idle_machine(w: Ints, g: int) -> int:
    """Return an idle machine of a group, one that is up before one that is down and may be loaded; or NONE."""
    first = GI(w)[g, G_IDLE]
    machine = first
    while machine != NONE and is_down(w, machine):
        machine = MI(w)[machine, M_NEXT]
    return machine if machine != NONE else first


@hot
def leave_idle(w: Ints, machine: int) -> None:
    """Take a machine from the idle ones of its group."""
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


@hot
def look_at_group(w: Ints, g: int) -> None:
    """Let every transition of a group look again."""
    if RARE(w):
        for i in range(GI(w)[g, G_T0], GI(w)[g, G_T1]):
            list_transition(w, MODES(w)[i])
    else:
        list_transition(w, MODES(w)[GI(w)[g, G_T0]])
