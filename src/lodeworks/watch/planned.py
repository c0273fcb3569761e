"""The plan by the clock: what it has running, in store and available at a moment, and what one more unit is worth then.

Read from the tables of a plan's run and the network it was made of. What is measured, and how far it is from this, is
the affair of `against_plan`. Moments are milliseconds since 1970 in UTC; a plan's own times are local, in `zone`.

The *margin* of an activity is what one more unit of its rate for an hour earns at the plan's prices: its own money, the
marginal values of what it brings to balances and takes from them, less those of the pools it uses and the policies it
counts in. It is the reduced cost of its column without the limits that are its own (capacity, ramps, shares of modes):
nought where the plan could as well run it a little less, and the marginal value of its capacity where that binds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from lodeworks.errors import RunError
from lodeworks.network.arrays import Bools, Floats, Network, Varying
from lodeworks.network.standing import loss_at

if TYPE_CHECKING:
    import polars as pl

    from lodeworks.runs import Run

__all__ = ["Hour", "Planned", "local_ms", "midnight_ms", "utc_ms"]

_DAY = 86_400_000
_HOUR = 3_600_000.0


def local_ms(now: int, zone: str) -> int:
    """Return a moment as milliseconds of the local clock, as if that were UTC."""
    moment = dt.datetime.fromtimestamp(now / 1000.0, ZoneInfo(zone))
    offset = moment.utcoffset()
    return now + round((offset or dt.timedelta()).total_seconds() * 1000.0)


def utc_ms(local: int, zone: str) -> int:
    """Return the moment at which the local clock shows so many milliseconds."""
    naive = dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=local)
    return round(naive.replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000.0)


def midnight_ms(now: int, zone: str) -> int:
    """Return the moment the local day of a moment began."""
    local = local_ms(now, zone)
    return utc_ms(local - local % _DAY, zone)


@dataclass(frozen=True, eq=False)
class Hour:
    """What the plan says of one moment; nan where it says nothing.

    Attributes
    ----------
    until
        The local milliseconds until which rates and values stay as they are.
    rate, margin, top
        By activity: in its unit per hour, the objective's unit for one unit more, and the most it can be.
    value
        By balance: the objective's unit for one unit more.
    capacity, room_value
        By plant: what is available then, and what one more unit of it earns in an hour.
    amount
        Of each flow of the network, for one unit of its activity.
    loss
        By store: the share it loses an hour.
    """

    until: int
    rate: Floats
    margin: Floats
    top: Floats
    value: Floats
    capacity: Floats
    room_value: Floats
    amount: Floats
    loss: Floats


class _Steps:
    """Numbers over steps, one run of steps for each of n things; looked up by time."""

    def __init__(self, count: int) -> None:
        self.begin: list[NDArray[np.int64] | None] = [None] * count
        self.end: list[NDArray[np.int64] | None] = [None] * count
        self.number: list[Floats | None] = [None] * count

    def put(self, which: int, begin: NDArray[np.int64], hours: Floats, number: Floats) -> None:
        order = np.argsort(begin, kind="stable")
        self.begin[which] = begin[order]
        self.end[which] = begin[order] + np.round(hours[order] * _HOUR).astype(np.int64)
        self.number[which] = number[order]

    def find(self, which: int, local: int) -> tuple[float, int]:
        """Return the number that holds at a moment and until when; nan until the next step where none holds."""
        begin, end, number = self.begin[which], self.end[which], self.number[which]
        if begin is None or end is None or number is None:
            return np.nan, local + _DAY
        step = int(np.searchsorted(begin, local, side="right")) - 1
        if step >= 0 and local < end[step]:
            return float(number[step]), int(end[step])
        return np.nan, int(begin[step + 1]) if step + 1 < len(begin) else local + _DAY

    def at(self, local: int) -> tuple[Floats, int]:
        """Return all numbers at a moment, shape (n,), and until when they hold."""
        found = [self.find(which, local) for which in range(len(self.begin))]
        return np.array([number for number, _ in found], float), min((end for _, end in found), default=local + _DAY)


class Planned:
    """A plan's tables by the clock.

    Attributes
    ----------
    begin, end
        The moments the plan covers, in UTC milliseconds.
    unit
        What values are in: the currency, or what the plan was best at.
    built
        Capacity the plan builds, by element.
    """

    def __init__(
        self, net: Network, tables: Mapping[str, pl.DataFrame], *, zone: str = "Asia/Shanghai", run: str = ""
    ) -> None:
        self.net, self.zone, self.run, self.unit = net, zone, run, net.objective.unit
        self.plain: Bools = np.array([": " not in mode for mode in net.activities.mode], bool)
        self._read_rates(tables["rates"])
        self._read_levels(tables["levels"])
        self._read_values(tables["marginal_values"])
        self._read_capacities(tables["capacities"])
        self._policies = _policy_rows(net, tables["policies"])
        self.begin = utc_ms(int(min(b[0] for b in self._rates.begin if b is not None)), zone)
        self.end = utc_ms(int(max(e[-1] for e in self._rates.end if e is not None)), zone)
        self._hour: Hour | None = None
        self._since = 0

    @classmethod
    def of_run(cls, run: Run, net: Network, *, zone: str = "Asia/Shanghai") -> Planned:
        """Return the plan of a run folder.

        Raises
        ------
        RunError
            If it is not the plan of one horizon, or one of another chain.
        """
        if run.manifest["kind"] != "plan" or run.has_slices:
            raise RunError(f"{run.folder}: not the run of a plan of one horizon, so nothing can be held against it")
        if run.manifest.get("chain") != net.name:
            raise RunError(
                f"{run.folder}: the plan of another chain; found {run.manifest.get('chain')}, expected {net.name}"
            )
        names = ("rates", "levels", "marginal_values", "capacities", "policies")
        return cls(net, {name: run.table(name) for name in names}, zone=zone, run=str(run.folder))

    # ---- reading the tables -------------------------------------------------------------------------

    def _read_rates(self, frame: pl.DataFrame) -> None:
        net = self.net
        number = {(net.elements[e].name, mode): a for a, (e, mode) in
                  enumerate(zip(net.activities.element, net.activities.mode, strict=True))}
        self._rates = _Steps(len(net.activities))
        for (element, mode), rows in _parts(frame, ["element", "mode"]):
            if (element, mode) not in number:
                raise RunError(f"{self.run}: the plan runs {element!r}, which this chain has not; plan it anew")
            self._rates.put(number[element, mode], _ms(rows), rows["hours"].to_numpy(), rows["rate"].to_numpy())
        if all(begin is None for begin in self._rates.begin):
            raise RunError(f"{self.run}: the plan has no rates, so nothing can be held against it")

    def _read_levels(self, frame: pl.DataFrame) -> None:
        number = {self.net.elements[e].name: s for s, e in enumerate(self.net.stores.element)}
        self._levels: dict[int, tuple[NDArray[np.int64], Floats]] = {}
        for (store,), rows in _parts(frame, ["store"]):
            ends, level = _ms(rows), rows["level"].to_numpy()
            order = np.argsort(ends, kind="stable")
            self._levels[number[store]] = ends[order], level[order]

    def _read_values(self, frame: pl.DataFrame) -> None:
        net = self.net
        places = zip(net.balances.commodity, net.balances.site, net.balances.hidden, strict=True)
        balance = {(commodity, site): b for b, (commodity, site, hidden) in enumerate(places) if not hidden}
        plant = {net.elements[e].name: p for p, e in enumerate(net.plants.element)}
        pool = {(kind, name): r for r, (kind, name) in
                enumerate(zip(net.resources.kind, net.resources.name, strict=True))}
        self._values, self._room = _Steps(len(net.balances.grid)), _Steps(len(net.plants))
        self._pools = _Steps(len(net.resources.name))
        for (what, name, commodity, site), rows in _parts(frame, ["what", "name", "commodity", "site"]):
            begin, hours, value = _ms(rows), rows["hours"].to_numpy(), rows["value"].to_numpy()
            if what == "balance" and (commodity, site) in balance:
                self._values.put(balance[commodity, site], begin, hours, value)
            elif what == "capacity" and name in plant:
                self._room.put(plant[name], begin, hours, value / hours)
            elif (what, name) in pool:
                self._pools.put(pool[what, name], begin, hours, value / hours)

    def _read_capacities(self, frame: pl.DataFrame) -> None:
        net = self.net
        kinds = frame["kind"].cast(str).to_list()
        total = {(element, kind): value for element, kind, value in
                 zip(frame["element"].cast(str).to_list(), kinds, frame["total"].to_list(), strict=True)}
        self.built = {str(element): float(built) for element, built in frame.select("element", "built").iter_rows()
                      if built and built > 0.0}
        self._total = np.full(len(net.plants), np.inf)
        for p, e in enumerate(net.plants.element):
            found = total.get((net.elements[e].name, net.elements[e].kind))
            self._total[p] = np.inf if found is None else found

    # ---- asking --------------------------------------------------------------------------------------

    def covers(self, now: int) -> str:
        """Return ``running``, ``not begun`` or ``ended``."""
        return "not begun" if now < self.begin else "ended" if now >= self.end else "running"

    def room(self, store: int) -> float:
        """Return the most a store can hold, with what the plan builds of it."""
        return float(self._total[self.net.stores.plant[store]])

    def hour(self, now: int) -> Hour:
        """Return what the plan says of a moment."""
        local = local_ms(now, self.zone)
        if self._hour is None or not self._since <= local < self._hour.until:
            self._hour, self._since = self._make(local), local
        return self._hour

    def step_begin(self, now: int) -> int:
        """Return when (UTC ms) the plan's hour began in which a moment lies: its base step, also beyond its ends."""
        step = round(self.net.hours * _HOUR)
        local = local_ms(now, self.zone)
        return now - (local - self._start_of(0)) % step

    def level(self, now: int) -> Floats:
        """Return what stores hold by the plan at a moment, shape (stores,); within a step they change evenly."""
        local = local_ms(now, self.zone)
        found = np.full(len(self.net.stores), np.nan)
        for s, (ends, level) in self._levels.items():
            step = int(ends[1] - ends[0]) if len(ends) > 1 else round(self.net.hours * _HOUR)
            if self.net.segments:  # which may be of any length, the first one too
                step = int(ends[0]) - self._start_of(0)
            if ends[0] <= local < ends[-1]:
                found[s] = np.interp(local, ends, level)
            elif ends[0] - step <= local < ends[0]:
                first = level[-1] if self.net.stores.cyclic[s] else self.net.stores.initial[s]
                found[s] = first + (level[0] - first) * (local - ends[0] + step) / step
        return found

    def _make(self, local: int) -> Hour:
        net = self.net
        rate, until = self._rates.at(local)
        value, later = self._values.at(local)
        room, last = self._room.at(local)
        pools, fourth = self._pools.at(local)
        base = self._base_step(local)
        own, fifth = _money(net, base), self._start_of(base + 1) if base >= 0 else local + _DAY
        value = np.where(net.balances.hidden, 0.0, value)
        for s in range(len(net.stores)):
            value[net.stores.balance[s]] = self._content_value(s, value)
        links = net.coefficients
        price = value[links.balance]
        for i in np.flatnonzero(links.lag > 0.0):
            if not net.balances.hidden[links.balance[i]]:
                ahead, end = self._values.find(int(links.balance[i]), local + round(float(links.lag[i]) * _HOUR))
                price[i], fifth = ahead, min(fifth, end - round(float(links.lag[i]) * _HOUR))
        count = len(net.activities)
        amount = net.amounts_at(base)
        margin = own + np.bincount(links.activity, amount * price, minlength=count)
        res = net.resources
        used = res.use * np.nan_to_num(pools)[res.use_resource]
        margin = margin - np.bincount(res.use_activity, used, minlength=count)
        margin = margin + self._policy_worth(local)
        stores = np.array([net.elements[e].kind == "store" for e in net.plants.element], bool)
        capacity = self._total * np.where(stores, 1.0, _at(net, net.plants.availability, base))
        top = _at(net, net.activities.upper, base)
        return Hour(min(until, later, last, fourth, fifth), rate, margin, top, value, capacity, room, amount,
                    loss_at(net, base))

    def _content_value(self, store: int, value: Floats) -> float:
        """Return what one more unit in a store is worth: what comes of it at the balance it empties into."""
        net, out = self.net, int(self.net.stores.emptying[store])
        if out < 0:
            return float(value[net.stores.balance[store]])
        links = net.coefficients
        mine = np.flatnonzero(links.activity == out)
        taken = next(i for i in mine if links.balance[i] == net.stores.balance[store])
        given = [i for i in mine if links.balance[i] != net.stores.balance[store]]
        return float(sum(value[links.balance[i]] * links.amount[i] for i in given) / -links.amount[taken])

    def _base_step(self, local: int) -> int:
        start = int(np.datetime64(self.net.start.replace(tzinfo=None), "ms").astype(np.int64))
        step = int((local - start) // round(self.net.hours * _HOUR))
        return step if 0 <= step < self.net.steps else -1

    def _start_of(self, step: int) -> int:
        start = int(np.datetime64(self.net.start.replace(tzinfo=None), "ms").astype(np.int64))
        return start + step * round(self.net.hours * _HOUR)

    def _policy_worth(self, local: int) -> Floats:
        """Return what one unit more of each activity's rate for an hour costs or earns through policies."""
        worth = np.zeros(len(self.net.activities))
        for row in self._policies:
            if row.begin <= local < row.end:
                worth += row.weight * row.ease
        return worth


@dataclass(frozen=True, eq=False)
class _Policy:
    """A policy that binds in a stretch of time: what easing it is worth, and how much a unit of each activity uses."""

    begin: int
    end: int
    ease: float
    weight: Floats


def _policy_rows(net: Network, frame: pl.DataFrame) -> list[_Policy]:
    """Return the stretches in which policies bind; shares are told by the plan in no unit that could be priced here.

    At its most a unit more costs what easing is worth, at its least it earns it.
    """
    pol, found = net.policies, []
    number = {name: p for p, name in enumerate(pol.name)}
    for row in frame.iter_rows(named=True):
        p = number.get(row["policy"])
        if p is None or pol.is_share[p] or not row["marginal_value"]:
            continue
        near = [(abs(row["value"] - row[side]), sign) for side, sign in (("most", -1.0), ("least", 1.0))
                if row[side] is not None]
        weight = np.zeros(len(net.activities))
        mine = pol.term_policy == p
        np.add.at(weight, pol.term_activity[mine], pol.term[mine])
        begin = round((row["time"] - dt.datetime(1970, 1, 1)).total_seconds() * 1000.0)
        length = round(float(pol.every[p]) * net.hours * _HOUR)
        found.append(_Policy(begin, begin + length, min(near)[1] * float(row["marginal_value"]), weight))
    return found


def _at(net: Network, varying: Varying, base: int) -> Floats:
    """Return varying numbers in a base step, shape (n,); nan for those that vary where there is no such step."""
    series = net.series[varying.series, base] if base >= 0 and len(net.series) else np.full(len(varying.series), np.nan)
    return np.where(varying.series < 0, varying.scale, varying.scale * series)


def _money(net: Network, base: int) -> Floats:
    """Return the money one unit of each activity brings in a base step; what the objective counts of it."""
    goal = net.objective.goal
    if goal not in ("profit", "cost"):
        return net.objective.weight * (1.0 if goal == "output" else -1.0)
    costs, each = net.costs, net.costs.money.scale.copy()
    for i, (item, row) in enumerate(zip(costs.item, costs.money.series, strict=True)):
        if goal == "cost" and item == "revenue":
            each[i] = 0.0
        elif row >= 0:
            grid = int(net.activities.grid[costs.activity[i]])
            step = int(np.searchsorted(net.grids[grid].edges, base, side="right")) - 1
            each[i] *= float(net.average(int(row), grid)[step]) if base >= 0 else np.nan
    summed: Floats = np.bincount(costs.activity, each, minlength=len(net.activities)).astype(float)
    return summed


def _ms(rows: pl.DataFrame) -> NDArray[np.int64]:
    return rows["time"].to_numpy().astype("datetime64[ms]").astype(np.int64)


def _parts(frame: pl.DataFrame, names: list[str]) -> list[tuple[tuple[Any, ...], pl.DataFrame]]:
    import polars as pl

    plain = frame.with_columns(pl.col(name).cast(pl.String) for name in names)
    return list(plain.partition_by(names, as_dict=True, maintain_order=True).items())
