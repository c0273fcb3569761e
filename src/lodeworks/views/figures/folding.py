"""Which of many things a picture draws for themselves: the largest; the rest it draws as one, and its table has all."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["smallest"]


def smallest(sizes: Iterable[tuple[str, float]], most: int) -> frozenset[str]:
    """Return the names beyond the `most` with the largest sizes, which come to a name's sum; none where it is one only.

    Of equals the first stay.
    """
    total: dict[str, float] = {}
    for name, size in sizes:
        total[name] = total.get(name, 0.0) + abs(size)
    ordered = sorted(total, key=lambda name: -total[name])
    return frozenset(ordered[most:]) if len(ordered) > most + 1 else frozenset()
