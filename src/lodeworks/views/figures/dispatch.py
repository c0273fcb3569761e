"""The hours of one balance as stacks: who brings, who takes. And the same flows as monthly bars.

The whole horizon is in the figure and the slider under it; the view opens on fourteen days. Long series are
thinned by their extremes (`figures.thinning`), so that no spike is lost. A few hundred steps are shown whole.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import PALETTE, PATTERNS, empty, faded, pattern, styled
from lodeworks.views.figures.thinning import kept_steps
from lodeworks.views.numbers import percent, quantity, scale_of, unit_words
from lodeworks.views.results import Results
from lodeworks.views.sums import key_balances
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["DAYS_IN_VIEW", "dispatch", "dispatch_rows", "hours_view", "month_rows", "months", "months_view"]

DAYS_IN_VIEW = 14
_MOST_POINTS = 9_000
_ALL_IN_VIEW = 400  # steps
_MOST_SERIES = 5


class _Hours(NamedTuple):
    """The elements of a balance, widest first, with what each brings (positive) or takes an hour."""

    names: list[str]
    start: npt.NDArray[np.datetime64]
    hours: npt.NDArray[np.float64]
    rates: npt.NDArray[np.float64]
    unit: str


def _of_balance(results: Results, commodity: str, site: str) -> pl.DataFrame:
    return (
        results.table("flows")
        .filter((pl.col("commodity").cast(pl.String) == commodity) & (pl.col("site").cast(pl.String) == site))
        .with_columns(pl.col("element").cast(pl.String), pl.col("unit").cast(pl.String))
    )


def _chosen(results: Results, commodity: str, site: str) -> tuple[str, str] | None:
    if commodity:
        return commodity, site
    first = key_balances(results, 1)
    return first[0] if first else None


def _series(results: Results, commodity: str, site: str) -> _Hours:
    flows = (
        _of_balance(results, commodity, site)
        .group_by(["element", "time"])
        .agg(pl.col("amount").sum(), pl.col("hours").first(), pl.col("unit").first())
    )
    wide = flows.with_columns(rate=pl.col("amount") / pl.col("hours")).pivot("element", index="time", values="rate")
    wide = wide.sort("time").fill_null(0.0)
    span = flows.unique("time").sort("time")["hours"].to_numpy()
    weight = {n: float((wide[n].abs().to_numpy() * span).sum()) for n in wide.columns if n != "time"}
    names = [n for n in sorted(weight, key=lambda n: (-weight[n], n)) if weight[n] > 0.0]
    rates = wide.select(names).to_numpy().T if names else np.zeros((0, len(wide)))
    return _Hours(names, wide["time"].to_numpy(), span, rates, flows["unit"][0])


def dispatch_rows(results: Results, commodity: str = "", site: str = "") -> pl.DataFrame:
    """Return what each element brought to and took from a balance over the horizon, and at its peak."""
    chosen = _chosen(results, commodity, site)
    if chosen is None:
        return pl.DataFrame(
            schema={
                "element": pl.String,
                "into": pl.Float64,
                "out": pl.Float64,
                "unit": pl.String,
                "peak": pl.Float64,
                "rate_unit": pl.String,
            }
        )
    flows = _of_balance(results, *chosen)
    rows = flows.group_by("element", maintain_order=True).agg(
        into=pl.col("amount").clip(lower_bound=0.0).sum(),
        out=-pl.col("amount").clip(upper_bound=0.0).sum(),
        unit=pl.col("unit").first(),
        peak=(pl.col("amount") / pl.col("hours")).abs().max(),
        rate_unit=pl.col("unit").first() + "/h",
    )
    return rows.filter((pl.col("into") > 0.0) | (pl.col("out") > 0.0)).sort(["into", "out"], descending=True)


def dispatch(results: Results, language: str = "en", commodity: str = "", site: str = "") -> go.Figure:
    """Draw what comes into a balance (up) and goes out (down), hour by hour.

    Parameters
    ----------
    commodity, site
        The balance; the one most worth watching unless given. The site of a shared commodity is empty.
    """
    chosen = _chosen(results, commodity, site)
    if chosen is None:
        return empty(language)
    words, data = Words(results, language), _series(results, *chosen)
    stacks = [(name, sign, part, k) for sign in (1.0, -1.0) for name, part, k in _side(data, sign, words)]
    if not stacks:
        return empty(language)
    largest = max(float(np.abs(part).max()) for _, _, part, _ in stacks)
    divisor, unit = scale_of(largest, f"{data.unit}/h", language)
    drawn = np.array([part for _, _, part, _ in stacks])
    kept = kept_steps(drawn, _MOST_POINTS)
    step_ms = (data.start[1] - data.start[0]) / np.timedelta64(1, "ms") if len(data.start) > 1 else 3_600_000.0
    even = len(kept) == len(data.start) and bool((np.diff(data.start) == np.diff(data.start)[:1]).all())
    end = data.start[0] + np.timedelta64(round(float(data.hours.sum()) * 3600), "s")
    when = (
        {"x0": str(data.start[0]), "dx": step_ms}
        if even
        else {"x": np.append(data.start[kept], end).astype("datetime64[ms]").astype(np.float64)}
    )
    kept = np.append(kept, kept[-1])  # the last step is drawn to its end
    figure = go.Figure()
    for name, sign, part, k in stacks:
        figure.add_scatter(
            **when,
            y=(part[kept] / divisor).astype(np.float32),
            name=name,
            mode="lines",
            stackgroup="in" if sign > 0 else "out",
            line={"width": 0.6, "color": PALETTE[k % 8], "shape": "hv"},
            fillcolor=faded(PALETTE[k % 8], 0.75) if not PATTERNS[k % 8] else None,
            fillpattern={
                "shape": PATTERNS[k % 8],
                "fgcolor": "white",
                "bgcolor": PALETTE[k % 8],
                "fgopacity": 0.3,
                "size": 7,
                "solidity": 0.22,
            },
            hovertemplate="%{y:,.4~r} " + unit,
        )
    first, days = _opening(data)
    whole = len(data.hours) <= _ALL_IN_VIEW
    figure = styled(figure, height=400 if whole else 470)
    figure.update_layout(hovermode="x unified", legend_y=-0.2 if whole else -0.42, legend_traceorder="normal")
    figure.update_xaxes(
        type="date",
        range=[str(first), str(min(first + np.timedelta64(days, "D"), end))],
        rangeslider={"bgcolor": "#f6f7f9", "visible": not whole, "thickness": 0.11,
                     "range": [str(data.start[0]), str(end)]},
        hoverformat="%Y-%m-%d %H:%M",
        tickformat="%m-%d\n%Y" if language == "zh" else "%b %d\n%Y",
    )
    figure.update_yaxes(title_text=unit, tickformat=",.6~r")
    return figure


def _side(data: _Hours, sign: float, words: Words) -> list[tuple[str, npt.NDArray[np.float64], int]]:
    """The widest elements of one side, the rest as one; each keeps its colour and pattern on both sides."""
    part = np.clip(data.rates * sign, 0.0, None) * sign
    weight = np.abs(part).sum(axis=1)
    order = [int(i) for i in np.argsort(-weight, kind="stable") if weight[i] > 1e-9 * max(weight.sum(), 1e-300)]
    side = [(words.element(data.names[i]), part[i], i) for i in order[:_MOST_SERIES]]
    if len(order) > _MOST_SERIES:
        side.append((words.say("other"), part[order[_MOST_SERIES:]].sum(axis=0), 7))
    suffix = words.pick(" (in)", "（入）") if sign > 0 else words.pick(" (out)", "（出）")
    return [(name + suffix, values, k) for name, values, k in side]


def _opening(data: _Hours) -> tuple[np.datetime64, int]:
    """The first day in view and how many: all of few steps, else the fourteen in which most changes."""
    if len(data.hours) <= _ALL_IN_VIEW:
        return data.start[0], int(np.ceil(float(data.hours.sum()) / 24.0))
    peak = int(np.clip(data.rates, 0.0, None).sum(axis=0).argmax())
    swing = np.abs(np.diff(data.rates, axis=1)).sum(axis=0)
    if len(swing) and swing.max() > 0.0:
        daily = np.add.reduceat(swing, np.arange(0, len(swing), max(1, round(24.0 / float(data.hours[0])))))
        run = np.convolve(daily, np.ones(DAYS_IN_VIEW), "valid") if len(daily) > DAYS_IN_VIEW else daily[:1]
        peak = int(run.argmax()) * max(1, round(24.0 / float(data.hours[0])))
    return data.start[peak].astype("datetime64[D]"), DAYS_IN_VIEW


def month_rows(results: Results, commodity: str = "", site: str = "") -> pl.DataFrame:
    """Return what each element brought to (positive) or took from a balance in each month."""
    chosen = _chosen(results, commodity, site)
    if chosen is None:
        return pl.DataFrame(schema={"element": pl.String, "month": pl.String, "amount": pl.Float64, "unit": pl.String})
    return (
        _of_balance(results, *chosen)
        .group_by(["element", pl.col("time").dt.strftime("%Y-%m").alias("month")], maintain_order=True)
        .agg(pl.col("amount").sum(), pl.col("unit").first())
        .select("element", "month", "amount", "unit")
        .filter(pl.col("amount") != 0.0)
    )


def months(results: Results, language: str = "en", commodity: str = "", site: str = "") -> go.Figure:
    """Draw a balance's flows month by month: in above the line, out below."""
    rows = month_rows(results, commodity, site)
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    weight = (
        rows.group_by("element").agg(pl.col("amount").abs().sum()).sort(["amount", "element"], descending=[True, False])
    )
    order = weight["element"].to_list()
    divisor, unit = scale_of(float(rows["amount"].abs().max() or 0.0), rows["unit"][0], language)  # type: ignore[arg-type]
    stamps = sorted(set(rows["month"]))
    figure = go.Figure()
    for k, name in enumerate(order[:7]):
        amounts = dict(rows.filter(pl.col("element") == name).select("month", "amount").iter_rows())
        figure.add_bar(
            x=[_month(m, language) for m in stamps],
            y=[amounts.get(m, 0.0) / divisor for m in stamps],
            name=words.element(name),
            hovertemplate="%{x}: %{y:,.4~r} " + unit,
            marker={"color": PALETTE[k % 8], "pattern": pattern(k)},
        )
    rest = rows.filter(~pl.col("element").is_in(order[:7])).group_by("month").agg(pl.col("amount").sum())
    if not rest.is_empty():
        amounts = dict(rest.iter_rows())
        figure.add_bar(
            x=[_month(m, language) for m in stamps],
            y=[amounts.get(m, 0.0) / divisor for m in stamps],
            name=words.say("other"),
            marker_color="#bbbbbb",
        )
    figure.update_layout(barmode="relative")
    figure.update_yaxes(title_text=unit, tickformat=",.6~r")
    figure = styled(figure, height=360)
    figure.update_xaxes(type="category")
    return figure


