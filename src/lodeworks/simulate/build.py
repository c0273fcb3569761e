"""Network → the kernel's tables: which balance is a place, which activity a transition, in what batches.

Balances become places, activities transitions, the capacity activities share a group of machines. What has only a
rate runs regular batches of one step's worth. No chain is read and nothing is run here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lodeworks.network import Network
from lodeworks.network.arrays import Distribution, Running
from lodeworks.simulate import layout as y
from lodeworks.simulate.streams import stream_key

__all__ = ["Built", "build", "fresh_state", "keyed"]

_PLAIN = Running(None, None, 1, 0, {}, 1.0, math.inf, None, "after", "suspend", "resume", False)
_LAST_SERVED = 1_000_000  # sales without limit take what nobody else wants


@dataclass
class Built:
    """The tables of a chain before any replication, and what their rows are called."""

    model: y.Model
    tables: dict[str, Any]
    places: list[str]
    balance: list[int]
    transitions: list[str]
    activity: list[int]
    groups: list[str]
    pools: list[str]
    streams: list[tuple[str, str]]
    log: list[str]


@dataclass
class _Draft:
    network: Network
    distributions: list[tuple[int, list[float], int, int]] = field(default_factory=list)
    values: list[tuple[float, float]] = field(default_factory=list)
    streams: list[tuple[str, str]] = field(default_factory=list)
    series: list[np.ndarray[Any, Any]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def stream(self, element: str, purpose: str) -> int:
        self.streams.append((element, purpose))
        return len(self.streams) - 1

    def constant(self, value: float) -> int:
        return self.distribution(Distribution("constant", (value,)))

    def distribution(self, given: Distribution) -> int:
        p = given.parameters
        start = len(self.values)
        kind, row = _row_of(given.family, p)
        if kind in (y.D_DISCRETE, y.D_EMPIRICAL):
            half = len(p) // 2
            self.values += list(zip(p[:half], p[half:], strict=True))
        self.distributions.append((kind, row, start, len(self.values)))
        return len(self.distributions) - 1

    def speed(self, values: np.ndarray[Any, Any]) -> int:
        """Number a series; NONE where it is one throughout."""
        if np.all(values == 1.0):
            return y.NONE
        for i, row in enumerate(self.series):
            if np.array_equal(row, values):
                return i
        self.series.append(np.asarray(values, float))
        return len(self.series) - 1


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


def build(network: Network) -> Built:
    """Return the kernel's tables for a network."""
    d = _Draft(network)
    act, coef, disc = network.activities, network.coefficients, network.discrete
    count = len(act)
    kinds = [network.elements[e].kind for e in act.element]
    top = _top_rates(network)
    balances = len(network.balances.commodity)
    flows: list[list[tuple[int, float, float]]] = [[] for _ in range(count)]
    for a, b, amount, lag in zip(coef.activity, coef.balance, coef.amount, coef.lag, strict=True):
        flows[a].append((int(b), float(amount), float(lag)))
    scale = _scales(network, top, flows)
    pi = np.full((balances, y.P_INTS), y.NONE, np.int64)
    pf = np.zeros((balances, y.P_FLOATS))
    for column in (y.P_COUNT, y.P_RULE, y.P_KIND, y.P_SPRING, y.P_LET_GO, y.P_SHELF_FROM, y.P_N_IN, y.P_N_OUT,
                   y.P_N_EXPIRED, y.P_N_RENEGED, y.P_N_REFUSED, y.P_N_LATE, y.P_N_MOST, y.P_LISTED):
        pi[:, column] = 0
    pf[:, y.P_SHELF] = math.inf
    pi[:, y.P_LET_GO] = network.balances.let_go
    pi[:, y.P_HISTOGRAM] = np.arange(balances)
    names = [
        f"{c}@{s}" if s else c for c, s in zip(network.balances.commodity, network.balances.site, strict=True)
    ]
    initial = np.zeros(balances)
    stored = np.zeros(balances, bool)
    for i in range(len(network.stores)):
        b = int(network.stores.balance[i])
        plant = int(network.stores.plant[i])
        stored[b] = True
        pf[b, y.P_CAPACITY] += network.plants.existing[plant] if plant >= 0 else math.inf
        pf[b, y.P_SHELF] = min(pf[b, y.P_SHELF], network.stores.shelf_life[i])
        if not math.isnan(network.stores.initial[i]):
            initial[b] += network.stores.initial[i]
        waiting = disc.waiting.get(int(network.stores.element[i]))
        if waiting is not None:
            pi[b, y.P_RULE] = {"fifo": y.RULE_FIFO, "lifo": y.RULE_LIFO, "due": y.RULE_DUE}[waiting.order]
            if waiting.patience is not None:
                name = network.elements[network.stores.element[i]].name
                pi[b, y.P_PATIENCE] = d.distribution(waiting.patience)
                pi[b, y.P_PATIENCE_STREAM] = d.stream(name, "patience")
    rows: list[Any] = []
    arcs: list[Any] = []
    uses: list[Any] = []
    groups: list[Any] = []
    group_of: dict[tuple[str, int], int] = {}
    sources: list[Any] = []
    order_places: list[str] = []
    activity_of: list[int] = []
    pools = [r for r in range(len(network.resources.name)) if network.resources.kind[r] == "pool"]
    pool_number = {network.resources.name[r]: i for i, r in enumerate(pools)}
    busiest = np.zeros(balances)
    for a in range(count):
        e = int(act.element[a])
        element = network.elements[e]
        run = disc.runs.get(e, _PLAIN)
        label = element.name + (f".{act.mode[a]}" if act.mode[a] else "")
        arriving = disc.arrivals.get(e)
        place = flows[a][0][0] if flows[a] else y.NONE
        if kinds[a] == "supply" and arriving is not None:
            speed = network.series[arriving.series] if arriving.series >= 0 else np.ones(network.steps)
            peak = float(speed.max() * arriving.scale) or 1.0
            sources.append((place, d.distribution(_faster(arriving.between, peak)), d.stream(label, "between"),
                            d.distribution(arriving.amount), d.stream(label, "amount"),
                            d.distribution(arriving.due) if arriving.due else y.NONE, d.stream(label, "due"),
                            d.speed(speed * arriving.scale / peak)))
            continue
        if kinds[a] == "supply" and math.isinf(top[a]):
            pi[place, y.P_SPRING] = 1
            continue
        batch = run.batch if run.batch is not None else scale[a]
        unlimited = math.isinf(top[a]) and run.time is None
        if unlimited and kinds[a] == "demand" and arriving is None and _only_taker(flows, kinds, a, place) \
                and not stored[place]:
            pi[place, y.P_KIND] = y.KIND_EXIT
            continue
        plant = int(act.plant[a])
        key = ("plant", plant) if plant >= 0 else ("element", e) if kinds[a] == "process" else ("activity", a)
        if key not in group_of:
            group_of[key] = len(groups)
            groups.append((element.name, e, plant, 0 if unlimited else run.servers, a))
        if run.time is not None:
            time = d.distribution(run.time)
        else:
            time = d.constant(0.0 if unlimited else run.servers * batch / top[a])
        t = np.full(y.T_INTS, y.NONE, np.int64)
        f = np.zeros(y.T_FLOATS)
        for column in (y.T_KEEPS_MADE, y.T_BEFORE, y.T_PREEMPT, y.T_WHY, y.T_LISTED, y.T_STARTS, y.T_ENDS,
                       y.T_CHANCE, y.T_CARRIER, y.T_ACTIVE, y.T_STOPPED, y.T_PARTIAL):
            t[column] = 0
        t[y.T_GROUP], t[y.T_TIME], t[y.T_STREAM] = group_of[key], time, d.stream(label, "time")
        t[y.T_PRIORITY] = _LAST_SERVED if unlimited and kinds[a] == "demand" else run.priority
        t[y.T_KEEPS_MADE] = kinds[a] == "route"
        t[y.T_BEFORE], t[y.T_PREEMPT] = run.blocking == "before", run.preempts
        f[y.T_LEAST], f[y.T_LINGER], f[y.T_BATCH] = run.least, run.linger, batch
        t[y.T_PARTIAL] = run.least < 1.0
        if unlimited and kinds[a] == "demand":
            t[y.T_PARTIAL], f[y.T_LEAST] = 1, 1e-6
        t[y.T_IN0] = len(arcs)
        for b, amount, _ in flows[a]:
            if amount < 0.0:
                arcs.append((b, y.ROLE_PLAIN, -amount * batch, 0.0, 2.0))
                busiest[b] = max(busiest[b], -amount * batch)
        if kinds[a] == "demand" and arriving is not None:
            orders = balances + len(order_places)
            order_places.append(f"orders of {element.name}")
            arcs.append((orders, y.ROLE_PLAIN, batch, 0.0, 2.0))
            sources.append((orders, d.distribution(arriving.between), d.stream(label, "between"),
                            d.distribution(arriving.amount), d.stream(label, "amount"),
                            d.distribution(arriving.due) if arriving.due else y.NONE, d.stream(label, "due"),
                            y.NONE if arriving.series < 0 else d.speed(network.series[arriving.series])))
        t[y.T_IN1] = t[y.T_OUT0] = len(arcs)
        for b, amount, lag in flows[a]:
            if amount > 0.0:
                arcs.append((b, y.ROLE_PLAIN, amount * batch, lag, 2.0))
                busiest[b] = max(busiest[b], amount * batch)
        t[y.T_OUT1], t[y.T_USE0] = len(arcs), len(uses)
        held = {pool_number[n]: q for n, q in run.crew.items()}
        uses += [(p, 1, 1, q) for p, q in sorted(held.items())]
        t[y.T_USE1] = len(uses)
        rows.append((label, t, f))
        activity_of.append(a)
    if order_places:
        more = len(order_places)
        pi = np.vstack([pi, np.tile(pi[:1], (more, 1))])
        pi[balances:] = y.NONE
        for column in (y.P_COUNT, y.P_RULE, y.P_KIND, y.P_SPRING, y.P_LET_GO, y.P_SHELF_FROM, y.P_N_IN, y.P_N_OUT,
                       y.P_N_EXPIRED, y.P_N_RENEGED, y.P_N_REFUSED, y.P_N_LATE, y.P_N_MOST, y.P_LISTED):
            pi[balances:, column] = 0
        pi[balances:, y.P_HISTOGRAM] = np.arange(balances, balances + more)
        extra = np.zeros((more, y.P_FLOATS))
        extra[:, y.P_SHELF] = extra[:, y.P_CAPACITY] = math.inf
        pf = np.vstack([pf, extra])
        names += order_places
        initial = np.append(initial, np.zeros(more))
    for b in range(balances):
        if not stored[b]:
            pf[b, y.P_CAPACITY] = 2.0 * busiest[b] if busiest[b] > 0.0 else math.inf
            if pi[b, y.P_KIND] == y.KIND_QUEUE and pi[b, y.P_SPRING] == 0 and busiest[b] > 0.0:
                d.log.append(f"{names[b]}: no store, so room for two batches ({pf[b, y.P_CAPACITY]:.6g})")
    ti = np.array([r[1] for r in rows], np.int64).reshape(-1, y.T_INTS)
    tf = np.array([r[2] for r in rows], float).reshape(-1, y.T_FLOATS)
    ai = np.array([r[:2] for r in arcs], np.int64).reshape(-1, y.A_INTS)
    af = np.zeros((len(arcs), y.A_FLOATS))
    for i, r in enumerate(arcs):
        af[i, :3] = r[2:5]
    gi, machines, modes = _groups(d, groups, ti)
    users = _linked(pi, ti, ai, (y.P_USERS0, y.P_USERS1), (y.T_IN0, y.T_IN1))
    makers = _linked(pi, ti, ai, (y.P_MAKERS0, y.P_MAKERS1), (y.T_OUT0, y.T_OUT1))
    ri, rf, pool_users = _pools(d, pools, uses, ti, gi)
    si = np.full((len(sources), y.S_INTS), y.NONE, np.int64)
    for i, source in enumerate(sources):
        si[i, [y.S_PLACE, y.S_TIME, y.S_STREAM, y.S_AMOUNT, y.S_AMOUNT_STREAM, y.S_DUE, y.S_DUE_STREAM,
               y.S_SERIES]] = source
        si[i, y.S_N] = 0
    mi = np.full((len(machines), y.M_INTS), y.NONE, np.int64)
    mi[:, y.M_GROUP], mi[:, y.M_STATE], mi[:, y.M_DOWN] = machines, y.STARVED, 0
    series = np.array(d.series, float).reshape(len(d.series), network.steps)
    horizon = network.steps * network.hours
    marks = np.linspace(0.0, horizon, _mark_count(len(pi), len(ti), len(gi)) + 1)[1:]
    marks[-1] = horizon
    base = np.cumsum([len(ti), len(mi), len(si), len(gi), len(ri)])
    model = y.Model(
        users=users, makers=makers, modes=modes, pool_users=pool_users,
        uses=np.array([u[:3] for u in uses], np.int64).reshape(-1, y.U_INTS),
        use_amount=np.array([u[3] for u in uses], float),
        dist_i=np.array([(k, a, b) for k, _, a, b in d.distributions], np.int64).reshape(-1, y.D_INTS),
        dist_f=np.array([[*row, 0.0, 0.0, 0.0, 0.0][: y.D_FLOATS] for _, row, _, _ in d.distributions]).reshape(-1, 4),
        values=np.array(d.values, float).reshape(-1, 2), series=series,
        worked=_summed(series, network.hours), on=_summed((series > 0.0).astype(float), network.hours),
        targets=np.zeros((0, network.steps + 1)), arrivals=np.zeros((0, 2)),
        keys=np.zeros((len(d.streams), 2), np.uint64), marks=marks,
        step=np.array([network.hours]), base=base.astype(np.int64),
    )
    tables = {"pi": pi, "pf": pf, "ti": ti, "tf": tf, "ai": ai, "af": af, "gi": gi, "mi": mi, "ri": ri, "rf": rf,
              "si": si, "initial": initial}
    return Built(
        model, tables, names, list(range(balances)) + [y.NONE] * len(order_places), [r[0] for r in rows],
        activity_of, [g[0] for g in groups], [network.resources.name[r] for r in pools], d.streams, d.log,
    )


