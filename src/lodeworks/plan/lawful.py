"""Losses as the tax law takes them off: as soon as there is a profit, the oldest first, none that was not made.

The program of a plan with losses carried on is a relaxation of the law: it may call part of a profit a loss of the
same year and put both down, which makes an old loss young again or moves profit to a year of lower tax, and may keep a
loss for a year in which tax is higher. No linear program can forbid it, since what the law allows is not convex. So the
plan found is compared with the law. Where they agree it is the best there is. Where they do not, it is searched for by
branch and bound: a year has a profit or a loss, never both; and its profit is either all taken off, or no loss that
could be is left for later. Each of these leaves columns at nought, so that no bound on profits is needed. At the
profits of every plan on the way the columns the law leaves empty make a lawful plan. The best of them is the answer,
and what is not searched bounds how much better another could be.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from lodeworks.errors import SolverError
from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Floats, Ints
from lodeworks.plan.columns import AccountColumns
from lodeworks.plan.engine import Settled, decided, settle
from lodeworks.plan.naming import Named, Record
from lodeworks.plan.part import Part
from lodeworks.plan.program import Program
from lodeworks.plan.scale import Scaling

__all__ = ["AS_THE_LAW", "FIXED", "lawful", "taken_off"]

FIXED = {"exact": "losses fixed", "integers fixed": "integers and losses fixed"}
"""Whose the duals of a plan are that was searched for: of the program with the columns at nought that the law leaves
empty, by what those of the first plan are."""

AS_THE_LAW = "losses as the law takes them off"  # what the last program is called where programs become files
_SMALL = 1e-7
_MOST = 60  # programs branched on; a plan that takes more has its gap told
_LEAST_S = 1.0  # each program has so long at least, though no time is left
Owned = tuple[Accounts, AccountColumns]
Node = tuple[float, int, Floats, Floats]  # its bound, its number, the upper bounds of columns, its solution


def taken_off(accounts: Accounts, firm: int, profits: Floats) -> Floats:
    """Return what the law takes off a firm's profits, the oldest loss first, shape (losses of the firm, years).

    In a year without tax nothing is: what is exempt takes no loss off what is not.
    """
    losses, mine = accounts.losses, accounts.losses.of(firm)
    left = np.array([losses.amount[k] if losses.year[k] < 0 else max(0.0, -profits[losses.year[k]]) for k in mine])
    off = np.zeros((len(mine), len(profits)))
    for year, profit in enumerate(profits):
        rest = max(0.0, float(profit)) if accounts.tax[firm, year] > 0.0 else 0.0
        for i, k in enumerate(mine):
            if losses.first[k] <= year <= losses.last[k]:
                off[i, year] = min(rest, left[i])
                left[i] -= off[i, year]
                rest -= off[i, year]
    return off


def lawful(
    program: Program, scaling: Scaling, parts: tuple[Part, ...], found: Settled, books: Iterable[Owned], *,
    named: Callable[[Program], Named], record: Record | None = None, gap: float = 1e-4, **options: Any,
) -> tuple[Program, Settled]:
    """Return the program and its solution if it keeps the law, else the best found of those that do.

    Parameters
    ----------
    books
        Accounts whose firms may carry losses, and where their columns stand in the program.
    named, record
        How the last program is put down as a file, where it is.
    options
        Of `settle`; a time limit is that of the first plan and of all that is searched together, but that one lawful
        plan is looked for in any case.

    Raises
    ------
    SolverError
        If no lawful plan was found.
    """
    owned = list(books)
    if next(_violations(owned, found.x), None) is None:
        return program, found
    limit: float | None = options.pop("time_limit", None)
    ends = np.inf if limit is None else time.perf_counter() + limit - found.timings.get("solve", 0.0)

    def solved(held: Program) -> tuple[Floats | None, float]:
        """Return a plan, if one is found, and what none is better than: infinite where there is none."""
        left = None if limit is None else max(_LEAST_S, ends - time.perf_counter())
        try:
            outcome = decided(scaling.apply(held), gap=gap, time_limit=left, **options)
        except SolverError:  # none in time
            return None, -np.inf
        if outcome.status not in ("optimal", "time limit"):
            return None, np.inf
        x = outcome.x * scaling.column
        sure = held.integer.any() or outcome.status == "optimal"
        return x, _below(program.value(x), outcome.gap if sure else np.inf)

    waiting: list[Node] = [(_below(program.value(found.x), found.gap), 0, program.upper, found.x)]
    best: tuple[float, Floats, Floats] | None = None
    proved, count = np.inf, 0  # proved: what no plan of the parts that are done with is better than
    while waiting and count < _MOST and (best is None or (
        waiting[0][0] < _below(best[0], gap) and time.perf_counter() < ends
    )):
        bound, _, upper, x = heapq.heappop(waiting)
        violated = next(_violations(owned, x), None)
        held = np.minimum(upper, _empty(owned, x, len(upper)))
        kept: Floats | None = x
        if violated is None:
            proved = min(proved, bound)
        else:
            own = replace(program, upper=held)
            kept, _ = solved(own.with_fixed_integers(x) if own.integer.any() else own)
        if kept is not None and (best is None or program.value(kept) < best[0]):
            best = program.value(kept), held, kept
        for columns in violated or ():
            count += 1
            narrower = upper.copy()
            narrower[columns] = 0.0
            child, low = solved(replace(program, upper=narrower))
            if child is not None:
                heapq.heappush(waiting, (max(bound, low), count, narrower, child))
            elif np.isneginf(low):
                proved = min(proved, bound)
    if best is None:
        raise SolverError("no plan was found that takes losses off as the law has it; more cash or credit may mend it")
    value, held, x = best
    wide = max(0.0, value - min(proved, value, *(node[0] for node in waiting[:1]))) / max(abs(value), 1e-9)
    return replace(program, upper=held), _settled(
        replace(program, upper=held), scaling, parts, x, found, wide, gap, named, record, options)


def _below(value: float, gap: float) -> float:
    """Return what no plan is better than where one of this value is proved within a gap."""
    return value - gap * abs(value) if np.isfinite(gap) else -np.inf


def _settled(
    program: Program, scaling: Scaling, parts: tuple[Part, ...], x: Floats, first: Settled, wide: float, gap: float,
    named: Callable[[Program], Named], record: Record | None, options: dict[str, Any],
) -> Settled:
    """Solve the best lawful plan's program once more, its whole numbers fixed, for its duals; verify it."""
    fixed = program.with_fixed_integers(x) if program.integer.any() else program
    done = record(AS_THE_LAW, lambda: named(fixed)) if record is not None else None
    found = settle(fixed, scaling, parts, **{**options, "method": ""})
    if done is not None:
        done(fixed.objective(found.x))
    timings = {name: seconds + found.timings.get(name, 0.0) for name, seconds in first.timings.items()}
    status = "optimal" if wide <= gap else "not proved best"
    return replace(found, gap=wide, duals=FIXED[first.duals], status=status, race=first.race, timings=timings)


