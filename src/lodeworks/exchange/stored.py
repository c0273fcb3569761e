"""Stores and storage units of PyPSA become stores: doors, losses, levels, what the next period begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.exchange.sizes import reach_of, size_of
from lodeworks.exchange.written import quantity

if TYPE_CHECKING:
    from lodeworks.exchange.components import Writer

__all__ = ["storage_unit_of", "store_of"]


def _held(writer: Writer, kind: str, i: int, own: str, keys: tuple[str, str, str], unit: str) -> dict[str, Any]:
    """Return what stores and storage units share: losses, start and end, holding costs, given levels."""
    part, (cyclic, initial, given) = writer.source[kind], keys
    name = part.names[i]
    around, stands, once = part.flag(i, cyclic), writer.source.stands(kind, i), False
    if writer.slices.periods:
        apart = part.flag(i, f"{initial}_per_period"), part.flag(i, f"{cyclic}_per_period")
        standing = len(writer.slices.standing(kind, i))
        if standing == 1:
            around = around or apart[1]
        elif any(apart):
            around = apart[1]
        elif standing == len(writer.slices.periods):
            once = True
        else:
            writer.tell(kind, name, f"{cyclic}_per_period",
                      "what is in store from one period to the next, but not in all, is not carried", "False")
    found = dict[str, Any]()
    for key, attribute, measure in (
        ("loss", "standing_loss", "1/h"), ("cost", "marginal_cost_storage", f"EUR/{unit}/h"),
    ):
        over = part.varying(i, attribute, 0.0)
        if np.any(over != 0.0):
            found[key] = writer.vary(own, key, over, measure)
    if not around:
        start = stands * part.number(i, initial, 0.0)
        left = (1.0 - float(np.atleast_1d(part.varying(i, "standing_loss", 0.0))[0])) ** writer.hours
        if start and left <= 0.0:
            writer.tell(kind, name, "standing_loss", "a start of which all is lost in the first step is not carried",
                        f"{start:g}")
        start = start / left if left > 0.0 else 0.0
        found |= {"end": "free", "initial": quantity(start, unit)}
        if writer.slices.periods or writer.counted != 1.0:  # and the chain has stages
            found["over_stages"] = "anew"
    if writer.snapshots.stretches:
        found["over_periods"] = "once"
        if once:
            writer.tell(kind, name, f"{cyclic}_per_period",
                        "what is in store from one period to the next is not carried where money counts snapshots "
                        "differently", "False")
    if once:  # a period's snapshots pass once there, however many years it stands for
        found["over_stages"] = "once"
    levels = np.broadcast_to(part.varying(i, given, np.nan), len(writer.source.stores))
    if stands and not np.isnan(levels).all():
        begin = writer.slices.first.start.astype("datetime64[s]")
        ends = begin + np.round(np.cumsum(writer.source.stores) * 3600).astype("timedelta64[s]")
        found["levels"] = {
            str(ends[t]).replace("T", " "): quantity(levels[t], unit)
            for t in map(int, np.flatnonzero(~np.isnan(levels)))
        }
    return found


def store_of(writer: Writer, kind: str, i: int, name: str) -> None:
    """A store of energy alone: its level may change as fast as it likes."""
    part, own = writer.source[kind], writer.own(kind, name)
    commodity, site, unit = writer.bus(part.text(i, "bus"))
    store: dict[str, Any] = {"commodity": commodity, "site": site}
    reach = reach_of(writer, kind, i, "e_max_pu")
    store |= size_of(writer, kind, i, name, "e_nom", unit, reach)
    store |= _held(writer, kind, i, own, ("e_cyclic", "e_initial", "e_set"), unit)
    for key, attribute, default in (("min_level", "e_min_pu", 0.0), ("max_level", "e_max_pu", 1.0)):
        share = part.varying(i, attribute, default) / reach
        if np.any(share != default):
            store[key] = writer.vary(own, key.replace("_", " "), share)
    cost = part.varying(i, "marginal_cost", 0.0)
    if np.any(cost != 0.0):
        store["discharge_cost"] = writer.vary(own, "discharge cost", cost, f"EUR/{unit}")
        store["charge_cost"] = writer.vary(own, "charge cost", -cost, f"EUR/{unit}")
    if part.number(i, "sign", 1.0) != 1.0:
        writer.tell(kind, name, "sign", "is not carried", part.text(i, "sign"))
    writer.chain["stores"][own] = store


def storage_unit_of(writer: Writer, kind: str, i: int, name: str) -> None:
    """Power and energy grow together: the store's capacity is max_hours of power, its doors shares of it."""
    part, own = writer.source[kind], writer.own(kind, name)
    commodity, site, unit = writer.bus(part.text(i, "bus"))
    hours = part.number(i, "max_hours", 1.0)
    if hours <= 0.0:
        writer.tell(kind, name, "max_hours", "a storage unit that holds nothing is not carried", f"{hours:g}")
        return
    store: dict[str, Any] = {"commodity": commodity, "site": site}
    store |= size_of(writer, kind, i, name, "p_nom", unit, hours)
    store |= _held(writer, kind, i, own, ("cyclic_state_of_charge", "state_of_charge_initial", "state_of_charge_set"),
                        unit)
    most, least = part.varying(i, "p_max_pu", 1.0), part.varying(i, "p_min_pu", -1.0)
    store["discharge_share"] = writer.vary(own, "discharge share", most / hours, "1/h")
    store["charge_share"] = writer.vary(own, "charge share", -least / hours, "1/h")
    efficiencies = {"charge_efficiency": "efficiency_store", "discharge_efficiency": "efficiency_dispatch"}
    for key, attribute in efficiencies.items():
        share = part.varying(i, attribute, 1.0)
        if np.any(share != 1.0):
            store[key] = writer.vary(own, key.replace("_", " "), share)
    if np.any(np.asarray(part.varying(i, "inflow", 0.0)) != 0.0):
        store["inflow"] = writer.vary(own, "inflow", part.varying(i, "inflow", 0.0), writer.rate(unit))
    if np.any(np.asarray(part.varying(i, "inflow", 0.0)) < 0.0):
        writer.tell(kind, name, "inflow", "an inflow below nought is not carried",
                    f"{np.min(part.varying(i, 'inflow', 0.0)):g}")
    cost = part.varying(i, "marginal_cost", 0.0)
    if np.any(cost != 0.0):
        store["discharge_cost"] = writer.vary(own, "discharge cost", cost, f"EUR/{unit}")
    if part.number(i, "sign", 1.0) != 1.0:
        writer.tell(kind, name, "sign", "is not carried", part.text(i, "sign"))
    writer.chain["stores"][own] = store
