"""A chain's state put into its network: the window from its moment on, with what is there, on, out and on its way.

What a state does not say is taken from the tables of a plan it names: levels, rates, what is on, what is on the way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.chain.distributions import mean_of
from lodeworks.chain.state import LONG, Out, State
from lodeworks.errors import InputError, Problem
from lodeworks.network.afterwards import Worth
from lodeworks.network.arrays import Before, Floats, Network
from lodeworks.network.window import times_series, window

if TYPE_CHECKING:
    import polars as pl

__all__ = ["begin"]


def begin(
    net: Network, state: State, *, plan: Mapping[str, pl.DataFrame] | None = None,
    values: pl.DataFrame | None = None, runs: bool = False,
) -> Network:
    """Return the window of a state.

    Parameters
    ----------
    plan
        The tables ``levels`` and ``rates`` of a plan, for what the state does not say.
    values
        The table ``marginal_values`` of a plan: what a unit left in store or on its way at the end is worth.
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
        moment = np.datetime64(state.at, "ms")
        levels = {**_levels_of(plan["levels"], moment), **levels}
        past = _Ran(net, plan["rates"], moment)
        rates = {**past.at_last(), **rates}
        on = {**past.on(), **on}
        coming = tuple(past.coming(cut, state.first))
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
    worth = Worth(net, state, values)
    cut = replace(cut, before=before, on_the_way=worth.on_the_way(cut), stores=replace(
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


def _levels_of(levels: pl.DataFrame, moment: np.datetime64) -> dict[str, float]:
    """Return what stores hold at a moment by a plan; within a step they change evenly."""
    found = {}
    for (store,), rows in levels.group_by(["store"]):
        order = rows.sort("time")
        ends = order["time"].to_numpy().astype("datetime64[ms]").astype(np.int64)
        at = int(moment.astype("datetime64[ms]").astype(np.int64))
        gap = int(ends[1] - ends[0]) if len(ends) > 1 else at - int(ends[0])
        if ends[0] - gap <= at <= ends[-1]:
            found[str(store)] = float(np.interp(at, ends, order["level"].to_numpy()))
    return found


class _Ran:
    """What a plan ran until a moment."""

    def __init__(self, net: Network, rates: pl.DataFrame, moment: np.datetime64) -> None:
        self.net = net
        act = net.activities
        number = {(net.elements[act.element[a]].name, act.mode[a]): a for a in range(len(act))}
        self.ran: dict[int, tuple[Floats, Floats]] = {}
        start = np.datetime64(net.start.replace(tzinfo=None), "ms")
        until = float((moment - start) / np.timedelta64(1, "ms")) / 3_600_000 / net.hours
        for (element, mode), rows in rates.group_by(["element", "mode"]):
            a = number.get((str(element), str(mode)))
            if a is None:
                raise InputError(Problem("the plan is of another chain", element="plan", found=str(element)))
            order = rows.sort("time")
            begins = (order["time"].to_numpy() - start) / np.timedelta64(1, "ms") / 3_600_000 / net.hours
            ends = np.append(begins, begins[-1] + order["hours"].to_numpy()[-1] / net.hours)
            past = begins < until - 1e-9
            self.ran[a] = np.append(ends[:-1][past], until), order["rate"].to_numpy()[past]

    def at_last(self) -> dict[str, float]:
        """Return the rate each element with a plant ran at, where it ran before."""
        found: dict[str, float] = {}
        for a, (_, rate) in self.ran.items():
            if self.net.activities.plant[a] >= 0 and len(rate):
                name = self.net.elements[self.net.activities.element[a]].name
                found[name] = found.get(name, 0.0) + float(rate[-1])
        return found

    def on(self) -> dict[str, float]:
        """Return hours on (minus: off) of what may be off, by whether it ran."""
        found = {}
        for p in np.flatnonzero(self.net.plants.on_off):
            users = [int(a) for a in np.flatnonzero(self.net.activities.plant == p) if int(a) in self.ran]
            edges = self.ran[users[0]][0] if users else np.zeros(1)
            if len(edges) < 2:
                continue
            ran = np.sum([self.ran[a][1] for a in users], axis=0) > 1e-9
            change = np.flatnonzero(ran != ran[-1])
            hours = float(edges[-1] - edges[change[-1] + 1]) * self.net.hours if len(change) else LONG
            found[self.net.elements[self.net.plants.element[p]].name] = hours if ran[-1] else -hours
        return found

    def coming(self, cut: Network, first: float) -> list[tuple[int, int, float]]:
        """Return what is on the way and comes in within a window: (balance, step, amount)."""
        flows, found = self.net.coefficients, []
        for i in np.flatnonzero(flows.lag > 0.0):
            a, b = int(flows.activity[i]), int(flows.balance[i])
            if a not in self.ran or len(self.ran[a][1]) == 0:
                continue
            edges, rate = self.ran[a]
            edges, rate = self._given(int(i), edges, rate)
            sums = np.concatenate([[0.0], np.cumsum(rate * np.diff(edges))]) * self.net.hours
            ends = cut.grids[cut.balances.grid[b]].edges + math.floor(first) - flows.lag[i] / self.net.hours
            amounts = np.diff(np.interp(ends, edges, sums))
            found += [(b, int(t), float(amounts[t])) for t in np.flatnonzero(amounts != 0.0)]
        return found

    def _given(self, flow: int, edges: Floats, rate: Floats) -> tuple[Floats, Floats]:
        """Return edges and what a flow gave an hour between them; by base steps where its amount changes over time."""
        flows = self.net.coefficients
        if not flows.changing[flow]:
            return edges, rate * flows.amount[flow]
        marks = np.unique(np.concatenate([edges, np.arange(np.ceil(edges[0]), np.floor(edges[-1]) + 1.0)]))
        base = np.floor(marks[:-1]).astype(np.int64)
        values = self.net.series[flows.over.series[flow]][np.clip(base, 0, self.net.steps - 1)]
        known = (base >= 0) & (base < self.net.steps)
        amount = np.where(known, flows.over.scale[flow] * values, flows.amount[flow])
        return marks, rate[np.searchsorted(edges, marks[:-1], side="right") - 1] * amount
