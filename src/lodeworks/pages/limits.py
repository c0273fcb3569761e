"""Limits: which hold and where from, changes that wait for a second person, and a change tried before it is asked for.

A change is asked for with a reason and with what a back-test over the last 30 days says of it; the back-test is the
verb's, run as a child (`inquiries`), so that nobody waits for it with the page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from nicegui import ui

from lodeworks.errors import WatchError
from lodeworks.network.live import AlarmRule, Limit, Live
from lodeworks.pages.accounts import Visitor, may
from lodeworks.pages.asking import asked
from lodeworks.pages.clocks import lasting, told_at
from lodeworks.pages.confirming import Wish, confirm
from lodeworks.pages.desk import Desk
from lodeworks.pages.frame import text
from lodeworks.pages.inquiries import BACKTEST, Inquiries
from lodeworks.pages.listed import Listed, Row
from lodeworks.pages.screens import where_from
from lodeworks.pages.told import Followed, judged_unit, measured
from lodeworks.pages.wishes import heard, kept_by, tell
from lodeworks.pages.words import Titles, say, who
from lodeworks.views.numbers import duration
from lodeworks.watch.alarms.backtest import DAYS
from lodeworks.watch.alarms.channels import alarm_name
from lodeworks.watch.alarms.limits import LimitChange, in_force, limit_changes
from lodeworks.watch.errands import Errand
from lodeworks.watch.journal import Row as Written
from lodeworks.watch.journal import now_ms

__all__ = ["limits_part"]

_LOOK_S = 2.0
_MOST = 80
"""So many limits are listed at once; a filter finds the others."""
_BEFORE = 30
_WAITING = (("alarm", False), ("was", True), ("asked value", True), ("what it would have said", False), ("user", False),
            ("reason", False), ("time", False))
_LIMITS = (("alarm", False), ("limit", True), ("deadband", True), ("priority", False), ("where from", False))
_CHANGES = (("time", False), ("alarm", False), ("event", False), ("value", True), ("user", False), ("reason", False))
_FRESH_MS = 24 * 3_600_000
"""What was tried longer ago says nothing of the last 30 days any more."""


def limits_part(desk: Desk, inquiries: Inquiries | None, language: str, visitor: Visitor, alarm: str) -> None:
    """Build the part; `alarm` is what the filter begins with."""
    _Part(desk, inquiries, language, visitor).build(alarm)


@dataclass(frozen=True)
class _Held:
    """One limit: its alarm, as it holds now and as the chain has it."""

    alarm: str
    rule: AlarmRule
    limit: Limit
    chain: Limit


class _Part:
    def __init__(self, desk: Desk, inquiries: Inquiries | None, language: str, visitor: Visitor) -> None:
        self.desk, self.inquiries, self.language, self.visitor = desk, inquiries, language, visitor
        self.titles = Titles(desk.live, language)
        self.followed, self.rows = Followed("limit"), list[Written]()
        self.held: dict[str, _Held] = {}
        self.changes: dict[str, list[LimitChange]] = {}
        self.can = may(visitor.role, "limit")

    def say(self, key: str) -> str:
        return say(key, self.language)

    def build(self, alarm: str) -> None:
        text("p", self.say("limits about").format(days=DAYS)).classes("lw-note")
        if self.can and not self.visitor.session:
            text("p", self.say("second needs accounts")).classes("lw-note")
        text("h2", self.say("waits for a second person"))
        self.waiting = Listed("waits for a second person", _WAITING, self.language, "no change waits")
        self.waiting.on_deed(self.answer)
        text("h2", self.say("limits"))
        self.filter = ui.input(self.say("filter"), value=alarm).props("outlined dense clearable").classes("lw-filter")
        self.filter.mark("filter").on_value_change(lambda: self.list())
        self.limits = Listed("limits", _LIMITS, self.language, "no limits").on_deed(self.change)
        self.more = text("p", "").classes("lw-note")
        text("h2", self.say("changes before"))
        self.before = Listed("changes before", _CHANGES, self.language, "no change yet")
        ui.timer(_LOOK_S, self.look)

    async def look(self) -> None:
        """Put up what holds and what waits, when the journal says more than before."""
        new = await asyncio.to_thread(self.followed.follow, self.desk.journal)
        if new or not self.held:
            self.rows += new
            self.held = _limits(self.desk.live, self.rows)
            self.changes = limit_changes(self.rows)
            self.waiting.show([self._waits(one) for held in self.changes.values() for one in held if one.waiting])
            self.before.show([self._before(row) for row in self.rows[-_BEFORE:][::-1]])
            self.list()

    def list(self) -> None:
        """Put up the limits that the filter lets through."""
        words = str(self.filter.value or "").lower().split()
        found = [one for one in self.held.values() if all(word in self._sought(one) for word in words)]
        self.limits.show([self._row(one, self.changes.get(one.alarm, ())) for one in found[:_MOST]])
        self.more.text = "" if len(found) <= _MOST else self.say("and more").format(n=len(found) - _MOST)

    def _sought(self, one: _Held) -> str:
        tag = one.rule.tag
        return f"{self._title(one)} {one.alarm} {self.titles.of(tag) if tag else ''}".lower()

    def _title(self, one: _Held) -> str:
        return self.titles.of_alarm(one.alarm)

    def _value(self, rule: AlarmRule | None, value: float) -> str:
        place = self.desk.live.place.get(rule.tag, -1) if rule is not None else -1
        return measured(self.desk.live, rule, place, value, self.titles) if place >= 0 else f"{value:g}"

    def _row(self, one: _Held, changes: Iterable[LimitChange]) -> Row:
        live = self.desk.live
        changed = next((change for change in changes if not change.waiting), None)
        row = next((row for row in live.limits if row.name == one.limit.row), None)
        where: str | tuple[str, str] = self.say("the chain")
        if row is not None:
            where = where_from(row, self.titles)
        if changed is not None:
            at = told_at(changed.at, live.timezone, self.desk.clock())
            where = (f"{self.say('changed by')} {changed.by}, {changed.second}",
                     f"{at} · {self.say('was')} {self._value(one.rule, one.chain.value)} · {changed.reason}")
        back = self._value(one.rule, one.limit.deadband).replace("°C", "K")
        return Row(one.alarm, [
            (self._title(one), one.alarm), self._value(one.rule, one.limit.value), back,
            self.say(f"priority {one.rule.priority}"), where,
        ], (("change limit", self.can and self.inquiries is not None),), "lw-changed" if changed is not None else "")

    def _waits(self, change: LimitChange) -> Row:
        held = self.held.get(change.alarm)
        rule = held.rule if held is not None else None
        mine = change.by == self.visitor.name
        return Row(change.alarm, [
            self._title(held) if held is not None else change.alarm, self._value(rule, change.was),
            self._value(rule, change.value), self._tested(change.backtest), who(change.by, self.language),
            change.reason, told_at(change.at, self.desk.live.timezone, self.desk.clock()),
        ], (("agree", self.can and not mine), ("disagree", self.can)))

    def _tested(self, found: dict[str, float]) -> str:
        time = duration(24.0 * found["days"], self.language)
        return self.say("back-test told").format(
            time=time, before=f"{found['before']:g}", after=f"{found['after']:g}")

    def _before(self, row: Written) -> Row:
        held = self.held.get(row.subject)
        return Row(str(row.number), [
            told_at(row.at, self.desk.live.timezone, self.desk.clock()),
            self._title(held) if held is not None else row.subject, self.say(f"event {row.event}"),
            self._value(held.rule if held is not None else None, row.value) if row.value is not None else "",
            who(row.user, self.language), row.note,
        ])

    def answer(self, deed: str, alarm: str) -> None:
        """Ask, after a word of confirmation, for a change to be agreed to or refused."""
        held = self.held.get(alarm)
        title = self._title(held) if held is not None else alarm
        confirm(self.desk, self.visitor, self.language, Wish(deed, alarm, title, note=deed == "disagree"))

    def change(self, _: str, alarm: str) -> None:
        """Open the dialog of a change."""
        if alarm in self.held and self.inquiries is not None:
            _Change(self, self.held[alarm], self.inquiries).open()


def _limits(live: Live, rows: Iterable[Written]) -> dict[str, _Held]:
    chain = {rule.name: rule for rule in live.rules}
    found = {}
    for rule in in_force(live, rows).rules:
        for limit, own in zip(rule.limits, chain[rule.name].limits, strict=True):
            alarm = alarm_name(rule.name, limit.level)
            found[alarm] = _Held(alarm, rule, limit, own)
    return found


class _Change:
    """The dialog of one change: a value, what the last 30 days would have said with it, a reason, and the asking."""

    def __init__(self, part: _Part, held: _Held, inquiries: Inquiries) -> None:
        self.part, self.held, self.inquiries = part, held, inquiries
        self.tested: dict[str, Any] | None = None
        self.key, self.asking = token_hex(16), False

    def open(self) -> None:
        """Open it."""
        part, limit = self.part, self.held.limit
        self.page = ui.context.client  # where the answer is told: by then the dialog, and all in it, is gone
        unit = judged_unit(part.desk.live, self.held.rule, part.language)
        with ui.dialog() as self.dialog, ui.card().classes("lw-dialog"):
            title = f"{part.say('limit change')}: {part._title(self.held)}"
            self.dialog.props["aria-label"] = title
            text("h2", title)
            text("p", part.say("now holds").format(value=part._value(self.held.rule, limit.value)))
            self.value = ui.number(part.say("new limit"), value=limit.value).props(f'outlined suffix="{unit}"')
            self.value.mark("value")
            self.back = ui.number(part.say("deadband"), value=limit.deadband, min=0.0)
            self.back.props(f'outlined suffix="{unit.replace("°C", "K")}"').mark("deadband")
            button = ui.button(part.say("try it").format(days=DAYS), on_click=self.test, color=None)
            button.classes("lw-button").mark("try")
            self.told = text("p", part.say("try first")).props("role=status").mark("told")
            self.note = ui.input(part.say("reason")).props("outlined").mark("note")
            with ui.element("div").classes("lw-buttons"):
                self.do = ui.button(part.say("ask for it"), on_click=self.ask, color=None).classes("lw-do").mark("ask")
                kept_by(self.do, {self.key: title})
                ui.button(part.say("cancel"), on_click=self.dialog.close, color=None).classes("lw-button")
            self.timer = ui.timer(1.0, self.look)
        self.dialog.on("hide", self.gone)
        self.dialog.open()

    def gone(self) -> None:
        """Leave no dialog behind, and no wish that was called off."""
        self.dialog.delete()
        if not self.asking:
            with self.page:
                heard(self.key)

    def _wanted(self) -> tuple[float, float] | None:
        value, back = self.value.value, self.back.value
        return None if value is None or back is None or back < 0.0 else (float(value), float(back))

    async def test(self) -> None:
        """Start the back-test."""
        part, wanted = self.part, self._wanted()
        now = part.desk.still(part.visitor)
        if wanted is None or now is None or not may(now.role, "limit"):
            self.told.text = part.say("say expected" if wanted is None else "not yours to do")
            return
        try:
            begun = await asyncio.to_thread(self.inquiries.backtest, now.name, self.held.alarm, *wanted, DAYS)
        except WatchError as error:
            self.told.text = error.told(part.language)
            return
        if not begun:
            self.told.text = part.say("another runs")
        await self.look()

    async def look(self) -> None:
        """Say how the back-test of what is wanted is."""
        part, wanted = self.part, self._wanted()
        errand = await asyncio.to_thread(self.inquiries.last, BACKTEST)
        asked_for = (self.held.alarm, *wanted) if wanted is not None else None
        self.tested = None
        if errand is not None and self._is(errand, asked_for):
            self.told.text = self._of(errand)
        elif wanted is None:
            self.told.text = part.say("say expected")
        elif self.told.text != part.say("another runs"):
            self.told.text = part.say("try first")
        self.do.set_enabled(self.tested is not None)

    def _is(self, errand: Errand, asked_for: tuple[str, float, float] | None) -> bool:
        fresh = not errand.ended or errand.ended > now_ms() - _FRESH_MS
        return fresh and asked_for == tuple(errand.asked.get(name) for name in ("alarm", "value", "deadband"))

    def _of(self, errand: Errand) -> str:
        part = self.part
        if errand.status == "running":
            took = lasting((now_ms() - errand.began) / 1000.0, part.language)
            return f"{part.say('is tried')} {took}"
        if errand.status != "done":
            return f"{part.say(errand.status)}: {errand.says(part.language)}"
        found = errand.answer()
        self.tested = {"days": found["days"], "before": found["before"], "after": found["after"],
                       "samples": found["samples"]}
        return part._tested(self.tested)

    async def ask(self) -> None:
        """Ask for the change, with what was tried."""
        part, wanted, note = self.part, self._wanted(), (self.note.value or "").strip()
        if not note:
            self.note.props(f'error error-message="{part.say("say why")}"')
            heard(self.key)
            return
        await self.look()
        if wanted is None or self.tested is None:
            heard(self.key)
            return
        data = {"value": wanted[0], "deadband": wanted[1], "backtest": self.tested}
        self.asking = True
        self.dialog.close()
        done, told = await asked(
            part.desk, part.visitor, "limit", self.held.alarm, note, data, language=part.language, key=self.key,
        )
        with self.page:
            tell(self.key, told, done=done)
