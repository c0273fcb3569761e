"""A supply without limit and a route without limit bring what is wanted; where nobody limits that, it is told."""

from __future__ import annotations

from typing import Any

import pytest

from lodeworks import verbs
from lodeworks.errors import InputError
from lodeworks.simulate.tables import measures
from tests.simulate.running import chain, simulate

MINE = {"mine": {"commodity": "coal", "site": "a", "price": "1 CNY/t"}}
WAY: dict[str, Any] = {"commodity": "coal", "from": "a", "to": "b"}
STORE: dict[str, Any] = {"commodity": "coal", "site": "b", "end": "free"}
SALE: dict[str, Any] = {"commodity": "coal", "site": "b", "price": "5 CNY/t"}
WANTED = SALE | {"most": "10 t/h"}
BURN: dict[str, Any] = {"site": "b", "inputs": {"coal": "1 t"}, "outputs": {"ash": "0.1 t"}, "reference": "coal"}
ASHES = {"ashes": {"commodity": "ash", "site": "b", "price": "50 CNY/t"}}


def bought(length: float = 100.0, **sections: Any) -> Any:
    """Return a chain whose coal is bought in any amount at one place and wanted at another."""
    commodities = {"coal": {"unit": "t"}} | ({"ash": {"unit": "t"}} if "processes" in sections else {})
    commodities["coal"] |= sections.pop("coal", {})
    return chain(length, 1.0, **{"sites": {"a": {}, "b": {}, "c": {}}, "commodities": commodities, "supplies": MINE,
                                 "routes": {"way": WAY}, **sections})


@pytest.mark.parametrize("sections", [
    {"demands": {"sale": WANTED}},
    {"demands": {"sale": SALE | {"amount": "10 t/h"}}},
    {"demands": {"sale": WANTED}, "stores": {"heap": STORE}},
    {"demands": {"sale": WANTED}, "stores": {"heap": STORE | {"capacity": "100 t"}}},
    {"demands": {"sale": WANTED}, "coal": {"let_go": True}},
    {"demands": {"sale": WANTED | {"site": "c"}},
     "routes": {"way": WAY, "on": WAY | {"from": "b", "to": "c"}}, "stores": {"heap": STORE | {"site": "c"}}},
], ids=["no store", "amount", "endless store", "store", "let go", "two ways"])
def test_what_is_wanted_is_brought_as_planned(sections: dict[str, Any]) -> None:
    entity = bought(**sections)
    found = measures(simulate(entity, 2))
    assert found["run", "sale", "rate"] == pytest.approx(10.0)
    planned = verbs.plan(entity).flows
    sold = planned.filter(planned["element"] == "sale")["amount"].abs().sum()
    assert found["run", "sale", "rate"].mean() * 100.0 <= sold * (1.0 + 1e-9)
    assert found["run", "way", "rate"].max() < 12.0  # what is sold, and the stock that is kept once


def test_an_endless_store_keeps_two_batches_of_who_takes_from_it() -> None:
    found = measures(simulate(bought(200.0, demands={"sale": WANTED}, stores={"heap": STORE}), 2))
    assert 10.0 <= found["queue", "coal@b", "level"].mean() <= 20.0


@pytest.mark.parametrize("store", [{}, {"stores": {"heap": STORE}}], ids=["no store", "endless store"])
def test_over_a_lag_what_is_under_way_is_kept_up(store: dict[str, Any]) -> None:
    """Seven hours on the way, seventy tonnes of it; then as much is sold as can be."""
    entity = bought(demands={"sale": WANTED}, routes={"way": WAY | {"lag": "7 h"}}, **store)
    outcome = simulate(entity, 2, warm_up=20.0)
    assert measures(outcome)["run", "sale", "rate"] == pytest.approx(10.0)


def test_what_comes_by_a_finite_store_is_not_drawn_into_a_route_without_limit() -> None:
    """It waits in its store for room, not on the way: a route is no store."""
    entity = bought(
        supplies={"mine": {"commodity": "coal", "site": "a", "price": "1 CNY/t", "most": "12 t/h"}},
        stores={"pile": STORE | {"site": "a"}}, demands={"sale": WANTED})
    found = measures(simulate(entity, 2))
    assert found["queue", "coal@a", "level"].mean() > 50.0  # two a hour are too many
    assert found["run", "way", "under way"].max() == 0.0


@pytest.mark.parametrize(("sections", "told"), [
    ({"demands": {"sale": SALE}}, ["way"]),
    ({"demands": {"sale": SALE}, "routes": {"way": WAY | {"lag": "2 h"}}}, ["way"]),
    ({"processes": {"burn": BURN}, "demands": ASHES}, ["burn", "way"]),
], ids=["sold", "sold over a lag", "burnt and sold"])
def test_without_any_limit_it_is_told_where(sections: dict[str, Any], told: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        simulate(bought(**sections), 2)
    assert sorted(problem.element for problem in caught.value.problems) == told
    assert all("coal@" in problem.found and "`most`" in problem.expected for problem in caught.value.problems)


@pytest.mark.parametrize("limited", [
    {"supplies": {"mine": MINE["mine"] | {"most": "10 t/h"}}}, {"routes": {"way": WAY | {"capacity": "10 t/h"}}},
    {"demands": {"sale": WANTED}},
], ids=["supply", "route", "demand"])
def test_one_limit_anywhere_is_enough(limited: dict[str, Any]) -> None:
    sections = {"demands": {"sale": SALE}} | limited
    assert measures(simulate(bought(**sections), 2))["run", "way", "rate"].mean() == pytest.approx(10.0, rel=0.04)


def test_following_a_plan_it_does_as_much(tmp_path: Any) -> None:
    """What the plan carries is carried, and no more, where nothing else says how much."""
    entity = bought(demands={"sale": WANTED}, stores={"heap": STORE})
    verbs.plan(entity, out=tmp_path / "plan")
    told = verbs.simulate(entity, plan=tmp_path / "plan", replications=2)
    assert told.mean("sale", "rate") == pytest.approx(10.0, rel=0.02)
