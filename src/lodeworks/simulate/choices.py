"""The named choices of semantics a simulation ran with, element by element, defaults said as well as what is written.

What each means stands in docs/semantics.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lodeworks.network import Network
from lodeworks.network.arrays import Breaking, Running
from lodeworks.network.hauling import ANY_SHARE
from lodeworks.simulate.build import PLAIN
from lodeworks.simulate.engine import Outcome

if TYPE_CHECKING:
    import polars as pl

__all__ = ["choices_table"]

_Choice = tuple[str, str]  # a choice and what was chosen
_ORDERS = {"fifo": "first in", "lifo": "last in", "due": "earliest due date", "priority": "priority of the lot"}


def choices_table(outcome: Outcome) -> pl.DataFrame:
    """Return the choices as rows: name, choice, value; those of the whole run have no name."""
    import polars as pl

    network = outcome.network
    follows = len(outcome.built.model.targets) > 0
    rows = [("", "work", "follows a plan" if follows else "work-conserving"),
            ("", "simultaneous events", "shifts, failures, ends of runs, arrivals, patience, timers")]
    hauled = set(network.discrete.hauls)
    shared = {passes.pool for passes in outcome.built.passes}
    for e, element in enumerate(network.elements):
        run = network.discrete.runs.get(e)
        found: list[_Choice] = []
        if run is not None or (element.kind in ("process", "route") and e not in hauled):
            found += _of_run(network, e, run or PLAIN)
        if element.kind == "pool" and element.name in shared:
            found.append(("used by rates", "a pass for each batch, by priority, one ahead"))
        if e in network.discrete.failures:
            found += _of_failures(network.discrete.failures[e], element.kind == "pool")
        if e in network.discrete.waiting:
            found += _of_store(network, e)
        if e in network.discrete.arrivals:
            balk = network.discrete.arrivals[e].balk_at
            found.append(("balking", "only where there is no room" if math.isinf(balk) else f"from {balk:g} waiting"))
        if e in hauled:
            haul = network.discrete.hauls[e]
            found += [("load", _batch(haul.least, haul.linger)), ("blocking", "after service")]
        if e in network.discrete.fleets:
            tank = network.discrete.fleets[e].tank
            found.append(("refuelling", "fuel is drawn when a trip begins" if math.isinf(tank)
                          else "when the tank would not last the longest trip"))
        rows += [(element.name, choice, value) for choice, value in found]
    return pl.DataFrame(rows, orient="row", schema=dict.fromkeys(("name", "choice", "value"), pl.String))


def _batch(least: float, linger: float) -> str:
    if least >= 1.0:
        return "full"
    said = "full" if least == 0.0 else "any" if least <= ANY_SHARE else f"at least {least:.0%}"
    return said + (f", or what is there after {linger:g} h" if math.isfinite(linger) else "")


def _of_run(network: Network, e: int, run: Running) -> Iterator[_Choice]:
    yield "batch", _batch(run.least, run.linger)
    yield "blocking", f"{run.blocking} service"
    yield "shift end", run.shift_end
    yield "stopped run", run.stopped
    yield "served first", f"priority {run.priority}"
    if len(run.crew) > 1:
        yield "pools", f"seized {run.seize}"
    modes = [m for (owner, m) in network.discrete.modes if owner == e]
    if modes:
        yield "which mode", {"priority": "first by priority", "shortest": "shortest queue"}[run.routing]
        own = [network.discrete.modes[e, m] for m in modes]
        pushing = [m for m, mode in zip(modes, own, strict=True) if mode.preempts]
        yield "pre-emption", f"{', '.join(pushing)}: pushes lower priority aside" if pushing else "none"
        pairs = any(mode.setup_from for mode in own)
        times = any(mode.setup is not None for mode in own)
        yield "set-up", "by pair of modes" if pairs else "between modes" if times else "none"
    if any(owner == e for owner, _ in network.discrete.chances):
        yield "chance", "at most one of the outputs named comes out of a run"
    if e in network.discrete.failures and _has_belt(network, e):
        yield "belt", "what is on it stops with it"
    if run.order_at is not None:
        yield "orders", f"at {run.order_at:g} up to {run.order_to:g}"


def _has_belt(network: Network, e: int) -> bool:
    coef = network.coefficients
    own = network.activities.element[coef.activity] == e
    return network.elements[e].kind == "route" and bool((coef.lag[own] > 0.0).any())


def _of_failures(broken: Breaking, pool: bool) -> Iterator[_Choice]:
    yield "failure clock", "calendar" if pool else broken.clock
    yield "failure interval", {"repair": "repair end to failure", "start": "start to start"}[broken.interval]
    if pool:
        yield "runs under way when it fails", "are finished"
    else:
        yield "loaded while down", "yes" if broken.load else "no"
        yield "unloaded while down", "yes" if broken.unload else "no"
        yield "repair crew", broken.crew or "none needed"


def _of_store(network: Network, e: int) -> Iterator[_Choice]:
    waiting = network.discrete.waiting[e]
    stores = network.stores
    row = next(i for i in range(len(stores)) if stores.element[i] == e)
    yield "which lot first", _ORDERS[waiting.order]

    def goes(to: int) -> str:
        if to < 0:
            return "is lost"
        return f"becomes {network.balances.commodity[to]}"

    yield "reneging", "never" if waiting.patience is None else f"when patience ends, {goes(waiting.reneges_to)}"
    life = float(stores.shelf_life[row])
    since = "since made" if life == waiting.life else "since it came in"
    yield "expiry", f"{life:g} h {since}, {goes(waiting.expires_to)}" if math.isfinite(life) else "never"
