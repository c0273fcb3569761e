"""The calendar: what is done where and when, or what opens and closes in which stage, as a view.

Which cells there are is found in `views/calendar.py`; here it is chosen how they are drawn: by place where elements
of a place take turns, else by element.
"""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import polars as pl

from lodeworks.views.calendar import Calendar, calendar_of, loans_of, spells
from lodeworks.views.figures.grid import drawn, grid_figure, grid_wide
from lodeworks.views.figures.lanes import Lanes, lanes_figure, lanes_of, lanes_wide
from lodeworks.views.figures.style import empty
from lodeworks.views.numbers import digits
from lodeworks.views.results import Results
from lodeworks.views.slices import sliced
from lodeworks.views.view import Column, View
from lodeworks.views.words import Words

__all__ = ["calendar_view", "calendar_wide", "loans_view"]

_TITLES = (("What is done when", "日程总览"), ("What opens and closes when", "何时投用，何时停用"))


def calendar_view(results: Results) -> View | None:
    """Return the calendar of a run as a view; None where it has none."""
    calendar = calendar_of(results)
    if calendar is None:
        return None
    en, zh = _TITLES[calendar.stages]
    where = (Column("site", "Where", "场所", "site"),) if (calendar.cells["site"] != "").any() else ()
    columns = (
        Column("element", "What", "环节", "element"), *where,
        Column("since", "From", "自"), Column("until", "To", "至"),
        Column("amount", "A year, on the mean", "年均", "amount", "unit") if calendar.stages
        else Column("amount", "How much", "数量", "amount", "unit"),
    )
    return View("calendar", en, zh, columns, partial(_rows, calendar=calendar), partial(_figure, calendar=calendar),
                partial(_sentence, calendar=calendar))


def loans_view(results: Results) -> View | None:
    """Return which loan is drawn when as a view; None where a run has none or draws none."""
    calendar = loans_of(results)
    if calendar is None:
        return None
    columns = (Column("element", "Loan", "贷款", "element"), Column("since", "From", "自"), Column("until", "To", "至"),
               Column("amount", "Drawn", "提款", "amount", "unit"))
    return View("calendar_loans", "Which loan is drawn when", "哪笔贷款何时提款", columns,
                partial(_rows, calendar=calendar), partial(_figure, calendar=calendar),
                partial(_loans_sentence, calendar=calendar))


def _loans_sentence(results: Results, language: str, *, calendar: Calendar) -> str:
    words = Words(results, language)
    drawn, firms = (calendar.cells["element"].n_unique(),
                    calendar.cells["element"].str.split(": ").list.first().n_unique())
    return words.pick(
        f"{drawn} of {calendar.elements.height} loans on offer are drawn, by {firms} firm{'s' if firms != 1 else ''}.",
        f"可贷的{calendar.elements.height}笔中提用{drawn}笔，涉及{firms}家企业。") + _of_rows(calendar, words)


def _rows(results: Results, *, calendar: Calendar) -> pl.DataFrame:
    return spells(calendar)


def _figure(results: Results, language: str = "en", *, calendar: Calendar) -> go.Figure:
    if calendar.cells.is_empty():
        return empty(language)
    words = Words(results, language)
    lanes = lanes_of(calendar, words)
    return lanes_figure(calendar, lanes, words) if lanes is not None else grid_figure(calendar, words)


def _sentence(results: Results, language: str, *, calendar: Calendar) -> str:
    words = Words(results, language)
    lanes = lanes_of(calendar, words)
    if calendar.stages:
        return _of_stages(calendar, words)
    every, ran = calendar.elements["element"].n_unique(), calendar.cells["element"].n_unique()
    since, until = (calendar.names[int(v)] for v in (calendar.cells["column"].min(), calendar.cells["column"].max()))  # type: ignore[arg-type]
    text = words.pick(f"From {since} to {until} {ran} of {every} possible things are done.",
                      f"{since}至{until}，可做的{every}项中做{ran}项。")
    return text + (_of_lanes(lanes, words) if lanes is not None else _of_rows(calendar, words))


def _of_lanes(lanes: Lanes, words: Words) -> str:
    text = words.pick(" A divided cell shows shares, not an order.", "一格分为几段时，段长表示份额，不表示先后。")
    rests = {name: mark for name, mark in lanes.marks.items() if name not in lanes.kinds}
    if rests:
        told = words.pick(", ", "，").join(f"{mark} {name}" for name, mark in rests.items())
        text += words.pick(f" Letters: {told}.", f"格内字：{told}。")
    return text


def _of_rows(calendar: Calendar, words: Words) -> str:
    rows, ran = len(drawn(calendar)), calendar.cells["element"].n_unique()
    text = words.pick(" The darker, the nearer to the most of its row.", "颜色越深，越接近该行最大量。")
    if rows < ran:
        text += words.pick(f" {rows} of {digits(ran)} are drawn, those with most to see; the table has all.",
                           f"图中为内容最多的{rows}项，全部{digits(ran)}项见数据表。")
    return text


def _of_stages(calendar: Calendar, words: Words) -> str:
    moves = calendar.cells.filter(pl.col("change").fill_null(0.0).abs() > 1e-9)
    opened = moves.filter(pl.col("change") > 0.0)["element"].n_unique()
    closed = moves.filter(pl.col("change") < 0.0)["element"].n_unique()
    last = len(calendar.names) - 1
    ended = calendar.cells.filter(pl.col("amount") > 0.0).group_by("element").agg(pl.col("column").max()).filter(
        pl.col("column") < last).height
    text = words.pick(
        f"Of what is shown {opened} gain{'s' if opened == 1 else ''} capacity and {closed} "
        f"lose{'s' if closed == 1 else ''} some.", f"图中{opened}项产能增加，{closed}项减少。")
    if ended:
        text += words.pick(f" {ended} stop{'s' if ended == 1 else ''} before {calendar.names[-1]}.",
                           f"{ended}项在{calendar.names[-1]}年之前停止。")
    text += words.pick(" Numbers are amounts a year; ▲ more stands than before, ▼ less; hatched: being built.",
                       "数字为年量；▲ 产能比上一阶段多，▼ 比上一阶段少；斜线为在建。")
    rows, ran = len(drawn(calendar)), calendar.cells["element"].n_unique()
    if rows < ran:
        text += words.pick(f" {rows} of {digits(ran)} are drawn.", f"图中为{rows}项，共{digits(ran)}项。")
    return text


def calendar_wide(results: Results, language: str = "en", *, brief: bool = False) -> pl.DataFrame | None:
    """Return the calendar with a column a time or stage: by place what is done, else by element how much.

    None where the run has no calendar. `brief` leaves out the year of days, and all but the most of what a place does;
    its numbers are in the unit that reads best.
    """
    results = sliced(results)
    calendar = calendar_of(results)
    if calendar is None:
        return None
    words = Words(results, language)
    lanes = lanes_of(calendar, words)
    if lanes is not None:
        return lanes_wide(calendar, lanes, words, brief=brief)
    return grid_wide(calendar, words, brief=brief)
