"""Plans of firms with cash, loans and taxes agree with the formulation written by loops."""

from __future__ import annotations

import numpy as np
import pytest

from lodeworks.errors import InfeasibleError
from lodeworks.network import compile_network
from lodeworks.plan import optimise
from tests.parity.naive import Naive
from tests.parity.naive_money import NaiveMoney
from tests.parity.random_money import random_money


def unowned_penalties(chain):
    """Penalised demands belong to nobody here: when a penalty is owed is the statements' affair."""
    data = chain.model_dump(mode="json")
    for demand in data.get("demands", {}).values():
        if "unserved" in demand:
            demand.pop("owner", None)
    return type(chain).model_validate(data)


@pytest.mark.parametrize("seed", range(120))
def test_firms_of_a_random_chain_do_as_well_in_the_naive_formulation(seed: int) -> None:
    chain = unowned_penalties(random_money(seed))
    expected = NaiveMoney(chain).solve()
    if np.isnan(expected):
        with pytest.raises(InfeasibleError):
            optimise(compile_network(chain))
        return
    answer = optimise(compile_network(chain))
    assert answer.program.objective(answer.x) == pytest.approx(expected, rel=1e-7, abs=1e-5)


def test_money_matters_in_many_of_them() -> None:
    chains = [unowned_penalties(random_money(seed)) for seed in range(40)]
    found = [(NaiveMoney(chain).solve(), Naive(chain).solve()) for chain in chains]
    solved = [(with_, without) for with_, without in found if np.isfinite(with_) and np.isfinite(without)]
    assert len(solved) >= 20
    assert sum(abs(with_ - without) > 1.0 for with_, without in solved) >= 15
