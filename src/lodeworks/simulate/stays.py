"""From histograms to how long things stay: quantiles with intervals, and the whole distribution.

Stays in a place where something waits; at an exit the age, since it came into the chain. Nothing is drawn here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.simulate import layout as y
from lodeworks.simulate.bins import first_checkpoint, quantile_of, stays_by_place, upper_edges
from lodeworks.simulate.engine import Outcome
from lodeworks.simulate.statistics import interval

if TYPE_CHECKING:
    import polars as pl

__all__ = ["histograms", "stays", "waits"]

_STEPS = 200  # a distribution has a row wherever it has risen by one such part


_Histograms = Sequence[tuple[str, y.Floats]]


def histograms(outcome: Outcome) -> list[tuple[str, y.Floats]]:
    """Return each place's name and counts of stays, shape (replications, bins); none from a state on."""
    found = []
    first, places = first_checkpoint(outcome), len(outcome.built.places)
    by_place = [stays_by_place(r.histogram, places, first) for r in outcome.replications]
    for p, name in enumerate(outcome.built.places):
        if p not in outcome.built.hidden_places:
            counts = np.stack([of_place(p) for of_place in by_place])
            counts = counts[counts.sum(axis=1) > 0].astype(float)
            if len(counts):
                found.append((name, counts))
    return found


def waits(counted: _Histograms) -> pl.DataFrame:
    """Return quantiles of stays by place, of what `histograms` counts: of each replication, then their interval.

    Bins are 3 % wide.
    """
    import polars as pl

    edges, rows = upper_edges(), []
    for name, counts in counted:
        for q in (0.5, 0.8, 0.9, 0.95, 0.99):
            values = np.array([quantile_of(row, edges, q) for row in counts])
            if len(values) > 1:
                found = interval(values)
                rows.append((name, q, found.mean, found.low, found.high, "h"))
    return pl.DataFrame(rows, orient="row", schema={
        "name": pl.String, "quantile": pl.Float64, "mean": pl.Float64, "low": pl.Float64, "high": pl.Float64,
        "unit": pl.String,
    })


def stays(counted: _Histograms) -> pl.DataFrame:
    """Return the distribution of stays by place, as `histograms` counts them.

    Returns
    -------
    polars.DataFrame
        ``share`` of lots that stayed ``hours`` at most, the mean over replications, each of which counts alike; the
        first row of a place is the share that did not stay at all.
    """
    import polars as pl

    edges = upper_edges()
    frames: list[Any] = []
    for name, counts in counted:
        share = (np.cumsum(counts, axis=1) / counts.sum(axis=1, keepdims=True)).mean(axis=0)
        parts = np.floor(share * _STEPS * (1.0 + 1e-12))
        kept = np.flatnonzero(np.diff(parts, prepend=-1.0) > 0.0)
        frames.append(pl.DataFrame({"name": [name] * len(kept), "hours": edges[kept], "share": share[kept]}))
    schema = {"name": pl.String, "hours": pl.Float64, "share": pl.Float64}
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)
