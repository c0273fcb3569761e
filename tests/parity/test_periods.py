"""Plans over periods that stand for more against plans of what they stand for."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network, compile_pathway
from lodeworks.plan import optimise
from lodeworks.plan.pathway import optimise_pathway
from tests.parity.random_chain import random_chain

SEEDS = [seed for seed in range(60) if random_chain(seed).horizon.length.value in (12.0, 24.0)][:16]


def twice(data: dict[str, Any], shares: tuple[float, float]) -> dict[str, Any]:
    """Return a chain of the same stretch two times over, of which each stands for a share of it."""
    data = copy.deepcopy(data)
    hours = float(data["horizon"]["length"].split()[0])
    data["horizon"] |= {
        "length": f"{2 * hours:g} h",
        "periods": {name: {"length": f"{hours:g} h", "times": share} for name, share in zip("ab", shares, strict=True)},
    }
    for profile in data["profiles"].values():
        profile["values"] = profile["values"] * 2
    return data


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_stretch_in_two_periods_is_worth_what_it_is_worth_once(seed: int) -> None:
    chain = random_chain(seed)
    plain = optimise(compile_network(chain))
    data = twice(chain.model_dump(mode="json"), (0.25, 0.75))
    answer = optimise_pathway(compile_pathway(Chain.model_validate(data)))
    assert answer.objective == pytest.approx(plain.program.objective(plain.x), rel=1e-7, abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_what_comes_three_times_is_worth_three_times_as_much_where_no_limit_is_for_the_whole(seed: int) -> None:
    data = random_chain(seed).model_dump(mode="json")
    data.pop("policies", None)
    plain = optimise(compile_network(Chain.model_validate(data)))
    thrice = twice(data, (1.0, 2.0))
    answer = optimise_pathway(compile_pathway(Chain.model_validate(thrice)))
    assert answer.objective == pytest.approx(3.0 * plain.program.objective(plain.x), rel=1e-7, abs=1e-6)
