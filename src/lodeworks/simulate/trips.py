"""Fleets → the kernel's tables: each trip as loading, driving, unloading and returning, with tanks and services.

Vehicles without a trip wait in one place of their fleet and take the route of first priority that has a load. A trip
leads there and back, as in a plan. A vehicle whose tank would not last the longest trip fills up before it waits again.
"""

from __future__ import annotations

import math

import numpy as np

from lodeworks.network.arrays import Distribution, Driving, Hauling
from lodeworks.simulate import layout as y
from lodeworks.simulate.draft import Arc, Draft, Group, Place, Pool, Transition, Vehicles

__all__ = ["AFTER_LOADING", "add_trips"]

AFTER_LOADING = (".drive", ".unload", ".return")  # how the names of a trip's transitions end, but for the first

_Flows = list[list[tuple[int, float, float, int]]]


def add_trips(d: Draft, hauled: list[int], pools: dict[str, int], flows: _Flows) -> list[tuple[int, float]]:
    """Add every fleet with the trips of its routes; return (place, largest batch) of what they load and unload.

    Parameters
    ----------
    hauled
        Activities of routes that have a fleet.
    """
    touched: list[tuple[int, float]] = []
    network = d.network
    for fleet, driving in network.discrete.fleets.items():
        own = [a for a in hauled if network.discrete.hauls[int(network.activities.element[a])].fleet == fleet]
        if own:
            touched += _Fleet(d, fleet, driving, pools).add(own, flows)
    return touched


class _Fleet:
    def __init__(self, d: Draft, number: int, driving: Driving, pools: dict[str, int]) -> None:
        self.d, self.number, self.driving = d, number, driving
        self.name = d.network.elements[number].name
        self.home = d.place(Place(f"{self.name} waiting"))
        self.places = [self.home]
        self.roads: list[tuple[int, float]] = []
        self.transitions: list[int] = []
        self.crew = [(pools[name], amount) for name, amount in sorted(driving.crew.items())]
        res = d.network.resources
        for r, name in enumerate(res.name):
            if name == self.name and res.kind[r] == "fleet":
                share = d.network.on_base(res.availability, res.grid, r)
                if not np.all(share == 1.0):
                    series = d.speed(share)
                    self.crew.append((d.pool(Pool(f"{self.name} on duty", float(driving.vehicles), series)), 1.0))

    def add(self, activities: list[int], flows: _Flows) -> list[tuple[int, float]]:
        """Add the trips of these activities, and where vehicles fill up and are serviced."""
        hauls = self.d.network.discrete.hauls
        own = {a: hauls[int(self.d.network.activities.element[a])] for a in activities}
        longest = max(2.0 * h.distance for h in own.values())
        after_trip = self._stations(longest)
        touched = [row for a, h in own.items() for row in self._trip(a, h, flows[a], after_trip)]
        v = self.driving
        self.d.fleets.append(Vehicles(
            self.name, v.vehicles, self.home, v.tank if math.isfinite(v.tank) else 0.0,
            v.service_every if math.isfinite(v.service_every) else 0.0, tuple(self.places), tuple(self.transitions),
            tuple(self.roads), tuple(self.crew),
        ))
        return touched

    def _stations(self, longest: float) -> list[Arc]:
        """Add filling and services; return where a vehicle that is back may go, in order."""
        v, ways = self.driving, [Arc(self.home, role=y.ROLE_CARRIER)]
        if math.isfinite(v.service_every) and v.service is not None:
            bay = self._place("to service")
            self._transition("service", v.bays, v.service, Arc(bay, role=y.ROLE_CARRIER),
                             [Arc(self.home, role=y.ROLE_CARRIER, lag=v.service_every)])
            ways.insert(0, Arc(bay, role=y.ROLE_IF_WORN, test=longest))
        if math.isfinite(v.tank):
            pump = self._place("to refuel")
            t = self._transition("refuel", v.pumps, Distribution("constant", (0.0,)),
                                 Arc(pump, role=y.ROLE_CARRIER), list(ways))
            t.inputs.append(Arc(v.fuel, v.tank, role=y.ROLE_FILL))
            t.floats[y.T_PER_FILL] = 1.0 / v.fill
            ways.insert(0, Arc(pump, role=y.ROLE_IF_LOW, test=v.reserve))
        return ways

    def _trip(
        self, a: int, h: Hauling, flows: list[tuple[int, float, float, int]], after: list[Arc]
    ) -> list[tuple[int, float]]:
        network = self.d.network
        own = int(network.activities.element[a])
        route = network.elements[own].name
        loaded, at_end, empty = (self._place(f"{what}", route) for what in ("laden", "at unloading", "empty"))
        load = self._transition("load", h.loaders, h.load, Arc(self.home, role=y.ROLE_CARRIER),
                                [Arc(loaded, role=y.ROLE_CARRIER)], route)
        unload_outputs = [Arc(empty, role=y.ROLE_CARRIER)]
        touched = []
        for b, amount, _, element in flows:
            whole = abs(amount) * h.payload
            if element != own and b == self.driving.fuel and math.isfinite(self.driving.tank):
                continue  # burnt from the tank
            if amount < 0.0:
                load.inputs.append(Arc(b, whole))
            else:
                unload_outputs.insert(0, Arc(b, whole))
            touched.append((b, whole))
        drive = self._transition("drive", 0, h.laden, Arc(loaded, role=y.ROLE_LADEN),
                                 [Arc(at_end, role=y.ROLE_CARRIER)], route)
        unload = self._transition("unload", h.unloaders, h.unload, Arc(at_end, role=y.ROLE_LADEN), unload_outputs,
                                  route)
        back = self._transition("return", 0, h.empty, Arc(empty, role=y.ROLE_CARRIER), list(after), route)
        drive.floats |= {y.T_BURN0: h.burnt_laden, y.T_BURN1: h.distance}
        back.floats |= {y.T_BURN0: h.burnt_empty, y.T_BURN1: h.distance}
        load.priority = h.priority
        load.ints[y.T_PARTIAL] = int(h.least < 1.0)
        load.floats |= {y.T_LEAST: h.least, y.T_LINGER: h.linger}
        load.uses = [(pool, 1, 0, amount) for pool, amount in self.crew]
        back.uses = [(pool, 0, 1, amount) for pool, amount in self.crew]
        for t in (load, drive, unload, back):
            t.activity, t.batch = a, h.payload
        for place, t, under_way in zip((loaded, empty), (drive, back), network.discrete.on_road.get(own, ()),
                                       strict=False):
            t.floats[y.T_BUSY], t.ints[y.T_BUSY_STREAM] = 1.0, self.d.stream(t.name, "under way")
            self.roads.append((place, under_way / max(1, self.driving.vehicles)))
        return touched

    def _place(self, what: str, route: str = "") -> int:
        self.places.append(self.d.place(Place(f"{route or self.name} {what}")))
        return self.places[-1]

    def _transition(
        self, what: str, servers: int, time: Distribution, first: Arc, outputs: list[Arc], route: str = ""
    ) -> Transition:
        name = f"{route or self.name}.{what}"
        t = Transition(name, self.d.group(Group(name, servers)), self.d.distribution(time), inputs=[first],
                       outputs=outputs)
        t.ints = {y.T_KEEPS_MADE: 1, y.T_CARRIER: 1}
        t.floats = {y.T_LEAST: 1.0, y.T_LINGER: math.inf}
        self.transitions.append(self.d.transition(t))
        return t
