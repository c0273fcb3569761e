"""What a plan that was followed ran, hour by hour: what of it a state does not say is taken from here.

Levels and rates until the moment, what is on its way then, what lies within a step that the moment cuts, and how much
of a limit on a sum the plan meant for the time of a window.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np

from lodeworks.chain.state import LONG
from lodeworks.errors import InputError, Problem
from lodeworks.network.arrays import Floats, Ints, Network, Varying, marks_within
from lodeworks.network.standing import kept_between

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Followed"]

_Course = tuple[Floats, Floats]
_Bounds = tuple[Floats, Floats]


class Followed:
    """The rates of a plan.

    Parameters
    ----------
    net
        The whole, of which windows are cut.
    tables
        The tables ``levels`` and ``rates`` of the plan.
    first
        The moment, in base steps from the start.

    Raises
    ------
    InputError
        If the plan knows an element the network has not.
    """

    def __init__(self, net: Network, tables: Mapping[str, pl.DataFrame], first: float) -> None:
        self.net, self.first = net, first
        act = net.activities
        number = {(net.elements[act.element[a]].name, act.mode[a]): a for a in range(len(act))}
        self.whole: dict[int, _Course] = {}
        self.ran: dict[int, _Course] = {}
        for (element, mode), rows in tables["rates"].group_by(["element", "mode"]):
            a = number.get((str(element), str(mode)))
            if a is None:
                raise InputError(Problem("the plan is of another chain", element="plan", found=str(element)))
            order = rows.sort("time")
            begins = net.hours_after_start(order["time"].to_numpy()) / net.hours
            edges = np.append(begins, begins[-1] + order["hours"].to_numpy()[-1] / net.hours)
            rate = order["rate"].to_numpy()
            past = begins < first - 1e-9
            self.whole[a] = edges, rate
            self.ran[a] = np.append(begins[past], first), rate[past]
        self.levels = {str(store): self._levels(str(store), rows) for (store,), rows in
                       tables["levels"].group_by(["store"])}

    def held(self) -> dict[str, float]:
        """Return what each store the plan covers held at the moment; within a step it changes evenly."""
        return {store: float(np.interp(self.first, at, level)) for store, (at, level) in self.levels.items()
                if at[0] - 1e-9 <= self.first <= at[-1] + 1e-9}

    def at_last(self) -> dict[str, float]:
        """Return the rate each element with a plant ran at, where it ran before."""
        found: dict[str, float] = {}
        for a, (_, rate) in self.ran.items():
            if self.net.activities.plant[a] >= 0 and len(rate):
                name = self.net.elements[self.net.activities.element[a]].name
                found[name] = found.get(name, 0.0) + float(rate[-1])
        return found

    def on(self) -> dict[str, float]:
        """Return hours on (minus: off) of what may be off, by whether it ran."""
        found = {}
        for p in np.flatnonzero(self.net.plants.on_off):
            users = [int(a) for a in np.flatnonzero(self.net.activities.plant == p) if int(a) in self.ran]
            edges = self.ran[users[0]][0] if users else np.zeros(1)
            if len(edges) < 2:
                continue
            ran = np.sum([self.ran[a][1] for a in users], axis=0) > 1e-9
            change = np.flatnonzero(ran != ran[-1])
            hours = float(edges[-1] - edges[change[-1] + 1]) * self.net.hours if len(change) else LONG
            found[self.net.elements[self.net.plants.element[p]].name] = hours if ran[-1] else -hours
        return found

    def coming(self, cut: Network) -> list[tuple[int, int, float]]:
        """Return what is on the way and comes in within a window: (balance, step, amount)."""
        flows, found = self.net.coefficients, []
        for i in np.flatnonzero(flows.lag > 0.0).tolist():
            b = int(flows.balance[i])
            ends = cut.grids[cut.balances.grid[b]].edges + math.floor(self.first)
            amounts = np.diff(self._given(i, ends))
            found += [(b, int(t), float(amounts[t])) for t in np.flatnonzero(amounts != 0.0)]
        return found

    def within(self, measured: Collection[str]) -> list[tuple[int, int, float]]:
        r"""Return what lies within the step of each balance that the moment cuts: (balance, 0, amount).

        .. math:: \sum_a \int_{t_0}^{t} c_{ab}\, x_a\, d\tau + \kappa(t_0, t)\, L_{t_0} - L_t

        What came in since the step began less what went out, as far as the levels at the moment do not hold it; κ is
        what is left of one unit that stood. A balance has to close only at its step's end, so a plan may have used by
        noon what comes in until midnight.

        Parameters
        ----------
        measured
            Stores whose level was measured: what lies at their balances is told by it.
        """
        net, held, found = self.net, self.held(), np.zeros(len(self.net.balances.grid))
        opened = np.array([_begins(net, int(g), self.first) for g in net.balances.grid])
        cut = opened < self.first - 1e-9
        for i in np.flatnonzero(cut[net.coefficients.balance]).tolist():
            b = int(net.coefficients.balance[i])
            found[b] += float(np.diff(self._given(i, np.array([opened[b], self.first])))[0])
        for s, e in enumerate(net.stores.element):
            b, name = int(net.stores.balance[s]), net.elements[e].name
            if name in measured or name not in held:
                cut[b] = False
            else:
                kept = kept_between(net, s, float(opened[b]), self.first)
                found[b] += float(np.interp(opened[b], *self.levels[name])) * kept - held[name]
        return [(int(b), 0, float(found[b])) for b in np.flatnonzero(cut & (np.abs(found) > 1e-9))]

    def allotted(self, cut: Network) -> dict[int, _Bounds]:
        r"""Return the least and most of each policy in a window, by its stretches there, as the plan meant it.

        .. math:: B_w = X_w + \theta\, (B - X)

        X is the plan's sum over the stretch, of which it has :math:`X_w` in the window, which is a share θ of the
        stretch by time: what the plan meant for this time, and a part of what it leaves over. So a plan that uses up a
        year's allowance in summer goes on as it meant to in any week of it.
        """
        net, pol, found = self.net, self.net.policies, {}
        if not len(pol.name) or len(self.whole) < len(net.activities) or any(
            edges[0] > 1e-9 or edges[-1] < net.steps - 1e-9 for edges, _ in self.whole.values()
        ):
            return {}  # a plan of a part of the time meant nothing for the whole of it
        for p in range(len(pol.name)):
            stretches, share = cut.stretches(p)
            here = stretches.edges + cut.passed - net.passed
            own = self._course(pol.term_policy, pol.term_activity, pol.term_over, p)
            other = self._course(pol.other_policy, pol.other_activity, pol.other_over, p)
            whole = net.stretches(p)[0].edges
            of = np.searchsorted(whole, (here[:-1] + here[1:]) / 2.0, side="right") - 1
            bounds = []
            for limit in (pol.least[p], pol.most[p]):
                if not np.isfinite(limit):
                    bounds.append(np.full(len(share), limit))
                    continue
                course = own - limit * other if pol.is_share[p] else own
                total, part = (np.diff(np.interp(edges, np.arange(net.steps + 1.0), course)) for edges in (whole, here))
                bounds.append(part + share * ((0.0 if pol.is_share[p] else limit) - total[of]))
            found[p] = bounds[0], bounds[1]
        return found

    def _levels(self, store: str, rows: pl.DataFrame) -> _Course:
        """Return when a store held what: at each step's end, and at the beginning of the first."""
        net, order = self.net, rows.sort("time")
        ends = net.hours_after_start(order["time"].to_numpy()) / net.hours
        level, number = order["level"].to_numpy(), net.element_number.get(store)
        if number is None:
            return ends, level
        s = int(np.flatnonzero(net.stores.element == number)[0])
        edges = net.grids[net.balances.grid[net.stores.balance[s]]].edges
        opened = float(edges[max(0, int(np.searchsorted(edges, ends[0] - 1e-9)) - 1)])
        opening = float(net.stores.initial[s])
        if not np.isfinite(opening) or opened > 1e-9:
            opening = float(level[-1]) if net.stores.cyclic[s] and ends[-1] >= net.steps - 1e-9 else float(level[0])
        return np.append(opened, ends), np.append(opening, level)

    def _course(self, owners: Ints, activities: Ints, weights: Varying, policy: int) -> Floats:
        """Return a policy's sum from the start on at each base step's edge, shape (steps + 1,)."""
        net, rate = self.net, np.zeros(self.net.steps)
        middles = np.arange(net.steps) + 0.5
        for i in np.flatnonzero(owners == policy).tolist():
            edges, values = self.whole[int(activities[i])]
            rate += values[np.searchsorted(edges, middles, side="right") - 1] * net.by_base_step(weights, i)
        return np.concatenate([[0.0], np.cumsum(rate) * net.hours])

    def _given(self, flow: int, moments: Floats) -> Floats:
        """Return what a flow has given its balance by some moments (base steps), of all that ran until the first."""
        flows, a = self.net.coefficients, int(self.net.coefficients.activity[flow])
        if a not in self.ran or len(self.ran[a][1]) == 0:
            return np.zeros(len(moments))
        edges, rate = self.ran[a]
        if not flows.changing[flow]:
            rate = rate * flows.amount[flow]
        else:
            marks = marks_within(edges)
            base = np.floor(marks[:-1]).astype(np.int64)
            values = self.net.series[flows.over.series[flow]][np.clip(base, 0, self.net.steps - 1)]
            known = (base >= 0) & (base < self.net.steps)
            amount = np.where(known, flows.over.scale[flow] * values, flows.amount[flow])
            edges, rate = marks, rate[np.searchsorted(edges, marks[:-1], side="right") - 1] * amount
        sums = np.concatenate([[0.0], np.cumsum(rate * np.diff(edges))]) * self.net.hours
        given: Floats = np.interp(moments - flows.lag[flow] / self.net.hours, edges, sums)
        return given


def _begins(net: Network, grid: int, moment: float) -> float:
    """Return when the step of a grid began that a moment falls in, or begins with."""
    edges = net.grids[grid].edges
    return float(edges[max(0, int(np.searchsorted(edges, moment + 1e-9, side="right")) - 1)])
