"""What the live reading watches: feeds, tags, limits by kind of place, alarms, zones, ways, rounds, incidents, actions.

All keys are flat where planners keep a section in a table. What a tag may read, and in what dimension, is in
`chain.readings`; whether it all makes sense is for `chain.check.live`.
"""

from __future__ import annotations

import datetime as dt

from lodeworks.chain.entities.attribute import Element, Entity, Measure, Name, Title, attr
from lodeworks.units import Quantity

__all__ = [
    "Action", "Alarm", "Camera", "Feed", "Incident", "Outline", "PlaceLimit", "Roadway", "Round", "Screen", "Step",
    "Tag", "Zone",
]


class Feed(Element):
    """Where live data come from: a broker, a gateway, a server, a file, or a rehearsal."""

    kind: str = attr(
        "kind", "类型", "`mqtt`, `sparkplug`, `opcua`, `modbus`, `push`, `replay` or `rehearsal`.", required=True
    )
    address: str = attr("address", "地址", "Where it is reached; secrets come from the environment, never from here.", default="")
    clock: Quantity = attr(
        "clock error", "时钟误差", "How far its clock may be off.", default=Quantity(0.1, "s"), measure=Measure.DURATION
    )


class Tag(Element):
    """One thing measured: what, where, in which unit."""

    element: str = attr("element", "对象", "The element it is bound to: a process, route, store …", default="")
    site: str = attr("site", "场所", "Where it is; at its element's unless given.", default="", ref="sites")
    reads: str = attr(
        "reads", "测量内容",
        "What it reads: `flow`, `level`, `load` or `state` of its element, `people`, `position`, or a quantity such as "
        "`methane`, `co`, `temperature`, `air_speed`, `dust`.", required=True,
    )
    kind: str = attr(
        "kind", "类别", "`sensor` (a value), `counter` (a running total) or `state` (one of `words`).", default=""
    )
    commodity: str = attr(
        "commodity", "物料", "Of which flow of its element; its reference commodity unless given.", default="",
        ref="commodities",
    )
    unit: str = attr("unit", "单位", "The unit it is sent in; the usual one of what it reads unless given.", default="")
    low: Quantity | None = attr("range from", "量程下限", "Least it can read, in its unit.", measure=Measure.READING)
    high: Quantity | None = attr("range to", "量程上限", "Most it can read, in its unit.", measure=Measure.READING)
    place: str = attr(
        "place", "地点类别", "The kind of place, as in the rows of `limits`: their limits hold for it, and alarms are made.",
        default="",
    )
    period: Quantity = attr(
        "period", "周期", "Time between samples; after three of them without one it is stale.",
        default=Quantity(10.0, "s"), measure=Measure.DURATION,
    )
    feed: str = attr("feed", "数据来源", "Where it comes from; the only feed unless given.", default="", ref="feeds")
    address: str = attr("address", "测点地址", "Its name there: a topic, a node, a register; its own name unless given.", default="")
    zone: str = attr("zone", "区域", "The zone of people it stands in.", default="", ref="zones")
    at: Quantity | None = attr("at", "位置", "How far along its route it sits.", measure=Measure.LENGTH)
    words: dict[str, Title] = attr(
        "words", "状态名称", "Of a state: what each number means, `{0: stopped, 1: {en: runs, zh: 运行}}`.", factory=dict
    )


