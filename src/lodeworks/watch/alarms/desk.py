"""The desk: what people are told of what the judge finds, and what covers it.

It steps each alarm through the state table, says when it is announced, announced again, shelved or suppressed, which of
a group came first, and whether there is a flood; all of it as rows for the journal. Times in rows are those of the
samples and deeds, never of when they happened to be worked on, so that a restart writes the same rows.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from lodeworks.network.live import Live
from lodeworks.watch.alarms.alarm import Alarm
from lodeworks.watch.alarms.channels import KINDS, STALE_PERIODS, Channels
from lodeworks.watch.alarms.courses import FAR, Found
from lodeworks.watch.alarms.first_out import Episodes, FirstOut
from lodeworks.watch.alarms.flood import Flood
from lodeworks.watch.alarms.now import AlarmNow
from lodeworks.watch.alarms.states import UNACKNOWLEDGED, Act, Condition, Event, step
from lodeworks.watch.alarms.together import Together
from lodeworks.watch.journal import Row

__all__ = ["Desk"]


class Desk:
    """The alarms of a chain as people have them. `rows` are those not yet written.

    `behind` says how far (ms) the feed of a channel is behind the clock.
    """

    def __init__(self, live: Live, channels: Channels, behind: Callable[[int], int]) -> None:
        self.live, self.channels = live, channels
        self.alarms: dict[int, Alarm] = {}
        self.rows: list[Row] = []
        self.floods: dict[str, Flood] = {}
        self.groups = Episodes()
        self.together = Together(self)
        self._behind = behind
        self._due: list[tuple[int, int, str, int, int]] = []
        self._turn = itertools.count()
        lost = np.isin(channels.kind, [KINDS.index("stale"), KINDS.index("bad")])
        periods = STALE_PERIODS * channels.period_ms[channels.tag] if len(channels) else channels.on_ms
        self._hold_ms = np.where(lost, np.maximum(channels.on_ms, periods), channels.on_ms)
        feeds = {feed.name: round(feed.clock_s * 1000) for feed in live.feeds}
        self._clock_ms = [feeds.get(tag.feed, 0) for tag in live.tags]

    def alarm(self, channel: int) -> Alarm:
        """Return an alarm."""
        return self.alarms.setdefault(channel, Alarm())

    def active(self, rule: str) -> bool:
        """Whether any alarm of a rule is active."""
        return any(channel in self.alarms and self.alarms[channel].state.active
                   for channel in self.channels.of_rule(rule))

    # ---- what the judge found -----------------------------------------------------------------------

    def found(self, found: Found, *, simulated: bool = False) -> None:
        """Take what was found of a channel, perhaps in a rehearsal: a state that steps, and rows."""
        channel, change = found.channel, found.change
        alarm, span = self.alarm(channel), change.span
        mine = span.number == alarm.occurrence
        begins = change.event == "began" or (change.event == "corrected" and span.ended is None)
        ends = change.event in ("ended", "void") or (change.event == "corrected" and span.ended is not None)
        lost = self.together.lost(channel)
        if begins and not alarm.state.active:
            alarm.begin(span.number, span.since, simulated=simulated)
            mine = True
            if lost:
                self.together.begins(channel, found.known)
        if mine:
            alarm.since, alarm.began, alarm.ended = span.since, span.began, span.ended
            if found.value == found.value:
                alarm.value = found.value
        acts: tuple[Act, ...] = ()
        if begins and mine:
            acts = self.step(channel, Event.BEGIN)
        elif ends and mine and alarm.state.active:
            latched = self.channels.rules[channel].latched and change.event != "void"
            self.step(channel, Event.LATCH if latched else Event.END)
            if lost:
                self.together.ended(channel, found.known)
        before: dict[str, Any] = {} if change.before is None else {"before": list(change.before)}
        self._row(channel, found.at, change.event, known=found.known, occurrence=self._occurrence(channel, span.number),
                  since=span.since, began=span.began, ended=span.ended, **before)
        if Act.ANNOUNCE in acts:
            self._announce(channel, found.known)
        self._drop(channel)

    def _occurrence(self, channel: int, number: int) -> str:
        return f"{self.channels.names[channel]}#{number}"

    def _announce(self, channel: int, known: int) -> None:
        """Tell the desk: a row, the group's first, the flood, and when to tell again."""
        alarm, rule = self.alarms[channel], self.channels.rules[channel]
        alarm.told += 1
        alarm.announced = known
        self._again_after(channel, known)
        first = self._first(channel) if rule.group else None
        flood = self.floods.setdefault(rule.desk, Flood())
        begins = flood.announced(known, self._behind(channel))
        more: dict[str, Any] = {} if first is None else {"first": list(first.names)}
        self._row(channel, known, "announced", again=alarm.told > 1, priority=rule.priority, **more)
        if begins:
            self.rows.append(Row(known, "flood", rule.desk, "began", data={"announced": len(flood.told)}))

    def _first(self, channel: int) -> FirstOut:
        """Put an alarm into the present episode of its group, and say which came first in it."""
        group = self.channels.rules[channel].group
        name, tag = self.channels.names[channel], int(self.channels.tag[channel])
        clock = self._clock_ms[tag] if tag >= 0 else max(self._clock_ms, default=0)
        return self.groups.enter(group, name, self.alarms[channel].since, clock, self._concerns)

    def _concerns(self, name: str) -> bool:
        channel = self.channels.place.get(name, -1)
        return channel in self.alarms and self.alarms[channel].state.condition is not Condition.NORMAL

    def first(self, group: str) -> FirstOut:
        """Return which alarms of a group's present episode may have been first."""
        return self.groups.first(group)

    # ---- covers and deeds ---------------------------------------------------------------------------

    def lay(self, channels: Iterable[int], cause: str, at: int) -> None:
        """Suppress alarms by design, for a cause."""
        for channel in channels:
            alarm = self.alarm(channel)
            if cause in alarm.causes:
                continue
            alarm.causes.append(cause)
            alarm.lift = 0
            if not alarm.state.suppressed:
                self.step(channel, Event.SUPPRESS)
            self._row(channel, at, "suppressed", cause=cause)

    def unlay(self, channels: Iterable[int], cause: str, at: int, known: int) -> None:
        """Let a cause of suppression go.

        The last one holds for another on-delay, so that a plant can come up, and for lost or bad data at least for
        three periods, so that there can be any.
        """
        for channel in channels:
            alarm = self.alarm(channel)
            if cause not in alarm.causes:
                continue
            alarm.causes.remove(cause)
            self._row(channel, at, "cause gone", cause=cause)
            delay = int(self._hold_ms[channel])
            if delay:
                alarm.lift = known + delay
                self.remind(alarm.lift, "lift", channel)
            elif not alarm.causes:
                self._unsuppress(channel, known)

    def unlay_now(self, channel: int, cause: str, at: int) -> None:
        """Let a cause of suppression go that does not hold after it; one that was gone before may still."""
        alarm = self.alarms[channel]
        alarm.causes.remove(cause)
        if not alarm.causes and alarm.lift <= at:
            self._unsuppress(channel, at)
        else:
            self._row(channel, at, "cause gone", cause=cause)

    def _unsuppress(self, channel: int, at: int) -> None:
        self.alarms[channel].lift = 0
        self.event(channel, Event.UNSUPPRESS, at, "unsuppressed")

    def event(self, channel: int, event: Event, at: int, word: str, user: str = "", note: str = "",
              **data: Any) -> bool:
        """Let something befall an alarm; put it down under a word and announce what follows. False if refused."""
        acts = self.step(channel, event)
        if Act.REFUSE in acts:
            self._drop(channel)
            return False
        self._row(channel, at, word, user, note, **data)
        if Act.ANNOUNCE in acts:
            self._announce(channel, at)
        self._drop(channel)
        return True

    def acknowledged(self, channel: int, at: int, user: str, note: str) -> bool:
        """Acknowledge an alarm; what still stands is told again after its time."""
        alarm = self.alarm(channel)
        if alarm.state.condition not in UNACKNOWLEDGED and alarm.state.condition is not Condition.HIDDEN:
            self._drop(channel)
            return False
        alarm.acknowledged, alarm.acknowledged_by, alarm.note = at, user, note
        self._again_after(channel, at, deed=True)
        return self.event(channel, Event.ACKNOWLEDGE, at, "acknowledged", user, note, began=alarm.began)

    def _again_after(self, channel: int, at: int, *, deed: bool = False) -> None:
        wait = round(self.channels.rules[channel].re_alarm_s * 1000)
        if wait:
            self.alarms[channel].re_alarm = at + wait
            self.remind(at + wait, "re-alarm", channel, deed=deed)

    def step(self, channel: int, event: Event) -> tuple[Act, ...]:
        """Let an alarm take one step of the state table, without a row."""
        alarm = self.alarm(channel)
        alarm.state, acts = step(alarm.state, event)
        return acts

    # ---- the clock ----------------------------------------------------------------------------------

    def remind(self, at: int, what: str, channel: int, *, deed: bool = False) -> None:
        """Have something looked at again at a time (ms by the clock of its feed, or of a deed)."""
        due = at if deed else at + self._behind(channel)
        heapq.heappush(self._due, (due, next(self._turn), what, channel, at))

    def clock_set(self, by: int) -> None:
        """The clock was set by so many ms: waits last as long as before; what ends at a time of day still does."""
        waits = ("lift", "together")
        self._due = [
            (due + by * (what in waits), turn, what, channel, at) for due, turn, what, channel, at in self._due
        ]
        heapq.heapify(self._due)

    def next_due(self) -> int:
        """Return when (ms by the clock) something is due."""
        due = self._due[0][0] if self._due else FAR
        return min([due, *(ends + flood.behind for flood in self.floods.values()
                           if (ends := flood.ends()) is not None)])

    def due(self, wall: int) -> None:
        """Do what is due by a time; what has since been called off is passed over."""
        for desk, flood in self.floods.items():
            ends = flood.ends()
            if ends is not None and ends + flood.behind <= wall:
                flood.end()
                self.rows.append(Row(ends, "flood", desk, "ended"))
        while self._due and self._due[0][0] <= wall:
            _, _, what, channel, at = heapq.heappop(self._due)
            alarm = self.alarms.get(channel)
            if alarm is None:
                continue
            if what == "lift" and alarm.lift == at:
                alarm.lift = 0
                if alarm.causes:
                    continue
                if self.together.lost(channel) and alarm.state.active:
                    self.together.again(channel, at)
                else:
                    self._unsuppress(channel, at)
            elif what == "together":
                self.together.due(channel, at)
            elif what == "unshelve" and alarm.shelved_until == at and alarm.state.shelved:
                self.unshelve(channel, at)
            elif what == "re-alarm" and alarm.re_alarm == at:
                self._told_again(channel, at)

    def unshelve(self, channel: int, at: int, user: str = "", note: str = "") -> bool:
        """Let an alarm come back from shelving, by itself or by somebody."""
        alarm = self.alarm(channel)
        alarm.shelved_until, alarm.shelved_by, alarm.reason = 0, "", ""
        return self.event(channel, Event.UNSHELVE, at, "unshelved", user, note, by_itself=not user)

    def _told_again(self, channel: int, at: int) -> None:
        self.alarms[channel].re_alarm = 0
        if Act.ANNOUNCE in self.step(channel, Event.RE_ALARM):
            self._announce(channel, at)

    # ---- rows ---------------------------------------------------------------------------------------

    def _row(self, channel: int, at: int, event: str, user: str = "", note: str = "", **data: Any) -> None:
        alarm, rule = self.alarms[channel], self.channels.rules[channel]
        body = {"rule": rule.name, "level": self.channels.levels[channel], "now": self.now_of(channel).as_data(),
                **data}
        key = f"{data['occurrence']}:began" if event == "began" else ""
        self.rows.append(Row(at, "alarm", self.channels.names[channel], event, user, alarm.value, note, body, key))

    def now_of(self, channel: int) -> AlarmNow:
        """Return what an alarm is."""
        return self.alarms[channel].now(self.channels.names[channel], self.channels.levels[channel],
                                        self.channels.rules[channel])

    def _drop(self, channel: int) -> None:
        """Forget an alarm that is normal and that nothing covers."""
        alarm = self.alarms.get(channel)
        if alarm is not None and alarm.quiet:
            del self.alarms[channel]

    # ---- what outlives a stop -----------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON can hold it."""
        names = self.channels.names
        return {
            "alarms": {names[c]: alarm.to_json() for c, alarm in self.alarms.items()},
            "floods": {desk: [list(flood.told), flood.since, flood.behind] for desk, flood in self.floods.items()},
            "together": {feed: names[leader] for feed, leader in self.together.leaders.items()},
            "groups": self.groups.entries,
            "due": [(due, what, names[channel], at) for due, _, what, channel, at in sorted(self._due)],
        }

    def from_json(self, kept: dict[str, Any]) -> None:
        """Take up again what was kept; what is no longer an alarm is left."""
        place = self.channels.place
        self.alarms = {place[name]: Alarm.from_json(one) for name, one in kept["alarms"].items() if name in place}
        for desk, (told, since, behind) in kept["floods"].items():
            flood = Flood(since=since, behind=behind)
            flood.told.extend(told)
            self.floods[desk] = flood
        self.groups.take_up(kept["groups"])
        self.together.leaders = {feed: place[name] for feed, name in kept["together"].items() if name in place}
        for due, what, name, at in kept["due"]:
            if name in place:
                heapq.heappush(self._due, (due, next(self._turn), what, place[name], at))
