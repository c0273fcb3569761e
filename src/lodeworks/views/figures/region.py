"""The region as a schematic map: sites where they are, routes as wide as what they carry. No tiles, no network.

Coordinates are laid flat in kilometres around the middle of the chain. A site far outside the rest (a market a
thousand kilometres off) stands at the rim in its true direction, with its distance written beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.figures.style import INK, MUTED, PALETTE, empty, styled
from lodeworks.views.numbers import digits, quantity
from lodeworks.views.results import Results, optional_table
from lodeworks.views.sums import flow_sums
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["REGION", "Spot", "places", "region", "region_rows"]

_KM = 111.195


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
    middle = (float(known["latitude"].median() or 0.0), float(known["longitude"].median() or 0.0))  # type: ignore[arg-type]
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
    heaviest = max([t for t in rows["tonnes"].to_list() if t] or [1.0])
    lanes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows.iter_rows(named=True):
        if row["site"] in spots and row["site_to"] in spots:
            lanes.setdefault((row["site"], row["site_to"]), []).append(row)
    for (start, end), carried in lanes.items():
        _add_lane(figure, words, spots[start], spots[end], carried, heaviest)
    _add_sites(figure, words, list(spots.values()))
    _add_scale(figure, list(spots.values()))
    reach = max(max(abs(s.east), abs(s.north)) for s in spots.values())
    figure = styled(figure, height=520, legend=False)
    figure.update_xaxes(visible=False, range=[-1.45 * reach, 1.45 * reach], fixedrange=True)
    figure.update_yaxes(visible=False, scaleanchor="x", scaleratio=1.0, fixedrange=True)
    return figure


def _add_lane(
    figure: go.Figure, words: Words, start: Spot, end: Spot, carried: list[dict[str, Any]], heaviest: float
) -> None:
    """A bowed line, so that there and back stay apart, with an arrow head at its end and words on hovering."""
    tonnes = sum(row["tonnes"] or 0.0 for row in carried)
    dx, dy = end.east - start.east, end.north - start.north
    bow = 0.10
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
    figure.add_annotation(
        x=xs[at - 3],
        y=ys[at - 3],
        text=told[0] + (" …" if len(told) > 1 else ""),
        showarrow=False,
        font={"size": 11, "color": INK},
        bgcolor="rgba(255,255,255,0.82)",
        borderpad=2,
        yshift=14 if dx * bow >= 0 else -14,
    )


def _add_sites(figure: go.Figure, words: Words, spots: list[Spot]) -> None:
    near = [s for s in spots if not s.far]
    far = [s for s in spots if s.far]
    for group, symbol, size in ((near, "circle", 15), (far, "diamond-open", 14)):
        if group:
            figure.add_scatter(
                x=[s.east for s in group],
                y=[s.north for s in group],
                mode="markers+text",
                cliponaxis=False,
                marker={
                    "symbol": symbol,
                    "size": size,
                    "color": INK,
                    "line": {"color": "white" if group is near else INK, "width": 2},
                },
                text=[_site_label(words, s) for s in group],
                textposition=[_beside(s, spots) for s in group],
                textfont={"size": 14, "color": INK},
                hoverinfo="text",
            )


def _site_label(words: Words, spot: Spot) -> str:
    name = words.site(spot.site)
    if not spot.far:
        return f"<b>{name}</b>"
    return f"<b>{name}</b><br>" + words.pick(
        f"{digits(round(spot.far, -1))} km away", f"相距{digits(round(spot.far, -1))}公里"
    )


def _beside(spot: Spot, spots: list[Spot]) -> str:
    """Put a site's name on the side away from its nearest neighbour."""
    others = [s for s in spots if s is not spot]
    if not others:
        return "top center"
    nearest = min(others, key=lambda s: math.hypot(s.east - spot.east, s.north - spot.north))
    dx, dy = spot.east - nearest.east, spot.north - nearest.north
    if abs(dx) > 1.5 * abs(dy):
        return "middle right" if dx > 0 and not spot.far else "middle left" if dx <= 0 else "top center"
    return "top center" if dy >= 0 else "bottom center"


def _add_scale(figure: go.Figure, spots: list[Spot]) -> None:
    """A bar of so many kilometres, and where north is."""
    reach = max(max(abs(s.east), abs(s.north)) for s in spots)
    length = next((km for km in (500, 200, 100, 50, 20, 10, 5, 2, 1) if km <= 0.45 * reach), 1)
    low = min(s.north for s in spots) - 0.28 * reach
    left = -1.35 * reach
    figure.add_scatter(
        x=[left, left + length],
        y=[low, low],
        mode="lines+text",
        line={"color": MUTED, "width": 2},
        text=["", f" {length} km"],
        textposition="middle right",
        textfont={"color": MUTED, "size": 12},
        hoverinfo="skip",
    )
    figure.add_annotation(
        x=1.0, y=1.0, xref="paper", yref="paper", text="N ↑", showarrow=False, font={"color": MUTED, "size": 13}
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
