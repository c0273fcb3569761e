"""Where people and robots are: zones that are counted, ways that lead out, cameras, rounds that stay on their route."""

from __future__ import annotations

from collections.abc import Iterator

from lodeworks.chain.check.context import Context
from lodeworks.chain.check.live_tags import holds
from lodeworks.chain.entities import Quantity, Round
from lodeworks.chain.readings import READINGS
from lodeworks.errors import Problem
from lodeworks.units import UnitProblem

__all__ = ["cameras", "roadways", "rounds", "zones"]

_GASES = ("%", "ppm")


def zones(context: Context) -> Iterator[Problem]:
    """A zone's people are counted by a tag that counts people."""
    chain = context.chain
    placed = {*(tag.zone for tag in chain.tags.values()), *(way.zone for way in chain.roadways.values()),
              *(camera.zone for camera in chain.cameras.values())}
    first: dict[str, str] = {}
    for name, zone in chain.zones.items():
        where = f"zones.{name}"
        if not (zone.site or zone.count or zone.stay or name in placed):
            yield Problem("a zone that is nowhere, and in which nobody is counted", element=where, key="site",
                          found="nothing", expected="a site, a count, or tags, roadways or cameras in it")
        if zone.count and zone.count in first:
            yield Problem("people counted twice", element=where, key="count",
                          found=f"{zone.count}, which counts those of {first[zone.count]}", expected="a tag of its own",
                          severity="warning")
        first.setdefault(zone.count, name)
        for key, most in (("count", Quantity(float(zone.most or 0), "person")), ("stay", zone.longest)):
            tag = chain.tags.get(getattr(zone, key))
            if tag is not None and most is not None and most.value > 0.0:
                what = f"the {'most' if key == 'count' else 'longest'} of {where}"
                unit = context.watched.unit(tag)
                yield from holds(context, f"tags.{getattr(zone, key)}", tag, most, unit, unit, what)
        for key, reads in (("count", "people"), ("stay", "stay")):
            tag = chain.tags.get(getattr(zone, key))
            if tag is not None and tag.reads != reads:
                yield Problem(f"this tag does not read {reads}", element=where, key=key, found=f"{getattr(zone, key)}, "
                              f"which reads {tag.reads}", expected=f"a tag that reads {reads}")
        if zone.longest is not None and not zone.stay:
            yield Problem("the longest stay needs a tag that tells it", element=where, key="stay", found="nothing",
                          expected="a tag that reads stay")
        if zone.longest is not None and zone.longest.value == 0.0:  # below nought is told with the signs
            yield Problem("a longest stay is above nought", element=where, key="longest", found=str(zone.longest))
        if zone.most is not None and zone.most < 0:
            yield Problem("must not be negative", element=where, key="most", found=str(zone.most))
        if zone.forbidden and zone.most:
            yield Problem("nobody may be in a forbidden zone", element=where, key="most", found=str(zone.most),
                          expected="nothing, or not forbidden")
        if not zone.count and (zone.forbidden or zone.most is not None):
            yield Problem("nothing counts its people, so it is never an alarm", element=where, key="count",
                          found="nothing", expected="a tag that reads people", severity="warning")


def roadways(context: Context) -> Iterator[Problem]:
    """A way leads from one site to another, and from every site of the ways there is one that leads out."""
    chain = context.chain
    for name, way in chain.roadways.items():
        where = f"roadways.{name}"
        if way.from_ == way.to:
            yield Problem("it leads to where it begins", element=where, key="to", found=way.to, expected="another site")
        if way.length.value == 0.0:  # below nought is told with the signs
            yield Problem("a way is longer than nought", element=where, key="length", found=str(way.length))
        tag = chain.tags.get(way.gas)
        if tag is not None and (tag.reads not in READINGS or READINGS[tag.reads].unit not in _GASES):
            yield Problem("this tag does not read a gas", element=where, key="gas",
                          found=f"{way.gas}, which reads {tag.reads}",
                          expected="a tag that reads methane, co, oxygen …")
    if not chain.roadways:
        return
    out = {way.to for way in chain.roadways.values() if way.exit}
    if not out:
        yield Problem("no way leads out", element="roadways", expected="`exit: true` at those whose end is outside",
                      severity="warning")
        return
    while more := {a for way in chain.roadways.values() for a, b in ((way.from_, way.to), (way.to, way.from_))
                   if b in out} - out:
        out |= more
    lost = {site for way in chain.roadways.values() for site in (way.from_, way.to)} - out
    for site in sorted(lost):
        yield Problem(f"there is no way out from {site}", element="roadways",
                      expected="roadways that join it to an exit", severity="warning")


