"""Whether a run can be believed: identities that hold for every sample path, recounted from what is left at its end.

In each place what came in equals what went out, was lost and is still there, where "still there" is counted lot by lot;
the time-integral of the level equals the stays of all lots (Little's law on the path); what came in is what runs,
arrivals and the start sent; machine-hours in all states add to the machines' hours; every start has ended or is under
way; pools, vehicles and their fuel are neither lost nor made. A broken identity is an error of the engine.
"""

from __future__ import annotations

import numpy as np

from lodeworks.simulate import layout as y
from lodeworks.simulate.draft import Built

__all__ = ["broken_identities"]

TOLERANCE = 1e-6


def broken_identities(built: Built, s: y.State) -> list[str]:
    """Return in words every identity that does not hold at the end of a run; empty for a sound one."""
    now = float(s.now[0])
    found: list[str] = []

    def same(what: str, left: float, right: float, scale: float) -> None:
        if not abs(left - right) <= TOLERANCE * max(1.0, abs(scale)):
            found.append(f"{what}: {left:.9g} is not {right:.9g}")

    after, ahead, where = (s.li[:, column].tolist() for column in (y.L_NEXT, y.L_PREV, y.L_PLACE))
    holds, entered = (s.lf[:, column].tolist() for column in (y.L_AMOUNT, y.L_ENTERED))
    for p, name in enumerate(built.places):
        amount, count, stay, most = 0.0, 0, 0.0, int(s.pi[p, y.P_COUNT]) + 1
        lot, before = int(s.pi[p, y.P_HEAD]), y.NONE
        while lot != y.NONE and count <= most:
            amount += holds[lot]
            stay += holds[lot] * (now - entered[lot])
            count += 1
            if ahead[lot] != before or where[lot] != p:
                found.append(f"{name}: its lots are not in order")
                break
            before, lot = lot, after[lot]
        row, whole = s.pf[p], s.pi[p]
        gone = row[y.P_OUT] + row[y.P_EXPIRED] + row[y.P_RENEGED]
        same(f"{name}: amount in, and out, lost and inside", row[y.P_IN], gone + amount, row[y.P_IN])
        same(f"{name}: level and its lots", row[y.P_LEVEL], amount, row[y.P_IN])
        if whole[y.P_AGES] != y.NONE:
            aged = float(s.ages[:, whole[y.P_AGES] : whole[y.P_AGES] + 2].sum())
            same(f"{name}: amounts by age and what left", aged, gone - row[y.P_SUPPLIED], gone)
        left = whole[y.P_N_OUT] + whole[y.P_N_EXPIRED] + whole[y.P_N_RENEGED] + count
        same(f"{name}: lots in, and out, lost and inside", whole[y.P_N_IN], left, 0.0)
        if whole[y.P_KIND] != y.KIND_EXIT:
            same(f"{name}: level over time and stays", row[y.P_AREA], row[y.P_STAY] + stay, row[y.P_AREA])
        if row[y.P_LEVEL] < -TOLERANCE * max(1.0, row[y.P_IN]):
            found.append(f"{name}: it holds less than nothing ({row[y.P_LEVEL]:.6g})")
        if row[y.P_MOST] > row[y.P_CAPACITY] * (1.0 + TOLERANCE):
            found.append(f"{name}: it held more than its capacity")
    parcels = (s.ji[:, y.J_PHASE] != y.FREE) & (s.ji[:, y.J_CARRIER] == -2)
    under_way = np.bincount(
        s.ji[(s.ji[:, y.J_PHASE] != y.FREE) & (s.ji[:, y.J_CARRIER] != -2), y.J_TRANSITION], minlength=len(s.ti)
    )
    on_its_way = np.bincount(s.ji[parcels, y.J_OUTCOME], weights=s.jf[parcels, y.J_SHARE], minlength=len(s.ai))
    for t, name in enumerate(built.transitions):
        same(f"{name}: starts, and ends and runs", s.ti[t, y.T_STARTS], s.ti[t, y.T_ENDS] + under_way[t], 0.0)
        same(f"{name}: runs counted", s.ti[t, y.T_ACTIVE], under_way[t], 0.0)
        for a in range(s.ti[t, y.T_IN0], s.ti[t, y.T_IN1]):
            if s.ai[a, y.A_ROLE] in (y.ROLE_PLAIN, y.ROLE_PASS):
                taken = s.tf[t, y.T_DONE] / s.tf[t, y.T_BATCH] * s.af[a, y.A_AMOUNT]
                place = built.places[s.ai[a, y.A_PLACE]]
                same(f"{name}: its recipe of {place}", s.af[a, y.A_FLOWED], taken, taken)
        for a in range(s.ti[t, y.T_OUT0], s.ti[t, y.T_OUT1]):
            if s.ai[a, y.A_ROLE] == y.ROLE_PLAIN and s.ti[t, y.T_CHANCE] == 0:
                given = s.tf[t, y.T_MADE] / s.tf[t, y.T_BATCH] * s.af[a, y.A_AMOUNT]
                on_way = on_its_way[a] * s.af[a, y.A_AMOUNT]
                place = built.places[s.ai[a, y.A_PLACE]]
                same(f"{name}: its recipe of {place}", s.af[a, y.A_FLOWED] + on_way, given, given)
    taken_there = np.zeros(len(s.pi))
    for t in range(len(s.ti)):
        arcs = slice(int(s.ti[t, y.T_IN0]), int(s.ti[t, y.T_IN1]))
        np.add.at(taken_there, s.ai[arcs, y.A_PLACE], s.af[arcs, y.A_FLOWED])
    for p, name in enumerate(built.places):
        if s.pi[p, y.P_KIND] != y.KIND_EXIT:
            same(f"{name}: what left and what was taken", s.pf[p, y.P_OUT], taken_there[p], taken_there[p])
    sent = _sent(built, s)
    for p, name in enumerate(built.places):
        same(f"{name}: what came in and what was sent there", s.pf[p, y.P_IN], sent[p], sent[p])
    for g, name in enumerate(built.groups):
        hours = float(s.gi[g, y.G_M1] - s.gi[g, y.G_M0]) * now
        same(f"{name}: hours in all states", float(s.shares[g].sum()), hours, hours)
        down = int(s.mi[s.gi[g, y.G_M0] : s.gi[g, y.G_M1], y.M_DOWN].sum())
        same(f"{name}: failures and repairs", s.gi[g, y.G_FAILURES], s.gi[g, y.G_REPAIRS] + down, 0.0)
    seized, released = _held(built, s)
    for r, name in enumerate(built.pools):
        row = s.rf[r]
        held = row[y.R_RELEASED] + row[y.R_USED]
        same(f"{name}: seized, and released and held", row[y.R_SEIZED], held, held)
        same(f"{name}: seized by what began", row[y.R_SEIZED], seized[r], seized[r])
        same(f"{name}: released by what ended", row[y.R_RELEASED], released[r], released[r])
    for fleet in built.fleets:
        own, places = list(fleet.transitions), list(fleet.places)
        waiting = int(s.pi[places, y.P_COUNT].sum())
        same(f"{fleet.name}: vehicles", waiting + int(under_way[own].sum()), fleet.count, 0.0)
        lots, jobs = np.isin(s.li[:, y.L_PLACE], places), np.isin(s.ji[:, y.J_TRANSITION], own)
        jobs &= s.ji[:, y.J_PHASE] != y.FREE
        tanks = float(s.lf[lots, y.L_GAUGE0].sum() + s.jf[jobs, y.J_GAUGE0].sum())
        filled = fleet.tank * fleet.count + float(s.tf[own, y.T_FILLED].sum())
        burnt = float(s.tf[own, y.T_BURNT].sum())
        same(f"{fleet.name}: fuel filled, and burnt and in tanks", filled, burnt + tanks, filled)
    if s.c[y.C_BACKWARDS]:
        found.append("time went back")
    return found


