"""One slice of a plan over stages, scenarios and periods, seen as any run is, so that every view shows it.

Tables by step hold one stage, scenario and period; money is that of the whole pathway, discounted and on the mean of
scenarios, since that is what the objective is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from lodeworks.errors import RunError, did_you_mean
from lodeworks.views.results import Results

__all__ = ["SliceResults", "sliced"]

_OF_THE_PATHWAY = ("pathway", "vintages", "stages", "scenarios")


def sliced(results: Results, stage: str = "", scenario: str = "", period: str = "") -> Results:
    """Return a run's slice: the last stage, likeliest scenario and most frequent period unless named.

    A run without such is itself returned.

    Raises
    ------
    RunError
        If the run has no stage, scenario or period of that name.
    """
    if isinstance(results, SliceResults):
        return results
    wanted = {"stage": stage, "scenario": scenario, "period": period}
    chosen: dict[str, str] = {}
    for name, word in wanted.items():
        known = results.manifest.get(f"{name}s", {}).get("names", [])
        if word and word not in known:
            hint = did_you_mean(word, known)
            raise RunError(f"the run has no {name} {word!r}{hint}" + (f" It has: {', '.join(known)}" if known else ""))
        if known:
            chosen[name] = word or _usual(results, name)
    return SliceResults(results, chosen) if chosen else results


def _usual(results: Results, name: str) -> str:
    said = results.manifest[f"{name}s"]
    if name == "stage":
        return str(said["names"][-1])
    chances = said["probabilities" if name == "scenario" else "times"]
    return str(said["names"][chances.index(max(chances))])


class SliceResults:
    """A slice of a run as views see it."""

    def __init__(self, results: Results, chosen: Mapping[str, str]) -> None:
        self.whole = results
        self.chosen = dict(chosen)
        self._made: dict[str, pl.DataFrame] = {}

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The run's manifest, and which slice this is."""
        return {**self.whole.manifest, "slice": self.chosen}

    @property
    def folder(self) -> Path | None:
        """The run's folder, where it has one."""
        return getattr(self.whole, "folder", None)

    @property
    def chain(self) -> Mapping[str, Any]:
        """The chain as it was read."""
        return self.whole.chain

    @property
    def tables(self) -> Sequence[str]:
        """Names of the tables there are."""
        return self.whole.tables

    def table(self, name: str) -> pl.DataFrame:
        """Return a table of this slice."""
        if name not in self._made:
            self._made[name] = self._slice(name, self.whole.table(name))
        return self._made[name]

    def _slice(self, name: str, table: pl.DataFrame) -> pl.DataFrame:
        if name in _OF_THE_PATHWAY:
            return table
        if name == "costs":
            return _counted(table)
        if name == "candidates":
            return _over_stages(table)
        if name == "policies" and "stage" in table.columns:
            over_all = table.filter(pl.col("stage").is_null())["policy"].unique()
            table = table.filter(pl.col("stage").is_null() | ~pl.col("policy").is_in(over_all.implode()))
        for label, wanted in self.chosen.items():
            if label in table.columns:
                own = pl.col(label).cast(pl.String)
                table = table.filter((own == wanted) | own.is_null()).drop(label)
        return table


def _counted(costs: pl.DataFrame) -> pl.DataFrame:
    """Money as it counts in the objective: discounted, on the mean of scenarios."""
    names = [c for c in ("item", "element", "kind", "commodity", "site", "owner", "currency") if c in costs.columns]
    return costs.group_by(names, maintain_order=True).agg(amount=(pl.col("discounted") * pl.col("probability")).sum())


def _over_stages(candidates: pl.DataFrame) -> pl.DataFrame:
    """One row an element: what is decided in all stages, and the stage in which it is worth most."""
    sums = ("built", "earns", "investment")
    rest = [c for c in candidates.columns if c not in (*sums, "element", "stage")]
    return candidates.group_by("element", maintain_order=True).agg(
        *(pl.col(c).first() for c in rest), *(pl.col(c).sum() for c in sums)
    ).select([c for c in candidates.columns if c != "stage"])
