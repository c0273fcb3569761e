"""Reactances, ratings and phase shifts of PyPSA's lines and transformers, per unit, as its linear power flow has them.

What has a type has the type's values, whatever stands beside it: of the network's own types, else of PyPSA's standard.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np

from lodeworks.exchange.netcdf import Floats, Source

__all__ = ["known_type", "line_reactance", "phase_shift_of", "rating_of", "transformer_reactance"]

_LINES, _TRANSFORMERS = "line_types", "transformer_types"


@cache
def _standard(table: str) -> dict[str, dict[str, float]]:
    """Return PyPSA's standard types: of lines ohm for each kilometre, of transformers what their plates say.

    The tables are PyPSA's ``data/standard_types`` (MIT licence), which took them from pandapower.
    """
    with (Path(__file__).parent / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return {row.pop("name"): {key: float(value) for key, value in row.items() if key != "references"}
                for row in csv.DictReader(file)}


def known_type(source: Source, kind: str, name: str) -> bool:
    """Say whether a type of ``lines`` or ``transformers`` has values."""
    table = _LINES if kind == "lines" else _TRANSFORMERS
    return name in source[table].names or name in _standard(table)


def _typed(source: Source, table: str, name: str, key: str) -> float:
    own = source[table]
    if name in own.names:
        return own.number(own.names.index(name), key, 0.0)
    return _standard(table).get(name, {}).get(key, 0.0)


def _direct(source: Source, bus: str) -> bool:
    buses = source["buses"]
    return buses.text(buses.names.index(bus), "carrier", "AC") == "DC"


def _over(value: float, base: float) -> float:
    """Return a value over its base; endless where that is nought."""
    return float(value / base) if base else float("inf")


def line_reactance(source: Source, i: int) -> float:
    """Return a line's reactance (resistance for direct current) over the square of its first bus's voltage."""
    lines, buses = source["lines"], source["buses"]
    bus, kind = lines.text(i, "bus0"), lines.text(i, "type")
    of = "r" if _direct(source, bus) else "x"
    if kind:
        each = _typed(source, _LINES, kind, f"{of}_per_length")
        ohm = _over(each * lines.number(i, "length", 0.0), lines.number(i, "num_parallel", 1.0))
    else:
        ohm = lines.number(i, of, 0.0)
    return _over(ohm, buses.number(buses.names.index(bus), "v_nom", 1.0) ** 2)


def transformer_reactance(source: Source, i: int) -> float:
    """Return a transformer's reactance (resistance for direct current) over its rating, times its tap ratio."""
    part = source["transformers"]
    direct, kind = _direct(source, part.text(i, "bus0")), part.text(i, "type")
    if not kind:
        own = part.number(i, "r" if direct else "x", 0.0)
        return _over(own, part.number(i, "s_nom", 0.0)) * part.number(i, "tap_ratio", 1.0)
    short, real, neutral, step = (
        _typed(source, _TRANSFORMERS, kind, key) for key in ("vsc", "vscr", "tap_neutral", "tap_step"))
    resistance = real / 100.0
    each = resistance if direct else float(np.sqrt((short / 100.0) ** 2 - resistance**2))
    ratio = 1.0 + (part.number(i, "tap_position", 0.0) - neutral) * (step / 100.0)
    return _over(each, part.number(i, "num_parallel", 1.0) * rating_of(source, i)) * ratio


def rating_of(source: Source, i: int) -> float:
    """Return the nominal power of a transformer; that of its type, where it has one."""
    part = source["transformers"]
    kind = part.text(i, "type")
    return _typed(source, _TRANSFORMERS, kind, "s_nom") if kind else part.number(i, "s_nom", 0.0)


def phase_shift_of(source: Source, i: int) -> float | Floats:
    """Return by how many degrees a transformer turns the voltage; a series goes before a type's."""
    part = source["transformers"]
    kind, over = part.text(i, "type"), part.varying(i, "phase_shift", 0.0)
    return _typed(source, _TRANSFORMERS, kind, "phase_shift") if kind and not isinstance(over, np.ndarray) else over
