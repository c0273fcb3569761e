"""Closed networks by mean-value analysis: what their Markov chains say, and what is known in closed form."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.network import compile_network
from lodeworks.simulate import simulation_tables
from lodeworks.simulate.exact import exact_table, exactly, solvable
from lodeworks.simulate.exact.mva import Station, mean_values
from tests.analytic import systems as of
from tests.analytic.markov import closed_throughput
from tests.simulate.exact.solving import EXACT, solved
from tests.simulate.running import chain, simulate

STAGED = {"laden": "exponential(0.7 h)", "empty": "erlang(2, 0.5 h)"}


def hauled(vehicles: int, **more: Any) -> dict[str, Any]:
    system = of.haulage(vehicles)
    system["routes"]["road"]["haul"] |= more
    return system


def ring(tokens: int, there: int, back: int) -> dict[str, Any]:
    system = of.ring(tokens)
    system["processes"]["there"]["runs"]["servers"] = there
    system["processes"]["back"]["runs"]["servers"] = back
    return system


@pytest.mark.parametrize("system", [ring(8, 1, 1), ring(7, 3, 2), hauled(5, loaders=2, unloaders=3, **STAGED)])
def test_both_methods_agree_on_every_mean(system):
    means = solved(system)
    entity = chain(1_000.0, 100.0, **system)
    states = exactly(solvable(compile_network(entity)), begin=1e6, end=2e6)  # so late that the start does not count
    assert (means.method, states.method) == ("mean-value analysis", "Markov chain")
    for key, value in states.answers.items():
        assert means.answers.get(key, 0.0) == pytest.approx(value, rel=EXACT, abs=1e-12), key


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0.1, 3.0), st.integers(0, 4), st.floats(0.2, 2.0)), min_size=1, max_size=4),
       st.integers(1, 40))
def test_convolution_gives_the_same(drawn, customers):
    """Normalising constants by Buzen's convolution (1973): a sum of products, without a recursion on means."""
    stations = [Station(*row) for row in drawn]
    constant = [1.0] + [0.0] * customers
    for station in stations:
        weights = [1.0]
        for n in range(1, customers + 1):
            weights.append(weights[-1] * station.demand / (min(n, station.servers) if station.servers else n))
        constant = [sum(constant[k] * weights[n - k] for k in range(n + 1)) for n in range(customers + 1)]
    found = mean_values(stations, customers)
    assert found.rounds == pytest.approx(constant[-2] / constant[-1], rel=1e-9)
    assert found.present.sum() == pytest.approx(customers, rel=1e-9)


def test_times_on_the_way_may_be_of_any_kind():
    """Where all are served at once only means count; one loader and one unloader, as in the battery of simulations."""
    found = solved(of.haulage(8))
    assert found.answers["run", "road.unload", "rate"] == pytest.approx(
        10.0 * closed_throughput(8, [0.3, 0.2], 1.2), rel=EXACT)
    assert solved(hauled(8, laden="0.7 h", empty="0.5 h")).answers == pytest.approx(found.answers, rel=EXACT)


def test_many_vehicles_reach_what_binds():
    found = solved(hauled(200, loaders=5, unloaders=3))
    assert found.answers["run", "road.unload", "rate"] == pytest.approx(150.0, rel=1e-6)  # 3 unloaders, 10 in 0.2 h


def test_a_constant_time_at_machines_is_refused():
    system = of.ring(3)
    system["processes"]["there"]["runs"]["time"] = "1 h"
    with pytest.raises(Exception, match=r"there.runs.time.*constant 1 h"):
        solved(system)


def test_little_room_is_no_product_form():
    system = of.ring(4)
    system["stores"]["b"]["capacity"] = "2 case"
    assert solved(system).method == "Markov chain"


def test_two_rings_beside_each_other():
    system = of.ring(3)
    other = of.ring(5)
    names = {"job": "pan", "mid": "pot"}
    system["commodities"] = {name: {"unit": "case"} for name in ("job", "mid", "pan", "pot")}
    for name, store in other["stores"].items():
        system["stores"][f"{name}2"] = {**store, "commodity": names[store["commodity"]]}
    for name, process in other["processes"].items():
        system["processes"][f"{name}2"] = {
            **process, "inputs": {names[c]: a for c, a in process["inputs"].items()},
            "outputs": {names[c]: a for c, a in process["outputs"].items()}}
    found = solved(system).answers
    for tokens, name in ((3, "there"), (5, "there2")):
        assert found["run", name, "rate"] == pytest.approx(closed_throughput(tokens, [1.0, 1.5], 0.0), rel=EXACT)


def test_simulation_meets_it():
    entity = chain(4_000.0, 100.0, **hauled(6, loaders=2, laden="0.7 h"), simulation={"kind": "steady"})
    exact = exactly(solvable(compile_network(entity)))
    outcome = simulate(entity, 24, warm_up=500.0)
    rows = exact_table(outcome, exact, simulation_tables(outcome)["statistics"])
    assert len(rows) > 20
    for row in rows.iter_rows(named=True):
        assert row["off"] is None or math.isclose(row["simulated"], row["exact"], rel_tol=1e-3) or abs(row["off"]) < 4.0
