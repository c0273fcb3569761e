"""How much one run moves where no batch is written: a step's worth of its rate, or less where that would not fit.

A batch is at most a two-hundredth of the horizon's worth, so that no run sees but a few of them, and at most half of
what a store holds that it is put into or taken from. Where another batch is written there it is a whole part of that
one: were each smaller than the store but both together larger, maker and taker could wait for each other for ever.
What has no limit of its own takes what suits its neighbours. Machines and times are in `build`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from lodeworks.network import Network
from lodeworks.said import Said, some_of
from lodeworks.simulate import layout as y

__all__ = ["PARTS", "batches", "told_batches", "top_rates"]

PARTS = 200  # of the horizon or window: so fine are the batches of what has only a rate
_NAMED = 6
_ROUNDING = 1.0 + 1e-9

_Flows = Sequence[Sequence[tuple[int, float, float, int]]]


def top_rates(network: Network) -> y.Floats:
    """Return the most an hour of each activity, at the best of times, shape (activities,)."""
    act = network.activities
    top = np.empty(len(act))
    for a in range(len(act)):
        upper = network.on_grid(act.upper, act.grid, a)
        top[a] = float(np.max(upper)) if len(upper) else math.inf
        plant = int(act.plant[a])
        if plant >= 0 and network.plants.existing[plant] < top[a]:
            top[a] = network.plants.existing[plant]
    return top


def batches(
    network: Network, top: y.Floats, by_pools: y.Floats, flows: _Flows, written: Mapping[int, float],
    rooms: Mapping[int, float],
) -> y.Floats:
    """Return a batch for each activity, shape (activities,).

    Parameters
    ----------
    top, by_pools
        The most an hour of each activity by its own limit, and by its pools.
    flows
        Of each activity (balance, amount for one unit, lag, element).
    written
        Batches and payloads that are written, by activity.
    rooms
        What stores hold at most, by balance.
    """
    hours = min(network.hours, network.length_h / PARTS)
    size = np.where(np.isfinite(top), top * hours, np.nan)
    size[size == 0.0] = np.nan
    own: dict[int, float] = {}  # the largest written batch at each balance
    for a, batch in written.items():
        for b, amount, _, _ in flows[a]:
            own[b] = max(own.get(b, 0.0), abs(amount) * batch)
    for a, row in enumerate(flows):
        size[a] = written[a] if a in written else _fitting(float(size[a]), row, rooms, own)
    biggest = np.full(len(network.balances.commodity), np.nan)
    for _ in range(len(size) + 1):
        for a, row in enumerate(flows):
            if not math.isnan(size[a]):
                for b, amount, _, _ in row:
                    biggest[b] = np.fmax(biggest[b], abs(amount) * size[a])
        missing = [a for a in range(len(size)) if math.isnan(size[a])]
        before = len(missing)
        for a in missing:
            near = [biggest[b] / abs(amount) for b, amount, _, _ in flows[a] if amount and not math.isnan(biggest[b])]
            if near:
                size[a] = _fitting(min(near), flows[a], rooms, own)
                before -= 1
        if before == len(missing):
            for a in missing:
                size[a] = by_pools[a] * hours if 0.0 < by_pools[a] < math.inf else math.nan
            if np.isnan(size[missing]).all():
                break
    return np.nan_to_num(size, nan=1.0)


def _fitting(
    size: float, row: Sequence[tuple[int, float, float, int]], rooms: Mapping[int, float], own: Mapping[int, float],
) -> float:
    """Return a batch no larger than its stores allow."""
    for b, amount, _, _ in row:
        room, other = rooms.get(b, math.inf), own.get(b, 0.0)
        moved = abs(amount) * size
        if not moved > 0.0 or room == 0.0:
            continue
        if moved + max(other, moved) > room * _ROUNDING:
            moved = min(moved, room / 2.0)
            size = (other / math.ceil(other / moved / _ROUNDING) if other > 0.0 else moved) / abs(amount)
    return size


def told_batches(found: Sequence[tuple[str, float, str]]) -> list[Said]:
    """Return what the log says of batches nobody wrote: names, sizes and units."""
    if not found:
        return []
    told = some_of([f"{name} {size:.4g} {unit}".rstrip() for name, size, unit in found], _NAMED)
    return [Said(f"batches where none is written: {told}", f"未写明批量之处的批量：{told.zh}")]
