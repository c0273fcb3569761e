"""The animation of a traced stretch of time: vehicles on their ways, lots in stations and queues, levels that rise.

The picture is drawn in the page from the rows of the tables `motion` and `gantt`; `schematic` says where things stand,
and the script beside this module only draws and moves them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any

import polars as pl

from lodeworks.views.figures.placing import text_width
from lodeworks.views.figures.region import places
from lodeworks.views.report.markup import both
from lodeworks.views.report.moves import busiest, levels_of, moves_of, offs_of, stops_of, stretch
from lodeworks.views.report.schematic import BOX, MAP_HEIGHT, WIDTH, Arc, Card, Node, flow, shelves, spots
from lodeworks.views.results import Results, optional_table
from lodeworks.views.words import Words

__all__ = ["animation", "drawn"]

_MOST_MOVES = 6000
_MOST_NODES = 80
_TEXT = 11.5


def animation(results: Results) -> str:
    """Return the animation as HTML; nothing where no trace was kept."""
    rows = optional_table(results, "motion")
    data = None if rows is None else drawn(results, rows)
    if data is None:
        return ""
    script = (files(__package__) / "motion.js").read_text(encoding="utf-8")
    inside = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    speeds = "".join(
        f'<option value="{speed}"{" selected" if speed == 1 else ""}>× {speed}</option>' for speed in (0.2, 1, 4)
    )
    return (
        f'<p class="seen">{both(*_SAID)}</p>'
        '<div class="motion"><div class="motion-bar">'
        '<button type="button" id="motion-play" aria-label="播放 / play">▶</button>'
        '<input type="range" id="motion-time" min="0" max="1000" value="0" aria-label="时刻 / time">'
        f'<select id="motion-speed" aria-label="速度 / speed">{speeds}</select>'
        '<output id="motion-clock"></output></div>'
        f'<p class="motion-keys">{_keys()}</p>'
        f'<p class="pan">{both("左右滑动查看全图", "Slide sideways to see it all")}</p>'
        '<div class="motion-frame" tabindex="0">'
        f'<svg id="motion-svg" role="img" aria-label="{escape(_SAID[1])}"></svg></div></div>'
        f'<script type="application/json" id="motion-data">{inside}</script><script>{script}</script>'
    )


_SAID = (
    "蓝框为工序，灰框为库存或队列；工序里的圆点是正在做的批次，路上的圆点是车辆。车队的候车与加注画在装货处。",
    "Blue boxes are stations, grey ones stocks and queues; a dot in a station is a batch at work, a dot on the way a "
    "vehicle. A fleet's waiting and refuelling are drawn where it loads.",
)
_KEYS = (
    ("work", "在做的批次", "batch at work"), ("laden", "重车", "laden vehicle"), ("empty", "空车", "empty vehicle"),
    ("down", "有机器故障", "a machine is down"), ("off", "班外", "off shift"),
)


def _keys() -> str:
    return "".join(f'<span><i class="key-{key}"></i>{both(zh, en)}</span>' for key, zh, en in _KEYS)


def drawn(results: Results, rows: pl.DataFrame) -> dict[str, Any] | None:
    """Return what the script draws: boxes, ways, moves, levels and stops; None where nothing moved."""
    ground = _Ground(results)
    moving = rows.filter(pl.col("kind") == "run")
    runs = moving.head(_MOST_MOVES)
    if runs.is_empty():
        return None
    arcs, ways = ground.arcs(runs), ground.ways(runs)
    cards = ground.cards(runs, rows.filter(pl.col("kind") == "level"), arcs)
    if not cards:
        return None
    several = len(cards) > 1
    for card in cards:
        flow(card, arcs, headed=several)
    sites = [card.site for card in cards]
    lanes = list(dict.fromkeys((a, b) for a, b in [*ground.routes(), *ways.values()] if a in sites and b in sites))
    at = spots(sites, lanes, {s.site: (s.east, s.north) for s in places(results)}) if lanes else {}
    height = shelves(cards, MAP_HEIGHT + 14.0 if at else 0.0)
    nodes = [(card, node) for card in cards for node in card.nodes]
    number = {node.name: i for i, (_, node) in enumerate(nodes)}
    begin, end = stretch(rows, moving, _MOST_MOVES)
    stops, moves = stops_of(results, number), moves_of(runs, number, ways, lanes)
    offs = offs_of(stops, len(nodes))
    words = {language: Words(results, language) for language in ("zh", "en")}
    return {
        "begin": begin, "end": end, "open": busiest(moves, offs, begin, end),
        "start": results.manifest["horizon"]["start"],
        "width": WIDTH, "height": height, "box": BOX,
        "cards": [
            [c.x, c.y, c.width, c.height, *(w.site(c.site) for w in words.values())] for c in cards if several
        ],
        "nodes": [
            {"x": card.x + node.x, "y": card.y + node.y, "station": node.station,
             "full": [_called(w, node) for w in words.values()],
             "lines": [_lines(_called(w, node), BOX[0] - 12.0) for w in words.values()]}
            for card, node in nodes
        ],
        "arcs": [[number[a], number[b]] for a, b in arcs if a in number and b in number],
        "sites": [[*at[s], *(w.site(s) for w in words.values())] for s in sites] if at else [],
        "lanes": [
            [sites.index(a), sites.index(b), *(ground.said(w, (a, b)) for w in words.values())] for a, b in lanes
        ],
        "moves": moves,
        "levels": levels_of(rows, number),
        "vehicles": sorted(number[n] for n in number if ground.is_vehicles(n)),
        "stops": stops, "offs": offs,
    }


class _Ground:
    """What the chain says of where things stand and what leads where."""

    def __init__(self, results: Results) -> None:
        self.chain: Mapping[str, Any] = results.chain
        rows = results.table("elements").select("element", "kind", "site", "site_to").rows()
        self.site = {name: site or "" for name, _, site, _ in rows}
        self.kind = {name: kind for name, kind, _, _ in rows}
        self.site_to = {name: site or "" for name, _, _, site in rows}
        self.home = {route.get("fleet"): self.site.get(name, "") for name, route in
                     reversed(list((self.chain.get("routes") or {}).items()))}

    def of(self, name: str) -> str:
        """Return the site of a place or of a run."""
        _, at, site = name.partition("@")
        if at:
            return site
        if name.startswith("orders of "):
            return self.site.get(name.removeprefix("orders of "), "")
        element, _, part = name.partition(": ")[0].partition(".")
        if name.endswith(" at unloading"):
            return self.site_to.get(name.removesuffix(" at unloading"), "")
        for what in (" waiting", " to refuel", " to service"):
            if name.endswith(what):
                return self.home.get(name.removesuffix(what), "")
        if element in self.home:
            return self.home[element]
        return self.site_to.get(element, "") if part == "unload" else self.site.get(element, "")

    def is_vehicles(self, name: str) -> bool:
        """Return whether what stands in a place are vehicles."""
        return name.endswith((" waiting", " to refuel", " to service", " at unloading"))

    def way(self, name: str) -> Arc | None:
        """Return the sites a run goes between; None for what is done at one place."""
        element, _, part = name.partition(".")
        if self.kind.get(element) != "route":
            return None
        there = self.site[element], self.site_to[element]
        if part in ("", "drive"):
            return there
        return (there[1], there[0]) if part == "return" else None

    def routes(self) -> list[Arc]:
        """Return the sites that routes lead between, whether or not anything moved in the stretch."""
        ends = [(self.site[name], self.site_to[name]) for name, kind in self.kind.items() if kind == "route"]
        return [(a, b) for a, b in ends if a != b]

    def said(self, words: Words, lane: Arc) -> str:
        """Return what the routes of a lane are called."""
        names = [n for n, kind in self.kind.items() if kind == "route" and (self.site[n], self.site_to[n]) == lane]
        return words.pick(", ", "、").join(words.element(name) for name in names)

    def ways(self, runs: pl.DataFrame) -> dict[str, Arc]:
        """Return the runs that go between sites."""
        found = {name: self.way(name) for name in runs["name"].unique(maintain_order=True)}
        return {name: way for name, way in found.items() if way is not None and way[0] != way[1]}

    def arcs(self, runs: pl.DataFrame) -> list[Arc]:
        """Return what leads where: places into stations and stations into places."""
        ways = self.ways(runs)
        found: dict[Arc, None] = {}
        for name, start, end in runs.select("name", "from", "to").unique(maintain_order=True).rows():
            if name not in ways:
                station = name.partition(": ")[0]
                found.update({arc: None for arc in ((start, station), (station, end)) if all(arc)})
        for station, process in (self.chain.get("processes") or {}).items():
            tail = f"@{self.site[station]}" if self.site.get(station) else ""
            found.update(((f"{c}{tail}", station), None) for c in process.get("inputs") or {})
            found.update(((station, f"{c}{tail}"), None) for c in process.get("outputs") or {})
        return list(found)

    def cards(self, runs: pl.DataFrame, levels: pl.DataFrame, arcs: list[Arc]) -> list[Card]:
        """Return the sites with their stations and queues: what has something done to it, or ever holds anything."""
        ways, known = self.ways(runs), list(self.kind)
        ran = [n.partition(": ")[0] for n in runs["name"].unique(maintain_order=True) if n not in ways]
        stations = sorted(
            dict.fromkeys([*ran, *(self.chain.get("processes") or {})]),
            key=lambda n: known.index(e) if (e := n.partition(".")[0]) in self.kind else len(known),
        )
        held = dict(levels.group_by("name", maintain_order=True).agg(pl.col("value").abs().max()).rows())
        ends = {b for _, b in arcs} & {a for a, _ in arcs}
        near = {name for arc in arcs for name in arc}
        queues = [
            name for name, most in held.items()
            if not name.endswith((" laden", " empty"))
            and (name in ends or (most > 1e-9 and (name in near or not self.is_vehicles(name))))
        ]
        if len(stations) + len(queues) > _MOST_NODES:
            stations = [name for name in stations if name in ran][: _MOST_NODES // 2]
        cards: dict[str, Card] = {}
        both_kinds = [*((name, True) for name in stations), *((name, False) for name in queues)]
        for name, station in both_kinds[:_MOST_NODES]:
            site = self.of(name)
            cards.setdefault(site, Card(site)).nodes.append(Node(name, site, station))
        order = list(self.chain.get("sites") or {})
        return sorted(cards.values(), key=lambda card: order.index(card.site) if card.site in order else len(order))


def _called(words: Words, node: Node) -> str:
    """A node's name; its site stands over the card already."""
    commodity, at, _ = node.name.partition("@")
    return words.commodity(commodity) if at else words.named(node.name)


def _lines(text: str, width: float) -> list[str]:
    """Break a name into at most two lines; what stands after a colon has one of its own."""
    for colon in (": ", "："):
        head, found, part = text.rpartition(colon)
        if found:
            return [_trimmed(head, width), _trimmed(part, width)]
    if text_width(text, _TEXT) <= width:
        return [text]
    cut = max(i for i in range(1, len(text) + 1) if text_width(text[:i], _TEXT) <= width)
    space = max(text.rfind(" ", 0, cut + 1), text.rfind("、", 0, cut) + 1)
    cut = space if space > cut // 2 else cut
    first, rest = text[:cut].rstrip(), text[cut:].strip()
    if text_width(rest, _TEXT) > width:  # names of many alike differ at their ends
        while text_width("…" + rest, _TEXT) > width:
            rest = rest[1:]
        rest = "…" + rest.lstrip()
    return [first, rest]


def _trimmed(text: str, width: float) -> str:
    """A text cut at its end where it is too wide."""
    if text_width(text, _TEXT) <= width:
        return text
    while text and text_width(text + "…", _TEXT) > width:
        text = text[:-1]
    return text.rstrip() + "…"
