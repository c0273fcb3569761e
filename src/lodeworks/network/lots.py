"""Records of the discrete reading: distributions, how batches run and fail, arrivals, queues, trips.

They are part of the network, see `arrays`; a plan does not look at them. How a chain becomes them is in `discrete` and
`hauling`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Arriving", "Breaking", "Discrete", "Distribution", "Driving", "Hauling", "Running", "Waiting"]


@dataclass(frozen=True)
class Distribution:
    """A family and its parameters as written: hours, or the commodity's unit."""

    family: str
    parameters: tuple[float, ...]


@dataclass(frozen=True)
class Running:
    """How an element runs batches; the words are those of the chain file."""

    batch: float | None
    time: Distribution | None
    servers: int
    priority: int
    crew: Mapping[str, float]
    least: float
    linger: float
    setup: Distribution | None
    blocking: str
    shift_end: str
    stopped: str
    preempts: bool
    routing: str = "priority"
    order_at: float | None = None
    order_to: float = 0.0
    setup_from: Mapping[str, Distribution] = field(default_factory=dict)
    seize: str = "together"


@dataclass(frozen=True)
class Breaking:
    """How an element's machines break down."""

    between: Distribution
    repair: Distribution
    clock: str
    interval: str
    crew: str
    unload: bool
    load: bool = False


@dataclass(frozen=True)
class Arriving:
    """Lots or orders that arrive; their rate is multiplied by `scale` times the series of that row."""

    between: Distribution
    amount: Distribution
    due: Distribution | None
    scale: float
    series: int
    at: tuple[float, ...] = ()
    amounts: tuple[float, ...] = ()
    every: float = 0.0
    priority: int = 0
    balk_at: float = float("inf")


@dataclass(frozen=True)
class Waiting:
    """How lots wait in a store, and the balances they go to when shelf life or patience end (-1: out of the chain).

    `life` is how long a lot keeps since it was made, wherever it was.
    """

    patience: Distribution | None
    order: str
    expires_to: int = -1
    reneges_to: int = -1
    life: float = float("inf")


@dataclass(frozen=True)
class Hauling:
    """Trips of a fleet's vehicles on a route; nought loaders or unloaders are as many as are wanted.

    Fuel burnt is for one way, in the unit of the fuel in the tank.
    """

    fleet: int
    payload: float
    load: Distribution
    laden: Distribution
    unload: Distribution
    empty: Distribution
    loaders: int
    unloaders: int
    priority: int
    distance: float
    burnt_laden: float
    burnt_empty: float
    least: float
    linger: float


@dataclass(frozen=True)
class Driving:
    """A fleet's vehicles; without a tank (infinite) fuel is drawn from its balance when a trip begins."""

    vehicles: int
    tank: float
    fuel: int
    pumps: int
    fill: float
    reserve: float
    crew: Mapping[str, float]
    service_every: float
    service: Distribution | None
    bays: int


@dataclass(frozen=True)
class Discrete:
    """What the discrete reading needs beside rates, by element number.

    Attributes
    ----------
    modes
        Runs of modes that differ from their process's, by element number and mode.
    chances
        Probability that an output comes out of a run, by element number and balance; coefficients hold the mean.
    out
        What is out when a window begins, by element number: how many of its machines, and for how many hours.
    on_road
        How many vehicles of a route are then on their way laden, and how many on their way back, on average.
    """

    runs: Mapping[int, Running]
    failures: Mapping[int, Breaking]
    arrivals: Mapping[int, Arriving]
    waiting: Mapping[int, Waiting]
    modes: Mapping[tuple[int, str], Running]
    chances: Mapping[tuple[int, int], float]
    hauls: Mapping[int, Hauling]
    fleets: Mapping[int, Driving]
    kind: str
    precision: float | None
    replications: int
    seed: int
    warm_up: float
    out: Mapping[int, tuple[int, float]] = field(default_factory=dict)
    on_road: Mapping[int, tuple[float, float]] = field(default_factory=dict)
