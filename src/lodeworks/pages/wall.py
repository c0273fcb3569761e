"""The wall: one element that owns its tiles and the alarm list; what it shows comes by the live stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from lodeworks.pages.accounts import Visitor
from lodeworks.pages.alarms import heard
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed, text
from lodeworks.pages.words import Titles, say

__all__ = ["Wall", "screens_offered", "wall_page"]


class Wall(ui.element, component="wall.js", esm={"lodeworks-live": "live"}):
    """The tiles and alarms of one screen.

    Parameters
    ----------
    screen
        The name of a screen.
    language
        ``zh`` or ``en``.
    live
        The address of the stream it listens to: the present, or a stretch of the past played again.
    voice
        How alarms are heard there (`alarms.heard`); none where nothing sounds.
    """

    def __init__(self, screen: str, language: str, live: str = "", voice: dict[str, Any] | None = None) -> None:
        super().__init__()
        self._props["screen"] = screen
        self._props["language"] = language
        self._props["voice"] = voice
        self._props["live"] = live or "/api/live?" + urlencode({"screen": screen, "language": language})


def screens_offered(desk: Desk, language: str, screen: str, address: Callable[[str], str]) -> None:
    """Offer the ways to every screen, where there is more than one."""
    if len(desk.boards) < 2:
        return
    titles = Titles(desk.live, language)
    with ui.element("nav").classes("lw-screens").props(f'aria-label="{say("screens", language)}"'):
        for name, board in desk.boards.items():
            link = text("a", titles.pick(board.title_en, board.title_zh) or name)
            link.props["href"] = address(name)
            if name == screen:
                link.props["aria-current"] = "page"


def wall_page(desk: Desk, language: str, visitor: Visitor, screen: str) -> None:
    """Build the page of one screen."""
    with framed(desk.live, language, "wall", visitor, full=True):
        screens_offered(desk, language, screen, lambda name: f"/{language}/wall/{name}")
        # Nobody works at a wall with a token of its own: it sounds unless somebody switched that off.
        voice = heard(desk.live, language, wall=True, wanted=visitor.role == "wall")
        Wall(screen, language, voice=voice).classes("lw-hold")
