"""From quantities as written to numbers in canonical units: which unit each attribute is brought to.

Canonical are the commodity's own unit, hours, kilometres and the chain's currency; rates are per hour. What
a number is used for is the network's affair; whether it makes sense is for the checks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lodeworks.chain.entities import Blend, Chain, Fleet, Flow, Limit, Measure, Process
from lodeworks.chain.entities.attribute import Element
from lodeworks.chain.profiles import Floats, expand
from lodeworks.units import Quantity, UnitProblem, Units

__all__ = ["BlendParts", "Measures"]


@dataclass(frozen=True, slots=True)
class BlendParts:
    """A blend in one unit for all components.

    `amount` of the mix goes into one unit of the reference; `contributions` is how much one unit of each
    component fills of it, `weights` how much one unit counts in its quality.
    """

    amount: float
    contributions: tuple[float, ...]
    weights: tuple[float, ...]


class Measures:
    """Converts the quantities of one chain.

    Every method raises `UnitProblem` where the unit is unknown or of another dimension.
    """

    def __init__(self, chain: Chain, units: Units) -> None:
        self.chain = chain
        self.units = units

    # ---- canonical units ----------------------------------------------------------------------------

    def canonical(self, measure: Measure, commodity: str = "", what: str = "rate", pool: str = "") -> str | None:
        """Return the unit text a measure is brought to; None where any unit will do.

        `what` is what a capacity counts: ``rate`` (processes, routes), ``amount`` (stores), ``number`` (fleets).
        """
        own = self.unit_of(commodity) if commodity else ""
        money = self.chain.currency
        size = {"rate": f"(({own})/h)" if own else "(1/h)", "amount": f"({own})" if own else "", "number": ""}[what]
        per_size = f"{money}/{size}" if size else money
        capacity = {"rate": f"({own})/h" if own else "1/h", "amount": own, "number": ""}[what]
        table: dict[Measure, str | None] = {
            Measure.NUMBER: "", Measure.FRACTION: "", Measure.DURATION: "h", Measure.LENGTH: "km",
            Measure.SPEED: "km/h", Measure.TEMPERATURE: "degC", Measure.COOLING: "K/h",
            Measure.ANGLE: "deg",
            Measure.FRACTION_PER_TIME: "1/h", Measure.AMOUNT: own, Measure.ANY_AMOUNT: own,
            Measure.RATE: capacity, Measure.PRICE: f"{money}/({own})" if own else money,
            Measure.HOLDING: f"{money}/({own})/h", Measure.FREIGHT: f"{money}/({own})/km",
            Measure.MONEY: money, Measure.MONEY_PER_LENGTH: f"{money}/km", Measure.MONEY_PER_TIME: f"{money}/h",
            Measure.CAPACITY_COST: per_size, Measure.CAPACITY_COST_PER_TIME: f"{per_size}/h",
            Measure.MASS_PER_UNIT: f"kg/({own})", Measure.ENERGY_PER_UNIT: f"MJ/({own})",
            Measure.PAYLOAD: own or "kg", Measure.CONSUMPTION: f"({own})/km", Measure.FUEL_AMOUNT: own,
            Measure.FUEL_RATE: f"({own})/h",
            Measure.POOL_USE: f"({self.pool_unit(pool) or '1'})/(({own})/h)" if own else None,
        }
        return table.get(measure)

    def unit_of(self, commodity: str) -> str:
        """Return the unit a commodity is counted in."""
        return self.chain.commodities[commodity].unit

    def pool_unit(self, pool: str) -> str:
        """Return the unit a pool is counted in."""
        return self.chain.pools[pool].amount.unit if pool in self.chain.pools else ""

    def canonical_price(self, commodity: str) -> str:
        """Return the unit of a price."""
        return f"{self.chain.currency}/({self.unit_of(commodity)})"

    def canonical_rate(self, commodity: str) -> str:
        """Return the unit of a rate."""
        return f"({self.unit_of(commodity)})/h"

    def to(self, quantity: Quantity, unit: str) -> float:
        """Return a quantity in `unit`."""
        return self.units.convert(quantity, unit)

    def _as(self, quantity: Quantity, measure: Measure, commodity: str = "", what: str = "rate") -> float:
        unit = self.canonical(measure, commodity, what)
        assert unit is not None
        return self.units.convert(quantity, unit)

    # ---- one method a measure -----------------------------------------------------------------------

    def rate(self, quantity: Quantity, commodity: str) -> float:
        """Return a rate in units per hour."""
        return self._as(quantity, Measure.RATE, commodity)

    def price(self, quantity: Quantity, commodity: str) -> float:
        """Return money for one unit."""
        return self._as(quantity, Measure.PRICE, commodity)

    def amount(self, quantity: Quantity, commodity: str) -> float:
        """Return an amount; one of mass or energy is turned by the commodity's mass or heating value."""
        own = self.unit_of(commodity)
        try:
            return self.units.convert(quantity, own)
        except UnitProblem:
            return self._through_content(quantity, commodity)

    def amounts(self, flow: Flow, commodity: str) -> float | Floats:
        """Return a recipe's amount of a commodity: a number, or one a base step where it follows a profile.

        Raises
        ------
        InputError
            If the profile is faulty.
        """
        given, times = flow.amount, flow.amount.times or Quantity(1.0)
        if not given.profile:
            return self.amount(times, commodity)
        values, unit = expand(given.profile, self.chain, self.units)
        written = f"({unit})*({times.unit})" if unit and times.unit else unit or times.unit
        return values * self.amount(Quantity(times.value, written), commodity)

    def mean_amount(self, flow: Flow, commodity: str) -> float:
        """Return a recipe's amount of a commodity, its mean over the horizon where it changes over time."""
        return float(np.mean(self.amounts(flow, commodity)))

    def _through_content(self, quantity: Quantity, commodity: str) -> float:
        """Return an amount given as mass of a gas, energy of a coal, or counted otherwise."""
        for content, unit in ((self.mass(commodity), "kg"), (self.heating_value(commodity), "MJ")):
            if content is not None:
                try:
                    return self.units.convert(quantity, unit) / content
                except UnitProblem:
                    continue
        return self.units.convert(quantity, self.unit_of(commodity))

    def duration(self, quantity: Quantity) -> float:
        """Return hours."""
        return self._as(quantity, Measure.DURATION)

    def fraction(self, quantity: Quantity) -> float:
        """Return a plain share."""
        return self._as(quantity, Measure.FRACTION)

    def number(self, quantity: Quantity) -> float:
        """Return a plain number; things counted by name (vehicles, pieces) are as many."""
        for unit in ("", "vehicle", "piece", "person"):
            try:
                return self.units.convert(quantity, unit)
            except UnitProblem:
                continue
        return self.units.convert(quantity, "")

    def money(self, quantity: Quantity) -> float:
        """Return money in the chain's currency."""
        return self._as(quantity, Measure.MONEY)

    def rate_per_time(self, quantity: Quantity) -> float:
        """Return a share per hour."""
        return self._as(quantity, Measure.FRACTION_PER_TIME)

    def length(self, quantity: Quantity) -> float:
        """Return kilometres."""
        return self._as(quantity, Measure.LENGTH)

    def speed(self, quantity: Quantity) -> float:
        """Return kilometres per hour."""
        return self._as(quantity, Measure.SPEED)

    def freight(self, quantity: Quantity, commodity: str) -> float:
        """Return money for one unit and kilometre."""
        return self._as(quantity, Measure.FREIGHT, commodity)

    def holding(self, quantity: Quantity, commodity: str) -> float:
        """Return money to hold one unit for one hour."""
        return self._as(quantity, Measure.HOLDING, commodity)

    def capacity_cost(self, quantity: Quantity, commodity: str, what: str = "rate") -> float:
        """Return money for one unit of capacity."""
        return self._as(quantity, Measure.CAPACITY_COST, commodity, what)

    def capacity_cost_per_time(self, quantity: Quantity, commodity: str, what: str = "rate") -> float:
        """Return money for one unit of capacity and hour."""
        return self._as(quantity, Measure.CAPACITY_COST_PER_TIME, commodity, what)

    def payload(self, quantity: Quantity, commodity: str) -> float:
        """Return a vehicle's load in the commodity's unit."""
        return self.amount(quantity, commodity)

    def consumption(self, quantity: Quantity, fuel: str) -> float:
        """Return fuel for one kilometre, in the fuel's unit."""
        return self._as(quantity, Measure.CONSUMPTION, fuel)

    def fuel_rate(self, quantity: Quantity, fuel: str) -> float:
        """Return fuel filled in one hour, in the fuel's unit."""
        return self._as(quantity, Measure.FUEL_RATE, fuel)

    def money_per_length(self, quantity: Quantity) -> float:
        """Return money for one kilometre."""
        return self._as(quantity, Measure.MONEY_PER_LENGTH)

    def pool_use(self, quantity: Quantity, pool: str, commodity: str) -> float:
        """Return how much of a pool one unit of rate uses."""
        unit = self.canonical(Measure.POOL_USE, commodity, pool=pool)
        assert unit is not None
        return self.units.convert(quantity, unit)

    def pool_held(self, quantity: Quantity, pool: str) -> float:
        """Return how many units of a pool are held; a plain number counts them in the pool's own unit."""
        return self.units.convert(quantity, self.pool_unit(pool)) if quantity.unit else quantity.value

    # ---- what the chain says of its things ----------------------------------------------------------

    def site_of(self, element: Element) -> str:
        """Return where an element is; the only site of a chain of one where it does not say."""
        site = getattr(element, "site", "")
        if site or len(self.chain.sites) != 1:
            return str(site)
        return next(iter(self.chain.sites))

    def reference_of(self, process: Process) -> str:
        """Return the commodity a process's rate counts."""
        if process.reference:
            return process.reference
        for flows in (process.outputs, *(m.outputs for m in process.modes.values()), process.inputs,
                      *(m.inputs for m in process.modes.values())):
            if flows:
                return next(iter(flows))
        return next(iter(process.blends.values())).from_[0]

    def expected(self, process: Process, outputs: Mapping[str, Flow]) -> dict[str, Flow]:
        """Return outputs with their mean amounts, where chance decides whether they come out."""
        if not process.chance:
            return dict(outputs)
        found = dict(outputs)
        for name in found.keys() & process.chance.keys():
            amount = found[name].amount
            share, times = self.fraction(process.chance[name]), amount.times or Quantity(1.0)
            mean = amount.model_copy(update={"times": Quantity(times.value * share, times.unit)})
            found[name] = found[name].model_copy(update={"amount": mean})
        return found

    def refuel_site(self, fleet: Fleet) -> str:
        """Return the site whose fuel balance a fleet draws on; empty where each route's start serves."""
        return fleet.refuel.site if fleet.refuel is not None else ""

    def shelf_life(self, commodity: str) -> float:
        """Return hours a commodity keeps, by its shelf life and its heat; infinite where neither ends it."""
        entity = self.chain.commodities[commodity]
        life = self.duration(entity.shelf_life) if entity.shelf_life is not None else math.inf
        return min(life, self.heat_life(commodity))

    def heat_life(self, commodity: str) -> float:
        """Return hours until a commodity is too cold; infinite where it does not cool."""
        heat = self.chain.commodities[commodity].heat
        if heat is None:
            return math.inf
        drop = self._as(heat.from_, Measure.TEMPERATURE) - self._as(heat.least, Measure.TEMPERATURE)
        loss = self._as(heat.loss, Measure.COOLING)
        return drop / loss if loss > 0.0 else math.inf

    def cooling(self, commodity: str) -> tuple[float, float, float] | None:
        """Return at how many °C a commodity is made, the K/h it loses, and its least °C; None where it has no heat."""
        heat = self.chain.commodities[commodity].heat
        if heat is None:
            return None
        made, least = (self._as(at, Measure.TEMPERATURE) for at in (heat.from_, heat.least))
        return made, self._as(heat.loss, Measure.COOLING), least

    def mass(self, commodity: str) -> float | None:
        """Return kilograms in one unit, where known."""
        entity = self.chain.commodities[commodity]
        if entity.mass is not None:
            return self._as(entity.mass, Measure.MASS_PER_UNIT, commodity)
        return self._in_one("kg", entity.unit)

    def heating_value(self, commodity: str) -> float | None:
        """Return megajoules in one unit, where known."""
        entity = self.chain.commodities[commodity]
        if entity.heating_value is not None:
            try:
                return self._as(entity.heating_value, Measure.ENERGY_PER_UNIT, commodity)
            except UnitProblem:
                mass = self.mass(commodity)
                if mass is None:
                    raise
                return self.units.convert(entity.heating_value, "MJ/kg") * mass
        return self._in_one("MJ", entity.unit)

    def _in_one(self, content: str, unit: str) -> float | None:
        try:
            return self.units.factor(unit, content)
        except UnitProblem:
            return None

    # ---- blends -------------------------------------------------------------------------------------

    def blend_parts(self, blend: Blend) -> BlendParts:
        """Bring a blend's components to one unit: that of the first, or energy where the amount is energy."""
        weights = tuple(self.mass(c) or 1.0 for c in blend.from_)
        first = self.unit_of(blend.from_[0])
        try:
            amount = self.units.convert(blend.amount, first)
        except UnitProblem:
            amount = self.units.convert(blend.amount, "MJ")
            values = [self.heating_value(c) for c in blend.from_]
            missing = [c for c, value in zip(blend.from_, values, strict=True) if value is None]
            if missing:
                lacking = ", ".join(missing)
                raise UnitProblem(f"a blend counted by energy needs the heating value of {lacking}") from None
            return BlendParts(amount, tuple(v or 0.0 for v in values), weights)
        return BlendParts(amount, tuple(self.units.factor(self.unit_of(c), first) for c in blend.from_), weights)

    def blend_limit(
        self, blend: Blend, quality: str, limit: Limit
    ) -> tuple[tuple[float, ...], float | None, float | None]:
        """Return each component's figure and the limits, in the unit of the limit."""
        given = [q for q in (limit.least, limit.most) if q is not None]
        unit = given[0].unit if given else ""
        figures = tuple(self._figure(c, quality, unit) for c in blend.from_)
        bounds = [self.units.convert(q, unit) if q is not None else None for q in (limit.least, limit.most)]
        return figures, bounds[0], bounds[1]

    def _figure(self, commodity: str, quality: str, unit: str) -> float:
        figures = self.chain.commodities[commodity].quality
        if quality in figures:
            return self.units.convert(figures[quality], unit)
        if quality == "heating_value":
            value, mass = self.heating_value(commodity), self.mass(commodity)
            if value is not None and mass is not None:
                return value / mass * self.units.factor("MJ/kg", unit)
        raise UnitProblem(f"commodity {commodity} has no figure {quality!r}")
