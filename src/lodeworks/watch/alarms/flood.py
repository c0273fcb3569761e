"""Floods: more alarms than a person can take in, when that begins and ends, and what then stays in sight.

A flood begins with the eleventh announcement in ten minutes and ends when fewer than five lie within the last ten
(EEMUA 191's edge, as a default). In a flood the most urgent stay each for itself and the rest stand under what they
have in common.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lodeworks.network.live import AlarmRule, Live

if TYPE_CHECKING:
    from lodeworks.watch.alarms.now import AlarmNow

__all__ = ["BEGINS_ABOVE", "ENDS_BELOW", "WINDOW_MS", "Flood", "Group", "cause_of", "grouped"]

WINDOW_MS = 600_000
BEGINS_ABOVE = 10
ENDS_BELOW = 5


@dataclass
class Flood:
    """The announcements of one desk in the last ten minutes, and whether they are a flood (since when, ms).

    `behind` is how far (ms) the feed of the last one was behind the clock.
    """

    told: deque[int] = field(default_factory=deque)
    since: int | None = None
    behind: int = 0

    def announced(self, at: int, behind: int = 0) -> bool:
        """Count an announcement; return whether a flood begins with it."""
        self.told.append(at)
        self.behind = behind
        while self.told[0] <= at - WINDOW_MS:
            self.told.popleft()
        if self.since is None and len(self.told) > BEGINS_ABOVE:
            self.since = at
            return True
        return False

    def ends(self) -> int | None:
        """Return when (ms) the flood ends if nothing more is announced; None when there is none."""
        if self.since is None:
            return None
        # Fewer than so many are left once the one that many from the end has left the window.
        return self.told[-ENDS_BELOW] + WINDOW_MS if len(self.told) >= ENDS_BELOW else self.told[-1]

    def end(self) -> None:
        """Let the flood be over."""
        self.since = None


@dataclass(frozen=True)
class Group:
    """Alarms under what they have in common; one alarm alone has no `cause`."""

    cause: str
    alarms: tuple[AlarmNow, ...]


def cause_of(rule: AlarmRule, live: Live) -> str:
    """Return what an alarm is put under in a flood: its group, its element, else where it comes from."""
    if rule.group:
        return rule.group
    if rule.tag in live.place:
        tag = live.tags[live.place[rule.tag]]
        return tag.element or tag.zone or tag.site or tag.feed
    return rule.name


def grouped(alarms: Iterable[AlarmNow], live: Live, *, flood: bool) -> list[Group]:
    """Return alarms as a list to show, the most urgent and newest first; in a flood those below priority 1 together.

    Nothing is left out: every alarm is in exactly one group.
    """
    rules = {rule.name: rule for rule in live.rules}
    held: Sequence[AlarmNow] = sorted(alarms, key=lambda a: (a.priority, -a.announced, a.alarm))
    if not flood:
        return [Group("", (alarm,)) for alarm in held]
    alone = [Group("", (alarm,)) for alarm in held if alarm.priority == 1]
    under: dict[str, list[AlarmNow]] = {}
    for alarm in held:
        if alarm.priority > 1:
            under.setdefault(cause_of(rules[alarm.rule], live) if alarm.rule in rules else alarm.rule, []).append(alarm)
    return alone + [Group(cause, tuple(together)) for cause, together in under.items()]