def cameras(context: Context) -> Iterator[Problem]:
    """A camera is somewhere, takes pictures now and then, and along a belt that is there."""
    routes = context.chain.routes.values()
    for name, camera in context.chain.cameras.items():
        where = f"cameras.{name}"
        if not camera.site:
            yield Problem("where it looks", element=where, key="site", found="nothing",
                          expected="a name from `sites`")
        if camera.period.value == 0.0:
            yield Problem("a period is above nought", element=where, key="period", found=str(camera.period),
                          expected="a time such as 5 s")
        if camera.metres is None:
            continue
        # A camera in a zone may look at any belt of it, so the longest there is says what is too far.
        lengths = [route.distance for route in routes if route.distance is not None
                   and (camera.zone or camera.site in ("", route.from_, route.to))]
        try:
            metres = context.watched.metres(camera.metres)
            most = max(map(context.watched.metres, lengths), default=None)
        except UnitProblem:
            continue  # told at the number
        if most is None:
            yield Problem("no belt with a length begins or ends where it looks", element=where, key="metres",
                          found=str(camera.metres), expected="a site at an end of a route with a `distance`")
        elif metres > most * (1.0 + 1e-9):
            yield Problem("beyond the end of its belt", element=where, key="metres", found=str(camera.metres),
                          expected=f"at most {most:g} m")


def rounds(context: Context) -> Iterator[Problem]:
    """A round stays on its route, measures what is on it, and is over before the next begins."""
    if context.units is None:
        return
    for name, made in context.chain.rounds.items():
        where = f"rounds.{name}"
        yield from _measured(context, where, made)
        if made.route in context.chain.routes:
            try:
                yield from _ground(context, where, made)
            except UnitProblem:
                continue  # told at the number


def _measured(context: Context, where: str, made: Round) -> Iterator[Problem]:
    position, routes = context.chain.tags.get(made.position), context.chain.routes
    if not made.position:
        yield Problem("which tag tells where it is", element=where, key="position", found="nothing",
                      expected="a tag that reads position")
    elif position is not None and position.reads != "position":
        yield Problem("this tag does not read a position", element=where, key="position",
                      found=f"{made.position}, which reads {position.reads}", expected="a tag that reads position")
    elif position is not None and position.element and made.route in routes and position.element != made.route:
        yield Problem("this tag tells of another place", element=where, key="position",
                      found=f"{made.position}, which is bound to {position.element}",
                      expected=f"a tag of {made.route}, or of no element")
    for name in made.tags:
        tag = context.chain.tags.get(name)
        if tag is not None and tag.element and made.route in routes and tag.element != made.route:
            yield Problem("what a round measures is on its route", element=where, key="tags",
                          found=f"{name}, which is bound to {tag.element}", expected=f"a tag of {made.route}")


def _ground(context: Context, where: str, made: Round) -> Iterator[Problem]:
    w, distance = context.watched, context.chain.routes[made.route].distance
    if distance is None and made.end is None:
        yield Problem("where it ends, on a route that does not say how long it is", element=where, key="end",
                      found="nothing", expected="metres, or `distance` of the route")
        return
    end = made.end if made.end is not None else distance
    assert end is not None
    first, last = w.metres(made.start), w.metres(end)
    if first >= last:
        yield Problem("it ends where it begins, or before", element=where, key="end", found=str(end),
                      expected=f"more than {made.start}")
        return
    if distance is not None and last > w.metres(distance) * (1.0 + 1e-9):
        yield Problem("beyond the end of its route", element=where, key="end", found=str(end),
                      expected=f"at most {distance}")
    if made.position in context.chain.tags:
        tag = context.chain.tags[made.position]
        for key, metres in (("start", made.start), ("end", end)):
            yield from holds(context, f"tags.{made.position}", tag, metres, "m", w.unit(tag), f"the {key} of {where}")
    for stop in made.stops:
        yield from _inside(context, where, "stops", stop, first, last)
    for text in made.gaps:
        stretch = w.stretch(text)
        if stretch is None:
            yield Problem("not a stretch", element=where, key="gaps", found=text, expected="such as 420 m .. 480 m")
        elif stretch[0] < first - 1e-9 or stretch[1] > last + 1e-9:
            yield Problem("outside of the round", element=where, key="gaps", found=text,
                          expected=f"between {made.start} and {end}")
    speed, every = w.measures.to(made.speed, "m/s"), w.seconds(made.every)
    if 0.0 < every < (last - first) / speed if speed > 0.0 else False:
        yield Problem("the next round begins before this one is at its end", element=where, key="every",
                      found=str(made.every), expected=f"at least {(last - first) / speed / 60.0:.4g} min")


def _inside(context: Context, where: str, key: str, stop: Quantity, first: float, last: float) -> Iterator[Problem]:
    try:
        metres = context.watched.metres(stop)
    except UnitProblem as error:
        yield Problem(str(error), element=where, key=key, found=str(stop), expected="a length such as 400 m")
        return
    if not first - 1e-9 <= metres <= last + 1e-9:
        yield Problem("outside of the round", element=where, key=key, found=str(stop),
                      expected=f"between {first:g} m and {last:g} m")
