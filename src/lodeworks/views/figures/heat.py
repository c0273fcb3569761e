"""A year in one picture: hour of the day against day, for what stores hold and what a commodity is worth.

Where steps last a day or longer there are no hours of the day to see, and a line over time is drawn.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import PALETTE, empty, styled
from lodeworks.views.numbers import digits, scale_of, unit_words
from lodeworks.views.results import Results
from lodeworks.views.sums import flow_sums, mean_prices
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["day_by_hour", "heat", "heat_rows", "heat_views"]


def _values(results: Results, what: str, name: str, site: str) -> tuple[pl.DataFrame, str]:
    """Return time and value of a store's level (at ends of steps) or a balance's marginal value, and its unit."""
    if what == "level":
        table = results.table("levels").filter(pl.col("store").cast(pl.String) == name)
        column = "level"
    else:
        table = results.table("marginal_values").filter(
            (pl.col("what") == "balance")
            & (pl.col("name").cast(pl.String) == name)
            & (pl.col("site").cast(pl.String) == site)
        )
        column = "value"
    unit = str(table["unit"][0]) if len(table) else ""
    return table.select("time", value=pl.col(column)).sort("time"), unit


def day_by_hour(
    values: pl.DataFrame, *, at_end: bool, span: tuple[np.datetime64, np.datetime64] | None = None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.datetime64]]:
    """Return numbers as (24, days) and the days; what there is no number for is NaN.

    Parameters
    ----------
    values
        Columns time and value. Steps longer than an hour fill all their hours, shorter ones give their mean.
    at_end
        Whether a number is that of the end of its step.
    span
        When the first step begins and the last one ends, where steps are of any length.
    """
    times, numbers = values["time"].to_numpy().astype("datetime64[ms]"), values["value"].to_numpy()
    if span is not None:
        edges = np.concatenate([span[:1], times]) if at_end else np.append(times, span[1:])
        return _means_by_hour(edges.astype("datetime64[ms]"), numbers)
    hour = np.timedelta64(3_600_000, "ms")
    step = np.diff(times).min() if len(times) > 1 else hour
    starts = times - step if at_end else times
    first = starts[0].astype("datetime64[D]")
    last = (starts[-1] + step - np.timedelta64(1, "ms")).astype("datetime64[D]")
    days = np.arange(first, last + np.timedelta64(1, "D"))
    grid = np.full(24 * len(days), np.nan)
    if step < hour:
        place = ((starts - first.astype("datetime64[ms]")) // hour).astype(int)
        count = np.bincount(place, minlength=len(grid))
        sums = np.bincount(place, numbers, minlength=len(grid))
        grid[count > 0] = sums[count > 0] / count[count > 0]
    else:
        clock = first.astype("datetime64[ms]") + np.arange(len(grid)) * hour
        place = np.searchsorted(starts, clock, side="right") - 1
        inside = (place >= 0) & (clock < starts[-1] + max(step, hour))
        grid[inside] = numbers[place[inside]]
    return grid.reshape(len(days), 24).T, days


def _means_by_hour(
    edges: npt.NDArray[np.datetime64], numbers: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.datetime64]]:
    """Return the means of the hours that steps of any length cover, as `day_by_hour`; of one edge more than steps."""
    first, last = edges[0].astype("datetime64[D]"), (edges[-1] - np.timedelta64(1, "ms")).astype("datetime64[D]")
    days = np.arange(first, last + np.timedelta64(1, "D"))
    at = (edges - first.astype("datetime64[ms]")) / np.timedelta64(3_600_000, "ms")
    clock = np.arange(24.0 * len(days) + 1.0)
    sums = np.interp(clock, at, np.concatenate([[0.0], np.cumsum(numbers * np.diff(at))]))
    there = np.diff(np.clip(clock, at[0], at[-1]))
    grid = np.full(24 * len(days), np.nan)
    np.divide(np.diff(sums), there, out=grid, where=there > 0.0)
    return grid.reshape(len(days), 24).T, days


def _span(results: Results) -> tuple[np.datetime64, np.datetime64] | None:
    """Return from when to when the steps of a plan in segments are; nothing where its steps are of one length."""
    if not results.manifest["horizon"].get("segments"):
        return None
    lasts = pl.duration(milliseconds=(3.6e6 * pl.col("hours")).round().cast(pl.Int64))
    steps = results.table("rates").select(begin=pl.col("time"), end=pl.col("time") + lasts)
    return steps["begin"].to_numpy().min(), steps["end"].to_numpy().max()


def heat(results: Results, language: str = "en", what: str = "level", name: str = "", site: str = "") -> go.Figure:
    """Draw a store's level, or a commodity's marginal value, over days and hours.

    Parameters
    ----------
    what
        ``level`` of the store `name`, or ``value`` of the commodity `name` at `site`. Without a name the one that
        varies most is drawn.
    """
    if not name:
        chosen = [c for c in _worth_seeing(results) if c[0] == what]
        if not chosen:
            return empty(language)
        _, name, site = chosen[0]
    values, unit = _values(results, what, name, site)
    if values.is_empty():
        return empty(language)
    numbers, days = day_by_hour(values, at_end=what == "level", span=_span(results))
    if what == "level":
        divisor, text = scale_of(float(np.nanmax(np.abs(numbers))), unit, language)
    else:
        divisor, text = 1.0, unit_words(unit, language)
    if _long_steps(values):
        return _line(values, divisor, text, language, at_end=what == "level")
    figure = go.Figure(
        go.Heatmap(
            z=(numbers / divisor).astype(np.float32),
            x0=str(days[0]),
            dx=86_400_000,
            y0=0,
            dy=1,
            colorscale="Cividis",
            colorbar={"title": {"text": text, "side": "top"}, "thickness": 12, "outlinewidth": 0},
            hovertemplate="%{x} %{y}:00<br>%{z:,.4~r} " + text + "<extra></extra>",
        )
    )
    figure = styled(figure, height=300, legend=False)
    figure.update_xaxes(
        type="date", showgrid=False, tickformat="%-m月" if language == "zh" else "%b", hoverformat="%Y-%m-%d"
    )
    if len(days) < 62:
        figure.update_xaxes(tickformat="%m-%d" if language == "zh" else "%b %d")
    figure.update_yaxes(
        tickvals=[0, 6, 12, 18, 23], ticktext=["0:00", "6:00", "12:00", "18:00", "23:00"], showgrid=False
    )
    return figure


def _long_steps(values: pl.DataFrame) -> bool:
    times = values["time"].to_numpy()
    return len(times) > 1 and bool(np.diff(times).min() >= np.timedelta64(1, "D"))


def _line(values: pl.DataFrame, divisor: float, unit: str, language: str, *, at_end: bool) -> go.Figure:
    """Draw a number over time: a level as it moves, a value as it holds for its step."""
    times, numbers = values["time"].to_list(), (values["value"].to_numpy() / divisor).astype(np.float32)
    if not at_end:  # the last step is drawn to its end
        times, numbers = [*times, times[-1] + (times[-1] - times[-2])], np.append(numbers, numbers[-1])
    figure = go.Figure(go.Scatter(
        x=times, y=numbers, mode="lines",
        line={"color": PALETTE[0], "width": 2, "shape": "linear" if at_end else "hv"},
        fill="tozeroy" if at_end else None, hovertemplate="%{x|%Y-%m-%d}: %{y:,.4~r} " + unit + "<extra></extra>",
    ))
    figure = styled(figure, height=300, legend=False)
    figure.update_xaxes(type="date", tickformat="%-m月" if language == "zh" else "%b")
    figure.update_yaxes(title_text=unit, rangemode="tozero")
    return figure


def heat_rows(results: Results, what: str = "level", name: str = "", site: str = "") -> pl.DataFrame:
    """Return each month's least, mean and most."""
    values, unit = _values(results, what, name, site)
    stamp = pl.col("time").dt.offset_by("-1ms") if what == "level" else pl.col("time")
    return (
        values.group_by(stamp.dt.strftime("%Y-%m").alias("month"), maintain_order=True)
        .agg(
            least=pl.col("value").min(),
            mean=pl.col("value").mean(),
            most=pl.col("value").max(),
        )
        .with_columns(unit=pl.lit(unit))
    )


