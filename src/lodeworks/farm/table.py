"""The one table of a farm: a row a scenario, what was varied, how it ended, the objective and the figures asked for.

Figures are sums over a run's own tables, exact whatever the order of their rows, so that every way of running a farm
gives the same table to the last digit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lodeworks.errors import nearest
from lodeworks.farm.scenarios import Scenario

if TYPE_CHECKING:
    import polars as pl

    from lodeworks.runs import Run

__all__ = ["default_figures", "figure_fault", "figure_of", "result_table"]

_KINDS = {
    "plan": ("money", "amount", "capacity", "built", "use", "value"),
    "simulate": ("mean", "low", "high"),
}
_CAPACITIES = {"capacity": "total", "built": "built", "use": "utilisation"}


def figure_fault(verb: str, name: str) -> str:
    """Return what would be right where `name` is no figure of such a run; empty where it is one."""
    kinds = _KINDS.get(verb, ())
    kind, dot, rest = name.partition(".")
    if kind in kinds and dot and rest and (verb != "simulate" or "." in rest):
        return ""
    near = nearest(kind, kinds)
    hint = f"; did you mean {near!r}?" if near and near != kind else ""
    form = "NAME.MEASURE" if verb == "simulate" else "NAME"
    return ", ".join(f"{word}.{form}" for word in kinds) + hint


def default_figures(runs: Sequence[Run]) -> tuple[str, ...]:
    """Return the figures shown where none are asked for: money by item and what may be built, or what left."""
    names: dict[str, None] = {}
    for run in runs:
        if run.manifest["kind"] == "plan":
            names |= dict.fromkeys(f"money.{item}" for item in run.table("costs")["item"].unique(maintain_order=True))
            for row in run.table("capacities").filter(_buildable()).iter_rows(named=True):
                names[f"built.{row['element']}"] = None
        elif run.manifest["kind"] == "simulation":
            rows = run.table("statistics").iter_rows(named=True)
            chosen = [row["name"] for row in rows if row["kind"] == "exit" and row["measure"] == "in" and row["mean"]]
            names |= dict.fromkeys(f"{part}.{name}.in" for name in chosen for part in ("mean", "low", "high"))
    return tuple(names)


def _buildable() -> pl.Expr:
    import polars as pl

    return pl.col("buildable") > 0.0


def figure_of(run: Run, name: str) -> tuple[float | None, str]:
    """Return a figure of a run and its unit; None where the run has nothing of that name."""
    kind, _, what = name.partition(".")
    if run.manifest["kind"] == "simulation":
        element, _, measure = what.rpartition(".")
        return _statistic(run, kind, element, measure)
    if kind == "money":
        rows = [r for r in run.table("costs").iter_rows(named=True) if what in (r["item"], r["element"])]
        return (math.fsum(r["amount"] for r in rows), run.manifest["currency"]) if rows else (None, "")
    if kind in _CAPACITIES:
        rows = [r for r in run.table("capacities").iter_rows(named=True) if r["element"] == what]
        return (rows[0][_CAPACITIES[kind]], "" if kind == "use" else rows[0]["unit"]) if rows else (None, "")
    if kind == "amount":
        return _amount(run, what)
    return _value(run, what)


def _statistic(run: Run, kind: str, element: str, measure: str) -> tuple[float | None, str]:
    for row in run.table("statistics").iter_rows(named=True):
        if row["name"] == element and row["measure"] == measure:
            return row[kind], row["unit"]
    return None, ""


def _amount(run: Run, element: str) -> tuple[float | None, str]:
    """What an element ran, carried or traded over the horizon, in its own unit."""
    rows = _named(run.table("rates"), "element", element)
    if rows.is_empty():
        return None, ""
    unit = str(rows["unit"].cast(str)[0]).removesuffix("/h")
    return math.fsum(r * h for r, h in zip(rows["rate"].to_list(), rows["hours"].to_list(), strict=True)), unit


def _value(run: Run, commodity: str) -> tuple[float | None, str]:
    """The mean marginal value of a commodity over time and its balances."""
    rows = _named(run.table("marginal_values"), "commodity", commodity)
    rows = _named(rows, "what", "balance")
    if rows.is_empty():
        return None, ""
    hours = rows["hours"].to_list()
    total = math.fsum(v * h for v, h in zip(rows["value"].to_list(), hours, strict=True))
    return total / math.fsum(hours), str(rows["unit"].cast(str)[0])


def _named(table: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    import polars as pl

    return table.filter(pl.col(column).cast(pl.String) == name)


def result_table(
    scenarios: Sequence[Scenario], found: Mapping[str, Mapping[str, Any]], runs: Mapping[str, Run],
    figures: Sequence[str],
) -> pl.DataFrame:
    """Return the table, scenarios in the order of the file.

    Parameters
    ----------
    found
        For each scenario that has ended: status, why, seconds.
    runs
        The run folders of those that have one.
    """
    import polars as pl

    varied = list(dict.fromkeys(key for scenario in scenarios for key in scenario.varied))
    rows, units = [], _units(runs.values(), figures)
    for scenario in scenarios:
        end = found.get(scenario.name, {"status": "not run"})
        run = runs.get(scenario.name)
        objective = (run.manifest.get("objective") or {}) if run is not None else {}
        values = [figure_of(run, name)[0] if run is not None else None for name in figures]
        rows.append((
            scenario.name, *(scenario.varied.get(key) for key in varied), end["status"], objective.get("value"),
            objective.get("unit"), *values, end.get("why") or None, end.get("seconds"),
        ))
    headings = [f"{name} [{units[name]}]" if units[name] else name for name in figures]
    schema: dict[str, Any] = {
        "scenario": pl.String, **dict.fromkeys(varied, pl.String), "status": pl.String, "objective": pl.Float64,
        "unit": pl.String, **dict.fromkeys(headings, pl.Float64), "why": pl.String, "seconds": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _units(runs: Any, figures: Sequence[str]) -> dict[str, str]:
    units = dict.fromkeys(figures, "")
    for run in runs:
        for name in figures:
            units[name] = units[name] or figure_of(run, name)[1]
        if all(units.values()):
            break
    return units
