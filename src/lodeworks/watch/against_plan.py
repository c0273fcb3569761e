"""Now against plan: how far every measured flow, level and capacity is from the plan's hour, in units and in money.

What a deviation costs is *margin × deviation*: the margin of an element is what one more unit of its rate earns at the
plan's marginal values (see `planned`), so what was not made is charged less what was not used for it, and the tiles of
all elements add up to what the plan loses, to first order. Where an element has more tags than one, the first of its
own commodity says how much it runs; what another differs from what follows by the chain's coefficients (a poor yield, a
leak) is charged at the marginal value of that commodity. Levels and capacities are told in money too, but are not added
up: what is missing in store has been charged to who did not bring it.

Which tags stand beside the plan is in `bound`, how long stocks last in `time_left`, and how it is said in words in
`said`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.arrays import Bools, Floats, Network
from lodeworks.network.live import Live, Tag
from lodeworks.watch.bound import Bound, Counters, at_rest, bind, known_values
from lodeworks.watch.planned import Hour, Planned
from lodeworks.watch.present import PresentValues
from lodeworks.watch.sums import Sums
from lodeworks.watch.time_left import TimeLeft, time_left

__all__ = ["Against", "Deviation", "Now"]


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
        Sum of the deviation, what it cost, and the hours in which it was known, since midnight; of a level only hours.
    behind_hour, cost_hour
        The same since the plan's hour began.
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
    behind_hour: float
    cost_hour: float
    counted: bool


@dataclass(frozen=True)
class Now:
    """Everything against plan at one moment.

    `plan` is ``running``, ``not begun`` or ``ended``; `begins` and `ends` say when. `unit` is what money is in, which
    is the currency unless the plan was best at something else. `cost` is what an hour like this moment costs,
    `cost_hour` what it was since the plan's hour began (`hour`, UTC ms), `cost_today` since midnight.
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
    hour: int
    cost_hour: float
    unmeasured: tuple[str, ...]

    def cost_of(self, *elements: str) -> float:
        """Return what elements' deviations cost an hour, to sort alarms by; nought where nothing is known of them."""
        costs = [d.cost for d in self.deviations if d.element in elements and d.counted and np.isfinite(d.cost)]
        return float(sum(costs))


class Against:
    """Holds present values against a plan; keeps the sums of the day.

    Call `now` again and again with rising times; `recall` first, with the values of today so far, after a restart.
    """

    def __init__(self, net: Network, planned: Planned, live: Live) -> None:
        self.net, self.planned, self.live = net, planned, live
        self._bound = bind(net, live)
        self._counters = Counters(live)
        self._activities = [np.flatnonzero(net.activities.element == e) for e in range(len(net.elements))]
        self._sums = Sums(planned, np.array([b.what != "level" for b in self._bound], bool))

    @property
    def beside(self) -> tuple[int, ...]:
        """The places of the tags that stand beside the plan."""
        return tuple(bound.tag for bound in self._bound)

    def planned_values(self, now: int) -> Floats:
        """Return what the plan has for each tag, in the tag's unit, shape (tags,); nan where it says nothing.

        Of a load that is the share of the capacity there is, of what is available all of it; a state has no number.
        """
        found = np.full(len(self.live.tags), np.nan)
        hour, figures, _ = self._figures(np.full(len(self.live.tags), np.nan), now)
        for bound, planned in zip(self._bound, figures.planned, strict=True):
            tag = self.live.tags[bound.tag]
            if tag.reads in ("load", "availability"):
                planned = planned / hour.capacity[bound.plant] if hour.capacity[bound.plant] > 0.0 else np.nan
            found[bound.tag] = planned / tag.factor if tag.reads != "state" else np.nan
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
            _, figures, _ = self._figures(self._counters.rates(row, int(moment)), int(moment))
            self._sums.add(int(moment), figures.deviation, figures.cost)

    def now(self, present: PresentValues, now: int) -> Now:
        """Return every deviation at a moment, and add what has passed since the last call to the day's sums."""
        known = self._counters.rates(known_values(self.live, present, now), now, present.at)
        hour, figures, rate = self._figures(known, now)
        self._sums.add(now, figures.deviation, figures.cost)
        told = tuple(self._deviation(i, figures) for i in range(len(self._bound)))
        counted = [d for d in told if d.counted]
        running = self.planned.covers(now)
        return Now(
            now, running, self.planned.begin, self.planned.end, self.planned.unit, told,
            time_left(self.net, hour, rate, figures.levels, figures.measured, now, self.planned.level(now)),
            float(sum(d.cost for d in counted if np.isfinite(d.cost))), float(sum(d.cost_today for d in counted)),
            self.planned.step_begin(now), float(sum(d.cost_hour for d in counted)),
            self._unmeasured(hour) if running == "running" else (),
        )

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

    def _figures(self, known: Floats, now: int) -> tuple[Hour, _Figures, Floats]:
        net, hour, bound = self.net, self.planned.hour(now), self._bound
        planned_levels = self.planned.level(now)
        count = len(bound)
        planned, present, deviation, value, margin, cost = np.full((6, count), np.nan)
        levels, measured = np.full(len(net.stores), np.nan), np.zeros(len(net.activities), bool)
        made = _Figures(planned, present, deviation, value, margin, cost, levels, measured)
        rate = np.nan_to_num(hour.rate).copy()
        plan_flow = hour.amount * np.nan_to_num(hour.rate)[net.coefficients.activity]
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
        own_flow = hour.amount * rate[net.coefficients.activity]
        for i, b in enumerate(bound):
            if b.what == "flow" and not b.first:  # what differs from what follows by the coefficients
                follows = float(np.sum(own_flow[b.rows]))
                sign = _sign(net, b, plan_flow)
                made.cost[i] = -(sign * made.present[i] - follows) * made.value[i]
        return hour, made, rate

    def _flow(self, i: int, b: Bound, hour: Hour, flow: float, made: _Figures, rate: Floats) -> None:
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
            unit = abs(float(hour.amount[b.rows[0]]))
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
        element, net, sums = self.net.elements[b.element], self.net, self._sums
        commodity = net.balances.commodity[b.balance] if b.balance >= 0 else element.commodity
        site = net.balances.site[b.balance] if b.balance >= 0 else element.site
        unit = net.commodity_unit.get(commodity, element.unit) if commodity else element.unit
        state = "not planned" if np.isnan(made.planned[i]) else "unknown" if np.isnan(made.present[i]) else "known"
        return Deviation(
            b.what, element.name, commodity, site, unit if b.what == "level" else f"{unit}/h", tag.name, state,
            float(made.planned[i]), float(made.present[i]), float(made.deviation[i]), float(made.value[i]),
            float(made.margin[i]), float(made.cost[i]), float(sums.behind[i]), float(sums.cost[i]),
            float(sums.known[i]), float(sums.behind_hour[i]), float(sums.cost_hour[i]), b.what == "flow",
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


def _capacity(tag: Tag, known: float, planned: float) -> float:
    """Return the capacity there is: as read, the share of it that is available, or none where its state is at rest."""
    if tag.reads == "capacity" or np.isnan(known):
        return known
    return planned * (known if tag.reads == "availability" else float(not at_rest(tag, known)))


def _sign(net: Network, b: Bound, flow: Floats) -> float:
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
