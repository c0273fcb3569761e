"""What Ciw, salabim and asimpy can say of the four models, as their users write it.

Ciw is made of open networks of queues: M/M/3 is one; machines that break down by their working time, and vehicles that
fill up when their tank is low, are none, and are not told to it. asimpy has no resource with priorities that closes at
night. What is left out here is left out for such a reason, or (salabim's line and hall) has not been written.
"""

from __future__ import annotations

import math
import random
from typing import Any

__all__ = ["ASIMPY", "CIW", "SALABIM"]


def _ciw_queue(seed: int, hours: float) -> tuple[int, list[float]]:
    import ciw

    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=2.4)],
        service_distributions=[ciw.dists.Exponential(rate=1.0)], number_of_servers=[3],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(hours)
    rows = simulation.get_all_records()
    came = simulation.nodes[0].number_of_individuals
    return came + len(rows), [
        sum(row.waiting_time for row in rows) / len(rows),
        sum(row.exit_date - row.arrival_date for row in rows) / len(rows),
    ]


def _salabim_queue(seed: int, hours: float) -> tuple[int, list[float]]:
    import salabim

    salabim.yieldless(False)
    numbers = random.Random(seed)
    environment: Any = salabim.Environment(trace=False, random_seed=seed)
    desk = salabim.Resource("desk", capacity=3, env=environment)
    sums = [0.0, 0.0]
    counts = [0, 0, 0]

    class Visit(salabim.Component):  # type: ignore[misc]
        def process(self) -> Any:
            counts[0] += 1
            came = self.env.now()
            yield self.request(desk)
            sums[0] += self.env.now() - came
            counts[1] += 1
            yield self.hold(numbers.expovariate(1.0))
            self.release()
            counts[2] += 1
            sums[1] += self.env.now() - came

    class Door(salabim.Component):  # type: ignore[misc]
        def process(self) -> Any:
            while True:
                yield self.hold(numbers.expovariate(2.4))
                Visit(env=self.env)

    Door(env=environment)
    environment.run(till=hours)
    return counts[0] + counts[2], [sums[0] / counts[1], sums[1] / counts[2]]


def _asimpy_queue(seed: int, hours: float) -> tuple[int, list[float]]:
    import asimpy

    numbers = random.Random(seed)
    environment = asimpy.Environment()
    desk = asimpy.Resource(environment, 3)
    sums = [0.0, 0.0]
    counts = [0, 0, 0]

    class Visit(asimpy.Process):  # type: ignore[misc]
        async def run(self) -> None:
            counts[0] += 1
            came = self.now
            async with desk:
                sums[0] += self.now - came
                counts[1] += 1
                await self.timeout(numbers.expovariate(1.0))
            counts[2] += 1
            sums[1] += self.now - came

    class Door(asimpy.Process):  # type: ignore[misc]
        async def run(self) -> None:
            while True:
                await self.timeout(numbers.expovariate(2.4))
                Visit(self._env)

    Door(environment)
    environment.run(until=hours)
    return counts[0] + counts[2], [sums[0] / counts[1], sums[1] / counts[2]]


def _lognormal(numbers: random.Random, mean: float, sd: float) -> float:
    spread = math.log1p((sd / mean) ** 2)
    return numbers.lognormvariate(math.log(mean) - spread / 2.0, math.sqrt(spread))


def _asimpy_trucks(seed: int, hours: float) -> tuple[int, list[float]]:
    import asimpy

    numbers = random.Random(seed)
    environment = asimpy.Environment()
    loaders, unloader, pumps = (asimpy.Resource(environment, n) for n in (2, 1, 2))
    waits, counts, done = [0.0, 0.0], [0, 0], [0, 0, 0]

    class Truck(asimpy.Process):  # type: ignore[misc]
        async def run(self) -> None:
            fuel = 40.0
            while True:
                came = self.now
                async with loaders:
                    waits[0] += self.now - came
                    counts[0] += 1
                    await self.timeout(numbers.triangular(0.5, 1.8, 1.0) / 60.0)
                await self.timeout(_lognormal(numbers, 25.0, 5.0) / 60.0)
                came = self.now
                async with unloader:
                    waits[1] += self.now - came
                    counts[1] += 1
                    await self.timeout(numbers.triangular(0.2, 0.6, 0.4) / 60.0)
                done[1] += 1
                await self.timeout(_lognormal(numbers, 20.0, 4.0) / 60.0)
                done[0] += 4
                fuel -= 6.4
                if fuel < 6.4:
                    async with pumps:
                        await self.timeout((40.0 - fuel) / 600.0)
                    fuel = 40.0
                    done[0] += 1
                    done[2] += 1

    for _ in range(100):
        Truck(environment)
    environment.run(until=hours)
    return done[0], [done[1] / hours, waits[0] / counts[0], waits[1] / counts[1], done[2] / hours]


def _salabim_trucks(seed: int, hours: float) -> tuple[int, list[float]]:
    import salabim

    salabim.yieldless(False)
    numbers = random.Random(seed)
    environment: Any = salabim.Environment(trace=False, random_seed=seed)
    loaders, unloader, pumps = (
        salabim.Resource(name, capacity=n, env=environment)
        for name, n in (("loaders", 2), ("unloader", 1), ("pumps", 2))
    )
    waits, counts, done = [0.0, 0.0], [0, 0], [0, 0, 0]

    class Truck(salabim.Component):  # type: ignore[misc]
        def process(self) -> Any:
            fuel = 40.0
            while True:
                came = self.env.now()
                yield self.request(loaders)
                waits[0] += self.env.now() - came
                counts[0] += 1
                yield self.hold(numbers.triangular(0.5, 1.8, 1.0) / 60.0)
                self.release(loaders)
                yield self.hold(_lognormal(numbers, 25.0, 5.0) / 60.0)
                came = self.env.now()
                yield self.request(unloader)
                waits[1] += self.env.now() - came
                counts[1] += 1
                yield self.hold(numbers.triangular(0.2, 0.6, 0.4) / 60.0)
                self.release(unloader)
                done[1] += 1
                yield self.hold(_lognormal(numbers, 20.0, 4.0) / 60.0)
                done[0] += 4
                fuel -= 6.4
                if fuel < 6.4:
                    yield self.request(pumps)
                    yield self.hold((40.0 - fuel) / 600.0)
                    self.release(pumps)
                    fuel = 40.0
                    done[0] += 1
                    done[2] += 1

    for _ in range(100):
        Truck(env=environment)
    environment.run(till=hours)
    return done[0], [done[1] / hours, waits[0] / counts[0], waits[1] / counts[1], done[2] / hours]


CIW = {"queue": _ciw_queue}
SALABIM = {"queue": _salabim_queue, "trucks": _salabim_trucks}
ASIMPY = {"queue": _asimpy_queue, "trucks": _asimpy_trucks}
