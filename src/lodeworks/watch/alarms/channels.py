"""Channels: every alarm rule at each of its levels, as columns, so that whole batches of samples are judged at once.

One channel is one alarm. Those that one tag decides stand first, by tag; those over an expression stand last. What is
judged, and how, is for `detect` and `conditions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import InputError, Problem
from lodeworks.network.live import ALARM_KINDS, LEVELLED, AlarmRule, Limit, Live

__all__ = ["KINDS", "STALE_PERIODS", "Channels", "alarm_name", "channels_of"]

KINDS = tuple(ALARM_KINDS)
"""The kinds of rules; a channel's `kind` is its place here."""

STALE_PERIODS = 3
"""A tag is stale when no sample came for so many of its periods."""

_NONE = Limit("", "high", 0.5)  # of an expression without limits: true is 1


@dataclass
class Channels:
    """Columns of equal length, one place an alarm.

    `tag` is -1 over an expression. `side` is 1 above a limit and -1 below; `value` and `deadband` are in the tag's
    unit, an hour for rates, hours for time left; times are ms. `ends` are the levels below and above where that is
    nought, shape (alarms, 2), and `loss` the share of a level that is lost an hour. `first` and `count` say for each
    tag which channels are its own. `states` are pairs (channel, state) of discrete rules. `limits` are changes of
    limits: channel: [(from ms, value, deadband)], the oldest being those of the chain.
    """

    rules: list[AlarmRule]
    names: list[str]
    levels: list[str]
    tag: NDArray[np.int32]
    kind: NDArray[np.int8]
    side: NDArray[np.float64]
    value: NDArray[np.float64]
    deadband: NDArray[np.float64]
    on_ms: NDArray[np.int64]
    off_ms: NDArray[np.int64]
    window_ms: NDArray[np.int64]
    ends: NDArray[np.float64]
    loss: NDArray[np.float64]
    states: NDArray[np.int64]
    first: NDArray[np.int64]
    count: NDArray[np.int64]
    period_ms: NDArray[np.int64]
    place: dict[str, int] = field(default_factory=dict)
    limits: dict[int, list[tuple[int, float, float]]] = field(default_factory=dict)
    by_rule: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Number the alarms and gather those of each rule."""
        for number, (name, rule) in enumerate(zip(self.names, self.rules, strict=True)):
            self.place[name] = number
            self.by_rule.setdefault(rule.name, []).append(number)

    def __len__(self) -> int:
        return len(self.names)

    def of_rule(self, name: str) -> list[int]:
        """Return the channels of a rule, or the one of an alarm, by name."""
        return [self.place[name]] if name in self.place else self.by_rule.get(name, [])

    def of_kind(self, kind: str) -> NDArray[np.intp]:
        """Return the channels of a kind."""
        return np.flatnonzero(self.kind == KINDS.index(kind))

    def change(self, channel: int, at: int, value: float, deadband: float) -> None:
        """Let a limit be another from a time on; what lies before is judged by what held then."""
        past = self.limits.setdefault(
            channel, [(-(2**62), float(self.value[channel]), float(self.deadband[channel]))])
        past.append((at, value, deadband))
        self.value[channel], self.deadband[channel] = value, deadband


def alarm_name(rule: str, level: str) -> str:
    """Return the name of a rule's alarm at a level: ``gas:HH``, or the rule's own name where it has no levels."""
    return f"{rule}:{level}" if level else rule


def channels_of(live: Live, rules: Sequence[AlarmRule] | None = None) -> Channels:
    """Return the channels of a chain's rules, or of some.

    Raises
    ------
    InputError
        If a rule is of a kind that is not known, or of a tag or expression that is not there.
    """
    problems: list[Problem] = []
    made: list[tuple[int, AlarmRule, Limit]] = []
    for rule in live.rules if rules is None else rules:
        where = f"alarms.{rule.name}"
        if rule.kind not in KINDS:
            problems.append(Problem("unknown kind", element=where, key="kind", found=rule.kind,
                                    expected=", ".join(KINDS)))
        elif rule.kind == "expression" and rule.program is None:
            problems.append(Problem("an expression that was not made ready", element=where, key="expression"))
        elif rule.kind != "expression" and rule.tag not in live.place:
            problems.append(Problem("no such tag", element=where, key="tag", found=rule.tag))
        else:
            tag = -1 if rule.kind == "expression" else live.place[rule.tag]
            levelled = rule.kind in LEVELLED and rule.limits
            made += [(tag, rule, limit) for limit in (rule.limits if levelled else (_NONE,))]
    if problems:
        raise InputError(problems)
    made.sort(key=lambda one: one[0] if one[0] >= 0 else len(live.tags))
    tags = np.array([tag for tag, _, _ in made], np.int32)
    levels = [limit.level for _, _, limit in made]
    names = [alarm_name(rule.name, level) for (_, rule, _), level in zip(made, levels, strict=True)]
    states = [(number, state) for number, (_, rule, _) in enumerate(made) if rule.kind == "discrete"
              for state in rule.states]
    number_of = np.arange(len(live.tags), dtype=np.int32)
    first = np.searchsorted(tags[tags >= 0], number_of)
    after = np.searchsorted(tags[tags >= 0], number_of, side="right")

    def ms(seconds: Sequence[float]) -> NDArray[np.int64]:
        return np.round(np.asarray(seconds, np.float64) * 1000.0).astype(np.int64)

    return Channels(
        [rule for _, rule, _ in made], names, levels, tags,
        np.array([KINDS.index(rule.kind) for _, rule, _ in made], np.int8),
        np.array([1.0 if limit.side == "high" else -1.0 for _, _, limit in made]),
        np.array([limit.value for _, _, limit in made], np.float64),
        np.array([limit.deadband for _, _, limit in made], np.float64),
        ms([rule.on_delay_s for _, rule, _ in made]), ms([rule.off_delay_s for _, rule, _ in made]),
        ms([rule.window_s for _, rule, _ in made]),
        np.array([rule.ends for _, rule, _ in made], np.float64).reshape(-1, 2),
        np.array([rule.loss for _, rule, _ in made], np.float64),
        np.array(states, np.int64).reshape(-1, 2), first.astype(np.int64), (after - first).astype(np.int64),
        ms([tag.period_s for tag in live.tags]),
    )
