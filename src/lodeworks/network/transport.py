"""Routes as activities, and fleets as resources that routes use and whose fuel they draw."""

from __future__ import annotations

import numpy as np

from lodeworks.chain.entities import Fleet, Route
from lodeworks.network.builder import Builder, PlantRow, Vary, negative
from lodeworks.network.cycles import add_cycles
from lodeworks.network.processes import add_expansion

__all__ = ["add_routes"]


def add_routes(b: Builder) -> None:
    """Add every route, and the fleets that serve them."""
    fleets = {name: _add_fleet(b, name, fleet) for name, fleet in b.chain.fleets.items()}
    activities: dict[str, int] = {}
    for name, route in b.chain.routes.items():
        activity = activities[name] = _add_route(b, name, route)
        if route.fleet:
            element, resource = fleets[route.fleet]
            _add_trips(b, route, b.chain.fleets[route.fleet], activity, element, resource)
    for name, (_, resource) in fleets.items():
        _close_fleet(b, b.chain.fleets[name], resource)
    add_cycles(b, activities)


def _add_route(b: Builder, name: str, route: Route) -> int:
    m = b.measures
    commodity = route.commodity
    unit = b.chain.commodities[commodity].unit
    element = b.element(name, "route", route, commodity, unit, route.from_, route.to)
    grid = b.grid(b.multiple(route.step, b.commodity_multiple(commodity)))
    plant, lowest = -1, None
    if route.capacity is not None or route.expansion is not None:
        row = PlantRow(
            element, grid,
            existing=m.rate(route.capacity, commodity) if route.capacity is not None else 0.0,
            availability=b.vary(route.availability, "", 1.0),
            min_load=b.vary(route.min_load, ""),
            on_off=route.on_off,
        )
        lowest = b.lowest(row.min_load)
        if route.expansion is not None:
            add_expansion(b, row, route.expansion, commodity, "rate")
        plant = b.plant(row)
    activity = b.activity(element, grid, plant=plant, lower=lowest)
    lost = m.fraction(route.loss) if route.loss is not None else 0.0
    b.flow(activity, b.balance(commodity, route.from_), -1.0)
    b.flow(activity, b.balance(commodity, route.to), 1.0 - lost, route.lag)
    b.cost(activity, "freight", commodity, negative(b.vary(route.cost, m.canonical_price(commodity))))
    if route.freight is not None and route.distance is not None:
        b.cost(activity, "freight", commodity, Vary(-m.freight(route.freight, commodity) * m.length(route.distance)))
    if route.tax is not None:
        b.cost(activity, "tax", commodity, Vary(-m.price(route.tax, commodity)))
    return activity


def _add_fleet(b: Builder, name: str, fleet: Fleet) -> tuple[int, int]:
    m = b.measures
    element = b.element(name, "fleet", fleet, "", "vehicles", m.refuel_site(fleet))
    plant, amount = -1, m.number(fleet.vehicles)
    if fleet.expansion is not None:
        row = PlantRow(element, -1, existing=amount)
        add_expansion(b, row, fleet.expansion, "", "number")
        plant = b.plant(row)
    b.resources.append(
        {"name": name, "kind": "fleet", "unit": "vehicles", "grid": -1, "amount": amount,
         "availability": b.vary(fleet.availability, "", 1.0), "plant": plant}
    )
    resource = len(b.resources) - 1
    if fleet.refuel is not None and fleet.refuel.pumps is not None:
        b.resources.append(
            {"name": name, "kind": "pumps", "unit": "pumps", "grid": -1, "amount": m.number(fleet.refuel.pumps),
             "availability": Vary(1.0), "plant": -1}
        )
    return element, resource


def _add_trips(b: Builder, route: Route, fleet: Fleet, activity: int, element: int, resource: int) -> None:
    """Charge a route's rate with vehicle hours, fuel and kilometres.

    One unit carried is ``1 / payload`` round trips of ``2 distance / speed + load + unload + filling`` hours
    that burn ``distance × (laden + empty)`` of fuel.
    """
    m = b.measures
    distance = m.length(route.distance) if route.distance is not None else 0.0
    trips = 1.0 / m.payload(fleet.payload, route.commodity)
    hours = 2.0 * distance / m.speed(fleet.speed)
    for part in (route.load, route.unload):
        hours += m.duration(part) if part is not None else 0.0
    site = m.refuel_site(fleet) or route.from_
    filling = 0.0
    for commodity, fuel in fleet.fuel.items():
        burnt = distance * (m.consumption(fuel.laden, commodity) + m.consumption(fuel.empty, commodity))
        b.flow(activity, b.balance(commodity, site), -burnt * trips, element=element)
        if fleet.refuel is not None and fleet.refuel.rate is not None:
            filling += burnt / m.fuel_rate(fleet.refuel.rate, commodity)
    b.resource_uses.append((resource, activity, trips * (hours + filling)))
    if fleet.refuel is not None and fleet.refuel.pumps is not None and filling > 0.0:
        b.resource_uses.append((resource + 1, activity, trips * filling))
    if fleet.cost is not None:
        money = m.money_per_length(fleet.cost) * 2.0 * distance * trips
        b.cost(activity, "freight", route.commodity, Vary(-money), element=element)


def _close_fleet(b: Builder, fleet: Fleet, resource: int) -> None:
    """Give a fleet's rows their grid: its own step, else the coarsest of the routes it serves."""
    numbers = [resource, resource + 1] if fleet.refuel is not None and fleet.refuel.pumps is not None else [resource]
    by_number = {number: multiple for multiple, number in b.grids.items()}
    served = [by_number[b.activities[a][2]] for r, a, _ in b.resource_uses if r == resource]
    grid = b.grid(b.multiple(fleet.step, max(served, default=1)))
    for number in numbers:
        b.resources[number]["grid"] = grid
    plant = b.resources[resource]["plant"]
    if plant >= 0:
        b.plants[plant].grid = grid
    assert np.isfinite(b.resources[resource]["amount"])
