"""The walk over every number of a chain: where it stands, what it measures and its value in the canonical unit.

Dimension, range and profile checks all read the list this makes; nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from lodeworks.chain.entities import (
    Attribute,
    Blend,
    Chain,
    Commodity,
    Entity,
    Fleet,
    Flow,
    Fuel,
    Lag,
    Measure,
    Policy,
    Process,
    Quantity,
    Store,
    Varying,
    attributes_of,
    named,
)
from lodeworks.chain.measures import Measures
from lodeworks.units import UnitProblem, parse_quantity

__all__ = ["Number", "Series", "numbers_of"]

_OF_COMMODITY = frozenset({
    Measure.AMOUNT, Measure.ANY_AMOUNT, Measure.RATE, Measure.PRICE, Measure.HOLDING, Measure.FREIGHT,
    Measure.CAPACITY_COST, Measure.CAPACITY_COST_PER_TIME, Measure.MASS_PER_UNIT, Measure.ENERGY_PER_UNIT,
    Measure.PAYLOAD, Measure.CONSUMPTION, Measure.FUEL_AMOUNT, Measure.FUEL_RATE, Measure.POOL_USE,
})
_USUAL = {Measure.FRACTION_PER_TIME: "%/h or %/a"}  # what people write, where the canonical unit is no help
_ANY_UNIT = frozenset({Measure.QUALITY, Measure.POOL_AMOUNT, Measure.POLICY_AMOUNT, Measure.PROFILE})


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written, and its value; `fault` says why there is none."""

    element: str
    key: str
    attribute: str
    measure: Measure
    quantity: Quantity
    value: float | None
    fault: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A number that follows a profile, and the unit it should be in (None: that of something faulty)."""

    element: str
    key: str
    attribute: str
    measure: Measure
    varying: Varying
    canonical: str | None
    commodity: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    element: str
    key: str = ""
    attribute: str = ""
    commodity: str = ""
    what: str = "rate"
    size: str = "rate"  # what `what` becomes within `expansion`
    pool: str = ""

    def at(self, key: str) -> _Place:
        return replace(self, key=f"{self.key}.{key}" if self.key else key)


def numbers_of(chain: Chain, measures: Measures, usable: Callable[[str], bool]) -> Iterator[Number | Series]:
    """Yield every number of a chain that has a measure."""
    walk = _Walk(chain, measures, usable)
    for section in ("horizon", "investment", "simulation"):
        yield from walk.entity(_Place(section), getattr(chain, section))
    for section, name, entity in named(chain):
        yield from walk.element(_Place(f"{section}.{name}"), name, entity)


class _Walk:
    def __init__(self, chain: Chain, measures: Measures, usable: Callable[[str], bool]) -> None:
        self.chain = chain
        self.measures = measures
        self.usable = usable

    def element(self, place: _Place, name: str, entity: Entity) -> Iterator[Number | Series]:
        if isinstance(entity, Fleet):
            yield from self._fleet(replace(place, size="number"), name, entity)
            return
        commodity, size = "", "rate"
        if isinstance(entity, Process):
            commodity = _reference(self.measures, entity)
        elif isinstance(entity, Commodity):
            commodity = name
        elif not isinstance(entity, Policy):
            commodity = getattr(entity, "commodity", "")
        if isinstance(entity, Store):
            size = "amount"
        yield from self.entity(replace(place, commodity=commodity, size=size), entity)
        if isinstance(entity, Store) and entity.end not in ("cyclic", "free"):
            try:
                end = parse_quantity(entity.end)
            except ValueError:
                return
            yield self._number(replace(place, key="end", attribute="end", commodity=commodity), Measure.AMOUNT, end)

    def _fleet(self, place: _Place, name: str, fleet: Fleet) -> Iterator[Number | Series]:
        """A fleet's payload is in the unit of what its routes carry, its tank and pumps in that of its fuels."""
        yield from self.entity(place, fleet, skip=("payload", "tank", "refuel"))
        carried = dict.fromkeys(r.commodity for r in self.chain.routes.values() if r.fleet == name)
        for commodity in carried or [""]:
            at = replace(place.at("payload"), attribute="payload", commodity=commodity)
            yield self._number(at, Measure.PAYLOAD if commodity else Measure.POOL_AMOUNT, fleet.payload)
        for fuel in fleet.fuel:
            if fleet.tank is not None:
                at = replace(place.at("tank"), attribute="tank", commodity=fuel)
                yield self._number(at, Measure.AMOUNT, fleet.tank)
        if fleet.refuel is not None:
            yield from self.entity(place.at("refuel"), fleet.refuel, skip=("rate",))
            rate = fleet.refuel.rate
            if rate is not None:
                for fuel in fleet.fuel:
                    at = replace(place.at("refuel.rate"), attribute="rate", commodity=fuel)
                    yield self._number(at, Measure.FUEL_RATE, rate)

    def entity(self, place: _Place, entity: Entity, skip: tuple[str, ...] = ()) -> Iterator[Number | Series]:
        for key, attribute in attributes_of(type(entity)).items():
            if key in ("source", "ranges", "title", "note") or key in skip:
                continue
            value = getattr(entity, attribute.field)
            if value is None or isinstance(value, str | bool):
                continue
            what = place.size if key in ("expansion", "fixed_cost") else place.what
            yield from self._any(replace(place.at(key), attribute=attribute.title, what=what), attribute, value)

    def _any(self, place: _Place, attribute: Attribute, value: Any) -> Iterator[Number | Series]:
        measure = attribute.measure
        if isinstance(value, Quantity):
            if measure is not None and measure is not Measure.READING:  # which goes with its tag: see `live`
                yield self._number(place, measure, value)
        elif isinstance(value, Varying):
            assert measure is not None
            if value.profile:
                yield self._series(place, measure, value)
            elif value.times is not None:
                yield self._number(place, measure, value.times)
        elif isinstance(value, Lag):
            yield from self._lag(place, value)
        elif isinstance(value, Flow):
            plain = value.lag is None and not value.site
            at = place if plain else place.at("amount")
            if value.amount.profile:
                yield self._series(at, Measure.ANY_AMOUNT, value.amount)
            elif value.amount.times is not None:
                yield self._number(at, Measure.ANY_AMOUNT, value.amount.times)
            if value.lag is not None:
                yield from self._lag(place.at("lag"), value.lag)
        elif isinstance(value, Blend):
            yield from self._blend(place, value)
        elif isinstance(value, Entity):
            yield from self.entity(place, value)
        elif isinstance(value, dict):
            yield from self._mapping(place, attribute, value)
        elif isinstance(value, list) and value and isinstance(value[0], Entity):
            for number, item in enumerate(value):
                yield from self._any(place.at(str(number + 1)), attribute, item)

    def _mapping(self, place: _Place, attribute: Attribute, value: dict[str, Any]) -> Iterator[Number | Series]:
        if attribute.key in ("sum", "share_of"):
            return  # factors of a policy go with what they multiply: see dimensions
        for key, item in value.items():
            at = place.at(key)
            if attribute.ref == "pools":
                at = replace(at, pool=key)
            elif attribute.ref == "commodities" and isinstance(item, Flow | Fuel | Quantity):
                at = replace(at, commodity=key)
            if isinstance(item, dict):
                for load, figure in item.items():
                    yield from self._text(at.at(load), Measure.FRACTION, load)
                    yield self._number(at.at(load), attribute.measure or Measure.FRACTION, figure)
            else:
                yield from self._any(at, attribute, item)

    def _lag(self, place: _Place, lag: Lag) -> Iterator[Number]:
        for text, share in lag.shares.items():
            at = place.at(text) if len(lag.shares) > 1 else place
            yield from self._text(at, Measure.DURATION, text)
            yield self._number(at, Measure.FRACTION, share)

    def _text(self, place: _Place, measure: Measure, text: str) -> Iterator[Number]:
        """A number that is the key of another."""
        try:
            yield self._number(replace(place, key=f"{place.key}:"), measure, parse_quantity(text))
        except ValueError as error:
            nothing = Quantity(0.0, text)
            yield Number(place.element, f"{place.key}:", place.attribute, measure, nothing, None, str(error))

    def _blend(self, place: _Place, blend: Blend) -> Iterator[Number]:
        if not blend.from_ or not all(self.usable(c) for c in blend.from_):
            return
        at = replace(place.at("amount"), attribute="amount")
        try:
            parts = self.measures.blend_parts(blend)
            yield Number(at.element, at.key, at.attribute, Measure.ANY_AMOUNT, blend.amount, parts.amount)
        except UnitProblem as error:
            expected = self.measures.unit_of(blend.from_[0])
            yield Number(at.element, at.key, at.attribute, Measure.ANY_AMOUNT, blend.amount, None, str(error), expected)

    def _series(self, place: _Place, measure: Measure, value: Varying) -> Series:
        canonical, commodity = None, place.commodity if measure in _OF_COMMODITY else ""
        if not self._lacks(place, measure):
            canonical = self.measures.canonical(measure, commodity, place.what, place.pool)
        return Series(place.element, place.key, place.attribute, measure, value, canonical, commodity)

    def _lacks(self, place: _Place, measure: Measure) -> bool:
        """Say whether what the number is counted by is itself faulty (and reported elsewhere)."""
        if measure is Measure.POOL_USE and (
            place.pool not in self.chain.pools or not self.measures.units.known(self.measures.pool_unit(place.pool))
        ):
            return True
        if measure not in _OF_COMMODITY:
            return False
        if place.what == "number" and not place.commodity:
            return measure not in (Measure.RATE, Measure.CAPACITY_COST, Measure.CAPACITY_COST_PER_TIME)
        return not self.usable(place.commodity)

    def _number(self, place: _Place, measure: Measure, quantity: Quantity) -> Number:
        bare = Number(place.element, place.key, place.attribute, measure, quantity, None)
        if self._lacks(place, measure):
            return bare
        if measure not in _OF_COMMODITY:
            place = replace(place, commodity="")  # whose unit may be faulty, and does not matter here
        try:
            return replace(bare, value=self._value(place, measure, quantity))
        except UnitProblem as error:
            unit = _USUAL.get(measure) or self.measures.canonical(measure, place.commodity, place.what, place.pool)
            if measure is Measure.CAPACITY_COST_PER_TIME and unit:  # nobody pays `CNY/(MWh/h)/h`
                return replace(bare, fault=str(error), expected=f"a unit like {_plain(unit.removesuffix('/h'))} per a")
            return replace(bare, fault=str(error), expected=_expected(unit))

    def _value(self, place: _Place, measure: Measure, quantity: Quantity) -> float:
        m = self.measures
        if measure in _ANY_UNIT:
            m.units.dimension(quantity.unit)
            return quantity.value
        if measure is Measure.NUMBER or (measure is Measure.RATE and place.what == "number"):
            return m.number(quantity)
        if measure in (Measure.AMOUNT, Measure.ANY_AMOUNT, Measure.PAYLOAD) or (
            measure is Measure.RATE and place.what == "amount"
        ):
            return m.amount(quantity, place.commodity)
        if measure is Measure.ENERGY_PER_UNIT:
            return m.heating_value(place.commodity) or 0.0
        unit = m.canonical(measure, place.commodity, place.what, place.pool)
        assert unit is not None
        return m.to(quantity, unit)


def _reference(measures: Measures, process: Process) -> str:
    try:
        return measures.reference_of(process)
    except (StopIteration, IndexError):
        return ""


def _expected(unit: str | None) -> str:
    if unit is None:
        return ""
    return f"a unit like {_plain(unit)}" if unit else "a plain number or %"


def _plain(unit: str) -> str:
    """Take off the brackets that only a machine needs: ``CNY/(t)`` is ``CNY/t``."""
    import re

    return re.sub(r"\(([^\W\d_][\w%]*)\)", r"\1", unit)


