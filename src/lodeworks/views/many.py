"""Runs that hold many plans: farms, tornados, fronts and ranges. Which views each has, and their summary as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeworks.views.results import Results
from lodeworks.views.terminal import rich_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["MANY", "many_summary", "many_views"]

MANY = {
    "farm": ("Many scenarios of one chain", "多情景计算"),
    "tornado": ("Which assumptions matter", "哪些假设最关键"),
    "pareto": ("What one goal costs in the other", "两个目标的取舍"),
    "alternatives": ("Plans almost as good as the best", "近似最优方案"),
}
"""Kinds of run, and what they are called."""

_MOST_ROWS, _MOST_REASONS, _MOST_COLUMNS = 60, 5, 7
_LEFT_OUT = ("reason",)  # told in full below the table


def many_views(results: Results) -> list[View]:
    """Return the views of such a run, in the order a reader asks."""
    from lodeworks.views.figures.alternatives import alternatives_views
    from lodeworks.views.figures.farm import farm_views
    from lodeworks.views.figures.pareto import pareto_views
    from lodeworks.views.figures.tornado import tornado_views

    makers = {"farm": farm_views, "tornado": tornado_views, "pareto": pareto_views, "alternatives": alternatives_views}
    return makers[results.manifest["kind"]](results)


def many_summary(results: Results, language: str = "en") -> RenderableType:
    """Return what was found as text: a sentence and a table for each view."""
    from rich.console import Group
    from rich.text import Text

    from lodeworks.views.report.headline import title_of

    words = Words(results, language)
    parts: list[RenderableType] = [Text(title_of(results, language), style="bold")]
    for view in many_views(results):
        rows = view.rows(results)
        if rows.is_empty():
            continue
        shown = tuple(column for column in view.columns if column.name not in _LEFT_OUT and not (
            results.manifest.get("chosen_figures") is False and " [" in column.name))
        narrow = _narrow(results, shown)
        parts += [
            Text(view.sentence(results, language)), Text(""),
            rich_table(rows.head(_MOST_ROWS), narrow, words, view.title(language), of=len(rows)),
        ]
        if "why" in rows.columns:
            parts += [
                Text(f"{row['scenario']}: {row['why']}", style="yellow")
                for row in rows.filter(rows["why"].is_not_null()).head(_MOST_REASONS).iter_rows(named=True)
            ]
        if narrow != shown:
            parts.append(Text(words.pick(
                "Each is a run in the folder's runs/; names and what each changes: lodeworks show RUN results --csv",
                "每个情景是文件夹 runs/ 中的一次运行；名称与改动见 lodeworks show RUN results --csv"), style="dim"))
    return Group(*parts)


def _narrow(results: Results, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return columns that fit a terminal: of a farm that varies and tells much, a name that says what it varies."""
    varied = results.manifest.get("varied") or ()
    if results.manifest["kind"] != "farm" or len(varied) < 2 or len(columns) <= _MOST_COLUMNS:
        return columns
    kept = (column for column in columns if column.name not in (*varied, "changed", "scenario"))
    titled = Column("scenario", "Scenario", "情景", "scenario")
    return titled if results.manifest.get("titles") else Column("called", "Scenario", "情景"), *kept
