"""Supplies and demands as activities: one column a price tier, split where a shortfall is penalised."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from lodeworks.chain.entities import Demand, Supply
from lodeworks.network.arrays import Constant, Floats
from lodeworks.network.builder import CONSTANT, Builder, Vary
from lodeworks.network.discrete import arrival_rate, arrivals_by_step

__all__ = ["add_demands", "add_supplies"]


def add_supplies(b: Builder) -> None:
    """Add every supply of the chain."""
    m = b.measures
    for name, supply in b.chain.supplies.items():
        commodity, site = supply.commodity, m.site_of(supply)
        element = b.element(name, "supply", supply, commodity, b.chain.commodities[commodity].unit, site)
        rate = m.canonical_rate(commodity)
        multiple = _multiple(b, supply)
        must = b.step_means(b.vary(supply.least, rate, 0.0), multiple)
        top = b.step_means(b.vary(supply.most, rate, np.inf), multiple)
        top = np.minimum(top, _arriving(b, supply, multiple))
        columns: list[int] = []
        for low, width, price in _tiers(b, supply):
            activity = b.activity(
                element, b.grid(multiple), mode=_tier_name(supply, len(columns)),
                lower=b.from_array(np.clip(must - low, 0.0, width)),
                upper=b.from_array(np.clip(top - low, 0.0, width)),
            )
            columns.append(activity)
            b.flow(activity, b.balance(commodity, site), 1.0)
            b.cost(activity, "purchase", commodity, Vary(-price.scale, price.row))
            _add_tax(b, supply, activity)
        _order_tiers(b, supply, columns, rising=True)
        _add_total(b, name, supply, columns)


def add_demands(b: Builder) -> None:
    """Add every demand of the chain."""
    m = b.measures
    for name, demand in b.chain.demands.items():
        commodity, site = demand.commodity, m.site_of(demand)
        element = b.element(name, "demand", demand, commodity, b.chain.commodities[commodity].unit, site)
        rate = m.canonical_rate(commodity)
        multiple = _multiple(b, demand)
        must = b.step_means(b.vary(demand.amount or demand.least, rate, 0.0), multiple)
        top = b.step_means(b.vary(demand.most, rate, np.inf), multiple)
        top = np.minimum(top, _arriving(b, demand, multiple))
        if demand.amount is not None and demand.most is None:
            top = must
        penalty = m.price(demand.unserved, commodity) if demand.unserved is not None else None
        columns: list[int] = []
        for low, width, price in _tiers(b, demand):
            for floor, ceiling, bonus in _slices(must, top, low, width, penalty):
                beyond = "beyond" if bonus is None and columns else ""
                activity = b.activity(
                    element, b.grid(multiple), mode=_tier_name(demand, len(columns)) or beyond,
                    lower=b.from_array(floor), upper=b.from_array(ceiling), must_serve=bonus is not None,
                )
                columns.append(activity)
                b.flow(activity, b.balance(commodity, site), -1.0)
                b.cost(activity, "revenue", commodity, price)
                if bonus is not None:
                    b.cost(activity, "unserved", commodity, Vary(bonus))
                _add_tax(b, demand, activity)
        if penalty is not None:
            owed = penalty * float(np.mean(must)) * b.total_hours
            b.constants.append(Constant("unserved", element, commodity, -owed))
        if penalty is None:
            _order_tiers(b, demand, columns, rising=False)
        if demand.arrivals is not None and demand.arrivals.at:
            _add_orders(b, name, demand, columns)
        _add_total(b, name, demand, columns)


def _slices(
    must: Floats | float, top: Floats | float, low: float, width: float, penalty: float | None
) -> list[tuple[Floats | float, Floats | float, float | None]]:
    """Return (floor, ceiling, bonus) for a tier.

    Without a penalty the part that must be met is a floor. With one, that part is a column of its own that
    earns the penalty for each unit served; the penalty on all of it is a constant of the objective.
    """
    ceiling = np.clip(top - low, 0.0, width)
    if penalty is None:
        return [(np.clip(must - low, 0.0, width), ceiling, None)]
    owed = np.minimum(np.clip(must - low, 0.0, width), ceiling)
    slices: list[tuple[Floats | float, Floats | float, float | None]] = []
    if np.any(owed > 0.0):
        slices.append((0.0, owed, penalty))
    spare = np.inf if np.all(np.isinf(ceiling)) else ceiling - owed
    if np.any(np.asarray(spare) > 0.0):
        slices.append((0.0, spare, None))
    return slices or [(0.0, ceiling, None)]  # what takes nothing is there all the same


def _tiers(b: Builder, trade: Supply | Demand) -> list[tuple[float, float, Vary]]:
    """Return (start, width, price) of each tier; one endless tier where there is one price."""
    m = b.measures
    canonical = m.canonical_price(trade.commodity)
    if not trade.tiers:
        return [(0.0, np.inf, b.vary(trade.price, canonical))]
    found, low = [], 0.0
    for tier in trade.tiers:
        width = m.rate(tier.most, trade.commodity) if tier.most is not None else np.inf
        found.append((low, width, b.vary(tier.price, canonical)))
        low += width
    return found


def _add_orders(b: Builder, name: str, demand: Demand, columns: list[int]) -> None:
    """Let a demand whose orders come at written times take no more than was ordered, whenever that is there.

    Orders wait, so a limit for each step would be too tight; their sum over the horizon is one row, like a policy's.
    """
    number, unit = len(b.policies), b.chain.commodities[demand.commodity].unit
    b.element(f"orders of {name}", "policy", demand, "", unit)
    b.policies.append({
        "name": f"orders of {name}", "unit": unit, "least": -np.inf,
        "most": float(np.sum(arrivals_by_step(b, demand))) * b.steps.hours, "is_share": False, "every": b.steps.count,
        "penalty": np.inf, "overall": False,
    })
    b.policy_terms += [(number, column, CONSTANT) for column in columns]


def _add_total(b: Builder, name: str, trade: Supply | Demand, columns: list[int]) -> None:
    """Let no more pass in all than there is (a reserve) or there is room for; over all stages where there are such."""
    if trade.total is None:
        return
    number, unit = len(b.policies), b.chain.commodities[trade.commodity].unit
    b.element(f"total of {name}", "policy", trade, "", unit)
    b.policies.append({
        "name": f"total of {name}", "unit": unit, "least": -np.inf,
        "most": b.measures.amount(trade.total, trade.commodity), "is_share": False, "every": b.steps.count,
        "penalty": np.inf, "overall": True,
    })
    b.policy_terms += [(number, column, CONSTANT) for column in columns]


def _arriving(b: Builder, trade: Supply | Demand, multiple: int) -> Floats | float:
    """Return the mean rate of what arrives by itself; without limit where nothing does."""
    rate = arrival_rate(b, trade)
    if rate is None or trade.arrivals is None:
        return np.inf
    if trade.arrivals.at:
        return np.inf if isinstance(trade, Demand) else b.step_means(b.from_array(arrivals_by_step(b, trade)), multiple)
    return rate * b.step_means(b.vary(trade.arrivals.profile, "", 1.0), multiple)


def _tier_name(trade: Supply | Demand, number: int) -> str:
    return f"tier {number + 1}" if trade.tiers else ""


def _multiple(b: Builder, trade: Supply | Demand) -> int:
    """Its own step, else the commodity's. Bounds are averaged over it before tiers cut them."""
    return b.multiple(trade.step, b.commodity_multiple(trade.commodity))


def _add_tax(b: Builder, trade: Supply | Demand, activity: int) -> None:
    if trade.tax is not None:
        b.cost(activity, "tax", trade.commodity, Vary(-b.measures.price(trade.tax, trade.commodity)))


def _order_tiers(b: Builder, trade: Supply | Demand, columns: list[int], *, rising: bool) -> None:
    """Ask for tiers to be used in order where a later one is better: the plan would take it first.

    A supply's prices that rise, and a demand's that fall, see to the order themselves.
    """
    prices = [b.array(vary) for _, _, vary in _tiers(b, trade)]
    sign = 1.0 if rising else -1.0
    if any(np.any(sign * (np.asarray(after) - before) < 0.0) for before, after in pairwise(prices)):
        b.order.extend(pairwise(columns))
