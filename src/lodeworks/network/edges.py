"""What a plant that may be off runs at where it starts and stops, as shares of its capacity."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Network

__all__ = ["load_at_start", "load_at_stop", "step_hours"]


def step_hours(net: Network, plant: int) -> float:
    """Return the hours of a plant's step that is not cut."""
    grid = net.grids[net.plants.grid[plant]]
    return float(max(grid.multiple * net.hours, grid.hours(net.hours)[0]))


def load_at_start(net: Network, plant: int) -> float:
    """Return the most a plant runs at in the step it starts, as a share of its capacity."""
    return _load_at_edge(net, plant, float(net.plants.start_load[plant]), float(net.plants.ramp_up[plant]))


def load_at_stop(net: Network, plant: int) -> float:
    """Return the most a plant runs at in the last step before it stops, as a share of its capacity."""
    return _load_at_edge(net, plant, float(net.plants.stop_load[plant]), float(net.plants.ramp_down[plant]))


def _load_at_edge(net: Network, plant: int, given: float, speed: float) -> float:
    if not np.isnan(given):
        return given
    if not np.isfinite(speed):
        return 1.0
    hours = step_hours(net, plant)
    least = float(np.max(net.on_grid(net.plants.min_load, net.plants.grid, plant)))
    return min(1.0, max(least, speed * hours))
