"""A checked chain becomes what the live reading sees: every default filled in, every quantity a plain number.

Alarms are in `live_rules`, the tags of the system itself in `live_health`; the records are in `live`.
"""

from __future__ import annotations

import math
import re

from lodeworks.chain import entities
from lodeworks.chain.entities import Chain, Process, Title
from lodeworks.chain.measures import Measures
from lodeworks.chain.readings import OF_ELEMENT, READINGS
from lodeworks.chain.watched import Watched
from lodeworks.errors import InputError, Problem
from lodeworks.network.live import (
    Action,
    Camera,
    Feed,
    Incident,
    LimitRow,
    Live,
    Roadway,
    Round,
    Route,
    Screen,
    Site,
    Step,
    Tag,
    Zone,
)
from lodeworks.network.live_health import health_feeds, health_rules, health_tags
from lodeworks.network.live_rules import rules_of
from lodeworks.units import UnitProblem

__all__ = ["compile_live"]

_SPARE = 1.25  # an instrument reads somewhat beyond the capacity of what it is on


def compile_live(chain: Chain) -> Live:
    """Compile what of a checked chain is watched.

    Raises
    ------
    InputError
        If a unit or an expression does not fit, which the checks would have told.
    """
    w = Watched(chain, Measures(chain, chain.registry()))
    try:
        return _live(w)
    except UnitProblem as error:
        raise InputError(Problem(str(error), element="tags")) from None


def _live(w: Watched) -> Live:
    chain = w.chain
    tags = tuple(_tag(w, name) for name in chain.tags)
    feeds = tuple(_feed(w, name) for name in chain.feeds) or health_feeds(w)
    rounds = tuple(_round(w, name) for name in chain.rounds)
    rules = rules_of(w, {tag.name: tag for tag in tags}, rounds)
    return Live(
        name=chain.chain,
        title_en=chain.title.text("en", chain.chain),
        title_zh=chain.title.text("zh", chain.chain),
        feeds=feeds,
        tags=(*tags, *health_tags(w, feeds)),
        limits=tuple(_limit(w, name) for name in chain.limits),
        rules=(*rules, *health_rules(w, feeds)),
        zones=tuple(_zone(w, name) for name in chain.zones),
        roadways=tuple(_roadway(w, name) for name in chain.roadways),
        cameras=tuple(_camera(w, name) for name in chain.cameras),
        rounds=rounds,
        incidents=tuple(_incident(w, name) for name in chain.incidents),
        actions=tuple(_action(w, name) for name in chain.actions),
        screens=tuple(_screen(w, name) for name in chain.screens) or (Screen("wall", "Wall", "大屏"),),
        sites=tuple(_site(w, name) for name in chain.sites),
        routes=tuple(_route(w, name) for name in chain.routes),
        titles=tuple(
            (name, *_titles(entity.title, name))
            for name, entity in [*((n, e) for n, (_, e) in w.elements.items()), *chain.commodities.items()]
        ) + tuple((name, *_titles(title, name)) for name, title in chain.terms.items()),
        timezone=chain.timezone,
        outline=chain.map.outline,
        review_number=chain.map.review_number,
    )


def _titles(title: Title, name: str) -> tuple[str, str]:
    return title.text("en", name), title.text("zh", name)


def _feed(w: Watched, name: str) -> Feed:
    feed = w.chain.feeds[name]
    return Feed(name, feed.kind, feed.address, *_titles(feed.title, name), w.seconds(feed.clock))


def _tag(w: Watched, name: str) -> Tag:
    tag = w.chain.tags[name]
    unit = w.unit(tag)
    low, high = _range(w, tag, unit)
    return Tag(
        name, *_tag_titles(w, name, tag),
        element=tag.element, site=w.site(tag), reads=tag.reads, kind=w.kind(tag), unit=unit, low=low, high=high,
        place=tag.place, quantity="" if tag.reads in OF_ELEMENT else tag.reads, period_s=w.seconds(tag.period),
        feed=w.feed(tag) or w.feeds[0], address=w.address(name), zone=tag.zone,
        metres=w.metres(tag.at) if tag.at is not None else None, commodity=w.commodity(tag),
        words=tuple((int(number), *_titles(word, number)) for number, word in tag.words.items()),
        factor=_factor(w, tag, unit),
    )