def _month(stamp: str, language: str) -> str:
    month = stamp.partition("-")[2]
    if language == "zh":
        return f"{int(month)}月"
    return ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[int(month) - 1]


def _hours_sentence(results: Results, language: str, commodity: str, site: str) -> str:
    words, rows = Words(results, language), dispatch_rows(results, commodity, site)
    if rows.is_empty():
        return words.say("nothing")
    into, out = (
        rows.sort("into", descending=True).row(0, named=True),
        rows.sort("out", descending=True).row(0, named=True),
    )
    total_in, total_out = float(rows["into"].sum()), float(rows["out"].sum())
    chosen = _chosen(results, commodity, site)
    whole = chosen is not None and _of_balance(results, *chosen)["time"].n_unique() <= _ALL_IN_VIEW
    drag = "" if whole else words.pick(" Drag the strip below to move through the hours.", "拖动下方滑条可浏览各时段。")
    return words.pick(
        f"{quantity(total_in, into['unit'], 'en')} come in over the horizon, "
        f"{percent(into['into'] / total_in)} of it from "
        f"{words.element(into['element'])}; the largest taker is {words.element(out['element'])} "
        f"({percent(out['out'] / total_out)}).{drag}",
        f"规划期内进入{quantity(total_in, into['unit'], 'zh')}，其中{percent(into['into'] / total_in, 'zh')}来自"
        f"{words.element(into['element'])}；最大的去向是{words.element(out['element'])}"
        f"（{percent(out['out'] / total_out, 'zh')}）。{drag}",
    )


