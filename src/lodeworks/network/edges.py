"""What a plant that may be off runs at where it starts and stops, as shares of capacity; how long its steps are."""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Floats, Network

__all__ = ["NEAR_H", "load_at_start", "load_at_stop", "step_hours"]

NEAR_H = 1e-7
"""Hours: moments as near to each other are one."""


def step_hours(net: Network, plant: int) -> Floats:
    """Return the hours of each of a plant's steps, shape (count,); of one that is cut, what it has uncut."""
    grid = net.grids[net.plants.grid[plant]]
    hours = grid.hours(net.hours)
    return np.full(grid.count, max(grid.multiple * net.hours, float(hours[0]))) if grid.even else hours


def load_at_start(net: Network, plant: int) -> Floats:
    """Return the most a plant runs at in a step if it starts then, as a share of its capacity, shape (count,)."""
    return _load_at_edge(net, plant, float(net.plants.start_load[plant]), float(net.plants.ramp_up[plant]))


def load_at_stop(net: Network, plant: int) -> Floats:
    """Return the most a plant runs at before a step if it stops then, as a share of its capacity, shape (count,)."""
    return _load_at_edge(net, plant, float(net.plants.stop_load[plant]), float(net.plants.ramp_down[plant]))


def _load_at_edge(net: Network, plant: int, given: float, speed: float) -> Floats:
    count = net.grids[net.plants.grid[plant]].count
    if not np.isnan(given):
        return np.full(count, given)
    if not np.isfinite(speed):
        return np.ones(count)
    least = float(np.max(net.on_grid(net.plants.min_load, net.plants.grid, plant)))
    found: Floats = np.minimum(1.0, np.maximum(least, speed * step_hours(net, plant)))
    return found
