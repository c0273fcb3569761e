"""How long the snapshots of a PyPSA network last and what they count, in the words of a horizon.

Snapshots of one length (`stores`) are steps; others are segments of the longest step of which all are whole multiples,
where there is one. What counts in money (`objective`) as often as it lasts, by one factor, is a plain horizon.
Stretches that count otherwise are periods that come so often, over which stores go on as if each came once. Amounts of
limits (`generators`) are weighed by what is left: where that is one factor, it stands in the limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lodeworks.exchange.netcdf import Floats, Source
from lodeworks.exchange.written import quantity

__all__ = ["SEGMENTS", "Counted", "common_step", "counted_of", "horizon_of"]

SEGMENTS = "snapshots"  # the profile that holds the lengths; those of elements have their names in theirs
_MOST_STEPS = 2_000_000
_NEAR = 1e-9
_PARTS = (*range(1, 3601), 10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Counted:
    """What the snapshots of a source count.

    Attributes
    ----------
    stretches
        Where money counts otherwise from stretch to stretch: how many snapshots each has, and how often it comes.
    factor
        How often money counts for each time a snapshot comes and hour it lasts.
    meant
        Hours they stand for: as often as they come.
    amounts
        The same of amounts in limits, by snapshot.
    """

    stretches: tuple[tuple[int, float], ...]
    factor: float
    meant: float
    amounts: Floats


def counted_of(source: Source) -> Counted:
    """Return what the snapshots of a source count; all of them last and count more than nought."""
    money = source.objective / source.stores
    begins = np.flatnonzero(np.abs(np.diff(money)) > _NEAR * np.abs(money[:-1])) + 1
    if not len(begins):
        return Counted((), float(money[0]), float(source.stores.sum()), source.generators / source.stores)
    edges = np.array([0, *begins, len(money)])
    stretches = tuple((int(n), float(money[k])) for k, n in zip(edges[:-1], np.diff(edges), strict=True))
    return Counted(stretches, 1.0, float(source.objective.sum()), source.generators / source.objective)


def _periods_of(hours: Floats, stretches: tuple[tuple[int, float], ...]) -> dict[str, Any]:
    """Return the periods of a horizon that stretches of snapshots are; none where there are none."""
    edges = np.cumsum([0, *(count for count, _ in stretches)])
    return {
        f"part {k + 1}": {"length": quantity(float(hours[edges[k] : edges[k + 1]].sum()), "h"), "times": times}
        for k, (_, times) in enumerate(stretches)
    }


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


def horizon_of(
    hours: Floats, step: float, stretches: tuple[tuple[int, float], ...]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a horizon says of snapshots of some lengths, and the profile of these where they are not alike."""
    steps = np.round(hours / step)
    horizon: dict[str, Any] = {"step": quantity(step, "h"), "length": quantity(float(steps.sum()) * step, "h")}
    if stretches:
        horizon["periods"] = _periods_of(steps * step, stretches)
    if np.all(steps == steps[0]):
        return horizon, {}
    lengths = {"values": [float(v) for v in steps * step], "unit": "h"}
    return {**horizon, "segments": SEGMENTS}, {SEGMENTS: lengths}
