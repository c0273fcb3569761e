"""Reserves that cannot be: of what, which way, and counted in what."""

from __future__ import annotations

from collections.abc import Iterator

from lodeworks.chain.check.context import Context, taken_by
from lodeworks.errors import Problem, nearest

__all__ = ["reserves"]

_WAYS = ("up", "down", "both")


def reserves(context: Context) -> Iterator[Problem]:
    """What is kept in reserve is room of a capacity, counted as the process's rate is, and nothing of its recipe."""
    for name, process in context.chain.processes.items():
        where = f"processes.{name}"
        if process.reserves and process.capacity is None and process.expansion is None:
            yield Problem("without a capacity there is no room to keep", element=where, key="reserves",
                          expected="capacity or expansion")
        recipe = {*process.outputs, *(c for mode in process.modes.values() for c in mode.outputs), *taken_by(process)}
        for commodity, reserve in process.reserves.items():
            key = f"reserves.{commodity}"
            if reserve.way not in _WAYS:
                yield Problem("not a way to keep room", element=where, key=f"{key}.way", found=reserve.way,
                              expected=", ".join(_WAYS), suggestion=nearest(reserve.way, _WAYS))
            if commodity in recipe:
                yield Problem("what a process makes or takes is not its reserve", element=where, key=key,
                              found=commodity, expected="a commodity of its own that counts the room")
            elif context.usable(commodity) and context.usable(context.commodity_of(process)):
                units = context.measures.units
                own, kept = (context.measures.unit_of(c) for c in (context.commodity_of(process), commodity))
                if units.dimension(own) != units.dimension(kept):
                    yield Problem("a reserve is counted as the process's rate is", element=where, key=key,
                                  found=f"{kept} of {commodity}", expected=f"a commodity in {own} or alike")
