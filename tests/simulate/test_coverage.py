"""Intervals hold the truth about as often as they say; the study of full size is a benchmark of the same name."""

from __future__ import annotations

from functools import cache

import pytest

from benchmarks.coverage import SYSTEMS, Coverage, covered

RUNS = 32


@cache
def found(name: str) -> Coverage:
    return covered(SYSTEMS[name], RUNS)


@pytest.mark.parametrize("name", SYSTEMS)
def test_an_interval_holds_the_truth_as_often_as_it_says(name: str) -> None:
    assert found(name).share >= 0.83  # 95 %, less three standard errors of 32 runs
    assert found(name).refused <= 0.15 * RUNS


def test_all_together_they_hold_it_as_often_as_they_say() -> None:
    runs = sum(found(name).runs for name in SYSTEMS)
    assert runs >= 0.95 * RUNS * len(SYSTEMS)
    assert 0.9 <= sum(found(name).held for name in SYSTEMS) / runs <= 0.995
