"""What carries commodities between sites: routes, and the fleets that serve them."""

from __future__ import annotations

from lodeworks.chain.entities.attribute import Element, Entity, Lag, Measure, Name, Varying, attr
from lodeworks.chain.entities.event import Failures, Runs
from lodeworks.chain.entities.process import Expansion
from lodeworks.units import Quantity

__all__ = ["Fleet", "Fuel", "Haul", "Refuel", "Route", "Upkeep"]


class Haul(Entity):
    """A vehicle's trip in the discrete reading: its times as distributions, and where vehicles queue."""

    load: str = attr("loading", "装车用时", "Time to load, a distribution; the route's `load` unless given.", default="")
    laden: str = attr("laden way", "重车行驶", "Time of the laden way; by distance and speed unless given.", default="")
    unload: str = attr("unloading", "卸车用时", "Time to unload; the route's `unload` unless given.", default="")
    empty: str = attr("empty way", "空车返回", "Time of the way back; by distance and speed unless given.", default="")
    loaders: Quantity | None = attr(
        "loaders", "装车位", "Vehicles that can be loaded at once; no limit unless given.", measure=Measure.NUMBER
    )
    unloaders: Quantity | None = attr(
        "unloaders", "卸车位", "Vehicles that can be unloaded at once; no limit unless given.", measure=Measure.NUMBER
    )
    least: Quantity | None = attr(
        "least", "最小装载", "Share of the payload with which a vehicle may leave; a full load unless given.",
        measure=Measure.FRACTION,
    )
    linger: Quantity | None = attr(
        "linger", "最长等待", "A vehicle leaves with what is there when the first of it has waited so long.",
        measure=Measure.DURATION,
    )
    priority: Quantity = attr(
        "priority", "优先级", "Which route a free vehicle serves first: the smaller number.", default=Quantity(0.0),
        measure=Measure.NUMBER,
    )


class Route(Element):
    """Carries one commodity between sites: belt, pipe, wire, rail, or a fleet's vehicles."""

    commodity: Name = attr("commodity", "物料", "What it carries.", required=True, ref="commodities")
    from_: str = attr("from", "起点", "The site it starts at.", alias="from", required=True, ref="sites")
    to: str = attr("to", "终点", "The site it ends at.", required=True, ref="sites")
    owner: str = attr("owner", "企业", "The firm that runs it.", default="", ref="firms")
    distance: Quantity | None = attr("distance", "距离", "Length of the way.", measure=Measure.LENGTH)
    capacity: Quantity | None = attr(
        "capacity", "运力", "Most it can carry; no limit unless given.", measure=Measure.RATE
    )
    retires: dict[str, Quantity] = attr(
        "retires", "退役", "For a year: what of the existing capacity retires at its beginning, `{2030: 1.2 Mt/a}`.", factory=dict,
        measure=Measure.RATE,
    )
    availability: Varying | None = attr(
        "availability", "可用率", "Share of the capacity that can be used, over time.", measure=Measure.FRACTION
    )
    min_load: Varying | None = attr(
        "minimum load", "最低负荷",
        "Least rate, as a share of the capacity that is available; below nought it carries the other way as well.",
        measure=Measure.FRACTION,
    )
    on_off: bool = attr(
        "on or off", "可停用", "Whether it may carry nothing; then the minimum load holds only while it carries.", default=False
    )
    reactance: Quantity | None = attr(
        "reactance", "电抗",
        "For wires whose flows divide by physics: of each in one unit for the whole net (per unit; resistance for direct current). "
        "Around every loop of such routes the sum of reactance × flow is nought.", measure=Measure.NUMBER,
    )
    phase_shift: Varying | None = attr(
        "phase shift", "相移角",
        "Angle by which a transformer turns the voltage on its way, such as `30 deg`; may change over time. Reactance × flow is then an "
        "angle in radians, and around every loop these and the phase shifts add to nought.", measure=Measure.ANGLE,
    )
    cost: Varying | None = attr("cost", "运费", "Money for one unit carried.", measure=Measure.PRICE)
    freight: Quantity | None = attr(
        "freight", "吨公里运价", "Money for one unit and distance; needs `distance`.", measure=Measure.FREIGHT
    )
    tax: Quantity | None = attr("tax", "税费", "Tax on one unit carried.", measure=Measure.PRICE)
    loss: Quantity | None = attr("loss", "损耗", "Share lost on the way.", measure=Measure.FRACTION)
    lag: Lag | None = attr(
        "lag", "在途时间", "Time on the way: one time, or shares `{4 h: 70 %, 6 h: 30 %}`.", measure=Measure.DURATION
    )
    fleet: str = attr("fleet", "车队", "The fleet whose vehicles carry it.", default="", ref="fleets")
    load: Quantity | None = attr("load", "装车时间", "Time to load a vehicle.", measure=Measure.DURATION)
    unload: Quantity | None = attr("unload", "卸车时间", "Time to unload a vehicle.", measure=Measure.DURATION)
    step: Quantity | None = attr(
        "step", "步长", "Its rate is constant within this time; the commodity's step unless given.",
        measure=Measure.DURATION,
    )
    expansion: Expansion | None = attr("expansion", "扩能", "Capacity that may be built.")
    pools: dict[str, Quantity] = attr(
        "pools", "占用资源", "Amount of a pool used for one unit of rate.", factory=dict, ref="pools",
        measure=Measure.POOL_USE,
    )
    runs: Runs | None = attr("runs", "批次运行", "How it works in the discrete reading: batches, machines, times.")
    haul: Haul | None = attr("haul", "运输过程", "A vehicle's trip in the discrete reading; needs `fleet`.")
    failures: Failures | None = attr("failures", "故障", "How its machines break down.")
    candidate: bool = attr(
        "candidate", "候选项目", "Whether it is only thought of: shown among the links that might pay.", default=False
    )


