"""Suppression by design: the conditions under which alarms are not announced, worked out as samples and alarms come.

Each condition stands once for all the alarms it is written for. Those over tags are worked out with every batch; those
over other rules, when such a rule begins or ends. What lies over an alarm then is for the `desk`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from lodeworks.network.live import Live
from lodeworks.watch.alarms.channels import Channels
from lodeworks.watch.alarms.conditions import Unless, unless_of, worked_out
from lodeworks.watch.alarms.courses import FAR
from lodeworks.watch.alarms.desk import Desk
from lodeworks.watch.alarms.judge import ALL, Judge, Scope
from lodeworks.watch.samples import Quality, Samples

__all__ = ["Held", "Suppression"]


class Held(NamedTuple):
    """From `at` (ms, source time; known since `known`) a condition `holds`, or no longer."""

    at: int
    known: int
    unless: Unless
    holds: bool


class Suppression:
    """The conditions of a chain, and which of them hold."""

    def __init__(self, live: Live, channels: Channels, judge: Judge, desk: Desk, urgent: Collection[str] = ()) -> None:
        self.conditions = unless_of(live, channels, urgent)
        self._judge, self._desk = judge, desk
        self._over: dict[int, list[int]] = {}
        self._of_rule: dict[str, list[Unless]] = {}
        for number, unless in enumerate(self.conditions):
            for tag in unless.tags.values():
                self._over.setdefault(tag, []).append(number)
            for rule in unless.rules:
                self._of_rule.setdefault(rule, []).append(unless)

    def parent(self, rule: str) -> bool:
        """Whether a rule suppresses others."""
        return rule in self._of_rule

    def sampled(self, batch: Samples, scope: Scope = ALL) -> list[Held]:
        """Work out the conditions over what was sampled, in a batch sorted by tag."""
        since: dict[int, int] = {}
        start: list[int] = []
        if self._over and len(batch):
            start = np.flatnonzero(np.concatenate([[True], batch.tag[1:] != batch.tag[:-1]])).tolist()
        for row in start:
            for number in self._over.get(int(batch.tag[row]), ()):
                since[number] = min(since.get(number, FAR), int(batch.at[row]))
        found: list[Held] = []
        for number, first in since.items():
            unless = self.conditions[number]
            if scope.urgent not in (None, unless.urgent):
                continue
            at, x, received = worked_out(unless.program, unless.tags, self._judge.memory, first, unless.rules,
                                         self._desk.active)
            holds = unless.holds
            for when, value, known in zip(at.tolist(), x.tolist(), received.tolist(), strict=True):
                if when <= scope.upto(unless.urgent) and _true(value) != holds:
                    holds = not holds
                    found.append(Held(when, max(known, scope.known), unless, holds))
        return found

    def happened(self, rule: str, at: int, known: int) -> None:
        """Look again at the conditions over a rule that began or ended."""
        for unless in self._of_rule.get(rule, ()):
            columns: dict[str, float] = {name: float(self._desk.active(name)) for name in unless.rules}
            columns |= {name: self._value(tag) for name, tag in unless.tags.items()}
            self.hold(Held(at, known, unless, _true(float(unless.program(columns)))))

    def _value(self, tag: int) -> float:
        known = self._judge.known
        return float("nan") if known.quality[tag] == Quality.BAD else float(known.value[tag])

    def hold(self, held: Held) -> None:
        """Let a condition hold, or no longer."""
        unless = held.unless
        if held.holds == unless.holds:
            return
        unless.holds = held.holds
        if held.holds:
            self._desk.lay(unless.channels, unless.text, held.at)
        else:
            self._desk.unlay(unless.channels, unless.text, held.at, held.known)


def _true(value: float) -> bool:
    """Whether a condition is true; the unknown suppresses nothing."""
    return value == value and value != 0.0
