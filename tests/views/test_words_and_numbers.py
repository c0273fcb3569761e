"""Numbers are written as each language's readers write them."""

from __future__ import annotations

import pytest

from lodeworks.views.numbers import amounts_told, at_most, digits, duration, money, percent, quantity, unit_words
from lodeworks.views.words import Words
from tests.views.synthetic import Made


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (3.8e6, "t", "380 万吨", "3.8 Mt"),
        (548.0, "t", "548 吨", "548 t"),
        (2.5e8, "t", "2.5 亿吨", "250 Mt"),
        (2.5e6, "kg", "2,500 吨", "2.5 kt"),
        (1e7, "kg", "1 万吨", "10 kt"),
        (1.4e9, "kWh", "14 亿千瓦时", "1.4 TWh"),
        (5000.0, "kWh", "5,000 千瓦时", "5 MWh"),
        (4e7, "Nm3", "4,000 万标方", "40 million Nm³"),
        (1.32e6, "kWh/h", "132 万千瓦", "1.32 GW"),
        (-2.1e4, "t", "−2.1 万吨", "−21 kt"),
        (12.0, "t/h", "12 吨/时", "12 t/h"),
        (2.1e6, "t/a", "210 万吨/年", "2.1 Mt/a"),
        (4.07, "Mt", "407 万吨", "4.07 Mt"),
        (0.05, "Mt", "5 万吨", "50 kt"),
        (0.0, "t", "0 吨", "0 t"),
        (91.0, "visit", "91 次", "91 visits"),
        (1.0, "visit", "1 次", "1 visit"),
        (2.0, "visit/d", "2 次/天", "2 visit/d"),
    ],
)
def test_amounts(value: float, unit: str, zh: str, en: str) -> None:
    assert quantity(value, unit, "zh") == zh
    assert quantity(value, unit, "en") == en


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (1.234e9, "12.34 亿元", "1,234 MCNY"),
        (5.6e4, "5.6 万元", "56 kCNY"),
        (300.0, "300 元", "300 CNY"),
        (-7e8, "−7 亿元", "−700 MCNY"),
    ],
)
def test_money(value: float, zh: str, en: str) -> None:
    assert money(value, "CNY", "zh") == zh
    assert money(value, "CNY", "en") == en


def test_money_of_another_country_keeps_its_name() -> None:
    assert money(2e8, "EUR", "zh") == "2 亿EUR"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567.0, "1,234,567"),
        (123.45, "123.5"),
        (12.345, "12.35"),
        (0.01234, "0.012"),
        (0.00012, "0.00012"),
        (-0.00012, "−0.00012"),
        (0.0, "0"),
        (float("nan"), "–"),
        (float("inf"), "–"),
        (-5.0, "−5"),
    ],
)
def test_digits(value: float, text: str) -> None:
    assert digits(value) == text


def test_shares() -> None:
    assert (percent(0.5), percent(0.1234), percent(1.0), percent(-0.05)) == ("50 %", "12.3 %", "100 %", "−5 %")


@pytest.mark.parametrize(("hours", "zh", "en"), [
    (0.0, "0分钟", "0 min"), (5.0 / 3600.0, "5秒", "5 s"), (0.25, "15分钟", "15 min"), (1.0, "1小时", "1 h"),
    (48.0, "48小时", "48 h"), (72.0, "3天", "3 d"), (float("inf"), "–", "–"),
])
def test_times(hours: float, zh: str, en: str) -> None:
    assert (duration(hours, "zh"), duration(hours, "en")) == (zh, en)


def test_units_in_words() -> None:
    assert amounts_told("594 亿元", "en") == "59,400 MCNY"
    assert amounts_told("145 万吨, apart by 125 万吨 (holds at 14.5 万吨)", "en") == "1.45 Mt, apart by 1.25 Mt (holds at 145 kt)"
    assert amounts_told("-28 亿度/年", "en") == "−2.8 TWh/a"
    assert amounts_told("0.966 元/km; 300 元/吨; 1 project; 80 project", "en") == "0.966 CNY/km; 300 CNY/t; 1 project; 80 projects"
    assert amounts_told("9.006 Mt/a, apart by 431 kt/a", "zh") == "900.6 万吨/年, apart by 43.1 万吨/年"
    assert amounts_told("29 MCNY; 2,340 MCNY; -0.8 Mt/project", "zh") == "2,900 万元; 23.4 亿元; −80 万吨/个项目"
    assert amounts_told("9.006 Mt/a，相差 1.006 Mt/a", "zh") == "900.6 万吨/年，相差 100.6 万吨/年"
    assert amounts_told("57,120 MCNY", "zh") == "571.2 亿元"
    assert unit_words("CNY/(t/h)", "zh") == "元/(吨/时)"
    assert unit_words("CNY/(kWh/h)", "zh") == "元/千瓦"
    assert unit_words("CNY/(kWh/h)", "en") == "CNY/kW"
    assert unit_words("Nm3", "en") == "Nm³"


def test_titles_come_from_the_run(run: Made) -> None:
    zh, en = Words(run, "zh"), Words(run, "en")
    assert (zh.element("ovens"), en.element("ovens")) == ("焦炉", "Coke ovens")
    assert (zh.element("gas let go at river"), en.element("gas let go at river")) == ("煤气放散", "Gas, let go")
    assert (zh.owner("mines"), en.owner("")) == ("山地煤业", "No owner given")
    assert (zh.site(""), en.site("river")) == ("全链", "River")
    assert en.element("nobody") == "nobody"
    assert zh.attribute("expansion.cost") == "扩能 · 成本"
    assert [zh.attribute("most", section) for section in ("demands", "lenders", "policies")] == ["上限", "年投放上限", "上限"]
    assert zh.attribute("price", "demands") == "价格"


@pytest.mark.parametrize(("gap", "text"), [
    (0.0, "0 %"), (3e-9, "0.0001 %"), (1.07e-4, "0.011 %"), (0.000312, "0.032 %"), (0.01, "1 %"), (0.0101, "1.1 %"), (0.123, "13 %"),
])
def test_a_bound_is_never_told_better_than_it_is(gap: float, text: str) -> None:
    assert at_most(gap) == text


def test_sums_of_a_unit_of_the_chains_own_are_counted_not_said_in_money() -> None:
    assert money(40_664.0, "households", "en") == "40,664 households"
    assert money(40_664.0, "households", "zh") == "40,664 户"
    assert money(2_500_000.0, "households", "zh") == "250 万户"
    assert money(40_664.0, "CNY", "en") == "40.66 kCNY"


def test_what_is_weighed_is_called_by_the_objectives_own_title(run: Made) -> None:
    """Where no money is weighed, what it comes from is called so too; another goal keeps its own word."""
    chain = {**run.chain, "objective": {"goal": "profit", "title": {"en": "told", "zh": "获知"}}}
    households = Made({**run.manifest, "currency": "households"}, chain, {name: run.table(name) for name in run.tables})
    english, chinese = Words(households, "en"), Words(households, "zh")
    assert (english.goal("profit"), chinese.goal("profit"), english.say("revenue")) == ("told", "获知", "told")
    assert english.goal("emissions") == "Emissions"
    yuan = Words(Made(run.manifest, chain, {name: run.table(name) for name in run.tables}), "en")
    assert (yuan.goal("profit"), yuan.say("revenue")) == ("told", "Revenue")
    assert Words(run, "en").goal("profit") == "Profit"
