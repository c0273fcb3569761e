"""Suspicious scales: which drift and what leaks, as the chain's own balances over the last day tell.

They are worked out by the verb `scales`. A scale that is suspected can be put under calibration from here.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from nicegui import ui

from lodeworks.pages.accounts import Visitor
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import text
from lodeworks.pages.inquired import Inquired, days_field
from lodeworks.pages.inquiries import SCALES, Inquiries
from lodeworks.pages.listed import Listed, Row
from lodeworks.pages.words import Titles, say
from lodeworks.views.numbers import digits, duration, percent
from lodeworks.watch.errands import Errand

__all__ = ["scales_part"]

_DAYS = (7, 14, 30)


def scales_part(desk: Desk, inquiries: Inquiries, language: str, visitor: Visitor) -> None:
    """Build the part."""
    with ui.element("div").classes("lw-buttons lw-form") as form:
        days = days_field({n: say("n days", language).format(n=n) for n in _DAYS}, 14, say("learn from", language))
    titles = Titles(desk.live, language)

    def send(by: str) -> bool:
        return inquiries.scales(by, int(days.value))

    def draw(answer: Any, _: Errand) -> None:
        columns = (("suspect", False), ("reads wrong", True), ("standard error", True), ("z", True), ("windows", True),
                   ("as well", False))
        rows = [_row(one, titles, language) for one in answer["suspects"]]
        listed = Listed("scales", columns, language, "no suspect")

        def calibrate(_: str, key: str) -> None:
            ui.navigate.to(f"/{language}/upkeep/calibration?about={quote(key)}")

        listed.on_deed(calibrate).show(rows)
        said = say("global test", language).format(
            total=digits(answer["total"]), freedom=answer["freedom"], chance=percent(answer["chance"], language))
        text("p", said).classes("lw-note")
        shows = {one["tag"]: one for one in answer.get("shows", ())}  # an answer of before has none
        if answer["blind"]:
            edges = {tag: f" ({_from(one, language)})" for tag, one in shows.items()}
            named = "; ".join(f"{titles.of(tag)}{edges.get(tag, '')}" for tag in answer["blind"])
            text("p", f"{say('not checked', language)}: {named}").classes("lw-note")
        checked = [one for tag, one in shows.items() if tag not in answer["blind"]]
        if checked:
            least = max(checked, key=lambda one: one["share"])
            said = say("is checked", language).format(
                count=len(checked), name=titles.of(least["tag"]), share=_from(least, language))
            text("p", said).classes("lw-note")

    inquired = Inquired(desk, inquiries, language, visitor, SCALES, send, draw)
    with form:
        inquired.button()
    inquired.build()


def _from(one: dict[str, Any], language: str) -> str:
    """Say from which drift on a scale is told, and within which time; or that it never is."""
    if one["share"] is None:
        return say("at no drift", language)
    return say("from a drift of", language).format(share=percent(one["share"], language),
                                                   time=duration(one["hours"], language))


def _row(one: dict[str, Any], titles: Titles, language: str) -> Row:
    scale = one["kind"] == "scale"
    others = "; ".join(titles.of(name) for name in one["others"])
    if scale:
        size, error = f"{100 * one['size']:+.1f} %".replace("-", "−"), f"{100 * one['error']:.1f} %"
        name: str | tuple[str, str] = (titles.of(one["tag"]), one["tag"])
    else:
        size, error = f"{digits(one['size'])}/{say('h', language)}", digits(one["error"])
        site = titles.of(one["site"]) if one["site"] else ""
        name = (f"{say('leak', language)}: {titles.of(one['commodity'])}", site)
    z = f"{one['z']:.1f}".replace("-", "−")
    return Row(one["tag"] or one["commodity"], [name, size, error, z, str(one["windows"]), others],
               (("calibrate", True),) if scale else ())
