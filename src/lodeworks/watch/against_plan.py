"""Now against plan: how far every measured flow, level and capacity is from the plan's hour, in units and in money.

What a deviation costs is *margin × deviation*: the margin of an element is what one more unit of its rate earns at the
plan's marginal values (see `planned`), so what was not made is charged less what was not used for it, and the tiles of
all elements add up to what the plan loses, to first order. Where an element has more tags than one, the first of its
own commodity says how much it runs; what another differs from what follows by the chain's coefficients (a poor yield, a
leak) is charged at the marginal value of that commodity. Levels and capacities are told in money too, but are not added
up: what is missing in store has been charged to who did not bring it.

How long stocks last is in `time_left`, and how it is said in words in `said`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.arrays import Bools, Floats, Ints, Network
from lodeworks.network.live import Live, Tag
from lodeworks.watch.planned import Hour, Planned, midnight_ms
from lodeworks.watch.present import PresentValues
from lodeworks.watch.samples import Quality
from lodeworks.watch.time_left import TimeLeft, time_left

__all__ = ["AT_REST", "USABLE", "Against", "Deviation", "Now", "at_rest", "known_values"]

USABLE = (Quality.GOOD, Quality.UNCERTAIN, Quality.SIMULATED, Quality.SUBSTITUTED)
AT_REST = frozenset(("broken", "down", "fault", "maintenance", "off", "out", "repair", "stopped", "tripped"))
_HOUR = 3_600_000.0
_GAP = 5 * 60_000  # longer silences of the caller are not counted as known


@dataclass(frozen=True)
class Deviation:
    """One tile: what is planned, what is there, and what the difference is worth.

    Attributes
    ----------
    what
        ``flow`` (per hour), ``level`` or ``capacity`` (per hour).
    state
        ``known``, ``unknown`` (no usable value: stale, bad, a test) or ``not planned`` (the plan says nothing).
    deviation
        Present less planned; nan unless known.
    marginal_value
        The plan's value of one more unit: of the commodity there, of a level, of a capacity for an hour.
    margin
        What one more unit of it earns after all that goes with it; cost = -margin × deviation where nothing is lost.
    cost
        Money an hour that the deviation costs (of a level: money); below nought where it gains.
    behind_today, cost_today, known_today
        Sum of the deviation, what it cost, and the hours in which it was known, since midnight.
    counted
        Whether it is part of the total.
    """

    what: str
    element: str
    commodity: str
    site: str
    unit: str
    tag: str
    state: str
    planned: float
    present: float
    deviation: float
    marginal_value: float
    margin: float
    cost: float
    behind_today: float
    cost_today: float
    known_today: float
    counted: bool


@dataclass(frozen=True)
class Now:
    """Everything against plan at one moment.

    `plan` is ``running``, ``not begun`` or ``ended``; `begins` and `ends` say when. `unit` is what money is in, which
    is the currency unless the plan was best at something else. `cost` is an hour's, `cost_today` since midnight.
    `unmeasured` are elements the plan runs this hour whose flow no tag says.
    """

    at: int
    plan: str
    begins: int
    ends: int
    unit: str
    deviations: tuple[Deviation, ...]
    left: tuple[TimeLeft, ...]
    cost: float
    cost_today: float
    unmeasured: tuple[str, ...]

    def cost_of(self, element: str) -> float:
        """Return what an element's deviations cost an hour, to sort alarms by; nought where nothing is known of it."""
        costs = [d.cost for d in self.deviations if d.element == element and d.counted and np.isfinite(d.cost)]
        return float(sum(costs))


def known_values(live: Live, present: PresentValues, now: int) -> Floats:
    """Return values in the plan's units, shape (tags,); nan where stale (three periods), bad, a test or never seen."""
    period = np.array([tag.period_s for tag in live.tags], float) * 1000.0
    usable = np.isin(present.quality, [int(q) for q in USABLE]) & (present.at > 0) & (now - present.at <= 3.0 * period)
    factor = np.array([tag.factor for tag in live.tags], float)
    return np.where(usable, present.value * factor, np.nan)


