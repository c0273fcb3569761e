"""Plans over stages and scenarios on fewer steps: the best lies between the bound and the plan of all steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import lodeworks
from lodeworks.chain.entities import Chain
from lodeworks.network import compile_pathway
from lodeworks.plan.pathway import optimise_pathway
from lodeworks.plan.reduced import certified_pathway
from lodeworks.views.figures.pathway import SCENARIOS
from tests.parity.test_naive_pathway import random_pathway
from tests.plan.test_stage_statements import random_firms
from tests.test_cli import lodeworks as command


def sunny(days: int = 4, **more: Any) -> dict[str, Any]:
    """Panels, a battery and an engine for a load that grows from stage to stage."""
    t = np.arange(24 * days)
    shine = np.repeat(np.random.default_rng(5).uniform(0.2, 1.0, days), 24)
    sun = np.clip(np.sin((t % 24 - 6) / 12 * np.pi), 0.0, 1.0) * shine
    return {
        "chain": "sunny", "objective": {"goal": "cost"}, "horizon": {
            "start": "2026-01-01", "length": f"{24 * days} h", "stages": [2026, 2030], "last": "5 a", "discount": "5 %/a"},
        "stages": {"2030": {"set": {"demands.load.amount": "14 MWh/h"}}},
        "commodities": {"power": {"unit": "MWh", "let_go": True}},
        "profiles": {"sun": {"values": sun.round(4).tolist()}},
        "processes": {
            "panels": {"outputs": {"power": "1 MWh"}, "capacity": "0 MWh/h", "availability": "sun",
                       "expansion": {"most": "90 MWh/h", "cost": "2 MCNY/(MWh/h)", "life": "20 a"}},
            "engine": {"outputs": {"power": "1 MWh"}, "capacity": "0 MWh/h", "cost": "900 CNY/MWh",
                       "expansion": {"most": "20 MWh/h", "cost": "1 MCNY/(MWh/h)", "life": "20 a"}},
        },
        "stores": {"battery": {"commodity": "power", "capacity": "0 MWh",
                               "expansion": {"most": "300 MWh", "cost": "0.4 MCNY/MWh", "life": "15 a"}}},
        "demands": {"load": {"commodity": "power", "amount": "10 MWh/h"}}, **more,
    }


LUCK = {"bright": {"probability": "40 %"}, "dark": {"probability": "60 %", "set": {"processes.engine.cost": "1500 CNY/MWh"}}}


@pytest.mark.parametrize("asked", [{"segments": 8}, {"days": 1}, {"segments": 8, "days": 2}])
@pytest.mark.parametrize("more", [{}, {"scenarios": LUCK}], ids=["sure", "scenarios"])
def test_the_best_lies_between_the_bound_and_the_plan(asked: dict[str, int], more: dict[str, Any]) -> None:
    pathway = compile_pathway(Chain.model_validate(sunny(**more)))
    best = optimise_pathway(pathway).objective
    found = certified_pathway(pathway, **asked, within=0.02, options={})
    assert found.gap <= 0.02
    assert found.answer.found.residuals.good
    for one in found.rounds:
        assert one.bound is None or one.bound <= best * (1 + 1e-7)
        assert one.achieved is None or one.achieved >= best * (1 - 1e-7)
    assert found.answer.objective <= best * 1.02
    assert {one.by for one in found.rounds} == set(asked)


@pytest.mark.parametrize("asked", [{"segments": 4}, {"days": 1}])
def test_what_information_is_worth_lies_between_the_two_numbers_told(asked: dict[str, int]) -> None:
    """Perfect information as all steps tell it; the mean's plan is another on fewer steps, and its worth bounded itself."""
    growth = {"slow": {"probability": "40 %"}, "fast": {"probability": "60 %", "set": {"demands.load.amount": "13 MWh/h"}}}
    need = {"load": {"commodity": "power", "amount": "10 MWh/h", "unserved": "20000 CNY/MWh"}}
    chain = Chain.model_validate(sunny(2, scenarios=growth, demands=need))
    whole = lodeworks.plan(chain).manifest["scenarios"]["information"]
    assert whole["perfect_between"] is None
    assert whole["perfect_information"] > 1e6
    run = lodeworks.plan(chain, **asked)
    known = run.manifest["scenarios"]["information"]
    low, high = known["perfect_between"]
    assert 0.0 <= low <= whole["perfect_information"] <= high
    assert low <= known["perfect_information"] <= high
    rows = run.table("scenarios")
    assert (rows["if_known"] <= rows["objective"] * (1 + 1e-9)).all(), "what is done unknowing can be done knowing"
    least, most = known["stochastic_between"]
    assert 0.0 <= least <= known["stochastic_solution"] <= most
    said = SCENARIOS.sentence(run, "en")
    assert ("between" in said) == (high - low > 1e-6 * run.objective or most - least > 1e-6 * run.objective)


@pytest.mark.parametrize("seed", [0, 3, 5, 6, 7, 12])
def test_bounds_hold_on_random_pathways(seed: int) -> None:
    pathway = compile_pathway(Chain.model_validate(random_pathway(seed)))
    best = optimise_pathway(pathway)
    sign = -1.0 if best.composition.program.maximise else 1.0
    found = certified_pathway(pathway, segments=2, within=0.05, options={})
    slack = 1e-6 * abs(best.objective) + 1e-3
    for one in found.rounds:
        assert one.bound is None or sign * one.bound <= sign * best.objective + slack
        assert one.achieved is None or sign * one.achieved >= sign * best.objective - slack
    assert found.gap <= 0.05


def test_a_plan_of_firms_is_held_on_all_steps_and_says_why_it_has_no_bound_by_means() -> None:
    pathway = compile_pathway(Chain.model_validate(random_firms(0, cash=1.0)))
    best = optimise_pathway(pathway).objective
    found = certified_pathway(pathway, segments=4, within=float("inf"), options={})
    assert "firms' accounts" in found.why_no_mean
    assert found.answer.objective <= best + 1e-6 * abs(best)


def test_the_verb_plans_stages_on_fewer_steps(tmp_path: Path) -> None:
    file, run = tmp_path / "sunny.yaml", tmp_path / "run"
    file.write_text(yaml.safe_dump(sunny()))
    done = command("plan", file, "--days", "2", "--segments", "24", "--within", "3 %", "--out", run)
    assert done.returncode == 0, done.stderr
    assert "at most" in done.stdout
    rounds = command("show", run, "rounds", "--csv").stdout.splitlines()
    assert rounds[0].startswith("by,pieces")
    assert "2030" in command("show", run, "pathway").stdout
