"""Chains solved exactly, in one call each."""

from __future__ import annotations

from typing import Any

from lodeworks.network import compile_network
from lodeworks.simulate.exact import Exact, exactly, solvable
from tests.simulate.running import chain

__all__ = ["EXACT", "solved"]

EXACT = 1e-9


def solved(system: dict[str, Any], *, hours: float = 1_000.0, kind: str = "steady", **options: Any) -> Exact:
    """Return the exact means of a chain written as data: of its long run unless it says otherwise."""
    return exactly(solvable(compile_network(chain(hours, 100.0, **system, simulation={"kind": kind})), **options))
