"""Looking ahead from a state: bands of what stores hold hour by hour, and when one of them runs out.

A store *runs out* when something that takes from it first finds too little there; what is sold without limit takes
what there is and does not count, and a queue of people with patience is no stock. Quantiles are over replications:
with one chance in twenty the store runs out before the 5 % quantile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.network import Network
from lodeworks.simulate import layout as y
from lodeworks.simulate.engine import Outcome
from lodeworks.simulate.noted import Noted
from lodeworks.simulate.statistics import wilson

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ahead_tables"]

_BAND = (0.05, 0.25, 0.5, 0.75, 0.95)
_TIMES = (0.05, 0.5, 0.95)


def ahead_tables(outcome: Outcome) -> dict[str, pl.DataFrame]:
    """Return what a simulation from a state tells of stores.

    Returns
    -------
    dict
        ``bands``: what each store holds at every mark, the mean and quantiles over replications; ``runs_out``: in
        which share of the replications each ran out within the window, with Wilson's interval, and quantiles of the
        hours until then, null where they lie beyond the window. Stores of one balance are one row, named together.
    """
    import polars as pl

    bands: list[pl.DataFrame] = []
    rows: list[tuple[Any, ...]] = []
    marks = np.concatenate([[0.0], outcome.built.model.marks])
    start = np.datetime64(outcome.network.moment.replace(tzinfo=None), "ms")
    times = start + np.round(marks * 3_600_000).astype("timedelta64[ms]")
    for p, names in _stores(outcome.network):
        name, unit = " + ".join(names), outcome.built.units[p]
        begun = float(outcome.built.tables["initial"][p])
        noted = np.stack([r.notes[:, Noted.LEVEL.of(p)] for r in outcome.replications])
        levels = np.column_stack([np.full(len(noted), begun), noted])
        quantiles = np.quantile(levels, _BAND, axis=0)
        bands.append(pl.DataFrame({
            "store": [name] * len(marks), "hour": marks, "time": times, "mean": levels.mean(axis=0),
            **{_column(q): row for q, row in zip(_BAND, quantiles, strict=True)}, "unit": [unit] * len(marks),
        }))
        if outcome.built.tables["pi"][p, y.P_PATIENCE] != y.NONE:
            continue
        until = np.array([r.short[p] for r in outcome.replications])
        share = wilson(int(np.isfinite(until).sum()), len(until))
        late = np.quantile(until, _TIMES, method="inverted_cdf")
        rows.append((name, begun, unit, len(until), share.mean, share.low, share.high,
                     *(float(hours) if np.isfinite(hours) else None for hours in late)))
    return {
        "bands": pl.concat(bands) if bands else pl.DataFrame(),
        "runs_out": pl.DataFrame(rows, orient="row", schema={
            "store": pl.String, "level": pl.Float64, "unit": pl.String, "replications": pl.Int64, "share": pl.Float64,
            "low": pl.Float64, "high": pl.Float64, **{f"hours_{_column(q)}": pl.Float64 for q in _TIMES},
        }).sort("share", "hours_q50", descending=[True, False], nulls_last=True, maintain_order=True),
    }


def _column(quantile: float) -> str:
    return f"q{round(100 * quantile):02d}"


def _stores(network: Network) -> list[tuple[int, list[str]]]:
    """Return the places that have stores, with the stores' names."""
    found: dict[int, list[str]] = {}
    for s in range(len(network.stores)):
        found.setdefault(int(network.stores.balance[s]), []).append(network.elements[network.stores.element[s]].name)
    return list(found.items())
