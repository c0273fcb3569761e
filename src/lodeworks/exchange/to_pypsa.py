"""A chain becomes a PyPSA network: balances are buses, activities generators, links and lines, stores stores.

It is made from the compiled network of each scenario or stage (`over_periods`), so that every number is the one a plan
uses. What PyPSA has no component for is told by name and refused unless asked to be left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from lodeworks.chain.entities import Chain
from lodeworks.chain.measures import Measures
from lodeworks.chain.versions import versions
from lodeworks.errors import InputError, Problem, RunError
from lodeworks.exchange.commitment import switching
from lodeworks.exchange.netcdf import Lists, write_lists
from lodeworks.exchange.over_periods import PLANT, WIRE, merged_periods, not_over_periods, periods_of
from lodeworks.network import compile_network, compile_pathway
from lodeworks.network.arrays import Floats, Network, Varying
from lodeworks.network.pathway import Pathway

__all__ = ["export_pypsa"]


def export_pypsa(
    chain: Chain, path: str | Path, *, leave_out: bool = False, replace: bool = False
) -> list[Problem]:
    """Write a chain as a network file.

    PyPSA minimises: its objective is the chain's cost, or the profit with the sign turned, without the constant
    that the file's meta data hold.

    Returns
    -------
    list of Problem
        What was left out.

    Raises
    ------
    InputError
        If the file is there already, or something of the chain is not carried; every problem at once.
    """
    target = Path(path)
    if target.exists() and not replace:
        raise InputError(Problem("there is a file of this name already", file=str(target),
                                 expected="another name, or --replace"))
    if target.suffix.lower() != ".nc":
        raise InputError(Problem("a network file ends in .nc", file=str(target), expected=f"{target.stem}.nc"))
    pathway = compile_pathway(chain) if chain.horizon.stages else None
    left = [*not_over_periods(pathway)] if pathway is not None else []
    pathway = _one_each(pathway) if pathway is not None else None
    every = versions(chain)
    nets = [piece.network for piece in pathway.slices] if pathway is not None else [
        compile_network(version.chain) for version in every]
    net, left = nets[0], [*left, *(problem for net in nets for problem in _not_carried(chain, net))]
    counted = 1.0 if pathway is None else 1.0 / pathway.meant
    writers = _writers(nets) if pathway is None else _writers_of_stages(
        pathway, [version.chain for version in every[:: len(every) // len(nets)]])
    for writer in writers:
        writer.write()
        left += writer.left
    chances = {name: Measures(chain, chain.registry()).fraction(s.probability) for name, s in chain.scenarios.items()}
    made, factor = [writer.lists for writer in writers], np.ones(len(nets))
    if pathway is not None:
        merged, factor, differing = merged_periods(pathway, made, net.steps)
        made, left = [merged], [*left, *differing]
    else:
        left = [*left, *_unlike(chances, writers)]
    left = [*dict.fromkeys(left)]
    if left and not leave_out:
        raise InputError(left)
    start = np.datetime64(net.start.replace(tzinfo=None), "s")
    step = np.timedelta64(round(net.hours * 3600), "s")
    weights = list(chances.values()) or [1.0] if pathway is None else [piece.money for piece in pathway.slices]
    times = np.tile(start + np.arange(net.steps) * step, len(pathway.slices) if pathway is not None else 1)
    constant = -sum(w * c.money for w, own in zip(weights, nets, strict=True) for c in own.constants)
    periods = periods_of(pathway, factor) if pathway is not None else None
    try:
        write_lists(
            target, net.name, times, net.hours, made, chances,
            {"chain": net.name, "goal": net.objective.goal, "constant": constant}, periods, counted)
    except OSError as error:
        raise RunError(f"cannot write {target}: {error.strerror or error}; nothing was changed") from None
    return left


def _one_each(pathway: Pathway) -> Pathway:
    """Return a pathway of the first slice of each stage; that there are more of them is told."""
    firsts = (next(piece for piece in pathway.slices if piece.stage == k) for k in range(len(pathway.stages)))
    return replace(pathway, slices=tuple(firsts))


def _writers(nets: list[Network]) -> list[_Writer]:
    """Return a writer for each network, with the routes that close loops in it."""
    return [
        _Writer(net, {net.elements[net.activities.element[a]].name: abs(float(w))
                      for a, w in zip(net.cycles.activity, net.cycles.weight, strict=True)})
        for net in nets
    ]


def _writers_of_stages(pathway: Pathway, chains: list[Chain]) -> list[_Writer]:
    """Return a writer for each stage, with the routes that close loops in any of them."""
    writers = _writers([piece.network for piece in pathway.slices])
    ever = {name: x for own in reversed(writers) for name, x in own.wires.items()}
    return [
        replace(own, wires=ever | own.wires, money=piece.money,
                there=frozenset(name for name, route in chain.routes.items() if route.reactance is not None))
        for own, piece, chain in zip(writers, pathway.slices, chains, strict=True)
    ]


def _told(element: str, what: str) -> Problem:
    return Problem(f"PyPSA has no component for {what}", element=element,
                   expected="a chain without it, or --leave-out to go on without it")


def _not_carried(chain: Chain, net: Network) -> Iterator[Problem]:
    """Yield what of the network as a whole PyPSA cannot say."""
    if chain.horizon.periods:
        yield _told("horizon.periods", "periods")
    if chain.objective.risk is not None:
        yield _told("objective", "aversion to risk")
    if net.objective.goal not in ("profit", "cost"):
        yield _told("objective", f"the goal {net.objective.goal}")
    if np.isfinite(net.budget):
        yield _told("investment", "a budget")
    for name in (*net.choices.name, *net.sums.name):
        yield _told("investment", f"the limit {name}")
    for name, kind in zip(net.resources.name, net.resources.kind, strict=True):
        yield _told(f"{kind}s.{name}", f"a {kind}")
    for name in dict.fromkeys(name.rpartition(": ")[0] for name in net.blends.name):
        yield _told(f"processes.{name}", "limits on a blend")
    for a in dict.fromkeys([*net.shares.activity.tolist(), *net.order[:, 0].tolist()]):
        yield _told(net.elements[net.activities.element[a]].name, "shares of modes or tiers in an order")
    counts = np.bincount(net.activities.plant[net.activities.plant >= 0], minlength=len(net.plants))
    for p in np.flatnonzero(counts > 1):
        yield _told(net.elements[net.plants.element[p]].name, "a capacity that several modes share")
    for p in dict.fromkeys(net.reserves.plant.tolist()):
        yield _told(net.elements[net.plants.element[p]].name, "reserves")
    for a in np.flatnonzero(net.activities.grid != _base(net)):
        yield _told(net.elements[net.activities.element[a]].name, "a step of its own")
    for i in np.flatnonzero(net.coefficients.lag != 0.0):
        yield _told(net.elements[net.coefficients.element[i]].name, "a flow that comes later")
    for s in np.flatnonzero(np.isfinite(net.stores.shelf_life)):
        yield _told(net.elements[net.stores.element[s]].name, "a shelf life")
    for s in np.flatnonzero(net.stores.least_stay > 0.0):
        yield _told(net.elements[net.stores.element[s]].name, "a least stay")
    for s in np.flatnonzero(net.stores.exclusive):
        yield _told(net.elements[net.stores.element[s]].name, "either filling or emptying")


def _unlike(chances: dict[str, float], writers: list[_Writer]) -> Iterator[Problem]:
    """Yield the scenarios in which other components are there than in the first."""
    first = {kind: list(things) for kind, things in writers[0].lists.fixed.items()}
    for name, writer in zip(chances, writers, strict=bool(chances)):
        if {kind: list(things) for kind, things in writer.lists.fixed.items()} != first:
            yield _told(f"scenarios.{name}", "what is there, or another kind of thing, in one scenario only")


def _base(net: Network) -> int:
    return next((k for k, grid in enumerate(net.grids) if grid.multiple == 1), -1)


@dataclass
class _Writer:
    """Lists of components on their way into a file.

    `wires` are routes that close loops, with their reactance. Over stages `there` names those with one in this stage,
    and `money` is what money counts, of which PyPSA weighs that of starts and stops not.
    """

    net: Network
    wires: dict[str, float]
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
            self._store(s)
        for a in range(len(net.activities)):
            if a not in self.whole:
                self._activity(a, self.wires.get(net.elements[net.activities.element[a]].name))
        for p in range(len(net.policies.name)):
            self._policy(p)

    def add(self, kind: str, name: str, columns: dict[str, Any]) -> None:
        """Add a component."""
        self.lists.add(kind, name, columns)

    def over(self, varying: Varying, grids: Any, which: int) -> Floats:
        """Return a varying number in each base step."""
        return self.net.on_grid(varying, grids, which)

    def tell(self, element: int, what: str) -> None:
        """Note what is not carried."""
        self.left.append(_told(self.net.elements[element].name, what))

    def _size(self, plant: int, nominal: str, per: float) -> dict[str, Any]:
        """Return nominal capacity, and how it may grow; `per` of it goes with one unit of the plant's."""
        plants = self.net.plants
        existing = float(plants.existing[plant]) * per
        if not plants.expandable[plant]:
            return {nominal: existing} if np.isfinite(existing) else {f"{nominal}_extendable": True}
        lump = float(plants.lump[plant])
        if lump > 0.0 and plants.on_off[plant]:
            self.tell(int(plants.element[plant]), "lumps that are on or off")
        elif lump > 0.0 and existing > 0.0 and self.there is None:
            self.tell(int(plants.element[plant]), "capacity in lumps beside what exists")
        return {
            **({f"{nominal}_mod": lump * per} if lump > 0.0 and self.there is None else {}),
            **({PLANT: (plant, per)} if self.there is not None else {}),
            nominal: existing, f"{nominal}_min": existing + float(plants.least[plant]) * per,
            f"{nominal}_max": existing + float(plants.most[plant]) * per, f"{nominal}_extendable": True,
            "capital_cost": float(plants.yearly[plant] + plants.upkeep[plant]) / per,
        }

    def _money(self, a: int) -> Floats:
        """Return what one unit of an activity costs in each step."""
        net, cost = self.net, np.zeros(self.net.steps)
        for i in np.flatnonzero(net.costs.activity == a):
            if net.objective.goal == "profit" or net.costs.item[i] != "revenue":
                one = Varying(net.costs.money.scale[i : i + 1], net.costs.money.series[i : i + 1])
                cost -= net.on_grid(one, net.activities.grid[a : a + 1], 0)
        return cost

    def _activity(self, a: int, reactance: float | None) -> None:
        net, acts = self.net, self.net.activities
        if acts.grid[a] != _base(net):
            return
        links = net.coefficients
        chosen = np.flatnonzero((links.activity == a) & (links.amount != 0.0))
        flows = [self._flow(int(i)) for i in sorted(chosen, key=lambda i: (links.changing[i], links.amount[i]))]
        if not flows:
            return
        changes, takes = isinstance(flows[0][0], np.ndarray), float(np.min(flows[0][0])) < 0.0
        per = 1.0 if changes else abs(float(flows[0][0]))
        first = self.buses[flows[0][1]]
        element, mode = net.elements[acts.element[a]], acts.mode[a]
        name = element.name + (f" {mode}" if mode else "")
        columns: dict[str, Any] = {"carrier": name, "marginal_cost": self._money(a) / per}
        self.add("carriers", name, {})
        if len(flows) == 1 and not changes:
            kind, nominal = "generators", "p_nom"
            columns |= {"bus": first, "sign": 1.0 - 2.0 * takes}
        elif reactance is not None:
            kind, nominal = "lines", "s_nom"
            columns = {"bus0": first, "bus1": self.buses[flows[1][1]], "x": reactance, "r": reactance, "carrier": name}
            if len(flows) != 2 or changes or flows[1][0] != per or np.any(self._money(a) != 0.0):
                self.tell(int(acts.element[a]), "a cost, a loss or other flows of a wire")
            if self.there is not None:
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
        columns |= self._bounds(a, kind, nominal, per)
        self.add(kind, name, columns)
        self.made[a] = (kind, name, per)

    def _flow(self, i: int) -> tuple[float | Floats, int]:
        """Return what a flow amounts to, in each step where it changes, and its balance."""
        net, links = self.net, self.net.coefficients
        amount: float | Floats = float(links.amount[i])
        if links.changing[i]:
            amount = net.on_grid(links.over, net.activities.grid[links.activity], i)
        return amount, int(links.balance[i])

    def _bounds(self, a: int, kind: str, nominal: str, per: float) -> dict[str, Any]:
        """Return an activity's size and its bounds as shares of it."""
        net, acts = self.net, self.net.activities
        low, high = self.over(acts.lower, acts.grid, a), self.over(acts.upper, acts.grid, a)
        p = int(acts.plant[a])
        if p < 0:
            top = float(np.max(high))
            if not np.isfinite(top):
                if np.any(low != 0.0):
                    self.tell(int(acts.element[a]), "a least rate without a most")
                return {"p_nom_extendable": True}
            size = top if top > 0.0 else 1.0
            return {"p_nom": size * per, "p_max_pu": high / size, "p_min_pu": low / size}
        if np.isfinite(high).any():
            self.tell(int(acts.element[a]), "a bound beside a capacity")
        plants, found = net.plants, self._size(p, nominal, per)
        most = self.over(plants.availability, plants.grid, p)
        least = self.over(plants.min_load, plants.grid, p) * most
        if kind == "lines":
            if np.any(least != -most):
                self.tell(int(acts.element[a]), "a wire that does not carry both ways alike")
            return {**found, "s_max_pu": most}
        found |= {"p_max_pu": most, "p_min_pu": least}
        for key, speed in (("ramp_limit_up", plants.ramp_up[p]), ("ramp_limit_down", plants.ramp_down[p])):
            if np.isfinite(speed):
                found[key] = float(speed) * net.hours
                if net.cyclic:
                    self.tell(int(acts.element[a]), "a ramp over the end of the horizon")
        if net.before is not None and not np.isnan(net.before.rate[p]):
            found["p_init"] = float(net.before.rate[p]) * per
        if plants.unit[p] > 0.0:
            self.tell(int(acts.element[a]), "many alike units of which any number may be on")
        if plants.closable[p]:
            self.tell(int(acts.element[a]), "what exists and may be closed")
        if plants.early[p]:
            self.tell(int(acts.element[a]), "what is built and may be closed before its life ends")
        if p in net.start_flows.plant:
            self.tell(int(acts.element[a]), "what a start takes")
        if plants.on_off[p]:
            switched, left = switching(net, p)
            for cost in ("start_up_cost", "shut_down_cost"):
                switched[cost] *= self.money
            found |= switched
            for what in left:
                self.tell(int(acts.element[a]), what)
        return found

    def _store(self, s: int) -> None:
        net, stores = self.net, self.net.stores
        element, b, p = int(stores.element[s]), int(stores.balance[s]), int(stores.plant[s])
        name = net.elements[element].name
        if np.isfinite(stores.charge[s]) or np.isfinite(stores.discharge[s]):
            self.tell(element, "limits on filling and emptying without losses (give efficiencies)")
        if net.balances.grid[b] != _base(net):
            self.tell(element, "a step of its own")
            return
        kept = (1.0 - float(stores.loss[s])) ** net.hours
        cyclic = bool(stores.cyclic[s])
        if (cyclic and np.isfinite(stores.initial[s])) or stores.end[s] > 0.0:
            self.tell(element, "a level at the end")
        if stores.fixed:
            self.tell(element, "given levels")
        shared = {"carrier": name, "standing_loss": float(stores.loss[s]),
                  "marginal_cost_storage": float(stores.cost[s])}
        self.add("carriers", name, {})
        initial = 0.0 if cyclic else float(stores.initial[s]) * kept
        grids = net.balances.grid[stores.balance]
        shares = [self.over(share, grids, s) for share in (stores.charge_share, stores.discharge_share)]
        if stores.filling[s] >= 0 and net.plants.expandable[p] and np.isfinite(shares).any():
            self._storage_unit(s, name, shares, {**shared, "cyclic_state_of_charge": cyclic,
                                                 "state_of_charge_initial": initial})
            return
        low, high = self.over(stores.low, grids, s), self.over(stores.high, grids, s)
        self.add("stores", name, {
            **shared, "bus": self.buses[b], "e_cyclic": cyclic, "e_initial": initial, "e_min_pu": low, "e_max_pu": high,
            **self._size(p, "e_nom", 1.0),
        })

    def _storage_unit(self, s: int, name: str, shares: list[Floats], columns: dict[str, Any]) -> None:
        """A store whose doors grow with it: power is a share of capacity, so capacity is hours of power."""
        net, stores = self.net, self.net.stores
        flows, p = net.coefficients, int(stores.plant[s])
        power = float(np.max(shares[1])) if np.isfinite(shares[1]).all() else float(np.max(shares[0]))
        if not np.isfinite(shares).all() or power <= 0.0:
            self.tell(int(stores.element[s]), "a door that does not grow with the store beside one that does")
            return
        for a, key in ((int(stores.filling[s]), "efficiency_store"), (int(stores.emptying[s]), "efficiency_dispatch")):
            own = flows.activity == a
            inner, _ = self._flow(int(np.flatnonzero(own & (flows.balance == stores.balance[s]))[0]))
            columns[key] = inner if key == "efficiency_store" else -1.0 / inner
            columns["bus"] = self.buses[int(flows.balance[own & (flows.balance != stores.balance[s])][0])]
            if key == "efficiency_store" and np.any(self._money(a) != 0.0):
                self.tell(int(stores.element[s]), "a cost of filling")
            columns["marginal_cost"] = self._money(a)
            self.whole.add(a)
        for other in map(int, np.flatnonzero(net.activities.element == stores.element[s])):
            if net.activities.mode[other] == "inflow":
                columns["inflow"] = self.over(net.activities.upper, net.activities.grid, other)
                self.whole.add(other)
        columns |= {"max_hours": 1.0 / power, "p_max_pu": shares[1] / power, "p_min_pu": -shares[0] / power,
                    **self._size(p, "p_nom", power)}
        self.add("storage_units", name, columns)

    def _policy(self, number: int) -> None:
        """A sum over generators is a limit on primary energy, of an attribute of carriers made for it."""
        net, pol = self.net, self.net.policies
        element = net.element_number[pol.name[number]]
        terms = [(int(pol.term_activity[i]), float(pol.term[i])) for i in np.flatnonzero(pol.term_policy == number)]
        hard = pol.every[number] == net.steps and not np.isfinite(pol.penalty[number]) and not pol.is_share[number]
        if not hard or any(self.made.get(a, ("",))[0] != "generators" for a, _ in terms):
            self.tell(element, "a sum of other flows than of what comes from outside over the whole horizon")
            return
        attribute = f"policy {pol.name[number]}"
        for a, weight in terms:
            _, name, per = self.made[a]
            self.lists.fixed["carriers"][name][attribute] = weight / per
        for sense, limit in ((">=", pol.least[number]), ("<=", pol.most[number])):
            if np.isfinite(limit):
                self.add("global_constraints", f"{pol.name[number]} {sense}", {
                    "type": "primary_energy", "carrier_attribute": attribute, "sense": sense, "constant": float(limit)})
