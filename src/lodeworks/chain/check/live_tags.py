"""What is measured: feeds and tags. A tag must be able to read what it says, in a unit of that kind."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping

from lodeworks.chain.addresses import feed_faults, filter_of, hears, tag_fault
from lodeworks.chain.check.context import Context
from lodeworks.chain.check.references import unknown
from lodeworks.chain.entities import Feed, Process, Quantity, Route, Store, Tag
from lodeworks.chain.live_kinds import FEED_KINDS
from lodeworks.chain.readings import OF_ELEMENT, READINGS
from lodeworks.errors import Problem, nearest
from lodeworks.units import UnitProblem

__all__ = ["converted", "feeds", "holds", "of_kind", "tags"]

_NEED_ADDRESS = ("mqtt", "sparkplug", "opcua", "modbus", "push", "replay")
_KINDS = ("sensor", "counter", "state")
_ADDED_UP = ("flow", "energy", "count", "money", "distance", "time")


def feeds(context: Context) -> Iterator[Problem]:
    """A feed is of a known kind, says where it is, and keeps its secrets to itself."""
    for name, feed in context.chain.feeds.items():
        where = f"feeds.{name}"
        if feed.kind not in FEED_KINDS:
            yield of_kind("kind of feed", feed.kind, FEED_KINDS, where, "kind")
        elif feed.kind in _NEED_ADDRESS and not feed.address.strip():
            yield Problem(f"a feed by {feed.kind} needs to know where it is", element=where, key="address",
                          found="nothing", expected="a file" if feed.kind == "replay" else "an address")
        if re.search(r"//[^/@\s]+:[^/@\s]+@", feed.address):
            yield Problem("a password does not belong in a chain", element=where, key="address", found="user:…@",
                          expected="the address alone; secrets come from the environment")
        elif feed.address.strip():
            for told, found, expected in feed_faults(feed.kind, feed.address):
                yield Problem(told, element=where, key="address", found=found, expected=expected)


def tags(context: Context) -> Iterator[Problem]:
    """Each tag reads something that can be read where it is, in a unit of that kind, from a feed, now and then."""
    if context.units is None:
        return
    addresses: dict[tuple[str, str], str] = {}
    for name, tag in context.chain.tags.items():
        where = f"tags.{name}"
        yield from _reads(context, where, tag)
        yield from _unit(context, where, tag)
        yield from _range(context, where, tag)
        yield from _place(context, where, tag)
        yield from _states(context, where, tag)
        yield from _along(context, where, tag)
        if tag.period.value <= 0.0:
            yield Problem("a period is above nought", element=where, key="period", found=str(tag.period),
                          expected="a time such as 10 s")
        feed = context.watched.feed(tag)
        if not feed and len(context.chain.feeds) > 1:
            yield Problem("which feed it comes from, in a chain of several", element=where, key="feed", found="nothing",
                          expected=f"one of {', '.join(list(context.chain.feeds)[:8])}")
        called = context.watched.address(name)
        yield from _called(context.chain.feeds.get(feed), called, where, own=bool(tag.address))
        address = feed, called
        if address in addresses:
            yield Problem("the address is another tag's", element=where, key="address", found=address[1],
                          expected=f"one of its own, not that of {addresses[address]}")
        addresses.setdefault(address, name)


def _called(feed: Feed | None, address: str, where: str, *, own: bool) -> Iterator[Problem]:
    """What a tag is called in its feed is an address there, and one the feed asks for."""
    if feed is None:
        return
    if like := tag_fault(feed.kind, address):
        yield Problem(f"no address in a feed by {feed.kind}", element=where, key="address", found=address,
                      expected=like)
    elif own and feed.kind == "mqtt" and not hears(feed.address, topic := address.partition("#")[0]):
        yield Problem("a topic that its feed does not ask for", element=where, key="address", found=topic,
                      expected=f"one of {filter_of(feed.address)}", severity="warning")


def _reads(context: Context, where: str, tag: Tag) -> Iterator[Problem]:
    chain, entity = context.chain, context.watched.element(tag)
    known = [*READINGS, *(row.quantity for row in chain.limits.values())]
    if tag.reads not in known:
        yield of_kind("thing to read", tag.reads, dict.fromkeys(known), where, "reads")
        return
    if tag.element and entity is None:
        yield unknown("element", tag.element, context.watched.elements, where, "element")
        return
    if tag.reads not in OF_ELEMENT or (tag.reads == "state" and not tag.element):
        return
    if entity is None:
        yield Problem(f"a {tag.reads} is that of an element", element=where, key="element", found="nothing",
                      expected="the name of a process, route, store …")
    elif tag.reads == "level" and not isinstance(entity, Store):
        yield Problem("only a store has a level", element=where, key="reads", found=f"level of {tag.element}",
                      expected="flow, load or state, or a store as its element")
    elif tag.reads == "flow" and not (places := context.places(entity)):
        yield Problem("nothing flows through this element", element=where, key="element", found=tag.element)
    elif tag.reads == "flow" and tag.commodity in chain.commodities and tag.commodity not in places:
        yield Problem(f"{tag.element} has no flow of it", element=where, key="commodity", found=tag.commodity,
                      expected=f"one of {', '.join(sorted(places))}", suggestion=nearest(tag.commodity, places))
    elif tag.reads == "load" and not isinstance(entity, Process | Route):
        yield Problem("only a process or a route has a load", element=where, key="reads",
                      found=f"load of {tag.element}")


def _unit(context: Context, where: str, tag: Tag) -> Iterator[Problem]:
    units = context.measures.units
    if tag.kind and tag.kind not in _KINDS:
        yield of_kind("kind of tag", tag.kind, _KINDS, where, "kind")
    elif tag.kind == "counter" and tag.reads in READINGS and tag.reads not in _ADDED_UP:
        yield Problem("nothing is added up of what it reads", element=where, key="kind",
                      found=f"counter of {tag.reads}", expected=f"sensor, or a tag that reads {', '.join(_ADDED_UP)}")
    if not tag.unit or (tag.reads not in READINGS and not context.watched.usual_unit(tag)):
        return
    if not units.known(tag.unit):
        yield Problem(f"unknown unit {tag.unit!r}", element=where, key="unit", found=tag.unit)
        return
    usual = context.watched.usual_unit(tag)
    if tag.reads in ("flow", "level") and (not usual or not context.usable(context.watched.commodity(tag))):
        return  # told where its element or commodity is
    try:
        units.factor(tag.unit.replace("degC", "K"), usual.replace("degC", "K"))
    except UnitProblem as error:
        yield Problem(f"a wrong unit for what it reads: {error}", element=where, key="unit", found=tag.unit,
                      expected=f"a unit like {usual}" if usual else "no unit: it reads plain numbers")


def _range(context: Context, where: str, tag: Tag) -> Iterator[Problem]:
    unit = context.watched.unit(tag)
    if not unit and tag.reads not in READINGS and tag.reads not in {r.quantity for r in context.chain.limits.values()}:
        return  # what it reads is told, and in what it is counted nobody knows
    ends = yield from converted(context, {"low": tag.low, "high": tag.high}, unit, where)
    if len(ends) == 2 and ends["low"] >= ends["high"]:
        yield Problem("the range is empty", element=where, key="low", found=f"{tag.low} to {tag.high}",
                      expected="a low below the high")


def _place(context: Context, where: str, tag: Tag) -> Iterator[Problem]:
    chain = context.chain
    if not tag.place:
        return
    places = dict.fromkeys(row.place for row in chain.limits.values())
    if tag.place not in places:
        yield unknown("kind of place in `limits`", tag.place, places, where, "place")
        return
    row = context.watched.row(tag)
    if not row:
        here = dict.fromkeys(r.quantity for r in chain.limits.values() if r.place == tag.place)
        yield Problem(f"`limits` has no row for {tag.reads} in this kind of place", element=where, key="place",
                      found=tag.place, expected=f"a row for it, or a tag that reads {', '.join(here)}")
        return
    limit, unit = context.watched.whole(row), context.watched.unit(tag)
    for key in ("low", "high", "cut"):
        quantity = getattr(limit, key)
        if quantity is not None:
            yield from holds(context, where, tag, quantity, context.watched.row_unit(limit), unit,
                              f"the {key} of limits.{row}")


def holds(
    context: Context, where: str, tag: Tag, limit: Quantity, own: str, unit: str, what: str
) -> Iterator[Problem]:
    """A range that ends before the limit would never show that it is passed."""
    try:
        value = context.watched.value(limit, own, unit)
        low = context.watched.value(tag.low, unit) if tag.low is not None else None
        high = context.watched.value(tag.high, unit) if tag.high is not None else None
    except UnitProblem:
        return
    if (low is not None and value < low) or (high is not None and value > high):
        yield Problem(f"its range does not hold {what}", element=where, key="high" if high is not None else "low",
                      found=f"{tag.low if tag.low is not None else '…'} to {tag.high if tag.high is not None else '…'}",
                      expected=f"a range with {limit} in it")


def _states(context: Context, where: str, tag: Tag) -> Iterator[Problem]:
    state = context.watched.kind(tag) == "state"
    if state and not tag.words:
        yield Problem("what the numbers of a state mean", element=where, key="words", found="nothing",
                      expected="{0: stopped, 1: runs}")
    if tag.words and not state:
        yield Problem("only a state has words", element=where, key="words", found=tag.kind, expected="kind: state")
    first: dict[str, str] = {}
    for number, title in tag.words.items():
        if not re.fullmatch(r"-?\d{1,9}", number):
            yield Problem("a state is a whole number", element=where, key=f"words.{number}", found=number,
                          expected="such as 0 or 1")
        for word in dict.fromkeys(text.strip() for text in (title.en, title.zh) if text.strip()):
            if word in first:
                yield Problem("a word for two states: nobody could tell which is meant", element=where,
                              key=f"words.{number}", found=word, expected=f"another word than that of {first[word]}")
            first.setdefault(word, number)


def _along(context: Context, where: str, tag: Tag) -> Iterator[Problem]:
    if tag.at is None:
        return
    entity = context.watched.element(tag)
    if not isinstance(entity, Route):
        yield Problem("only on a route is one so far along", element=where, key="at", found=str(tag.at),
                      expected="a route as its element")
    elif entity.distance is not None:
        try:
            beyond = context.watched.metres(tag.at) > context.watched.metres(entity.distance) * (1.0 + 1e-9)
        except UnitProblem:
            return
        if beyond:
            yield Problem("beyond the end of its route", element=where, key="at", found=str(tag.at),
                          expected=f"at most {entity.distance}")


# ---- shared -----------------------------------------------------------------------------------------


def converted(
    context: Context, given: Mapping[str, Quantity | None], unit: str, where: str
) -> Generator[Problem, None, dict[str, float]]:
    """Yield what is wrong with numbers in a tag's unit; return the others in that unit, by their keys."""
    found: dict[str, float] = {}
    if not context.measures.units.known(unit):
        return found
    for key, quantity in given.items():
        if quantity is not None:
            try:
                found[key] = context.watched.value(quantity, unit)
            except UnitProblem as error:
                yield Problem(str(error), element=where, key=key, found=str(quantity),
                              expected=f"a unit like {unit}" if unit else "a plain number")
    return found


def of_kind(kind: str, word: str, known: Iterable[str], where: str, key: str) -> Problem:
    """Return the problem of a word that is none of those there are."""
    names = list(known)
    return Problem(f"there is no such {kind}", element=where, key=key, found=word,
                   expected=f"one of {', '.join(names[:12])}" + (", …" if len(names) > 12 else ""),
                   suggestion=nearest(word, names))
