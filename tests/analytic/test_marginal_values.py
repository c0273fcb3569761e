"""A marginal value is what the objective gains from one more unit: checked by planning again with a little more."""

from __future__ import annotations

import copy
from typing import Any

import polars as pl
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network, compile_pathway
from lodeworks.plan import optimise, plan_tables
from lodeworks.plan.pathway import optimise_pathway, pathway_tables
from tests.analytic.solving import Solved, solved

WORKS: dict[str, Any] = {
    "hours": 6,
    "commodities": {"ore": {"unit": "t"}, "metal": {"unit": "t"}, "fuel": {"unit": "kg"}},
    "sites": {"a": {}, "b": {}},
    "profiles": {"p": {"values": [30, 80, 120, 60, 140, 50], "unit": "CNY/t"}},
    "supplies": {"mine": {"commodity": "ore", "site": "a", "price": "10 CNY/t", "most": "9 t/h"},
                 "pump": {"commodity": "fuel", "site": "a", "price": "1 CNY/kg"}},
    "processes": {"works": {"site": "a", "inputs": {"ore": "2 t"}, "outputs": {"metal": "1 t"}, "capacity": "4.2 t/h",
                            "pools": {"crew": "1 person/(t/h)"}}},
    "stores": {"yard": {"commodity": "metal", "site": "b", "capacity": "2 t"}},
    "fleets": {"trucks": {"vehicles": 3, "payload": "5 t", "speed": "50 km/h",
                          "fuel": {"fuel": {"laden": "0.2 kg/km", "empty": "0.1 kg/km"}}, "refuel": {"site": "a"}}},
    "routes": {"haul": {"commodity": "metal", "from": "a", "to": "b", "distance": "100 km", "fleet": "trucks"}},
    "pools": {"crew": {"amount": "4 person"}},
    "demands": {"sell": {"commodity": "metal", "site": "b", "price": "p", "most": "5 t/h"}},
    "policies": {"cap": {"sum": {"works": 1}, "most": "20 t"}},
}


def changed(path: str, value: Any) -> Solved:
    sections = copy.deepcopy(WORKS)
    place = sections
    *parts, last = path.split(".")
    for part in parts:
        place = place.setdefault(part, {})
    place[last] = value
    return solved(**sections)


# Each row makes one thing scarce and moves it by a little: path, value, a little more, what the tables say.
CASES = [
    ("supplies.mine.most", "{} t/h", 7.0, lambda s: s.capacity("mine")),
    ("processes.works.capacity", "{} t/h", 2.5, lambda s: s.capacity("works")),
    ("stores.yard.capacity", "{} t", 2.0, lambda s: s.capacity("yard")),
    ("fleets.trucks.vehicles", "{}", 2.4, lambda s: s.capacity("trucks", kind="fleet")),
    ("pools.crew.amount", "{} person", 2.2, lambda s: s.capacity("crew", kind="pool")),
    ("demands.sell.most", "{} t/h", 3.1, lambda s: s.capacity("sell")),
    ("policies.cap.most", "{} t", 10.0, lambda s: float(s.tables["policies"]["marginal_value"].sum())),
]


@pytest.mark.parametrize(("path", "text", "value", "said"), CASES, ids=[case[0] for case in CASES])
def test_one_more_unit_is_worth_what_the_table_says(path: str, text: str, value: float, said: Any) -> None:
    plan = changed(path, text.format(value))
    little = 1e-3
    gain = (changed(path, text.format(value + little)).objective - plan.objective) / little
    assert gain > 1.0, "the case must make it scarce"
    assert said(plan) == pytest.approx(gain, rel=1e-5)


def test_a_balances_value_is_that_of_a_unit_given_for_nothing() -> None:
    plan = solved(**WORKS)
    for t, worth in enumerate(plan.worth("balance", "ore")):
        gift = [0.0] * 6
        gift[t] = 1e-3
        sections = copy.deepcopy(WORKS)
        sections["profiles"]["gift"] = {"values": gift, "unit": "t/h"}
        sections["supplies"]["gift"] = {"commodity": "ore", "site": "a", "least": "gift", "most": "gift"}
        assert (solved(**sections).objective - plan.objective) / 1e-3 == pytest.approx(worth, rel=1e-5, abs=1e-6)


