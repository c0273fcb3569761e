"""Losses as the tax law takes them off: as soon as there is a profit, the oldest first, none that was not made.

The program of a plan with losses carried on is a relaxation of the law: it may call part of a profit a loss of the
same year and put both down, which makes an old loss young again, and may keep a loss for a year in which tax is higher.
No linear program can forbid it, since what the law allows is not convex. So the plan found is compared with the law.
Where they agree it is the best there is. Where they do not, the program is solved once more with the columns at nought
that the law leaves empty at these profits: which years have a profit, what is used of which loss in which year, and in
which years no tax is due. Any plan of that program keeps the law, its whole numbers are those found, and what the first
would have earned more bounds what the best lawful plan can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Floats
from lodeworks.plan.columns import AccountColumns
from lodeworks.plan.program import Program

if TYPE_CHECKING:
    from lodeworks.plan.engine import Settled

__all__ = ["AS_THE_LAW", "lawful", "taken_off"]

AS_THE_LAW = "losses as the law takes them off"  # what the second program is called where programs become files

_SMALL = 1e-7


def taken_off(accounts: Accounts, firm: int, profits: Floats) -> Floats:
    """Return what the law takes off a firm's profits, the oldest loss first, shape (losses of the firm, years)."""
    losses, mine = accounts.losses, accounts.losses.of(firm)
    left = np.array([losses.amount[k] if losses.year[k] < 0 else max(0.0, -profits[losses.year[k]]) for k in mine])
    off = np.zeros((len(mine), len(profits)))
    for year, profit in enumerate(profits):
        rest = max(0.0, float(profit))
        for i, k in enumerate(mine):
            if losses.first[k] <= year <= losses.last[k]:
                off[i, year] = min(rest, left[i])
                left[i] -= off[i, year]
                rest -= off[i, year]
    return off


def lawful(
    program: Program, found: Settled, books: Iterable[tuple[Accounts, AccountColumns]], gap: float,
    again: Callable[[Program], Settled],
) -> tuple[Program, Settled]:
    """Return the program and its solution if it keeps the law, else those that do.

    Parameters
    ----------
    books
        Accounts whose firms may carry losses, and where their columns stand in the program.
    gap
        What is good enough for a plan to be called optimal.
    again
        Solves and verifies a program without whole numbers.
    """
    kept, held = [], program.upper.copy()
    for accounts, own in books:
        for firm in (int(f) for f in np.flatnonzero(own.above >= 0)):
            kept.append(_held(accounts, own, firm, found.x, held))
    if all(kept):
        return program, found
    fixed = program.with_fixed_integers(found.x) if program.integer.any() else program
    fixed = replace(fixed, upper=np.minimum(fixed.upper, held))
    mended = again(fixed)
    first, then = program.value(found.x), program.value(mended.x)
    wide = found.gap + max(0.0, then - first) / max(abs(then), 1e-9)
    mended = replace(
        mended, gap=wide, duals=found.duals, status=found.status if wide <= gap else "not proved best", race=found.race,
        timings={name: seconds + mended.timings.get(name, 0.0) for name, seconds in found.timings.items()},
    )
    return replace(program, upper=np.minimum(program.upper, held)), mended


def _held(accounts: Accounts, own: AccountColumns, firm: int, x: Floats, upper: Floats) -> bool:
    """Put the columns at nought that the law leaves empty; say whether the solution keeps the law as it is."""
    years, losses = accounts.calendar_years, accounts.losses
    span = np.arange(years)
    above, below, tax = own.above[firm] + span, own.below[firm] + span, own.tax[firm] + span
    profits = x[above] - x[below]
    off = taken_off(accounts, firm, profits)
    size = max(float(np.abs(profits).max()), float(losses.amount[losses.firm == firm].max(initial=0.0)), 1e-9)
    left = np.maximum(profits, 0.0) - off.sum(axis=0)
    kept = bool(np.all(np.minimum(x[above], x[below]) <= _SMALL * size))
    kept &= bool(np.all(np.abs(x[tax] - accounts.tax[firm] * left) <= _SMALL * size))
    gain = profits > _SMALL * size
    upper[np.where(gain, below, above)[np.abs(profits) > _SMALL * size]] = 0.0
    upper[below[np.abs(profits) <= _SMALL * size]] = 0.0
    upper[tax[left <= _SMALL * size]] = 0.0
    for i, k in enumerate(losses.of(firm)):
        when = np.arange(losses.first[k], losses.last[k] + 1)
        used = own.used[k] + when - losses.first[k]
        kept &= bool(np.all(np.abs(x[used] - off[i, when]) <= _SMALL * size))
        upper[used[off[i, when] <= 0.0]] = 0.0
    return kept
