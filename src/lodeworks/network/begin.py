"""A chain's state put into its network: the window from its moment on, with what is there, on, out and on its way.

What a state does not say is taken from the tables of a plan it names: levels, rates, what is on, what is on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.chain.distributions import mean_of
from lodeworks.chain.state import Out, State
from lodeworks.errors import InputError, Problem
from lodeworks.network.afterwards import Worth
from lodeworks.network.arrays import Before, Floats, Network
from lodeworks.network.followed import Followed
from lodeworks.network.window import times_series, window

if TYPE_CHECKING:
    import polars as pl

__all__ = ["begin"]


def begin(
    net: Network, state: State, *, plan: Mapping[str, pl.DataFrame] | None = None,
    values: Mapping[str, pl.DataFrame] | None = None, runs: bool = False,
) -> Network:
    """Return the window of a state.

    Parameters
    ----------
    plan
        The tables ``levels`` and ``rates`` of a plan, for what the state does not say.
    values
        The tables ``marginal_values``, ``levels`` and ``rates`` of a plan: what a unit left in store or on its way at
        the end is worth, and how much of each limit on a sum over a longer time is meant for the window.
    runs
        Whether it is for the discrete reading: whole machines that are out are then `Discrete.out`, to the minute;
        all else that is out lowers what is available, step by step.

    Raises
    ------
    InputError
        If a plan does not cover the moment or the end, or an outage cannot be said of an element.
    """
    started = _with_built(net, state.built)
    cut = window(started, state.first, state.last)
    levels, rates, on = dict(state.levels), dict(state.rates), dict(state.on)
    coming: tuple[tuple[int, int, float], ...] = ()
    if plan is not None:
        past = Followed(net, plan, state.first)
        levels = {**past.held(), **levels}
        rates = {**past.at_last(), **rates}
        on = {**past.on(), **on}
        coming = tuple(past.coming(cut))
        if not runs:  # what is run closes its balances at every moment
            coming += tuple(past.within(state.levels))
    names = [net.elements[e].name for e in net.plants.element]
    missing = [net.elements[e].name for e in net.stores.element if net.elements[e].name not in levels]
    if missing:
        raise InputError(Problem("what stores hold is not said", element="levels", found=", ".join(missing),
                                 expected="a level for each store, or a plan that covers the moment"))
    ran, been = (np.array([known.get(name, np.nan) for name in names]) for known in (rates, on))
    if state.first == 0.0 and net.before is not None:  # the chain says it, where the state does not
        ran = np.where(np.isnan(ran), net.before.rate, ran)
        been = np.where(np.isnan(been), net.before.on, been)
    before = Before(ran, been, coming)
    held = np.array([levels[net.elements[e].name] for e in net.stores.element], float)
    worth = Worth(net, state, values["marginal_values"] if values is not None else None)
    meant = Followed(net, values, state.first).allotted(cut) if values is not None and not runs else {}
    cut = replace(cut, before=before, on_the_way=worth.on_the_way(cut), allotted=meant, stores=replace(
        cut.stores, initial=held, worth=worth.in_store(),
    ))
    if not runs:
        return _with_outages(cut, state.out)
    cut = replace(cut, discrete=replace(cut.discrete, on_road=_on_road(cut, rates)))
    return _with_outages(*_machines_out(cut, state.out))


def _with_built(net: Network, built: Mapping[str, float]) -> Network:
    """Return the network with capacity that has been built since."""
    names = [net.elements[e].name for e in net.plants.element]
    existing = net.plants.existing + np.array([built.get(name, 0.0) for name in names])
    amount = net.resources.amount.copy()
    for r, p in enumerate(net.resources.plant):
        if p >= 0:
            amount[r] += built.get(names[p], 0.0)
    discrete = net.discrete
    fleets = {e: replace(drive, vehicles=drive.vehicles + round(built.get(net.elements[e].name, 0.0)))
              for e, drive in discrete.fleets.items()}
    return replace(
        net, plants=replace(net.plants, existing=existing), resources=replace(net.resources, amount=amount),
        discrete=replace(discrete, fleets=fleets),
    )


def _on_road(net: Network, rates: Mapping[str, float]) -> dict[int, tuple[float, float]]:
    """Return how many vehicles of each route were on their way and on their way back: trips an hour × hours each."""
    found = {}
    for number, haul in net.discrete.hauls.items():
        trips = rates.get(net.elements[number].name, 0.0) / haul.payload
        if trips > 0.0:
            ways = (mean_of(way.family, way.parameters) for way in (haul.laden, haul.empty))
            laden, empty = (trips * hours for hours in ways)
            found[number] = laden, empty
    return found


def _machines_out(net: Network, out: Mapping[str, Out]) -> tuple[Network, dict[str, Out]]:
    """Return the network with the machines that are out, and what is left that no whole machines can say."""
    machines: dict[int, tuple[int, float]] = {}
    rest = {}
    for name, said in out.items():
        number = net.element_number.get(name, -1)
        run = net.discrete.runs.get(number)
        gone = (1.0 - said.share) * (run.servers if run is not None else 1)
        if number in net.discrete.arrivals and net.elements[number].kind == "supply":
            net = _fewer_arrivals(net, number, said)
        elif np.any(net.activities.element == number) and abs(gone - round(gone)) < 1e-6:
            machines[number] = round(gone), said.hours
        else:
            rest[name] = said
    return replace(net, discrete=replace(net.discrete, out=machines)), rest


def _fewer_arrivals(net: Network, number: int, said: Out) -> Network:
    """Return the network with fewer arrivals while their supply is out: at random times a share of them, else none."""
    coming = net.discrete.arrivals[number]
    if not coming.at:
        rate = net.series[coming.series] if coming.series >= 0 else np.ones(net.steps)
        net = replace(net, series=np.vstack([net.series, rate * _left(net, said)]), _averages={})
        coming = replace(coming, series=len(net.series) - 1)
    elif said.share > 0.0:
        raise InputError(Problem("arrivals at written times have no share that is left", element="out",
                                 key=f"{net.elements[number].name}.share", expected="share 0"))
    else:
        kept = [i for i, at in enumerate(coming.at) if at >= said.hours or coming.every > 0.0]
        later = [coming.at[i] + coming.every * np.ceil(max(0.0, said.hours - coming.at[i]) / coming.every)
                 if coming.every > 0.0 else coming.at[i] for i in kept] or [np.inf]
        order = sorted(range(len(later)), key=lambda i: later[i])
        amounts = [coming.amounts[i] for i in kept] or [0.0] if coming.amounts or not kept else []
        coming = replace(coming, at=tuple(later[i] for i in order), amounts=tuple(amounts[i] for i in order if amounts))
    arrivals = {**net.discrete.arrivals, number: coming}
    return replace(net, discrete=replace(net.discrete, arrivals=arrivals))


def _with_outages(net: Network, out: Mapping[str, Out]) -> Network:
    """Return the network without what is out while it is out."""
    upper: dict[int, Floats] = {}
    lower: dict[int, Floats] = {}
    plants: dict[int, Floats] = {}
    pools: dict[int, Floats] = {}
    problems = []
    for name, said in out.items():
        left = _left(net, said)
        for r in (r for r, n in enumerate(net.resources.name) if n == name):
            pools[r] = left
        if name not in net.element_number:
            continue
        number = net.element_number[name]
        own = [int(p) for p in np.flatnonzero(net.plants.element == number) if np.isfinite(net.plants.existing[p])]
        plants |= dict.fromkeys(own, left)
        for a in np.flatnonzero(net.activities.element == number):
            if int(net.activities.plant[a]) in own:
                continue
            most = net.on_grid(net.activities.upper, net.activities.grid, int(a))
            if np.isinf(most).any() and said.share > 0.0:
                problems.append(Problem("what has no limit has no share of it", element="out", key=f"{name}.share",
                                        expected="share 0, or an element with a capacity"))
            upper[int(a)] = lower[int(a)] = left
    if problems:
        raise InputError(dict.fromkeys(problems))
    net = times_series(net, plants, "availability", "plants")
    net = times_series(net, pools, "availability", "resources")
    return times_series(times_series(net, upper, "upper", "activities"), lower, "lower", "activities")


def _left(net: Network, said: Out) -> Floats:
    """Return the share of each base step's availability that is left, shape (steps,)."""
    first = net.span[0]
    begins = np.maximum(np.arange(net.steps, dtype=float), first)
    ends = np.arange(1, net.steps + 1, dtype=float)
    gone = np.clip(first + said.hours / net.hours, begins, ends) - begins
    left: Floats = 1.0 - (1.0 - said.share) * gone / (ends - begins)
    return left
