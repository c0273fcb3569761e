"""How replications are run and read: traces, plans that are followed, warm-up, precision, and why nothing moves."""

from __future__ import annotations

import datetime as dt
import os
import signal
from typing import Any

import numpy as np
import polars as pl
import pytest

from lodeworks import verbs
from lodeworks.errors import SimulationError
from lodeworks.network import compile_network
from lodeworks.simulate import engine, replay, replicate, simulation_manifest, simulation_tables, trace_tables
from lodeworks.simulate import layout as y
from lodeworks.simulate.build import build
from lodeworks.simulate.engine import run_once
from lodeworks.simulate.tables import group_column
from tests.simulate.running import chain, simulate
from tests.simulate.test_language import COMMODITIES, ONE, OUT, coming, desk, haulage


def queue(length: float = 2000.0, between: str = "exponential(75 min)", **more: Any) -> Any:
    return chain(
        length, supplies=coming(between=between), stores={"q": {"commodity": "job", "end": "free"}},
        processes={"desk": desk(runs={"batch": "1 case", "time": "exponential(1 h)"},
                                failures={"between": "exponential(50 h)", "repair": "2 h"})}, demands=OUT, **more,
    )


@pytest.fixture(scope="module")
def built() -> Any:
    return build(compile_network(queue(step=10.0)))


def test_a_replay_ends_in_the_same_state_as_the_replication(built: Any) -> None:
    first, again = run_once(built, 3, 5), replay(built, 3, 5, 100.0, 200.0).final
    for name in ("pf", "pi", "tf", "ti", "shares", "notes", "histogram", "xi", "ahead"):
        assert np.array_equal(getattr(first, name), getattr(again, name)), name


def test_a_trace_holds_only_its_stretch_of_time(built: Any) -> None:
    rows = replay(built, 3, 5, 100.0, 200.0).rows
    assert len(rows) > 100
    assert rows[0, 0] >= 100.0
    assert rows[-1, 0] <= 200.0


def test_the_gantt_covers_each_machine_without_gap_or_overlap(built: Any) -> None:
    gantt = trace_tables(built, replay(built, 3, 5, 100.0, 200.0))["gantt"]
    for _, rows in gantt.group_by("group", "machine"):
        ordered = rows.sort("start")
        assert ordered["start"][0] == 100.0
        assert ordered["end"][-1] == 200.0
        assert np.allclose(ordered["start"].to_numpy()[1:], ordered["end"].to_numpy()[:-1])


def test_the_distribution_of_stays_rises_to_all_and_passes_through_the_quantiles() -> None:
    tables = simulation_tables(simulate(queue(2000.0), replications=8))
    rows = tables["stays"].filter(pl.col("name") == "job@here")
    assert rows["hours"].is_sorted()
    assert rows["share"].is_sorted()
    assert rows["share"][-1] == pytest.approx(1.0, abs=0.005)
    for q, hours in tables["waits"].filter(pl.col("name") == "job@here").select("quantile", "mean").iter_rows():
        assert rows.filter(pl.col("hours") <= hours)["share"].max() == pytest.approx(q, abs=0.06)


@pytest.mark.parametrize("shift", ["suspend", "restart", "finish"])
def test_the_hours_of_the_gantt_are_those_of_the_statistics(shift: str) -> None:
    """What is begun and waits for the next shift is off shift in both."""
    day = chain(
        400.0, step=1.0, calendars={"day": {"hours": ["08:00-12:00", "13:00-17:00"]}}, supplies=coming(between="exponential(2 h)"),
        stores={"q": {"commodity": "job", "end": "free"}, "r": {"commodity": "mid", "capacity": "2 case", "end": "free"}},
        commodities=COMMODITIES,
        processes={
            "desk": desk(outputs={"mid": "1 case"}, availability="day",
                         runs={"batch": "1 case", "time": "gamma(2 h, 0.5 h)", "shift_end": shift, "servers": 2},
                         failures={"between": "exponential(8 h)", "repair": "2 h"}),
            "counter": desk(inputs={"mid": "1 case"}, runs={"batch": "1 case", "time": "exponential(3 h)"})},
        demands=OUT,
    )
    built = build(compile_network(day))
    gantt = trace_tables(built, replay(built, 3, 0, 0.0, 400.0))["gantt"]
    drawn = gantt.group_by("group", "state").agg((pl.col("end") - pl.col("start")).sum())
    shares = run_once(built, 3, 0).notes[-1]
    for group, state, hours in drawn.rows():
        column = group_column(built, built.groups.index(group)) + y.STATE_NAMES.index(state)
        assert hours == pytest.approx(shares[column], abs=1e-6), (group, state)
    assert drawn["end"].sum() == pytest.approx(1200.0)
    assert {"off shift", "blocked", "working", "down"} <= set(drawn["state"])


