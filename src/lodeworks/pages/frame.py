"""The frame every page stands in: heading, ways to the others, the language, and the boundary at the foot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from lodeworks.network.live import Live
from lodeworks.pages.accounts import Visitor, may
from lodeworks.pages.banner import Banner
from lodeworks.pages.wishes import Wishes
from lodeworks.pages.words import BOUNDARY, say

__all__ = ["PAGES", "framed", "text"]

PAGES = (
    "wall", "alarms", "incident", "command", "map", "rounds", "trends", "journal", "past", "actions", "claims",
    "upkeep", "health",
)
"""The pages in the order they are offered."""
_OWN_BANNER = ("wall", "alarms", "command", "map", "past", "health")
"""Those that say themselves what must be said above all else."""


@contextmanager
def framed(
    live: Live, language: str, page: str, visitor: Visitor, *, full: bool = False, below: str = ""
) -> Iterator[None]:
    """Put what is built inside into the frame of a page; `full` pages fill the window and do not scroll.

    `below` is what follows the page's own address where it has parts, for the other language's.
    """
    chain = (live.title_zh or live.title_en) if language == "zh" else (live.title_en or live.title_zh)
    other = "en" if language == "zh" else "zh"
    ui.page_title(f"{chain or live.name} · {say(page, language)}")
    ui.add_head_html('<link rel="stylesheet" href="/static/pages.css">')
    with ui.element("div").classes(f"lw-page{' lw-full' if full else ''}"):
        text("a", say("skip", language)).classes("lw-skip").props('href="#content"')
        with ui.element("header").classes("lw-top"):
            text("h1", f"{chain or live.name} · {say(page, language)}")
            if visitor.role != "wall":
                with ui.element("nav").classes("lw-nav").props(f'aria-label="{say("pages", language)}"'):
                    for name in PAGES:
                        link = text("a", say(name, language)).props(f'href="/{language}/{name}"')
                        if name == page:
                            link.props('aria-current="page"')
            text("a", say("language", language)).classes("lw-lang").props(
                f'href="/{other}/{page}{below}" lang="{"en" if other == "en" else "zh-CN"}" hreflang="{other}"'
            )
            if visitor.session and visitor.role != "wall":
                who = text("a" if visitor.role == "admin" else "span", visitor.name).classes("lw-who")
                if visitor.role == "admin":
                    who.props(f'href="/{language}/accounts" title="{say("accounts", language)}"')
                with ui.element("form").props('method="post" action="/logout"'):
                    text("button", say("log out", language)).classes("lw-button")
        with ui.element("div").classes("lw-body").props('id="content"'):  # the library's page is <main> already
            if page not in _OWN_BANNER:
                Banner(language)
            yield
        if may(visitor.role, "note"):
            Wishes(language)
        text("footer", BOUNDARY[language == "zh"]).classes("lw-foot")


def text(tag: str, words: str) -> TextElement:
    """Return an element of any HTML tag with text, never markup, in it."""
    return TextElement(tag=tag, text=words)
