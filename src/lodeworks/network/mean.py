"""The network of the mean of several: what a planner sees who plans for the expected and forgets what may come.

Networks must be alike but for their numbers. Those that vary over time are averaged step by step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from lodeworks.network.accounts import Accounts
from lodeworks.network.arrays import Constant, Floats, Network, Varying

__all__ = ["Unlike", "mean_accounts", "mean_network"]


class Unlike(ValueError):
    """Networks that differ in more than numbers have no mean."""


def mean_network(networks: Sequence[Network], weights: Sequence[float]) -> Network:
    """Return the weighted mean of networks; weights add up to one.

    Raises
    ------
    Unlike
        If they have not the same elements, balances, activities and links between them.
    """
    first = networks[0]
    if any(net.steps != first.steps or net.hours != first.hours for net in networks) or any(
        not np.array_equal(own.edges, other.edges)
        for net in networks for own, other in zip(net.grids, first.grids, strict=False)
    ):
        raise Unlike("steps")
    series: list[Floats] = []
    changed: dict[str, Any] = {
        name: _mean([getattr(net, name) for net in networks], weights, networks, series, name)
        for name in ("balances", "activities", "coefficients", "costs", "plants", "stores", "resources", "policies",
                     "shares", "blends", "cycles", "choices", "needs", "sums", "start_flows", "reserves", "budget",
                     "order", "accounts")
    }
    constants = _constants([net.constants for net in networks], weights)
    return replace(
        first, **changed, constants=constants, _averages={},
        series=np.array(series, float).reshape(len(series), first.steps),
    )


def mean_accounts(accounts: Sequence[Accounts], weights: Sequence[float]) -> Accounts:
    """Return the weighted mean of accounts.

    Raises
    ------
    Unlike
        If they have not the same firms, lenders, loans and periods.
    """
    found = _mean(list(accounts), weights, (), [], "accounts")
    assert isinstance(found, Accounts)
    return found


def _mean(values: list[Any], weights: Sequence[float], nets: Sequence[Network], series: list[Floats], name: str) -> Any:
    first = values[0]
    if isinstance(first, Varying):
        return _varying(values, weights, nets, series, name)
    if is_dataclass(first) and not isinstance(first, type):
        return replace(first, **{
            field.name: _mean([getattr(value, field.name) for value in values], weights, nets, series,
                              f"{name}.{field.name}")
            for field in fields(first)
        })
    if isinstance(first, tuple) and first and isinstance(first[0], np.ndarray):
        if any(len(value) != len(first) for value in values):
            raise Unlike(name)
        return tuple(_mean(list(own), weights, nets, series, name) for own in zip(*values, strict=True))
    if isinstance(first, float):
        return float(sum(w * value for w, value in zip(weights, values, strict=True)))
    if isinstance(first, np.ndarray):
        if any(value.shape != first.shape for value in values):
            raise Unlike(name)
        if first.dtype.kind == "f":
            alike = all(np.array_equal(value, first, equal_nan=True) for value in values)
            return first if alike else np.sum([w * v for w, v in zip(weights, values, strict=True)], axis=0)
        if any(not np.array_equal(value, first) for value in values):
            raise Unlike(name)
    elif any(value != first for value in values):
        raise Unlike(name)
    return first


def _varying(
    values: list[Varying], weights: Sequence[float], nets: Sequence[Network], series: list[Floats], name: str
) -> Varying:
    count = len(values[0].scale)
    if any(len(value.scale) != count for value in values):
        raise Unlike(name)
    scale, row = np.ones(count), np.full(count, -1, np.int32)
    for i in range(count):
        if all(value.series[i] < 0 for value in values):
            scale[i] = values[0].scale[i] if len({float(value.scale[i]) for value in values}) == 1 else sum(
                w * value.scale[i] for w, value in zip(weights, values, strict=True))
            continue
        over = np.zeros(nets[0].steps)
        for w, value, net in zip(weights, values, nets, strict=True):
            at = int(value.series[i])
            over = over + w * value.scale[i] * (net.series[at] if at >= 0 else np.ones(net.steps))
        row[i] = len(series)
        series.append(over)
    return Varying(scale, row)


def _constants(values: list[tuple[Constant, ...]], weights: Sequence[float]) -> tuple[Constant, ...]:
    keys = [[(c.item, c.element, c.commodity) for c in constants] for constants in values]
    if any(key != keys[0] for key in keys):
        raise Unlike("constants")
    return tuple(
        replace(same[0], money=sum(w * c.money for w, c in zip(weights, same, strict=True)))
        for same in zip(*values, strict=True)
    )
