"""First out: which alarm of a group came first, or that this cannot be told.

Goes by when each condition came about (before delays) at its source. Two times nearer to each other than their clocks
may be wrong together are a tie.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["FirstOut", "first_out"]


class FirstOut(NamedTuple):
    """The alarms that may have been first; `certain` when that is one."""

    names: tuple[str, ...]

    @property
    def certain(self) -> bool:
        """Whether it can be told."""
        return len(self.names) == 1


def first_out(entries: Iterable[tuple[int, str, int]]) -> FirstOut:
    """Return which came first.

    Parameters
    ----------
    entries
        For each alarm: when it came about (ms at its source), its name, and by how much (ms) that clock may be wrong.

    Returns
    -------
    FirstOut
        All that no other is certainly before: with t its time and e its clock's error, those of which no other has
        t' + e' < t - e.
    """
    held = sorted(entries)
    if not held:
        return FirstOut(())
    surely = min(at + error for at, _, error in held)  # the first happened by then
    return FirstOut(tuple(name for at, name, error in held if at - error <= surely))
