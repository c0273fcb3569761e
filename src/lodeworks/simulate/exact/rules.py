"""The kernel's tables in whole numbers: amounts as counts of each place's grain, times as stages.

A *grain* is the largest amount of which every amount that can come into or leave a place is a multiple; levels are then
whole numbers, and states can be told apart exactly. A run's *size* counts in `full` parts of its batch. What a chain
must be for this to work is said in `qualify`; what happens with it, in `moment`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from lodeworks.simulate import layout as y
from lodeworks.simulate.draft import Built
from lodeworks.simulate.exact.phases import Phases, phases_of
from lodeworks.simulate.grains import fraction_of, grain_of

__all__ = ["GroupRule", "PlaceRule", "PoolRule", "Rules", "RunRule", "SourceRule", "rules_of"]

_ROUNDING = 1e-9


@dataclass(frozen=True)
class PlaceRule:
    """A place: room in grains (None: without limit), who takes and who makes."""

    grain: float
    room: int | None
    exit: bool
    spring: bool
    let_go: bool
    users: tuple[int, ...]
    makers: tuple[int, ...]
    initial: int
    patience: float  # rate an hour at which one lot gives up; nought: never
    reneges_to: int
    lot: int  # grains of one lot where all are alike and are taken whole; else nought


@dataclass(frozen=True)
class Flow:
    """An amount in grains for a full run, to or from a place; `chance` is cumulated, above one: always."""

    place: int
    amount: int
    carrier: bool
    chance: float


@dataclass(frozen=True)
class RunRule:
    """A transition. `seizes` and `releases` are pairs of pool and amount in its grains."""

    name: str
    group: int
    ins: tuple[Flow, ...]
    outs: tuple[Flow, ...]
    full: int
    least: int | None  # of `full`; None: full batches only
    batch: float
    priority: int
    before: bool
    preempts: bool
    by_chance: bool
    seizes: tuple[tuple[int, int], ...]
    releases: tuple[tuple[int, int], ...]
    time: Phases
    setup: tuple[Phases, ...]  # from each mode of its group
    kind: int
    orders: tuple[int, float, int, int] | None  # place, at, to, place of orders that wait


@dataclass(frozen=True)
class GroupRule:
    """Machines that are alike; `servers` nought: as many as are wanted."""

    servers: int
    modes: tuple[int, ...]
    clock: int
    from_start: bool
    down_open: int
    fails: Phases | None
    repair: Phases
    crew: int
    shortest: bool
    told_apart: bool  # whether it matters which of its idle machines is taken


@dataclass(frozen=True)
class PoolRule:
    """A pool: what is there and what a unit is, in its grains."""

    grain: float
    there: int
    unit: int
    users: tuple[int, ...]
    fails: Phases | None
    repair: Phases


@dataclass(frozen=True)
class SourceRule:
    """Arrivals at a place: stages between them, amounts in grains with their probabilities."""

    place: int
    time: Phases
    amounts: tuple[tuple[int, float], ...]
    balk: float


@dataclass(frozen=True)
class Rules:
    """All of a chain that its states and their moves depend on."""

    places: tuple[PlaceRule, ...]
    runs: tuple[RunRule, ...]
    groups: tuple[GroupRule, ...]
    pools: tuple[PoolRule, ...]
    sources: tuple[SourceRule, ...]
    carriers: tuple[tuple[int, int], ...]  # place and count of each fleet's vehicles at the start

    @cached_property
    def any_holds(self) -> bool:
        """Whether some run keeps room, or is ordered to bring something, while it is under way."""
        return any(run.before or run.orders is not None for run in self.runs)


def rules_of(built: Built) -> Rules:
    """Return the rules of a chain whose tables `qualify` has found fit."""
    return _Reading(built).rules()


class _Reading:
    """The tables on their way into whole numbers."""

    def __init__(self, built: Built) -> None:
        self.built, self.m, self.tables = built, built.model, built.tables
        t = self.tables
        self.pi, self.pf, self.ti, self.tf, self.ai, self.af = (t[k] for k in ("pi", "pf", "ti", "tf", "ai", "af"))
        self.gi, self.ri, self.rf, self.si = t["gi"], t["ri"], t["rf"], t["si"]
        self.full = [self._full(k) for k in range(len(self.ti))]
        self.grains = self._grains()
        uses = [[fraction_of(float(self.m.use_amount[u])) for u in range(len(self.m.uses)) if self.m.uses[u, 0] == r]
                for r in range(len(self.ri))]
        self.pool_grains = [grain_of([*row, Fraction(1)]) for row in uses]

    # ---- amounts ----

    def _arcs(self, t: int, first: int, last: int) -> range:
        return range(self.ti[t, first], self.ti[t, last])

    def _full(self, t: int) -> Fraction:
        """Return the amount by which a run that may differ in size is counted; nought where all are alike."""
        if self.ti[t, y.T_REORDER] != y.NONE:
            return fraction_of(float(self.af[self.ti[t, y.T_OUT0], y.A_AMOUNT]))
        if self.ti[t, y.T_PARTIAL]:
            return fraction_of(float(self.af[self.ti[t, y.T_IN0], y.A_AMOUNT]))
        return Fraction(0)

    def _amount(self, a: int) -> Fraction:
        carrier = self.ai[a, y.A_ROLE] != y.ROLE_PLAIN
        return Fraction(1) if carrier else fraction_of(float(self.af[a, y.A_AMOUNT]))

    def _grains(self) -> list[Fraction]:
        """Return the grain of each place; places whose levels are compared with one another share theirs."""
        found: list[set[Fraction]] = [set() for _ in self.built.places]
        for p in range(len(self.pi)):
            found[p].add(fraction_of(float(self.tables["initial"][p])))
            if self.pi[p, y.P_LET_GO] and math.isfinite(self.pf[p, y.P_CAPACITY]):
                found[p].add(fraction_of(float(self.pf[p, y.P_CAPACITY])))
        for row in self.si:
            found[row[y.S_PLACE]] |= {fraction_of(a) for a, _ in _values(self.m, int(row[y.S_AMOUNT]))}
        for t in range(len(self.ti)):
            for a in (*self._arcs(t, y.T_IN0, y.T_IN1), *self._arcs(t, y.T_OUT0, y.T_OUT1)):
                found[self.ai[a, y.A_PLACE]].add(self._amount(a))
            if self.ti[t, y.T_REORDER] != y.NONE:
                found[self.ti[t, y.T_REORDER]].add(fraction_of(float(self.tf[t, y.T_ORDER_TO])))
                if self.ti[t, y.T_BACKLOG] != y.NONE:
                    both = found[self.ti[t, y.T_REORDER]] | found[self.ti[t, y.T_BACKLOG]]
                    found[self.ti[t, y.T_REORDER]] = found[self.ti[t, y.T_BACKLOG]] = both
        for p in range(len(self.pi)):  # what gives up moves on in the lots it came in
            target = self.pi[p, y.P_RENEGE_TO]
            if target != y.NONE and self.pi[p, y.P_PATIENCE] != y.NONE:
                found[target] |= found[p]
        grains = [grain_of(sorted(row)) for row in found]
        return self._finer(grains)

    def _finer(self, grains: list[Fraction]) -> list[Fraction]:
        """Let every part of a run that differs in size move whole grains at all places it touches."""
        for _ in range(len(grains) + 1):
            before = list(grains)
            for t in range(len(self.ti)):
                if not self.full[t]:
                    continue
                counted = self.ti[t, y.T_REORDER] if self.ti[t, y.T_REORDER] != y.NONE else (
                    self.ai[self.ti[t, y.T_IN0], y.A_PLACE])
                part = grains[counted] / self.full[t]
                for a in (*self._arcs(t, y.T_IN0, y.T_IN1), *self._arcs(t, y.T_OUT0, y.T_OUT1)):
                    p = self.ai[a, y.A_PLACE]
                    grains[p] = grain_of([grains[p], self._amount(a) * part])
                if self.ti[t, y.T_BACKLOG] != y.NONE:
                    both = grain_of([grains[counted], grains[self.ti[t, y.T_BACKLOG]]])
                    grains[counted] = grains[self.ti[t, y.T_BACKLOG]] = both
            if grains == before:
                break
        return grains

    def _flow(self, a: int) -> Flow:
        p = int(self.ai[a, y.A_PLACE])
        carrier = self.ai[a, y.A_ROLE] != y.ROLE_PLAIN
        return Flow(p, round(self._amount(a) / self.grains[p]), bool(carrier), float(self.af[a, y.A_CHANCE]))

    # ---- rules ----

    def rules(self) -> Rules:
        runs = tuple(self._run(t) for t in range(len(self.ti)))
        groups = tuple(self._group(g, runs) for g in range(len(self.gi)))
        sources = tuple(self._source(i) for i in range(len(self.si)))
        places = tuple(self._place(p, runs, sources) for p in range(len(self.pi)))
        pools = tuple(self._pool(r) for r in range(len(self.ri)))
        return Rules(places, runs, groups, pools, sources, tuple((f.home, f.count) for f in self.built.fleets))

    def _time(self, row: int) -> Phases:
        found = phases_of(self.m, row)
        assert found is not None  # else `qualify` has refused the chain
        return found

    def _run(self, t: int) -> RunRule:
        ti, tf = self.ti[t], self.tf[t]
        size, orders = 1, None
        if ti[y.T_REORDER] != y.NONE:
            p = int(ti[y.T_REORDER])
            grain = self.grains[p]
            size = round(self.full[t] / grain)
            orders = (p, (tf[y.T_ORDER_AT] + _ROUNDING) / float(grain),
                      round(fraction_of(float(tf[y.T_ORDER_TO])) / grain), int(ti[y.T_BACKLOG]))
        elif ti[y.T_PARTIAL]:
            size = round(self.full[t] / self.grains[self.ai[ti[y.T_IN0], y.A_PLACE]])
        least = None
        if ti[y.T_PARTIAL]:  # without a time to linger, nought means: full batches only
            least = math.ceil(tf[y.T_LEAST] * (1.0 - _ROUNDING) * size) if tf[y.T_LEAST] > 0.0 else size
        uses = [(int(u[y.U_POOL]), bool(u[y.U_SEIZE]), bool(u[y.U_RELEASE]), float(amount)) for u, amount in zip(
            self.m.uses[ti[y.T_USE0] : ti[y.T_USE1]], self.m.use_amount[ti[y.T_USE0] : ti[y.T_USE1]], strict=True)]
        units = [(r, seizes, releases, round(fraction_of(a) / self.pool_grains[r])) for r, seizes, releases, a in uses]
        g = int(ti[y.T_GROUP])
        modes = int(self.gi[g, y.G_T1] - self.gi[g, y.G_T0])
        setup: tuple[Phases, ...] = ()
        if self.gi[g, y.G_SETUP] != y.NONE:
            setup = tuple(self._time(int(ti[y.T_SETUP]) + k) for k in range(modes))
        return RunRule(
            name=self.built.transitions[t], group=g,
            ins=tuple(self._flow(a) for a in self._arcs(t, y.T_IN0, y.T_IN1)),
            outs=tuple(self._flow(a) for a in self._arcs(t, y.T_OUT0, y.T_OUT1)),
            full=size, least=least, batch=float(tf[y.T_BATCH]), priority=int(ti[y.T_PRIORITY]),
            before=bool(ti[y.T_BEFORE]), preempts=bool(ti[y.T_PREEMPT]), by_chance=bool(ti[y.T_CHANCE]),
            seizes=tuple((r, a) for r, seizes, _, a in units if seizes),
            releases=tuple((r, a) for r, _, releases, a in units if releases),
            time=self._time(int(ti[y.T_TIME])), setup=setup, kind=int(ti[y.T_KIND]), orders=orders,
        )

    def _group(self, g: int, runs: tuple[RunRule, ...]) -> GroupRule:
        gi = self.gi[g]
        modes = tuple(int(t) for t in self.m.modes[gi[y.G_T0] : gi[y.G_T1]])
        servers = int(gi[y.G_M1] - gi[y.G_M0])
        clock = int(gi[y.G_CLOCK])
        fails = self._time(int(gi[y.G_FAIL])) if clock != y.CLOCK_NONE else None
        staged = fails is not None and fails.count > 1
        apart = servers > 1 and (
            gi[y.G_SETUP] != y.NONE or staged or gi[y.G_DOWN_OPEN] >= y.OPEN_LOAD
            or any(runs[t].preempts for t in modes))
        return GroupRule(
            servers, modes, clock, bool(gi[y.G_INTERVAL] == 1), int(gi[y.G_DOWN_OPEN]), fails,
            self._time(int(gi[y.G_REPAIR])) if fails is not None else Phases(0, 0.0), int(gi[y.G_CREW]),
            bool(gi[y.G_SHORTEST]), bool(apart),
        )

    def _source(self, i: int) -> SourceRule:
        row = self.si[i]
        p = int(row[y.S_PLACE])
        amounts = tuple((round(fraction_of(a) / self.grains[p]), share)
                        for a, share in _values(self.m, int(row[y.S_AMOUNT])))
        return SourceRule(p, self._time(int(row[y.S_TIME])), amounts,
                          float(self.tables["balk"][i]) / float(self.grains[p]) - _ROUNDING)

    def _pool(self, r: int) -> PoolRule:
        ri, grain = self.ri[r], self.pool_grains[r]
        users = tuple(int(t) for t in self.m.pool_users[ri[y.R_USERS0] : ri[y.R_USERS1]])
        fails = self._time(int(ri[y.R_FAIL])) if ri[y.R_FAIL] != y.NONE else None
        repair = self._time(int(ri[y.R_REPAIR])) if fails is not None else Phases(0, 0.0)
        there = math.floor(self.rf[r, y.R_AMOUNT] / float(grain) + 1e-6)
        return PoolRule(float(grain), there, round(1 / grain), users, fails, repair)

    def _place(self, p: int, runs: tuple[RunRule, ...], sources: tuple[SourceRule, ...]) -> PlaceRule:
        pi, pf, grain = self.pi[p], self.pf[p], self.grains[p]
        leaves = pi[y.P_KIND] == y.KIND_EXIT
        room = None
        if math.isfinite(pf[y.P_CAPACITY]) and not leaves:
            room = math.floor(pf[y.P_CAPACITY] / float(grain) * (1.0 + _ROUNDING) + _ROUNDING)
        patience = 0.0
        if pi[y.P_PATIENCE] != y.NONE:
            patience = self._time(int(pi[y.P_PATIENCE])).rate
        return PlaceRule(
            float(grain), room, bool(leaves), bool(pi[y.P_SPRING]), bool(pi[y.P_LET_GO]),
            tuple(int(t) for t in self.m.users[pi[y.P_USERS0] : pi[y.P_USERS1]]),
            tuple(int(t) for t in self.m.makers[pi[y.P_MAKERS0] : pi[y.P_MAKERS1]]),
            round(fraction_of(float(self.tables["initial"][p])) / grain), patience, int(pi[y.P_RENEGE_TO]),
            0 if leaves or pi[y.P_SPRING] else _lot(p, runs, sources),
        )


def _values(m: y.Model, row: int) -> list[tuple[float, float]]:
    """Return the values of a constant or discrete distribution with their probabilities."""
    if m.dist_i[row, y.D_KIND] == y.D_CONSTANT:
        return [(float(m.dist_f[row, 0]), 1.0)]
    values = m.values[m.dist_i[row, y.D_FROM] : m.dist_i[row, y.D_TO]]
    shares = np.diff(values[:, 1], prepend=0.0)
    return [(float(value), float(share)) for value, share in zip(values[:, 0], shares, strict=True) if share > 0.0]


def _lot(p: int, runs: tuple[RunRule, ...], sources: tuple[SourceRule, ...]) -> int:
    """Return the grains of a lot where all that come are alike and only whole ones are taken; nought otherwise."""
    come = {a for s in sources if s.place == p for a, _ in s.amounts}
    come |= {f.amount for run in runs for f in run.outs if f.place == p}
    sizes_differ = any(run.least is not None or run.orders for run in runs for f in run.outs if f.place == p)
    if len(come) != 1 or sizes_differ:
        return 0
    (lot,) = come
    taken = [f.amount for run in runs for f in run.ins if f.place == p]
    parts = [f.amount // run.full for run in runs for f in run.ins if f.place == p and run.least is not None]
    return lot if lot and all(a % lot == 0 for a in (*taken, *parts)) else 0
