"""Network → the kernel's tables: which balance is a place, which activity a transition, in what batches.

Balances become places, activities transitions, the capacity activities share a group of machines. What has only a
rate runs regular batches of one step's worth. Routes of a fleet become trips (`trips`). Nothing is run here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lodeworks.errors import InputError, Problem
from lodeworks.network import Network
from lodeworks.network.arrays import Arriving, Breaking, Distribution, Running
from lodeworks.network.hauling import ANY_SHARE
from lodeworks.said import Said
from lodeworks.simulate import layout as y
from lodeworks.simulate.addresses import of_four, woven
from lodeworks.simulate.batches import batches, told_batches, top_rates
from lodeworks.simulate.begun import begin_from
from lodeworks.simulate.crews import add_with_crew
from lodeworks.simulate.draft import Arc, Built, Draft, Group, Place, Pool, Source, Transition
from lodeworks.simulate.endless import bring_as_wanted
from lodeworks.simulate.keys import stream_keys
from lodeworks.simulate.passes import add_passes, most_by_pools, rates_of_pools
from lodeworks.simulate.together import open_together
from lodeworks.simulate.trips import AFTER_LOADING, add_trips

__all__ = ["PLAIN", "Built", "build", "fresh_state", "keyed", "run_of"]

PLAIN = Running(None, None, 1, 0, {}, 1.0, math.inf, None, "after", "suspend", "resume", False)
_MOST_MACHINES = 100_000  # of one element; each has a row of its own
_LAST_SERVED = 1_000_000  # sales without limit take what nobody else wants
_SHIFT_ENDS = {"finish": y.SHIFT_FINISH, "suspend": y.SHIFT_SUSPEND, "restart": y.SHIFT_RESTART}
_RULES = {"fifo": y.RULE_FIFO, "lifo": y.RULE_LIFO, "due": y.RULE_DUE, "priority": y.RULE_PRIORITY}
_CLOCKS = {"calendar": y.CLOCK_CALENDAR, "working": y.CLOCK_WORKING}


def build(network: Network, targets: Mapping[int, y.Floats] | None = None, kept: int = 1) -> Built:
    """Return the kernel's tables for a network; of one that is a window begun from a state, with what is under way.

    Parameters
    ----------
    targets
        Amounts an activity may have started by the end of each base step, by activity, shape (steps,); what has a
        target runs ahead of it by no more than half a batch.
    kept
        How many replications' sums are kept at a time: the more, the fewer marks.
    """
    _refuse_for_plans_only(network)
    d = Draft(network)
    numbers = _pools(d)
    stored = _places(d)
    work = _Work(d, numbers, stored)
    fleets = work.add_activities()
    for place in add_trips(d, fleets, numbers, work.flows):
        work.busiest.setdefault(place[0], 0.0)
        work.busiest[place[0]] = max(work.busiest[place[0]], place[1])
    work.room_without_store()
    d.log += told_batches(work.unwritten)
    bring_as_wanted(d, work.stored, work.busiest, work.top, targets or ())
    work.link_backlogs()
    work.set_ups()
    add_passes(d)
    open_together(d, work.stored)
    for t in d.transitions:
        if targets is not None and t.activity in targets and not t.name.endswith(AFTER_LOADING):
            t.ints[y.T_TARGET] = len(d.targets)
            d.targets.append(np.concatenate([[0.0], targets[t.activity]]))
    if network.cut and network.before is not None:
        begin_from(d, network.before)
    return d.freeze(kept)


def _refuse_for_plans_only(network: Network) -> None:
    """Tell of all that has a meaning for plans and none for lots: never simulate something else than was written."""
    def named(numbers: Any, what: str) -> list[Problem]:
        names = [network.elements[e].name for e in numbers]
        return [Problem(f"{what} hold for plans only", element=name, expected="a chain without them") for name in names]

    stores = network.stores
    backwards = np.flatnonzero(np.isneginf(network.activities.lower.scale))
    problems = named(stores.element[stores.filling >= 0], "efficiencies, inflows and shares of a store")
    problems += named(stores.element[stores.least_stay > 0.0], "least stays in a store")
    problems += named(stores.element[stores.loss.series >= 0], "losses of a store that change over time")
    problems += named(dict.fromkeys(network.plants.element[network.reserves.plant].tolist()), "reserves")
    problems += named(dict.fromkeys(network.activities.element[backwards].tolist()), "flows backwards")
    changing = network.coefficients.element[network.coefficients.changing]
    problems += named(dict.fromkeys(changing.tolist()), "amounts of a recipe that change over time")
    sharing = [(e, network.activities.mode[a]) for _, a, _ in rates_of_pools(network)
               for e in [int(network.activities.element[a])]]
    problems += named(dict.fromkeys(e for e, _ in sharing if network.elements[e].kind == "supply"
                                    and e in network.discrete.arrivals), "pools of arrivals")
    problems += named(dict.fromkeys(e for e, mode in sharing if run_of(network, e, mode).order_at is not None),
                      "pools of orders up to a level")
    counted = [(e, "machines", run.servers) for e, run in network.discrete.runs.items()]
    counted += [(e, "vehicles", fleet.vehicles) for e, fleet in network.discrete.fleets.items()]
    problems += [Problem(f"more {what} than a simulation follows one by one", element=network.elements[e].name,
                         found=f"{count:,}", expected=f"at most {_MOST_MACHINES:,}; for fewer, larger ones, a larger "
                         "batch or payload") for e, what, count in counted if count > _MOST_MACHINES]
    if problems:
        raise InputError(problems)


def _pools(d: Draft) -> dict[str, int]:
    """Add the pools; return their numbers by name."""
    network, res = d.network, d.network.resources
    number = network.element_number
    found = {}
    for r, name in enumerate(res.name):
        if res.kind[r] == "pool":
            pool = Pool(name, float(res.amount[r]), d.speed(network.on_base(res.availability, res.grid, r)))
            broken = network.discrete.failures.get(number[name])
            if broken is not None:
                pool.ints = {y.R_FAIL: d.distribution(broken.between), y.R_FAIL_STREAM: d.stream(name, "failure"),
                             y.R_REPAIR: d.distribution(broken.repair), y.R_REPAIR_STREAM: d.stream(name, "repair")}
            found[name] = d.pool(pool)
    return found


def _places(d: Draft) -> set[int]:
    """Add a place for each balance, with what its stores say; return the balances that have stores."""
    network = d.network
    warm = {c.name: (c.made_at - c.least_at) / c.cools_by for c in network.commodities
            if c.made_at is not None and c.least_at is not None and c.cools_by}
    for b, (c, s) in enumerate(zip(network.balances.commodity, network.balances.site, strict=True)):
        unit = network.commodity_unit.get(c, "")
        d.place(Place(f"{c}@{s}" if s else c, b, unit, let_go=bool(network.balances.let_go[b]),
                      warm=warm.get(c)))
    stored: set[int] = set()
    for i in range(len(network.stores)):
        b, plant = int(network.stores.balance[i]), int(network.stores.plant[i])
        place = d.places[b]
        existing = float(network.plants.existing[plant]) if plant >= 0 else math.inf
        place.capacity = existing + (place.capacity if b in stored else 0.0)
        stored.add(b)
        place.shelf = min(place.shelf, float(network.stores.shelf_life[i]))
        if not math.isnan(network.stores.initial[i]):
            place.initial += float(network.stores.initial[i])
        waiting = network.discrete.waiting.get(int(network.stores.element[i]))
        if waiting is not None:
            place.life = min(place.life, waiting.life)
            place.rule, place.expire_to, place.renege_to = _RULES[waiting.order], waiting.expires_to, waiting.reneges_to
            if waiting.patience is not None:
                place.patience = d.distribution(waiting.patience)
                place.patience_stream = d.stream(network.elements[network.stores.element[i]].name, "patience")
    return stored


class _Work:
    """Activities on their way to transitions."""

    def __init__(self, d: Draft, pools: dict[str, int], stored: set[int]) -> None:
        self.d, self.pools, self.stored = d, pools, stored
        network = d.network
        self.kinds = [network.elements[e].kind for e in network.activities.element]
        self.own_top, self.by_pools = top_rates(network), most_by_pools(network)
        self.top = np.where(np.isinf(self.own_top), self.by_pools, self.own_top)
        self.flows: list[list[tuple[int, float, float, int]]] = [[] for _ in self.kinds]
        coef = network.coefficients
        for a, b, amount, lag, e in zip(
            coef.activity, coef.balance, coef.amount, coef.lag, coef.element, strict=True
        ):
            self.flows[a].append((int(b), float(amount), float(lag), int(e)))
        self.flows = [_of_its_own(row, network.discrete.chances) for row in self.flows]
        takers: dict[int, set[int]] = {}
        for a, row in enumerate(self.flows):
            for b, amount, _, _ in row:
                if amount < 0.0:
                    takers.setdefault(b, set()).add(a)
        self.takers = takers
        rooms = {b: d.places[b].capacity for b in stored if math.isfinite(d.places[b].capacity)}
        self.batch = batches(network, self.own_top, self.by_pools, self.flows, _written(network), rooms)
        self.unwritten: list[tuple[str, float, str]] = []
        self.groups: dict[tuple[str, int], int] = {}
        self.busiest: dict[int, float] = {}

    def add_activities(self) -> list[int]:
        """Add every activity but those of a fleet's routes, which are returned."""
        hauled = []
        for a in range(len(self.kinds)):
            e = int(self.d.network.activities.element[a])
            arriving = self.d.network.discrete.arrivals.get(e)
            if self.by_pools[a] == 0.0:
                self.d.log.append(Said(f"{self._label(a)}: a pool it uses has nothing, so it does not run",
                                       f"{self._label(a)}：所用资源为零，因此不运行"))
            elif e in self.d.network.discrete.hauls:
                hauled.append(a)
            elif self.kinds[a] == "supply" and arriving is not None:
                self._arrivals(self.flows[a][0][0], self._label(a), arriving)
            elif self.kinds[a] == "supply" and math.isinf(self.top[a]) and self._run(a).order_at is None:
                self._spring(self.flows[a][0][0], e)
            elif self.top[a] == 0.0 and self._run(a).time is None:  # not built, or nothing is let through
                self.d.log.append(Said(f"{self._label(a)}: without capacity, so it does not run",
                                       f"{self._label(a)}：没有产能，因此不运行"))
            elif not self._leaves_at_once(a, arriving):
                self._transition(a, arriving)
        return hauled

    def _spring(self, place: int, element: int) -> None:
        """Let a supply without limit give what is missing; from later on where it is out."""
        _, hours = self.d.network.discrete.out.get(element, (0, 0.0))
        if hours == 0.0:
            self.d.places[place].spring = True
        elif hours < math.inf:
            self.d.supply_from(place, hours)

    def _run(self, a: int) -> Running:
        network = self.d.network
        return run_of(network, int(network.activities.element[a]), network.activities.mode[a])

    def _label(self, a: int) -> str:
        network = self.d.network
        mode = network.activities.mode[a]
        return network.elements[network.activities.element[a]].name + (f".{mode}" if mode else "")

    def _unlimited(self, a: int) -> bool:
        run = self._run(a)
        return bool(math.isinf(self.top[a])) and (run.time is None or run.order_at is not None)

    def _leaves_at_once(self, a: int, arriving: Arriving | None) -> bool:
        """Let what is sold without limit, and wanted by nobody else, leave as it comes."""
        place = self.flows[a][0][0] if self.flows[a] else y.NONE
        only = self.takers.get(place, set()) <= {a}
        out = int(self.d.network.activities.element[a]) in self.d.network.discrete.out
        if (self._unlimited(a) and self.kinds[a] == "demand" and arriving is None and only
                and place not in self.stored and not out):
            self.d.places[place].leaves = True
            return True
        return False

    def _arrivals(self, place: int, label: str, arriving: Arriving) -> None:
        d = self.d
        columns = {
            y.S_TIME: d.distribution(arriving.between), y.S_STREAM: d.stream(label, "between"),
            y.S_AMOUNT: d.distribution(arriving.amount), y.S_AMOUNT_STREAM: d.stream(label, "amount"),
            y.S_DUE: d.distribution(arriving.due) if arriving.due is not None else y.NONE,
            y.S_DUE_STREAM: d.stream(label, "due"), y.S_URGENCY: arriving.priority,
        }
        if arriving.at:
            first = len(d.arrivals)
            amounts = arriving.amounts or (math.nan,) * len(arriving.at)
            d.arrivals += list(zip(arriving.at, amounts, strict=True))
            columns |= {y.S_TRACE: first - 1, y.S_TRACE_FIRST: first, y.S_TRACE_END: len(d.arrivals)}
        else:
            network = d.network
            speed = network.series[arriving.series] if arriving.series >= 0 else np.ones(network.steps)
            peak = float(speed.max() * arriving.scale) or 1.0
            columns[y.S_TIME] = d.distribution(_faster(arriving.between, peak))
            columns[y.S_SERIES] = d.speed(speed * arriving.scale / peak)
        d.sources.append(Source(place, columns, arriving.every, arriving.balk_at))

    def _transition(self, a: int, arriving: Arriving | None) -> None:
        d, run, label, network = self.d, self._run(a), self._label(a), self.d.network
        e = int(network.activities.element[a])
        unlimited, sale = self._unlimited(a), self.kinds[a] == "demand"
        last = sale and arriving is None and run.time is None and bool(math.isinf(self.own_top[a]))
        batch = float(run.batch if run.batch is not None else self.batch[a])
        ordered = sale and arriving is not None  # orders wait for goods, not for the pace at which they come
        time = d.distribution(run.time) if run.time is not None else d.constant(
            0.0 if unlimited or ordered else run.servers * batch / self.top[a])
        t = Transition(label, self._group(a, run), time, a, batch,
                       _LAST_SERVED if last else run.priority)
        least = y.SALE_LEAST if last and unlimited else run.least
        if ordered and run.batch is None:  # what is there is handed over
            least = min(least, ANY_SHARE)
        if run.batch is None and least not in (y.SALE_LEAST, ANY_SHARE) and run.order_at is None:
            self.unwritten.append((label, batch, network.elements[e].unit))
        at_once = unlimited and run.time is None and not any(lag > 0.0 for _, _, lag, _ in self.flows[a])
        t.ints = {y.T_KEEPS_MADE: self.kinds[a] == "route", y.T_BEFORE: run.blocking == "before" or at_once,
                  y.T_PREEMPT: run.preempts, y.T_PARTIAL: least < 1.0}
        t.floats = {y.T_LEAST: least, y.T_LINGER: run.linger}
        for b, amount, _, _ in self.flows[a]:
            if amount < 0.0:
                t.inputs.append(Arc(b, -amount * batch))
                self._busy(b, -amount * batch)
        if sale and arriving is not None:
            orders = d.place(Place(f"orders of {network.elements[e].name}", unit=network.elements[e].unit))
            t.inputs.append(Arc(orders, batch))
            self._arrivals(orders, label, arriving)
        self._outputs(t, a, e, batch)
        if run.order_at is not None:
            self._orders(t, run, batch)
        add_with_crew(d, t, run, self.pools, network.elements[e].unit)

    def _outputs(self, t: Transition, a: int, e: int, batch: float) -> None:
        chances, cumulated = self.d.network.discrete.chances, 0.0
        for b, amount, lag, _ in self.flows[a]:
            if amount > 0.0:
                chance = chances.get((e, b))
                if chance is None:
                    t.outputs.append(Arc(b, amount * batch, lag=lag))
                    self._busy(b, amount * batch)
                elif chance > 0.0:
                    cumulated += chance
                    t.outputs.append(Arc(b, amount * batch / chance, lag=lag, chance=cumulated))
                    self._busy(b, amount * batch / chance)
                    if not t.ints.get(y.T_CHANCE):
                        t.ints[y.T_CHANCE] = 1
                        t.ints[y.T_CHANCE_STREAM] = self.d.stream(t.name, "chance")

    def _orders(self, t: Transition, run: Running, batch: float) -> None:
        """Let a transition start when stock and orders under way have fallen, for what brings them up again."""
        watched = t.outputs[0].place
        t.ints[y.T_REORDER] = watched
        per = t.outputs[0].amount / batch
        t.floats |= {y.T_ORDER_AT: (run.order_at or 0.0) * per, y.T_ORDER_TO: run.order_to * per, y.T_PER_ORDER: per}

    def link_backlogs(self) -> None:
        """Let what is ordered at a level know the orders that wait for it."""
        for t in self.d.transitions:
            if y.T_REORDER not in t.ints:
                continue
            watched = t.ints[y.T_REORDER]
            takers = [o for o in self.d.transitions if any(a.place == watched for a in o.inputs)]
            for arc in (arc for other in takers for arc in other.inputs):
                if self.d.places[arc.place].name.startswith("orders of "):
                    t.ints[y.T_BACKLOG] = arc.place

    def set_ups(self) -> None:
        """Give each mode the times to change to it from every other mode of its machines."""
        d = self.d
        of_group: list[list[Transition]] = [[] for _ in d.groups]
        for t in d.transitions:
            if t.group != y.NONE and t.activity != y.NONE:
                of_group[t.group].append(t)
        for group, modes in zip(d.groups, of_group, strict=True):
            runs = [self._run(t.activity) for t in modes]
            if not any(run.setup or run.setup_from for run in runs):
                continue
            group.ints |= {y.G_SETUP: 1, y.G_SETUP_STREAM: d.stream(group.name, "setup")}
            names = [d.network.activities.mode[t.activity] for t in modes]
            for kind, (t, run) in enumerate(zip(modes, runs, strict=True)):
                times = [run.setup_from.get(name) or run.setup or Distribution("constant", (0.0,)) for name in names]
                t.ints |= {y.T_KIND: kind, y.T_SETUP: d.distributions_in_a_row(times)}

    def _busy(self, place: int, amount: float) -> None:
        self.busiest[place] = max(self.busiest.get(place, 0.0), amount)

    def room_without_store(self) -> None:
        """Give balances without a store room for two batches; what leaves the chain at once needs none."""
        for p, place in enumerate(self.d.places):
            busiest = self.busiest.get(p, 0.0)
            if place.balance == y.NONE or p in self.stored or busiest == 0.0 or place.leaves:
                continue
            place.capacity = 2.0 * busiest
            if not place.spring:
                self.d.log.append(Said(f"{place.name}: no store, so room for two batches ({place.capacity:.6g})",
                                       f"{place.name}：没有储存，只留两批的余地（{place.capacity:.6g}）"))

    def _group(self, a: int, run: Running) -> int:
        """Return the group of machines of an activity, which those of one plant or process share."""
        d, network = self.d, self.d.network
        e, plant = int(network.activities.element[a]), int(network.activities.plant[a])
        key = ("plant", plant) if plant >= 0 else ("element", e) if self.kinds[a] == "process" else ("activity", a)
        if key in self.groups:
            return self.groups[key]
        name = network.elements[e].name
        group = Group(name, 0 if self._unlimited(a) else run.servers)
        group.out, group.out_h = network.discrete.out.get(e, (0, 0.0))
        group.ints = {y.G_SHIFT: _SHIFT_ENDS[run.shift_end], y.G_REPEAT: run.stopped == "repeat",
                      y.G_SHORTEST: run.routing == "shortest", y.G_SERIES: d.speed(_speed(network, a, plant))}
        broken = network.discrete.failures.get(e)
        if broken is not None and group.servers:
            group.ints |= self._failing(name, broken)
            group.ints[y.G_BELT] = any(lag > 0.0 for _, _, lag, _ in self.flows[a]) and self.kinds[a] == "route"
        self.groups[key] = d.group(group)
        return self.groups[key]

    def _failing(self, name: str, broken: Breaking) -> dict[int, int]:
        d = self.d
        return {
            y.G_CLOCK: _CLOCKS[broken.clock], y.G_INTERVAL: broken.interval == "start",
            y.G_DOWN_OPEN: y.OPEN_UNLOAD * broken.unload + y.OPEN_LOAD * broken.load,
            y.G_FAIL: d.distribution(broken.between), y.G_FAIL_STREAM: d.stream(name, "failure"),
            y.G_REPAIR: d.distribution(broken.repair), y.G_REPAIR_STREAM: d.stream(name, "repair"),
            y.G_CREW: self.pools.get(broken.crew, y.NONE),
        }


