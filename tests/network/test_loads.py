"""Loads by means alone: told where they are one or more, and where nothing says so nothing is told."""

from __future__ import annotations

from typing import Any

import pytest

from lodeworks.network import Network, compile_network
from lodeworks.network.loads import overload_of
from tests.analytic import systems as of
from tests.simulate.running import chain


def told(system: dict[str, Any]) -> float | None:
    network: Network = compile_network(chain(96.0, 1.0, **system))
    return overload_of(network, network.balances.commodity.index("job"))


def failing(time: str, **more: str) -> dict[str, Any]:
    return of.queue(time, failures={"between": "exponential(10 h)", "repair": "uniform(1 h, 3 h)", **more})


@pytest.mark.parametrize(("system", "load"), [
    (of.queue("exponential(1 h)"), 1.0),
    (of.queue("lognormal(2.2 h, 1 h)", 2), 1.1),
    (of.queue("1 h", between="exponential(1 h)"), 1.0),
    (of.queue("exponential(1 h)", between="1 h"), 1.0),
    (of.queue("1.01 h", between="1 h"), 1.01),
    (of.queue("1.5 h", arrivals={"amount": "discrete(1 case: 50 %, 3 case: 50 %)"}, between="exponential(2 h)"), 1.5),
    (of.oven(batch=4, time="4.4 h"), 1.1),
    (of.by_day("exponential(1 h)", 1), 1.2),
    (failing("0.9 h"), 0.9 * 1.2),
    (failing("1 h", interval="start"), 1.0),  # its repairs may fall into the time to the next failure
], ids=["M/M/1", "two servers", "M/D/1", "D/M/1", "D/D/1", "several at once", "batches", "by the day", "failures", "from the start"])
def test_a_load_of_one_or_more_is_told(system: dict[str, Any], load: float) -> None:
    assert told(system) == pytest.approx(load, rel=1e-9)


def shared(time: str) -> dict[str, Any]:
    """One desk serves jobs in two ways, and another desk too."""
    system = of.queue("exponential(1 h)", between="exponential(0.5 h)")
    desk = system["processes"]["desk"]
    system["processes"] = {
        "desk": {"outputs": desk["outputs"], "modes": {
            way: {"inputs": desk["inputs"], "runs": {"batch": "1 case", "time": hours}} for way, hours in (("slow", "3 h"), ("fast", "1 h"))}},
        "other": {**desk, "runs": {"batch": "1 case", "time": time}}}
    return system


def test_machines_add_and_ways_to_use_one_do_not() -> None:
    assert told(shared("1.25 h")) == pytest.approx(2.0 / 1.8)
    assert told(shared("0.9 h")) is None


@pytest.mark.parametrize(("time", "load"), [("1.05 h", 1.05), ("0.95 h", None)])
def test_of_outputs_by_chance_the_input_counts_and_what_comes_round_again_does_not(time: str, load: float | None) -> None:
    """A fifth goes round again, so that the true load is a quarter more: means from outside are the least it can be."""
    system = of.feedback()
    system["processes"]["one"]["runs"]["time"] = f"exponential({time})"
    assert told(system) == (None if load is None else pytest.approx(load))


@pytest.mark.parametrize("system", [
    of.queue("exponential(0.99 h)"), of.queue("1 h", between="1 h"), failing("0.8 h"),
    of.queue("exponential(2 h)", arrivals={"balk_at": "5 case"}),
    {"supplies": {"people": {"commodity": "job", "arrivals": {"between": "1 h"}}},
     "demands": {"out": {"commodity": "job", "price": "1 CNY/case"}}},
], ids=["less than one", "one without chance", "failures", "balking", "sold"])
def test_else_nothing_is_told(system: dict[str, Any]) -> None:
    assert told(system) is None
