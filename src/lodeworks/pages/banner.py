"""The banner of pages that have no tiles of their own: what must be said above all else stands on every page.

That the line to the server or the recorder is lost, which incidents are open, and that what is shown is no plant's but
a rehearsal's. Pages with tiles say the same themselves, beside what they show.
"""

from __future__ import annotations

from urllib.parse import urlencode

from nicegui import ui

__all__ = ["Banner"]


class Banner(ui.element, component="banner.js", esm={"lodeworks-live": "live"}):
    """Listens to the stream that has alarms and incidents only."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._props["language"] = language
        self._props["live"] = "/api/live?" + urlencode({"screen": "", "language": language})
