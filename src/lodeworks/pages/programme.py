"""The page of actions: a programme of work as a tree that adds up, who owes what this week, what is late or blocked."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from nicegui import ui
from nicegui.events import GenericEventArguments

from lodeworks.pages.accounts import Visitor
from lodeworks.pages.answers import Language, worded
from lodeworks.pages.confirming import Wish, confirm
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed
from lodeworks.pages.hub import Hub
from lodeworks.pages.words import Titles, say
from lodeworks.watch.actions import STATES, ActionNow, actions, mismatches, owed

__all__ = ["ActionTree", "actions_page", "actions_router"]

_WEEK_MS = 7 * 86_400_000


class ActionTree(ui.element, component="actions.js", esm={"lodeworks-live": "live"}):
    """The tree of actions; emits `deed` with its kind and the item."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._props["language"] = language


def actions_router(desk: Desk, hub: Hub) -> APIRouter:
    """Return the route of actions."""
    routes = APIRouter(prefix="/api")

    @routes.get("/actions")
    def tree(language: Language) -> JSONResponse:
        titles, now = Titles(desk.live, language), desk.clock()
        found = actions(desk.live, hub.actions(), now)
        week = owed(found, now + _WEEK_MS)
        return worded(
            desk.live, language,
            {
                "tree": [_told(item, titles) for item in found], "now": now,
                "owed": [
                    {"owner": titles.of(owner), "items": [item.name for item in items]} for owner, items in week.items()
                ],
                "mismatches": [
                    {"name": one.name, "level": titles.of(one.level), "stated": one.stated, "found": one.found}
                    for one in mismatches(found)
                ],
            },
        )

    return routes


def _told(item: ActionNow, titles: Titles) -> dict[str, Any]:
    action = item.action
    return {
        "name": item.name, "title": titles.pick(action.title_en, action.title_zh) or item.name, "state": item.state,
        "owner": titles.of(item.owner), "due": item.due, "late": item.late, "blocked": item.blocked,
        "why": titles.pick(item.why, item.why_zh), "evidence": titles.of(action.evidence),
        "proofs": [{"row": row.number, "text": row.said(titles.language)} for row in item.proofs],
        "totals": [
            {"level": titles.of(total.level), "count": total.count, "done": total.done, "late": total.late}
            for total in item.totals
        ],
        "children": [_told(child, titles) for child in item.children],
    }


def actions_page(desk: Desk, language: str, visitor: Visitor) -> None:
    """Build the page."""

    def deed(event: GenericEventArguments) -> None:
        given = event.args if isinstance(event.args, dict) else {}
        kind, name, title, state = (str(given.get(key, ""))[:300] for key in ("kind", "name", "title", "state"))
        if kind == "action_state" and state in STATES:
            told = f"{title or name} → {say(state, language)}"
            wish = Wish(kind, name, told, note=state in ("blocked", "dropped"), data={"state": state})
        elif kind == "action_evidence":
            wish = Wish(kind, name, title or name, note=True)
        else:
            return
        confirm(desk, visitor, language, wish)

    with framed(desk.live, language, "actions", visitor):
        ActionTree(language).classes("lw-hold").on("deed", deed)
