"""What stands out along a round: a place that is warmer (louder, …) than its neighbours and than its own past.

A limit finds what is hot; this finds what is on its way there. A round's values are put into bins along its route,
pass by pass; when a pass is over, each bin is compared with those beside it and with itself in the passes before. What
is done about a spot is for `rounds`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.live import Live, Round
from lodeworks.watch.samples import Quality, Samples

__all__ = ["BIN_M", "OWN", "Pass", "Profiles", "Spot", "spots"]

BIN_M = 10.0
"""How long (m) a place is."""
OWN = frozenset({"position", "state", "charge"})
"""What a robot says of itself, not of a place."""

_BESIDE = 10  # bins to either side that are neighbours
_LEAST_NEIGHBOURS = 5
_TIMES = 6.0  # so many standard deviations of the neighbours, by their median absolute deviation
_SHARE = 0.04  # and at least this part of the instrument's range
_MAD = 1.4826  # a standard deviation of normal values is so many median absolute deviations
_TURN_M = 20.0  # back by more than this is the next pass
_PASSES = 4  # kept of the past

Floats = NDArray[np.float64]


class Spot(NamedTuple):
    """A place that stands out: metres, the most measured there, and what is usual beside it and was there before (NaN
    for never)."""

    metres: float
    value: float
    beside: float
    before: float


class Pass(NamedTuple):
    """A pass of a round that is over: of which tag, when it ended (ms), and what stood out in it."""

    round: str
    tag: str
    at: int
    spots: tuple[Spot, ...]


def spots(now: Floats, past: Floats, span: float) -> list[Spot]:
    """Return what stands out in a pass.

    Parameters
    ----------
    now
        The most measured in each bin, NaN for none.
    past
        The same of earlier passes, one a row; may have none.
    span
        The range of the instrument.

    Returns
    -------
    list of Spot
        Of bins one after another the highest. A bin stands out if it is above the median of its neighbours (ten bins
        to either side but the next) by more than six of their standard deviations and 4 % of the range, and above
        its own past (the median of the passes, of the bin and the next ones) by 4 % of the range.
    """
    number = np.arange(len(now))
    least = _SHARE * span
    found: list[Spot] = []
    for place in np.flatnonzero(~np.isnan(now)).tolist():
        near = np.abs(number - place)
        beside = now[(near > 1) & (near <= _BESIDE) & ~np.isnan(now)]
        if len(beside) < _LEAST_NEIGHBOURS:
            continue
        usual = float(np.median(beside))
        spread = _MAD * float(np.median(np.abs(beside - usual)))
        own = past[:, max(place - 1, 0):place + 2]
        own = own[~np.isnan(own).all(axis=1)] if len(past) else own
        before = float(np.median(np.nanmax(own, axis=1))) if len(own) else float("nan")
        value = float(now[place])
        if value - usual > max(_TIMES * spread, least) and not value - before <= least:
            found.append(Spot((place + 0.5) * BIN_M, value, usual, before))
    merged: list[Spot] = []
    for spot in found:
        if merged and spot.metres - merged[-1].metres <= 2 * BIN_M:
            merged[-1] = max(merged[-1], spot, key=lambda one: one.value)
        else:
            merged.append(spot)
    return merged


@dataclass
class _Course:
    """A round under way: how far it has come in its direction, what it has measured."""

    at: int = -(2**62)
    far: float = float("nan")
    way: int = 0
    now: dict[str, Floats] = field(default_factory=dict)
    past: dict[str, list[Floats]] = field(default_factory=dict)


class Profiles:
    """The profiles of a chain's rounds."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self._rounds = [one for one in live.rounds if one.position in live.place]
        self._courses = {one.name: _Course() for one in self._rounds}
        self._tags = {one.name: [tag for tag in one.tags if live.tags[live.place[tag]].reads not in OWN
                                 and np.isfinite(live.tags[live.place[tag]].high - live.tags[live.place[tag]].low)]
                      for one in self._rounds}

    def take(self, batch: Samples) -> list[Pass]:
        """Take a batch sorted by tag and time; return the passes that ended in it."""
        ended: list[Pass] = []
        for one in self._rounds:
            positions = self._of(batch, one.position, self._courses[one.name].at)
            if len(positions):
                ended += self._ride(one, positions, batch)
        return ended

    def _of(self, batch: Samples, tag: str, since: int) -> Samples:
        mine = batch.of_tag(self.live.place[tag])
        return mine.take((mine.quality != Quality.BAD) & ~np.isnan(mine.value) & (mine.at > since))

    def _ride(self, one: Round, positions: Samples, batch: Samples) -> list[Pass]:
        """Cut the ride where it turns, and put what was measured on each piece into its bins."""
        course = self._courses[one.name]
        start = course.at
        measured = {tag: self._of(batch, tag, start) for tag in self._tags[one.name]}
        ended: list[Pass] = []
        begin = 0
        for n, metres in enumerate(positions.value.tolist()):
            if np.isnan(course.far):
                course.far = metres
            moved = metres - course.far
            if course.way == 0:
                if abs(moved) > _TURN_M:
                    course.way, course.far = (1 if moved > 0 else -1), metres
            elif course.way * moved >= 0:
                course.far = metres
            elif abs(moved) > _TURN_M:
                self._measure(course, one, positions.take(np.arange(begin, n)), measured)
                ended += self._end(course, one, int(positions.at[n]))
                begin, course.way, course.far = n, -course.way, metres
        self._measure(course, one, positions.take(np.arange(begin, len(positions))), measured)
        course.at = int(positions.at[-1])
        return ended

    def _measure(self, course: _Course, one: Round, piece: Samples, measured: dict[str, Samples]) -> None:
        if not len(piece):
            return
        bins = int(max(one.start_m, one.end_m) // BIN_M) + 1
        for tag, its in measured.items():
            mine = its.take((its.at >= piece.at[0]) & (its.at <= piece.at[-1]))
            if not len(mine):
                continue
            place = np.interp(mine.at, piece.at, piece.value)
            where = np.clip((place // BIN_M).astype(np.int64), 0, bins - 1)
            held = course.now.setdefault(tag, np.full(bins, np.nan))
            np.fmax.at(held, where, mine.value)

    def _end(self, course: _Course, one: Round, at: int) -> list[Pass]:
        ended = []
        for tag, now in course.now.items():
            past = course.past.setdefault(tag, [])
            about = self.live.tags[self.live.place[tag]]
            before = np.array(past) if past else np.zeros((0, len(now)))
            ended.append(Pass(one.name, tag, at, tuple(spots(now, before, about.high - about.low))))
            past.append(now)
            del past[:-_PASSES]
        course.now = {}
        return ended

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON can hold it."""
        def plain(column: Floats) -> list[float | None]:
            return [None if x != x else round(x, 4) for x in column.tolist()]

        return {name: {
            "at": course.at, "way": course.way,
            "far": None if course.far != course.far else course.far,
            "now": {tag: plain(column) for tag, column in course.now.items()},
            "past": {tag: [plain(column) for column in past] for tag, past in course.past.items()},
        } for name, course in self._courses.items()}

    def from_json(self, kept: dict[str, Any]) -> None:
        """Take up again what was kept of rounds that are still there and as long."""
        for one in self._rounds:
            if one.name not in kept:
                continue
            was, bins = kept[one.name], int(max(one.start_m, one.end_m) // BIN_M) + 1
            course = _Course(was["at"], float("nan") if was["far"] is None else was["far"], was["way"])
            course.now = {tag: np.array(column, np.float64) for tag, column in was["now"].items()
                          if len(column) == bins}
            course.past = {tag: [np.array(column, np.float64) for column in past] for tag, past in was["past"].items()
                           if all(len(column) == bins for column in past)}
            self._courses[one.name] = course
