"""Three systems of middling size as programs for Ciw, which draws its own numbers, and what long runs of them tell.

Ciw takes minutes to know what is compared to within a few thousandths, so the answers of many runs are kept in
`tests/data/ciw/answers.json`, with Ciw's version; run number k has seed k. To make them, or those of one system, anew (some five minutes)::

    python -m tests.parity.systems_in_ciw [clinic]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ciw
import numpy as np

from tests.analytic.systems import SOLD, cases, station
from tests.parity.systems_in_simpy import clinic, counter

__all__ = ["ANSWERS", "HOURS", "SYSTEMS", "WARM"]

HOURS, WARM = 2000.0, 100.0
ANSWERS = Path("tests/data/ciw/answers.json")
Numbers = dict[str, float]


def works() -> dict[str, Any]:
    """A line of three stations with room for two between them: what comes to a full door is lost, what is done may be stuck."""
    return {
        "commodities": cases("job", "a", "b", "done"),
        "supplies": {"people": {"commodity": "job", "arrivals": {"between": "exponential(30 min)"}}},
        "stores": {name: {"commodity": c, "end": "free", "capacity": f"{room} case"}
                   for name, c, room in (("door", "job", 3), ("one", "a", 2), ("two", "b", 2))},
        "processes": {"cut": station("job", "a", "exponential(30 min)"),
                      "sew": station("a", "b", "uniform(30 min, 90 min)", servers=2),
                      "pack": station("b", "done", "lognormal(27 min, 9 min)")},
        "demands": SOLD,
    }


def _records(network: Any, seed: int) -> list[Any]:
    ciw.seed(seed)
    run = ciw.Simulation(network)
    run.simulate_until_max_time(HOURS)
    return list(run.get_all_records())


def clinic_in_ciw(seed: int) -> Numbers:
    records = _records(ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(2.0), None],
        service_distributions=[ciw.dists.Gamma(4.0, 0.125), ciw.dists.Uniform(1 / 6, 1 / 2)],
        number_of_servers=[2, 1], routing=[[0.0, 0.6], [0.25, 0.0]]), seed)
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


def works_in_ciw(seed: int) -> Numbers:
    spread = np.log(1.0 + (9 / 27) ** 2)
    records = _records(ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(2.0), None, None],
        service_distributions=[ciw.dists.Exponential(2.0), ciw.dists.Uniform(0.5, 1.5),
                               ciw.dists.Lognormal(float(np.log(0.45) - spread / 2.0), float(np.sqrt(spread)))],
        number_of_servers=[1, 2, 1], queue_capacities=[3, 2, 2],
        routing=[[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]), seed)
    records = [row for row in records if WARM <= row.exit_date <= HOURS]
    made = sum(row.node == 3 and row.record_type == "service" for row in records)
    lost = sum(row.record_type == "rejection" for row in records)
    return {"made": made / (HOURS - WARM), "lost": lost / (HOURS - WARM)}


def counter_in_ciw(seed: int) -> Numbers:
    records = _records(ciw.create_network(
        arrival_distributions={"urgent": [ciw.dists.Exponential(0.5)], "plain": [ciw.dists.Exponential(1.5)]},
        service_distributions={name: [ciw.dists.Exponential(1.0)] for name in ("urgent", "plain")},
        reneging_time_distributions={"urgent": [None], "plain": [ciw.dists.Deterministic(1.5)]},
        priority_classes={"urgent": 0, "plain": 1}, number_of_servers=[2]), seed)
    records = [row for row in records if WARM <= row.exit_date <= HOURS]
    waits = [row.waiting_time for row in records if row.customer_class == "urgent" and row.record_type == "service"]
    gone = sum(row.record_type == "renege" for row in records)
    return {"urgent wait": float(np.mean(waits)), "gave up": gone / (HOURS - WARM)}


# The chain, the program, how many runs of it are kept, and where the chain tells the same.
SYSTEMS: dict[str, tuple[Callable[[], Any], Callable[[int], Numbers], int, dict[str, tuple[str, str, str]]]] = {
    "clinic": (clinic, clinic_in_ciw, 100, {"stay": ("exit", "done@here", "age"), "served": ("exit", "done@here", "in")}),
    "works": (works, works_in_ciw, 400, {"made": ("exit", "done@here", "in"), "lost": ("queue", "job@here", "turned away")}),
    "counter": (counter, counter_in_ciw, 500, {
        "urgent wait": ("queue", "rush@here", "wait"), "gave up": ("queue", "job@here", "reneged")}),
}


def main(*names: str) -> None:
    """Run Ciw and keep what it tells: of each measure the mean and standard deviation over runs, and the first run's."""
    found: dict[str, Any] = {"ciw": version("ciw"), "hours": HOURS, "warm_up": WARM, "systems": {}}
    if names and ANSWERS.exists():
        found |= {"systems": json.loads(ANSWERS.read_text(encoding="utf-8"))["systems"]}
    for name in names or SYSTEMS:
        _, program, count, _ = SYSTEMS[name]
        runs = [program(seed) for seed in range(count)]
        found["systems"][name] = {what: {
            "runs": count, "mean": float(np.mean([run[what] for run in runs])),
            "sd": float(np.std([run[what] for run in runs], ddof=1)), "first": runs[0][what]} for what in runs[0]}
        ANSWERS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
