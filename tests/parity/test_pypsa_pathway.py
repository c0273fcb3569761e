"""Stages as PyPSA's investment periods and scenarios as its stochastic networks: the same optimum on random systems."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

pypsa = pytest.importorskip("pypsa")

from lodeworks.chain.entities import Chain  # noqa: E402 (PyPSA first: without it there is nothing to compare with)
from lodeworks.network import compile_pathway  # noqa: E402
from lodeworks.plan.pathway import optimise_pathway  # noqa: E402

STEPS, RATE = 12, 0.05
YEARS, LENGTHS = [2026, 2030, 2036], [4, 6, 5]
FUELS = {"gas": 0.4, "coal": 0.25}


class System:
    """A town's power by the hour: plants that burn a fuel, wind, and a store, all of which can grow."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.load = np.round(rng.uniform(200.0, 900.0, STEPS), 2)
        self.wind = np.round(rng.uniform(0.05, 0.95, STEPS), 3)
        self.growth = [1.0, *np.round(rng.uniform(0.8, 1.6, 2), 2)]
        self.cost = {name: round(float(rng.uniform(600, 1800)), 1) for name in FUELS} | {
            "wind": round(float(rng.uniform(900, 2600)), 1), "tank": round(float(rng.uniform(50, 400)), 1)}
        self.life = {name: int(rng.choice([4, 5, 9, 25])) for name in self.cost}
        self.existing = round(float(rng.uniform(200, 500)), 1)

    def annuity(self, name: str) -> float:
        return self.cost[name] * RATE / (1 - (1 + RATE) ** -self.life[name])

    def chain(self, **more: Any) -> Chain:
        def growing(name: str, unit: str) -> dict[str, Any]:
            return {"cost": f"{self.cost[name]} CNY/({unit})", "life": f"{self.life[name]} a"}

        plants = {
            name: {"inputs": {name: "1 kg"}, "outputs": {"power": "1 kWh"}, "expansion": growing(name, "kWh/h")}
            for name in FUELS
        }
        plants["gas"]["capacity"] = f"{self.existing} kWh/h"
        stages = {"stages": {
            str(year): {"set": {"demands.town.amount.times": f"{g} kWh/h"}} for year, g in zip(YEARS, self.growth, strict=True)
        }} if "horizon" not in more else {}
        return Chain.model_validate({
            "chain": "town", "objective": "cost",
            "horizon": {"start": "2026-01-01", "length": f"{STEPS} h", "discount": f"{100 * RATE} %/a",
                        "stages": YEARS, "last": f"{LENGTHS[-1]} a"},
            "commodities": {"power": {"unit": "kWh"}, "gas": {"unit": "kg"}, "coal": {"unit": "kg"}},
            "supplies": {name: {"commodity": name, "price": f"{price} CNY/kg"} for name, price in FUELS.items()},
            "processes": {**plants, "wind": {"outputs": {"power": "1 kWh"}, "availability": "wind",
                                             "expansion": growing("wind", "kWh/h")}},
            "stores": {"tank": {"commodity": "power", "expansion": growing("tank", "kWh")}},
            "demands": {"town": {"commodity": "power", "amount": {"profile": "load", "times": "1 kWh/h"}}},
            "profiles": {"load": {"values": self.load.tolist()}, "wind": {"values": self.wind.tolist()}},
            **stages, **more,
        })

    def network(self, periods: list[int] | None) -> Any:
        """Return the same as a PyPSA network, each vintage a component of its own."""
        n = pypsa.Network()
        hours = pd.RangeIndex(STEPS)
        if periods:
            n.snapshots = pd.MultiIndex.from_product([periods, hours], names=["period", "timestep"])
            n.investment_periods = periods
            starts = np.array(periods) - periods[0]
            n.investment_period_weightings["years"] = LENGTHS
            n.investment_period_weightings["objective"] = [
                sum((1 + RATE) ** -(t + j + 1) for j in range(d)) for t, d in zip(starts, LENGTHS, strict=True)]
            n.snapshot_weightings.loc[:, "objective"] = 8760.0 / STEPS
            load, wind = np.concatenate([g * self.load for g in self.growth]), np.tile(self.wind, len(periods))
        else:
            n.set_snapshots(hours)
            load, wind = self.load, self.wind
        n.add("Bus", "power")
        n.add("Load", "town", bus="power", p_set=pd.Series(load, index=n.snapshots))
        n.add("Generator", "old gas", bus="power", p_nom=self.existing, marginal_cost=FUELS["gas"], build_year=2000,
              lifetime=np.inf)
        share = 1.0 if periods else STEPS / 8760.0
        for year in periods or [0]:
            common = {"bus": "power", "build_year": year} if periods else {"bus": "power"}
            for name, price in (*FUELS.items(), ("wind", 0.0)):
                most = {"p_max_pu": pd.Series(wind, index=n.snapshots)} if name == "wind" else {}
                n.add("Generator", f"{name} {year}", p_nom_extendable=True, marginal_cost=price,
                      capital_cost=share * self.annuity(name), lifetime=self.life[name] if periods else np.inf, **most, **common)
            n.add("Store", f"tank {year}", e_nom_extendable=True, e_cyclic=not periods, e_cyclic_per_period=bool(periods),
                  capital_cost=share * self.annuity("tank"), lifetime=self.life["tank"] if periods else np.inf, **common)
        return n


@pytest.fixture(autouse=True)
def _keep_pypsas_warnings_to_itself() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("pypsa", "linopy")]
    before = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


def solved(n: Any, **options: Any) -> float:
    n.optimize(solver_name="highs", solver_options={"output_flag": False}, include_objective_constant=False, **options)
    return float(n.objective)


@pytest.mark.parametrize("seed", range(4))
def test_stages_have_the_optimum_of_pypsas_investment_periods(seed: int) -> None:
    system = System(seed)
    answer = optimise_pathway(compile_pathway(system.chain()))
    assert answer.objective == pytest.approx(solved(system.network(YEARS), multi_investment_periods=True), rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_scenarios_have_the_optimum_of_pypsas_stochastic_network(seed: int) -> None:
    system = System(100 + seed)
    factors, chances = [0.7, 1.0, 1.4], [0.3, 0.5, 0.2]
    scenarios = {f"w{i}": {"probability": p, "set": {"demands.town.amount.times": f"{f} kWh/h"}}
                 for i, (f, p) in enumerate(zip(factors, chances, strict=True))}
    chain = system.chain(
        horizon={"start": "2026-01-01", "length": f"{STEPS} h", "discount": f"{100 * RATE} %/a"}, scenarios=scenarios)
    answer = optimise_pathway(compile_pathway(chain))
    n = system.network(None)
    n.set_scenarios(dict(zip(scenarios, chances, strict=True)))
    for name, factor in zip(scenarios, factors, strict=True):
        n.c.loads.dynamic["p_set"][(name, "town")] = factor * system.load
    assert answer.objective == pytest.approx(solved(n), rel=1e-6)
