"""Load duration: for how many hours a process ran at least so hard."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import DASHES, PALETTE, empty, styled
from lodeworks.views.figures.thinning import kept_steps
from lodeworks.views.numbers import digits, percent
from lodeworks.views.results import Results
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["DURATION", "duration", "duration_rows"]

_MOST_LINES = 6


def _loads(results: Results) -> pl.DataFrame:
    """Return element, hours and load (rate over capacity) of the processes with a limit, by step."""
    limits = results.table("capacities").filter((pl.col("kind") == "process") & (pl.col("total") > 0.0))
    rates = results.table("rates").filter(pl.col("kind") == "process").with_columns(pl.col("element").cast(pl.String))
    summed = rates.group_by(["element", "time"]).agg(pl.col("rate").sum(), pl.col("hours").first())
    return (
        summed.join(limits.select("element", "total"), on="element")
        .with_columns(load=pl.col("rate") / pl.col("total"))
        .sort(["element", "time"])
    )


def duration_rows(results: Results) -> pl.DataFrame:
    """Return for each process its mean load and for how long it ran full, in part and not at all."""
    return (
        _loads(results)
        .group_by("element", maintain_order=True)
        .agg(
            mean=(pl.col("load") * pl.col("hours")).sum() / pl.col("hours").sum(),
            full=pl.col("hours").filter(pl.col("load") >= 0.999).sum(),
            part=pl.col("hours").filter((pl.col("load") < 0.999) & (pl.col("load") > 1e-6)).sum(),
            idle=pl.col("hours").filter(pl.col("load") <= 1e-6).sum(),
            spread=pl.col("load").std().fill_null(0.0),
        )
        .sort(["spread", "mean"], descending=True)
    )


def duration(results: Results, language: str = "en") -> go.Figure:
    """Draw the load of the processes that vary most, highest hours first."""
    rows = duration_rows(results)
    if rows.is_empty():
        return empty(language)
    words, loads = Words(results, language), _loads(results)
    varied = rows.filter((pl.col("part") + pl.col("idle")) > 0.0)
    figure = go.Figure()
    for k, name in enumerate((rows if varied.is_empty() else varied)["element"].head(_MOST_LINES)):
        part = loads.filter(pl.col("element") == name).sort("load", descending=True)
        hours = np.concatenate([[0.0], part["hours"].to_numpy().cumsum()])
        level = part["load"].to_numpy()
        level = np.concatenate([level[:1], level])
        kept = kept_steps(level, 1500)
        figure.add_scatter(
            x=hours[kept].astype(np.float32),
            y=(100.0 * level[kept]).astype(np.float32),
            mode="lines",
            name=words.element(name),
            line={"color": PALETTE[k], "dash": DASHES[k], "width": 2.2, "shape": "vh"},
            hovertemplate="%{x:,.0f} h: %{y:.1f} %",
        )
    figure = styled(figure, height=400)
    figure.update_xaxes(title_text=words.pick("Hours at this load or more", "不低于该负荷的小时数"), tickformat=",.0f")
    figure.update_yaxes(title_text=words.pick("Share of capacity, %", "占产能比例，%"), rangemode="tozero")
    figure.update_layout(legend_y=-0.22)
    return figure


def _sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), duration_rows(results)
    if rows.is_empty():
        return words.say("nothing")
    always = rows.filter((pl.col("part") + pl.col("idle")) <= 0.0)
    most = rows.row(0, named=True)
    if most["spread"] <= 1e-6:
        return words.pick(f"{len(always)} of {len(rows)} processes run full in every hour, the rest evenly.",
                          f"{len(rows)}个工序中有{len(always)}个始终满负荷，其余负荷不变。")
    return words.pick(
        f"{len(always)} of {len(rows)} processes run full in every hour. {words.element(most['element'])} varies most: "
        f"full for {digits(most['full'])} hours, idle for {digits(most['idle'])}, {percent(most['mean'])} on average.",
        f"{len(rows)}个工序中有{len(always)}个始终满负荷。变化最大的是{words.element(most['element'])}：满负荷{digits(most['full'])}小时，"
        f"停运{digits(most['idle'])}小时，平均负荷{percent(most['mean'], 'zh')}。",
    )


DURATION = View(
    "duration",
    "Load duration",
    "负荷持续曲线",
    (
        Column("element", "Process", "工序", "element"),
        Column("mean", "Mean load", "平均负荷", "percent"),
        Column("full", "Hours full", "满负荷小时", "number"),
        Column("part", "Hours in part", "部分负荷小时", "number"),
        Column("idle", "Hours idle", "停运小时", "number"),
    ),
    duration_rows,
    duration,
    _sentence,
)
