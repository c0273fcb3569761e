"""The region as a schematic map: sites where they are, routes as wide as what they carry. No tiles, no network.

Coordinates are laid flat in kilometres around the middle of the chain. A site far outside the rest (a market a
thousand kilometres off) stands at the rim in its true direction, with its distance written beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.placing import Labels, text_width
from lodeworks.views.figures.style import INK, MUTED, PALETTE, empty, styled
from lodeworks.views.numbers import digits, quantity
from lodeworks.views.results import Results, optional_table
from lodeworks.views.sums import flow_sums
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["REGION", "Spot", "places", "region", "region_rows"]

_KM = 111.195
_HEIGHT = 540
_MOST_NAMES = 9


@dataclass(frozen=True)
class Spot:
    """Where a site is drawn, in kilometres east and north of the middle; `far` is its distance if at the rim."""

    site: str
    east: float
    north: float
    far: float = 0.0


def region_rows(results: Results) -> pl.DataFrame:
    """Return what arrived by each route over the horizon, most first."""
    ends = results.table("elements").filter((pl.col("kind") == "route") & (pl.col("site") != pl.col("site_to")))
    flows = flow_sums(results).filter((pl.col("kind") == "route") & (pl.col("amount") > 0.0))
    rows = (
        ends.select("element", "site", "site_to")
        .join(flows.select("element", "commodity", "amount", "unit"), on="element")
        .join(results.table("commodities").select("commodity", "mass_kg"), on="commodity")
    )
    rows = rows.with_columns(tonnes=pl.col("amount") * pl.col("mass_kg") * 1e-3)
    return rows.sort([pl.col("tonnes").fill_null(0.0), "amount"], descending=True)


def places(results: Results) -> list[Spot]:
    """Return where each site with coordinates is drawn."""
    sites = optional_table(results, "sites")
    if sites is None:
        return []
    known = sites.filter(pl.col("latitude").is_not_null() & pl.col("longitude").is_not_null())
    if known.is_empty():
        return []
    names, lat, lon = (known[c].to_list() for c in ("site", "latitude", "longitude"))
    middle = _middle(results) or (0.0, 0.0)
    stretch = _KM * math.cos(math.radians(middle[0]))
    spots = [Spot(n, (x - middle[1]) * stretch, (y - middle[0]) * _KM) for n, y, x in zip(names, lat, lon, strict=True)]
    ranges = sorted(math.hypot(s.east, s.north) for s in spots)
    near = [r for r in ranges if r <= 4.0 * max(ranges[len(ranges) // 2], 25.0)]
    rim = 1.35 * max(max(near), 10.0)
    return [_at_rim(s, rim) if math.hypot(s.east, s.north) > rim else s for s in spots]


def _at_rim(spot: Spot, rim: float) -> Spot:
    far = math.hypot(spot.east, spot.north)
    return Spot(spot.site, spot.east * rim / far, spot.north * rim / far, far)


def region(results: Results, language: str = "en") -> go.Figure:
    """Draw sites and what moves between them."""
    spots = {spot.site: spot for spot in places(results)}
    if not spots:
        return empty(language)
    words, rows = Words(results, language), region_rows(results)
    figure = go.Figure()
    _add_graticule(figure, results, list(spots.values()))
    heaviest = max([t for t in rows["tonnes"].to_list() if t] or [1.0])
    lanes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows.iter_rows(named=True):
        if row["site"] in spots and row["site_to"] in spots:
            lanes.setdefault((row["site"], row["site_to"]), []).append(row)
    ways = [
        _add_lane(figure, words, spots[start], spots[end], carried, heaviest) for (start, end), carried in lanes.items()
    ]
    labels = _add_sites(figure, words, list(spots.values()))
    _name_lanes(figure, ways, labels, list(spots.values()))
    _add_scale(figure, list(spots.values()))
    west, east, south, north = _box(list(spots.values()))
    figure = styled(figure, height=_HEIGHT, legend=False)
    figure.update_xaxes(visible=False, range=[west, east], fixedrange=True)
    figure.update_yaxes(visible=False, range=[south, north], scaleanchor="x", scaleratio=1.0, fixedrange=True)
    figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0}, plot_bgcolor="#f6f8fa")
    return figure


def _add_graticule(figure: go.Figure, results: Results, spots: list[Spot]) -> None:
    """Thin lines of latitude and longitude under everything, every half degree or wider."""
    middle = _middle(results)
    if middle is None:
        return
    stretch = _KM * math.cos(math.radians(middle[0]))
    west, east, south, north = _box(spots)
    wide, high = east - west, north - south
    every = next((d for d in (0.5, 1.0, 2.0, 5.0, 10.0) if max(wide, high) / _KM / d <= 7), 20.0)
    for upright, centre, scale, low, most in (
        (True, middle[1], stretch, west - 2 * wide, east + 2 * wide),
        (False, middle[0], _KM, south - 2 * high, north + 2 * high),
    ):
        for k in range(math.ceil((centre + low / scale) / every), math.floor((centre + most / scale) / every) + 1):
            at = (k * every - centre) * scale
            ends = [south - 2 * high, north + 2 * high] if upright else [west - 2 * wide, east + 2 * wide]
            x, y = ([at, at], ends) if upright else (ends, [at, at])
            figure.add_scatter(x=x, y=y, mode="lines", line={"color": "#e3e8ee", "width": 1}, hoverinfo="skip")
            if not (west <= at <= east if upright else south <= at <= north):
                continue
            side = ("E" if k >= 0 else "W") if upright else ("N" if k >= 0 else "S")
            place = {"yref": "paper", "y": 0.0, "x": at} if upright else {"xref": "paper", "x": 0.0, "y": at}
            figure.add_annotation(
                **place,
                text=f"{abs(k * every):g}°{side}",
                showarrow=False,
                font={"size": 10, "color": "#8a94a1"},
                xanchor="center" if upright else "left",
                yanchor="bottom" if upright else "middle",
            )


def _box(spots: list[Spot]) -> tuple[float, float, float, float]:
    """What is in view, west, east, south and north in kilometres: the sites and room for their names."""
    easts, norths = [s.east for s in spots], [s.north for s in spots]
    room = 0.2 * max(max(easts) - min(easts), max(norths) - min(norths), 10.0)
    return min(easts) - 1.5 * room, max(easts) + 1.5 * room, min(norths) - room, max(norths) + 0.8 * room


def _middle(results: Results) -> tuple[float, float] | None:
    """The middle of the chain, latitude and longitude: the median of its sites."""
    sites = optional_table(results, "sites")
    known = None if sites is None else sites.drop_nulls(["latitude", "longitude"])
    if known is None or known.is_empty():
        return None
    return float(np.median(known["latitude"])), float(np.median(known["longitude"]))


def _add_lane(
    figure: go.Figure, words: Words, start: Spot, end: Spot, carried: list[dict[str, Any]], heaviest: float
) -> _Way:
    """A bowed line, so that there and back stay apart, with an arrow head at its end and words on hovering."""
    tonnes = sum(row["tonnes"] or 0.0 for row in carried)
    dx, dy = end.east - start.east, end.north - start.north
    bow = -0.16 if end.far or start.far else 0.10
    middle = ((start.east + end.east) / 2 - bow * dy, (start.north + end.north) / 2 + bow * dx)
    steps = [i / 24 for i in range(25)]
    xs = [(1 - t) ** 2 * start.east + 2 * t * (1 - t) * middle[0] + t * t * end.east for t in steps]
    ys = [(1 - t) ** 2 * start.north + 2 * t * (1 - t) * middle[1] + t * t * end.north for t in steps]
    told = [
        f"{words.commodity(str(row['commodity']))} {quantity(float(row['amount']), str(row['unit']), words.language)}"
        for row in carried
    ]
    width = 1.5 + 9.0 * math.sqrt(tonnes / heaviest)
    way = f"{words.site(start.site)} → {words.site(end.site)}"
    figure.add_scatter(
        x=xs,
        y=ys,
        mode="lines",
        line={"width": width, "color": PALETTE[0]},
        opacity=0.45,
        hoverinfo="skip",
    )
    at = 14
    figure.add_scatter(
        x=[xs[at - 1], xs[at]],
        y=[ys[at - 1], ys[at]],
        mode="markers",
        marker={"symbol": "arrow", "angleref": "previous", "size": [0, 9 + width], "color": PALETTE[0], "opacity": 1.0},
        hovertext=["", "<br>".join([way, *told])],
        hoverinfo="text",
    )
    return _Way(xs, ys, told[0] + (" …" if len(told) > 1 else ""), tonnes)


@dataclass(frozen=True)
class _Way:
    """A lane as drawn, and what it is to be called."""

    east: list[float]
    north: list[float]
    text: str
    tonnes: float


def _scale(spots: list[Spot]) -> float:
    """Pixels a kilometre, as drawn on a wide page."""
    west, east, south, north = _box(spots)
    return min(_HEIGHT / (north - south), 1060.0 / (east - west))


def _name_lanes(figure: go.Figure, ways: list[_Way], labels: Labels, spots: list[Spot]) -> None:
    """Write what the heaviest lanes carry, where there is room; the rest is told on hovering and in the table."""
    scale = _scale(spots)
    for way in sorted(ways, key=lambda way: -way.tonnes)[:_MOST_NAMES]:
        points = [(way.east[i] * scale, way.north[i] * scale + lift) for i in (11, 9, 13, 7, 16) for lift in (13, -13)]
        at = labels.place(points, text_width(way.text, 11.0), 16.0)
        if at is None:
            continue
        figure.add_annotation(
            x=points[at][0] / scale,
            y=points[at][1] / scale,
            text=way.text,
            showarrow=False,
            name="lane",
            font={"size": 11, "color": INK},
            bgcolor="rgba(255,255,255,0.82)",
            borderpad=1,
        )


def _add_sites(figure: go.Figure, words: Words, spots: list[Spot]) -> Labels:
    labels, scale = Labels(), _scale(spots)
    for far, symbol, size, rim in ((False, "circle", 15, "white"), (True, "diamond-open", 14, INK)):
        group = [s for s in spots if bool(s.far) is far]
        figure.add_scatter(
            x=[s.east for s in group],
            y=[s.north for s in group],
            mode="markers",
            marker={"symbol": symbol, "size": size, "color": INK, "line": {"color": rim, "width": 2}},
            hovertext=[words.site(s.site) for s in group],
            hoverinfo="text",
        )
    for spot in spots:
        labels.take(spot.east * scale, spot.north * scale, 18.0, 18.0)
    for spot in spots:
        text = _site_label(words, spot)
        wide, high = text_width(text, 14.0), 20.0 * (1 + text.count("<br>"))
        x, y = spot.east * scale, spot.north * scale
        sides = [(0, 1), (1, 0), (-1, 0), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)]
        points = [(x + right * (12.0 + wide / 2), y + up * (10.0 + high / 2)) for right, up in sides]
        at = labels.place(points, wide, high, anyhow=True) or 0
        figure.add_annotation(
            x=spot.east,
            y=spot.north,
            text=text,
            showarrow=False,
            font={"size": 14, "color": INK},
            bgcolor="rgba(255,255,255,0.75)",
            borderpad=1,
            xshift=points[at][0] - x,
            yshift=points[at][1] - y,
        )
    return labels


def _site_label(words: Words, spot: Spot) -> str:
    name = words.site(spot.site)
    if not spot.far:
        return f"<b>{name}</b>"
    return f"<b>{name}</b><br>" + words.pick(
        f"{digits(round(spot.far, -1))} km away", f"相距{digits(round(spot.far, -1))}公里"
    )


def _add_scale(figure: go.Figure, spots: list[Spot]) -> None:
    """A bar of so many kilometres, and where north is."""
    west, east, south, north = _box(spots)
    length = next((km for km in (500, 200, 100, 50, 20, 10, 5, 2, 1) if km <= 0.25 * (east - west)), 1)
    right, low = east - 0.03 * (east - west), south + 0.05 * (north - south)
    figure.add_scatter(
        x=[right - length, right],
        y=[low, low],
        mode="lines",
        line={"color": MUTED, "width": 3},
        hoverinfo="skip",
    )
    figure.add_annotation(
        x=right - length / 2, y=low, text=f"{length} km", showarrow=False, yshift=10, font={"color": MUTED, "size": 11}
    )
    figure.add_annotation(
        x=0.985, y=0.98, xref="paper", yref="paper", text="N ↑", showarrow=False, font={"color": MUTED, "size": 13}
    )


def _sentence(results: Results, language: str) -> str:
    words, rows = Words(results, language), region_rows(results)
    if rows.is_empty():
        return words.pick("Nothing is carried between sites.", "各场所之间没有运输。")
    top = rows.row(0, named=True)
    amount = quantity(top["amount"], top["unit"], language)
    total = quantity(float(rows["tonnes"].sum()), "t", language)
    start, end, what = words.site(top["site"]), words.site(top["site_to"]), words.commodity(top["commodity"])
    return words.pick(
        f"Between sites {total} are carried; most of it is {what} from {start} to {end}: {amount}. "
        "Lines are as wide as what they carry; far markets stand at the rim in their true direction.",
        f"场所之间共运输{total}，最多的是{start}到{end}的{what}：{amount}。线条粗细表示运量；远方市场按真实方位放在图边。",
    )


REGION = View(
    "region",
    "The region",
    "区域示意图",
    (
        Column("element", "Route", "运输线", "element"),
        Column("site", "From", "起点", "site"),
        Column("site_to", "To", "终点", "site"),
        Column("commodity", "Commodity", "物料", "commodity"),
        Column("amount", "Arrived", "到达量", "amount", "unit"),
    ),
    region_rows,
    region,
    _sentence,
)
