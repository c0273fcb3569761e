"""Limits on what may be built together: a budget, choices among whole projects, sums of capacities, growth."""

from __future__ import annotations

from lodeworks.chain.entities.attribute import Entity, Measure, Name, attr
from lodeworks.units import Quantity

__all__ = ["CapacityLimit", "Choice", "Experience", "Growth", "Investment"]


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


class Experience(Entity):
    """What has been built so far, as far as it is still known how: it lets more be built."""

    rate: Quantity = attr(
        "rate", "增速", "More that may be decided by the year, as a share of what has been built so far.",
        required=True, measure=Measure.FRACTION_PER_TIME,
    )
    fades: Quantity | None = attr(
        "fades", "经验衰减", "Share of it that is forgotten in a year; none unless given.", measure=Measure.FRACTION_PER_TIME,
    )
    known: Quantity | None = attr(
        "known", "已有经验", "What of capacity is known at the start; all that exists unless given.",
        measure=Measure.POLICY_AMOUNT,
    )
    of: dict[str, Quantity] = attr(
        "of", "来源", "Whose building counts, each times a factor: `{here: 1, elsewhere: 2.5 %}`; those that are limited unless given.",
        factory=dict, measure=Measure.NUMBER,
    )


class Growth(Entity):
    """How fast the capacity of some elements may grow from stage to stage: what may be decided in each."""

    of: list[Name] = attr("of", "项目", "Elements whose decided capacity is limited, together.", required=True)
    rate: Quantity | None = attr(
        "rate", "增速", "More that may be decided by the year, as a share of what stood in the stage before.",
        measure=Measure.FRACTION_PER_TIME,
    )
    seed: Quantity | None = attr(
        "seed", "起步量", "What may be decided in each stage besides, even of nothing.", measure=Measure.POLICY_AMOUNT,
    )
    experience: Experience | None = attr(
        "experience", "经验", "What has been built lets more be built besides: `{rate: 15 %/a, fades: 10 %/a}`.",
    )


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
    growth: dict[Name, Growth] = attr(
        "growth", "增速约束",
        "Over stages: how fast capacity may grow, `{solar: {of: [east_pv, west_pv], rate: 20 %/a, seed: 50 MW}}`.", factory=dict,
    )
