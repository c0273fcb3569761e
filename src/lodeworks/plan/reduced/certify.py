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
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.optimize import linprog

from lodeworks.errors import InfeasibleError, LodeworksError
from lodeworks.network.arrays import Floats, Network
from lodeworks.plan.engine import Answer, optimise
from lodeworks.plan.explain.relax import relax
from lodeworks.plan.part import Part
from lodeworks.plan.program import assemble
from lodeworks.plan.reduced.fold import fold
from lodeworks.plan.reduced.merge import edges_of_segments, merged
from lodeworks.plan.reduced.typical import days_of, typical_days
from lodeworks.plan.scale import scale
from lodeworks.plan.solve import solve

__all__ = ["Certified", "Round", "averages_bound", "certified_plan", "held"]

# Each round has so many times the segments of the one before.
_GROWTH = 2
# Plans nearer to each other than this are as good as each other.
_SAME = 1e-6


@dataclass(frozen=True)
class Round:
    """One round: how steps were made fewer, what that promised, what all steps cost with what it built, the bound.

    `by` is ``segments`` or ``days`` and `pieces` how many of them. Objectives are in the sense the user asked for;
    `achieved` is None where what was built fell short, `promised` where typical days had no plan.
    """

    by: str
    pieces: int
    promised: float | None
    achieved: float | None
    bound: float | None
    gap: float | None
    seconds: float


@dataclass(frozen=True)
class Certified:
    """A plan of all steps with the capacities found, and the rounds that led to it."""

    answer: Answer
    rounds: tuple[Round, ...]
    gap: float
    why_no_mean: str
    better: str

    def as_dict(self) -> dict[str, Any]:
        """Return what a manifest says of it."""
        last = self.rounds[-1]
        return {
            "gap": self.gap if np.isfinite(self.gap) else None, "bound": last.bound, "by": last.by,
            "pieces": last.pieces, "rounds": len(self.rounds), "better": self.better,
            "no_bound_by_means_for": self.why_no_mean,
        }


@dataclass
class _State:
    """What is known so far, as costs to be minimised."""

    best: Answer | None = None
    upper: float = np.inf
    lower: float = -np.inf
    tangents: list[tuple[float, Floats]] = field(default_factory=list)
    short: set[int] = field(default_factory=set)


