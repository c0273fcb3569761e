"""Model events a second of the discrete engine, beside SimPy and a numba program written for the one model.

M/M/3: an event is an arrival or the end of a service. All three keep the mean number that wait.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.registry import Benchmark, Case, Result

__all__ = ["run"]

_CHAIN = {
    "chain": "mm3", "units": {"case": "case"}, "sites": {"hall": {}},
    "commodities": {"job": {"unit": "case"}, "done": {"unit": "case"}},
    "supplies": {"people": {"commodity": "job", "arrivals": {"between": "exponential(25 min)"}}},
    "stores": {"queue": {"commodity": "job", "end": "free"}},
    "processes": {"desk": {"inputs": {"job": "1 case"}, "outputs": {"done": "1 case"},
                           "runs": {"batch": "1 case", "time": "exponential(1 h)", "servers": 3}}},
    "demands": {"out": {"commodity": "done", "price": "1 CNY/case"}},
}


def run(benchmark: Benchmark, cases: list[Case]) -> Iterator[Result]:
    """Yield events a CPU-second of each program and their ratio."""
    from benchmarks.registry import Result

    for case in cases:
        customers = int(case.arguments["customers"])
        ours = _ours(customers)
        for name, program in (("hand-written numba", _by_hand), ("SimPy", _simpy)):
            peer = program(min(customers, 100_000) if name == "SimPy" else customers)
            yield Result(benchmark.name, case.name, "events a second", ours, peer, name, ours / peer)


def _ours(customers: int) -> float:
    import json
    import tempfile
    from pathlib import Path

    from lodeworks.network import compile_network
    from lodeworks.simulate import layout
    from lodeworks.simulate.build import build
    from lodeworks.simulate.engine import run_once
    from lodeworks.verbs import read

    hours = round(customers / 2.4 / 100) * 100
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "chain.json"
        horizon = {"start": "2026-01-01", "length": f"{hours} h", "step": "100 h"}
        file.write_text(json.dumps({**_CHAIN, "horizon": horizon}))
        built = build(compile_network(read(file)))
    run_once(built, 1, 0)
    best = math.inf
    events = 0
    for _ in range(3):
        begun = time.process_time()
        state = run_once(built, 1, 1)
        best = min(best, time.process_time() - begun)
        events = int(state.c[layout.C_EVENTS])
    return events / best


def _by_hand(customers: int) -> float:
    """Run a program that knows nothing but M/M/3."""
    import numba
    import numpy as np

    def loop(seed: int, count: int) -> tuple[int, float]:
        state = np.uint64(seed)
        now, area, waiting, busy, events = 0.0, 0.0, 0, 0, 0
        arrival = 0.0
        ends = np.full(3, np.inf)
        arrived = 0
        while arrived < count:
            k = 0
            for i in range(1, 3):
                if ends[i] < ends[k]:
                    k = i
            state = state + np.uint64(0x9E3779B97F4A7C15)
            z = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            e = -math.log((float((z ^ (z >> np.uint64(31))) >> np.uint64(11)) + 0.5) * 1.1102230246251565e-16)
            events += 1
            if arrival <= ends[k]:
                area += waiting * (arrival - now)
                now = arrival
                arrived += 1
                arrival = now + e / 2.4
                if busy < 3:
                    busy += 1
                    for i in range(3):
                        if ends[i] == np.inf:
                            state = state + np.uint64(0x9E3779B97F4A7C15)
                            z = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
                            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
                            u = (float((z ^ (z >> np.uint64(31))) >> np.uint64(11)) + 0.5) * 1.1102230246251565e-16
                            ends[i] = now - math.log(u)
                            break
                else:
                    waiting += 1
            else:
                area += waiting * (ends[k] - now)
                now = ends[k]
                if waiting > 0:
                    waiting -= 1
                    ends[k] = now + e
                else:
                    busy -= 1
                    ends[k] = np.inf
        return events, area / now

    program: Any = numba.njit(loop)
    program(1, 10)
    begun = time.process_time()
    events, _ = program(7, customers)
    return float(events / (time.process_time() - begun))


def _simpy(customers: int) -> float:
    import simpy

    numbers = random.Random(1)
    environment = simpy.Environment()
    desk = simpy.Resource(environment, 3)
    waits: list[float] = []

    def visit() -> Generator[Any, Any, None]:
        came = environment.now
        with desk.request() as turn:
            yield turn
            waits.append(environment.now - came)
            yield environment.timeout(numbers.expovariate(1.0))

    def door() -> Generator[Any, Any, None]:
        for _ in range(customers):
            yield environment.timeout(numbers.expovariate(2.4))
            environment.process(visit())

    environment.process(door())
    begun = time.process_time()
    environment.run()
    return 2.0 * customers / (time.process_time() - begun)
