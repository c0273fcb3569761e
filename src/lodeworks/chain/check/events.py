"""What the discrete reading asks of a chain: distributions, whole machines, trips that a tank lasts.

What is well written but could never run is in `dead`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lodeworks.chain.arrivals import arrival_problems
from lodeworks.chain.check.context import Context
from lodeworks.chain.distributions import distribution_problems
from lodeworks.chain.entities import Arrivals, Fleet, Process, Quantity, Route, Runs, Store, named
from lodeworks.errors import Problem
from lodeworks.units import UnitProblem

__all__ = ["events"]

_KINDS = ("terminating", "steady")
_ORDERS = ("fifo", "lifo", "due", "priority")


def events(context: Context) -> Iterator[Problem]:
    """Yield the faults of discrete attributes."""
    chain, units = context.chain, context.chain.registry()
    yield from distribution_problems(chain, units)
    yield from arrival_problems(chain, units)
    for section, name, entity in named(chain):
        place = f"{section}.{name}"
        if isinstance(getattr(entity, "runs", None), Runs):
            yield from _runs(place, "runs", entity.runs)  # type: ignore[attr-defined]
        if isinstance(getattr(entity, "arrivals", None), Arrivals):
            yield from _arrivals(place, entity.arrivals)  # type: ignore[attr-defined]
        if isinstance(entity, Process):
            for mode, recipe in entity.modes.items():
                if recipe.runs is not None:
                    yield from _runs(place, f"modes.{mode}.runs", recipe.runs)
            yield from _chance(context, place, entity)
        elif isinstance(entity, Store):
            yield from _store(context, name, entity)
        elif isinstance(entity, Fleet):
            yield from _fleet(context, name, entity)
        elif isinstance(entity, Route):
            yield from _route(place, entity)
    yield from _simulation(context)


def _simulation(context: Context) -> Iterator[Problem]:
    simulation = context.chain.simulation
    for key in ("replications", "seed"):
        value = getattr(simulation, key)
        if value.value != round(value.value) or value.value < (2 if key == "replications" else 0):
            yield Problem(f"{key} must be a whole number", element="simulation", key=key, found=str(value),
                          expected="at least 2" if key == "replications" else "from 0 up")
    if simulation.kind not in _KINDS:
        yield Problem("no kind of simulation", element="simulation", key="kind", found=simulation.kind,
                      expected=" or ".join(_KINDS))
    steps = context.steps
    if simulation.warm_up is not None and steps is not None:
        left_out, length = context.measures.duration(simulation.warm_up), steps.count * steps.hours
        if not 0.0 <= left_out < length:
            yield Problem("the warm-up leaves nothing of the horizon", element="simulation", key="warm_up",
                          found=str(simulation.warm_up), expected=f"less than {length:g} h")
    if simulation.precision is not None and simulation.precision.value <= 0.0:
        yield Problem("a precision is above nought", element="simulation", key="precision",
                      found=str(simulation.precision), expected="a share such as 2 %")


def _runs(place: str, key: str, runs: Runs) -> Iterator[Problem]:
    if runs.servers.value < 1 or runs.servers.value != round(runs.servers.value):
        yield Problem("machines are counted in whole numbers from one", element=place, key=f"{key}.servers",
                      found=str(runs.servers), expected="1, 2, 3 …")
    if runs.batch is not None and runs.batch.value <= 0:
        yield Problem("a batch must be above nought", element=place, key=f"{key}.batch", found=str(runs.batch))
    if (runs.order_at is None) != (runs.order_to is None):
        yield Problem("orders need both `order_at` and `order_to`", element=place, key=key)
    elif runs.order_at is not None and runs.order_to is not None and runs.order_to.unit == runs.order_at.unit \
            and runs.order_to.value <= runs.order_at.value:
        yield Problem("orders go up to more than the level they are placed at", element=place, key=f"{key}.order_to",
                      found=str(runs.order_to), expected=f"more than {runs.order_at}")
    if runs.seize == "in order" and len(runs.crew) > 1 and (runs.least is not None or runs.linger is not None):
        yield Problem("pools taken in order go with full batches only", element=place, key=f"{key}.seize",
                      found="in order, with " + ("`least`" if runs.least is not None else "`linger`"),
                      expected="seize: together, or neither `least` nor `linger`")
    for name, quantity in runs.crew.items():
        if quantity.value < 0.0:
            yield Problem("a run cannot hold less than nought of a pool", element=place, key=f"{key}.crew.{name}",
                          found=str(quantity))
    yield from _whole(place, f"{key}.priority", runs.priority)


def _whole(place: str, key: str, number: Quantity | None, least: int = 0) -> Iterator[Problem]:
    """Priorities and places at a pump are counted; rounding them would be a silent change of what is written."""
    if number is not None and (number.value != round(number.value) or number.value < least):
        yield Problem(f"{key.rpartition('.')[2]} must be a whole number", element=place, key=key, found=str(number),
                      expected=f"from {least} up")


def _arrivals(place: str, arrivals: Arrivals) -> Iterator[Problem]:
    yield from _whole(place, "arrivals.priority", arrivals.priority)
    if arrivals.balk_at is not None and arrivals.balk_at.value == 0.0:
        yield Problem("where everybody stays away nothing arrives", element=place, key="arrivals.balk_at",
                      found=str(arrivals.balk_at), expected="an amount above nought")


def _chance(context: Context, place: str, process: Process) -> Iterator[Problem]:
    given = {*process.outputs, *(name for mode in process.modes.values() for name in mode.outputs)}
    for name in process.chance:
        if name not in given and name in context.chain.commodities:
            yield Problem("chance is about outputs", element=place, key=f"chance.{name}", found=name,
                          expected=f"one of {', '.join(sorted(given))}")
    total = sum(context.measures.fraction(share) for share in process.chance.values())
    if total > 1.0 + 1e-9:
        yield Problem("the probabilities add to more than one", element=place, key="chance", found=f"{total:.6g}",
                      expected="at most 1; what is left is a run that gives none of them")


def _store(context: Context, name: str, store: Store) -> Iterator[Problem]:
    place = f"stores.{name}"
    if store.order not in _ORDERS:
        yield Problem("no order of lots", element=place, key="order", found=store.order, expected=", ".join(_ORDERS))
    if store.reneges_to and not store.patience:
        yield Problem("lots leave a queue only where patience ends", element=place, key="reneges_to",
                      expected="`patience` too")
    if store.expires_to and not _expires(context, store):
        yield Problem("lots expire only where they have a life", element=place, key="expires_to",
                      found=store.expires_to, expected=f"`shelf_life` too, or `heat` of {store.commodity}")
    own = context.measures.unit_of(store.commodity) if store.commodity in context.chain.commodities else ""
    for key in ("expires_to", "reneges_to"):
        to = getattr(store, key)
        if to and to in context.chain.commodities and own and context.chain.commodities[to].unit != own:
            yield Problem("a lot keeps its amount, so both are counted in one unit", element=place, key=key, found=to,
                          expected=f"a commodity in {own}")
        if to == store.commodity:
            yield Problem("a lot cannot become what it is", element=place, key=key, found=to)


def _expires(context: Context, store: Store) -> bool:
    commodity = context.chain.commodities.get(store.commodity)
    return store.shelf_life is not None or commodity is None or bool(commodity.shelf_life or commodity.heat)


def _fleet(context: Context, name: str, fleet: Fleet) -> Iterator[Problem]:
    """A vehicle's tank lasts every trip it is sent on."""
    place, m, chain = f"fleets.{name}", context.measures, context.chain
    served = {key: route for key, route in chain.routes.items() if route.fleet == name}
    if fleet.vehicles.value != round(fleet.vehicles.value):
        yield Problem("a simulation counts whole vehicles", element=place, key="vehicles", found=str(fleet.vehicles),
                      expected=f"a whole number; {round(fleet.vehicles.value)} run", severity="warning")
    if fleet.refuel is not None:
        yield from _whole(place, "refuel.pumps", fleet.refuel.pumps, least=1)
    if fleet.upkeep is not None:
        yield from _whole(place, "upkeep.bays", fleet.upkeep.bays, least=1)
    if fleet.tank is None or not served:
        return
    if len(fleet.fuel) != 1:
        yield Problem("a tank holds one fuel", element=place, key="fuel", found=", ".join(fleet.fuel) or "none",
                      expected="one commodity")
        return
    fuel, use = next(iter(fleet.fuel.items()))
    sites = {route.from_ for route in served.values()}
    if not m.refuel_site(fleet) and len(sites) > 1:
        yield Problem("a fleet with a tank that serves several sites fills up somewhere", element=place,
                      key="refuel.site", expected=f"one of {', '.join(chain.sites)}")
    try:
        tank = m.amount(fleet.tank, fuel)
        for key, route in served.items():
            way = m.length(route.distance) if route.distance is not None else 0.0
            burnt = way * (m.consumption(use.laden, fuel) + m.consumption(use.empty, fuel))
            if burnt > tank * (1.0 + 1e-9):
                yield Problem(f"the tank does not last a trip of routes.{key}", element=place, key="tank",
                              found=str(fleet.tank), expected=f"at least {burnt:.4g} {m.unit_of(fuel)}")
    except UnitProblem:
        return  # told where units are looked at


def _route(place: str, route: Route) -> Iterator[Problem]:
    if route.haul is not None and not route.fleet:
        yield Problem("only vehicles haul", element=place, key="haul", expected="`fleet` too")
    if route.fleet and route.runs is not None:
        yield Problem("a fleet's route runs by trips", element=place, key="runs", expected="`haul` in its place")
    if route.fleet and route.failures is not None:
        yield Problem("vehicles do not fail by themselves", element=place, key="failures",
                      expected="`upkeep` of the fleet, or `failures` of a pool its vehicles hold (`crew`)")
    if route.haul is not None:
        yield from _whole(place, "haul.priority", route.haul.priority)
        for key in ("loaders", "unloaders"):
            yield from _whole(place, f"haul.{key}", getattr(route.haul, key), least=1)
