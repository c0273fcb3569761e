"""How long stocks last if nothing changes: when a store is empty or full at present rates, and who then stands still.

Rates are those measured, and the plan's where nothing is measured; what they lead to in more than a week is not told.
The change of a stock is what all elements bring to its balance less what they take, in and out of the store by its
efficiencies; what it loses by itself is lost meanwhile:

    dL/dt = n - k L,   L(t) = n/k + (L0 - n/k) exp(-k t),   k = -ln(1 - loss).

Stores that share a balance are one stock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lodeworks.network.arrays import Bools, Floats, Network, Varying
from lodeworks.watch.planned import Hour

__all__ = ["LONGEST", "URGENCIES", "TimeLeft", "hours_left", "outer_balance", "time_left", "urgency"]

LONGEST = 168.0
"""So many hours ahead present rates still say something."""
URGENCIES = ((1.0, "urgent"), (4.0, "soon"), (24.0, "today"))  # hours left, and the word for less
_HOUR = 3_600_000.0
_NEAR, _SMALL = 0.02, 0.05  # shares of the room and of what goes through
_NOTHING = 1e-9  # a share of what goes through: that much is rounding


@dataclass(frozen=True)
class TimeLeft:
    """A stock that runs out or overflows.

    Attributes
    ----------
    stores
        The stores of the stock.
    direction
        ``empty`` or ``full``.
    level, bound, change, through
        What is there, where it ends, how it changes and what goes in or out, the larger of the two, an hour, in `unit`.
    hours, at
        Time left, and the moment (UTC ms) it ends.
    stops
        Elements that then have to stand or go slower, the largest first: who takes of an empty one, who fills a full
        one.
    cost
        What they would cost an hour when they stand, by their margins.
    measured
        The share of the flows (by size) that is measured; the rest is taken as planned.
    off
        By element: what it brings more, or takes less, than by the plan, an hour, in `unit`; only those that are off.
    kept
        Whether the plan itself keeps the stock where it ends, such as a bin that is to stay empty.
    as_planned
        Whether it is kept there, and what goes in and out differs by a twentieth at most.
    """

    stores: tuple[str, ...]
    commodity: str
    site: str
    unit: str
    direction: str
    level: float
    bound: float
    change: float
    through: float
    hours: float
    at: int
    stops: tuple[str, ...]
    cost: float
    measured: float
    off: tuple[tuple[str, float], ...] = ()
    kept: bool = False
    as_planned: bool = False

    @property
    def urgency(self) -> str:
        """How urgent it is by the time left: ``urgent``, ``soon``, ``today`` or ``later``; ``later`` if as planned."""
        return "later" if self.as_planned else urgency(self.hours)


def urgency(hours: float) -> str:
    """Return the word for so many hours left."""
    return next((word for most, word in URGENCIES if hours < most), "later")


def time_left(
    net: Network, hour: Hour, rate: Floats, level: Floats, measured: Bools, now: int, planned: Floats | None = None
) -> tuple[TimeLeft, ...]:
    """Return every stock of known level that ends within a week, the soonest first.

    Parameters
    ----------
    rate
        What every activity runs at, shape (activities,).
    level
        What stores hold, shape (stores,); nan where not known.
    measured
        Which rates are measured, shape (activities,).
    planned
        What stores hold by the plan, shape (stores,).
    """
    outer = np.array([outer_balance(net, s) for s in range(len(net.stores))], np.int64)
    found = []
    for b in dict.fromkeys(outer.tolist()):
        stores = np.flatnonzero(outer == b)
        if np.isfinite(level[stores]).all():
            ends = _ends(net, hour, rate, level, measured, now, b, stores)
            if ends is not None:
                room = float(hour.capacity[net.stores.plant[stores]].sum())
                kept = planned is not None and abs(float(planned[stores].sum()) - ends.bound) <= _NEAR * room < np.inf
                found.append(replace(ends, kept=bool(kept),
                                     as_planned=bool(kept and abs(ends.change) <= _SMALL * ends.through)))
    return tuple(sorted(found, key=lambda left: left.hours))


def _ends(
    net: Network, hour: Hour, rate: Floats, level: Floats, measured: Bools, now: int, b: int,
    stores: np.ndarray[tuple[int], np.dtype[np.intp]],
) -> TimeLeft | None:
    links, held = net.coefficients, net.stores
    doors = np.concatenate([held.filling[stores], held.emptying[stores]])
    mine = np.flatnonzero((links.balance == b) & ~np.isin(links.activity, doors))
    flow = hour.amount[mine] * rate[links.activity[mine]]
    n = float(flow.sum())
    sizes = np.abs(flow)
    if abs(n) <= _NOTHING * float(sizes.sum()):
        return None
    n *= _efficiency(net, int(stores[0]), n)
    capacity = hour.capacity[held.plant[stores]]
    low = np.where(np.isfinite(capacity), capacity, 0.0) * _share(net, held.low, stores, 0.0)
    high = capacity * _share(net, held.high, stores, 1.0)
    total = float(level[stores].sum())
    loss = float(np.average(hour.loss[stores], weights=np.maximum(level[stores], 1e-12)))
    change = n - (-np.log1p(-loss)) * total if loss > 0.0 else n
    direction = "empty" if change < 0.0 else "full"
    bound = float(low.sum()) if direction == "empty" else float(high.sum())
    if direction == "full" and (net.balances.let_go[b] or not np.isfinite(bound)):
        return None
    hours = float(hours_left(total, bound, n, loss))
    if hours > LONGEST:
        return None
    commodity = net.balances.commodity[b]
    elements = net.activities.element[links.activity[mine]]
    sign = -1.0 if direction == "empty" else 1.0
    size = np.bincount(elements, np.maximum(sign * flow, 0.0), minlength=len(net.elements))
    stops = [int(e) for e in np.argsort(-size, kind="stable") if size[e] > 0.0]
    cost = sum(float(np.sum((rate * hour.margin)[net.activities.element == e])) for e in stops)
    planned = hour.amount[mine] * np.nan_to_num(hour.rate)[links.activity[mine]]
    off = np.bincount(elements, flow - planned, minlength=len(net.elements))
    through = max(float(np.sum(flow[flow > 0.0])), float(-np.sum(flow[flow < 0.0])))
    return TimeLeft(
        tuple(net.elements[e].name for e in held.element[stores]), commodity, net.balances.site[b],
        net.commodity_unit[commodity], direction, total, bound, change, through, hours, now + round(hours * _HOUR),
        tuple(net.elements[e].name for e in stops), cost, float(sizes @ measured[links.activity[mine]] / sizes.sum()),
        tuple((net.elements[e].name, float(off[e])) for e in np.flatnonzero(np.abs(off) > _NOTHING * through)),
    )


def hours_left(
    level: Floats | float, bound: Floats | float, net: Floats | float, loss: float
) -> Floats:
    """Return after how many hours levels come to the bounds they go towards; infinite where they never do.

    Parameters
    ----------
    net
        What goes in less what goes out an hour, of the shape of `level` and `bound`.
    loss
        The share that is lost an hour.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if loss <= 0.0:
            hours = np.maximum(0.0, np.true_divide(bound - level, net)) + 0.0
        else:
            k = -np.log1p(-loss)
            ratio = np.true_divide(bound - net / k, level - net / k)
            # Beyond one it is there already; what stands still or turns before the bound never comes there.
            hours = np.where(ratio >= 1.0, 0.0, np.where(ratio > 0.0, -np.log(ratio) / k, np.inf))
    return np.where(np.isnan(hours), np.inf, hours)


