"""The balance finds a scale that drifts, tells how much, and leaves good ones alone."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.flowing import flowing
from benchmarks.scales import GOOD, Scales, false_calls, found, read, scales
from lodeworks.network.live import Live
from lodeworks.watch.balance import Balance
from tests.watch.works import planned_works, tag

DAY = 24


@pytest.fixture(scope="module")
def plant() -> Scales:
    return scales(1, GOOD + DAY)


def told(plant: Scales, means: np.ndarray, **more: float) -> Balance:
    balance = Balance(plant.net, plant.live, **more)  # type: ignore[arg-type]
    balance.learn(means[:GOOD])
    return balance


def test_three_per_cent_on_one_of_forty_scales_is_found_within_a_day() -> None:
    """`python -m benchmarks scales` does 200 chains, and 1, 2 and 5 per cent."""
    every = [found(seed, 0.03 if seed % 2 else -0.03) for seed in (1, 3, 4, 6, 8, 9)]
    assert sum(hour >= 0 for _, _, hour in every) >= 5


def test_a_month_of_good_scales_tells_nothing() -> None:
    assert sum(false_calls(seed)[0] for seed in (1, 3)) <= 1


def test_its_size_is_told_with_its_error(plant: Scales) -> None:
    errors = []
    for which in (3, 11, 20):
        drift = np.zeros(plant.flow.shape)
        drift[GOOD:, which] = 0.05
        means = read(plant, 1, drift)
        suspect = told(plant, means).look(means).suspects[0]
        assert suspect.tag == plant.live.tags[which].name
        assert suspect.kind == "scale"
        assert suspect.z == pytest.approx(suspect.size / suspect.error)
        errors.append((suspect.size - 0.05) / suspect.error)
    assert np.abs(errors).max() < 4.0


def test_two_scales_that_drift_are_both_found(plant: Scales) -> None:
    drift = np.zeros(plant.flow.shape)
    drift[GOOD:, 3], drift[GOOD:, 20] = 0.05, -0.05
    means = read(plant, 1, drift)
    names = {suspect.tag for suspect in told(plant, means).look(means).suspects}
    assert names == {plant.live.tags[3].name, plant.live.tags[20].name}


def test_a_leak_is_told_with_what_is_lost(plant: Scales) -> None:
    """Coal lost between two scales in line: either of them could be wrong as well, or the commodity leaks."""
    balance = told(plant, read(plant, 1))
    equations = balance._equations
    which = int(np.argmax(equations.parity(np.ones(len(balance.tags), bool), balance._typical).leak.std(axis=0)))  # type: ignore[arg-type]
    commodity = plant.net.balances.commodity[equations.kept[which]]
    lost = 0.08 * float(np.median(plant.flow[:, ~plant.level]))
    means = read(plant, 1)
    means[GOOD:] += lost * (equations._measure @ equations._inverse)[:, which]
    suspect = balance.look(means).suspects[0]
    assert commodity in (suspect.commodity, *suspect.others)
    assert suspect.kind == "leak" or suspect.others


def test_what_was_off_from_the_beginning_is_not_told(plant: Scales) -> None:
    always = np.zeros(plant.flow.shape)
    always[:, 11] = 0.03
    means = read(plant, 1, always)
    assert told(plant, means).look(means).suspects == ()


def test_missing_values_leave_the_rest_to_be_looked_at(plant: Scales) -> None:
    drift = np.zeros(plant.flow.shape)
    drift[GOOD:, 3] = 0.06
    means = read(plant, 1, drift)
    means[GOOD + 5, 7] = np.nan
    means[20:30, 12] = np.nan
    means[GOOD + 9] = np.nan
    assert told(plant, means).look(means).suspects[0].tag == plant.live.tags[3].name


def test_good_scales_pass_the_global_test(plant: Scales) -> None:
    means = read(plant, 1)
    balance = told(plant, means)
    good = balance.look(means)
    means[GOOD:, 3] *= 1.1
    bad = balance.look(means)
    assert good.freedom == bad.freedom > DAY
    assert good.total / good.freedom < 2.0
    assert bad.chance < 1e-6


def test_a_scale_that_nothing_checks_is_said_to_be_blind() -> None:
    net, _ = planned_works()
    live = Live("works", "", "", tags=(tag("coal", "mine", "flow", "t/h"), tag("washed", "washing", "flow", "t/h"),
                                       tag("gas", "engine", "flow", "kWh/h")))
    balance = Balance(net, live)
    rng = np.random.default_rng(2)
    washed = 30.0 + rng.random(48)
    means = np.column_stack([1.8 * washed, washed, 3000.0 + rng.random(48)])
    assert balance.look(means).blind == ("gas",)  # gas may be let go, so power says nothing of it
    assert balance.look(means).suspects == ()


def test_a_chain_without_a_single_check_is_silent() -> None:
    chain = flowing(2)
    name = next(element.name for element in chain.net.elements if element.kind == "supply")
    balance = Balance(chain.net, Live("", "", "", tags=(tag("one", name, "flow", "t/h"),)))
    balance.learn(np.full((100, 1), 5.0))
    assert balance.look(np.full((24, 1), 9.0)).freedom == 0
