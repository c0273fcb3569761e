"""The page of a run that holds many plans: each of its views as a section."""

from __future__ import annotations

from lodeworks.views.many import MANY, many_views
from lodeworks.views.numbers import unit_words
from lodeworks.views.report.headline import horizon_text, title_of
from lodeworks.views.report.markup import both, in_both
from lodeworks.views.report.page import Page
from lodeworks.views.results import Results
from lodeworks.views.words import Words

__all__ = ["fill_many", "many_heading"]


def many_heading(results: Results) -> str:
    """Return the header: the chain, what was asked, and whether all of it is there."""
    manifest = results.manifest
    en, zh = MANY[manifest["kind"]]
    horizon = manifest.get("horizon") or {}
    if horizon.get("stages"):
        first, last, count = horizon["stages"][0], horizon["stages"][-1], len(horizon["stages"])
        when = both(f"{first}–{last}年，{count} 个阶段", f"{first}–{last} in {count} stages")
    elif "length" in horizon:
        when = in_both(lambda lang: f"{str(horizon['start'])[:10]} · {unit_words(str(horizon['length']), lang)}")
    else:
        when = in_both(lambda lang: horizon_text(results, lang))
    status = in_both(lambda lang: Words(results, lang).say(str(manifest["status"])))
    return (
        f"<p class='kicker'>{both(zh, en)}</p><h1>{in_both(lambda lang: title_of(results, lang))}</h1>"
        f"<p class='when'>{when}</p><p class='badges'><span class='badge'>{status}</span></p>"
    )


def fill_many(made: Page) -> None:
    """Add the sections in the order a reader asks."""
    for view in many_views(made.results):
        made.section(view.key, (view.title_zh, view.title_en), made.view(view))
