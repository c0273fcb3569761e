"""What a plan over several slices is made of: slices, the stages and scenarios they stand for, and vintages.

A *slice* is one operating network: a stage's year, that year in a scenario, a period of it. Slices
share nothing but the capacity that is built: a *vintage* is capacity of one element decided in one stage, and
stands in every slice of the stages it is alive in. Records only; how a chain becomes them is told in `stages`,
what a plan makes of them in `lodeworks.plan.pathway`.

To plan over representative periods, replace each slice of a pathway by one for each period (`dataclasses.replace`
on `Pathway.slices`), with `passes` the times the period occurs and `money` in the same proportion. Vintages find
their slices by stage, so nothing else changes; what links the periods' stores is one more link.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Floats, Ints, Network

__all__ = ["Carried", "Growth", "Overall", "Pathway", "Risk", "Scenario", "Slice", "Stage", "Vintages"]


@dataclass(frozen=True)
class Stage:
    """An investment year and the years it stands for, until the next stage begins.

    Attributes
    ----------
    start, years
        Years after the first stage's beginning at which it begins, and how many it lasts.
    discount
        What money spent at its beginning counts in the objective.
    budget
        Most money for what is decided in it; infinite where there is no limit.
    weight
        Years of money it counts in the objective; nothing where its years are discounted.
    """

    name: str
    start: float
    years: float
    discount: float
    budget: float = np.inf
    weight: float | None = None


@dataclass(frozen=True)
class Scenario:
    """One of the ways things may come, and how probable it is."""

    name: str
    title_en: str
    title_zh: str
    probability: float


@dataclass(frozen=True, eq=False)
class Slice:
    """One operating network.

    Attributes
    ----------
    stage, scenario
        Numbers in the pathway's lists.
    period
        Name of the period; empty where the slice is its stage's whole horizon.
    passes
        How often the network's horizon passes in the stage: amounts over the stage are its amounts times this.
    money
        What one unit of money of one passing of its horizon counts in its scenario's objective.
    times
        How often its period comes in what the chain's horizon stands for.
    accounts
        Where firms keep accounts over stages: those of one passing, for its ledger. Its network then has none.
    """

    network: Network
    stage: int
    scenario: int
    passes: float
    money: float
    period: str = ""
    times: float = 1.0
    accounts: Accounts | None = None


@dataclass(frozen=True)
class Vintages:
    """Capacity that may be decided, one row an element and stage.

    Attributes
    ----------
    element
        Name of the element.
    stage
        The stage in which it is decided and paid.
    first, last
        It stands in stages first to last - 1.
    part
        What of it stands in the last of them: all, or a share where its life ends within that stage.
    size
        Capacity one unit of the column stands for: the lump, or one.
    whole
        Whether it is built in whole lumps.
    least, most
        Least and most capacity decided in this stage.
    invest, charge
        Money for one unit of capacity when it is decided, and what of it counts in the objective: discounted, and
        without what is left of its life after the last stage.
    life
        Years it lives.
    shares
        What of it stands in each stage, shape (vintages, stages).
    fades
        Whether it goes little by little, as a survival curve says.
    """

    element: tuple[str, ...]
    stage: Ints
    first: Ints
    last: Ints
    size: Floats
    whole: np.ndarray[tuple[int], np.dtype[np.bool_]]
    least: Floats
    most: Floats
    invest: Floats
    charge: Floats
    part: Floats
    life: Floats
    shares: Floats
    fades: np.ndarray[tuple[int], np.dtype[np.bool_]]

    def __len__(self) -> int:
        return len(self.element)

    def fixed(self, decided: Floats) -> Vintages:
        """Return the vintages with what is decided of each given, shape (vintages,)."""
        return replace(self, least=decided, most=decided)


@dataclass(frozen=True)
class Risk:
    """How much the mean of the worst outcomes weighs beside the mean of all.

    `tail` is the probability of the outcomes that are called worst (5 % for a level of 95 %).
    """

    tail: float = 1.0
    weight: float = 0.0


@dataclass(frozen=True)
class Overall:
    """A policy over several slices; limits and penalty in the policy's own unit.

    Attributes
    ----------
    stage, scenario
        Those whose periods it sums up for one passing of the horizon; -1 where it sums up all stages, in each scenario.
    worth
        What one unit of its penalty counts in its scenario's objective.
    """

    name: str
    unit: str
    least: float
    most: float
    is_share: bool
    penalty: float
    stage: int = -1
    scenario: int = -1
    worth: float = 1.0

    def times(self, piece: Slice) -> float:
        """Return how often the amounts of one passing of a slice count in its sum."""
        if self.scenario not in (-1, piece.scenario):
            return 0.0
        return piece.passes if self.stage < 0 else piece.times if self.stage == piece.stage else 0.0


@dataclass(frozen=True)
class Carried:
    """A stock carried from stage to stage in one scenario, or from period to period of one stage.

    Attributes
    ----------
    initial, end
        What it begins with, nan where that is how it ends; and the least it ends with.
    once
        Whether a stage or period changes it as if its horizon passed once.
    ring
        Whether the last stage or period leaves what the first begins with.
    stage
        The stage over whose periods it is carried; -1 for what is carried from stage to stage.
    """

    element: str
    scenario: int
    initial: float
    end: float
    once: bool = False
    ring: bool = False
    stage: int = -1

    def passes(self, piece: Slice) -> float:
        """Return how often a slice's horizon changes it."""
        if self.once:
            return 1.0
        return piece.times if self.stage >= 0 else piece.passes