def _of_its_own(
    flows: list[tuple[int, float, float, int]], chances: Mapping[tuple[int, int], float],
) -> list[tuple[int, float, float, int]]:
    """Return flows of which only the rest moves where a run gives what it takes itself: it takes it from its own.

    An oven is heated by its own gas; it could never begin if it had to find that gas first.
    """
    found = []
    for b, amount, lag, e in flows:
        own = [row for row in flows if row[0] == b and row[3] == e and row[2] == 0.0 and (e, b) not in chances]
        if lag == 0.0 and len(own) > 1 and (b, amount, lag, e) in own:
            if (b, amount, lag, e) == own[0] and abs(rest := sum(row[1] for row in own)) > 1e-12:
                found.append((b, rest, 0.0, e))
        else:
            found.append((b, amount, lag, e))
    return found


def _faster(given: Distribution, factor: float) -> Distribution:
    """Return times between arrivals at a rate `factor` times as high; exact where only a scale changes."""
    if factor == 1.0:
        return given
    p = given.parameters
    if given.family in ("erlang", "weibull"):
        return Distribution(given.family, (p[0], p[1] / factor))
    if given.family in ("discrete", "empirical"):
        half = len(p) // 2
        return Distribution(given.family, (*(v / factor for v in p[:half]), *p[half:]))
    return Distribution(given.family, tuple(v / factor for v in p))


