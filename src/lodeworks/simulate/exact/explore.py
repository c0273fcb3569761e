"""All states that a chain can be in and how it moves among them: a generator and what is measured, as arrays.

States are found breadth first from the start: each is thawed, every event that may end its stay happens once for each
of its outcomes, and what comes of it is looked up. Shares of time are found in `shares`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from lodeworks.errors import InputError, Problem
from lodeworks.simulate import layout as y
from lodeworks.simulate.exact.coming import events_of
from lodeworks.simulate.exact.frozen import MACHINES, Key, freeze, thaw
from lodeworks.simulate.exact.moment import Job, Moment
from lodeworks.simulate.exact.rules import Rules

__all__ = ["MOST_STATES", "Space", "explore"]

MOST_STATES = 200_000
_TELL_EVERY = 5_000

Floats = npt.NDArray[np.float64]
COUNTS = 7  # of places and runs: see `held`


@dataclass(frozen=True, eq=False)
class Space:
    """The states of a chain.

    Attributes
    ----------
    generator
        Rates an hour, rows adding to nought, shape (states, states).
    start
        Probability of each state at time nought, shape (states,).
    levels, active, used
        In grains, runs and grains: of each state, shapes (states, places), (states, runs), (states, pools).
    there
        How much of each pool is there, shape (states, pools).
    machines
        Machines in each state of `layout.STATE_NAMES`, shape (states, groups × STATES).
    flows
        Grains (of places) and parts of full runs an hour that are counted, shape (states, COUNTS × (places or runs)).
    at_first
        What is counted at time nought itself, shape (COUNTS × (places or runs),).
    """

    rules: Rules
    generator: sparse.csr_matrix
    start: Floats
    levels: Floats
    active: Floats
    used: Floats
    there: Floats
    machines: Floats
    flows: sparse.csr_matrix
    at_first: Floats

    @property
    def count(self) -> int:
        """How many states there are."""
        return len(self.start)


def explore(
    rules: Rules, names: list[str], most: int = MOST_STATES, progress: Callable[[str], None] | None = None
) -> Space:
    """Return every state that can be reached, and the rates between them.

    Parameters
    ----------
    names
        Of the places, for what is told.
    most
        How many states there may be.

    Raises
    ------
    InputError
        If there are more; with the places whose levels make them so many.
    SimulationError
        If something starts again and again in no time.
    """
    return _Exploring(rules, names, most, progress).run()


class _Exploring:
    def __init__(self, rules: Rules, names: list[str], most: int, progress: Callable[[str], None] | None) -> None:
        self.rules, self.names, self.most, self.progress = rules, names, most, progress
        self.number: dict[Key, int] = {}
        self.keys: list[Key] = []
        self.parts: dict[Any, Any] = {}
        self.width = max(len(rules.places), len(rules.runs))
        self.rows, self.columns, self.rates = array("q"), array("q"), array("d")
        self.flow_rows, self.flow_columns, self.flow_rates = array("q"), array("q"), array("d")
        self.machines, self.active = array("h"), array("h")

    def run(self) -> Space:
        start: dict[int, float] = {}
        at_first = np.zeros(COUNTS * self.width)
        for m in self._outcomes(lambda choices: _beginning(self.rules, choices), _nothing):
            n = self._number(freeze(m))
            start[n] = start.get(n, 0.0) + m.probability
            for (what, of), amount in m.counts.items():
                at_first[what * self.width + of] += m.probability * amount
        n = 0
        while n < len(self.keys):
            self._look_at(n)
            n += 1
            if self.progress is not None and n % _TELL_EVERY == 0:
                self.progress(f"{n:,} states looked at, {len(self.keys):,} known")
        return self._space(start, at_first)

    def _number(self, key: Key) -> int:
        found = self.number.get(key)
        if found is None:
            if len(self.keys) == self.most:
                raise InputError(self._too_many())
            key = tuple(tuple(self._one(row) for row in part) if k == MACHINES else self._one(part)
                        for k, part in enumerate(key))
            found = self.number[key] = len(self.keys)
            self.keys.append(key)
        return found

    def _one(self, part: Any) -> Any:
        """Return the first part of a key that is like this one, so that each is held in memory once."""
        return self.parts.setdefault(part, part)

    def _outcomes(
        self, made: Callable[[tuple[int, ...]], Moment], event: Callable[[Moment], None]
    ) -> Iterator[Moment]:
        """Yield the settled moment after an event, for each of its outcomes."""
        todo: list[tuple[int, ...]] = [()]
        while todo:
            m = made(todo.pop())
            event(m)
            m.settle()
            todo += m.open
            yield m

    def _look_at(self, n: int) -> None:
        key, rules = self.keys[n], self.rules
        seen = thaw(rules, key, ())
        why = [_reason(seen, t) for t in range(len(rules.runs))]
        self._measure(seen, why)
        for rate, event in events_of(seen, key):
            for m in self._outcomes(lambda choices: thaw(rules, key, why, choices), event):
                to = self._number(freeze(m))
                if to != n:
                    self.rows.append(n)
                    self.columns.append(to)
                    self.rates.append(rate * m.probability)
                for (what, of), amount in m.counts.items():
                    self.flow_rows.append(n)
                    self.flow_columns.append(what * self.width + of)
                    self.flow_rates.append(rate * m.probability * amount)

    def _measure(self, m: Moment, why: list[int]) -> None:
        row = [0] * (y.STATES * len(self.rules.groups))
        for g, group in enumerate(m.machines):
            modes = self.rules.groups[g].modes
            for machine in group:
                row[y.STATES * g + _state(m, machine.job, machine.down, machine.repair, why, modes)] += 1
        self.machines.extend(row)
        active = [0] * len(self.rules.runs)
        for job in m.jobs():
            active[job.t] += 1
        self.active.extend(active)

    def _too_many(self) -> Problem:
        levels = np.array([key[0] for key in self.keys])
        widest = np.argsort(-levels.max(axis=0))[:3]
        told = ", ".join(f"{self.names[p]} up to {levels[:, p].max() * self.rules.places[p].grain:g}"
                         for p in widest if levels[:, p].max() > 0)
        endless = [self.names[p] for p in widest if self.rules.places[p].room is None and levels[:, p].max() > 0]
        return Problem(
            "too many states to be solved exactly" + (f"; {' and '.join(endless)} without limit" if endless else ""),
            element="simulation", found=f"more than {self.most:,}" + (f" ({told})" if told else ""),
            expected="stores with a small capacity, few machines, few stages",
        )

    def _space(self, start: dict[int, float], at_first: Floats) -> Space:
        count = len(self.keys)
        rates = _matrix(self.rates, self.rows, self.columns, (count, count))
        generator = (rates - sparse.diags(np.asarray(rates.sum(axis=1)).ravel())).tocsr()
        flows = _matrix(self.flow_rates, self.flow_rows, self.flow_columns, (count, COUNTS * self.width))
        first = np.zeros(count)
        first[list(start)] = list(start.values())
        gone = self._column(2)
        there = np.array([float(pool.there) for pool in self.rules.pools]) * (1.0 - gone)
        return Space(
            self.rules, generator, first, self._column(0), np.array(self.active, float).reshape(count, -1),
            self._column(1), there, np.array(self.machines, float).reshape(count, -1), flows, at_first,
        )

    def _column(self, k: int) -> Floats:
        return np.array([key[k] for key in self.keys], float).reshape(len(self.keys), -1)


def _matrix(values: array[float], rows: array[int], columns: array[int], shape: tuple[int, int]) -> sparse.csr_matrix:
    """Return a sparse matrix of entries that may meet, which are then added."""
    where = np.frombuffer(rows, np.int64), np.frombuffer(columns, np.int64)
    return sparse.csr_matrix((np.frombuffer(values, np.float64), where), shape=shape)


def _nothing(_: Moment) -> None:
    return None


def _beginning(rules: Rules, choices: tuple[int, ...]) -> Moment:
    """Return the moment at time nought, before anything has started."""
    m = Moment(rules, [y.STARVED] * len(rules.runs), choices)
    for p, place in enumerate(rules.places):
        if place.initial:
            m.put(p, place.initial)
    for p, vehicles in rules.carriers:
        m.put(p, vehicles)
    for g, group in enumerate(rules.groups):
        m.add_machines(g)
        for t in group.modes:
            m.list_run(t)
    return m


def _reason(m: Moment, t: int) -> int:
    """Return why a transition does not start now; WORKING where its machines are busy."""
    run = m.rules.runs[t]
    if m.rules.groups[run.group].servers and not m.idle[run.group]:
        return y.WORKING
    return m.refusal(t)[0]


def _state(m: Moment, job: Job | None, down: int, repair: int, why: list[int], modes: tuple[int, ...]) -> int:
    """Return the state a machine is in, as the kernel counts it."""
    if down:
        return y.DOWN if repair >= 0 else y.NO_CREW
    if job is None:
        return max(why[t] for t in modes)
    if job.phase == y.WAITING_ROOM:
        return y.BLOCKED
    return y.SETUP if job.phase == y.SETTING_UP else y.WORKING