def test_what_is_not_scarce_is_worth_nothing() -> None:
    plan = changed("processes.works.capacity", "50 t/h")
    assert plan.capacity("works") == pytest.approx(0.0, abs=1e-9)


def test_a_demand_that_must_be_met_at_a_loss_has_a_negative_value() -> None:
    plan = solved(1, supplies={"mine": {"commodity": "ore", "price": "10 CNY/t"}},
                  demands={"need": {"commodity": "ore", "price": "4 CNY/t", "amount": "3 t/h"}})
    assert plan.worth("demand", "need") == pytest.approx([-6.0])


def test_a_first_unit_of_a_plant_is_worth_what_it_would_earn() -> None:
    """Beside a better use of a small budget, a plant that is not built still earns 40 a ton, not more."""
    grow = {"most": "9 t/h", "cost": "1000 CNY/(t/h)"}
    plan = solved(1, investment={"budget": "10 CNY"}, processes={
        n: {"outputs": {"metal": "1 t"}, "cost": f"{c} CNY/t", "expansion": grow} for n, c in (("best", 10), ("second", 60))},
        demands={"sell": {"commodity": "metal", "price": "100 CNY/t", "most": "20 t/h"}})
    assert plan.capacity("second") == pytest.approx(40.0)
    assert plan.capacity("best") == pytest.approx(90.0)


FIRM = {"firms": {"town_works": {"cash": "400 CNY", "profit_tax": "25 %"}}, "accounts": {"period": "3 h"}}


@pytest.mark.parametrize("short", [False, True], ids=["served", "short"])
@pytest.mark.parametrize("more", [{}, FIRM, {"objective": {"goal": "cost"}}, {"objective": {"goal": "output", "commodity": "ore"}}],
                         ids=["profit", "firm", "cost", "output"])
def test_what_must_be_served_or_pays_is_worth_its_price_less_what_serving_it_takes(short: bool, more: dict[str, Any]) -> None:
    """The penalty is nobody's gain when more is wanted; where it is not served, wanting more costs the penalty."""
    def plan(wanted: float) -> Solved:
        owner = {"owner": "town_works"} if "firms" in more else {}
        return solved(6, **more, supplies={"mine": {"commodity": "ore", "price": "10 CNY/t", "most": "3 t/h", **owner}}, demands={
            "town": {"commodity": "ore", "price": "14 CNY/t", "amount": f"{wanted} t/h", "unserved": "50 CNY/t", **owner}})

    wanted, little = 3.6 if short else 2.0, 1e-3
    gain = (plan(wanted + little).objective - plan(wanted).objective) / little
    sign = -1.0 if "cost" in str(more) else 1.0
    found = plan(wanted)
    assert found.capacity("town") == pytest.approx(sign * gain, rel=1e-5, abs=1e-6)
    assert sum(found.worth("demand", "town")) == pytest.approx(sign * gain, rel=1e-5, abs=1e-6)


def test_where_more_may_be_taken_than_must_be_one_more_unit_is_of_the_most() -> None:
    def plan(most: float) -> Solved:
        return solved(3, supplies={"mine": {"commodity": "ore", "price": "10 CNY/t"}}, demands={"town": {
            "commodity": "ore", "price": "14 CNY/t", "least": "2 t/h", "most": f"{most} t/h", "unserved": "50 CNY/t"}})

    assert plan(4.0).capacity("town") == pytest.approx(plan(5.0).objective - plan(4.0).objective)


@pytest.mark.parametrize("doors", [{}, {"charge_share": "0.2 1/h"}, {"charge_share": "0.2 1/h", "charge": "0.5 t/h"},
                                   {"discharge_share": "0.15 1/h"}], ids=["room", "filling", "own limit", "emptying"])
