"""The chain itself: its horizon, profiles, calendars, firms, sources and all its elements by section."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from pydantic import model_validator

from lodeworks.chain.entities.attribute import Element, Entity, Measure, Name, Title, attr
from lodeworks.chain.entities.commodity import Commodity, Site
from lodeworks.chain.entities.event import Simulation
from lodeworks.chain.entities.finance import Accounts, Firm, Lender, Loan
from lodeworks.chain.entities.investment import Investment
from lodeworks.chain.entities.live import (
    Action,
    Alarm,
    Camera,
    Feed,
    Incident,
    Outline,
    PlaceLimit,
    Roadway,
    Round,
    Screen,
    Tag,
    Zone,
)
from lodeworks.chain.entities.pathway import Period, Scenario, Stage
from lodeworks.chain.entities.process import Process
from lodeworks.chain.entities.stock import Policy, Pool, Store
from lodeworks.chain.entities.trade import Demand, Supply
from lodeworks.chain.entities.transport import Fleet, Route
from lodeworks.units import Quantity, Units

__all__ = ["Calendar", "Chain", "Horizon", "Objective", "Profile", "Risk", "Source", "named", "sections"]


class Horizon(Entity):
    """The stretch of time a plan covers."""

    start: dt.datetime = attr("start", "起始", "First instant, local time: a date, or a date and time.", required=True)
    step: Quantity = attr("step", "步长", "The base step.", default=Quantity(1.0, "h"), measure=Measure.DURATION)
    length: Quantity = attr("length", "长度", "How long: `1 a` is 8,760 h.", measure=Measure.DURATION, required=True)
    segments: str = attr(
        "segments", "时间分段",
        "The profile whose values say how long the segments are in which the horizon is planned, one after another: of whole steps, as "
        "long together as the horizon. A simulation runs in the base step all the same.",
        default="", ref="profiles",
    )
    cyclic: bool = attr(
        "cyclic", "首尾相接", "Whether what is under way at the end arrives at the start.", default=True
    )
    discount: Quantity = attr(
        "discount", "折现率", "Yearly rate at which investments are paid back, and money of later stages counts less.",
        default=Quantity(6.0, "%/a"), measure=Measure.FRACTION_PER_TIME,
    )
    stages: list[int] = attr(
        "stages", "阶段", "Years in which may be built; each stands for the years until the next, and the horizon for a year of it.",
        factory=list,
    )
    last: Quantity | None = attr(
        "last stage", "末阶段长度", "How long the last stage lasts; as long as the one before it unless given, a single one a year.",
        measure=Measure.DURATION,
    )
    periods: dict[Name, Period] = attr(
        "periods", "代表时段",
        "Stretches that follow one another and make up the horizon, each of which comes more often: "
        "`{summer: {length: 24 h, times: 90}, …}`. Each stands alone; the horizon then stands for all their times together.",
        factory=dict,
    )
    expiring: str = attr(
        "expiring", "寿命末期",
        "What capacity is in the stage in which its life ends: `whole`, paid on to the stage's end, or a `share` of it, by the years.",
        default="whole",
    )
    money_at: str = attr(
        "money at", "资金时点", "When a year's operating money counts: at the `end`, `middle` or `begin` of the year.", default="end"
    )


class Risk(Entity):
    """The mean of the worst outcomes (conditional value at risk) in the objective of a plan over scenarios."""

    level: Quantity = attr(
        "level", "置信水平", "The worst are the share of outcomes beyond this: at `95 %` the worst 5 %.",
        default=Quantity(95.0, "%"), measure=Measure.FRACTION,
    )
    weight: Quantity = attr(
        "weight", "权重", "Weight of the mean of the worst; the mean of all has the rest. Below 1.", measure=Measure.FRACTION,
        required=True,
    )


class Objective(Entity):
    """What the plan is best at."""

    goal: str = attr(
        "goal", "目标", "`profit` (most), `cost` (least), `output` (most) or `emissions` (least) of a commodity.",
        default="profit",
    )
    commodity: str = attr(
        "commodity", "物料", "The commodity meant by `output` (what demands take) or `emissions`.", default="",
        ref="commodities",
    )
    title: Title = attr(
        "title", "名称", "What people call it, where profit is not what it counts: a `currency` may be any unit of the chain's "
        "own, such as households.", factory=Title,
    )
    gap: Quantity | None = attr(
        "gap", "允许误差", "Where whole numbers are decided: how far from the best a plan may be, such as `0.1 %`; 0.01 % unless given.",
        measure=Measure.FRACTION,
    )
    risk: Risk | None = attr("risk", "风险", "Over scenarios: how much the mean of the worst counts beside the mean of all.")

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {"goal": value} if isinstance(value, str) else value


class Profile(Element):
    """Numbers over time: given for each step, or as a pattern of a day, a week or the months."""

    values: list[float] = attr(
        "values", "数值", "One number a step (or one every `every`); one a segment where the horizon has `segments`.", factory=list
    )
    table: str = attr("table", "表格文件", "A CSV or Parquet file of the chain's folder.", default="")
    column: str = attr("column", "列", "The table's column; the profile's name unless given.", default="")
    every: Quantity | None = attr(
        "every", "间隔", "Time one number stands for; the horizon's step unless given.", measure=Measure.DURATION
    )
    daily: list[float] = attr("daily", "日曲线", "24 numbers, one for each hour of the day.", factory=list)
    weekly: list[float] = attr("weekly", "周曲线", "168 numbers from Monday 00:00, or 7, one a day.", factory=list)
    monthly: list[float] = attr("monthly", "月曲线", "12 numbers, January to December.", factory=list)
    unit: str = attr("unit", "单位", "Unit of the numbers; plain numbers unless given.", default="")
    calendar: str = attr("calendar", "日历", "The calendar outside which they are nought.", default="", ref="calendars")


class Calendar(Element):
    """When something is open: one inside the hours of the days, else nought."""

    days: list[str] = attr("days", "开放日", "Days of the week, `mon` to `sun`; all unless given.", factory=list)
    hours: list[str] = attr("hours", "开放时间", "Stretches of the day such as `08:00-17:00`; all unless given.", factory=list)
    closed: list[str] = attr("closed", "关闭日期", "Dates, or first/last, such as `2026-02-17/2026-02-23`.", factory=list)


class Source(Entity):
    """Where a number comes from."""

    title: str = attr("title", "标题", "Title of the source.", default="")
    entity: str = attr("entity", "对象", "What the number is about.", default="")
    quantity: str = attr("quantity", "量", "Which figure.", default="")
    value: str = attr("value", "数值", "The number as given there.", default="")
    unit: str = attr("unit", "单位", "Its unit as given there.", default="")
    low: str = attr("low", "低", "Lowest plausible.", default="")
    high: str = attr("high", "高", "Highest plausible.", default="")
    year: str = attr("year", "年份", "The year it is for.", default="")
    quote: str = attr("quote", "原文", "The words it was read from.", default="")
    note: str = attr("note", "备注", "Remarks.", default="")
    address: str = attr("address", "地址", "Where it was read.", default="")


class Chain(Entity):
    """A whole chain."""

    chain: Name = attr("chain", "产业链", "Short name of the chain.", required=True)
    title: Title = attr("title", "名称", "Name shown to people.", factory=Title)
    note: str = attr("note", "备注", "Free text for readers.", default="")
    timezone: str = attr("time zone", "时区", "Where its clocks are, an IANA name.", default="Asia/Shanghai")
    map: Outline = attr("map", "地图", "What lies under the map of its sites.", factory=Outline)
    currency: str = attr("currency", "货币", "The currency of every sum of money; a unit of the chain's own where what is weighed is no money.", default="CNY")
    units: dict[str, str] = attr(
        "units", "自定义单位", "Things of your own to count: `pair: pair`, or multiples: `dozen: 12 pair`.", factory=dict
    )
    horizon: Horizon = attr("horizon", "规划期", "The time the plan covers.", required=True)
    objective: Objective = attr("objective", "目标", "What the plan is best at.", factory=Objective)
    investment: Investment = attr("investment", "投资", "Limits on all that may be built.", factory=Investment)
    accounts: Accounts = attr("accounts", "核算", "How the accounts of firms are kept.", factory=Accounts)
    simulation: Simulation = attr("simulation", "仿真", "How the discrete reading is run.", factory=Simulation)
    commodities: dict[Name, Commodity] = attr("commodities", "物料", "What is counted.", factory=dict)
    sites: dict[Name, Site] = attr("sites", "场所", "Places.", factory=dict)
    firms: dict[Name, Firm] = attr("firms", "企业", "Owners.", factory=dict)
    lenders: dict[Name, Lender] = attr("lenders", "银行", "Who lends.", factory=dict)
    loans: dict[Name, Loan] = attr("loans", "贷款", "What they lend.", factory=dict)
    processes: dict[Name, Process] = attr("processes", "工序", "What turns commodities into others.", factory=dict)
    supplies: dict[Name, Supply] = attr("supplies", "供给", "Where commodities enter.", factory=dict)
    demands: dict[Name, Demand] = attr("demands", "需求", "Where commodities leave.", factory=dict)
    routes: dict[Name, Route] = attr("routes", "运输线", "What carries commodities.", factory=dict)
    stores: dict[Name, Store] = attr("stores", "储存", "What holds commodities.", factory=dict)
    fleets: dict[Name, Fleet] = attr("fleets", "车队", "Vehicles.", factory=dict)
    pools: dict[Name, Pool] = attr("pools", "资源池", "Shared resources.", factory=dict)
    policies: dict[Name, Policy] = attr("policies", "政策约束", "Limits on sums of flows.", factory=dict)
    profiles: dict[Name, Profile] = attr("profiles", "曲线", "Numbers over time.", factory=dict)
    calendars: dict[Name, Calendar] = attr("calendars", "日历", "When things are open.", factory=dict)
    stages: dict[Name, Stage] = attr("stages", "阶段", "What changes from a stage on, by its year.", factory=dict)
    scenarios: dict[Name, Scenario] = attr("scenarios", "情景", "The ways things may come, with probabilities.", factory=dict)
    feeds: dict[Name, Feed] = attr("feeds", "数据来源", "Where live data come from.", factory=dict)
    tags: dict[Name, Tag] = attr("tags", "测点", "What is measured.", factory=dict)
    limits: dict[Name, PlaceLimit] = attr("limits", "限值", "What is allowed by kind of place.", factory=dict)
    alarms: dict[Name, Alarm] = attr("alarms", "报警规则", "What is an alarm, and what to do then.", factory=dict)
    zones: dict[Name, Zone] = attr("zones", "人员区域", "Where people are counted.", factory=dict)
    roadways: dict[Name, Roadway] = attr("roadways", "巷道", "Ways on foot.", factory=dict)
    cameras: dict[Name, Camera] = attr("cameras", "摄像机", "Cameras.", factory=dict)
    rounds: dict[Name, Round] = attr("rounds", "巡检", "Inspection rounds.", factory=dict)
    incidents: dict[Name, Incident] = attr("incidents", "应急预案", "Kinds of emergency.", factory=dict)
    actions: dict[Name, Action] = attr("actions", "工作事项", "Items of work and who owes them.", factory=dict)
    terms: dict[Name, Title] = attr(
        "terms", "用语", "What owners, levels, roles and desks are called in both languages, by the names used for them.", factory=dict
    )
    screens: dict[Name, Screen] = attr("screens", "画面", "What stands on which screen.", factory=dict)
    sources: dict[str, Source] = attr("sources", "来源", "Where numbers come from.", factory=dict)

    def registry(self) -> Units:
        """Return the units this chain knows."""
        return Units.of(self.units)

    @model_validator(mode="before")
    @classmethod
    def _null_sections_are_empty(cls, value: object) -> object:
        """Take ``stores:`` with nothing under it as no stores."""
        if isinstance(value, dict):
            return {key: ({} if item is None and key in _SECTIONS else item) for key, item in value.items()}
        return value


_SECTIONS = frozenset(
    name for name, field in Chain.model_fields.items() if "dict[" in str(field.annotation) and name != "title"
)


def sections() -> dict[str, Any]:
    """Return each section of named elements with the entity its elements are."""
    from typing import get_args

    return {name: get_args(Chain.model_fields[name].annotation)[1] for name in Chain.model_fields if name in _SECTIONS}


def named(chain: Chain) -> Iterator[tuple[str, str, Entity]]:
    """Yield section, name and record of everything in a chain that has a name; its own units are plain text."""
    for section, kind in sections().items():
        if issubclass(kind, Entity):
            for name, entity in getattr(chain, section).items():
                yield section, name, entity
