"""What of a chain PyPSA has no component for, told by name: of the network as a whole, and where scenarios differ.

What single activities and stores say is told where they are written (`to_components`, `to_stores`, `to_limits`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from lodeworks.chain.entities import Chain
from lodeworks.chain.measures import Measures
from lodeworks.errors import Problem
from lodeworks.exchange.netcdf import Lists
from lodeworks.network.arrays import Floats, Network

__all__ = ["base_grid", "not_written", "snapshot_hours", "times_of_snapshots", "told", "unlike"]


def told(element: str, what: str) -> Problem:
    """Return what is told of something PyPSA has no component for."""
    return Problem(f"PyPSA has no component for {what}", element=element,
                   expected="a chain without it, or --leave-out to go on without it")


def not_written(chain: Chain, net: Network) -> Iterator[Problem]:
    """Yield what of the network as a whole PyPSA cannot say."""
    if chain.horizon.periods:
        yield from _over_seams(chain, net)
    if chain.objective.risk is not None:
        yield told("objective", "aversion to risk")
    if net.accounts is not None and not chain.horizon.stages:  # over stages it is told once, for all of them
        yield told("firms", "what firms have and owe")
    if net.objective.goal not in ("profit", "cost"):
        yield told("objective", f"the goal {net.objective.goal}")
    if np.isfinite(net.budget):
        yield told("investment", "a budget")
    for name in (*net.choices.name, *net.sums.name):
        yield told("investment", f"the limit {name}")
    for p in dict.fromkeys(net.needs[:, 0].tolist()):
        yield told(net.elements[net.plants.element[p]].name, "projects that need another")
    for name, kind in zip(net.resources.name, net.resources.kind, strict=True):
        yield told(*((f"fleets.{name}", "pumps") if kind == "pumps" else (f"{kind}s.{name}", f"a {kind}")))
    for name in dict.fromkeys(name.rpartition(": ")[0] for name in net.blends.name):
        yield told(f"processes.{name}", "limits on a blend")
    for a in dict.fromkeys([*net.shares.activity.tolist(), *net.order[:, 0].tolist()]):
        yield told(net.elements[net.activities.element[a]].name, "shares of modes or tiers in an order")
    counts = np.bincount(net.activities.plant[net.activities.plant >= 0], minlength=len(net.plants))
    for p in np.flatnonzero(counts > 1):
        yield told(net.elements[net.plants.element[p]].name, "a capacity that several modes share")
    for p in dict.fromkeys(net.reserves.plant.tolist()):
        yield told(net.elements[net.plants.element[p]].name, "reserves")
    for a in np.flatnonzero(net.activities.grid != base_grid(net)):
        yield told(net.elements[net.activities.element[a]].name, "a step of its own")
    for i in np.flatnonzero(net.coefficients.lag != 0.0):
        yield told(net.elements[net.coefficients.element[i]].name, "a flow that comes later")
    if len(np.unique(snapshot_hours(net))) > 1:
        yield from _by_the_snapshot(net)
    for s in np.flatnonzero(np.isfinite(net.stores.shelf_life)):
        yield told(net.elements[net.stores.element[s]].name, "a shelf life")
    for s in np.flatnonzero(net.stores.least_stay > 0.0):
        yield told(net.elements[net.stores.element[s]].name, "a least stay")
    for s in np.flatnonzero(net.stores.exclusive):
        yield told(net.elements[net.stores.element[s]].name, "either filling or emptying")


def _over_seams(chain: Chain, net: Network) -> Iterator[Problem]:
    """Yield what differs where periods follow one another: in PyPSA all goes over from snapshot to snapshot, once."""
    if chain.horizon.stages:
        yield told("horizon.periods", "periods within stages")
    for s in np.flatnonzero(~(net.stores.seasonal & net.stores.once)):
        yield told(net.elements[net.stores.element[s]].name,
                   "a stock that is not carried over periods as if each came once (`over_periods: once` goes)")
    plants = net.plants
    for what, there in (
        ("a ramp within a period alone", np.isfinite(plants.ramp_up) | np.isfinite(plants.ramp_down)),
        ("starts and stops within a period alone", plants.on_off & (
            (np.maximum(plants.min_up, plants.min_down) > 0.0) | (plants.start_cost > 0.0) | (plants.stop_cost > 0.0)
            | ~np.isnan(plants.start_load) | ~np.isnan(plants.stop_load))),
    ):
        for p in np.flatnonzero(there):
            yield told(net.elements[plants.element[p]].name, what)


def _by_the_snapshot(net: Network) -> Iterator[Problem]:
    """Yield what PyPSA counts by the snapshot and a chain by the hour, where snapshots are of different length."""
    plants = net.plants
    for what, there in (
        ("a ramp over segments of different length", np.isfinite(plants.ramp_up) | np.isfinite(plants.ramp_down)),
        ("minimum times over segments of different length",
         plants.on_off & (np.maximum(plants.min_up, plants.min_down) > 0.0)),
    ):
        for p in np.flatnonzero(there):
            yield told(net.elements[plants.element[p]].name, what)


def unlike(chances: dict[str, float], made: Sequence[Lists]) -> Iterator[Problem]:
    """Yield the scenarios in which other components are there than in the first."""
    first = {kind: list(things) for kind, things in made[0].fixed.items()}
    for name, own in zip(chances, made, strict=bool(chances)):
        if {kind: list(things) for kind, things in own.fixed.items()} != first:
            yield told(f"scenarios.{name}", "what is there, or another kind of thing, in one scenario only")
        for kind in ("lines", "transformers"):
            for wire, columns in own.fixed.get(kind, {}).items():
                if columns["x"] != made[0].fixed.get(kind, {}).get(wire, columns)["x"]:
                    yield told(wire, "a reactance that differs between scenarios")


def base_grid(net: Network) -> int:
    """Return the number of the grid of the base steps, -1 where nothing has them."""
    return next((k for k, grid in enumerate(net.grids) if grid.multiple == 1), -1)


def snapshot_hours(net: Network) -> Floats:
    """Return how long the snapshots of a network are, in hours: its base steps, or its segments."""
    grid = base_grid(net)
    return net.grids[grid].hours(net.hours) if grid >= 0 else np.full(net.steps, net.hours)


def times_of_snapshots(chain: Chain, net: Network) -> Floats:
    """Return how often each snapshot of a horizon counts: as its period comes, shape (snapshots,)."""
    measures, periods = Measures(chain, chain.registry()), chain.horizon.periods.values()
    ends = np.cumsum(snapshot_hours(net))
    if not periods:
        return np.ones(len(ends))
    times = np.array([measures.number(each.times) for each in periods])
    last = np.cumsum([measures.duration(each.length) for each in periods])
    found: Floats = times[np.minimum(np.searchsorted(last, ends - 1e-6), len(times) - 1)]
    return found
