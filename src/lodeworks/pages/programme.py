"""The page of actions: a programme of work as a tree that adds up, who owes what this week, what is late or blocked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse, Response
from nicegui import ui
from nicegui.events import GenericEventArguments

from lodeworks.pages.accounts import Visitor
from lodeworks.pages.answers import Language, worded
from lodeworks.pages.confirming import Wish, confirm
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed
from lodeworks.pages.hub import Hub
from lodeworks.pages.rounds import along
from lodeworks.pages.words import Titles, say, unit_told
from lodeworks.watch.actions import STATES, ActionNow, actions, mismatches, owed
from lodeworks.watch.found import passes, picture_of
from lodeworks.watch.journal import Row
from lodeworks.watch.rounds import chainage

__all__ = ["ActionTree", "actions_page", "actions_router"]

_WEEK_MS = 7 * 86_400_000
_PAST_MS = 3 * 86_400_000  # of which passes of a place are told


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
        rows = hub.actions()
        found = actions(desk.live, rows, now)
        places = {row.subject: chainage(float(row.data["metres"])) for row in rows if _is_found(row)}
        week = owed(found, now + _WEEK_MS)
        return worded(
            desk.live, language,
            {
                "tree": [_told(item, titles, places) for item in found], "now": now,
                "owed": [
                    {"owner": titles.of(owner), "items": [item.name for item in items]} for owner, items in week.items()
                ],
                "mismatches": [
                    {"name": one.name, "level": titles.of(one.level), "stated": one.stated, "found": one.found}
                    for one in mismatches(found)
                ],
            },
        )

    def made(item: str) -> Row:
        """Return the row that made an item of a round's."""
        row = next((row for row in hub.actions() if row.subject == item and _is_found(row)), None)
        if row is None:
            raise HTTPException(404, "no such item of a round")
        return row

    @routes.get("/found")
    def found_at(language: Language, item: str = Query(max_length=300)) -> JSONResponse:
        """Return what each pass of the last days measured at an item's place, and of when its picture is."""
        row, now, live = made(item), desk.clock(), desk.live
        of = next((one for one in live.rounds if one.name == row.data["round"]), None)
        tag, seen = live.place.get(row.data["tag"], -1), []
        if of is not None and tag >= 0 and of.position in live.place:
            position, measured = desk.history.read([live.place[of.position], tag], now - _PAST_MS, now)
            where, what = along(live, of, position, measured)
            seen = passes(what.at, where.value, what.value, float(row.data["metres"]))
        picture = picture_of(desk.folder, item, language)
        return worded(live, language, {
            "unit": unit_told(live.tags[tag].unit, language) if tag >= 0 else "",
            "passes": [{"at": one.at, "most": round(one.most, 4)} for one in seen],
            "limits": sorted({limit.value for rule in desk.in_force().rules if rule.name == row.data["rule"]
                              for limit in rule.limits}),
            "picture": None if picture is None else {"at": picture.at, "drawn": picture.drawn},
        })

    @routes.get("/found/picture")
    def picture(language: Language, item: str = Query(max_length=300)) -> Response:
        """Return the picture that was kept with an item; its name is looked up, never joined to a path."""
        frame = picture_of(desk.folder, made(item).subject, language)
        if frame is None:
            raise HTTPException(404, "no picture")
        kind = "png" if frame.path.suffix == ".png" else "jpeg"
        return Response(frame.content, media_type=f"image/{kind}", headers={"cache-control": "private, max-age=3600"})

    return routes


def _is_found(row: Row) -> bool:
    """Whether a row makes an item of what a round found at a place."""
    return row.event == "made" and "round" in row.data and "metres" in row.data


def _told(item: ActionNow, titles: Titles, places: Mapping[str, str]) -> dict[str, Any]:
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
        "children": [_told(child, titles, places) for child in item.children],
        "place": places.get(item.name, ""),
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
