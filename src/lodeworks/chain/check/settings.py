"""What a stage or a scenario cannot set, since all of them share it."""

from __future__ import annotations

from collections.abc import Iterator

from lodeworks.chain.check.context import Context
from lodeworks.errors import Problem

__all__ = ["shared_settings"]

_SHARED = {  # section: what to write instead
    "chain": "one chain a file", "timezone": "the chain's own", "currency": "the chain's own",
    "units": "the chain's own",
    "horizon": "the chain's own; a stage lasts until the next, its money may have a `weight`",
    "accounts": "the chain's own", "objective": "the chain's own",
    "stages": "settings of this one only", "scenarios": "settings of this one only",
}


def shared_settings(context: Context) -> Iterator[Problem]:
    """Time, units, accounts and the goal are those of the chain: set in a stage they would change nothing, or all."""
    chain = context.chain
    for section in ("stages", "scenarios"):
        for name, entity in getattr(chain, section).items():
            for path in entity.set:
                first, *rest = path.split(".")
                if first in _SHARED:
                    yield Problem(f"`{first}` is the same in all {section}", element=f"{section}.{name}",
                                  key=f"set.{path}", found=str(entity.set[path]), expected=_SHARED[first])
                elif first == "commodities" and rest[1:] == ["unit"]:
                    yield Problem(f"what a commodity is counted in is the same in all {section}",
                                  element=f"{section}.{name}", key=f"set.{path}", found=str(entity.set[path]),
                                  expected="the commodity's own `unit`, or a commodity of another name")
