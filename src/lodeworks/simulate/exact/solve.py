"""A chain solved exactly, and its answers beside those of a simulation.

Which chains qualify, what their states are and how shares of time are found is said in the other modules of this
package; here they are put one after the other.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.errors import InputError, Problem
from lodeworks.network import Network
from lodeworks.simulate import layout as y
from lodeworks.simulate.build import build
from lodeworks.simulate.draft import Built
from lodeworks.simulate.engine import Outcome
from lodeworks.simulate.exact.closed import Ring, answers_of_rings, rings_of
from lodeworks.simulate.exact.explore import MOST_STATES, Space, explore
from lodeworks.simulate.exact.measured import LITTLE, Answers, answers
from lodeworks.simulate.exact.qualify import reasons_against
from lodeworks.simulate.exact.rules import rules_of
from lodeworks.simulate.exact.shares import long_run, over_time
from lodeworks.simulate.tables import measures

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Exact", "Solvable", "exact_manifest", "exact_table", "exactly", "solvable"]


@dataclass(frozen=True, eq=False)
class Solvable:
    """A chain whose states are known, or which is a closed network in product form."""

    network: Network
    built: Built
    space: Space | None
    rings: tuple[Ring, ...] | None = None


@dataclass(frozen=True)
class Exact:
    """A chain's exact means.

    Attributes
    ----------
    method
        How they were found, in words.
    stretch
        Of which time they are the means, in words.
    states
        How many states the chain has; nought where they need not be known.
    residual
        By how much the equations are missed, relative to the largest flow.
    seconds
        How long it took to solve them.
    """

    answers: Answers
    method: str
    stretch: str
    states: int
    residual: float
    seconds: float


def solvable(
    network: Network, *, follows_plan: bool = False, most: int = MOST_STATES,
    progress: Callable[[str], None] | None = None,
) -> Solvable:
    """Return a chain with what solves it: its rings where it is a closed network in product form, else its states.

    A closed network's means are those of the long run; a run that is not steady is therefore solved by its states where
    they can be listed.

    Parameters
    ----------
    follows_plan
        Whether the simulation beside it follows a plan.
    most
        How many states there may be.

    Raises
    ------
    InputError
        With every reason why the chain cannot be solved exactly, or how many states it has.
    """
    built = build(network)
    against = reasons_against(network, built)
    if follows_plan:
        against.append(Problem("a plan's targets change with time, so what follows one cannot be solved exactly",
                               element="simulation", found="--plan", expected="--exact without it"))
    if network.cut:
        against.append(Problem("what is under way at the start is not solved exactly", element="simulation",
                               found="--from", expected="--exact without it"))
    rings = None if follows_plan or network.cut else rings_of(built)
    if rings is not None and (against or network.discrete.kind == "steady"):
        return Solvable(network, built, None, rings)
    if against:
        raise InputError(against)
    try:
        return Solvable(network, built, explore(rules_of(built), built.places, most, progress))
    except InputError:
        if rings is None:
            raise
        return Solvable(network, built, None, rings)


def exactly(chain: Solvable, *, begin: float = 0.0, end: float | None = None) -> Exact:
    """Return a chain's exact means: of its long run where it is steady, else of a stretch from the start.

    Parameters
    ----------
    begin, end
        The stretch in hours; to the horizon unless given.

    Raises
    ------
    SimulationError
        If no method satisfies the equations.
    """
    started = time.perf_counter()
    network, space = chain.network, chain.space
    if space is None:
        assert chain.rings is not None
        return Exact(answers_of_rings(chain.built, chain.rings), "mean-value analysis", "the long run", 0, 0.0,
                     time.perf_counter() - started)
    last = network.length_h if end is None else end
    from_start = math.inf
    if network.discrete.kind == "steady":
        shares, residual = long_run(space.generator, space.start)
        stretch = "the long run"
    else:
        shares, residual = over_time(space.generator, space.start, begin, last)
        stretch = f"hours {begin:g} to {last:g} from the start"
        from_start = last if begin <= 0.0 else math.inf
    return Exact(answers(chain.built, space, shares, from_start), "Markov chain", stretch, space.count, residual,
                 time.perf_counter() - started)


def exact_table(outcome: Outcome, exact: Exact, statistics: pl.DataFrame) -> pl.DataFrame:
    """Return simulated and exact means side by side, with the difference in standard errors.

    `off` is null where all replications agree to the last digit. What is nought in both is left out.

    Parameters
    ----------
    statistics
        The table of means of the simulation, for their units.
    """
    import polars as pl

    units = {(row[0], row[1], row[2]): row[3] for row in statistics.select("kind", "name", "measure", "unit").rows()}
    units |= {key: "h" for key in exact.answers if key[2] == LITTLE}
    simulated = measures(outcome)
    rows: list[tuple[Any, ...]] = []
    for key in exact.answers:
        values = _by_little(simulated, key[1]) if key[2] == LITTLE else simulated.get(key)
        if values is None:
            continue
        truth, mean = exact.answers[key], float(np.mean(values))
        error = float(np.std(values, ddof=1) / np.sqrt(len(values)))
        if truth == 0.0 and not np.any(values):
            continue
        certain = error <= 1e-12 * max(abs(mean), abs(truth))
        rows.append((*key, mean, error, truth, mean - truth, None if certain else (mean - truth) / error,
                     units.get(key, "share")))
    return pl.DataFrame(rows, orient="row", schema={
        "kind": pl.String, "name": pl.String, "measure": pl.String, "simulated": pl.Float64, "error": pl.Float64,
        "exact": pl.Float64, "difference": pl.Float64, "off": pl.Float64, "unit": pl.String,
    })


def _by_little(simulated: Mapping[tuple[str, str, str], y.Floats], place: str) -> y.Floats | None:
    """Return values whose mean is mean stock over mean outflow, with the spread of that ratio (delta method)."""
    level = simulated["queue", place, "level"]
    left = simulated["queue", place, "out"] + simulated["queue", place, "reneged"]
    if not np.any(left):
        return None
    ratio = float(level.mean() / left.mean())
    values: y.Floats = ratio + (level - ratio * left) / left.mean()
    return values


def exact_manifest(exact: Exact) -> dict[str, Any]:
    """Return what the manifest says of exact answers."""
    return {"method": exact.method, "stretch": exact.stretch, "states": exact.states, "residual": exact.residual,
            "seconds": round(exact.seconds, 3)}
