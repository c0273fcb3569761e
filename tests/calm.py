"""A chain that both engines read alike, and that chain made calm: times at their means, no failures, small batches.

These are transformations of any chain: `as_carried` leaves out what a simulation does not carry, of the data; `calm`
takes away chance and makes batches smaller while all rates stay, of the network, where a plan does not see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lodeworks.chain.distributions import mean_of
from lodeworks.network import Network
from lodeworks.network.arrays import Arriving, Distribution, Driving, Hauling, Running
from lodeworks.simulate import layout as y
from lodeworks.simulate.build import build, run_of

__all__ = ["as_carried", "calm"]

_PLANS_ONLY = ("min_load", "ramp_up", "ramp_down", "start_cost", "stop_cost", "on_cost", "start_inputs", "min_up", "min_down",
               "before", "start_load", "stop_load", "unit", "retires", "share_least", "share_most")


def as_carried(data: dict[str, Any]) -> dict[str, Any]:
    """Return a chain's data without what a simulation does not carry (docs/semantics.md), begun alike by both engines.

    That is policies, minimum loads, ramps, starts, limits on blends, losses over time, stages and what firms must keep in
    cash; and nothing under way at the end arrives at the start, where a simulation begins with what is written alone.
    """
    data["horizon"] |= {"cyclic": False, "stages": [], "last": None}
    data |= {"stages": {}, "policies": {}}
    for element in (*data.get("processes", {}).values(), *data.get("routes", {}).values()):
        for part in (element, *element.get("modes", {}).values()):
            for key in _PLANS_ONLY:
                part.pop(key, None)
        element["on_off"] = False
        for blend in element.get("blends", {}).values():
            blend["limits"] = {}
    for store in data.get("stores", {}).values():
        store["end"] = "free"
        store.pop("loss", None)
    for firm in data.get("firms", {}).values():
        if "cash" in firm:
            firm["cash"] = "1000000 MCNY"
    return data


def calm(network: Network, parts: int = 1) -> Network:
    """Return a network without chance whose batches are `parts` times smaller, and their times with them.

    Vehicles become so many more, with a payload and tank so much smaller; their ways take as long as they did.
    Nothing takes time to set up, and of outputs by chance the mean comes out of every run.
    """
    d = network.discrete
    still = replace(
        network, discrete=replace(
            d, runs={e: _run(run, parts) for e, run in d.runs.items()},
            modes={key: _run(run, parts) for key, run in d.modes.items()}, failures={}, chances={},
            arrivals={e: _arriving(coming, parts) for e, coming in d.arrivals.items()},
            waiting={e: replace(w, patience=_mean(w.patience)) for e, w in d.waiting.items()},
            hauls={e: _haul(haul, parts) for e, haul in d.hauls.items()},
            fleets={e: _drive(drive, parts) for e, drive in d.fleets.items()}))
    return _with_batches(still, build(network), parts)


def _mean(given: Distribution | None, parts: int = 1) -> Distribution | None:
    return None if given is None else _at_mean(given, parts)


def _at_mean(given: Distribution, parts: int = 1) -> Distribution:
    return Distribution("constant", (mean_of(given.family, given.parameters) / parts,))


def _run(run: Running, parts: int) -> Running:
    return replace(run, batch=None if run.batch is None else run.batch / parts, time=_mean(run.time, parts), setup=None,
                   setup_from={}, linger=run.linger / parts)


def _arriving(coming: Arriving, parts: int) -> Arriving:
    if coming.at:
        return replace(coming, amount=_at_mean(coming.amount))
    return replace(coming, between=_at_mean(coming.between, parts), amount=_at_mean(coming.amount, parts))


def _haul(haul: Hauling, parts: int) -> Hauling:
    return replace(
        haul, payload=haul.payload / parts, load=_at_mean(haul.load, parts), unload=_at_mean(haul.unload, parts),
        laden=_at_mean(haul.laden), empty=_at_mean(haul.empty), burnt_laden=haul.burnt_laden / parts,
        burnt_empty=haul.burnt_empty / parts, linger=haul.linger / parts)


def _drive(drive: Driving, parts: int) -> Driving:
    return replace(
        drive, vehicles=drive.vehicles * parts, tank=drive.tank / parts, reserve=drive.reserve / parts,
        crew=_shared(drive.crew, parts), service=_mean(drive.service, parts))


def _shared(crew: Mapping[str, float], parts: int) -> dict[str, float]:
    return {name: units / parts for name, units in crew.items()}


def _with_batches(network: Network, built: Any, parts: int) -> Network:
    """Write down batches where none are, so that they become smaller too: what they would be, by the parts."""
    own, d, act = {}, network.discrete, network.activities
    for t, a in enumerate(built.activity):
        if a < 0 or int(act.element[a]) in d.hauls or int(act.element[a]) in d.arrivals:
            continue
        e, mode = int(act.element[a]), act.mode[a]
        run = run_of(network, e, mode)
        if run.batch is None:
            own[e, mode] = replace(run, batch=float(built.tables["tf"][t, y.T_BATCH]) / parts)
    return replace(network, discrete=replace(d, modes={**d.modes, **own}))
