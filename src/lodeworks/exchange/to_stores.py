"""A network's stores as PyPSA's: a store of energy, or a storage unit where its doors grow with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.exchange.to_refused import base_grid, snapshot_hours
from lodeworks.exchange.to_sizes import size_to
from lodeworks.network.arrays import Floats
from lodeworks.network.standing import kept_each_step

if TYPE_CHECKING:
    from lodeworks.exchange.to_components import Writer

__all__ = ["store_to"]


def store_to(writer: Writer, s: int) -> None:
    """Write a store, with its doors where they are its own; what PyPSA's cannot say is told."""
    net, stores = writer.net, writer.net.stores
    element, b, p = int(stores.element[s]), int(stores.balance[s]), int(stores.plant[s])
    name = net.elements[element].name
    if np.isfinite(stores.charge[s]) or np.isfinite(stores.discharge[s]):
        writer.tell(element, "limits on filling and emptying without losses (give efficiencies)")
    if net.balances.grid[b] != base_grid(net):
        writer.tell(element, "a step of its own")
        return
    kept = float(kept_each_step(net, s)[0])
    cyclic = bool(stores.cyclic[s])
    if (cyclic and np.isfinite(stores.initial[s])) or stores.end[s] > 0.0:
        writer.tell(element, "a level at the end")
    given = _given(writer, s)
    if len(given) and writer.there is not None:  # of what may stand there as several
        writer.tell(element, "given levels")
    grids = net.balances.grid[stores.balance]
    shared = {"carrier": name, "standing_loss": writer.over(stores.loss, grids, s),
              "marginal_cost_storage": writer.over(stores.cost, grids, s)}
    writer.add("carriers", name, {})
    initial = 0.0 if cyclic else float(stores.initial[s]) * kept
    shares = [writer.over(share, grids, s) for share in (stores.charge_share, stores.discharge_share)]
    if stores.filling[s] >= 0 and net.plants.expandable[p] and np.isfinite(shares).any():
        _storage_unit(writer, s, name, shares, {**shared, "cyclic_state_of_charge": cyclic,
                                                "state_of_charge_initial": initial,
                                                **({"state_of_charge_set": given} if len(given) else {})})
        return
    low, high = writer.over(stores.low, grids, s), writer.over(stores.high, grids, s)
    writer.add("stores", name, {
        **shared, "bus": writer.buses[b], "e_cyclic": cyclic, "e_initial": initial, "e_min_pu": low, "e_max_pu": high,
        **size_to(writer, p, "e_nom", 1.0), **({"e_set": given} if len(given) else {}),
    })


def _given(writer: Writer, s: int) -> Floats:
    """Return the levels a store is given at the ends of steps, nan where none is; empty where it is given none."""
    own = [(step, level) for store, step, level in writer.net.stores.fixed if store == s]
    found = np.full(len(snapshot_hours(writer.net)) if own else 0, np.nan)
    for step, level in own:
        found[step] = level
    return found


def _storage_unit(writer: Writer, s: int, name: str, shares: list[Floats], columns: dict[str, Any]) -> None:
    """A store whose doors grow with it: power is a share of capacity, so capacity is hours of power."""
    net, stores = writer.net, writer.net.stores
    flows, p = net.coefficients, int(stores.plant[s])
    power = float(np.max(shares[1])) if np.isfinite(shares[1]).all() else float(np.max(shares[0]))
    if not np.isfinite(shares).all() or power <= 0.0:
        writer.tell(int(stores.element[s]), "a door that does not grow with the store beside one that does")
        return
    grids = net.balances.grid[stores.balance]
    if np.any(writer.over(stores.low, grids, s) != 0.0) or np.any(writer.over(stores.high, grids, s) != 1.0):
        writer.tell(int(stores.element[s]), "a least or most level of a store whose doors grow with it")
    for a, key in ((int(stores.filling[s]), "efficiency_store"), (int(stores.emptying[s]), "efficiency_dispatch")):
        own = flows.activity == a
        inner, _ = writer.flow(int(np.flatnonzero(own & (flows.balance == stores.balance[s]))[0]))
        columns[key] = inner if key == "efficiency_store" else -1.0 / inner
        columns["bus"] = writer.buses[int(flows.balance[own & (flows.balance != stores.balance[s])][0])]
        if key == "efficiency_store" and np.any(writer.money_of(a) != 0.0):
            writer.tell(int(stores.element[s]), "a cost of filling")
        columns["marginal_cost"] = writer.money_of(a)
        writer.whole.add(a)
    for other in map(int, np.flatnonzero(net.activities.element == stores.element[s])):
        if net.activities.mode[other] == "inflow":
            columns["inflow"] = writer.over(net.activities.upper, net.activities.grid, other)
            writer.whole.add(other)
    columns |= {"max_hours": 1.0 / power, "p_max_pu": shares[1] / power, "p_min_pu": -shares[0] / power,
                **size_to(writer, p, "p_nom", power)}
    writer.add("storage_units", name, columns)
