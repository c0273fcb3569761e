"""A policy's sums as PyPSA's global constraints: limits on primary energy, of an attribute of carriers made for each.

Over several periods they are laid upon each other in `constraints`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lodeworks.exchange.to_components import Writer

__all__ = ["policy_to"]


def policy_to(writer: Writer, number: int) -> None:
    """A sum over generators is a limit on primary energy, of an attribute of carriers made for it."""
    net, pol = writer.net, writer.net.policies
    element = net.element_number[pol.name[number]]
    terms = [(int(pol.term_activity[i]), float(pol.term[i])) for i in np.flatnonzero(pol.term_policy == number)]
    hard = pol.every[number] == net.steps and not np.isfinite(pol.penalty[number]) and not pol.is_share[number]
    if not hard or any(writer.made.get(a, ("",))[0] != "generators" for a, _ in terms):
        writer.tell(element, "a sum of other flows than of what comes from outside over the whole horizon")
        return
    attribute = f"policy {pol.name[number]}"
    for a, weight in terms:
        _, name, per = writer.made[a]
        writer.lists.fixed["carriers"][name][attribute] = weight / per
    for sense, limit in ((">=", pol.least[number]), ("<=", pol.most[number])):
        if np.isfinite(limit):
            writer.add("global_constraints", f"{pol.name[number]} {sense}", {
                "type": "primary_energy", "carrier_attribute": attribute, "sense": sense, "constant": float(limit)})
