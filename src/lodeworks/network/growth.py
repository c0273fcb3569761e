"""How fast capacity may grow over stages: which elements, from what stands, and from what has been built so far."""

from __future__ import annotations

import numpy as np

from lodeworks.chain.entities import Chain
from lodeworks.chain.entities import Growth as Written
from lodeworks.chain.measures import Measures
from lodeworks.network.arrays import Network
from lodeworks.network.pathway import Growth

__all__ = ["growths_of", "unit_of_capacity"]

_YEAR = 8760.0


def growths_of(chain: Chain, first: Network, measures: Measures) -> tuple[Growth, ...]:
    """Return the limits on growth of a checked chain; `first` is the network of the first stage."""
    return tuple(_growth(name, written, first, measures) for name, written in chain.investment.growth.items())


def _growth(name: str, written: Written, first: Network, measures: Measures) -> Growth:
    unit = unit_of_capacity(first, written.of[0])
    known, factors, learns, fades = 0.0, dict.fromkeys(written.of, 1.0), 0.0, 0.0
    experience = written.experience
    if experience is not None:
        learns = measures.rate_per_time(experience.rate) * _YEAR
        fades = measures.rate_per_time(experience.fades) * _YEAR if experience.fades is not None else 0.0
        factors = {other: measures.number(factor) for other, factor in experience.of.items()} or factors
        existing = {first.elements[e].name: float(there) for e, there in zip(
            first.plants.element, first.plants.existing, strict=True)}
        known = (measures.to(experience.known, unit) if experience.known is not None else
                 sum(factor * existing[other] for other, factor in factors.items()))
    return Growth(
        name, tuple(written.of),
        measures.rate_per_time(written.rate) * _YEAR if written.rate is not None else 0.0,
        measures.to(written.seed, unit) if written.seed is not None else 0.0,
        learns, fades, known, tuple(factors), np.array(list(factors.values()), float),
    )


def unit_of_capacity(net: Network, name: str) -> str:
    """Return the unit in which the capacity of an element is counted."""
    element = net.elements[net.element_number[name]]
    return {"store": element.unit, "fleet": ""}.get(element.kind, f"({element.unit})/h")
