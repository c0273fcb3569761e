"""Random chains whose numbers stand in canonical units, always feasible and bounded."""

from __future__ import annotations

from typing import Any

import numpy as np

from lodeworks.chain.entities import Chain

__all__ = ["random_chain"]


def random_chain(seed: int) -> Chain:
    """Return a chain drawn from a seed: one to three sites, a few commodities, everything the plan knows of LPs."""
    rng = np.random.default_rng(seed)

    def maybe(p: float) -> bool:
        return bool(rng.random() < p)

    def number(low: float, high: float) -> float:
        return round(float(rng.uniform(low, high)), 3)

    steps = int(rng.choice([6, 8, 12, 13, 24]))
    sites = [f"s{i}" for i in range(rng.integers(1, 4))]
    names = [f"c{i}" for i in range(rng.integers(2, 6))]
    profiles = {
        f"p{i}": {"values": [round(float(v), 3) for v in rng.uniform(0.2, 1.0, steps)]} for i in range(3)
    }

    def commodity() -> dict[str, Any]:
        entity: dict[str, Any] = {"unit": "t"}
        if maybe(0.4):
            entity["step"] = f"{rng.choice([2, 3, 4])} h"
        if maybe(0.4):
            entity["let_go"] = True
        return entity

    commodities = {name: commodity() for name in names}
    supplies, demands, processes, routes, stores = {}, {}, {}, {}, {}
    for i, name in enumerate(names):
        for site in sites:
            if i == 0 or maybe(0.4):
                supplies[f"buy {name} {site}"] = _supply(rng, maybe, number, name, site)
            if maybe(0.5):
                demands[f"sell {name} {site}"] = _demand(rng, maybe, number, name, site)
    for k in range(rng.integers(1, 5)):
        processes[f"make {k}"] = _process(rng, maybe, number, names, sites)
    _change_over_time(np.random.default_rng([seed, 1]), processes)
    for k in range(rng.integers(0, 4) if len(sites) > 1 else 0):
        a, b = rng.choice(len(sites), 2, replace=False)
        route: dict[str, Any] = {"commodity": str(rng.choice(names)), "from": sites[a], "to": sites[b],
                                 "cost": f"{number(0, 3)} CNY/t", "capacity": f"{number(1, 30)} t/h"}
        if maybe(0.4):
            route["loss"] = number(0.0, 0.1)
        if maybe(0.4):
            route["lag"] = "2 h" if maybe(0.5) else {"1 h": 0.25, "2.5 h": 0.75}
        routes[f"carry {k}"] = route
    for k in range(rng.integers(0, 4)):
        stores[f"hold {k}"] = _store(rng, maybe, number, names, sites)
    _stand_otherwise_over_time(np.random.default_rng([seed, 2]), stores)
    chain: dict[str, Any] = {
        "chain": f"random {seed}",
        "horizon": {"start": "2026-01-01", "length": f"{steps} h", "cyclic": maybe(0.6)},
        "commodities": commodities, "sites": {site: {} for site in sites}, "profiles": profiles,
        "supplies": supplies, "demands": demands, "processes": processes, "routes": routes, "stores": stores,
    }
    if maybe(0.4):
        chain["pools"] = {"crew": {"amount": f"{number(1, 8)} person", "step": "1 h"}}
        for process in processes.values():
            if maybe(0.6):
                process["pools"] = {"crew": f"{number(0.1, 0.6)} person/(t/h)"}
    if maybe(0.5):
        chain["policies"] = {"cap": {"sum": dict.fromkeys(list(processes)[:2], 1), "most": f"{number(5, 120)} t"}}
        if maybe(0.5):
            chain["policies"]["cap"]["every"] = "6 h"
    return Chain.model_validate(chain)


def _supply(rng, maybe, number, name: str, site: str) -> dict[str, Any]:
    supply: dict[str, Any] = {"commodity": name, "site": site, "most": f"{number(2, 40)} t/h"}
    if maybe(0.3):
        low = number(5, 20)
        supply["tiers"] = [{"most": f"{number(1, 10)} t/h", "price": f"{low} CNY/t"},
                           {"price": f"{low + number(0, 10)} CNY/t"}]
    elif maybe(0.5):
        supply["price"] = {"profile": str(rng.choice(["p0", "p1", "p2"])), "times": f"{number(5, 30)} CNY/t"}
    else:
        supply["price"] = f"{number(5, 30)} CNY/t"
    if maybe(0.3):
        supply["tax"] = f"{number(0, 2)} CNY/t"
    return supply


