"""Limits on sums in a PyPSA network become policies: global constraints, and what a generator makes in all.

Over investment periods such a limit holds for all of them together, each counted by the years PyPSA gives it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.exchange.sizes import reach_of
from lodeworks.exchange.written import YEAR, quantity

if TYPE_CHECKING:
    from lodeworks.exchange.components import Writer

__all__ = ["fuel_of", "limit_of", "summed"]


def fuel_of(writer: Writer, i: int, own: str, site: str, process: dict[str, Any]) -> None:
    """Give a generator that burns more at one time than at another a fuel of its own, which limits then count.

    PyPSA's efficiencies of generators count in limits on primary energy alone, so where there are none it needs none.
    """
    generators = writer.source["generators"]
    name = generators.names[i]
    limits = writer.source["global_constraints"]
    counted = any(limits.text(k, "type", "primary_energy") == "primary_energy" for k in range(len(limits.names)))
    over = any(name in source["generators"].series.get("efficiency", {}) for source in writer.slices.each())
    if not (counted and over):
        return
    efficiency = np.atleast_1d(generators.varying(i, "efficiency", 1.0))
    if np.any(np.asarray(generators.varying(i, "p_min_pu", 0.0)) < 0.0) or "outputs" not in process:
        writer.tell("generators", name, "efficiency", "an efficiency over time of what takes is not carried", "below 0")
        return
    if np.any(efficiency <= 0.0):
        writer.tell("generators", name, "efficiency", "an efficiency of nought is not carried", f"{efficiency.min():g}")
        return
    fuel = writer.own("supplies", f"{own} fuel")
    writer.fuels[name] = fuel
    writer.chain["commodities"][fuel] = {"unit": "MWh"}
    writer.chain["supplies"][fuel] = {"commodity": fuel, "site": site}
    process["inputs"] = {fuel: writer.vary(own, "fuel", 1.0 / efficiency, "MWh")}
    if np.any(efficiency > 1.0):
        process["ambient"] = True


def limit_of(writer: Writer, i: int, name: str) -> None:
    """Limits on primary energy and on what a carrier's generators make are policies."""
    limits, generators, carriers = (writer.source[k] for k in ("global_constraints", "generators", "carriers"))
    kind, attribute = limits.text(i, "type", "primary_energy"), limits.text(i, "carrier_attribute", "co2_emissions")
    year = limits.number(i, "investment_period", np.nan)
    if not np.isnan(year) and year not in writer.slices.periods:
        return  # PyPSA passes it over, too
    weight = {attribute: 1.0}
    if kind == "primary_energy":
        weight = {carrier: carriers.number(k, attribute, 0.0) for k, carrier in enumerate(carriers.names)}
    held = [
        (store, k) for store, cyclic in (("storage_units", "cyclic_state_of_charge"), ("stores", "e_cyclic"))
        for k in range(len(writer.source[store].names))
        if weight.get(_carrier(writer, store, k), 0.0) and not writer.source[store].flag(k, cyclic)
    ]
    total: dict[str, float] = {}
    for k, generator in enumerate(generators.names):
        each = weight.get(generators.text(k, "carrier"), 0.0)
        if each and generator in writer.turned:
            writer.tell("global_constraints", name, "", "a limit on what only takes is not carried", generator)
        elif each and ("generators", generator) in writer.names:
            if kind == "primary_energy" and generator in writer.fuels:
                total[writer.fuels[generator]] = each
                continue
            efficiency = generators.number(k, "efficiency", 1.0) if kind == "primary_energy" else 1.0
            if efficiency == 0.0:
                writer.tell("generators", generator, "efficiency", "an efficiency of nought is not carried", "0")
                continue
            each /= efficiency
            total[writer.names["generators", generator]] = each / abs(generators.number(k, "sign", 1.0))
    sense, constant = limits.text(i, "sense", "=="), limits.number(i, "constant", 0.0)
    if len(held) == 1 and not total and _bounded(writer, *held[0], weight, sense, constant):
        return
    for store, k in held:
        writer.tell("global_constraints", name, "", "what a store holds more or less is not carried",
                    f"{store}.{writer.source[store].names[k]}")
    if not total:
        return
    amount = quantity(constant, "t" if kind == "primary_energy" else "MWh")
    keys = {"<=": ("most",), ">=": ("least",), "==": ("least", "most")}[sense]
    years = float(writer.slices.years[writer.period]) * (np.isnan(year) or year == writer.source.period)
    writer.chain["policies"][writer.own("policies", name)] = summed(
        writer, total, "t/MWh" if kind == "primary_energy" else "", dict.fromkeys(keys, amount), years)


def _carrier(writer: Writer, kind: str, k: int) -> str:
    """Return the carrier of a component; PyPSA takes that of its bus for a store that names none."""
    part, buses = writer.source[kind], writer.source["buses"]
    carrier = part.text(k, "carrier")
    if not carrier and kind == "stores":
        return buses.text(buses.names.index(part.text(k, "bus")), "carrier", "AC")
    return carrier


def _bounded(writer: Writer, kind: str, k: int, weight: dict[str, float], sense: str, constant: float) -> bool:
    r"""Bound the level at the end of the one store a limit speaks of; say whether that could be done.

    What it holds less counts: :math:`w (e_0 - e_T) \le C` is a bound on the last level, from above or from below.
    """
    part = writer.source[kind]
    reach = reach_of(writer, kind, k, "e_max_pu")
    size, each = part.number(k, "e_nom", 0.0) * reach, weight[_carrier(writer, kind, k)]
    own = writer.names.get((kind, part.names[k]))
    if kind != "stores" or writer.slices.periods or part.flag(k, "e_nom_extendable") or size <= 0.0 or own is None:
        return False
    if own in writer.bounded:  # a second limit would write over the first
        return False
    writer.bounded.add(own)
    end = (part.number(k, "e_initial", 0.0) - constant / each) / size
    ways = {"<=": {each < 0.0}, ">=": {each > 0.0}, "==": {True, False}}[sense]
    for above, key, attribute, default in ((True, "max_level", "e_max_pu", 1.0), (False, "min_level", "e_min_pu", 0.0)):
        if above in ways:
            share = np.array(np.broadcast_to(part.varying(k, attribute, default), len(writer.source.stores)), float)
            share /= reach
            share[-1] = (np.minimum if above else np.maximum)(share[-1], end)
            writer.chain["stores"][own][key] = writer.vary(own, key.replace("_", " "), share)
    return True


def summed(writer: Writer, total: dict[str, float], unit: str, limits: dict[str, str], years: float) -> dict[str, Any]:
    """Return a policy; over periods all stages together, in which this one counts so many times (`years`)."""
    amounts = writer.snapshots.amounts
    if np.any(np.abs(amounts - amounts[0]) > 1e-9 * np.abs(amounts[0])):
        writer.tell("snapshots", "weightings", "generators",
                    "limits on sums that count some snapshots otherwise than money does are not carried",
                    f"{amounts.min():g} to {amounts.max():g} times as often")
    counted, periods = float(amounts[0]), writer.slices.periods
    if periods:
        lengths = [*np.diff(periods), writer.last]
        counted *= years / (float(lengths[writer.period]) * YEAR / writer.meant)
    every = {name: quantity(each * counted, unit) for name, each in total.items()}
    return {"sum": every, **limits, **({"over": "all"} if periods else {})}
