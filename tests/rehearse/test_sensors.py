"""What a sensor makes of a truth: noise and resolution as they are said, from seed, name and number alone."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from lodeworks.network.live import Tag
from lodeworks.rehearse.sensors import key_of, normal, sensor_of, uniform, wander

GAS = Tag("ch4", "", "", "", "face", "methane", "sensor", "%", 0.0, 4.0, "face", "methane", 5.0, "gas", "ch4")
NUMBERS = np.arange(20_000, dtype=np.int64)


def test_numbers_are_even_and_normal_and_those_of_two_keys_have_nothing_in_common() -> None:
    assert stats.kstest(uniform(key_of(1, "a"), NUMBERS), "uniform").pvalue > 1e-3
    assert stats.kstest(normal(key_of(1, "a"), NUMBERS), "norm").pvalue > 1e-3
    assert abs(np.corrcoef(normal(key_of(1, "a"), NUMBERS), normal(key_of(1, "b"), NUMBERS))[0, 1]) < 0.03
    assert abs(np.corrcoef(normal(key_of(1, "a"), NUMBERS[1:]), normal(key_of(1, "a"), NUMBERS[:-1]))[0, 1]) < 0.03


def test_what_is_read_is_the_truth_with_noise_in_whole_steps() -> None:
    sensor = sensor_of(GAS, 1)
    read = sensor.read(np.full(len(NUMBERS), 0.5), NUMBERS)
    assert np.mean(read) == pytest.approx(0.5, abs=5e-4)
    assert np.std(read) == pytest.approx(math.hypot(sensor.noise, sensor.resolution / math.sqrt(12.0)), rel=0.1)
    assert np.allclose(read / 0.01, np.round(read / 0.01))


def test_nothing_is_read_beyond_the_range() -> None:
    assert sensor_of(GAS, 1).read(np.full(100, 9.0), NUMBERS[:100]).max() == 4.0
    assert sensor_of(GAS, 1).read(np.full(100, -1.0), NUMBERS[:100]).min() == 0.0


def test_states_and_people_are_read_as_they_are() -> None:
    for changed in (replace(GAS, kind="state", reads="state", quantity=""), replace(GAS, reads="people", quantity="people", high=200.0)):
        assert set(sensor_of(changed, 1).read(np.full(1000, 2.0), NUMBERS[:1000])) == {2.0}


def test_samples_of_two_blocks_are_those_of_one() -> None:
    sensor = sensor_of(GAS, 1)
    whole = sensor.numbers(0, 100_000)
    parts = np.concatenate([sensor.numbers(0, 33_333), sensor.numbers(33_333, 33_334), sensor.numbers(33_334, 100_000)])
    assert np.array_equal(whole, parts)
    assert (sensor.times(whole) < 100_000).all()
    assert np.diff(sensor.times(whole)).tolist() == [5000] * 19


def test_a_few_in_a_thousand_never_come_and_the_rest_comes_late_by_some_milliseconds() -> None:
    sensor = sensor_of(GAS, 1)
    assert 0.0002 < 1.0 - sensor.there(NUMBERS).mean() < 0.003
    assert 20 < sensor.delay_ms(NUMBERS).mean() < 60
    assert sensor.delay_ms(NUMBERS).max() <= 2000


def test_what_wanders_has_the_memory_it_is_given() -> None:
    hours = np.arange(0.0, 4000.0, 0.05)
    values = wander(key_of(2, "x"), hours, slow_h=0.5)
    assert np.std(values) == pytest.approx(1.0, abs=0.05)
    apart = np.corrcoef(values[:-10], values[10:])[0, 1]  # half an hour apart
    assert apart == pytest.approx(math.exp(-1.0), abs=0.05)
    assert np.allclose(wander(key_of(2, "x"), hours[:100], slow_h=0.5), values[:100])
