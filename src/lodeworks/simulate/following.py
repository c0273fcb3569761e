"""Following a plan: its hourly rates as targets of the run, and where and why reality falls behind them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.errors import SimulationError
from lodeworks.network import Network
from lodeworks.simulate import layout as y
from lodeworks.simulate.engine import Outcome
from lodeworks.simulate.noted import Noted
from lodeworks.simulate.statistics import interval

if TYPE_CHECKING:
    import polars as pl

__all__ = ["against_plan", "targets_of", "with_built"]

_NEAR = 1e-6  # of a step
_SCARCELY = 5e-3  # of the time: not worth a word
_PARTS = 24  # so many parts of the time are told apart
_FOLLOWED = ("process", "route", "supply", "demand")


def targets_of(network: Network, rates: pl.DataFrame) -> dict[int, y.Floats]:
    """Return how much each activity should have done by the end of each base step, shape (steps,), by activity.

    In a window of a longer horizon it is counted from where that begins.

    Parameters
    ----------
    rates
        The plan's table of rates: element, mode, time, hours, rate.

    Raises
    ------
    SimulationError
        If the plan knows an element or mode that the chain has not, or covers another stretch of time.
    """
    import polars as pl

    act = network.activities
    number = {(network.elements[act.element[a]].name, act.mode[a]): a for a in range(len(act))}
    wanted = rates.filter(pl.col("kind").cast(pl.String).is_in(_FOLLOWED))
    found: dict[int, y.Floats] = {}
    for (element, mode), rows in wanted.group_by(["element", "mode"], maintain_order=True):
        a = number.get((str(element), str(mode)))
        if a is None:
            raise SimulationError(f"the plan is of another chain: it has {element}{f'.{mode}' if mode else ''}")
        order = rows.sort("time")
        first = (order["time"].to_numpy() - np.datetime64(network.start)) / np.timedelta64(1, "h") / network.hours
        edges = np.append(first, first[-1] + order["hours"].to_numpy()[-1] / network.hours)
        begin, end = network.span
        inside = network.cut
        if edges[0] > begin + _NEAR or edges[-1] < end - _NEAR or (not inside and (
            edges[0] < begin - _NEAR or edges[-1] > end + _NEAR
        )):
            raise SimulationError("the plan covers another stretch of time than the chain's horizon")
        sums = np.concatenate([[0.0], np.cumsum(order["rate"].to_numpy() * np.diff(edges))]) * network.hours
        steps = np.clip(np.arange(1, network.steps + 1, dtype=float), begin, end)
        found[a] = np.interp(steps, edges, sums) - np.interp(begin, edges, sums)
    return found


def with_built(network: Network, capacities: pl.DataFrame) -> Network:
    """Return a network whose plants have what the plan builds."""
    total = dict(zip(capacities["element"].to_list(), capacities["total"].to_list(), strict=True))
    existing = network.plants.existing.copy()
    for i, e in enumerate(network.plants.element):
        name = network.elements[e].name
        if network.plants.expandable[i] and name in total:
            existing[i] = total[name]
    return dataclasses.replace(network, plants=dataclasses.replace(network.plants, existing=existing))


def against_plan(outcome: Outcome, targets: dict[int, y.Floats]) -> pl.DataFrame:
    """Return what was planned beside what ran, by element and mode, and what held it back, most of it first.

    Returns
    -------
    DataFrame
        ``name, measure, unit, planned, mean, low, high, why, from, to, lost``; amounts over the whole horizon. Of who
        falls behind, most is lost from one moment to the other, of up to 24 equal parts of the time: so much.
    """
    import polars as pl

    from lodeworks.simulate.tables import run_column

    built, network = outcome.built, outcome.network
    rows = []
    for t, a in enumerate(built.activity):
        if a not in targets or built.transitions[t].endswith((".load", ".drive", ".return")):
            continue
        values = np.array([r.notes[-1, run_column(built, t) + 1] for r in outcome.replications])
        found = interval(values)
        planned = float(targets[a][-1])
        element = network.elements[network.activities.element[a]]
        behind = found.high < planned * (1 - 1e-6)
        why = _held_back(outcome, t, int(network.activities.element[a])) if behind else ""
        worst = _worst(outcome, targets[a], run_column(built, t) + 1) if behind else (None, None, None)
        name = built.transitions[t].removesuffix(".unload")
        rows.append((name, "amount", element.unit, planned, found.mean, found.low, found.high, why, *worst))
    return pl.DataFrame(rows, orient="row", schema={
        "name": pl.String, "measure": pl.String, "unit": pl.String, "planned": pl.Float64, "mean": pl.Float64,
        "low": pl.Float64, "high": pl.Float64, "why": pl.String,
        "from": pl.Datetime("ms"), "to": pl.Datetime("ms"), "lost": pl.Float64,
    })


def _worst(outcome: Outcome, target: y.Floats, column: int) -> tuple[dt.datetime, dt.datetime, float]:
    """Return in which part of the time most falls behind a target, from when to when, and how much there."""
    network, marks = outcome.network, outcome.built.model.marks
    first, last = network.span
    ends = (np.clip(np.arange(1, network.steps + 1, dtype=float), first, last) - first) * network.hours
    which = int(np.flatnonzero(outcome.followed == column)[0])
    made = np.mean([r.followed[:, which] for r in outcome.replications], axis=0)
    behind = np.interp(marks, np.append(0.0, ends), np.append(0.0, target)) - made
    edges = np.unique(np.linspace(0, len(marks), min(_PARTS, len(marks)) + 1).round().astype(np.int64))
    times, sums = np.append(0.0, marks)[edges], np.append(0.0, behind)[edges]
    k = int(np.argmax(np.diff(sums)))
    begin, end = (network.moment.replace(tzinfo=None) + dt.timedelta(hours=float(h)) for h in times[k : k + 2])
    return begin, end, float(sums[k + 1] - sums[k])


def _held_back(outcome: Outcome, t: int, e: int) -> str:
    """Return the states of a group other than at work and waiting for the plan, by their share of its time.

    Where a route loads and unloads at no points of its own, it is where its fleet's vehicles stood instead.
    """
    from lodeworks.simulate.tables import group_column

    built = outcome.built
    gi, g = built.tables["gi"], int(built.tables["ti"][t, y.T_GROUP])
    machines = int(gi[g, y.G_M1] - gi[g, y.G_M0])
    if machines == 0:
        return _stood(outcome, e)
    at = group_column(built, g)
    hours = float(built.model.marks[-1]) * machines
    shares = np.mean([r.notes[-1, at : at + y.STATES] for r in outcome.replications], axis=0) / hours
    idle = [k for k in np.argsort(-shares) if k not in (y.WORKING, y.ON_PLAN) and shares[k] > _SCARCELY]
    return ", ".join(f"{y.STATE_NAMES[k]} {shares[k]:.1%}" for k in idle)


def _stood(outcome: Outcome, e: int) -> str:
    """Return where the vehicles of a route's fleet stood, by their share of its time; nothing where it has none."""
    built, network = outcome.built, outcome.network
    haul = network.discrete.hauls.get(e)
    if haul is None:
        return ""
    fleet = network.elements[haul.fleet].name
    count = next((vehicles.count for vehicles in built.fleets if vehicles.name == fleet), 0)
    hours = float(built.model.marks[-1]) * count
    shares = {}
    for what in ("waiting", "to refuel", "to service"):
        if count and f"{fleet} {what}" in built.places:
            at = Noted.AREA.of(built.places.index(f"{fleet} {what}"))
            shares[what] = float(np.mean([r.notes[-1, at] for r in outcome.replications])) / hours
    stood = sorted((what for what in shares if shares[what] > _SCARCELY), key=lambda what: -shares[what])
    return ", ".join(f"{what} {shares[what]:.1%}" for what in stood)
