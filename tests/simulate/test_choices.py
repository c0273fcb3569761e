"""Each named choice of a simulation does what docs/semantics.md says of it, on cases worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodeworks.simulate.tables import measures
from lodeworks.verbs import check
from tests.simulate.running import chain, simulate

ONE = {"job": "1 case"}
OUT = {"out": {"commodity": "done", "price": "1 CNY/case"}}
LINE = {"q": {"commodity": "job", "end": "free"}}


def means(entity: Any, replications: int = 2) -> dict[tuple[str, str, str], float]:
    return {key: float(np.mean(v)) for key, v in measures(simulate(entity, replications)).items()}


def desk(runs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"inputs": ONE, "outputs": {"done": "1 case"}, "runs": {"batch": "1 case", **runs}, **more}


def test_set_ups_take_the_time_written_for_the_pair_of_modes() -> None:
    """Modes a and b by turns, an hour each: from a to b 20 min, from b to a 40 min; so a round takes three hours."""
    modes = {
        "a": {"inputs": {"job": "1 case"}, "outputs": {"mid": "1 case"}, "runs": {"setup_from": {"b": "40 min"}}},
        "b": {"inputs": {"mid": "1 case"}, "outputs": {"done": "1 case"}, "runs": {"setup": "20 min", "priority": -1}},
    }
    entity = chain(
        3000.0, step=10.0, supplies={"people": {"commodity": "job", "price": "1 CNY/case"}},
        stores={"m": {"commodity": "mid", "end": "free"}}, demands=OUT,
        processes={"machine": {"modes": modes, "reference": "mid", "runs": {"batch": "1 case", "time": "1 h"}}},
    )
    found = means(entity)
    assert found["machines", "machine", "setup"] == pytest.approx(1 / 3, abs=1e-3)
    assert found["exit", "done@here", "in"] == pytest.approx(1 / 3, abs=1e-3)


def priority_queue(order: str) -> Any:
    return chain(
        40_000.0, supplies={
            "many": {"commodity": "job", "arrivals": {"between": "exponential(2.5 h)", "priority": 2}},
            "few": {"commodity": "job", "arrivals": {"between": "exponential(2.5 h)", "priority": 1, "due": "0 h"}},
        },
        stores={"q": {"commodity": "job", "order": order, "end": "free"}},
        processes={"desk": desk({"time": "exponential(1 h)"})}, demands=OUT,
    )


def test_lots_of_priority_are_taken_first() -> None:
    """Two classes of an M/M/1 at 0.4 each: the urgent wait R / (1 - 0.4), R = 0.8 h; all of them 4 h on average.

    The urgent alone have a due date at once, so that their tardiness is the wait of those who wait, four in five.
    """
    found = means(priority_queue("priority"), 16)
    assert found["queue", "job@here", "tardiness"] == pytest.approx(0.8 / 0.6 / 0.8, rel=0.04)
    assert found["queue", "job@here", "wait"] == pytest.approx(4.0, rel=0.06)


def test_without_that_order_the_urgent_wait_like_all() -> None:
    found = means(priority_queue("fifo"), 16)
    assert found["queue", "job@here", "tardiness"] == pytest.approx(4.0 / 0.8, rel=0.08)


def test_who_finds_too_many_waiting_stays_away() -> None:
    """M/M/1 where nobody joins a queue of two: three places in all; at load one each number is as likely."""
    entity = chain(
        20_000.0, stores=LINE, processes={"desk": desk({"time": "exponential(1 h)"})}, demands=OUT,
        supplies={"people": {"commodity": "job", "arrivals": {"between": "exponential(1 h)", "balk_at": "2 case"}}},
    )
    assert means(entity, 8)["queue", "job@here", "turned away"] == pytest.approx(0.25, rel=0.03)


def breaking(**failures: Any) -> Any:
    """A run of an hour every two hours; the machine is down from 3 to 5 h, from 10 to 12 h, and so on each 7 h."""
    return chain(
        14.0, step=1.0, stores=LINE, demands=OUT,
        supplies={"people": {"commodity": "job", "arrivals": {"at": ["4 h"]}}},
        processes={"desk": desk({"time": "1 h"}, failures={
            "between": "3 h", "repair": "2 h", "clock": "calendar", **failures})},
    )


def test_a_machine_that_is_down_may_be_loaded_and_works_after_its_repair() -> None:
    kept, loaded = means(breaking()), means(breaking(load=True))
    assert kept["queue", "job@here", "wait"] == pytest.approx(1.0)
    assert loaded["queue", "job@here", "wait"] == pytest.approx(0.0)
    for found in (kept, loaded):
        assert found["exit", "done@here", "age"] == pytest.approx(2.0)
        assert found["machines", "desk", "working"] == pytest.approx(1 / 14)


def crossing(seize: str) -> Any:
    """Left takes crane a, then b; right b, then a; a third holds b for an hour while left already has a."""
    def job(name: str, crew: dict[str, str], at: str, priority: int) -> tuple[dict[str, Any], dict[str, Any]]:
        supply = {"commodity": name, "arrivals": {"at": [at]}}
        process = {"inputs": {name: "1 case"}, "outputs": {"done": "1 case"},
                   "runs": {"batch": "1 case", "time": "1 h", "crew": crew, "seize": seize, "priority": priority}}
        return supply, process
    jobs = {
        "third": job("c", {"b": "1 unit"}, "0 h", 0), "left": job("l", {"a": "1 unit", "b": "1 unit"}, "0.25 h", 2),
        "right": job("r", {"b": "1 unit", "a": "1 unit"}, "0.5 h", 1),
    }
    return chain(
        24.0, step=1.0, units={"case": "case", "unit": "unit"},
        commodities={name: {"unit": "case"} for name in ("c", "l", "r", "done")},
        supplies={f"for_{name}": supply for name, (supply, _) in jobs.items()},
        stores={f"q_{name}": {"commodity": name, "end": "free"} for name in ("c", "l", "r")},
        pools={"a": {"amount": "1 unit"}, "b": {"amount": "1 unit"}},
        processes={name: process for name, (_, process) in jobs.items()}, demands=OUT,
    )


def test_pools_seized_together_cannot_deadlock() -> None:
    outcome = simulate(crossing("together"), 2)
    assert measures(outcome)["exit", "done@here", "in"] * 24.0 == pytest.approx(3.0)
    assert not outcome.replications[0].still


def test_pools_seized_in_order_can_and_the_cycle_of_waits_is_told() -> None:
    outcome = simulate(crossing("in order"), 2)
    assert measures(outcome)["exit", "done@here", "in"] * 24.0 == pytest.approx(1.0)
    still = outcome.replications[0].still
    assert "left waits for units of b" in still
    assert "right waits for units of a" in still


def test_what_is_seized_in_order_without_quarrel_runs_as_together() -> None:
    def entity(seize: str) -> Any:
        return chain(
            2000.0, units={"case": "case", "unit": "unit"}, stores=LINE, demands=OUT,
            supplies={"people": {"commodity": "job", "arrivals": {"between": "exponential(1 h)"}}},
            pools={"a": {"amount": "3 unit"}, "b": {"amount": "2 unit"}},
            processes={"desk": desk({"time": "exponential(1 h)", "servers": 2, "seize": seize,
                                     "crew": {"a": "1 unit", "b": "1 unit"}})},
        )
    together, ordered = means(entity("together")), means(entity("in order"))
    for key in (("exit", "done@here", "in"), ("exit", "done@here", "age"), ("machines", "desk", "working"),
                ("pool", "b", "used")):
        assert ordered[key] == pytest.approx(together[key])


def test_heat_ages_a_lot_from_when_it_was_made_and_a_shelf_life_from_when_it_came() -> None:
    """A ladle keeps 3 h; an hour on the way leaves two in the park: what is fetched every 2.5 h comes too late."""
    def entity(**more: Any) -> Any:
        hot = {"unit": "case", "heat": {"from": "960 degC", "least": "900 degC", "loss": "20 K/h"}}
        return chain(
            40.0, step=0.5, sites={"pots": {}, "park": {}},
            commodities={"job": {"unit": "case"}, "hot": hot, "waste": {"unit": "case"}, "done": {"unit": "case"}},
            supplies={"metal": {"commodity": "job", "site": "pots", "arrivals": {"at": ["0 h", "10 h"]}}},
            stores={"q": {"commodity": "job", "site": "pots", "end": "free"},
                    "yard": {"commodity": "hot", "site": "park", "end": "free", "expires_to": "waste", **more}},
            processes={"tap": {"site": "pots", "inputs": ONE, "outputs": {"hot": "1 case"},
                               "runs": {"batch": "1 case", "time": "1 h"}},
                       "pour": {"site": "park", "inputs": {"hot": "1 case"}, "outputs": {"done": "1 case"},
                                "availability": "late", "runs": {"batch": "1 case", "time": "0.5 h"}}},
            profiles={"late": {"values": [0.0] * 9 + [1.0] * 71}},
            routes={"way": {"commodity": "hot", "from": "pots", "to": "park", "lag": "1 h",
                            "runs": {"batch": "1 case", "time": "0 h"}}},
            demands={"out": {"commodity": "done", "site": "park", "price": "1 CNY/case"},
                     "pigs": {"commodity": "waste", "site": "park", "price": "1 CNY/case"}},
        )
    # tapped at 1 h, in the park at 2 h, poured from 4.5 h on: too cold since 4 h; the second one is poured at once
    found = means(entity())
    assert found["queue", "hot@park", "expired"] * 40.0 == pytest.approx(1.0)
    assert found["queue", "hot@park", "wait"] == pytest.approx(1.0)  # two hours, and none
    assert found["queue", "hot@park", "age"] == pytest.approx(2.0)  # three hours, and one
    assert found["queue", "hot@park", "temperature"] == pytest.approx(920.0)  # 20 K/h from 960: 900 and 940
    assert found["queue", "hot@park", "too cold"] == 0.0  # what was too cold had gone when it was
    assert ("queue", "job@pots", "temperature") not in found
    assert means(entity(shelf_life="1 h"))["queue", "hot@park", "wait"] == pytest.approx(0.5)


@pytest.mark.parametrize(("runs", "key"), [
    ({"seize": "at once"}, "runs.seize"),
    ({"seize": "in order", "crew": {"a": "1 person", "b": "1 person"}, "linger": "1 h"}, "runs.seize"),
    ({"seize": "in order", "crew": {"a": "1 person", "b": "1 person"}, "least": "50 %"}, "runs.seize"), ({"time": "1 h", "setup_from": {"x": "-1 h"}}, "runs.setup_from.x"),
])
def test_a_choice_that_is_none_is_told(runs: dict[str, Any], key: str) -> None:
    entity = chain(100.0, processes={"desk": desk(runs)}, demands=OUT, stores=LINE,
                   pools={"a": {"amount": "1 person"}, "b": {"amount": "1 person"}},
                   supplies={"people": {"commodity": "job", "price": "1 CNY/case"}})
    assert key in {p.key for p in check(entity)}


def test_every_choice_of_every_element_is_written_down_with_its_default() -> None:
    from lodeworks.simulate.choices import choices_table

    entity = chain(
        100.0, step=1.0, stores={"q": {"commodity": "job", "order": "lifo", "patience": "5 h", "end": "free"}}, demands=OUT,
        supplies={"people": {"commodity": "job", "arrivals": {"between": "1 h"}}},
        processes={"desk": desk({"time": "1 h", "linger": "2 h"}, failures={"between": "9 h", "repair": "1 h"})},
    )
    told = {(name, choice): value for name, choice, value in choices_table(simulate(entity, 2)).rows()}
    assert told["desk", "batch"] == "full, or what is there after 2 h"
    assert told["desk", "blocking"] == "after service"
    assert told["desk", "shift end"] == "suspend"
    assert told["desk", "failure clock"] == "working"
    assert told["desk", "loaded while down"] == "no"
    assert told["q", "which lot first"] == "last in"
    assert told["q", "reneging"] == "when patience ends, is lost"
    assert told["q", "expiry"] == "never"
    assert told["people", "balking"] == "only where there is no room"
    assert told["", "work"] == "work-conserving"


def test_chance_belts_modes_and_failing_pools_say_what_they_do() -> None:
    from lodeworks.simulate.choices import choices_table

    broken = {"between": "90 h", "repair": "1 h"}
    entity = chain(
        100.0, step=1.0, sites={"here": {}, "there": {}}, pools={"dry": {"amount": 1, "failures": broken}},
        supplies={"people": {"commodity": "job", "site": "here", "price": "1 CNY/case", "most": "1 case/h"}},
        processes={"desk": desk({"time": "1 h", "crew": {"dry": 1}}, site="here", chance={"done": "90 %"}),
                   "press": {"site": "here", "inputs": ONE, "runs": {"batch": "1 case", "time": "1 h"}, "modes": {
                       "rush": {"outputs": {"mid": "1 case"}, "runs": {"preempts": True}},
                       "plain": {"outputs": {"done": "1 case"}, "runs": {"priority": 1}}}}},
        routes={"belt": {"commodity": "done", "from": "here", "to": "there", "capacity": "3 case/h", "lag": "2 h",
                         "failures": broken, "runs": {"batch": "1 case"}}},
        demands={"out": {"commodity": "done", "site": "there", "price": "1 CNY/case"},
                 "mids": {"commodity": "mid", "site": "here", "price": "1 CNY/case"}},
    )
    told = {(name, choice): value for name, choice, value in choices_table(simulate(entity, 2)).rows()}
    assert told["desk", "chance"] == "at most one of the outputs named comes out of a run"
    assert told["belt", "belt"] == "what is on it stops with it"
    assert told["dry", "runs under way when it fails"] == "are finished"
    assert told["press", "pre-emption"] == "rush: pushes lower priority aside"
    assert told["press", "which mode"] == "first by priority"


@pytest.mark.parametrize(("runs", "wait"), [
    ({}, 4.5), ({"least": "50 %"}, 2.0), ({"linger": "3 h"}, 1.5), ({"least": "50 %", "linger": "3 h"}, 1.5),
    ({"least": "0 %"}, 0.0), ({"least": "0 %", "linger": "3 h"}, 0.0),
])
def test_a_batch_starts_full_or_with_its_least_or_when_the_first_has_lingered(runs: dict[str, Any], wait: float) -> None:
    """One an hour for a batch of ten: the first of a batch waits until the last has come, or three hours."""
    entity = chain(1000.0, step=1.0, supplies={"people": {"commodity": "job", "arrivals": {"between": "1 h"}}},
                   stores=LINE, demands=OUT, processes={"desk": desk({"batch": "10 case", "time": "30 min", **runs})})
    assert means(entity)["queue", "job@here", "wait"] == pytest.approx(wait, abs=0.01)


@pytest.mark.parametrize(("amount", "held", "made"), [("1.5", "0.5", 3.0), ("1.5", "1", 1.0), ("2.9", "1", 2.0)])
def test_people_are_whole_unless_runs_hold_parts_of_them(amount: str, held: str, made: float) -> None:
    entity = chain(1000.0, step=1.0, supplies={"people": {"commodity": "job", "price": "1 CNY/case"}}, demands=OUT,
                   pools={"staff": {"amount": amount}},
                   processes={"desk": desk({"time": "1 h", "servers": 9, "crew": {"staff": held}})})
    found = means(entity)
    assert found["exit", "done@here", "in"] == pytest.approx(made, rel=0.01)
    assert found["pool", "staff", "used"] == pytest.approx(1.0, rel=0.01)


def test_units_of_a_pool_are_held_in_the_pools_own_unit() -> None:
    """Five hundred kilowatts of two megawatts: four machines of six run."""
    entity = chain(1000.0, step=1.0, supplies={"people": {"commodity": "job", "price": "1 CNY/case"}}, demands=OUT,
                   pools={"power": {"amount": "2 MW"}},
                   processes={"desk": desk({"time": "1 h", "servers": 6, "crew": {"power": "500 kW"}})})
    assert means(entity)["exit", "done@here", "in"] == pytest.approx(4.0, rel=0.01)


def test_a_queue_that_grows_all_the_time_is_told_with_its_load_and_a_steady_one_is_not() -> None:
    from lodeworks.simulate import simulation_manifest

    def log(between: str) -> list[str]:
        entity = chain(2000.0, stores=LINE, demands=OUT, processes={"desk": desk({"time": "exponential(1 h)"})},
                       supplies={"people": {"commodity": "job", "arrivals": {"between": between}}})
        return [line for line in simulation_manifest(simulate(entity, 4))["log"] if "grows" in line]

    (told,) = log("exponential(40 min)")
    assert told.startswith("job@here grows all the time")
    assert float(told.split("given ")[1].split()[0]) == pytest.approx(1.5, rel=0.05)
    assert log("exponential(75 min)") == []


def test_pools_in_order_with_full_batches_are_no_fault() -> None:
    runs = {"seize": "in order", "crew": {"a": "1 person", "b": "1 person"}, "time": "1 h"}
    entity = chain(100.0, processes={"desk": desk(runs)}, demands=OUT, stores=LINE,
                   pools={"a": {"amount": "1 person"}, "b": {"amount": "1 person"}},
                   supplies={"people": {"commodity": "job", "price": "1 CNY/case"}})
    assert [p for p in check(entity) if p.severity != "warning"] == []


def test_what_a_run_takes_of_its_own_it_takes_from_what_it_makes() -> None:
    """An oven of ten an hour, heated by half of its gas: it begins without any, and gives five."""
    entity = chain(
        100.0, step=1.0, commodities={name: {"unit": "case"} for name in ("job", "gas", "done")},
        supplies={"people": {"commodity": "job", "price": "1 CNY/case"}},
        processes={"oven": {"inputs": {"job": "1 case", "gas": "1 case"}, "outputs": {"gas": "2 case", "done": "1 case"},
                            "reference": "done", "runs": {"batch": "1 case", "time": "6 min"}}},
        demands={**OUT, "light": {"commodity": "gas", "price": "1 CNY/case"}},
    )
    found = means(entity)
    assert found["exit", "done@here", "in"] == pytest.approx(10.0, rel=0.02)
    assert found["exit", "gas@here", "in"] == pytest.approx(10.0, rel=0.02)
