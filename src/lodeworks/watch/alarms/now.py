"""What the alarms are now, as read back from the journal: one record an alarm, the last its rows tell.

The engine writes into each row of an alarm what the alarm is after it, so that any reader has the list of the desk at
any time by folding rows: those up to a row written then give what the desk knew then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lodeworks.watch.journal import Row

__all__ = ["AlarmNow", "fold"]


@dataclass(frozen=True, slots=True)
class AlarmNow:
    """An alarm that is not simply normal.

    Parameters
    ----------
    alarm, rule, level, priority, desk, group
        What it is: `alarm` is ``rule:level``.
    condition
        One of `states.Condition`, in words.
    covers
        Any of ``shelved``, ``suppressed``, ``out of service``.
    silent
        Whether its sound was silenced.
    occurrence, since, began, ended
        Its last occurrence: number, and times by source (ms).
    value
        What was measured then.
    announced, told
        When (ms) the desk was last told, and how often of this occurrence; 0 for never.
    respond_by
        When (ms) the time allowed for the response runs out; 0 when nobody was told.
    acknowledged, acknowledged_by, note
        When and by whom, 0 and empty for not yet.
    shelved_until, shelved_by, reason
        Of shelving and taking out of service.
    causes
        What suppresses it by design.
    simulated
        Whether it came of a rehearsal's samples.
    """

    alarm: str
    rule: str
    level: str
    priority: int
    desk: str
    group: str
    condition: str = "normal"
    covers: tuple[str, ...] = ()
    silent: bool = False
    occurrence: int = 0
    since: int = 0
    began: int = 0
    ended: int | None = None
    value: float | None = None
    announced: int = 0
    told: int = 0
    respond_by: int = 0
    acknowledged: int = 0
    acknowledged_by: str = ""
    note: str = ""
    shelved_until: int = 0
    shelved_by: str = ""
    reason: str = ""
    causes: tuple[str, ...] = ()
    simulated: bool = False

    @property
    def active(self) -> bool:
        """Whether what it watches is so."""
        return self.condition.startswith("active")

    @property
    def unacknowledged(self) -> bool:
        """Whether it waits for somebody to acknowledge it."""
        return self.condition.endswith("unacknowledged")

    @property
    def sounds(self) -> bool:
        """Whether it is to be heard."""
        return self.unacknowledged and not self.covers and not self.silent

    @property
    def shown(self) -> bool:
        """Whether it belongs in the list of alarms: not normal, and not covered."""
        return self.condition != "normal" and not self.covers

    def as_data(self) -> dict[str, Any]:
        """Return the fields as JSON can hold them, but for those that are empty."""
        return {name: list(value) if isinstance(value, tuple) else value
                for name in self.__slots__ for value in [getattr(self, name)]
                if value is not None and (name == "value" or value not in ("", 0, (), False))}

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> AlarmNow:
        """Make the record again."""
        named = {"level": "", "group": "", "desk": "", **data}
        for name in ("covers", "causes"):
            named[name] = tuple(named.get(name, ()))
        return cls(**named)


def fold(rows: Iterable[Row], before: dict[str, AlarmNow] | None = None) -> dict[str, AlarmNow]:
    """Return what the alarms are after some rows, by name; normal ones that nothing covers are left out.

    `before` is what they were before these rows, so that a reader can go on with new ones only.
    """
    found = dict(before or {})
    for row in rows:
        if row.kind != "alarm" or "now" not in row.data:
            continue
        alarm = AlarmNow.of_data(row.data["now"])
        if alarm.condition == "normal" and not alarm.covers:
            found.pop(alarm.alarm, None)
        else:
            found[alarm.alarm] = alarm
    return found
