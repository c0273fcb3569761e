"""Commodities and the sites they are at."""

from __future__ import annotations

from lodeworks.chain.entities.attribute import Element, Entity, Measure, attr
from lodeworks.units import Quantity

__all__ = ["Commodity", "Heat", "Site"]


class Heat(Entity):
    """A commodity that must be used before it is too cold."""

    from_: Quantity = attr(
        "from", "起始温度", "Temperature when made.", measure=Measure.TEMPERATURE, alias="from", required=True
    )
    least: Quantity = attr(
        "least", "最低温度", "Temperature below which it is of no use.", measure=Measure.TEMPERATURE, required=True
    )
    loss: Quantity = attr("loss", "降温速度", "How fast it cools.", measure=Measure.COOLING, required=True)


class Commodity(Element):
    """Anything counted: t of coal, Nm3 of gas, kWh, kg of hydrogen, pairs of shoes."""

    unit: str = attr("unit", "单位", "The unit its amounts are counted in.", required=True)
    shared: bool = attr(
        "shared", "全链共用", "One balance for all sites (a power grid), instead of one a site.", default=False
    )
    let_go: bool = attr(
        "let go", "可放散", "Whether a surplus may be let go without use (flared, vented, dumped).", default=False
    )
    step: Quantity | None = attr(
        "step", "平衡步长", "Time over which its balances close; the horizon's step unless given.",
        measure=Measure.DURATION,
    )
    mass: Quantity | None = attr(
        "mass", "单位质量", "Mass of one unit; known by itself where the unit is one of mass.",
        measure=Measure.MASS_PER_UNIT,
    )
    heating_value: Quantity | None = attr(
        "heating value", "热值", "Energy in one unit (lower heating value).", measure=Measure.ENERGY_PER_UNIT
    )
    price: Quantity | None = attr(
        "price", "链内价", "Money one firm pays another for one unit of it within the chain; stocks stand at it.",
        measure=Measure.PRICE,
    )
    prices: dict[str, Quantity] = attr(
        "prices", "各地链内价", "The same for sites where it is another.", factory=dict, ref="sites",
        measure=Measure.PRICE,
    )
    quality: dict[str, Quantity] = attr(
        "quality", "质量指标", "Its figures, by name: ash, sulphur, volatile matter.", factory=dict,
        measure=Measure.QUALITY,
    )
    shelf_life: Quantity | None = attr(
        "shelf life", "保质期", "Time after which it is of no use.", measure=Measure.DURATION
    )
    heat: Heat | None = attr("heat", "热金属温度", "Limits its life by cooling: {from, least, loss}.")


class Site(Element):
    """A place."""

    latitude: Quantity | None = attr("latitude", "纬度", "Degrees north, WGS84.", measure=Measure.NUMBER)
    longitude: Quantity | None = attr("longitude", "经度", "Degrees east, WGS84.", measure=Measure.NUMBER)
