"""The notebook in which a network is written down before its arrays are frozen.

A `Builder` numbers balances, grids, series, elements and activities as they are first met, and collects
coefficients and costs. Which entity becomes which activity is not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lodeworks.chain.entities import Chain, Lag, Quantity
from lodeworks.chain.entities import Varying as VaryingEntity
from lodeworks.chain.measures import Measures
from lodeworks.chain.profiles import Steps, horizon_steps, varying
from lodeworks.errors import InputError, Problem
from lodeworks.network.arrays import Activities, Constant, Element, Floats, Grid, Varying

__all__ = ["CONSTANT", "NOUGHT", "Builder", "PlantRow", "Vary", "frozen", "let_close", "negative"]


@dataclass(frozen=True, slots=True)
class Vary:
    """One varying number: ``scale × series``; row -1 is constant."""

    scale: float
    row: int = -1


CONSTANT = Vary(1.0)
DEFAULT_LIFE_YEARS = 20.0
NOUGHT = Vary(0.0)


def negative(vary: Vary) -> Vary:
    """Return a varying number with its sign turned."""
    return Vary(-vary.scale, vary.row)


@dataclass
class PlantRow:
    """One line of the plants' table, with the defaults of a plant that has nothing special."""

    element: int
    grid: int
    existing: float = np.inf
    availability: Vary = CONSTANT
    min_load: Vary = NOUGHT
    on_off: bool = False
    start_cost: float = 0.0
    stop_cost: float = 0.0
    on_cost: Vary = NOUGHT
    been_on: float = np.nan
    ran: float = np.nan
    min_up: float = 0.0
    min_down: float = 0.0
    start_load: float = np.nan
    stop_load: float = np.nan
    ramp_up: float = np.inf
    ramp_down: float = np.inf
    fixed: float = 0.0
    least: float = 0.0
    most: float = 0.0
    lump: float = 0.0
    invest: float = 0.0
    yearly: float = 0.0
    upkeep: float = 0.0
    expandable: bool = False
    life: float = DEFAULT_LIFE_YEARS
    lead: float = 0.0
    pace: float = np.inf
    unit: float = 0.0
    closable: bool = False
    early: bool = False
    paid: float = 0.0
    discount: float = 0.0


def let_close(row: PlantRow) -> None:
    """Let the plan close what exists of a plant: less than nothing is built of it, which saves its upkeep."""
    row.closable = row.expandable = True
    row.least, row.most, row.upkeep = -row.existing, 0.0, row.fixed


