"""A network's balances and activities as PyPSA's components: buses, generators, links and lines.

What touches one balance is a generator, a wire in a loop a line, every other activity a link. Sizes and bounds
(`to_sizes`), stores (`to_stores`) and limits on sums (`to_limits`) are written beside.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lodeworks.errors import Problem
from lodeworks.exchange.netcdf import Lists
from lodeworks.exchange.over_periods import WIRE
from lodeworks.exchange.to_limits import policy_to
from lodeworks.exchange.to_refused import base_grid, snapshot_hours, told
from lodeworks.exchange.to_sizes import bounds_to
from lodeworks.exchange.to_stores import store_to
from lodeworks.network.arrays import Floats, Network, Varying

__all__ = ["Writer"]


@dataclass
class Writer:
    """Lists of components on their way into a file.

    `wires` are routes that close loops, with their reactance, and `turned` those of them that turn the voltage, with
    their phase shift in degrees in each step. Over stages `there` names those with one in this stage,
    and `money` is what money counts, of which PyPSA weighs that of starts and stops not.
    """

    net: Network
    wires: dict[str, float]
    turned: dict[str, Floats] = field(default_factory=dict)
    there: frozenset[str] | None = None
    money: float = 1.0
    lists: Lists = field(default_factory=Lists)
    left: list[Problem] = field(default_factory=list)
    made: dict[int, tuple[str, str, float]] = field(default_factory=dict)
    whole: set[int] = field(default_factory=set)

    def write(self) -> None:
        """Write every balance, activity, store and policy."""
        net = self.net
        self.buses = [
            f"{c.lstrip(chr(0))} held" if hidden else f"{c} at {s}" if s else c
            for c, s, hidden in zip(net.balances.commodity, net.balances.site, net.balances.hidden, strict=True)
        ]
        for b, bus in enumerate(self.buses):
            commodity = net.balances.commodity[b].lstrip("\0")
            self.add("buses", bus, {"carrier": commodity, "v_nom": 1.0, "unit": net.commodity_unit.get(commodity, "")})
            self.add("carriers", commodity, {})
            if net.balances.let_go[b]:
                self.add("generators", f"{bus} let go", {"bus": bus, "carrier": "let go", "sign": -1.0,
                                                         "p_nom_extendable": True})
                self.add("carriers", "let go", {})
        for s in range(len(net.stores)):
            store_to(self, s)
        for a in range(len(net.activities)):
            if a not in self.whole:
                self._activity(a, self.wires.get(net.elements[net.activities.element[a]].name))
        for p in range(len(net.policies.name)):
            policy_to(self, p)

    def add(self, kind: str, name: str, columns: dict[str, Any]) -> None:
        """Add a component."""
        self.lists.add(kind, name, columns)

    def over(self, varying: Varying, grids: Any, which: int) -> Floats:
        """Return a varying number in each base step."""
        return self.net.on_grid(varying, grids, which)

    def tell(self, element: int, what: str) -> None:
        """Note what is not carried."""
        self.left.append(told(self.net.elements[element].name, what))

    def money_of(self, a: int) -> Floats:
        """Return what one unit of an activity costs in each step."""
        net, cost = self.net, np.zeros(len(snapshot_hours(self.net)))
        for i in np.flatnonzero(net.costs.activity == a):
            if net.objective.goal == "profit" or net.costs.item[i] != "revenue":
                one = Varying(net.costs.money.scale[i : i + 1], net.costs.money.series[i : i + 1])
                cost -= net.on_grid(one, net.activities.grid[a : a + 1], 0)
        return cost

    def flow(self, i: int) -> tuple[float | Floats, int]:
        """Return what a flow amounts to, in each step where it changes, and its balance."""
        net, links = self.net, self.net.coefficients
        amount: float | Floats = float(links.amount[i])
        if links.changing[i]:
            amount = net.on_grid(links.over, net.activities.grid[links.activity], i)
        return amount, int(links.balance[i])

    def _activity(self, a: int, reactance: float | None) -> None:
        net, acts = self.net, self.net.activities
        if acts.grid[a] != base_grid(net):
            return
        links = net.coefficients
        chosen = np.flatnonzero((links.activity == a) & (links.amount != 0.0))
        flows = [self.flow(int(i)) for i in sorted(chosen, key=lambda i: (links.changing[i], links.amount[i]))]
        if not flows:
            return
        changes, takes = isinstance(flows[0][0], np.ndarray), float(np.min(flows[0][0])) < 0.0
        per = 1.0 if changes else abs(float(flows[0][0]))
        first = self.buses[flows[0][1]]
        element, mode = net.elements[acts.element[a]], acts.mode[a]
        name = element.name + (f" {mode}" if mode else "")
        columns: dict[str, Any] = {"carrier": name, "marginal_cost": self.money_of(a) / per}
        self.add("carriers", name, {})
        if len(flows) == 1 and not changes:
            kind, nominal = "generators", "p_nom"
            columns |= {"bus": first, "sign": 1.0 - 2.0 * takes}
        elif reactance is not None:
            kind, nominal = "transformers" if element.name in self.turned else "lines", "s_nom"
            columns = {"bus0": first, "bus1": self.buses[flows[1][1]], "x": reactance, "r": reactance, "carrier": name}
            if len(flows) != 2 or changes or flows[1][0] != per or np.any(self.money_of(a) != 0.0):
                self.tell(int(acts.element[a]), "a cost, a loss or other flows of a wire")
            if kind == "transformers":
                columns["phase_shift"] = self.turned[element.name]
                if reactance == 0.0:  # which way the loop has it is not known
                    self.tell(int(acts.element[a]), "a phase shift of a wire without reactance")
                if self.there is not None:
                    self.tell(int(acts.element[a]), "a phase shift over stages")
            elif self.there is not None:
                columns[WIRE] = element.name in self.there
        else:
            kind, nominal = "links", "p_nom"
            columns |= {"bus0": first}
            spring = changes or not takes
            if spring:  # what takes no fixed amount of anything, for one, draws on a spring of its own
                columns["bus0"] = f"{name} spring"
                self.add("buses", f"{name} spring", {"carrier": name, "v_nom": 1.0})
                self.add("generators", f"{name} spring", {"bus": f"{name} spring", "carrier": name,
                                                          "p_nom_extendable": True})
            others = flows if spring else flows[1:]
            for port, (amount, balance) in enumerate(others, 1):
                columns |= {f"bus{port}": self.buses[balance], f"efficiency{'' if port == 1 else port}": amount / per}
        columns |= bounds_to(self, a, kind, nominal, per)
        if kind == "transformers":  # whose reactance is per unit of its size
            size = float(columns.get("s_nom", 0.0))
            columns |= dict.fromkeys(("x", "r"), columns["x"] * size)
            if size <= 0.0:
                self.tell(int(acts.element[a]), "a phase shift of a wire that is built from nothing")
        self.add(kind, name, columns)
        self.made[a] = (kind, name, per)
