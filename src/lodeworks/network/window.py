"""A stretch of a longer horizon as a network of its own: what is asked when only some steps are planned or run.

Nothing is built in a window; stores begin with what they hold and end as is best. What a chain's state says of its
beginning is put into it by `begin`. A period is a stretch that stands for more than itself: all of the whole is in it,
its beginning follows its end where the horizon is cyclic, and what can be built can be built.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np

from lodeworks.errors import InputError, Problem
from lodeworks.network.arrays import (
    Arriving,
    Before,
    CapacitySums,
    Choices,
    Constant,
    Discrete,
    Floats,
    Grid,
    Network,
    Varying,
)

__all__ = ["constants_of", "finer", "period", "times_series", "window", "without_limits_on_building"]


def window(net: Network, first: float, last: float) -> Network:
    """Return the network of the steps from `first` to before `last`, in base steps from the network's start.

    Parameters
    ----------
    first, last
        Where they fall within a step, of any length, its first or last part stays.

    Raises
    ------
    InputError
        If a plant is many units of which any number may be on.

    Notes
    -----
    Stores hold what their `initial` says, nothing where it says nothing, and end as is best, or as they must at the end
    of the whole. Capacity is what exists; accounts of firms are left out. Money that does not depend on the plan counts
    by the time the window has of the whole; a limit on a sum has its part (see `Network.stretches`).
    """
    begin, end = int(np.floor(first)), int(np.ceil(last))
    many = [net.elements[net.plants.element[p]].name for p in np.flatnonzero(net.plants.unit > 0.0)]
    if many:
        raise InputError(Problem(
            f"{many[0]} is many alike units; how many are on is not known where a window begins"))
    if len(net.reserves.plant):
        keeps = net.elements[net.plants.element[net.reserves.plant[0]]].name
        raise InputError(Problem(f"{keeps} keeps reserves; what it kept is not known where a window begins"))
    grids = tuple(Grid(grid.multiple, _cut(grid.edges, first, last) - begin) for grid in net.grids)
    count = len(net.plants)
    plants = replace(
        net.plants, least=np.zeros(count), most=np.zeros(count), lump=np.zeros(count), upkeep=np.zeros(count),
        yearly=np.zeros(count),
    )
    at_end = last >= net.span[1]
    stores = replace(
        net.stores, initial=np.nan_to_num(net.stores.initial), cyclic=np.zeros(len(net.stores), bool),
        end=np.where(at_end & ~np.isnan(net.stores.end), net.stores.end, -np.inf),
        fixed=tuple(_moved_levels(net, first, last)),
    )
    cut = replace(
        net, start=net.start + dt.timedelta(hours=begin * net.hours), steps=end - begin, cyclic=False, grids=grids,
        series=np.ascontiguousarray(net.series[:, begin:end]), plants=plants, stores=stores, budget=np.inf,
        accounts=None,
        discrete=_discrete(net.discrete, first * net.hours),
        before=Before(np.full(count, np.nan), np.full(count, np.nan)), passed=net.passed + begin,
        left=net.left + net.steps - end, cut=True, _averages={},
    )
    cut = without_limits_on_building(cut)
    return replace(cut, constants=constants_of(net, cut, (last - first) / (net.span[1] - net.span[0])))


def without_limits_on_building(net: Network) -> Network:
    """Return a network without choices among projects, needs and limits on sums of capacities."""
    none = np.zeros(0, np.int32)
    return replace(
        net, choices=Choices((), np.zeros(0), np.zeros(0), none, none), needs=np.zeros((0, 2), np.int32),
        sums=CapacitySums((), (), np.zeros(0), np.zeros(0), none, none, np.zeros(0)),
    )


def period(net: Network, first: int, last: int, share: float) -> Network:
    """Return the network of the base steps from `first` to before `last` as a period of its own.

    Parameters
    ----------
    share
        What one passing of it bears of the money that capacity costs to keep.

    Raises
    ------
    InputError
        If a step of some activity or balance reaches over its border.
    """
    for grid in net.grids:
        if not np.isin([first, last], grid.edges).all():
            raise InputError(Problem(
                f"a step of {grid.multiple * net.hours:g} h reaches over the border of a period that begins "
                f"{first * net.hours:g} h and ends {last * net.hours:g} h after the start"
            ))
    grids = tuple(Grid(grid.multiple, _cut(grid.edges, first, last) - first) for grid in net.grids)
    plants = replace(net.plants, fixed=net.plants.fixed * share, upkeep=net.plants.upkeep * share)
    cut = replace(
        net, start=net.start + dt.timedelta(hours=first * net.hours), steps=last - first, grids=grids, plants=plants,
        series=np.ascontiguousarray(net.series[:, first:last]), _averages={},
        stores=replace(net.stores, fixed=tuple(_moved_levels(net, first, last))),
    )
    return replace(cut, constants=constants_of(net, cut, share))


def finer(net: Network, parts: int) -> Network:
    """Return the network with base steps of so many parts each; what varies stays as it is within them.

    Where the first or last step is cut, what is left out of it goes. It is for what runs in time: limits on sums over
    stretches of base steps are left as they are.
    """
    first, last = net.span
    begin, end = int(np.floor(first * parts + 1e-9)), int(np.ceil(last * parts - 1e-9))
    grids = tuple(Grid(grid.multiple * parts, grid.edges * parts - begin) for grid in net.grids)
    hours = net.hours / parts
    return replace(
        net, start=net.start + dt.timedelta(hours=begin * hours), hours=hours, steps=end - begin, grids=grids,
        passed=net.passed * parts + begin, left=(net.steps + net.left) * parts - end,
        series=np.ascontiguousarray(np.repeat(net.series, parts, axis=1)[:, begin:end]), _averages={},
    )


def times_series(net: Network, factors: dict[int, Floats], name: str, of: str) -> Network:
    """Return the network with some varying numbers multiplied by factors, shape (base steps,).

    Parameters
    ----------
    factors
        By row of the varying number `name` of the network's record `of`.
    """
    record = getattr(net, of)
    varying: Varying = getattr(record, name)
    scale, row, series = varying.scale.copy(), varying.series.copy(), [*net.series]
    for which, factor in factors.items():
        values = net.by_base_step(varying, which)
        scale[which], row[which] = 1.0, len(series)
        series.append(np.where(factor > 0.0, values, 0.0) * np.where(factor > 0.0, factor, 1.0))
    changed: dict[str, Any] = {of: replace(record, **{name: Varying(scale, row)})}
    return replace(net, series=np.array(series).reshape(len(series), net.steps), _averages={}, **changed)


def _cut(edges: Floats, first: float, last: float) -> Floats:
    inside = edges[(edges > first) & (edges < last)]
    return np.concatenate([[first], inside, [last]])


def _moved_levels(net: Network, first: float, last: float) -> list[tuple[int, int, float]]:
    """Return the given levels that fall into a window, by its own steps."""
    found = []
    for store, step, level in net.stores.fixed:
        edges = net.grids[net.balances.grid[net.stores.balance[store]]].edges
        if first < edges[step + 1] <= last:
            found.append((store, step - int(np.searchsorted(edges, first, side="right")) + 1, level))
    return found


def constants_of(net: Network, cut: Network, share: float = 1.0) -> tuple[Constant, ...]:
    """Return the constants of a part, or of other series: its share of them, and the penalty on what it may lack."""
    owed = [_owed(each) for each in (net, cut)]
    found = []
    for constant in net.constants:
        money = constant.money * share
        if constant.item == "unserved":
            whole, part = (each.get(constant.element, 0.0) for each in owed)
            money = (constant.money + whole) * share - part
        found.append(replace(constant, money=money))
    return tuple(found)


def _owed(net: Network) -> dict[int, float]:
    """Return the penalty on all that may fall short, by element."""
    owed: dict[int, float] = {}
    acts = net.activities
    for i in (i for i, item in enumerate(net.costs.item) if item == "unserved"):
        a = int(net.costs.activity[i])
        fine = net.on_grid(net.costs.money, acts.grid[net.costs.activity], i)
        hours = net.grids[acts.grid[a]].hours(net.hours)
        element = int(net.costs.element[i])
        owed[element] = owed.get(element, 0.0) + float((fine * net.on_grid(acts.upper, acts.grid, a)) @ hours)
    return owed


def _discrete(discrete: Discrete, hours: float) -> Discrete:
    """Return the discrete reading from an hour on: arrivals still to come, no warm-up."""
    arrivals = {element: _later(arriving, hours) if arriving.at else arriving
                for element, arriving in discrete.arrivals.items()}
    return replace(discrete, arrivals=arrivals, warm_up=0.0, kind="terminating")


def _later(arriving: Arriving, hours: float) -> Arriving:
    """Return a timetable from an hour on: of one that comes again, its round as it stands then."""
    amounts = arriving.amounts or (np.nan,) * len(arriving.at)
    left = [(at - hours, amount) for at, amount in zip(arriving.at, amounts, strict=True)]
    if arriving.every > 0.0:  # what is past comes again in the next round
        first = [(at, amount) for at, amount in left if at >= 0.0]
        left = sorted([(at % arriving.every, amount) for at, amount in left if at < 0.0] + first)
    left = [(at, amount) for at, amount in left if at >= 0.0] or [(np.inf, 0.0)]  # never again
    return replace(arriving, at=tuple(at for at, _ in left),
                   amounts=tuple(amount for _, amount in left) if arriving.amounts or np.isinf(left[0][0]) else ())
