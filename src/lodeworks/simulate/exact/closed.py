"""Which chains are closed networks of queues in product form, and their means by mean-value analysis.

A fixed number of tokens (cases in stores, vehicles of a fleet) go round: each run takes one and gives one back. What
else a run takes must be there without limit, what else it gives must leave. Everything waits in one queue for one kind
of machines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lodeworks.simulate import layout as y
from lodeworks.simulate.draft import Built
from lodeworks.simulate.exact.measured import LITTLE, Answers
from lodeworks.simulate.exact.mva import Station, mean_values

__all__ = ["Ring", "answers_of_rings", "rings_of"]


@dataclass(frozen=True)
class Ring:
    """Tokens that go round: the runs they pass, where they wait before each, and how often they pass it in a round."""

    tokens: int
    runs: tuple[int, ...]
    places: tuple[int, ...]
    stations: tuple[Station, ...]


def rings_of(built: Built) -> tuple[Ring, ...] | None:
    """Return the closed networks a chain is made of, or None where it is not made of such alone."""
    return _Reading(built).rings()


def answers_of_rings(built: Built, rings: tuple[Ring, ...]) -> Answers:
    """Return the long-run means, by kind, name and measure, as `measured.answers` does."""
    found: Answers = {}
    ti, tf, ai, pi = (built.tables[k] for k in ("ti", "tf", "ai", "pi"))
    flows = np.zeros((2, len(pi)))  # what comes into each place and goes out of it
    for ring in rings:
        closed = mean_values(list(ring.stations), ring.tokens)
        for t, p, station, present in zip(ring.runs, ring.places, ring.stations, closed.present, strict=True):
            rate = closed.rounds * station.visits
            busy = rate * station.service
            name, batch = built.transitions[t], float(tf[t, y.T_BATCH])
            found |= {("run", name, "started"): rate * batch, ("run", name, "rate"): rate * batch,
                      ("run", name, "under way"): busy}
            token = _amount(built, int(_token_arcs(built, t, first=True)[0]))
            waiting = max(0.0, float(present) - busy) * token
            found |= {("queue", built.places[p], "level"): waiting, ("queue", built.places[p], "lots"): waiting / token}
            found["queue", built.places[p], LITTLE] = waiting / (rate * token)
            if station.servers:
                why = y.NO_VEHICLE if ai[ti[t, y.T_IN0], y.A_ROLE] != y.ROLE_PLAIN else y.STARVED
                group = built.groups[ti[t, y.T_GROUP]]
                found["machines", group, "working"] = busy / station.servers
                found["machines", group, y.STATE_NAMES[why]] = 1.0 - busy / station.servers
            for a in range(ti[t, y.T_IN0], ti[t, y.T_OUT1]):
                q = int(ai[a, y.A_PLACE])
                way = int(a < ti[t, y.T_IN1])
                flows[way, q] += rate * _amount(built, a) * _share(built, t, a)
                if way and pi[q, y.P_SPRING]:
                    flows[0, q] += rate * _amount(built, a)
    for p, name in enumerate(built.places):
        kind = "exit" if pi[p, y.P_KIND] == y.KIND_EXIT else "queue"
        found[kind, name, "in"] = float(flows[0, p])
        found[kind, name, "out"] = float(flows[0 if kind == "exit" else 1, p])
    return {key: float(value) for key, value in found.items()}


def _amount(built: Built, a: int) -> float:
    plain = built.tables["ai"][a, y.A_ROLE] == y.ROLE_PLAIN
    return float(built.tables["af"][a, y.A_AMOUNT]) if plain else 1.0


def _share(built: Built, t: int, a: int) -> float:
    """Return with which chance an arc happens in a run."""
    ti, af = built.tables["ti"], built.tables["af"]
    if not ti[t, y.T_CHANCE] or a < ti[t, y.T_OUT0] or af[a, y.A_CHANCE] > 1.5:
        return 1.0
    before = [float(af[b, y.A_CHANCE]) for b in range(ti[t, y.T_OUT0], a) if af[b, y.A_CHANCE] <= 1.5]
    return float(af[a, y.A_CHANCE]) - (before[-1] if before else 0.0)


def _token_arcs(built: Built, t: int, *, first: bool) -> list[int]:
    """Return the arcs by which tokens come into a run, or leave it."""
    ti, ai, pi = built.tables["ti"], built.tables["ai"], built.tables["pi"]
    span = range(ti[t, y.T_IN0], ti[t, y.T_IN1]) if first else range(ti[t, y.T_OUT0], ti[t, y.T_OUT1])
    return [a for a in span if not pi[ai[a, y.A_PLACE], y.P_SPRING] and pi[ai[a, y.A_PLACE], y.P_KIND] != y.KIND_EXIT]


class _Reading:
    """The tables of a chain on their way to rings; every question answers whether they still can be."""

    def __init__(self, built: Built) -> None:
        self.built = built
        t = built.tables
        self.pi, self.pf, self.ti, self.tf, self.ai, self.gi = (t[k] for k in ("pi", "pf", "ti", "tf", "ai", "gi"))

    def rings(self) -> tuple[Ring, ...] | None:
        if len(self.built.tables["si"]) or not len(self.ti) or not all(self._plain(t) for t in range(len(self.ti))):
            return None
        ins = [_token_arcs(self.built, t, first=True) for t in range(len(self.ti))]
        outs = [_token_arcs(self.built, t, first=False) for t in range(len(self.ti))]
        if any(len(row) != 1 for row in ins) or not all(self._gives_one(t, outs[t]) for t in range(len(self.ti))):
            return None
        amounts = {_amount(self.built, a) for row in (*ins, *outs) for a in row}
        place = [int(self.ai[row[0], y.A_PLACE]) for row in ins]
        if len(set(place)) != len(place) or len(amounts) != 1:
            return None
        return self._parted(place, outs, amounts.pop())

    def _plain(self, t: int) -> bool:
        """Return whether a run has nothing but its time, its machines, what it takes and what it gives."""
        g, ti = int(self.ti[t, y.T_GROUP]), self.ti[t]
        spans = range(ti[y.T_OUT0], ti[y.T_OUT1])
        limited = [p for p in (int(self.ai[a, y.A_PLACE]) for a in spans)
                   if math.isfinite(self.pf[p, y.P_CAPACITY]) and self.pi[p, y.P_KIND] != y.KIND_EXIT
                   and self.pf[p, y.P_CAPACITY] < self._tokens_anywhere()]
        return (
            ti[y.T_USE1] == ti[y.T_USE0] and ti[y.T_TARGET] == y.NONE and ti[y.T_REORDER] == y.NONE
            and not ti[y.T_PARTIAL] and self.gi[g, y.G_T1] - self.gi[g, y.G_T0] == 1 and not limited
            and self.gi[g, y.G_SERIES] == y.NONE and self.gi[g, y.G_CLOCK] == y.CLOCK_NONE
            and not any(self.built.tables["af"][a, y.A_LAG] > 0.0 for a in spans)
            and (self._servers(t) == 0 or self._kind(t) == y.D_EXPONENTIAL)
            and all(f.tank == 0.0 and f.service == 0.0 for f in self.built.fleets)
            and not np.any(np.isfinite(self.pf[:, y.P_SHELF])) and not np.any(self.pi[:, y.P_PATIENCE] != y.NONE)
        )

    def _tokens_anywhere(self) -> float:
        return float(self.built.tables["initial"].sum()) + sum(f.count for f in self.built.fleets)

    def _servers(self, t: int) -> int:
        g = self.ti[t, y.T_GROUP]
        return int(self.gi[g, y.G_M1] - self.gi[g, y.G_M0])

    def _kind(self, t: int) -> int:
        return int(self.built.model.dist_i[self.ti[t, y.T_TIME], y.D_KIND])

    def _gives_one(self, t: int, outs: list[int]) -> bool:
        """Return whether a run gives back the token it took, wherever chance sends it."""
        return bool(outs) and math.isclose(sum(_share(self.built, t, a) for a in outs), 1.0, rel_tol=1e-12)

    def _parted(self, place: list[int], outs: list[list[int]], token: float) -> tuple[Ring, ...] | None:
        """Part the runs into rings: sets that tokens never leave, and go round in."""
        from scipy.sparse import csgraph, csr_matrix

        count, at = len(place), {p: t for t, p in enumerate(place)}
        ways = np.zeros((count, count))
        for t, row in enumerate(outs):
            for a in row:
                to = at.get(int(self.ai[a, y.A_PLACE]))
                if to is None:
                    return None
                ways[t, to] += _share(self.built, t, a)
        parts, part = csgraph.connected_components(csr_matrix(ways), directed=True, connection="strong")
        if any(ways[t, u] and part[t] != part[u] for t in range(count) for u in range(count)):
            return None
        held = self.built.tables["initial"].copy()
        for fleet in self.built.fleets:
            held[fleet.home] += fleet.count
        rings = []
        for k in range(parts):
            own = np.flatnonzero(part == k)
            tokens = float(sum(held[place[t]] for t in own)) / token
            if tokens != round(tokens) or tokens < 1.0:
                return None
            visits = _visits(ways[np.ix_(own, own)])
            stations = tuple(Station(self._mean(int(t)), self._servers(int(t)), float(v))
                             for t, v in zip(own, visits, strict=True))
            if not sum(station.demand for station in stations) > 0.0:
                return None
            rings.append(Ring(round(tokens), tuple(int(t) for t in own), tuple(place[t] for t in own), stations))
        if not math.isclose(sum(ring.tokens for ring in rings) * token, float(held.sum()), rel_tol=1e-9):
            return None
        return tuple(rings)

    def _mean(self, t: int) -> float:
        return mean_of_row(self.built.model, int(self.ti[t, y.T_TIME]))


def _visits(ways: y.Floats) -> y.Floats:
    """Return visits to each station in a round, one to the first."""
    count = len(ways)
    system = (ways - np.eye(count)).T
    system[0] = np.eye(1, count)[0]
    found: y.Floats = np.linalg.solve(system, np.eye(1, count)[0])
    return found


def mean_of_row(m: y.Model, row: int) -> float:
    """Return the mean of a distribution as the kernel draws it."""
    kind, p = int(m.dist_i[row, y.D_KIND]), [float(x) for x in m.dist_f[row]]
    values = m.values[m.dist_i[row, y.D_FROM] : m.dist_i[row, y.D_TO]]
    if kind in (y.D_CONSTANT, y.D_EXPONENTIAL):
        return p[0]
    if kind == y.D_UNIFORM:
        return (p[0] + p[1]) / 2.0
    if kind == y.D_TRIANGULAR:
        return sum(p[:3]) / 3.0
    if kind in (y.D_ERLANG, y.D_GAMMA):
        return p[0] * p[1]
    if kind == y.D_LOGNORMAL:
        return math.exp(p[0] + p[1] ** 2 / 2.0)
    if kind == y.D_WEIBULL:
        return p[0] * math.gamma(1.0 + 1.0 / p[1])
    if kind == y.D_PERT:
        return p[0] + (p[3] - p[0]) * p[1] / (p[1] + p[2])
    if kind == y.D_DISCRETE:
        return float(values[:, 0] @ np.diff(values[:, 1], prepend=0.0))
    return float((values[1:, 0] + values[:-1, 0]) / 2.0 @ np.diff(values[:, 1]))
