"""What is done: incidents whose every step has a role and a time, screens, the map, and work whose totals add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lodeworks.chain.check.context import Context
from lodeworks.chain.check.live_alarms import alarm_of
from lodeworks.chain.check.live_tags import of_kind
from lodeworks.chain.check.references import unknown
from lodeworks.chain.entities import Action, Incident
from lodeworks.errors import Problem, nearest

__all__ = ["actions", "incidents", "screens", "surroundings"]

_STATES = ("open", "under way", "blocked", "done", "dropped")
_DATUMS = ("WGS-84", "GCJ-02")


def incidents(context: Context) -> Iterator[Problem]:
    """An incident has steps, each with who does it by when, and is opened by alarms there are."""
    for name, incident in context.chain.incidents.items():
        where = f"incidents.{name}"
        for word in incident.starts:
            yield from alarm_of(context, word, where, "starts")
        if not incident.steps:
            yield Problem("an incident without steps", element=where, key="steps", found="nothing",
                          expected="{name: {do, role, within}}")
        yield from _steps(context, where, incident)
        for zone in incident.zones:
            if zone in context.chain.zones and not context.chain.zones[zone].count:
                yield Problem("nothing counts the people of this zone, so nobody sees when it is empty", element=where,
                              key="zones", found=zone, expected="a zone with a `count`", severity="warning")


def _steps(context: Context, where: str, incident: Incident) -> Iterator[Problem]:
    for name, step in incident.steps.items():
        key = f"steps.{name}"
        if not (step.do.en.strip() or step.do.zh.strip()):
            yield Problem("what is done", element=where, key=f"{key}.do", found="nothing", expected="a sentence")
        if not step.role:
            yield Problem("a step without a role", element=where, key=f"{key}.role", found="nothing",
                          expected=", ".join(incident.roles) or "a role, listed in `roles`")
        elif step.role not in incident.roles:
            yield unknown("role", step.role, incident.roles, where, f"{key}.role")
        if step.within is None or step.within.value <= 0.0:
            yield Problem("a step without a time allowed", element=where, key=f"{key}.within",
                          found=str(step.within) if step.within is not None else "nothing",
                          expected="a time such as 5 min")
        zone = context.chain.zones.get(step.clears)
        if zone is not None and not zone.count:
            yield Problem("nothing counts the people of this zone", element=where, key=f"{key}.clears",
                          found=step.clears,
                          expected="a zone with a `count`")


def screens(context: Context) -> Iterator[Problem]:
    """Each tile shows something there is."""
    chain = context.chain
    known = [*chain.tags, *chain.zones, *chain.cameras, *context.watched.system_tags]
    for section, others in (("zones", ("tags",)), ("cameras", ("tags", "zones"))):
        for name in getattr(chain, section):
            also = next((other for other in others if name in getattr(chain, other)), "")
            if also:
                yield Problem("the name is taken", element=f"{section}.{name}", found=f"also in {also}",
                              expected="a name of its own, because screens name their tiles by it")
    for name, screen in chain.screens.items():
        where = f"screens.{name}"
        seen: set[str] = set()
        for number, row in enumerate(screen.rows, 1):
            if not row:
                yield Problem("a row without a tile", element=where, key=f"rows.{number}", found="nothing",
                              expected="names of tags, zones or cameras")
            for tile in row:
                if tile in seen:
                    yield Problem("a tile that stands there twice", element=where, key=f"rows.{number}", found=tile,
                                  expected="each tile once")
                seen.add(tile)
                if tile not in known:
                    yield Problem("there is no tile of this name", element=where, key=f"rows.{number}", found=tile,
                                  expected="the name of a tag, a zone or a camera", suggestion=nearest(tile, known))
        for key in ("width", "height"):
            if not 320 <= getattr(screen, key) <= 32000:
                yield Problem("no size of a screen", element=where, key=key, found=str(getattr(screen, key)),
                              expected="320 to 32000 pixels")


def _is_zone(name: str) -> bool:
    """Say whether the machine knows a time zone of this name."""
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def surroundings(context: Context) -> Iterator[Problem]:
    """The time zone is one, and an outline may be shown: with its review number, in the datum of the sites."""
    import zoneinfo

    chain = context.chain
    known = [] if _is_zone(chain.timezone) else zoneinfo.available_timezones()  # listing them takes a while
    if known and chain.timezone not in known:
        yield Problem("there is no such time zone", element="timezone", found=chain.timezone,
                      expected="an IANA name such as Asia/Shanghai", suggestion=nearest(chain.timezone, known))
    outline = chain.map
    if not outline.outline:
        return
    if not outline.review_number.strip() and not outline.internal_use:
        yield Problem("an outline map without its review number", element="map", key="review_number", found="nothing",
                      expected="the number printed on it (审图号), or `internal_use: true`")
    if outline.datum not in _DATUMS:
        yield of_kind("datum", outline.datum, _DATUMS, "map", "datum")
    elif outline.datum != "WGS-84":
        yield Problem("the sites are in WGS-84, and this lies some hundred metres off", element="map", key="datum",
                      found=outline.datum, expected="an outline in WGS-84")


def actions(context: Context) -> Iterator[Problem]:
    """Every item is owed by somebody until some day, in a tree without rings whose stated totals add up."""
    items = context.chain.actions
    above = {name: context.watched.above(name) for name in items}
    ringed = {name for name in items if name in above[name]}
    for name, action in items.items():
        where = f"actions.{name}"
        if name in ringed:
            yield Problem("it is part of itself", element=where, key="parent", found=action.parent,
                          expected="an item above it")
            continue
        line = [action, *(items[other] for other in above[name])]
        if not any(item.owner.strip() for item in line):
            yield Problem("nobody owes it", element=where, key="owner", found="nothing",
                          expected="a role or an office, here or at an item above it")
        if all(item.due is None for item in line):
            yield Problem("it is never due", element=where, key="due", found="nothing",
                          expected="a date, here or at an item above it")
        if action.state not in _STATES:
            yield of_kind("state", action.state, _STATES, where, "state")
        if action.count < 0:
            yield Problem("must not be negative", element=where, key="count", found=str(action.count))
        if action.element and action.element not in context.watched.elements:
            yield unknown("element", action.element, context.watched.elements, where, "element")
        later = next((item for item in line[1:] if item.due is not None and action.due is not None
                      and action.due > item.due), None)
        if later is not None:
            yield Problem("it is due later than what it is part of", element=where, key="due", found=str(action.due),
                          expected=f"until {later.due}", severity="warning")
    if not ringed:
        yield from _totals(items, above)


def _totals(items: dict[str, Action], above: dict[str, list[str]]) -> Iterator[Problem]:
    below: dict[str, Counter[str]] = {name: Counter() for name in items}
    for name, action in items.items():
        for other in above[name]:
            below[other][action.level] += action.count
    for name, action in items.items():
        for level, stated in action.counts.items():
            if below[name][level] != stated:
                levels = [known for known in below[name] if known]
                yield Problem("the items below it do not add up to what is stated", element=f"actions.{name}",
                              key=f"counts.{level}", found=f"{stated} stated, {below[name][level]} below",
                              expected="counts that add up",
                              suggestion="" if level in levels else nearest(level, levels))
