"""Stores that lose on the way in and out, are as fast as they are large, and are filled by nature: worked out on paper."""

from __future__ import annotations

import pytest

from tests.analytic.solving import solved

CHEAP_THEN_DEAR = {"p": {"values": [1.0, 1.0, 9.0, 9.0], "unit": "CNY/t"}}
TRADE = {
    "horizon": {"cyclic": False}, "profiles": CHEAP_THEN_DEAR,
    "supplies": {"buy": {"commodity": "ore", "price": "p", "most": "100 t/h"}},
    "demands": {"need": {"commodity": "ore", "amount": "10 t/h"}},
}


def test_what_goes_in_and_comes_out_loses_by_efficiency() -> None:
    plan = solved(**TRADE, stores={"heap": {
        "commodity": "ore", "capacity": "9 t", "charge_efficiency": "90 %", "discharge_efficiency": "50 %"}})
    assert max(plan.level("heap")) == pytest.approx(9)
    assert sum(plan.rate("heap", "charge")) == pytest.approx(10)
    assert sum(plan.rate("heap", "discharge")) == pytest.approx(4.5)
    assert plan.objective == pytest.approx(-(20 + 10 + (20 - 4.5) * 9))
    # one more unit of room: 1/0.9 bought at 1, half of it saved at 9
    assert plan.capacity("heap") == pytest.approx(4.5 - 1 / 0.9)


@pytest.mark.parametrize("exclusive", [False, True])
def test_efficiencies_may_change_over_time(exclusive: bool) -> None:
    """Four tonnes fit: they go in where three quarters are kept, and come out where half of it arrives, not a quarter."""
    plan = solved(
        **{**TRADE, "profiles": {**CHEAP_THEN_DEAR, "in": {"values": [0.5, 0.75, 1, 1]}, "out": {"values": [1, 1, 0.25, 0.5]}}},
        stores={"heap": {"commodity": "ore", "capacity": "4 t", "charge_efficiency": "in", "discharge_efficiency": "out",
                         "exclusive": exclusive}})
    assert plan.rate("heap", "charge") == pytest.approx([0, 4 / 0.75, 0, 0])
    assert plan.rate("heap", "discharge") == pytest.approx([0, 0, 0, 2])
    assert plan.objective == pytest.approx(-(20 + 4 / 0.75 + (20 - 2) * 9))


def test_an_efficiency_that_is_nought_at_some_time_is_refused_where_nothing_could_come_of_it() -> None:
    from lodeworks import check
    from lodeworks.chain.entities import Chain

    heap = {"commodity": "ore", "capacity": "4 t"}
    chain = Chain.model_validate({
        **TRADE, "chain": "stores", "commodities": {"ore": {"unit": "t"}}, "horizon": {"start": "2026-01-01", "length": "4 h"},
        "profiles": {**CHEAP_THEN_DEAR, "share": {"values": [1, 1, 0, 0.5]}},
        "stores": {"heap": {**heap, "discharge_efficiency": "share"}, "yard": {**heap, "charge_efficiency": "share"},
                   "pile": {**heap, "charge_efficiency": "share", "exclusive": True}},
    })
    assert {(p.element, p.key) for p in check(chain) if p.severity == "error"} == {
        ("stores.heap", "discharge_efficiency"), ("stores.pile", "charge_efficiency")}


def test_a_share_of_capacity_bounds_what_goes_in_an_hour() -> None:
    plan = solved(**TRADE, stores={"heap": {"commodity": "ore", "capacity": "8 t", "charge_share": "25 %/h"}})
    assert plan.rate("heap", "charge")[:2] == pytest.approx([2, 2])
    assert max(plan.level("heap")) == pytest.approx(4)


def test_a_store_that_grows_grows_its_doors() -> None:
    """A unit built costs 2 and lets a quarter in each hour: half a unit moved, worth 4; so all that may be is built."""
    plan = solved(**TRADE, stores={"heap": {
        "commodity": "ore", "charge_share": "25 %/h", "discharge_share": "25 %/h",
        "expansion": {"most": "12 t", "fixed": "0.5 CNY/t/h"}}})
    assert plan.capacity("heap", "built") == pytest.approx(12)
    assert plan.objective == pytest.approx(-(20 + 20 * 9) + 12 * (0.5 * 8 - 2))
    assert plan.capacity("heap") == pytest.approx(0.5 * 8)


