"""Reactances of PyPSA's lines and transformers, per unit, as its linear power flow has them."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from lodeworks.exchange.netcdf import Source

__all__ = ["line_reactance", "standard_types", "transformer_reactance"]


@cache
def standard_types() -> dict[str, tuple[float, float]]:
    """Return reactance and resistance of PyPSA's standard line types, ohm for each kilometre.

    The table is PyPSA's ``data/standard_types/line_types.csv`` (MIT licence), which took it from pandapower.
    """
    with (Path(__file__).parent / "line_types.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: (float(row["x_per_length"]), float(row["r_per_length"])) for row in csv.DictReader(file)}


def line_reactance(source: Source, i: int) -> float:
    """Return a line's reactance (resistance for direct current) over the square of its first bus's voltage."""
    lines, buses = source["lines"], source["buses"]
    bus = buses.names.index(lines.text(i, "bus0"))
    direct = buses.text(bus, "carrier", "AC") == "DC"
    kind = lines.text(i, "type")
    if kind:
        per_length = _of_type(source, kind)
        each = per_length[1 if direct else 0]
        ohm = each * lines.number(i, "length", 0.0) / lines.number(i, "num_parallel", 1.0)
    else:
        ohm = lines.number(i, "r" if direct else "x", 0.0)
    return float(ohm / buses.number(bus, "v_nom", 1.0) ** 2)


def _of_type(source: Source, kind: str) -> tuple[float, float]:
    own = source["line_types"]
    if kind in own.names:
        at = own.names.index(kind)
        return own.number(at, "x_per_length", 0.0), own.number(at, "r_per_length", 0.0)
    return standard_types().get(kind, (0.0, 0.0))


def transformer_reactance(source: Source, i: int) -> float:
    """Return a transformer's reactance over its rating, times its tap ratio."""
    part = source["transformers"]
    return part.number(i, "x", 0.0) / part.number(i, "s_nom", 0.0) * part.number(i, "tap_ratio", 1.0)
