"""What the discrete reading needs beside rates, as plain numbers: runs, failures, arrivals and patience by element.

Distributions stand here as family and parameters, in hours or in the commodity's unit; drawing from them is the
engine's affair.
"""

from __future__ import annotations

from lodeworks.chain.distributions import mean_of, parse_distribution
from lodeworks.chain.entities import Demand, Failures, Process, Quantity, Route, Runs, Supply
from lodeworks.network.arrays import Arriving, Breaking, Discrete, Distribution, Running, Waiting
from lodeworks.network.builder import Builder

__all__ = ["arrival_rate", "compile_discrete", "rate_of_runs"]


def rate_of_runs(b: Builder, runs: Runs, commodity: str) -> float | None:
    """Return the rate that runs come to without stops: servers × batch / mean time; None where they do not say."""
    if runs.batch is None or not runs.time:
        return None
    mean = mean_of(*parse_distribution(runs.time, b.measures.units, "h"))
    return b.measures.number(runs.servers) * b.measures.amount(runs.batch, commodity) / mean if mean > 0 else None


def arrival_rate(b: Builder, trade: Supply | Demand) -> float | None:
    """Return the mean amount an hour that arrives while the profile is one."""
    if trade.arrivals is None:
        return None
    between = mean_of(*parse_distribution(trade.arrivals.between, b.measures.units, "h"))
    amount = 1.0
    if trade.arrivals.amount:
        unit = b.measures.unit_of(trade.commodity)
        amount = mean_of(*parse_distribution(trade.arrivals.amount, b.measures.units, unit))
    return amount / between if between > 0 else None


def _distribution(b: Builder, text: str, unit: str = "h") -> Distribution | None:
    return Distribution(*parse_distribution(text, b.measures.units, unit)) if text else None


def compile_discrete(b: Builder) -> Discrete:
    """Collect the discrete attributes of every element."""
    number = {element.name: i for i, element in enumerate(b.elements)}
    runs: dict[int, Running] = {}
    failures: dict[int, Breaking] = {}
    arrivals: dict[int, Arriving] = {}
    waiting: dict[int, Waiting] = {}
    chain = b.chain
    workers: dict[str, Process | Route | Supply | Demand] = {
        **chain.processes, **chain.routes, **chain.supplies, **chain.demands
    }
    for name, entity in workers.items():
        i = number[name]
        if entity.runs is not None:
            runs[i] = _running(b, entity.runs, b.elements[i].commodity)
        broken: Failures | None = getattr(entity, "failures", None)
        if broken is not None:
            between, repair = _distribution(b, broken.between), _distribution(b, broken.repair)
            assert between is not None
            assert repair is not None
            failures[i] = Breaking(between, repair, broken.clock, broken.interval, broken.crew, broken.unload)
        coming = getattr(entity, "arrivals", None)
        if coming is not None:
            between = _distribution(b, coming.between)
            assert between is not None
            unit = b.elements[i].unit
            profile = b.vary(coming.profile, "", 1.0)
            amount = _distribution(b, coming.amount, unit) or Distribution("constant", (1.0,))
            arrivals[i] = Arriving(between, amount, _distribution(b, coming.due), profile.scale, profile.row)
    for name, store in chain.stores.items():
        waiting[number[name]] = Waiting(_distribution(b, store.patience), store.order)
    simulation = chain.simulation
    return Discrete(
        runs, failures, arrivals, waiting,
        replications=round(simulation.replications.value), seed=round(simulation.seed.value),
        warm_up=b.measures.duration(simulation.warm_up) if simulation.warm_up is not None else 0.0,
    )


def _running(b: Builder, runs: Runs, commodity: str) -> Running:
    m = b.measures

    def maybe(quantity: Quantity | None, default: float) -> float:
        return default if quantity is None else m.fraction(quantity)

    return Running(
        batch=m.amount(runs.batch, commodity) if runs.batch is not None else None,
        time=_distribution(b, runs.time), servers=round(m.number(runs.servers)),
        priority=round(m.number(runs.priority)),
        crew={name: quantity.value for name, quantity in runs.crew.items()},
        least=maybe(runs.least, 1.0 if runs.linger is None else 0.0),
        linger=m.duration(runs.linger) if runs.linger is not None else float("inf"),
        setup=_distribution(b, runs.setup), blocking=runs.blocking, shift_end=runs.shift_end,
        stopped=runs.stopped, preempts=runs.preempts,
    )
