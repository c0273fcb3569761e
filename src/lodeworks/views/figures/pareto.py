"""The front of two goals: a curve with its ends and its knee, and what the next unit costs along it."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import INK, MUTED, PALETTE, styled
from lodeworks.views.results import Results
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["pareto_views"]


def pareto_views(results: Results) -> list[View]:
    """Return the front, and what is built along it where anything may be."""
    en, zh = Words(results, "en"), Words(results, "zh")
    columns = (
        Column("point", "Point", "方案"), Column("kind", "Kind", "类型", "word"),
        Column("first", _goal(results, 0, en), _goal(results, 0, zh), "amount", "first_unit"),
        Column("second", _goal(results, 1, en), _goal(results, 1, zh), "amount", "second_unit"),
        Column("exchange", "One unit less costs", "再减一单位的代价", "price", "exchange_unit"),
    )
    views = [View("front", "The front of two goals", "两个目标的取舍", columns, _rows, _figure, _sentence)]
    if len(results.table("front_capacities")):
        views.append(_built_view(results))
    return views


def _goal(results: Results, which: int, words: Words) -> str:
    goal = results.manifest["goals"][which]
    if not goal["commodity"]:
        return words.goal(goal["goal"])
    name = words.commodity(goal["commodity"])
    return words.pick(f"{words.say(goal['goal'])} of {name}", f"{name}{words.say(goal['goal'])}")


def _rows(results: Results) -> pl.DataFrame:
    return results.table("front")


def _figure(results: Results, language: str = "en") -> go.Figure:
    words, rows = Words(results, language), _rows(results)
    scales = [_scale(rows, name, words) for name in ("first", "second")]
    a = [value / scales[0][0] for value in rows["first"]]
    b = [value / scales[1][0] for value in rows["second"]]
    figure = go.Figure()
    figure.add_scatter(
        x=b, y=a, mode="lines+markers", line={"color": PALETTE[0], "width": 2.5}, marker={"size": 8},
        name=words.pick("front", "前沿"), hovertemplate="%{x:.4g}, %{y:.4g}<extra></extra>",
    )
    if len(b) > 1:
        figure.add_scatter(x=[b[0], b[-1]], y=[a[0], a[-1]], mode="lines", hoverinfo="skip",
                           line={"color": MUTED, "width": 1, "dash": "dot"})
    knee = results.manifest["knee"]
    if knee:
        i = rows["point"].to_list().index(knee)
        figure.add_scatter(x=[b[i]], y=[a[i]], mode="markers", hoverinfo="skip",
                           marker={"symbol": "diamond", "size": 14, "color": PALETTE[1],
                                   "line": {"color": INK, "width": 1}})
        figure.add_annotation(x=b[i], y=a[i], text=words.pick("knee", "拐点"), showarrow=True, ax=36, ay=30)
    figure = styled(figure, legend=False)
    figure.update_xaxes(title_text=f"{_goal(results, 1, words)} ({scales[1][1]})")
    figure.update_yaxes(title_text=f"{_goal(results, 0, words)} ({scales[0][1]})")
    return figure


def _scale(rows: pl.DataFrame, name: str, words: Words) -> tuple[float, str]:
    size, unit = max((abs(value) for value in rows[name]), default=0.0), rows[f"{name}_unit"][0]
    return words.scale(size, unit)


def _sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), _rows(results)
    first, last = rows.row(0, named=True), rows.row(-1, named=True)

    def put(row: dict[str, object], name: str) -> str:
        return words.amount(float(row[name]), str(row[f"{name}_unit"]))  # type: ignore[arg-type]

    a, b = _goal(results, 0, words), _goal(results, 1, words)
    if len(rows) == 1:
        return words.pick(
            f"Both goals agree: one plan is best in both, {a} {put(first, 'first')} and {b} {put(first, 'second')}.",
            f"两个目标一致：同一方案在两方面都最优，{a} {put(first, 'first')}，{b} {put(first, 'second')}。")
    text = words.pick(
        f"At one end {a} is {put(first, 'first')} and {b} {put(first, 'second')}; at the other {put(last, 'first')} "
        f"and {put(last, 'second')}. No plan is better in both.",
        f"一端{a}为 {put(first, 'first')}，{b}为 {put(first, 'second')}；另一端为 {put(last, 'first')} 与 "
        f"{put(last, 'second')}。没有方案能在两方面同时更好。")
    risk = results.manifest.get("risk")
    if risk:
        worst, weighs = (f"{100 * risk[key]:.3g} %" for key in ("tail", "weight"))
        text += words.pick(
            f" In {a} the mean of the worst {worst} of outcomes weighs {weighs}; {b} is the mean.",
            f"{a}中最差 {worst} 结果的均值占权重 {weighs}；{b}取期望值。")
    knee = results.manifest["knee"]
    if not knee:
        return text + words.pick(" The front is straight: it has no knee.", "前沿是直线，没有拐点。")
    row = rows.filter(pl.col("point") == knee).row(0, named=True)
    return text + words.pick(
        f" The knee, where giving up more begins to cost more than its share, is at {put(row, 'first')} and "
        f"{put(row, 'second')} (point {knee}).",
        f"拐点（再让步就不划算之处）在 {put(row, 'first')} 与 {put(row, 'second')}（方案 {knee}）。")


def _built_view(results: Results) -> View:
    names = results.table("front")["point"].to_list()

    def rows(results: Results) -> pl.DataFrame:
        table = results.table("front_capacities").with_columns(built=pl.col("built").round(9))
        wide = table.pivot("point", index=["element", "unit"], values="built", maintain_order=True)
        return wide.filter(pl.max_horizontal(*names) > 0.0)

    columns = (Column("element", "Element", "环节", "element"),
               *(Column(name, f"{name}", f"{name}", "amount", "unit") for name in names))
    return View(
        "front_built", "What is built along the front", "沿前沿的新建产能", columns, rows, None,
        lambda results, lang: Words(results, lang).pick(
            "What each point of the front builds.", "前沿上每个方案新建的产能。"))
