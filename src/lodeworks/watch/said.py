"""What is told in a sentence, as data: which sentence, of whom, with which numbers and moments.

A page or a voice puts the words of its language in (`spoken`), so that no prose is written twice and numbers stay
numbers until they are shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from lodeworks.watch.against_plan import Deviation, Now
from lodeworks.watch.time_left import TimeLeft

__all__ = ["WORDS", "Clause", "said_of", "said_of_left", "said_of_plan", "spoken"]

WORDS: dict[str, tuple[str, str]] = {
    "behind": ("{element} is {amount} behind", "{element}比计划少{amount}"),
    "ahead": ("{element} is {amount} ahead", "{element}比计划多{amount}"),
    "on plan": ("{element} is on plan", "{element}与计划一致"),
    "unknown": ("{element}: no usable value", "{element}：无可用数据"),
    "not planned": ("{element}: the plan says nothing of this hour", "{element}：计划未包含该时段"),
    "short": ("{element} holds {amount} less than planned", "{element}比计划少存{amount}"),
    "over": ("{element} holds {amount} more than planned", "{element}比计划多存{amount}"),
    "less capacity": ("{element} has {amount} less capacity than planned", "{element}能力比计划少{amount}"),
    "more capacity": ("{element} has {amount} more capacity than planned", "{element}能力比计划多{amount}"),
    "lost": ("{money} so far", "今日已损失{money}"),
    "gained": ("{money} gained so far", "今日已增收{money}"),
    "starves": ("{element} will starve at {moment} if nothing changes", "若无变化，{element}将于{moment}断料"),
    "backs up": ("{element} has to stop at {moment} if nothing changes", "若无变化，{element}将于{moment}被迫停下"),
    "empty": ("{store} is empty at {moment}, in {time}", "{store}将于{moment}（{time}后）用空"),
    "full": ("{store} is full at {moment}, in {time}", "{store}将于{moment}（{time}后）装满"),
    "plan ended": ("the plan ended at {moment}; nothing is held against it", "计划已于{moment}结束，不再对比"),
    "plan not begun": ("the plan begins at {moment}; nothing is held against it yet", "计划自{moment}开始，尚不对比"),
}


@dataclass(frozen=True)
class Clause:
    """One part of a sentence: a key of `WORDS`, names of elements, numbers with units, and moments in UTC ms."""

    key: str
    names: tuple[tuple[str, str], ...] = ()
    numbers: tuple[tuple[str, float, str], ...] = ()
    moments: tuple[tuple[str, int], ...] = ()


_PART = 0.1
_DIRECTIONS = {"flow": ("behind", "ahead"), "level": ("short", "over"), "capacity": ("less capacity", "more capacity")}


def said_of(deviation: Deviation, now: Now, *, least: float = 0.005) -> tuple[Clause, ...]:
    """Return what is to say of one deviation: how far it is, what it has cost today, what will follow.

    Parameters
    ----------
    least
        The share of what is planned below which a deviation is none.
    """
    who = (("element", deviation.element),)
    if deviation.state != "known":
        return (Clause(deviation.state, who),)
    small = least * max(abs(deviation.planned), 1e-12)
    if abs(deviation.deviation) <= small:
        clauses = [Clause("on plan", who)]
    else:
        words = _DIRECTIONS[deviation.what]
        amount = (("amount", abs(deviation.deviation), deviation.unit),)
        clauses = [Clause(words[deviation.deviation > 0.0], who, amount)]
    if deviation.counted and abs(deviation.cost_today) >= 1.0:
        key = "lost" if deviation.cost_today > 0.0 else "gained"
        clauses.append(Clause(key, (), (("money", abs(deviation.cost_today), now.unit),)))
    if deviation.what == "flow" and abs(deviation.deviation) > small:
        clauses += _follows(deviation, now)
    return tuple(clauses)


def said_of_left(left: TimeLeft) -> tuple[Clause, ...]:
    """Return what is to say of a stock that ends: when, and who then stands."""
    first = Clause(left.direction, (("store", left.stores[0]),), (("time", left.hours, "h"),), (("moment", left.at),))
    return (first, *(_stands(name, left) for name in left.stops[:1]))


def said_of_plan(now: Now) -> tuple[Clause, ...]:
    """Return that the plan has ended or not begun; nothing while it runs."""
    if now.plan == "running":
        return ()
    moment = now.ends if now.plan == "ended" else now.begins
    return (Clause(f"plan {now.plan}", (), (), (("moment", moment),)),)


def spoken(
    clauses: Sequence[Clause], language: str, *, title_of: Callable[[str], str], zone: str, now: int,
    number_of: Callable[[float, str], str] | None = None,
) -> str:
    """Return clauses as one sentence.

    Parameters
    ----------
    language
        ``en`` or ``zh``.
    title_of
        The title of an element or store.
    now
        The moment it is said; those of another day are told with their date.
    number_of
        Writes a number with its unit; three digits or whole numbers with separators unless given.
    """
    write = number_of or _number
    parts = []
    for clause in clauses:
        filled = {role: title_of(name) for role, name in clause.names}
        filled |= {role: write(number, unit) for role, number, unit in clause.numbers}
        filled |= {role: _moment(moment, zone, now) for role, moment in clause.moments}
        parts.append(WORDS[clause.key][language == "zh"].format(**filled))
    return ("；" if language == "zh" else "; ").join(parts)


def _follows(deviation: Deviation, now: Now) -> list[Clause]:
    """Return what an element's deviation leads to: whom it leaves without, or whom it holds up.

    Of the stocks that end because of it, the one of its own commodity goes first, then the soonest. A stock ends
    because of a deviation that is at least a tenth of how fast the stock changes. Who does too little is not held up by
    itself.
    """
    mine = [left for left in now.left if left.stops and not left.as_planned
            and dict(left.off).get(deviation.element, 0.0) / left.change >= _PART]
    own = (deviation.commodity, deviation.site)
    for left in sorted(mine, key=lambda left: ((left.commodity, left.site) != own, left.hours)):
        who = [name for name in left.stops if name != deviation.element or deviation.deviation > 0.0]
        if who:
            return [_stands(who[0], left)]
    return []


def _stands(element: str, left: TimeLeft) -> Clause:
    """Return that an element stands when a stock ends: left without, or held up."""
    key = "starves" if left.direction == "empty" else "backs up"
    return Clause(key, (("element", element),), (), (("moment", left.at),))


def _number(value: float, unit: str) -> str:
    if unit == "h":
        return f"{value:.1f} h"
    digits = 0 if abs(value) >= 100.0 else max(0, 2 - int(np.floor(np.log10(max(abs(value), 1e-9)))))
    return f"{value:,.{min(digits, 6)}f} {unit}".strip()


def _moment(moment: int, zone: str, now: int) -> str:
    then, today = (dt.datetime.fromtimestamp(ms / 1000.0, ZoneInfo(zone)) for ms in (moment, now))
    return then.strftime("%H:%M" if then.date() == today.date() else "%Y-%m-%d %H:%M")
