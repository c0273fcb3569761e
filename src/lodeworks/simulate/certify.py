"""Whether a run can be believed: identities that hold for every sample path, recounted from what is left at its end.

In each place what came in equals what went out, was lost and is still there, where "still there" is counted lot by lot;
the time-integral of the level equals the stays of all lots (Little's law on the path); what came in is what runs,
arrivals and the start sent; machine-hours in all states add to the machines' hours; every start has ended or is under
way; pools, vehicles and their fuel are neither lost nor made. Lots wait in the order of their place, machines for a
repairer in that of their failures; what is on order is what runs bring. A broken identity is an error of the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lodeworks.simulate import layout as y
from lodeworks.simulate.draft import Built

__all__ = ["broken_identities"]

TOLERANCE = 1e-6
_SIDE_BY_SIDE = 64  # of so many places lots are followed together; of fewer one by one


@dataclass(slots=True)
class _Found:
    """What does not hold, in words."""

    words: list[str]

    def same(self, names: Sequence[str], what: str, left: Any, right: Any, scale: Any) -> None:
        """Say of which of the names two amounts, one a name, are not the same."""
        left, right = (np.broadcast_to(np.asarray(side, float), len(names)) for side in (left, right))
        for i in _apart(left, right, scale):
            self.words.append(f"{names[i]}: {what}: {left[i]:.9g} is not {right[i]:.9g}")


def _apart(left: Any, right: Any, scale: Any) -> list[int]:
    """Return where two rows of amounts are not the same; what is no number is the same as nothing."""
    found: list[int] = np.flatnonzero(
        ~(np.abs(left - right) <= TOLERANCE * np.maximum(1.0, np.abs(scale)))).tolist()
    return found


def broken_identities(built: Built, s: y.State) -> list[str]:
    """Return in words every identity that does not hold at the end of a run; empty for a sound one."""
    found = _Found([])
    _places(found, built, s)
    parcels = (s.ji[:, y.J_PHASE] != y.FREE) & (s.ji[:, y.J_CARRIER] == -2)
    under_way = np.bincount(
        s.ji[(s.ji[:, y.J_PHASE] != y.FREE) & (s.ji[:, y.J_CARRIER] != -2), y.J_TRANSITION], minlength=len(s.ti)
    )
    on_its_way = np.bincount(s.ji[parcels, y.J_OUTCOME], weights=s.jf[parcels, y.J_SHARE], minlength=len(s.ai))
    _transitions(found, built, s, under_way, on_its_way)
    _groups(found, built, s)
    seized, released = _held(built, s)
    for r, name in enumerate(built.pools):
        row = s.rf[r]
        held = row[y.R_RELEASED] + row[y.R_USED]
        found.same([name], "seized, and released and held", row[y.R_SEIZED], held, held)
        found.same([name], "seized by what began", row[y.R_SEIZED], seized[r], seized[r])
        found.same([name], "released by what ended", row[y.R_RELEASED], released[r], released[r])
    for fleet in built.fleets:
        own, places = list(fleet.transitions), list(fleet.places)
        waiting = int(s.pi[places, y.P_COUNT].sum())
        found.same([fleet.name], "vehicles", waiting + int(under_way[own].sum()), fleet.count, 0.0)
        lots, jobs = np.isin(s.li[:, y.L_PLACE], places), np.isin(s.ji[:, y.J_TRANSITION], own)
        jobs &= s.ji[:, y.J_PHASE] != y.FREE
        tanks = float(s.lf[lots, y.L_GAUGE0].sum() + s.jf[jobs, y.J_GAUGE0].sum())
        filled = fleet.tank * fleet.count + float(s.tf[own, y.T_FILLED].sum())
        burnt = float(s.tf[own, y.T_BURNT].sum())
        found.same([fleet.name], "fuel filled, and burnt and in tanks", filled, burnt + tanks, filled)
        levels = np.concatenate([s.lf[lots, y.L_GAUGE0], s.jf[jobs, y.J_GAUGE0]])
        if fleet.tank > 0.0 and np.any((levels < -TOLERANCE * fleet.tank) | (levels > fleet.tank * (1.0 + TOLERANCE))):
            found.words.append(f"{fleet.name}: a tank holds less than nothing or more than it can")
    if s.c[y.C_BACKWARDS]:
        found.words.append("time went back")
    return found.words


def _places(found: _Found, built: Built, s: y.State) -> None:
    """Recount what each place has in it and has let in and out."""
    amount, count, stay, disordered = _inside(s, float(s.now[0]))
    names, row, whole = built.places, s.pf.T, s.pi.T
    found.words += [f"{names[p]}: its lots are not in order" for p in np.flatnonzero(disordered)]
    gone = row[y.P_OUT] + row[y.P_EXPIRED] + row[y.P_RENEGED]
    found.same(names, "amount in, and out, lost and inside", row[y.P_IN], gone + amount, row[y.P_IN])
    found.same(names, "level and its lots", row[y.P_LEVEL], amount, row[y.P_IN])
    for p in np.flatnonzero(whole[y.P_AGES] != y.NONE).tolist():
        aged = float(s.ages[:, whole[y.P_AGES, p] : whole[y.P_AGES, p] + 2].sum())
        found.same([names[p]], "amounts by age and what left", aged, gone[p] - row[y.P_SUPPLIED, p], gone[p])
    left = whole[y.P_N_OUT] + whole[y.P_N_EXPIRED] + whole[y.P_N_RENEGED] + count
    found.same(names, "lots in, and out, lost and inside", whole[y.P_N_IN], left, 0.0)
    waits = whole[y.P_KIND] != y.KIND_EXIT
    stays = row[y.P_STAY] + stay
    found.same(names, "level over time and stays", np.where(waits, row[y.P_AREA], stays), stays, row[y.P_AREA])
    least = -TOLERANCE * np.maximum(1.0, row[y.P_IN])
    found.words += [f"{names[p]}: it holds less than nothing ({row[y.P_LEVEL, p]:.6g})"
                    for p in np.flatnonzero(row[y.P_LEVEL] < least)]
    too_much = row[y.P_MOST] > row[y.P_CAPACITY] * (1.0 + TOLERANCE)
    found.words += [f"{names[p]}: it held more than its capacity" for p in np.flatnonzero(too_much)]
    taken = np.zeros(len(s.pi))
    arcs = _of_transitions(s, y.T_IN0, y.T_IN1)[1]
    np.add.at(taken, s.ai[arcs, y.A_PLACE], s.af[arcs, y.A_FLOWED])
    found.same(names, "what left and what was taken", np.where(waits, row[y.P_OUT], taken), taken, taken)
    sent = _sent(built, s)
    found.same(names, "what came in and what was sent there", row[y.P_IN], sent, sent)


def _inside(s: y.State, now: float) -> tuple[y.Floats, y.Ints, y.Floats, Any]:
    """Follow the lots of each place; return their amount, how many, amount × stay so far, and where they are amiss.

    What is amiss is a lot whose way back or place is not that by which it was found, or that is before its turn.
    """
    after, ahead, where = (s.li[:, column] for column in (y.L_NEXT, y.L_PREV, y.L_PLACE))
    turn = _turns(s)
    holds, entered = s.lf[:, y.L_AMOUNT], s.lf[:, y.L_ENTERED]
    amount, count, stay = np.zeros(len(s.pi)), np.zeros(len(s.pi), np.int64), np.zeros(len(s.pi))
    disordered = np.zeros(len(s.pi), np.bool_)
    at = np.flatnonzero(s.pi[:, y.P_HEAD] != y.NONE)
    lot, before = s.pi[at, y.P_HEAD], np.full(len(at), y.NONE)
    while len(at) >= _SIDE_BY_SIDE:
        amount[at] += holds[lot]
        stay[at] += holds[lot] * (now - entered[lot])
        count[at] += 1
        wrong = (ahead[lot] != before) | (where[lot] != at) | ((before != y.NONE) & (turn[lot] < turn[before]))
        disordered[at[wrong]] = True
        on = ~wrong & (after[lot] != y.NONE) & (count[at] <= s.pi[at, y.P_COUNT] + 1)
        at, before, lot = at[on], lot[on], after[lot[on]]
    for p, first, last in zip(at.tolist(), lot.tolist(), before.tolist(), strict=True):
        lots: list[int] = []
        most = int(s.pi[p, y.P_COUNT]) + 1 - int(count[p])
        while first != y.NONE and len(lots) <= most:
            lots.append(first)
            if ahead[first] != last or where[first] != p or (last != y.NONE and turn[first] < turn[last]):
                disordered[p] = True
                break
            last, first = first, int(after[first])
        rows = np.array(lots, np.int64)
        amount[p] += holds[rows].sum()
        stay[p] += (holds[rows] * (now - entered[rows])).sum()
        count[p] += len(lots)
    return amount, count, stay, disordered


def _turns(s: y.State) -> y.Floats:
    """Return by what each lot has its turn in its place, the least first: when it came, its due date or its urgency."""
    rule = s.pi[s.li[:, y.L_PLACE], y.P_RULE]
    found = s.lf[:, y.L_ENTERED].copy()
    found[rule == y.RULE_LIFO] *= -1.0
    found[rule == y.RULE_DUE] = s.lf[rule == y.RULE_DUE, y.L_DUE]
    found[rule == y.RULE_PRIORITY] = s.li[rule == y.RULE_PRIORITY, y.L_URGENCY]
    return found


def _of_transitions(s: y.State, begin: int, end: int) -> tuple[y.Ints, y.Ints]:
    """Return of every transition each row from one of its columns to another, and whose it is: transitions, rows."""
    counts = s.ti[:, end] - s.ti[:, begin]
    whose = np.repeat(np.arange(len(s.ti)), counts)
    rows = np.arange(len(whose)) - np.repeat(np.cumsum(counts) - counts, counts) + s.ti[whose, begin]
    return whose, rows


def _transitions(found: _Found, built: Built, s: y.State, under_way: y.Ints, on_its_way: Any) -> None:
    """Recount the runs of each transition, and what they took and gave."""
    names = built.transitions
    found.same(names, "starts, and ends and runs", s.ti[:, y.T_STARTS], s.ti[:, y.T_ENDS] + under_way, 0.0)
    for o in np.flatnonzero(s.ti[:, y.T_REORDER] != y.NONE).tolist():
        coming = (s.ji[:, y.J_PHASE] != y.FREE) & (s.ji[:, y.J_TRANSITION] == o)
        parcels = coming & (s.ji[:, y.J_CARRIER] == -2)
        coming[parcels] = s.ai[s.ji[parcels, y.J_OUTCOME], y.A_PLACE] == s.ti[o, y.T_REORDER]
        brought = float(s.jf[coming, y.J_SHARE].sum()) * s.tf[o, y.T_BATCH] * s.tf[o, y.T_PER_ORDER]
        found.same([names[o]], "what is on order and what runs bring", s.tf[o, y.T_ON_ORDER], brought, brought)
    found.same(names, "runs counted", s.ti[:, y.T_ACTIVE], under_way, 0.0)
    for begin, end, counted in ((y.T_IN0, y.T_IN1, y.T_DONE), (y.T_OUT0, y.T_OUT1, y.T_MADE)):
        t, a = _of_transitions(s, begin, end)
        if begin == y.T_IN0:
            plain = np.isin(s.ai[a, y.A_ROLE], (y.ROLE_PLAIN, y.ROLE_PASS))
        else:
            plain = (s.ai[a, y.A_ROLE] == y.ROLE_PLAIN) & (s.ti[t, y.T_CHANCE] == 0)
        t, a = t[plain], a[plain]
        by_recipe = s.tf[t, counted] / s.tf[t, y.T_BATCH] * s.af[a, y.A_AMOUNT]
        on_way = on_its_way[a] * s.af[a, y.A_AMOUNT] if begin == y.T_OUT0 else 0.0
        flowed = s.af[a, y.A_FLOWED] + on_way
        for i in _apart(flowed, by_recipe, by_recipe):
            what = f"its recipe of {built.places[s.ai[a[i], y.A_PLACE]]}"
            found.same([names[t[i]]], what, flowed[i], by_recipe[i], by_recipe[i])


def _groups(found: _Found, built: Built, s: y.State) -> None:
    """Recount the hours and failures of each group of machines."""
    begin, end = s.gi[:, y.G_M0], s.gi[:, y.G_M1]
    hours = (end - begin) * float(s.now[0])
    found.same(built.groups, "hours in all states", s.shares.sum(axis=1), hours, hours)
    down = np.concatenate([[0], np.cumsum(s.mi[:, y.M_DOWN])])
    repaired = s.gi[:, y.G_REPAIRS] + down[end] - down[begin]
    found.same(built.groups, "failures and repairs", s.gi[:, y.G_FAILURES], repaired, 0.0)
    for r in np.flatnonzero(s.ri[:, y.R_CREW] != y.NONE).tolist():
        machine = int(s.ri[r, y.R_CREW])
        while (following := int(s.mi[machine, y.M_CREW_NEXT])) != y.NONE:
            if s.mf[following, y.M_FAILED_AT] < s.mf[machine, y.M_FAILED_AT]:
                found.words.append(f"{built.pools[r]}: machines that failed later are repaired first")
                break
            machine = following


def _sent(built: Built, s: y.State) -> y.Floats:
    """Return what runs, arrivals, lots that changed place and the start sent to each place, less what it let go."""
    sent = built.tables["initial"].astype(float)
    for fleet in built.fleets:
        sent[fleet.home] += fleet.count
    arcs = _of_transitions(s, y.T_OUT0, y.T_OUT1)[1]
    np.add.at(sent, s.ai[arcs, y.A_PLACE], s.af[arcs, y.A_FLOWED])
    np.add.at(sent, s.si[:, y.S_PLACE], s.sf[:, y.S_ARRIVED])
    for target, lost in ((y.P_EXPIRE_TO, y.P_EXPIRED), (y.P_RENEGE_TO, y.P_RENEGED)):
        leaves = s.pi[:, target] != y.NONE
        np.add.at(sent, s.pi[leaves, target], s.pf[leaves, lost])
    sent += s.pf[:, y.P_BEGUN] + s.pf[:, y.P_SUPPLIED] - s.pf[:, y.P_REFUSED] - s.pf[:, y.P_LET]
    return sent


def _held(built: Built, s: y.State) -> tuple[y.Floats, y.Floats]:
    """Return what should have been seized and released of each pool, by starts and ends of runs and by repairs."""
    seized, released = s.rf[:, y.R_BEGUN].copy(), np.zeros(len(s.ri))
    t, rows = _of_transitions(s, y.T_USE0, y.T_USE1)
    uses, amount = built.model.uses[rows], built.model.use_amount[rows]
    np.add.at(seized, uses[:, y.U_POOL], amount * s.ti[t, y.T_STARTS] * uses[:, y.U_SEIZE])
    np.add.at(released, uses[:, y.U_POOL], amount * s.ti[t, y.T_ENDS] * uses[:, y.U_RELEASE])
    for g in np.flatnonzero(s.gi[:, y.G_CREW] != y.NONE).tolist():
        r = s.gi[g, y.G_CREW]
        in_work = s.mi[s.gi[g, y.G_M0] : s.gi[g, y.G_M1], y.M_STATE] == y.DOWN
        seized[r] += s.gi[g, y.G_REPAIRS] + int(in_work.sum())
        released[r] += s.gi[g, y.G_REPAIRS]
    return seized, released
