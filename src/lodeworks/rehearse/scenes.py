"""What a camera of a rehearsal would see at a moment, from what is true then: belts, machines, people, gas, water.

Sensors may lie, pictures do not: a frozen sensor or a dead gateway changes nothing here. How it is drawn is for
`frames`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lodeworks.network.live import Camera, Live, Route, Tag
from lodeworks.rehearse.shapes import ramp
from lodeworks.rehearse.truths import Truths, word_of
from lodeworks.watch.found import SEES_M

__all__ = ["Belt", "Machine", "Scene", "Tank", "scene_of"]

_MOST = 2
"""So many belts, machines and tanks are drawn of a place; what is watched comes first."""
_GLOWS = 45.0
"""From so many degrees on a roller is seen to glow: schematic, as a camera for heat would show it."""
_HAZE = (0.6, 1.4)
"""Haze begins at this share of a limit and is full at that."""


@dataclass(frozen=True)
class Belt:
    """A belt: `speed` in m/s, `load` as a share, and a roller that glows (metres along it, degrees) if one does.

    `title` is English and `title_zh` Chinese, as of everything that is seen; either may be missing.
    """

    name: str
    title: str
    speed: float
    load: float
    hot: tuple[float, float] | None = None
    title_zh: str = ""


@dataclass(frozen=True)
class Machine:
    """A machine: `state` is ``runs``, ``stopped`` or ``fault``."""

    title: str
    state: str
    title_zh: str = ""


@dataclass(frozen=True)
class Tank:
    """A bunker, silo or sump, filled to a share."""

    title: str
    share: float
    water: bool = False
    title_zh: str = ""


@dataclass(frozen=True)
class Scene:
    """What is seen; `people` is none where nobody is counted, `gas` and `smoke` are nought (clear) to one."""

    at_h: float
    belts: tuple[Belt, ...] = ()
    machines: tuple[Machine, ...] = ()
    tanks: tuple[Tank, ...] = ()
    people: int | None = None
    gas: float = 0.0
    smoke: float = 0.0


def scene_of(live: Live, truths: Truths, camera: Camera) -> Callable[[float], Scene]:
    """Return what tells what a camera sees at an hour since the rehearsal began."""
    near = [tag for tag in live.tags if _near(tag, camera)]
    routes = _routes(live, camera)
    zone = next((zone for zone in live.zones if zone.name == camera.zone), None)
    count = zone.count if zone else ""
    machines = _machines(live, truths, camera, near)
    tanks = _tanks(live, truths, camera, near)
    gases = [(tag, _limit(live, tag)) for tag in near if (tag.quantity or tag.reads) in ("methane", "hydrogen")]
    smokes = [(tag, _limit(live, tag)) for tag in near if (tag.quantity or tag.reads) == "co"]
    detectors = [tag for tag in near if tag.reads in ("smoke", "fire")]

    def value(name: str, hour: float) -> float:
        return float(truths.of(name)(np.array([hour]))[0])

    def haze(tags: list[tuple[Tag, float]], hour: float) -> float:
        most = max((value(tag.name, hour) / limit for tag, limit in tags), default=0.0)
        return float(np.clip((most - _HAZE[0]) / (_HAZE[1] - _HAZE[0]), 0.0, 1.0))

    def see(hour: float) -> Scene:
        seen = any(value(tag.name, hour) >= max((float(n) for n, _, _ in tag.words), default=1.0) for tag in detectors)
        return Scene(
            hour, tuple(_belt(live, truths, camera, route, hour) for route in routes),
            tuple(Machine(en, state(hour), zh) for en, zh, state in machines),
            tuple(Tank(en, share(hour), water, zh) for en, zh, share, water in tanks),
            round(value(count, hour)) if count else None,
            haze(gases, hour), 1.0 if seen else haze(smokes, hour),
        )

    return see


def _near(tag: Tag, camera: Camera) -> bool:
    return bool(tag.site and tag.site == camera.site) or bool(tag.zone and tag.zone == camera.zone)


def _routes(live: Live, camera: Camera) -> list[Route]:
    """Return the belts that begin or end at a camera's site; else those of which something in its zone is measured."""
    own = {tag.element for tag in live.tags if tag.zone and tag.zone == camera.zone}
    here = [r for r in live.routes if camera.site and camera.site in (r.site, r.site_to)]
    found = here or [r for r in live.routes if r.name in own]
    watched = {tag.element for tag in live.tags}
    found.sort(key=lambda r: r.name not in watched)
    return found[:_MOST]


