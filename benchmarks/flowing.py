"""Random chains that flow: what every element runs at and every stock holds, minute by minute, when something breaks.

A plain model beside the engines: an element runs at its nominal rate times what it is held to, less where an input is
not there or an output has no room. Balances without a store hold some minutes' worth, as belts and bins do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lodeworks.chain.entities import Chain
from lodeworks.network import Network, compile_network
from lodeworks.network.live import AlarmRule, Feed, Limit, Live, Tag

__all__ = ["Flowing", "Raised", "flowing", "held", "matrix", "raised", "run", "watched"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Flowing:
    """A chain, nominal rates by element, and room and store (or -1) by balance."""

    net: Network
    nominal: Floats
    room: Floats
    store: NDArray[np.int64]


@dataclass(frozen=True)
class Raised:
    """An alarm as the engine would tell it."""

    alarm: str
    rule: str
    level: str
    priority: int
    began: int


def flowing(seed: int, step: str = "") -> Flowing:
    """Return a chain of 8 to 25 processes in layers, with belts, stores and parallel machines.

    Its balances close over `step`, where given.
    """
    rng = np.random.default_rng(seed)
    raw, made = int(rng.integers(2, 4)), int(rng.integers(8, 26))
    inputs = {
        k: {int(i): round(float(rng.uniform(0.5, 2.0)), 3)
            for i in rng.choice(k, min(k, int(rng.integers(1, 4))), replace=False)} for k in range(raw, raw + made)
    }
    used = {i for takes in inputs.values() for i in takes}
    sold = {k: float(rng.uniform(10.0, 40.0)) for k in range(raw + made) if k not in used or rng.random() < 0.2}
    total = {k: sold.get(k, 0.0) for k in range(raw + made)}
    for k in reversed(inputs):
        for i, amount in inputs[k].items():
            total[i] += amount * total[k]
    names: list[str] = []
    brought: dict[int, str] = {}
    data: dict[str, Any] = {"chain": f"flowing {seed}", "horizon": {"start": "2026-01-01", "length": "1 d"},
                            "processes": {}, "supplies": {}, "demands": {}, "stores": {}}
    nominal: dict[str, float] = {}
    for k in range(raw + made):
        own = f"c{k}"
        brought[k] = f"c{k}_there" if rng.random() < 0.3 else own
        names += dict.fromkeys([own, brought[k]])
        if brought[k] != own:
            data["processes"][f"belt_{k}"] = {
                "inputs": {own: "1 t"}, "outputs": {brought[k]: "1 t"}, "capacity": "9000 t/h"}
            nominal[f"belt_{k}"] = total[k]
        if k < raw:
            data["supplies"][f"buy_{k}"] = {"commodity": own, "price": "1 CNY/t"}
            nominal[f"buy_{k}"] = total[k]
        machines = 0 if k < raw else 2 if rng.random() < 0.2 else 1
        for m in range(machines):
            data["processes"][f"make_{k}_{m}"] = {"inputs": {brought[i]: f"{a} t" for i, a in inputs[k].items()},
                                                  "outputs": {own: "1 t"}, "capacity": "9000 t/h"}
            nominal[f"make_{k}_{m}"] = total[k] / machines
        if k in sold:
            data["demands"][f"sell_{k}"] = {"commodity": brought[k], "price": "1 CNY/t"}
            nominal[f"sell_{k}"] = sold[k]
        if rng.random() < 0.5:
            data["stores"][f"hold_{k}"] = {"commodity": str(rng.choice([own, brought[k]])),
                                           "capacity": f"{total[k] * rng.uniform(0.5, 4.0):.3f} t"}
    data["commodities"] = {name: {"unit": "t", **({"step": step} if step else {})} for name in names}
    net = compile_network(Chain.model_validate(data))
    rate = np.array([nominal.get(element.name, 0.0) for element in net.elements])
    links, balances = net.coefficients, len(net.balances.grid)
    through = np.bincount(links.balance, np.maximum(links.amount, 0.0) * rate[links.element], minlength=balances)
    room, store = through * rng.uniform(3.0, 8.0, balances) / 60.0, np.full(balances, -1)
    for s in range(len(net.stores)):
        room[net.stores.balance[s]] = net.plants.existing[net.stores.plant[s]]
        store[net.stores.balance[s]] = s
    return Flowing(net, rate, room, store)


def matrix(net: Network) -> Floats:
    """Return what one unit of each element's rate brings to each balance, shape (balances, elements)."""
    links = net.coefficients
    found = np.zeros((len(net.balances.grid), len(net.elements)))
    np.add.at(found, (links.balance, links.element), links.amount)
    return found


