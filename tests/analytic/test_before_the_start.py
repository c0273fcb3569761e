"""What a unit did before the start, what it costs to stop and to be on: against all ways it can go, counted one by one."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network
from lodeworks.plan import optimise, plan_tables
from lodeworks.plan.engine import Answer
from lodeworks.simulate.build import build
from tests.chain.check.written import told

PRICES = [9.0, 1.0, 2.0, 8.0, 1.0, 7.0]
STEPS = len(PRICES)


def planned(works: dict[str, Any], **horizon: Any) -> Answer:
    return optimise(compile_network(Chain.model_validate({
        "chain": "works", "horizon": {"start": "2026-01-01", "length": f"{STEPS} h", "cyclic": False, **horizon},
        "commodities": {"metal": {"unit": "t"}}, "profiles": {"price": {"values": PRICES}, "idle": {"values": IDLE}},
        "demands": {"sale": {"commodity": "metal", "price": {"profile": "price", "times": "1 CNY/t"}}},
        "processes": {"works": {"outputs": {"metal": "1 t"}, "capacity": "10 t/h", "min_load": "40 %", "on_off": True,
                                "cost": "4 CNY/t", **works}},
    })), gap=0.0)


IDLE = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0]


def earned(on: tuple[int, ...], was: int, start: float, stop: float) -> float:
    """Return what a pattern of being on earns, each hour at the best load; `was` is what it was before, or what follows."""
    money = 0.0
    for t, now in enumerate(on):
        money -= start * max(0, now - was) + stop * max(0, was - now)
        margin = PRICES[t] - 4.0
        money += now * (max(10.0 * margin, 4.0 * margin) - 2.0 * IDLE[t])
        was = now
    return money


def lasts(on: tuple[int, ...], up: int, down: int, been: int) -> bool:
    """Say whether runs of being on and off, with the hours before, last as long as they must but for the last."""
    runs = [(1 if been > 0 else 0, abs(been))]
    for now in on:
        runs = [*runs[:-1], (now, runs[-1][1] + 1)] if now == runs[-1][0] else [*runs, (now, 1)]
    return all(length >= (up if now else down) for now, length in runs[:-1])


@pytest.mark.parametrize(("been", "up", "down"), [(1, 3, 2), (2, 3, 1), (-1, 2, 3), (-2, 1, 3), (5, 1, 1), (-9, 4, 4)])
def test_the_plan_is_the_best_of_all_ways_from_what_went_before(been: int, up: int, down: int) -> None:
    was = {"on": f"{been} h"} if been > 0 else {"off": f"{-been} h"}
    answer = planned({"start_cost": "11 CNY", "stop_cost": "5 CNY", "on_cost": {"profile": "idle", "times": "2 CNY/h"},
                      "min_up": f"{up} h", "min_down": f"{down} h", "before": was})
    ways = [on for on in itertools.product((0, 1), repeat=STEPS) if lasts(on, up, down, been)]
    best = max(earned(on, int(been > 0), 11.0, 5.0) for on in ways)
    assert answer.program.objective(answer.x) == pytest.approx(best)
    assert float(plan_tables(answer)["costs"]["amount"].sum()) == pytest.approx(best)


def test_a_stop_costs_where_it_follows_and_round_the_end_of_a_cyclic_horizon() -> None:
    """Of what is not known to have been on before nothing has been stopped at first."""
    costs = {"stop_cost": "5 CNY", "on_cost": {"profile": "idle", "times": "2 CNY/h"}}
    ways = list(itertools.product((0, 1), repeat=STEPS))
    free = planned(costs)
    assert free.program.objective(free.x) == pytest.approx(max(earned(on, on[0], 0.0, 5.0) for on in ways))
    ring = planned(costs, cyclic=True)
    assert ring.program.objective(ring.x) == pytest.approx(max(earned(on, on[-1], 0.0, 5.0) for on in ways))


def test_money_of_stops_and_of_being_on_stands_by_its_name() -> None:
    answer = planned({"stop_cost": "5 CNY", "on_cost": {"profile": "idle", "times": "2 CNY/h"}, "before": {"on": "3 h"}})
    table = plan_tables(answer)["costs"]
    items = dict(zip(table["item"].cast(str).to_list(), table["amount"].to_list(), strict=True))
    assert {"stop", "on"} <= set(items)
    assert items["stop"] % 5.0 == pytest.approx(0.0)
    assert sum(items.values()) == pytest.approx(answer.program.objective(answer.x))


def test_firms_pay_for_stops_and_being_on_in_their_period() -> None:
    chain = Chain.model_validate({
        "chain": "works", "horizon": {"start": "2026-01-01", "length": "6 h", "cyclic": False}, "accounts": {"period": "2 h"},
        "firms": {"smith": {"cash": "100 CNY"}}, "commodities": {"metal": {"unit": "t"}},
        "profiles": {"want": {"values": [5, 5, 0, 0, 5, 0], "unit": "t/h"}},
        "demands": {"sale": {"commodity": "metal", "price": "9 CNY/t", "amount": "want", "owner": "smith"}},
        "processes": {"works": {"outputs": {"metal": "1 t"}, "capacity": "10 t/h", "min_load": "40 %", "on_off": True,
                                "stop_cost": "5 CNY", "on_cost": "2 CNY/h", "owner": "smith", "before": {"off": "1 h"}}},
    })
    answer = optimise(compile_network(chain), gap=0.0)
    assert answer.program.objective(answer.x) == pytest.approx(9.0 * 15.0 - 2.0 * 5.0 - 3.0 * 2.0)
    table = plan_tables(answer)["statements"]
    rows = table.filter(table["statement"] == "profit")
    by = {line: rows.filter(rows["line"] == line)["amount"].to_list() for line in ("stop", "on")}
    assert by == {"stop": pytest.approx([0.0, -5.0, -5.0]), "on": pytest.approx([-4.0, 0.0, -2.0])}


def test_ramps_go_on_from_the_rate_before() -> None:
    """From 2 t/h it rises by 3 t/h an hour; without a word of before it may begin at its capacity."""
    ramped: dict[str, Any] = {"on_off": False, "min_load": "0 %", "cost": "0 CNY/t", "ramp_up": "30 %/h", "ramp_down": "100 %/h"}
    answer = planned({**ramped, "before": {"rate": "2 t/h"}})
    assert answer.program.objective(answer.x) == pytest.approx(np.minimum([5, 8, 10, 10, 10, 10], 10.0) @ np.array(PRICES))
    assert planned(ramped).program.objective(planned(ramped).x) == pytest.approx(10.0 * sum(PRICES))


TEXT = """
chain: works
horizon: {start: 2026-01-01, length: 6 h, cyclic: false}
commodities: {metal: {unit: t}}
demands: {sale: {commodity: metal, price: 9 CNY/t}}
processes: {works: {outputs: {metal: 1 t}, capacity: 10 t/h, on_off: true, before: {on: 3 h, rate: 6 t/h}, stop_cost: 5 CNY}}
"""


@pytest.mark.parametrize(("old", "new", "said"), [
    ("on: 3 h,", "on: 3 h, off: 2 h,", "it was on or off, not both"),
    ("cyclic: false", "cyclic: true", "a cyclic horizon begins as it ends"),
    ("length: 6 h", "length: 6 h, stages: [2026, 2030]", "what went before a stage is not known"),
    ("on_off: true, ", "", "what is always on was on"), ("rate: 6 t/h", "rate: 60 t/h", "it ran faster than it can"),
    ("on: 3 h", "off: 3 h", "what was off ran at nothing"), ("5 CNY}", "5 CNY, on_cost: 5 CNY/t}", "on_cost"),
    ("5 CNY}", "5 CNY, unit: 5 t/h}", "how many of many alike units were on"),
    ("5 CNY}", "5 CNY, expansion: {most: 5 t/h}}", "what can be built ran at no rate before"),
    ("rate: 6 t/h", "rate: 6 t", "rate"), ("5 CNY}", "-5 CNY}", "must not be negative"),
])
def test_a_faulty_word_of_before_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert "error" not in told(TEXT, tmp_path)
    assert said in told(TEXT, tmp_path, (old, new))


def test_a_simulation_takes_it_for_no_window() -> None:
    """What may be off is always on there, so what went before makes no difference."""

    def tables(**works: Any) -> dict[str, Any]:
        return build(compile_network(Chain.model_validate({
            "chain": "works", "horizon": {"start": "2026-01-01", "length": "6 h", "cyclic": False},
            "commodities": {"metal": {"unit": "t"}}, "demands": {"sale": {"commodity": "metal", "price": "9 CNY/t"}},
            "processes": {"works": {"outputs": {"metal": "1 t"}, "capacity": "10 t/h", "on_off": True, **works}},
        }))).tables

    plain, said = tables(), tables(before={"off": "2 h"})
    assert all(np.array_equal(plain[key], said[key], equal_nan=True) for key in plain)
