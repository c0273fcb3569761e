"""What many scenarios came to: the objective of each, along what was varied where that is a number."""

from __future__ import annotations

import re
from typing import Any

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import DASHES, MUTED, PALETTE, empty, height_for, styled
from lodeworks.views.results import Results
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["farm_views"]

_MOST_BARS = 60
_ALIKE = 0.2  # of the largest objective
_MOST_LINES = 8
_MOST_SETTINGS = 3
_NUMBER = re.compile(r"\s*([+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*)")
_PARTS = {
    "built": ("built", "新建"), "capacity": ("capacity", "产能"),
    "use": ("use", "利用率"), "amount": ("amount", "数量"),
    "value": ("marginal value", "边际价值"), "mean": ("mean", "平均"), "low": ("from", "低"), "high": ("to", "高"),
}


def farm_views(results: Results) -> list[View]:
    """Return the one view of a farm; its columns follow what was varied and which figures were asked for."""
    rows = results.table("results")
    words = {language: Words(results, language) for language in ("en", "zh")}
    varied = [Column("changed", "Changed", "改动", "settings")] if _sparse(results, rows) else [
        Column(n, words["en"].setting(n), words["zh"].setting(n)) for n in results.manifest["varied"]]
    fixed = {"scenario", *results.manifest["varied"], "status", "objective", "unit", "why", "seconds", "reason"}
    figures = [
        Column(name, _figure_title(name, words["en"]), _figure_title(name, words["zh"]), "number")
        for name in rows.columns if name not in fixed
    ]
    goal = (Column("objective", "Objective", "目标值", "amount", "unit"),) if rows["objective"].count() else ()
    columns = (Column("scenario", "Scenario", "情景", "scenario"), *varied,
               Column("status", "Ended", "结果", "word"), *goal, *figures,
               *((Column("reason", "Why not", "原因"),) if rows["why"].count() else ()))
    return [View("farm", "Scenarios side by side", "情景对照", columns, _rows, _figure, _sentence)]


def _sparse(results: Results, rows: pl.DataFrame) -> bool:
    """Whether most scenarios change little of much, so that a column for each setting would stand empty."""
    varied = list(results.manifest["varied"])
    if len(varied) <= _MOST_SETTINGS:
        return False
    return float(rows.select(pl.sum_horizontal(pl.col(varied).is_not_null()).mean()).item()) <= 1.5


def _figure_title(heading: str, words: Words) -> str:
    name, _, unit = heading.partition(" [")
    kind, _, what = name.partition(".")
    unit = f" ({unit.rstrip(']')})" if unit else ""
    if kind == "money":
        said = words.say(what)
        return (said if said != what else words.element(what)) + unit
    part = _PARTS.get(kind, (kind, kind))[words.language == "zh"]
    if kind in ("mean", "low", "high"):
        what, _, measure = what.rpartition(".")
        return f"{words.named(what)} {measure}, {part}{unit}"
    title = words.commodity(what) if kind == "value" else words.element(what)
    return words.pick(f"{title}: {part}{unit}", f"{title}：{part}{unit}")


def _rows(results: Results, language: str = "en") -> pl.DataFrame:
    why = pl.col("why").str.strip_chars().str.replace_all(r"\s*\n\s*", " · ").str.slice(0, 240)
    rows = results.table("results").with_columns(reason=why, unit=pl.col("unit").fill_null(""))
    return rows.with_columns(called=_called(results, rows, language), changed=_changed(results, rows))


def _changed(results: Results, rows: pl.DataFrame) -> pl.Series:
    """Return what each scenario sets, `path = value` a line."""
    varied = results.manifest["varied"]
    texts = ["\n".join(f"{name} = {row[name]}" for name in varied if row[name] is not None)
             for row in rows.iter_rows(named=True)]
    return pl.Series(texts, dtype=pl.String)


def _called(results: Results, rows: pl.DataFrame, language: str) -> pl.Series:
    """Return what to call each scenario: its title; of several settings, as in a grid, their values; else its name."""
    words = Words(results, language)
    titles = [words.scenario(name) for name in rows["scenario"]]
    if titles != rows["scenario"].to_list() and len(set(titles)) == len(titles):
        return pl.Series(titles, dtype=pl.String)
    varied = results.manifest["varied"]
    values = [[str(row[v]) for v in varied if row[v] is not None] for row in rows.iter_rows(named=True)]
    names = [
        " · ".join(own) if len(own) > 1 else name for own, name in zip(values, rows["scenario"].to_list(), strict=True)
    ]
    apart = len(set(names)) == len(names)
    return pl.Series(names if apart else rows["scenario"].to_list(), dtype=pl.String)


def _numbers(texts: list[str | None]) -> tuple[list[float], str] | None:
    """Return what was varied as numbers of one unit, where that is what it is."""
    found = [_NUMBER.fullmatch(text or "") for text in texts]
    if not all(found) or len({match[2].strip() for match in found if match}) > 1:
        return None
    return [float(match[1].replace(",", "")) for match in found if match], found[0][2].strip() if found[0] else ""


def _figure(results: Results, language: str = "en") -> go.Figure:
    rows, words = _rows(results, language), Words(results, language)
    if not rows["objective"].count():
        return empty(language)
    lines = _along(results, rows)
    if lines is not None:
        return _lines(rows, lines, words)
    return _apart(rows, words) if _near(rows) else _bars(rows, words)


def _along(results: Results, rows: pl.DataFrame) -> tuple[str, list[float], str, str] | None:
    """Return what to draw along (name, numbers, unit) and what tells lines apart, where scenarios are a grid."""
    varied = list(results.manifest["varied"])
    if not 1 <= len(varied) <= 2 or rows.select(varied).null_count().sum_horizontal()[0]:
        return None
    for name in sorted(varied, key=lambda name: -rows[name].n_unique()):
        found = _numbers(rows[name].to_list())
        other = next((v for v in varied if v != name), "")
        if found and rows[name].n_unique() >= 3 and (not other or rows[other].n_unique() <= _MOST_LINES):
            return name, found[0], found[1], other
    return None


