"""Of plans that are as good the nearest to what was followed is taken; it is as good, and as well verified."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network
from lodeworks.plan import Answer, nearest, optimise
from lodeworks.plan.scale import scale
from tests.parity.random_chain import random_chain

TWINS: dict[str, Any] = {
    "chain": "twins", "horizon": {"start": "2026-03-02", "length": "4 h"},
    "commodities": {"coal": {"unit": "t"}, "coke": {"unit": "t"}},
    "supplies": {"mine": {"commodity": "coal", "price": "500 CNY/t"}},
    "processes": {name: {"inputs": {"coal": "1.4 t"}, "outputs": {"coke": "1 t"}, "capacity": "30 t/h", "cost": "40 CNY/t"} for name in ("east", "west")},
    "demands": {"steel": {"commodity": "coke", "amount": "20 t/h"}},
}


def rates(answer: Answer, name: str) -> list[float]:
    net = answer.network
    (a,) = net.activities_of(name)
    return [float(v) for v in answer.x[answer.columns.rate[a] : answer.columns.rate[a] + 4]]


def followed(answer: Answer, **said: list[float]) -> dict[int, np.ndarray[Any, Any]]:
    return {answer.network.activities_of(name)[0]: np.array(values) for name, values in said.items()}


def test_what_is_as_good_either_way_stays_as_it_was() -> None:
    found = optimise(compile_network(Chain.model_validate(TWINS)))
    near = nearest(found, followed(found, east=[5.0, 20.0, 0.0, 7.5], west=[15.0, 0.0, 20.0, 12.5]))
    assert rates(near, "east") == pytest.approx([5.0, 20.0, 0.0, 7.5])
    assert rates(near, "west") == pytest.approx([15.0, 0.0, 20.0, 12.5])
    assert near.verified
    assert near.program.value(near.x) == pytest.approx(found.program.value(found.x), rel=1e-6)


def test_what_is_worth_money_is_changed_and_what_nobody_followed_is_free() -> None:
    dear = {**TWINS, "processes": {**TWINS["processes"], "west": {**TWINS["processes"]["west"], "cost": "41 CNY/t"}}}
    found = optimise(compile_network(Chain.model_validate(dear)))
    near = nearest(found, followed(found, east=[0.0, np.nan, 0.0, 0.0], west=[20.0, np.nan, 20.0, 20.0]))
    assert rates(near, "east") == pytest.approx([20.0] * 4, abs=0.05)  # for three fen the tolerance lets a little stay
    assert nearest(found, {}) is found


@pytest.mark.parametrize("seed", range(0, 24, 2))
def test_the_nearest_is_as_good_and_never_further(seed: int) -> None:
    net = compile_network(random_chain(seed))
    found = optimise(net)
    other = np.random.default_rng(seed)
    target, weight, column = {}, {}, scale(net, found.columns, found.program).column
    for a in range(len(net.activities)):
        first, grid = int(found.columns.rate[a]), net.grids[net.activities.grid[a]]
        target[a] = found.x[first : first + grid.count] * other.uniform(0.0, 2.0, grid.count)
        size = max(*target[a], *found.x[first : first + grid.count], 1e-3 * column[first])
        weight[a] = first, grid.hours(net.hours) / size

    def distance(answer: Answer) -> float:
        return sum(float((w * np.abs(answer.x[f : f + len(w)] - target[a])).sum()) for a, (f, w) in weight.items())

    near = nearest(found, target)
    assert near.verified
    assert near.program.value(near.x) <= found.program.value(found.x) + 1e-6 * abs(found.program.value(found.x)) + 1e-9
    assert distance(near) <= distance(found) * (1.0 + 1e-7) + 1e-9
