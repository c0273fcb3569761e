"""What of a PyPSA network a chain can say, as a table: everything else that is set is told by name.

Each attribute that would change PyPSA's optimum and is not carried stands here with the value at which it says nothing.
Results and attributes of PyPSA's power flow do not change the optimum and are left aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from lodeworks.errors import Problem
from lodeworks.exchange.netcdf import LISTS, Component, Source
from lodeworks.exchange.wires import known_type

__all__ = ["missing", "not_carried"]

NAN, INF = float("nan"), float("inf")
_RUNNING = {
    "maintainable": 0.0, "p_set": NAN, "marginal_cost_quadratic": 0.0, "p_nom_set": NAN,
}
NOT_CARRIED: dict[str, dict[str, float]] = {
    "generators": _RUNNING,
    "links": _RUNNING,
    "loads": {},
    "stores": {"marginal_cost_quadratic": 0.0, "p_set": NAN, "e_nom_set": NAN},
    "storage_units": {
        "marginal_cost_quadratic": 0.0, "p_set": NAN, "p_dispatch_set": NAN, "p_store_set": NAN, "spill_cost": 0.0,
        "p_nom_set": NAN,
    },
    "lines": {"s_nom_set": NAN, "v_ang_min": -INF, "v_ang_max": INF},
    "transformers": {
        "s_nom_set": NAN, "v_ang_min": -INF, "v_ang_max": INF, "phase_shift_min": 0.0, "phase_shift_max": 0.0,
    },
    "carriers": {"max_growth": INF, "max_relative_growth": 0.0},
}
# Series of these attributes are carried; of others only where they never change what is planned.
SERIES: dict[str, frozenset[str]] = {
    "generators": frozenset({"p_max_pu", "p_min_pu", "marginal_cost", "stand_by_cost", "efficiency"}),
    "links": frozenset({"p_max_pu", "p_min_pu", "marginal_cost", "stand_by_cost", "efficiency", "efficiency2",
                        "efficiency3", "efficiency4"}),
    "loads": frozenset({"p_set"}),
    "stores": frozenset({"e_max_pu", "e_min_pu", "marginal_cost", "e_set", "standing_loss", "marginal_cost_storage"}),
    "storage_units": frozenset({"p_max_pu", "p_min_pu", "marginal_cost", "inflow", "state_of_charge_set",
                                "efficiency_store", "efficiency_dispatch", "standing_loss", "marginal_cost_storage"}),
    "lines": frozenset({"s_max_pu"}),
    "transformers": frozenset({"s_max_pu", "phase_shift"}),
}
ASKED = frozenset({
    "efficiency", "efficiency2", "efficiency3", "efficiency4", "efficiency_store", "efficiency_dispatch",
    "standing_loss",
    "marginal_cost_storage", "start_up_cost", "ramp_limit_up", "ramp_limit_down", "spill_cost", "stand_by_cost",
    "shut_down_cost", "marginal_cost_quadratic", "p_set", "e_min_pu", "e_max_pu", "p_max_pu", "p_min_pu", "s_max_pu",
    "marginal_cost", "inflow", "phase_shift", "e_set", "state_of_charge_set", "p_dispatch_set", "p_store_set",
})
LIMITS = frozenset({"primary_energy", "operational_limit"})
_BUSES = {"generators": ("bus",), "loads": ("bus",), "stores": ("bus",), "storage_units": ("bus",),
          "links": ("bus0", "bus1"), "lines": ("bus0", "bus1"), "transformers": ("bus0", "bus1")}


def missing(source: Source) -> Iterator[Problem]:
    """Yield what the network names and does not have: such a file is faulty, and nothing of it can be left out."""
    buses, carriers = set(source["buses"].names), set(source["carriers"].names)
    limited = bool(source["global_constraints"].names)  # else nothing asks what a carrier gives off
    for kind, keys in _BUSES.items():
        part = source[kind]
        more = [key for key in part.columns if kind == "links" and re.fullmatch(r"bus([2-9]|\d\d+)", key)]
        for i, name in enumerate(part.names):
            for key in (*keys, *more):
                bus = part.text(i, key)
                if (bus or key in ("bus", "bus0", "bus1")) and bus not in buses:
                    yield Problem("there is no bus of this name", element=f"{kind}.{name}", key=key,
                                  found=bus or "nothing", expected="one of the network's buses")
            carrier = part.text(i, "carrier")
            if limited and carrier and carrier not in carriers and kind in ("generators", "stores", "storage_units"):
                yield Problem("there is no carrier of this name, so its emissions are not known",
                              element=f"{kind}.{name}", key="carrier", found=carrier,
                              expected="a carrier that the network lists")


def not_carried(source: Source) -> Iterator[Problem]:
    """Yield everything set in the network that would change its optimum and that a chain has no word for."""
    for kind, attributes in NOT_CARRIED.items():
        part = source[kind]
        for attribute, nothing in attributes.items():
            yield from _set(kind, part, attribute, nothing)
        for attribute, series in part.series.items():
            if attribute in ASKED and attribute not in SERIES.get(kind, ()) and attribute not in attributes:
                for name in series:
                    yield _told(kind, name, attribute, "a series over time")
    yield from _of_lines(source)
    for attribute, values in source["buses"].columns.items():
        if re.match(r"nom_(min|max)_", attribute):
            for name, value in zip(source["buses"].names, values, strict=True):
                if np.isfinite(value):
                    yield _told("buses", name, attribute, f"{value:g}")
    for name in source["processes"].names:
        yield _told("processes", name, "", "a process with rates")
    for kind in (kind for kind in source.components if kind not in LISTS):
        for name in source[kind].names:
            yield _told(kind, name, "", "a component of a kind that is not known")
    limits = source["global_constraints"]
    for i, name in enumerate(limits.names):
        if limits.text(i, "type", "primary_energy") not in LIMITS or limits.text(i, "bus"):
            yield _told("global_constraints", name, "type", limits.text(i, "type", "primary_energy"))
    for kind, part in source.components.items():
        for attribute in part.columns:
            if "piecewise" in attribute and not attribute.endswith("_opt"):
                yield _told(kind, "*", attribute, "a cost or efficiency in pieces")


def _set(kind: str, part: Component, attribute: str, nothing: float) -> Iterator[Problem]:
    for i, name in enumerate(part.names):
        values = np.atleast_1d(np.asarray(part.varying(i, attribute, nothing), float))
        same = np.isnan(values) if np.isnan(nothing) else (values == nothing) | np.isnan(values)
        if not same.all():
            yield _told(kind, name, attribute, f"{values[~same][0]:g}")


def _of_lines(source: Source) -> Iterator[Problem]:
    for kind in ("lines", "transformers"):
        for i, name in enumerate(source[kind].names):
            own = source[kind].text(i, "type")
            if own and not known_type(source, kind, own):
                yield _told(kind, name, "type", own)


def _told(kind: str, name: str, attribute: str, found: str) -> Problem:
    return Problem("is not carried", element=f"{kind}.{name}", key=attribute, found=found,
                   expected="a network without it, or --leave-out to go on without it")
