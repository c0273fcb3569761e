"""Why nothing moves: what stands for ever is told, also while other things go on, and nothing that only waits is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodeworks.errors import SimulationError
from lodeworks.network import compile_network
from lodeworks.simulate import engine, replicate
from lodeworks.simulate import layout as y
from lodeworks.simulate.build import build
from lodeworks.simulate.engine import run_once
from lodeworks.simulate.tables import measures
from tests.simulate.running import chain, simulate
from tests.simulate.test_language import OUT, haulage
from tests.simulate.varied import VARIED

NAMES = {name: {"unit": "case"} for name in ("job", "mid", "done")}


def station(take: str, give: str, batch: int, **more: Any) -> dict[str, Any]:
    return {"inputs": {take: "1 case"}, "outputs": {give: "1 case"},
            "runs": {"batch": f"{batch} case", "time": "1 h", "blocking": "before", **more}}


def two_into_one_exit(**people: Any) -> Any:
    """Two stations that want room before they start give into what is sold at once; the large batches come first."""
    arrives = people or {"at": ["0 h"]}
    return chain(
        100.0, step=1.0, commodities=NAMES, demands=OUT,
        supplies={name: {"commodity": name, "arrivals": {**arrives, "amount": "30 case"}} for name in ("job", "mid")},
        stores={"q": {"commodity": "job", "end": "free"}, "m": {"commodity": "mid", "end": "free"}},
        processes={"large": station("job", "done", 2, servers=2), "small": station("mid", "done", 1)},
    )


def test_what_leaves_the_chain_at_once_never_lacks_room() -> None:
    found = measures(simulate(two_into_one_exit(), replications=2))
    assert found["exit", "done@here", "in"] == pytest.approx(0.6)
    assert found["machines", "small", "blocked"] == pytest.approx(0.0)


@pytest.mark.parametrize("chances", [{"mid": "50 %", "done": "50 %"}, {"mid": "100 %"}])
def test_room_kept_for_an_output_that_did_not_come_is_told_to_who_waits_for_it(chances: Any) -> None:
    """Room for one batch in mid is kept by a run that may give the other output; who waits there must then look."""
    entity = chain(
        400.0, step=1.0, commodities={**NAMES, "ore": {"unit": "case"}}, demands=OUT,
        supplies={name: {"commodity": name, "arrivals": {"at": ["0 h"], "amount": "40 case"}} for name in ("job", "ore")},
        stores={name: {"commodity": name, "end": "free"} for name in ("job", "ore")}
        | {"m": {"commodity": "mid", "end": "free", "capacity": "1 case"}},
        processes={
            "sort": {**station("job", "done", 1), "outputs": {"mid": "1 case", "done": "1 case"}, "reference": "job",
                     "chance": chances},
            "other": station("ore", "mid", 1), "use": station("mid", "done", 1),
        },
    )
    outcome = simulate(entity, replications=4)
    found = measures(outcome)
    assert found["run", "sort", "rate"] * 400.0 == pytest.approx(40.0)
    assert found["run", "other", "rate"] * 400.0 == pytest.approx(40.0)


def test_a_run_in_which_something_was_overlooked_is_not_shown() -> None:
    """An exit with room for four is never emptied, so that nothing wakes who waits for it: the certificate tells."""
    built = build(compile_network(two_into_one_exit()))
    built.tables["pf"][built.places.index("done@here"), y.P_CAPACITY] = 4.0
    with pytest.raises(SimulationError, match="small could go on at the end, and nothing let it look"):
        run_once(built, 1, 0)


def deadlock(**more: Any) -> dict[str, Any]:
    """Two desks in a loop of full stores: each wants room before it starts, and the other alone can make it."""
    return {
        "stores": {"j": {"commodity": "job", "end": "free", "capacity": "1 case", "initial": "1 case"},
                   "m": {"commodity": "mid", "end": "free", "capacity": "1 case", "initial": "1 case"}},
        "processes": {"there": station("job", "mid", 1), "back": station("mid", "job", 1), **more},
    }


TOLD = "there waits for room in mid@here; back waits for room in job@here"


@pytest.mark.parametrize("between", ["constant(10 h)", "exponential(1 h)"])
def test_a_deadlock_is_told_while_others_work_on(between: str) -> None:
    entity = chain(
        100.0, step=1.0, commodities={**NAMES, "ore": {"unit": "case"}}, demands=OUT,
        supplies={"ore": {"commodity": "ore", "arrivals": {"between": between}}},
        **deadlock(other={"inputs": {"ore": "1 case"}, "outputs": {"done": "1 case"},
                          "runs": {"batch": "1 case", "time": "30 min"}}),
    )
    still = simulate(entity, replications=2).replications[0].still
    assert still == f"2 of 3 kinds of runs stand still for ever, the last since hour 0: {TOLD}"


def test_a_deadlock_is_told_at_night_and_with_a_machine_down() -> None:
    entity = chain(
        100.0, step=1.0, commodities={**NAMES, "ore": {"unit": "case"}}, demands=OUT,
        calendars={"day": {"hours": ["08:00-18:00"]}}, supplies={"ore": {"commodity": "ore", "price": "1 CNY/case"}},
        **deadlock(
            other={"inputs": {"ore": "1 case"}, "outputs": {"done": "1 case"}, "availability": "day",
                   "runs": {"batch": "1 case", "time": "1 h"}},
            third={"inputs": {"ore": "1 case"}, "outputs": {"done": "1 case"},
                   "runs": {"batch": "1 case", "time": "1 h"},
                   "failures": {"between": "90 h", "repair": "50 h", "clock": "calendar"}}),
    )
    assert TOLD in simulate(entity, replications=2).replications[0].still


def quarrel(hours: float, **more: Any) -> Any:
    """Two who take the same two units the other way round, and customers who come all the time."""
    def takes(name: str, *units: str) -> dict[str, Any]:
        return {"inputs": {name: "1 case"}, "outputs": {"done": "1 case"}, "runs": {
            "batch": "1 case", "time": "exponential(6 min)", "crew": dict.fromkeys(units, "1 person"), "seize": "in order"}}

    return chain(
        hours, step=hours / 100.0, commodities=NAMES, demands=OUT, pools={name: {"amount": "1 person"} for name in ("a", "b")},
        supplies={f"with {name}": {"commodity": name, "arrivals": {"between": "exponential(1 h)"}} for name in ("job", "mid")},
        stores={f"of {name}": {"commodity": name, "end": "free"} for name in ("job", "mid")},
        processes={"one": takes("job", "a", "b"), "two": takes("mid", "b", "a")}, **more,
    )


QUARREL = "one waits for units of b; two waits for units of a"


def test_what_fills_because_of_a_deadlock_is_told_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_MOST_LOTS", 4096)
    with pytest.raises(SimulationError, match=f"fills without end: .* stand still for ever, the last since hour .*: {QUARREL}$"):
        simulate(quarrel(100_000.0), replications=2)


def test_what_is_not_steady_because_of_a_deadlock_is_told_with_it() -> None:
    with pytest.raises(SimulationError, match=f"not steady: .* stand still for ever, .*: {QUARREL}, or say"):
        simulate(quarrel(1000.0, simulation={"kind": "steady"}), replications=4)


def bolted(hours: float = 200.0, **more: Any) -> Any:
    """Who comes is given a bolt of those in stock, through a station that puts them out."""
    return chain(
        hours, step=1.0, commodities={**NAMES, "bolt": {"unit": "case"}}, demands=OUT,
        supplies={"people": {"commodity": "job", **more}},
        stores={"j": {"commodity": "job", "end": "free"}, "b": {"commodity": "bolt", "end": "free", "initial": "5 case"}},
        processes={"lay out": station("bolt", "mid", 1),
                   "fit": {"inputs": {"job": "1 case", "mid": "1 case"}, "outputs": {"done": "1 case"},
                           "runs": {"batch": "1 case", "time": "30 min"}}},
    )


def test_starvation_is_told_while_others_come_with_what_nothing_gives() -> None:
    still = simulate(bolted(arrivals={"between": "exponential(2 h)"}), replications=2).replications[0].still
    assert still.startswith("2 of 2 kinds of runs stand still for ever, the last since hour ")
    assert still.endswith(": lay out waits for bolt@here, which nothing gives")


def test_stock_that_is_used_up_is_not_told_where_nobody_waits_for_it() -> None:
    outcome = simulate(bolted(20.0, arrivals={"at": ["1 h", "2 h", "3 h", "4 h", "5 h"]}), replications=2)
    assert measures(outcome)["exit", "done@here", "in"] == pytest.approx(5 / 20)
    assert {r.still for r in outcome.replications} == {""}


def test_vehicles_that_stand_far_from_any_fuel_are_told_while_others_work_on() -> None:
    entity = haulage(
        fleet={"fuel": {"fuel": {"laden": "0.2 kg/km", "empty": "0.1 kg/km"}}, "tank": "10 kg", "refuel": {"site": "b"}},
        processes={"mill": {"site": "a", "inputs": {"fuel": "1 kg"}, "outputs": {"job": "1 case"},
                            "runs": {"batch": "1 case", "time": "1 h"}}},
        stores={"pile": {"commodity": "job", "site": "a", "end": "free"}},
    )
    entity.supplies.pop("people")
    still = simulate(entity, replications=2).replications[0].still
    assert "trucks.refuel waits for fuel@b, which nothing gives" in still


@pytest.mark.parametrize("make", VARIED.values(), ids=VARIED)
def test_what_only_waits_is_not_told_to_stand(make: Any) -> None:
    assert {r.still for r in simulate(make(), replications=6).replications} == {""}


def test_who_has_done_what_was_planned_helps_nobody_any_more() -> None:
    """The mine needs power and power needs coal; the sale took the last of it, and the diesel set is to run no more."""
    entity = chain(
        200.0, step=1.0, commodities={name: {"unit": "case"} for name in ("coal", "power", "oil")},
        supplies={"oil_in": {"commodity": "oil", "price": "1 CNY/case"}},
        stores={"heap": {"commodity": "coal", "end": "free"}, "cells": {"commodity": "power", "initial": "3 case", "end": "free"}},
        processes={
            "mine": {"inputs": {"power": "1 case"}, "outputs": {"coal": "1 case"}, "runs": {"batch": "1 case", "time": "1 h", "priority": 1}},
            "plant": {"inputs": {"coal": "1 case"}, "outputs": {"power": "1 case"}, "runs": {"batch": "1 case", "time": "1 h"}},
            "diesel": {"inputs": {"oil": "1 case"}, "outputs": {"power": "1 case"}, "runs": {"batch": "1 case", "time": "1 h"}},
        },
        demands={"sold": {"commodity": "power", "price": "1 CNY/case", "most": "3 case/h", "runs": {"batch": "1 case", "time": "20 min"}}},
    )
    network = compile_network(entity)
    number = {network.elements[e].name: a for a, e in enumerate(network.activities.element)}
    wanted = {"mine": 1.0, "plant": 1.0, "diesel": 0.002, "sold": 3.0}
    told = replicate(network, replications=2, targets={
        number[name]: rate * np.arange(1.0, 201.0) for name, rate in wanted.items()})
    still = told.replications[0].still
    assert still == ("3 of 4 kinds of runs stand still for ever, the last since hour 2: "
                     "mine waits for power@here; plant waits for coal@here")
