"""Detectors: where in columns of samples a channel's condition comes and goes, for all channels at once.

Each sample *marks* each channel of its tag: the condition is so, is not so, or the sample says nothing (inside the
deadband, a bad value, no plan to compare with). A channel's condition is its last mark; an edge is where that changes.
No Python runs over samples, only over the few edges. Nothing here keeps anything: what is known of a tag before the
batch is handed in, and so a late sample is judged by the same functions over the past.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodeworks.watch.alarms.channels import KINDS, Channels
from lodeworks.watch.alarms.rows import Rows
from lodeworks.watch.samples import Quality, Samples
from lodeworks.watch.time_left import hours_left

__all__ = [
    "HOLD", "LONGEST_H", "Edges", "Tail", "Target", "among", "edges_of", "judged", "limit_marks", "settled",
    "testing_edges",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Target = Callable[[NDArray[np.int32], Ints], Floats]
"""What the plan has for tags at times (ms), in their units; NaN where it has nothing."""
Tail = Callable[[int], tuple[Ints, Floats]]
"""A tag's usable samples (at, value) in order, back over the longest window, those of the batch included."""

LONGEST_H = 1e6
"""So many hours are for ever: a level that stands still, or that something else ends first."""
HOLD = -1
"""The mark of a sample that says nothing."""

_LIMIT, _RATE, _DEVIATION, _LEFT, _STUCK, _STALE, _BAD, _DISCRETE, _ = range(len(KINDS))
_HOUR = 3_600_000.0
_STATES = 1 << 32  # room for the states of one channel in a key


@dataclass(frozen=True)
class Edges:
    """Columns: at `at` the condition of `channel` came (`on`) or went, seen in a sample received then, of a value."""

    channel: NDArray[np.intp]
    at: Ints
    on: NDArray[np.bool_]
    received: Ints
    value: Floats


def edges_of(
    channels: Channels, samples: Samples, rows: Rows, raw: NDArray[np.bool_], tail: Tail,
    target: Target | None = None, since: int | None = None,
) -> Edges:
    """Return the edges in samples, by channel and time.

    Parameters
    ----------
    channels
        What is judged; those over expressions are not looked at.
    samples
        Sorted by tag and time, one for each tag and time, later than what is known of the tag.
    rows
        What `rows_of` says of them.
    raw
        Whether each channel's condition holds before (before `since`, if given).
    tail, target
        For rates and for deviations.
    since
        Samples before this time only tell what was before.
    """
    channel, row = _spread(channels, samples, rows)
    marks, x = _marks(channels, samples, rows, channel, row, tail, target)
    at = samples.at[row]
    if since is not None:
        marks[at < since] = HOLD
    on, before = settled(channel, marks, raw)
    changed = np.flatnonzero(on != before)
    # Silence between two samples is seen only by the second: it began three periods after the first.
    silent = (channels.kind[channel] == _STALE) & (marks == 0) & ~before & (at - rows.previous[row] > rows.stale[row])
    began = rows.previous[row] + rows.stale[row]
    if since is not None:
        silent &= began >= since
    silences = np.flatnonzero(silent)
    edge = np.concatenate([changed, silences, silences])
    times = np.concatenate([at[changed], began[silences], at[silences]])
    comes = np.concatenate([on[changed], np.ones(len(silences), np.bool_), np.zeros(len(silences), np.bool_)])
    order = np.lexsort((times, channel[edge]))
    edge = edge[order]
    return Edges(channel[edge], times[order], comes[order], samples.received[row[edge]], x[edge])