def _faster(given: Distribution, factor: float) -> Distribution:
    """Return times between arrivals at a rate `factor` times as high; exact where only a scale changes."""
    if factor == 1.0:
        return given
    p = given.parameters
    if given.family in ("erlang",):
        return Distribution(given.family, (p[0], p[1] / factor))
    if given.family == "weibull":
        return Distribution(given.family, (p[0], p[1] / factor))
    if given.family in ("discrete", "empirical"):
        half = len(p) // 2
        return Distribution(given.family, (*(v / factor for v in p[:half]), *p[half:]))
    return Distribution(given.family, tuple(v / factor for v in p))


def _only_taker(flows: list[list[tuple[int, float, float]]], kinds: list[str], a: int, place: int) -> bool:
    return not any(
        b == place and amount < 0.0 for other, row in enumerate(flows) if other != a for b, amount, _ in row
    )


def _top_rates(network: Network) -> Any:
    """Return the most an hour of each activity, at the best of times, shape (activities,)."""
    act = network.activities
    top = np.empty(len(act))
    for a in range(len(act)):
        upper = network.on_grid(act.upper, act.grid, a)
        top[a] = float(np.max(upper)) if len(upper) else math.inf
        plant = int(act.plant[a])
        if plant >= 0 and network.plants.existing[plant] < top[a]:
            top[a] = network.plants.existing[plant]
    return top