def _factor(w: Watched, tag: entities.Tag, unit: str) -> float:
    """Return how many of the units the plan counts in one of a tag's unit is; one for what stands beside no plan."""
    commodity, units = w.commodity(tag), w.measures.units
    if tag.reads == "load":
        return units.factor(unit, "")
    if tag.reads not in ("flow", "level") or not commodity:
        return 1.0
    running = tag.reads == "level" or w.kind(tag) == "counter"
    return units.factor(unit, w.measures.unit_of(commodity) if running else w.measures.canonical_rate(commodity))


def _tag_titles(w: Watched, name: str, tag: entities.Tag) -> tuple[str, str]:
    """Without a title of its own a tag is called by where it is and what it reads."""
    if tag.title.en or tag.title.zh:
        return _titles(tag.title, name)
    entity = w.element(tag) or w.chain.zones.get(tag.zone) or w.chain.sites.get(w.site(tag))
    reading = READINGS.get(tag.reads)
    if entity is None or reading is None:
        return name, name
    own = tag.element or tag.zone or w.site(tag)
    en, zh = entity.title.text("en", own), entity.title.text("zh", own)
    commodity = w.commodity(tag) if isinstance(entity, Process) and tag.reads == "flow" else tag.commodity
    if commodity in w.chain.commodities:  # a process has several flows
        counted = w.chain.commodities[commodity].title
        return f"{en}, {counted.text('en', commodity)}", f"{zh}·{counted.text('zh', commodity)}"
    return f"{en}, {reading.title_en}", zh + reading.title_zh


def _range(w: Watched, tag: entities.Tag, unit: str) -> tuple[float, float]:
    """Return the range as written, else what the element's capacity and the nature of the reading say."""
    low = READINGS[tag.reads].least if tag.reads in READINGS else -math.inf
    high = math.inf
    entity = w.element(tag)
    capacity, commodity = getattr(entity, "capacity", None), w.commodity(tag)
    if w.kind(tag) == "state" and tag.words:
        low, high = min(map(float, tag.words)), max(map(float, tag.words))
    elif tag.reads == "load":
        high = w.measures.units.factor("", unit) * _SPARE
    elif capacity is not None and commodity and commodity == w.commodity(tag.model_copy(update={"commodity": ""})):
        measures, expansion = w.measures, getattr(entity, "expansion", None)
        sizes = [capacity] if expansion is None else [capacity, expansion.most]  # what may be built can be read as well
        if None in sizes:
            high = math.inf
        elif tag.reads == "flow" and w.kind(tag) == "sensor":
            most = sum(measures.rate(size, commodity) for size in sizes) * _SPARE
            high = most * measures.units.factor(measures.canonical_rate(commodity), unit)
        elif tag.reads == "level":
            most = sum(measures.amount(size, commodity) for size in sizes)
            high = most * measures.units.factor(measures.unit_of(commodity), unit)
    if tag.low is not None:
        low = w.value(tag.low, unit)
    if tag.high is not None:
        high = w.value(tag.high, unit)
    return low, high


def _limit(w: Watched, name: str) -> LimitRow:
    row = w.whole(name)
    unit = w.row_unit(row)
    low, high, cut, restore = (
        w.value(number, unit) if number is not None else None for number in (row.low, row.high, row.cut, row.restore)
    )
    # A row of the site's own rests on its reason and its two persons, not on the rule whose number it replaces.
    own = w.chain.limits[name] if row.overrides else row
    source = own.source.get("*", ", ".join(dict.fromkeys(own.source.values())))
    return LimitRow(
        name, row.place, row.quantity, unit, low, high, cut, restore, _cited(w.chain, source), own.dated,
        row.overrides, row.reason, row.by, row.second, row.site, *_titles(row.title, name),
    )


