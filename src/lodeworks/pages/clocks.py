"""Times by the clocks of a chain's zone, as people read and write them on the server's own pages."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from lodeworks.pages.words import say

__all__ = ["field_at", "lasting", "moment_of", "told_at"]


def told_at(at: int, zone: str, now: int) -> str:
    """Return a time (ms) by the clock: the hour alone on the day of `now`, with the date on others."""
    then, today = (dt.datetime.fromtimestamp(ms / 1000.0, ZoneInfo(zone)) for ms in (at, now))
    return then.strftime("%H:%M" if then.date() == today.date() else "%Y-%m-%d %H:%M")


def lasting(seconds: float, language: str) -> str:
    """Return a stretch of time in the unit that fits it: seconds, minutes, hours or days."""
    for size, word in ((172_800.0, "d"), (7200.0, "h"), (120.0, "min")):
        if seconds >= size:
            return f"{seconds / {'d': 86_400.0, 'h': 3600.0, 'min': 60.0}[word]:.0f} {say(word, language)}"
    return f"{max(0.0, seconds):.0f} {say('s', language)}"


def field_at(at: int, zone: str) -> str:
    """Return a time (ms) as a field for date and time holds it."""
    return dt.datetime.fromtimestamp(at / 1000.0, ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def moment_of(text: str, zone: str) -> int | None:
    """Return the time (ms) a field for date and time holds; None where it is none."""
    try:
        return round(dt.datetime.fromisoformat(text.strip()).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000.0)
    except ValueError:
        return None
