"""A window in which nobody runs more than a plan has it: what comes of going on as planned from where a chain is now.

What desks steer are processes and routes; what is bought, sold, let go or kept in store follows by itself. Whoever gets
too little may run less than planned, but nobody makes up for it by running more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.network.arrays import Floats, Network, Varying

if TYPE_CHECKING:
    import polars as pl

__all__ = ["going_on", "planned_rates"]

_RUN = ("process", "route", "supply", "demand")
_STEERED = ("process", "route")


def planned_rates(net: Network, rates: pl.DataFrame) -> dict[int, Floats]:
    """Return what a plan has each activity run at, by activity in the steps of its grid, shape (steps,).

    Parameters
    ----------
    net
        The window, as of `begin`.
    rates
        The table ``rates`` of the plan. Beyond its time it has nothing (nan); what may run backwards is left out.
    """
    acts, names = net.activities, {}
    for a in range(len(acts)):
        element = net.elements[acts.element[a]]
        if element.kind in _RUN and net.on_grid(acts.lower, acts.grid, a).min(initial=0.0) >= 0.0:
            names[element.name, acts.mode[a]] = a
    found = {}
    for (element, mode), rows in rates.group_by(["element", "mode"]):
        a = names.get((str(element), str(mode)), -1)
        if a < 0:
            continue
        edges = net.grids[acts.grid[a]].edges
        middles = (edges[:-1] + edges[1:]) / 2.0 * net.hours
        order = rows.sort("time")
        begins = net.hours_after_start(order["time"].to_numpy())
        at = np.searchsorted(begins, middles, side="right") - 1
        known = (at >= 0) & (middles < begins[-1] + order["hours"][-1])
        found[a] = np.where(known, order["rate"].to_numpy()[at], np.nan)
    return found


def going_on(net: Network, planned: Mapping[int, Floats]) -> Network:
    r"""Return the window of a state with each steered rate x at most at what a plan has for that hour, r.

    .. math:: l_{at} \le x_{at} \le \max(l_{at}, \min(u_{at}, r_{at}))

    Parameters
    ----------
    planned
        By activity, as of `planned_rates`; where it is nan nothing is held.
    """
    acts = net.activities
    planned = {a: rates for a, rates in planned.items() if net.elements[acts.element[a]].kind in _STEERED}
    scale, row, series = acts.upper.scale.copy(), acts.upper.series.copy(), [*net.series]
    bases = np.clip(np.arange(net.steps) + 0.5, *net.span)
    for a, rates in planned.items():
        edges = net.grids[acts.grid[a]].edges
        step = np.clip(np.searchsorted(edges, bases, side="right") - 1, 0, len(rates) - 1)
        least, most = (net.by_base_step(bound, a) for bound in (acts.lower, acts.upper))
        held = np.where(np.isnan(rates), np.inf, rates)[step]
        scale[a], row[a] = 1.0, len(series)
        series.append(np.maximum(least, np.minimum(most, held)))
    return replace(
        net, activities=replace(acts, upper=Varying(scale, row)), _averages={},
        series=np.array(series).reshape(len(series), net.steps),
    )
