"""Stated ranges that nobody could try: a warning, since no plan needs them."""

from __future__ import annotations

from collections.abc import Iterator

from lodeworks.chain.check.context import Context
from lodeworks.chain.stated import stated_ranges
from lodeworks.errors import Problem

__all__ = ["usable_ranges"]


def usable_ranges(context: Context) -> Iterator[Problem]:
    """Each of an element's `ranges` names one of its numbers, reads as low .. high, and has its kind of unit."""
    yield from stated_ranges(context.chain)[1]