def _scales(network: Network, top: Any, flows: list[list[tuple[int, float, float]]]) -> Any:
    """Return a batch for each activity: one step of its rate, or what suits its neighbours where it has no limit."""
    scale = np.where(np.isfinite(top), top * network.hours, np.nan)
    scale[scale == 0.0] = np.nan
    biggest = np.full(len(network.balances.commodity), np.nan)
    for _ in range(len(scale) + 1):
        for a, row in enumerate(flows):
            if not math.isnan(scale[a]):
                for b, amount, _ in row:
                    biggest[b] = np.fmax(biggest[b], abs(amount) * scale[a])
        missing = [a for a in range(len(scale)) if math.isnan(scale[a])]
        before = len(missing)
        for a in missing:
            near = [biggest[b] / abs(amount) for b, amount, _ in flows[a] if amount and not math.isnan(biggest[b])]
            if near:
                scale[a] = min(near)
                before -= 1
        if before == len(missing):
            break
    return np.nan_to_num(scale, nan=1.0)


def _groups(d: _Draft, groups: list[Any], ti: Any) -> tuple[Any, list[int], Any]:
    network = d.network
    gi = np.full((len(groups), y.G_INTS), y.NONE, np.int64)
    machines: list[int] = []
    modes: list[int] = []
    for g, (name, e, plant, servers, a) in enumerate(groups):
        run = network.discrete.runs.get(e, _PLAIN)
        gi[g, y.G_M0] = len(machines)
        machines += [g] * servers
        gi[g, y.G_M1] = len(machines)
        gi[g, y.G_REASON], gi[g, y.G_FAILURES], gi[g, y.G_REPAIRS] = y.STARVED, 0, 0
        gi[g, y.G_CLOCK] = gi[g, y.G_INTERVAL] = gi[g, y.G_DOWN_OPEN] = 0
        gi[g, y.G_SHIFT] = {"finish": 0, "suspend": 1, "restart": 2}[run.shift_end]
        gi[g, y.G_REPEAT] = run.stopped == "repeat"
        gi[g, y.G_SERIES] = d.speed(_speed(network, a, plant))
        if run.setup is not None:
            gi[g, y.G_SETUP], gi[g, y.G_SETUP_STREAM] = d.distribution(run.setup), d.stream(name, "setup")
        broken = network.discrete.failures.get(e)
        if broken is not None and servers:
            gi[g, y.G_CLOCK] = {"calendar": y.CLOCK_CALENDAR, "working": y.CLOCK_WORKING}[broken.clock]
            gi[g, y.G_INTERVAL] = broken.interval == "start"
            gi[g, y.G_DOWN_OPEN] = broken.unload
            gi[g, y.G_FAIL], gi[g, y.G_FAIL_STREAM] = d.distribution(broken.between), d.stream(name, "failure")
            gi[g, y.G_REPAIR], gi[g, y.G_REPAIR_STREAM] = d.distribution(broken.repair), d.stream(name, "repair")
        own = [int(t) for t in np.flatnonzero(ti[:, y.T_GROUP] == g)]
        gi[g, y.G_T0] = len(modes)
        modes += sorted(own, key=lambda t: (ti[t, y.T_PRIORITY], t))
        gi[g, y.G_T1] = len(modes)
    return gi, machines, np.array(modes, np.int64)


