"""Plans made window by window: never better than the best, never better than their bound, always a plan of the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.errors import LodeworksError, SolverError
from lodeworks.network import Network, compile_network
from lodeworks.plan import optimise, plan_tables
from lodeworks.plan.program import Program, assemble
from lodeworks.plan.rolling import rolling_plan
from lodeworks.plan.rolling.when import times_of_columns
from lodeworks.plan.solve import Outcome, solve
from lodeworks.plan.verify import primal_residual

EXACT = {"gap": 1e-9}


def fleet_data(seed: int, hours: int = 48, *, cyclic: bool = False, units: int = 4, **more: Any) -> dict[str, Any]:
    """Units that start, stop and turn slowly, a reservoir, and dear imports, for a load with a night and a day."""
    r = np.random.default_rng(seed)
    t = np.arange(hours)
    size = r.uniform(50.0, 200.0, units)
    total = float(size.sum())
    load = total * (0.55 + 0.25 * np.sin(2 * np.pi * (t - 9) / 24)) * r.uniform(0.9, 1.1, hours)
    works = {
        f"unit{i}": {
            "outputs": {"power": "1 MWh"}, "capacity": f"{size[i]} MWh/h", "min_load": f"{r.uniform(30, 60)} %",
            "on_off": True, "cost": f"{r.uniform(150, 400)} CNY/MWh", "start_cost": f"{size[i] * r.uniform(20, 99)} CNY",
            "min_up": f"{r.integers(2, 8)} h", "min_down": f"{r.integers(2, 6)} h",
            "ramp_up": f"{r.uniform(20, 50)} %/h", "ramp_down": f"{r.uniform(20, 50)} %/h", "start_load": "60 %",
            "stop_load": "60 %",
        } for i in range(units)
    }
    return {
        "chain": "fleet", "horizon": {"start": "2026-01-01", "length": f"{hours} h", "cyclic": cyclic},
        "objective": "cost", "commodities": {"power": {"unit": "MWh"}}, "processes": works,
        "profiles": {"load": {"values": load.tolist(), "unit": "MWh/h"}},
        "demands": {"grid": {"commodity": "power", "amount": "load"}},
        "supplies": {"import": {"commodity": "power", "price": "900 CNY/MWh"}},
        "stores": {"reservoir": {"commodity": "power", "capacity": f"{total} MWh", "loss": "0.1 %/h",
                                 "charge": f"{0.1 * total} MWh/h", "discharge": f"{0.1 * total} MWh/h"}},
        **more,
    }


def fleet(seed: int, hours: int = 48, *, cyclic: bool = False, units: int = 4, **more: Any) -> Network:
    return compile_network(Chain.model_validate(fleet_data(seed, hours, cyclic=cyclic, units=units, **more)))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("cyclic", [False, True])
def test_the_best_lies_between_the_bound_and_the_plan_of_windows(seed: int, cyclic: bool) -> None:
    net = fleet(seed, cyclic=cyclic)
    best = optimise(net, **EXACT)
    rolled = rolling_plan(net, hours=16, overlap=8, options=EXACT)
    least, reached = (a.program.value(a.x) for a in (best, rolled.answer))
    assert rolled.bound <= least * (1 + 1e-7)
    assert reached >= least * (1 - 1e-7)
    assert rolled.gap == pytest.approx((reached - rolled.bound) / reached, abs=1e-9)
    assert reached <= least * 1.02
    assert rolled.answer.verified
    assert primal_residual(rolled.answer.program, rolled.answer.x) <= 1e-6
    whole = rolled.answer.x[rolled.answer.program.integer]
    assert np.abs(whole - np.round(whole)).max() <= 1e-6
    assert [w.begin_h for w in rolled.windows] == [0.0, 16.0, 32.0]


@pytest.mark.parametrize("seed", range(3))
def test_one_window_over_the_whole_is_the_plan_itself(seed: int) -> None:
    net = fleet(seed, hours=24)
    best = optimise(net, **EXACT)
    rolled = rolling_plan(net, hours=24, overlap=0, options=EXACT)
    assert len(rolled.windows) == 1
    assert rolled.answer.program.value(rolled.answer.x) == pytest.approx(best.program.value(best.x), rel=1e-7)


def test_what_is_left_in_store_is_worth_its_marginal_value_in_the_whole() -> None:
    """Power is cheap in the first window and dear in the second: the reservoir is full when the window ends."""
    prices = [100.0] * 8 + [800.0] * 8
    net = fleet(1, hours=16, units=1, profiles={
        "load": {"values": [60.0] * 16, "unit": "MWh/h"}, "buy": {"values": prices, "unit": "CNY/MWh"},
    }, supplies={"import": {"commodity": "power", "price": "buy"}}, processes={"spare": {
        "outputs": {"power": "1 MWh"}, "capacity": "50 MWh/h", "min_load": "50 %", "on_off": True,
        "cost": "2000 CNY/MWh",
    }})
    rolled = rolling_plan(net, hours=8, overlap=0, options=EXACT)
    levels = plan_tables(rolled.answer)["levels"]["level"].to_numpy()
    assert levels[7] > 0.4 * float(net.plants.existing[net.stores.plant[0]])
    best = optimise(net, **EXACT)
    assert rolled.answer.program.value(rolled.answer.x) == pytest.approx(best.program.value(best.x), rel=1e-6)


def test_a_limit_on_the_sum_of_the_whole_holds_over_all_windows() -> None:
    free = fleet(2)
    used = plan_tables(optimise(free, **EXACT))["rates"]
    ran = float(used.filter(used["element"] == "unit0")["rate"].sum())
    limit = 0.6 * ran
    net = fleet(2, policies={"quota": {"sum": {"unit0": "1"}, "most": f"{limit} MWh"}})
    rolled = rolling_plan(net, hours=12, overlap=6, options=EXACT)
    rates = plan_tables(rolled.answer)["rates"]
    assert float(rates.filter(rates["element"] == "unit0")["rate"].sum()) <= limit * (1 + 1e-6)
    assert rolled.gap < 0.05


def test_a_window_without_a_plan_begins_again_from_further_back() -> None:
    """A unit that rises slowly must start before the window in which all of it is needed."""
    net = compile_network(Chain.model_validate({
        "chain": "late", "horizon": {"start": "2026-01-01", "length": "10 h", "cyclic": False}, "objective": "cost",
        "commodities": {"power": {"unit": "MWh", "let_go": True}},
        "processes": {"slow": {
            "outputs": {"power": "1 MWh"}, "capacity": "90 MWh/h", "min_load": "25 %", "on_off": True,
            "cost": "100 CNY/MWh", "start_cost": "90000 CNY", "ramp_up": "30 %/h", "ramp_down": "25 %/h",
            "start_load": "30 %", "min_up": "6 h", "min_down": "4 h",
        }},
        "profiles": {"need": {"values": [40.0] * 2 + [0.0] * 3 + [60.0] + [90.0] * 4, "unit": "MWh/h"}},
        "demands": {"grid": {"commodity": "power", "amount": "need"}},
    }))
    rolled = rolling_plan(net, hours=2, overlap=0, options=EXACT)
    best = optimise(net, **EXACT)
    assert any(window.again for window in rolled.windows)
    assert rolled.answer.program.value(rolled.answer.x) == pytest.approx(best.program.value(best.x), rel=1e-7)


def test_every_column_has_the_time_of_its_step_and_capacity_has_none() -> None:
    net = fleet(0, hours=24, stores={"reservoir": {
        "commodity": "power", "capacity": "0 MWh",
        "expansion": {"most": "300 MWh", "cost": "0.4 MCNY/MWh", "life": "15 a"},
    }})
    _, columns = assemble(net)
    begins = times_of_columns(net, columns)
    built = columns.built[columns.built >= 0]
    assert np.isnan(begins[built]).all()
    assert np.isnan(begins).sum() == len(built)
    assert begins[columns.on[0] : columns.on[0] + 24].tolist() == list(range(24))


def test_a_whole_that_was_stopped_early_bounds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a linear program has when its time is over costs too much, and is no bound from below."""
    from lodeworks.plan.rolling import windows

    def stopped(program: Program, **options: Any) -> Outcome:
        return replace(solve(program, **options), status="time limit")

    monkeypatch.setattr(windows, "solve", stopped)
    with pytest.raises(SolverError, match="before the whole horizon was bounded"):
        rolling_plan(fleet(0, hours=24), hours=12, overlap=0, options=EXACT)


def test_windows_are_refused_where_they_decide_nothing() -> None:
    plain = compile_network(Chain.model_validate({
        "chain": "plain", "horizon": {"start": "2026-01-01", "length": "8 h"}, "commodities": {"ore": {"unit": "t"}},
        "supplies": {"mine": {"commodity": "ore", "most": "1 t/h"}},
        "demands": {"yard": {"commodity": "ore", "price": "5 CNY/t"}},
    }))
    with pytest.raises(LodeworksError, match="nothing is on or off"):
        rolling_plan(plain, hours=4, overlap=0, options=EXACT)
