"""What holds and what limits: stores, pools and policies."""

from __future__ import annotations

from lodeworks.chain.entities.attribute import Element, Measure, Name, Varying, attr
from lodeworks.chain.entities.event import Failures
from lodeworks.chain.entities.process import Expansion
from lodeworks.units import Quantity

__all__ = ["Policy", "Pool", "Store"]


class Store(Element):
    """Holds a commodity at a site."""

    commodity: Name = attr("commodity", "物料", "What it holds.", required=True, ref="commodities")
    site: str = attr("site", "场所", "Where; may be left out in a chain of one site.", default="", ref="sites")
    owner: str = attr("owner", "企业", "The firm that owns it.", default="", ref="firms")
    capacity: Quantity | None = attr("capacity", "库容", "Most it can hold; no limit unless given.", measure=Measure.AMOUNT)
    retires: dict[str, Quantity] = attr(
        "retires", "退役", "For a year: what of the existing capacity retires at its beginning, `{2030: 500 t}`.", factory=dict,
        measure=Measure.AMOUNT,
    )
    may_close: bool = attr(
        "may close", "可提前关停",
        "Whether the plan may close some of what exists before it retires; what is closed costs nothing to keep and stays closed.",
        default=False,
    )
    initial: Quantity | None = attr(
        "initial", "期初库存", "What it holds at the start; free in a cyclic store, else nothing, unless given.",
        measure=Measure.AMOUNT,
    )
    end: str = attr(
        "end", "期末", "`cyclic`: ends as it began; `free`: as the plan likes; or a quantity: at least this.",
        default="cyclic",
    )
    over_stages: str = attr(
        "over stages", "跨阶段库存",
        "Where it does not end as it began: `carried` from stage to stage, as often as the horizon passes in each, or `anew`, with "
        "`initial` at every passing. `once`: carried as if the horizon passed once in each stage; what ends as it began then does so over "
        "all stages.",
        default="carried",
    )
    over_periods: str = attr(
        "over periods", "跨时段库存",
        "In a horizon of periods: `alone`, each period ends as it began; or `carried`, what one leaves the next begins with, changed as "
        "often as it comes, and the last leaves what the first begins with. `once`: carried as if each came once, from `initial` to `end`.",
        default="alone",
    )
    charge: Quantity | None = attr("charge", "入库限速", "Most that can go in.", measure=Measure.RATE)
    discharge: Quantity | None = attr("discharge", "出库限速", "Most that can come out.", measure=Measure.RATE)
    charge_share: Varying | None = attr(
        "charge share", "入库速率", "Most that can go in, as a share of capacity over time: `25 %/h` fills it in four hours.",
        measure=Measure.FRACTION_PER_TIME,
    )
    discharge_share: Varying | None = attr(
        "discharge share", "出库速率", "Most that can come out, as a share of capacity over time.",
        measure=Measure.FRACTION_PER_TIME,
    )
    charge_efficiency: Varying | None = attr(
        "charge efficiency", "入库效率", "Share of what goes in that is then held; may change over time.",
        measure=Measure.FRACTION,
    )
    discharge_efficiency: Varying | None = attr(
        "discharge efficiency", "出库效率", "Share of what is taken out that arrives; may change over time.",
        measure=Measure.FRACTION,
    )
    charge_cost: Varying | None = attr("charge cost", "入库成本", "Money for one unit that goes in.", measure=Measure.PRICE)
    discharge_cost: Varying | None = attr("discharge cost", "出库成本", "Money for one unit that comes out.", measure=Measure.PRICE)
    exclusive: bool = attr(
        "exclusive", "不同时出入库",
        "Whether in a step it either fills or empties; else it may do both at once, and waste by its losses what nobody wants.",
        default=False,
    )
    inflow: Varying | None = attr(
        "inflow", "天然入流", "What runs into it by itself, as water does; what is too much runs over.", measure=Measure.RATE
    )
    min_level: Varying | None = attr(
        "minimum level", "最低液位", "Least it holds, as a share of capacity; below nought it may be owed.", measure=Measure.FRACTION
    )
    max_level: Varying | None = attr(
        "maximum level", "最高液位", "Most it holds, as a share of capacity, over time.", measure=Measure.FRACTION
    )
    levels: dict[str, Quantity] = attr(
        "levels", "给定库存", "Levels it must have at given times: `{2026-01-01 06:00: 25 MWh}`.", factory=dict,
        measure=Measure.AMOUNT,
    )
    loss: Varying | None = attr(
        "loss", "损耗", "Share lost over time; may change over time, as a heat store's does from season to season.",
        measure=Measure.FRACTION_PER_TIME,
    )
    cost: Varying | None = attr(
        "cost", "仓储成本", "Money to hold one unit for a time; may change over time.", measure=Measure.HOLDING
    )
    fixed_cost: Quantity | None = attr(
        "fixed cost", "固定成本", "Money a year for one unit of existing capacity.", measure=Measure.CAPACITY_COST_PER_TIME
    )
    shelf_life: Quantity | None = attr(
        "shelf life", "保质期", "Time a lot may stay; the commodity's unless given.", measure=Measure.DURATION
    )
    least_stay: Quantity | None = attr(
        "least stay", "最短存放", "Time a lot stays at least: to cure, to ripen, or one step, so that nothing passes straight through.",
        measure=Measure.DURATION,
    )
    patience: str = attr(
        "patience", "耐心", "How long a lot waits before it leaves unserved, a distribution; for ever unless given.",
        default="",
    )
    expires_to: str = attr(
        "expires to", "过期去向", "The commodity a lot becomes at the same site when its shelf life ends; lost unless given.",
        default="", ref="commodities",
    )
    reneges_to: str = attr(
        "reneges to", "离队去向", "The commodity a lot becomes at the same site when its patience ends; gone unless given.",
        default="", ref="commodities",
    )
    order: str = attr("order", "取用次序", "Which lot first: `fifo`, `lifo`, `due` or `priority`.", default="fifo")
    expansion: Expansion | None = attr("expansion", "扩容", "Capacity that may be built.")
    candidate: bool = attr(
        "candidate", "候选项目", "Whether it is only thought of: shown among the links that might pay.", default=False
    )


