"""What is watched of the region: every flow and stock of the plan, in the plan's names, and a command screen of them."""

from __future__ import annotations

import pytest

from lodeworks.network.compile_live import compile_live
from lodeworks.network.live import Live
from lodeworks.verbs import check, read

CASE = "cases/liupanshui"


@pytest.fixture(scope="module")
def live() -> Live:
    return compile_live(read(CASE))


def test_every_store_and_every_process_that_stands_has_its_tag(live):
    chain = read(CASE)
    bound = {tag.element for tag in live.tags}
    assert set(chain.stores) <= bound
    assert {name for name, process in chain.processes.items() if not process.candidate and not name.startswith("heap")} <= bound
    assert set(chain.routes) <= bound


def test_tags_are_called_by_what_they_are_and_no_two_alike(live):
    for titles in ([tag.title_en for tag in live.tags], [tag.title_zh for tag in live.tags]):
        assert len(set(titles)) == len(titles)
    names = {tag.name: (tag.title_en, tag.title_zh) for tag in live.tags}
    assert names["coking_meijin_gas"] == ("Meijin-Huayu coke ovens, coke-oven gas", "美锦华宇焦炉·焦炉煤气")
    assert names["hydrogen_tanks_level"][1] == "储氢罐存量"


def test_power_is_told_in_megawatts_and_stands_beside_the_plan_in_kilowatt_hours(live):
    tag = live.tags[live.place["power_funeng_flow"]]
    assert (tag.unit, tag.factor, tag.high) == ("MW", pytest.approx(1000.0), pytest.approx(1650.0))


def test_deviations_are_on_flows_and_stocks_on_levels(live):
    for rule in live.rules:
        if not rule.made:
            reads = live.tags[live.place[rule.tag]].reads
            assert reads == ("flow" if rule.kind == "deviation" else "level"), rule.name
            assert rule.response
            assert rule.response_zh


def test_the_command_screen_shows_coal_gas_power_metal_and_trucks(live):
    wide = next(screen for screen in live.screens if screen.name == "command")
    assert (wide.width, wide.height, len(wide.rows)) == (3840, 1080, 5)
    assert all(tile in live.place for row in wide.rows for tile in row)
    assert next(screen for screen in live.screens if screen.name == "command_hd").rows == wide.rows


def test_the_region_with_stocks_on_hand_has_no_fault():
    chain = read(f"{CASE}/variants/stocked.yaml")
    assert check(f"{CASE}/variants/stocked.yaml") == []
    assert all(store.initial is not None for store in chain.stores.values())
