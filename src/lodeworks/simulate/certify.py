"""Whether a run can be believed: identities that hold for every sample path, recounted from what is left at its end.

In each place what came in equals what went out, was lost and is still there, where "still there" is counted lot by lot;
the time-integral of the level equals the stays of all lots (Little's law on the path); machine-hours in all states add
to the machines' hours; every start has ended or is under way. A broken identity is an error of the engine.
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

    for p, name in enumerate(built.places):
        amount, count, stay = 0.0, 0, 0.0
        lot, before = int(s.pi[p, y.P_HEAD]), y.NONE
        while lot != y.NONE and count <= s.pi[p, y.P_COUNT] + 1:
            amount += s.lf[lot, y.L_AMOUNT]
            stay += s.lf[lot, y.L_AMOUNT] * (now - s.lf[lot, y.L_ENTERED])
            count += 1
            if s.li[lot, y.L_PREV] != before or s.li[lot, y.L_PLACE] != p:
                found.append(f"{name}: its lots are not in order")
                break
            before, lot = lot, int(s.li[lot, y.L_NEXT])
        row, whole = s.pf[p], s.pi[p]
        gone = row[y.P_OUT] + row[y.P_EXPIRED] + row[y.P_RENEGED]
        same(f"{name}: amount in, and out, lost and inside", row[y.P_IN], gone + amount, row[y.P_IN])
        same(f"{name}: level and its lots", row[y.P_LEVEL], amount, row[y.P_IN])
        left = whole[y.P_N_OUT] + whole[y.P_N_EXPIRED] + whole[y.P_N_RENEGED] + count
        same(f"{name}: lots in, and out, lost and inside", whole[y.P_N_IN], left, 0.0)
        if whole[y.P_KIND] != y.KIND_EXIT:
            same(f"{name}: level over time and stays", row[y.P_AREA], row[y.P_STAY] + stay, row[y.P_AREA])
        if row[y.P_LEVEL] < -TOLERANCE * max(1.0, row[y.P_IN]):
            found.append(f"{name}: it holds less than nothing ({row[y.P_LEVEL]:.6g})")
        if row[y.P_MOST] > row[y.P_CAPACITY] * (1.0 + TOLERANCE):
            found.append(f"{name}: it held more than its capacity")
    under_way = np.bincount(
        s.ji[(s.ji[:, y.J_PHASE] != y.FREE) & (s.ji[:, y.J_CARRIER] != -2), y.J_TRANSITION], minlength=len(s.ti)
    )
    for t, name in enumerate(built.transitions):
        same(f"{name}: starts, and ends and runs", s.ti[t, y.T_STARTS], s.ti[t, y.T_ENDS] + under_way[t], 0.0)
        same(f"{name}: runs counted", s.ti[t, y.T_ACTIVE], under_way[t], 0.0)
        for a in range(s.ti[t, y.T_IN0], s.ti[t, y.T_IN1]):
            if s.ai[a, y.A_ROLE] == y.ROLE_PLAIN:
                taken = s.tf[t, y.T_DONE] / s.tf[t, y.T_BATCH] * s.af[a, y.A_AMOUNT]
                place = built.places[s.ai[a, y.A_PLACE]]
                same(f"{name}: its recipe of {place}", s.af[a, y.A_FLOWED], taken, taken)
        for a in range(s.ti[t, y.T_OUT0], s.ti[t, y.T_OUT1]):
            if s.ai[a, y.A_ROLE] == y.ROLE_PLAIN and s.af[a, y.A_LAG] == 0.0 and s.ti[t, y.T_CHANCE] == 0:
                given = s.tf[t, y.T_MADE] / s.tf[t, y.T_BATCH] * s.af[a, y.A_AMOUNT]
                place = built.places[s.ai[a, y.A_PLACE]]
                same(f"{name}: its recipe of {place}", s.af[a, y.A_FLOWED], given, given)
    for p, name in enumerate(built.places):
        taken = sum(
            s.af[a, y.A_FLOWED] for t in range(len(s.ti)) for a in range(s.ti[t, y.T_IN0], s.ti[t, y.T_IN1])
            if s.ai[a, y.A_PLACE] == p
        )
        if s.pi[p, y.P_KIND] != y.KIND_EXIT:
            same(f"{name}: what left and what was taken", s.pf[p, y.P_OUT], taken, taken)
    for g, name in enumerate(built.groups):
        hours = float(s.gi[g, y.G_M1] - s.gi[g, y.G_M0]) * now
        same(f"{name}: hours in all states", float(s.shares[g].sum()), hours, hours)
        down = int(s.mi[s.gi[g, y.G_M0] : s.gi[g, y.G_M1], y.M_DOWN].sum())
        same(f"{name}: failures and repairs", s.gi[g, y.G_FAILURES], s.gi[g, y.G_REPAIRS] + down, 0.0)
    for r, name in enumerate(built.pools):
        same(f"{name}: seized, and released and held", s.rf[r, y.R_SEIZED],
             s.rf[r, y.R_RELEASED] + s.rf[r, y.R_USED], s.rf[r, y.R_SEIZED])
    for fleet in built.fleets:
        waiting = int(s.pi[list(fleet.places), y.P_COUNT].sum())
        same(f"{fleet.name}: vehicles", waiting + int(under_way[list(fleet.transitions)].sum()), fleet.count, 0.0)
    if s.c[y.C_BACKWARDS]:
        found.append("time went back")
    return found
