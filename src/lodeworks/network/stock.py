"""Stores, pools and policies: what holds, and what limits sums."""

from __future__ import annotations

import datetime as dt

import numpy as np

from lodeworks.chain.entities import Demand, Policy, Process, Quantity, Route, Store, Supply
from lodeworks.network.arrays import Constant, Floats
from lodeworks.network.builder import Builder, PlantRow, Vary, let_close, negative
from lodeworks.network.processes import add_expansion
from lodeworks.units import UnitProblem, parse_quantity

__all__ = ["add_policies", "add_pools", "add_stores"]


def add_stores(b: Builder) -> None:
    """Add every store of the chain."""
    for name, store in b.chain.stores.items():
        _add_store(b, name, store)


def _add_store(b: Builder, name: str, store: Store) -> None:
    m = b.measures
    commodity, site = store.commodity, m.site_of(store)
    element = b.element(name, "store", store, commodity, b.chain.commodities[commodity].unit, site)
    outer = b.balance(commodity, site)
    parts = (store.charge_share, store.discharge_share, store.charge_efficiency, store.discharge_efficiency,
             store.charge_cost, store.discharge_cost, store.inflow)
    apart = store.exclusive or any(part is not None for part in parts)
    balance = b.hidden_balance(f"{name}", b.balance_grid[outer]) if apart else outer
    row = PlantRow(element, b.balance_grid[balance])
    if store.capacity is not None:
        row.existing = m.amount(store.capacity, commodity)
    elif store.expansion is not None:
        row.existing = 0.0
    if store.fixed_cost is not None and store.capacity is not None:
        row.fixed = m.capacity_cost_per_time(store.fixed_cost, commodity, "amount") * b.hours_meant
        b.constants.append(Constant("fixed", element, commodity, -row.fixed * row.existing))
    if store.expansion is not None:
        add_expansion(b, row, store.expansion, commodity, "amount")
    if store.may_close:
        let_close(row)
    cyclic = store.end == "cyclic"
    end = np.nan if cyclic else -np.inf if store.end == "free" else m.amount(parse_quantity(store.end), commodity)
    initial = m.amount(store.initial, commodity) if store.initial is not None else np.nan if cyclic else 0.0
    life = m.shelf_life(commodity) if store.shelf_life is None else m.duration(store.shelf_life)
    charge = m.rate(store.charge, commodity) if store.charge is not None else np.inf
    discharge = m.rate(store.discharge, commodity) if store.discharge is not None else np.inf
    shares = [b.vary(share, "1/h", np.inf) for share in (store.charge_share, store.discharge_share)]
    filling, emptying = -1, -1
    if apart:
        filling, emptying = _doors(b, store, element, outer, balance, (charge, discharge))
        if not row.expandable and np.isfinite(row.existing):
            for activity, share in zip((filling, emptying), shares, strict=True):
                _bound(b, activity, b.from_array(np.asarray(b.array(share)) * row.existing))
        charge = discharge = np.inf
    for time, level in store.levels.items():
        b.fixed_levels.append((len(b.stores), _step_of(b, name, time, balance), m.amount(level, commodity)))
    b.stores.append({
        "element": element, "balance": balance, "plant": b.plant(row), "initial": initial, "cyclic": cyclic,
        "end": end, "charge": charge, "discharge": discharge, "filling": filling, "emptying": emptying,
        "charge_share": shares[0], "discharge_share": shares[1],
        "low": b.vary(store.min_level, ""), "high": b.vary(store.max_level, "", 1.0),
        "loss": b.from_array(b.array(b.vary(store.loss, "1/h"))),
        "cost": b.from_array(b.array(b.vary(store.cost, f"{m.canonical_price(commodity)}/h"))),
        "shelf_life": life,
        "carried": store.over_stages == "once" or (not cyclic and store.over_stages == "carried"),
        "once": (store.over_periods if b.chain.horizon.periods else store.over_stages) == "once",
        "seasonal": store.over_periods in ("carried", "once"),
        "least_stay": m.duration(store.least_stay) if store.least_stay is not None else 0.0,
        "exclusive": store.exclusive,
    })


def _doors(
    b: Builder, store: Store, element: int, outer: int, content: int, limits: tuple[float, float]
) -> tuple[int, int]:
    """Add the activities that fill and empty a store, and its inflow; what flows counts outside the store."""
    m, commodity, grid = b.measures, store.commodity, b.balance_grid[content]
    price = m.canonical_price(commodity)
    numbers = []
    for mode, sign, efficiency, cost, limit in (
        ("charge", 1.0, store.charge_efficiency, store.charge_cost, limits[0]),
        ("discharge", -1.0, store.discharge_efficiency, store.discharge_cost, limits[1]),
    ):
        share = b.array(b.vary(efficiency, "", 1.0))
        activity = b.activity(element, grid, mode=mode, upper=Vary(limit))
        b.flow(activity, outer, -sign)
        b.flow(activity, content, share if sign > 0.0 else -1.0 / share)
        b.cost(activity, "storage", commodity, negative(b.vary(cost, price)))
        numbers.append(activity)
    if store.inflow is not None:
        inflow = b.activity(element, grid, mode="inflow", upper=b.vary(store.inflow, m.canonical_rate(commodity)))
        b.flow(inflow, content, 1.0)
    return numbers[0], numbers[1]


def _bound(b: Builder, activity: int, limit: Vary) -> None:
    """Lower the upper bound of an activity."""
    element, mode, grid, plant, lower, upper, must = b.activities[activity]
    least = b.from_array(np.minimum(b.array(upper), b.array(limit)))
    b.activities[activity] = (element, mode, grid, plant, lower, least, must)


