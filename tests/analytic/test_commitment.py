"""Units on and off: every pattern tried, each by a small program of its own, against the plan; and PyPSA beside."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from tests.analytic.solving import solved

HOURS = 6


def random_unit(seed: int) -> dict[str, Any]:
    """Return the figures of a unit and of what it earns, as plain numbers."""
    r = random.Random(seed)
    return {
        "cyclic": r.random() < 0.5,
        "prices": [r.choice([-30.0, 5.0, 12.0, 25.0, 60.0]) for _ in range(HOURS)],
        "capacity": 4.0, "least": r.choice([0.0, 0.25, 0.5]), "cost": 20.0, "start": r.choice([0.0, 10.0, 60.0]),
        "up": r.choice([0, 1, 2, 3, 4]), "down": r.choice([0, 1, 2, 3]),
        "rise": r.choice([None, 0.3, 0.6]), "fall": r.choice([None, 0.3, 0.6]),
        "first": r.choice([None, 0.5, 0.75]), "last": r.choice([None, 0.5, 0.75]),
        "available": [r.choice([1.0, 1.0, 0.8]) for _ in range(HOURS)],
    }


def as_chain(unit: dict[str, Any]) -> dict[str, Any]:
    works: dict[str, Any] = {
        "outputs": {"metal": "1 t"}, "capacity": f"{unit['capacity']} t/h", "min_load": f"{unit['least'] * 100} %",
        "on_off": True, "cost": f"{unit['cost']} CNY/t", "start_cost": f"{unit['start']} CNY", "availability": "there",
    }
    for key, name in (("up", "min_up"), ("down", "min_down")):
        if unit[key]:
            works[name] = f"{unit[key]} h"
    for key, name, per in (("rise", "ramp_up", " %/h"), ("fall", "ramp_down", " %/h"), ("first", "start_load", " %"),
                           ("last", "stop_load", " %")):
        if unit[key] is not None:
            works[name] = f"{unit[key] * 100}{per}"
    return {
        "horizon": {"cyclic": unit["cyclic"]}, "processes": {"works": works},
        "profiles": {"p": {"values": unit["prices"], "unit": "CNY/t"}, "there": {"values": unit["available"]}},
        "demands": {"sell": {"commodity": "metal", "price": "p"}},
    }


def allowed(pattern: tuple[int, ...], unit: dict[str, Any]) -> bool:
    """Say whether every stretch that was begun within the horizon lasts as long as it must."""
    n = len(pattern)
    if unit["cyclic"] and len(set(pattern)) == 1:
        return True
    for t in range(n):
        before = pattern[t - 1] if t or unit["cyclic"] else pattern[t]
        if pattern[t] == before:
            continue
        needed = unit["up"] if pattern[t] else unit["down"]
        for k in range(1, needed):
            if t + k >= n and not unit["cyclic"]:
                break
            if pattern[(t + k) % n] != pattern[t]:
                return False
    return True


def best_of(pattern: tuple[int, ...], unit: dict[str, Any]) -> float:
    """Return what a pattern of on and off earns at best; minus infinity where it cannot be."""
    n, size = len(pattern), unit["capacity"]
    first = unit["first"] if unit["first"] is not None else max(unit["least"], unit["rise"] or 1.0)
    last = unit["last"] if unit["last"] is not None else max(unit["least"], unit["fall"] or 1.0)
    upper = [size * a * on for a, on in zip(unit["available"], pattern, strict=True)]
    lower = [unit["least"] * high for high in upper]
    rows, right, starts = [], [], 0
    for t in range(n):
        if t == 0 and not unit["cyclic"]:
            continue
        was, now = pattern[t - 1], pattern[t]
        if now and not was:
            starts += 1
            upper[t] = min(upper[t], first * size)
        elif was and not now:
            upper[t - 1] = min(upper[t - 1], last * size)
        elif now:
            for speed, sign in ((unit["rise"], 1.0), (unit["fall"], -1.0)):
                if speed is not None:
                    row = np.zeros(n)
                    row[t] += sign
                    row[t - 1] -= sign
                    rows.append(row)
                    right.append(speed * size)
    if any(low > high + 1e-12 for low, high in zip(lower, upper, strict=True)):
        return -np.inf
    found = linprog([unit["cost"] - p for p in unit["prices"]], A_ub=np.array(rows) if rows else None,
                    b_ub=right or None, bounds=list(zip(lower, upper, strict=True)), method="highs")
    return -float(found.fun) - starts * unit["start"] if found.status == 0 else -np.inf


@pytest.mark.parametrize("seed", range(40))
def test_the_plan_is_the_best_of_all_patterns(seed: int) -> None:
    unit = random_unit(seed)
    patterns = (p for p in itertools.product((0, 1), repeat=HOURS) if allowed(p, unit))
    best = max(best_of(pattern, unit) for pattern in patterns)
    plan = solved(HOURS, **as_chain(unit))
    assert plan.objective == pytest.approx(best, abs=1e-6)


def test_capacity_that_is_built_starts_within_what_is_built() -> None:
    """A unit that may be built and may be off: 2 t/h at most are built, and a start reaches half of that."""
    plan = solved(3, horizon={"cyclic": False}, profiles={"p": {"values": [-900.0, 50.0, 50.0], "unit": "CNY/t"}},
                  demands={"sell": {"commodity": "metal", "price": "p"}},
                  processes={"works": {
                      "outputs": {"metal": "1 t"}, "capacity": "0 t/h", "expansion": {"most": "2 t/h", "cost": "1 CNY/(t/h)",
                                                                                     "life": "1 a"},
                      "on_off": True, "min_load": "25 %", "start_load": "50 %", "min_up": "2 h"}})
    assert plan.rate("works") == pytest.approx([0.0, 1.0, 2.0])


def test_many_units_are_decided_from_the_relaxation() -> None:
    """Thirty units over two days: within the gap asked for, by the relaxation's own bound."""
    r = random.Random(7)
    units = {
        f"u{i}": {"outputs": {"metal": "1 t"}, "capacity": f"{r.choice([40, 80, 150])} t/h", "min_load": "40 %", "on_off": True,
                  "start_cost": f"{r.randint(500, 3000)} CNY", "min_up": "4 h", "min_down": "3 h", "ramp_up": "50 %/h",
                  "cost": f"{15 + 12 * r.random():.3f} CNY/t"} for i in range(30)
    }
    size = sum(float(u["capacity"].split()[0]) for u in units.values())
    need = [size * (0.55 + 0.25 * float(np.sin((t % 24 - 9) / 24 * 2 * np.pi))) for t in range(48)]
    plan = solved(48, processes=units, profiles={"need": {"values": need, "unit": "t/h"}}, objective={"goal": "cost"},
                  demands={"load": {"commodity": "metal", "amount": "need"}})
    assert plan.answer.method == "relaxation and rounding" or plan.answer.gap <= 1e-4
    assert plan.answer.verified
    assert plan.answer.program.integer.sum() == 30 * 48
