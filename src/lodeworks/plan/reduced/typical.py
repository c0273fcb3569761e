"""Which days are alike, and which day stands for each kind of day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from lodeworks.errors import InputError, Problem
from lodeworks.network.arrays import Floats, Ints, Network
from lodeworks.network.window import constants_of

__all__ = ["Days", "days_of", "same_days", "typical_days"]


@dataclass(frozen=True, eq=False)
class Days:
    """The kind of each day, shape (days,), and the day that stands for each kind, shape (kinds,)."""

    kind: Ints
    stands: Ints

    def __len__(self) -> int:
        return len(self.kind)


def days_of(net: Network) -> tuple[int, int]:
    """Return the days of a horizon and the base steps of each.

    Raises
    ------
    InputError
        Where the horizon is not of whole days, or a day not of whole steps.
    """
    steps = 24.0 / net.hours
    days = net.steps / steps
    if abs(steps - round(steps)) > 1e-9 or abs(days - round(days)) > 1e-9:
        raise InputError(Problem(
            f"typical days need a horizon of whole days in steps that divide a day; it has {net.steps} steps of "
            f"{net.hours:g} h", file="--days",
        ))
    return round(days), round(steps)


def typical_days(net: Network, count: int, alone: Iterable[int] = ()) -> Days:
    """Sort days into kinds by all that varies over time.

    Parameters
    ----------
    count
        Kinds wanted, beside those of the days that stay alone; there are fewer where days are equal, unless there are
        as many as days.
    alone
        Days that are a kind of their own, beside those that what went before the start reaches into.

    Notes
    -----
    Ward's criterion on the days' hourly values, each series brought to the span nought to one. The day nearest to the
    mean of its kind stands for it, so that what an hour has together (sun, price, load) stays together.
    """
    days, steps = days_of(net)
    features = _features(net, days, steps)
    single = np.zeros(days, bool)
    single[list(alone)] = True
    single[: _begun(net, steps)] = True
    rest = np.flatnonzero(~single)
    kind = np.zeros(days, np.int32)
    if count >= len(rest):
        kind[rest] = np.arange(len(rest))
    else:
        kind[rest] = fcluster(linkage(features[rest], "ward"), count, "maxclust") - 1
    first = int(kind[rest].max()) + 1 if len(rest) else 0
    kind[single] = first + np.arange(int(single.sum()), dtype=np.int32)
    stands = []
    for k in range(int(kind.max()) + 1):
        own = np.flatnonzero(kind == k)
        apart = ((features[own] - features[own].mean(axis=0)) ** 2).sum(axis=1)
        stands.append(int(own[int(np.argmin(apart))]))
    return Days(kind, np.array(stands, np.int32))


def _begun(net: Network, steps: int) -> int:
    """Return how many first days what went before binds: what must stay on or off, or ramps from where it was."""
    if net.before is None or np.isnan([net.before.on, net.before.rate]).all():
        return 0
    been = np.nan_to_num(net.before.on)
    least = np.where(been > 0.0, net.plants.min_up, net.plants.min_down) * (been != 0.0)
    bound = float(np.max(least - np.abs(been), initial=0.0)) / net.hours
    return max(1, int(np.ceil(bound / steps - 1e-9)))


def same_days(net: Network, days: Days) -> Network:
    """Return the network in which each day's series are those of the day that stands for it.

    Where a penalty is owed on what is wanted, it is owed on what these days want.
    """
    _, steps = days_of(net)
    series = net.series.reshape(len(net.series), len(days), steps)[:, days.stands[days.kind], :]
    alike = replace(net, series=np.ascontiguousarray(series.reshape(net.series.shape)), _averages={})
    return replace(alike, constants=constants_of(net, alike))


def _features(net: Network, days: int, steps: int) -> Floats:
    """Return the values of each day, shape (days, series × steps)."""
    if not len(net.series):
        return np.zeros((days, 1))
    finite = np.where(np.isfinite(net.series), net.series, 0.0)
    low = finite.min(axis=1, keepdims=True)
    span = finite.max(axis=1, keepdims=True) - low
    even = (finite - low) / np.where(span > 0.0, span, 1.0)
    return np.ascontiguousarray(even.reshape(len(even), days, steps).transpose(1, 0, 2).reshape(days, -1))
