"""From replications to tables: what every place, transition and machine group did, with intervals over replications.

Means are taken after the warm-up, of each replication first; the interval is that of the replications' means. Nothing
is simulated and nothing is drawn here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.network.names import commodities, elements
from lodeworks.simulate import layout as y
from lodeworks.simulate.choices import choices_table
from lodeworks.simulate.cooling import cooling_of, temperatures, too_cold
from lodeworks.simulate.draft import Built
from lodeworks.simulate.engine import Outcome
from lodeworks.simulate.noted import Noted
from lodeworks.simulate.orders import deliveries, orders_table
from lodeworks.simulate.statistics import Interval, interval, quantile_interval, wilson
from lodeworks.simulate.stays import histograms, stays, waits

if TYPE_CHECKING:
    import polars as pl

__all__ = ["group_column", "levels_between_marks", "measured_stretch", "measures", "run_column", "simulation_tables"]

_WORDS = {  # what a row measures: its unit, from the place's own
    "level": "{unit}", "lots": "lots", "in": "{unit}/h", "out": "{unit}/h", "wait": "h", "age": "h",
    "expired": "{unit}/h", "reneged": "{unit}/h", "turned away": "{unit}/h", "let go": "{unit}/h", "late": "share",
    "tardiness": "h", "temperature": "degC", "too cold": "share",
}

_HAPPENS = ("expired", "reneged", "turned away", "let go", "late", "too cold", "down", "blocked",
            "no vehicle")


def measures(outcome: Outcome) -> dict[tuple[str, str, str], y.Floats]:
    """Return for each (kind, name, measure) its mean over time in every replication, shape (replications,)."""
    built, first = outcome.built, _first_mark(outcome)
    row_of_first = int(np.searchsorted(outcome.kept, first))
    begin, end = measured_stretch(outcome)
    hours = end - begin
    notes = np.stack([
        r.notes[-1] - (r.notes[row_of_first] if first >= 0 else 0.0) for r in outcome.replications
    ])
    found: dict[tuple[str, str, str], y.Floats] = {}
    hidden = built.hidden_places
    for p, name in enumerate(built.places):
        if p in hidden:
            continue
        area, lots, into, out, _, stay, expired, reneged, refused, let, _, n_out, _, late, tardy, n_lost, age = (
            notes[:, which.of(p)] for which in Noted
        )
        kind = "queue" if built.tables["pi"][p, y.P_KIND] == y.KIND_QUEUE else "exit"
        left = np.maximum(n_out, 1.0)
        gone = out + expired + reneged
        row = {"level": area / hours, "lots": lots / hours, "in": into / hours, "out": out / hours,
               "wait" if kind == "queue" else "age": stay / np.maximum(n_out + n_lost, 1.0), "expired": expired / hours,
               "reneged": reneged / hours, "turned away": refused / hours, "let go": let / hours,
               "late": late / left, "tardiness": tardy / np.where(late > 0.0, late, 1.0)}
        since_made = age / np.where(gone > 0.0, gone, 1.0)  # of what leaves
        if kind == "queue":
            row["age"] = since_made
        if (cooling := cooling_of(outcome, p)) is not None:
            if np.all(gone > 0.0):  # it cools evenly, so its mean is that of the mean age
                row["temperature"] = cooling.at(since_made)
            if (cold := too_cold(outcome, p)) is not None:
                row["too cold"] = cold
        for measure, values in row.items():
            found[kind, name, measure] = values
    at, hidden = run_column(built, 0), built.hidden_transitions
    for t, name in enumerate(built.transitions):
        if t not in hidden:
            found["run", name, "started"] = notes[:, at] / hours
            found["run", name, "rate"] = notes[:, at + 1] / hours
            found["run", name, "under way"] = notes[:, at + 2] / hours
        at += y.NOTES_TRANSITION
    hidden = built.hidden_groups
    for g, name in enumerate(built.groups):
        machines = int(built.tables["gi"][g, y.G_M1] - built.tables["gi"][g, y.G_M0])
        for k, state in enumerate(y.STATE_NAMES):
            if machines and g not in hidden:
                found["machines", name, state] = notes[:, at + k] / (hours * machines)
        at += y.STATES
    for name in built.pools:
        there = notes[:, at + 1]
        found["pool", name, "used"] = notes[:, at] / np.where(there > 0.0, there, 1.0)
        at += y.NOTES_POOL
    for passes in built.passes:
        held = bool(np.any(built.model.uses[:, y.U_POOL] == built.pools.index(passes.pool)))
        used = sum((use * notes[:, run_column(built, t)] for t, use in passes.members), np.zeros(len(notes)))
        most = passes.amount * _open_hours(built, passes.series, begin, end)
        found["pool", passes.pool, "used by rates" if held else "used"] = used / (most if most > 0.0 else 1.0)
    return found


def measured_stretch(outcome: Outcome) -> tuple[float, float]:
    """Return from which hour to which a simulation's means are taken."""
    marks, first = outcome.built.model.marks, _first_mark(outcome)
    return 0.0 if first < 0 else float(marks[first]), float(marks[-1])


def _first_mark(outcome: Outcome) -> int:
    """Return the number of the mark at which the warm-up is over; below nought where there is none."""
    marks = outcome.built.model.marks
    return int(np.searchsorted(marks, outcome.warm_up, side="left")) if outcome.warm_up > 0.0 else -1


def _open_hours(built: Built, series: int, begin: float, end: float) -> float:
    """Return how many hours at full amount a pool has between two instants."""
    if series == y.NONE:
        return end - begin
    worked, (step, over) = built.model.worked[series], built.model.step
    at = np.interp(np.array([begin, end]) + over, np.arange(len(worked)) * step, worked)
    return float(at[1] - at[0])


