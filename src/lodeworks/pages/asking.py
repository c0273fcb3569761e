"""How a page asks for a deed: who may, what must be said with it, and what the recorder answers.

A page never writes the journal: it puts a deed down, the recorder does it and answers. A session that is over, or a
role that was changed meanwhile, is found here and not only at the door. How a browser whose line broke learns what
became of what was confirmed in it is in `wishes`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from lodeworks.errors import WatchError
from lodeworks.network.live import Live
from lodeworks.pages.accounts import Visitor, may
from lodeworks.pages.desk import Desk
from lodeworks.pages.words import Titles, say
from lodeworks.watch.deeds import Answer, Deed

__all__ = ["WAIT_S", "answered", "asked", "noted"]

WAIT_S = 4.0
_LOOK_S = 0.1


async def asked(
    desk: Desk, visitor: Visitor, kind: str, subject: str, note: str = "", data: Mapping[str, Any] | None = None,
    *, language: str, right: str = "", key: str = "",
) -> tuple[bool, str]:
    """Ask for a deed and wait a moment for its answer; return whether it was done, and what to tell the one who asked.

    `right` is the deed whose role is needed, where that is another word than `kind`; `key` that under which it was
    confirmed, so that it is asked once however often the browser sends it.
    """
    now = desk.still(visitor)
    if now is None or not may(now.role, right or kind):
        return False, say("not yours to do", language)
    deed = Deed(kind, subject, now.name, note.strip(), dict(data or {}), now.role)
    try:
        number = await asyncio.to_thread(_put_down, desk, deed, key)
        for _ in range(round(WAIT_S / _LOOK_S)):
            answer = await asyncio.to_thread(desk.deeds.answer, number)
            if answer is not None:
                return answer.done, answered(answer, desk.live, language)
            await asyncio.sleep(_LOOK_S)
    except WatchError as error:
        return False, error.told(language)
    return False, say("no answer", language)


def answered(answer: Answer, live: Live, language: str) -> str:
    """Return what the recorder answered, in words; alarms it names are called by their titles."""
    word = say("done" if answer.done else "refused", language)
    why = answer.text_zh or answer.text if language == "zh" else answer.text
    rules = {rule.name for rule in live.rules}
    named = answer.text.split(", ") if answer.done and answer.text else []
    if named and all(name.partition(":")[0] in rules for name in named):
        titles = Titles(live, language)
        why = "; ".join(titles.of_alarm(name) for name in named)
    return f"{word}: {why}" if why else word


def noted(desk: Desk, event: str, name: str, address: str) -> None:
    """Have who came in, went or was refused put into the journal; `name` is as typed, and may be nobody's."""
    user = "lodeworks" if "refused" in event or not name else name
    _put_down(desk, Deed("note", event, user, f"{name} {address}".strip(), role="admin"))


def _put_down(desk: Desk, deed: Deed, key: str = "") -> int:
    with desk.asking:
        return desk.deeds.ask(deed, asked=desk.clock(), key=key)
