"""A stock carried from period to period: a year of seasons has the optimum of the year of their days, one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lodeworks.chain.entities import Chain
from lodeworks.network import compile_network, compile_pathway
from lodeworks.plan import optimise
from lodeworks.plan.pathway import information, optimise_pathway, pathway_tables
from lodeworks.plan.pathway.answer import PathwayAnswer
from tests.chain.check.written import told

TIMES = {"spring": 3, "summer": 4, "winter": 2}


def reservoir(values: dict[str, np.ndarray], horizon: dict[str, Any], **store: Any) -> dict[str, Any]:
    """Water that comes and is wanted by the season, a basin that may be built, and dear power instead."""
    return {
        "chain": "valley", "commodities": {"water": {"unit": "t", "let_go": True}}, "objective": "cost",
        "horizon": {"start": "2026-01-01", "step": "1 d", "discount": "0 %/a", **horizon},
        "profiles": {name: {"values": own.tolist(), "unit": "t/h"} for name, own in values.items()},
        "supplies": {"river": {"commodity": "water", "most": "river"},
                     "pumps": {"commodity": "water", "price": "8 CNY/t", "most": "9 t/h"}},
        "stores": {"basin": {"commodity": "water", "capacity": "50 t",
                             "expansion": {"most": "2000 t", "cost": "300 CNY/t", "life": "10 a"}, **store}},
        "demands": {"town": {"commodity": "water", "amount": "town", "unserved": "70 CNY/t"}},
    }


def seasons(seed: int, **store: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a chain of three seasons of a day each, and that of all its days in their order."""
    rng = np.random.default_rng(seed)
    river, town = rng.uniform([0, 4, 0], [3, 12, 2]).round(2), rng.uniform(2, 9, 3).round(2)
    periods = {name: {"length": "1 d", "times": times} for name, times in TIMES.items()}
    short = reservoir({"river": river, "town": town}, {"length": "3 d", "periods": periods},
                      over_periods="carried", **store)
    each = np.repeat(np.arange(3), list(TIMES.values()))
    return short, reservoir({"river": river[each], "town": town[each]}, {"length": "9 d"}, **store)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("store", [{}, {"min_level": "20 %"}, {"charge": "3 t/h", "discharge": "2 t/h"}])
def test_seasons_have_the_optimum_of_all_their_days(seed: int, store: dict[str, str]) -> None:
    """With a day in one step the days of a season may as well be alike: the mean of their plans is a plan."""
    short, days = seasons(seed, **store)
    whole = optimise(compile_network(Chain.model_validate(days)))
    answer = optimise_pathway(compile_pathway(Chain.model_validate(short)))
    assert answer.objective == pytest.approx(whole.program.objective(whole.x), rel=1e-9)
    alone = {**short, "stores": {"basin": {**short["stores"]["basin"], "over_periods": "alone"}}}
    assert optimise_pathway(compile_pathway(Chain.model_validate(alone))).objective >= answer.objective - 1e-6


def planned(**changes: Any) -> PathwayAnswer:
    """Half a day of sun in ten summer days, none in ten of winter: 2 t/h all the time from one tank."""
    data = reservoir(
        {"river": np.array([12.0, 0.0, 0.0, 0.0]), "town": np.full(4, 2.0)},
        {"step": "12 h", "length": "2 d", "periods": {"summer": {"length": "1 d", "times": 10}, "winter": {"length": "1 d", "times": 10}}},
        capacity="0 t", over_periods="carried")
    data["stores"]["basin"]["expansion"] = {"most": "2000 t", "cost": "1 CNY/t", "life": "10 a"}
    return optimise_pathway(compile_pathway(Chain.model_validate({**data, **changes})))


def test_the_last_passing_of_a_season_has_room_too() -> None:
    """A summer day brings 144 t and takes 48; after ten 480 t must be there for winter, and 24 t more at the last noon."""
    answer = planned()
    assert answer.slices[0].built(0) == pytest.approx(504.0)
    table = pathway_tables(answer)["stocks"].sort("begin")
    assert table["period"].cast(str).to_list() == ["summer", "winter"]
    assert table["begin"].to_list() == pytest.approx([0.0, 480.0], abs=1e-6)
    assert table["end"].to_list() == pytest.approx([480.0, 0.0], abs=1e-6)
    assert table["yearly"].to_list() == pytest.approx([480.0 * 365 / 20, -480.0 * 365 / 20])


def test_each_stage_and_scenario_has_a_ring_of_its_own() -> None:
    dry = {"dry": {"probability": "50 %", "set": {"demands.town.unserved": "90 CNY/t"}}, "wet": {"probability": "50 %"}}
    horizon = {"start": "2026-01-01", "step": "12 h", "length": "2 d", "discount": "0 %/a", "stages": [2026, 2030], "last": "4 a",
               "periods": {"summer": {"length": "1 d", "times": 10}, "winter": {"length": "1 d", "times": 10}}}
    answer = planned(horizon=horizon, scenarios=dry)
    table = pathway_tables(answer)["stocks"]
    assert table.columns[:4] == ["stage", "scenario", "period", "element"]
    assert len(table) == 8
    for _, ring in table.group_by("stage", "scenario"):
        assert ring["begin"].to_list() == pytest.approx([*ring["end"].to_list()[1:], ring["end"][0]], abs=1e-6)
    assert information(answer).stochastic_solution == pytest.approx(0.0, abs=1e-3)


TEXT = """
chain: valley
horizon: {start: 2026-01-01, step: 1 d, length: 2 d, periods: {wet: {length: 1 d, times: 2}, dry: {length: 1 d, times: 3}}}
commodities: {water: {unit: t}}
supplies: {river: {commodity: water, most: 3 t/h, price: 1 CNY/t}}
demands: {town: {commodity: water, price: 9 CNY/t, most: 2 t/h}}
stores: {basin: {commodity: water, capacity: 9 t, over_periods: carried}}
"""


@pytest.mark.parametrize(("old", "new", "said"), [
    ("over_periods: carried", "over_periods: caried", "did you mean 'carried'"),
    ("over_periods: carried", "over_periods: carried, loss: 1 %/h", "a store with loss is not carried from period to period"),
    ("over_periods: carried", "over_periods: carried, shelf_life: 2 d", "a store with shelf life is not carried"),
    ("over_periods: carried", "over_periods: carried, end: free", "ends them as it began"),
    ("over_periods: carried", "over_periods: carried, initial: 3 t", "ends them as it began"),
    (", periods: {wet: {length: 1 d, times: 2}, dry: {length: 1 d, times: 3}}", "", "there are no periods to carry it over"),
])
def test_what_is_not_carried_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert told(TEXT, tmp_path) == "" or "over_periods" not in told(TEXT, tmp_path)
    assert said in told(TEXT, tmp_path, (old, new))
