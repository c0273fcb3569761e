"""Which tiles stand on a screen: as the chain says, or made from the chain and its tags alone.

Without a screen written in the chain there is one overview and one screen a site. An overview of many tags shows the
first of each site, the ones people can be hurt by before those money is lost by. Nothing here draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lodeworks.network.live import LimitRow, Live, Tag
from lodeworks.pages.words import Titles, say, unit_told

__all__ = [
    "HEALTH", "OVERVIEW", "SYSTEM", "Board", "Section", "boards", "described", "system_board", "teller", "where_from",
]

OVERVIEW = "overview"
HEALTH = "-health"
SYSTEM = "lodeworks."
"""What the names of the system's own tags begin with; they stand on the page of its health."""

_MOST = 120
"""Tiles of an overview: about what 1920 × 1080 shows without scrolling."""
_FIRST = (
    "methane", "co", "smoke", "oxygen", "gas", "count", "temperature", "air_speed", "air_pressure", "dust", "state",
    "speed", "load", "flow", "level",
)


@dataclass(frozen=True)
class Section:
    """Tiles that stand together under one title: `tags` are places in `Live.tags`, `cameras` are names."""

    name: str
    title_en: str
    title_zh: str
    tags: tuple[int, ...]
    cameras: tuple[str, ...] = ()


@dataclass(frozen=True)
class Board:
    """A screen with everything it shows."""

    name: str
    title_en: str
    title_zh: str
    sections: tuple[Section, ...]

    @property
    def tags(self) -> tuple[int, ...]:
        """Every tag on it, once, in the order of `Live.tags`."""
        return tuple(sorted({tag for section in self.sections for tag in section.tags}))


def boards(live: Live) -> dict[str, Board]:
    """Return the screens of a chain by name: those it writes, then the ones made from chain and tags alone.

    A written screen without rows says only its title and size, and has the tiles of the overview.
    """
    everything = _by_site(live)
    shortened = _shortened(live, everything)
    found: dict[str, Board] = {}
    for screen in live.screens:
        rows = tuple(_row(live, f"{screen.name} {k}", names) for k, names in enumerate(screen.rows))
        found[screen.name] = Board(screen.name, screen.title_en or screen.name, screen.title_zh, rows or shortened)
    if all(screen.rows for screen in live.screens):
        found.setdefault(OVERVIEW, Board(OVERVIEW, say("overview", "en"), say("overview", "zh"), shortened))
    if len(everything) > 1:
        for section in everything:
            found.setdefault(section.name, Board(section.name, section.title_en, section.title_zh, (section,)))
    return found


def system_board(live: Live) -> Board:
    """Return the board of the system's own tags, which stands on the page of its health: a section a feed."""
    sections: dict[str, list[int]] = {}
    for number, tag in enumerate(live.tags):
        if tag.name.startswith(SYSTEM):
            of = tag.name.removeprefix(SYSTEM).rpartition(".")[0]
            sections.setdefault(of, []).append(number)
    english, chinese = Titles(live, "en"), Titles(live, "zh")
    made = (
        Section(name, english.of(name) if name else "Lodeworks", chinese.of(name) if name else "Lodeworks", tuple(tags))
        for name, tags in sections.items()
    )
    return Board(HEALTH, say("health", "en"), say("health", "zh"), tuple(made))


def where_from(row: LimitRow, titles: Titles) -> tuple[str, str]:
    """Return where a row of the limits table is written and since when; of the site's own, why and who set it."""
    source = say(row.source, titles.language)
    if not row.overrides:
        return source, row.dated
    instead = say("instead of row", titles.language).format(row=titles.of(row.overrides))
    return row.reason, " · ".join(filter(None, (row.by, row.second, source, row.dated, instead)))


def teller(live: Live, language: str) -> Callable[[int], dict[str, Any]]:
    """Return what tells a browser of a tag by its number: title, unit, range, feed, and limits with their sources."""
    titles = Titles(live, language)
    feeds = {feed.name: feed for feed in live.feeds}
    rows = {row.name: row for row in live.limits}
    zones = {zone.count: zone for zone in live.zones if zone.count}
    limits: dict[str, list[dict[str, Any]]] = {}
    for rule in live.rules:
        if rule.kind == "limit":
            for limit in rule.limits:
                row = rows.get(limit.row)
                limits.setdefault(rule.tag, []).append(
                    {
                        "level": limit.level, "side": limit.side, "value": limit.value, "priority": rule.priority,
                        "row": ", ".join(filter(None, where_from(row, titles))) if row else "",
                    }
                )

    def tell(number: int) -> dict[str, Any]:
        tag = live.tags[number]
        feed, zone = feeds.get(tag.feed), zones.get(tag.name)
        given: dict[str, Any] = {
            "tag": number, "name": tag.name, "title": titles.of(tag.name),
            "unit": "" if tag.kind == "state" else unit_told(tag.unit, language), "kind": tag.kind,
            "low": _finite(tag.low), "high": _finite(tag.high), "period": tag.period_s, "source": titles.of(tag.feed),
            "clock": feed.clock_s if feed else 0.1, "limits": limits.get(tag.name, []),
            "words": {str(state): titles.pick(en, zh) for state, en, zh in tag.words},
        }
        bar = _bar(tag, given["limits"])
        if bar is not None:
            given["bar"] = bar
        places = _places(tag)
        if places is not None:
            given["places"] = places
        if zone is not None and zone.most is not None:
            given["most"] = zone.most
        return given

    return tell


