"""Simulated systems against answers known in closed form or from a Markov chain: within four standard errors each."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.simulate.running import chain, simulate, z_of

LENGTH, WARM_UP = 40_000.0, 4_000.0


def queue(time: str, servers: int = 1, between: str = "exponential(1 h)", **more: Any) -> Any:
    store = {"commodity": "job", "end": "free", **more.pop("store", {})}
    return chain(
        LENGTH,
        supplies={"people": {"commodity": "job", "arrivals": {"between": between}}}, stores={"waiting": store},
        processes={"desk": {"inputs": {"job": "1 case"}, "outputs": {"done": "1 case"},
                            "runs": {"batch": "1 case", "time": time, "servers": servers}, **more}},
        demands={"out": {"commodity": "done", "price": "1 CNY/case"}},
    )


def line(*, buffer: int | None = None, first: str = "exponential(1 h)", second: str = "exponential(1 h)",
         blocking: str = "after", failures: dict[str, str] | None = None) -> Any:
    runs = {"batch": "1 case", "blocking": blocking}
    return chain(
        LENGTH,
        supplies={"people": {"commodity": "job", "price": "1 CNY/case"}},
        stores={"between": {"commodity": "mid", "end": "free", "capacity": f"{buffer} case"}},
        processes={
            "one": {"inputs": {"job": "1 case"}, "outputs": {"mid": "1 case"}, "runs": {**runs, "time": first},
                    **({"failures": failures} if failures else {})},
            "two": {"inputs": {"mid": "1 case"}, "outputs": {"done": "1 case"}, "runs": {**runs, "time": second}},
        },
        demands={"out": {"commodity": "done", "price": "5 CNY/case"}},
    )


def erlang_b(c: int, load: float) -> float:
    blocked = 1.0
    for k in range(1, c + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(c: int, load: float) -> float:
    b = erlang_b(c, load)
    return c * b / (c - load * (1.0 - b))


def pollaczek(rate: float, mean: float, sd: float) -> float:
    """Number waiting in M/G/1 (Pollaczek 1930, Khinchine 1932)."""
    return rate**2 * (mean**2 + sd**2) / (2.0 * (1.0 - rate * mean))


def finite_queue(k: int, load: float) -> list[float]:
    weights = [load**n for n in range(k + 1)]
    return [w / sum(weights) for w in weights]


def two_machines(buffer: int) -> float:
    """Throughput of two exponential machines of rate one, blocking after service: a birth-death chain."""
    states = buffer + 3  # empty … buffer full and the first blocked; all rates one
    return 1.0 - 1.0 / states


def abandoning(rate: float, patience: float) -> float:
    """Share that leaves M/M/1+M with service one: birth-death, deaths 1 + (n - 1) / patience."""
    weights = [1.0]
    for n in range(1, 400):
        weights.append(weights[-1] * rate / (1.0 + (n - 1) / patience))
    p = np.array(weights) / sum(weights)
    return float(1.0 - (1.0 - p[0]) / rate)


W = "job@here"
ANSWERS: dict[str, tuple[Any, tuple[str, str, str], float]] = {
    "M/M/1 at 50 %": (lambda: queue("exponential(0.5 h)"), ("queue", W, "level"), 0.5),
    "M/M/1 at 70 %": (lambda: queue("exponential(0.7 h)"), ("queue", W, "level"), 0.49 / 0.3),
    "M/M/1 waiting time": (lambda: queue("exponential(0.5 h)"), ("queue", W, "wait"), 0.5),
    "M/M/1 time in system": (lambda: queue("exponential(0.5 h)"), ("exit", "done@here", "age"), 1.0),
    "M/M/2": (lambda: queue("exponential(1.2 h)", 2), ("queue", W, "level"), erlang_c(2, 1.2) * 0.6 / 0.4),
    "M/M/3": (lambda: queue("exponential(2.1 h)", 3), ("queue", W, "level"), erlang_c(3, 2.1) * 0.7 / 0.3),
    "M/M/5": (lambda: queue("exponential(3.5 h)", 5), ("queue", W, "level"), erlang_c(5, 3.5) * 0.7 / 0.3),
    "M/D/1": (lambda: queue("0.6 h"), ("queue", W, "level"), pollaczek(1, 0.6, 0)),
    "M/U/1": (lambda: queue("uniform(0.2 h, 1 h)"), ("queue", W, "level"), pollaczek(1, 0.6, 0.8 / math.sqrt(12))),
    "M/E4/1": (lambda: queue("erlang(4, 0.6 h)"), ("queue", W, "level"), pollaczek(1, 0.6, 0.3)),
    "M/Gamma/1": (lambda: queue("gamma(0.6 h, 0.45 h)"), ("queue", W, "level"), pollaczek(1, 0.6, 0.45)),
    "M/Lognormal/1": (lambda: queue("lognormal(0.6 h, 0.3 h)"), ("queue", W, "level"), pollaczek(1, 0.6, 0.3)),
    "M/Weibull/1": (
        lambda: queue("weibull(2, 0.6 h)"), ("queue", W, "level"),
        pollaczek(1, 0.6 * math.gamma(1.5), 0.6 * math.sqrt(math.gamma(2) - math.gamma(1.5) ** 2))),
    "M/Triangular/1": (
        lambda: queue("triangular(0.3 h, 0.6 h, 0.9 h)"), ("queue", W, "level"),
        pollaczek(1, 0.6, math.sqrt(0.015))),
    "M/PERT/1": (
        lambda: queue("pert(0.3 h, 0.6 h, 0.9 h)"), ("queue", W, "level"),
        pollaczek(1, 0.6, math.sqrt(0.3 * 0.3 / 7.0))),
    "M/Discrete/1": (
        lambda: queue("discrete(0.2 h: 50 %, 1 h: 50 %)"), ("queue", W, "level"), pollaczek(1, 0.6, 0.4)),
    "M/Empirical/1": (
        lambda: queue("empirical(0.2 h, 0.6 h, 1 h)"), ("queue", W, "level"),
        pollaczek(1, 0.6, 0.8 / math.sqrt(12))),
    "D/M/1": (lambda: queue("exponential(0.5 h)", between="1 h"), ("queue", W, "wait"), 0.2031878699 * 0.5 / (1 - 0.2031878699)),
    "M/M/1/3 loses": (
        lambda: queue("exponential(1 h)", store={"capacity": "2 case"}), ("queue", W, "turned away"),
        finite_queue(3, 1.0)[-1]),
    "M/M/1+M leaves": (
        lambda: queue("exponential(1 h)", store={"patience": "exponential(2 h)"}), ("queue", W, "reneged"),
        abandoning(1.0, 2.0)),
    "working clock": (
        lambda: queue("exponential(0.5 h)", failures={"between": "exponential(10 h)", "repair": "exponential(5 h)"}),
        ("machines", "desk", "down"), 0.5 * 0.1 * 5.0),
    "calendar clock": (
        lambda: queue("exponential(0.5 h)", failures={"between": "exponential(10 h)", "repair": "exponential(5 h)",
                                                      "clock": "calendar"}),
        ("machines", "desk", "down"), 5.0 / 15.0),
    "two machines, one between": (lambda: line(buffer=1), ("run", "two", "rate"), two_machines(1)),
    "two machines, two between": (lambda: line(buffer=2), ("run", "two", "rate"), two_machines(2)),
    "two machines, five between": (lambda: line(buffer=5), ("run", "two", "rate"), two_machines(5)),
    "blocking before service": (lambda: line(buffer=2, blocking="before"), ("run", "two", "rate"), two_machines(1)),
    "a slow second machine": (lambda: line(buffer=5, first="0.1 h", second="exponential(1 h)"),
                              ("machines", "two", "working"), 1.0),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_simulation_meets_the_exact_answer(name):
    make, (kind, what, measure), exact = ANSWERS[name]
    outcome = simulate(make(), warm_up=WARM_UP)
    z = z_of(outcome, kind, what, measure, exact)
    assert abs(z) < 4.0 or abs(z) < 1e-3, f"{name}: {z:.1f} standard errors off {exact:.5g}"
