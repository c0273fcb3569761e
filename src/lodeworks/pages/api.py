"""What the browser's components fetch: screens as JSON, series as columns of numbers, the live stream by websocket.

Nothing here goes through the page's element tree. Tags are numbers or names; what is not known is 404, what makes no
sense 400; file names never come from a request.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import numpy as np
from fastapi import APIRouter, HTTPException, Query, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse, Response

from lodeworks.pages.answers import Language, worded
from lodeworks.pages.desk import Desk
from lodeworks.pages.hub import Hub
from lodeworks.pages.mapped import mapped
from lodeworks.pages.screens import described, teller
from lodeworks.pages.stream import Subscriber
from lodeworks.pages.told import row_told
from lodeworks.pages.words import LANGUAGES, Titles
from lodeworks.watch.clock import speed_of
from lodeworks.watch.frames import frame_of
from lodeworks.watch.history import Series
from lodeworks.watch.journal import Row

__all__ = ["MOST_POINTS", "MOST_TAGS", "packed", "router"]

MOST_TAGS = 1000
MOST_POINTS = 200_000


def router(desk: Desk, hub: Hub) -> APIRouter:
    """Return the routes under ``/api``."""
    routes = APIRouter(prefix="/api")
    cameras = {one.name for one in desk.live.cameras}
    titles = {language: Titles(desk.live, language) for language in LANGUAGES}

    @routes.get("/screen/{name}")
    def screen(name: str, language: str = "zh") -> JSONResponse:
        board = desk.boards.get(name) or desk.hidden.get(name)
        if board is None or language not in LANGUAGES:
            raise HTTPException(404, "no such screen")
        return worded(desk.live, language, described(desk.in_force(), board, language))

    @routes.get("/clock")
    def clock() -> JSONResponse:
        """Return the time (ms) of the pages' clock, and how many times as fast as real it goes."""
        return JSONResponse({"now": desk.clock(), "speed": speed_of(desk.clock)})

    @routes.get("/map")
    def schematic(language: Language, tall: bool = False) -> JSONResponse:
        return worded(desk.live, language, mapped(desk.live, language, desk.outline, tall=tall))

    @routes.get("/words")
    def words(language: Language) -> JSONResponse:
        return worded(desk.live, language, {})

    @routes.get("/tags")
    def tags(
        language: Language, q: str = Query(default="", max_length=100),
        numbers: str = Query(default="", max_length=200), most: int = Query(default=50, ge=1, le=500),
    ) -> JSONResponse:
        """Find tags by words in their title, name or site; those asked for by number come first."""
        asked = _numbers(desk, numbers) if numbers else []
        sought = q.lower().split()
        tell = teller(desk.in_force(), language)
        found: list[int] = []
        for number, tag in enumerate(desk.live.tags):
            if len(asked) + len(found) >= most:
                break
            text = f"{tag.name} {tag.title_en} {tag.title_zh} {titles[language].of(tag.site)}".lower()
            if number not in asked and all(word in text for word in sought):
                found.append(number)
        told = [{**tell(n), "site": titles[language].of(desk.live.tags[n].site)} for n in [*asked, *found]]
        return worded(desk.live, language, {"tags": told})

    @routes.get("/series")
    def series(
        tags: str = Query(max_length=20_000),
        since: int = Query(ge=0, le=10**14),
        until: int = Query(ge=0, le=10**14),
        points: int = Query(default=1600, ge=2, le=MOST_POINTS),
    ) -> Response:
        numbers = _numbers(desk, tags)
        if until <= since or points * len(numbers) > MOST_POINTS:
            raise HTTPException(400, "a stretch of time that ends after it begins, and fewer points")
        read = desk.history.read(numbers, since, until, points)
        return Response(packed(numbers, read, since, until), media_type="application/octet-stream")

    @routes.get("/journal")
    def journal(
        language: Language, before: int = Query(default=0, ge=0), most: int = Query(default=200, ge=1, le=1000),
        since: int = Query(default=0, ge=0, le=10**14), until: int = Query(default=10**14, ge=0, le=10**14),
    ) -> JSONResponse:
        """Return rows of the journal, the newest first, before a number, of events in a stretch of time."""
        last = desk.journal.last()
        rows: list[Row] = []
        upto = min(before - 1, last) if before else last
        while upto > 0 and len(rows) < most:
            first = max(0, upto - max(most, 500))
            batch = [row for row in desk.journal.since(first, most=upto - first) if since <= row.at < until]
            rows += reversed(batch[-(most - len(rows)):])
            upto = first
        made = {row.subject: row for row in hub.actions() if row.event == "made"}
        told = [row_told(desk.live, row, titles[language], made) for row in rows]
        return worded(desk.live, language, {"rows": told, "last": last})

    @routes.get("/journal.xlsx")
    def workbook() -> Response:
        with tempfile.TemporaryDirectory() as folder:
            content = desk.journal.to_xlsx(Path(folder) / "journal.xlsx").read_bytes()
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        named = f'attachment; filename="{quote(desk.live.name)}-journal.xlsx"'
        return Response(content, media_type=kind, headers={"content-disposition": named})

    @routes.get("/journal/faults")
    def faults(language: Language) -> JSONResponse:
        """Look at every row's hash; say what is wrong."""
        found = [{"number": one.number, "message": one.message_zh if language == "zh" else one.message}
                 for one in desk.journal.verify()]
        return JSONResponse({"faults": found, "rows": desk.journal.last()})

    @routes.get("/camera/{name}")
    def camera(name: str, language: Language, seen: int = Query(default=0, ge=0, le=10**14)) -> Response:
        """Return the latest picture of a camera of the chain; the name is looked up, never joined to a path.

        Its time (ms) and whether it was drawn are in ``x-frame-at`` and ``x-frame-drawn``; who has `seen` the one of
        that time is not sent it again (204).
        """
        frame = frame_of(desk.folder.frames, name, language) if name in cameras else None
        if frame is None:
            raise HTTPException(404, "no picture")
        told = {"x-frame-at": str(frame.at), "x-frame-drawn": str(int(frame.drawn)), "cache-control": "no-store"}
        if frame.at == seen:
            return Response(status_code=204, headers=told)
        return Response(frame.content, media_type=f"image/{'png' if frame.path.suffix == '.png' else 'jpeg'}",
                        headers=told)

    @routes.websocket("/live")
    async def live(socket: WebSocket, screen: str = "overview", language: str = "zh") -> None:
        await socket.accept()
        if screen not in desk.streams or language not in LANGUAGES:
            await socket.close(4404, "no such screen")
            return
        subscriber = Subscriber()
        subscribers = hub.channel(screen, language).subscribers
        subscribers.add(subscriber)
        sending = asyncio.create_task(_send(socket, subscriber))
        try:
            while True:
                await socket.receive()  # nothing is read from a wall; this ends when the browser goes
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            subscribers.discard(subscriber)
            sending.cancel()

    return routes


