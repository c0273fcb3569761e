"""Alarms: each can go off and end again, says what to do by when, and is suppressed by what there is."""

from __future__ import annotations

import math
from collections.abc import Collection, Generator, Iterator
from itertools import pairwise

from lodeworks.chain.check.context import Context
from lodeworks.chain.check.live_limits import urgency, words_of
from lodeworks.chain.check.live_tags import holds, of_kind
from lodeworks.chain.check.references import unknown
from lodeworks.chain.entities import Alarm, Tag
from lodeworks.chain.expression import COMPARES, ExpressionProblem, names_in, parse_expression
from lodeworks.chain.live_kinds import ALARM_KINDS, LEVELLED, NEED_LEVELS
from lodeworks.errors import Problem, nearest
from lodeworks.units import UnitProblem

__all__ = ["alarm_of", "alarms", "suppression"]

_ENDS = ("empty", "full")
_WINDOWED = ("stuck", "rate", "time_left")
_NUMBERS = ("number", "+", "-", "*", "/", "minus", "abs")
_TRUTHS = ("and", "or", "not", *COMPARES)


def alarms(context: Context) -> Iterator[Problem]:
    """Each alarm has what its kind needs, in the unit of its tag, and the words for who is on duty."""
    if context.units is None:
        return
    known = dict.fromkeys([*context.chain.tags, *context.watched.system_tags])
    for name, alarm in context.chain.alarms.items():
        where = f"alarms.{name}"
        if alarm.kind not in ALARM_KINDS:
            yield of_kind("kind of alarm", alarm.kind, ALARM_KINDS, where, "kind")
        else:
            yield from _about(context, where, alarm, known)
            yield from _ends(context, where, alarm)
            yield from _limits(context, where, alarm)
            yield from _times(where, alarm)
        yield from words_of(where, alarm)
        yield from urgency(where, alarm)
        yield from _shelving(context, where, alarm)


def _about(context: Context, where: str, alarm: Alarm, known: Collection[str]) -> Iterator[Problem]:
    """What the alarm is about can be told: a tag, a state of it, an expression, a plan beside it."""
    tag = context.chain.tags.get(alarm.tag)
    if alarm.kind == "expression":
        if not alarm.expression.strip():
            yield Problem("an expression that is not there", element=where, key="expression", found="nothing",
                          expected="such as `a > 2 and b == 1`")
        else:
            yield from _expression(context, where, "expression", alarm.expression, known, "tag")
            yield from _answers(where, alarm, bool(context.watched.levels(alarm)))
        return
    if alarm.expression:
        yield Problem("only an alarm by `kind: expression` has one", element=where, key="expression",
                      found=f"kind: {alarm.kind}", expected="kind: expression")
    if not alarm.tag:
        yield Problem("what it is about", element=where, key="tag", found="nothing", expected="a name from `tags`")
    if tag is None:
        return
    if alarm.kind == "deviation" and tag.reads not in ("flow", "level", "load"):
        yield Problem("nothing of a plan stands beside what this tag reads", element=where, key="tag", found=tag.reads,
                      expected="a tag that reads flow, level or load of an element")
    if alarm.kind == "discrete":
        words = [word for title in tag.words.values() for word in (title.en, title.zh) if word]
        if not tag.words:
            yield Problem("this tag has no states", element=where, key="tag", found=f"{alarm.tag}, which has no words",
                          expected="a tag with `words`, or an alarm by `kind: limit`")
            return
        if not alarm.states:
            yield Problem("which states are an alarm", element=where, key="states", found="nothing",
                          expected=f"some of {', '.join(words)}")
        for state in alarm.states:
            if state not in words and state not in tag.words:
                yield of_kind("state of its tag", state, [*words, *tag.words], where, "states")
    elif alarm.states:
        yield Problem("only an alarm by `kind: discrete` has states", element=where, key="states",
                      found=f"kind: {alarm.kind}", expected="kind: discrete")


