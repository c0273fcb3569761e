"""Where the animation draws what: stations and queues of each site as a flow, and the sites as a small map.

Positions only, in pixels; `motion` reads what moved, and the script beside it moves the picture. A fleet's queues and
pumps stand where it loads next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["BOX", "MAP_HEIGHT", "WIDTH", "Arc", "Card", "Node", "flow", "shelves", "spots"]

WIDTH = 1140.0
BOX = (138.0, 54.0)
_GAP_X, _GAP_Y = 24.0, 12.0
_EDGE, _HEAD = 14.0, 34.0
_BAND = 26.0
_MOST_COLUMNS = 7
MAP_HEIGHT = 330.0

Arc = tuple[str, str]


@dataclass
class Node:
    """A station (where something is done) or a queue (where lots or vehicles stand), with its upper left corner."""

    name: str
    site: str
    station: bool
    x: float = 0.0
    y: float = 0.0


@dataclass
class Card:
    """What stands at one site, with its size and upper left corner."""

    site: str
    nodes: list[Node] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0
    x: float = 0.0
    y: float = 0.0


def flow(card: Card, arcs: Sequence[Arc], *, headed: bool) -> None:
    """Lay the nodes of a card out left to right, one column further than what they come from; long flows in bands.

    Within a column nodes stand near what leads to them (one sweep of barycentres). What nothing leads to or from
    stands in rows below.
    """
    names = [node.name for node in card.nodes]
    inside = [(a, b) for a, b in dict.fromkeys(arcs) if a in names and b in names and a != b]
    linked = {name for arc in inside for name in arc}
    alone = [name for name in names if name not in linked]
    names = [name for name in names if name in linked]
    layer = _layers(names, inside)
    columns: dict[int, list[str]] = {}
    row: dict[str, float] = {}
    for name in sorted(names, key=lambda n: (layer[n], names.index(n))):
        columns.setdefault(layer[name], []).append(name)
    for column in sorted(columns):
        before = {n: [row[a] for a, b in inside if b == n and a in row] for n in columns[column]}
        columns[column].sort(key=lambda n: sum(before[n]) / len(before[n]) if before[n] else float("inf"))
        row.update((name, float(i)) for i, name in enumerate(columns[column]))
    per_band = -(-len(columns) // -(-len(columns) // _MOST_COLUMNS)) if columns else 0
    top = _HEAD if headed else _EDGE
    place: dict[str, tuple[float, float]] = {}
    ordered, single = [columns[c] for c in sorted(columns)], [[name] for name in alone]
    bands = [ordered[first : first + per_band] for first in range(0, len(ordered), per_band or 1)]
    bands += [single[first : first + _MOST_COLUMNS] for first in range(0, len(single), _MOST_COLUMNS)]
    for band in bands:
        high = max(map(len, band))
        for i, pile in enumerate(band):
            lift = (high - len(pile)) / 2.0
            for k, name in enumerate(pile):
                place[name] = (_EDGE + i * (BOX[0] + _GAP_X), top + (k + lift) * (BOX[1] + _GAP_Y))
        top += high * (BOX[1] + _GAP_Y) + _BAND
    for node in card.nodes:
        node.x, node.y = place[node.name]
    wide = max(per_band, min(len(alone), _MOST_COLUMNS))
    card.width = 2 * _EDGE + wide * BOX[0] + (wide - 1) * _GAP_X
    card.height = top - _BAND - _GAP_Y + _EDGE


def _layers(names: Sequence[str], arcs: Sequence[Arc]) -> dict[str, int]:
    """Return the column of each node by longest ways; arcs that close a circle do not count."""
    after: dict[str, list[str]] = {name: [b for a, b in arcs if a == name] for name in names}
    entered = {b for _, b in arcs}
    order: list[str] = []
    seen: dict[str, int] = {}
    back: set[Arc] = set()

    def visit(start: str) -> None:
        stack = [(start, iter(after[start]))]
        seen[start] = 1
        while stack:
            here, ahead = stack[-1]
            step = next(ahead, None)
            if step is None:
                seen[here] = 2
                order.append(here)
                stack.pop()
            elif seen.get(step) == 1:
                back.add((here, step))
            elif step not in seen:
                seen[step] = 1
                stack.append((step, iter(after[step])))

    for name in [*(n for n in names if n not in entered), *names]:
        if name not in seen:
            visit(name)
    layer = dict.fromkeys(names, 0)
    for here in reversed(order):
        for step in after[here]:
            if (here, step) not in back:
                layer[step] = max(layer[step], layer[here] + 1)
    for here in order:  # as late as what it leads to allows, so that few ways pass behind other boxes
        ahead = [layer[step] for step in after[here] if (here, step) not in back]
        layer[here] = min(ahead, default=layer[here] + 1) - 1
    used = sorted(set(layer.values()))
    return {name: used.index(level) for name, level in layer.items()}


def shelves(cards: Iterable[Card], top: float, gap: float = 18.0) -> float:
    """Stand cards side by side on shelves as wide as the page; return where they end."""
    x, y, high = 0.0, top, 0.0
    for card in cards:
        if x and x + card.width > WIDTH:
            x, y, high = 0.0, y + high + gap, 0.0
        card.x, card.y = x, y
        x, high = x + card.width + gap, max(high, card.height)
    return y + high


def spots(
    sites: Sequence[str], ways: Sequence[Arc], known: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """Return where each site is on the small map: at its place on earth where all have one, else by its routes.

    Parameters
    ----------
    known
        Kilometres east and north of sites with coordinates.
    """
    if sites and all(site in known for site in sites):
        return _fitted({site: (known[site][0], -known[site][1]) for site in sites}, alike=True)
    layer = _layers(sites, list(dict.fromkeys(ways)))
    groups: dict[int, list[str]] = {}
    for site in sites:
        groups.setdefault(layer[site], []).append(site)
    flat = len(groups) == len(sites)
    raw = {
        site: (float(column), (0.35 if column % 2 else -0.35) if flat else k - (len(group) - 1) / 2.0)
        for column, group in groups.items() for k, site in enumerate(group)
    }
    return _fitted(raw, alike=False)


def _fitted(raw: Mapping[str, tuple[float, float]], *, alike: bool) -> dict[str, tuple[float, float]]:
    """Bring points into the map's frame; with both directions to one scale where it is a map of the earth."""
    xs, ys = [x for x, _ in raw.values()], [y for _, y in raw.values()]
    wide, high = WIDTH - 280.0, MAP_HEIGHT - 150.0
    right = wide / (max(xs) - min(xs)) if max(xs) > min(xs) else 0.0
    down = high / (max(ys) - min(ys)) if max(ys) > min(ys) else 0.0
    if alike:
        right = down = min([scale for scale in (right, down) if scale] or [0.0])
    mid_x, mid_y = (max(xs) + min(xs)) / 2.0, (max(ys) + min(ys)) / 2.0
    return {
        site: (WIDTH / 2.0 + (x - mid_x) * right, MAP_HEIGHT / 2.0 + (y - mid_y) * down) for site, (x, y) in raw.items()
    }