def _violations(books: list[Owned], x: Floats) -> Iterator[tuple[Ints, Ints]]:
    """Yield for each firm that pays less tax than it must two sets of columns, of which one is nought in lawful plans.

    Who pays more than he must, where money is not what the plan is for, breaks no law.
    """
    for accounts, own, firm, profits, size in _firms(books, x):
        years, losses = np.arange(accounts.calendar_years, dtype=np.int32), accounts.losses
        due = accounts.tax[firm] * (np.maximum(profits, 0.0) - taken_off(accounts, firm, profits).sum(axis=0))
        paid = x[own.tax[firm] + years]
        if np.all(paid >= due - _SMALL * size):
            continue
        above, below = own.above[firm] + years, own.below[firm] + years
        both = np.minimum(x[above], x[below])
        if both.max() > _SMALL * size:
            year = int(both.argmax())
            yield below[year : year + 1], above[year : year + 1]
            continue
        for year in (int(y) for y in np.flatnonzero(paid > due + _SMALL * size)):  # a loss may be kept for later
            later = np.concatenate([np.zeros(0, np.int32), *(
                own.used[k] + np.arange(max(year + 1 - losses.first[k], 0), losses.last[k] - losses.first[k] + 1)
                for k in losses.of(firm) if losses.first[k] <= year <= losses.last[k])]).astype(np.int32)
            if x[later].sum() > _SMALL * size:
                yield np.array([own.tax[firm] + year], np.int32), later
                break


def _empty(books: list[Owned], x: Floats, count: int) -> Floats:
    """Return upper bounds of nought for the columns that the law leaves empty at a solution's profits."""
    upper = np.full(count, np.inf)
    for accounts, own, firm, profits, size in _firms(books, x):
        years, losses = np.arange(accounts.calendar_years), accounts.losses
        off = taken_off(accounts, firm, profits)
        left = np.maximum(profits, 0.0) - off.sum(axis=0)
        lost = profits < -_SMALL * size
        upper[np.where(lost, own.above[firm] + years, own.below[firm] + years)] = 0.0
        upper[(own.tax[firm] + years)[left <= _SMALL * size]] = 0.0
        for i, k in enumerate(losses.of(firm)):
            when = np.arange(losses.first[k], losses.last[k] + 1)
            upper[(own.used[k] + when - losses.first[k])[off[i, when] <= 0.0]] = 0.0
    return upper


def _firms(books: list[Owned], x: Floats) -> Iterator[tuple[Accounts, AccountColumns, int, Floats, float]]:
    """Yield every firm that may carry losses, its profits before tax by calendar year, and how large they are."""
    for accounts, own in books:
        years = np.arange(accounts.calendar_years)
        for firm in (int(f) for f in np.flatnonzero(own.above >= 0)):
            profits = x[own.above[firm] + years] - x[own.below[firm] + years]
            before = float(accounts.losses.amount[accounts.losses.firm == firm].max(initial=0.0))
            yield accounts, own, firm, profits, max(float(np.abs(profits).max()), before, 1e-9)
