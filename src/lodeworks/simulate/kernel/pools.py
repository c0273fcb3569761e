"""Pools: what is held of them, who may look when something is given back, and what changes with the hour."""

from __future__ import annotations

import math

from lodeworks.simulate.compiled import (
    BASE,
    FAILURES,
    GI,
    MI,
    NOW,
    POOL_USERS,
    RF,
    RI,
    TI,
    USE_AMOUNT,
    USES,
    compiled,
    hot,
)
from lodeworks.simulate.events import schedule
from lodeworks.simulate.kernel.machines import set_state
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints
from lodeworks.simulate.lots import list_transition
from lodeworks.simulate.streams import draw
from lodeworks.simulate.time import level_at, next_change

__all__ = ["change_pool", "offer_above", "offer_pool", "pool_changes", "pool_fails_or_returns", "pools_there", "repair"]

TINY = 1e-9


@hot
def change_pool(w: Ints, r: int, used: float) -> None:
    """Seize so much of a pool, or give it back where less than nought, after its sums are brought up to now."""
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


@hot
def pools_there(w: Ints, t: int) -> bool:
    """Return whether all a transition seizes is there."""
    for u in range(TI(w)[t, T_USE0], TI(w)[t, T_USE1]):
        r = USES(w)[u, U_POOL]
        if USES(w)[u, U_SEIZE] == 1 and RF(w)[r, R_USED] + USE_AMOUNT(w)[u] > RF(w)[r, R_THERE] + TINY:
            TI(w)[t, T_WHAT] = r
            return False
    return True


@compiled
def offer_above(w: Ints, r: int, priority: int) -> None:
    """Let those of higher priority than a run that ends look before its own kind does."""
    for i in range(RI(w)[r, R_USERS0], RI(w)[r, R_USERS1]):
        t = POOL_USERS(w)[i]
        if TI(w)[t, T_PRIORITY] >= priority:
            break
        if TI(w)[t, T_WHY] == NO_POOL:
            list_transition(w, t)


@compiled
def offer_pool(w: Ints, r: int) -> None:
    """Let those who wait for a pool look again: first machines to be repaired, then transitions by priority."""
    while FAILURES(w) and RI(w)[r, R_CREW] != NONE and RF(w)[r, R_USED] + 1.0 <= RF(w)[r, R_THERE] + TINY:
        machine = RI(w)[r, R_CREW]
        RI(w)[r, R_CREW] = MI(w)[machine, M_CREW_NEXT]
        if RI(w)[r, R_CREW] == NONE:
            RI(w)[r, R_CREW_LAST] = NONE
        change_pool(w, r, 1.0)
        repair(w, machine)
    for i in range(RI(w)[r, R_USERS0], RI(w)[r, R_USERS1]):
        t = POOL_USERS(w)[i]
        if TI(w)[t, T_WHY] == NO_POOL:
            list_transition(w, t)


@compiled
def repair(w: Ints, machine: int) -> None:
    """Begin to repair a machine."""
    g = MI(w)[machine, M_GROUP]
    set_state(w, machine, DOWN)
    schedule(w, BASE(w)[0] + machine, NOW(w)[0] + draw(w, GI(w)[g, G_REPAIR], GI(w)[g, G_REPAIR_STREAM]), RANK_MACHINE)


@compiled
def pool_changes(w: Ints, r: int) -> None:
    """So many of a pool are there from now on."""
    change_pool(w, r, 0.0)
    row = RI(w)[r, R_SERIES]
    grain = RF(w)[r, R_GRAIN]
    there = math.floor(RF(w)[r, R_AMOUNT] * level_at(w, row, NOW(w)[0]) / grain + 1e-6) * grain
    RF(w)[r, R_THERE] = there if RI(w)[r, R_DOWN] == 0 else 0.0
    if row != NONE:
        at = next_change(w, row, NOW(w)[0])
        if at < math.inf:
            schedule(w, BASE(w)[3] + r, at, RANK_SHIFT)
    offer_pool(w, r)


@compiled
def pool_fails_or_returns(w: Ints, r: int) -> None:
    """All of a pool goes or comes back; runs that hold some of it are finished."""
    down = 1 - RI(w)[r, R_DOWN]
    RI(w)[r, R_DOWN] = down
    if down == 1:
        after = draw(w, RI(w)[r, R_REPAIR], RI(w)[r, R_REPAIR_STREAM])
    else:
        after = draw(w, RI(w)[r, R_FAIL], RI(w)[r, R_FAIL_STREAM])
    schedule(w, BASE(w)[4] + r, NOW(w)[0] + after, RANK_MACHINE)
    pool_changes(w, r)
