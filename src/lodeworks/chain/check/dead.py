"""What is well written and yet could never run: calendars without an hour, batches that fit nowhere, crews too large.

The plan may still hold such a chain; a simulation of it would stand still, or never end, without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from lodeworks.chain.check.context import Context, taken_by
from lodeworks.chain.distributions import mean_of, parse_distribution
from lodeworks.chain.entities import (
    Arrivals,
    Demand,
    Failures,
    Fleet,
    Mode,
    Process,
    Quantity,
    Route,
    Runs,
    Store,
    Supply,
    Varying,
    named,
)
from lodeworks.chain.profiles import varying
from lodeworks.errors import InputError, Problem
from lodeworks.units import UnitProblem

__all__ = ["dead"]

_ROUNDING = 1.0 + 1e-9


def dead(context: Context) -> Iterator[Problem]:
    """Yield what could never run, or would run without end."""
    chain = context.chain
    for name, calendar in chain.calendars.items():
        for key in ("hours", "days"):
            if key in calendar.model_fields_set and not getattr(calendar, key):
                yield Problem(f"a calendar without {key} is never open", element=f"calendars.{name}", key=key,
                              found="[]", expected=f"at least one; all where `{key}` is left out")
    crews: set[str] = set()
    for section, name, entity in named(chain):
        place = f"{section}.{name}"
        runs = getattr(entity, "runs", None)
        if isinstance(runs, Runs):
            yield from _never_open(context, place, "availability", getattr(entity, "availability", None))
            yield from _crew(context, place, "runs.crew", runs.crew)
            crews |= set(runs.crew)
        yield from _no_time_between(context, place, entity)
        if isinstance(entity, Supply | Demand) and entity.arrivals is not None:
            yield from _never_open(context, place, "arrivals.profile", entity.arrivals.profile)
            if isinstance(entity, Supply):
                yield from _arrivals_fit(context, place, entity, entity.arrivals)
        broken = getattr(entity, "failures", None)
        if isinstance(broken, Failures) and broken.crew:
            yield from _crew(context, place, "failures.crew", {broken.crew: Quantity(1.0)})
            crews.add(broken.crew)
        if isinstance(entity, Process):
            for mode, recipe in entity.modes.items():
                if recipe.runs is not None:
                    yield from _crew(context, place, f"modes.{mode}.runs.crew", recipe.runs.crew)
                    crews |= set(recipe.runs.crew)
            yield from _batches_fit(context, place, entity)
        elif isinstance(entity, Fleet):
            yield from _never_open(context, place, "availability", entity.availability)
            yield from _crew(context, place, "crew", entity.crew)
            crews |= set(entity.crew)
        elif isinstance(entity, Route) and entity.fleet:
            yield from _loads_fit(context, place, entity)
        elif isinstance(entity, Supply | Demand | Route):
            yield from _lots_fit(context, place, entity)
        elif isinstance(entity, Store):
            yield from _nobody_serves(context, place, entity)
    for name in sorted(crews & set(chain.pools)):
        yield from _never_open(context, f"pools.{name}", "availability", chain.pools[name].availability)


def _never_open(context: Context, place: str, key: str, given: Varying | None) -> Iterator[Problem]:
    """A calendar that never opens stops all runs; one that opens within a step is met on the mean only."""
    if given is None:
        return
    try:
        values = varying(given, "", context.chain, context.measures.units)
    except (InputError, UnitProblem):
        return  # told where profiles are looked at
    if not np.any(np.asarray(values) > 0.0):
        yield Problem("no hour of the horizon is open", element=place, key=key, found=given.profile or str(given.times),
                      expected="a calendar or profile above nought at some time")
    elif given.profile in context.chain.calendars and context.steps is not None and given.times is None:
        part = np.asarray(values)
        if np.any((part > 1e-9) & (part < 1.0 - 1e-9)):
            yield Problem("opens or closes within a step: a simulation then works through that step at a share of the "
                          "speed, and people of whom a share is there are not", element=place, key=key,
                          found=f"{given.profile}, in steps of {context.steps.hours:g} h",
                          expected="a `step` of the horizon on which its hours fall", severity="warning")


def _mean(context: Context, text: str) -> float | None:
    try:
        return mean_of(*parse_distribution(text, context.measures.units, "h"))
    except UnitProblem:
        return None  # told where distributions are looked at


def _no_time_between(context: Context, place: str, entity: object) -> Iterator[Problem]:
    """Arrivals or failures that come after no time at all would never end."""
    for part in ("arrivals", "failures"):
        held = getattr(entity, part, None)
        if isinstance(held, Arrivals | Failures) and held.between and _mean(context, held.between) == 0.0:
            yield Problem(f"{part} without time between them never end", element=place, key=f"{part}.between",
                          found=held.between, expected="a time above nought")


def _crew(context: Context, place: str, key: str, crew: Mapping[str, Quantity]) -> Iterator[Problem]:
    """What holds more of a pool than there is never starts."""
    m = context.measures
    for name, held in crew.items():
        pool = context.chain.pools.get(name)
        if pool is None:
            continue  # told where names are looked at
        where = key if key == "failures.crew" else f"{key}.{name}"
        try:
            wanted = m.pool_held(held, name)
        except UnitProblem as error:
            yield Problem(str(error), element=place, key=where, found=str(held),
                          expected=f"a unit like {m.pool_unit(name)}, that of the pool" if m.pool_unit(name)
                          else "a plain number, as the pool has no unit")
            continue
        if wanted > pool.amount.value * _ROUNDING:
            what = "a repair" if key == "failures.crew" else "a vehicle" if key == "crew" else "a run"
            yield Problem(f"{what} holds more of {name} than there is", element=place, key=where, found=str(held),
                          expected=f"at most {pool.amount}")


def _room(context: Context, commodity: str, site: str) -> float | None:
    """Return what the stores of a commodity at a site hold at most; None where nothing limits them."""
    chain, m = context.chain, context.measures
    stores = [s for s in chain.stores.values() if s.commodity == commodity and m.site_of(s) == site]
    if not stores or any(s.capacity is None or s.expansion is not None for s in stores):
        return None
    if commodity not in chain.commodities or chain.commodities[commodity].let_go:
        return None
    return sum(m.amount(s.capacity, commodity) for s in stores if s.capacity is not None)


def _does_not_fit(context: Context, what: str, place: str, key: str, commodity: str, site: str, amount: float
                  ) -> Iterator[Problem]:
    room = _room(context, commodity, site)
    if room is not None and amount > room * _ROUNDING:
        unit = context.measures.unit_of(commodity)
        yield Problem(f"{what} does not fit into the store of {commodity}", element=place, key=key,
                      found=f"{amount:.6g} {unit}", expected=f"at most {room:.6g} {unit}")


def _batches_fit(context: Context, place: str, process: Process) -> Iterator[Problem]:
    """What a run takes or gives fits into the stores of it; what it gives itself need not be there."""
    m = context.measures
    for mode, recipe in (process.modes or {"": Mode()}).items():
        own = recipe.runs
        inputs, outputs = {**process.inputs, **recipe.inputs}, {**process.outputs, **recipe.outputs}
        runs = [(f"modes.{mode}.runs", own), ("runs", process.runs)]
        key, batch = next(((f"{k}.batch", r.batch) for k, r in runs if r is not None and r.batch is not None),
                          ("", None))
        part = next((r.least for _, r in runs if r is not None and r.least is not None), None)
        waits = any(r is not None and r.linger is not None for _, r in runs)
        if batch is None:
            continue
        try:
            reference = m.reference_of(process)
            counted = outputs.get(reference) or inputs.get(reference)
            per = m.amount(batch, reference) / m.mean_amount(counted, reference) if counted is not None else 0.0
            moved: dict[tuple[str, str], float] = {}
            for sign, flows in ((-1.0, inputs), (1.0, outputs)):
                for commodity, flow in flows.items():
                    at = (commodity, flow.site or m.site_of(process))
                    moved[at] = moved.get(at, 0.0) + sign * per * m.mean_amount(flow, commodity)
            share = m.fraction(part) if part is not None else 0.0 if waits else 1.0
            for (commodity, site), amount in moved.items():
                least = amount if amount > 0.0 else -amount * share
                yield from _does_not_fit(context, "a batch", place, key, commodity, site, least)
        except (UnitProblem, InputError, KeyError, ZeroDivisionError):
            continue  # told where units and names are looked at


def _lots_fit(context: Context, place: str, entity: Supply | Demand | Route) -> Iterator[Problem]:
    """A lot that is brought, sold or carried fits into the stores it is taken from and brought to."""
    m, runs = context.measures, entity.runs
    if runs is None or runs.batch is None or entity.commodity not in context.chain.commodities:
        return
    part = runs.least is not None or runs.linger is not None  # then it may start with less
    if isinstance(entity, Route):
        sites: tuple[str, ...] = (entity.to,) if part else (entity.from_, entity.to)
    else:
        sites = () if part and isinstance(entity, Demand) else (m.site_of(entity),)
    try:
        for site in sites:
            yield from _does_not_fit(context, "a batch", place, "runs.batch", entity.commodity, site,
                                     m.amount(runs.batch, entity.commodity))
    except UnitProblem:
        return  # told where units are looked at


def _loads_fit(context: Context, place: str, route: Route) -> Iterator[Problem]:
    """A vehicle's load fits into the stores it is taken from and brought to."""
    fleet = context.chain.fleets.get(route.fleet)
    if fleet is None or route.commodity not in context.chain.commodities:
        return
    part = route.haul is not None and (route.haul.least is not None or route.haul.linger is not None)
    try:
        load = context.measures.payload(fleet.payload, route.commodity)
        for site in (route.to,) if part else (route.from_, route.to):
            yield from _does_not_fit(context, "a vehicle's load", place, "fleet", route.commodity, site, load)
    except UnitProblem:
        return  # told where units are looked at


