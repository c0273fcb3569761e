"""Results in the terminal: a short summary, and any table or view as text. Rich renders; nothing is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from lodeworks.errors import RunError, did_you_mean
from lodeworks.views.numbers import amounts_told, digits, quantity
from lodeworks.views.results import Results
from lodeworks.views.slices import sliced
from lodeworks.views.view import Column, View, written
from lodeworks.views.words import Words, say

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType
    from rich.table import Table

    class Verdict(Protocol):
        """What `claims` shows of a recomputed claim."""

        @property
        def id(self) -> str: ...
        @property
        def title_en(self) -> str: ...
        @property
        def title_zh(self) -> str: ...
        @property
        def verdict(self) -> str: ...
        @property
        def printed(self) -> str: ...
        @property
        def computed(self) -> str: ...
        @property
        def computed_zh(self) -> str: ...


__all__ = ["claims", "rich_table", "show", "summary"]

_MOST_ROWS = 40
_MOST_COLUMNS = 14  # of a calendar: more are told as stretches from and until
_TOLD_ONLY = ("leaving",)  # a row a demand and stage: in the summary a sentence, and `show` has its table
_URGENCY = {"fails": 0, "needs assumption": 1, "holds": 2}
_SIGNS = {"holds": ("✓", "green"), "fails": ("✗", "red"), "needs assumption": ("?", "yellow")}
_VIEWS = {"money": "money_by_firm", "sites": "money_by_site", "use": "capacities"}


def summary(results: Results, language: str = "en") -> RenderableType:
    """Return what everybody asks first: the objective, main goods, bottlenecks, missing links, verification."""
    from rich.console import Group
    from rich.text import Text

    from lodeworks.views.figures.candidates import CANDIDATES
    from lodeworks.views.figures.capacities import BOTTLENECKS, bottleneck_rows
    from lodeworks.views.figures.pathway import PATHWAY_VIEWS, changes
    from lodeworks.views.report.headline import (
        better_text,
        certified_text,
        emitted,
        horizon_text,
        limited_text,
        rolled_text,
        sold,
        solution_text,
        status_word,
        title_of,
    )
    from lodeworks.views.report.raced import race_text

    results = sliced(results)
    words, manifest = Words(results, language), results.manifest
    objective = manifest["objective"]
    lines = [
        Text(title_of(results, language), style="bold"),
        Text(horizon_text(results, language), style="dim"),
        Text.assemble(
            (f"{words.goal(objective['goal'])} ", ""),
            (words.amount(objective["value"], objective["unit"]), "bold"),
            ("  " + words.say(status_word(manifest)), "green" if manifest["status"] == "optimal" else "yellow"),
            (
                ", "
                + (
                    words.pick("verified", "已验证")
                    if manifest.get("verified")
                    else words.pick("NOT verified", "未通过验证")
                ),
                "green" if manifest.get("verified") else "bold red",
            ),
        ),
    ]
    if (limited := limited_text(manifest)) is not None:
        lines.append(Text(words.pick(*limited), style="yellow"))
    if (runners := (manifest.get("solver") or {}).get("race")) is not None:
        english, chinese = race_text(runners)
        lines.append(Text(words.pick(f"Solvers raced: {english}", f"求解器竞速：{chinese}")))
    if (certified := manifest.get("certified")) is not None:
        lines.append(Text(words.pick(*certified_text(certified)) + _shown(words, "rounds")))
    if (rolled := manifest.get("rolling")) is not None:
        lines.append(Text(words.pick(*rolled_text(rolled)) + _shown(words, "windows")))
    if manifest.get("solution") is not None:
        lines.append(Text(words.pick(*solution_text(manifest))))
    if (better := better_text(manifest)) is not None:
        lines.append(Text(words.pick(*better)))
    goods = [
        f"{words.commodity(r['commodity'])} {quantity(r['amount'], r['unit'], language)}"
        for r in sold(results).head(5).iter_rows(named=True)
    ]
    if goods:
        sold_as = ("Delivered: ", "送达：") if words.counted else ("Sold: ", "外销：")
        lines.append(Text(words.pick(*sold_as) + ", ".join(goods)))
    carbon = emitted(results)
    if carbon:
        lines.append(Text(f"{words.commodity(carbon[0])}: {quantity(carbon[1], carbon[2], language)}"))
    parts: list[RenderableType] = [*lines, Text("")]
    for view in PATHWAY_VIEWS:
        rows = view.rows(results)
        if len(rows):
            parts.append(Text(view.sentence(results, language)))
            if view.key not in _TOLD_ONLY:
                rows, of = changes(rows) if view.key == "pathway" else rows, len(rows)
                parts.append(rich_table(rows.head(24), view.columns, words, view.title(language), of=of, more=view.key))
    holding = bottleneck_rows(results).head(5)
    if len(holding):
        parts.append(rich_table(holding, BOTTLENECKS.columns, words, BOTTLENECKS.title(language)))
    able = CANDIDATES.rows(results).head(5)
    if len(able):
        chosen = tuple(c for c in CANDIDATES.columns if c.name in ("element", "built", "ratio", "earns"))
        parts.append(rich_table(able, chosen, words, CANDIDATES.title(language)))
    return Group(*parts)


def _shown(words: Words, what: str) -> str:
    """Say where the rest of it is to be had."""
    return words.pick(f" (more: lodeworks show RUN {what})", f"（详见 lodeworks show RUN {what}）")


def show(results: Results, what: str = "summary", language: str = "en", *, rows: int = _MOST_ROWS) -> RenderableType:
    """Return a table of the run, or one of its views, as text.

    Parameters
    ----------
    what
        ``summary``, the name of a table (``capacities``, ``flows`` …) or of a view (``bottlenecks``, ``money``,
        ``prices``, ``candidates``, ``duration`` …).
    rows
        Most rows to show.

    Raises
    ------
    RunError
        If there is nothing of that name; the nearest name is offered.
    """
    if what == "summary":
        return summary(results, language)
    words = Words(results, language)
    view = _view(results, _VIEWS.get(what, what))
    if view is not None and view.key == "calendar":
        wide = _wide_calendar(results, words, view.title(language), rows)
        if wide is not None:
            return wide
    if view is not None:
        table = view.rows(sliced(results))
        return rich_table(table.head(rows), view.columns, words, view.title(language), of=len(table))
    if what not in results.tables:
        from lodeworks.views.figures import VIEWS

        known = ["summary", *_VIEWS, *(v.key for v in VIEWS), *(["calendar"] if what != "calendar" else []),
                 *results.tables]
        hint = did_you_mean(what, known)
        raise RunError(f"there is nothing called {what!r} to show{hint} There are: {', '.join(dict.fromkeys(known))}")
    table = results.table(what)
    return rich_table(table.head(rows), [_plain(table, name) for name in table.columns], words, what, of=len(table))


def claims(verdicts: Sequence[Verdict], language: str = "en") -> Table:
    """Return recomputed claims as a table, those that fail first."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    zh = language == "zh"
    made = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title="公开数据复核" if zh else "Printed claims, recomputed",
        title_justify="left",
        title_style="bold",
    )
    for heading in (
        ("编号", "说法", "原文", "复算", "结论") if zh else ("#", "Claim", "Printed", "Recomputed", "Verdict")
    ):
        made.add_column(heading, overflow="fold")
    for verdict in sorted(verdicts, key=lambda v: (_URGENCY.get(v.verdict, len(_URGENCY)), v.id)):
        title = (verdict.title_zh or verdict.title_en) if zh else (verdict.title_en or verdict.title_zh)
        computed = verdict.computed_zh if zh else verdict.computed
        sign, style = _SIGNS.get(verdict.verdict, ("", ""))
        made.add_row(
            Text(str(verdict.id)), Text(str(title)),
            *(Text(amounts_told(str(text), language)) for text in (verdict.printed, computed)),
            Text(f"{sign} {say(verdict.verdict, language)}", style=style),
        )
    return made


