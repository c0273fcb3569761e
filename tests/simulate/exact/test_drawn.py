"""Chains drawn at random, simulated and solved: no mean off by more than four standard errors, none vague.

A mean's error is estimated from as many values as there are replications, so what it is off follows Student's law and
is put on the normal scale first: four standard errors then are as unlikely as they sound. What happens too seldom to be
judged in a thousand hours is simulated for twenty thousand. Where engine and solver disagreed, one of them was wrong;
`by_hand` is a third opinion on what failures and a shared crew mean.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri, stdtr

from lodeworks.network import compile_network
from lodeworks.simulate import simulation_tables
from lodeworks.simulate.exact import exact_table, exactly, solvable
from tests.analytic import systems as of
from tests.simulate.exact.by_hand import Station, line_by_hand
from tests.simulate.exact.drawn import drawn, drawn_modes
from tests.simulate.exact.solving import solved
from tests.simulate.running import chain, simulate

HOURS, LONG, REPLICATIONS, MORE = 1_000.0, 20_000.0, 48, 240
VAGUE = 0.1  # of the answer: means with a larger standard error come from a few events and are not normal
SELDOM = 1e-5  # what is less does not come often enough in a million hours to be judged
STANDS_STILL = {12}  # sooner or later for ever, so that more replications tell more of it and longer ones less
LINES = (  # with few states, so that the test is quick
    2, 3, 4, 5, 7, 8, 12, 13, 14, 15, 18, 19, 21, 22, 23, 26, 28, 29, 31, 32, 36, 37, 42, 43, 46, 47, 49, 51, 52, 53,
)
CHAINS = [*((drawn, seed) for seed in LINES), *((drawn_modes, seed) for seed in range(17) if seed != 10)]


@cache
def differences(draw: Callable[[int], Any], seed: int) -> list[dict[str, Any]]:
    """Return simulated and exact means of a drawn chain, with what they are off on the normal scale as ``z``."""
    if draw is drawn and seed in STANDS_STILL:
        return compared(draw, seed, HOURS, MORE)
    rows = compared(draw, seed, HOURS, REPLICATIONS)
    return compared(draw, seed, LONG, REPLICATIONS) if any(is_vague(row) for row in rows) else rows


def compared(draw: Callable[[int], Any], seed: int, hours: float, replications: int) -> list[dict[str, Any]]:
    entity = chain(hours, 100.0, **draw(seed))
    states = solvable(compile_network(entity))
    outcome = simulate(entity, replications, seed + 1)
    found = exact_table(outcome, exactly(states), simulation_tables(outcome)["statistics"])
    rows = found.iter_rows(named=True)
    return [row | {"z": None if row["off"] is None else on_the_normal_scale(row["off"], replications)} for row in rows]


def on_the_normal_scale(off: float, replications: int) -> float:
    """Return the number of standard errors that is as unlikely of a known error as `off` is of one estimated."""
    return float(np.copysign(-ndtri(stdtr(replications - 1, -abs(off))), off))


def is_vague(row: dict[str, Any]) -> bool:
    """Say whether a mean's error is no small part of it, or nothing of what should happen did."""
    return not row["error"] < VAGUE * row["exact"] if row["off"] is not None else abs(row["difference"]) > 1e-6


@pytest.mark.parametrize(("draw", "seed"), CHAINS)
def test_simulation_meets_the_exact_answers(draw, seed):
    for row in differences(draw, seed):
        if row["z"] is None or row["exact"] < SELDOM:
            assert abs(row["difference"]) < 1e-4, row
        else:
            assert abs(row["z"]) < 4.0, row


def test_few_means_are_vague():
    """Of what happens at all, hardly anything comes too seldom to be judged: what is left out would be seen here."""
    rows = [row for draw, seed in CHAINS for row in differences(draw, seed)]
    vague = [row for row in rows if row["z"] is not None and row["exact"] >= SELDOM and is_vague(row)]
    assert len(rows) > 1_000
    assert len(vague) <= 0.01 * len(rows), vague


def test_errors_are_as_large_as_they_say():
    """Over all chains, each weighing alike, the root mean square of what they are off is near one."""
    squares = []
    for draw, seed in CHAINS:
        off = np.array([row["z"] for row in differences(draw, seed) if row["z"] is not None and not is_vague(row)])
        squares.append(float(np.mean(off**2)))
    assert 0.85 < np.sqrt(np.mean(squares)) < 1.2


def test_the_normal_scale_is_as_unlikely():
    """Of Student's law with 47 degrees of freedom, the 97.5 % point is 2.0117 (tables); of the normal one, 1.95996."""
    assert on_the_normal_scale(-2.0117, 48) == pytest.approx(-1.95996, abs=1e-4)


@pytest.mark.parametrize("clock", ["working", "calendar"])
@pytest.mark.parametrize("blocking", ["after", "before"])
def test_failures_and_a_shared_crew_by_hand(clock, blocking):
    """Engine, solver and a simulation written for this test alone agree on two machines that share a fitter."""
    stations = (Station(1.0, 8.0, 2.0, clock == "calendar", blocking == "before"),
                Station(0.9, 6.0, 1.5, clock == "calendar"))
    system = of.long_line([f"exponential({s.work} h)" for s in stations], [2], blocking=blocking)
    for i, s in enumerate(stations, start=1):
        system["processes"][f"m{i}"]["failures"] = {
            "between": f"exponential({s.between} h)", "repair": f"exponential({s.repair} h)", "clock": clock,
            "crew": "fitters"}
    system["processes"]["m2"]["runs"]["blocking"] = "after"
    system["pools"] = {"fitters": {"amount": "1 person"}}
    exact = solved(system).answers
    words = {"works": "working", "down": "down", "waits": "no crew"}
    truth = {"made": exact["exit", "done@here", "in"], "stock": exact["queue", "mid1@here", "level"],
             **{f"m{i} {what}": exact["machines", f"m{i}", state] for i in (1, 2) for what, state in words.items()}}
    runs = [line_by_hand(stations, 2, 4_000.0, seed) for seed in range(16)]
    for key, value in truth.items():
        values = np.array([run[key] for run in runs])
        assert abs(values.mean() - value) < 4.0 * values.std(ddof=1) / 4.0 + 1e-3 * value, key
