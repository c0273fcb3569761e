"""What PyPSA says of units that are on or off, in the words of a process; and where the two part.

PyPSA's rows for ramps bind where a unit switches, too. Where that changes the optimum it is told, not carried. Sizes,
costs and plain ramps are read beside (`from_pypsa`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lodeworks.exchange.netcdf import Component
from lodeworks.network.arrays import Network
from lodeworks.network.edges import load_at_start, load_at_stop, step_hours

__all__ = ["on_off", "parting", "ran_before", "switching"]

_RAMPS = (
    ("ramp_limit_up", "ramp_limit_start_up", "start_load"),
    ("ramp_limit_down", "ramp_limit_shut_down", "stop_load"),
)
_SLACK = 1e-9
_LONG = 1e6  # hours: what has been off for longer than any minimum down time


def on_off(part: Component, i: int, hours: float, counted: float = 1.0) -> dict[str, Any]:
    """Return the keys of a process that a committable component has.

    `hours` is the length of a step, `counted` how often the money of a step counts, by its weight and its period's:
    PyPSA counts a start once.
    """
    found: dict[str, Any] = {"on_off": True}
    for attribute, key in (("start_up_cost", "start_cost"), ("shut_down_cost", "stop_cost")):
        if part.number(i, attribute, 0.0) > 0.0:
            found[key] = f"{part.number(i, attribute, 0.0) / counted!r} EUR"
    for attribute, key in (("min_up_time", "min_up"), ("min_down_time", "min_down")):
        steps = part.number(i, attribute, 0.0)
        if steps > 1.0:
            found[key] = f"{steps * hours!r} h"
    for ramp, edge, key in _RAMPS:
        speed, share = part.number(i, ramp, np.nan), part.number(i, edge, np.nan)
        if not (np.isnan(speed) and np.isnan(share)):
            found[key] = repr(1.0 if np.isnan(share) else min(share, 1.0))
    was = _before(part, i, hours)
    if was:
        found["before"] = was
    return found


def _before(part: Component, i: int, hours: float) -> dict[str, str]:
    """Return what a unit was before the first snapshot, where that matters.

    It was off for `down_time_before` snapshots where that is given, else on for `up_time_before`; for none of either it
    had been off for long. What was on and may stop as it likes is as free as what nothing is said of.
    """
    up, down = part.number(i, "up_time_before", 1.0), part.number(i, "down_time_before", 0.0)
    if down > 0.0 or up == 0.0:
        return {"off": f"{down * hours if down > 0.0 else _LONG!r} h"}
    least_up, least_down = part.number(i, "min_up_time", 0.0), part.number(i, "min_down_time", 0.0)
    if least_up > up or least_down > 1.0 or part.number(i, "shut_down_cost", 0.0) > 0.0:
        return {"on": f"{up * hours!r} h"}
    return {}


def ran_before(part: Component, i: int, hours: float, was: dict[str, str], rate: str) -> dict[str, str]:
    """Return what a unit was before the first snapshot, with the rate its ramps go on from; of what was off none.

    `was` is what is said of it already, `rate` its `p_init` in the unit of its reference.
    """
    if "off" in was:
        return was
    if part.flag(i, "committable"):
        was = {"on": f"{part.number(i, 'up_time_before', 1.0) * hours!r} h", **was}
    return {**was, "rate": rate}


def parting(part: Component, i: int, nominal: str) -> Iterator[tuple[str, str, str]]:
    r"""Yield attribute, reason and value of what a committable component has and a process cannot have.

    Its ramp :math:`p_t - p_{t-1} \le r u_{t-1} + s (u_t - u_{t-1})` asks for :math:`p_{t-1} \ge s - r` at a stop, which
    says nothing only if the minimum load is as high.
    """
    if part.number(i, "shut_down_cost", 0.0) < 0.0 or part.number(i, "start_up_cost", 0.0) < 0.0:
        yield "start_up_cost", "a start or stop that earns money is not carried", "below nought"
    if part.flag(i, f"{nominal}_extendable") and part.number(i, f"{nominal}_mod", 0.0) > 0.0 and _before(part, i, 1.0):
        yield "up_time_before", "what modules were before the start is not carried", "on or off"
    least = float(np.min(part.varying(i, "p_min_pu", 0.0)))
    for ramp, edge, _ in _RAMPS:
        speed, share = part.number(i, ramp, np.nan), part.number(i, edge, np.nan)
        if np.isnan(speed) and np.isnan(share):
            continue
        if part.flag(i, f"{nominal}_extendable"):
            yield ramp if np.isnan(share) else edge, "a ramp of what can be off and is built is not carried", \
                f"{share if np.isnan(speed) else speed:g}"
            continue
        speed, share = np.nan_to_num(speed, nan=1.0), np.nan_to_num(share, nan=1.0)
        if share - speed > least + _SLACK:
            yield ramp, "a ramp that keeps a unit from switching at a low rate is not carried", \
                f"{speed:g}, at the switch {share:g}, minimum load {least:g}"


def switching(net: Network, p: int) -> tuple[dict[str, Any], list[str]]:
    """Return the attributes in PyPSA of a plant that may be off, and what of it PyPSA cannot say.

    PyPSA always knows what was on before the first snapshot. Where a chain says nothing, it may be on or off at first
    as it likes: as what has been on for as long as it must, unless a stop has consequences.
    """
    plants, left = net.plants, list[str]()
    known = net.before is not None and not np.isnan(net.before.on[p])
    been = float(net.before.on[p]) if known and net.before is not None else np.nan
    step = float(step_hours(net, p)[0])
    up, down = (int(np.ceil(float(least[p]) / step - 1e-9)) for least in (plants.min_up, plants.min_down))
    past = max(int(abs(been) / step + 1e-9), 1) if known else max(up, 1)
    found: dict[str, Any] = {
        "committable": True, "start_up_cost": float(plants.start_cost[p]), "shut_down_cost": float(plants.stop_cost[p]),
        "stand_by_cost": net.on_grid(plants.on_cost, plants.grid, p), "min_up_time": up, "min_down_time": down,
        "up_time_before": 0 if been < 0.0 else min(past, max(up, 1)),
        "down_time_before": min(past, max(down, 1)) if been < 0.0 else 0,
    }
    least = float(np.min(net.on_grid(plants.min_load, plants.grid, p) * net.on_grid(
        plants.availability, plants.grid, p)))
    staged = False
    for ramp, edge, speed, share in (
        (*_RAMPS[0][:2], float(plants.ramp_up[p]) * step, float(load_at_start(net, p)[0])),
        (*_RAMPS[1][:2], float(plants.ramp_down[p]) * step, float(load_at_stop(net, p)[0])),
    ):
        if np.isfinite(speed) or share < 1.0:
            staged, found[edge] = True, share
            if share - min(speed, 1.0) > least + _SLACK:
                left.append(f"a {ramp} that leaves a unit free to switch at a low rate")
    if net.cyclic and (plants.start_cost[p] > 0.0 or plants.stop_cost[p] > 0.0 or max(up, down) > 1 or staged):
        left.append("starts and stops over the end of the horizon")
    if staged and plants.expandable[p]:
        left.append("a ramp of what can be off and is built")
    if not net.cyclic and not known and (down > 1 or plants.stop_cost[p] > 0.0):
        left.append("stops of what may be on or off at the start as the plan likes")
    if known and abs(been) < step * (1.0 - 1e-9) and max(up, down) > 1:
        left.append("what has been on or off for less than a step")
    return found, left
