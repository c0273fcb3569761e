"""Where falling short has a price, the worst days join what capacities are decided on."""

from __future__ import annotations

import numpy as np

from lodeworks.chain.entities import Chain
from lodeworks.network import Network, compile_network
from lodeworks.network.arrays import Floats
from lodeworks.plan import optimise
from lodeworks.plan.reduced import certified_plan
from lodeworks.plan.reduced.worst import worst_steps


def town(load: Floats, **grid: object) -> Network:
    return compile_network(Chain.model_validate({
        "chain": "town", "horizon": {"start": "2026-01-01", "length": f"{len(load)} h", "discount": "0 %/a"},
        "objective": {"goal": "cost"}, "commodities": {"power": {"unit": "MWh"}},
        "profiles": {"load": {"values": load.tolist(), "unit": "MW"}},
        "processes": {"plant": {"outputs": {"power": "1 MWh"}, "cost": "10 CNY/MWh", **grid}},
        "demands": {"town": {"commodity": "power", "amount": "load", "unserved": "900 CNY/MWh"}}}))


def test_the_days_that_pay_most_for_falling_short_are_the_worst() -> None:
    load = np.full(6 * 24, 5.0)
    load[4 * 24 + 10 : 4 * 24 + 13] = 16.0
    load[2 * 24 + 3] = 13.0
    load[24] = 10.01  # short by a trifle: among the worst of nothing
    plan = optimise(town(load, capacity="10 MW"))
    assert worst_steps([(plan, 1.0)], 1) == {0: {106, 107, 108}}
    assert worst_steps([(plan, 1.0)], 9) == {0: {51, 106, 107, 108}}
    assert worst_steps([(plan, 1.0), (plan, 9.0)], 1) == {1: {106, 107, 108}}, "by what its money counts"


def test_a_plan_that_serves_all_has_no_worst_day() -> None:
    assert worst_steps([(optimise(town(np.full(48, 5.0), capacity="10 MW")), 1.0)], 3) == {}


def test_a_day_that_falls_short_of_the_typical_ones_joins_them() -> None:
    """One day of twelve wants twice as much in the evening; no typical day shows it, the second round has it beside them."""
    load = np.tile(np.r_[np.full(18, 5.0), np.full(6, 8.0)], 12) + np.repeat(np.linspace(0.0, 0.3, 12), 24)
    load[7 * 24 + 20] = 20.0
    net = town(load, capacity="0 MW", expansion={"most": "40 MW", "cost": "300 CNY/MW", "life": "12 d"})
    found = certified_plan(net, days=1, within=0.01, options={})
    best = optimise(net)
    assert found.rounds[0].achieved is not None
    assert found.rounds[0].achieved > 1.2 * best.program.objective(best.x)
    assert found.rounds[1].pieces == 3, "two kinds of day, and the one that fell short"
    assert found.rounds[1].achieved is not None
    assert found.rounds[1].achieved <= 1.01 * best.program.objective(best.x)
    assert all(one.bound is None or one.bound <= best.program.objective(best.x) * (1 + 1e-9) for one in found.rounds)
