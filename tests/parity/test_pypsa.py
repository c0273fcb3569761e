"""The same chain said to PyPSA has the same optimum, and the same marginal values where these are unique."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

pypsa = pytest.importorskip("pypsa")

from benchmarks import peer_pypsa  # noqa: E402 (PyPSA first: without it there is nothing to compare with)
from benchmarks.chains import ladder, long_store, odd_units, works  # noqa: E402
from lodeworks.chain.entities import Chain  # noqa: E402
from lodeworks.network import compile_network  # noqa: E402
from lodeworks.plan import optimise, plan_tables  # noqa: E402

CHAINS = {
    "one works, a week": lambda: works(168),
    "three works, two days": lambda: works(48, 3),
    "nothing can grow": lambda: works(96, 2, grow=False),
    "many commodities": lambda: ladder(24, 40),
    "one store": lambda: long_store(2000),
}


def solved(chain: Chain) -> tuple[float, pypsa.Network]:
    """Return the profit PyPSA finds, and its network with the duals."""
    network = peer_pypsa.network_of(chain)
    return peer_pypsa.optimise(network), network


@pytest.mark.parametrize("name", CHAINS)
def test_the_optimum_is_pypsas(name):
    chain = CHAINS[name]()
    answer = optimise(compile_network(chain))
    theirs, _ = solved(chain)
    assert answer.program.objective(answer.x) == pytest.approx(theirs, rel=1e-7)


def test_other_units_do_not_change_the_optimum():
    answer = optimise(compile_network(odd_units(48)))
    theirs, _ = solved(works(48))
    assert answer.program.objective(answer.x) == pytest.approx(theirs, rel=1e-7)


def merit_order(steps: int = 24) -> Chain:
    """Return an hourly demand for power met by three plants in the order of their costs.

    The demand never stands at a corner of the supply curve, so each hour's marginal value is one plant's cost: unique.
    """
    rng = np.random.default_rng(4)
    fuel = {"gas": 0.31, "coal": 0.22, "oil": 0.57}
    amount = np.round(rng.uniform(300.0, 1900.0, steps), 3)
    return Chain.model_validate({
        "chain": "merit order",
        "horizon": {"start": "2026-01-01", "length": f"{steps} h"},
        "objective": "cost",
        "commodities": {"power": {"unit": "kWh"}, **{name: {"unit": "kg"} for name in fuel}},
        "supplies": {
            name: {"commodity": name, "price": f"{price} CNY/kg"} for name, price in fuel.items()
        },
        "processes": {
            f"{name} plant": {
                "inputs": {name: f"{rate} kg"}, "outputs": {"power": "1 kWh"}, "capacity": f"{size} kWh/h",
                "cost": "0.01 CNY/kWh",
            }
            for (name, rate, size) in (("coal", 1.0, 500.0), ("gas", 1.1, 800.0), ("oil", 1.2, 900.0))
        },
        "demands": {"town": {"commodity": "power", "amount": "town"}},
        "profiles": {"town": {"values": amount.tolist(), "unit": "kWh/h"}},
    })


def test_marginal_values_are_pypsas_where_they_are_unique():
    chain = merit_order()
    answer = optimise(compile_network(chain))
    _, network = solved(chain)
    theirs = network.c.buses.dynamic["marginal_price"]["power@"].to_numpy()
    values = plan_tables(answer)["marginal_values"].filter(
        (pl.col("what") == "balance") & (pl.col("commodity") == "power")
    ).sort("time")
    assert len(set(np.round(theirs, 9))) == 3
    np.testing.assert_allclose(values["value"].to_numpy(), theirs, rtol=1e-9)
