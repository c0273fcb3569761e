"""Limits in force: those of the chain, and the changes to them that two people agreed on, read from the journal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lodeworks.network.live import Live
from lodeworks.watch.alarms.channels import alarm_name
from lodeworks.watch.journal import Row

__all__ = ["LimitChange", "in_force", "limit_changes"]


@dataclass(frozen=True)
class LimitChange:
    """A change of an alarm's limit from `was` to `value`: asked `by` somebody with a reason and a back-test's counts.

    `second` agreed to it at `at` (ms); while `waiting`, nobody has and `at` is when it was asked. `row` is that of the
    journal.
    """

    alarm: str
    value: float
    deadband: float
    was: float
    by: str
    reason: str
    backtest: dict[str, float]
    at: int
    row: int
    second: str = ""

    @property
    def waiting(self) -> bool:
        """Whether a second person is still to agree."""
        return not self.second


def limit_changes(rows: Iterable[Row]) -> dict[str, list[LimitChange]]:
    """Return by alarm the changes that are in force (at most one) and that wait for a second person (at most one)."""
    held: dict[str, LimitChange] = {}
    asked: dict[str, LimitChange] = {}
    for row in rows:
        if row.kind != "limit":
            continue
        if row.event in ("asked", "changed"):
            data = row.data
            change = LimitChange(row.subject, data["value"], data["deadband"], data["was"], data["by"], data["reason"],
                                 dict(data["backtest"]), row.at, row.number, data.get("second", ""))
            (asked if change.waiting else held)[row.subject] = change
        if row.event in ("changed", "refused"):
            asked.pop(row.subject, None)
        if row.event == "by the chain":
            held.pop(row.subject, None)
    return {name: [*([held[name]] if name in held else []), *([asked[name]] if name in asked else [])]
            for name in sorted({*held, *asked})}


def in_force(live: Live, rows: Iterable[Row]) -> Live:
    """Return what is watched with the limits that are in force now, for screens and for back-tests."""
    changes = {name: change for name, held in limit_changes(rows).items() for change in held if not change.waiting}
    if not changes:
        return live
    rules = []
    for rule in live.rules:
        limits = []
        for limit in rule.limits:
            change = changes.get(alarm_name(rule.name, limit.level))
            limits.append(limit if change is None else
                          replace(limit, value=change.value, deadband=change.deadband, row=""))
        rules.append(replace(rule, limits=tuple(limits)))
    return replace(live, rules=tuple(rules), place={})