def _worth_seeing(results: Results, most: int = 3) -> list[tuple[str, str, str]]:
    """Return the stores and the values that vary most in money, each at most `most`, a commodity once.

    A level's spread counts at the mean value of what it holds, a value's spread at the amount that passes.
    """
    names = ["commodity", "site"]
    prices = mean_prices(results).select(*names, "mean")
    levels = (
        results.table("levels")
        .group_by(["store", *names])
        .agg(spread=pl.col("level").std(), size=pl.col("level").max())
        .with_columns(pl.col("store", *names).cast(pl.String))
        .join(prices, on=names, how="left")
    )
    levels = levels.filter((pl.col("size") > 0.0) & (pl.col("spread") > 1e-3 * pl.col("size"))).with_columns(
        worth=pl.col("spread") * pl.col("mean").abs().fill_null(0.0)
    )
    stores = (
        levels.sort(["worth", "store"], descending=[True, False])
        .unique("commodity", keep="first", maintain_order=True)
        .head(most)
    )
    passing = flow_sums(results).filter(pl.col("amount") > 0.0).group_by(names).agg(pl.col("amount").sum())
    values = (
        results.table("marginal_values")
        .filter(pl.col("what") == "balance")
        .group_by(names)
        .agg(spread=pl.col("value").std(), size=pl.col("value").abs().max(), steps=pl.len())
        .with_columns(pl.col(names).cast(pl.String))
        .join(passing, on=names)
    )
    values = values.filter((pl.col("spread") > 5e-3 * pl.col("size")) & (pl.col("steps") >= 24)).with_columns(
        worth=pl.col("spread") * pl.col("amount")
    )
    values = values.sort(["worth", *names], descending=[True, False, False])
    chosen = values.unique("commodity", keep="first", maintain_order=True).head(most)
    return [("level", s, "") for s in stores["store"]] + [("value", n, s) for n, s in chosen.select(names).iter_rows()]


