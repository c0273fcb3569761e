"""What tells titles of one place apart: the words they share are left out, and short marks stand for what is left.

Titles such as "gas at home, milk tea by the schools" and "old wiring, milk tea by the schools" differ in their subject
only; beside a row that is named after the shop the subject is all that needs to be said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["apart", "marks"]

_EDGES = " ,;:.，；：、。·-–()（）"
_WORD = re.compile(r"[A-Za-z0-9']")


def apart(titles: Sequence[str]) -> list[tuple[str, ...]]:
    """Return of each title what stands before and after the longest text that all share, cut at words' ends.

    Where nothing is shared, or what is left would not tell them apart, each title is returned whole.
    """
    common = _cut_at_words(_shared(titles), titles) if len(set(titles)) > 1 else ""
    if len(common.strip(_EDGES)) < 2:
        return [(title,) for title in titles]
    parts = [tuple(part.strip(_EDGES) for part in title.partition(common)[::2]) for title in titles]
    if any(not any(own) for own in parts) or len(set(parts)) < len(set(titles)):
        return [(title,) for title in titles]
    used = [k for k in (0, 1) if any(own[k] for own in parts)]
    return [tuple(own[k] for k in used) for own in parts]


def _shared(titles: Sequence[str]) -> str:
    """Return the longest text that every title holds; the first of several."""
    shortest = min(titles, key=len)
    for length in range(len(shortest), 1, -1):
        for begin in range(len(shortest) - length + 1):
            text = shortest[begin : begin + length]
            if all(text in title for title in titles):
                return text
    return ""


def _cut_at_words(text: str, titles: Sequence[str]) -> str:
    """Return a shared text without parts of words that differ: of the "one" in "bone" and "stone" nothing."""
    places = [(title.index(text), title) for title in titles] if text else []
    if any(at and _WORD.match(title[at - 1]) for at, title in places):
        text = re.sub(r"^[A-Za-z0-9']+", "", text)
    places = [(title.index(text) + len(text), title) for title in titles] if text else []
    if any(at < len(title) and _WORD.match(title[at]) for at, title in places):
        text = re.sub(r"[A-Za-z0-9']+$", "", text)
    return text


def marks(names: Sequence[str]) -> dict[str, str]:
    """Return for each name the fewest first letters that no other begins with."""
    found = {}
    for name in names:
        others = [other for other in names if other != name]
        size = next((k for k in range(1, len(name)) if not any(o.startswith(name[:k]) for o in others)), len(name))
        found[name] = name[:size][:1].upper() + name[1:size]
    return found