def settled(
    channel: NDArray[np.intp], marks: NDArray[np.int8], raw: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whether the condition holds after and before each mark, in columns by channel and time."""
    n = len(channel)
    start = np.ones(n, np.bool_)
    start[1:] = channel[1:] != channel[:-1]
    head = np.maximum.accumulate(np.where(start, np.arange(n), 0))
    latest = np.maximum.accumulate(np.where(marks != HOLD, np.arange(n), -1))
    first = raw[channel]
    on = np.where(latest >= head, marks[np.maximum(latest, 0)] == 1, first)
    before = np.empty(n, np.bool_)
    before[1:] = on[:-1]
    return on, np.where(start, first, before)


def judged(
    channels: Channels, channel: int, sample: Samples, stale: int, tail: Tail, target: Target | None = None
) -> float:
    """Return what a channel judges of one sample of its tag: for a rate the change an hour, and so on.

    `stale` is after how many ms without a sample its tag is stale; `tail` and `target` are as for `edges_of`.
    """
    kind = channels.kind[channel]
    if kind == _DEVIATION:
        planned = np.nan if target is None else float(target(sample.tag, sample.at)[0])
        return float(sample.value[0]) - planned
    if kind in (_RATE, _LEFT):
        return float(_changes(channels, channel, sample, np.zeros(1, np.intp), stale, tail)[0])
    return float(sample.value[0])


def limit_marks(channels: Channels, channel: NDArray[np.intp], at: Ints, x: Floats) -> NDArray[np.int8]:
    """Mark values against limits: at or beyond one it is so, a deadband back it is not.

    A limit that was changed holds from then on; what lies before is judged by what held then.
    """
    side, value, deadband = channels.side[channel], channels.value[channel], channels.deadband[channel]
    for one, past in channels.limits.items():
        mine = np.flatnonzero(channel == one)
        if len(mine):
            which = np.searchsorted([since for since, _, _ in past], at[mine], side="right") - 1
            value[mine] = np.array([number for _, number, _ in past])[which]
            deadband[mine] = np.array([number for _, _, number in past])[which]
    marks = np.full(len(x), HOLD, np.int8)
    with np.errstate(invalid="ignore"):
        up, limit = side * x, side * value
        marks[up <= limit - deadband] = 0
        marks[up >= limit] = 1
    return marks


def testing_edges(samples: Samples, rows: Rows, before: NDArray[np.uint8]) -> list[tuple[int, int, bool, int]]:
    """Return where tags begin and cease to be measured with a known gas: (tag, at, begins, received).

    `before` is the last quality of each tag.
    """
    test = samples.quality == Quality.TEST
    if not test.any() and not (before[samples.tag[rows.start]] == Quality.TEST).any():
        return []
    was = np.empty(len(test), np.bool_)
    was[1:] = test[:-1]
    was[rows.start] = before[samples.tag[rows.start]] == Quality.TEST
    return [(int(samples.tag[i]), int(samples.at[i]), bool(test[i]), int(samples.received[i]))
            for i in np.flatnonzero(test != was)]


def _spread(channels: Channels, samples: Samples, rows: Rows) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pair each channel with each row of its tag: (channel, row), by channel and then by row."""
    tag = samples.tag[rows.start]
    count = channels.count[tag]
    block = np.repeat(np.arange(len(tag)), count)
    channel = np.arange(len(block)) - np.repeat(np.cumsum(count) - count, count) + channels.first[tag][block]
    size = rows.size[block]
    pair = np.repeat(np.arange(len(channel)), size)
    row = np.arange(len(pair)) - np.repeat(np.cumsum(size) - size, size) + rows.start[block][pair]
    return channel[pair], row


def _marks(
    channels: Channels, samples: Samples, rows: Rows, channel: NDArray[np.intp], row: NDArray[np.intp], tail: Tail,
    target: Target | None,
) -> tuple[NDArray[np.int8], Floats]:
    """What each row says of each channel, and the value that was judged."""
    kind = channels.kind[channel]
    usable = rows.usable[row]
    x = samples.value[row]
    marks = np.full(len(row), HOLD, np.int8)
    there = np.bincount(kind, minlength=len(KINDS)) > 0
    if there[_DEVIATION]:
        mine = np.flatnonzero(kind == _DEVIATION)
        tag, at = samples.tag[row[mine]], samples.at[row[mine]]
        x[mine] -= np.nan if target is None else target(tag, at)
    if there[_RATE] or there[_LEFT]:
        for one in np.unique(channel[(kind == _RATE) | (kind == _LEFT)]):
            mine = np.flatnonzero(channel == one)
            x[mine] = _changes(channels, int(one), samples, row[mine], int(rows.stale[row[mine[0]]]), tail)
    if there[[_LIMIT, _DEVIATION, _RATE, _LEFT]].any():
        mine = np.flatnonzero(usable & np.isin(kind, (_LIMIT, _DEVIATION, _RATE, _LEFT)))
        marks[mine] = limit_marks(channels, channel[mine], samples.at[row[mine]], x[mine])
    if there[_STUCK]:
        mine = np.flatnonzero(usable & (kind == _STUCK))
        stood = samples.at[row[mine]] - rows.changed[row[mine]] >= channels.window_ms[channel[mine]]
        marks[mine] = np.where(stood, 1, np.where(rows.fresh[row[mine]], 0, HOLD))
    if there[_STALE]:
        marks[kind == _STALE] = 0
    if there[_BAD]:
        mine = np.flatnonzero(kind == _BAD)
        marks[mine] = samples.quality[row[mine]] == Quality.BAD
    if there[_DISCRETE]:
        mine = np.flatnonzero(usable & (kind == _DISCRETE))
        marks[mine] = among(channels, channel[mine], x[mine])
    return marks, x


def _changes(
    channels: Channels, channel: int, samples: Samples, row: NDArray[np.intp], stale: int, tail: Tail
) -> Floats:
    """What a channel over changes judges of rows of its tag: the change an hour, or how long the level lasts at it."""
    window = int(channels.window_ms[channel])
    rate = _rates(samples, row, *tail(int(channels.tag[channel])), window, stale)
    if channels.kind[channel] != _LEFT:
        return rate
    return _left(samples.value[row], rate, channels.ends[channel], float(channels.loss[channel]))


def _rates(samples: Samples, row: NDArray[np.intp], at: Ints, value: Floats, window: int, stale: int) -> Floats:
    """Change an hour over a window, or since the sample before; NaN where there is none in good time before."""
    here = samples.at[row]
    before = np.searchsorted(at, here - window, side="right") - 1 if window else np.searchsorted(at, here) - 1
    found = np.maximum(before, 0)
    if not len(at):
        return np.full(len(row), np.nan)
    took = here - at[found]
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = (samples.value[row] - value[found]) / took * _HOUR
    return np.where((before >= 0) & (took > 0) & (took <= window + stale), rate, np.nan)


def _left(level: Floats, rate: Floats, ends: Floats, loss: float) -> Floats:
    """Hours until a level that changes so much an hour comes to an end, at most `LONGEST_H`; NaN where not known."""
    down = rate < 0.0
    # What goes in less what goes out is the change and what is lost meanwhile.
    hours = hours_left(level, np.where(down, ends[0], ends[1]), rate - np.log1p(-loss) * level, loss)
    return np.where(np.isnan(rate), np.nan, np.where(rate == 0.0, LONGEST_H, np.minimum(hours, LONGEST_H)))


def among(channels: Channels, channel: NDArray[np.intp], x: Floats) -> NDArray[np.int8]:
    """Mark values that are one of their channel's states."""
    table = channels.states
    if not len(table):
        return np.zeros(len(x), np.int8)
    whole = (x == np.floor(x)) & (np.abs(x) < _STATES / 2)
    key = channel * _STATES + np.where(whole, x, 0.0).astype(np.int64)
    known = np.sort(table[:, 0] * _STATES + table[:, 1])
    found = known[np.minimum(np.searchsorted(known, key), len(known) - 1)] == key
    marks: NDArray[np.int8] = (found & whole).astype(np.int8)
    return marks
