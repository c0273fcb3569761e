"""Where money comes from and goes to. The parts add up to the objective, and by every grouping."""

from __future__ import annotations

import numpy as np
import polars as pl

from lodeworks.plan.columns import windows
from lodeworks.plan.engine import Answer
from lodeworks.plan.ledger import money
from lodeworks.plan.switching import switch_costs
from lodeworks.plan.tables.flows import level_of
from lodeworks.plan.tables.statements import Closed, financing

__all__ = ["costs"]


def costs(answer: Answer, told: Closed | None) -> pl.DataFrame:
    """Return money by item, element and commodity over the horizon; positive is money in. `told` are firms' books.

    With the goal profit the amounts add up to the objective, with the goal cost all but the revenue add up to
    its negative.
    """
    net, columns = answer.network, answer.columns
    sums: dict[tuple[str, int, str], float] = {}

    def add(item: str, element: int, commodity: str, amount: float) -> None:
        key = (item, element, commodity)
        sums[key] = sums.get(key, 0.0) + amount

    for i, item in enumerate(net.costs.item):
        span, per_rate = money(net, columns, i)
        add(item, int(net.costs.element[i]), net.costs.commodity[i], float(per_rate @ answer.x[span]))
    for s in range(len(net.stores)):
        held = net.on_grid(net.stores.cost, net.balances.grid[net.stores.balance], s)
        if np.any(held):
            hours = net.grids[net.balances.grid[net.stores.balance[s]]].hours(net.hours)
            element = int(net.stores.element[s])
            add("storage", element, net.elements[element].commodity, -float((held * hours) @ level_of(answer, s)))
    for store, worth in enumerate(net.stores.worth if net.stores.worth is not None else ()):
        element = int(net.stores.element[store])
        add("in store", element, net.elements[element].commodity, float(worth * level_of(answer, store)[-1]))
    for i, values in net.on_the_way.items():
        first = int(columns.rate[net.coefficients.activity[i]])
        commodity = net.balances.commodity[net.coefficients.balance[i]]
        add("on the way", int(net.coefficients.element[i]), commodity,
            float(values @ answer.x[first : first + len(values)]))
    for constant in net.constants:
        add(constant.item, constant.element, constant.commodity, constant.money)
    for p in range(len(net.plants)):
        element = int(net.plants.element[p])
        commodity = net.elements[element].commodity
        built = answer.built(p)
        add("investment", element, commodity, -float(net.plants.yearly[p]) * built)
        add("fixed", element, commodity, -float(net.plants.upkeep[p]) * built)
        for cost in switch_costs(net, columns, p):
            add(cost.item, element, commodity, -float(cost.value @ answer.x[cost.col] + cost.fixed.sum()))
    largest = max((abs(amount) for amount in sums.values()), default=0.0)
    rows = []
    for (item, number, commodity), amount in sums.items():
        entity = net.elements[number]
        if abs(amount) > 1e-15 * largest:
            rows.append((item, entity.name, entity.kind, commodity, entity.site, entity.owner, amount))
    for policy in (int(p) for p in np.flatnonzero(columns.slack >= 0)):
        first, count = int(columns.slack[policy]), 2 * windows(net, policy)
        missed = float(answer.x[first : first + count].sum())
        if missed > 0.0:
            fine = -float(net.policies.penalty[policy]) * missed
            rows.append(("policy", net.policies.name[policy], "policy", "", "", "", fine))
    rows += [(item, name, kind, "", "", owner, amount)
             for item, name, kind, owner, amount in financing(told) if abs(amount) > 1e-15 * largest]
    names = ["item", "element", "kind", "commodity", "site", "owner"]
    return pl.DataFrame(
        rows, schema={**dict.fromkeys(names, pl.String), "amount": pl.Float64}, orient="row"
    ).with_columns(currency=pl.lit(net.currency))
