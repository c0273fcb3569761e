"""The simulation as a plant: rates, levels and states agree with each other and with the run they are of."""

from __future__ import annotations

import numpy as np
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network
from lodeworks.rehearse.plant import Course, Plant, run_plant
from tests.rehearse.small import SMALL

FINE = np.arange(0.0, 12.0, 1.0 / 720.0)


@pytest.fixture(scope="module")
def plant() -> Plant:
    return run_plant(compile_network(Chain.model_validate(SMALL)), 8.0, 12.0, 3)


def test_what_a_store_gains_is_what_comes_less_what_goes(plant: Plant) -> None:
    """Within a batch of each, which are on their way."""
    times, levels = plant.level("bunker")
    come = plant.flow("belt", "ore").total(FINE)
    gone = plant.flow("smelt", "ore").total(FINE)
    held = np.interp(FINE, times, levels)
    assert np.abs(held - held[0] - (come - come[0] - gone + gone[0])).max() < 16.0
    assert np.ptp(held) > 30.0


def test_a_machine_that_is_down_makes_nothing(plant: Plant) -> None:
    working, down = plant.state("cut")
    broken = down.at(FINE) > 0.0
    assert 0.0 < broken.mean() < 0.4
    assert plant.flow("cut", "ore").at(FINE)[broken].max() == 0.0
    assert (working.at(FINE) * down.at(FINE)).max() == 0.0


def test_rates_while_at_work_are_the_capacity(plant: Plant) -> None:
    rates = plant.flow("cut", "ore").at(FINE)
    assert np.median(rates[rates > 0.0]) == pytest.approx(60.0, rel=1e-6)
    assert np.mean(rates) == pytest.approx(60.0 * (plant.state("cut")[0].at(FINE) > 0.0).mean(), rel=0.02)
    assert np.median(plant.load("smelt").at(FINE)) == pytest.approx(1.0, rel=1e-6)


def test_a_supply_without_limit_gives_what_others_take_and_a_sale_takes_what_they_give(plant: Plant) -> None:
    assert np.allclose(plant.flow("seam", "rock").at(FINE), plant.flow("cut", "rock").at(FINE))
    assert np.allclose(plant.flow("sold", "metal").at(FINE), plant.flow("smelt", "metal").at(FINE))
    assert np.allclose(2.0 * plant.flow("smelt", "metal").at(FINE), plant.flow("smelt", "ore").at(FINE))


def test_a_scale_of_coke_counts_neither_the_charge_nor_the_gas_that_heats_the_ovens() -> None:
    """An element that does several things: what is read of a commodity is that of it alone, inputs off outputs."""
    data = {
        "chain": "ovens", "horizon": {"start": "2026-12-01", "length": "3 d", "cyclic": False},
        "commodities": {"fat": {"unit": "t", "quality": {"ash": "10 %"}}, "lean": {"unit": "t", "quality": {"ash": "11 %"}}, "coke": {"unit": "t"}, "gas": {"unit": "Nm3", "let_go": True}},
        "supplies": {name + "_in": {"commodity": name, "price": "1 CNY/t", "most": "60 t/h"} for name in ("fat", "lean")},
        "processes": {"coking": {"blends": {"charge": {"amount": "1.37 t", "from": ["fat", "lean"]}}, "inputs": {"gas": "215 Nm3"}, "outputs": {"coke": "1 t", "gas": "430 Nm3"},
                                 "capacity": "30 t/h", "runs": {"batch": "3 t"}}},
        "stores": {"holder": {"commodity": "gas", "capacity": "9000 Nm3", "initial": "4000 Nm3", "end": "free"}},
        "demands": {"sold": {"commodity": "coke", "price": "1 CNY/t"}},
    }
    plant = run_plant(compile_network(Chain.model_validate(data)), 8.0, 12.0, 3)
    coke = plant.flow("coking", "coke").at(FINE)
    assert np.median(coke) == pytest.approx(30.0, rel=1e-6)
    assert np.allclose(plant.flow("coking", "gas").at(FINE), 215.0 * coke)
    assert np.median(plant.load("coking").at(FINE)) == pytest.approx(1.0, rel=1e-6)


def test_means_over_a_time_keep_what_went_by() -> None:
    course = Course(np.array([-1e6, 1.0, 2.0]), np.array([0.0, 6.0, 0.0]))
    hours = np.linspace(0.0, 4.0, 4001)
    assert np.trapezoid(course.mean(hours, 0.5), hours) == pytest.approx(6.0, rel=1e-3)
    assert course.total(np.array([1.5, 3.0])).tolist() == [3.0, 6.0]
    assert course.mean(np.array([1.25]), 0.5).tolist() == [3.0]


def test_another_seed_is_another_day() -> None:
    network = compile_network(Chain.model_validate(SMALL))
    states = [run_plant(network, 8.0, 12.0, seed).state("cut")[1].times for seed in (3, 3, 4)]
    assert np.array_equal(states[0], states[1])
    assert not np.array_equal(states[0], states[2])