async def _send(socket: WebSocket, subscriber: Subscriber) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the browser went while we spoke
        while True:
            await socket.send_bytes(await subscriber.queue.get())


def _numbers(desk: Desk, tags: str) -> list[int]:
    """Return the places of tags given by number or name, separated by commas."""
    names = [name for name in tags.split(",") if name]
    if not 1 <= len(names) <= MOST_TAGS:
        raise HTTPException(400, f"between 1 and {MOST_TAGS} tags")
    found: list[int] = []
    for name in names:
        number = desk.live.place.get(name, int(name) if name.isascii() and name.isdigit() and len(name) < 9 else -1)
        if not 0 <= number < len(desk.live.tags):
            raise HTTPException(404, "no such tag")
        found.append(number)
    return found


def packed(numbers: Sequence[int], read: Sequence[Series], since: int, until: int) -> bytes:
    """Return series as one answer: a head in JSON, then each tag's columns (layout: `seriesOf` in live/index.js)."""
    head = json.dumps(
        {
            "since": since, "until": until,
            "series": [
                {
                    "tag": number, "n": len(one.at), "raw": int(one.n_raw),
                    "low": float(one.low) if np.isfinite(one.low) else None,
                    "high": float(one.high) if np.isfinite(one.high) else None,
                }
                for number, one in zip(numbers, read, strict=True)
            ],
        }
    ).encode()
    parts = [struct.pack("<II", len(head), 0), head, b" " * (-len(head) % 8)]
    for one in read:
        parts += [
            np.asarray(one.at, "<f8").tobytes(), np.asarray(one.value, "<f8").tobytes(),
            np.asarray(one.quality, "u1").tobytes(), b"\0" * (-len(one.at) % 8),
        ]
    return b"".join(parts)
