"""What the benchmarks say of their own figures; that they run at all is seen at small sizes by `make bench ARGS=--smoke`."""

from __future__ import annotations

import math

import pytest

from benchmarks.bars import BARS, verdicts
from benchmarks.registry import BENCHMARKS, LIVE, Result

RATE = "messages kept a second"


def result(quantity: str, figure: float, case: str = "500 tags, 6,000 × 1/s") -> Result:
    return Result("live", case, quantity, figure)


@pytest.mark.parametrize(("quantity", "figure", "word"), [
    (RATE, 5000.0, "met"), (RATE, 4999.0, "MISSED"), (RATE, math.nan, "MISSED"), ("values lost", 0.0, "met"), ("values lost", 1.0, "MISSED"),
])
def test_a_figure_is_held_against_its_bar(quantity, figure, word):
    [line] = verdicts([result(quantity, figure)])
    assert line.endswith(f" {word}")


def test_of_several_figures_the_worst_is_told():
    [line] = verdicts([result(RATE, 9000.0), result(RATE, 4000.0), result(RATE, 6000.0)])
    assert "4,000" in line
    assert line.endswith("MISSED")


def test_what_was_not_measured_is_not_judged():
    assert list(verdicts([result("messages sent a second", 1.0), result(RATE, 1.0, "100 tags, 50 × 10/s")])) == []


def test_every_bar_is_of_a_case_that_is_measured():
    cases = {benchmark.name: [case.name for case in benchmark.cases] for benchmark in BENCHMARKS}
    for bar in BARS:
        assert bar.benchmark in LIVE
        assert [name for name in cases[bar.benchmark] if name.startswith(bar.cases)], bar
