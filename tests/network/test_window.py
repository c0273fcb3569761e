"""A window of a plan, begun as the plan stood then, is planned as the rest of it (Bellman's principle)."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.chain.state import State
from lodeworks.network import Network, begin, compile_network, window
from lodeworks.network.followed import Followed
from lodeworks.network.window import finer
from lodeworks.plan import optimise, plan_tables
from lodeworks.plan.engine import Answer
from tests.parity.random_chain import random_chain


def ending_free(chain: Chain) -> Chain:
    """Return a chain that ends as it likes."""
    data = chain.model_dump(mode="json")
    data["horizon"]["cyclic"] = False
    for store in data.get("stores", {}).values():
        store["end"], store["initial"] = "free", store.get("initial", "1 t")
    return Chain.model_validate(data)


def rest_of(answer: Answer, net: Network, first: int) -> tuple[Network, np.ndarray[Any, Any]]:
    """Return the window from a step on as a plan stood there, and the plan's own columns in it."""
    tables = plan_tables(answer)
    at = net.start + dt.timedelta(hours=first * net.hours)
    built = {net.elements[net.plants.element[p]].name: answer.built(p) for p in range(len(net.plants))}
    state = State(at, net.start + dt.timedelta(hours=net.steps * net.hours), first, net.steps, built=built)
    cut = begin(net, state, plan=tables)
    cut = replace(cut, allotted=Followed(net, tables, first).allotted(cut))  # of limits on sums, what the plan meant
    from lodeworks.plan.program import assemble

    _, columns = assemble(cut)
    x = np.zeros(columns.count)
    own, grids = answer.columns, [*net.activities.grid, *net.balances.grid[net.stores.balance]]
    runs = list(zip([*columns.rate, *columns.level], [*own.rate, *own.level], grids, strict=True))
    runs += [(columns.on[p], own.on[p], net.plants.grid[p]) for p in range(len(net.plants)) if own.on[p] >= 0]
    runs += [(columns.start[p], own.start[p], net.plants.grid[p]) for p in range(len(net.plants)) if own.start[p] >= 0]
    for g in range(len(own.gathered.first)):
        runs.append((columns.gathered.first[g], own.gathered.first[g], own.gathered.grid[g]))
    for to, of, grid in runs:
        count, whole = cut.grids[grid].count, net.grids[grid].count
        x[to : to + count] = answer.x[of + whole - count : of + whole]
    return cut, x


