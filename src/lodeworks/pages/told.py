"""What the desk has been told: alarms, floods and first-outs as the journal's rows say, and how a browser is told.

One reader follows the journal for the whole server; another can be put at any past row, for what the desk knew then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lodeworks.network.live import AlarmRule, Incident, Live
from lodeworks.pages.words import Titles, say, unit_told, who
from lodeworks.views.numbers import digits
from lodeworks.watch.actions import STATES
from lodeworks.watch.alarms.detect import LONGEST_H
from lodeworks.watch.alarms.flood import cause_of
from lodeworks.watch.alarms.now import AlarmNow, fold
from lodeworks.watch.alarms.together import LOST_WITH
from lodeworks.watch.alarms.voice import phrase
from lodeworks.watch.incidents import IncidentNow
from lodeworks.watch.journal import Journal, Row

__all__ = ["Followed", "Told", "alarm_text", "incident_text", "judged_unit", "measured", "row_told"]


class Followed:
    """Rows of one kind, kept up with as the journal grows."""

    def __init__(self, kind: str) -> None:
        self._kind, self._number = kind, 0

    def follow(self, journal: Journal) -> list[Row]:
        """Take in what was written since; return what is new of the kind."""
        last = journal.last()
        if last == self._number:
            return []
        fresh = journal.of_kind(self._kind, after=self._number, upto=last)
        self._number = last
        return fresh


class Told:
    """The alarms after some rows of the journal. `number` is the last row taken in."""

    def __init__(self) -> None:
        self.number = 0
        self.alarms: dict[str, AlarmNow] = {}
        self.floods: dict[str, int] = {}
        self.first: dict[str, tuple[str, ...]] = {}
        self.notes: dict[str, str] = {}

    def follow(self, journal: Journal) -> bool:
        """Take in what was written since; return whether there was anything."""
        last = journal.last()
        if last == self.number:
            return False
        if self.number:
            self.take(journal.since(self.number, most=last - self.number))
        else:
            self.__dict__.update(vars(Told.by(journal, last)))
        return True

    @classmethod
    def by(cls, journal: Journal, number: int) -> Told:
        """Return what was told up to a row; each alarm's last row says what it was then."""
        told = cls()
        rows = [
            *journal.latest("alarm", event="began", upto=number),
            *journal.latest("alarm", event="announced", upto=number), *journal.latest("alarm", upto=number),
            *journal.latest("flood", upto=number), *journal.latest("note", upto=number),
        ]
        told.take(sorted(rows, key=lambda row: row.number))
        told.number = number
        return told

    def take(self, rows: Iterable[Row]) -> None:
        """Take in rows, in the order they were written."""
        rows = list(rows)
        if not rows:
            return
        self.alarms = fold(rows, self.alarms)
        for row in rows:
            if row.kind == "flood":
                if row.event == "began":
                    self.floods[row.subject] = row.at
                else:
                    self.floods.pop(row.subject, None)
            elif row.kind == "note":
                self.notes[row.subject] = row.note
            elif row.kind == "alarm" and row.event == "began":
                self.notes.pop(row.subject, None)  # what was written was about the time before
            elif row.kind == "alarm" and row.data.get("first"):
                group = str(row.data.get("now", {}).get("group", ""))
                self.first[group] = tuple(row.data["first"])
        self.number = rows[-1].number


def alarm_text(live: Live, told: Told, language: str) -> dict[str, Any]:
    """Return what a browser is told beside the tags: alarms, the most urgent and newest first, and floods.

    In a flood at its desk an alarm below the first priority stands `under` what it has in common with others. Where
    clocks cannot tell which of a group was first, each that may have been is marked a tie.
    """
    titles = Titles(live, language)
    rules = {rule.name: rule for rule in live.rules}
    flood = bool(told.floods)
    rows = []
    for alarm in sorted(told.alarms.values(), key=lambda a: (bool(a.covers), a.priority, -a.announced, a.alarm)):
        rule = rules.get(alarm.rule)
        tag = live.place.get(rule.tag, -1) if rule else -1
        firsts = told.first.get(alarm.group, ()) if alarm.group else ()
        value = measured(live, rule, tag, alarm.value, titles)
        level = "" if rule and rule.kind == "time_left" else alarm.level  # its title says which way it goes
        first = "" if alarm.alarm not in firsts else "first out" if len(firsts) == 1 else "first tie"
        rows.append(
            {
                "alarm": alarm.alarm, "rule": alarm.rule, "level": alarm.level, "title": titles.of(alarm.rule),
                "priority": alarm.priority, "kind": rule.kind if rule else "", "tag": tag,
                "measured": rule.tag if rule else "",
                "state": alarm.covers[0] if alarm.covers else alarm.condition, "covers": list(alarm.covers),
                "active": alarm.active, "unacknowledged": alarm.unacknowledged and not alarm.covers,
                "sounds": alarm.sounds, "desk": alarm.desk, "announced": alarm.announced,
                "since": alarm.since or alarm.began, "due": alarm.respond_by,
                "told": value, "first": first, "hours": _hours(rule, alarm.value),
                "spoken": phrase(titles.of(alarm.rule), level, value, language) if alarm.sounds else "",
                "cause": ", ".join(_cause(titles, cause) for cause in alarm.causes),
                "user": who(alarm.shelved_by or alarm.acknowledged_by, language),
                "note": alarm.reason or told.notes.get(alarm.alarm, "") or alarm.note,
                "until": alarm.shelved_until, "response": titles.pick(rule.response, rule.response_zh) if rule else "",
                "life": bool(rule and rule.life_safety),
                "under": titles.of(cause_of(rule, live)) if rule and _is_flooded(alarm, told) else "",
            }
        )
    return {"alarms": rows, "flood": flood, "row": told.number}


