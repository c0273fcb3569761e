"""Processes: recipes, capacity and how it can grow, modes, blends and part-load figures."""

from __future__ import annotations

from pydantic import model_validator

from lodeworks.chain.entities.attribute import Element, Entity, Flow, Measure, Name, Title, Varying, attr
from lodeworks.chain.entities.event import Failures, Runs
from lodeworks.units import Quantity

__all__ = ["Before", "Blend", "Expansion", "Limit", "Mode", "Process", "Reserve"]


class Limit(Entity):
    """A lower and an upper bound on a quality figure; either may be left out."""

    least: Quantity | None = attr("least", "下限", "Not less than this.", measure=Measure.QUALITY)
    most: Quantity | None = attr("most", "上限", "Not more than this.", measure=Measure.QUALITY)


class Expansion(Entity):
    """Capacity that may be built."""

    most: Quantity | None = attr("most", "最大新增", "Most that can be built.", measure=Measure.RATE)
    least: Quantity | None = attr("least", "最小新增", "Least that must be built; nothing unless given.", measure=Measure.RATE)
    cost: Quantity | None = attr(
        "cost", "投资", "Money to build one unit of capacity.", measure=Measure.CAPACITY_COST
    )
    fixed: Quantity | None = attr(
        "fixed", "固定成本", "Money a year to keep one unit of built capacity.", measure=Measure.CAPACITY_COST_PER_TIME
    )
    life: Quantity | None = attr(
        "life", "寿命", "Time over which the investment is paid back, at the horizon's discount.",
        measure=Measure.DURATION,
    )
    discount: Quantity | None = attr(
        "discount", "折现率", "Yearly rate at which it is paid back over its life, its own cost of capital; the horizon's unless given.",
        measure=Measure.FRACTION_PER_TIME,
    )
    survival: dict[str, Quantity] = attr(
        "survival", "留存率",
        "Over stages: what share of it still stands at some ages in years, of all at first and nothing at the end of `life`: `{10: 90 %, 20: 40 %}`.",
        factory=dict, measure=Measure.FRACTION,
    )
    lump: Quantity | None = attr(
        "lump", "单台规模", "Built only in whole multiples of this.", measure=Measure.RATE
    )
    lead: Quantity | None = attr(
        "lead", "建设期", "Time from the stage in which it is decided and paid until it stands; none unless given.",
        measure=Measure.DURATION,
    )
    per_stage: Quantity | None = attr(
        "most per stage", "每阶段上限", "Most that can be decided in one stage; `most` limits what stands at a time.",
        measure=Measure.RATE,
    )
    may_close: bool = attr(
        "may close", "可提前关停",
        "Whether what is built may be closed before its life ends, where it no longer earns its `fixed`; for good. What it cost is paid on.",
        default=False,
    )
    needs: list[Name] = attr(
        "needs", "前置项目", "Whole projects (elements) without which it cannot stand.", factory=list
    )
    excludes: list[Name] = attr(
        "excludes", "互斥项目", "Whole projects beside which it cannot stand.", factory=list
    )
    paid: Quantity | None = attr(
        "paid", "付款时间", "Time from the start to the payment, for firms with accounts; at the start unless given.",
        measure=Measure.DURATION,
    )


class Mode(Entity):
    """One recipe of a process that has several; modes share its capacity."""

    title: Title = attr("title", "名称", "Name shown to people.", factory=Title)
    inputs: dict[Name, Flow] = attr(
        "inputs", "投入", "Amounts taken, in proportion to the amount written for the reference commodity.", factory=dict, ref="commodities"
    )
    outputs: dict[Name, Flow] = attr(
        "outputs", "产出", "Amounts given, in proportion to the amount written for the reference commodity.", factory=dict, ref="commodities"
    )
    cost: Quantity | None = attr("cost", "成本", "Money for one unit of the reference commodity.", measure=Measure.PRICE)
    runs: Runs | None = attr("runs", "批次运行", "What of the process's `runs` is otherwise in this mode.")
    share_least: Quantity | None = attr(
        "least share", "最小份额", "Least share of the process's rate in every step.", measure=Measure.FRACTION
    )
    share_most: Quantity | None = attr(
        "most share", "最大份额", "Most share of the process's rate in every step.", measure=Measure.FRACTION
    )


