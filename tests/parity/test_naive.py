"""The plan agrees with a second formulation, built by loops from the entities and solved by scipy."""

from __future__ import annotations

import numpy as np
import pytest

from lodeworks.errors import InfeasibleError
from lodeworks.network import compile_network
from lodeworks.plan import optimise
from tests.parity.naive import Naive
from tests.parity.random_chain import random_chain


@pytest.mark.parametrize("seed", range(200))
def test_a_random_chain_has_the_same_optimum_in_the_naive_formulation(seed: int) -> None:
    chain = random_chain(seed)
    expected = Naive(chain).solve()
    if np.isnan(expected):
        with pytest.raises(InfeasibleError):
            optimise(compile_network(chain))
        return
    answer = optimise(compile_network(chain))
    assert answer.program.objective(answer.x) == pytest.approx(expected, rel=1e-7, abs=1e-5)


def test_most_random_chains_are_feasible_and_do_something() -> None:
    optima = [Naive(random_chain(seed)).solve() for seed in range(40)]
    assert sum(np.isfinite(optima)) >= 30
    assert sum(abs(value) > 1.0 for value in optima if np.isfinite(value)) >= 25
