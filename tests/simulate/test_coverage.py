"""Intervals hold the truth about as often as they say; the study of full size is a benchmark of the same name."""

from __future__ import annotations

import pytest

from benchmarks.coverage import SYSTEMS, covered

RUNS = 80


@pytest.mark.parametrize("name", ["two clerks, two days by the hour", "M/M/1 at 60 %"])
def test_an_interval_holds_the_truth_as_often_as_it_says(name: str) -> None:
    found = covered(SYSTEMS[name], RUNS)
    assert 0.88 <= found.share <= 0.995  # 95 % within three standard errors of eighty runs, and not always
    assert found.refused <= 0.1 * RUNS
