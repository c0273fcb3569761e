"""Measures of the desks: how many alarms each was told, how bunched, how long they stood; beside the goals often named.

They are worked out by the verb `journal`, which looks at every row's hash on the way.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any
from zoneinfo import ZoneInfo

from nicegui import ui

from lodeworks.pages.accounts import Visitor
from lodeworks.pages.clocks import lasting
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import text
from lodeworks.pages.inquired import Inquired, days_field
from lodeworks.pages.inquiries import MEASURES, Inquiries
from lodeworks.pages.listed import Listed, Row
from lodeworks.pages.words import Titles, say
from lodeworks.views.numbers import digits, percent
from lodeworks.watch.alarms.measures import GOALS, Measures
from lodeworks.watch.errands import Errand

__all__ = ["Bars", "measures_part"]

_DAYS = {1: "a day", 7: "a week", 30: "30 days"}
_HOUR_MS = 3_600_000
_SHARES = ("flood_share", "urgent_share", "top_share")


class Bars(ui.element, component="bars.js"):
    """Bars of numbers, with a line at a goal and the table of the same numbers."""

    def __init__(self, caption: str, bars: list[tuple[str, int]], goal: float, told: str, language: str) -> None:
        super().__init__()
        data = say("data", language)
        self._props.update({"caption": caption, "bars": bars, "goal": goal, "told": told, "data": data})


def measures_part(desk: Desk, inquiries: Inquiries, language: str, visitor: Visitor) -> None:
    """Build the part."""
    with ui.element("div").classes("lw-buttons lw-form") as form:
        days = days_field({n: say(word, language) for n, word in _DAYS.items()}, 7, say("in the last", language))
        rehearsed = ui.checkbox(say("count rehearsals", language)).mark("rehearsed")
    titles = Titles(desk.live, language)

    def send(by: str) -> bool:
        return inquiries.measures(by, float(days.value), rehearsed=bool(rehearsed.value))

    def draw(answer: Any, errand: Errand) -> None:
        desks = {name: _read(one) for name, one in answer["desks"].items()}
        text("p", say("whole", language).format(n=f"{answer['rows']:,}")).classes("lw-note")
        if not desks:
            text("p", say("nothing told", language)).classes("lw-calm")
        for name, one in desks.items():
            _desk(one, f"{titles.of(name)} · {say(_DAYS.get(round(errand.asked.get('days', 0)), ''), language)}",
                  titles, language, desk.live.timezone)

    inquired = Inquired(desk, inquiries, language, visitor, MEASURES, send, draw)
    with form:
        inquired.button()
    inquired.build()


def _read(given: dict[str, Any]) -> Measures:
    """Return measures as they were before they were JSON."""
    pairs = {name: tuple((a, b) for a, b in given[name]) for name in ("top", "by_priority")}
    lists = {name: tuple(given[name]) for name in ("chattering", "standing", "by_hour")}
    return Measures(**{**given, **pairs, **lists})


def _desk(one: Measures, title: str, titles: Titles, language: str, zone: str) -> None:
    text("h2", title)
    beyond = one.beyond()
    rows = []
    for name, value in _told(one, language).items():
        goal = GOALS.get(name)
        limit = "" if goal is None else f"≤ {percent(goal[0], language) if name in _SHARES else f'{goal[0]:g}'}"
        source = say(goal[1], language) if goal is not None else ""
        mark = ("✗ " + say("beyond", language)) if name in beyond else "✓" if goal is not None else ""
        rows.append(Row(name, [say(f"measure {name}", language), value, (limit, source), mark],
                        mark="lw-beyond" if name in beyond else ""))
    columns = (("measure", False), ("value", True), ("goal", False), ("verdict", False))
    Listed("measures", columns, language, "nothing told").show(rows)
    bars, each = _bars(one, zone)
    most = max((count for _, count in bars), default=0)
    Bars(say("announced over time", language), bars, GOALS["per_ten_minutes"][0] * 6 * each,
         say("at most in a bar", language).format(n=most), language)
    named = (("measure top", one.top), ("measure chattering", tuple((name, "") for name in one.chattering)),
             ("measure standing", tuple((name, "") for name in one.standing)))
    for caption, some in named:
        if some:
            text("h3", say(caption, language))
            listed = Listed(caption, (("alarm", False), ("announced", True)), language, "no alarms")
            listed.show([Row(alarm, [(titles.of_alarm(alarm), alarm), str(count)]) for alarm, count in some])


def _told(one: Measures, language: str) -> dict[str, str]:
    """Return each measure as text, in the order they are shown."""
    waited = one.acknowledged_s
    hours = max(one.until - one.since, 1) / _HOUR_MS
    return {
        "announced": f"{one.announced:,}", "per_hour": digits(one.announced / hours),
        "per_ten_minutes": f"{one.per_ten_minutes:.2f}", "most_in_ten_minutes": str(one.most_in_ten_minutes),
        "flood_share": percent(one.flood_share, language), "chattering": str(len(one.chattering)),
        "standing": str(len(one.standing)), "top_share": percent(one.top_share, language),
        "by_priority": " · ".join(f"{say(f'priority {p}', language)} {n}" for p, n in one.by_priority) or "–",
        "urgent_share": percent(one.urgent_share, language), "acknowledged": f"{one.acknowledged:,}",
        "acknowledged_s": "–" if waited is None or math.isnan(waited) else lasting(waited, language),
        "suppressed": f"{one.suppressed:,}", "shelved": f"{one.shelved:,}",
    }


def _bars(one: Measures, zone: str) -> tuple[list[tuple[str, int]], int]:
    """Return announcements by the hour, or by so many hours that there are few enough bars; and how many hours."""
    hours = one.by_hour
    each = 1 if len(hours) <= 48 else 6 if len(hours) <= 7 * 24 else 24
    form = "%H:%M" if each == 1 else "%m-%d %H:%M" if each == 6 else "%m-%d"
    found = []
    for first in range(0, len(hours), each):
        begin = dt.datetime.fromtimestamp((one.since + first * _HOUR_MS) / 1000.0, ZoneInfo(zone))
        found.append((begin.strftime(form), sum(hours[first:first + each])))
    return found, each
