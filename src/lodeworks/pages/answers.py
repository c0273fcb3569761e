"""What every answer to a component carries: the words of one language, and the zone of the chain's clocks."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, HTTPException
from fastapi.responses import JSONResponse

from lodeworks.network.live import Live
from lodeworks.pages.words import LANGUAGES, vocabulary

__all__ = ["Language", "worded"]


async def _known(language: str = "zh") -> str:
    if language not in LANGUAGES:
        raise HTTPException(404, "no such language")
    return language


Language = Annotated[str, Depends(_known)]
"""The language a route is asked in."""


def worded(live: Live, language: str, told: dict[str, Any]) -> JSONResponse:
    """Return what is told, with the words to show it in."""
    return JSONResponse({**told, "words": vocabulary(language), "timezone": live.timezone})
