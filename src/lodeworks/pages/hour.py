"""One hour of the past as flows: the reports' own picture of who gives and takes what, of what was measured in it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse

from lodeworks.network.arrays import Network
from lodeworks.pages.answers import Language, worded
from lodeworks.pages.desk import Desk
from lodeworks.pages.words import Titles
from lodeworks.watch.measured import Measured, measured

__all__ = ["hour_router"]

_HOUR_MS = 3_600_000
_INK, _LINE = "#e8eef4", "#2c3a48"


def hour_router(desk: Desk, network: Callable[[], Network]) -> APIRouter:
    """Return the route of an hour; `network` gives the chain's arrays, made when they are first asked for."""
    routes = APIRouter(prefix="/api")
    lock, known = threading.Lock(), list[Network]()

    def read(since: int) -> Measured:
        with lock:
            if not known:
                known.append(network())
        return measured(desk.history, known[0], desk.live, since, since + _HOUR_MS)

    @routes.get("/hour")
    async def hour(language: Language, since: int = Query(ge=0, le=10**14)) -> JSONResponse:
        """Tell what flowed in the hour that begins at a moment (ms): figures, sentences, and rows behind them."""
        if since + _HOUR_MS > desk.clock():
            raise HTTPException(400, "an hour that is over")
        told = await asyncio.to_thread(lambda: _told(desk, read(since), language))
        return worded(desk.live, language, {"since": since, "until": since + _HOUR_MS, **told})

    return routes


def _told(desk: Desk, of: Measured, language: str) -> dict[str, Any]:
    from lodeworks.views.figures.sankey import ENERGY, MASS
    from lodeworks.views.view import written
    from lodeworks.views.words import Words

    titles, words, pictures = Titles(desk.live, language), Words(of, language), []
    for view in (MASS, ENERGY):
        rows = view.rows(of)
        if rows.is_empty() or view.figure is None:
            continue
        figure = view.figure(of, language)
        hover = {"bgcolor": "#0a1017", "bordercolor": _LINE, "font_color": _INK}
        figure.update_layout(font_color=_INK, hoverlabel=hover)
        headings, cells = written(rows, view.columns, words)
        pictures.append({
            "key": view.key, "title": view.title(language), "sentence": view.sentence(of, language),
            "figure": json.loads(figure.to_json()), "headings": headings, "cells": cells,
        })
    return {"pictures": pictures, "unknown": [titles.of(name) for name in of.unknown]}
