"""Today against plan by commodity: what all who make or bring one make together, beside what the plan has for the hour.

Deviations of single elements are worked out by `watch.against_plan`; here they are added up, for who looks at a region
and not at a works. What goes from one place to another, or is taken, is not counted: it was made already. A fleet
stands with what it burns. Only what is measured is compared, so the plan's part of it is too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lodeworks.network.arrays import Network
from lodeworks.network.live import Live
from lodeworks.pages.words import Titles
from lodeworks.views.numbers import scale_of
from lodeworks.watch.against_plan import Now

__all__ = ["told_commodities"]


def told_commodities(net: Network, live: Live, now: Now, language: str) -> list[dict[str, Any]]:
    """Return a row a commodity, the farthest from plan first: planned and present an hour, and the difference of today.

    Each has its title, whether it is a fleet, the unit and the amounts in it; `share` is the difference as a part of
    the larger. Rows with nothing planned and nothing there are left out.
    """
    makes, fleets = _makes(net), {element.name for element in net.elements if element.kind == "fleet"}
    sums: dict[tuple[str, str], list[float]] = {}
    for one in now.deviations:
        makes_it = (one.element, one.commodity) in makes or one.element in fleets
        if one.what == "flow" and one.state == "known" and makes_it:
            key = (one.element if one.element in fleets else one.commodity, one.unit)
            added = sums.setdefault(key, [0.0, 0.0, 0.0])
            for k, value in enumerate((one.planned, one.present, one.behind_today)):
                added[k] += value if np.isfinite(value) else 0.0
    titles, rows = Titles(live, language), []
    for (name, unit), (planned, present, today) in sums.items():
        most = max(planned, present)
        if most <= 0.0:
            continue
        (scale, shown), (part, amount) = scale_of(most, unit, language), scale_of(abs(today), unit[:-2], language)
        rows.append({
            "title": titles.of(name), "unit": shown, "planned": planned / scale, "present": present / scale,
            "deviation": (present - planned) / scale, "today": today / part, "amount": amount, "fleet": name in fleets,
            "share": (present - planned) / most,
        })
    return sorted(rows, key=lambda row: -abs(row["share"]))


def _makes(net: Network) -> set[tuple[str, str]]:
    """Who brings what into a balance by making or buying it: (element, commodity)."""
    rows = net.coefficients
    elements = net.activities.element[rows.activity]
    return {
        (net.elements[e].name, net.balances.commodity[b])
        for e, b, amount in zip(elements.tolist(), rows.balance.tolist(), rows.amount.tolist(), strict=True)
        if amount > 0.0 and net.elements[e].kind in ("process", "supply")
    }
