"""The scorecard: what reports say of the chain, each number recomputed, with its verdict."""

from __future__ import annotations

from nicegui import ui

from lodeworks.pages.accounts import Visitor
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import framed, text
from lodeworks.pages.words import say
from lodeworks.views.numbers import amounts_told

__all__ = ["claims_page"]

_MARKS = {"holds": "✓", "fails": "✗", "needs assumption": "?"}


def claims_page(desk: Desk, language: str, visitor: Visitor) -> None:
    """Build the page."""
    with framed(desk.live, language, "claims", visitor), ui.element("div").classes("lw-desk"):
        if not desk.claims:
            text("p", say("no claims", language))
            return
        with ui.element("div").classes("lw-cards lw-scores"):
            for verdict, mark in _MARKS.items():
                count = sum(claim["verdict"] == verdict for claim in desk.claims)
                with ui.element("div").classes(f"lw-card{'' if verdict == 'holds' or not count else ' lw-loss'}"):
                    text("span", f"{mark} {say(verdict, language)}").classes("lw-card-name")
                    text("b", str(count))
        with ui.element("table").classes("lw-list lw-listed"):
            with ui.element("thead"), ui.element("tr"):
                for name in ("claim", "printed", "recomputed", "verdict", "remark"):
                    number = name in ("printed", "recomputed")
                    text("th", say(name, language)).classes("n" if number else "").props("scope=col")
            with ui.element("tbody"):
                for claim in desk.claims:
                    _row(claim, language)


def _row(claim: dict[str, str], language: str) -> None:
    other = "en" if language == "zh" else "zh"
    with ui.element("tr"):
        text("th", claim[f"title_{language}"] or claim[f"title_{other}"]).props("scope=row")
        computed = claim["computed_zh" if language == "zh" else "computed"]
        for name, told in (("printed", claim["printed"]), ("recomputed", computed)):
            text("td", amounts_told(told, language)).classes("n lw-wraps").props["data-label"] = say(name, language)
        text("td", f"{_MARKS[claim['verdict']]} {say(claim['verdict'], language)}").classes(
            "" if claim["verdict"] == "holds" else "lw-late")
        text("td", claim[f"note_{language}"] or claim[f"note_{other}"])