class PlaceLimit(Element):
    """What is allowed of a quantity in a kind of place, with where that is written and what to do beyond it."""

    place: str = attr("place", "地点类别", "The kind of place, such as `face` or `main_return`.", required=True)
    quantity: str = attr("quantity", "量", "What tags there read, such as `methane`.", required=True)
    unit: str = attr("unit", "单位", "Unit of the numbers that carry none.", default="")
    low: Quantity | None = attr("low", "下限", "An alarm at this or below.", measure=Measure.READING)
    high: Quantity | None = attr("high", "报警值", "An alarm at this or above.", measure=Measure.READING)
    cut: Quantity | None = attr(
        "cut", "断电值", "Where the statutory system cuts power by itself; shown and recorded here, never acted on.",
        measure=Measure.READING,
    )
    restore: Quantity | None = attr(
        "restore", "复电值", "Below which power may be restored.", measure=Measure.READING
    )
    deadband: Quantity | None = attr(
        "deadband", "回差", "How far back the alarm ends; 5 % of the limit unless given.", measure=Measure.READING
    )
    dated: str = attr("dated", "生效日期", "The date of the rule, such as 2026-02-01, or its year.", default="")
    cause: Title = attr("cause", "原因", "What most often brings it about.", factory=Title)
    consequence: Title = attr("consequence", "后果", "What happens if nothing is done.", factory=Title)
    response: Title = attr("response", "处置", "What is done.", factory=Title)
    respond: Quantity | None = attr("respond within", "处置时限", "Time allowed for it.", measure=Measure.DURATION)
    priority: int | None = attr("priority", "优先级", "1 (most urgent) to 4; by severity and time allowed unless given.")
    severity: str = attr("severity", "严重程度", "`life`, `severe`, `major` or `minor`; of the quantity unless given.", default="")
    overrides: str = attr(
        "overrides", "替代", "The general row this one of the site's own stands for.", default="", ref="limits"
    )
    site: str = attr("site", "场所", "Where it holds; everywhere unless given.", default="", ref="sites")
    reason: str = attr("reason", "替代理由", "Why the site has a limit of its own.", default="")
    by: str = attr("set by", "设定人", "Who set it: a role or a staff number.", default="")
    second: str = attr("agreed by", "复核人", "The second person who agreed.", default="")


class Alarm(Element):
    """When something about a tag is an alarm, why that matters, and what to do within what time."""

    tag: str = attr("tag", "测点", "What it is about.", default="", ref="tags")
    kind: str = attr(
        "kind", "类型",
        "`limit`, `rate` (change over time), `deviation` (from the plan), `time_left` (until a store is empty or full), "
        "`stuck` (no change), `stale` (no sample), `bad` (bad quality), `discrete` (one of `states`) or `expression`.",
        default="limit",
    )
    HH: Quantity | None = attr("HH", "高高限", "Alarm of the second level at this or above.", measure=Measure.READING)
    H: Quantity | None = attr("H", "高限", "Alarm at this or above.", measure=Measure.READING)
    L: Quantity | None = attr("L", "低限", "Alarm at this or below.", measure=Measure.READING)
    LL: Quantity | None = attr("LL", "低低限", "Alarm of the second level at this or below.", measure=Measure.READING)
    deadband: Quantity | None = attr(
        "deadband", "回差", "How far back from a limit the alarm ends; none unless given.", measure=Measure.READING
    )
    states: list[str] = attr("states", "报警状态", "Of `discrete`: the tag's words or numbers that are an alarm.", factory=list)
    expression: str = attr(
        "expression", "表达式", "Of `expression`: over tag names, such as `abs(belt_in - belt_out) > 50 and belt_runs == 1`.",
        default="",
    )
    window: Quantity | None = attr(
        "window", "时间窗",
        "Of `stuck`: time without any change; of `rate` and `time_left`: over which the change is taken.",
        measure=Measure.DURATION,
    )
    ends: str = attr(
        "ends", "趋向", "Of `time_left`: when it is `empty` or `full`; whichever comes first unless given.", default=""
    )
    bound: Quantity | None = attr(
        "bound", "界限", "Of `time_left`: the level it ends at; the store's least or most unless given.",
        measure=Measure.READING,
    )
    on_delay: Quantity = attr(
        "on delay", "报警延时", "How long it must hold before it is an alarm.", default=Quantity(0.0, "s"),
        measure=Measure.DURATION,
    )
    off_delay: Quantity = attr(
        "off delay", "恢复延时", "How long it must be over before the alarm ends.", default=Quantity(0.0, "s"),
        measure=Measure.DURATION,
    )
    re_alarm: Quantity | None = attr(
        "re-alarm", "重复报警", "An acknowledged alarm that still stands is announced again after this; never unless given.",
        measure=Measure.DURATION,
    )
    latched: bool = attr("latched", "保持", "Whether it stays until somebody resets it.", default=False)
    life_safety: bool | None = attr(
        "life safety", "生命安全", "Whether lives depend on it: it cannot be shelved. By what the tag reads unless given."
    )
    severity: str = attr("severity", "严重程度", "`life`, `severe`, `major` or `minor`: how bad it is if nothing is done; `life` where lives depend on it and `major` elsewhere unless given, which `check` says.", default="")
    priority: int | None = attr("priority", "优先级", "1 (most urgent) to 4; by severity and time allowed unless given.")
    cause: Title = attr("cause", "原因", "What most often brings it about.", factory=Title)
    consequence: Title = attr("consequence", "后果", "What happens if nothing is done.", factory=Title)
    response: Title = attr("response", "处置", "What is done.", factory=Title)
    respond: Quantity | None = attr("respond within", "处置时限", "Time allowed for it.", measure=Measure.DURATION)
    unless: str = attr(
        "unless", "抑制条件", "Suppressed by design while this holds: an expression over names of tags and of other alarms.",
        default="",
    )
    group: str = attr("group", "首出组", "Alarms of one group tell which came first.", default="")
    desk: str = attr("desk", "席位", "Whose alarm it is.", default="dispatch")
    shelve: Quantity | None = attr(
        "longest shelving", "最长搁置", "Longest it may be shelved, 0 for never; 8 h unless given, never for life safety.",
        measure=Measure.DURATION,
    )


