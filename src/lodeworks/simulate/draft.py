"""The kernel's tables while they are put together: places, transitions, machine groups, pools and sources as records.

`Draft.freeze` turns them into the arrays of `layout`. What of a chain becomes which record is said in `build` and
`trips`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from lodeworks.network import Network
from lodeworks.network.arrays import Distribution
from lodeworks.said import Said
from lodeworks.simulate import layout as y
from lodeworks.simulate.addresses import woven
from lodeworks.simulate.grains import fraction_of, grain_of

__all__ = ["Arc", "Built", "Draft", "Group", "Passes", "Place", "Pool", "Source", "Transition", "Vehicles"]

_ALWAYS = 2.0
_PLACE_NONE = (y.P_HEAD, y.P_TAIL, y.P_BLOCKED, y.P_BLOCKED_LAST)
_TRANSITION_SET = {
    y.T_CHANCE_STREAM: y.NONE, y.T_SETUP: y.NONE, y.T_WHAT: y.NONE, y.T_TARGET: y.NONE,
    y.T_REORDER: y.NONE, y.T_BACKLOG: y.NONE, y.T_SERIES: y.NONE,
}


@dataclass
class Place:
    """A balance or a station: what waits where."""

    name: str
    balance: int = y.NONE
    unit: str = "vehicles"
    capacity: float = math.inf
    shelf: float = math.inf
    life: float = math.inf
    rule: int = y.RULE_FIFO
    patience: int = y.NONE
    patience_stream: int = y.NONE
    expire_to: int = y.NONE
    renege_to: int = y.NONE
    let_go: bool = False
    spring: bool = False
    leaves: bool = False
    initial: float = 0.0
    warm: float | None = None  # the age at which what cools is at its least temperature


@dataclass
class Arc:
    """What a transition takes from or gives to a place."""

    place: int
    amount: float = 1.0
    role: int = y.ROLE_PLAIN
    lag: float = 0.0
    chance: float = _ALWAYS
    test: float = 0.0


@dataclass
class Transition:
    """An activity in batches; `ints` and `floats` hold columns of `layout` that differ from nought."""

    name: str
    group: int
    time: int
    activity: int = y.NONE
    batch: float = 1.0
    priority: int = 0
    inputs: list[Arc] = field(default_factory=list)
    outputs: list[Arc] = field(default_factory=list)
    uses: list[tuple[int, int, int, float]] = field(default_factory=list)
    ints: dict[int, int] = field(default_factory=dict)
    floats: dict[int, float] = field(default_factory=dict)


@dataclass
class Group:
    """Machines that are alike; none: as many as are wanted. So many are out at the start, for so many hours."""

    name: str
    servers: int = 0
    ints: dict[int, int] = field(default_factory=dict)
    out: int = 0
    out_h: float = 0.0


@dataclass
class Pool:
    """Units that runs hold."""

    name: str
    amount: float
    series: int = y.NONE
    ints: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Passes:
    """What a pool used in proportion to rates lets start: rows of its own, which are not shown, and who needs it.

    Attributes
    ----------
    members
        Transitions that need its passes, each with what it uses of the pool for one unit of what it counts.
    """

    pool: str
    amount: float
    series: int
    group: int
    places: tuple[int, ...]
    makers: tuple[int, ...]
    members: tuple[tuple[int, float], ...]


@dataclass
class Source:
    """Arrivals from outside, at random or at written times."""

    place: int
    columns: dict[int, int]
    every: float = 0.0
    balk: float = math.inf


@dataclass(frozen=True)
class Vehicles:
    """A fleet's vehicles, the place they start from, what is in their gauges, and where they can be.

    `roads` are places some set out from at the start, each with a vehicle's chance to; they hold the `crew` then.
    """

    name: str
    count: int
    home: int
    tank: float
    service: float
    places: tuple[int, ...]
    transitions: tuple[int, ...]
    roads: tuple[tuple[int, float], ...] = ()
    crew: tuple[tuple[int, float], ...] = ()


@dataclass
class Built:
    """The tables of a chain before any replication, what their rows are called, and room for how many lots sufficed."""

    model: y.Model
    tables: dict[str, Any]
    places: list[str]
    balance: list[int]
    units: list[str]
    transitions: list[str]
    activity: list[int]
    groups: list[str]
    pools: list[str]
    streams: list[tuple[str, str]]
    fleets: list[Vehicles]
    passes: list[Passes]
    log: list[Said]
    lots: int = 0

    @property
    def hidden_places(self) -> set[int]:
        """Places of passes, which are nobody's stock."""
        return {p for passes in self.passes for p in passes.places}

    @property
    def hidden_transitions(self) -> set[int]:
        """Transitions that only make passes."""
        return {t for passes in self.passes for t in passes.makers}

    @property
    def hidden_groups(self) -> set[int]:
        """Machines that only make passes."""
        return {passes.group for passes in self.passes}