class Blend(Entity):
    """An input mixed freely from several commodities, within limits on the mix's quality."""

    amount: Quantity = attr(
        "amount", "数量",
        "Amount of the mix, in proportion to the reference commodity's: in the components' unit, or in energy "
        "when they are counted by heating value.",
        measure=Measure.ANY_AMOUNT, required=True,
    )
    from_: list[Name] = attr(
        "from", "来源", "The commodities it may be mixed from.", alias="from", required=True, ref="commodities"
    )
    limits: dict[str, Limit] = attr(
        "limits", "质量限值", "For each quality figure (or `heating_value`): {least, most} of the mix.", factory=dict
    )

    @model_validator(mode="after")
    def _is_mixed_from_something(self) -> Blend:
        if not self.from_:
            raise ValueError("expected at least one commodity in `from`")
        return self


class Reserve(Entity):
    """Room a process keeps to run more or less at once."""

    way: str = attr("way", "方向", "Whether it could run more at once (`up`), less (`down`) or `both`.", default="up")
    most: Quantity | None = attr(
        "most", "上限", "Most it keeps, as a share of the capacity that is on; all unless given.", measure=Measure.FRACTION
    )


class Before(Entity):
    """What a process did until the horizon began, where that is not cyclic."""

    on: Quantity | None = attr(
        "on for", "已运行", "How long it had been on; counts towards its minimum up time.", measure=Measure.DURATION
    )
    off: Quantity | None = attr(
        "off for", "已停机", "How long it had been off; counts towards its minimum down time.", measure=Measure.DURATION
    )
    rate: Quantity | None = attr(
        "rate", "运行负荷", "What it ran at, from which its ramps go on; they leave the first step free unless given.",
        measure=Measure.RATE,
    )