def _ends(context: Context, where: str, alarm: Alarm) -> Iterator[Problem]:
    """An alarm by time left is about a level that has an end, and that end is known."""
    if alarm.kind != "time_left":
        for key, given in (("ends", alarm.ends), ("bound", alarm.bound)):
            if given:
                yield Problem(f"only an alarm by `kind: time_left` has {'a bound' if key == 'bound' else 'ends'}",
                              element=where, key=key, found=f"kind: {alarm.kind}", expected="kind: time_left")
        return
    if alarm.ends not in ("", *_ENDS):
        yield of_kind("end of a level", alarm.ends, _ENDS, where, "ends")
        return
    tag = context.chain.tags.get(alarm.tag)
    if tag is None:
        return
    if context.watched.kind(tag) != "sensor":
        yield Problem("how long it lasts can be told of a level alone", element=where, key="tag",
                      found=f"a {context.watched.kind(tag)}", expected="a tag that reads level")
    elif alarm.bound is not None:
        if not alarm.ends:
            yield Problem("whether it is empty or full at its bound", element=where, key="ends", found="nothing",
                          expected=" or ".join(_ENDS))
        yield from _bound(context, where, alarm, tag)
    elif context.watched.store(alarm) is None:
        yield Problem("at which level it ends", element=where, key="bound", found="nothing",
                      expected="a bound, or a tag that reads the level of a store")
    elif not _known_ends(context, alarm, tag):
        yield Problem(f"its store is never {alarm.ends or 'empty or full'}, or at a level that varies", element=where,
                      key="bound", found="nothing", expected="a bound of its own, or a store with a capacity")


def _known_ends(context: Context, alarm: Alarm, tag: Tag) -> bool:
    try:
        return bool(context.watched.ends(alarm, context.watched.unit(tag)))
    except UnitProblem:  # which is told of the store or the tag
        return True


def _bound(context: Context, where: str, alarm: Alarm, tag: Tag) -> Iterator[Problem]:
    unit = context.watched.unit(tag)
    if alarm.bound is None or not context.measures.units.known(unit):
        return
    try:
        context.watched.value(alarm.bound, unit)
    except UnitProblem as error:
        yield Problem(str(error), element=where, key="bound", found=str(alarm.bound),
                      expected=f"a unit like {unit}" if unit else "a plain number")
        return
    yield from holds(context, f"tags.{alarm.tag}", tag, alarm.bound, unit, unit, f"the bound of {where}")


def _answers(where: str, alarm: Alarm, limited: bool) -> Iterator[Problem]:
    """An expression without limits says yes or no; one with limits, how much."""
    try:
        node = parse_expression(alarm.expression)
    except ExpressionProblem:
        return  # told where it is read
    if not limited and node.kind in _NUMBERS:
        yield Problem("a number is neither true nor false", element=where, key="expression", found=alarm.expression,
                      expected="a comparison such as `a > 2`, or a limit (HH, H, L, LL)")
    elif limited and node.kind in _TRUTHS:
        yield Problem("what is true or false is beyond no limit", element=where, key="expression",
                      found=alarm.expression, expected="a number such as `a - b`, or no limit")


def _expression(
    context: Context, where: str, key: str, text: str, known: Collection[str], what: str
) -> Generator[Problem, None, list[str]]:
    """Yield what is wrong with an expression over known names; return its names, none where it cannot be read."""
    try:
        names = names_in(parse_expression(text))
    except ExpressionProblem as error:
        shown = text if len(text) < 80 else text[:77] + "…"
        yield Problem(f"no expression: {error}", element=where, key=key, found=shown)
        return []
    for name, at in names.items():
        if name not in known:
            near = nearest(name, known)
            states = _states_of(context, name)
            near = "" if states else near
            hint = (f"states by their numbers: {states}" if states else
                    "a name of a tag; one of other than letters, digits and underscores stands in backquotes")
            yield Problem(f"there is no {what} of this name, at character {at}", element=where, key=key, found=name,
                          expected="" if near else hint, suggestion=near)
    return list(names)