def test_water_that_is_too_much_runs_over() -> None:
    plan = solved(
        horizon={"cyclic": False}, demands={"need": {"commodity": "ore", "most": "1 t/h", "price": "5 CNY/t"}},
        stores={"lake": {"commodity": "ore", "capacity": "2 t", "inflow": "3 t/h", "initial": "1 t", "end": "free",
                         "discharge_efficiency": "50 %"}})
    assert plan.rate("need") == pytest.approx([1, 1, 1, 1])
    assert plan.objective == pytest.approx(20)


def test_going_in_and_out_costs() -> None:
    plan = solved(**TRADE, stores={"heap": {
        "commodity": "ore", "capacity": "5 t", "charge_cost": "2 CNY/t", "discharge_cost": "3 CNY/t"}})
    assert plan.objective == pytest.approx(-(20 + 180) + 5 * (8 - 5))
    costs = plan.tables["costs"]
    assert costs["amount"].sum() == pytest.approx(plan.objective)


def test_a_level_is_kept_within_its_shares_and_at_given_times() -> None:
    plan = solved(**TRADE, stores={"heap": {
        "commodity": "ore", "capacity": "10 t", "min_level": "20 %", "max_level": "80 %",
        "levels": {"2026-01-01 03:00": "7 t"}, "initial": "2 t", "end": "free"}})
    assert plan.level("heap")[1] == pytest.approx(8)
    assert plan.level("heap")[2] == pytest.approx(7)
    assert plan.level("heap")[3] == pytest.approx(2)


def test_what_may_be_owed_is_paid_back() -> None:
    plan = solved(
        horizon={"cyclic": False}, profiles={"p": {"values": [9.0, 9.0, 1.0, 1.0], "unit": "CNY/t"}},
        supplies=TRADE["supplies"], demands=TRADE["demands"],
        stores={"credit": {"commodity": "ore", "capacity": "6 t", "min_level": -1, "max_level": 0, "initial": "0 t",
                           "end": "0 t"}})
    assert min(plan.level("credit")) == pytest.approx(-6)
    assert plan.objective == pytest.approx(-(180 + 20) + 6 * 8)


def test_a_level_at_a_time_between_steps_is_refused() -> None:
    from lodeworks.errors import InputError

    with pytest.raises(InputError, match="not the end of one of its steps"):
        solved(**TRADE, stores={"heap": {"commodity": "ore", "levels": {"2026-01-01 02:30": "7 t"}}})


def test_a_simulation_says_what_it_does_not_carry() -> None:
    from lodeworks.chain.entities import Chain
    from lodeworks.errors import InputError
    from lodeworks.network import compile_network
    from lodeworks.simulate.build import build

    chain = Chain.model_validate({
        "chain": "plans only", "horizon": {"start": "2026-01-01", "length": "4 h"}, "sites": {"a": {}, "b": {}},
        "commodities": {"ore": {"unit": "t"}},
        "stores": {"heap": {"commodity": "ore", "site": "a", "charge_efficiency": "90 %"}},
        "routes": {"belt": {"commodity": "ore", "from": "a", "to": "b", "capacity": "1 t/h", "min_load": -1}},
    })
    with pytest.raises(InputError) as caught:
        build(compile_network(chain))
    assert [problem.element for problem in caught.value.problems] == ["heap", "belt"]


def test_what_is_exclusive_wastes_nothing_by_going_in_and_out_at_once() -> None:
    """Who is paid to take ore fills and empties at once as fast as he can buy; in turn, he fills 10 and empties 5 of them."""
    taking = {"supplies": {"buy": {"commodity": "ore", "price": "-1 CNY/t", "most": "100 t/h"}},
              "demands": {"need": {"commodity": "ore", "amount": "10 t/h"}}}
    heap = {"commodity": "ore", "capacity": "10 t", "discharge_efficiency": "50 %"}
    assert solved(**taking, stores={"heap": heap}).objective == pytest.approx(400)
    assert solved(**taking, stores={"heap": {**heap, "exclusive": True}}).objective == pytest.approx(2 * (20 + 5))
    held = {**heap, "exclusive": True, "capacity": None, "charge": "10 t/h", "discharge": "5 t/h"}
    assert solved(**taking, stores={"heap": held}).objective == pytest.approx(2 * (20 + 5))
