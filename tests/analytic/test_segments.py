"""A horizon planned in segments: the plan of steps of their length, with what takes hours taking hours."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks.chain.entities import Chain
from lodeworks.errors import InfeasibleError
from lodeworks.network import compile_network
from lodeworks.plan import optimise
from tests.analytic.solving import Solved, solved
from tests.parity.random_chain import random_chain


def in_segments(lengths: list[float], step: str = "1 h", **sections: Any) -> Solved:
    """Solve a chain whose segments are so many hours long."""
    profiles = {"lengths": {"values": lengths, "unit": "h"}, **sections.pop("profiles", {})}
    horizon = {"step": step, "length": f"{sum(lengths)} h", "segments": "lengths", **sections.pop("horizon", {})}
    return solved(horizon=horizon, profiles=profiles, **sections)


def objective(chain: Chain) -> float | None:
    try:
        answer = optimise(compile_network(chain), gap=0.0)
    except InfeasibleError:
        return None
    return answer.program.objective(answer.x)


@settings(max_examples=8)
@given(st.integers(0, 10_000))
def test_segments_alike_are_steps_of_their_length(seed: int) -> None:
    """Commodities with coarser steps, ramps, lags, losses and shelf lives among them; numbers stand for a segment each."""
    chain = random_chain(seed)
    data = chain.model_dump(mode="json")
    hours = compile_network(chain).steps
    data["horizon"] |= {"step": "20 min", "segments": "lengths"}
    data["profiles"]["lengths"] = {"values": [1.0] * hours}
    before, after = objective(chain), objective(Chain.model_validate(data))
    assert after == before if before is None or after is None else after == pytest.approx(before, rel=1e-9, abs=1e-7)


def test_rates_hold_for_a_segment_and_stocks_and_money_count_its_hours() -> None:
    """Bought in the cheap segment of 2 h at 6 t/h, 1.5 % an hour lost on the way to that of 3 h."""
    got = in_segments(
        [2, 3], profiles={"price": {"values": [1.0, 50.0], "unit": "CNY/t"}}, horizon={"cyclic": False}, objective="cost",
        supplies={"buy": {"commodity": "ore", "price": "price", "most": "6 t/h"}},
        demands={"take": {"commodity": "ore", "amount": "3 t/h"}},
        stores={"heap": {"commodity": "ore", "capacity": "99 t", "loss": "1.5 %/h", "end": "free"}})
    held = 2 * (6.0 - 3.0)
    later = 3.0 - held * 0.985**3 / 3.0
    assert got.rate("buy") == pytest.approx([6.0, later])
    assert got.level("heap") == pytest.approx([held, 0.0])
    assert got.objective == pytest.approx(6.0 * 2 + later * 3 * 50)
    assert got.tables["rates"]["hours"].unique().sort().to_list() == [2.0, 3.0]


def test_numbers_may_be_given_by_the_step_too_and_are_then_meant() -> None:
    got = in_segments([1, 3], profiles={"price": {"values": [2.0, 1.0, 4.0, 7.0], "unit": "CNY/t"}}, objective="cost",
                      supplies={"buy": {"commodity": "ore", "price": "price"}},
                      demands={"take": {"commodity": "ore", "amount": "1 t/h"}})
    assert got.objective == pytest.approx(2.0 + 12.0)


def test_a_coarser_step_ends_with_the_first_segment_that_ends_then_or_later() -> None:
    """A balance of 4 h over segments of 3, 2, 1, 2 and 1 h has steps of 5, 3 and 1 h."""
    got = in_segments([3, 2, 1, 2, 1], commodities={"ore": {"unit": "t", "step": "4 h"}},
                      supplies={"buy": {"commodity": "ore", "price": "1 CNY/t"}},
                      demands={"take": {"commodity": "ore", "amount": "1 t/h"}})
    grids = got.answer.network.grids
    assert [grid.edges.tolist() for grid in grids if grid.multiple == 4] == [[0.0, 5.0, 8.0, 9.0]]


def test_a_ramp_is_by_the_hour() -> None:
    """From nought: 10 %/h of 40 t/h over segments of 1, 3 and 2 h."""
    got = in_segments([1, 1, 3, 2], horizon={"cyclic": False}, processes={"works": {
        "outputs": {"metal": "1 t"}, "capacity": "40 t/h", "ramp_up": "10 %/h", "before": {"rate": "0 t/h"}}},
        demands={"sell": {"commodity": "metal", "price": "1 CNY/t"}})
    assert got.rate("works") == pytest.approx([4.0, 8.0, 20.0, 28.0])


def runs_of(on: tuple[int, ...], value: int) -> list[tuple[int, int]]:
    """Return first and last of each run of a value that neither begins at the first nor ends at the last step."""
    edges = [0, *(t for t in range(1, len(on)) if on[t] != on[t - 1]), len(on)]
    return [(a, b) for a, b in pairwise(edges) if on[a] == value and a > 0 and b < len(on)]


@settings(max_examples=6)
@given(st.integers(0, 10_000))
def test_minimum_times_are_hours_and_the_plan_is_the_best_of_all_ways_to_switch(seed: int) -> None:
    """Against every way to be on or off in eight segments, where what runs runs full."""
    rng = np.random.default_rng(seed)
    lengths, price = rng.integers(1, 5, 8), rng.uniform(-9, 9, 8).round(2)
    up, down, start = int(rng.integers(1, 9)), int(rng.integers(1, 9)), float(rng.uniform(0, 9))
    got = in_segments(
        lengths.astype(float).tolist(), horizon={"cyclic": False}, objective={"goal": "profit", "gap": 0},
        profiles={"price": {"values": price.tolist(), "unit": "CNY/t"}},
        processes={"works": {"outputs": {"metal": "1 t"}, "capacity": "1 t/h", "min_load": 1, "on_off": True,
                             "start_cost": f"{start} CNY", "min_up": f"{up} h", "min_down": f"{down} h"}},
        demands={"sell": {"commodity": "metal", "price": "price"}})
    begins = np.concatenate([[0], np.cumsum(lengths)])
    best = -np.inf
    for on in product((0, 1), repeat=8):
        if all(begins[b] - begins[a] >= up for a, b in runs_of(on, 1)) and all(
                begins[b] - begins[a] >= down for a, b in runs_of(on, 0)):
            starts = sum(b > a for a, b in pairwise(on))
            best = max(best, float(np.sum(np.array(on) * price * lengths)) - start * starts)
    assert got.objective == pytest.approx(best, abs=1e-6)


def test_a_shelf_life_is_hours() -> None:
    """What comes in the first segment of 2 h is sold within 5 h: it may wait through the second of 3 h, not through four."""
    for lengths, kept in (([2, 3, 1], 2.0), ([2, 4, 1], 0.0)):
        got = in_segments(
            lengths, horizon={"cyclic": False}, commodities={"ore": {"unit": "t", "shelf_life": "5 h"}},
            profiles={"open": {"values": [1, 0, 0]}, "price": {"values": [0, 0, 9], "unit": "CNY/t"}},
            supplies={"buy": {"commodity": "ore", "most": {"profile": "open", "times": "1 t/h"}}},
            demands={"sell": {"commodity": "ore", "price": "price"}},
            stores={"heap": {"commodity": "ore", "capacity": "9 t", "end": "free"}})
        assert got.level("heap")[1] == pytest.approx(kept)


def test_a_least_stay_is_hours() -> None:
    """What comes in the first segment of 2 h is there at the end of every segment that begins within 4 h of it."""
    for lengths, sold in (([2, 1, 1, 1], [0.0, 0.0, 2.0]), ([2, 4, 1, 1], [0.0, 2.0, 0.0])):
        got = in_segments(
            lengths, horizon={"cyclic": False},
            profiles={"open": {"values": [1, 0, 0, 0]}, "price": {"values": [0, 9, 5, 3], "unit": "CNY/t"}},
            supplies={"buy": {"commodity": "ore", "least": {"profile": "open", "times": "1 t/h"},
                              "most": {"profile": "open", "times": "1 t/h"}}},
            demands={"sell": {"commodity": "ore", "price": "price"}},
            stores={"heap": {"commodity": "ore", "capacity": "9 t", "end": "free", "least_stay": "4 h"}})
        assert (np.array(got.rate("sell"))[1:] * lengths[1:]).tolist() == pytest.approx(sold)


@pytest.mark.parametrize(("every", "rates"), [("1 h", [3.0] * 4), ("2 h", [1.5] * 4), ("4 h", [0.0, 1.0, 0.0, 1.5])])
def test_a_limit_on_a_sum_counts_its_own_hours_whatever_the_segments(every: str, rates: list[float]) -> None:
    """At most 3 t in each stretch: of one base step, of which a segment has several, and of several segments."""
    got = in_segments([1, 3, 2, 2], profiles={"price": {"values": [1.0, 5.0, 2.0, 9.0], "unit": "CNY/t"}},
                      supplies={"buy": {"commodity": "ore", "most": "10 t/h"}},
                      demands={"sell": {"commodity": "ore", "price": "price", "most": "10 t/h"}},
                      policies={"cap": {"sum": {"sell": 1}, "most": "3 t", "every": every}})
    assert got.rate("sell") == pytest.approx(rates)
    sums = got.tables["policies"]["value"].to_numpy()
    assert sums.sum() == pytest.approx(np.array(rates) @ [1, 3, 2, 2])
    assert sums.max() == pytest.approx(3.0)


@pytest.mark.parametrize("cyclic", [False, True])
def test_what_a_unit_is_worth_where_ramps_bind_counts_the_hours_of_its_segments(cyclic: bool) -> None:
    """Checked by planning with a little more; the first segment of a horizon that does not go round follows none."""
    def plan(capacity: float) -> Solved:
        return in_segments(
            [1, 4, 2, 3], profiles={"price": {"values": [-5.0, 30.0, -20.0, 25.0], "unit": "CNY/t"}},
            horizon={"cyclic": cyclic}, supplies={"buy": {"commodity": "ore", "price": "1 CNY/t"}},
            processes={"mill": {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t"}, "capacity": f"{capacity} t/h",
                                "ramp_up": "10 %/h", "ramp_down": "15 %/h"}},
            demands={"sell": {"commodity": "metal", "price": "price"}})

    gain = (plan(10.001).objective - plan(10.0).objective) / 1e-3
    assert plan(10.0).capacity("mill") == pytest.approx(gain, rel=1e-6)
