"""Sample paths in two tellings: that of a chain, by its trace, and that of a program of a test, drawn from the same streams.

The program has its own logic; of ours it takes the numbers of each element's streams alone, and makes its draws of them
as docs/semantics.md says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import ndtri

from lodeworks.network import compile_network
from lodeworks.simulate import layout as y
from lodeworks.simulate import replay
from lodeworks.simulate.build import build
from lodeworks.simulate.keys import stream_numbers
from tests.simulate.running import chain

__all__ = ["Draws", "Path", "path_of", "path_of_trace"]

BLOCK = 512


@dataclass
class Path:
    """When each run ended, by name; when each lot was lost and how long each waited, by place; what left the chain.

    Of what left: how many, at what ages where the program knows them, and how many late, by how many hours in all.
    """

    ends: dict[str, list[float]] = field(default_factory=dict)
    lost: dict[str, list[float]] = field(default_factory=dict)
    waits: dict[str, list[float]] = field(default_factory=dict)
    departed: int = 0
    ages: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def end(self, name: str, at: float) -> None:
        self.ends.setdefault(name, []).append(at)

    def lose(self, place: str, at: float) -> None:
        self.lost.setdefault(place, []).append(at)

    def wait(self, place: str, hours: float) -> None:
        self.waits.setdefault(place, []).append(hours)

    def leave(self, age: float | None = None, late: float = 0.0) -> None:
        self.departed += 1
        if age is not None:
            self.ages.append(age)
        if late > 0.0:
            self.late[0] += 1.0
            self.late[1] += late


class Draws:
    """Draws from the documented streams of one replication."""

    def __init__(self, seed: int, replication: int) -> None:
        self.of = seed, replication

    def number(self, element: str, purpose: str) -> Callable[[], float]:
        """Return what gives the numbers of a stream one after the other."""
        held: list[float] = []
        taken = 0

        def take() -> float:
            nonlocal taken
            if not held:
                held.extend(stream_numbers(*self.of, element, purpose, BLOCK, taken)[::-1].tolist())
                taken += BLOCK
            return held.pop()

        return take

    def exponential(self, mean: float, element: str, purpose: str = "time") -> Callable[[], float]:
        u = self.number(element, purpose)
        return lambda: -mean * float(np.log(u()))

    def erlang(self, k: int, mean: float, element: str, purpose: str = "time") -> Callable[[], float]:
        u = self.number(element, purpose)
        return lambda: -mean / k * float(np.log([u() for _ in range(k)]).sum())

    def uniform(self, low: float, high: float, element: str, purpose: str = "time") -> Callable[[], float]:
        u = self.number(element, purpose)
        return lambda: low + (high - low) * u()

    def lognormal(self, mean: float, sd: float, element: str, purpose: str = "time") -> Callable[[], float]:
        u, spread = self.number(element, purpose), np.log(1.0 + (sd / mean) ** 2)
        return lambda: mean * float(np.exp(np.sqrt(spread) * ndtri(u()) - spread / 2.0))


def path_of(sections: dict[str, Any], hours: float, step: float, seed: int, replication: int) -> Path:
    """Return a chain's path from the start to its horizon."""
    built = build(compile_network(chain(hours, step, **sections)))
    traced = replay(built, seed, replication, 0.0, hours)
    return path_of_trace(built, traced.rows, traced.final)


def path_of_trace(built: Any, rows: np.ndarray, final: y.State) -> Path:
    """Return the path that the rows of a trace and the state at the end tell."""
    path = Path()
    leaves = final.pi[:, y.P_KIND] == y.KIND_EXIT
    path.departed = int(final.pi[leaves, y.P_N_IN].sum())
    path.late = [float(final.pi[leaves, y.P_N_LATE].sum()), float(final.pf[leaves, y.P_TARDY].sum())]
    came: dict[int, float] = {}
    for at, kind, a, b, _, _, d in rows.tolist():
        if kind == y.TRACE_END:
            path.end(built.transitions[int(a)], at)
        elif kind == y.TRACE_IN:
            came[int(b)] = at
        elif kind == y.TRACE_OUT:
            path.wait(built.places[int(a)], at - came[int(b)])
        elif kind == y.TRACE_LOST:
            path.lose(built.places[int(a)], at)
            if b < 2.0:  # it had come in
                path.wait(built.places[int(a)], at - came[int(d)])
    return path
