"""The four models in SimPy, as its users write them: a process for each customer, machine or truck.

Kept: sums of waits and counts, no more, which is less than the engine keeps.
"""

from __future__ import annotations

import math
import random
from collections.abc import Generator
from typing import Any

import simpy

__all__ = ["hall", "line", "queue", "trucks"]

_Steps = Generator[Any, Any, None]


def queue(seed: int, hours: float) -> tuple[int, list[float]]:
    """M/M/3; return events, and the mean wait and time in the system."""
    numbers, environment = random.Random(seed), simpy.Environment()
    desk = simpy.Resource(environment, 3)
    wait = stay = 0.0
    events = started = served = 0

    def visit() -> _Steps:
        nonlocal wait, stay, events, started, served
        events += 1
        came = environment.now
        with desk.request() as turn:
            yield turn
            wait += environment.now - came
            started += 1
            yield environment.timeout(numbers.expovariate(1.0))
        events += 1
        served += 1
        stay += environment.now - came

    def door() -> _Steps:
        while True:
            yield environment.timeout(numbers.expovariate(2.4))
            environment.process(visit())

    environment.process(door())
    environment.run(hours)
    return events, [wait / started, stay / served]


def line(seed: int, hours: float) -> tuple[int, list[float]]:
    """Five machines in line; return events, and what is made an hour and the third machine's share at work and down."""
    numbers, environment = random.Random(seed), simpy.Environment()
    buffers = [simpy.Store(environment, 2) for _ in range(4)]
    events = made = 0
    works, down = [0.0] * 5, [0.0] * 5

    def machine(m: int) -> _Steps:
        nonlocal events, made
        to_failure = numbers.expovariate(60.0 / 100.0)
        while True:
            if m > 0:
                yield buffers[m - 1].get()
            left = numbers.expovariate(60.0)
            while to_failure < left:
                yield environment.timeout(to_failure)
                events += 1
                works[m] += to_failure
                left -= to_failure
                broken = numbers.expovariate(60.0 / 10.0)
                yield environment.timeout(broken)
                events += 1
                down[m] += broken
                to_failure = numbers.expovariate(60.0 / 100.0)
            yield environment.timeout(left)
            events += 1
            works[m] += left
            to_failure -= left
            if m < 4:
                yield buffers[m].put(environment.now)
            else:
                made += 1

    for m in range(5):
        environment.process(machine(m))
    environment.run(hours)
    return events, [made / hours, works[2] / hours, down[2] / hours]


def _lognormal(numbers: random.Random, mean: float, sd: float) -> float:
    spread = math.log1p((sd / mean) ** 2)
    return numbers.lognormvariate(math.log(mean) - spread / 2.0, math.sqrt(spread))


def trucks(seed: int, hours: float) -> tuple[int, list[float]]:
    """Let 100 trucks go round; return events, and trips an hour, waits to load and unload, fillings an hour."""
    numbers, environment = random.Random(seed), simpy.Environment()
    loaders, unloader, pumps = (simpy.Resource(environment, n) for n in (2, 1, 2))
    waits, counts = [0.0, 0.0], [0, 0]
    events = trips = fillings = 0

    def truck() -> _Steps:
        nonlocal events, trips, fillings
        fuel = 40.0
        while True:
            came = environment.now
            with loaders.request() as turn:
                yield turn
                waits[0] += environment.now - came
                counts[0] += 1
                yield environment.timeout(numbers.triangular(0.5, 1.8, 1.0) / 60.0)
            yield environment.timeout(_lognormal(numbers, 25.0, 5.0) / 60.0)
            came = environment.now
            with unloader.request() as turn:
                yield turn
                waits[1] += environment.now - came
                counts[1] += 1
                yield environment.timeout(numbers.triangular(0.2, 0.6, 0.4) / 60.0)
            trips += 1
            yield environment.timeout(_lognormal(numbers, 20.0, 4.0) / 60.0)
            events += 4
            fuel -= 6.4
            if fuel < 6.4:
                with pumps.request() as turn:
                    yield turn
                    yield environment.timeout((40.0 - fuel) / 600.0)
                fuel = 40.0
                events += 1
                fillings += 1

    for _ in range(100):
        environment.process(truck())
    environment.run(hours)
    return events, [trips / hours, waits[0] / counts[0], waits[1] / counts[1], fillings / hours]


def hall(seed: int, hours: float) -> tuple[int, list[float]]:
    """Run a service hall; return events, and served an hour and the waits for a guide, a window and a kiosk."""
    numbers, environment = random.Random(seed), simpy.Environment()
    guides = simpy.PriorityResource(environment, 6)
    windows, kiosks = simpy.Resource(environment, 24), simpy.Resource(environment, 10)
    day = (0, 0, 0, 0, 0, 0, 0, 0, 0.4, 0.9, 1, 0.8, 0.5, 0.5, 0.8, 0.9, 0.7, 0.3, 0, 0, 0, 0, 0, 0)
    waits, counts = [0.0, 0.0, 0.0], [0, 0, 0]
    events = served = 0

    def visit(kind: int) -> _Steps:
        nonlocal events, served
        events += 1
        came = environment.now
        with guides.request(priority=kind) as turn:
            yield turn
            if kind == 0:
                waits[0] += environment.now - came
                counts[0] += 1
            yield environment.timeout(numbers.triangular(1.0, 4.0, 2.0) / 60.0)
        events += 1
        if kind < 2:
            came = environment.now
            with (windows, kiosks)[kind].request() as turn:
                yield turn
                waits[1 + kind] += environment.now - came
                counts[1 + kind] += 1
                time = _lognormal(numbers, 12.0, 6.0) if kind == 0 else _lognormal(numbers, 5.0, 2.0)
                yield environment.timeout(time / 60.0)
            events += 1
            served += 1

    def door(kind: int, gap: float) -> _Steps:
        while True:  # thinned from the busiest hour's rate
            yield environment.timeout(numbers.expovariate(3600.0 / gap))
            if numbers.random() < day[int(environment.now) % 24]:
                environment.process(visit(kind))

    def closing() -> _Steps:  # at night all six guides are held, by nobody's turn
        held = [guides.request(priority=-1) for _ in range(6)]
        while True:
            yield environment.timeout(8.5 if environment.now == 0.0 else 12.5)
            for request in held:
                guides.release(request)
            yield environment.timeout(11.5)
            held = [guides.request(priority=-1) for _ in range(6)]

    environment.process(closing())
    for kind, gap in enumerate((45.71, 106.67, 181.33)):
        environment.process(door(kind, gap))
    environment.run(hours)
    return events, [served / hours, *(w / n for w, n in zip(waits, counts, strict=True))]
