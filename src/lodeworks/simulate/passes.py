"""Pools used in proportion to a rate: no batch of a member starts without a pass, and a pool makes passes at its pace.

A batch that uses so much of a pool takes use / (amount × calendar) of the pool's time, so a pool is one machine that
makes passes for its members: for the first by priority that has none lying ready. What is started of all members by
any hour has then used no more than the pool gave until then; what nobody wanted is lost but for one batch of each
member. While a pool is closed its members are off shift, so that no pass is kept for the night. Passes, their places
and that machine are nobody's stock and are not shown. The units that a run holds are in `crews`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from lodeworks.network import Network
from lodeworks.simulate import layout as y
from lodeworks.simulate.draft import Arc, Draft, Group, Passes, Place, Transition
from lodeworks.simulate.trips import AFTER_LOADING

__all__ = ["add_passes", "most_by_pools", "rates_of_pools"]

_ROOM = 2.0 - 1e-6  # passes: one, and what a smaller batch has left of another


def rates_of_pools(network: Network) -> Iterator[tuple[int, int, float]]:
    """Yield each pool (its number among the resources), an activity in proportion to whose rate it is used, and use."""
    res = network.resources
    for r, a, use in zip(res.use_resource.tolist(), res.use_activity.tolist(), res.use.tolist(), strict=True):
        if res.kind[r] == "pool" and use > 0.0 and math.isfinite(res.amount[r]):
            yield r, a, use


def most_by_pools(network: Network) -> y.Floats:
    """Return the most an hour of each activity that its pools let through at the best of times, shape (activities,)."""
    most = np.full(len(network.activities), np.inf)
    for r, a, use in rates_of_pools(network):
        most[a] = min(most[a], float(network.resources.amount[r]) * float(np.max(_level(network, r))) / use)
    return most


def add_passes(d: Draft) -> None:
    """Let every transition whose activity uses pools in proportion to its rate wait for passes, and add who makes them.

    Failures of a pool stop its passes as they stop its units: both draw the same times.
    """
    network = d.network
    uses: dict[int, dict[int, float]] = {}
    for r, a, use in rates_of_pools(network):
        own = uses.setdefault(r, {})
        own[a] = own.get(a, 0.0) + use
    for r, by_activity in uses.items():
        members = [(number, t) for number, t in enumerate(d.transitions)
                   if t.activity in by_activity and not t.name.endswith(AFTER_LOADING)]  # whose loading needed it
        if members:
            _add(d, r, [(number, t, by_activity[t.activity]) for number, t in members])
            _close(d, np.asarray(_level(network, r) > 0.0, float), {t.group for _, t in members}, set(by_activity))


def _add(d: Draft, r: int, members: list[tuple[int, Transition, float]]) -> None:
    """Add the maker of a pool's passes, and a place for those of each member."""
    name, amount = d.network.resources.name[r], float(d.network.resources.amount[r])
    series = d.speed(_level(d.network, r))
    group = Group(name, 1, {y.G_SHIFT: y.SHIFT_SUSPEND, y.G_SERIES: series})
    broken = d.network.discrete.failures.get(d.network.element_number[name])
    if broken is not None:
        group.ints |= {y.G_CLOCK: y.CLOCK_CALENDAR,
                       y.G_FAIL: d.distribution(broken.between), y.G_FAIL_STREAM: d.stream(name, "failure"),
                       y.G_REPAIR: d.distribution(broken.repair), y.G_REPAIR_STREAM: d.stream(name, "repair")}
    number = d.group(group)
    places, makers = [], []
    for _, t, use in members:
        need = use * t.batch
        lie = d.place(Place(f"{name} for {t.name}", unit="", capacity=_ROOM * need))
        t.inputs.append(Arc(lie, need, y.ROLE_PASS))
        t.ints[y.T_PASSES] = t.ints.get(y.T_PASSES, 0) + 1
        maker = Transition(f"{name} for {t.name}", number, d.constant(need / amount), batch=need, priority=t.priority,
                           outputs=[Arc(lie, need)], ints={y.T_BEFORE: 1})
        maker.floats = {y.T_LEAST: 1.0, y.T_LINGER: math.inf}
        places.append(lie)
        makers.append(d.transition(maker))
    d.passes.append(Passes(name, amount, series, number, tuple(places), tuple(makers),
                           tuple((t, use) for t, _, use in members)))


def _close(d: Draft, is_open: y.Floats, groups: set[int], activities: set[int]) -> None:
    """Let machines whose every activity uses a pool stand while there is nothing of it, else the modes that do."""
    for g in groups:
        members = [t for t in d.transitions if t.group == g]
        if all(t.activity in activities for t in members):
            series = d.groups[g].ints.get(y.G_SERIES, y.NONE)
            d.groups[g].ints[y.G_SERIES] = d.speed(is_open if series == y.NONE else d.series[series] * is_open)
            continue
        for t in members:
            if t.activity in activities:
                series = t.ints.get(y.T_SERIES, y.NONE)
                t.ints[y.T_SERIES] = d.speed(is_open if series == y.NONE else d.series[series] * is_open)


def _level(network: Network, r: int) -> y.Floats:
    """Return the share of a pool that is there in each base step."""
    level: y.Floats = network.on_base(network.resources.availability, network.resources.grid, r)
    return level
