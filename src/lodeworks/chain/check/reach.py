"""Whether what must be delivered can arrive at all, by a bound that never calls a feasible chain infeasible.

For each commodity the most that could flow over the whole horizon from where it enters or is made, over routes,
to the demands that must be met is a maximum flow. What a process could make is bounded by its capacity and by
what could be had of its inputs; timing, losses and everything shared are left out, all of which only make less
arrive. Inputs that may fall due after the end of the horizon are taken for free.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from lodeworks.chain.check.context import Context, both_ways, flows_of
from lodeworks.chain.entities import Flow, Process, Varying
from lodeworks.chain.profiles import Floats, varying
from lodeworks.errors import Problem

__all__ = ["reach"]

_GRAIN = 10**8  # a need is counted in this many grains; capacities are rounded up


def reach(context: Context) -> Iterator[Problem]:
    """No demand needs more than the most that could arrive."""
    bounds = _Bounds(context)
    needs: dict[str, dict[str, float]] = {}
    for name, demand in context.chain.demands.items():
        if demand.unserved is None:
            need = bounds.total(demand.amount or demand.least, f"({bounds.unit(demand.commodity)})/h", 0.0)
            if need > 0.0:
                needs.setdefault(demand.commodity, {})[name] = need
    for commodity, demands in needs.items():
        for name, need in demands.items():
            most = bounds.arriving(commodity, {name: need})
            if most < need * (1.0 - 1e-6):
                yield _short(context, bounds, commodity, [name], need, most)
                break
        else:
            need = sum(demands.values())
            most = bounds.arriving(commodity, demands)
            if most < need * (1.0 - 1e-6):
                yield _short(context, bounds, commodity, list(demands), need, most)


def _short(
    context: Context, bounds: _Bounds, commodity: str, names: list[str], need: float, most: float
) -> Problem:
    unit, hours = bounds.unit(commodity), bounds.hours
    key = "amount" if context.chain.demands[names[0]].amount is not None else "least"
    others = f", together with {', '.join(names[1:])}," if len(names) > 1 else ""
    return Problem(
        f"needs{others} more {commodity} than can arrive", element=f"demands.{names[0]}", key=key,
        found=f"{need / hours:,.6g} {unit}/h on average", expected=f"at most {most / hours:,.6g} {unit}/h, "
        "which is all that can be made, bought and carried there (or `unserved`, a price on falling short)",
    )


class _Bounds:
    """Upper bounds over the horizon, in the commodities' units."""

    def __init__(self, context: Context) -> None:
        self.chain, self.measures = context.chain, context.measures
        steps = context.steps
        self.hours = steps.hours * steps.count if steps is not None else 0.0
        self.had: dict[str, float] = {}
        self.rates = {name: self._rate(name, process) for name, process in self.chain.processes.items()}
        self._bound_by_inputs()

    def unit(self, commodity: str) -> str:
        """Return the unit a commodity is counted in."""
        return self.chain.commodities[commodity].unit

    def total(self, value: Varying | None, canonical: str, default: float) -> float:
        """Return a varying rate's sum over the horizon."""
        if value is None:
            return default
        return float(np.mean(varying(value, canonical, self.chain, self.measures.units))) * self.hours

    def _rate(self, name: str, process: Process) -> float:
        """Return the most of its reference a process could run through."""
        if process.capacity is None and process.expansion is None:
            return math.inf
        m, reference = self.measures, self.measures.reference_of(process)
        size = m.rate(process.capacity, reference) if process.capacity is not None else 0.0
        if process.expansion is not None:
            size += m.rate(process.expansion.most, reference) if process.expansion.most is not None else math.inf
        available = 1.0
        if process.availability is not None:
            available = float(np.mean(varying(process.availability, "", self.chain, m.units)))
        return size * available * self.hours

    def _recipes(self, process: Process) -> list[tuple[dict[str, Flow], dict[str, Flow]]]:
        modes = [(dict(m.inputs), dict(m.outputs)) for m in process.modes.values()] or [({}, {})]
        expected = self.measures.expected
        return [
            ({**process.inputs, **takes}, expected(process, {**process.outputs, **gives})) for takes, gives in modes
        ]

    def _per_unit(self, process: Process, flows: dict[str, Flow], commodity: str, outputs: dict[str, Flow],
                  inputs: dict[str, Flow]) -> float | Floats:
        """Return how much of a commodity goes with one unit of the reference; for each step where that changes."""
        reference = self.measures.reference_of(process)
        own = outputs.get(reference) or inputs.get(reference)
        amount = self.measures.amounts(own, reference) if own is not None else 1.0
        if np.min(amount) <= 0.0:
            return math.inf
        return self.measures.amounts(flows[commodity], commodity) / amount

    def made(self, name: str, commodity: str) -> float:
        """Return the most a process could make of a commodity."""
        process, most = self.chain.processes[name], 0.0
        for takes, gives in self._recipes(process):
            if commodity in takes and both_ways(process):
                return math.inf
            if commodity in gives:
                most = max(most, float(np.max(self._per_unit(process, gives, commodity, gives, takes))))
        if commodity in process.reserves:
            units = self.measures.units
            most = max(most, units.factor(self.unit(self.measures.reference_of(process)), self.unit(commodity)))
        return self.rates[name] * most if most > 0.0 else 0.0

    def _bound_by_inputs(self) -> None:
        """Lower what processes could run through by all that could be had of what every recipe of theirs takes."""
        for _ in range(5):
            self.had = {commodity: self._had(commodity) for commodity in self.chain.commodities}
            for name, process in self.chain.processes.items():
                recipes = self._recipes(process)
                common = set.intersection(*(set(takes) for takes, _ in recipes))
                for commodity in common:
                    least = min(self._taken(process, takes, commodity, gives) for takes, gives in recipes)
                    if least > 0.0:
                        self.rates[name] = min(self.rates[name], self.had[commodity] / least)

    def _taken(self, process: Process, takes: dict[str, Flow], commodity: str, gives: dict[str, Flow]) -> float:
        """Return the least of an input that goes with one unit of the reference, within the horizon."""
        if takes[commodity].lag is not None and not self.chain.horizon.cyclic:
            return 0.0  # what is due after the end is never taken
        figures = [self.measures.fraction(figure) for figure in process.part_load.get(commodity, {}).values()]
        return float(np.min(self._per_unit(process, takes, commodity, gives, takes))) * min(figures, default=1.0)

    def _had(self, commodity: str) -> float:
        made = sum(self.made(name, commodity) for name in self.chain.processes)
        bought = sum(self._supplied(name) for name, s in self.chain.supplies.items() if s.commodity == commodity)
        stored = sum(self._stored(name) for name, s in self.chain.stores.items() if s.commodity == commodity)
        return made + bought + stored

    def _supplied(self, name: str) -> float:
        supply = self.chain.supplies[name]
        canonical = f"({self.unit(supply.commodity)})/h"
        most = self.total(supply.most, canonical, math.inf)
        if supply.tiers and all(tier.most is not None for tier in supply.tiers):
            rates = (self.measures.rate(tier.most, supply.commodity) for tier in supply.tiers if tier.most is not None)
            most = min(most, sum(rates) * self.hours)
        return most

    def _stored(self, name: str) -> float:
        store = self.chain.stores[name]
        if store.end == "cyclic" or store.initial is None:
            return 0.0
        return self.measures.amount(store.initial, store.commodity)

    def arriving(self, commodity: str, demands: dict[str, float]) -> float:
        """Return the most of a commodity that could reach some demands together, each up to its need."""
        from scipy import sparse
        from scipy.sparse.csgraph import maximum_flow

        shared = self.chain.commodities[commodity].shared
        places = {"": 2}

        def place(site: str) -> int:
            return places.setdefault("" if shared else site, len(places) + 2)

        grain = sum(demands.values()) / _GRAIN
        edges: dict[tuple[int, int], float] = {}

        def edge(begin: int, end: int, most: float) -> None:
            edges[begin, end] = edges.get((begin, end), 0.0) + most

        m = self.measures
        for name, process in self.chain.processes.items():
            taken, given = flows_of(process)
            for site in {at or m.site_of(process) for what, at in taken | given if what == commodity}:
                edge(0, place(site), self.made(name, commodity))
        for name, supply in self.chain.supplies.items():
            if supply.commodity == commodity:
                edge(0, place(m.site_of(supply)), self._supplied(name))
        for name, store in self.chain.stores.items():
            if store.commodity == commodity:
                edge(0, place(m.site_of(store)), self._stored(name))
        for route in self.chain.routes.values():
            if route.commodity == commodity:
                size = math.inf
                if route.capacity is not None and route.expansion is None:
                    size = m.rate(route.capacity, commodity) * self.hours
                edge(place(route.from_), place(route.to), size)
                if both_ways(route):
                    edge(place(route.to), place(route.from_), math.inf)
        for name, need in demands.items():
            edge(place(m.site_of(self.chain.demands[name])), 1, need)
        kept = [(key, most) for key, most in edges.items() if most > 0.0 and key[0] != key[1]]
        if not kept:
            return 0.0
        grains = [2 * _GRAIN if most / grain >= 2 * _GRAIN else math.ceil(most / grain) for _, most in kept]
        size = len(places) + 3
        rows, columns = [key[0] for key, _ in kept], [key[1] for key, _ in kept]
        graph = sparse.csr_array((np.array(grains, np.int32), (rows, columns)), shape=(size, size))
        return float(maximum_flow(graph, 0, 1).flow_value) * grain