def outer_balance(net: Network, store: int) -> int:
    """Return the balance a store serves: its own, or the one its doors open to."""
    out, own = int(net.stores.emptying[store]), int(net.stores.balance[store])
    if out < 0:
        return own
    links = net.coefficients
    return next(int(links.balance[i]) for i in np.flatnonzero(links.activity == out) if links.balance[i] != own)


def _efficiency(net: Network, store: int, n: float) -> float:
    """Return the change in store for one unit of surplus (n above nought) or of want at the balance outside."""
    door = int(net.stores.filling[store]) if n > 0.0 else int(net.stores.emptying[store])
    if door < 0:
        return 1.0
    links, own = net.coefficients, int(net.stores.balance[store])
    inside = sum(float(links.amount[i]) for i in np.flatnonzero(links.activity == door) if links.balance[i] == own)
    outside = sum(float(links.amount[i]) for i in np.flatnonzero(links.activity == door) if links.balance[i] != own)
    return abs(inside / outside)


def _share(
    net: Network, varying: Varying, stores: np.ndarray[tuple[int], np.dtype[np.intp]], default: float
) -> Floats:
    """Return a bound's share of capacity; the tightest it is at any time where it varies."""
    scale, row = varying.scale[stores], varying.series[stores]
    tight = np.max if default == 0.0 else np.min
    return np.array([s if r < 0 else s * float(tight(net.series[r])) for s, r in zip(scale, row, strict=True)], float)