def _speed(network: Network, a: int, plant: int) -> Any:
    """Return the speed of a group in each base step, one at its best."""
    act = network.activities
    speed = np.ones(network.steps)
    if plant >= 0:
        speed = _on_base(network, network.plants.availability, network.plants.grid, plant)
    else:
        upper = _on_base(network, act.upper, act.grid, a)
        peak = float(np.max(upper))
        if math.isfinite(peak) and peak > 0.0:
            speed = upper / peak
    return speed


def _on_base(network: Network, varying: Any, grids: Any, which: int) -> Any:
    values = network.on_grid(varying, grids, which)
    widths = np.diff(network.grids[grids[which]].edges).astype(int)
    return np.repeat(values, widths)


def _linked(pi: Any, ti: Any, ai: Any, columns: tuple[int, int], span: tuple[int, int]) -> Any:
    """Write down for each place the transitions that touch it, in order of priority."""
    found: list[list[int]] = [[] for _ in range(len(pi))]
    for t in range(len(ti)):
        for a in range(ti[t, span[0]], ti[t, span[1]]):
            if t not in found[ai[a, y.A_PLACE]]:
                found[ai[a, y.A_PLACE]].append(t)
    flat: list[int] = []
    for p, row in enumerate(found):
        pi[p, columns[0]] = len(flat)
        flat += sorted(row, key=lambda t: (ti[t, y.T_PRIORITY], t))
        pi[p, columns[1]] = len(flat)
    return np.array(flat, np.int64)


