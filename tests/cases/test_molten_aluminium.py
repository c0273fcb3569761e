"""Liquid aluminium: ladles and tractors bind one after the other, outages show, and no run beats the plan."""

from __future__ import annotations

import pytest

from lodeworks.verbs import check, claims_of, plan, simulate

CASE = "cases/molten-aluminium"
OUTAGE = "cases/molten-aluminium/variants/outage.yaml"


def made(*sets: str, path: str = CASE) -> float:
    """Return tonnes a day that the potlines make."""
    return simulate(path, sets=sets, replications=10).mean("potlines", "rate") * 24.0


def test_the_case_has_no_fault():
    assert check(CASE) == []
    assert check(OUTAGE) == []


def test_eight_ladles_and_two_tractors_carry_all_metal():
    assert made("stores.ready.initial=8 ladle", "fleets.tractors.vehicles=2") == pytest.approx(548.0, rel=0.01)


def test_five_ladles_or_one_tractor_do_not():
    assert made("stores.ready.initial=5 ladle") < 530.0
    assert made("fleets.tractors.vehicles=1") < 450.0


def test_an_outage_of_the_largest_taker_leaves_metal_beyond_its_day():
    whole, struck = simulate(CASE, replications=20), simulate(OUTAGE, replications=20)
    assert struck.mean("remelt@park", "in") > 1.5 * whole.mean("remelt@park", "in")


def test_ladles_are_neither_lost_nor_made():
    """Ready, full, emptied, worn and cold ones, at rest and on their way, are the sixteen at the start."""
    run = simulate(CASE, replications=2)
    rows = run.statistics.rows(named=True)
    resting = sum(r["mean"] for r in rows if r["measure"] == "level" and "ladle@" in r["name"])
    moving = sum(r["mean"] for r in rows if r["measure"] == "under way"
                 and r["name"].startswith(("tap", "clean", "reline", "preheat", "cast_pigs", "pour_", "back", "to_park"))
                 and r["name"] != "to_park.return")
    moving += run.mean("back", "rate") / 6.0  # ten minutes on the way
    stations = sum(r["mean"] for r in rows if r["measure"] == "level" and r["name"] in
                   ("to_park laden", "to_park at unloading"))
    assert resting + moving + stations == pytest.approx(16.0, abs=0.05)


def test_what_is_poured_is_hot():
    run = simulate(CASE, replications=10)
    assert run.mean("full_ladle@park", "too cold") == 0.0
    rows = run.table("temperatures").filter(name="full_ladle@park").sort("colder")
    assert rows["mean"].to_list() == sorted(rows["mean"])
    assert 930.0 < rows["mean"][0] < 956.0
    assert rows["least"][0] == 720.0


def test_no_run_beats_the_plan():
    best = plan(CASE).flows
    sold = best.filter(best["kind"] == "demand")["amount"].abs().sum() / 14.0
    run = simulate(CASE, replications=10)
    cast = sum(r["mean"] for r in run.statistics.rows(named=True) if r["kind"] == "exit" and r["measure"] == "in")
    assert cast * 24.0 <= sold * 1.005


def test_the_printed_saving_does_not_fit_the_tonnage():
    verdicts = {v.id: v.verdict for v in claims_of(CASE)}
    assert verdicts["K08"] == "fails"
    assert verdicts["K07"] == "holds"
