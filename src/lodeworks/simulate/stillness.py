"""Why nothing moves any more: the cycle of waits, or the place that nothing fills, told in words.

A transition waits for what is made by others, for room that others make, or for units that others hold. Followed from
one to the next, the waits either close a cycle or end where nothing can help.
"""

from __future__ import annotations

import numpy as np

from lodeworks.simulate import layout as y
from lodeworks.simulate.draft import Built

__all__ = ["why_still"]

_Wait = tuple[str, list[int]]  # what is waited for, in words, and the transitions that could help


def why_still(built: Built, s: y.State) -> str:
    """Return why nothing moves at the end of a run, in words; empty where something does or nothing is left to do."""
    pending = s.heap_event[: int(s.c[y.C_HEAP])]
    base = built.model.base
    moving = (pending >= base[5]) | ((pending >= base[1]) & (pending < base[2])) | (pending < base[0])
    if np.any(moving) or not len(s.ti):
        return ""
    if any(s.gi[g, y.G_REASON] in (y.OFF_SHIFT, y.ON_PLAN) for g in range(len(s.gi))) or np.any(s.mi[:, y.M_DOWN]):
        return ""
    entered = s.lf[s.li[:, y.L_PLACE] != y.NONE, y.L_ENTERED]
    since = max(float(np.max(s.tf[:, y.T_AT])), float(np.max(entered, initial=0.0)))
    waits = {t: wait for t in range(len(s.ti)) if (wait := _wait(built, s, t)) is not None}
    cycle = _cycle(waits)
    if cycle:
        told = "; ".join(f"{built.transitions[t]} waits for {waits[t][0]}" for t in cycle)
        return f"nothing moves since hour {since:.6g}: {told}"
    stuck = [p for p in range(len(s.pi)) if s.pf[p, y.P_LEVEL] > 0.0 and s.pi[p, y.P_USERS1] > s.pi[p, y.P_USERS0]
             and s.pi[p, y.P_SPRING] == 0]
    dead = [t for t, (_, helpers) in waits.items() if not helpers and not _fed_from_outside(s, t)]
    if dead and (stuck or not np.any(s.si[:, y.S_N] > 0)):
        told = "; ".join(f"{built.transitions[t]} waits for {waits[t][0]}, which nothing gives" for t in dead[:3])
        return f"nothing moves since hour {since:.6g}: {told}"
    return ""


def _wait(built: Built, s: y.State, t: int) -> _Wait | None:
    """Return what a transition, or a run of it, waits for."""
    m = built.model
    held = np.flatnonzero((s.ji[:, y.J_TRANSITION] == t) & (s.ji[:, y.J_PHASE] == y.WAITING_ROOM))
    if len(held):
        p = int(s.ji[held[0], y.J_PLACE])
        return f"room in {built.places[p]}", [int(u) for u in m.users[s.pi[p, y.P_USERS0] : s.pi[p, y.P_USERS1]]]
    why, what = int(s.ti[t, y.T_WHY]), int(s.ti[t, y.T_WHAT])
    if what == y.NONE:
        return None
    if why == y.BLOCKED:
        return (f"room in {built.places[what]}",
                [int(u) for u in m.users[s.pi[what, y.P_USERS0] : s.pi[what, y.P_USERS1]]])
    if why in (y.STARVED, y.NO_VEHICLE):
        makers = [int(u) for u in m.makers[s.pi[what, y.P_MAKERS0] : s.pi[what, y.P_MAKERS1]]]
        return f"{built.places[what]}", makers
    if why == y.NO_POOL:
        users = [int(u) for u in m.pool_users[s.ri[what, y.R_USERS0] : s.ri[what, y.R_USERS1]]]
        return f"units of {built.pools[what]}", [u for u in users if _holds(built, s, u, what)] or users
    return None


def _holds(built: Built, s: y.State, t: int, pool: int) -> bool:
    """Return whether a transition holds units of a pool: by a run, or by what waits for it with units in hand."""
    m = built.model
    for u in range(s.ti[t, y.T_USE0], s.ti[t, y.T_USE1]):
        if m.uses[u, y.U_POOL] == pool and m.uses[u, y.U_RELEASE] == 1:
            waiting = s.ai[s.ti[t, y.T_IN0], y.A_PLACE] if s.ti[t, y.T_IN1] > s.ti[t, y.T_IN0] else y.NONE
            in_hand = m.uses[u, y.U_SEIZE] == 0 and waiting != y.NONE and s.pf[waiting, y.P_LEVEL] > 0.0
            return bool(s.ti[t, y.T_ACTIVE] > 0 or in_hand)
    return False


def _fed_from_outside(s: y.State, t: int) -> bool:
    """Return whether what a transition lacks comes by arrivals, which may be over."""
    return bool(np.any(s.si[:, y.S_PLACE] == s.ti[t, y.T_WHAT]))


def _cycle(waits: dict[int, _Wait]) -> list[int]:
    """Return the transitions of a cycle in which every one waits for the next alone; empty where there is none."""
    for first in waits:
        path: list[int] = []
        t = first
        while t in waits and t not in path:
            path.append(t)
            helpers = waits[t][1]
            if not helpers or any(helper not in waits for helper in helpers):
                break
            t = helpers[0]
        else:
            if t in path:
                return path[path.index(t) :]
    return []
