"""Two simulations beside each other: differences of means, paired where both saw the same random numbers.

A variant that is run with the same seed and as many replications meets the same draws wherever it has the same
elements; the interval of the paired differences is then much narrower than that of either mean. A plan beside a
simulation is compared by the rates of its elements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeworks.runs import Run
from lodeworks.simulate.statistics import interval, paired

if TYPE_CHECKING:
    import polars as pl

__all__ = ["compare_simulations", "compare_with_plan"]


def compare_simulations(base: Run, other: Run) -> pl.DataFrame:
    """Return what differs for sure between two simulations, the largest relative difference first.

    Returns
    -------
    DataFrame
        ``kind, name, measure, unit, base, other, difference, low, high, paired, sure``; the interval is at 95 %.
    """
    import polars as pl

    same = all(base.manifest[k] == other.manifest[k] for k in ("seed", "replications", "horizon"))
    key = ["kind", "name", "measure"]
    units = {tuple(row[:3]): row[3] for row in base.table("statistics").select(*key, "unit").iter_rows()}
    values = [
        {tuple(k): g.sort("replication")["value"].to_numpy() for k, g in run.table("replications").group_by(key)}
        for run in (base, other)
    ]
    rows = []
    for what in sorted(values[0].keys() & values[1].keys()):
        a, b = values[0][what], values[1][what]
        if not (np.any(a) or np.any(b)):
            continue
        if same:
            found = paired(b, a)
            low, high = found.low, found.high
        else:  # independent: the widths of both intervals, squared, add up
            half = float(np.hypot(interval(a).half, interval(b).half))
            low, high = float(b.mean() - a.mean()) - half, float(b.mean() - a.mean()) + half
        means = float(a.mean()), float(b.mean())
        rows.append((*what, units.get(what, ""), *means, means[1] - means[0], low, high, same, low > 0.0 or high < 0.0))
    frame = pl.DataFrame(rows, orient="row", schema={
        "kind": pl.String, "name": pl.String, "measure": pl.String, "unit": pl.String, "base": pl.Float64,
        "other": pl.Float64, "difference": pl.Float64, "low": pl.Float64, "high": pl.Float64, "paired": pl.Boolean,
        "sure": pl.Boolean,
    })
    size = pl.col("difference").abs() / pl.max_horizontal(pl.col("base").abs(), pl.col("other").abs(), 1e-12)
    return frame.sort(pl.col("sure"), size, descending=True)


def compare_with_plan(plan: Run, simulation: Run) -> pl.DataFrame:
    """Return mean rates of a plan's elements beside those of a simulation; ``name, unit, planned, mean, low, high``."""
    import polars as pl

    rates = plan.table("rates").with_columns(pl.col("element", "mode", "unit").cast(pl.String))
    name = pl.when(pl.col("mode") == "").then(pl.col("element")).otherwise(
        pl.concat_str("element", pl.lit("."), "mode"))
    planned = rates.with_columns(name=name).group_by("name", "unit", maintain_order=True).agg(
        planned=(pl.col("rate") * pl.col("hours")).sum() / pl.col("hours").sum())
    ran = simulation.table("statistics").filter((pl.col("kind") == "run") & (pl.col("measure") == "rate")).with_columns(
        pl.col("name").str.strip_suffix(".unload"))
    return planned.join(ran.select("name", "mean", "low", "high"), on="name", how="inner")
