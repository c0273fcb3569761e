"""Answers in closed form, or from a Markov chain where there is none. Arrivals are one an hour unless it is said."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tests.analytic.markov import periodic, stationary

__all__ = [
    "abandoning", "bulk", "carts", "cobham", "daily_servers", "erlang_b", "erlang_c", "finite_queue", "impatient_for",
    "lingering", "machines_in_line", "on_hand", "open_hours", "pollaczek", "renewal_root", "running_of_five",
    "two_machines", "unreliable_line",
]


def erlang_b(c: int, load: float) -> float:
    blocked = 1.0
    for k in range(1, c + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(c: int, load: float) -> float:
    b = erlang_b(c, load)
    return c * b / (c - load * (1.0 - b))


def pollaczek(mean: float, sd: float) -> float:
    """Number waiting in M/G/1 (Pollaczek 1930, Khinchine 1932)."""
    return (mean**2 + sd**2) / (2.0 * (1.0 - mean))


def cobham(mean: float, second: float, rates: tuple[float, float]) -> tuple[float, float]:
    """Waits of two classes at one server that is not interrupted (Cobham 1954); `second`: E[time²]."""
    left, first = sum(rates) * second / 2.0, 1.0 - rates[0] * mean
    return left / first, left / (first * (1.0 - sum(rates) * mean))


def finite_queue(k: int, load: float) -> list[float]:
    weights = [load**n for n in range(k + 1)]
    return [w / sum(weights) for w in weights]


def two_machines(buffer: int) -> float:
    """Throughput of two exponential machines of rate one, blocking after service: a birth-death chain."""
    return 1.0 - 1.0 / (buffer + 3)  # empty … buffer full and the first blocked; all rates one


def machines_in_line(rates: list[float], buffers: list[int]) -> float:
    """Throughput of exponential machines in line, blocking after service: 0 idle, 1 works, 2 has finished."""
    last = len(rates) - 1

    def settled(machines: list[int], stock: list[int]) -> tuple[int, ...]:
        moved = True
        while moved:
            moved = False
            for i in range(last, -1, -1):
                if machines[i] == 2 and stock[i] < buffers[i]:
                    machines[i], stock[i], moved = 0, stock[i] + 1, True
                if machines[i] == 0 and (i == 0 or stock[i - 1] > 0):
                    machines[i], moved = 1, True
                    if i:
                        stock[i - 1] -= 1
        return (*machines, *stock)

    def moves(state: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], float]]:
        for i in range(last + 1):
            if state[i] == 1:
                machines, stock = list(state[: last + 1]), list(state[last + 1 :])
                machines[i] = 2 if i < last else 0
                yield settled(machines, stock), rates[i]

    start = settled([0] * (last + 1), [0] * last)
    return rates[-1] * sum(p for state, p in stationary(start, moves).items() if state[last] == 1)


def unreliable_line(buffer: int, between: float, repair: float) -> float:
    """Throughput of two exponential machines of rate one; the first fails in working time."""
    def moves(state: tuple[int, int]) -> Iterator[tuple[tuple[int, int], float]]:
        n, up = state  # n: what is between, the second machine's one and a blocked first one included
        if n < buffer + 2 and up:
            yield (n + 1, 1), 1.0
            yield (n, 0), 1.0 / between
        if not up:
            yield (n, 1), 1.0 / repair
        if n:
            yield (n - 1, up), 1.0

    return sum(p for (n, _), p in stationary((0, 1), moves).items() if n)


def abandoning(patience: float) -> float:
    """Share that leaves M/M/1+M with service one: birth-death, deaths 1 + (n - 1) / patience (Palm 1957)."""
    weights = [1.0]
    for n in range(1, 400):
        weights.append(weights[-1] / (1.0 + (n - 1) / patience))
    return weights[0] / sum(weights)


def impatient_for(life: float, served: float) -> float:
    """Share that M/M/1+D loses, patience until service begins; `served` an hour (Barrer 1957)."""
    grown = math.exp((1.0 - served) * life)
    empty = 1.0 / (1.0 + (grown - 1.0) / (1.0 - served) + grown / served)
    return empty * grown / served


def renewal_root(k: int, load: float) -> float:
    """Root of z = A*(mu (1 - z)) for Erlang-k times between arrivals of mean one and services of mean `load`."""
    z = 0.5
    for _ in range(500):
        z = (k / (k + (1.0 - z) / load)) ** k
    return z


def running_of_five() -> float:
    shares = stationary(0, lambda n: [(n + 1, (5 - n) / 10.0), (n - 1, min(n, 2) / 5.0)])
    return 1.0 - sum(n * p for n, p in shares.items()) / 5.0


def bulk(least: int, most: int, served: float) -> float:
    """Number waiting before a server that takes from `least` to `most` at once, `served` times an hour."""
    def moves(state: tuple[int, int]) -> list[tuple[tuple[int, int], float]]:
        n, busy = state
        if not busy:
            return [((0, 1) if n + 1 >= least else (n + 1, 0), 1.0)]
        over = ((n - min(n, most), 1) if n >= least else (n, 0), served)
        return [((n + 1, 1), 1.0), over] if n < 200 else [over]

    return sum(n * p for (n, _), p in stationary((0, 0), moves).items())


def lingering(full: int, linger: float) -> float:
    """Batches an hour where one leaves as soon as it is full or its first has waited so long; room without end.

    A cycle is the time to the first, then the lesser of `linger` and an Erlang time of the others:
    E[min(T, E_k)] = sum over j < k of P(E_(j+1) < T), arrivals being one an hour.
    """
    waited = 0.0
    for j in range(full - 1):
        waited += 1.0 - sum(math.exp(-linger) * linger**i / math.factorial(i) for i in range(j + 1))
    return 1.0 / (1.0 + waited)


def carts() -> float:
    def settled(f: int, w: int, busy: int) -> tuple[int, int, int]:
        return (f - 1, w - 1, 1) if not busy and f and w else (f, w, busy)

    def moves(state: tuple[int, int, int]) -> list[tuple[tuple[int, int, int], float]]:
        f, w, busy = state
        return [(settled(f + 1, w, busy), 1.0 if f < 3 else 0.0), (settled(f, w + 1, busy), 1.0 if w < 3 else 0.0),
                (settled(f, w, 0), 2.0 if busy else 0.0)]

    return 2.0 * sum(p for (_, _, busy), p in stationary((0, 0, 0), moves).items() if busy)


def on_hand(levels: list[int], pipeline: float) -> float:
    """Mean stock where stock and orders under way are at each of `levels` alike, and demand is Poisson (Hadley, Whitin)."""
    asked = [math.exp(-pipeline) * pipeline**n / math.factorial(n) for n in range(60)]
    return float(np.mean([sum((s - n) * p for n, p in enumerate(asked) if n < s) for s in levels]))


def open_hours(*, finish: bool, top: int = 60) -> float:
    """Mean number waiting, arrivals 0.25 an hour, one served an hour from eight to twenty: a chain with two laws a day.

    States: n waiting with nobody being served (0 … top), then n waiting with one in service.
    """
    size = top + 1
    laws = []
    for there in (False, True):
        q = np.zeros((2 * size, 2 * size))
        for n in range(size):
            if n < top:
                q[n, size if there and n == 0 else n + 1] += 0.25
                q[size + n, size + n + 1] += 0.25
            if there:
                q[size + n, size + n - 1 if n else 0] += 1.0
            elif finish:
                q[size + n, n] += 1.0
        laws.append(q)
    opens = np.eye(2 * size)  # at eight, whoever waits goes in
    for n in range(1, size):
        opens[n] = np.eye(2 * size)[size + n - 1]
    return periodic([(laws[0], 12.0, opens), (laws[1], 12.0, None)]) @ np.tile(np.arange(size), 2)


def daily_servers(day: list[float], rate: float, service: float, servers: int, top: int = 120) -> float:
    """Mean number waiting before several servers, arrivals by the hour of the day."""
    n = np.arange(top + 1)
    laws = []
    for share in day:
        q = np.diag(np.full(top, rate * share), 1) + np.diag(np.minimum(n[1:], servers) / service, -1)
        laws.append((q, 1.0, None))
    return periodic(laws) @ np.maximum(n - servers, 0)