@dataclass
class Draft:
    """Records of a chain, in the order their rows will have."""

    network: Network
    places: list[Place] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    pools: list[Pool] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    fleets: list[Vehicles] = field(default_factory=list)
    passes: list[Passes] = field(default_factory=list)
    arrivals: list[tuple[float, float]] = field(default_factory=list)
    targets: list[Any] = field(default_factory=list)
    distributions: list[tuple[int, list[float], int, int]] = field(default_factory=list)
    known: dict[Distribution, int] = field(default_factory=dict)
    values: list[tuple[float, float]] = field(default_factory=list)
    streams: list[tuple[str, str]] = field(default_factory=list)
    series: list[y.Floats] = field(default_factory=list)
    log: list[Said] = field(default_factory=list)

    def place(self, record: Place) -> int:
        """Add a place and return its number."""
        self.places.append(record)
        return len(self.places) - 1

    def group(self, record: Group) -> int:
        """Add a group of machines and return its number."""
        self.groups.append(record)
        return len(self.groups) - 1

    def pool(self, record: Pool) -> int:
        """Add a pool and return its number."""
        self.pools.append(record)
        return len(self.pools) - 1

    def transition(self, record: Transition) -> int:
        """Add a transition, with streams of its own, and return its number."""
        record.ints.setdefault(y.T_STREAM, self.stream(record.name, "time"))
        self.transitions.append(record)
        return len(self.transitions) - 1

    def is_at_once(self, t: Transition) -> bool:
        """Return whether a transition always takes no time."""
        kind, row, _, _ = self.distributions[t.time]
        return kind == y.D_CONSTANT and row[0] == 0.0

    def supply_from(self, place: int, hours: float) -> None:
        """Let a place be supplied without limit from an hour on: something without end arrives there."""
        self.arrive(place, [(hours, math.inf)])

    def arrive(self, place: int, rows: Sequence[tuple[float, float]]) -> None:
        """Let amounts arrive at a place: (hour, amount), in order."""
        first = len(self.arrivals)
        self.arrivals += rows
        self.sources.append(
            Source(place, {y.S_TRACE: first - 1, y.S_TRACE_FIRST: first, y.S_TRACE_END: first + len(rows)}))

    def stream(self, element: str, purpose: str) -> int:
        """Return the number of a new stream of random numbers."""
        self.streams.append((element, purpose))
        return len(self.streams) - 1

    def constant(self, value: float) -> int:
        """Return the number of a time that is always the same."""
        return self.distribution(Distribution("constant", (value,)))

    def distribution(self, given: Distribution) -> int:
        """Return the number of a distribution; what many elements have alike is one row, which stays at hand."""
        known = self.known.get(given)
        if known is None:
            known = self.known[given] = self.distributions_in_a_row([given])
        return known

    def distributions_in_a_row(self, given: Iterable[Distribution]) -> int:
        """Return the number of the first of some distributions that are numbered one after another."""
        first = len(self.distributions)
        for each in given:
            start = len(self.values)
            kind, row = _row_of(each.family, each.parameters)
            if kind in (y.D_DISCRETE, y.D_EMPIRICAL):
                half = len(each.parameters) // 2
                self.values += list(zip(each.parameters[:half], each.parameters[half:], strict=True))
            self.distributions.append((kind, row, start, len(self.values)))
        return first

    def speed(self, values: y.Floats) -> int:
        """Return the number of a series; NONE where it is one throughout."""
        if np.all(values == 1.0):
            return y.NONE
        for i, row in enumerate(self.series):
            if np.array_equal(row, values):
                return i
        self.series.append(np.asarray(values, float))
        return len(self.series) - 1

    def freeze(self, kept: int = 1) -> Built:
        """Return the records as arrays; of `kept` replications the sums at the marks are kept at a time."""
        network = self.network
        pi, pf = self._place_rows()
        ti, tf, ai, af, uses = self._transition_rows()
        gi, machines, modes = self._group_rows(ti)
        users = _linked(pi, ti, ai, (y.P_USERS0, y.P_USERS1), (y.T_IN0, y.T_IN1))
        makers = _linked(pi, ti, ai, (y.P_MAKERS0, y.P_MAKERS1), (y.T_OUT0, y.T_OUT1))
        ri, rf, pool_users = self._pool_rows(uses, ti)
        si = np.full((len(self.sources), y.S_INTS), y.NONE, np.int64)
        for i, source in enumerate(self.sources):
            si[i, y.S_PLACE], si[i, y.S_N], si[i, y.S_URGENCY] = source.place, 0, 0
            for column, value in source.columns.items():
                si[i, column] = value
        mi = np.full((len(machines), y.M_INTS), y.NONE, np.int64)
        mi[:, y.M_GROUP], mi[:, y.M_STATE], mi[:, y.M_DOWN] = machines, y.STARVED, 0
        out = [np.where(np.arange(g.servers) < g.out, g.out_h, 0.0) for g in self.groups]
        series = np.array(self.series, float).reshape(len(self.series), network.steps)
        horizon = network.length_h
        marks = np.linspace(0.0, horizon, _mark_count(len(pi), len(ti), len(gi), kept) + 1)[1:]
        marks[-1] = horizon
        dist_i = np.array([(k, a, b) for k, _, a, b in self.distributions], np.int64).reshape(-1, y.D_INTS)
        dist_f = np.array([[*row, 0.0, 0.0, 0.0, 0.0][: y.D_FLOATS] for _, row, _, _ in self.distributions])
        ((dist_i, dist_f),) = woven((dist_i, dist_f.reshape(-1, y.D_FLOATS), 0))
        model = y.Model(
            users=users, makers=makers, modes=modes, pool_users=pool_users,
            uses=np.array([u[:3] for u in uses], np.int64).reshape(-1, y.U_INTS),
            use_amount=np.array([u[3] for u in uses], float),
            dist_i=dist_i, dist_f=dist_f, values=np.array(self.values, float).reshape(-1, 2), series=series,
            worked=_summed(series, network.hours), on=_summed((series > 0.0).astype(float), network.hours),
            targets=np.array(self.targets, float).reshape(len(self.targets), network.steps + 1),
            arrivals=np.array(self.arrivals, float).reshape(-1, 2),
            keys=np.zeros((len(self.streams), 2), np.uint64), marks=marks,
            step=np.array([network.hours, network.span[0] * network.hours]),
            near=_near(pi, ti, ai, gi, si, users),
            base=np.cumsum([len(ti), len(mi), len(si), len(gi), len(ri), len(ri)]).astype(np.int64),
        )
        tables = {"pi": pi, "pf": pf, "ti": ti, "tf": tf, "ai": ai, "af": af, "gi": gi, "mi": mi, "ri": ri, "rf": rf,
                  "si": si, "out": np.concatenate([*out, np.zeros(0)]),
                  "initial": np.array([p.initial for p in self.places]),
                  "every": np.array([s.every for s in self.sources]), "balk": np.array([s.balk for s in self.sources])}
        return Built(
            model, tables, [p.name for p in self.places], [p.balance for p in self.places],
            [p.unit for p in self.places], [t.name for t in self.transitions], [t.activity for t in self.transitions],
            [g.name for g in self.groups], [p.name for p in self.pools], self.streams, self.fleets, self.passes,
            self.log,
        )

    def _place_rows(self) -> tuple[y.Ints, y.Floats]:
        pi, pf = np.zeros((len(self.places), y.P_INTS), np.int64), np.zeros((len(self.places), y.P_FLOATS))
        for i, p in enumerate(self.places):
            pi[i, _PLACE_NONE] = y.NONE
            pi[i, y.P_RULE], pi[i, y.P_KIND] = p.rule, y.KIND_EXIT if p.leaves else y.KIND_QUEUE
            pi[i, y.P_SPRING], pi[i, y.P_LET_GO] = p.spring, p.let_go
            pi[i, y.P_PATIENCE], pi[i, y.P_PATIENCE_STREAM] = p.patience, p.patience_stream
            pi[i, y.P_RENEGE_TO], pi[i, y.P_EXPIRE_TO] = p.renege_to, p.expire_to
            pf[i, y.P_CAPACITY], pf[i, y.P_SHELF], pf[i, y.P_LIFE] = p.capacity, min(p.shelf, p.life), p.life
            pf[i, y.P_SHORT], pf[i, y.P_WARM] = math.inf, math.inf if p.warm is None else p.warm
        cooling = [i for i, p in enumerate(self.places) if p.warm is not None]
        pi[:, y.P_AGES] = y.NONE
        pi[cooling, y.P_AGES] = 2 * np.arange(len(cooling))
        return pi, pf

    def _transition_rows(self) -> tuple[y.Ints, y.Floats, y.Ints, y.Floats, list[Any]]:
        ti, tf = np.zeros((len(self.transitions), y.T_INTS), np.int64), np.zeros((len(self.transitions), y.T_FLOATS))
        arcs: list[Arc] = []
        uses: list[tuple[int, int, int, float]] = []
        for i, t in enumerate(self.transitions):
            ti[i, y.T_GROUP], ti[i, y.T_TIME], ti[i, y.T_PRIORITY] = t.group, t.time, t.priority
            tf[i, y.T_BATCH] = t.batch
            for column, default in _TRANSITION_SET.items():
                ti[i, column] = default
            for column, value in t.ints.items():
                ti[i, column] = value
            for column, number in t.floats.items():
                tf[i, column] = number
            ti[i, y.T_IN0], ti[i, y.T_IN1] = len(arcs), len(arcs) + len(t.inputs)
            ti[i, y.T_OUT0], ti[i, y.T_OUT1] = ti[i, y.T_IN1], ti[i, y.T_IN1] + len(t.outputs)
            arcs += [*t.inputs, *t.outputs]
            ti[i, y.T_USE0], ti[i, y.T_USE1] = len(uses), len(uses) + len(t.uses)
            uses += t.uses
        ai = np.array([(a.place, a.role) for a in arcs], np.int64).reshape(-1, y.A_INTS)
        af = np.zeros((len(arcs), y.A_FLOATS))
        for i, a in enumerate(arcs):
            af[i, y.A_AMOUNT], af[i, y.A_LAG], af[i, y.A_CHANCE], af[i, y.A_TEST] = a.amount, a.lag, a.chance, a.test
        return ti, tf, ai, af, uses

    def _group_rows(self, ti: y.Ints) -> tuple[y.Ints, list[int], y.Ints]:
        gi = np.full((len(self.groups), y.G_INTS), y.NONE, np.int64)
        machines: list[int] = []
        modes: list[int] = []
        for g, group in enumerate(self.groups):
            for column in (y.G_SHIFT, y.G_CLOCK, y.G_INTERVAL, y.G_DOWN_OPEN, y.G_REPEAT, y.G_FAILURES, y.G_REPAIRS,
                           y.G_BELT, y.G_SHORTEST):
                gi[g, column] = 0
            gi[g, y.G_REASON] = y.STARVED
            gi[g, y.G_M0], gi[g, y.G_M1] = len(machines), len(machines) + group.servers
            machines += [g] * group.servers
            for column, value in group.ints.items():
                gi[g, column] = value
            own = [int(t) for t in np.flatnonzero(ti[:, y.T_GROUP] == g)]
            gi[g, y.G_T0], gi[g, y.G_T1] = len(modes), len(modes) + len(own)
            modes += sorted(own, key=lambda t: (ti[t, y.T_PRIORITY], t))
        return gi, machines, np.array(modes, np.int64)

    def _pool_rows(self, uses: Sequence[Any], ti: y.Ints) -> tuple[y.Ints, y.Floats, y.Ints]:
        ri, rf = np.full((len(self.pools), y.R_INTS), y.NONE, np.int64), np.zeros((len(self.pools), y.R_FLOATS))
        flat: list[int] = []
        for i, pool in enumerate(self.pools):
            ri[i, y.R_SERIES], rf[i, y.R_AMOUNT], ri[i, y.R_DOWN] = pool.series, pool.amount, 0
            for column, value in pool.ints.items():
                ri[i, column] = value
            held = {fraction_of(float(amount)) for r, _, _, amount in uses if r == i}
            rf[i, y.R_GRAIN] = float(grain_of(sorted(held | {Fraction(1)})))
            own = [t for t in range(len(ti)) if any(uses[u][0] == i for u in range(ti[t, y.T_USE0], ti[t, y.T_USE1]))]
            ri[i, y.R_USERS0], ri[i, y.R_USERS1] = len(flat), len(flat) + len(own)
            flat += sorted(own, key=lambda t: (ti[t, y.T_PRIORITY], t))
        return ri, rf, np.array(flat, np.int64)