def _belt(live: Live, truths: Truths, camera: Camera, of: Route, hour: float) -> Belt:
    route = of.name
    hours = np.array([hour])
    own = {tag.reads: tag for tag in live.tags if tag.element == route and tag.kind == "sensor"}
    load = float(np.clip(truths.plant.load(route).mean(hours, 0.05)[0], 0.0, 1.2))
    if "speed" in own:
        speed = float(truths.of(own["speed"].name)(hours)[0])
    else:
        speed = 2.5 if float(truths.plant.state(route)[1].at(hours)[0]) == 0.0 else 0.0
    if "flow" in own and float(truths.of(own["flow"].name)(hours)[0]) <= 0.0:
        load = 0.0
    hot = None
    for made in live.rounds:
        for event in truths.script.of("hot_roller"):
            in_sight = not abs(event.values["metres"] - camera.metres) > SEES_M  # where it looks may not be known
            if made.route == route and event.about == made.name and in_sight:
                heat = 32.0 + (event.values["to"] - 32.0) * float(ramp(event, hours)[0])
                if heat >= _GLOWS and (hot is None or heat > hot[1]):
                    hot = event.values["metres"], heat
    return Belt(route, of.title_en or route, speed, load if speed > 0.05 else 0.0, hot, of.title_zh)


def _machines(
    live: Live, truths: Truths, camera: Camera, near: list[Tag],
) -> list[tuple[str, str, Callable[[float], str]]]:
    """Return the processes at a camera's site and what else there has a state, with what tells how each is."""
    titles = {name: (en or name, zh) for name, en, zh in live.titles}
    at_site = [e.name for e in truths.plant.network.elements if e.kind == "process" and e.site == camera.site]
    states = {tag.element: tag for tag in live.tags if tag.kind == "state" and tag.element}
    watched = {tag.element for tag in live.tags}
    found = [(*titles.get(name, (name, "")), _of_process(truths, name, states.get(name))) for name in at_site
             if name in watched or name in states]
    others = [tag for tag in near if tag.kind == "state" and not tag.element and tag.reads == "state"
              and tag.site == camera.site]
    found += [(tag.title_en or tag.name, tag.title_zh, _of_state(truths, tag)) for tag in others]
    return found[:_MOST]


def _of_process(truths: Truths, name: str, tag: Tag | None) -> Callable[[float], str]:
    if tag is not None:
        return _of_state(truths, tag)
    working, down = truths.plant.state(name)

    def state(hour: float) -> str:
        hours = np.array([hour])
        if float(working.at(hours)[0]) > 0.0:
            return "runs"
        return "fault" if float(down.at(hours)[0]) > 0.0 else "stopped"

    return state


def _of_state(truths: Truths, tag: Tag) -> Callable[[float], str]:
    numbers = {word_of(tag, what): what for what in ("stopped", "fault", "runs")}

    def state(hour: float) -> str:
        return numbers.get(float(truths.of(tag.name)(np.array([hour]))[0]), "stopped")

    return state


def _tanks(
    live: Live, truths: Truths, camera: Camera, near: list[Tag],
) -> list[tuple[str, str, Callable[[float], float], bool]]:
    """Return the stores at a camera's site that are watched, and water there, with what tells how full each is."""
    site = {e.name: e.site for e in truths.plant.network.elements}
    found = []
    for tag in live.tags:
        stored = tag.reads == "level" and tag.kind == "sensor" and tag.element and site.get(tag.element) == camera.site
        water = tag.reads == "water_level" and tag in near and tag.site == camera.site
        if (stored or water) and np.isfinite(tag.high) and tag.high > 0.0:
            found.append((tag.title_en or tag.name, tag.title_zh, _share(truths, tag), tag.reads == "water_level"))
    return found[:_MOST]


def _share(truths: Truths, tag: Tag) -> Callable[[float], float]:
    return lambda hour: float(np.clip(truths.of(tag.name)(np.array([hour]))[0] / tag.high, 0.0, 1.0))


def _limit(live: Live, tag: Tag) -> float:
    """Return the lowest upper limit of a tag, else its range; what has neither is never hazy."""
    rules = [rule for rule in live.rules if rule.tag == tag.name and rule.kind == "limit"]
    least = min((limit.value for rule in rules for limit in rule.limits if limit.side == "high"), default=tag.high)
    return least if 0.0 < least < np.inf else np.inf
