"""The judge: samples and the clock in, what began and ended out.

It puts the detectors' edges through each channel's course, at once for samples in order; a tag whose sample comes late
is judged again from there on over what is remembered of it, and what differs is told as corrections. What people see
of it is for `desk`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.live import Live
from lodeworks.watch.alarms.channels import KINDS, STALE_PERIODS, Channels
from lodeworks.watch.alarms.conditions import Condition, conditions_of, unless_of, worked_out
from lodeworks.watch.alarms.course import Edge
from lodeworks.watch.alarms.courses import FAR, Courses, Found
from lodeworks.watch.alarms.detect import Edges, Target, edges_of, judged, limit_marks, settled, testing_edges
from lodeworks.watch.alarms.memory import Memory
from lodeworks.watch.alarms.rows import Known, rows_of
from lodeworks.watch.history.merge import merged
from lodeworks.watch.samples import Quality, Samples

if TYPE_CHECKING:
    from lodeworks.watch.history import History

__all__ = ["ALL", "Judge", "Scope", "Testing"]

_STALE = KINDS.index("stale")
BEHIND_MS = 2_000
"""A feed whose newest sample was received longer ago than this when it is judged is behind."""


class Testing(NamedTuple):
    """A tag begins or ceases to be measured with a known gas."""

    at: int
    known: int
    tag: int
    begins: bool


class Scope(NamedTuple):
    """Which expressions are worked out: only those that are `urgent` or are not, or all of them.

    Others than urgent ones are worked out as far as `until` (ms, source time): what came later still waits for its
    turn, but for what was judged as it came. `known` is when (ms) what is found is known at the earliest.
    """

    urgent: bool | None = None
    until: int = FAR
    known: int = -FAR

    def upto(self, urgent: bool) -> int:
        """Return how far (ms) one is worked out."""
        return FAR if urgent else self.until


ALL = Scope()
"""Every expression, as far as there are samples."""


@dataclass
class Judge:
    """Judges every channel of a chain.

    `late` counts samples that came too late to be judged; `first_ms` is how long a first sample waits for its turn.
    """

    live: Live
    channels: Channels
    known: Known
    memory: Memory
    conditions: list[Condition]
    target: Target | None = None
    late: int = 0
    first_ms: int = 0

    def __post_init__(self) -> None:
        self.courses = Courses(self.channels)
        stale = np.flatnonzero(self.channels.kind == _STALE)
        self._stale, self._stale_tag = stale, self.channels.tag[stale]
        self._stale_ms = STALE_PERIODS * self.channels.period_ms[self._stale_tag]
        self._decided = np.full(len(self.live.tags), -FAR, np.int64)  # how far the clock has decided, by tag
        self._over: dict[int, list[Condition]] = {}
        for condition in self.conditions:
            for tag in condition.tags.values():
                self._over.setdefault(tag, []).append(condition)
        feeds = {name: n for n, name in enumerate(dict.fromkeys(tag.feed for tag in self.live.tags))}
        self._feed = np.array([feeds[tag.feed] for tag in self.live.tags], np.intp)
        self._behind = np.zeros(len(feeds), np.int64)
        self._over_channel = {condition.channel: condition for condition in self.conditions}
        longest = np.zeros(len(self.live.tags), np.int64)
        own = self.channels.tag >= 0
        np.maximum.at(longest, self.channels.tag[own], self.channels.window_ms[own])
        self._look_back = longest + (STALE_PERIODS + 1) * self.channels.period_ms

    @classmethod
    def of(
        cls, live: Live, channels: Channels, started: int, keep_ms: int, history: History | None, target: Target | None,
        urgent: Collection[str] = (), first_ms: int = 0,
    ) -> Judge:
        """Make the judge of a chain that knows nothing yet; `urgent` names rules that never wait."""
        conditions = conditions_of(live, channels, urgent)
        ready = {tag: 0 for condition in conditions for tag in condition.tags.values()}
        ready |= {tag: 0 for unless in unless_of(live, channels) for tag in unless.tags.values()}
        for rate in [*channels.of_kind("rate").tolist(), *channels.of_kind("time_left").tolist()]:
            tag = int(channels.tag[rate])
            back = int(channels.window_ms[rate] + (STALE_PERIODS + 1) * channels.period_ms[tag])
            ready[tag] = max(ready.get(tag, 0), back)
        return cls(live, channels, Known.nothing(len(live.tags), started), Memory(ready, keep_ms, history), conditions,
                   target, first_ms=first_ms)

    # ---- how far a feed is behind the clock -----------------------------------------------------------

    def look(self, samples: Samples, now: int) -> int:
        """See how far each feed of a batch is behind; return until when the clock may run before the batch is judged.

        What was kept while nobody judged, or a rehearsal faster than real time, comes with times of receipt that lie
        far back. The clock of such a feed runs on from there: nothing of it is late because we are.
        """
        feed = self._feed[samples.tag]
        latest = np.full(len(self._behind), -FAR, np.int64)
        np.maximum.at(latest, feed, samples.received)
        there = latest > -FAR
        behind = now - latest[there]
        self._behind[there] = np.where(behind < BEHIND_MS, 0, behind)
        return min(now, int((samples.received + self._behind[feed]).min()))

    def behind_by_tag(self) -> NDArray[np.int64]:
        """Return how far (ms) the feed of each tag is behind the clock."""
        behind: NDArray[np.int64] = self._behind[self._feed]
        return behind

    def behind(self, channel: int) -> int:
        """Return how far (ms) the feed of a channel's tag is behind the clock; the furthest of an expression's."""
        tag = int(self.channels.tag[channel])
        if tag >= 0:
            return int(self._behind[self._feed[tag]])
        return max((int(self._behind[self._feed[one]]) for one in self._over_channel[channel].tags.values()), default=0)

    def clock_set(self, by: int) -> None:
        """The clock was set by so many ms: what it had measured so far lasts as long as before."""
        self.known.received += by
        for condition in self.conditions:
            condition.known += by
        self.memory.horizon += by
        self.courses.clock_set(by)

    # ---- samples ------------------------------------------------------------------------------------

    def feed(
        self, samples: Samples, before: Samples | None = None, scope: Scope = ALL,
    ) -> tuple[list[Found], list[Testing], Samples]:
        """Judge a batch; return what was found, where testing begins or ceases, and the batch sorted.

        Expressions are worked out over the batch and over what was judged `before`, in a scope.
        """
        found, tests, samples = self._batch(merged(samples))
        if before is not None and len(before):
            samples = merged(Samples.joined([samples, before]))
        if len(samples):
            found += self._conditions(samples, scope)
            found += self._evidence()
        return found, tests, samples

    def _batch(self, samples: Samples) -> tuple[list[Found], list[Testing], Samples]:
        """Judge a sorted batch of samples, without what is worked out over several tags."""
        if not len(samples):
            return [], [], samples
        tag, at = samples.tag, samples.at
        behind = self.known.heard[tag] & (at <= self.known.at[tag])
        same = behind & (at == self.known.at[tag]) & (samples.quality == self.known.quality[tag])
        same &= (samples.value == self.known.value[tag]) | (np.isnan(samples.value) & np.isnan(self.known.value[tag]))
        if same.any():  # sent twice
            samples, behind = samples.take(~same), behind[~same]
            if not len(samples):
                return [], [], samples
            tag, at = samples.tag, samples.at
        behind |= at <= self._decided[tag]
        rows = rows_of(samples, self.known, self.channels.period_ms)
        self.memory.add(samples, rows)
        late = np.unique(tag[behind])
        found: list[Found] = []
        tests: list[Testing] = []
        if len(late):
            for one in late.tolist():
                more, testing = self._again(one, samples.of_tag(one))
                found += more
                tests += testing
            in_order = samples.take(~np.isin(tag, late))
            rows = rows_of(in_order, self.known, self.channels.period_ms)
        else:
            in_order = samples
        if len(in_order):
            tests += [Testing(when, received, which, begins) for which, when, begins, received
                      in testing_edges(in_order, rows, self.known.quality)]
            edges = edges_of(self.channels, in_order, rows, self.courses.raw, self.memory.tail, self.target)
            self.known.absorb(in_order, rows)
            found += self.courses.take(edges)
        return found, tests, samples

    def _again(self, tag: int, new: Samples) -> tuple[list[Found], list[Testing]]:
        """Judge a tag again from its first late sample on."""
        last = int(self.known.at[tag]) if self.known.heard[tag] else -FAR
        keep = (new.at >= self.memory.horizon) | (new.at > last)
        self.late += int((~keep).sum())
        new = new.take(keep)
        if not len(new):
            return [], []
        since, received = int(new.at.min()), int(new.received.max())
        before, past = self.known, new
        if since <= last:
            past = self.memory.read(tag, since - int(self._look_back[tag]))
            past = past.take(past.at <= max(last, int(new.at.max())))
            # What a history hands back does not say when it was received; new samples do.
            heard = np.where(np.isin(past.at, new.at), received, past.received)
            past = Samples(past.tag, past.at, heard, past.value, past.quality)
            before = Known.nothing(len(self.live.tags), int(past.at[0]))
        rows = rows_of(past, before, self.channels.period_ms)
        own = range(int(self.channels.first[tag]), int(self.channels.first[tag] + self.channels.count[tag]))
        raw = self.courses.raw_at(own, since)
        edges = edges_of(self.channels, past, rows, raw, self.memory.tail, self.target, since=since)
        was, known_then = self.known.quality[tag] == Quality.TEST, int(self.known.received[tag])
        self.known.absorb(past, rows)
        seen = int(self.known.at[tag])
        self.known.received[tag] = received if seen > last else known_then
        tests = []
        if was != (self.known.quality[tag] == Quality.TEST):
            tests.append(Testing(seen, received, tag, not was))
        by_channel: dict[int, list[Edge]] = {channel: [] for channel in own}
        for channel, at, on, known in zip(edges.channel.tolist(), edges.at.tolist(), edges.on.tolist(),
                                          edges.received.tolist(), strict=True):
            by_channel[channel].append(Edge(at, on, known))
        found: list[Found] = []
        for channel, its in by_channel.items():
            silent = int(seen + STALE_PERIODS * self.channels.period_ms[tag])
            if self.channels.kind[channel] == _STALE and seen == last and silent <= self._decided[tag]:
                wall = int(self.known.received[tag] + STALE_PERIODS * self.channels.period_ms[tag])
                its.append(Edge(silent, True, wall))  # the clock has said so, and this does not speak against it
            found += self.courses.revise(channel, since, its, last, seen, received, self._value(channel))
        if seen > last:
            self._decided[tag] = max((self.courses.decided(channel) for channel in own), default=-FAR)
        return found, tests

    def _conditions(self, samples: Samples, scope: Scope) -> list[Found]:
        """Work out the expressions over what was sampled, from the earliest of it on."""
        if not self._over:
            return []
        since: dict[int, int] = {}
        start = np.flatnonzero(np.concatenate([[True], samples.tag[1:] != samples.tag[:-1]]))
        for row in start.tolist():
            for condition in self._over.get(int(samples.tag[row]), ()):
                if scope.urgent not in (None, condition.urgent):
                    continue
                earliest = since.get(condition.channel, FAR)
                fit = min(self.memory.horizon, condition.seen + 1)  # earlier is too late
                since[condition.channel] = min(earliest, max(int(samples.at[row]), fit))
        found: list[Found] = []
        for number, first in since.items():
            condition = self._over_channel[number]
            at, x, received = worked_out(condition.program, condition.tags, self.memory, first)
            far = int(np.searchsorted(at, max(scope.upto(condition.urgent), condition.seen), side="right"))
            at, x, received = at[:far], x[:far], np.maximum(received[:far], scope.known)
            if not len(at):
                continue
            condition.known = max(condition.known, int(received.max()))
            channel = np.full(len(at), number, np.intp)
            raw = self.courses.raw_at([number], first)
            on, before = settled(channel, limit_marks(self.channels, channel, at, x), raw)
            which = np.flatnonzero(on != before)
            if first <= max(condition.seen, self.courses.decided(number)):
                edges = [Edge(int(at[i]), bool(on[i]), int(received[i])) for i in which]
                last, condition.seen = condition.seen, max(condition.seen, int(at[-1]))
                found += self.courses.revise(number, first, edges, last, condition.seen, int(received.max()),
                                             float(x[-1]))
            else:
                condition.seen = int(at[-1])
                found += self.courses.take(Edges(channel[which], at[which], on[which], received[which], x[which]))
        return found

    def _evidence(self) -> list[Found]:
        """Let delays run out that later samples show to be over."""
        found: list[Found] = []
        for channel in sorted(self.courses.waiting):
            if self.channels.kind[channel] == _STALE:
                continue  # samples end it; only the clock lets it run out
            tag = int(self.channels.tag[channel])
            if tag >= 0:
                until, known = int(self.known.at[tag]), int(self.known.received[tag])
            else:
                until, known = self._over_channel[channel].seen, self._over_channel[channel].known
            found += self.courses.until(channel, until, known, self._value(channel))
        return found

    # ---- the clock ----------------------------------------------------------------------------------

    def next_due(self) -> int:
        """Return when (ms by the clock) something is due if no sample comes."""
        due = min((self.courses.of(channel).phase.wall + self.behind(channel) for channel in self.courses.waiting),
                  default=FAR)
        if len(self._stale):
            silent = self._silent() + self._behind[self._feed[self._stale_tag]]
            due = min(due, int(np.where(self.courses.raw[self._stale], FAR, silent).min()))
        return due

    def _silent(self) -> NDArray[np.int64]:
        """When each tag with an alarm for it is stale if nothing comes, by the clock of its feed."""
        silent: NDArray[np.int64] = self.known.received[self._stale_tag] + self._stale_ms
        # What was received waits for its turn, which is when it is known; the first sample of all as well.
        return np.where(self.known.heard[self._stale_tag], silent, silent + self.first_ms)

    def due(self, wall: int) -> list[Found]:
        """Let run out what is due by a time."""
        found: list[Found] = []
        for channel in sorted(self.courses.waiting):
            phase = self.courses.of(channel).phase
            if phase.wall + self.behind(channel) <= wall:
                found += self.courses.until(channel, phase.due, phase.wall, self._value(channel))
                tag = int(self.channels.tag[channel])
                if tag >= 0:
                    self._decided[tag] = max(int(self._decided[tag]), phase.due)
        if len(self._stale):
            silent = self._silent()
            late = silent + self._behind[self._feed[self._stale_tag]] <= wall
            for which in np.flatnonzero(~self.courses.raw[self._stale] & late).tolist():
                channel, tag = int(self._stale[which]), int(self._stale_tag[which])
                at = int(self.known.at[tag] + self._stale_ms[which])
                self._decided[tag] = max(int(self._decided[tag]), at)
                since = int(silent[which])
                found += self.courses.edge(channel, Edge(at, True, since), since, self._value(channel))
        return found

    # ---- what outlives a stop -----------------------------------------------------------------------

    def _value(self, channel: int) -> float:
        """What a channel judges of the newest sample of its tag; NaN over an expression."""
        tag = int(self.channels.tag[channel])
        if tag < 0:
            return float("nan")
        known, one = self.known, np.array([tag], np.int32)
        newest = Samples(one, known.at[one], known.received[one], known.value[one], known.quality[one])
        stale = int(STALE_PERIODS * self.channels.period_ms[tag])
        return judged(self.channels, channel, newest, stale, self.memory.tail, self.target)

    def prune(self) -> None:
        """Forget what is older than the memory."""
        def horizon(channel: int) -> int:
            tag = int(self.channels.tag[channel])
            # What a tag that is silent sends when it is back is judged, however long that took.
            return self.memory.horizon if tag < 0 else min(self.memory.horizon, int(self.known.at[tag]))

        self.courses.prune(horizon)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the columns that must outlive a stop."""
        return {"raw": self.courses.raw, "decided": self._decided, **vars(self.known)}

    def restore(self, arrays: dict[str, NDArray[Any]], tags: NDArray[np.intp], channels: NDArray[np.intp]) -> None:
        """Take up kept columns again: place n of what is kept is now tag (or channel) `tags[n]`, -1 for none."""
        for name, column in (("decided", self._decided), *vars(self.known).items()):
            column[tags[tags >= 0]] = arrays[name][tags >= 0]
        self.courses.raw[channels[channels >= 0]] = arrays["raw"][channels >= 0]

    def to_json(self) -> dict[str, Any]:
        """Return what must outlive a stop, beside the columns."""
        return {"late": self.late, "horizon": self.memory.horizon,
                "seen": {self.channels.names[c.channel]: [c.seen, c.known] for c in self.conditions},
                **self.courses.to_json()}

    def from_json(self, kept: dict[str, Any]) -> None:
        """Take up again what was kept; what is no longer a channel is left."""
        self.late, self.memory.horizon = kept["late"], kept["horizon"]
        self.courses.from_json(kept)
        for condition in self.conditions:
            seen = kept["seen"].get(self.channels.names[condition.channel], condition.seen)
            # A journal of before kept only how far; what that was is known since its last sample came.
            newest = max((int(self.known.received[tag]) for tag in condition.tags.values()), default=condition.known)
            condition.seen, condition.known = seen if isinstance(seen, list) else (seen, newest)
