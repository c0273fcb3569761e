"""What stands for ever at the end of a run, and why: the cycle of waits, or what nothing gives, told in words.

A transition waits for what is made by others, for room that others make, or for units and machines that others hold.
What waits only for such as wait themselves, with nothing due that could help, stands for ever, whatever else goes on.
"""

from __future__ import annotations

import numpy as np

from lodeworks.said import Said
from lodeworks.simulate import layout as y
from lodeworks.simulate.draft import Built

__all__ = ["why_still"]

_NOTHING = Said("", "")
_Wait = tuple[Said, list[int]]  # what is waited for, in words, and the transitions that could help


def why_still(built: Built, s: y.State) -> Said:
    """Return what stands for ever at the end of a run and why, in words; empty where nothing does that is wanted."""
    done = _done_with_plan(built, s)
    waits = _dead(built, s, done)
    every = not _moving(built, s)
    cycle = _cycle(waits)
    if cycle:
        return _told(built, s, waits, cycle, every=every)
    if done:  # what is missing because its makers have done what was planned is no fault
        waits = _dead(built, s, frozenset())
    if not waits:
        return _NOTHING
    held = [t for t in waits if _holds_something(s, t)]
    if held or (every and not np.any(s.si[:, y.S_N] > 0)):
        causes = [t for t, (_, helpers) in waits.items() if not helpers] or held
        return _told(built, s, waits, causes[:3], every=every)
    return _NOTHING


def _told(built: Built, s: y.State, waits: dict[int, _Wait], who: list[int], *, every: bool) -> Said:
    told = [_waiting(built.transitions[t], waits[t]) for t in who]
    what, what_zh = "; ".join(told), "；".join(line.zh for line in told)
    entered = s.lf[s.li[:, y.L_PLACE] != y.NONE, y.L_ENTERED]
    if every:
        since = max(float(np.max(s.tf[:, y.T_AT])), float(np.max(entered, initial=0.0)))
        return Said(f"nothing moves since hour {since:.6g}: {what}", f"自第{since:.6g}小时起全部停顿：{what_zh}")
    since = float(np.max(s.tf[list(waits), y.T_AT]))
    kinds = len(s.ti) - len(built.hidden_transitions)
    return Said(
        f"{len(waits)} of {kinds} kinds of runs stand still for ever, the last since hour {since:.6g}: {what}",
        f"{kinds}种运行中有{len(waits)}种永久停顿，最后一种自第{since:.6g}小时起：{what_zh}")


def _waiting(name: str, wait: _Wait) -> Said:
    """Return who waits for what."""
    what, helpers = wait
    never, never_zh = ("", "") if helpers else (", which nothing gives", "，而没有任何环节供给")
    return Said(f"{name} waits for {what}{never}", f"{name}在等{what.zh}{never_zh}")


def _moving(built: Built, s: y.State) -> bool:
    """Return whether something is due to happen to a run, a lot, a batch or a machine, or comes from outside."""
    pending = s.heap_event[: int(s.c[y.C_HEAP])]
    base = built.model.base
    moving = (pending >= base[5]) | ((pending >= base[1]) & (pending < base[2])) | (pending < base[0])
    return bool(
        np.any(moving) or np.any(s.mi[:, y.M_DOWN])
        or any(s.gi[g, y.G_REASON] in (y.OFF_SHIFT, y.ON_PLAN) for g in range(len(s.gi)))
    )


def _done_with_plan(built: Built, s: y.State) -> frozenset[int]:
    """Return the transitions that have done what their plan wants until its end, and so help nobody any more."""
    told = np.flatnonzero(s.ti[:, y.T_TARGET] != y.NONE)
    wanted = built.model.targets[s.ti[told, y.T_TARGET], -1]
    return frozenset(told[s.tf[told, y.T_DONE] + 0.5 * s.tf[told, y.T_BATCH] > wanted].tolist())


def _dead(built: Built, s: y.State, done: frozenset[int]) -> dict[int, _Wait]:
    """Return the transitions that wait for such as wait themselves, and what for: the largest set of that kind.

    Nobody waits for those that are done.
    """
    held, idle = _held(s), _idle(s)
    idle[list(built.hidden_transitions)] = False  # a pool's pass is made sooner or later, and waits for its member
    waits = {
        int(t): wait for t in np.flatnonzero(idle)
        if int(t) not in done and (wait := _wait(built, s, int(t), held.get(int(t)))) is not None
    }
    while True:
        alive = [t for t, (_, helpers) in waits.items() if any(h not in waits and h not in done for h in helpers)]
        if not alive:
            return waits
        for t in alive:
            del waits[t]


def _held(s: y.State) -> dict[int, int]:
    """Return the place that the first run that waits for room waits for, by transition."""
    rows = s.ji[s.ji[:, y.J_PHASE] == y.WAITING_ROOM]
    return {int(row[y.J_TRANSITION]): int(row[y.J_PLACE]) for row in rows[::-1]}


