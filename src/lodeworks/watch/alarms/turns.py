"""Turns: a sample waits a moment before it is judged, so that those measured before it can come first.

Networks shuffle. A sample has its turn when the clock is `TURN_MS` past the end of the quarter of a second in which it
was measured, together with all of that quarter; whatever order they came in till then, they are judged alike. What
comes after its turn is judged at once, as a correction. What lives depend on never waits: a sample that could begin
such an alarm is judged as it comes, with all that waits of its tag. How samples are judged is for `judge`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.live import AlarmRule
from lodeworks.watch.alarms.channels import KINDS, Channels
from lodeworks.watch.alarms.courses import FAR
from lodeworks.watch.alarms.detect import among, limit_marks
from lodeworks.watch.alarms.memory import usable
from lodeworks.watch.samples import Quality, Samples

__all__ = ["SLOT_MS", "TURN_MS", "Turn", "Turns", "urgent_rules"]

TURN_MS = 1_000
"""How long after its quarter of a second a sample is judged: so much later another may come and still be in order."""
SLOT_MS = 250
"""What was measured in the same quarter of a second is judged together."""

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_LIMIT, _DISCRETE, _BAD = (KINDS.index(kind) for kind in ("limit", "discrete", "bad"))
_AT_ONCE = tuple(KINDS.index(kind) for kind in ("rate", "deviation", "time_left"))  # no sample says it by itself


class Turn(NamedTuple):
    """Samples whose turn it is: those to judge, and those `before` that were judged as they came."""

    samples: Samples
    before: Samples

    @property
    def known(self) -> int:
        """When (ms) it is."""
        return int(np.concatenate([self.samples.received, self.before.received]).max())


def urgent_rules(rules: Iterable[AlarmRule]) -> set[str]:
    """Return the names of the rules that never wait: what lives depend on, and the rules that suppress those."""
    by_name = {rule.name: rule for rule in rules}
    found: set[str] = set()
    waiting = [rule.name for rule in by_name.values() if rule.life_safety]
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in found:
            found.add(name)
            waiting += by_name[name].unless_rules
    return found


class Turns:
    """The samples that wait for their turn.

    Parameters
    ----------
    channels
        What is judged.
    urgent
        The rules that never wait.
    at_once
        Tags none of whose samples wait: expressions of urgent rules read them.
    tags
        How many tags there are.
    turn_ms
        How long (ms) samples wait; 0 to judge each as it comes.
    """

    def __init__(self, channels: Channels, urgent: set[str], at_once: Iterable[int], tags: int, turn_ms: int) -> None:
        self.turn_ms = turn_ms
        self._channels = channels
        mine = np.array([rule.name in urgent for rule in channels.rules], np.bool_) & (channels.tag >= 0)
        self._begins = np.flatnonzero(mine & np.isin(channels.kind, (_LIMIT, _DISCRETE, _BAD)))  # in order of tag
        self._at_once = np.zeros(tags, np.bool_)
        self._at_once[channels.tag[mine & np.isin(channels.kind, _AT_ONCE)]] = True
        self._at_once[list(at_once)] = True
        self._held = Samples.of([], [], [], [], [])
        self._judged = np.zeros(0, np.bool_)
        self.upto = -FAR
        """How far (ms, source time) samples have had their turn."""

    def arrive(self, samples: Samples) -> tuple[Samples, Samples]:
        """Take samples as they come; return those past their turn and those that never wait, to be judged now."""
        if not self.turn_ms:
            self.upto = FAR
            return samples, samples.take(np.zeros(0, np.intp))
        turn = self._turn(samples.at)
        past = samples.received > turn
        # Of a source whose clock is ahead, when it was received stands for when it was measured.
        waiting = np.minimum(turn, self._turn(samples.received))
        urgent = ~past & self._urgent(samples)
        if past.any():
            self.upto = max(self.upto, int(samples.at[past].max()))
        now, behind = samples.take(urgent), samples.take(past)
        held = samples.take(~past)
        held = Samples(held.tag, held.at, waiting[~past], held.value, held.quality)  # that is when it is known
        judged = urgent[~past]
        if len(now):
            again = ~self._judged & np.isin(self._held.tag, now.tag)
            now = Samples.joined([self._held.take(again), now])
            with_it = ~judged & np.isin(held.tag, now.tag)  # of the same batch, and not urgent by itself
            now = Samples.joined([now, samples.take(~past).take(with_it)])
            self._judged = self._judged | again
            judged = judged | with_it
        self._held = Samples.joined([self._held, held])
        self._judged = np.concatenate([self._judged, judged])
        return behind, now

    def _turn(self, at: Ints) -> Ints:
        turn: Ints = (at // SLOT_MS + 1) * SLOT_MS + self.turn_ms
        return turn

    def _urgent(self, samples: Samples) -> Mask:
        """Which samples could begin what never waits."""
        found: Mask = self._at_once[samples.tag]
        if len(self._begins):
            tag = self._channels.tag[self._begins]
            first, after = np.searchsorted(tag, samples.tag), np.searchsorted(tag, samples.tag, side="right")
            count = after - first
            row = np.repeat(np.arange(len(samples)), count)
            place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + first[row]
            channel, kind = self._begins[place], self._channels.kind[self._begins[place]]
            fit, value = usable(samples)[row], samples.value[row]
            begins = (kind == _BAD) & (samples.quality[row] == Quality.BAD)
            limit = np.flatnonzero(fit & (kind == _LIMIT))
            begins[limit] = limit_marks(self._channels, channel[limit], samples.at[row[limit]], value[limit]) == 1
            state = np.flatnonzero(fit & (kind == _DISCRETE))
            begins[state] = among(self._channels, channel[state], value[state]) == 1
            np.logical_or.at(found, row[begins], True)
        return found

    def next_due(self, behind: Ints) -> int:
        """Return when (ms by the clock) it is somebody's turn; `behind` says how far each tag's feed is behind it."""
        if not len(self._held):
            return FAR
        return int((self._held.received + behind[self._held.tag]).min())

    def due(self, wall: int, behind: Ints) -> Turn:
        """Return the samples whose turn it is by a time."""
        here = self._held.received + behind[self._held.tag] <= wall
        turn = Turn(self._held.take(here & ~self._judged), self._held.take(here & self._judged))
        self.upto = max(self.upto, int(self._held.at[here].max()))
        self._held, self._judged = self._held.take(~here), self._judged[~here]
        return turn

    def clock_set(self, by: int) -> None:
        """The clock was set by so many ms: nobody waits longer or less for that."""
        held = self._held
        self._held = Samples(held.tag, held.at, held.received + by, held.value, held.quality)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what must outlive a stop."""
        return {**{f"waiting_{name}": column for name, column in vars(self._held).items()},
                "waiting_judged": self._judged, "waiting_upto": np.array([self.upto])}

    def restore(self, arrays: dict[str, NDArray[Any]], tags: NDArray[np.intp]) -> None:
        """Take up again what was kept: place n of what was kept is now tag `tags[n]`, -1 for none."""
        if "waiting_tag" not in arrays:
            return
        held = Samples(*(arrays[f"waiting_{name}"] for name in vars(self._held)))
        tag = tags[held.tag].astype(np.int32)
        there = tag >= 0
        self._held = Samples(tag, held.at, held.received, held.value, held.quality).take(there)
        self._judged = arrays["waiting_judged"][there]
        self.upto = int(arrays["waiting_upto"][0])
