"""Replaying one replication with a trace: what each machine and vehicle did, which lots went where, and levels.

A replay draws the same numbers as the replication it repeats and ends in the same state; only what is written down
differs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lodeworks.errors import SimulationError
from lodeworks.simulate import layout as y
from lodeworks.simulate.addresses import addresses
from lodeworks.simulate.build import fresh_state, keyed
from lodeworks.simulate.draft import Built
from lodeworks.simulate.engine import fill
from lodeworks.simulate.native import compiled_kernel
from lodeworks.simulate.variants import VARIANTS

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Traced", "replay", "trace_tables"]

_ROWS = 1 << 16
_STRETCH = 4000
_MOST_ROWS = 20_000_000


@dataclass(frozen=True, eq=False)
class Traced:
    """The rows of a trace between two instants, and how things stood at the first.

    Attributes
    ----------
    rows
        As `layout` describes them, shape (rows, columns).
    levels, states
        Of places and machines at the first instant.
    """

    rows: y.Floats
    begin: float
    end: float
    levels: y.Floats
    states: y.Ints
    final: y.State


def replay(built: Built, seed: int, replication: int, begin: float, end: float) -> Traced:
    """Run a replication again to its horizon and keep the trace between two instants (hours since the start).

    Raises
    ------
    SimulationError
        If there is more to write down than memory should hold.
    """
    m = keyed(built, seed, replication)
    kernel = compiled_kernel(VARIANTS[-1])  # which alone keeps a trace
    lots = 1 << 14
    while True:
        s = fresh_state(built, lots, _ROWS)
        where = addresses(m, s)
        fill(kernel, built, where, s, seed, replication)
        kept: list[y.Floats] = []
        levels, states = np.zeros(len(s.pi)), s.mi[:, y.M_STATE].copy()
        code = kernel.begin(where)
        while True:
            traced = s.trace[: s.c[y.C_TRACED]]
            inside = traced[(traced[:, 0] >= begin) & (traced[:, 0] <= end)]
            _bring_forward(traced[traced[:, 0] < begin], levels, states)
            if len(inside):
                kept.append(inside.copy())
            s.c[y.C_TRACED] = 0
            if sum(len(rows) for rows in kept) > _MOST_ROWS:
                raise SimulationError(f"a trace of more than {_MOST_ROWS:,} rows; ask for fewer hours")
            if code not in (y.PAUSED, y.TRACE_FULL):
                break
            code = kernel.run(where, _STRETCH)
        if code != y.FULL:
            rows = np.concatenate(kept) if kept else np.zeros((0, y.TRACE_COLUMNS))
            return Traced(rows, begin, end, levels, states, s)
        lots *= 4


def _bring_forward(rows: y.Floats, levels: y.Floats, states: y.Ints) -> None:
    """Apply what happened before the first instant."""
    for kind, sign in ((y.TRACE_IN, 1.0), (y.TRACE_OUT, -1.0), (y.TRACE_LOST, -1.0)):
        chosen = rows[rows[:, 1] == kind]
        if kind == y.TRACE_LOST:
            chosen = chosen[chosen[:, 3] < 2.0]
        np.add.at(levels, chosen[:, 2].astype(int), sign * chosen[:, 5])
    changed = rows[rows[:, 1] == y.TRACE_STATE]
    states[changed[:, 2].astype(int)] = changed[:, 3].astype(int)


def trace_tables(built: Built, traced: Traced) -> dict[str, pl.DataFrame]:
    """Return the tables of a trace.

    Returns
    -------
    dict
        ``gantt``: what each machine and vehicle did from when to when; ``motion``: batches from place to place and
        levels as they changed; ``lots``: which lot came into which place when, of which run, and which run took it.
        Hours since the start throughout. Passes of pools are left out.
    """
    traced = replace(traced, rows=traced.rows[~_hidden(built, traced.rows)])
    return {"gantt": _gantt(built, traced), "motion": _motion(built, traced), "lots": _lots(traced, built)}


def _hidden(built: Built, rows: y.Floats) -> npt.NDArray[np.bool_]:
    """Return which rows tell of passes of pools, which are nobody's stock and nobody's work."""
    kind, what, group = rows[:, 1].astype(int), rows[:, 2].astype(int), rows[:, 4].astype(int)
    run, state = np.isin(kind, (y.TRACE_START, y.TRACE_END)), kind == y.TRACE_STATE
    found: npt.NDArray[np.bool_] = (
        (run & np.isin(what, list(built.hidden_transitions))) | (state & np.isin(group, list(built.hidden_groups)))
        | (~run & ~state & np.isin(what, list(built.hidden_places))))
    return found


def _gantt(built: Built, traced: Traced) -> pl.DataFrame:
    import polars as pl

    machine_group = built.tables["mi"][:, y.M_GROUP]
    gi = built.tables["gi"]
    closed = [_closed(built, int(series), traced.begin, traced.end) for series in gi[:, y.G_SERIES]]
    rows: list[tuple[str, int, str, str, float, float]] = []
    last: dict[int, int] = {}  # of each machine its last row
    state = traced.states.astype(int).copy()
    since = np.full(len(state), traced.begin)
    doing = np.full(len(state), -1)

    def add(machine: int, what: str, name: str, start: float, end: float) -> None:
        at = last.get(machine)
        if at is not None and not what and rows[at][2:4] == ("", name) and rows[at][5] == start:
            rows[at] = (*rows[at][:5], end)  # it went on being idle for the same reason
            return
        g = int(machine_group[machine])
        last[machine] = len(rows)
        rows.append((built.groups[g], machine - int(gi[g, y.G_M0]) + 1, what, name, start, end))

    def close(machine: int, at: float) -> None:
        begin, g, now = float(since[machine]), int(machine_group[machine]), state[machine]
        if at <= begin:
            return
        what = built.transitions[doing[machine]] if doing[machine] >= 0 and now <= y.SETUP else ""
        if now == y.BLOCKED or (now == y.WORKING and gi[g, y.G_SHIFT] != y.SHIFT_FINISH):  # as its shares are counted
            for off, on in closed[g]:
                if begin < off < at:
                    add(machine, what, y.STATE_NAMES[now], begin, off)
                if on > begin and off < at:
                    add(machine, "", y.STATE_NAMES[y.OFF_SHIFT], max(begin, off), min(at, on))
                    begin = min(at, on)
        if begin < at:
            add(machine, what, y.STATE_NAMES[now], begin, at)

    away: dict[int, tuple[int, float]] = {}
    for at, kind, a, b, _, _, d in traced.rows:
        if kind == y.TRACE_STATE:
            machine = int(a)
            close(machine, float(at))
            state[machine], since[machine] = int(b), at
        elif kind == y.TRACE_START:
            if b >= 0.0:
                doing[int(b)] = int(a)
            if d >= 0.0:
                away[int(d)] = int(a), float(at)
        elif kind == y.TRACE_END and d >= 0.0:
            t, start = away.pop(int(d), (int(a), traced.begin))
            rows.append((*_vehicle(built, int(d)), built.transitions[t], "working", start, float(at)))
    hidden = built.hidden_groups
    for machine in range(len(state)):
        if int(machine_group[machine]) not in hidden:
            close(machine, traced.end)
    for vehicle, (t, start) in away.items():
        rows.append((*_vehicle(built, vehicle), built.transitions[t], "working", start, traced.end))
    return pl.DataFrame(rows, orient="row", schema={
        "group": pl.String, "machine": pl.Int64, "what": pl.String, "state": pl.String, "start": pl.Float64,
        "end": pl.Float64,
    }).sort("group", "machine", "start")


def _closed(built: Built, series: int, begin: float, end: float) -> list[tuple[float, float]]:
    """Return from when to when a group is off shift between two instants; what it has begun waits meanwhile."""
    if series == y.NONE:
        return []
    step, over = (float(value) for value in built.model.step)
    k = np.arange(int((begin + over) // step), int(np.ceil((end + over) / step)) + 1)
    off = np.diff(built.model.on[series])[k % built.model.series.shape[1]] <= 0.0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], off, [False]])))
    at = (k[0] + edges) * step - over
    return [(float(a), float(b)) for a, b in zip(at[::2], at[1::2], strict=True)]


def _vehicle(built: Built, number: int) -> tuple[str, int]:
    """Return the fleet and the number within it, from one, of a vehicle."""
    for fleet in built.fleets:
        if number < fleet.count:
            return fleet.name, number + 1
        number -= fleet.count
    raise IndexError(number)


def _motion(built: Built, traced: Traced) -> pl.DataFrame:
    import polars as pl

    ti, ai, hidden = built.tables["ti"], built.tables["ai"], built.hidden_places
    ends = {int(row[4]): float(row[0]) for row in traced.rows[traced.rows[:, 1] == y.TRACE_END]}
    rows: list[tuple[float, str, str, str, str, float, float]] = [
        (traced.begin, "level", built.places[p], "", "", traced.begin, float(level))
        for p, level in enumerate(traced.levels) if p not in hidden
    ]
    levels = traced.levels.copy()
    for at, kind, a, b, c, x, _ in traced.rows:
        if kind == y.TRACE_START:
            t = int(a)
            inputs = ti[t, y.T_IN1] - ti[t, y.T_IN0] - ti[t, y.T_PASSES]
            source = built.places[ai[ti[t, y.T_IN0], y.A_PLACE]] if inputs > 0 else ""
            target = built.places[ai[ti[t, y.T_OUT0], y.A_PLACE]] if ti[t, y.T_OUT1] > ti[t, y.T_OUT0] else ""
            end = ends.get(int(c), traced.end)
            rows.append((float(at), "run", built.transitions[t], source, target, end, float(x)))
        elif kind in (y.TRACE_IN, y.TRACE_OUT) or (kind == y.TRACE_LOST and b < 2.0):
            p = int(a)
            levels[p] += x if kind == y.TRACE_IN else -x
            rows.append((float(at), "level", built.places[p], "", "", float(at), float(levels[p])))
    return pl.DataFrame(rows, orient="row", schema={
        "hour": pl.Float64, "kind": pl.String, "name": pl.String, "from": pl.String, "to": pl.String, "end": pl.Float64,
        "value": pl.Float64,
    })


def _lots(traced: Traced, built: Built) -> pl.DataFrame:
    """Return the genealogy: a lot's run of origin, and the run that took it, by their numbers."""
    import polars as pl

    names = {y.TRACE_IN: "in", y.TRACE_OUT: "out", y.TRACE_LOST: "lost"}
    chosen = traced.rows[np.isin(traced.rows[:, 1], list(names))]
    lost = chosen[:, 1] == y.TRACE_LOST
    chosen = chosen[~lost | (chosen[:, 3] < 2.0)]
    lost = chosen[:, 1] == y.TRACE_LOST
    return pl.DataFrame({
        "hour": chosen[:, 0], "what": [names[int(kind)] for kind in chosen[:, 1]],
        "place": [built.places[int(p)] for p in chosen[:, 2]],
        "lot": np.where(lost, chosen[:, 6], chosen[:, 3]).astype(int),
        "run": np.where(lost, y.NONE, chosen[:, 4]).astype(int), "amount": chosen[:, 5],
    })
