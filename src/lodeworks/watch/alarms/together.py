"""Lost together: when a gateway dies, its two hundred sensors are one alarm.

The alarm of a lost sensor (`stale` or `bad`) waits a moment under a cover before it is announced. If by then so many
tags of the same feed are lost that it cannot be each for itself, the first is announced and the others stand under it,
suppressed by design. When the first is back, what is still lost waits its moment again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeworks.watch.alarms.channels import KINDS, STALE_PERIODS
from lodeworks.watch.alarms.states import Event

if TYPE_CHECKING:
    from lodeworks.watch.alarms.desk import Desk

__all__ = ["LOST_WITH", "MANY", "WAIT_MS", "Together"]

MANY = 3
"""So many tags of one feed lost at a time are lost together."""
WAIT_MS = 2_000
"""How long the announcement of a lost sensor waits for others."""

LOST_WITH = "lost together with "
"""What an alarm says that stands under another of its feed; the other's name follows."""

_WAITS = "lost: waiting whether others are too"
_LOST = (KINDS.index("stale"), KINDS.index("bad"))


class Together:
    """Who is lost with whom. `leaders` are the announced ones, by feed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.leaders: dict[str, int] = {}

    def lost(self, channel: int) -> bool:
        """Whether a channel is about a tag being lost."""
        return int(self._desk.channels.kind[channel]) in _LOST

    def _feed(self, channel: int) -> str:
        return self._desk.live.tags[int(self._desk.channels.tag[channel])].feed

    def _with(self, leader: int) -> str:
        return f"{LOST_WITH}{self._desk.channels.names[leader]}"

    def begins(self, channel: int, known: int) -> None:
        """Cover an alarm that is about to begin."""
        leader = self.leaders.get(self._feed(channel))
        if leader is None:
            self._cover(channel, _WAITS)
            self._desk.remind(known + WAIT_MS, "together", channel)
        else:
            self._cover(channel, self._with(leader))

    def again(self, channel: int, at: int) -> None:
        """Let an alarm whose suppression by design is over wait for others before it is announced."""
        self._desk.lay([channel], _WAITS, at)
        self._desk.remind(at + WAIT_MS, "together", channel)

    def _cover(self, channel: int, cause: str) -> None:
        alarm = self._desk.alarm(channel)
        alarm.causes.append(cause)
        alarm.lift = 0
        if not alarm.state.suppressed:
            self._desk.step(channel, Event.SUPPRESS)

    def due(self, channel: int, at: int) -> None:
        """Announce an alarm that has waited, or the first of those that are lost with it."""
        alarms = self._desk.alarms
        if channel not in alarms or _WAITS not in alarms[channel].causes:
            return
        feed = self._feed(channel)
        waiting = [c for c, alarm in alarms.items() if _WAITS in alarm.causes and self._feed(c) == feed]
        if len({int(self._desk.channels.tag[c]) for c in waiting}) < MANY:
            self._desk.unlay_now(channel, _WAITS, at)
            return
        leader = min(waiting, key=lambda c: (alarms[c].since, self._desk.channels.names[c]))
        self.leaders[feed] = leader
        for other in waiting:
            if other != leader:
                alarms[other].causes.remove(_WAITS)
                self._desk.lay([other], self._with(leader), at)
        self._desk.unlay_now(leader, _WAITS, at)

    def ended(self, channel: int, known: int) -> None:
        """Uncover an alarm that has ended; if it stood for others, let those wait again."""
        alarm = self._desk.alarm(channel)
        feed = self._feed(channel)
        leader = self.leaders.get(feed)
        for cause in [_WAITS, *([] if leader is None else [self._with(leader)])]:
            if cause in alarm.causes:
                alarm.causes.remove(cause)
        if not alarm.causes and alarm.state.suppressed and not alarm.lift:
            self._desk.step(channel, Event.UNSUPPRESS)
        if leader != channel:
            return
        del self.leaders[feed]
        cause = self._with(channel)
        for other, one in list(self._desk.alarms.items()):
            if cause in one.causes:
                one.causes.remove(cause)
                self._desk.lay([other], _WAITS, known)
                period = int(self._desk.channels.period_ms[int(self._desk.channels.tag[other])])
                self._desk.remind(known + max(WAIT_MS, STALE_PERIODS * period), "together", other)
