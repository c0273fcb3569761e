"""What processes did before the start: said once, of what can be said, in a horizon that has a start."""

from __future__ import annotations

from collections.abc import Iterator

from lodeworks.chain.check.context import Context
from lodeworks.chain.entities import Process
from lodeworks.errors import Problem

__all__ = ["before_the_start"]


def before_the_start(context: Context) -> Iterator[Problem]:
    """What went before is on or off, of something that may be; and nothing else goes before the first step."""
    horizon = context.chain.horizon
    for name, process in context.chain.processes.items():
        if process.before is None:
            continue
        where = f"processes.{name}"
        for there, what, expected in (
            (horizon.cyclic, "a cyclic horizon begins as it ends", "cyclic: false, or nothing of what went before"),
            (bool(horizon.stages), "what went before a stage is not known", "a chain of one stage"),
            (bool(horizon.periods), "what went before a period is not known", "a horizon without periods"),
        ):
            if there:
                yield Problem(what, element=where, key="before", expected=expected)
        yield from _of_one(context, where, process)


def _of_one(context: Context, where: str, process: Process) -> Iterator[Problem]:
    before = process.before
    assert before is not None
    if before.on is not None and before.off is not None:
        yield Problem("it was on or off, not both", element=where, key="before", expected="one of on and off")
    if not process.on_off and (before.on is not None or before.off is not None):
        yield Problem("what is always on was on", element=where, key="before", expected="on_off: true, or only a rate")
    if process.unit is not None:
        yield Problem("how many of many alike units were on is not said here", element=where, key="before",
                      expected="a process without `unit`")
    if before.rate is None:
        return
    if process.expansion is not None:
        yield Problem("what can be built ran at no rate before", element=where, key="before.rate",
                      expected="a process without expansion, or only on or off")
    rate, capacity = context.value(where, "before.rate"), context.value(where, "capacity")
    if rate is not None and capacity is not None and rate > capacity * (1.0 + 1e-9):
        yield Problem("it ran faster than it can", element=where, key="before.rate", found=str(before.rate),
                      expected=f"at most {process.capacity}")
    if before.off is not None and rate:
        yield Problem("what was off ran at nothing", element=where, key="before.rate", found=str(before.rate),
                      expected="no rate")
