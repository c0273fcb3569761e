"""Stores that either fill or empty: how much they can do in a step must be known."""

from __future__ import annotations

from collections.abc import Iterator

from lodeworks.chain.check.context import Context
from lodeworks.errors import Problem

__all__ = ["exclusive_stores"]


def exclusive_stores(context: Context) -> Iterator[Problem]:
    """What either fills or empties has a bound on both, by its size or its doors."""
    for name, store in context.chain.stores.items():
        growing = store.expansion is not None and store.expansion.most is None
        unsized = growing or (store.capacity is None and store.expansion is None)
        if store.exclusive and unsized and (store.charge is None or store.discharge is None):
            yield Problem("what either fills or empties needs a bound on what it holds", element=f"stores.{name}",
                          key="exclusive", expected="capacity, `expansion.most`, or both charge and discharge")
        if store.exclusive and store.charge_efficiency is not None and store.charge_efficiency.value == 0.0:
            yield Problem("what nothing fills cannot either fill or empty", element=f"stores.{name}",
                          key="charge_efficiency", found=str(store.charge_efficiency),
                          expected="more than 0, or a store that is not exclusive")
