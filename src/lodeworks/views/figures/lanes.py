"""A calendar by place: a lane a site, in each column what is done there, coloured by what it is.

Fit where elements of one place take turns: stamps in a shop, visits at a grower. What to write in a cell is what tells
the titles of a place's elements apart.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import polars as pl

from lodeworks.views.apart import apart, marks
from lodeworks.views.calendar import Calendar
from lodeworks.views.figures.placing import in_two_lines
from lodeworks.views.figures.style import INK, PALETTE, pattern, styled
from lodeworks.views.numbers import percent, quantity
from lodeworks.views.words import Words

__all__ = ["Lanes", "lanes_figure", "lanes_of", "lanes_wide"]

_MOST_LANES = 60
_MOST_COLOURS = 16  # colours times patterns that are still told apart
_MOST_TURNS = 2.5  # elements at once in a place, on the mean
_WRITTEN = 16  # columns in which whole words are written
_LINE = 10  # letters in a line of a cell
_HIGH = 0.88  # of a lane is drawn
_MARKS = 9  # of time, so that they stand apart on a narrow screen


@dataclass(frozen=True)
class Lanes:
    """What is written of each element.

    Attributes
    ----------
    what, rest
        By element: what it is coloured by, and what else tells it apart (may be empty).
    kinds
        The words that colours stand for, most used first.
    marks
        Short marks of `rest`, or of `what` where there is no rest.
    """

    what: dict[str, str]
    rest: dict[str, str]
    kinds: list[str]
    marks: dict[str, str]


def lanes_of(calendar: Calendar, words: Words) -> Lanes | None:
    """Return the lanes of a calendar; None where its elements do not take turns at places."""
    if calendar.stages or calendar.cells.filter(pl.col("site") == "").height:
        return None
    cells = calendar.cells
    places, ran = cells["site"].n_unique(), cells["element"].n_unique()
    at_once = len(cells) / cells.select("site", "column").n_unique()
    if ran < 2 * places or at_once > _MOST_TURNS:
        return None
    parts: dict[str, tuple[str, ...]] = {}
    for (_,), own in calendar.elements.group_by(["site"], maintain_order=True):
        names = own["element"].to_list()
        parts |= zip(names, apart([words.element(name) for name in names]), strict=True)
    wide = Counter(len(own) for own in parts.values()).most_common(1)[0][0]
    told = [parts[name] for name in cells["element"]]
    fewest = min(range(wide), key=lambda k: len({own[k] for own in told if len(own) == wide}))
    what = {name: own[fewest] if len(own) == wide else " ".join(own) for name, own in parts.items()}
    rest = {name: " ".join(t for k, t in enumerate(own) if k != fewest) if len(own) == wide else ""
            for name, own in parts.items()}
    used = Counter(what[name] for name in cells["element"])
    if len(used) > _MOST_COLOURS:
        return None
    written = rest if any(rest[name] for name in cells["element"]) else what
    return Lanes(what, rest, [kind for kind, _ in used.most_common()],
                 marks(sorted({written[name] for name in cells["element"]} - {""})))


def _placed(calendar: Calendar) -> pl.DataFrame:
    """Return cells with where they begin in their column and how wide they are there, the largest first, as shares."""
    cells = calendar.cells.sort("amount", descending=True, maintain_order=True)
    lane = ["site", "column"]
    cells = cells.with_columns(share=pl.col("amount") / pl.col("amount").sum().over(lane))
    return cells.with_columns(offset=(pl.col("share").cum_sum() - pl.col("share")).over(lane))


def lanes_figure(calendar: Calendar, lanes: Lanes, words: Words) -> go.Figure:
    """Draw the lanes; a column in which several things are done is divided by their amounts.

    Side by side where columns are wide enough for words, else one above the other.
    """
    cells = _placed(calendar)
    sites = calendar.elements["site"].unique(maintain_order=True).to_list()
    sites = [site for site in sites if site in set(cells["site"])][:_MOST_LANES]
    first, last = int(cells["column"].min() or 0), int(cells["column"].max() or 0)  # type: ignore[arg-type]
    at = np.array(calendar.edges, dtype="datetime64[ms]").astype(np.int64)
    wordy = last - first < _WRITTEN
    figure = go.Figure()
    for k, kind in enumerate(lanes.kinds):
        own = cells.filter(pl.col("site").is_in(sites) & pl.col("element").replace_strict(lanes.what).eq(kind))
        column = own["column"].to_numpy()
        wide = (at[column + 1] - at[column]).astype(float)
        before, share = own["offset"].to_numpy(), own["share"].to_numpy()
        beside = {"base": at[column] + before * wide, "x": share * wide}
        above = {"base": at[column].astype(float), "x": wide, "offset": _HIGH * (before - 0.5), "width": _HIGH * share}
        figure.add_bar(
            orientation="h", y=[words.site(site) for site in own["site"]], name=kind, **(beside if wordy else above),
            marker={"color": PALETTE[k % len(PALETTE)], "line": {"width": 1, "color": "white"},
                    "pattern": pattern(k // len(PALETTE))},
            text=[_inside(lanes, *cell, wordy=wordy) for cell in own.select("element", "share").iter_rows()],
            textposition="inside", insidetextanchor="middle", textangle=0, constraintext="inside" if wordy else "none",
            insidetextfont={"size": 10 if wordy else 11, "color": INK if k % len(PALETTE) in _PALE else "white"},
            customdata=[_told(calendar, words, *cell)
                        for cell in own.select("element", "column", "amount", "unit").iter_rows()],
            hovertemplate="%{y}<br>%{customdata}<extra></extra>",
        )
    each = 34 if wordy else 30
    figure = styled(figure, height=84 + each * len(sites) + 20 * -(-len(lanes.kinds) // 4))
    figure.update_layout(barmode="overlay", bargap=0.12, legend_y=-16 / (each * len(sites)), legend_traceorder="normal")
    if wordy:
        figure.update_layout(uniformtext={"mode": "hide", "minsize": 8})
    figure.update_yaxes(categoryorder="array", categoryarray=[words.site(site) for site in sites][::-1], showgrid=False)
    shown = range(first, last + 1, 1 if wordy else -(-(last + 1 - first) // _MARKS))
    figure.update_xaxes(
        type="date", tickangle=0, range=[float(at[first]), float(at[last + 1])], side="top", tickmode="array",
        tickvals=[float(at[c]) for c in range(first, last + 2)], showgrid=True,
        ticktext=[words.day(calendar.edges[c]) if c in shown else "" for c in range(first, last + 2)],
        ticklabelposition="outside right",
    )
    figure.update_layout(margin_t=34)
    return figure


_PALE = (1, 4, 6)
"""Colours of the palette on which dark letters are read better."""


def _inside(lanes: Lanes, name: str, share: float, *, wordy: bool) -> str:
    if wordy:
        return in_two_lines(lanes.what[name], _LINE) if share > 0.3 else ""
    return lanes.marks.get(lanes.rest[name] or lanes.what[name], "") if share > 0.4 else ""


def _told(calendar: Calendar, words: Words, name: str, column: int, amount: float, unit: str) -> str:
    return f"{calendar.names[column]}<br>{words.element(name)}<br>{quantity(amount, unit, words.language)}"


def lanes_wide(calendar: Calendar, lanes: Lanes, words: Words, *, brief: bool = False) -> pl.DataFrame:
    """Return a row a place and a column each time: in words what is done there then, the most first.

    `brief` gives only the most, with a plus where there is more, and days without their year.
    """
    told: dict[tuple[str, int], str] = {}
    between = words.pick("; ", "；")
    for name, site, column, share in _placed(calendar).select("element", "site", "column", "share").iter_rows():
        rest = words.pick(f" ({lanes.rest[name]})", f"（{lanes.rest[name]}）") if lanes.rest[name] else ""
        part = f" {percent(round(share, 2))}" if share < 0.995 and not rest and not brief else ""
        before = told.get((site, column), "")
        if brief and before:
            told[site, column] = before.removesuffix(" +") + " +"
        else:
            told[site, column] = f"{before}{between if before else ''}{lanes.what[name]}{rest}{part}"
    seen = set(calendar.cells["site"])
    sites = [site for site in calendar.elements["site"].unique(maintain_order=True) if site in seen]
    heads = calendar.headings(brief=brief)
    return pl.DataFrame({
        words.pick("place", "场所"): [words.site(site) for site in sites],
        **{head: [told.get((site, column)) for site in sites] for column, head in enumerate(heads)},
    }, schema_overrides=dict.fromkeys(heads, pl.String))
