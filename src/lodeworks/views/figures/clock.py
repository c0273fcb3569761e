"""Hours since a run's start as the clock shows them, for figures and tables whose axis is time."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from lodeworks.views.results import Results

__all__ = ["at_clock", "milliseconds"]


def milliseconds(results: Results, hours: pl.Series) -> npt.NDArray[np.float64]:
    """Return hours since the start as milliseconds of a date axis."""
    start = np.datetime64(_start(results), "ms").astype(np.float64)
    at: npt.NDArray[np.float64] = np.round(start + 3.6e6 * hours.to_numpy())
    return at


def at_clock(results: Results, hours: pl.Expr) -> pl.Expr:
    """Return the minute that is nearest to so many hours after the start."""
    return pl.lit(_start(results)) + pl.duration(minutes=(60.0 * hours).round().cast(pl.Int64))


def _start(results: Results) -> datetime:
    return datetime.fromisoformat(str(results.manifest["horizon"]["start"])).replace(tzinfo=None)
