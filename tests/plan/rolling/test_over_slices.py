"""Windows over stages and scenarios: what is built is the guide's, operation is decided slice by slice and bounded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml

from lodeworks.chain.entities import Chain
from lodeworks.errors import LodeworksError
from lodeworks.network import compile_pathway
from lodeworks.plan.pathway import optimise_pathway, pathway_tables
from lodeworks.plan.rolling import rolling_pathway
from lodeworks.plan.verify import primal_residual
from tests.plan.rolling.test_horizon import EXACT, fleet_data
from tests.test_cli import lodeworks

BUILD = {"reservoir": {
    "commodity": "power", "capacity": "0 MWh",
    "expansion": {"most": "300 MWh", "cost": "0.4 MCNY/MWh", "life": "15 a"},
}}
LUCK = {"calm": {"probability": "70 %"}, "dear": {"probability": "30 %", "set": {"supplies.import.price": "1300 CNY/MWh"}}}


def staged(seed: int, *, hours: int = 24, stages: bool = True, **more: Any) -> dict[str, Any]:
    data = fleet_data(seed, hours, units=3, stores=BUILD, **more)
    if stages:
        data["horizon"] |= {"stages": [2026, 2030], "last": "3 a", "discount": "4 %/a"}
        data["stages"] = {"2030": {"set": {"supplies.import.price": "1000 CNY/MWh"}}}
    return data


@pytest.mark.parametrize("more", [
    {}, {"scenarios": LUCK}, {"scenarios": LUCK, "stages": False},
    {"scenarios": LUCK, "objective": {"goal": "cost", "risk": {"level": "80 %", "weight": "50 %"}}},
    {"policies": {"quota": {"sum": {"unit0": "1"}, "most": "3 TWh", "over": "all"}}},
], ids=["stages", "both", "scenarios", "risk", "quota"])
def test_the_best_lies_between_the_bound_and_the_plan_of_windows(more: dict[str, Any]) -> None:
    pathway = compile_pathway(Chain.model_validate(staged(1, **more)))
    best = optimise_pathway(pathway, **EXACT)
    rolled = rolling_pathway(pathway, hours=12, overlap=6, options=EXACT)
    made = rolled.answer.composition
    least, reached = best.objective, rolled.answer.objective
    assert rolled.bound <= least * (1 + 1e-7)
    assert reached >= least * (1 - 1e-7)
    assert reached <= least * 1.03
    assert rolled.gap == pytest.approx((reached - rolled.bound) / reached, abs=1e-9)
    assert primal_residual(made.program, rolled.answer.found.x) <= 1e-6
    whole = rolled.answer.found.x[made.program.integer]
    assert np.abs(whole - np.round(whole)).max() <= 1e-6
    assert len(rolled.windows) == 2 * len(pathway.slices)
    assert [w.begin_h for w in rolled.windows] == [0.0, 12.0] * len(pathway.slices)
    assert len({w.slice for w in rolled.windows}) == len(pathway.slices)


def test_costs_of_a_plan_of_windows_are_its_objective() -> None:
    pathway = compile_pathway(Chain.model_validate(staged(2, scenarios=LUCK)))
    rolled = rolling_pathway(pathway, hours=12, overlap=6, options=EXACT)
    costs = pathway_tables(rolled.answer)["costs"]
    assert -(costs["discounted"] * costs["probability"]).sum() == pytest.approx(rolled.answer.objective, rel=1e-8)


def test_a_limit_over_all_stages_holds_over_the_windows_of_all_slices() -> None:
    free = optimise_pathway(compile_pathway(Chain.model_validate(staged(1))), **EXACT)
    rates = pathway_tables(free)["rates"]
    passes = {"2026": 4 * 365.0, "2030": 3 * 365.0}

    def ran(table: pl.DataFrame) -> float:
        own = table.filter(pl.col("element") == "unit0").group_by("stage").agg(pl.col("rate").sum())
        return sum(passes[str(stage)] * amount for stage, amount in own.iter_rows())

    limit = 0.7 * ran(rates)
    quota = {"quota": {"sum": {"unit0": "1"}, "most": f"{limit} MWh", "over": "all"}}
    pathway = compile_pathway(Chain.model_validate(staged(1, policies=quota)))
    rolled = rolling_pathway(pathway, hours=12, overlap=6, options=EXACT)
    assert ran(pathway_tables(rolled.answer)["rates"]) <= limit * (1 + 1e-6)
    assert rolled.gap < 0.06


def test_firms_with_accounts_over_stages_are_refused() -> None:
    data = staged(1, firms={"works": {"cash": "900 MCNY"}})
    data["processes"]["unit0"]["owner"] = "works"
    with pytest.raises(LodeworksError, match="over stages firms' accounts are kept by the year"):
        rolling_pathway(compile_pathway(Chain.model_validate(data)), hours=12, overlap=6, options=EXACT)


def test_a_run_of_windows_over_stages_says_whose_they_are(tmp_path: Path) -> None:
    file, run = tmp_path / "fleet.yaml", tmp_path / "run"
    file.write_text(yaml.safe_dump(staged(3)))
    done = lodeworks("plan", file, "--rolling", "12 h", "--out", run)
    assert done.returncode == 0, done.stderr
    assert "4 windows of 12 h: at most" in " ".join(done.stdout.split())
    table = lodeworks("show", run, "windows", "--csv").stdout.splitlines()
    assert "stage 2030" in table[-1]
