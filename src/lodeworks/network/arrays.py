"""The flat arrays engines see: time grids, balances, activities, plants, stores, resources and policies.

Everything here is a frozen record of numpy arrays in canonical units (the commodity's own unit, hours,
kilometres, the chain's currency); names stand in side tables for reporting. How a chain becomes these
arrays is in the modules beside this one; what an engine makes of them is the engine's affair.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.kinds import Bools, Floats, Ints, Varying
from lodeworks.network.limits import Blends, CapacitySums, Choices, Cycles, Policies, Reserves, Shares, StartFlows
from lodeworks.network.lots import Arriving, Breaking, Discrete, Distribution, Driving, Hauling, Running, Waiting

if TYPE_CHECKING:
    from lodeworks.network.accounts import Accounts

__all__ = [
    "Activities",
    "Arriving",
    "Balances",
    "Before",
    "Blends",
    "Bools",
    "Breaking",
    "CapacitySums",
    "Choices",
    "Coefficients",
    "CommodityRow",
    "Constant",
    "Costs",
    "Cycles",
    "Discrete",
    "Distribution",
    "Driving",
    "Element",
    "Floats",
    "Grid",
    "Hauling",
    "Ints",
    "Network",
    "Objective",
    "Plants",
    "Policies",
    "Reserves",
    "Resources",
    "Running",
    "Shares",
    "StartFlows",
    "Stores",
    "Varying",
    "Waiting",
    "marks_within",
]


@dataclass(frozen=True, eq=False)
class Grid:
    """Steps that are a whole multiple of the base step; the first and the last may be cut, or all of any length.

    Attributes
    ----------
    multiple
        Base steps in one step that is not cut; of any length where the horizon is planned in segments.
    edges
        Boundaries in base steps, shape (count + 1,).
    """

    multiple: int
    edges: Floats

    @property
    def count(self) -> int:
        """Number of steps."""
        return len(self.edges) - 1

    def hours(self, base: float) -> Floats:
        """Return the length of each step in hours, shape (count,)."""
        return np.diff(self.edges) * base

    @cached_property
    def even(self) -> bool:
        """Whether all steps that are not cut are of one length."""
        widths = np.diff(self.edges)
        return bool(np.all(widths[1:-1] == self.multiple) and np.all(widths <= self.multiple))

    def usual(self, base: float) -> float:
        """Return the length of a step that is not cut in hours; the mean where they are of any length."""
        return self.multiple * base if self.even else float(self.edges[-1] - self.edges[0]) / self.count * base


def marks_within(edges: Floats) -> Floats:
    """Return edges, in base steps, and every border of base steps between the first and the last of them."""
    marks: Floats = np.unique(np.concatenate([edges, np.arange(np.ceil(edges[0]), np.floor(edges[-1]) + 1.0)]))
    return marks


@dataclass(frozen=True)
class Element:
    """What reports need to know of a named element."""

    name: str
    kind: str
    commodity: str
    unit: str
    site: str
    site_to: str
    owner: str
    title_en: str
    title_zh: str
    candidate: bool


@dataclass(frozen=True)
class CommodityRow:
    """What reports need to know of a commodity; mass and energy of one unit, where known.

    One that cools has a temperature when it is made (°C), loses so much of it an hour (K/h), and is to keep its least.
    """

    name: str
    title_en: str
    title_zh: str
    unit: str
    mass_kg: float | None
    energy_MJ: float | None  # noqa: N815 (the unit as it is written)
    made_at: float | None = None
    cools_by: float | None = None
    least_at: float | None = None


@dataclass(frozen=True)
class Balances:
    """One commodity at one site; `hidden` ones belong to a blend and are not reported."""

    commodity: tuple[str, ...]
    site: tuple[str, ...]
    grid: Ints
    let_go: Bools
    hidden: Bools


@dataclass(frozen=True)
class Activities:
    """Columns that add to and take from balances.

    `plant` is the capacity an activity shares, or -1. `upper` is infinite where there is no limit of its own.
    `must_serve` marks the part of a demand whose shortfall is penalised: what is left of `upper` is unserved.
    """

    element: Ints
    mode: tuple[str, ...]
    grid: Ints
    plant: Ints
    lower: Varying
    upper: Varying
    must_serve: Bools

    def __len__(self) -> int:
        return len(self.element)


@dataclass(frozen=True)
class Coefficients:
    """Amounts into (positive) or out of balances for one unit of an activity, with their lags in hours.

    `over` is the amount over time, by when the activity runs; `amount` is its mean over the horizon of the chain, for
    what needs but one figure. `element` says to whom the flow is credited: the activity's own element, or the fleet
    that burns it.
    """

    activity: Ints
    balance: Ints
    amount: Floats
    lag: Floats
    element: Ints
    over: Varying

    @cached_property
    def changing(self) -> Bools:
        """Which amounts change over time, shape (flows,)."""
        return np.asarray(self.over.series >= 0)


@dataclass(frozen=True)
class Costs:
    """Money per unit of activity, split by what it is for; positive is money in."""

    activity: Ints
    item: tuple[str, ...]
    element: Ints
    commodity: tuple[str, ...]
    money: Varying


@dataclass(frozen=True)
class Constant:
    """Money that does not depend on the plan: upkeep of what exists, the penalty before anything is served."""

    item: str
    element: int
    commodity: str
    money: float


@dataclass(frozen=True)
class Plants:
    """Capacity shared by the activities of an element, and how it may grow.

    `existing` is infinite where there is no limit; `least` and `most` are what must and can be built; `lump` is
    nought where it is built by the bit; a `min_load` below nought lets the plant run backwards; `invest` is money for
    one unit of capacity, `yearly` that money's share for the horizon, at a `discount` a year, `upkeep` what one
    unit costs to keep for it. In plans over stages capacity stands `lead` years after its stage, for `life` years, and
    `pace` is the most decided in one stage.
    `start_cost` and `stop_cost` are money for each start and stop, `on_cost` money an hour while on.
    `min_up` and `min_down` are hours on and off; `start_load` and `stop_load` the most, as shares of capacity, in the
    step of a start and before a stop, nan where they follow from the ramps. `unit` is the size of one of many alike
    units, nought where the plant is one. Of what is `closable` less than nothing may be built: so much is closed. Of
    what is `early` what is built may be closed before its life ends.
    """

    element: Ints
    grid: Ints
    existing: Floats
    availability: Varying
    min_load: Varying
    on_off: Bools
    start_cost: Floats
    stop_cost: Floats
    on_cost: Varying
    min_up: Floats
    min_down: Floats
    start_load: Floats
    stop_load: Floats
    ramp_up: Floats
    ramp_down: Floats
    fixed: Floats
    least: Floats
    most: Floats
    lump: Floats
    invest: Floats
    yearly: Floats
    upkeep: Floats
    expandable: Bools
    life: Floats
    discount: Floats
    lead: Floats
    pace: Floats
    unit: Floats
    closable: Bools
    early: Bools

    def __len__(self) -> int:
        return len(self.element)


@dataclass(frozen=True)
class Stores:
    """What is held from step to step. `plant` carries the capacity; `end` is nan for cyclic, else the least.

    Where filling and emptying cost, lose or depend on capacity, the store stands at a hidden balance of its own,
    with an activity each way (else -1); `charge_share` and `discharge_share` bound these by capacity. `low` and
    `high` bound the level by capacity; `fixed` holds (store, step, level). `loss` is the share lost an hour (see
    `standing`), `cost` money an hour for one unit. `worth` is what a unit left at the end counts in the objective,
    where what comes after it is not planned. `carried` says what is carried from stage to stage, `once` as if each
    passed its horizon once, `seasonal` from period to period, `open` that what a store begins with is a column, which
    a plan over slices fills, `exclusive` that it fills or empties in a step, not both.
    """

    element: Ints
    balance: Ints
    plant: Ints
    initial: Floats
    cyclic: Bools
    end: Floats
    charge: Floats
    discharge: Floats
    loss: Varying
    cost: Varying
    shelf_life: Floats
    least_stay: Floats
    filling: Ints
    emptying: Ints
    charge_share: Varying
    discharge_share: Varying
    low: Varying
    high: Varying
    fixed: tuple[tuple[int, int, float], ...]
    carried: Bools
    once: Bools
    seasonal: Bools
    open: Bools
    exclusive: Bools
    worth: Floats | None = None

    def __len__(self) -> int:
        return len(self.element)


@dataclass(frozen=True)
class Resources:
    """Pools, fleets and pumps: the sum of use × rate is at most what is there.

    Fleets that may grow have a plant; its capacity is then the amount.
    """

    name: tuple[str, ...]
    kind: tuple[str, ...]
    unit: tuple[str, ...]
    grid: Ints
    amount: Floats
    availability: Varying
    plant: Ints
    use_resource: Ints
    use_activity: Ints
    use: Floats


@dataclass(frozen=True)
class Objective:
    """What the plan is best at; `weight` are per-unit objective weights of activities for output and emissions."""

    goal: str
    commodity: str
    unit: str
    weight: Floats

    @property
    def maximise(self) -> bool:
        """Whether more of it is better."""
        return self.goal in ("profit", "output")


@dataclass(frozen=True, eq=False)
class Before:
    """What went before the first step of a network: of a chain that says so, or of a window; plants one by one.

    Attributes
    ----------
    rate
        Rate until then, nan where not known.
    on
        Hours on, minus the hours off, nan where not known.
    coming
        (balance, step of its grid, amount) of what is on the way and comes in later.
    """

    rate: Floats
    on: Floats
    coming: tuple[tuple[int, int, float], ...] = ()


@dataclass(frozen=True, eq=False)
class Network:
    """A chain as arrays.

    A window of a longer horizon (see `window`) is `cut` from it, says what went `before`, and how many base steps of
    the whole lie ahead of its own (`passed`) and after them (`left`). Its first and last steps may be cut. `on_the_way`
    gives, for a flow that takes time, what a unit of rate in each step counts in the objective for what then arrives
    after the end; `allotted`, by policy, the least and most that a plan of the whole meant for the window.
    """

    name: str
    title_en: str
    title_zh: str
    currency: str
    start: dt.datetime
    hours: float
    steps: int
    cyclic: bool
    grids: tuple[Grid, ...]
    series: Floats
    elements: tuple[Element, ...]
    commodities: tuple[CommodityRow, ...]
    commodity_unit: Mapping[str, str]
    balances: Balances
    activities: Activities
    coefficients: Coefficients
    costs: Costs
    plants: Plants
    stores: Stores
    resources: Resources
    policies: Policies
    shares: Shares
    blends: Blends
    cycles: Cycles
    choices: Choices
    needs: Ints
    sums: CapacitySums
    start_flows: StartFlows
    reserves: Reserves
    order: Ints
    objective: Objective
    budget: float
    discrete: Discrete
    constants: tuple[Constant, ...]
    accounts: Accounts | None = None
    before: Before | None = None
    cut: bool = False
    on_the_way: Mapping[int, Floats] = field(default_factory=dict)
    allotted: Mapping[int, tuple[Floats, Floats]] = field(default_factory=dict)
    passed: int = 0
    left: int = 0
    _averages: dict[tuple[int, int], Floats] = field(default_factory=dict, repr=False)

    @property
    def segments(self) -> int:
        """How many segments of any length it is planned in; nought where its steps are as long as one another."""
        finest = max(self.grids, key=lambda grid: grid.count, default=None)
        return 0 if finest is None or finest.even else finest.count

    @cached_property
    def element_number(self) -> dict[str, int]:
        """Number of an element by name."""
        return {element.name: i for i, element in enumerate(self.elements)}

    def on_grid(self, varying: Varying, grids: Ints, which: int) -> Floats:
        """Return the values of one varying number over the steps of its grid, shape (count,)."""
        grid = self.grids[grids[which]]
        row = int(varying.series[which])
        if row < 0:
            return np.full(grid.count, float(varying.scale[which]))
        return float(varying.scale[which]) * self.average(row, int(grids[which]))

    def by_base_step(self, varying: Varying, which: int) -> Floats:
        """Return the values of one varying number as they are given, by base step, shape (steps,)."""
        row, scale = int(varying.series[which]), float(varying.scale[which])
        return np.full(self.steps, scale) if row < 0 else scale * self.series[row]

    def hours_after_start(self, moments: NDArray[np.datetime64]) -> Floats:
        """Return how long after the start some moments are, in hours."""
        start, hour = np.datetime64(self.start.replace(tzinfo=None), "ms"), np.timedelta64(3_600_000, "ms")
        after: Floats = (moments.astype("datetime64[ms]") - start) / hour
        return after

    def average(self, row: int, grid: int) -> Floats:
        """Return the mean of a series within each step of a grid, shape (count,)."""
        if self.grids[grid].count == self.steps:
            own: Floats = self.series[row]
            return own
        key = (row, grid)
        if key not in self._averages:
            edges, values = self.grids[grid].edges, self.series[row]
            cut = np.floor(edges).astype(np.int64)
            if np.array_equal(cut, edges):
                self._averages[key] = np.add.reduceat(values, cut[:-1]) / np.diff(edges)
            else:
                sums = np.concatenate([[0.0], np.cumsum(values)])
                self._averages[key] = np.diff(np.interp(edges, np.arange(len(sums)), sums)) / np.diff(edges)
        return self._averages[key]

    def mean_within(self, row: int, begin: Floats, end: Floats) -> Floats:
        """Return the mean of a series within each of some stretches, in base steps, shape (stretches,)."""
        values: Floats = self.series[row]
        first = np.floor(begin).astype(np.int64)
        width = round(float(end[0] - begin[0])) if len(begin) else 1
        if np.array_equal(first, begin) and np.array_equal(end - begin, np.full(len(begin), float(width))):
            if width == 1:
                return np.asarray(values[first])
            return np.asarray(values[first[:, None] + np.arange(width)[None, :]].mean(axis=1))
        sums, marks = np.concatenate([[0.0], np.cumsum(values)]), np.arange(len(values) + 1, dtype=float)
        return np.asarray((np.interp(end, marks, sums) - np.interp(begin, marks, sums)) / (end - begin))

    def amounts_at(self, base: int) -> Floats:
        """Return all flows' amounts for what runs in a base step, shape (flows,); their means outside the horizon."""
        flows = self.coefficients
        if not 0 <= base < self.steps or not flows.changing.any():
            return flows.amount
        row = np.maximum(flows.over.series, 0)
        return np.where(flows.changing, flows.over.scale * self.series[row, base], flows.amount)

    @cached_property
    def span(self) -> tuple[float, float]:
        """Where the network begins and ends, in base steps; not at nought and `steps` where steps are cut."""
        edges = self.grids[0].edges if self.grids else np.array([0.0, float(self.steps)])
        return float(edges[0]), float(edges[-1])

    def on_base(self, varying: Varying, grids: Ints, which: int) -> Floats:
        """Return the values of one varying number over the base steps, shape (steps,); those of its grid held."""
        edges = self.grids[grids[which]].edges
        first = np.arange(self.steps, dtype=float)
        middle = (np.maximum(first, edges[0]) + np.minimum(first + 1.0, edges[-1])) / 2.0
        held: Floats = self.on_grid(varying, grids, which)[np.searchsorted(edges, middle, side="right") - 1]
        return held

    @property
    def length_h(self) -> float:
        """Hours from where the network begins to where it ends."""
        return (self.span[1] - self.span[0]) * self.hours

    @property
    def moment(self) -> dt.datetime:
        """When the network begins, also within a step."""
        return self.start + dt.timedelta(hours=self.span[0] * self.hours)

    def stretches(self, policy: int) -> tuple[Grid, Floats]:
        """Return the stretches a policy is checked in, and which share of each is in the network, shape (count,)."""
        every, total = int(self.policies.every[policy]), self.passed + self.steps + self.left
        whole = np.append(np.arange(0, total, every, dtype=float), float(total)) - self.passed
        cut = np.clip(whole, *self.span)
        there = np.diff(cut) > 0.0
        edges = np.append(cut[:-1][there], self.span[1])
        return Grid(every, edges), np.diff(edges) / np.diff(whole)[there]

    def allotment(self, policy: int) -> tuple[Floats, Floats]:
        """Return the least and most of a policy's sum in each of its stretches, shape (count,); nought of a share."""
        if policy in self.allotted:
            return self.allotted[policy]
        share = self.stretches(policy)[1]
        part = 0.0 * share if self.policies.is_share[policy] else share
        least, most = (np.full(len(share), v) if np.isinf(v) else part * v
                       for v in (self.policies.least[policy], self.policies.most[policy]))
        return least, most

    def activities_of(self, element: str) -> list[int]:
        """Return the activity numbers of an element."""
        number = self.element_number[element]
        return [int(a) for a in np.flatnonzero(self.activities.element == number)]
