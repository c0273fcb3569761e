"""What of the semantics is not drawn at random: engine and exact answer agree; and nothing of it is overlooked."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from lodeworks.network import compile_network
from lodeworks.network.arrays import Arriving, Breaking, Driving, Hauling, Running, Waiting
from lodeworks.simulate import simulation_tables
from lodeworks.simulate.exact import exact_table, exactly, solvable
from tests.analytic import systems as of
from tests.simulate.running import chain, simulate


def desk(take: str, give: str, time: str, **runs: Any) -> dict[str, Any]:
    return {"inputs": {take: "1 case"}, "outputs": {give: "1 case"}, "runs": {"batch": "1 case", "time": time, **runs}}


def stores(**rooms: int) -> dict[str, Any]:
    return {f"of {name}": {"commodity": name, "end": "free", "capacity": f"{room} case"} for name, room in rooms.items()}


def pools_in_order() -> dict[str, Any]:
    """Staff first, then the one tool that others need too."""
    return {
        "supplies": {name: {"commodity": c, "arrivals": {"between": "exponential(1 h)"}}
                     for name, c in (("a", "job"), ("b", "mid"))},
        "stores": stores(job=2, mid=2), "demands": of.SOLD,
        "pools": {"staff": {"amount": "1 person"}, "tool": {"amount": "1 piece"}},
        "processes": {
            "one": desk("job", "done", "exponential(0.6 h)", crew={"staff": "1 person", "tool": "1 piece"},
                        seize="in order"),
            "two": desk("mid", "done", "exponential(0.6 h)", crew={"tool": "1 piece"})},
    }


def deadlock() -> dict[str, Any]:
    """Two who take the same two pools the other way round: sooner or later each holds what the other needs."""
    system = pools_in_order()
    system["processes"]["two"]["runs"] |= {"crew": {"tool": "1 piece", "staff": "1 person"}, "seize": "in order"}
    return system


def shortest_queue() -> dict[str, Any]:
    names = ("job", "left", "right", "done")
    return {
        "commodities": {name: {"unit": "case"} for name in names}, "demands": of.SOLD,
        "supplies": {"a": {"commodity": "job", "arrivals": {"between": "exponential(0.5 h)"}}},
        "stores": stores(job=2, left=2, right=3),
        "processes": {
            "door": {"inputs": {"job": "1 case"},
                     "runs": {"batch": "1 case", "time": "exponential(0.1 h)", "routing": "shortest"},
                     "modes": {side: {"outputs": {side: "1 case"}} for side in ("left", "right")}},
            "l": desk("left", "done", "exponential(1 h)"), "r": desk("right", "done", "exponential(0.8 h)")},
    }


def parts_of_batches() -> dict[str, Any]:
    """A third of a batch may start; half of what goes in comes out."""
    system = of.oven(batch=3, time="exponential(1.5 h)", least="34 %")
    system["stores"]["q"]["capacity"] = "7 case"
    system["processes"]["oven"]["outputs"] = {"done": "0.5 case"}
    return system


def vehicles_with_drivers() -> dict[str, Any]:
    system = of.haulage(3)
    system["routes"]["road"]["haul"] |= {"laden": "exponential(0.7 h)", "empty": "erlang(2, 0.5 h)"}
    system["fleets"]["trucks"]["crew"] = {"drivers": "1 person"}
    system["pools"] = {"drivers": {"amount": "2 person"}}
    system["supplies"]["people"] = {"commodity": "job", "site": "a", "arrivals": {
        "between": "exponential(0.2 h)", "amount": "5 case"}}
    system["stores"] = {"pile": {"commodity": "job", "site": "a", "end": "free", "capacity": "30 case"}}
    return system


@pytest.mark.parametrize(
    "system", [pools_in_order, deadlock, shortest_queue, parts_of_batches, vehicles_with_drivers])
def test_engine_and_exact_answer_agree(system):
    entity = chain(1_000.0, 100.0, **system())
    outcome = simulate(entity, 64)
    rows = exact_table(outcome, exactly(solvable(compile_network(entity))), simulation_tables(outcome)["statistics"])
    assert len(rows) > 10
    for row in rows.iter_rows(named=True):
        if row["off"] is None:
            assert abs(row["difference"]) < 1e-6, row
        else:
            assert abs(row["off"]) < 4.0, row


@pytest.mark.parametrize(("kind", "known"), [
    (Running, "batch time servers priority crew least linger setup blocking shift_end stopped preempts routing "
              "order_at order_to setup_from seize"),
    (Breaking, "between repair clock interval crew unload load"),
    (Arriving, "between amount due scale series at amounts every priority balk_at"),
    (Waiting, "patience order expires_to reneges_to life"),
    (Hauling, "fleet payload load laden unload empty loaders unloaders priority distance burnt_laden burnt_empty least "
              "linger"),
    (Driving, "vehicles tank fuel pumps fill reserve crew service_every service bays"),
])
def test_a_new_attribute_is_solved_or_refused(kind, known):
    """Whoever adds one says here that `exact/held.py`, `starting`, `ending` or `moment` knows it, or that `exact/qualify.py` refuses it."""
    assert {field.name for field in fields(kind)} == set(known.split())
