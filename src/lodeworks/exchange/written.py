"""How numbers and names of another tool are written into a chain file."""

from __future__ import annotations

import re

__all__ = ["YEAR", "plain", "quantity"]

YEAR = 8760.0


def quantity(value: float, unit: str = "") -> str:
    """Return a number with its unit, every digit kept."""
    return f"{float(value)!r} {unit}".strip()


def plain(name: str) -> str:
    """Return a name without points, signs of equality and control characters, which settings of a chain cannot name."""
    return re.sub(r"[.=\x00-\x1f\x7f]", "_", name).strip()
