"""Conditions over several tags: expressions of alarm rules, and what suppresses a rule by design.

A condition is worked out at every time one of its tags has a sample, each tag standing at its last sample before. A bad
value is unknown, and what is unknown neither begins nor ends an alarm, and suppresses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.expression import Program
from lodeworks.network.live import Live
from lodeworks.watch.alarms.channels import Channels
from lodeworks.watch.alarms.memory import Memory, usable

__all__ = ["Condition", "Unless", "conditions_of", "unless_of", "worked_out"]

Ints = NDArray[np.int64]


@dataclass
class Condition:
    """An expression that a channel judges; `tags` are those it reads, `seen` how far (ms) it was worked out,
    `known` when (ms) what that was is known.

    An `urgent` one is worked out as samples come, others when they have had their turn.
    """

    channel: int
    program: Program
    tags: dict[str, int]
    seen: int = -(2**62)
    known: int = -(2**62)
    urgent: bool = False


@dataclass
class Unless:
    """What suppresses some channels while it holds: over `tags`, and over `rules` (1 while active).

    It is `urgent` where it may suppress what never waits.
    """

    text: str
    program: Program
    tags: dict[str, int]
    rules: tuple[str, ...]
    channels: list[int] = field(default_factory=list)
    holds: bool = False
    urgent: bool = False


def conditions_of(live: Live, channels: Channels, urgent: Collection[str] = ()) -> list[Condition]:
    """Return the conditions of the channels over expressions; `urgent` names rules that never wait."""
    found = []
    for channel, rule in enumerate(channels.rules):
        if rule.kind == "expression" and rule.program is not None:
            tags = {name: live.place[name] for name in rule.program.names}
            found.append(Condition(channel, rule.program, tags, urgent=rule.name in urgent))
    return found


def unless_of(live: Live, channels: Channels, urgent: Collection[str] = ()) -> list[Unless]:
    """Return what suppresses by design, each once for all it is written for; `urgent` names rules that never wait."""
    found: dict[str, Unless] = {}
    for channel, rule in enumerate(channels.rules):
        program = rule.unless_program
        if program is None:
            continue
        if program.text not in found:
            tags = {name: live.place[name] for name in program.names if name not in rule.unless_rules}
            found[program.text] = Unless(program.text, program, tags, rule.unless_rules)
        found[program.text].channels.append(channel)
        found[program.text].urgent |= rule.name in urgent
    return list(found.values())


def worked_out(
    program: Program, tags: dict[str, int], memory: Memory, since: int, rules: Iterable[str] = (),
    active: Callable[[str], bool] | None = None,
) -> tuple[Ints, NDArray[np.float64], Ints]:
    """Return when (ms) a condition was worked out from a time on, its values, and when that became known.

    `rules` stand as `active` says now.
    """
    tapes = {name: memory.tape(tag) for name, tag in tags.items()}
    at = [tape.at[tape.at >= since] for tape in tapes.values()]
    received = [tape.received[tape.at >= since] for tape in tapes.values()]
    if not tapes or not sum(map(len, at)):
        empty = np.zeros(0, np.int64)
        return empty, np.zeros(0), empty
    times, where = np.unique(np.concatenate(at), return_index=True)
    columns: dict[str, NDArray[np.float64] | float] = {
        name: float(active is not None and active(name)) for name in rules
    }
    for name, tape in tapes.items():
        value = np.where(usable(tape), tape.value, np.nan)
        last = np.searchsorted(tape.at, times, side="right") - 1
        columns[name] = np.where(last >= 0, value[np.maximum(last, 0)], np.nan) if len(value) else \
            np.full(len(times), np.nan)
    return times, np.broadcast_to(program(columns), times.shape), np.concatenate(received)[where]