@pytest.mark.parametrize("seed", [s for s in range(40) if s not in (11, 30)])  # those have one step of the coarsest
def test_the_rest_of_a_plan_is_the_plan_of_the_rest(seed: int) -> None:
    net = compile_network(ending_free(random_chain(seed)))
    whole = optimise(net)
    multiple = math.lcm(*(grid.multiple for grid in net.grids))
    first = multiple * max(1, net.steps // (2 * multiple))
    cut, tail = rest_of(whole, net, first)
    rest = optimise(cut)
    # an order of tiers has more than one best answer, but all are worth the same
    assert rest.program.value(rest.x) == pytest.approx(rest.program.value(tail), rel=1e-6, abs=1e-5)


WORKS: dict[str, Any] = {
    "chain": "works", "horizon": {"start": "2026-01-01", "length": "24 h", "cyclic": False},
    "commodities": {"gas": {"unit": "t"}, "power": {"unit": "MWh", "let_go": True}},
    "profiles": {"need": {"values": [3, 2, 2, 2, 4, 6, 8, 9, 9, 7, 6, 5, 2, 0, 0, 3, 6, 9, 10, 9, 7, 5, 4, 3], "unit": "MWh/h"}},
    "supplies": {"well": {"commodity": "gas", "price": "10 CNY/t"}},
    "processes": {
        "big": {"inputs": {"gas": "1 t"}, "outputs": {"power": "1 MWh"}, "capacity": "8 MWh/h", "min_load": "40 %", "on_off": True,
                "start_cost": "30 CNY", "min_up": "5 h", "min_down": "4 h", "ramp_up": "30 %/h", "ramp_down": "30 %/h"},
        "small": {"inputs": {"gas": "1.6 t"}, "outputs": {"power": "1 MWh"}, "capacity": "4 MWh/h", "min_load": "20 %",
                  "on_off": True, "start_cost": "7 CNY", "min_up": "2 h", "min_down": "2 h"},
    },
    "demands": {"town": {"commodity": "power", "amount": "need", "unserved": "200 CNY/MWh"}},
}


@pytest.mark.parametrize("first", [2, 5, 11, 13, 14, 16, 20])
def test_what_is_on_and_how_fast_it_ran_is_carried_on(first: int) -> None:
    net = compile_network(Chain.model_validate(WORKS))
    whole = optimise(net, gap=1e-9)
    cut, tail = rest_of(whole, net, first)
    rest = optimise(cut, gap=1e-9)
    assert rest.program.value(rest.x) == pytest.approx(rest.program.value(tail), rel=1e-6)


def test_what_was_stopped_an_hour_ago_stays_off_for_its_time() -> None:
    net = compile_network(Chain.model_validate(WORKS))
    at = net.start + dt.timedelta(hours=17)
    for hours_off, starts_in in ((1.0, 3), (3.0, 1), (9.0, 0)):
        state = State(at, at + dt.timedelta(hours=7), 17, 24, on={"big": -hours_off, "small": 5.0}, rates={"big": 0.0})
        answer = optimise(begin(net, state), gap=1e-9)
        on = answer.x[answer.columns.on[0] : answer.columns.on[0] + 7].round()
        assert int(np.argmax(on > 0)) == starts_in


def test_a_cut_step_keeps_its_rate_and_loses_its_time() -> None:
    data = {
        "chain": "x", "horizon": {"start": "2026-01-01", "length": "48 h"},
        "commodities": {"ore": {"unit": "t", "step": "1 d"}}, "profiles": {"price": {"values": [float(h) for h in range(48)], "unit": "CNY/t"}},
        "supplies": {"mine": {"commodity": "ore", "price": "1 CNY/t", "most": "5 t/h", "step": "1 h"}},
        "demands": {"sell": {"commodity": "ore", "price": "price", "step": "1 h"}},
        "policies": {"quota": {"sum": {"mine": 1}, "most": "60 t", "every": "1 d"}},
    }
    net = compile_network(Chain.model_validate(data))
    cut = window(net, 14.5, 30.0)
    assert [grid.hours(1.0).tolist() for grid in cut.grids if grid.multiple == 24] == [[9.5, 6.0]]
    hourly = next(grid for grid in cut.grids if grid.multiple == 1)
    assert hourly.hours(1.0).tolist() == [0.5] + [1.0] * 15
    stretches, share = cut.stretches(0)
    assert (stretches.edges + 14.0).tolist() == [14.5, 24.0, 30.0]
    assert share.tolist() == [9.5 / 24.0, 0.25]
    # by the quota's part: all of it in the dearest hours, 23:00 and before, and 29:00 and before
    answer = optimise(cut)
    sold = 60.0 * share
    earned = sum(sold[d] * v for d, v in ((0, 23.0), (1, 29.0)))
    assert answer.program.objective(answer.x) == pytest.approx(earned - sold.sum())


def test_penalties_and_upkeep_count_by_the_window_alone() -> None:
    net = compile_network(Chain.model_validate(WORKS))
    cut = window(net, 6, 8)
    cut = compile_none(cut)
    answer = optimise(cut)
    assert answer.program.value(answer.x) == pytest.approx(200.0 * (8 + 9))


def compile_none(net: Network) -> Network:
    """Return the network with nothing that could make power."""
    from dataclasses import replace

    return replace(net, plants=replace(net.plants, existing=np.zeros(len(net.plants))))


@pytest.mark.parametrize("seed", [2, 5, 11])
def test_with_finer_base_steps_a_window_that_is_cut_anywhere_has_the_same_plan(seed: int) -> None:
    """From 40 minutes into an hour until 20 into another: what varies is held, and steps that are wholly outside are gone."""
    net = compile_network(ending_free(random_chain(seed)))
    first, last = 1.0 + 2.0 / 3.0, net.steps - 2.0 / 3.0
    cut = window(net, first, last)
    for parts in (1, 4, 10):
        fine = finer(cut, parts)
        assert fine.series.shape[1] == fine.steps == math.ceil(last * parts - 1e-9) - math.floor(first * parts + 1e-9)
        assert fine.moment == cut.moment
        assert (fine.length_h, fine.passed / parts) == (pytest.approx(cut.length_h), pytest.approx(math.floor(first * parts) / parts))
        plans = [found.program.objective(found.x) for found in (optimise(cut), optimise(fine))]
        assert plans[1] == pytest.approx(plans[0], rel=1e-9)