def run_of(network: Network, e: int, mode: str) -> Running:
    """Return how an element runs in a mode."""
    return network.discrete.modes.get((e, mode)) or network.discrete.runs.get(e, PLAIN)


def _written(network: Network) -> dict[int, float]:
    """Return the batches that are written, and what vehicles carry, by activity."""
    act, found = network.activities, {}
    for a in range(len(act)):
        e = int(act.element[a])
        hauled, batch = network.discrete.hauls.get(e), run_of(network, e, act.mode[a]).batch
        if hauled is not None or batch is not None:
            found[a] = float(hauled.payload if hauled is not None else batch or 0.0)
    return found


def _speed(network: Network, a: int, plant: int) -> Any:
    """Return the speed of a group in each base step, one at its best."""
    act = network.activities
    if plant >= 0:
        return network.on_base(network.plants.availability, network.plants.grid, plant)
    upper = network.on_base(act.upper, act.grid, a)
    peak = float(np.max(upper))
    return upper / peak if math.isfinite(peak) and peak > 0.0 else np.ones(network.steps)


def keyed(built: Built, seed: int, replication: int) -> y.Model:
    """Return the model with the keys of one replication's streams."""
    return built.model._replace(keys=stream_keys(seed, replication, built.streams))


def fresh_state(built: Built, lots: int, trace: int = 0) -> y.State:
    """Return a state at time nought with room for so many lots and jobs, and rows of trace."""
    m, tables = built.model, built.tables
    li = np.full((lots, y.L_INTS), y.NONE, np.int64)
    ji = np.full((lots, y.J_INTS), y.NONE, np.int64)
    li[:-1, y.L_NEXT] = np.arange(1, lots)
    ji[:-1, y.J_NEXT] = np.arange(1, lots)
    ji[:, y.J_PHASE] = y.FREE
    c = np.zeros(y.C_INTS, np.int64)
    c[y.C_MAKER] = c[y.C_COUNTS : y.C_COUNTS + y.ASKED] = y.NONE
    events = int(m.base[5]) + 2 * lots + 10
    width = (y.NOTES_PLACE * len(tables["pi"]) + y.NOTES_TRANSITION * len(tables["ti"])
             + y.STATES * len(tables["gi"]) + y.NOTES_POOL * len(tables["ri"]))
    keys = of_four(events, np.int64)
    keys[:] = np.iinfo(np.int64).max - np.arange(events)
    sf = np.zeros((len(tables["si"]), y.S_FLOATS))
    sf[:, y.S_EVERY], sf[:, y.S_BALK] = tables["every"], tables["balk"]
    mf = np.zeros((len(tables["mi"]), y.M_FLOATS))
    mf[:, y.M_OUT] = tables["out"]
    jf, lf, hours = np.zeros((lots, y.J_FLOATS)), np.zeros((lots, y.L_FLOATS)), np.zeros((len(tables["gi"]), y.STATES))
    xi, ahead = np.tile([0, y.NONE, 0], (len(built.streams), 1)), np.zeros((len(built.streams), y.X_AHEAD))
    (pi, pf), (ti, tf), (ai, af), (gi, shares), (mi, mf), (ji, jf), (li, lf), (ri, rf), (si, sf), (xi, ahead) = woven(
        (tables["pi"], tables["pf"], 0), (tables["ti"], tables["tf"], 0), (tables["ai"], tables["af"], 0),
        (tables["gi"], hours, y.G_LEAD), (tables["mi"], mf, y.M_LEAD), (ji, jf, y.J_LEAD), (li, lf, y.L_LEAD),
        (tables["ri"], tables["rf"], 0), (tables["si"], sf, y.S_LEAD), (xi, ahead, 0))
    return y.State(
        pi=pi, pf=pf, ti=ti, tf=tf, ai=ai, af=af, gi=gi, shares=shares, mi=mi, mf=mf, ji=ji, jf=jf, li=li, lf=lf,
        ri=ri, rf=rf, si=si, sf=sf, xi=xi, ahead=ahead,
        heap_time=keys.view(np.float64), heap_rank=np.zeros(events, np.int64), heap_event=of_four(events, np.int32),
        heap_place=np.full(events, y.NONE, np.int64),
        todo=np.zeros(len(tables["ti"]) + len(tables["pi"]) + 2, np.int64), c=c,
        now=np.zeros(1), notes=np.zeros((len(m.marks), width)),
        tally=np.zeros((len(tables["pi"]), y.TALLIES), np.uint8),
        full=np.zeros((len(tables["pi"]), y.BINS), np.int64),
        histogram=np.zeros(y.CHECKPOINTS * len(tables["pi"]) * y.BINS, np.int64),
        ages=np.zeros((y.CHECKPOINTS, 2 * int((tables["pi"][:, y.P_AGES] != y.NONE).sum()), y.BINS)),
        trace=np.zeros((trace, y.TRACE_COLUMNS)),
    )
