"""The simulation as a plant: from the trace of one run, what every element does at any moment.

A trace tells when runs began and ended and what machines did in between; here that becomes rates that hold while a run
is worked on, levels that change evenly from one batch to the next, and what state an element is in. Sensors are not
known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from lodeworks.network import Network, window
from lodeworks.network.arrays import Floats
from lodeworks.simulate import layout as y
from lodeworks.simulate import replay
from lodeworks.simulate.build import build
from lodeworks.simulate.draft import Built
from lodeworks.simulate.trace import Traced

__all__ = ["Course", "Plant", "run_plant"]

_WARM_H = 4.0  # so long it runs before what is told begins, where the horizon has room for it
_SPREAD_H = 1.0 / 30.0  # what takes no time is spread over so much
_WORKS = (y.WORKING, y.SETUP)


@dataclass(frozen=True, eq=False)
class Course:
    """A number that holds from one moment to the next: `values[i]` from `times[i]` (hours) on."""

    times: Floats
    values: Floats

    def at(self, hours: Floats) -> Floats:
        """Return the values at moments, shape as `hours`."""
        found: Floats = self.values[np.maximum(np.searchsorted(self.times, hours, side="right") - 1, 0)]
        return found

    def total(self, hours: Floats) -> Floats:
        """Return the integral from the first moment on, shape as `hours`."""
        sums = np.concatenate([[0.0], np.cumsum(self.values[:-1] * np.diff(self.times))])
        k = np.maximum(np.searchsorted(self.times, hours, side="right") - 1, 0)
        found: Floats = sums[k] + self.values[k] * np.maximum(hours - self.times[k], 0.0)
        return found

    def mean(self, hours: Floats, over_h: float) -> Floats:
        """Return the mean over the time before moments, so that what went by is neither more nor less."""
        begin = np.maximum(hours - over_h, 0.0)
        whole = np.maximum(hours - begin, 1e-9)
        found: Floats = np.where(hours > 1e-6, (self.total(hours) - self.total(begin)) / whole, self.at(hours))
        return found


def _steps(changes: list[tuple[float, float]]) -> Course:
    """Return the running sum of changes (hour, by how much)."""
    if not changes:
        return Course(np.zeros(1), np.zeros(1))
    rows = np.array(changes)
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    times, first = np.unique(rows[:, 0], return_index=True)
    sums = np.add.reduceat(rows[:, 1], first).cumsum()
    return Course(np.concatenate([[times[0] - 1e6], times]), np.maximum(np.concatenate([[0.0], sums]), 0.0))


@dataclass(eq=False)
class Plant:
    """What elements do, in hours from the beginning of what is told.

    Attributes
    ----------
    hours
        How long it is told.
    """

    network: Network
    built: Built
    traced: Traced
    hours: float
    _activity: dict[int, Course] = field(default_factory=dict)
    _group: dict[int, tuple[Course, Course]] = field(default_factory=dict)
    _machine: dict[int, Course] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sort the trace by what its rows are of."""
        rows, begin = self.traced.rows, self.traced.begin
        self._rows = rows.copy()
        self._rows[:, 0] -= begin
        self._jobs = self._job_rows()
        self._coefficients: dict[int, list[tuple[int, float]]] = {}
        flows = self.network.coefficients
        for a, b, amount in zip(flows.activity, flows.balance, flows.amount, strict=True):
            self._coefficients.setdefault(int(a), []).append((int(b), float(amount)))

    # ---- runs ----------------------------------------------------------------------------------------

    def _job_rows(self) -> dict[int, list[tuple[float, float, int, float]]]:
        """Return (begin, end, machine, share) of every run, by transition.

        One that the beginning or the end of the trace cuts is taken to last as long as others do.
        """
        found: dict[int, list[tuple[float, float, int, float]]] = {}
        open_: dict[int, tuple[int, float, int, float]] = {}
        before: list[tuple[int, float, int, float]] = []
        for at, kind, a, b, c, x, _ in self._rows:
            if kind == y.TRACE_START:
                open_[int(c)] = int(a), float(at), int(b), float(x)
            elif kind == y.TRACE_END and int(c) in open_:
                t, begin, machine, share = open_.pop(int(c))
                found.setdefault(t, []).append((begin, float(at), machine, share))
            elif kind == y.TRACE_END:
                before.append((int(a), float(at), int(b), float(x)))
        usual = {t: float(np.median([end - begin for begin, end, *_ in rows])) for t, rows in found.items()}
        for t, begin, machine, share in open_.values():
            found.setdefault(t, []).append((begin, begin + usual.get(t, self.hours), machine, share))
        for t, end, machine, share in before:
            found.setdefault(t, []).append((min(0.0, end - usual.get(t, end)), end, machine, share))
        return found

    def _states(self, machine: int) -> Course:
        """Return the states of a machine."""
        if machine not in self._machine:
            rows = self._rows[(self._rows[:, 1] == y.TRACE_STATE) & (self._rows[:, 2] == machine)]
            self._machine[machine] = Course(
                np.concatenate([[-1e6], rows[:, 0]]), np.concatenate([[self.traced.states[machine]], rows[:, 3]]))
        return self._machine[machine]

    def activity(self, a: int) -> Course:
        """Return the rate of an activity in its reference, an hour."""
        if a not in self._activity:
            changes: list[tuple[float, float]] = []
            for t, own in enumerate(self.built.activity):
                if own != a or self.built.transitions[t].endswith((".load", ".drive", ".return")):
                    continue
                batch = float(self.built.tables["tf"][t, y.T_BATCH])
                for begin, end, machine, share in self._jobs.get(t, ()):
                    changes += _spread(begin, end, batch * share, self._states(machine) if machine >= 0 else None)
            self._activity[a] = _steps(changes)
        return self._activity[a]

    # ---- what is read --------------------------------------------------------------------------------

    def flow(self, element: str, commodity: str) -> Course:
        """Return what an element takes or gives of a commodity, an hour, in the commodity's unit.

        What is supplied without limit is what others take there; what is sold as it comes is what they give. Of an
        element that does several things (coking, and each charge of its blend) those with the commodity count.
        """
        network, parts = self.network, []
        amounts = {a: self._amounts(a, commodity) for a in network.activities_of(element)}
        some = any(amounts.values())
        for a, rows in amounts.items():
            if some and not rows:
                continue
            factor = max(rows) if rows else 1.0
            if a in self.built.activity:
                parts.append((self.activity(a), factor))
            elif network.elements[network.activities.element[a]].kind in ("supply", "demand"):
                b = self._coefficients[a][0][0]
                giving = network.elements[network.activities.element[a]].kind == "demand"
                parts += [
                    (self.activity(other), abs(amount)) for other in dict.fromkeys(self.built.activity) if other >= 0
                    for place, amount in self._coefficients.get(other, ()) if place == b and (amount > 0.0) == giving
                ]
        return _sum(parts)

    def _amounts(self, a: int, commodity: str) -> list[float]:
        """Return what one unit of an activity takes or gives of a commodity at each balance, inputs off outputs."""
        sums: dict[int, float] = {}
        for b, amount in self._coefficients.get(a, ()):
            if self.network.balances.commodity[b] == commodity:
                sums[b] = sums.get(b, 0.0) + amount
        return [abs(amount) for amount in sums.values()]

    def load(self, element: str) -> Course:
        """Return an element's rate as a share of its capacity."""
        network, parts, capacity = self.network, [], 0.0
        own = network.activities_of(element)
        for a in [a for a in own if network.activities.plant[a] >= 0] or own:  # what its capacity is of
            if a in self.built.activity:
                parts.append((self.activity(a), 1.0))
            plant = int(network.activities.plant[a])
            top = network.plants.existing[plant] if plant >= 0 else np.max(
                network.on_grid(network.activities.upper, network.activities.grid, a))
            capacity = max(capacity, float(top) if np.isfinite(top) else 0.0)
        whole = _sum(parts)
        most = capacity or float(np.max(whole.values)) or 1.0
        return Course(whole.times, whole.values / most)

    def level(self, store: str) -> tuple[Floats, Floats]:
        """Return when a store's level changed and what it was then; between, it changes evenly."""
        network = self.network
        number = network.element_number[store]
        s = int(np.flatnonzero(network.stores.element == number)[0])
        p = self.built.balance.index(int(network.stores.balance[s]))
        rows = self._rows[self._rows[:, 2] == p]
        plus, minus = rows[:, 1] == y.TRACE_IN, rows[:, 1] == y.TRACE_OUT
        lost = (rows[:, 1] == y.TRACE_LOST) & (rows[:, 3] < 2.0)
        rows, sign = rows[plus | minus | lost], np.where(plus, 1.0, -1.0)[plus | minus | lost]
        levels = self.traced.levels[p] + np.cumsum(sign * rows[:, 5])
        times = np.concatenate([[0.0], rows[:, 0]])
        values = np.concatenate([[self.traced.levels[p]], levels])
        last = np.append(np.diff(times) > 0.0, True)  # of several at one moment what is left after them
        return times[last], np.maximum(values[last], 0.0)

    def state(self, element: str) -> tuple[Course, Course]:
        """Return how many machines of an element work, and how many are down."""
        number = self.network.element_number[element]
        if number not in self._group:
            groups = {
                int(self.built.tables["ti"][t, y.T_GROUP]) for t, a in enumerate(self.built.activity)
                if a >= 0 and int(self.network.activities.element[a]) == number
            }
            work: list[tuple[float, float]] = []
            down: list[tuple[float, float]] = []
            for machine in np.flatnonzero(np.isin(self.built.tables["mi"][:, y.M_GROUP], list(groups))):
                states = self._states(int(machine))
                for changes, which in ((work, _WORKS), (down, (y.DOWN, y.NO_CREW))):
                    there = np.isin(states.values, which).astype(float)
                    changes += zip(states.times.tolist(), np.diff(there, prepend=0.0).tolist(), strict=True)
            self._group[number] = _steps(work), _steps(down)
        return self._group[number]


