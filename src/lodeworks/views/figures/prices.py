"""What one more unit of each commodity is worth: mean over the horizon, and between which bounds it moves."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import INK, PALETTE, empty, height_for, styled
from lodeworks.views.numbers import digits, unit_words
from lodeworks.views.results import Results
from lodeworks.views.sums import mean_prices
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["PRICES", "price_rows", "prices"]


def price_rows(results: Results) -> pl.DataFrame:
    """Return each balance's mean, least and most marginal value over the horizon."""
    return mean_prices(results).sort(["unit", "mean", "commodity", "site"], descending=[False, True, False, False])


def prices(results: Results, language: str = "en") -> go.Figure:
    """Draw each balance's marginal value as a share of its mean: the mark is the mean, the bar its range.

    Units differ from row to row, so every row has its own measure, and the mean is written beside it.
    """
    rows = price_rows(results).filter(pl.col("mean").abs() > 1e-9)
    rows = rows.sort(pl.col("mean").abs(), descending=True).head(26).sort(["unit", "mean"], descending=[True, False])
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    names, texts = [], []
    for row in rows.iter_rows(named=True):
        names.append(words.balance(row["commodity"], row["site"]))
        texts.append(f"  {digits(row['mean'])} {unit_words(row['unit'], language)}")
    figure = go.Figure()
    scale = rows["mean"].abs()
    low, high = (rows["least"] / scale).to_list(), (rows["most"] / scale).to_list()
    figure.add_bar(
        orientation="h",
        y=names,
        base=low,
        x=[b - a for a, b in zip(low, high, strict=True)],
        width=0.45,
        marker={"color": "#b9cbe0", "line": {"width": 1, "color": PALETTE[0]}},
        name=words.pick("Range", "变化范围"),
        customdata=list(rows.select("least", "most").iter_rows()),
        hovertemplate="%{y}: %{customdata[0]:,.4~r} … %{customdata[1]:,.4~r}<extra></extra>",
    )
    figure.add_scatter(
        y=names,
        x=(rows["mean"] / scale).to_list(),
        mode="markers",
        name=words.pick("Mean", "平均"),
        marker={"symbol": "diamond", "size": 10, "color": INK, "line": {"color": "white", "width": 1}},
        customdata=texts,
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    ends = [min(max(h, 1.0 if m > 0 else -1.0), 4.0) for h, m in zip(high, rows["mean"], strict=True)]
    gap = 0.04 * (min(max([*high, 1.0]), 4.0) - max(min([*low, 0.0]), -2.0))
    figure.add_scatter(
        y=names,
        x=[end + gap for end in ends],
        mode="text",
        text=texts,
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )
    figure = styled(figure, height=height_for(len(names)) + 50)
    figure.update_xaxes(
        range=[max(min([*low, 0.0]), -2.0), min(max([*high, 1.0]), 4.0) * 1.0 + 1.4],
        showticklabels=False,
        title_text=words.pick("Each row against its own mean", "各行以自身均值为尺度"),
    )
    figure.update_layout(legend_y=-60 / figure.layout.height)
    return figure


def _sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), price_rows(results)
    moving = (
        rows.filter(pl.col("mean").abs() > 1e-9)
        .with_columns(swing=(pl.col("most") - pl.col("least")) / pl.col("mean").abs())
        .sort("swing", descending=True)
    )
    if moving.is_empty():
        return words.say("nothing")
    top, free = moving.row(0, named=True), len(rows) - len(moving)
    if top["swing"] <= 1e-6:
        return words.pick(
            f"No value moves over the horizon. {free} of {len(rows)} balances have so much that one more unit is worth "
            "nothing.", f"规划期内各项价值不变。{len(rows)}个平衡中有{free}个供过于求，多一个单位没有价值。")
    text, unit = words.balance(top["commodity"], top["site"]), unit_words(top["unit"], language)
    return words.pick(
        f"The value of {text} moves most: between {digits(top['least'])} and {digits(top['most'])} {unit}. "
        f"{free} of {len(rows)} balances have so much that one more unit is worth nothing.",
        f"价值变化最大的是{text}：在{digits(top['least'])}至{digits(top['most'])} {unit}之间。"
        f"{len(rows)}个平衡中有{free}个供过于求，多一个单位没有价值。",
    )


PRICES = View(
    "prices",
    "Marginal values",
    "边际价值",
    (
        Column("commodity", "Commodity", "物料", "commodity"),
        Column("site", "Site", "场所", "site"),
        Column("mean", "Mean", "平均", "price", "unit"),
        Column("least", "Least", "最低", "price", "unit"),
        Column("most", "Most", "最高", "price", "unit"),
    ),
    price_rows,
    prices,
    _sentence,
)
