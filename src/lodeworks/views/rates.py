"""Over which time capacities are said: by the hour where a plan has hours, else by the day or the year.

Tables of a run hold rates by the hour. Nobody who plans ten years in months says that a mine digs 205 t/h.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lodeworks.views.results import Results

__all__ = ["said_over"]

_LONG = ((672.0, "a", 8760.0), (24.0, "d", 24.0))  # from steps of four weeks on by the year, from a day on by the day
_POWER = ("kWh", "MWh", "MJ", "GJ")  # these by the hour are a power, which people say as such


def said_over(results: Results, rows: pl.DataFrame, rates: Sequence[str], values: Sequence[str] = ()) -> pl.DataFrame:
    """Return rows with rates (`unit`: t/h) over the time that fits the plan's steps, and what one more unit is worth.

    From steps of a day on rates are by the day, from four weeks on by the year; `values` are money for one unit.
    """
    hours = float(results.manifest.get("horizon", {}).get("step_h", 0.0))
    per, many = next(((per, many) for least, per, many in _LONG if hours >= least), ("h", 1.0))
    unit = pl.col("unit").cast(pl.String)
    rate = unit.str.ends_with("/h") & ~unit.str.strip_suffix("/h").is_in(_POWER)
    return rows.with_columns(
        *(pl.when(rate).then(pl.col(name) * many).otherwise(pl.col(name)).alias(name) for name in rates),
        *(pl.when(rate).then(pl.col(name) / many).otherwise(pl.col(name)).alias(name) for name in values),
        unit=pl.when(rate).then(unit.str.strip_suffix("h") + per).otherwise(unit),
    )
