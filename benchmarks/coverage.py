"""How often a 95 % interval holds the truth: five systems whose means are known, each run some hundred times anew.

Two are terminating (they begin empty and end at a fixed hour), three are steady: they begin empty too, and the warm-up
is found by MSER-5 on the average over replications, the same cut for all. A macro-run is what a user does once: twenty
replications, forty of the short and skewed terminating ones, and an interval of each mean. Answers come from Markov
chains solved here.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import expm

if TYPE_CHECKING:
    from benchmarks.registry import Benchmark, Case, Result

__all__ = ["SYSTEMS", "Coverage", "System", "covered", "run"]

Floats = npt.NDArray[np.float64]
_REPLICATIONS = {"terminating": 40, "steady": 20}


@dataclass(frozen=True)
class System:
    """A chain without a horizon, its hours, what of it is measured, and the exact mean."""

    sections: dict[str, Any]
    hours: float
    kind: str
    measure: tuple[str, str, str]
    exact: float


@dataclass(frozen=True)
class Coverage:
    """Of how many macro-runs the interval held the truth; those refused as not steady do not count."""

    held: int
    runs: int
    refused: int

    @property
    def share(self) -> float:
        """The share that held."""
        return self.held / self.runs


def _queue(time: str, servers: int, between: str, **arrivals: Any) -> dict[str, Any]:
    return {
        "supplies": {"people": {"commodity": "job", "arrivals": {"between": between, **arrivals}}},
        "stores": {"queue": {"commodity": "job", "end": "free"}},
        "processes": {"desk": {"inputs": {"job": "1 case"}, "outputs": {"done": "1 case"},
                               "runs": {"batch": "1 case", "time": time, "servers": servers}}},
        "demands": {"out": {"commodity": "done", "price": "1 CNY/case"}},
    }


def _line() -> dict[str, Any]:
    def station(take: str, give: str) -> dict[str, Any]:
        return {"inputs": {take: "1 case"}, "outputs": {give: "1 case"},
                "runs": {"batch": "1 case", "time": "exponential(1 h)"}}

    return {
        "supplies": {"people": {"commodity": "job", "price": "0 CNY/case"}},
        "stores": {"between": {"commodity": "mid", "end": "free", "capacity": "2 case"}},
        "processes": {"one": station("job", "mid"), "two": station("mid", "done")},
        "demands": {"out": {"commodity": "done", "price": "1 CNY/case"}},
    }


def _leaving() -> dict[str, Any]:
    found = _queue("exponential(1 h)", 1, "exponential(1 h)")
    found["stores"]["queue"]["patience"] = "exponential(2 h)"
    return found


_DAY = [0.2] * 8 + [1.0] * 8 + [0.6] * 8


def _waiting_from_empty(rates: list[float], served: float, servers: int, top: int = 120) -> float:
    """Return the mean number that wait over some hours, the rate of arrivals given for each, from an empty start."""
    n = np.arange(top + 1)
    at: Floats = np.eye(1, top + 1)[0]
    area = 0.0
    steps: dict[float, tuple[Floats, Floats]] = {}
    for rate in rates:
        if rate not in steps:
            law = np.diag(np.full(top, rate), 1) + np.diag(np.minimum(n[1:], servers) * served, -1)
            law -= np.diag(law.sum(axis=1))
            size = top + 1
            both = expm(np.block([[law, np.eye(size)], [np.zeros((size, 2 * size))]]))
            steps[rate] = both[:size, size:], both[:size, :size]
        within, to = steps[rate]
        area += float(at @ within @ np.maximum(n - servers, 0))
        at = at @ to
    return area / len(rates)


def _leave() -> float:
    """Return the share that leaves M/M/1 with service and arrivals of one and a patience of two hours (Palm 1957)."""
    weights = [1.0]
    for n in range(1, 200):
        weights.append(weights[-1] / (1.0 + (n - 1) / 2.0))
    return weights[0] / sum(weights)


_WAITING = ("queue", "job@here", "level")
SYSTEMS = {
    "M/M/2, fifty hours from empty": System(
        _queue("exponential(1.4 h)", 2, "exponential(1 h)"), 50.0, "terminating", _WAITING,
        _waiting_from_empty([1.0] * 50, 1.0 / 1.4, 2)),
    "two clerks, two days by the hour": System(
        {"profiles": {"day": {"daily": _DAY}}, **_queue("exponential(1 h)", 2, "exponential(0.5 h)", profile="day")},
        48.0, "terminating", _WAITING, _waiting_from_empty([2.0 * share for share in _DAY] * 2, 1.0, 2)),
    "M/M/1 at 60 %": System(_queue("exponential(0.6 h)", 1, "exponential(1 h)"), 2000.0, "steady", _WAITING, 0.9),
    "two machines, two between": System(_line(), 1000.0, "steady", ("exit", "done@here", "in"), 0.8),
    "M/M/1 with impatience": System(_leaving(), 1000.0, "steady", ("queue", "job@here", "reneged"), _leave()),
}


def covered(system: System, macro_runs: int, first_seed: int = 1) -> Coverage:
    """Run a system anew so many times, each with a seed of its own, and count the intervals that hold the truth."""
    from lodeworks.errors import SimulationError
    from lodeworks.network import compile_network
    from lodeworks.simulate import replicate
    from lodeworks.simulate.statistics import interval
    from lodeworks.simulate.tables import measures
    from lodeworks.verbs import read

    data = {
        "chain": "reference", "units": {"case": "case"}, "sites": {"here": {}},
        "horizon": {"start": "2026-01-01", "length": f"{system.hours} h", "step": "1 h"},
        "commodities": {name: {"unit": "case"} for name in ("job", "mid", "done")},
        "simulation": {"kind": system.kind}, **system.sections,
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "chain.json"
        file.write_text(json.dumps(data))
        network = compile_network(read(file))
    held = refused = 0
    for seed in range(first_seed, first_seed + macro_runs):
        try:
            outcome = replicate(network, replications=_REPLICATIONS[system.kind], seed=seed)
        except SimulationError as error:
            if "not steady" not in str(error):
                raise
            refused += 1
            continue
        found = interval(measures(outcome)[system.measure])
        held += found.low <= system.exact <= found.high
    return Coverage(held, macro_runs - refused, refused)


def run(benchmark: Benchmark, cases: list[Case]) -> Iterator[Result]:
    """Yield the coverage of each system, in per cent, and how many macro-runs were refused as not steady."""
    from benchmarks.registry import Result

    for case in cases:
        runs = int(case.arguments["runs"])
        shares = []
        for name, system in SYSTEMS.items():
            found = covered(system, runs)
            shares.append(found.share)
            yield Result(benchmark.name, name, f"covered of {found.runs}, %", 100.0 * found.share)
            yield Result(benchmark.name, name, "refused, %", 100.0 * found.refused / runs)
        error = 100.0 * math.sqrt(0.95 * 0.05 / (runs * len(shares)))
        yield Result(benchmark.name, "all five", f"covered, % (± {error:.1f})", 100.0 * float(np.mean(shares)))