def _view(results: Results, key: str) -> View | None:
    from lodeworks.views.figures import ACCOUNTS, VIEWS
    from lodeworks.views.figures.pathway import PATHWAY_VIEWS
    from lodeworks.views.figures.rounds import ROUND_VIEWS

    accounts = ACCOUNTS if "statements" in results.tables else ()
    if key == "calendar":
        from lodeworks.views.figures.calendar import calendar_view

        return calendar_view(sliced(results))
    return next((view for view in (*VIEWS, *PATHWAY_VIEWS, *ROUND_VIEWS, *accounts) if view.key == key), None)


def _wide_calendar(results: Results, words: Words, title: str, rows: int) -> Table | None:
    """Return the calendar with a column a time or stage, where the columns are few enough to be read."""
    from lodeworks.views.figures.calendar import calendar_wide

    wide = calendar_wide(results, words.language, brief=True)
    if wide is None or len(wide.columns) > _MOST_COLUMNS:
        return None
    columns = [_plain(wide, name) for name in wide.columns if wide[name].dtype.is_float() or (wide[name] != "").any()]
    return rich_table(wide.head(rows), columns, words, title, of=len(wide))


def _plain(table: pl.DataFrame, name: str) -> Column:
    kind = "number" if table[name].dtype.is_float() else "time" if table[name].dtype.is_temporal() else "text"
    return Column(name, name, name, kind)


def rich_table(
    rows: pl.DataFrame, columns: Sequence[Column], words: Words, title: str, *, of: int | None = None, more: str = "",
) -> Table:
    """Return rows as a Rich table with a title; `of` says how many there are in all, `more` what to show for them."""
    from rich import box
    from rich.table import Table

    headings, cells = written(rows, tuple(columns), words)
    caption = None
    if of is not None and of > len(rows):
        caption = words.pick(f"{len(rows)} of {digits(of)} rows", f"共 {digits(of)} 行，显示 {len(rows)} 行")
        if more:
            caption += words.pick(f"; all: lodeworks show RUN {more}", f"；全部：lodeworks show RUN {more}")
    made = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, caption=caption, pad_edge=False
    )
    for column, heading in zip(columns, headings, strict=True):
        made.add_column(heading, justify="right" if column.is_number else "left", overflow="fold")
    for row in cells:
        made.add_row(*row)
    return made