@dataclass
class Builder:
    """Collects the parts of a network."""

    chain: Chain
    measures: Measures
    steps: Steps
    series: list[Floats] = field(default_factory=list)
    series_number: dict[Any, int] = field(default_factory=dict)
    grids: dict[int, int] = field(default_factory=dict)
    elements: list[Element] = field(default_factory=list)
    balances: dict[tuple[str, str], int] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    balance_grid: list[int] = field(default_factory=list)
    let_go: list[bool] = field(default_factory=list)
    activities: list[tuple[int, str, int, int, Vary, Vary, bool]] = field(default_factory=list)
    coefficients: list[tuple[int, int, Vary, float, int]] = field(default_factory=list)
    costs: list[tuple[int, str, int, str, Vary]] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)
    plants: list[PlantRow] = field(default_factory=list)
    start_flows: list[tuple[int, int, float]] = field(default_factory=list)
    reserves: list[tuple[int, int, bool, bool, float]] = field(default_factory=list)
    stores: list[dict[str, Any]] = field(default_factory=list)
    fixed_levels: list[tuple[int, int, float]] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)
    resource_uses: list[tuple[int, int, float]] = field(default_factory=list)
    policies: list[dict[str, Any]] = field(default_factory=list)
    policy_terms: list[tuple[int, int, Vary]] = field(default_factory=list)
    policy_others: list[tuple[int, int, Vary]] = field(default_factory=list)
    shares: list[tuple[int, int, float, float]] = field(default_factory=list)
    blend_names: list[str] = field(default_factory=list)
    blend_grids: list[int] = field(default_factory=list)
    blend_weights: list[tuple[int, int, float]] = field(default_factory=list)
    order: list[tuple[int, int]] = field(default_factory=list)
    cycles: list[tuple[int, int, float, Vary]] = field(default_factory=list)

    @classmethod
    def of(cls, chain: Chain) -> Builder:
        """Start the notebook for a chain."""
        units = chain.registry()
        return cls(chain, Measures(chain, units), horizon_steps(chain, units))

    # ---- time ---------------------------------------------------------------------------------------

    @property
    def total_hours(self) -> float:
        """Hours of the whole horizon."""
        return self.steps.hours * self.steps.count

    @property
    def hours_meant(self) -> float:
        """Hours the horizon stands for: its own, or those of its periods as often as they come."""
        m, periods = self.measures, self.chain.horizon.periods.values()
        return sum(m.duration(p.length) * m.number(p.times) for p in periods) if periods else self.total_hours

    def multiple(self, step: Quantity | None, default: int = 1) -> int:
        """Return how many base steps `step` is."""
        if step is None:
            return default
        return max(1, round(self.measures.duration(step) / self.steps.hours))

    def grid(self, multiple: int) -> int:
        """Number the grid of a multiple of the base step."""
        return self.grids.setdefault(multiple, len(self.grids))

    def edges(self, multiple: int) -> Floats:
        """Return where the steps of a grid begin and end, in base steps, shape (steps + 1,).

        A step is a multiple of the base step; where the horizon has segments, it ends with the first of them that ends
        then or later.
        """
        count = self.steps.count
        even = np.append(np.arange(0, count, multiple, dtype=float), float(count))
        if not self.steps.segments:
            return even
        ends = np.concatenate([[0.0], np.cumsum(self.steps.segments, dtype=float)])
        found: Floats = ends[np.unique(np.searchsorted(ends, even))]
        return found

    def frozen_grids(self) -> tuple[Grid, ...]:
        """Return the grids in the order of their numbers."""
        return tuple(Grid(multiple, self.edges(multiple)) for multiple in self.grids)

    def commodity_multiple(self, commodity: str) -> int:
        """Return the base steps in a commodity's balance step."""
        return self.multiple(self.chain.commodities[commodity].step)

    # ---- numbers over time --------------------------------------------------------------------------

    def row(self, values: Floats, key: Any = None) -> int:
        """Number a series; the same `key` gives the same row."""
        if key is not None and key in self.series_number:
            return self.series_number[key]
        self.series.append(np.ascontiguousarray(values, dtype=float))
        if key is not None:
            self.series_number[key] = len(self.series) - 1
        return len(self.series) - 1

    def vary(self, value: VaryingEntity | None, canonical: str, default: float = 0.0) -> Vary:
        """Turn a varying attribute into a scale and a series."""
        if value is None:
            return Vary(default)
        got = varying(value, canonical, self.chain, self.measures.units)
        if isinstance(got, np.ndarray):
            return Vary(1.0, self.row(got, (value.profile, str(value.times), canonical)))
        return Vary(float(got))

    def array(self, vary: Vary) -> Floats | float:
        """Return a varying number as a float, or as an array over base steps."""
        return vary.scale if vary.row < 0 else vary.scale * self.series[vary.row]

    def step_means(self, vary: Vary, multiple: int) -> Floats | float:
        """Return a varying number with its mean over each step of a grid in the place of the step's values."""
        values = self.array(vary)
        if not isinstance(values, np.ndarray) or (multiple == 1 and not self.steps.segments):
            return values
        edges = self.edges(multiple).astype(np.int64)
        widths = np.diff(edges)
        result: Floats = np.repeat(np.add.reduceat(values, edges[:-1]) / widths, widths)
        return result

    def from_array(self, values: Floats | float) -> Vary:
        """Turn a float or an array over base steps into a varying number."""
        if isinstance(values, np.ndarray):
            if np.all(values == values[0]):
                return Vary(float(values[0]))
            return Vary(1.0, self.row(values, ("values", values.tobytes())))
        return Vary(float(values))

    # ---- things -------------------------------------------------------------------------------------

    def element(self, name: str, kind: str, entity: Any, commodity: str, unit: str, site: str = "",
                site_to: str = "") -> int:
        """Number an element."""
        self.elements.append(
            Element(
                name, kind, commodity, unit, site, site_to, getattr(entity, "owner", ""),
                entity.title.text("en", name), entity.title.text("zh", name), getattr(entity, "candidate", False),
            )
        )
        return len(self.elements) - 1

    def balance(self, commodity: str, site: str) -> int:
        """Number the balance of a commodity at a site (all sites, where it is shared)."""
        entity = self.chain.commodities[commodity]
        key = (commodity, "" if entity.shared else site)
        if key not in self.balances:
            self.balances[key] = len(self.balances)
            self.balance_grid.append(self.grid(self.multiple(entity.step)))
            self.let_go.append(entity.let_go)
        return self.balances[key]

    def hidden_balance(self, name: str, grid: int) -> int:
        """Number a balance of its own that no report shows: what a blend's components fill."""
        number = self.balances.setdefault((f"\0{name}", ""), len(self.balances))
        self.balance_grid.append(grid)
        self.let_go.append(False)
        self.hidden.add(number)
        return number

    def activity(self, element: int, grid: int, *, mode: str = "", plant: int = -1, lower: Vary | None = None,
                 upper: Vary | None = None, must_serve: bool = False) -> int:
        """Add a column."""
        self.activities.append(
            (element, mode, grid, plant, lower or Vary(0.0), upper or Vary(np.inf), must_serve)
        )
        return len(self.activities) - 1

    def flow(self, activity: int, balance: int, amount: float | Floats, lag: Lag | None = None,
             element: int | None = None) -> None:
        """Add what one unit of an activity brings to a balance (negative: takes); for each base step if it changes."""
        owner = self.activities[activity][0] if element is None else element
        vary = self.from_array(amount)
        if lag is None:
            self.coefficients.append((activity, balance, vary, 0.0, owner))
            return
        from lodeworks.units import parse_quantity

        for time, share in lag.shares.items():
            hours = self.measures.duration(parse_quantity(time))
            part = Vary(vary.scale * self.measures.fraction(share), vary.row)
            self.coefficients.append((activity, balance, part, hours, owner))

    def mean(self, vary: Vary) -> float:
        """Return the mean of a varying number over the horizon."""
        return vary.scale * float(self.series[vary.row].mean()) if vary.row >= 0 else vary.scale

    def cost(self, activity: int, item: str, commodity: str, money: Vary, element: int | None = None) -> None:
        """Add money for one unit of an activity; positive is money in. Nothing is added for nought."""
        if money.row >= 0 or money.scale != 0.0:
            owner = self.activities[activity][0] if element is None else element
            self.costs.append((activity, item, owner, commodity, money))

    def lowest(self, min_load: Vary) -> Vary:
        """Return the lower bound of an activity of a plant with a minimum load: none where it may run backwards."""
        return Vary(-np.inf) if np.min(self.array(min_load)) < 0.0 else NOUGHT

    def plant(self, row: PlantRow) -> int:
        """Add a plant."""
        self.plants.append(row)
        return len(self.plants) - 1

    def keeps_accounts(self, owner: str) -> bool:
        """Say whether a firm's money is planned."""
        firm = self.chain.firms.get(owner)
        return firm is not None and firm.cash is not None

    def yearly(self, invest: float, years: float, rate: float, owner: str = "") -> float:
        """Spread an investment over a life of some years, for the length of the horizon.

        The yearly payment is ``invest × r / (1 - (1 + r)^-n)`` (capital recovery factor), r the rate a year; a
        horizon of part of a year bears its part. A firm with accounts pays for its capital by the interest on its
        loans: it writes off ``invest / n`` a year.
        """
        rate = 0.0 if self.keeps_accounts(owner) else rate
        recovery = 1.0 / years if rate == 0.0 else rate / (1.0 - (1.0 + rate) ** -years)
        return invest * recovery * self.hours_meant / 8760.0

    def refuse(self, element: str, key: str, message: str, expected: str) -> None:
        """Stop with one problem: a combination the language allows and the plan cannot hold."""
        raise InputError(Problem(message, element=element, key=key, expected=expected))

    def frozen_activities(self) -> Activities:
        """Return the columns as arrays."""
        element, mode, grid, plant, lower, upper, must = (
            zip(*self.activities, strict=True) if self.activities else ((),) * 7
        )
        return Activities(
            np.array(element, np.int32), tuple(mode), np.array(grid, np.int32), np.array(plant, np.int32),
            frozen(lower), frozen(upper), np.array(must, bool),
        )


def frozen(values: Any) -> Varying:
    """Return varying numbers as two arrays."""
    values = list(values)
    return Varying(
        np.array([v.scale for v in values], float), np.array([v.row for v in values], np.int32)
    )