def _step_of(b: Builder, name: str, time: str, balance: int) -> int:
    """Return the step of a balance that ends at a time."""
    grid = b.balance_grid[balance]
    multiple = next(multiple for multiple, number in b.grids.items() if number == grid)
    try:
        hours = (dt.datetime.fromisoformat(time) - b.steps.start).total_seconds() / 3600.0
    except (ValueError, TypeError):
        hours = np.nan
    ends = b.edges(multiple)[1:]
    apart = np.abs(ends - hours / b.steps.hours)
    step = int(np.argmin(apart)) if np.isfinite(hours) else 0
    if not apart[step] < 1e-9 * max(multiple, 1.0):
        b.refuse(f"stores.{name}", f"levels.{time}", "not the end of one of its steps",
                 f"a time from {b.steps.start} on, "
                 + ("where a segment ends" if b.steps.segments else f"in steps of {b.steps.hours * multiple:g} h"))
    return step


def add_pools(b: Builder) -> None:
    """Add every pool, used by what names it."""
    users: dict[str, Process | Supply | Demand | Route] = {
        **b.chain.processes, **b.chain.supplies, **b.chain.demands, **b.chain.routes
    }
    element_number = {element.name: i for i, element in enumerate(b.elements)}
    by_number = {number: multiple for multiple, number in b.grids.items()}
    for name, pool in b.chain.pools.items():
        resource, coarsest = len(b.resources), 1
        for user, entity in users.items():
            if name not in entity.pools:
                continue
            number = element_number[user]
            use = b.measures.pool_use(entity.pools[name], name, b.elements[number].commodity)
            for activity in main_activities(b, number):
                b.resource_uses.append((resource, activity, use))
                coarsest = max(coarsest, by_number[b.activities[activity][2]])
        b.element(name, "pool", pool, "", pool.amount.unit)
        b.resources.append(
            {"name": name, "kind": "pool", "unit": pool.amount.unit, "grid": b.grid(b.multiple(pool.step, coarsest)),
             "amount": pool.amount.value, "availability": b.vary(pool.availability, "", 1.0), "plant": -1}
        )


def main_activities(b: Builder, element: int) -> list[int]:
    """Return an element's activities whose rate counts its reference: all but the parts of blends."""
    return [a for a, row in enumerate(b.activities) if row[0] == element and ": " not in row[1]]


def add_policies(b: Builder) -> None:
    """Add every policy."""
    for name, policy in b.chain.policies.items():
        _add_policy(b, name, policy)


def _add_policy(b: Builder, name: str, policy: Policy) -> None:
    m = b.measures
    element_number = {element.name: i for i, element in enumerate(b.elements)}
    number = len(b.policies)
    every = b.multiple(policy.every) if policy.every is not None else b.steps.count
    window = every * b.steps.hours if policy.every is not None else b.hours_meant
    limits = [q for q in (policy.least, policy.most) if q is not None]
    share = bool(policy.share_of)
    first_commodity = _term_commodity(b, next(iter(policy.sum)))
    unit = b.chain.commodities[first_commodity].unit if share else limits[0].unit
    scale = 1.0
    try:
        _factor(b, unit, first_commodity, next(iter(policy.sum.values())))
    except UnitProblem:
        unit, scale = f"({unit})*h", window
    for terms, collected in ((policy.sum, b.policy_terms), (policy.share_of, b.policy_others)):
        for term, factor in terms.items():
            weight = _factor(b, unit, _term_commodity(b, term), factor)
            for activity, amount in _term_activities(b, term, element_number):
                collected.append((number, activity, b.from_array(weight * amount)))
    least = _limit(b, policy.least, share, limits[0].unit) * scale if policy.least is not None else -np.inf
    most = _limit(b, policy.most, share, limits[0].unit) * scale if policy.most is not None else np.inf
    penalty = np.inf
    if policy.penalty is not None:
        penalty = m.to(policy.penalty, f"{b.chain.currency}/({unit})")
    b.element(name, "policy", policy, "", unit)
    b.policies.append(
        {"name": name, "unit": unit, "least": least, "most": most, "is_share": share, "every": every,
         "penalty": penalty, "overall": policy.over == "all"}
    )


def _limit(b: Builder, quantity: Quantity, share: bool, unit: str) -> float:
    return b.measures.fraction(quantity) if share else b.measures.to(quantity, unit)


def _split(b: Builder, term: str) -> tuple[str, str]:
    element, _, commodity = term.partition(".")
    return element, commodity


def _term_commodity(b: Builder, term: str) -> str:
    element, commodity = _split(b, term)
    if commodity:
        return commodity
    return next(e.commodity for e in b.elements if e.name == element)


def _factor(b: Builder, unit: str, commodity: str, factor: Quantity) -> float:
    """Return the policy units in one unit of a commodity times the written factor."""
    own = b.chain.commodities[commodity].unit
    written = f"({factor.unit})*({own})" if factor.unit else own
    return factor.value * b.measures.units.factor(written, unit)


def _term_activities(b: Builder, term: str, element_number: dict[str, int]) -> list[tuple[int, float | Floats]]:
    """Return (activity, amount for one unit of it; of each step if it changes) of ``element[.commodity]``."""
    name, commodity = _split(b, term)
    element = element_number[name]
    kind = b.elements[element].kind
    if not commodity or (kind in ("route", "supply", "demand") and commodity == b.elements[element].commodity):
        return [(activity, 1.0) for activity in main_activities(b, element)]
    numbers = {number for (name_, _), number in b.balances.items() if name_ == commodity}
    amounts: dict[int, float | Floats] = {}
    for activity, balance, amount, _, owner in b.coefficients:
        if owner == element and balance in numbers:
            amounts[activity] = amounts.get(activity, 0.0) + b.array(amount)
    return [(activity, np.abs(amount) if isinstance(amount, np.ndarray) else abs(amount))
            for activity, amount in amounts.items()]
