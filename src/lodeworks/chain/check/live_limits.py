"""The limits table by kind of place: each row bounds something, says where that is written, and what is done beyond it.

What an alarm must say in words is here too, since a row is one for every tag in its kind of place.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator

from lodeworks.chain.check.context import Context
from lodeworks.chain.check.live_tags import converted, of_kind
from lodeworks.chain.entities import Alarm, PlaceLimit
from lodeworks.chain.readings import OF_ELEMENT, READINGS, SEVERITIES
from lodeworks.errors import Problem
from lodeworks.units import UnitProblem

__all__ = ["place_limits", "urgency", "words_of"]

_NUMBERS = ("low", "high", "cut", "restore")
_FIRST_YEAR = 1900
_PLACEHOLDER = re.compile(r"(?:[\W_]*|x+|to ?do|tbd|tba|n/?a|none|unknown|待定|待查|无|未知)", re.IGNORECASE)
"""What stands where a source is still to be written."""
_WORDS = {"cause": "its cause", "consequence": "what it leads to", "response": "what is done"}


def place_limits(context: Context) -> Iterator[Problem]:
    """Each row of the limits table bounds something, says where that is written, and what is done beyond it."""
    if context.units is None:
        return
    first: dict[tuple[str, str, str], str] = {}
    for name, row in context.chain.limits.items():
        where = f"limits.{name}"
        if not row.overrides or row.overrides in context.chain.limits:
            whole = context.watched.whole(name)
            yield from _bounds(context, where, row, whole)
            yield from _said(where, whole)
        if row.overrides:
            yield from _override(context, where, name, row)
            continue
        key = row.place, row.quantity, row.site
        if key in first:
            yield Problem("two rows for one quantity in one kind of place", element=where, found=f"also {first[key]}",
                          expected=f"`overrides: {first[key]}` with a reason and a second person, or one row")
        first.setdefault(key, name)


def _bounds(context: Context, where: str, row: PlaceLimit, whole: PlaceLimit) -> Iterator[Problem]:
    unit = context.watched.row_unit(whole)
    if row.quantity in OF_ELEMENT:
        yield Problem("a limit of a place is on a quantity", element=where, key="quantity", found=row.quantity,
                      expected="such as methane, co, temperature, air_speed")
        return
    if not context.measures.units.known(unit):
        yield Problem(f"unknown unit {unit!r}", element=where, key="unit", found=unit)
        return
    usual = context.watched.quantity_unit(row.quantity)
    if unit and usual:
        try:
            context.measures.units.factor(unit.replace("degC", "K"), usual.replace("degC", "K"))
        except UnitProblem as error:
            yield Problem(f"a wrong unit for the quantity: {error}", element=where, key="unit", found=unit,
                          expected=f"a unit like {usual}")
            return
    given = {"low": whole.low, "high": whole.high, "cut": whole.cut, "restore": whole.restore}
    found = yield from converted(context, given, unit, where)
    low, high, cut, restore = (found.get(key) for key in given)
    if whole.low is None and whole.high is None:
        yield Problem("a row that limits nothing", element=where, key="high", found="nothing",
                      expected="a high or a low")
    if low is not None and high is not None and low >= high:
        yield Problem("the low is not below the high", element=where, key="low", found=str(whole.low),
                      expected=f"less than {whole.high}")
    if cut is not None and high is not None and cut < high:
        yield Problem("power would be cut before the alarm", element=where, key="cut", found=str(whole.cut),
                      expected=f"{whole.high} or more")
    if restore is not None and cut is not None and restore > cut:
        yield Problem("power would be restored above where it is cut", element=where, key="restore",
                      found=str(whole.restore), expected=f"at most {whole.cut}")
    if whole.deadband is not None:
        try:
            back = context.watched.difference(whole.deadband, unit)
        except UnitProblem as error:
            yield Problem(str(error), element=where, key="deadband", found=str(whole.deadband))
            return
        least = READINGS[row.quantity].least if row.quantity in READINGS else -math.inf
        if back < 0.0 or (low is not None and high is not None and back >= high - low):
            yield Problem("the deadband is below nought or as wide as the gap between the limits", element=where,
                          key="deadband", found=str(whole.deadband))
        elif high is not None and high - back < least:
            yield Problem("the alarm would never end, as nothing is read so low", element=where, key="deadband",
                          found=str(whole.deadband), expected=f"less than {whole.high}")


def _said(where: str, whole: PlaceLimit) -> Iterator[Problem]:
    for key in _NUMBERS:
        source = (whole.source.get(key, "") or whole.source.get("*", "")).strip()
        if getattr(whole, key) is not None and _PLACEHOLDER.fullmatch(source):
            yield Problem("a limit without a source", element=where, key="source",
                          found=source or (f"none of `{key}`" if whole.source else "nothing"),
                          expected="where it is written, or `assumed`")
            break
    if not whole.dated.strip():
        yield Problem("a limit without a date", element=where, key="dated", found="nothing",
                      expected="the date of the rule, such as 2026-02-01, or its year")
    elif not _is_date(whole.dated.strip()):
        yield Problem("not a date", element=where, key="dated", found=whole.dated,
                      expected="such as 2026-02-01, or 2019")
    else:
        yield from _in_force(where, whole.dated.strip())
    yield from words_of(where, whole)
    yield from urgency(where, whole)


def _in_force(where: str, dated: str) -> Iterator[Problem]:
    """A rule is not older than mines have rules, and not younger than today; a little younger may be meant."""
    today, year = dt.date.today().isoformat(), int(dated[:4])
    if year < _FIRST_YEAR or year > int(today[:4]) + 1:
        yield Problem("a rule of that date is none", element=where, key="dated", found=dated,
                      expected="the date of the rule, such as 2026-02-01, or its year")
    elif dated > today[:len(dated)]:
        yield Problem("a rule that is not in force yet", element=where, key="dated", found=dated,
                      expected=f"at most {today}, or the row it will stand for", severity="warning")


def _is_date(text: str) -> bool:
    if re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", text):
        return True
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _override(context: Context, where: str, name: str, row: PlaceLimit) -> Iterator[Problem]:
    other = context.chain.limits.get(row.overrides)
    for key, what in (("reason", "a reason"), ("by", "who set it"), ("second", "a second person who agreed")):
        if not getattr(row, key).strip():
            yield Problem(f"a limit of the site's own needs {what}", element=where, key=key, found="nothing")
    if row.second.strip() and row.second.strip().casefold() == row.by.strip().casefold():
        yield Problem("the second person is the first", element=where, key="second", found=row.second,
                      expected="somebody else")
    above, seen = row.overrides, {name}
    while above in context.chain.limits and above not in seen:
        seen.add(above)
        above = context.chain.limits[above].overrides
    if above in seen:
        yield Problem("rows override one another in a ring", element=where, key="overrides", found=row.overrides)
        return
    if other is None:
        return
    for key in ("place", "quantity"):
        if getattr(other, key) != getattr(row, key):
            yield Problem(f"it overrides a row of another {key}", element=where, key=key, found=getattr(row, key),
                          expected=getattr(other, key))
            return
    yield from _looser(context, where, name, row)


def _looser(context: Context, where: str, name: str, row: PlaceLimit) -> Iterator[Problem]:
    own, general = context.watched.whole(name), context.watched.whole(row.overrides)
    unit = context.watched.row_unit(own)
    for key, sign in (("high", 1.0), ("cut", 1.0), ("low", -1.0)):
        mine, theirs = getattr(own, key), getattr(general, key)
        if mine is None or theirs is None:
            continue
        try:
            more = context.watched.value(mine, unit) - context.watched.value(
                theirs, context.watched.row_unit(general), unit)
        except UnitProblem:
            continue
        if more * sign > 1e-12:
            yield Problem("looser than the row it overrides", element=where, key=key, found=str(mine),
                          expected=f"{theirs}, as in {row.overrides}, or stricter", severity="warning")


def words_of(where: str, entity: PlaceLimit | Alarm) -> Iterator[Problem]:
    """An alarm says what brings it about, what it leads to, what is done and by when."""
    for key, what in _WORDS.items():
        title = getattr(entity, key)
        if not (title.en.strip() or title.zh.strip()):
            yield Problem(f"an alarm without {what}", element=where, key=key, found="nothing",
                          expected="a sentence for who is on duty")
    respond = entity.respond
    if respond is None or respond.value <= 0.0:
        yield Problem("an alarm without a time allowed for the response", element=where, key="respond",
                      found=str(respond) if respond is not None else "nothing", expected="a time such as 5 min")


def urgency(where: str, entity: PlaceLimit | Alarm) -> Iterator[Problem]:
    """Severities and priorities are of the few there are."""
    severity, priority = entity.severity, entity.priority
    if severity and severity not in SEVERITIES:
        yield of_kind("severity", severity, SEVERITIES, where, "severity")
    if priority is not None and priority not in (1, 2, 3, 4):
        yield Problem("there is no such priority", element=where, key="priority", found=str(priority),
                      expected="1 (most urgent), 2, 3 or 4")
