"""Shapes in time: how an event comes and goes, and how something follows with a memory of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lodeworks.network.arrays import Floats
from lodeworks.rehearse.script import Event

__all__ = ["Timed", "follows", "ramp"]

Timed = Callable[[Floats], Floats]
"""A value at moments, in hours since the rehearsal began."""

_GRID_H = 1.0 / 60.0


def ramp(event: Event, hours: Floats) -> Floats:
    """Return how much of an event there is, nought to one: it comes evenly, holds, and goes evenly."""
    s = hours * 3600.0 - event.at_s
    up = np.clip(s / event.over_s, 0.0, 1.0) if event.over_s > 0.0 else (s >= 0.0).astype(float)
    gone = s - event.over_s - event.hold_s
    down = np.clip(gone / event.back_s, 0.0, 1.0) if event.back_s > 0.0 else (gone >= 0.0).astype(float)
    found: Floats = np.minimum(up, 1.0 - down)
    return found


def follows(cause: Timed, end_h: float, *, memory_h: float) -> Timed:
    """Return what follows a cause with a memory: the first-order lag of it, worked out minute by minute."""
    from scipy.signal import lfilter, lfiltic

    grid = np.arange(0.0, end_h + 2.0 * _GRID_H, _GRID_H)
    causes, keep = cause(grid), float(np.exp(-_GRID_H / memory_h))
    state = lfiltic([1.0 - keep], [1.0, -keep], [float(causes[0])])
    values, _ = lfilter([1.0 - keep], [1.0, -keep], causes, zi=state)
    return lambda hours: np.interp(hours, grid, values)
