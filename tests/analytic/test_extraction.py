"""A turbine that gives up power for heat, as modes of one process, against its diagram.

Of 100 MW of coal it gives 40 MW of power condensing, and 30 MW of power with 50 MW of heat when all steam is extracted: each
MWh of heat costs 0.2 MWh of power (the power loss coefficient), and no more than 5/3 MWh of heat come with one of power.
"""

from __future__ import annotations

from typing import Any

import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network
from lodeworks.plan import optimise
from lodeworks.plan.engine import Answer

TURBINE = {
    "inputs": {"coal": "1 MWh"}, "reference": "coal", "capacity": "100 MW",
    "modes": {"condensing": {"outputs": {"power": "0.4 MWh"}}, "extracting": {"outputs": {"power": "0.3 MWh", "heat": "0.5 MWh"}}},
}


def planned(heat: str, price: str = "50 CNY/MWh", **turbine: Any) -> Answer:
    return optimise(compile_network(Chain.model_validate({
        "chain": "extraction", "horizon": {"start": "2026-01-01", "length": "1 h"},
        "commodities": {"coal": {"unit": "MWh"}, "power": {"unit": "MWh"}, "heat": {"unit": "MWh"}},
        "supplies": {"mine": {"commodity": "coal", "price": "10 CNY/MWh"}},
        "processes": {"turbine": {**TURBINE, **turbine}},
        "demands": {"town": {"commodity": "heat", "amount": heat, "unserved": "1000 CNY/MWh"},
                    "grid": {"commodity": "power", "price": price}},
    })))


def sold(answer: Answer) -> tuple[float, float]:
    """Return power and heat sold."""
    net = answer.network
    at = {net.elements[net.activities.element[a]].name: float(answer.x[answer.columns.rate[a]]) for a in range(len(net.activities))}
    return at["grid"], at["town"]


@pytest.mark.parametrize("heat", [0.0, 20.0, 50.0])
def test_each_unit_of_heat_costs_its_share_of_power(heat: float) -> None:
    assert sold(planned(f"{heat} MW")) == pytest.approx((40.0 - 0.2 * heat, heat))


def test_there_is_no_more_heat_than_all_steam_gives() -> None:
    assert sold(planned("80 MW")) == pytest.approx((30.0, 50.0))


def test_with_power_worth_little_it_runs_at_the_least_power_for_the_heat() -> None:
    assert sold(planned("20 MW", "1 CNY/MWh")) == pytest.approx((12.0, 20.0))


def test_a_least_share_of_condensing_keeps_the_last_stages_cool() -> None:
    modes = {**TURBINE["modes"], "condensing": {"outputs": {"power": "0.4 MWh"}, "share_least": "10 %"}}  # type: ignore[dict-item]
    assert sold(planned("80 MW", modes=modes)) == pytest.approx((31.0, 45.0))
