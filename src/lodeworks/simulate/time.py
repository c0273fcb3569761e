"""Calendars inside the kernel: how far work gets between two instants when speed or presence varies by step.

A row of the table of series holds the speed in each step, repeated after its end; its cumulated hours let work be
turned into time and back. Where a run begins within a step, the hours of it that are over are added to the time.
Nothing is scheduled here.
"""

from __future__ import annotations

import math

from lodeworks.simulate.compiled import ON, SERIES, STEP, WORKED, compiled
from lodeworks.simulate.layout import NONE, SHIFT_FINISH, SHIFT_RESTART, Floats, Ints

__all__ = ["hours_on", "level_at", "next_change", "step_at", "when_done", "worked_between"]


@compiled
def level_at(w: Ints, row: int, t: float) -> float:
    """Return the value of a series at an instant; at a step's edge that of the step that begins."""
    if row == NONE:
        return 1.0
    n = SERIES(w).shape[1]
    return SERIES(w)[row, step_at(w, t) % n]


@compiled
def step_at(w: Ints, t: float) -> int:
    """Return the number of the step at an instant; at a step's edge that of the step that begins."""
    return math.floor((t + STEP(w)[1]) / STEP(w)[0] * (1.0 + 1e-12) + 1e-9)


@compiled
def _sum_to(w: Ints, table: Floats, row: int, t: float) -> float:
    n = SERIES(w).shape[1]
    t += STEP(w)[1]
    k = math.floor(t / STEP(w)[0])
    rounds = k // n
    i = k - rounds * n
    part = t / STEP(w)[0] - k
    return rounds * table[row, n] + table[row, i] + part * (table[row, i + 1] - table[row, i])


@compiled
def worked_between(w: Ints, row: int, a: float, b: float) -> float:
    """Return the hours at full speed between two instants."""
    if row == NONE:
        return b - a
    return _sum_to(w, WORKED(w), row, b) - _sum_to(w, WORKED(w), row, a)


@compiled
def hours_on(w: Ints, row: int, a: float, b: float) -> float:
    """Return the hours on shift between two instants."""
    if row == NONE:
        return b - a
    return _sum_to(w, ON(w), row, b) - _sum_to(w, ON(w), row, a)


@compiled
def _inverse(w: Ints, row: int, t: float, work: float) -> float:
    """Return the first instant by which `work` more hours at full speed have passed after t; infinite if never."""
    n = SERIES(w).shape[1]
    whole = WORKED(w)[row, n]
    if whole <= 0.0:
        return math.inf
    goal = _sum_to(w, WORKED(w), row, t) + work
    rounds = math.floor(goal / whole)
    rest = goal - rounds * whole
    if rest <= 0.0 and rounds > 0:  # a whole number of rounds ends within the round before
        rounds -= 1
        rest = whole
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if WORKED(w)[row, middle] < rest:
            low = middle + 1
        else:
            high = middle
    i = low - 1 if low > 0 else 0
    speed = WORKED(w)[row, i + 1] - WORKED(w)[row, i]
    part = (rest - WORKED(w)[row, i]) / speed if speed > 0.0 else 0.0
    return max(t, (rounds * n + i + part) * STEP(w)[0] - STEP(w)[1])


@compiled
def when_done(w: Ints, row: int, shift: int, t: float, work: float) -> float:
    """Return when work begun at t ends, by the rule for the end of a shift."""
    if row == NONE or work <= 0.0:
        return t + work
    if shift == SHIFT_FINISH:
        speed = level_at(w, row, t)
        return t + work / speed if speed > 0.0 else math.inf
    end = _inverse(w, row, t, work)
    if shift == SHIFT_RESTART and end < math.inf:
        begin = t
        tries = 0
        while hours_on(w, row, begin, end) < (end - begin) * (1.0 - 1e-9) - 1e-9:
            begin = next_change(w, row, begin)  # the end of this shift
            if level_at(w, row, begin) <= 0.0:
                begin = next_change(w, row, begin)  # the beginning of the next
            end = _inverse(w, row, begin, work)
            tries += 1
            if tries > 10000 or begin == math.inf:
                return math.inf  # longer than any shift
    return end


@compiled
def next_change(w: Ints, row: int, t: float) -> float:
    """Return the next instant after t at which the value of a series changes; infinite if it never does."""
    n = SERIES(w).shape[1]
    k = step_at(w, t)
    here = SERIES(w)[row, k % n]
    for i in range(1, n + 1):
        if SERIES(w)[row, (k + i) % n] != here:
            return (k + i) * STEP(w)[0] - STEP(w)[1]
    return math.inf
