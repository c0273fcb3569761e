"""What is watched and makes no sense, though each part of it can be read: what never is, always is, or nobody is told.

Most of it is a warning, since what looks like a slip may be meant. Whether each part is right by itself is for the
other modules of what is watched.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lodeworks.chain.check.context import Context
from lodeworks.chain.entities import Alarm, Quantity
from lodeworks.chain.expression import ExpressionProblem, Node, names_in, parse_expression
from lodeworks.errors import Problem, nearest
from lodeworks.units import UnitProblem

__all__ = ["sense_of_alarms", "sense_of_places", "sense_of_work"]

_FASTEST = 10.0
_LONGEST_DELAY_H = 24.0
_LONGEST_RESPONSE_H = 31 * 24.0
_LONGEST_SHELVING_H = 7 * 24.0
_EARLIEST_DUE = 2000


def sense_of_alarms(context: Context) -> Iterator[Problem]:
    """An alarm can be on and off, is told while there is time, and is not one that there is already."""
    if context.units is None:
        return
    alarms = context.chain.alarms
    desks = Counter(alarm.desk for alarm in alarms.values())
    # Alarms made by themselves are in the group of their zone, their site or their feed.
    groups = Counter([*(alarm.group for alarm in alarms.values()), *context.chain.zones, *context.chain.sites,
                      *context.chain.feeds])
    twins: dict[tuple[object, ...], str] = {}
    for name, alarm in alarms.items():
        where = f"alarms.{name}"
        yield from _expressions(context, where, alarm)
        yield from _states(context, where, alarm)
        yield from _judged(context, where, alarm)
        yield from _durations(context, where, alarm)
        named = [group for group in groups if group and group != alarm.group]
        if alarm.group.strip() and groups[alarm.group] == 1 and (near := nearest(alarm.group, named)):
            yield _odd("alone in its group, which is named almost like another", where, "group", alarm.group, "", near)
        others = [desk for desk, count in desks.items() if desk != alarm.desk and count > desks[alarm.desk]]
        if near := nearest(alarm.desk, others):
            yield _odd("a desk named almost like another", where, "desk", alarm.desk, "", near)
        same = (alarm.tag, alarm.kind, alarm.expression, *map(str, context.watched.levels(alarm).values()),
                tuple(alarm.states), str(alarm.window), alarm.ends)
        if (alarm.tag or alarm.expression) and same in twins:
            yield _odd("the same alarm twice: the desk would be told twice", where, "tag",
                       alarm.tag or alarm.expression, f"one alarm, this or {twins[same]}")
        twins.setdefault(same, name)


def _odd(message: str, where: str, key: str, found: str, expected: str, suggestion: str = "") -> Problem:
    return Problem(message, element=where, key=key, found=found, expected=expected, suggestion=suggestion,
                   severity="warning")


def _expressions(context: Context, where: str, alarm: Alarm) -> Iterator[Problem]:
    for key in ("expression", "unless"):
        text = getattr(alarm, key)
        if not text.strip():
            continue
        try:
            node = parse_expression(text)
        except ExpressionProblem:
            continue  # told where it is read
        if not names_in(node):
            yield Problem("it is about no tag, and always the same", element=where, key=key, found=text,
                          expected="an expression over names of tags")
        for name, number in _compared(node):
            tag = context.chain.tags.get(name)
            state = tag is not None and context.watched.kind(tag) == "state"
            if tag is not None and state and tag.words and f"{number:g}" not in tag.words:
                yield _odd(f"{name} is never in this state", where, key, f"{number:g}",
                           f"one of {', '.join(tag.words)}")


def _compared(node: Node) -> Iterator[tuple[str, float]]:
    """Yield the names that are compared with a number for being the same, and the number."""
    if node.kind in ("==", "!=") and {part.kind for part in node.parts} == {"name", "number"}:
        name, number = sorted(node.parts, key=lambda part: part.kind)
        yield name.text, number.value
    for part in node.parts:
        yield from _compared(part)


def _states(context: Context, where: str, alarm: Alarm) -> Iterator[Problem]:
    tag = context.chain.tags.get(alarm.tag)
    if alarm.kind != "discrete" or tag is None or not tag.words:
        return
    numbers = [number for state in alarm.states for number, title in tag.words.items()
               if state in (number, title.en, title.zh)]
    for number, count in Counter(numbers).items():
        if count > 1:
            yield _odd("one state, named twice", where, "states", tag.words[number].en or tag.words[number].zh,
                       "each state once")
    if len(tag.words) > 1 and set(numbers) == set(tag.words):
        yield Problem("every state of its tag is an alarm, so it would never end", element=where, key="states",
                      found=", ".join(alarm.states), expected="some of the states")


def _judged(context: Context, where: str, alarm: Alarm) -> Iterator[Problem]:
    """What is told already by itself: that a tag is lost, and that a limit of its place is passed."""
    w, tag = context.watched, context.chain.tags.get(alarm.tag)
    if tag is None:
        return
    if alarm.kind in ("stale", "bad"):
        yield _odd("every tag has this alarm by itself", where, "kind", alarm.kind,
                   f"{alarm.tag}.{alarm.kind}, which is there already")
    row = w.row(tag)
    if alarm.kind != "limit" or not row:
        return
    limit, unit = w.whole(row), w.unit(tag)
    for level, key, side in (("H", "high", 1.0), ("L", "low", -1.0)):
        mine, theirs = w.levels(alarm).get(level), getattr(limit, key)
        if mine is None or theirs is None:
            continue
        try:
            behind = side * (w.limit(alarm, mine, unit) - w.value(theirs, w.row_unit(limit), unit))
        except UnitProblem:
            continue  # told at the number
        if behind >= 0.0:
            yield _odd(f"the limit of its place is passed first, which is an alarm by itself ({alarm.tag}.limit)",
                       where, level, str(mine), f"stricter than the {theirs} of limits.{row}, or no alarm")


def _durations(context: Context, where: str, alarm: Alarm) -> Iterator[Problem]:
    hours, tag = context.watched.seconds, context.chain.tags.get(alarm.tag)
    try:
        respond, delay, shelve = (hours(one) / 3600.0 for one in (alarm.respond, alarm.on_delay, alarm.shelve))
        window, period = hours(alarm.window), hours(tag.period) if tag is not None else 0.0
    except UnitProblem:
        return  # told at the number
    if delay > _LONGEST_DELAY_H:
        yield _odd("it would be told a day late", where, "on_delay", str(alarm.on_delay), "a time such as 30 s")
    if respond > _LONGEST_RESPONSE_H:
        yield _odd("who has more than a month needs no alarm", where, "respond", str(alarm.respond),
                   "a time such as 30 min")
    if shelve > _LONGEST_SHELVING_H:
        yield _odd("shelved for more than a week it is forgotten", where, "shelve", str(alarm.shelve),
                   "a time such as 8 h")
    if alarm.kind == "stuck" and 0.0 < window < 2.0 * period:
        yield _odd("two equal samples would do: its window is shorter than two of the tag's periods", where, "window",
                   str(alarm.window), f"a window of many times {tag.period if tag is not None else ''}")
    if not alarm.severity and alarm.priority is None and not (alarm.life_safety or _life(context, alarm)):
        yield _odd("how bad it is if nothing is done: taken as major", where, "severity", "nothing",
                   "severe, major or minor, or a priority")


def _life(context: Context, alarm: Alarm) -> bool:
    names = [alarm.tag]
    if alarm.kind == "expression":
        try:
            names = list(names_in(parse_expression(alarm.expression)))
        except ExpressionProblem:
            return True  # told where it is read
    return any(context.watched.life_safety(context.chain.tags.get(name)) for name in names)


def sense_of_places(context: Context) -> Iterator[Problem]:
    """What lives depend on is judged by something and stands somewhere; people are not sent where nobody may be."""
    chain, w = context.chain, context.watched
    judged = {alarm.tag for alarm in chain.alarms.values()} | {
        name for zone in chain.zones.values() for name in (zone.count, zone.stay)}
    for alarm in chain.alarms.values():
        try:
            judged |= set(names_in(parse_expression(alarm.expression))) if alarm.expression.strip() else set()
        except ExpressionProblem:
            continue  # told where it is read
    for name, tag in chain.tags.items():
        if not w.life_safety(tag):
            continue
        if not (tag.site or tag.element or tag.zone):
            yield _odd("nobody could be sent there: it is nowhere", f"tags.{name}", "site", "nothing",
                       "a site, an element or a zone")
        if name not in judged and not tag.place and tag.reads not in ("people", "stay"):
            yield _odd(f"it reads {tag.reads}, and no limit or alarm is about it", f"tags.{name}", "place", "nothing",
                       "a kind of place that `limits` has a row for, or an alarm")
    for name, row in chain.limits.items():
        given = next((key for key in ("reason", "by", "second") if getattr(row, key).strip()), "")
        if given and not row.overrides:
            yield _odd("only a row that overrides another needs this", f"limits.{name}", given, getattr(row, given),
                       "`overrides` with the row it stands for")
    for name, zone in chain.zones.items():
        if zone.refuge and zone.forbidden:
            yield Problem("a refuge that nobody may enter", element=f"zones.{name}", key="forbidden", found="true",
                          expected="a refuge, or forbidden")
    for name, camera in chain.cameras.items():
        if re.search(r"//[^/@\s]+:[^/@\s]+@", camera.address):
            yield Problem("a password does not belong in a chain", element=f"cameras.{name}", key="address",
                          found="user:…@", expected="the address alone")
    for name, made in chain.rounds.items():
        if not made.tags:
            yield _odd("a round that measures nothing", f"rounds.{name}", "tags", "nothing", "names of tags")
        if context.units is not None and _faster(context, made.speed):
            yield _odd("faster than anybody inspects", f"rounds.{name}", "speed", str(made.speed), "such as 0.5 m/s")


def _faster(context: Context, speed: Quantity) -> bool:
    try:
        return context.watched.measures.to(speed, "m/s") > _FASTEST
    except UnitProblem:
        return False  # told at the number


def sense_of_work(context: Context) -> Iterator[Problem]:
    """Whoever is to be called can be, and work is not over before what it is made of."""
    for name, incident in context.chain.incidents.items():
        for who, contact in incident.contacts.items():
            if not contact.strip():
                yield Problem("how they are reached", element=f"incidents.{name}", key=f"contacts.{who}",
                              found="nothing", expected="a number or an address")
    items = context.chain.actions
    for name, action in items.items():
        if action.due is not None and action.due.year < _EARLIEST_DUE:
            yield _odd("due long ago", f"actions.{name}", "due", str(action.due), f"a date since {_EARLIEST_DUE}")
        above = items.get(action.parent)
        if above is not None and above.state == "done" and action.state not in ("done", "dropped"):
            yield _odd("what it is part of is done, and it is not", f"actions.{name}", "state", action.state,
                       f"done or dropped, or {action.parent} not done")


