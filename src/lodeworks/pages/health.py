"""The health of the system itself: its own tags, whether the recorder lives, and what it keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from nicegui import ui

from lodeworks.pages.accounts import Visitor
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed, text
from lodeworks.pages.listed import Listed
from lodeworks.pages.refused import COLUMNS, refused_rows
from lodeworks.pages.screens import HEALTH
from lodeworks.pages.wall import Wall
from lodeworks.pages.words import say

__all__ = ["health_page"]

_LOOK_S = 5.0


def health_page(desk: Desk, language: str, visitor: Visitor, listening: Callable[[], int]) -> None:
    """Build the page; `listening` counts the screens that listen."""
    with framed(desk.live, language, "health", visitor, full=True):
        with ui.element("dl").classes("lw-facts"):
            facts = {}
            for key in ("recorder", "history size", "journal rows", "open deeds", "watching"):
                text("dt", say(key, language))
                facts[key] = text("dd", "…")

        async def look() -> None:
            beat = desk.latest.read().heartbeat
            age = f"{max(0, desk.clock() - beat) / 1000.0:.0f} {say('s', language)}"
            facts["recorder"].text = say("alive", language).format(age=age) if beat else say("never alive", language)
            size, rows, waiting = await asyncio.to_thread(_kept, desk)
            facts["history size"].text = f"{size / 1e6:,.1f} MB"
            facts["journal rows"].text = f"{rows:,}"
            facts["open deeds"].text = str(waiting)
            facts["watching"].text = str(listening())
            refused = await asyncio.to_thread(refused_rows, desk, language)
            head.text = say("refused and marked", language).format(n=len(refused))
            table.show(refused)

        ui.timer(_LOOK_S, look)
        with ui.element("details").classes("lw-refused"):
            head = text("summary", "…")
            table = Listed("what came", COLUMNS, language, "nothing refused")
        Wall(HEALTH, language).classes("lw-hold")


def _kept(desk: Desk) -> tuple[int, int, int]:
    """Return bytes of the history in the folder, rows of the journal, and deeds that wait."""
    return _size(desk.folder.history), desk.journal.last(), len(desk.deeds.open())


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # a day was closed meanwhile
            continue
    return total
