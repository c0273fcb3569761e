"""What flowed in a stretch of time as it was measured, in the shape of a run's tables: so the reports' own figures of
flows can be drawn of any hour of the past.

Only what is measured is there: each element's own scales, and what stores gave or took by their levels. Routes are left
out, since what they carry stays within its commodity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.network.arrays import Network
from lodeworks.network.live import Live
from lodeworks.network.names import commodities, elements
from lodeworks.watch.bound import Bound, bind
from lodeworks.watch.means import window_means

if TYPE_CHECKING:
    import polars as pl

    from lodeworks.watch.history import History

__all__ = ["Measured", "measured"]

_HOUR_MS = 3_600_000


@dataclass(frozen=True, eq=False)
class Measured:
    """Flows as measured, in the tables `flows`, `elements` and `commodities` that a run has.

    Attributes
    ----------
    unknown
        The tags of flows and levels of which too little is known in this time.
    """

    manifest: Mapping[str, Any]
    chain: Mapping[str, Any]
    unknown: tuple[str, ...]
    _tables: Mapping[str, pl.DataFrame]

    @property
    def tables(self) -> Sequence[str]:
        """Names of the tables there are."""
        return tuple(self._tables)

    def table(self, name: str) -> pl.DataFrame:
        """Return a table by name."""
        return self._tables[name]


def measured(history: History, net: Network, live: Live, since: int, until: int) -> Measured:
    """Return what flowed from one moment (ms) to another.

    Of several scales of one element and commodity at a site the first counts. A flow of which less than four fifths of
    the time is known is not known.
    """
    import polars as pl

    bound = _once(net, bind(net, live))
    means = window_means(history, net, live, [b.tag for b in bound], np.array([since, until], np.int64))[0]
    amounts = means * (until - since) / _HOUR_MS
    rows = [_row(net, b, float(amount)) for b, amount in zip(bound, amounts, strict=True) if np.isfinite(amount)]
    names = ["element", "kind", "commodity", "site", "unit"]
    flows = pl.DataFrame(rows, schema={**dict.fromkeys(names, pl.String), "amount": pl.Float64}, orient="row")
    unknown = tuple(live.tags[b.tag].name for b, amount in zip(bound, amounts, strict=True) if not np.isfinite(amount))
    return Measured({"currency": net.currency}, {}, unknown,
                    {"flows": flows, "elements": elements(net), "commodities": commodities(net)})


def _once(net: Network, bound: Sequence[Bound]) -> list[Bound]:
    """Return what is counted: flows but of routes, once at each balance, and levels."""
    found: dict[tuple[int, int], Bound] = {}
    for b in bound:
        flow = b.what == "flow" and b.balance >= 0 and net.elements[b.element].kind != "route"
        if flow or b.what == "level":
            found.setdefault((b.element, b.balance), b)
    return list(found.values())


def _row(net: Network, b: Bound, amount: float) -> tuple[str, str, str, str, str, float]:
    """Return a row of the flows table: positive is into the balance, so what a store gains is below nought."""
    element = net.elements[b.element]
    balance = int(net.stores.balance[b.store]) if b.what == "level" else b.balance
    into = b.what == "flow" and float(np.sum(net.coefficients.amount[b.rows])) >= 0.0
    commodity = net.balances.commodity[balance]
    unit = next(one.unit for one in net.commodities if one.name == commodity)
    return element.name, element.kind, commodity, net.balances.site[balance], unit, amount if into else -amount
