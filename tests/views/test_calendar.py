"""The calendar shows what the tables hold: when what runs, where things take turns, and what opens and closes."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lodeworks
from lodeworks import Plan, RunError
from lodeworks.chain.entities import Chain
from lodeworks.views import terminal
from lodeworks.views.apart import apart, marks
from lodeworks.views.calendar import calendar_of, spells
from lodeworks.views.export import sheets
from lodeworks.views.figures.calendar import calendar_view, calendar_wide
from lodeworks.views.report.page import page
from lodeworks.views.slices import sliced
from tests.plan.test_pathway_tables import CHAIN
from tests.views.synthetic import Made

SHOPS = {"bakery": ("bakery", "烘焙店"), "tea": ("milk tea", "奶茶店")}
STAMPS = {"gas": ("gas at home", "家用燃气", 9), "wires": ("old wiring", "老旧线路", 5), "fire": ("fireworks", "烟花爆竹", 7)}


@pytest.fixture(scope="module")
def shops() -> Plan:
    """Two shops with ten orders a week for four weeks, three stamps of which each is wanted 20 times in all."""
    weeks: dict[str, Any] = {"start": "2026-01-05", "step": "7 d", "length": "28 d", "cyclic": False}
    stamps = {
        f"{shop}_{stamp}": {
            "title": {"en": f"{en}, {where}", "zh": f"{ort}：{zh}章"}, "site": shop, "inputs": {"order": "1 order"},
            "outputs": {stamp: "1 order"}, "reference": "order", "capacity": "10 order/week",
        }
        for shop, (where, ort) in SHOPS.items() for stamp, (en, zh, _) in STAMPS.items()
    }
    return lodeworks.plan(Chain.model_validate({
        "chain": "shops", "horizon": weeks, "units": {"order": "order"},
        "sites": {shop: {"title": {"en": en, "zh": zh}} for shop, (en, zh) in SHOPS.items()},
        "commodities": {"order": {"unit": "order", "let_go": True},
                        **{stamp: {"unit": "order", "shared": True, "step": "28 d"} for stamp in STAMPS}},
        "supplies": {f"orders_{shop}": {"commodity": "order", "site": shop, "most": "10 order/week"} for shop in SHOPS},
        "processes": stamps,
        "demands": {f"told_{stamp}": {"commodity": stamp, "tiers": [
            {"most": "5 order/week", "price": f"{worth} CNY/order"}, {"most": "5 order/week", "price": "1 CNY/order"},
        ]} for stamp, (_, _, worth) in STAMPS.items()},
    }))


def test_cells_add_up_to_what_ran(shops: Plan) -> None:
    calendar = calendar_of(shops)
    assert calendar is not None
    assert calendar.names == ("2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26")
    ran = shops.table("rates").filter(pl.col("kind").cast(pl.String) == "process")
    total = float(ran.select((pl.col("rate") * pl.col("hours")).sum()).item())
    assert float(calendar.cells["amount"].sum()) == pytest.approx(total) == pytest.approx(80.0)
    assert float(spells(calendar)["amount"].sum()) == pytest.approx(total)


def test_places_whose_elements_take_turns_have_a_lane_each(shops: Plan) -> None:
    wide = calendar_wide(shops, "en")
    assert wide is not None
    assert wide["place"].to_list() == ["bakery", "milk tea"]
    said = "; ".join(text for column in wide.columns[1:] for text in wide[column] if text)
    assert {part.rstrip(" 0123456789%") for part in said.split("; ")} == {stamp for stamp, _, _ in STAMPS.values()}
    assert "milk tea" not in said, "the place is named by its row only"
    chinese = calendar_wide(shops, "zh")
    assert chinese is not None
    assert chinese["场所"].to_list() == ["烘焙店", "奶茶店"]
    assert "烘焙店" not in str(chinese[chinese.columns[1]][0])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_picture_draws_every_cell_within_its_column(shops: Plan, language: str) -> None:
    calendar, view = calendar_of(shops), calendar_view(shops)
    assert calendar is not None
    assert view is not None
    assert view.figure is not None
    figure = view.figure(shops, language)
    bars = [(float(base), float(x)) for trace in figure.data for base, x in zip(trace.base, trace.x, strict=True)]
    assert len(bars) == len(calendar.cells)
    week = 7 * 86_400_000.0
    start = datetime(2026, 1, 5).timestamp()
    begins = sorted((base / 1000 - start) % (week / 1000) for base, _ in bars)
    assert all(width <= week + 1e-6 for _, width in bars)
    assert sum(width for _, width in bars) == pytest.approx(8 * week), "two shops, four weeks, none left empty"
    assert begins[0] >= 0.0


def test_narrow_columns_are_divided_one_above_the_other() -> None:
    """Of 20 days one has two jobs at the bench: each fills half the height, and the whole width."""
    on = {"paint": [1 if day in (0, 1) else 0 for day in range(20)], "sand": [1 if day in (1, 19) else 0 for day in range(20)]}
    plan = lodeworks.plan(Chain.model_validate({
        "chain": "bench", "horizon": {"start": "2026-01-05", "step": "1 d", "length": "20 d"}, "units": {"job": "job"},
        "sites": {"bench": {}}, "commodities": {"job": {"unit": "job", "shared": True}},
        "profiles": {name: {"values": values} for name, values in on.items()},
        "processes": {name: {"site": "bench", "outputs": {"job": "1 job"}, "capacity": "1 job/d", "on_off": True,
                             "min_load": "100 %", "availability": name, "title": f"{name} at the bench"} for name in on},
        "demands": {"done": {"commodity": "job", "price": "1 CNY/job"}},
    }))
    view = calendar_view(plan)
    assert view is not None
    assert view.figure is not None
    bars = sorted((trace.name, float(high), float(wide)) for trace in view.figure(plan, "en").data
                  for high, wide in zip(trace.width, trace.x, strict=True))
    day = 86_400_000.0
    assert bars == [("paint", 0.44, day), ("paint", 0.88, day), ("sand", 0.44, day), ("sand", 0.88, day)]


def test_the_page_begins_with_the_calendar_and_the_workbook_has_it_in_both_languages(shops: Plan) -> None:
    text = page(shops, "en")
    assert text.index('id="calendar"') < text.index('id="year"')
    made = sheets(shops)
    assert made["calendar"].columns[1:] == made["日程"].columns[1:] == list(calendar_of(shops).names)  # type: ignore[union-attr]


def test_a_year_by_the_hour_has_no_calendar(run: Made) -> None:
    assert calendar_of(run) is None
    assert calendar_view(run) is None
    assert "calendar" not in sheets(run)


def test_what_is_switched_is_shown_by_the_hour_of_a_week_and_only_that() -> None:
    """A boiler that is on for three of eight hours; what is not switched has no row."""
    plan = lodeworks.plan(Chain.model_validate({
        "chain": "boiler", "horizon": {"start": "2026-01-05 06:00", "length": "8 h"},
        "commodities": {"heat": {"unit": "MWh"}}, "profiles": {"need": {"values": [0, 0, 1, 1, 1, 0, 0, 0]}},
        "processes": {"boiler": {"outputs": {"heat": "1 MWh"}, "capacity": "2 MW", "min_load": "50 %", "on_off": True,
                                 "cost": "1 CNY/MWh"},
                      "always": {"outputs": {"heat": "1 MWh"}, "capacity": "0.1 MW"}},
        "demands": {"town": {"commodity": "heat", "price": "9 CNY/MWh", "most": {"profile": "need", "times": "2 MW"}}},
    }))
    calendar = calendar_of(plan)
    assert calendar is not None
    assert dict(calendar.cells.select("column", "element").iter_rows()) == {2: "boiler", 3: "boiler", 4: "boiler"}
    assert spells(calendar).select("since", "until", "columns").rows() == [("2026-01-05 08:00", "2026-01-05 10:00", 3)]


def test_what_is_never_off_has_no_calendar_and_asking_for_it_says_so() -> None:
    plan = lodeworks.plan(Chain.model_validate({
        "chain": "boiler", "horizon": {"start": "2026-01-05", "length": "4 h"}, "commodities": {"heat": {"unit": "MWh"}},
        "processes": {"boiler": {"outputs": {"heat": "1 MWh"}, "capacity": "2 MW", "min_load": "50 %", "on_off": True}},
        "demands": {"town": {"commodity": "heat", "price": "9 CNY/MWh"}},
    }))
    assert calendar_of(plan) is None
    with pytest.raises(RunError, match="there is nothing called 'calendar' to show"):
        terminal.show(plan, "calendar")


@pytest.fixture(scope="module")
def pathway() -> Plan:
    return lodeworks.plan(Chain.model_validate(CHAIN))


def test_stages_show_a_years_amount_what_stands_and_what_is_being_built(pathway: Plan) -> None:
    part = sliced(pathway)
    calendar = calendar_of(part)
    assert calendar is not None
    assert calendar.stages
    assert calendar.names == tuple(pathway.manifest["stages"]["names"])
    standing = pathway.table("pathway")
    for (name,), own in calendar.cells.group_by(["element"]):
        rows = standing.filter(pl.col("element") == name)["total"].to_list()
        changes = [after - before for before, after in pairwise(rows)]
        told = {row["column"]: row["change"] or 0.0 for row in own.iter_rows(named=True)}
        for column, change in enumerate(changes, start=1):
            assert told.get(column, 0.0) == pytest.approx(8760.0 * change), (name, column)
    rates = pathway.table("rates").filter(pl.col("scenario").cast(pl.String) == part.manifest["slice"]["scenario"])
    for row in calendar.cells.filter(pl.col("amount") > 0.0).iter_rows(named=True):
        own = rates.filter((pl.col("element").cast(pl.String) == row["element"])
                           & (pl.col("stage").cast(pl.String) == calendar.names[row["column"]]))
        assert row["amount"] == pytest.approx(float(own.select((pl.col("rate") * pl.col("hours")).sum()).item()))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_calendar_of_stages_is_drawn_told_and_shown(pathway: Plan, language: str) -> None:
    part = sliced(pathway)
    view = calendar_view(part)
    assert view is not None
    assert view.figure is not None
    heat = view.figure(part, language).data[0]
    assert len(heat.y) == calendar_of(part).cells["element"].n_unique()  # type: ignore[union-attr]
    assert "▲" in view.sentence(part, language)
    assert terminal.show(pathway, "calendar", language).columns[0].header == {"en": "element", "zh": "环节"}[language]  # type: ignore[union-attr]


def test_a_stage_of_several_years_says_so(pathway: Plan) -> None:
    calendar = calendar_of(sliced(pathway))
    years = pathway.manifest["stages"]["years"]
    assert calendar is not None
    for called, name, length in zip(calendar.called, calendar.names, years, strict=True):
        assert called == (name if length < 2 else f"{name}–{str(int(name) + round(length) - 1)[-2:]}")


def test_what_tells_titles_apart_is_cut_at_words() -> None:
    assert apart(["gas at home, tea shop", "old wiring, tea shop"]) == [("gas at home",), ("old wiring",)]
    assert apart(["doctor at g01: canker", "technician at g01: pruning"]) == [("doctor", "canker"), ("technician", "pruning")]
    assert apart(["高校专家到g01：溃疡病", "技术员到g01：修剪"]) == [("高校专家", "溃疡病"), ("技术员", "修剪")]
    assert apart(["bone", "stone"]) == [("bone",), ("stone",)]
    assert apart(["line", "line 2"]) == [("line",), ("line 2",)], "nothing would be left of the first"
    assert apart(["alone"]) == [("alone",)]


@settings(max_examples=40)
@given(st.lists(st.text("ab 到：", min_size=1, max_size=12), min_size=1, max_size=6, unique=True))
def test_what_is_left_of_titles_still_tells_them_apart(titles: list[str]) -> None:
    parts = apart(titles)
    assert len(parts) == len(titles)
    assert len(set(parts)) == len(titles)


@settings(max_examples=40)
@given(st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=8, unique=True))
def test_marks_differ_and_begin_as_their_names(names: list[str]) -> None:
    found = marks(names)
    assert len({mark.lower() for mark in found.values()}) == len(names)
    assert all(name.startswith(mark.lower()) for name, mark in found.items())


def test_of_two_hundred_rows_those_with_most_to_see_are_drawn_and_all_are_in_the_table() -> None:
    """Job k runs on k % 7 + 1 days of the first 14."""
    count = 200
    days = {f"days_{k}": {"values": [1] * k + [0] * (14 - k)} for k in range(1, 8)}
    plan = lodeworks.plan(Chain.model_validate({
        "chain": "many", "horizon": {"start": "2026-01-05", "step": "1 d", "length": "14 d"}, "units": {"job": "job"},
        "commodities": {"job": {"unit": "job"}}, "profiles": days,
        "processes": {f"job_{k}": {"outputs": {"job": "1 job"}, "capacity": "1 job/d", "availability": f"days_{k % 7 + 1}"}
                      for k in range(count)},
        "demands": {"done": {"commodity": "job", "price": "1 CNY/job"}},
    }))
    view = calendar_view(plan)
    assert view is not None
    assert view.figure is not None
    rows = view.rows(plan)
    assert (len(rows), float(rows["amount"].sum())) == (count, sum(k % 7 + 1 for k in range(count)))
    heat = view.figure(plan, "en").data[0]
    assert heat.z.shape == (60, 7)
    assert "60 of 200 are drawn, those with most to see; the table has all." in view.sentence(plan, "en")
    assert "图中为内容最多的60项，全部200项见数据表。" in view.sentence(plan, "zh")
