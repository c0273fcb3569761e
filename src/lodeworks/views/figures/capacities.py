"""Capacities and their use, and which of them hold the chain back."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import INK, PALETTE, empty, height_for, styled
from lodeworks.views.numbers import digits, money, money_scale, percent, quantity
from lodeworks.views.results import Results
from lodeworks.views.sums import capacity_rows
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["BOTTLENECKS", "USE", "bottleneck_rows", "bottlenecks", "use", "use_rows"]

_MOST_BARS = 24


def use_rows(results: Results) -> pl.DataFrame:
    """Return capacities with a limit, most used first; how much the market takes or gives is not one of them."""
    own = capacity_rows(results).filter(~pl.col("kind").is_in(["supply", "demand"]))
    return own.sort(["utilisation", "peak", "element"], descending=[True, True, False])


def use(results: Results, language: str = "en") -> go.Figure:
    """Draw the mean use of each capacity as a bar and its peak as a mark."""
    rows = use_rows(results).head(_MOST_BARS).reverse()
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    names = _names(rows, words)
    totals = [quantity(t, u, language) for t, u in rows.select("total", "unit").iter_rows()]
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        y=names,
        x=[100.0 * v for v in rows["utilisation"]],
        marker_color=PALETTE[0],
        name=words.pick("Mean use", "平均利用"),
        customdata=totals,
        text=[f" {percent(v)} · {t}" for v, t in zip(rows["utilisation"], totals, strict=True)],
        textposition=["inside" if v > 0.72 else "outside" for v in rows["utilisation"]],
        insidetextanchor="start",
        constraintext="none",
        textfont={"size": 12},
        hovertemplate="%{y}: %{x:.1f} %, %{customdata}<extra></extra>",
        cliponaxis=False,
        textangle=0,
    )
    figure.add_scatter(
        mode="markers",
        y=names,
        x=[100.0 * v for v in rows["peak"]],
        name=words.pick("Highest use", "最高利用"),
        marker={"symbol": "line-ns", "size": 17, "color": INK, "line": {"width": 3, "color": PALETTE[1]}},
        hovertemplate="%{y}: %{x:.1f} %<extra></extra>",
    )
    figure = styled(figure, height=height_for(len(names)) + 60)
    figure.update_xaxes(range=[0, max(104.0, 100.0 * max(rows["peak"]) + 4.0)], ticksuffix=" %")
    figure.update_layout(legend_y=-60 / figure.layout.height)
    return figure


def bottleneck_rows(results: Results) -> pl.DataFrame:
    """Return the capacities of which more would be worth something, most valuable first."""
    rows = capacity_rows(results)
    largest = rows["one_percent"].max()
    tiny = 1e-4 * float(largest) if isinstance(largest, float) else 0.0
    money_unit = results.manifest["objective"]["unit"]
    return rows.filter((pl.col("one_percent") > tiny) & (pl.col("binding_hours") > 0.0)).with_columns(
        each=pl.lit(f"{money_unit}/(") + pl.col("unit") + ")"
    )


def bottlenecks(results: Results, language: str = "en") -> go.Figure:
    """Draw what one per cent more of each binding capacity would be worth over the horizon."""
    rows = bottleneck_rows(results).head(14).reverse()
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    divisor, unit = money_scale(float(rows["one_percent"][-1]), results.manifest["objective"]["unit"], language)
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=_names(rows, words),
            x=[v / divisor for v in rows["one_percent"]],
            marker_color=PALETTE[0],
            text=[f" {digits(v / divisor)}" for v in rows["one_percent"]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,.4~r} " + unit + "<extra></extra>",
        )
    )
    figure = styled(figure, height=height_for(len(rows)), legend=False)
    figure.update_xaxes(
        title_text=words.pick(f"Worth of 1 % more, {unit}", f"增加1%的价值，{unit}"),
        tickformat=",",
        range=[0, 1.18 * float(rows["one_percent"][-1]) / divisor],
    )
    return figure


def _names(rows: pl.DataFrame, words: Words) -> list[str]:
    """Titles, told apart by kind where two elements share one."""
    names = [words.element(name) for name in rows["element"]]
    return [f"{n} ({words.say(k)})" if names.count(n) > 1 else n for n, k in zip(names, rows["kind"], strict=True)]


def _use_sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), use_rows(results)
    if rows.is_empty():
        return words.say("nothing")
    full, slack = rows.filter(pl.col("utilisation") >= 0.99), rows.filter(pl.col("peak") < 0.5)
    return words.pick(
        f"{len(full)} of {len(rows)} capacities are in full use all the time; {len(slack)} never reach half. "
        "The bar is the mean, the mark the highest hour.",
        f"{len(rows)}项产能中有{len(full)}项始终满用，{len(slack)}项从未用到一半。横条为平均，竖线为最高小时。",
    )


def _bottleneck_sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), bottleneck_rows(results)
    if rows.is_empty():
        return words.pick("No capacity holds the chain back.", "没有产能制约全链。")
    top = rows.row(0, named=True)
    worth = money(top["one_percent"], results.manifest["objective"]["unit"], language)
    name = words.element(top["element"])
    return words.pick(
        f"{len(rows)} capacities hold the chain back. One per cent more of {name} would be worth {worth} "
        "over the horizon, as long as nothing else binds first.",
        f"共有{len(rows)}项产能制约全链。{name}增加1%，规划期内价值{worth}（直到其他环节成为瓶颈为止）。",
    )


USE = View(
    "capacities",
    "Capacities and their use",
    "产能及利用",
    (
        Column("element", "Element", "环节", "element"),
        Column("kind", "Kind", "类别", "word"),
        Column("existing", "Existing", "现有", "amount", "unit"),
        Column("built", "Built", "新建", "amount", "unit"),
        Column("total", "Total", "合计", "amount", "unit"),
        Column("utilisation", "Mean use", "平均利用", "percent"),
        Column("peak", "Highest use", "最高利用", "percent"),
        Column("binding_hours", "Hours binding", "受限小时", "number"),
    ),
    use_rows,
    use,
    _use_sentence,
)
BOTTLENECKS = View(
    "bottlenecks",
    "What holds the chain back",
    "瓶颈",
    (
        Column("element", "Element", "环节", "element"),
        Column("total", "Capacity", "产能", "amount", "unit"),
        Column("marginal_value", "One more unit is worth", "多一单位的价值", "price", "each"),
        Column("one_percent", "1 % more is worth", "增加1%的价值", "money"),
        Column("binding_hours", "Hours binding", "受限小时", "number"),
    ),
    bottleneck_rows,
    bottlenecks,
    _bottleneck_sentence,
)