def _months_sentence(results: Results, language: str, commodity: str, site: str) -> str:
    words, rows = Words(results, language), month_rows(results, commodity, site)
    into = rows.filter(pl.col("amount") > 0.0).group_by("month").agg(pl.col("amount").sum()).sort("amount")
    if into.is_empty():
        return words.say("nothing")
    low, high = into.row(0), into.row(-1)
    unit = rows["unit"][0]
    return words.pick(
        f"The fullest month is {_month(high[0], 'en')} with {quantity(high[1], unit, 'en')} coming in, the leanest "
        f"{_month(low[0], 'en')} with {quantity(low[1], unit, 'en')}.",
        f"进入量最多的是{_month(high[0], 'zh')}（{quantity(high[1], unit, 'zh')}），"
        f"最少的是{_month(low[0], 'zh')}（{quantity(low[1], unit, 'zh')}）。",
    )


def _title(results: Results, commodity: str, site: str, language: str) -> str:
    return Words(results, language).balance(commodity, site)


def hours_view(results: Results, commodity: str, site: str) -> View:
    """Return the view of a balance's hours."""
    unit = unit_words("h", "en")
    return View(
        f"hours_{commodity}_{site}",
        _title(results, commodity, site, "en"),
        _title(results, commodity, site, "zh"),
        (
            Column("element", "Element", "环节", "element"),
            Column("into", "Into the balance", "进入", "amount", "unit"),
            Column("out", "Out of it", "离开", "amount", "unit"),
            Column("peak", f"Most in one {unit}", "最高小时量", "price", "rate_unit"),
        ),
        partial(dispatch_rows, commodity=commodity, site=site),
        partial(dispatch, commodity=commodity, site=site),
        partial(_hours_sentence, commodity=commodity, site=site),
    )


def months_view(results: Results, commodity: str, site: str) -> View:
    """Return the view of a balance's months."""
    return View(
        f"months_{commodity}_{site}",
        _title(results, commodity, site, "en"),
        _title(results, commodity, site, "zh"),
        (
            Column("element", "Element", "环节", "element"),
            Column("month", "Month", "月份"),
            Column("amount", "In (+) or out (−)", "进(+)/出(−)", "amount", "unit"),
        ),
        partial(month_rows, commodity=commodity, site=site),
        partial(months, commodity=commodity, site=site),
        partial(_months_sentence, commodity=commodity, site=site),
    )
