"""The investment periods and scenarios of a PyPSA network: one source for each, and what they count.

PyPSA weighs the money of a period by any number (`objective`) and its amounts by another (`years`); a stage has a
length in years and, where the two differ, a weight of its own. What the two cannot both say is told by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lodeworks.errors import Problem
from lodeworks.exchange.netcdf import Floats, Source, open_network, source_of

__all__ = ["Slices", "read_slices"]


@dataclass(frozen=True)
class Slices:
    """A network's sources, one a period and scenario.

    Attributes
    ----------
    sources
        By period, and within it by scenario; one of each where the network has none.
    periods
        Years of the investment periods.
    money, years
        What the money of a period counts, and its amounts, shape (periods,).
    scenarios
        Names and probabilities.
    """

    sources: tuple[tuple[Source, ...], ...]
    periods: tuple[int, ...]
    money: Floats
    years: Floats
    scenarios: dict[str, float]

    @property
    def first(self) -> Source:
        """The first period's first scenario, which stands for names and places."""
        return self.sources[0][0]

    def each(self) -> Iterator[Source]:
        """Yield every source."""
        for row in self.sources:
            yield from row

    def standing(self, kind: str, i: int) -> list[int]:
        """Return the periods, by number, in which a component is there."""
        return [k for k, row in enumerate(self.sources) if row[0].stands(kind, i)]

    def unlike(self) -> Iterator[Problem]:
        """Yield what differs between periods and scenarios and must not."""
        if self.periods and self.scenarios:
            yield Problem("investment periods and scenarios together are not carried", element="network",
                          key="scenarios", found=f"{len(self.periods)} periods, {len(self.scenarios)} scenarios",
                          expected="one of the two")
        first = self.first
        for kind, part in first.components.items() if self.scenarios else ():  # PyPSA, too, wants these alike
            for i, name in enumerate(part.names):
                if len({source[kind].flag(i, "active", True) for source in self.each()}) > 1:
                    yield Problem("what is there in some scenarios only is not carried", element=f"{kind}.{name}",
                                  key="active", found="True and False", expected="the same in all scenarios")
        for key in ("stores", "objective"):
            least = float(min(getattr(source, key).min() for source in self.each()))
            if not least > 0.0:
                yield Problem("a snapshot that lasts or counts nothing is not carried", element="snapshots.weightings",
                              key=key, found=f"{least:g}", expected="more than nought in every snapshot")
        for year, row in zip(self.periods, self.sources, strict=bool(self.periods)):
            if row[0].stores.shape != first.stores.shape or np.any(row[0].stores != first.stores):
                yield Problem("periods of other snapshots than the first are not carried", element="snapshots",
                              key=str(year), found=f"{len(row[0].stores)} snapshots, {row[0].stores.sum():g} h",
                              expected=f"{len(first.stores)} snapshots of the same hours as in {self.periods[0]}")


def read_slices(path: Path) -> Slices:
    """Read a network file.

    Raises
    ------
    InputError
        If there is none, or it is no NetCDF file of a network.
    """
    data = open_network(path)
    periods = data.coords["investment_periods"].values if "investment_periods" in data.sizes else ()
    years = [int(year) for year in periods]
    scenarios: dict[str, float] = {}
    if "scenario" in data.sizes:
        names = [str(name) for name in data.coords["scenario"].values]
        scenarios = dict(zip(names, map(float, data["scenario_weight"].values), strict=True))

    def weights(key: str) -> Floats:
        name = f"investment_periods_{key}"
        return np.asarray(data[name].values, float) if name in data and years else np.ones(max(len(years), 1))

    rows = []
    each: list[int | None] = [*years] or [None]
    for year in each:
        part = data if year is None else data.isel(snapshots=np.flatnonzero(data["snapshots_period"].values == year))
        rows.append(tuple(
            source_of(part if k is None else part.isel(scenario=k), path, year)
            for k in (range(len(scenarios)) if scenarios else (None,))
        ))
    return Slices(tuple(rows), tuple(years), weights("objective"), weights("years"), scenarios)
