"""Capacities: how much there is, how it is used, what one more unit is worth, and which candidates would pay."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from lodeworks.network.arrays import Floats
from lodeworks.plan.engine import Answer
from lodeworks.plan.tables.flows import level_of, rate_of
from lodeworks.plan.tables.values import plant_value, resource_use, resource_value, trade_value

__all__ = ["candidates", "capacities"]

_SCHEMA: dict[str, Any] = {
    "element": pl.String, "kind": pl.String, "commodity": pl.String, "unit": pl.String,
    "existing": pl.Float64, "built": pl.Float64, "total": pl.Float64, "buildable": pl.Float64,
    "mean_use": pl.Float64, "peak_use": pl.Float64, "utilisation": pl.Float64, "binding_hours": pl.Float64,
    "marginal_value": pl.Float64, "annual_cost": pl.Float64,
    "unit_investment": pl.Float64, "investment": pl.Float64, "candidate": pl.Boolean,
}


def capacities(answer: Answer) -> pl.DataFrame:
    """Return one row a capacity: plants, stores, fleets, pools, and trades with a bound.

    `marginal_value` is what one more unit is worth over the horizon, `annual_cost` what one more unit costs to
    build and keep for it, `unit_investment` the money to build it, `binding_hours` for how long it binds.
    """
    net = answer.network
    plants = [p for p in range(len(net.plants)) if net.elements[net.plants.element[p]].kind != "fleet"]
    rows = [_plant_row(answer, p) for p in plants]
    rows += [_resource_row(answer, r) for r in range(len(net.resources.name))]
    rows += [row for row in (_trade_row(answer, e) for e in range(len(net.elements))) if row is not None]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _row(
    answer: Answer, element: int, unit: str, existing: float, plant: int, use: Floats, hours: Floats, value: Floats,
    kind: str = "",
) -> tuple[Any, ...]:
    net = answer.network
    entity = net.elements[element]
    closable = plant >= 0 and bool(net.plants.closable[plant])
    can_grow = plant >= 0 and bool(net.plants.expandable[plant]) and not closable
    expandable = can_grow and not net.cut  # a window builds nothing
    built = answer.built(plant) if plant >= 0 else 0.0
    if closable:  # what is closed is no longer there
        existing, built = existing + built, 0.0
    total = existing + built
    mean = float(use @ hours / hours.sum())
    typical = float(np.abs(value).max(initial=0.0))
    most = float(net.plants.most[plant]) if expandable else 0.0
    return (
        entity.name, kind or entity.kind, entity.commodity, unit,
        existing if np.isfinite(existing) else None, built, total if np.isfinite(total) else None,
        most if np.isfinite(most) else None,
        mean, float(use.max(initial=0.0)), mean / total if np.isfinite(total) and total > 0.0 else None,
        float(hours[value > 1e-6 * typical].sum()) if typical > 0.0 else 0.0,
        float(value.sum()),
        float(net.plants.yearly[plant] + net.plants.upkeep[plant]) if expandable else None,
        float(net.plants.invest[plant]) if expandable else None,
        float(net.plants.invest[plant]) * built if expandable else 0.0,
        entity.candidate,
    )


def _plant_row(answer: Answer, p: int) -> tuple[Any, ...]:
    net = answer.network
    element = int(net.plants.element[p])
    entity, grid = net.elements[element], net.grids[net.plants.grid[p]]
    if entity.kind == "store":
        use, unit = level_of(answer, int(np.flatnonzero(net.stores.plant == p)[0])), entity.unit
    else:
        users = np.flatnonzero(net.activities.plant == p)
        use, unit = sum((rate_of(answer, int(a)) for a in users), np.zeros(grid.count)), f"{entity.unit}/h"
    existing = float(net.plants.existing[p])
    return _row(answer, element, unit, existing, p, use, grid.hours(net.hours), plant_value(answer, p))


def _resource_row(answer: Answer, r: int) -> tuple[Any, ...]:
    net, res = answer.network, answer.network.resources
    hours = net.grids[res.grid[r]].hours(net.hours)
    return _row(
        answer, net.element_number[res.name[r]], res.unit[r], float(res.amount[r]), int(res.plant[r]),
        resource_use(answer, r), hours, resource_value(answer, r), kind=res.kind[r],
    )


def _trade_row(answer: Answer, element: int) -> tuple[Any, ...] | None:
    """A supply or demand whose upper bound is finite; its tiers taken together.

    What must be served is no bound where more may be taken, and one more unit is of the last tier that takes any.
    """
    net = answer.network
    if net.elements[element].kind not in ("supply", "demand"):
        return None
    activities = [int(a) for a in np.flatnonzero(net.activities.element == element)]
    grid = net.grids[net.activities.grid[activities[0]]]
    bound = sum((_upper(answer, a) for a in activities), np.zeros(grid.count))
    if not np.isfinite(bound).all():
        return None
    hours = grid.hours(net.hours)
    use = sum((rate_of(answer, a) for a in activities), np.zeros(grid.count))
    takes, values = (np.array([of(answer, a) for a in activities]) for of in (_upper, trade_value))
    order = np.arange(len(activities)) - len(activities) * net.activities.must_serve[activities]
    last = np.where(takes > 0.0, order[:, None], -np.inf).argmax(axis=0)
    value = np.take_along_axis(values, last[None, :], axis=0)[0]
    unit = f"{net.elements[element].unit}/h"
    return _row(answer, element, unit, float(bound @ hours / hours.sum()), -1, use, hours, value)


def _upper(answer: Answer, activity: int) -> Floats:
    first = int(answer.columns.rate[activity])
    return answer.columns.upper[first : first + len(rate_of(answer, activity))]


def candidates(answer: Answer, capacity: pl.DataFrame) -> pl.DataFrame:
    """Return what may be built, best first: what one more unit earns above what it costs, and what was built.

    `net_return` is what one unit of money put into it earns over the horizon above its capital cost and upkeep.
    """
    able = capacity.filter(pl.col("annual_cost").is_not_null())
    return able.select(
        "element", "kind", "commodity", "unit", "buildable", "built", "marginal_value", "annual_cost",
        net_value=pl.col("marginal_value") - pl.col("annual_cost"),
        earns=(pl.col("marginal_value") - pl.col("annual_cost")) * pl.col("built"),
        investment="investment",
        net_return=pl.when(pl.col("unit_investment") > 0.0).then(
            (pl.col("marginal_value") - pl.col("annual_cost")) / pl.col("unit_investment")
        ),
    ).sort(["net_return", "earns"], descending=True, nulls_last=True)
