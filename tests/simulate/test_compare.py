"""Variants with the same seed are compared pair by pair, and a plan stands beside a simulation."""

from __future__ import annotations

import polars as pl
import pytest
from typer.testing import CliRunner

from lodeworks import verbs
from lodeworks.cli import app
from lodeworks.errors import RunError
from lodeworks.runs import read_run, write_run
from lodeworks.simulate import best_simulation, compare_simulations, compare_with_plan
from lodeworks.simulate.statistics import paired, welch

CASE = "cases/hydrogen-loop"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    verbs.simulate(CASE, replications=4, out=folder / "base")
    verbs.simulate(CASE, replications=4, sets=["fleets.buses.vehicles=2"], out=folder / "few")
    verbs.simulate(CASE, replications=4, seed=9, out=folder / "other")
    verbs.simulate(CASE, replications=4, sets=["fleets.buses.vehicles=3"], out=folder / "three")
    verbs.simulate(CASE, replications=3, out=folder / "short")
    verbs.plan(CASE, out=folder / "plan")
    return {name: read_run(folder / name) for name in ("base", "few", "other", "three", "short", "plan")}


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


def test_what_differs_by_rounding_alone_is_not_sure(runs, tmp_path):
    """Four replications of the same sums, and three: means of one constant may differ in their last bits."""
    base = compare_simulations(runs["base"], runs["short"])
    assert not base.filter(base["sure"])["name"].is_in(["ovens"]).any()
    tables = {name: runs["base"].table(name) for name in runs["base"].tables}
    tables["replications"] = tables["replications"].with_columns(pl.col("value") * (1.0 + 3e-16))
    write_run(tmp_path / "off", dict(runs["base"].manifest), tables, {})
    assert not compare_simulations(runs["base"], read_run(tmp_path / "off"))["sure"].any()


def test_other_seeds_are_not_paired_and_differ_by_chance_only(runs):
    found = compare_simulations(runs["base"], runs["other"])
    assert not found["paired"].any()
    assert found["sure"].mean() < 0.2


def test_pairs_are_compared_pair_by_pair_and_others_by_welch(runs):
    def of(name):
        rows = runs[name].table("replications").filter(name="rider@town", measure="level").sort("replication")
        return rows["value"].to_numpy()

    for other, by in (("few", paired), ("other", welch)):
        found = row(compare_simulations(runs["base"], runs[other]), "rider@town", "level")
        expected = by(of(other), of("base"))
        assert (found["low"], found["high"]) == pytest.approx((expected.low, expected.high), rel=1e-12)


def test_a_simulation_stands_beside_the_plan(runs):
    found = compare_with_plan(runs["plan"], runs["base"]).filter(name="ovens").row(0, named=True)
    assert found["mean"] <= found["planned"] * 1.001


def test_plan_and_simulation_are_compared_over_the_same_stretch(runs):
    """The plan runs the buses while the town's first hydrogen lasts, so what was left out as warm-up counts in neither."""
    found = compare_with_plan(runs["plan"], runs["base"]).filter(name="line").row(0, named=True)
    rates = runs["plan"].table("rates").filter(element="line").sort("time")
    late = rates["rate"].to_numpy()[120:]  # hours; the warm-up takes five days
    assert found["planned"] == pytest.approx(late.mean())
    assert late.mean() != pytest.approx(rates["rate"].mean(), rel=1e-3)


def test_of_several_variants_the_best_is_told_and_what_is_surely_worse(runs):
    found = best_simulation([runs["few"], runs["base"], runs["three"]], "rider@town", "reneged", larger=False)
    assert found["verdict"].to_list() == ["worse", "best", "worse"]
    assert found["difference"][1] == 0.0
    assert (found["low"].gather([0, 2]) > 0.0).all()
    assert found["enough"].null_count() == 3


def test_variants_that_do_not_differ_may_all_be_best(runs):
    found = best_simulation([runs["base"], runs["other"], runs["few"]], "ovens", "rate")
    assert set(found["verdict"]) == {"may be best"}


def test_what_nobody_ever_did_counts_as_nought(runs):
    found = best_simulation([runs["base"], runs["few"]], "ovens", "off shift")
    assert found["mean"].to_list() == [0.0, 0.0]


def test_a_best_that_cannot_be_chosen_says_why(runs):
    with pytest.raises(RunError, match="did you mean 'rider@town'"):
        best_simulation([runs["base"], runs["few"]], "riders@town", "reneged")
    with pytest.raises(RunError, match="no statistic 'renegade'"):
        best_simulation([runs["base"], runs["few"]], "rider@town", "renegade")
    with pytest.raises(RunError, match=r"replications 3, but .*base has 4"):
        best_simulation([runs["base"], runs["short"]], "rider@town", "reneged")
    with pytest.raises(RunError, match="this is a plan"):
        best_simulation([runs["base"], runs["base"], runs["plan"]][1:], "ovens", "rate")


def test_the_command_line_tells_the_best(runs):
    folders = [str(runs[name].folder) for name in ("base", "few", "three")]
    told = CliRunner().invoke(app, ["compare", *folders, "--best", "rider@town:reneged", "--least"])
    assert told.exit_code == 0, told.output
    assert "One is best for sure" in told.output
    assert CliRunner().invoke(app, ["compare", *folders, "--best", "reneged"]).exit_code == 2


@pytest.mark.parametrize("order", [
    ("plan", "base"), ("base", "plan"), ("plan", "plan", "base"), ("plan", "base", "few"), ("base", "plan", "few"),
])
def test_plans_and_simulations_in_any_order_stand_beside_the_first(runs, order):
    told = CliRunner().invoke(app, ["compare", *(str(runs[name].folder) for name in order)])
    assert told.exit_code == 0, told.output
    for name in {*order} - {"plan"} if order[0] == "plan" else {order[0]}:
        assert f"plan planned, {name} simulated" in told.output
    assert ("Output is the same" in told.output) == (order.count("plan") == 2)
    assert ("what differs" in told.output) == (order == ("base", "plan", "few"))
