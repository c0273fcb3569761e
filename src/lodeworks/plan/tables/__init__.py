"""From an answer to the tables of a run: long form, named columns, units in a column of their own.

Each table is one function here or in the modules beside this one; `plan_tables` makes them all. Tables say
what the optimum is and nothing else; sums for people are the views' affair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeworks.network.names import commodities, elements
from lodeworks.plan.engine import Answer
from lodeworks.plan.tables.capacities import candidates, capacities
from lodeworks.plan.tables.costs import costs
from lodeworks.plan.tables.flows import flows, levels, rates, unserved
from lodeworks.plan.tables.statements import closed, money_tables
from lodeworks.plan.tables.values import marginal_values, policies, resources

if TYPE_CHECKING:
    import polars as pl

__all__ = ["plan_tables"]


def plan_tables(answer: Answer) -> dict[str, pl.DataFrame]:
    """Return every table of a plan by name."""
    capacity = capacities(answer)
    told = closed(answer) if answer.network.accounts is not None else None
    return {
        "elements": elements(answer.network),
        "commodities": commodities(answer.network),
        "flows": flows(answer),
        "rates": rates(answer),
        "levels": levels(answer),
        "capacities": capacity,
        "candidates": candidates(answer, capacity),
        "marginal_values": marginal_values(answer),
        "costs": costs(answer, told),
        "unserved": unserved(answer),
        "resources": resources(answer),
        "policies": policies(answer),
        **money_tables(told),
    }
