"""The cherry trees: weather decides the day, people and sprayers bind, and a plan without weather is done in time."""

from __future__ import annotations

import polars as pl
import pytest

from lodeworks.verbs import check, claims_of, plan, simulate

CASE = "cases/cherry-care"


def in_time(*sets: str) -> float:
    """Return the share of replications in which all trees are done on the day."""
    return 1.0 - float(simulate(CASE, sets=sets, replications=100).table("orders")["late"][0])


def test_the_case_has_no_fault():
    assert check(CASE) == []


def test_a_later_day_is_met_more_often():
    run = simulate(CASE, replications=100)
    done = run.table("deliveries")["done"]
    shares = [float((done <= 24.0 * (day - 2)).mean() or 0.0) for day in (16, 18, 20, 24)]
    assert shares == sorted(shares)
    assert 1.0 - shares[2] == run.table("orders")["late"][0]
    assert shares[0] < 0.1
    assert shares[-1] > 0.9


def test_fewer_people_or_one_sprayer_are_too_few():
    assert in_time("pools.people.amount=50 person") < 0.1
    assert in_time("processes.spray.runs.servers=1") == 0.0


def test_a_third_sprayer_or_more_people_make_it_nearly_sure_and_more_rain_or_wind_unlikely():
    assert in_time("processes.spray.runs.servers=3") > 0.85
    assert in_time("pools.people.amount=90 person") > 0.8
    assert in_time("pools.dry.failures.repair=gamma(18 h, 18 h)") < 0.4
    assert in_time("pools.calm.failures.repair=gamma(12 h, 10 h)") < 0.4


def test_nobody_works_more_than_all_hours():
    assert simulate(CASE, replications=4).mean("people", "used") <= 1.0


def test_a_plan_without_weather_cares_for_every_tree():
    flows = plan(CASE).flows
    assert flows.filter(pl.col("kind").cast(pl.String) == "demand")["amount"].abs().sum() == pytest.approx(1500.0)


def test_trees_and_spacing_fit():
    assert {v.id: v.verdict for v in claims_of(CASE)}["K32"] == "holds"
