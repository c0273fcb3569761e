"""Running replications: each with streams of its own, on as many threads as there are cores, each certified.

What a replication is made of is in the kernel; what many of them tell is in `tables` and `statistics`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from lodeworks.errors import SimulationError
from lodeworks.network import Network
from lodeworks.simulate import layout as y
from lodeworks.simulate.build import build, fresh_state, keyed
from lodeworks.simulate.certify import broken_identities
from lodeworks.simulate.draft import Built

__all__ = ["Outcome", "Replication", "compile_kernel", "replicate", "run_once"]

_STRETCH = 2_000_000
_MOST_LOTS = 1 << 20


@dataclass(frozen=True, eq=False)
class Replication:
    """What one replication leaves: sums at the marks, histograms of stays, how many events.

    Attributes
    ----------
    notes
        Accumulators at the marks, shape (marks, width); see `kernel.note` for the order.
    histogram
        Stays, shape (checkpoints, places, bins).
    """

    number: int
    notes: y.Floats
    histogram: y.Ints
    events: int
    seconds: float
    late: y.Ints
    supplied: y.Floats


@dataclass(frozen=True, eq=False)
class Outcome:
    """All replications of a chain."""

    network: Network
    built: Built
    replications: tuple[Replication, ...]
    seed: int
    warm_up: float


def compile_kernel() -> None:
    """Compile the kernel, or read it from the machine's cache if that has been done."""
    from numba import float64, int64

    from lodeworks.simulate import kernel
    from lodeworks.simulate.lots import put

    tables = int64[:, ::1]
    put.compile((tables, int64, *[float64] * 6, int64))
    kernel.begin.compile((tables,))
    kernel.run.compile((tables, int64))


def run_once(built: Built, seed: int, replication: int, stop: Callable[[], bool] | None = None) -> y.State:
    """Run one replication to its horizon and return the state it ends in.

    A run that needs more lots than there is room for begins again with more room: its numbers are the same.

    Raises
    ------
    SimulationError
        If it never gets on in time, an identity is broken, or lots pile up without end.
    """
    from lodeworks.simulate import kernel
    from lodeworks.simulate.compiled import addresses

    m = keyed(built, seed, replication)
    lots = 4096 + 4 * len(built.tables["mi"])
    while True:
        s = fresh_state(built, lots)
        where = addresses(m, s)
        _fill(built, m, s, where)
        code = kernel.begin(where)
        while code == y.PAUSED:
            if stop is not None and stop():
                raise KeyboardInterrupt
            code = kernel.run(where, _STRETCH)
        if code == y.FULL and lots < _MOST_LOTS:
            lots *= 4
            continue
        break
    if code == y.FULL:
        worst = int(np.argmax(s.pi[:, y.P_COUNT]))
        raise SimulationError(
            f"{built.places[worst]} fills without end: {int(s.pi[worst, y.P_COUNT]):,} lots at hour {s.now[0]:.6g}; "
            f"more arrives than is served, a load of {s.pf[worst, y.P_IN] / max(s.pf[worst, y.P_OUT], 1e-12):.3g}"
        )
    if code == y.ZERO_TIME:
        busiest = int(np.argmax(s.ti[:, y.T_STARTS]))
        raise SimulationError(
            f"time stands still at hour {s.now[0]:.6g}: {built.transitions[busiest]} starts again and again in no "
            "time; give it a time or a batch"
        )
    broken = broken_identities(built, s)
    if broken:
        raise SimulationError("the run contradicts itself and is not shown: " + "; ".join(broken[:5]))
    return s


def _fill(built: Built, m: y.Model, s: y.State, where: Any) -> None:
    """Put what stores hold at the start into them, and vehicles with full tanks where they wait."""
    from lodeworks.simulate.lots import put

    for p, amount in enumerate(built.tables["initial"]):
        if amount > 0.0:
            put(where, p, float(amount), 0.0, 0.0, np.inf, 0.0, 0.0, y.NONE)
    number = 0
    for fleet in built.fleets:
        for _ in range(fleet.count):
            put(where, fleet.home, 1.0, 0.0, 0.0, np.inf, fleet.tank, fleet.service, number)
            number += 1


def replicate(
    network: Network, *, replications: int | None = None, seed: int | None = None, warm_up: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> Outcome:
    """Run independent replications of a network; the same seed gives the same numbers on any count of cores.

    Raises
    ------
    SimulationError
        As `run_once`, or if the warm-up leaves nothing.
    """
    count = network.discrete.replications if replications is None else replications
    start = network.discrete.seed if seed is None else seed
    cut = network.discrete.warm_up if warm_up is None else warm_up
    horizon = network.steps * network.hours
    if not 0.0 <= cut < horizon:
        raise SimulationError(f"a warm-up of {cut:g} h leaves nothing of a horizon of {horizon:g} h")
    built = build(network)
    if progress is not None:
        progress("compiling the engine (once on a machine)")
    stopped = False
    done: list[Replication] = []

    def one(number: int) -> Replication:
        begun = time.perf_counter()
        s = run_once(built, start, number, lambda: stopped)
        late = s.pi[:, [y.P_N_LATE, y.P_N_MOST]].copy()
        return Replication(number, s.notes, s.histogram, int(s.c[y.C_EVENTS]), time.perf_counter() - begun, late,
                           s.pf[:, y.P_SUPPLIED].copy())

    first = time.perf_counter()
    done.append(one(0))
    pool = ThreadPoolExecutor(max_workers=max(1, os.cpu_count() or 1))
    try:
        for result in pool.map(one, range(1, count)):
            done.append(result)
            if progress is not None:
                left = (time.perf_counter() - first) / len(done) * (count - len(done))
                progress(f"replication {len(done)} of {count}, {left:.0f} s left")
    except BaseException:
        stopped = True
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return Outcome(network, built, tuple(done), start, cut)
