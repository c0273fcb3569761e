"""Which variants of the kernel there are: each is compiled once on a machine and runs the chains that need no more.

A variant runs fast because it asks nothing about features it does not have; what it does is the same to the last bit.
Chains that none of the lean ones can run are run by the last, which can do everything. What features mean:

- *rooms*: a place may be full, and jobs wait for room;
- *failures*: machines fail and are repaired;
- *pools*: runs seize what they share;
- *calendars*: machines work by shifts, or are out until an hour;
- *vehicles*: routes are trips of vehicles with tanks;
- *rare*: all else a chain may say: several kinds of runs at a machine, batches in part, outcomes by chance, delays,
  orders, ranks, due dates, lots that cool or do not wait, passes, targets, runs under way at the start, and traces.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lodeworks.simulate import layout as y

__all__ = ["FEATURES", "VARIANTS", "needs", "variant_of"]

FEATURES = ("calendars", "failures", "pools", "rare", "rooms", "vehicles")
VARIANTS: tuple[frozenset[str], ...] = (
    frozenset(),
    frozenset({"pools"}),
    frozenset({"rooms", "failures"}),
    frozenset({"rooms", "vehicles"}),
    frozenset(FEATURES),
)


def needs(model: y.Model, tables: Mapping[str, Any]) -> frozenset[str]:
    """Return the features a chain's tables make use of."""
    pi, pf, ti, tf, gi, si = (tables[name] for name in ("pi", "pf", "ti", "tf", "gi", "si"))
    af = tables["af"]
    found = {
        "rooms": np.isfinite(pf[:, y.P_CAPACITY]).any() or (pi[:, y.P_LET_GO] == 1).any(),
        "failures": (gi[:, y.G_CLOCK] != y.CLOCK_NONE).any() or (tables["out"] > 0.0).any(),
        "pools": len(tables["ri"]) > 0,
        "calendars": (gi[:, y.G_SERIES] != y.NONE).any() or (ti[:, y.T_SERIES] != y.NONE).any()
        or (tf[:, y.T_OPENS] > 0.0).any(),
        "vehicles": (ti[:, y.T_CARRIER] == 1).any(),
        "rare": (
            (gi[:, y.G_T1] - gi[:, y.G_T0] != 1).any()
            or (ti[:, [y.T_BEFORE, y.T_PREEMPT, y.T_CHANCE, y.T_PARTIAL]] == 1).any()
            or (ti[:, [y.T_TARGET, y.T_REORDER, y.T_SERIES]] != y.NONE).any() or (ti[:, y.T_PASSES] > 0).any()
            or (tf[:, y.T_BUSY] > 0.0).any()
            or (af[:, y.A_LAG] > 0.0).any()
            or (pi[:, y.P_RULE] != y.RULE_FIFO).any() or (pi[:, y.P_PATIENCE] != y.NONE).any()
            or np.isfinite(pf[:, y.P_SHELF]).any()
            or (si[:, [y.S_TRACE_END, y.S_DUE]] != y.NONE).any() or np.isfinite(tables["balk"]).any()
            or (pi[:, y.P_AGES] != y.NONE).any() or len(model.targets) > 0
        ),
    }
    return frozenset(name for name, used in found.items() if used)


def variant_of(features: frozenset[str]) -> frozenset[str]:
    """Return the features of the leanest variant that has them all."""
    return next(variant for variant in VARIANTS if features <= variant)
