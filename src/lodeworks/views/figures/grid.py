"""A calendar by element: a row each, a cell how much it runs in a column, and over stages what opens and closes."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import polars as pl

from lodeworks.views.calendar import Calendar
from lodeworks.views.figures.style import MUTED, styled
from lodeworks.views.numbers import digits, quantity
from lodeworks.views.words import Words

__all__ = ["MOST_ROWS", "drawn", "grid_figure", "grid_wide"]

MOST_ROWS = 60
_WRITTEN = 16  # columns in which numbers are written
_SHADES = ((0.0, "#eef3f8"), (0.02, "#d5e3f0"), (0.5, "#86aed3"), (1.0, "#2f5d8c"))


def drawn(calendar: Calendar) -> list[str]:
    """Return the elements that have a row, in order: those that run most columns where there are too many."""
    names = calendar.cells["element"].unique(maintain_order=True).to_list()
    if len(names) <= MOST_ROWS:
        return names
    weight = calendar.cells.group_by("element", maintain_order=True).agg(
        seen=pl.len() + 100 * pl.col("change").fill_null(0.0).abs().gt(1e-9).sum())
    kept = set(weight.sort("seen", descending=True, maintain_order=True)["element"].head(MOST_ROWS))
    return [name for name in names if name in kept]


def grid_figure(calendar: Calendar, words: Words) -> go.Figure:
    """Draw rows of cells, darker where an element runs nearer to its most."""
    names = drawn(calendar)
    row = {name: k for k, name in enumerate(names)}
    cells = calendar.cells.filter(pl.col("element").is_in(names))
    first, last = int(cells["column"].min() or 0), int(cells["column"].max() or 0)  # type: ignore[arg-type]
    if calendar.stages:
        first, last = 0, len(calendar.names) - 1
    most = dict(cells.group_by("element").agg(pl.col("amount").max(), pl.col("unit").first()).select(
        "element", pl.struct("amount", "unit")).iter_rows())
    scales = {name: words.scale(found["amount"], found["unit"] or "") for name, found in most.items()}
    shade = np.full((len(names), last - first + 1), np.nan)
    text, told = np.full(shade.shape, "", object), np.full(shade.shape, "", object)
    for cell in cells.iter_rows(named=True):
        at = row[cell["element"]], cell["column"] - first
        shade[at] = cell["amount"] / most[cell["element"]]["amount"] if cell["amount"] > 0.0 else 0.0
        text[at] = _written(cell, scales[cell["element"]][0]) if last - first < _WRITTEN else ""
        told[at] = _told(calendar, words, cell)
    titles = [_title(words, name, scales[name][1], calendar) for name in names]
    figure = go.Figure(go.Heatmap(
        z=shade, x=list(range(first, last + 1)), y=list(range(len(names))), text=text, texttemplate="%{text}",
        customdata=told, zmin=0.0, zmax=1.0, colorscale=list(_SHADES), showscale=False, xgap=1.5, ygap=2.5,
        hoverongaps=False, hovertemplate="%{customdata}<extra></extra>", textfont={"size": 11},
    ))
    _under_way(figure, cells, row)
    figure = styled(figure, height=84 + 26 * len(names), legend=False)
    figure.update_layout(margin_t=38, barmode="overlay", bargap=0.12)
    figure.update_yaxes(tickmode="array", tickvals=list(range(len(names))), ticktext=titles, showgrid=False,
                        zeroline=False, range=[len(names) - 0.5, -0.5])
    every = 1 if calendar.stages else -(-(last + 1 - first) // 9)
    marked = list(range(first, last + 1, every))
    figure.update_xaxes(side="top", tickangle=0, tickmode="array", tickvals=marked, showgrid=False, zeroline=False,
                        ticktext=[_heading(calendar, c, words) for c in marked], range=[first - 0.5, last + 0.5])
    _between_places(figure, calendar, names)
    return figure


def _under_way(figure: go.Figure, cells: pl.DataFrame, row: dict[str, int]) -> None:
    """Hatch what is being built and does not run yet."""
    building = cells.filter(pl.col("under_way").fill_null(False) & (pl.col("amount") == 0.0))
    figure.add_bar(
        orientation="h", y=[row[name] for name in building["element"]], x=[0.97] * len(building),
        base=(building["column"] - 0.485).to_list(), hoverinfo="skip",
        marker={"color": "rgba(0,0,0,0)", "line": {"width": 1, "color": "#b9c0ca"},
                "pattern": {"shape": "/", "fgcolor": "#8a94a0", "size": 7, "solidity": 0.18}},
    )


def _between_places(figure: go.Figure, calendar: Calendar, names: list[str]) -> None:
    """Draw a line where one place ends and the next begins."""
    site = dict(calendar.cells.select("element", "site").iter_rows())
    if calendar.stages or len(set(site.values())) > len(names) / 2:
        return
    for k in range(1, len(names)):
        if site[names[k]] != site[names[k - 1]]:
            figure.add_hline(y=k - 0.5, line={"width": 1, "color": MUTED})


def _title(words: Words, name: str, unit: str, calendar: Calendar) -> str:
    per = words.pick("/a", "/年") if calendar.stages and unit else ""
    return f"{words.element(name)} ({unit}{per})" if unit else words.element(name)


def _heading(calendar: Calendar, column: int, words: Words) -> str:
    if calendar.stages:
        return calendar.called[column]
    when = calendar.edges[column]
    day = words.day(when)
    return day if " " not in calendar.names[column] else f"{day} {when:%H:%M}"


def _written(cell: dict[str, object], divisor: float) -> str:
    amount, change = cell["amount"], cell["change"]
    assert isinstance(amount, float)
    mark = "" if not isinstance(change, float) or abs(change) < 1e-9 else "▲ " if change > 0.0 else "▼ "
    return mark + (digits(amount / divisor) if amount > 0.0 else "")


def _told(calendar: Calendar, words: Words, cell: dict[str, object]) -> str:
    amount, unit, stands, change, of = (cell[key] for key in ("amount", "unit", "stands", "change", "of"))
    assert isinstance(amount, float)
    lines = [f"{words.element(str(cell['element']))}, {calendar.called[int(str(cell['column']))]}"]
    if unit:
        per = words.pick(" a year", "/年") if calendar.stages else ""
        lines.append(words.amount(amount, str(unit)) + per)
    if isinstance(stands, float) and of:
        lines.append(words.pick("stands: ", "在役：") + quantity(stands, str(of), words.language))
    if isinstance(change, float) and abs(change) > 1e-9:
        sign = "+" if change > 0.0 else "−"
        lines.append(words.pick("change: ", "变化：") + sign + quantity(abs(change), str(of), words.language))
    if cell["under_way"]:
        lines.append(words.pick("more is being built", "在建"))
    return "<br>".join(lines)


def grid_wide(calendar: Calendar, words: Words, *, brief: bool = False) -> pl.DataFrame:
    """Return a row an element and a column each time or stage: how much it runs then, of stages a year.

    `brief` writes each row in the unit that reads best, and days without their year.
    """
    rows, per, heads = [], "/a" if calendar.stages else "", calendar.headings(brief=brief)
    for (name,), own in calendar.cells.group_by(["element"], maintain_order=True):
        unit = f"{own['unit'][0]}{per}" if own["unit"][0] else ""
        divisor, said = words.scale(float(own["amount"].to_numpy().max()), unit) if brief else (1.0, unit)
        amounts = dict(own.select("column", pl.col("amount") / divisor).iter_rows())
        site = words.site(own["site"][0]) if own["site"][0] else ""
        rows.append((words.element(str(name)), site, said, *(amounts.get(k) for k in range(len(heads)))))
    names = [words.pick(*pair) for pair in (("element", "环节"), ("site", "场所"), ("unit", "单位"))]
    schema = {**dict.fromkeys(names, pl.String), **dict.fromkeys(heads, pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col(heads).round_sig_figs(9))
