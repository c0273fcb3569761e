"""Two simulations beside each other: differences of means, paired where both saw the same random numbers.

A variant that is run with the same seed and as many replications meets the same draws wherever it has the same
elements; the interval of the paired differences is then much narrower than that of either mean. Of several variants
the best by one measure is told, with those that may be it as well. A plan beside a simulation is compared by the rates
of its elements.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.errors import RunError, did_you_mean
from lodeworks.runs import Run
from lodeworks.simulate.layout import STATE_NAMES, Floats
from lodeworks.simulate.statistics import best_of, paired, welch

if TYPE_CHECKING:
    import polars as pl

__all__ = ["best_simulation", "compare_simulations", "compare_with_plan"]

_ROUNDING = 1e-9  # of the means
_ALIKE = ("seed", "replications", "horizon")  # what pairs have in common


def compare_simulations(base: Run, other: Run) -> pl.DataFrame:
    """Return what differs for sure between two simulations, the largest relative difference first.

    Returns
    -------
    DataFrame
        ``kind, name, measure, unit, base, other, difference, low, high, paired, sure``; the interval is at 95 %. What
        differs by the rounding of sums alone is never sure.
    """
    import polars as pl

    same = all(base.manifest[k] == other.manifest[k] for k in _ALIKE)
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
        found = paired(b, a) if same else welch(b, a)
        means = float(a.mean()), float(b.mean())
        noise = _ROUNDING * max(abs(mean) for mean in means)
        sure = abs(means[1] - means[0]) > noise and (found.low > 0.0 or found.high < 0.0)
        rows.append((*what, units.get(what, ""), *means, means[1] - means[0], found.low, found.high, same, sure))
    frame = pl.DataFrame(rows, orient="row", schema={
        "kind": pl.String, "name": pl.String, "measure": pl.String, "unit": pl.String, "base": pl.Float64,
        "other": pl.Float64, "difference": pl.Float64, "low": pl.Float64, "high": pl.Float64, "paired": pl.Boolean,
        "sure": pl.Boolean,
    })
    size = pl.col("difference").abs() / pl.max_horizontal(pl.col("base").abs(), pl.col("other").abs(), 1e-12)
    return frame.sort(pl.col("sure"), size, descending=True)


def best_simulation(
    runs: Sequence[Run], name: str, measure: str, *, larger: bool = True, level: float = 0.95
) -> pl.DataFrame:
    """Return which of several simulations is best by one mean, and which others may be, all at one confidence.

    Returns
    -------
    DataFrame
        ``run, mean, unit, difference, low, high, verdict, replications, enough``, in the order of `runs`. The
        difference is that to the best mean, its interval holds together with the others'. The verdict is ``best``,
        ``may be best`` or ``worse``; where it is not told yet, `enough` is about how many replications would tell, if
        means and spreads stayed as they are.

    Raises
    ------
    RunError
        If a run is no simulation or has no such measure, or the runs differ in replications or horizon.

    Notes
    -----
    Multiple comparisons with the best of Hsu (1984) under common random numbers, as in Nelson and Matejcik (1995), by
    Bonferroni's inequality; see `statistics.best_of`.
    """
    import polars as pl

    if len(runs) < 2:
        raise RunError("the best is chosen of two simulations or more")
    for run in runs:
        if run.manifest["kind"] != "simulation":
            raise RunError(f"{run.folder}: the best is chosen of simulations, this is a {run.manifest['kind']}")
    for what in ("replications", "horizon"):
        values = [run.manifest.get(what) for run in runs]
        odd = next((i for i, value in enumerate(values) if value != values[0]), None)
        if odd is not None:
            raise RunError(f"{runs[odd].folder}: {what} {values[odd]}, but {runs[0].folder} has {values[0]}; the "
                           "best is chosen of runs that are alike in these")
    samples = np.stack([_sample(run, name, measure) for run in runs])
    found = best_of(samples, level, larger)
    written = pl.concat([run.table("statistics").select("name", "measure", "unit") for run in runs])
    unit = next(iter(written.filter((pl.col("name") == name) & (pl.col("measure") == measure))["unit"]), "share")
    rows = []
    for i, (run, difference) in enumerate(zip(runs, found.differences, strict=True)):
        verdict = "worse" if i not in found.keep else "best" if len(found.keep) == 1 else "may be best"
        enough = None
        if i in found.keep and i != found.best and difference.mean != 0.0:
            enough = math.ceil(difference.count * (difference.half / difference.mean) ** 2)
        rows.append((str(run.folder), float(samples[i].mean()), unit, difference.mean, difference.low,
                     difference.high, verdict, difference.count, enough))
    return pl.DataFrame(rows, orient="row", schema={
        "run": pl.String, "mean": pl.Float64, "unit": pl.String, "difference": pl.Float64, "low": pl.Float64,
        "high": pl.Float64, "verdict": pl.String, "replications": pl.Int64, "enough": pl.Int64,
    })


def _sample(run: Run, name: str, measure: str) -> Floats:
    """Return one mean of every replication, shape (replications,)."""
    import polars as pl

    rows = run.table("replications")
    found = rows.filter((pl.col("name") == name) & (pl.col("measure") == measure)).sort("replication")
    if len(found):
        return found["value"].to_numpy()
    of_name = rows.filter(pl.col("name") == name)
    if measure in STATE_NAMES and "machines" in of_name["kind"]:
        return np.zeros(run.manifest["replications"])  # a state nobody was in is not written down
    word, known = (measure, of_name["measure"]) if len(of_name) else (name, rows["name"])
    names = known.unique().sort().to_list()
    raise RunError(f"{run.folder}: no statistic {word!r}" + did_you_mean(word, names)
                   + f" There are: {', '.join(names)}")


def compare_with_plan(plan: Run, simulation: Run) -> pl.DataFrame:
    """Return mean rates of a plan's elements beside those of a simulation; ``name, unit, planned, mean, low, high``.

    Both are means over the same stretch, that of the simulation after its warm-up; over all the plan's time where the
    plan has none of that.
    """
    import polars as pl

    horizon = simulation.manifest["horizon"]
    start = datetime.fromisoformat(horizon["start"]).replace(tzinfo=None)
    begin = start + timedelta(hours=simulation.manifest["warm_up_h"])
    end = start + timedelta(hours=horizon.get("hours", horizon["step_h"] * horizon["steps"]))
    until = pl.col("time") + pl.duration(microseconds=(pl.col("hours") * 3.6e9).round().cast(pl.Int64))
    common = pl.min_horizontal(until, pl.lit(end)) - pl.max_horizontal(pl.col("time"), pl.lit(begin))
    rates = plan.table("rates").with_columns(pl.col("element", "mode", "unit").cast(pl.String))
    within = rates.with_columns(hours=common.dt.total_microseconds() / 3.6e9).filter(pl.col("hours") > 0.0)
    rates = within if len(within) else rates
    name = pl.when(pl.col("mode") == "").then(pl.col("element")).otherwise(
        pl.concat_str("element", pl.lit("."), "mode"))
    planned = rates.with_columns(name=name).group_by("name", "unit", maintain_order=True).agg(
        planned=(pl.col("rate") * pl.col("hours")).sum() / pl.col("hours").sum())
    ran = simulation.table("statistics").filter((pl.col("kind") == "run") & (pl.col("measure") == "rate")).with_columns(
        pl.col("name").str.strip_suffix(".unload"))
    return planned.join(ran.select("name", "mean", "low", "high"), on="name", how="inner")
