"""Where a steady state begins, the same hour in all replications, and whether there is one at all.

How a series is cut and judged is in `statistics`; which series those are, and how they are brought to buckets, is here.
"""

from __future__ import annotations

import math

import numpy as np

from lodeworks.errors import SimulationError
from lodeworks.network import Network
from lodeworks.network.loads import overload_of
from lodeworks.simulate import layout as y
from lodeworks.simulate.draft import Built
from lodeworks.simulate.engine import Outcome
from lodeworks.simulate.noted import Noted
from lodeworks.simulate.statistics import trend, warm_up
from lodeworks.simulate.tables import levels_between_marks

__all__ = ["marks_kept", "refuse_overload", "steady_from"]

_BUCKETS = 200
_CUTS = 5  # buckets, between which MSER-5 cuts
_DOUBT = 0.05  # the chance that a drift of a steady chain is taken for a trend, of all its stores together


def marks_kept(network: Network, built: Built, given: float) -> y.Ints:
    """Return the numbers of the marks at which all sums are needed: the last, and where a warm-up may end.

    So what is kept of a replication does not grow with its marks: with all of them a thousand replications of a large
    chain would take thirty gigabytes. From a state on there are few marks, and bands over all of them.
    """
    marks, last = built.model.marks, len(built.model.marks) - 1
    if network.cut:
        return np.arange(last + 1)
    ends = np.zeros(0, np.int64)
    if given > 0.0:
        ends = np.searchsorted(marks, [given], side="left")
    elif network.discrete.kind == "steady":
        step = _CUTS * _width(len(marks))
        ends = np.arange(step, len(marks) // 2 + 1, step) - 1
    return np.unique(np.append(ends, last))


def refuse_overload(network: Network, built: Built) -> None:
    """Refuse a chain in which, by means alone, as much comes to wait somewhere as can be taken at most.

    Raises
    ------
    SimulationError
        Naming each such place with its load.
    """
    found = []
    for p, name in enumerate(built.places):
        row, whole = built.tables["pf"][p], built.tables["pi"][p]
        endless = math.isinf(row[y.P_CAPACITY]) and math.isinf(row[y.P_SHELF]) and whole[y.P_PATIENCE] == y.NONE
        if built.balance[p] == y.NONE or not endless:
            continue  # who finds no room is turned away, who waits too long goes
        load = overload_of(network, built.balance[p])
        if load is not None:
            found.append(f"{name} has a load of {load:.4g}")
    if found:
        raise SimulationError(f"not steady: {'; '.join(found)}: with one or more, queues grow without end; give more "
                              "servers or shorter times, or say `kind: terminating`")


def steady_from(outcome: Outcome, given: float) -> float:
    """Return the hours to leave out: those given, or the latest cut of MSER-5 over the levels of all stores' places.

    Raises
    ------
    SimulationError
        If one of them is not steady after that.
    """
    marks = outcome.built.model.marks
    first = int(np.searchsorted(marks, given, side="left")) + 1 if given > 0.0 else 0
    stored = {int(b) for b in outcome.network.stores.balance}
    judged = {
        p: _in_buckets(levels) for p, name in enumerate(outcome.built.places)
        if (outcome.built.balance[p] in stored or name.startswith("orders of "))
        and np.any(levels := levels_between_marks(outcome, p)[:, first:])
    }
    cut = 0
    for p, series in judged.items():
        level = 1.0 - _DOUBT / len(judged)  # Bonferroni: or else of many stores one would soon seem to drift
        if given > 0.0:
            reason = trend(series, level)
        else:
            found = warm_up(series, level)
            reason = found.reason
            cut = max(cut, found.cut * _width(len(marks)))
        if reason:
            still = next((r.still for r in outcome.replications if r.still), "")
            raise SimulationError(f"not steady: {outcome.built.places[p]}: {reason}{_load(outcome, p)}; "
                                  f"{still or 'simulate for longer'}, or say `kind: terminating`")
    return given if given > 0.0 else float(marks[cut - 1]) if cut else 0.0


def _width(marks: int) -> int:
    """Return how many stretches between marks make a bucket, so that some two hundred are left."""
    return max(1, marks // _BUCKETS)


def _in_buckets(series: y.Floats) -> y.Floats:
    """Return means over buckets, shape (replications, buckets)."""
    width = _width(series.shape[1])
    count = series.shape[1] // width
    means: y.Floats = series[:, : count * width].reshape(len(series), count, width).mean(axis=2)
    return means


def _load(outcome: Outcome, p: int) -> str:
    """Return what came in over what went out of a place, in words, where it is more than one."""
    columns = [Noted.IN.of(p), Noted.OUT.of(p)]
    given, taken = np.mean([r.notes[-1, columns] for r in outcome.replications], axis=0)
    return f" (it is given {given / taken:.3g} times what is taken)" if given > taken > 0.0 else ""
