"""The alarm list where a dispatcher works: acknowledge, shelve, silence, reset, each with a word of confirmation.

Not from a wall: a wall token reaches this page as little as any other, and every deed asks for the role again.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from nicegui import ui
from nicegui.events import GenericEventArguments

from lodeworks.network.live import Live
from lodeworks.pages.accounts import Visitor
from lodeworks.pages.confirming import Wish, confirm
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed, text
from lodeworks.pages.words import HTML_LANGUAGE, Titles, say
from lodeworks.watch.alarms.voice import MOST, REPEAT_S, SOUNDS

__all__ = ["AlarmList", "alarms_page", "heard"]

_KEYS = (
    ("A", "acknowledge"), ("N", "note"), ("S", "shelve"), ("U", "unshelve"), ("M", "silence"), ("R", "reset"),
    ("T", "trends"), ("I", "incident"), ("J", "journal"), ("W", "wall"), ("C", "calibrate"), ("L", "limits"),
    ("V", "sound"), ("O", "order"),
    ("↑ ↓", "next"), ("/", "filter"), ("?", "help"),
)
_DEEDS = ("acknowledge", "note", "shelve", "unshelve", "silence", "reset")
_NEEDS_WORDS = ("note", "shelve")


class AlarmList(ui.element, component="alarms.js", esm={"lodeworks-live": "live"}):
    """All alarms, as the live stream tells them; emits `deed` with its kind and the alarm."""

    def __init__(self, live: Live, language: str) -> None:
        super().__init__()
        self._props["language"] = language
        self._props["live"] = "/api/live?" + urlencode({"screen": "", "language": language})
        self._props["voice"] = heard(live, language)


def heard(live: Live, language: str, *, wall: bool = False, wanted: bool = False) -> dict[str, Any]:
    """Return how alarms are heard, as the browser is given it: the desks, the sounds, what is said and when again.

    A `wall` keeps apart from the alarm list whether it is switched on; `wanted` is one that is on unless switched off.
    """
    titles = Titles(live, language)
    desks = dict.fromkeys(rule.desk for rule in live.rules)
    return {
        "chain": live.name, "language": HTML_LANGUAGE[language], "most": MOST, "repeat": REPEAT_S,
        "wall": wall, "wanted": wanted,
        "desks": [{"name": desk, "title": titles.of(desk)} for desk in desks],
        "sounds": {str(priority): asdict(sound) for priority, sound in SOUNDS.items()},
    }


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
        one = rules[alarm.partition(":")[0]]
        wish = Wish(
            kind, alarm, titles.of_alarm(alarm), titles.pick(one.response, one.response_zh),
            note=kind in _NEEDS_WORDS, hours=one.shelve_most_s / 3600.0 if kind == "shelve" else 0.0,
        )
        confirm(desk, visitor, language, wish)

    with framed(desk.live, language, "alarms", visitor, full=True):
        AlarmList(desk.live, language).classes("lw-hold").on("deed", deed)


def _keys(language: str) -> None:
    with ui.dialog() as dialog, ui.card().classes("lw-dialog"):
        dialog.props["aria-label"] = say("keys", language)
        text("h2", say("keys", language))
        with ui.element("dl").classes("lw-keys"):
            for key, deed in _KEYS:
                text("dt", key)
                text("dd", say(deed, language))
        ui.button(say("close", language), on_click=dialog.close, color=None).classes("lw-button")
    dialog.on("hide", dialog.delete)
    dialog.open()
