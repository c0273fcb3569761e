"""Calibration windows: a sensor is given a known gas, and nobody is called for it.

A window is declared for a tag by a person, with the gas expected, a beginning, an end and a reason; it opens and
closes by itself. In it, and as long as the source itself marks samples as a test, the tag's alarms are suppressed by
design and all of it is in the journal; a neighbour's alarms are not touched. What still stands when the window closes
is announced.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from lodeworks.network.live import Live
from lodeworks.watch.alarms.channels import Channels
from lodeworks.watch.alarms.courses import FAR
from lodeworks.watch.alarms.desk import Desk
from lodeworks.watch.alarms.judge import Testing
from lodeworks.watch.journal import Row

__all__ = ["AHEAD_MS", "LONGEST_MS", "WINDOW", "Calibration", "Window", "Windows", "calibrations"]

LONGEST_MS = 4 * 3_600_000
"""The longest a window may be; a longer test is two."""
AHEAD_MS = 31 * 86_400_000
"""How long before it begins a window may be declared."""
WINDOW = "calibration window"
"""What an alarm under a window says it is suppressed by."""

_TEST = "calibration: samples of quality test"


@dataclass(frozen=True)
class Window:
    """A tag's calibration: from, until (ms), by whom, with what expected value, and a note."""

    since: int
    until: int
    by: str
    expected: float
    note: str = ""


@dataclass(frozen=True)
class Calibration:
    """A calibration as the journal tells it.

    `state` is ``declared``, ``open``, ``over`` or ``called off``; `ended` is when (ms) it was closed or called off, and
    `ended_by` by whom, empty where it closed by itself.
    """

    tag: str
    window: Window
    state: str
    ended: int = 0
    ended_by: str = ""


def calibrations(rows: Iterable[Row]) -> list[Calibration]:
    """Return the calibrations that rows of the journal tell of, those that begin last first."""
    found: dict[tuple[str, int], Calibration] = {}
    for row in rows:
        if row.kind != "calibration":
            continue
        window = Window(**row.data)
        key = row.subject, window.since
        if row.event in ("declared", "began"):
            found[key] = Calibration(row.subject, window, "declared" if row.event == "declared" else "open")
        elif key in found:
            state = "over" if row.event == "ended" else "called off"
            found[key] = replace(found[key], state=state, ended=row.at, ended_by=row.user)
    return sorted(found.values(), key=lambda one: (-one.window.since, one.tag))


class Windows:
    """The calibration windows that are open, and those declared for later, by tag."""

    def __init__(self, live: Live, channels: Channels, desk: Desk) -> None:
        self.live, self._desk = live, desk
        self.open: dict[int, Window] = {}
        self.declared: dict[int, list[Window]] = {}
        self._channels: dict[int, list[int]] = {}
        for channel, rule in enumerate(channels.rules):
            for name in rule.judged:
                self._channels.setdefault(live.place[name], []).append(channel)

    def overlapping(self, tag: int, since: int, until: int) -> Window | None:
        """Return a window of a tag that is open or declared within a stretch of time."""
        held = [*([self.open[tag]] if tag in self.open else []), *self.declared.get(tag, ())]
        return next((one for one in held if one.since < until and since < one.until), None)

    def declare(self, tag: int, window: Window, at: int) -> None:
        """Put down a tag's window for later."""
        self.declared[tag] = sorted([*self.declared.get(tag, ()), window], key=lambda one: one.since)
        self._row(tag, at, "declared", window, window.by)

    def call_off(self, tag: int, since: int, at: int, by: str) -> bool:
        """Take back a window that is declared to begin at a time; False if there is none."""
        left = [one for one in self.declared.get(tag, ()) if one.since != since]
        gone = [one for one in self.declared.get(tag, ()) if one.since == since]
        if gone:
            self._keep(tag, left)
            self._row(tag, at, "called off", gone[0], by)
        return bool(gone)

    def _keep(self, tag: int, left: list[Window]) -> None:
        if left:
            self.declared[tag] = left
        else:
            del self.declared[tag]

    def begin(self, tag: int, window: Window) -> None:
        """Open a tag's window."""
        self.open[tag] = window
        self._row(tag, window.since, "began", window, window.by)
        self._desk.lay(self._channels.get(tag, ()), WINDOW, window.since)

    def end(self, tag: int, at: int, by: str = "") -> None:
        """Close a tag's window."""
        window = self.open.pop(tag)
        self._row(tag, at, "ended", window, by)
        self._desk.unlay(self._channels.get(tag, ()), WINDOW, at, at)

    def tested(self, testing: Testing) -> None:
        """Take that a tag's source begins or ceases to mark its samples as a test."""
        channels = self._channels.get(testing.tag, ())
        if testing.begins:
            self._desk.lay(channels, _TEST, testing.at)
        else:
            self._desk.unlay(channels, _TEST, testing.at, testing.known)

    def testing(self) -> frozenset[int]:
        """Return the tags whose window is open."""
        return frozenset(self.open)

    def next_due(self) -> int:
        """Return when (ms) the next window opens or closes."""
        return min([*(window.until for window in self.open.values()),
                    *(held[0].since for held in self.declared.values())], default=FAR)

    def due(self, wall: int) -> None:
        """Close and open what is to close and open by a time; at one time, what closes comes first."""
        for tag, window in sorted(self.open.items()):
            if window.until <= wall:
                self.end(tag, window.until)
        for tag, held in sorted(self.declared.items()):
            if held[0].since <= wall:
                self._keep(tag, held[1:])
                self.begin(tag, held[0])

    def _row(self, tag: int, at: int, event: str, window: Window, user: str) -> None:
        self._desk.rows.append(Row(at, "calibration", self.live.tags[tag].name, event, user, window.expected,
                                   window.note, asdict(window)))

    def to_json(self) -> dict[str, Any]:
        """Return the windows as JSON can hold them: of each tag the open one, if there is one, and those declared."""
        return {self.live.tags[tag].name: [asdict(self.open[tag]) if tag in self.open else None,
                                           *(asdict(one) for one in self.declared.get(tag, ()))]
                for tag in sorted({*self.open, *self.declared})}

    def from_json(self, kept: dict[str, Any]) -> None:
        """Take them up again."""
        place = self.live.place
        known = {place[name]: windows for name, windows in kept.items() if name in place}
        self.open = {tag: Window(**opened) for tag, (opened, *_) in known.items() if opened is not None}
        self.declared = {tag: [Window(**one) for one in later] for tag, (_, *later) in known.items() if later}
