"""The page of an emergency: what is to be done by whom until when, who is still inside, and how they get out."""

from __future__ import annotations

from nicegui import ui
from nicegui.events import GenericEventArguments

from lodeworks.pages.accounts import Visitor
from lodeworks.pages.confirming import Wish, confirm
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed
from lodeworks.pages.words import Titles, say

__all__ = ["IncidentBoard", "incident_page"]

_DATA = {
    "incident_open": (), "incident_step": ("step",), "incident_undo": ("step",), "incident_part": ("role",),
    "incident_block": ("roadway",), "incident_unblock": ("roadway",), "incident_call": ("contact",),
    "incident_note": (), "incident_close": (),
}
"""What each deed names beside the incident."""


class IncidentBoard(ui.element, component="incident.js", esm={"lodeworks-live": "live"}):
    """The open incident and those before; emits `deed` with its kind, the incident and what it names."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._props["language"] = language


def incident_page(desk: Desk, language: str, visitor: Visitor, rule: str) -> None:
    """Build the page; `rule` is an alarm whose incident is offered to be opened."""
    titles = Titles(desk.live, language)
    kinds = {kind.name: titles.pick(kind.title_en, kind.title_zh) for kind in desk.live.incidents}

    def deed(event: GenericEventArguments) -> None:
        given = event.args if isinstance(event.args, dict) else {}
        kind, subject, title = (str(given.get(key, ""))[:300] for key in ("kind", "subject", "title"))
        if kind not in _DATA or not subject:
            return
        data: dict[str, object] = {name: str(given.get(name, ""))[:300] for name in _DATA[kind]}
        if kind == "incident_open":
            data["drill"] = bool(given.get("drill"))
            title = kinds.get(subject, subject) + (f" ({say('drill', language)})" if data["drill"] else "")
        person = (("person", say("person", language), str(given.get("person", ""))),) if kind == "incident_part" else ()
        wish = Wish(kind, subject, title or subject, note=kind == "incident_note", data=data, fields=person)
        confirm(desk, visitor, language, wish)

    with framed(desk.live, language, "incident", visitor):
        board = IncidentBoard(language).classes("lw-hold").on("deed", deed)
        starts = [kind.name for kind in desk.live.incidents if rule and rule in kind.starts]
        board.props["offered"] = starts[0] if starts else ""
