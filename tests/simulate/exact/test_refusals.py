"""What cannot be solved exactly is refused with every reason and the element of each."""

from __future__ import annotations

from typing import Any

import pytest

from lodeworks.errors import InputError
from tests.analytic import systems as of
from tests.simulate.exact.solving import solved


def refused(system: dict[str, Any], **options: Any) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as error:
        solved(system, **options)
    return [(problem.element, problem.key) for problem in error.value.problems]


def small(time: str = "exponential(0.5 h)", **more: Any) -> dict[str, Any]:
    return of.queue(time, store={"capacity": "2 case", **more.pop("store", {})}, **more)


@pytest.mark.parametrize("time", ["0.5 h", "uniform(0.2 h, 1 h)", "lognormal(0.6 h, 0.3 h)", "gamma(0.6 h, 0.45 h)"])
def test_times_with_a_memory(time):
    assert refused(small(time)) == [("desk", "runs.time")]


def test_a_constant_is_named_with_its_value():
    with pytest.raises(InputError, match=r"desk.runs.time: .*constant 0.5 h; expected exponential, erlang"):
        solved(small("0.5 h"))


def test_every_reason_at_once():
    system = small("uniform(0.2 h, 1 h)", between="1 h", store={"shelf_life": "5 h", "patience": "2 h"}, failures={
        "between": "weibull(2, 10 h)", "repair": "1 h"})
    assert set(refused(system)) == {
        ("desk", "runs.time"), ("desk", "failures.between"), ("desk", "failures.repair"),
        ("people", "arrivals.between"), ("waiting", "shelf_life"), ("waiting", "patience"),
    }


def test_what_varies_with_time():
    system = of.open_by_day("suspend")
    assert ("desk", "availability") in refused(system)


def test_a_run_that_begins_again():
    system = small(failures={"between": "exponential(9 h)", "repair": "exponential(1 h)"})
    system["processes"]["desk"]["runs"]["stopped"] = "repeat"
    assert refused(system) == [("desk", "runs.stopped")]


def test_batches_that_linger():
    system = of.oven(linger="2 h")
    assert ("oven", "runs.linger") in refused(system)


def test_a_process_with_only_a_rate():
    system = small()
    system["processes"]["desk"] = {"inputs": {"job": "1 case"}, "outputs": {"done": "1 case"}, "capacity": "2 case/h"}
    assert refused(system) == [("desk", "")]


def test_too_many_states_are_counted():
    system = of.long_line(["exponential(1 h)"] * 4, [2, 1, 2])
    assert solved(system, most=90).states == 90
    with pytest.raises(InputError, match="more than 89"):
        solved(system, most=89)


def test_a_store_without_limit_is_named():
    with pytest.raises(InputError, match="job@here without limit; found more than 1,000"):
        solved(of.queue("exponential(0.5 h)"), most=1_000)


def test_a_pool_used_by_rates():
    system = small()
    system["processes"]["desk"]["pools"] = {"spur": 1}
    system["pools"] = {"spur": {"amount": "2 case/h"}}
    assert refused(system) == [("spur", "")]