class Fuel(Entity):
    """What a vehicle burns on the way."""

    laden: Quantity = attr("laden", "重车油耗", "Use when laden.", measure=Measure.CONSUMPTION, required=True)
    empty: Quantity = attr("empty", "空车油耗", "Use when empty.", measure=Measure.CONSUMPTION, required=True)


class Refuel(Entity):
    """Where a fleet fills up."""

    site: str = attr("site", "加注点", "The site whose fuel balance is drawn on.", default="", ref="sites")
    pumps: Quantity | None = attr("pumps", "加注枪", "How many pumps there are; no limit unless given.", measure=Measure.NUMBER)
    rate: Quantity | None = attr(
        "rate", "加注速度", "How fast one pump fills; no time unless given.", measure=Measure.FUEL_RATE
    )


class Upkeep(Entity):
    """Service a vehicle needs after so long a way."""

    every: Quantity = attr("every", "保养里程", "Way driven between two services.", measure=Measure.LENGTH, required=True)
    time: str = attr("time", "保养用时", "Time of a service, a distribution.", required=True)
    bays: Quantity | None = attr("bays", "保养工位", "Services at once; no limit unless given.", measure=Measure.NUMBER)


class Fleet(Element):
    """Vehicles that serve routes and burn a fuel commodity."""

    owner: str = attr("owner", "企业", "The firm that owns it.", default="", ref="firms")
    vehicles: Quantity = attr("vehicles", "车辆数", "How many there are.", measure=Measure.NUMBER, required=True)
    availability: Varying | None = attr(
        "availability", "可用率", "Share of the vehicles on duty, over time.", measure=Measure.FRACTION
    )
    payload: Quantity = attr(
        "payload", "载重", "What one vehicle carries, laden.", measure=Measure.PAYLOAD, required=True
    )
    speed: Quantity = attr("speed", "车速", "Mean speed, laden and empty.", measure=Measure.SPEED, required=True)
    fuel: dict[Name, Fuel] = attr(
        "fuel", "燃料", "Commodities it burns: {laden, empty}.", factory=dict, ref="commodities"
    )
    tank: Quantity | None = attr("tank", "燃料箱", "What a full tank holds.", measure=Measure.FUEL_AMOUNT)
    refuel: Refuel | None = attr("refuel", "加注", "Where it fills up: {site, pumps, rate}.")
    upkeep: Upkeep | None = attr("upkeep", "保养", "Service in the discrete reading: {every, time, bays}.")
    crew: dict[str, Quantity] = attr(
        "crew", "司机", "Units of pools a vehicle holds from loading until it is back, such as drivers.", factory=dict, ref="pools",
        measure=Measure.POOL_AMOUNT,
    )
    cost: Quantity | None = attr("cost", "公里成本", "Money for a distance driven.", measure=Measure.MONEY_PER_LENGTH)
    step: Quantity | None = attr(
        "step", "步长", "Time over which vehicles' hours are counted; the coarsest of its routes' unless given.",
        measure=Measure.DURATION,
    )
    expansion: Expansion | None = attr("expansion", "扩充", "Vehicles that may be bought.")
