"""What cools: how warm it is when it leaves a place, and how much of it is too cold.

Heat is lost evenly from when a lot was made, on the way too, so temperature falls with age on a straight line: the mean
is that of the mean age, and one in twenty is colder than the temperature of the age that one in twenty exceeds. Amounts
are counted by age where they leave, into bins 3 % wide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.simulate import layout as y
from lodeworks.simulate.bins import first_checkpoint, quantile_of, upper_edges
from lodeworks.simulate.statistics import interval

if TYPE_CHECKING:
    import polars as pl

    from lodeworks.simulate.engine import Outcome

__all__ = ["Cooling", "cooling_of", "temperatures", "too_cold"]

_COLDER = (0.01, 0.05, 0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Cooling:
    """At how many °C something is made, how many K/h it loses, and its least °C."""

    made: float
    loss: float
    least: float

    def at(self, age: Any) -> Any:
        """Return the temperature at an age in hours."""
        return self.made - self.loss * age


def cooling_of(outcome: Outcome, p: int) -> Cooling | None:
    """Return how what waits in a place cools; None where it has no heat."""
    balance, network = outcome.built.balance[p], outcome.network
    if balance == y.NONE:
        return None
    name = network.balances.commodity[balance]
    row = next((row for row in network.commodities if row.name == name), None)
    if row is None or row.made_at is None or row.cools_by is None or row.least_at is None:
        return None
    return Cooling(row.made_at, row.cools_by, row.least_at)


def _by_age(outcome: Outcome, p: int) -> tuple[y.Floats, y.Floats] | None:
    """Return amounts that left a place warm enough, and colder, by age, each (replications, bins); None where none are.

    A run from a state keeps none.
    """
    row = int(outcome.built.tables["pi"][p, y.P_AGES])
    if row == y.NONE:
        return None
    first = first_checkpoint(outcome)
    warm, cold = (np.stack([r.ages[first:, row + k].sum(axis=0) for r in outcome.replications]) for k in (0, 1))
    return (warm, cold) if warm.any() or cold.any() else None


def too_cold(outcome: Outcome, p: int) -> y.Floats | None:
    """Return the share of what left a place that was too cold, shape (replications,); None where nothing left."""
    found = _by_age(outcome, p)
    if found is None:
        return None
    warm, cold = (each.sum(axis=1) for each in found)
    whole = warm + cold
    return cold / np.where(whole > 0.0, whole, 1.0)


def temperatures(outcome: Outcome) -> pl.DataFrame:
    """Return quantiles of the temperature of what left each place: of each replication, then their interval.

    Of what leaves, the share ``colder`` is colder than ``mean``; amounts count, not lots. ``least`` is the least
    temperature of what waits there.
    """
    import polars as pl

    rows: list[tuple[Any, ...]] = []
    edges = upper_edges()
    for p, name in enumerate(outcome.built.places):
        cooling, found = cooling_of(outcome, p), _by_age(outcome, p)
        if cooling is None or found is None:
            continue
        amounts = [each for each in found[0] + found[1] if each.any()]
        for colder in _COLDER if len(amounts) > 1 else ():
            values = [cooling.at(quantile_of(each, edges, 1.0 - colder)) for each in amounts]
            between = interval(values)
            rows.append((name, colder, between.mean, between.low, between.high, cooling.least, "degC"))
    return pl.DataFrame(rows, orient="row", schema={
        "name": pl.String, "colder": pl.Float64, "mean": pl.Float64, "low": pl.Float64, "high": pl.Float64,
        "least": pl.Float64, "unit": pl.String,
    })
