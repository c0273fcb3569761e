"""What is watched of the region: every flow and stock of the plan, in the plan's names, and a command screen of them."""

from __future__ import annotations

import numpy as np
import pytest

from lodeworks.network.compile_live import compile_live
from lodeworks.network.live import Live
from lodeworks.rehearse import rehearse
from lodeworks.verbs import check, read
from lodeworks.watch.alarms.engine import Engine
from lodeworks.watch.journal import Journal

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


def test_that_the_station_runs_empty_is_told_hours_before_its_level_says_so(tmp_path):
    """The rehearsal in which no hydrogen comes: by time left two hours and three quarters of an hour before, once each."""
    made = rehearse(f"{CASE}/variants/stocked.yaml", hours=12, at="2026-03-03 08:00", script=f"{CASE}/rehearsals/no-trailers.yaml")
    made.numbers = [made.live.place["station_tanks_level"]]
    samples = made.samples()
    order = np.argsort(samples.at)
    empty = samples.at[order][np.flatnonzero((samples.value[order] < 15.0) & (samples.at[order] > made.begin_ms + 3_600_000))[0]]
    journal = Journal(tmp_path / "journal.sqlite")
    engine = Engine(made.live, journal, started=made.begin_ms)
    for until, block in made.blocks(300.0):
        engine.feed(block, until)
    left = {alarm.level: (empty - alarm.began) / 3.6e6 for alarm in journal.occurrences() if alarm.rule == "station_empties"}
    level = [(empty - alarm.began) / 3.6e6 for alarm in journal.occurrences() if alarm.rule == "station_low"]
    assert sum(alarm.rule == "station_empties" for alarm in journal.occurrences()) == 2
    assert left == {"L": pytest.approx(2.0, abs=0.3), "LL": pytest.approx(0.75, abs=0.2)}
    assert max(level) < left["LL"]
    journal.close()