@dataclass(frozen=True, eq=False)
class _Bound:
    """A tag that stands beside the plan: which element, balance and coefficients it is of."""

    tag: int
    what: str
    element: int
    balance: int
    rows: Ints
    first: bool
    store: int = -1
    plant: int = -1


class Against:
    """Holds present values against a plan; keeps the sums of the day.

    Call `now` again and again with rising times; `recall` first, with the values of today so far, after a restart.
    """

    def __init__(self, net: Network, planned: Planned, live: Live) -> None:
        self.net, self.planned, self.live = net, planned, live
        self._bound = _bind(net, live)
        self._counters = _Counters(live)
        self._activities = [np.flatnonzero(net.activities.element == e) for e in range(len(net.elements))]
        count = len(self._bound)
        self._behind, self._cost, self._known = np.zeros(count), np.zeros(count), np.zeros(count)
        self._last: tuple[int, Floats, Floats] | None = None

    def planned_values(self, now: int) -> Floats:
        """Return what the plan has for each tag, in the tag's unit, shape (tags,); nan where it says nothing."""
        found = np.full(len(self.live.tags), np.nan)
        _, figures, _ = self._figures(np.full(len(self.live.tags), np.nan), now)
        for bound, planned in zip(self._bound, figures.planned, strict=True):
            found[bound.tag] = planned / self.live.tags[bound.tag].factor
        return found

    def target(self, tags: NDArray[np.int32], at: NDArray[np.int64]) -> Floats:
        """Return what the plan has for tags at moments (ms), in the tags' units; for rules of deviation.

        Moments are taken to ten seconds: within a step only levels change, and those evenly.
        """
        found = np.full(len(tags), np.nan)
        moments, which = np.unique(at // 10_000, return_inverse=True)
        for k, moment in enumerate(moments):
            rows = which == k
            found[rows] = self.planned_values(int(moment) * 10_000)[tags[rows]]
        return found

    def recall(self, at: NDArray[np.int64], values: Floats) -> None:
        """Take in what was today before this was started.

        Parameters
        ----------
        at
            Rising moments, shape (n,), such as every minute since midnight.
        values
            What was known then in the plan's units, shape (n, tags), nan where nothing was.
        """
        for moment, row in zip(at, values, strict=True):
            self._advance(int(moment), self._counters.rates(row, int(moment)))

    def now(self, present: PresentValues, now: int) -> Now:
        """Return every deviation at a moment, and add what has passed since the last call to the day's sums."""
        known = self._counters.rates(known_values(self.live, present, now), now, present.at)
        return self._advance(now, known)

    def measured(self, present: PresentValues, now: int) -> tuple[dict[str, float], dict[str, float]]:
        """Return the rates of elements and the levels of stores that tags say, by name, in the plan's units."""
        known = self._counters.rates(known_values(self.live, present, now), now, present.at)
        _, figures, rate = self._figures(known, now)
        names = [element.name for element in self.net.elements]
        rates = {}
        for element in dict.fromkeys(b.element for b in self._bound if b.what == "flow" and b.first):
            mine = self._activities[element]
            if figures.measured[mine].all():
                rates[names[element]] = float(np.sum(rate[mine][self.planned.plain[mine]]))
        levels = {names[self.net.stores.element[s]]: float(level) for s, level in enumerate(figures.levels)
                  if np.isfinite(level)}
        return rates, levels

    # ---- inside --------------------------------------------------------------------------------------

    def _advance(self, now: int, known: Floats) -> Now:
        hour, figures, rate = self._figures(known, now)
        self._add(now, figures.deviation, figures.cost)
        told = tuple(self._deviation(i, figures) for i in range(len(self._bound)))
        counted = [d for d in told if d.counted]
        running = self.planned.covers(now)
        return Now(
            now, running, self.planned.begin, self.planned.end, self.planned.unit, told,
            time_left(self.net, hour, rate, figures.levels, figures.measured, now),
            float(sum(d.cost for d in counted if np.isfinite(d.cost))), float(sum(d.cost_today for d in counted)),
            self._unmeasured(hour) if running == "running" else (),
        )

    def _add(self, now: int, deviation: Floats, cost: Floats) -> None:
        """Add what held since the last call; a new day begins at nought."""
        midnight = midnight_ms(now, self.planned.zone)
        begin, before, spent = self._last if self._last is not None else (now, deviation, cost)
        if begin < midnight:
            self._behind[:], self._cost[:], self._known[:] = 0.0, 0.0, 0.0
        hours = max(0, now - max(begin, midnight)) / _HOUR if now - begin <= _GAP else 0.0
        held = np.isfinite(before)
        self._behind += np.where(held, before, 0.0) * hours
        self._cost += np.where(np.isfinite(spent), spent, 0.0) * hours
        self._known += held * hours
        self._last = now, deviation, cost

    def _figures(self, known: Floats, now: int) -> tuple[Hour, _Figures, Floats]:
        net, hour, bound = self.net, self.planned.hour(now), self._bound
        planned_levels = self.planned.level(now)
        count = len(bound)
        planned, present, deviation, value, margin, cost = np.full((6, count), np.nan)
        levels, measured = np.full(len(net.stores), np.nan), np.zeros(len(net.activities), bool)
        made = _Figures(planned, present, deviation, value, margin, cost, levels, measured)
        rate = np.nan_to_num(hour.rate).copy()
        plan_flow = net.coefficients.amount * np.nan_to_num(hour.rate)[net.coefficients.activity]
        for i, b in enumerate(bound):
            made.present[i] = known[b.tag]
            if b.what == "level":
                made.levels[b.store] = known[b.tag]
                made.planned[i] = planned_levels[b.store]
                made.value[i] = made.margin[i] = hour.value[net.stores.balance[b.store]]
            elif b.what == "capacity":
                made.planned[i] = hour.capacity[b.plant]
                made.value[i] = made.margin[i] = hour.room_value[b.plant]
                made.present[i] = _capacity(self.live.tags[b.tag], known[b.tag], hour.capacity[b.plant])
            else:
                self._flow(i, b, hour, float(np.sum(plan_flow[b.rows])), made, rate)
        made.deviation[:] = made.present - made.planned
        flows = np.array([b.what == "flow" for b in bound], bool)
        made.cost[~flows] = -(made.margin * made.deviation)[~flows]
        own_flow = net.coefficients.amount * rate[net.coefficients.activity]
        for i, b in enumerate(bound):
            if b.what == "flow" and not b.first:  # what differs from what follows by the coefficients
                follows = float(np.sum(own_flow[b.rows]))
                sign = _sign(net, b, plan_flow)
                made.cost[i] = -(sign * made.present[i] - follows) * made.value[i]
        return hour, made, rate

    def _flow(self, i: int, b: _Bound, hour: Hour, flow: float, made: _Figures, rate: Floats) -> None:
        """Put down what the plan has of a flow and what its element's rate is, with its margin and cost."""
        net, mine = self.net, self._activities[b.element]
        total = float(np.sum(hour.rate[mine][self.planned.plain[mine]])) if len(mine) else np.nan
        made.value[i] = hour.value[b.balance] if b.balance >= 0 else 0.0
        if not b.first:
            made.planned[i] = abs(flow) if np.isfinite(hour.rate[net.coefficients.activity[b.rows]]).all() else np.nan
            made.margin[i] = made.value[i] * (1.0 if flow >= 0.0 else -1.0)
            return
        if b.balance < 0:  # a load: the share of capacity in use
            made.present[i] *= hour.capacity[b.plant]
            unit = 1.0
        elif total > 0.0:
            unit = abs(flow) / total
        else:
            unit = abs(float(net.coefficients.amount[b.rows[0]]))
        made.planned[i] = total * unit
        if not np.isfinite(total) or unit == 0.0:
            return
        present = made.present[i] / unit
        moved = _spread(net, hour, self.planned.plain, mine, total, present if np.isfinite(present) else total)
        made.cost[i] = -float(np.sum((moved - hour.rate[mine]) * hour.margin[mine]))
        if not np.isfinite(present):
            made.cost[i] = np.nan
        small = 1e-6 * max(abs(total), 1.0)
        if np.isfinite(present) and abs(present - total) > small:
            made.margin[i] = -made.cost[i] / (present - total) / unit
        else:
            less = _spread(net, hour, self.planned.plain, mine, total, total - small)
            made.margin[i] = float(np.sum((hour.rate[mine] - less) * hour.margin[mine])) / small / unit
        if np.isfinite(present):
            rate[mine] = moved
            made.measured[mine] = True

    def _deviation(self, i: int, made: _Figures) -> Deviation:
        b, tag = self._bound[i], self.live.tags[self._bound[i].tag]
        element, net = self.net.elements[b.element], self.net
        commodity = net.balances.commodity[b.balance] if b.balance >= 0 else element.commodity
        site = net.balances.site[b.balance] if b.balance >= 0 else element.site
        unit = net.commodity_unit.get(commodity, element.unit) if commodity else element.unit
        state = "not planned" if np.isnan(made.planned[i]) else "unknown" if np.isnan(made.present[i]) else "known"
        return Deviation(
            b.what, element.name, commodity, site, unit if b.what == "level" else f"{unit}/h", tag.name, state,
            float(made.planned[i]), float(made.present[i]), float(made.deviation[i]), float(made.value[i]),
            float(made.margin[i]), float(made.cost[i]), float(self._behind[i]), float(self._cost[i]),
            float(self._known[i]), b.what == "flow",
        )

    def _unmeasured(self, hour: Hour) -> tuple[str, ...]:
        seen = {b.element for b in self._bound if b.what == "flow" and b.first}
        return tuple(
            element.name for e, element in enumerate(self.net.elements)
            if element.kind in ("process", "route", "supply", "demand") and e not in seen
            and np.nansum(hour.rate[self._activities[e]]) > 0.0
        )


@dataclass(frozen=True, eq=False)
class _Figures:
    """Numbers of every bound tag, shape (bound tags,); `levels` by store and `measured` by activity."""

    planned: Floats
    present: Floats
    deviation: Floats
    value: Floats
    margin: Floats
    cost: Floats
    levels: Floats
    measured: Bools


class _Counters:
    """Turns running totals into rates: the difference over the time between two readings a minute or more apart."""

    def __init__(self, live: Live) -> None:
        self.which = np.array([t for t, tag in enumerate(live.tags) if tag.kind == "counter"], np.intp)
        self.wait = np.array([max(60_000.0, 2000.0 * live.tags[t].period_s) for t in self.which])
        self.at = np.zeros(len(self.which), np.int64)
        self.total = np.full(len(self.which), np.nan)
        self.rate = np.full(len(self.which), np.nan)

    def rates(self, known: Floats, now: int, at: NDArray[np.int64] | None = None) -> Floats:
        """Return the values with the rate an hour in the place of each running total."""
        if not len(self.which):
            return known
        total = known[self.which]
        times = at[self.which] if at is not None else np.full(len(self.which), now, np.int64)
        fresh = np.isfinite(total) & ((times - self.at >= self.wait) | np.isnan(self.total))
        moved = (total - self.total) / np.maximum(times - self.at, 1) * _HOUR
        self.rate = np.where(fresh, np.where(moved >= 0.0, moved, np.nan), self.rate)  # one set back counts anew
        self.at, self.total = np.where(fresh, times, self.at), np.where(fresh, total, self.total)
        found = known.copy()
        found[self.which] = np.where(np.isfinite(total), self.rate, np.nan)
        return found


def _bind(net: Network, live: Live) -> list[_Bound]:
    """Say of each tag what of the plan it stands beside; those that stand beside nothing are left out.

    The tags of an element's own commodity come first, so that they say how much it runs.
    """
    found: list[_Bound] = []
    seen: set[tuple[str, int]] = set()
    own = {t for t, tag in enumerate(live.tags) if tag.element in net.element_number
           and tag.commodity in ("", net.elements[net.element_number[tag.element]].commodity)}
    for t in sorted(range(len(live.tags)), key=lambda t: t not in own):
        tag = live.tags[t]
        if tag.element in net.element_number:
            bound = _bind_one(net, tag, t, seen)
            if bound is not None:
                found.append(bound)
                seen.add((bound.what, bound.element if bound.what == "flow" and bound.first else bound.store))
    return sorted(found, key=lambda b: b.tag)


def _bind_one(net: Network, tag: Tag, number: int, seen: set[tuple[str, int]]) -> _Bound | None:
    e = net.element_number[tag.element]
    element, links = net.elements[e], net.coefficients
    plants = np.flatnonzero(net.plants.element == e)
    plant = int(plants[0]) if len(plants) else -1
    nothing = np.zeros(0, np.int32)
    if tag.reads == "level" and element.kind == "store":
        store = int(np.flatnonzero(net.stores.element == e)[0])
        return _Bound(number, "level", e, -1, nothing, False, store, plant) if ("level", store) not in seen else None
    if tag.reads in ("capacity", "availability", "state") and plant >= 0 and element.kind != "store":
        return _Bound(number, "capacity", e, -1, nothing, False, -1, plant)
    first = ("flow", e) not in seen
    if tag.reads == "load" and plant >= 0 and first and element.kind != "store":
        return _Bound(number, "flow", e, -1, nothing, True, -1, plant)
    if tag.reads != "flow" or element.kind == "store":
        return None
    commodity = tag.commodity or element.commodity
    mine = [int(i) for i in np.flatnonzero(links.element == e)
            if net.balances.commodity[links.balance[i]] == commodity and not net.balances.hidden[links.balance[i]]]
    places = list(dict.fromkeys(int(links.balance[i]) for i in mine))
    at_site = [b for b in places if net.balances.site[b] == tag.site]
    if not places:
        return None
    chosen = (at_site or places)[0]
    rows = np.array([i for i in mine if links.balance[i] == chosen], np.int32)
    runs = bool(np.all(net.activities.element[links.activity[rows]] == e))  # fuel of a fleet follows its routes
    return _Bound(number, "flow", e, chosen, rows, first and runs, -1, plant)


def _capacity(tag: Tag, known: float, planned: float) -> float:
    """Return the capacity there is: as read, the share of it that is available, or none where its state is at rest."""
    if tag.reads == "capacity" or np.isnan(known):
        return known
    return planned * (known if tag.reads == "availability" else float(not at_rest(tag, known)))


def at_rest(tag: Tag, known: float) -> bool:
    """Say whether a state is one in which nothing runs: by its word, or nought where it has none."""
    word = next((en for number, en, _ in tag.words if number == round(known)), "")
    return word.strip().lower() in AT_REST if word else round(known) == 0


def _sign(net: Network, b: _Bound, flow: Floats) -> float:
    total = float(np.sum(flow[b.rows])) or float(np.sum(net.coefficients.amount[b.rows]))
    return 1.0 if total >= 0.0 else -1.0


def _spread(net: Network, hour: Hour, plain: Bools, mine: NDArray[np.intp], total: float, present: float) -> Floats:
    """Return the rates of an element's activities where it runs at `present` instead of `total`.

    Modes and components keep the plan's mix. Of the tiers of a trade the one that earns least goes first, and the one
    that earns most comes first.
    """
    rates, margin = hour.rate[mine], hour.margin[mine]
    trade = net.elements[net.activities.element[mine[0]]].kind in ("supply", "demand")
    if not trade or len(mine) == 1:
        if total > 0.0:
            return rates * (present / total)
        first = int(np.flatnonzero(plain[mine])[0])
        return np.where(np.arange(len(mine)) == first, present, 0.0)
    rates, change = rates.copy(), present - total
    order: Sequence[int] = [int(k) for k in np.argsort(margin if change < 0.0 else -margin, kind="stable")]
    for k in order:
        step = max(change, -rates[k]) if change < 0.0 else min(change, max(0.0, float(hour.top[mine[k]]) - rates[k]))
        rates[k] += step
        change -= step
    rates[order[-1]] += change  # more than all tiers take: at the last of them
    return rates
