"""What merging steps costs, not left to faith: a plan of all steps from above, a bound on every plan from below.

Capacities are decided on merged steps, on typical days, or on both in turn. Held at that, the chain is planned over
all its steps: a plan that can be carried out, and what it costs is an upper bound on the least cost. From below there
are two bounds: the merged program with the best prices of each segment, of which the mean of any plan of the whole is
a solution (for typical days on as many merged steps as they have); and the tangents of the cost over capacities that
the plans of all steps have brought (Benders 1962). More are added until both are as near as asked for. Steps (or days)
in which what was built fell short stay whole from then on, so that nothing is under-built.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
from scipy.optimize import linprog

from lodeworks.errors import InfeasibleError, InputError, Problem
from lodeworks.network.arrays import Floats, Network
from lodeworks.network.pathway import Pathway
from lodeworks.network.standing import losing
from lodeworks.plan.engine import Answer
from lodeworks.plan.pathway.answer import PathwayAnswer
from lodeworks.plan.reduced.merge import edges_of_segments, merged
from lodeworks.plan.reduced.subject import Found, OneHorizon, OverSlices, Subject
from lodeworks.plan.reduced.typical import days_of, typical_days
from lodeworks.plan.reduced.worst import worst_steps
from lodeworks.plan.telling import telling

__all__ = ["Certified", "Round", "averages_bound", "certified_pathway", "certified_plan", "no_bound_by_means"]

A = TypeVar("A")
# Each round has so many times the segments of the one before.
_GROWTH = 2
# Of the days of a round, so many of the worst are added to the next.
_JOIN = 0.25
# Plans nearer to each other than this are as good as each other.
_SAME = 1e-6


@dataclass(frozen=True)
class Round:
    """One round: how steps were made fewer, what that promised, what all steps cost with what it built, the bound.

    `by` is ``segments`` or ``days`` and `pieces` how many of them. Objectives are in the sense the user asked for;
    `achieved` is None where what was built fell short, `promised` where the fewer steps had no plan.
    """

    by: str
    pieces: int
    promised: float | None
    achieved: float | None
    bound: float | None
    gap: float | None
    seconds: float


@dataclass(frozen=True)
class Certified(Generic[A]):
    """A plan of all steps with the capacities found, and the rounds that led to it; `built_on` is the one it is of."""

    answer: A
    rounds: tuple[Round, ...]
    built_on: Round
    gap: float
    why_no_mean: str
    better: str

    def as_dict(self) -> dict[str, Any]:
        """Return what a manifest says of it."""
        return {
            "gap": self.gap if np.isfinite(self.gap) else None, "bound": self.rounds[-1].bound,
            "by": self.built_on.by, "pieces": self.built_on.pieces, "rounds": len(self.rounds), "better": self.better,
            "no_bound_by_means_for": self.why_no_mean,
        }


@dataclass
class _State(Generic[A]):
    """What is known so far, as costs to be minimised; `short` are base steps that fell short, by network."""

    best: Found[A] | None = None
    upper: float = np.inf
    lower: float = -np.inf
    tangents: list[tuple[float, Floats]] = field(default_factory=list)
    short: dict[int, set[int]] = field(default_factory=dict)


def certified_plan(
    net: Network, *, segments: int | None = None, days: int | None = None, within: float, options: Mapping[str, Any]
) -> Certified[Answer]:
    """Decide capacities on fewer steps, plan all steps with them, and go on until the gap is within what is asked.

    Parameters
    ----------
    segments, days
        How many to begin with; where both are given both are tried in each round, and the answer says which built
        the better plan.
    within
        Relative gap between the plan and the bound at which to stop; infinite for one round.
    options
        Of `optimise`.

    Raises
    ------
    LodeworksError
        As `optimise`; where nothing can be built; for days where the horizon is not of whole days; and for more than
        there are.
    """
    return _certified(OneHorizon(net), segments, days, within, options)


def certified_pathway(
    pathway: Pathway, *, segments: int | None = None, days: int | None = None, within: float,
    options: Mapping[str, Any],
) -> Certified[PathwayAnswer]:
    """Do the same over stages, scenarios and periods: each slice has so many segments or days.

    What is decided in every stage on fewer steps is held, and all slices planned over all their steps. Parameters and
    errors as in `certified_plan`.
    """
    return _certified(OverSlices(pathway), segments, days, within, options)


def _no_more(asked: int, there: int, option: str, kind: str, what: str) -> None:
    if asked > there:
        raise InputError(Problem(f"more {kind} than the horizon has {what}", file=option, found=f"{asked}",
                                 expected=f"at most {there}; without it all of them are planned"))


def _certified(
    subject: Subject[A], segments: int | None, days: int | None, within: float, options: Mapping[str, Any]
) -> Certified[A]:
    if not any(net.plants.expandable.any() for net in subject.networks):
        raise InputError(Problem(
            "nothing in this chain can be built, so merging steps decides nothing; plan it as it is",
            file="--segments, --days"))
    if days is not None:
        _no_more(days, max(days_of(net)[0] for net in subject.networks), "--days", "typical days", "days")
    if segments is not None:
        _no_more(segments, max(net.steps for net in subject.networks), "--segments", "segments", "steps")
    ways: list[_Segments | _Days] = []
    if days is not None:
        ways.append(_Days(subject.networks, days))
    if segments is not None or days is None:
        ways.append(_Segments(subject.networks, segments or 1))
    sign = -1.0 if subject.maximise else 1.0
    reason = no_bound_by_means(subject)
    state: _State[A] = _State()
    rounds: list[Round] = []
    while True:
        for way in ways:
            started = time.perf_counter()
            told = f"round {len(rounds) // len(ways) + 1}, {way.count} {way.name}"
            pieces, decided, promised, whole = way.decide(subject, state.short, telling(options, told))
            achieved = None
            if whole is not None:  # nothing is merged any more
                achieved = whole.value
                state.best, state.upper = whole, achieved
                if np.isfinite(whole.gap):
                    state.lower = max(state.lower, achieved - whole.gap * abs(achieved))
            elif decided is not None:
                achieved = _run_all(subject, decided, state, way.days, telling(options, f"{told}, run on all steps"))
            if whole is None:
                if not reason:
                    state.lower = max(state.lower, _mean_bound(
                        subject, way.edges(state.short), telling(options, f"{told}, bound"),
                    ))
                state.lower = max(state.lower, _tangent_bound(subject, state))
            gap = _gap(state)
            rounds.append(Round(
                way.name, pieces, promised, None if achieved is None else sign * achieved,
                sign * state.lower if np.isfinite(state.lower) else None, gap if np.isfinite(gap) else None,
                time.perf_counter() - started,
            ))
            if state.best is not None and (whole is not None or (gap <= within and np.isfinite(within))):
                return _told(state, rounds, gap, reason, sign)
        if state.best is not None and gap <= within:
            return _told(state, rounds, gap, reason, sign)
        for way in ways:
            way.grow()


class _Segments:
    """Capacities decided on merged steps, as many in each network."""

    name = "segments"

    def __init__(self, networks: Sequence[Network], count: int) -> None:
        self.networks, self.most = networks, max(net.steps for net in networks)
        self.count = min(max(1, count), self.most)
        self._made: tuple[object, list[Floats]] | None = None

    @property
    def days(self) -> float:
        """How many days as many steps are."""
        return self.count * self.networks[0].hours / 24.0

    def grow(self) -> None:
        """Take more the next time."""
        self.count = min(self.most, _GROWTH * self.count)

    def edges(self, short: Mapping[int, set[int]]) -> list[Floats]:
        """Return where the segments of each network begin and end; made anew only when something has changed."""
        asked = self.count, {number: frozenset(steps) for number, steps in short.items()}
        if self._made is None or self._made[0] != asked:
            self._made = asked, [
                edges_of_segments(net, self.count, short.get(number, set())) for number, net in enumerate(self.networks)
            ]
        return self._made[1]

    def decide(
        self, subject: Subject[A], short: Mapping[int, set[int]], options: Mapping[str, Any]
    ) -> tuple[int, Floats | None, float | None, Found[A] | None]:
        """Return how many there are, what they decide and promise, and the plan where nothing is merged.

        Where the mean of a plan is no plan of the segments, that these have none says nothing of all steps.
        """
        edges = self.edges(short)
        pieces = max(len(e) - 1 for e in edges)
        whole = all(len(e) - 1 == net.steps for net, e in zip(self.networks, edges, strict=True))
        try:
            found = subject.plan([merged(net, e) for net, e in zip(self.networks, edges, strict=True)], options)
        except InfeasibleError:
            if whole or not no_bound_by_means(subject):
                raise
            return pieces, None, None, None
        if whole:
            return pieces, None, found.objective, found
        return pieces, found.decided, found.objective, None


class _Days:
    """Capacities decided on typical days, stores linked through the year; as many in each network."""

    name = "days"

    def __init__(self, networks: Sequence[Network], count: int) -> None:
        self.networks = networks
        self.sizes = [days_of(net) for net in networks]
        self.count = min(max(1, count), max(days for days, _ in self.sizes))

    @property
    def days(self) -> float:
        """How many days there are."""
        return float(self.count)

    def grow(self) -> None:
        """Take more the next time."""
        self.count = min(max(days for days, _ in self.sizes), _GROWTH * self.count)

    def edges(self, short: Mapping[int, set[int]]) -> list[Floats]:
        """Return where as many merged steps as the typical days have begin and end, for the bound."""
        return [
            edges_of_segments(net, min(net.steps, self.count * steps), short.get(number, set()))
            for number, (net, (_, steps)) in enumerate(zip(self.networks, self.sizes, strict=True))
        ]

    def decide(
        self, subject: Subject[A], short: Mapping[int, set[int]], options: Mapping[str, Any]
    ) -> tuple[int, Floats | None, float | None, Found[A] | None]:
        """Return how many there are, what they decide and promise, and the plan where every day is its own."""
        kinds = [
            typical_days(net, self.count, {step // steps for step in short.get(number, set())})
            for number, (net, (_, steps)) in enumerate(zip(self.networks, self.sizes, strict=True))
        ]
        pieces = max(len(own.stands) for own in kinds)
        if all(len(own.stands) == days for own, (days, _) in zip(kinds, self.sizes, strict=True)):
            whole = subject.plan(self.networks, options)
            return pieces, None, whole.objective, whole
        found = subject.of_days(kinds, options)
        return (pieces, None, None, None) if found is None else (pieces, *found, None)


def _told(state: _State[A], rounds: Sequence[Round], gap: float, reason: str, sign: float) -> Certified[A]:
    assert state.best is not None
    kept = [one for one in rounds if one.achieved is not None]
    built_on = min(kept, key=lambda one: sign * (one.achieved or 0.0))
    return Certified(state.best.answer, tuple(rounds), built_on, gap, reason, _better(rounds, sign))


def _better(rounds: Sequence[Round], sign: float) -> str:
    """Return which way built the better plan when each was last tried, the only one if the other's fell short.

    ``neither`` where both are as good; empty where one way alone was tried.
    """
    last = rounds[-2:]
    achieved = {one.by: sign * one.achieved for one in last if one.achieved is not None}
    if len({one.by for one in last}) < 2 or not achieved:
        return ""
    best, *others = sorted(achieved, key=lambda by: achieved[by])
    alike = others and achieved[others[0]] - achieved[best] <= _SAME * abs(achieved[others[0]])
    return "neither" if alike else best


def no_bound_by_means(subject: Subject[A]) -> str:
    """Say why the mean of a plan over segments may be no solution of the merged program; empty where it always is."""
    reasons = [reason for net in subject.networks for reason in _averages_not(net)]
    if subject.accounts:
        reasons.append("firms' accounts")
    return ", ".join(dict.fromkeys(reasons))


def averages_bound(net: Network) -> str:
    """Say the same of a plan of one network."""
    return ", ".join(_averages_not(net))


def _averages_not(net: Network) -> list[str]:
    plants, stores = net.plants, net.stores
    backwards = any(np.min(net.on_grid(plants.min_load, plants.grid, p)) < 0.0 for p in range(len(plants)))
    backwards |= any(
        np.min(net.on_grid(net.activities.lower, net.activities.grid, a)) < 0.0 for a in range(len(net.activities))
    )
    reasons = {
        "times on the way": bool((net.coefficients.lag > 0.0).any()),
        "amounts of recipes over time": bool(net.coefficients.changing.any()),
        "ramps": bool(np.isfinite(plants.ramp_up).any() or np.isfinite(plants.ramp_down).any()),
        "what starts take": bool(len(net.start_flows.plant)),
        "tiers in order that change over time": any(
            net.activities.upper.series[int(a)] >= 0 for pair in net.order for a in pair),
        "least loads that change over time": bool(np.any(
            (plants.min_load.series >= 0) & ((plants.availability.series >= 0) | plants.on_off))),
        "costs of being on that change over time": bool(np.any(plants.on_cost.series >= 0)),
        "minimum up or down times": bool((plants.min_up > 0.0).any() or (plants.min_down > 0.0).any()),
        "loads at start or stop": bool((~np.isnan(plants.start_load) | ~np.isnan(plants.stop_load)).any()),
        "shelf lives": bool(np.isfinite(stores.shelf_life).any()),
        "least stays": bool((stores.least_stay > 0.0).any()),
        "either filling or emptying": bool(stores.exclusive.any()),
        "losses of stores": bool(losing(net).any()),
        "money for holding, or what is owed": any(_pays(net, s) for s in range(len(stores))),
        "rates below nought": backwards,
        "firms' accounts": net.accounts is not None,
    }
    return [name for name, there in reasons.items() if there]


def _pays(net: Network, store: int) -> bool:
    """Say whether a level may ever earn money: by a cost below nought, or by a level below nought."""
    cost, low = (net.by_base_step(varying, store) for varying in (net.stores.cost, net.stores.low))
    return bool(np.any(cost < 0.0) or (np.any(cost > 0.0) and np.any(low < 0.0)))


def _run_all(
    subject: Subject[A], decided: Floats, state: _State[A], days: float, options: Mapping[str, Any]
) -> float | None:
    """Plan all steps with what is decided; take it as the best if it is, its tangent, or the steps that fell short.

    Where falling short has a price, the steps of the worst days join: of as many as a quarter of the `days` there are.
    """
    try:
        found = subject.plan(subject.networks, options, decided=decided)
    except InfeasibleError:
        _add_short(subject, decided, state.short)
        return None
    for number, steps in worst_steps(subject.parts(found.answer), max(1, int(_JOIN * days))).items():
        state.short.setdefault(number, set()).update(steps)
    if found.tangent:
        state.tangents.append((found.value - float(found.slope @ decided), found.slope))
    if found.value < state.upper:
        state.best, state.upper = found, found.value
    return found.value


def _add_short(subject: Subject[A], decided: Floats, short: dict[int, set[int]]) -> None:
    """Add the base steps in which the least relaxation of the program gives way."""
    for number, owner, step in subject.missed(decided):
        net = subject.networks[number]
        edges = net.grids[net.balances.grid[owner]].edges
        short.setdefault(number, set()).update(range(int(edges[step]), int(edges[step + 1])))


def _mean_bound(subject: Subject[A], edges: Sequence[Floats], options: Mapping[str, Any]) -> float:
    """Return the least cost of the merged program with the best prices, whole numbers left open."""
    best = [merged(net, e, best_prices=True) for net, e in zip(subject.networks, edges, strict=True)]
    return subject.plan(best, options, relaxed=True).value


def _tangent_bound(subject: Subject[A], state: _State[A]) -> float:
    """Return the least value over all that may be decided of the highest tangent."""
    least, most = subject.bounds
    if not state.tangents or not np.isfinite(most).all():
        return -np.inf
    rows = np.array([np.append(slope, -1.0) for _, slope in state.tangents])
    right = np.array([-value for value, _ in state.tangents])
    bounds = [*zip(least, most, strict=True), (None, None)]
    found = linprog(np.append(np.zeros(len(least)), 1.0), rows, right, bounds=bounds, method="highs")
    return -np.inf if found.fun is None else float(found.fun)


def _gap(state: _State[A]) -> float:
    if state.best is None or not np.isfinite(state.lower):
        return np.inf
    return max(0.0, state.upper - state.lower) / max(abs(state.upper), 1e-9)
