"""Whether what must be delivered can be, even with all plant at full: by maximum flow over sites.

Every bound here is on the generous side (losses, minimum loads and shared inputs are left out; rates are means over
the horizon, as stores may even them out), so that what is reported is short for certain.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from lodeworks.chain.check.scope import Scope, plain_unit
from lodeworks.chain.entities import Expansion, Process, Route, Supply
from lodeworks.errors import Problem

__all__ = ["demands_reachable"]

_PASSES = 12
_SLACK = 1e-6


@dataclass
class _Flows:
    """Upper bounds: what can be made of each commodity at each site, and carried between two."""

    made: dict[str, dict[str, float]] = field(default_factory=dict)
    carried: dict[str, dict[tuple[str, str], float]] = field(default_factory=dict)


def demands_reachable(scope: Scope) -> Iterator[Problem]:
    """What must be served of each commodity can be made and brought to where it must be."""
    needs = _needs(scope)
    if not needs or scope.steps is None:
        return
    flows = _bounds(scope)
    for commodity, wanted in needs.items():
        unit = plain_unit(scope.measures.canonical_rate(commodity))
        alone = []
        for name, (site, need) in wanted.items():
            most = _most(flows, commodity, {site: need})
            if most < need * (1.0 - _SLACK):
                alone.append(name)
                yield _short(f"demands.{name}", commodity, need, most, unit, "this demand")
        total: dict[str, float] = {}
        for site, need in wanted.values():
            total[site] = total.get(site, 0.0) + need
        most, need = _most(flows, commodity, total), sum(total.values())
        if not alone and most < need * (1.0 - _SLACK):
            for name in wanted:
                yield _short(f"demands.{name}", commodity, need, most, unit,
                             f"{' and '.join(wanted)} together" if len(wanted) > 1 else "this demand")


def _short(element: str, commodity: str, need: float, most: float, unit: str, who: str) -> Problem:
    return Problem(f"{who} must have {need:.6g} {unit} of {commodity}; the chain can bring at most {most:.6g} {unit} "
                   "even with everything at full capacity", element=element, key="amount", found=f"{need:.6g} {unit}",
                   expected=f"at most {most:.6g} {unit}, or `unserved` with a penalty")


def _needs(scope: Scope) -> dict[str, dict[str, tuple[str, float]]]:
    """Return for each commodity the demands that must be met: site, mean rate."""
    found: dict[str, dict[str, tuple[str, float]]] = {}
    for name, demand in scope.chain.demands.items():
        must = scope.over_time(demand.amount or demand.least, scope.measures.canonical_rate(demand.commodity))
        if must is None or demand.unserved is not None or float(np.mean(must)) <= 0.0:
            continue
        node = scope.node(demand.commodity, scope.measures.site_of(demand))
        found.setdefault(demand.commodity, {})[name] = (node[1], float(np.mean(must)))
    return found


# ---- bounds -----------------------------------------------------------------------------------------


def _bounds(scope: Scope) -> _Flows:
    """Bound processes by capacity first, then pass by pass by what can be brought of their inputs."""
    flows = _Flows()
    for route in scope.chain.routes.values():
        ways = flows.carried.setdefault(route.commodity, {})
        key = (route.from_, route.to)
        ways[key] = ways.get(key, 0.0) + _route_rate(scope, route)
    rates = {name: _process_rate(scope, process) for name, process in scope.chain.processes.items()}
    for _ in range(_PASSES):
        flows.made = _made(scope, rates)
        tighter = {name: min(rate, _fed(scope, scope.chain.processes[name], flows)) for name, rate in rates.items()}
        if all(tighter[name] >= rate * (1.0 - _SLACK) for name, rate in rates.items()):
            break
        rates = tighter
    return flows


def _grown(scope: Scope, rate: float | None, expansion: Expansion | None, commodity: str) -> float:
    if rate is None and expansion is None:
        return math.inf
    if expansion is None:
        return rate or 0.0
    more = scope.rate(expansion.most, commodity) if expansion.most is not None else math.inf
    return (rate or 0.0) + (math.inf if more is None else more)


def _open(scope: Scope, entity: Process | Route) -> float:
    share = scope.over_time(entity.availability, "")
    return float(np.mean(share)) if share is not None else 1.0


def _process_rate(scope: Scope, process: Process) -> float:
    reference = scope.reference(process)
    rate = _grown(scope, scope.rate(process.capacity, reference), process.expansion, reference)
    return _times(rate, _open(scope, process))


def _route_rate(scope: Scope, route: Route) -> float:
    rate = _grown(scope, scope.rate(route.capacity, route.commodity), route.expansion, route.commodity)
    return _times(rate, _open(scope, route))


def _times(rate: float, share: float) -> float:
    return 0.0 if share == 0.0 else rate * share


def _recipes(scope: Scope, process: Process) -> list[tuple[dict[str, float], dict[str, float]]]:
    """Return inputs and outputs of each recipe for one unit of the reference."""
    reference, found = scope.reference(process), []
    modes = [(m.inputs, m.outputs) for m in process.modes.values()] or [({}, {})]
    for own_in, own_out in modes:
        sides = [{c: scope.amount(f.amount, c) or 0.0 for c, f in flows.items()}
                 for flows in ({**process.inputs, **own_in}, {**process.outputs, **own_out})]
        own = sides[1].get(reference) or sides[0].get(reference) or 1.0
        found.append(({c: a / own for c, a in sides[0].items()}, {c: a / own for c, a in sides[1].items()}))
    return found


def _made(scope: Scope, rates: dict[str, float]) -> dict[str, dict[str, float]]:
    made: dict[str, dict[str, float]] = {}

    def add(commodity: str, site: str, rate: float) -> None:
        at = scope.node(commodity, site)[1]
        there = made.setdefault(commodity, {})
        there[at] = there.get(at, 0.0) + rate

    for name, process in scope.chain.processes.items():
        best: dict[str, float] = {}
        for _, outputs in _recipes(scope, process):
            for commodity, amount in outputs.items():
                best[commodity] = max(best.get(commodity, 0.0), amount)
        for commodity, amount in best.items():
            add(commodity, scope.measures.site_of(process), _times(rates[name], amount))
    for supply in scope.chain.supplies.values():
        add(supply.commodity, scope.measures.site_of(supply), _supplied(scope, supply))
    assert scope.steps is not None
    total = scope.steps.hours * scope.steps.count
    for store in scope.chain.stores.values():
        initial = scope.amount(store.initial, store.commodity)
        if initial and store.end != "cyclic":
            add(store.commodity, scope.measures.site_of(store), initial / total)
    return made


def _supplied(scope: Scope, supply: Supply) -> float:
    most = scope.over_time(supply.most, scope.measures.canonical_rate(supply.commodity))
    rate = float(np.mean(most)) if most is not None else math.inf
    if supply.tiers and all(tier.most is not None for tier in supply.tiers):
        rate = min(rate, sum(scope.rate(tier.most, supply.commodity) or 0.0 for tier in supply.tiers))
    return rate


def _fed(scope: Scope, process: Process, flows: _Flows) -> float:
    """Return the rate at which a process could run if it alone had all that can be brought of each input."""
    site, best = scope.measures.site_of(process), 0.0
    for inputs, _ in _recipes(scope, process):
        rate = math.inf
        for commodity, amount in inputs.items():
            if amount > 0.0:
                at = scope.node(commodity, site)[1]
                rate = min(rate, _most(flows, commodity, {at: math.inf}) / amount)
        best = max(best, rate)
    return best


# ---- maximum flow -----------------------------------------------------------------------------------


def _most(flows: _Flows, commodity: str, wanted: dict[str, float]) -> float:
    """Return the most of a commodity that can be brought to the sites that want it, by maximum flow."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    made, carried = flows.made.get(commodity, {}), flows.carried.get(commodity, {})
    sites = sorted({*made, *wanted, *(s for way in carried for s in way)})
    number = {site: i + 1 for i, site in enumerate(sites)}
    edges = [(0, number[s], rate) for s, rate in made.items()]
    edges += [(number[a], number[b], rate) for (a, b), rate in carried.items() if a != b]
    edges += [(number[s], len(sites) + 1, rate) for s, rate in wanted.items()]
    edges = [edge for edge in edges if edge[2] > 0.0]
    finite = [rate for _, _, rate in edges if math.isfinite(rate)]
    endless = 2.0 * sum(finite) + 1.0
    scale = 2**30 / endless / 2.0
    if not edges:
        return 0.0
    rows, columns, rates = zip(*edges, strict=True)
    whole = [min(2**30, math.ceil(min(rate, endless) * scale)) for rate in rates]
    size = len(sites) + 2
    graph = csr_array((np.array(whole, np.int32), (np.array(rows), np.array(columns))), shape=(size, size))
    found = float(maximum_flow(graph, 0, size - 1).flow_value) / scale
    return math.inf if found >= endless * (1.0 - 1e-9) else found
