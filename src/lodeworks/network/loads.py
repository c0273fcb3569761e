"""The load of a balance by means alone: what arrives there, over the most that machines could take.

Only what is certain counts: arrivals at random times, and processes whose runs have a time. Crews, calendars, set-ups
and batches that are not full can but add to a load, so that one which is not below one is no matter of chance.
"""

from __future__ import annotations

import math

import numpy as np

from lodeworks.chain.distributions import mean_of
from lodeworks.network.arrays import Floats, Network
from lodeworks.network.lots import Arriving, Distribution, Running

__all__ = ["overload_of"]

_ROUNDING = 1e-9


def overload_of(network: Network, balance: int) -> float | None:
    """Return what arrives at a balance over the most its takers could take where that leaves no steady state, or None.

    The true load is at least this: more may come than arrives from outside, and less be taken than by machines that
    always work but for their failures. With one or more there is no steady state (Loynes 1962); with just one there is
    where nothing is left to chance.
    """
    coefficients, come, chance = network.coefficients, 0.0, False
    most: dict[tuple[str, int], float] = {}
    for i in np.flatnonzero(coefficients.balance == balance):
        a, amount = int(coefficients.activity[i]), float(coefficients.amount[i])
        if amount > 0.0:
            arriving = _arriving(network, a)
            if arriving is not None:
                come += amount * _rate(network, arriving)
                chance |= _is_random(arriving.between) or _is_random(arriving.amount)
            continue
        runs = _runs(network, a)
        if runs is None or runs.time is None or runs.batch is None or _mean(runs.time) <= 0.0:
            return None  # nothing limits it, or something else does
        taken = _up(network, a) * runs.servers * runs.batch * -amount / _mean(runs.time)
        machines = _machines(network, a)
        most[machines] = max(most.get(machines, 0.0), taken)
        chance |= _is_random(runs.time) or int(network.activities.element[a]) in network.discrete.failures
    if not most or come <= 0.0:
        return None
    load = come / sum(most.values())
    return load if load > 1.0 + _ROUNDING or (chance and load >= 1.0 - _ROUNDING) else None


def _arriving(network: Network, a: int) -> Arriving | None:
    """Return what arrives by an activity however many wait, at no written times; None of all others."""
    e = int(network.activities.element[a])
    coming = network.discrete.arrivals.get(e)
    if coming is None or coming.at or math.isfinite(coming.balk_at) or network.elements[e].kind != "supply":
        return None
    return coming


def _rate(network: Network, coming: Arriving) -> float:
    """Return the mean amount an hour."""
    speed: Floats = network.series[coming.series] if coming.series >= 0 else np.ones(1)
    return coming.scale * float(speed.mean()) * _mean(coming.amount) / _mean(coming.between)


def _runs(network: Network, a: int) -> Running | None:
    """Return how a process runs; None of what is none."""
    e = int(network.activities.element[a])
    if network.elements[e].kind != "process":
        return None
    return network.discrete.modes.get((e, network.activities.mode[a])) or network.discrete.runs.get(e)


def _machines(network: Network, a: int) -> tuple[str, int]:
    """Return whose machines an activity runs on."""
    plant = int(network.activities.plant[a])
    return ("plant", plant) if plant >= 0 else ("element", int(network.activities.element[a]))


def _up(network: Network, a: int) -> float:
    """Return the largest share of time in which machines that always work are not down."""
    failing = network.discrete.failures.get(int(network.activities.element[a]))
    if failing is None or failing.interval != "repair":
        return 1.0
    between = _mean(failing.between)
    return between / (between + _mean(failing.repair))


def _is_random(given: Distribution) -> bool:
    return given.family != "constant"


def _mean(given: Distribution) -> float:
    return mean_of(given.family, given.parameters)
