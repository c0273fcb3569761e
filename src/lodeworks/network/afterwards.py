"""What is left when a window ends is worth what comes after it: what lies in store, and what is still on its way.

Either a plan of the whole says it by its marginal values, or the state itself, store by store. With the marginal values
of a plan of the whole, a window does best as that plan does: its last tonnes are sent although they arrive later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeworks.chain.state import State
from lodeworks.errors import InputError, Problem
from lodeworks.network.arrays import Floats, Network

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Worth"]

Key = tuple[str, str]
_Times = np.ndarray[tuple[int], np.dtype[np.datetime64]]
_Course = tuple[_Times, _Times, Floats]


class Worth:
    """What a unit of each commodity at each site is worth from the end of a state on.

    Parameters
    ----------
    net
        The whole, of which the state begins a window.
    values
        The table ``marginal_values`` of a plan of it; without one the state's own values count.
    """

    def __init__(self, net: Network, state: State, values: pl.DataFrame | None) -> None:
        self.net, self.state = net, state
        self._until = np.datetime64(state.until, "ms")
        self._known = _courses(values) if values is not None else None

    def in_store(self) -> Floats:
        """Return what a unit left in each store counts, shape (stores,).

        Raises
        ------
        InputError
            If the plan says nothing of a balance at the end.
        """
        net, stores = self.net, self.net.stores
        if self._known is None:
            return np.array([self.state.values.get(net.elements[e].name, 0.0) for e in stores.element], float)
        worth, problems = np.zeros(len(stores)), []
        for s in range(len(stores)):
            b, share = _served(net, s)
            key = net.balances.commodity[b], net.balances.site[b]
            value = self._at_end(key)
            if value is None:
                problems.append(_missing(key, self.state, "in store"))
            else:
                worth[s] = value * share
        if problems:
            raise InputError(dict.fromkeys(problems))
        return worth

    def on_the_way(self, cut: Network) -> dict[int, Floats]:
        r"""Return for each flow that takes time what a unit of rate in each step counts for what arrives after the end.

        .. math:: w_{ij} = c_i \int_{j + \ell,\; \tau > T} v(\tau)\, d\tau

        of a flow i with coefficient c and lag ℓ in step j of a window that ends at T, with the plan's marginal value v
        of the balance where it arrives; in a plan that is not cyclic nothing arrives after its end.

        Parameters
        ----------
        cut
            The window of the state.

        Returns
        -------
        dict
            By row of the coefficients, shape (steps of its activity's grid,); rows of nothing are left out.

        Raises
        ------
        InputError
            As of `in_store`.
        """
        flows, found, problems = cut.coefficients, {}, []
        own = self._of_stores() if self._known is None else {}
        grids = cut.activities.grid[flows.activity]
        for i in np.flatnonzero(flows.lag > 0.0).tolist():
            b, a = int(flows.balance[i]), int(flows.activity[i])
            edges = cut.grids[cut.activities.grid[a]].edges
            after = np.maximum(0.0, (edges - edges[-1]) * cut.hours + flows.lag[i])  # hours from the end
            key = cut.balances.commodity[b], cut.balances.site[b]
            if self._known is None:
                sums: Floats | None = after * own.get(b, 0.0)
            else:
                sums = self._integral(key, after)
            if sums is None:
                problems.append(_missing(key, self.state, "on its way"))
            elif np.any(sums != 0.0):
                found[i] = cut.on_grid(flows.over, grids, i) * np.diff(sums)
        if problems:
            raise InputError(dict.fromkeys(problems))
        return found

    def _of_stores(self) -> dict[int, float]:
        """Return what the state says a unit in store at each balance is worth; of several stores the most."""
        found: dict[int, float] = {}
        for s, e in enumerate(self.net.stores.element):
            b, share = _served(self.net, s)
            said = self.state.values.get(self.net.elements[e].name, 0.0) / share
            found[b] = max(found.get(b, 0.0), said)
        return found

    def _course(self, key: Key) -> _Course | None:
        """Return the course of a balance's value by a plan that covers the end."""
        course = (self._known or {}).get(key)
        return course if course is not None and course[0][0] <= self._until <= course[1][-1] else None

    def _at_end(self, key: Key) -> float | None:
        course = self._course(key)
        if course is None:
            return None
        begins, ends, values = course
        after = int(np.searchsorted(begins, self._until, side="right")) - 1
        return float(values[0 if self._until == ends[-1] and self.net.cyclic else after])

    def _integral(self, key: Key, after: Floats) -> Floats | None:
        """Return the integral of a value (money × hours) from the end to so many hours after it."""
        course = self._course(key)
        if course is None:
            return None
        begins, ends, values = course
        hour = np.timedelta64(3_600_000, "ms")
        edges: Floats = np.append((begins - self._until) / hour, (ends[-1] - self._until) / hour)
        sums = np.concatenate([[0.0], np.cumsum(values * np.diff(edges))])
        moments, length = np.append(after, 0.0), edges[-1] - edges[0]
        laps = np.floor((moments - edges[0]) / length) if self.net.cyclic else np.zeros(len(moments))
        passed: Floats = laps * sums[-1] + np.interp(moments - laps * length, edges, sums)
        since: Floats = passed[:-1] - passed[-1]
        return since


def _courses(values: pl.DataFrame) -> dict[Key, _Course]:
    """Return the marginal value of each balance over time: where its steps begin and end, and the values."""
    import polars as pl

    found: dict[Key, _Course] = {}
    for (commodity, site), rows in values.filter(pl.col("what").cast(pl.String) == "balance").group_by(
        ["commodity", "site"]
    ):
        order = rows.sort("time")
        begins = order["time"].to_numpy().astype("datetime64[ms]")
        lengths = np.round(order["hours"].to_numpy() * 3_600_000).astype("timedelta64[ms]")
        found[str(commodity), str(site)] = begins, begins + lengths, order["value"].to_numpy()
    return found


def _served(net: Network, store: int) -> tuple[int, float]:
    """Return the balance a store serves, and what comes there out of one unit in it."""
    stores, links = net.stores, net.coefficients
    b = int(stores.balance[store])
    if stores.emptying[store] < 0:
        return b, 1.0
    out = np.flatnonzero((links.activity == stores.emptying[store]) & (links.amount > 0.0))[0]
    taken = np.flatnonzero((links.activity == stores.emptying[store]) & (links.balance == b))[0]
    return int(links.balance[out]), float(links.amount[out] / -links.amount[taken])


def _missing(key: Key, state: State, where: str) -> Problem:
    return Problem(f"the run has no marginal value for what is {where} at the end", element="values",
                   found=f"{' at '.join(k for k in key if k)} at {state.until}",
                   expected="a plan of this chain that covers the end")