def _arrivals_fit(context: Context, place: str, supply: Supply, arrivals: Arrivals) -> Iterator[Problem]:
    """What arrives at once fits into the store; else every arrival is turned away."""
    m, commodity = context.measures, supply.commodity
    if commodity not in context.chain.commodities:
        return
    try:
        text = arrivals.amount
        mean = mean_of(*parse_distribution(text, m.units, m.unit_of(commodity))) if text else 1.0
        yield from _does_not_fit(context, "what arrives at once", place, "arrivals.amounts" if arrivals.amounts else
                                 "arrivals.amount", commodity, m.site_of(supply), max(arrivals.amounts, default=mean))
    except UnitProblem:
        return  # told where distributions are looked at


def _nobody_serves(context: Context, place: str, store: Store) -> Iterator[Problem]:
    """Patience is that of a queue; where nothing takes what waits, everybody would leave."""
    if not store.patience:
        return
    chain, m = context.chain, context.measures
    site = m.site_of(store)
    taken = any(store.commodity in taken_by(p) and m.site_of(p) == site for p in chain.processes.values())
    taken |= any(d.commodity == store.commodity and m.site_of(d) == site for d in chain.demands.values())
    taken |= any(r.commodity == store.commodity and r.from_ == site for r in chain.routes.values())
    taken |= any(store.commodity in f.fuel and m.refuel_site(f) in ("", site) for f in chain.fleets.values())
    if not taken:
        yield Problem("patience without a queue: nothing takes what waits here", element=place, key="patience",
                      found=store.patience, expected=f"a process, demand or route that takes {store.commodity}")
