"""Limits on what may be built together: a budget, choices among whole projects, sums of capacities."""

from __future__ import annotations

from lodeworks.chain.entities.attribute import Entity, Measure, Name, attr
from lodeworks.units import Quantity

__all__ = ["CapacityLimit", "Choice", "Investment"]


class Choice(Entity):
    """How many of some whole projects may or must stand."""

    of: list[Name] = attr("of", "项目", "Elements that are built as a whole: `most` and `lump` alike.", required=True)
    least: Quantity | None = attr("least", "至少", "At least so many; none unless given.", measure=Measure.NUMBER)
    most: Quantity | None = attr("most", "至多", "At most so many; no limit unless given.", measure=Measure.NUMBER)


class CapacityLimit(Entity):
    """A limit on a weighed sum of capacities that stand: all of a kind, what counts as firm, a size by another's."""

    sum: dict[str, Quantity] = attr(
        "sum", "合计",
        "Whose capacity (existing and built) is added up, each times a factor: `{east_pv: 1, west_pv: 1}`, `{battery: 1, inverter: -4 h}`.",
        required=True, measure=Measure.NUMBER,
    )
    least: Quantity | None = attr("least", "下限", "Not less than this.", measure=Measure.POLICY_AMOUNT)
    most: Quantity | None = attr("most", "上限", "Not more than this.", measure=Measure.POLICY_AMOUNT)


class Investment(Entity):
    """Limits on all that may be built together."""

    budget: Quantity | None = attr("budget", "投资预算", "Most money for building.", measure=Measure.MONEY)
    choices: dict[Name, Choice] = attr(
        "choices", "选项", "How many of some projects: `{cluster: {of: [east, west], most: 1}}`.", factory=dict
    )
    capacities: dict[Name, CapacityLimit] = attr(
        "capacities", "容量约束", "Limits on sums of capacities: `{firm: {sum: {coal: 90 %, wind: 10 %}, least: 1.2 GW}}`.",
        factory=dict,
    )
