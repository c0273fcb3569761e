"""Plans whose optimum can be worked out on paper."""

from __future__ import annotations

import itertools

import pytest

from tests.analytic.solving import solved

MINE = {"mine": {"commodity": "ore", "price": "10 CNY/t"}}
SELL = {"sell": {"commodity": "metal", "price": "100 CNY/t", "most": "5 t/h"}}
SMELT = {"inputs": {"ore": "2 t"}, "outputs": {"metal": "1 t"}}


def near(value: object) -> object:
    return pytest.approx(value, rel=1e-7, abs=1e-7)


def test_transport_takes_the_cheapest_ways_first() -> None:
    """Two mines (8, 6), two works (7 each); costs 1, 4 / 3, 2: 7·1 + 1·4 + 6·2 = 23 an hour."""
    way = {f"{a}{b}": {"commodity": "ore", "from": a, "to": b, "cost": f"{cost} CNY/t"}
           for (a, b), cost in {("a", "x"): 1, ("a", "y"): 4, ("b", "x"): 3, ("b", "y"): 2}.items()}
    plan = solved(
        1, objective="cost", sites={s: {} for s in "abxy"}, routes=way,
        supplies={s: {"commodity": "ore", "site": s, "most": f"{m} t/h"} for s, m in (("a", 8), ("b", 6))},
        demands={s: {"commodity": "ore", "site": s, "amount": "7 t/h"} for s in ("x", "y")},
    )
    assert plan.objective == near(23.0)
    assert [plan.rate(w)[0] for w in ("ax", "ay", "bx", "by")] == near([7.0, 1.0, 0.0, 6.0])


def test_storage_buys_low_and_sells_high() -> None:
    """Prices 1, 1, 9, 9; 3 t of room, 2 t/h out: 3 t bought at 1 and sold at 9 minus what is bought."""
    price = {"values": [1.0, 1.0, 9.0, 9.0], "unit": "CNY/t"}
    plan = solved(4, profiles={"p": price}, supplies={"buy": {"commodity": "ore", "price": "p", "most": "2 t/h"}},
                  demands={"out": {"commodity": "ore", "price": "p", "most": "2 t/h"}},
                  stores={"yard": {"commodity": "ore", "capacity": "3 t", "discharge": "2 t/h"}})
    assert plan.objective == near(3 * (9 - 1))
    assert max(plan.level("yard")) == near(3.0)


def test_merit_order_runs_the_cheapest_and_the_last_one_sets_the_price() -> None:
    plants = {n: {"outputs": {"metal": "1 t"}, "capacity": f"{c} t/h", "cost": f"{p} CNY/t"}
              for n, c, p in (("cheap", 3, 20), ("dear", 4, 60))}
    plan = solved(1, processes=plants, demands={"need": {"commodity": "metal", "amount": "5 t/h", "price": "0 CNY/t"}})
    assert plan.rate("cheap") + plan.rate("dear") == near([3.0, 2.0])
    assert plan.worth("balance", "metal") == near([60.0])
    assert plan.capacity("cheap") == near(40.0)
    assert plan.capacity("dear") == near(0.0)


def test_a_blend_mixes_by_the_lever_rule() -> None:
    """Ash 8 % and 14 %, at most 10 %: one third of the ashy one."""
    plan = solved(
        1, commodities={"lean": {"unit": "t", "quality": {"ash": "8 %"}}, "ashy": {"unit": "t", "quality": {"ash": "14 %"}},
                        "metal": {"unit": "t"}},
        supplies={"l": {"commodity": "lean", "price": "30 CNY/t"}, "a": {"commodity": "ashy", "price": "6 CNY/t"}},
        processes={"oven": {"outputs": {"metal": "1 t"}, "capacity": "5 t/h", "blends": {
            "mix": {"amount": "1.2 t", "from": ["lean", "ashy"], "limits": {"ash": {"most": "10 %"}}}}}}, demands=SELL,
    )
    assert plan.rate("l") + plan.rate("a") == near([4.0, 2.0])
    assert plan.objective == near(500 - 4 * 30 - 2 * 6)


