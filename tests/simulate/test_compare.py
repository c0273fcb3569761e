"""Variants with the same seed are compared pair by pair, and a plan stands beside a simulation."""

from __future__ import annotations

import pytest

from lodeworks import verbs
from lodeworks.runs import read_run
from lodeworks.simulate import compare_simulations, compare_with_plan

CASE = "cases/hydrogen-loop"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    verbs.simulate(CASE, replications=4, out=folder / "base")
    verbs.simulate(CASE, replications=4, sets=["fleets.buses.vehicles=2"], out=folder / "few")
    verbs.simulate(CASE, replications=4, seed=9, out=folder / "other")
    verbs.plan(CASE, out=folder / "plan")
    return {name: read_run(folder / name) for name in ("base", "few", "other", "plan")}


def row(frame, name, measure):
    return frame.filter(name=name, measure=measure).row(0, named=True)


def test_fewer_buses_leave_more_people_for_sure(runs):
    found = row(compare_simulations(runs["base"], runs["few"]), "rider@town", "reneged")
    assert found["sure"]
    assert found["paired"]
    assert found["difference"] > 0.0


def test_what_the_change_does_not_touch_is_the_same_to_the_bit(runs):
    found = row(compare_simulations(runs["base"], runs["few"]), "ovens", "rate")
    assert found["difference"] == 0.0
    assert not found["sure"]


def test_other_seeds_are_not_paired_and_differ_by_chance_only(runs):
    found = compare_simulations(runs["base"], runs["other"])
    assert not found["paired"].any()
    assert found["sure"].mean() < 0.2


def test_a_simulation_stands_beside_the_plan(runs):
    found = compare_with_plan(runs["plan"], runs["base"]).filter(name="ovens").row(0, named=True)
    assert found["mean"] <= found["planned"] * 1.001
