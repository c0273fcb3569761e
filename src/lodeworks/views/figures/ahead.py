"""What a simulation from the present shows: which store runs out when, and bands of what each will hold.

Every number is one of the run's tables; here they are only grouped and drawn.
"""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import PALETTE, empty, faded, height_for, styled
from lodeworks.views.numbers import digits, percent, quantity
from lodeworks.views.results import Results, horizon_hours, optional_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["RUNS_OUT", "band_views"]

_MOST_STORES = 12


def runs_out_rows(results: Results) -> pl.DataFrame:
    """Return the stores, the likeliest to run out and the soonest first."""
    rows = optional_table(results, "runs_out")
    return rows if rows is not None else pl.DataFrame()


def runs_out(results: Results, language: str = "en") -> go.Figure:
    """Draw for each store that may run out from when to when it does, nine times in ten."""
    rows = runs_out_rows(results)
    rows = rows.filter(pl.col("share") > 0.0).head(_MOST_STORES).reverse() if not rows.is_empty() else rows
    if rows.is_empty():
        return empty(language)
    words, end = Words(results, language), horizon_hours(results)
    names = [_named(words, name) for name in rows["store"]]
    figure = go.Figure()
    low, half, high = (rows[f"hours_{q}"].fill_null(end).to_list() for q in ("q05", "q50", "q95"))
    figure.add_bar(
        orientation="h", y=names, base=low, x=[max(b - a, 0.004 * end) for a, b in zip(low, high, strict=True)],
        marker={"color": faded(PALETTE[3], 0.55)}, name=words.pick("9 of 10 replications", "十次中九次"),
        hovertemplate="%{y}: %{base:.3~r} h .. %{x:.3~r} h<extra></extra>",
    )
    some = [i for i, value in enumerate(rows["hours_q50"].to_list()) if value is not None]
    figure.add_scatter(
        x=[half[i] for i in some], y=[names[i] for i in some], mode="markers+text",
        marker={"color": PALETTE[3], "size": 11, "symbol": "line-ns-open", "line": {"width": 3}},
        text=[f"  {digits(half[i])} h" for i in some], textposition="middle right", cliponaxis=False,
        name=words.pick("half of them before", "半数早于此时"), hoverinfo="skip",
    )
    figure = styled(figure, height=height_for(len(names)) + 60)
    figure.update_xaxes(title_text=words.pick("hours from now", "自现在起（小时）"), range=[0, end * 1.06])
    figure.update_layout(legend_y=-70 / figure.layout.height)
    return figure


def _named(words: Words, store: str) -> str:
    """Return stores of one balance by their titles."""
    return words.pick(" + ", "、").join(words.element(name) for name in store.split(" + "))


def _runs_out_sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), runs_out_rows(results)
    if rows.is_empty():
        return words.say("nothing")
    count, hours = rows["replications"][0], digits(horizon_hours(results))
    may = rows.filter(pl.col("share") > 0.0)
    if may.is_empty():
        return words.pick(f"Nothing runs out within {hours} h in any of {count} replications.",
                          f"{count}次重复中，{hours}小时内没有库存用完。")
    first = may.row(0, named=True)
    name, share = _named(words, first["store"]), first["share"]
    if first["hours_q05"] is None:
        return words.pick(f"{name} may run out within {hours} h, in {percent(share)} of the replications.",
                          f"{name}可能在{hours}小时内用完，概率{percent(share, 'zh')}。")
    low, to = digits(first["hours_q05"]), first["hours_q95"]
    high = digits(to) if to is not None else words.pick(f"more than {hours}", f"{hours}以上")
    return words.pick(
        f"{name} runs out within {hours} h in {percent(share)} of {count} replications; "
        f"nine times in ten after {low} to {high} h.",
        f"{name}在{hours}小时内用完的概率为{percent(share, 'zh')}（{count}次重复）；"
        f"十次中九次在{low}至{high}小时之间。",
    )


RUNS_OUT = View(
    "ahead", "What runs out, and when", "何时用完",
    (Column("store", "Store", "储存", "word"), Column("level", "Now", "现有", "amount", unit="unit"),
     Column("share", "Runs out in", "用完概率", "percent"),
     Column("hours_q05", "5 % before, h", "5%早于(h)", "number"),
     Column("hours_q50", "Half before, h", "半数早于(h)", "number"),
     Column("hours_q95", "95 % before, h", "95%早于(h)", "number")),
    runs_out_rows, runs_out, _runs_out_sentence,
)


def band_views(results: Results) -> list[View]:
    """Return a view for each store that holds anything, those that may run out first."""
    rows = optional_table(results, "bands")
    if rows is None:
        return []
    held = set(rows.filter(pl.col("q95") > 0.0)["store"].unique())
    first = runs_out_rows(results)["store"].to_list()
    order = [name for name in dict.fromkeys([*first, *rows["store"]]) if name in held]
    return [_band_view(name, results) for name in order[:_MOST_STORES]]


def _band_view(name: str, results: Results) -> View:
    key = "level_band_" + "".join(c if c.isalnum() else "_" for c in name)
    titles = [_named(Words(results, language), name) for language in ("en", "zh")]
    return View(
        key, titles[0], titles[1],
        (Column("time", "Time", "时间", "time"), Column("mean", "Mean", "平均", "number"),
         Column("q05", "5 %", "5%", "number"), Column("q25", "25 %", "25%", "number"),
         Column("q50", "Half", "中位", "number"), Column("q75", "75 %", "75%", "number"),
         Column("q95", "95 %", "95%", "number")),
        partial(_band_rows, name), partial(_band_figure, name), partial(_band_sentence, name),
    )


def _band_rows(name: str, results: Results) -> pl.DataFrame:
    return results.table("bands").filter(pl.col("store") == name)


def _band_figure(name: str, results: Results, language: str = "en") -> go.Figure:
    words, rows = Words(results, language), _band_rows(name, results)
    figure = go.Figure()
    for low, high, strength, label in (
        ("q05", "q95", 0.18, words.pick("9 of 10 replications", "十次中九次")),
        ("q25", "q75", 0.32, words.pick("half of them", "其中一半")),
    ):
        figure.add_scatter(x=rows["time"], y=rows[high], mode="lines", line={"width": 0}, showlegend=False,
                           hoverinfo="skip")
        figure.add_scatter(x=rows["time"], y=rows[low], mode="lines", line={"width": 0}, fill="tonexty",
                           fillcolor=faded(PALETTE[0], strength), name=label, hoverinfo="skip")
    figure.add_scatter(x=rows["time"], y=rows["q50"], mode="lines", line={"color": PALETTE[0], "width": 2},
                       name=words.pick("median", "中位数"), hovertemplate="%{x|%H:%M}: %{y:.4~r}<extra></extra>")
    figure = styled(figure, height=340)
    figure.update_yaxes(rangemode="tozero", title_text=str(rows["unit"][0]))
    return figure


def _band_sentence(name: str, results: Results, language: str) -> str:
    words, rows = Words(results, language), _band_rows(name, results)
    unit, last = str(rows["unit"][0]), rows.row(-1, named=True)
    now, low, high = (quantity(value, unit, language) for value in (rows["q50"][0], last["q05"], last["q95"]))
    return words.pick(
        f"{_named(words, name)}: {now} now; at the end {low} to {high}, nine times in ten.",
        f"{_named(words, name)}：现有{now}；期末十次中九次在{low}至{high}之间。",
    )
