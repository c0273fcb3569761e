"""Whether a transition may start and a job may deliver: what is there, what has room, and who looks again."""

from __future__ import annotations

import math

from lodeworks.simulate.compiled import (
    AF,
    AI,
    GI,
    JF,
    JI,
    LF,
    MAKERS,
    MODES,
    NOW,
    PF,
    PI,
    POOLS,
    RARE,
    ROOMS,
    TF,
    TI,
    USERS,
    VEHICLES,
    compiled,
    hot,
)
from lodeworks.simulate.events import schedule
from lodeworks.simulate.kernel.machines import set_reason
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints
from lodeworks.simulate.lots import has_room, list_place, list_transition

__all__ = [
    "comes_out", "fell", "fell_all", "is_late", "is_plain", "lacks_room", "of_shortest_queue", "refuse", "room_there",
    "share_there",
]

TINY = 1e-9


@hot
def _there(w: Ints, p: int) -> float:
    return math.inf if PI(w)[p, P_SPRING] == 1 else PF(w)[p, P_LEVEL]


@hot
def is_plain(w: Ints, role: int) -> bool:
    """Return whether an arc's role is that of most: an amount of what is there."""
    return role == ROLE_PLAIN or not (VEHICLES(w) or RARE(w))


@hot
def share_there(w: Ints, t: int, wanted: float) -> float:
    """Return the share of the wanted batch that is there to start with, or less than nought: the reason it may not."""
    share = 1.0
    last_in = TI(w)[t, T_IN1]
    for a in range(TI(w)[t, T_IN0], last_in):
        p = AI(w)[a, A_PLACE]
        role = AI(w)[a, A_ROLE]
        if VEHICLES(w) and role in (ROLE_CARRIER, ROLE_LADEN):
            if PI(w)[p, P_HEAD] == NONE:
                TI(w)[t, T_WHAT] = p
                return -NO_VEHICLE * 1.0
        elif is_plain(w, role):
            there = _there(w, p)
            need = AF(w)[a, A_AMOUNT] * wanted
            if there < need * (1.0 - TINY):
                if not RARE(w) or TI(w)[t, T_PARTIAL] == 0:
                    TI(w)[t, T_WHAT] = p
                    PF(w)[p, P_SHORT] = min(PF(w)[p, P_SHORT], NOW(w)[0])
                    return -STARVED * 1.0
                share = min(share, there / need)
    if VEHICLES(w) and TI(w)[t, T_CARRIER] == 1:
        for a in range(TI(w)[t, T_IN0], last_in):
            if AI(w)[a, A_ROLE] == ROLE_FILL:  # needs the carrier, found above
                carrier = PI(w)[AI(w)[TI(w)[t, T_IN0], A_PLACE], P_HEAD]
                p = AI(w)[a, A_PLACE]
                if _there(w, p) < (AF(w)[a, A_AMOUNT] - LF(w)[carrier, L_GAUGE0]) * (1.0 - TINY):
                    TI(w)[t, T_WHAT] = p
                    PF(w)[p, P_SHORT] = min(PF(w)[p, P_SHORT], NOW(w)[0])
                    return -STARVED * 1.0
    if not RARE(w):
        return share
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
def room_there(w: Ints, t: int, share: float) -> bool:
    """Return whether all outputs of a transition would have room now."""
    for a in range(TI(w)[t, T_OUT0], TI(w)[t, T_OUT1]):
        if AI(w)[a, A_ROLE] == ROLE_PLAIN and not has_room(w, AI(w)[a, A_PLACE], AF(w)[a, A_AMOUNT] * share):
            TI(w)[t, T_WHAT] = AI(w)[a, A_PLACE]
            return False
    return True


@hot
def lacks_room(w: Ints, job: int) -> int:
    """Return the place that has no room for a finished job's outputs, or NONE."""
    t = JI(w)[job, J_TRANSITION]
    if not ROOMS(w) or (RARE(w) and TI(w)[t, T_BEFORE] == 1):
        return NONE
    for a in range(TI(w)[t, T_OUT0], TI(w)[t, T_OUT1]):
        if is_plain(w, AI(w)[a, A_ROLE]) and not is_late(w, a) and comes_out(w, job, a):
            p = AI(w)[a, A_PLACE]
            if not has_room(w, p, AF(w)[a, A_AMOUNT] * JF(w)[job, J_SHARE]):
                return p
    return NONE


@hot
def is_late(w: Ints, a: int) -> bool:
    """Return whether an output is on its way for a while before it comes in."""
    return RARE(w) and AF(w)[a, A_LAG] > 0.0


@hot
def comes_out(w: Ints, job: int, a: int) -> bool:
    """Return whether an output happens: always, or when it is the outcome drawn."""
    t = JI(w)[job, J_TRANSITION]
    if not RARE(w) or TI(w)[t, T_CHANCE] == 0 or AF(w)[a, A_CHANCE] > 1.5:
        return True
    return JI(w)[job, J_OUTCOME] == a


@hot
def refuse(w: Ints, t: int, why: int) -> bool:
    """Note why a transition does not start, and that its machines wait for that; return False."""
    TI(w)[t, T_WHY] = why
    g = TI(w)[t, T_GROUP]
    if GI(w)[g, G_IDLE] != NONE:
        if RARE(w) and why == STARVED and GI(w)[g, G_T1] - GI(w)[g, G_T0] > 1:  # another mode may lack less
            for i in range(GI(w)[g, G_T0], GI(w)[g, G_T1]):
                other = TI(w)[MODES(w)[i], T_WHY]
                why = max(why, other) if other != OFF_SHIFT else why
        set_reason(w, g, why)
    return False


@compiled
def of_shortest_queue(w: Ints, t: int) -> int:
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


@hot
def fell(w: Ints, p: int) -> None:
    """A place has less than before: jobs that wait for room there, makers that lacked it, and orders look again.

    So do its users that waited for something else: they may lack what is gone now, and say so.
    """
    if ROOMS(w) and PI(w)[p, P_BLOCKED] != NONE:
        list_place(w, p)
    if RARE(w):  # blocked before service, or ordering what is missing
        for i in range(PI(w)[p, P_MAKERS0], PI(w)[p, P_MAKERS1]):
            t = MAKERS(w)[i]
            if TI(w)[t, T_WHY] == BLOCKED or TI(w)[t, T_REORDER] != NONE:
                list_transition(w, t)
    if RARE(w) or POOLS(w):
        for i in range(PI(w)[p, P_USERS0], PI(w)[p, P_USERS1]):
            t = USERS(w)[i]
            if TI(w)[t, T_WHY] == NO_POOL or TI(w)[t, T_WHY] == BLOCKED:
                list_transition(w, t)


@hot
def fell_all(w: Ints, t: int) -> None:
    """All places a transition has taken from have less than before."""
    for a in range(TI(w)[t, T_IN0], TI(w)[t, T_IN1]):
        fell(w, AI(w)[a, A_PLACE])
