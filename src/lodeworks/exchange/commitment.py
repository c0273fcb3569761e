"""What PyPSA says of units that are on or off, in the words of a process; and where the two part.

PyPSA knows how long a unit was on before the first snapshot, and its rows for ramps bind where a unit switches, too.
Where that changes the optimum it is told, not carried. Sizes, costs and plain ramps are read beside (`from_pypsa`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lodeworks.exchange.netcdf import Component

__all__ = ["on_off", "parting"]

_RAMPS = (
    ("ramp_limit_up", "ramp_limit_start_up", "start_load"),
    ("ramp_limit_down", "ramp_limit_shut_down", "stop_load"),
)
_SLACK = 1e-9


def on_off(part: Component, i: int, hours: float, counted: float = 1.0) -> dict[str, str | bool]:
    """Return the keys of a process that a committable component has.

    `hours` is the length of a step, `counted` how often the money of a step counts: PyPSA counts a start once.
    """
    found: dict[str, str | bool] = {"on_off": True}
    if part.number(i, "start_up_cost", 0.0) > 0.0:
        found["start_cost"] = f"{part.number(i, 'start_up_cost', 0.0) / counted!r} EUR"
    for attribute, key in (("min_up_time", "min_up"), ("min_down_time", "min_down")):
        steps = part.number(i, attribute, 0.0)
        if steps > 1.0:
            found[key] = f"{steps * hours!r} h"
    for ramp, edge, key in _RAMPS:
        speed, share = part.number(i, ramp, np.nan), part.number(i, edge, np.nan)
        if not (np.isnan(speed) and np.isnan(share)):
            found[key] = repr(1.0 if np.isnan(share) else min(share, 1.0))
    return found


def parting(part: Component, i: int, nominal: str) -> Iterator[tuple[str, str, str]]:
    r"""Yield attribute, reason and value of what a committable component has and a process cannot have.

    A unit was on for `up_time_before` snapshots: one that must be on longer is held on at first, and one that is off in
    the first has just stopped. Its ramp :math:`p_t - p_{t-1} \le r u_{t-1} + s (u_t - u_{t-1})` asks for
    :math:`p_{t-1} \ge s - r` at a stop, which says nothing only if the minimum load is as high.
    """
    before, up, down = (part.number(i, key, default) for key, default in
                        (("up_time_before", 1.0), ("min_up_time", 0.0), ("min_down_time", 0.0)))
    if before == 0.0:
        yield "up_time_before", "what is off before the start is not carried", "0"
    elif up > before:
        yield "min_up_time", "what must stay on at first for what was before the start is not carried", \
            f"{up:g} snapshots, {before:g} of them before"
    if down > 1.0 and before > 0.0:
        yield "min_down_time", "how long what was on before the start must stay off at first is not carried", \
            f"{down:g} snapshots"
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