def _lines(rows: pl.DataFrame, along: tuple[str, list[float], str, str], words: Words) -> go.Figure:
    name, numbers, unit, other = along
    figure = go.Figure()
    divisor, shown = _scale(rows, words)
    levels: list[Any] = rows[other].unique(maintain_order=True).to_list() if other else [None]
    for k, level in enumerate(levels):
        points = sorted(
            (x, y / divisor) for x, y, line in zip(numbers, rows["objective"].to_list(),
                                                   rows[other].to_list() if other else [None] * len(rows), strict=True)
            if line == level and y is not None
        )
        figure.add_scatter(
            x=[x for x, _ in points], y=[y for _, y in points], mode="lines+markers", name=level or "",
            line={"color": PALETTE[k % len(PALETTE)], "dash": DASHES[k % len(DASHES)], "width": 2.5},
        )
    figure = styled(figure, legend=bool(other))
    figure.update_xaxes(title_text=f"{words.setting(name)} ({unit})")
    figure.update_yaxes(title_text=f"{words.pick('Objective', '目标值')} ({shown})")
    return figure


def _scale(rows: pl.DataFrame, words: Words) -> tuple[float, str]:
    size = float(rows["objective"].abs().max())  # type: ignore[arg-type]
    unit = rows.filter(pl.col("objective").is_not_null())["unit"][0]
    return words.scale(size, unit)


def _near(rows: pl.DataFrame) -> bool:
    """Whether objectives differ so little that bars from nought would all look alike."""
    known = rows["objective"].drop_nulls()
    low, high = (float(end) for end in (known.min(), known.max()))  # type: ignore[arg-type]
    return len(known) > 1 and 0.0 < high - low < _ALIKE * max(abs(low), abs(high)) and low * high > 0.0


def _apart(rows: pl.DataFrame, words: Words) -> go.Figure:
    """Draw objectives that are near to one another as points, with how far each is from the first."""
    first = rows.filter(pl.col("objective").is_not_null()).row(0, named=True)
    rows = rows.head(_MOST_BARS).reverse()
    divisor, shown = _scale(rows, words)
    names, values, text = rows["called"].to_list(), rows["objective"].to_list(), []
    for called, value, unit, status in rows.select("called", "objective", "unit", "status").iter_rows():
        if value is None:
            text.append(words.say(status))
        elif called == first["called"]:
            text.append(words.amount(value, unit))
        else:
            sign = "+" if value > first["objective"] else ""
            text.append(sign + words.amount(value - first["objective"], unit))
    known = [value / divisor for value in values if value is not None]
    room = 0.25 * (max(known) - min(known))
    figure = go.Figure(go.Scatter(
        y=names, x=[(first["objective"] if v is None else v) / divisor for v in values], mode="markers+text",
        text=[f"  {said}" for said in text], textposition="middle right", cliponaxis=False,
        marker={"size": 12, "color": [PALETTE[0] if v is not None else MUTED for v in values]},
        hovertemplate="%{y}: %{x:,.6~r} " + shown + "<extra></extra>",
    ))
    figure = styled(figure, height=height_for(len(rows)), legend=False)
    figure.add_vline(x=first["objective"] / divisor, line={"color": MUTED, "dash": "dash", "width": 1})
    figure.update_xaxes(title_text=f"{words.pick('Objective', '目标值')} ({shown})",
                        range=[min(known) - room, max(known) + 2.0 * room])
    figure.update_yaxes(type="category")
    return figure


def _bars(rows: pl.DataFrame, words: Words) -> go.Figure:
    rows = rows.head(_MOST_BARS).reverse()
    divisor, shown = _scale(rows, words)
    values = rows["objective"].to_list()
    text = [
        f" {words.amount(value, unit)}" if value is not None else f" {words.say(status)}"
        for value, unit, status in rows.select("objective", "unit", "status").iter_rows()
    ]
    figure = go.Figure(go.Bar(
        orientation="h", y=rows["called"].to_list(), x=[(v or 0.0) / divisor for v in values], text=text,
        textposition="outside", cliponaxis=False,
        marker={"color": [PALETTE[0] if v is not None else MUTED for v in values]},
    ))
    figure = styled(figure, height=height_for(len(rows)), legend=False)
    low = min(0.0, *(v / divisor for v in values if v is not None))
    high = max(0.0, *(v / divisor for v in values if v is not None))
    span = (high - low) or 1.0
    figure.update_xaxes(title_text=f"{words.pick('Objective', '目标值')} ({shown})",
                        range=[low - (0.3 * span if low < 0 else 0), high + 0.3 * span])
    return figure


def _sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), _rows(results, language)
    answered = rows.filter(pl.col("objective").is_not_null())
    ended = rows.filter(pl.col("why").is_null() & (pl.col("status") != "not run"))
    text = words.pick(f"{len(ended)} of {len(rows)} scenarios have an answer.",
                      f"{len(rows)}个情景中，{len(ended)}个有结果。")
    if len(answered) > 1:
        low, high = (answered.sort("objective").row(i, named=True) for i in (0, -1))
        text += words.pick(
            f" The objective runs from {words.amount(low['objective'], low['unit'])} ({low['called']}) to "
            f"{words.amount(high['objective'], high['unit'])} ({high['called']}).",
            f"目标值从{words.amount(low['objective'], low['unit'])}（{low['called']}）到"
            f"{words.amount(high['objective'], high['unit'])}（{high['called']}）。",
        )
    return text
