"""What can be written of lots, orders, chances, calendars of arrivals, belts and vehicles does what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodeworks.errors import SimulationError
from lodeworks.simulate.tables import measures
from lodeworks.verbs import check, plan
from tests.simulate.running import chain, simulate

ONE = {"job": "1 case"}
COMMODITIES = {name: {"unit": "case"} for name in ("job", "mid", "done", "waste")}
OUT = {"out": {"commodity": "done", "price": "1 CNY/case"}}


def mean(entity: Any, kind: str, name: str, measure: str, **options: Any) -> float:
    return float(np.mean(measures(simulate(entity, **options))[kind, name, measure]))


def desk(**more: Any) -> dict[str, Any]:
    return {"inputs": ONE, "outputs": {"done": "1 case"}, **more}


def coming(**arrivals: Any) -> dict[str, Any]:
    return {"people": {"commodity": "job", "arrivals": arrivals}}


def test_each_run_gives_at_most_one_of_the_outputs_of_chance() -> None:
    entity = chain(
        20_000.0, commodities=COMMODITIES, supplies=coming(between="exponential(1 h)"),
        stores={"q": {"commodity": "job", "end": "free"}},
        processes={"desk": {"inputs": ONE, "outputs": {"done": "1 case", "waste": "2 case"},
                            "chance": {"done": "70 %", "waste": "20 %"}, "runs": {"batch": "1 case", "time": "30 min"}}},
        demands={**OUT, "bin": {"commodity": "waste", "price": "0 CNY/case"}},
    )
    found = measures(simulate(entity))
    ran = found["queue", "job@here", "out"].mean()
    assert found["exit", "done@here", "in"].mean() / ran == pytest.approx(0.7, rel=0.01)
    assert found["exit", "waste@here", "in"].mean() / ran == pytest.approx(0.4, rel=0.02)


def test_a_plan_counts_on_the_mean_of_chance() -> None:
    entity = chain(
        100.0, commodities=COMMODITIES, supplies={"people": {"commodity": "job", "price": "1 CNY/case"}},
        processes={"desk": {"inputs": ONE, "outputs": {"done": "1 case"}, "chance": {"done": "80 %"},
                            "runs": {"batch": "1 case", "time": "1 h"}}},
        demands={"out": {"commodity": "done", "price": "10 CNY/case"}},
    )
    # 0.8 a run and hour; each good one takes 1 / 0.8 of the input: 100 × (0.8 × 10 - 1)
    assert plan(entity).objective == pytest.approx(100 * (0.8 * 10 - 1.0))


def test_the_shortest_queue_is_joined() -> None:
    def entity(routing: str) -> Any:
        stations = {
            name: {"inputs": {name: "1 case"}, "outputs": {"done": "1 case"},
                   "runs": {"batch": "1 case", "time": "exponential(1 h)"}} for name in ("left", "right")
        }
        return chain(
            40_000.0, commodities={name: {"unit": "case"} for name in ("job", "left", "right", "done")},
            supplies=coming(between="exponential(37.5 min)"),
            stores={name: {"commodity": name, "end": "free"} for name in ("job", "left", "right")},
            processes={"usher": {"inputs": ONE, "reference": "job",
                                 "modes": {"l": {"outputs": {"left": "1 case"}}, "r": {"outputs": {"right": "1 case"}}},
                                 "runs": {"batch": "1 case", "time": "0 min", "servers": 1, "routing": routing}},
                       **{f"desk_{name}": station for name, station in stations.items()}},
            demands=OUT,
        )
    outcome = measures(simulate(entity("shortest"), warm_up=1000.0))
    in_system = sum(outcome["queue", f"{n}@here", "lots"] + outcome["run", f"desk_{n}", "under way"]
                    for n in ("left", "right")).mean()
    # two M/M/1 with joining the shorter, load 0.8: 4.7475 in the system (own Markov chain, truncated at 120)
    assert in_system == pytest.approx(shorter_of_two(0.8), rel=0.02)


def shorter_of_two(load: float, top: int = 60) -> float:
    """Number in a system of two exponential servers whose customers join the shorter queue."""
    size = top * top
    rate = np.zeros((size, size))
    for i in range(top):
        for j in range(top):
            k = i * top + j
            moves = []
            left = 1.0 if i < j else 0.0 if i > j else 0.5
            if i + 1 < top:
                moves.append((k + top, 2.0 * load * left))
            if j + 1 < top:
                moves.append((k + 1, 2.0 * load * (1.0 - left)))
            if i:
                moves.append((k - top, 1.0))
            if j:
                moves.append((k - 1, 1.0))
            for to, r in moves:
                rate[k, to] += r
                rate[k, k] -= r
    from scipy.sparse import csc_array
    from scipy.sparse.linalg import spsolve

    system = rate.T.copy()
    system[0] = 1.0
    share = spsolve(csc_array(system), np.eye(1, size)[0])
    both = np.add.outer(np.arange(top), np.arange(top)).ravel()
    return float(share @ both)


def test_orders_are_placed_at_a_level_and_come_after_their_lead_time() -> None:
    """(s, S) = (5, 10), one case an hour by the clock, lead time 3 h, all of it known by hand."""
    entity = chain(
        1000.0, step=1.0, commodities=COMMODITIES,
        supplies={"shop": {"commodity": "done", "price": "1 CNY/case",
                           "runs": {"batch": "1 case", "time": "3 h", "order_at": "5 case", "order_to": "10 case"}}},
        stores={"shelf": {"commodity": "done", "initial": "10 case", "end": "free"}},
        demands={"out": {"commodity": "done", "price": "2 CNY/case", "runs": {"batch": "1 case"},
                         "arrivals": {"between": "1 h"}}},
    )
    outcome = simulate(entity, replications=2)
    found = measures(outcome)
    # every 5 h: levels 9 8 7 6 5 4 3 then +5 = 7 ... cycle of five levels 7 6 5 4 3
    assert found["queue", "done@here", "level"].mean() == pytest.approx(5.0, abs=0.05)
    assert found["queue", "orders of out", "level"].max() == 0.0


@pytest.mark.parametrize("amount", [{}, {"amount": "uniform(0.5 case, 3.5 case)"}], ids=["one each", "any amount"])
def test_orders_wait_for_goods_and_for_nothing_else(amount: dict[str, str]) -> None:
    """Where there is always enough, no order waits, however they come."""
    entity = chain(
        2000.0, step=1.0, commodities=COMMODITIES, supplies={"shop": {"commodity": "done", "price": "1 CNY/case"}},
        demands={"out": {"commodity": "done", "price": "2 CNY/case", "arrivals": {"between": "exponential(1 h)", **amount}}},
    )
    found = measures(simulate(entity, replications=2))
    assert found["queue", "orders of out", "wait"].max() == pytest.approx(0.0, abs=1e-6)
    assert found["queue", "orders of out", "level"].max() == pytest.approx(0.0, abs=1e-6)
    assert found["run", "out", "rate"] == pytest.approx(found["queue", "orders of out", "in"])


def test_arrivals_come_by_the_timetable_every_day() -> None:
    entity = chain(
        240.0, step=1.0, commodities=COMMODITIES, supplies=coming(at=["07:30", "12:00"], amounts=[3, 1]),
        stores={"q": {"commodity": "job", "end": "free"}},
        processes={"desk": desk(runs={"batch": "1 case", "time": "6 min"})}, demands=OUT,
    )
    assert mean(entity, "queue", "job@here", "in", replications=2) * 240.0 == pytest.approx(40.0)


def test_arrivals_come_from_a_table(tmp_path: Any) -> None:
    from lodeworks.verbs import read

    (tmp_path / "come.csv").write_text("time,amount\n2026-01-01 01:00,2\n2026-01-01 05:30,4\n")
    (tmp_path / "chain.yaml").write_text(
        "chain: t\nhorizon: {start: 2026-01-01, length: 10 h}\nunits: {case: case}\nsites: {here: {}}\n"
        "commodities: {job: {unit: case}, done: {unit: case}}\n"
        "supplies: {people: {commodity: job, arrivals: {table: come.csv}}}\nstores: {q: {commodity: job, end: free}}\n"
        "processes: {desk: {inputs: {job: 1 case}, outputs: {done: 1 case}, runs: {batch: 1 case, time: 6 min}}}\n"
        "demands: {out: {commodity: done, price: 1 CNY/case}}\n")
    assert mean(read(tmp_path), "queue", "job@here", "in", replications=2) * 10.0 == pytest.approx(6.0)


def test_a_trace_out_of_order_is_told_with_its_row() -> None:
    entity = chain(
        240.0, step=1.0, supplies=coming(at=["5 h", "3 h"]), stores={"q": {"commodity": "job", "end": "free"}},
        processes={"desk": desk(runs={"batch": "1 case", "time": "6 min"})}, demands=OUT,
    )
    assert any("time 2 is out of order" in p.message for p in check(entity))


def test_what_expires_becomes_what_it_is_written_to() -> None:
    entity = chain(
        1000.0, commodities=COMMODITIES, supplies=coming(between="1 h"),
        stores={"hot": {"commodity": "job", "end": "free", "shelf_life": "2 h", "expires_to": "waste"}},
        processes={"desk": desk(runs={"batch": "1 case", "time": "4 h"})},
        demands={**OUT, "ingots": {"commodity": "waste", "price": "0 CNY/case"}},
    )
    found = measures(simulate(entity, replications=2))
    assert found["exit", "waste@here", "in"].mean() == pytest.approx(0.75, abs=0.01)
    assert found["queue", "job@here", "expired"].mean() == pytest.approx(0.75, abs=0.01)


def test_a_pool_that_fails_stops_new_runs_only() -> None:
    """Rain of 6 h after every 18 h dry: a task of 1 h with one pool unit gets on three quarters of the time."""
    entity = chain(
        4800.0, step=24.0, supplies={"people": {"commodity": "job", "price": "1 CNY/case"}},
        processes={"desk": desk(runs={"batch": "1 case", "time": "1 h", "crew": {"sky": "1 person"}})}, demands=OUT,
        pools={"sky": {"amount": "1 person", "failures": {"between": "18 h", "repair": "6 h", "clock": "calendar"}}},
    )
    assert mean(entity, "run", "desk", "rate", replications=2) == pytest.approx(0.75, abs=0.002)


def test_what_is_on_a_belt_stops_with_it() -> None:
    """A belt of 1 h that runs 10 h and stands 5 h: what it carries takes its stops along."""
    entity = chain(
        3000.0, step=10.0, sites={"a": {}, "b": {}}, commodities={"job": {"unit": "case"}},
        supplies={"people": {"commodity": "job", "site": "a", "price": "1 CNY/case"}},
        routes={"belt": {"commodity": "job", "from": "a", "to": "b", "lag": "1 h",
                         "runs": {"batch": "1 case", "time": "30 min"},
                         "failures": {"between": "10 h", "repair": "5 h", "clock": "calendar"}, "capacity": "2 case/h"}},
        demands={"out": {"commodity": "job", "site": "b", "price": "2 CNY/case"}},
    )
    found = measures(simulate(entity, replications=2))
    # born at loading: half an hour on the machine, an hour on the way, and 5 h more for those a stop meets
    caught = (1.0 + 0.5) / 10.0
    assert found["exit", "job@b", "age"].mean() == pytest.approx(1.5 + caught * 5.0, rel=0.05)


def haulage(**more: Any) -> Any:
    fleet = {"vehicles": 4, "payload": "10 case", "speed": "20 km/h", **more.pop("fleet", {})}
    route = {"commodity": "job", "from": "a", "to": "b", "distance": "10 km", "fleet": "trucks", "load": "6 min",
             "unload": "6 min", **more.pop("route", {})}
    return chain(
        1200.0, step=12.0, sites={"a": {}, "b": {}}, commodities={"job": {"unit": "case"}, "fuel": {"unit": "kg"}},
        supplies={"people": {"commodity": "job", "site": "a", "price": "1 CNY/case"},
                  "station": {"commodity": "fuel", "site": "a", "price": "1 CNY/kg"}},
        routes={"road": route}, fleets={"trucks": fleet},
        demands={"out": {"commodity": "job", "site": "b", "price": "20 CNY/case"}}, **more,
    )


def test_vehicles_make_their_rounds() -> None:
    """0.1 + 0.5 + 0.1 + 0.5 h a round, four vehicles of ten cases."""
    assert mean(haulage(), "run", "road.unload", "rate", replications=2) == pytest.approx(40.0 / 1.2, rel=0.01)


def test_one_loader_lets_one_vehicle_load_at_a_time() -> None:
    entity = haulage(route={"haul": {"load": "30 min", "loaders": 1}})
    assert mean(entity, "run", "road.unload", "rate", replications=2) == pytest.approx(20.0, rel=0.01)


def test_vehicles_refuel_when_the_tank_would_not_last_the_next_trip() -> None:
    entity = haulage(fleet={"fuel": {"fuel": {"laden": "0.2 kg/km", "empty": "0.1 kg/km"}}, "tank": "10 kg",
                            "refuel": {"site": "a", "pumps": 1, "rate": "9 kg/h"}})
    found = measures(simulate(entity, replications=2))
    # 3 kg a round: three rounds to a tank, then 9 kg in an hour; one pump serves a vehicle every 3 × 1.2 + 1 h or more
    assert found["run", "trucks.refuel", "rate"].mean() == pytest.approx(4 / 4.6, rel=0.02)
    assert found["queue", "fuel@a", "out"].mean() == pytest.approx(9 * 4 / 4.6, rel=0.02)


def test_a_tank_that_does_not_last_the_trip_is_told() -> None:
    entity = haulage(fleet={"fuel": {"fuel": {"laden": "0.2 kg/km", "empty": "0.1 kg/km"}}, "tank": "2 kg",
                            "refuel": {"site": "a"}})
    assert any("does not last a trip" in p.message for p in check(entity))


def test_drivers_are_held_for_the_round() -> None:
    entity = haulage(fleet={"crew": {"drivers": "1 person"}}, pools={"drivers": {"amount": "2 person"}})
    assert mean(entity, "run", "road.unload", "rate", replications=2) == pytest.approx(20.0 / 1.2, rel=0.01)


def test_services_come_due_by_the_way_driven() -> None:
    entity = haulage(fleet={"upkeep": {"every": "200 km", "time": "12 h", "bays": 1}})
    found = measures(simulate(entity, replications=2))
    # ten rounds of 20 km, then a service; one bay: a vehicle every 12 h at most, 4 of 12 + 12 h
    assert found["run", "trucks.service", "rate"].mean() == pytest.approx(1 / 12.0, rel=0.03)


def test_piles_without_end_are_told_with_their_load() -> None:
    entity = chain(
        4_000_000.0, step=100.0, supplies=coming(between="exponential(30 min)"),
        stores={"q": {"commodity": "job", "end": "free"}},
        processes={"desk": desk(runs={"batch": "1 case", "time": "exponential(1 h)"})}, demands=OUT,
    )
    with pytest.raises(SimulationError, match="load of 2"):
        simulate(entity, replications=2)


def test_a_bus_leaves_with_those_who_are_there_when_the_first_has_waited_long_enough() -> None:
    """One rider a quarter hour, one bus of ten, who waits an hour at most: five at a time, and all arrive."""
    entity = chain(
        1200.0, step=12.0, sites={"a": {}, "b": {}}, commodities={"job": {"unit": "case"}},
        supplies={"riders": {"commodity": "job", "site": "a", "arrivals": {"between": "15 min"}}},
        stores={"stop": {"commodity": "job", "site": "a", "end": "free"}},
        routes={"line": {"commodity": "job", "from": "a", "to": "b", "distance": "5 km", "fleet": "buses",
                         "haul": {"linger": "1 h"}}},
        fleets={"buses": {"vehicles": 3, "payload": "10 case", "speed": "20 km/h"}},
        demands={"out": {"commodity": "job", "site": "b", "price": "1 CNY/case"}},
    )
    found = measures(simulate(entity, replications=2))
    assert found["run", "line.load", "rate"].mean() == pytest.approx(4.0, rel=0.01)
    assert found["exit", "job@b", "in"].mean() == pytest.approx(4.0, rel=0.01)
    assert found["queue", "line laden", "in"].mean() == pytest.approx(0.8, rel=0.01)
    assert found["queue", "job@a", "wait"].mean() == pytest.approx(0.5, rel=0.02)


def test_who_shares_a_pool_is_served_by_priority_across_processes() -> None:
    """One guide, who always has work of the second kind: the first kind waits for what runs and its own queue alone."""
    runs = {"batch": "1 case", "time": "1 h", "crew": {"guide": "1 person"}}
    entity = chain(
        2000.0, commodities=COMMODITIES,
        supplies={"people": {"commodity": "job", "arrivals": {"between": "exponential(2 h)"}},
                  "more": {"commodity": "mid", "price": "1 CNY/case"}},
        stores={"q": {"commodity": "job", "end": "free"}},
        processes={"first": desk(runs=runs),
                   "second": {"inputs": {"mid": "1 case"}, "outputs": {"done": "1 case"}, "runs": {**runs, "priority": 1}}},
        pools={"guide": {"amount": "1 person"}}, demands=OUT,
    )
    # non-preemptive priority: rest of what runs 1/2 h, over 1 - 1/2
    assert mean(entity, "queue", "job@here", "wait", replications=8) == pytest.approx(1.0, rel=0.06)
