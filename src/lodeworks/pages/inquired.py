"""What a part that shows an inquiry has in common: the button that asks, how the child is, and what it found.

The child is a verb of the command, sent by `inquiries`; a part says what to ask and how an answer is drawn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from nicegui import ui

from lodeworks.errors import WatchError
from lodeworks.pages.accounts import Visitor, may
from lodeworks.pages.clocks import lasting, told_at
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import text
from lodeworks.pages.inquiries import Inquiries
from lodeworks.pages.words import say, who
from lodeworks.watch.errands import Errand
from lodeworks.watch.journal import now_ms

__all__ = ["Inquired", "days_field"]

_LOOK_S = 1.0


def days_field(choices: dict[int, str], usual: int, label: str) -> ui.select:
    """Put up the field that says over how many days is asked."""
    field = ui.select(choices, value=usual, label=label)
    return field.props("outlined dense").classes("lw-select").mark("days")


class Inquired:
    """Asks one kind of inquiry and draws its last answer.

    Parameters
    ----------
    send
        Asks, in somebody's name; False while somebody else's runs.
    draw
        Draws an answer, with the errand it comes of, into the element it is called in.
    """

    def __init__(
        self, desk: Desk, inquiries: Inquiries, language: str, visitor: Visitor, kind: str,
        send: Callable[[str], bool], draw: Callable[[Any, Errand], None],
    ) -> None:
        self.desk, self.inquiries, self.language, self.visitor = desk, inquiries, language, visitor
        self.kind, self.send, self.draw = kind, send, draw
        self.drawn: object = None

    def button(self) -> None:
        """Put up the button that asks."""
        button = ui.button(say("work out", self.language), on_click=self.ask, color=None)
        button.classes("lw-do").mark("ask").set_enabled(self._may())

    def build(self) -> None:
        """Put up how it is and room for the answer; it is asked once by itself where there is none yet."""
        self.told = text("p", "").classes("lw-note").props("role=status")
        self.room = ui.element("div")
        ui.timer(_LOOK_S, self.look)
        if self._may() and self.inquiries.last(self.kind) is None:
            ui.timer(0.1, self.ask, once=True)

    def _may(self) -> bool:
        now = self.desk.still(self.visitor)
        return now is not None and may(now.role, "inquire")

    async def ask(self) -> None:
        """Ask anew."""
        if not self._may():
            self.told.text = say("not yours to do", self.language)
            return
        try:
            begun = await asyncio.to_thread(self.send, self.visitor.name)
        except WatchError as error:
            self.told.text = error.told(self.language)
            return
        if not begun:
            ui.notify(say("another runs", self.language), type="warning")
        await self.look()

    async def look(self) -> None:
        """Say how the inquiry is, and draw what it found when that is new."""
        errand = await asyncio.to_thread(self.inquiries.last, self.kind)
        if errand is None:
            return
        now, zone = now_ms(), self.desk.live.timezone  # children go by this computer's clock
        if errand.status == "running":
            took = lasting((now - errand.began) / 1000.0, self.language)
            self.told.text = f"{say('is worked out', self.language)} {took}"
            return
        by = who(str(errand.asked.get("by", "")), self.language)
        stood = f"{say('found as of', self.language)} {told_at(errand.began, zone, now)}{f' · {by}' if by else ''}"
        failed = errand.status != "done"
        self.told.text = f"{say(errand.status, self.language)}: {errand.says(self.language)}" if failed else stood
        self.told.classes(add="lw-late" if failed else "", remove="" if failed else "lw-late")
        if self.drawn == (errand.folder, errand.status):
            return
        self.drawn = errand.folder, errand.status
        self.room.clear()
        if not failed:
            answer = await asyncio.to_thread(errand.answer)
            with self.room:
                self.draw(answer, errand)
