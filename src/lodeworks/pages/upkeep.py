"""The rooms of engineers: calibration windows, limits, measures of the desks, scales; one page with a part for each.

Everybody may look; what changes anything is a deed, asked of the recorder, with a name and a reason in the journal.
"""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui
from nicegui.events import KeyEventArguments

from lodeworks.pages.accounts import Visitor
from lodeworks.pages.calibration import calibration_part
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed, text
from lodeworks.pages.hub import Hub
from lodeworks.pages.inquiries import Inquiries
from lodeworks.pages.limits import limits_part
from lodeworks.pages.measured import measures_part
from lodeworks.pages.weighed import scales_part
from lodeworks.pages.words import say

__all__ = ["PARTS", "upkeep_page"]

PARTS = ("calibration", "limits", "measures", "scales")
"""The parts in the order they are offered; a key each, 1 to 4."""


def upkeep_page(
    desk: Desk, hub: Hub, inquiries: Inquiries | None, language: str, visitor: Visitor, part: str, about: str,
) -> None:
    """Build a part of the page; `about` is the tag or alarm it is opened for."""
    def asks(build: Callable[[Desk, Inquiries, str, Visitor], None]) -> None:
        """Build a part that shows nothing but what is asked of the chain's file."""
        text("p", say(f"{part} about", language)).classes("lw-note")
        if inquiries is None:
            text("p", say("no chain to ask", language)).classes("lw-calm")
        else:
            build(desk, inquiries, language, visitor)

    parts: dict[str, Callable[[], None]] = {
        "calibration": lambda: calibration_part(desk, hub, language, visitor, about),
        "limits": lambda: limits_part(desk, inquiries, language, visitor, about),
        "measures": lambda: asks(measures_part),
        "scales": lambda: asks(scales_part),
    }
    with framed(desk.live, language, "upkeep", visitor, below=f"/{part}"):
        with ui.element("nav").classes("lw-screens").props(f'aria-label="{say("upkeep", language)}"'):
            for number, name in enumerate(PARTS, start=1):
                link = text("a", f"{say(name, language)} ({number})")
                link.props(f'href="/{language}/upkeep/{name}" aria-keyshortcuts="{number}"')
                if name == part:
                    link.props('aria-current="page"')
        with ui.element("div").classes("lw-upkeep"):
            parts[part]()
        ui.keyboard(lambda event: _go(event, language), ignore=["input", "select", "button", "textarea"])


def _go(event: KeyEventArguments, language: str) -> None:
    """Go to the part of a key; with a key held beside it, it is the browser's own."""
    held = event.modifiers.alt or event.modifiers.ctrl or event.modifiers.meta
    number = event.key.number
    if event.action.keydown and not held and number is not None and 1 <= number <= len(PARTS):
        ui.navigate.to(f"/{language}/upkeep/{PARTS[number - 1]}")