def _is_flooded(alarm: AlarmNow, told: Told) -> bool:
    """Whether an alarm stands under others: it is not of the first priority, and its desk is in a flood."""
    return alarm.priority > 1 and alarm.desk in told.floods


def _about(row: Row, kind: Incident | None, titles: Titles) -> str:
    """Return what a row of an incident or action names beside its subject, in the words of the incident's kind."""
    known: dict[str, dict[str, str]] = {"state": {state: say(state, titles.language) for state in STATES}}
    if kind is not None:
        roles = {role: titles.pick(en, zh) for role, en, zh in kind.roles}
        known |= {"role": roles, "contact": roles}
        known["step"] = {step.name: titles.pick(step.text_en, step.text_zh) for step in kind.steps}
    keys = ("step", "role", "person", "roadway", "contact", "zone", "state", "owner", "due")
    words = [(key, str(row.data[key])) for key in keys if row.data.get(key)]
    return " · ".join(known.get(key, {}).get(word) or titles.of(word) for key, word in words)


def _cause(titles: Titles, cause: str) -> str:
    """Return what an alarm is suppressed by as it is told: in words, or the condition as it is written."""
    known, leader = say(cause, titles.language), cause.removeprefix(LOST_WITH)
    if leader != cause:
        return f"{say('lost together with', titles.language)} {titles.of_alarm(leader)}"
    return known if known != cause else titles.of(cause)


def _hours(rule: AlarmRule | None, value: float | None) -> float | None:
    """Return the hours that are left where a rule judges those and they are not for ever."""
    left = rule is not None and rule.kind == "time_left" and value is not None and value < LONGEST_H
    return value if left else None


def measured(live: Live, rule: AlarmRule | None, tag: int, value: float | None, titles: Titles) -> str:
    """Return the value that made it an alarm, with its unit or in the words of its state.

    Of a rate that is a change an hour; of time left, a time, and nothing where it is for ever.
    """
    if value is None or tag < 0:
        return ""
    one, language = live.tags[tag], titles.language
    for state, en, zh in one.words:
        if one.kind == "state" and round(value) == state:
            return titles.pick(en, zh)
    if rule is not None and rule.kind == "time_left":
        if value >= LONGEST_H:
            return ""
        return f"{value:.1f} {say('h', language)}" if value >= 2.0 else f"{value * 60.0:.0f} {say('min', language)}"
    unit = unit_told(one.unit, language) if rule is None else judged_unit(live, rule, language)
    return f"{digits(value)} {unit}".rstrip()


def judged_unit(live: Live, rule: AlarmRule, language: str) -> str:
    """Return the unit of what a rule's limits hold for; none for an expression."""
    place = live.place.get(rule.tag, -1)
    if place < 0 or rule.kind == "expression":
        return ""
    if rule.kind == "time_left":
        return say("h", language)
    over = f"/{say('h', language)}" if rule.kind == "rate" else ""
    return f"{unit_told(live.tags[place].unit, language)}{over}"


def incident_text(opened: Sequence[IncidentNow], language: str) -> dict[str, Any]:
    """Return what every screen is told of incidents that are open."""
    zh = language == "zh"
    return {
        "incidents": [
            {"title": one.title_zh if zh else one.title_en, "name": one.name, "drill": one.drill, "people": one.people}
            for one in opened
        ]
    }


def row_told(live: Live, row: Row, titles: Titles, made: Mapping[str, Row] | None = None) -> dict[str, Any]:
    """Return a row of the journal as it is shown; `made` are the rows by which items of work came to be, by name."""
    subject = row.subject
    name, _, level = subject.partition(":") if row.kind in ("alarm", "limit") else (subject, "", "")
    rule = next((one for one in live.rules if one.name == name), None)
    tag = live.place.get(subject if rule is None else rule.tag, -1)
    language = titles.language
    title = titles.of(name)
    about = title if title != name else say(name, language)
    value = measured(live, rule, tag, row.value, titles)
    sort, _, count = subject.rpartition("-")
    kind = next((one for one in live.incidents if one.name == sort), None) if row.kind == "incident" else None
    if kind is not None:
        about = f"{titles.pick(kind.title_en, kind.title_zh)} {count}"
        value = f"{row.value:.0f}" if row.event == "count" and row.value is not None else value
    elif row.kind == "action":
        action = next((one for one in live.actions if one.name == subject), None)
        first = (made or {}).get(subject, row).data
        named = (action.title_en, action.title_zh) if action else (first.get("title"), first.get("title_zh"))
        about = titles.pick(str(named[0] or ""), str(named[1] or "")) or about
    return {
        "number": row.number, "at": row.at, "written": row.written, "kind": say(f"kind {row.kind}", language),
        "subject": f"{about} {level}".rstrip(), "event": say(f"event {row.event}", language),
        "user": who(row.user, language), "value": value,
        "note": row.said(language), "hash": row.hash, "about": _about(row, kind, titles),
    }
