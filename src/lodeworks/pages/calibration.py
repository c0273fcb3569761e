"""Calibration windows: declare one for some sensors, see which are open or to come, what they cover; end one early."""

from __future__ import annotations

import asyncio
from secrets import token_hex
from typing import Any

from nicegui import ui

from lodeworks.network.live import AlarmRule, Live
from lodeworks.pages.accounts import Visitor, may
from lodeworks.pages.asking import asked
from lodeworks.pages.clocks import field_at, lasting, moment_of, told_at
from lodeworks.pages.confirming import Wish, confirm
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import text
from lodeworks.pages.hub import Hub
from lodeworks.pages.listed import Listed, Row
from lodeworks.pages.screens import SYSTEM
from lodeworks.pages.told import Followed
from lodeworks.pages.wishes import heard, kept_by, tell
from lodeworks.pages.words import Titles, say, unit_told, who
from lodeworks.views.numbers import digits
from lodeworks.watch.alarms.now import AlarmNow
from lodeworks.watch.alarms.windows import LONGEST_MS, WINDOW, Calibration, calibrations
from lodeworks.watch.journal import Row as Written

__all__ = ["calibration_part", "covered"]

_LOOK_S = 2.0
_MOST = 2000
"""So many sensors are offered in the list; of more, one is reached from its tile or its alarm."""
_BEFORE = 40
_USUAL_MS = 30 * 60_000
_COLUMNS = (("tag", False), ("expected", True), ("when", False), ("user", False), ("reason", False))


def covered(live: Live) -> dict[str, list[AlarmRule]]:
    """Return for each tag the rules that judge it, those of expressions over it among them."""
    found: dict[str, list[AlarmRule]] = {}
    for rule in live.rules:
        for name in rule.judged:
            found.setdefault(name, []).append(rule)
    return found


def calibration_part(desk: Desk, hub: Hub, language: str, visitor: Visitor, tag: str) -> None:
    """Build the part; `tag` is the sensor it is opened for."""
    _Part(desk, hub, language, visitor).build(tag)


