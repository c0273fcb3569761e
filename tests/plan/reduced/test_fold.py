"""Typical days: the small program is the whole one on fewer columns, whatever the chain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lodeworks.cases import case_folder
from lodeworks.chain.entities import Chain
from lodeworks.errors import InputError
from lodeworks.network import Network, compile_network
from lodeworks.network.arrays import Floats
from lodeworks.plan import optimise
from lodeworks.plan.columns import Columns
from lodeworks.plan.part import Part
from lodeworks.plan.program import Program, assemble
from lodeworks.plan.reduced import certified_plan, typical_days
from lodeworks.plan.reduced.fold import folded_columns, unfolded
from lodeworks.plan.reduced.typical import same_days
from lodeworks.plan.scale import scale
from lodeworks.plan.solve import solve
from lodeworks.plan.verify import primal_residual
from tests.plan.reduced.test_certify import sunny
from tests.test_cli import lodeworks


@dataclass
class Folded:
    """The whole program with the typical series, and the small (scaled) one of its typical days."""

    network: Network
    columns: Columns
    program: Program
    small: Program


def solved(net: Network, count: int, alone: tuple[int, ...] = ()) -> tuple[Folded, Floats]:
    days = typical_days(net, count, alone)
    same = same_days(net, days)
    program, columns = assemble(same)
    scaling = scale(same, columns, program)
    parts = (Part(same, columns, len(program.row_lower)),)
    small = folded_columns(parts, (program,), scaling.apply(program), (days,))
    found = solve(small.program)
    assert found.status == "optimal"
    return Folded(same, columns, program, small.program), unfolded(small, found.x) * scaling.column


def seasons(days: int = 20, **store: Any) -> Network:
    """Sun in the first half of the days only, and a tank that may be built to carry it to the second."""
    sun = np.tile([0.0, 1.0, 1.0, 0.0], days)
    sun[len(sun) // 2 :] = 0.0
    return compile_network(Chain.model_validate({
        "chain": "seasons", "horizon": {"start": "2026-01-01", "step": "6 h", "length": f"{days} d", "cyclic": False},
        "commodities": {"gas": {"unit": "kg", "let_go": True}}, "objective": {"goal": "cost"},
        "profiles": {"sun": {"values": sun.tolist()}},
        "processes": {"cells": {"outputs": {"gas": "1 kg"}, "capacity": "100 kg/h", "availability": "sun"}},
        "stores": {"tank": {"commodity": "gas", "capacity": "0 kg", "initial": "0 kg",
                            "expansion": {"most": "90000 kg", "cost": "10 CNY/kg", "life": "20 a"}, **store}},
        "supplies": {"bought": {"commodity": "gas", "price": "100 CNY/kg"}},
        "demands": {"need": {"commodity": "gas", "amount": "10 kg/h"}},
    }))


def test_days_that_are_alike_are_one_kind_and_the_worst_stay_alone() -> None:
    net = seasons()
    days = typical_days(net, 2)
    assert len(set(days.kind[:10])) == len(set(days.kind[10:])) == 1
    assert days.kind[0] != days.kind[-1]
    alone = typical_days(net, 2, {3})
    assert (alone.kind == alone.kind[3]).sum() == 1
    assert len(alone.stands) == 3


@pytest.mark.parametrize("more", [{}, {"ramp_up": "30 %/h"}])
def test_with_every_day_its_own_kind_it_is_the_whole_program(more: dict[str, Any]) -> None:
    net = sunny(**more)
    best = optimise(net)
    folded, x = solved(net, 4)
    assert len(folded.network.series)
    assert folded.program.value(x) == pytest.approx(best.program.value(best.x), rel=1e-7)


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("store", [{}, {"loss": "0.2 %/h"}, {"charge": "40 kg/h"}])
def test_its_answer_is_a_plan_of_the_whole_with_the_typical_series(count: int, store: dict[str, Any]) -> None:
    folded, x = solved(seasons(**store), count)
    assert folded.small.matrix.shape[1] < 0.6 * folded.program.matrix.shape[1]
    assert primal_residual(folded.program, x) <= 1e-7


def begun(**before: str) -> Network:
    """A slow unit that has just been on or off, dear imports and a battery that may be built, over four days."""
    t = np.arange(96)
    load = 10.0 + 3.0 * np.sin((t % 24 - 9) / 12 * np.pi) + np.repeat([0.0, 2.0, -1.0, 1.0], 24)
    return compile_network(Chain.model_validate({
        "chain": "begun", "horizon": {"start": "2026-01-01", "length": "4 d", "cyclic": False},
        "commodities": {"power": {"unit": "MWh"}}, "objective": {"goal": "cost"},
        "profiles": {"load": {"values": load.round(3).tolist(), "unit": "MWh/h"}},
        "processes": {"old": {
            "outputs": {"power": "1 MWh"}, "capacity": "12 MWh/h", "on_off": True, "min_load": "40 %", "cost": "300 CNY/MWh",
            "start_cost": "20 kCNY", "min_up": "8 h", "min_down": "27 h", "ramp_up": "10 %/h", "ramp_down": "10 %/h",
            "before": before}},
        "supplies": {"bought": {"commodity": "power", "price": "900 CNY/MWh"}},
        "stores": {"battery": {"commodity": "power", "capacity": "0 MWh", "initial": "0 MWh",
                               "expansion": {"most": "40 MWh", "cost": "1 kCNY/MWh", "life": "15 a"}}},
        "demands": {"load": {"commodity": "power", "amount": "load"}},
    }))


@pytest.mark.parametrize(("before", "alone"), [
    ({"on": "3 h", "rate": "6 MWh/h"}, 1), ({"on": "30 h", "rate": "12 MWh/h"}, 1), ({"off": "2 h"}, 2)])
def test_days_that_follow_what_went_before_stand_alone_so_that_it_binds_no_other(before: dict[str, str], alone: int) -> None:
    """Off for two hours of twenty-seven it stays off over the first day and an hour of the second."""
    net = begun(**before)
    days = typical_days(net, 1)
    assert [int((days.kind == kind).sum()) for kind in days.kind] == [1] * alone + [4 - alone] * (4 - alone)
    folded, x = solved(net, 1)
    assert primal_residual(folded.program, x) <= 1e-7
    best = optimise(net, gap=0.0)
    least = best.program.value(best.x)
    found = certified_plan(net, days=2, within=1e-6, options={"gap": 0.0})
    assert found.answer.program.value(found.answer.x) == pytest.approx(least, rel=1e-6)
    assert all(one.achieved is None or one.achieved >= least * (1 - 1e-7) for one in found.rounds)


def test_what_is_stored_in_one_season_serves_in_the_other() -> None:
    """Two kinds of day suffice to build the tank that carries gas over ten days; days apart would build none."""
    net = seasons()
    best = optimise(net)
    folded, x = solved(net, 2)
    tank = int(net.stores.plant[0])
    built = float(x[folded.columns.built[tank]]) * folded.columns.built_size(net, tank)
    assert built == pytest.approx(best.built(tank), rel=0.1)
    assert built > 10 * 10.0 * 24 * 0.9


def test_fewer_days_never_promise_more_than_they_hold_and_the_best_lies_between() -> None:
    net = sunny()
    value = optimise(net)
    least = value.program.value(value.x)
    found = certified_plan(net, days=1, segments=24, within=1e-4, options={})
    assert {one.by for one in found.rounds} == {"days", "segments"}
    for one in found.rounds:
        assert one.bound is None or one.bound <= least * (1 + 1e-7)
        assert one.achieved is None or one.achieved >= least * (1 - 1e-7)
    assert found.gap <= 1e-4
    assert found.better in ("days", "segments", "neither", "")
    assert found.built_on.achieved == min(one.achieved for one in found.rounds if one.achieved is not None)


def test_a_day_that_falls_short_becomes_a_kind_of_its_own() -> None:
    net = compile_network(Chain.model_validate({
        "chain": "peak", "horizon": {"start": "2026-01-01", "length": "240 h"}, "commodities": {"power": {"unit": "MWh"}},
        "profiles": {"need": {"values": [10.0] * 130 + [25.0] + [10.0] * 109, "unit": "MWh/h"}},
        "objective": {"goal": "cost"}, "demands": {"load": {"commodity": "power", "amount": "need"}},
        "processes": {"engine": {"outputs": {"power": "1 MWh"}, "capacity": "0 MWh/h", "cost": "500 CNY/MWh",
                                 "expansion": {"most": "99 MWh/h", "cost": "1 MCNY/(MWh/h)", "life": "20 a"}}},
    }))
    found = certified_plan(net, days=1, within=1e-3, options={})
    assert found.rounds[0].achieved is None
    assert found.answer.built(0) == pytest.approx(25.0)
    assert found.rounds[-1].pieces < 10


def test_days_that_are_equal_are_told_apart_in_the_end() -> None:
    """So that rounds that add days always end at the plan of the whole."""
    net = seasons(6)
    assert len(typical_days(net, 5).stands) < 5
    assert len(typical_days(net, 6).stands) == 6


def test_a_horizon_that_is_not_of_whole_days_is_refused() -> None:
    with pytest.raises(InputError, match="--days: typical days need a horizon of whole days"):
        typical_days(compile_network(Chain.model_validate({
            "chain": "short", "horizon": {"start": "2026-01-01", "length": "30 h"},
            "commodities": {"ore": {"unit": "t"}}, "supplies": {"mine": {"commodity": "ore", "most": "1 t/h"}},
            "demands": {"yard": {"commodity": "ore", "price": "5 CNY/t"}},
        })), 1)


def test_more_days_or_segments_than_there_are_are_refused_by_their_number() -> None:
    net = sunny()
    days = net.steps // 24
    with pytest.raises(InputError, match=rf"--days: more typical days than the horizon has days; found {days + 1}; expected at most {days}"):
        certified_plan(net, days=days + 1, within=1.0, options={})
    with pytest.raises(InputError, match=f"--segments: more segments than the horizon has steps; found 9999; expected at most {net.steps}"):
        certified_plan(net, segments=9999, within=1.0, options={})


def test_the_verb_takes_typical_days_and_says_how_far_from_the_best(tmp_path: Path) -> None:
    run = tmp_path / "run"
    done = lodeworks("plan", case_folder("first-chain"), "--days", "2", "--segments", "48", "--out", run)
    assert done.returncode == 0, done.stderr
    assert "at most" in done.stdout
    rows = lodeworks("show", run, "rounds", "--csv").stdout.splitlines()
    # its days are all equal; six segments more leave coarser steps whole that the others would cut
    assert [row.split(",")[:2] for row in rows[1:]] == [["days", "1"], ["segments", "54"]]


def test_what_may_fall_short_is_owed_on_what_the_typical_days_want() -> None:
    """Days that want less than those they stand for owe no penalty for the rest, and those that want more do."""
    def town(load: list[float]) -> Network:
        return compile_network(Chain.model_validate({
            "chain": "town", "horizon": {"start": "2026-01-01", "length": "4 d"}, "objective": {"goal": "cost"},
            "commodities": {"power": {"unit": "MWh"}}, "profiles": {"load": {"values": load, "unit": "MW"}},
            "supplies": {"grid": {"commodity": "power", "price": "10 CNY/MWh"}},
            "demands": {"town": {"commodity": "power", "amount": "load", "unserved": "9000 CNY/MWh"}}}))

    net = town(np.repeat([5.0, 5.5, 8.0, 9.0], 24).tolist())
    days = typical_days(net, 2)
    alike = optimise(same_days(net, days))
    stood = np.array([5.0, 5.5, 8.0, 9.0])[days.stands[days.kind]]
    assert alike.program.objective(alike.x) == pytest.approx(10.0 * 24.0 * stood.sum())
    assert optimise(town(np.repeat(stood, 24).tolist())).program.offset == pytest.approx(alike.program.offset)
