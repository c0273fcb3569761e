"""What a simulation found beside what is exactly true: differences in standard errors.

Every number is one of the run's table `beside_exact`; here they are only drawn.
"""

from __future__ import annotations

import math

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import PALETTE, empty, height_for, styled
from lodeworks.views.results import Results, optional_table
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words, say

__all__ = ["EXACT"]

_MOST_ROWS = 40
_USUAL = 2.0  # standard errors that nineteen in twenty keep within
_MOST = 4.0


def exact_rows(results: Results) -> pl.DataFrame:
    """Return simulated and exact means; nothing where the chain was not solved."""
    rows = optional_table(results, "beside_exact")
    if rows is None:
        return pl.DataFrame()
    return rows.with_columns(measure=pl.col("measure").replace("used", "in use"))  # `used` is a word of plans


def exact(results: Results, language: str = "en") -> go.Figure:
    """Draw how many standard errors each simulated mean lies off the exact one, those furthest off first."""
    rows = exact_rows(results)
    if not rows.is_empty():
        rows = rows.drop_nulls("off").sort(pl.col("off").abs(), descending=True).head(_MOST_ROWS).reverse()
    if rows.is_empty():
        return empty(language)
    words = Words(results, language)
    names = [f"{words.named(name)} · {say(measure, language)}"
             for name, measure in rows.select("name", "measure").iter_rows()]
    span = max(_MOST, 1.1 * float(rows["off"].abs().max()))  # type: ignore[arg-type]
    figure = go.Figure(go.Scatter(
        mode="markers", x=rows["off"].to_list(), y=[*range(len(names))], customdata=names,
        marker={"size": 9, "color": [PALETTE[0] if abs(z) <= _MOST else PALETTE[3] for z in rows["off"]]},
        hovertemplate="%{customdata}: %{x:.2f}<extra></extra>",
    ))
    figure = styled(figure, height=height_for(len(rows), each=22), legend=False)
    figure.add_vrect(x0=-_USUAL, x1=_USUAL, fillcolor=PALETTE[2], opacity=0.10, line_width=0)
    figure.add_vline(x=0.0, line={"color": PALETTE[2]})
    figure.update_yaxes(tickvals=[*range(len(names))], ticktext=names)
    figure.update_xaxes(range=[-span, span], title_text=words.pick(
        "simulated less exact, in standard errors", "仿真减精确值（以标准误计）"))
    return figure


def _sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), exact_rows(results)
    made = results.manifest["exact"]
    off = [] if rows.is_empty() else rows["off"].drop_nulls().to_list()
    within = sum(1 for z in off if abs(z) <= _USUAL)
    mean = math.sqrt(sum(z * z for z in off) / len(off)) if off else 0.0
    states = (f" {made['states']:,} states,", f"{made['states']:,}个状态，") if made["states"] else ("", "")
    return words.pick(
        f"The same chain solved exactly ({made['method']},{states[0]} {made['stretch']}): {within} of {len(off)} "
        f"means lie within two standard errors of the exact ones; their root mean square is {mean:.2f} where about "
        "one is to be expected.",
        f"同一链条的精确解（{states[1]}{say(made['method'], 'zh')}）：{len(off)}项均值中有{within}项"
        f"与精确值相差不超过两个标准误；均方根为{mean:.2f}（应在1上下）。",
    )


EXACT = View(
    "exact", "Simulated beside exact", "仿真与精确解",
    (Column("name", "Name", "名称", "named"), Column("measure", "Measure", "指标", "word"),
     Column("simulated", "Simulated", "仿真", "number"), Column("error", "Standard error", "标准误", "number"),
     Column("exact", "Exact", "精确", "number"), Column("difference", "Difference", "差", "number"),
     Column("off", "In standard errors", "标准误倍数", "number"), Column("unit", "Unit", "单位")),
    exact_rows, exact, _sentence,
)