class _Part:
    def __init__(self, desk: Desk, hub: Hub, language: str, visitor: Visitor) -> None:
        self.desk, self.hub, self.language, self.visitor = desk, hub, language, visitor
        self.titles = Titles(desk.live, language)
        self.rules = covered(desk.live)
        self.followed, self.rows = Followed("calibration"), list[Written]()
        self.can = may(visitor.role, "calibrate")
        self.keys: dict[str, str] = {}  # under which the window of each chosen sensor is asked for

    def say(self, key: str) -> str:
        return say(key, self.language)

    def build(self, tag: str) -> None:
        text("p", self.say("calibration about")).classes("lw-note")
        if self.can:
            self._form(tag)
        text("h2", self.say("open and declared"))
        self.now = Listed("open and declared", (*_COLUMNS, ("covers", False), ("suppressed now", False)), self.language,
                          "no calibration").on_deed(self.close)
        text("h2", self.say("calibrations before"))
        self.before = Listed("calibrations before", (*_COLUMNS, ("state", False)), self.language, "no calibration")
        ui.timer(_LOOK_S, self.look)

    def _form(self, tag: str) -> None:
        live, now = self.desk.live, self.desk.clock()
        offered = [one for one in live.tags if one.kind == "sensor" and not one.name.startswith(SYSTEM)]
        names = {one.name: self.titles.of(one.name) for one in offered[:_MOST]}
        if tag in live.place:
            names.setdefault(tag, self.titles.of(tag))
        with ui.element("form").classes("lw-form-grid").props('onsubmit="return false"'):
            self.tags = ui.select(
                names, value=[tag] if tag in names else [], multiple=True, with_input=True, label=self.say("sensors"),
            ).props("outlined dense use-chips").classes("lw-span").mark("tags")
            self.since = ui.input(self.say("from, or now")).props("outlined dense type=datetime-local stack-label")
            self.since.mark("since")
            until = field_at(now + _USUAL_MS, live.timezone)
            self.until = ui.input(self.say("until"), value=until)
            self.until.props("outlined dense type=datetime-local stack-label").mark("until")
            self.expected = ui.number(self.say("expected")).props("outlined dense").mark("expected")
            self.note = ui.input(self.say("reason")).props("outlined dense").classes("lw-span").mark("note")
            self.do = ui.button(self.say("declare"), on_click=self.declare, color=None)
            self.do.classes("lw-do").mark("declare")
        self.told = text("p", "").classes("lw-note").props("role=status")
        self.tags.on_value_change(self._over)
        self._over()

    def _over(self) -> None:
        """Say which alarms the chosen sensors' windows will cover."""
        chosen = list(self.tags.value or [])
        rules = dict.fromkeys(rule.name for name in chosen for rule in self.rules.get(name, ()))
        units = {unit_told(self.desk.live.tags[self.desk.live.place[name]].unit, self.language) for name in chosen}
        self.expected.props["suffix"] = units.pop() if len(units) == 1 else ""
        self.told.text = "" if not chosen else (
            f"{self.say('will cover')}: {'; '.join(self.titles.of(name) for name in rules) or self.say('no rule')}")
        self.keys = {name: self.keys.get(name) or token_hex(16) for name in chosen}
        kept_by(self.do, {key: f"{self.say('calibrate')}: {self.titles.of(name)}" for name, key in self.keys.items()})

    async def declare(self) -> None:
        """Ask for a window for each of the chosen sensors."""
        zone, now = self.desk.live.timezone, self.desk.clock()
        since = moment_of(self.since.value or "", zone) if self.since.value else now
        until = moment_of(self.until.value or "", zone)
        tags, note = list(self.tags.value or []), (self.note.value or "").strip()
        wrong = (
            "choose sensors" if not tags else "say why" if not note else
            "say expected" if self.expected.value is None else
            "times wrong" if since is None or until is None or not max(since, now) < until else
            "too long" if until - max(since, now) > LONGEST_MS else ""
        )
        if wrong or since is None or until is None or self.expected.value is None:
            ui.notify(self.say(wrong), type="negative")
            heard(*self.keys.values())
            return
        data: dict[str, Any] = {
            "minutes": (until - max(since, now)) / 60_000.0, "expected": float(self.expected.value),
            **({"since": since} if since > now else {}),
        }
        for tag in tags:
            key = self.keys.get(tag) or token_hex(16)
            done, told = await asked(
                self.desk, self.visitor, "calibrate", tag, note, data, language=self.language, key=key)
            tell(key, f"{self.titles.of(tag)}: {told}", done=done)
            self.keys.pop(tag, None)  # it has its answer; another press is another wish
            if done:
                self.tags.value = [one for one in self.tags.value if one != tag]
        self._over()
        await self.look()

    def close(self, deed: str, key: str) -> None:
        """Ask, after a word of confirmation, for a window to be ended or called off."""
        tag, _, since = key.rpartition("@")
        confirm(self.desk, self.visitor, self.language,
                Wish(deed, tag, self.titles.of(tag), data={"since": int(since)}))

    async def look(self) -> None:
        """Put up what is open, to come and over."""
        told = await asyncio.to_thread(self._read)
        now = self.desk.clock()
        under = [alarm for alarm in self.hub.told.alarms.values() if WINDOW in alarm.causes]
        self.now.show([self._row(one, now, under) for one in told if one.state in ("open", "declared")][::-1])
        over = [one for one in told if one.state in ("over", "called off")][:_BEFORE]
        self.before.show([self._over_row(one, now) for one in over])

    def _read(self) -> list[Calibration]:
        self.rows += self.followed.follow(self.desk.journal)
        self.hub.follow()
        return calibrations(self.rows)

    def _cells(self, one: Calibration, until: int, now: int, note: str) -> list[str | tuple[str, str]]:
        live, window = self.desk.live, one.window
        place = live.place.get(one.tag, -1)
        unit = unit_told(live.tags[place].unit, self.language) if place >= 0 else ""
        zone = live.timezone
        return [
            self.titles.of(one.tag), f"{digits(window.expected)} {unit}".strip(),
            (f"{told_at(window.since, zone, now)} – {told_at(until, zone, now)}", note),
            who(window.by, self.language), window.note,
        ]

    def _row(self, one: Calibration, now: int, under: list[AlarmNow]) -> Row:
        window = one.window
        left = window.until - now if one.state == "open" else window.since - now
        note = f"{self.say('still' if one.state == 'open' else 'begins in')} {lasting(left / 1000.0, self.language)}"
        rules = [rule.name for rule in self.rules.get(one.tag, ())]
        active = [alarm for alarm in under if alarm.rule in rules and alarm.active]
        cells = self._cells(one, window.until, now, note)
        cells += ["; ".join(self.titles.of(name) for name in rules),
                  "; ".join(self.titles.of_alarm(alarm.alarm) for alarm in active)]
        return Row(f"{one.tag}@{window.since}", cells, (("calibrated", self.can),),
                   "lw-testing" if one.state == "open" else "")

    def _over_row(self, one: Calibration, now: int) -> Row:
        by = f"{self.say(one.state)}{f': {who(one.ended_by, self.language)}' if one.ended_by else ''}"
        until = one.ended if one.state == "over" else one.window.until
        return Row(f"{one.tag}@{one.window.since}", [*self._cells(one, until, now, ""), by])
