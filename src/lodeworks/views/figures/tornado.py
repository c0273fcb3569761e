"""Which assumptions matter: a bar for each stated range, from the objective at its low to that at its high."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import INK, PALETTE, empty, height_for, pattern, styled
from lodeworks.views.numbers import amounts_told, percent
from lodeworks.views.results import Results
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["tornado_views"]

_MOST_BARS = 25
_SMALL = 1e-9  # of the objective: less is no swing


def tornado_views(results: Results) -> list[View]:
    """Return the ranges by their swing."""
    columns = (
        Column("name", "Assumption", "假设", "element"), Column("path", "What", "参数", "path"),
        Column("value", "Value", "取值", "told"), Column("low", "Low", "低值", "told"),
        Column("high", "High", "高值", "told"),
        Column("at_low", "Objective at the low", "低值时目标", "amount", "unit"),
        Column("at_high", "Objective at the high", "高值时目标", "amount", "unit"),
        Column("swing", "Swing", "影响幅度", "amount", "unit"), Column("source", "From", "依据"),
        Column("reason", "Why not", "原因"),
    )
    drawn = None if _swinging(_rows(results)).is_empty() else _figure  # the sentence says it all
    return [View("tornado", "Which assumptions matter", "哪些假设最关键", columns, _rows, drawn, _sentence)]


def _rows(results: Results) -> pl.DataFrame:
    return results.table("tornado").with_columns(
        name=pl.col("element").str.split_exact(".", 1).struct.field("field_1"), unit=pl.col("unit").fill_null(""),
        path=pl.col("element") + "." + pl.col("key"),
        reason=pl.col("why").str.replace_all(r"\s*\n\s*", " · ").str.slice(0, 200),
    ).drop("why")


def _figure(results: Results, language: str = "en") -> go.Figure:
    words = Words(results, language)
    rows = _swinging(_rows(results)).head(_MOST_BARS).reverse()
    if rows.is_empty():
        return empty(language)
    base, unit = float(rows["base"][0]), str(rows["unit"][0])
    divisor, shown = words.scale(
        max(abs(base), float(rows["swing"].max())), unit)  # type: ignore[arg-type]
    names = [_called(row, words) for row in rows.iter_rows(named=True)]
    figure = go.Figure()
    ends = (
        ("at_low", "low", words.pick("at the low", "取低值")),
        ("at_high", "high", words.pick("at the high", "取高值")),
    )
    for k, (column, text, said) in enumerate(ends):
        figure.add_bar(
            orientation="h", y=names, name=said, base=base / divisor,
            x=[(value - base) / divisor if value is not None else None for value in rows[column]],
            text=[amounts_told(said or "", language) for said in rows[text]], textposition="inside", textangle=0,
            marker={"color": PALETTE[k], "pattern": pattern(k)},
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    figure = styled(figure, height=height_for(len(rows)) + 60)
    figure.update_layout(barmode="overlay", uniformtext={"minsize": 10, "mode": "hide"},
                         legend_y=-84 / figure.layout.height)
    figure.add_vline(x=base / divisor, line={"color": INK, "width": 1.5})
    figure.update_xaxes(title_text=f"{words.pick('Objective', '目标值')} ({shown})")
    return figure


def _swinging(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("base").is_not_null() & (pl.col("swing") > _SMALL * pl.col("base").abs()))


def _called(row: dict[str, Any], words: Words) -> str:
    section = row["element"].partition(".")[0]
    return f"{words.element(words.commodity(row['name']))} · {words.attribute(row['key'], section)}"


def _sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), _rows(results)
    swinging, without = _swinging(rows), rows.filter(pl.col("reason").is_not_null())
    if swinging.is_empty():
        alone = len(rows) == 1
        none = "The one stated range does not move" if alone else f"None of the {len(rows)} stated ranges moves"
        return words.pick(f"{none} the objective.", f"{len(rows)}个取值范围{'' if alone else '都'}不影响目标值。")
    first = swinging.row(0, named=True)
    swing = words.amount(first["swing"], first["unit"])
    share = percent(first["swing"] / abs(first["base"]), language) if first["base"] else ""
    total = float(swinging["swing"].sum())
    half = int((swinging["swing"].cum_sum() < 0.5 * total).sum()) + 1
    what = _called(first, words)
    low, high = (amounts_told(first[end], words.language) for end in ("low", "high"))
    said = words.pick(
        f"Of {len(rows)} stated ranges {len(swinging)} move the objective. {what} matters most: from {low} to "
        f"{high} it swings by {swing} ({share} of the objective). "
        + ("It makes" if half == 1 else f"The first {half} make") + " half of all swings.",
        f"{len(rows)}个取值范围中，{len(swinging)}个影响目标值。"
        f"影响最大的是{what}：从 {low} 到 {high}，"
        f"目标值变动 {swing}（占 {share}）。前{half}项占全部变动的一半。")
    if len(without):
        names = "; ".join(
            _called(row, words) for row in without.iter_rows(named=True))
        said += words.pick(f" At an end of these there is no plan at all: {names}.",
                           f"下列假设在某一端无可行方案：{names}。")
    return said