def _states_of(context: Context, word: str) -> str:
    """Return the states that are called by a word, as an expression names them."""
    return ", ".join(f"{name} == {number}" for name, tag in context.chain.tags.items()
                     for number, title in tag.words.items() if word in (title.en, title.zh))


def _limits(context: Context, where: str, alarm: Alarm) -> Iterator[Problem]:
    """Limits are in the unit of the tag, LL < L < H < HH, with room between them for the deadband."""
    given = context.watched.levels(alarm)
    if alarm.kind in NEED_LEVELS and not given:
        yield Problem("an alarm without a limit", element=where, key="H", found="nothing", expected="HH, H, L or LL")
    if alarm.kind not in LEVELLED and given:
        yield Problem(f"an alarm by `kind: {alarm.kind}` has no limits", element=where, key=next(iter(given)),
                      found=str(next(iter(given.values()))))
        return
    tag = context.chain.tags.get(alarm.tag)
    if alarm.kind == "time_left":
        for level, quantity in given.items():
            if level in ("HH", "H") or quantity.value <= 0.0:
                yield Problem("an alarm by time left is of too little of it", element=where, key=level,
                              found=str(quantity), expected="L or LL, a time above nought such as 30 min")
                return
    unit = context.watched.unit(tag) if tag is not None and alarm.kind != "expression" else ""
    if alarm.kind != "expression" and (tag is None or not context.measures.units.known(unit)):
        return
    found: dict[str, float] = {}
    for level, quantity in given.items():
        try:
            found[level] = context.watched.limit(alarm, quantity, unit)
        except UnitProblem as error:
            yield Problem(str(error), element=where, key=level, found=str(quantity), expected=_like(alarm, unit))
            continue
        if tag is not None and alarm.kind == "limit":
            yield from holds(context, f"tags.{alarm.tag}", tag, quantity, unit, unit, f"the {level} of {where}")
    order = [level for level in ("LL", "L", "H", "HH") if level in found]
    for lower, upper in pairwise(order):
        if found[lower] >= found[upper]:
            yield Problem(f"{lower} is not below {upper}", element=where, key=upper, found=str(given[upper]),
                          expected=f"more than {given[lower]}")
    yield from _deadband(context, where, alarm, unit, [found[level] for level in order])


def _like(alarm: Alarm, unit: str) -> str:
    if alarm.kind == "rate":
        return f"a unit like {unit or '1'}/h, as it is a change over time"
    if alarm.kind == "time_left":
        return "a time such as 30 min"
    return f"a unit like {unit}" if unit else "a plain number"


def _deadband(context: Context, where: str, alarm: Alarm, unit: str, values: list[float]) -> Iterator[Problem]:
    if alarm.deadband is None:
        return
    try:
        back = context.watched.change(alarm, alarm.deadband, unit)
    except UnitProblem as error:
        yield Problem(str(error), element=where, key="deadband", found=str(alarm.deadband), expected=_like(alarm, unit))
        return
    gap = min((b - a for a, b in pairwise(values) if b > a), default=None)
    if back < 0.0:
        yield Problem("a deadband is not below nought", element=where, key="deadband", found=str(alarm.deadband))
    elif alarm.kind not in LEVELLED or not values:
        yield Problem("only what has a limit comes back from it", element=where, key="deadband",
                      found=str(alarm.deadband), expected="a limit, or no deadband")
    elif alarm.kind == "limit" and (end := _never_ends(context, alarm, unit, back)):
        yield Problem("the alarm would never end, as its tag does not read so far", element=where, key="deadband",
                      found=str(alarm.deadband), expected=end)
    elif gap is not None and back >= gap:
        yield Problem("the deadband is as wide as the gap between two limits: one alarm would end inside the other",
                      element=where, key="deadband", found=str(alarm.deadband),
                      expected=f"less than {gap:g} {unit}".strip())