def test_one_more_unit_of_a_store_opens_its_doors_as_well(doors: dict[str, str]) -> None:
    """Bought for two hours at 1 and sold for two at 30: where doors are a share of what it holds, they bind first."""
    def plan(capacity: float) -> Solved:
        return solved(4, profiles={"buy": {"values": [1, 1, 99, 99], "unit": "CNY/t"}, "sell": {"values": [0, 0, 30, 20], "unit": "CNY/t"}},
                      supplies={"buy": {"commodity": "ore", "price": "buy"}}, demands={"sell": {"commodity": "ore", "price": "sell"}},
                      stores={"heap": {"commodity": "ore", "capacity": f"{capacity} t", "discharge_efficiency": "90 %", **doors}})

    gain = (plan(6.0).objective - plan(6.0 - 1e-3).objective) / 1e-3
    assert plan(6.0).capacity("heap") == pytest.approx(gain, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("most", [6.0, 15.0], ids=["first tier", "second tier"])
@pytest.mark.parametrize("kind", ["supplies", "demands", "pays", "must"])
def test_one_more_unit_of_a_trade_in_tiers_is_of_the_last(kind: str, most: float) -> None:
    """What is bought first is worth more, but there is no more of it."""
    def plan(bound: float) -> Solved:
        dear, cheap = ("20 CNY/t", "15 CNY/t") if kind != "supplies" else ("5 CNY/t", "8 CNY/t")
        tiers: dict[str, Any] = {"commodity": "ore", "tiers": [{"most": "10 t/h", "price": dear}, {"price": cheap}]}
        tiers["amount" if kind in ("pays", "must") else "most"] = f"{bound} t/h"
        if kind == "pays":
            tiers["unserved"] = "50 CNY/t"
        if kind == "supplies":
            return solved(2, supplies={"it": tiers}, demands={"sell": {"commodity": "ore", "price": "12 CNY/t"}})
        return solved(2, supplies={"buy": {"commodity": "ore", "price": "8 CNY/t"}}, demands={"it": tiers})

    little = 1e-3
    gain = (plan(most + little).objective - plan(most).objective) / little
    assert plan(most).capacity("it") == pytest.approx(gain, rel=1e-5)


def works(wanted: list[float], stages: bool, **firm: Any) -> dict[str, Any]:
    """A works that loses 100 CNY/t in the first year, earns 200 CNY/t later, and pays for what it does not serve."""
    data: dict[str, Any] = {
        "chain": "works", "currency": "CNY", "horizon": {"start": "2026-01-01", "step": "1 a", "length": "3 a"},
        "commodities": {"metal": {"unit": "t"}},
        "profiles": {"price": {"values": [900.0, 1200.0, 1200.0], "unit": "CNY/t"}, "wanted": {"values": wanted, "unit": "t/a"}},
        "supplies": {"mine": {"commodity": "metal", "owner": "works", "price": "1000 CNY/t", "most": "2 t/a"}},
        "demands": {"yard": {"commodity": "metal", "owner": "works", "price": "price", "amount": "wanted",
                             "unserved": "500 CNY/t"}},
        "firms": {"works": {"cash": "9000 CNY", "profit_tax": "25 %", **firm}},
    }
    if stages:
        data |= {"horizon": {"start": "2026-01-01", "step": "1 a", "length": "1 a", "stages": [2026, 2027, 2029],
                             "discount": "4 %/a"}, "profiles": {}}
        data["stages"] = {str(year): {"set": {"demands.yard.price": f"{price} CNY/t", "demands.yard.amount": f"{amount} t/a"}}
                          for year, price, amount in zip((2026, 2027, 2029), (900, 1200, 1200), wanted, strict=True)}
    return data


@pytest.mark.parametrize("short", [1.0, 3.0], ids=["served", "short"])
@pytest.mark.parametrize("firm", [{}, {"loss_carry": "5 a"}], ids=["tax", "losses"])
@pytest.mark.parametrize("stages", [False, True], ids=["years", "stages"])
def test_a_penalty_is_nobodys_gain_before_tax_and_after(stages: bool, firm: dict[str, str], short: float) -> None:
    """What one more ton wanted in each year brings, tax and what a loss saves of it later among it, by planning anew."""
    def plan(wanted: list[float]) -> tuple[float, Any, list[float]]:
        chain = Chain.model_validate(works(wanted, stages, **firm))
        if not stages:
            answer = optimise(compile_network(chain))
            return answer.program.objective(answer.x), plan_tables(answer), [1.0] * 3
        over = optimise_pathway(compile_pathway(chain))
        return over.objective, pathway_tables(over), [over.pathway.weight(k) for k in range(3)]

    wanted, little = [short, 1.0, 1.0], 1e-3
    objective, tables, weights = plan(wanted)
    for year in range(3):
        more = plan([amount + little * (k == year) for k, amount in enumerate(wanted)])[0]
        rows = tables["marginal_values"].filter(pl.col("what") == "demand")
        assert rows["value"].to_list()[year] == pytest.approx((more - objective) / little / weights[year], rel=1e-5)