def _idle(s: y.State) -> y.Ints:
    """Return by transition whether no run of it works or is on its way, and nothing is due that lets it start."""
    phase = s.ji[:, y.J_PHASE]
    at_work = np.bincount(s.ji[(phase != y.FREE) & (phase != y.WAITING_ROOM), y.J_TRANSITION], minlength=len(s.ti)) > 0
    down = np.bincount(s.mi[:, y.M_GROUP], weights=s.mi[:, y.M_DOWN], minlength=len(s.gi)) > 0.0
    found: y.Ints = ~at_work & (s.heap_place[: len(s.ti)] == y.NONE) & ~down[s.ti[:, y.T_GROUP]]
    return found


def _wait(built: Built, s: y.State, t: int, held: int | None) -> _Wait | None:
    """Return what a transition, or a run of it (for room in `held`), waits for; None where something due may help."""
    m = built.model
    if held is not None:
        return _for_room(built, s, held)
    g = int(s.ti[t, y.T_GROUP])
    if s.gi[g, y.G_M1] > s.gi[g, y.G_M0] and s.gi[g, y.G_IDLE] == y.NONE:
        others = [int(u) for u in m.modes[s.gi[g, y.G_T0] : s.gi[g, y.G_T1]] if s.ti[u, y.T_ACTIVE] > 0]
        return Said(f"a machine of {built.groups[g]}", f"{built.groups[g]}的机器"), others
    why, what = int(s.ti[t, y.T_WHY]), int(s.ti[t, y.T_WHAT])
    if what == y.NONE:
        return None
    if why == y.BLOCKED:
        return _for_room(built, s, what)
    if why in (y.STARVED, y.NO_VEHICLE):
        if s.ti[t, y.T_REORDER] != y.NONE or _fed(s, what):
            return None
        makers = m.makers[s.pi[what, y.P_MAKERS0] : s.pi[what, y.P_MAKERS1]].tolist()
        return Said(built.places[what], built.places[what]), makers
    if why == y.NO_POOL:
        if s.ri[what, y.R_SERIES] != y.NONE or s.ri[what, y.R_FAIL] != y.NONE or np.any(s.mi[:, y.M_DOWN]):
            return None
        users = [int(u) for u in m.pool_users[s.ri[what, y.R_USERS0] : s.ri[what, y.R_USERS1]]]
        holders = [u for u in users if _holds(built, s, u, what)] or users
        return Said(f"units of {built.pools[what]}", f"资源{built.pools[what]}"), holders
    return None


def _for_room(built: Built, s: y.State, p: int) -> _Wait | None:
    """Return the wait for room in a place, which its users make; None where lots may perish or go away."""
    if s.pi[p, y.P_PATIENCE] != y.NONE or np.isfinite(s.pf[p, y.P_SHELF]):
        return None
    users = built.model.users[s.pi[p, y.P_USERS0] : s.pi[p, y.P_USERS1]].tolist()
    return Said(f"room in {built.places[p]}", f"{built.places[p]}的空位"), users


def _fed(s: y.State, p: int) -> bool:
    """Return whether lots come into a place from outside, or from a place where they perish or give up."""
    return bool(
        np.any(s.si[:, y.S_PLACE] == p) or np.any((s.pi[:, [y.P_EXPIRE_TO, y.P_RENEGE_TO]] == p).any(axis=1))
    )


def _holds(built: Built, s: y.State, t: int, pool: int) -> bool:
    """Return whether a transition holds units of a pool: by a run, or by what waits for it with units in hand."""
    m = built.model
    for u in range(s.ti[t, y.T_USE0], s.ti[t, y.T_USE1]):
        if m.uses[u, y.U_POOL] == pool and m.uses[u, y.U_RELEASE] == 1:
            waiting = s.ai[s.ti[t, y.T_IN0], y.A_PLACE] if s.ti[t, y.T_IN1] > s.ti[t, y.T_IN0] else y.NONE
            in_hand = m.uses[u, y.U_SEIZE] == 0 and waiting != y.NONE and s.pf[waiting, y.P_LEVEL] > 0.0
            return bool(s.ti[t, y.T_ACTIVE] > 0 or in_hand)
    return False


def _holds_something(s: y.State, t: int) -> bool:
    """Return whether lots wait for a transition, or a run of it waits for room."""
    places = s.ai[s.ti[t, y.T_IN0] : s.ti[t, y.T_IN1] - s.ti[t, y.T_PASSES], y.A_PLACE]
    return bool(s.ti[t, y.T_ACTIVE] > 0 or np.any((s.pf[places, y.P_LEVEL] > 0.0) & (s.pi[places, y.P_SPRING] == 0)))


def _cycle(waits: dict[int, _Wait]) -> list[int]:
    """Return the transitions of a cycle in which every one waits for the next; empty where there is none."""
    for first in waits:
        path: list[int] = []
        t = first
        while t not in path:
            path.append(t)
            helpers = [helper for helper in waits[t][1] if helper in waits]  # others are done
            if not helpers:
                break
            t = helpers[0]
        else:
            return path[path.index(t) :]
    return []
