"""The journal: every row as it was written, the newest first; as a workbook; and whether each is what was written."""

from __future__ import annotations

from nicegui import ui

from lodeworks.pages.accounts import Visitor
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed

__all__ = ["JournalList", "journal_page"]


class JournalList(ui.element, component="journal.js", esm={"lodeworks-live": "live"}):
    """The rows of the journal; the browser fetches them itself."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._props["language"] = language


def journal_page(desk: Desk, language: str, visitor: Visitor) -> None:
    """Build the page."""
    with framed(desk.live, language, "journal", visitor, full=True):
        JournalList(language).classes("lw-hold")