def _row_of(family: str, p: tuple[float, ...]) -> tuple[int, list[float]]:
    """Return a distribution's code and the parameters it is drawn with."""
    if family == "constant":
        return y.D_CONSTANT, [p[0]]
    if family == "uniform":
        return y.D_UNIFORM, list(p)
    if family == "triangular":
        return y.D_TRIANGULAR, list(p)
    if family == "exponential":
        return y.D_EXPONENTIAL, [p[0]]
    if family == "erlang":
        return y.D_ERLANG, [p[1] / p[0], p[0]]
    if family == "gamma":
        return y.D_GAMMA, [p[1] ** 2 / p[0], (p[0] / p[1]) ** 2]
    if family == "lognormal":
        variance = math.log1p((p[1] / p[0]) ** 2)
        return y.D_LOGNORMAL, [math.log(p[0]) - variance / 2.0, math.sqrt(variance)]
    if family == "weibull":
        return y.D_WEIBULL, [p[1], p[0]]
    if family == "pert":
        width = p[2] - p[0]
        return y.D_PERT, [p[0], 1.0 + 4.0 * (p[1] - p[0]) / width, 1.0 + 4.0 * (p[2] - p[1]) / width, p[2]]
    return (y.D_DISCRETE if family == "discrete" else y.D_EMPIRICAL), []


