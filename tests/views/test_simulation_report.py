"""The report of a simulation: every section has its rows, in both languages, and nothing is fetched."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import polars as pl
import pytest

from lodeworks import verbs
from lodeworks.runs import read_run
from lodeworks.views.figures.binding import BOTTLENECK, bottleneck_rows
from lodeworks.views.figures.cooling import TEMPERATURES
from lodeworks.views.figures.gantt import GANTT, gantt_rows, lanes
from lodeworks.views.figures.orders import ORDERS, order_rows
from lodeworks.views.figures.simulation import AGAINST_PLAN, STATES, state_rows
from lodeworks.views.figures.stocks import level_views
from lodeworks.views.figures.waits import AGES, AGES_SPREAD, WAITS, WAITS_SPREAD
from lodeworks.views.numbers import digits
from lodeworks.views.report import write_report
from lodeworks.views.report.simulation_page import _a_day
from lodeworks.views.view import written
from lodeworks.views.words import Words
from tests.simulate.running import chain


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    verbs.plan("cases/hydrogen-loop", out=folder / "plan")
    verbs.simulate("cases/hydrogen-loop", replications=3, trace=24.0, plan=folder / "plan", out=folder / "run")
    return read_run(folder / "run")


@pytest.fixture(scope="module")
def page(run, tmp_path_factory):
    return write_report(run, tmp_path_factory.mktemp("page") / "report.html").read_text(encoding="utf-8")


def test_every_section_is_there(page):
    found = re.findall(r'<section id="(\w+)"', page)
    assert found == ["against", "binding", "states", "waits", "ages", "levels", "motion", "gantt", "statistics",
                     "choices", "sources"]


def test_what_the_run_says_stands_in_both_languages(page):
    assert "no store, so room for two batches" in page
    assert "没有储存，只留两批的余地" in page


def test_a_mean_and_its_interval_stand_in_one_unit():
    row = {"mean": 500.0, "low": 495.0, "high": 505.0, "unit": "t/h"}
    assert _a_day(row, "en") == "12 ± 0.12 kt a day"
    assert _a_day(row, "zh") == "每天 1.2 ± 0.012 万吨"


def test_nothing_is_fetched(page):
    assert not re.search(r'<(script|link|img|iframe)[^>]*(src|href)="http', page)


@pytest.mark.parametrize("view", [STATES, BOTTLENECK, WAITS, WAITS_SPREAD, AGES, AGES_SPREAD, GANTT, AGAINST_PLAN],
                         ids=lambda view: view.key)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_view_has_a_figure_and_a_sentence(run, view, language):
    assert not view.rows(run).is_empty()
    assert view.figure(run, language).data
    assert len(view.sentence(run, language)) > 10


def test_shares_of_states_add_to_one(run):
    rows = state_rows(run)
    total = rows.select(pl_sum(rows))
    assert total.to_series().to_list() == pytest.approx([1.0] * len(rows))


def pl_sum(rows):
    return pl.sum_horizontal(column for column in rows.columns if column not in ("name", "busy", "held"))


def test_pools_and_machines_stand_in_one_ranking(run):
    rows = bottleneck_rows(run)
    assert "drivers" in rows["name"]
    assert rows["busy"].round(3).to_list() == sorted(rows["busy"].round(3), reverse=True)


@pytest.fixture(scope="module")
def shoes(tmp_path_factory):
    """Few replications of the shoe works up to September."""
    return verbs.simulate("cases/shoe-works", replications=3, sets=["horizon.length=200 d"])


def test_what_people_do_beside_a_machine_that_waits_for_room_is_no_work(shoes):
    """Cutters stand beside full racks nearly all day; the bottleneck is stitching, whose queue is the longest."""
    rows = bottleneck_rows(shoes)
    assert rows["name"][:2].to_list() in (["stitchers", "stitching"], ["stitching", "stitchers"])
    cutters = rows.row(rows["name"].to_list().index("cutters"), named=True)
    assert shoes.mean("cutters", "used") > 0.99
    assert cutters["busy"] + cutters["blocked"] == pytest.approx(shoes.mean("cutters", "used"))
    assert cutters["busy"] == pytest.approx(rows["busy"][rows["name"].to_list().index("cutting")], abs=0.01)
    assert "stitch" in BOTTLENECK.sentence(shoes, "en").partition(",")[0]


def test_what_holds_a_pool_is_weighed_in_the_pools_unit():
    """Of 500 kW beside a blocked press and 1 MW at work, written as 0.5 MW it must be the same."""
    def ranked(held: str):
        return bottleneck_rows(verbs.simulate(chain(
            200.0, step=1.0, pools={"grid": {"amount": "2 MW"}}, supplies={"in": {"commodity": "job", "price": "1 CNY/case"}},
            stores={"shelf": {"commodity": "mid", "capacity": "2 case", "end": "free"}},
            processes={
                "press": {"inputs": {"job": "1 case"}, "outputs": {"mid": "1 case"},
                          "runs": {"batch": "1 case", "time": "1 h", "crew": {"grid": held}}},
                "oven": {"inputs": {"mid": "1 case"}, "outputs": {"done": "1 case"},
                         "runs": {"batch": "1 case", "time": "4 h", "crew": {"grid": "1 MW"}}}},
            demands={"out": {"commodity": "done", "price": "9 CNY/case"}}), replications=2))

    rows = ranked("0.5 MW")
    assert rows.filter(pl.col("name") == "grid")["blocked"][0] > 0.1
    assert ranked("500 kW").equals(rows)


def test_orders_are_told_by_their_due_dates_and_what_is_not_delivered_is_late(shoes):
    rows = order_rows(shoes)
    assert rows["name"].to_list() == ["due_may", "due_july", "due_september", "due_november", "due_december"]
    assert rows["late"].to_list() == [1.0, 1.0, 1.0, 0.0, 0.0]  # the last two are due after the end
    assert rows["complete"].to_list() == [1.0, 1.0, 0.0, 0.0, 0.0]
    assert rows["days"][0] == pytest.approx(shoes.mean("orders of due_may", "tardiness") / 24.0)
    for language in ("zh", "en"):
        assert len(ORDERS.figure(shoes, language).data) == 5
        assert digits(float(rows["days"][0])).partition(".")[0] in ORDERS.sentence(shoes, language)
    assert "0 of 80,000 pair by the end" in ORDERS.sentence(shoes, "en")
    assert not any("orders of" in name for name in WAITS.rows(shoes)["name"])


def test_where_the_work_is_done_long_before_the_end_the_ranking_says_so(run, shoes):
    cherries = verbs.simulate("cases/cherry-care", replications=10)
    assert re.search(r"delivered after 1\d\.?\d* d \(median\); shares are of all 30 d\.$", BOTTLENECK.sentence(cherries, "en"))
    assert BOTTLENECK.sentence(cherries, "zh").endswith("占比按全部30天计算。")
    assert not any("delivered after" in BOTTLENECK.sentence(other, "en") for other in (run, shoes))


def test_who_has_ordered_is_no_machine(shoes):
    assert "due_may" in shoes.table("statistics").filter(kind="machines")["name"]
    assert set(state_rows(shoes)["name"]) == {"cutting", "printing", "stitching", "soling", "finishing"}


def test_a_chain_without_orders_has_no_section_of_them(run):
    assert ORDERS.rows(run).is_empty()


def test_why_something_falls_behind_its_plan_is_told_in_both_languages(run):
    """The plan brings no hydrogen to town, where nobody pays for it: the buses stand before an empty pump."""
    rows = AGAINST_PLAN.rows(run)
    line = rows.row(rows["name"].to_list().index("line"), named=True)
    assert line["why"].startswith("to refuel ")
    assert "to refuel" in AGAINST_PLAN.sentence(run, "en")
    assert "待加注" in AGAINST_PLAN.sentence(run, "zh")
    assert "待加注" in str(written(rows, AGAINST_PLAN.columns, Words(run, "zh"))[1])


def test_stocks_have_bands(run):
    views = level_views(run)
    assert any("hydrogen" in view.title_en for view in views)
    assert [view.figure(run, "zh").layout.xaxis.type for view in views] == ["date"] * len(views)
    rows = views[0].rows(run)
    assert (rows["low"] <= rows["high"]).all()


def test_the_gantt_shows_some_of_every_group_and_what_a_vehicle_does(run):
    rows = gantt_rows(run)
    drawn = lanes(rows)
    assert set(drawn["group"]) == set(rows["group"]) >= {"ovens", "psa", "haul.load", "trucks"}
    assert len(drawn) == 40
    assert rows["group"][-1] == "trucks"  # fleets last
    figure = GANTT.figure(run, "en")
    assert {"working", "loading", "laden way", "unloading", "way back", "refuelling"} <= {bar.name for bar in figure.data}
    assert len({name for bar in figure.data for name in bar.y}) == 40
    assert figure.layout.xaxis.type == "date"
    shown = rows.row(0, named=True)
    assert shown["begin"] == datetime(2026, 3, 2) + timedelta(hours=shown["start"])


def test_a_run_without_trace_leaves_gantt_and_motion_out(tmp_path):
    verbs.simulate("cases/service-hall", replications=2, out=tmp_path / "run")
    text = write_report(read_run(tmp_path / "run"), tmp_path / "r.html").read_text(encoding="utf-8")
    assert 'section id="gantt"' not in text
    assert 'section id="motion"' not in text
    assert 'section id="binding"' in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_cools_is_shown_beside_the_least_it_must_have(language):
    run = verbs.simulate("cases/molten-aluminium", replications=2)
    rows = TEMPERATURES.rows(run)
    assert rows["c01"][0] <= rows["c05"][0] <= rows["c50"][0] <= 960.0
    assert rows["cold"].to_list() == [0.0] * len(rows)
    assert len(TEMPERATURES.figure(run, language).data) == 4
    assert "720" in TEMPERATURES.sentence(run, language)


def test_nothing_hot_has_no_temperatures(run):
    assert TEMPERATURES.rows(run).is_empty()
