"""A plan as its user holds it: a manifest and tables, from memory or from a run folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.plan.engine import Answer

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Plan", "plan_manifest"]


class Plan:
    """A verified plan: thin reader over its tables.

    Attributes
    ----------
    manifest
        What ran, on which chain, how it ended and how it was verified.
    chain
        The chain as it was read, as plain data.
    """

    def __init__(
        self,
        manifest: Mapping[str, Any],
        tables: Mapping[str, pl.DataFrame],
        chain: Mapping[str, Any],
        *,
        picture: Callable[[Plan], str] | None = None,
    ) -> None:
        self.manifest = dict(manifest)
        self.chain = dict(chain)
        self._tables = tables
        self._picture = picture

    def table(self, name: str) -> pl.DataFrame:
        """Return a table by name."""
        return self._tables[name]

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of all tables."""
        return tuple(self._tables)

    @property
    def objective(self) -> float:
        """The objective's value, in ``manifest["objective"]["unit"]``."""
        return float(self.manifest["objective"]["value"])

    @property
    def flows(self) -> pl.DataFrame:
        """What every element brings to or takes from every balance, by step."""
        return self.table("flows")

    @property
    def levels(self) -> pl.DataFrame:
        """What every store holds, by step."""
        return self.table("levels")

    @property
    def capacities(self) -> pl.DataFrame:
        """How much there is of every capacity, how it is used and what one more unit is worth."""
        return self.table("capacities")

    @property
    def marginal_values(self) -> pl.DataFrame:
        """What one more unit of everything is worth, by step."""
        return self.table("marginal_values")

    @property
    def costs(self) -> pl.DataFrame:
        """Where money comes from and goes to."""
        return self.table("costs")

    @property
    def unserved(self) -> pl.DataFrame:
        """What demands that may fall short did not get, by step."""
        return self.table("unserved")

    def write(self, folder: str | Path, *, replace: bool = False) -> Path:
        """Write the run folder, whole or not at all, and return it."""
        import json

        from lodeworks.runs import write_run

        documents = {"chain.json": json.dumps(self.chain, ensure_ascii=False, indent=1)}
        return write_run(Path(folder), self.manifest, dict(self._tables), documents, replace=replace)

    def _repr_html_(self) -> str | None:
        """What a notebook shows: the picture given by whoever made the plan, since no engine draws."""
        return self._picture(self) if self._picture is not None else None

    def __repr__(self) -> str:
        objective = self.manifest["objective"]
        return (
            f"Plan({self.manifest['chain']!r}, {self.manifest['status']}, "
            f"{objective['goal']} {objective['value']:,.6g} {objective['unit']}, "
            f"{'verified' if self.manifest['verified'] else 'not verified'})"
        )


def plan_manifest(answer: Answer) -> dict[str, Any]:
    """Return what the manifest says of an answer: how it ended, its size and how it was verified."""
    from importlib.metadata import version

    net, residuals = answer.network, answer.residuals
    objective = answer.program.objective(answer.x)
    solver = {"name": "HiGHS", "version": version("highspy"), "method": answer.method, "iterations": answer.iterations}
    if answer.race:
        solver["race"] = [asdict(runner) for runner in answer.race]
    return {
        "kind": "plan",
        "chain": net.name,
        "title": {"en": net.title_en, "zh": net.title_zh},
        "status": answer.status,
        "objective": {"goal": net.objective.goal, "value": objective, "unit": net.objective.unit},
        "verified": answer.verified,
        "residuals": {"primal": residuals.primal, "dual": residuals.dual, "gap": residuals.gap,
                      "complementarity": residuals.complementarity},
        "mip_gap": answer.gap,
        "duals": answer.duals,
        "size": answer.program.size,
        "solver": solver,
        "horizon": {"start": net.start.isoformat(), "step_h": net.hours, "steps": net.steps,
                    **({"segments": net.segments} if net.segments else {})},
        "currency": net.currency,
    }
