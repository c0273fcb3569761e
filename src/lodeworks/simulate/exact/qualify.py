"""Which chains can be solved exactly: what of a chain has a memory that no state of small numbers can hold.

Every reason is told at once, with the element it is of. How many states there are is found by `explore`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from lodeworks.errors import Problem
from lodeworks.network import Network
from lodeworks.simulate import layout as y
from lodeworks.simulate.build import run_of
from lodeworks.simulate.draft import Built
from lodeworks.simulate.exact.phases import family_of, phases_of

__all__ = ["reasons_against"]

_TIMES = "exponential, erlang, or gamma with a whole (mean / sd)²"
_AMOUNTS = "a constant or discrete amount"


def reasons_against(network: Network, built: Built) -> list[Problem]:
    """Return why the states of a chain cannot be listed; empty where nothing speaks against it."""
    found = [*_of_runs(network, built), *_of_groups(built), *_of_sources(built), *_of_places(network, built),
             *_of_pools(built), *_of_passes(built), *_of_fleets(built)]
    return list(dict.fromkeys(found))


def _element(network: Network, built: Built, t: int) -> str:
    activity = built.activity[t]
    if activity == y.NONE:
        return built.transitions[t]
    return network.elements[network.activities.element[activity]].name


def _time(built: Built, row: int, element: str, key: str) -> Iterator[Problem]:
    if phases_of(built.model, row) is None:
        yield Problem("a time that has a memory cannot be solved exactly", element=element, key=key,
                      found=family_of(built.model, row), expected=_TIMES)


def _of_runs(network: Network, built: Built) -> Iterator[Problem]:
    ti, tf, ai, af, gi = (built.tables[k] for k in ("ti", "tf", "ai", "af", "gi"))
    for t in sorted(set(range(len(ti))) - built.hidden_transitions):
        element = _element(network, built, t)
        e = network.element_number.get(element, -1)
        if phases_of(built.model, int(ti[t, y.T_TIME])) is None and e in network.discrete.hauls:
            part = built.transitions[t].rpartition(".")[2]
            key = {"drive": "haul.laden", "return": "haul.empty"}.get(part, f"haul.{part}")
            yield from _time(built, int(ti[t, y.T_TIME]), element, key)
        elif phases_of(built.model, int(ti[t, y.T_TIME])) is None and not _timed(network, built, t, e):
            yield Problem("has only a rate, so its batches take a constant time", element=element,
                          expected=f"`runs` with a time: {_TIMES}")
        else:
            yield from _time(built, int(ti[t, y.T_TIME]), element, "runs.time")
        g = int(ti[t, y.T_GROUP])
        if gi[g, y.G_SETUP] != y.NONE:
            for k in range(int(gi[g, y.G_T1] - gi[g, y.G_T0])):
                yield from _time(built, int(ti[t, y.T_SETUP]) + k, element, "runs.setup")
        outs = range(ti[t, y.T_OUT0], ti[t, y.T_OUT1])
        if any(ai[a, y.A_ROLE] == y.ROLE_PLAIN and af[a, y.A_LAG] > 0.0 for a in outs):
            yield Problem("a constant time on the way has a memory", element=element, key="lag", expected="no lag")
        if ti[t, y.T_TARGET] != y.NONE:
            yield Problem("follows a plan, whose targets change with time", element=element, expected="no --plan")
        if ti[t, y.T_PARTIAL]:
            yield from _of_parts(built, t, element)
        if ti[t, y.T_REORDER] != y.NONE and tf[t, y.T_ORDER_TO] <= tf[t, y.T_ORDER_AT]:
            yield Problem("orders nothing at its level", element=element, key="runs.order_to",
                          expected="more than `order_at`")


def _timed(network: Network, built: Built, t: int, e: int) -> bool:
    activity = built.activity[t]
    if activity == y.NONE:
        return True
    return run_of(network, e, network.activities.mode[activity]).time is not None


def _of_parts(built: Built, t: int, element: str) -> Iterator[Problem]:
    ti, tf, ai = built.tables["ti"], built.tables["tf"], built.tables["ai"]
    ins = range(ti[t, y.T_IN0], ti[t, y.T_IN1])
    if math.isfinite(tf[t, y.T_LINGER]):
        yield Problem("waiting for a batch has a memory", element=element, key="runs.linger", expected="no linger")
    if any(ai[a, y.A_ROLE] != y.ROLE_PLAIN for a in ins):
        yield Problem("vehicles with part of a load are not solved exactly", element=element, key="haul.least",
                      expected="full loads")
    elif len(ins) != 1 or ti[t, y.T_REORDER] != y.NONE:
        yield Problem("parts of a batch of several inputs are not solved exactly", element=element, key="runs.least",
                      expected="full batches")


def _of_groups(built: Built) -> Iterator[Problem]:
    gi, ti = built.tables["gi"], built.tables["ti"]
    for g, name in enumerate(built.groups):
        if gi[g, y.G_SERIES] != y.NONE:
            yield Problem("what varies with time cannot be solved exactly", element=name, key="availability",
                          expected="a constant availability")
        fails = gi[g, y.G_CLOCK] != y.CLOCK_NONE
        if fails:
            yield from _time(built, int(gi[g, y.G_FAIL]), name, "failures.between")
            yield from _of_repair(built, int(gi[g, y.G_REPAIR]), name)
        modes = built.model.modes[gi[g, y.G_T0] : gi[g, y.G_T1]]
        if gi[g, y.G_REPEAT] == 1 and (fails or any(ti[t, y.T_PREEMPT] for t in modes)):
            yield Problem("a run that begins again takes the time it had, which is a memory", element=name,
                          key="runs.stopped", found="repeat", expected="resume")


def _of_repair(built: Built, row: int, name: str) -> Iterator[Problem]:
    found = phases_of(built.model, row)
    if found is not None and not found.count:
        yield Problem("a repair that takes no time", element=name, key="failures.repair", expected=_TIMES)
    else:
        yield from _time(built, row, name, "failures.repair")


def _of_sources(built: Built) -> Iterator[Problem]:
    for row in built.tables["si"]:
        name = built.streams[row[y.S_STREAM]][0]
        if row[y.S_TRACE_END] != y.NONE:
            yield Problem("written arrivals have no state", element=name, key="arrivals.at",
                          expected=f"`between`: {_TIMES}")
            continue
        if row[y.S_SERIES] != y.NONE:
            yield Problem("what varies with time cannot be solved exactly", element=name, key="arrivals.profile",
                          expected="a constant rate")
        phases = phases_of(built.model, int(row[y.S_TIME]))
        if phases is not None and not phases.count:
            yield Problem("arrivals without time between them", element=name, key="arrivals.between", expected=_TIMES)
        else:
            yield from _time(built, int(row[y.S_TIME]), name, "arrivals.between")
        kind = int(built.model.dist_i[row[y.S_AMOUNT], y.D_KIND])
        if kind not in (y.D_CONSTANT, y.D_DISCRETE):
            yield Problem("amounts of any size cannot be counted", element=name, key="arrivals.amount",
                          found=family_of(built.model, int(row[y.S_AMOUNT])), expected=_AMOUNTS)


def _of_places(network: Network, built: Built) -> Iterator[Problem]:
    pi, pf = built.tables["pi"], built.tables["pf"]
    stores = network.stores
    for p, name in enumerate(built.places):
        owners = [network.elements[stores.element[i]].name for i in range(len(stores))
                  if built.balance[p] != y.NONE and stores.balance[i] == built.balance[p]]
        element = owners[0] if owners else name
        if math.isfinite(pf[p, y.P_SHELF]):
            yield Problem("a constant shelf life has a memory", element=element, key="shelf_life",
                          found=f"{pf[p, y.P_SHELF]:g} h", expected="no shelf life")
        if pi[p, y.P_PATIENCE] != y.NONE:
            phases = phases_of(built.model, int(pi[p, y.P_PATIENCE]))
            if phases is None or phases.count != 1:
                yield Problem("a patience that has a memory cannot be solved exactly", element=element, key="patience",
                              found=family_of(built.model, int(pi[p, y.P_PATIENCE])), expected="exponential")


def _of_pools(built: Built) -> Iterator[Problem]:
    ri = built.tables["ri"]
    for r, name in enumerate(built.pools):
        if ri[r, y.R_SERIES] != y.NONE:
            yield Problem("what varies with time cannot be solved exactly", element=name, key="availability",
                          expected="a constant availability")
        if ri[r, y.R_FAIL] != y.NONE:
            yield from _time(built, int(ri[r, y.R_FAIL]), name, "failures.between")
            yield from _of_repair(built, int(ri[r, y.R_REPAIR]), name)


def _of_passes(built: Built) -> Iterator[Problem]:
    for passes in built.passes:
        yield Problem("a pool used by rates lets batches start at a constant pace, which has a memory",
                      element=passes.pool, expected="units that runs hold: `runs.crew`")


def _of_fleets(built: Built) -> Iterator[Problem]:
    for fleet in built.fleets:
        if fleet.tank > 0.0:
            yield Problem("what is left in a tank has no state", element=fleet.name, key="tank", expected="no tank")
        if fleet.service > 0.0:
            yield Problem("the way since the last upkeep has no state", element=fleet.name, key="upkeep",
                          expected="no upkeep")
