"""What stores lose by standing, season by season: levels decay as they must, and what is lost has its price."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeworks import check
from lodeworks.chain.entities import Chain
from lodeworks.errors import InputError
from lodeworks.network import Network, compile_network, window
from lodeworks.network.standing import kept_after, kept_between, kept_each_step, loss_at, speed_of_loss
from lodeworks.network.window import finer
from lodeworks.plan import optimise
from lodeworks.plan.program import assemble
from lodeworks.plan.reduced import merged
from lodeworks.plan.tables import plan_tables
from lodeworks.simulate.build import build

LOSSES = [0.3, 0.1, 0.02, 0.0, 0.05, 0.2]


def heat(loss: Any, *, step: str = "1 h", hours: int = 6, **sections: Any) -> Chain:
    """A tank that stands: nothing goes in or out unless said so."""
    return Chain.model_validate({
        "chain": "heat", "horizon": {"start": "2026-01-01", "length": f"{hours} h", "cyclic": False},
        "commodities": {"heat": {"unit": "MWh", "step": step}}, "objective": {"goal": "cost"},
        "profiles": {"season": {"values": (LOSSES * hours)[:hours], "unit": "1/h"}},
        "stores": {"tank": {"commodity": "heat", "capacity": "90 MWh", "initial": "50 MWh", "end": "free", "loss": loss}},
        **sections,
    })


def net_of(loss: Any, **more: Any) -> Network:
    return compile_network(heat(loss, **more))


@pytest.mark.parametrize(("step", "every"), [("1 h", 1), ("2 h", 2), ("3 h", 3)])
def test_what_stands_is_less_by_every_hours_loss(step: str, every: int) -> None:
    answer = optimise(net_of("season", step=step))
    levels = plan_tables(answer)["levels"].sort("time")["level"].to_numpy()
    assert levels == pytest.approx(50.0 * np.cumprod(1.0 - np.array(LOSSES))[every - 1 :: every], rel=1e-12)


def test_a_unit_in_store_is_worth_what_of_it_is_left_later() -> None:
    """Heat is cheap in the first hour and wanted in the last: each hour between it is dearer by what that hour loses."""
    answer = optimise(net_of(
        "season", profiles={"season": {"values": LOSSES, "unit": "1/h"}, "price": {"values": [3, 90, 90, 90, 90, 90], "unit": "CNY/MWh"},
                            "need": {"values": [0, 0, 0, 0, 0, 60], "unit": "MWh/h"}},
        supplies={"boiler": {"commodity": "heat", "price": "price"}},
        demands={"town": {"commodity": "heat", "amount": "need"}}))
    values = plan_tables(answer)["marginal_values"].sort("time")
    worth = values.filter(values["what"] == "balance")["value"].to_numpy()
    assert worth == pytest.approx(3.0 / np.cumprod([1.0, *(1.0 - np.array(LOSSES[1:]))]), rel=1e-9)
    bought = 60.0 / np.prod(1.0 - np.array(LOSSES[1:])) - 50.0 * (1.0 - LOSSES[0])
    assert answer.program.objective(answer.x) == pytest.approx(3.0 * bought, rel=1e-9)


def test_holding_may_cost_more_in_one_hour_than_in_another() -> None:
    net = net_of("0 1/h", profiles={"dear": {"values": [1.0, 0.0, 2.0, 0.0, 0.0, 0.5], "unit": "CNY/MWh/h"}}, stores={
        "tank": {"commodity": "heat", "capacity": "90 MWh", "initial": "50 MWh", "end": "free", "cost": "dear"}})
    answer = optimise(net)
    assert answer.program.objective(answer.x) == pytest.approx(50.0 * 3.5)
    costs = plan_tables(answer)["costs"]
    assert costs.filter(costs["item"] == "storage")["amount"].to_list() == pytest.approx([-175.0])


@pytest.mark.parametrize("more", [{}, {"step": "3 h"}])
def test_a_loss_that_stays_the_same_is_the_same_program_to_the_byte(more: dict[str, Any]) -> None:
    same = {"values": [2.0] * 6, "unit": "%/h"}
    one, other = (assemble(net_of(loss, profiles={"same": same}, **more))[0] for loss in ("2 %/h", "same"))
    for ours, theirs in zip((one.matrix.data, one.row_lower, one.row_upper, one.cost, one.upper),
                            (other.matrix.data, other.row_lower, other.row_upper, other.cost, other.upper), strict=True):
        assert ours.tobytes() == theirs.tobytes()


rates = st.lists(st.floats(0.0, 1.0), min_size=6, max_size=6)


@settings(max_examples=25)
@given(rates=rates, cut=st.floats(0.1, 5.9), parts=st.integers(1, 3))
def test_what_is_left_does_not_depend_on_how_time_is_cut(rates: list[float], cut: float, parts: int) -> None:
    net = net_of("season", profiles={"season": {"values": rates, "unit": "1/h"}})
    whole = float(np.prod(1.0 - np.array(rates)))
    pieces = [window(net, 0.0, cut), window(net, cut, 6.0)]
    assert np.prod([np.prod(kept_each_step(piece, 0)) for piece in pieces]) == pytest.approx(whole, abs=1e-12)
    assert np.prod(kept_each_step(finer(net, parts), 0)) == pytest.approx(whole, abs=1e-12)
    together = merged(net, np.array([0.0, np.ceil(cut), 6.0]))
    assert np.prod(kept_each_step(together, 0)) == pytest.approx(whole, abs=1e-12)
    assert kept_between(net, 0, 0.0, cut) * kept_between(net, 0, cut, 6.0) == pytest.approx(whole, abs=1e-12)
    if max(rates) < 0.99:
        speed = speed_of_loss(net, 0, np.array([0.0, cut]), np.array([cut, 6.0]))
        assert np.exp(-speed @ [cut, 6.0 - cut]) == pytest.approx(whole, abs=1e-9)
    ring = kept_after(net, 0, 6)
    assert ring[:, 0] == pytest.approx(1.0)
    assert ring[2, 3] == pytest.approx(np.prod(1.0 - np.array(rates[3:6])), abs=1e-12)


def test_outside_the_horizon_the_mean_loss_counts() -> None:
    net = net_of("season")
    assert loss_at(net, 2)[0] == pytest.approx(0.02)
    assert loss_at(net, -1)[0] == pytest.approx(np.mean(LOSSES))
    assert speed_of_loss(net, 0, np.array([-3.0]), np.array([-1.0]))[0] == pytest.approx(-np.log1p(-np.mean(LOSSES)))


@pytest.mark.parametrize(("values", "message"), [([0.1, 1.5, 0, 0, 0, 0], "more is lost than there is"),
                                                 ([0.1, -0.5, 0, 0, 0, 0], "must not be negative")])
def test_a_loss_over_time_lies_between_nothing_and_all(values: list[float], message: str) -> None:
    found = check(heat("season", profiles={"season": {"values": values, "unit": "1/h"}}))
    assert [(p.element, p.key, p.message) for p in found if p.severity == "error"] == [("stores.tank", "loss", message)]


def test_more_than_all_is_no_loss() -> None:
    found = check(heat("150 %/h"))
    assert [(p.element, p.key, p.message) for p in found if p.severity == "error"] == [
        ("stores.tank", "loss", "more is lost than there is")]


def test_a_simulation_refuses_a_loss_that_changes_over_time() -> None:
    with pytest.raises(InputError) as caught:
        build(net_of("season"))
    assert [p.element for p in caught.value.problems] == ["tank"]
