"""A simulation as its user holds it: a manifest and tables, from memory or from a run folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.said import Said
from lodeworks.simulate import layout as y
from lodeworks.simulate.engine import Outcome
from lodeworks.simulate.noted import Noted
from lodeworks.simulate.precision import imprecise
from lodeworks.simulate.tables import levels_between_marks

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Simulation", "simulation_manifest"]

_UNSTABLE = 1.02  # more than this times what is taken comes


class Simulation:
    """Certified replications: thin reader over their tables.

    Attributes
    ----------
    manifest
        What ran, on which chain, with which seed, and how it was certified.
    chain
        The chain as it was read, as plain data.
    """

    def __init__(self, manifest: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], chain: Mapping[str, Any]):
        self.manifest = dict(manifest)
        self.chain = dict(chain)
        self._tables = dict(tables)

    def table(self, name: str) -> pl.DataFrame:
        """Return a table by name."""
        return self._tables[name]

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of all tables."""
        return tuple(self._tables)

    @property
    def statistics(self) -> pl.DataFrame:
        """Means over time with 95 % intervals over replications."""
        return self.table("statistics")

    def mean(self, name: str, measure: str) -> float:
        """Return one mean of the statistics.

        Raises
        ------
        KeyError
            If there is no such row.
        """
        for row in self.statistics.iter_rows(named=True):
            if row["name"] == name and row["measure"] == measure:
                return float(row["mean"])
        raise KeyError(f"{name}: {measure}")

    def write(self, folder: str | Path, *, replace: bool = False) -> Path:
        """Write the run folder, whole or not at all, and return it."""
        from lodeworks.runs import write_run

        documents = {"chain.json": json.dumps(self.chain, ensure_ascii=False, indent=1)}
        return write_run(Path(folder), self.manifest, self._tables, documents, replace=replace)

    def __repr__(self) -> str:
        return f"Simulation({self.manifest['chain']!r}, {self.manifest['replications']} replications, certified)"


def simulation_manifest(outcome: Outcome) -> dict[str, Any]:
    """Return what the manifest says of replications."""
    net = outcome.network
    events = sum(r.events for r in outcome.replications)
    log = [*_stopped(outcome), *imprecise(outcome), *_stillness(outcome), *_growing(outcome), *outcome.built.log]
    return {
        "kind": "simulation", "chain": net.name, "title": {"en": net.title_en, "zh": net.title_zh},
        "status": "interrupted" if outcome.interrupted else "finished",
        "certified": True, "replications": len(outcome.replications), "seed": outcome.seed,
        "warm_up_h": outcome.warm_up, "precision": outcome.wanted, "precise": outcome.precise,
        "events": events,
        "horizon": {"start": net.moment.isoformat(), "step_h": net.hours, "steps": net.steps,
                    **({} if not net.cut else {"hours": net.length_h})},
        "currency": net.currency,
        "log": [str(line) for line in log], "log_zh": [line.zh for line in log],
    }


def _stopped(outcome: Outcome) -> list[Said]:
    """Return that the user stopped the run, where that happened."""
    if not outcome.interrupted:
        return []
    kept = len(outcome.replications)
    return [Said(f"stopped by the user: the first {kept} of {outcome.asked} replications are kept",
                 f"已由用户停止：保留{outcome.asked}次重复中的前{kept}次")]


def _growing(outcome: Outcome) -> list[Said]:
    """Return the queues without limit that grow all the time in every replication, with their load."""
    found: list[Said] = []
    stored = {int(b) for b in outcome.network.stores.balance}
    first = int(np.searchsorted(outcome.built.model.marks, outcome.warm_up, side="right"))
    notes = np.sum([r.notes[-1] for r in outcome.replications], axis=0)
    for p, name in enumerate(outcome.built.places):
        if outcome.built.balance[p] not in stored and not name.startswith("orders of "):
            continue
        come, taken = notes[[Noted.IN.of(p), Noted.OUT.of(p)]]
        series = levels_between_marks(outcome, p)[:, first:]
        if np.isfinite(outcome.built.tables["pf"][p, y.P_CAPACITY]) or taken <= 0.0 or series.shape[1] < 8:
            continue
        quarters = np.stack([part.mean(axis=1) for part in np.array_split(series, 4, axis=1)])
        grows = np.all(np.diff(quarters, axis=0) > 0.0) and np.all(quarters[3] > 2.0 * quarters[0])
        if grows and come > _UNSTABLE * taken:
            found.append(Said(
                f"{name} grows all the time: it is given {come / taken:.3g} times what is taken (its load)",
                f"{name}一直在增长：进入量是取用量的{come / taken:.3g}倍（即负荷）"))
    return found


def _stillness(outcome: Outcome) -> list[Said]:
    """Return why nothing moved any more, where that happened, with the count of replications."""
    told = [r.still for r in outcome.replications if r.still]
    if not told:
        return []
    return [Said(f"in {len(told)} of {len(outcome.replications)} replications {told[0]}",
                 f"{len(outcome.replications)}次重复中有{len(told)}次：{told[0].zh}")]
