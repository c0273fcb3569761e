"""The command screen: the chain's schematic with what flows; beside it today against plan, in units and in money."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse
from nicegui import ui

from lodeworks.errors import WatchError
from lodeworks.pages.accounts import Visitor, may
from lodeworks.pages.answers import Language, worded
from lodeworks.pages.commodities import told_commodities
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed
from lodeworks.pages.held import Held, told_ahead, told_causes, told_now, told_worth
from lodeworks.pages.schematic import Schematic
from lodeworks.pages.trends import ECHARTS
from lodeworks.pages.words import say
from lodeworks.watch.ahead import KINDS

__all__ = ["Command", "command_page", "command_router"]

_LATEST = 4_102_444_800_000  # the year 2100, ms: no plan reaches there, and clocks of the library hardly further


class Command(ui.element, component="command.js", esm={"lodeworks-live": "live", "nicegui-echart": ECHARTS}):
    """What is to be said of today against plan; the browser fetches it every few seconds."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._props["language"] = language


def command_router(desk: Desk, held: Held | None) -> APIRouter:
    """Return the routes of the command screen."""
    routes = APIRouter(prefix="/api")

    @routes.get("/plan")
    async def plan(request: Request, language: Language) -> JSONResponse:
        told: dict[str, Any] = {"plan": "none"}
        if held is not None:
            now = await asyncio.to_thread(held.now)
            told = told_now(desk.live, now, language)
            told["commodities"] = told_commodities(held.against.net, desk.live, now, language)
            told |= await asyncio.to_thread(told_ahead, held, language)
            told["causes"] = await asyncio.to_thread(told_causes, held, language)
            told["may"] = held.ahead is not None and may(request.state.visitor.role, "look ahead")
        return worded(desk.live, language, told)

    @routes.get("/planned")
    async def planned(at: int = 0) -> JSONResponse:
        """Return what the plan has for each tag that stands beside it, at a moment (ms) or now; nothing without one."""
        moment = at or desk.clock()
        found = await asyncio.to_thread(held.planned, moment) if held is not None and 0 <= at < _LATEST else {}
        return JSONResponse({"at": moment, "planned": found})

    @routes.get("/worth")
    async def worth(language: Language) -> JSONResponse:
        """Return what each alarm costs an hour and how long what it is about lasts; nothing where there is no plan."""
        if held is None:
            return JSONResponse({"worth": None, "unit": ""})
        return JSONResponse(await asyncio.to_thread(told_worth, held, language))

    @routes.post("/ahead/{kind}")
    async def ahead(request: Request, kind: str, language: Language) -> JSONResponse:
        """Start looking ahead or planning anew; who may is asked again here."""
        visitor = desk.still(request.state.visitor)
        if visitor is None or not may(visitor.role, "look ahead"):
            raise HTTPException(403, say("not yours to do", language))
        if held is None or held.ahead is None or kind not in KINDS:
            raise HTTPException(404, say("no look ahead", language))
        try:
            await asyncio.to_thread(held.start, kind)
        except WatchError as error:
            raise HTTPException(409, error.told(language)) from None
        return JSONResponse({"started": kind})

    return routes


def command_page(desk: Desk, language: str, visitor: Visitor) -> None:
    """Build the page."""
    with framed(desk.live, language, "command", visitor, full=True), ui.element("div").classes("lw-command"):
        Schematic(language).classes("lw-hold")
        label = say("against plan", language)
        Command(language).classes("lw-command-side").props(f'tabindex=0 role=region aria-label="{label}"')
