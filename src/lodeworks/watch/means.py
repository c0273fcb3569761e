"""Means over windows from samples, as the balance looks at them: of a flow its mean, of a level its change an hour.

A value holds until the next one, at most for three periods of its tag; a window of which less than four fifths is known
is not known. Running totals give a flow by their difference over the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.arrays import Floats, Network
from lodeworks.network.live import Live, Tag
from lodeworks.network.standing import speed_of_loss
from lodeworks.watch.bound import USABLE
from lodeworks.watch.planned import local_ms

if TYPE_CHECKING:
    from lodeworks.watch.history import History, Series

__all__ = ["change_an_hour", "held_mean", "window_means"]

_HOUR, _DAY = 3_600_000.0, 86_400_000
_KNOWN = 0.8


def window_means(
    history: History, net: Network, live: Live, tags: Sequence[int], edges: NDArray[np.int64]
) -> Floats:
    """Return means in the plan's units, shape (windows, tags); nan where not known.

    Parameters
    ----------
    tags
        Numbers of tags that read flows or levels, such as `Balance.tags`.
    edges
        Rising moments (ms) between windows, shape (windows + 1,).
    """
    found = np.full((len(edges) - 1, len(tags)), np.nan)
    first = 0
    while first < len(edges) - 1:  # a day at a time, so that weeks of seconds need not be held at once
        last = max(first + 1, int(np.searchsorted(edges, edges[first] + _DAY, side="right")) - 1)
        found[first:last] = _part(history, net, live, tags, edges[first : last + 1])
        first = last
    return found


def _part(history: History, net: Network, live: Live, tags: Sequence[int], edges: NDArray[np.int64]) -> Floats:
    before = round(max((3000.0 * live.tags[t].period_s for t in tags), default=0.0))
    lost = _lost(net, [local_ms(int(edge), live.timezone) for edge in edges])
    columns = []
    for t, series in zip(tags, history.read(tags, int(edges[0]) - before, int(edges[-1]) + 1), strict=True):
        tag = live.tags[t]
        at, value = _usable(series, tag)
        if tag.reads == "level":
            column = change_an_hour(at, value, edges, tag.period_s)
            speed = lost[tag.element]  # what a store loses by itself has left it as well
            if np.any(speed > 0.0):
                column = column + speed * held_mean(at, value, edges, tag.period_s)
        elif tag.kind == "counter":
            column = change_an_hour(at, value, edges, tag.period_s)
            column = np.where(column >= 0.0, column, np.nan)  # one set back says nothing of its window
        else:
            column = held_mean(at, value, edges, tag.period_s)
        columns.append(column)
    return np.array(columns, float).reshape(len(tags), len(edges) - 1).T


def _lost(net: Network, local: list[int]) -> dict[str, Floats]:
    """Return how fast each store loses by itself between moments of the local clock (ms), shape (windows,)."""
    after = net.hours_after_start(np.array(local, "datetime64[ms]")) / net.hours
    return {net.elements[e].name: speed_of_loss(net, s, after[:-1], after[1:])
            for s, e in enumerate(net.stores.element)}


def held_mean(at: NDArray[np.int64], value: Floats, edges: NDArray[np.int64], period_s: float) -> Floats:
    """Return the mean over windows of values that hold for at most three periods, shape (windows,)."""
    if not len(at):
        return np.full(len(edges) - 1, np.nan)
    ends = np.minimum(np.append(at[1:], at[-1] + round(3000.0 * period_s)), at + round(3000.0 * period_s))
    hours = (ends - at) / _HOUR
    total, known = (_between(at, ends, each, edges) for each in (value * hours, hours))
    return np.where(known >= _KNOWN * np.diff(edges) / _HOUR, total / np.maximum(known, 1e-300), np.nan)


def _between(at: NDArray[np.int64], ends: NDArray[np.int64], each: Floats, edges: NDArray[np.int64]) -> Floats:
    """Return the sum between edges of what comes in evenly from each moment to its end."""
    total = np.concatenate([[0.0], np.cumsum(each)])
    moments, sums = np.column_stack([at, ends]).ravel(), np.column_stack([total[:-1], total[1:]]).ravel()
    found: Floats = np.diff(np.interp(edges, moments, sums))
    return found


def change_an_hour(at: NDArray[np.int64], value: Floats, edges: NDArray[np.int64], period_s: float) -> Floats:
    """Return the change over windows, an hour, shape (windows,): between the last values before their edges."""
    if not len(at):
        return np.full(len(edges) - 1, np.nan)
    last = np.searchsorted(at, edges, side="right") - 1
    fresh = (last >= 0) & (edges - at[last] <= 3000.0 * period_s)
    held = np.where(fresh, value[last], np.nan)
    change: Floats = np.diff(held) / np.where(np.diff(edges) > 0, np.diff(edges) / _HOUR, 1.0)
    return change


def _usable(series: Series, tag: Tag) -> tuple[NDArray[np.int64], Floats]:
    good = np.isin(series.quality, [int(q) for q in USABLE]) & np.isfinite(series.value)
    return series.at[good], series.value[good] * tag.factor
