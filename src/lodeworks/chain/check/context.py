"""What every check is given: the chain, its units, and its numbers brought to canonical units once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lodeworks.chain.check.numbers import Number, Series, numbers_of
from lodeworks.chain.entities import Chain, Demand, Element, Fleet, Flow, Mode, Process, Route, Store, Supply
from lodeworks.chain.measures import Measures
from lodeworks.chain.profiles import Steps, horizon_steps
from lodeworks.chain.versions import Version, versions
from lodeworks.chain.watched import ELEMENT_SECTIONS, Watched
from lodeworks.errors import InputError
from lodeworks.units import UnitProblem, Units

__all__ = ["Context"]


@dataclass
class Context:
    """A chain under check."""

    chain: Chain
    tolerance: float = 0.02

    @cached_property
    def units(self) -> Units | None:
        """The chain's units; None where they cannot be defined."""
        units = self.chain.registry()
        try:
            units.factor("t", "kg")
        except UnitProblem:
            return None
        return units

    @cached_property
    def measures(self) -> Measures:
        """The chain's conversions; with the built-in units alone where its own cannot be defined."""
        return Measures(self.chain, self.units or Units.of({}))

    @cached_property
    def watched(self) -> Watched:
        """What the live entities mean with what is left out filled in."""
        return Watched(self.chain, self.measures)

    @cached_property
    def steps(self) -> Steps | None:
        """The horizon's base steps; None where it is faulty."""
        try:
            return horizon_steps(self.chain, self.measures.units)
        except InputError:
            return None

    @cached_property
    def versions(self) -> list[Version]:
        """The chain of every stage and scenario; none where a setting does not fit, which is told of its own."""
        try:
            return versions(self.chain)
        except InputError:
            return []

    @cached_property
    def figures(self) -> tuple[Number | Series, ...]:
        """Every number of the chain that has a measure, with its value in the canonical unit."""
        return tuple(numbers_of(self.chain, self.measures, self.usable)) if self.units is not None else ()

    @cached_property
    def numbers(self) -> dict[tuple[str, str], Number]:
        """The numbers that do not change over time, by element and key."""
        return {(n.element, n.key): n for n in self.figures if isinstance(n, Number)}

    @property
    def series(self) -> Iterator[Series]:
        """The numbers that follow a profile."""
        return (s for s in self.figures if isinstance(s, Series))

    def value(self, element: str, key: str) -> float | None:
        """Return a number in its canonical unit; None where it is not given, varies or is faulty."""
        number = self.numbers.get((element, key))
        return number.value if number is not None else None

    def usable(self, commodity: str) -> bool:
        """Say whether a commodity exists and is counted in a known unit."""
        entity = self.chain.commodities.get(commodity)
        return entity is not None and bool(entity.unit.strip()) and self.measures.units.known(entity.unit)

    def elements(self) -> Iterator[tuple[str, str, Element]]:
        """Yield section, name and entity of all that share one space of names."""
        for section in ELEMENT_SECTIONS:
            for name, entity in getattr(self.chain, section).items():
                yield section, name, entity

    def commodity_of(self, entity: Element) -> str:
        """Return the commodity an element's rate counts; empty where there is none."""
        if isinstance(entity, Supply | Demand | Route | Store):
            return entity.commodity
        if isinstance(entity, Process) and has_flows(entity):
            return self.measures.reference_of(entity)
        return ""

    def places(self, entity: Element) -> set[str]:
        """Return the commodities an element takes or gives."""
        if isinstance(entity, Process):
            return {*taken_by(entity), *given_by(entity)}
        if isinstance(entity, Fleet):
            return set(entity.fuel)
        commodity = self.commodity_of(entity)
        return {commodity} if commodity else set()


def has_flows(process: Process) -> bool:
    """Say whether a process takes or gives anything."""
    return bool(taken_by(process) or set(given_by(process)) - set(process.reserves) or process.reference)


def taken_by(process: Process) -> list[str]:
    """Return the commodities a process takes in any mode or blend."""
    names = dict.fromkeys(process.inputs)
    for mode in process.modes.values():
        names.update(dict.fromkeys(mode.inputs))
    for blend in process.blends.values():
        names.update(dict.fromkeys(blend.from_))
    return list(names)


def given_by(process: Process) -> list[str]:
    """Return the commodities a process gives in any mode, and those that count its reserves."""
    names = dict.fromkeys(process.outputs)
    for mode in process.modes.values():
        names.update(dict.fromkeys(mode.outputs))
    names.update(dict.fromkeys(process.reserves))
    return list(names)


def flows_of(process: Process) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return the (commodity, site) pairs a process takes and gives in any mode or blend.

    What may run backwards takes and gives at both ends.
    """
    recipes: list[Process | Mode] = [process, *process.modes.values()]
    taken = {(name, flow.site or process.site) for recipe in recipes for name, flow in recipe.inputs.items()}
    given = {(name, flow.site or process.site) for recipe in recipes for name, flow in recipe.outputs.items()}
    given |= {(name, process.site) for name in process.reserves}
    taken |= {(name, process.site) for blend in process.blends.values() for name in blend.from_}
    return (taken | given, taken | given) if both_ways(process) else (taken, given)


def both_ways(entity: Process | Route) -> bool:
    """Say whether something may run backwards; what follows a profile may."""
    load = entity.min_load
    return load is not None and (bool(load.profile) or (load.times is not None and load.times.value < 0.0))


def recipes_of(measures: Measures, process: Process) -> list[tuple[str, dict[str, Flow], dict[str, Flow]]]:
    """Return each recipe as (mode, inputs, mean outputs), the common figures overlaid by the mode's own."""
    if not process.modes:
        return [("", process.inputs, measures.expected(process, process.outputs))]
    return [
        (name, {**process.inputs, **mode.inputs}, measures.expected(process, {**process.outputs, **mode.outputs}))
        for name, mode in process.modes.items()
    ]
