"""What the discrete reading needs beside rates, as plain numbers: runs, failures, arrivals and patience by element.

Vehicles' trips are in `hauling`. Distributions stand here as family and parameters, in hours or in the commodity's
unit; drawing from them is the engine's affair.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from lodeworks.chain.arrivals import arrival_times
from lodeworks.chain.distributions import mean_of, parse_distribution
from lodeworks.chain.entities import Arrivals, Demand, Failures, Pool, Process, Quantity, Route, Runs, Store, Supply
from lodeworks.network.arrays import Arriving, Breaking, Discrete, Distribution, Running, Waiting
from lodeworks.network.builder import Builder
from lodeworks.network.hauling import compile_hauling, least_share, written_distribution

__all__ = ["arrival_rate", "arrivals_by_step", "compile_discrete", "rate_of_runs"]


def rate_of_runs(b: Builder, process: Process, reference: str) -> float | None:
    """Return the rate that runs come to without stops, servers × batch / mean time, of the fastest mode.

    None where they do not say.
    """
    if process.runs is None:
        return None
    modes = [_merged(process.runs, mode.runs) for mode in process.modes.values()] or [process.runs]
    rates = [_rate(b, runs, reference) * _yield_of(b, process, reference) for runs in modes if runs.batch and runs.time]
    return max(rates) if len(rates) == len(modes) and max(rates) > 0.0 else None


def _rate(b: Builder, runs: Runs, reference: str) -> float:
    assert runs.batch is not None
    mean = mean_of(*parse_distribution(runs.time, b.measures.units, "h"))
    return b.measures.number(runs.servers) * b.measures.amount(runs.batch, reference) / mean if mean > 0 else 0.0


def _yield_of(b: Builder, process: Process, reference: str) -> float:
    """Return the mean of the reference commodity that comes out of a run for one unit of its batch."""
    return b.measures.fraction(process.chance[reference]) if reference in process.chance else 1.0


def _merged(runs: Runs, own: Runs | None) -> Runs:
    """Return a process's runs with what a mode says otherwise."""
    return runs if own is None else runs.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})


def arrival_rate(b: Builder, trade: Supply | Demand) -> float | None:
    """Return the mean amount an hour that arrives while the profile is one."""
    if trade.arrivals is None:
        return None
    if trade.arrivals.at:
        return float(np.mean(arrivals_by_step(b, trade)))
    amount = _mean_amount(b, trade, trade.arrivals)
    between = mean_of(*parse_distribution(trade.arrivals.between, b.measures.units, "h"))
    return amount / between if between > 0 else None


def _mean_amount(b: Builder, trade: Supply | Demand, arrivals: Arrivals) -> float:
    if not arrivals.amount:
        return 1.0
    unit = b.measures.unit_of(trade.commodity)
    return mean_of(*parse_distribution(arrivals.amount, b.measures.units, unit))


def arrivals_by_step(b: Builder, trade: Supply | Demand) -> npt.NDArray[np.float64]:
    """Return the mean rate of arrivals at written times within each base step, shape (steps,)."""
    arrivals = trade.arrivals
    assert arrivals is not None
    times, every = arrival_times(arrivals, b.chain.horizon.start, b.measures.units)
    amounts = arrivals.amounts or [_mean_amount(b, trade, arrivals)] * len(times)
    rates = np.zeros(b.steps.count)
    rounds = int(np.ceil(b.total_hours / every)) if every else 1
    for k in range(rounds):
        for time, amount in zip(times, amounts, strict=True):
            step = int((time + k * every) / b.steps.hours + 1e-9)
            if step < b.steps.count:
                rates[step] += amount / b.steps.hours
    return rates


