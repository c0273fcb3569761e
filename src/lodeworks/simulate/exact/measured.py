"""What is measured of a chain's states: the means a simulation shows, from shares of time.

Waiting is by Little's law (1961): mean stock over what leaves. It counts those too who still wait at the end.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from lodeworks.simulate import layout as y
from lodeworks.simulate.draft import Built
from lodeworks.simulate.exact import held
from lodeworks.simulate.exact.explore import COUNTS, Space

__all__ = ["LITTLE", "Answers", "answers"]

LITTLE = "wait by Little"

Floats = npt.NDArray[np.float64]
Answers = dict[tuple[str, str, str], float]  # by kind, name and measure, as in a simulation's statistics


def answers(built: Built, space: Space, shares: Floats, from_start: float = math.inf) -> Answers:
    """Return the exact means under these shares of time, by kind, name and measure.

    Parameters
    ----------
    shares
        Of each state, shape (states,).
    from_start
        Length in hours of a stretch that begins at time nought, to which what comes in then is counted.
    """
    rules = space.rules
    flows = (np.asarray(space.flows.T @ shares) + space.at_first / from_start).reshape(COUNTS, -1)
    levels, active = shares @ space.levels, shares @ space.active
    machines = (shares @ space.machines).reshape(-1, y.STATES)
    found: Answers = {}
    for p, (name, place) in enumerate(zip(built.places, rules.places, strict=True)):
        come, gone, lost, refused, let = (flows[k, p] * place.grain for k in (
            held.IN, held.OUT, held.LOST, held.REFUSED, held.LET))
        if place.exit:
            found |= {("exit", name, "in"): come, ("exit", name, "out"): come}
            continue
        found |= {("queue", name, "level"): levels[p] * place.grain, ("queue", name, "in"): come,
                  ("queue", name, "out"): gone, ("queue", name, "reneged"): lost,
                  ("queue", name, "turned away"): refused, ("queue", name, "let go"): let}
        if place.lot:
            found["queue", name, "lots"] = levels[p] / place.lot
        if gone + lost > 0.0 and not place.spring:
            found["queue", name, LITTLE] = levels[p] * place.grain / (gone + lost)
    for t, (name, run) in enumerate(zip(built.transitions, rules.runs, strict=True)):
        found |= {("run", name, "started"): flows[held.STARTED, t] / run.full * run.batch,
                  ("run", name, "rate"): flows[held.ENDED, t] / run.full * run.batch,
                  ("run", name, "under way"): active[t]}
    for g, (name, group) in enumerate(zip(built.groups, rules.groups, strict=True)):
        if group.servers:
            found |= {("machines", name, state): float(machines[g, k]) / group.servers
                      for k, state in enumerate(y.STATE_NAMES)}
    used, there = shares @ np.minimum(space.used, space.there), shares @ space.there
    for r, name in enumerate(built.pools):
        found["pool", name, "used"] = float(used[r] / there[r]) if there[r] > 0.0 else 0.0
    return {key: float(value) for key, value in found.items()}
