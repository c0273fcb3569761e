"""The accumulators, written down at the marks."""

from __future__ import annotations

from lodeworks.simulate.compiled import GI, MARKS, MI, NOTES, NOW, PF, PI, RF, RI, SCALARS, SHARES, TF, TI, compiled
from lodeworks.simulate.kernel.machines import set_state
from lodeworks.simulate.kernel.pools import change_pool
from lodeworks.simulate.kernel.work import count_job
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints
from lodeworks.simulate.lots import accrue_place

__all__ = ["note"]


@compiled
def note(w: Ints) -> None:
    """Bring every sum up to now and write the accumulators down at the next mark."""
    now = NOW(w)[0]
    k = SCALARS(w)[C_MARK]
    i = 0
    for p in range(len(PI(w))):
        accrue_place(w, p)
        row = (
            PF(w)[p, P_AREA], PF(w)[p, P_COUNT_AREA], PF(w)[p, P_IN], PF(w)[p, P_OUT], PF(w)[p, P_STAY],
            PF(w)[p, P_LOT_STAY], PF(w)[p, P_EXPIRED], PF(w)[p, P_RENEGED], PF(w)[p, P_REFUSED], PF(w)[p, P_LET],
            float(PI(w)[p, P_N_IN]), float(PI(w)[p, P_N_OUT]), PF(w)[p, P_LEVEL],
            float(PI(w)[p, P_N_LATE]), PF(w)[p, P_TARDY],
            float(PI(w)[p, P_N_EXPIRED] + PI(w)[p, P_N_RENEGED]), PF(w)[p, P_AGE],
        )
        for value in row:
            NOTES(w)[k, i] = value
            i += 1
    for t in range(len(TI(w))):
        count_job(w, t, 0)
        NOTES(w)[k, i] = TF(w)[t, T_DONE]
        NOTES(w)[k, i + 1] = TF(w)[t, T_MADE]
        NOTES(w)[k, i + 2] = TF(w)[t, T_AREA]
        i += 3
    for machine in range(len(MI(w))):
        set_state(w, machine, MI(w)[machine, M_STATE])
    for g in range(len(GI(w))):
        for state in range(STATES):
            NOTES(w)[k, i] = SHARES(w)[g, state]
            i += 1
    for r in range(len(RI(w))):
        change_pool(w, r, 0.0)
        NOTES(w)[k, i] = RF(w)[r, R_AREA]
        NOTES(w)[k, i + 1] = RF(w)[r, R_THERE_AREA]
        i += 2
    SCALARS(w)[C_MARK] = k + 1
    SCALARS(w)[C_CHECKPOINT] = min(CHECKPOINTS - 1, (k + 1) * CHECKPOINTS // len(MARKS(w)))
    NOW(w)[0] = now
