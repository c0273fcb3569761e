"""Stores that either fill or empty: how much they can do in a step must be known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lodeworks.chain.check.context import Context
from lodeworks.chain.entities import Varying
from lodeworks.chain.profiles import varying
from lodeworks.errors import InputError, Problem
from lodeworks.units import UnitProblem

__all__ = ["exclusive_stores"]


def exclusive_stores(context: Context) -> Iterator[Problem]:
    """What either fills or empties has a bound on both, by its size or its doors."""
    for name, store in context.chain.stores.items():
        growing = store.expansion is not None and store.expansion.most is None
        unsized = growing or (store.capacity is None and store.expansion is None)
        if store.exclusive and unsized and (store.charge is None or store.discharge is None):
            yield Problem("what either fills or empties needs a bound on what it holds", element=f"stores.{name}",
                          key="exclusive", expected="capacity, `expansion.most`, or both charge and discharge")
        if store.exclusive and store.charge_efficiency is not None and _ever_nought(context, store.charge_efficiency):
            yield Problem("what nothing fills cannot either fill or empty", element=f"stores.{name}",
                          key="charge_efficiency", found=str(store.charge_efficiency.model_dump()),
                          expected="more than 0, or a store that is not exclusive")


def _ever_nought(context: Context, share: Varying) -> bool:
    """Say whether a share is nought at some time; what cannot be read is told elsewhere."""
    try:
        return bool(np.any(np.asarray(varying(share, "", context.chain, context.measures.units)) == 0.0))
    except (InputError, UnitProblem):
        return False
