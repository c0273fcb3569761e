"""The accumulators, written down at the marks."""

from __future__ import annotations

import numpy as np

from lodeworks.simulate.compiled import (
    FULL_TALLIES,
    GI,
    HISTOGRAM,
    MARKS,
    MI,
    NOTES,
    NOW,
    PF,
    PI,
    RF,
    RI,
    SCALARS,
    SHARES,
    TALLY,
    TALLY_WORD,
    TF,
    TI,
    compiled,
)
from lodeworks.simulate.kernel.machines import set_state
from lodeworks.simulate.kernel.pools import change_pool
from lodeworks.simulate.kernel.work import count_job
from lodeworks.simulate.layout import *
from lodeworks.simulate.layout import Ints
from lodeworks.simulate.lots import accrue_place, count_asked

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
    reached = (k + 1) * CHECKPOINTS // len(MARKS(w))
    if reached > SCALARS(w)[C_CHECKPOINT] or reached == CHECKPOINTS:
        _write_stays(w)
    SCALARS(w)[C_CHECKPOINT] = min(CHECKPOINTS - 1, reached)
    NOW(w)[0] = now


@compiled
def _write_stays(w: Ints) -> None:
    """Write the stays since the last checkpoint down, bin by bin where there are any, and count from nought again."""
    count_asked(w)
    rows = len(TALLY(w))
    for row in range(rows):
        whole = TALLY(w)[row, BINS] == 1
        filled = 0
        for word in range(TALLY_WORDS):
            filled |= TALLY_WORD(w)[row, word]
        if filled == 0:
            continue
        for word in range(TALLY_WORDS):
            if not whole and TALLY_WORD(w)[row, word] == 0:
                continue
            for k in range(8 * word, min(8 * word + 8, BINS)):
                count = np.int64(TALLY(w)[row, k])
                if whole:
                    count += FULL_TALLIES(w)[row, k]
                    FULL_TALLIES(w)[row, k] = 0
                bin_of_all = (SCALARS(w)[C_CHECKPOINT] * rows + row) * BINS + k
                while count > 0:
                    part = count if count < 1 << STAYS_BITS else (1 << STAYS_BITS) - 1
                    HISTOGRAM(w)[SCALARS(w)[C_STAYS]] = (bin_of_all << STAYS_BITS) + part
                    SCALARS(w)[C_STAYS] += 1
                    count -= part
            TALLY_WORD(w)[row, word] = 0
