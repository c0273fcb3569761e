"""Back-test: what a rule would have said of the past, with its limits as they are or as somebody wants them.

The engine itself judges the stored samples again, suppression by design and calibration included, so that with
unchanged limits it finds what the journal has. What people did then (acknowledging, shelving) is not done again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.errors import InputError, Problem, nearest
from lodeworks.network.live import AlarmRule, Live
from lodeworks.watch.alarms.channels import STALE_PERIODS
from lodeworks.watch.alarms.detect import Target
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.journal import Journal
from lodeworks.watch.occurrences import Occurrence
from lodeworks.watch.samples import Samples

if TYPE_CHECKING:
    from lodeworks.watch.history import History

__all__ = ["DAYS", "BackTest", "back_test"]

DAYS = 30
"""How far back a change of a limit is tried, in days."""

_DAY = 86_400_000
_STEP = 600_000  # fed at a time


@dataclass(frozen=True)
class BackTest:
    """What a rule would have said from `since` to `until` (ms), which is what was asked for or since watching began.

    Parameters
    ----------
    occurrences
        When its alarms would have been on.
    announced
        How often the desk would have been told.
    samples
        How many samples of its tags were judged.
    """

    rule: str
    since: int
    until: int
    occurrences: tuple[Occurrence, ...]
    announced: int
    samples: int

    @property
    def days(self) -> float:
        """How many days were judged."""
        return (self.until - self.since) / _DAY


def back_test(
    live: Live, rule: str, history: History, until: int, *, days: float = DAYS,
    limits: Mapping[str, tuple[float, float]] | None = None, target: Target | None = None, began: int | None = None,
) -> BackTest:
    """Judge the stored samples of a rule again.

    Parameters
    ----------
    rule
        The name of a rule of the chain.
    until, days
        The stretch: so many days up to a time (ms).
    limits
        Other limits, by level: (value, deadband). Levels not named stay as they are.
    target
        What the plan has; rules of deviation are nothing without.
    began
        When (ms) watching began; nothing was silent before, and only what was sampled earlier is judged too.

    Raises
    ------
    InputError
        If there is no such rule or level, or a rule that is held against a plan and no plan.
    """
    by_name = {one.name: one for one in live.rules}
    if rule not in by_name:
        raise InputError(Problem("no such alarm rule", element=f"alarms.{rule}", suggestion=nearest(rule, by_name)))
    tried = _with_limits(by_name[rule], limits or {})
    rules = _with_parents(tried, by_name)
    planned = [one.name for one in rules if one.kind == "deviation"]
    if planned and target is None:
        raise InputError(Problem("this is held against a plan, and none is given", element=planned[0],
                                 expected="the run folder of the plan it was held against"))
    names = dict.fromkeys(name for one in rules for name in _tags_of(one, live))
    tags = [live.place[name] for name in names]
    small = replace(live, tags=tuple(live.tags[tag] for tag in tags), rules=tuple(rules), place={})
    since = until - round(days * _DAY)
    if began is not None:
        since = _first(history, tags, since, min(max(since, began), until))
    journal = Journal(":memory:")
    try:
        engine = Engine(small, journal, started=since, target=None if target is None else _renumbered(target, tags))
        count = 0
        for begin in range(since, until, _STEP):
            end = min(begin + _STEP, until)
            batch = Samples.joined([
                one.samples(number) for number, one in enumerate(history.read(tags, begin, end))
            ])
            count += len(batch)
            engine.feed(batch, end) if len(batch) else engine.tick(end)
        longest = max((small.tags[n].period_s for n in range(len(tags))), default=0.0) * STALE_PERIODS
        engine.tick(until + round(1000 * (longest + tried.on_delay_s + tried.off_delay_s)) + 1000)
        rows = [row for row in journal.since(0) if row.kind == "alarm" and row.data["rule"] == rule]
        found = [one for one in journal.occurrences() if one.rule == rule and one.began < until]
    finally:
        journal.close()
    announced = sum(row.event == "announced" and row.at < until for row in rows)
    return BackTest(rule, since, until, tuple(found), announced, count)


def _first(history: History, tags: list[int], since: int, until: int) -> int:
    """Return when the first sample between two times was taken; the latter if there is none."""
    for begin in range(since, until, _STEP):
        found = [one.at[0] for one in history.read(tags, begin, min(begin + _STEP, until)) if len(one.at)]
        if found:
            return int(min(found))
    return until


def _with_limits(rule: AlarmRule, limits: Mapping[str, tuple[float, float]]) -> AlarmRule:
    levels = [limit.level for limit in rule.limits]
    problems = [Problem("the rule has no limit of this level", element=f"alarms.{rule.name}", key=level,
                        expected=", ".join(levels)) for level in limits if level not in levels]
    if problems:
        raise InputError(problems)
    return replace(rule, limits=tuple(
        replace(limit, value=value, deadband=deadband) for limit in rule.limits
        for value, deadband in [limits.get(limit.level, (limit.value, limit.deadband))]
    ))


def _with_parents(rule: AlarmRule, by_name: Mapping[str, AlarmRule]) -> list[AlarmRule]:
    """The rule and those that suppress it, over any number of steps."""
    found = {rule.name: rule}
    waiting = list(rule.unless_rules)
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in found:
            found[name] = by_name[name]
            waiting += by_name[name].unless_rules
    return list(found.values())


def _tags_of(rule: AlarmRule, live: Live) -> list[str]:
    names = [name for name in rule.judged if name in live.place]
    if rule.unless_program is not None:
        names += [name for name in rule.unless_program.names if name not in rule.unless_rules]
    return names


def _renumbered(target: Target, tags: list[int]) -> Target:
    """The plan asked by the places that tags have in the chain."""
    place = np.array(tags, np.int32)
    return lambda tag, at: target(place[tag], at)