def _sentence(results: Results, language: str, what: str, name: str, site: str) -> str:
    words = Words(results, language)
    values, unit = _values(results, what, name, site)
    if values.is_empty():
        return words.say("nothing")
    numbers, _ = day_by_hour(values, at_end=what == "level", span=_span(results))
    seen = np.isfinite(numbers).any(axis=1)  # steps longer than an hour begin in some hours of the day only
    by_hour = np.full(len(numbers), np.nan)
    by_hour[seen] = np.nanmean(numbers[seen], axis=1)
    high, low = int(np.nanargmax(by_hour)), int(np.nanargmin(by_hour))
    least, most = (float(v) for v in (np.nanmin(numbers), np.nanmax(numbers)))
    text = unit_words(unit, language)
    if _long_steps(values):
        times = values["time"].dt.strftime("%Y-%m-%d").to_list()
        top, low_at = times[int(values["value"].arg_max() or 0)], times[int(values["value"].arg_min() or 0)]
        return words.pick(f"{_moves(what, least, most, text, 'en')}, most about {top} and least about {low_at}.",
                          f"{_moves(what, least, most, text, 'zh')}；{top}前后最高，{low_at}前后最低。")
    flat = abs(by_hour[high] - by_hour[low]) < 0.01 * max(abs(most), 1e-300)
    en, zh = (_moves(what, least, most, text, tag) for tag in ("en", "zh"))
    if flat:
        return words.pick(en + ", with little difference between the hours of the day.", zh + "，一天之内差别不大。")
    return words.pick(
        f"{en}; on average it is highest at {high}:00 and lowest at {low}:00.",
        f"{zh}；平均在{high}时最高、{low}时最低。",
    )


def _moves(what: str, least: float, most: float, unit: str, language: str) -> str:
    low, high = digits(least), digits(most)
    if what == "level":
        return (f"库存在{low}至{high} {unit}之间变化" if language == "zh"
                else f"The level moves between {low} and {high} {unit}")
    if language == "zh":
        return f"多一个单位的价值在{low}至{high} {unit}之间"
    return f"One more unit is worth between {low} and {high} {unit}"


def heat_views(results: Results) -> list[View]:
    """Return the views of the stores and values that vary most."""
    views = []
    for what, name, site in _worth_seeing(results):
        titles = []
        for language in ("en", "zh"):
            words = Words(results, language)
            if what == "level":
                titles.append(words.pick(f"Level: {words.element(name)}", f"库存：{words.element(name)}"))
            else:
                titles.append(words.pick(f"Value: {words.balance(name, site)}", f"价值：{words.balance(name, site)}"))
        kind = "amount" if what == "level" else "price"
        columns = (
            Column("month", "Month", "月份"),
            Column("least", "Least", "最低", kind, "unit"),
            Column("mean", "Mean", "平均", kind, "unit"),
            Column("most", "Most", "最高", kind, "unit"),
        )
        chosen: dict[str, Any] = {"what": what, "name": name, "site": site}
        views.append(
            View(
                f"heat_{what}_{name}_{site}",
                titles[0],
                titles[1],
                columns,
                partial(heat_rows, **chosen),
                partial(heat, **chosen),
                partial(_sentence, **chosen),
            )
        )
    return views
