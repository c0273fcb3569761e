"""Rescue: what opens an incident and what people do in one, as rows for the journal.

An alarm that starts a kind of incident opens one when it is announced; so does a person. While one is open, every
change of the number of people in its zones is put down, and a step that clears a zone is done when the zone is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lodeworks.network.live import Live
from lodeworks.watch.deeds import Answer, Deed
from lodeworks.watch.incidents import IncidentNow, StepNow, take
from lodeworks.watch.journal import Row
from lodeworks.watch.sentence import Sentence, no_such

__all__ = ["Counted", "Rescue"]

Counted = Callable[[str], tuple[float, int] | None]
"""The last value of a tag and its time (ms), None when it is not known."""

_Does = Callable[["Rescue", IncidentNow, Deed, int], "list[Row] | Sentence"]


class Rescue:
    """The incidents of a chain as they go on; `rows` are those of the journal so far."""

    def __init__(self, live: Live, rows: Iterable[Row] = ()) -> None:
        self.live = live
        self.known: dict[str, IncidentNow] = {}
        for row in rows:
            take(live, self.known, row)
        self._starts: dict[str, list[str]] = {}
        for incident in live.incidents:
            for rule in incident.starts:
                self._starts.setdefault(rule, []).append(incident.name)
        self._count = {zone.name: zone.count for zone in live.zones}

    def open(self) -> list[IncidentNow]:
        """Return the incidents that are open."""
        return [incident for incident in self.known.values() if not incident.closed]

    def look(self, rows: Iterable[Row], counted: Counted) -> list[Row]:
        """Return the rows that new rows and new counts of people bring about."""
        made: list[Row] = []
        for row in rows:
            if row.kind == "alarm" and row.event == "announced":
                for kind in self._starts.get(row.data["rule"], ()):
                    made += self._by_alarm(kind, row)
        for incident in self.open():
            made += self._counts(incident, counted)
        return made

    def _by_alarm(self, kind: str, row: Row) -> list[Row]:
        going = next((one for one in self.open() if one.incident == kind), None)
        data = {"alarm": row.subject, "value": row.value}
        if going is not None:
            if row.data.get("again"):
                return []
            return self._put([Row(row.at, "incident", going.name, "alarm", value=row.value, data=data)])
        drill = bool(row.data["now"].get("simulated"))
        return self._put([self._opened(kind, row.at, "", drill=drill, alarm=row.subject, value=row.value)])

    def _opened(self, kind: str, at: int, user: str, *, drill: bool, alarm: str = "", value: float | None = None,
                note: str = "") -> Row:
        number = 1 + sum(one.incident == kind for one in self.known.values())
        return Row(at, "incident", f"{kind}-{number}", "opened", user, value, note,
                   {"incident": kind, "drill": drill, "alarm": alarm}, f"{kind}-{number}:opened")

    def _put(self, rows: list[Row]) -> list[Row]:
        for row in rows:
            take(self.live, self.known, row)
        return rows

    def _counts(self, incident: IncidentNow, counted: Counted) -> list[Row]:
        made: list[Row] = []
        for zone in incident.zones:
            found = counted(self._count.get(zone.zone, ""))
            if found is None:
                continue
            value, at = found
            if zone.at == 0 or round(value) != zone.count:
                made += self._put([Row(max(at, incident.opened), "incident", incident.name, "count", value=round(value),
                                       data={"zone": zone.zone})])
                made += self._put([
                    Row(max(at, incident.opened), "incident", incident.name, "step", note="the zone is empty",
                        data={"step": step.name, "zone": zone.zone, "note_zh": "区域内已无人员"})
                    for step in incident.steps if step.clears == zone.zone and round(value) == 0 and not step.done
                ])
        return made

    def apply(self, deed: Deed, at: int) -> tuple[Answer, list[Row]]:
        """Do what somebody asks; return the answer and the rows."""
        if deed.kind == "incident_open":
            kinds = [incident.name for incident in self.live.incidents]
            if deed.subject not in kinds:
                return Answer(False, *no_such("kind of incident", "应急类型", deed.subject, kinds)), []
            row = self._opened(deed.subject, at, deed.user, drill=bool(deed.data.get("drill")), note=deed.note)
            return Answer(True, row.subject), self._put([row])
        incident = self.known.get(deed.subject)
        if incident is None:
            return Answer(False, *no_such("incident", "应急事件", deed.subject, self.known)), []
        if incident.closed and deed.kind != "incident_note":
            return Answer(False, f"{deed.subject} is closed", f"{deed.subject}已结束"), []
        made = DEEDS[deed.kind](self, incident, deed, at)
        if isinstance(made, Sentence):
            return Answer(False, *made), []
        return Answer(True), self._put(made)


def _row(incident: IncidentNow, deed: Deed, at: int, event: str, **data: str) -> list[Row]:
    return [Row(at, "incident", incident.name, event, deed.user, note=deed.note, data=data)]


def _part(_: Rescue, incident: IncidentNow, deed: Deed, at: int) -> list[Row] | Sentence:
    role, person = str(deed.data.get("role", "")), str(deed.data.get("person", "")).strip()
    if role not in {part.role for part in incident.parts}:
        return _none("role", "角色", role, (part.role for part in incident.parts))
    if not person:
        return Sentence("say who has the role", "请填写由谁担任")
    return _row(incident, deed, at, "part", role=role, person=person)


def _none(en: str, zh: str, word: str, known: Iterable[str]) -> Sentence:
    """Say that there is none of a name, and which there are."""
    names = list(known)
    return Sentence(f"there is no {en} {word!r}; there are {', '.join(names)}",
                   f"没有此{zh}：{word}；可选{'、'.join(names)}")


def _step_of(incident: IncidentNow, deed: Deed) -> StepNow | Sentence:
    name = str(deed.data.get("step", ""))
    step = next((step for step in incident.steps if step.name == name), None)
    return step or _none("step", "步骤", name, (step.name for step in incident.steps))


def _step(_: Rescue, incident: IncidentNow, deed: Deed, at: int) -> list[Row] | Sentence:
    step = _step_of(incident, deed)
    if isinstance(step, Sentence):
        return step
    if step.done:
        return Sentence("it is done already", "该步骤已完成")
    zone = next((zone for zone in incident.zones if zone.zone == step.clears), None)
    if zone is not None and zone.count:
        return Sentence(f"{zone.count} are still counted in {zone.title_en or zone.zone}",
                       f"{zone.title_zh or zone.zone}内仍有{zone.count}人")
    return _row(incident, deed, at, "step", step=step.name)


def _undo(_: Rescue, incident: IncidentNow, deed: Deed, at: int) -> list[Row] | Sentence:
    step = _step_of(incident, deed)
    if isinstance(step, Sentence):
        return step
    if not step.done:
        return Sentence("it is not done", "该步骤尚未完成")
    return _row(incident, deed, at, "step undone", step=step.name)


def _block(rescue: Rescue, incident: IncidentNow, deed: Deed, at: int) -> list[Row] | Sentence:
    name = str(deed.data.get("roadway", ""))
    known = [roadway.name for roadway in rescue.live.roadways]
    if name not in known:
        return no_such("roadway", "巷道", name, known)
    if (deed.kind == "incident_block") is (name in incident.blocked):
        return Sentence("it is so already", "已是此状态")
    return _row(incident, deed, at, "blocked" if deed.kind == "incident_block" else "unblocked", roadway=name)


def _call(_: Rescue, incident: IncidentNow, deed: Deed, at: int) -> list[Row] | Sentence:
    name = str(deed.data.get("contact", ""))
    if name not in dict(incident.contacts):
        return _none("contact", "通知对象", name, dict(incident.contacts))
    return _row(incident, deed, at, "called", contact=name)


def _note(_: Rescue, incident: IncidentNow, deed: Deed, at: int) -> list[Row] | Sentence:
    if not deed.note.strip():
        return Sentence("a note needs words", "记录内容不能为空")
    return _row(incident, deed, at, "noted")


def _close(_: Rescue, incident: IncidentNow, deed: Deed, at: int) -> list[Row] | Sentence:
    undone = [step for step in incident.steps if not step.done]
    if undone and not deed.note.strip():
        return Sentence(f"not done: {'; '.join(step.text_en or step.name for step in undone)}. "
                       "Say why it is closed all the same",
                       f"尚未完成：{'；'.join(step.text_zh or step.name for step in undone)}。请说明为何仍要结束")
    return _row(incident, deed, at, "closed")


DEEDS: dict[str, _Does] = {
    "incident_part": _part, "incident_step": _step, "incident_undo": _undo, "incident_block": _block,
    "incident_unblock": _block, "incident_call": _call, "incident_note": _note, "incident_close": _close,
}
"""What can be done in an incident, by the deed's kind; ``incident_open`` (of a kind of incident) opens one.

They take ``role`` and ``person``; ``step``; ``roadway``; ``contact``; a note.
"""
