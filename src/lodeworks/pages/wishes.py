"""What somebody confirmed, until they were told what became of it: a line may break, and a page be loaded anew.

The browser keeps each confirmed wish under its key, in the tab, until its answer was told. A page that was loaded anew
asks here; what the server had not heard of by then is given up, so that "not done" is said of nothing that comes late.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from fastapi import Path as InPath
from fastapi.responses import JSONResponse
from nicegui import ui

from lodeworks.pages.accounts import may
from lodeworks.pages.answers import Language
from lodeworks.pages.asking import answered
from lodeworks.pages.desk import Desk
from lodeworks.pages.words import say

__all__ = ["Wishes", "heard", "kept_by", "tell", "wishes_router"]

_Key = Annotated[str, InPath(pattern="^[0-9a-f]{32}$")]


class Wishes(ui.element, component="wishes.js", esm={"lodeworks-live": "live"}):
    """Tells of each confirmed wish that was not answered in its time, whichever page it was confirmed on."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._props["language"] = language
        self._props["words"] = {word: say(word, language) for word in ("wish unheard", "close")}


def kept_by(button: ui.button, wishes: Mapping[str, str]) -> None:
    """Let the browser keep wishes, by key with what each is called, as soon as a button is pressed."""
    button.props["data-wishes"] = json.dumps(dict(wishes), ensure_ascii=False)


def heard(*keys: str) -> None:
    """Let the page that is open forget wishes: they were called off."""
    _forget(keys, told=False)


def tell(key: str, told: str, *, done: bool) -> None:
    """Tell on the page that is open what became of a wish, which is forgotten once its notification stands there.

    A line that breaks between the two loses no answer: it is then asked for, and told beside.
    """
    stays = 4000 if done else 10000
    ui.notify(told, type="positive" if done else "negative", timeout=stays, attrs={"data-heard": key})
    _forget((key,), told=True)


def _forget(keys: Sequence[str], *, told: bool) -> None:
    detail = json.dumps({"keys": list(keys), "told": told})
    ui.run_javascript(f"dispatchEvent(new CustomEvent('lodeworks-heard', {{ detail: {detail} }}))")


def wishes_router(desk: Desk) -> APIRouter:
    """Return the routes of wishes."""
    routes = APIRouter(prefix="/api/wish")

    def told(number: int | None, language: str) -> JSONResponse:
        answer = desk.deeds.answer(number) if number else None
        word = "wish unheard" if number is None else "wish lost" if number == 0 else "wish waits"
        return JSONResponse({
            "over": number == 0 or answer is not None, "done": answer is not None and answer.done,
            "told": say(word, language) if answer is None else answered(answer, desk.live, language),
        })

    @routes.get("/{key}")
    def look(key: _Key, language: Language) -> JSONResponse:
        """Return what has become of a wish so far."""
        return told(desk.deeds.number(key), language)

    @routes.post("/{key}/settle")
    def settle(key: _Key, language: Language, request: Request) -> JSONResponse:
        """Return what became of a wish; what was not heard of yet never will be."""
        visitor = desk.still(request.state.visitor)
        if visitor is None or not may(visitor.role, "note"):
            raise HTTPException(403, say("not yours to do", language))
        with desk.asking:
            number = desk.deeds.give_up(key)
        return told(number, language)

    return routes
