"""Three systems of middling size, each written three times: as a chain, for SimPy and for Ciw; all tell the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import ciw
import numpy as np
import pytest
import simpy

from lodeworks.simulate.statistics import welch
from lodeworks.simulate.tables import measures
from tests.analytic.systems import SOLD
from tests.simulate.running import chain, simulate

HOURS, WARM, TIMES = 1000.0, 100.0, 16
Numbers = dict[str, float]


def ours(sections: dict[str, Any], wanted: dict[str, tuple[str, str, str]]) -> dict[str, np.ndarray]:
    found = measures(simulate(chain(HOURS, 10.0, **sections), 4 * TIMES, warm_up=WARM))
    return {name: found[key] for name, key in wanted.items()}


def peers(run: Callable[[int], Numbers]) -> dict[str, np.ndarray]:
    runs = [run(seed) for seed in range(TIMES)]
    return {name: np.array([numbers[name] for numbers in runs]) for name in runs[0]}


# A clinic: two doctors, of whom six in ten patients go on to a laboratory, and of these a quarter back.

def clinic() -> dict[str, Any]:
    return {
        "commodities": {name: {"unit": "case"} for name in ("job", "test", "done")},
        "supplies": {"people": {"commodity": "job", "arrivals": {"between": "exponential(30 min)"}}},
        "stores": {"hall": {"commodity": "job", "end": "free"}, "bench": {"commodity": "test", "end": "free"}},
        "processes": {
            "doctor": {"inputs": {"job": "1 case"}, "outputs": {"test": "1 case", "done": "1 case"}, "reference": "test",
                       "chance": {"test": "60 %", "done": "40 %"},
                       "runs": {"batch": "1 case", "time": "gamma(30 min, 15 min)", "servers": 2}},
            "laboratory": {"inputs": {"test": "1 case"}, "outputs": {"job": "1 case", "done": "1 case"},
                           "reference": "done", "chance": {"job": "25 %", "done": "75 %"},
                           "runs": {"batch": "1 case", "time": "uniform(10 min, 30 min)"}},
        },
        "demands": SOLD,
    }


def clinic_simpy(seed: int) -> Numbers:
    r, env = random.Random(seed), simpy.Environment()
    doctors, bench = simpy.Resource(env, 2), simpy.Resource(env, 1)
    stays: list[float] = []

    def patient() -> Iterator[Any]:
        came = env.now
        while True:
            with doctors.request() as turn:
                yield turn
                yield env.timeout(r.gammavariate(4.0, 0.125))
            if r.random() < 0.4:
                break
            with bench.request() as turn:
                yield turn
                yield env.timeout(r.uniform(1 / 6, 1 / 2))
            if r.random() < 0.75:
                break
        if env.now >= WARM:
            stays.append(env.now - came)

    env.process(_door(env, r, 2.0, patient))
    env.run(HOURS)
    return {"stay": float(np.mean(stays)), "served": len(stays) / (HOURS - WARM)}


def _door(env: Any, r: random.Random, rate: float, visit: Callable[[], Iterator[Any]]) -> Iterator[Any]:
    while True:
        yield env.timeout(r.expovariate(rate))
        env.process(visit())


def clinic_ciw(seed: int) -> Numbers:
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(2.0), None],
        service_distributions=[ciw.dists.Gamma(4.0, 0.125), ciw.dists.Uniform(1 / 6, 1 / 2)],
        number_of_servers=[2, 1], routing=[[0.0, 0.6], [0.25, 0.0]])
    records = _ciw(network, seed)
    came: dict[int, float] = {}
    gone: dict[int, float] = {}
    left = set()
    for row in records:
        came[row.id_number] = min(came.get(row.id_number, np.inf), row.arrival_date)
        gone[row.id_number] = max(gone.get(row.id_number, 0.0), row.exit_date)
        if row.destination == -1:
            left.add(row.id_number)
    stays = [gone[i] - came[i] for i in left if WARM <= gone[i] <= HOURS]
    return {"stay": float(np.mean(stays)), "served": len(stays) / (HOURS - WARM)}


def _ciw(network: Any, seed: int) -> list[Any]:
    ciw.seed(seed)
    run = ciw.Simulation(network)
    run.simulate_until_max_time(HOURS)
    return list(run.get_all_records())


# A line of three stations with room for two between them: what comes to a full door is lost, what is done may be stuck.

def works() -> dict[str, Any]:
    def station(take: str, give: str, time: str, **more: Any) -> dict[str, Any]:
        return {"inputs": {take: "1 case"}, "outputs": {give: "1 case"}, "runs": {"batch": "1 case", "time": time, **more}}

    return {
        "commodities": {name: {"unit": "case"} for name in ("job", "a", "b", "done")},
        "supplies": {"people": {"commodity": "job", "arrivals": {"between": "exponential(30 min)"}}},
        "stores": {name: {"commodity": c, "end": "free", "capacity": f"{room} case"}
                   for name, c, room in (("door", "job", 3), ("one", "a", 2), ("two", "b", 2))},
        "processes": {"cut": station("job", "a", "exponential(30 min)"),
                      "sew": station("a", "b", "uniform(30 min, 90 min)", servers=2),
                      "pack": station("b", "done", "lognormal(27 min, 9 min)")},
        "demands": SOLD,
    }


def _lognormal(mean: float, sd: float) -> tuple[float, float]:
    spread = np.log(1.0 + (sd / mean) ** 2)
    return float(np.log(mean) - spread / 2.0), float(np.sqrt(spread))


def works_simpy(seed: int) -> Numbers:
    r, env = random.Random(seed), simpy.Environment()
    door, one, two = (simpy.Store(env, capacity=room) for room in (3, 2, 2))
    lost, made = [0], [0]
    mu, sigma = _lognormal(0.45, 0.15)

    def comes() -> Iterator[Any]:
        while True:
            yield env.timeout(r.expovariate(2.0))
            if len(door.items) < 3:
                yield door.put(env.now)
            elif env.now >= WARM:
                lost[0] += 1

    def station(before: Any, after: Any, time: Callable[[], float]) -> Iterator[Any]:
        while True:
            yield before.get()
            yield env.timeout(time())
            if after is not None:
                yield after.put(1)
            elif env.now >= WARM:
                made[0] += 1

    env.process(station(door, one, lambda: r.expovariate(2.0)))
    for _ in range(2):
        env.process(station(one, two, lambda: r.uniform(0.5, 1.5)))
    env.process(station(two, None, lambda: r.lognormvariate(mu, sigma)))
    env.process(comes())
    env.run(HOURS)
    return {"made": made[0] / (HOURS - WARM), "lost": lost[0] / (HOURS - WARM)}


def works_ciw(seed: int) -> Numbers:
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(2.0), None, None],
        service_distributions=[ciw.dists.Exponential(2.0), ciw.dists.Uniform(0.5, 1.5), ciw.dists.Lognormal(*_lognormal(0.45, 0.15))],
        number_of_servers=[1, 2, 1], queue_capacities=[3, 2, 2], routing=[[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    records = [row for row in _ciw(network, seed) if WARM <= row.exit_date <= HOURS]
    made = sum(row.node == 3 and row.record_type == "service" for row in records)
    lost = sum(row.record_type == "rejection" for row in records)
    return {"made": made / (HOURS - WARM), "lost": lost / (HOURS - WARM)}


# A counter with two clerks, the urgent first, and plain people who give up after an hour and a half.

def counter() -> dict[str, Any]:
    return {
        "commodities": {name: {"unit": "case"} for name in ("rush", "job", "done")},
        "supplies": {"urgent": {"commodity": "rush", "arrivals": {"between": "exponential(2 h)"}},
                     "plain": {"commodity": "job", "arrivals": {"between": "exponential(40 min)"}}},
        "stores": {"r": {"commodity": "rush", "end": "free"}, "j": {"commodity": "job", "end": "free", "patience": "90 min"}},
        "processes": {"desk": {
            "outputs": {"done": "1 case"}, "runs": {"batch": "1 case", "time": "exponential(1 h)", "servers": 2},
            "modes": {"first": {"inputs": {"rush": "1 case"}, "runs": {"priority": 1}},
                      "then": {"inputs": {"job": "1 case"}, "runs": {"priority": 2}}}}},
        "demands": SOLD,
    }


def counter_simpy(seed: int) -> Numbers:
    r, env = random.Random(seed), simpy.Environment()
    desk = simpy.PriorityResource(env, 2)
    waits: list[float] = []
    gone = [0]

    def person(urgent: bool) -> Iterator[Any]:
        came = env.now
        with desk.request(priority=0 if urgent else 1) as turn:
            yield turn if urgent else turn | env.timeout(1.5)
            if turn.triggered:
                if urgent and env.now >= WARM:
                    waits.append(env.now - came)
                yield env.timeout(r.expovariate(1.0))
            elif env.now >= WARM:
                gone[0] += 1

    env.process(_door(env, r, 0.5, lambda: person(True)))
    env.process(_door(env, r, 1.5, lambda: person(False)))
    env.run(HOURS)
    return {"urgent wait": float(np.mean(waits)), "gave up": gone[0] / (HOURS - WARM)}


def counter_ciw(seed: int) -> Numbers:
    network = ciw.create_network(
        arrival_distributions={"urgent": [ciw.dists.Exponential(0.5)], "plain": [ciw.dists.Exponential(1.5)]},
        service_distributions={name: [ciw.dists.Exponential(1.0)] for name in ("urgent", "plain")},
        reneging_time_distributions={"urgent": [None], "plain": [ciw.dists.Deterministic(1.5)]},
        priority_classes={"urgent": 0, "plain": 1}, number_of_servers=[2])
    records = [row for row in _ciw(network, seed) if WARM <= row.exit_date <= HOURS]
    waits = [row.waiting_time for row in records if row.customer_class == "urgent" and row.record_type == "service"]
    gone = sum(row.record_type == "renege" for row in records)
    return {"urgent wait": float(np.mean(waits)), "gave up": gone / (HOURS - WARM)}


SYSTEMS: dict[str, Any] = {
    "clinic": (clinic, clinic_simpy, clinic_ciw, {"stay": ("exit", "done@here", "age"), "served": ("exit", "done@here", "in")}),
    "works": (works, works_simpy, works_ciw, {"made": ("exit", "done@here", "in"), "lost": ("queue", "job@here", "turned away")}),
    "counter": (counter, counter_simpy, counter_ciw, {
        "urgent wait": ("queue", "rush@here", "wait"), "gave up": ("queue", "job@here", "reneged")}),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_three_programs_tell_the_same(name: str) -> None:
    system, in_simpy, in_ciw, wanted = SYSTEMS[name]
    own = ours(system(), wanted)
    for program in (in_simpy, in_ciw):
        other = peers(program)
        assert set(other) == set(wanted)
        for what, values in other.items():
            apart = welch(own[what], values, 0.9999)  # twelve comparisons: one in eight hundred runs by chance
            assert apart.low <= 0.0 <= apart.high, f"{what}: {own[what].mean():.5g}, {program.__name__} {values.mean():.5g}"
            assert welch(own[what], values).half < 0.09 * values.mean(), f"{what}: too vague to tell"
