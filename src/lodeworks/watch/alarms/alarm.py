"""One alarm as the desk has it: its state, its occurrence, who did what to it; and how that is told and kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lodeworks.network.live import AlarmRule
from lodeworks.watch.alarms.now import AlarmNow
from lodeworks.watch.alarms.states import Condition, State

__all__ = ["Alarm"]


@dataclass
class Alarm:
    """One alarm that is, or lately was, more than normal; the fields are those of `AlarmNow`.

    `lift` is when (ms by the clock) suppression whose causes are gone ends, `re_alarm` when it is announced again; 0
    for neither.
    """

    state: State = field(default_factory=State)
    occurrence: int = 0
    since: int = 0
    began: int = 0
    ended: int | None = None
    value: float | None = None
    announced: int = 0
    told: int = 0
    acknowledged: int = 0
    acknowledged_by: str = ""
    note: str = ""
    shelved_until: int = 0
    shelved_by: str = ""
    reason: str = ""
    causes: list[str] = field(default_factory=list)
    simulated: bool = False
    lift: int = 0
    re_alarm: int = 0

    @property
    def quiet(self) -> bool:
        """Whether it can be forgotten: normal, and nothing lies over it."""
        return self.state == State() and not self.causes

    def begin(self, number: int, since: int, *, simulated: bool) -> None:
        """Let another occurrence begin, or the present one again."""
        if number != self.occurrence:
            self.told = self.acknowledged = 0
            self.acknowledged_by = self.note = ""
        self.occurrence, self.since, self.simulated = number, since, simulated

    def now(self, name: str, level: str, rule: AlarmRule) -> AlarmNow:
        """Return what it is, under its name and of its rule."""
        state = self.state
        covers = [word for word, lies in (("shelved", state.shelved), ("suppressed", state.suppressed),
                                          ("out of service", state.out_of_service)) if lies]
        respond = self.announced + round(rule.respond_s * 1000) if self.told else 0
        return AlarmNow(
            name, rule.name, level, rule.priority, rule.desk, rule.group, str(state.condition), tuple(covers),
            state.silent, self.occurrence, self.since, self.began, self.ended, self.value,
            self.announced if self.told else 0, self.told, respond, self.acknowledged, self.acknowledged_by, self.note,
            self.shelved_until, self.shelved_by, self.reason, tuple(self.causes), self.simulated,
        )

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON can hold it."""
        state = self.state
        return {**vars(self), "state": [state.condition.value, state.shelved, state.suppressed, state.out_of_service,
                                        state.silent]}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Alarm:
        """Make it again."""
        condition, *flags = kept["state"]
        return cls(**{**kept, "state": State(Condition(condition), *flags)})
