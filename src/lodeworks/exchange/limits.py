"""Limits on sums in a PyPSA network become policies: global constraints, and what a generator makes in all.

Over investment periods such a limit holds for all of them together, each counted by the years PyPSA gives it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lodeworks.exchange.written import YEAR, quantity

if TYPE_CHECKING:
    from lodeworks.exchange.components import Writer

__all__ = ["limit_of", "summed"]


def limit_of(writer: Writer, i: int, name: str) -> None:
    """Limits on primary energy and on what a carrier's generators make are policies."""
    limits, generators, carriers = (writer.source[k] for k in ("global_constraints", "generators", "carriers"))
    kind, attribute = limits.text(i, "type", "primary_energy"), limits.text(i, "carrier_attribute", "co2_emissions")
    year = limits.number(i, "investment_period", np.nan)
    if not np.isnan(year) and year not in writer.slices.periods:
        return  # PyPSA passes it over, too
    weight = {
        carrier: carriers.number(k, attribute, 0.0) if kind == "primary_energy" else float(carrier == attribute)
        for k, carrier in enumerate(carriers.names)
    }
    for held, cyclic in (("storage_units", "cyclic_state_of_charge"), ("stores", "e_cyclic")):
        part = writer.source[held]
        for k, unit in enumerate(part.names):
            if weight.get(part.text(k, "carrier"), 0.0) and not part.flag(k, cyclic):
                writer.tell("global_constraints", name, "", "what a store holds more or less is not carried",
                          f"{held}.{unit}")
    total: dict[str, float] = {}
    for k, generator in enumerate(generators.names):
        each = weight.get(generators.text(k, "carrier"), 0.0)
        if each and ("generators", generator) in writer.names:
            if kind == "primary_energy":
                each /= generators.number(k, "efficiency", 1.0)
            total[writer.names["generators", generator]] = each / abs(generators.number(k, "sign", 1.0))
    if not total:
        return
    sense = limits.text(i, "sense", "==")
    amount = quantity(limits.number(i, "constant", 0.0), "t" if kind == "primary_energy" else "MWh")
    keys = {"<=": ("most",), ">=": ("least",), "==": ("least", "most")}[sense]
    years = float(writer.slices.years[writer.period]) * (np.isnan(year) or year == writer.source.period)
    writer.chain["policies"][writer.own("policies", name)] = summed(
        writer, total, "t/MWh" if kind == "primary_energy" else "", dict.fromkeys(keys, amount), years)


def summed(writer: Writer, total: dict[str, float], unit: str, limits: dict[str, str], years: float) -> dict[str, Any]:
    """Return a policy; over periods all stages together, in which this one counts so many times (`years`)."""
    counted = float(writer.source.generators[0] / writer.source.stores[0])
    periods = writer.slices.periods
    if periods:
        lengths = [*np.diff(periods), writer.last]
        counted *= years / (float(lengths[writer.period]) * YEAR / writer.total)
    every = {name: quantity(each * counted, unit) for name, each in total.items()}
    return {"sum": every, **limits, **({"over": "all"} if periods else {})}
