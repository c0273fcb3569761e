"""The shoe works: stitching binds, overtime moves the bottleneck, and orders come late in their order."""

from __future__ import annotations

import polars as pl
import pytest

from lodeworks.verbs import check, claims_of, plan, simulate

CASE = "cases/shoe-works"
VARIANTS = "cases/shoe-works/variants"


@pytest.fixture(scope="module")
def base():
    return simulate(CASE, replications=4)


@pytest.fixture(scope="module")
def overtime():
    return simulate(f"{VARIANTS}/overtime.yaml", replications=4)


def test_the_case_has_no_fault():
    for path in (CASE, *(f"{VARIANTS}/{name}.yaml" for name in ("overtime", "overtime_all", "all_by_may", "skilled"))):
        assert check(path) == []


def test_a_month_makes_some_thirty_thousand_pairs(base):
    assert base.mean("stitching", "rate") * 24 * 291 / 9.5 == pytest.approx(30_000, rel=0.1)


def test_stitching_binds(base):
    used = {name: base.mean(name, "used") for name in ("stitchers", "solers", "finishers")}
    assert used["stitchers"] > 0.98
    assert max(used["solers"], used["finishers"]) < 0.9


def test_overtime_in_stitching_moves_the_bottleneck_to_soling(base, overtime):
    assert overtime.mean("stitching", "rate") > 1.15 * base.mean("stitching", "rate")
    assert overtime.mean("solers", "used") > 0.97


def test_orders_are_served_by_their_due_date(base):
    days = [base.mean(f"orders of due_{month}", "tardiness") for month in ("may", "july", "september")]
    assert 0.0 < days[0] < days[1] < days[2]


def test_learning_costs_days(base):
    skilled = simulate(f"{VARIANTS}/skilled.yaml", replications=4)
    assert skilled.mean("stitching", "rate") > 1.01 * base.mean("stitching", "rate")
    saved = base.mean("orders of due_may", "tardiness") - skilled.mean("orders of due_may", "tardiness")
    assert 3.0 < saved / 24.0 < 14.0


def test_overtime_everywhere_saves_the_orders_to_september():
    run = simulate(f"{VARIANTS}/overtime_all.yaml", replications=4)
    for month in ("may", "july", "september"):
        assert run.mean(f"orders of due_{month}", "late") == 0.0


def test_no_run_beats_the_plan(base):
    flows = plan(CASE).flows
    sold = flows.filter((pl.col("kind").cast(pl.String) == "demand") & (pl.col("commodity").cast(pl.String) == "shoes"))
    made = base.mean("finishing", "rate") * 0.98 * 24 * 291
    assert made <= sold["amount"].abs().sum() * 1.001


def test_the_orders_do_not_fit_before_june():
    assert {v.id: v.verdict for v in claims_of(CASE)}["K31"] == "fails"