def _demand(rng, maybe, number, name: str, site: str) -> dict[str, Any]:
    demand: dict[str, Any] = {"commodity": name, "site": site}
    if maybe(0.4):
        demand["amount"] = {"profile": str(rng.choice(["p0", "p1", "p2"])), "times": f"{number(1, 15)} t/h"}
        demand["unserved"] = f"{number(20, 80)} CNY/t"
    else:
        demand["most"] = f"{number(2, 30)} t/h"
    if maybe(0.25):
        high = number(30, 70)
        demand["tiers"] = [{"most": f"{number(1, 10)} t/h", "price": f"{high} CNY/t"},
                           {"price": f"{high - number(0, 20)} CNY/t"}]
    else:
        demand["price"] = f"{number(10, 70)} CNY/t"
    return demand


def _flows(rng, maybe, number, names: list[str]) -> dict[str, Any]:
    flows: dict[str, Any] = {}
    for name in rng.choice(names, min(len(names), int(rng.integers(1, 3))), replace=False):
        flow: Any = f"{number(0.2, 2)} t"
        if maybe(0.3):
            flow = {"amount": flow, "lag": "3 h" if maybe(0.5) else {"0 h": 0.4, "1.5 h": 0.6}}
        flows[str(name)] = flow
    return flows


def _process(rng, maybe, number, names: list[str], sites: list[str]) -> dict[str, Any]:
    split = int(rng.integers(1, len(names)))
    left, right = names[:split], names[split:]
    process: dict[str, Any] = {
        "site": str(rng.choice(sites)), "inputs": _flows(rng, maybe, number, left),
        "outputs": {right[0]: "1 t", **_flows(rng, maybe, number, right[1:] or right)},
        "reference": right[0],
    }
    if maybe(0.7):
        process["capacity"] = f"{number(2, 20)} t/h"
    if maybe(0.3):
        process["expansion"] = {"most": f"{number(1, 10)} t/h", "cost": f"{number(1e4, 1e6)} CNY/(t/h)", "life": "15 a"}
    if maybe(0.4):
        process["cost"] = f"{number(0, 5)} CNY/t"
    if "capacity" in process or "expansion" in process:
        if maybe(0.4):
            process["availability"] = "p1"
        if maybe(0.3):
            process["ramp_up"] = f"{number(0.05, 0.5)} 1/h"
    if maybe(0.25):
        process["modes"] = {
            "a": {"inputs": _flows(rng, maybe, number, left)},
            "b": {"inputs": _flows(rng, maybe, number, left), "cost": f"{number(0, 4)} CNY/t"},
        }
    return process


def _change_over_time(rng, processes: dict[str, Any]) -> None:
    """Let some amounts of some recipes follow a profile, also those of the reference."""
    for process in processes.values():
        for recipe in (process, *process.get("modes", {}).values()):
            for flows in (recipe.get("inputs", {}), recipe.get("outputs", {})):
                for name, flow in flows.items():
                    if rng.random() < 0.15:
                        times = flow["amount"] if isinstance(flow, dict) else flow
                        amount = {"profile": str(rng.choice(["p0", "p1", "p2"])), "times": times}
                        flows[name] = {**flow, "amount": amount} if isinstance(flow, dict) else amount


def _stand_otherwise_over_time(rng, stores: dict[str, Any]) -> None:
    """Let losses and costs of some stores follow a profile."""
    for store in stores.values():
        for key in ("loss", "cost"):
            if key in store and rng.random() < 0.4:
                store[key] = {"profile": str(rng.choice(["p0", "p1", "p2"])), "times": store[key]}


def _store(rng, maybe, number, names: list[str], sites: list[str]) -> dict[str, Any]:
    store: dict[str, Any] = {"commodity": str(rng.choice(names)), "site": str(rng.choice(sites)),
                             "capacity": f"{number(5, 80)} t"}
    if maybe(0.4):
        store["loss"] = f"{number(0, 0.05)} 1/h"
    if maybe(0.4):
        store["cost"] = f"{number(0, 0.2)} CNY/t/h"
    if maybe(0.3):
        store["charge"], store["discharge"] = f"{number(1, 10)} t/h", f"{number(1, 10)} t/h"
    if maybe(0.4):
        store["end"] = "free"
        store["initial"] = f"{number(0, 5)} t"
    return store
