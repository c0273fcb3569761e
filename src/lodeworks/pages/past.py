"""The time machine: any past minute on the same wall, at one to a hundred times its speed.

Values are those measured by then, by source time; alarms, acknowledgements and shelves are what the journal's rows
written by then say, so what the desk knew. What came late is shown when it was measured: the history keeps no time of
receipt of closed days.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import numpy as np
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from nicegui import ui
from numpy.typing import NDArray

from lodeworks.pages.accounts import Visitor
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed
from lodeworks.pages.stream import Channel, Subscriber, as_text
from lodeworks.pages.told import Told, alarm_text, incident_text
from lodeworks.pages.wall import Wall, screens_offered
from lodeworks.pages.words import LANGUAGES
from lodeworks.watch.history import History, Series
from lodeworks.watch.incidents import IncidentNow, take
from lodeworks.watch.present import NEVER, PresentValues
from lodeworks.watch.samples import Quality

__all__ = ["FASTEST", "Moments", "PastControl", "past_page", "past_router"]

FASTEST = 100.0
TICK_S = 0.5
_FIRST_S, _STEP_S, _FARTHEST_S = 120.0, 3600.0, 86_400.0
"""How far back a last value is looked for: first, in steps of at most, and at the farthest."""
_AHEAD_S = 120.0
_BACK_MS = 600_000  # the page opens at what has just been


class Moments:
    """The values of some tags at any past moment, read from the history a stretch at a time."""

    def __init__(self, history: History, tags: Sequence[int], total: int) -> None:
        self._history, self._tags, self._total = history, list(tags), total
        self._since = self._until = 0
        self._columns: dict[int, tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]] = {}

    def at(self, moment: int, ahead_s: float = _AHEAD_S) -> PresentValues:
        """Return the last sample of each tag measured up to a moment (ms); `ahead_s` is how far is read at once."""
        if not self._since <= moment < self._until:
            self._read(moment, ahead_s)
        value, at = np.full(self._total, np.nan), np.full(self._total, NEVER, np.int64)
        quality = np.full(self._total, Quality.BAD, np.uint8)
        for tag, (times, values, grades) in self._columns.items():
            last = int(np.searchsorted(times, moment, side="right")) - 1
            if last >= 0:
                value[tag], at[tag], quality[tag] = values[last], times[last], grades[last]
        return PresentValues(value, at, at, quality, moment)

    def _read(self, moment: int, ahead_s: float) -> None:
        """Read on from a moment, and back from it as far as needed for a last value of each tag: in steps, so that
        what fell silent long ago costs no reading of all there was before."""
        until = moment + round(1000 * ahead_s)
        found: dict[int, list[Series]] = {tag: [] for tag in self._tags}
        wanted, upto, step_s, back_s = list(self._tags), until, _FIRST_S, 0.0
        while wanted and back_s < _FARTHEST_S:
            back_s += step_s
            since = moment - round(1000 * back_s)
            for tag, series in zip(wanted, self._history.read(wanted, since, upto), strict=True):
                found[tag].append(series)
            wanted = [tag for tag in wanted if not len(found[tag][-1].at) or found[tag][-1].at[0] > moment]
            upto, step_s = since, min(2 * step_s, _STEP_S)
        self._columns = {
            tag: (
                np.concatenate([series.at for series in reversed(parts)]),
                np.concatenate([series.value for series in reversed(parts)]),
                np.concatenate([series.quality for series in reversed(parts)]),
            )
            for tag, parts in found.items()
        }
        self._since, self._until = moment, until


def past_router(desk: Desk) -> APIRouter:
    """Return the stream of the past: like the live one, but where and how fast is said by the browser."""
    routes = APIRouter(prefix="/api")

    @routes.websocket("/past")
    async def past(socket: WebSocket, screen: str = "", language: str = "zh", at: int = 0) -> None:
        await socket.accept()
        if screen not in desk.boards or language not in LANGUAGES:
            await socket.close(4404, "no such screen")
            return
        playing = _Playing(desk, screen, language, at)
        sending = asyncio.create_task(playing.run(socket))
        try:
            while True:
                playing.wish(await socket.receive_text())
        except (WebSocketDisconnect, KeyError):
            pass
        finally:
            sending.cancel()

    return routes


class _Playing:
    """One browser's journey through the past."""

    def __init__(self, desk: Desk, screen: str, language: str, at: int) -> None:
        self._desk, self._language = desk, language
        self._tags = desk.boards[screen].tags
        self._moments = Moments(desk.history, self._tags, len(desk.live.tags))
        self._wish = asyncio.Event()
        self.speed, self.plays = 1.0, False
        self.moment = self._within(at)
        self._anew()

    def _within(self, at: float) -> int:
        now = self._desk.clock()
        return round(min(max(at, 0), now)) if at else now - 60_000

    def _anew(self) -> None:
        self._channel, self._subscriber = Channel(self._tags), Subscriber()
        self._channel.subscribers.add(self._subscriber)
        self._told: Told | None = None
        self._incidents: dict[str, IncidentNow] = {}
        self._text = b""

    def wish(self, text: str) -> None:
        """Take what the browser asks for; what makes no sense is passed over."""
        try:
            asked = json.loads(text[:1000])
            if not isinstance(asked, dict):
                return
            speed, at = float(asked.get("speed", self.speed)), float(asked.get("at", self.moment))
        except (ValueError, TypeError, RecursionError):
            return
        if not (np.isfinite(speed) and np.isfinite(at)):
            return
        self.speed, self.plays = min(max(speed, 1.0), FASTEST), bool(asked.get("plays", self.plays))
        if "at" in asked:
            self.moment = self._within(at)
            self._anew()
        self._wish.set()

    async def run(self, socket: WebSocket) -> None:
        """Send a message each half second while it plays, and one after each wish."""
        while True:
            self._wish.clear()
            await asyncio.to_thread(self._tell)
            while not self._subscriber.queue.empty():
                await socket.send_bytes(self._subscriber.queue.get_nowait())
            if self.plays:
                await asyncio.sleep(TICK_S)
                ahead = self.moment + round(1000 * TICK_S * self.speed)
                self.moment = min(ahead, self._desk.clock())
            else:
                await self._wish.wait()

    def _tell(self) -> None:
        moment, channel = self.moment, self._channel
        values = self._moments.at(moment, max(_AHEAD_S, 20 * self.speed))
        journal = self._desk.journal
        number = journal.written_by(moment)
        if self._told is None or number < self._told.number:
            self._told, self._incidents = Told.by(journal, number), {}
            self._opened(0, number)
        elif number > self._told.number:
            self._opened(self._told.number, number)
            self._told.take(journal.since(self._told.number, most=number - self._told.number))
        elif self._text:
            channel.tick(moment, moment, values, self._text)
            return
        opened = [one for one in self._incidents.values() if not one.closed]
        told = alarm_text(self._desk.live, self._told, self._language) | incident_text(opened, self._language)
        self._text = as_text({**told, "past": True})
        channel.tick(moment, moment, values, self._text)

    def _opened(self, after: int, upto: int) -> None:
        """Take in what the journal's rows say of incidents."""
        for row in self._desk.journal.of_kind("incident", after=after, upto=upto):
            take(self._desk.live, self._incidents, row)


class PastControl(ui.element, component="past.js", esm={"lodeworks-live": "live"}):
    """The moment, the speed and the ways through the past; steers the stream that the wall beside it listens to."""

    def __init__(self, language: str, live: str, at: int) -> None:
        super().__init__()
        self._props.update({"language": language, "live": live, "at": at})


def past_page(desk: Desk, language: str, visitor: Visitor, screen: str, at: int) -> None:
    """Build the page: the wall of a screen, and above it the control."""
    chosen = screen if screen in desk.boards else next(iter(desk.boards))
    moment = at if 0 < at < desk.clock() else desk.clock() - _BACK_MS
    address = f"/api/past?screen={chosen}&language={language}&at={moment}"
    with framed(desk.live, language, "past", visitor, full=True):
        screens_offered(desk, language, chosen, lambda name: f"/{language}/past?screen={name}&at={moment}")
        PastControl(language, address, moment)
        Wall(chosen, language, address).classes("lw-hold")
