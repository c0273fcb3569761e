"""What a deviation costs is margin × deviation, and all of them together are what a plan with them earns less."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from lodeworks.errors import RunError
from lodeworks.network import Network
from lodeworks.network.arrays import Varying
from lodeworks.network.live import Live
from lodeworks.plan import optimise
from lodeworks.runs import read_run, write_run
from lodeworks.watch.against_plan import Against, Deviation, Now
from lodeworks.watch.planned import Planned, midnight_ms
from lodeworks.watch.samples import Quality
from tests.watch.works import TAGS, WORKS, ZONE, ms, planned_works, tag, values

LIVE = Live("works", "works", "works", tags=TAGS)
NOON = ms("2026-03-03 10:20")


@pytest.fixture(scope="module")
def works() -> tuple[Network, dict[str, pl.DataFrame]]:
    return planned_works()


@pytest.fixture
def against(works: Any) -> Against:
    net, tables = works
    return Against(net, Planned(net, tables), LIVE)


def plan_at(tables: dict[str, pl.DataFrame], table: str, column: str, time: str, **names: str) -> float:
    chosen = pl.col("time") == pl.lit(time).str.to_datetime()
    for name, value in names.items():
        chosen &= pl.col(name).cast(str) == value
    return float(tables[table].filter(chosen)[column].item())


def of(now: Now, name: str) -> Deviation:
    return next(d for d in now.deviations if d.tag == name)


def as_planned(against: Against, now: int) -> dict[str, float]:
    found = against.planned_values(now)
    return {t.name: float(v) for t, v in zip(against.live.tags, found, strict=True) if np.isfinite(v)}


def test_the_figure_is_the_plans_marginal_value_times_the_deviation(works: Any, against: Against) -> None:
    _, tables = works
    said = as_planned(against, NOON)
    said["coke_belt"] -= 3.0
    tile = of(against.now(values(LIVE, NOON, said), NOON), "coke_belt")
    hour = "2026-03-03 10:00:00"
    assert tile.planned == pytest.approx(26.0)
    assert tile.deviation == pytest.approx(-3.0)
    capacity = plan_at(tables, "marginal_values", "value", hour, what="capacity", name="coking")
    assert capacity > 1.0
    assert tile.margin == pytest.approx(capacity, rel=1e-6)
    assert tile.cost == pytest.approx(3.0 * capacity, rel=1e-6)
    assert tile.marginal_value == pytest.approx(
        plan_at(tables, "marginal_values", "value", hour, what="balance", name="coke"), rel=1e-9)
    assert tile.cost == pytest.approx(-tile.margin * tile.deviation, rel=1e-9)


def test_what_the_plan_could_as_well_not_do_costs_nothing(works: Any, against: Against) -> None:
    """Where washing has room to catch up at the same price of power, a little less of it is no loss; units are told."""
    rates = works[1]["rates"]
    free = rates.filter((pl.col("element").cast(str) == "washing") & pl.col("rate").is_between(3.0, 39.0))
    now = ms(f"{free['time'][0]:%Y-%m-%d %H}:20")
    said = as_planned(against, now)
    said["wash_belt"] -= 2.0
    tile = of(against.now(values(LIVE, now, said), now), "wash_belt")
    assert tile.deviation == pytest.approx(-2.0)
    assert tile.cost == pytest.approx(0.0, abs=1e-4)
    assert tile.marginal_value > 1000.0


def with_rates(net: Network, step: int, rates: dict[str, float]) -> Network:
    """Return the network in which some elements run at given rates in one step."""
    lower, upper = net.activities.lower, net.activities.upper
    series = list(net.series)
    for name, rate in rates.items():
        a = net.activities_of(name)[0]
        for which, rest in ((lower, 0.0), (upper, None)):
            row = np.full(net.steps, float(which.scale[a])) if which.series[a] < 0 else which.scale[a] * net.series[which.series[a]]
            row = np.full(net.steps, rest) if rest is not None else row.copy()
            row[step] = rate
            series.append(row)
        lower = Varying(np.where(np.arange(len(lower.scale)) == a, 1.0, lower.scale),
                        np.where(np.arange(len(lower.scale)) == a, len(series) - 2, lower.series).astype(np.int32))
        upper = Varying(np.where(np.arange(len(upper.scale)) == a, 1.0, upper.scale),
                        np.where(np.arange(len(upper.scale)) == a, len(series) - 1, upper.series).astype(np.int32))
    return replace(net, series=np.array(series), activities=replace(net.activities, lower=lower, upper=upper), _averages={})


@pytest.mark.parametrize("hour", [3, 10, 20])
def test_the_tiles_add_up_to_what_a_plan_with_the_deviations_earns_less(works: Any, against: Against, hour: int) -> None:
    net, _ = works
    now = ms(f"2026-03-03 {hour:02}:30")
    said = as_planned(against, now)
    shares = {"wash_belt": 0.99, "coke_belt": 0.98, "engine_power": 0.97, "steel_belt": 0.98}
    said = {name: value * shares.get(name, 1.0) for name, value in said.items()}
    found = against.now(values(LIVE, now, said), now)
    assert sum(d.cost for d in found.deviations if d.counted) == pytest.approx(found.cost)
    rates = {t.element: said[t.name] for t in TAGS[:4]}
    earned, less = (o.program.objective(o.x) for o in (optimise(net), optimise(with_rates(net, 24 + hour, rates))))
    assert earned - less > 10.0
    assert found.cost == pytest.approx(earned - less, rel=0.05)


def test_a_poor_yield_is_charged_at_the_marginal_value_of_what_is_missing(works: Any) -> None:
    net, tables = works
    live = Live("works", "", "", tags=(tag("coke_belt", "coking", "flow", "t/h"),
                                       tag("gas_out", "coking", "flow", "Nm3/h", commodity="gas"),
                                       tag("clean_in", "coking", "flow", "kg/h", commodity="clean", factor=1e-3)))
    found = Against(net, Planned(net, tables), live)
    found = found.now(values(live, NOON, {"coke_belt": 24.0, "gas_out": 24.0 * 215 - 100.0, "clean_in": 1e3 * (24.0 * 1.37 + 0.5)}), NOON)
    gas, clean = of(found, "gas_out"), of(found, "clean_in")
    assert gas.deviation == pytest.approx(-2.0 * 215 - 100.0)
    assert gas.cost == pytest.approx(100.0 * gas.marginal_value, abs=1e-6)
    assert clean.deviation == pytest.approx(-2.0 * 1.37 + 0.5)
    assert clean.cost == pytest.approx(0.5 * clean.marginal_value, rel=1e-6)
    assert found.cost == pytest.approx(of(found, "coke_belt").cost + gas.cost + clean.cost)


def test_levels_and_capacities_are_told_but_not_added_up(works: Any) -> None:
    net, tables = works
    live = Live("works", "", "", tags=(*TAGS, tag("coking_able", "coking", "availability", "%", factor=0.01)))
    against = Against(net, Planned(net, tables), live)
    said = as_planned(against, NOON)
    assert said["coking_able"] == pytest.approx(100.0)  # all there is
    found = against.now(values(live, NOON, {"heap_level": said["heap_level"] + 4.0, "coking_able": 50.0}), NOON)
    heap, able = of(found, "heap_level"), of(found, "coking_able")
    assert heap.deviation == pytest.approx(4.0)
    assert heap.cost == pytest.approx(-4.0 * heap.marginal_value)
    assert (able.present, able.deviation) == (pytest.approx(13.0), pytest.approx(-13.0))
    assert able.cost == pytest.approx(13.0 * plan_at(
        tables, "marginal_values", "value", "2026-03-03 10:00:00", what="capacity", name="coking"), rel=1e-6)
    assert found.cost == 0.0


@pytest.mark.parametrize(("state", "there"), [(0.0, 0.0), (1.0, 26.0), (2.0, 0.0), (7.0, 26.0)])
def test_what_is_at_rest_by_its_state_has_no_capacity(works: Any, state: float, there: float) -> None:
    net, tables = works
    live = Live("works", "", "", tags=(tag("ovens", "coking", "state", "", kind="state", words=((1, "runs", "运行"), (2, "Tripped", "跳停"))),))
    tile = of(Against(net, Planned(net, tables), live).now(values(live, NOON, {"ovens": state}), NOON), "ovens")
    assert (tile.what, tile.present) == ("capacity", pytest.approx(there))


def test_units_loads_and_running_totals_come_to_the_plans_units(works: Any) -> None:
    net, tables = works
    live = Live("works", "", "", tags=(
        tag("wash_kg", "washing", "flow", "kg/min", factor=0.06), tag("coking_load", "coking", "load", "%", factor=0.01),
        tag("meter", "engine", "flow", "MWh", kind="counter", factor=1000.0),
    ))
    against = Against(net, Planned(net, tables), live)
    for minute, total in ((0, 712.0), (2, 712.1), (4, 712.2)):
        now = NOON + minute * 60_000
        found = against.now(values(live, now, {"wash_kg": 500.0, "coking_load": 90.0, "meter": total}), now)
    assert of(found, "wash_kg").present == pytest.approx(30.0)
    assert of(found, "coking_load").present == pytest.approx(0.9 * 26.0)
    assert of(found, "meter").present == pytest.approx(3000.0)
    assert {d.unit for d in found.deviations} == {"t/h", "kWh/h"}


@pytest.mark.parametrize("quality", [Quality.BAD, Quality.TEST])
def test_what_cannot_be_trusted_is_not_known_and_costs_nothing(against: Against, quality: Quality) -> None:
    said = {"coke_belt": 3.0}
    tile = of(against.now(values(LIVE, NOON, said, quality), NOON), "coke_belt")
    assert tile.state == "unknown"
    assert np.isnan(tile.cost)


def test_a_stale_value_is_not_known(against: Against) -> None:
    said = values(LIVE, NOON, {"coke_belt": 20.0})
    assert of(against.now(said, NOON + 30_000), "coke_belt").state == "known"
    assert of(against.now(said, NOON + 30_001), "coke_belt").state == "unknown"


def test_before_and_after_the_plan_nothing_is_held_against_it(against: Against) -> None:
    for now, plan in ((ms("2026-03-01 23:59"), "not begun"), (ms("2026-03-05 00:00"), "ended")):
        found = against.now(values(LIVE, now, {"coke_belt": 20.0}), now)
        assert found.plan == plan
        assert {d.state for d in found.deviations} == {"not planned"}
        assert (found.cost, found.unmeasured) == (0.0, ())
    assert (against.planned.begin, against.planned.end) == (ms("2026-03-02"), ms("2026-03-05"))


def test_an_hour_the_plan_leaves_out_is_told(works: Any) -> None:
    net, tables = works
    gone = (pl.col("element").cast(str) == "coking") & (pl.col("time") == pl.datetime(2026, 3, 3, 10))
    planned = Planned(net, {**tables, "rates": tables["rates"].filter(~gone)})
    found = Against(net, planned, LIVE).now(values(LIVE, NOON, {"coke_belt": 20.0, "wash_belt": 30.0}), NOON)
    assert of(found, "coke_belt").state == "not planned"
    assert of(found, "wash_belt").state == "known"


def test_the_sums_of_the_day_begin_at_midnight_and_count_only_what_was_known(works: Any, against: Against) -> None:
    begin = ms("2026-03-03 23:00")
    for minute in range(0, 121):
        now = begin + minute * 60_000
        said = as_planned(against, now)
        said["coke_belt"] -= 2.0
        if minute == 75:
            del said["coke_belt"]
        found = against.now(values(LIVE, now, said), now)
        if minute == 30:
            assert of(found, "coke_belt").behind_today == pytest.approx(-1.0)
    tile = of(found, "coke_belt")
    assert tile.known_today == pytest.approx(59 / 60)
    assert tile.behind_today == pytest.approx(-2.0 * 59 / 60)
    assert tile.cost_today == pytest.approx(tile.cost * 59 / 60, rel=1e-6)
    assert found.cost_today == pytest.approx(sum(d.cost_today for d in found.deviations if d.counted))


def test_the_sums_of_the_plans_hour_begin_with_it_and_are_told_beside_those_of_the_day(against: Against) -> None:
    """4 t/h behind from 10:20, 1 t/h from 11:00: at 11:30 half a tonne this hour, and 4 × 2/3 + 1/2 today."""
    for minute in range(0, 71):
        now = NOON + minute * 60_000
        said = as_planned(against, now)
        said["coke_belt"] -= 4.0 if minute < 40 else 1.0
        said["heap_level"] += 3.0
        found = against.now(values(LIVE, now, said), now)
        if minute == 39:
            assert of(found, "coke_belt").behind_hour == of(found, "coke_belt").behind_today == pytest.approx(-4.0 * 39 / 60)
    tile = of(found, "coke_belt")
    assert found.hour == ms("2026-03-03 11:00")
    assert tile.behind_hour == pytest.approx(-0.5)
    assert tile.cost_hour == pytest.approx(0.5 * tile.cost, rel=1e-6)
    assert tile.behind_today == pytest.approx(-(4.0 * 40 + 30) / 60)
    assert found.cost_hour == pytest.approx(sum(d.cost_hour for d in found.deviations if d.counted))
    heap = of(found, "heap_level")  # tonnes too many are no more tonnes the longer they lie there
    assert (heap.behind_hour, heap.cost_hour, heap.behind_today, heap.cost_today) == (0.0, 0.0, 0.0, 0.0)
    assert heap.known_today == pytest.approx(70 / 60)


def test_a_long_silence_of_the_watch_itself_is_not_counted_as_known(against: Against) -> None:
    for now in (NOON, NOON + 3_600_000):
        found = against.now(values(LIVE, now, {"coke_belt": 20.0}), now)
    assert of(found, "coke_belt").known_today == 0.0


def test_after_a_restart_the_day_is_taken_from_history(works: Any) -> None:
    net, tables = works
    one, other = (Against(net, Planned(net, tables), LIVE) for _ in range(2))
    midnight = midnight_ms(NOON, ZONE)
    moments = np.arange(midnight, NOON + 1, 60_000)
    rng = np.random.default_rng(3)
    rows = np.where(rng.random((len(moments), len(TAGS))) < 0.9, 20.0 + rng.random((len(moments), len(TAGS))), np.nan)
    for moment, row in zip(moments, rows, strict=True):
        said = {t.name: float(v) for t, v in zip(TAGS, row, strict=True) if np.isfinite(v)}
        last = one.now(values(LIVE, int(moment), said), int(moment))
    other.recall(moments[:-1], rows[:-1])
    assert other.now(values(LIVE, NOON, said), NOON) == last


def test_alarms_are_sorted_by_what_their_element_costs(against: Against) -> None:
    said = as_planned(against, NOON)
    found = against.now(values(LIVE, NOON, {**said, "coke_belt": said["coke_belt"] - 5.0}), NOON)
    assert found.cost_of("coking") == pytest.approx(of(found, "coke_belt").cost)
    assert found.cost_of("coking") > found.cost_of("washing") - 1e-6
    assert found.cost_of("no such") == 0.0


def test_elements_the_plan_runs_and_no_tag_measures_are_named(against: Against) -> None:
    found = against.now(values(LIVE, NOON, {}), NOON)
    assert {"mine"} <= set(found.unmeasured) <= {"mine", "grid", "feed_in"}


def test_a_trade_of_several_prices_is_charged_tier_by_tier() -> None:
    data = {**WORKS, "demands": {**WORKS["demands"], "steel": {
        "commodity": "coke", "most": "26 t/h",
        "tiers": [{"most": "10 t/h", "price": "2000 CNY/t"}, {"price": "1700 CNY/t"}]}}}
    net, tables = planned_works(data)
    against = Against(net, Planned(net, tables), LIVE)
    said = as_planned(against, NOON)
    planned = said["steel_belt"]
    assert planned > 10.0
    costs = [of(against.now(values(LIVE, NOON, {**said, "steel_belt": at}), NOON), "steel_belt").cost
             for at in (planned, 10.0, 0.0)]
    value = of(against.now(values(LIVE, NOON, said), NOON), "steel_belt").marginal_value
    assert costs == pytest.approx([0.0, (planned - 10.0) * (1700.0 - value), (planned - 10.0) * (1700.0 - value) + 10.0 * (2000.0 - value)])


def test_a_run_of_something_else_is_refused(works: Any, tmp_path: Any) -> None:
    net, tables = works
    write_run(tmp_path / "sim", {"kind": "simulation", "chain": "works"}, {}, {})
    write_run(tmp_path / "other", {"kind": "plan", "chain": "other"}, tables, {})
    write_run(tmp_path / "own", {"kind": "plan", "chain": "works"}, tables, {})
    with pytest.raises(RunError, match="not the run of a plan of one horizon"):
        Planned.of_run(read_run(tmp_path / "sim"), net)
    with pytest.raises(RunError, match="found other, expected works"):
        Planned.of_run(read_run(tmp_path / "other"), net)
    assert Planned.of_run(read_run(tmp_path / "own"), net).covers(NOON) == "running"
    rates = tables["rates"].with_columns(element=pl.col("element").cast(str).str.replace("coking", "cokery"))
    write_run(tmp_path / "old", {"kind": "plan", "chain": "works"}, {**tables, "rates": rates}, {})
    with pytest.raises(RunError, match="plan it anew"):
        Planned.of_run(read_run(tmp_path / "old"), net)


@pytest.mark.parametrize("over", ["stages", "scenarios", "periods"])
def test_a_plan_over_several_slices_is_refused(works: Any, tmp_path: Any, over: str) -> None:
    net, tables = works
    write_run(tmp_path / "sliced", {"kind": "plan", "chain": "works", over: {"names": ["one", "two"]}}, tables, {})
    with pytest.raises(RunError, match="not the run of a plan of one horizon"):
        Planned.of_run(read_run(tmp_path / "sliced"), net)
