"""Which tags stand beside the plan, and what they say in the plan's units: flows, levels, capacities, running totals.

What the plan has for them, and how far they are from it, is the affair of `against_plan`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodeworks.network.arrays import Floats, Ints, Network
from lodeworks.network.live import Live, Tag
from lodeworks.watch.present import PresentValues
from lodeworks.watch.samples import Quality

__all__ = ["AT_REST", "USABLE", "Bound", "Counters", "at_rest", "bind", "known_values", "state_word"]

USABLE = (Quality.GOOD, Quality.UNCERTAIN, Quality.SIMULATED, Quality.SUBSTITUTED)
AT_REST = frozenset(("broken", "down", "fault", "maintenance", "off", "out", "repair", "stopped", "tripped"))
_HOUR = 3_600_000.0


@dataclass(frozen=True, eq=False)
class Bound:
    """A tag that stands beside the plan.

    Attributes
    ----------
    what
        ``flow``, ``level`` or ``capacity``.
    balance, rows
        Where it flows, and which coefficients of the network make that flow; balance -1 for a load.
    first
        Whether it says how much its element runs.
    """

    tag: int
    what: str
    element: int
    balance: int
    rows: Ints
    first: bool
    store: int = -1
    plant: int = -1


def known_values(live: Live, present: PresentValues, now: int) -> Floats:
    """Return values in the plan's units, shape (tags,); nan where stale (three periods), bad, a test or never seen."""
    period = np.array([tag.period_s for tag in live.tags], float) * 1000.0
    usable = np.isin(present.quality, [int(q) for q in USABLE]) & (present.at > 0) & (now - present.at <= 3.0 * period)
    factor = np.array([tag.factor for tag in live.tags], float)
    return np.where(usable, present.value * factor, np.nan)


def at_rest(tag: Tag, known: float) -> bool:
    """Say whether a state is one in which nothing runs: by its word, or nought where it has none."""
    word = state_word(tag, known)
    return word.strip().lower() in AT_REST if word else round(known) == 0


def state_word(tag: Tag, known: float) -> str:
    """Return the word of a state, empty where it has none."""
    return next((en for number, en, _ in tag.words if number == round(known)), "")


class Counters:
    """Turns running totals into rates: the difference over the time between two readings a minute or more apart."""

    def __init__(self, live: Live) -> None:
        self.which = np.array([t for t, tag in enumerate(live.tags) if tag.kind == "counter"], np.intp)
        self.wait = np.array([max(60_000.0, 2000.0 * live.tags[t].period_s) for t in self.which])
        self.at = np.zeros(len(self.which), np.int64)
        self.total = np.full(len(self.which), np.nan)
        self.rate = np.full(len(self.which), np.nan)

    def rates(self, known: Floats, now: int, at: NDArray[np.int64] | None = None) -> Floats:
        """Return the values with the rate an hour in the place of each running total."""
        if not len(self.which):
            return known
        total = known[self.which]
        times = at[self.which] if at is not None else np.full(len(self.which), now, np.int64)
        fresh = np.isfinite(total) & ((times - self.at >= self.wait) | np.isnan(self.total))
        moved = (total - self.total) / np.maximum(times - self.at, 1) * _HOUR
        self.rate = np.where(fresh, np.where(moved >= 0.0, moved, np.nan), self.rate)  # one set back counts anew
        self.at, self.total = np.where(fresh, times, self.at), np.where(fresh, total, self.total)
        found = known.copy()
        found[self.which] = np.where(np.isfinite(total), self.rate, np.nan)
        return found


def bind(net: Network, live: Live) -> list[Bound]:
    """Say of each tag what of the plan it stands beside; those that stand beside nothing are left out.

    The tags of an element's own commodity come first, so that they say how much it runs.
    """
    found: list[Bound] = []
    seen: set[tuple[str, int]] = set()
    own = {t for t, tag in enumerate(live.tags) if tag.element in net.element_number
           and tag.commodity in ("", net.elements[net.element_number[tag.element]].commodity)}
    for t in sorted(range(len(live.tags)), key=lambda t: t not in own):
        tag = live.tags[t]
        if tag.element in net.element_number:
            bound = _bound(net, tag, t, seen)
            if bound is not None:
                found.append(bound)
                seen.add((bound.what, bound.element if bound.what == "flow" and bound.first else bound.store))
    return sorted(found, key=lambda b: b.tag)


def _bound(net: Network, tag: Tag, number: int, seen: set[tuple[str, int]]) -> Bound | None:
    e = net.element_number[tag.element]
    element, links = net.elements[e], net.coefficients
    plants = np.flatnonzero(net.plants.element == e)
    plant = int(plants[0]) if len(plants) else -1
    nothing = np.zeros(0, np.int32)
    if tag.reads == "level" and element.kind == "store":
        store = int(np.flatnonzero(net.stores.element == e)[0])
        return Bound(number, "level", e, -1, nothing, False, store, plant) if ("level", store) not in seen else None
    if tag.reads in ("capacity", "availability", "state") and plant >= 0 and element.kind != "store":
        return Bound(number, "capacity", e, -1, nothing, False, -1, plant)
    first = ("flow", e) not in seen
    if tag.reads == "load" and plant >= 0 and first and element.kind != "store":
        return Bound(number, "flow", e, -1, nothing, True, -1, plant)
    if tag.reads != "flow" or element.kind == "store":
        return None
    commodity = tag.commodity or element.commodity
    mine = [int(i) for i in np.flatnonzero(links.element == e)
            if net.balances.commodity[links.balance[i]] == commodity and not net.balances.hidden[links.balance[i]]]
    places = list(dict.fromkeys(int(links.balance[i]) for i in mine))
    at_site = [b for b in places if net.balances.site[b] == tag.site]
    if not places:
        return None
    chosen = (at_site or places)[0]
    rows = np.array([i for i in mine if links.balance[i] == chosen], np.int32)
    runs = bool(np.all(net.activities.element[links.activity[rows]] == e))  # fuel of a fleet follows its routes
    return Bound(number, "flow", e, chosen, rows, first and runs, -1, plant)
