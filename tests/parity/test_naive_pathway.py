"""Plans over stages and scenarios agree with a second formulation, by loops over years and scenarios, for scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.errors import InfeasibleError
from lodeworks.network import compile_pathway
from lodeworks.plan.pathway import information, optimise_pathway
from tests.parity.naive_pathway import NaivePathway
from tests.parity.random_chain import random_chain


def random_pathway(seed: int) -> dict[str, Any]:
    """Return a random chain as plain data, with stages, scenarios or both."""
    rng = np.random.default_rng(10_000 + seed)
    chain = random_chain(seed)
    data = chain.model_dump(mode="json")
    data["horizon"]["discount"] = f"{rng.choice([0.0, 4.0, 9.0])} %/a"
    for process in data.get("processes", {}).values():
        if "capacity" in process or "expansion" in process:
            process["expansion"] = {
                "most": f"{rng.uniform(2, 10):.2f} t/h", "life": f"{rng.choice([3, 5, 8, 20])} a",
                "cost": f"{rng.uniform(500, 90_000):.1f} CNY/(t/h)",
            }
            if "capacity" in process:
                process["capacity"] = f"{rng.uniform(0.1, 3):.2f} t/h"
            if rng.random() < 0.4:
                process["expansion"]["lead"] = f"{rng.choice([1, 3, 4])} a"

    def change() -> dict[str, str]:
        found = {}
        for name in rng.permutation(list(data["supplies"]))[:2]:
            found[f"supplies.{name}.most"] = f"{rng.uniform(1, 40):.2f} t/h"
        for name, demand in data.get("demands", {}).items():
            if "price" in demand and rng.random() < 0.8:
                found[f"demands.{name}.price"] = f"{rng.uniform(40, 200):.2f} CNY/t"
        return found

    for store in data.get("stores", {}).values():
        store["over_stages"] = "anew"  # as the naive formulation has it: every passing begins with `initial`
    kind = seed % 3
    if kind != 1:
        data["horizon"] |= {"stages": [2026, 2029, 2034], "last": "4 a"}
        data["stages"] = {"2029": {"set": change()}, "2034": {"set": change()}}
    if kind != 0:
        chances = [0.5, 0.2, 0.3]
        data["scenarios"] = {f"w{i}": {"probability": p, "set": change()} for i, p in enumerate(chances)}
    return data


@pytest.mark.parametrize("seed", range(30))
def test_a_random_pathway_has_the_same_optimum_in_the_naive_formulation(seed: int) -> None:
    data = random_pathway(seed)
    expected = NaivePathway(data).solve()
    pathway = compile_pathway(Chain.model_validate(data))
    if np.isnan(expected):
        with pytest.raises(InfeasibleError):
            optimise_pathway(pathway)
        return
    assert optimise_pathway(pathway).objective == pytest.approx(expected, rel=1e-6, abs=1e-3)


def test_random_pathways_build_something() -> None:
    built = 0
    for seed in (2, 3, 6, 7, 9, 12, 14, 17, 28):
        pathway = compile_pathway(Chain.model_validate(random_pathway(seed)))
        built += bool(optimise_pathway(pathway).decided.sum() > 1e-6)
    assert built >= 5


@pytest.mark.parametrize("seed", [2, 7, 11, 14, 17])
@pytest.mark.parametrize("weight", ["0 %", "40 %"])
def test_information_and_the_stochastic_solution_are_never_worth_less_than_nothing(seed: int, weight: str) -> None:
    data = random_pathway(seed)
    data["objective"] = {"goal": "profit", "risk": {"level": "75 %", "weight": weight}}
    answer = optimise_pathway(compile_pathway(Chain.model_validate(data)))
    known = information(answer)
    size = abs(answer.objective) + 1.0
    assert known.perfect_information >= -1e-6 * size
    assert known.stochastic_solution is None or known.stochastic_solution >= -1e-6 * size