def certified_plan(
    net: Network, *, segments: int | None = None, days: int | None = None, within: float, options: Mapping[str, Any]
) -> Certified:
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
        As `optimise`; where nothing can be built; and for days where the horizon is not of whole days.
    """
    if not net.plants.expandable.any():
        raise LodeworksError("nothing in this chain can be built, so merging steps decides nothing; plan it as it is")
    ways: list[_Segments | _Days] = []
    if days is not None:
        ways.append(_Days(net, days))
    if segments is not None or days is None:
        ways.append(_Segments(net, segments or 1))
    sign = -1.0 if net.objective.maximise else 1.0
    reason = averages_bound(net)
    state, rounds, gap = _State(), [], np.inf
    while True:
        for way in ways:
            started = time.perf_counter()
            pieces, built, promised, whole = way.decide(state.short, options)
            achieved = None
            if whole is not None:  # nothing is merged any more
                achieved = whole.program.value(whole.x)
                state.best, state.upper, state.lower = whole, achieved, achieved
            elif built is not None:
                achieved = _run_all(net, built, state, options)
            if whole is None:
                if not reason:
                    state.lower = max(state.lower, _mean_bound(net, way.edges(state.short), options))
                state.lower = max(state.lower, _tangent_bound(net, state))
            gap = _gap(state)
            rounds.append(Round(
                way.name, pieces, promised, None if achieved is None else sign * achieved,
                sign * state.lower if np.isfinite(state.lower) else None, gap if np.isfinite(gap) else None,
                time.perf_counter() - started,
            ))
            if state.best is not None and (whole is not None or (gap <= within and np.isfinite(within))):
                return Certified(state.best, tuple(rounds), gap, reason, _better(rounds, sign))
        if state.best is not None and gap <= within:
            return Certified(state.best, tuple(rounds), gap, reason, _better(rounds, sign))
        for way in ways:
            way.grow()


class _Segments:
    """Capacities decided on merged steps."""

    name = "segments"

    def __init__(self, net: Network, count: int) -> None:
        self.net, self.count = net, min(max(1, count), net.steps)

    def grow(self) -> None:
        """Take more the next time."""
        self.count = min(self.net.steps, _GROWTH * self.count)

    def edges(self, short: set[int]) -> Floats:
        """Return where the segments begin and end."""
        return edges_of_segments(self.net, self.count, short)

    def decide(
        self, short: set[int], options: Mapping[str, Any]
    ) -> tuple[int, Floats | None, float | None, Answer | None]:
        """Return how many there are, what they build and promise, and the answer where nothing is merged."""
        edges = self.edges(short)
        answer = optimise(merged(self.net, edges), **options)
        pieces, promised = len(edges) - 1, answer.program.objective(answer.x)
        if pieces == self.net.steps:
            return pieces, None, promised, answer
        return pieces, np.array([answer.built(p) for p in range(len(self.net.plants))]), promised, None


class _Days:
    """Capacities decided on typical days, stores linked through the year."""

    name = "days"

    def __init__(self, net: Network, count: int) -> None:
        self.net, (self.days, self.steps) = net, days_of(net)
        self.count = min(max(1, count), self.days)

    def grow(self) -> None:
        """Take more the next time."""
        self.count = min(self.days, _GROWTH * self.count)

    def edges(self, short: set[int]) -> Floats:
        """Return where as many merged steps as the typical days have begin and end, for the bound."""
        return edges_of_segments(self.net, min(self.net.steps, self.count * self.steps), short)

    def decide(
        self, short: set[int], options: Mapping[str, Any]
    ) -> tuple[int, Floats | None, float | None, Answer | None]:
        """Return how many there are, what they build and promise, and the answer where every day is its own."""
        days = typical_days(self.net, self.count, {step // self.steps for step in short})
        pieces = len(days.stands)
        if pieces == self.days:
            answer = optimise(self.net, **options)
            return pieces, None, answer.program.objective(answer.x), answer
        folded = fold(self.net, days)
        found = solve(folded.small, **options)
        if found.status not in ("optimal", "time limit"):
            return pieces, None, None, None
        x = folded.whole(found.x)
        columns = folded.columns.built
        built = np.array([
            float(x[columns[p]]) * folded.columns.built_size(self.net, p) if columns[p] >= 0 else 0.0
            for p in range(len(self.net.plants))
        ])
        return pieces, built, folded.program.objective(x), None


def _better(rounds: Sequence[Round], sign: float) -> str:
    """Return which way built the better plan in the last round of both; empty where neither did, or one fell short."""
    achieved = {one.by: sign * one.achieved for one in rounds if one.achieved is not None}
    if len(achieved) < 2 or {one.by for one in rounds[-2:]} != set(achieved):
        return ""
    best, other = sorted(achieved, key=lambda by: achieved[by])
    return best if achieved[other] - achieved[best] > _SAME * abs(achieved[other]) else ""


def held(net: Network, built: Floats) -> Network:
    """Return the network with exactly `built` of each plant that may grow, shape (plants,)."""
    can = net.plants.expandable
    return replace(net, plants=replace(
        net.plants, least=np.where(can, built, net.plants.least), most=np.where(can, built, net.plants.most),
    ))


def averages_bound(net: Network) -> str:
    """Say why the mean of a plan over segments may be no solution of the merged program; empty where it always is."""
    plants, stores = net.plants, net.stores
    backwards = any(np.min(net.on_grid(plants.min_load, plants.grid, p)) < 0.0 for p in range(len(plants)))
    backwards |= any(
        np.min(net.on_grid(net.activities.lower, net.activities.grid, a)) < 0.0 for a in range(len(net.activities))
    )
    reasons = {
        "times on the way": bool((net.coefficients.lag > 0.0).any()),
        "ramps": bool(np.isfinite(plants.ramp_up).any() or np.isfinite(plants.ramp_down).any()),
        "minimum up or down times": bool((plants.min_up > 0.0).any() or (plants.min_down > 0.0).any()),
        "loads at start or stop": bool((~np.isnan(plants.start_load) | ~np.isnan(plants.stop_load)).any()),
        "shelf lives": bool(np.isfinite(stores.shelf_life).any()),
        "least stays": bool((stores.least_stay > 0.0).any()),
        "losses of stores": bool((stores.loss > 0.0).any()),
        "rates below nought": backwards,
        "firms' accounts": net.accounts is not None,
    }
    return ", ".join(name for name, there in reasons.items() if there)


def _run_all(net: Network, built: Floats, state: _State, options: Mapping[str, Any]) -> float | None:
    """Plan all steps with what is built; take it as the best if it is, its tangent, or the steps that fell short."""
    fixed = held(net, built)
    try:
        answer = optimise(fixed, **options)
    except InfeasibleError:
        state.short |= _short_steps(fixed)
        return None
    cost = answer.program.value(answer.x)
    slope = np.zeros(len(net.plants))
    for p in np.flatnonzero(net.plants.expandable):
        column = int(answer.columns.built[p])
        slope[p] = float(answer.reduced[column]) / answer.columns.built_size(net, int(p))
    if not answer.program.integer.any():  # with whole numbers in operation the tangent is none
        state.tangents.append((cost - float(slope @ built), slope))
    if cost < state.upper:
        state.best, state.upper = answer, cost
    return cost


def _short_steps(net: Network) -> set[int]:
    """Return the base steps in which the least relaxation of the program gives way."""
    program, columns = assemble(net)
    scaling = scale(net, columns, program)
    relaxed = relax((Part(net, columns, len(program.row_lower)),), program, scaling)
    steps: set[int] = set()
    for block, first in program.blocks:
        missed = np.abs(relaxed.slack[first : first + len(block)]) > 1e-7
        if block.name == "balance" and missed.any():
            for owner, step in zip(block.owner[missed], block.step[missed], strict=True):
                edges = net.grids[net.balances.grid[owner]].edges
                steps |= set(range(int(edges[step]), int(edges[step + 1])))
    return steps


def _mean_bound(net: Network, edges: Floats, options: Mapping[str, Any]) -> float:
    """Return the least cost of the merged program with the best prices, whole numbers left open."""
    best = merged(net, edges, best_prices=True)
    relaxed = replace(best, plants=replace(best.plants, lump=np.zeros(len(best.plants))))
    answer = optimise(relaxed, **options, relaxed=True)
    return answer.program.value(answer.x)


def _tangent_bound(net: Network, state: _State) -> float:
    """Return the least value over all capacities that may be built of the highest tangent."""
    can = np.flatnonzero(net.plants.expandable)
    most = net.plants.most[can]
    if not state.tangents or not np.isfinite(most).all():
        return -np.inf
    rows = np.array([np.append(slope[can], -1.0) for _, slope in state.tangents])
    right = np.array([-value for value, _ in state.tangents])
    bounds = [*zip(net.plants.least[can], most, strict=True), (None, None)]
    found = linprog(np.append(np.zeros(len(can)), 1.0), rows, right, bounds=bounds, method="highs")
    return -np.inf if found.fun is None else float(found.fun)


def _gap(state: _State) -> float:
    if state.best is None or not np.isfinite(state.lower):
        return np.inf
    return max(0.0, state.upper - state.lower) / max(abs(state.upper), 1e-9)
