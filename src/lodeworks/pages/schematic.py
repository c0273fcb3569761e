"""The schematic: sites, ways on foot, routes with what flows on them, people, and the robot on its route.

One for the mine (roadway metres, people by zone, refuges, ways out) and for the region (routes with flows as widths).
"""

from __future__ import annotations

from urllib.parse import urlencode

from nicegui import ui

from lodeworks.pages.accounts import Visitor
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed
from lodeworks.pages.mapped import MAP

__all__ = ["Schematic", "map_page"]


class Schematic(ui.element, component="schematic.js", esm={"lodeworks-live": "live"}):
    """The schematic of a chain, moved by the live stream."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._props["language"] = language
        self._props["live"] = "/api/live?" + urlencode({"screen": MAP, "language": language})


def map_page(desk: Desk, language: str, visitor: Visitor) -> None:
    """Build the page."""
    with framed(desk.live, language, "map", visitor, full=True):
        Schematic(language).classes("lw-hold")
