"""What of a stock is still there after a time: what stores lose by standing, which may change over time.

A loss is the share lost an hour. Within a base step it stays as it is, so what is left after several is the product of
what each leaves, however steps are merged or cut. What a store loses on its way in and out is the affair of its doors.
"""

from __future__ import annotations

import numpy as np

from lodeworks.network.arrays import Floats, Network, marks_within

__all__ = ["kept_after", "kept_between", "kept_each_step", "losing", "loss_at", "mean_loss", "speed_of_loss"]

_ALL = 1.0 - 1e-12  # as good as all, whose logarithm is still a number


def losing(net: Network) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which stores lose anything at any time, shape (stores,)."""
    loss = net.stores.loss
    return np.array([bool(np.any(net.by_base_step(loss, s) > 0.0)) for s in range(len(net.stores))], bool)


def mean_loss(net: Network, store: int) -> float:
    """Return the mean share a store loses an hour, for what needs but one figure."""
    return float(net.stores.loss.scale[store]) if net.stores.loss.series[store] < 0 else float(
        np.mean(net.by_base_step(net.stores.loss, store)))


def loss_at(net: Network, base: int) -> Floats:
    """Return what each store loses an hour in a base step, shape (stores,); the mean outside the horizon."""
    loss, inside = net.stores.loss, 0 <= base < net.steps
    return np.array([
        float(loss.scale[s]) * float(net.series[loss.series[s], base]) if loss.series[s] >= 0 and inside
        else mean_loss(net, s) for s in range(len(net.stores))
    ], float)


def kept_each_step(net: Network, store: int) -> Floats:
    r"""Return what is left at the end of each step of a store of one unit at its beginning, shape (count,).

    .. math:: \prod_{\tau \in t} (1 - \lambda_\tau)^{\Delta_\tau}
    """
    grid, loss = net.grids[net.balances.grid[net.stores.balance[store]]], net.stores.loss
    if loss.series[store] < 0:
        return np.asarray((1.0 - loss.scale[store]) ** grid.hours(net.hours))
    return _kept_over(net, store, grid.edges)


def kept_between(net: Network, store: int, begin: float, end: float) -> float:
    """Return what is left at a moment of one unit at an earlier one, both in base steps from the network's start."""
    loss = net.stores.loss
    if loss.series[store] < 0 or end <= begin:
        return float((1.0 - loss.scale[store]) ** ((end - begin) * net.hours))
    return float(_kept_over(net, store, np.array([begin, end]))[0])


def _kept_over(net: Network, store: int, edges: Floats) -> Floats:
    """Return what is left over each stretch between edges of a store whose loss changes, shape (stretches,)."""
    marks = marks_within(edges)
    base = np.clip(np.floor(marks[:-1]).astype(np.int64), 0, net.steps - 1)
    left = (1.0 - net.by_base_step(net.stores.loss, store)[base]) ** (np.diff(marks) * net.hours)
    return np.asarray(np.multiply.reduceat(left, np.searchsorted(marks, edges[:-1])))


def kept_after(net: Network, store: int, steps: int) -> Floats:
    """Return what is left, at the end of its step and of those after, of one unit that came in: shape (count, steps).

    The horizon goes round, as a cyclic store's does.
    """
    grid, loss = net.grids[net.balances.grid[net.stores.balance[store]]], net.stores.loss
    if loss.series[store] < 0 and grid.even:
        left = (1.0 - loss.scale[store]) ** (grid.multiple * net.hours * np.arange(steps))
        return np.broadcast_to(left, (grid.count, steps))
    each, found = kept_each_step(net, store), np.ones((grid.count, steps))
    for later in range(1, steps):
        found[:, later] = found[:, later - 1] * np.roll(each, -later)
    return found


def speed_of_loss(net: Network, store: int, begin: Floats, end: Floats) -> Floats:
    r"""Return how fast a store loses within stretches, an hour: :math:`k` of :math:`dL/dt = -k L`, shape (stretches,).

    .. math:: k = -\frac{1}{e - b} \int_b^e \ln(1 - \lambda_\tau)\, d\tau

    Parameters
    ----------
    begin, end
        In base steps from the network's start; outside its horizon the mean loss counts.
    """
    loss, usual = net.stores.loss, -np.log1p(-min(mean_loss(net, store), _ALL))
    if loss.series[store] < 0:
        return np.full(len(begin), usual)
    each = -np.log1p(-np.minimum(net.by_base_step(loss, store), _ALL))
    sums, marks = np.concatenate([[0.0], np.cumsum(each)]), np.arange(net.steps + 1.0)

    def until(moment: Floats) -> Floats:
        beyond = moment - np.clip(moment, 0.0, float(net.steps))
        return np.asarray(np.interp(moment, marks, sums) + usual * beyond)

    return (until(end) - until(begin)) / (end - begin)