def test_an_idle_machine_has_one_row_for_as_long_as_its_reason_lasts(built: Any) -> None:
    gantt = trace_tables(built, replay(built, 3, 5, 100.0, 200.0))["gantt"].filter(pl.col("what") == "")
    for _, rows in gantt.group_by("group", "machine"):
        ordered = rows.sort("start")
        follows = ordered["start"][1:] == ordered["end"][:-1]
        assert not (follows & (ordered["state"][1:] == ordered["state"][:-1])).any()


def test_levels_of_a_late_trace_begin_where_they_stand(built: Any) -> None:
    early = trace_tables(built, replay(built, 3, 5, 0.0, 200.0))["motion"].filter(kind="level", name="job@here")
    late = trace_tables(built, replay(built, 3, 5, 100.0, 200.0))["motion"].filter(kind="level", name="job@here")
    before = early.filter(pl.col("hour") < 100.0)["value"][-1]
    assert late["value"][0] == before


def test_every_lot_that_went_out_came_in(built: Any) -> None:
    lots = trace_tables(built, replay(built, 3, 5, 0.0, 300.0))["lots"]
    came = set(lots.filter(pl.col("what") == "in")["lot"])
    assert set(lots.filter(pl.col("what") == "out")["lot"]) <= came


def test_vehicles_stand_in_the_gantt_by_their_numbers() -> None:
    trucks = build(compile_network(haulage()))
    gantt = trace_tables(trucks, replay(trucks, 1, 0, 0.0, 24.0))["gantt"].filter(pl.col("group") == "trucks")
    assert sorted(gantt["machine"].unique()) == [1, 2, 3, 4]
    assert set(gantt["what"]) == {"road.load", "road.drive", "road.unload", "road.return"}


def test_quantiles_over_replications_are_order_statistics_and_chances_are_scored() -> None:
    tables = simulation_tables(simulate(queue(200.0), replications=40))
    values = np.sort(tables["replications"].filter(kind="queue", name="job@here", measure="wait")["value"].to_numpy())
    row = tables["spread"].filter(kind="queue", name="job@here", measure="wait", quantile=0.5).row(0, named=True)
    assert (row["value"], row["low"], row["high"]) == (values[19], values[13], values[26])  # 14th and 27th of 40
    down = tables["replications"].filter(name="desk", measure="down")["value"]
    chance = tables["chances"].filter(name="desk", measure="down").row(0, named=True)
    assert chance["share"] == (down > 0.0).mean()
    assert 0.0 < chance["low"] < chance["share"] <= chance["high"] <= 1.0


def test_an_interrupt_keeps_what_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    real = engine.run_once

    def stopping(built: Any, seed: int, number: int, *more: Any) -> Any:
        if number == 4:
            raise KeyboardInterrupt
        return real(built, seed, number, *more)

    monkeypatch.setattr(engine, "run_once", stopping)
    outcome = simulate(queue(500.0), replications=10)
    assert outcome.interrupted
    assert [r.number for r in outcome.replications] == [0, 1, 2, 3]
    manifest = simulation_manifest(outcome)
    assert manifest["status"] == "interrupted"
    assert manifest["log"][0] == "stopped by the user: the first 4 of 10 replications are kept"
    assert manifest["log_zh"][0] == "已由用户停止：保留10次重复中的前4次"


