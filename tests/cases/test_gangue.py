"""Ten years of gangue: every tonne goes somewhere, no gully takes more than its room, and dear heaps open gullies in order."""

from __future__ import annotations

import polars as pl
import pytest

from lodeworks.verbs import check, claims_of, plan

CASE = "cases/gangue"
DEAR = f"{CASE}/variants/dear-heap.yaml"
ROOM = {"faer_fill": 0.05e6, "pilots": 4.07e6, "near_gullies": 10.5e6, "middle_gullies": 14e6, "far_gullies": 12.6e6}


@pytest.fixture(scope="module")
def runs():
    return {"now": plan(CASE), "dear": plan(CASE, overlays=[DEAR])}


def amounts(run, names, by=("element",)):
    flows = run.flows.with_columns(pl.col("element", "stage").cast(pl.String))
    taken = flows.filter(pl.col("element").is_in(list(names)) & (pl.col("amount") < 0.0))
    sums = taken.group_by(list(by)).agg(pl.col("amount").sum()).rows()
    return {row[0] if len(row) == 2 else row[:-1]: -row[-1] for row in sums}


def test_the_case_has_no_fault():
    assert check(CASE) == []
    assert check(CASE, overlays=[DEAR]) == []
    assert {v.id: v.verdict for v in claims_of(CASE)} == {"K25": "needs assumption", "K26": "holds", "K27": "needs assumption"}


def test_all_that_arises_in_ten_years_goes_somewhere(runs):
    for run in runs.values():
        filled = sum(amounts(run, ROOM).values())
        used = sum(amounts(run, ("heap", "power_plant", "brickworks")).values())
        assert filled + used == pytest.approx(100e6, rel=1e-9)


def test_no_gully_takes_more_than_its_room(runs):
    for run in runs.values():
        for name, amount in amounts(run, ROOM).items():
            assert amount <= ROOM[name] * (1.0 + 1e-9)


def test_land_is_what_the_filled_mass_makes(runs):
    for run in runs.values():
        assert amounts(run, ("fields",))["fields"] == pytest.approx(0.0549 * sum(amounts(run, ROOM).values()), rel=1e-9)


def test_at_todays_cost_of_a_heap_only_near_gullies_are_opened(runs):
    opened = set(runs["now"].table("vintages").filter(pl.col("decided") > 0.0)["element"])
    assert opened == {"near_gullies"}


def test_a_dear_heap_uses_all_room_and_all_but_ends_heaping_for_four_years(runs):
    assert amounts(runs["dear"], ROOM) == pytest.approx(ROOM)
    heaps = amounts(runs["dear"], ("heap",), by=("element", "stage"))
    of_years = [heaps.get(("heap", str(year)), 0.0) for year in range(2028, 2032)]
    assert of_years == pytest.approx([60e3, 0.0, 0.0, 0.0], abs=1.0)  # the best to a millionth; 0.01 % would allow others
    assert heaps["heap", "2033"] > 6e6


def test_gullies_are_opened_whole(runs):
    for run in runs.values():
        whole = run.table("vintages")["decided"] * 8760.0 / 140_000.0
        assert (whole - whole.round(0)).abs().max() < 1e-6


def test_one_more_tonne_costs_what_the_heap_costs(runs):
    """31 CNY: 6 to heap it up, 25 for the heap; the power plant's 45 less 6 for sorting are 70 better, 84 million a year."""
    values = runs["now"].table("marginal_values").with_columns(pl.col("commodity", "stage").cast(pl.String))
    gangue = values.filter((pl.col("what") == "balance") & (pl.col("commodity") == "gangue") & (pl.col("stage") == "2035"))
    assert gangue["value"].to_list() == pytest.approx([-31.0] * len(gangue))
