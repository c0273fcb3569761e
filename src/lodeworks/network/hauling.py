"""Vehicles' trips as plain numbers: times of loading, driving and unloading, fuel of each way, tanks and pumps."""

from __future__ import annotations

import math

from lodeworks.chain.distributions import parse_distribution
from lodeworks.chain.entities import Fleet, Haul, Quantity, Route
from lodeworks.network.arrays import Distribution, Driving, Hauling
from lodeworks.network.builder import Builder

__all__ = ["ANY_SHARE", "compile_hauling", "least_share", "written_distribution"]

ANY_SHARE = 1e-9  # of a batch: whatever is there


def written_distribution(b: Builder, text: str, unit: str = "h") -> Distribution | None:
    """Return a distribution as written, in a unit; None where nothing is."""
    return Distribution(*parse_distribution(text, b.measures.units, unit)) if text else None


def compile_hauling(b: Builder, number: dict[str, int]) -> tuple[dict[int, Hauling], dict[int, Driving]]:
    """Return the trips of every route that has a fleet, and every fleet's vehicles, by element number."""
    hauls = {
        number[name]: _hauling(b, route, b.chain.fleets[route.fleet], number[route.fleet])
        for name, route in b.chain.routes.items() if route.fleet
    }
    fleets = {}
    for name, fleet in b.chain.fleets.items():
        own = {route: h for route, h in hauls.items() if h.fleet == number[name]}
        if own:
            fleets[number[name]] = _driving(b, fleet, own)
    return hauls, fleets


def _hauling(b: Builder, route: Route, fleet: Fleet, number: int) -> Hauling:
    m, haul = b.measures, route.haul or Haul()
    distance = m.length(route.distance) if route.distance is not None else 0.0
    way = distance / m.speed(fleet.speed)

    def time(text: str, otherwise: Quantity | float | None) -> Distribution:
        given = written_distribution(b, text)
        hours = m.duration(otherwise) if isinstance(otherwise, Quantity) else otherwise or 0.0
        return given or Distribution("constant", (hours,))

    payload = m.payload(fleet.payload, route.commodity)
    load, loaders = time(haul.load, route.load), _count(b, haul.loaders)
    if route.capacity is not None and not loaders and not haul.load:
        loaders = 1  # a route's own capacity: one loading point that lets no more through
        load = Distribution("constant", (max(load.parameters[0], payload / m.rate(route.capacity, route.commodity)),))
    fuel = next(iter(fleet.fuel), "")
    burnt = [distance * m.consumption(q, fuel) if fuel else 0.0
             for q in ((fleet.fuel[fuel].laden, fleet.fuel[fuel].empty) if fuel else (Quantity(0.0), Quantity(0.0)))]
    return Hauling(
        number, payload, load, time(haul.laden, way), time(haul.unload, route.unload), time(haul.empty, way), loaders,
        _count(b, haul.unloaders), round(m.number(haul.priority)), distance, burnt[0], burnt[1],
        least_share(b, haul.least, haul.linger),
        m.duration(haul.linger) if haul.linger is not None else math.inf,
    )


def _driving(b: Builder, fleet: Fleet, routes: dict[int, Hauling]) -> Driving:
    m = b.measures
    fuel = next(iter(fleet.fuel), "")
    tank = m.amount(fleet.tank, fuel) if fleet.tank is not None and fuel else math.inf
    site = m.refuel_site(fleet) or b.elements[next(iter(routes))].site
    refuel, upkeep = fleet.refuel, fleet.upkeep
    return Driving(
        round(m.number(fleet.vehicles)), tank, b.balance(fuel, site) if fuel else -1,
        _count(b, refuel.pumps) if refuel is not None else 0,
        m.fuel_rate(refuel.rate, fuel) if refuel is not None and refuel.rate is not None else math.inf,
        max(h.burnt_laden + h.burnt_empty for h in routes.values()),
        {name: m.pool_held(quantity, name) for name, quantity in fleet.crew.items()},
        m.length(upkeep.every) if upkeep is not None else math.inf,
        written_distribution(b, upkeep.time) if upkeep is not None else None,
        _count(b, upkeep.bays) if upkeep is not None else 0,
    )


def least_share(b: Builder, least: Quantity | None, linger: Quantity | None) -> float:
    """Return the share of a batch with which a run may start: nought where only the first lot's waiting counts."""
    if least is None:
        return 1.0 if linger is None else 0.0
    return max(b.measures.fraction(least), ANY_SHARE)


def _count(b: Builder, quantity: Quantity | None) -> int:
    return round(b.measures.number(quantity)) if quantity is not None else 0