def _linked(pi: y.Ints, ti: y.Ints, ai: y.Ints, columns: tuple[int, int], span: tuple[int, int]) -> y.Ints:
    """Write down for each place the transitions that touch it, in order of priority."""
    found: list[list[int]] = [[] for _ in range(len(pi))]
    for t in range(len(ti)):
        for a in range(ti[t, span[0]], ti[t, span[1]]):
            row = found[ai[a, y.A_PLACE]]
            if not row or row[-1] != t:  # a transition's arcs come together
                row.append(t)
        if span[0] == y.T_OUT0 and ti[t, y.T_BACKLOG] != y.NONE:  # orders that come may set it going
            found[ti[t, y.T_BACKLOG]].append(t)
    flat: list[int] = []
    for p, row in enumerate(found):
        pi[p, columns[0]] = len(flat)
        flat += sorted(row, key=lambda t: (ti[t, y.T_PRIORITY], t))
        pi[p, columns[1]] = len(flat)
    return np.array(flat, np.int64)


def _near(pi: y.Ints, ti: y.Ints, ai: y.Ints, gi: y.Ints, si: y.Ints, users: y.Ints) -> y.Halves:
    """Return what is near each transition and source, see `layout`; nought where there is nothing."""
    near = np.zeros((len(ti) + len(si), y.N_INTS), np.int32)
    if not len(ti):
        return near
    own = near[: len(ti)]
    own[:, y.N_TRANSITION] = np.arange(len(ti))
    for column, begin, end in ((y.N_PLACE, y.T_IN0, y.T_IN1), (y.N_TO, y.T_OUT0, y.T_OUT1)):
        some = ti[:, end] > ti[:, begin]
        own[some, column] = ai[ti[some, begin], y.A_PLACE]
    own[:, y.N_GROUP], own[:, y.N_ARC] = ti[:, y.T_GROUP], ti[:, y.T_IN0]
    own[:, y.N_MACHINE], own[:, y.N_STREAM] = gi[ti[:, y.T_GROUP], y.G_M0], np.maximum(ti[:, y.T_STREAM], 0)
    coming, places = near[len(ti) :], si[:, y.S_PLACE]
    used = pi[places, y.P_USERS1] > pi[places, y.P_USERS0]
    coming[used] = own[users[pi[places[used], y.P_USERS0]]]
    coming[:, y.N_PLACE], coming[:, y.N_ARRIVALS] = places, np.maximum(si[:, y.S_STREAM], 0)
    return near


def _summed(series: y.Floats, hours: float) -> y.Floats:
    sums = np.zeros((len(series), series.shape[1] + 1))
    np.cumsum(series * hours, axis=1, out=sums[:, 1:])
    return sums


def _mark_count(places: int, transitions: int, groups: int, kept: int) -> int:
    """Return how many marks there are: of many replications kept fewer each."""
    width = y.NOTES_PLACE * places + y.NOTES_TRANSITION * transitions + y.STATES * groups
    each = 4_000_000 if kept == 1 else 24_000_000 // kept
    return int(np.clip(each // max(1, width), 20, 1000 if kept == 1 else 288))
