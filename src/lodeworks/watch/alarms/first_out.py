"""First out: which alarm of a group came first, or that this cannot be told.

Goes by when each condition came about (before delays) at its source. Two times nearer to each other than their clocks
may be wrong together are a tie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["Episodes", "FirstOut", "first_out"]


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


class Episodes:
    """The present episode of each group: its alarms since none of them concerned anybody. `entries` are those of
    `first_out`, by group.
    """

    def __init__(self) -> None:
        self.entries: dict[str, list[tuple[int, str, int]]] = {}

    def enter(self, group: str, name: str, since: int, error: int, concerns: Callable[[str], bool]) -> FirstOut:
        """Put an alarm into its group's episode, a new one if no other of it still concerns anybody."""
        entries = self.entries.setdefault(group, [])
        if not any(concerns(other) for _, other, _ in entries if other != name):
            entries.clear()
        if not any(other == name for _, other, _ in entries):
            entries.append((since, name, error))
        return first_out(entries)

    def first(self, group: str) -> FirstOut:
        """Return which alarms of a group's present episode may have been first."""
        return first_out(self.entries.get(group, ()))

    def take_up(self, kept: Mapping[str, Sequence[Sequence[Any]]]) -> None:
        """Go on with the episodes that were kept."""
        self.entries = {group: [(at, name, error) for at, name, error in entries] for group, entries in kept.items()}
