"""How long the snapshots of a PyPSA network last, in the words of a horizon: a base step, and segments of it.

Snapshots of one length are steps. Others are segments of the longest step of which all are whole multiples, where
there is one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lodeworks.exchange.netcdf import Floats
from lodeworks.exchange.written import quantity

__all__ = ["SEGMENTS", "common_step", "horizon_of"]

SEGMENTS = "snapshots"  # the profile that holds the lengths; those of elements have their names in theirs
_MOST_STEPS = 2_000_000
_NEAR = 1e-9
_PARTS = (*range(1, 3601), 10_000, 100_000, 1_000_000)


def common_step(hours: Floats) -> float | None:
    """Return the longest step of which all lengths are whole multiples; nothing where there is none long enough."""
    lengths = np.unique(hours)
    if len(lengths) == 1:
        return float(lengths[0])
    for parts in _PARTS:
        counts = lengths * parts
        if np.all(np.abs(counts - np.round(counts)) <= _NEAR * np.maximum(counts, 1.0)) and np.round(counts).min() >= 1:
            each = int(np.gcd.reduce(np.round(counts).astype(np.int64)))
            return each / parts if hours.sum() * parts / each <= _MOST_STEPS else None
    return None


def horizon_of(hours: Floats, step: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a horizon says of snapshots of some lengths, and the profile of these where they are not alike."""
    steps = np.round(hours / step)
    horizon = {"step": quantity(step, "h"), "length": quantity(float(steps.sum()) * step, "h")}
    if np.all(steps == steps[0]):
        return horizon, {}
    lengths = {"values": [float(v) for v in steps * step], "unit": "h"}
    return {**horizon, "segments": SEGMENTS}, {SEGMENTS: lengths}