def test_a_lot_past_its_shelf_life_cannot_be_sold() -> None:
    """Ore comes in the first hour only; of 9 t a day's demand of 2 t/h can take what keeps: three hours' worth."""
    plan = solved(6, horizon={"cyclic": False}, profiles={"first": {"values": [9, 0, 0, 0, 0, 0], "unit": "t/h"}},
                  supplies={"in": {"commodity": "ore", "price": "1 CNY/t", "most": "first"}},
                  demands={"out": {"commodity": "ore", "price": "5 CNY/t", "most": "2 t/h"}},
                  stores={"yard": {"commodity": "ore", "shelf_life": "2 h", "end": "free", "initial": "0 t"}})
    assert plan.rate("out") == near([2.0, 2.0, 2.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize(("cyclic", "arrives"), [(True, [0, 6, 0, 0]), (False, [0, 6, 0, 0])])
def test_what_lags_arrives_later(cyclic: bool, arrives: list[float]) -> None:
    plan = solved(4, horizon={"cyclic": cyclic}, sites={"a": {}, "b": {}},
                  profiles={"last": {"values": [0, 0, 0, 6], "unit": "t/h"}, "first": {"values": [6, 0, 0, 0], "unit": "t/h"}},
                  supplies={"in": {"commodity": "ore", "site": "a", "most": "last" if cyclic else "first"}},
                  demands={"out": {"commodity": "ore", "site": "b", "price": "5 CNY/t"}},
                  routes={"way": {"commodity": "ore", "from": "a", "to": "b", "lag": "2 h" if cyclic else "1 h"}})
    assert plan.rate("out") == near(arrives)


def test_shares_of_a_lag_spread_what_arrives() -> None:
    plan = solved(4, sites={"a": {}, "b": {}}, profiles={"first": {"values": [8, 0, 0, 0], "unit": "t/h"}},
                  supplies={"in": {"commodity": "ore", "site": "a", "most": "first"}},
                  demands={"out": {"commodity": "ore", "site": "b", "price": "5 CNY/t"}},
                  routes={"way": {"commodity": "ore", "from": "a", "to": "b", "lag": {"1 h": "25 %", "3 h": "75 %"}}})
    assert plan.rate("out") == near([0.0, 2.0, 0.0, 6.0])


def test_modes_share_the_capacity_and_the_better_runs() -> None:
    plan = solved(1, supplies=MINE, demands={"sell": {"commodity": "metal", "price": "100 CNY/t"}},
                  processes={"works": {"outputs": {"metal": "1 t"}, "capacity": "4 t/h", "modes": {
                      "poor": {"inputs": {"ore": "3 t"}, "share_least": "25 %"}, "rich": {"inputs": {"ore": "2 t"}}}}})
    assert plan.rate("works", "poor") + plan.rate("works", "rich") == near([1.0, 3.0])


def test_part_load_takes_more_for_each_ton() -> None:
    """At half load 1.2 times the ore a ton: 2 t/h of 4 take 2·2·1.2 = 4.8 t/h."""
    plan = solved(1, supplies=MINE, demands={"need": {"commodity": "metal", "amount": "2 t/h"}},
                  processes={"works": {**SMELT, "capacity": "4 t/h", "part_load": {"ore": {"50 %": "1.2", "100 %": "1"}}}})
    assert plan.rate("mine") == near([4.8])


def test_capacity_is_built_until_it_pays_no_more() -> None:
    """Peaks of 2 and 6 t/h: building 4 t/h beyond 2 pays if the dear hours earn more than its yearly cost."""
    grow = {"most": "9 t/h", "cost": "8760 CNY/(t/h)", "life": "1 a"}
    for price, built in ((3.0, 4.0), (1.9, 0.0)):
        plan = solved(8760, horizon={"discount": "0 %/a", "step": "4380 h", "length": "8760 h"},
                      profiles={"need": {"values": [2.0, 6.0], "unit": "t/h"}},
                      processes={"works": {"outputs": {"metal": "1 t"}, "capacity": "2 t/h", "expansion": grow}},
                      demands={"sell": {"commodity": "metal", "price": f"{price} CNY/t", "most": "need"}})
        assert plan.capacity("works", "built") == near(built)
        assert plan.capacity("works") == near(min(4380 * price, 8760.0))


def test_lumps_are_built_whole() -> None:
    plan = solved(8760, horizon={"step": "8760 h", "discount": "0 %/a"}, demands={
        "sell": {"commodity": "metal", "price": "3 CNY/t", "most": "5 t/h"}},
        processes={"works": {"outputs": {"metal": "1 t"}, "expansion": {
            "most": "9 t/h", "lump": "2 t/h", "cost": "17520 CNY/(t/h)", "life": "1 a"}}})
    assert plan.capacity("works", "built") == near(4.0)  # a third lump would sell 1 of its 2 t/h: 3 < 4 a ton


def test_a_minimum_load_keeps_a_plant_running_at_a_loss() -> None:
    plan = solved(1, supplies=MINE, demands={"sell": {"commodity": "metal", "price": "15 CNY/t"}},
                  processes={"works": {**SMELT, "capacity": "10 t/h", "min_load": "30 %"}})
    assert plan.rate("works") == near([3.0])
    assert plan.objective == near(3 * (15 - 20))


def test_a_plant_that_may_be_off_starts_when_it_pays() -> None:
    """Against every pattern of on and off tried by hand."""
    prices, start = [30.0, 10.0, 34.0, 12.0, 40.0], 25.0
    plan = solved(5, horizon={"cyclic": False}, profiles={"p": {"values": prices, "unit": "CNY/t"}}, supplies=MINE,
                  demands={"sell": {"commodity": "metal", "price": "p"}},
                  processes={"works": {**SMELT, "capacity": "4 t/h", "min_load": "50 %", "on_off": True,
                                       "start_cost": f"{start} CNY"}})
    best = max(
        sum((4.0 if p > 20 else 2.0) * (p - 20.0) for p, on in zip(prices, pattern, strict=True) if on)
        - start * sum(1 for before, on in itertools.pairwise(pattern) if on and not before)
        for pattern in itertools.product((0, 1), repeat=5)
    )
    assert plan.objective == near(best)


def test_a_ramp_limits_how_fast_a_plant_follows() -> None:
    plan = solved(3, horizon={"cyclic": False}, profiles={"p": {"values": [-80.0, 90.0, 90.0], "unit": "CNY/t"}}, supplies=MINE,
                  demands={"sell": {"commodity": "metal", "price": "p"}},
                  processes={"works": {**SMELT, "capacity": "10 t/h", "ramp_up": "20 %/h"}})
    assert plan.rate("works") == near([6.0, 8.0, 10.0])  # a loss of 100 now is worth 70 twice later, not 70 once


def test_a_store_loses_its_share_and_ends_as_asked() -> None:
    plan = solved(2, horizon={"cyclic": False}, supplies=MINE,
                  stores={"yard": {"commodity": "ore", "initial": "10 t", "loss": "10 %/h", "end": "20 t"}})
    assert plan.objective == near(-10 * (20 - 10 * 0.81))
    assert plan.level("yard")[-1] == near(20.0)


def test_a_pool_is_shared_by_its_users() -> None:
    users = {n: {"outputs": {"metal": "1 t"}, "cost": f"{c} CNY/t", "pools": {"crew": f"{u} person/(t/h)"}}
             for n, c, u in (("quick", 50, 1), ("slow", 20, 4))}
    plan = solved(1, processes=users, pools={"crew": {"amount": "8 person"}},
                  demands={"sell": {"commodity": "metal", "price": "100 CNY/t"}})
    assert plan.rate("quick") == near([8.0])  # 50 a person against 80 / 4 = 20
    assert plan.worth("pool", "crew") == near([50.0])


def test_a_fleet_is_vehicle_hours_and_fuel() -> None:
    """90 km at 45 km/h, half an hour to load and unload: 4.5 h a trip of 30 t; 9 vehicles carry 60 t/h."""
    plan = solved(1, commodities={"ore": {"unit": "t"}, "fuel": {"unit": "kg"}}, sites={"a": {}, "b": {}},
                  supplies={"mine": {"commodity": "ore", "site": "a"}, "pump": {"commodity": "fuel", "site": "a", "price": "20 CNY/kg"}},
                  demands={"sell": {"commodity": "ore", "site": "b", "price": "50 CNY/t"}},
                  fleets={"trucks": {"vehicles": 9, "payload": "30 t", "speed": "45 km/h", "cost": "2 CNY/km",
                                     "fuel": {"fuel": {"laden": "0.1 kg/km", "empty": "0.06 kg/km"}}, "refuel": {"site": "a"}}},
                  routes={"haul": {"commodity": "ore", "from": "a", "to": "b", "distance": "90 km", "fleet": "trucks",
                                   "load": "20 min", "unload": "10 min"}})
    assert plan.rate("haul") == near([60.0])
    assert plan.objective == near(60 * 50 - 2 * 90 * 0.16 * 20 - 2 * 180 * 2)


def test_a_policy_limits_sums_by_window_and_shares() -> None:
    works = {n: {"outputs": {"metal": "1 t"}, "capacity": "6 t/h", "cost": f"{c} CNY/t"} for n, c in (("clean", 40), ("dirty", 10))}
    sell = {"sell": {"commodity": "metal", "price": "100 CNY/t", "most": "8 t/h"}}
    plan = solved(4, processes=works, demands=sell, policies={"cap": {"sum": {"dirty": 1}, "most": "5 t", "every": "2 h"}})
    assert [sum(plan.rate("dirty")[i : i + 2]) for i in (0, 2)] == near([5.0, 5.0])
    plan = solved(4, processes=works, demands=sell,
                  policies={"share": {"sum": {"clean": 1}, "share_of": {"clean": 1, "dirty": 1}, "least": "75 %"}})
    assert sum(plan.rate("clean")) == near(24.0)
    assert sum(plan.rate("dirty")) == near(8.0)
    plan = solved(4, processes=works, demands=sell,
                  policies={"cap": {"sum": {"dirty": 1}, "most": "5 t", "penalty": "20 CNY/t"}})
    assert sum(plan.rate("dirty")) == near(24.0)  # 20 a ton is less than the 30 it saves
    assert plan.objective == near(24 * 90 + 8 * 60 - 19 * 20)


@pytest.mark.parametrize(("prices", "bought"), [((10, 20), [3.0, 1.0]), ((20, 10), [3.0, 1.0])])
def test_tiers_are_used_in_order_whether_prices_rise_or_fall(prices: tuple[int, int], bought: list[float]) -> None:
    plan = solved(1, supplies={"mine": {"commodity": "ore", "most": "9 t/h", "tiers": [
        {"most": "3 t/h", "price": f"{prices[0]} CNY/t"}, {"most": "6 t/h", "price": f"{prices[1]} CNY/t"}]}},
        demands={"need": {"commodity": "ore", "amount": "4 t/h"}})
    assert plan.rate("mine", "tier 1") + plan.rate("mine", "tier 2") == near(bought)
    assert plan.objective == near(-(3 * prices[0] + prices[1]))


def test_taxes_and_unserved_penalties_are_paid() -> None:
    plan = solved(2, supplies={"mine": {"commodity": "ore", "price": "10 CNY/t", "tax": "3 CNY/t", "most": "4 t/h"}},
                  demands={"need": {"commodity": "ore", "price": "20 CNY/t", "amount": "6 t/h", "unserved": "50 CNY/t"}})
    assert plan.objective == near(2 * (4 * (20 - 13) - 2 * 50))
    assert plan.tables["unserved"]["amount"].to_list() == near([2.0, 2.0])


def test_a_surplus_goes_only_where_it_may() -> None:
    works = {"works": {"inputs": {"ore": "1 t"}, "outputs": {"metal": "1 t", "gas": "5 Nm3"}}}
    for let_go, made in ((True, 5.0), (False, 0.0)):
        plan = solved(1, commodities={"ore": {"unit": "t"}, "metal": {"unit": "t"}, "gas": {"unit": "Nm3", "let_go": let_go}},
                      processes=works, supplies=MINE, demands=SELL)
        assert plan.rate("works") == near([made])


def test_a_budget_goes_where_it_returns_most() -> None:
    grow = {n: {"outputs": {"metal": "1 t"}, "cost": f"{c} CNY/t", "expansion": {"most": "9 t/h", "cost": f"{i} CNY/(t/h)"}}
            for n, c, i in (("thrifty", 50, 10), ("dear", 10, 40))}
    plan = solved(1, processes=grow, demands={"sell": {"commodity": "metal", "price": "100 CNY/t", "most": "20 t/h"}},
                  investment={"budget": "170 CNY"})
    assert plan.capacity("thrifty", "built") == near(9.0)
    assert plan.capacity("dear", "built") == near(2.0)


@pytest.mark.parametrize(
    ("goal", "value"),
    [({"goal": "output", "commodity": "metal"}, 20.0), ({"goal": "emissions", "commodity": "gas"}, 0.0), ("cost", 0.0), ("profit", 1600.0)],
)
def test_each_goal_is_best_at_its_own(goal: object, value: float) -> None:
    plan = solved(4, objective=goal, commodities={"ore": {"unit": "t"}, "metal": {"unit": "t"}, "gas": {"unit": "t", "let_go": True}},
                  processes={"works": {**SMELT, "outputs": {"metal": "1 t", "gas": "0.3 t"}}}, supplies=MINE, demands=SELL)
    assert abs(plan.objective) == near(value)


def test_a_demand_of_nought_with_a_penalty_takes_nothing() -> None:
    plan = solved(2, supplies=MINE, demands={
        "sell": {"commodity": "ore", "price": "90 CNY/t", "amount": "0 t/h", "unserved": "50 CNY/t"}})
    assert plan.objective == near(0)
    assert plan.rate("sell") == near([0.0, 0.0])
    assert plan.capacity("sell", "total") == near(0.0)
