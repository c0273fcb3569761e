"""Where commodities enter and leave the chain: supplies and demands, with their prices."""

from __future__ import annotations

from lodeworks.chain.entities.attribute import Element, Entity, Measure, Name, Varying, attr
from lodeworks.chain.entities.event import Arrivals, Runs
from lodeworks.units import Quantity

__all__ = ["Demand", "Supply", "Tier"]


class Tier(Entity):
    """A slice of a supply or demand with a price of its own."""

    most: Quantity | None = attr("most", "上限", "Size of the slice; no limit unless given.", measure=Measure.RATE)
    price: Varying = attr("price", "价格", "Money for one unit within it.", measure=Measure.PRICE, required=True)


class _Trade(Element):
    """What supplies and demands share."""

    commodity: Name = attr("commodity", "物料", "What is traded.", required=True, ref="commodities")
    site: str = attr("site", "场所", "Where; may be left out in a chain of one site.", default="", ref="sites")
    owner: str = attr("owner", "企业", "The firm that trades.", default="", ref="firms")
    price: Varying | None = attr("price", "价格", "Money for one unit.", measure=Measure.PRICE)
    tiers: list[Tier] = attr(
        "tiers", "阶梯价格", "Slices of different price, used in the order written.", factory=list
    )
    tax: Quantity | None = attr("tax", "税费", "Tax on one unit.", measure=Measure.PRICE)
    payment: Quantity | None = attr(
        "payment", "账期", "Time from the goods to the money; none unless given.", measure=Measure.DURATION
    )
    most: Varying | None = attr("most", "上限", "Most an hour; no limit unless given.", measure=Measure.RATE)
    least: Varying | None = attr("least", "下限", "Least an hour.", measure=Measure.RATE)
    total: Quantity | None = attr(
        "total", "总量", "Most in all, over every stage: what a reserve holds, what a site has room for.", measure=Measure.AMOUNT
    )
    step: Quantity | None = attr(
        "step", "步长", "Its rate is constant within this time; the commodity's step unless given.",
        measure=Measure.DURATION,
    )
    pools: dict[str, Quantity] = attr(
        "pools", "占用资源", "Amount of a pool used for one unit of rate.", factory=dict, ref="pools",
        measure=Measure.POOL_USE,
    )
    runs: Runs | None = attr("runs", "批次运行", "How it works in the discrete reading: batches, machines, times.")
    arrivals: Arrivals | None = attr(
        "arrivals", "到达", "Lots (of a supply) or orders (of a demand) that come at times of their own."
    )
    candidate: bool = attr(
        "candidate", "候选项目", "Whether it is only thought of: shown among the links that might pay.", default=False
    )


class Supply(_Trade):
    """A commodity enters the chain, at a price paid."""


class Demand(_Trade):
    """A commodity leaves the chain, at a price received."""

    amount: Varying | None = attr(
        "amount", "需求量", "Rate that must be met, unless `unserved` puts a price on falling short.",
        measure=Measure.RATE,
    )
    unserved: Quantity | None = attr(
        "unserved", "缺供罚金", "Penalty for each unit of `amount` or `least` that is not met.", measure=Measure.PRICE
    )
