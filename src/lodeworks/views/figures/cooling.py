"""How warm what cools is when it leaves a place, beside the least that it must be.

Every number is one of the run's tables `temperatures` and `statistics`; here they are only drawn.
"""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import PALETTE, empty, height_for, styled
from lodeworks.views.figures.waits import quantile_marks
from lodeworks.views.numbers import digits, percent
from lodeworks.views.results import Results, optional_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["TEMPERATURES"]

_MOST_ROWS = 24
_DRAWN = {"c01": 1, "c05": 5, "c50": 50}


def temperature_rows(results: Results) -> pl.DataFrame:
    """Return quantiles of temperatures by place, the coldest first, and the share that was too cold."""
    rows = optional_table(results, "temperatures")
    if rows is None or rows.is_empty():
        return pl.DataFrame()
    wide = rows.with_columns(c=pl.format("c{}", (pl.col("colder") * 100).round().cast(pl.Int64).cast(pl.String)
                                         .str.zfill(2))).pivot(
        "c", index=["name", "least"], values="mean", aggregate_function="first")
    cold = results.table("statistics").filter(pl.col("measure") == "too cold").select("name", cold="mean")
    return wide.join(cold, "name", how="left", maintain_order="left").sort("c01")


def temperatures(results: Results, language: str = "en") -> go.Figure:
    """Draw which temperature 1, 5 and 50 of 100 are colder than, and the least that they must be."""
    rows = temperature_rows(results).head(_MOST_ROWS).reverse()
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    names = [words.named(name) for name in rows["name"]]
    titles = {column: words.pick(f"{share} of 100 colder", f"{share}%更冷") for column, share in _DRAWN.items()}
    figure = quantile_marks(rows, names, titles, shown="%{x:.1f} °C")
    figure.add_scatter(
        mode="markers", x=rows["least"], y=names, name=words.pick("the least", "下限"),
        marker={"symbol": "line-ns-open", "size": 16, "line": {"width": 3}, "color": PALETTE[5]},
        hovertemplate="%{y}: %{x:.1f} °C<extra></extra>",
    )
    figure = styled(figure, height=height_for(len(names), each=34) + 80)
    figure.update_layout(legend_y=-70 / figure.layout.height)
    figure.update_xaxes(title_text="°C")
    return figure


def _sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), temperature_rows(results)
    if rows.is_empty():
        return words.say("nothing")
    first = rows.row(0, named=True)
    name, cold = words.named(first["name"]), first["cold"] or 0.0
    one, least = digits(first["c01"]), digits(first["least"])
    return words.pick(
        f"The coldest is {name}: one in a hundred leaves colder than {one} °C; it must have {least} °C, and "
        f"{percent(cold)} of it had less. Heat is counted from when it was made.",
        f"最冷的是{name}：百分之一低于{one}°C；下限{least}°C，低于下限的占{percent(cold)}。热量自制成时起算。",
    )


TEMPERATURES = View(
    "temperatures", "How warm it is when it leaves", "离开时的温度",
    (Column("name", "Place", "位置", "named"), Column("c01", "1 % colder than, °C", "1%低于(°C)", "number"),
     Column("c05", "5 % colder than, °C", "5%低于(°C)", "number"),
     Column("c50", "half colder than, °C", "一半低于(°C)", "number"),
     Column("least", "Least, °C", "下限(°C)", "number"), Column("cold", "Too cold", "低于下限", "percent")),
    temperature_rows, temperatures, _sentence,
)
