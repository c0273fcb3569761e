"""Room that processes keep in reserve: an activity of its own for each, which brings the commodity that counts it.

Such an activity runs nothing and shares no capacity as recipes do; what it asks of its plant's capacity, load and ramps
is the plan's affair (`lodeworks.plan.blocks.reserves`).
"""

from __future__ import annotations

from lodeworks.chain.entities import Process
from lodeworks.network.builder import Builder

__all__ = ["add_reserves"]


def add_reserves(b: Builder, process: Process, plant: int, element: int, grid: int) -> None:
    """Add what a process may keep in reserve; a unit of it is a unit of the process's rate."""
    m = b.measures
    reference = m.reference_of(process)
    for commodity, reserve in process.reserves.items():
        activity = b.activity(element, grid, mode=f"reserve: {commodity}")
        unit = m.units.factor(b.chain.commodities[reference].unit, b.chain.commodities[commodity].unit)
        b.flow(activity, b.balance(commodity, m.site_of(process)), unit)
        most = m.fraction(reserve.most) if reserve.most is not None else 1.0
        b.reserves.append((activity, plant, reserve.way != "down", reserve.way != "up", most))
