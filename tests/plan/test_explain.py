"""No plan, or profit without end: told in the chain's words, with the guilty, the amount and the time."""

from __future__ import annotations

from typing import Any

import pytest

from lodeworks.errors import InfeasibleError, UnboundedError
from lodeworks.plan import optimise
from tests.analytic.solving import solved
from tests.plan.reduced.test_certify import resting

MINE = {"mine": {"commodity": "ore", "price": "10 CNY/t"}}
WORKS = {"works": {"inputs": {"ore": "2 t"}, "outputs": {"metal": "1 t"}, "capacity": "4 t/h"}}
NEED = {"need": {"commodity": "metal", "amount": "3 t/h"}}
TWO = {"a": {}, "b": {}}
DAY = {"values": [1, 1, 0, 0], "unit": ""}

INFEASIBLE: dict[str, tuple[dict[str, Any], list[str]]] = {
    "capacity below demand": ({"supplies": MINE, "processes": WORKS, "demands": {"need": {"commodity": "metal", "amount": "5 t/h"}}},
                              ["the demand need (5 t/h of metal)", "the capacity of works", "4 t of metal short"]),
    "supply below demand": ({"supplies": {"mine": {"commodity": "ore", "most": "4 t/h"}}, "processes": WORKS, "demands": NEED},
                            ["need", "the most that can be had from mine", "short"]),
    "a policy against a demand": ({"supplies": MINE, "processes": WORKS, "demands": NEED,
                                   "policies": {"cap": {"sum": {"works": 1}, "most": "9 t"}}}, ["need", "the policy cap", "3 t"]),
    "a share nobody can keep": ({"supplies": {**MINE, "scrap": {"commodity": "ore", "most": "1 t/h"}}, "processes": WORKS, "demands": NEED,
                                 "policies": {"green": {"sum": {"scrap": 1}, "share_of": {"scrap": 1, "mine": 1}, "least": "50 %"}}},
                                ["the policy green", "scrap"]),
    "a plant at rest": ({"supplies": MINE, "processes": {"works": {**WORKS["works"], "availability": "day"}}, "demands": NEED,
                         "profiles": {"day": DAY}}, ["works", "need", "02:00"]),
    "a shelf life too short": ({"horizon": {"cyclic": False}, "profiles": {"day": {"values": [9, 0, 0, 0], "unit": "t/h"}},
                                "supplies": {"in": {"commodity": "ore", "most": "day"}},
                                "stores": {"yard": {"commodity": "ore", "shelf_life": "1 h", "end": "free"}},
                                "demands": {"need": {"commodity": "ore", "amount": "1 t/h"}}}, ["need", "the shelf life of yard"]),
    "a fleet too small": ({"sites": TWO, "supplies": {"in": {"commodity": "ore", "site": "a"}},
                           "fleets": {"trucks": {"vehicles": 1, "payload": "5 t", "speed": "50 km/h"}},
                           "routes": {"haul": {"commodity": "ore", "from": "a", "to": "b", "distance": "100 km", "fleet": "trucks"}},
                           "demands": {"need": {"commodity": "ore", "site": "b", "amount": "2 t/h"}}}, ["the fleet trucks", "need"]),
    "a pool too small": ({"supplies": MINE, "processes": {"works": {**WORKS["works"], "pools": {"crew": "2 person/(t/h)"}}},
                          "pools": {"crew": {"amount": "4 person"}}, "demands": NEED}, ["the pool crew", "need"]),
    "a stock that cannot be reached": ({"horizon": {"cyclic": False}, "supplies": {"in": {"commodity": "ore", "most": "1 t/h"}},
                                        "stores": {"yard": {"commodity": "ore", "initial": "2 t", "end": "9 t"}}},
                                       ["the stock to be kept of yard", "in"]),
    "a minimum load nobody takes": ({"supplies": MINE, "processes": {"works": {**WORKS["works"], "min_load": "50 %"}},
                                     "demands": {"sell": {"commodity": "metal", "price": "9 CNY/t", "most": "1 t/h"}}},
                                    ["the minimum load of works", "the most that can be sold to sell"]),
    "a ramp too slow": ({"horizon": {"cyclic": False}, "supplies": MINE, "profiles": {"p": {"values": [0, 4, 4, 4], "unit": "t/h"}},
                         "processes": {"works": {**WORKS["works"], "ramp_up": "25 %/h"}},
                         "demands": {"need": {"commodity": "metal", "amount": "p"}}}, ["the ramp up of works", "need"]),
    "a blend out of reach": ({"commodities": {"ashy": {"unit": "t", "quality": {"ash": "14 %"}}, "metal": {"unit": "t"}},
                              "supplies": {"in": {"commodity": "ashy"}},
                              "processes": {"works": {"outputs": {"metal": "1 t"}, "blends": {
                                  "mix": {"amount": "1 t", "from": ["ashy"], "limits": {"ash": {"most": "10 %"}}}}}},
                              "demands": NEED}, ["ash", "need"]),
    "a supply that must be taken": ({"supplies": {"in": {"commodity": "ore", "least": "3 t/h"}}, "processes": WORKS,
                                     "demands": {"sell": {"commodity": "metal", "price": "9 CNY/t", "most": "1 t/h"}}},
                                    ["the least to be taken from in", "sell"]),
    "a route too narrow": ({"sites": TWO, "supplies": {"in": {"commodity": "ore", "site": "a"}},
                            "routes": {"way": {"commodity": "ore", "from": "a", "to": "b", "capacity": "1 t/h"}},
                            "demands": {"need": {"commodity": "ore", "site": "b", "amount": "2 t/h"}}}, ["way", "need", "at b"]),
    "a day that is short": ({"supplies": MINE, "processes": WORKS, "profiles": {"p": {"values": [3, 6, 3, 3], "unit": "t/h"}},
                             "demands": {"need": {"commodity": "metal", "amount": "p"}}},
                            ["2 t of metal short", "2026-01-01 01:00–02:00"]),
}
UNBOUNDED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "bought cheap and sold dear": ({"supplies": MINE, "demands": {"sell": {"commodity": "ore", "price": "13 CNY/t"}}},
                                   ["buying ore (mine)", "selling ore (sell)", "3 CNY/t"]),
    "made without limit": ({"supplies": MINE, "processes": {"works": {"inputs": {"ore": "2 t"}, "outputs": {"metal": "1 t"}}},
                            "demands": {"sell": {"commodity": "metal", "price": "100 CNY/t"}}}, ["running works", "80 CNY/t"]),
    "paid to run": ({"processes": {"works": {"inputs": {"ore": "1 t"}, "outputs": {"ore": "1 t"}, "cost": "-5 CNY/t"}}},
                    ["running works"]),
}


