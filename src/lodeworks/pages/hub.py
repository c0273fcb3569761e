"""The tick: twice a second present and journal are read once, and every screen's clients are told what changed.

One task for the whole server. What is told is encoded once for all who look at the same screen in the same language.
"""

from __future__ import annotations

import asyncio
import logging
import threading

from lodeworks.pages.desk import Desk
from lodeworks.pages.stream import Channel, as_text
from lodeworks.pages.told import Followed, Told, alarm_text, incident_text
from lodeworks.pages.words import LANGUAGES
from lodeworks.watch.clock import speed_of
from lodeworks.watch.incidents import IncidentNow, take
from lodeworks.watch.journal import Row
from lodeworks.watch.samples import Quality

__all__ = ["TICK_S", "Hub"]

TICK_S = 0.5
_LOG = logging.getLogger(__name__)


class Hub:
    """All channels of one server."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.channels: dict[tuple[str, str], Channel] = {}
        self.told = Told()
        self._followed = {kind: Followed(kind) for kind in ("incident", "action")}
        self._incidents: dict[str, IncidentNow] = {}
        self._actions: list[Row] = []
        self._following = threading.Lock()
        self._texts: dict[str, bytes] = {}
        self._row = -1  # the journal's row the texts tell
        self._simulated = False

    def channel(self, screen: str, language: str) -> Channel:
        """Return the channel of a screen in a language.

        Raises
        ------
        KeyError
            If there is no such screen; the empty name is the one with alarms only.
        """
        key = (screen, language)
        if key not in self.channels:
            self.channels[key] = Channel(self.desk.streams[screen])
        return self.channels[key]

    def actions(self) -> list[Row]:
        """Return all rows about actions, up to now."""
        with self._following:
            self._actions += self._followed["action"].follow(self.desk.journal)
            return list(self._actions)

    def incidents(self) -> dict[str, IncidentNow]:
        """Return every incident by name."""
        with self._following:
            for row in self._followed["incident"].follow(self.desk.journal):
                take(self.desk.live, self._incidents, row)
            return dict(self._incidents)

    def follow(self) -> bool:
        """Take in what the desk was told since; return whether there was anything."""
        with self._following:
            return self.told.follow(self.desk.journal)

    async def run(self) -> None:
        """Tick until cancelled. A tick that fails is told in the log, and the next is tried."""
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            try:
                await self.tick()
            except Exception:
                _LOG.exception("a tick of the pages failed")
            await asyncio.sleep(max(0.05, TICK_S - (loop.time() - begun)))

    async def tick(self) -> None:
        """Read once, tell everybody."""
        if not any(channel.subscribers for channel in self.channels.values()):
            return
        now, values = self.desk.clock(), self.desk.latest.read()
        simulated = bool((values.quality == Quality.SIMULATED).any())
        fresh = await asyncio.to_thread(self.follow) or self.told.number != self._row or simulated != self._simulated
        if fresh or not self._texts:
            self._row, self._simulated = self.told.number, simulated
            live, standing = self.desk.live, await asyncio.to_thread(self.incidents)
            opened = [one for one in standing.values() if not one.closed]
            self._texts = {
                language: as_text({
                    **alarm_text(live, self.told, language), **incident_text(opened, language), "simulated": simulated,
                }) for language in LANGUAGES
            }
        for (_, language), channel in self.channels.items():
            if channel.subscribers:
                channel.tick(now, values.heartbeat, values, self._texts[language], speed_of(self.desk.clock))
