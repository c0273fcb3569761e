"""Ranges of near-optimal plans hold the optimum, are tight, and are what a plan forced to either end costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import lodeworks
from lodeworks import InputError
from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network
from lodeworks.plan.tradeoff import Target, ranges
from tests.parity.random_chain import random_chain

# Two boilers may be built to give 10 MW for 10 h: the first costs 10 CNY for each MW, the second 11, nothing to run.
# Best: 10 MW of the first, 100 CNY. Within 5 % (105 CNY) the second may be 0 to 5 MW, the first 5 to 10.5.
TWO: dict[str, Any] = {
    "chain": "two", "horizon": {"start": "2026-01-01", "length": "10 h", "discount": "0 %/a"}, "objective": "cost",
    "commodities": {"heat": {"unit": "MWh"}},
    "processes": {
        name: {"outputs": {"heat": "1 MWh"}, "capacity": "0 MW",
               "expansion": {"cost": f"{cost} CNY/MW", "most": "20 MW", "life": "10 h"}}
        for name, cost in (("first", 10), ("second", 11))
    },
    "demands": {"town": {"commodity": "heat", "price": "0 CNY/MWh", "amount": "10 MW"}},
}


def by_name(found: Any) -> dict[str, tuple[float, float, float]]:
    return {row["target"]: (row["least"], row["best"], row["most"]) for row in found.ranges.iter_rows(named=True)}


def test_the_ranges_are_those_worked_out_by_hand() -> None:
    found = lodeworks.alternatives(Chain.model_validate(TWO), within=0.05, sums=["both=first+second"], amounts=["town"])
    assert by_name(found) == {
        "first": pytest.approx((5.0, 10.0, 10.5), rel=1e-6), "second": pytest.approx((0.0, 0.0, 5.0), rel=1e-6, abs=1e-6),
        "both": pytest.approx((10.0, 10.0, 10.5), rel=1e-6), "town": pytest.approx((100.0, 100.0, 100.0), rel=1e-6),
    }
    assert found.manifest["objective"]["value"] == pytest.approx(100.0)
    assert found.manifest["limit"] == pytest.approx(105.0)


def test_over_stages_a_range_is_of_what_is_decided_in_all_of_them() -> None:
    """Both live for both years. Best: 10 MW of the first at once, 100 CNY. Within 5 % half of them may be the second, and
    1 MW more may come in the last year, of which half its life counts: 5 CNY."""
    horizon = {"start": "2026-01-01", "length": "10 h", "discount": "0 %/a", "stages": [2026, 2027], "last": "1 a"}
    processes = {name: {**entity, "expansion": {**entity["expansion"], "life": "2 a"}}
                 for name, entity in TWO["processes"].items()}
    found = lodeworks.alternatives(
        Chain.model_validate({**TWO, "horizon": horizon, "processes": processes}), within=0.05,
        sums=["both=first+second"], amounts=["town"])
    assert by_name(found) == {
        "first": pytest.approx((5.0, 10.0, 11.0), rel=1e-6), "second": pytest.approx((0.0, 0.0, 5.0), rel=1e-6, abs=1e-6),
        "both": pytest.approx((10.0, 10.0, 11.0), rel=1e-6), "town": pytest.approx((175_200.0,) * 3, rel=1e-6),
    }
    assert found.manifest["horizon"]["stages"] == ["2026", "2027"]


def test_over_scenarios_what_is_built_must_do_for_all_and_amounts_are_the_mean() -> None:
    chain = Chain.model_validate({**TWO, "scenarios": {
        "calm": {"probability": "75 %", "set": {"demands.town.amount": "6 MW"}}, "cold": {"probability": "25 %"}}})
    assert by_name(lodeworks.alternatives(chain, within=0.05, amounts=["town"])) == {
        "first": pytest.approx((5.0, 10.0, 10.5), rel=1e-6), "second": pytest.approx((0.0, 0.0, 5.0), rel=1e-6, abs=1e-6),
        "town": pytest.approx((70.0,) * 3, rel=1e-6)}


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000))
def test_one_stage_of_one_year_has_the_ranges_of_the_plan_without_stages(seed: int) -> None:
    """With the horizon a year, no discount, and lives of a year, both programs say the same."""
    sections: dict[str, Any] = {**TWO, "horizon": {"start": "2026-01-01", "step": "876 h", "length": "1 a", "discount": "0 %/a"}}
    rng = np.random.default_rng(seed)
    sections["processes"] = {
        name: {**entity, "cost": f"{rng.uniform(1, 3):.3f} CNY/MWh",
               "expansion": {"cost": f"{rng.uniform(5, 20):.3f} kCNY/MW", "most": "20 MW", "life": "1 a"}}
        for name, entity in TWO["processes"].items()}
    staged = {**sections, "horizon": {**sections["horizon"], "stages": [2026], "last": "1 a"}}
    plain, over = (by_name(lodeworks.alternatives(Chain.model_validate(each), within=0.1)) for each in (sections, staged))
    for name, values in plain.items():
        assert over[name] == pytest.approx(values, rel=1e-6, abs=1e-6)


def test_at_an_end_the_other_is_what_makes_up_for_it() -> None:
    extremes = lodeworks.alternatives(Chain.model_validate(TWO), within=0.05).table("extremes")
    row = extremes.filter((extremes["target"] == "first") & (extremes["end"] == "least") & (extremes["other"] == "second"))
    assert row["value"][0] == pytest.approx(5.0, rel=1e-6)


def test_whole_units_have_whole_ranges() -> None:
    chain = Chain.model_validate({**TWO, "processes": {
        name: {**entity, "expansion": {**entity["expansion"], "lump": "5 MW"}}
        for name, entity in TWO["processes"].items()}})
    assert by_name(lodeworks.alternatives(chain, within=0.06)) == {
        "first": pytest.approx((5.0, 10.0, 10.0)), "second": pytest.approx((0.0, 0.0, 5.0))}


def test_without_a_limit_the_most_is_none() -> None:
    free = {"outputs": {"heat": "1 MWh"}, "capacity": "0 MW", "expansion": {"cost": "0 CNY/MW"}}
    found = lodeworks.alternatives(Chain.model_validate({**TWO, "processes": {**TWO["processes"], "free": free}}))
    assert by_name(found)["free"][2] is None


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
@example(173)  # a column whose only price is 1e-15
@example(2863)  # what is rounding is nought in the duals, and no fault in the reduced costs: it takes both
def test_a_random_chains_ranges_hold_the_optimum_and_widen_with_what_is_given_up(seed: int) -> None:
    net = compile_network(random_chain(seed))
    names = [element.name for element in net.elements if element.kind == "process"]
    targets = [Target(name, "amount", (name,), "t") for name in names]
    narrow, wide = (ranges(net, targets, within=share) for share in (0.01, 0.05))
    for a, b in zip(narrow.ranges, wide.ranges, strict=True):
        slack = 1e-6 * max(1.0, abs(a.best), b.most if np.isfinite(b.most) else 1.0)
        assert b.least - slack <= a.least <= a.best <= a.most <= b.most + slack


def test_what_is_asked_of_nothing_is_told() -> None:
    chain = Chain.model_validate(TWO)
    with pytest.raises(InputError) as told:
        lodeworks.alternatives(chain, sums=["x=frist"], amounts=["tow"])
    assert "did you mean 'first'" in str(told.value)
    assert "did you mean 'town'" in str(told.value)
    fixed = {"processes": {"first": {"outputs": {"heat": "1 MWh"}, "capacity": "20 MW"}}}
    with pytest.raises(InputError, match="nothing of this chain may be built"):
        lodeworks.alternatives(Chain.model_validate({**TWO, **fixed}))
