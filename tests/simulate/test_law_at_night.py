"""The law between the engines where machines close: no simulation beats the plan, whoever is open when.

A plan without a store at a balance moves everything in the step it is made. A simulation has room for two batches there;
were it filled by one side while the other is closed, the room would be a store at every closing.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from lodeworks.simulate.tables import measures
from tests.simulate.running import chain, simulate
from tests.simulate.test_law import LENGTH, made, planned, slack

STEP = 4.0
DAY = 6  # steps
SEEDS = range(20)


def night_chain(seed: int) -> Any:
    """Return a line of two to four stages that open at hours of their own, with stores between some of them only."""
    r = random.Random(f"nights {seed}")
    stages = r.randint(2, 4)
    names = [f"c{i}" for i in range(stages + 1)]
    processes: dict[str, Any] = {}
    profiles: dict[str, Any] = {}
    for i in range(stages):
        hours, batch = r.uniform(0.3, 2.0), r.choice([1.0, 2.0, 5.0])
        first, last = sorted(r.sample(range(DAY + 1), 2)) if r.random() < 0.7 else (0, DAY)
        profiles[f"open{i}"] = {"values": [float(first <= k % DAY < last) for k in range(int(LENGTH / STEP))]}
        processes[f"p{i}"] = {
            "inputs": {names[i]: "1 case"}, "outputs": {names[i + 1]: "1 case"}, "availability": f"open{i}",
            "runs": {"batch": f"{batch} case", "time": f"gamma({hours!r} h, {0.3 * hours!r} h)",
                     "servers": r.randint(1, 2), "blocking": r.choice(["after", "before"])},
        }
    stores = {f"s{i}": {"commodity": names[i], "end": "free", "capacity": f"{r.choice([10, 20])} case"}
              for i in range(1, stages) if r.random() < 0.4}
    stores["s0"] = {"commodity": names[0], "end": "free", "capacity": "60 case"}
    return chain(
        LENGTH, step=STEP, commodities={name: {"unit": "case"} for name in names} | {"scrap": {"unit": "case"}},
        processes=processes, stores=stores, profiles=profiles,
        supplies={"in": {"commodity": names[0], "price": "0 CNY/case", "most": f"{r.uniform(0.5, 4.0):.3f} case/h"}},
        demands={"out": {"commodity": names[-1], "price": "1 CNY/case"}},
        objective={"goal": "output", "commodity": names[-1]},
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_no_simulation_beats_the_plan_where_machines_close(seed: int) -> None:
    entity = night_chain(seed)
    best, found = planned(entity), made(entity)
    assert float(np.mean(found)) <= best * (1.0 + 1e-6) + slack(found)
    assert float(np.mean(found)) >= 0.8 * best  # batches and blocking cost something, the rule does not


def modes_chain(seed: int) -> Any:
    """Return a machine of two or three modes, each of which feeds a taker with hours of its own; stores are rare."""
    r = random.Random(f"modes {seed}")
    names = [f"c{i}" for i in range(r.randint(2, 3))]
    takers, profiles, stores = {}, {}, {"s": {"commodity": "job", "end": "free", "capacity": "60 case"}}
    for name in names:
        first, last = sorted(r.sample(range(DAY + 1), 2))
        profiles[f"open_{name}"] = {"values": [float(first <= k % DAY < last) for k in range(int(LENGTH / STEP))]}
        hours, batch = r.uniform(0.2, 1.0), r.choice([1.0, 2.0])
        takers[f"t_{name}"] = {
            "inputs": {name: "1 case"}, "outputs": {"done": "1 case"}, "availability": f"open_{name}",
            "runs": {"batch": f"{batch} case", "time": f"gamma({hours!r} h, {0.3 * hours!r} h)", "servers": 2},
        }
        if r.random() < 0.2:
            stores[f"s_{name}"] = {"commodity": name, "end": "free", "capacity": "10 case"}
    hours = r.uniform(0.3, 2.0)
    machine = {
        "inputs": {"job": "1 case"}, "reference": "job",
        "modes": {name: {"outputs": {name: "1 case"}, "runs": {"priority": i}} for i, name in enumerate(names)},
        "runs": {"batch": f"{r.choice([1.0, 2.0, 5.0])} case", "time": f"gamma({hours!r} h, {0.3 * hours!r} h)",
                 "servers": r.randint(1, 2), "blocking": "before", "stopped": r.choice(["resume", "repeat"]),
                 "shift_end": r.choice(["suspend", "restart"])},
    }
    if r.random() < 0.5:
        machine["failures"] = {"between": "exponential(20 h)", "repair": "exponential(2 h)"}
    return chain(
        LENGTH, step=STEP, commodities={name: {"unit": "case"} for name in ("job", *names, "done", "scrap")},
        processes={"machine": machine, **takers}, stores=stores, profiles=profiles,
        supplies={"in": {"commodity": "job", "price": "0 CNY/case"}},
        demands={"out": {"commodity": "done", "price": "1 CNY/case"}}, objective={"goal": "output", "commodity": "done"},
    )


@pytest.mark.parametrize("seed", [2, 7, 8, 12, 17, 19])
def test_no_mode_works_ahead_for_a_taker_that_is_closed(seed: int) -> None:
    entity = modes_chain(seed)
    best, found = planned(entity), made(entity)
    assert float(np.mean(found)) <= best * (1.0 + 1e-6) + slack(found)


def two(first: list[float], second: list[float], **store: Any) -> Any:
    """Return two machines that make a case an hour while they are open, by steps of six hours of a day."""
    days = 10
    return chain(
        24.0 * days, step=6.0, commodities={name: {"unit": "case"} for name in ("job", "mid", "done")},
        supplies={"in": {"commodity": "job", "price": "0 CNY/case"}}, stores=store,
        processes={name: {"inputs": {takes: "1 case"}, "outputs": {gives: "1 case"}, "availability": f"open_{name}",
                          "runs": {"batch": "1 case", "time": "1 h"}}
                   for name, takes, gives in (("m1", "job", "mid"), ("m2", "mid", "done"))},
        profiles={"open_m1": {"values": first * days}, "open_m2": {"values": second * days}},
        demands={"out": {"commodity": "done", "price": "1 CNY/case"}},
    )


@pytest.mark.parametrize(("runs", "each_day"), [
    ({"time": "1 h"}, (12.0, 12.0)), ({"time": "5 h"}, (2.4, 2.4)), ({"time": "5 h", "shift_end": "restart"}, (2.0, 2.0)),
    ({"time": "5 h", "stopped": "repeat"}, (2.4, 2.4)), ({"time": "5 h", "shift_end": "finish"}, (2.4, 2.4)),
])
def test_a_mode_whose_taker_is_closed_leaves_its_machine_to_the_other(runs: dict[str, Any], each_day: Any) -> None:
    """One mode by day, one by night: what is half done at the change goes on when its mode is open again."""
    days = 40
    entity = chain(
        24.0 * days, step=12.0, commodities={name: {"unit": "case"} for name in ("job", "a", "b", "done", "made")},
        supplies={"in": {"commodity": "job", "price": "0 CNY/case"}},
        processes={
            "machine": {"inputs": {"job": "1 case"}, "reference": "job", "runs": {"batch": "1 case", **runs}, "modes": {
                name: {"outputs": {name: "1 case"}, "runs": {"priority": i}} for i, name in enumerate("ab")}},
            **{f"t_{name}": {"inputs": {name: "1 case"}, "outputs": {out: "1 case"}, "availability": f"open_{name}",
                             "runs": {"batch": "1 case", "time": "1 min"}} for name, out in (("a", "done"), ("b", "made"))},
        },
        profiles={"open_a": {"values": [1.0, 0.0] * days}, "open_b": {"values": [0.0, 1.0] * days}},
        demands={out: {"commodity": out, "price": "1 CNY/case"} for out in ("done", "made")},
    )
    outcome = simulate(entity, 2)
    found = measures(outcome)
    assert [24.0 * found["run", f"machine.{m}", "rate"].mean() for m in "ab"] == pytest.approx(each_day, abs=0.1)
    assert any("machine.a" in line and "off shift too" in line for line in outcome.built.log)


def test_without_a_store_both_sides_work_in_the_hours_they_share() -> None:
    outcome = simulate(two([1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0]), 2)
    found = measures(outcome)
    assert found["exit", "done@here", "in"].mean() * 240.0 == pytest.approx(60.0, abs=2.0)  # six a day
    assert found["machines", "m1", "off shift"] == pytest.approx(0.75)
    assert found["machines", "m2", "off shift"] == pytest.approx(0.75)
    assert any(line.startswith("m1, m2: off shift too") for line in outcome.built.log)


def test_with_a_store_each_works_its_own_hours() -> None:
    outcome = simulate(two([1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0], heap={
        "commodity": "mid", "capacity": "50 case", "end": "free"}), 2)
    assert measures(outcome)["exit", "done@here", "in"].mean() * 240.0 == pytest.approx(120.0, abs=2.0)
    assert not any("off shift too" in line for line in outcome.built.log)


def test_who_never_share_an_hour_make_nothing() -> None:
    found = measures(simulate(two([1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]), 2))
    assert found["exit", "done@here", "in"].max() == 0.0
