"""The law between the engines: on any chain a simulation makes no more than the plan, and near as much without chance."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from lodeworks import verbs
from lodeworks.simulate.tables import measures
from tests.simulate.running import chain, simulate

LENGTH = 480.0
FINER = range(5)  # how often batches and spread are halved


def random_chain(
    seed: int, *, halved: int = 0, wasteful: bool = True, failing: bool = True, pooled: bool = False
) -> Any:
    """Return a chain of two to five stages, each of one or two processes, with bounded stores and waste.

    Parameters
    ----------
    halved
        How often batches, times, their coefficients of variation and the step are halved: capacities stay. (What
        is supplied at a rate comes in batches of a step.)
    wasteful
        Whether the two processes of a stage may differ in what they waste: the plan then knows which to run.
    pooled
        Whether processes use one or two pools in proportion to their rates, one of which may close for a
        third of each day; who is nearer to the end comes first.
    """
    r = random.Random(seed)
    stages = r.randint(2, 5)
    names = [f"c{i}" for i in range(stages + 1)]
    commodities: dict[str, Any] = {name: {"unit": "case"} for name in names}
    commodities["scrap"] = {"unit": "case", "let_go": True}
    processes: dict[str, Any] = {}
    for i in range(stages):
        kept = r.choice([1.0, 1.0, 0.9, 0.75])
        for k in range(r.randint(1, 2)):
            batch, hours, servers = r.choice([1, 2, 5]) / 2**halved, r.uniform(0.2, 2.0) / 2**halved, r.randint(1, 3)
            spread = r.choice([0.3, 0.6, 1.0]) / 2**halved
            time = r.choice([f"gamma({hours!r} h, {spread * hours!r} h)", f"lognormal({hours!r} h, {spread * hours!r} h)"])
            keep = r.choice([1.0, 0.9, 0.75]) if wasteful else kept
            process: dict[str, Any] = {
                "inputs": {names[i]: "1 case"}, "outputs": {names[i + 1]: f"{keep} case"}, "reference": names[i],
                "runs": {"batch": f"{batch} case", "time": time, "servers": servers,
                         "blocking": r.choice(["after", "before"])},
            }
            if keep < 1.0:
                process["outputs"]["scrap"] = f"{1.0 - keep:.2f} case"
            if failing and r.random() < 0.4:
                process["failures"] = {"between": "exponential(20 h)", "repair": "exponential(2 h)",
                                       "clock": r.choice(["working", "calendar"])}
            processes[f"p{i}{'ab'[k]}"] = process
    stores = {f"s{i}": {"commodity": names[i], "end": "free", "capacity": f"{r.choice([10, 20, 60])} case"}
              for i in range(1, stages)}
    if pooled:  # by night what is supplied waits: with a store for a plan too
        stores["s0"] = {"commodity": names[0], "end": "free", "capacity": "60 case"}
    pools, profiles = _pools(random.Random(f"pools {seed}"), processes) if pooled else ({}, {})
    return chain(
        LENGTH, step=4.0 / 2**halved, commodities=commodities, processes=processes, stores=stores, pools=pools,
        profiles=profiles,
        supplies={"in": {"commodity": names[0], "price": "0 CNY/case", "most": f"{r.uniform(0.5, 6.0):.3f} case/h"}},
        demands={"out": {"commodity": names[-1], "price": "1 CNY/case"}},
        objective={"goal": "output", "commodity": names[-1]},
    )


def _pools(r: random.Random, processes: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Let some processes use pools of rates that bind more often than not; return the pools and their profiles."""
    pools = {name: {"amount": f"{r.uniform(0.5, 4.0):.3f} case/h"} for name in r.choice([("spur",), ("spur", "wharf")])}
    for name, process in processes.items():
        process["runs"]["priority"] = 9 - int(name[1])
        process["pools"] = {pool: r.choice([0.5, 1.0, 2.0]) for pool in pools if r.random() < 0.6}
    if r.random() < 0.5:
        return pools, {}
    pools["spur"]["availability"] = "open"
    return pools, {"open": {"values": [1.0 if k % 6 >= 2 else 0.0 for k in range(int(LENGTH / 4.0))]}}


def planned(entity: Any) -> float:
    """Return the most that can be made of the last commodity, by the plan."""
    flows = verbs.plan(entity).flows.filter(pl.col("kind").cast(pl.String) == "demand")
    return float(flows["amount"].abs().sum())


def made(entity: Any) -> np.ndarray:
    """Return what is made of the last commodity in each of eight replications."""
    last = list(entity.commodities)[-2]
    return measures(simulate(entity, replications=8))["exit", f"{last}@here", "in"] * LENGTH


def slack(values: np.ndarray) -> float:
    """Return three standard errors of a mean."""
    return 3.0 * float(np.std(values, ddof=1)) / np.sqrt(len(values))


@pytest.mark.parametrize("seed", range(24))
def test_no_simulation_beats_the_plan(seed: int) -> None:
    entity = random_chain(seed)
    best, found = planned(entity), made(entity)
    assert 0.0 < float(np.mean(found)) <= best * (1.0 + 1e-6) + slack(found)


@pytest.mark.parametrize("seed", range(16))
def test_no_simulation_beats_the_plan_where_pools_of_rates_are_shared(seed: int) -> None:
    entity = random_chain(seed, pooled=True)
    best, found = planned(entity), made(entity)
    assert 0.0 < float(np.mean(found)) <= best * (1.0 + 1e-6) + slack(found)


@cache
def gaps(seed: int) -> tuple[float, ...]:
    """Return what a simulation falls short of the plan, relatively, as batches and spread are halved."""
    chains = [random_chain(seed, halved=k, wasteful=False, failing=False) for k in FINER]
    best = planned(chains[0])
    assert planned(chains[-1]) == pytest.approx(best)  # the plan sees rates only: halving changes nothing
    found = [made(entity) for entity in chains]
    assert all(float(np.mean(x)) <= best * (1.0 + 1e-6) + slack(x) for x in found)
    return tuple(1.0 - float(np.mean(x)) / best for x in found)


@pytest.mark.parametrize("seed", range(12))
def test_with_small_batches_and_little_chance_it_tends_to_the_plan(seed: int) -> None:
    found = gaps(seed)
    assert found[-1] < 0.01
    assert found[-1] < 0.5 * found[0]


def test_the_gap_is_about_halved_with_the_batches() -> None:
    mean = np.mean([gaps(seed) for seed in range(12)], axis=0)
    assert mean[0] > 0.01  # there is something to lose at first
    assert (mean[1:] < 0.7 * mean[:-1]).all()


@pytest.mark.parametrize("seed", range(6))
def test_where_there_is_a_choice_a_simulation_that_follows_the_plan_tends_to_it(seed: int, tmp_path: Path) -> None:
    """Left to themselves all machines run, those that waste too; told by the plan, they do as well as it."""
    entity = random_chain(seed, halved=FINER[-1], failing=False)
    best = verbs.plan(entity, out=tmp_path / "plan")
    told = verbs.simulate(entity, plan=tmp_path / "plan", replications=4)
    last = list(entity.commodities)[-2]
    amount = float(best.flows.filter(pl.col("kind").cast(pl.String) == "demand")["amount"].abs().sum())
    found = told.mean(f"{last}@here", "in") * LENGTH
    assert 0.98 * amount <= found <= amount * (1.0 + 1e-6)
