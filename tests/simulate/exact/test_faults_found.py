"""Systems in which the exact answer showed the engine to be wrong once: each within four standard errors."""

from __future__ import annotations

from typing import Any

import pytest

from lodeworks.network import compile_network
from lodeworks.simulate import simulation_tables
from lodeworks.simulate.exact import exact_table, exactly, solvable
from tests.analytic import systems as of
from tests.simulate.running import chain, simulate

STEP = "exponential(1 h)"


def impatient_before_a_pool() -> dict[str, Any]:
    """Who waits for staff may give up: the machine is then without work, not without staff."""
    system = of.queue(STEP, store={"capacity": "2 case", "patience": "exponential(1 h)"})
    system["pools"] = {"staff": {"amount": "1 person"}}
    system["processes"]["desk"]["runs"]["crew"] = {"staff": "1 person"}
    system["processes"]["other"] = {"inputs": {"mid": "1 case"}, "outputs": {"done": "1 case"}, "runs": {
        "batch": "1 case", "time": STEP, "crew": {"staff": "1 person"}, "priority": -1}}
    system["supplies"]["more"] = {"commodity": "mid", "arrivals": {"between": "exponential(2 h)"}}
    system["stores"]["m"] = {"commodity": "mid", "end": "free", "capacity": "2 case"}
    return system


def room_kept_for_chance() -> dict[str, Any]:
    """Room kept for an output that does not come is free for others at once."""
    def inspects() -> dict[str, Any]:
        return {"inputs": {"job": "1 case"}, "outputs": {"done": "1 case", "mid": "1 case"}, "reference": "done",
                "chance": {"done": "50 %", "mid": "50 %"}, "runs": {"batch": "1 case", "time": STEP, "blocking": "before"}}

    return {
        "supplies": of.BOUGHT, "demands": of.SOLD | {"ashes": {"commodity": "ash", "price": "0 CNY/case"}},
        "commodities": {name: {"unit": "case"} for name in ("job", "mid", "done", "ash")},
        "stores": {"m": {"commodity": "mid", "end": "free", "capacity": "1 case"},
                   "d": {"commodity": "done", "end": "free", "capacity": "6 case"}},
        "processes": {"one": inspects(), "two": inspects(), "burn": {
            "inputs": {"mid": "1 case"}, "outputs": {"ash": "1 case"}, "runs": {"batch": "1 case", "time": STEP}}},
    }


def set_up_cut_short() -> dict[str, Any]:
    """A failure during a set-up leaves the rest of it, and all of the work, to be done."""
    system = of.two_classes()
    for store in system["stores"].values():
        store["capacity"] = "2 case"
    desk = system["processes"]["desk"]
    desk["runs"]["setup"] = "exponential(2 h)"
    desk["failures"] = {"between": "exponential(3 h)", "repair": "exponential(1 h)", "clock": "calendar"}
    return system


def pushed_aside_once_it_works() -> dict[str, Any]:
    """What is set up, or lies on a machine that is down, is pushed aside by urgent work when its own begins."""
    system = of.two_classes(preempts=True)
    for store in system["stores"].values():
        store["capacity"] = "2 case"
    desk = system["processes"]["desk"]
    desk["runs"]["setup"] = "exponential(1 h)"
    desk["failures"] = {"between": "exponential(4 h)", "repair": "exponential(1 h)"}
    return system


@pytest.mark.parametrize(
    "system", [impatient_before_a_pool, room_kept_for_chance, set_up_cut_short, pushed_aside_once_it_works])
def test_engine_and_exact_answer_agree(system):
    entity = chain(2_000.0, 100.0, **system())
    outcome = simulate(entity, 64)
    rows = exact_table(outcome, exactly(solvable(compile_network(entity))), simulation_tables(outcome)["statistics"])
    assert len(rows) > 10
    for row in rows.iter_rows(named=True):
        assert row["off"] is None or abs(row["off"]) < 4.0, row
