"""What stands on the schematic of a chain: sites with people and levels, ways, routes, rounds, and the tags they show.

Every number on it comes by the live stream; this says only what stands where. Drawing is for the browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lodeworks.network.live import Live
from lodeworks.pages.layout import Placed, placed
from lodeworks.pages.screens import teller
from lodeworks.pages.words import Titles

__all__ = ["MAP", "map_tags", "mapped"]

MAP = "-map"
"""The name of the stream with what the schematic shows."""


def map_tags(live: Live) -> tuple[int, ...]:
    """Return the tags a schematic shows: flows of routes, levels, people, gas of the ways, positions of rounds."""
    names = {zone.count for zone in live.zones} | {way.gas for way in live.roadways}
    names |= {made.position for made in live.rounds}
    shown = {live.place[name] for name in names if name in live.place}
    for number, tag in enumerate(live.tags):
        if tag.reads in ("flow", "level") and tag.kind == "sensor" and tag.element:
            shown.add(number)
    return tuple(sorted(shown))


def mapped(
    live: Live, language: str, outline: Sequence[Sequence[tuple[float, float]]] = (), *, tall: bool = False
) -> dict[str, Any]:
    """Return the schematic as the browser is given it; under a map lies the outline (longitudes and latitudes).

    A `tall` one is for who holds a phone; nothing on it is to scale.
    """
    titles, tell = Titles(live, language), teller(live, language)
    where = placed(live, tall=tall)
    flows = {tag.element: number for number, tag in reversed(list(enumerate(live.tags))) if tag.reads == "flow"}
    levels: dict[str, list[int]] = {}
    for number, tag in enumerate(live.tags):
        if tag.reads == "level" and tag.kind == "sensor":
            levels.setdefault(tag.site, []).append(number)
    zones: dict[str, list[dict[str, Any]]] = {}
    for zone in live.zones:
        zones.setdefault(zone.site, []).append(
            {
                "title": titles.of(zone.name), "count": live.place.get(zone.count, -1), "most": zone.most,
                "refuge": zone.refuge, "forbidden": zone.forbidden,
            }
        )
    return {
        "width": where.size[0], "height": where.size[1], "metres": where.metres, "region": where.region,
        "outline": [drawn for line in outline if (drawn := _drawn(where, line))] if where.metres else [],
        "review_number": live.review_number,
        "sites": [
            {
                "name": name, "title": titles.of(name), "x": x, "y": y, "zones": zones.get(name, []),
                "far": where.far.get(name, 0.0),
                "levels": levels.get(name, []),
                "stocks": [titles.of(live.tags[k].element or live.tags[k].name) for k in levels.get(name, [])],
                "tags": [k for k, tag in enumerate(live.tags) if tag.site == name],
            }
            for name, (x, y) in where.at.items()
        ],
        "ways": [
            {
                "name": way.name, "title": titles.pick(way.title_en, way.title_zh), "from": way.site, "to": way.site_to,
                "metres": way.metres, "exit": way.exit, "gas": live.place.get(way.gas, -1),
            }
            for way in live.roadways
        ],
        "routes": [
            {
                "name": route.name, "title": titles.of(route.name), "from": route.site, "to": route.site_to,
                "metres": route.metres, "flow": flows.get(route.name, -1), "commodity": titles.of(route.commodity),
            }
            for route in live.routes
        ],
        "rounds": [
            {
                "title": titles.pick(made.title_en, made.title_zh), "route": made.route, "by": made.by,
                "end": made.end_m, "position": live.place.get(made.position, -1),
            }
            for made in live.rounds
        ],
        "tiles": [tell(number) for number in map_tags(live)],
    }


def _drawn(where: Placed, line: Sequence[tuple[float, float]]) -> str:
    """Return a line as an SVG path, to a tenth of the field's unit; empty where it is not on the field."""
    at = np.round(where.on_field(line), 1)
    at = at[np.concatenate([[True], (np.diff(at, axis=0) != 0.0).any(axis=1)])]
    low, high = at.min(axis=0), at.max(axis=0)
    if len(at) < 2 or high.min() < 0.0 or low[0] > where.size[0] or low[1] > where.size[1]:
        return ""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in at.tolist()) + ("Z" if tuple(line[0]) == tuple(line[-1]) else "")