def described(live: Live, board: Board, language: str) -> dict[str, Any]:
    """Return a screen as the browser is given it: sections of tiles with titles, units, ranges and limits.

    A tile says which row of the limits tables its limits come from, with source and date.
    """
    titles, tile = Titles(live, language), teller(live, language)

    def named(section: Section, number: int) -> dict[str, Any]:
        """What stands under its feed's name need not say it again."""
        own = titles.of(live.tags[number].name)
        rest = own.removeprefix(titles.pick(section.title_en, section.title_zh)).lstrip(": ")
        return {"title": rest} if board.name == HEALTH and rest else {}

    period = {camera.name: camera.period_s for camera in live.cameras}
    return {
        "name": board.name,
        "title": titles.pick(board.title_en, board.title_zh),
        "sections": [
            {
                "title": titles.pick(section.title_en, section.title_zh),
                "tiles": [tile(number) | named(section, number) for number in section.tags],
                "cameras": [
                    {"name": name, "title": titles.of(name), "period": period[name]} for name in section.cameras
                ],
            }
            for section in board.sections
        ],
    }


def _bar(tag: Tag, limits: Sequence[dict[str, Any]]) -> tuple[float, float] | None:
    """Return the range a bar is drawn over: the instrument's, but no farther than what its limits make worth seeing."""
    low, high = tag.low, tag.high
    above = [limit["value"] for limit in limits if limit["side"] == "high"]
    if above:
        high = min(high, max(above) + 0.6 * (max(above) - min(low, 0.0) if math.isfinite(low) else abs(max(above))))
    if tag.kind != "sensor" or not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return None
    return low, high


def _finite(bound: float) -> float | None:
    return bound if math.isfinite(bound) else None


def _places(tag: Tag) -> int | None:
    """Return how many decimals a value is shown with: about three digits of its range, always the same."""
    if tag.kind == "counter" or tag.unit in ("person", "people"):
        return 0
    span = tag.high - tag.low
    if tag.kind != "sensor" or not 0.0 < span < math.inf:
        return None
    return max(0, min(4, 3 - math.ceil(math.log10(span) - 0.3)))


def _by_site(live: Live) -> tuple[Section, ...]:
    """Put people first, then every site with its tags, then what belongs to none."""
    counted = {zone.count for zone in live.zones if zone.count}
    people = tuple(live.place[zone.count] for zone in live.zones if zone.count)
    where: dict[str, list[int]] = {site.name: [] for site in live.sites}
    for number, tag in enumerate(live.tags):
        if tag.name not in counted and not tag.name.startswith(SYSTEM):
            where.setdefault(tag.site, []).append(number)
    cameras: dict[str, list[str]] = {}
    for camera in live.cameras:
        cameras.setdefault(camera.site, []).append(camera.name)
    english, chinese = Titles(live, "en"), Titles(live, "zh")
    sections = [Section("people", say("people", "en"), say("people", "zh"), people)] if people else []
    for site, tags in where.items():
        seen = tuple(cameras.pop(site, ()))
        if tags or seen:
            name = site or "elsewhere"
            title = (english.of(site), chinese.of(site)) if site else (say(name, "en"), say(name, "zh"))
            sections.append(Section(name, *title, _urgent_first(live, tags), seen))
    left = tuple(name for names in cameras.values() for name in names)
    if left:
        sections.append(Section("cameras", say("cameras", "en"), say("cameras", "zh"), (), left))
    return tuple(sections)


def _urgent_first(live: Live, tags: Iterable[int]) -> tuple[int, ...]:
    ruled: dict[str, int] = {}
    for rule in live.rules:
        ruled[rule.tag] = min(ruled.get(rule.tag, 5), rule.priority)

    def rank(number: int) -> tuple[int, int, int]:
        tag: Tag = live.tags[number]
        kind = next((k for k, word in enumerate(_FIRST) if word in (tag.reads, tag.quantity)), len(_FIRST))
        return ruled.get(tag.name, 5), kind, number

    return tuple(sorted(tags, key=rank))


def _shortened(live: Live, sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Leave each site its share of an overview, the most urgent of its tags, when there are too many for one."""
    total = sum(len(section.tags) for section in sections)
    if total <= _MOST:
        return sections
    kept = []
    for section in sections:
        share = max(3, round(_MOST * len(section.tags) / total))
        kept.append(Section(section.name, section.title_en, section.title_zh, section.tags[:share], section.cameras))
    return tuple(kept)


def _row(live: Live, name: str, tiles: Iterable[str]) -> Section:
    """Return a written row: each tile names a tag, a zone (its count) or a camera."""
    zones = {zone.name: zone.count for zone in live.zones}
    cameras = {camera.name for camera in live.cameras}
    names = [zones.get(tile, tile) for tile in tiles]
    return Section(
        name, "", "", tuple(live.place[tile] for tile in names if tile in live.place),
        tuple(tile for tile in names if tile in cameras),
    )
