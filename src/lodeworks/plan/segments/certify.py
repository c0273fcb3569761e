"""What merging steps costs, not left to faith: a plan of all steps from above, a bound on every plan from below.

Capacities are decided on merged steps. Held at that, the chain is planned over all its steps: a plan that can be
carried out, and what it costs is an upper bound on the least cost. From below there are two bounds: the merged program
with the best prices of each segment, of which the mean of any plan of the whole is a solution; and the tangents of
the cost over capacities that the plans of all steps have brought (Benders 1962). Segments are added until both are as
near as asked for. Steps in which what was built fell short stay whole from then on, so that nothing is under-built.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
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
from lodeworks.plan.scale import scale
from lodeworks.plan.segments.merge import edges_of_segments, merged

__all__ = ["Certified", "Round", "averages_bound", "certified_plan", "held"]

# Each round has so many times the segments of the one before.
_GROWTH = 2


@dataclass(frozen=True)
class Round:
    """One round: segments, what they promised, the cost of all steps with what they built, the best bound so far.

    Objectives are in the sense the user asked for; `achieved` is None where what was built fell short.
    """

    segments: int
    promised: float
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

    def as_dict(self) -> dict[str, Any]:
        """Return what a manifest says of it."""
        return {
            "gap": self.gap if np.isfinite(self.gap) else None, "bound": self.rounds[-1].bound,
            "segments": self.rounds[-1].segments, "rounds": len(self.rounds), "no_bound_by_means_for": self.why_no_mean,
        }


@dataclass
class _State:
    """What is known so far, as costs to be minimised."""

    best: Answer | None = None
    upper: float = np.inf
    lower: float = -np.inf
    tangents: list[tuple[float, Floats]] = field(default_factory=list)
    whole: set[int] = field(default_factory=set)


def certified_plan(net: Network, *, segments: int, within: float, options: Mapping[str, Any]) -> Certified:
    """Decide capacities on merged steps, plan all steps with them, and go on until the gap is within what is asked.

    Parameters
    ----------
    segments
        How many to begin with.
    within
        Relative gap between the plan and the bound at which to stop; infinite for one round.
    options
        Of `optimise`.

    Raises
    ------
    LodeworksError
        As `optimise`; and where nothing can be built.
    """
    if not net.plants.expandable.any():
        raise LodeworksError("nothing in this chain can be built, so merging steps decides nothing; plan it as it is")
    sign = -1.0 if net.objective.maximise else 1.0
    reason = averages_bound(net)
    state, rounds = _State(), []
    count = min(max(1, segments), net.steps)
    while True:
        started = time.perf_counter()
        edges = edges_of_segments(net, count, state.whole)
        small = optimise(merged(net, edges), **options)
        promised = small.program.objective(small.x)
        if len(edges) - 1 == net.steps:  # nothing is merged any more
            state.best, state.upper, state.lower = small, sign * promised, sign * promised
            achieved: float | None = state.upper
        else:
            achieved = _run_all(net, np.array([small.built(p) for p in range(len(net.plants))]), state, options)
            if not reason:
                state.lower = max(state.lower, _mean_bound(net, edges, options))
            state.lower = max(state.lower, _tangent_bound(net, state))
        gap = _gap(state)
        rounds.append(Round(
            len(edges) - 1, promised, None if achieved is None else sign * achieved,
            sign * state.lower if np.isfinite(state.lower) else None, gap if np.isfinite(gap) else None,
            time.perf_counter() - started,
        ))
        if state.best is not None and (gap <= within or len(edges) - 1 == net.steps):
            return Certified(state.best, tuple(rounds), gap, reason)
        count = min(net.steps, _GROWTH * count)


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
        state.whole |= _short_steps(fixed)
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