def run_column(built: Built, t: int) -> int:
    """Return where a transition's sums begin in a row of notes: started, made, jobs × time."""
    return y.NOTES_PLACE * len(built.places) + y.NOTES_TRANSITION * t


def group_column(built: Built, g: int) -> int:
    """Return where a group's hours in each state begin in a row of notes."""
    return run_column(built, len(built.transitions)) + y.STATES * g


def levels_between_marks(outcome: Outcome, p: int) -> y.Floats:
    """Return a place's mean level between marks in every replication, shape (replications, marks)."""
    marks = outcome.built.model.marks
    areas = np.stack([r.areas[:, p] for r in outcome.replications])
    means: y.Floats = np.diff(areas, axis=1, prepend=0.0) / np.diff(marks, prepend=0.0)
    return means


def simulation_tables(outcome: Outcome) -> dict[str, pl.DataFrame]:
    """Return the tables of a run.

    `statistics` holds means with intervals, `spread` what single replications may give, `chances` in how many of them
    something happened, `waits` quantiles of stays and `stays` their distribution, `orders` when those that come once
    are delivered and `deliveries` that in each replication, `temperatures` of what cools, `levels` means over time.
    """
    import polars as pl

    rows: list[tuple[Any, ...]] = []
    each: list[tuple[str, str, str, int, float]] = []
    for (kind, name, measure), values in measures(outcome).items():
        if kind in ("machines", "pool"):
            unit = "share"
        elif kind == "run":
            unit = "runs" if measure == "under way" else f"{_unit_of_run(outcome, name)}/h"
        else:
            unit = _WORDS[measure].format(unit=outcome.built.units[outcome.built.places.index(name)])
        found: Interval = interval(values)
        low, high = (max(0.0, found.low), min(1.0, found.high)) if unit == "share" else (found.low, found.high)
        if kind in ("machines",) and not np.any(values):
            continue
        each += [(kind, name, measure, i, float(value)) for i, value in enumerate(values)]
        rows.append((kind, name, measure, found.mean, low, high, found.count, unit))
    statistics = pl.DataFrame(rows, orient="row", schema={
        "kind": pl.String, "name": pl.String, "measure": pl.String, "mean": pl.Float64, "low": pl.Float64,
        "high": pl.Float64, "replications": pl.Int64, "unit": pl.String,
    })
    replications = pl.DataFrame(each, orient="row", schema={
        "kind": pl.String, "name": pl.String, "measure": pl.String, "replication": pl.Int64, "value": pl.Float64,
    })
    each_order, counted = deliveries(outcome), histograms(outcome)
    return {"elements": elements(outcome.network), "commodities": commodities(outcome.network),
            "statistics": statistics, "replications": replications, "spread": _spread(replications),
            "chances": _chances(replications), "waits": waits(counted), "stays": stays(counted),
            "orders": orders_table(each_order, float(outcome.built.model.marks[-1])), "deliveries": each_order,
            "temperatures": temperatures(outcome), "levels": _levels(outcome), "choices": choices_table(outcome)}


def _spread(replications: pl.DataFrame) -> pl.DataFrame:
    """Return quantiles of each mean over replications, with intervals by order statistics; infinite where too few."""
    import polars as pl

    rows = []
    for key, each in replications.group_by("kind", "name", "measure", maintain_order=True):
        values = each["value"].to_numpy()
        if np.ptp(values) > 0.0:
            for q in (0.1, 0.5, 0.9):
                found = quantile_interval(values, q)
                rows.append((*key, q, found.mean, found.low, found.high))
    return pl.DataFrame(rows, orient="row", schema={
        "kind": pl.String, "name": pl.String, "measure": pl.String, "quantile": pl.Float64, "value": pl.Float64,
        "low": pl.Float64, "high": pl.Float64,
    })


def _chances(replications: pl.DataFrame) -> pl.DataFrame:
    """Return the share of replications in which something that need not happen did, with Wilson's interval."""
    import polars as pl

    rows = []
    told = replications.filter(pl.col("measure").is_in(_HAPPENS))
    for key, each in told.group_by("kind", "name", "measure", maintain_order=True):
        hits = int((each["value"] > 0.0).sum())
        if hits:
            found = wilson(hits, len(each))
            rows.append((*key, found.mean, found.low, found.high, found.count))
    return pl.DataFrame(rows, orient="row", schema={
        "kind": pl.String, "name": pl.String, "measure": pl.String, "share": pl.Float64, "low": pl.Float64,
        "high": pl.Float64, "replications": pl.Int64,
    })


def _unit_of_run(outcome: Outcome, name: str) -> str:
    activity = outcome.built.activity[outcome.built.transitions.index(name)]
    if activity == y.NONE:
        return "runs"
    return outcome.network.elements[outcome.network.activities.element[activity]].unit


def _levels(outcome: Outcome) -> pl.DataFrame:
    """Return the mean level of every place between marks: mean over replications and its 10 and 90 % quantiles."""
    import polars as pl

    marks = outcome.built.model.marks
    frames, hidden = [], outcome.built.hidden_places
    for p, name in enumerate(outcome.built.places):
        if p in hidden or outcome.built.tables["pi"][p, y.P_KIND] == y.KIND_EXIT:
            continue
        means = levels_between_marks(outcome, p)
        low, high = np.quantile(means, [0.1, 0.9], axis=0)
        frames.append(pl.DataFrame({
            "name": [name] * len(marks), "hour": marks, "mean": means.mean(axis=0), "low": low, "high": high,
        }))
    return pl.concat(frames) if frames else pl.DataFrame()