def _sent(built: Built, s: y.State) -> y.Floats:
    """Return what runs, arrivals, lots that changed place and the start sent to each place, less what it let go."""
    sent = built.tables["initial"].astype(float)
    for fleet in built.fleets:
        sent[fleet.home] += fleet.count
    for t in range(len(s.ti)):
        for a in range(s.ti[t, y.T_OUT0], s.ti[t, y.T_OUT1]):
            sent[s.ai[a, y.A_PLACE]] += s.af[a, y.A_FLOWED]
    np.add.at(sent, s.si[:, y.S_PLACE], s.sf[:, y.S_ARRIVED])
    for p in range(len(s.pi)):
        for target, lost in ((y.P_EXPIRE_TO, y.P_EXPIRED), (y.P_RENEGE_TO, y.P_RENEGED)):
            if s.pi[p, target] != y.NONE:
                sent[s.pi[p, target]] += s.pf[p, lost]
    sent += s.pf[:, y.P_BEGUN] + s.pf[:, y.P_SUPPLIED] - s.pf[:, y.P_REFUSED] - s.pf[:, y.P_LET]
    return sent


def _held(built: Built, s: y.State) -> tuple[y.Floats, y.Floats]:
    """Return what should have been seized and released of each pool, by starts and ends of runs and by repairs."""
    seized, released = s.rf[:, y.R_BEGUN].copy(), np.zeros(len(s.ri))
    for t in range(len(s.ti)):
        for u in range(s.ti[t, y.T_USE0], s.ti[t, y.T_USE1]):
            r, amount = built.model.uses[u, y.U_POOL], built.model.use_amount[u]
            seized[r] += amount * s.ti[t, y.T_STARTS] * built.model.uses[u, y.U_SEIZE]
            released[r] += amount * s.ti[t, y.T_ENDS] * built.model.uses[u, y.U_RELEASE]
    for g in range(len(s.gi)):
        r = s.gi[g, y.G_CREW]
        if r != y.NONE:
            in_work = s.mi[s.gi[g, y.G_M0] : s.gi[g, y.G_M1], y.M_STATE] == y.DOWN
            seized[r] += s.gi[g, y.G_REPAIRS] + int(in_work.sum())
            released[r] += s.gi[g, y.G_REPAIRS]
    return seized, released
