"""The loop of coal, hydrogen and trucks sustains itself; its buffer, pumps, trucks and buses bind where they should."""

from __future__ import annotations

import polars as pl
import pytest

from lodeworks.verbs import check, claims_of, plan, simulate

CASE = "cases/hydrogen-loop"
STOPPED = "cases/hydrogen-loop/variants/compressor.yaml"


def run(*sets: str, path: str = CASE):
    return simulate(path, sets=sets, replications=6)


@pytest.fixture(scope="module")
def base():
    return run()


def test_the_case_has_no_fault():
    assert check(CASE) == []
    assert check(STOPPED) == []


def test_the_loop_sustains_itself_from_an_empty_buffer(base):
    empty = run("stores.buffer.initial=0 t")
    assert empty.mean("ovens", "rate") == pytest.approx(base.mean("ovens", "rate"), rel=1e-3)
    assert empty.mean("haul.unload", "rate") == pytest.approx(base.mean("haul.unload", "rate"), rel=0.01)


def test_trucks_burn_what_their_way_takes(base):
    """75 km laden at 0.1 and 75 km empty at 0.06 kg/km for each 31 t, and the buses' 3.6 kg/h."""
    trucks = base.mean("haul.unload", "rate") / 31.0 * 75.0 * 0.16
    assert base.mean("psa", "rate") == pytest.approx(trucks + base.mean("to_town.unload", "rate"), rel=0.01)


def test_a_stop_of_three_days_is_felt_by_trucks_with_a_small_buffer_only(base):
    small = run("stores.buffer.capacity=2 t", "stores.buffer.initial=1 t", path=STOPPED)
    large = run("stores.buffer.capacity=9 t", "stores.buffer.initial=8 t", path=STOPPED)
    whole = base.mean("haul.unload", "rate")
    assert small.mean("haul.unload", "rate") < 0.985 * whole
    assert large.mean("haul.unload", "rate") == pytest.approx(whole, rel=0.005)
    assert small.mean("ovens", "rate") == pytest.approx(base.mean("ovens", "rate"), rel=1e-3)


def test_one_pump_is_too_few_and_two_do(base):
    assert run("fleets.trucks.refuel.pumps=1").mean("trucks to refuel", "wait") > 3.0
    assert run("fleets.trucks.refuel.pumps=2").mean("trucks to refuel", "wait") < 0.5


def test_forty_trucks_starve_the_ovens(base):
    few = run("fleets.trucks.vehicles=40", "pools.drivers.amount=40 person")
    assert few.mean("ovens", "rate") < 0.95 * base.mean("ovens", "rate")


def test_two_buses_leave_people_standing(base):
    assert run("fleets.buses.vehicles=2").mean("rider@town", "reneged") > 10.0 * base.mean("rider@town", "reneged")


def test_no_run_beats_the_plan(base):
    flows = plan(CASE).flows
    made = flows.filter((pl.col("element").cast(pl.String) == "ovens") & (pl.col("amount") > 0)
                        & (pl.col("commodity").cast(pl.String) == "coke"))["amount"].sum()
    assert base.mean("ovens", "rate") * 60 * 24 <= made * 1.001


def test_what_is_printed_of_the_loop_holds():
    assert {v.id: v.verdict for v in claims_of(CASE)}["K19"] == "holds"
