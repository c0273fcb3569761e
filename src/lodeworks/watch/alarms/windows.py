"""Calibration windows: a sensor is given a known gas, and nobody is called for it.

A window is opened for a tag by a person, with the gas expected and an end; it closes by itself. In it, and as long as
the source itself marks samples as a test, the tag's alarms are suppressed by design and all of it is in the journal; a
neighbour's alarms are not touched. What still stands when the window closes is announced.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lodeworks.network.live import Live
from lodeworks.watch.alarms.channels import Channels
from lodeworks.watch.alarms.courses import FAR
from lodeworks.watch.alarms.desk import Desk
from lodeworks.watch.alarms.judge import Testing
from lodeworks.watch.journal import Row

__all__ = ["LONGEST_MS", "Window", "Windows"]

LONGEST_MS = 4 * 3_600_000
"""The longest a window may be; a longer test is two."""

_WINDOW, _TEST = "calibration window", "calibration: samples of quality test"


@dataclass(frozen=True)
class Window:
    """A tag's calibration: from, until (ms), by whom, with what expected value, and a note."""

    since: int
    until: int
    by: str
    expected: float
    note: str = ""


class Windows:
    """The calibration windows that are open."""

    def __init__(self, live: Live, channels: Channels, desk: Desk) -> None:
        self.live, self._desk = live, desk
        self.open: dict[int, Window] = {}
        self._channels: dict[int, list[int]] = {}
        for channel, rule in enumerate(channels.rules):
            tags = [int(channels.tag[channel])] if rule.kind != "expression" else (
                [live.place[name] for name in rule.program.names] if rule.program is not None else [])
            for tag in tags:
                self._channels.setdefault(tag, []).append(channel)

    def begin(self, tag: int, window: Window) -> None:
        """Open a tag's window."""
        self.open[tag] = window
        self._row(tag, window.since, "began", window, window.by)
        self._desk.lay(self._channels.get(tag, ()), _WINDOW, window.since)

    def end(self, tag: int, at: int, by: str = "") -> None:
        """Close a tag's window."""
        window = self.open.pop(tag)
        self._row(tag, at, "ended", window, by)
        self._desk.unlay(self._channels.get(tag, ()), _WINDOW, at, at)

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
        """Return when (ms) the next window closes."""
        return min((window.until for window in self.open.values()), default=FAR)

    def due(self, wall: int) -> None:
        """Close what is to close by a time."""
        for tag, window in sorted(self.open.items()):
            if window.until <= wall:
                self.end(tag, window.until)

    def _row(self, tag: int, at: int, event: str, window: Window, user: str) -> None:
        self._desk.rows.append(Row(at, "calibration", self.live.tags[tag].name, event, user, window.expected,
                                   window.note, asdict(window)))

    def to_json(self) -> dict[str, Any]:
        """Return the open windows as JSON can hold them."""
        return {self.live.tags[tag].name: asdict(window) for tag, window in self.open.items()}

    def from_json(self, kept: dict[str, Any]) -> None:
        """Open them again."""
        place = self.live.place
        self.open = {place[name]: Window(**window) for name, window in kept.items() if name in place}
