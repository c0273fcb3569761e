"""Stocks and queues of a simulation over time, with the band in which 8 of 10 replications lie.

Every number is one of the run's table `levels`; here they are only chosen and drawn.
"""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.clock import at_clock, milliseconds
from lodeworks.views.figures.style import PALETTE, faded, styled
from lodeworks.views.numbers import digits, quantity, scale_of
from lodeworks.views.results import Results, optional_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["level_views"]

_MOST_PLACES = 12
_SCARCELY = 0.2  # of the most it ever holds: what holds less on average is shown last


def level_views(results: Results) -> list[View]:
    """Return a view for each place where something waits: stores that rise and fall most, then the longest queues."""
    rows = optional_table(results, "levels")
    if rows is None:
        return []
    held = rows.group_by("name", maintain_order=True).agg(
        mean=pl.col("mean").mean(), most=pl.max_horizontal(pl.col("high").max(), pl.col("mean").max()),
        swing=pl.col("high").max() - pl.col("low").min(),
    ).filter(pl.col("mean") > 1e-6)
    lots = {name: mean for name, measure, mean in results.table("statistics").select("name", "measure", "mean").rows()
            if measure == "lots"}
    stores = _stores(results)

    def rank(row: dict[str, float | str]) -> tuple[bool, bool, float]:
        name, mean, most, swing = str(row["name"]), float(row["mean"]), float(row["most"]), float(row["swing"])
        if name in stores or name.startswith("orders of "):
            return False, mean < _SCARCELY * most, -swing / most
        return True, False, -lots.get(name, 0.0)

    return [_view(str(row["name"]), results) for row in sorted(held.iter_rows(named=True), key=rank)[:_MOST_PLACES]]


def _stores(results: Results) -> set[str]:
    """Return the places that are stores, as `commodity@site`."""
    elements = optional_table(results, "elements")
    if elements is None:
        return set()
    rows = elements.filter(pl.col("kind") == "store").select("commodity", "site").iter_rows()
    return {f"{commodity}@{site}" if site else str(commodity) for commodity, site in rows}


def _unit(results: Results, name: str) -> str:
    """Return the unit of what a place holds; vehicles have none."""
    rows = results.table("statistics").filter((pl.col("name") == name) & (pl.col("measure") == "level"))
    return str(rows["unit"][0]) if len(rows) else ""


def _view(name: str, results: Results) -> View:
    key = "level_" + "".join(c if c.isalnum() else "_" for c in name)
    titles = [Words(results, language).named(name) for language in ("en", "zh")]
    return View(
        key, titles[0], titles[1],
        (Column("time", "Until", "至", "time"), Column("mean", "Mean", "平均", "number"),
         Column("low", "10 %", "10%", "number"), Column("high", "90 %", "90%", "number")),
        partial(_rows, name), partial(_figure, name), partial(_sentence, name),
    )


def _rows(name: str, results: Results) -> pl.DataFrame:
    return results.table("levels").filter(pl.col("name") == name).drop("name").with_columns(
        time=at_clock(results, pl.col("hour")))


def _figure(name: str, results: Results, language: str = "en") -> go.Figure:
    words, rows = Words(results, language), _rows(name, results)
    most = max(float(rows["high"].max() or 0.0), float(rows["mean"].max() or 0.0))  # type: ignore[arg-type]
    divisor, unit = scale_of(most, _unit(results, name), language)
    at = milliseconds(results, rows["hour"])
    mean, low, high = ((rows[column] / divisor).to_numpy() for column in ("mean", "low", "high"))
    figure = go.Figure()
    figure.add_scatter(x=at, y=high, mode="lines", line={"width": 0}, showlegend=False, hoverinfo="skip")
    figure.add_scatter(x=at, y=low, mode="lines", line={"width": 0}, fill="tonexty",
                       fillcolor=faded(PALETTE[0], 0.25), name=words.pick("8 of 10 replications", "十次中八次"),
                       hoverinfo="skip")
    figure.add_scatter(x=at, y=mean, mode="lines", line={"color": PALETTE[0], "width": 2},
                       name=words.pick("mean", "平均"),
                       hovertemplate=f"%{{x|%Y-%m-%d %H:%M}}: %{{y:.4~r}} {unit}<extra></extra>")
    figure = styled(figure, height=340)
    figure.update_layout(legend_y=-0.2)
    figure.update_xaxes(type="date")
    figure.update_yaxes(rangemode="tozero", title_text=unit)
    return figure


def _sentence(name: str, results: Results, language: str) -> str:
    words, rows, unit = Words(results, language), _rows(name, results), _unit(results, name)
    mean, most = float(rows["mean"].mean() or 0.0), float(rows["high"].max() or 0.0)  # type: ignore[arg-type]
    shown = [quantity(value, unit, language) if unit else digits(value) for value in (mean, most)]
    return words.pick(
        f"{words.named(name)}: {shown[0]} on average; at any time 9 of 10 replications hold at most {shown[1]}.",
        f"{words.named(name)}：平均{shown[0]}；任一时刻十次中有九次不超过{shown[1]}。",
    )