def _never_ends(context: Context, alarm: Alarm, unit: str, back: float) -> str:
    """Return what the deadband must be less than, where a limit and its deadband leave the range of the tag."""
    tag, w = context.chain.tags[alarm.tag], context.watched
    try:
        ends = {end: w.value(number, unit) for end, number in (("low", tag.low), ("high", tag.high))
                if number is not None}
    except UnitProblem:  # told of the tag
        return ""
    for level, number in w.levels(alarm).items():
        value = w.limit(alarm, number, unit)
        room = value - ends.get("low", -math.inf) if level in ("H", "HH") else ends.get("high", math.inf) - value
        if 0.0 <= room < back:
            return f"at most {room:g} {unit}".strip() + f", which is the way from {level} to the end of the range"
    return ""


def _times(where: str, alarm: Alarm) -> Iterator[Problem]:
    if alarm.kind == "time_left" and alarm.window is None:
        yield Problem("over how long its change is taken", element=where, key="window", found="nothing",
                      expected="a time such as 10 min")
    if alarm.kind == "stuck" and (alarm.window is None or alarm.window.value <= 0.0):
        yield Problem("for how long nothing must change", element=where, key="window",
                      found=str(alarm.window) if alarm.window is not None else "nothing",
                      expected="a time such as 30 min")
    elif alarm.window is not None and alarm.window.value <= 0.0:
        yield Problem("a window is above nought", element=where, key="window", found=str(alarm.window))
    elif alarm.window is not None and alarm.kind not in _WINDOWED:
        yield Problem(f"an alarm by `kind: {alarm.kind}` looks at no window", element=where, key="window",
                      found=str(alarm.window), expected="`on_delay`, or a kind that does: " + ", ".join(_WINDOWED))
    if alarm.re_alarm is not None and alarm.re_alarm.value <= 0.0:
        yield Problem("an alarm cannot be repeated all the time", element=where, key="re_alarm",
                      found=str(alarm.re_alarm),
                      expected="a time such as 30 min")


def _shelving(context: Context, where: str, alarm: Alarm) -> Iterator[Problem]:
    """Nobody shelves what lives depend on."""
    tag = context.chain.tags.get(alarm.tag)
    life = context.watched.life_safety(tag)
    if life and alarm.life_safety is False and tag is not None:
        yield Problem("lives depend on what its tag reads", element=where, key="life_safety", found="false",
                      expected=f"true, as for everything that reads {tag.reads}")
    elif (life or alarm.life_safety) and alarm.shelve is not None and alarm.shelve.value > 0.0:
        yield Problem("an alarm that lives depend on cannot be shelved", element=where, key="shelve",
                      found=str(alarm.shelve), expected="0 h, or nothing")


def suppression(context: Context) -> Iterator[Problem]:
    """What suppresses an alarm exists, means one thing, and does not in the end wait for the alarm itself."""
    chain = context.chain
    known = dict.fromkeys([*chain.tags, *context.watched.system_tags, *chain.alarms, *context.watched.made])
    waits: dict[str, list[str]] = {}
    for name, alarm in chain.alarms.items():
        if not alarm.unless.strip():
            continue
        where = f"alarms.{name}"
        names = yield from _expression(context, where, "unless", alarm.unless, known, "tag or alarm")
        for other in names:
            if other in chain.alarms and other in chain.tags:
                yield Problem("both a tag and an alarm have this name", element=where, key="unless", found=other,
                              expected="names that mean one thing")
        waits[name] = [other for other in names if other in chain.alarms and other not in chain.tags]
    for name in waits:
        seen, now = {name}, waits[name]
        while now:
            if name in now:
                yield Problem("it would suppress itself", element=f"alarms.{name}", key="unless",
                              found=chain.alarms[name].unless, expected="alarms that do not wait for this one")
                break
            seen |= set(now)
            now = [other for one in now for other in waits.get(one, ()) if other not in seen or other == name]


def alarm_of(context: Context, word: str, where: str, key: str) -> Iterator[Problem]:
    """Tell of a name that is neither a written alarm nor one made by itself."""
    known = [*context.chain.alarms, *context.watched.made]
    if word not in known:
        yield unknown("alarm", word, known, where, key)
