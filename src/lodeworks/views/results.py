"""What every view reads: a manifest and named tables. A plan in memory and a run folder both are this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import polars as pl

__all__ = ["LONG", "Results", "horizon_hours", "optional_table"]

LONG = {
    "flows": "amount",
    "rates": "rate",
    "levels": "level",
    "marginal_values": "value",
    "resources": "used",
    "unserved": "amount",
}
"""The tables with a row a step, and the number each is about."""


class Results(Protocol):
    """A run as views see it."""

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What ran, how it ended and how it was verified."""

    @property
    def chain(self) -> Mapping[str, Any]:
        """The chain as it was read, as plain data."""

    @property
    def tables(self) -> Sequence[str]:
        """Names of the tables there are."""

    def table(self, name: str) -> pl.DataFrame:
        """Return a table by name."""


def optional_table(results: Results, name: str) -> pl.DataFrame | None:
    """Return a table, or None where the run has none of that name or it is empty."""
    if name not in results.tables:
        return None
    table = results.table(name)
    return None if table.is_empty() else table


def horizon_hours(results: Results) -> float:
    """Return the length of the horizon in hours."""
    horizon = results.manifest["horizon"]
    return float(horizon.get("hours", float(horizon["step_h"]) * float(horizon["steps"])))