def compile_discrete(b: Builder) -> Discrete:
    """Collect the discrete attributes of every element."""
    number = {element.name: i for i, element in enumerate(b.elements)}
    chain = b.chain
    runs: dict[int, Running] = {}
    modes: dict[tuple[int, str], Running] = {}
    chances: dict[tuple[int, int], float] = {}
    workers: dict[str, Process | Route | Supply | Demand] = {
        **chain.processes, **chain.routes, **chain.supplies, **chain.demands
    }
    trades: dict[str, Supply | Demand] = {**chain.supplies, **chain.demands}
    arrivals = {number[name]: _arriving(b, trade, b.elements[number[name]].unit)
                for name, trade in trades.items() if trade.arrivals is not None}
    for name, entity in workers.items():
        if entity.runs is not None:
            runs[number[name]] = _running(b, entity.runs, b.elements[number[name]].commodity)
    for name, process in chain.processes.items():
        i, reference, site = number[name], b.measures.reference_of(process), b.measures.site_of(process)
        chances |= {(i, b.balance(c, site)): b.measures.fraction(p) for c, p in process.chance.items()}
        share = _yield_of(b, process, reference)
        for mode, own in process.modes.items():
            if process.runs is not None or own.runs is not None:
                modes[i, mode] = _running(b, _merged(process.runs or Runs(), own.runs), reference, share)
        if process.runs is not None:
            runs[i] = _running(b, process.runs, reference, share)
    failing: dict[str, Process | Route | Pool] = {**chain.processes, **chain.routes, **chain.pools}
    failures = {number[name]: _breaking(b, entity.failures) for name, entity in failing.items() if entity.failures}
    waiting = {
        number[name]: _waiting(b, store)
        for name, store in chain.stores.items()
    }
    hauls, fleets = compile_hauling(b, number)
    simulation = chain.simulation
    return Discrete(
        runs, failures, arrivals, waiting, modes, chances, hauls, fleets, simulation.kind,
        b.measures.fraction(simulation.precision) if simulation.precision is not None else None,
        replications=round(simulation.replications.value), seed=round(simulation.seed.value),
        warm_up=b.measures.duration(simulation.warm_up) if simulation.warm_up is not None else 0.0,
    )


def _arriving(b: Builder, trade: Supply | Demand, unit: str) -> Arriving:
    coming, commodity = trade.arrivals, trade.commodity
    assert isinstance(coming, Arrivals)
    profile = b.vary(coming.profile, "", 1.0)
    times, every = arrival_times(coming, b.chain.horizon.start, b.measures.units)
    return Arriving(
        written_distribution(b, coming.between) or Distribution("constant", (0.0,)),
        written_distribution(b, coming.amount, unit) or Distribution("constant", (1.0,)),
        written_distribution(b, coming.due), profile.scale, profile.row, tuple(times), tuple(coming.amounts), every,
        round(b.measures.number(coming.priority)),
        b.measures.amount(coming.balk_at, commodity) if coming.balk_at is not None else math.inf,
    )


def _waiting(b: Builder, store: Store) -> Waiting:
    """A store's own shelf life counts from when a lot comes in; heat and the commodity's from when it was made."""
    m, site = b.measures, b.measures.site_of(store)

    def place(commodity: str) -> int:
        return b.balance(commodity, site) if commodity else -1

    return Waiting(
        written_distribution(b, store.patience), store.order, place(store.expires_to), place(store.reneges_to),
        (m.shelf_life if store.shelf_life is None else m.heat_life)(store.commodity),
    )


def _breaking(b: Builder, broken: Failures) -> Breaking:
    between, repair = written_distribution(b, broken.between), written_distribution(b, broken.repair)
    assert between is not None
    assert repair is not None
    return Breaking(between, repair, broken.clock, broken.interval, broken.crew, broken.unload,
                    broken.load)


def _running(b: Builder, runs: Runs, commodity: str, share: float = 1.0) -> Running:
    """Bring runs to numbers; their batch counts the mean `share` of it that comes out."""
    m = b.measures

    def amount(quantity: Quantity | None) -> float | None:
        return None if quantity is None else m.amount(quantity, commodity)

    batch = amount(runs.batch)
    return Running(
        batch=batch * share if batch is not None else None,
        time=written_distribution(b, runs.time), servers=round(m.number(runs.servers)),
        priority=round(m.number(runs.priority)),
        crew={name: m.pool_held(quantity, name) for name, quantity in runs.crew.items()},
        least=least_share(b, runs.least, runs.linger),
        linger=m.duration(runs.linger) if runs.linger is not None else float("inf"),
        setup=written_distribution(b, runs.setup), blocking=runs.blocking, shift_end=runs.shift_end,
        stopped=runs.stopped, preempts=runs.preempts, routing=runs.routing,
        order_at=amount(runs.order_at), order_to=amount(runs.order_to) or 0.0, seize=runs.seize,
        setup_from={
            mode: Distribution(*parse_distribution(text, m.units, "h")) for mode, text in runs.setup_from.items()
        },
    )