def run(chain: Flowing, able: Floats, steps: int, hours: float = 1.0 / 60.0) -> tuple[Floats, Floats]:
    """Return rates (steps, elements) and levels (steps, balances), from half-full stocks on.

    Parameters
    ----------
    able
        The share of its nominal rate each element can run at, shape (elements,).
    """
    flow = matrix(chain.net)
    takes, brings = np.maximum(-flow, 0.0), np.maximum(flow, 0.0)
    needs, fills = takes > 0.0, brings > 0.0
    level = 0.5 * chain.room
    rates, levels = np.zeros((steps, len(able))), np.zeros((steps, len(level)))
    for t in range(steps):
        rate = chain.nominal * able
        wanted = takes @ rate * hours
        share = np.minimum(1.0, level / np.maximum(wanted, 1e-12))
        rate = rate * np.where(needs, share[:, None], 1.0).min(axis=0)
        taken = takes @ rate * hours
        coming = brings @ rate * hours
        share = np.clip((chain.room - level + taken) / np.maximum(coming, 1e-12), 0.0, 1.0)
        rate = rate * np.where(fills, share[:, None], 1.0).min(axis=0)
        level = np.clip(level + flow @ rate * hours, 0.0, chain.room)
        rates[t], levels[t] = rate, level
    return rates, levels


def watched(chain: Flowing) -> Live:
    """Return a flow tag with a low limit on all that moves and a level tag with two limits on all stores."""
    tags, rules = [], []
    for e, element in enumerate(chain.net.elements):
        stored = element.kind == "store"
        reads = "level" if stored else "flow"
        high = float(chain.net.plants.existing[chain.net.plants.element == e][0] if stored else chain.nominal[e])
        tags.append(Tag(f"t_{element.name}", "", "", element.name, "", reads, "sensor", "t", 0.0, np.inf, "", "", 20.0,
                        "plc", ""))
        ends = (Limit("L", "low", 0.05 * high), Limit("H", "high", 0.95 * high))
        limits = ends if stored else (Limit("L", "low", 0.7 * high),)
        rules.append(AlarmRule(f"r_{element.name}", "", "", f"t_{element.name}", "limit", 3, "", "", "", 600.0, limits))
    return Live("flowing", "", "", feeds=(Feed("plc", "mqtt", "", "", ""),), tags=tuple(tags), rules=tuple(rules))


def raised(chain: Flowing, live: Live, rates: Floats, levels: Floats, start: int = 0) -> list[Raised]:
    """Return the alarms of a run, each at the minute its condition first holds."""
    found = []
    for rule, t in zip(live.rules, live.tags, strict=True):
        e = chain.net.element_number[t.element]
        stores = np.flatnonzero(chain.net.stores.element == e)
        value = levels[:, chain.net.stores.balance[stores[0]]] if len(stores) else rates[:, e]
        for limit in rule.limits:
            over = value < limit.value if limit.side == "low" else value > limit.value
            if over.any():
                at = start + int(np.argmax(over)) * 60_000
                found.append(Raised(f"{rule.name}:{limit.level}", rule.name, limit.level, rule.priority, at))
    return found


def held(chain: Flowing, rate: Floats, level: Floats) -> dict[str, str]:
    """Return what elements and stores are, as `causes.held_of` tells."""
    found = {}
    for e, element in enumerate(chain.net.elements):
        if element.kind == "store":
            b = int(chain.net.stores.balance[chain.net.stores.element == e][0])
            share = level[b] / chain.room[b]
            found[element.name] = "empty" if share <= 0.05 else "full" if share >= 0.95 else "between"
        else:
            found[element.name] = "less" if rate[e] < 0.95 * chain.nominal[e] else "normal"
    return found