def _pools(d: _Draft, pools: list[int], uses: list[Any], ti: Any, gi: Any) -> tuple[Any, Any, Any]:
    network = d.network
    ri = np.full((len(pools), y.R_INTS), y.NONE, np.int64)
    rf = np.zeros((len(pools), y.R_FLOATS))
    flat: list[int] = []
    for i, r in enumerate(pools):
        res = network.resources
        share = _on_base(network, res.availability, res.grid, r)
        ri[i, y.R_SERIES] = d.speed(share)
        rf[i, y.R_AMOUNT] = res.amount[r]
        ri[i, y.R_USERS0] = len(flat)
        own = [t for t in range(len(ti)) if any(uses[u][0] == i for u in range(ti[t, y.T_USE0], ti[t, y.T_USE1]))]
        flat += sorted(own, key=lambda t: (ti[t, y.T_PRIORITY], t))
        ri[i, y.R_USERS1] = len(flat)
    crews = {network.resources.name[r]: i for i, r in enumerate(pools)}
    number = {e: broken.crew for e, broken in network.discrete.failures.items() if broken.crew}
    for g in range(len(gi)):
        a = ti[:, y.T_GROUP] == g
        names = {number[e] for e in number if network.elements[e].name in set(_names_of(d, a))}
        if names and gi[g, y.G_CLOCK] != y.CLOCK_NONE:
            gi[g, y.G_CREW] = crews[names.pop()]
    return ri, rf, np.array(flat, np.int64)