@pytest.mark.parametrize("name", INFEASIBLE)
def test_what_conflicts_is_named(name: str) -> None:
    sections, words = INFEASIBLE[name]
    with pytest.raises(InfeasibleError) as caught:
        solved(4, **sections)
    told = "\n".join(caught.value.reasons)
    assert "these cannot all hold" in told
    assert "it would be mended by" in told
    for word in words:
        assert word in told, told


@pytest.mark.parametrize("name", UNBOUNDED)
def test_what_earns_without_end_is_named(name: str) -> None:
    sections, words = UNBOUNDED[name]
    with pytest.raises(UnboundedError) as caught:
        solved(4, **sections)
    told = "\n".join(caught.value.reasons)
    assert "without limit" in told
    for word in words:
        assert word in told, told


def test_whole_numbers_in_conflict_are_said_to_be() -> None:
    with pytest.raises(InfeasibleError) as caught:
        solved(1, supplies=MINE, processes={"works": {**WORKS["works"], "min_load": "75 %", "on_off": True}},
               demands={"need": {"commodity": "metal", "amount": "2 t/h"}})
    assert "whole-number" in str(caught.value)


def test_only_the_guilty_are_named() -> None:
    """Nine other works and their demands have nothing to do with it."""
    others = {f"fine {i}": {"inputs": {"ore": "1 t"}, "outputs": {f"thing {i}": "1 t"}, "capacity": "9 t/h"} for i in range(9)}
    commodities = {f"thing {i}": {"unit": "t"} for i in range(9)}
    with pytest.raises(InfeasibleError) as caught:
        solved(4, commodities={"ore": {"unit": "t"}, "metal": {"unit": "t"}, **commodities}, supplies=MINE,
               processes={**WORKS, **others},
               demands={"need": {"commodity": "metal", "amount": "5 t/h"},
                        **{f"take {i}": {"commodity": f"thing {i}", "amount": "2 t/h"} for i in range(9)}})
    told = "\n".join(caught.value.reasons)
    assert "fine" not in told
    assert "take" not in told


def test_bounds_that_cross_are_told_with_both_amounts() -> None:
    comes = {"between": "constant(1 h)", "amount": "constant(3 t)"}
    with pytest.raises(InfeasibleError) as caught:
        solved(4, supplies={"mine": {"commodity": "ore", "least": "4 t/h", "arrivals": comes}}, demands={"sell": {"commodity": "ore"}})
    assert list(caught.value.reasons) == ["these cannot all hold:", "  - the least to be taken from mine (4 t/h of ore), at all times",
                                    "  - the most that can be had from mine (3 t/h of ore), at all times"]


def test_what_must_stay_on_or_off_is_named_with_its_hours() -> None:
    """Off for two hours of nine it stays off until seven, and the town wants power from four on."""
    with pytest.raises(InfeasibleError) as error:
        optimise(resting("9 h", 10.0))
    said = str(error.value)
    assert "that unit stays off, 2026-01-01 00:00–07:00" in said
    assert "the demand load (10 MWh/h of power), 2026-01-01 04:00–07:00" in said
