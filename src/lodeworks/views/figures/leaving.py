"""What leaves the chain in each stage: how much a year every demand takes, what is paid to be taken included."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import PALETTE, empty, styled
from lodeworks.views.numbers import quantity, scale_of
from lodeworks.views.results import Results, horizon_hours
from lodeworks.views.sums import money_by
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["LEAVING"]

_MOST_PANELS, _MOST_TOLD = 8, 6


def leaving_rows(results: Results) -> pl.DataFrame:
    """Return what each demand takes a year in each stage, and over all of them, those with most money first."""
    whole: Results = getattr(results, "whole", results)
    stages = whole.manifest.get("stages")
    if not stages:
        return LEAVING.nothing()
    chosen = (results.manifest.get("slice") or {}).get("scenario", "")
    flows = whole.table("flows").filter(pl.col("kind") == "demand")
    if chosen and "scenario" in flows.columns:
        flows = flows.filter(pl.col("scenario").cast(pl.String) == chosen)
    periods = whole.manifest.get("periods") or {}
    many, hours = pl.lit(1.0), horizon_hours(whole)
    if periods and "period" in flows.columns:
        times = dict(zip(periods["names"], periods["times"], strict=True))
        many = pl.col("period").cast(pl.String).replace_strict(times, return_dtype=pl.Float64)
        passed = flows.select("period", "time", "hours").unique()
        hours = float(passed.select((pl.col("hours") * many).sum()).item())
    names = ["element", "commodity", "unit", "stage"]
    summed = flows.with_columns(pl.col(names).cast(pl.String)).group_by(names, maintain_order=True).agg(
        amount=-(pl.col("amount") * many).sum() * 8760.0 / hours
    )
    years = dict(zip(stages["names"], stages["years"], strict=True))
    over = pl.col("stage").replace_strict(years, return_dtype=pl.Float64)
    paid = money_by(results, ["item", "element"]).filter(pl.col("item") == "revenue")
    order = paid.select(pl.col("element").cast(pl.String), size=pl.col("amount").abs())
    rows = summed.with_columns(together=(pl.col("amount") * over).sum().over("element"))
    rows = rows.filter(pl.col("together").abs() > 0.0).join(order, on="element", how="left")
    return rows.sort([pl.col("size").fill_null(0.0), "element", "stage"], descending=[True, False, False]).drop("size")


def leaving_figure(results: Results, language: str = "en") -> go.Figure:
    """Draw what each demand takes a year, stage by stage, a demand a panel."""
    from plotly.subplots import make_subplots

    rows = leaving_rows(results)
    names = rows["element"].unique(maintain_order=True).to_list()[:_MOST_PANELS]
    if not names:
        return empty(language)
    words = Words(results, language)
    wide = min(2, len(names))
    high = -(-len(names) // wide)
    parts = [rows.filter(pl.col("element") == name) for name in names]
    scales = [scale_of(float(own["amount"].abs().max()), own["unit"][0], language) for own in parts]  # type: ignore[arg-type]
    figure = make_subplots(
        rows=high, cols=wide, vertical_spacing=0.12 / high + 0.08, horizontal_spacing=0.12,
        subplot_titles=[f"{words.element(name)} ({unit}{words.pick('/a', '/年')})"
                        for name, (_, unit) in zip(names, scales, strict=True)],
    )
    for k, (own, (divisor, _)) in enumerate(zip(parts, scales, strict=True)):
        figure.add_bar(
            x=own["stage"].to_list(), y=(own["amount"] / divisor).to_list(), marker_color=PALETTE[0], showlegend=False,
            hovertemplate="%{x}: %{y:.4g}<extra></extra>", row=k // wide + 1, col=k % wide + 1,
        )
    figure = styled(figure, height=100 + 210 * high, legend=False)
    figure.update_layout(margin_t=54)
    figure.update_xaxes(type="category")
    figure.update_annotations(font_size=13)
    return figure


def _sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), leaving_rows(results)
    stages = results.manifest["stages"]["names"]
    told = [
        f"{words.element(row['element'])} {quantity(row['together'], row['unit'], language)}"
        for row in rows.unique("element", keep="first", maintain_order=True).head(_MOST_TOLD).iter_rows(named=True)
    ]
    return words.pick(
        f"Over all years of the stages {stages[0]} to {stages[-1]}: {', '.join(told)}.",
        f"{stages[0]}至{stages[-1]}各阶段全部年份合计：{'，'.join(told)}。",
    )


LEAVING = View(
    "leaving", "What leaves, by stage", "各阶段去向",
    (
        Column("element", "Where to", "去向", "element"),
        Column("stage", "Stage", "阶段"),
        Column("amount", "A year", "每年", "amount", "unit"),
        Column("together", "Over all years", "全部年份合计", "amount", "unit"),
    ),
    leaving_rows, leaving_figure, _sentence,
)
