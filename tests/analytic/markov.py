"""A small solver of Markov chains in continuous time, and of closed networks, for answers to hold simulations against."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

import numpy as np
from scipy.linalg import expm

__all__ = ["closed_throughput", "periodic", "stationary"]


def stationary(start: Hashable, moves: Callable[..., Iterable[tuple[Hashable, float]]]) -> dict[Hashable, float]:
    """Return the long-run share of time in every state that can be reached; `moves` gives (state, rate) of each."""
    numbers, todo, rates = {start: 0}, [start], []
    while todo:
        state = todo.pop()
        for to, rate in moves(state):
            if rate > 0.0:
                if to not in numbers:
                    numbers[to] = len(numbers)
                    todo.append(to)
                rates.append((numbers[state], numbers[to], rate))
    size = len(numbers)
    system = np.zeros((size, size))
    for i, j, rate in rates:
        system[j, i] += rate
        system[i, i] -= rate
    system[0] = 1.0
    shares = np.linalg.solve(system, np.eye(1, size)[0])
    return {state: float(shares[i]) for state, i in numbers.items()}


def closed_throughput(customers: int, queues: list[float], delay: float) -> float:
    """Return the rate of rounds of a closed network of single servers and one delay (Reiser and Lavenberg 1980)."""
    waiting = [0.0] * len(queues)
    rate = 0.0
    for n in range(1, customers + 1):
        stays = [time * (1.0 + held) for time, held in zip(queues, waiting, strict=True)]
        rate = n / (delay + sum(stays))
        waiting = [rate * stay for stay in stays]
    return rate


def periodic(laws: list[tuple[np.ndarray, float, np.ndarray | None]]) -> np.ndarray:
    """Return the long-run share of time in every state of a chain whose law changes round and round.

    Each law is its rates (the diagonal is set here), how long it holds, and what the states become at its end, if
    anything. The share within a stretch comes from the same exponential, of the law with its integral beside it.
    """
    size = len(laws[0][0])
    whole, steps = np.eye(size), []
    for rates, hours, then in laws:
        law = rates - np.diag(rates.sum(axis=1))
        both = expm(np.block([[law, np.eye(size)], [np.zeros((size, 2 * size))]]) * hours)
        steps.append((both[:size, size:], both[:size, :size] if then is None else both[:size, :size] @ then))
        whole = whole @ steps[-1][1]
    system = whole.T - np.eye(size)
    system[0] = 1.0
    at = np.linalg.solve(system, np.eye(1, size)[0])
    spent = np.zeros(size)
    for within, to in steps:
        spent += at @ within
        at = at @ to
    return spent / sum(hours for _, hours, _ in laws)
