"""A deed is confirmed in a dialog before it is asked for: what is done to what, and what must be said with it.

Each dialog has a key under which the browser keeps what was confirmed until it was told what became of it (`wishes`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from nicegui import ui

from lodeworks.pages.accounts import Visitor
from lodeworks.pages.asking import asked
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import text
from lodeworks.pages.wishes import heard, kept_by, tell
from lodeworks.pages.words import say

__all__ = ["Wish", "confirm"]


@dataclass(frozen=True)
class Wish:
    """What somebody is about to ask.

    `about` is told below the title. `note` says that words are needed, `fields` what else (name, label, value), `hours`
    up to how many it may last.
    """

    kind: str
    subject: str
    title: str
    about: str = ""
    note: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)
    fields: Sequence[tuple[str, str, str]] = ()
    hours: float = 0.0


def confirm(desk: Desk, visitor: Visitor, language: str, wish: Wish) -> None:
    """Open the dialog; who confirms has asked, and is told what became of it."""
    key, asking = token_hex(16), False
    page = ui.context.client  # where the answer is told: by then the dialog, and all in it, is gone
    with ui.dialog() as dialog, ui.card().classes("lw-dialog"):
        title = f"{say(wish.kind, language)}: {wish.title}"
        dialog.props["aria-label"] = title
        text("h2", title)
        if wish.about:
            text("p", wish.about)
        given = {}
        for name, label, value in wish.fields:
            given[name] = ui.input(label, value=value).props("outlined").classes("lw-enter").mark(name)
        note = ui.input(say("remark", language)).props("outlined").classes("lw-enter").mark("note")
        next(iter((*given.values(), note))).props("autofocus")
        hours = None
        if wish.hours:
            hours = ui.number(say("hours", language), value=min(1.0, wish.hours), min=0.1, max=wish.hours, step=0.5)
            hours.props("outlined").mark("hours")

        async def do() -> None:
            nonlocal asking
            words = (note.value or "").strip()
            if wish.note and not words:
                note.props(f'error error-message="{say("say why", language)}"')
                heard(key)
                return
            data = dict(wish.data) | {name: (one.value or "").strip() for name, one in given.items()}
            if hours is not None:
                if not hours.value or not 0.0 < hours.value <= wish.hours:
                    heard(key)
                    return
                data["hours"] = float(hours.value)
            asking = True
            dialog.close()
            done, told = await asked(desk, visitor, wish.kind, wish.subject, words, data, language=language, key=key)
            with page:
                tell(key, told, done=done)

        def gone() -> None:
            dialog.delete()
            if not asking:  # it was called off
                with page:
                    heard(key)

        for one in (*given.values(), note):
            one.on("keydown.enter", do)
        with ui.element("div").classes("lw-buttons"):
            confirmed = ui.button(say("confirm", language), on_click=do, color=None).classes("lw-do")
            kept_by(confirmed, {key: title})
            ui.button(say("cancel", language), on_click=dialog.close, color=None).classes("lw-button")
    dialog.on("hide", gone)
    dialog.open()