class Pool(Element):
    """A shared, limited resource: workers, crews, cranes, a track."""

    amount: Quantity = attr("amount", "数量", "How much there is.", measure=Measure.POOL_AMOUNT, required=True)
    availability: Varying | None = attr(
        "availability", "日历", "Share that is there, over time: a calendar or profile.", measure=Measure.FRACTION
    )
    failures: Failures | None = attr(
        "failures", "中断", "When none of it is there, such as rain for work outdoors; runs under way are finished."
    )
    step: Quantity | None = attr(
        "step", "步长", "Time over which its use is added up; the coarsest of its users' unless given.",
        measure=Measure.DURATION,
    )


class Policy(Element):
    """A limit on sums of flows, or on the share of one sum in another."""

    sum: dict[str, Quantity] = attr(
        "sum", "合计",
        "What is added up: `element` (its reference commodity) or `element.commodity`, each times a factor.",
        required=True, measure=Measure.NUMBER,
    )
    share_of: dict[str, Quantity] = attr(
        "share of", "占比分母", "The sum it is a share of; then `least` and `most` are shares.", factory=dict,
        measure=Measure.NUMBER,
    )
    least: Quantity | None = attr("least", "下限", "Not less than this.", measure=Measure.POLICY_AMOUNT)
    most: Quantity | None = attr("most", "上限", "Not more than this.", measure=Measure.POLICY_AMOUNT)
    every: Quantity | None = attr(
        "every", "周期", "The limit holds for each stretch of this length; for the whole horizon unless given.",
        measure=Measure.DURATION,
    )
    over: str = attr(
        "over", "适用范围", "In a chain with stages: `stage`, the limit holds in each; `all`, for the sum of all their years.",
        default="stage",
    )
    penalty: Quantity | None = attr(
        "penalty", "超限罚金", "Money for each unit the limit is missed by; hard unless given.", measure=Measure.PRICE
    )
