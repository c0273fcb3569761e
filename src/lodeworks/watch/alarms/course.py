"""From conditions to occurrences: on-delay and off-delay on source time, and what a late sample changes.

A condition's *edges* (it came, it went) are what detectors find in the samples; an *occurrence* begins when it has held
longer than the on-delay and ends when it has been gone longer than the off-delay. Both are functions of the edges
alone, so the same edges give the same occurrences in whatever order they became known. A delay with no sample after it
runs out by the clock, counted from when its sample was received, since a source's clock may be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

__all__ = ["PATIENCE_MS", "Change", "Course", "Edge", "Phase", "Span"]

PATIENCE_MS = 500
"""How much longer a delay lasts by the clock: what a sample on its way may take."""


class Edge(NamedTuple):
    """At `at` (ms) a condition came (`on`) or went, known from a sample received at `received`."""

    at: int
    on: bool
    received: int


class Phase(NamedTuple):
    """Where a course is. `waiting` for a delay that runs out at `due` by source time, at `wall` by the clock.

    `since` is when the condition of the present or coming occurrence came about, `began` when that began.
    """

    active: bool = False
    waiting: bool = False
    since: int = 0
    began: int = 0
    gone: int = 0
    due: int = 0
    wall: int = 0

    @property
    def on(self) -> bool:
        """Whether the condition holds, whatever the delays."""
        return self.active != self.waiting


class Span(NamedTuple):
    """An occurrence by its number: since, began, ended (None while it lasts)."""

    number: int
    since: int
    began: int
    ended: int | None = None


class Change(NamedTuple):
    """What became known: an occurrence `began`, `ended`, was `corrected` or is `void`, as `span` now stands."""

    event: str
    span: Span
    before: Span | None = None


_Mark = tuple[bool, int, int]  # began (or ended), at, since


def _fire(phase: Phase, until: int) -> tuple[Phase, _Mark | None]:
    """Let a delay run out that is due by `until`."""
    if not phase.waiting or phase.due > until:
        return phase, None
    if phase.active:
        return Phase(), (False, phase.due, phase.since)
    return Phase(True, False, phase.since, phase.due), (True, phase.due, phase.since)


def _edge(phase: Phase, edge: Edge, on_ms: int, off_ms: int) -> tuple[Phase, _Mark | None]:
    """Take one edge, after what was due before it has run out."""
    wall = edge.received + PATIENCE_MS
    if edge.on and not phase.active and not phase.waiting:
        if on_ms == 0:
            return Phase(True, False, edge.at, edge.at), (True, edge.at, edge.at)
        return Phase(False, True, edge.at, 0, 0, edge.at + on_ms, wall + on_ms), None
    if edge.on and phase.active and phase.waiting:
        return phase._replace(waiting=False, gone=0, due=0, wall=0), None
    if not edge.on and phase.active and not phase.waiting:
        if off_ms == 0:
            return Phase(), (False, edge.at, phase.since)
        return phase._replace(waiting=True, gone=edge.at, due=edge.at + off_ms, wall=wall + off_ms), None
    if not edge.on and not phase.active:
        return Phase(), None  # it did not hold longer than the on-delay
    return phase, None


@dataclass(slots=True)
class Course:
    """One condition's recent edges and what came of them.

    `base` is the phase before the edges kept, good for all before `base_at`; `decided` how far (source time) the
    clock or later samples have decided. `count` numbers the occurrences.
    """

    on_ms: int
    off_ms: int
    base: Phase = field(default_factory=Phase)
    base_at: int = -(2**62)
    edges: list[Edge] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    phase: Phase = field(default_factory=Phase)
    decided: int = -(2**62)
    count: int = 0

    @property
    def idle(self) -> bool:
        """Whether it can be forgotten but for its count."""
        return not self.edges and not self.spans and self.phase == Phase()

    def on_at(self, at: int) -> bool:
        """Return whether the condition held just before a time."""
        for edge in reversed(self.edges):
            if edge.at < at:
                return edge.on
        return self.base.on

    def edge(self, edge: Edge) -> list[Change]:
        """Take an edge later than all before."""
        changes = self.until(edge.at - 1)  # what holds exactly as long as the delay does not count
        self.edges.append(edge)
        self.phase, mark = _edge(self.phase, edge, self.on_ms, self.off_ms)
        self.decided = max(self.decided, edge.at)
        return changes + self._mark(mark)

    def until(self, at: int) -> list[Change]:
        """Let run out what is due by a source time, since later samples or the clock say so."""
        self.phase, mark = _fire(self.phase, at)
        if mark is None:
            return []
        self.decided = max(self.decided, mark[1])
        return self._mark(mark)

    def _mark(self, mark: _Mark | None) -> list[Change]:
        if mark is None:
            return []
        began, at, since = mark
        if began:
            self.count += 1
            self.spans.append(Span(self.count, since, at))
            return [Change("began", self.spans[-1])]
        self.spans[-1] = self.spans[-1]._replace(ended=at)
        return [Change("ended", self.spans[-1])]

    def revise(self, since: int, edges: list[Edge], last: int, seen: int) -> list[Change]:
        """Put other edges in place of those from `since` on, and return what that changes, in order of time.

        The newest sample was of `last` and now is of `seen`. What the clock has decided stands for edges it knew; an
        edge that only the new samples show waits for its own delay.
        """
        kept = [edge for edge in self.edges if edge.at < since]
        if [(e.at, e.on) for e in self.edges[len(kept):]] == [(e.at, e.on) for e in edges]:
            return []
        self.edges = kept + edges
        phase, marks = self.base, list[_Mark]()
        if phase.active:
            marks.append((True, phase.began, phase.since))
        for edge in self.edges:
            phase, first = _fire(phase, edge.at - 1)
            phase, second = _edge(phase, edge, self.on_ms, self.off_ms)
            marks += [mark for mark in (first, second) if mark is not None]
        fresh = seen > last and bool(edges) and edges[-1].at > last
        self.decided = seen if fresh else max(self.decided, seen)
        phase, due = _fire(phase, self.decided)
        if due is not None:
            marks.append(due)
        self.phase = phase
        found: list[tuple[int, int, int | None]] = []
        for began, at, cause in marks:
            if began:
                found.append((cause, at, None))
            else:
                found[-1] = (*found[-1][:2], at)
        return self._compared(found)

    def _compared(self, found: list[tuple[int, int, int | None]]) -> list[Change]:
        """Match what was told with what was found, by overlap in time, and number what is new."""
        changes: list[Change] = []
        spans: list[Span] = []
        old = list(self.spans)
        for since, began, ended in found:
            while old and old[0].ended is not None and old[0].ended < began:
                changes.append(Change("void", old.pop(0)))
            if old and (ended is None or old[0].began <= ended):
                before = old.pop(0)
                span = Span(before.number, since, began, ended)
                if span != before:
                    only_ended = span._replace(ended=None) == before
                    changes.append(Change("ended" if only_ended else "corrected", span, before))
            else:
                self.count += 1
                span = Span(self.count, since, began, ended)
                changes.append(Change("began", span._replace(ended=None)))
                if ended is not None:
                    changes.append(Change("ended", span))
            spans.append(span)
        changes += [Change("void", span) for span in old]
        self.spans = spans
        return changes

    def prune(self, horizon: int) -> None:
        """Forget what lies before a time; samples from before it come too late to be judged."""
        if horizon <= self.base_at:
            return
        gone = 0
        for edge in self.edges:
            if edge.at >= horizon:
                break
            self.base, _ = _fire(self.base, edge.at - 1)
            self.base, _ = _edge(self.base, edge, self.on_ms, self.off_ms)
            gone += 1
        del self.edges[:gone]
        self.base, _ = _fire(self.base, min(horizon - 1, self.decided))
        self.base_at = horizon
        self.spans = [span for span in self.spans if span.ended is None or span.ended >= horizon]

    def to_json(self) -> list[Any]:
        """Return everything as JSON can hold it."""
        return [list(self.base), self.base_at, [list(e) for e in self.edges], [list(s) for s in self.spans],
                list(self.phase), self.decided, self.count]

    @classmethod
    def from_json(cls, on_ms: int, off_ms: int, kept: list[Any]) -> Course:
        """Make the course again."""
        base, base_at, edges, spans, phase, decided, count = kept
        return cls(on_ms, off_ms, Phase(*base), base_at, [Edge(*e) for e in edges], [Span(*s) for s in spans],
                   Phase(*phase), decided, count)
