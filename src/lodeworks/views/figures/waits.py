"""How long things wait in a simulation, and how old they are when they leave: quantiles, and whole distributions.

Every number is one of the run's tables `waits` and `stays`; here they are only chosen and drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.durations import duration_axis
from lodeworks.views.figures.simulation import apart, bar_height
from lodeworks.views.figures.style import DASHES, PALETTE, empty, height_for, styled
from lodeworks.views.numbers import LEAST_HOURS, duration
from lodeworks.views.results import Results, optional_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["AGES", "AGES_SPREAD", "WAITS", "WAITS_SPREAD", "quantile_marks"]

_MOST_ROWS = 24
_MOST_CURVES = 6
_QUANTILES = ("q50", "q80", "q95")


def wait_rows(kind: str, results: Results) -> pl.DataFrame:
    """Return quantiles of stays by place of a kind (`queue` or `exit`), longest first; single orders have their own."""
    rows = results.table("waits")
    if rows.is_empty():
        return pl.DataFrame()
    statistics = results.table("statistics")
    of = statistics.filter((pl.col("kind") == kind) & (pl.col("measure") == "in"))["name"]
    single = optional_table(results, "orders")
    ordered = [f"orders of {name}" for name in single["name"]] if single is not None else []
    rows = rows.filter(pl.col("name").is_in(of.implode()) & ~pl.col("name").is_in(ordered))
    if rows.is_empty():
        return pl.DataFrame()
    wide = rows.with_columns(q=pl.format("q{}", (pl.col("quantile") * 100).round().cast(pl.Int64))).pivot(
        "q", index="name", values="mean", aggregate_function="first")
    return wide.filter(pl.col("q95") > LEAST_HOURS).sort("q95", descending=True)


def marks(kind: str, results: Results, language: str = "en") -> go.Figure:
    """Draw the median, 80th and 95th percentile of stays."""
    rows = wait_rows(kind, results).head(_MOST_ROWS).reverse()
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    names = apart([words.named(name) for name in rows["name"]])
    shown = rows.with_columns(pl.max_horizontal(q, LEAST_HOURS).alias(q) for q in _QUANTILES)
    figure = quantile_marks(
        shown, names, {q: words.pick(f"{q[1:]} of 100 shorter", f"{q[1:]}%更短") for q in _QUANTILES},
        shown=[[duration(value, language) for value in rows[q]] for q in _QUANTILES],
    )
    figure = styled(figure, height=height_for(len(names), each=bar_height(len(names))) + 60)
    figure.update_layout(legend_y=-50 / figure.layout.height)
    duration_axis(figure, language, float(shown["q50"].min()), float(shown["q95"].max()))  # type: ignore[arg-type]
    return figure


def quantile_marks(
    rows: pl.DataFrame, names: list[str], titles: dict[str, str], shown: str | list[list[str]]
) -> go.Figure:
    """Return a figure with a mark for each quantile.

    Parameters
    ----------
    rows
        A row a name, with the columns of `titles`.
    titles
        What each column is called, by column.
    shown
        How a number is written when it is pointed at: a template of Plotly, or its texts by column.
    """
    figure = go.Figure()
    for k, (column, title) in enumerate(titles.items()):
        figure.add_scatter(
            mode="markers", x=rows[column], y=names, name=title,
            marker={"symbol": ("circle", "diamond", "square")[k], "size": 11, "color": PALETTE[k]},
            customdata=None if isinstance(shown, str) else shown[k],
            hovertemplate=f"%{{y}}: {shown if isinstance(shown, str) else '%{customdata}'}<extra></extra>",
        )
    return figure


def curves(kind: str, results: Results, language: str = "en") -> go.Figure:
    """Draw what share of lots stays how long at most, for the places with the longest stays."""
    names = _drawn(kind, results)
    every = optional_table(results, "stays")
    if not names or every is None:
        return empty(language)
    words = Words(results, language)
    figure, high = go.Figure(), LEAST_HOURS
    for k, name in enumerate(names):
        rows = every.filter(pl.col("name") == name)
        at_once = float(rows.filter(pl.col("hours") <= LEAST_HOURS)["share"].max() or 0.0)  # type: ignore[arg-type]
        rows = rows.filter(pl.col("hours") > LEAST_HOURS)
        high = max(high, *rows["hours"])
        figure.add_scatter(
            x=[LEAST_HOURS / 2.0, *rows["hours"]], y=[100.0 * at_once, *(100.0 * rows["share"])], mode="lines",
            name=words.named(name), customdata=[duration(value, language) for value in [0.0, *rows["hours"]]],
            line={"shape": "hv", "width": 2.5, "color": PALETTE[k % len(PALETTE)], "dash": DASHES[k % len(DASHES)]},
            hovertemplate=words.named(name) + words.pick(
                ": %{y:.1f} % within %{customdata}", "：%{y:.1f}%不超过%{customdata}") + "<extra></extra>",
        )
    figure = styled(figure, height=400)
    figure.update_layout(legend_y=-0.18)
    figure.update_yaxes(range=[0, 103], ticksuffix=words.pick(" %", "%"))
    low = min(float(every.filter(pl.col("name") == name, pl.col("share") >= 0.02)["hours"].min() or 0.0)  # type: ignore[arg-type]
              for name in names)
    duration_axis(figure, language, max(low, high / 1e5), high)
    return figure


def _drawn(kind: str, results: Results) -> list[str]:
    rows = wait_rows(kind, results)
    return rows["name"].head(_MOST_CURVES).to_list() if not rows.is_empty() else []


def _spread_rows(kind: str, results: Results) -> pl.DataFrame:
    names, every = _drawn(kind, results), optional_table(results, "stays")
    if not names or every is None:
        return pl.DataFrame()
    order = pl.DataFrame({"name": names, "place": range(len(names))})
    return every.join(order, on="name").sort("place", "hours").drop("place")


def _sentence(kind: str, results: Results, language: str) -> str:
    words, rows = Words(results, language), wait_rows(kind, results)
    if rows.is_empty():
        return words.say("nothing")
    first = rows.row(0, named=True)
    name, half, most = words.named(first["name"]), duration(first["q50"], language), duration(first["q95"], language)
    if kind == "queue":
        return words.pick(f"Longest: {name}; half stay {half} or less, 95 of 100 {most} or less.",
                          f"最长：{name}，一半不超过{half}，95%不超过{most}。")
    return words.pick(
        f"Oldest: {name}; half leave within {half}, 95 of 100 within {most}. Age counts since the oldest part of a lot "
        "came into the chain, what goes round in it too.",
        f"最久：{name}，一半在{half}内离开，95%在{most}内。时长自其中最早进入全链的部分算起，循环使用的也计入。")


def _spread_sentence(kind: str, results: Results, language: str) -> str:
    words = Words(results, language)
    what = words.pick("stays", "停留") if kind == "queue" else words.pick("leaves", "离开")
    return words.pick(
        f"The whole distribution: what share {what} within how long. Where a curve begins above nought, so many do not "
        "wait.",
        f"完整分布：多大比例在多久之内{what}；曲线起点高于零的部分无需等待。")


def _pair(kind: str, key: str, title: str, zh: str) -> tuple[View, View]:
    rows: Callable[[Results], pl.DataFrame] = partial(wait_rows, kind)
    places = View(
        key, title, zh,
        (Column("name", "Place", "位置", "named"), Column("q50", "Half within", "一半不超过", "duration"),
         Column("q80", "80 % within", "80%不超过", "duration"), Column("q95", "95 % within", "95%不超过", "duration"),
         Column("q99", "99 % within", "99%不超过", "duration")),
        rows, partial(marks, kind), partial(_sentence, kind),
    )
    spread = View(
        f"{key}_spread", title, zh,
        (Column("name", "Place", "位置", "named"), Column("hours", "Within", "不超过", "duration"),
         Column("share", "Share", "占比", "percent")),
        partial(_spread_rows, kind), partial(curves, kind), partial(_spread_sentence, kind),
    )
    return places, spread


WAITS, WAITS_SPREAD = _pair("queue", "waits", "How long things wait", "等待时间")
AGES, AGES_SPREAD = _pair("exit", "ages", "How old what leaves is", "离开时的时长")