def _cited(chain: Chain, text: str) -> str:
    """Return a source with the title of each row of `sources` it names beside the row's name."""
    def titled(found: re.Match[str]) -> str:
        row = chain.sources.get(found[0])
        return f"{row.title} ({found[0]})" if row is not None and row.title else found[0]

    return re.sub(r"[^,;，；\s]+", titled, text)


def _zone(w: Watched, name: str) -> Zone:
    zone = w.chain.zones[name]
    longest = w.seconds(zone.longest) if zone.longest is not None else None
    most = 0 if zone.forbidden else zone.most
    return Zone(name, *_titles(zone.title, name), zone.site, most, longest, zone.forbidden, zone.count, zone.refuge,
                zone.stay)


def _roadway(w: Watched, name: str) -> Roadway:
    way = w.chain.roadways[name]
    metres = w.metres(way.length)
    return Roadway(name, *_titles(way.title, name), way.from_, way.to, metres, way.zone, way.gas, way.exit)


def _camera(w: Watched, name: str) -> Camera:
    camera = w.chain.cameras[name]
    metres = w.metres(camera.metres) if camera.metres is not None else math.nan
    return Camera(name, *_titles(camera.title, name), camera.site, camera.zone, camera.address,
                  w.seconds(camera.period), metres)


def _round(w: Watched, name: str) -> Round:
    made = w.chain.rounds[name]
    distance = w.chain.routes[made.route].distance
    end = made.end or distance
    return Round(
        name, *_titles(made.title, name), route=made.route, by=made.by, start_m=w.metres(made.start),
        end_m=w.metres(end) if end is not None else w.metres(made.start), speed_m_s=w.measures.to(made.speed, "m/s"),
        every_s=w.seconds(made.every), position=made.position, tags=tuple(made.tags),
        stops=tuple(w.metres(stop) for stop in made.stops),
        gaps=tuple(stretch for text in made.gaps if (stretch := w.stretch(text)) is not None),
    )


def _incident(w: Watched, name: str) -> Incident:
    incident = w.chain.incidents[name]
    steps = tuple(
        Step(key, *_titles(step.do, key), step.role, w.seconds(step.within), step.clears)
        for key, step in incident.steps.items()
    )
    roles = tuple((role, *_titles(title, role)) for role, title in incident.roles.items())
    return Incident(name, *_titles(incident.title, name), tuple(incident.starts), roles, steps, tuple(incident.zones),
                    tuple(incident.contacts.items()))


def _action(w: Watched, name: str) -> Action:
    action = w.chain.actions[name]
    line = [action, *(w.chain.actions[above] for above in w.above(name))]
    owner = next((item.owner for item in line if item.owner), "")
    due = next((item.due for item in line if item.due is not None), None)
    written = "" if due is None else due.isoformat(" ", "minutes") if due.time().isoformat() != "00:00:00" else (
        due.date().isoformat())
    return Action(name, *_titles(action.title, name), action.parent, owner, written, action.state, action.evidence,
                  action.element, action.count, action.level, tuple(action.counts.items()))


def _screen(w: Watched, name: str) -> Screen:
    screen = w.chain.screens[name]
    rows = tuple(tuple(row) for row in screen.rows)
    return Screen(name, *_titles(screen.title, name), rows, screen.width, screen.height)


def _site(w: Watched, name: str) -> Site:
    site = w.chain.sites[name]
    latitude, longitude = (
        w.measures.number(quantity) if quantity is not None else None for quantity in (site.latitude, site.longitude)
    )
    return Site(name, *_titles(site.title, name), latitude, longitude)


def _route(w: Watched, name: str) -> Route:
    route = w.chain.routes[name]
    metres = w.metres(route.distance) if route.distance is not None else None
    return Route(name, *_titles(route.title, name), route.from_, route.to, route.commodity, metres)