def test_ctrl_c_itself_keeps_what_is_finished() -> None:
    """The real signal, sent by a thread while replications run on others."""
    sent: list[str] = []

    def interrupt(text: str) -> None:
        if text.startswith("replication 3 of") and not sent:
            sent.append(text)
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored by what is started in the background
    try:
        outcome = replicate(compile_network(queue(20_000.0)), replications=500, progress=interrupt)
    finally:
        signal.signal(signal.SIGINT, before)
    assert sent
    assert outcome.interrupted
    assert 3 <= len(outcome.replications) < 500
    assert [r.number for r in outcome.replications] == list(range(len(outcome.replications)))


def test_within_a_long_replication_the_time_left_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stretch of 200 events, so that a replication of some thousands has many; each told before the first is done."""
    monkeypatch.setattr(engine, "_STRETCH", 200)
    shares: list[float] = []
    told: list[str] = []
    entity = chain(2_000.0, processes={"desk": {"inputs": {"job": "1 case"}, "outputs": {"done": "1 case"},
                                                "runs": {"batch": "1 case", "time": "exponential(30 min)"}}},
                   stores={"q": {"commodity": "job", "end": "free"}},
                   supplies={"people": {"commodity": "job", "arrivals": {"between": "exponential(1 h)"}}},
                   demands={"out": {"commodity": "done", "price": "1 CNY/case"}})
    network = compile_network(entity)
    run_once(build(network), 1, 0, reached=shares.append)
    assert len(shares) > 5
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    replicate(network, replications=3, progress=told.append)
    assert sum(text.startswith("replication 0 of 3") for text in told) > 5
    assert told[-1] == "replication 3 of 3, 0 s left"


@pytest.mark.parametrize(("kept", "first"), [
    (False, "compiling the engine (once on a machine, half a minute)"), (True, "running")])
def test_the_first_run_on_a_machine_says_that_it_compiles(kept: bool, first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "is_kept", lambda features: kept)
    told: list[str] = []
    replicate(compile_network(queue(100.0)), replications=2, progress=told.append)
    assert told[0] == first


# ---- following a plan ----


def test_a_run_that_follows_its_plan_does_no_more_and_tells_what_held_it(tmp_path: Any) -> None:
    entity = chain(
        240.0, step=1.0, supplies={"people": {"commodity": "job", "price": "1 CNY/case"}},
        processes={"desk": desk(capacity="10 case/h", runs={"batch": "1 case", "time": "6 min"},
                                failures={"between": "exponential(8 h)", "repair": "2 h"})},
        demands={"out": {"commodity": "done", "price": "10 CNY/case", "most": "9 case/h"}},
    )
    verbs.plan(entity, out=tmp_path / "plan")
    run = verbs.simulate(entity, plan=tmp_path / "plan", replications=6)
    row = run.table("against_plan").filter(name="desk").row(0, named=True)
    assert row["planned"] == pytest.approx(9.0 * 240.0)
    assert row["mean"] < row["planned"]
    assert "down" in row["why"]


def test_when_most_falls_behind_is_told(tmp_path: Any) -> None:
    """Of 1,200 jobs planned 600 come, at once: from the sixth day on each ten hours lose 50."""
    sections: dict[str, Any] = {
        "stores": {"q": {"commodity": "job", "end": "free"}},
        "processes": {"desk": desk(capacity="10 case/h", runs={"batch": "1 case", "time": "6 min"})},
        "demands": {"out": {"commodity": "done", "price": "10 CNY/case", "most": "5 case/h"}},
    }
    people = {"commodity": "job", "price": "1 CNY/case"}
    verbs.plan(chain(240.0, step=1.0, supplies={"people": people}, **sections), out=tmp_path / "plan")
    few = chain(240.0, step=1.0, supplies={"people": {"commodity": "job", "arrivals": {"at": ["0 h"], "amount": "600 case"}}}, **sections)
    run = verbs.simulate(few, plan=tmp_path / "plan", replications=2)
    row = run.table("against_plan").filter(name="desk").row(0, named=True)
    assert row["planned"] - row["mean"] == pytest.approx(600.0, abs=2.0)
    hours = (row["to"] - row["from"]).total_seconds() / 3600.0
    assert hours == pytest.approx(10.0, abs=0.5)
    assert row["from"] >= dt.datetime(2026, 1, 6)
    assert row["lost"] == pytest.approx(5.0 * hours, abs=1.5)


def test_a_run_without_mishap_meets_its_plan(tmp_path: Any) -> None:
    entity = chain(
        240.0, step=1.0, supplies={"people": {"commodity": "job", "price": "1 CNY/case"}},
        processes={"desk": desk(capacity="10 case/h", runs={"batch": "1 case", "time": "6 min"})},
        demands={"out": {"commodity": "done", "price": "10 CNY/case", "most": "5 case/h"}},
    )
    verbs.plan(entity, out=tmp_path / "plan")
    run = verbs.simulate(entity, plan=tmp_path / "plan", replications=2)
    row = run.table("against_plan").filter(name="desk").row(0, named=True)
    assert row["mean"] == pytest.approx(row["planned"], abs=1.0)


def test_a_plan_of_another_chain_is_refused(tmp_path: Any) -> None:
    first = chain(24.0, step=1.0, supplies={"people": {"commodity": "job", "price": "1 CNY/case"}},
                  processes={"other": desk(capacity="1 case/h")}, demands=OUT)
    verbs.plan(first, out=tmp_path / "plan")
    with pytest.raises(SimulationError, match="another chain: it has other"):
        verbs.simulate(queue(24.0, step=1.0), plan=tmp_path / "plan", replications=2)


# ---- why nothing moves ----


def loop(**more: Any) -> Any:
    """Two desks that each wait for what the other makes."""
    return chain(
        100.0, step=1.0, commodities=COMMODITIES, supplies={},
        stores={"j": {"commodity": "job", "end": "free", **more}, "m": {"commodity": "mid", "end": "free"}},
        processes={"there": {"inputs": ONE, "outputs": {"mid": "1 case"}, "runs": {"batch": "1 case", "time": "1 h"}},
                   "back": {"inputs": {"mid": "1 case"}, "outputs": {"job": "1 case"},
                            "runs": {"batch": "1 case", "time": "1 h"}}},
    )


def test_a_closed_loop_without_a_lot_is_told_as_its_cycle() -> None:
    still = simulate(loop(), replications=2).replications[0].still
    assert still == "nothing moves since hour 0: there waits for job@here; back waits for mid@here"


def test_a_closed_loop_with_a_lot_moves() -> None:
    assert simulate(loop(initial="1 case"), replications=2).replications[0].still == ""


def test_a_deadlock_of_full_stores_is_told() -> None:
    entity = chain(
        100.0, step=1.0, commodities=COMMODITIES, supplies={},
        stores={"j": {"commodity": "job", "end": "free", "capacity": "1 case", "initial": "1 case"},
                "m": {"commodity": "mid", "end": "free", "capacity": "1 case", "initial": "1 case"}},
        processes={"there": {"inputs": ONE, "outputs": {"mid": "1 case"},
                             "runs": {"batch": "1 case", "time": "1 h", "blocking": "before"}},
                   "back": {"inputs": {"mid": "1 case"}, "outputs": {"job": "1 case"},
                            "runs": {"batch": "1 case", "time": "1 h", "blocking": "before"}}},
    )
    still = simulate(entity, replications=2).replications[0].still
    assert "there waits for room in mid@here; back waits for room in job@here" in still


def test_vehicles_that_wait_for_fuel_nobody_gives_are_told() -> None:
    entity = haulage(fleet={"fuel": {"fuel": {"laden": "0.2 kg/km", "empty": "0.1 kg/km"}}, "tank": "10 kg",
                            "refuel": {"site": "a"}},
                     stores={"tank": {"commodity": "fuel", "site": "a", "initial": "20 kg", "end": "free"}})
    entity.supplies.pop("station")
    still = simulate(entity, replications=2).replications[0].still
    assert "trucks.refuel waits for fuel@a, which nothing gives" in still


def test_a_chain_that_has_served_everyone_is_not_called_still() -> None:
    entity = chain(
        100.0, step=1.0, supplies=coming(at=["1 h", "2 h"]), stores={"q": {"commodity": "job", "end": "free"}},
        processes={"desk": desk(runs={"batch": "1 case", "time": "1 h"})}, demands=OUT,
    )
    assert simulate(entity, replications=2).replications[0].still == ""