def _spread(begin: float, end: float, amount: float, states: Course | None) -> list[tuple[float, float]]:
    """Return the changes of a rate that comes to an amount while a run is worked on, by the states of its machine."""
    if end - begin < 1e-9:
        end = begin + _SPREAD_H
    if states is None:
        rate = amount / (end - begin)
        return [(begin, rate), (end, -rate)]
    inside = states.times[(states.times > begin) & (states.times < end)]
    edges = np.concatenate([[begin], inside, [end]])
    on = np.isin(states.at(edges[:-1]), _WORKS)
    hours = float(np.sum(np.diff(edges)[on]))
    if hours <= 0.0:
        return [(begin, amount / (end - begin)), (end, -amount / (end - begin))]
    rate = amount / hours
    return [row for k in np.flatnonzero(on) for row in ((float(edges[k]), rate), (float(edges[k + 1]), -rate))]


def _sum(parts: list[tuple[Course, float]]) -> Course:
    if not parts:
        return Course(np.zeros(1), np.zeros(1))
    if len(parts) == 1:
        return Course(parts[0][0].times, parts[0][0].values * parts[0][1])
    times = np.unique(np.concatenate([course.times for course, _ in parts]))
    return Course(times, np.sum([factor * course.at(times) for course, factor in parts], axis=0))


def run_plant(
    network: Network, first_h: float, hours: float, seed: int,
    begun: Callable[[float, float], tuple[Network, Mapping[int, Floats]]] | None = None,
) -> Plant:
    """Run a network for some hours from an hour of its horizon on, and keep what happens.

    Some hours before are run as well, where the horizon has them, so that it does not begin empty.

    Parameters
    ----------
    begun
        Gives the network from an hour to another as a plan stands there, and what that plan wants run by the end of
        each step: what runs then follows the plan.
    """
    warm = min(_WARM_H, first_h)
    targets: Mapping[int, Floats] | None = None
    if begun is None:
        cut = window(network, (first_h - warm) / network.hours, (first_h + hours) / network.hours)
    else:
        cut, targets = begun(first_h - warm, first_h + hours)
    built = build(cut, targets)
    return Plant(cut, built, replay(built, seed, 0, warm, warm + hours), hours)
