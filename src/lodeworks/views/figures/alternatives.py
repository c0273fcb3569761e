"""How different a plan may be that is almost as good: a bar from the least to the most, a mark at the best."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import INK, PALETTE, empty, faded, height_for, styled
from lodeworks.views.numbers import percent, quantity
from lodeworks.views.rates import said_over
from lodeworks.views.results import Results
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["alternatives_views"]

_SMALL = 1e-6


def alternatives_views(results: Results) -> list[View]:
    """Return the ranges."""
    columns = (
        Column("target", "What", "对象", "element"), Column("kind", "Counted", "口径", "word"),
        Column("least", "Least", "最少", "amount", "unit"),
        Column("best", "In the best plan", "最优方案", "amount", "unit"),
        Column("most", "Most", "最多", "amount", "unit"), Column("verdict", "So", "判断", "word"),
    )
    return [View("ranges", "How much of each is in good plans", "好方案中各有多少", columns, _rows, _figure, _sentence)]


def _rows(results: Results) -> pl.DataFrame:
    rows = said_over(results, results.table("ranges"), ("least", "best", "most"))
    most, least, best = pl.col("most"), pl.col("least"), pl.col("best")
    size = pl.max_horizontal(most.fill_null(0.0), best.abs(), 1e-12)
    return rows.with_columns(verdict=(
        pl.when(most.is_not_null() & (most <= _SMALL * pl.max_horizontal(size, 1.0))).then(pl.lit("never"))
        .when(most.is_not_null() & (most - least <= _SMALL * size)).then(pl.lit("settled"))
        .when(least > _SMALL * size).then(pl.lit("always some")).otherwise(pl.lit("a choice"))
    ))


def _figure(results: Results, language: str = "en") -> go.Figure:
    rows, words = _rows(results).filter(pl.col("verdict") != "never").reverse(), Words(results, language)
    if rows.is_empty():
        return empty(language)
    names, base, width, mark, text = [], [], [], [], []
    twice = set(rows.filter(pl.col("target").is_duplicated())["target"])
    for row in rows.iter_rows(named=True):
        top = row["most"] if row["most"] is not None else 2.0 * max(row["best"], row["least"], 1.0)
        size = top if top > 0.0 else 1.0
        counted = f" · {words.say(row['kind'])}" if row["target"] in twice else ""
        names.append(words.element(row["target"]) + counted)
        base.append(row["least"] / size)
        width.append((top - row["least"]) / size)
        mark.append(row["best"] / size)
        most = quantity(row["most"], row["unit"], language) if row["most"] is not None else words.say("unlimited")
        text.append(f" {quantity(row['least'], row['unit'], language)} – {most}")
    figure = go.Figure(go.Bar(
        orientation="h", y=names, x=width, base=base, text=text, textposition="outside", cliponaxis=False,
        marker={"color": faded(PALETTE[0], 0.5), "line": {"color": PALETTE[0], "width": 1}}, hoverinfo="skip",
    ))
    figure.add_scatter(x=mark, y=names, mode="markers", hoverinfo="skip",
                       marker={"symbol": "diamond", "size": 11, "color": PALETTE[1], "line": {"color": INK}})
    figure = styled(figure, height=height_for(len(rows)), legend=False)
    figure.update_xaxes(title_text=words.pick("Share of the most; ◆ the best plan", "占最多的比例；◆ 为最优方案"),
                        range=[0, 1.6], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1.0])
    return figure


def _sentence(results: Results, language: str) -> str:
    words, rows, manifest = Words(results, language), _rows(results), results.manifest
    always, never, settled = (
        len(rows.filter(pl.col("verdict") == verdict)) for verdict in ("always some", "never", "settled")
    )
    share, unit = percent(manifest["within"]), manifest["objective"]["unit"]
    best, limit = (words.amount(v, unit) for v in (manifest["objective"]["value"], manifest["limit"]))
    goal = words.goal(manifest["objective"]["goal"])
    return words.pick(
        f"{goal} is {best} at best. Among all plans within {share} of it ({limit}), {always} of "
        f"{len(rows)} are there in every one, {never} in none, {settled} are settled; the rest is a choice.",
        f"{goal}最优为 {best}。在与其相差不超过 {share}（{limit}）的所有方案中，{len(rows)}项里有"
        f"{always}项每个方案都有，{never}项都没有，{settled}项已确定；其余可以选择。")
