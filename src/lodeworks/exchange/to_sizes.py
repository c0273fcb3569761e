"""How large a component of PyPSA is, what more of it costs, and the bounds on what it runs, of a network's plants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.exchange.commitment import switching
from lodeworks.exchange.over_periods import PLANT
from lodeworks.exchange.to_refused import snapshot_hours

if TYPE_CHECKING:
    from lodeworks.exchange.to_components import Writer

__all__ = ["bounds_to", "size_to"]


def size_to(writer: Writer, plant: int, nominal: str, per: float) -> dict[str, Any]:
    """Return nominal capacity, and how it may grow; `per` of it goes with one unit of the plant's."""
    plants = writer.net.plants
    existing = float(plants.existing[plant]) * per
    if not plants.expandable[plant]:
        return {nominal: existing} if np.isfinite(existing) else {f"{nominal}_extendable": True}
    if writer.there is not None and plants.closable[plant]:
        writer.tell(int(plants.element[plant]), "what exists and may be closed in a later stage")
    if writer.there is not None and plants.early[plant]:
        writer.tell(int(plants.element[plant]), "what is built and may be closed before its life ends")
    lump = float(plants.lump[plant])
    if lump > 0.0 and plants.on_off[plant]:
        writer.tell(int(plants.element[plant]), "lumps that are on or off")
    elif lump > 0.0 and existing > 0.0 and writer.there is None:
        writer.tell(int(plants.element[plant]), "capacity in lumps beside what exists")
    return {
        **({f"{nominal}_mod": lump * per} if lump > 0.0 and writer.there is None else {}),
        **({PLANT: (plant, per)} if writer.there is not None else {}),
        nominal: existing, f"{nominal}_min": existing + float(plants.least[plant]) * per,
        f"{nominal}_max": existing + float(plants.most[plant]) * per, f"{nominal}_extendable": True,
        "capital_cost": float(plants.yearly[plant] + plants.upkeep[plant]) / per,
    }


def bounds_to(writer: Writer, a: int, kind: str, nominal: str, per: float) -> dict[str, Any]:
    """Return an activity's size and its bounds as shares of it."""
    net, acts = writer.net, writer.net.activities
    low, high = writer.over(acts.lower, acts.grid, a), writer.over(acts.upper, acts.grid, a)
    p = int(acts.plant[a])
    if p < 0:
        top = float(np.max(high))
        if not np.isfinite(top):
            if np.any(low != 0.0):
                writer.tell(int(acts.element[a]), "a least rate without a most")
            return {"p_nom_extendable": True}
        size = top if top > 0.0 else 1.0
        return {"p_nom": size * per, "p_max_pu": high / size, "p_min_pu": low / size}
    if np.isfinite(high).any():
        writer.tell(int(acts.element[a]), "a bound beside a capacity")
    plants, found = net.plants, size_to(writer, p, nominal, per)
    most = writer.over(plants.availability, plants.grid, p)
    least = writer.over(plants.min_load, plants.grid, p) * most
    if nominal == "s_nom":
        if np.any(least != -most):
            writer.tell(int(acts.element[a]), "a wire that does not carry both ways alike")
        return {**found, "s_max_pu": most}
    found |= {"p_max_pu": most, "p_min_pu": least}
    for key, speed in (("ramp_limit_up", plants.ramp_up[p]), ("ramp_limit_down", plants.ramp_down[p])):
        if np.isfinite(speed):
            found[key] = float(speed) * float(snapshot_hours(net)[0])
            if net.cyclic:
                writer.tell(int(acts.element[a]), "a ramp over the end of the horizon")
    if net.before is not None and not np.isnan(net.before.rate[p]):
        found["p_init"] = float(net.before.rate[p]) * per
    if plants.unit[p] > 0.0:
        writer.tell(int(acts.element[a]), "many alike units of which any number may be on")
    if p in net.start_flows.plant:
        writer.tell(int(acts.element[a]), "what a start takes")
    if plants.on_off[p]:
        switched, left = switching(net, p)
        for cost in ("start_up_cost", "shut_down_cost"):
            switched[cost] *= writer.money
        found |= switched
        for what in left:
            writer.tell(int(acts.element[a]), what)
    return found
