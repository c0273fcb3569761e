"""Inspection rounds along a route: what was measured at which metre, the last hour before what was before it.

A hot roller stands out against its neighbours and against its own past. Values are joined to the position that was
measured last before them, if that is no older than three of its periods; calibrations and bad values are left out.
"""

from __future__ import annotations

import numpy as np
from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse, Response
from nicegui import ui

from lodeworks.network.live import Live, Round
from lodeworks.pages.accounts import Visitor
from lodeworks.pages.answers import Language, worded
from lodeworks.pages.api import packed
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed, text
from lodeworks.pages.screens import teller
from lodeworks.pages.trends import ECHARTS
from lodeworks.pages.words import Titles, say
from lodeworks.watch.history import Series
from lodeworks.watch.samples import Quality

__all__ = ["RoundProfile", "along", "rounds_page", "rounds_router"]

_MOST_MS = 24 * 3_600_000
_UNUSED = (int(Quality.BAD), int(Quality.TEST))


def along(live: Live, made: Round, position: Series, measured: Series) -> tuple[Series, Series]:
    """Return the positions and the values of one tag of a round, one position a value, in order of time."""
    period = live.tags[live.place[made.position]].period_s
    there = ~np.isin(position.quality, _UNUSED)
    at, metres = position.at[there], position.value[there]
    last = np.searchsorted(at, measured.at, side="right") - 1
    known = (last >= 0) & ~np.isin(measured.quality, _UNUSED)
    known &= measured.at - at[np.maximum(last, 0)] <= 3000.0 * period if len(at) else False
    moments, values = measured.at[known], measured.value[known]
    low, high = (float(values.min()), float(values.max())) if len(values) else (np.nan, np.nan)
    grades = measured.quality[known]
    where = Series(moments, metres[last[known]], grades, made.start_m, made.end_m, len(moments))
    return where, Series(moments, values, grades, low, high, len(moments))


def rounds_router(desk: Desk) -> APIRouter:
    """Return the routes of inspection rounds."""
    routes = APIRouter(prefix="/api")
    known = {made.name: made for made in desk.live.rounds if made.position in desk.live.place}

    @routes.get("/rounds")
    def rounds(language: Language) -> JSONResponse:
        titles, tell = Titles(desk.live, language), teller(desk.in_force(), language)
        told = [
            {
                "name": made.name, "title": titles.pick(made.title_en, made.title_zh), "start": made.start_m,
                "end": made.end_m, "gaps": list(made.gaps), "stops": list(made.stops),
                "tags": [tell(desk.live.place[name]) for name in made.tags if name in desk.live.place],
            }
            for made in known.values()
        ]
        return worded(desk.live, language, {"rounds": told})

    @routes.get("/round/{name}")
    def profile(
        name: str, tag: int = Query(ge=0), since: int = Query(ge=0, le=10**14), until: int = Query(ge=0, le=10**14),
    ) -> Response:
        """Return positions and values as two series of the same times."""
        made = known.get(name)
        if made is None or tag not in {desk.live.place.get(one) for one in made.tags}:
            raise HTTPException(404, "no such round, or no such tag of it")
        if not 0 < until - since <= _MOST_MS:
            raise HTTPException(400, "a stretch of time of at most a day")
        position, measured = desk.history.read([desk.live.place[made.position], tag], since, until)
        parts = along(desk.live, made, position, measured)
        content = packed([desk.live.place[made.position], tag], parts, since, until)
        return Response(content, media_type="application/octet-stream")

    return routes


class RoundProfile(ui.element, component="rounds.js", esm={"lodeworks-live": "live", "nicegui-echart": ECHARTS}):
    """What a round measured along its metres; the browser fetches it itself."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._props["language"] = language


def rounds_page(desk: Desk, language: str, visitor: Visitor) -> None:
    """Build the page."""
    with framed(desk.live, language, "rounds", visitor):
        if any(made.position in desk.live.place for made in desk.live.rounds):
            RoundProfile(language).classes("lw-hold")
        else:
            text("p", say("no rounds", language)).classes("lw-calm")
