"""The page of a simulation: what happened, what binds, what waits, who did what when, and an animation of a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from lodeworks.views.figures.ahead import RUNS_OUT, band_views
from lodeworks.views.figures.binding import BOTTLENECK
from lodeworks.views.figures.cooling import TEMPERATURES
from lodeworks.views.figures.exact import EXACT
from lodeworks.views.figures.gantt import GANTT
from lodeworks.views.figures.orders import ORDERS, late_words, order_rows
from lodeworks.views.figures.simulation import AGAINST_PLAN, STATES
from lodeworks.views.figures.stocks import level_views
from lodeworks.views.figures.waits import AGES, AGES_SPREAD, WAITS, WAITS_SPREAD
from lodeworks.views.numbers import digits, scale_of
from lodeworks.views.report.headline import card, horizon_text, title_of
from lodeworks.views.report.markup import both, folded, in_both, table
from lodeworks.views.report.motion import animation
from lodeworks.views.report.page import Page
from lodeworks.views.report.prose import assumptions, sources
from lodeworks.views.results import Results, optional_table
from lodeworks.views.view import Column
from lodeworks.views.words import Words

__all__ = ["fill_simulation", "simulation_cards", "simulation_heading"]

_MOST_CARDS = 6
_STATISTICS = (
    Column("name", "Name", "名称", "named"), Column("measure", "Measure", "指标"),
    Column("mean", "Mean", "平均", "number"),
    Column("low", "from", "低", "number"), Column("high", "to", "高", "number"), Column("unit", "Unit", "单位"),
)
_CHOICES = (
    Column("name", "Element", "环节", "named"), Column("choice", "Choice", "选择", "word"),
    Column("value", "Here", "取值", "word"),
)


def simulation_heading(results: Results) -> str:
    """Return the header of a simulation's report."""
    m = results.manifest
    warm = float(m["warm_up_h"])
    said = both(
        f"独立重复 {m['replications']} 次，随机种子 {m['seed']}" + (f"，预热 {warm:g} 小时不计" if warm else ""),
        f"{m['replications']} independent replications, seed {m['seed']}"
        + (f", the first {warm:g} h left out" if warm else ""),
    )
    status = in_both(lambda lang: Words(results, lang).say(str(m["status"])))
    return (
        f"<p class='kicker'>{both('产业链仿真', 'What really happens')}</p>"
        f"<h1>{in_both(lambda lang: title_of(results, lang))}</h1>"
        f"<p class='when'>{in_both(lambda lang: horizon_text(results, lang))}</p><p class='when'>{said}</p>"
        f"<p class='badges'><span class='badge'>{status}</span><span class='badge good'>"
        f"{both('✓ 守恒与利特尔定律已核对', '✓ certified: conservation and Little’s law')}</span></p>"
    )


def simulation_cards(results: Results) -> str:
    """Return cards of orders and whether they come late, and of what left the chain, with intervals."""
    orders = order_rows(results)
    cards = [
        card(
            lambda lang, name=row["name"]: Words(results, lang).element(name),  # type: ignore[misc]
            lambda lang, row=row: late_words(results, lang, row),  # type: ignore[misc]
        )
        for row in orders.head(_MOST_CARDS).iter_rows(named=True)
    ]
    told = orders["name"].to_list() if not orders.is_empty() else []
    rows = results.table("statistics").filter(
        ((pl.col("kind") == "exit") & (pl.col("measure") == "in"))
        | ((pl.col("kind") == "run") & (pl.col("measure") == "rate") & pl.col("name").is_in(_demands(results)))
    ).filter((pl.col("mean") > 0.0) & ~pl.col("name").is_in(told)).sort("mean", descending=True)
    for row in rows.head(_MOST_CARDS - len(cards)).iter_rows(named=True):
        cards.append(card(
            lambda lang, name=row["name"]: Words(results, lang).named(name),  # type: ignore[misc]
            lambda lang, row=row: _a_day(row, lang),  # type: ignore[misc]
        ))
    return "<div class='cards roomy'>" + "".join(cards) + "</div>"


def _a_day(row: Mapping[str, Any], language: str) -> str:
    """Return a mean rate with half its interval, both in the unit in which a day of it reads best."""
    day, half = 24.0 * row["mean"], 12.0 * (row["high"] - row["low"])
    divisor, unit = scale_of(day, str(row["unit"]).removesuffix("/h"), language)
    shown = f"{digits(day / divisor)} ± {digits(half / divisor) if half > 1e-6 * day else '0'} {unit}"
    return f"每天 {shown}" if language == "zh" else f"{shown} a day"


def _demands(results: Results) -> list[str]:
    elements = optional_table(results, "elements")
    return elements.filter(pl.col("kind") == "demand")["element"].to_list() if elements is not None else []


def fill_simulation(made: Page) -> None:
    """Add the sections in the order a reader asks."""
    results = made.results
    words = [Words(results, language) for language in ("zh", "en")]
    said = results.manifest["log"]
    log = "".join(f"<li>{both(zh, en)}</li>" for en, zh in zip(said, results.manifest.get("log_zh", said), strict=True))
    made.section("ahead", ("什么会用完", "What runs out, and when"), made.view(RUNS_OUT), short=("用完", "Runs out"))
    made.section("bands", ("库存展望", "What stores will hold"), made.tabs("bands", band_views(results)),
                 short=("展望", "Ahead"))
    made.section("against", ("计划与实际", "The plan beside what happens"), made.view(AGAINST_PLAN),
                 short=("计划", "Plan"))
    made.section("exact", ("仿真与精确解", "Simulated beside exact"), made.view(EXACT), short=("精确解", "Exact"))
    made.section("orders", ("哪些订单误期", "Which orders come late"), made.view(ORDERS), short=("订单", "Orders"))
    made.section("binding", ("瓶颈在哪里", "What holds the chain back"), made.view(BOTTLENECK),
                 short=("瓶颈", "Bottleneck"))
    made.section("states", ("机器在做什么", "What machines do"), made.view(STATES), short=("状态", "States"))
    made.section("waits", ("等待时间", "How long things wait"), made.view(WAITS), made.view(WAITS_SPREAD),
                 short=("等待", "Waits"))
    made.section("ages", ("离开时的时长", "How old what leaves is"), made.view(AGES), made.view(AGES_SPREAD),
                 short=("时长", "Ages"))
    made.section("temperatures", ("离开时的温度", "How warm it is when it leaves"), made.view(TEMPERATURES),
                 short=("温度", "Heat"))
    made.section("levels", ("库存与队列", "Stocks and queues"), made.tabs("levels", level_views(results)),
                 short=("库存", "Stocks"))
    made.section("motion", ("一天的动画", "A day in motion"), animation(results), short=("动画", "Motion"))
    made.section("gantt", ("甘特图", "Machines and vehicles hour by hour"), made.view(GANTT), short=("甘特图", "Gantt"))
    rows = results.table("statistics").filter(pl.col("mean") != 0.0)
    made.section("statistics", ("全部统计", "All means with 95 % intervals"),
                 folded(table(rows, _STATISTICS, *words), len(rows)),
                 short=("统计", "Means"))
    choices = results.table("choices")
    made.section(
        "choices", ("语义选择", "How it was meant"),
        folded(table(choices, _CHOICES, *words), len(choices)) if len(choices) else "",
        f"<ul>{log}</ul>" if log else "",
        short=("选择", "Choices"),
    )
    made.section("sources", ("来源与假设", "Sources and assumptions"), assumptions(results), sources(results),
                 short=("来源", "Sources"))