class Process(Element):
    """Turns input commodities into output commodities by fixed coefficients, at one site."""

    site: str = attr("site", "场所", "Where it is; may be left out in a chain of one site.", default="", ref="sites")
    owner: str = attr("owner", "企业", "The firm that owns it.", default="", ref="firms")
    inputs: dict[Name, Flow] = attr(
        "inputs", "投入", "Amounts taken, in proportion to the amount written for the reference commodity.", factory=dict, ref="commodities"
    )
    outputs: dict[Name, Flow] = attr(
        "outputs", "产出", "Amounts given, in proportion to the amount written for the reference commodity.", factory=dict, ref="commodities"
    )
    reference: str = attr(
        "reference", "基准物料",
        "The commodity its rate, capacity and costs are counted in; its first output unless given.",
        default="", ref="commodities",
    )
    capacity: Quantity | None = attr(
        "capacity", "产能", "Most it can run at; no limit unless given.", measure=Measure.RATE
    )
    retires: dict[str, Quantity] = attr(
        "retires", "退役", "For a year: what of the existing capacity retires at its beginning, `{2030: 1.2 Mt/a}`.", factory=dict,
        measure=Measure.RATE,
    )
    may_close: bool = attr(
        "may close", "可提前关停",
        "Whether the plan may close some of what exists before it retires; what is closed costs nothing to keep and stays closed.",
        default=False,
    )
    availability: Varying | None = attr(
        "availability", "可用率", "Share of the capacity that can be used, over time.", measure=Measure.FRACTION
    )
    min_load: Varying | None = attr(
        "minimum load", "最低负荷", "Least rate, as a share of the capacity that is available; below nought it may run backwards.",
        measure=Measure.FRACTION,
    )
    on_off: bool = attr(
        "on or off", "可停机", "Whether it may be off; then the minimum load holds only while it is on.", default=False
    )
    unit: Quantity | None = attr(
        "unit", "单机容量",
        "Size of one where it is many alike units: then any number of them, also a fraction, may be on, and starts, minimum "
        "times and loads are those of the units that are; needs `on_off`.", measure=Measure.RATE,
    )
    start_cost: Quantity | None = attr(
        "start cost", "启动成本", "Money for each start; needs `on_off`.", measure=Measure.MONEY
    )
    stop_cost: Quantity | None = attr(
        "stop cost", "停机成本", "Money for each stop; needs `on_off`.", measure=Measure.MONEY
    )
    on_cost: Varying | None = attr(
        "cost while on", "空载成本", "Money a time while it is on, whatever it runs at; needs `on_off`.",
        measure=Measure.MONEY_PER_TIME,
    )
    start_inputs: dict[Name, Quantity] = attr(
        "start inputs", "启动消耗", "What each start takes: `{gas: 500 GJ}`; needs `on_off`.", factory=dict, ref="commodities",
        measure=Measure.ANY_AMOUNT,
    )
    min_up: Quantity | None = attr(
        "minimum up time", "最短运行时间", "How long it stays on once started; needs `on_off`.", measure=Measure.DURATION
    )
    min_down: Quantity | None = attr(
        "minimum down time", "最短停机时间", "How long it stays off once stopped; needs `on_off`.", measure=Measure.DURATION
    )
    before: Before | None = attr(
        "before the start", "期初状态", "What it did until the horizon began: `{on: 5 h, rate: 18 MW}` or `{off: 3 h}`. Unless given "
        "it may be on or off at first as the plan likes, and that counts as no start."
    )
    start_load: Quantity | None = attr(
        "load at start", "启动负荷上限",
        "Most it runs at in the step it starts, as a share of capacity; with a ramp the larger of its minimum load and what it "
        "can rise in a step, else no limit, unless given.", measure=Measure.FRACTION,
    )
    stop_load: Quantity | None = attr(
        "load at stop", "停机前负荷上限",
        "Most it runs at in the last step before it stops, as a share of capacity; with a ramp the larger of its minimum load "
        "and what it can fall in a step, else no limit, unless given.", measure=Measure.FRACTION,
    )
    ramp_up: Quantity | None = attr(
        "ramp up", "升负荷速率", "How fast its rate may rise, as a share of capacity.", measure=Measure.FRACTION_PER_TIME
    )
    ramp_down: Quantity | None = attr(
        "ramp down", "降负荷速率", "How fast its rate may fall, as a share of capacity.",
        measure=Measure.FRACTION_PER_TIME,
    )
    reserves: dict[Name, Reserve] = attr(
        "reserves", "备用",
        "Room it keeps to run more or less at once, by the commodity that counts it: `{spinning: {way: up, most: 50 %}}`. A demand "
        "for that commodity asks for it.", factory=dict, ref="commodities",
    )
    cost: Varying | None = attr("cost", "成本", "Money for one unit of the reference commodity.", measure=Measure.PRICE)
    tax: Quantity | None = attr("tax", "税费", "Tax on one unit of the reference commodity.", measure=Measure.PRICE)
    fixed_cost: Quantity | None = attr(
        "fixed cost", "固定成本", "Money a year for one unit of existing capacity.", measure=Measure.CAPACITY_COST_PER_TIME
    )
    step: Quantity | None = attr(
        "step", "步长", "Its rate is constant within this time; the finest of its commodities' unless given.",
        measure=Measure.DURATION,
    )
    expansion: Expansion | None = attr("expansion", "扩能", "Capacity that may be built.")
    modes: dict[Name, Mode] = attr(
        "modes", "工况", "Recipes that share the capacity, added to the common inputs and outputs.", factory=dict
    )
    blends: dict[Name, Blend] = attr("blends", "配料", "Inputs mixed within quality limits.", factory=dict)
    chance: dict[Name, Quantity] = attr(
        "chance", "概率", "Outputs of which at most one comes out of a run, with its probability: `{good: 97 %, waste: 3 %}`; a plan "
        "counts on the mean.", factory=dict, ref="commodities", measure=Measure.FRACTION,
    )
    part_load: dict[str, dict[str, Quantity]] = attr(
        "part load", "部分负荷",
        "For an input: load to consumption per unit relative to full load, `{50 %: 1.15, 100 %: 1}`.",
        factory=dict, ref="commodities", measure=Measure.FRACTION,
    )
    ambient: bool = attr(
        "ambient", "取自环境", "Whether it takes energy or mass from surroundings that nobody counts: a heat pump, a still.",
        default=False,
    )
    pools: dict[str, Quantity] = attr(
        "pools", "占用资源", "Amount of a pool used for one unit of rate.", factory=dict, ref="pools",
        measure=Measure.POOL_USE,
    )
    runs: Runs | None = attr("runs", "批次运行", "How it works in the discrete reading: batches, machines, times.")
    failures: Failures | None = attr("failures", "故障", "How its machines break down.")
    candidate: bool = attr(
        "candidate", "候选项目", "Whether it is only thought of: shown among the links that might pay.", default=False
    )