@dataclass(frozen=True, eq=False)
class Growth:
    """How fast the capacity of some elements may grow: a limit on what is decided of them in each stage.

    Attributes
    ----------
    of
        The elements limited, together.
    rate
        Growth a year of what stood in the stage before.
    seed
        What may be decided in each stage besides.
    learns, fades
        Growth a year of what has been built so far, and what of that is forgotten in a year.
    known
        What counts as built before the first stage.
    learnt, factor
        The elements whose building counts, and what a unit of each counts.
    """

    name: str
    of: tuple[str, ...]
    rate: float
    seed: float
    learns: float
    fades: float
    known: float
    learnt: tuple[str, ...]
    factor: Floats


@dataclass(frozen=True, eq=False)
class Pathway:
    """A plan's slices, and what links them.

    Attributes
    ----------
    slices
        Those of one stage stand together, those of one scenario within it too.
    overall
        The policies whose sums run over several slices, which hold them without limits.
    budget
        Most money for all that is decided, undiscounted.
    base
        The year of the first stage; nought where the chain has no stages.
    meant
        Years that one passing of the chain's horizon stands for.
    rate
        Discount a year.
    accounts
        Of each scenario, where firms keep accounts over stages: their periods are the moment at which the first stage
        begins and the ends of all years. Without stages the networks of the slices keep them.
    carried
        Stocks that a stage begins with as the one before left them; their stores are open in the slices' networks.
    growths
        Limits on how fast capacity may grow.
    """

    slices: tuple[Slice, ...]
    stages: tuple[Stage, ...]
    scenarios: tuple[Scenario, ...]
    vintages: Vintages
    overall: tuple[Overall, ...]
    budget: float
    risk: Risk
    base: int
    rate: float
    meant: float
    accounts: tuple[Accounts, ...] = ()
    carried: tuple[Carried, ...] = ()
    growths: tuple[Growth, ...] = ()

    @property
    def network(self) -> Network:
        """The first slice's network, which stands for names, units and titles."""
        return self.slices[0].network

    @cached_property
    def plants(self) -> tuple[dict[str, int], ...]:
        """For each slice the plants that can grow, by the name of their element."""
        return tuple(
            {
                piece.network.elements[piece.network.plants.element[p]].name: int(p)
                for p in np.flatnonzero(piece.network.plants.expandable)
            }
            for piece in self.slices
        )

    def years(self, stage: int) -> Ints:
        """Return the numbers of a stage's years, from 1 for the first year of all."""
        first = round(self.stages[stage].start)
        return np.arange(first + 1, first + 1 + round(self.stages[stage].years), dtype=np.int32)

    def yearly(self, number: int) -> float:
        """Return how often the horizon of a slice passes in a year of its stage."""
        piece = self.slices[number]
        return piece.passes / self.stages[piece.stage].years

    def weight(self, number: int) -> float:
        """Return what one unit of money of one passing of a slice's horizon counts in the expected objective."""
        piece = self.slices[number]
        return piece.money * self.scenarios[piece.scenario].probability

    def standing(self, number: int, element: str) -> Ints:
        """Return the vintages of an element that stand in a slice."""
        stage, vintages = self.slices[number].stage, self.vintages
        own = np.array([name == element for name in vintages.element], bool)
        return np.flatnonzero(own & (vintages.first <= stage) & (stage < vintages.last)).astype(np.int32)

    def part(self, number: int, vintage: int) -> float:
        """Return what share of a vintage stands in a slice of a stage it is alive in."""
        return float(self.vintages.shares[vintage, self.slices[number].stage])
