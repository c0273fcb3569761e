"""Incidents: an emergency as a list of steps with clocks, read back from the journal.

Everything that is known of one is in its rows: who opened it, who has which part, what was done when, how many people
were still in each zone, which roadways were blocked, what was written down. A drill is the same with a mark on it. How
rows come about is in `rescue`; what becomes of them on paper in `incident_report`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from lodeworks.network.live import Incident, Live
from lodeworks.watch.journal import Row

__all__ = ["IncidentNow", "PartNow", "StepNow", "ZoneNow", "incidents", "take"]


@dataclass(frozen=True)
class PartNow:
    """A role, and who has it (empty: nobody yet), by which row of the journal."""

    role: str
    title_en: str
    title_zh: str
    person: str = ""
    row: int = 0


@dataclass(frozen=True)
class StepNow:
    """A step: to be done by `due` (ms); `done` when and by whom (0, empty: not yet), by which row.

    A step that clears a zone is done by nobody when the zone is empty.
    """

    name: str
    text_en: str
    text_zh: str
    role: str
    within_s: float
    due: int
    clears: str = ""
    done: int = 0
    done_by: str = ""
    row: int = 0

    def late(self, now: int) -> bool:
        """Whether it was done, or still is to be done, after its time."""
        return (self.done or now) > self.due


@dataclass(frozen=True)
class ZoneNow:
    """How many people were last counted in a zone, when, by which row; None is not known."""

    zone: str
    title_en: str
    title_zh: str
    count: int | None = None
    at: int = 0
    row: int = 0


@dataclass(frozen=True)
class IncidentNow:
    """One incident: `name` is its own, such as ``gas-2``; times are ms, `closed` 0 while it is open; `log` its rows."""

    name: str
    incident: str
    title_en: str
    title_zh: str
    drill: bool
    opened: int
    opened_by: str
    alarm: str
    parts: tuple[PartNow, ...]
    steps: tuple[StepNow, ...]
    zones: tuple[ZoneNow, ...]
    contacts: tuple[tuple[str, str], ...] = ()
    blocked: tuple[str, ...] = ()
    closed: int = 0
    closed_by: str = ""
    log: tuple[Row, ...] = field(default=(), repr=False)

    @property
    def people(self) -> int:
        """How many people were last counted in the zones to be left."""
        return sum(zone.count or 0 for zone in self.zones)

    def late(self, now: int) -> tuple[StepNow, ...]:
        """Return the steps that were done late, or are late and not done."""
        return tuple(step for step in self.steps if step.late(self.closed or now))


def incidents(live: Live, rows: Iterable[Row]) -> list[IncidentNow]:
    """Return every incident that rows of the journal tell of, in the order they were opened."""
    found: dict[str, IncidentNow] = {}
    for row in rows:
        take(live, found, row)
    return list(found.values())


def take(live: Live, found: dict[str, IncidentNow], row: Row) -> None:
    """Take one row into what is known of incidents, by name."""
    if row.kind != "incident":
        return
    if row.event == "opened":
        kinds = {incident.name: incident for incident in live.incidents}
        if row.data["incident"] in kinds:
            found[row.subject] = _opened(live, kinds[row.data["incident"]], row)
        return
    if row.subject in found:
        was = found[row.subject]
        found[row.subject] = replace(_after(was, row), log=(*was.log, row))


def _opened(live: Live, kind: Incident, row: Row) -> IncidentNow:
    zones = {zone.name: zone for zone in live.zones}
    named = [*kind.zones, *(step.clears for step in kind.steps if step.clears)]
    return IncidentNow(
        row.subject, kind.name, kind.title_en, kind.title_zh, bool(row.data.get("drill")), row.at, row.user,
        str(row.data.get("alarm", "")), tuple(PartNow(*role) for role in kind.roles),
        tuple(StepNow(step.name, step.text_en, step.text_zh, step.role, step.within_s,
                      row.at + round(step.within_s * 1000), step.clears) for step in kind.steps),
        tuple(ZoneNow(name, zones[name].title_en, zones[name].title_zh) for name in dict.fromkeys(named)
              if name in zones),
        kind.contacts, log=(row,),
    )


def _after(was: IncidentNow, row: Row) -> IncidentNow:
    data = row.data
    if row.event == "part":
        parts = (replace(part, person=data["person"], row=row.number) if part.role == data["role"] else part
                 for part in was.parts)
        return replace(was, parts=tuple(parts))
    if row.event in ("step", "step undone"):
        done = row.event == "step"
        steps = (replace(step, done=row.at if done else 0, done_by=row.user if done else "", row=row.number)
                 if step.name == data["step"] else step for step in was.steps)
        return replace(was, steps=tuple(steps))
    if row.event == "count":
        count = None if row.value is None else round(row.value)
        zones = (replace(zone, count=count, at=row.at, row=row.number) if zone.zone == data["zone"] else zone
                 for zone in was.zones)
        return replace(was, zones=tuple(zones))
    if row.event == "blocked":
        return replace(was, blocked=(*was.blocked, data["roadway"]))
    if row.event == "unblocked":
        return replace(was, blocked=tuple(name for name in was.blocked if name != data["roadway"]))
    if row.event == "closed":
        return replace(was, closed=row.at, closed_by=row.user)
    return was