class Zone(Element):
    """Where people are counted: at most so many, for at most so long."""

    site: str = attr("site", "场所", "Where it is.", default="", ref="sites")
    most: int | None = attr("most people", "定员", "Most people in it at a time; no limit unless given.")
    longest: Quantity | None = attr(
        "longest stay", "最长停留", "Longest anybody may stay; needs `stay`.", measure=Measure.DURATION
    )
    forbidden: bool = attr("forbidden", "禁入", "Whether nobody may be in it.", default=False)
    count: str = attr("count", "人数测点", "The tag that counts its people.", default="", ref="tags")
    stay: str = attr("stay", "停留测点", "The tag of the longest stay of anybody in it.", default="", ref="tags")
    refuge: bool = attr("refuge", "避难硐室", "Whether it is a refuge.", default=False)


class Roadway(Element):
    """A way on foot between two sites of a mine."""

    from_: str = attr("from", "起点", "The site it starts at.", alias="from", required=True, ref="sites")
    to: str = attr("to", "终点", "The site it ends at.", required=True, ref="sites")
    length: Quantity = attr("length", "长度", "Along its floor.", measure=Measure.LENGTH, required=True)
    zone: str = attr("zone", "区域", "The zone of people it is in.", default="", ref="zones")
    gas: str = attr("gas", "气体测点", "The tag that tells whether it can be walked.", default="", ref="tags")
    exit: bool = attr("exit", "安全出口", "Whether its end `to` is outside.", default=False)


class Camera(Element):
    """A camera."""

    site: str = attr("site", "场所", "Where it looks.", default="", ref="sites")
    zone: str = attr("zone", "区域", "The zone of people it shows.", default="", ref="zones")
    metres: Quantity | None = attr(
        "metres", "里程", "Metres along its belt at which it looks; the rehearsal draws no hot roller that is further off.",
        measure=Measure.LENGTH,
    )
    address: str = attr("address", "地址", "Where its pictures are read; drawn by the rehearsal unless given.", default="")
    period: Quantity = attr("period", "周期", "How often a picture comes; after three without one it is old.", default=Quantity(5.0, "s"), measure=Measure.DURATION)


