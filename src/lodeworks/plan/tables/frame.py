"""Stacking runs of steps into a long table: names once a run, times and numbers once a step."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from lodeworks.network.arrays import Floats, Grid, Network

__all__ = ["LongTable", "times"]


def times(net: Network, grid: Grid, *, end: bool = False) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    """Return the start (or end) of each step as milliseconds, shape (count,)."""
    edges = grid.edges[1:] if end else grid.edges[:-1]
    start = np.datetime64(net.start.replace(tzinfo=None), "ms")
    return start + np.round(edges * net.hours * 3_600_000).astype("timedelta64[ms]")


class LongTable:
    """Collects runs; every run has the same names and the same number columns."""

    def __init__(self, names: tuple[str, ...], numbers: tuple[str, ...]) -> None:
        self._names, self._numbers = names, numbers
        self._runs: list[tuple[tuple[str, ...], int]] = []
        self._times: list[Any] = []
        self._columns: dict[str, list[Floats]] = {name: [] for name in numbers}

    def add(self, names: tuple[str, ...], time: Any, **numbers: Floats | float) -> None:
        """Add a run of steps; single numbers stand for all its steps."""
        self._runs.append((names, len(time)))
        self._times.append(time)
        for column in self._numbers:
            self._columns[column].append(np.broadcast_to(np.asarray(numbers[column], float), (len(time),)))

    def frame(self) -> pl.DataFrame:
        """Return the table: names, time, numbers."""
        lengths = [length for _, length in self._runs]
        codes = np.repeat(np.arange(len(self._runs)), lengths)
        columns: dict[str, pl.Series] = {}
        for k, name in enumerate(self._names):
            values = pl.Series(name, [names[k] for names, _ in self._runs], dtype=pl.Categorical)
            columns[name] = values.gather(codes)
        stamps = np.concatenate(self._times) if self._times else np.zeros(0, "datetime64[ms]")
        columns["time"] = pl.Series("time", stamps, dtype=pl.Datetime("ms"))
        for column, parts in self._columns.items():
            columns[column] = pl.Series(column, np.concatenate(parts) if parts else np.zeros(0), dtype=pl.Float64)
        return pl.DataFrame(columns)
