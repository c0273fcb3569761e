"""The courses of all channels: edges in, what began and ended out, late ones put where they belong.

Only channels that have lately had an edge have a course; of the others it is known whether their condition holds
(`raw`) and how many occurrences they have had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodeworks.watch.alarms.channels import Channels
from lodeworks.watch.alarms.course import Change, Course, Edge
from lodeworks.watch.alarms.detect import Edges

__all__ = ["FAR", "Courses", "Found"]

FAR = 2**62
"""Never, in ms."""


class Found(NamedTuple):
    """What was found of a channel: by source time, and known since `known` (ms by the clock); with the value then."""

    at: int
    known: int
    channel: int
    change: Change
    value: float


class Courses:
    """The courses of a chain's channels; `waiting` are those in which a delay runs."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self.raw: NDArray[np.bool_] = np.zeros(len(channels), np.bool_)
        self.waiting: set[int] = set()
        self._held: dict[int, Course] = {}
        self._counts: dict[int, int] = {}

    def of(self, channel: int) -> Course:
        """Return the course of a channel, begun if there is none."""
        if channel not in self._held:
            on, off = int(self._channels.on_ms[channel]), int(self._channels.off_ms[channel])
            self._held[channel] = Course(on, off, count=self._counts.get(channel, 0))
        return self._held[channel]

    def raw_at(self, channels: Iterable[int], at: int) -> NDArray[np.bool_]:
        """Return whether conditions hold, for some channels as it was just before a time."""
        raw = self.raw.copy()
        for channel in channels:
            if channel in self._held:
                raw[channel] = self._held[channel].on_at(at)
        return raw

    def decided(self, channel: int) -> int:
        """Return how far (ms, source time) a channel is decided."""
        return self._held[channel].decided if channel in self._held else -FAR

    def take(self, edges: Edges) -> list[Found]:
        """Put edges in order, later than all before, through their courses."""
        found: list[Found] = []
        for channel, at, on, received, value in zip(
            edges.channel.tolist(), edges.at.tolist(), edges.on.tolist(), edges.received.tolist(),
            edges.value.tolist(), strict=True,
        ):
            found += self.edge(channel, Edge(at, on, received), received, value)
        return found

    def edge(self, channel: int, edge: Edge, known: int, value: float) -> list[Found]:
        """Put one edge, later than all before, through its course."""
        self.raw[channel] = edge.on
        return self._found(channel, self.of(channel).edge(edge), known, value)

    def until(self, channel: int, at: int, known: int, value: float) -> list[Found]:
        """Let a delay run out that is due by a time of the source."""
        return self._found(channel, self.of(channel).until(at), known, value)

    def revise(
        self, channel: int, since: int, edges: list[Edge], last: int, seen: int, known: int, value: float,
    ) -> list[Found]:
        """Put other edges in place of a channel's from a time on; its newest sample was of `last` and is of `seen`."""
        if not edges and channel not in self._held:
            return []
        course = self.of(channel)
        if since < course.base_at:
            edges = [edge for edge in edges if edge.at >= course.base_at]
            since = course.base_at
        changes = course.revise(since, edges, last, seen)
        self.raw[channel] = course.on_at(FAR)
        return self._found(channel, changes, known, value)

    def _found(self, channel: int, changes: list[Change], known: int, value: float) -> list[Found]:
        course = self._held[channel]
        if course.phase.waiting:
            self.waiting.add(channel)
        else:
            self.waiting.discard(channel)
        self._counts[channel] = course.count
        return [
            Found(change.span.began if change.event == "began" else change.span.ended or change.span.began,
                  known, channel, change, value) for change in changes
        ]

    def clock_set(self, by: int) -> None:
        """Let delays that run out by the clock last as long as before, after it was set by so many ms."""
        for channel in self.waiting:
            course = self.of(channel)
            course.phase = course.phase._replace(wall=course.phase.wall + by)

    def prune(self, horizon: Callable[[int], int]) -> None:
        """Forget of each channel what is older than a time (ms)."""
        for channel in list(self._held):
            self._held[channel].prune(horizon(channel))
            if self._held[channel].idle:
                del self._held[channel]

    def to_json(self) -> dict[str, Any]:
        """Return everything but `raw` as JSON can hold it."""
        names = self._channels.names
        return {"counts": {names[c]: n for c, n in self._counts.items() if n},
                "courses": {names[c]: course.to_json() for c, course in self._held.items()}}

    def from_json(self, kept: dict[str, Any]) -> None:
        """Take up again what was kept; what is no longer a channel is left."""
        place = self._channels.place
        self._counts = {place[name]: n for name, n in kept["counts"].items() if name in place}
        for name, course in kept["courses"].items():
            if name in place:
                channel = place[name]
                on, off = int(self._channels.on_ms[channel]), int(self._channels.off_ms[channel])
                self._held[channel] = Course.from_json(on, off, course)
                if self._held[channel].phase.waiting:
                    self.waiting.add(channel)