class Round(Element):
    """An inspection round along metres of a route, by a robot or a person."""

    route: str = attr("route", "运输线", "What is inspected.", required=True, ref="routes")
    by: str = attr("by", "巡检者", "Who goes: a robot or a role.", default="")
    start: Quantity = attr("start", "起点位置", "Metres at which it starts.", default=Quantity(0.0, "m"), measure=Measure.LENGTH)
    end: Quantity | None = attr(
        "end", "终点位置", "Metres at which it turns; the route's distance unless given.", measure=Measure.LENGTH
    )
    speed: Quantity = attr("speed", "速度", "How fast it goes.", measure=Measure.SPEED, required=True)
    every: Quantity = attr("every", "间隔", "Time from one round to the next.", measure=Measure.DURATION, required=True)
    position: str = attr("position", "位置测点", "The tag of its metres.", default="", ref="tags")
    tags: list[str] = attr("tags", "随行测点", "Tags of what it measures on the way.", factory=list, ref="tags")
    stops: list[Quantity] = attr("stops", "停靠点", "Metres at which it stops.", factory=list)
    gaps: list[str] = attr("gaps", "无信号段", "Stretches without coverage, such as `420 m .. 480 m`.", factory=list)


class Step(Entity):
    """One step of an incident: who does what within how long."""

    do: Title = attr("do", "内容", "What is done.", required=True)
    role: str = attr("role", "角色", "Who does it, one of the incident's roles.", default="")
    within: Quantity | None = attr("within", "时限", "Time allowed, from the start of the incident.", measure=Measure.DURATION)
    clears: str = attr("clears", "清空区域", "The zone that must be empty for it to be done.", default="", ref="zones")


class Incident(Element):
    """A kind of emergency: which alarms start it, who has which part, and what is done."""

    starts: list[str] = attr(
        "starts", "启动报警", "Alarms that open it: names of `alarms`, or of those made by themselves, such as `TAG.limit`.",
        factory=list,
    )
    roles: dict[Name, Title] = attr("roles", "角色", "Who takes part: `{dispatcher: 调度员}`.", factory=dict)
    steps: dict[Name, Step] = attr("steps", "步骤", "What is done, in order: `{name: {do, role, within, clears}}`.", factory=dict)
    zones: list[str] = attr("zones", "撤离区域", "Zones people withdraw from.", factory=list, ref="zones")
    contacts: dict[Name, str] = attr(
        "contacts", "联系方式", "Whom to call, by role or office, and how.", factory=dict
    )


class Action(Element):
    """One item of work in a tree: who owes it until when, and what shows that it is done."""

    parent: str = attr("parent", "上级事项", "The item it is part of.", default="", ref="actions")
    owner: str = attr("owner", "责任人", "Who owes it: a role or an office; the parent's unless given.", default="")
    due: dt.datetime | None = attr("due", "期限", "Until when; the parent's unless given.")
    state: str = attr("state", "状态", "`open`, `under way`, `blocked`, `done` or `dropped`, when the tree is read.", default="open")
    evidence: str = attr("evidence", "完成依据", "What shows that it is done.", default="")
    element: str = attr("element", "对象", "The element it is about.", default="")
    level: str = attr("level", "层级", "What kind of item it is: project, list, team, post …", default="")
    count: int = attr("count", "数量", "How many like items this one stands for.", default=1)
    counts: dict[Name, int] = attr(
        "counts", "合计", "How many items of each level there are below it, as stated: `{list: 240}`. They are added up.",
        factory=dict,
    )


class Screen(Element):
    """Which tiles stand on a screen; what is not said is made from the chain alone."""

    rows: list[list[str]] = attr("rows", "布局", "Rows of tiles: names of tags, zones (their people) or cameras.",
                                 factory=list)
    width: int = attr("width", "宽", "Pixels across.", default=1920)
    height: int = attr("height", "高", "Pixels down.", default=1080)


class Outline(Entity):
    """An outline under the map that the user brings; showing one to the public needs a review number."""

    outline: str = attr("outline", "底图文件", "A GeoJSON file of the chain's folder.", default="")
    review_number: str = attr("review number", "审图号", "Printed on the map, such as GS(2024)0650.", default="")
    internal_use: bool = attr("internal use", "仅内部使用", "Whether only people of the site see it; then no number is needed.", default=False)
    datum: str = attr("datum", "坐标系", "Of the outline: `WGS-84`, as the chain's sites are, or `GCJ-02`, which does not fit them.",
                      default="WGS-84")