def _names_of(d: _Draft, chosen: Any) -> list[str]:
    times = [name for name, purpose in d.streams if purpose == "time"]
    return [times[t].split(".")[0] for t in np.flatnonzero(chosen)]


def _summed(series: Any, hours: float) -> Any:
    sums = np.zeros((len(series), series.shape[1] + 1))
    np.cumsum(series * hours, axis=1, out=sums[:, 1:])
    return sums


def _mark_count(places: int, transitions: int, groups: int) -> int:
    width = 13 * places + 3 * transitions + y.STATES * groups
    return int(np.clip(4_000_000 // max(1, width), 20, 1000))


def keyed(built: Built, seed: int, replication: int) -> y.Model:
    """Return the model with the keys of one replication's streams."""
    keys = np.array([stream_key(seed, replication, *names) for names in built.streams], np.uint64).reshape(-1, 2)
    return built.model._replace(keys=keys)


def fresh_state(built: Built, lots: int, trace: int = 0) -> y.State:
    """Return a state at time nought with room for so many lots and jobs."""
    m, tables = built.model, built.tables
    li = np.full((lots, y.L_INTS), y.NONE, np.int64)
    ji = np.full((lots, y.J_INTS), y.NONE, np.int64)
    li[:-1, y.L_NEXT] = np.arange(1, lots)
    ji[:-1, y.J_NEXT] = np.arange(1, lots)
    ji[:, y.J_PHASE] = y.FREE
    c = np.zeros(y.C_INTS, np.int64)
    events = int(m.base[4]) + 2 * lots + 2
    width = 13 * len(tables["pi"]) + 3 * len(tables["ti"]) + y.STATES * len(tables["gi"]) + 2 * len(tables["ri"])
    copied = {name: tables[name].copy() for name in ("pi", "pf", "ti", "tf", "ai", "af", "gi", "mi", "ri", "rf", "si")}
    return y.State(
        **copied, shares=np.zeros((len(tables["gi"]), y.STATES)), mf=np.zeros((len(tables["mi"]), y.M_FLOATS)),
        ji=ji, jf=np.zeros((lots, y.J_FLOATS)), li=li, lf=np.zeros((lots, y.L_FLOATS)),
        sf=np.zeros((len(tables["si"]), y.S_FLOATS)), drawn=np.zeros(len(built.streams), np.int64),
        heap_time=np.zeros(events), heap_rank=np.zeros(events, np.int64), heap_event=np.zeros(events, np.int64),
        heap_place=np.full(events, y.NONE, np.int64),
        todo=np.zeros(len(tables["ti"]) + len(tables["pi"]) + 2, np.int64), c=c,
        now=np.zeros(1), notes=np.zeros((len(m.marks), width)),
        histogram=np.zeros((y.CHECKPOINTS, len(tables["pi"]), y.BINS), np.int64),
        trace=np.zeros((trace, y.TRACE_COLUMNS)),
    )
