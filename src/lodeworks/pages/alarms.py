"""The alarm list where a dispatcher works: acknowledge, shelve, silence, reset, each with a word of confirmation.

Not from a wall: a wall token reaches this page as little as any other, and every deed asks for the role again.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from nicegui import ui
from nicegui.events import GenericEventArguments

from lodeworks.pages.accounts import Visitor
from lodeworks.pages.asking import asked
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed, text
from lodeworks.pages.words import Titles, say

__all__ = ["AlarmList", "alarms_page"]

_KEYS = (
    ("A", "acknowledge"), ("N", "note"), ("S", "shelve"), ("U", "unshelve"), ("M", "silence"), ("R", "reset"),
    ("T", "trends"), ("J", "journal"), ("W", "wall"), ("↑ ↓", "next"), ("/", "filter"),
    ("?", "help"),
)
_DEEDS = ("acknowledge", "note", "shelve", "unshelve", "silence", "reset")
_NEEDS_REASON = ("note", "shelve")


class AlarmList(ui.element, component="alarms.js", esm={"lodeworks-live": "live"}):
    """All alarms, as the live stream tells them; emits `deed` with its kind and the alarm."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._props["language"] = language
        self._props["live"] = "/api/live?" + urlencode({"screen": "", "language": language})


def alarms_page(desk: Desk, language: str, visitor: Visitor) -> None:
    """Build the page."""
    rules = {rule.name: rule for rule in desk.live.rules}
    titles = Titles(desk.live, language)

    async def deed(event: GenericEventArguments) -> None:
        given: dict[str, Any] = event.args if isinstance(event.args, dict) else {}
        kind, alarm = str(given.get("kind", "")), str(given.get("alarm", ""))
        if kind == "help":
            _keys(language)
        elif kind in _DEEDS and alarm.partition(":")[0] in rules:
            confirmed(kind, alarm)

    def confirmed(kind: str, alarm: str) -> None:
        rule, _, level = alarm.partition(":")
        with ui.dialog() as dialog, ui.card().classes("lw-dialog"):
            text("h2", f"{say(kind, language)}: {titles.of(rule)} {level}".rstrip())
            if rules[rule].response:
                text("p", titles.pick(rules[rule].response, rules[rule].response_zh))
            reason = ui.input(say("reason" if kind == "shelve" else "remark", language)).props("autofocus outlined")
            reason.mark("note")
            hours = None
            if kind == "shelve":
                most = rules[rule].shelve_most_s / 3600.0
                hours = ui.number(say("hours", language), value=min(1.0, most), min=0.1, max=most, step=0.5)
                hours.props("outlined").mark("hours")

            async def do() -> None:
                note = (reason.value or "").strip()
                if kind in _NEEDS_REASON and not note:
                    reason.props(f'error error-message="{say("say why", language)}"')
                    return
                data: dict[str, Any] = {}
                if hours is not None:
                    if not hours.value or not 0.0 < hours.value <= hours.max:
                        return
                    data["hours"] = float(hours.value)
                dialog.close()
                done, told = await asked(desk, visitor, kind, alarm, note, data, language=language)
                ui.notify(told, type="positive" if done else "negative", timeout=4000 if done else 10000)

            reason.on("keydown.enter", do)
            with ui.element("div").classes("lw-buttons"):
                ui.button(say("confirm", language), on_click=do, color=None).classes("lw-do")
                ui.button(say("cancel", language), on_click=dialog.close, color=None).classes("lw-button")
        dialog.on("hide", dialog.delete)
        dialog.open()

    with framed(desk.live, language, "alarms", visitor, full=True):
        AlarmList(language).classes("lw-hold").on("deed", deed)


def _keys(language: str) -> None:
    with ui.dialog() as dialog, ui.card().classes("lw-dialog"):
        text("h2", say("keys", language))
        with ui.element("dl").classes("lw-keys"):
            for key, deed in _KEYS:
                text("dt", key)
                text("dd", say(deed, language))
        ui.button(say("close", language), on_click=dialog.close, color=None).classes("lw-button")
    dialog.on("hide", dialog.delete)
    dialog.open()
